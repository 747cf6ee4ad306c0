//! Search for values that no row matches.
//!
//! Witnesses are handed one by one to a consumer, which stops the search by breaking: the number
//! of witnesses may be exponential, and most callers want only the first.

use std::ops::ControlFlow;

use rocaml_types::Path;
use rocaml_types::context::Context;

use super::matrix::{
    PatRow, build_specialized_submatrices, discr_pat, first_column_coherent, full_match, is_absent_head,
    simplify_first_col,
};
use super::other::{build_other, should_extend};
use super::pat::{Head, PatRef, omegas};

/// Receives witnesses.
pub type Consumer<'a> = dyn FnMut(PatRow) -> ControlFlow<()> + 'a;

/// Gives `found` each vector of `n` patterns that no row of `pss` matches, in the order of the
/// source. `ext` is a type taken as having more constructors than it has.
pub fn exhaust(
    cx: &Context,
    ext: Option<&Path>,
    pss: &[PatRow],
    n: usize,
    found: &mut Consumer<'_>,
) -> ControlFlow<()> {
    match pss {
        [] => found(omegas(cx, n)),
        [row, ..] if row.is_empty() => ControlFlow::Continue(()),
        [row] => exhaust_single_row(cx, ext, &row[0], &row[1..], n, found),
        _ => specialize_and_exhaust(cx, ext, pss, n, found),
    }
}

/// With a single row, a witness either follows its first pattern and misses the rest, or misses
/// the first: no need to try the combinations.
fn exhaust_single_row(
    cx: &Context,
    ext: Option<&Path>,
    first: &PatRef,
    rest: &[PatRef],
    n: usize,
    found: &mut Consumer<'_>,
) -> ControlFlow<()> {
    exhaust(cx, ext, &[rest.to_vec()], n - 1, &mut |mut row| {
        row.insert(0, first.clone());
        found(row)
    })?;
    specialize_and_exhaust(cx, ext, &[vec![first.clone()]], 1, &mut |mut row| {
        row.extend(omegas(cx, n - 1));
        found(row)
    })
}

fn specialize_and_exhaust(
    cx: &Context,
    ext: Option<&Path>,
    pss: &[PatRow],
    n: usize,
    found: &mut Consumer<'_>,
) -> ControlFlow<()> {
    let rows = simplify_first_col(pss);
    if !first_column_coherent(&rows) {
        return ControlFlow::Continue(());
    }
    let q0 = discr_pat(&Head::omega(cx), &rows);
    let split = build_specialized_submatrices(cx, &q0, &rows);
    if split.constrs.is_empty() {
        let wild = q0.to_omega_pattern(cx);
        return exhaust(cx, ext, &split.default, n - 1, &mut |mut row| {
            row.insert(0, wild.clone());
            found(row)
        });
    }
    for (head, pss) in &split.constrs {
        if !is_absent_head(cx, head) {
            exhaust(cx, ext, pss, head.arity() + n - 1, &mut |row| found(head.set_args(row)))?;
        }
    }
    if full_match(cx, false, &split.constrs) && !should_extend(cx, ext, &split.constrs) {
        return ControlFlow::Continue(());
    }
    let mut other = None;
    exhaust(cx, ext, &split.default, n - 1, &mut |mut row| {
        let pat = other.get_or_insert_with(|| build_other(cx, ext, &split.constrs));
        row.insert(0, pat.clone());
        found(row)
    })
}
