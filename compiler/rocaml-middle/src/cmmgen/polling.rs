//! Where functions poll: upstream's rules (`Polling`).
//!
//! A loop needs a poll if an iteration can pass without an allocation or a poll of its own. A
//! function needs one at its entry if it can come without either to a tail call that may be what
//! closes a loop of tail calls. That is a call of an unknown function, of the function itself, or of
//! one further on in the unit: in each endless sequence of calls such ones come again and again.
//!
//! Both are answered by walking backwards what may run next. The state before an expression is
//! whether from there a way without safepoint leads to what the analysis looks for.

use super::build::MAX_YOUNG_WORDS;
use crate::cmm::{Callee, Expr, Function, Handler, LabelId, Op, Symbol};
use std::collections::{HashMap, HashSet};

/// Adds the polls that a function needs; `future` are the functions that are not done yet, itself
/// included.
pub(super) fn instrument(function: &mut Function, future: &HashSet<Symbol>) {
    let mut loops = Analysis::of_loops();
    loops.run(&function.body);
    let mut calls = Analysis::of_tail_calls(future);
    calls.run(&function.body);
    if loops.labels.values().any(|&unguarded| unguarded) {
        poll_in_loops(&mut function.body, &loops.labels);
    }
    if calls.found {
        let body = std::mem::replace(&mut function.body, Expr::Void);
        function.body = polled(body);
    }
}

fn polled(body: Expr) -> Expr {
    Expr::Sequence(Box::new(Expr::Op(Op::Poll, vec![], None)), Box::new(body))
}

/// Makes the handlers of unguarded loops begin with a poll: one place, where upstream polls at each
/// jump back.
fn poll_in_loops(e: &mut Expr, unguarded: &HashMap<LabelId, bool>) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        if let Expr::Catch { recursive: true, handlers, .. } = e {
            for handler in handlers.iter_mut().filter(|handler| unguarded[&handler.label]) {
                let body = std::mem::replace(&mut handler.body, Expr::Void);
                handler.body = polled(body);
            }
        }
        e.for_each_child_mut(&mut |child| poll_in_loops(child, unguarded));
    });
}

/// What runs after an expression.
#[derive(Clone, Copy)]
struct After {
    /// The state where its value goes.
    next: bool,
    /// The state of the handler of exceptions.
    exn: bool,
    /// Its value is the function's.
    tail: bool,
}

impl After {
    fn operand(self, next: bool) -> After {
        After { next, tail: false, ..self }
    }
}

struct Analysis<'a> {
    /// What tail calls of the unit's functions count; `None`: a tail call ends the loop.
    future: Option<&'a HashSet<Symbol>>,
    /// The states of handlers. Those of loops are as known so far.
    labels: HashMap<LabelId, bool>,
    /// A state of a loop has changed since its jumps were looked at.
    changed: bool,
    found: bool,
}

impl<'a> Analysis<'a> {
    fn of_loops() -> Analysis<'a> {
        Analysis { future: None, labels: HashMap::new(), changed: false, found: false }
    }

    fn of_tail_calls(future: &'a HashSet<Symbol>) -> Analysis<'a> {
        Analysis { future: Some(future), labels: HashMap::new(), changed: false, found: false }
    }

    /// States only go one way, so that this ends.
    fn run(&mut self, body: &Expr) {
        loop {
            self.changed = false;
            self.found = self.expr(body, After { next: false, exn: false, tail: true });
            if !self.changed {
                return;
            }
        }
    }

    fn expr(&mut self, e: &Expr, after: After) -> bool {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.node(e, after))
    }

    fn node(&mut self, e: &Expr, after: After) -> bool {
        match e {
            Expr::Const(_) | Expr::Var(_) | Expr::Void => after.next,
            Expr::Let(_, _, first, rest) | Expr::LetMut(_, _, first, rest) | Expr::Sequence(first, rest) => {
                let next = self.expr(rest, after);
                self.expr(first, after.operand(next))
            }
            Expr::Assign(_, value) => self.expr(value, after.operand(after.next)),
            Expr::Op(op, operands, _) => {
                let before = self.operation(op, after);
                self.operands(operands, after.operand(before))
            }
            Expr::If(condition, yes, no) => {
                let next = self.expr(yes, after) | self.expr(no, after);
                self.expr(condition, after.operand(next))
            }
            Expr::Switch(scrutinee, _, cases) => {
                let next = cases.iter().fold(false, |next, case| next | self.expr(case, after));
                self.expr(scrutinee, after.operand(next))
            }
            Expr::Catch { recursive: false, handlers, body } => {
                for handler in handlers {
                    let state = self.expr(&handler.body, after);
                    self.labels.insert(handler.label, state);
                }
                self.expr(body, after)
            }
            Expr::Catch { recursive: true, handlers, body } => {
                self.repeated(handlers, after);
                self.expr(body, after)
            }
            Expr::Exit(label, arguments) => {
                let next = self.labels[label];
                self.operands(arguments, after.operand(next))
            }
            Expr::TryWith(body, _, handler) => {
                let exn = self.expr(handler, after);
                self.expr(body, After { exn, tail: false, ..after })
            }
        }
    }

    /// Of loops it is assumed that nothing guards them until a way round is seen to be guarded; of
    /// tail calls that there is none.
    fn repeated(&mut self, handlers: &[Handler], after: After) {
        for handler in handlers {
            self.labels.entry(handler.label).or_insert(self.future.is_none());
        }
        for handler in handlers {
            let state = self.expr(&handler.body, after);
            self.changed |= self.labels.insert(handler.label, state) != Some(state);
        }
    }

    /// Evaluated from right to left.
    fn operands(&mut self, operands: &[Expr], after: After) -> bool {
        operands.iter().fold(after.next, |next, operand| self.expr(operand, after.operand(next)))
    }

    fn operation(&self, op: &Op, after: After) -> bool {
        match op {
            Op::Alloc { header, .. } if header >> 10 <= MAX_YOUNG_WORDS as u64 => false,
            Op::Poll => false,
            Op::Apply(callee) if after.tail => self.tail_call(callee),
            Op::Perform | Op::Reperform | Op::Resume | Op::RunStack if after.tail => false,
            Op::Raise(_) => after.exn,
            Op::Apply(_) | Op::Perform | Op::Reperform | Op::Resume | Op::RunStack | Op::Alloc { .. } => {
                after.next | after.exn
            }
            Op::ExtCall(call) if call.raises => after.next | after.exn,
            _ => after.next,
        }
    }

    fn tail_call(&self, callee: &Callee) -> bool {
        let Some(future) = self.future else { return false };
        match callee {
            Callee::Direct(symbol, _) => future.contains(symbol) || symbol.starts_with("caml_apply"),
            Callee::Indirect(_) => true,
        }
    }
}
