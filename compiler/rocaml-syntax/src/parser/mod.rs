//! The parser: recursive descent with precedence climbing, over the tokens of a whole text.
//!
//! Functions bear the names of upstream's grammar. Where they build a node its place runs from
//! the first token to the last token taken ([`Parser::loc`]); what the grammar leaves empty has the
//! place of the end of the token before. Upstream's parser reports an error at the first token that
//! no program can have there, and so does this one, by never taking a token too many. Its special
//! messages (`… expected`, `… might be unmatched`) arise only where all that stands before the
//! wrong token is complete.

mod attributes;
mod bindings;
mod build;
mod class;
mod class_types;
mod declarations;
mod expr;
mod functions;
mod modules;
mod names;
mod pattern;
mod pattern_simple;
mod signature;
mod simple;
mod structure;
mod toplevel;
mod types;
mod types_atomic;

use rocaml_base::{Loc, Location, Name, Position};
use rocaml_diag::Warning;

use crate::ast::{CoreType, Expression, Pattern, Signature, Structure, ToplevelPhrase};
use crate::deep;
use crate::docstrings::Docstrings;
use crate::error::{ParseError, SyntaxError};
use crate::lexer::{LexOptions, Lexed, Lexeme, lex};
use crate::longident::Longident;
use crate::token::Token;

/// How to parse.
#[derive(Clone, Copy, Debug)]
pub struct ParseOptions {
    /// `-unsafe`: indexing calls the unchecked functions.
    pub unsafe_indexing: bool,
    /// `-no-app-func` makes this false: no paths `F(X).t`.
    pub applicative_functors: bool,
    /// Attach docstrings.
    pub docstrings: bool,
    /// Skip a first line `#!…`.
    pub hash_bang: bool,
    /// `-keywords`: which words are keywords.
    pub keywords: Option<Name>,
}

impl Default for ParseOptions {
    fn default() -> Self {
        ParseOptions {
            unsafe_indexing: false,
            applicative_functors: true,
            docstrings: true,
            hash_bang: true,
            keywords: None,
        }
    }
}

/// The outcome of parsing.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The tree, or what is wrong.
    pub result: Result<T, SyntaxError>,
    /// Warnings, in upstream's order.
    pub warnings: Vec<(Location, Warning)>,
    /// The places of the comments, in the order of the text.
    pub comments: Vec<Location>,
}

