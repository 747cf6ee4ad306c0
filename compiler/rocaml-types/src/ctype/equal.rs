//! Equality of types, possibly up to a renaming of variables.

use super::expand::expand_trace;
use super::objects::{associate_fields, filter_row_fields, flatten_fields, merge_row_fields};
use super::package::compare_package;
use super::unify::{eq_labels, unexplained};
use super::univar::{enter_poly, unify_univar_trace, with_univar_pairs};
use super::{expand_head, try_expand_safe_opt};
use crate::btype::{self, TypePairs};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::types::*;
use rocaml_base::Name;

type Outcome = Result<(), Trace>;

fn fail(elt: Elt<TypeId>) -> Outcome {
    Err(vec![elt])
}

/// A comparison that may go on: what was found equal stays so.
pub(super) struct Equal<'a> {
    cx: &'a Context,
    env: &'a Env,
    rename: bool,
    pub(super) pairs: TypePairs,
    /// Variables taken as equal.
    subst: Vec<(TypeId, TypeId)>,
}

impl<'a> Equal<'a> {
    pub(super) fn new(cx: &'a Context, env: &'a Env, rename: bool) -> Equal<'a> {
        Equal { cx, env, rename, pairs: TypePairs::new(), subst: Vec::new() }
    }
    /// The error of a comparison that failed.
    pub(super) fn error(&self, trace: Trace) -> EqualityError {
        let subst = self.subst.iter().rev().copied().collect();
        EqualityError { trace: expand_trace(self.cx, self.env, trace), subst }
    }

    /// With renaming, identity says nothing: `'a * 'a` is not `'b * 'a`.
    fn same(&self, t1: TypeId, t2: TypeId) -> bool {
        !self.rename && self.cx.same(t1, t2)
    }
    fn expand(&self, ty: TypeId) -> TypeId {
        let old = self.cx.rigid_variants.replace(true);
        let ty = expand_head(self.cx, self.env, ty);
        self.cx.rigid_variants.set(old);
        ty
    }
    fn vars(&mut self, t1: TypeId, t2: TypeId) -> Outcome {
        let cx = self.cx;
        for (a, b) in &self.subst {
            match (cx.same(t1, *a), cx.same(t2, *b)) {
                (true, true) => return Ok(()),
                (false, false) => {}
                _ => return unexplained(),
            }
        }
        self.subst.push((t1, t2));
        self.pairs.add(cx, t1, t2);
        Ok(())
    }

    pub(super) fn types(&mut self, t1: TypeId, t2: TypeId) -> Outcome {
        if self.same(t1, t2) {
            return Ok(());
        }
        self.types_unmarked(t1, t2).map_err(|mut trace| {
            trace.push(Elt::Diff(Diff { got: t1, expected: t2 }));
            trace
        })
    }

    fn types_unmarked(&mut self, t1: TypeId, t2: TypeId) -> Outcome {
        use TypeDesc::*;
        let (cx, env) = (self.cx, self.env);
        match (cx.desc(t1), cx.desc(t2)) {
            (Var(_), Var(_)) if self.rename => return self.vars(t1, t2),
            (Constr(p1, args1, _), Constr(p2, args2, _)) if args1.is_empty() && args2.is_empty() && p1 == p2 => {
                return Ok(());
            }
            _ => {}
        }
        let (e1, e2) = (self.expand(t1), self.expand(t2));
        if self.same(e1, e2) || !self.pairs.add(cx, e1, e2) {
            return Ok(());
        }
        match (cx.desc(e1), cx.desc(e2)) {
            (Var(_), Var(_)) if self.rename => self.vars(e1, e2),
            (Arrow(l1, a1, r1, _), Arrow(l2, a2, r2, _)) => {
                eq_labels(cx, false, l1, l2)?;
                self.types(a1, a2)?;
                self.types(r1, r2)
            }
            (Tuple(items1), Tuple(items2)) => {
                if items1.len() != items2.len() {
                    return unexplained();
                }
                items1
                    .iter()
                    .zip(items2.iter())
                    .try_for_each(|((l1, t1), (l2, t2))| if l1 != l2 { unexplained() } else { self.types(*t1, *t2) })
            }
            (Constr(p1, args1, _), Constr(p2, args2, _)) if p1 == p2 => self.list(&args1, &args2),
            (Package(p1), Package(p2)) => {
                let levels = (cx.level(e1), cx.level(e2));
                match compare_package(cx, env, |tys1, tys2| self.list(tys1, tys2), (levels.0, &p1), (levels.1, &p2)) {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(why)) => fail(Elt::FirstClassModule(why)),
                    Err(trace) => Err(trace.unwrap_or_default()),
                }
            }
            (Nil, Constr(..)) => fail(Elt::Obj(ObjElt::AbstractRow(Side::Second))),
            (Constr(..), Nil) => fail(Elt::Obj(ObjElt::AbstractRow(Side::First))),
            (Variant(row1), Variant(row2)) => self.rows(&row1, &row2),
            (Object(f1, _), Object(f2, _)) => self.fields(f1, f2),
            (Field(..), Field(..)) => self.fields(e1, e2),
            (Nil, Nil) => Ok(()),
            (Poly(b1, vars1), Poly(b2, vars2)) => {
                if vars1.is_empty() && vars2.is_empty() {
                    return self.types(b1, b2);
                }
                enter_poly(cx, env, (b1, &vars1), (b2, &vars2), || self.types(b1, b2))
            }
            (Univar(_), Univar(_)) => unify_univar_trace(cx, e1, e2),
            _ => unexplained(),
        }
    }

    fn list(&mut self, tys1: &[TypeId], tys2: &[TypeId]) -> Outcome {
        if tys1.len() != tys2.len() {
            return unexplained();
        }
        tys1.iter().zip(tys2).try_for_each(|(t1, t2)| self.types(*t1, *t2))
    }

    fn fields(&mut self, ty1: TypeId, ty2: TypeId) -> Outcome {
        let cx = self.cx;
        let (fields1, rest1) = flatten_fields(cx, ty1);
        let (fields2, rest2) = flatten_fields(cx, ty2);
        if self.same(rest1, rest2) || self.pairs.contains(cx, rest1, rest2) {
            return Ok(());
        }
        // A row may be an abbreviation when manifests of private types are compared.
        if let TypeDesc::Object(inner, _) = cx.desc(self.expand(rest2)) {
            return self.fields(ty1, inner);
        }
        let (pairs, miss1, miss2) = associate_fields(&fields1, &fields2);
        self.types(rest1, rest2)?;
        if let Some((name, ..)) = miss1.first() {
            return fail(Elt::Obj(ObjElt::MissingField(Side::Second, *name)));
        }
        if let Some((name, ..)) = miss2.first() {
            return fail(Elt::Obj(ObjElt::MissingField(Side::First, *name)));
        }
        pairs.into_iter().try_for_each(|(name, k1, t1, k2, t2)| {
            match (cx.field_kind(k1), cx.field_kind(k2)) {
                (FieldKind::Var(_), FieldKind::Var(_)) | (FieldKind::Public, FieldKind::Public) => {}
                _ => return unexplained(),
            }
            self.types(t1, t2).map_err(|mut trace| {
                trace.push(Elt::IncompatibleFields { name, diff: Diff { got: t1, expected: t2 } });
                trace
            })
        })
    }

    fn rows(&mut self, row1: &RowDesc, row2: &RowDesc) -> Outcome {
        let cx = self.cx;
        if let TypeDesc::Variant(inner) = cx.desc(self.expand(btype::row_more(cx, row2))) {
            return self.rows(row1, &inner);
        }
        let (r1, r2) = (btype::row_repr(cx, row1), btype::row_repr(cx, row2));
        let (only1, only2, pairs) = merge_row_fields(&r1.fields, &r2.fields);
        if r1.closed != r2.closed {
            let side = if r2.closed { Side::First } else { Side::Second };
            return fail(Elt::Variant(VariantElt::Openness(side)));
        }
        let (only1, only2) = if r1.closed {
            (filter_row_fields(cx, false, only1), filter_row_fields(cx, false, only2))
        } else {
            (only1, only2)
        };
        if !only1.is_empty() {
            return fail(Elt::Variant(VariantElt::NoTags(Side::Second, only1)));
        }
        if !only2.is_empty() {
            return fail(Elt::Variant(VariantElt::NoTags(Side::First, only2)));
        }
        if !btype::static_row(cx, row1) {
            self.types(r1.more, r2.more)?;
        }
        pairs.into_iter().try_for_each(|(tag, f1, f2)| self.row_field(tag, &f1, &f2))
    }

    fn row_field(&mut self, tag: Name, f1: &RowField, f2: &RowField) -> Outcome {
        use RowField::{Absent, Either, Present};
        let cx = self.cx;
        let incompatible = |mut trace: Trace| {
            trace.push(Elt::Variant(VariantElt::IncompatibleTypesFor(tag)));
            trace
        };
        match (cx.row_field(f1), cx.row_field(f2)) {
            (Present(Some(t1)), Present(Some(t2))) => self.types(t1, t2).map_err(incompatible),
            (Present(None), Present(None)) | (Absent, Absent) => Ok(()),
            (Either { no_arg: c1, arg_type: tl1, .. }, Either { no_arg: c2, arg_type: tl2, .. })
                if c1 == c2 && tl1.is_empty() == tl2.is_empty() =>
            {
                let (Some(t1), Some(t2)) = (tl1.first(), tl2.first()) else { return Ok(()) };
                let mut compare = || {
                    self.types(*t1, *t2)?;
                    if tl1.len() == tl2.len() {
                        return self.list(&tl1[1..], &tl2[1..]);
                    }
                    tl2[1..].iter().try_for_each(|t2| self.types(*t1, *t2))?;
                    tl1[1..].iter().try_for_each(|t1| self.types(*t1, *t2))
                };
                compare().map_err(incompatible)
            }
            (Present(_), Present(_)) | (Either { .. }, Either { .. }) => {
                fail(Elt::Variant(VariantElt::IncompatibleTypesFor(tag)))
            }
            (Either { .. }, Present(_)) => fail(Elt::Variant(VariantElt::PresenceNotGuaranteedFor(Side::First, tag))),
            (Present(_), Either { .. }) => fail(Elt::Variant(VariantElt::PresenceNotGuaranteedFor(Side::Second, tag))),
            (Absent, _) => fail(Elt::Variant(VariantElt::NoTags(Side::First, vec![(tag, f2.clone())]))),
            (_, Absent) => fail(Elt::Variant(VariantElt::NoTags(Side::Second, vec![(tag, f1.clone())]))),
        }
    }
}

