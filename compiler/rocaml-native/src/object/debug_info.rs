//! DWARF for debuggers and profilers: a line table, and a minimal unit that names the source.

use gimli::write::{
    Address, AttributeValue, DwarfUnit, EndianVec, LineProgram, LineString, Range, RangeList, RelocateWriter,
    Relocation, RelocationTarget, Sections, Writer as _,
};
use gimli::{Encoding, Format, LineEncoding, RunTimeEndian};
use object::SectionKind;
use object::write::{SectionId, SymbolId};
use rocaml_middle::cmm;
use rocaml_target::Endian;
use std::collections::HashMap;

use super::{Placed, Writer, relocation};
use crate::Failure;

const ENCODING: Encoding = Encoding { format: Format::Dwarf32, version: 4, address_size: 8 };

/// A debug section and its relocations.
#[derive(Clone)]
struct Section {
    bytes: EndianVec<RunTimeEndian>,
    relocations: Vec<Relocation>,
}

impl RelocateWriter for Section {
    type Writer = EndianVec<RunTimeEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.bytes
    }

    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.bytes
    }

    fn relocate(&mut self, relocation: Relocation) {
        self.relocations.push(relocation);
    }
}

impl Writer<'_> {
    pub(super) fn debug_info(&mut self, placed: &[Placed<'_>]) -> Result<(), Failure> {
        let Some(source) = self.source() else { return Ok(()) };
        let fail = |error: gimli::write::Error| Failure::new("the writing of line tables", error);
        let mut dwarf = DwarfUnit::new(ENCODING);
        let mut lines = self.line_program(placed, &source);
        let size = self.object.section(self.text).data().len() as u64;
        lines.end_sequence(size);
        dwarf.unit.line_program = lines;
        let range = Range::StartLength { begin: Address::Symbol { symbol: 0, addend: 0 }, length: size };
        let ranges = dwarf.unit.ranges.add(RangeList(vec![range]));
        let root = dwarf.unit.root();
        let root = dwarf.unit.get_mut(root);
        let producer = format!("rocaml {}", env!("CARGO_PKG_VERSION"));
        root.set(gimli::DW_AT_producer, AttributeValue::String(producer.into_bytes()));
        root.set(gimli::DW_AT_language, AttributeValue::Language(gimli::DW_LANG_OCaml));
        root.set(gimli::DW_AT_name, AttributeValue::String(source.into_bytes()));
        root.set(gimli::DW_AT_low_pc, AttributeValue::Address(Address::Symbol { symbol: 0, addend: 0 }));
        root.set(gimli::DW_AT_ranges, AttributeValue::RangeListRef(ranges));
        let endian = match self.input.target.endian() {
            Endian::Little => RunTimeEndian::Little,
            Endian::Big => RunTimeEndian::Big,
        };
        let empty = Section { bytes: EndianVec::new(endian), relocations: Vec::new() };
        let mut sections = Sections::new(empty);
        dwarf.write(&mut sections).map_err(fail)?;
        self.add_debug_sections(&mut sections)
    }

    /// The file of the first place that is known.
    fn source(&self) -> Option<String> {
        let sites = self.input.lowering.sites.iter();
        sites.filter_map(|site| site.debug.as_ref()).map(|debug| debug.loc.start.file.to_string()).next()
    }

    /// Rows in order of address, which are relative to the start of the code (symbol 0).
    fn line_program(&self, placed: &[Placed<'_>], source: &str) -> LineProgram {
        let string = |text: &str| LineString::String(text.as_bytes().to_vec());
        let mut lines = LineProgram::new(ENCODING, LineEncoding::default(), string("."), None, string(source), None);
        let directory = lines.default_directory();
        let mut files = HashMap::new();
        lines.begin_sequence(Some(Address::Symbol { symbol: 0, addend: 0 }));
        for placed in placed {
            for range in &placed.function.lines {
                let site = &self.input.lowering.sites[range.site as usize];
                let Some(debug) = &site.debug else { continue };
                let start = &debug.loc.start;
                let file = *files
                    .entry(start.file)
                    .or_insert_with(|| lines.add_file(string(start.file.as_str()), directory, None));
                let row = lines.row();
                row.address_offset = placed.offset + u64::from(range.start);
                row.file = file;
                row.line = u64::from(start.line);
                row.column = start.column().max(0) as u64 + 1;
                lines.generate_row();
            }
        }
        lines
    }

    fn add_debug_sections(&mut self, sections: &mut Sections<Section>) -> Result<(), Failure> {
        let mut ids: HashMap<gimli::SectionId, (SectionId, SymbolId)> = HashMap::new();
        let fail = |error: gimli::write::Error| Failure::new("the writing of line tables", error);
        sections
            .for_each_mut(|id, section| {
                if section.bytes.len() > 0 {
                    let name = id.name().as_bytes().to_vec();
                    let made = self.object.add_section(Vec::new(), name, SectionKind::Debug);
                    self.object.append_section_data(made, section.bytes.slice(), 1);
                    let symbol = self.object.section_symbol(made);
                    ids.insert(id, (made, symbol));
                }
                Ok(())
            })
            .map_err(fail)?;
        sections
            .for_each(|id, section| {
                for relocation in &section.relocations {
                    self.debug_relocation(&ids, id, relocation);
                }
                Ok(())
            })
            .map_err(fail)
    }

    fn debug_relocation(
        &mut self,
        ids: &HashMap<gimli::SectionId, (SectionId, SymbolId)>,
        id: gimli::SectionId,
        relocation: &Relocation,
    ) {
        let symbol = match relocation.target {
            RelocationTarget::Symbol(_) => {
                self.symbol(cmm::Symbol::new(&format!("caml{}.code_begin", self.input.unit.name)))
            }
            RelocationTarget::Section(target) => ids[&target].1,
        };
        let arch = self.input.machine.arch;
        let flags = if relocation.size == 8 { relocation::address(arch) } else { relocation::offset32(arch) };
        self.relocate(ids[&id].0, relocation.offset as u64, symbol, relocation.addend, flags);
    }
}
