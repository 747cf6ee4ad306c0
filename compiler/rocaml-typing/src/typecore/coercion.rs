//! Type constraints `(e : t)` and coercions `(e :> t)`, `(e : t :> t')`.

use rocaml_base::Location;
use rocaml_syntax::ast;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::ExpandedType;
use rocaml_types::{TypeDesc, TypeId, ValueKind};

use super::base::{
    enforce_current_level, generalize_before, generalize_structure, instance, unify_exp_types, warn_not_principal,
};
use super::checks::generalizable;
use super::error::{Error, error};
use super::expression::{type_argument, type_exp};
use crate::Result;
use crate::state::typing_state;
use crate::typedtree::{Expression, ExpressionDesc, ExpressionExtra};
use crate::typetexp;

/// What is constrained: an expression, or the cases of a function.
pub trait Constrained {
    type Typed;
    /// Types it where only the target of a coercion is given.
    fn without_constraint(&self, cx: &Context, env: &Env) -> Result<(Self::Typed, TypeId)>;
    /// Types it at the type given.
    fn with_constraint(&self, cx: &Context, env: &Env, ty: TypeId) -> Result<Self::Typed>;
    /// Whether it is the self of a class.
    fn is_self(&self, typed: &Self::Typed) -> bool;
}

impl Constrained for &ast::Expression {
    type Typed = Expression;
    fn without_constraint(&self, cx: &Context, env: &Env) -> Result<(Expression, TypeId)> {
        let exp = type_exp(cx, env, self)?;
        let ty = exp.type_;
        Ok((exp, ty))
    }
    fn with_constraint(&self, cx: &Context, env: &Env, ty: TypeId) -> Result<Expression> {
        type_argument(cx, env, self, ty, instance(cx, ty))
    }
    fn is_self(&self, exp: &Expression) -> bool {
        matches!(&exp.desc, ExpressionDesc::Ident(_, _, desc) if matches!(desc.kind, ValueKind::SelfVal(_)))
    }
}

/// A type as written, its structure generalised.
pub fn type_constraint(cx: &Context, env: &Env, styp: &ast::CoreType) -> Result<(TypeId, ExpressionExtra)> {
    let cty = generalize_structure(cx, || typetexp::transl_simple_type(cx, env, None, false, styp))?;
    Ok((cty.type_, ExpressionExtra::Constraint(Box::new(cty))))
}

/// A coercion of an expression.
pub fn type_coerce_expression(
    cx: &Context,
    env: &Env,
    loc: Location,
    sexp: &ast::Expression,
    from: Option<&ast::CoreType>,
    to: &ast::CoreType,
) -> Result<(Expression, TypeId, ExpressionExtra)> {
    type_coerce(cx, env, loc, sexp.loc, &sexp, from, to)
}

/// A coercion: what is coerced, its new type, the annotation.
pub fn type_coerce<C: Constrained>(
    cx: &Context,
    env: &Env,
    loc: Location,
    loc_arg: Location,
    constrained: &C,
    from: Option<&ast::CoreType>,
    to: &ast::CoreType,
) -> Result<(C::Typed, TypeId, ExpressionExtra)> {
    let Some(from) = from else { return type_single_coercion(cx, env, loc, loc_arg, constrained, to) };
    let (from, to) = generalize_structure(cx, || {
        let from = typetexp::transl_simple_type_delayed(cx, env, from)?;
        Ok((from, typetexp::transl_simple_type_delayed(cx, env, to)?))
    })?;
    let ((cty, ty, force), (cty_to, ty_to, force_to)) = (from, to);
    let subtype = ctype::subtype(cx, env, ctype::generic_instance(cx, ty), ctype::generic_instance(cx, ty_to));
    let enforced = match subtype {
        Ok(enforce) => {
            force.run(cx)?;
            force_to.run(cx)?;
            enforce(cx)
        }
        Err(e) => Err(e),
    };
    if let Err(e) = enforced {
        return error(loc, env, Error::NotSubtype(e));
    }
    let typed = constrained.with_constraint(cx, env, ty)?;
    let extra = ExpressionExtra::Coerce(Some(Box::new(cty)), Box::new(cty_to));
    Ok((typed, instance(cx, ty_to), extra))
}

