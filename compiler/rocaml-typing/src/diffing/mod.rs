//! Optimal patches between two sequences whose elements have names, for error messages:
//! upstream's `Diffing` and `Diffing_with_keys`.

pub mod variadic;

/// Why two elements at one place differ.
#[derive(Clone, Debug)]
pub enum Mismatch<T, D> {
    /// Positions are from 1.
    Name {
        pos: usize,
        got: String,
        expected: String,
        types_match: bool,
    },
    Type {
        pos: usize,
        got: T,
        expected: T,
        reason: D,
    },
}

/// A step of a patch.
#[derive(Clone, Debug)]
pub enum Change<T, D> {
    Change(Mismatch<T, D>),
    Swap { pos: (usize, usize), first: String, last: String },
    Move { name: String, got: usize, expected: usize },
    Insert { pos: usize, insert: T },
    Delete { pos: usize, delete: T },
}

impl<T, D> Change<T, D> {
    /// What stands before the step in a list of several.
    pub fn prefix(&self) -> String {
        match self {
            Change::Change(Mismatch::Name { pos, .. } | Mismatch::Type { pos, .. })
            | Change::Insert { pos, .. }
            | Change::Delete { pos, .. } => format!("{pos}. "),
            Change::Swap { pos: (left, right), .. } => format!("{left}<->{right}. "),
            Change::Move { got, expected, .. } => format!("{expected}->{got}. "),
        }
    }
}

/// Weight of an insertion or deletion. A pair of changes is cheaper than both, one is not.
const WEIGHT_GAP: u32 = 100;

fn weight<T, D>(mismatch: &Mismatch<T, D>) -> u32 {
    match mismatch {
        Mismatch::Name { types_match: true, .. } => 98,
        Mismatch::Name { types_match: false, .. } => 99,
        Mismatch::Type { .. } => 50,
    }
}

/// What is compared, and how; names aside.
pub trait Compare<T> {
    /// What is known after the elements kept so far.
    type State: Clone;
    type Reason;

    fn key(&self, element: &T) -> String;
    /// Why two elements differ.
    fn test(&self, state: &Self::State, left: &T, right: &T) -> Option<Self::Reason>;
    /// The state after two elements were found equal.
    fn keep(&self, state: &Self::State, _left: &T, _right: &T) -> Self::State {
        state.clone()
    }
}

enum Step<T, D> {
    Keep(usize, usize),
    Change(usize, usize, Mismatch<T, D>),
    Insert(usize),
    Delete(usize),
}

/// The cheapest way to a pair of prefixes.
struct Cell<T, D, S> {
    cost: u32,
    step: Option<Step<T, D>>,
    state: S,
}

fn compare<T: Clone, C: Compare<T>>(
    comparison: &C,
    state: &C::State,
    (i, left): (usize, &T),
    (j, right): (usize, &T),
) -> Step<T, C::Reason> {
    let (got, expected) = (comparison.key(left), comparison.key(right));
    let reason = comparison.test(state, left, right);
    if got != expected {
        let mismatch = Mismatch::Name { pos: i + 1, got, expected, types_match: reason.is_none() };
        return Step::Change(i, j, mismatch);
    }
    match reason {
        Some(reason) => {
            let (got, expected) = (left.clone(), right.clone());
            Step::Change(i, j, Mismatch::Type { pos: i + 1, got, expected, reason })
        }
        None => Step::Keep(i, j),
    }
}

/// The cheapest patch from `left` to `right`.
pub fn diff<T: Clone, C: Compare<T>>(
    comparison: &C,
    start: C::State,
    left: &[T],
    right: &[T],
) -> Vec<Change<T, C::Reason>> {
    let mut table: Vec<Vec<Cell<T, C::Reason, C::State>>> = Vec::new();
    for i in 0..=left.len() {
        table.push(Vec::new());
        for j in 0..=right.len() {
            // The first of equal cost wins: what is missing is rather at the end.
            let mut best: Option<(u32, Step<T, C::Reason>, &C::State)> = None;
            let mut propose = |cost: u32, step, state| {
                if best.as_ref().is_none_or(|(lowest, ..)| cost < *lowest) {
                    best = Some((cost, step, state));
                }
            };
            if i > 0 {
                let from = &table[i - 1][j];
                propose(from.cost + WEIGHT_GAP, Step::Delete(i - 1), &from.state);
            }
            if j > 0 {
                let from = &table[i][j - 1];
                propose(from.cost + WEIGHT_GAP, Step::Insert(j - 1), &from.state);
            }
            if i > 0 && j > 0 {
                let from = &table[i - 1][j - 1];
                let step = compare(comparison, &from.state, (i - 1, &left[i - 1]), (j - 1, &right[j - 1]));
                let cost = if let Step::Change(_, _, mismatch) = &step { weight(mismatch) } else { 0 };
                propose(from.cost + cost, step, &from.state);
            }
            let cell = match best {
                None => Cell { cost: 0, step: None, state: start.clone() },
                Some((cost, step, state)) => {
                    let state = match &step {
                        Step::Keep(i, j) => comparison.keep(state, &left[*i], &right[*j]),
                        _ => state.clone(),
                    };
                    Cell { cost, step: Some(step), state }
                }
            };
            table[i].push(cell);
        }
    }
    let mut steps = Vec::new();
    let (mut i, mut j) = (left.len(), right.len());
    while let Some(step) = table[i][j].step.take() {
        match &step {
            Step::Delete(_) => i -= 1,
            Step::Insert(_) => j -= 1,
            Step::Keep(..) | Step::Change(..) => (i, j) = (i - 1, j - 1),
        }
        let state = table[i][j].state.clone();
        steps.push((step, state));
    }
    steps.reverse();
    refine(comparison, left, right, steps)
}

