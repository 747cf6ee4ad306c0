//! Records: construction, update, access.

use std::rc::Rc;

use rocaml_base::{Loc, Location};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{Env, LabelUsage};
use rocaml_types::{Ident, LabelDescription, TypeId};

use super::base::{
    Extraction, Recarg, extract_concrete_record, extract_label_names, generalize_before_if, generalize_structure,
    generalize_structure_if, generalize_structure_if_principal, instance, is_principal, mk_expected, separate,
    unify_exp, unify_exp_types, with_explanation,
};
use super::checks::check_univars;
use super::error::{Error, WrongKindContext, WrongKindSort, error};
use super::expression::{Typer, may_lower_contravariant, type_argument, type_exp_recarg};
use super::names::{ExpectedPath, LabelArgument, disambiguate_label, disambiguate_labels};
use crate::Result;
use crate::typedtree::{Expression, ExpressionDesc, RecordLabelDefinition};

type TypedLabel = (Loc<Longident>, Rc<LabelDescription>, Expression);

/// `{ l = e; … }` and `{ e0 with l = e; … }`
pub(super) fn type_record(
    typer: &Typer<'_>,
    recarg: Recarg,
    fields: &[(Loc<Longident>, ast::Expression)],
    sextended: Option<&ast::Expression>,
) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let extended = match sextended {
        None => None,
        Some(sexp) => Some(generalize_structure_if_principal(cx, || type_exp_recarg(cx, env, recarg, sexp))?),
    };
    let (ty_record, path) = record_type(typer, extended.as_ref())?;
    let message = "This record expression is expected to have";
    let (closed, usage) = (sextended.is_none(), LabelUsage::Construct);
    let labels = disambiguate_labels(cx, env, loc, closed, usage, message, mk_expected(ty_record), &path, fields)?;
    let mut typed: Vec<TypedLabel> = Vec::new();
    for label in labels {
        typed.push(type_label_exp(cx, env, true, loc, ty_record, label)?);
    }
    let result = unify_exp_types(cx, env, loc, instance(cx, ty_record), typer.expected_instance());
    with_explanation(typer.expected.explanation, result)?;
    if let Some(pair) = typed.windows(2).find(|pair| pair[0].1.pos == pair[1].1.pos) {
        return error(loc, env, Error::LabelMultiplyDefined(pair[0].1.name));
    }
    let first = typed[0].1.clone();
    let all: Vec<Rc<LabelDescription>> = first.all.to_vec();
    let (extended, definitions) = match extended {
        None => (None, constructed(typer, &all, typed)?),
        Some(exp) => {
            let exp = Expression { type_: instance(cx, exp.type_), ..exp };
            let definitions = updated(typer, &exp, &all, typed)?;
            (Some(Box::new(exp)), definitions)
        }
    };
    if sextended.is_some() && fields.len() == all.len() {
        cx.warn(loc, Warning::UselessRecordWith);
    }
    let desc = ExpressionDesc::Record {
        fields: all.into_iter().zip(definitions).collect(),
        representation: first.repres.clone(),
        extended_expression: extended,
    };
    Ok(typer.make(desc, typer.expected_instance()))
}

/// The type of a record expression: the expected one, or that of the record that is extended.
fn record_type(typer: &Typer<'_>, extended: Option<&Expression>) -> Result<(TypeId, ExpectedPath)> {
    let (cx, env) = (typer.cx, typer.env);
    let expected = match extract_concrete_record(cx, env, typer.expected.ty) {
        Extraction::Is(p0, p, _) => Some((p0, p, is_principal(cx, typer.expected.ty))),
        Extraction::MayBe => None,
        Extraction::IsNot => {
            let context = WrongKindContext::Expression(typer.expected.explanation);
            let e = Error::WrongExpectedKind(WrongKindSort::Record, context, typer.expected.ty);
            return error(typer.sexp.loc, env, e);
        }
    };
    let of_extended = match extended {
        None => None,
        Some(exp) => match extract_concrete_record(cx, env, exp.type_) {
            Extraction::Is(p0, p, _) => Some((p0, p, is_principal(cx, exp.type_))),
            Extraction::MayBe => None,
            Extraction::IsNot => return error(exp.loc, env, Error::ExprNotARecordType(exp.type_)),
        },
    };
    Ok(match (expected, of_extended) {
        (None, None) => (ctype::newvar(cx), None),
        (expected @ Some(_), None) | (expected @ Some((_, _, true)), Some(_)) => (typer.expected.ty, expected),
        (None | Some((_, _, false)), Some((p0, p, principal))) => {
            let decl = env.find_type(cx, &p).expect("the record's type is declared");
            let ty =
                generalize_structure(cx, || Ok(ctype::newconstr(cx, &p, &ctype::instance_list(cx, &decl.params))))?;
            (ty, Some((p0, p, principal)))
        }
    })
}

fn constructed(
    typer: &Typer<'_>,
    all: &[Rc<LabelDescription>],
    typed: Vec<TypedLabel>,
) -> Result<Vec<RecordLabelDefinition>> {
    if typed.len() < all.len() {
        let present = |pos: usize| typed.iter().any(|(_, label, _)| label.pos == pos);
        let names = extract_label_names(typer.cx, typer.env, typer.expected.ty);
        let missing: Vec<Ident> =
            names.into_iter().enumerate().filter(|(pos, _)| !present(*pos)).map(|(_, id)| id).collect();
        return error(typer.sexp.loc, typer.env, Error::LabelMissing(missing));
    }
    Ok(typed.into_iter().map(|(lid, _, exp)| RecordLabelDefinition::Overridden(lid, exp)).collect())
}

