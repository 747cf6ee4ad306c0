//! Levels, scopes and generalisation.
//!
//! The nodes made within a region of generalisation gather in a pool of the store; when the
//! region ends, those whose level is still above the outer one become generic and the others
//! move to an outer pool. No type is traversed.

use super::{CannotExpand, Visited};
use crate::btype::{self, IdMap, TypeMap, iter_type_expr};
use crate::context::{Context, Levels};
use crate::env::Env;
use crate::errortrace::{Escape, EscapeKind};
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, LOWEST_LEVEL, Level};
use crate::types::*;
use std::convert::Infallible;

// ---------------------------------------------------------------------------------------------
// Regions

fn push_level(cx: &Context, levels: Levels) {
    cx.saved_levels.borrow_mut().push(cx.levels.get());
    cx.levels.set(levels);
}
/// Raises the level.
pub fn begin_def(cx: &Context) {
    let current = cx.levels.get().current + 1;
    push_level(cx, Levels { current, nongen: current });
}
/// Raises the level, but not that of non-generalisable variables.
pub fn begin_class_def(cx: &Context) {
    let levels = cx.levels.get();
    push_level(cx, Levels { current: levels.current + 1, ..levels });
}
/// Raises the level of non-generalisable variables to the current one.
pub fn raise_nongen_level(cx: &Context) {
    let current = cx.levels.get().current;
    push_level(cx, Levels { current, nongen: current });
}
/// Returns to the level before the matching `begin`.
pub fn end_def(cx: &Context) {
    if let Some(levels) = cx.saved_levels.borrow_mut().pop() {
        cx.levels.set(levels);
    }
}
/// Sets the current level.
pub fn init_def(cx: &Context, level: Level) {
    cx.levels.set(Levels { current: level, nongen: level });
}
pub fn get_current_level(cx: &Context) -> Level {
    cx.levels.get().current
}
/// A scope above all that exists here.
pub fn create_scope(cx: &Context) -> i32 {
    let level = get_current_level(cx) + 1;
    init_def(cx, level);
    level
}
pub fn reset_global_level(cx: &Context) {
    cx.global_level.set(get_current_level(cx));
}
pub fn increase_global_level(cx: &Context) -> Level {
    cx.global_level.replace(get_current_level(cx))
}
pub fn restore_global_level(cx: &Context, level: Level) {
    cx.global_level.set(level);
}

pub fn with_local_level<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T {
    begin_def(cx);
    let result = f(cx);
    end_def(cx);
    result
}
pub fn with_local_level_post<T>(cx: &Context, f: impl FnOnce(&Context) -> T, post: impl FnOnce(&Context, &T)) -> T {
    let result = with_local_level(cx, f);
    post(cx, &result);
    result
}
pub fn with_local_level_if<T>(
    cx: &Context,
    on: bool,
    f: impl FnOnce(&Context) -> T,
    post: impl FnOnce(&Context, &T),
) -> T {
    if on { with_local_level_post(cx, f, post) } else { f(cx) }
}
pub fn with_local_level_if_principal<T>(
    cx: &Context,
    f: impl FnOnce(&Context) -> T,
    post: impl FnOnce(&Context, &T),
) -> T {
    with_local_level_if(cx, cx.options.principal, f, post)
}
pub fn with_local_level_for_class<T>(
    cx: &Context,
    f: impl FnOnce(&Context) -> T,
    post: impl FnOnce(&Context, &T),
) -> T {
    begin_class_def(cx);
    let result = f(cx);
    end_def(cx);
    post(cx, &result);
    result
}
pub fn with_level<T>(cx: &Context, level: Level, f: impl FnOnce(&Context) -> T) -> T {
    begin_def(cx);
    init_def(cx, level);
    let result = f(cx);
    end_def(cx);
    result
}
pub fn with_level_if<T>(cx: &Context, on: bool, level: Level, f: impl FnOnce(&Context) -> T) -> T {
    if on { with_level(cx, level, f) } else { f(cx) }
}
pub fn with_raised_nongen_level<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T {
    raise_nongen_level(cx);
    let result = f(cx);
    end_def(cx);
    result
}

