//! The names of what encloses a place, as backtraces print them: upstream's `Scoped_location`.

use crate::lambda::ScopedLocation;
use rocaml_base::{Location, Name};
use std::rc::Rc;

/// The enclosing definitions: `Module.f.(fun)`.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// As printed.
    text: Option<Rc<str>>,
    innermost: Innermost,
}

/// What the innermost scope is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Innermost {
    #[default]
    Definition,
    /// A function without a name.
    AnonymousFunction,
    Class,
}

impl Scopes {
    fn joined(&self, separator: char, name: Name) -> String {
        // Operators are shown between parentheses.
        let is_word = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let name =
            if is_word || name.starts_with('*') && name.len() == 1 { name.to_string() } else { format!("({name})") };
        match &self.text {
            None => name,
            Some(outer) => format!("{outer}{separator}{name}"),
        }
    }

    /// Within the definition of a value or a module.
    pub fn definition(&self, name: Name) -> Scopes {
        Scopes { text: Some(self.joined('.', name).into()), innermost: Innermost::Definition }
    }

    /// Within a class.
    pub fn class_definition(&self, name: Name) -> Scopes {
        Scopes { innermost: Innermost::Class, ..self.definition(name) }
    }

    /// Within a method.
    pub fn method_definition(&self, name: Name) -> Scopes {
        let separator = if self.innermost == Innermost::Class { '#' } else { '.' };
        Scopes { text: Some(self.joined(separator, name).into()), innermost: Innermost::Definition }
    }

    /// Within a function that has no name. Nested ones share one mark.
    pub fn anonymous_function(&self) -> Scopes {
        let text = match &self.text {
            Some(outer) if self.innermost == Innermost::AnonymousFunction => outer.clone(),
            Some(outer) => format!("{outer}.(fun)").into(),
            None => "(fun)".into(),
        };
        Scopes { text: Some(text), innermost: Innermost::AnonymousFunction }
    }

    /// A place within.
    pub fn at(&self, loc: Location) -> ScopedLocation {
        ScopedLocation { loc, scopes: self.text.clone() }
    }
}