fn updated(
    typer: &Typer<'_>,
    exp: &Expression,
    all: &[Rc<LabelDescription>],
    typed: Vec<TypedLabel>,
) -> Result<Vec<RecordLabelDefinition>> {
    let (cx, env) = (typer.cx, typer.env);
    let mut typed = typed.into_iter().peekable();
    let mut definitions = Vec::new();
    for label in all {
        let (_, arg1, res1) = ctype::instance_label(cx, false, label);
        unify_exp_types(cx, env, exp.loc, exp.type_, res1)?;
        if let Some((lid, _, value)) = typed.next_if(|(_, l, _)| l.pos == label.pos) {
            // The types of overridden fields are not connected.
            definitions.push(RecordLabelDefinition::Overridden(lid, value));
            continue;
        }
        let (_, arg2, res2) = ctype::instance_label(cx, false, label);
        unify_exp_types(cx, env, typer.sexp.loc, arg1, arg2)?;
        let result = unify_exp_types(cx, env, typer.sexp.loc, typer.expected_instance(), res2);
        with_explanation(typer.expected.explanation, result)?;
        definitions.push(RecordLabelDefinition::Kept(arg1, label.mutable));
    }
    Ok(definitions)
}

/// The value of a field. `create` tells construction from mutation.
fn type_label_exp(
    cx: &Context,
    env: &Env,
    create: bool,
    loc: Location,
    expected: TypeId,
    (lid, label, sarg): LabelArgument<'_, ast::Expression>,
) -> Result<TypedLabel> {
    let separate = separate(cx, env);
    let is_poly = btype::is_poly_tpoly(cx, label.arg);
    let (vars, arg) = generalize_before_if(
        cx,
        is_poly,
        || {
            let (vars, ty_arg) = generalize_structure_if(cx, separate, || {
                let (vars, ty_arg, ty_res) =
                    generalize_structure_if(cx, separate, || Ok(ctype::instance_label(cx, true, &label)))?;
                if let Err(e) = ctype::unify(cx, env, instance(cx, ty_res), instance(cx, expected)) {
                    return error(lid.loc, env, Error::LabelMismatch(lid.txt.clone(), e));
                }
                Ok((vars, instance(cx, ty_arg)))
            })?;
            if label.private == PrivateFlag::Private {
                return if create {
                    error(loc, env, Error::PrivateType(expected))
                } else {
                    error(lid.loc, env, Error::PrivateLabel(lid.txt.clone(), expected))
                };
            }
            Ok((vars, type_argument(cx, env, sarg, ty_arg, instance(cx, ty_arg))?))
        },
        |(_, arg)| {
            may_lower_contravariant(cx, env, arg);
            Ok(())
        },
    )?;
    if is_poly {
        check_univars(cx, env, "field value", &arg, label.arg, &vars)?;
    }
    let arg = Expression { type_: instance(cx, arg.type_), ..arg };
    Ok((lid, label, arg))
}

/// The record of an access, the label, and whether its type helped to find it.
fn type_label_access(
    cx: &Context,
    env: &Env,
    srecord: &ast::Expression,
    usage: LabelUsage,
    lid: &Loc<Longident>,
) -> Result<(Expression, Rc<LabelDescription>, ExpectedPath)> {
    let record = generalize_structure_if_principal(cx, || type_exp_recarg(cx, env, Recarg::Allowed, srecord))?;
    let ty = record.type_;
    let path = match extract_concrete_record(cx, env, ty) {
        Extraction::Is(p0, p, _) => Some((p0, p, is_principal(cx, ty))),
        Extraction::MayBe => None,
        Extraction::IsNot => return error(record.loc, env, Error::ExprNotARecordType(ty)),
    };
    let label = disambiguate_label(cx, env, usage, lid, "This expression has", mk_expected(ty), &path)?;
    Ok((record, label, path))
}

/// `e.l`: the record, the label, the type of the field.
pub(super) fn solve_field(
    cx: &Context,
    env: &Env,
    usage: LabelUsage,
    sexp: &ast::Expression,
    srecord: &ast::Expression,
    lid: &Loc<Longident>,
) -> Result<(Expression, Rc<LabelDescription>, TypeId)> {
    let (record, label, _) = type_label_access(cx, env, srecord, usage, lid)?;
    let (_, arg, res) = ctype::instance_label(cx, false, &label);
    unify_exp(cx, env, sexp, &record, res)?;
    Ok((record, label, arg))
}

/// `e.l <- e'`
pub(super) fn type_setfield(
    typer: &Typer<'_>,
    srecord: &ast::Expression,
    lid: &Loc<Longident>,
    svalue: &ast::Expression,
) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let (record, label, path) = type_label_access(cx, env, srecord, LabelUsage::Mutation, lid)?;
    let ty_record = if path.is_none() { ctype::newvar(cx) } else { record.type_ };
    let (lid, label, value) = type_label_exp(cx, env, false, loc, ty_record, (lid.clone(), label, svalue))?;
    unify_exp(cx, env, typer.sexp, &record, ty_record)?;
    if label.mutable == MutableFlag::Immutable {
        return error(loc, env, Error::LabelNotMutable(lid.txt));
    }
    let unit = instance(cx, cx.predef().unit);
    typer.unified(typer.make(ExpressionDesc::SetField(Box::new(record), lid, label, Box::new(value)), unit))
}
