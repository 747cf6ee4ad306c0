//! Matrices of patterns: coherence of a column, simplification, specialisation.
//!
//! A matrix whose first column holds only heads is *simplified*. Analyses differ in what a row
//! is, hence the trait [`Row`].

use rocaml_syntax::asttypes::Constant;
use rocaml_types::context::Context;
use rocaml_types::{LabelDescription, RowField, TypeDesc, TypeId};
use std::rc::Rc;

use super::pat::{Desc, Head, HeadDesc, PatRef, equal_constant, equal_constr, omega, omegas, strip_vars};
use crate::rows;

/// A row of patterns.
pub type PatRow = Vec<PatRef>;

/// What can take patterns at its front.
pub trait Row: Clone {
    /// The row with these columns put before it.
    fn with_columns(&self, columns: PatRow) -> Self;
}

impl Row for PatRow {
    fn with_columns(&self, mut columns: PatRow) -> PatRow {
        columns.extend(self.iter().cloned());
        columns
    }
}

/// A row of a simplified matrix: head of the first pattern, its parts, the rest.
#[derive(Clone)]
pub struct Simplified<R> {
    pub head: Head,
    pub args: PatRow,
    pub rest: R,
}

/// The matrices made by splitting on the first column.
pub struct Specialized<R> {
    /// Rows that begin with `_`, without it.
    pub default: Vec<R>,
    /// Per head that occurs, in order of the source.
    pub constrs: Vec<(Head, Vec<R>)>,
}

/// Whether the patterns of a column may be of one type. A branch of the analysis that meets an
/// incoherent column can only be taken by an ill-typed value.
pub fn all_coherent<'a>(mut column: impl Iterator<Item = &'a Head> + Clone) -> bool {
    let Some(discriminating) = column.clone().find(|head| !head.is_any()) else { return true };
    column.all(|head| coherent_heads(&discriminating.desc, &head.desc))
}

fn coherent_heads(a: &HeadDesc, b: &HeadDesc) -> bool {
    match (a, b) {
        (HeadDesc::Any, _) | (_, HeadDesc::Any) => true,
        (HeadDesc::Construct(c), HeadDesc::Construct(d)) => c.consts == d.consts && c.nonconsts == d.nonconsts,
        (HeadDesc::Constant(c), HeadDesc::Constant(d)) => std::mem::discriminant(c) == std::mem::discriminant(d),
        (HeadDesc::Tuple(l), HeadDesc::Tuple(m)) => l == m,
        (HeadDesc::Record(l), HeadDesc::Record(m)) => match (l.first(), m.first()) {
            (Some(l), Some(m)) => l.all.len() == m.all.len(),
            (None, None) => true,
            _ => false,
        },
        (HeadDesc::Array(m, _), HeadDesc::Array(n, _)) => m == n,
        (HeadDesc::Variant { .. }, HeadDesc::Variant { .. }) | (HeadDesc::Lazy, HeadDesc::Lazy) => true,
        _ => false,
    }
}

/// Whether the first column of a simplified matrix is coherent.
pub fn first_column_coherent<R>(rows: &[Simplified<R>]) -> bool {
    all_coherent(rows.iter().map(|row| &row.head))
}

/// Splits the alternatives of a pattern and gives each head with its parts.
pub fn simplify_head_pat(pat: &PatRef, add: &mut dyn FnMut(Head, PatRow)) {
    let pat = strip_vars(pat);
    match &pat.desc {
        Desc::Or(p, q) => {
            simplify_head_pat(p, add);
            simplify_head_pat(q, add);
        }
        _ => {
            let (head, args) = Head::deconstruct(&pat);
            add(head, args);
        }
    }
}

/// Simplifies the first column of a matrix of non-empty rows.
pub fn simplify_first_col(rows: &[PatRow]) -> Vec<Simplified<PatRow>> {
    let mut simplified = Vec::with_capacity(rows.len());
    for row in rows {
        simplify_head_pat(&row[0], &mut |head, args| {
            simplified.push(Simplified { head, args, rest: row[1..].to_vec() });
        });
    }
    simplified
}

/// Whether a value with head `d` may match the pattern of head `h`.
pub fn simple_match(d: &Head, h: &Head) -> bool {
    match (&d.desc, &h.desc) {
        (HeadDesc::Construct(c), HeadDesc::Construct(e)) => equal_constr(c, e),
        (HeadDesc::Variant { tag: t, .. }, HeadDesc::Variant { tag: u, .. }) => t == u,
        (HeadDesc::Constant(c), HeadDesc::Constant(e)) => equal_constant(c, e),
        (HeadDesc::Lazy, HeadDesc::Lazy) | (HeadDesc::Record(_), HeadDesc::Record(_)) => true,
        (HeadDesc::Tuple(l), HeadDesc::Tuple(m)) => l == m,
        (HeadDesc::Array(m, i), HeadDesc::Array(n, j)) => m == n && i == j,
        (_, HeadDesc::Any) => true,
        _ => false,
    }
}

/// The parts that a pattern of this head and these parts has where `discriminating` is matched.
pub fn simple_match_args(cx: &Context, discriminating: &Head, head: &Head, args: &[PatRef]) -> PatRow {
    match &head.desc {
        HeadDesc::Constant(_) => Vec::new(),
        HeadDesc::Record(labels) => {
            let wanted = match &discriminating.desc {
                HeadDesc::Record(wanted) => wanted.as_slice(),
                _ => &[],
            };
            let field = |label: &Rc<LabelDescription>| {
                labels.iter().position(|l| l.pos == label.pos).map_or_else(|| omega(cx), |i| args[i].clone())
            };
            wanted.iter().map(field).collect()
        }
        HeadDesc::Any => omegas(cx, discriminating.arity()),
        _ => args.to_vec(),
    }
}

