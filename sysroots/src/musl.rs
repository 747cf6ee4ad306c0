//! musl, compiled from Debian's source package with Debian's patches, by clang, for each ISA.
//!
//! musl's own `configure` and `Makefile` are not run: which files to compile is a simple rule (an architecture's file
//! replaces the generic one of the same name), and two generated headers come from `sed` scripts of the package.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rocaml_target::{Arch, Target};

use crate::compile::{self, Group, Unit};
use crate::tools::{self, BuildError, Result};
use crate::{Build, Layout, target_flags};

const VERSION: &str = "1.2.5";
/// File in the archive's pool, and its hash.
const SOURCES: [(&str, &str); 2] = [
    ("musl_1.2.5.orig.tar.gz", "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4"),
    ("musl_1.2.5-3.debian.tar.xz", "e786776d6a3f382255ae4abcd8cc41287adb6365d1f123ad72769f0737c62072"),
];

/// Libraries that programs name and that musl keeps in libc.
const EMPTY_LIBRARIES: [&str; 6] = ["m", "pthread", "dl", "rt", "util", "crypt"];

/// Builds `libc.a` and the start files of a row.
pub fn build(build: &Build, target: &Target, layout: &Layout) -> Result<()> {
    let source = unpack(build)?;
    let generated = generate_headers(target, layout, &source)?;
    let group = group(target, layout, &source, &generated);
    let (objects, rebuilt) = compile::compile(build, &group, &library_units(target, &source)?)?;
    let libc = layout.lib.join("libc.a");
    if rebuilt > 0 || !libc.exists() {
        compile::archive(&libc, &objects)?;
    }
    for name in EMPTY_LIBRARIES {
        compile::empty_archive(&layout.lib.join(format!("lib{name}.a")))?;
    }
    build_start_files(build, target, layout, &source, group)
}

/// The folder with the patched source, downloaded and unpacked once.
pub fn unpack(build: &Build) -> Result<PathBuf> {
    let downloads = build.out.join("download");
    let source = build.out.join(format!("musl-{VERSION}"));
    let stamp = source.join("rocaml-unpacked");
    let wanted = SOURCES.map(|(_, hash)| hash).join(" ");
    if tools::read_text(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(source);
    }
    tools::make_dir(&downloads)?;
    for (file, sha256) in SOURCES {
        tools::fetch_from_debian(&format!("pool/main/m/musl/{file}"), sha256, &downloads.join(file))?;
    }
    tools::remove_dir(&source)?;
    for (file, _) in SOURCES {
        let folder = if file.contains(".debian.") { source.clone() } else { build.out.clone() };
        tools::run("tar", ["-xf".as_ref(), downloads.join(file).as_os_str(), "-C".as_ref(), folder.as_os_str()])?;
    }
    apply_patches(&source)?;
    tools::write(&stamp, wanted.as_bytes())?;
    Ok(source)
}

fn apply_patches(source: &Path) -> Result<()> {
    let patches = source.join("debian/patches");
    for name in tools::read_text(&patches.join("series"))?.lines().map(str::trim) {
        if name.is_empty() || name.starts_with('#') {
            continue;
        }
        let patch = patches.join(name);
        tools::run(
            "patch",
            ["-s".as_ref(), "-p1".as_ref(), "-d".as_ref(), source.as_os_str(), "-i".as_ref(), patch.as_os_str()],
        )?;
    }
    Ok(())
}

fn musl_arch(arch: Arch) -> &'static str {
    arch.name()
}

/// `bits/alltypes.h`, `bits/syscall.h` and `version.h`, in a folder of the row.
fn generate_headers(target: &Target, layout: &Layout, source: &Path) -> Result<PathBuf> {
    let generated = layout.obj.join("musl-include");
    tools::make_dir(&generated.join("bits"))?;
    let bits = source.join("arch").join(musl_arch(target.arch)).join("bits");
    let alltypes = tools::run(
        "sed",
        [
            "-f".as_ref(),
            source.join("tools/mkalltypes.sed").as_os_str(),
            bits.join("alltypes.h.in").as_os_str(),
            source.join("include/alltypes.h.in").as_os_str(),
        ],
    )?;
    tools::write(&generated.join("bits/alltypes.h"), &alltypes)?;
    let numbers = tools::read_text(&bits.join("syscall.h.in"))?;
    let renamed: String = numbers
        .lines()
        .filter(|line| line.contains("__NR_"))
        .map(|line| line.replacen("__NR_", "SYS_", 1) + "\n")
        .collect();
    tools::write(&generated.join("bits/syscall.h"), (numbers.clone() + &renamed).as_bytes())?;
    tools::write(&generated.join("version.h"), format!("#define VERSION \"{VERSION}\"\n").as_bytes())?;
    Ok(generated)
}

