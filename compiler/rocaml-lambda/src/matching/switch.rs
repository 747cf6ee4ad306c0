//! Good code for a choice among intervals of integers: upstream's `Switch`.
//!
//! Intervals are first gathered into clusters that are dense enough for a jump table, as few as
//! possible (Bernstein, "Producing good code for the case statement", with Kannan and Proebsting's
//! correction). A sequence of tests then chooses among the clusters: small ones are searched for
//! the sequence with the least worst case, which may test whether a value is within a range; large
//! ones are cut in halves (Spuler, "Two-way comparison search trees"). Density is measured by the
//! tests that a table would save.

use super::store::{Handlers, Store};
use crate::lambda::*;
use crate::translator::let_;
use rocaml_types::Ident;
use std::cell::RefCell;
use std::collections::HashMap;

/// Integers from a low to a high one, with the number of their action.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub low: i64,
    pub high: i64,
    pub action: usize,
}

type Cases = Vec<Interval>;

const SMALL: usize = 8;
const MEDIUM: usize = 16;
/// Range tests subtract: values must be small enough not to wrap around.
const RANGE_TEST_LIMIT: i64 = 1 << 16;
/// Least density of a jump table.
const DENSITY: f64 = 0.33333;
/// Least number of tests that a jump table replaces.
const TABLE_MIN: i64 = 3;

/// Number of tests, and how many of them are range tests, which cost a little more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Tests {
    all: i64,
    range: i64,
}

impl Tests {
    const TOO_MANY: Tests = Tests { all: i64::MAX, range: i64::MAX };

    fn plus(self, other: Tests) -> Tests {
        Tests { all: self.all + other.all, range: self.range + other.range }
    }
}

/// The tests on the longest path and all tests.
type Cost = (Tests, Tests);

const NO_COST: Cost = (Tests { all: 0, range: 0 }, Tests { all: 0, range: 0 });

/// The first test.
#[derive(Clone, Copy, Debug)]
enum Tactic {
    /// Whether the value is in the intervals from one to another.
    Range(usize, usize),
    /// Whether it is below the low end of an interval.
    Below(usize),
    None,
}

/// What the cost of cases depends on: from the last to the first, whether they are one value or
/// more, and which have the same action.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Shape {
    Value(usize),
    Range(usize),
    Gap,
}

thread_local! {
    static KNOWN: RefCell<HashMap<(bool, Vec<Shape>), (Tactic, Cost)>> = RefCell::default();
}

fn shape(cases: &[Interval]) -> Vec<Shape> {
    let mut seen: Vec<usize> = Vec::new();
    let mut shape = Vec::new();
    let mut above = None;
    for case in cases.iter().rev() {
        if above.is_some_and(|above: i64| above != case.high.wrapping_add(1)) {
            shape.push(Shape::Gap);
        }
        let index = seen.iter().position(|action| *action == case.action).unwrap_or_else(|| {
            seen.push(case.action);
            seen.len() - 1
        });
        shape.push(if case.low == case.high { Shape::Value(index) } else { Shape::Range(index) });
        above = Some(case.low);
    }
    shape
}

/// The intervals before a range of intervals that is taken out and those after it.
fn append(before: &[Interval], after: &[Interval]) -> Cases {
    let (Some(last), Some(first)) = (before.last(), after.first()) else { return [before, after].concat() };
    let (mut left, mut right) = (before.to_vec(), after.to_vec());
    if last.action == first.action {
        let low = match before.len() {
            1 => last.low,
            n => (before[n - 2].high + 1).min(last.low),
        };
        let high = match after.get(1) {
            None => first.high,
            Some(next) => first.high.max(next.low - 1),
        };
        left.pop();
        right[0] = Interval { low, high, action: last.action };
    } else if last.high > last.low {
        let end = left.len() - 1;
        left[end].high = first.low - 1;
    } else if first.high > first.low {
        right[0].low = last.high + 1;
    }
    left.extend(right);
    left
}

/// The intervals from one to another, and the rest.
fn take_range(cases: &[Interval], from: usize, to: usize) -> (Cases, Cases) {
    (cases[from..=to].to_vec(), append(&cases[..from], &cases[to + 1..]))
}

