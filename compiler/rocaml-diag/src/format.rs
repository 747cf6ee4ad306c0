//! The pretty-printing engine: boxes, break hints and margins with the semantics of OCaml's
//! `Format`.
//!
//! This is Oppen's algorithm. What is printed becomes tokens in a queue; a token whose size is not
//! yet known (a box, or a break: its size reaches to the next break or to the end of the box) has a
//! negative size and is noted on the *scan stack*. A token leaves the queue, at the left end, once
//! its size is known or once what waits behind it cannot fit on the line any more.
//!
//! Invariant: the size of a pending token is minus the value of `right_total` when it was queued.

use std::collections::VecDeque;

/// Kinds of boxes, as in `Format`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoxKind {
    /// Breaks never split the line.
    H,
    /// Each break splits the line.
    V,
    /// All breaks split the line, or none does.
    Hv,
    /// A break splits the line when what follows does not fit.
    Hov,
    /// As [`BoxKind::Hov`], and a break also splits when that moves the text to the left.
    Box,
    /// A box that was found to fit on the line.
    Fits,
}

/// A break hint with its texts: before, spaces or indentation, after.
#[derive(Clone, PartialEq, Debug)]
pub struct BreakText {
    /// Text printed first.
    pub before: String,
    /// Spaces (when the line is not split) or additional indentation (when it is).
    pub amount: i32,
    /// Text printed last.
    pub after: String,
}

impl BreakText {
    /// Without text.
    pub fn plain(amount: i32) -> BreakText {
        BreakText { before: String::new(), amount, after: String::new() }
    }
}

#[derive(Clone, Debug)]
enum Token {
    Text(String),
    Break {
        fits: BreakText,
        breaks: BreakText,
    },
    Begin(i32, BoxKind),
    End,
    Newline,
    IfNewline,
    TabBegin,
    TabEnd,
    TabSet,
    TabBreak(i32, i32),
    /// Text of no width: the marker of a semantic tag.
    Marker(String),
}

struct Queued {
    size: i32,
    token: Token,
    length: i32,
}

struct Scanned {
    left_total: i32,
    /// Number of the token, counted from the start of printing.
    index: usize,
}

struct OpenBox {
    kind: BoxKind,
    width: i32,
}

/// More than any line: the size of what is known not to fit.
const INFINITY: i32 = 1_000_000_010;

/// Prints into a text; upstream's `Format.formatter`.
pub struct Formatter {
    margin: i32,
    max_indent: i32,
    space_left: i32,
    current_indent: i32,
    is_new_line: bool,
    left_total: i32,
    right_total: i32,
    depth: i32,
    queue: VecDeque<Queued>,
    /// Number of the token at the head of the queue.
    head: usize,
    scan_stack: Vec<Scanned>,
    boxes: Vec<OpenBox>,
    tabs: Vec<Vec<i32>>,
    pending_spaces: usize,
    output: String,
}

impl Default for Formatter {
    fn default() -> Self {
        Formatter::new()
    }
}

impl Formatter {
    /// A formatter with `Format`'s default geometry: margin 78, at least 10 columns of text.
    pub fn new() -> Formatter {
        Formatter::with_margin(78)
    }

    /// A formatter with another margin.
    pub fn with_margin(margin: i32) -> Formatter {
        let mut formatter = Formatter {
            margin,
            max_indent: (margin - 10).max(1),
            space_left: margin,
            current_indent: 0,
            is_new_line: true,
            left_total: 1,
            right_total: 1,
            depth: 1,
            queue: VecDeque::new(),
            head: 0,
            scan_stack: Vec::new(),
            boxes: Vec::new(),
            tabs: Vec::new(),
            pending_spaces: 0,
            output: String::new(),
        };
        formatter.reset();
        formatter
    }

    /// Flushes and takes what was printed.
    pub fn finish(&mut self) -> String {
        self.flush();
        std::mem::take(&mut self.output)
    }

