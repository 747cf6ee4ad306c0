//! Where an installed toolchain keeps things, found from the executable's own place.
//!
//! ```text
//! bin/rocamlopt
//! lib/rocaml/bin/ld.lld          programs the toolchain runs
//! lib/rocaml/<row>/              standard library, std_exit, runtime
//! lib/rocaml/<row>/sysroot/lib/  start files and the C library
//! ```
//! `ROCAMLLIB`, `OCAMLLIB` or `CAMLLIB` name another directory in place of `lib/rocaml/<row>`.

use crate::host::Host;
use crate::options::Options;
use rocaml_target::Target;
use std::path::{Path, PathBuf};

/// The directories of a toolchain for one row.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
    library: PathBuf,
}

impl Layout {
    /// Finds the toolchain of the running executable.
    pub fn find_installed(host: &dyn Host, target: &Target) -> Layout {
        let executable = host.executable().unwrap_or_else(|_| PathBuf::from("bin/rocamlopt"));
        let root = executable.parent().and_then(Path::parent).unwrap_or(Path::new(".")).join("lib").join("rocaml");
        let chosen = ["ROCAMLLIB", "OCAMLLIB", "CAMLLIB"].iter().find_map(|name| host.variable(name));
        let library = chosen.filter(|dir| !dir.is_empty()).map_or_else(|| root.join(target.name), PathBuf::from);
        Layout { root, library }
    }

    /// The standard library's directory.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// The row's start files and C library.
    pub fn sysroot(&self) -> PathBuf {
        self.library.join("sysroot")
    }

    /// Programs that the toolchain runs.
    pub fn tools(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// The runtime's archive.
    pub fn runtime(&self, variant: &str) -> PathBuf {
        self.library.join(format!("libasmrun{variant}.a"))
    }

    /// The directories in which `-I`, the current directory and the library are searched, in order.
    pub fn search_path(&self, options: &Options) -> Vec<PathBuf> {
        let mut path = Vec::new();
        if options.include_cwd {
            path.push(PathBuf::new());
        }
        path.extend(options.include_dirs.iter().map(|dir| self.expand(dir)));
        if options.include_stdlib {
            path.push(self.library.clone());
        }
        path
    }

    /// `+dir` stands for a directory within the standard library's.
    pub fn expand(&self, dir: &Path) -> PathBuf {
        match dir.to_str().and_then(|text| text.strip_prefix('+')) {
            Some(rest) => self.library.join(rest),
            None => dir.to_owned(),
        }
    }

    /// Finds a file along the search path.
    pub fn find(&self, name: &str, options: &Options) -> Option<PathBuf> {
        let hidden = options.hidden_include_dirs.iter().map(|dir| self.expand(dir));
        self.search_path(options).into_iter().chain(hidden).map(|dir| dir.join(name)).find(|path| path.exists())
    }
}
