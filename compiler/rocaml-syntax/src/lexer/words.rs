//! Names, keywords, labels and numbers.

use super::{LexResult, Lexer, is_dot_symbol, is_symbol_or_hash};
use crate::error::LexError;
use crate::token::Token;
use crate::utf8_lexeme;

const fn is_ident(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c == b'\''
}

const fn is_ident_start(c: u8) -> bool {
    c.is_ascii_alphabetic() || c == b'_'
}

/// The first symbol after `let` and `and` in binding operators.
const fn is_keyword_symbol(c: u8) -> bool {
    is_dot_symbol(c) && !matches!(c, b'!' | b'%' | b':' | b'?') || c == b'<'
}

const fn is_modifier(c: u8) -> bool {
    matches!(c, b'g'..=b'z' | b'G'..=b'Z')
}

impl<'a> Lexer<'a> {
    /// Length of the extended identifier that begins at an offset, or zero.
    pub(super) fn extended_length(&self, offset: usize) -> usize {
        let mut at = offset;
        while let Some(&c) = self.source.get(at) {
            if c >= 0xc0 {
                at += 1;
                while self.source.get(at).is_some_and(|c| (0x80..0xc0).contains(c)) {
                    at += 1;
                }
            } else if is_ident_start(c) || (at > offset && is_ident(c)) {
                at += 1;
            } else {
                break;
            }
        }
        at - offset
    }

    pub(super) fn lowercase_word(&mut self) -> LexResult<Option<Token>> {
        let start = self.at;
        self.at += 1;
        self.skip_while(is_ident);
        if self.peek(0).is_some_and(|c| c >= 0xc0) {
            self.at = start;
            return self.extended_word(false);
        }
        let word = self.text(start);
        if word == b"_" {
            return Ok(Some(Token::Underscore));
        }
        if (word == b"let" || word == b"and") && self.peek(0).is_some_and(is_keyword_symbol) {
            let is_let = word == b"let";
            self.at += 1;
            self.skip_while(is_dot_symbol);
            let name = self.name(self.text(start));
            return Ok(Some(if is_let { Token::Letop(name) } else { Token::Andop(name) }));
        }
        if let Some(&token) = self.keywords.get(word) {
            let unknown = || LexError::UnknownKeyword(String::from_utf8_lossy(word).into_owned());
            return token.map_or_else(|| self.fail(unknown()), |token| Ok(Some(token)));
        }
        Ok(Some(Token::Lident(self.name(word))))
    }

    pub(super) fn uppercase_word(&mut self) -> LexResult<Option<Token>> {
        let start = self.at;
        self.skip_while(is_ident);
        if self.peek(0).is_some_and(|c| c >= 0xc0) {
            self.at = start;
            return self.extended_word(false);
        }
        Ok(Some(Token::Uident(self.name(self.text(start)))))
    }

    /// `\#let`, or an error.
    pub(super) fn raw_word(&mut self) -> LexResult<Option<Token>> {
        let starts = self.peek(2).is_some_and(|c| is_ident_start(c) || c >= 0xc0);
        if self.peek(1) == Some(b'#') && starts {
            self.at += 2;
            return self.extended_word(true);
        }
        self.at += 1 + self.newline_length(1);
        self.fail(LexError::IllegalCharacter(b'\\'))
    }

    /// A name with letters beyond ASCII, or a raw one.
    pub(super) fn extended_word(&mut self, raw: bool) -> LexResult<Option<Token>> {
        let start = self.at;
        self.at += self.extended_length(start);
        let name = self.valid_name(self.text(start))?;
        let is_capitalized = utf8_lexeme::is_capitalized(&name);
        let interned = rocaml_base::Name::new(&name);
        match (is_capitalized, raw) {
            (true, true) => self.fail(LexError::CapitalizedRawIdentifier(name)),
            (true, false) => Ok(Some(Token::Uident(interned))),
            (false, _) => Ok(Some(Token::Lident(interned))),
        }
    }

    pub(super) fn normalized(&self, raw: &[u8]) -> LexResult<String> {
        utf8_lexeme::normalize(raw)
            .or_else(|_| self.fail(LexError::InvalidEncoding(String::from_utf8_lossy(raw).into_owned())))
    }

