//! The parse tree as source text: upstream's `Pprintast`, which `-dsource` prints with.
//!
//! The layout (boxes, breaks, redundant parentheses and spaces) is upstream's to the byte, as
//! people compare such dumps. A piece of layout is written as a `Format` string to
//! [`Printer::lay`]. Syntactic levels have a method each; `…_bare` prints a node without regard to
//! its attributes, which its caller has taken care of.

mod classes;
mod expressions;
mod modules;
mod patterns;
mod types;

use crate::ast::*;
use crate::error::tyvar;
use crate::longident::Longident;
use crate::token::is_keyword;
use rocaml_base::{Loc, Name};
use rocaml_diag::format::{BoxKind, Formatter};

/// The text of an implementation.
pub fn structure(items: &Structure) -> String {
    printed(|p| p.structure(items))
}

/// The text of an interface.
pub fn signature(items: &Signature) -> String {
    printed(|p| p.signature(items))
}

/// The text of an expression.
pub fn expression(e: &Expression) -> String {
    printed(|p| p.expression(Context::default(), e))
}

/// The text of a toplevel phrase, without its end.
pub fn toplevel_phrase(phrase: &ToplevelPhrase) -> String {
    printed(|p| p.toplevel_phrase(phrase))
}

fn printed(print: impl FnOnce(&mut Printer)) -> String {
    let mut printer = Printer { f: Formatter::new(), context: Context::default() };
    print(&mut printer);
    printer.f.newline();
    printer.f.finish()
}

/// What an expression stands under, as far as it decides about parentheses.
#[derive(Clone, Copy, Default)]
struct Context {
    /// In a case: another `|` would be taken into the expression.
    pipe: bool,
    /// Before a `;`.
    semi: bool,
    /// In a condition or branch.
    ifthenelse: bool,
    /// The body of a function: `function` would add its cases to it.
    function_body: bool,
}

/// How an operator is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fixity {
    Normal,
    Infix,
    Prefix,
    /// `.()` and the like.
    Mixfix,
    /// `let*`, `and*`
    Keyword,
}

const INFIX_SYMBOLS: &str = "=<>@^|&+-*/$%#";
const PREFIX_SYMBOLS: &str = "!?~";
const INFIX_WORDS: [&str; 11] = ["asr", "land", "lor", "lsl", "lsr", "lxor", "mod", "or", ":=", "!=", "::"];

fn fixity(name: &str) -> Fixity {
    let begins_with = |symbols: &str| name.starts_with(|c| symbols.contains(c));
    let binding = |word| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c| INFIX_SYMBOLS.contains(c)));
    if INFIX_WORDS.contains(&name) || begins_with(INFIX_SYMBOLS) {
        Fixity::Infix
    } else if begins_with(PREFIX_SYMBOLS) {
        Fixity::Prefix
    } else if name.starts_with('.') {
        Fixity::Mixfix
    } else if binding("let") || binding("and") {
        Fixity::Keyword
    } else {
        Fixity::Normal
    }
}

/// What a name refers to: names of different kinds are escaped differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameKind {
    /// Constructors: `true` and `false` are themselves.
    Constructor,
    /// Types, module types and classes: no operators.
    Type,
    /// Values and modules.
    Other,
}

fn needs_parentheses(kind: NameKind, name: &str) -> bool {
    kind != NameKind::Type && fixity(name) != Fixity::Normal
}

/// Whether parentheses alone would begin or end a comment.
fn needs_spaces(name: &str) -> bool {
    name.starts_with('*') || name.ends_with('*')
}

/// A byte string as a literal: `%S`.
fn string_literal(bytes: &[u8]) -> String {
    let inner: String = bytes.iter().map(|&b| if b == b'\'' { "'".to_owned() } else { escaped(b) }).collect();
    format!("\"{inner}\"")
}

/// A character as it stands between quotes. A double quote is only escaped within strings.
fn escaped(byte: u8) -> String {
    match byte {
        b'"' => "\\\"".to_owned(),
        b'\'' => "\\'".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\r' => "\\r".to_owned(),
        8 => "\\b".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03}"),
    }
}

struct Printer {
    f: Formatter,
    /// The context of the innermost expression: it also counts for what attributes contain.
    context: Context,
}

impl Printer {
    /// Prints a layout: text with the directives of `Format` for boxes and breaks.
    fn lay(&mut self, template: &str) {
        let mut rest = template;
        while let Some((text, directive)) = rest.split_once('@') {
            self.text(text);
            rest = self.directive(directive);
        }
        self.text(rest);
    }

