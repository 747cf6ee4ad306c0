//! Linker drivers: from a target row, a list of objects and the user's options to an exact link command.
//!
//! Everything here is pure data: no file is read, nothing is run; `rocaml-driver` executes the [`LinkCommand`].
//! One module per flavour: [`elf`] for LLD and its likes, [`cc`] for a C compiler driver. Flavours without a driver yet are refused by name.
//! `bundled.rs` (used by `xtask`) makes the LLD that archives carry, from the text in `linkers/lld`.

mod bundled;
mod cc;
mod elf;
mod options;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use rocaml_target::{LinkerFlavor, Target};

pub use bundled::{BUNDLED_LLD, BundledLld};

/// One link, as the driver describes it.
#[derive(Clone, Debug, Default)]
pub struct LinkJob {
    pub output: PathBuf,
    pub output_kind: OutputKind,
    /// Objects, in link order: the startup object, then the units' objects and those named on the command line.
    pub objects: Vec<PathBuf>,
    /// Libraries of OCaml units (`stdlib.a`…), after the objects.
    pub archives: Vec<PathBuf>,
    /// The runtime, `libasmrun.a` or `libasmrund.a`; `None` with `-noautolink`-like links of bare objects.
    pub runtime: Option<PathBuf>,
    /// The row's `sysroot` folder: start files and the C library.
    pub sysroot: PathBuf,
    /// Where the toolchain keeps its own programs (`lib/rocaml/bin`).
    pub tools_dir: PathBuf,
    pub linker: LinkerChoice,
    /// `-I` and `-ccopt -L` folders in which `-l` libraries are searched before the sysroot.
    pub search_dirs: Vec<PathBuf>,
    /// `-ccopt` values, each possibly several words.
    pub ccopts: Vec<String>,
    /// `-cclib` values, in order.
    pub cclibs: Vec<String>,
    /// Keep debugging information (`-g`); without it the executable is stripped of it.
    pub debug: bool,
    /// Whether this row is the machine the link runs on: its own folders then complete the search for `-l`.
    pub is_host: bool,
}

/// What comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputKind {
    #[default]
    Executable,
    /// One object from several (`-output-obj`, `-pack`): no C library, and the runtime only if there is one.
    Relocatable,
}

/// The value of `-linker`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LinkerChoice {
    /// The LLD of the toolchain.
    #[default]
    Lld,
    /// The host's C compiler.
    Cc,
    /// A program of the user's: `gcc`-like or `ld`-like, told apart by its name.
    Path(PathBuf),
}

impl LinkerChoice {
    /// Reads the argument of `-linker`.
    pub fn parse(argument: &str) -> LinkerChoice {
        match argument {
            "lld" => LinkerChoice::Lld,
            "cc" => LinkerChoice::Cc,
            path => LinkerChoice::Path(PathBuf::from(path)),
        }
    }
}

/// A command to run: the program and its arguments, with nothing left to a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCommand {
    pub program: PathBuf,
    pub args: Vec<OsString>,
}

/// Why there is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The row's flavour has no driver yet.
    UnsupportedFlavor { target: &'static str, flavor: LinkerFlavor },
    /// A `-ccopt` or `-cclib` that only a C compiler understands.
    OptionNeedsCc { option: String },
    /// `-ccopt -static` for a row whose C library is the machine's own.
    StaticNeedsMusl { target: &'static str, musl: String },
    /// `-linker cc` for a row that the host's C compiler does not link.
    CcCannotCross { target: &'static str },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::UnsupportedFlavor { target, flavor } => {
                write!(
                    f,
                    "linking for {target} is not yet supported: there is no {} linker driver",
                    flavor_name(*flavor)
                )
            }
            LinkError::OptionNeedsCc { option } => {
                write!(
                    f,
                    "option '{option}' is for a C compiler, and the bundled linker does not know it; use -linker cc"
                )
            }
            LinkError::StaticNeedsMusl { target, musl } => {
                write!(f, "{target} links against the system's C library, which is not static; use -target {musl}")
            }
            LinkError::CcCannotCross { target } => {
                write!(
                    f,
                    "-linker cc links for this machine only, not for {target}; give a cross compiler's name, as in -linker {target}-gcc"
                )
            }
        }
    }
}

impl std::error::Error for LinkError {}

fn flavor_name(flavor: LinkerFlavor) -> &'static str {
    match flavor {
        LinkerFlavor::Elf => "ELF",
        LinkerFlavor::MachO => "Mach-O",
        LinkerFlavor::Coff => "COFF",
        LinkerFlavor::Mingw => "MinGW",
        LinkerFlavor::Cygwin => "Cygwin",
        LinkerFlavor::Wasm => "WebAssembly",
    }
}

/// The command that performs `job` for `target`.
pub fn link_command(target: &Target, job: &LinkJob) -> Result<LinkCommand, LinkError> {
    match target.linker_flavor {
        LinkerFlavor::Elf => elf_command(target, job),
        flavor @ (LinkerFlavor::MachO
        | LinkerFlavor::Coff
        | LinkerFlavor::Mingw
        | LinkerFlavor::Cygwin
        | LinkerFlavor::Wasm) => Err(LinkError::UnsupportedFlavor { target: target.name, flavor }),
    }
}

fn elf_command(target: &Target, job: &LinkJob) -> Result<LinkCommand, LinkError> {
    match &job.linker {
        LinkerChoice::Lld => elf::command(target, job, job.tools_dir.join(BUNDLED_LLD)),
        LinkerChoice::Cc if job.is_host => Ok(cc::command(target, job, PathBuf::from("cc"))),
        LinkerChoice::Cc => Err(LinkError::CcCannotCross { target: target.name }),
        LinkerChoice::Path(path) if is_ld_like(path) => elf::command(target, job, path.clone()),
        LinkerChoice::Path(path) => Ok(cc::command(target, job, path.clone())),
    }
}

/// `ld`, `ld.bfd`, `ld.lld-19`, `aarch64-linux-gnu-ld`, `mold`, `wild` speak ld's language; any other program is a C compiler.
fn is_ld_like(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "ld"
        || name.starts_with("ld.")
        || name.starts_with("ld-")
        || name.contains("-ld")
        || name == "mold"
        || name == "wild"
}

impl LinkCommand {
    fn new(program: PathBuf) -> LinkCommand {
        LinkCommand { program, args: Vec::new() }
    }

    fn arg(&mut self, arg: impl Into<OsString>) -> &mut Self {
        self.args.push(arg.into());
        self
    }

    fn args<I: IntoIterator<Item = A>, A: Into<OsString>>(&mut self, args: I) -> &mut Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// `flag` and a path glued together, as in `-Ldir`.
    fn joined(&mut self, flag: &str, path: &Path) -> &mut Self {
        let mut arg = OsString::from(flag);
        arg.push(path);
        self.arg(arg)
    }
}

/// The command as `-verbose` shows it, quoted for a shell.
impl fmt::Display for LinkCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", shell_word(&self.program.to_string_lossy()))?;
        for arg in &self.args {
            write!(f, " {}", shell_word(&arg.to_string_lossy()))?;
        }
        Ok(())
    }
}

fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+,:@%^".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests;
