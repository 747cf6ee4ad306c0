//! The names of what encloses a place, as backtraces print them: upstream's `Scoped_location`.

use crate::lambda::ScopedLocation;
use rocaml_base::{Location, Name};
use std::rc::Rc;

/// The enclosing definitions: `Module.f.(fun)`.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// As printed.
    text: Option<Rc<str>>,
    /// The innermost scope is a function without a name.
    anonymous: bool,
}

impl Scopes {
    fn dotted(&self, name: Name) -> String {
        // Operators are shown between parentheses.
        let is_word = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let name =
            if is_word || name.starts_with('*') && name.len() == 1 { name.to_string() } else { format!("({name})") };
        match &self.text {
            None => name,
            Some(outer) => format!("{outer}.{name}"),
        }
    }

    /// Within the definition of a value or a module.
    pub fn definition(&self, name: Name) -> Scopes {
        Scopes { text: Some(self.dotted(name).into()), anonymous: false }
    }

    /// Within a function that has no name. Nested ones share one mark.
    pub fn anonymous_function(&self) -> Scopes {
        let text = match &self.text {
            Some(outer) if self.anonymous => outer.clone(),
            Some(outer) => format!("{outer}.(fun)").into(),
            None => "(fun)".into(),
        };
        Scopes { text: Some(text), anonymous: true }
    }

    /// A place within.
    pub fn at(&self, loc: Location) -> ScopedLocation {
        ScopedLocation { loc, scopes: self.text.clone() }
    }
}
