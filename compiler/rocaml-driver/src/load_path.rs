//! The load path: finding compiled interfaces and optimisation information of other units.

use crate::host::HostRef;
use crate::layout::Layout;
use crate::options::Options;
use crate::unit_files::{self, Digest, UnitFileError, UnitInfo};
use rocaml_base::Name;
use rocaml_diag::Doc;
use rocaml_middle::Importer;
use rocaml_middle::export::UnitExport;
use rocaml_syntax::utf8_lexeme;
use rocaml_types::context::Context;
use rocaml_types::env::persistent::{CmiLoader, LoadedUnit, PersistentError};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The files of the directories that are searched, listed once.
pub struct LoadPath {
    host: HostRef,
    /// The first place of each file name.
    files: HashMap<String, PathBuf>,
    /// The same of the directories of `-H`.
    hidden: HashMap<String, PathBuf>,
}

/// The first place of each file name in directories.
fn list(host: HostRef, directories: impl IntoIterator<Item = PathBuf>) -> HashMap<String, PathBuf> {
    let mut files = HashMap::new();
    for dir in directories {
        for name in host.list(if dir.as_os_str().is_empty() { Path::new(".") } else { &dir }) {
            files.entry(name).or_insert_with_key(|name| dir.join(name));
        }
    }
    files
}

impl LoadPath {
    /// Lists the directories of the options; an unreadable one counts as empty.
    pub fn new(host: HostRef, layout: &Layout, options: &Options) -> LoadPath {
        let hidden = options.hidden_include_dirs.iter().map(|dir| layout.expand(dir));
        LoadPath { host, files: list(host, layout.search_path(options)), hidden: list(host, hidden) }
    }

    /// The file of a unit, visible or hidden.
    pub fn find_unit(&self, unit: &str, extension: &str) -> Option<&Path> {
        find_in(&self.files, unit, extension).or_else(|| find_in(&self.hidden, unit, extension))
    }

    fn find_visible(&self, unit: &str, extension: &str) -> Option<&Path> {
        find_in(&self.files, unit, extension)
    }
}

/// A file's name may begin with a small or a capital letter.
fn find_in<'p>(files: &'p HashMap<String, PathBuf>, unit: &str, extension: &str) -> Option<&'p Path> {
    let names = [format!("{}{extension}", utf8_lexeme::uncapitalize(unit)), format!("{unit}{extension}")];
    names.iter().find_map(|name| files.get(name)).map(PathBuf::as_path)
}

/// Reads interfaces for the type checker.
pub struct InterfaceLoader {
    pub path: Rc<LoadPath>,
    /// `-cmi-file`: where the interface of the present unit is.
    pub own: Option<(Name, PathBuf)>,
}

impl CmiLoader for InterfaceLoader {
    fn load(&self, cx: &Context, unit: Name) -> Result<LoadedUnit, PersistentError> {
        let own = self.own.as_ref().filter(|(name, _)| *name == unit).map(|(_, path)| path.as_path());
        let path = own.or_else(|| self.path.find_unit(&unit, ".cmi")).ok_or(PersistentError::NotFound)?;
        let file = path.display().to_string();
        let bytes = self.path.host.read(path).map_err(|error| PersistentError::Corrupted {
            file: file.clone(),
            explanation: crate::io_error_text(&error),
        })?;
        let cmi = rocaml_formats::cmi::read(cx, &file, &bytes)?;
        Ok(LoadedUnit { file, cmi })
    }

    fn exists(&self, unit: Name) -> bool {
        self.path.find_visible(&unit, ".cmi").is_some()
    }

    fn is_hidden(&self, unit: Name) -> bool {
        self.path.find_visible(&unit, ".cmi").is_none() && self.path.find_unit(&unit, ".cmi").is_some()
    }
}

/// Reads `.cmx` files for the middle end, once each, and remembers which were asked for.
pub struct ExportLoader<'h> {
    path: Rc<LoadPath>,
    target: &'static str,
    /// Units that were asked for, with the digest of the file if there was one.
    asked: RefCell<Vec<(String, Option<Digest>)>>,
    found: RefCell<HashMap<Name, Option<Found>>>,
    /// Units by their names in symbols, where those differ.
    packed: RefCell<HashMap<Name, Name>>,
    problems: RefCell<Vec<UnitFileError>>,
    /// Units that were asked for and have no file.
    absent: RefCell<Vec<Name>>,
    /// The unit that asks, and what it is compiled for.
    unit: (Name, Option<String>),
    is_opaque: Box<dyn Fn(Name) -> bool + 'h>,
}

