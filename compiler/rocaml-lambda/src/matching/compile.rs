//! The matrix and its compilation; see the folder's documentation.

use super::pattern::Pat;
use super::{IMMUTABLE_FIELD, field, lazy_force};
use crate::lambda::*;
use crate::map::deep;
use crate::rename::{copy_with, fresh_label};
use crate::translator::let_;
use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_types::{ConstructorTag, Ident, RecordRepresentation};
use rocaml_typing::typedtree::Partial;
use std::rc::Rc;

/// A case: its patterns by column, one list per alternative, and what it does.
pub(crate) struct Case {
    pub alternatives: Vec<Vec<Rc<Pat>>>,
    pub vars: Vec<(Ident, ValueKind)>,
    pub guard: Option<Lambda>,
    pub body: Lambda,
}

/// What a case does, placed once.
struct Action {
    label: StaticLabel,
    vars: Vec<(Ident, ValueKind)>,
    guard: Option<Lambda>,
    body: Option<Lambda>,
    /// It can be reached once only: it is put in place.
    direct: bool,
    used: bool,
}

/// A row of the matrix.
#[derive(Clone)]
pub(super) struct Row {
    pub pats: Vec<Rc<Pat>>,
    /// Variables of the pattern and the variables that hold their values.
    bindings: Vec<(Ident, Ident)>,
    action: usize,
    /// Where to go on when the guard refuses, if not with the rows that follow: a matrix was cut
    /// between the alternatives of this case.
    refused: Option<StaticLabel>,
}

/// What is to be done when no row fits: nothing can be, or raise to a handler.
pub(super) type Failure = Option<StaticLabel>;

/// The compilation of one match.
pub(crate) struct Match {
    pub(super) loc: ScopedLocation,
    force: Lambda,
    actions: Vec<Action>,
    failure: StaticLabel,
    failure_used: bool,
    /// Rows that may still be looked at before matrices are cut.
    budget: i64,
}

impl Match {
    pub(crate) fn new(loc: ScopedLocation, force: Lambda) -> Match {
        Match { loc, force, actions: Vec::new(), failure: fresh_label(), failure_used: false, budget: 0 }
    }

    /// Compiles the matrix over variables.
    pub(crate) fn run(mut self, values: Vec<Ident>, cases: Vec<Case>, partial: Partial, failure: Lambda) -> Lambda {
        let single = cases.len() == 1;
        let guarded = cases.iter().any(|case| case.guard.is_some());
        let mut rows = Vec::new();
        let mut reads_mutable = false;
        for (index, case) in cases.into_iter().enumerate() {
            let alternatives = case.alternatives.len();
            let repeated = alternatives > 1 || case.alternatives.iter().flatten().any(|p| p.has_or());
            for pats in case.alternatives {
                reads_mutable |= pats.iter().any(|p| p.reads_mutable());
                rows.push(Row { pats, bindings: Vec::new(), action: index, refused: None });
            }
            // What names a matched variable by its own ident is bound already.
            let vars = case.vars.into_iter().filter(|(id, _)| !values.contains(id)).collect();
            self.actions.push(Action {
                label: fresh_label(),
                vars,
                guard: case.guard,
                body: Some(case.body),
                direct: single && !repeated,
                used: false,
            });
        }
        self.budget = 400 + 12 * rows.len() as i64;
        // What is read twice may have changed in between; then no case may fit.
        let changing = reads_mutable && guarded;
        let on_failure = match partial {
            Partial::Total if !changing && !rows.is_empty() => None,
            _ => Some(self.failure),
        };
        let mut result = self.compile(&values, rows, on_failure);
        for action in self.actions {
            if let (true, Some(body)) = (action.used, action.body) {
                result = Lambda::StaticCatch(Box::new(result), (action.label, action.vars), Box::new(body));
            }
        }
        if self.failure_used {
            result = Lambda::StaticCatch(Box::new(result), (self.failure, vec![]), Box::new(failure));
        }
        result
    }

    pub(super) fn fail(&mut self, failure: Failure) -> Lambda {
        let label = failure.unwrap_or(self.failure);
        self.failure_used |= label == self.failure;
        Lambda::StaticRaise(label, vec![])
    }

