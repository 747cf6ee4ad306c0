//! Unification.
//!
//! In expression mode two types become one by linking. In pattern mode, which types the indices
//! of GADT constructors, nodes are not linked but remembered as equal, and abstract types get
//! local equations. Traces under construction are innermost first.

use super::expand::{expand_head_safe, expand_head_unif, unify_error};
use super::gadt::{add_gadt_equation, find_expansion_scope, is_instantiable, mcomp_trace, reify};
use super::levels::{update_level, update_scope};
use super::objects::{associate_fields, build_fields, closed_parameterized_type, flatten_fields};
use super::univar::{deep_occur, enter_poly, occur, occur_univar, unify_univar_trace, with_univar_pairs};
use super::{CannotExpand, PatternEnv, Visited, closed_type_expr, try_expand_safe};
use crate::btype::{self, TypePairs, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, Level};
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::ArgLabel;
use std::cell::RefCell;

/// The mode and environment of a unification.
pub(super) enum UEnv<'a> {
    Expression {
        env: &'a Env,
        /// While a type function is applied: levels of rows do not spread.
        in_subst: bool,
    },
    Pattern {
        penv: &'a PatternEnv,
        equated: &'a RefCell<TypePairs>,
        assume_injective: bool,
        eq_set: &'a RefCell<TypePairs>,
    },
}

impl UEnv<'_> {
    pub(super) fn env(&self) -> Env {
        match self {
            UEnv::Expression { env, .. } => (*env).clone(),
            UEnv::Pattern { penv, .. } => penv.env(),
        }
    }
    pub(super) fn in_pattern_mode(&self) -> bool {
        matches!(self, UEnv::Pattern { .. })
    }
    pub(super) fn in_counterexample(&self) -> bool {
        matches!(self, UEnv::Pattern { penv, .. } if penv.in_counterexample)
    }
    fn in_subst(&self) -> bool {
        matches!(self, UEnv::Expression { in_subst: true, .. })
    }
    fn ordered(cx: &Context, t1: TypeId, t2: TypeId) -> (TypeId, TypeId) {
        let (t1, t2) = (cx.repr(t1), cx.repr(t2));
        if t1 <= t2 { (t1, t2) } else { (t2, t1) }
    }
    fn same(&self, cx: &Context, t1: TypeId, t2: TypeId) -> bool {
        cx.same(t1, t2)
            || matches!(self, UEnv::Pattern { eq_set, .. } if {
                let (a, b) = UEnv::ordered(cx, t1, t2);
                eq_set.borrow().contains(cx, a, b)
            })
    }
    fn add_type_equality(&self, cx: &Context, t1: TypeId, t2: TypeId) {
        if let UEnv::Pattern { eq_set, .. } = self {
            let (a, b) = UEnv::ordered(cx, t1, t2);
            eq_set.borrow_mut().add(cx, a, b);
        }
    }
    fn record_equation(&self, cx: &Context, t1: TypeId, t2: TypeId) {
        if let UEnv::Pattern { equated, .. } = self {
            equated.borrow_mut().add(cx, t1, t2);
        }
    }
}

type Outcome = Result<(), Trace>;

/// A failure without explanation of its own.
pub(super) fn unexplained() -> Outcome {
    Err(Vec::new())
}
fn fail(elt: Elt<TypeId>) -> Outcome {
    Err(vec![elt])
}
fn escape(escape: Escape) -> Trace {
    vec![Elt::Escape(escape)]
}

fn update_level_and_scope(cx: &Context, env: &Env, like: TypeId, ty: TypeId) -> Outcome {
    update_level(cx, env, cx.level(like), ty).map_err(escape)?;
    update_scope(cx, cx.scope(like), ty).map_err(escape)
}
fn occur_trace(cx: &Context, uenv: &UEnv<'_>, var: TypeId, ty: TypeId) -> Outcome {
    occur(cx, uenv, var, ty).map_err(|_| vec![Elt::RecOccur(var, ty)])
}

/// Traces the uses of local equations from here on, if there are any.
pub(super) fn start_tracing(cx: &Context, env: &Env, force: bool) -> bool {
    let start = !cx.trace_gadt_instances.get() && (force || env.has_local_constraints());
    if start {
        cx.trace_gadt_instances.set(true);
        cx.cleanup_abbrev();
    }
    start
}
pub(super) fn stop_tracing(cx: &Context, started: bool) {
    if started {
        cx.trace_gadt_instances.set(false);
    }
}

fn find_lowest_level(cx: &Context, ty: TypeId) -> Level {
    let mut lowest = GENERIC_LEVEL;
    btype::iter_nodes(cx, ty, &mut Default::default(), &mut |node| lowest = lowest.min(cx.level(node)));
    lowest
}

/// Unifies a variable with a type; false if pattern mode must try otherwise.
fn unify_with_var(cx: &Context, uenv: &UEnv<'_>, var: TypeId, ty: TypeId) -> Result<bool, Trace> {
    occur_trace(cx, uenv, var, ty)?;
    let env = uenv.env();
    match occur_univar(cx, &env, false, ty) {
        Ok(()) => {
            update_level_and_scope(cx, &env, var, ty)?;
            cx.link(var, ty);
            Ok(true)
        }
        Err(_) if uenv.in_pattern_mode() => Ok(false),
        Err(e) => Err(escape(e)),
    }
}

