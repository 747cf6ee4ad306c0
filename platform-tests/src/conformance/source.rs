//! Upstream's sources: fetched by the package manager, or taken from a path, and never kept in the repository.
//!
//! Debian's source package `ocaml` holds upstream's release as it is; apt finds it by name in the development suites
//! with lists and caches of our own, so that no setting of the machine changes and no rights are needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use sysroots::tools;

/// The release whose tests we run.
pub const VERSION: &str = "5.4.1";
/// SHA-256 of `ocaml_5.4.1.orig.tar.xz`.
pub const SHA256: &str = "b1e297adc186635540758eb064c7fab025598ae4436f3b9767e5025188b4e0ab";
/// Debian's suites that may hold the release, newest first.
const SUITES: [&str; 3] = ["sid", "testing", "experimental"];
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// A file of every release's root.
const ROOT_MARK: &str = "testsuite/tests";

/// The root of the sources: from a given tarball or folder, or fetched into `scratch`.
pub fn obtain(given: Option<&Path>, scratch: &Path) -> Result<PathBuf, String> {
    match given {
        Some(path) if path.is_dir() => {
            if path.join(ROOT_MARK).is_dir() {
                return Ok(path.to_path_buf());
            }
            Err(format!("{} has no {ROOT_MARK}: not upstream's sources", path.display()))
        }
        Some(tarball) => unpack(tarball, scratch),
        None => {
            let tarball = scratch.join(tarball_name());
            if !tarball.exists() {
                fetch(scratch)?;
            }
            unpack(&tarball, scratch)
        }
    }
}

fn tarball_name() -> String {
    format!("ocaml_{VERSION}.orig.tar.xz")
}

fn unpack(tarball: &Path, scratch: &Path) -> Result<PathBuf, String> {
    let bytes = tools::read(tarball).map_err(|error| error.to_string())?;
    let found = tools::sha256_hex(&bytes);
    if found != SHA256 {
        return Err(format!("{}: SHA-256 is {found}, not {SHA256}", tarball.display()));
    }
    let folder = scratch.join(format!("ocaml-{VERSION}"));
    if folder.join(ROOT_MARK).is_dir() {
        return Ok(folder);
    }
    let partial = scratch.join("unpacking");
    _ = std::fs::remove_dir_all(&partial);
    tools::make_dir(&partial).map_err(|error| error.to_string())?;
    let mut tar = Command::new("tar");
    tar.args(["--strip-components=1", "-xJf"]).arg(tarball).arg("-C").arg(&partial);
    tools::run_command(&mut tar).map_err(|error| error.to_string())?;
    std::fs::rename(&partial, &folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Downloads the tarball into `scratch`.
fn fetch(scratch: &Path) -> Result<(), String> {
    let apt = Apt::new(scratch)?;
    apt.run("apt-get", &["update", "-q"])?;
    let shown = apt.run("apt-cache", &["showsrc", "ocaml"])?;
    let version = shown
        .lines()
        .filter_map(|line| line.strip_prefix("Version: "))
        .find(|version| version.split('-').next() == Some(VERSION))
        .ok_or_else(|| format!("no suite of {} offers the source package ocaml {VERSION}", SUITES.join(", ")))?;
    let package = format!("ocaml={version}");
    apt.run("apt-get", &["source", "-q", "--download-only", "--tar-only", "--only-source", &package])?;
    let tarball = scratch.join(tarball_name());
    if tarball.exists() { Ok(()) } else { Err(format!("apt-get left no {}", tarball.display())) }
}

/// The package manager with a state of its own.
struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(folder: &Path) -> Result<Apt, String> {
        let folder = std::path::absolute(folder).map_err(|error| error.to_string())?;
        for part in ["lists/partial", "cache/archives/partial"] {
            tools::make_dir(&folder.join(part)).map_err(|error| error.to_string())?;
        }
        let list = folder.join("sources.list");
        let mirror = configured_mirror().ok_or("apt's sources name no mirror of Debian's archive; use --source")?;
        let lines: String =
            SUITES.iter().map(|suite| format!("deb-src [signed-by={KEYRING}] {mirror} {suite} main\n")).collect();
        tools::write(&list, lines.as_bytes()).map_err(|error| error.to_string())?;
        let settings = [
            ("Dir::Etc::sourcelist", list.display().to_string()),
            ("Dir::Etc::sourceparts", "-".to_string()),
            ("Dir::State::lists", folder.join("lists").display().to_string()),
            ("Dir::Cache", folder.join("cache").display().to_string()),
            // Files are downloaded into our folder, which the client's own user could not write.
            ("APT::Sandbox::User", "root".to_string()),
            ("Acquire::Languages", "none".to_string()),
        ];
        let options = settings.iter().flat_map(|(name, value)| ["-o".to_string(), format!("{name}={value}")]).collect();
        Ok(Apt { folder, options })
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<String, String> {
        let output = Command::new(program)
            .args(&self.options)
            .args(args)
            .current_dir(&self.folder)
            .env("LC_ALL", "C")
            .output()
            .map_err(|error| format!("cannot run {program}: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim_end().to_string();
        Err(format!("{program} {} failed:\n{said}", args.join(" ")))
    }
}

/// The mirror that this machine uses for Debian's archive.
fn configured_mirror() -> Option<String> {
    let new_style = std::fs::read_to_string("/etc/apt/sources.list.d/debian.sources").unwrap_or_default();
    let old_style = std::fs::read_to_string("/etc/apt/sources.list").unwrap_or_default();
    let is_archive = |address: &&str| address.trim_end_matches('/').ends_with("/debian") && address.contains("://");
    let addresses = new_style.lines().filter_map(|line| line.strip_prefix("URIs:")).map(str::trim);
    let old = old_style.lines().filter(|line| line.starts_with("deb ")).flat_map(str::split_whitespace);
    addresses.chain(old).find(is_archive).map(str::to_string)
}