/// The head that says most about the first column, refined from that of `pat`: all the fields of
/// a record that some row looks at.
pub fn discr_pat<R>(head: &Head, rows: &[Simplified<R>]) -> Head {
    let mut result = head.clone();
    if !matches!(result.desc, HeadDesc::Any | HeadDesc::Record(_)) {
        return result;
    }
    for row in rows {
        match &row.head.desc {
            HeadDesc::Any => {}
            HeadDesc::Tuple(_) | HeadDesc::Lazy => return row.head.clone(),
            HeadDesc::Record(labels) => {
                let known = match &result.desc {
                    HeadDesc::Record(known) => known.clone(),
                    _ => Vec::new(),
                };
                let mut fields: Vec<_> =
                    labels.iter().filter(|label| !known.iter().any(|k| k.pos == label.pos)).cloned().collect();
                fields.extend(known);
                result = Head { desc: HeadDesc::Record(fields), ..row.head.clone() };
            }
            _ => return result,
        }
    }
    result
}

/// The rows that a value of head `discriminating` may match, by the parts of that value.
pub fn build_specialized_submatrix<R: Row>(cx: &Context, discriminating: &Head, rows: &[Simplified<R>]) -> Vec<R> {
    rows.iter()
        .filter(|row| simple_match(discriminating, &row.head))
        .map(|row| row.rest.with_columns(simple_match_args(cx, discriminating, &row.head, &row.args)))
        .collect()
}

/// All specialised matrices and the default one.
pub fn build_specialized_submatrices<R: Row>(
    cx: &Context,
    discriminating: &Head,
    rows: &[Simplified<R>],
) -> Specialized<R> {
    // The heads with their rows: the first head that matches takes a row; `_` goes to all, after the others.
    let mut heads: Vec<(Head, Vec<&Simplified<R>>)> = match discriminating.desc {
        HeadDesc::Record(_) | HeadDesc::Tuple(_) | HeadDesc::Lazy => vec![(discriminating.clone(), Vec::new())],
        _ => Vec::new(),
    };
    for row in rows.iter().filter(|row| !row.head.is_any()) {
        match heads.iter_mut().find(|(head, _)| simple_match(head, &row.head)) {
            Some((_, own)) => own.push(row),
            None => heads.push((row.head.clone(), vec![row])),
        }
    }
    let wild: Vec<&Simplified<R>> = rows.iter().filter(|row| row.head.is_any()).collect();
    let constrs = heads
        .into_iter()
        .map(|(head, own)| {
            let rows = own.iter().chain(&wild);
            let matrix = rows.map(|row| row.rest.with_columns(simple_match_args(cx, &head, &row.head, &row.args)));
            let matrix = matrix.collect();
            (head, matrix)
        })
        .collect();
    let default = rows.iter().filter(|row| row.head.is_any()).map(|row| row.rest.clone()).collect();
    Specialized { default, constrs }
}

/// Whether a tag is known not to occur.
pub fn is_absent(cx: &Context, tag: rocaml_base::Name, row: TypeId) -> bool {
    match cx.desc(row) {
        TypeDesc::Variant(row) => rows::field(cx, tag, &row) == RowField::Absent,
        _ => false,
    }
}

/// Whether a head is a tag that is known not to occur.
pub fn is_absent_head(cx: &Context, head: &Head) -> bool {
    matches!(head.desc, HeadDesc::Variant { tag, row, .. } if is_absent(cx, tag, row))
}

/// The row of the type of a variant's pattern, as it is now.
pub fn type_row(cx: &Context, head: &Head) -> rocaml_types::RowDesc {
    match cx.desc(rocaml_types::ctype::expand_head(cx, &head.env, head.type_)) {
        TypeDesc::Variant(row) => row,
        other => unreachable!("a tag of type {other:?}"),
    }
}

/// Whether the heads of these matrices are all there can be. `closing` takes open variants as if
/// they were closed.
pub fn full_match<R>(cx: &Context, closing: bool, constrs: &[(Head, Vec<R>)]) -> bool {
    let Some((head, _)) = constrs.first() else { return false };
    match &head.desc {
        HeadDesc::Any => unreachable!("a specialised matrix has a head"),
        HeadDesc::Construct(c) => {
            !matches!(c.tag, rocaml_types::ConstructorTag::Extension(..))
                && constrs.len() == (c.consts + c.nonconsts) as usize
        }
        HeadDesc::Variant { .. } => {
            let seen =
                |tag| constrs.iter().any(|(head, _)| matches!(head.desc, HeadDesc::Variant { tag: t, .. } if t == tag));
            let row = type_row(cx, head);
            let fields = rows::fields(cx, &row);
            if closing && !rows::has_fixed_explanation(cx, &row) {
                // What was matched must be seen even if its presence is not decided.
                fields.iter().all(|(tag, f)| match cx.row_field(f) {
                    RowField::Absent | RowField::Either { matched: false, .. } => true,
                    RowField::Either { matched: true, .. } | RowField::Present(_) => seen(*tag),
                })
            } else {
                rows::is_closed(cx, &row)
                    && fields.iter().all(|(tag, f)| cx.row_field(f) == RowField::Absent || seen(*tag))
            }
        }
        HeadDesc::Constant(Constant::Char(_)) => constrs.len() == 256,
        HeadDesc::Constant(_) | HeadDesc::Array(..) => false,
        HeadDesc::Tuple(_) | HeadDesc::Record(_) | HeadDesc::Lazy => true,
    }
}
