//! Usefulness: whether a row can match a value that no earlier row matches.

use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_types::LabelDescription;
use rocaml_types::context::Context;
use std::rc::Rc;

use super::matrix::{
    PatRow, Row, Simplified, all_coherent, build_specialized_submatrices, build_specialized_submatrix, discr_pat,
    first_column_coherent, full_match, is_absent, is_absent_head, simple_match_args, simplify_first_col,
    simplify_head_pat,
};
use super::other::build_other_constrs;
use super::pat::{Desc, Head, HeadDesc, Pat, PatRef, equal_constant, equal_constr, omega, strip_vars};
use crate::typedtree as tt;

/// What is known about a row.
#[derive(Clone, Debug)]
pub enum Answer {
    Used,
    Unused,
    /// Some alternatives are useless.
    Partial(Vec<PatRef>),
}

/// Whether some value matches the pattern.
fn has_instance(cx: &Context, pat: &PatRef) -> bool {
    let all = |parts: &[PatRef]| parts.iter().all(|p| has_instance(cx, p));
    match &pat.desc {
        Desc::Variant(tag, arg, row) => !is_absent(cx, *tag, *row) && arg.as_ref().is_none_or(|p| has_instance(cx, p)),
        Desc::Any | Desc::Var(_) | Desc::Constant(_) => true,
        Desc::Alias(p, ..) | Desc::Lazy(p) => has_instance(cx, p),
        Desc::Or(p, q) => has_instance(cx, p) || has_instance(cx, q),
        Desc::Construct(_, parts) | Desc::Array(_, parts) => all(parts),
        Desc::Tuple(parts) => parts.iter().all(|(_, p)| has_instance(cx, p)),
        Desc::Record(fields, _) => fields.iter().all(|(_, p)| has_instance(cx, p)),
    }
}

fn prepend(mut front: PatRow, rest: &[PatRef]) -> PatRow {
    front.extend(rest.iter().cloned());
    front
}

/// Is there a vector of values that matches `qs` and no row of `pss`?
pub fn satisfiable(cx: &Context, pss: &[PatRow], qs: &[PatRef]) -> bool {
    if pss.is_empty() {
        return qs.iter().all(|q| has_instance(cx, q));
    }
    let Some((q, qs)) = qs.split_first() else { return false };
    let q = strip_vars(q);
    match &q.desc {
        Desc::Or(q1, q2) => {
            satisfiable(cx, pss, &prepend(vec![q1.clone()], qs)) || satisfiable(cx, pss, &prepend(vec![q2.clone()], qs))
        }
        Desc::Any => {
            let rows = simplify_first_col(pss);
            if !first_column_coherent(&rows) {
                return false;
            }
            let q0 = discr_pat(&Head::omega(cx), &rows);
            let split = build_specialized_submatrices(cx, &q0, &rows);
            if !full_match(cx, false, &split.constrs) {
                return satisfiable(cx, &split.default, qs);
            }
            let any = Head::omega(cx);
            split.constrs.iter().any(|(head, pss)| {
                !is_absent_head(cx, head) && satisfiable(cx, pss, &prepend(simple_match_args(cx, head, &any, &[]), qs))
            })
        }
        Desc::Variant(tag, _, row) if is_absent(cx, *tag, *row) => false,
        _ => {
            let (head, args) = Head::deconstruct(&q);
            let rows = simplify_first_col(pss);
            if !all_coherent(std::iter::once(&head).chain(rows.iter().map(|row| &row.head))) {
                return false;
            }
            let q0 = discr_pat(&head, &rows);
            let pss = build_specialized_submatrix(cx, &q0, &rows);
            satisfiable(cx, &pss, &prepend(simple_match_args(cx, &q0, &head, &args), qs))
        }
    }
}

