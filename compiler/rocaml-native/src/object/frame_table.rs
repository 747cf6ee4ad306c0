//! The frame table of a unit (`runtimes/ABI.md`, section 7): a descriptor for each call, debug
//! records, and the strings that these name.

use rocaml_middle::cmm::{Debug, DebugInfo};
use rocaml_target::Endian;
use std::collections::HashMap;
use std::rc::Rc;

use super::{Input, Placed};
use crate::codegen::CallSite;
use crate::lower::SITE_COMBINES;

/// Builds the table; its first word, the address of the code, is left to a relocation.
pub fn build(input: &Input<'_>, placed: &[Placed<'_>]) -> Vec<u8> {
    let mut table = Table {
        endian: input.target.endian(),
        bytes: Vec::new(),
        records: HashMap::new(),
        debug_fixups: Vec::new(),
        block_fixups: Vec::new(),
    };
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

const RECORD_BYTES: usize = 24;
/// Where the link to the next record is.
const RECORD_NEXT: usize = 20;

/// A record is known by the place it describes.
type RecordKey = *const DebugInfo;

struct Table {
    endian: Endian,
    bytes: Vec<u8>,
    records: HashMap<RecordKey, u32>,
    /// Words that wait for the offset of a record.
    debug_fixups: Vec<(usize, Rc<DebugInfo>)>,
    /// The same, of calls that allocate several blocks.
    block_fixups: Vec<(usize, Vec<(u16, Debug)>)>,
}

impl Table {
    fn descriptor(&mut self, input: &Input<'_>, placed: &Placed<'_>, call: &CallSite) {
        let site = input.lowering.sites.get(call.site as usize);
        self.word32((placed.offset + u64::from(call.return_offset)) as u32);
        self.word32(placed.function.frame_size);
        let combined = site.filter(|site| site.blocks.len() > 1);
        let at = self.bytes.len();
        self.word32(0);
        match (combined, site.and_then(|site| self.debug(input, &site.debug))) {
            (Some(site), _) => {
                let blocks = site.blocks.iter().map(|(words, debug)| (*words, self.debug(input, debug))).collect();
                self.block_fixups.push((at, blocks));
            }
            (None, Some(debug)) => self.debug_fixups.push((at, debug)),
            (None, None) => {}
        }
        self.word16(call.live.len() as u16);
        self.word16(site.map_or(0, |site| site.flags) | combined.map_or(0, |_| SITE_COMBINES));
        for &slot in &call.live {
            self.word16(slot);
        }
        self.align();
    }

    fn debug(&self, input: &Input<'_>, debug: &Debug) -> Debug {
        debug.clone().filter(|_| input.options.debug)
    }

    /// Writes the records, innermost first, and then the strings.
    fn debug_records(&mut self) {
        let mut strings: Vec<(usize, String)> = Vec::new();
        for (at, debug) in std::mem::take(&mut self.debug_fixups) {
            let record = self.record(&debug, &mut strings);
            self.patch(at, record);
        }
        for (at, blocks) in std::mem::take(&mut self.block_fixups) {
            self.block_record(at, &blocks, &mut strings);
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

    /// The record of the first of several blocks, not shared: a list of all follows it.
    fn block_record(&mut self, at: usize, blocks: &[(u16, Debug)], strings: &mut Vec<(usize, String)>) {
        let offset = self.bytes.len();
        self.patch(at, offset as u32);
        let first = blocks.first().and_then(|(_, debug)| debug.as_ref());
        match first {
            Some(debug) => self.write_record(debug, strings),
            None => self.bytes.resize(offset + RECORD_BYTES, 0),
        }
        self.word32(blocks.len() as u32);
        let list = self.bytes.len();
        for (words, _) in blocks {
            self.word32(u32::from(*words));
            self.word32(0);
        }
        if let Some(next) = first.and_then(|debug| debug.next.as_ref()) {
            let next = self.record(next, strings);
            self.patch(offset + RECORD_NEXT, next);
        }
        for (index, (_, debug)) in blocks.iter().enumerate() {
            if let Some(debug) = debug {
                let record = self.record(debug, strings);
                self.patch(list + 8 * index + 4, record);
            }
        }
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
            link = Some(offset as usize + RECORD_NEXT);
            next = debug.next.as_ref();
        }
        first.unwrap_or(0)
    }

    fn new_record(&mut self, debug: &Rc<DebugInfo>, strings: &mut Vec<(usize, String)>) -> u32 {
        let offset = self.bytes.len() as u32;
        self.records.insert(Rc::as_ptr(debug), offset);
        self.write_record(debug, strings);
        offset
    }

    fn write_record(&mut self, debug: &DebugInfo, strings: &mut Vec<(usize, String)>) {
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
