//! Subtyping: the widest type for a coercion, and the check of a coercion.

use super::expand::{expand_type, generic_abbrev, generic_private_abbrev};
use super::objects::{associate_fields, build_fields, filter_row_fields, flatten_fields, merge_row_fields, object_row};
use super::package::{complete_type_list, eq_package_path, package_subtype};
use super::unify::compatible_labels;
use super::univar::{EscapeInPoly, UnivarPairs, enter_poly, with_univar_pairs};
use super::{
    SubtypeEnforcer, apply_at_current_level, deep_occur, deep_occur_list, find_cltype_for_path, instance_poly,
    newconstr, newty, newvar, opened_object, try_expand_safe, try_expand_safe_opt, unify, unify_var,
};
use crate::btype::{self, TypePairs};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::types::*;
use rocaml_base::Name;

// ---------------------------------------------------------------------------------------------
// Enlargement

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Unchanged,
    Equivalent,
    Changed,
}
use Change::{Changed, Equivalent, Unchanged};

struct Enlarge<'a> {
    cx: &'a Context,
    env: &'a Env,
    /// Whether another coercion might do better.
    warn: bool,
}

/// The parity of a level tells whether an expansion or an enlargement comes next.
fn pred_expand(level: i32) -> i32 {
    if level % 2 == 0 && level > 0 { level - 1 } else { level }
}
fn pred_enlarge(level: i32) -> i32 {
    if level % 2 == 1 { level - 1 } else { level }
}

