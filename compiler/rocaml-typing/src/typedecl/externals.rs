//! `val` and `external`: value declarations, and how externals exchange values with C.

use super::{Error, fail};
use crate::attributes;
use crate::error::Result;
use crate::typedtree as tt;
use crate::typeopt;
use crate::typetexp;
use rocaml_base::{Location, Name};
use rocaml_diag::Warning;
use rocaml_syntax::ast::{self, Attributes, CoreTypeDesc};
use rocaml_syntax::attribute_use;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::primitive::{BoxedInteger, NativeRepr, PrimitiveDescription};
use rocaml_types::*;
use std::rc::Rc;

/// `[@unboxed]` or `[@untagged]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeReprKind {
    Unboxed,
    Untagged,
}

fn native_repr_attribute(attrs: &Attributes, global: Option<NativeReprKind>) -> Result<Option<NativeReprKind>> {
    let find = |name: &str| attrs.iter().find(|a| attributes::is_named(a, name)).inspect(|a| attribute_use::mark(a));
    match (find("unboxed"), find("untagged"), global) {
        (None, None, global) => Ok(global),
        (Some(_), None, None) => Ok(Some(NativeReprKind::Unboxed)),
        (None, Some(_), None) => Ok(Some(NativeReprKind::Untagged)),
        (Some(a), _, _) | (_, Some(a), _) => fail(a.name.loc, Error::MultipleNativeReprAttributes),
    }
}

fn native_repr_of_type(cx: &Context, env: &Env, kind: NativeReprKind, ty: TypeId) -> Option<NativeRepr> {
    let TypeDesc::Constr(path, ..) = cx.desc(ctype::expand_head_opt(cx, env, ty)) else { return None };
    match (kind, cx.predef().find_type_constr(&path)) {
        (NativeReprKind::Untagged, _) => matches!(typeopt::classify(cx, env, ty), typeopt::Classification::Int)
            .then_some(NativeRepr::UntaggedImmediate),
        (NativeReprKind::Unboxed, Some(TypeConstr::Float)) => Some(NativeRepr::UnboxedFloat),
        (NativeReprKind::Unboxed, Some(TypeConstr::Int32)) => Some(NativeRepr::UnboxedInteger(BoxedInteger::Int32)),
        (NativeReprKind::Unboxed, Some(TypeConstr::Int64)) => Some(NativeRepr::UnboxedInteger(BoxedInteger::Int64)),
        (NativeReprKind::Unboxed, Some(TypeConstr::Nativeint)) => {
            Some(NativeRepr::UnboxedInteger(BoxedInteger::Nativeint))
        }
        _ => None,
    }
}

/// Refuses attributes that stand within an argument's type, not on it.
fn check_no_deep_attribute(sty: &ast::CoreType) -> Result<()> {
    let check = |inner: &ast::CoreType| -> Result<()> {
        if let Some(kind) = native_repr_attribute(&inner.attributes, None)? {
            return fail(inner.loc, Error::DeepUnboxOrUntagAttribute(kind));
        }
        check_no_deep_attribute(inner)
    };
    match &sty.desc {
        CoreTypeDesc::Arrow(_, arg, res) => check(arg).and_then(|()| check(res)),
        CoreTypeDesc::Tuple(parts) => parts.iter().try_for_each(|(_, part)| check(part)),
        CoreTypeDesc::Constr(_, args) | CoreTypeDesc::Class(_, args) => args.iter().try_for_each(check),
        CoreTypeDesc::Alias(inner, _) | CoreTypeDesc::Poly(_, inner) | CoreTypeDesc::Open(_, inner) => check(inner),
        CoreTypeDesc::Object(fields, _) => fields.iter().try_for_each(|field| match &field.desc {
            ast::ObjectFieldDesc::Tag(_, ty) | ast::ObjectFieldDesc::Inherit(ty) => check(ty),
        }),
        CoreTypeDesc::Variant(fields, _, _) => fields.iter().try_for_each(|field| match &field.desc {
            ast::RowFieldDesc::Tag(_, _, types) => types.iter().try_for_each(check),
            ast::RowFieldDesc::Inherit(ty) => check(ty),
        }),
        CoreTypeDesc::Package(package) => package.cstrs.iter().try_for_each(|(_, ty)| check(ty)),
        CoreTypeDesc::Any | CoreTypeDesc::Var(_) | CoreTypeDesc::Extension(_) => Ok(()),
    }
}

fn make_native_repr(
    cx: &Context,
    env: &Env,
    sty: &ast::CoreType,
    ty: TypeId,
    global: Option<NativeReprKind>,
) -> Result<NativeRepr> {
    check_no_deep_attribute(sty)?;
    match native_repr_attribute(&sty.attributes, global)? {
        None => Ok(NativeRepr::SameAsOcamlRepr),
        Some(kind) => match native_repr_of_type(cx, env, kind, ty) {
            Some(repr) => Ok(repr),
            None => fail(sty.loc, Error::CannotUnboxOrUntagType(kind)),
        },
    }
}

fn native_reprs(
    cx: &Context,
    env: &Env,
    sty: &ast::CoreType,
    ty: TypeId,
    global: Option<NativeReprKind>,
) -> Result<(Vec<NativeRepr>, NativeRepr)> {
    match (&sty.desc, cx.desc(ty)) {
        (CoreTypeDesc::Arrow(_, sarg, sres), TypeDesc::Arrow(_, arg, res, _)) => {
            if let Some(kind) = native_repr_attribute(&sty.attributes, None)? {
                return fail(sty.loc, Error::CannotUnboxOrUntagType(kind));
            }
            let first = make_native_repr(cx, env, sarg, arg, global)?;
            let (mut args, res) = native_reprs(cx, env, sres, res, global)?;
            args.insert(0, first);
            Ok((args, res))
        }
        (CoreTypeDesc::Poly(_, inner) | CoreTypeDesc::Alias(inner, _), _) => native_reprs(cx, env, inner, ty, global),
        _ => Ok((vec![], make_native_repr(cx, env, sty, ty, global)?)),
    }
}

