//! Fields of object types, rows of variants, and the variables free in types.

use super::{ClosedClassFailure, Field, VariableKind, Visited};
use crate::Ident;
use crate::btype::{self, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, Level};
use crate::types::*;
use rocaml_base::Name;
use std::rc::Rc;

/// The row of fields of an object type; the type itself if it is none.
pub fn object_fields(cx: &Context, ty: TypeId) -> TypeId {
    match cx.desc(ty) {
        TypeDesc::Object(fields, _) => fields,
        _ => ty,
    }
}

/// The fields of a row sorted by name, and what follows them.
pub fn flatten_fields(cx: &Context, ty: TypeId) -> (Vec<Field>, TypeId) {
    let mut fields = Vec::new();
    let mut rest = ty;
    while let TypeDesc::Field(name, kind, ty, next) = cx.desc(rest) {
        fields.push((name, kind, ty));
        rest = next;
    }
    // Upstream collects in reverse before a stable sort: later fields of one name come first.
    fields.reverse();
    fields.sort_by_key(|field| field.0);
    (fields, rest)
}

/// The row of these fields that ends with `rest`.
pub(super) fn build_fields(cx: &Context, level: Level, fields: &[Field], rest: TypeId) -> TypeId {
    fields
        .iter()
        .rev()
        .fold(rest, |rest, (name, kind, ty)| cx.new_node(TypeDesc::Field(*name, *kind, *ty, rest), level))
}