/// Forgets the expansions of abbreviations without parameters.
pub(super) fn reset_simple_abbrevs(cx: &Context) {
    cx.clear_memo(cx.simple_abbrevs());
}

/// A failure leaves the nodes as they are: the error is worded with the levels at which it was met.
fn with_pool<T, E>(
    cx: &Context,
    begin: impl FnOnce(&Context),
    structure: bool,
    f: impl FnOnce(&Context) -> Result<T, E>,
    before_generalize: impl FnOnce(&Context, &T) -> Result<(), E>,
) -> Result<T, E> {
    begin(cx);
    let level = get_current_level(cx);
    cx.open_pool(level);
    let result = f(cx);
    end_def(cx);
    let result = result.and_then(|value| before_generalize(cx, &value).map(|()| value));
    let nodes = cx.close_pool();
    if result.is_ok() {
        reset_simple_abbrevs(cx);
        let outer = get_current_level(cx);
        for ty in nodes {
            generalize_node(cx, ty, level, outer, structure);
        }
    }
    result
}

fn generalize_node(cx: &Context, ty: TypeId, level: Level, outer: Level, structure: bool) {
    let (node_level, is_link) = cx.raw_level(ty);
    if node_level == GENERIC_LEVEL || is_link {
        return;
    }
    if structure && cx.is_var(ty) {
        // Variables stay monomorphic, only the structure above them is freed for unsharing.
        let kept = if node_level >= level { outer } else { node_level };
        cx.set_level_unrecorded(ty, kept);
        cx.add_to_pool(kept, ty);
    } else if node_level < level {
        cx.add_to_pool(node_level, ty);
    } else {
        cx.set_level_unrecorded(ty, GENERIC_LEVEL);
        if structure && let TypeDesc::Constr(_, _, memo) = cx.desc(ty) {
            cx.clear_memo(memo);
        }
    }
}

pub fn with_local_level_generalize<T, E>(cx: &Context, f: impl FnOnce(&Context) -> Result<T, E>) -> Result<T, E> {
    with_pool(cx, begin_def, false, f, |_, _| Ok(()))
}
/// Likewise for what does not fail, or whose failure is a result like any.
pub fn with_local_level_generalize_always<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T {
    let Ok(result) = with_local_level_generalize(cx, |cx| Ok::<T, Infallible>(f(cx)));
    result
}
/// `before_generalize` runs at the outer level, before nodes become generic.
pub fn with_local_level_generalize_if<T, E>(
    cx: &Context,
    on: bool,
    f: impl FnOnce(&Context) -> Result<T, E>,
    before_generalize: impl FnOnce(&Context, &T) -> Result<(), E>,
) -> Result<T, E> {
    if on { with_pool(cx, begin_def, false, f, before_generalize) } else { f(cx) }
}
pub fn with_local_level_generalize_structure<T, E>(
    cx: &Context,
    f: impl FnOnce(&Context) -> Result<T, E>,
) -> Result<T, E> {
    with_pool(cx, begin_def, true, f, |_, _| Ok(()))
}
pub fn with_local_level_generalize_structure_if<T, E>(
    cx: &Context,
    on: bool,
    f: impl FnOnce(&Context) -> Result<T, E>,
) -> Result<T, E> {
    if on { with_local_level_generalize_structure(cx, f) } else { f(cx) }
}
pub fn with_local_level_generalize_structure_if_principal<T, E>(
    cx: &Context,
    f: impl FnOnce(&Context) -> Result<T, E>,
) -> Result<T, E> {
    with_local_level_generalize_structure_if(cx, cx.options.principal, f)
}
pub fn with_local_level_generalize_for_class<T, E>(
    cx: &Context,
    f: impl FnOnce(&Context) -> Result<T, E>,
) -> Result<T, E> {
    with_pool(cx, begin_class_def, false, f, |_, _| Ok(()))
}

