//! Whether a type scheme is more general than another; rigidification.

use super::expand::expand_trace;
use super::levels::{get_current_level, update_level, update_scope, with_level, with_local_level_generalize_always};
use super::objects::{associate_fields, build_fields, filter_row_fields, flatten_fields, merge_row_fields};
use super::package::compare_package;
use super::unify::{UEnv, eq_labels, unexplained};
use super::univar::{enter_poly, occur, occur_univar, unify_univar_trace, with_univar_pairs};
use super::{
    MatchesFailure, duplicate_type, expand_head, expanded_diff, generic_instance, instance, unexpanded_diff, unify,
};
use crate::btype::{self, TypePairs, TypeSet, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::store::{GENERIC_LEVEL, Level};
use crate::types::*;

/// Level of the subject's generic variables, just below the pattern's.
const SUBJECT_LEVEL: Level = GENERIC_LEVEL - 1;

type Outcome = Result<(), Trace>;

fn fail(elt: Elt<TypeId>) -> Outcome {
    Err(vec![elt])
}
fn in_variant(tag: rocaml_base::Name, result: Outcome) -> Outcome {
    result.map_err(|mut trace| {
        trace.push(Elt::Variant(VariantElt::IncompatibleTypesFor(tag)));
        trace
    })
}

pub(super) struct Moregen<'a> {
    pub(super) cx: &'a Context,
    pub(super) env: &'a Env,
    pub(super) inst_nongen: bool,
    pub(super) pairs: TypePairs,
}

