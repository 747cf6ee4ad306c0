//! OCaml's marshalled values.
//!
//! A [`Heap`] owns blocks and strings named by number, so that sharing and cycles are kept.
//! Reading never panics: whatever is wrong with the bytes is an [`Error`]. Both directions use
//! a stack of their own, as lists may be long.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

/// A value: an immediate, or a heap object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Value {
    Int(i64),
    Object(u32),
}

/// An object of a heap. Fields and bytes are ranges of the heap's pools: an interface has tens of thousands of objects.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Object {
    Block {
        tag: u8,
        start: u32,
        len: u32,
    },
    String {
        start: u32,
        len: u32,
    },
    Double(f64),
    /// Only written: nothing that is read holds any.
    Boxed(BoxedInt),
}

/// An integer that upstream boxes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoxedInt {
    Int32(i32),
    Int64(i64),
    Nativeint(i64),
}

/// The objects of a marshalled value.
#[derive(Default, Debug)]
pub struct Heap {
    objects: Vec<Object>,
    fields: Vec<Value>,
    bytes: Vec<u8>,
}

/// What is wrong with marshalled bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    Truncated,
    BadMagic,
    /// What zstd compressed cannot be decompressed.
    Compressed,
    BadCode(u8),
    BadShared,
    /// The value does not have the expected shape.
    Shape(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Truncated => f.write_str("it ends too early"),
            Error::BadMagic => f.write_str("it is not a marshalled value"),
            Error::Compressed => f.write_str("its compressed part is damaged"),
            Error::BadCode(code) => write!(f, "it has the unknown code {code:#x}"),
            Error::BadShared => f.write_str("it refers to what is not there"),
            Error::Shape(what) => write!(f, "it lacks {what}"),
        }
    }
}

const MAGIC_SMALL: u32 = 0x8495_a6be;
const MAGIC_BIG: u32 = 0x8495_a6bf;
const MAGIC_COMPRESSED: u32 = 0x8495_a6bd;

impl Heap {
    pub fn new() -> Heap {
        Heap::default()
    }
    pub fn block(&mut self, tag: u8, fields: impl AsRef<[Value]>) -> Value {
        let fields = fields.as_ref();
        let start = self.fields.len() as u32;
        self.fields.extend_from_slice(fields);
        self.push(Object::Block { tag, start, len: fields.len() as u32 })
    }
    /// Gives a block that was made without fields its fields.
    pub fn fill(&mut self, block: Value, fields: &[Value]) {
        if let Value::Object(i) = block
            && let Some(Object::Block { start, len, .. }) = self.objects.get_mut(i as usize)
        {
            *start = self.fields.len() as u32;
            *len = fields.len() as u32;
            self.fields.extend_from_slice(fields);
        }
    }
    pub fn string(&mut self, bytes: &[u8]) -> Value {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.push(Object::String { start, len: bytes.len() as u32 })
    }
    pub fn double(&mut self, x: f64) -> Value {
        self.push(Object::Double(x))
    }
    pub fn boxed(&mut self, n: BoxedInt) -> Value {
        self.push(Object::Boxed(n))
    }
    fn push(&mut self, object: Object) -> Value {
        self.objects.push(object);
        Value::Object((self.objects.len() - 1) as u32)
    }
    /// Number of objects: those of values are below.
    pub fn len(&self) -> usize {
        self.objects.len()
    }
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
    fn fields(&self, start: u32, len: u32) -> &[Value] {
        &self.fields[start as usize..][..len as usize]
    }
    fn bytes(&self, start: u32, len: u32) -> &[u8] {
        &self.bytes[start as usize..][..len as usize]
    }
    /// A list of values.
    pub fn list(&mut self, items: Vec<Value>) -> Value {
        items.into_iter().rev().fold(Value::Int(0), |tail, head| self.block(0, [head, tail]))
    }
    /// Tag and fields of a block.
    pub fn as_block(&self, v: Value) -> Result<(u8, &[Value]), Error> {
        match v {
            Value::Object(i) => match self.objects.get(i as usize) {
                Some(Object::Block { tag, start, len }) => Ok((*tag, self.fields(*start, *len))),
                _ => Err(Error::Shape("a block")),
            },
            Value::Int(_) => Err(Error::Shape("a block")),
        }
    }
    pub fn as_bytes(&self, v: Value) -> Result<&[u8], Error> {
        match v {
            Value::Object(i) => match self.objects.get(i as usize) {
                Some(Object::String { start, len }) => Ok(self.bytes(*start, *len)),
                _ => Err(Error::Shape("a string")),
            },
            Value::Int(_) => Err(Error::Shape("a string")),
        }
    }
    pub fn as_int(v: Value) -> Result<i64, Error> {
        match v {
            Value::Int(n) => Ok(n),
            Value::Object(_) => Err(Error::Shape("an integer")),
        }
    }
    /// The first item of a list and the rest, if it has any.
    pub fn split_list(&self, v: Value) -> Result<Option<(Value, Value)>, Error> {
        match v {
            Value::Int(_) => Ok(None),
            v => match self.as_block(v)?.1 {
                [head, tail] => Ok(Some((*head, *tail))),
                _ => Err(Error::Shape("a list")),
            },
        }
    }
    /// The items of a list.
    pub fn items(&self, v: Value) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        let mut rest = v;
        while let Some((head, tail)) = self.split_list(rest)? {
            items.push(head);
            rest = tail;
            if items.len() > self.objects.len() {
                return Err(Error::Shape("a finite list"));
            }
        }
        Ok(items)
    }
}