    /// Obeys what follows an `@`; returns what stands after it.
    fn directive<'a>(&mut self, directive: &'a str) -> &'a str {
        let mut chars = directive.chars();
        match chars.next() {
            Some('[') => {
                let (argument, rest) = angle_argument(chars.as_str());
                let kind = argument.trim_end_matches(|c: char| c.is_ascii_digit());
                let indent = argument[kind.len()..].parse().unwrap_or(0);
                let kind = match kind {
                    "hv" => BoxKind::Hv,
                    "hov" => BoxKind::Hov,
                    "v" => BoxKind::V,
                    "h" => BoxKind::H,
                    _ => BoxKind::Box,
                };
                self.f.open_box(kind, indent);
                return rest;
            }
            Some(']') => self.f.close_box(),
            Some(' ') => self.f.space(),
            Some(',') => self.f.cut(),
            Some(';') => {
                let (argument, rest) = angle_argument(chars.as_str());
                match argument.split_once(' ') {
                    None => self.f.space(),
                    Some((spaces, offset)) => {
                        self.f.print_break(spaces.parse().unwrap_or(1), offset.parse().unwrap_or(0));
                    }
                }
                return rest;
            }
            Some('\n') => self.f.force_newline(),
            Some(c) => self.f.print_char(c),
            None => {}
        }
        chars.as_str()
    }

    fn under(&mut self, context: Context, print: impl FnOnce(&mut Self)) {
        let saved = std::mem::replace(&mut self.context, context);
        print(self);
        self.context = saved;
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.f.print_string(text);
        }
    }

    fn list<T>(&mut self, items: &[T], separator: &str, mut print: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.lay(separator);
            }
            print(self, item);
        }
    }

    /// A list that is enclosed when it has several items.
    fn enclosed<T>(&mut self, items: &[T], [first, separator, last]: [&str; 3], print: impl FnMut(&mut Self, &T)) {
        let several = items.len() > 1;
        if several {
            self.lay(first);
        }
        self.list(items, separator, print);
        if several {
            self.lay(last);
        }
    }

    fn parenthesised(&mut self, print: impl FnOnce(&mut Self)) {
        self.parenthesised_if(true, print);
    }

    fn parenthesised_if(&mut self, on: bool, print: impl FnOnce(&mut Self)) {
        if on {
            self.text("(");
        }
        print(self);
        if on {
            self.text(")");
        }
    }

    /// `((node)[@a])`: a node with its attributes, where `separator` is laid before them.
    fn with_attributes(&mut self, attributes: &Attributes, separator: &str, print: impl FnOnce(&mut Self)) {
        self.text("((");
        print(self);
        self.text(")");
        self.lay(separator);
        self.attributes(attributes);
        self.text(")");
    }

    // -- Names ------------------------------------------------------------------------------------

    fn name_of(&mut self, kind: NameKind, name: &str) {
        if is_keyword(name) {
            if kind != NameKind::Constructor || !matches!(name, "true" | "false") {
                self.text("\\#");
            }
            self.text(name);
        } else if !needs_parentheses(kind, name) {
            self.text(name);
        } else {
            self.parenthesised_name(name);
        }
    }

    fn parenthesised_name(&mut self, name: &str) {
        let [before, after] = if needs_spaces(name) { ["(@;", "@;)"] } else { ["(", ")"] };
        self.lay(before);
        self.text(name);
        self.lay(after);
    }

    fn name(&mut self, name: Name) {
        self.name_of(NameKind::Other, &name);
    }

    fn longident_of(&mut self, kind: NameKind, lid: &Longident) {
        match lid {
            Longident::Lident(name) => self.name_of(kind, name),
            Longident::Ldot(prefix, name) => {
                self.longident_of(NameKind::Other, &prefix.txt);
                self.text(".");
                // A keyword that is an operator is parenthesised rather than escaped here.
                if needs_parentheses(kind, &name.txt) {
                    self.parenthesised_name(&name.txt);
                } else {
                    self.name_of(kind, &name.txt);
                }
            }
            Longident::Lapply(functor, argument) => {
                self.longident_of(NameKind::Other, &functor.txt);
                self.parenthesised(|p| p.longident_of(NameKind::Other, &argument.txt));
            }
        }
    }

    fn longident(&mut self, lid: &Loc<Longident>) {
        self.longident_of(NameKind::Other, &lid.txt);
    }

    fn type_longident(&mut self, lid: &Loc<Longident>) {
        self.longident_of(NameKind::Type, &lid.txt);
    }

    fn type_variable(&mut self, name: Name) {
        self.text(&tyvar(&name));
    }

    /// The name of a module, or `_`.
    fn module_name(&mut self, name: &Loc<Option<Name>>) {
        self.text(name.txt.as_deref().unwrap_or("_"));
    }

    fn constant(&mut self, constant: &Constant) {
        match &constant.desc {
            ConstantDesc::Char(c) => {
                let inner = if *c == b'"' { "\"".to_owned() } else { escaped(*c) };
                self.text(&format!("'{inner}'"));
            }
            ConstantDesc::String(bytes, _, None) => self.text(&string_literal(bytes)),
            ConstantDesc::String(bytes, _, Some(id)) => {
                self.text(&format!("{{{id}|{}|{id}}}", String::from_utf8_lossy(bytes)));
            }
            ConstantDesc::Integer(digits, suffix) | ConstantDesc::Float(digits, suffix) => {
                let text = format!("{digits}{}", suffix.map_or(String::new(), String::from));
                self.parenthesised_if(digits.starts_with('-'), |p| p.text(&text));
            }
        }
    }

    // -- Attributes and extensions ------------------------------------------------------------------

    fn attributes(&mut self, attributes: &Attributes) {
        attributes.iter().for_each(|a| self.bracketed("@@", &a.name, &a.payload));
    }

    fn item_attributes(&mut self, attributes: &Attributes) {
        attributes.iter().for_each(|a| self.bracketed("@@@@", &a.name, &a.payload));
    }

    fn floating_attribute(&mut self, a: &Attribute) {
        self.bracketed("@@@@@@", &a.name, &a.payload);
    }

    fn extension(&mut self, extension: &Extension) {
        self.bracketed("%", &extension.name, &extension.payload);
    }

    fn item_extension(&mut self, extension: &Extension, attributes: &Attributes) {
        self.bracketed("%%", &extension.name, &extension.payload);
        self.item_attributes(attributes);
    }

    /// `[@name payload]`; `mark` is a layout.
    fn bracketed(&mut self, mark: &str, name: &Loc<Name>, payload: &Payload) {
        self.lay("@[<2>[");
        self.lay(mark);
        self.text(&name.txt);
        self.lay("@ ");
        self.payload(payload);
        self.lay("]@]");
    }

    fn payload(&mut self, payload: &Payload) {
        let context = self.context;
        match payload {
            Payload::Str(items) => match items.as_slice() {
                [StructureItem { desc: StructureItemDesc::Eval(e, attributes), .. }] => {
                    self.lay("@[<2>");
                    self.expression(context, e);
                    self.lay("@]");
                    self.item_attributes(attributes);
                }
                _ => self.structure(items),
            },
            Payload::Typ(ty) => {
                self.lay(":@ ");
                self.core_type(ty);
            }
            Payload::Sig(items) => {
                self.lay(":@ ");
                self.signature(items);
            }
            Payload::Pat(pattern, guard) => {
                self.lay("?@ ");
                self.pattern(pattern);
                if let Some(guard) = guard {
                    self.text(" when ");
                    self.expression(context, guard);
                }
            }
        }
    }

    // -- Phrases ------------------------------------------------------------------------------------

    fn toplevel_phrase(&mut self, phrase: &ToplevelPhrase) {
        match phrase {
            ToplevelPhrase::Def(items) => {
                self.lay("@[<hov0>");
                self.list(items, "@ ", |p, item| p.structure_item(item));
            }
            ToplevelPhrase::Dir(directive) => {
                self.lay("@[<hov2>#");
                self.text(&directive.name.txt);
                if let Some(argument) = &directive.arg {
                    self.lay("@ ");
                    self.directive_argument(&argument.desc);
                }
            }
        }
        self.lay("@]");
    }

    fn directive_argument(&mut self, argument: &DirectiveArgumentDesc) {
        // Another space than that after the name: so it is upstream.
        self.f.space();
        match argument {
            DirectiveArgumentDesc::String(bytes) => self.text(&string_literal(bytes)),
            DirectiveArgumentDesc::Int(digits, suffix) => {
                self.text(&format!("{digits}{}", suffix.map_or(String::new(), String::from)));
            }
            DirectiveArgumentDesc::Ident(lid) => self.longident_of(NameKind::Other, lid),
            DirectiveArgumentDesc::Bool(value) => self.text(if *value { "true" } else { "false" }),
        }
    }
}

/// `<argument>` at the beginning of a text, and the rest.
fn angle_argument(text: &str) -> (&str, &str) {
    text.strip_prefix('<').and_then(|inner| inner.split_once('>')).unwrap_or(("", text))
}