/// `(e :> t)`: the type of `e` is inferred, or known from `t` enlarged.
fn type_single_coercion<C: Constrained>(
    cx: &Context,
    env: &Env,
    loc: Location,
    loc_arg: Location,
    constrained: &C,
    to: &ast::CoreType,
) -> Result<(C::Typed, TypeId, ExpressionExtra)> {
    let (cty, ty, force) = generalize_structure(cx, || typetexp::transl_simple_type_delayed(cx, env, to))?;
    let level = ctype::get_current_level(cx);
    let (arg, arg_type, generalizable) = generalize_before(
        cx,
        || {
            let (arg, ty) = constrained.without_constraint(cx, env)?;
            let generalizable = generalizable(cx, level, ty);
            Ok((arg, ty, generalizable))
        },
        |(_, ty, _)| enforce_current_level(cx, env, loc_arg, *ty),
    )?;
    let extra = ExpressionExtra::Coerce(None, Box::new(cty));
    if is_self_coercion(cx, loc, constrained.is_self(&arg), ty) {
        force.run(cx)?;
        return Ok((arg, ty, extra));
    }
    if ctype::closed_type_expr(cx, Some(env), arg_type) && ctype::closed_type_expr(cx, Some(env), ty) {
        if !generalizable {
            let snapshot = cx.snapshot();
            let (enlarged, _) = ctype::enlarge_type(cx, env, ctype::generic_instance(cx, ty));
            if ctype::unify(cx, env, arg_type, enlarged).is_ok() {
                cx.commit(snapshot);
                force.run(cx)?;
                return Ok((arg, ty, extra));
            }
            cx.backtrack(snapshot);
        }
        let enforced = match ctype::subtype(cx, env, arg_type, ctype::generic_instance(cx, ty)) {
            Ok(enforce) => {
                force.run(cx)?;
                enforce(cx)
            }
            Err(e) => Err(e),
        };
        if let Err(e) = enforced {
            return error(loc, env, Error::NotSubtype(e));
        }
        if !generalizable && cx.options.principal {
            warn_not_principal(cx, loc, "this ground coercion");
        }
        return Ok((arg, ty, extra));
    }
    let (enlarged, pruned) = ctype::enlarge_type(cx, env, ctype::generic_instance(cx, ty));
    force.run(cx)?;
    if let Err(e) = ctype::unify(cx, env, arg_type, enlarged) {
        let expanded = ctype::full_expand(cx, true, env, ty);
        return error(loc_arg, env, Error::CoercionFailure(ExpandedType { ty, expanded }, e, pruned));
    }
    Ok((arg, ty, extra))
}

/// A coercion of self to the type of the class being typed is judged later.
fn is_self_coercion(cx: &Context, loc: Location, is_self: bool, ty: TypeId) -> bool {
    let coercions = typing_state(cx).self_coercion.borrow();
    match (coercions.last(), cx.desc(ty)) {
        (Some((path, places)), TypeDesc::Constr(target, ..)) if is_self && *path == target => {
            places.borrow_mut().push(loc);
            true
        }
        _ => false,
    }
}

/// The annotation of a function's body, unified with what is expected of it.
pub fn type_constraint_expect<C: Constrained>(
    cx: &Context,
    env: &Env,
    loc: Location,
    loc_arg: Location,
    constrained: &C,
    constraint: &ast::TypeConstraint,
    expected: TypeId,
) -> Result<(C::Typed, TypeId, ExpressionExtra)> {
    let (typed, ty, extra) = match constraint {
        ast::TypeConstraint::Coerce(from, to) => type_coerce(cx, env, loc, loc_arg, constrained, from.as_ref(), to)?,
        ast::TypeConstraint::Constraint(styp) => {
            let (ty, extra) = type_constraint(cx, env, styp)?;
            (constrained.with_constraint(cx, env, ty)?, ty, extra)
        }
    };
    unify_exp_types(cx, env, loc, ty, instance(cx, expected))?;
    Ok((typed, ty, extra))
}