/// Parses an implementation.
pub fn parse_implementation(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Structure> {
    parse(file, source, options, |parser| parser.implementation())
}

/// Parses an interface.
pub fn parse_interface(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Signature> {
    parse(file, source, options, |parser| parser.interface())
}

/// Parses a file for `#use`.
pub fn parse_use_file(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Vec<ToplevelPhrase>> {
    parse(file, source, options, |parser| parser.use_file())
}

/// The same from `start` on, whose `cnum` is an offset into `source`: positions continue from there.
pub fn parse_use_file_from(source: &[u8], start: Position, options: ParseOptions) -> Parsed<Vec<ToplevelPhrase>> {
    deep::on_deep_stack(|| {
        let mut parser = Parser::new(source, start, ParseOptions { hash_bang: false, ..options });
        let result = parser.use_file();
        parser.finish(result)
    })
}

/// Parses an expression.
pub fn parse_expression(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Expression> {
    parse(file, source, options, |parser| parser.entry(Parser::seq_expr))
}

/// Parses a type expression.
pub fn parse_core_type(file: Name, source: &[u8], options: ParseOptions) -> Parsed<CoreType> {
    parse(file, source, options, |parser| parser.entry(Parser::core_type))
}

/// Parses a pattern.
pub fn parse_pattern(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Pattern> {
    parse(file, source, options, |parser| parser.entry(Parser::pattern))
}

/// Parses a path of modules, as `-open` takes it.
pub fn parse_simple_module_path(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Loc<Longident>> {
    let options = ParseOptions { hash_bang: false, docstrings: false, ..options };
    parse(file, source, options, |parser| parser.entry(Parser::closed_mod_longident))
}

/// Parses the toplevel phrase that begins at `start` (its `cnum` is an offset into `source`).
/// Returns it, or nothing at the end of the text, and the position where the next one begins.
///
/// After an error the rest of the phrase is skipped, as the interactive toplevel does.
pub fn parse_toplevel_phrase(
    source: &[u8],
    start: Position,
    options: ParseOptions,
) -> (Parsed<Option<ToplevelPhrase>>, Position) {
    deep::on_deep_stack(|| {
        let mut parser = Parser::new(source, start, options);
        let result = parser.toplevel_phrase();
        if result.is_err() {
            parser.skip_phrase();
        }
        let next = parser.prev_end;
        (parser.finish(result), next)
    })
}

fn parse<T: Send>(
    file: Name,
    source: &[u8],
    options: ParseOptions,
    entry: impl FnOnce(&mut Parser) -> Res<T> + Send,
) -> Parsed<T> {
    let start = Position { file, line: 1, bol: 0, cnum: 0 };
    deep::on_deep_stack(|| {
        let mut parser = Parser::new(source, start, options);
        let result = entry(&mut parser);
        parser.finish(result)
    })
}

type Res<T> = Result<T, Box<SyntaxError>>;

struct Parser {
    tokens: Vec<Lexeme>,
    /// Index of the next token.
    at: usize,
    /// End of the last token taken.
    prev_end: Position,
    lexed: Lexed,
    docs: Docstrings,
    options: ParseOptions,
    /// Index of the token after the last simple pattern, and of its first token.
    last_simple_pattern: (usize, usize),
    /// Structures and signatures around the next token.
    modules: usize,
}

/// How deeply structures and signatures may stand in one another. Type checking them takes time that grows with the
/// square of that, or worse.
const MODULES_MAX: usize = 1000;

impl Parser {
    fn new(source: &[u8], start: Position, options: ParseOptions) -> Parser {
        let lex_options =
            LexOptions { hash_bang: options.hash_bang, docstrings: options.docstrings, keywords: options.keywords };
        let mut lexed = lex(source, start, lex_options);
        Parser {
            tokens: std::mem::take(&mut lexed.tokens),
            at: 0,
            prev_end: start,
            docs: std::mem::take(&mut lexed.docstrings),
            lexed,
            options,
            last_simple_pattern: (0, 0),
            modules: 0,
        }
    }

    fn finish<T>(mut self, result: Res<T>) -> Parsed<T> {
        let mut warnings = std::mem::take(&mut self.lexed.warnings);
        let result = result.map_err(|error| *error);
        match &result {
            Ok(_) => warnings.extend(self.docs.warnings()),
            // Upstream has not read beyond the wrong token.
            Err(_) => {
                let end = self.here().end.cnum;
                warnings.retain(|(loc, _)| loc.start.cnum < end);
            }
        }
        Parsed { result, warnings, comments: std::mem::take(&mut self.lexed.comments) }
    }

    fn entry<T>(&mut self, parse: impl FnOnce(&mut Parser) -> Res<T>) -> Res<T> {
        let tree = parse(self)?;
        self.expect(Token::Eof)?;
        Ok(tree)
    }

    fn implementation(&mut self) -> Res<Structure> {
        self.entry(Parser::structure)
    }

    fn interface(&mut self) -> Res<Signature> {
        self.entry(Parser::signature)
    }

    // -- Tokens ---------------------------------------------------------------------------------

    fn here(&self) -> Lexeme {
        self.tokens[self.at]
    }

    fn token(&self) -> Token {
        self.tokens[self.at].token
    }

    /// The token some places ahead.
    fn peek(&self, ahead: usize) -> Token {
        self.tokens.get(self.at + ahead).map_or(Token::Eof, |lexeme| lexeme.token)
    }

    fn start(&self) -> Position {
        self.tokens[self.at].start
    }

    fn bump(&mut self) {
        self.prev_end = self.tokens[self.at].end;
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    fn is(&self, token: Token) -> bool {
        self.token() == token
    }

    /// Takes a token if it is next.
    fn eat(&mut self, token: Token) -> bool {
        let found = self.is(token);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, token: Token) -> Res<()> {
        if self.eat(token) { Ok(()) } else { self.error() }
    }

    /// Takes the closing token of what began at `opening`.
    fn close(&mut self, opening: Location, opening_text: &'static str, token: Token) -> Res<()> {
        if self.eat(token) {
            return Ok(());
        }
        let closing = token.fixed_text().unwrap_or("");
        self.error_with(ParseError::Unclosed(opening, opening_text, closing))
    }

    fn here_loc(&self) -> Location {
        let Lexeme { start, end, .. } = self.here();
        Location { start, end, ghost: false }
    }

    /// The place of a token, to be taken now.
    fn bump_loc(&mut self) -> Location {
        let loc = self.here_loc();
        self.bump();
        loc
    }

    // -- Errors ---------------------------------------------------------------------------------

    fn lex_error(&self) -> Option<Box<SyntaxError>> {
        if !self.is(Token::Error) {
            return None;
        }
        let (error, loc) = self.lexed.error.clone()?;
        Some(Box::new(SyntaxError::Lex(error, loc)))
    }

    /// A plain syntax error at the next token.
    fn error<T>(&self) -> Res<T> {
        self.error_with(ParseError::Other)
    }

    /// A special error at the next token.
    fn error_with<T>(&self, error: ParseError) -> Res<T> {
        Err(self.lex_error().unwrap_or_else(|| Box::new(SyntaxError::Parse(error, self.here_loc()))))
    }

    fn expecting<T>(&self, what: &'static str) -> Res<T> {
        self.error_with(ParseError::Expecting(what))
    }

    /// An error at a place that was already read.
    fn error_at<T>(&self, loc: Location, error: ParseError) -> Res<T> {
        Err(Box::new(SyntaxError::Parse(error, loc)))
    }

    /// To be called by all functions that recur.
    fn check_depth(&self) -> Res<()> {
        if deep::is_exhausted() { self.error_with(ParseError::NestingTooDeep) } else { Ok(()) }
    }

    /// Parses the items of a structure or signature.
    fn within_module<T>(&mut self, items: impl FnOnce(&mut Parser) -> Res<T>) -> Res<T> {
        self.check_depth()?;
        if self.modules > MODULES_MAX {
            return self.error_with(ParseError::NestingTooDeep);
        }
        self.modules += 1;
        let result = items(self);
        self.modules -= 1;
        result
    }

    // -- Places ---------------------------------------------------------------------------------

    /// From `start` to the last token taken.
    fn loc(&self, start: Position) -> Location {
        Location { start, end: self.prev_end, ghost: false }
    }

    fn ghost_loc(&self, start: Position) -> Location {
        Location { start, end: self.prev_end, ghost: true }
    }

    fn mkrhs<T>(&self, txt: T, start: Position) -> Loc<T> {
        Loc::new(txt, self.loc(start))
    }
}
