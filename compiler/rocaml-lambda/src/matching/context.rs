//! What is known of the values that reach a point of a match: upstream's `Context` and `Jumps`.

use super::rows::{expand_record, expand_record_head, matcher};
use crate::lambda::StaticLabel;
use rocaml_types::context::Context as Cx;
use rocaml_typing::parmatch::bounds::{lub, may_compat};
use rocaml_typing::parmatch::pat::{Head, omega, omegas};
use rocaml_typing::parmatch::{Desc, PatRef, le_pat, le_pats};
use rocaml_typing::typedtree::Partial;

/// Above this many rows or constructors less is known, for less work.
pub(super) const MAX_ROWS: usize = 32;

/// Above this much work of comparing rows less is known: nested patterns make rows as long as they
/// are deep, and as many.
const MAX_WORK: usize = 300_000;

/// A matrix of patterns.
pub(super) type Matrix = Vec<Vec<PatRef>>;

/// What is known of a frontier of the value, nearest parts last: of what was matched, towards the
/// root, and of what is to be matched, towards the leaves.
#[derive(Clone)]
struct Row {
    left: Vec<PatRef>,
    right: Vec<PatRef>,
}

/// The values that reach a point are described by one of some rows.
#[derive(Clone, Default)]
pub(super) struct Context(Vec<Row>);

impl Row {
    fn le(&self, cx: &Cx, other: &Row) -> bool {
        le_pats(cx, &self.left, &other.left) && le_pats(cx, &self.right, &other.right)
    }
}

/// Drops the rows that others subsume.
pub(super) fn get_mins<T>(le: &dyn Fn(&T, &T) -> bool, rows: Vec<T>) -> Vec<T> {
    // The first pass drops what a later row subsumes, the second what an earlier one does.
    let pass = |mut rows: Vec<T>| {
        let mut kept = Vec::new();
        rows.reverse();
        while let Some(row) = rows.pop() {
            if !rows.iter().rev().any(|other| le(other, &row)) {
                kept.push(row);
            }
        }
        kept.reverse();
        kept
    };
    pass(pass(rows))
}

impl Context {
    /// Nothing is known of so many values.
    pub fn start(cx: &Cx, columns: usize) -> Context {
        Context(vec![Row { left: Vec::new(), right: omegas(cx, columns) }])
    }

    /// Whether no value comes here.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn map(mut self, f: impl Fn(&mut Row)) -> Context {
        self.0.iter_mut().for_each(f);
        self
    }

    /// The first column was matched by what matches all.
    pub fn lshift(&self, cx: &Cx) -> Context {
        if self.0.len() < MAX_ROWS {
            return self.clone().map(|row| row.left.extend(row.right.pop()));
        }
        let forgotten = self.clone().map(|row| {
            row.right.pop();
            row.left.push(omega(cx));
        });
        Context(get_mins(&|a: &Row, b: &Row| a.le(cx, b), forgotten.0))
    }

    /// What was matched last is to be matched again.
    pub fn rshift(self) -> Context {
        self.rshift_num(1)
    }

    /// What was matched last, so many columns, is to be matched again.
    pub fn rshift_num(self, count: usize) -> Context {
        self.map(|row| {
            let columns = row.left.split_off(row.left.len() - count);
            row.right.extend(columns);
        })
    }

    /// What is known of the first column may no longer be true.
    pub fn erase_first_col(self, cx: &Cx) -> Context {
        self.map(|row| {
            row.right.pop();
            row.right.push(omega(cx));
        })
    }

    /// The parts of what was matched last become one value again.
    pub fn combine(self) -> Context {
        self.map(|row| {
            let Some(whole) = row.left.pop() else { return };
            let head = Head::deconstruct(&whole).0;
            let mut parts = row.right.split_off(row.right.len() - head.arity());
            parts.reverse();
            row.right.push(head.rebuild(parts));
        })
    }

    /// The values whose first column has this head.
    pub fn specialize(&self, cx: &Cx, head: &Head) -> Context {
        let head = expand_record_head(head);
        let mut rows = Vec::new();
        for row in &self.0 {
            let Some((first, rest)) = row.right.split_last() else { continue };
            specialize_row(cx, &head, row, first, rest, &mut rows);
        }
        Context(rows)
    }

    /// The values that a row of the matrix may match, whose columns are then matched.
    pub fn select_columns(&self, matrix: &Matrix) -> Context {
        let mut rows = Vec::new();
        for pats in matrix {
            for row in &self.0 {
                let (right, columns) = row.right.split_at(row.right.len() - pats.len());
                let joined: Option<Vec<PatRef>> =
                    columns.iter().zip(pats.iter().rev()).map(|(p, q)| lub(p, q)).collect();
                if let Some(joined) = joined {
                    let mut left = row.left.clone();
                    left.extend(joined);
                    rows.push(Row { left, right: right.to_vec() });
                }
            }
        }
        Context(rows)
    }

    /// The values whose first column a pattern matches.
    pub fn lub(&self, pat: &PatRef) -> Context {
        let row = |row: &Row| {
            let mut row = row.clone();
            let first = row.right.pop()?;
            row.right.push(lub(pat, &first)?);
            Some(row)
        };
        Context(self.0.iter().filter_map(row).collect())
    }

    /// Whether a row of the matrix may match some value.
    pub fn matches(&self, matrix: &Matrix) -> bool {
        let may_match = |row: &Row, pats: &Vec<PatRef>| row.right.iter().rev().zip(pats).all(|(p, q)| may_compat(p, q));
        self.0.iter().any(|row| matrix.iter().any(|pats| may_match(row, pats)))
    }

    /// The values of both.
    pub fn union(mut self, cx: &Cx, other: Context) -> Context {
        self.0.extend(other.0);
        let width = self.0.first().map_or(0, |row| row.left.len() + row.right.len());
        if self.0.len() * self.0.len() * width > MAX_WORK {
            return self.summary(cx);
        }
        Context(get_mins(&|a: &Row, b: &Row| a.le(cx, b), self.0))
    }

    /// One row for all: of each column the head, where all rows have the same.
    fn summary(self, cx: &Cx) -> Context {
        let Some(first) = self.0.first() else { return self };
        let common = |columns: fn(&Row) -> &Vec<PatRef>| {
            let column = |(at, pat): (usize, &PatRef)| {
                let head = Head::deconstruct(pat).0.to_omega_pattern(cx);
                if self.0.iter().all(|row| le_pat(cx, &head, &columns(row)[at])) { head } else { omega(cx) }
            };
            columns(first).iter().enumerate().map(column).collect()
        };
        Context(vec![Row { left: common(|row| &row.left), right: common(|row| &row.right) }])
    }
}

