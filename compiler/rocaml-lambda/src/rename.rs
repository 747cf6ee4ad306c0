//! Copies of Lambda terms with fresh variables and labels, so that what a unit binds stays unique.

use crate::lambda::{Function, Lambda, Primitive, Program, StaticLabel};
use crate::map::deep;
use rocaml_base::Name;
use rocaml_types::Ident;
use std::cell::Cell;
use std::collections::HashMap;

thread_local! {
    static NEXT_LABEL: Cell<u32> = const { Cell::new(0) };
}

/// A label that no handler has: upstream's `next_raise_count`.
pub fn fresh_label() -> StaticLabel {
    NEXT_LABEL.with(|next| {
        next.set(next.get() + 1);
        StaticLabel(next.get())
    })
}

/// Counts labels from the first again: a session or a program begins.
pub fn restart_labels() {
    NEXT_LABEL.set(0);
}

/// A copy whose free variables are renamed as told and whose bound ones are fresh.
pub fn copy_with(lambda: &Lambda, renaming: impl IntoIterator<Item = (Ident, Ident)>) -> Lambda {
    let mut copy = lambda.clone();
    let mut renamer = Renamer { idents: renaming.into_iter().collect(), labels: HashMap::new(), fresh: true };
    renamer.term(&mut copy);
    copy
}

/// Renames free variables in place.
pub fn rename_free(lambda: &mut Lambda, renaming: impl IntoIterator<Item = (Ident, Ident)>) {
    let mut renamer = Renamer { idents: renaming.into_iter().collect(), labels: HashMap::new(), fresh: false };
    renamer.term(lambda);
}

/// Names units in a program as they are named in symbols.
pub fn rename_units(program: &mut Program, symbol: &dyn Fn(Name) -> Name) {
    program.unit = symbol(program.unit);
    rename_units_in(&mut program.code, symbol);
}

fn rename_units_in(lambda: &mut Lambda, symbol: &dyn Fn(Name) -> Name) {
    deep(|| {
        if let Lambda::Prim(Primitive::GetGlobal(unit) | Primitive::GetGlobalField(unit, _), ..) = lambda {
            *unit = symbol(*unit);
        }
        lambda.parts_mut(&mut |_, part| rename_units_in(part, symbol));
    });
}

struct Renamer {
    idents: HashMap<Ident, Ident>,
    labels: HashMap<StaticLabel, StaticLabel>,
    /// Rename what is bound too.
    fresh: bool,
}

impl Renamer {
    fn bind(&mut self, id: &mut Ident) {
        if self.fresh {
            let new = id.rename();
            self.idents.insert(*id, new);
            *id = new;
        }
    }

    fn occurrence(&self, id: &mut Ident) {
        if let Some(new) = self.idents.get(id) {
            *id = *new;
        }
    }

    fn term(&mut self, lambda: &mut Lambda) {
        deep(|| self.node(lambda));
    }

    fn function(&mut self, function: &mut Function) {
        function.params.iter_mut().for_each(|(id, _)| self.bind(id));
        self.term(&mut function.body);
    }

    fn node(&mut self, lambda: &mut Lambda) {
        match lambda {
            Lambda::Var(id) | Lambda::MutVar(id) => self.occurrence(id),
            Lambda::Function(function) => self.function(function),
            Lambda::Let(_, _, id, def, body) | Lambda::MutLet(_, id, def, body) => {
                self.term(def);
                self.bind(id);
                self.term(body);
            }
            Lambda::LetRec(bindings, body) => {
                bindings.iter_mut().for_each(|binding| self.bind(&mut binding.id));
                bindings.iter_mut().for_each(|binding| self.function(&mut binding.def));
                self.term(body);
            }
            Lambda::StaticRaise(label, args) => {
                if let Some(new) = self.labels.get(label) {
                    *label = *new;
                }
                args.iter_mut().for_each(|arg| self.term(arg));
            }
            Lambda::StaticCatch(body, (label, vars), handler) => {
                if self.fresh {
                    let new = fresh_label();
                    self.labels.insert(*label, new);
                    *label = new;
                }
                self.term(body);
                vars.iter_mut().for_each(|(id, _)| self.bind(id));
                self.term(handler);
            }
            Lambda::TryWith(body, id, handler) => {
                self.term(body);
                self.bind(id);
                self.term(handler);
            }
            Lambda::For(id, from, to, _, body) => {
                self.term(from);
                self.term(to);
                self.bind(id);
                self.term(body);
            }
            Lambda::Assign(id, value) => {
                self.occurrence(id);
                self.term(value);
            }
            other => other.parts_mut(&mut |_, part| self.term(part)),
        }
    }
}
