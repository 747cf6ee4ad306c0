//! Functions that are always called with all their arguments where their result is the result of
//! one and the same scope become static handlers of that scope: upstream's
//! `simplify_local_functions`.
//!
//! Terms are known by their addresses between the analysis and the rewriting, which does not move
//! a term before it has visited it.

use crate::lambda::*;
use crate::map::{Position, deep};
use crate::rename::fresh_label;
use rocaml_base::Location;
use rocaml_diag::warning::Warning;
use rocaml_types::Ident;
use rocaml_types::context::Context;
use std::collections::{HashMap, HashSet};

type Address = usize;

fn address(lambda: &Lambda) -> Address {
    std::ptr::from_ref(lambda) as Address
}

/// See the module's documentation.
pub(super) fn simplify(cx: &Context, code: &mut Lambda) {
    let root = address(code);
    let mut analysis = Analysis { scope: root, function: root, ..Analysis::default() };
    analysis.tail(code);
    // In the order of the source: what follows a definition is visited first.
    analysis.not_local.sort_by_key(|loc| loc.start.cnum);
    for loc in analysis.not_local.drain(..) {
        let why = "This function cannot be compiled into a static continuation";
        cx.warn(loc, Warning::InliningImpossible(why.to_owned()));
    }
    if !analysis.labels.is_empty() {
        Rewriter {
            labels: analysis.labels,
            handlers: analysis.handlers,
            functions: HashMap::new(),
            done: HashSet::new(),
        }
        .rewrite(code);
    }
}

/// A function that may become a handler.
struct Slot {
    arity: usize,
    /// The function around its definition.
    function: Address,
    /// The scope of its calls, once one was met.
    scope: Option<Address>,
}

#[derive(Default)]
struct Analysis {
    /// Functions with `[@local]` that stay functions.
    not_local: Vec<Location>,
    slots: HashMap<Ident, Slot>,
    scope: Address,
    function: Address,
    labels: HashMap<Ident, StaticLabel>,
    /// By the address of the term that becomes the body of the `catch`.
    handlers: HashMap<Address, Vec<Ident>>,
}

fn enabled(attr: &FunctionAttribute) -> bool {
    match attr.local {
        LocalAttribute::Always => true,
        LocalAttribute::Never => false,
        LocalAttribute::Default => matches!(attr.inline, InlineAttribute::Never | InlineAttribute::Default),
    }
}

impl Analysis {
    fn tail(&mut self, lambda: &Lambda) {
        deep(|| match lambda {
            Lambda::Let(_, _, id, def, body) => match &**def {
                Lambda::Function(function) if enabled(&function.attr) && function.kind == FunctionKind::Curried => {
                    self.local_function(*id, function, body);
                }
                _ => self.parts(lambda),
            },
            Lambda::Apply(apply) => {
                match &apply.func {
                    Lambda::Var(id) => self.call(id, apply.args.len()),
                    func => self.non_tail(func),
                }
                apply.args.iter().for_each(|arg| self.non_tail(arg));
            }
            Lambda::Var(id) => {
                self.slots.remove(id);
            }
            Lambda::Function(function) => {
                self.check_static(function);
                self.function_body(&function.body);
            }
            _ => self.parts(lambda),
        });
    }

    /// `[@local]` on a function that stays one.
    fn check_static(&mut self, function: &Function) {
        if function.attr.local == LocalAttribute::Always {
            self.not_local.push(function.loc.loc);
        }
    }

    fn parts(&mut self, lambda: &Lambda) {
        lambda.parts(&mut |position, part| match position {
            Position::Tail => self.tail(part),
            Position::NonTail => self.non_tail(part),
            Position::Body => self.function_body(part),
        });
    }

    fn within(&mut self, scope: Address, lambda: &Lambda) {
        let outer = std::mem::replace(&mut self.scope, scope);
        self.tail(lambda);
        self.scope = outer;
    }

    fn non_tail(&mut self, lambda: &Lambda) {
        self.within(address(lambda), lambda);
    }

    fn function_body(&mut self, body: &Lambda) {
        let outer = std::mem::replace(&mut self.function, address(body));
        self.non_tail(body);
        self.function = outer;
    }

    fn local_function(&mut self, id: Ident, function: &Function, body: &Lambda) {
        let slot = Slot { arity: function.params.len(), function: self.function, scope: None };
        self.slots.insert(id, slot);
        self.tail(body);
        match self.slots.get(&id).and_then(|slot| slot.scope) {
            Some(scope) => {
                self.labels.insert(id, fresh_label());
                // Not further out than what follows the definition.
                let place = if scope == self.scope { address(body) } else { scope };
                self.handlers.entry(place).or_default().push(id);
                self.within(scope, &function.body);
            }
            None => {
                self.check_static(function);
                self.function_body(&function.body);
            }
        }
    }

    fn call(&mut self, id: &Ident, args: usize) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let fits =
            slot.arity == args && slot.function == self.function && slot.scope.is_none_or(|scope| scope == self.scope);
        if fits {
            slot.scope = Some(self.scope);
        } else {
            self.slots.remove(id);
        }
    }
}

struct Rewriter {
    labels: HashMap<Ident, StaticLabel>,
    handlers: HashMap<Address, Vec<Ident>>,
    functions: HashMap<Ident, Function>,
    done: HashSet<Address>,
}

impl Rewriter {
    fn rewrite(&mut self, lambda: &mut Lambda) {
        deep(|| {
            let here = address(lambda);
            match &mut *lambda {
                Lambda::Let(_, _, id, def, body) if self.labels.contains_key(id) => {
                    if let Lambda::Function(mut function) = def.take() {
                        self.rewrite(&mut function.body);
                        self.functions.insert(*id, *function);
                    }
                    self.rewrite(body);
                    *lambda = body.take();
                }
                Lambda::Apply(apply) => {
                    apply.args.iter_mut().for_each(|arg| self.rewrite(arg));
                    match &mut apply.func {
                        Lambda::Var(id) if self.labels.contains_key(id) => {
                            let label = self.labels[id];
                            *lambda = Lambda::StaticRaise(label, std::mem::take(&mut apply.args));
                        }
                        func => self.rewrite(func),
                    }
                }
                other => other.parts_mut(&mut |_, part| self.rewrite(part)),
            }
            // A term that moved here is not the one that stood here.
            if self.done.insert(here) {
                for id in self.handlers.remove(&here).unwrap_or_default() {
                    if let Some(function) = self.functions.remove(&id) {
                        let body = Box::new(lambda.take());
                        *lambda =
                            Lambda::StaticCatch(body, (self.labels[&id], function.params), Box::new(function.body));
                    }
                }
            }
        });
    }
}