// ---------------------------------------------------------------------------------------------
// Reading

struct Reader<'a> {
    bytes: &'a [u8],
    /// The objects by the number that references count: blocks without fields have none.
    numbered: Vec<u32>,
    /// References count from the first object, as they do in compressed data, rather than back
    /// from the present one.
    absolute: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Error> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or(Error::Truncated)?;
        self.bytes = tail;
        Ok(head)
    }
    fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.bytes.split_first().ok_or(Error::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }
    /// A big-endian number of `n` bytes.
    fn number(&mut self, n: usize) -> Result<u64, Error> {
        Ok(self.take(n)?.iter().fold(0, |acc, byte| acc << 8 | u64::from(*byte)))
    }
    /// A big-endian number of base 128, whose last digit lacks the high bit.
    fn variable_length(&mut self) -> Result<u64, Error> {
        let mut n: u64 = 0;
        loop {
            let digit = self.number(1)?;
            n = n.checked_mul(128).ok_or(Error::Truncated)? | digit & 0x7f;
            if digit < 0x80 {
                return Ok(n);
            }
        }
    }
    fn signed(&mut self, n: usize) -> Result<i64, Error> {
        let shift = 64 - 8 * n;
        Ok((self.number(n)? << shift) as i64 >> shift)
    }
}

/// Reads the value at the beginning of `bytes`; also the number of bytes that it takes.
pub fn read(bytes: &[u8]) -> Result<(Heap, Value, usize), Error> {
    let mut header = Reader { bytes, numbered: Vec::new(), absolute: false };
    let (data_len, header_len, uncompressed) = match header.number(4)? as u32 {
        MAGIC_SMALL => (header.number(4)?, 20, None),
        MAGIC_BIG => {
            header.number(4)?;
            (header.number(8)?, 32, None)
        }
        MAGIC_COMPRESSED => {
            let header_len = header.number(1)? as usize & 0x3f;
            (header.variable_length()?, header_len, Some(header.variable_length()?))
        }
        _ => return Err(Error::BadMagic),
    };
    let total = usize::try_from(data_len).ok().and_then(|n| n.checked_add(header_len)).ok_or(Error::Truncated)?;
    let data = bytes.get(header_len..total).ok_or(Error::Truncated)?;
    let data = match uncompressed {
        None => Cow::Borrowed(data),
        Some(len) => Cow::Owned(decompress(data, len)?),
    };
    // Most items take a byte or two.
    let guess = data.len() / 4;
    let mut reader = Reader { bytes: &data, numbered: Vec::with_capacity(guess), absolute: uncompressed.is_some() };
    let mut heap = Heap {
        objects: Vec::with_capacity(guess),
        fields: Vec::with_capacity(data.len() / 2),
        bytes: Vec::with_capacity(guess),
    };
    let root = read_value(&mut reader, &mut heap)?;
    Ok((heap, root, total))
}

/// The bytes that zstd compressed: as many as the header says, or none at all.
fn decompress(data: &[u8], len: u64) -> Result<Vec<u8>, Error> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(data).map_err(|_| Error::Compressed)?;
    let mut bytes = Vec::new();
    decoder.take(len.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| Error::Compressed)?;
    if bytes.len() as u64 == len { Ok(bytes) } else { Err(Error::Compressed) }
}

