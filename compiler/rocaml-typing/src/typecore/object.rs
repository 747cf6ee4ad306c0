//! Objects: method calls, `new`, instance variables, copies. Classes and the bodies of objects are
//! typed by [`crate::typeclass`].

use rocaml_base::{Loc, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag, VirtualFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::ctype::{self, FilterMethodFailure};
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::{ClassSignature, FieldKind, Ident, SelfMeths, TypeDesc, TypeId, ValueKind};

use super::base::{
    generalize, generalize_structure_if_principal, instance, mk_expected, protect_expansion, unify_exp,
    unify_exp_types, warn_not_principal, with_explanation,
};
use super::checks::check_univars;
use super::error::{Error, error};
use super::expression::{Typer, self_path, type_exp, type_expect};
use crate::Result;
use crate::typeclass;
use crate::typedtree::{Expression, ExpressionDesc, ExpressionExtra, Method};
use crate::typetexp;

/// `e#m`
pub(super) fn type_send_expression(
    typer: &Typer<'_>,
    sobject: &ast::Expression,
    method: &Loc<Name>,
) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let (object, meth, ty) = generalize_structure_if_principal(cx, || type_send(typer, sobject, method.txt))?;
    let ty = match cx.desc(ty) {
        TypeDesc::Poly(ty, univars) if univars.is_empty() => instance(cx, ty),
        TypeDesc::Poly(body, univars) => {
            if cx.options.principal && cx.level(ty) != GENERIC_LEVEL {
                warn_not_principal(cx, loc, "this use of a polymorphic method");
            }
            ctype::instance_poly(cx, false, false, &univars, body).1
        }
        _ => {
            let result = ctype::newvar(cx);
            let poly = ctype::newty(cx, TypeDesc::Poly(result, [].into()));
            unify_exp_types(cx, env, loc, instance(cx, ty), poly)?;
            result
        }
    };
    typer.unified(typer.make(ExpressionDesc::Send(Box::new(object), meth), ty))
}

fn method_type(cx: &rocaml_types::Context, name: Name, sign: &ClassSignature) -> TypeId {
    sign.meths.borrow().get(&name).map_or_else(|| ctype::newvar(cx), |(_, _, ty)| *ty)
}

fn type_send(typer: &Typer<'_>, sobject: &ast::Expression, name: Name) -> Result<(Expression, Method, TypeId)> {
    let (cx, env) = (typer.cx, typer.env);
    let object = type_exp(cx, env, sobject)?;
    let undefined = |valid: Vec<Name>| error(sobject.loc, env, Error::UndefinedSelfMethod(name, valid));
    if let ExpressionDesc::Ident(_, _, desc) = &object.desc {
        match &desc.kind {
            ValueKind::SelfVal(self_) => {
                let (id, ty) = match &self_.meths {
                    SelfMeths::Concrete(meths) => match meths.get(&name) {
                        Some(id) => (*id, method_type(cx, name, &self_.signature)),
                        None => return undefined(meths.keys().rev().copied().collect()),
                    },
                    SelfMeths::Virtual(meths) => {
                        let known = meths.borrow().get(&name).copied();
                        match known {
                            Some(id) => (id, method_type(cx, name, &self_.signature)),
                            None => {
                                let (id, ty) = (Ident::create_local(name), ctype::newvar(cx));
                                meths.borrow_mut().insert(name, id);
                                let (private, virt) = (PrivateFlag::Private, VirtualFlag::Virtual);
                                // A fresh method of a fresh type cannot clash.
                                let _ = ctype::add_method(cx, env, name, private, virt, ty, &self_.signature);
                                let warning = rocaml_diag::warning::Warning::UndeclaredVirtualMethod(name.to_string());
                                cx.warn(typer.sexp.loc, warning);
                                (id, ty)
                            }
                        }
                    }
                };
                return Ok((object, Method::Val(id), ty));
            }
            ValueKind::Anc(ancestor) => {
                let Some(id) = ancestor.meths.get(&name).copied() else {
                    return undefined(ancestor.meths.keys().rev().copied().collect());
                };
                let ty = method_type(cx, name, &ancestor.signature);
                let path = self_path(cx, env, ancestor.class_num);
                return Ok((object, Method::Ancestor(id, path), ty));
            }
            _ => {}
        }
    }
    match ctype::filter_method(cx, env, name, object.type_) {
        Ok(ty) => Ok((object, Method::Name(name), ty)),
        Err(failure) => {
            let explanation = typer.expected.explanation;
            let e = match failure {
                FilterMethodFailure::Unification(e) => Error::ExprTypeClash(e, explanation, None),
                FilterMethodFailure::NotAnObject(ty) => Error::NotAnObject(ty, explanation),
                FilterMethodFailure::NotAMethod => {
                    Error::UndefinedMethod(object.type_, name, public_methods(typer, object.type_))
                }
            };
            error(sobject.loc, env, e)
        }
    }
}

fn public_methods(typer: &Typer<'_>, ty: TypeId) -> Option<Vec<Name>> {
    let cx = typer.cx;
    let TypeDesc::Object(fields, _) = cx.desc(ctype::expand_head(cx, typer.env, ty)) else { return None };
    let (fields, _) = ctype::flatten_fields(cx, fields);
    let public = fields.iter().filter(|(_, kind, _)| cx.field_kind(*kind) == FieldKind::Public);
    Some(public.map(|(name, ..)| *name).collect())
}

