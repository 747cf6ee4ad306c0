//! `toolchain`: the installed tree in `target/toolchain`, which the platform tests use and `dist` packs.

use std::path::{Path, PathBuf};
use std::process::Command;

use ::dist::{Tree, stdlib};
use linkers::BundledLld;
use rocaml_target::{TARGETS, Target};
use sysroots::{Build, tools};

use crate::stages::{Stages, detail};
use crate::{Outcome, jobs, root, setup};

/// The executables of the compilers.
const BINARIES: [&str; 2] = ["rocamlopt", "rocamldep"];
/// The program that answers expectation blocks; it is for tests, and not installed.
pub const EXPECT: &str = "rocaml-expect";
/// The Rust target that they are built for; its own name keeps flags away from build scripts.
const RUST_TARGET: &str = "x86_64-unknown-linux-gnu";

/// Stages that [`build`] takes for so many rows.
pub fn stage_count(rows: usize) -> usize {
    4 + rows
}

pub fn tree() -> Tree {
    Tree::new(root().join("target/toolchain"))
}

pub fn run(names: &[String]) -> Outcome {
    let rows = selected_rows(names)?;
    let mut stages = Stages::new(stage_count(rows.len()));
    let result = build(&mut stages, &rows);
    stages.summary();
    Ok(result?)
}

/// The rows named, or all usable ones.
pub fn selected_rows(names: &[String]) -> Result<Vec<&'static Target>, Box<dyn std::error::Error>> {
    if names.is_empty() {
        return Ok(TARGETS.iter().filter(|target| target.is_usable()).collect());
    }
    names.iter().map(|name| crate::rows(name)).collect::<Result<Vec<_>, _>>().map(|rows| rows.concat())
}

/// Everything of the tree, for some rows.
pub fn build(stages: &mut Stages, rows: &[&'static Target]) -> Result<(), String> {
    let tree = tree();
    let build = Build::new(&root(), jobs(), &detail);
    stages.run("host packages", setup::ensure)?;
    // The compilers are linked against the stubs of this row, so that they start on old systems too.
    let host = Target::host();
    stages.run("sysroot of the compilers", || build.sysroot(host).map(|_| host.name.to_string()))?;
    stages.run("linker", || linker(&tree, &build))?;
    stages.run("compilers", || compilers(&tree, host))?;
    for target in rows {
        stages.run(target.name, || row(&tree, &build, target))?;
    }
    Ok(())
}

/// Sysroot, runtime and standard library of a row.
fn row(tree: &Tree, build: &Build, target: &Target) -> tools::Result<String> {
    let layout = build.runtime(target)?;
    tree.install_row(target, &layout)?;
    tree.install_headers(target, &build.root.join("runtimes/core/include/caml"))?;
    let compiled = stdlib::build(tree, target, &build.root.join("runtimes/stdlib"))?;
    Ok(if compiled { "sysroot, runtime, standard library" } else { "up to date" }.to_string())
}

fn compilers(tree: &Tree, host: &Target) -> Result<String, String> {
    let status = cargo_for_compilers("build", host)
        .args(["--package", "rocaml-cli"])
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build of the compilers: {status}"));
    }
    let binaries: Vec<PathBuf> = BINARIES.iter().map(|name| release_folder().join(name)).collect();
    tree.install_compilers(&binaries).map_err(|error| error.to_string())?;
    Ok(BINARIES.join(", "))
}

/// Where [`cargo_for_compilers`] leaves executables.
pub fn release_folder() -> PathBuf {
    root().join("target").join(RUST_TARGET).join("release")
}

/// Builds the program for expectation blocks as the compilers are built.
pub fn expect_program() -> Result<PathBuf, String> {
    let status = cargo_for_compilers("build", Target::host())
        .args(["--package", "rocaml-toplevel"])
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build of {EXPECT}: {status}"));
    }
    Ok(release_folder().join(EXPECT))
}

/// `cargo <command>` as the compilers are built: tests use the same, so that the code generator is compiled once.
pub fn cargo_for_compilers(command: &str, host: &Target) -> Command {
    let root = root();
    let stubs = Build::new(&root, 1, &detail).layout(host).lib;
    let quoted: Vec<String> = rust_flags(&root, &stubs).iter().map(|flag| format!("\"{flag}\"")).collect();
    let mut cargo = cargo();
    cargo.current_dir(&root).args([command, "--quiet", "--release", "--target", RUST_TARGET, "--config"]);
    cargo.arg(format!("target.{RUST_TARGET}.rustflags=[{}]", quoted.join(",")));
    cargo.env_remove("RUSTFLAGS").env("CARGO_TARGET_DIR", root.join("target"));
    cargo
}

/// The start files and stubs of the compilers' own row, and no path of this machine in the executables.
fn rust_flags(root: &Path, stubs: &Path) -> Vec<String> {
    let start = stubs.join("Scrt1.o");
    let link = [
        "-nostartfiles".to_string(),
        start.display().to_string(),
        format!("-L{}", stubs.display()),
        "-lbuiltins".to_string(),
        // libgcc_s of this machine may need a newer glibc than the stubs describe; the user's machine brings its own.
        "-Wl,--allow-shlib-undefined,--build-id=none".to_string(),
    ];
    let mut flags: Vec<String> = link.iter().map(|arg| format!("-Clink-arg={arg}")).collect();
    let homes = [("CARGO_HOME", ".cargo", "/cargo"), ("RUSTUP_HOME", ".rustup", "/rustup")];
    flags.push(format!("--remap-path-prefix={}=/rocaml", root.display()));
    for (variable, folder, name) in homes {
        if let Some(home) = home_dir(variable, folder) {
            flags.push(format!("--remap-path-prefix={}={name}", home.display()));
        }
    }
    flags
}

/// A tool's folder: its variable, or the usual place.
pub fn home_dir(variable: &str, folder: &str) -> Option<PathBuf> {
    let given = std::env::var_os(variable).map(PathBuf::from);
    given.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(folder)))
}

pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The bundled LLD, linked again only when its sources or commands change.
pub fn linker(tree: &Tree, build: &Build) -> tools::Result<String> {
    let out = build.root.join("target/lld");
    tools::make_dir(&out)?;
    let lld = BundledLld::new(&build.root.join("linkers/lld"), &out);
    let mut key = String::new();
    for source in &lld.sources {
        key.push_str(&tools::sha256_hex(&tools::read(source)?));
    }
    lld.commands.iter().for_each(|command| key.push_str(&format!("\n{command}")));
    let stamp = out.join("stamp");
    if !lld.output.exists() || !tools::read_text(&stamp).is_ok_and(|found| found == key) {
        for command in &lld.commands {
            tools::run_command(Command::new(&command.program).args(&command.args))?;
        }
        tools::write(&stamp, key.as_bytes())?;
    }
    tree.install_linker(&lld.output)?;
    let size = tools::read(&lld.output)?.len();
    Ok(format!("ld.lld, {:.1} MB", size as f64 / 1e6))
}
