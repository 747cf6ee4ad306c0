//! The linker that archives carry: where it stands in a toolchain, and how it is made.
//!
//! Debian's `liblld-19` and `llvm-19-dev` hold LLD and LLVM as archives of objects. Linking only what ELF needs,
//! without bitcode (see `linkers/lld`), gives a static executable of 9 MB that starts in a millisecond,
//! where the packaged LLD loads 130 MB of libLLVM.

use std::path::{Path, PathBuf};

use crate::LinkCommand;

/// The program's name in `lib/rocaml/bin`.
pub const BUNDLED_LLD: &str = "ld.lld";

/// The Debian packages that hold what [`BundledLld`] needs.
const LLVM_ROOT: &str = "/usr/lib/llvm-19";

/// Archives of LLVM that LLD's ELF driver uses, bitcode left aside.
const LLVM_ARCHIVES: &[&str] = &[
    "Support",
    "Demangle",
    "Object",
    "BinaryFormat",
    "BitReader",
    "BitstreamReader",
    "Core",
    "MC",
    "MCParser",
    "DebugInfoDWARF",
    "DebugInfoCodeView",
    "DebugInfoMSF",
    "DebugInfoPDB",
    "Option",
    "TargetParser",
    "Remarks",
    "TextAPI",
    "IRReader",
    "AsmParser",
    "ProfileData",
    "TransformUtils",
];

/// The commands that make the bundled LLD.
pub struct BundledLld {
    pub sources: Vec<PathBuf>,
    pub output: PathBuf,
    pub commands: Vec<LinkCommand>,
}

impl BundledLld {
    /// `source_dir` is `linkers/lld`; objects and the executable go to `output_dir`.
    pub fn new(source_dir: &Path, output_dir: &Path) -> BundledLld {
        let output = output_dir.join(BUNDLED_LLD);
        let sources: Vec<PathBuf> = ["main.cpp", "no_bitcode.cpp"].map(|name| source_dir.join(name)).to_vec();
        let objects: Vec<PathBuf> = sources
            .iter()
            .map(|source| output_dir.join(source.with_extension("o").file_name().expect("a file name")))
            .collect();
        let mut commands: Vec<LinkCommand> =
            sources.iter().zip(&objects).map(|(source, object)| compile(source, object)).collect();
        commands.push(link(&objects, &output));
        BundledLld { sources, output, commands }
    }
}

fn compile(source: &Path, object: &Path) -> LinkCommand {
    let mut command = LinkCommand::new("clang++-19".into());
    command.args(["-O2", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-ffile-prefix-map=/=/"]);
    command.arg(format!("-I{LLVM_ROOT}/include")).arg("-c").arg(source).arg("-o").arg(object);
    command
}

fn link(objects: &[PathBuf], output: &Path) -> LinkCommand {
    let archive = |name: String| format!("{LLVM_ROOT}/lib/{name}.a");
    let mut command = LinkCommand::new("clang++-19".into());
    command.args(["-fuse-ld=lld-19", "-static", "-Wl,--gc-sections,-s", "-o"]).arg(output).args(objects);
    command.arg("-Wl,--start-group").arg(archive("liblldELF".into())).arg(archive("liblldCommon".into()));
    command.args(LLVM_ARCHIVES.iter().map(|name| archive(format!("libLLVM{name}"))));
    command.args(["-Wl,--end-group", "-lz"]);
    command
}
