//! Normal forms, weak variables, and small questions about types.

use super::expand::{expand_head_safe, generic_abbrev, generic_private_abbrev};
use super::objects::{build_fields, flatten_fields};
use super::{deep_occur_list, is_equal, unify};
use crate::btype::{self, TypeSet, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::UnifyError;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, LOWEST_LEVEL};
use crate::types::*;
use rocaml_base::Name;
use std::rc::Rc;

/// Puts a type in normal form, for printing and saving: sorted rows without absent tags and
/// without repetition, closed classes by name.
pub fn normalize_type(cx: &Context, ty: TypeId) {
    let mut visited = TypeSet::default();
    let mut stack = vec![ty];
    while let Some(ty) = stack.pop() {
        let ty = cx.repr(ty);
        if visited.insert(ty) {
            normalize_node(cx, ty);
            iter_type_expr(cx, ty, &mut |child| stack.push(child));
        }
    }
}

fn normalize_node(cx: &Context, ty: TypeId) {
    if !btype::is_tconstr(cx, ty)
        && let TypeDesc::Constr(Path::Dot(prefix, name), args, _) = cx.desc(btype::row_of_type(cx, ty))
        && btype::is_row_name(&name)
    {
        let name = Name::new(&name[..name.len() - "#row".len()]);
        cx.set_desc(ty, TypeDesc::Constr(Path::Dot(prefix, name), args, cx.new_memo()));
        return;
    }
    match cx.desc(ty) {
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            let mut fields: Vec<(Name, RowField)> = row
                .fields
                .iter()
                .map(|(tag, field)| (*tag, without_repetition(cx, field)))
                .filter(|(_, field)| !matches!(cx.row_field(field), RowField::Absent))
                .collect();
            fields.sort_by_key(|field| field.0);
            cx.set_desc(ty, TypeDesc::Variant(RowDesc { fields: fields.into(), ..row }));
        }
        TypeDesc::Object(fields, name_cell) => {
            if let Some((path, args)) = cx.object_name(name_cell)
                && let Some((row, rest)) = args.split_first()
            {
                if deep_occur_list(cx, ty, rest) {
                    // The name may be hiding something.
                    cx.set_object_name(name_cell, None);
                } else {
                    match cx.desc(*row) {
                        TypeDesc::Var(_) | TypeDesc::Univar(_) => {}
                        TypeDesc::Nil => cx.set_desc(ty, TypeDesc::Constr(path, rest.into(), cx.new_memo())),
                        _ => cx.set_object_name(name_cell, None),
                    }
                }
            }
            let level = cx.level(fields);
            if level >= LOWEST_LEVEL && matches!(cx.desc(fields), TypeDesc::Field(..)) {
                let (flat, row) = flatten_fields(cx, fields);
                let sorted = build_fields(cx, level, &flat, row);
                cx.set_desc(fields, cx.desc(sorted));
            }
        }
        _ => {}
    }
}

fn without_repetition(cx: &Context, field: &RowField) -> RowField {
    let RowField::Either { no_arg, arg_type, matched, ext } = cx.row_field(field) else { return field.clone() };
    let mut kept: Vec<TypeId> = Vec::new();
    for ty in arg_type.iter() {
        if !kept.iter().any(|other| is_equal(cx, &Env::empty(), false, &[*ty], &[*other])) {
            kept.push(*ty);
        }
    }
    if kept.len() == arg_type.len() {
        field.clone()
    } else {
        RowField::Either { no_arg, arg_type: kept.into(), matched, ext }
    }
}

// ---------------------------------------------------------------------------------------------
// Weak variables

/// The nodes visited, in order.
#[derive(Default)]
struct Trail {
    set: TypeSet,
    order: Vec<TypeId>,
}

impl Trail {
    fn insert(&mut self, ty: TypeId) -> bool {
        let fresh = self.set.insert(ty);
        if fresh {
            self.order.push(ty);
        }
        fresh
    }
    fn truncate(&mut self, len: usize) {
        for ty in self.order.drain(len..) {
            self.set.remove(&ty);
        }
    }
}

