//! Licences of what an archive bundles: rocaml's own, musl's, the linker's, and those of the Rust packages.

use std::path::{Path, PathBuf};

use sysroots::{Result, tools};

use crate::archive::Sources;

/// A Rust package that is compiled into the compilers.
#[derive(Clone, Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub license: String,
    pub folder: PathBuf,
}

/// Texts that Debian installs with what the bundled linker is linked from.
const LINKER_LICENSES: [(&str, &str); 5] = [
    ("LLVM.txt", "/usr/share/doc/liblld-19/copyright"),
    ("libstdc++.txt", "/usr/share/doc/gcc-12-base/copyright"),
    ("glibc.txt", "/usr/share/doc/libc6-dev/copyright"),
    ("LGPL-2.1.txt", "/usr/share/common-licenses/LGPL-2.1"),
    ("zlib.txt", "/usr/share/doc/zlib1g-dev/copyright"),
];

const EXPLANATION: &str = "\
rocaml is licensed under MIT OR Apache-2.0, at your choice; executables that it makes are yours.

What this archive bundles besides, and where its licence stands in this folder:
- musl, in lib/rocaml/*-linux-musl/sysroot: MIT (musl.txt).
- LLD, in lib/rocaml/bin/ld.lld: Apache-2.0 with LLVM exceptions (linker/LLVM.txt). It is linked statically from Debian's
  packages with libstdc++ (GPL-3 with the runtime library exception), zlib, and glibc (LGPL-2.1, linker/glibc.txt).
  Its few lines of source and the link command are in rocaml's repository, linkers/lld and linkers/src/bundled.rs:
  `cargo xtask dist` links it again with whatever glibc is installed.
- Rust packages in bin: rust-packages.txt, with their texts in rust/.
The stub libraries in lib/rocaml/*-linux-gnu/sysroot hold names and version numbers of glibc's symbols, none of its code.
";

/// Writes the folder of licences.
pub fn install(sources: &Sources, folder: &Path) -> Result<()> {
    tools::make_dir(&folder.join("linker"))?;
    tools::write(&folder.join("LICENSES.txt"), EXPLANATION.as_bytes())?;
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        tools::write(&folder.join(name), &tools::read(&sources.root.join(name))?)?;
    }
    let musl = sources.root.join("target/sysroot/musl-1.2.5/COPYRIGHT");
    tools::write(&folder.join("musl.txt"), &tools::read(&musl)?)?;
    for (name, path) in LINKER_LICENSES {
        tools::write(&folder.join("linker").join(name), &tools::read(Path::new(path))?)?;
    }
    install_packages(sources.packages, folder)
}

fn install_packages(packages: &[Package], folder: &Path) -> Result<()> {
    let mut list = String::new();
    for package in packages {
        list.push_str(&format!("{} {}: {}\n", package.name, package.version, package.license));
        let texts = folder.join("rust").join(format!("{}-{}", package.name, package.version));
        for file in tools::list_dir(&package.folder)?.iter().filter(|file| is_license(file)) {
            tools::make_dir(&texts)?;
            tools::write(&texts.join(file.file_name().expect("a listed file has a name")), &tools::read(file)?)?;
        }
    }
    tools::write(&folder.join("rust-packages.txt"), list.as_bytes())
}

fn is_license(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().to_uppercase()).unwrap_or_default();
    file.is_file()
        && ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}
