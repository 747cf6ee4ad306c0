//! Linking: which units of which files, in which order, whether they fit together, and the link
//! command. Upstream's `Asmlink`.

use crate::host::Host;
use crate::layout::Layout;
use crate::link_error::{LinkError, Reference};
use crate::options::{Options, Output};
use crate::unit_files::{self, Digest, Import, LibraryInfo, UnitInfo};
use linkers::{LinkJob, OutputKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// A file to link, in the order of the command line.
#[derive(Clone, Debug)]
pub enum LinkInput {
    Unit(PathBuf),
    Library(PathBuf),
    /// An object or archive for the linker alone.
    Foreign(PathBuf),
}

/// A unit chosen for the link.
struct LinkedUnit {
    info: UnitInfo,
    /// Of its `.cmx`, which units that were optimised with it have recorded.
    digest: Digest,
    /// The `.cmx` or `.cmxa` it comes from.
    file: PathBuf,
}

/// What the files of the link amount to.
struct Selection {
    units: Vec<LinkedUnit>,
    objects: Vec<PathBuf>,
    archives: Vec<PathBuf>,
    ccobjs: Vec<String>,
    ccopts: Vec<String>,
}

/// Links an executable (or an object, as the options say).
pub fn link(
    host: &dyn Host,
    layout: &Layout,
    options: &Options,
    inputs: &[LinkInput],
    output: &Path,
) -> Result<(), LinkError> {
    let inputs = with_standard_library(layout, options, inputs)?;
    let selection = select(host, options, &inputs)?;
    check_targets(options, &selection.units)?;
    check_consistency(&selection.units)?;
    let directory = host.temporary_directory().map_err(|error| LinkError::CannotWrite(std::env::temp_dir(), error))?;
    let result = link_in(host, layout, options, selection, output, &directory);
    host.remove_directory(&directory);
    result
}

fn link_in(
    host: &dyn Host,
    layout: &Layout,
    options: &Options,
    selection: Selection,
    output: &Path,
    directory: &Path,
) -> Result<(), LinkError> {
    let startup = directory.join("startup.o");
    let bytes = startup_object(options, &selection.units)?;
    host.write(&startup, &bytes).map_err(|error| LinkError::CannotWrite(startup.clone(), error))?;
    let runtime = options.with_runtime.then(|| layout.runtime(&options.runtime_variant));
    if let Some(missing) = runtime.iter().find(|path| !host.exists(path)) {
        let name = missing.file_name().unwrap_or_default().display().to_string();
        return Err(LinkError::RuntimeNotFound(name));
    }
    // The linker writes beside the output, which appears only when it is whole; a device has no place beside it.
    let is_special = host.is_special(output);
    let partial = if is_special { directory.join("linked") } else { partial_name(output) };
    let job = LinkJob { output: partial.clone(), ..job(layout, options, selection, startup, runtime) };
    let result = run_linker(host, options, &job).and_then(|()| {
        let finish = if is_special {
            host.read(&partial).and_then(|bytes| host.write(output, &bytes))
        } else {
            host.rename(&partial, output)
        };
        finish.map_err(|error| LinkError::CannotWrite(output.to_owned(), error))
    });
    if result.is_err() {
        host.remove(&partial);
    }
    result
}

fn job(
    layout: &Layout,
    options: &Options,
    selection: Selection,
    startup: PathBuf,
    runtime: Option<PathBuf>,
) -> LinkJob {
    let mut cclibs: Vec<String> = options
        .inputs
        .iter()
        .filter_map(|i| match i {
            crate::options::Input::CcLib(lib) => Some(lib.clone()),
            _ => None,
        })
        .collect();
    let mut ccopts = options.ccopts.clone();
    if options.auto_link {
        cclibs.extend(selection.ccobjs);
        ccopts.extend(selection.ccopts);
    }
    LinkJob {
        output: PathBuf::new(),
        output_kind: if makes_object(options) { OutputKind::Relocatable } else { OutputKind::Executable },
        objects: std::iter::once(startup).chain(selection.objects).collect(),
        archives: selection.archives,
        runtime: runtime.filter(|_| options.output != Output::Object),
        sysroot: layout.sysroot(),
        tools_dir: layout.tools(),
        linker: options.linker.clone(),
        search_dirs: options.include_dirs.iter().map(|dir| layout.expand(dir)).collect(),
        ccopts,
        cclibs,
        debug: options.debug,
        is_host: options.target.name == rocaml_target::Target::host().name,
    }
}

pub(crate) fn run_linker(host: &dyn Host, options: &Options, job: &LinkJob) -> Result<(), LinkError> {
    let command = linkers::link_command(options.target, job).map_err(LinkError::Command)?;
    if options.verbose {
        let words: Vec<String> = command.args.iter().map(|a| quoted(&a.to_string_lossy())).collect();
        host.print_error(&format!("+ {} {}\n", quoted(&command.program.to_string_lossy()), words.join(" ")));
    }
    match host.run(&command.program, &command.args) {
        Ok(0) => Ok(()),
        Ok(exit_code) => Err(LinkError::Linking { exit_code }),
        Err(error) => Err(LinkError::CannotRunLinker { program: command.program, error }),
    }
}

pub(crate) fn partial_name(output: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(format!(".{}.link", std::process::id()));
    output.with_file_name(name)
}

/// A word as a shell would need it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// `-output-obj` and `-output-complete-obj`.
fn makes_object(options: &Options) -> bool {
    matches!(options.output, Output::Object | Output::CompleteObject)
}

fn with_standard_library(
    layout: &Layout,
    options: &Options,
    inputs: &[LinkInput],
) -> Result<Vec<LinkInput>, LinkError> {
    let find = |name: &str| layout.find(name, options).ok_or_else(|| LinkError::FileNotFound(name.to_owned()));
    if !options.open_stdlib {
        return Ok(inputs.to_vec());
    }
    let mut all = vec![LinkInput::Library(find("stdlib.cmxa")?)];
    all.extend_from_slice(inputs);
    // A program in C goes on after OCaml has begun.
    if !makes_object(options) {
        all.push(LinkInput::Unit(find("std_exit.cmx")?));
    }
    Ok(all)
}

/// Which units name which others, collected from the last file to the first: upstream's `Linkdeps`.
#[derive(Default)]
pub struct Dependencies {
    missing: BTreeMap<String, BTreeSet<Reference>>,
    provided: BTreeMap<String, Vec<PathBuf>>,
    badly_ordered: BTreeMap<Reference, BTreeSet<Reference>>,
}

impl Dependencies {
    fn requires(&self, unit: &str) -> bool {
        self.missing.contains_key(unit)
    }

    /// Adds a unit, which stands before all that were added.
    pub fn add(&mut self, info: &UnitInfo, file: &Path) {
        let user = Reference { unit: info.name.clone(), file: file.to_owned() };
        let imports = info.imports_cmx.iter().map(|(name, _)| name).chain(&info.required);
        for name in imports.filter(|name| **name != info.name) {
            if let Some(later) = self.provided.get(name).and_then(|files| files.last()) {
                let later = Reference { unit: name.clone(), file: later.clone() };
                self.badly_ordered.entry(later).or_default().insert(user.clone());
            }
            self.missing.entry(name.clone()).or_default().insert(user.clone());
        }
        let packed = info.defines.iter().filter(|unit| **unit != info.name && **unit != info.symbol);
        for unit in packed.chain([&info.name]) {
            self.missing.remove(unit);
            self.provided.entry(unit.clone()).or_default().push(file.to_owned());
        }
    }

    /// The first kind of mistake that there is; a library may leave units to others.
    pub fn check(self, is_complete: bool) -> Result<(), LinkError> {
        let duplicated: Vec<_> = self.provided.into_iter().filter(|(_, files)| files.len() > 1).collect();
        let listed = |references: BTreeSet<Reference>| references.into_iter().collect();
        if !duplicated.is_empty() {
            return Err(LinkError::MultipleDefinitions(duplicated));
        }
        if !self.badly_ordered.is_empty() {
            return Err(LinkError::WrongLinkOrder(
                self.badly_ordered.into_iter().map(|(late, by)| (late, listed(by))).collect(),
            ));
        }
        if is_complete && !self.missing.is_empty() {
            return Err(LinkError::MissingImplementations(
                self.missing.into_iter().map(|(unit, by)| (unit, listed(by))).collect(),
            ));
        }
        Ok(())
    }
}

/// Chooses the units, last file first: a library's unit is taken when something after it needs it.
fn select(host: &dyn Host, options: &Options, inputs: &[LinkInput]) -> Result<Selection, LinkError> {
    let mut dependencies = Dependencies::default();
    let mut units: Vec<LinkedUnit> = Vec::new();
    let (mut objects, mut archives, mut ccobjs, mut ccopts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut take = |info: UnitInfo, digest: Digest, path: &Path, dependencies: &mut Dependencies| {
        dependencies.add(&info, path);
        units.push(LinkedUnit { info, digest, file: path.to_owned() });
    };
    for input in inputs.iter().rev() {
        match input {
            LinkInput::Foreign(path) => objects.push(path.clone()),
            LinkInput::Unit(path) => {
                let (info, digest) = unit_files::read_cmx(host, path)?;
                take(info, digest, path, &mut dependencies);
                objects.push(path.with_extension("o"));
            }
            LinkInput::Library(path) => {
                let LibraryInfo { units: members, ccobjs: objs, ccopts: opts } = unit_files::read_cmxa(host, path)?;
                let mut is_used = options.link_all || !objs.is_empty();
                for (info, digest) in members.into_iter().rev() {
                    let is_required = info.defines.iter().chain([&info.name]).any(|unit| dependencies.requires(unit));
                    if is_required || info.force_link || options.link_all {
                        take(info, digest, path, &mut dependencies);
                        is_used = true;
                    }
                }
                if is_used {
                    archives.extend(Some(path.with_extension("a")).filter(|archive| host.exists(archive)));
                    ccobjs.extend(objs.into_iter().rev());
                    ccopts.extend(opts.into_iter().rev());
                }
            }
        }
    }
    dependencies.check(true)?;
    // The archives stay as they are: a linker searches from left to right, so users stand before what they use.
    units.reverse();
    objects.reverse();
    ccobjs.reverse();
    ccopts.reverse();
    Ok(Selection { units, objects, archives, ccobjs, ccopts })
}

/// Every unit must have seen the same interfaces and implementations.
fn check_consistency(units: &[LinkedUnit]) -> Result<(), LinkError> {
    let mut interfaces = Known::default();
    let mut implementations = Known::default();
    for unit in units {
        unit.info.imports_cmi.iter().try_for_each(|import| interfaces.agree("interface", import, &unit.file))?;
        unit.info
            .imports_cmx
            .iter()
            .try_for_each(|import| implementations.agree("implementation", import, &unit.file))?;
        implementations.agree("implementation", &(unit.info.name.clone(), Some(unit.digest)), &unit.file)?;
    }
    Ok(())
}

/// The digest of each unit that somebody has recorded, and who was first.
#[derive(Default)]
struct Known(HashMap<String, (Digest, PathBuf)>);

impl Known {
    fn agree(&mut self, what: &'static str, (unit, digest): &Import, user: &Path) -> Result<(), LinkError> {
        let Some(digest) = digest else { return Ok(()) };
        let (first, authority) = self.0.entry(unit.clone()).or_insert_with(|| (*digest, user.to_owned()));
        if first == digest {
            return Ok(());
        }
        Err(LinkError::Inconsistent { what, unit: unit.clone(), user: user.to_owned(), authority: authority.clone() })
    }
}

fn check_targets(options: &Options, units: &[LinkedUnit]) -> Result<(), LinkError> {
    match units.iter().find(|unit| unit.info.target != options.target.name) {
        None => Ok(()),
        Some(unit) => Err(LinkError::WrongTarget {
            file: unit.file.clone(),
            found: unit.info.target.clone(),
            wanted: options.target.name,
        }),
    }
}

fn startup_object(options: &Options, units: &[LinkedUnit]) -> Result<Vec<u8>, LinkError> {
    let union = |arities: fn(&UnitInfo) -> &Vec<u32>| -> Vec<u32> {
        units.iter().flat_map(|u| arities(&u.info)).copied().collect::<BTreeSet<u32>>().into_iter().collect()
    };
    let startup = rocaml_native::Startup {
        units: units.iter().flat_map(|u| u.info.defines.iter().cloned()).collect(),
        // Callbacks from C apply to two and three arguments.
        apply_arities: union(|u| &u.apply_arities)
            .into_iter()
            .chain([2, 3])
            .collect::<BTreeSet<u32>>()
            .into_iter()
            .collect(),
        curry_arities: union(|u| &u.curry_arities),
        tuplify_arities: union(|u| &u.tuplify_arities),
    };
    rocaml_native::startup_object(options.target, &startup).map_err(|error| LinkError::Backend(error.to_string()))
}
