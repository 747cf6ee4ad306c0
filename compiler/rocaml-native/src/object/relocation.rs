//! Relocation codes by machine.
//!
//! ELF only so far; another format is another `RelocationFlags` variant chosen in these functions.

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::LibCall;
use object::elf;
use object::write::RelocationFlags;
use rocaml_target::Arch;

use crate::Failure;

/// A relocation of an ELF object, by its code.
pub fn elf(r_type: object::elf::RelocationType) -> RelocationFlags {
    RelocationFlags::Elf { r_type }
}

/// The code of a relocation that Cranelift asks for.
pub fn of_code(arch: Arch, kind: Reloc) -> Result<RelocationFlags, Failure> {
    let code = match (arch, kind) {
        // Branches, and the addresses of symbols that may be functions of a library.
        (Arch::X86_64, Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4) => elf::R_X86_64_PLT32,
        (Arch::X86_64, Reloc::X86PCRel4) => elf::R_X86_64_PC32,
        (Arch::Aarch64, Reloc::Arm64Call) => elf::R_AARCH64_CALL26,
        (Arch::Aarch64, Reloc::Aarch64AdrPrelPgHi21) => elf::R_AARCH64_ADR_PREL_PG_HI21,
        (Arch::Aarch64, Reloc::Aarch64AddAbsLo12Nc) => elf::R_AARCH64_ADD_ABS_LO12_NC,
        (Arch::Riscv64, Reloc::RiscvCallPlt) => elf::R_RISCV_CALL_PLT,
        (Arch::Riscv64, Reloc::RiscvPCRelHi20) => elf::R_RISCV_PCREL_HI20,
        (Arch::Riscv64, Reloc::RiscvPCRelLo12I) => elf::R_RISCV_PCREL_LO12_I,
        (Arch::S390x, Reloc::S390xPCRel32Dbl) => elf::R_390_PC32DBL,
        (Arch::S390x, Reloc::S390xPLTRel32Dbl) => elf::R_390_PLT32DBL,
        (_, Reloc::Abs8) => return Ok(address(arch)),
        _ => {
            let message = format!("a relocation of kind {kind:?} on {}", arch.name());
            return Err(Failure::new("the writing of the object", message));
        }
    };
    Ok(elf(code))
}

/// A word that holds an address.
pub fn address(arch: Arch) -> RelocationFlags {
    elf(match arch {
        Arch::X86_64 => elf::R_X86_64_64,
        Arch::Aarch64 => elf::R_AARCH64_ABS64,
        Arch::Riscv64 => elf::R_RISCV_64,
        Arch::S390x => elf::R_390_64,
        Arch::Wasm32 => unreachable!("WebAssembly has its own backend"),
    })
}

/// Half a word that holds an offset in a debug section.
pub fn offset32(arch: Arch) -> RelocationFlags {
    elf(match arch {
        Arch::X86_64 => elf::R_X86_64_32,
        Arch::Aarch64 => elf::R_AARCH64_ABS32,
        Arch::Riscv64 => elf::R_RISCV_32,
        Arch::S390x => elf::R_390_32,
        Arch::Wasm32 => unreachable!("WebAssembly has its own backend"),
    })
}

/// The C function of a routine that Cranelift calls where the baseline machine lacks an instruction.
/// All are functions of libm that use little stack.
pub fn library_function(call: LibCall) -> Result<&'static str, Failure> {
    Ok(match call {
        LibCall::FloorF64 => "floor",
        LibCall::CeilF64 => "ceil",
        LibCall::TruncF64 => "trunc",
        LibCall::NearestF64 => "nearbyint",
        LibCall::FmaF64 => "fma",
        _ => return Err(Failure::new("the writing of the object", format!("a call of {call:?}"))),
    })
}
