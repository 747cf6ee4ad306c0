//! Compilation units read from `.cmi` files: upstream's `Persistent_env`.

use super::Env;
use super::components::{LazyAddress, ModuleComponents, ModuleData, Prefixed, module_decl};
use crate::Ident;
use crate::btype::IdMap;
use crate::context::Context;
use crate::path::Path;
use crate::subst::{Scoping, Subst};
use crate::types::{ModuleDeclaration, ModuleType, Signature, Uid};
use rocaml_base::{Location, Name};
use rocaml_diag::Warning;
use std::cell::RefCell;
use std::collections::BTreeSet;
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
    Corrupted {
        file: String,
        explanation: String,
    },
    NotAnInterface(String),
    WrongVersion {
        file: String,
        older: bool,
    },
    IllegalRenaming {
        expected: Name,
        found: Name,
        file: String,
    },
    InconsistentImport {
        unit: Name,
        first_source: String,
        second_source: String,
    },
    NeedRecursiveTypes(Name),
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
    /// Reads the interface of a unit; its types become generic nodes of the context's store, its
    /// bound idents are fresh.
    fn load(&self, cx: &Context, unit: Name) -> Result<LoadedUnit, PersistentError>;
    /// Whether there is such a unit that programs can name, without reading it.
    fn exists(&self, unit: Name) -> bool;
    /// Whether it is only there for what other interfaces say (`-H`): programs cannot name it.
    fn is_hidden(&self, _unit: Name) -> bool {
        false
    }
}

/// A loader that finds nothing.
pub struct NoUnits;
impl CmiLoader for NoUnits {
    fn load(&self, _cx: &Context, _unit: Name) -> Result<LoadedUnit, PersistentError> {
        Err(PersistentError::NotFound)
    }
    fn exists(&self, _unit: Name) -> bool {
        false
    }
}

/// What is known of a unit.
#[derive(Clone)]
enum Unit {
    Missing,
    Loaded {
        data: Rc<ModuleData>,
        cmi: Rc<LoadedUnit>,
        /// Programs cannot name it.
        hidden: bool,
    },
}

/// The units loaded so far, and what is known of all that were mentioned.
pub struct PersistentTable {
    loader: Rc<dyn CmiLoader>,
    units: RefCell<IdMap<Name, Unit>>,
    /// Units that the one being compiled depends on.
    imported: RefCell<BTreeSet<Name>>,
    opaque: RefCell<BTreeSet<Name>>,
    /// The digest of each interface and the file that first told it.
    digests: RefCell<IdMap<Name, (Digest, String)>>,
    /// Interfaces that were found to be unusable where no error could be reported.
    errors: RefCell<Vec<PersistentError>>,
}