    fn reset(&mut self) {
        self.left_total = 1;
        self.right_total = 1;
        self.queue.clear();
        self.head = 0;
        self.scan_stack.clear();
        self.boxes.clear();
        self.tabs.clear();
        self.current_indent = 0;
        self.depth = 0;
        self.space_left = self.margin;
        self.open_box(BoxKind::Hov, 0);
    }

    // -- What callers print ---------------------------------------------------------------------

    /// Opens a box.
    pub fn open_box(&mut self, kind: BoxKind, indent: i32) {
        self.depth += 1;
        let size = -self.right_total;
        self.scan_push(false, Token::Begin(indent, kind), size, 0);
    }

    /// Closes the innermost box.
    pub fn close_box(&mut self) {
        if self.depth > 1 {
            // What is complete is looked at when something visible follows.
            self.enqueue_raw(0, Token::End, 0);
            self.set_size(true);
            self.set_size(false);
            self.depth -= 1;
        }
    }

    /// Prints a text; its width is its number of characters.
    pub fn print_string(&mut self, text: &str) {
        self.print_as(text.chars().count() as i32, text);
    }

    /// Prints a text as if it had this width.
    pub fn print_as(&mut self, width: i32, text: &str) {
        self.right_total += width;
        self.enqueue_raw(width, Token::Text(text.to_owned()), width);
        self.advance_left();
    }

    /// Prints the marker of a semantic tag, which takes no room.
    pub fn print_marker(&mut self, text: &str) {
        if !text.is_empty() {
            self.enqueue_raw(0, Token::Marker(text.to_owned()), 0);
        }
    }

    /// Prints a character.
    pub fn print_char(&mut self, c: char) {
        self.print_as(1, c.encode_utf8(&mut [0; 4]));
    }

    /// A break hint: `spaces`, or a new line with `offset` added to the indentation of the box.
    pub fn print_break(&mut self, spaces: i32, offset: i32) {
        self.print_custom_break(BreakText::plain(spaces), BreakText::plain(offset));
    }

    /// A break hint with texts.
    pub fn print_custom_break(&mut self, fits: BreakText, breaks: BreakText) {
        let width = |text: &str| text.chars().count() as i32;
        let length = width(&fits.before) + fits.amount + width(&fits.after);
        let size = -self.right_total;
        self.scan_push(true, Token::Break { fits, breaks }, size, length);
    }

    /// `@ `
    pub fn space(&mut self) {
        self.print_break(1, 0);
    }

    /// `@,`
    pub fn cut(&mut self) {
        self.print_break(0, 0);
    }

    /// `@\n`: splits the line whatever the box.
    pub fn force_newline(&mut self) {
        self.enqueue(0, Token::Newline, 0);
    }

    /// The next token counts only if the line was just split.
    pub fn print_if_newline(&mut self) {
        self.enqueue(0, Token::IfNewline, 0);
    }

    /// Opens a tabulation box.
    pub fn open_tbox(&mut self) {
        self.depth += 1;
        self.enqueue(0, Token::TabBegin, 0);
    }

    /// Closes a tabulation box.
    pub fn close_tbox(&mut self) {
        if self.depth > 1 {
            self.enqueue(0, Token::TabEnd, 0);
            self.depth -= 1;
        }
    }

    /// Sets a tabulation mark at this column.
    pub fn set_tab(&mut self) {
        self.enqueue(0, Token::TabSet, 0);
    }

    /// Moves to the next tabulation mark.
    pub fn print_tab_break(&mut self, spaces: i32, offset: i32) {
        let size = -self.right_total;
        self.scan_push(true, Token::TabBreak(spaces, offset), size, spaces);
    }

    /// Closes all boxes and prints what is pending: `@?`.
    pub fn flush(&mut self) {
        self.flush_queue(false);
    }

    /// As [`Formatter::flush`], and ends the line: `@.`.
    pub fn newline(&mut self) {
        self.flush_queue(true);
    }

