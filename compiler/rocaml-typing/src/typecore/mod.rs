//! Typing of the core language: upstream's `Typecore`.
//!
//! Start at [`expression`] (`type_expect`) and [`pattern`]. What is expected of an expression is
//! pushed inwards ([`TypeExpected`]); types of patterns come before those of bodies ([`cases`]);
//! [`let_binding`] generalises. Errors are data in [`error`], worded in [`report`].

mod application;
mod approx;
mod base;
mod cases;
mod checks;
mod class_patterns;
mod coercion;
mod constructor;
mod counterexample;
pub mod error;
mod expression;
pub mod format;
mod format_tree;
mod function;
mod let_binding;
mod letop;
mod names;
mod nonexpansive;
mod object;
pub mod pattern;
mod pattern_state;
mod record;
mod report;
mod solve;

use rocaml_base::Location;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::RecFlag;
use rocaml_types::TypeId;
use rocaml_types::context::Context;
use rocaml_types::env::Env;

use crate::Result;
use crate::parmatch;
use crate::state::typing_state;
use crate::typedtree::{Case, Expression, ExpressionDesc, Partial, ValueBinding};
use crate::typetexp::vars;

pub use application::{is_optional, prefixed_label_name};
pub use approx::type_approx;
pub use base::{
    constant, enforce_current_level, extract_option_type, mk_expected, option_none, option_some, unify_exp_types,
};
pub use checks::{generalizable, name_cases, name_pattern};
pub use class_patterns::{ClassArgument, type_class_arg_pattern, type_self_pattern};
pub use error::{DatatypeKind, Error, ExistentialRestriction, TypeExpected, TypeForcingContext, WrongName};
pub use expression::{type_argument, type_exp, type_expect};
pub use let_binding::{annotate_recursive_bindings, type_let_with};
pub use nonexpansive::{is_nonexpansive, is_nonexpansive_module};
pub use pattern_state::{AllowModules, PatternVariable, VariableKind, unused_var, unused_var_strict};
pub use report::report_error;

use cases::Failure;
use rocaml_diag::warning::Warning;

/// Types the bindings of a structure item.
pub fn type_binding(
    cx: &Context,
    env: &Env,
    rec_flag: RecFlag,
    bindings: &[ast::ValueBinding],
) -> Result<(Vec<ValueBinding>, Env)> {
    let check: let_binding::Check = Warning::UnusedValueDeclaration;
    let restriction = ExistentialRestriction::AtToplevel;
    type_let_with(cx, env, restriction, rec_flag, bindings, AllowModules::Rejected, (check, check))
}

/// Types the bindings of a `let` in a class.
pub fn type_let(
    cx: &Context,
    env: &Env,
    restriction: ExistentialRestriction,
    rec_flag: RecFlag,
    bindings: &[ast::ValueBinding],
) -> Result<(Vec<ValueBinding>, Env)> {
    let checks = (unused_var as let_binding::Check, unused_var_strict as let_binding::Check);
    type_let_with(cx, env, restriction, rec_flag, bindings, AllowModules::Rejected, checks)
}

/// Types an expression of the toplevel.
pub fn type_expression(cx: &Context, env: &Env, sexp: &ast::Expression) -> Result<Expression> {
    let exp = base::generalize_before(
        cx,
        || {
            vars::reset(cx);
            type_exp(cx, env, sexp)
        },
        |exp| {
            expression::may_lower_contravariant(cx, env, exp);
            Ok(())
        },
    )?;
    // The names of the variables of a value's type are kept.
    if let ast::ExpressionDesc::Ident(lid) = &sexp.desc {
        let (_, desc) = env.lookup_value(cx, false, sexp.loc, &lid.txt)?;
        return Ok(Expression { type_: desc.type_, ..exp });
    }
    Ok(exp)
}

/// Whether cases cover the values of a type; warns if not.
pub fn check_partial(cx: &Context, env: &Env, ty: TypeId, loc: Location, cases: &[Case]) -> Result<Partial> {
    let cases: Vec<_> = cases.iter().map(parmatch::typed_case).collect();
    counterexample::check_partial(cx, env, ty, loc, &cases)
}

/// Where a delayed check leaves its error.
fn delayed_failure(cx: &Context) -> Failure {
    typing_state(cx).delayed_failure.clone()
}

/// Forgets the delayed checks.
pub fn reset_delayed_checks(cx: &Context) {
    cx.reset_delayed_checks();
    delayed_failure(cx).borrow_mut().take();
}

/// Runs the checks that had to wait for the whole unit.
pub fn force_delayed_checks(cx: &Context) -> Result<()> {
    cx.force_delayed_checks();
    match delayed_failure(cx).borrow_mut().take() {
        Some(e) => Err(e),
        None => Ok(()),
    }
}

/// Whether an expression is the case `.`.
pub fn is_refutation(exp: &Expression) -> bool {
    matches!(exp.desc, ExpressionDesc::Unreachable)
}
