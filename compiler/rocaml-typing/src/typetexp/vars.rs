//! Type variables in scope: upstream's `TyVarEnv`.
//!
//! *Global* variables were there before the present type expression; *used* ones occur in it and
//! become global once it is done; *univars* are those of an enclosing `'a.`, kept as ordinary
//! variables until it is sure that nothing was unified with them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::store::{GENERIC_LEVEL, Level};
use rocaml_types::{TypeDesc, TypeId};

use super::{Error, check_alias_used, error, new_global_var, newvar};
use crate::Result;
use crate::state::typing_state;

/// The row variable of an enclosing variant type, once it is made.
pub type RowSlot = Rc<Cell<Option<TypeId>>>;
type Unused = Rc<Cell<bool>>;

struct PendingUnivar {
    univar: TypeId,
    /// Row variables that are to be generalised with it if possible.
    associated: RefCell<Vec<RowSlot>>,
}

/// Univars being bound by a `'a 'b.`
#[derive(Clone, Default)]
pub struct PolyUnivars(Vec<(Name, Rc<PendingUnivar>)>);

/// All that is known of type variables.
#[derive(Default)]
pub struct TyVarEnv {
    global: RefCell<BTreeMap<Name, (TypeId, Unused)>>,
    used: RefCell<BTreeMap<Name, (TypeId, Location, Unused)>>,
    univars: RefCell<PolyUnivars>,
    pre_univars: RefCell<Vec<TypeId>>,
}

/// How variables that are not in scope are treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// They are quantified at the end (in methods).
    universal: bool,
    /// They may be introduced.
    extensible: bool,
}

impl Policy {
    /// No fresh variables, no `_`.
    pub const FIXED: Policy = Policy { universal: false, extensible: false };
    /// The common case.
    pub const EXTENSIBLE: Policy = Policy { universal: false, extensible: true };
    /// In methods.
    pub const UNIVARS: Policy = Policy { universal: true, extensible: true };
}

fn state(cx: &Context) -> &TyVarEnv {
    &typing_state(cx).type_variables
}

/// Forgets all variables.
pub fn reset(cx: &Context) {
    ctype::reset_global_level(cx);
    state(cx).global.borrow_mut().clear();
}

/// Whether a variable is global.
pub fn is_in_scope(cx: &Context, name: Name) -> bool {
    state(cx).global.borrow().contains_key(&name)
}

/// Adds a global variable.
pub(super) fn add(cx: &Context, name: Name, var: TypeId, unused: Option<Unused>) {
    state(cx).global.borrow_mut().insert(name, (var, unused.unwrap_or_default()));
}

/// Evaluates in a narrowed scope: variables introduced within are forgotten after.
pub fn with_local_scope<T>(cx: &Context, f: impl FnOnce() -> T) -> T {
    let level: Level = ctype::increase_global_level(cx);
    let saved = state(cx).global.borrow().clone();
    let result = f();
    ctype::restore_global_level(cx, level);
    *state(cx).global.borrow_mut() = saved;
    result
}

fn lookup_global(cx: &Context, name: Name) -> Option<TypeId> {
    let global = state(cx).global.borrow();
    let (var, unused) = global.get(&name)?;
    unused.set(false);
    Some(*var)
}

fn in_scope_names(cx: &Context) -> Vec<String> {
    state(cx).global.borrow().keys().rev().filter(|name| **name != "_").map(|name| tyvar_of_name(*name)).collect()
}

/// A type variable as source text.
pub fn tyvar_of_name(name: Name) -> String {
    rocaml_syntax::error::tyvar(&name)
}

// ---------------------------------------------------------------------------------------------
// Univars

/// Runs with these univars in scope.
pub fn with_univars<T>(cx: &Context, new: &PolyUnivars, f: impl FnOnce() -> T) -> T {
    let old = state(cx).univars.borrow().clone();
    let mut all = new.clone();
    all.0.extend(old.0.iter().cloned());
    *state(cx).univars.borrow_mut() = all;
    let result = f();
    *state(cx).univars.borrow_mut() = old;
    result
}

/// Prepares univars of these names; to be paired with [`check_poly_univars`].
pub fn make_poly_univars(cx: &Context, names: &[Name]) -> PolyUnivars {
    let make = |name: &Name| PendingUnivar { univar: newvar(cx, Some(*name)), associated: RefCell::default() };
    PolyUnivars(names.iter().map(|name| (*name, Rc::new(make(name)))).collect())
}

fn promote(cx: &Context, promoted: &mut Vec<TypeId>, vars: impl Iterator<Item = TypeId>) {
    for var in vars {
        if let TypeDesc::Var(name) = cx.desc(var)
            && cx.level(var) == GENERIC_LEVEL
        {
            cx.set_desc(var, TypeDesc::Univar(name));
            promoted.insert(0, var);
        }
    }
}

/// Checks that the univars were generalised, and makes them univars. The type in which they are
/// used must be generalised.
pub fn check_poly_univars(cx: &Context, env: &Env, loc: Location, univars: &PolyUnivars) -> Result<Vec<TypeId>> {
    let mut result = Vec::new();
    for (name, pending) in &univars.0 {
        let var = btype::proxy(cx, pending.univar);
        match cx.desc(var) {
            TypeDesc::Var(name) if cx.level(var) == GENERIC_LEVEL => cx.set_desc(var, TypeDesc::Univar(name)),
            _ => return error(loc, env, Error::CannotQuantify(Some(*name), var)),
        }
        result.push(var);
    }
    for (_, pending) in &univars.0 {
        let rows: Vec<TypeId> = pending.associated.borrow().iter().filter_map(|slot| slot.get()).collect();
        promote(cx, &mut result, rows.into_iter());
    }
    Ok(result)
}

