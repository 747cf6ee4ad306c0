//! What can be wrong with a source text, and the messages about it.

use rocaml_base::Location;
use rocaml_diag::{Doc, Report};

/// Errors of the lexer, as upstream's `Lexer.error`.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum LexError {
    IllegalCharacter(u8),
    /// The escape, and why it is illegal.
    IllegalEscape(String, Option<String>),
    ReservedSequence(&'static str, &'static str),
    UnterminatedComment,
    UnterminatedString,
    /// The place where the string begins.
    UnterminatedStringInComment(Location),
    EmptyCharacterLiteral,
    KeywordAsLabel(String),
    /// A keyword that `-keywords` added, and that means nothing here.
    UnknownKeyword(String),
    CapitalizedLabel(String),
    InvalidLiteral(String),
    InvalidDirective(String, Option<&'static str>),
    InvalidEncoding(String),
    InvalidCharInIdent(char),
    NonLowercaseDelimiter(String),
    CapitalizedRawIdentifier(String),
}

/// Why a module type does not make a package type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum InvalidPackageType {
    ParameterizedTypes,
    ConstrainedTypes,
    PrivateTypes,
    NotWithType,
    NeitherIdentifierNorWithType,
}

/// Errors of the parser, as upstream's `Syntaxerr.error`; the location is apart.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum ParseError {
    /// Place of the opening, opening, closing.
    Unclosed(Location, &'static str, &'static str),
    Expecting(&'static str),
    NotExpecting(&'static str),
    ApplicativePath,
    VariableInScope(String),
    Other,
    InvalidPackageType(InvalidPackageType),
    RemovedStringSet,
    /// Deeper nested than the parser can follow.
    NestingTooDeep,
}

/// An error in a source text, with its place.
#[derive(Clone, PartialEq, Debug)]
pub enum SyntaxError {
    /// Found by the lexer.
    Lex(LexError, Location),
    /// Found by the parser.
    Parse(ParseError, Location),
}

impl SyntaxError {
    /// The place.
    pub fn location(&self) -> Location {
        match self {
            SyntaxError::Lex(_, loc) | SyntaxError::Parse(_, loc) => *loc,
        }
    }

    /// The diagnostic.
    pub fn report(&self) -> Report {
        match self {
            SyntaxError::Lex(error, loc) => error.report(*loc),
            SyntaxError::Parse(error, loc) => error.report(*loc),
        }
    }
}

fn explained(text: String, separator: &str, explanation: Option<&str>) -> Doc {
    match explanation {
        Some(explanation) => Doc::from(format!("{text}{separator}{explanation}")),
        None => Doc::from(text),
    }
}

/// A byte as OCaml's `Char.escaped` writes it.
pub fn escaped_char(c: u8) -> String {
    match c {
        b'\'' => "\\'".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\r' => "\\r".to_owned(),
        8 => "\\b".to_owned(),
        b' '..=b'~' => (c as char).to_string(),
        _ => format!("\\{c:03}"),
    }
}

/// Bytes as OCaml's `%S` writes them.
pub fn quoted_string(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for &c in bytes {
        match c {
            b'"' => text.push_str("\\\""),
            b'\'' => text.push('\''),
            _ => text.push_str(&escaped_char(c)),
        }
    }
    text.push('"');
    text
}

impl LexError {
    fn report(&self, loc: Location) -> Report {
        let doc = match self {
            LexError::IllegalCharacter(c) => Doc::from(format!("Illegal character ({})", escaped_char(*c))),
            LexError::IllegalEscape(escape, why) => {
                explained(format!("Illegal backslash escape in string or character ({escape})"), ": ", why.as_deref())
            }
            LexError::ReservedSequence(text, why) => {
                explained(format!("Reserved character sequence: {text}"), " ", Some(why))
            }
            LexError::UnterminatedComment => "Comment not terminated".into(),
            LexError::UnterminatedString => "String literal not terminated".into(),
            LexError::UnterminatedStringInComment(literal) => {
                return Report::error(loc, "This comment contains an unterminated string literal")
                    .with_note(*literal, "String literal begins here");
            }
            LexError::EmptyCharacterLiteral => {
                let hint = Doc::template(
                    "%a: Did you mean %a or a type variable %a?",
                    &[Doc::hint(), Doc::code("' '"), Doc::code("'a")],
                );
                return Report::error(loc, "Illegal empty character literal ''").with_hint(hint);
            }
            LexError::KeywordAsLabel(word) => {
                Doc::template("%a is a keyword, it cannot be used as label name", &[Doc::code(word)])
            }
            LexError::UnknownKeyword(word) => Doc::template(
                "%a has been defined as an additional keyword.@ This version of OCaml does not support this keyword.",
                &[Doc::code(word)],
            ),
            LexError::CapitalizedLabel(label) => Doc::template(
                "%a cannot be used as label name, it must start with a lowercase letter",
                &[Doc::code(label)],
            ),
            LexError::InvalidLiteral(text) => Doc::from(format!("Invalid literal {text}")),
            LexError::InvalidDirective(directive, why) => {
                explained(format!("Invalid lexer directive {}", quoted_string(directive.as_bytes())), ": ", *why)
            }
            LexError::InvalidEncoding(name) => Doc::from(format!("Invalid encoding of identifier {name}.")),
            LexError::InvalidCharInIdent(c) => {
                Doc::from(format!("Invalid character U+{:04X} in identifier", u32::from(*c)))
            }
            LexError::NonLowercaseDelimiter(name) => Doc::template(
                "%a cannot be used as a quoted string delimiter,@ it must contain only lowercase letters.",
                &[Doc::code(name)],
            ),
            LexError::CapitalizedRawIdentifier(name) => Doc::template(
                "%a cannot be used as a raw identifier, it must start with a lowercase letter",
                &[Doc::code(name)],
            ),
        };
        Report::error(loc, doc)
    }
}

impl ParseError {
    fn report(&self, loc: Location) -> Report {
        let doc = match self {
            ParseError::Unclosed(opening_loc, opening, closing) => {
                let doc = Doc::template("Syntax error: %a expected", &[Doc::code(closing)]);
                let note = Doc::template("This %a might be unmatched", &[Doc::code(opening)]);
                return Report::error(loc, doc).with_note(*opening_loc, note);
            }
            ParseError::Expecting(what) => Doc::template("Syntax error: %a expected.", &[Doc::code(what)]),
            ParseError::NotExpecting(what) => Doc::template("Syntax error: %a not expected.", &[Doc::code(what)]),
            ParseError::ApplicativePath => Doc::template(
                "Syntax error: applicative paths of the form %a are not supported when the option %a is set.",
                &[Doc::code("F(X).t"), Doc::code("-no-app-func")],
            ),
            ParseError::VariableInScope(variable) => Doc::template(
                "In this scoped type, variable %a is reserved for the local type %a.",
                &[Doc::code(tyvar(variable)), Doc::code(variable)],
            ),
            ParseError::Other => "Syntax error".into(),
            ParseError::InvalidPackageType(why) => {
                Doc::template("Syntax error: invalid package type: %a", &[why.message()])
            }
            ParseError::RemovedStringSet => return removed_string_set(loc),
            ParseError::NestingTooDeep => "Syntax error: this program is nested too deeply".into(),
        };
        Report::error(loc, doc)
    }
}

fn removed_string_set(loc: Location) -> Report {
    let doc = Doc::template("Syntax error: strings are immutable,@ there@ is@ no@ assignment@ syntax@ for@ them.", &[]);
    let bytes = "%a: Mutable sequences of bytes are available in the %a module.";
    let set = "%a: Did you mean to use %a?";
    Report::error(loc, doc)
        .with_hint(Doc::template(bytes, &[Doc::hint(), Doc::code("Bytes")]))
        .with_hint(Doc::template(set, &[Doc::hint(), Doc::code("Bytes.set")]))
}

impl InvalidPackageType {
    fn message(self) -> Doc {
        match self {
            InvalidPackageType::ParameterizedTypes => "parametrized types are not supported".into(),
            InvalidPackageType::ConstrainedTypes => "constrained types are not supported".into(),
            InvalidPackageType::PrivateTypes => "private types are not supported".into(),
            InvalidPackageType::NotWithType => {
                Doc::template("only %a constraints are supported", &[Doc::code("with type t =")])
            }
            InvalidPackageType::NeitherIdentifierNorWithType => {
                Doc::template("only module type identifier and %a constraints are supported", &[Doc::code("with type")])
            }
        }
    }
}

/// A type variable as source text.
pub fn tyvar(name: &str) -> String {
    if name.as_bytes().get(1) == Some(&b'\'') {
        // Without the space it would be a character literal.
        format!("' {name}")
    } else if crate::token::is_keyword(name) {
        format!("'\\#{name}")
    } else if name == "_" {
        name.to_owned()
    } else {
        format!("'{name}")
    }
}