/// The best first test, and the cost of all.
fn best(cases: &[Interval], ranges: bool) -> (Tactic, Cost) {
    if cases.windows(2).all(|pair| pair[0].action == pair[1].action) {
        return (Tactic::None, NO_COST);
    }
    let key = (ranges, shape(cases));
    if let Some(known) = KNOWN.with_borrow(|known| known.get(&key).copied()) {
        return known;
    }
    let result = match cases.len() {
        n if n < SMALL => search(cases, ranges),
        n if n < MEDIUM => heuristic(cases, ranges),
        _ => halves(cases, ranges),
    };
    KNOWN.with_borrow_mut(|known| known.insert(key, result));
    result
}

fn join(test: Tests, one: Cost, other: Cost) -> Cost {
    (test.plus(one.0.max(other.0)), test.plus(one.1).plus(other.1))
}

fn below(cases: &[Interval], at: usize, ranges: bool) -> Cost {
    let (left, right) = cases.split_at(at);
    join(Tests { all: 1, range: 0 }, best(left, ranges).1, best(right, ranges).1)
}

fn in_range(cases: &[Interval], from: usize, to: usize, ranges: bool) -> Cost {
    let (inside, outside) = take_range(cases, from, to);
    let range = i64::from(cases[from].low != cases[to].high);
    join(Tests { all: 1, range }, best(&inside, ranges).1, best(&outside, ranges).1)
}

fn halves(cases: &[Interval], ranges: bool) -> (Tactic, Cost) {
    let middle = cases.len() / 2;
    (Tactic::Below(middle), below(cases, middle, ranges))
}

fn heuristic(cases: &[Interval], ranges: bool) -> (Tactic, Cost) {
    let (by_halves, cost) = halves(cases, ranges);
    let last = cases.len() - 1;
    if ranges && cases[0].action == cases[last].action {
        let by_range = in_range(cases, 1, last - 1, ranges);
        if by_range <= cost {
            return (Tactic::Range(1, last - 1), by_range);
        }
    }
    (by_halves, cost)
}

fn search(cases: &[Interval], ranges: bool) -> (Tactic, Cost) {
    let too_much = (Tests::TOO_MANY, Tests::TOO_MANY);
    let mut result = (Tactic::None, too_much);
    let inner = cases.len() - 1;
    for from in 1..inner {
        for to in from..inner {
            let one = cases[from].low == cases[to].high;
            if !ranges && !(one && from == to) {
                continue;
            }
            let cost = in_range(cases, from, to, ranges);
            if cost < result.1 {
                result = (Tactic::Range(from, to), cost);
            }
        }
    }
    let mut by_bound = (Tactic::None, too_much);
    for at in 1..cases.len() {
        let cost = below(cases, at, ranges);
        if cost < by_bound.1 {
            by_bound = (Tactic::Below(at), cost);
        }
    }
    if by_bound.1 < result.1 { by_bound } else { result }
}

/// What a case of the test sequence does.
#[derive(Clone, Copy)]
enum Act {
    Action(usize),
    /// A jump table for a cluster of the intervals.
    Table(usize, usize),
}

/// The value that is tested, known by a variable that holds it plus an offset.
#[derive(Clone)]
struct Tested {
    arg: Lambda,
    offset: i64,
}

pub(super) struct Switcher {
    loc: ScopedLocation,
    native: bool,
    ranges: bool,
    intervals: Cases,
    actions: Vec<Lambda>,
    acts: Vec<Act>,
}

/// Chooses among intervals, with jump tables. `edges` are the least and the greatest value.
pub(super) fn choose(
    loc: &ScopedLocation,
    native: bool,
    edges: (i64, i64),
    arg: Lambda,
    intervals: Cases,
    store: Store,
) -> Lambda {
    let ranges = edges.0.abs() <= RANGE_TEST_LIMIT && edges.1.abs() <= RANGE_TEST_LIMIT;
    Switcher::run(loc, native, ranges, true, arg, intervals, store)
}

/// Chooses among intervals by a sequence of tests.
pub(super) fn test_sequence(native: bool, arg: Lambda, intervals: Cases, store: Store) -> Lambda {
    Switcher::run(&ScopedLocation::none(), native, false, false, arg, intervals, store)
}

