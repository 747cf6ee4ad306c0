//! Linking: which units of which files, in which order, whether they fit together, and the link
//! command. Upstream's `Asmlink`.

use crate::host::Host;
use crate::layout::Layout;
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
pub fn link(host: &dyn Host, layout: &Layout, options: &Options, inputs: &[LinkInput], output: &Path) -> Result<(), String> {
    let inputs = with_standard_library(layout, options, inputs)?;
    let selection = select(host, options, &inputs)?;
    check_consistency(&selection.units)?;
    check_targets(options, &selection.units)?;
    let directory = host.temporary_directory().map_err(|error| format!("Cannot make a temporary directory: {error}"))?;
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
) -> Result<(), String> {
    let startup = directory.join("startup.o");
    let bytes = startup_object(options, &selection.units)?;
    host.write(&startup, &bytes).map_err(|error| format!("Cannot write {}: {error}", startup.display()))?;
    let mut objects = vec![startup];
    objects.extend(selection.objects);
    let mut cclibs: Vec<String> = options.inputs.iter().filter_map(|i| match i {
        crate::options::Input::CcLib(lib) => Some(lib.clone()),
        _ => None,
    }).collect();
    let mut ccopts = options.ccopts.clone();
    if options.auto_link {
        cclibs.extend(selection.ccobjs);
        ccopts.extend(selection.ccopts);
    }
    let runtime = options.with_runtime.then(|| layout.runtime(&options.runtime_variant));
    if let Some(missing) = runtime.iter().find(|path| !host.exists(path)) {
        return Err(format!("Cannot find file {}", missing.display()));
    }
    // The linker writes beside the output, which appears only when it is whole.
    let partial = partial_name(output);
    let job = LinkJob {
        output: partial.clone(),
        output_kind: if options.output == Output::Object { OutputKind::Relocatable } else { OutputKind::Executable },
        objects,
        archives: selection.archives,
        runtime: runtime.filter(|_| options.output != Output::Object),
        sysroot: layout.sysroot(),
        tools_dir: layout.tools(),
        linker: options.linker.clone(),
        search_dirs: options.include_dirs.clone(),
        ccopts,
        cclibs,
        debug: options.debug,
        is_host: options.target.name == rocaml_target::Target::host().name,
    };
    let command = linkers::link_command(options.target, &job).map_err(|error| error.to_string())?;
    if options.verbose {
        let words: Vec<String> = command.args.iter().map(|a| quoted(&a.to_string_lossy())).collect();
        host.print_error(&format!("+ {} {}\n", quoted(&command.program.to_string_lossy()), words.join(" ")));
    }
    let code = host.run(&command.program, &command.args).map_err(|error| {
        format!("Cannot run the linker {}: {error}\n(choose another with -linker)", command.program.display())
    })?;
    if code != 0 {
        host.remove(&partial);
        return Err(format!("Error during linking (exit code {code})"));
    }
    host.rename(&partial, output).map_err(|error| {
        host.remove(&partial);
        format!("Cannot write {}: {error}", output.display())
    })
}

fn partial_name(output: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(format!(".{}.link", std::process::id()));
    output.with_file_name(name)
}

/// A word as a shell would need it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

fn with_standard_library(layout: &Layout, options: &Options, inputs: &[LinkInput]) -> Result<Vec<LinkInput>, String> {
    let mut all = Vec::new();
    if options.open_stdlib && options.output != Output::Object {
        all.push(LinkInput::Library(layout.find("stdlib.cmxa", options)?));
    }
    all.extend_from_slice(inputs);
    if options.open_stdlib && options.output != Output::Object {
        all.push(LinkInput::Unit(layout.find("std_exit.cmx", options)?));
    }
    Ok(all)
}