    pub(super) fn compile(&mut self, values: &[Ident], rows: Vec<Row>, failure: Failure) -> Lambda {
        deep(|| self.compile_matrix(values, rows, failure))
    }

    fn compile_matrix(&mut self, values: &[Ident], mut rows: Vec<Row>, failure: Failure) -> Lambda {
        let column = loop {
            let Some(first) = rows.first_mut() else { return self.fail(failure) };
            strip_aliases(first, values);
            let Some(column) = first.pats.iter().position(|p| !p.is_any()) else {
                return self.leaf(values, rows, failure);
            };
            rows = rows.into_iter().flat_map(|row| expand_column(row, column, values[column])).collect();
            // The first alternative may have been a variable.
            if !rows[0].pats[column].is_any() {
                break column;
            }
        };
        self.budget -= rows.len() as i64;
        // Types that a pattern to the left has to establish may make rows contradict each other:
        // such a row is looked at after the others.
        let head = rows[0].pats[column].clone();
        let cut = rows.iter().position(|row| {
            let pat = &row.pats[column];
            if pat.is_any() { self.budget < 0 } else { !pat.same_type(&head) }
        });
        let Some(cut) = cut else { return self.test_column(values, rows, column, failure) };
        let rest = rows.split_off(cut);
        self.compile_cut(values, rows, column, rest, failure)
    }

    /// Looks at some rows, and then at the rest. A refused guard leaves out the other alternatives
    /// of its case, which may be on both sides.
    fn compile_cut(
        &mut self,
        values: &[Ident],
        mut rows: Vec<Row>,
        column: usize,
        mut rest: Vec<Row>,
        failure: Failure,
    ) -> Lambda {
        let case = rest[0].action;
        let straddles = self.actions[case].guard.is_some() && rows.last().is_some_and(|row| row.action == case);
        let others = rest.iter().position(|row| row.action != case).unwrap_or(rest.len());
        let label = fresh_label();
        if !straddles || rest[0].refused.is_some() {
            let before = self.test_column(values, rows, column, Some(label));
            let after = self.compile(values, rest, failure);
            return Lambda::StaticCatch(Box::new(before), (label, vec![]), Box::new(after));
        }
        let refused = fresh_label();
        let others = rest.split_off(others);
        rows.iter_mut().chain(&mut rest).filter(|row| row.action == case).for_each(|row| row.refused = Some(refused));
        let before = self.test_column(values, rows, column, Some(label));
        let alternatives = self.compile(values, rest, Some(refused));
        let others = self.compile(values, others, failure);
        let case = Lambda::StaticCatch(Box::new(before), (label, vec![]), Box::new(alternatives));
        Lambda::StaticCatch(Box::new(case), (refused, vec![]), Box::new(others))
    }

    /// The first row fits, if its guard agrees.
    fn leaf(&mut self, values: &[Ident], mut rows: Vec<Row>, failure: Failure) -> Lambda {
        let row = rows.remove(0);
        // A refused guard leaves out the other alternatives of its case.
        rows.retain(|other| other.action != row.action);
        let failure = row.refused.filter(|_| rows.is_empty()).or(failure);
        let value_of = |id: &Ident| row.bindings.iter().find(|(var, _)| var == id).map(|(_, value)| *value);
        let action = &mut self.actions[row.action];
        let values_of_vars: Vec<(Ident, ValueKind, Ident)> =
            action.vars.iter().filter_map(|(id, kind)| value_of(id).map(|value| (*id, *kind, value))).collect();
        let hit = match &mut action.body {
            Some(_) if action.direct => {
                let body = action.body.take().unwrap_or_else(Lambda::unit);
                let guard = action.guard.take();
                let rest = match &guard {
                    Some(_) => Some(self.compile(values, rows, failure)),
                    None => None,
                };
                let body = match (guard, rest) {
                    (Some(guard), Some(rest)) => Lambda::IfThenElse(Box::new(guard), Box::new(body), Box::new(rest)),
                    _ => body,
                };
                return values_of_vars
                    .into_iter()
                    .rev()
                    .fold(body, |body, (id, kind, value)| let_(LetKind::Alias, kind, id, Lambda::Var(value), body));
            }
            _ => {
                action.used = true;
                let args = values_of_vars.iter().map(|(_, _, value)| Lambda::Var(*value)).collect();
                Lambda::StaticRaise(action.label, args)
            }
        };
        let Some(guard) = &action.guard else { return hit };
        let guard = copy_with(guard, values_of_vars.iter().map(|(id, _, value)| (*id, *value)));
        let rest = self.compile(values, rows, failure);
        Lambda::IfThenElse(Box::new(guard), Box::new(hit), Box::new(rest))
    }

