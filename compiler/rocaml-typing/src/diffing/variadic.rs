//! Optimal patches between two sequences one of which may grow while it is compared: the
//! parameters of a functor whose result is a functor after a substitution. The variadic part of
//! upstream's `Diffing`.

use std::rc::Rc;

/// A step of a patch.
#[derive(Clone)]
pub enum Edit<L, R, D> {
    Delete(L),
    Insert(R),
    Keep(L, R),
    Change(L, R, D),
}

/// What is compared, and how.
pub trait Problem {
    type Left: Clone;
    type Right: Clone;
    /// Why two elements differ.
    type Reason;
    /// What is known after the steps so far.
    type State: Clone;

    fn weight(&self, edit: &EditOf<Self>) -> u32;
    fn test(&self, state: &Self::State, left: &Self::Left, right: &Self::Right) -> Result<(), Self::Reason>;
    /// The state after a step, and what it adds to either sequence.
    fn update(&self, edit: &EditOf<Self>, state: &Self::State) -> (Self::State, Vec<Self::Left>, Vec<Self::Right>);
}

/// A step between the elements of a problem.
pub type EditOf<P> = Edit<<P as Problem>::Left, <P as Problem>::Right, <P as Problem>::Reason>;
/// A patch: steps in order.
pub type Patch<P> = Vec<Rc<EditOf<P>>>;

/// The best way to a pair of prefixes, and the sequences as they are then.
struct Cell<P: Problem + ?Sized> {
    weight: u32,
    edit: Option<Rc<EditOf<P>>>,
    state: P::State,
    left: Rc<[P::Left]>,
    right: Rc<[P::Right]>,
}

/// The table of the cheapest patches between prefixes, by length.
struct Table<'a, P: Problem> {
    problem: &'a P,
    rows: usize,
    columns: usize,
    cells: Vec<Vec<Option<Cell<P>>>>,
}

impl<P: Problem> Table<'_, P> {
    fn cell(&self, i: usize, j: usize) -> Option<&Cell<P>> {
        self.cells.get(i)?.get(j)?.as_ref()
    }

    /// Makes room for the longest sequences met so far; false if there was enough.
    fn grow(&mut self) -> bool {
        let known = || self.cells.iter().flatten().flatten();
        let rows = known().map(|cell| cell.left.len()).max().unwrap_or(0);
        let columns = known().map(|cell| cell.right.len()).max().unwrap_or(0);
        if rows <= self.rows && columns <= self.columns {
            return false;
        }
        (self.rows, self.columns) = (rows.max(self.rows), columns.max(self.columns));
        let width = self.columns + 1;
        self.cells.iter_mut().for_each(|row| row.resize_with(width, || None));
        self.cells.resize_with(self.rows + 1, || std::iter::repeat_with(|| None).take(width).collect());
        true
    }

    fn compute(&mut self, i: usize, j: usize) {
        if self.cells[i][j].is_some() {
            return;
        }
        // The first of equal weight wins: missing arguments are rather at the end.
        let proposals = [self.delete(i, j), self.insert(i, j), self.diagonal(i, j)];
        let best = proposals.into_iter().flatten().min_by_key(|(weight, ..)| *weight);
        let Some((weight, edit, (from_i, from_j))) = best else { return };
        let Some(from) = self.cell(from_i, from_j) else { return };
        let (state, more_left, more_right) = self.problem.update(&edit, &from.state);
        let left = extended(&from.left, more_left);
        let right = extended(&from.right, more_right);
        self.cells[i][j] = Some(Cell { weight, edit: Some(Rc::new(edit)), state, left, right });
    }

    fn delete(&self, i: usize, j: usize) -> Option<(u32, EditOf<P>, (usize, usize))> {
        let from = self.cell(i.checked_sub(1)?, j)?;
        let edit = Edit::Delete(from.left.get(i - 1)?.clone());
        Some((from.weight + self.problem.weight(&edit), edit, (i - 1, j)))
    }

    fn insert(&self, i: usize, j: usize) -> Option<(u32, EditOf<P>, (usize, usize))> {
        let from = self.cell(i, j.checked_sub(1)?)?;
        let edit = Edit::Insert(from.right.get(j - 1)?.clone());
        Some((from.weight + self.problem.weight(&edit), edit, (i, j - 1)))
    }

    fn diagonal(&self, i: usize, j: usize) -> Option<(u32, EditOf<P>, (usize, usize))> {
        let from = self.cell(i.checked_sub(1)?, j.checked_sub(1)?)?;
        let (left, right) = (from.left.get(i - 1)?.clone(), from.right.get(j - 1)?.clone());
        let edit = match self.problem.test(&from.state, &left, &right) {
            Ok(()) => Edit::Keep(left, right),
            Err(reason) => Edit::Change(left, right, reason),
        };
        Some((from.weight + self.problem.weight(&edit), edit, (i - 1, j - 1)))
    }

    /// The cheapest cell at the end of both its sequences.
    fn last(&self) -> (usize, usize) {
        let mut best = (0, 0);
        let mut lowest = u32::MAX;
        for (i, row) in self.cells.iter().enumerate() {
            for (j, cell) in row.iter().enumerate() {
                if let Some(cell) = cell
                    && (cell.left.len(), cell.right.len()) == (i, j)
                    && cell.weight < lowest
                {
                    (best, lowest) = ((i, j), cell.weight);
                }
            }
        }
        best
    }
}

fn extended<T: Clone>(sequence: &Rc<[T]>, more: Vec<T>) -> Rc<[T]> {
    if more.is_empty() { sequence.clone() } else { sequence.iter().cloned().chain(more).collect() }
}

/// The cheapest patch from `left` to `right`.
pub fn patch<P: Problem>(problem: &P, state: P::State, left: &[P::Left], right: &[P::Right]) -> Patch<P> {
    let start = Cell { weight: 0, edit: None, state, left: left.into(), right: right.into() };
    let mut table = Table { problem, rows: 0, columns: 0, cells: vec![vec![Some(start)]] };
    while table.grow() {
        for i in 0..=table.rows {
            for j in 0..=table.columns {
                table.compute(i, j);
            }
        }
    }
    let (mut i, mut j) = table.last();
    let mut steps = Vec::new();
    while let Some(edit) = table.cell(i, j).and_then(|cell| cell.edit.clone()) {
        match &*edit {
            Edit::Delete(_) => i -= 1,
            Edit::Insert(_) => j -= 1,
            Edit::Keep(..) | Edit::Change(..) => (i, j) = (i - 1, j - 1),
        }
        steps.push(edit);
    }
    steps.reverse();
    steps
}
