//! What the translation of classes keeps of its surroundings: upstream's `Translobj`.
//!
//! A class whose definition runs several times (in a function, a loop, a functor) would make its
//! table of methods each time. It keeps the table in a block of the unit instead, and what its
//! code refers to beyond the unit's own definitions goes to an environment that each object has.

use crate::error::Result;
use crate::lambda::*;
use crate::translator::{Translator, apply, string};
use rocaml_base::Name;
use rocaml_types::Ident;
use rocaml_types::env::Env;

/// The surroundings of the code being translated.
#[derive(Default)]
pub(crate) struct ObjectState {
    /// What was in scope where the outermost class or code that may run several times began:
    /// it has one value as long as the code within can run.
    outside: Option<Env>,
    /// The code may run several times.
    repeated: bool,
    /// Blocks of the unit where classes keep their tables.
    pub(crate) tables: Vec<Ident>,
}

/// What a class may refer to without keeping it in its environment.
pub(super) enum Surroundings {
    /// Anything: the class is made once.
    Once,
    /// What is bound there.
    Repeated(Env),
}

impl Translator<'_> {
    /// Translates code that may run several times.
    pub(crate) fn repeated<T>(&mut self, env: &Env, f: impl FnOnce(&mut Self) -> T) -> T {
        self.in_object_scope(env, true, f)
    }

    /// Translates a class, which runs as often as what is around it, but whose own parts may run
    /// for each object.
    pub(super) fn in_class<T>(&mut self, env: &Env, f: impl FnOnce(&mut Self) -> T) -> T {
        let nested = self.objects.outside.is_some();
        self.in_object_scope(env, nested, f)
    }

    fn in_object_scope<T>(&mut self, env: &Env, repeated: bool, f: impl FnOnce(&mut Self) -> T) -> T {
        let outermost = self.objects.outside.is_none();
        if outermost {
            self.objects.outside = Some(env.clone());
        }
        let before = std::mem::replace(&mut self.objects.repeated, repeated);
        let result = f(self);
        self.objects.repeated = before;
        if outermost {
            self.objects.outside = None;
        }
        result
    }

    pub(super) fn surroundings(&self) -> Surroundings {
        match &self.objects.outside {
            Some(env) if self.objects.repeated => Surroundings::Repeated(env.clone()),
            _ => Surroundings::Once,
        }
    }

    /// A call of the library of objects.
    pub(crate) fn oo_call(&self, function: &str, args: Vec<Lambda>) -> Result<Lambda> {
        Ok(apply(self.library_value("CamlinternalOO", function)?, args, &ScopedLocation::none()))
    }
}

/// Names of methods or variables as the library takes them: 0 when there are none.
pub(super) fn names<'n>(names: impl IntoIterator<Item = &'n Name>) -> Lambda {
    let constants: Vec<StructuredConstant> =
        names.into_iter().map(|name| crate::translator::string_constant(name)).collect();
    if constants.is_empty() {
        return Lambda::int(0);
    }
    Lambda::Const(StructuredConstant::Block(0, constants.into()))
}

/// One name.
pub(super) fn label(name: &str) -> Lambda {
    string(name)
}
