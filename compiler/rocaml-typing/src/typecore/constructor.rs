//! Constructors of variants and tags of polymorphic variants.

use rocaml_base::{Loc, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::PrivateFlag;
use rocaml_syntax::longident::Longident;
use rocaml_types::ctype::{self, ExistentialTreatment};
use rocaml_types::env::ConstructorUsage;
use rocaml_types::{ConstructorDescription, ConstructorTag, RowField, TypeDesc};

use super::base::{
    Extraction, Recarg, extract_concrete_variant, generalize_structure_if, instance, is_principal, protect_expansion,
    separate, unify_exp, with_explanation, wrong_kind_sort_of_constructor,
};
use super::error::{Error, WrongKindContext, error};
use super::expression::{Typer, type_argument, type_argument_recarg, type_exp};
use super::names::disambiguate_constructor;
use crate::Result;
use crate::attributes::explicit_arity;
use crate::rows;
use crate::typedtree::{Expression, ExpressionDesc};

/// `C`, `C e`
pub(super) fn type_construct(
    typer: &Typer<'_>,
    lid: &Loc<Longident>,
    sarg: Option<&ast::Expression>,
) -> Result<Expression> {
    let (cx, env, sexp, expected) = (typer.cx, typer.env, typer.sexp, typer.expected);
    let path = match extract_concrete_variant(cx, env, expected.ty) {
        Extraction::Is(p0, p, ()) => Some((p0, p, is_principal(cx, expected.ty))),
        Extraction::MayBe => None,
        Extraction::IsNot => {
            let sort = wrong_kind_sort_of_constructor(&lid.txt);
            let context = WrongKindContext::Expression(expected.explanation);
            return error(sexp.loc, env, Error::WrongExpectedKind(sort, context, expected.ty));
        }
    };
    let message = "This variant expression is expected to have";
    let constr = disambiguate_constructor(cx, env, ConstructorUsage::Positive, lid, message, expected, &path)?;
    let sargs = arguments(typer, &constr, sarg)?;
    if sargs.len() != constr.arity {
        let e = Error::ConstructorArityMismatch(lid.txt.clone(), constr.arity, sargs.len());
        return error(sexp.loc, env, e);
    }
    let separate = separate(cx, env);
    let make = |ty| typer.make(ExpressionDesc::Construct(lid.clone(), constr.clone(), Vec::new()), ty);
    let (ty_args, ty_res) = generalize_structure_if(cx, separate, || {
        let (ty_args, ty_res) = generalize_structure_if(cx, separate, || {
            let (args, res, _) = ctype::instance_constructor(cx, ExistentialTreatment::KeepFlexible, &constr);
            Ok((args, res))
        })?;
        let exp = make(instance(cx, ty_res));
        let result = unify_exp(cx, env, sexp, &exp, typer.expected_instance());
        with_explanation(expected.explanation, result)?;
        Ok((ty_args, ty_res))
    })?;
    let mut all = vec![ty_res];
    all.extend(&ty_args);
    let mut instances = ctype::instance_list(cx, &all).into_iter();
    let ty_res = instances.next().expect("the result is the first");
    if !separate {
        unify_exp(cx, env, sexp, &make(ty_res), typer.expected_instance())?;
    }
    let recarg = if constr.inlined.is_none() {
        Recarg::Rejected
    } else if is_inline_record(&sargs) {
        Recarg::Required
    } else {
        return error(sexp.loc, env, Error::InlinedRecordExpected);
    };
    let mut args = Vec::new();
    for ((sarg, ty), ty0) in sargs.into_iter().zip(ty_args).zip(instances) {
        args.push(type_argument_recarg(cx, env, recarg, sarg, ty, ty0)?);
    }
    if constr.private == PrivateFlag::Private {
        let e = match constr.tag {
            ConstructorTag::Extension(..) => Error::PrivateConstructor(constr, ty_res),
            _ => Error::PrivateType(ty_res),
        };
        return error(sexp.loc, env, e);
    }
    Ok(typer.make(ExpressionDesc::Construct(lid.clone(), constr, args), ty_res))
}

fn arguments<'e>(
    typer: &Typer<'_>,
    constr: &ConstructorDescription,
    sarg: Option<&'e ast::Expression>,
) -> Result<Vec<&'e ast::Expression>> {
    let Some(sarg) = sarg else { return Ok(Vec::new()) };
    match &sarg.desc {
        ast::ExpressionDesc::Tuple(parts) if constr.arity > 1 || explicit_arity(&typer.sexp.attributes) => {
            if parts.iter().any(|(label, _)| label.is_some()) {
                return error(typer.sexp.loc, typer.env, Error::ConstructorLabeledArg);
            }
            Ok(parts.iter().map(|(_, part)| part).collect())
        }
        _ => Ok(vec![sarg]),
    }
}

/// Whether the argument is one that cannot leak an inline record.
fn is_inline_record(sargs: &[&ast::Expression]) -> bool {
    let [sarg] = sargs else { return false };
    match &sarg.desc {
        ast::ExpressionDesc::Ident(_) | ast::ExpressionDesc::Record(_, None) => true,
        ast::ExpressionDesc::Record(_, Some(extended)) => {
            matches!(extended.desc, ast::ExpressionDesc::Ident(_))
        }
        _ => false,
    }
}

/// `` `A ``, `` `A e ``
pub(super) fn type_variant(typer: &Typer<'_>, tag: Name, sarg: Option<&ast::Expression>) -> Result<Expression> {
    let (cx, env) = (typer.cx, typer.env);
    let expected1 = protect_expansion(cx, env, typer.expected.ty);
    let expected0 = typer.expected_instance();
    if let Some(sarg) = sarg
        && let Some(row) = rows::of_type(cx, ctype::expand_head(cx, env, expected1))
        && let Some(row0) = rows::of_type(cx, ctype::expand_head(cx, env, expected0))
        && let (RowField::Present(Some(ty)), RowField::Present(Some(ty0))) =
            (rows::field(cx, tag, &row), rows::field(cx, tag, &row0))
    {
        let arg = type_argument(cx, env, sarg, ty, ty0)?;
        return Ok(typer.make(ExpressionDesc::Variant(tag, Some(Box::new(arg))), expected0));
    }
    let arg = sarg.map(|sarg| type_exp(cx, env, sarg)).transpose()?;
    let field = RowField::Present(arg.as_ref().map(|arg| arg.type_));
    let row = rows::make(vec![(tag, field)], ctype::newvar(cx), false);
    let ty = ctype::newty(cx, TypeDesc::Variant(row));
    typer.unified(typer.make(ExpressionDesc::Variant(tag, arg.map(Box::new)), ty))
}
