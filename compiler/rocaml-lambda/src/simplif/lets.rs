//! Bindings: those of variables are substituted, unused aliases dropped, aliases that are used once
//! moved to their use; functions that are applied where they stand become bindings.

use super::exits::repeated_default;
use crate::lambda::*;
use crate::map::deep;
use crate::translator::let_;
use rocaml_types::Ident;
use std::collections::HashMap;

/// See the module's documentation.
pub(super) fn simplify(code: &mut Lambda) {
    beta_reduce(code);
    let mut counter = Counter::default();
    counter.count(code, 0);
    Rewriter { counts: counter.counts, substitution: HashMap::new() }.rewrite(code);
}

/// `(fun x y -> body) a b` becomes `let y = b in let x = a in body`.
fn beta_reduce(lambda: &mut Lambda) {
    deep(|| {
        if let Lambda::Apply(apply) = lambda
            && let Lambda::Function(function) = &mut apply.func
            && let Some(args) = exact_arguments(function, &mut apply.args)
        {
            let params = function.params.iter().zip(args);
            let bind = |body: Lambda, ((id, kind), arg): (&(Ident, ValueKind), Lambda)| {
                let_(LetKind::Strict, *kind, *id, arg, body)
            };
            *lambda = params.fold(function.body.take(), bind);
        }
        lambda.parts_mut(&mut |_, part| beta_reduce(part));
    });
}

/// The arguments by parameter, if a call gives a function all it takes.
fn exact_arguments(function: &Function, args: &mut Vec<Lambda>) -> Option<Vec<Lambda>> {
    let arity = function.params.len();
    match (function.kind, &mut args[..]) {
        (FunctionKind::Curried, given) if given.len() == arity => Some(std::mem::take(args)),
        (FunctionKind::Tupled, [Lambda::Prim(Primitive::MakeBlock(..), parts, _)]) if parts.len() == arity => {
            Some(std::mem::take(parts))
        }
        (FunctionKind::Tupled, [Lambda::Const(StructuredConstant::Block(_, parts))]) if parts.len() == arity => {
            Some(parts.iter().cloned().map(Lambda::Const).collect())
        }
        _ => None,
    }
}

/// Uses within a loop or a function count as many.
const MANY: usize = 2;

#[derive(Default)]
struct Counter {
    /// Uses of what `let` binds.
    counts: HashMap<Ident, usize>,
    /// How many loops and functions are around the binding.
    depth_of: HashMap<Ident, usize>,
}

impl Counter {
    fn use_variable(&mut self, id: Ident, uses: usize, depth: usize) {
        let Some(bound) = self.depth_of.get(&id) else { return };
        *self.counts.entry(id).or_default() += if *bound < depth { MANY } else { uses };
    }

    fn count(&mut self, lambda: &Lambda, depth: usize) {
        deep(|| match lambda {
            Lambda::Var(id) => self.use_variable(*id, 1, depth),
            Lambda::Let(kind, _, id, def, body) => {
                self.depth_of.insert(*id, depth);
                self.count(body, depth);
                let uses = self.counts.get(id).copied().unwrap_or(0);
                match &**def {
                    // What names it will name its target.
                    Lambda::Var(target) => self.use_variable(*target, uses, depth),
                    // What will be dropped uses nothing.
                    def if *kind == LetKind::Strict || uses > 0 => self.count(def, depth),
                    _ => {}
                }
            }
            Lambda::While(condition, body) => {
                self.count(condition, depth + 1);
                self.count(body, depth + 1);
            }
            Lambda::For(_, from, to, _, body) => {
                self.count(from, depth);
                self.count(to, depth);
                self.count(body, depth + 1);
            }
            _ => {
                // Functions that are bound are not entered where they are bound.
                let inner = if matches!(lambda, Lambda::Function(_)) { depth + 1 } else { depth };
                lambda.parts(&mut |_, part| self.count(part, inner));
                if let Some(default) = repeated_default(lambda) {
                    self.count(default, depth);
                }
            }
        });
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
                Some(_) => {
                    if let Some(term) = self.substitution.remove(id) {
                        *lambda = term;
                    }
                }
                None => {}
            },
            Lambda::MutLet(_, id, def, body) => {
                self.rewrite(def);
                self.rewrite(body);
                if matches!(&**body, Lambda::MutVar(other) if other == id) {
                    *lambda = def.take();
                }
            }
            other => {
                other.parts_mut(&mut |_, part| self.rewrite(part));
                retag_block(other);
            }
        });
    }

    fn binding(&mut self, lambda: &mut Lambda) {
        let Lambda::Let(kind, _, id, def, body) = lambda else { return };
        let uses = self.counts.get(id).copied().unwrap_or(0);
        let substituted = match (&**def, *kind) {
            // What is dropped must not take the term with it that moves to a variable's one use.
            (Lambda::Var(_), _) | (_, LetKind::Alias | LetKind::StrictOpt) if uses == 0 => {
                let mut body = body.take();
                self.rewrite(&mut body);
                *lambda = body;
                return;
            }
            (Lambda::Var(_), _) => true,
            (_, LetKind::Alias) => uses == 1,
            _ => false,
        };
        self.rewrite(def);
        if substituted {
            self.substitution.insert(*id, def.take());
            let mut body = body.take();
            self.rewrite(&mut body);
            *lambda = body;
            return;
        }
        self.rewrite(body);
        // A binding that is returned at once is none; this may uncover a tail call.
        if *kind != LetKind::Alias && matches!(&**body, Lambda::Var(other) if other == id) {
            *lambda = def.take();
        }
    }
}

/// `Obj.with_tag` of a block that is made on the spot makes it with that tag.
fn retag_block(lambda: &mut Lambda) {
    let Lambda::Prim(Primitive::CCall(function), args, _) = lambda else { return };
    let [Lambda::Const(StructuredConstant::Int(tag)), block] = &mut args[..] else { return };
    if function.native_name().as_str() != "caml_obj_with_tag" {
        return;
    }
    match (u8::try_from(*tag), block) {
        (Ok(tag @ 0..244), Lambda::Prim(Primitive::MakeBlock(old, ..), ..)) => *old = tag.into(),
        (Ok(tag @ 0..244), Lambda::Const(StructuredConstant::Block(old, _))) => *old = tag.into(),
        _ => return,
    }
    *lambda = args.swap_remove(1);
}