/// Makes generic all of a type that is above the current level, by traversal: for types built
/// between [`begin_def`] and [`end_def`].
pub fn generalize(cx: &Context, ty: TypeId) {
    reset_simple_abbrevs(cx);
    generalize_rec(cx, ty, false);
}
/// Likewise, but variables stay monomorphic at the current level.
pub fn generalize_structure(cx: &Context, ty: TypeId) {
    reset_simple_abbrevs(cx);
    generalize_rec(cx, ty, true);
}
fn generalize_rec(cx: &Context, ty: TypeId, structure: bool) {
    let level = cx.level(ty);
    let current = get_current_level(cx);
    if level == GENERIC_LEVEL || level <= current {
        return;
    }
    if structure && cx.is_var(ty) {
        cx.set_level(ty, current);
        cx.add_to_pool(current, cx.repr(ty));
        return;
    }
    cx.set_level(ty, GENERIC_LEVEL);
    if structure && let TypeDesc::Constr(_, _, memo) = cx.desc(ty) {
        cx.clear_memo(memo);
    }
    iter_type_expr(cx, ty, &mut |child| generalize_rec(cx, child, structure));
}

/// Makes the known spine of the methods' types generic: see [`copy_spine`].
pub fn generalize_class_signature_spine(cx: &Context, sign: &ClassSignature) {
    for (_, _, ty) in sign.meths.borrow_mut().values_mut() {
        *ty = copy_spine(cx, *ty);
    }
}

/// A copy in which what is reached through arrows, tuples, constructors, `Poly`s and packages
/// above the current level is generic: what the first pass over a class has inferred.
fn copy_spine(cx: &Context, ty: TypeId) -> TypeId {
    fn copy(cx: &Context, done: &mut TypeMap<TypeId>, ty: TypeId) -> TypeId {
        let ty = cx.repr(ty);
        if let Some(copy) = done.get(&ty) {
            return *copy;
        }
        let level = cx.level(ty);
        let desc = cx.desc(ty);
        let in_spine = matches!(
            desc,
            TypeDesc::Arrow(..) | TypeDesc::Poly(..) | TypeDesc::Tuple(_) | TypeDesc::Package(_) | TypeDesc::Constr(..)
        );
        if !in_spine || level < get_current_level(cx) || level == GENERIC_LEVEL {
            return ty;
        }
        let stub = cx.create(TypeDesc::Var(None), GENERIC_LEVEL, cx.scope(ty));
        done.insert(ty, stub);
        let desc = match desc {
            TypeDesc::Poly(body, vars) => TypeDesc::Poly(copy(cx, done, body), vars),
            TypeDesc::Arrow(l, a, b, _) => TypeDesc::Arrow(l, copy(cx, done, a), copy(cx, done, b), Commutable::Ok),
            other => btype::copy_type_desc(cx, true, &other, &mut |child| copy(cx, done, child)),
        };
        cx.set_desc(stub, desc);
        stub
    }
    copy(cx, &mut TypeMap::default(), ty)
}

