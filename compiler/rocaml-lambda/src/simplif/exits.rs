//! Static handlers: those that are never raised to disappear, those that are raised to once are
//! put in place of the raise, and those that only raise to another are short-circuited.

use crate::lambda::*;
use crate::map::{Position, deep};
use crate::translator::let_;
use rocaml_types::Ident;
use std::collections::HashMap;

/// What is known of a handler.
struct Use {
    count: usize,
    /// The tail scope of the `catch`: where its value is that of the scope.
    scope: usize,
    /// A raise is elsewhere: what remains to be done there must not be done.
    escapes: bool,
}

/// What a raise becomes.
enum Replacement {
    Handler(Vec<(Ident, ValueKind)>, Lambda),
    Jump(StaticLabel),
}

/// See the module's documentation.
pub(super) fn simplify(code: &mut Lambda) {
    let mut counter = Counter { uses: HashMap::new(), next_scope: 0 };
    counter.count(code, 0);
    Rewriter { uses: counter.uses, replacements: HashMap::new() }.rewrite(code);
}

struct Counter {
    uses: HashMap<StaticLabel, Use>,
    next_scope: usize,
}

impl Counter {
    fn count(&mut self, lambda: &Lambda, scope: usize) {
        deep(|| match lambda {
            Lambda::StaticCatch(body, (label, vars), handler) => {
                self.uses.insert(*label, Use { count: 0, scope, escapes: false });
                self.count(body, scope);
                let Some(Use { count, escapes, .. }) = self.uses.get(label) else { return };
                let (count, escapes) = (*count, *escapes);
                match &**handler {
                    // What raises to this one will raise to the other.
                    Lambda::StaticRaise(other, args) if vars.is_empty() && args.is_empty() => {
                        if let Some(known) = self.uses.get_mut(other) {
                            known.count += count;
                            known.escapes |= count > 0 && (escapes || known.scope != scope);
                        }
                    }
                    // A handler that will be dropped raises to nothing.
                    _ if count == 0 => {}
                    handler => self.count(handler, scope),
                }
            }
            Lambda::StaticRaise(label, args) => {
                if let Some(known) = self.uses.get_mut(label) {
                    known.count += 1;
                    known.escapes |= known.scope != scope;
                }
                args.iter().for_each(|arg| self.count_elsewhere(arg));
            }
            _ => {
                lambda.parts(&mut |position, part| match position {
                    Position::Tail => self.count(part, scope),
                    Position::NonTail | Position::Body => self.count_elsewhere(part),
                });
                if let Some(default) = repeated_default(lambda) {
                    self.count(default, scope);
                }
            }
        });
    }

    fn count_elsewhere(&mut self, lambda: &Lambda) {
        self.next_scope += 1;
        self.count(lambda, self.next_scope);
    }
}

/// The default of a switch that code reaches in two places: for constants and for blocks, or after
/// several strings.
pub(super) fn repeated_default(lambda: &Lambda) -> Option<&Lambda> {
    match lambda {
        Lambda::Switch(_, switch, _) => {
            let twice = switch.consts.len() < switch.num_consts && switch.blocks.len() < switch.num_blocks;
            switch.failaction.as_ref().filter(|_| twice)
        }
        Lambda::StringSwitch(_, cases, Some(default), _) if cases.len() > 1 => Some(default),
        _ => None,
    }
}

struct Rewriter {
    uses: HashMap<StaticLabel, Use>,
    replacements: HashMap<StaticLabel, Replacement>,
}

impl Rewriter {
    fn rewrite(&mut self, lambda: &mut Lambda) {
        deep(|| match lambda {
            Lambda::StaticCatch(..) => self.catch(lambda),
            Lambda::StaticRaise(..) => self.raise(lambda),
            other => other.parts_mut(&mut |_, part| self.rewrite(part)),
        });
    }

    fn catch(&mut self, lambda: &mut Lambda) {
        let Lambda::StaticCatch(body, (label, vars), handler) = lambda else { return };
        let label = *label;
        let (count, escapes) = self.uses.get(&label).map_or((0, false), |known| (known.count, known.escapes));
        if count == 0 {
            let mut body = body.take();
            self.rewrite(&mut body);
            *lambda = body;
            return;
        }
        // The handler is outside of the body: what it raises to is known already.
        self.rewrite(handler);
        let replacement = match &**handler {
            Lambda::StaticRaise(other, args) if vars.is_empty() && args.is_empty() => Some(Replacement::Jump(*other)),
            _ if count == 1 && !escapes => Some(Replacement::Handler(std::mem::take(vars), handler.take())),
            _ => None,
        };
        let Some(replacement) = replacement else {
            self.rewrite(body);
            return;
        };
        self.replacements.insert(label, replacement);
        let mut body = body.take();
        self.rewrite(&mut body);
        *lambda = body;
    }

    fn raise(&mut self, lambda: &mut Lambda) {
        let Lambda::StaticRaise(label, args) = lambda else { return };
        args.iter_mut().for_each(|arg| self.rewrite(arg));
        match self.replacements.get(label) {
            None => {}
            Some(Replacement::Jump(other)) => {
                *label = *other;
            }
            Some(Replacement::Handler(..)) => {
                let args = std::mem::take(args);
                let Some(Replacement::Handler(vars, handler)) = self.replacements.remove(label) else { return };
                // Arguments are evaluated from right to left: the first is the innermost.
                *lambda = vars
                    .into_iter()
                    .zip(args)
                    .fold(handler, |body, ((id, kind), arg)| let_(LetKind::Strict, kind, id, arg, body));
            }
        }
    }
}
