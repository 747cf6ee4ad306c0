//! Puts the code for the heads of a column together by tests.

use super::compile::{Matcher, Partiality, comp_exit};
use super::context::{Context, Jumps, MAX_ROWS};
use super::default_env::DefaultEnv;
use super::divide::HeadKey;
use super::key::{as_simple_exit, same_actions};
use super::store::{Handlers, Store};
use super::switch::{Interval, choose, test_sequence};
use crate::kinds;
use crate::lambda::*;
use crate::translator::{Translator, let_};
use rocaml_syntax::asttypes::Constant;
use rocaml_types::primitive::BoxedInteger;
use rocaml_types::{ConstructorDescription, ConstructorTag, Ident, Path, RowField, TypeId, btype};
use rocaml_typing::parmatch::pat::{Head, HeadDesc, float_value};
use rocaml_typing::parmatch::{Desc, PatRef, complete_constrs};
use rocaml_typing::rows;
use rocaml_typing::typedtree::Partial;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The code for a head.
pub(super) struct Keyed {
    pub key: HeadKey,
    pub action: Lambda,
    pub head: Head,
}

/// Actions by integer.
type IntCases = Vec<(i64, Lambda)>;

/// The least and the greatest `int`.
const INTS: (i64, i64) = (i64::MIN >> 1, i64::MAX >> 1);

/// What happens when nothing fits: a default action, or actions by constructor.
struct Failure {
    default: Option<Lambda>,
    constrs: Vec<(Rc<ConstructorDescription>, Lambda)>,
    jumps: Jumps,
}

fn if_(condition: Lambda, then: Lambda, otherwise: Lambda) -> Lambda {
    Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
}

fn is_int(arg: &Lambda, loc: &ScopedLocation) -> Lambda {
    Lambda::Prim(Primitive::IsInt, vec![arg.clone()], loc.clone())
}

impl Translator<'_> {
    /// Tests an option or a list: `None` and `[]` are what a condition takes for false.
    pub(crate) fn match_on_option(&self, arg: Lambda, loc: &ScopedLocation, some: Lambda, none: Lambda) -> Lambda {
        match self.cx.options.native_code {
            // A test of one bit is cheaper where both are.
            true => if_(is_int(&arg, loc), none, some),
            false => if_(arg, some, none),
        }
    }
}

impl Matcher<'_, '_> {
    pub(super) fn combine(
        &mut self,
        head: &Head,
        arg: Lambda,
        partial: Partiality,
        ctx: &Context,
        def: &DefaultEnv,
        actions: Vec<Keyed>,
    ) -> (Lambda, Jumps) {
        let loc = self.translator.scopes.at(head.loc);
        match &head.desc {
            HeadDesc::Construct(constr) if !matches!(constr.tag, ConstructorTag::Extension(..)) => {
                self.combine_constructor(&loc, arg, constr, partial, ctx, def, actions)
            }
            HeadDesc::Variant { row, .. } => self.combine_variant(&loc, arg, *row, partial, ctx, def, actions),
            _ => {
                let (fail, jumps) = self.failaction_neg(partial, ctx, def);
                let code = match &head.desc {
                    HeadDesc::Construct(_) => self.combine_extension(&loc, arg, head, fail, actions),
                    HeadDesc::Array(..) => self.combine_array(&loc, arg, head, fail, actions),
                    HeadDesc::Constant(constant) => self.combine_constant(&loc, arg, constant, fail, actions),
                    _ => Lambda::unit(),
                };
                (code, jumps)
            }
        }
    }

    // -----------------------------------------------------------------------------------------
    // Failures

    /// The default action for what is not tested.
    pub(super) fn failaction_neg(
        &self,
        partial: Partiality,
        ctx: &Context,
        def: &DefaultEnv,
    ) -> (Option<Lambda>, Jumps) {
        let exit = match partial.current {
            Partial::Total => None,
            Partial::Partial => comp_exit(self.cx, partial, ctx, def),
        };
        match exit {
            Some((code, jumps)) => (Some(code), jumps),
            None => (None, Jumps::empty(Partial::Total)),
        }
    }