impl PersistentTable {
    pub fn new(loader: Rc<dyn CmiLoader>) -> PersistentTable {
        PersistentTable {
            loader,
            units: RefCell::default(),
            imported: RefCell::default(),
            opaque: RefCell::default(),
            digests: RefCell::default(),
            errors: RefCell::default(),
        }
    }
    /// Forgets everything: a new compilation.
    pub fn clear(&self) {
        self.units.borrow_mut().clear();
        self.imported.borrow_mut().clear();
        self.opaque.borrow_mut().clear();
        self.digests.borrow_mut().clear();
        self.errors.borrow_mut().clear();
    }
    /// Forgets which units are missing, so that they are looked for again.
    pub fn clear_missing(&self) {
        self.units.borrow_mut().retain(|_, unit| !matches!(unit, Unit::Missing));
    }
    /// Errors met where a unit was needed without being named by the program.
    pub fn take_errors(&self) -> Vec<PersistentError> {
        self.errors.take()
    }
    pub(super) fn loaded(&self, unit: Name) -> Option<Rc<ModuleData>> {
        match self.units.borrow().get(&unit) {
            Some(Unit::Loaded { data, .. }) => Some(data.clone()),
            _ => None,
        }
    }
    /// Whether there is an interface of the unit on the search path that programs can name.
    pub(super) fn exists(&self, unit: Name) -> bool {
        self.loader.exists(unit)
    }
    /// Whether the unit is there, and programs cannot name it.
    pub(super) fn is_hidden(&self, unit: Name) -> bool {
        match self.units.borrow().get(&unit) {
            Some(Unit::Loaded { hidden, .. }) => *hidden,
            Some(Unit::Missing) => false,
            None => self.loader.is_hidden(unit),
        }
    }
    /// The units read so far.
    pub(super) fn all_loaded(&self) -> Vec<(Name, Rc<ModuleData>)> {
        let units = self.units.borrow();
        let loaded = units.iter().filter_map(|(name, unit)| match unit {
            Unit::Loaded { data, .. } => Some((*name, data.clone())),
            _ => None,
        });
        loaded.collect()
    }
    /// Whether a unit was read from the directory of the standard library.
    pub(super) fn is_beside_stdlib(&self, unit: Name) -> bool {
        let directory = |unit: Name| {
            self.cmi(unit).and_then(|loaded| Some(std::path::Path::new(&loaded.file).parent()?.to_owned()))
        };
        directory(unit).is_some_and(|dir| directory(Name::new("Stdlib")) == Some(dir))
    }
    pub(crate) fn loaded_count(&self) -> usize {
        self.units.borrow().values().filter(|unit| matches!(unit, Unit::Loaded { .. })).count()
    }
    /// The units that the present one depends on, with their digests if they were read.
    pub fn imports(&self) -> Vec<(Name, Option<Digest>)> {
        let digests = self.digests.borrow();
        self.imported.borrow().iter().rev().map(|unit| (*unit, digests.get(unit).map(|(digest, _)| *digest))).collect()
    }
    /// Checks the digests that `source` has for units, and remembers them.
    pub fn import_crcs(&self, source: &str, crcs: &[(Name, Option<Digest>)]) -> Result<(), PersistentError> {
        for (unit, digest) in crcs {
            let Some(digest) = digest else { continue };
            self.imported.borrow_mut().insert(*unit);
            let mut digests = self.digests.borrow_mut();
            let (known, first_source) = digests.entry(*unit).or_insert_with(|| (*digest, source.to_owned()));
            if known != digest {
                return Err(PersistentError::InconsistentImport {
                    unit: *unit,
                    first_source: first_source.clone(),
                    second_source: source.to_owned(),
                });
            }
        }
        Ok(())
    }
    /// The digest of a unit's interface, if it was read.
    pub fn crc_of_unit(&self, unit: Name) -> Option<Digest> {
        self.digests.borrow().get(&unit).map(|(digest, _)| *digest)
    }
    pub fn is_imported_opaque(&self, unit: Name) -> bool {
        self.opaque.borrow().contains(&unit)
    }
    pub fn register_import_as_opaque(&self, unit: Name) {
        self.opaque.borrow_mut().insert(unit);
    }
    /// Whether a unit was looked for.
    pub fn looked_up(&self, unit: Name) -> bool {
        self.units.borrow().contains_key(&unit)
    }
    /// The interface of a unit that was read.
    pub fn cmi(&self, unit: Name) -> Option<Rc<LoadedUnit>> {
        match self.units.borrow().get(&unit) {
            Some(Unit::Loaded { cmi, .. }) => Some(cmi.clone()),
            _ => None,
        }
    }
}

impl Context {
    /// The unit, read if need be; errors are kept for later and count as absence.
    pub(super) fn find_unit(&self, unit: Name) -> Option<Rc<ModuleData>> {
        match self.load_unit(unit) {
            Ok(data) => Some(data),
            Err(PersistentError::NotFound) => None,
            Err(error) => {
                let mut errors = self.persistent.errors.borrow_mut();
                if !errors.contains(&error) {
                    errors.push(error);
                }
                None
            }
        }
    }

    /// Records a dependency on a unit that an alias names without reading it. Whether there is one
    /// is only warned of, at the end.
    pub(super) fn check_unit(&self, loc: Location, unit: Name) {
        if self.persistent.looked_up(unit) {
            return;
        }
        self.persistent.imported.borrow_mut().insert(unit);
        if self.is_active(49) {
            self.add_delayed_check(move |cx| {
                if let Err(error) = cx.load_visible_unit(unit) {
                    cx.warn(loc, Warning::NoCmiFile(unit.to_string(), error.reason_against()));
                }
            });
        }
    }

    /// The unit as a program may name it, read if need be.
    pub(super) fn load_visible_unit(&self, unit: Name) -> Result<Rc<ModuleData>, PersistentError> {
        if self.persistent.is_hidden(unit) { Err(PersistentError::NotFound) } else { self.load_unit(unit) }
    }