/// Objects are numbered as they are met; the fields of a block follow it, depth first.
fn read_value(reader: &mut Reader<'_>, heap: &mut Heap) -> Result<Value, Error> {
    // The root has the first place. A field takes a byte at least.
    let fields_max = reader.bytes.len() + 1;
    heap.fields.push(Value::Int(0));
    // Where the next field goes, and where those of its block end; likewise for the blocks around it.
    let (mut next, mut end) = (0, 1);
    let mut open: Vec<(usize, usize)> = Vec::new();
    loop {
        while next == end {
            match open.pop() {
                Some(outer) => (next, end) = outer,
                None => return Ok(heap.fields[0]),
            }
        }
        let code = reader.byte()?;
        // Small numbers and small blocks are most of what there is.
        let (value, size) = match code {
            0x40..=0x7f => (Value::Int(i64::from(code & 0x3f)), 0),
            0x80.. => read_block(reader, heap, code & 0xf, u64::from(code >> 4 & 7))?,
            _ => read_item(reader, heap, code)?,
        };
        heap.fields[next] = value;
        next += 1;
        if size > 0 {
            if heap.fields.len() > fields_max {
                return Err(Error::Truncated);
            }
            open.push((next, end));
            (next, end) = (heap.fields.len() - size, heap.fields.len());
        }
    }
}

/// The item of one of the less usual codes; for a block, the number of fields that follow, whose places are the last
/// of the pool.
fn read_item(reader: &mut Reader<'_>, heap: &mut Heap, code: u8) -> Result<(Value, usize), Error> {
    let immediate = |n: i64| Ok((Value::Int(n), 0));
    match code {
        0x20..=0x3f => read_string(reader, heap, u64::from(code & 0x1f)),
        0x00 => immediate(i64::from(reader.byte()? as i8)),
        0x01 => immediate(reader.signed(2)?),
        0x02 => immediate(reader.signed(4)?),
        0x03 => immediate(reader.signed(8)?),
        0x04 | 0x05 | 0x06 | 0x14 => {
            let offset = reader.number(match code {
                0x04 => 1,
                0x05 => 2,
                0x06 => 4,
                _ => 8,
            })?;
            let count = reader.numbered.len() as u64;
            let index = if reader.absolute { Some(offset) } else { count.checked_sub(offset) };
            let index = index.filter(|i| *i < count).ok_or(Error::BadShared)?;
            Ok((Value::Object(reader.numbered[index as usize]), 0))
        }
        0x08 | 0x13 => {
            let header = reader.number(if code == 0x08 { 4 } else { 8 })?;
            read_block(reader, heap, header as u8, header >> 10)
        }
        0x09 | 0x0a | 0x15 => {
            let len = reader.number(match code {
                0x09 => 1,
                0x0a => 4,
                _ => 8,
            })?;
            read_string(reader, heap, len)
        }
        0x0b | 0x0c => {
            let bits = reader.number(8)?;
            let bits = if code == 0x0b { bits } else { bits.swap_bytes() };
            Ok((number(reader, heap.double(f64::from_bits(bits))), 0))
        }
        code => Err(Error::BadCode(code)),
    }
}

/// Gives an object the next number.
fn number(reader: &mut Reader<'_>, value: Value) -> Value {
    if let Value::Object(i) = value {
        reader.numbered.push(i);
    }
    value
}
fn read_string(reader: &mut Reader<'_>, heap: &mut Heap, len: u64) -> Result<(Value, usize), Error> {
    let bytes = reader.take(usize::try_from(len).map_err(|_| Error::Truncated)?)?;
    Ok((number(reader, heap.string(bytes)), 0))
}
fn read_block(reader: &mut Reader<'_>, heap: &mut Heap, tag: u8, size: u64) -> Result<(Value, usize), Error> {
    // Each field takes a byte at least.
    let size = usize::try_from(size).ok().filter(|n| *n <= reader.bytes.len()).ok_or(Error::Truncated)?;
    let start = heap.fields.len();
    heap.fields.extend(std::iter::repeat_n(Value::Int(0), size));
    let block = heap.push(Object::Block { tag, start: start as u32, len: size as u32 });
    Ok((if size == 0 { block } else { number(reader, block) }, size))
}

// ---------------------------------------------------------------------------------------------
// Writing

