//! The tests on one column: constructors, integers, strings, other constants, lengths of arrays.

use super::compile::{Failure, Match, Row, without_column};
use super::field;
use super::pattern::{Pat, RowShape};
use crate::lambda::*;
use crate::rename::fresh_label;
use crate::translator::let_;
use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_types::primitive::BoxedInteger;
use rocaml_types::{ConstructorTag, Ident};
use std::sync::Arc;

/// Values that lead to the same rows, with the code for them.
struct Target {
    rows: Vec<usize>,
    label: StaticLabel,
    code: Lambda,
}

/// A range of integers and the handler it leads to.
#[derive(Clone, Copy)]
struct Interval {
    low: i64,
    high: i64,
    target: StaticLabel,
}

impl Match {
    // -----------------------------------------------------------------------------------------
    // Constructors

    pub(super) fn test_constructor(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        (consts, nonconsts): (u32, u32),
        failure: Failure,
    ) -> Lambda {
        let value = values[column];
        let (mut constant_cases, mut block_cases, mut targets) = (Vec::new(), Vec::new(), Vec::<Target>::new());
        for tag in heads(&rows, column, |p| match p {
            Pat::Construct(constr, ..) => Some(constr.tag.clone()),
            _ => None,
        }) {
            let fits = |p: &Pat| matches!(p, Pat::Construct(constr, ..) if constr.tag == tag);
            match tag {
                ConstructorTag::Constant(n) => {
                    let code = self.shared_target(values, &rows, column, &fits, &mut targets, failure);
                    constant_cases.push((i64::from(n), code));
                }
                ConstructorTag::Block(n) => {
                    block_cases.push((n as u8, self.constructor_case(values, &rows, column, &fits, failure)))
                }
                _ => unreachable!("a regular constructor is constant or a block"),
            }
        }
        let complete = constant_cases.len() == consts as usize && block_cases.len() == nonconsts as usize;
        let default = if complete { None } else { self.compile_default(values, &rows, column, failure) };
        let switch = Switch {
            num_consts: consts as usize,
            consts: constant_cases,
            num_blocks: nonconsts as usize,
            blocks: block_cases,
            failaction: default,
        };
        let tested = self.switch_on(value, switch);
        catch_targets(tested, targets)
    }

    /// The rows of a block constructor, its arguments as columns.
    fn constructor_case(
        &mut self,
        values: &[Ident],
        rows: &[Row],
        column: usize,
        fits: &dyn Fn(&Pat) -> bool,
        failure: Failure,
    ) -> Lambda {
        let Some(Pat::Construct(constr, args, _)) = rows.iter().map(|row| &*row.pats[column]).find(|p| fits(p)) else {
            unreachable!("the constructor is that of a row")
        };
        let value = values[column];
        let kept: Vec<Row> =
            rows.iter().filter(|row| row.pats[column].is_any() || fits(&row.pats[column])).cloned().collect();
        if constr.inlined.is_some() {
            // The inline record is the block itself.
            let rows = self.specialize(&kept, column, 1, &|_| true);
            return self.compile(values, rows, failure);
        }
        let fields = (0..args.len()).map(|i| (LetKind::Alias, field(i, Lambda::Var(value), &self.loc))).collect();
        self.take_apart(values, kept, column, fields, failure)
    }