pub(super) fn unify_rec(cx: &Context, uenv: &UEnv<'_>, t1: TypeId, t2: TypeId) -> Outcome {
    if uenv.same(cx, t1, t2) {
        return Ok(());
    }
    let tracing = start_tracing(cx, &uenv.env(), false);
    cx.type_changed.set(true);
    let result = unify1(cx, uenv, t1, t2);
    stop_tracing(cx, tracing);
    result.map_err(|mut trace| {
        trace.push(Elt::Diff(Diff { got: t1, expected: t2 }));
        trace
    })
}

/// First step: variables and equal constructors without arguments.
fn unify1(cx: &Context, uenv: &UEnv<'_>, t1: TypeId, t2: TypeId) -> Outcome {
    let (d1, d2) = (cx.desc(t1), cx.desc(t2));
    match (&d1, &d2) {
        (TypeDesc::Var(_), TypeDesc::Constr(..)) if deep_occur(cx, t1, t2) => unify2(cx, uenv, t1, t2),
        (TypeDesc::Constr(..), TypeDesc::Var(_)) if deep_occur(cx, t2, t1) => unify2(cx, uenv, t1, t2),
        (TypeDesc::Var(_), _) => {
            if unify_with_var(cx, uenv, t1, t2)? {
                Ok(())
            } else {
                unify2(cx, uenv, t1, t2)
            }
        }
        (_, TypeDesc::Var(_)) => {
            if unify_with_var(cx, uenv, t2, t1)? {
                Ok(())
            } else {
                unify2(cx, uenv, t1, t2)
            }
        }
        (TypeDesc::Univar(_), TypeDesc::Univar(_)) => {
            unify_univar_trace(cx, t1, t2)?;
            update_level_and_scope(cx, &uenv.env(), t1, t2)?;
            cx.link(t1, t2);
            Ok(())
        }
        (TypeDesc::Constr(p1, args1, m1), TypeDesc::Constr(p2, args2, m2))
            if args1.is_empty() && args2.is_empty() && p1 == p2 && !cx.has_memo(*m1, p1) && !cx.has_memo(*m2, p2) =>
        {
            update_level_and_scope(cx, &uenv.env(), t1, t2)?;
            cx.link(t1, t2);
            Ok(())
        }
        (TypeDesc::Constr(..), TypeDesc::Constr(..)) if uenv.env().has_local_constraints() => {
            unify_under_equations(cx, uenv, t1, t2)
        }
        _ => unify2(cx, uenv, t1, t2),
    }
}

/// With local equations, expands the constructor of the wider scope first, so that equations are
/// used no more than needed.
fn unify_under_equations(cx: &Context, uenv: &UEnv<'_>, t10: TypeId, t20: TypeId) -> Outcome {
    let (mut t1, mut t2) = (t10, t20);
    loop {
        if uenv.same(cx, t1, t2) {
            return Ok(());
        }
        let (TypeDesc::Constr(p1, args1, m1), TypeDesc::Constr(p2, args2, m2)) = (cx.desc(t1), cx.desc(t2)) else {
            break;
        };
        if p1 == p2 && args1.is_empty() && args2.is_empty() && !cx.has_memo(m1, &p1) && !cx.has_memo(m2, &p2) {
            update_level_and_scope(cx, &uenv.env(), t1, t2)?;
            cx.link(t1, t2);
            return Ok(());
        }
        let env = uenv.env();
        let expand_second = find_expansion_scope(cx, &env, &p1) > find_expansion_scope(cx, &env, &p2);
        let expanded = try_expand_safe(cx, &env, if expand_second { t2 } else { t1 });
        match expanded {
            Ok(ty) if expand_second => t2 = ty,
            Ok(ty) => t1 = ty,
            Err(CannotExpand) => break,
        }
    }
    unify2_expand(cx, uenv, t10, t1, t20, t2)
}

fn unify2(cx: &Context, uenv: &UEnv<'_>, t1: TypeId, t2: TypeId) -> Outcome {
    unify2_expand(cx, uenv, t1, t1, t2, t2)
}

/// Second step: expansion of abbreviations.
fn unify2_expand(cx: &Context, uenv: &UEnv<'_>, mut t1: TypeId, e1: TypeId, mut t2: TypeId, e2: TypeId) -> Outcome {
    let env = uenv.env();
    // Expanding one may change the other: twice.
    expand_head_unif(cx, &env, e1)?;
    expand_head_unif(cx, &env, e2)?;
    let e1 = expand_head_unif(cx, &env, e1)?;
    let e2 = expand_head_unif(cx, &env, e2)?;
    let level = cx.level(e1).min(cx.level(e2));
    let scope = cx.scope(e1).max(cx.scope(e2));
    for ty in [t2, t1] {
        update_level(cx, &env, level, ty).map_err(escape)?;
    }
    for ty in [t2, t1] {
        update_scope(cx, scope, ty).map_err(escape)?;
    }
    if uenv.same(cx, e1, e2) {
        return Ok(());
    }
    if cx.options.principal && (find_lowest_level(cx, e1) < level || find_lowest_level(cx, e2) < level) {
        // Abbreviations that hide a lower level are expanded.
        let bare = |ty: TypeId| cx.with_desc(ty, |d| matches!(d, TypeDesc::Constr(_, args, _) if args.is_empty()));
        (t1, t2) = (if bare(t1) { e1 } else { t1 }, if bare(t2) { e2 } else { t2 });
    }
    if uenv.same(cx, t1, e1) || !uenv.same(cx, t2, e2) {
        unify3(cx, uenv, t1, e1, t2, e2)
    } else {
        unify3(cx, uenv, t2, e2, t1, e1).map_err(swap_trace)
    }
}

