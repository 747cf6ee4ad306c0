//! Approximation of an expression's type from its shape and annotations, so that recursive
//! definitions are known before they are typed.

use rocaml_base::Location;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{TypeDesc, TypeId};

use super::base::{arrow, type_option, unify_exp_types, unify_pat_types};
use crate::Result;

fn approx_type(cx: &Context, env: &Env, styp: &ast::CoreType) -> Result<TypeId> {
    match &styp.desc {
        ast::CoreTypeDesc::Arrow(label, _, res) => {
            let var = ctype::newvar(cx);
            let arg = if matches!(label, ArgLabel::Optional(_)) { type_option(cx, var) } else { var };
            let res = approx_type(cx, env, res)?;
            Ok(arrow(cx, *label, arg, res))
        }
        ast::CoreTypeDesc::Tuple(parts) => {
            let mut types = Vec::new();
            for (label, part) in parts {
                types.push((*label, approx_type(cx, env, part)?));
            }
            Ok(ctype::newty(cx, TypeDesc::Tuple(types.into())))
        }
        ast::CoreTypeDesc::Constr(lid, args) => {
            let (path, decl) = env.lookup_type(cx, false, lid.loc, &lid.txt)?;
            if args.len() != decl.arity {
                return Ok(ctype::newvar(cx));
            }
            let mut types = Vec::new();
            for arg in args {
                types.push(approx_type(cx, env, arg)?);
            }
            Ok(ctype::newconstr(cx, &path, &types))
        }
        ast::CoreTypeDesc::Poly(_, body) => approx_type(cx, env, body),
        _ => Ok(ctype::newvar(cx)),
    }
}

fn approx_parameter(
    cx: &Context,
    env: &Env,
    label: ArgLabel,
    has_default: bool,
    spat: &ast::Pattern,
    res: TypeId,
) -> Result<TypeId> {
    let ty = match &spat.desc {
        ast::PatternDesc::Constraint(_, styp) => approx_type(cx, env, styp)?,
        _ => ctype::newvar(cx),
    };
    let ty = match label {
        ArgLabel::Nolabel | ArgLabel::Labelled(_) => ty,
        ArgLabel::Optional(_) if has_default => type_option(cx, ty),
        ArgLabel::Optional(_) => {
            let option = type_option(cx, ctype::newvar(cx));
            unify_pat_types(cx, env, spat.loc, ty, option)?;
            ty
        }
    };
    Ok(arrow(cx, label, ty, res))
}

fn approx_constraint(
    cx: &Context,
    env: &Env,
    loc: Location,
    ty: TypeId,
    constraint: &ast::TypeConstraint,
) -> Result<TypeId> {
    match constraint {
        ast::TypeConstraint::Constraint(styp) => {
            let constraint = approx_type(cx, env, styp)?;
            unify_exp_types(cx, env, loc, ty, constraint)?;
            Ok(constraint)
        }
        ast::TypeConstraint::Coerce(from, to) => approx_coercion(cx, env, loc, ty, from.as_ref(), to),
    }
}

fn approx_coercion(
    cx: &Context,
    env: &Env,
    loc: Location,
    ty: TypeId,
    from: Option<&ast::CoreType>,
    to: &ast::CoreType,
) -> Result<TypeId> {
    let from = match from {
        None => ctype::newvar(cx),
        Some(styp) => approx_type(cx, env, styp)?,
    };
    let to = approx_type(cx, env, to)?;
    unify_exp_types(cx, env, loc, ty, from)?;
    Ok(to)
}

/// The approximate type of an expression.
pub fn type_approx(cx: &Context, env: &Env, sexp: &ast::Expression) -> Result<TypeId> {
    match &sexp.desc {
        ast::ExpressionDesc::Let(_, _, e)
        | ast::ExpressionDesc::Try(e, _)
        | ast::ExpressionDesc::IfThenElse(_, e, _)
        | ast::ExpressionDesc::Sequence(_, e) => type_approx(cx, env, e),
        ast::ExpressionDesc::Function(params, constraint, body) => {
            approx_function(cx, env, sexp.loc, params, constraint.as_deref(), body)
        }
        ast::ExpressionDesc::Match(_, cases) => match cases.first() {
            Some(case) => type_approx(cx, env, &case.rhs),
            None => Ok(ctype::newvar(cx)),
        },
        ast::ExpressionDesc::Tuple(parts) => {
            let mut types = Vec::new();
            for (label, part) in parts {
                types.push((*label, type_approx(cx, env, part)?));
            }
            Ok(ctype::newty(cx, TypeDesc::Tuple(types.into())))
        }
        ast::ExpressionDesc::Constraint(e, styp) => {
            let ty = type_approx(cx, env, e)?;
            let constraint = approx_type(cx, env, styp)?;
            unify_exp_types(cx, env, sexp.loc, ty, constraint)?;
            Ok(constraint)
        }
        ast::ExpressionDesc::Coerce(e, from, to) => {
            let ty = type_approx(cx, env, e)?;
            approx_coercion(cx, env, sexp.loc, ty, from.as_deref(), to)
        }
        _ => Ok(ctype::newvar(cx)),
    }
}

/// Up to the first `(type a)`, beyond which nothing is known.
fn approx_function(
    cx: &Context,
    env: &Env,
    loc: Location,
    params: &[ast::FunctionParam],
    constraint: Option<&ast::TypeConstraint>,
    body: &ast::FunctionBody,
) -> Result<TypeId> {
    if let Some((param, rest)) = params.split_first() {
        return match &param.desc {
            ast::FunctionParamDesc::Newtype(_) => Ok(ctype::newvar(cx)),
            ast::FunctionParamDesc::Val(label, default, spat) => {
                let res = approx_function(cx, env, loc, rest, constraint, body)?;
                approx_parameter(cx, env, *label, default.is_some(), spat, res)
            }
        };
    }
    let ty = match body {
        ast::FunctionBody::Body(body) => type_approx(cx, env, body)?,
        ast::FunctionBody::Cases(cases, ..) => match cases.first() {
            None => ctype::newvar(cx),
            Some(case) => {
                let arg = ctype::newvar(cx);
                let res = type_approx(cx, env, &case.rhs)?;
                arrow(cx, ArgLabel::Nolabel, arg, res)
            }
        },
    };
    match constraint {
        None => Ok(ty),
        Some(constraint) => approx_constraint(cx, env, loc, ty, constraint),
    }
}
