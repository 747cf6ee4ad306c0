//! The runtime of a row: `libasmrun.a`, and `libasmrund.a` with its checks on, from the lists under `runtimes/`.
//!
//! The lists are `runtimes/core/SOURCES`, `SOURCES.prims` and `runtimes/native/SOURCES`: one file per line, relative to the
//! list's folder, then the rows that need it where not all do (an architecture, an operating system, or `unix`);
//! `#` begins a comment.

use std::path::{Path, PathBuf};

use rocaml_target::{SysrootRecipe, Target};

use crate::compile::{self, Group, Unit};
use crate::tools::{self, BuildError, Result};
use crate::{Build, Layout, builtins, glibc, musl, target_flags};

const LISTS: [&str; 3] = ["core/SOURCES", "core/SOURCES.prims", "native/SOURCES"];

/// The libraries that a link may ask for.
pub const RELEASE_LIBRARY: &str = "libasmrun.a";
pub const DEBUG_LIBRARY: &str = "libasmrund.a";

/// Builds both libraries of a row, and on glibc rows checks that they run on the minimum release.
pub fn build(build: &Build, target: &Target, layout: &Layout) -> Result<()> {
    let units = units(build, target)?;
    let flags = common_flags(build, target, layout);
    variant(build, layout, &units, with(&flags, &["-DNDEBUG"]), "runtime", RELEASE_LIBRARY)?;
    variant(build, layout, &units, with(&flags, &["-DDEBUG", "-gline-tables-only"]), "debug runtime", DEBUG_LIBRARY)?;
    if target.sysroot == SysrootRecipe::GlibcStubs {
        let companions = [layout.lib.join(builtins::LIBRARY)];
        for library in [RELEASE_LIBRARY, DEBUG_LIBRARY] {
            glibc::check_archive(build, target, &layout.lib.join(library), &companions)?;
        }
    }
    Ok(())
}

fn variant(
    build: &Build,
    layout: &Layout,
    units: &[Unit],
    flags: Vec<String>,
    name: &str,
    library: &str,
) -> Result<()> {
    let runtimes = build.root.join("runtimes");
    let salt = compile::hash_headers(&[&runtimes.join("core"), &runtimes.join("native")])?;
    let group = Group { name, flags, salt, obj: layout.obj.join(library.trim_end_matches(".a")) };
    let (objects, rebuilt) = compile::compile(build, &group, units)?;
    let path = layout.lib.join(library);
    let names: String = objects.iter().map(|object| format!("{}\n", object.display())).collect();
    let list = group.obj.join("members");
    if rebuilt > 0 || !path.exists() || tools::read_text(&list).ok().as_ref() != Some(&names) {
        compile::archive(&path, &objects)?;
        tools::write(&list, names.as_bytes())?;
    }
    Ok(())
}

/// The files of the lists, and the row's assembly.
fn units(build: &Build, target: &Target) -> Result<Vec<Unit>> {
    let runtimes = build.root.join("runtimes");
    let mut sources = Vec::new();
    for list in LISTS {
        sources.extend(read_list(&runtimes.join(list), target)?);
    }
    if !target.runtime_asm.is_some_and(|assembly| sources.contains(&runtimes.join("native").join(assembly))) {
        return Err(BuildError::new(format!("no list holds the assembly file of {}", target.name)));
    }
    if let Some(missing) = sources.iter().find(|source| !source.exists()) {
        return Err(BuildError::new(format!("{} is listed but is not there", missing.display())));
    }
    Ok(sources.into_iter().map(|source| Unit::new(&runtimes, source)).collect())
}

/// The files of a list that a row needs.
pub(crate) fn read_list(path: &Path, target: &Target) -> Result<Vec<PathBuf>> {
    let folder = path.parent().expect("a list stands in a folder");
    let text = tools::read_text(path)?;
    let mut files = Vec::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(name) = words.next() else { continue };
        let tags: Vec<&str> = words.collect();
        if tags.is_empty() || tags.iter().any(|tag| is_tagged(target, tag)) {
            files.push(folder.join(name));
        }
    }
    Ok(files)
}

fn is_tagged(target: &Target, tag: &str) -> bool {
    tag == target.arch.name() || tag == target.os.name() || (tag == "unix" && !target.os.is_windows())
}

fn common_flags(build: &Build, target: &Target, layout: &Layout) -> Vec<String> {
    let mut flags = target_flags(target);
    flags.extend(language_flags(build, target));
    flags.push("-Wall".into());
    // The same bytes wherever the repository stands.
    flags.push(format!("-ffile-prefix-map={}/=", build.root.display()));
    flags.push("-fdebug-compilation-dir=.".into());
    flags.extend(include_flags(build, target, layout));
    flags
}

/// What the runtime's sources expect of any compilation: dialect, configuration, their own headers.
pub(crate) fn language_flags(build: &Build, target: &Target) -> Vec<String> {
    let runtimes = build.root.join("runtimes");
    let mut flags: Vec<String> = [
        "-std=gnu11",
        "-pthread",
        "-fno-strict-aliasing",
        "-fwrapv",
        "-fno-math-errno",
        "-ffp-contract=off",
        "-D_GNU_SOURCE=",
        "-DCAML_INTERNALS=",
        "-DCAML_NAME_SPACE",
        "-DNATIVE_CODE",
        "-DMODEL_default",
        "-DSYS_linux",
    ]
    .map(String::from)
    .into();
    flags.push(format!("-DTARGET_{}=", target.arch.upstream_name()));
    flags.push(format!("-DOCAML_OS_TYPE=\"{}\"", target.os.ocaml_os_type()));
    flags.extend(["core/include", "core", "native"].map(|dir| format!("-I{}", runtimes.join(dir).display())));
    flags
}

/// The C library's headers, ours nowhere: clang's own folder stays first for `stddef.h` and its kin.
pub fn include_flags(build: &Build, target: &Target, layout: &Layout) -> Vec<String> {
    let mut flags = vec!["-nostdlibinc".to_string()];
    flags.extend(match target.sysroot {
        SysrootRecipe::Musl => musl::include_flags(build, target, layout),
        _ => glibc::include_flags(target),
    });
    flags
}

fn with(flags: &[String], more: &[&str]) -> Vec<String> {
    flags.iter().cloned().chain(more.iter().map(|flag| flag.to_string())).collect()
}