    /// Actions for the constructors that are not tested: each raises to the first handler that may
    /// match it.
    fn failaction_pos(
        &self,
        partial: Partiality,
        head: &Head,
        seen: &[Keyed],
        ctx: &Context,
        def: &DefaultEnv,
    ) -> Failure {
        let cx = self.cx;
        let HeadDesc::Construct(constr) = &head.desc else { unreachable!("the head is a constructor") };
        let used = seen.iter().filter_map(|keyed| match &keyed.key {
            HeadKey::Construct(constr) => Some(constr.name),
            _ => None,
        });
        let missing = complete_constrs(cx, &head.env, constr, used);
        if missing.len() >= MAX_ROWS {
            let (default, jumps) = self.failaction_neg(partial, ctx, def);
            return Failure { default, constrs: Vec::new(), jumps };
        }
        let mut failing: Vec<(Rc<ConstructorDescription>, PatRef, Context)> = Vec::new();
        for constr in missing {
            let pat = Head { desc: HeadDesc::Construct(constr.clone()), ..head.clone() }.to_omega_pattern(cx);
            let ctx = ctx.lub(&pat);
            if !ctx.is_empty() {
                failing.push((constr, pat, ctx));
            }
        }
        let (mut constrs, mut exits) = (Vec::new(), Vec::new());
        for (label, matrix) in def.handlers() {
            if failing.is_empty() {
                break;
            }
            let (now, later): (Vec<_>, Vec<_>) = failing.into_iter().partition(|(_, _, ctx)| ctx.matches(matrix));
            failing = later;
            let mut pats = now.iter().rev().map(|(_, pat, _)| pat.clone());
            if let Some(last) = pats.next() {
                let any = pats.fold(last, |rest, pat| pat.with_desc(Desc::Or(pat.clone(), rest)));
                exits.push((label, ctx.lub(&any)));
                constrs.extend(now.into_iter().map(|(constr, ..)| (constr, Lambda::StaticRaise(label, vec![]))));
            }
        }
        let mut jumps = Jumps::empty(Partial::Total);
        // What no handler matches cannot be, if the match is total.
        if !failing.is_empty() && partial.global == Partial::Partial {
            jumps = Jumps::empty(Partial::Partial);
            constrs.extend(failing.into_iter().map(|(constr, ..)| (constr, def.raise_final_exit())));
        }
        let jumps = exits.into_iter().rev().fold(jumps, |jumps, (label, ctx)| jumps.add(cx, label, ctx));
        Failure { default: None, constrs, jumps }
    }

    // -----------------------------------------------------------------------------------------
    // Integers

    /// Tests integers within a range.
    fn switch_ints(
        &self,
        loc: &ScopedLocation,
        fail: Option<Lambda>,
        arg: Lambda,
        range: (i64, i64),
        cases: IntCases,
    ) -> Lambda {
        let (edges, intervals, store) = as_intervals(fail, range, cases);
        choose(loc, self.cx.options.native_code, edges, arg, intervals, store)
    }

    fn combine_constant(
        &mut self,
        loc: &ScopedLocation,
        arg: Lambda,
        constant: &Constant,
        fail: Option<Lambda>,
        actions: Vec<Keyed>,
    ) -> Lambda {
        let constants = actions.into_iter().filter_map(|keyed| match keyed.key {
            HeadKey::Constant(constant) => Some((constant, keyed.action)),
            _ => None,
        });
        let mut constants: Vec<(Constant, Lambda)> = constants.collect();
        let bint = |kind: BoxedInteger, comparison: Comparison| Primitive::BintComp(kind, comparison);
        let tests = match constant {
            Constant::Int(_) | Constant::Char(_) => {
                let range = if matches!(constant, Constant::Int(_)) { INTS } else { (0, 255) };
                let ints = constants.into_iter().filter_map(|(constant, action)| match constant {
                    Constant::Int(n) => Some((n, action)),
                    Constant::Char(c) => Some((i64::from(c), action)),
                    _ => None,
                });
                return self.switch_ints(loc, fail, arg, range, ints.collect());
            }
            Constant::String(..) => {
                constants.sort_by(|(a, _), (b, _)| compare_constants(a, b));
                return string_switch(loc, arg, constants, fail);
            }
            Constant::Float(_) => {
                (Primitive::FloatComp(FloatComparison::Neq), Primitive::FloatComp(FloatComparison::Lt))
            }
            Constant::Int32(_) => {
                (bint(BoxedInteger::Int32, Comparison::Ne), bint(BoxedInteger::Int32, Comparison::Lt))
            }
            Constant::Int64(_) => {
                (bint(BoxedInteger::Int64, Comparison::Ne), bint(BoxedInteger::Int64, Comparison::Lt))
            }
            Constant::Nativeint(_) => {
                (bint(BoxedInteger::Nativeint, Comparison::Ne), bint(BoxedInteger::Nativeint, Comparison::Lt))
            }
        };
        constants.sort_by(|(a, _), (b, _)| compare_constants(a, b));
        test_constants(loc, tests, &arg, constants, fail)
    }