    /// The shortest test that chooses among cases.
    fn switch_on(&self, value: Ident, mut switch: Switch) -> Lambda {
        let cases = switch.consts.len() + switch.blocks.len();
        let var = || Lambda::Var(value);
        if cases == 1 && switch.failaction.is_none() {
            // The only one that the value can be.
            return switch
                .consts
                .pop()
                .map(|(_, code)| code)
                .or(switch.blocks.pop().map(|(_, code)| code))
                .unwrap_or_else(Lambda::unit);
        }
        let choose = |condition: Lambda, then: Lambda, otherwise: Lambda| {
            Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
        };
        let is_int = || Lambda::Prim(Primitive::IsInt, vec![var()], self.loc.clone());
        match (switch.num_consts, switch.num_blocks) {
            (2, 0) | (1, 1) => {
                // `false`, `[]` and `None` are 0, which is what a condition tests.
                let zero = take_case(&mut switch.consts, 0).or_else(|| switch.failaction.take());
                let other = take_case(&mut switch.consts, 1)
                    .or_else(|| switch.blocks.pop().map(|(_, code)| code))
                    .or_else(|| switch.failaction.take());
                match (other, zero) {
                    (Some(other), Some(zero)) => choose(var(), other, zero),
                    (Some(only), None) | (None, Some(only)) => only,
                    (None, None) => Lambda::unit(),
                }
            }
            _ => {
                if let ([(n, _)], [], Some(_)) =
                    (switch.consts.as_slice(), switch.blocks.as_slice(), &switch.failaction)
                {
                    let condition = self.compare_int(Comparison::Eq, value, *n);
                    let (_, code) = switch.consts.remove(0);
                    return choose(condition, code, switch.failaction.take().unwrap_or_else(Lambda::unit));
                }
                if let (1, [], [_], Some(_)) =
                    (switch.num_blocks, switch.consts.as_slice(), switch.blocks.as_slice(), &switch.failaction)
                {
                    let (_, code) = switch.blocks.remove(0);
                    return choose(is_int(), switch.failaction.take().unwrap_or_else(Lambda::unit), code);
                }
                switch.consts.sort_by_key(|(n, _)| *n);
                switch.blocks.sort_by_key(|(n, _)| *n);
                Lambda::Switch(Box::new(var()), Box::new(switch), self.loc.clone())
            }
        }
    }

    // -----------------------------------------------------------------------------------------
    // Polymorphic variants

    pub(super) fn test_polymorphic(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        shape: RowShape,
        failure: Failure,
    ) -> Lambda {
        let value = values[column];
        let default_rows = self.default_rows(&rows, column);
        // Both halves may need the default: it is placed once.
        let mut shared_default = None;
        let default: Failure = if default_rows.is_empty() {
            failure
        } else {
            let label = fresh_label();
            shared_default = Some((label, self.compile(&without_column(values, column), default_rows, failure)));
            Some(label)
        };
        let mut halves = [Vec::new(), Vec::new()];
        for (hash, with_arg) in heads(&rows, column, |p| match p {
            Pat::Variant(hash, arg, _) => Some((*hash, arg.is_some())),
            _ => None,
        }) {
            let fits =
                |p: &Pat| matches!(p, Pat::Variant(other, arg, _) if *other == hash && arg.is_some() == with_arg);
            let code = if with_arg {
                let kept: Vec<Row> =
                    rows.iter().filter(|row| row.pats[column].is_any() || fits(&row.pats[column])).cloned().collect();
                self.take_apart(
                    values,
                    kept,
                    column,
                    vec![(LetKind::Alias, field(1, Lambda::Var(value), &self.loc))],
                    failure,
                )
            } else {
                let rows = self.specialize(&rows, column, 0, &fits);
                self.compile(&without_column(values, column), rows, failure)
            };
            halves[usize::from(with_arg)].push((hash, code));
        }
        let [constants, blocks] = halves;
        let open = default.is_some();
        let constants_possible = !constants.is_empty() || open && shape.constants;
        let blocks_possible = !blocks.is_empty() || open && shape.blocks;
        let hashes = (i64::MIN >> 1, i64::MAX >> 1);
        let tested = match (constants_possible, blocks_possible) {
            (true, false) => self.int_cases(value, constants, default, hashes),
            (false, _) => self.block_tags(value, blocks, default, hashes),
            (true, true) => {
                let is_int = Lambda::Prim(Primitive::IsInt, vec![Lambda::Var(value)], self.loc.clone());
                let constants = self.int_cases(value, constants, default, hashes);
                let blocks = self.block_tags(value, blocks, default, hashes);
                Lambda::IfThenElse(Box::new(is_int), Box::new(constants), Box::new(blocks))
            }
        };
        match shared_default {
            Some((label, code)) => Lambda::StaticCatch(Box::new(tested), (label, vec![]), Box::new(code)),
            None => tested,
        }
    }

