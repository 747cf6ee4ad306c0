//! Comments, with the strings and character literals in them, and docstrings.

use std::sync::Arc;

use rocaml_base::Location;
use rocaml_diag::Warning;

use super::{LexResult, Lexer};
use crate::docstrings::DocstringId;
use crate::error::LexError;
use crate::utf8_lexeme;

impl Lexer<'_> {
    /// Reads a comment; a docstring is registered.
    pub(super) fn comment(&mut self) -> LexResult<Option<DocstringId>> {
        let rest = &self.source[self.at + 2..];
        let stars = rest.iter().take_while(|&&c| c == b'*').count();
        if stars > 0 && rest.get(stars) == Some(&b')') {
            // `(**)`, `(***)`: only the first is a docstring, an empty one.
            self.at += stars + 3;
            self.out.comments.push(self.current());
            let empty = stars == 1 && self.options.docstrings;
            return Ok(empty.then(|| self.out.docstrings.register(Arc::from(&[][..]), self.current())));
        }
        if rest.first() == Some(&b')') {
            self.at += 3;
            self.warn(self.current(), Warning::CommentStart);
        } else {
            self.at += 2 + stars;
        }
        let start = self.start;
        let contents = self.at;
        self.comment_body()?;
        let loc = Location { start, end: self.here(), ghost: false };
        self.out.comments.push(loc);
        self.start = start;
        if stars != 1 || !self.options.docstrings {
            return Ok(None);
        }
        let body = normalized_newlines(&self.source[contents..self.at - 2]);
        Ok(Some(self.out.docstrings.register(body, loc)))
    }

    /// Reads up to the end of the comment whose opening was just read.
    fn comment_body(&mut self) -> LexResult<()> {
        let mut openings = vec![self.current()];
        loop {
            let rest = &self.source[self.at..];
            let is_special = |c: &u8| matches!(c, b'(' | b'*' | b'"' | b'{' | b'\'' | b'\n' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0xc0..);
            let Some(plain) = rest.iter().position(is_special) else {
                self.at = self.source.len();
                let innermost = openings[openings.len() - 1];
                return Err((LexError::UnterminatedComment, innermost));
            };
            self.at += plain;
            self.start = self.here();
            match (rest[plain], rest.get(plain + 1)) {
                (b'(', Some(b'*')) => {
                    self.at += 2;
                    openings.push(self.current());
                }
                (b'*', Some(b')')) => {
                    self.at += 2;
                    openings.pop();
                    if openings.is_empty() {
                        return Ok(());
                    }
                }
                (b'"', _) => {
                    let opening = self.start;
                    self.at += 1;
                    let read = self.string_body(opening, &mut Vec::new(), true);
                    in_comment(read, &openings)?;
                }
                (b'{', _) => self.quoted_in_comment(&openings)?,
                (b'\'', _) => self.char_in_comment(),
                (b'\n', _) => {
                    self.at += 1;
                    self.new_line(self.at);
                }
                (b'(' | b'*', _) => self.at += 1,
                // Words are skipped as a whole: the quote in `don't` begins no literal.
                _ => self.at += self.extended_length(self.at).max(1),
            }
        }
    }

    fn quoted_in_comment(&mut self, openings: &[Location]) -> LexResult<()> {
        let start = self.at + 1;
        let percents = self.source[start..].iter().take(2).take_while(|&&c| c == b'%').count();
        let delimiter = match percents {
            0 => Some(start),
            _ => self.dotted_end(start + percents).map(|end| {
                let blanks = self.source[end..].iter().take_while(|c| matches!(c, b' ' | b'\t' | 12));
                end + blanks.count()
            }),
        };
        let Some((delimiter, end)) = delimiter.and_then(|at| Some((at, self.delimiter_end(at)?))) else {
            self.at += 1;
            return Ok(());
        };
        let name = utf8_lexeme::normalize(&self.source[delimiter..end]);
        self.at = end + 1;
        if let Ok(name) = name
            && utf8_lexeme::is_lowercase(&name)
        {
            let opened = self.current();
            let read = self.quoted_body(&name, opened, &mut Vec::new());
            in_comment(read, openings)?;
        }
        Ok(())
    }

    fn char_in_comment(&mut self) {
        let newline = self.newline_length(1);
        if newline > 0 && self.peek(1 + newline) == Some(b'\'') {
            self.at += newline + 2;
            self.new_line(self.at - 1);
            return;
        }
        let rest = &self.source[self.at + 1..];
        let literal = match rest {
            [b'\'', ..] => 1,
            [b'\\', b'\\' | b'"' | b'\'' | b'n' | b't' | b'b' | b'r' | b' ', b'\'', ..] => 3,
            [b'\\', a, b, c, b'\'', ..] if [a, b, c].iter().all(|c| c.is_ascii_digit()) => 5,
            [b'\\', b'o', b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', b'\'', ..] => 6,
            [b'\\', b'x', a, b, b'\'', ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 5,
            [c, b'\'', ..] if !matches!(c, b'\\' | b'\n' | b'\r') => 2,
            _ => 0,
        };
        self.at += 1 + literal;
    }
}

/// An unterminated string makes the comment unterminated.
fn in_comment<T>(read: LexResult<T>, openings: &[Location]) -> LexResult<()> {
    match read {
        Err((LexError::UnterminatedString, literal)) => {
            Err((LexError::UnterminatedStringInComment(literal), openings[openings.len() - 1]))
        }
        Err(other) => Err(other),
        Ok(_) => Ok(()),
    }
}

/// Drops one `\r` before each line end.
fn normalized_newlines(text: &[u8]) -> Arc<[u8]> {
    if !text.contains(&b'\r') {
        return Arc::from(text);
    }
    let mut normal = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let returns = text[at..].iter().take_while(|&&c| c == b'\r').count();
        let is_end = text.get(at + returns) == Some(&b'\n');
        normal.extend_from_slice(&text[at + usize::from(is_end && returns > 0)..at + returns]);
        at += returns;
        if let Some(&c) = text.get(at) {
            normal.push(c);
            at += 1;
        }
    }
    Arc::from(normal)
}