    fn valid_name(&self, raw: &[u8]) -> LexResult<String> {
        let name = self.normalized(raw)?;
        match utf8_lexeme::invalid_character(&name, false) {
            Some(c) => self.fail(LexError::InvalidCharInIdent(c)),
            None => Ok(name),
        }
    }

    /// `~` and `?`: labels, prefix operators, or themselves.
    pub(super) fn label_or_operator(&mut self, c: u8) -> LexResult<Option<Token>> {
        let start = self.at;
        let raw = self.source[start + 1..].starts_with(b"\\#");
        let word = start + if raw { 3 } else { 1 };
        let length = self.extended_length(word);
        if length > 0 && self.source.get(word + length) == Some(&b':') {
            self.at = word + length + 1;
            let raw_name = &self.source[word..word + length];
            let name = self.valid_name(raw_name)?;
            if utf8_lexeme::is_capitalized(&name) {
                return self.fail(LexError::CapitalizedLabel(name));
            }
            if !raw && self.keywords.contains_key(raw_name) {
                return self.fail(LexError::KeywordAsLabel(name));
            }
            let name = rocaml_base::Name::new(&name);
            return Ok(Some(if c == b'~' { Token::Label(name) } else { Token::Optlabel(name) }));
        }
        self.at += 1;
        self.skip_while(is_symbol_or_hash);
        if self.at > start + 1 {
            let name = self.name(self.text(start));
            return Ok(Some(Token::Prefixop(name)));
        }
        Ok(Some(if c == b'~' { Token::Tilde } else { Token::Question }))
    }

    /// An integer or a float, with its suffix.
    pub(super) fn number(&mut self) -> LexResult<Option<Token>> {
        let start = self.at;
        let is_float = self.number_body();
        let text = self.text(start);
        let next = self.peek(0);
        let modifier = next.filter(|&c| is_modifier(c) && !self.peek(1).is_some_and(is_ident));
        if modifier.is_none() && next.is_some_and(is_ident) {
            self.skip_while(is_ident);
            let text = String::from_utf8_lossy(self.text(start)).into_owned();
            return self.fail(LexError::InvalidLiteral(text));
        }
        self.at += usize::from(modifier.is_some());
        let (name, modifier) = (self.name(text), modifier.map(char::from));
        Ok(Some(if is_float { Token::Float(name, modifier) } else { Token::Int(name, modifier) }))
    }

    /// Skips the digits; tells whether they make a float.
    fn number_body(&mut self) -> bool {
        let second = self.peek(2);
        let prefix = if self.peek(0) == Some(b'0') { self.peek(1) } else { None };
        match prefix {
            Some(b'x' | b'X') if second.is_some_and(|c| c.is_ascii_hexdigit()) => {
                self.at += 2;
                self.fraction_and_exponent(|c| c.is_ascii_hexdigit() || c == b'_', [b'p', b'P'])
            }
            Some(b'o' | b'O') if second.is_some_and(|c| matches!(c, b'0'..=b'7')) => {
                self.at += 2;
                self.skip_while(|c| matches!(c, b'0'..=b'7' | b'_'));
                false
            }
            Some(b'b' | b'B') if second.is_some_and(|c| matches!(c, b'0' | b'1')) => {
                self.at += 2;
                self.skip_while(|c| matches!(c, b'0' | b'1' | b'_'));
                false
            }
            _ => self.fraction_and_exponent(|c| c.is_ascii_digit() || c == b'_', [b'e', b'E']),
        }
    }

    fn fraction_and_exponent(&mut self, is_digit: impl Fn(u8) -> bool, exponent: [u8; 2]) -> bool {
        let mut is_float = false;
        self.skip_while(&is_digit);
        if self.peek(0) == Some(b'.') {
            is_float = true;
            self.at += 1;
            self.skip_while(&is_digit);
        }
        if self.peek(0).is_some_and(|c| exponent.contains(&c)) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if self.peek(1 + sign).is_some_and(|c| c.is_ascii_digit()) {
                is_float = true;
                self.at += 1 + sign;
                self.skip_while(|c| c.is_ascii_digit() || c == b'_');
            }
        }
        is_float
    }
}
