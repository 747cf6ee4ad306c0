//! The stubs through which a unit calls C functions (`runtimes/ABI.md`, section 5): each loads the
//! address of the function in a scratch register and jumps to the runtime.
//!
//! The address comes from the global offset table: the function may be in a shared library.

use object::SymbolKind;
use object::elf;
use object::write::SymbolId;
use rocaml_middle::cmm;
use rocaml_target::Arch;

use super::{Writer, relocation};
use crate::lower::Trampoline;

/// A relocation of a trampoline.
enum Target {
    Function,
    Switch,
    /// The start of the trampoline, for the second half of a pair.
    Start,
}

struct Template {
    code: Vec<u8>,
    relocations: Vec<(u64, Target, object::elf::RelocationType, i64)>,
}

impl Writer<'_> {
    pub(super) fn trampoline(&mut self, trampoline: Trampoline) {
        let template = template(self.input.machine.arch);
        let start = self.object.append_section_data(self.text, &template.code, 8);
        let size = template.code.len() as u64;
        self.define(trampoline.symbol().as_str(), self.text, start, size, SymbolKind::Text, false);
        let switch = if trampoline.alloc { "caml_c_call" } else { "caml_c_call_noalloc" };
        for (offset, target, code, addend) in template.relocations {
            let symbol: SymbolId = match target {
                Target::Function => self.symbol(trampoline.function),
                Target::Switch => self.symbol(cmm::Symbol::new(switch)),
                Target::Start => self.label(start),
            };
            self.relocate(self.text, start + offset, symbol, addend, relocation::elf(code));
        }
    }
}

fn little(instructions: &[u32]) -> Vec<u8> {
    instructions.iter().flat_map(|instruction| instruction.to_le_bytes()).collect()
}

fn template(arch: Arch) -> Template {
    match arch {
        // mov r11, [rip + f@GOTPCREL]; jmp switch
        Arch::X86_64 => Template {
            code: vec![0x4c, 0x8b, 0x1d, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0],
            relocations: vec![
                (3, Target::Function, elf::R_X86_64_REX_GOTPCRELX, -4),
                (8, Target::Switch, elf::R_X86_64_PLT32, -4),
            ],
        },
        // adrp x16, :got:f; ldr x16, [x16, :got_lo12:f]; b switch
        Arch::Aarch64 => Template {
            code: little(&[0x9000_0010, 0xf940_0210, 0x1400_0000]),
            relocations: vec![
                (0, Target::Function, elf::R_AARCH64_ADR_GOT_PAGE, 0),
                (4, Target::Function, elf::R_AARCH64_LD64_GOT_LO12_NC, 0),
                (8, Target::Switch, elf::R_AARCH64_JUMP26, 0),
            ],
        },
        // auipc t3, %got_pcrel_hi(f); ld t3, %pcrel_lo(t3); tail switch (by t1)
        Arch::Riscv64 => Template {
            code: little(&[0x0000_0e17, 0x000e_3e03, 0x0000_0317, 0x0003_0067]),
            relocations: vec![
                (0, Target::Function, elf::R_RISCV_GOT_HI20, 0),
                (4, Target::Start, elf::R_RISCV_PCREL_LO12_I, 0),
                (8, Target::Switch, elf::R_RISCV_CALL_PLT, 0),
            ],
        },
        // lgrl %r1, f@GOTENT; jg switch
        Arch::S390x => Template {
            code: vec![0xc4, 0x18, 0, 0, 0, 0, 0xc0, 0xf4, 0, 0, 0, 0],
            relocations: vec![(2, Target::Function, elf::R_390_GOTENT, 2), (8, Target::Switch, elf::R_390_PLT32DBL, 2)],
        },
        Arch::Wasm32 => unreachable!("WebAssembly has its own backend"),
    }
}