impl Moregen<'_> {
    fn may_instantiate(&self, ty: TypeId) -> bool {
        let level = self.cx.level(ty);
        if self.inst_nongen { level != SUBJECT_LEVEL } else { level == GENERIC_LEVEL }
    }

    /// Lowers the subject's part to which a variable is instantiated, unless that would lower
    /// the subject's own generic variables.
    fn adjust(&self, var: TypeId, ty: TypeId) -> Outcome {
        let (cx, level) = (self.cx, self.cx.level(var));
        let mut visited = super::Visited::new();
        let mut stack = vec![ty];
        while let Some(ty) = stack.pop() {
            let ty = cx.repr(ty);
            let ty_level = cx.level(ty);
            if ty_level <= level {
                continue;
            }
            if cx.is_var(ty) && ty_level >= SUBJECT_LEVEL {
                return unexplained();
            }
            if visited.insert(ty) {
                iter_type_expr(cx, ty, &mut |child| stack.push(child));
            }
        }
        let escape = |e| vec![Elt::Escape(e)];
        occur_univar(cx, self.env, false, ty).map_err(escape)?;
        update_level(cx, self.env, level, ty).map_err(escape)?;
        update_scope(cx, cx.scope(var), ty).map_err(escape)
    }

    pub(super) fn types(&mut self, t1: TypeId, t2: TypeId) -> Outcome {
        self.types_unmarked(t1, t2).map_err(|mut trace| {
            trace.push(Elt::Diff(Diff { got: t1, expected: t2 }));
            trace
        })
    }

    fn types_unmarked(&mut self, t1: TypeId, t2: TypeId) -> Outcome {
        use TypeDesc::*;
        let (cx, env) = (self.cx, self.env);
        if cx.same(t1, t2) {
            return Ok(());
        }
        match (cx.desc(t1), cx.desc(t2)) {
            (Var(_), _) if self.may_instantiate(t1) => {
                self.adjust(t1, t2)?;
                occur(cx, &UEnv::Expression { env, in_subst: false }, t1, t2)
                    .map_err(|_| vec![Elt::RecOccur(t1, t2)])?;
                cx.link(t1, t2);
                return Ok(());
            }
            (Constr(p1, args1, _), Constr(p2, args2, _)) if args1.is_empty() && args2.is_empty() && p1 == p2 => {
                return Ok(());
            }
            _ => {}
        }
        let (e1, e2) = (expand_head(cx, env, t1), expand_head(cx, env, t2));
        if cx.same(e1, e2) || !self.pairs.add(cx, e1, e2) {
            return Ok(());
        }
        match (cx.desc(e1), cx.desc(e2)) {
            (Var(_), _) if self.may_instantiate(e1) => {
                self.adjust(e1, t2)?;
                cx.link(e1, t2);
                Ok(())
            }
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
        let (pairs, miss1, miss2) = associate_fields(&fields1, &fields2);
        if let Some((name, ..)) = miss1.first() {
            return fail(Elt::Obj(ObjElt::MissingField(Side::Second, *name)));
        }
        self.types(rest1, build_fields(cx, cx.level(ty2), &miss2, rest2))?;
        for (name, k1, t1, k2, t2) in pairs {
            match (cx.field_kind(k1), cx.field_kind(k2)) {
                (FieldKind::Var(_), FieldKind::Var(_) | FieldKind::Public) => btype::link_kind(cx, k1, k2),
                (FieldKind::Public, FieldKind::Public) => {}
                _ => return unexplained(),
            }
            self.types(t1, t2).map_err(|mut trace| {
                trace.push(Elt::IncompatibleFields { name, diff: Diff { got: t1, expected: t2 } });
                trace
            })?;
        }
        Ok(())
    }

    fn rows(&mut self, row1: &RowDesc, row2: &RowDesc) -> Outcome {
        let cx = self.cx;
        let (r1, r2) = (btype::row_repr(cx, row1), btype::row_repr(cx, row2));
        let (rm1, rm2) = (r1.more, r2.more);
        if cx.same(rm1, rm2) {
            return Ok(());
        }
        let may_inst = cx.is_var(rm1) && self.may_instantiate(rm1) || cx.desc(rm1) == TypeDesc::Nil;
        let (mut only1, mut only2, pairs) = merge_row_fields(&r1.fields, &r2.fields);
        if r2.closed {
            only1 = filter_row_fields(cx, may_inst, only1);
            only2 = filter_row_fields(cx, false, only2);
        }
        if !only1.is_empty() {
            return fail(Elt::Variant(VariantElt::NoTags(Side::Second, only1)));
        }
        if r1.closed && !r2.closed {
            return fail(Elt::Variant(VariantElt::Openness(Side::Second)));
        }
        if r1.closed && !only2.is_empty() {
            return fail(Elt::Variant(VariantElt::NoTags(Side::First, only2)));
        }
        let (node1, d1) = (cx.repr(rm1), cx.desc(rm1));
        match (&d1, cx.desc(rm2)) {
            (TypeDesc::Univar(_), TypeDesc::Univar(_)) => unify_univar_trace(cx, rm1, rm2)?,
            (TypeDesc::Univar(_), _) | (_, TypeDesc::Univar(_)) => return unexplained(),
            _ if btype::static_row(cx, row1) => {}
            _ if may_inst => {
                let rest =
                    RowDesc { fields: only2.into(), more: rm2, name: None, fixed: r2.fixed.clone(), closed: r2.closed };
                let ext = btype::newgenty(cx, TypeDesc::Variant(rest));
                self.adjust(rm1, ext)?;
                cx.link(rm1, ext);
            }
            (TypeDesc::Constr(..), TypeDesc::Constr(..)) => self.types(rm1, rm2)?,
            _ => return unexplained(),
        }
        let result = pairs.into_iter().try_for_each(|(tag, f1, f2)| self.row_field(may_inst, tag, &f1, &f2));
        if result.is_err() {
            cx.restore_desc(node1, d1);
        }
        result
    }

    fn row_field(&mut self, may_inst: bool, tag: rocaml_base::Name, f1: &RowField, f2: &RowField) -> Outcome {
        use RowField::{Absent, Either, Present};
        let cx = self.cx;
        match (cx.row_field(f1), cx.row_field(f2)) {
            (Present(Some(t1)), Present(Some(t2))) => in_variant(tag, self.types(t1, t2)),
            (Present(None), Present(None)) | (Absent, Absent) => Ok(()),
            (Either { ext: ext1, .. }, Either { ext: ext2, .. }) if ext1 == ext2 => Ok(()),
            (
                Either { no_arg: c1, arg_type: tl1, ext, .. },
                Either { no_arg: c2, arg_type: tl2, matched, ext: ext2 },
            ) => {
                if c1 && !c2 {
                    return in_variant(tag, unexplained());
                }
                cx.set_row_field(ext, Either { no_arg: c2, arg_type: [].into(), matched, ext: ext2 });
                let result = if tl1.len() == tl2.len() {
                    self.list(&tl1, &tl2)
                } else {
                    match tl2.first() {
                        Some(t2) => tl1.iter().try_for_each(|t1| self.types(*t1, *t2)),
                        None => unexplained(),
                    }
                };
                in_variant(tag, result)
            }
            (Either { no_arg: false, arg_type, ext, .. }, Present(Some(t2))) if may_inst => {
                cx.set_row_field(ext, Present(Some(t2)));
                in_variant(tag, arg_type.iter().try_for_each(|t1| self.types(*t1, t2)))
            }
            (Either { no_arg: true, arg_type, ext, .. }, Present(None)) if may_inst && arg_type.is_empty() => {
                cx.set_row_field(ext, Present(None));
                Ok(())
            }
            (Either { ext, .. }, Absent) if may_inst => {
                cx.set_row_field(ext, Absent);
                Ok(())
            }
            (Present(_), Present(_)) => fail(Elt::Variant(VariantElt::IncompatibleTypesFor(tag))),
            (Either { .. }, Present(_)) => fail(Elt::Variant(VariantElt::PresenceNotGuaranteedFor(Side::First, tag))),
            (Present(_), Either { .. }) => fail(Elt::Variant(VariantElt::PresenceNotGuaranteedFor(Side::Second, tag))),
            (Absent, _) => fail(Elt::Variant(VariantElt::NoTags(Side::First, vec![(tag, f2.clone())]))),
            (_, Absent) => fail(Elt::Variant(VariantElt::NoTags(Side::Second, vec![(tag, f1.clone())]))),
        }
    }
}

