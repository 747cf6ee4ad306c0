//! The lexer: from bytes to all the tokens of a source text.
//!
//! The whole text is lexed before parsing, so that the parser can look ahead freely. The first
//! error ends the tokens with [`Token::Error`]; the parser reports it only if it gets there, as
//! if it had asked for tokens one by one.
//!
//! `mod.rs` dispatches on the first byte; `words.rs` has names, labels and numbers, `strings.rs`
//! the string and character literals, `comments.rs` comments and docstrings.

mod comments;
mod strings;
mod words;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use rocaml_base::{Location, Name, Position};
use rocaml_diag::Warning;

use crate::docstrings::{Docstrings, Pending};
use crate::error::LexError;
use crate::keywords::Edition;
use crate::token::{Token, keywords};

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub struct Lexeme {
    /// The token.
    pub token: Token,
    /// Position of its first byte.
    pub start: Position,
    /// Position after its last byte.
    pub end: Position,
}

/// A string literal: contents, place of the contents, delimiter of the quoted form.
pub type StringLiteral = (Arc<[u8]>, Location, Option<Name>);

/// `{%id|…|}`: name and its place, contents and their place, delimiter.
pub struct QuotedExtension {
    /// The name of the extension.
    pub id: Name,
    /// Its place.
    pub id_loc: Location,
    /// The contents.
    pub string: StringLiteral,
}

/// What the lexer makes of a source text.
pub struct Lexed {
    /// The tokens; the last is [`Token::Eof`] or [`Token::Error`].
    pub tokens: Vec<Lexeme>,
    /// String literals, by the index that their tokens carry.
    pub strings: Vec<StringLiteral>,
    /// Quoted extensions, likewise.
    pub quoted: Vec<QuotedExtension>,
    /// The docstrings.
    pub docstrings: Docstrings,
    /// The places of the comments, docstrings included.
    pub comments: Vec<Location>,
    /// Warnings, with their places.
    pub warnings: Vec<(Location, Warning)>,
    /// The error that [`Token::Error`] stands for.
    pub error: Option<(LexError, Location)>,
}

/// How to lex.
#[derive(Clone, Copy, Debug)]
pub struct LexOptions {
    /// Skip a first line `#!…` (and more lines up to `!#`), as compilers do for files.
    pub hash_bang: bool,
    /// Attach docstrings; otherwise they are mere comments.
    pub docstrings: bool,
    /// The specification of `-keywords`.
    pub keywords: Option<Name>,
}

type LexResult<T> = Result<T, (LexError, Location)>;

/// A fast hash for short words.
#[derive(Default)]
struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
            self.0 = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        self.0 ^= self.0 >> 29;
    }
}

type WordMap<'a, V> = HashMap<&'a [u8], V, BuildHasherDefault<WordHasher>>;

pub(crate) struct Lexer<'a> {
    source: &'a [u8],
    /// Offset of the next byte.
    at: usize,
    /// Position of the token being read.
    start: Position,
    file: Name,
    line: u32,
    bol: usize,
    options: LexOptions,
    /// Interned names: spares the lock of the global table.
    names: WordMap<'a, Name>,
    /// A keyword without a token is one that nobody knows.
    keywords: WordMap<'a, Option<Token>>,
    out: Lexed,
}

fn keywords_of<'a>(options: LexOptions) -> WordMap<'a, Option<Token>> {
    // An ill-formed specification was refused on the command line.
    match options.keywords.as_ref().map(|spec| Edition::parse(spec.as_str())) {
        Some(Ok(edition)) => edition.keywords().map(|(word, token)| (word.as_bytes(), token)).collect(),
        _ => keywords().map(|(word, token)| (word.as_bytes(), Some(token))).collect(),
    }
}

/// Lexes a source text; positions start at `start`, whose `cnum` is an offset into `source`.
pub fn lex(source: &[u8], start: Position, options: LexOptions) -> Lexed {
    let out = Lexed {
        tokens: Vec::with_capacity(source.len() / 4),
        strings: Vec::new(),
        quoted: Vec::new(),
        docstrings: Docstrings::default(),
        comments: Vec::new(),
        warnings: Vec::new(),
        error: None,
    };
    let mut lexer = Lexer {
        source,
        at: usize::try_from(start.cnum).unwrap_or(0),
        start,
        file: start.file,
        line: start.line,
        bol: start.bol as usize,
        options,
        names: WordMap::default(),
        keywords: keywords_of(options),
        out,
    };
    if options.hash_bang {
        lexer.skip_hash_bang();
    }
    if let Err((error, loc)) = lexer.run() {
        lexer.out.error = Some((error, loc));
        lexer.push(Token::Error, lexer.start);
    }
    lexer.out
}

