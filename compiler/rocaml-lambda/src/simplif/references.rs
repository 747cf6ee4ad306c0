//! References that do not escape their function become mutable variables: upstream's
//! `eliminate_ref`.

use crate::lambda::*;
use crate::map::{Position, deep};
use rocaml_types::Ident;
use std::collections::HashMap;

/// See the module's documentation.
pub(super) fn eliminate(code: &mut Lambda) {
    let mut search = Search { candidates: HashMap::new() };
    search.visit(code, 0, &mut 0);
    let mut kinds = HashMap::new();
    for (id, candidate) in search.candidates {
        if !candidate.escapes {
            kinds.insert(id, candidate.kind);
        }
    }
    if !kinds.is_empty() {
        rewrite(code, &kinds);
    }
}

struct Candidate {
    kind: ValueKind,
    /// The function that binds it.
    function: usize,
    escapes: bool,
}

struct Search {
    candidates: HashMap<Ident, Candidate>,
}

impl Search {
    fn visit(&mut self, lambda: &Lambda, function: usize, last: &mut usize) {
        deep(|| {
            match lambda {
                Lambda::Let(_, _, id, def, _) => {
                    if let Some(kind) = reference(def) {
                        self.candidates.insert(*id, Candidate { kind, function, escapes: false });
                    }
                }
                Lambda::Var(id) => self.escape(id, None),
                Lambda::Prim(prim, args, _) => {
                    if let Some((Lambda::Var(id), rest)) = args.split_first()
                        && is_access(prim)
                    {
                        self.escape(id, Some(function));
                        rest.iter().for_each(|arg| self.visit(arg, function, last));
                        return;
                    }
                }
                _ => {}
            }
            lambda.parts(&mut |position, part| {
                let inner = if position == Position::Body {
                    *last += 1;
                    *last
                } else {
                    function
                };
                self.visit(part, inner, last);
            });
        });
    }

    /// Notes an occurrence: an access within a function, or anything else.
    fn escape(&mut self, id: &Ident, access: Option<usize>) {
        if let Some(candidate) = self.candidates.get_mut(id) {
            candidate.escapes |= access != Some(candidate.function);
        }
    }
}

/// The kind of the contents, if a term makes a reference.
fn reference(def: &Lambda) -> Option<ValueKind> {
    match def {
        Lambda::Prim(Primitive::MakeBlock(0, Mutability::Mutable, shape), args, _) if args.len() == 1 => {
            Some(shape.as_ref().and_then(|shape| shape.first().copied()).unwrap_or(ValueKind::Generic))
        }
        _ => None,
    }
}

fn is_access(prim: &Primitive) -> bool {
    matches!(prim, Primitive::Field(0, _) | Primitive::SetField(0, ..) | Primitive::OffsetRef(_))
}

fn rewrite(lambda: &mut Lambda, kinds: &HashMap<Ident, ValueKind>) {
    deep(|| {
        lambda.parts_mut(&mut |_, part| rewrite(part, kinds));
        match lambda {
            Lambda::Let(_, _, id, def, body) if kinds.contains_key(id) => {
                let Lambda::Prim(_, args, _) = &mut **def else { return };
                let init = args.pop().unwrap_or_else(Lambda::unit);
                *lambda = Lambda::MutLet(kinds[id], *id, Box::new(init), Box::new(body.take()));
            }
            Lambda::Prim(prim, args, loc) => {
                let Some(Lambda::Var(id)) = args.first() else { return };
                let id = *id;
                if !kinds.contains_key(&id) || !is_access(prim) {
                    return;
                }
                *lambda = match prim {
                    Primitive::SetField(..) => Lambda::Assign(id, Box::new(args.pop().unwrap_or_else(Lambda::unit))),
                    Primitive::OffsetRef(n) => {
                        let sum = Lambda::Prim(Primitive::OffsetInt(*n), vec![Lambda::MutVar(id)], loc.clone());
                        Lambda::Assign(id, Box::new(sum))
                    }
                    _ => Lambda::MutVar(id),
                };
            }
            _ => {}
        }
    });
}
