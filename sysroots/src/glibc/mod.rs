//! glibc without glibc: start files of our own, and stub libraries that hold names and versions but no code.
//!
//! A program linked against the stubs asks for no symbol version newer than the row's minimum, so it starts on every
//! later release. The lists are `sysroots/glibc/<arch>.symbols` ([`symbols`]), [`stub`] turns them into shared objects,
//! and [`check_archive`] finds the calls that a static library makes into functions that the minimum release lacks.

pub mod extract;
pub mod stub;
pub mod symbols;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};
use rocaml_target::{Arch, Libc, LinkKind, Target};

use crate::compile::{self, Group, Unit};
use crate::tools::{self, BuildError, Result};
use crate::{Build, Layout, target_flags};

use symbols::{Library, Version};

/// Builds the stubs and the start files of a row.
pub fn build(build: &Build, target: &Target, layout: &Layout) -> Result<()> {
    for library in libraries(build, target)? {
        let bytes = stub::write(target, &library)?;
        let path = layout.lib.join(link_name(target, &library.soname));
        if tools::read(&path).ok().as_ref() != Some(&bytes) {
            tools::write(&path, &bytes)?;
        }
    }
    build_start_files(build, target, layout)
}

/// The file that holds the symbols of an architecture.
pub fn symbols_path(root: &Path, arch: Arch) -> PathBuf {
    root.join("sysroots/glibc").join(format!("{}.symbols", arch.name()))
}

/// The libraries of the row's minimum release.
pub fn libraries(build: &Build, target: &Target) -> Result<Vec<Library>> {
    let path = symbols_path(&build.root, target.arch);
    let libraries = symbols::parse(&tools::read_text(&path)?)
        .map_err(|message| BuildError::new(format!("{}: {message}", path.display())))?;
    let newest = libraries.iter().flat_map(|library| &library.symbols).map(|symbol| &symbol.version).max();
    match newest {
        Some(newest) if *newest > minimum(target) => {
            Err(BuildError::new(format!("{} holds {newest}, newer than the row's minimum", path.display())))
        }
        _ => Ok(libraries),
    }
}

/// The row's minimum release as a symbol version.
pub fn minimum(target: &Target) -> Version {
    match target.libc {
        Libc::Glibc { minimum: (major, minor) } => Version::glibc(major, minor),
        _ => unreachable!("only glibc rows have stubs"),
    }
}

/// `libc.so.6` is linked as `libc.so`; the dynamic loader, whatever its name, as `librtld.so`.
fn link_name(target: &Target, soname: &str) -> String {
    let is_loader = matches!(target.link_kind, LinkKind::DynamicPie { interpreter } if interpreter.ends_with(soname));
    match soname.find(".so") {
        Some(_) if is_loader => "librtld.so".to_string(),
        Some(end) => soname[..end + ".so".len()].to_string(),
        None => soname.to_string(),
    }
}

fn build_start_files(build: &Build, target: &Target, layout: &Layout) -> Result<()> {
    let base = build.root.join("sysroots/glibc");
    let unit = |source: &str, name: &str| Unit { source: base.join(source), name: name.to_string() };
    let group =
        Group { name: "start files", flags: target_flags(target), salt: String::new(), obj: layout.obj.join("crt") };
    let units = [unit("start.S", "Scrt1"), unit("empty.S", "crti"), unit("empty.S", "crtn")];
    let (objects, _) = compile::compile(build, &group, &units)?;
    for object in objects {
        tools::write(&layout.lib.join(object.file_name().expect("an object has a name")), &tools::read(&object)?)?;
    }
    Ok(())
}

/// Header folders of programs compiled for a glibc row: Debian's, at build time only.
pub fn include_flags(target: &Target) -> Vec<String> {
    let multiarch = format!("{}-linux-gnu", target.arch.name());
    let cross = format!("/usr/{multiarch}/include");
    let dirs = if Path::new(&cross).is_dir() {
        vec![cross]
    } else {
        vec![format!("/usr/include/{multiarch}"), "/usr/include".to_string()]
    };
    dirs.into_iter().flat_map(|dir| ["-isystem".to_string(), dir]).collect()
}

/// Fails if the objects of `archive` ask for a function that neither they, nor `companions`, nor the stubs define.
pub fn check_archive(build: &Build, target: &Target, archive: &Path, companions: &[PathBuf]) -> Result<()> {
    let mut defined: BTreeSet<String> =
        libraries(build, target)?.into_iter().flat_map(|library| library.symbols).map(|symbol| symbol.name).collect();
    let mut undefined = BTreeSet::new();
    collect_symbols(archive, &mut defined, Some(&mut undefined))?;
    for companion in companions {
        collect_symbols(companion, &mut defined, None)?;
    }
    let missing: Vec<&str> =
        undefined.difference(&defined).map(String::as_str).filter(|name| !is_given_by_link(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(BuildError::new(format!(
        "{} asks for symbols that {} does not have: {}",
        archive.display(),
        minimum(target),
        missing.join(", ")
    )))
}

/// What the linker or the startup object of each program defines.
fn is_given_by_link(name: &str) -> bool {
    name.starts_with("caml")
        || name.starts_with("__start_")
        || name.starts_with("__stop_")
        || name.starts_with("_GLOBAL_")
        || matches!(
            name,
            "_end" | "end" | "_etext" | "etext" | "_edata" | "edata" | "__executable_start" | "__ehdr_start" | "main"
        )
}

fn collect_symbols(
    archive: &Path,
    defined: &mut BTreeSet<String>,
    mut undefined: Option<&mut BTreeSet<String>>,
) -> Result<()> {
    let unreadable = |error: object::Error| BuildError::new(format!("cannot read {}: {error}", archive.display()));
    let data = tools::read(archive)?;
    let members = ArchiveFile::parse(data.as_slice()).map_err(unreadable)?;
    for member in members.members() {
        let bytes = member.and_then(|member| member.data(data.as_slice())).map_err(unreadable)?;
        let file = object::File::parse(bytes).map_err(unreadable)?;
        for symbol in file.symbols() {
            let Ok(name) = symbol.name() else { continue };
            if symbol.is_undefined() && !symbol.is_weak() && !name.is_empty() {
                if let Some(undefined) = undefined.as_deref_mut() {
                    undefined.insert(name.to_string());
                }
            } else if symbol.is_global() {
                defined.insert(name.to_string());
            }
        }
    }
    Ok(())
}
