//! Loops whose only safepoint is the poll that they begin with.
//!
//! A value that is declared to the collector and lives across a safepoint has its place on the
//! stack: each use loads it. In an inner loop that is too dear for a poll that nearly never does
//! anything. So the values that such a loop uses are held by variables of its own, which only the
//! slow path of the poll stores and loads again.

use cranelift_frontend::Variable;
use rocaml_middle::cmm::{Expr, Handler, Op, Type, VarId};

use super::calls::never_returns;
use super::{Binding, FunctionLowering};
use cranelift_codegen::ir::types;

/// More roots than this have no registers anyway.
const MAX_ROOTS: usize = 8;

/// The variables of a loop, and what they stood for before it.
pub(super) struct LoopRoots {
    variables: Vec<Variable>,
    outer: Vec<(VarId, Binding)>,
}

impl FunctionLowering<'_, '_> {
    /// Before the jump into a loop: gives the values that it uses variables of its own.
    pub(super) fn enter_loop(&mut self, handlers: &[Handler]) -> Option<LoopRoots> {
        let [handler] = handlers else { return None };
        let rest = after_poll(&handler.body)?;
        let mut scan = Scan { used: Vec::new(), plain: true };
        scan.expr(rest);
        if !scan.plain {
            return None;
        }
        let mut roots = LoopRoots { variables: Vec::new(), outer: Vec::new() };
        for var in scan.used {
            let binding = self.vars[var.0 as usize];
            let Binding::Value(value, Type::Val) = binding else { continue };
            if self.is_constant(value) || roots.outer.iter().any(|(known, _)| *known == var) {
                continue;
            }
            if roots.outer.len() == MAX_ROOTS {
                break;
            }
            let variable = self.b.declare_var(types::I64);
            self.b.def_var(variable, value);
            self.vars[var.0 as usize] = Binding::Mutable(variable, Type::Val);
            roots.variables.push(variable);
            roots.outer.push((var, binding));
        }
        Some(roots)
    }

    /// The poll of a loop and what follows it.
    pub(super) fn begin_loop<'e>(&mut self, body: &'e Expr, roots: &LoopRoots) -> &'e Expr {
        let rest = after_poll(body).expect("a loop begins with a poll");
        self.poll_keeping(&roots.variables, &None);
        rest
    }

    pub(super) fn leave_loop(&mut self, roots: LoopRoots) {
        for (var, binding) in roots.outer {
            self.vars[var.0 as usize] = binding;
        }
    }
}

/// What follows the poll that a loop or a function begins with.
pub(super) fn after_poll(body: &Expr) -> Option<&Expr> {
    match body {
        Expr::Sequence(first, rest) if matches!(**first, Expr::Op(Op::Poll, ..)) => Some(rest),
        _ => None,
    }
}

/// A walk over the body of a loop.
struct Scan {
    used: Vec<VarId>,
    /// No safepoint was seen after which control goes on, and no handler of exceptions.
    plain: bool,
}

impl Scan {
    fn expr(&mut self, expr: &Expr) {
        if !self.plain {
            return;
        }
        match expr {
            Expr::Const(_) | Expr::Void => {}
            Expr::Var(var) => self.used.push(*var),
            Expr::Let(_, _, a, b) | Expr::LetMut(_, _, a, b) | Expr::Sequence(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Expr::Assign(_, value) => self.expr(value),
            Expr::Op(op, operands, _) => {
                self.plain &= !is_safepoint(op);
                operands.iter().for_each(|operand| self.expr(operand));
            }
            Expr::If(a, b, c) => [a, b, c].into_iter().for_each(|e| self.expr(e)),
            Expr::Switch(scrutinee, _, cases) => {
                self.expr(scrutinee);
                cases.iter().for_each(|case| self.expr(case));
            }
            Expr::Catch { handlers, body, .. } => {
                self.expr(body);
                handlers.iter().for_each(|handler| self.expr(&handler.body));
            }
            Expr::Exit(_, arguments) => arguments.iter().for_each(|argument| self.expr(argument)),
            Expr::TryWith(..) => self.plain = false,
        }
    }
}

fn is_safepoint(op: &Op) -> bool {
    match op {
        Op::ExtCall(call) => (call.alloc || call.raises) && !never_returns(&call.name),
        Op::Apply(_) | Op::Alloc { .. } | Op::Poll => true,
        Op::Perform | Op::Reperform | Op::Resume | Op::RunStack => true,
        _ => false,
    }
}