    // -----------------------------------------------------------------------------------------
    // Constructors

    fn combine_constructor(
        &mut self,
        loc: &ScopedLocation,
        arg: Lambda,
        constr: &ConstructorDescription,
        partial: Partiality,
        ctx: &Context,
        def: &DefaultEnv,
        actions: Vec<Keyed>,
    ) -> (Lambda, Jumps) {
        let complete = actions.len() == (constr.consts + constr.nonconsts) as usize;
        let failure = match complete {
            true => Failure { default: None, constrs: Vec::new(), jumps: Jumps::empty(Partial::Total) },
            false => self.failaction_pos(partial, &actions[0].head, &actions, ctx, def),
        };
        let Failure { default, constrs: mut cases, jumps } = failure;
        cases.extend(actions.into_iter().filter_map(|keyed| match keyed.key {
            HeadKey::Construct(constr) => Some((constr, keyed.action)),
            _ => None,
        }));
        if default.is_none() && same_actions(cases.iter().map(|(_, action)| action)) {
            return (cases.swap_remove(0).1, jumps);
        }
        let (mut consts, mut blocks): (IntCases, IntCases) = Default::default();
        for (constr, action) in cases {
            match &constr.tag {
                ConstructorTag::Constant(n) => consts.push((i64::from(*n), action)),
                ConstructorTag::Block(n) => blocks.push((i64::from(*n), action)),
                _ => blocks.push((0, action)),
            }
        }
        consts.sort_by_key(|(n, _)| *n);
        blocks.sort_by_key(|(n, _)| *n);
        let range = (0, i64::from(constr.consts) - 1);
        let code = match (constr.consts, constr.nonconsts, consts.len(), blocks.len()) {
            (1, 1, 1, 1) => {
                let (none, some) = (consts.remove(0).1, blocks.remove(0).1);
                self.translator.match_on_option(arg, loc, some, none)
            }
            (_, 0, _, 0) => self.switch_ints(loc, default, arg, range, consts),
            _ => match block_action(&default, &mut blocks, constr.nonconsts as usize) {
                Some(action) => {
                    let condition = is_int(&arg, loc);
                    if_(condition, self.switch_ints(loc, default, arg, range, consts), action)
                }
                None => {
                    let switch = Switch {
                        num_consts: constr.consts as usize,
                        consts,
                        num_blocks: constr.nonconsts as usize,
                        blocks: blocks.into_iter().map(|(tag, action)| (tag as u8, action)).collect(),
                        failaction: default,
                    };
                    let (mut switch, handlers) = share_actions(switch);
                    reintroduce_fail(&mut switch);
                    handlers.around(Lambda::Switch(Box::new(arg), Box::new(switch), loc.clone()))
                }
            },
        };
        (code, jumps)
    }