    fn flush_queue(&mut self, newline: bool) {
        while self.depth > 1 {
            self.close_box();
        }
        self.right_total = INFINITY;
        self.advance_left();
        if newline {
            self.output_newline();
        }
        self.reset();
        // The position on the line survives a flush only in what is already output.
        self.is_new_line = newline || self.is_new_line;
    }

    // -- The queue ------------------------------------------------------------------------------

    fn enqueue_raw(&mut self, size: i32, token: Token, length: i32) {
        self.queue.push_back(Queued { size, token, length });
    }

    fn enqueue(&mut self, size: i32, token: Token, length: i32) {
        self.right_total += length;
        self.enqueue_raw(size, token, length);
        self.advance_left();
    }

    fn scan_push(&mut self, is_break: bool, token: Token, size: i32, length: i32) {
        self.right_total += length;
        self.enqueue_raw(size, token, length);
        if is_break {
            self.set_size(true);
        }
        let index = self.head + self.queue.len() - 1;
        self.scan_stack.push(Scanned { left_total: self.right_total, index });
    }

    /// Settles the size of the token on top of the scan stack: a break, or a box.
    fn set_size(&mut self, of_break: bool) {
        let Some(top) = self.scan_stack.last() else { return };
        if top.left_total < self.left_total {
            // The token has already been printed, and with it all that the stack holds.
            self.scan_stack.clear();
            return;
        }
        let right_total = self.right_total;
        let Some(queued) = top.index.checked_sub(self.head).and_then(|i| self.queue.get_mut(i)) else {
            self.scan_stack.clear();
            return;
        };
        let is_break = match queued.token {
            Token::Break { .. } | Token::TabBreak(..) => true,
            Token::Begin(..) => false,
            _ => return,
        };
        if is_break == of_break {
            queued.size += right_total;
            self.scan_stack.pop();
        }
    }

    fn advance_left(&mut self) {
        while let Some(front) = self.queue.front() {
            let pending = self.right_total - self.left_total;
            if front.size < 0 && pending < self.space_left {
                return;
            }
            let Some(Queued { size, token, length }) = self.queue.pop_front() else { return };
            self.head += 1;
            self.format_token(if size < 0 { INFINITY } else { size }, token);
            self.left_total += length;
        }
    }

    fn skip_token(&mut self) {
        if let Some(Queued { size, length, .. }) = self.queue.pop_front() {
            self.head += 1;
            self.left_total -= length;
            self.space_left += size;
        }
    }

    // -- Printing at the left end ---------------------------------------------------------------

    fn format_token(&mut self, size: i32, token: Token) {
        match token {
            Token::Text(text) => {
                self.space_left -= size;
                self.output_text(&text);
                self.is_new_line = false;
            }
            Token::Marker(text) => self.output_text(&text),
            Token::Begin(indent, kind) => self.format_begin(size, indent, kind),
            Token::End => {
                self.boxes.pop();
            }
            Token::Newline => match self.boxes.last() {
                None => self.output_newline(),
                Some(open) => {
                    let width = open.width;
                    self.break_line(width);
                }
            },
            Token::IfNewline => {
                if self.current_indent != self.margin - self.space_left {
                    self.skip_token();
                }
            }
            Token::Break { fits, breaks } => self.format_break(size, &fits, &breaks),
            Token::TabBegin => self.tabs.push(Vec::new()),
            Token::TabEnd => {
                self.tabs.pop();
            }
            Token::TabSet => {
                let column = self.margin - self.space_left;
                if let Some(tabs) = self.tabs.last_mut() {
                    let place = tabs.partition_point(|&tab| tab <= column);
                    tabs.insert(place, column);
                }
            }
            Token::TabBreak(spaces, offset) => self.format_tab_break(spaces, offset),
        }
    }

    fn format_begin(&mut self, size: i32, indent: i32, kind: BoxKind) {
        if self.margin - self.space_left > self.max_indent {
            self.force_break_line();
        }
        let width = self.space_left - indent;
        let kind = if kind == BoxKind::V || size > self.space_left { kind } else { BoxKind::Fits };
        self.boxes.push(OpenBox { kind, width });
    }

