//! Where to go on when nothing fits: upstream's `Default_environment`.
//!
//! A list of handlers, each with the matrix of what it matches. When no row of a matrix fits, the
//! first handler whose matrix may match the value is raised to; if none may, the match fails.

use super::context::Matrix;
use super::rows::{expand_record, expand_record_head, flatten_matrix, matcher};
use crate::lambda::{Lambda, StaticLabel};
use rocaml_types::context::Context as Cx;
use rocaml_typing::parmatch::bounds::may_compat;
use rocaml_typing::parmatch::pat::{Head, Pat};
use rocaml_typing::parmatch::{Desc, PatRef};
use std::rc::Rc;

#[derive(Clone)]
pub(super) struct DefaultEnv {
    handlers: Vec<(StaticLabel, Rc<Matrix>)>,
    final_exit: StaticLabel,
}

/// What remains of a row whose first pattern is one.
type Specialize<'s> = dyn Fn(&PatRef) -> Option<Vec<PatRef>> + 's;

impl DefaultEnv {
    /// No handlers; what fails raises to `final_exit`.
    pub fn empty(final_exit: StaticLabel) -> DefaultEnv {
        DefaultEnv { handlers: Vec::new(), final_exit }
    }

    /// Fails for good.
    pub fn raise_final_exit(&self) -> Lambda {
        Lambda::StaticRaise(self.final_exit, vec![])
    }

    /// With one more handler, before the others.
    pub fn cons(&self, matrix: Matrix, label: StaticLabel) -> DefaultEnv {
        if matrix.is_empty() {
            return self.clone();
        }
        let mut handlers = vec![(label, Rc::new(matrix))];
        handlers.extend(self.handlers.iter().cloned());
        DefaultEnv { handlers, ..*self }
    }

    /// The handlers.
    pub fn handlers(&self) -> impl Iterator<Item = (StaticLabel, &Matrix)> {
        self.handlers.iter().map(|(label, matrix)| (*label, &**matrix))
    }

    fn specialize_with(&self, arity: usize, matcher: &Specialize<'_>) -> DefaultEnv {
        let mut handlers = Vec::new();
        for (label, matrix) in &self.handlers {
            // A row without patterns matches whatever is left.
            if matrix.first().is_some_and(Vec::is_empty) {
                handlers.push((*label, Rc::new(vec![Vec::new()])));
                break;
            }
            let specialized = specialize_matrix(arity, matcher, matrix);
            match specialized.first() {
                None => {}
                Some(row) if row.is_empty() => {
                    handlers.push((*label, Rc::new(vec![Vec::new()])));
                    break;
                }
                Some(_) => handlers.push((*label, Rc::new(specialized))),
            }
        }
        DefaultEnv { handlers, ..*self }
    }

    /// For values whose first column has this head.
    pub fn specialize(&self, cx: &Cx, head: &Head) -> DefaultEnv {
        let head = expand_record_head(head);
        self.specialize_with(head.arity(), &|p| matcher(cx, &head, &expand_record(cx, p)))
    }

    /// Without the first column.
    pub fn pop_column(&self) -> DefaultEnv {
        self.specialize_with(0, &|_| Some(Vec::new()))
    }

    /// Without the first column, for values that a pattern matches there.
    pub fn pop_compat(&self, pat: &PatRef) -> DefaultEnv {
        self.specialize_with(0, &|p| may_compat(pat, p).then(Vec::new))
    }

    /// For the components of a tuple.
    pub fn flatten(&self, cx: &Cx, size: usize) -> DefaultEnv {
        let flat = |(label, matrix): &(StaticLabel, Rc<Matrix>)| (*label, Rc::new(flatten_matrix(cx, size, matrix)));
        DefaultEnv { handlers: self.handlers.iter().map(flat).collect(), ..*self }
    }
}

fn specialize_matrix(arity: usize, matcher: &Specialize<'_>, matrix: &Matrix) -> Matrix {
    let mut rows = Vec::new();
    for row in matrix {
        let Some((first, rest)) = row.split_first() else { continue };
        specialize_row(arity, matcher, first, rest, &mut rows);
    }
    rows
}

fn specialize_row(arity: usize, matcher: &Specialize<'_>, first: &PatRef, rest: &[PatRef], rows: &mut Matrix) {
    match &first.desc {
        Desc::Alias(p, ..) => specialize_row(arity, matcher, p, rest, rows),
        Desc::Or(p, q) => specialize_or(arity, matcher, p, q, rest, rows),
        _ => {
            if let Some(mut row) = matcher(first) {
                row.extend_from_slice(rest);
                rows.push(row);
            }
        }
    }
}

/// Alternatives stay one row where that can be.
fn specialize_or(arity: usize, matcher: &Specialize<'_>, p: &PatRef, q: &PatRef, rest: &[PatRef], rows: &mut Matrix) {
    let mut left = Vec::new();
    specialize_row(arity, matcher, p, rest, &mut left);
    // Without parts, one alternative says what both say.
    if arity == 0 && !left.is_empty() {
        rows.extend(left);
        return;
    }
    let mut right = Vec::new();
    specialize_row(arity, matcher, q, rest, &mut right);
    if let (1, [one], [other]) = (arity, left.as_slice(), right.as_slice()) {
        let mut row = one.clone();
        row[0] = Pat::make(Desc::Or(one[0].clone(), other[0].clone()), one[0].type_, one[0].env.clone());
        rows.push(row);
        return;
    }
    rows.extend(left);
    rows.extend(right);
}
