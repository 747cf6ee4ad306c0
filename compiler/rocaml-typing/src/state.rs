//! State of the checker that outlives a phrase: kept in the context, which does not know its type.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rocaml_base::Location;
use rocaml_types::Path;
use rocaml_types::context::Context;

use crate::typetexp::vars::TyVarEnv;

/// Places of coercions of self to a class type, for the class that is being typed.
pub type SelfCoercions = RefCell<Vec<(Path, Rc<RefCell<Vec<Location>>>)>>;

/// What upstream keeps in references of `Typetexp` and `Typecore`.
#[derive(Default)]
pub struct TypingState {
    pub type_variables: TyVarEnv,
    pub self_coercion: SelfCoercions,
    /// The number of the latest class.
    pub class_number: Cell<u32>,
    /// The error of a delayed check.
    pub delayed_failure: Rc<RefCell<Option<Box<crate::Error>>>>,
}

/// The state of a session.
pub fn typing_state(cx: &Context) -> &TypingState {
    cx.upper.get_or_init(|| Box::new(TypingState::default())).downcast_ref().expect("only this crate keeps state here")
}
