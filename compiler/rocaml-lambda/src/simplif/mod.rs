//! Simplification of Lambda: upstream's `Simplif`.
//!
//! In this order: defaults of optional arguments go to a wrapper ([`default_wrapper`]), functions
//! that are only continued to become static handlers ([`local_functions`]), handlers that are used
//! once are put in place ([`exits`]), references that do not escape become variables
//! ([`references`]), and bindings that are dead, trivial or used once disappear ([`lets`]).

mod default_wrapper;
mod exits;
mod lets;
mod local_functions;
mod references;

use crate::lambda::Program;

/// Simplifies a unit.
pub fn simplify(mut program: Program) -> Program {
    debug_check(&program, "translation");
    let code = &mut program.code;
    default_wrapper::split(code);
    local_functions::simplify(code);
    exits::simplify(code);
    references::eliminate(code);
    lets::simplify(code);
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
