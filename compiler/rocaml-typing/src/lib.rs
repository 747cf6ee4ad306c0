//! Type inference and checking: from a parse tree to a [`typedtree`] and its signature.
//!
//! [`typecore`] types expressions and patterns, [`typetexp`] type expressions, [`parmatch`]
//! analyses matches, [`rec_check`] judges recursive values. [`typedecl`] types declarations, [`typeclass`]
//! classes and [`typemod`] modules, whose inclusion is judged by [`includemod`] and [`includecore`].

pub mod attributes;
pub mod diffing;
pub mod error;
pub mod includeclass;
pub mod includecore;
pub mod includemod;
pub mod mtype;
pub mod parmatch;
pub mod rec_check;
pub mod remove_aliases;
pub mod rows;
pub mod saved_types;
pub mod state;
pub mod tast_iterator;
pub mod typeclass;
pub mod typecore;
pub mod typedecl;
pub mod typedtree;
pub mod typemod;
pub mod typeopt;
pub mod typetexp;

pub use error::{Error, Result};
