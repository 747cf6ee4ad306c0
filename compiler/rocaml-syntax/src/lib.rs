//! From source text to parse tree: lexer, parser, the tree itself, its printers and its visitor.

pub mod ast;
pub mod asttypes;
pub mod attribute_use;
pub mod deep;
pub mod docstrings;
pub mod error;
pub mod ghost_locations;
pub mod invariants;
pub mod keywords;
pub mod lexer;
pub mod longident;
pub mod parser;
pub mod pprintast;
pub mod printast;
pub mod token;
pub mod utf8_lexeme;
pub mod visit;

pub use error::{LexError, ParseError, SyntaxError};
pub use parser::{
    ParseOptions, Parsed, parse_core_type, parse_expression, parse_implementation, parse_interface, parse_pattern,
    parse_simple_module_path, parse_toplevel_phrase, parse_use_file, parse_use_file_from,
};
