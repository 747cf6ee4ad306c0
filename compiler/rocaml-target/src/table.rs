//! The rows of the target table, and the bases that they are built on.
//!
//! To add a target on a known system: one row in `target_table!` below, built on the base of its family.
//! The macro makes the table and one test per row, which checks that the columns agree with one another.

use crate::{
    Abi, Arch, ArchiveFormat, Backend, Libc, LinkKind, LinkerFlavor, Missing, ObjectFormat, Os, Runner, StackKind,
    SysrootRecipe, Target, Tier, UnwindKind,
};

/// The musl release that every musl row carries.
const MUSL: Libc = Libc::Musl { version: "1.2.5" };

/// What no native row offers yet.
const NO_BYTECODE: &[Missing] = &[Missing::Bytecode];
const NO_BYTECODE_NO_HOST: &[Missing] = &[Missing::Bytecode, Missing::HostTools];
const OTHER_SYSTEM: &[Missing] = &[
    Missing::Bytecode,
    Missing::NativeBackend,
    Missing::Runtime,
    Missing::Sysroot,
    Missing::Linker,
    Missing::Runner,
    Missing::HostTools,
];
const WASM: &[Missing] = &[Missing::WasmBackend, Missing::Runtime, Missing::Linker, Missing::Runner];

/// ELF rows that link statically against musl.
const LINUX_MUSL: Target = Target {
    name: "",
    aliases: &[],
    llvm_triple: "",
    tier: Tier::One,
    missing: NO_BYTECODE_NO_HOST,
    arch: Arch::X86_64,
    os: Os::Linux,
    abi: Abi::Musl,
    backends: &[Backend::Native],
    object_format: ObjectFormat::Elf,
    linker_flavor: LinkerFlavor::Elf,
    link_kind: LinkKind::StaticPie,
    libc: MUSL,
    sysroot: SysrootRecipe::Musl,
    runtime_asm: None,
    stack: StackKind::Fibers,
    unwind: UnwindKind::Dwarf,
    runner: Runner::Native,
    host_tools: false,
    archive: ArchiveFormat::TarZst,
};

/// ELF rows that link dynamically against the system's glibc.
const LINUX_GNU: Target =
    Target { abi: Abi::Gnu, libc: Libc::Glibc { minimum: (2, 17) }, sysroot: SysrootRecipe::GlibcStubs, ..LINUX_MUSL };

const MACOS: Target = Target {
    tier: Tier::Planned,
    missing: OTHER_SYSTEM,
    os: Os::Macos,
    abi: Abi::Darwin,
    object_format: ObjectFormat::MachO,
    linker_flavor: LinkerFlavor::MachO,
    link_kind: LinkKind::MachOSigned,
    libc: Libc::LibSystem { minimum_macos: (12, 0) },
    sysroot: SysrootRecipe::LibSystemStub,
    runner: Runner::MachOLoader,
    ..LINUX_MUSL
};

const WINDOWS: Target = Target {
    tier: Tier::Planned,
    missing: OTHER_SYSTEM,
    os: Os::Windows,
    abi: Abi::Msvc,
    object_format: ObjectFormat::Coff,
    linker_flavor: LinkerFlavor::Coff,
    link_kind: LinkKind::PeExecutable,
    libc: Libc::Ucrt,
    sysroot: SysrootRecipe::WindowsImports,
    runtime_asm: Some("amd64.S"),
    unwind: UnwindKind::Seh,
    runner: Runner::Wine,
    archive: ArchiveFormat::Zip,
    ..LINUX_MUSL
};

const WASM32: Target = Target {
    tier: Tier::Planned,
    missing: WASM,
    arch: Arch::Wasm32,
    abi: Abi::Wasm,
    backends: &[Backend::Wasm],
    object_format: ObjectFormat::Wasm,
    linker_flavor: LinkerFlavor::Wasm,
    link_kind: LinkKind::WasmModule,
    sysroot: SysrootRecipe::None,
    stack: StackKind::Host,
    unwind: UnwindKind::None,
    ..LINUX_MUSL
};

macro_rules! target_table {
    ($($row:ident = $target:expr;)*) => {
        /// Every row, in the order in which they are shown.
        pub static TARGETS: &[Target] = &[$($target),*];

        #[cfg(test)]
        mod rows {
            $(
                #[test]
                fn $row() {
                    let row: crate::Target = {
                        #[allow(unused_imports)]
                        use super::*;
                        $target
                    };
                    super::checks::check_row(&row);
                }
            )*
        }
    };
}

