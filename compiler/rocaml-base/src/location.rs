//! Source locations, as upstream's `Lexing.position` and `Location.t`.

use crate::Name;
use serde::{Deserialize, Serialize};

/// A place in a source text: upstream's `Lexing.position`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Position {
    /// The file, as named by the command line or by a `# n "file"` directive.
    pub file: Name,
    /// Line, from 1; 0 in [`Position::none`].
    pub line: u32,
    /// Byte offset of the beginning of the line.
    pub bol: u32,
    /// Byte offset from the beginning of the source; `-1` in [`Position::none`].
    pub cnum: i32,
}

impl Position {
    /// Upstream's `Lexing.dummy_pos` within `file`.
    pub fn none(file: Name) -> Position {
        Position { file, line: 0, bol: 0, cnum: -1 }
    }
    /// Column in bytes, from 0.
    pub fn column(&self) -> i32 {
        self.cnum - self.bol as i32
    }
}

/// A range of source text: upstream's `Location.t`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Location {
    /// First position.
    pub start: Position,
    /// Position after the last byte.
    pub end: Position,
    /// Made by the compiler: such code has no text of its own.
    pub ghost: bool,
}

impl Location {
    /// No place at all: upstream's `Location.none` (`in_file "_none_"`).
    pub fn none() -> Location {
        Location::in_file(Name::new("_none_"))
    }
    /// The whole of a file: upstream's `Location.in_file`.
    pub fn in_file(file: Name) -> Location {
        let position = Position::none(file);
        Location { start: position, end: position, ghost: true }
    }
    /// Whether this is [`Location::none`].
    pub fn is_none(&self) -> bool {
        self.start.file == "_none_" && self.start.cnum == -1
    }
    /// The same place, marked as made by the compiler.
    pub fn ghost(self) -> Location {
        Location { ghost: true, ..self }
    }
    /// From the start of `self` to the end of `last`.
    pub fn to(self, last: Location) -> Location {
        Location { start: self.start, end: last.end, ghost: self.ghost && last.ghost }
    }
}

/// A thing with its place: upstream's `Location.loc` (`txt`, `loc`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Loc<T> {
    /// The thing.
    pub txt: T,
    /// Where it stands.
    pub loc: Location,
}

impl<T> Loc<T> {
    /// Pairs a thing with its place.
    pub fn new(txt: T, loc: Location) -> Loc<T> {
        Loc { txt, loc }
    }
    /// A thing without a place.
    pub fn none(txt: T) -> Loc<T> {
        Loc { txt, loc: Location::none() }
    }
    /// The same place, another thing.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Loc<U> {
        Loc { txt: f(self.txt), loc: self.loc }
    }
}