/// The bytes of a value, header included.
pub fn write(heap: &Heap, root: Value) -> Vec<u8> {
    let mut data = Vec::new();
    let mut numbers: Vec<Option<u32>> = vec![None; heap.objects.len()];
    let (mut count, mut size_32, mut size_64) = (0u32, 0usize, 0usize);
    let mut stack = vec![root];
    while let Some(value) = stack.pop() {
        let i = match value {
            Value::Int(n) => {
                write_int(&mut data, n);
                continue;
            }
            Value::Object(i) => i as usize,
        };
        if let Some(number) = numbers[i] {
            write_sized(&mut data, [0x04, 0x05, 0x06], u64::from(count - number));
            continue;
        }
        match heap.objects[i] {
            Object::Block { tag, start, len } => {
                let fields = heap.fields(start, len);
                if tag < 16 && fields.len() < 8 {
                    data.push(0x80 | tag | (fields.len() as u8) << 4);
                } else {
                    // The colour of what the collector does not manage is part of the header.
                    let header = (fields.len() as u64) << 10 | 0x300 | u64::from(tag);
                    data.push(0x08);
                    data.extend((header as u32).to_be_bytes());
                }
                stack.extend(fields.iter().rev());
                if fields.is_empty() {
                    // Atoms are not counted.
                    continue;
                }
                size_32 += 1 + fields.len();
                size_64 += 1 + fields.len();
            }
            Object::String { start, len } => {
                let bytes = heap.bytes(start, len);
                if bytes.len() < 32 {
                    data.push(0x20 | bytes.len() as u8);
                } else {
                    write_sized(&mut data, [0x09, 0x0a, 0x0a], bytes.len() as u64);
                }
                data.extend(bytes);
                size_32 += 2 + bytes.len() / 4;
                size_64 += 2 + bytes.len() / 8;
            }
            Object::Boxed(n) => {
                size_32 += write_boxed(&mut data, n);
                size_64 += 3;
            }
            Object::Double(x) => {
                data.push(0x0c);
                data.extend(x.to_bits().to_le_bytes());
                size_32 += 3;
                size_64 += 2;
            }
        }
        numbers[i] = Some(count);
        count += 1;
    }
    let mut result = Vec::with_capacity(data.len() + 20);
    result.extend(MAGIC_SMALL.to_be_bytes());
    for n in [data.len() as u32, count, size_32 as u32, size_64 as u32] {
        result.extend(n.to_be_bytes());
    }
    result.extend(data);
    result
}

fn write_int(data: &mut Vec<u8>, n: i64) {
    match n {
        0..=0x3f => data.push(0x40 | n as u8),
        -0x80..=0x7f => data.extend([0x00, n as u8]),
        -0x8000..=0x7fff => {
            data.push(0x01);
            data.extend((n as i16).to_be_bytes());
        }
        // Beyond 31 bits a 32-bit reader would overflow: the wide form is used.
        -0x4000_0000..=0x3fff_ffff => {
            data.push(0x02);
            data.extend((n as i32).to_be_bytes());
        }
        _ => {
            data.push(0x03);
            data.extend(n.to_be_bytes());
        }
    }
}

/// A block with operations of its own: their name, then the number. Returns its size on a 32-bit
/// machine.
fn write_boxed(data: &mut Vec<u8>, n: BoxedInt) -> usize {
    const CUSTOM_OF_FIXED_LENGTH: u8 = 0x19;
    data.push(CUSTOM_OF_FIXED_LENGTH);
    match n {
        BoxedInt::Int32(n) => {
            data.extend(b"_i\0");
            data.extend(n.to_be_bytes());
            3
        }
        BoxedInt::Int64(n) => {
            data.extend(b"_j\0");
            data.extend(n.to_be_bytes());
            4
        }
        // Its width comes first.
        BoxedInt::Nativeint(n) => {
            data.extend(b"_n\0");
            match i32::try_from(n) {
                Ok(n) => {
                    data.push(1);
                    data.extend(n.to_be_bytes());
                }
                Err(_) => {
                    data.push(2);
                    data.extend(n.to_be_bytes());
                }
            }
            3
        }
    }
}

/// A number after the code for its size: one, two (or four) and four bytes.
fn write_sized(data: &mut Vec<u8>, [one, two, four]: [u8; 3], n: u64) {
    if n < 0x100 {
        data.extend([one, n as u8]);
    } else if n < 0x1_0000 && two != four {
        data.push(two);
        data.extend((n as u16).to_be_bytes());
    } else {
        data.push(four);
        data.extend((n as u32).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_round_trip() {
        let mut heap = Heap::new();
        let text = heap.string(b"hello");
        let long = heap.string(&[7; 300]);
        let ints: Vec<Value> = [0, 63, 64, -1, 127, -129, 40_000, 1 << 30, i64::MIN >> 1].map(Value::Int).to_vec();
        let ints = heap.block(3, ints);
        let cycle = heap.block(1, []);
        heap.fill(cycle, &[text, long, ints, text, cycle]);
        let bytes = write(&heap, cycle);
        let (copy, root, len) = read(&bytes).unwrap();
        assert_eq!(len, bytes.len());
        assert_eq!(write(&copy, root), bytes);
        let (tag, fields) = copy.as_block(root).unwrap();
        assert_eq!((tag, fields.len(), fields[4]), (1, 5, root));
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_err());
        }
    }
}
