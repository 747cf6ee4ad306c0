//! The Lambda language, its production from the typed tree and its simplification: upstream's
//! `Lambda`, `Translcore`, `Translclass`, `Translmod`, `Translprim`, `Typeopt`, `Matching` and
//! `Simplif`.
//!
//! [`transl_implementation`] makes a [`lambda::Program`], [`simplify`] improves it; [`print`] shows
//! it and [`verify`] checks it.

mod attributes;
pub mod error;
pub mod free_variables;
mod kinds;
pub mod lambda;
mod map;
mod matching;
pub mod print;
mod rename;
mod scopes;
mod simplif;
mod tail_mod_cons;
mod translator;
mod translclass;
mod translcore;
mod translmod;
mod translobj;
mod translprim;
pub mod verify;

pub use error::Error;
pub use map::Position;
pub use rename::{copy_with, fresh_label, rename_units, restart_labels};
pub use simplif::prepare_native;
pub use translator::Options;
pub use translcore::MAX_ARITY;
pub use translmod::toplevel::{Phrase, PhraseResult, only_expression};

use rocaml_base::Name;
use rocaml_diag::report::Report;
use rocaml_types::Ident;
use rocaml_types::context::Context;
use rocaml_typing::typedtree::{Implementation, ModuleCoercion, Structure};

/// Translates a unit, or reports what is not to be translated.
pub fn transl_implementation(
    cx: &Context,
    unit: Name,
    impl_: &Implementation,
    options: &Options,
) -> Result<lambda::Program, Report> {
    restart_labels();
    translmod::transl_implementation(cx, unit, impl_, options).map_err(|error| error.report())
}

/// Simplifies a unit, or reports what cannot be done that it asks for.
pub fn simplify(cx: &Context, program: lambda::Program) -> Result<lambda::Program, Report> {
    simplif::simplify(cx, program).map_err(|error| error.report())
}

/// Translates a phrase of a toplevel session by itself: for what that may complain of, and to be shown.
pub fn transl_phrase(
    cx: &Context,
    unit: Name,
    structure: &Structure,
    options: &Options,
) -> Result<lambda::Program, Report> {
    translmod::toplevel::transl_phrase(cx, unit, structure, options).map_err(|error| error.report())
}

/// Translates phrases of a toplevel session into a unit that evaluates them and tells `support` of each.
pub fn transl_phrases(
    cx: &Context,
    unit: Name,
    phrases: &[Phrase],
    support: Name,
    options: &Options,
) -> Result<lambda::Program, Report> {
    translmod::toplevel::transl_phrases(cx, unit, phrases, support, options).map_err(|error| error.report())
}

/// Makes the program of a pack of units (`-pack`): upstream's `transl_package`.
pub fn transl_package(
    cx: &Context,
    unit: Name,
    components: &[(Ident, Option<Name>)],
    coercion: &ModuleCoercion,
) -> Result<lambda::Program, Report> {
    translmod::transl_package(cx, unit, components, coercion).map_err(|error| error.report())
}
