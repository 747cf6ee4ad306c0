//! Long identifiers, `M.N(P).x`: upstream's `Longident`.

use std::fmt;

use rocaml_base::{Loc, Name};

/// A path as written. Derived equality also compares the places: see [`Longident::same`].
#[derive(Clone, PartialEq, Debug)]
pub enum Longident {
    /// `x`
    Lident(Name),
    /// `M.x`
    Ldot(Box<Loc<Longident>>, Loc<Name>),
    /// `F(M)`
    Lapply(Box<Loc<Longident>>, Box<Loc<Longident>>),
}

impl Longident {
    /// Equality regardless of places.
    pub fn same(&self, other: &Longident) -> bool {
        match (self, other) {
            (Longident::Lident(a), Longident::Lident(b)) => a == b,
            (Longident::Ldot(m, a), Longident::Ldot(n, b)) => a.txt == b.txt && m.txt.same(&n.txt),
            (Longident::Lapply(f, a), Longident::Lapply(g, b)) => f.txt.same(&g.txt) && a.txt.same(&b.txt),
            _ => false,
        }
    }

    /// The last component, or nothing for an application.
    pub fn last(&self) -> Option<Name> {
        match self {
            Longident::Lident(name) => Some(*name),
            Longident::Ldot(_, name) => Some(name.txt),
            Longident::Lapply(..) => None,
        }
    }

    /// The components from the first to the last, or nothing where there is an application.
    pub fn flatten(&self) -> Option<Vec<Name>> {
        match self {
            Longident::Lident(name) => Some(vec![*name]),
            Longident::Ldot(prefix, name) => {
                let mut names = prefix.txt.flatten()?;
                names.push(name.txt);
                Some(names)
            }
            Longident::Lapply(..) => None,
        }
    }

    /// The path with these components, without places.
    pub fn unflatten(names: &[Name]) -> Option<Longident> {
        let (first, rest) = names.split_first()?;
        Some(rest.iter().fold(Longident::Lident(*first), |prefix, name| {
            Longident::Ldot(Box::new(Loc::none(prefix)), Loc::none(*name))
        }))
    }

    /// Splits a text at its dots, without further syntax.
    pub fn parse(text: &str) -> Longident {
        let names: Vec<Name> = text.split('.').map(Name::new).collect();
        Longident::unflatten(&names).unwrap_or(Longident::Lident(Name::new("")))
    }
}

/// The path as source text, without the parentheses that an operator needs.
impl fmt::Display for Longident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Longident::Lident(name) => write!(f, "{name}"),
            Longident::Ldot(prefix, name) => write!(f, "{}.{}", prefix.txt, name.txt),
            Longident::Lapply(functor, argument) => write!(f, "{}({})", functor.txt, argument.txt),
        }
    }
}
