//! Checking that a counter-example of the analysis of matches is well typed and matches some
//! value; and with that, the checks of exhaustiveness and redundancy.
//!
//! The analysis ignores types: its witness enumerates by or-patterns what may be there. Here
//! ill-typed alternatives are dropped, and `_` is exploded into the constructors of its type so
//! far as the fuel goes. Choices are explored with continuations: what follows a choice may refute
//! it.

use rocaml_base::Location;
use rocaml_syntax::asttypes::ClosedFlag;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, PatternEnv};
use rocaml_types::env::Env;
use rocaml_types::store::Snapshot;
use rocaml_types::{Level, TypeDesc, TypeId};
use std::rc::Rc;

use super::base::{instance, type_constant};
use super::error::{Error, error};
use super::pattern_state::{AllowModules, PatternState};
use super::solve::{
    solve_array, solve_construct, solve_lazy, solve_record_field, solve_tuple, solve_variant, unify_pat_types_penv,
};
use crate::Result;
use crate::parmatch::{self, Case, Desc, Pat, PatRef};
use crate::typedtree::{Partial, Pattern};
use rocaml_base::Loc;
use rocaml_syntax::longident::Longident;

/// How or-patterns are explored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Splitting {
    /// One alternative after the other: to find unused cases.
    Backtrack,
    /// An alternative that adds no equation is kept for good; alternatives are split only if all
    /// add some. To check exhaustiveness.
    Refine { inside_nonsplit_or: bool },
}

#[derive(Clone, Copy)]
struct Info {
    /// How deep `_` may be exploded.
    fuel: i32,
    splitting: Splitting,
}

/// Why a candidate is given up.
enum Abort {
    /// No value matches.
    Empty,
    /// Equations would be added where alternatives are not split.
    NeedBacktrack,
    /// Ill-typed.
    IllTyped,
}

type Checked = std::result::Result<PatRef, Abort>;
type Next<'k> = dyn FnMut(PatRef) -> Checked + 'k;

fn ill_typed<T>(result: Result<T>) -> std::result::Result<T, Abort> {
    result.map_err(|_| Abort::IllTyped)
}

struct Checker<'a> {
    cx: &'a Context,
}