    fn block_tags(&mut self, value: Ident, cases: Vec<(i64, Lambda)>, default: Failure, range: (i64, i64)) -> Lambda {
        let tag = Ident::create_local("*variant*".into());
        let info = FieldInfo { mutability: Mutability::Immutable, pointerness: Pointerness::Immediate };
        let read = Lambda::Prim(Primitive::Field(0, info), vec![Lambda::Var(value)], self.loc.clone());
        let body = self.int_cases(tag, cases, default, range);
        let_(LetKind::Alias, ValueKind::Int, tag, read, body)
    }

    /// Integers, each with its code.
    fn int_cases(&mut self, value: Ident, cases: Vec<(i64, Lambda)>, default: Failure, range: (i64, i64)) -> Lambda {
        if cases.is_empty() {
            return self.fail(default);
        }
        let targets: Vec<Target> =
            cases.iter().map(|_| Target { rows: vec![], label: fresh_label(), code: Lambda::unit() }).collect();
        let keys: Vec<(i64, StaticLabel)> = cases.iter().zip(&targets).map(|((n, _), t)| (*n, t.label)).collect();
        let tested = self.int_tests(value, keys, default, range);
        let targets = targets.into_iter().zip(cases).map(|(t, (_, code))| Target { code, ..t }).collect();
        catch_targets(tested, targets)
    }

    // -----------------------------------------------------------------------------------------
    // Integers and characters

    pub(super) fn test_int(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        range: (i64, i64),
        failure: Failure,
    ) -> Lambda {
        let value = values[column];
        let mut targets = Vec::new();
        let mut keys = Vec::new();
        for n in heads(&rows, column, int_constant) {
            let fits = |p: &Pat| int_constant(p) == Some(n);
            let Lambda::StaticRaise(label, _) = self.shared_target(values, &rows, column, &fits, &mut targets, failure)
            else {
                unreachable!("a target is reached by its label")
            };
            keys.push((n, label));
        }
        let default_rows = self.default_rows(&rows, column);
        let mut shared_default = None;
        let default = if default_rows.is_empty() {
            failure
        } else {
            let label = fresh_label();
            shared_default = Some((label, self.compile(&without_column(values, column), default_rows, failure)));
            Some(label)
        };
        let tested = self.int_tests(value, keys, default, range);
        let tested = catch_targets(tested, targets);
        match shared_default {
            Some((label, code)) => Lambda::StaticCatch(Box::new(tested), (label, vec![]), Box::new(code)),
            None => tested,
        }
    }

    /// Tests for integers within a range; others go to the default, if there can be others.
    fn int_tests(
        &mut self,
        value: Ident,
        mut keys: Vec<(i64, StaticLabel)>,
        default: Failure,
        (low, high): (i64, i64),
    ) -> Lambda {
        keys.sort_by_key(|(n, _)| *n);
        let mut intervals: Vec<Interval> = Vec::new();
        let mut push = |low: i64, high: i64, target: StaticLabel| match intervals.last_mut() {
            Some(last) if last.target == target => last.high = high,
            _ => intervals.push(Interval { low, high, target }),
        };
        let mut next = low;
        let count = keys.len();
        for (index, (n, target)) in keys.into_iter().enumerate() {
            match default {
                Some(default) if n > next => push(next, n - 1, default),
                // No other values: the gap belongs to whatever is next to it.
                None if n > next => push(next, n - 1, target),
                _ => {}
            }
            let last = index + 1 == count;
            push(n, if last && default.is_none() { high } else { n }, target);
            next = n + 1;
        }
        if let Some(default) = default
            && next <= high
        {
            push(next, high, default);
        }
        if let Some(default) = default {
            // The tests jump to it by themselves: note that it is used.
            let _ = self.fail(Some(default));
        }
        self.interval_tests(value, &intervals)
    }