fn add_nongen(cx: &Context, env: &Env, visited: &mut Trail, weak: &mut Vec<TypeId>, ty: TypeId) {
    let ty = cx.repr(ty);
    if !visited.insert(ty) {
        return;
    }
    match cx.desc(ty) {
        TypeDesc::Var(_) => {
            if cx.level(ty) != GENERIC_LEVEL {
                weak.push(ty);
            }
        }
        TypeDesc::Constr(_, args, _) => {
            let before = (weak.len(), visited.order.len());
            args.iter().for_each(|arg| add_nongen(cx, env, visited, weak, *arg));
            // What is found in arguments may vanish by expansion.
            if weak.len() > before.0
                && let Some(expansion) = expand_head_safe(cx, env, ty)
            {
                weak.truncate(before.0);
                visited.truncate(before.1);
                add_nongen(cx, env, visited, weak, expansion);
            }
        }
        TypeDesc::Field(_, kind, method, rest) => {
            if cx.field_kind(kind) == FieldKind::Public {
                add_nongen(cx, env, visited, weak, method);
            }
            add_nongen(cx, env, visited, weak, rest);
        }
        TypeDesc::Variant(row) => {
            btype::iter_row(cx, &row, &mut |child| add_nongen(cx, env, visited, weak, child));
            if !btype::static_row(cx, &row) {
                add_nongen(cx, env, visited, weak, btype::row_more(cx, &row));
            }
        }
        _ => iter_type_expr(cx, ty, &mut |child| add_nongen(cx, env, visited, weak, child)),
    }
}

fn sorted(mut weak: Vec<TypeId>) -> Option<Vec<TypeId>> {
    weak.sort();
    weak.dedup();
    (!weak.is_empty()).then_some(weak)
}

/// The variables of a type scheme that are not generic, if any.
pub fn nongen_vars_in_schema(cx: &Context, env: &Env, ty: TypeId) -> Option<Vec<TypeId>> {
    let mut weak = Vec::new();
    add_nongen(cx, env, &mut Trail::default(), &mut weak, ty);
    sorted(weak)
}
/// The same for a class; its abbreviations are not expanded.
pub fn nongen_vars_in_class_declaration(cx: &Context, decl: &ClassDeclaration) -> Option<Vec<TypeId>> {
    let env = Env::empty();
    let mut types = decl.params.clone();
    let mut cty = &decl.type_;
    loop {
        match cty {
            ClassType::Constr(_, params, _) => {
                types.extend(params);
                break;
            }
            ClassType::Signature(sign) => {
                types.extend([sign.self_, sign.self_row.get()]);
                types.extend(sign.meths.borrow().values().map(|m| m.2));
                types.extend(sign.vars.borrow().values().map(|v| v.2));
                break;
            }
            ClassType::Arrow(_, ty, inner) => {
                types.push(*ty);
                cty = inner;
            }
        }
    }
    let mut weak = Vec::new();
    for ty in types {
        add_nongen(cx, &env, &mut Trail::default(), &mut weak, ty);
    }
    sorted(weak)
}

// ---------------------------------------------------------------------------------------------
// Questions

/// A fresh node for a type that is its own alias.
pub fn unalias(cx: &Context, ty: TypeId) -> TypeId {
    let ty = cx.repr(ty);
    let level = cx.level(ty);
    match cx.desc(ty) {
        TypeDesc::Var(_) | TypeDesc::Univar(_) => ty,
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            let more = cx.new_node(cx.desc(row.more), cx.level(row.more));
            cx.new_node(TypeDesc::Variant(RowDesc { more, ..row }), level)
        }
        TypeDesc::Object(fields, name) => cx.new_node(TypeDesc::Object(unalias_row(cx, fields), name), level),
        desc => cx.new_node(desc, level),
    }
}
fn unalias_row(cx: &Context, ty: TypeId) -> TypeId {
    match cx.desc(ty) {
        TypeDesc::Field(name, kind, method, rest) => {
            cx.new_node(TypeDesc::Field(name, kind, method, unalias_row(cx, rest)), cx.level(ty))
        }
        desc @ (TypeDesc::Var(_) | TypeDesc::Nil) => cx.new_node(desc, cx.level(ty)),
        TypeDesc::Constr(..) => cx.new_node(TypeDesc::Var(None), cx.level(ty)),
        _ => ty,
    }
}

