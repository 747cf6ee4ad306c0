//! Documents: printing instructions as data, to be laid out later (upstream's `Format_doc`).

use std::fmt::Display;

use crate::format::{BoxKind, BreakText, Formatter};

/// Semantic tags, which a terminal may show in colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    /// The word `Error`.
    Error,
    /// The word `Warning` or `Alert`.
    Warning,
    /// A location.
    Loc,
    /// The word `Hint`.
    Hint,
    /// A piece of program.
    InlineCode,
    /// What two types or values differ in.
    Diff,
}

/// One instruction.
#[derive(Clone, PartialEq, Debug)]
pub enum Element {
    /// A text without breaks.
    Text(String),
    /// Opens a box with an indentation.
    Open(BoxKind, i32),
    /// Closes the innermost box.
    Close,
    /// A break hint: spaces, offset.
    Break(i32, i32),
    /// A break hint with texts.
    CustomBreak(BreakText, BreakText),
    /// A forced new line.
    Newline,
    /// The next element counts only at the start of a line.
    IfNewline,
    /// Opens a semantic tag.
    OpenTag(Tag),
    /// Closes the innermost semantic tag.
    CloseTag,
    /// Opens a tabulation box.
    OpenTab,
    /// Closes a tabulation box.
    CloseTab,
    /// Sets a tabulation mark.
    SetTab,
    /// Moves to a tabulation mark.
    TabBreak(i32, i32),
    /// Flushes: closes all boxes.
    Flush(bool),
}

/// A sequence of printing instructions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Doc {
    elements: Vec<Element>,
}

/// What a template's `%a` and `%s` stand for.
impl From<&str> for Doc {
    fn from(text: &str) -> Doc {
        let mut doc = Doc::new();
        doc.text(text);
        doc
    }
}

impl From<String> for Doc {
    fn from(text: String) -> Doc {
        Doc { elements: vec![Element::Text(text)] }
    }
}

impl Doc {
    /// The empty document.
    pub fn new() -> Doc {
        Doc::default()
    }

    /// Whether nothing would be printed.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The instructions.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// A piece of program: upstream's `Style.inline_code`.
    pub fn code(text: impl Display) -> Doc {
        Doc::tagged(Tag::InlineCode, Doc::from(text.to_string()))
    }

    /// A document within a tag.
    pub fn tagged(tag: Tag, doc: Doc) -> Doc {
        let mut elements = vec![Element::OpenTag(tag)];
        elements.extend(doc.elements);
        elements.push(Element::CloseTag);
        Doc { elements }
    }

    /// The word that introduces hints.
    pub fn hint() -> Doc {
        Doc::tagged(Tag::Hint, Doc::from("Hint"))
    }

    /// Documents separated by a comma and a space hint.
    pub fn comma_list(items: impl IntoIterator<Item = Doc>) -> Doc {
        Doc::separated(items, |doc| {
            doc.text(",").space();
        })
    }

    /// Documents with a separator.
    pub fn separated(items: impl IntoIterator<Item = Doc>, separate: impl Fn(&mut Doc)) -> Doc {
        let mut doc = Doc::new();
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                separate(&mut doc);
            }
            doc.append(item);
        }
        doc
    }

    /// Builds a document from a template in the language of OCaml's format strings.
    ///
    /// `%a`, `%s` and `%t` take the next argument, `%%` and `@@` stand for themselves; `@ `,
    /// `@,`, `@;`, `@;<n m>`, `@[<hov 2>`, `@]`, `@\n`, `@.`, `@{<tag>` and `@}` are the
    /// layout instructions. A plain new line is text, as upstream.
    pub fn template(template: &str, arguments: &[Doc]) -> Doc {
        Template { rest: template, arguments: arguments.iter(), doc: Doc::new() }.run()
    }

    /// Appends another document.
    pub fn append(&mut self, other: Doc) -> &mut Doc {
        self.elements.extend(other.elements);
        self
    }

    /// Appends a text.
    pub fn text(&mut self, text: impl AsRef<str>) -> &mut Doc {
        if let Some(Element::Text(last)) = self.elements.last_mut() {
            last.push_str(text.as_ref());
        } else {
            self.elements.push(Element::Text(text.as_ref().to_owned()));
        }
        self
    }

    /// Appends an instruction.
    pub fn push(&mut self, element: Element) -> &mut Doc {
        self.elements.push(element);
        self
    }

    /// Opens a box.
    pub fn open_box(&mut self, kind: BoxKind, indent: i32) -> &mut Doc {
        self.push(Element::Open(kind, indent))
    }

    /// Closes a box.
    pub fn close_box(&mut self) -> &mut Doc {
        self.push(Element::Close)
    }

    /// A break hint.
    pub fn break_(&mut self, spaces: i32, offset: i32) -> &mut Doc {
        self.push(Element::Break(spaces, offset))
    }

    /// `@ `
    pub fn space(&mut self) -> &mut Doc {
        self.break_(1, 0)
    }

    /// `@,`
    pub fn cut(&mut self) -> &mut Doc {
        self.break_(0, 0)
    }

    /// `@\n`
    pub fn newline(&mut self) -> &mut Doc {
        self.push(Element::Newline)
    }

    /// Plays the instructions.
    pub fn format(&self, formatter: &mut Formatter) {
        self.format_with(formatter, &|_| ("", ""));
    }

    /// Plays the instructions, with what to print at the start and the end of each tag.
    pub fn format_with(&self, formatter: &mut Formatter, markers: &dyn Fn(Tag) -> (&'static str, &'static str)) {
        let mut tags = Vec::new();
        for element in &self.elements {
            match element {
                Element::Text(text) => formatter.print_string(text),
                Element::Open(kind, indent) => formatter.open_box(*kind, *indent),
                Element::Close => formatter.close_box(),
                Element::Break(spaces, offset) => formatter.print_break(*spaces, *offset),
                Element::CustomBreak(fits, breaks) => {
                    formatter.print_custom_break(fits.clone(), breaks.clone());
                }
                Element::Newline => formatter.force_newline(),
                Element::IfNewline => formatter.print_if_newline(),
                Element::OpenTag(tag) => {
                    formatter.print_marker(markers(*tag).0);
                    tags.push(*tag);
                }
                Element::CloseTag => {
                    if let Some(tag) = tags.pop() {
                        formatter.print_marker(markers(tag).1);
                    }
                }
                Element::OpenTab => formatter.open_tbox(),
                Element::CloseTab => formatter.close_tbox(),
                Element::SetTab => formatter.set_tab(),
                Element::TabBreak(spaces, offset) => formatter.print_tab_break(*spaces, *offset),
                Element::Flush(true) => formatter.newline(),
                Element::Flush(false) => formatter.flush(),
            }
        }
    }

    /// The layout with the default margin, without colours.
    pub fn to_text(&self) -> String {
        let mut formatter = Formatter::new();
        self.format(&mut formatter);
        formatter.finish()
    }
}

