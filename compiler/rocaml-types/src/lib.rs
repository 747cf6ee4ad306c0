//! Types and the environment: the counterpart of upstream's `Ident`, `Path`, `Types`, `Btype`,
//! `Ctype`, `Subst`, `Predef`, `Env`, `Datarepr`, `Printtyp` and `Errortrace`.
//!
//! Start at [`types`] (what a type and a declaration are), [`store`] (the only door to a type
//! node) and [`context`] (the state of a session); unification and generalisation are in
//! [`ctype`], name lookup in [`env`].

pub mod btype;
pub mod context;
pub mod ctype;
pub mod datarepr;
pub mod env;
pub mod errortrace;
pub mod ident;
pub mod mtype;
pub mod path;
pub mod predef;
pub mod primitive;
pub mod printtyp;
pub mod store;
pub mod subst;
pub mod types;

#[cfg(test)]
mod tests;

pub use context::Context;
pub use env::Env;
pub use ident::Ident;
pub use path::Path;
pub use store::{Level, TypeStore};
pub use types::*;
