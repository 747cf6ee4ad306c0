//! Universal variables: occur checks, and the pairing of the variables of two `Poly`s.

use super::Visited;
use super::expand::{CheckOccur, expand_head_safe};
use super::unify::UEnv;
use crate::btype::{TypeMap, TypeSet, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::types::*;
use std::cell::Cell;
use std::rc::Rc;

type Binding = (TypeId, Rc<Cell<Option<TypeId>>>);

/// The univars of two `Poly`s being compared, and what each was found equal to.
#[derive(Clone)]
pub struct UnivarScope {
    left: Rc<Vec<Binding>>,
    right: Rc<Vec<Binding>>,
}
/// The scopes around the types being compared, innermost last.
pub type UnivarPairs = Vec<UnivarScope>;

/// Why two univars do not match.
pub(super) enum UnivarFailure {
    Different,
    OutOfScope,
}

/// Takes two univars as equal if that agrees with what is known.
pub(super) fn unify_univar(cx: &Context, t1: TypeId, t2: TypeId) -> Result<(), UnivarFailure> {
    let find = |ty: TypeId, bindings: &[Binding]| bindings.iter().find(|b| cx.same(b.0, ty)).map(|b| b.1.clone());
    let pairs = cx.univar_pairs.borrow();
    for scope in pairs.iter().rev() {
        match (find(t1, &scope.left), find(t2, &scope.right)) {
            (Some(b1), Some(b2)) => {
                return match (b1.get(), b2.get()) {
                    (Some(known), _) if cx.same(known, t2) => Ok(()),
                    (None, None) => {
                        b1.set(Some(t2));
                        b2.set(Some(t1));
                        Ok(())
                    }
                    _ => Err(UnivarFailure::Different),
                };
            }
            (None, None) => {}
            _ => return Err(UnivarFailure::Different),
        }
    }
    Err(UnivarFailure::OutOfScope)
}
/// The same with a trace as error.
pub(super) fn unify_univar_trace(cx: &Context, t1: TypeId, t2: TypeId) -> Result<(), Trace> {
    unify_univar(cx, t1, t2).map_err(|_| Vec::new())
}

/// Runs `f` with other pairs.
pub(super) fn with_univar_pairs<T>(cx: &Context, pairs: UnivarPairs, f: impl FnOnce() -> T) -> T {
    let old = cx.univar_pairs.replace(pairs);
    let result = f();
    cx.univar_pairs.replace(old);
    result
}

/// Compares the bodies of two `Poly`s with their univars paired; it is an error if an outer
/// univar that one of them rebinds escapes into the other.
pub(super) fn enter_poly<T, E: From<EscapeInPoly>>(
    cx: &Context,
    env: &Env,
    (t1, vars1): (TypeId, &[TypeId]),
    (t2, vars2): (TypeId, &[TypeId]),
    f: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let old = cx.univar_pairs.borrow().clone();
    let known = |var: &TypeId| old.iter().any(|scope| scope.left.iter().any(|b| cx.same(b.0, *var)));
    if vars1.iter().any(known) {
        univars_escape(cx, env, &old, vars1, t2, vars2).map_err(|e| E::from(EscapeInPoly(e)))?;
    }
    if vars2.iter().any(known) {
        univars_escape(cx, env, &old, vars2, t1, vars1).map_err(|e| E::from(EscapeInPoly(e)))?;
    }
    let bindings = |vars: &[TypeId]| Rc::new(vars.iter().map(|v| (*v, Rc::default())).collect::<Vec<Binding>>());
    let (left, right) = (bindings(vars1), bindings(vars2));
    let mut pairs = old;
    pairs.push(UnivarScope { left: right.clone(), right: left.clone() });
    pairs.push(UnivarScope { left, right });
    with_univar_pairs(cx, pairs, f)
}

/// An escape met by [`enter_poly`].
pub(super) struct EscapeInPoly(pub(super) Escape);
impl From<EscapeInPoly> for Trace {
    fn from(EscapeInPoly(escape): EscapeInPoly) -> Trace {
        vec![Elt::Escape(escape)]
    }
}
impl From<EscapeInPoly> for super::Incompatible {
    fn from(_: EscapeInPoly) -> super::Incompatible {
        super::Incompatible
    }
}

/// Whether a univar paired with one of `vars` is free in `Poly(ty, bound)`.
fn univars_escape(
    cx: &Context,
    env: &Env,
    pairs: &UnivarPairs,
    vars: &[TypeId],
    ty: TypeId,
    bound: &[TypeId],
) -> Result<(), Escape> {
    let mut family: Vec<TypeId> = vars.iter().map(|var| cx.repr(*var)).collect();
    for scope in pairs.iter().rev() {
        if scope.left.iter().any(|b| family.contains(&cx.repr(b.0))) {
            family.extend(scope.right.iter().map(|b| cx.repr(b.0)));
        }
    }
    if bound.iter().any(|var| family.contains(&cx.repr(*var))) {
        return Ok(());
    }
    let mut visited = Visited::new();
    let mut stack = vec![ty];
    while let Some(ty) = stack.pop() {
        let ty = cx.repr(ty);
        if !visited.insert(ty) {
            continue;
        }
        match cx.desc(ty) {
            TypeDesc::Poly(_, vars) if vars.iter().any(|var| family.contains(&cx.repr(*var))) => {}
            TypeDesc::Poly(body, _) => stack.push(body),
            TypeDesc::Univar(_) if family.contains(&ty) => return Err(Escape::new(EscapeKind::Univ(ty))),
            TypeDesc::Constr(path, args, _) => {
                push_relevant_args(cx, env, &path, &args, false, &mut |arg| stack.push(arg))
            }
            _ => iter_type_expr(cx, ty, &mut |child| stack.push(child)),
        }
    }
    Ok(())
}

/// Calls `f` on the arguments that the type depends on; those of null variance occur in no
/// expansion. With `inj_only`, only on injective ones.
fn push_relevant_args(
    cx: &Context,
    env: &Env,
    path: &crate::Path,
    args: &[TypeId],
    inj_only: bool,
    f: &mut dyn FnMut(TypeId),
) {
    if args.is_empty() {
        return;
    }
    match env.find_type(cx, path) {
        Some(decl) => {
            for (arg, variance) in args.iter().zip(&decl.variance) {
                if if inj_only { variance.mem(Variance::INJ) } else { *variance != Variance::NULL } {
                    f(*arg);
                }
            }
        }
        None if inj_only => {}
        None => args.iter().for_each(|arg| f(*arg)),
    }
}

/// Fails if a univar is free in a type; with `inj_only`, in an injective place.
pub(super) fn occur_univar(cx: &Context, env: &Env, inj_only: bool, ty: TypeId) -> Result<(), Escape> {
    if !cx.has_univars() {
        return Ok(());
    }
    OccurUnivar { cx, env, inj_only, closed: Visited::new(), visited: TypeMap::default() }.rec(&mut Vec::new(), ty)
}

struct OccurUnivar<'a> {
    cx: &'a Context,
    env: &'a Env,
    inj_only: bool,
    /// Nodes visited with nothing bound.
    closed: Visited,
    /// Nodes visited under a `Poly`, with the univars bound at every visit.
    visited: TypeMap<Vec<TypeId>>,
}