/// Runs a comparison with the subject's variables just below the generic level, so that they can
/// be told from the pattern's; they are generic again afterwards, for errors.
pub(super) fn with_subject_level<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T {
    with_level(cx, SUBJECT_LEVEL - 1, |cx| {
        with_local_level_generalize_always(cx, |cx| {
            debug_assert_eq!(get_current_level(cx), SUBJECT_LEVEL);
            f(cx)
        })
    })
}

/// Checks that `pat` is more general than `subj`. Variables of `pat` that are not generic may be
/// instantiated if `inst_nongen`.
pub fn moregeneral(cx: &Context, env: &Env, inst_nongen: bool, pat: TypeId, subj: TypeId) -> Result<(), MoregenError> {
    let trace = with_level(cx, SUBJECT_LEVEL - 1, |cx| {
        let result = with_local_level_generalize_always(cx, |cx| {
            let subj = duplicate_type(cx, instance(cx, subj));
            let pat = generic_instance(cx, pat);
            let mut check = Moregen { cx, env, inst_nongen, pairs: TypePairs::new() };
            with_univar_pairs(cx, Vec::new(), || check.types(pat, subj))
        });
        result.map_err(|trace| expand_trace(cx, env, trace))
    });
    trace.map_err(|trace| MoregenError { trace })
}
pub fn is_moregeneral(cx: &Context, env: &Env, inst_nongen: bool, pat: TypeId, subj: TypeId) -> bool {
    moregeneral(cx, env, inst_nongen, pat, subj).is_ok()
}

/// Keeps the rows of a type from being refined and returns its variables.
pub fn rigidify(cx: &Context, ty: TypeId) -> Vec<TypeId> {
    fn rec(cx: &Context, visited: &mut TypeSet, vars: &mut Vec<TypeId>, ty: TypeId) {
        let ty = cx.repr(ty);
        if !visited.insert(ty) {
            return;
        }
        match cx.desc(ty) {
            TypeDesc::Var(_) => vars.push(ty),
            TypeDesc::Variant(row) => {
                let repr = btype::row_repr(cx, &row);
                if cx.is_var(repr.more) && !btype::has_fixed_explanation(cx, &row) {
                    let more = cx.new_node(cx.desc(repr.more), cx.level(repr.more));
                    let rest = RowDesc { fixed: Some(FixedExplanation::Rigid), fields: [].into(), more, ..repr };
                    cx.link(repr.more, cx.new_node(TypeDesc::Variant(rest), cx.level(ty)));
                }
                btype::iter_row(cx, &row, &mut |child| rec(cx, visited, vars, child));
                if !btype::static_row(cx, &row) {
                    rec(cx, visited, vars, btype::row_more(cx, &row));
                }
            }
            _ => iter_type_expr(cx, ty, &mut |child| rec(cx, visited, vars, child)),
        }
    }
    let mut vars = Vec::new();
    rec(cx, &mut TypeSet::default(), &mut vars, ty);
    vars.sort();
    vars
}

pub fn all_distinct_vars(cx: &Context, env: &Env, vars: &[TypeId]) -> bool {
    let mut seen = TypeSet::default();
    vars.iter().all(|ty| {
        let ty = cx.repr(expand_head(cx, env, *ty));
        seen.insert(ty) && cx.is_var(ty)
    })
}

/// Checks that `ty1` is more general than `ty2` by unification, which is undone. Levels do not
/// matter.
pub fn matches(
    cx: &Context,
    expand_error_trace: bool,
    env: &Env,
    ty1: TypeId,
    ty2: TypeId,
) -> Result<(), MatchesFailure> {
    let snapshot = cx.snapshot();
    let vars = rigidify(cx, ty1);
    cx.cleanup_abbrev();
    let unified = unify(cx, env, ty1, ty2);
    let distinct = unified.is_ok() && all_distinct_vars(cx, env, &vars);
    cx.backtrack(snapshot);
    match unified {
        Ok(()) if distinct => Ok(()),
        Ok(()) => {
            let diff =
                if expand_error_trace { expanded_diff(cx, env, ty1, ty2) } else { unexpanded_diff(cx, ty1, ty2) };
            Err(MatchesFailure(env.clone(), UnifyError { trace: vec![diff] }))
        }
        Err(error) => Err(MatchesFailure(env.clone(), error)),
    }
}
pub fn does_match(cx: &Context, env: &Env, ty1: TypeId, ty2: TypeId) -> bool {
    matches(cx, false, env, ty1, ty2).is_ok()
}
