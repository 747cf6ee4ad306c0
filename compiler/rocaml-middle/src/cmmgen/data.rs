//! Static data: structured constants, closures, the module block.

use super::build::{CLOSURE_TAG, CUSTOM_TAG, DOUBLE_ARRAY_TAG, DOUBLE_TAG, STRING_TAG, closure_info, static_header};
use crate::cmm::{DataItem, Symbol};
use rocaml_base::Name;
use rocaml_lambda::lambda::StructuredConstant;
use rocaml_types::primitive::BoxedInteger;
use std::collections::HashMap;
use std::rc::Rc;

/// Makes the data of constants. Equal constants are one block, wherever they stand, as programs can
/// tell: upstream's marshalled data shows what is shared.
pub struct DataWriter {
    pub data: Vec<Vec<DataItem>>,
    big_endian: bool,
    next_inner: u32,
    /// The symbol of each block of constant data, by its header and fields.
    blocks: HashMap<(u64, Vec<DataItem>), Symbol>,
}

impl DataWriter {
    /// An empty data section.
    pub fn new(big_endian: bool) -> DataWriter {
        DataWriter { data: Vec::new(), big_endian, next_inner: 0, blocks: HashMap::new() }
    }

    /// A unit's named constants. The shallow ones come first: what lies within another constant
    /// may be equal to one of them.
    pub fn constants(&mut self, constants: &[(Symbol, Rc<StructuredConstant>)]) {
        let mut by_depth: Vec<_> =
            constants.iter().map(|(symbol, constant)| (depth(constant), *symbol, constant)).collect();
        by_depth.sort_by_key(|(depth, ..)| *depth);
        for (_, symbol, constant) in by_depth {
            let (header, fields) = self.block(symbol, constant);
            self.define(symbol, header, fields);
        }
    }

    fn define(&mut self, symbol: Symbol, header: u64, fields: Vec<DataItem>) {
        let mut items = vec![DataItem::Align(8), DataItem::Word(header), DataItem::GlobalSymbol(symbol)];
        items.extend(fields.iter().cloned());
        self.data.push(items);
        self.blocks.entry((header, fields)).or_insert(symbol);
    }

    fn field(&mut self, owner: Symbol, constant: &StructuredConstant) -> DataItem {
        if let StructuredConstant::Int(n) = constant {
            return DataItem::Word(((*n as u64) << 1) | 1);
        }
        let (header, fields) = self.block(owner, constant);
        let known = self.blocks.get(&(header, fields.clone())).copied();
        let symbol = known.unwrap_or_else(|| {
            self.next_inner += 1;
            let symbol = Name::new(&format!("{owner}.{}", self.next_inner));
            self.define(symbol, header, fields);
            symbol
        });
        DataItem::SymbolAddress(symbol, 0)
    }

    /// A constant's header and fields; blocks within it are made first, named after `owner`.
    fn block(&mut self, owner: Symbol, constant: &StructuredConstant) -> (u64, Vec<DataItem>) {
        match constant {
            // A symbol names a block: an integer never gets one.
            StructuredConstant::Int(n) => (static_header(0, 1), vec![DataItem::Word(((*n as u64) << 1) | 1)]),
            StructuredConstant::Float(x) => (static_header(DOUBLE_TAG, 1), vec![DataItem::Double(x.to_bits())]),
            StructuredConstant::FloatBlock(xs) => {
                (static_header(DOUBLE_ARRAY_TAG, xs.len()), xs.iter().map(|x| DataItem::Double(x.to_bits())).collect())
            }
            StructuredConstant::String(bytes) => string(bytes),
            StructuredConstant::Int32(n) => self.boxed(BoxedInteger::Int32, i64::from(*n)),
            StructuredConstant::Int64(n) => self.boxed(BoxedInteger::Int64, *n),
            StructuredConstant::Nativeint(n) => self.boxed(BoxedInteger::Nativeint, *n),
            StructuredConstant::Block(tag, fields) => {
                let items: Vec<DataItem> = fields.iter().map(|field| self.field(owner, field)).collect();
                (static_header(u64::from(*tag), items.len()), items)
            }
        }
    }

    fn boxed(&self, kind: BoxedInteger, n: i64) -> (u64, Vec<DataItem>) {
        let (operations, word) = match kind {
            BoxedInteger::Int32 if self.big_endian => ("caml_int32_ops", (n as u64) << 32),
            BoxedInteger::Int32 => ("caml_int32_ops", n as u64),
            BoxedInteger::Int64 => ("caml_int64_ops", n as u64),
            BoxedInteger::Nativeint => ("caml_nativeint_ops", n as u64),
        };
        let fields = vec![DataItem::SymbolAddress(Name::new(operations), 0), DataItem::Word(word)];
        (static_header(CUSTOM_TAG, 2), fields)
    }

    /// The closure of a closed function. `code` takes the arguments and an environment that it
    /// ignores; `curry` is the code that takes them one by one.
    pub fn closure(&mut self, symbol: Symbol, code: Symbol, arity: i32, curry: Option<Symbol>) {
        let address = |symbol| DataItem::SymbolAddress(symbol, 0);
        let fields = match curry {
            None => vec![address(code), DataItem::Word(closure_info(arity, 2) as u64)],
            Some(curry) => vec![address(curry), DataItem::Word(closure_info(arity, 3) as u64), address(code)],
        };
        let header = static_header(CLOSURE_TAG, fields.len());
        let mut items = vec![DataItem::Align(8), DataItem::Word(header), DataItem::GlobalSymbol(symbol)];
        items.extend(fields);
        self.data.push(items);
    }

    /// The module block, of fields that are `()` until they are initialised.
    pub fn module_block(&mut self, symbol: Symbol, size: usize) {
        let mut items =
            vec![DataItem::Align(8), DataItem::Word(static_header(0, size)), DataItem::GlobalSymbol(symbol)];
        items.extend((0..size).map(|_| DataItem::Word(1)));
        self.data.push(items);
    }
}

/// How deep blocks nest.
fn depth(constant: &StructuredConstant) -> usize {
    match constant {
        StructuredConstant::Block(_, fields) => 1 + fields.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A string's words: padded, the last byte telling how much.
fn string(bytes: &[u8]) -> (u64, Vec<DataItem>) {
    let words = bytes.len() / 8 + 1;
    let padding = words * 8 - 1 - bytes.len();
    let mut items = vec![DataItem::Bytes(bytes.into())];
    items.extend((0..padding).map(|_| DataItem::Byte(0)));
    items.push(DataItem::Byte(padding as u8));
    (static_header(STRING_TAG, words), items)
}
