//! Simplification of Lambda: upstream's `Simplif`.
//!
//! In this order: functions that are only continued to become static handlers ([`local_functions`]),
//! handlers that are used once are put in place ([`exits`]), references that do not escape become
//! variables ([`references`]), bindings that are trivial or used once disappear ([`lets`]), and
//! functions that ask for it get a version that stores its result ([`tail_mod_cons`]). What is left
//! says which calls are tail calls ([`tail_calls`]).
//!
//! Native code goes further: defaults of optional arguments go to a wrapper ([`default_wrapper`]),
//! and more bindings disappear ([`native_lets`]).

mod default_wrapper;
mod exits;
mod lets;
mod local_functions;
mod native_lets;
mod references;
mod tail_calls;

use crate::error::Result;
use crate::lambda::{Lambda, Program};
use crate::tail_mod_cons;
use rocaml_types::context::Context;

/// Simplifies a unit.
pub(crate) fn simplify(cx: &Context, mut program: Program) -> Result<Program> {
    debug_check(&program, "translation");
    simplify_term(cx, &mut program.code)?;
    debug_check(&program, "simplif");
    Ok(program)
}

/// Simplifies a term by itself.
pub(crate) fn simplify_term(cx: &Context, code: &mut Lambda) -> Result<()> {
    local_functions::simplify(cx, code);
    exits::simplify(code);
    references::eliminate(code);
    lets::simplify(code);
    tail_mod_cons::rewrite(cx, code)?;
    tail_calls::check(cx, code);
    Ok(())
}

/// Simplifies a simplified unit further, for native code.
pub fn prepare_native(program: &mut Program) {
    default_wrapper::split(&mut program.code);
    native_lets::simplify(&mut program.code);
    debug_check(program, "preparation");
}

fn debug_check(program: &Program, pass: &str) {
    if cfg!(debug_assertions)
        && let Err(message) = crate::verify::verify(program)
    {
        panic!("internal error: invalid Lambda after {pass} of unit {}: {message}", program.unit);
    }
}
