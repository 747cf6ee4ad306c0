//! What the backend knows of the machine: Cranelift's settings, conventions, the domain state.

use cranelift_codegen::ir::{self, AbiParam, types};
use cranelift_codegen::isa::{self, CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use rocaml_middle::cmm::Type;
use rocaml_target::{Arch, DomainState, ObjectFormat, Target};

use crate::{Failure, Options};

/// Fields of the domain state that compiled code uses, as byte offsets.
pub mod state {
    pub const YOUNG_PTR: i32 = 0;
    pub const YOUNG_LIMIT: i32 = 8;
    pub const EXN: i32 = 16;
    pub const STACK_LIMIT: i32 = 24;
    pub const BACKTRACE_ACTIVE: i32 = 32;
}

/// The largest frame that the check at entry covers, in bytes.
pub const LARGEST_FRAME: u32 = 4096;

/// How many integers a C primitive takes in registers before it is called through an array.
pub const MAX_C_INTEGERS: usize = 5;

/// Functions with more instructions are compiled for the compiler's speed.
pub const HUGE_FUNCTION: usize = 150_000;

/// A target as Cranelift sees it.
pub struct Machine {
    pub isa: OwnedTargetIsa,
    /// For functions that the optimising allocator would take too long to compile.
    pub quick_isa: OwnedTargetIsa,
    pub arch: Arch,
    /// The domain state is the first argument, and the second result, of each OCaml function.
    pub hidden_state: bool,
    /// The slow paths of allocations and polls have stubs that change no register.
    pub preserving_stubs: bool,
    pub c_convention: CallConv,
}

impl Machine {
    pub fn new(target: &Target, options: &Options) -> Result<Machine, Failure> {
        let isa = make_isa(target, options, "speed", "backtracking")?;
        let quick_isa = make_isa(target, options, "none", "single_pass")?;
        Ok(Machine {
            c_convention: isa.default_call_conv(),
            isa,
            quick_isa,
            arch: target.arch,
            preserving_stubs: target.arch == Arch::X86_64,
            hidden_state: target.domain_state() == DomainState::HiddenArgument,
        })
    }

    /// The signature of an OCaml function.
    pub fn ocaml_signature(&self, params: &[Type], result: Type) -> ir::Signature {
        let mut signature = ir::Signature::new(CallConv::Tail);
        if self.hidden_state {
            signature.params.push(AbiParam::new(types::I64));
        }
        signature.params.extend(params.iter().filter_map(|&ty| register(ty)).map(AbiParam::new));
        signature.returns.push(AbiParam::new(register(result).unwrap_or(types::I64)));
        if self.hidden_state {
            signature.returns.push(AbiParam::new(types::I64));
        }
        signature
    }

    /// The signature of a C function.
    pub fn c_signature(&self, params: &[Type], result: Type) -> ir::Signature {
        let mut signature = ir::Signature::new(self.c_convention);
        signature.params.extend(params.iter().filter_map(|&ty| register(ty)).map(AbiParam::new));
        signature.returns.extend(register(result).map(AbiParam::new));
        signature
    }
}

/// The register class of a type.
pub fn register(ty: Type) -> Option<ir::Type> {
    match ty {
        Type::Val | Type::Int => Some(types::I64),
        Type::Float => Some(types::F64),
        Type::Void => None,
    }
}

fn make_isa(target: &Target, options: &Options, opt_level: &str, allocator: &str) -> Result<OwnedTargetIsa, Failure> {
    let fail = |error: String| Failure::new("the choice of an instruction set", error);
    let mut flags = settings::builder();
    let mut set = |name: &str, value: &str| flags.set(name, value).map_err(|error| fail(error.to_string()));
    set("opt_level", opt_level)?;
    set("regalloc_algorithm", allocator)?;
    set("is_pic", "false")?;
    set("use_colocated_libcalls", "true")?;
    set("unwind_info", if options.debug { "true" } else { "false" })?;
    set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
    // Stack walks follow frame pointers, except on s390x, where they go by frame sizes.
    set("preserve_frame_pointers", if target.arch == Arch::S390x { "false" } else { "true" })?;
    if let DomainState::PinnedRegister(_) = target.domain_state() {
        set("enable_pinned_reg", "true")?;
    }
    let builder = isa::lookup_by_name(&triple(target)?).map_err(|error| fail(error.to_string()))?;
    builder.finish(settings::Flags::new(flags)).map_err(|error| fail(error.to_string()))
}

/// The triple in Cranelift's spelling.
fn triple(target: &Target) -> Result<String, Failure> {
    let arch = match target.arch {
        Arch::Riscv64 => "riscv64gc",
        Arch::X86_64 | Arch::Aarch64 | Arch::S390x => target.arch.name(),
        Arch::Wasm32 => {
            return Err(Failure::new("the choice of an instruction set", "WebAssembly has its own backend"));
        }
    };
    let system = match target.object_format {
        ObjectFormat::Elf => "unknown-linux-gnu",
        ObjectFormat::MachO => "apple-darwin",
        ObjectFormat::Coff => "pc-windows-gnu",
        ObjectFormat::Wasm => "unknown-unknown",
    };
    Ok(format!("{arch}-{system}"))
}
