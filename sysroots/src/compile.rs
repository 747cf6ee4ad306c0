//! A small incremental compiler driver: many C and assembly files, a few at a time, each only when it changed.
//!
//! An object's stamp is the hash of its command line, its source and a salt that stands for the headers; it is kept beside the object.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::Build;
use crate::tools::{self, BuildError, Result};

/// The compiler of everything that is not Rust.
pub const CLANG: &str = "clang-19";
const AR: &str = "llvm-ar-19";

/// Objects that share their flags.
pub struct Group<'a> {
    /// Shown while building.
    pub name: &'a str,
    pub flags: Vec<String>,
    /// Stands for everything but the source that objects depend on: hash of headers, of the pinned archive.
    pub salt: String,
    /// Folder of the objects.
    pub obj: PathBuf,
}

/// One source and the name of its object, without extension.
pub struct Unit {
    pub source: PathBuf,
    pub name: String,
}

impl Unit {
    /// Names the object after the path of the source below `base`, slashes replaced.
    pub fn new(base: &Path, source: PathBuf) -> Unit {
        let relative = source.strip_prefix(base).unwrap_or(&source);
        let name = relative.with_extension("").to_string_lossy().replace('/', "-");
        Unit { source, name }
    }
}

/// Compiles what changed, and returns all objects in order with the count of those that were rebuilt.
pub fn compile(build: &Build, group: &Group, units: &[Unit]) -> Result<(Vec<PathBuf>, usize)> {
    tools::make_dir(&group.obj)?;
    let objects: Vec<PathBuf> = units.iter().map(|unit| group.obj.join(format!("{}.o", unit.name))).collect();
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let rebuilt = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let failure: Mutex<Option<BuildError>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..build.jobs.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(unit), Some(object)) = (units.get(index), objects.get(index)) else { break };
                    match compile_unit(group, unit, object) {
                        Ok(was_built) => _ = rebuilt.fetch_add(usize::from(was_built), Ordering::Relaxed),
                        Err(error) => {
                            stop.store(true, Ordering::Relaxed);
                            failure.lock().expect("no thread panics").get_or_insert(error);
                        }
                    }
                    (build.progress)(group.name, done.fetch_add(1, Ordering::Relaxed) + 1, units.len());
                }
            });
        }
    });
    match failure.into_inner().expect("no thread panics") {
        Some(error) => Err(error),
        None => Ok((objects, rebuilt.into_inner())),
    }
}

/// Compiles one file if its stamp differs; true if it did.
fn compile_unit(group: &Group, unit: &Unit, object: &Path) -> Result<bool> {
    let mut key = tools::read(&unit.source)?;
    key.extend(group.flags.join("\0").bytes());
    key.extend(group.salt.bytes());
    let key = tools::sha256_hex(&key);
    let stamp = object.with_extension("stamp");
    if object.exists() && tools::read_text(&stamp).is_ok_and(|old| old == key) {
        return Ok(false);
    }
    let mut command = std::process::Command::new(CLANG);
    command.args(&group.flags).arg("-c").arg(&unit.source).arg("-o").arg(object);
    tools::run_command(&mut command)?;
    tools::write(&stamp, key.as_bytes())?;
    Ok(true)
}

/// Makes a static library with deterministic members; an existing one is replaced.
pub fn archive(path: &Path, objects: &[PathBuf]) -> Result<()> {
    let list = path.with_extension("rsp");
    let names: Vec<String> = objects.iter().map(|object| object.to_string_lossy().into_owned()).collect();
    tools::write(&list, names.join("\n").as_bytes())?;
    if path.exists() {
        std::fs::remove_file(path)
            .map_err(|error| BuildError::new(format!("cannot replace {}: {error}", path.display())))?;
    }
    tools::run(AR, ["rcsD".to_string(), path.to_string_lossy().into_owned(), format!("@{}", list.display())])?;
    _ = std::fs::remove_file(list);
    Ok(())
}

/// An archive without members: what `-lm` finds where libc holds it all.
pub fn empty_archive(path: &Path) -> Result<()> {
    tools::write(path, b"!<arch>\n")
}

/// One hash for the headers below some folders.
pub fn hash_headers(dirs: &[&Path]) -> Result<String> {
    let mut text = String::new();
    for dir in dirs.iter().filter(|dir| dir.exists()) {
        for file in tools::walk(dir)? {
            let is_header = file.extension().is_some_and(|e| matches!(e.to_str(), Some("h" | "tbl" | "inc" | "def")));
            if is_header {
                text.push_str(&format!("{} {}\n", file.display(), tools::sha256_hex(&tools::read(&file)?)));
            }
        }
    }
    Ok(tools::sha256_hex(text.as_bytes()))
}