    fn interval_tests(&self, value: Ident, intervals: &[Interval]) -> Lambda {
        let jump = |interval: &Interval| Lambda::StaticRaise(interval.target, vec![]);
        let choose = |condition: Lambda, then: Lambda, otherwise: Lambda| {
            Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
        };
        match intervals {
            [] => Lambda::unit(),
            [only] => jump(only),
            [first, second] if second.low == second.high => {
                choose(self.compare_int(Comparison::Eq, value, second.low), jump(second), jump(first))
            }
            [first, second] if first.low == first.high => {
                choose(self.compare_int(Comparison::Eq, value, first.low), jump(first), jump(second))
            }
            [before, point, after] if point.low == point.high && before.target == after.target => {
                choose(self.compare_int(Comparison::Eq, value, point.low), jump(point), jump(after))
            }
            [before, range, after] if before.target == after.target => {
                self.within(value, range.low, range.high, jump(range), jump(after))
            }
            _ => match self.table(value, intervals) {
                Some(table) => table,
                None => {
                    let (left, right) = intervals.split_at(intervals.len() / 2);
                    let condition = self.compare_int(Comparison::Lt, value, right[0].low);
                    choose(condition, self.interval_tests(value, left), self.interval_tests(value, right))
                }
            },
        }
    }

    /// One unsigned comparison: whether a value is in a range.
    fn within(&self, value: Ident, low: i64, high: i64, then: Lambda, otherwise: Lambda) -> Lambda {
        let offset = self.offset(value, low);
        let out = Lambda::Prim(Primitive::IsOut, vec![Lambda::int(high - low), offset], self.loc.clone());
        Lambda::IfThenElse(Box::new(out), Box::new(otherwise), Box::new(then))
    }

    fn offset(&self, value: Ident, low: i64) -> Lambda {
        match low {
            0 => Lambda::Var(value),
            _ => Lambda::Prim(Primitive::OffsetInt(-low), vec![Lambda::Var(value)], self.loc.clone()),
        }
    }

    /// A jump table for the bounded intervals, if they are dense.
    fn table(&self, value: Ident, intervals: &[Interval]) -> Option<Lambda> {
        let (first, last) = (intervals.first()?, intervals.last()?);
        // The unbounded ends, if they lead to one place, are left to a range test.
        let ends = first.target == last.target;
        let inner = if ends { &intervals[1..intervals.len() - 1] } else { intervals };
        let (low, high) = (inner.first()?.low, inner.last()?.high);
        let size = high.checked_sub(low)?.checked_add(1)?;
        if inner.len() < 4 || size > 1024 || size > 4 * inner.len() as i64 + 16 {
            return None;
        }
        // The commonest target is the table's default.
        let width =
            |target: StaticLabel| inner.iter().filter(|i| i.target == target).map(|i| i.high - i.low + 1).sum::<i64>();
        let common = inner.iter().map(|i| i.target).max_by_key(|target| width(*target))?;
        let consts = inner
            .iter()
            .filter(|interval| interval.target != common)
            .flat_map(|interval| {
                (interval.low..=interval.high).map(move |n| (n - low, Lambda::StaticRaise(interval.target, vec![])))
            })
            .collect();
        let switch = Switch {
            num_consts: size as usize,
            consts,
            num_blocks: 0,
            blocks: vec![],
            failaction: Some(Lambda::StaticRaise(common, vec![])),
        };
        let table = |scrutinee: Lambda| Lambda::Switch(Box::new(scrutinee), Box::new(switch), self.loc.clone());
        if !ends {
            return Some(table(self.offset(value, low)));
        }
        let index = Ident::create_local("*switch*".into());
        let out = Lambda::Prim(Primitive::IsOut, vec![Lambda::int(size - 1), Lambda::Var(index)], self.loc.clone());
        let outside = Lambda::StaticRaise(first.target, vec![]);
        let test = Lambda::IfThenElse(Box::new(out), Box::new(outside), Box::new(table(Lambda::Var(index))));
        Some(let_(LetKind::Alias, ValueKind::Int, index, self.offset(value, low), test))
    }

    fn compare_int(&self, comparison: Comparison, value: Ident, n: i64) -> Lambda {
        Lambda::Prim(Primitive::IntComp(comparison), vec![Lambda::Var(value), Lambda::int(n)], self.loc.clone())
    }