/// Likewise, but the univars become ordinary variables of a type scheme.
pub fn instance_poly_univars(cx: &Context, env: &Env, loc: Location, univars: &PolyUnivars) -> Result<Vec<TypeId>> {
    let vars = check_poly_univars(cx, env, loc, univars)?;
    for var in &vars {
        if let TypeDesc::Univar(name) = cx.desc(*var) {
            cx.set_desc(*var, TypeDesc::Var(name));
        }
    }
    Ok(vars)
}

/// Remembers a variable that becomes a univar unless it is unified.
pub(super) fn add_pre_univar(cx: &Context, var: TypeId, policy: Policy) {
    if policy.universal {
        state(cx).pre_univars.borrow_mut().push(var);
    }
}

/// Runs `f`, which uses [`Policy::UNIVARS`], and quantifies the variables it left.
pub(super) fn collect_univars<T>(cx: &Context, f: impl FnOnce() -> Result<T>) -> Result<(T, Vec<TypeId>)> {
    state(cx).pre_univars.borrow_mut().clear();
    let result = f()?;
    let vars: Vec<TypeId> = state(cx).pre_univars.borrow().iter().rev().copied().collect();
    let mut univars = Vec::new();
    promote(cx, &mut univars, vars.into_iter());
    Ok((result, univars))
}

// ---------------------------------------------------------------------------------------------
// Variables of the present type expression

/// Begins a type expression, with these univars in scope.
pub(super) fn reset_locals(cx: &Context, univars: Option<&PolyUnivars>) {
    *state(cx).univars.borrow_mut() = univars.cloned().unwrap_or_default();
    state(cx).used.borrow_mut().clear();
}

/// The variable of this name in the present type expression.
pub(super) fn lookup_local(cx: &Context, row_context: &[RowSlot], name: Name) -> Option<TypeId> {
    let pending = state(cx).univars.borrow().0.iter().find(|(n, _)| *n == name).map(|(_, p)| p.clone());
    if let Some(pending) = pending {
        let mut associated = pending.associated.borrow_mut();
        for slot in row_context {
            if !associated.iter().any(|other| Rc::ptr_eq(other, slot)) {
                associated.insert(0, slot.clone());
            }
        }
        return Some(pending.univar);
    }
    let (var, unused) = {
        let used = state(cx).used.borrow();
        let (var, _, unused) = used.get(&name)?;
        (*var, unused.clone())
    };
    unused.set(false);
    // Some of them may have been generalised.
    Some(ctype::instance(cx, var))
}

/// Remembers a variable of the present type expression; with `check`, its use is watched.
pub(super) fn remember_used(cx: &Context, check: Option<Location>, name: Name, var: TypeId, loc: Location) {
    let unused = match check {
        Some(check) if cx.is_active(34) => {
            let unused = Rc::new(Cell::new(true));
            check_alias_used(cx, check, name, unused.clone());
            unused
        }
        _ => Unused::default(),
    };
    state(cx).used.borrow_mut().insert(name, (var, loc, unused));
}

/// A fresh variable.
pub(super) fn new_var(cx: &Context, name: Option<Name>, policy: Policy) -> TypeId {
    let var = newvar(cx, name);
    add_pre_univar(cx, var, policy);
    var
}

/// A fresh variable for `_`.
pub(super) fn new_any_var(cx: &Context, loc: Location, env: &Env, policy: Policy) -> Result<TypeId> {
    if policy.extensible { Ok(new_var(cx, None, policy)) } else { error(loc, env, Error::NoTypeWildcards) }
}

/// Variables still to be identified with those of the same name in scope.
#[derive(Default)]
pub struct Force {
    env: Env,
    pairs: Vec<(Location, TypeId, TypeId)>,
}

impl Force {
    /// Identifies them.
    pub fn run(self, cx: &Context) -> Result<()> {
        for (loc, t1, t2) in self.pairs.into_iter().rev() {
            if let Err(e) = ctype::unify(cx, &self.env, t1, t2) {
                return error(loc, &self.env, Error::TypeMismatch(e));
            }
        }
        Ok(())
    }
}

/// Ends a type expression: brings its variables to the global level, and tells how to identify
/// them with the global ones.
pub(super) fn globalize_used_variables(cx: &Context, policy: Policy, env: &Env) -> Result<Force> {
    let used = std::mem::take(&mut *state(cx).used.borrow_mut());
    let mut pairs = Vec::new();
    for (name, (ty, loc, unused)) in used {
        let in_scope = is_in_scope(cx, name);
        if policy.universal && !in_scope {
            continue;
        }
        let var = new_global_var(cx, None);
        if let Err(e) = cx.try_or_undo(|| ctype::unify(cx, env, var, ty)) {
            if in_scope {
                return error(loc, env, Error::TypeMismatch(e));
            }
            continue;
        }
        if let Some(global) = lookup_global(cx, name) {
            pairs.push((loc, var, global));
            unused.set(false);
            continue;
        }
        if !policy.extensible && btype::is_tvar(cx, ty) {
            return error(loc, env, Error::UnboundTypeVariable(tyvar_of_name(name), in_scope_names(cx)));
        }
        let global = new_global_var(cx, None);
        pairs.push((loc, var, global));
        add(cx, name, global, Some(unused));
    }
    Ok(Force { env: env.clone(), pairs })
}