    fn combine_extension(
        &mut self,
        loc: &ScopedLocation,
        arg: Lambda,
        head: &Head,
        fail: Option<Lambda>,
        actions: Vec<Keyed>,
    ) -> Lambda {
        let (mut consts, mut blocks): (Vec<(Path, Lambda)>, Vec<(Path, Lambda)>) = Default::default();
        for Keyed { key, action, .. } in actions {
            let HeadKey::Construct(constr) = key else { continue };
            match &constr.tag {
                ConstructorTag::Extension(path, true) => consts.push((path.clone(), action)),
                ConstructorTag::Extension(path, false) => blocks.push((path.clone(), action)),
                _ => {}
            }
        }
        let default = match fail {
            Some(fail) => fail,
            None if !blocks.is_empty() => blocks.remove(0).1,
            None if !consts.is_empty() => consts.remove(0).1,
            None => Lambda::unit(),
        };
        let test = |this: &mut Self, value: Lambda, path: &Path, action: Lambda, rest: Lambda| {
            let slot = this.translator.extension_path(loc, &head.env, path).unwrap_or_else(|error| {
                this.error = Some(error);
                Lambda::unit()
            });
            if_(Lambda::Prim(Primitive::IntComp(Comparison::Eq), vec![value, slot], loc.clone()), action, rest)
        };
        let mut code = default;
        if !blocks.is_empty() {
            let tag = Ident::create_local("tag".into());
            for (path, action) in blocks.into_iter().rev() {
                code = test(self, Lambda::Var(tag), &path, action, code);
            }
            let read = super::field(0, arg.clone(), loc);
            code = let_(LetKind::Alias, ValueKind::Generic, tag, read, code);
        }
        for (path, action) in consts.into_iter().rev() {
            code = test(self, arg.clone(), &path, action, code);
        }
        code
    }

    // -----------------------------------------------------------------------------------------
    // Polymorphic variants and arrays

    fn combine_variant(
        &mut self,
        loc: &ScopedLocation,
        arg: Lambda,
        row: TypeId,
        partial: Partiality,
        ctx: &Context,
        def: &DefaultEnv,
        mut actions: Vec<Keyed>,
    ) -> (Lambda, Jumps) {
        let complete = self.number_of_tags(row) == Some(actions.len());
        let (fail, jumps) = match complete {
            true => (None, Jumps::empty(Partial::Total)),
            false => self.failaction_neg(partial, ctx, def),
        };
        if fail.is_none() && same_actions(actions.iter().map(|keyed| &keyed.action)) {
            return (actions.swap_remove(0).action, jumps);
        }
        let (mut consts, mut blocks): (IntCases, IntCases) = Default::default();
        for Keyed { key, action, .. } in actions {
            match key {
                HeadKey::Variant(tag, false) => consts.push((tag, action)),
                HeadKey::Variant(tag, true) => blocks.push((tag, action)),
                _ => {}
            }
        }
        let native = self.cx.options.native_code;
        let code = match (consts.len(), blocks.len(), fail) {
            (1, 1, None) => if_(is_int(&arg, loc), consts.remove(0).1, blocks.remove(0).1),
            (_, 0, fail) => {
                let (_, intervals, store) = as_intervals(fail.clone(), INTS, consts);
                let code = test_sequence(native, arg.clone(), intervals, store);
                match fail {
                    None => code,
                    Some(fail) => if_(is_int(&arg, loc), code, fail),
                }
            }
            (0, _, fail) => {
                let code = self.switch_tags(loc, fail.clone(), &arg, blocks);
                match fail {
                    None => code,
                    // There is no tag in an integer.
                    Some(fail) => if_(is_int(&arg, loc), fail, code),
                }
            }
            (_, _, fail) => {
                let consts = self.switch_ints(loc, fail.clone(), arg.clone(), INTS, consts);
                let blocks = self.switch_tags(loc, fail, &arg, blocks);
                if_(is_int(&arg, loc), consts, blocks)
            }
        };
        (code, jumps)
    }

    fn switch_tags(&self, loc: &ScopedLocation, fail: Option<Lambda>, arg: &Lambda, cases: IntCases) -> Lambda {
        let tag = Ident::create_local("variant".into());
        let code = self.switch_ints(loc, fail, Lambda::Var(tag), INTS, cases);
        let_(LetKind::Alias, ValueKind::Generic, tag, super::field(0, arg.clone(), loc), code)
    }

    /// How many tags there can be, if that is known.
    fn number_of_tags(&self, row: TypeId) -> Option<usize> {
        let cx = self.cx;
        let row = rows::of_type(cx, row)?;
        if !rows::is_closed(cx, &row) {
            return None;
        }
        let counts = |field: &RowField| match cx.row_field(field) {
            RowField::Absent => false,
            RowField::Either { no_arg, arg_type, .. } => !no_arg || arg_type.is_empty(),
            RowField::Present(_) => true,
        };
        Some(btype::row_repr(cx, &row).fields.iter().filter(|(_, field)| counts(field)).count())
    }

