//! What users install: the tree that the compilers expect, and the archive that carries it.
//!
//! ```text
//! bin/rocamlopt bin/rocamldep
//! lib/rocaml/bin/ld.lld               the linker
//! lib/rocaml/<row>/                   standard library and runtime of a row
//! lib/rocaml/<row>/caml/              headers for C code
//! lib/rocaml/<row>/sysroot/           its start files and C library
//! share/doc/rocaml/                   licences
//! install.sh manifest.json            in archives only
//! ```
//! Everything in it is found relative to `bin/rocamlopt`: the tree may be moved.
//! [`Tree`] fills the tree, [`stdlib`] compiles the standard library into it, [`archive`] packs it: the same commit gives
//! the same bytes, since names are sorted, times are zero and paths of the build machine are mapped away.

pub mod archive;
pub mod licenses;
pub mod manifest;
pub mod stdlib;

use std::path::{Path, PathBuf};

use rocaml_target::Target;
use sysroots::{Layout, Result, runtime, tools};

/// The version, from the workspace's manifest: the one place where it stands.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An installed tree, at `target/toolchain` or anywhere else.
#[derive(Clone, Debug)]
pub struct Tree {
    pub prefix: PathBuf,
}

impl Tree {
    pub fn new(prefix: impl Into<PathBuf>) -> Tree {
        Tree { prefix: prefix.into() }
    }

    pub fn compiler(&self) -> PathBuf {
        self.prefix.join("bin/rocamlopt")
    }

    pub fn library_root(&self) -> PathBuf {
        self.prefix.join("lib/rocaml")
    }

    /// The folder of the toolchain's own programs.
    pub fn tools_dir(&self) -> PathBuf {
        self.library_root().join("bin")
    }

    /// The folder of a row's libraries.
    pub fn row_dir(&self, target: &Target) -> PathBuf {
        self.library_root().join(target.name)
    }

    pub fn install_compilers(&self, binaries: &[PathBuf]) -> Result<()> {
        install_all(binaries, &self.prefix.join("bin"))
    }

    pub fn install_linker(&self, linker: &Path) -> Result<()> {
        install_all(&[linker.to_path_buf()], &self.tools_dir())
    }

    /// Copies a row's sysroot and runtime; the standard library is compiled into the same folder by [`stdlib`].
    pub fn install_row(&self, target: &Target, layout: &Layout) -> Result<()> {
        let row = self.row_dir(target);
        let is_runtime =
            |path: &PathBuf| [runtime::RELEASE_LIBRARY, runtime::DEBUG_LIBRARY].iter().any(|name| path.ends_with(name));
        let (runtimes, sysroot): (Vec<PathBuf>, Vec<PathBuf>) =
            tools::list_dir(&layout.lib)?.into_iter().partition(is_runtime);
        install_all(&runtimes, &row)?;
        install_all(&sysroot, &row.join("sysroot"))
    }
}

impl Tree {
    /// Copies the headers that C code of programs includes as `caml/…`, with `-I` of the library's folder.
    pub fn install_headers(&self, target: &Target, headers: &Path) -> Result<()> {
        install_all(&tools::list_dir(headers)?, &self.row_dir(target).join("caml"))
    }
}

/// Copies files into a folder, permissions included; a file that is the same already is left alone.
fn install_all(files: &[PathBuf], folder: &Path) -> Result<()> {
    tools::make_dir(folder)?;
    for file in files {
        let destination = folder.join(file.file_name().expect("an installed file has a name"));
        let contents = tools::read(file)?;
        if tools::read(&destination).ok().as_ref() != Some(&contents) {
            tools::write(&destination, &contents)?;
        }
        let permissions =
            std::fs::metadata(file).and_then(|metadata| std::fs::set_permissions(&destination, metadata.permissions()));
        permissions
            .map_err(|error| tools::BuildError::new(format!("cannot install {}: {error}", destination.display())))?;
    }
    Ok(())
}
