//! Diagnostics as data, and their text form.

use rocaml_base::{Location, Position};

use crate::doc::{Doc, Tag};
use crate::format::{BoxKind, Formatter};
use crate::state::WarningState;
use crate::warning::Warning;

/// A message with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Where; a ghost location in a sub-message is not shown.
    pub loc: Location,
    /// What.
    pub txt: Doc,
}

/// What kind of diagnostic it is. The text names the warning or alert.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// `Error`
    Error,
    /// `Warning 8 [partial-match]`
    Warning(String),
    /// `Error (warning 8 [partial-match])`
    WarningAsError(String),
    /// `Alert deprecated`
    Alert(String),
    /// `Error (alert deprecated)`
    AlertAsError(String),
}

/// A diagnostic: upstream's `Location.report`.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// Its kind.
    pub kind: Kind,
    /// The main message.
    pub main: Message,
    /// Further messages: related places and hints.
    pub sub: Vec<Message>,
    /// A last remark.
    pub footnote: Option<Doc>,
}

/// An alert with its message; the locations are those of a definition and of the signature that
/// was expected, if they differ in alerts.
#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    /// `deprecated`, `unstable`, …
    pub kind: String,
    /// The message.
    pub message: String,
    /// The definition.
    pub def: Location,
    /// The use.
    pub use_: Location,
}

impl Report {
    /// An error.
    pub fn error(loc: Location, txt: impl Into<Doc>) -> Report {
        let main = Message { loc, txt: txt.into() };
        Report { kind: Kind::Error, main, sub: Vec::new(), footnote: None }
    }

    /// Adds a sub-message with a place.
    pub fn with_note(mut self, loc: Location, txt: impl Into<Doc>) -> Report {
        self.sub.push(Message { loc, txt: txt.into() });
        self
    }

    /// Adds a sub-message without a place.
    pub fn with_hint(self, txt: impl Into<Doc>) -> Report {
        self.with_note(Location::none(), txt)
    }

    /// The report of a warning, unless the state silences it.
    pub fn warning(state: &WarningState, loc: Location, warning: &Warning) -> Option<Report> {
        if !state.is_active(warning) {
            return None;
        }
        let id = warning.id();
        let kind = if state.is_error(warning) { Kind::WarningAsError(id) } else { Kind::Warning(id) };
        let main = Message { loc, txt: warning.message() };
        Some(Report { kind, main, sub: Vec::new(), footnote: None })
    }

    /// The report of an alert, unless the state silences it.
    pub fn alert(state: &WarningState, loc: Location, alert: &Alert) -> Option<Report> {
        if !state.alert_is_active(&alert.kind) {
            return None;
        }
        let id = alert.kind.clone();
        let is_error = state.alert_is_error(&alert.kind);
        let kind = if is_error { Kind::AlertAsError(id) } else { Kind::Alert(id) };
        let txt = Doc::from(alert.message.replace("\r\n", "\n"));
        let mut sub = Vec::new();
        if !alert.def.ghost && !alert.use_.ghost {
            sub.push(Message { loc: alert.def, txt: "Definition".into() });
            sub.push(Message { loc: alert.use_, txt: "Expected signature".into() });
        }
        Some(Report { kind, main: Message { loc, txt }, sub, footnote: None })
    }

    /// Whether compilation fails because of it.
    pub fn is_error(&self) -> bool {
        matches!(self.kind, Kind::Error | Kind::WarningAsError(_) | Kind::AlertAsError(_))
    }
}

/// How reports are shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style<'a> {
    /// The source that excerpts are taken from, with the file name that locations give it.
    pub source: Option<(&'a str, &'a [u8])>,
    /// No excerpts (`-error-style short`).
    pub short: bool,
    /// ANSI colours.
    pub color: bool,
    /// Pieces of programs in quotes, where there are no colours.
    pub quotes: bool,
}