impl Checker<'_> {
    fn check(&self, info: Info, penv: &PatternEnv, pat: &PatRef, expected: TypeId, next: &mut Next<'_>) -> Checked {
        let cx = self.cx;
        let make = |desc, ty| Rc::new(Pat { desc, loc: pat.loc, type_: instance(cx, ty), env: penv.env() });
        let no_split = info.splitting == Splitting::Refine { inside_nonsplit_or: true };
        match &pat.desc {
            Desc::Any | Desc::Var(_) => {
                if info.fuel <= 0 {
                    return next(make(pat.desc.clone(), expected));
                }
                let mut patterns = parmatch::pats_of_type(cx, &penv.env(), expected);
                match patterns.as_slice() {
                    [] => Err(Abort::Empty),
                    [p] if matches!(p.desc, Desc::Any) => next(make(pat.desc.clone(), expected)),
                    [p] => self.check(Info { fuel: info.fuel - 1, ..info }, penv, &p.clone(), expected, next),
                    _ if no_split => Err(Abort::NeedBacktrack),
                    _ => {
                        let first = patterns.remove(0);
                        let all = patterns.into_iter().fold(first, |all, p| all.with_desc(Desc::Or(all.clone(), p)));
                        self.check(Info { fuel: info.fuel - 5, ..info }, penv, &all, expected, next)
                    }
                }
            }
            Desc::Alias(p, ..) => self.check(info, penv, p, expected, next),
            Desc::Constant(constant) => {
                let ty = type_constant(cx, constant);
                ill_typed(unify_pat_types_penv(cx, penv, pat.loc, ty, instance(cx, expected)))?;
                next(make(pat.desc.clone(), ty))
            }
            Desc::Tuple(parts) => {
                let labels: Vec<_> = parts.iter().map(|(label, _)| *label).collect();
                let types = ill_typed(solve_tuple(cx, penv, pat.loc, &labels, expected))?;
                let todo: Vec<_> = parts.iter().map(|(_, p)| p.clone()).zip(types).collect();
                self.all(info, penv, &todo, &mut Vec::new(), &mut |done| {
                    let types = labels.iter().copied().zip(done.iter().map(|p| p.type_)).collect();
                    let ty = ctype::newty(cx, TypeDesc::Tuple(types));
                    next(make(Desc::Tuple(labels.iter().copied().zip(done).collect()), ty))
                })
            }
            Desc::Construct(constr, parts) => {
                if constr.generalized && no_split {
                    return Err(Abort::NeedBacktrack);
                }
                let mut state = PatternState::new(AllowModules::Ignored, None);
                let (types, _) =
                    ill_typed(solve_construct(cx, &mut state, penv, pat.loc, constr, None, None, expected))?;
                let todo: Vec<_> = parts.iter().cloned().zip(types).collect();
                self.all(info, penv, &todo, &mut Vec::new(), &mut |done| {
                    next(make(Desc::Construct(constr.clone(), done), expected))
                })
            }
            Desc::Variant(tag, arg, _) => {
                let (arg_type, row, ty) = ill_typed(solve_variant(cx, penv, pat.loc, *tag, arg.is_none(), expected))?;
                let row = ctype::newty(cx, TypeDesc::Variant(row));
                match (arg, arg_type) {
                    (Some(p), Some(arg_type)) => {
                        self.check(info, penv, p, arg_type, &mut |p| next(make(Desc::Variant(*tag, Some(p), row), ty)))
                    }
                    _ => next(make(Desc::Variant(*tag, None, row), ty)),
                }
            }
            Desc::Record(fields, _) => {
                let record = ctype::generic_instance(cx, expected);
                self.fields(info, penv, pat, fields, record, &mut Vec::new(), &mut |done| {
                    next(make(Desc::Record(done, ClosedFlag::Closed), expected))
                })
            }
            Desc::Array(mutable, parts) => {
                let (element, _) = ill_typed(solve_array(cx, penv, pat.loc, expected))?;
                let todo: Vec<_> = parts.iter().map(|p| (p.clone(), element)).collect();
                self.all(info, penv, &todo, &mut Vec::new(), &mut |done| {
                    next(make(Desc::Array(*mutable, done), expected))
                })
            }
            Desc::Or(p, q) => self.or(info, penv, pat, p, q, expected, next),
            Desc::Lazy(p) => {
                let contents = ill_typed(solve_lazy(cx, penv, pat.loc, expected))?;
                // What is suspended is not exploded.
                self.check(Info { fuel: 0, ..info }, penv, p, contents, &mut |p| next(make(Desc::Lazy(p), expected)))
            }
        }
    }

    fn all(
        &self,
        info: Info,
        penv: &PatternEnv,
        todo: &[(PatRef, TypeId)],
        done: &mut Vec<PatRef>,
        next: &mut dyn FnMut(Vec<PatRef>) -> Checked,
    ) -> Checked {
        let Some(((pat, ty), rest)) = todo.split_first() else { return next(done.clone()) };
        self.check(info, penv, pat, *ty, &mut |pat| {
            done.push(pat);
            let result = self.all(info, penv, rest, done, next);
            done.pop();
            result
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn fields(
        &self,
        info: Info,
        penv: &PatternEnv,
        pat: &PatRef,
        todo: &[(Rc<rocaml_types::LabelDescription>, PatRef)],
        record: TypeId,
        done: &mut Vec<(Rc<rocaml_types::LabelDescription>, PatRef)>,
        next: &mut dyn FnMut(Vec<(Rc<rocaml_types::LabelDescription>, PatRef)>) -> Checked,
    ) -> Checked {
        let Some(((label, field), rest)) = todo.split_first() else { return next(done.clone()) };
        let lid = Loc::new(Longident::Lident(label.name), pat.loc);
        let ty = ill_typed(solve_record_field(self.cx, penv, pat.loc, label, &lid, record))?;
        self.check(info, penv, field, ty, &mut |field| {
            done.push((label.clone(), field));
            let result = self.fields(info, penv, pat, rest, record, done, next);
            done.pop();
            result
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn or(
        &self,
        info: Info,
        penv: &PatternEnv,
        pat: &PatRef,
        p: &PatRef,
        q: &PatRef,
        expected: TypeId,
        next: &mut Next<'_>,
    ) -> Checked {
        let state = State::save(self.cx, penv);
        let result = self.or_from(&state, info, penv, pat, p, q, expected, next);
        match result {
            Ok(_) => self.cx.commit(state.snapshot),
            Err(_) => state.restore(self.cx, penv),
        }
        result
    }

    #[allow(clippy::too_many_arguments)]
    fn or_from(
        &self,
        state: &State,
        info: Info,
        penv: &PatternEnv,
        pat: &PatRef,
        p: &PatRef,
        q: &PatRef,
        expected: TypeId,
        next: &mut Next<'_>,
    ) -> Checked {
        let Splitting::Refine { inside_nonsplit_or } = info.splitting else {
            return self.split(state, info, penv, pat, expected, next);
        };
        let inner = Info { splitting: Splitting::Refine { inside_nonsplit_or: true }, ..info };
        let mut sides = Vec::new();
        for side in [p, q] {
            match self.check(inner, &penv.copy(None), side, expected, &mut Ok) {
                // Only a split drops an ill-typed alternative.
                Err(Abort::IllTyped) => return Err(Abort::IllTyped),
                checked => sides.push(checked),
            }
        }
        let (second, first) = (sides.pop().expect("two sides"), sides.pop().expect("two sides"));
        match (first, second) {
            (Err(Abort::Empty), Err(Abort::Empty)) => Err(Abort::Empty),
            (Err(_), Err(_)) if inside_nonsplit_or => Err(Abort::NeedBacktrack),
            (Err(_), Err(_)) => self.split(state, info, penv, pat, expected, next),
            (Ok(p), Err(_)) | (Err(_), Ok(p)) => next(p),
            (Ok(p), Ok(q)) => {
                let joined =
                    Pat { desc: Desc::Or(p, q), loc: pat.loc, type_: instance(self.cx, expected), env: penv.env() };
                next(Rc::new(joined))
            }
        }
    }

    /// Takes the first alternative that can be completed.
    #[allow(clippy::too_many_arguments)]
    fn split(
        &self,
        state: &State,
        info: Info,
        penv: &PatternEnv,
        pat: &PatRef,
        expected: TypeId,
        next: &mut Next<'_>,
    ) -> Checked {
        if let Desc::Or(p, q) = &pat.desc {
            return match self.split(state, info, penv, p, expected, next) {
                Err(Abort::Empty | Abort::IllTyped) => self.split(state, info, penv, q, expected, next),
                result => result,
            };
        }
        self.cx.undo_to(state.snapshot);
        penv.set_env(state.env.clone());
        self.check(info, penv, pat, expected, next)
    }
}

/// The types and equations at a choice.
struct State {
    snapshot: Snapshot,
    env: Env,
}

impl State {
    fn save(cx: &Context, penv: &PatternEnv) -> State {
        State { snapshot: cx.snapshot(), env: penv.env() }
    }
    fn restore(self, cx: &Context, penv: &PatternEnv) {
        cx.backtrack(self.snapshot);
        penv.set_env(self.env);
    }
}

/// The well-typed part of a candidate; its types are no longer valid.
fn partial_pred(cx: &Context, level: Level, info: Info, env: &Env, expected: TypeId, pat: &PatRef) -> Option<PatRef> {
    let penv = PatternEnv::new(env.clone(), level, true);
    let state = State::save(cx, &penv);
    let result =
        ctype::wrap_trace_gadt_instances_forced(cx, env, || Checker { cx }.check(info, &penv, pat, expected, &mut Ok));
    state.restore(cx, &penv);
    result.ok()
}

/// Whether the cases cover the expected type.
pub fn check_partial_at(
    cx: &Context,
    level: Level,
    env: &Env,
    expected: TypeId,
    loc: Location,
    cases: &[Case<Pattern>],
) -> Result<Partial> {
    let fuel = if cases.len() == 1 { 5 } else { 0 };
    let info = Info { fuel, splitting: Splitting::Refine { inside_nonsplit_or: false } };
    parmatch::check_partial(cx, &mut |pat| Ok(partial_pred(cx, level, info, env, expected, &pat)), loc, cases)
}

/// [`check_partial_at`] the current level.
pub fn check_partial(
    cx: &Context,
    env: &Env,
    expected: TypeId,
    loc: Location,
    cases: &[Case<Pattern>],
) -> Result<Partial> {
    check_partial_at(cx, ctype::get_current_level(cx), env, expected, loc, cases)
}

/// Warns about useless cases, and refuses refutation cases that something matches.
pub fn check_unused(cx: &Context, level: Level, env: &Env, expected: TypeId, cases: &[Case<Pattern>]) -> Result<()> {
    let info = Info { fuel: 5, splitting: Splitting::Backtrack };
    parmatch::check_unused(
        cx,
        &mut |refute, pat| match partial_pred(cx, level, info, env, expected, &pat) {
            Some(witness) if refute => error(pat.loc, env, Error::UnrefutedPattern(witness)),
            result => Ok(result),
        },
        cases,
    )
}