    /// The unit, read if need be.
    pub(super) fn load_unit(&self, unit: Name) -> Result<Rc<ModuleData>, PersistentError> {
        let table = &self.persistent;
        match table.units.borrow().get(&unit) {
            Some(Unit::Loaded { data, .. }) => return Ok(data.clone()),
            Some(Unit::Missing) => return Err(PersistentError::NotFound),
            None => {}
        }
        if self.without_cmis.get() || unit == "*predef*" {
            return Err(PersistentError::NotFound);
        }
        let loaded = match table.loader.load(self, unit) {
            Ok(loaded) => loaded,
            Err(PersistentError::NotFound) => {
                table.units.borrow_mut().insert(unit, Unit::Missing);
                return Err(PersistentError::NotFound);
            }
            Err(error) => return Err(error),
        };
        table.imported.borrow_mut().insert(unit);
        self.acknowledge(unit, loaded)
    }

    fn acknowledge(&self, unit: Name, loaded: LoadedUnit) -> Result<Rc<ModuleData>, PersistentError> {
        let table = &self.persistent;
        let cmi = &loaded.cmi;
        if cmi.name != unit {
            return Err(PersistentError::IllegalRenaming { expected: unit, found: cmi.name, file: loaded.file });
        }
        let mut alerts = Vec::new();
        for flag in &cmi.flags {
            match flag {
                PersFlag::Rectypes if !self.options.recursive_types => {
                    return Err(PersistentError::NeedRecursiveTypes(unit));
                }
                PersFlag::Rectypes => {}
                PersFlag::Alerts(list) => alerts.clone_from(list),
                PersFlag::Opaque => table.register_import_as_opaque(unit),
            }
        }
        table.import_crcs(&loaded.file, &cmi.crcs)?;
        let mty = ModuleType::Signature(cmi.sign.clone());
        let id = Ident::global(unit);
        let address = LazyAddress::Ident(id);
        let comps =
            ModuleComponents::new(Env::empty(), Subst::identity(), Path::Ident(id), address.clone(), mty.clone());
        let decl = ModuleDeclaration { uid: Uid::CompilationUnit(unit), ..module_decl(mty) };
        let mut data = ModuleData::new(Prefixed::new(Rc::new(decl), None), 0, comps, address);
        data.alerts = alerts;
        let data = Rc::new(data);
        let hidden = table.loader.is_hidden(unit);
        table.units.borrow_mut().insert(unit, Unit::Loaded { data: data.clone(), cmi: Rc::new(loaded), hidden });
        Ok(data)
    }

    /// Reads the interface of a unit: what an implementation is checked against.
    pub fn read_signature(&self, unit: Name) -> Result<Rc<Signature>, PersistentError> {
        self.load_unit(unit)?;
        self.persistent.cmi(unit).map(|loaded| loaded.cmi.sign.clone()).ok_or(PersistentError::NotFound)
    }

    /// Runs `f` without reading any unit: to print errors.
    pub fn without_cmis<T>(&self, f: impl FnOnce() -> T) -> T {
        let old = self.without_cmis.replace(true);
        let result = f();
        self.without_cmis.set(old);
        result
    }

    /// The interface of the present unit, ready to be written: its signature is copied for saving.
    pub fn make_cmi(&self, unit: Name, alerts: Vec<(Name, String)>, sg: &Signature) -> CmiInfos {
        self.cleanup_abbrev();
        let sign = Subst::identity().for_saving().signature(self, Scoping::MakeLocal, sg);
        let mut flags = Vec::new();
        if self.options.recursive_types {
            flags.push(PersFlag::Rectypes);
        }
        if self.options.opaque {
            flags.push(PersFlag::Opaque);
        }
        flags.push(PersFlag::Alerts(alerts));
        CmiInfos { name: unit, sign: Rc::new(sign), crcs: self.persistent.imports(), flags }
    }
    /// Enters the interface that was just written with this digest.
    pub fn register_cmi(&self, file: String, digest: Digest, cmi: CmiInfos) -> Result<(), PersistentError> {
        let unit = cmi.name;
        let mut crcs = vec![(unit, Some(digest))];
        crcs.extend(cmi.crcs.iter().copied());
        self.acknowledge(unit, LoadedUnit { file, cmi: CmiInfos { crcs, ..cmi } }).map(drop)
    }
}