impl Switcher {
    fn run(
        loc: &ScopedLocation,
        native: bool,
        ranges: bool,
        tables: bool,
        arg: Lambda,
        intervals: Cases,
        mut store: Store,
    ) -> Lambda {
        // An action is placed once.
        let mut seen = Vec::new();
        for interval in &intervals {
            match seen.contains(&interval.action) {
                true => store.share(interval.action),
                false => seen.push(interval.action),
            }
        }
        let (actions, handlers) = store.into_actions();
        let mut switcher = Switcher { loc: loc.clone(), native, ranges, intervals, actions, acts: Vec::new() };
        let cases = match tables {
            true => switcher.clusters(),
            false => {
                switcher.acts = (0..switcher.actions.len()).map(Act::Action).collect();
                switcher.intervals.clone()
            }
        };
        let code = switcher.test(&Tested { arg, offset: 0 }, &cases);
        handlers.around(code)
    }

    // -----------------------------------------------------------------------------------------
    // Clusters

    fn is_dense(&self, from: usize, to: usize) -> bool {
        if from == to {
            return true;
        }
        let cases = &self.intervals[from..=to];
        let tests = if cases.len() < SMALL { best(cases, self.ranges).1.1.all } else { cases.len() as i64 - 1 };
        let width = self.intervals[to].high as f64 - self.intervals[from].low as f64 + 1.0;
        is_particular(cases) || (tests >= TABLE_MIN && tests as f64 + 1.0 >= DENSITY * width)
    }

    /// The cases of the test sequence: as few clusters as possible.
    fn clusters(&mut self) -> Cases {
        let count = self.intervals.len();
        let mut least = vec![usize::MAX; count];
        let mut start = vec![0; count];
        for to in 0..count {
            for from in 0..=to {
                let before = if from == 0 { 0 } else { least[from - 1] };
                if before + 1 < least[to] && self.is_dense(from, to) {
                    start[to] = from;
                    least[to] = before + 1;
                }
            }
        }
        let mut cases = Vec::new();
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let mut end = count;
        while end > 0 {
            let (from, to) = (start[end - 1], end - 1);
            let action = if from == to {
                let action = self.intervals[to].action;
                let acts = &mut self.acts;
                *numbers.entry(action).or_insert_with(|| {
                    acts.push(Act::Action(action));
                    acts.len() - 1
                })
            } else {
                self.acts.push(Act::Table(from, to));
                self.acts.len() - 1
            };
            cases.push(Interval { low: self.intervals[from].low, high: self.intervals[to].high, action });
            end = from;
        }
        cases.reverse();
        cases
    }

    fn action(&mut self, number: usize) -> Lambda {
        match &self.actions[number] {
            Lambda::StaticRaise(label, args) => Lambda::StaticRaise(*label, args.clone()),
            _ => self.actions[number].take(),
        }
    }

    fn act(&mut self, tested: &Tested, act: Act) -> Lambda {
        match act {
            Act::Action(number) => self.action(number),
            Act::Table(from, to) => {
                let low = self.intervals[from].low;
                self.shifted(tested, low + tested.offset, |this, shifted| this.table(shifted, from, to))
            }
        }
    }

    /// Goes on with the value minus an amount.
    fn shifted(&mut self, tested: &Tested, by: i64, f: impl FnOnce(&mut Self, &Tested) -> Lambda) -> Lambda {
        if by == 0 {
            return f(self, tested);
        }
        let id = Ident::create_local("switcher".into());
        let difference = Lambda::Prim(Primitive::OffsetInt(-by), vec![tested.arg.clone()], ScopedLocation::none());
        let body = f(self, &Tested { arg: Lambda::Var(id), offset: tested.offset - by });
        let_(LetKind::Alias, ValueKind::Generic, id, difference, body)
    }

    fn table(&mut self, tested: &Tested, from: usize, to: usize) -> Lambda {
        let (low, high) = (self.intervals[from].low, self.intervals[to].high);
        let mut numbers: Vec<usize> = Vec::new();
        let mut cases: Vec<usize> = vec![0; (high - low + 1) as usize];
        for interval in &self.intervals[from..=to] {
            let number = numbers.iter().position(|known| *known == interval.action).unwrap_or_else(|| {
                numbers.push(interval.action);
                numbers.len() - 1
            });
            // What is in a gap does not occur, and does what the first interval does.
            cases[(interval.low - low) as usize..=(interval.high - low) as usize].fill(number);
        }
        let mut handlers = Handlers::default();
        let mut actions = Vec::new();
        for (number, action) in numbers.iter().enumerate() {
            let action = self.action(*action);
            let uses = cases.iter().filter(|case| **case == number).count();
            actions.push(if uses > 1 { handlers.add(action) } else { action });
        }
        let consts = cases.iter().enumerate().map(|(n, case)| {
            let action = match &actions[*case] {
                Lambda::StaticRaise(label, args) => Lambda::StaticRaise(*label, args.clone()),
                _ => actions[*case].take(),
            };
            (n as i64, action)
        });
        let consts = consts.collect();
        let switch = Switch { num_consts: cases.len(), consts, num_blocks: 0, blocks: vec![], failaction: None };
        handlers.around(Lambda::Switch(Box::new(tested.arg.clone()), Box::new(switch), self.loc.clone()))
    }