/// The vectors of patterns that match `qs` and no row of `pss`, to be checked against types.
pub fn list_satisfying_vectors(cx: &Context, pss: &[PatRow], qs: &[PatRef]) -> Vec<PatRow> {
    if pss.is_empty() {
        return if qs.iter().all(|q| has_instance(cx, q)) { vec![qs.to_vec()] } else { Vec::new() };
    }
    let Some((q, qs)) = qs.split_first() else { return Vec::new() };
    let q = strip_vars(q);
    match &q.desc {
        Desc::Or(q1, q2) => {
            let mut vectors = list_satisfying_vectors(cx, pss, &prepend(vec![q1.clone()], qs));
            vectors.extend(list_satisfying_vectors(cx, pss, &prepend(vec![q2.clone()], qs)));
            vectors
        }
        Desc::Any => {
            let rows = simplify_first_col(pss);
            if !first_column_coherent(&rows) {
                return Vec::new();
            }
            let q0 = discr_pat(&Head::omega(cx), &rows);
            let split = build_specialized_submatrices(cx, &q0, &rows);
            let wild = |p: PatRef| -> Vec<PatRow> {
                let vectors = list_satisfying_vectors(cx, &split.default, qs);
                vectors.into_iter().map(|row| prepend(vec![p.clone()], &row)).collect()
            };
            let Some((first, _)) = split.constrs.first() else { return wild(omega(cx)) };
            let any = Head::omega(cx);
            let for_constrs = || {
                let constrs = split.constrs.iter().filter(|(head, _)| !is_absent_head(cx, head));
                constrs.flat_map(|(head, pss)| {
                    let qs = prepend(simple_match_args(cx, head, &any, &[]), qs);
                    list_satisfying_vectors(cx, pss, &qs).into_iter().map(|row| head.set_args(row)).collect::<Vec<_>>()
                })
            };
            if full_match(cx, false, &split.constrs) {
                return for_constrs().collect();
            }
            if !matches!(first.desc, HeadDesc::Construct(_)) {
                return wild(omega(cx));
            }
            let mut vectors = wild(build_other_constrs(cx, &split.constrs, first));
            vectors.extend(for_constrs());
            vectors
        }
        Desc::Variant(tag, _, row) if is_absent(cx, *tag, *row) => Vec::new(),
        _ => {
            let (head, args) = Head::deconstruct(&q);
            let rows = simplify_first_col(pss);
            if !all_coherent(std::iter::once(&head).chain(rows.iter().map(|row| &row.head))) {
                return Vec::new();
            }
            let q0 = discr_pat(&head, &rows);
            let pss = build_specialized_submatrix(cx, &q0, &rows);
            let qs = prepend(simple_match_args(cx, &q0, &head, &args), qs);
            list_satisfying_vectors(cx, &pss, &qs).into_iter().map(|row| q0.set_args(row)).collect()
        }
    }
}

