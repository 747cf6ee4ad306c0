//! Environments: what names mean at a point of a program. Upstream's `Env`.
//!
//! [`table`] holds the persistent maps, [`components`] what modules consist of, [`find`] lookup by
//! path, [`lookup`] by long identifier, [`insert`] additions, [`persistent`] units, [`usage`] and
//! [`opening`] the bookkeeping of warnings about unused things.

mod components;
pub mod error;
mod find;
mod insert;
pub mod iterate;
mod lookup;
mod opening;
pub mod persistent;
pub mod report;
pub mod summary;
mod table;
pub mod usage;

pub use error::{EnvError, LookupError, UnboundValueHint};
pub use find::{add_required_global, get_required_globals, reset_required_globals};
pub use lookup::lookup_error;
pub use usage::{
    ConstructorUsage, LabelUsage, mark_constructor_used, mark_extension_used, mark_label_used, mark_module_used,
    mark_type_used, mark_value_used, set_type_used_callback, set_value_used_callback,
};

use crate::Ident;
use crate::context::Context;
use crate::path::Path;
use crate::types::*;
use rocaml_base::Name;
use std::rc::Rc;

use summary::{Summary, SummaryItem};

use components::{ClassData, CltypeData, ConstructorData, LabelData, ModtypeData, ModuleEntry, TypeData, ValueEntry};
use table::Table;

/// The equations local to a branch of a pattern match, latest first.
struct Constraint {
    path: Path,
    decl: Rc<TypeDeclaration>,
    rest: Option<Rc<Constraint>>,
}

#[derive(Clone, Default)]
struct Data {
    values: Table<ValueEntry>,
    constrs: Table<ConstructorData>,
    labels: Table<LabelData>,
    types: Table<Rc<TypeData>>,
    modules: Table<ModuleEntry>,
    modtypes: Table<Rc<ModtypeData>>,
    classes: Table<Rc<ClassData>>,
    cltypes: Table<Rc<CltypeData>>,
    local_constraints: Option<Rc<Constraint>>,
    functor_args: Option<Rc<FunctorArg>>,
    summary: Option<Rc<Summary>>,
    in_signature: bool,
}

impl Data {
    /// Notes an addition.
    fn note(&mut self, item: SummaryItem) {
        self.summary = Some(Rc::new(Summary { item, rest: self.summary.take() }));
    }
}

struct FunctorArg {
    id: Ident,
    rest: Option<Rc<FunctorArg>>,
}

/// An environment. Immutable and cheap to clone.
#[derive(Clone)]
pub struct Env(Rc<Data>);

impl Default for Env {
    fn default() -> Env {
        thread_local!(static EMPTY: Env = Env(Rc::default()));
        EMPTY.with(Env::clone)
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Env")
    }
}

impl Env {
    pub fn empty() -> Env {
        Env::default()
    }
    /// Whether it is [`Env::empty`] itself.
    pub fn is_empty(&self) -> bool {
        Rc::ptr_eq(&self.0, &Env::empty().0)
    }
    /// The predefined types and exceptions.
    pub fn initial(cx: &Context) -> Env {
        cx.initial_env()
    }
    fn edit(&self, f: impl FnOnce(&mut Data)) -> Env {
        let mut data = (*self.0).clone();
        f(&mut data);
        Env(Rc::new(data))
    }
    /// In a signature nothing is unused.
    pub fn in_signature(&self, on: bool) -> Env {
        self.edit(|d| d.in_signature = on)
    }
    pub fn is_in_signature(&self) -> bool {
        self.0.in_signature
    }
    /// How the environment came about.
    pub fn summary(&self) -> Option<&Rc<Summary>> {
        self.0.summary.as_ref()
    }
    /// The equations of local types, the latest first.
    pub fn local_constraints(&self) -> Vec<(Path, Rc<TypeDeclaration>)> {
        let mut constraints = Vec::new();
        let mut rest = self.0.local_constraints.as_ref();
        while let Some(constraint) = rest {
            constraints.push((constraint.path.clone(), constraint.decl.clone()));
            rest = constraint.rest.as_ref();
        }
        constraints
    }
    /// What tells environments apart that are alive.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0) as usize
    }
    pub fn has_local_constraints(&self) -> bool {
        self.0.local_constraints.is_some()
    }
    /// Whether a predefined type has no local equation here.
    pub fn is_plain_predef(&self, _path: &Path) -> bool {
        !self.has_local_constraints()
    }
    /// Whether both have the same types, modules and equations, so that expansions found in one
    /// hold in the other.
    pub fn same_type_declarations(&self, other: &Env) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
            || self.0.types.same(&other.0.types)
                && self.0.modules.same(&other.0.modules)
                && match (&self.0.local_constraints, &other.0.local_constraints) {
                    (None, None) => true,
                    (Some(a), Some(b)) => Rc::ptr_eq(a, b),
                    _ => false,
                }
    }
}

/// Result of a lookup.
pub type Lookup<T> = Result<T, Box<EnvError>>;
/// Makes the warning of an unused value from its name; `None` for no check.
pub type ValueCheck = Option<fn(String) -> rocaml_diag::Warning>;
/// A candidate of a lookup of constructors or labels, and what to call when it is chosen.
pub struct Candidate<T> {
    pub descr: Rc<T>,
    mark: Rc<dyn Fn(&Context)>,
}
impl<T> Clone for Candidate<T> {
    fn clone(&self) -> Self {
        Candidate { descr: self.descr.clone(), mark: self.mark.clone() }
    }
}
impl<T> Candidate<T> {
    /// Marks the candidate as used.
    pub fn use_(&self, cx: &Context) {
        (self.mark)(cx)
    }
}
/// Why a module cannot be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenFailure {
    NotFound,
    Functor,
}
/// Where a value is found at run time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    Ident(Ident),
    Dot(Rc<Address>, usize),
}
/// The constructors or labels of a type: upstream's `type_descriptions`.
#[derive(Clone, Debug)]
pub enum TypeDescriptions {
    Abstract(AbstractOrigin),
    Record(Rc<[Rc<LabelDescription>]>, RecordRepresentation),
    Variant(Rc<[Rc<ConstructorDescription>]>, VariantRepresentation),
    Open,
}
/// Why a module name is in scope and yet cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ModuleUnboundReason {
    IllegalRecursion { container: Option<Name>, unbound: Name },
}
