//! Closing the polymorphic variants of a match where that can make it exhaustive.

use rocaml_syntax::asttypes::Constant;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{RowDesc, RowField, TypeDesc};

use super::matrix::{
    PatRow, Simplified, build_specialized_submatrices, discr_pat, first_column_coherent, full_match,
    simplify_first_col, type_row,
};
use super::pat::{Desc, Head, HeadDesc, Pat, omega};
use crate::rows;
use crate::typedtree::{self as tt, split_pattern};

/// Closes the open variants in the types of these patterns, column by column, where all other
/// columns are covered.
pub fn pressure_variants(cx: &Context, env: &Env, patterns: &[tt::Pattern]) {
    let rows: Vec<PatRow> = patterns.iter().map(|p| vec![Pat::of_typed(p), omega(cx)]).collect();
    pressure(cx, Some(env), &rows);
}

/// [`pressure_variants`] on the values and on the exceptions of computation patterns.
pub fn pressure_variants_in_computation_pattern(cx: &Context, env: &Env, patterns: &[tt::Pattern]) {
    let (values, exceptions): (Vec<_>, Vec<_>) = patterns.iter().map(split_pattern).unzip();
    pressure_variants(cx, env, &values.into_iter().flatten().collect::<Vec<_>>());
    pressure_variants(cx, env, &exceptions.into_iter().flatten().collect::<Vec<_>>());
}

/// Whether the rows would be exhaustive with all variants closed. Closes them if there is an
/// environment to do it in.
fn pressure(cx: &Context, env: Option<&Env>, pss: &[PatRow]) -> bool {
    match pss.first() {
        None => return false,
        Some(row) if row.is_empty() => return true,
        Some(_) => {}
    }
    let rows = simplify_first_col(pss);
    if !first_column_coherent(&rows) {
        return true;
    }
    let q0 = discr_pat(&Head::omega(cx), &rows);
    let split = build_specialized_submatrices(cx, &q0, &rows);
    let Some((head, _)) = split.constrs.first() else { return pressure(cx, env, &split.default) };
    // Each matrix must be visited, even once the answer is known.
    let try_all =
        |constrs: &[(Head, Vec<PatRow>)]| constrs.iter().fold(true, |ok, (_, pss)| pressure(cx, env, pss) && ok);
    if full_match(cx, env.is_none(), &split.constrs) {
        return try_all(&split.constrs);
    }
    let Some(env) = env else { return pressure(cx, None, &split.default) };
    let ok = if full_match(cx, true, &split.constrs) {
        try_all(&split.constrs)
    } else {
        let partial = build_specialized_submatrices(cx, &q0, &mark_partial(cx, &rows));
        try_all(&partial.constrs)
    };
    if let HeadDesc::Variant { .. } = head.desc {
        let row = type_row(cx, head);
        if !rows::has_fixed_explanation(cx, &row) && !pressure(cx, None, &split.default) {
            close_variant(cx, env, &row);
        }
    }
    ok
}

/// Makes the rows of constructors fail in their last column.
fn mark_partial(cx: &Context, rows: &[Simplified<PatRow>]) -> Vec<Simplified<PatRow>> {
    let zero = Pat::make(Desc::Constant(Constant::Int(0)), cx.none(), Env::default());
    rows.iter()
        .map(|row| {
            let mut row = row.clone();
            if !row.head.is_any() {
                match row.rest.last_mut() {
                    Some(last) => *last = zero.clone(),
                    None => (row.head, row.args) = Head::deconstruct(&zero),
                }
            }
            row
        })
        .collect()
}

fn close_variant(cx: &Context, env: &Env, row: &RowDesc) {
    let row = rows::repr(cx, row);
    let mut is_static = true;
    let mut name = row.name.clone();
    for (_, field) in row.fields.iter() {
        if let RowField::Either { matched, ext, .. } = cx.row_field(field) {
            if matched {
                is_static = false;
            } else {
                cx.set_row_field(ext, RowField::Absent);
                name = None;
            }
        }
    }
    if !row.closed || name.is_some() != row.name.is_some() {
        let generic = rocaml_types::store::GENERIC_LEVEL;
        let more = cx.new_node(if is_static { TypeDesc::Nil } else { TypeDesc::Var(None) }, generic);
        let closed = RowDesc { fields: [].into(), more, closed: true, fixed: row.fixed.clone(), name };
        let closed = cx.new_node(TypeDesc::Variant(closed), generic);
        // A row variable takes any row.
        let _ = ctype::unify(cx, env, row.more, closed);
    }
}
