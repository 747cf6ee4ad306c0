//! What every phase shares: interned names and source locations.
//!
//! [`Name`] is an interned string; [`Location`] is upstream's `Location.t`: two lexing positions
//! and a flag, kept small enough to copy.

mod location;
mod name;

pub use location::{Loc, Location, Position};
pub use name::Name;
