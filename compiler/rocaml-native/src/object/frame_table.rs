//! The frame table of a unit (`runtimes/ABI.md`, section 7): a descriptor for each call, debug
//! records, and the strings that these name.

use rocaml_middle::cmm::DebugInfo;
use rocaml_target::Endian;
use std::collections::HashMap;
use std::rc::Rc;

use super::{Input, Placed};
use crate::codegen::CallSite;
use crate::lower::{SITE_COMBINES, Site};

/// Builds the table; its first word, the address of the code, is left to a relocation.
pub fn build(input: &Input<'_>, placed: &[Placed<'_>]) -> Vec<u8> {
    let mut table =
        Table { endian: input.target.endian(), bytes: Vec::new(), records: HashMap::new(), debug_fixups: Vec::new() };
    let count: usize = placed.iter().map(|placed| placed.function.calls.len()).sum();
    table.word64(0);
    table.word32(u32::try_from(count).expect("a unit has fewer than 2^32 calls"));
    table.word32(0);
    for placed in placed {
        for call in &placed.function.calls {
            table.descriptor(input, placed, call);
        }
    }
    table.debug_records();
    table.bytes
}

/// A record is known by the place it describes.
type RecordKey = *const DebugInfo;

struct Table {
    endian: Endian,
    bytes: Vec<u8>,
    records: HashMap<RecordKey, u32>,
    /// Words that wait for the offset of a record.
    debug_fixups: Vec<(usize, Rc<DebugInfo>)>,
}

impl Table {
    fn descriptor(&mut self, input: &Input<'_>, placed: &Placed<'_>, call: &CallSite) {
        let site = input.lowering.sites.get(call.site as usize);
        self.word32((placed.offset + u64::from(call.return_offset)) as u32);
        self.word32(placed.function.frame_size);
        self.debug(input, site.and_then(|site| site.debug.as_ref()));
        self.word16(call.live.len() as u16);
        let combined = site.filter(|site| site.blocks.len() > 1);
        self.word16(site.map_or(0, |site| site.flags) | combined.map_or(0, |_| SITE_COMBINES));
        for &slot in &call.live {
            self.word16(slot);
        }
        if let Some(site) = combined {
            self.blocks(input, site);
        }
        self.align();
    }

    /// The blocks that are allocated together.
    fn blocks(&mut self, input: &Input<'_>, site: &Site) {
        self.word16(site.blocks.len() as u16);
        for &(words, _) in &site.blocks {
            self.word16(words);
        }
        self.align();
        for (_, debug) in &site.blocks {
            self.debug(input, debug.as_ref());
        }
    }

    /// The offset of a record, known later.
    fn debug(&mut self, input: &Input<'_>, debug: Option<&Rc<DebugInfo>>) {
        if let Some(debug) = debug.filter(|_| input.options.debug) {
            self.debug_fixups.push((self.bytes.len(), debug.clone()));
        }
        self.word32(0);
    }

    /// Writes the records, innermost first, and then the strings.
    fn debug_records(&mut self) {
        let mut strings: Vec<(usize, String)> = Vec::new();
        for (at, debug) in std::mem::take(&mut self.debug_fixups) {
            let record = self.record(&debug, &mut strings);
            self.patch(at, record);
        }
        let mut known: HashMap<String, u32> = HashMap::new();
        for (at, string) in strings {
            let offset = *known.entry(string).or_insert_with_key(|string| {
                let offset = self.bytes.len() as u32;
                self.bytes.extend_from_slice(string.as_bytes());
                self.bytes.push(0);
                offset
            });
            self.patch(at, offset);
        }
        self.align();
    }

    /// The offset of a record and of those that it was inlined into.
    fn record(&mut self, debug: &Rc<DebugInfo>, strings: &mut Vec<(usize, String)>) -> u32 {
        let mut first = None;
        let mut link = None;
        let mut next = Some(debug);
        while let Some(debug) = next {
            let known = self.records.get(&Rc::as_ptr(debug)).copied();
            let offset = known.unwrap_or_else(|| self.new_record(debug, strings));
            if let Some(link) = link {
                self.patch(link, offset);
            }
            first.get_or_insert(offset);
            if known.is_some() {
                break;
            }
            link = Some(offset as usize + 20);
            next = debug.next.as_ref();
        }
        first.unwrap_or(0)
    }

    fn new_record(&mut self, debug: &Rc<DebugInfo>, strings: &mut Vec<(usize, String)>) -> u32 {
        let offset = self.bytes.len() as u32;
        self.records.insert(Rc::as_ptr(debug), offset);
        let (start, end) = (&debug.loc.start, &debug.loc.end);
        let scope = debug.scope.as_deref().unwrap_or_default();
        strings.push((self.bytes.len(), scope.to_string()));
        strings.push((self.bytes.len() + 4, start.file.to_string()));
        self.word32(0);
        self.word32(0);
        self.word32(start.line);
        self.word16(start.column().clamp(0, 0xffff) as u16);
        self.word16(end.column().clamp(0, 0xffff) as u16);
        self.word32(end.line);
        self.word32(0);
        offset
    }

    fn word16(&mut self, value: u16) {
        match self.endian {
            Endian::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
            Endian::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }

    fn word32(&mut self, value: u32) {
        let bytes = self.encode32(value);
        self.bytes.extend_from_slice(&bytes);
    }

    fn word64(&mut self, value: u64) {
        match self.endian {
            Endian::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
            Endian::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }

    fn encode32(&self, value: u32) -> [u8; 4] {
        match self.endian {
            Endian::Little => value.to_le_bytes(),
            Endian::Big => value.to_be_bytes(),
        }
    }

    fn patch(&mut self, at: usize, value: u32) {
        let bytes = self.encode32(value);
        self.bytes[at..at + 4].copy_from_slice(&bytes);
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}