impl OccurUnivar<'_> {
    fn rec(&mut self, bound: &mut Vec<TypeId>, ty: TypeId) -> Result<(), Escape> {
        let ty = self.cx.repr(ty);
        if self.closed.contains(ty) {
            return Ok(());
        }
        if bound.is_empty() {
            self.closed.insert(ty);
        } else {
            match self.visited.get_mut(&ty) {
                Some(known) if known.iter().all(|var| bound.contains(var)) => return Ok(()),
                Some(known) => known.retain(|var| bound.contains(var)),
                None => {
                    self.visited.insert(ty, bound.clone());
                }
            }
        }
        match self.cx.desc(ty) {
            TypeDesc::Univar(_) if bound.contains(&ty) => Ok(()),
            TypeDesc::Univar(_) => Err(Escape::new(EscapeKind::Univ(ty))),
            TypeDesc::Poly(body, vars) => {
                let outer = bound.len();
                bound.extend(vars.iter().map(|var| self.cx.repr(*var)));
                let result = self.rec(bound, body);
                bound.truncate(outer);
                result
            }
            TypeDesc::Constr(path, args, _) => {
                let mut relevant = Vec::new();
                push_relevant_args(self.cx, self.env, &path, &args, self.inj_only, &mut |arg| relevant.push(arg));
                relevant.into_iter().try_for_each(|arg| self.rec(bound, arg))
            }
            _ => {
                let mut result = Ok(());
                iter_type_expr(self.cx, ty, &mut |child| {
                    if result.is_ok() {
                        result = self.rec(bound, child);
                    }
                });
                result
            }
        }
    }
}

pub(super) fn has_free_univars(cx: &Context, env: &Env, ty: TypeId) -> bool {
    occur_univar(cx, env, false, ty).is_err()
}
pub(super) fn has_injective_univars(cx: &Context, env: &Env, ty: TypeId) -> bool {
    occur_univar(cx, env, true, ty).is_err()
}

// ---------------------------------------------------------------------------------------------
// Occur check

