//! Functions: parameters one at a time, each in the scope of those before it, then the body.

use std::collections::HashSet;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, FilterArrowFailure};
use rocaml_types::env::Env;
use rocaml_types::subst::Subst;
use rocaml_types::{AbstractOrigin, Commutable, Ident, Path, TypeDesc, TypeId};

use super::application::{is_optional, list_labels};
use super::base::{
    arrow, enforce_current_level, generalize_before, generalize_structure_if, instance, mk_expected, separate,
    type_option, unify_exp_types, with_explanation,
};
use super::cases::{HalfTyped, UntypedCase, map_half_typed_cases, type_cases};
use super::checks::{name_cases, name_pattern};
use super::coercion::{Constrained, type_constraint_expect};
use super::error::{Error, TypeExpected, error};
use super::expression::{Typer, type_expect};
use super::pattern::Category;
use crate::Result;
use crate::attributes::warning_scope;
use crate::parmatch::Case as MatchCase;
use crate::typedtree::{
    Case, Expression, ExpressionDesc, ExpressionExtra, FunctionBody, FunctionParam, FunctionParamKind, Partial,
};
use crate::typetexp::valid_tyvar_name;

/// The function that is being typed, for messages.
#[derive(Clone, Copy)]
struct InFunction {
    expected: TypeExpected,
    loc: Location,
}

/// What typing parameters and body gives.
struct TypedFunction {
    type_: TypeId,
    params: Vec<FunctionParam>,
    body: FunctionBody,
    /// Local types bound before the first parameter.
    newtypes: Vec<(Ident, Loc<Name>)>,
    /// Whether a parameter matches a GADT's constructor.
    contains_gadt: bool,
}

/// `fun … -> …`, `function …`
pub(super) fn type_function_expression(
    typer: &Typer<'_>,
    params: &[ast::FunctionParam],
    constraint: Option<&ast::TypeConstraint>,
    body: &ast::FunctionBody,
) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let in_function = InFunction { expected: typer.expected, loc };
    let typed = type_function(cx, env, params, constraint, body, typer.expected.ty, true, in_function)?;
    // An equation of a parameter may not hide an arrow of the function's own type.
    if typed.contains_gadt {
        let (rest, cases) = match &typed.body {
            FunctionBody::Body(_) => (ctype::newvar(cx), 0),
            FunctionBody::Cases { .. } => (arrow(cx, ArgLabel::Nolabel, ctype::newvar(cx), ctype::newvar(cx)), 1),
        };
        let ty =
            typed.params.iter().rev().fold(rest, |rest, param| arrow(cx, param.arg_label, ctype::newvar(cx), rest));
        if let Err(trace) = ctype::unify(cx, env, ty, typed.type_) {
            let e = Error::FunctionArityTypeClash {
                syntactic_arity: typed.params.len() + cases,
                type_constraint: typed.type_,
                trace,
            };
            return error(loc, env, e);
        }
    }
    let mut exp = typer.make(ExpressionDesc::Function(typed.params, typed.body), typed.type_);
    let newtype = |(id, name): (Ident, Loc<Name>)| (ExpressionExtra::Newtype(id, name), name.loc, Vec::new());
    exp.extra = typed.newtypes.into_iter().map(newtype).collect();
    Ok(exp)
}

/// Types the body of `(type t)`: in the body `t` is abstract; in the result it is a variable.
pub fn type_newtype<T>(
    cx: &Context,
    env: &Env,
    name: &Loc<Name>,
    type_body: impl FnOnce(&Env) -> Result<(T, TypeId)>,
) -> Result<(T, TypeId)> {
    let (typed, ty, _) = type_newtype_ident(cx, env, name, |env, _| type_body(env))?;
    Ok((typed, ty))
}

fn type_newtype_ident<T>(
    cx: &Context,
    env: &Env,
    name: &Loc<Name>,
    type_body: impl FnOnce(&Env, Ident) -> Result<(T, TypeId)>,
) -> Result<(T, TypeId, Ident)> {
    let var = ctype::newvar_named(cx, valid_tyvar_name(name.txt).then_some(name.txt));
    generalize_before(
        cx,
        || {
            let decl = ctype::new_local_type(cx, name.loc, None, AbstractOrigin::Definition);
            let scope = ctype::create_scope(cx);
            let (id, inner) = env.enter_type(cx, scope, name.txt, Rc::new(decl));
            let (typed, ty) = type_body(&inner, id)?;
            let ty = Subst::identity().type_expr(cx, ty);
            let mut seen = HashSet::new();
            replace_newtype(cx, id, var, ty, &mut seen);
            Ok((typed, ty, id))
        },
        |(_, ty, _)| enforce_current_level(cx, env, name.loc, *ty),
    )
}

