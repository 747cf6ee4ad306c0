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

enum Raw<T, D> {
    Keep,
    Change(usize, usize, Mismatch<T, D>),
    Insert(usize),
    Delete(usize),
}

/// The cheapest patch from `left` to `right`. `test(i, j)` compares two elements' types, names
/// aside: the reason when they differ.
pub fn diff<T: Clone, D>(
    left: &[T],
    right: &[T],
    key: impl Fn(&T) -> String,
    test: impl Fn(&T, &T) -> Option<D>,
) -> Vec<Change<T, D>> {
    let mismatch = |i: usize, j: usize| -> Option<Mismatch<T, D>> {
        let (got, expected) = (key(&left[i]), key(&right[j]));
        let reason = test(&left[i], &right[j]);
        if got != expected {
            return Some(Mismatch::Name { pos: i + 1, got, expected, types_match: reason.is_none() });
        }
        reason.map(|reason| Mismatch::Type { pos: i + 1, got: left[i].clone(), expected: right[j].clone(), reason })
    };
    let (rows, columns) = (left.len() + 1, right.len() + 1);
    let mut cost = vec![vec![0u32; columns]; rows];
    for (i, row) in cost.iter_mut().enumerate() {
        row[0] = i as u32 * WEIGHT_GAP;
    }
    for (j, cell) in cost[0].iter_mut().enumerate() {
        *cell = j as u32 * WEIGHT_GAP;
    }
    for i in 1..rows {
        for j in 1..columns {
            let change = mismatch(i - 1, j - 1).map_or(0, |m| weight(&m));
            let gap = cost[i - 1][j].min(cost[i][j - 1]) + WEIGHT_GAP;
            cost[i][j] = gap.min(cost[i - 1][j - 1] + change);
        }
    }
    let mut raw = Vec::new();
    let (mut i, mut j) = (left.len(), right.len());
    while i > 0 || j > 0 {
        let diagonal = (i > 0 && j > 0).then(|| mismatch(i - 1, j - 1));
        if let Some(change) = diagonal
            && cost[i][j] == cost[i - 1][j - 1] + change.as_ref().map_or(0, weight)
        {
            raw.push(change.map_or(Raw::Keep, |m| Raw::Change(i - 1, j - 1, m)));
            (i, j) = (i - 1, j - 1);
        } else if i > 0 && cost[i][j] == cost[i - 1][j] + WEIGHT_GAP {
            raw.push(Raw::Delete(i - 1));
            i -= 1;
        } else {
            raw.push(Raw::Insert(j - 1));
            j -= 1;
        }
    }
    raw.reverse();
    refine(left, right, key, test, raw)
}

/// Recognises two exchanged elements, and one that moved.
fn refine<T: Clone, D>(
    left: &[T],
    right: &[T],
    key: impl Fn(&T) -> String,
    test: impl Fn(&T, &T) -> Option<D>,
    raw: Vec<Raw<T, D>>,
) -> Vec<Change<T, D>> {
    let changes: Vec<(usize, usize)> =
        raw.iter().filter_map(|r| if let Raw::Change(i, j, _) = r { Some((*i, *j)) } else { None }).collect();
    let inserts: Vec<usize> = raw.iter().filter_map(|r| if let Raw::Insert(j) = r { Some(*j) } else { None }).collect();
    let deletes: Vec<usize> = raw.iter().filter_map(|r| if let Raw::Delete(i) = r { Some(*i) } else { None }).collect();
    let same = |i: usize, j: usize| key(&left[i]) == key(&right[j]) && test(&left[i], &right[j]).is_none();
    let swapped = |i: usize, j: usize| changes.iter().copied().find(|(k, l)| *k != i && same(i, *l) && same(*k, j));
    raw.into_iter()
        .filter_map(|step| match step {
            Raw::Keep => None,
            Raw::Insert(j) => Some(match deletes.iter().find(|i| same(**i, j)) {
                Some(i) => Change::Move { name: key(&right[j]), got: i + 1, expected: j + 1 },
                None => Change::Insert { pos: j + 1, insert: right[j].clone() },
            }),
            Raw::Delete(i) => {
                let moved = inserts.iter().any(|j| same(i, *j));
                (!moved).then(|| Change::Delete { pos: i + 1, delete: left[i].clone() })
            }
            Raw::Change(i, j, mismatch) => match swapped(i, j) {
                Some((k, _)) if i < k => {
                    Some(Change::Swap { pos: (i + 1, k + 1), first: key(&left[i]), last: key(&right[j]) })
                }
                Some(_) => None,
                None => Some(Change::Change(mismatch)),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(left: &str, right: &str) -> String {
        let split = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let patch = diff(&split(left), &split(right), Clone::clone, |a, b| (a != b).then_some(()));
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