/// Fails if `var` occurs in `ty` outside of a place where recursion is allowed.
pub(super) fn occur(cx: &Context, uenv: &UEnv<'_>, var: TypeId, ty: TypeId) -> Result<(), CheckOccur> {
    // Leaves need no search.
    let is_leaf = cx.with_desc(ty, |d| {
        matches!(
            d,
            TypeDesc::Var(_) | TypeDesc::Univar(_) | TypeDesc::Nil | TypeDesc::Object(..) | TypeDesc::Variant(_)
        ) || matches!(d, TypeDesc::Constr(_, args, _) if args.is_empty())
    });
    if is_leaf || cx.same(var, ty) {
        return Ok(());
    }
    let env = uenv.env();
    let allow_recursive = cx.options.recursive_types || uenv.in_counterexample();
    let outer_change = cx.type_changed.get();
    // Expansion during the search may change the type: then search again.
    let result = loop {
        cx.type_changed.set(false);
        let found =
            occur_rec(cx, &env, &mut Visited::new(), allow_recursive, &mut Parents::default(), cx.repr(var), ty);
        if found.is_err() || !cx.type_changed.get() {
            break found;
        }
    };
    cx.type_changed.set(cx.type_changed.get() || outer_change);
    result
}

/// The types that an occur check is within: few, or many in a deep type.
#[derive(Default)]
struct Parents {
    stack: Vec<TypeId>,
    /// Those beyond the first.
    rest: TypeSet,
}

impl Parents {
    const FEW: usize = 12;

    fn contains(&self, ty: TypeId) -> bool {
        let few = self.stack.len().min(Parents::FEW);
        self.stack[..few].contains(&ty) || !self.rest.is_empty() && self.rest.contains(&ty)
    }
    fn push(&mut self, ty: TypeId) {
        if self.stack.len() >= Parents::FEW {
            self.rest.insert(ty);
        }
        self.stack.push(ty);
    }
    fn pop(&mut self) {
        if let Some(ty) = self.stack.pop()
            && self.stack.len() >= Parents::FEW
        {
            self.rest.remove(&ty);
        }
    }
}

/// Where a type counts as deep, and how many nodes below that the checks of one item may visit:
/// each level of an expression whose type grows with it costs a walk of the type so far, so that
/// the whole takes time in the square of the depth.
const DEEP: usize = 3_000;
const MAX_DEEP_VISITS: u64 = 5_000_000;

fn occur_rec(
    cx: &Context,
    env: &Env,
    visited: &mut Visited,
    allow_recursive: bool,
    parents: &mut Parents,
    var: TypeId,
    ty: TypeId,
) -> Result<(), CheckOccur> {
    let ty = cx.repr(ty);
    if visited.contains(ty) {
        return Ok(());
    }
    if ty == var {
        return Err(CheckOccur);
    }
    if parents.stack.len() > DEEP {
        cx.deep_visits.set(cx.deep_visits.get() + 1);
        if cx.deep_visits.get() > MAX_DEEP_VISITS {
            return Err(CheckOccur);
        }
    }
    let looped = parents.contains(ty);
    let mut children = |visited: &mut Visited| {
        parents.push(ty);
        let mut result = Ok(());
        iter_type_expr(cx, ty, &mut |child| {
            if result.is_ok() {
                result = occur_rec(cx, env, visited, allow_recursive, parents, var, child);
            }
        });
        parents.pop();
        result
    };
    match cx.desc(ty) {
        TypeDesc::Constr(path, args, _) => {
            if allow_recursive && super::is_contractive(cx, env, &path) {
                // Recursion through it is allowed.
            } else if !args.is_empty() {
                let direct = if looped { Err(CheckOccur) } else { children(visited) };
                if direct.is_err() {
                    // The expansion may not mention the argument.
                    let expansion = expand_head_safe(cx, env, ty).ok_or(CheckOccur)?;
                    occur_rec(cx, env, visited, allow_recursive, parents, var, expansion)?;
                }
            }
        }
        TypeDesc::Object(..) | TypeDesc::Variant(_) | TypeDesc::Var(_) | TypeDesc::Univar(_) | TypeDesc::Nil => {}
        _ => {
            if !allow_recursive && !looped {
                children(visited)?;
            }
        }
    }
    visited.insert(ty);
    Ok(())
}

/// Whether occur checks gave up on types for their depth; counts anew.
pub fn take_too_deep(cx: &Context) -> bool {
    cx.deep_visits.take() > MAX_DEEP_VISITS
}

/// Whether `ty` occurs in `inside`, recursion being judged as in unification.
pub fn occur_in(cx: &Context, env: &Env, ty: TypeId, inside: TypeId) -> bool {
    occur(cx, &UEnv::Expression { env, in_subst: false }, ty, inside).is_err()
}

/// Whether `ty` occurs anywhere in `inside`, objects included.
pub fn deep_occur(cx: &Context, ty: TypeId, inside: TypeId) -> bool {
    deep_occur_list(cx, ty, &[inside])
}
pub fn deep_occur_list(cx: &Context, ty: TypeId, inside: &[TypeId]) -> bool {
    let ty = cx.repr(ty);
    let level = cx.level(ty);
    let mut visited = Visited::new();
    let mut stack = inside.to_vec();
    while let Some(node) = stack.pop() {
        let node = cx.repr(node);
        // A type is never above what it contains.
        if cx.level(node) >= level && visited.insert(node) {
            if node == ty {
                return true;
            }
            iter_type_expr(cx, node, &mut |child| stack.push(child));
        }
    }
    false
}
