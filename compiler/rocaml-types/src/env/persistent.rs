//! Compilation units read from `.cmi` files: upstream's `Persistent_env`.

use crate::store::TypeStore;
use crate::types::Signature;
use rocaml_base::Name;
use std::rc::Rc;

/// An MD5 digest of an interface.
pub type Digest = [u8; 16];

/// Flags of a unit's interface: upstream's `pers_flags`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PersFlag {
    Rectypes,
    Alerts(Vec<(Name, String)>),
    Opaque,
}

/// The contents of a `.cmi`: upstream's `cmi_infos`.
#[derive(Clone, Debug)]
pub struct CmiInfos {
    pub name: Name,
    pub sign: Rc<Signature>,
    /// Imported units with their digests; the unit itself first.
    pub crcs: Vec<(Name, Option<Digest>)>,
    pub flags: Vec<PersFlag>,
}

/// What can go wrong with a unit's interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PersistentError {
    /// There is no such file.
    NotFound,
    /// File, explanation.
    Corrupted { file: String, explanation: String },
    NotAnInterface(String),
    WrongVersion { file: String, older: bool },
    IllegalRenaming { expected: Name, found: Name, file: String },
    InconsistentImport { unit: Name, first_source: String, second_source: String },
    NeedRecursiveTypes(Name),
    DepNotNotFound(Name),
}

/// Where a loaded unit comes from.
#[derive(Clone, Debug)]
pub struct LoadedUnit {
    pub file: String,
    pub cmi: CmiInfos,
}

/// Finds and reads the interfaces of units. The driver implements it over the load path and
/// `rocaml-formats`.
pub trait CmiLoader {
    /// Reads the interface of a unit; its types become generic nodes of `store`.
    fn load(&self, store: &TypeStore, unit: Name) -> Result<LoadedUnit, PersistentError>;
    /// Whether there is such a unit, without reading it.
    fn exists(&self, unit: Name) -> bool;
    /// The names of all units that could be loaded, for spelling hints.
    fn available(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// A loader that finds nothing.
pub struct NoUnits;
impl CmiLoader for NoUnits {
    fn load(&self, _store: &TypeStore, _unit: Name) -> Result<LoadedUnit, PersistentError> {
        Err(PersistentError::NotFound)
    }
    fn exists(&self, _unit: Name) -> bool {
        false
    }
}

/// The units loaded so far.
pub struct PersistentTable {
    pub(crate) loader: Rc<dyn CmiLoader>,
}

impl PersistentTable {
    pub fn new(loader: Rc<dyn CmiLoader>) -> PersistentTable {
        PersistentTable { loader }
    }
}