fn unify3_var(cx: &Context, uenv: &UEnv<'_>, var: TypeId, t2: TypeId, e2: TypeId) -> Outcome {
    occur_trace(cx, uenv, var, t2)?;
    match occur_univar(cx, &uenv.env(), false, t2) {
        Ok(()) => {
            cx.link(var, t2);
            Ok(())
        }
        Err(_) if uenv.in_pattern_mode() => {
            reify(cx, uenv, var)?;
            reify(cx, uenv, e2)?;
            occur_univar(cx, &uenv.env(), true, e2).map_err(escape)?;
            uenv.record_equation(cx, var, e2);
            Ok(())
        }
        Err(e) => Err(escape(e)),
    }
}

/// Third step: the structure. Either `t1` is expanded, or `t2` is not.
fn unify3(cx: &Context, uenv: &UEnv<'_>, _t1: TypeId, e1: TypeId, t2: TypeId, e2: TypeId) -> Outcome {
    let node1 = cx.repr(e1);
    let (d1, d2) = (cx.desc(e1), cx.desc(e2));
    let create_recursion = !cx.same(t2, e2) && deep_occur(cx, e1, t2);
    match (&d1, &d2) {
        (TypeDesc::Univar(_), TypeDesc::Univar(_)) => {
            unify_univar_trace(cx, e1, e2)?;
            cx.link(e1, e2);
            return Ok(());
        }
        (TypeDesc::Var(_), _) => return unify3_var(cx, uenv, e1, t2, e2),
        (_, TypeDesc::Var(_)) => return unify3_var(cx, uenv, e2, _t1, e1),
        (TypeDesc::Field(..), TypeDesc::Field(..)) => return unify_fields(cx, uenv, e1, e2),
        _ => {}
    }
    if uenv.in_pattern_mode() {
        uenv.add_type_equality(cx, e1, e2);
    } else {
        occur_trace(cx, uenv, e1, t2)?;
        cx.link(e1, t2);
    }
    let result = unify_structure(cx, uenv, (_t1, e1, &d1), (t2, e2, &d2))
        .and_then(|()| if create_recursion { close_recursion(cx, uenv, t2, e2) } else { Ok(()) });
    if result.is_err() {
        cx.restore_desc(node1, d1);
    }
    result
}

/// The link made `t2` recursive: it must expand to itself.
fn close_recursion(cx: &Context, uenv: &UEnv<'_>, t2: TypeId, e2: TypeId) -> Outcome {
    if let TypeDesc::Constr(path, args, memo) = cx.desc(t2) {
        cx.forget_memo(memo, &path);
        let expansion = expand_head_unif(cx, &uenv.env(), t2)?;
        if !closed_parameterized_type(cx, &args, expansion) {
            cx.link(t2, e2);
        }
    }
    Ok(())
}

type Side3<'a> = (TypeId, TypeId, &'a TypeDesc);

