//! Application of a class to arguments.

use std::rc::Rc;

use rocaml_base::Location;
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{ClassType, TypeId, btype};

use super::error::{Error, error};
use crate::Result;
use crate::typecore::{extract_option_type, option_none, option_some, type_argument};
use crate::typedtree::{ClassExpr, Expression};

type SyntaxArg = (ArgLabel, ast::Expression);
type TypedArgs = Vec<(ArgLabel, Option<Expression>)>;

/// A parameter: its label, its type, and an instance of that.
#[derive(Clone, Copy)]
struct Param {
    label: ArgLabel,
    ty: TypeId,
    ty0: TypeId,
}

/// Types the arguments of a class: one per parameter up to the last given (`None`: omitted), and
/// the type of the result.
pub fn type_arguments(
    cx: &Context,
    env: &Env,
    funct: &ClassExpr,
    sargs: &[SyntaxArg],
) -> Result<(TypedArgs, ClassType)> {
    let ignore_labels = cx.options.classic || labels_omitted(cx, funct, sargs);
    let (_, instance) = ctype::instance_class(cx, &[], &funct.type_);
    let mut sargs: Vec<(ArgLabel, &ast::Expression)> = sargs.iter().map(|(label, sarg)| (*label, sarg)).collect();
    let (mut args, mut omitted) = (Vec::new(), Vec::new());
    let (mut ty_fun, mut ty_fun0) = (&funct.type_, &instance);
    while let (ClassType::Arrow(label, ty, res), ClassType::Arrow(_, ty0, res0)) = (ty_fun, ty_fun0)
        && !sargs.is_empty()
    {
        let param = Param { label: *label, ty: *ty, ty0: *ty0 };
        let arg = if ignore_labels {
            Some(positional(cx, env, param, &mut sargs)?)
        } else {
            labelled(cx, env, param, &mut sargs)?
        };
        if arg.is_none() {
            omitted.push((*label, *ty0));
        }
        args.push((*label, arg));
        (ty_fun, ty_fun0) = (res, res0);
    }
    if let Some((label, sarg)) = sargs.first() {
        return if omitted.is_empty() {
            error(funct.loc, env, Error::CannotApply)
        } else {
            error(sarg.loc, env, Error::ApplyWrongLabel(*label))
        };
    }
    let result = ty_fun0.clone();
    let type_ = omitted.into_iter().rev().fold(result, |res, (label, ty)| ClassType::Arrow(label, ty, Rc::new(res)));
    Ok((args, type_))
}

/// Whether a full application leaves all labels out, which is warned of.
fn labels_omitted(cx: &Context, funct: &ClassExpr, sargs: &[SyntaxArg]) -> bool {
    let mut labels = Vec::new();
    let mut cty = &funct.type_;
    while let ClassType::Arrow(label, _, res) = cty {
        if !btype::is_optional(*label) {
            labels.insert(0, *label);
        }
        cty = res;
    }
    let omitted = labels.len() == sargs.len()
        && sargs.iter().all(|(label, _)| *label == ArgLabel::Nolabel)
        && labels.iter().any(|label| *label != ArgLabel::Nolabel);
    if omitted {
        let names = labels.iter().filter(|label| **label != ArgLabel::Nolabel);
        cx.warn(funct.loc, Warning::LabelsOmitted(names.map(|label| string_of_label(*label)).collect()));
    }
    omitted
}

/// A label as warnings show it.
fn string_of_label(label: ArgLabel) -> String {
    match label {
        ArgLabel::Nolabel => String::new(),
        ArgLabel::Labelled(name) => name.to_string(),
        ArgLabel::Optional(name) => format!("?{name}"),
    }
}

fn use_argument(cx: &Context, env: &Env, param: Param, label: ArgLabel, sarg: &ast::Expression) -> Result<Expression> {
    let Param { ty, ty0, .. } = param;
    if !btype::is_optional(param.label) || btype::is_optional(label) {
        return type_argument(cx, env, sarg, ty, ty0);
    }
    let (ty, ty0) = (extract_option_type(cx, env, ty), extract_option_type(cx, env, ty0));
    let arg = type_argument(cx, env, sarg, ty, ty0)?;
    Ok(option_some(cx, env, arg))
}

/// The argument of a parameter where labels are not looked at.
fn positional(
    cx: &Context,
    env: &Env,
    param: Param,
    sargs: &mut Vec<(ArgLabel, &ast::Expression)>,
) -> Result<Expression> {
    let (label, sarg) = sargs[0];
    let (name, optional) = (btype::label_name(param.label), btype::is_optional(param.label));
    if name == btype::label_name(label) || !optional && label == ArgLabel::Nolabel {
        sargs.remove(0);
        return use_argument(cx, env, param, label, sarg);
    }
    if optional && !sargs[1..].iter().any(|(label, _)| btype::label_name(*label) == name) {
        return Ok(option_none(cx, env, param.ty0, Location::none()));
    }
    error(sarg.loc, env, Error::ApplyWrongLabel(label))
}

/// The argument of a parameter's label; an optional one is left out where a positional one follows.
fn labelled(
    cx: &Context,
    env: &Env,
    param: Param,
    sargs: &mut Vec<(ArgLabel, &ast::Expression)>,
) -> Result<Option<Expression>> {
    let optional = btype::is_optional(param.label);
    if let Some((label, sarg, _)) = btype::extract_label(btype::label_name(param.label), sargs) {
        if !optional && btype::is_optional(label) {
            cx.warn(sarg.loc, Warning::NonoptionalLabel(string_of_label(param.label)));
        }
        return use_argument(cx, env, param, label, sarg).map(Some);
    }
    let positional_follows = sargs.iter().any(|(label, _)| *label == ArgLabel::Nolabel);
    Ok((optional && positional_follows).then(|| option_none(cx, env, param.ty0, Location::none())))
}
