//! What the cases of a match do: terms that are placed once, with variables bound on the way to
//! them.

use super::PureArg;
use super::key::{Key, make_key};
use crate::free_variables::free_in;
use crate::lambda::*;
use crate::translator::let_;
use rocaml_types::Ident;
use std::collections::HashSet;
use std::rc::Rc;

/// A variable, its kind, and what it is bound to.
type Binding = (Ident, ValueKind, Lambda);

/// What a row does: one of the [`Bodies`], within bindings.
#[derive(Clone)]
pub(super) struct Action {
    /// The innermost binding first.
    bindings: Vec<Binding>,
    body: usize,
    guarded: bool,
}

impl Action {
    /// Binds a variable to the value that is matched, around what was bound before.
    pub fn bind(&mut self, id: Ident, kind: ValueKind, arg: &PureArg) {
        match arg {
            PureArg::Var(var) if *var == id => {}
            _ => self.bindings.push((id, kind, arg.lambda())),
        }
    }

    /// Whether a guard may refuse.
    pub fn is_guarded(&self) -> bool {
        self.guarded
    }
}

/// A body, until it is placed.
struct Body {
    term: Lambda,
    /// Whether it has a key, once that was looked for.
    simple: Option<bool>,
    free: Option<Rc<HashSet<Ident>>>,
}

#[derive(Default)]
pub(super) struct Bodies(Vec<Body>);

impl Bodies {
    /// An action without bindings.
    pub fn add(&mut self, term: Lambda) -> Action {
        let guarded = is_guarded(&term);
        self.0.push(Body { term, simple: None, free: None });
        Action { bindings: Vec::new(), body: self.0.len() - 1, guarded }
    }

    /// The key of an action.
    pub fn key(&mut self, action: &Action) -> Option<Key> {
        let body = &mut self.0[action.body];
        if body.simple == Some(false) {
            return None;
        }
        let aliases: Vec<(Ident, &Lambda)> = action.bindings.iter().rev().map(|(id, _, def)| (*id, def)).collect();
        let key = make_key(&body.term, &aliases);
        if action.bindings.is_empty() {
            body.simple = Some(key.is_some());
        }
        key
    }

    /// Whether two actions do the same.
    pub fn same(&mut self, one: &Action, other: &Action) -> bool {
        let Some(key) = self.key(one) else { return false };
        self.key(other).is_some_and(|other| other == key)
    }

    /// Whether a variable occurs free in an action.
    pub fn is_free(&mut self, id: Ident, action: &Action) -> bool {
        let body = &mut self.0[action.body];
        let free = body.free.get_or_insert_with(|| Rc::new(free_in(&body.term))).clone();
        // What is bound closer to the body hides what is bound around it.
        let mut inside = free.contains(&id);
        for (bound, _, def) in &action.bindings {
            inside = inside && *bound != id || free_in(def).contains(&id);
        }
        inside
    }

    /// The term of an action, which is placed here. A guard that refuses goes on with `rest`.
    pub fn place(&mut self, action: Action, rest: Option<Lambda>) -> Lambda {
        let mut term = self.0[action.body].term.take();
        if let Some(rest) = rest {
            patch_guarded(&mut term, rest);
        }
        action.bindings.into_iter().fold(term, |term, (id, kind, def)| let_(LetKind::Alias, kind, id, def, term))
    }
}

/// The label that a guard raises to when it refuses, until it is known where to go on.
const REFUSED: StaticLabel = StaticLabel(0);

/// `if condition then body else` whatever follows.
pub(super) fn guarded(condition: Lambda, body: Lambda) -> Lambda {
    let refused = Lambda::StaticRaise(REFUSED, vec![]);
    Lambda::IfThenElse(Box::new(condition), Box::new(body), Box::new(refused))
}

fn guard_hole(lambda: &mut Lambda) -> Option<&mut Lambda> {
    match lambda {
        Lambda::IfThenElse(_, _, otherwise) => match &mut **otherwise {
            hole @ Lambda::StaticRaise(REFUSED, _) => Some(hole),
            _ => None,
        },
        Lambda::Let(_, _, _, _, body) => guard_hole(body),
        _ => None,
    }
}

fn is_guarded(lambda: &Lambda) -> bool {
    match lambda {
        Lambda::IfThenElse(_, _, otherwise) => matches!(&**otherwise, Lambda::StaticRaise(REFUSED, _)),
        Lambda::Let(_, _, _, _, body) => is_guarded(body),
        _ => false,
    }
}

fn patch_guarded(lambda: &mut Lambda, rest: Lambda) {
    if let Some(hole) = guard_hole(lambda) {
        *hole = rest;
    }
}
