//! Running programs and reading files, with errors that say what was being done.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

pub type Result<T> = std::result::Result<T, BuildError>;

/// A failed step of a build, in words.
#[derive(Debug)]
pub struct BuildError(String);

impl BuildError {
    pub fn new(message: impl Into<String>) -> BuildError {
        BuildError(message.into())
    }

    fn io(action: &str, path: &Path, error: std::io::Error) -> BuildError {
        BuildError(format!("cannot {action} {}: {error}", path.display()))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}

pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| BuildError::io("read", path, error))
}

pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| BuildError::io("read", path, error))
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, contents: &[u8]) -> Result<()> {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, contents).map_err(|error| BuildError::io("write", &temporary, error))?;
    fs::rename(&temporary, path).map_err(|error| BuildError::io("write", path, error))
}

pub fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| BuildError::io("create", path, error))
}

pub fn remove_dir(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(BuildError::io("remove", path, error)),
        _ => Ok(()),
    }
}

/// The entries of a folder, sorted, so that builds do not depend on the file system's order.
pub fn list_dir(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(path).map_err(|error| BuildError::io("list", path, error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    Ok(paths)
}

/// Every file below a folder, sorted.
pub fn walk(path: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in list_dir(path)? {
        if entry.is_dir() {
            files.extend(walk(&entry)?);
        } else {
            files.push(entry);
        }
    }
    Ok(files)
}

pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs a program to its end; a failure shows its command and what it said.
pub fn run<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Result<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(args);
    run_command(&mut command)
}

pub fn run_command(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        BuildError(format!("cannot run {program}: {error} (`cargo xtask setup` installs what is needed)"))
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(BuildError(format!("{command:?} failed with {}\n{}", output.status, said.trim_end())))
}

/// Fetches a file of the Debian archive that apt is configured with, and checks its hash.
///
/// `pool_path` is relative to the archive, as `pool/main/m/musl/…`. A file already there with the right hash is kept.
pub fn fetch_from_debian(pool_path: &str, sha256: &str, destination: &Path) -> Result<()> {
    if destination.exists() && sha256_hex(&read(destination)?) == sha256 {
        return Ok(());
    }
    let listing = run("apt-get", ["indextargets", "--format", "$(REPO_URI)"])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let mut archives: Vec<&str> = listing.lines().collect();
    // The main archive first; a mirror of it may have any name.
    archives.sort_by_key(|uri| (!uri.trim_end_matches('/').ends_with("debian"), *uri));
    archives.dedup();
    let mut failure = BuildError::new("apt knows no Debian archive: run `apt-get update`");
    for archive in archives {
        let url = format!("{}/{pool_path}", archive.trim_end_matches('/'));
        let hash = format!("SHA256:{sha256}");
        let destination = destination.to_string_lossy();
        match run("/usr/lib/apt/apt-helper", ["download-file", &url, &destination, &hash]) {
            Ok(_) => return Ok(()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