/// Makes generic, of the type `inside`, only what leads to `ty` and keeps the rest.
pub fn limited_generalize(cx: &Context, ty: TypeId, inside: TypeId) {
    let ty = cx.repr(ty);
    let current = get_current_level(cx);
    let mut parents: IdMap<TypeId, Vec<TypeId>> = IdMap::default();
    let mut roots = Vec::new();
    let mut stack = vec![(None, inside)];
    while let Some((parent, node)) = stack.pop() {
        let node = cx.repr(node);
        if let Some(known) = parents.get_mut(&node) {
            known.extend(parent);
            continue;
        }
        let level = cx.level(node);
        if level > current {
            parents.insert(node, parent.into_iter().collect());
            if level == GENERIC_LEVEL || node == ty {
                roots.push(node);
            }
            iter_type_expr(cx, node, &mut |child| stack.push((Some(node), child)));
        }
    }
    let mut work: Vec<(bool, TypeId)> = roots.into_iter().map(|root| (true, root)).collect();
    while let Some((is_root, node)) = work.pop() {
        if !is_root && cx.level(node) == GENERIC_LEVEL {
            continue;
        }
        cx.set_level(node, GENERIC_LEVEL);
        if let Some(parents) = parents.get(&node) {
            work.extend(parents.iter().map(|parent| (false, *parent)));
        }
        // The row variable of a variant goes with it.
        if let TypeDesc::Variant(row) = cx.desc(node) {
            let more = cx.repr(btype::row_more(cx, &row));
            let level = cx.level(more);
            if (parents.contains_key(&more) || level > current) && level != GENERIC_LEVEL {
                cx.set_level(more, GENERIC_LEVEL);
            }
        }
    }
    for node in parents.keys() {
        if cx.level(*node) != GENERIC_LEVEL {
            cx.set_level(*node, current);
        }
    }
}

/// The same within a class type.
pub fn limited_generalize_class_type(cx: &Context, ty: TypeId, inside: &ClassType) {
    match inside {
        ClassType::Constr(_, params, inner) => {
            params.iter().for_each(|param| limited_generalize(cx, ty, *param));
            limited_generalize_class_type(cx, ty, inner);
        }
        ClassType::Signature(sign) => {
            limited_generalize(cx, ty, sign.self_);
            limited_generalize(cx, ty, sign.self_row.get());
            let types: Vec<TypeId> =
                sign.vars.borrow().values().map(|v| v.2).chain(sign.meths.borrow().values().map(|m| m.2)).collect();
            types.into_iter().for_each(|inside| limited_generalize(cx, ty, inside));
        }
        ClassType::Arrow(_, param, inner) => {
            limited_generalize(cx, ty, *param);
            limited_generalize_class_type(cx, ty, inner);
        }
    }
}

/// Whether all of a type is generic.
pub fn fully_generic(cx: &Context, ty: TypeId) -> bool {
    let mut visited = Visited::new();
    let mut stack = vec![ty];
    while let Some(ty) = stack.pop() {
        let ty = cx.repr(ty);
        if visited.insert(ty) {
            if cx.level(ty) != GENERIC_LEVEL {
                return false;
            }
            iter_type_expr(cx, ty, &mut |child| stack.push(child));
        }
    }
    true
}

// ---------------------------------------------------------------------------------------------
// Lowering

fn scope_escape(ty: TypeId) -> Escape {
    Escape::new(EscapeKind::Equation(ty))
}

/// The module type that a package's path stands for, names and aliases followed.
pub(super) fn normalize_package_path(cx: &Context, env: &Env, path: &Path) -> Path {
    let definition = env.find_modtype(cx, path).and_then(|decl| decl.type_.clone());
    if let Some(ModuleType::Ident(next)) = definition {
        return normalize_package_path(cx, env, &next);
    }
    match path {
        Path::Dot(prefix, name) => {
            let normal = env.normalize_module_path(cx, None, prefix).unwrap_or_else(|_| (**prefix).clone());
            if normal == **prefix { path.clone() } else { normalize_package_path(cx, env, &normal.dot(*name)) }
        }
        _ => path.clone(),
    }
}

