//! Tail calls modulo constructors: upstream's `Tmc`.
//!
//! A function marked `[@tail_mod_cons]` gets a second version in *destination-passing style*: it
//! takes a block and the index of a field, and stores its result there instead of returning it.
//! A call of such a function as an argument of a constructor, where the constructor is the result
//! of a marked function, then needs nothing after it: the block is made first, with a hole, and
//! the call is a tail call that fills the hole.
//!
//! ```text
//! map f (x :: xs) = f x :: map f xs
//! map_dps block i f (x :: xs) = let b = f x :: <hole> in block.(i) <- b; map_dps b 1 f xs
//! ```
//!
//! Directly nested constructors are made from the inside to the outside, so that one store into
//! the destination publishes all of them and arguments are evaluated from right to left.

use crate::error::{Error, ErrorKind, Result};
use crate::lambda::*;
use crate::map::{Position, deep};
use crate::rename::copy_with;
use crate::translator::{apply, let_, make_block, sequence};
use crate::translcore::MAX_ARITY;
use rocaml_base::Location;
use rocaml_diag::warning::Warning;
use rocaml_types::Ident;
use rocaml_types::context::Context;
use std::collections::HashMap;

/// Rewrites the functions of a unit that ask for it.
pub(crate) fn rewrite(cx: &Context, code: &mut Lambda) -> Result<()> {
    let mut rewriter = Rewriter { cx, candidates: HashMap::new(), error: None };
    rewriter.declare(code);
    if !rewriter.candidates.is_empty() {
        rewriter.term(code, &Place::Elsewhere);
    }
    rewriter.error.map_or(Ok(()), Err)
}

/// A function that has a version in destination-passing style.
#[derive(Clone, Copy)]
struct Candidate {
    dps: Ident,
    kind: FunctionKind,
    arity: usize,
}

/// Where a term stands.
#[derive(Clone)]
enum Place {
    /// Not in a tail position of a marked function.
    Elsewhere,
    /// Its value is that of a marked function.
    Result,
    /// Its value is to be stored: the block, the index as an OCaml integer, and whether nothing
    /// but the destination makes that different from [`Place::Result`].
    Destination(Ident, Lambda, bool),
}

/// A block of a nest of constructors, with its hole.
struct Cell {
    id: Ident,
    tag: u8,
    args: Vec<Lambda>,
    hole: usize,
    loc: ScopedLocation,
}

/// A call that could become a tail call.
struct Call {
    loc: Location,
    explicit: bool,
}

struct Rewriter<'a> {
    cx: &'a Context,
    candidates: HashMap<Ident, Candidate>,
    error: Option<Box<Error>>,
}

/// Whether a term may have parts whose value is its own.
fn has_tail(lambda: &Lambda) -> bool {
    matches!(
        lambda,
        Lambda::Let(..)
            | Lambda::MutLet(..)
            | Lambda::LetRec(..)
            | Lambda::Switch(..)
            | Lambda::StringSwitch(..)
            | Lambda::StaticCatch(..)
            | Lambda::TryWith(..)
            | Lambda::IfThenElse(..)
            | Lambda::Sequence(..)
    )
}

fn is_block(prim: &Primitive) -> bool {
    matches!(prim, Primitive::MakeBlock(..))
}

