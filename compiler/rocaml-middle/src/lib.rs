//! From Lambda to Cmm: closure conversion, inlining across units, unboxing, contification, and
//! lowering to explicit memory operations.
//!
//! [`closure`] turns Lambda into [`clambda`], with what is known of values in [`export`];
//! [`cmmgen`] turns that into [`cmm`].

pub mod clambda;
pub mod closure;
pub mod cmm;
pub mod export;
mod fold;
mod substitute;
