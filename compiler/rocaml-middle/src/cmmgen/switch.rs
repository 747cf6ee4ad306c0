//! Multi-way branches: jump tables where cases are dense, decision trees where they are few.

use super::build::{compare, int};
use crate::cmm::{Expr, Handler, IntCompare, LabelId, VarId};

/// A run of scrutinees with the same case.
struct Interval {
    low: i64,
    case: u32,
}

/// Above this many intervals a jump table is used.
const MAX_INTERVALS_IN_TREE: usize = 4;

/// `cases[index[scrutinee]]`. The scrutinee is a variable whose value is in `0..index.len()`.
///
/// `fresh_label` names the handlers of cases that a tree reaches in several places.
pub fn switch(scrutinee: VarId, index: &[u32], cases: Vec<Expr>, fresh_label: &mut dyn FnMut() -> LabelId) -> Expr {
    let mut intervals: Vec<Interval> = Vec::new();
    for (low, case) in index.iter().enumerate() {
        if intervals.last().is_none_or(|last| last.case != *case) {
            intervals.push(Interval { low: low as i64, case: *case });
        }
    }
    if intervals.len() <= 1 {
        let only = intervals.first().map_or(0, |i| i.case as usize);
        return cases.into_iter().nth(only).unwrap_or(Expr::Void);
    }
    if intervals.len() > MAX_INTERVALS_IN_TREE {
        return Expr::Switch(Box::new(Expr::Var(scrutinee)), index.to_vec(), cases);
    }
    let mut uses = vec![0; cases.len()];
    intervals.iter().for_each(|i| uses[i.case as usize] += 1);
    let mut handlers = Vec::new();
    let mut leaves: Vec<Option<Expr>> = Vec::new();
    for (case, uses) in cases.into_iter().zip(&uses) {
        if *uses > 1 {
            let label = fresh_label();
            handlers.push(Handler { label, params: vec![], body: case, cold: false });
            leaves.push(Some(Expr::Exit(label, vec![])));
        } else {
            leaves.push(Some(case));
        }
    }
    let mut take = |case: u32| {
        let slot = &mut leaves[case as usize];
        match slot {
            Some(Expr::Exit(label, args)) => Expr::Exit(*label, args.clone()),
            _ => slot.take().expect("a case reached once is taken once"),
        }
    };
    let mut result = tree(scrutinee, &intervals, &mut take);
    for handler in handlers {
        result = Expr::Catch { recursive: false, handlers: vec![handler], body: Box::new(result) };
    }
    result
}

fn tree(scrutinee: VarId, intervals: &[Interval], take: &mut dyn FnMut(u32) -> Expr) -> Expr {
    let [only] = intervals else {
        let middle = intervals.len() / 2;
        let bound = intervals[middle].low;
        let low = tree(scrutinee, &intervals[..middle], take);
        let high = tree(scrutinee, &intervals[middle..], take);
        let condition = if bound == 1 {
            compare(IntCompare::Eq, Expr::Var(scrutinee), int(0))
        } else {
            compare(IntCompare::Lt, Expr::Var(scrutinee), int(bound))
        };
        return Expr::If(Box::new(condition), Box::new(low), Box::new(high));
    };
    take(only.case)
}
