//! Unification with an arrow or an object of one method.

use super::expand::{expand_head_unif, unify_error};
use super::unify::{start_tracing, stop_tracing, unify_kind};
use super::{FilterArrowFailure, FilterMethodFailure, expand_head, newvar2};
use crate::btype;
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::{ArgLabel, PrivateFlag};

fn expand_head_trace(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, Trace> {
    let tracing = start_tracing(cx, env, false);
    let result = expand_head_unif(cx, env, ty);
    stop_tracing(cx, tracing);
    result
}

/// Unifies a type with `label:'a -> 'b` and returns both.
pub fn filter_arrow(
    cx: &Context,
    env: &Env,
    ty: TypeId,
    label: ArgLabel,
) -> Result<(TypeId, TypeId), FilterArrowFailure> {
    let function = |level| {
        let (param, result) = (newvar2(cx, level, None), newvar2(cx, level, None));
        (cx.new_node(TypeDesc::Arrow(label, param, result, Commutable::Ok), level), param, result)
    };
    let ty = expand_head_trace(cx, env, ty).map_err(|mut trace| {
        trace.push(Elt::Diff(Diff { got: function(cx.level(ty)).0, expected: ty }));
        FilterArrowFailure::Unification(unify_error(cx, env, trace))
    })?;
    match cx.desc(ty) {
        TypeDesc::Var(_) => {
            let (arrow, param, result) = function(cx.level(ty));
            cx.link(ty, arrow);
            Ok((param, result))
        }
        TypeDesc::Arrow(found, param, result, _) => {
            if label == found || cx.options.classic && label == ArgLabel::Nolabel && !btype::is_optional(found) {
                Ok((param, result))
            } else {
                Err(FilterArrowFailure::LabelMismatch { got: label, expected: found, expected_type: ty })
            }
        }
        _ => Err(FilterArrowFailure::NotAFunction),
    }
}

fn filter_method_field(cx: &Context, env: &Env, name: Name, ty: TypeId) -> Result<TypeId, FilterMethodFailure> {
    let method = |level| {
        let (ty, rest) = (newvar2(cx, level, None), newvar2(cx, level, None));
        (cx.new_node(TypeDesc::Field(name, FieldKind::Public, ty, rest), level), ty)
    };
    let mut ty = ty;
    loop {
        ty = expand_head_trace(cx, env, ty).map_err(|mut trace| {
            trace.push(Elt::Diff(Diff { got: ty, expected: method(cx.level(ty)).0 }));
            FilterMethodFailure::Unification(unify_error(cx, env, trace))
        })?;
        match cx.desc(ty) {
            TypeDesc::Var(_) => {
                let (field, method) = method(cx.level(ty));
                cx.link(ty, field);
                return Ok(method);
            }
            TypeDesc::Field(found, kind, method, _) if found == name => {
                return unify_kind(cx, kind, FieldKind::Public)
                    .map(|()| method)
                    .map_err(|_| FilterMethodFailure::NotAMethod);
            }
            TypeDesc::Field(_, _, _, rest) => ty = rest,
            _ => return Err(FilterMethodFailure::NotAMethod),
        }
    }
}

/// Unifies a type with `< name : 'a; .. >` and returns `'a`.
pub fn filter_method(cx: &Context, env: &Env, name: Name, ty: TypeId) -> Result<TypeId, FilterMethodFailure> {
    let object = |like: TypeId| {
        let row = newvar2(cx, cx.level(like), None);
        let object = cx.create(TypeDesc::Object(row, cx.new_object_name(None)), cx.level(like), cx.scope(like));
        filter_method_field(cx, env, name, row).map(|method| (object, method))
    };
    let ty = match expand_head_trace(cx, env, ty) {
        Ok(ty) => ty,
        Err(mut trace) => {
            trace.push(Elt::Diff(Diff { got: ty, expected: object(ty)?.0 }));
            return Err(FilterMethodFailure::Unification(unify_error(cx, env, trace)));
        }
    };
    match cx.desc(ty) {
        TypeDesc::Var(_) => {
            let (object, method) = object(ty)?;
            cx.link(ty, object);
            Ok(method)
        }
        TypeDesc::Object(fields, _) => filter_method_field(cx, env, name, fields),
        _ => Err(FilterMethodFailure::NotAnObject(ty)),
    }
}

/// The method is not in a closed row.
pub(super) struct NoSuchMethod;

/// Finds or adds a method in the row of a class's self type: its privacy, type, and the row
/// without it.
pub(super) fn filter_method_row(
    cx: &Context,
    env: &Env,
    name: Name,
    private: PrivateFlag,
    ty: TypeId,
) -> Result<(MethodPrivacy, TypeId, TypeId), NoSuchMethod> {
    let ty = expand_head(cx, env, ty);
    let level = cx.level(ty);
    match cx.desc(ty) {
        TypeDesc::Var(_) => {
            let (method, row) = (newvar2(cx, level, None), newvar2(cx, level, None));
            let (kind, privacy) = match private {
                PrivateFlag::Private => {
                    let kind = cx.new_field_kind();
                    (kind, MethodPrivacy::Private(kind))
                }
                PrivateFlag::Public => (FieldKind::Public, MethodPrivacy::Public),
            };
            cx.link(ty, cx.new_node(TypeDesc::Field(name, kind, method, row), level));
            Ok((privacy, method, row))
        }
        TypeDesc::Field(found, kind, method, rest) if found == name => {
            let privacy = match private {
                PrivateFlag::Public => {
                    unify_kind(cx, kind, FieldKind::Public).map_err(|_| NoSuchMethod)?;
                    MethodPrivacy::Public
                }
                PrivateFlag::Private => MethodPrivacy::Private(kind),
            };
            Ok((privacy, method, rest))
        }
        TypeDesc::Field(found, kind, method, rest) => {
            let (privacy, field, row) = filter_method_row(cx, env, name, private, rest)?;
            Ok((privacy, field, cx.new_node(TypeDesc::Field(found, kind, method, row), level)))
        }
        TypeDesc::Nil if name != btype::DUMMY_METHOD && private == PrivateFlag::Private => {
            Ok((MethodPrivacy::Private(FieldKind::Absent), newvar2(cx, level, None), ty))
        }
        _ => Err(NoSuchMethod),
    }
}