/// Whether a type could be lowered to `level` without an escape of scope.
pub fn check_scope_escape(cx: &Context, env: &Env, level: Level, ty: TypeId) -> Result<(), Escape> {
    fn check(cx: &Context, env: &Env, visited: &mut Visited, level: Level, ty: TypeId) -> Result<(), Escape> {
        let ty = cx.repr(ty);
        if !visited.insert(ty) {
            return Ok(());
        }
        if level < cx.scope(ty) {
            return Err(scope_escape(ty));
        }
        match cx.desc(ty) {
            TypeDesc::Constr(path, ..) if level < path.scope() => match super::try_expand_safe(cx, env, ty) {
                Ok(expansion) => check(cx, env, visited, level, expansion),
                Err(CannotExpand) => Err(Escape::new(EscapeKind::Constructor(path))),
            },
            TypeDesc::Package(package) if level < package.path.scope() => {
                let path = normalize_package_path(cx, env, &package.path);
                if path == package.path {
                    return Err(Escape::new(EscapeKind::ModuleType(path)));
                }
                let copy = cx.new_node(TypeDesc::Package(PackageType { path, ..package }), cx.level(ty));
                check(cx, env, visited, level, copy)
            }
            _ => {
                let mut result = Ok(());
                iter_type_expr(cx, ty, &mut |child| {
                    if result.is_ok() {
                        result = check(cx, env, visited, level, child);
                    }
                });
                result
            }
        }
    }
    check(cx, env, &mut Visited::new(), level, ty).map_err(|e| Escape { context: Some(ty), ..e })
}

/// Raises the scope of a type.
pub fn update_scope(cx: &Context, scope: i32, ty: TypeId) -> Result<(), Escape> {
    if cx.scope(ty) >= scope {
        return Ok(());
    }
    if cx.level(ty) < scope {
        return Err(scope_escape(ty));
    }
    cx.set_scope(ty, scope);
    // Going deeper is not needed for soundness, only to be principal.
    let mut result = Ok(());
    if cx.options.principal {
        iter_type_expr(cx, ty, &mut |child| {
            if result.is_ok() {
                result = update_scope(cx, scope, child);
            }
        });
    }
    result
}

/// Lowers the level of a type. A constructor defined above the level is expanded away, or escapes.
pub fn update_level(cx: &Context, env: &Env, level: Level, ty: TypeId) -> Result<(), Escape> {
    if cx.level(ty) <= level {
        return Ok(());
    }
    // First without expansion; expanding from the start could blow types up.
    match cx.desc(ty) {
        TypeDesc::Var(_) => return lower(cx, env, level, false, ty),
        TypeDesc::Constr(path, args, _) if args.is_empty() && path.scope() <= level => {
            return lower(cx, env, level, false, ty);
        }
        _ => {}
    }
    let first = cx.try_or_undo(|| lower(cx, env, level, false, ty));
    match first {
        Ok(()) => Ok(()),
        Err(_) => lower(cx, env, level, true, ty),
    }
}

fn lower(cx: &Context, env: &Env, level: Level, expand: bool, ty: TypeId) -> Result<(), Escape> {
    let ty = cx.repr(ty);
    let ty_level = cx.level(ty);
    if ty_level <= level {
        return Ok(());
    }
    if level < cx.scope(ty) {
        return Err(scope_escape(ty));
    }
    let set = || {
        cx.set_level(ty, level);
        if ty_level == GENERIC_LEVEL {
            cx.add_to_pool(level, ty);
        }
    };
    let children = || {
        let mut result = Ok(());
        iter_type_expr(cx, ty, &mut |child| {
            if result.is_ok() {
                result = lower(cx, env, level, expand, child);
            }
        });
        result
    };
    match cx.desc(ty) {
        TypeDesc::Constr(path, _, _) if level < path.scope() => match super::try_expand_safe(cx, env, ty) {
            Ok(expansion) => {
                cx.link(ty, expansion);
                lower(cx, env, level, expand, ty)
            }
            Err(CannotExpand) => Err(Escape::new(EscapeKind::Constructor(path))),
        },
        TypeDesc::Constr(path, args, _) if !args.is_empty() => {
            // A parameter that the expansion does not mention need not be lowered.
            let needs_expand = expand
                || args.iter().any(|arg| cx.level(*arg) > level)
                    && env.find_type(cx, &path).is_some_and(|decl| {
                        decl.variance
                            .iter()
                            .zip(args.iter())
                            .any(|(v, arg)| *v == Variance::NULL && cx.level(*arg) > level)
                    });
            if needs_expand && let Ok(expansion) = super::try_expand_safe(cx, env, ty) {
                cx.link(ty, expansion);
                return lower(cx, env, level, expand, ty);
            }
            set();
            children()
        }
        TypeDesc::Package(package) if level < package.path.scope() => {
            let path = normalize_package_path(cx, env, &package.path);
            if path == package.path {
                return Err(Escape::new(EscapeKind::ModuleType(path)));
            }
            cx.set_desc(ty, TypeDesc::Package(PackageType { path, ..package }));
            lower(cx, env, level, expand, ty)
        }
        TypeDesc::Object(_, name) if cx.object_name(name).is_some_and(|(path, _)| level < path.scope()) => {
            cx.set_object_name(name, None);
            lower(cx, env, level, expand, ty)
        }
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            if row.name.as_ref().is_some_and(|(path, _)| level < path.scope()) {
                cx.set_desc(ty, TypeDesc::Variant(RowDesc { name: None, ..row }));
            }
            set();
            children()
        }
        TypeDesc::Field(name, _, method, _) if level < cx.scope(method) && name == btype::DUMMY_METHOD => {
            Err(Escape::new(EscapeKind::SelfType))
        }
        _ => {
            set();
            children()
        }
    }
}

