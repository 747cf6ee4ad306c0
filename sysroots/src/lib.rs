//! Sysroots: for each target row the start files, the C library and the runtime, built from text by clang.
//!
//! Nothing comes from a vendor's SDK. musl is compiled from Debian's source package ([`musl`]), glibc is represented by
//! stub libraries generated from symbol lists ([`glibc`]), the routines that compilers call are our own ([`builtins`]),
//! and the runtime under `runtimes/` is compiled last ([`runtime`]).
//! The result of a row is the folder [`Layout::lib`], which `linkers` and `dist` use as it stands.
//!
//! To add a C library: a recipe in `rocaml-target`, and one module here with a `build` function.

pub mod builtins;
pub mod compile;
pub mod glibc;
pub mod musl;
pub mod runtime;
pub mod runtime_tests;
pub mod tools;

use std::path::{Path, PathBuf};

use rocaml_target::{Arch, SysrootRecipe, Target};

pub use tools::{BuildError, Result};

/// Where things are, and how to speak to whoever started the build.
pub struct Build<'a> {
    /// The repository.
    pub root: PathBuf,
    /// `target/sysroot`.
    pub out: PathBuf,
    /// How many compilers run at once.
    pub jobs: usize,
    /// Called while objects are compiled: what is being built, how many are done, of how many.
    pub progress: &'a (dyn Fn(&str, usize, usize) + Sync),
}

/// The folders of one row.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Start files, libraries and the runtime: what a link uses.
    pub lib: PathBuf,
    /// Objects and their stamps.
    pub obj: PathBuf,
}

impl<'a> Build<'a> {
    pub fn new(root: &Path, jobs: usize, progress: &'a (dyn Fn(&str, usize, usize) + Sync)) -> Build<'a> {
        Build { root: root.to_path_buf(), out: root.join("target/sysroot"), jobs, progress }
    }

    pub fn layout(&self, target: &Target) -> Layout {
        let row = self.out.join(target.name);
        Layout { lib: row.join("lib"), obj: row.join("obj") }
    }

    /// Builds the C library and start files of a row; does nothing where all is up to date.
    pub fn sysroot(&self, target: &Target) -> Result<Layout> {
        let layout = self.layout(target);
        tools::make_dir(&layout.lib)?;
        match target.sysroot {
            SysrootRecipe::Musl => musl::build(self, target, &layout)?,
            SysrootRecipe::GlibcStubs => glibc::build(self, target, &layout)?,
            SysrootRecipe::LibSystemStub
            | SysrootRecipe::WindowsImports
            | SysrootRecipe::CygwinImports
            | SysrootRecipe::None => {
                return Err(BuildError::new(format!("the sysroot of {} is not yet supported", target.name)));
            }
        }
        builtins::build(self, target, &layout)?;
        Ok(layout)
    }

    /// Builds the runtime of a row, on top of its sysroot.
    pub fn runtime(&self, target: &Target) -> Result<Layout> {
        let layout = self.sysroot(target)?;
        runtime::build(self, target, &layout)?;
        Ok(layout)
    }
}

/// The compiler flags that hold for every C file of a row, ours and musl's.
pub fn target_flags(target: &Target) -> Vec<String> {
    let mut flags = vec![format!("--target={}", target.llvm_triple), "-fPIE".into(), "-O2".into()];
    let arch_flags: &[&str] = match target.arch {
        Arch::X86_64 | Arch::Wasm32 => &[],
        // Atomics inline: the out-of-line helpers live in a library that we do not link.
        Arch::Aarch64 => &["-mno-outline-atomics"],
        // Linker relaxation keeps a relocation for every label: three times the size, for little.
        Arch::Riscv64 => &["-march=rv64gc", "-mabi=lp64d", "-mno-relax"],
        // The oldest machine that the row promises to run on.
        Arch::S390x => &["-march=z13"],
    };
    flags.extend(arch_flags.iter().map(|flag| flag.to_string()));
    flags.extend(["-ffunction-sections", "-fdata-sections", "-fno-ident"].map(String::from));
    flags
}
