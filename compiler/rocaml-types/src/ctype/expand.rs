//! Expansion of abbreviations.
//!
//! Expansions are remembered: those of types with arguments in the memo of the node, those
//! without in one memo of the session. All are forgotten when the types or modules in scope
//! change, and on backtracking.

use super::instance::{Copy, duplicate_type};
use super::levels::{get_current_level, update_level, update_scope, with_level};
use super::unify::{UEnv, unify_var_in};
use super::{CannotApply, CannotExpand, TypedeclExtraction, newvar};
use crate::btype;
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, Level, MemoEntry};
use crate::types::*;
use rocaml_syntax::asttypes::PrivateFlag;

/// Why a node did not expand.
pub(super) enum ExpandFailure {
    Cannot,
    Escape(Escape),
}

impl From<Escape> for ExpandFailure {
    fn from(escape: Escape) -> ExpandFailure {
        ExpandFailure::Escape(escape)
    }
}

/// Whether expansions of a type with these arguments are remembered for all nodes alike.
pub(super) fn uses_simple_abbrevs(cx: &Context, args: &[TypeId]) -> bool {
    args.is_empty() && !cx.trace_gadt_instances.get() && !cx.options.principal
}
fn memo_for(cx: &Context, args: &[TypeId], memo: AbbrevMemo) -> AbbrevMemo {
    if uses_simple_abbrevs(cx, args) { cx.simple_abbrevs() } else { memo }
}

/// The body of a type function at given arguments. With `abbreviated`, the expansion is
/// remembered for it.
#[allow(clippy::too_many_arguments)]
fn subst(
    cx: &Context,
    env: &Env,
    level: Level,
    private: bool,
    memo: AbbrevMemo,
    abbreviated: Option<TypeId>,
    params: &[TypeId],
    args: &[TypeId],
    body: TypeId,
) -> Result<TypeId, ()> {
    if params.len() != args.len() {
        return Err(());
    }
    with_level(cx, level, |cx| {
        let stub = newvar(cx);
        let mut remembered = None;
        if let Some(ty) = abbreviated
            && let TypeDesc::Constr(path, args, _) = cx.desc(ty)
        {
            let memo = memo_for(cx, &args, memo);
            cx.add_memo(memo, MemoEntry { private, path: path.clone(), abbreviated: ty, expansion: stub });
            remembered = Some((memo, path));
        }
        let mut copy = Copy::in_abbreviation(cx, memo);
        let params = copy.list(params);
        let body = copy.copy(body);
        let uenv = UEnv::Expression { env, in_subst: true };
        let unified = unify_var_in(cx, &uenv, stub, body)
            .and_then(|()| params.iter().zip(args).try_for_each(|(param, arg)| unify_var_in(cx, &uenv, *param, *arg)));
        match unified {
            Ok(()) => Ok(body),
            Err(_) => {
                if let Some((memo, path)) = remembered {
                    cx.forget_memo(memo, &path);
                }
                Err(())
            }
        }
    })
}

/// Applies the type function `fun params -> body`; the result's new nodes are generic.
pub fn apply(cx: &Context, env: &Env, params: &[TypeId], body: TypeId, args: &[TypeId]) -> Result<TypeId, CannotApply> {
    super::levels::reset_simple_abbrevs(cx);
    subst(cx, env, GENERIC_LEVEL, false, cx.new_memo(), None, params, args, body).map_err(|()| CannotApply)
}
/// Likewise, with new nodes at the current level.
pub fn apply_at_current_level(
    cx: &Context,
    env: &Env,
    params: &[TypeId],
    body: TypeId,
    args: &[TypeId],
) -> Result<TypeId, CannotApply> {
    super::levels::reset_simple_abbrevs(cx);
    let level = get_current_level(cx);
    subst(cx, env, level, false, cx.new_memo(), None, params, args, body).map_err(|()| CannotApply)
}

/// Forgets expansions that were found in another environment.
fn check_abbrev_env(cx: &Context, env: &Env) {
    let same = env.same_type_declarations(&cx.expansion_env.borrow());
    if !same {
        cx.cleanup_abbrev();
        *cx.expansion_env.borrow_mut() = env.clone();
    }
}

