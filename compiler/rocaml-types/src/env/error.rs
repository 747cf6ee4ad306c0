//! What can go wrong in an environment: upstream's `Env.error`. The texts are in
//! [`report`](crate::env::error::EnvError::report).

use super::Env;
use crate::path::Path;
use rocaml_base::{Location, Name};
use rocaml_syntax::longident::Longident;

/// A hint with an unbound value.
#[derive(Clone, Debug)]
pub enum UnboundValueHint {
    NoHint,
    /// The `let` at this place lacks `rec`.
    MissingRec(Location),
}

/// Why a lookup failed.
#[derive(Clone, Debug)]
pub enum LookupError {
    UnboundValue(Longident, UnboundValueHint),
    UnboundType(Longident),
    UnboundConstructor(Longident),
    UnboundLabel(Longident),
    UnboundModule(Longident),
    UnboundClass(Longident),
    UnboundModtype(Longident),
    UnboundCltype(Longident),
    UnboundInstanceVariable(Name),
    NotAnInstanceVariable(Name),
    MaskedInstanceVariable(Longident),
    MaskedSelfVariable(Longident),
    MaskedAncestorVariable(Longident),
    StructureUsedAsFunctor(Longident),
    AbstractUsedAsFunctor(Longident),
    FunctorUsedAsStructure(Longident),
    AbstractUsedAsStructure(Longident),
    GenerativeUsedAsApplicative(Longident),
    IllegalReferenceToRecursiveModule {
        container: Option<Name>,
        unbound: Name,
    },
    IllegalReferenceToRecursiveClassType {
        container: Option<Name>,
        unbound: Name,
        unbound_class_type: Longident,
        container_class_type: Name,
    },
    CannotScrapeAlias(Longident, Path),
}

/// An error of an environment.
pub enum EnvError {
    /// A module alias whose target `1` is missing, found at normalising `0`.
    MissingModule(Location, Path, Path),
    IllegalValueName(Location, Name),
    LookupError(Location, Env, LookupError),
    /// An application `F(X)` in a path is refused: the module checker's error.
    FunctorApplication(Location, crate::context::FunctorApplicationError),
    /// A unit's interface file is unusable.
    Persistent(Location, super::persistent::PersistentError),
}

impl std::fmt::Debug for EnvError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EnvError::MissingModule(_, path, _) => write!(f, "MissingModule({path})"),
            EnvError::IllegalValueName(_, name) => write!(f, "IllegalValueName({name})"),
            EnvError::LookupError(_, _, error) => write!(f, "{error:?}"),
            EnvError::FunctorApplication(..) => write!(f, "FunctorApplication"),
            EnvError::Persistent(_, error) => write!(f, "{error:?}"),
        }
    }
}
