//! The verifier of Lambda.
//!
//! # Invariants
//! - Every variable is bound before use, and bound once in a unit.
//! - Only variables bound by [`Lambda::MutLet`] are assigned or read as mutable, and only in the
//!   function that binds them.
//! - A [`Lambda::StaticRaise`] has as many arguments as its handler has variables, and is in the
//!   same function as its [`Lambda::StaticCatch`], within the body.

use crate::lambda::*;
use crate::map::deep;
use rocaml_types::Ident;
use std::collections::{HashMap, HashSet};

/// What is wrong with a unit, if anything is.
pub fn verify(program: &Program) -> Result<(), String> {
    verify_term(&program.code)
}

/// The same of a closed term.
pub fn verify_term(lambda: &Lambda) -> Result<(), String> {
    let mut verifier = Verifier::default();
    verifier.term(lambda);
    match verifier.error {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Verifier {
    /// All that was ever bound.
    bound: HashSet<Ident>,
    /// What is in scope.
    scope: HashSet<Ident>,
    /// Mutable variables in scope and the function that binds them.
    mutable: HashMap<Ident, usize>,
    labels: HashMap<StaticLabel, (usize, usize)>,
    function: usize,
    last_function: usize,
    error: Option<String>,
}

impl Verifier {
    fn fail(&mut self, message: impl FnOnce() -> String) {
        if self.error.is_none() {
            self.error = Some(message());
        }
    }

    /// Runs `f` with variables in scope.
    fn with(&mut self, ids: &[Ident], f: impl FnOnce(&mut Self)) {
        for id in ids {
            if !self.bound.insert(*id) {
                self.fail(|| format!("{id:?} is bound twice"));
            }
            self.scope.insert(*id);
        }
        f(self);
        ids.iter().for_each(|id| {
            self.scope.remove(id);
        });
    }

    fn function(&mut self, function: &Function) {
        self.last_function += 1;
        let outer = std::mem::replace(&mut self.function, self.last_function);
        let params: Vec<Ident> = function.params.iter().map(|(id, _)| *id).collect();
        self.with(&params, |this| this.term(&function.body));
        self.function = outer;
    }

    fn variable(&mut self, id: Ident) {
        if !self.scope.contains(&id) {
            self.fail(|| format!("{id:?} is not in scope"));
        }
    }

    fn mutable_variable(&mut self, id: Ident) {
        if self.mutable.get(&id) != Some(&self.function) {
            self.fail(|| format!("{id:?} is not a mutable variable of this function"));
        }
    }

    fn all(&mut self, lambdas: &[Lambda]) {
        lambdas.iter().for_each(|lambda| self.term(lambda));
    }

    fn term(&mut self, lambda: &Lambda) {
        if self.error.is_none() {
            deep(|| self.node(lambda));
        }
    }

    fn node(&mut self, lambda: &Lambda) {
        match lambda {
            Lambda::Var(id) => self.variable(*id),
            Lambda::MutVar(id) => self.mutable_variable(*id),
            Lambda::Assign(id, value) => {
                self.mutable_variable(*id);
                self.term(value);
            }
            Lambda::Function(function) => self.function(function),
            Lambda::Let(_, _, id, def, body) => {
                self.term(def);
                self.with(&[*id], |this| this.term(body));
            }
            Lambda::MutLet(_, id, def, body) => {
                self.term(def);
                if !self.bound.insert(*id) {
                    self.fail(|| format!("{id:?} is bound twice"));
                }
                self.mutable.insert(*id, self.function);
                self.term(body);
                self.mutable.remove(id);
            }
            Lambda::LetRec(bindings, body) => {
                let ids: Vec<Ident> = bindings.iter().map(|binding| binding.id).collect();
                self.with(&ids, |this| {
                    bindings.iter().for_each(|binding| this.function(&binding.def));
                    this.term(body);
                });
            }
            Lambda::StaticRaise(label, args) => {
                self.all(args);
                match self.labels.get(label) {
                    None => self.fail(|| format!("{label} has no handler here")),
                    Some((arity, _)) if *arity != args.len() => self.fail(|| format!("{label} has another arity")),
                    Some((_, function)) if *function != self.function => {
                        self.fail(|| format!("{label} is of another function"));
                    }
                    Some(_) => {}
                }
            }
            Lambda::StaticCatch(body, (label, vars), handler) => {
                if self.labels.insert(*label, (vars.len(), self.function)).is_some() {
                    self.fail(|| format!("{label} is bound within itself"));
                }
                self.term(body);
                self.labels.remove(label);
                let ids: Vec<Ident> = vars.iter().map(|(id, _)| *id).collect();
                self.with(&ids, |this| this.term(handler));
            }
            Lambda::TryWith(body, id, handler) => {
                self.term(body);
                self.with(&[*id], |this| this.term(handler));
            }
            Lambda::For(id, from, to, _, body) => {
                self.term(from);
                self.term(to);
                self.with(&[*id], |this| this.term(body));
            }
            other => other.parts(&mut |_, part| self.term(part)),
        }
    }
}
