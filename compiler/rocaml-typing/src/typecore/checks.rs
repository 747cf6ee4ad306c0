//! Checks on typed expressions: discarded values, univars, names for compiled code.

use rocaml_base::{Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::predef::TypeConstr;
use rocaml_types::{Ident, Level, TypeDesc, TypeId, ValueKind};

use super::base::{instance, is_predef, unify_exp_types};
use super::error::{Error, error};
use crate::Result;
use crate::typedtree::*;

/// The expression whose value an expression has, as far as syntax tells.
pub fn final_subexpression(exp: &Expression) -> &Expression {
    match &exp.desc {
        ExpressionDesc::Let(_, _, e)
        | ExpressionDesc::Sequence(_, e)
        | ExpressionDesc::Try(e, _, _)
        | ExpressionDesc::IfThenElse(_, e, _)
        | ExpressionDesc::LetModule(_, _, _, _, e)
        | ExpressionDesc::LetException(_, e)
        | ExpressionDesc::Open(_, e) => final_subexpression(e),
        ExpressionDesc::Match(_, cases, _, _) => cases.first().map_or(exp, |case| final_subexpression(&case.rhs)),
        _ => exp,
    }
}

/// Whether the expression is this primitive.
pub fn is_prim(name: &str, exp: &Expression) -> bool {
    match &exp.desc {
        ExpressionDesc::Ident(_, _, desc) => matches!(&desc.kind, ValueKind::Prim(prim) if prim.name == name),
        _ => false,
    }
}

/// Checks that an expression is as polymorphic as announced; its type and `expected` are
/// generalised.
pub fn check_univars(
    cx: &Context,
    env: &Env,
    kind: &'static str,
    exp: &Expression,
    expected: TypeId,
    vars: &[TypeId],
) -> Result<()> {
    let poly = instance(cx, expected);
    let TypeDesc::Poly(body, univars) = cx.desc(poly) else {
        unreachable!("univars are checked against a polymorphic type")
    };
    let (exp_ty, vars) = ctype::with_local_level_generalize(cx, |cx| -> Result<_> {
        let (_, ty) = ctype::instance_poly(cx, false, true, &univars, body);
        let (vars, exp_ty) = ctype::instance_parameterized_type(cx, false, vars, exp.type_);
        unify_exp_types(cx, env, exp.loc, exp_ty, ty)?;
        Ok((exp_ty, vars))
    })?;
    let (ty, complete) = ctype::polyfy(cx, env, exp_ty, &vars);
    if complete {
        return Ok(());
    }
    let diff = ctype::expanded_diff(cx, env, ty, instance(cx, expected));
    error(exp.loc, env, Error::LessGeneral(kind, UnifyError { trace: vec![diff] }))
}

fn constraint_loc(exp: &Expression) -> Option<Location> {
    exp.extra.iter().find(|(extra, ..)| matches!(extra, ExpressionExtra::Constraint(_))).map(|(_, loc, _)| *loc)
}

/// Warning 10: a discarded value that is not `unit`.
fn check_statement(cx: &Context, exp: &Expression) {
    let is_unknown = matches!(cx.desc(ctype::expand_head(cx, &exp.env, exp.type_)), TypeDesc::Var(_));
    if is_unknown || is_predef(cx, &exp.env, exp.type_, TypeConstr::Unit) {
        return;
    }
    let mut inner = exp;
    while let ExpressionDesc::Let(_, _, e)
    | ExpressionDesc::Sequence(_, e)
    | ExpressionDesc::LetException(_, e)
    | ExpressionDesc::LetModule(_, _, _, _, e) = &inner.desc
    {
        inner = e;
    }
    cx.warn(constraint_loc(inner).unwrap_or(inner.loc), Warning::NonUnitStatement);
}

/// Warning 5: a discarded value that is a function because an argument was forgotten; with
/// `statement`, also warning 10. If the type is not known yet, the check waits for the end.
pub fn check_partial_application(cx: &Context, statement: bool, exp: &Expression) {
    let unknown = matches!(cx.desc(ctype::expand_head(cx, &exp.env, exp.type_)), TypeDesc::Var(_));
    if unknown {
        let exp = exp.clone();
        cx.add_delayed_check(move |cx| do_check_partial_application(cx, statement, &exp));
    } else {
        do_check_partial_application(cx, statement, exp);
    }
}

fn do_check_partial_application(cx: &Context, statement: bool, exp: &Expression) {
    if matches!(cx.desc(ctype::expand_head(cx, &exp.env, exp.type_)), TypeDesc::Arrow(..)) {
        check_application(cx, statement, exp, exp);
    } else if statement {
        check_statement(cx, exp);
    }
}

fn check_application(cx: &Context, statement: bool, whole: &Expression, exp: &Expression) {
    use ExpressionDesc::*;
    let go = |e: &Expression| check_application(cx, statement, whole, e);
    if constraint_loc(exp).is_some() {
        if statement {
            check_statement(cx, whole);
        }
        return;
    }
    match &exp.desc {
        Match(_, cases, effects, _) => cases.iter().chain(effects).for_each(|case| go(&case.rhs)),
        Try(e, cases, effects) => {
            go(e);
            cases.iter().chain(effects).for_each(|case| go(&case.rhs));
        }
        IfThenElse(_, yes, Some(no)) => {
            go(yes);
            go(no);
        }
        Let(_, _, e) | Sequence(_, e) | Open(_, e) | LetException(_, e) | LetModule(_, _, _, _, e) => go(e),
        Apply(..) | Send(..) | New(..) | LetOp { .. } => cx.warn(exp.loc, Warning::IgnoredPartialApplication),
        Ident(..)
        | Constant(_)
        | Tuple(_)
        | Construct(..)
        | Variant(..)
        | Record { .. }
        | AtomicLoc(..)
        | Field(..)
        | SetField(..)
        | Array(..)
        | While(..)
        | For(..)
        | InstVar(..)
        | SetInstVar(..)
        | Override(..)
        | Assert(..)
        | Lazy(_)
        | Object(..)
        | Pack(_)
        | Unreachable
        | ExtensionConstructor(..)
        | IfThenElse(_, _, None)
        | Function(..) => {
            if statement {
                check_statement(cx, whole);
            }
        }
    }
}

/// Whether a pattern discards what it matches.
pub fn pattern_needs_partial_application_check(pat: &Pattern) -> bool {
    let annotated = pat.extra.iter().any(|(extra, ..)| matches!(extra, PatternExtra::Constraint(_)));
    !annotated
        && match &pat.desc {
            PatternDesc::Any | PatternDesc::Exception(_) => true,
            PatternDesc::Or(p, q, _) => {
                pattern_needs_partial_application_check(p) && pattern_needs_partial_application_check(q)
            }
            PatternDesc::Value(p) => pattern_needs_partial_application_check(p),
            _ => false,
        }
}

/// Whether all nodes of a type are above a level.
pub fn generalizable(cx: &Context, level: Level, ty: TypeId) -> bool {
    let mut result = true;
    btype::iter_nodes(cx, ty, &mut btype::TypeSet::default(), &mut |ty| result &= cx.level(ty) > level);
    result
}

/// A good name for the variable that holds what these patterns match.
pub fn name_pattern(default: &str, patterns: &[&Pattern]) -> Ident {
    patterns
        .iter()
        .find_map(|pat| match &pat.desc {
            PatternDesc::Var(id, ..) | PatternDesc::Alias(_, id, ..) => Some(*id),
            _ => None,
        })
        .unwrap_or_else(|| Ident::create_local(Name::new(default)))
}

/// [`name_pattern`] of cases.
pub fn name_cases(default: &str, cases: &[Case]) -> Ident {
    name_pattern(default, &cases.iter().map(|case| &case.lhs).collect::<Vec<_>>())
}