    fn test_column(&mut self, values: &[Ident], rows: Vec<Row>, column: usize, failure: Failure) -> Lambda {
        let pat = rows[0].pats[column].clone();
        let value = values[column];
        match &*pat {
            Pat::Tuple(parts) => {
                let fields =
                    (0..parts.len()).map(|i| (LetKind::Alias, field(i, Lambda::Var(value), &self.loc))).collect();
                self.take_apart(values, rows, column, fields, failure)
            }
            Pat::Record(label, _) => {
                if matches!(label.repres, RecordRepresentation::Unboxed(_)) {
                    return self.same_value(values, rows, column, failure);
                }
                let fields = label.all.iter().map(|l| self.record_field(value, l)).collect();
                self.take_apart(values, rows, column, fields, failure)
            }
            Pat::Lazy(_) => {
                let forced = lazy_force(Lambda::Var(value), &self.force, &self.loc);
                self.take_apart(values, rows, column, vec![(LetKind::Strict, forced)], failure)
            }
            Pat::Construct(constr, ..) => match &constr.tag {
                ConstructorTag::Unboxed => self.same_value(values, rows, column, failure),
                ConstructorTag::Extension(..) => self.test_extension(values, rows, column, failure),
                ConstructorTag::Constant(_) | ConstructorTag::Block(_) => {
                    self.test_constructor(values, rows, column, (constr.consts, constr.nonconsts), failure)
                }
            },
            Pat::Variant(_, _, shape) => self.test_polymorphic(values, rows, column, *shape, failure),
            Pat::Constant(constant) => self.test_constant(values, rows, column, constant, failure),
            Pat::Array(kind, flag, _) => self.test_array(values, rows, column, *kind, *flag, failure),
            Pat::Any | Pat::Alias(..) | Pat::Or(..) => unreachable!("the column was prepared"),
        }
    }

    fn record_field(&self, record: Ident, label: &rocaml_types::LabelDescription) -> (LetKind, Lambda) {
        let (kind, mutability) = match label.mutable {
            MutableFlag::Immutable => (LetKind::Alias, Mutability::Immutable),
            MutableFlag::Mutable => (LetKind::StrictOpt, Mutability::Mutable),
        };
        let info = FieldInfo { mutability, ..IMMUTABLE_FIELD };
        let prim = match label.repres {
            RecordRepresentation::Float => Primitive::FloatField(label.pos),
            RecordRepresentation::Extension(_) => Primitive::Field(label.pos + 1, info),
            _ => Primitive::Field(label.pos, info),
        };
        (kind, Lambda::Prim(prim, vec![Lambda::Var(record)], self.loc.clone()))
    }

    /// All rows have the same shape in the column: its parts become columns.
    pub(super) fn take_apart(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        fields: Vec<(LetKind, Lambda)>,
        failure: Failure,
    ) -> Lambda {
        let size = fields.len();
        let rows: Vec<Row> = rows.into_iter().map(|row| replace_column(row, column, size)).collect();
        // Only the parts that some row looks at are read.
        let used: Vec<bool> = (0..size).map(|i| rows.iter().any(|row| !row.pats[column + i].is_any())).collect();
        let (mut new_values, mut bindings) = (values[..column].to_vec(), Vec::new());
        for ((kind, read), used) in fields.into_iter().zip(&used) {
            if *used {
                let id = Ident::create_local("*match*".into());
                new_values.push(id);
                bindings.push((kind, id, read));
            }
        }
        new_values.extend_from_slice(&values[column + 1..]);
        let keep = |row: Row| {
            let in_parts = |i: usize| i >= column && i < column + size;
            let pats = row.pats.into_iter().enumerate().filter(|(i, _)| !in_parts(*i) || used[i - column]);
            Row { pats: pats.map(|(_, p)| p).collect(), ..row }
        };
        let rows = rows.into_iter().map(keep).collect();
        let body = self.compile(&new_values, rows, failure);
        bindings.into_iter().rev().fold(body, |body, (kind, id, read)| let_(kind, ValueKind::Generic, id, read, body))
    }