fn unify_structure(cx: &Context, uenv: &UEnv<'_>, (t1, e1, d1): Side3<'_>, (t2, e2, d2): Side3<'_>) -> Outcome {
    use TypeDesc::*;
    let pattern = uenv.in_pattern_mode();
    match (d1, d2) {
        (Arrow(l1, a1, r1, c1), Arrow(l2, a2, r2, c2)) => {
            eq_labels(cx, pattern, *l1, *l2)?;
            unify_rec(cx, uenv, *a1, *a2)?;
            unify_rec(cx, uenv, *r1, *r2)?;
            match (btype::is_commu_ok(cx, *c1), btype::is_commu_ok(cx, *c2)) {
                (false, true) => btype::set_commu_ok(cx, *c1),
                (true, false) => btype::set_commu_ok(cx, *c2),
                (false, false) => btype::link_commu(cx, *c1, *c2),
                (true, true) => {}
            }
            Ok(())
        }
        (Tuple(items1), Tuple(items2)) => {
            if items1.len() != items2.len() {
                return unexplained();
            }
            items1.iter().zip(items2.iter()).try_for_each(|((l1, t1), (l2, t2))| {
                if l1 != l2 {
                    return fail(Elt::TupleLabelMismatch(Diff { got: *l1, expected: *l2 }));
                }
                unify_rec(cx, uenv, *t1, *t2)
            })
        }
        (Constr(p1, args1, _), Constr(p2, args2, _)) if p1 == p2 => {
            unify_arguments(cx, uenv, p1, args1, args2, [e1, t1, t2])
        }
        (Constr(p1, args1, _), Constr(p2, args2, _))
            if pattern
                && args1.is_empty()
                && args2.is_empty()
                && is_instantiable(cx, &uenv.env(), p1)
                && is_instantiable(cx, &uenv.env(), p2) =>
        {
            let (source, destination) = if p1.scope() > p2.scope() { (p1, e2) } else { (p2, e1) };
            uenv.record_equation(cx, e1, e2);
            add_gadt_equation(cx, uenv, source, destination)
        }
        (Constr(path, args, _), _) if pattern && args.is_empty() && is_instantiable(cx, &uenv.env(), path) => {
            reify(cx, uenv, e2)?;
            uenv.record_equation(cx, e1, e2);
            add_gadt_equation(cx, uenv, path, e2)
        }
        (_, Constr(path, args, _)) if pattern && args.is_empty() && is_instantiable(cx, &uenv.env(), path) => {
            reify(cx, uenv, e1)?;
            uenv.record_equation(cx, e1, e2);
            add_gadt_equation(cx, uenv, path, e1)
        }
        (Constr(..), _) | (_, Constr(..)) if pattern => unify_by_compatibility(cx, uenv, e1, e2),
        (Object(f1, n1), Object(f2, _)) => {
            unify_fields(cx, uenv, *f1, *f2)?;
            // The second may have changed meanwhile.
            if let Object(_, n2) = cx.desc(e2) {
                let keeps_name = cx.object_name(n2).is_some_and(|(_, args)| {
                    args.first().is_some_and(|row| matches!(cx.desc(*row), Var(_) | Univar(_) | Nil))
                });
                if !keeps_name {
                    cx.set_object_name(n2, cx.object_name(*n1));
                }
            }
            Ok(())
        }
        (Variant(row1), Variant(row2)) => {
            if !pattern {
                return unify_row(cx, uenv, row1, row2);
            }
            match cx.try_or_undo(|| unify_row(cx, uenv, row1, row2)) {
                Ok(()) => Ok(()),
                Err(_) => unify_by_compatibility(cx, uenv, e1, e2),
            }
        }
        (Field(name, kind, _, rest), Nil) | (Nil, Field(name, kind, _, rest)) => {
            let dummy = *name == btype::DUMMY_METHOD;
            if matches!(cx.field_kind(*kind), FieldKind::Var(_)) && !dummy {
                btype::link_kind(cx, *kind, FieldKind::Absent);
                if *d2 == Nil {
                    unify_rec(cx, uenv, *rest, e2)
                } else {
                    unify_rec(cx, uenv, btype::newgenty(cx, Nil), *rest)
                }
            } else if dummy {
                fail(Elt::Obj(ObjElt::SelfCannotBeClosed))
            } else {
                let side = if *d1 == Nil { Side::First } else { Side::Second };
                fail(Elt::Obj(ObjElt::MissingField(side, *name)))
            }
        }
        (Nil, Nil) => Ok(()),
        (Poly(b1, vars1), Poly(b2, vars2)) => {
            if vars1.is_empty() && vars2.is_empty() {
                return unify_rec(cx, uenv, *b1, *b2);
            }
            enter_poly(cx, &uenv.env(), (*b1, vars1), (*b2, vars2), || unify_rec(cx, uenv, *b1, *b2))
        }
        (Package(p1), Package(p2)) => super::package::unify_package(cx, uenv, (cx.level(t1), p1), (cx.level(t2), p2)),
        (Nil, Constr(..)) => fail(Elt::Obj(ObjElt::AbstractRow(Side::Second))),
        (Constr(..), Nil) => fail(Elt::Obj(ObjElt::AbstractRow(Side::First))),
        _ => unexplained(),
    }
}

/// Pattern mode: the types need only not contradict each other.
fn unify_by_compatibility(cx: &Context, uenv: &UEnv<'_>, e1: TypeId, e2: TypeId) -> Outcome {
    reify(cx, uenv, e1)?;
    reify(cx, uenv, e2)?;
    mcomp_trace(cx, &uenv.env(), e1, e2)?;
    uenv.record_equation(cx, e1, e2);
    Ok(())
}

/// Arguments of one constructor. In pattern mode only injective ones follow from the equality.
fn unify_arguments(
    cx: &Context,
    uenv: &UEnv<'_>,
    path: &Path,
    args1: &[TypeId],
    args2: &[TypeId],
    nodes: [TypeId; 3],
) -> Outcome {
    let UEnv::Pattern { penv, equated, assume_injective, eq_set } = uenv else {
        return unify_list(cx, uenv, args1, args2);
    };
    if *assume_injective {
        let uenv = UEnv::Pattern { penv, equated, assume_injective: false, eq_set };
        return unify_list(cx, &uenv, args1, args2);
    }
    let env = uenv.env();
    if super::gadt::in_current_module(path) || nodes.iter().any(|ty| super::gadt::expands_to_datatype(cx, &env, *ty)) {
        return unify_list(cx, uenv, args1, args2);
    }
    let decl = env.find_type(cx, path);
    for (i, (a1, a2)) in args1.iter().zip(args2).enumerate() {
        let injective = decl.as_ref().and_then(|d| d.variance.get(i)).is_some_and(|v| v.mem(Variance::INJ));
        if injective {
            unify_rec(cx, uenv, *a1, *a2)?;
        } else {
            reify(cx, uenv, *a1)?;
            reify(cx, uenv, *a2)?;
        }
    }
    Ok(())
}

pub(super) fn unify_list(cx: &Context, uenv: &UEnv<'_>, tys1: &[TypeId], tys2: &[TypeId]) -> Outcome {
    if tys1.len() != tys2.len() {
        return unexplained();
    }
    tys1.iter().zip(tys2).try_for_each(|(t1, t2)| unify_rec(cx, uenv, *t1, *t2))
}

/// Whether two labels may meet: in classic mode, and for indices of GADTs, only `?` matters.
pub(super) fn compatible_labels(cx: &Context, in_pattern_mode: bool, l1: ArgLabel, l2: ArgLabel) -> bool {
    l1 == l2 || (cx.options.classic || in_pattern_mode) && !btype::is_optional(l1) && !btype::is_optional(l2)
}
pub(super) fn eq_labels(cx: &Context, in_pattern_mode: bool, l1: ArgLabel, l2: ArgLabel) -> Outcome {
    if compatible_labels(cx, in_pattern_mode, l1, l2) {
        Ok(())
    } else {
        fail(Elt::FunctionLabelMismatch(Diff { got: l1, expected: l2 }))
    }
}