/// Reads the strings and attributes of an `external`.
fn parse_declaration(
    cx: &Context,
    sval: &ast::ValueDescription,
    args: Vec<NativeRepr>,
    res: NativeRepr,
) -> Result<PrimitiveDescription> {
    let empty = Name::new("");
    let words: Vec<&str> = sval.prim.iter().map(|n| n.as_str()).collect();
    let (name, native_name, old_noalloc, old_float) = match words[..] {
        [_, "noalloc", _, "float", ..] => (sval.prim[0], sval.prim[2], true, true),
        [_, "noalloc", _, ..] => (sval.prim[0], sval.prim[2], true, false),
        [_, _, "float", ..] => (sval.prim[0], sval.prim[1], false, true),
        [_, "noalloc"] => (sval.prim[0], empty, true, false),
        [_, _, ..] => (sval.prim[0], sval.prim[1], false, false),
        [_] => (sval.prim[0], empty, false, false),
        [] => panic!("an external without a name: the parser makes none"),
    };
    let plain = args.iter().chain([&res]).all(|repr| *repr == NativeRepr::SameAsOcamlRepr);
    let noalloc_attribute = attributes::has(&sval.attributes, "noalloc");
    if old_float && !plain {
        return fail(sval.loc, Error::OldStyleFloatWithNativeRepr);
    }
    if old_noalloc && noalloc_attribute {
        return fail(sval.loc, Error::OldStyleNoallocWithAttribute);
    }
    let deprecated = |text: &str| cx.alert("deprecated", sval.loc, None, text);
    if old_float {
        deprecated("[@@unboxed] + [@@noalloc] should be used\ninstead of \"float\"");
    } else if old_noalloc {
        deprecated("[@@noalloc] should be used instead of \"noalloc\"");
    }
    if native_name.is_empty() && !plain {
        return fail(sval.loc, Error::NoNativePrimitiveWithRepr);
    }
    let arity = args.len();
    let (native_repr_args, native_repr_res) =
        if old_float { (vec![NativeRepr::UnboxedFloat; arity], NativeRepr::UnboxedFloat) } else { (args, res) };
    Ok(PrimitiveDescription {
        name,
        arity,
        alloc: !(old_noalloc || old_float || noalloc_attribute),
        native_name,
        native_repr_args,
        native_repr_res,
    })
}

/// Warns where the representation of a type in an external depends on a default.
fn check_unboxable(cx: &Context, env: &Env, loc: Location, ty: TypeId) {
    let mut paths: Vec<Path> = Vec::new();
    btype::iter_type_expr(cx, ty, &mut |ty| {
        if let TypeDesc::Constr(path, ..) = cx.desc(ctype::expand_head_opt(cx, env, ty))
            && env.find_type(cx, &path).is_some_and(|decl| decl.unboxed_default)
            && !paths.contains(&path)
        {
            paths.push(path);
        }
    });
    for path in paths {
        cx.warn(loc, Warning::UnboxableTypeInPrimDecl(path.name()));
    }
}

fn transl_external(cx: &Context, env: &Env, sval: &ast::ValueDescription, ty: TypeId) -> Result<PrimitiveDescription> {
    let global = native_repr_attribute(&sval.attributes, None)?;
    let (args, res) = native_reprs(cx, env, &sval.type_, ty, global)?;
    let prim = parse_declaration(cx, sval, args, res)?;
    if prim.arity == 0 && !prim.name.starts_with('%') {
        return fail(sval.type_.loc, Error::NullArityExternal);
    }
    if cx.options.native_code && prim.arity > 5 && prim.native_name.is_empty() {
        return fail(sval.type_.loc, Error::MissingNativeExternal);
    }
    check_unboxable(cx, env, sval.loc, ty);
    Ok(prim)
}

/// `val x : t` in a signature, or `external`.
pub fn transl_value_decl(
    cx: &Context,
    env: &Env,
    loc: Location,
    sval: &ast::ValueDescription,
) -> Result<(tt::ValueDeclaration, Env)> {
    attributes::warning_scope(cx, &sval.attributes, || {
        let cty = typetexp::transl_type_scheme(cx, env, &sval.type_)?;
        let kind = if !sval.prim.is_empty() {
            ValueKind::Prim(Rc::new(transl_external(cx, env, sval, cty.type_)?))
        } else if env.is_in_signature() {
            ValueKind::Reg
        } else {
            return fail(sval.loc, Error::ValInStructure);
        };
        let val = Rc::new(ValueDescription {
            type_: cty.type_,
            kind,
            loc,
            attributes: sval.attributes.clone(),
            uid: cx.fresh_uid(),
        });
        let check: rocaml_types::env::ValueCheck = Some(Warning::UnusedValueDeclaration);
        let (id, new_env) = env.enter_value(cx, check, sval.name.txt, val.clone());
        let decl = tt::ValueDeclaration {
            id,
            name: sval.name,
            desc: cty,
            val,
            prim: sval.prim.clone(),
            loc: sval.loc,
            attributes: sval.attributes.clone(),
        };
        Ok((decl, new_env))
    })
}