/// Runs a comparison; what it does to types is undone.
pub(super) fn comparing<T>(cx: &Context, f: impl FnOnce() -> T) -> T {
    let snapshot = cx.snapshot();
    let result = with_univar_pairs(cx, Vec::new(), f);
    cx.backtrack(snapshot);
    result
}

/// Checks that types are equal, variables being renamed if `rename`.
pub fn equal(cx: &Context, env: &Env, rename: bool, tys1: &[TypeId], tys2: &[TypeId]) -> Result<(), EqualityError> {
    if tys1.len() == tys2.len() && tys1.iter().zip(tys2).all(|(t1, t2)| cx.same(*t1, *t2)) {
        return Ok(());
    }
    let mut check = Equal::new(cx, env, rename);
    comparing(cx, || check.list(tys1, tys2)).map_err(|trace| check.error(trace))
}
pub fn is_equal(cx: &Context, env: &Env, rename: bool, tys1: &[TypeId], tys2: &[TypeId]) -> bool {
    tys1.len() == tys2.len() && comparing(cx, || Equal::new(cx, env, rename).list(tys1, tys2)).is_ok()
}
/// Likewise, but private abbreviations in `ty1` may be expanded.
pub fn equal_private(
    cx: &Context,
    env: &Env,
    params1: &[TypeId],
    ty1: TypeId,
    params2: &[TypeId],
    ty2: TypeId,
) -> Result<(), EqualityError> {
    let with = |params: &[TypeId], ty: TypeId| params.iter().copied().chain([ty]).collect::<Vec<_>>();
    match equal(cx, env, true, &with(params1, ty1), &with(params2, ty2)) {
        Ok(()) => Ok(()),
        Err(error) => match try_expand_safe_opt(cx, env, expand_head(cx, env, ty1)) {
            Ok(expansion) => equal_private(cx, env, params1, expansion, params2, ty2),
            Err(_) => Err(error),
        },
    }
}
/// Whether two types have the same constructor at their heads.
pub fn same_constr(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> bool {
    match (cx.desc(expand_head(cx, env, t1)), cx.desc(expand_head(cx, env, t2))) {
        (TypeDesc::Constr(p1, ..), TypeDesc::Constr(p2, ..)) => p1 == p2,
        _ => false,
    }
}