/// Sorts two sorted lists of fields into: in both, only in the first, only in the second.
#[allow(clippy::type_complexity)]
pub fn associate_fields(
    fields1: &[Field],
    fields2: &[Field],
) -> (Vec<(Name, FieldKind, TypeId, FieldKind, TypeId)>, Vec<Field>, Vec<Field>) {
    let (mut both, mut only1, mut only2) = (Vec::new(), Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < fields1.len() && j < fields2.len() {
        let ((n1, k1, t1), (n2, k2, t2)) = (fields1[i], fields2[j]);
        match n1.cmp(&n2) {
            std::cmp::Ordering::Equal => {
                both.push((n1, k1, t1, k2, t2));
                i += 1;
                j += 1;
            }
            std::cmp::Ordering::Less => {
                only1.push(fields1[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                only2.push(fields2[j]);
                j += 1;
            }
        }
    }
    only1.extend_from_slice(&fields1[i..]);
    only2.extend_from_slice(&fields2[j..]);
    (both, only1, only2)
}

/// What ends an object's row.
pub(super) fn object_row(cx: &Context, ty: TypeId) -> TypeId {
    let mut ty = ty;
    loop {
        match cx.desc(ty) {
            TypeDesc::Object(next, _) | TypeDesc::Field(_, _, _, next) => ty = next,
            _ => return ty,
        }
    }
}
/// Whether an object type may have more fields than it shows.
pub fn opened_object(cx: &Context, ty: TypeId) -> bool {
    matches!(cx.desc(object_row(cx, ty)), TypeDesc::Var(_) | TypeDesc::Univar(_) | TypeDesc::Constr(..))
}
/// Remembers that an open object type is `#id`.
pub fn set_object_name(cx: &Context, id: Ident, params: &[TypeId], ty: TypeId) {
    if let TypeDesc::Object(fields, name) = cx.desc(ty) {
        let args = std::iter::once(object_row(cx, fields)).chain(params.iter().copied()).collect();
        cx.set_object_name(name, Some((Path::Ident(id), args)));
    }
}
/// Forgets the name of an object type.
pub fn remove_object_name(cx: &Context, ty: TypeId) {
    if let TypeDesc::Object(_, name) = cx.desc(ty) {
        cx.set_object_name(name, None);
    }
}
/// The `#t` type of a class type's path, with its manifest.
pub fn find_cltype_for_path(cx: &Context, env: &Env, path: &Path) -> Option<(Rc<TypeDeclaration>, TypeId)> {
    let decl = env.find_hash_type(cx, path)?;
    let manifest = decl.manifest?;
    Some((decl, manifest))
}

// ---------------------------------------------------------------------------------------------
// Rows

type RowFields = Vec<(Name, RowField)>;

pub fn sort_row_fields(mut fields: RowFields) -> RowFields {
    fields.sort_by_key(|field| field.0);
    fields
}

/// Sorts two lists of tags into: only in the first, only in the second, in both.
#[allow(clippy::type_complexity)]
pub fn merge_row_fields(
    fields1: &[(Name, RowField)],
    fields2: &[(Name, RowField)],
) -> (RowFields, RowFields, Vec<(Name, RowField, RowField)>) {
    if fields1.is_empty() || fields2.is_empty() {
        return (fields1.to_vec(), fields2.to_vec(), Vec::new());
    }
    let (sorted1, sorted2) = (sort_row_fields(fields1.to_vec()), sort_row_fields(fields2.to_vec()));
    let (mut only1, mut only2, mut both) = (Vec::new(), Vec::new(), Vec::new());
    let (mut left, mut right) = (sorted1.into_iter().peekable(), sorted2.into_iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => a.0.cmp(&b.0),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        match order {
            std::cmp::Ordering::Less => only1.extend(left.next()),
            std::cmp::Ordering::Greater => only2.extend(right.next()),
            std::cmp::Ordering::Equal => {
                if let (Some((name, f1)), Some((_, f2))) = (left.next(), right.next()) {
                    both.push((name, f1, f2));
                }
            }
        }
    }
    // Upstream gathers the common tags in reverse.
    both.reverse();
    (only1, only2, both)
}

/// Without absent tags; if `erase`, merely possible ones become absent first.
pub fn filter_row_fields(cx: &Context, erase: bool, fields: RowFields) -> RowFields {
    fields
        .into_iter()
        .filter(|(_, field)| match cx.row_field(field) {
            RowField::Absent => false,
            RowField::Either { matched: false, .. } if erase => {
                btype::link_row_field_ext(cx, field, RowField::Absent);
                false
            }
            _ => true,
        })
        .collect()
}

// ---------------------------------------------------------------------------------------------
// Free variables

/// Calls `found` on each variable of a type with its kind until it answers true. With an
/// environment, an abbreviation still being defined counts as a variable.
fn free_vars(
    cx: &Context,
    env: Option<&Env>,
    visited: &mut Visited,
    kind: VariableKind,
    ty: TypeId,
    found: &mut dyn FnMut(TypeId, VariableKind) -> bool,
) -> bool {
    use VariableKind::{RowVariable, TypeVariable};
    let ty = cx.repr(ty);
    if !visited.insert(ty) {
        return false;
    }
    let desc = cx.desc(ty);
    match &desc {
        TypeDesc::Var(_) => found(ty, kind),
        TypeDesc::Constr(path, args, _) => {
            if let Some(env) = env
                && let Some((_, body, _)) = env.find_type_expansion(cx, path)
                && cx.level(body) != GENERIC_LEVEL
                && found(ty, kind)
            {
                return true;
            }
            let inner = if env.is_some() { TypeVariable } else { kind };
            args.iter().any(|arg| free_vars(cx, env, visited, inner, *arg, found))
        }
        TypeDesc::Object(fields, _) => free_vars(cx, env, visited, RowVariable, *fields, found),
        TypeDesc::Field(_, _, ty, rest) => {
            free_vars(cx, env, visited, TypeVariable, *ty, found)
                || free_vars(cx, env, visited, RowVariable, *rest, found)
        }
        TypeDesc::Variant(row) => {
            let mut stop = false;
            btype::iter_row(cx, row, &mut |ty| stop = stop || free_vars(cx, env, visited, TypeVariable, ty, found));
            stop || !btype::static_row(cx, row)
                && free_vars(cx, env, visited, RowVariable, btype::row_more(cx, row), found)
        }
        _ => {
            let mut stop = false;
            iter_type_expr(cx, ty, &mut |child| stop = stop || free_vars(cx, env, visited, kind, child, found));
            stop
        }
    }
}

/// The variables of a type, last met first.
pub fn free_variables(cx: &Context, env: Option<&Env>, ty: TypeId) -> Vec<TypeId> {
    free_variables_list(cx, env, &[ty])
}
/// The variables of several types, last met first.
pub fn free_variables_list(cx: &Context, env: Option<&Env>, tys: &[TypeId]) -> Vec<TypeId> {
    let mut visited = Visited::new();
    let mut vars = Vec::new();
    for ty in tys {
        free_vars(cx, env, &mut visited, VariableKind::TypeVariable, *ty, &mut |var, _| {
            vars.push(var);
            false
        });
    }
    vars.reverse();
    vars
}
/// The variables of a type that are not rows.
pub fn free_non_row_variables(cx: &Context, ty: TypeId) -> Vec<TypeId> {
    let mut vars = Vec::new();
    free_vars(cx, None, &mut Visited::new(), VariableKind::TypeVariable, ty, &mut |var, kind| {
        if kind == VariableKind::TypeVariable {
            vars.push(var);
        }
        false
    });
    vars.reverse();
    vars
}

fn first_free(cx: &Context, env: Option<&Env>, visited: &mut Visited, ty: TypeId) -> Option<(TypeId, VariableKind)> {
    let mut first = None;
    free_vars(cx, env, visited, VariableKind::TypeVariable, ty, &mut |var, kind| {
        first = Some((var, kind));
        true
    });
    first
}
pub fn closed_type_expr(cx: &Context, env: Option<&Env>, ty: TypeId) -> bool {
    first_free(cx, env, &mut Visited::new(), ty).is_none()
}
fn mark_all(cx: &Context, visited: &mut Visited, tys: &[TypeId]) {
    let mut stack = tys.to_vec();
    while let Some(ty) = stack.pop() {
        let ty = cx.repr(ty);
        if visited.insert(ty) {
            iter_type_expr(cx, ty, &mut |child| stack.push(child));
        }
    }
}
/// Whether all variables of a type are in its parameters.
pub(super) fn closed_parameterized_type(cx: &Context, params: &[TypeId], ty: TypeId) -> bool {
    let mut visited = Visited::new();
    mark_all(cx, &mut visited, params);
    first_free(cx, None, &mut visited, ty).is_none()
}
/// A variable of a declaration that is not a parameter.
pub fn closed_type_decl(cx: &Context, decl: &TypeDeclaration) -> Option<TypeId> {
    let mut visited = Visited::new();
    mark_all(cx, &mut visited, &decl.params);
    let mut types = Vec::new();
    match &decl.kind {
        TypeKind::Abstract(_) | TypeKind::Open => {}
        TypeKind::Record(labels, _) => types.extend(labels.iter().map(|l| l.type_)),
        TypeKind::Variant(cstrs, _) => {
            for cstr in cstrs.iter().filter(|c| c.res.is_none()) {
                btype::iter_cstr_args(&cstr.args, &mut |ty| types.push(ty));
            }
        }
    }
    types.extend(decl.manifest);
    types.into_iter().find_map(|ty| first_free(cx, None, &mut visited, ty)).map(|(var, _)| var)
}
/// A variable of an extension constructor that is not a parameter.
pub fn closed_extension_constructor(cx: &Context, ext: &ExtensionConstructor) -> Option<TypeId> {
    if ext.ret_type.is_some() {
        return None;
    }
    let mut visited = Visited::new();
    mark_all(cx, &mut visited, &ext.type_params);
    let mut found = None;
    btype::iter_cstr_args(&ext.args, &mut |ty| {
        if found.is_none() {
            found = first_free(cx, None, &mut visited, ty);
        }
    });
    found.map(|(var, _)| var)
}
/// A variable of a public method that is not a parameter of the class.
pub fn closed_class(cx: &Context, params: &[TypeId], sign: &ClassSignature) -> Option<ClosedClassFailure> {
    let mut visited = Visited::new();
    mark_all(cx, &mut visited, params);
    visited.insert(cx.repr(sign.self_row.get()));
    let meths = sign.meths.borrow().clone();
    meths.into_iter().find_map(|(meth, (privacy, _, meth_ty))| {
        if !matches!(privacy, MethodPrivacy::Public) {
            return None;
        }
        let free_variable = first_free(cx, None, &mut visited, meth_ty)?;
        Some(ClosedClassFailure { free_variable, meth, meth_ty })
    })
}
