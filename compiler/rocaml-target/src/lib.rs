//! The target table: one row per machine that rocaml compiles for, as plain data.
//!
//! Everything that depends on a target (code generation, sysroots, links, the runtime's build, the platform tests, the archives) asks a [`Target`] for a property; nothing compares the row's name.
//! The rows are in `table.rs`, their columns here; to add a target on a known system, write one row there.

mod print;
mod suggest;
mod table;

pub use print::{print_json, print_table};
pub use suggest::UnknownTarget;
pub use table::TARGETS;

/// One row of the table. A row is built on a base by struct update, so it states only what differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The canonical name, and the name of the row's folder in an installed tree.
    pub name: &'static str,
    /// The other spellings that `-target` accepts.
    pub aliases: &'static [&'static str],
    /// How clang names the target: the runtime and the sysroot are compiled with it.
    pub llvm_triple: &'static str,
    pub tier: Tier,
    /// What this row lacks, in the words shown to users. Empty when everything is offered.
    pub missing: &'static [Missing],
    pub arch: Arch,
    pub os: Os,
    pub abi: Abi,
    pub backends: &'static [Backend],
    pub object_format: ObjectFormat,
    pub linker_flavor: LinkerFlavor,
    pub link_kind: LinkKind,
    pub libc: Libc,
    pub sysroot: SysrootRecipe,
    /// The row's assembly file under `runtimes/native`.
    pub runtime_asm: Option<&'static str>,
    pub stack: StackKind,
    pub unwind: UnwindKind,
    /// How the platform tests run the row's executables.
    pub runner: Runner,
    /// Whether the compilers themselves are offered on this machine.
    pub host_tools: bool,
    pub archive: ArchiveFormat,
}

/// How much is promised: tier 1 rows run the platform tests in continuous integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    One,
    /// In the table, and refused by the driver with the list of what is missing.
    Planned,
}

/// One thing that a row lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Bytecode,
    NativeBackend,
    WasmBackend,
    Runtime,
    Sysroot,
    Linker,
    Runner,
    HostTools,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    X86_64,
    Aarch64,
    Riscv64,
    S390x,
    Wasm32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    Linux,
    Macos,
    Windows,
    Cygwin,
    JavaScript,
    Wasi,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    Gnu,
    Musl,
    Darwin,
    Msvc,
    Mingw,
    Cygwin,
    Wasm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    Little,
    Big,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Native,
    Bytecode,
    Wasm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFormat {
    Elf,
    MachO,
    Coff,
    Wasm,
}

/// Which family of linker command lines a row speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkerFlavor {
    Elf,
    MachO,
    Coff,
    Mingw,
    Cygwin,
    Wasm,
}

/// What a link yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    StaticPie,
    /// A position-independent executable whose program interpreter is the path given.
    DynamicPie {
        interpreter: &'static str,
    },
    MachOSigned,
    PeExecutable,
    WasmModule,
}

/// The C library of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libc {
    /// The oldest glibc on which the row's executables start.
    Glibc {
        minimum: (u16, u16),
    },
    Musl {
        version: &'static str,
    },
    LibSystem {
        minimum_macos: (u16, u16),
    },
    Ucrt,
    Cygwin,
    JavaScriptHost,
    Wasi,
}

/// How the row's sysroot is made, by the crate `sysroots`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SysrootRecipe {
    /// musl compiled from source.
    Musl,
    /// Versioned stub libraries generated from symbol lists, our own start files.
    GlibcStubs,
    /// A text stub of libSystem.
    LibSystemStub,
    /// COFF import libraries, our own start files.
    WindowsImports,
    CygwinImports,
    /// Nothing but the runtime.
    None,
}

/// Where compiled code keeps the domain state (`runtimes/ABI.md` §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainState {
    PinnedRegister(&'static str),
    HiddenArgument,
}

/// Where OCaml code keeps its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackKind {
    /// Fibers of our own, switched in assembly.
    Fibers,
    /// The host's stack (WebAssembly).
    Host,
}

/// What describes frames to debuggers and profilers; the collector uses our own frame tables everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnwindKind {
    Dwarf,
    Seh,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    Native,
    /// The statically linked user-mode emulator of this name.
    QemuUser(&'static str),
    MachOLoader,
    Wine,
    Node,
    Wasmtime,
    BuildOnly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    TarZst,
    Zip,
}