impl Style<'_> {
    /// The text of a report, as upstream prints it.
    pub fn render(&self, report: &Report) -> String {
        let mut f = Formatter::new();
        match report.kind {
            Kind::Error => self.error(&mut f, report),
            _ => self.warning(&mut f, report),
        }
        f.newline();
        f.finish()
    }

    fn error(&self, f: &mut Formatter, report: &Report) {
        f.open_box(BoxKind::V, 0);
        f.open_tbox();
        self.place(f, report, report.main.loc);
        self.kind(f, &report.kind);
        f.print_string(": ");
        f.set_tab();
        f.open_box(BoxKind::Box, 0);
        self.doc(f, &report.main.txt);
        f.close_box();
        self.rest(f, report);
        f.close_tbox();
        f.close_box();
    }

    fn warning(&self, f: &mut Formatter, report: &Report) {
        f.open_box(BoxKind::V, 0);
        self.place(f, report, report.main.loc);
        f.open_box(BoxKind::Box, 2);
        self.kind(f, &report.kind);
        f.print_string(": ");
        self.doc(f, &report.main.txt);
        f.close_box();
        self.rest(f, report);
        f.close_box();
    }

    fn rest(&self, f: &mut Formatter, report: &Report) {
        for message in &report.sub {
            f.cut();
            if !message.loc.ghost {
                self.place(f, report, message.loc);
                f.print_string("  ");
            }
            f.open_box(BoxKind::Box, 0);
            self.doc(f, &message.txt);
            f.close_box();
        }
        if let Some(footnote) = &report.footnote {
            f.cut();
            self.doc(f, footnote);
        }
    }

    fn kind(&self, f: &mut Formatter, kind: &Kind) {
        let (tag, word, rest) = match kind {
            Kind::Error => (Tag::Error, "Error", String::new()),
            Kind::Warning(id) => (Tag::Warning, "Warning", format!(" {id}")),
            Kind::WarningAsError(id) => (Tag::Error, "Error", format!(" (warning {id})")),
            Kind::Alert(id) => (Tag::Warning, "Alert", format!(" {id}")),
            Kind::AlertAsError(id) => (Tag::Error, "Error", format!(" (alert {id})")),
        };
        self.tagged(f, tag, word);
        f.print_string(&rest);
    }

    fn doc(&self, f: &mut Formatter, doc: &Doc) {
        doc.format_with(f, &|tag| self.markers(tag));
    }

    fn tagged(&self, f: &mut Formatter, tag: Tag, text: &str) {
        let (open, close) = self.markers(tag);
        f.print_marker(open);
        f.print_string(text);
        f.print_marker(close);
    }

    fn markers(&self, tag: Tag) -> (&'static str, &'static str) {
        if !self.color {
            return if self.quotes && tag == Tag::InlineCode { ("\"", "\"") } else { ("", "") };
        }
        let open = match tag {
            Tag::Error => "\x1b[1;31m",
            Tag::Warning => "\x1b[1;35m",
            Tag::Loc | Tag::InlineCode | Tag::Diff => "\x1b[1m",
            Tag::Hint => "\x1b[1;34m",
        };
        (open, "\x1b[0m")
    }

    fn place(&self, f: &mut Formatter, report: &Report, loc: Location) {
        self.tagged(f, Tag::Loc, &location_text(&loc));
        f.print_string(":");
        f.space();
        let Some((file, source)) = self.source else { return };
        let dummy = loc.start.cnum == -1 || loc.end.cnum == -1;
        if self.short || dummy || loc.start.file != file || loc.end.file != file {
            return;
        }
        let tag = if report.is_error() { Tag::Error } else { Tag::Warning };
        self.excerpt(f, tag, source, loc);
    }

    fn excerpt(&self, f: &mut Formatter, tag: Tag, source: &[u8], loc: Location) {
        let (start, end) = (loc.start.cnum, loc.end.cnum - 1);
        if start > end {
            return;
        }
        let lines = number_lines(lines_around(source, loc.start, loc.end), loc, end);
        f.open_box(BoxKind::V, 0);
        match &lines[..] {
            [] => {}
            [(_, line)] if line.text.is_empty() => {}
            [(number, line)] => self.underline(f, tag, number, line, start, end),
            _ => two_columns(f, &lines, start, end),
        }
        f.close_box();
    }

    fn underline(&self, f: &mut Formatter, tag: Tag, number: &str, line: &Line, start: i32, end: i32) {
        f.print_string(&format!("{number} | {}", String::from_utf8_lossy(&line.text)));
        f.cut();
        f.print_string(&" ".repeat(number.len() + 3));
        let (open, close) = self.markers(tag);
        for i in 0..=end - line.start {
            let at = line.start + i;
            if at == start {
                f.print_marker(open);
            }
            if at >= start && at <= end {
                f.print_char('^');
            } else if let Some(c) = line.text.get(i as usize) {
                // Tabs keep the underline aligned with the text.
                f.print_char(if *c == b'\t' { '\t' } else { ' ' });
            }
            if at == end {
                f.print_marker(close);
            }
        }
        f.cut();
    }
}