impl Enlarge<'_> {
    fn seen(&mut self, ty: TypeId, visited: &[TypeId]) -> bool {
        let seen = visited.contains(&ty);
        self.warn |= seen;
        seen
    }
    /// What stays visited when a level is entered.
    fn visited_from(&self, visited: &[TypeId], ty: TypeId, goes_down: bool) -> Vec<TypeId> {
        let mut kept: Vec<TypeId> = Vec::new();
        if !goes_down {
            let last =
                visited.iter().rposition(|v| matches!(self.cx.desc(*v), TypeDesc::Object(..) | TypeDesc::Variant(_)));
            kept.extend_from_slice(&visited[..last.map_or(0, |i| i + 1)]);
        }
        kept.push(ty);
        kept
    }
    fn expandable(&self, path: &crate::Path, ty: TypeId) -> Option<TypeId> {
        if !generic_abbrev(self.cx, self.env, path) {
            return None;
        }
        let expansion = try_expand_safe(self.cx, self.env, ty).ok()?;
        (!btype::has_constr_row(self.cx, expansion)).then_some(expansion)
    }

    fn build(
        &mut self,
        visited: &[TypeId],
        loops: &[(TypeId, TypeId)],
        posi: bool,
        level: i32,
        ty: TypeId,
    ) -> (TypeId, Change) {
        let cx = self.cx;
        let ty = cx.repr(ty);
        let unchanged = (ty, Unchanged);
        let with = |extra: TypeId| visited.iter().copied().chain([extra]).collect::<Vec<_>>();
        match cx.desc(ty) {
            TypeDesc::Var(_) => match loops.iter().find(|(var, _)| posi && cx.same(*var, ty)) {
                Some((_, target)) => {
                    self.warn = true;
                    (*target, Equivalent)
                }
                None => unchanged,
            },
            TypeDesc::Arrow(label, param, result, _) => {
                if self.seen(ty, visited) {
                    return unchanged;
                }
                let visited = with(ty);
                let (param, c1) = self.build(&visited, loops, !posi, level, param);
                let (result, c2) = self.build(&visited, loops, posi, level, result);
                match c1.max(c2) {
                    Unchanged => unchanged,
                    c => (newty(cx, TypeDesc::Arrow(label, param, result, Commutable::Ok)), c),
                }
            }
            TypeDesc::Tuple(items) => {
                if self.seen(ty, visited) {
                    return unchanged;
                }
                let visited = with(ty);
                let mut change = Unchanged;
                let items = items
                    .iter()
                    .map(|(label, item)| {
                        let (item, c) = self.build(&visited, loops, posi, level, *item);
                        change = change.max(c);
                        (*label, item)
                    })
                    .collect();
                if change == Unchanged { unchanged } else { (newty(cx, TypeDesc::Tuple(items)), change) }
            }
            TypeDesc::Constr(path, args, _) => {
                let expansion = self.expandable(&path, ty);
                match expansion {
                    Some(expansion) if level > 0 => {
                        self.expanded(visited, loops, posi, level, ty, (&path, &args), expansion)
                    }
                    expansion => {
                        if self.seen(ty, visited) {
                            return unchanged;
                        }
                        self.arguments(&with(ty), loops, posi, level, ty, (&path, &args), expansion.is_some())
                    }
                }
            }
            TypeDesc::Variant(row) => self.variant(visited, loops, posi, level, ty, &row),
            TypeDesc::Object(fields, _) => {
                if self.seen(ty, visited) || opened_object(cx, fields) {
                    return unchanged;
                }
                let next = pred_enlarge(level);
                let visited = self.visited_from(visited, ty, next < level);
                match self.build(&visited, loops, posi, next, fields) {
                    (_, Unchanged) => unchanged,
                    (fields, c) => (newty(cx, TypeDesc::Object(fields, cx.new_object_name(None))), c),
                }
            }
            TypeDesc::Field(name, _, method, rest) => {
                let (method, c1) = self.build(visited, loops, posi, level, method);
                let (rest, c2) = self.build(visited, loops, posi, level, rest);
                match c1.max(c2) {
                    Unchanged => unchanged,
                    c => (newty(cx, TypeDesc::Field(name, FieldKind::Public, method, rest)), c),
                }
            }
            TypeDesc::Nil if posi => (newvar(cx), Changed),
            TypeDesc::Nil => {
                self.warn = true;
                unchanged
            }
            TypeDesc::Poly(body, vars) => match self.build(visited, loops, posi, level, body) {
                (_, Unchanged) => unchanged,
                (body, c) => (newty(cx, TypeDesc::Poly(body, vars)), c),
            },
            TypeDesc::Univar(_) | TypeDesc::Package(_) | TypeDesc::Link(_) | TypeDesc::Subst(..) => unchanged,
        }
    }

    fn arguments(
        &mut self,
        visited: &[TypeId],
        loops: &[(TypeId, TypeId)],
        posi: bool,
        level: i32,
        ty: TypeId,
        (path, args): (&crate::Path, &[TypeId]),
        expandable: bool,
    ) -> (TypeId, Change) {
        let cx = self.cx;
        let Some(decl) = self.env.find_type(cx, path) else { return (ty, Unchanged) };
        self.warn |= level == 0 && expandable;
        let mut change = Unchanged;
        let args: Vec<TypeId> = decl
            .variance
            .iter()
            .zip(args)
            .map(|(v, arg)| {
                let (arg, c) = match v.get_upper() {
                    (true, true) => (*arg, Unchanged),
                    (false, true) => self.build(visited, loops, !posi, level, *arg),
                    (true, false) => self.build(visited, loops, posi, level, *arg),
                    (false, false) => (newvar(cx), Changed),
                };
                change = change.max(c);
                arg
            })
            .collect();
        if change == Unchanged { (ty, Unchanged) } else { (newconstr(cx, path, &args), change) }
    }

    /// An abbreviation: a class becomes its open type, recursively; all else is expanded.
    #[allow(clippy::too_many_arguments)]
    fn expanded(
        &mut self,
        visited: &[TypeId],
        loops: &[(TypeId, TypeId)],
        posi: bool,
        level: i32,
        ty: TypeId,
        (path, args): (&crate::Path, &[TypeId]),
        expansion: TypeId,
    ) -> (TypeId, Change) {
        let cx = self.cx;
        let next = pred_expand(level);
        let is_closed_object = matches!(cx.desc(expansion), TypeDesc::Object(..)) && !opened_object(cx, expansion);
        if posi
            && is_closed_object
            && let Some(result) = self.class_object(loops, next, ty, path, args, expansion)
        {
            return result;
        }
        match self.build(visited, loops, posi, next, expansion) {
            (_, Unchanged) => (ty, Unchanged),
            changed => changed,
        }
    }

    fn class_object(
        &mut self,
        loops: &[(TypeId, TypeId)],
        level: i32,
        ty: TypeId,
        path: &crate::Path,
        args: &[TypeId],
        expansion: TypeId,
    ) -> Option<(TypeId, Change)> {
        let (cx, env) = (self.cx, self.env);
        let named = |ty: TypeId| match cx.desc(ty) {
            TypeDesc::Object(fields, name) => {
                cx.object_name(name).filter(|(p, _)| p == path).map(|(_, args)| (fields, args))
            }
            _ => None,
        };
        let (abbreviation, body) = find_cltype_for_path(cx, env, path)?;
        named(body)?;
        let object = apply_at_current_level(cx, env, &abbreviation.params, body, args).ok()?;
        let (fields, name_args) = named(object)?;
        // A variable that occurs in the arguments would break the occur check.
        if deep_occur_list(cx, object, &name_args) {
            return None;
        }
        cx.set_desc(object, TypeDesc::Var(None));
        let result = newvar(cx);
        let loops: Vec<(TypeId, TypeId)> = [(object, result)].into_iter().chain(loops.iter().copied()).collect();
        let (fields, change) = self.build(&[cx.repr(expansion)], &loops, true, pred_enlarge(level), fields);
        let name =
            if change > Equivalent || deep_occur(cx, object, fields) { None } else { Some((path.clone(), name_args)) };
        cx.set_desc(result, TypeDesc::Object(fields, cx.new_object_name(name)));
        // The variable is the type itself: this cannot fail.
        let _ = unify_var(cx, env, object, ty);
        Some((result, Changed))
    }

    fn variant(
        &mut self,
        visited: &[TypeId],
        loops: &[(TypeId, TypeId)],
        posi: bool,
        level: i32,
        ty: TypeId,
        row: &RowDesc,
    ) -> (TypeId, Change) {
        let cx = self.cx;
        if self.seen(ty, visited) || !btype::static_row(cx, row) {
            return (ty, Unchanged);
        }
        let next = pred_enlarge(level);
        let visited = self.visited_from(visited, ty, next < level);
        let row = btype::row_repr(cx, row);
        let mut change = Unchanged;
        let fields: Vec<(Name, RowField)> = filter_row_fields(cx, false, row.fields.to_vec())
            .into_iter()
            .map(|(tag, field)| match cx.row_field(&field) {
                RowField::Present(Some(ty)) => {
                    let (ty, c) = self.build(&visited, loops, posi, next, ty);
                    change = change.max(c);
                    (
                        tag,
                        if posi && level > 0 { btype::rf_either_of(cx, Some(ty)) } else { RowField::Present(Some(ty)) },
                    )
                }
                RowField::Present(None) if posi => (tag, btype::rf_either_of(cx, None)),
                _ => (tag, field),
            })
            .collect();
        let name = if change > Unchanged { None } else { row.name };
        let row = RowDesc { fields: fields.into(), more: newvar(cx), closed: posi, fixed: None, name };
        (newty(cx, TypeDesc::Variant(row)), Changed)
    }
}

