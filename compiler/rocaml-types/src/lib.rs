//! Types and the environment: the counterpart of upstream's `Ident`, `Path`, `Types`, `Btype`,
//! `Ctype`, `Subst`, `Predef`, `Env`, `Datarepr`, `Printtyp` and `Errortrace`.
//!
//! Start at [`types`] (what a type and a declaration are) and [`store`] (the only door to a type
//! node); unification and generalisation are in [`ctype`], name lookup in [`env`].

pub mod env;
pub mod ident;
pub mod path;
pub mod primitive;
pub mod store;
pub mod types;

pub use ident::Ident;
pub use path::Path;
pub use store::{Level, TypeStore};
pub use types::*;