struct Template<'a> {
    rest: &'a str,
    arguments: std::slice::Iter<'a, Doc>,
    doc: Doc,
}

impl Template<'_> {
    fn run(mut self) -> Doc {
        while let Some(at) = self.rest.find(['%', '@']) {
            let (text, rest) = self.rest.split_at(at);
            if !text.is_empty() {
                self.doc.text(text);
            }
            let is_argument = rest.starts_with('%');
            self.rest = &rest[1..];
            let Some(c) = self.rest.chars().next() else { break };
            self.rest = &self.rest[c.len_utf8()..];
            if is_argument { self.argument(c) } else { self.layout(c) }
        }
        if !self.rest.is_empty() {
            let rest = self.rest;
            self.doc.text(rest);
        }
        self.doc
    }

    fn argument(&mut self, c: char) {
        if c == '%' {
            self.doc.text("%");
        } else if let Some(argument) = self.arguments.next() {
            self.doc.append(argument.clone());
        } else {
            debug_assert!(false, "a template lacks an argument");
        }
    }

    fn layout(&mut self, c: char) {
        match c {
            ' ' => self.doc.space(),
            ',' => self.doc.cut(),
            ';' => {
                let numbers = self.parameter();
                let mut numbers = numbers.split_whitespace().map(|n| n.parse().unwrap_or(0));
                let (spaces, offset) = (numbers.next(), numbers.next());
                self.doc.break_(spaces.unwrap_or(1), offset.unwrap_or(0))
            }
            '[' => {
                let parameter = self.parameter().to_owned();
                let (kind, indent) = box_parameter(&parameter);
                self.doc.open_box(kind, indent)
            }
            ']' => self.doc.close_box(),
            '\n' => self.doc.newline(),
            '.' => self.doc.push(Element::Flush(true)),
            '?' => self.doc.push(Element::Flush(false)),
            '{' => {
                let tag = tag_of_name(self.parameter());
                self.doc.push(Element::OpenTag(tag))
            }
            '}' => self.doc.push(Element::CloseTag),
            other => self.doc.text(other.to_string()),
        };
    }

    /// The text between `<` and `>`, if there is one here.
    fn parameter(&mut self) -> &str {
        let rest = self.rest;
        match rest.strip_prefix('<').and_then(|inner| inner.split_once('>')) {
            Some((parameter, after)) => {
                self.rest = after;
                parameter
            }
            None => "",
        }
    }
}

fn box_parameter(parameter: &str) -> (BoxKind, i32) {
    let mut words = parameter.split_whitespace().peekable();
    let kind = match words.peek() {
        Some(&"h") => Some(BoxKind::H),
        Some(&"v") => Some(BoxKind::V),
        Some(&"hv") => Some(BoxKind::Hv),
        Some(&"hov") => Some(BoxKind::Hov),
        Some(&"b") => Some(BoxKind::Box),
        _ => None,
    };
    if kind.is_some() {
        words.next();
    }
    let indent = words.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    (kind.unwrap_or(BoxKind::Box), indent)
}

fn tag_of_name(name: &str) -> Tag {
    match name {
        "error" => Tag::Error,
        "warning" => Tag::Warning,
        "loc" => Tag::Loc,
        "hint" => Tag::Hint,
        "diff" => Tag::Diff,
        _ => Tag::InlineCode,
    }
}