    /// The only part is represented as the whole.
    fn same_value(&mut self, values: &[Ident], rows: Vec<Row>, column: usize, failure: Failure) -> Lambda {
        let rows = rows.into_iter().map(|row| replace_column(row, column, 1)).collect();
        self.compile(values, rows, failure)
    }

    /// The rows that remain when the column's value has the head that `fits`, their column
    /// replaced by `size` parts.
    pub(super) fn specialize(&self, rows: &[Row], column: usize, size: usize, fits: &dyn Fn(&Pat) -> bool) -> Vec<Row> {
        rows.iter()
            .filter(|row| row.pats[column].is_any() || fits(&row.pats[column]))
            .map(|row| replace_column(row.clone(), column, size))
            .collect()
    }

    /// The rows that fit whatever the column's value.
    pub(super) fn default_rows(&self, rows: &[Row], column: usize) -> Vec<Row> {
        rows.iter().filter(|row| row.pats[column].is_any()).map(|row| replace_column(row.clone(), column, 0)).collect()
    }

    /// What to do with the values that no row names; nothing if there are none.
    pub(super) fn compile_default(
        &mut self,
        values: &[Ident],
        rows: &[Row],
        column: usize,
        failure: Failure,
    ) -> Option<Lambda> {
        let rows = self.default_rows(rows, column);
        if rows.is_empty() && failure.is_none() {
            return None;
        }
        Some(self.compile(&without_column(values, column), rows, failure))
    }

    /// Constants other than integers: one test after the other.
    pub(super) fn test_extension(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        failure: Failure,
    ) -> Lambda {
        let Pat::Construct(constr, args, Some(slot)) = &*rows[0].pats[column].clone() else {
            unreachable!("an extension constructor has a slot")
        };
        let value = values[column];
        let same = |p: &Pat| matches!(p, Pat::Construct(other, ..) if other.tag == constr.tag);
        let constant = matches!(constr.tag, ConstructorTag::Extension(_, true));
        // Another constructor of this arity may be a rebinding of this one: its rows stay, and
        // look at the value again.
        let rebound =
            |p: &Pat| matches!(p, Pat::Construct(other, ..) if other.tag != constr.tag && other.arity == constr.arity);
        let needs_again = rows.iter().any(|row| rebound(&row.pats[column]));
        let size = args.len();
        let mut hit_rows = Vec::new();
        for row in &rows {
            let pat = &row.pats[column];
            let again = rebound(pat);
            if !(pat.is_any() || same(pat) || again) {
                continue;
            }
            let kept = if again { pat.clone() } else { Rc::new(Pat::Any) };
            let mut row =
                if again { blank_column(row.clone(), column, size) } else { replace_column(row.clone(), column, size) };
            if needs_again {
                row.pats.push(kept);
            }
            hit_rows.push(row);
        }
        let miss_rows: Vec<Row> = rows.iter().filter(|row| !same(&row.pats[column])).cloned().collect();
        let read_tag = if constant { Lambda::Var(value) } else { field(0, Lambda::Var(value), &self.loc) };
        let condition =
            Lambda::Prim(Primitive::IntComp(Comparison::Eq), vec![read_tag, slot.clone()], self.loc.clone());
        let mut hit_values = values[..column].to_vec();
        let mut bindings = Vec::new();
        for i in 0..size {
            if constr.inlined.is_some() {
                hit_values.push(value);
                continue;
            }
            let id = Ident::create_local("*match*".into());
            hit_values.push(id);
            bindings.push((id, field(i + 1, Lambda::Var(value), &self.loc)));
        }
        hit_values.extend_from_slice(&values[column + 1..]);
        if needs_again {
            hit_values.push(value);
        }
        let hit = self.compile(&hit_values, hit_rows, failure);
        let hit = bindings
            .into_iter()
            .rev()
            .fold(hit, |body, (id, read)| let_(LetKind::Alias, ValueKind::Generic, id, read, body));
        if miss_rows.is_empty() && failure.is_none() {
            return hit;
        }
        let miss = self.compile(values, miss_rows, failure);
        Lambda::IfThenElse(Box::new(condition), Box::new(hit), Box::new(miss))
    }

