//! Actions of a switch, equal ones once, and those that are reached in several places behind
//! static handlers: upstream's `Switch.Store`, `handle_shared` and `make_catch_delayed`.

use super::key::{Key, as_simple_exit, make_key};
use crate::lambda::*;
use crate::rename::fresh_label;

struct Stored {
    action: Lambda,
    key: Option<Key>,
    shared: bool,
}

/// The actions of a switch, by number.
#[derive(Default)]
pub(super) struct Store {
    actions: Vec<Stored>,
}

impl Store {
    /// The number of an action.
    pub fn store(&mut self, action: Lambda) -> usize {
        self.add(action, false)
    }

    /// The number of an action that will be reached in several places.
    pub fn store_shared(&mut self, action: Lambda) -> usize {
        self.add(action, true)
    }

    fn add(&mut self, action: Lambda, shared: bool) -> usize {
        let key = make_key(&action, &[]);
        if let Some(key) = &key
            && let Some(number) = self.actions.iter().position(|stored| stored.key.as_ref() == Some(key))
        {
            self.actions[number].shared = true;
            return number;
        }
        self.actions.push(Stored { action, key, shared });
        self.actions.len() - 1
    }

    /// Says that an action will be reached in several places.
    pub fn share(&mut self, number: usize) {
        self.actions[number].shared = true;
    }

    /// The actions with shared ones as raises to handlers.
    pub fn into_actions(self) -> (Vec<Lambda>, Handlers) {
        let mut handlers = Handlers::default();
        let actions = self.actions.into_iter().map(|stored| match stored.shared {
            true => handlers.add(stored.action),
            false => stored.action,
        });
        (actions.collect(), handlers)
    }
}

/// Handlers to be put around a term.
#[derive(Default)]
pub(super) struct Handlers(Vec<(StaticLabel, Lambda)>);

impl Handlers {
    /// The raise to a handler that does this.
    pub fn add(&mut self, action: Lambda) -> Lambda {
        match as_simple_exit(&action) {
            Some(label) => Lambda::StaticRaise(label, vec![]),
            None => {
                let label = fresh_label();
                self.0.push((label, action));
                Lambda::StaticRaise(label, vec![])
            }
        }
    }

    /// The term with the handlers around it.
    pub fn around(self, body: Lambda) -> Lambda {
        self.0.into_iter().fold(body, |body, (label, handler)| match body {
            Lambda::StaticRaise(other, _) if other == label => handler,
            Lambda::StaticRaise(..) => body,
            body => Lambda::StaticCatch(Box::new(body), (label, vec![]), Box::new(handler)),
        })
    }
}