// ---------------------------------------------------------------------------------------------
// Objects

/// The row variable for what both objects leave open; names given by the user are kept.
fn make_rowvar(cx: &Context, level: Level, use1: bool, rest1: TypeId, use2: bool, rest2: TypeId) -> TypeId {
    let name_of = |ty: TypeId| {
        cx.with_desc(ty, |d| match d {
            TypeDesc::Var(name) => *name,
            _ => None,
        })
    };
    let set_name = |ty: TypeId, name: Option<Name>| {
        if matches!(cx.desc(ty), TypeDesc::Var(None)) {
            cx.set_desc(ty, TypeDesc::Var(name));
        }
    };
    let name = match (name_of(rest1), name_of(rest2)) {
        (Some(name1), Some(name2)) => Some(if cx.level(rest1) <= cx.level(rest2) { name1 } else { name2 }),
        (name @ Some(_), None) => {
            if use2 {
                set_name(rest2, name)
            }
            name
        }
        (None, name @ Some(_)) => {
            if use1 {
                set_name(rest2, name)
            }
            name
        }
        (None, None) => None,
    };
    if use1 {
        rest1
    } else if use2 {
        rest2
    } else {
        cx.new_node(TypeDesc::Var(name), level)
    }
}

pub(super) fn unify_fields(cx: &Context, uenv: &UEnv<'_>, ty1: TypeId, ty2: TypeId) -> Outcome {
    let (fields1, rest1) = flatten_fields(cx, ty1);
    let (fields2, rest2) = flatten_fields(cx, ty2);
    let (pairs, miss1, miss2) = associate_fields(&fields1, &fields2);
    let (l1, l2) = (cx.level(ty1), cx.level(ty2));
    let row = make_rowvar(cx, l1.min(l2), miss2.is_empty(), rest1, miss1.is_empty(), rest2);
    let (node1, node2) = (cx.repr(rest1), cx.repr(rest2));
    let (d1, d2) = (cx.desc(rest1), cx.desc(rest2));
    let unify_all = || {
        unify_rec(cx, uenv, build_fields(cx, l1, &miss1, row), rest2)?;
        unify_rec(cx, uenv, rest1, build_fields(cx, l2, &miss2, row))?;
        pairs.iter().try_for_each(|(name, k1, t1, k2, t2)| {
            unify_kind(cx, *k1, *k2)?;
            let unify_types = || {
                if cx.trace_gadt_instances.get() && !uenv.in_subst() {
                    update_level_and_scope(cx, &uenv.env(), row, *t1)?;
                }
                unify_rec(cx, uenv, *t1, *t2)
            };
            unify_types().map_err(|mut trace| {
                trace.push(Elt::IncompatibleFields { name: *name, diff: Diff { got: *t1, expected: *t2 } });
                trace
            })
        })
    };
    let result = unify_all();
    if result.is_err() {
        cx.restore_desc(node1, d1);
        cx.restore_desc(node2, d2);
    }
    result
}