    fn combine_array(
        &mut self,
        loc: &ScopedLocation,
        arg: Lambda,
        head: &Head,
        fail: Option<Lambda>,
        actions: Vec<Keyed>,
    ) -> Lambda {
        let kind = kinds::array_kind(self.cx, &head.env, head.type_);
        let length = Ident::create_local("len".into());
        let lengths = actions.into_iter().filter_map(|keyed| match keyed.key {
            HeadKey::Length(n) => Some((n as i64, keyed.action)),
            _ => None,
        });
        let code = self.switch_ints(loc, fail, Lambda::Var(length), (0, INTS.1), lengths.collect());
        let read = Lambda::Prim(Primitive::ArrayLength(kind), vec![arg], loc.clone());
        let_(LetKind::Alias, ValueKind::Generic, length, read, code)
    }
}

/// The action of all block constructors, if they have one.
fn block_action(default: &Option<Lambda>, blocks: &mut IntCases, all: usize) -> Option<Lambda> {
    match default {
        Some(action) if blocks.is_empty() => Some(action.clone()),
        Some(_) if blocks.len() != all => None,
        _ if same_actions(blocks.iter().map(|(_, action)| action)) => Some(blocks.swap_remove(0).1),
        _ => None,
    }
}

// ---------------------------------------------------------------------------------------------
// Intervals

/// Integers as intervals with actions by number; action 0 is that of failure.
fn as_intervals(
    fail: Option<Lambda>,
    (low, high): (i64, i64),
    mut cases: IntCases,
) -> ((i64, i64), Vec<Interval>, Store) {
    cases.sort_by_key(|(n, _)| *n);
    let edges = match (cases.first(), cases.as_slice()) {
        (Some((first, _)), [.., (last, _)]) => (*first, *last),
        _ => (low, high),
    };
    let mut store = Store::default();
    let mut intervals: Vec<Interval> = Vec::new();
    let mut push = |low: i64, high: i64, action: usize| match intervals.last_mut() {
        Some(last) if last.action == action => last.high = high,
        _ => intervals.push(Interval { low, high, action }),
    };
    match fail {
        None => {
            let hole = cases.iter().skip(1).zip(cases.iter().skip(2)).any(|((n, _), (next, _))| *next > n + 1);
            for (index, (n, action)) in cases.into_iter().enumerate() {
                // The first action is also that of holes, which do not occur.
                let action = if index == 0 && hole { store.store_shared(action) } else { store.store(action) };
                push(n, n, action);
            }
        }
        Some(fail) => {
            let failed = store.store(fail);
            let mut next = low;
            for (n, action) in cases {
                if n > next {
                    push(next, n - 1, failed);
                }
                push(n, n, store.store(action));
                next = n + 1;
            }
            if next <= high || low > high {
                push(next, high, failed);
            }
        }
    }
    (edges, intervals, store)
}

// ---------------------------------------------------------------------------------------------
// Other constants