const fn is_symbol(c: u8) -> bool {
    matches!(
        c,
        b'!' | b'$'
            | b'%'
            | b'&'
            | b'*'
            | b'+'
            | b'-'
            | b'.'
            | b'/'
            | b':'
            | b'<'
            | b'='
            | b'>'
            | b'?'
            | b'@'
            | b'^'
            | b'|'
            | b'~'
    )
}

/// Symbols that may follow the dot of an indexing operator, or `let` and the first symbol.
const fn is_dot_symbol(c: u8) -> bool {
    is_symbol(c) && !matches!(c, b'.' | b'<' | b'~')
}

const fn is_symbol_or_hash(c: u8) -> bool {
    is_symbol(c) || c == b'#'
}

impl<'a> Lexer<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.get(self.at + ahead).copied()
    }

    fn position(&self, offset: usize) -> Position {
        Position { file: self.file, line: self.line, bol: self.bol as u32, cnum: offset as i32 }
    }

    fn here(&self) -> Position {
        self.position(self.at)
    }

    /// From the start of the token to here.
    fn current(&self) -> Location {
        Location { start: self.start, end: self.here(), ghost: false }
    }

    fn fail<T>(&self, error: LexError) -> LexResult<T> {
        Err((error, self.current()))
    }

    fn warn(&mut self, loc: Location, warning: Warning) {
        self.out.warnings.push((loc, warning));
    }

    fn name(&mut self, text: &'a [u8]) -> Name {
        if let Some(&name) = self.names.get(text) {
            return name;
        }
        // What is not UTF-8 has been refused before.
        let name = Name::new(&String::from_utf8_lossy(text));
        self.names.insert(text, name);
        name
    }

    fn text(&self, start: usize) -> &'a [u8] {
        &self.source[start..self.at]
    }

    /// Notes that a line begins at this offset.
    fn new_line(&mut self, offset: usize) {
        self.line = self.line.wrapping_add(1);
        self.bol = offset;
    }

    fn push(&mut self, token: Token, end: Position) {
        self.out.tokens.push(Lexeme { token, start: self.start, end });
    }

    fn skip_hash_bang(&mut self) {
        let rest = &self.source[self.at..];
        if !rest.starts_with(b"#!") {
            return;
        }
        let line_end = |from: usize| rest[from..].iter().position(|&c| c == b'\n').map(|n| from + n + 1);
        let Some(first) = line_end(0) else { return };
        match line_end(first) {
            Some(second) if rest[second..].starts_with(b"!#\n") => {
                self.at += second + 3;
                self.line = self.line.wrapping_add(3);
            }
            _ => {
                self.at += first;
                self.line = self.line.wrapping_add(1);
            }
        }
        self.bol = self.at;
    }

    /// Reads all tokens, filing docstrings between them.
    fn run(&mut self) -> LexResult<()> {
        let mut previous_end = self.at as i32;
        let mut pending = Pending::Initial;
        // Whether the line began after the last comment; whether there was a blank line.
        let (mut new_line, mut blank_line) = (false, false);
        loop {
            let Some(c) = self.peek(0) else {
                self.start = self.here();
                self.out.docstrings.file(pending, blank_line, previous_end, self.at as i32);
                self.push(Token::Eof, self.start);
                return Ok(());
            };
            match c {
                b' ' | b'\t' | 12 => self.at += 1,
                b'\n' | b'\r' if self.newline_length(0) > 0 => {
                    self.at += self.newline_length(0);
                    self.new_line(self.at);
                    blank_line |= new_line;
                    new_line = true;
                }
                b'(' if self.peek(1) == Some(b'*') => {
                    self.start = self.here();
                    match self.comment()? {
                        // A comment ends a line, unless a blank line came before.
                        None => new_line = false,
                        Some(docstring) => {
                            pending = self.out.docstrings.add(pending, docstring, blank_line);
                            (new_line, blank_line) = (false, false);
                        }
                    }
                }
                _ => {
                    self.start = self.here();
                    let Some(token) = self.token(c)? else { continue };
                    if !matches!(pending, Pending::Initial) {
                        let filed = std::mem::take(&mut pending);
                        self.out.docstrings.file(filed, blank_line, previous_end, self.start.cnum);
                    }
                    let end = self.here();
                    self.push(token, end);
                    previous_end = end.cnum;
                    (new_line, blank_line) = (false, false);
                }
            }
        }
    }

    /// Length of a line end (`\r*\n`) at some bytes from here, or zero.
    fn newline_length(&self, ahead: usize) -> usize {
        let rest = &self.source[(self.at + ahead).min(self.source.len())..];
        let returns = rest.iter().take_while(|&&c| c == b'\r').count();
        if rest.get(returns) == Some(&b'\n') { returns + 1 } else { 0 }
    }

    fn take(&mut self, length: usize, token: Token) -> LexResult<Option<Token>> {
        self.at += length;
        Ok(Some(token))
    }

    /// Reads the token that begins here; a line directive is none.
    fn token(&mut self, c: u8) -> LexResult<Option<Token>> {
        match c {
            b'a'..=b'z' | b'_' => self.lowercase_word(),
            b'A'..=b'Z' => self.uppercase_word(),
            b'0'..=b'9' => self.number(),
            0xc0.. => self.extended_word(false),
            b'"' => self.string_literal(),
            b'\'' => self.char_literal(),
            b'{' => self.brace(),
            b'~' | b'?' => self.label_or_operator(c),
            b'\\' => self.raw_word(),
            b'#' => self.hash(),
            b'.' => self.dot(),
            b':' => match self.peek(1) {
                Some(b':') => self.take(2, Token::Coloncolon),
                Some(b'=') => self.take(2, Token::Colonequal),
                Some(b'>') => self.take(2, Token::Colongreater),
                _ => self.take(1, Token::Colon),
            },
            b';' if self.peek(1) == Some(b';') => self.take(2, Token::Semisemi),
            b';' => self.take(1, Token::Semi),
            b'(' => self.take(1, Token::Lparen),
            b')' => self.take(1, Token::Rparen),
            b',' => self.take(1, Token::Comma),
            b'`' => self.take(1, Token::Backquote),
            b'[' => self.bracket(),
            b']' => self.take(1, Token::Rbracket),
            b'}' => self.take(1, Token::Rbrace),
            b'!' | b'=' | b'<' | b'>' | b'|' | b'&' | b'$' | b'@' | b'^' | b'+' | b'-' | b'*' | b'/' | b'%' => {
                self.operator(c)
            }
            _ => {
                self.at += 1;
                self.fail(LexError::IllegalCharacter(c))
            }
        }
    }

    fn bracket(&mut self) -> LexResult<Option<Token>> {
        match (self.peek(1), self.peek(2), self.peek(3)) {
            (Some(b'@'), Some(b'@'), Some(b'@')) => self.take(4, Token::Lbracketatatat),
            (Some(b'@'), Some(b'@'), _) => self.take(3, Token::Lbracketatat),
            (Some(b'@'), _, _) => self.take(2, Token::Lbracketat),
            (Some(b'%'), Some(b'%'), _) => self.take(3, Token::Lbracketpercentpercent),
            (Some(b'%'), _, _) => self.take(2, Token::Lbracketpercent),
            (Some(b'|'), _, _) => self.take(2, Token::Lbracketbar),
            (Some(b'<'), _, _) => self.take(2, Token::Lbracketless),
            (Some(b'>'), _, _) => self.take(2, Token::Lbracketgreater),
            _ => self.take(1, Token::Lbracket),
        }
    }

    fn dot(&mut self) -> LexResult<Option<Token>> {
        match self.peek(1) {
            Some(b'.') => self.take(2, Token::Dotdot),
            Some(b'~') => {
                self.at += 2;
                self.fail(LexError::ReservedSequence(".~", "is reserved for use in MetaOCaml"))
            }
            Some(c) if is_dot_symbol(c) => {
                self.at += 2;
                self.skip_while(is_symbol);
                let name = self.name(self.text(self.start.cnum as usize + 1));
                Ok(Some(Token::Dotop(name)))
            }
            _ => self.take(1, Token::Dot),
        }
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.at += 1;
        }
    }

    /// Operators are as long as possible; what is punctuation is recognized afterwards.
    fn operator(&mut self, first: u8) -> LexResult<Option<Token>> {
        let start = self.at;
        self.at += 1;
        self.skip_while(if first == b'!' { is_symbol_or_hash } else { is_symbol });
        let text = self.text(start);
        let next = self.peek(0);
        let token = match (text, next) {
            (b"!", _) => Token::Bang,
            (b"=", _) => Token::Equal,
            (b"<", _) => Token::Less,
            (b"<-", _) => Token::Lessminus,
            (b">", Some(b']')) => return self.take(1, Token::Greaterrbracket),
            (b">", Some(b'}')) => return self.take(1, Token::Greaterrbrace),
            (b">", _) => Token::Greater,
            (b"|", Some(b']')) => return self.take(1, Token::Barrbracket),
            (b"|", _) => Token::Bar,
            (b"||", _) => Token::Barbar,
            (b"&", _) => Token::Ampersand,
            (b"&&", _) => Token::Amperamper,
            (b"+", _) => Token::Plus,
            (b"+.", _) => Token::Plusdot,
            (b"+=", _) => Token::Pluseq,
            (b"-", _) => Token::Minus,
            (b"-.", _) => Token::Minusdot,
            (b"->", _) => Token::Minusgreater,
            (b"%", _) => Token::Percent,
            (b"*", Some(b')')) => {
                let loc = Location { end: self.position(self.at + 1), ..self.current() };
                self.warn(loc, Warning::CommentNotEnd);
                Token::Star
            }
            (b"*", _) => Token::Star,
            (b"!=", _) => Token::Infixop0(self.name(text)),
            _ => {
                let name = self.name(text);
                match first {
                    b'!' => Token::Prefixop(name),
                    b'@' | b'^' => Token::Infixop1(name),
                    b'+' | b'-' => Token::Infixop2(name),
                    b'*' if text.starts_with(b"**") => Token::Infixop4(name),
                    b'*' | b'/' | b'%' => Token::Infixop3(name),
                    _ => Token::Infixop0(name),
                }
            }
        };
        Ok(Some(token))
    }

    fn hash(&mut self) -> LexResult<Option<Token>> {
        let start = self.at;
        self.at += 1;
        self.skip_while(is_symbol_or_hash);
        if self.at > start + 1 {
            let name = self.name(self.text(start));
            return Ok(Some(Token::Hashop(name)));
        }
        if start == self.bol && self.line_directive()? {
            return Ok(None);
        }
        Ok(Some(Token::Hash))
    }

    /// `# 12 "file"`, after the `#`. What follows on the line is ignored.
    fn line_directive(&mut self) -> LexResult<bool> {
        let rest = &self.source[self.at..];
        let blanks = |from: usize| from + rest[from..].iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
        let digits = blanks(0);
        let digits_end = digits + rest[digits..].iter().take_while(|c| c.is_ascii_digit()).count();
        let quote = blanks(digits_end);
        if digits_end == digits || rest.get(quote) != Some(&b'"') {
            return Ok(false);
        }
        let inner = &rest[quote + 1..];
        let length = inner.iter().take_while(|c| !matches!(c, b'\n' | b'\r' | b'"')).count();
        if inner.get(length) != Some(&b'"') {
            return Ok(false);
        }
        let directive_end = quote + 1 + length + 1;
        let line_end = rest[directive_end..].iter().take_while(|c| !matches!(c, b'\n' | b'\r')).count();
        self.start = self.here();
        self.at += directive_end + line_end;
        let number = std::str::from_utf8(&rest[digits..digits_end]).ok().and_then(|text| text.parse::<i64>().ok());
        let Some(number) = number.filter(|n| *n < 1 << 62) else {
            let directive = format!("#{}", String::from_utf8_lossy(&rest[..directive_end]));
            return self.fail(LexError::InvalidDirective(directive, Some("line number out of range")));
        };
        self.file = self.name(&inner[..length]);
        self.line = (number - 1) as u32;
        self.bol = self.at;
        Ok(true)
    }
}
