//! Variables of or-patterns that a guard may see bound in the wrong place: warning 57.
//!
//! `| ((Const x, _) | (_, Const x)) when neutral x` tests only the first alternative that matches.
//! A variable is *stable* if, whatever the value, all alternatives that match it bind the variable
//! to the same part of the value.

use std::collections::BTreeSet;

use rocaml_diag::warning::Warning;
use rocaml_types::Ident;
use rocaml_types::context::Context;

use super::matrix::{
    PatRow, Row, Simplified, build_specialized_submatrices, discr_pat, first_column_coherent, full_match,
    simplify_head_pat,
};
use super::pat::{Desc, Head, Pat, PatRef, omega};
use crate::tast_iterator::all_idents;
use crate::typedtree::{Expression, Pattern, pat_bound_idents};

type Idents = BTreeSet<Ident>;

/// A row under analysis, with the variables met at the head of each column so far; or a row whose
/// values are taken by an earlier case.
#[derive(Clone)]
enum Signed {
    Positive { row: PatRow, varsets: Vec<Idents> },
    Negative(PatRow),
}

impl Signed {
    fn row(&self) -> &PatRow {
        match self {
            Signed::Positive { row, .. } | Signed::Negative(row) => row,
        }
    }
}

impl Row for Signed {
    fn with_columns(&self, columns: PatRow) -> Signed {
        match self {
            Signed::Positive { row, varsets } => {
                Signed::Positive { row: row.with_columns(columns), varsets: varsets.clone() }
            }
            Signed::Negative(row) => Signed::Negative(row.with_columns(columns)),
        }
    }
}

/// Stable variables; `None` is all of them.
type Stable = Option<Idents>;

fn intersect(a: Stable, b: Stable) -> Stable {
    match (a, b) {
        (None, other) | (other, None) => other,
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
    }
}

fn simplify(cx: &Context, rows: &[Signed]) -> Vec<Simplified<Signed>> {
    let mut simplified = Vec::new();
    for signed in rows {
        match signed {
            Signed::Negative(row) => simplify_head_pat(&row[0], &mut |head, args| {
                simplified.push(Simplified { head, args, rest: Signed::Negative(row[1..].to_vec()) });
            }),
            Signed::Positive { row, varsets } => {
                let mut add = |head, args, bound: Idents| {
                    let mut varsets = varsets.clone();
                    varsets.insert(0, bound);
                    let rest = Signed::Positive { row: row[1..].to_vec(), varsets };
                    simplified.push(Simplified { head, args, rest });
                };
                simplify_positive(cx, &row[0], Idents::new(), &mut add);
            }
        }
    }
    simplified
}

fn simplify_positive(cx: &Context, pat: &PatRef, mut bound: Idents, add: &mut dyn FnMut(Head, PatRow, Idents)) {
    match &pat.desc {
        Desc::Alias(p, id, _) => {
            bound.insert(*id);
            simplify_positive(cx, p, bound, add);
        }
        Desc::Var(id) => {
            bound.insert(*id);
            simplify_positive(cx, &omega(cx), bound, add);
        }
        Desc::Or(p, q) => {
            simplify_positive(cx, p, bound.clone(), add);
            simplify_positive(cx, q, bound, add);
        }
        _ => {
            let (head, args) = Head::deconstruct(pat);
            add(head, args, bound);
        }
    }
}

fn matrix_stable_vars(cx: &Context, rows: &[Signed]) -> Stable {
    if rows.first()?.row().is_empty() {
        return stable_at_the_end(rows);
    }
    if !rows.iter().any(|row| matches!(row, Signed::Positive { .. })) {
        return None;
    }
    let simplified = simplify(cx, rows);
    if !first_column_coherent(&simplified) {
        return None;
    }
    let q0 = discr_pat(&Head::omega(cx), &simplified);
    let split = build_specialized_submatrices(cx, &q0, &simplified);
    let full = full_match(cx, false, &split.constrs);
    let default = if full { None } else { matrix_stable_vars(cx, &split.default) };
    split.constrs.iter().fold(default, |stable, (_, rows)| intersect(stable, matrix_stable_vars(cx, rows)))
}

/// All columns are done: a variable is stable if some column binds it in every row.
fn stable_at_the_end(rows: &[Signed]) -> Stable {
    let mut common: Option<Vec<Idents>> = None;
    for row in rows {
        let Signed::Positive { varsets, .. } = row else { return None };
        common = Some(match common {
            None => varsets.clone(),
            Some(common) => common.iter().zip(varsets).map(|(a, b)| a.intersection(b).copied().collect()).collect(),
        });
    }
    Some(common?.into_iter().flatten().collect())
}

/// Warns about guards that use unstable variables; a case is its pattern and its guard.
pub fn check_ambiguous_bindings(cx: &Context, cases: &[(&Pattern, Option<&Expression>)]) {
    if !cx.is_active(57) || cases.iter().all(|(_, guard)| guard.is_none()) {
        return;
    }
    let mut previous: Vec<PatRow> = Vec::new();
    for (lhs, guard) in cases {
        let Some(guard) = guard else {
            previous.push(vec![Pat::of_typed(lhs)]);
            continue;
        };
        let bound: Idents = pat_bound_idents(lhs).into_iter().collect();
        let used = all_idents(guard);
        let all: Idents = bound.into_iter().filter(|id| used.contains(id)).collect();
        if all.is_empty() {
            continue;
        }
        let positive = Signed::Positive { row: vec![Pat::of_typed(lhs)], varsets: Vec::new() };
        let rows: Vec<Signed> = previous.iter().cloned().map(Signed::Negative).chain([positive]).collect();
        if let Some(stable) = matrix_stable_vars(cx, &rows) {
            let ambiguous: Vec<String> = all.difference(&stable).map(|id| id.name().to_string()).collect();
            if !ambiguous.is_empty() {
                cx.warn(lhs.loc, Warning::AmbiguousVarInPatternGuard(ambiguous));
            }
        }
    }
}