fn compare_constants(a: &Constant, b: &Constant) -> Ordering {
    match (a, b) {
        (Constant::Float(x), Constant::Float(y)) => match (float_value(x), float_value(y)) {
            (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or_else(|| y.is_nan().cmp(&x.is_nan())),
            _ => x.cmp(y),
        },
        (Constant::String(x, ..), Constant::String(y, ..)) => x.cmp(y),
        (Constant::Int32(x), Constant::Int32(y)) => x.cmp(y),
        (Constant::Int64(x), Constant::Int64(y)) | (Constant::Nativeint(x), Constant::Nativeint(y)) => x.cmp(y),
        _ => Ordering::Equal,
    }
}

/// Equal actions once, the default always behind a handler.
fn share_all(actions: Vec<Lambda>, fail: Option<Lambda>) -> (Vec<Lambda>, Option<Lambda>, Handlers) {
    let mut store = Store::default();
    let fail = fail.map(|fail| store.store_shared(fail));
    let numbers: Vec<usize> = actions.into_iter().map(|action| store.store(action)).collect();
    let (mut stored, handlers) = store.into_actions();
    let mut take = |number: usize| match &stored[number] {
        Lambda::StaticRaise(label, args) => Lambda::StaticRaise(*label, args.clone()),
        _ => stored[number].take(),
    };
    let fail = fail.map(&mut take);
    (numbers.into_iter().map(take).collect(), fail, handlers)
}

fn string_switch(
    loc: &ScopedLocation,
    arg: Lambda,
    constants: Vec<(Constant, Lambda)>,
    fail: Option<Lambda>,
) -> Lambda {
    let (texts, actions): (Vec<Arc<[u8]>>, Vec<Lambda>) = constants
        .into_iter()
        .filter_map(|(constant, action)| match constant {
            Constant::String(text, ..) => Some((text, action)),
            _ => None,
        })
        .unzip();
    let (actions, fail, handlers) = share_all(actions, fail);
    let cases = texts.into_iter().zip(actions).collect();
    handlers.around(Lambda::StringSwitch(Box::new(arg), cases, fail.map(Box::new), loc.clone()))
}

fn test_constants(
    loc: &ScopedLocation,
    tests: (Primitive, Primitive),
    arg: &Lambda,
    constants: Vec<(Constant, Lambda)>,
    fail: Option<Lambda>,
) -> Lambda {
    let (constants, actions): (Vec<Constant>, Vec<Lambda>) = constants.into_iter().unzip();
    let (actions, fail, handlers) = share_all(actions, fail);
    let cases: Vec<(Constant, Lambda)> = constants.into_iter().zip(actions).collect();
    handlers.around(test_sorted(loc, &tests, arg, cases, &fail))
}

/// Halves as long as there are four, then one after the other.
fn test_sorted(
    loc: &ScopedLocation,
    tests: &(Primitive, Primitive),
    arg: &Lambda,
    mut cases: Vec<(Constant, Lambda)>,
    fail: &Option<Lambda>,
) -> Lambda {
    let test = |prim: &Primitive, constant: &Constant| {
        let constant = Lambda::Const(crate::translcore::structured_constant(constant));
        Lambda::Prim(prim.clone(), vec![arg.clone(), constant], loc.clone())
    };
    if cases.len() >= 4 {
        let above = cases.split_off(cases.len() / 2);
        let condition = test(&tests.1, &above[0].0);
        let below = test_sorted(loc, tests, arg, cases, fail);
        return if_(condition, below, test_sorted(loc, tests, arg, above, fail));
    }
    // Without a default the last test is certain.
    let last = match fail {
        Some(fail) => fail.clone(),
        None => cases.pop().map_or_else(Lambda::unit, |(_, action)| action),
    };
    cases.into_iter().rev().fold(last, |rest, (constant, action)| if_(test(&tests.0, &constant), rest, action))
}

// ---------------------------------------------------------------------------------------------
// Switches

fn share_actions(switch: Switch) -> (Switch, Handlers) {
    let (ns, actions): (Vec<i64>, Vec<Lambda>) = switch.consts.into_iter().unzip();
    let (tags, more): (Vec<u8>, Vec<Lambda>) = switch.blocks.into_iter().unzip();
    let all = actions.into_iter().chain(more).collect();
    let (mut actions, failaction, handlers) = share_all(all, switch.failaction);
    let more = actions.split_off(ns.len());
    let consts = ns.into_iter().zip(actions).collect();
    let blocks = tags.into_iter().zip(more).collect();
    (Switch { consts, blocks, failaction, ..switch }, handlers)
}

/// Makes the handler that most cases raise to the default, if there are three of them.
fn reintroduce_fail(switch: &mut Switch) {
    if switch.failaction.is_some() {
        return;
    }
    let mut uses: HashMap<StaticLabel, usize> = HashMap::new();
    let actions = switch.consts.iter().map(|(_, action)| action);
    for label in actions.chain(switch.blocks.iter().map(|(_, action)| action)).filter_map(as_simple_exit) {
        *uses.entry(label).or_default() += 1;
    }
    let most = uses.into_iter().max_by_key(|(label, uses)| (*uses, std::cmp::Reverse(*label)));
    let Some((default, 3..)) = most else { return };
    switch.consts.retain(|(_, action)| as_simple_exit(action) != Some(default));
    switch.blocks.retain(|(_, action)| as_simple_exit(action) != Some(default));
    switch.failaction = Some(Lambda::StaticRaise(default, vec![]));
}