    /// The rows of a constant, in terms of those of the matrix: two constants with the same rows
    /// need one piece of code.
    pub(super) fn row_numbers(&self, rows: &[Row], column: usize, fits: &dyn Fn(&Pat) -> bool) -> Vec<usize> {
        let in_rows = |row: &Row| row.pats[column].is_any() || fits(&row.pats[column]);
        let mut numbers: Vec<usize> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            if in_rows(row) {
                // Alternatives of one case that agree elsewhere are the same row.
                let same = |n: &usize| {
                    let other: &Row = &rows[*n];
                    other.action == row.action
                        && other.bindings == row.bindings
                        && other
                            .pats
                            .iter()
                            .zip(&row.pats)
                            .enumerate()
                            .all(|(i, (p, q))| i == column || Rc::ptr_eq(p, q) || p.is_any() && q.is_any())
                };
                let representative = (0..number).find(same).unwrap_or(number);
                if !numbers.contains(&representative) {
                    numbers.push(representative);
                }
            }
        }
        numbers
    }

    pub(super) fn test_constant(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        constant: &Constant,
        failure: Failure,
    ) -> Lambda {
        match constant {
            Constant::Int(_) => self.test_int(values, rows, column, (i64::MIN >> 1, i64::MAX >> 1), failure),
            Constant::Char(_) => self.test_int(values, rows, column, (0, 255), failure),
            Constant::String(..) => self.test_string(values, rows, column, failure),
            Constant::Float(_) | Constant::Int32(_) | Constant::Int64(_) | Constant::Nativeint(_) => {
                self.test_boxed(values, rows, column, failure)
            }
        }
    }
}

/// The values of the other columns.
pub(super) fn without_column(values: &[Ident], column: usize) -> Vec<Ident> {
    let mut values = values.to_vec();
    values.remove(column);
    values
}

/// Names what the row's patterns name, in all columns.
fn strip_aliases(row: &mut Row, values: &[Ident]) {
    for (pat, value) in row.pats.iter_mut().zip(values) {
        while let Pat::Alias(inner, id) = &**pat {
            let inner = inner.clone();
            row.bindings.push((*id, *value));
            *pat = inner;
        }
    }
}

/// The row with its column's names bound and its column's alternatives as rows.
fn expand_column(mut row: Row, column: usize, value: Ident) -> Vec<Row> {
    while let Pat::Alias(inner, id) = &*row.pats[column] {
        let inner = inner.clone();
        row.bindings.push((*id, value));
        row.pats[column] = inner;
    }
    let Pat::Or(left, right) = &*row.pats[column].clone() else { return vec![row] };
    let mut other = row.clone();
    row.pats[column] = left.clone();
    other.pats[column] = right.clone();
    let mut rows = expand_column(row, column, value);
    rows.extend(expand_column(other, column, value));
    rows
}

/// The parts of a pattern.
fn parts(pat: &Pat) -> Vec<Rc<Pat>> {
    match pat {
        Pat::Tuple(parts) | Pat::Construct(_, parts, _) | Pat::Record(_, parts) | Pat::Array(_, _, parts) => {
            parts.to_vec()
        }
        Pat::Variant(_, arg, _) => arg.iter().cloned().collect(),
        Pat::Lazy(part) => vec![part.clone()],
        Pat::Any | Pat::Constant(_) | Pat::Alias(..) | Pat::Or(..) => Vec::new(),
    }
}

/// Puts the parts of the column's pattern in its place; a wild one has `size` wild parts.
fn replace_column(mut row: Row, column: usize, size: usize) -> Row {
    let new = if row.pats[column].is_any() { vec![row.pats[column].clone(); size] } else { parts(&row.pats[column]) };
    row.pats.splice(column..=column, new);
    row
}

/// Puts wild parts in the column's place.
fn blank_column(mut row: Row, column: usize, size: usize) -> Row {
    row.pats.splice(column..=column, vec![Rc::new(Pat::Any); size]);
    row
}