/// A type as large as possible that the type can be coerced to; true if another form of coercion
/// might do better.
pub fn enlarge_type(cx: &Context, env: &Env, ty: TypeId) -> (TypeId, bool) {
    let mut enlarge = Enlarge { cx, env, warn: false };
    // Two expansions that involve objects or variants.
    let (ty, _) = enlarge.build(&[], &[], true, 4, ty);
    (ty, enlarge.warn)
}

// ---------------------------------------------------------------------------------------------
// Check

type Steps = Vec<Diff<TypeId>>;

/// Two types that must be equal, and how the check came to them.
struct Constraint {
    steps: Steps,
    t1: TypeId,
    t2: TypeId,
    pairs: UnivarPairs,
}

struct Check<'a> {
    cx: &'a Context,
    env: &'a Env,
    met: TypePairs,
    constraints: Vec<Constraint>,
}

enum Failure {
    /// The types can only be equal.
    MustBeEqual,
    Error(SubtypeError),
}
impl From<EscapeInPoly> for Failure {
    fn from(_: EscapeInPoly) -> Failure {
        Failure::MustBeEqual
    }
}
type Outcome = Result<(), Failure>;

fn subtype_error(cx: &Context, env: &Env, steps: &[Diff<TypeId>], unification_trace: ErrorTrace) -> SubtypeError {
    let trace = steps.iter().map(|d| d.map(|ty| expand_type(cx, env, ty))).collect();
    SubtypeError { trace, unification_trace }
}

