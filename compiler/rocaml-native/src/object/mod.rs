//! From compiled functions and data to an object file.
//!
//! The text section holds the functions in the order of the unit, then the trampolines to C; the
//! data section what the unit defines; `.data.rel.ro` the frame table and the table of roots.
//! Relocations are mapped here, in `relocation.rs`, because Cranelift's kinds do not tell data
//! from code on every machine.

mod debug_info;
mod frame_table;
mod relocation;
mod trampoline;

use object::write::{Object, Relocation, RelocationFlags, SectionId, StandardSection, Symbol, SymbolId, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, FileFlags, SectionKind, SymbolFlags, SymbolKind, SymbolScope};
use rocaml_middle::cmm::{self, DataItem};
use rocaml_target::{Arch, Endian, ObjectFormat, Target};
use std::collections::HashMap;

use crate::codegen::{CodeTarget, CompiledFunction};
use crate::lower::{UnitLowering, behind_wrapper};
use crate::machine::Machine;
use crate::{Failure, Options};

/// All that makes an object.
pub struct Input<'a> {
    pub target: &'a Target,
    pub machine: &'a Machine,
    pub options: &'a Options,
    pub unit: &'a cmm::Unit,
    pub lowering: &'a UnitLowering<'a>,
    pub functions: &'a [CompiledFunction],
    pub wrappers: &'a [Wrapper],
}

/// The code that checks the stack before a function with a big frame.
pub struct Wrapper {
    /// Of the function.
    pub index: usize,
    pub code: CompiledFunction,
}

/// Functions begin at multiples of this.
const FUNCTION_ALIGNMENT: u64 = 16;

/// A function in the text section.
struct Placed<'a> {
    offset: u64,
    function: &'a CompiledFunction,
}

/// The object under construction.
struct Writer<'a> {
    input: &'a Input<'a>,
    object: Object<'static>,
    text: SectionId,
    data: SectionId,
    /// Constant data with relocations.
    constants: SectionId,
    symbols: HashMap<cmm::Symbol, SymbolId>,
    labels: HashMap<u64, SymbolId>,
}

/// Writes the object file of a unit.
pub fn write(input: Input<'_>) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer::new(&input)?;
    let unit = input.unit.name;
    writer.define(&format!("caml{unit}.code_begin"), writer.text, 0, 0, SymbolKind::Text, true);
    let placed = writer.functions();
    for function in &placed {
        writer.code_relocations(function)?;
    }
    for trampoline in &input.lowering.trampolines {
        writer.trampoline(*trampoline);
    }
    let end = writer.object.section(writer.text).data().len() as u64;
    writer.define(&format!("caml{unit}.code_end"), writer.text, end, 0, SymbolKind::Text, true);
    for run in &input.unit.data {
        writer.data_run(run);
    }
    writer.gc_roots();
    writer.frame_table(&placed);
    if input.options.debug {
        writer.debug_info(&placed)?;
    }
    writer.finish()
}