/// `new c`
pub(super) fn type_new(typer: &Typer<'_>, lid: &Loc<Longident>) -> Result<Expression> {
    let (cx, env) = (typer.cx, typer.env);
    let (path, class) = env.lookup_class(cx, true, lid.loc, &lid.txt)?;
    let Some(ty) = class.new else {
        return error(typer.sexp.loc, env, Error::VirtualClass(lid.txt.clone()));
    };
    typer.unified(typer.make(ExpressionDesc::New(path, lid.clone(), class), instance(cx, ty)))
}

/// `x <- e`
pub(super) fn type_setinstvar(typer: &Typer<'_>, name: &Loc<Name>, svalue: &ast::Expression) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let (path, mutable, class, ty) = env.lookup_instance_variable(cx, true, loc, name.txt)?;
    if mutable == MutableFlag::Immutable {
        return error(loc, env, Error::InstanceVariableNotMutable(name.txt));
    }
    let value = type_expect(cx, env, svalue, mk_expected(instance(cx, ty)))?;
    let desc = ExpressionDesc::SetInstVar(self_path(cx, env, class), path, *name, Box::new(value));
    typer.unified(typer.make(desc, instance(cx, cx.predef().unit)))
}

/// `{< x = e; … >}`
pub(super) fn type_override(typer: &Typer<'_>, fields: &[(Loc<Name>, ast::Expression)]) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    for (i, (name, _)) in fields.iter().enumerate().rev() {
        if fields[i + 1..].iter().any(|(other, _)| other.txt == name.txt) {
            return error(loc, env, Error::ValueMultiplyOverridden(name.txt));
        }
    }
    let find = |name: &str| env.find_value_by_name(cx, &Longident::Lident(Name::new(name)));
    let (Some((_, self_)), Some((path_self, _))) = (find("selfpat-*"), find("self-*")) else {
        return error(loc, env, Error::OutsideClass);
    };
    let ValueKind::SelfVal(desc) = &self_.kind else {
        return error(loc, env, Error::OutsideClass);
    };
    let mut typed = Vec::new();
    for (name, svalue) in fields {
        let ty = desc.signature.vars.borrow().get(&name.txt).map(|(_, _, ty)| *ty);
        let (Some(id), Some(ty)) = (desc.vars.get(&name.txt), ty) else {
            let valid = desc.vars.keys().rev().copied().collect();
            return error(loc, env, Error::UnboundInstanceVariable(name.txt, valid));
        };
        typed.push((*id, *name, type_expect(cx, env, svalue, mk_expected(instance(cx, ty)))?));
    }
    typer.unified(typer.make(ExpressionDesc::Override(path_self, typed), self_.type_))
}

/// `object … end`
pub(super) fn type_object(typer: &Typer<'_>, class: &ast::ClassStructure) -> Result<Expression> {
    let (structure, methods) = typeclass::type_object(typer.cx, typer.env, typer.sexp.loc, class)?;
    let ty = structure.type_.self_;
    typer.unified(typer.make(ExpressionDesc::Object(Box::new(structure), methods), ty))
}

/// The body of a method, with its polymorphic type.
pub(super) fn type_poly(
    typer: &Typer<'_>,
    sbody: &ast::Expression,
    styp: Option<&ast::CoreType>,
) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let (ty, cty) = generalize_structure_if_principal(cx, || match styp {
        None => Ok((protect_expansion(cx, env, typer.expected.ty), None)),
        Some(styp) => {
            let styp = typetexp::force_poly(styp);
            let cty = typetexp::transl_simple_type(cx, env, None, false, &styp)?;
            Ok((cty.type_, Some(cty)))
        }
    })?;
    if styp.is_some() {
        let result = unify_exp_types(cx, env, loc, instance(cx, ty), typer.expected_instance());
        with_explanation(typer.expected.explanation, result)?;
    }
    let mut exp = match cx.desc(ctype::expand_head(cx, env, ty)) {
        TypeDesc::Poly(body, univars) if univars.is_empty() => {
            let exp = type_expect(cx, env, sbody, mk_expected(body))?;
            Expression { type_: instance(cx, ty), ..exp }
        }
        TypeDesc::Poly(body, univars) => {
            let (exp, vars) = generalize(cx, || {
                let (vars, body) = generalize_structure_if_principal(cx, || {
                    Ok(ctype::instance_poly(cx, false, true, &univars, body))
                })?;
                Ok((type_expect(cx, env, sbody, mk_expected(body))?, vars))
            })?;
            check_univars(cx, env, "method", &exp, typer.expected.ty, &vars)?;
            Expression { type_: instance(cx, ty), ..exp }
        }
        _ => {
            let exp = type_exp(cx, env, sbody)?;
            let poly = ctype::newty(cx, TypeDesc::Poly(exp.type_, [].into()));
            let exp = Expression { type_: poly, ..exp };
            unify_exp(cx, env, typer.sexp, &exp, ty)?;
            exp
        }
    };
    exp.extra.insert(0, (ExpressionExtra::Poly(cty.map(Box::new)), loc, typer.sexp.attributes.clone()));
    Ok(exp)
}