fn specialize_row(cx: &Cx, head: &Head, row: &Row, first: &PatRef, rest: &[PatRef], rows: &mut Vec<Row>) {
    match &first.desc {
        Desc::Or(p, q) => {
            specialize_row(cx, head, row, p, rest, rows);
            specialize_row(cx, head, row, q, rest, rows);
        }
        Desc::Alias(p, ..) => specialize_row(cx, head, row, p, rest, rows),
        _ => {
            let Some(mut parts) = matcher(cx, head, &expand_record(cx, first)) else { return };
            let mut left = row.left.clone();
            left.push(head.to_omega_pattern(cx));
            let mut right = rest.to_vec();
            parts.reverse();
            right.extend(parts);
            rows.push(Row { left, right });
        }
    }
}

/// Where a piece of code raises to, and what is known of the values then, greatest label first;
/// and whether it may fail for good.
#[derive(Clone)]
pub(super) struct Jumps {
    exits: Vec<(StaticLabel, Context)>,
    pub partial: Partial,
}

impl Jumps {
    /// No jump; a total match never fails.
    pub fn empty(partial: Partial) -> Jumps {
        Jumps { exits: Vec::new(), partial }
    }

    /// A jump to one handler.
    pub fn to(cx: &Cx, label: StaticLabel, context: Context) -> Jumps {
        Jumps::empty(Partial::Total).add(cx, label, context)
    }

    /// One more jump.
    pub fn add(mut self, cx: &Cx, label: StaticLabel, context: Context) -> Jumps {
        if context.is_empty() {
            return self;
        }
        let at = self.exits.partition_point(|(other, _)| *other > label);
        match self.exits.get_mut(at) {
            Some((other, known)) if *other == label => {
                let both = std::mem::take(known);
                *known = context.union(cx, both);
            }
            _ => self.exits.insert(at, (label, context)),
        }
        self
    }

    /// The jumps of both.
    pub fn union(mut self, cx: &Cx, other: Jumps) -> Jumps {
        let partial = match (self.partial, other.partial) {
            (Partial::Total, Partial::Total) => Partial::Total,
            _ => Partial::Partial,
        };
        if self.exits.is_empty() {
            return Jumps { partial, ..other };
        }
        for (label, context) in other.exits {
            self = self.add(cx, label, context);
        }
        Jumps { partial, ..self }
    }

    /// The jumps with what is known of them changed.
    pub fn map(self, f: impl Fn(Context) -> Context) -> Jumps {
        Jumps { exits: self.exits.into_iter().map(|(label, context)| (label, f(context))).collect(), ..self }
    }

    /// The jumps without those to a handler.
    pub fn remove(mut self, label: StaticLabel) -> Jumps {
        self.exits.retain(|(other, _)| *other != label);
        self
    }

    /// What is known where code raises to a handler, and the other jumps.
    pub fn extract(mut self, label: StaticLabel) -> (Context, Jumps) {
        match self.exits.iter().position(|(other, _)| *other == label) {
            Some(at) => {
                let (_, context) = self.exits.remove(at);
                (context, self)
            }
            None => (Context::default(), self),
        }
    }
}