    /// The code for a constant, shared with those that lead to the same rows, as a jump to it.
    fn shared_target(
        &mut self,
        values: &[Ident],
        rows: &[Row],
        column: usize,
        fits: &dyn Fn(&Pat) -> bool,
        targets: &mut Vec<Target>,
        failure: Failure,
    ) -> Lambda {
        let numbers = self.row_numbers(rows, column, fits);
        let label = match targets.iter().find(|target| target.rows == numbers) {
            Some(target) => target.label,
            None => {
                let label = fresh_label();
                let kept = self.specialize(rows, column, 0, fits);
                let code = self.compile(&without_column(values, column), kept, failure);
                targets.push(Target { rows: numbers, label, code });
                label
            }
        };
        Lambda::StaticRaise(label, vec![])
    }

    // -----------------------------------------------------------------------------------------
    // Strings, floats and boxed integers

    pub(super) fn test_string(&mut self, values: &[Ident], rows: Vec<Row>, column: usize, failure: Failure) -> Lambda {
        let mut targets = Vec::new();
        let mut cases = Vec::new();
        for text in heads(&rows, column, string_constant) {
            let fits = |p: &Pat| string_constant(p).as_ref() == Some(&text);
            let code = self.shared_target(values, &rows, column, &fits, &mut targets, failure);
            cases.push((text, code));
        }
        cases.sort_by(|(a, _), (b, _)| a.cmp(b));
        let default = self.compile_default(values, &rows, column, failure);
        let scrutinee = Box::new(Lambda::Var(values[column]));
        let tested = Lambda::StringSwitch(scrutinee, cases, default.map(Box::new), self.loc.clone());
        catch_targets(tested, targets)
    }

    pub(super) fn test_boxed(&mut self, values: &[Ident], rows: Vec<Row>, column: usize, failure: Failure) -> Lambda {
        let mut targets = Vec::new();
        let mut cases = Vec::new();
        for key in heads(&rows, column, boxed_constant) {
            let fits = |p: &Pat| boxed_constant(p).as_ref() == Some(&key);
            let code = self.shared_target(values, &rows, column, &fits, &mut targets, failure);
            cases.push((key, code));
        }
        let default = self.compile_default(values, &rows, column, failure);
        let mut cases: Vec<(StructuredConstant, Lambda)> =
            cases.into_iter().map(|(key, code)| (key.constant(), code)).collect();
        // Without a default the last test is certain.
        let last = default.or_else(|| cases.pop().map(|(_, code)| code)).unwrap_or_else(Lambda::unit);
        let tested = cases.into_iter().rev().fold(last, |otherwise, (constant, then)| {
            let equal = match constant {
                StructuredConstant::Int32(_) => Primitive::BintComp(BoxedInteger::Int32, Comparison::Eq),
                StructuredConstant::Int64(_) => Primitive::BintComp(BoxedInteger::Int64, Comparison::Eq),
                StructuredConstant::Nativeint(_) => Primitive::BintComp(BoxedInteger::Nativeint, Comparison::Eq),
                _ => Primitive::FloatComp(FloatComparison::Eq),
            };
            let args = vec![Lambda::Var(values[column]), Lambda::Const(constant)];
            let condition = Lambda::Prim(equal, args, self.loc.clone());
            Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
        });
        catch_targets(tested, targets)
    }

    // -----------------------------------------------------------------------------------------
    // Arrays