pub(super) fn unify_kind(cx: &Context, k1: FieldKind, k2: FieldKind) -> Outcome {
    match (cx.field_kind(k1), cx.field_kind(k2)) {
        (FieldKind::Var(_), FieldKind::Var(_) | FieldKind::Public) => btype::link_kind(cx, k1, k2),
        (FieldKind::Public, FieldKind::Var(_)) => btype::link_kind(cx, k2, k1),
        (FieldKind::Public, FieldKind::Public) => {}
        // A field known to be absent is not in the row.
        (FieldKind::Absent, _) | (_, FieldKind::Absent) => return unexplained(),
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------
// Polymorphic variants

fn unify_row(cx: &Context, uenv: &UEnv<'_>, row1: &RowDesc, row2: &RowDesc) -> Outcome {
    let (r1, r2) = (btype::row_repr(cx, row1), btype::row_repr(cx, row2));
    let (rm1, rm2) = (r1.more, r2.more);
    if uenv.same(cx, rm1, rm2) {
        return Ok(());
    }
    let (only1, only2, pairs) = super::merge_row_fields(&r1.fields, &r2.fields);
    check_tag_hashes(cx, &only1, &only2)?;
    let (fixed1, fixed2) = (btype::fixed_explanation(cx, &r1), btype::fixed_explanation(cx, &r2));
    let more = match (&fixed1, &fixed2) {
        (Some(_), Some(_)) => {
            if cx.level(rm2) < cx.level(rm1) {
                rm2
            } else {
                rm1
            }
        }
        (Some(_), None) => rm1,
        (None, Some(_)) => rm2,
        (None, None) => cx.new_node(TypeDesc::Var(None), cx.level(rm1).min(cx.level(rm2))),
    };
    let closed = r1.closed || r2.closed;
    let absent = |field: &RowField| matches!(cx.row_field(field), RowField::Absent);
    let empty = |fields: &[(Name, RowField)]| fields.iter().all(|(_, field)| absent(field));
    if closed
        && (empty(&only1) || r2.closed)
        && (empty(&only2) || r1.closed)
        && pairs.iter().all(|(_, f1, f2)| absent(f1) || absent(f2))
    {
        return fail(Elt::Variant(VariantElt::NoIntersection));
    }
    let keeps1 = pairs.iter().all(|(_, f1, f2)| absent(f1) || !absent(f2));
    let keeps2 = pairs.iter().all(|(_, f1, f2)| absent(f2) || !absent(f1));
    let name = if r1.name.is_some() && (r1.closed || empty(&only2)) && (!r2.closed || keeps1 && empty(&only1)) {
        r1.name.clone()
    } else if r2.name.is_some() && (r2.closed || empty(&only1)) && (!r1.closed || keeps2 && empty(&only2)) {
        r2.name.clone()
    } else {
        None
    };
    let fixed = btype::merge_fixed_explanation(fixed1.clone(), fixed2.clone());
    let target = RowTarget { more, closed, fixed, name };
    let (node1, node2) = (cx.repr(rm1), cx.repr(rm2));
    let (d1, d2) = (cx.desc(rm1), cx.desc(rm2));
    let unify_all = || {
        extend_row(cx, uenv, Side::Second, row2, only1, &target)?;
        extend_row(cx, uenv, Side::First, row1, only2, &target)?;
        for (tag, f1, f2) in &pairs {
            let sides = RowSides { fixed1: &fixed1, fixed2: &fixed2, rm1, rm2 };
            unify_row_field(cx, uenv, &sides, *tag, f1, f2).map_err(|mut trace| {
                trace.push(Elt::Variant(VariantElt::IncompatibleTypesFor(*tag)));
                trace
            })?;
        }
        if btype::static_row(cx, row1) {
            let more = btype::row_more(cx, row1);
            if cx.is_var(more) {
                cx.link(more, cx.new_node(TypeDesc::Nil, cx.level(more)));
            }
        }
        Ok(())
    };
    let result: Outcome = unify_all();
    if result.is_err() {
        cx.restore_desc(node1, d1);
        cx.restore_desc(node2, d2);
    }
    result
}

/// Two different tags must not have one hash.
fn check_tag_hashes(cx: &Context, only1: &[(Name, RowField)], only2: &[(Name, RowField)]) -> Outcome {
    if only1.is_empty() || only2.is_empty() {
        return Ok(());
    }
    let hashes: std::collections::HashMap<i64, Name> =
        only1.iter().map(|(tag, _)| (btype::hash_variant(tag), *tag)).collect();
    for (tag, _) in only2 {
        if let Some(other) = hashes.get(&btype::hash_variant(tag)) {
            cx.tag_clash.set(Some((*tag, *other)));
            return unexplained();
        }
    }
    Ok(())
}

/// What the rest of both rows becomes.
struct RowTarget {
    more: TypeId,
    closed: bool,
    fixed: Option<FixedExplanation>,
    name: Option<(Path, std::rc::Rc<[TypeId]>)>,
}

/// Extends one row by the tags that only the other has.
fn extend_row(
    cx: &Context,
    uenv: &UEnv<'_>,
    side: Side,
    row: &RowDesc,
    rest: Vec<(Name, RowField)>,
    target: &RowTarget,
) -> Outcome {
    let repr = btype::row_repr(cx, row);
    let rest = if target.closed { super::filter_row_fields(cx, repr.closed, rest) } else { rest };
    match btype::fixed_explanation(cx, row) {
        None if !rest.is_empty() && repr.closed => return fail(Elt::Variant(VariantElt::NoTags(side, rest))),
        Some(why) if target.closed && !repr.closed => {
            return fail(Elt::Variant(VariantElt::FixedRow(side, FixedRowCase::CannotBeClosed, why)));
        }
        Some(why) if !rest.is_empty() => {
            let case = FixedRowCase::CannotAddTags(rest.iter().map(|(tag, _)| *tag).collect());
            return fail(Elt::Variant(VariantElt::FixedRow(side, case, why)));
        }
        _ => {}
    }
    let rm = repr.more;
    let env = uenv.env();
    if cx.trace_gadt_instances.get() && !uenv.in_subst() {
        let whole = btype::newgenty(cx, TypeDesc::Variant(row.clone()));
        update_level(cx, &env, cx.level(rm), whole).map_err(escape)?;
    }
    if btype::has_fixed_explanation(cx, row) {
        if cx.same(target.more, rm) {
            return Ok(());
        }
        if cx.is_var(rm) {
            cx.link(rm, target.more);
            return Ok(());
        }
        return unify_rec(cx, uenv, rm, target.more);
    }
    let extended = btype::newgenty(
        cx,
        TypeDesc::Variant(RowDesc {
            fields: rest.into(),
            more: target.more,
            closed: target.closed,
            fixed: target.fixed.clone(),
            name: target.name.clone(),
        }),
    );
    update_level_and_scope(cx, &env, rm, extended)?;
    cx.link(rm, extended);
    Ok(())
}

struct RowSides<'a> {
    fixed1: &'a Option<FixedExplanation>,
    fixed2: &'a Option<FixedExplanation>,
    rm1: TypeId,
    rm2: TypeId,
}

fn unify_row_field(
    cx: &Context,
    uenv: &UEnv<'_>,
    sides: &RowSides<'_>,
    tag: Name,
    f1: &RowField,
    f2: &RowField,
) -> Outcome {
    use RowField::{Absent, Either, Present};
    let refuse_fixed = |side: Side, fixed: &Option<FixedExplanation>| match fixed {
        None => Ok(()),
        Some(why) => {
            fail(Elt::Variant(VariantElt::FixedRow(side, FixedRowCase::CannotAddTags(vec![tag]), why.clone())))
        }
    };
    let first = || refuse_fixed(Side::First, sides.fixed1);
    let second = || refuse_fixed(Side::Second, sides.fixed2);
    match (cx.row_field(f1), cx.row_field(f2)) {
        (Present(Some(t1)), Present(Some(t2))) => unify_rec(cx, uenv, t1, t2),
        (Present(None), Present(None)) | (Absent, Absent) => Ok(()),
        (e1 @ Either { .. }, e2 @ Either { .. }) => unify_either(cx, uenv, sides, tag, (f1, e1), (f2, e2)),
        (Either { matched: false, .. }, Absent) => {
            first()?;
            btype::link_row_field_ext(cx, f1, Absent);
            Ok(())
        }
        (Absent, Either { matched: false, .. }) => {
            second()?;
            btype::link_row_field_ext(cx, f2, Absent);
            Ok(())
        }
        (Either { no_arg: false, arg_type, .. }, Present(Some(t2))) => {
            first()?;
            let arg_types = arg_type.to_vec();
            decide_present(cx, uenv, f1, sides.rm1, t2, |cx, uenv| {
                arg_types.iter().try_for_each(|t1| unify_rec(cx, uenv, *t1, t2))
            })
        }
        (Present(Some(t1)), Either { no_arg: false, arg_type, .. }) => {
            second()?;
            let arg_types = arg_type.to_vec();
            decide_present(cx, uenv, f2, sides.rm2, t1, |cx, uenv| {
                arg_types.iter().try_for_each(|t2| unify_rec(cx, uenv, t1, *t2))
            })
        }
        (Either { no_arg: true, arg_type, .. }, Present(None)) if arg_type.is_empty() => {
            first()?;
            btype::link_row_field_ext(cx, f1, Present(None));
            Ok(())
        }
        (Present(None), Either { no_arg: true, arg_type, .. }) if arg_type.is_empty() => {
            second()?;
            btype::link_row_field_ext(cx, f2, Present(None));
            Ok(())
        }
        (Absent, Present(_) | Either { matched: true, .. }) => {
            fail(Elt::Variant(VariantElt::NoTags(Side::First, vec![(tag, f1.clone())])))
        }
        (Present(_) | Either { matched: true, .. }, Absent) => {
            fail(Elt::Variant(VariantElt::NoTags(Side::Second, vec![(tag, f2.clone())])))
        }
        // Constant against not constant, or an impossible conjunction.
        _ => unexplained(),
    }
}

/// A possible tag becomes present with type `ty`; undone if its own types do not agree.
fn decide_present(
    cx: &Context,
    uenv: &UEnv<'_>,
    field: &RowField,
    more: TypeId,
    ty: TypeId,
    unify_types: impl FnOnce(&Context, &UEnv<'_>) -> Outcome,
) -> Outcome {
    let Some(ext) = btype::row_field_ext(cx, field) else { return unexplained() };
    cx.set_row_field(ext, RowField::Present(Some(ty)));
    update_level_and_scope(cx, &uenv.env(), more, ty)?;
    unify_types(cx, uenv).inspect_err(|_| cx.reset_row_field(ext))
}

fn unify_either(
    cx: &Context,
    uenv: &UEnv<'_>,
    sides: &RowSides<'_>,
    tag: Name,
    (f1, e1): (&RowField, RowField),
    (f2, e2): (&RowField, RowField),
) -> Outcome {
    let (
        RowField::Either { no_arg: c1, arg_type: tl1, matched: m1, ext: ext1 },
        RowField::Either { no_arg: c2, arg_type: tl2, matched: m2, ext: ext2 },
    ) = (e1, e2)
    else {
        return Ok(());
    };
    if ext1 == ext2 {
        return Ok(());
    }
    let either_fixed = sides.fixed1.is_some() || sides.fixed2.is_some();
    let (no_arg, matched) = (c1 || c2, m1 || m2);
    if either_fixed && !no_arg && tl1.len() == tl2.len() {
        let merged = btype::rf_either(cx, no_arg, Vec::new(), matched);
        cx.set_row_field(ext1, merged.clone());
        cx.set_row_field(ext2, merged);
        return unify_list(cx, uenv, &tl1, &tl2);
    }
    let force = m1 || m2 || either_fixed || cx.rigid_variants.get() && (tl1.len() == 1 || tl2.len() == 1);
    if force && let Some(head) = tl1.iter().chain(tl2.iter()).next() {
        if no_arg {
            return unexplained();
        }
        for ty in tl1.iter().chain(tl2.iter()).skip(1) {
            unify_rec(cx, uenv, *head, *ty)?;
        }
        if cx.row_field_decided(ext1) || cx.row_field_decided(ext2) {
            return unify_row_field(cx, uenv, sides, tag, f1, f2);
        }
    }
    let without = |tys: &[TypeId], others: &[TypeId]| -> Vec<TypeId> {
        tys.iter().filter(|ty| !others.iter().any(|other| cx.same(**ty, *other))).copied().collect()
    };
    let env = uenv.env();
    let has_univars = |ty: &TypeId| super::univar::has_free_univars(cx, &env, *ty);
    let (univ1, new1): (Vec<_>, Vec<_>) = without(&tl1, &tl2).into_iter().partition(has_univars);
    let (univ2, new2): (Vec<_>, Vec<_>) = without(&tl2, &tl1).into_iter().partition(has_univars);
    match (univ1.split_first(), univ2.first()) {
        (None, None) => {}
        (Some((head, rest)), Some(_)) => {
            rest.iter().chain(&univ2).try_for_each(|ty| unify_rec(cx, uenv, *head, *ty))?
        }
        (Some((ty, _)), None) | (None, Some(ty)) => occur_univar(cx, &env, false, *ty).map_err(escape)?,
    }
    new1.iter().try_for_each(|ty| update_level_and_scope(cx, &env, sides.rm2, *ty))?;
    new2.iter().try_for_each(|ty| update_level_and_scope(cx, &env, sides.rm1, *ty))?;
    // Both are extended by the other's types and share what follows.
    let ext = cx.new_row_field_var();
    cx.set_row_field(ext1, RowField::Either { no_arg, arg_type: new2.into(), matched, ext });
    cx.set_row_field(ext2, RowField::Either { no_arg, arg_type: new1.into(), matched, ext });
    Ok(())
}

// ---------------------------------------------------------------------------------------------
// Entry points

fn unify_in(cx: &Context, uenv: &UEnv<'_>, t1: TypeId, t2: TypeId) -> Result<(), UnifyError> {
    unify_rec(cx, uenv, t1, t2).map_err(|trace| unify_error(cx, &uenv.env(), trace))
}

/// Unifies two types. After an error parts may have been unified: wrap in
/// [`Context::try_or_undo`] where that matters.
pub fn unify(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<(), UnifyError> {
    if cx.same(t1, t2) {
        return Ok(());
    }
    with_univar_pairs(cx, Vec::new(), || unify_in(cx, &UEnv::Expression { env, in_subst: false }, t1, t2))
}

/// Unifies the type of a pattern with the expected one, extending the pattern's environment by
/// equations. Returns the pairs that were equated.
pub fn unify_gadt(cx: &Context, penv: &PatternEnv, pat: TypeId, expected: TypeId) -> Result<TypePairs, UnifyError> {
    let in_pattern_mode = || {
        let (equated, eq_set) = (RefCell::default(), RefCell::default());
        let uenv = UEnv::Pattern { penv, equated: &equated, assume_injective: true, eq_set: &eq_set };
        with_univar_pairs(cx, Vec::new(), || unify_in(cx, &uenv, pat, expected))?;
        Ok(equated.into_inner())
    };
    if penv.in_counterexample || closed_type_expr(cx, None, expected) {
        return in_pattern_mode();
    }
    // Variables could leak equations: try without any first.
    let env = penv.env();
    match cx.try_or_undo(|| unify(cx, &env, pat, expected)) {
        Ok(()) => Ok(TypePairs::new()),
        Err(_) => in_pattern_mode(),
    }
}

/// For [`unify_var`] and the application of type functions; the trace is innermost first.
pub(super) fn unify_var_in(cx: &Context, uenv: &UEnv<'_>, t1: TypeId, t2: TypeId) -> Outcome {
    if cx.same(t1, t2) {
        return Ok(());
    }
    if !cx.is_var(t1) || btype::is_tconstr(cx, t2) && deep_occur(cx, t1, t2) {
        return unify_rec(cx, uenv, t1, t2);
    }
    let env = uenv.env();
    let tracing = start_tracing(cx, &env, false);
    let link = || {
        occur_trace(cx, uenv, t1, t2)?;
        update_level_and_scope(cx, &env, t1, t2)?;
        cx.link(t1, t2);
        Ok(())
    };
    let result: Outcome = link();
    stop_tracing(cx, tracing);
    result.map_err(|mut trace| {
        trace.push(Elt::Diff(Diff { got: t1, expected: t2 }));
        trace
    })
}
/// Like [`unify`], but a variable may become a type with free univars.
pub fn unify_var(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<(), UnifyError> {
    unify_var_in(cx, &UEnv::Expression { env, in_subst: false }, t1, t2).map_err(|trace| unify_error(cx, env, trace))
}

pub fn wrap_trace_gadt_instances<T>(cx: &Context, env: &Env, f: impl FnOnce() -> T) -> T {
    let tracing = start_tracing(cx, env, false);
    let result = f();
    stop_tracing(cx, tracing);
    result
}
/// Likewise, whether or not there are equations here.
pub fn wrap_trace_gadt_instances_forced<T>(cx: &Context, env: &Env, f: impl FnOnce() -> T) -> T {
    let tracing = start_tracing(cx, env, true);
    let result = f();
    stop_tracing(cx, tracing);
    result
}

/// Whether an abbreviation mentions the type it defines outside of any guard.
pub fn cyclic_abbrev(cx: &Context, env: &Env, id: crate::Ident, ty: TypeId) -> bool {
    fn check(cx: &Context, env: &Env, id: crate::Ident, seen: &mut Visited, ty: TypeId) -> bool {
        let ty = cx.repr(ty);
        if !seen.insert(ty) {
            return false;
        }
        match cx.desc(ty) {
            TypeDesc::Constr(Path::Ident(other), ..) if other == id => true,
            TypeDesc::Constr(..) => {
                expand_head_safe(cx, env, ty).is_some_and(|expansion| check(cx, env, id, seen, expansion))
            }
            _ => {
                let mut found = false;
                iter_type_expr(cx, ty, &mut |child| found = found || check(cx, env, id, seen, child));
                found
            }
        }
    }
    check(cx, env, id, &mut Visited::new(), ty)
}