/// Recognises two exchanged elements, and one that moved. Both are judged by what is known where
/// the second of the two steps stands.
fn refine<T: Clone, C: Compare<T>>(
    comparison: &C,
    left: &[T],
    right: &[T],
    steps: Vec<(Step<T, C::Reason>, C::State)>,
) -> Vec<Change<T, C::Reason>> {
    let same = |state: &C::State, i: usize, j: usize| {
        comparison.key(&left[i]) == comparison.key(&right[j]) && comparison.test(state, &left[i], &right[j]).is_none()
    };
    let swapped = |at: usize, i: usize, j: usize| {
        steps.iter().enumerate().find_map(|(other, (step, state))| match step {
            Step::Change(k, l, _) if *k != i => {
                let state = if other > at { state } else { &steps[at].1 };
                (same(state, i, *l) && same(state, *k, j)).then_some(*k)
            }
            _ => None,
        })
    };
    // The deletion that goes with an insertion, or the other way round.
    let moved = |at: usize| {
        steps.iter().enumerate().find_map(|(other, (step, state))| {
            let state = if other > at { state } else { &steps[at].1 };
            match (&steps[at].0, step) {
                (Step::Insert(j), Step::Delete(i)) | (Step::Delete(i), Step::Insert(j)) => {
                    same(state, *i, *j).then_some((*i, *j))
                }
                _ => None,
            }
        })
    };
    let kinds: Vec<Option<Change<T, C::Reason>>> = steps
        .iter()
        .enumerate()
        .map(|(at, (step, _))| match step {
            Step::Insert(_) => {
                moved(at).map(|(i, j)| Change::Move { name: comparison.key(&right[j]), got: i + 1, expected: j + 1 })
            }
            Step::Change(i, j, _) => swapped(at, *i, *j).map(|k| {
                let (first, last) = (comparison.key(&left[*i]), comparison.key(&right[*j]));
                Change::Swap { pos: (i + 1, k + 1), first, last }
            }),
            Step::Delete(_) | Step::Keep(..) => None,
        })
        .collect();
    let forgotten: Vec<bool> =
        (0..steps.len()).map(|at| matches!(steps[at].0, Step::Delete(_)) && moved(at).is_some()).collect();
    let mut patch = Vec::new();
    for (((step, _), kind), forgotten) in steps.into_iter().zip(kinds).zip(forgotten) {
        match (step, kind) {
            // An exchange is told once, where its names come in order.
            (_, Some(Change::Swap { first, last, .. })) if first > last => {}
            (_, Some(change)) => patch.push(change),
            (Step::Keep(..), None) => {}
            (Step::Delete(_), None) if forgotten => {}
            (Step::Insert(j), None) => patch.push(Change::Insert { pos: j + 1, insert: right[j].clone() }),
            (Step::Delete(i), None) => patch.push(Change::Delete { pos: i + 1, delete: left[i].clone() }),
            (Step::Change(_, _, mismatch), None) => patch.push(Change::Change(mismatch)),
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Words;
    impl Compare<String> for Words {
        type State = ();
        type Reason = ();
        fn key(&self, word: &String) -> String {
            word.clone()
        }
        fn test(&self, _state: &(), left: &String, right: &String) -> Option<()> {
            (left != right).then_some(())
        }
    }

    fn steps(left: &str, right: &str) -> String {
        let split = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let patch = diff(&Words, (), &split(left), &split(right));
        patch.iter().map(|c| c.prefix()).collect::<Vec<_>>().concat()
    }

    #[test]
    fn patches_are_small() {
        assert_eq!(steps("a b c", "a b c"), "");
        assert_eq!(steps("a b c", "a c"), "2. ");
        assert_eq!(steps("a b c", "c b a"), "1<->3. ");
        assert_eq!(steps("a b c d", "b c d a"), "4->1. ");
    }
}