impl Target {
    /// The target named by a user: a row's name, or one of its aliases.
    pub fn lookup(name: &str) -> Result<&'static Target, UnknownTarget> {
        TARGETS
            .iter()
            .find(|target| target.name == name || target.aliases.contains(&name))
            .ok_or_else(|| UnknownTarget::new(name))
    }

    /// The target for which rocaml compiles when none is given: the machine that it was built for.
    ///
    /// This is the only place where the host's `cfg` is asked about a target.
    pub fn host() -> &'static Target {
        let name = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "aarch64") => "aarch64-linux-gnu",
            ("linux", "riscv64") => "riscv64-linux-gnu",
            ("linux", "s390x") => "s390x-linux-gnu",
            ("macos", "x86_64") => "x86_64-macos",
            ("macos", "aarch64") => "aarch64-macos",
            ("windows", _) => "x86_64-windows-msvc",
            _ => "x86_64-linux-gnu",
        };
        Target::lookup(name).expect("every host named above is a row of the table")
    }

    /// Whether rocaml can compile and link for this row today.
    pub fn is_usable(&self) -> bool {
        self.tier == Tier::One
    }

    /// The message with which a tool refuses a row that is not finished.
    pub fn refusal(&self) -> Option<String> {
        if self.is_usable() {
            return None;
        }
        let missing: Vec<&str> = self.missing.iter().map(|m| m.words()).collect();
        Some(format!("target {} is not available yet: missing {}", self.name, missing.join(", ")))
    }

    pub fn word_bytes(&self) -> u32 {
        self.arch.word_bytes()
    }

    pub fn endian(&self) -> Endian {
        self.arch.endian()
    }

    pub fn offers(&self, backend: Backend) -> bool {
        self.backends.contains(&backend)
    }

    pub fn domain_state(&self) -> DomainState {
        match self.arch {
            Arch::X86_64 => DomainState::PinnedRegister("r15"),
            Arch::Aarch64 => DomainState::PinnedRegister("x21"),
            Arch::Riscv64 | Arch::S390x | Arch::Wasm32 => DomainState::HiddenArgument,
        }
    }

    /// The suffix of executables, with its dot.
    pub fn executable_suffix(&self) -> &'static str {
        match self.link_kind {
            LinkKind::PeExecutable => ".exe",
            LinkKind::WasmModule => ".wasm",
            LinkKind::StaticPie | LinkKind::DynamicPie { .. } | LinkKind::MachOSigned => "",
        }
    }

    /// Extensions of object files and libraries, with their dots.
    pub fn object_suffix(&self) -> &'static str {
        if self.abi == Abi::Msvc { ".obj" } else { ".o" }
    }

    pub fn library_suffix(&self) -> &'static str {
        if self.abi == Abi::Msvc { ".lib" } else { ".a" }
    }
}

impl Arch {
    /// The name that rows, folders and file names use.
    pub fn name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Aarch64 => "aarch64",
            Arch::Riscv64 => "riscv64",
            Arch::S390x => "s390x",
            Arch::Wasm32 => "wasm32",
        }
    }

    /// The name that `ocamlopt -config` prints as `architecture`.
    pub fn upstream_name(self) -> &'static str {
        match self {
            Arch::X86_64 => "amd64",
            Arch::Aarch64 => "arm64",
            Arch::Riscv64 => "riscv",
            Arch::S390x => "s390x",
            Arch::Wasm32 => "wasm32",
        }
    }

    pub fn word_bytes(self) -> u32 {
        match self {
            Arch::Wasm32 => 4,
            Arch::X86_64 | Arch::Aarch64 | Arch::Riscv64 | Arch::S390x => 8,
        }
    }

    pub fn endian(self) -> Endian {
        match self {
            Arch::S390x => Endian::Big,
            Arch::X86_64 | Arch::Aarch64 | Arch::Riscv64 | Arch::Wasm32 => Endian::Little,
        }
    }
}

impl Os {
    pub fn name(self) -> &'static str {
        match self {
            Os::Linux => "linux",
            Os::Macos => "macos",
            Os::Windows => "windows",
            Os::Cygwin => "cygwin",
            Os::JavaScript => "javascript",
            Os::Wasi => "wasi",
        }
    }

    /// The value of `Sys.os_type`.
    pub fn ocaml_os_type(self) -> &'static str {
        match self {
            Os::Windows => "Win32",
            Os::Cygwin => "Cygwin",
            Os::Linux | Os::Macos | Os::JavaScript | Os::Wasi => "Unix",
        }
    }

    pub fn is_windows(self) -> bool {
        self == Os::Windows
    }
}

impl Missing {
    pub fn words(self) -> &'static str {
        match self {
            Missing::Bytecode => "bytecode",
            Missing::NativeBackend => "native code generation",
            Missing::WasmBackend => "WebAssembly code generation",
            Missing::Runtime => "runtime",
            Missing::Sysroot => "sysroot",
            Missing::Linker => "linker driver",
            Missing::Runner => "test runner",
            Missing::HostTools => "compilers on this host",
        }
    }
}

impl Tier {
    pub fn words(self) -> &'static str {
        match self {
            Tier::One => "1",
            Tier::Planned => "planned",
        }
    }
}

impl Libc {
    /// As shown to users, with the minimum version where there is one.
    pub fn words(self) -> String {
        match self {
            Libc::Glibc { minimum: (major, minor) } => format!("glibc >= {major}.{minor}"),
            Libc::Musl { version } => format!("musl {version}"),
            Libc::LibSystem { minimum_macos: (major, minor) } => format!("libSystem (macOS >= {major}.{minor})"),
            Libc::Ucrt => "ucrtbase".to_string(),
            Libc::Cygwin => "cygwin1.dll".to_string(),
            Libc::JavaScriptHost => "JavaScript host".to_string(),
            Libc::Wasi => "WASI".to_string(),
        }
    }
}

impl LinkKind {
    pub fn words(self) -> &'static str {
        match self {
            LinkKind::StaticPie => "static PIE",
            LinkKind::DynamicPie { .. } => "dynamic PIE",
            LinkKind::MachOSigned => "dynamic, ad-hoc signed",
            LinkKind::PeExecutable => ".exe",
            LinkKind::WasmModule => ".wasm",
        }
    }
}

impl Runner {
    pub fn words(self) -> &'static str {
        match self {
            Runner::Native => "native",
            Runner::QemuUser(emulator) => emulator,
            Runner::MachOLoader => "Mach-O loader",
            Runner::Wine => "wine",
            Runner::Node => "node",
            Runner::Wasmtime => "wasmtime",
            Runner::BuildOnly => "none",
        }
    }
}