struct Line {
    text: Vec<u8>,
    /// Offset of its first byte.
    start: i32,
}

/// The lines from the one of `start` to the one of `end`, without their ends.
fn lines_around(source: &[u8], start: Position, end: Position) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut bol = start.bol as usize;
    let end = usize::try_from(end.cnum).unwrap_or(0);
    while bol < end && bol < source.len() {
        let rest = &source[bol..];
        let length = rest.iter().position(|&c| c == b'\n').unwrap_or(rest.len());
        let text = rest[..length].iter().copied().filter(|&c| c != b'\r').collect();
        lines.push(Line { text, start: bol as i32 });
        bol += (length + 1).min(rest.len());
    }
    lines
}

/// Gives the lines their numbers: those of the two ends, and the others if these are consistent.
fn number_lines(lines: Vec<Line>, loc: Location, end: i32) -> Vec<(String, Line)> {
    let known = |line: &Line| {
        let range = line.start..line.start + line.text.len() as i32;
        if range.contains(&loc.start.cnum) {
            Some(loc.start.line)
        } else if range.contains(&end) {
            Some(loc.end.line)
        } else {
            None
        }
    };
    let numbers: Vec<Option<u32>> = lines.iter().map(known).collect();
    let offsets: Vec<i64> = numbers
        .iter()
        .enumerate()
        .filter_map(|(i, number)| number.map(|number| i64::from(number) - i as i64))
        .collect();
    let consistent = offsets.windows(2).all(|pair| pair[0] == pair[1]);
    let numbered = lines.into_iter().enumerate().map(|(i, line)| {
        let number = match offsets.first() {
            Some(offset) if consistent => (offset + i as i64).to_string(),
            _ => numbers[i].map_or(String::new(), |number| number.to_string()),
        };
        (number, line)
    });
    numbered.collect()
}

/// Lines with their numbers; what is not meant is dotted, and at most ten lines are shown.
fn two_columns(f: &mut Formatter, lines: &[(String, Line)], start: i32, end: i32) {
    const MAX_LINES: usize = 10;
    let width = lines.iter().map(|(number, _)| number.len()).max().unwrap_or(0);
    let mut hidden = 0..0;
    if lines.len() > MAX_LINES {
        let shown = MAX_LINES - 1;
        hidden = shown / 2 + shown % 2..lines.len() - shown / 2;
    }
    f.open_box(BoxKind::V, 0);
    for (i, (number, line)) in lines.iter().enumerate() {
        if !hidden.is_empty() && i == hidden.start {
            f.print_string("...");
            f.cut();
        }
        if hidden.contains(&i) {
            continue;
        }
        let meant = |(at, &c): (usize, &u8)| {
            let at = line.start + at as i32;
            if at >= start && at <= end { c } else { b'.' }
        };
        let text: Vec<u8> = line.text.iter().enumerate().map(meant).collect();
        f.print_string(&format!("{number:>width$} | {}", String::from_utf8_lossy(&text)));
        f.cut();
    }
    f.close_box();
}

/// `File "x.ml", line 1, characters 4-7`, or what of it is known.
pub fn location_text(loc: &Location) -> String {
    let mut parts: Vec<String> = Vec::new();
    let file: &str = &loc.start.file;
    if !file.is_empty() && file != "//toplevel//" {
        parts.push(format!("file \"{file}\""));
    }
    let start_line = loc.start.line.max(1);
    let end_line = if loc.end.line > 0 { loc.end.line } else { start_line };
    if start_line == end_line {
        parts.push(format!("line {start_line}"));
    } else {
        parts.push(format!("lines {start_line}-{end_line}"));
    }
    let (start, end) = (loc.start.column(), loc.end.column());
    if start != -1 && end != -1 {
        parts.push(format!("characters {start}-{end}"));
    }
    let text = parts.join(", ");
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