impl<'a> Writer<'a> {
    fn new(input: &'a Input<'a>) -> Result<Writer<'a>, Failure> {
        let format = match input.target.object_format {
            ObjectFormat::Elf => BinaryFormat::Elf,
            ObjectFormat::MachO | ObjectFormat::Coff | ObjectFormat::Wasm => {
                let message = format!("objects of {} are not written yet", input.target.name);
                return Err(Failure::new("the writing of the object", message));
            }
        };
        let architecture = match input.target.arch {
            Arch::X86_64 => Architecture::X86_64,
            Arch::Aarch64 => Architecture::Aarch64,
            Arch::Riscv64 => Architecture::Riscv64,
            Arch::S390x => Architecture::S390x,
            Arch::Wasm32 => Architecture::Wasm32,
        };
        let endian = match input.target.endian() {
            Endian::Little => Endianness::Little,
            Endian::Big => Endianness::Big,
        };
        let mut object = Object::new(format, architecture, endian);
        if input.target.arch == Arch::Riscv64 {
            let e_flags = object::elf::EF_RISCV_FLOAT_ABI_DOUBLE | object::elf::EF_RISCV_RVC;
            object.flags = FileFlags::Elf { os_abi: object::elf::ELFOSABI_NONE, abi_version: 0, e_flags };
        }
        let text = object.section_id(StandardSection::Text);
        let data = object.section_id(StandardSection::Data);
        let constants = object.section_id(StandardSection::ReadOnlyDataWithRel);
        Ok(Writer { input, object, text, data, constants, symbols: HashMap::new(), labels: HashMap::new() })
    }

    fn finish(mut self) -> Result<Vec<u8>, Failure> {
        if self.input.target.object_format == ObjectFormat::Elf {
            self.object.add_section(Vec::new(), b".note.GNU-stack".to_vec(), SectionKind::Other);
        }
        self.object.write().map_err(|error| Failure::new("the writing of the object", error))
    }

    // ---- symbols ----

    /// A symbol of this or another unit.
    fn symbol(&mut self, name: cmm::Symbol) -> SymbolId {
        if let Some(&id) = self.symbols.get(&name) {
            return id;
        }
        let id = self.object.add_symbol(Symbol {
            name: name.as_str().as_bytes().to_vec(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Unknown,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        });
        self.symbols.insert(name, id);
        id
    }

    fn define(&mut self, name: &str, section: SectionId, value: u64, size: u64, kind: SymbolKind, global: bool) {
        let id = self.symbol(cmm::Symbol::new(name));
        let symbol = self.object.symbol_mut(id);
        symbol.section = SymbolSection::Section(section);
        symbol.value = value;
        symbol.size = size;
        symbol.kind = kind;
        symbol.scope = if global { SymbolScope::Dynamic } else { SymbolScope::Compilation };
    }

    /// A nameless place in the text section, for relocations that come in pairs.
    fn label(&mut self, offset: u64) -> SymbolId {
        if let Some(&id) = self.labels.get(&offset) {
            return id;
        }
        let id = self.object.add_symbol(Symbol {
            name: format!(".L{offset:x}").into_bytes(),
            value: offset,
            size: 0,
            kind: SymbolKind::Label,
            scope: SymbolScope::Compilation,
            weak: false,
            section: SymbolSection::Section(self.text),
            flags: SymbolFlags::None,
        });
        self.labels.insert(offset, id);
        id
    }

    fn relocate(&mut self, section: SectionId, offset: u64, symbol: SymbolId, addend: i64, flags: RelocationFlags) {
        let relocation = Relocation { offset, symbol, addend, flags };
        self.object.add_relocation(section, relocation).expect("the kinds are those of the format");
    }

    // ---- code ----

    fn functions(&mut self) -> Vec<Placed<'a>> {
        let input = self.input;
        let mut wrappers = input.wrappers.iter().peekable();
        let mut placed = Vec::new();
        for (index, code) in input.functions.iter().enumerate() {
            let function = &input.unit.functions[index];
            match wrappers.next_if(|wrapper| wrapper.index == index) {
                Some(wrapper) => {
                    placed.push(self.place(behind_wrapper(function.symbol), code, false));
                    placed.push(self.place(function.symbol, &wrapper.code, function.exported));
                }
                None => placed.push(self.place(function.symbol, code, function.exported)),
            }
        }
        placed
    }

    fn place(&mut self, symbol: cmm::Symbol, function: &'a CompiledFunction, global: bool) -> Placed<'a> {
        let offset = self.object.append_section_data(self.text, &function.code, FUNCTION_ALIGNMENT);
        let size = function.code.len() as u64;
        self.define(symbol.as_str(), self.text, offset, size, SymbolKind::Text, global);
        Placed { offset, function }
    }

    fn code_relocations(&mut self, placed: &Placed<'_>) -> Result<(), Failure> {
        for code in &placed.function.relocations {
            let symbol = match code.target {
                CodeTarget::Symbol(index) => self.symbol(self.input.lowering.symbols.names[index as usize]),
                CodeTarget::Library(call) => self.symbol(cmm::Symbol::new(relocation::library_function(call)?)),
                CodeTarget::Local(offset) => self.label(placed.offset + u64::from(offset)),
            };
            let flags = relocation::of_code(self.input.machine.arch, code.kind)?;
            self.relocate(self.text, placed.offset + u64::from(code.offset), symbol, code.addend, flags);
        }
        Ok(())
    }

    // ---- data ----

    fn data_run(&mut self, run: &[DataItem]) {
        for item in run {
            let here = self.object.section(self.data).data().len() as u64;
            match item {
                DataItem::GlobalSymbol(name) => self.define(name, self.data, here, 0, SymbolKind::Data, true),
                DataItem::LocalSymbol(name) => self.define(name, self.data, here, 0, SymbolKind::Data, false),
                DataItem::Word(word) | DataItem::Double(word) => self.push_data(&self.word(*word)),
                DataItem::SymbolAddress(name, addend) => {
                    self.push_data(&[0; 8]);
                    self.address_at(self.data, here, *name, *addend);
                }
                DataItem::Byte(byte) => self.push_data(&[*byte]),
                DataItem::Bytes(bytes) => self.push_data(bytes),
                DataItem::Skip(count) => self.push_data(&vec![0; *count as usize]),
                DataItem::Align(alignment) => {
                    self.object.append_section_data(self.data, &[], u64::from(*alignment));
                }
            }
        }
    }

    fn push_data(&mut self, bytes: &[u8]) {
        self.object.append_section_data(self.data, bytes, 1);
    }

    fn word(&self, word: u64) -> [u8; 8] {
        match self.input.target.endian() {
            Endian::Little => word.to_le_bytes(),
            Endian::Big => word.to_be_bytes(),
        }
    }

    fn address_at(&mut self, section: SectionId, offset: u64, name: cmm::Symbol, addend: i64) {
        let symbol = self.symbol(name);
        let flags = relocation::address(self.input.machine.arch);
        self.relocate(section, offset, symbol, addend, flags);
    }

    /// The addresses of the blocks that may point to the heap, ended by 0.
    fn gc_roots(&mut self) {
        let input = self.input;
        let roots = &input.unit.gc_roots;
        let start = self.object.append_section_data(self.constants, &vec![0; 8 * (roots.len() + 1)], 8);
        let name = format!("caml{}.gc_roots", input.unit.name);
        self.define(&name, self.constants, start, 0, SymbolKind::Data, true);
        for (index, &root) in roots.iter().enumerate() {
            self.address_at(self.constants, start + 8 * index as u64, root, 0);
        }
    }

    fn frame_table(&mut self, placed: &[Placed<'_>]) {
        let input = self.input;
        let table = frame_table::build(input, placed);
        let start = self.object.append_section_data(self.constants, &table, 8);
        let name = format!("caml{}.frametable", input.unit.name);
        self.define(&name, self.constants, start, table.len() as u64, SymbolKind::Data, true);
        let code_begin = cmm::Symbol::new(&format!("caml{}.code_begin", input.unit.name));
        self.address_at(self.constants, start, code_begin, 0);
    }
}