impl Rewriter<'_> {
    /// Notes the marked functions that a term binds.
    fn declare(&mut self, lambda: &Lambda) {
        deep(|| {
            match lambda {
                Lambda::Let(_, _, id, def, _) => {
                    if let Lambda::Function(function) = &**def {
                        self.declare_function(*id, function);
                    }
                }
                Lambda::LetRec(bindings, _) => {
                    bindings.iter().for_each(|binding| self.declare_function(binding.id, &binding.def));
                }
                _ => {}
            }
            lambda.parts(&mut |_, part| self.declare(part));
        });
    }

    fn declare_function(&mut self, id: Ident, function: &Function) {
        let arity = function.params.len();
        if function.attr.tmc_candidate && arity + 2 <= MAX_ARITY {
            let dps = Ident::create_local(format!("{}_dps", id.name()).as_str().into());
            self.candidates.insert(id, Candidate { dps, kind: function.kind, arity });
        }
    }

    // -----------------------------------------------------------------------------------------
    // Analysis

    /// The candidate that a call calls with exactly its arguments.
    fn callee(&self, call: &Apply) -> Option<Candidate> {
        let Lambda::Var(id) = &call.func else { return None };
        let candidate = *self.candidates.get(id)?;
        let fits = match (candidate.kind, call.args.as_slice()) {
            (FunctionKind::Curried, args) => args.len() == candidate.arity,
            (FunctionKind::Tupled, [Lambda::Prim(prim, parts, _)]) => is_block(prim) && parts.len() == candidate.arity,
            (FunctionKind::Tupled, _) => false,
        };
        (fits && call.tailcall != TailcallAttribute::Expect(false)).then_some(candidate)
    }

    /// The calls in a term that could be tail calls, if the term's value had a destination.
    fn calls(&self, lambda: &Lambda, found: &mut Vec<Call>) {
        deep(|| match lambda {
            Lambda::Apply(call) if self.callee(call).is_some() => {
                found.push(Call { loc: call.loc.loc, explicit: call.tailcall == TailcallAttribute::Expect(true) });
            }
            Lambda::Prim(prim, args, _) if is_block(prim) => args.iter().for_each(|arg| self.calls(arg, found)),
            lambda if has_tail(lambda) => lambda.parts(&mut |position, part| {
                if position == Position::Tail {
                    self.calls(part, found);
                }
            }),
            _ => {}
        });
    }

    /// The argument of a constructor that becomes its hole.
    fn hole(&mut self, args: &[Lambda], loc: &ScopedLocation) -> Option<usize> {
        let mut choices: Vec<(usize, Vec<Call>)> = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let mut found = Vec::new();
            self.calls(arg, &mut found);
            if !found.is_empty() {
                choices.push((index, found));
            }
        }
        let explicit = |calls: &[Call]| calls.iter().any(|call| call.explicit);
        let asked: Vec<usize> = choices.iter().filter(|(_, calls)| explicit(calls)).map(|(index, _)| *index).collect();
        match (choices.as_slice(), asked.as_slice()) {
            ([], _) => None,
            ([(index, _)], _) | (_, [index]) => Some(*index),
            (_, asked) => {
                let explicit = !asked.is_empty();
                let calls = choices.iter().flat_map(|(_, calls)| calls).filter(|call| call.explicit || !explicit);
                let calls = calls.map(|call| call.loc).collect();
                self.error.get_or_insert_with(|| {
                    Error::new(loc.loc, ErrorKind::AmbiguousConstructorArguments { explicit, calls })
                });
                None
            }
        }
    }

    // -----------------------------------------------------------------------------------------
    // Rewriting

    fn term(&mut self, lambda: &mut Lambda, place: &Place) {
        deep(|| match lambda {
            Lambda::Let(_, _, id, def, body) if self.candidates.contains_key(id) => {
                if let Lambda::Function(function) = &mut **def {
                    let dps = self.versions(*id, function);
                    self.term(body, place);
                    let function = Lambda::Function(Box::new(dps.def));
                    **body = let_(LetKind::Strict, ValueKind::Generic, dps.id, function, body.take());
                }
            }
            Lambda::LetRec(bindings, body) => {
                let mut more = Vec::new();
                for binding in bindings.iter_mut() {
                    if self.candidates.contains_key(&binding.id) {
                        more.push(self.versions(binding.id, &mut binding.def));
                    } else {
                        self.term(&mut binding.def.body, &Place::Elsewhere);
                    }
                }
                bindings.extend(more);
                self.term(body, place);
            }
            Lambda::Apply(_) => self.call(lambda, place),
            Lambda::Prim(prim, args, loc) if is_block(prim) && !matches!(place, Place::Elsewhere) => {
                let loc = loc.clone();
                match self.hole(args, &loc) {
                    Some(hole) => *lambda = self.construct(lambda.take(), hole, place),
                    None => self.value(lambda, place),
                }
            }
            Lambda::TryWith(body, _, handler) => {
                self.term(body, &Place::Elsewhere);
                store(body, place);
                self.term(handler, place);
            }
            Lambda::StaticRaise(..) => lambda.parts_mut(&mut |_, part| self.term(part, &Place::Elsewhere)),
            _ if has_tail(lambda) => lambda.parts_mut(&mut |position, part| match position {
                Position::Tail => self.term(part, place),
                Position::NonTail | Position::Body => self.term(part, &Place::Elsewhere),
            }),
            _ => self.value(lambda, place),
        });
    }

    /// A term without calls that matter.
    fn value(&mut self, lambda: &mut Lambda, place: &Place) {
        lambda.parts_mut(&mut |_, part| self.term(part, &Place::Elsewhere));
        store(lambda, place);
    }

    /// Rewrites a marked function in place and returns its other version.
    fn versions(&mut self, id: Ident, function: &mut Function) -> RecBinding {
        let dps = self.candidates[&id].dps;
        let mut calls = Vec::new();
        self.calls(&function.body, &mut calls);
        if calls.is_empty() {
            self.cx.warn(function.loc.loc, Warning::UnusedTmcAttribute);
        }
        let def = self.destination_version(function);
        self.term(&mut function.body, &Place::Result);
        RecBinding { id: dps, def }
    }

    fn destination_version(&mut self, function: &Function) -> Function {
        let params = function.params.iter().map(|(id, kind)| (id.rename(), *kind)).collect::<Vec<_>>();
        let renaming = function.params.iter().zip(&params).map(|((old, _), (new, _))| (*old, *new));
        let mut body = copy_with(&function.body, renaming);
        self.declare(&body);
        let (block, index) = (Ident::create_local("block".into()), Ident::create_local("index".into()));
        self.term(&mut body, &Place::Destination(block, Lambda::Var(index), true));
        let destination = [(block, ValueKind::Generic), (index, ValueKind::Int)];
        Function {
            kind: FunctionKind::Curried,
            params: destination.into_iter().chain(params).collect(),
            return_kind: ValueKind::Generic,
            body,
            attr: function.attr,
            loc: function.loc.clone(),
        }
    }

    fn call(&mut self, lambda: &mut Lambda, place: &Place) {
        lambda.parts_mut(&mut |_, part| self.term(part, &Place::Elsewhere));
        let Lambda::Apply(call) = &mut *lambda else { return };
        if matches!(place, Place::Result) && call.tailcall == TailcallAttribute::Expect(false) {
            // It means the other version, where the call is none: this one keeps its tail calls.
            call.tailcall = TailcallAttribute::Default;
        }
        let Place::Destination(block, index, tail) = place else { return };
        let Some(callee) = self.callee(call) else {
            if *tail && call.tailcall != TailcallAttribute::Expect(false) {
                self.cx.warn(call.loc.loc, Warning::TmcBreaksTailcall);
            }
            return store(lambda, place);
        };
        let mut args = std::mem::take(&mut call.args);
        if let (FunctionKind::Tupled, Some(Lambda::Prim(_, parts, _))) = (callee.kind, args.first_mut()) {
            args = std::mem::take(parts);
        }
        args.splice(0..0, [Lambda::Var(*block), index.clone()]);
        *lambda = apply(Lambda::Var(callee.dps), args, &call.loc);
    }

    /// A constructor with a hole, and those directly within.
    fn construct(&mut self, mut block: Lambda, mut hole: usize, place: &Place) -> Lambda {
        let mut cells: Vec<Cell> = Vec::new();
        let mut filling = loop {
            let Lambda::Prim(Primitive::MakeBlock(tag, ..), mut args, loc) = block else { break block };
            let inner = std::mem::replace(&mut args[hole], Lambda::int(0));
            args.iter_mut().for_each(|arg| self.term(arg, &Place::Elsewhere));
            cells.push(Cell { id: Ident::create_local("block".into()), tag, args, hole, loc });
            match &inner {
                Lambda::Prim(prim, args, loc) if is_block(prim) => match self.hole(args, loc) {
                    Some(next) => hole = next,
                    None => break inner,
                },
                _ => break inner,
            }
            block = inner;
        };
        for outer in 1..cells.len() {
            let inner = Lambda::Var(cells[outer].id);
            let Cell { args, hole, .. } = &mut cells[outer - 1];
            args[*hole] = inner;
        }
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return filling };
        self.term(&mut filling, &Place::Destination(last.id, Lambda::int(last.hole as i64), false));
        let mut made = Lambda::Var(first.id);
        let body = match place {
            Place::Destination(..) => {
                store(&mut made, place);
                sequence(made, filling)
            }
            Place::Result | Place::Elsewhere => sequence(filling, made),
        };
        // The innermost is made first.
        cells.into_iter().fold(body, |body, Cell { id, tag, args, loc, .. }| {
            let block = make_block(tag, Mutability::Mutable, None, args, &loc);
            let_(LetKind::Strict, ValueKind::Generic, id, block, body)
        })
    }
}

/// Stores a value where it belongs.
fn store(value: &mut Lambda, place: &Place) {
    if let Place::Destination(block, index, _) = place {
        let prim = Primitive::SetFieldComputed(Pointerness::Pointer, Initialization::HeapInitialization);
        let args = vec![Lambda::Var(*block), index.clone(), value.take()];
        *value = Lambda::Prim(prim, args, ScopedLocation::none());
    }
}
