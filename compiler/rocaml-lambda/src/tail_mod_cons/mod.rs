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
//! The body of a marked function is first analysed, from its leaves, into [choices](choice::Choice):
//! what can be done with a destination and without. Both versions are then made of these.

mod choice;

use crate::error::{Error, ErrorKind, Result};
use crate::lambda::*;
use crate::map::deep;
use crate::rename::copy_with;
use crate::translcore::MAX_ARITY;
use choice::{Choice, Code, Constructor, Destination, TmcCall};
use rocaml_diag::warning::Warning;
use rocaml_types::Ident;
use rocaml_types::context::Context;
use std::collections::HashMap;

/// Rewrites the functions of a unit that ask for it.
pub(crate) fn rewrite(cx: &Context, code: &mut Lambda) -> Result<()> {
    let mut rewriter = Rewriter { cx, candidates: HashMap::new(), error: None };
    if rewriter.has_candidates(code) {
        rewriter.traverse(code);
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

struct Rewriter<'a> {
    cx: &'a Context,
    candidates: HashMap<Ident, Candidate>,
    error: Option<Box<Error>>,
}

fn is_marked(function: &Function) -> bool {
    // The other version takes two more parameters.
    function.attr.tmc_candidate && function.params.len() + 2 <= MAX_ARITY
}

/// The arguments of a call that gives a function all it takes.
fn exact_arguments(kind: FunctionKind, arity: usize, args: &[Lambda]) -> Option<Vec<Lambda>> {
    match (kind, args) {
        (FunctionKind::Curried, args) => (args.len() == arity).then(|| args.to_vec()),
        (FunctionKind::Tupled, [Lambda::Prim(Primitive::MakeBlock(..), parts, _)]) => {
            (parts.len() == arity).then(|| parts.clone())
        }
        (FunctionKind::Tupled, [Lambda::Const(StructuredConstant::Block(_, parts))]) => {
            (parts.len() == arity).then(|| parts.iter().cloned().map(Lambda::Const).collect())
        }
        (FunctionKind::Tupled, _) => None,
    }
}

impl Rewriter<'_> {
    fn has_candidates(&self, lambda: &Lambda) -> bool {
        deep(|| {
            let marked = match lambda {
                Lambda::Function(function) => function.attr.tmc_candidate,
                Lambda::LetRec(bindings, _) => bindings.iter().any(|binding| binding.def.attr.tmc_candidate),
                _ => false,
            };
            let mut found = marked;
            lambda.parts(&mut |_, part| found = found || self.has_candidates(part));
            found
        })
    }

    fn declare(&mut self, id: Ident, function: &Function) {
        if is_marked(function) {
            let dps = Ident::create_local(format!("{}_dps", id.name()).as_str().into());
            self.candidates.insert(id, Candidate { dps, kind: function.kind, arity: function.params.len() });
        }
    }

    /// Rewrites the marked functions within a term that is not in a tail position of one.
    fn traverse(&mut self, lambda: &mut Lambda) {
        deep(|| match lambda {
            Lambda::Let(kind, value_kind, id, def, body) => {
                let more = self.traverse_let(*id, def);
                self.traverse(body);
                if let Some((dps, def)) = more {
                    **body = Lambda::Let(*kind, *value_kind, dps, Box::new(def), Box::new(body.take()));
                }
            }
            Lambda::LetRec(bindings, body) => {
                self.traverse_let_rec(bindings);
                self.traverse(body);
            }
            other => other.parts_mut(&mut |_, part| self.traverse(part)),
        });
    }

    /// Rewrites a definition; its other version, if it is a marked function.
    fn traverse_let(&mut self, id: Ident, def: &mut Lambda) -> Option<(Ident, Lambda)> {
        match def {
            Lambda::Function(function) if is_marked(function) => {
                self.declare(id, function);
                // It does not see itself.
                let candidate = self.candidates.remove(&id)?;
                let other = self.versions(function);
                self.candidates.insert(id, candidate);
                Some((candidate.dps, Lambda::Function(Box::new(other))))
            }
            def => {
                self.traverse(def);
                None
            }
        }
    }

    fn traverse_let_rec(&mut self, bindings: &mut Vec<RecBinding>) {
        bindings.iter().for_each(|binding| self.declare(binding.id, &binding.def));
        for mut binding in std::mem::take(bindings) {
            match self.candidates.get(&binding.id).copied() {
                Some(candidate) => {
                    let other = self.versions(&mut binding.def);
                    bindings.push(binding);
                    bindings.push(RecBinding { id: candidate.dps, def: other });
                }
                None => {
                    self.traverse(&mut binding.def.body);
                    bindings.push(binding);
                }
            }
        }
    }

    /// Rewrites a marked function in place and returns its other version.
    fn versions(&mut self, function: &mut Function) -> Function {
        let choice = self.choice(function.body.take(), true);
        if choice.calls.is_empty() {
            self.cx.warn(function.loc.loc, Warning::UnusedTmcAttribute);
        }
        function.body = self.direct(&choice);
        let (var, offset) = (Ident::create_local("dst".into()), Ident::create_local("offset".into()));
        let dst = Destination { var, offset: Lambda::Var(offset), loc: function.loc.clone() };
        let body = self.with_destination(&choice, &mut Vec::new(), true, &dst);
        // The two versions share neither variables nor handlers.
        let params: Vec<(Ident, ValueKind)> = function.params.iter().map(|(id, kind)| (id.rename(), *kind)).collect();
        let renaming = function.params.iter().zip(&params).map(|((old, _), (new, _))| (*old, *new));
        Function {
            kind: FunctionKind::Curried,
            body: copy_with(&body, renaming),
            params: [(var, ValueKind::Generic), (offset, ValueKind::Int)].into_iter().chain(params).collect(),
            return_kind: function.return_kind,
            attr: function.attr,
            loc: function.loc.clone(),
        }
    }

    // -----------------------------------------------------------------------------------------
    // Analysis

    /// What can be done with a term whose value is that of a marked function, or an argument of a
    /// constructor. `tail` says that nothing is left to do after it.
    fn choice(&mut self, lambda: Lambda, tail: bool) -> Choice {
        deep(|| self.choice_of(lambda, tail))
    }

    fn choice_of(&mut self, mut lambda: Lambda, tail: bool) -> Choice {
        match &mut lambda {
            Lambda::Apply(_) => match lambda {
                Lambda::Apply(apply) => self.choice_of_call(*apply, tail),
                _ => unreachable!("it is a call"),
            },
            Lambda::Prim(Primitive::MakeBlock(..), args, _) => {
                let args = std::mem::take(args);
                self.choice_of_block(lambda, args)
            }
            Lambda::Let(kind, value_kind, id, def, body) => {
                let more = self.traverse_let(*id, def);
                let mut choice = self.choice(body.take(), tail);
                if let Some((dps, other)) = more {
                    let shell = Lambda::Let(*kind, *value_kind, dps, Box::new(other), Box::new(Lambda::unit()));
                    choice = Choice::of_parts(shell, vec![choice]);
                }
                Choice::of_parts(lambda, vec![choice])
            }
            Lambda::LetRec(bindings, _) => {
                self.traverse_let_rec(bindings);
                self.choice_of_parts(lambda, tail, true)
            }
            Lambda::MutLet(..)
            | Lambda::Sequence(..)
            | Lambda::IfThenElse(..)
            | Lambda::Switch(..)
            | Lambda::StringSwitch(..)
            | Lambda::StaticCatch(..)
            | Lambda::TryWith(..)
            | Lambda::Prim(Primitive::Opaque, ..) => self.choice_of_parts(lambda, tail, false),
            _ => {
                self.traverse(&mut lambda);
                Choice::leaf(lambda)
            }
        }
    }

    /// The choice of a term whose value is that of some of its parts.
    fn choice_of_parts(&mut self, mut lambda: Lambda, tail: bool, traversed: bool) -> Choice {
        let mut parts = Vec::new();
        let is_try = matches!(lambda, Lambda::TryWith(..));
        let mut other = false;
        choice::each_part(&mut lambda, &mut |is_value, part| {
            if is_value {
                // What a `try` protects is followed by the end of the protection.
                let tail = tail && !(is_try && !std::mem::replace(&mut other, true));
                parts.push(self.choice(part.take(), tail));
            } else if !traversed {
                self.traverse(part);
            }
        });
        Choice::of_parts(lambda, parts)
    }

    fn choice_of_call(&mut self, mut apply: Apply, tail: bool) -> Choice {
        let explicit = apply.tailcall == TailcallAttribute::Expect(true);
        if apply.tailcall != TailcallAttribute::Expect(false)
            && let Lambda::Var(id) = &apply.func
        {
            match self.candidates.get(id).copied() {
                None if tail => self.cx.warn(apply.loc.loc, Warning::TmcBreaksTailcall),
                None => {}
                Some(callee) => {
                    if let Some(args) = exact_arguments(callee.kind, callee.arity, &apply.args) {
                        let call = TmcCall { loc: apply.loc.loc, explicit };
                        // Both versions of a call in a tail position are tail calls.
                        apply.tailcall =
                            if tail { TailcallAttribute::Expect(true) } else { TailcallAttribute::Default };
                        return Choice::call(apply, callee.dps, args, call);
                    }
                }
            }
        }
        // With a destination, `[@tailcall false]` says that the call is knowingly not a tail call.
        let mut direct = apply.clone();
        if apply.tailcall == TailcallAttribute::Expect(false) && tail {
            direct.tailcall = TailcallAttribute::Default;
        }
        Choice::other_call(apply, direct)
    }

    /// The choice of a block: its one argument with a call to be transformed becomes its hole.
    fn choice_of_block(&mut self, block: Lambda, args: Vec<Lambda>) -> Choice {
        let choices: Vec<Choice> = args.into_iter().map(|arg| self.choice(arg, false)).collect();
        let with_calls: Vec<usize> = (0..choices.len()).filter(|&i| !choices[i].calls.is_empty()).collect();
        let asked: Vec<usize> = with_calls.iter().copied().filter(|&i| choices[i].explicit).collect();
        let hole = match (with_calls.as_slice(), asked.as_slice()) {
            ([], _) => {
                let args = choices.iter().map(|choice| self.direct(choice)).collect();
                return Choice::leaf(choice::with_arguments(block, args));
            }
            ([only], _) | (_, [only]) => *only,
            (_, asked) => {
                let explicit = !asked.is_empty();
                let ambiguous = if explicit { asked } else { &with_calls };
                let calls = ambiguous.iter().flat_map(|&i| &choices[i].calls);
                let calls = calls.filter(|call| call.explicit || !explicit).map(|call| call.loc).collect();
                let error = ErrorKind::AmbiguousConstructorArguments { explicit, calls };
                return Choice::ambiguous(block, choices, error);
            }
        };
        let (mut before, mut after, mut inner) = (Vec::new(), Vec::new(), None);
        for (index, choice) in choices.into_iter().enumerate() {
            match index.cmp(&hole) {
                std::cmp::Ordering::Less => before.push(self.direct(&choice)),
                std::cmp::Ordering::Greater => after.push(self.direct(&choice)),
                std::cmp::Ordering::Equal => inner = Some(choice),
            }
        }
        let (Some(inner), Lambda::Prim(prim, _, loc)) = (inner, block) else { unreachable!("a block has its hole") };
        Choice::block(Constructor { prim, before, after, loc }, inner)
    }

    // -----------------------------------------------------------------------------------------
    // Code

    /// The code of a term whose value is returned.
    fn direct(&mut self, choice: &Choice) -> Lambda {
        deep(|| match &choice.code {
            Code::Leaf(lambda) => lambda.clone(),
            Code::OtherCall { direct, .. } => Lambda::Apply(Box::new(direct.clone())),
            Code::Call { apply, .. } => Lambda::Apply(Box::new(apply.clone())),
            Code::Ambiguous { block, args, .. } => {
                let args = args.iter().map(|arg| self.direct(arg)).collect();
                choice::with_arguments(block.clone(), args)
            }
            Code::Parts { shell, parts } => {
                let parts = parts.iter().map(|part| self.direct(part)).collect();
                choice::with_parts(shell.clone(), parts)
            }
            Code::Block { constructor, inner } if inner.benefits => constructor.with_placeholder(|dst| {
                let filled = self.with_destination(inner, &mut Vec::new(), false, dst);
                Lambda::Sequence(Box::new(filled), Box::new(Lambda::Var(dst.var)))
            }),
            Code::Block { constructor, inner } => {
                let inner = self.direct(inner);
                constructor.apply(inner)
            }
        })
    }

    /// The code of a term whose value is stored, within constructors that are yet to be applied,
    /// the innermost last.
    fn with_destination(
        &mut self,
        choice: &Choice,
        delayed: &mut Vec<Constructor>,
        tail: bool,
        dst: &Destination,
    ) -> Lambda {
        deep(|| match &choice.code {
            Code::Leaf(lambda) => dst.store(delayed, lambda.clone()),
            Code::OtherCall { apply, .. } => dst.store(delayed, Lambda::Apply(Box::new(apply.clone()))),
            Code::Parts { shell, parts } => {
                let parts = parts.iter().map(|part| self.with_destination(part, delayed, tail, dst)).collect();
                choice::with_parts(shell.clone(), parts)
            }
            Code::Ambiguous { block, error, .. } => {
                let loc = match block {
                    Lambda::Prim(_, _, loc) => loc.loc,
                    _ => dst.loc.loc,
                };
                self.error.get_or_insert_with(|| Error::new(loc, error.clone()));
                Lambda::unit()
            }
            Code::Call { .. } => self.reified(choice, delayed, tail, dst),
            Code::Block { constructor, inner } => constructor.delay_impure(delayed.len(), |constructor| {
                delayed.push(constructor);
                let code = match inner.uses > 1 {
                    // The constructors would be applied in each of several places.
                    true => self.reified(inner, delayed, tail, dst),
                    false => self.with_destination(inner, delayed, tail, dst),
                };
                delayed.pop();
                code
            }),
        })
    }

    /// Makes the delayed constructors, with a hole which is the new destination.
    fn reified(&mut self, choice: &Choice, delayed: &[Constructor], tail: bool, dst: &Destination) -> Lambda {
        let Some((innermost, outer)) = delayed.split_last() else { return self.filled(choice, tail, dst) };
        innermost.with_placeholder(|hole| {
            let stored = dst.store(outer, Lambda::Var(hole.var));
            Lambda::Sequence(Box::new(stored), Box::new(self.filled(choice, tail, hole)))
        })
    }

    fn filled(&mut self, choice: &Choice, tail: bool, dst: &Destination) -> Lambda {
        let Code::Call { apply, dps, args } = &choice.code else {
            return self.with_destination(choice, &mut Vec::new(), tail, dst);
        };
        let args = [Lambda::Var(dst.var), dst.offset.clone()].into_iter().chain(args.iter().cloned()).collect();
        let tailcall = if tail { TailcallAttribute::Expect(true) } else { TailcallAttribute::Default };
        Lambda::Apply(Box::new(Apply { func: Lambda::Var(*dps), args, tailcall, ..apply.clone() }))
    }
}