target_table! {
    x86_64_linux_gnu = Target {
        name: "x86_64-linux-gnu",
        aliases: &["x86_64-unknown-linux-gnu"],
        llvm_triple: "x86_64-unknown-linux-gnu",
        missing: NO_BYTECODE,
        link_kind: LinkKind::DynamicPie { interpreter: "/lib64/ld-linux-x86-64.so.2" },
        runtime_asm: Some("amd64.S"),
        host_tools: true,
        ..LINUX_GNU
    };
    aarch64_linux_gnu = Target {
        name: "aarch64-linux-gnu",
        aliases: &["aarch64-unknown-linux-gnu"],
        llvm_triple: "aarch64-unknown-linux-gnu",
        arch: Arch::Aarch64,
        link_kind: LinkKind::DynamicPie { interpreter: "/lib/ld-linux-aarch64.so.1" },
        runtime_asm: Some("arm64.S"),
        runner: Runner::QemuUser("qemu-aarch64-static"),
        ..LINUX_GNU
    };
    riscv64_linux_gnu = Target {
        name: "riscv64-linux-gnu",
        aliases: &["riscv64gc-unknown-linux-gnu", "riscv64-unknown-linux-gnu"],
        llvm_triple: "riscv64-unknown-linux-gnu",
        arch: Arch::Riscv64,
        link_kind: LinkKind::DynamicPie { interpreter: "/lib/ld-linux-riscv64-lp64d.so.1" },
        // The port of glibc to RISC-V begins with this release.
        libc: Libc::Glibc { minimum: (2, 27) },
        runtime_asm: Some("riscv64.S"),
        runner: Runner::QemuUser("qemu-riscv64-static"),
        ..LINUX_GNU
    };
    s390x_linux_gnu = Target {
        name: "s390x-linux-gnu",
        aliases: &["s390x-unknown-linux-gnu"],
        llvm_triple: "s390x-unknown-linux-gnu",
        arch: Arch::S390x,
        link_kind: LinkKind::DynamicPie { interpreter: "/lib/ld64.so.1" },
        runtime_asm: Some("s390x.S"),
        runner: Runner::QemuUser("qemu-s390x-static"),
        ..LINUX_GNU
    };
    x86_64_linux_musl = Target {
        name: "x86_64-linux-musl",
        aliases: &["x86_64-linux", "x86_64-unknown-linux", "x86_64-unknown-linux-musl"],
        llvm_triple: "x86_64-unknown-linux-musl",
        runtime_asm: Some("amd64.S"),
        ..LINUX_MUSL
    };
    aarch64_linux_musl = Target {
        name: "aarch64-linux-musl",
        aliases: &["aarch64-linux", "aarch64-unknown-linux", "aarch64-unknown-linux-musl"],
        llvm_triple: "aarch64-unknown-linux-musl",
        arch: Arch::Aarch64,
        runtime_asm: Some("arm64.S"),
        runner: Runner::QemuUser("qemu-aarch64-static"),
        ..LINUX_MUSL
    };
    riscv64_linux_musl = Target {
        name: "riscv64-linux-musl",
        aliases: &[
            "riscv64-linux",
            "riscv64-unknown-linux",
            "riscv64-unknown-linux-musl",
            "riscv64gc-unknown-linux-musl",
        ],
        llvm_triple: "riscv64-unknown-linux-musl",
        arch: Arch::Riscv64,
        runtime_asm: Some("riscv64.S"),
        runner: Runner::QemuUser("qemu-riscv64-static"),
        ..LINUX_MUSL
    };
    s390x_linux_musl = Target {
        name: "s390x-linux-musl",
        aliases: &["s390x-linux", "s390x-unknown-linux", "s390x-unknown-linux-musl"],
        llvm_triple: "s390x-unknown-linux-musl",
        arch: Arch::S390x,
        runtime_asm: Some("s390x.S"),
        runner: Runner::QemuUser("qemu-s390x-static"),
        ..LINUX_MUSL
    };
    x86_64_macos = Target {
        name: "x86_64-macos",
        aliases: &["x86_64-apple-darwin", "x86_64-apple-macos"],
        llvm_triple: "x86_64-apple-macos12",
        runtime_asm: Some("amd64.S"),
        ..MACOS
    };
    aarch64_macos = Target {
        name: "aarch64-macos",
        aliases: &["aarch64-apple-darwin", "arm64-apple-macos", "arm64-apple-darwin"],
        llvm_triple: "arm64-apple-macos12",
        arch: Arch::Aarch64,
        runtime_asm: Some("arm64.S"),
        ..MACOS
    };
    x86_64_windows_msvc = Target {
        name: "x86_64-windows-msvc",
        aliases: &["x86_64-pc-windows-msvc"],
        llvm_triple: "x86_64-pc-windows-msvc",
        ..WINDOWS
    };
    x86_64_windows_gnu = Target {
        name: "x86_64-windows-gnu",
        aliases: &["x86_64-w64-mingw32", "x86_64-pc-windows-gnu"],
        llvm_triple: "x86_64-w64-windows-gnu",
        abi: Abi::Mingw,
        linker_flavor: LinkerFlavor::Mingw,
        ..WINDOWS
    };
    x86_64_cygwin = Target {
        name: "x86_64-cygwin",
        aliases: &["x86_64-pc-cygwin"],
        llvm_triple: "x86_64-pc-windows-cygnus",
        os: Os::Cygwin,
        abi: Abi::Cygwin,
        linker_flavor: LinkerFlavor::Cygwin,
        libc: Libc::Cygwin,
        sysroot: SysrootRecipe::CygwinImports,
        archive: ArchiveFormat::TarZst,
        ..WINDOWS
    };
    wasm32_js = Target {
        name: "wasm32-js",
        aliases: &[],
        llvm_triple: "wasm32-unknown-unknown",
        os: Os::JavaScript,
        libc: Libc::JavaScriptHost,
        runner: Runner::Node,
        ..WASM32
    };
    wasm32_wasi = Target {
        name: "wasm32-wasi",
        aliases: &["wasm32-wasip1"],
        llvm_triple: "wasm32-wasip1",
        os: Os::Wasi,
        libc: Libc::Wasi,
        runner: Runner::Wasmtime,
        ..WASM32
    };
}