/// The number of parameters that a function's type shows.
pub fn arity(cx: &Context, ty: TypeId) -> usize {
    let (mut ty, mut count) = (ty, 0);
    while let TypeDesc::Arrow(_, _, result, _) = cx.desc(ty) {
        count += 1;
        ty = result;
    }
    count
}

/// Unifies the conjunctive types of possible tags, in the parameters of a class.
pub fn collapse_conj_params(cx: &Context, env: &Env, params: &[TypeId]) -> Result<(), UnifyError> {
    params.iter().try_for_each(|param| collapse_conj(cx, env, &mut TypeSet::default(), *param))
}

fn collapse_conj(cx: &Context, env: &Env, visited: &mut TypeSet, ty: TypeId) -> Result<(), UnifyError> {
    let ty = cx.repr(ty);
    if !visited.insert(ty) {
        return Ok(());
    }
    let mut children = Vec::new();
    if let TypeDesc::Variant(row) = cx.desc(ty) {
        for (_, field) in btype::row_repr(cx, &row).fields.iter() {
            if let RowField::Either { arg_type, .. } = cx.row_field(field)
                && let Some((first, rest)) = arg_type.split_first()
            {
                rest.iter().try_for_each(|ty| unify(cx, env, *first, *ty))?;
            }
        }
        btype::iter_row(cx, &row, &mut |child| children.push(child));
    } else {
        iter_type_expr(cx, ty, &mut |child| children.push(child));
    }
    children.into_iter().try_for_each(|child| collapse_conj(cx, env, visited, child))
}

/// Whether the values of a type are known to be immediate.
pub fn immediacy(cx: &Context, env: &Env, ty: TypeId) -> Immediacy {
    match cx.desc(ty) {
        TypeDesc::Constr(path, ..) => env.find_type(cx, &path).map_or(Immediacy::Unknown, |decl| decl.immediate),
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            let has_block = row.fields.iter().any(|(_, field)| {
                matches!(cx.row_field(field), RowField::Present(Some(_)) | RowField::Either { no_arg: false, .. })
            });
            if row.closed && !has_block { Immediacy::Always } else { Immediacy::Unknown }
        }
        _ => Immediacy::Unknown,
    }
}

/// The types that a value of this type consists of without a box of its own.
pub fn contained_without_boxing(cx: &Context, env: &Env, ty: TypeId) -> Vec<TypeId> {
    match cx.desc(ty) {
        TypeDesc::Poly(body, _) => contained_without_boxing(cx, env, body),
        TypeDesc::Constr(path, args, _) => {
            let Some(decl) = env.find_type(cx, &path) else { return Vec::new() };
            let inner = match &decl.kind {
                TypeKind::Record(labels, RecordRepresentation::Unboxed(_)) => labels.first().map(|l| l.type_),
                TypeKind::Variant(cstrs, VariantRepresentation::Unboxed) => match cstrs.first().map(|c| &c.args) {
                    Some(ConstructorArguments::Tuple(tys)) => tys.first().copied(),
                    Some(ConstructorArguments::Record(labels)) => labels.first().map(|l| l.type_),
                    None => None,
                },
                _ => None,
            };
            inner.and_then(|inner| super::apply(cx, env, &decl.params, inner, &args).ok()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether an abbreviation expands to a generic type, privately or not; see classes.
pub fn is_generic_abbrev(cx: &Context, env: &Env, private: bool, path: &Path) -> bool {
    if private { generic_private_abbrev(cx, env, path) } else { generic_abbrev(cx, env, path) }
}

/// A list of types as shared data.
pub fn shared(tys: Vec<TypeId>) -> Rc<[TypeId]> {
    tys.into()
}
