//! Analysis of pattern matching: exhaustiveness, redundancy, fragility, ambiguous guards.
//!
//! Counterpart of upstream's `Parmatch`, `Patterns` and `Printpat`; the algorithms are those of
//! Maranget's "Warnings for pattern matching". Patterns are analysed in a form of their own,
//! [`Pat`], shared and without annotations: start at [`pat`] and [`matrix`].

mod ambiguous;
pub mod bounds;
mod check;
mod exhaust;
mod matrix;
mod other;
pub mod pat;
mod print;
mod useful;
mod variants;

pub use ambiguous::check_ambiguous_bindings;
pub use check::{Predicate, check_partial, check_unused};
pub use matrix::{is_absent, type_row};
pub use other::{complete_constrs, pats_of_type};
pub use pat::{Desc, Pat, PatRef};
pub use print::top_pretty;
pub use useful::{inactive, irrefutable, le_pat, le_pats};
pub use variants::{pressure_variants, pressure_variants_in_computation_pattern};

use crate::typedtree as tt;

/// A tag that no program can write: it stands for the tags of a private or abstract row.
pub const SOME_PRIVATE_TAG: &str = "<some private tag>";

/// What the analysis needs to know of a case, before or after its pattern was typed.
#[derive(Clone, Debug)]
pub struct Case<P> {
    pub pattern: P,
    pub has_guard: bool,
    /// The right-hand side is `.`.
    pub needs_refute: bool,
}

impl<P> Case<P> {
    /// The same case with another form of its pattern.
    pub fn with<Q>(&self, pattern: Q) -> Case<Q> {
        Case { pattern, has_guard: self.has_guard, needs_refute: self.needs_refute }
    }
}

/// A typed case.
pub fn typed_case(case: &tt::Case) -> Case<tt::Pattern> {
    Case {
        pattern: case.lhs.clone(),
        has_guard: case.guard.is_some(),
        needs_refute: matches!(case.rhs.desc, tt::ExpressionDesc::Unreachable),
    }
}