/// Makes every occurrence of a local type in `ty` be `var`.
fn replace_newtype(cx: &Context, id: Ident, var: TypeId, ty: TypeId, seen: &mut HashSet<TypeId>) {
    let ty = cx.repr(ty);
    if !seen.insert(ty) {
        return;
    }
    let is_newtype = matches!(cx.desc(ty), TypeDesc::Constr(Path::Ident(other), ..) if other == id);
    if is_newtype {
        cx.link(ty, var);
    } else {
        let mut children = Vec::new();
        btype::iter_type_expr(cx, ty, &mut |child| children.push(child));
        for child in children {
            replace_newtype(cx, id, var, child, seen);
        }
    }
}

/// The parameter and the result of a function that is expected at a type.
fn split_function_ty(
    cx: &Context,
    env: &Env,
    expected: TypeId,
    label: ArgLabel,
    first: bool,
    in_function: InFunction,
) -> Result<(TypeId, TypeId)> {
    let TypeExpected { ty: ty_fun, explanation } = in_function.expected;
    generalize_structure_if(cx, separate(cx, env), || {
        let (arg, res) = match ctype::filter_arrow(cx, env, instance(cx, expected), label) {
            Ok(split) => split,
            Err(failure) => {
                let e = match failure {
                    FilterArrowFailure::Unification(e) => Error::ExprTypeClash(e, explanation, None),
                    FilterArrowFailure::LabelMismatch { got, expected, expected_type } => {
                        Error::AbstractWrongLabel { got, expected, expected_type, explanation }
                    }
                    FilterArrowFailure::NotAFunction if first => Error::NotAFunction(ty_fun, explanation),
                    FilterArrowFailure::NotAFunction => Error::TooManyArguments(ty_fun, explanation),
                };
                return error(in_function.loc, env, e);
            }
        };
        if !is_optional(label) {
            return Ok((arg, res));
        }
        let var = ctype::newvar(cx);
        if let Err(e) = ctype::unify(cx, env, arg, type_option(cx, var)) {
            return error(in_function.loc, env, Error::ExprTypeClash(e, explanation, None));
        }
        Ok((type_option(cx, var), res))
    })
}

#[allow(clippy::too_many_arguments)]
fn type_function(
    cx: &Context,
    env: &Env,
    params: &[ast::FunctionParam],
    constraint: Option<&ast::TypeConstraint>,
    body: &ast::FunctionBody,
    expected: TypeId,
    first: bool,
    in_function: InFunction,
) -> Result<TypedFunction> {
    let Some((param, rest)) = params.split_first() else {
        return type_body(cx, env, constraint, body, expected, first, in_function);
    };
    // From this parameter to the end.
    let loc = Location { start: param.loc.start, end: in_function.loc.end, ghost: true };
    let unify = |ty| {
        let result = unify_exp_types(cx, env, loc, ty, instance(cx, expected));
        with_explanation(in_function.expected.explanation, result)
    };
    match &param.desc {
        ast::FunctionParamDesc::Newtype(name) => {
            let (typed, ty, id) = type_newtype_ident(cx, env, name, |env, _| {
                let var = ctype::newvar(cx);
                let typed = type_function(cx, env, rest, constraint, body, var, false, in_function)?;
                let ty = typed.type_;
                Ok((typed, ty))
            })?;
            unify(ty)?;
            let mut newtypes = vec![(id, *name)];
            newtypes.extend(typed.newtypes);
            Ok(TypedFunction { type_: ty, newtypes, ..typed })
        }
        ast::FunctionParamDesc::Val(label, default, spat) => {
            let (ty_arg, ty_res) = split_function_ty(cx, env, expected, *label, first, in_function)?;
            let (inner_arg, default) = match default {
                None => (ty_arg, None),
                Some(default) => {
                    let (ty, default) = type_default(cx, env, default, spat, ty_arg)?;
                    (ty, Some(default))
                }
            };
            let case = (MatchCase { pattern: spat, has_guard: false, needs_refute: false }, ());
            let (mut results, partial) = map_half_typed_cases(
                cx,
                Category::Value,
                env,
                inner_arg,
                ty_res,
                spat.loc,
                &[case],
                None,
                true,
                &mut |(), half: HalfTyped<'_>| {
                    let typed =
                        type_function(cx, half.ext_env, rest, constraint, body, half.expected, false, in_function)?;
                    let contains_gadt = half.contains_gadt || typed.contains_gadt;
                    Ok((half.pat.clone(), TypedFunction { contains_gadt, ..typed }))
                },
                &mut |_| {},
            )?;
            let (pat, typed) = results.pop().expect("one case was given");
            let ty = TypeDesc::Arrow(*label, ty_arg, ty_res, Commutable::Ok);
            let ty = instance(cx, ctype::newgenty(cx, ty));
            unify(ty)?;
            if is_optional(*label) {
                let (labels, variable) = list_labels(cx, env, ty_res);
                if !variable && labels.iter().all(|label| *label != ArgLabel::Nolabel) {
                    cx.warn(pat.loc, Warning::UnerasableOptionalArgument);
                }
            }
            let (variable, kind) = match default {
                None => (name_pattern("param", &[&pat]), FunctionParamKind::Pat(pat)),
                Some(default) => {
                    (Ident::create_local(Name::new("*opt*")), FunctionParamKind::OptionalDefault(pat, default))
                }
            };
            let newtypes = typed.newtypes.iter().map(|(_, name)| *name).collect();
            let typed_param =
                FunctionParam { arg_label: *label, param: variable, partial, kind, newtypes, loc: param.loc };
            let mut params = vec![typed_param];
            params.extend(typed.params);
            Ok(TypedFunction { type_: ty, params, newtypes: Vec::new(), ..typed })
        }
    }
}

