//! `libbuiltins.a`: what compilers and headers expect beside the C library, from `sysroots/builtins` and `sysroots/glibc`.
//!
//! Soft binary128 arithmetic and 128-bit division on every row; on glibc rows also the functions that old releases of
//! glibc did not export but put into each program (`stat`, `atexit` and their kin).

use rocaml_target::{SysrootRecipe, Target};

use crate::compile::{self, Group, Unit};
use crate::tools::{self, Result};
use crate::{Build, Layout, target_flags};

pub const LIBRARY: &str = "libbuiltins.a";

pub fn build(build: &Build, target: &Target, layout: &Layout) -> Result<()> {
    let base = build.root.join("sysroots");
    let mut sources = vec![base.join("builtins/int128.c")];
    if target.arch != rocaml_target::Arch::X86_64 {
        sources.push(base.join("builtins/quad.c"));
    }
    if target.sysroot == SysrootRecipe::GlibcStubs {
        sources.extend(["glibc/nonshared.c", "glibc/init.c"].map(|source| base.join(source)));
    }
    let mut flags = target_flags(target);
    flags.extend(
        ["-std=gnu11", "-ffreestanding", "-nostdinc", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"]
            .map(String::from),
    );
    let salt = compile::hash_headers(&[&base.join("builtins"), &base.join("glibc")])?;
    let group = Group { name: "builtins", flags, salt, obj: layout.obj.join("builtins") };
    let units: Vec<Unit> = sources.into_iter().map(|source| Unit::new(&base, source)).collect();
    let (objects, rebuilt) = compile::compile(build, &group, &units)?;
    let library = layout.lib.join(LIBRARY);
    if rebuilt > 0 || !library.exists() {
        compile::archive(&library, &objects)?;
    }
    Ok(())
}

/// Compiles and runs the comparison of `quad.c` with the host compiler's arithmetic; its last line says how many differ.
pub fn test(build: &Build) -> Result<String> {
    let base = build.root.join("sysroots/builtins");
    let program = build.out.join("test_quad");
    tools::make_dir(&build.out)?;
    let source = base.join("test_quad.c");
    tools::run(
        compile::CLANG,
        ["-O2", "-DQUAD_TEST", "-w", &source.to_string_lossy(), "-o", &program.to_string_lossy()],
    )?;
    let said = tools::run(&program.to_string_lossy(), std::iter::empty::<&str>())?;
    Ok(String::from_utf8_lossy(&said).trim().to_string())
}
