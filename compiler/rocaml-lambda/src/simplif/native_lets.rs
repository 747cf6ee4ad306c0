//! Bindings, for native code: beyond what [`super::lets`] does, constants are substituted, pure
//! definitions without uses dropped, functions used once moved to their use, and blocks whose fields
//! turn out to be constants are shared.

use crate::lambda::*;
use crate::map::{Position, deep};
use rocaml_types::Ident;
use std::collections::HashMap;

/// See the module's documentation.
pub(super) fn simplify(code: &mut Lambda) {
    let mut counter = Counter { counts: HashMap::new(), depth_of: HashMap::new() };
    counter.count(code, 0);
    Rewriter { counts: counter.counts, substitution: HashMap::new() }.rewrite(code);
}

/// Occurrences; those in a loop or function within count as many.
const MANY: usize = 2;

struct Counter {
    counts: HashMap<Ident, usize>,
    /// How many loops and functions are around the binding.
    depth_of: HashMap<Ident, usize>,
}

impl Counter {
    fn count(&mut self, lambda: &Lambda, depth: usize) {
        deep(|| {
            match lambda {
                Lambda::Let(_, _, id, def, body) => {
                    self.depth_of.insert(*id, depth);
                    if let Lambda::Var(target) = &**def {
                        // What names it names its target: count those, not this one.
                        self.count(body, depth);
                        let outer = self.depth_of.get(target).is_some_and(|bound| *bound < depth);
                        let uses = match self.counts.get(id) {
                            Some(uses) if !outer => *uses,
                            Some(_) => MANY,
                            None => 0,
                        };
                        *self.counts.entry(*target).or_default() += uses;
                        return;
                    }
                    self.count(body, depth);
                    // A definition that will be dropped uses nothing.
                    let dead = !self.counts.contains_key(id);
                    if !(dead && can_drop(lambda)) {
                        self.count(def, depth);
                    }
                    return;
                }
                Lambda::Var(id) => {
                    let outer = self.depth_of.get(id).is_some_and(|bound| *bound < depth);
                    *self.counts.entry(*id).or_default() += if outer { MANY } else { 1 };
                }
                _ => {}
            }
            let in_loop = usize::from(matches!(lambda, Lambda::While(..) | Lambda::For(..)));
            lambda.parts(&mut |position, part| {
                let inner = if position == Position::Body { depth + 1 } else { depth + in_loop };
                self.count(part, inner);
            });
        });
    }
}

fn can_drop(binding: &Lambda) -> bool {
    match binding {
        Lambda::Let(kind, _, _, def, _) => *kind != LetKind::Strict || is_pure(def),
        _ => false,
    }
}

/// Whether a term has no effect and may be left out.
fn is_pure(lambda: &Lambda) -> bool {
    match lambda {
        Lambda::Var(_) | Lambda::MutVar(_) | Lambda::Const(_) | Lambda::Function(_) => true,
        Lambda::Prim(prim, args, _) => {
            matches!(
                prim,
                Primitive::Field(..)
                    | Primitive::FloatField(_)
                    | Primitive::MakeBlock(..)
                    | Primitive::GetGlobal(_)
                    | Primitive::GetGlobalField(..)
                    | Primitive::GetPredef(_)
                    | Primitive::OffsetInt(_)
                    | Primitive::IsInt
            ) && args.iter().all(is_pure)
        }
        _ => false,
    }
}

struct Rewriter {
    counts: HashMap<Ident, usize>,
    substitution: HashMap<Ident, Lambda>,
}

impl Rewriter {
    fn rewrite(&mut self, lambda: &mut Lambda) {
        deep(|| match lambda {
            Lambda::Let(..) => self.binding(lambda),
            Lambda::Var(id) => match self.substitution.get(id) {
                Some(Lambda::Var(target)) => *id = *target,
                Some(Lambda::Const(constant)) => *lambda = Lambda::Const(constant.clone()),
                Some(_) => {
                    if let Some(term) = self.substitution.remove(id) {
                        *lambda = term;
                    }
                }
                None => {}
            },
            other => {
                other.parts_mut(&mut |_, part| self.rewrite(part));
                share_constant_block(other);
            }
        });
    }

    fn binding(&mut self, lambda: &mut Lambda) {
        let droppable = can_drop(lambda);
        let Lambda::Let(kind, _, id, def, body) = lambda else { return };
        let uses = self.counts.get(id).copied().unwrap_or(0);
        if uses == 0 && droppable {
            let mut body = body.take();
            self.rewrite(&mut body);
            *lambda = body;
            return;
        }
        self.rewrite(def);
        let substituted = match &**def {
            Lambda::Var(_) => true,
            Lambda::Const(StructuredConstant::Int(_)) => true,
            // A function that is applied where it is defined, or only passed on.
            Lambda::Function(_) => uses == 1 && *kind != LetKind::Alias,
            _ => *kind == LetKind::Alias && uses == 1,
        };
        if !substituted {
            self.rewrite(body);
            return;
        }
        self.substitution.insert(*id, def.take());
        let mut body = body.take();
        self.rewrite(&mut body);
        *lambda = body;
    }
}

/// An immutable block whose fields turned out to be constants is one, and so is an empty array.
fn share_constant_block(lambda: &mut Lambda) {
    if matches!(lambda, Lambda::Prim(Primitive::MakeArray(..), elements, _) if elements.is_empty()) {
        *lambda = Lambda::Const(StructuredConstant::Block(0, [].into()));
        return;
    }
    if let Lambda::Prim(Primitive::MakeBlock(tag, Mutability::Immutable, _), fields, _) = lambda
        && let Some(constants) = crate::translcore::constants(fields)
    {
        *lambda = Lambda::Const(StructuredConstant::Block(*tag, constants.into()));
    }
}