/// Whether some row of `pss` matches whatever `qs` matches: used for guarded clauses.
pub fn do_match(cx: &Context, pss: &[PatRow], qs: &[PatRef]) -> bool {
    let Some((q, qs)) = qs.split_first() else { return !pss.is_empty() };
    let q = strip_vars(q);
    match &q.desc {
        Desc::Or(q1, q2) => {
            do_match(cx, pss, &prepend(vec![q1.clone()], qs)) || do_match(cx, pss, &prepend(vec![q2.clone()], qs))
        }
        Desc::Any => {
            let pss: Vec<PatRow> = pss.iter().map(|row| row[1..].to_vec()).collect();
            do_match(cx, &pss, qs)
        }
        _ => {
            let (head, args) = Head::deconstruct(&q);
            let pss = build_specialized_submatrix(cx, &head, &simplify_first_col(pss));
            do_match(cx, &pss, &prepend(args, qs))
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Usefulness of each alternative

/// A row of which some columns are set aside: `active` is still to be looked at, `ors` holds
/// alternatives to be expanded, `no_ors` what is not.
#[derive(Clone, Default)]
pub struct UsefulnessRow {
    no_ors: PatRow,
    ors: PatRow,
    active: PatRow,
}

impl Row for UsefulnessRow {
    fn with_columns(&self, columns: PatRow) -> UsefulnessRow {
        UsefulnessRow { active: prepend(columns, &self.active), ..self.clone() }
    }
}

impl UsefulnessRow {
    /// A row of which nothing was looked at.
    pub fn new(active: PatRow) -> UsefulnessRow {
        UsefulnessRow { active, ..UsefulnessRow::default() }
    }

    fn removed(&self) -> UsefulnessRow {
        UsefulnessRow { active: self.active[1..].to_vec(), ..self.clone() }
    }

    fn push_no_or(&self) -> UsefulnessRow {
        let mut row = self.removed();
        row.no_ors.insert(0, self.active[0].clone());
        row
    }

    fn push_or(&self) -> UsefulnessRow {
        let mut row = self.removed();
        row.ors.insert(0, self.active[0].clone());
        row
    }

    fn vector(&self) -> PatRow {
        self.no_ors.iter().rev().cloned().collect()
    }

    /// One row per set-aside alternative, the others taken as they are.
    fn extract_elements(&self) -> Vec<UsefulnessRow> {
        let ors = &self.ors;
        let element = |i: usize| {
            let others = ors[..i].iter().chain(&ors[i + 1..]).chain(&self.no_ors).cloned();
            UsefulnessRow { no_ors: others.collect(), ors: Vec::new(), active: vec![ors[i].clone()] }
        };
        (0..ors.len()).map(element).collect()
    }
}

fn union(a: Answer, b: Answer) -> Answer {
    match (a, b) {
        (Answer::Unused, _) | (_, Answer::Unused) => Answer::Unused,
        (Answer::Used, other) | (other, Answer::Used) => other,
        (Answer::Partial(mut u), Answer::Partial(v)) => {
            u.extend(v);
            Answer::Partial(u)
        }
    }
}

/// The usefulness of `qs` and of each alternative in it, after the rows `pss`.
pub fn every_satisfiables(cx: &Context, pss: &[UsefulnessRow], qs: &UsefulnessRow) -> Answer {
    let Some((q, rem)) = qs.active.split_first() else { return answer_of_partition(cx, pss, qs) };
    let map = |f: fn(&UsefulnessRow) -> UsefulnessRow| -> Vec<UsefulnessRow> { pss.iter().map(f).collect() };
    let q = strip_vars(q);
    match &q.desc {
        Desc::Any => {
            if pss.iter().all(|row| matches!(strip_vars(&row.active[0]).desc, Desc::Any)) {
                every_satisfiables(cx, &map(UsefulnessRow::removed), &qs.removed())
            } else {
                every_satisfiables(cx, &map(UsefulnessRow::push_no_or), &qs.push_no_or())
            }
        }
        // Alternatives made by the compiler (intervals, `#t`) are not expanded.
        Desc::Or(p1, p2) if p1.loc.ghost && p2.loc.ghost => {
            every_satisfiables(cx, &map(UsefulnessRow::push_no_or), &qs.push_no_or())
        }
        Desc::Or(..) => every_satisfiables(cx, &map(UsefulnessRow::push_or), &qs.push_or()),
        Desc::Variant(tag, _, row) if is_absent(cx, *tag, *row) => Answer::Unused,
        _ => {
            let mut rows = Vec::new();
            for row in pss {
                simplify_head_pat(&row.active[0], &mut |head, args| {
                    rows.push(Simplified { head, args, rest: row.removed() });
                });
            }
            let (head, args) = Head::deconstruct(&q);
            if !all_coherent(std::iter::once(&head).chain(rows.iter().map(|row| &row.head))) {
                return Answer::Unused;
            }
            let q0 = discr_pat(&head, &rows);
            let pss = build_specialized_submatrix(cx, &q0, &rows);
            let active = prepend(simple_match_args(cx, &q0, &head, &args), rem);
            every_satisfiables(cx, &pss, &UsefulnessRow { active, ..qs.clone() })
        }
    }
}

fn answer_of_partition(cx: &Context, pss: &[UsefulnessRow], qs: &UsefulnessRow) -> Answer {
    if qs.ors.is_empty() {
        let matrix: Vec<PatRow> = pss.iter().map(UsefulnessRow::vector).collect();
        return if satisfiable(cx, &matrix, &qs.vector()) { Answer::Used } else { Answer::Unused };
    }
    let columns: Vec<Vec<UsefulnessRow>> = pss.iter().map(UsefulnessRow::extract_elements).collect();
    let mut answer = Answer::Used;
    for (i, element) in qs.extract_elements().iter().enumerate().rev() {
        if matches!(answer, Answer::Unused) {
            return answer;
        }
        // Upstream transposes by consing: the rows of a column are in reverse order.
        let column: Vec<UsefulnessRow> = columns.iter().rev().map(|elements| elements[i].clone()).collect();
        let (q1, q2) = or_args(&element.active[0]);
        answer = union(answer, every_both(cx, &column, element, q1, q2));
    }
    answer
}

fn or_args(pat: &PatRef) -> (PatRef, PatRef) {
    match &pat.desc {
        Desc::Or(p, q) => (p.clone(), q.clone()),
        Desc::Alias(p, ..) => or_args(p),
        _ => unreachable!("only alternatives are set aside"),
    }
}

fn every_both(cx: &Context, pss: &[UsefulnessRow], qs: &UsefulnessRow, q1: PatRef, q2: PatRef) -> Answer {
    let qs1 = UsefulnessRow { active: vec![q1.clone()], ..qs.clone() };
    let qs2 = UsefulnessRow { active: vec![q2.clone()], ..qs.clone() };
    let first = every_satisfiables(cx, pss, &qs1);
    let second = if compat(&q1, &q2) {
        let mut pss = pss.to_vec();
        pss.insert(0, qs1);
        every_satisfiables(cx, &pss, &qs2)
    } else {
        every_satisfiables(cx, pss, &qs2)
    };
    match (first, second) {
        (Answer::Unused, Answer::Unused) => Answer::Unused,
        (Answer::Unused, Answer::Used) => Answer::Partial(vec![q1]),
        (Answer::Unused, Answer::Partial(mut u)) => {
            u.insert(0, q1);
            Answer::Partial(u)
        }
        (Answer::Used, Answer::Unused) => Answer::Partial(vec![q2]),
        (Answer::Used, second) => second,
        (Answer::Partial(mut u), Answer::Unused) => {
            u.push(q2);
            Answer::Partial(u)
        }
        (first, Answer::Used) => first,
        (Answer::Partial(mut u), Answer::Partial(v)) => {
            u.extend(v);
            Answer::Partial(u)
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Comparisons of patterns

/// The fields of two record patterns side by side.
fn records_args(
    cx: &Context,
    a: &[(Rc<LabelDescription>, PatRef)],
    b: &[(Rc<LabelDescription>, PatRef)],
) -> (PatRow, PatRow) {
    let mut positions: Vec<usize> = a.iter().chain(b).map(|(label, _)| label.pos).collect();
    positions.sort_unstable();
    positions.dedup();
    let side = |fields: &[(Rc<LabelDescription>, PatRef)]| {
        let field = |pos: &usize| fields.iter().find(|(label, _)| label.pos == *pos).map(|(_, p)| p.clone());
        positions.iter().map(|pos| field(pos).unwrap_or_else(|| omega(cx))).collect()
    };
    (side(a), side(b))
}

/// Whether some value matches both patterns.
pub fn compat(p: &PatRef, q: &PatRef) -> bool {
    match (&p.desc, &q.desc) {
        (Desc::Any | Desc::Var(_), _) | (_, Desc::Any | Desc::Var(_)) => true,
        (Desc::Alias(p, ..), _) => compat(p, q),
        (_, Desc::Alias(q, ..)) => compat(p, q),
        (Desc::Or(p1, p2), _) => compat(p1, q) || compat(p2, q),
        (_, Desc::Or(q1, q2)) => compat(p, q1) || compat(p, q2),
        (Desc::Construct(c, ps), Desc::Construct(d, qs)) => equal_constr(c, d) && compats(ps, qs),
        (Desc::Variant(t, a, _), Desc::Variant(u, b, _)) => {
            t == u
                && match (a, b) {
                    (None, None) => true,
                    (Some(a), Some(b)) => compat(a, b),
                    _ => false,
                }
        }
        (Desc::Constant(c), Desc::Constant(d)) => equal_constant(c, d),
        (Desc::Tuple(ps), Desc::Tuple(qs)) => {
            ps.len() == qs.len() && ps.iter().zip(qs).all(|((l, p), (m, q))| l == m && compat(p, q))
        }
        (Desc::Lazy(p), Desc::Lazy(q)) => compat(p, q),
        (Desc::Record(l, _), Desc::Record(m, _)) => l
            .iter()
            .all(|(label, p)| m.iter().find(|(other, _)| other.pos == label.pos).is_none_or(|(_, q)| compat(p, q))),
        (Desc::Array(m, ps), Desc::Array(n, qs)) => m == n && compats(ps, qs),
        _ => false,
    }
}

/// Whether some vector of values matches both rows.
pub fn compats(ps: &[PatRef], qs: &[PatRef]) -> bool {
    ps.len() == qs.len() && ps.iter().zip(qs).all(|(p, q)| compat(p, q))
}

/// Whether every value that `q` matches is matched by `p`.
pub fn le_pat(cx: &Context, p: &PatRef, q: &PatRef) -> bool {
    if Rc::ptr_eq(p, q) {
        return true;
    }
    match (&p.desc, &q.desc) {
        (Desc::Var(_) | Desc::Any, _) => true,
        (Desc::Alias(p, ..), _) => le_pat(cx, p, q),
        (_, Desc::Alias(q, ..)) => le_pat(cx, p, q),
        (Desc::Constant(c), Desc::Constant(d)) => equal_constant(c, d),
        (Desc::Construct(c, ps), Desc::Construct(d, qs)) => equal_constr(c, d) && le_pats(cx, ps, qs),
        (Desc::Variant(t, Some(p), _), Desc::Variant(u, Some(q), _)) => t == u && le_pat(cx, p, q),
        (Desc::Variant(t, None, _), Desc::Variant(u, None, _)) => t == u,
        (Desc::Variant(..), Desc::Variant(..)) => false,
        (Desc::Tuple(ps), Desc::Tuple(qs)) => ps.iter().zip(qs).all(|((l, p), (m, q))| l == m && le_pat(cx, p, q)),
        (Desc::Lazy(p), Desc::Lazy(q)) => le_pat(cx, p, q),
        (Desc::Record(l, _), Desc::Record(m, _)) => {
            let (ps, qs) = records_args(cx, l, m);
            le_pats(cx, &ps, &qs)
        }
        (Desc::Array(m, ps), Desc::Array(n, qs)) => m == n && ps.len() == qs.len() && le_pats(cx, ps, qs),
        _ => !satisfiable(cx, &[vec![p.clone()]], &[q.clone()]),
    }
}

/// [`le_pat`] for each column.
pub fn le_pats(cx: &Context, ps: &[PatRef], qs: &[PatRef]) -> bool {
    ps.iter().zip(qs).all(|(p, q)| le_pat(cx, p, q))
}

/// Drops the rows that are subsumed by another one.
pub fn get_mins(cx: &Context, rows: Vec<PatRow>) -> Vec<PatRow> {
    // One pass drops what a later row subsumes; the second, in reverse, what an earlier one does.
    let pass = |rows: Vec<PatRow>| -> Vec<PatRow> {
        let kept = |i: usize| !rows[i + 1..].iter().any(|later| le_pats(cx, later, &rows[i]));
        (0..rows.len()).rev().filter(|&i| kept(i)).map(|i| rows[i].clone()).collect()
    };
    pass(pass(rows))
}

/// Whether the pattern matches every value.
pub fn irrefutable(cx: &Context, pattern: &tt::Pattern) -> bool {
    le_pat(cx, &Pat::of_typed(pattern), &omega(cx))
}

/// Whether matching has no effect and cannot fail, so that it may be put off.
pub fn inactive(partial: tt::Partial, pattern: &tt::Pattern) -> bool {
    partial == tt::Partial::Total && is_inactive(&Pat::of_typed(pattern))
}

fn is_inactive(pat: &PatRef) -> bool {
    match &pat.desc {
        Desc::Lazy(_) | Desc::Array(MutableFlag::Mutable, _) => false,
        Desc::Any | Desc::Var(_) => true,
        Desc::Constant(
            Constant::String(..)
            | Constant::Int(_)
            | Constant::Char(_)
            | Constant::Float(_)
            | Constant::Int32(_)
            | Constant::Int64(_)
            | Constant::Nativeint(_),
        ) => true,
        Desc::Tuple(parts) => parts.iter().all(|(_, p)| is_inactive(p)),
        Desc::Construct(_, parts) | Desc::Array(MutableFlag::Immutable, parts) => parts.iter().all(is_inactive),
        Desc::Alias(p, ..) => is_inactive(p),
        Desc::Variant(_, arg, _) => arg.as_ref().is_none_or(is_inactive),
        Desc::Record(fields, _) => {
            fields.iter().all(|(label, p)| label.mutable == MutableFlag::Immutable && is_inactive(p))
        }
        Desc::Or(p, q) => is_inactive(p) && is_inactive(q),
    }
}