/// Header folders of programs compiled against musl.
pub fn include_flags(build: &Build, target: &Target, layout: &Layout) -> Vec<String> {
    let source = build.out.join(format!("musl-{VERSION}"));
    let dirs = [
        source.join("arch").join(musl_arch(target.arch)),
        source.join("arch/generic"),
        layout.obj.join("musl-include"),
        source.join("include"),
    ];
    dirs.iter().flat_map(|dir| ["-isystem".to_string(), dir.to_string_lossy().into_owned()]).collect()
}

fn group(target: &Target, layout: &Layout, source: &Path, generated: &Path) -> Group<'static> {
    let mut flags = target_flags(target);
    flags.extend(
        [
            "-std=c99",
            "-nostdinc",
            "-ffreestanding",
            "-frounding-math",
            "-fno-strict-aliasing",
            "-w",
            "-D_XOPEN_SOURCE=700",
            "-fomit-frame-pointer",
            "-fno-unwind-tables",
            "-fno-asynchronous-unwind-tables",
            "-fno-stack-protector",
        ]
        .map(String::from),
    );
    let arch = musl_arch(target.arch);
    let dirs = [
        source.join("arch").join(arch),
        source.join("arch/generic"),
        generated.to_path_buf(),
        source.join("src/include"),
        source.join("src/internal"),
        source.join("include"),
    ];
    flags.extend(dirs.iter().map(|dir| format!("-I{}", dir.display())));
    let salt = SOURCES.map(|(_, hash)| hash).join(" ");
    Group { name: "musl", flags, salt, obj: layout.obj.join("musl") }
}

/// Every file of libc: `src/*/*.c`, replaced by `src/*/<arch>/*` of the same name.
fn library_units(target: &Target, source: &Path) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    let base = source.join("src");
    let mut folders = tools::list_dir(&base)?;
    folders.push(base.join("malloc/mallocng"));
    // The malloc folder holds the allocator's neighbours; `oldmalloc` is not used.
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
        for dir in [folder.clone(), folder.join(musl_arch(target.arch))] {
            for file in sources_in(&dir)? {
                let stem = file.file_stem().expect("a source has a name").to_string_lossy().into_owned();
                files.insert(stem, file);
            }
        }
        units.extend(files.into_values().map(|file| Unit::new(&base, file)));
    }
    Ok(units)
}

fn sources_in(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let is_source = |path: &PathBuf| path.extension().is_some_and(|e| matches!(e.to_str(), Some("c" | "s" | "S")));
    Ok(tools::list_dir(dir)?.into_iter().filter(is_source).collect())
}

/// `crt1.o rcrt1.o Scrt1.o crti.o crtn.o`, beside the libraries.
fn build_start_files(build: &Build, target: &Target, layout: &Layout, source: &Path, mut group: Group) -> Result<()> {
    let crt = source.join("crt");
    let own = |name: &str| {
        let specific = crt.join(musl_arch(target.arch)).join(format!("{name}.s"));
        if specific.exists() { specific } else { crt.join(format!("{name}.c")) }
    };
    let units: Vec<Unit> = ["crt1", "rcrt1", "Scrt1", "crti", "crtn"]
        .iter()
        .map(|name| Unit { source: own(name), name: name.to_string() })
        .collect();
    if !units.iter().all(|unit| unit.source.exists()) {
        return Err(BuildError::new(format!("{} lacks start files", crt.display())));
    }
    group.name = "start files";
    group.flags.push("-DCRT".into());
    group.obj = layout.obj.join("crt");
    let (objects, _) = compile::compile(build, &group, &units)?;
    for object in objects {
        let name = object.file_name().expect("an object has a name");
        tools::write(&layout.lib.join(name), &tools::read(&object)?)?;
    }
    Ok(())
}
