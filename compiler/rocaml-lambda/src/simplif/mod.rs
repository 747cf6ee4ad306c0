//! Simplification of Lambda: upstream's `Simplif`.
//!
//! In this order: defaults of optional arguments go to a wrapper ([`default_wrapper`]), functions
//! that are only continued to become static handlers ([`local_functions`]), handlers that are used
//! once are put in place ([`exits`]), references that do not escape become variables
//! ([`references`]), and bindings that are dead, trivial or used once disappear ([`lets`]). What is left says which calls
//! are tail calls ([`tail_calls`]).

mod default_wrapper;
mod exits;
mod lets;
mod local_functions;
mod references;
mod tail_calls;

use crate::lambda::Program;
use rocaml_types::context::Context;

/// Simplifies a unit.
pub fn simplify(cx: &Context, mut program: Program) -> Program {
    debug_check(&program, "translation");
    let code = &mut program.code;
    default_wrapper::split(code);
    local_functions::simplify(cx, code);
    exits::simplify(code);
    references::eliminate(code);
    lets::simplify(code);
    tail_calls::check(cx, code);
    debug_check(&program, "simplif");
    program
}

fn debug_check(program: &Program, pass: &str) {
    if cfg!(debug_assertions)
        && let Err(message) = crate::verify::verify(program)
    {
        panic!("internal error: invalid Lambda after {pass} of unit {}: {message}", program.unit);
    }
}