impl Check<'_> {
    fn equal(&mut self, steps: &Steps, t1: TypeId, t2: TypeId) {
        let pairs = self.cx.univar_pairs.borrow().clone();
        self.constraints.push(Constraint { steps: steps.clone(), t1, t2, pairs });
    }
    fn sub(&mut self, steps: &mut Steps, t1: TypeId, t2: TypeId) -> Outcome {
        steps.push(Diff { got: t1, expected: t2 });
        let result = self.types(steps, t1, t2);
        steps.pop();
        result
    }
    fn error(&self, steps: &Steps, unification_trace: ErrorTrace) -> Outcome {
        Err(Failure::Error(subtype_error(self.cx, self.env, steps, unification_trace)))
    }

    fn types(&mut self, steps: &mut Steps, t1: TypeId, t2: TypeId) -> Outcome {
        if self.cx.same(t1, t2) || !self.met.add(self.cx, t1, t2) {
            return Ok(());
        }
        let count = self.constraints.len();
        match self.structure(steps, t1, t2) {
            Err(Failure::MustBeEqual) => {
                self.constraints.truncate(count);
                self.equal(steps, t1, t2);
                Ok(())
            }
            result => result,
        }
    }

    fn structure(&mut self, steps: &mut Steps, t1: TypeId, t2: TypeId) -> Outcome {
        use TypeDesc::*;
        let (cx, env) = (self.cx, self.env);
        match (cx.desc(t1), cx.desc(t2)) {
            (Var(_), _) | (_, Var(_)) => Err(Failure::MustBeEqual),
            (Arrow(l1, a1, r1, _), Arrow(l2, a2, r2, _)) if compatible_labels(cx, false, l1, l2) => {
                self.sub(steps, a2, a1)?;
                self.sub(steps, r1, r2)
            }
            (Tuple(items1), Tuple(items2)) => {
                if items1.len() != items2.len() {
                    return self.error(steps, Vec::new());
                }
                items1.iter().zip(items2.iter()).try_for_each(|((l1, t1), (l2, t2))| {
                    if l1 != l2 { self.error(steps, Vec::new()) } else { self.sub(steps, *t1, *t2) }
                })
            }
            (Constr(p1, args1, _), Constr(p2, args2, _)) if p1 == p2 && args1.is_empty() && args2.is_empty() => Ok(()),
            (d1, d2) => {
                if let Constr(path, ..) = &d1
                    && generic_abbrev(cx, env, path)
                    && let Ok(expansion) = try_expand_safe(cx, env, t1)
                {
                    return self.types(steps, expansion, t2);
                }
                if let Constr(path, ..) = &d2
                    && generic_abbrev(cx, env, path)
                    && let Ok(expansion) = try_expand_safe(cx, env, t2)
                {
                    return self.types(steps, t1, expansion);
                }
                self.expanded(steps, (t1, d1), (t2, d2))
            }
        }
    }

    fn expanded(&mut self, steps: &mut Steps, (t1, d1): (TypeId, TypeDesc), (t2, d2): (TypeId, TypeDesc)) -> Outcome {
        use TypeDesc::*;
        let (cx, env) = (self.cx, self.env);
        match (d1, d2) {
            (Constr(p1, args1, _), Constr(p2, args2, _)) if p1 == p2 => {
                let decl = env.find_type(cx, &p1).ok_or(Failure::MustBeEqual)?;
                decl.variance.iter().zip(args1.iter().zip(args2.iter())).try_for_each(|(v, (a1, a2))| {
                    match v.get_upper() {
                        (true, true) => {
                            let wrap = |ty: TypeId| cx.new_node(Tuple([(None, ty)].into()), cx.level(ty));
                            self.equal(steps, wrap(*a1), wrap(*a2));
                            Ok(())
                        }
                        (true, false) => self.sub(steps, *a1, *a2),
                        (false, true) => self.sub(steps, *a2, *a1),
                        (false, false) => Ok(()),
                    }
                })
            }
            (Constr(path, ..), _) if generic_private_abbrev(cx, env, &path) => match try_expand_safe_opt(cx, env, t1) {
                Ok(expansion) => self.types(steps, expansion, t2),
                Err(_) => Err(Failure::MustBeEqual),
            },
            (Object(f1, _), Object(f2, _)) => {
                if cx.is_var(object_row(cx, f1)) && cx.is_var(object_row(cx, f2)) {
                    return Err(Failure::MustBeEqual);
                }
                self.fields(steps, f1, f2)
            }
            (Variant(row1), Variant(row2)) => self.rows(steps, &row1, &row2),
            (Poly(b1, vars1), Poly(b2, vars2)) => {
                if vars2.is_empty() {
                    let b1 = if vars1.is_empty() { b1 } else { instance_poly(cx, false, false, &vars1, b1).1 };
                    return self.types(steps, b1, b2);
                }
                enter_poly(cx, env, (b1, &vars1), (b2, &vars2), || self.types(steps, b1, b2))
            }
            (Package(p1), Package(p2)) => self.packages(steps, (cx.level(t1), &p1), (cx.level(t2), &p2)),
            _ => Err(Failure::MustBeEqual),
        }
    }

    fn packages(&mut self, steps: &Steps, (l1, p1): (i32, &PackageType), (l2, p2): (i32, &PackageType)) -> Outcome {
        let (cx, env) = (self.cx, self.env);
        let c1 = complete_type_list(cx, env, false, &p2.constraints, l1, p1).map_err(|_| Failure::MustBeEqual)?;
        let c2 = complete_type_list(cx, env, true, &p1.constraints, l2, p2).map_err(|_| Failure::MustBeEqual)?;
        let mut pairs = Vec::new();
        for (names, t2) in &c2 {
            let (_, t1) = c1.iter().find(|(other, _)| other == names).ok_or(Failure::MustBeEqual)?;
            pairs.push((*t1, *t2));
        }
        if !eq_package_path(cx, env, &p1.path, &p2.path) {
            let snapshot = cx.snapshot();
            let included = pairs.iter().all(|(t1, t2)| unify(cx, env, *t1, *t2).is_ok())
                && package_subtype(cx, env, p1, p2).is_ok();
            cx.backtrack(snapshot);
            if !included {
                return Err(Failure::MustBeEqual);
            }
        }
        pairs.into_iter().for_each(|(t1, t2)| self.equal(steps, t1, t2));
        Ok(())
    }

    fn fields(&mut self, steps: &mut Steps, ty1: TypeId, ty2: TypeId) -> Outcome {
        let cx = self.cx;
        let (fields1, rest1) = flatten_fields(cx, ty1);
        let (fields2, rest2) = flatten_fields(cx, ty2);
        let (pairs, miss1, miss2) = associate_fields(&fields1, &fields2);
        if cx.desc(rest2) != TypeDesc::Nil {
            if miss1.is_empty() {
                self.sub(steps, rest1, rest2)?;
            } else {
                let row = build_fields(cx, cx.level(ty1), &miss1, rest1);
                self.equal(steps, row, rest2);
            }
        }
        if !miss2.is_empty() {
            let row = build_fields(cx, cx.level(ty2), &miss2, newvar(cx));
            self.equal(steps, rest1, row);
        }
        pairs.into_iter().try_for_each(|(_, _, t1, _, t2)| self.sub(steps, t1, t2))
    }

    fn rows(&mut self, steps: &mut Steps, row1: &RowDesc, row2: &RowDesc) -> Outcome {
        use RowField::{Absent, Either, Present};
        let cx = self.cx;
        let (r1, r2) = (btype::row_repr(cx, row1), btype::row_repr(cx, row2));
        let (only1, only2, pairs) = merge_row_fields(&r1.fields, &r2.fields);
        let only1 = if r2.closed { filter_row_fields(cx, false, only1) } else { only1 };
        let only2 = if r1.closed { filter_row_fields(cx, false, only2) } else { only2 };
        let plain = |d: &TypeDesc| matches!(d, TypeDesc::Var(_) | TypeDesc::Constr(..) | TypeDesc::Nil);
        match (cx.desc(r1.more), cx.desc(r2.more)) {
            (TypeDesc::Constr(p1, ..), TypeDesc::Constr(p2, ..)) if p1 == p2 => self.sub(steps, r1.more, r2.more),
            (m1, m2) if plain(&m1) && plain(&m2) && r1.closed && only1.is_empty() => {
                pairs.into_iter().try_for_each(|(tag, f1, f2)| match (cx.row_field(&f1), cx.row_field(&f2)) {
                    (Present(None) | Either { no_arg: true, .. }, Present(None)) | (Absent, _) => Ok(()),
                    (Present(Some(t1)), Present(Some(t2))) => self.sub(steps, t1, t2),
                    (Either { no_arg: false, arg_type, .. }, Present(Some(t2))) if !arg_type.is_empty() => {
                        self.sub(steps, arg_type[0], t2)
                    }
                    (Present(None), Present(Some(_))) | (Present(Some(_)), Present(None)) => {
                        self.error(steps, vec![Elt::Variant(VariantElt::IncompatibleTypesFor(tag))])
                    }
                    _ => Err(Failure::MustBeEqual),
                })
            }
            (TypeDesc::Univar(_), TypeDesc::Univar(_))
                if r1.closed == r2.closed && only1.is_empty() && only2.is_empty() =>
            {
                self.sub(steps, r1.more, r2.more)?;
                pairs.into_iter().try_for_each(|(_, f1, f2)| match (cx.row_field(&f1), cx.row_field(&f2)) {
                    (Present(None), Present(None)) | (Absent, Absent) => Ok(()),
                    (Either { no_arg: true, arg_type: a1, .. }, Either { no_arg: true, arg_type: a2, .. })
                        if a1.is_empty() && a2.is_empty() =>
                    {
                        Ok(())
                    }
                    (Present(Some(t1)), Present(Some(t2))) => self.sub(steps, t1, t2),
                    (Either { no_arg: false, arg_type: a1, .. }, Either { no_arg: false, arg_type: a2, .. })
                        if a1.len() == 1 && a2.len() == 1 =>
                    {
                        self.sub(steps, a1[0], a2[0])
                    }
                    _ => Err(Failure::MustBeEqual),
                })
            }
            _ => Err(Failure::MustBeEqual),
        }
    }
}

/// Checks that `t1` is a subtype of `t2`. What must be equal is unified by the result, to be
/// called once variables have got their types.
pub fn subtype(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<SubtypeEnforcer, SubtypeError> {
    let mut check = Check { cx, env, met: TypePairs::new(), constraints: Vec::new() };
    let mut steps = vec![Diff { got: t1, expected: t2 }];
    let result = with_univar_pairs(cx, Vec::new(), || check.types(&mut steps, t1, t2));
    if let Err(Failure::Error(error)) = result {
        return Err(error);
    }
    let (env, constraints) = (env.clone(), check.constraints);
    Ok(Box::new(move |cx| {
        constraints.into_iter().try_for_each(|c| {
            let unified = with_univar_pairs(cx, c.pairs, || {
                let uenv = super::unify::UEnv::Expression { env: &env, in_subst: false };
                super::unify::unify_rec(cx, &uenv, c.t1, c.t2)
            });
            unified.map_err(|trace| {
                let full = super::expand::expand_trace(cx, &env, trace);
                subtype_error(cx, &env, &c.steps, full.into_iter().skip(1).collect())
            })
        })
    }))
}
