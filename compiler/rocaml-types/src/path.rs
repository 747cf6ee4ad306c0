//! Access paths to declarations: upstream's `Path.t`.

use crate::Ident;
use rocaml_base::Name;
use std::fmt;
use std::rc::Rc;

/// How a declaration is reached from an ident. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Path {
    /// An ident in scope.
    Ident(Ident),
    /// A component of a module.
    Dot(Rc<Path>, Name),
    /// A functor application `F(X)` within a path.
    Apply(Rc<Path>, Rc<Path>),
    /// The type of an extension constructor's or constructor's inline record.
    ExtraTy(Rc<Path>, ExtraTy),
}

/// What [`Path::ExtraTy`] reaches: upstream's `Path.extra_ty`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExtraTy {
    /// The inline record of constructor `name` of the type.
    CstrTy(Name),
    /// The inline record of an extension constructor.
    ExtTy,
}

impl Path {
    /// `self.name`.
    pub fn dot(&self, name: Name) -> Path {
        Path::Dot(Rc::new(self.clone()), name)
    }
    /// The ident at the root of a path without application.
    pub fn head(&self) -> Ident {
        match self {
            Path::Ident(id) => *id,
            Path::Dot(p, _) | Path::ExtraTy(p, _) | Path::Apply(p, _) => p.head(),
        }
    }
    /// The last name: upstream's `Path.last`.
    pub fn last(&self) -> Name {
        match self {
            Path::Ident(id) => id.name(),
            Path::Dot(_, name) => *name,
            Path::Apply(_, p) => p.last(),
            Path::ExtraTy(p, ExtraTy::ExtTy) => p.last(),
            Path::ExtraTy(_, ExtraTy::CstrTy(name)) => *name,
        }
    }
    /// The largest scope of its idents.
    pub fn scope(&self) -> i32 {
        match self {
            Path::Ident(id) => id.scope(),
            Path::Dot(p, _) | Path::ExtraTy(p, _) => p.scope(),
            Path::Apply(p, q) => p.scope().max(q.scope()),
        }
    }
    /// The name as upstream's `Path.name` prints it.
    pub fn name(&self) -> String {
        self.to_string()
    }
}

impl From<Ident> for Path {
    fn from(id: Ident) -> Path {
        Path::Ident(id)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Ident(id) => write!(f, "{id}"),
            Path::Dot(p, name) => write!(f, "{p}.{name}"),
            Path::Apply(p, q) => write!(f, "{p}({q})"),
            Path::ExtraTy(p, ExtraTy::CstrTy(name)) => write!(f, "{p}.{name}"),
            Path::ExtraTy(p, ExtraTy::ExtTy) => write!(f, "{p}"),
        }
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Ident(id) => write!(f, "{id:?}"),
            Path::Dot(p, name) => write!(f, "{p:?}.{name}"),
            Path::Apply(p, q) => write!(f, "{p:?}({q:?})"),
            Path::ExtraTy(p, extra) => write!(f, "{p:?}.[{extra:?}]"),
        }
    }
}
