//! From source text to parse tree: lexer, parser, the tree itself, its printers and its visitor.

pub mod ast;
pub mod asttypes;
pub mod longident;