/// Expands a `Constr` once; with `private`, through private abbreviations.
fn expand_abbrev(cx: &Context, env: &Env, private: bool, ty: TypeId) -> Result<TypeId, ExpandFailure> {
    let TypeDesc::Constr(path, args, memo) = cx.desc(ty) else { return Err(ExpandFailure::Cannot) };
    check_abbrev_env(cx, env);
    let level = cx.level(ty);
    let scope = cx.scope(ty);
    let lookup_memo = memo_for(cx, &args, memo);
    if let Some(expansion) = cx.find_memo(lookup_memo, private, &path) {
        let leveled = if level == GENERIC_LEVEL { Ok(()) } else { update_level(cx, env, level, expansion) };
        match leveled.and_then(|()| update_scope(cx, scope, expansion)) {
            Ok(()) => return Ok(expansion),
            Err(_) => cx.forget_memo(lookup_memo, &path),
        }
    }
    let found = if private { env.find_type_expansion_opt(cx, &path) } else { env.find_type_expansion(cx, &path) };
    let Some((params, body, body_scope)) = found else {
        // Another path may lead to the declaration.
        let normal = env.normalize_type_path(cx, None, &path).map_err(|_| ExpandFailure::Cannot)?;
        if normal == path {
            return Err(ExpandFailure::Cannot);
        }
        return Ok(cx.new_node(TypeDesc::Constr(normal, args, memo), level));
    };
    let expansion = subst(cx, env, level, private, memo, Some(ty), &params, &args, body)
        .map_err(|()| ExpandFailure::Escape(Escape::new(EscapeKind::Constraint)))?;
    // An expansion by a local equation must not leave the scope of the equation.
    let scope = body_scope.max(cx.scope(ty));
    update_scope(cx, scope, ty)?;
    update_scope(cx, scope, expansion)?;
    Ok(expansion)
}