    pub(super) fn test_array(
        &mut self,
        values: &[Ident],
        rows: Vec<Row>,
        column: usize,
        kind: ArrayKind,
        flag: MutableFlag,
        failure: Failure,
    ) -> Lambda {
        let value = values[column];
        let length = Ident::create_local("*len*".into());
        let read_length = Lambda::Prim(Primitive::ArrayLength(kind), vec![Lambda::Var(value)], self.loc.clone());
        let mut cases = Vec::new();
        for size in heads(&rows, column, array_length) {
            let fits = |p: &Pat| array_length(p) == Some(size);
            let kept: Vec<Row> =
                rows.iter().filter(|row| row.pats[column].is_any() || fits(&row.pats[column])).cloned().collect();
            let binding = if flag == MutableFlag::Mutable { LetKind::StrictOpt } else { LetKind::Alias };
            let element = |i: usize| {
                let args = vec![Lambda::Var(value), Lambda::int(i as i64)];
                (binding, Lambda::Prim(Primitive::ArrayRef(kind, Safety::Unsafe), args, self.loc.clone()))
            };
            let elements = (0..size).map(element).collect();
            cases.push((size as i64, self.take_apart(values, kept, column, elements, failure)));
        }
        let default_rows = self.default_rows(&rows, column);
        let mut shared_default = None;
        let default = if default_rows.is_empty() {
            failure
        } else {
            let label = fresh_label();
            shared_default = Some((label, self.compile(&without_column(values, column), default_rows, failure)));
            Some(label)
        };
        let tested = self.int_cases(length, cases, default, (0, i64::MAX >> 1));
        let tested = let_(LetKind::Alias, ValueKind::Int, length, read_length, tested);
        match shared_default {
            Some((label, code)) => Lambda::StaticCatch(Box::new(tested), (label, vec![]), Box::new(code)),
            None => tested,
        }
    }
}

/// What the rows name in a column, each once, in order.
fn heads<T: PartialEq>(rows: &[Row], column: usize, head: impl Fn(&Pat) -> Option<T>) -> Vec<T> {
    let mut heads = Vec::new();
    for row in rows {
        if let Some(key) = head(&row.pats[column])
            && !heads.contains(&key)
        {
            heads.push(key);
        }
    }
    heads
}

fn catch_targets(tested: Lambda, targets: Vec<Target>) -> Lambda {
    targets
        .into_iter()
        .fold(tested, |body, target| Lambda::StaticCatch(Box::new(body), (target.label, vec![]), Box::new(target.code)))
}

fn take_case(cases: &mut Vec<(i64, Lambda)>, n: i64) -> Option<Lambda> {
    let index = cases.iter().position(|(key, _)| *key == n)?;
    Some(cases.remove(index).1)
}

fn int_constant(pat: &Pat) -> Option<i64> {
    match pat {
        Pat::Constant(Constant::Int(n)) => Some(*n),
        Pat::Constant(Constant::Char(c)) => Some(i64::from(*c)),
        _ => None,
    }
}

fn array_length(pat: &Pat) -> Option<usize> {
    match pat {
        Pat::Array(_, _, parts) => Some(parts.len()),
        _ => None,
    }
}

fn string_constant(pat: &Pat) -> Option<Arc<[u8]>> {
    match pat {
        Pat::Constant(Constant::String(text, ..)) => Some(text.clone()),
        _ => None,
    }
}

/// A boxed constant by its bits: `0.` and `-0.` are equal and one case.
#[derive(Clone, PartialEq)]
enum Boxed {
    Float(u64),
    Int32(i32),
    Int64(i64),
    Nativeint(i64),
}

impl Boxed {
    fn constant(&self) -> StructuredConstant {
        match self {
            Boxed::Float(bits) => StructuredConstant::Float(f64::from_bits(*bits)),
            Boxed::Int32(n) => StructuredConstant::Int32(*n),
            Boxed::Int64(n) => StructuredConstant::Int64(*n),
            Boxed::Nativeint(n) => StructuredConstant::Nativeint(*n),
        }
    }
}

fn boxed_constant(pat: &Pat) -> Option<Boxed> {
    match pat {
        Pat::Constant(Constant::Float(text)) => {
            let value = crate::translator::parse_float(text);
            Some(Boxed::Float(if value == 0.0 { 0 } else { value.to_bits() }))
        }
        Pat::Constant(Constant::Int32(n)) => Some(Boxed::Int32(*n)),
        Pat::Constant(Constant::Int64(n)) => Some(Boxed::Int64(*n)),
        Pat::Constant(Constant::Nativeint(n)) => Some(Boxed::Nativeint(*n)),
        _ => None,
    }
}