    fn format_break(&mut self, size: i32, fits: &BreakText, breaks: &BreakText) {
        let Some(&OpenBox { kind, width }) = self.boxes.last() else { return };
        let overflows = size + breaks.before.chars().count() as i32 > self.space_left;
        let splits = match kind {
            BoxKind::Hov => overflows,
            BoxKind::Box => {
                !self.is_new_line && (overflows || self.current_indent > self.margin - width + breaks.amount)
            }
            BoxKind::Hv | BoxKind::V => true,
            BoxKind::Fits | BoxKind::H => false,
        };
        if splits { self.break_new_line(breaks, width) } else { self.break_same_line(fits) }
    }

    fn format_tab_break(&mut self, spaces: i32, offset: i32) {
        let column = self.margin - self.space_left;
        let Some(tabs) = self.tabs.last() else { return };
        let next = tabs.iter().find(|&&tab| tab >= column).or(tabs.first());
        let tab = next.copied().unwrap_or(column);
        if tab >= column {
            self.break_same_line(&BreakText::plain(tab - column + spaces));
        } else {
            self.break_new_line(&BreakText::plain(tab + offset), self.margin);
        }
    }

    fn break_same_line(&mut self, fits: &BreakText) {
        self.output_counted(&fits.before);
        self.space_left -= fits.amount;
        self.pending_spaces += fits.amount.max(0) as usize;
        self.output_counted(&fits.after);
    }

    fn break_new_line(&mut self, breaks: &BreakText, width: i32) {
        self.output_counted(&breaks.before);
        self.output_newline();
        self.is_new_line = true;
        let indent = (self.margin - width + breaks.amount).min(self.max_indent);
        self.current_indent = indent;
        self.space_left = self.margin - indent;
        self.pending_spaces = indent.max(0) as usize;
        self.output_counted(&breaks.after);
    }

    fn break_line(&mut self, width: i32) {
        self.break_new_line(&BreakText::plain(0), width);
    }

    fn force_break_line(&mut self) {
        match self.boxes.last() {
            None => self.output_newline(),
            Some(&OpenBox { kind, width }) => {
                if width > self.space_left && !matches!(kind, BoxKind::Fits | BoxKind::H) {
                    self.break_line(width);
                }
            }
        }
    }

    fn output_counted(&mut self, text: &str) {
        if !text.is_empty() {
            self.space_left -= text.chars().count() as i32;
            self.output_text(text);
            self.is_new_line = false;
        }
    }

    fn output_text(&mut self, text: &str) {
        for _ in 0..std::mem::take(&mut self.pending_spaces) {
            self.output.push(' ');
        }
        self.output.push_str(text);
    }

    fn output_newline(&mut self) {
        self.output_text("\n");
    }
}

#[cfg(test)]
mod tests {
    use super::{BoxKind, Formatter};

    fn words(kind: BoxKind, margin: i32) -> String {
        let mut f = Formatter::with_margin(margin);
        f.open_box(kind, 2);
        for (i, word) in ["alpha", "beta", "gamma", "delta"].iter().enumerate() {
            if i > 0 {
                f.space();
            }
            f.print_string(word);
        }
        f.close_box();
        f.finish()
    }

    #[test]
    fn a_box_that_fits_stays_on_one_line() {
        for kind in [BoxKind::H, BoxKind::Hv, BoxKind::Hov, BoxKind::Box] {
            assert_eq!(words(kind, 40), "alpha beta gamma delta");
        }
        assert_eq!(words(BoxKind::V, 40), "alpha\n  beta\n  gamma\n  delta");
    }

    #[test]
    fn a_box_that_does_not_fit_breaks_as_its_kind_says() {
        assert_eq!(words(BoxKind::Hov, 12), "alpha beta\n  gamma\n  delta");
        assert_eq!(words(BoxKind::Hv, 14), "alpha\n  beta\n  gamma\n  delta");
        assert_eq!(words(BoxKind::H, 14), "alpha beta gamma delta");
    }
}