/// Chooses the units, last file first: a library's unit is taken when something after it needs it.
fn select(host: &dyn Host, options: &Options, inputs: &[LinkInput]) -> Result<Selection, String> {
    let mut needed: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut provided: HashMap<String, PathBuf> = HashMap::new();
    let mut units: Vec<LinkedUnit> = Vec::new();
    let (mut objects, mut archives, mut ccobjs, mut ccopts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for input in inputs.iter().rev() {
        match input {
            LinkInput::Foreign(path) => objects.push(path.clone()),
            LinkInput::Unit(path) => {
                let (info, _) = unit_files::read_cmx(host, path).map_err(|error| error.to_string())?;
                provide(&mut provided, &info, path)?;
                take(&mut needed, &mut units, info, path);
                objects.push(path.with_extension("o"));
            }
            LinkInput::Library(path) => {
                let library = unit_files::read_cmxa(host, path).map_err(|error| error.to_string())?;
                let LibraryInfo { units: members, ccobjs: objs, ccopts: opts } = library;
                let before = units.len();
                for (info, _) in members.into_iter().rev() {
                    if needed.contains_key(&info.name) || info.force_link || options.link_all {
                        provide(&mut provided, &info, path)?;
                        take(&mut needed, &mut units, info, path);
                    }
                }
                if units.len() > before || options.link_all || !objs.is_empty() {
                    let archive = path.with_extension("a");
                    if host.exists(&archive) {
                        archives.push(archive);
                    }
                    ccobjs.extend(objs.into_iter().rev());
                    ccopts.extend(opts.into_iter().rev());
                }
            }
        }
    }
    if let Some(text) = missing_text(&needed, &units) {
        return Err(text);
    }
    units.reverse();
    objects.reverse();
    ccobjs.reverse();
    ccopts.reverse();
    Ok(Selection { units, objects, archives, ccobjs, ccopts })
}

fn provide(provided: &mut HashMap<String, PathBuf>, info: &UnitInfo, path: &Path) -> Result<(), String> {
    match provided.insert(info.name.clone(), path.to_owned()) {
        None => Ok(()),
        Some(other) => Err(format!(
            "Files {} and {}\n       both define a module named {}",
            path.display(),
            other.display(),
            info.name
        )),
    }
}

fn take(needed: &mut BTreeMap<String, PathBuf>, units: &mut Vec<LinkedUnit>, info: UnitInfo, path: &Path) {
    needed.remove(&info.name);
    let imports = info.imports_cmx.iter().map(|(name, _)| name).chain(&info.required);
    for name in imports.filter(|name| **name != info.name) {
        needed.entry(name.clone()).or_insert_with(|| path.to_owned());
    }
    units.push(LinkedUnit { info, file: path.to_owned() });
}

/// Units that are needed and not there, or only there before their users.
fn missing_text(needed: &BTreeMap<String, PathBuf>, units: &[LinkedUnit]) -> Option<String> {
    if needed.is_empty() {
        return None;
    }
    let linked: BTreeSet<&str> = units.iter().map(|u| u.info.name.as_str()).collect();
    let (late, absent): (Vec<_>, Vec<_>) = needed.iter().partition(|(name, _)| linked.contains(name.as_str()));
    let mut text = String::new();
    if !absent.is_empty() {
        text.push_str("No implementation provided for the following modules:");
        for (name, file) in absent {
            text.push_str(&format!("\n         {name} referenced from {}", file.display()));
        }
    }
    for (name, file) in late {
        text.push_str(&format!("\nWrong link order: {} depends on {name}", file.display()));
    }
    Some(text)
}

/// Every unit must have seen the same interfaces and implementations.
fn check_consistency(units: &[LinkedUnit]) -> Result<(), String> {
    let mut interfaces: HashMap<&str, (Digest, &Path)> = HashMap::new();
    let mut implementations: HashMap<&str, (Digest, &Path)> = HashMap::new();
    for unit in units {
        agree("interface", &mut interfaces, &unit.info.imports_cmi, &unit.file)?;
        agree("implementation", &mut implementations, &unit.info.imports_cmx, &unit.file)?;
    }
    Ok(())
}

fn agree<'a>(
    what: &str,
    known: &mut HashMap<&'a str, (Digest, &'a Path)>,
    imports: &'a [Import],
    file: &'a Path,
) -> Result<(), String> {
    for (name, digest) in imports {
        let Some(digest) = digest else { continue };
        let (first, first_file) = *known.entry(name).or_insert((*digest, file));
        if first != *digest {
            return Err(format!(
                "Files {}\n       and {}\n       make inconsistent assumptions over {what} {name}",
                file.display(),
                first_file.display()
            ));
        }
    }
    Ok(())
}

fn check_targets(options: &Options, units: &[LinkedUnit]) -> Result<(), String> {
    match units.iter().find(|unit| unit.info.target != options.target.name) {
        None => Ok(()),
        Some(unit) => Err(format!(
            "File {} was compiled for {}, and this link is for {}",
            unit.file.display(),
            unit.info.target,
            options.target.name
        )),
    }
}

fn startup_object(options: &Options, units: &[LinkedUnit]) -> Result<Vec<u8>, String> {
    let union = |arities: fn(&UnitInfo) -> &Vec<u32>| -> Vec<u32> {
        units.iter().flat_map(|u| arities(&u.info)).copied().collect::<BTreeSet<u32>>().into_iter().collect()
    };
    let startup = rocaml_native::Startup {
        units: units.iter().map(|u| u.info.name.clone()).collect(),
        // Callbacks from C apply to two and three arguments.
        apply_arities: union(|u| &u.apply_arities).into_iter().chain([2, 3]).collect::<BTreeSet<u32>>().into_iter().collect(),
        curry_arities: union(|u| &u.curry_arities),
        tuplify_arities: union(|u| &u.tuplify_arities),
    };
    rocaml_native::startup_object(options.target, &startup).map_err(|error| error.to_string())
}