    // -----------------------------------------------------------------------------------------
    // Tests

    fn test(&mut self, tested: &Tested, cases: &[Interval]) -> Lambda {
        crate::map::deep(|| self.first_test(tested, cases))
    }

    fn first_test(&mut self, tested: &Tested, cases: &[Interval]) -> Lambda {
        if cases.len() == 1 {
            return self.act(tested, self.acts[cases[0].action]);
        }
        match best(cases, self.ranges).0 {
            Tactic::None => self.act(tested, self.acts[cases[0].action]),
            Tactic::Range(from, to) => self.range_test(tested, cases, from, to),
            Tactic::Below(at) => self.bound_test(tested, cases, at),
        }
    }

    /// The branch with more tests left is the positive one.
    fn range_test(&mut self, tested: &Tested, cases: &[Interval], from: usize, to: usize) -> Lambda {
        let (low, high) = (cases[from].low, cases[to].high);
        let (inside, outside) = take_range(cases, from, to);
        let inside_first = best(&outside, self.ranges).1.0 < best(&inside, self.ranges).1.0;
        if low == high {
            let within = self.test(tested, &inside);
            let without = self.test(tested, &outside);
            return match inside_first {
                true => compare(Comparison::Eq, tested, low + tested.offset, within, without),
                false => compare(Comparison::Ne, tested, low + tested.offset, without, within),
            };
        }
        self.shifted(tested, low + tested.offset, |this, shifted| {
            let args = vec![Lambda::int(high - low), shifted.arg.clone()];
            let is_out = Lambda::Prim(Primitive::IsOut, args, ScopedLocation::none());
            let within = this.test(shifted, &inside);
            let without = this.test(shifted, &outside);
            if inside_first {
                let is_in = Lambda::Prim(Primitive::Not, vec![is_out], ScopedLocation::none());
                if_(is_in, within, without)
            } else {
                if_(is_out, without, within)
            }
        })
    }

    fn bound_test(&mut self, tested: &Tested, cases: &[Interval], at: usize) -> Lambda {
        let (left, right) = cases.split_at(at);
        let bound = right[0].low + tested.offset;
        let right_first = best(right, self.ranges).1.0 >= best(left, self.ranges).1.0;
        let below = self.test(tested, left);
        let above = self.test(tested, right);
        if at == 1 && bound == 1 && cases[0].low + tested.offset == 0 {
            if cases.len() == 2 && cases[1].high + tested.offset == 1 || !self.native {
                return if_(tested.arg.clone(), above, below);
            }
            return compare(Comparison::Ne, tested, 0, above, below);
        }
        match (right_first, bound) {
            (false, 1) => compare(Comparison::Le, tested, 0, below, above),
            (false, _) => compare(Comparison::Lt, tested, bound, below, above),
            (true, 1) => compare(Comparison::Gt, tested, 0, above, below),
            (true, _) => compare(Comparison::Ge, tested, bound, above, below),
        }
    }
}

/// Three values in a row, the first and the last of which differ in what they do.
fn is_particular(cases: &[Interval]) -> bool {
    let [first, second, third] = cases else { return false };
    first.low + 1 == second.low
        && second.low + 1 == third.low
        && third.low == third.high
        && first.action != third.action
}

fn if_(condition: Lambda, then: Lambda, otherwise: Lambda) -> Lambda {
    Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
}

fn compare(comparison: Comparison, tested: &Tested, n: i64, then: Lambda, otherwise: Lambda) -> Lambda {
    let args = vec![tested.arg.clone(), Lambda::int(n)];
    if_(Lambda::Prim(Primitive::IntComp(comparison), args, ScopedLocation::none()), then, otherwise)
}