/// The default of `?(p = e)`, and the type of the variable within.
fn type_default(
    cx: &Context,
    env: &Env,
    default: &ast::Expression,
    spat: &ast::Pattern,
    ty_arg: TypeId,
) -> Result<(TypeId, Expression)> {
    let ty = ctype::newvar(cx);
    unify_exp_types(cx, env, default.loc, type_option(cx, ty), ty_arg)?;
    // The pattern's annotation helps to type the default.
    let annotated = match &spat.desc {
        ast::PatternDesc::Constraint(_, styp) => Some(ast::Expression {
            desc: ast::ExpressionDesc::Constraint(Box::new(default.clone()), styp.clone()),
            loc: default.loc.ghost(),
            loc_stack: Vec::new(),
            attributes: Vec::new(),
        }),
        _ => None,
    };
    let default = type_expect(cx, env, annotated.as_ref().unwrap_or(default), mk_expected(ty))?;
    Ok((ty, default))
}

fn type_body(
    cx: &Context,
    env: &Env,
    constraint: Option<&ast::TypeConstraint>,
    body: &ast::FunctionBody,
    expected: TypeId,
    first: bool,
    in_function: InFunction,
) -> Result<TypedFunction> {
    let (type_, body) = match body {
        ast::FunctionBody::Body(sbody) => {
            let body = match constraint {
                None => type_expect(cx, env, sbody, mk_expected(expected))?,
                Some(constraint) => {
                    let loc = sbody.loc;
                    let (mut body, ty, extra) =
                        type_constraint_expect(cx, env, loc, loc, &&**sbody, constraint, expected)?;
                    body.extra.insert(0, (extra, loc, Vec::new()));
                    Expression { type_: ty, ..body }
                }
            };
            (body.type_, FunctionBody::Body(Box::new(body)))
        }
        ast::FunctionBody::Cases(scases, loc, attributes) => {
            let function = FunctionCases { scases, loc: *loc, attributes, first, in_function };
            let (cases, partial, ty, exp_extra) = match constraint {
                None => {
                    let (cases, partial, ty) = function.type_expect(cx, env, expected)?;
                    (cases, partial, ty, None)
                }
                Some(constraint) => {
                    let ((cases, partial), ty, extra) =
                        type_constraint_expect(cx, env, *loc, *loc, &function, constraint, expected)?;
                    (cases, partial, ty, Some(extra))
                }
            };
            let param = name_cases("param", &cases);
            let attributes = attributes.clone();
            (ty, FunctionBody::Cases { cases, partial, param, loc: *loc, exp_extra, attributes })
        }
    };
    Ok(TypedFunction { type_, params: Vec::new(), body, newtypes: Vec::new(), contains_gadt: false })
}

/// The cases of `function`.
struct FunctionCases<'a> {
    scases: &'a [ast::Case],
    loc: Location,
    attributes: &'a ast::Attributes,
    first: bool,
    in_function: InFunction,
}

impl FunctionCases<'_> {
    fn type_expect(&self, cx: &Context, env: &Env, expected: TypeId) -> Result<(Vec<Case>, Partial, TypeId)> {
        warning_scope(cx, self.attributes, || {
            let label = ArgLabel::Nolabel;
            let (arg, res) = split_function_ty(cx, env, expected, label, self.first, self.in_function)?;
            let scases = UntypedCase::all(self.scases);
            let (cases, partial) =
                type_cases(cx, Category::Value, env, arg, mk_expected(res), self.loc, &scases, None, true)?;
            let ty = TypeDesc::Arrow(label, arg, res, Commutable::Ok);
            let ty = instance(cx, ctype::newgenty(cx, ty));
            unify_exp_types(cx, env, self.loc, ty, instance(cx, expected))?;
            Ok((cases, partial, ty))
        })
    }
}

impl Constrained for FunctionCases<'_> {
    type Typed = (Vec<Case>, Partial);
    fn without_constraint(&self, cx: &Context, env: &Env) -> Result<(Self::Typed, TypeId)> {
        let (cases, partial, ty) = self.type_expect(cx, env, ctype::newvar(cx))?;
        Ok(((cases, partial), ty))
    }
    fn with_constraint(&self, cx: &Context, env: &Env, ty: TypeId) -> Result<Self::Typed> {
        let (cases, partial, _) = self.type_expect(cx, env, ty)?;
        Ok((cases, partial))
    }
    fn is_self(&self, _: &Self::Typed) -> bool {
        false
    }
}