/// What a `.cmx` says of use here.
#[derive(Clone)]
struct Found {
    symbol: Name,
    export: Option<Rc<UnitExport>>,
    digest: Digest,
}

impl<'h> ExportLoader<'h> {
    /// A loader for units of a row. Nothing is read of units that are opaque.
    pub fn new(
        path: Rc<LoadPath>,
        target: &'static str,
        unit: (Name, Option<String>),
        is_opaque: impl Fn(Name) -> bool + 'h,
    ) -> ExportLoader<'h> {
        ExportLoader {
            path,
            target,
            asked: RefCell::default(),
            found: RefCell::default(),
            packed: RefCell::default(),
            problems: RefCell::default(),
            absent: RefCell::default(),
            unit,
            is_opaque: Box::new(is_opaque),
        }
    }

    /// The units that were asked for.
    pub fn imports(&self) -> Vec<(String, Option<Digest>)> {
        let mut imports = self.asked.borrow().clone();
        imports.sort();
        imports
    }

    /// What was wrong with the first file that could not be used.
    pub fn problem(&self) -> Option<Doc> {
        self.problems.borrow().first().map(UnitFileError::doc)
    }

    /// Units that were asked for and have no `.cmx`, although they are not opaque.
    pub fn absent(&self) -> Vec<Name> {
        self.absent.borrow().clone()
    }

    /// Enters a unit that was read already.
    pub fn enter(&self, unit: Name, info: UnitInfo, digest: Digest) {
        let found = Found { symbol: Name::new(&info.symbol), export: info.export.map(Rc::new), digest };
        if found.symbol != unit {
            self.packed.borrow_mut().insert(found.symbol, unit);
        }
        self.found.borrow_mut().insert(unit, Some(found));
    }

    /// The name of a unit in symbols: that of the packs it is made for comes first.
    pub fn symbol(&self, unit: Name) -> Name {
        self.find(unit).map_or(unit, |found| found.symbol)
    }

    fn find(&self, unit: Name) -> Option<Found> {
        if let Some(found) = self.found.borrow().get(&unit) {
            return found.clone();
        }
        match self.read(unit) {
            Some((info, digest)) => {
                self.check_pack(unit, &info);
                self.enter(unit, info, digest);
            }
            None => drop(self.found.borrow_mut().insert(unit, None)),
        }
        self.found.borrow().get(&unit).cloned().flatten()
    }

    /// A unit of a pack may only be referred to from within the pack.
    fn check_pack(&self, unit: Name, info: &UnitInfo) {
        let Some(pack) = info.pack() else { return };
        let (own, own_pack) = &self.unit;
        let is_within = |own: &String| *own == pack || own.starts_with(&format!("{pack}."));
        if !own_pack.as_ref().is_some_and(is_within) {
            let path = self.path.find_unit(&unit, ".cmx").map(Path::to_owned).unwrap_or_default();
            let error =
                UnitFileError::MismatchingForPack { path, pack, unit: own.to_string(), unit_pack: own_pack.clone() };
            self.problems.borrow_mut().push(error);
        }
    }

    fn read(&self, unit: Name) -> Option<(UnitInfo, Digest)> {
        if (self.is_opaque)(unit) {
            return None;
        }
        let path = self.path.find_unit(&unit, ".cmx")?;
        match unit_files::read_cmx(self.path.host, path) {
            Ok((info, digest)) if info.name == unit.as_str() && info.target == self.target => Some((info, digest)),
            Ok((info, _)) if info.target != self.target => None,
            Ok((info, _)) => {
                self.problems.borrow_mut().push(UnitFileError::IllegalRenaming {
                    path: path.to_owned(),
                    found: info.name,
                    expected: unit.to_string(),
                });
                None
            }
            // Gone since the directory was listed: as if it had never been there.
            Err(UnitFileError::Io(_, error)) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                self.problems.borrow_mut().push(error);
                None
            }
        }
    }
}

impl Importer for ExportLoader<'_> {
    fn import(&self, symbol: Name) -> Option<Rc<UnitExport>> {
        let unit = self.packed.borrow().get(&symbol).copied().unwrap_or(symbol);
        let found = self.find(unit);
        if found.is_none() && !(self.is_opaque)(unit) && self.path.find_unit(&unit, ".cmx").is_none() {
            self.absent.borrow_mut().push(unit);
        }
        self.asked.borrow_mut().push((unit.to_string(), found.as_ref().map(|found| found.digest)));
        found.and_then(|found| found.export)
    }
}
