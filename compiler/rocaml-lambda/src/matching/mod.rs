//! Compilation of pattern matching: upstream's `Matching`, after Le Fessant and Maranget,
//! "Optimizing pattern matching".
//!
//! A match is a matrix: one row per case, one column per value. It is [split](split) along its
//! first column into matrices that are tried in turn, in each of which heads of that column are
//! equal or exclude each other; each is [divided](divide) by these heads, whose parts become
//! columns; and the code for the parts is [put together](combine) by tests. What was learned on
//! the way to a point is its [context](context); together with the matrices that are tried later,
//! the [default environment](default_env), it tells where to go on when nothing fits.
//!
//! A value that can change may be read more than once, since guards and other threads run in
//! between: what was learned of it is forgotten, and the types' word that all is matched does not
//! count. A match that turns out to be partial in this way fails, and is warned of.

mod action;
mod combine;
mod compile;
mod context;
mod default_env;
mod divide;
mod key;
mod lazy_force;
mod let_tuple;
mod rows;
mod split;
mod store;
mod switch;

use crate::error::{Error, ErrorKind, Result};
use crate::kinds;
use crate::lambda::*;
use crate::rename::fresh_label;
use crate::translator::{Translator, let_, string_constant};
use action::Bodies;
use compile::{Compiled, Matcher, Partiality};
use context::Context;
use default_env::DefaultEnv;
use rocaml_base::Location;
use rocaml_diag::warning::Warning;
use rocaml_types::Ident;
use rocaml_typing::parmatch::{Pat, PatRef};
use rocaml_typing::typedtree::{Partial, Pattern, PatternDesc, pat_bound_idents_full};
use rows::{Clause, half_simplify, is_deeper};
use split::{Matching, SplitArgs};
use std::rc::Rc;

/// How deep patterns may nest: what is known of a value has a column for each level, at each level.
const MAX_DEPTH: usize = 1000;

/// A case: its pattern, and what it does, which begins with its guard if it has one.
pub(crate) struct MatchCase {
    pub pat: PatRef,
    pub action: Lambda,
}

/// What to do when no case fits.
pub(crate) enum Failure {
    MatchFailure,
    /// An exception is raised again.
    Reraise(Ident),
    /// An effect is performed again: the effect, its continuation, and the end of that.
    Reperform([Ident; 3]),
}

/// A value to be matched.
#[derive(Clone)]
struct Arg {
    arg: Lambda,
    binding: LetKind,
    /// Whether it is reached through something that can change.
    mutable: bool,
}

impl Arg {
    /// A value that a match is about.
    fn root(arg: Lambda, binding: LetKind) -> Arg {
        Arg { arg, binding, mutable: false }
    }
}

/// A value to be looked at: a variable, or a tuple of variables, which need not be made.
#[derive(Clone)]
enum PureArg {
    Var(Ident),
    Tuple(Lambda),
}

impl PureArg {
    fn lambda(&self) -> Lambda {
        match self {
            PureArg::Var(id) => Lambda::Var(*id),
            PureArg::Tuple(tuple) => tuple.clone(),
        }
    }
}

impl MatchCase {
    /// A case that does something if its guard agrees.
    pub(crate) fn new(pattern: &Pattern, guard: Option<Lambda>, body: Lambda) -> MatchCase {
        let action = match guard {
            Some(guard) => action::guarded(guard, body),
            None => body,
        };
        MatchCase { pat: Pat::of_typed(pattern), action }
    }
}

