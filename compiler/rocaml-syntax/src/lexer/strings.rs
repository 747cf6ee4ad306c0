//! String and character literals, quoted strings and their extensions.

use std::sync::Arc;

use rocaml_base::{Location, Name, Position};
use rocaml_diag::Warning;

use super::{LexResult, Lexer, QuotedExtension, StringLiteral};
use crate::error::LexError;
use crate::token::Token;
use crate::utf8_lexeme;

/// The byte that a simple escape stands for.
const fn simple_escape(c: u8) -> Option<u8> {
    match c {
        b'\\' | b'\'' | b'"' | b' ' => Some(c),
        b'n' => Some(b'\n'),
        b't' => Some(b'\t'),
        b'b' => Some(8),
        b'r' => Some(b'\r'),
        _ => None,
    }
}

fn digits(text: &[u8], base: u32) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    if text.is_empty() || !text.bytes().all(|c| (c as char).is_digit(base)) {
        return None;
    }
    u32::from_str_radix(text, base).ok()
}

/// A numeric escape after its backslash: length and value, which may exceed a byte.
fn numeric_escape(rest: &[u8]) -> Option<(usize, u32, u32)> {
    match rest.first()? {
        b'0'..=b'9' => Some((3, digits(rest.get(..3)?, 10)?, 10)),
        b'o' => Some((4, digits(rest.get(1..4)?, 8)?, 8)),
        b'x' => Some((3, digits(rest.get(1..3)?, 16)?, 16)),
        _ => None,
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn string_literal(&mut self) -> LexResult<Option<Token>> {
        let opening = self.start;
        self.at += 1;
        let (start, mut contents) = (self.here(), Vec::new());
        let end = self.string_body(opening, &mut contents, false)?;
        self.start = opening;
        let loc = Location { start, end, ghost: false };
        Ok(Some(self.push_string((Arc::from(contents), loc, None))))
    }

    fn push_string(&mut self, literal: StringLiteral) -> Token {
        self.out.strings.push(literal);
        Token::String((self.out.strings.len() - 1) as u32)
    }

    /// Reads up to the closing quote; returns its position. In a comment, escapes are only
    /// skipped and nothing is collected.
    pub(super) fn string_body(
        &mut self,
        opening: Position,
        contents: &mut Vec<u8>,
        in_comment: bool,
    ) -> LexResult<Position> {
        loop {
            let rest = &self.source[self.at..];
            let plain = rest.iter().position(|c| matches!(c, b'"' | b'\\' | b'\n' | b'\r'));
            let Some(plain) = plain else {
                let end = Position { cnum: opening.cnum + 1, ..opening };
                self.at = self.source.len();
                return Err((LexError::UnterminatedString, Location { start: opening, end, ghost: false }));
            };
            if !in_comment {
                contents.extend_from_slice(&rest[..plain]);
            }
            self.at += plain;
            match rest[plain] {
                b'"' => {
                    let end = self.here();
                    self.at += 1;
                    return Ok(end);
                }
                b'\\' => self.escape(contents, in_comment)?,
                _ => self.newline_in_string(contents),
            }
        }
    }

    /// A line end is normalized: one `\r` before `\n` is dropped.
    fn newline_in_string(&mut self, contents: &mut Vec<u8>) {
        let length = self.newline_length(0);
        if length == 0 {
            contents.push(b'\r');
            self.at += 1;
            return;
        }
        let skipped = usize::from(length > 1);
        contents.extend_from_slice(&self.source[self.at + skipped..self.at + length]);
        self.at += length;
        self.new_line(self.at);
    }

    fn escape(&mut self, contents: &mut Vec<u8>, in_comment: bool) -> LexResult<()> {
        let start = self.here();
        let rest = &self.source[self.at + 1..];
        let newline = self.newline_length(1);
        if newline > 0 {
            self.at += 1 + newline;
            let bol = self.at;
            self.skip_while(|c| matches!(c, b' ' | b'\t'));
            self.new_line(bol);
        } else if let Some(c) = rest.first().copied().and_then(simple_escape) {
            contents.push(c);
            self.at += 2;
        } else if let Some((length, value, base)) = numeric_escape(rest) {
            self.at += 1 + length;
            match u8::try_from(value) {
                Ok(c) => contents.push(c),
                Err(_) if in_comment => {}
                Err(_) => {
                    self.start = start;
                    return self.out_of_range(value, base);
                }
            }
        } else if let Some(length) = unicode_escape_length(rest) {
            self.at += 1 + length;
            let c = self.unicode_escape(start, &rest[2..length - 1])?;
            contents.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            self.illegal_escape(start, contents, in_comment);
        }
        Ok(())
    }

    fn illegal_escape(&mut self, start: Position, contents: &mut Vec<u8>, in_comment: bool) {
        let Some(&c) = self.source.get(self.at + 1) else {
            // The backslash is the last byte; the end of the text is reported next.
            contents.push(b'\\');
            self.at += 1;
            return;
        };
        self.at += 2;
        contents.extend_from_slice(&[b'\\', c]);
        if !in_comment {
            let loc = Location { start, end: self.here(), ghost: false };
            self.warn(loc, Warning::IllegalBackslash);
        }
    }

    fn out_of_range<T>(&self, value: u32, base: u32) -> LexResult<T> {
        let why = if base == 8 {
            format!("o{value:o} (={value}) is outside the range of legal characters (0-255).")
        } else {
            format!("{value} is outside the range of legal characters (0-255).")
        };
        let lexeme = self.text(self.start.cnum as usize);
        self.fail(LexError::IllegalEscape(String::from_utf8_lossy(lexeme).into_owned(), Some(why)))
    }

    fn unicode_escape(&mut self, start: Position, hex: &[u8]) -> LexResult<char> {
        let why = if hex.len() > 6 {
            "too many digits, expected 1 to 6 hexadecimal digits".to_owned()
        } else {
            let value = digits(hex, 16).unwrap_or(0);
            match char::from_u32(value) {
                Some(c) => return Ok(c),
                None => format!("{value:X} is not a Unicode scalar value"),
            }
        };
        self.start = start;
        let lexeme = self.text(start.cnum as usize);
        self.fail(LexError::IllegalEscape(String::from_utf8_lossy(lexeme).into_owned(), Some(why)))
    }

    /// `{`: a quoted string, a quoted extension, or a brace.
    pub(super) fn brace(&mut self) -> LexResult<Option<Token>> {
        let start = self.at;
        let percents = self.source[start + 1..].iter().take(2).take_while(|&&c| c == b'%').count();
        if percents > 0 {
            if let Some((id, delimiter)) = self.extension_head(start + 1 + percents) {
                return self.quoted_extension(percents, id, delimiter).map(Some);
            }
        } else if let Some(end) = self.delimiter_end(start + 1) {
            self.at = end + 1;
            let delimiter = self.valid_delimiter(&self.source[start + 1..end])?;
            let literal = self.quoted_string(&delimiter)?;
            return Ok(Some(self.push_string(literal)));
        }
        match self.peek(1) {
            Some(b'<') => self.take(2, Token::Lbraceless),
            _ => self.take(1, Token::Lbrace),
        }
    }

    /// The end of a delimiter that is followed by `|`.
    pub(super) fn delimiter_end(&self, offset: usize) -> Option<usize> {
        let rest = &self.source[offset..];
        let length = rest
            .iter()
            .scan(false, |extended, &c| {
                // Continuation bytes only follow the first byte of a letter.
                let ok = c.is_ascii_alphabetic() || c == b'_' || c >= 0xc0 || (*extended && c >= 0x80);
                *extended = c >= 0x80;
                ok.then_some(())
            })
            .count();
        (rest.get(length) == Some(&b'|')).then_some(offset + length)
    }

    /// The head of a quoted extension: ends of the name and of the delimiter.
    fn extension_head(&self, offset: usize) -> Option<((usize, usize), (usize, usize))> {
        let id_end = self.dotted_end(offset)?;
        let blanks = self.source[id_end..].iter().take_while(|c| matches!(c, b' ' | b'\t' | 12)).count();
        let delimiter = id_end + blanks;
        let end = if blanks == 0 { id_end } else { self.delimiter_end(delimiter)? };
        (self.source.get(end) == Some(&b'|')).then_some(((offset, id_end), (delimiter, end)))
    }

    /// The end of identifiers separated by dots.
    pub(super) fn dotted_end(&self, offset: usize) -> Option<usize> {
        let mut end = offset + Some(self.extended_length(offset)).filter(|&length| length > 0)?;
        while self.source.get(end) == Some(&b'.') {
            match self.extended_length(end + 1) {
                0 => break,
                length => end += 1 + length,
            }
        }
        Some(end)
    }

    fn quoted_extension(
        &mut self,
        percents: usize,
        (id_start, id_end): (usize, usize),
        (delimiter_start, delimiter_end): (usize, usize),
    ) -> LexResult<Token> {
        self.at = delimiter_end + 1;
        let id = self.normalized(&self.source[id_start..id_end])?;
        if let Some(c) = utf8_lexeme::invalid_character(&id, true) {
            return self.fail(LexError::InvalidCharInIdent(c));
        }
        let delimiter = self.valid_delimiter(&self.source[delimiter_start..delimiter_end])?;
        let id_loc = Location { start: self.position(id_start), end: self.position(id_start + id.len()), ghost: false };
        let string = self.quoted_string(&delimiter)?;
        self.out.quoted.push(QuotedExtension { id: Name::new(&id), id_loc, string });
        let index = (self.out.quoted.len() - 1) as u32;
        Ok(if percents == 1 { Token::QuotedStringExpr(index) } else { Token::QuotedStringItem(index) })
    }

    fn valid_delimiter(&self, raw: &[u8]) -> LexResult<String> {
        let name = self.normalized(raw)?;
        if utf8_lexeme::is_lowercase(&name) { Ok(name) } else { self.fail(LexError::NonLowercaseDelimiter(name)) }
    }

    fn quoted_string(&mut self, delimiter: &str) -> LexResult<StringLiteral> {
        let opening = self.start;
        let start = self.here();
        let opened = self.current();
        let mut contents = Vec::new();
        let end = self.quoted_body(delimiter, opened, &mut contents)?;
        self.start = opening;
        let loc = Location { start, end, ghost: false };
        Ok((Arc::from(contents), loc, Some(Name::new(delimiter))))
    }

    /// Reads up to `|delimiter}`; returns the position of the bar.
    pub(super) fn quoted_body(
        &mut self,
        delimiter: &str,
        opened: Location,
        contents: &mut Vec<u8>,
    ) -> LexResult<Position> {
        loop {
            let rest = &self.source[self.at..];
            let Some(plain) = rest.iter().position(|c| matches!(c, b'|' | b'\n' | b'\r')) else {
                self.at = self.source.len();
                return Err((LexError::UnterminatedString, opened));
            };
            contents.extend_from_slice(&rest[..plain]);
            self.at += plain;
            if rest[plain] != b'|' {
                self.newline_in_string(contents);
                continue;
            }
            let bar = self.here();
            let length = self.extended_length(self.at + 1);
            let close = self.at + 1 + length;
            if self.source.get(close) == Some(&b'}') {
                let text_start = self.at;
                self.at = close + 1;
                self.start = bar;
                if self.normalized(&self.source[text_start + 1..close])? == delimiter {
                    return Ok(bar);
                }
                contents.extend_from_slice(&self.source[text_start..=close]);
            } else {
                contents.push(b'|');
                self.at += 1;
            }
        }
    }

    /// A character literal, or the quote of a type variable.
    pub(super) fn char_literal(&mut self) -> LexResult<Option<Token>> {
        let newline = self.newline_length(1);
        if newline > 0 && self.peek(1 + newline) == Some(b'\'') {
            self.at += newline + 2;
            self.new_line(self.at - 1);
            return Ok(Some(Token::Char(b'\n')));
        }
        match (self.peek(1), self.peek(2)) {
            (Some(b'\\'), _) => self.escaped_char(),
            (Some(b'\''), _) => {
                self.at += 2;
                self.fail(LexError::EmptyCharacterLiteral)
            }
            (Some(c), Some(b'\'')) if !matches!(c, b'\n' | b'\r') => self.take(3, Token::Char(c)),
            _ => self.take(1, Token::Quote),
        }
    }

    fn escaped_char(&mut self) -> LexResult<Option<Token>> {
        let rest = &self.source[self.at + 2..];
        if let (Some(c), Some(b'\'')) = (rest.first().copied().and_then(simple_escape), rest.get(1)) {
            return self.take(4, Token::Char(c));
        }
        if let Some((length, value, base)) = numeric_escape(rest)
            && rest.get(length) == Some(&b'\'')
        {
            self.at += length + 3;
            return match u8::try_from(value) {
                Ok(c) => Ok(Some(Token::Char(c))),
                Err(_) => self.out_of_range(value, base),
            };
        }
        match rest.first() {
            // `'\#let` is a type variable with a raw name.
            None | Some(b'#') => self.take(1, Token::Quote),
            Some(_) => {
                let escape = String::from_utf8_lossy(&self.source[self.at + 1..self.at + 3]).into_owned();
                self.at += 3;
                self.fail(LexError::IllegalEscape(escape, None))
            }
        }
    }
}

/// The length of `u{…}` with at least one digit.
fn unicode_escape_length(rest: &[u8]) -> Option<usize> {
    let hex = rest.strip_prefix(b"u{")?;
    let length = hex.iter().take_while(|c| c.is_ascii_hexdigit()).count();
    (length > 0 && hex.get(length) == Some(&b'}')).then_some(length + 3)
}