/// Lowers the variables in contravariant places: an expression that may allocate is generalised
/// only in the others.
pub fn lower_contravariant(cx: &Context, env: &Env, ty: TypeId) {
    reset_simple_abbrevs(cx);
    lower_variables(cx, env, cx.levels.get().nongen, &mut IdMap::default(), false, ty);
}
/// Lowers all variables.
pub fn lower_variables_only(cx: &Context, env: &Env, level: Level, ty: TypeId) {
    reset_simple_abbrevs(cx);
    lower_variables(cx, env, level, &mut IdMap::default(), true, ty);
}

fn lower_variables(cx: &Context, env: &Env, level: Level, visited: &mut TypeMap<bool>, contra: bool, ty: TypeId) {
    let ty = cx.repr(ty);
    if cx.level(ty) <= level || visited.get(&ty).is_some_and(|done_contra| *done_contra || !contra) {
        return;
    }
    visited.insert(ty, contra);
    match cx.desc(ty) {
        TypeDesc::Var(_) => {
            if contra {
                cx.set_level(ty, level);
            }
        }
        TypeDesc::Constr(_, args, _) if args.is_empty() => {}
        TypeDesc::Constr(path, args, _) => {
            let decl = env.find_type(cx, &path);
            let variance = decl.as_ref().map_or_else(|| vec![Variance::UNKNOWN; args.len()], |d| d.variance.clone());
            if variance.iter().all(|v| *v == Variance::NULL) {
                return;
            }
            if decl.is_some_and(|d| btype::type_kind_is_abstract(&d))
                && let Ok(expansion) = super::try_expand_safe(cx, env, ty)
            {
                return lower_variables(cx, env, level, visited, contra, expansion);
            }
            for (v, arg) in variance.iter().zip(args.iter()).filter(|(v, _)| **v != Variance::NULL) {
                lower_variables(cx, env, level, visited, contra || v.mem(Variance::MAY_WEAK), *arg);
            }
        }
        TypeDesc::Package(package) => {
            for (_, ty) in package.constraints.iter() {
                lower_variables(cx, env, level, visited, true, *ty);
            }
        }
        TypeDesc::Arrow(_, param, result, _) => {
            lower_variables(cx, env, level, visited, true, param);
            lower_variables(cx, env, level, visited, contra, result);
        }
        _ => iter_type_expr(cx, ty, &mut |child| lower_variables(cx, env, level, visited, contra, child)),
    }
}

/// Lowers a whole type to the current level.
pub fn enforce_current_level(cx: &Context, env: &Env, ty: TypeId) -> Result<(), Escape> {
    debug_assert!(get_current_level(cx) >= LOWEST_LEVEL);
    update_level(cx, env, get_current_level(cx), ty)
}