/// One step of expansion that may fail by an escape.
pub(super) fn expand_once(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, ExpandFailure> {
    expand_abbrev(cx, env, false, ty)
}
/// The head expanded as far as possible.
pub(super) fn expand_fully(
    cx: &Context,
    env: &Env,
    ty: TypeId,
    once: fn(&Context, &Env, TypeId) -> Result<TypeId, ExpandFailure>,
) -> Result<TypeId, ExpandFailure> {
    let mut ty = once(cx, env, ty)?;
    for _ in 0..LONGEST_EXPANSION {
        match once(cx, env, ty) {
            Ok(next) => ty = next,
            Err(ExpandFailure::Cannot) => return Ok(ty),
            Err(escape) => return Err(escape),
        }
    }
    // Abbreviations that have nothing but each other as bodies, before that is found out.
    Ok(ty)
}
/// More than any chain of abbreviations that a program has.
const LONGEST_EXPANSION: usize = 10_000;

fn safe(cx: &Context, env: &Env, private: bool, ty: TypeId) -> Result<TypeId, CannotExpand> {
    // Most types do not expand: find that out without a snapshot.
    let TypeDesc::Constr(path, ..) = cx.desc(ty) else { return Err(CannotExpand) };
    if matches!(path, Path::Ident(id) if id.is_predef()) && env.is_plain_predef(&path) {
        return Err(CannotExpand);
    }
    cx.try_or_undo(|| expand_abbrev(cx, env, private, ty)).map_err(|failure| {
        if let ExpandFailure::Escape(_) = failure {
            cx.cleanup_abbrev();
        }
        CannotExpand
    })
}
fn safe_once(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, ExpandFailure> {
    safe(cx, env, false, ty).map_err(|CannotExpand| ExpandFailure::Cannot)
}
fn safe_once_opt(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, ExpandFailure> {
    safe(cx, env, true, ty).map_err(|CannotExpand| ExpandFailure::Cannot)
}

/// Expands once; an escape counts as a failure.
pub fn try_expand_safe(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> {
    safe(cx, env, false, ty)
}
pub fn try_expand_once(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> {
    expand_abbrev(cx, env, false, ty).map_err(|_| CannotExpand)
}
pub fn try_expand_safe_opt(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> {
    safe(cx, env, true, ty)
}
pub fn try_expand_once_opt(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> {
    expand_abbrev(cx, env, true, ty).map_err(|_| CannotExpand)
}
/// Expands a head that is known to expand.
pub fn expand_head_once(cx: &Context, env: &Env, ty: TypeId) -> TypeId {
    expand_abbrev(cx, env, false, ty).unwrap_or(ty)
}
/// Expands the head as far as possible; never fails.
pub fn expand_head(cx: &Context, env: &Env, ty: TypeId) -> TypeId {
    expand_fully(cx, env, ty, safe_once).unwrap_or(ty)
}
/// Likewise, through private abbreviations: what a type really is.
pub fn expand_head_opt(cx: &Context, env: &Env, ty: TypeId) -> TypeId {
    expand_fully(cx, env, ty, safe_once_opt).unwrap_or(ty)
}
/// For unification: an escape is an error.
pub(super) fn expand_head_unif(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, Trace> {
    let is_plain = cx.with_desc(ty, |d| match d {
        TypeDesc::Constr(Path::Ident(id), ..) => id.is_predef(),
        TypeDesc::Constr(..) => false,
        _ => true,
    });
    if is_plain && (!btype::is_tconstr(cx, ty) || !env.has_local_constraints()) {
        return Ok(ty);
    }
    match expand_fully(cx, env, ty, expand_once) {
        Ok(ty) => Ok(ty),
        Err(ExpandFailure::Cannot) => Ok(ty),
        Err(ExpandFailure::Escape(escape)) => Err(vec![Elt::Escape(escape)]),
    }
}

/// The first declaration that is not abstract among a type's constructor and its expansions.
pub fn extract_concrete_typedecl(cx: &Context, env: &Env, ty: TypeId) -> TypedeclExtraction {
    let mut ty = ty;
    let mut first = None;
    loop {
        match cx.desc(ty) {
            TypeDesc::Constr(path, ..) => {
                let Some(decl) = env.find_type(cx, &path) else { return TypedeclExtraction::MayHaveTypedecl };
                let original = first.get_or_insert_with(|| path.clone());
                if !btype::type_kind_is_abstract(&decl) {
                    return TypedeclExtraction::Typedecl(original.clone(), path, decl);
                }
                match try_expand_safe(cx, env, ty) {
                    Ok(expansion) => ty = expansion,
                    Err(CannotExpand) => return TypedeclExtraction::MayHaveTypedecl,
                }
            }
            TypeDesc::Poly(body, _) => ty = body,
            TypeDesc::Var(_) | TypeDesc::Univar(_) => return TypedeclExtraction::MayHaveTypedecl,
            _ => return TypedeclExtraction::HasNoTypedecl,
        }
    }
}

/// Expands the head and `#`-types. Returns the very type when nothing changes. To print a trace,
/// scopes may be forgotten.
pub fn full_expand(cx: &Context, may_forget_scope: bool, env: &Env, ty: TypeId) -> TypeId {
    let expanded = if may_forget_scope {
        expand_head_unif(cx, env, ty).unwrap_or_else(|_| {
            with_level(cx, cx.level(ty), |cx| expand_fully(cx, env, duplicate_type(cx, ty), safe_once).unwrap_or(ty))
        })
    } else {
        expand_head(cx, env, ty)
    };
    if let TypeDesc::Object(fields, name) = cx.desc(expanded)
        && let Some((_, args)) = cx.object_name(name)
        && args.first().is_some_and(|row| cx.is_var(*row))
    {
        return cx.new_node(TypeDesc::Object(fields, cx.new_object_name(None)), cx.level(expanded));
    }
    expanded
}

/// A type with its expansion, for errors.
pub fn expand_type(cx: &Context, env: &Env, ty: TypeId) -> ExpandedType {
    ExpandedType { ty, expanded: full_expand(cx, true, env, ty) }
}
pub fn expanded_diff(cx: &Context, env: &Env, got: TypeId, expected: TypeId) -> Elt<ExpandedType> {
    Elt::Diff(Diff { got, expected }.map(|ty| expand_type(cx, env, ty)))
}
pub fn unexpanded_diff(_cx: &Context, got: TypeId, expected: TypeId) -> Elt<ExpandedType> {
    Elt::Diff(Diff { got, expected }.map(ExpandedType::trivial))
}
/// Finishes a trace, which is innermost first, by expanding its types.
pub(super) fn expand_trace(cx: &Context, env: &Env, trace: Trace) -> ErrorTrace {
    trace.into_iter().rev().map(|elt| elt.map(|ty| expand_type(cx, env, ty))).collect()
}
pub(super) fn unify_error(cx: &Context, env: &Env, trace: Trace) -> UnifyError {
    UnifyError { trace: expand_trace(cx, env, trace) }
}

/// Whether an abbreviation's body is generic: not so while a class is being typed.
pub(super) fn generic_abbrev(cx: &Context, env: &Env, path: &Path) -> bool {
    env.find_type_expansion(cx, path).is_some_and(|(_, body, _)| cx.level(body) == GENERIC_LEVEL)
}
pub(super) fn generic_private_abbrev(cx: &Context, env: &Env, path: &Path) -> bool {
    env.find_type(cx, path).is_some_and(|decl| {
        btype::type_kind_is_abstract(&decl)
            && decl.private == PrivateFlag::Private
            && decl.manifest.is_some_and(|body| cx.level(body) == GENERIC_LEVEL)
    })
}

pub(super) fn is_datatype(decl: &TypeDeclaration) -> bool {
    !btype::type_kind_is_abstract(decl)
}
/// Whether a type can guard recursion: a data type, or a predefined one without manifest.
pub fn is_contractive(cx: &Context, env: &Env, path: &Path) -> bool {
    let Some(decl) = env.find_type(cx, path) else { return false };
    is_datatype(&decl) || cx.predef().find_type_constr(path).is_some() && decl.manifest.is_none()
}

/// An occur check found the variable.
pub(super) struct CheckOccur;
/// The expanded head, if the type expands.
pub(super) fn expand_head_safe(cx: &Context, env: &Env, ty: TypeId) -> Option<TypeId> {
    expand_fully(cx, env, ty, safe_once).ok()
}
pub(super) fn expand_head_safe_opt(cx: &Context, env: &Env, ty: TypeId) -> Option<TypeId> {
    expand_fully(cx, env, ty, safe_once_opt).ok()
}
