//! The Lambda language, its production from the typed tree and its simplification: upstream's
//! `Lambda`, `Translcore`, `Translmod`, `Translprim`, `Typeopt`, `Matching` and `Simplif`.

pub mod free_variables;
pub mod lambda;
