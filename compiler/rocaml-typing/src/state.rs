//! State of the checker that outlives a phrase: kept in the context, which does not know its type.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rocaml_base::Location;
use rocaml_types::context::Context;
use rocaml_types::{Path, Uid};

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
    /// Declarations of one thing, in the order they were found.
    pub dependencies: RefCell<Vec<Dependency>>,
    /// What has been typed, if that is recorded.
    pub saved_types: RefCell<Option<Vec<crate::saved_types::BinaryPart>>>,
}

/// That two declarations are of one thing: upstream's `cmt_declaration_dependencies`.
#[derive(Clone, Copy)]
pub struct Dependency {
    /// Whether `from` is a definition, and `to` its declaration.
    pub of_definition: bool,
    pub from: Uid,
    pub to: Uid,
}

/// The state of a session.
pub fn typing_state(cx: &Context) -> &TypingState {
    cx.upper.get_or_init(|| Box::new(TypingState::default())).downcast_ref().expect("only this crate keeps state here")
}