#[cfg(test)]
mod checks {
    use super::*;

    /// What holds of every row.
    pub fn check_row(row: &Target) {
        check_names(row);
        check_tier(row);
        check_columns(row);
        check_files(row);
    }

    fn check_names(row: &Target) {
        for name in std::iter::once(&row.name).chain(row.aliases) {
            assert_eq!(Target::lookup(name).expect("a name of the row").name, row.name, "{name} names another row too");
        }
        assert!(row.name.starts_with(row.arch.name()));
        assert!(!row.llvm_triple.is_empty());
    }

    fn check_tier(row: &Target) {
        let blocking = |missing: &Missing| !matches!(missing, Missing::Bytecode | Missing::HostTools);
        match row.tier {
            Tier::One => {
                assert!(!row.missing.iter().any(blocking), "a tier 1 row lacks what it needs");
                assert_ne!(row.runner, Runner::BuildOnly, "a tier 1 row has a runner");
                assert_eq!(row.refusal(), None);
            }
            Tier::Planned => {
                assert!(row.missing.iter().any(blocking), "nothing is missing: this row is tier 1");
                assert!(row.refusal().expect("a planned row is refused").contains(row.name));
            }
        }
        let wants_bytecode = row.arch != Arch::Wasm32;
        assert_eq!(
            wants_bytecode,
            row.offers(Backend::Bytecode) || row.missing.contains(&Missing::Bytecode),
            "bytecode is offered, or named as missing, on every row but wasm"
        );
        if wants_bytecode {
            assert_ne!(row.host_tools, row.missing.contains(&Missing::HostTools));
        }
    }

    fn check_columns(row: &Target) {
        let format = match row.os {
            Os::Linux => ObjectFormat::Elf,
            Os::Macos => ObjectFormat::MachO,
            Os::Windows | Os::Cygwin => ObjectFormat::Coff,
            Os::JavaScript | Os::Wasi => ObjectFormat::Wasm,
        };
        assert_eq!(row.object_format, format);
        assert_eq!(row.offers(Backend::Wasm), row.arch == Arch::Wasm32);
        assert_eq!(row.offers(Backend::Native), row.arch != Arch::Wasm32);
        assert_eq!(row.sysroot == SysrootRecipe::Musl, matches!(row.libc, Libc::Musl { .. }));
        assert_eq!(row.sysroot == SysrootRecipe::GlibcStubs, matches!(row.libc, Libc::Glibc { .. }));
        assert_eq!(matches!(row.link_kind, LinkKind::DynamicPie { .. }), row.sysroot == SysrootRecipe::GlibcStubs);
        assert_eq!(row.stack == StackKind::Fibers, row.runtime_asm.is_some());
        assert_eq!(row.unwind == UnwindKind::Seh, matches!(row.os, Os::Windows | Os::Cygwin));
    }

    fn check_files(row: &Target) {
        if !row.is_usable() {
            return;
        }
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let asm = row.runtime_asm.expect("a usable native row has an assembly file");
        let path = format!("{root}/runtimes/native/{asm}");
        assert!(std::path::Path::new(&path).exists(), "no {path}");
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> =
            TARGETS.iter().flat_map(|t| std::iter::once(t.name).chain(t.aliases.iter().copied())).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn host_is_a_row_with_host_tools_on_x86_64_linux() {
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            assert_eq!(Target::host().name, "x86_64-linux-gnu");
            assert!(Target::host().host_tools);
        }
    }
}
