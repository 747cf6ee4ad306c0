//! The free variables of Lambda terms.

use crate::lambda::{Function, Lambda};
use rocaml_types::Ident;
use std::collections::HashSet;

/// Free variables of a function, in the order of their first occurrence.
pub fn free_variables(function: &Function) -> Vec<Ident> {
    let mut walk = Walk { bound: HashSet::new(), seen: HashSet::new(), order: Vec::new() };
    walk.bound.extend(function.params.iter().map(|(id, _)| *id));
    walk.visit(&function.body);
    walk.order
}

struct Walk {
    /// Idents are unique in a unit, so what was bound anywhere within is not free.
    bound: HashSet<Ident>,
    seen: HashSet<Ident>,
    order: Vec<Ident>,
}

impl Walk {
    fn occurrence(&mut self, id: Ident) {
        if !self.bound.contains(&id) && self.seen.insert(id) {
            self.order.push(id);
        }
    }

    fn all(&mut self, lambdas: &[Lambda]) {
        lambdas.iter().for_each(|l| self.visit(l));
    }

    fn visit(&mut self, lambda: &Lambda) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.visit_node(lambda));
    }

    fn visit_node(&mut self, lambda: &Lambda) {
        match lambda {
            Lambda::Var(id) | Lambda::MutVar(id) => self.occurrence(*id),
            Lambda::Const(_) => {}
            Lambda::Apply(apply) => {
                self.visit(&apply.func);
                self.all(&apply.args);
            }
            Lambda::Function(function) => self.function(function),
            Lambda::Let(_, _, id, def, body) | Lambda::MutLet(_, id, def, body) => {
                self.visit(def);
                self.bound.insert(*id);
                self.visit(body);
            }
            Lambda::LetRec(bindings, body) => {
                self.bound.extend(bindings.iter().map(|b| b.id));
                bindings.iter().for_each(|b| self.function(&b.def));
                self.visit(body);
            }
            Lambda::Prim(_, args, _) | Lambda::StaticRaise(_, args) => self.all(args),
            Lambda::Switch(scrutinee, switch, _) => {
                self.visit(scrutinee);
                switch.consts.iter().for_each(|(_, l)| self.visit(l));
                switch.blocks.iter().for_each(|(_, l)| self.visit(l));
                switch.failaction.iter().for_each(|l| self.visit(l));
            }
            Lambda::StringSwitch(scrutinee, cases, default, _) => {
                self.visit(scrutinee);
                cases.iter().for_each(|(_, l)| self.visit(l));
                default.iter().for_each(|l| self.visit(l));
            }
            Lambda::StaticCatch(body, (_, vars), handler) => {
                self.visit(body);
                self.bound.extend(vars.iter().map(|(id, _)| *id));
                self.visit(handler);
            }
            Lambda::TryWith(body, id, handler) => {
                self.visit(body);
                self.bound.insert(*id);
                self.visit(handler);
            }
            Lambda::IfThenElse(a, b, c) => {
                self.visit(a);
                self.visit(b);
                self.visit(c);
            }
            Lambda::Sequence(a, b) | Lambda::While(a, b) => {
                self.visit(a);
                self.visit(b);
            }
            Lambda::For(id, from, to, _, body) => {
                self.visit(from);
                self.visit(to);
                self.bound.insert(*id);
                self.visit(body);
            }
            Lambda::Assign(id, value) => {
                self.occurrence(*id);
                self.visit(value);
            }
            Lambda::Send(_, method, object, args, _) => {
                self.visit(method);
                self.visit(object);
                self.all(args);
            }
        }
    }

    fn function(&mut self, function: &Function) {
        self.bound.extend(function.params.iter().map(|(id, _)| *id));
        self.visit(&function.body);
    }
}

/// Whether a variable occurs in a term.
pub fn occurs(id: Ident, lambda: &Lambda) -> bool {
    let mut walk = Walk { bound: HashSet::new(), seen: HashSet::new(), order: Vec::new() };
    walk.visit(lambda);
    walk.seen.contains(&id)
}

/// The free variables of a term, in the order of their first occurrence.
pub fn free_in_order(lambda: &Lambda) -> Vec<Ident> {
    let mut walk = Walk { bound: HashSet::new(), seen: HashSet::new(), order: Vec::new() };
    walk.visit(lambda);
    walk.order
}

/// The free variables of a term.
pub fn free_in(lambda: &Lambda) -> HashSet<Ident> {
    let mut walk = Walk { bound: HashSet::new(), seen: HashSet::new(), order: Vec::new() };
    walk.visit(lambda);
    walk.seen
}