impl Translator<'_> {
    /// The variables of a pattern with what is known of their values.
    pub(crate) fn bound_kinds(&self, pattern: &Pattern) -> Vec<(Ident, ValueKind)> {
        let bound = pat_bound_idents_full(pattern).into_iter();
        bound.map(|(id, _, ty, _)| (id, kinds::value_kind(self.cx, &pattern.env, ty))).collect()
    }

    fn failure(&self, loc: Location, failure: Failure) -> Lambda {
        let none = ScopedLocation::none();
        match failure {
            Failure::Reraise(exn) => {
                // Nothing is said of a place: what is not handled here passes unseen.
                Lambda::Prim(Primitive::Raise(RaiseKind::Reraise), vec![Lambda::Var(exn)], none)
            }
            Failure::Reperform(args) => Lambda::Prim(Primitive::Reperform, args.map(Lambda::Var).to_vec(), none),
            Failure::MatchFailure => {
                let place = self.scopes.at(loc);
                let slot = Lambda::Prim(Primitive::GetPredef("Match_failure".into()), vec![], place.clone());
                let fields = vec![slot, Lambda::Const(position_constant(loc))];
                let exn = Lambda::Prim(Primitive::MakeBlock(0, Mutability::Immutable, None), fields, place.clone());
                Lambda::Prim(Primitive::Raise(RaiseKind::Regular), vec![exn], place)
            }
        }
    }

    /// Compiles a match, with what it does when nothing fits if it may fail.
    fn compile_rows(
        &mut self,
        loc: Location,
        rows: Vec<(Vec<PatRef>, Lambda)>,
        partial: Partial,
        failure: Failure,
        compile: impl FnOnce(&mut Matcher<'_, '_>, Partiality, Vec<Clause>, DefaultEnv) -> Compiled,
    ) -> Result<Lambda> {
        if rows.iter().any(|(pats, _)| pats.iter().any(|pat| is_deeper(pat, MAX_DEPTH))) {
            return Err(Error::new(loc, ErrorKind::PatternTooDeep));
        }
        let final_exit = fresh_label();
        // Cases that all refute say nothing of the values that are there all the same.
        let partial = if rows.is_empty() || self.options.safer_matching { Partial::Partial } else { partial };
        let cx = self.cx;
        let mut matcher = Matcher { translator: self, cx, bodies: Bodies::default(), error: None };
        let clauses =
            rows.into_iter().map(|(pats, action)| Clause { pats, action: matcher.bodies.add(action) }).collect();
        let partiality = Partiality { current: partial, global: partial, following: false };
        let compiled = compile(&mut matcher, partiality, clauses, DefaultEnv::empty(final_exit));
        if let Some(error) = matcher.error {
            return Err(error);
        }
        let Ok((code, jumps)) = compiled else { return Ok(self.failure(loc, failure)) };
        if jumps.partial == Partial::Total {
            return Ok(code);
        }
        if partial == Partial::Total {
            cx.warn(loc, Warning::DegradedToPartialMatch);
        }
        Ok(Lambda::StaticCatch(Box::new(code), (final_exit, vec![]), Box::new(self.failure(loc, failure))))
    }

    /// Matches a value, with what to do if nothing fits.
    pub(crate) fn match_or(
        &mut self,
        loc: Location,
        value: Lambda,
        cases: Vec<MatchCase>,
        partial: Partial,
        failure: Failure,
    ) -> Result<Lambda> {
        let rows = cases.into_iter().map(|case| (vec![case.pat], case.action)).collect();
        self.compile_rows(loc, rows, partial, failure, |matcher, partial, cases, default| {
            let args = vec![Arg::root(value, LetKind::Strict)];
            let ctx = Context::start(matcher.cx, 1);
            matcher.compile_nonempty(partial, &ctx, Matching { cases, args, default })
        })
    }

    /// Matches one value: upstream's `for_function`.
    pub(crate) fn match_value(
        &mut self,
        loc: Location,
        value: Lambda,
        cases: Vec<MatchCase>,
        partial: Partial,
    ) -> Result<Lambda> {
        self.match_or(loc, value, cases, partial, Failure::MatchFailure)
    }

    /// Matches an exception; others are raised again: upstream's `for_trywith`.
    pub(crate) fn match_exception(&mut self, loc: Location, exn: Ident, cases: Vec<MatchCase>) -> Result<Lambda> {
        self.match_or(loc, Lambda::Var(exn), cases, Partial::Partial, Failure::Reraise(exn))
    }

    /// Matches the parameters of a tupled function: upstream's `for_tupled_function`.
    pub(crate) fn match_params(
        &mut self,
        loc: Location,
        params: Vec<Ident>,
        rows: Vec<(Vec<PatRef>, Lambda)>,
        partial: Partial,
    ) -> Result<Lambda> {
        self.compile_rows(loc, rows, partial, Failure::MatchFailure, |matcher, partial, cases, default| {
            let ctx = Context::start(matcher.cx, params.len());
            let args = params.into_iter().map(|id| Arg::root(Lambda::Var(id), LetKind::Strict)).collect();
            matcher.compile_match(partial, &ctx, Matching { cases, args, default })
        })
    }

    /// Matches a tuple given by its components, which is made only where a pattern names it:
    /// upstream's `for_multiple_match`.
    pub(crate) fn match_tuple(
        &mut self,
        loc: Location,
        values: Vec<Lambda>,
        cases: Vec<MatchCase>,
        partial: Partial,
    ) -> Result<Lambda> {
        let (mut ids, mut bindings) = (Vec::new(), Vec::new());
        for value in values {
            match value {
                Lambda::Var(id) => ids.push(id),
                value => {
                    let id = Ident::create_local("*match*".into());
                    ids.push(id);
                    bindings.push((id, value));
                }
            }
        }
        let make = Primitive::MakeBlock(0, Mutability::Immutable, None);
        let tuple = Lambda::Prim(make, ids.iter().copied().map(Lambda::Var).collect(), self.scopes.at(loc));
        let rows = cases.into_iter().map(|case| (vec![case.pat], case.action)).collect();
        let body =
            self.compile_rows(loc, rows, partial, Failure::MatchFailure, |matcher, partial, cases, default| {
                let first = PureArg::Tuple(tuple);
                let cases = cases.into_iter().map(|case| half_simplify(matcher.cx, &first, case)).collect();
                let args = SplitArgs { first, first_mutable: false, rest: Vec::new() };
                matcher.compile_flattened(partial, &ids, Matching { cases, args, default })
            })?;
        // Components are evaluated from left to right, unlike those of a tuple that is made.
        let bind =
            |body: Lambda, (id, value): (Ident, Lambda)| let_(LetKind::Strict, ValueKind::Generic, id, value, body);
        Ok(bindings.into_iter().rev().fold(body, bind))
    }

    /// Binds a pattern, without what spares a tuple.
    fn simple_let(&mut self, loc: Location, value: Lambda, pat: PatRef, body: Lambda) -> Result<Lambda> {
        // The checker reports what a `let` does not match; it raises all the same.
        self.match_value(loc, value, vec![MatchCase { pat, action: body }], Partial::Partial)
    }

    /// Binds a pattern: upstream's `for_let`.
    pub(crate) fn match_let(
        &mut self,
        loc: Location,
        value: Lambda,
        pattern: &Pattern,
        body: Lambda,
    ) -> Result<Lambda> {
        let named = match &pattern.desc {
            PatternDesc::Any => return Ok(Lambda::Sequence(Box::new(value), Box::new(body))),
            PatternDesc::Var(id, ..) => Some(*id),
            PatternDesc::Alias(inner, id, ..) if matches!(inner.desc, PatternDesc::Any) => Some(*id),
            _ => None,
        };
        if let Some(id) = named {
            let kind = kinds::value_kind(self.cx, &pattern.env, pattern.type_);
            return Ok(let_(LetKind::Strict, kind, id, value, body));
        }
        let pat = Pat::of_typed(pattern);
        if let_tuple::makes_tuple(&pat, &value) {
            let vars = self.bound_kinds(pattern);
            return self.let_tuple(loc, value, &pat, vars, body);
        }
        self.simple_let(loc, value, pat, body)
    }

    /// `let p = match param with None -> default | Some x -> x`: upstream's
    /// `for_optional_arg_default`.
    pub(crate) fn match_optional(
        &mut self,
        loc: Location,
        pattern: &Pattern,
        default: Lambda,
        param: Ident,
        body: Lambda,
    ) -> Result<Lambda> {
        let place = ScopedLocation::none();
        let supplied = field(0, Lambda::Var(param), &place);
        let value = self.match_on_option(Lambda::Var(param), &place, supplied, default);
        self.match_let(loc, value, pattern, body)
    }
}

/// `(file, line, column)` of a place's start.
pub(crate) fn position_constant(loc: Location) -> StructuredConstant {
    let start = loc.start;
    let number = |n: i64| StructuredConstant::Int(n);
    StructuredConstant::Block(
        0,
        Rc::from([string_constant(&start.file), number(i64::from(start.line)), number(i64::from(start.column()))]),
    )
}

pub(crate) const IMMUTABLE_FIELD: FieldInfo =
    FieldInfo { mutability: Mutability::Immutable, pointerness: Pointerness::Pointer };

/// An immutable field.
pub(crate) fn field(index: usize, block: Lambda, loc: &ScopedLocation) -> Lambda {
    Lambda::Prim(Primitive::Field(index, IMMUTABLE_FIELD), vec![block], loc.clone())
}
