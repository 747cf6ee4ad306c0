//! Constructors of Cmm expressions, with the simplifications that make their clients simple.

use crate::cmm::{AllocKind, Callee, Chunk, Const, Debug, Expr, ExtCall, IntCompare, Op, Signature, Symbol, Type};
use rocaml_base::Name;
use rocaml_types::primitive::BoxedInteger;
use std::rc::Rc;

/// Tags of blocks (ABI §1).
pub const CLOSURE_TAG: u64 = 247;
pub const INFIX_TAG: u64 = 249;
pub const STRING_TAG: u64 = 252;
pub const DOUBLE_TAG: u64 = 253;
pub const DOUBLE_ARRAY_TAG: u64 = 254;
pub const CUSTOM_TAG: u64 = 255;
/// Colour of static data.
const NOT_MARKABLE: u64 = 3 << 8;
/// Largest block of the minor heap, in words.
pub const MAX_YOUNG_WORDS: usize = 256;

/// Header of a block in the heap.
pub fn header(tag: u64, words: usize) -> u64 {
    (words as u64) << 10 | tag
}

/// Header of a static block.
pub fn static_header(tag: u64, words: usize) -> u64 {
    header(tag, words) | NOT_MARKABLE
}

/// What a boxed number holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Boxed {
    Float,
    Integer(BoxedInteger),
}

impl Boxed {
    /// The type of the number in a register.
    pub fn unboxed_type(self) -> Type {
        match self {
            Boxed::Float => Type::Float,
            Boxed::Integer(_) => Type::Int,
        }
    }
}

pub fn int(n: i64) -> Expr {
    Expr::Const(Const::Int(n))
}

pub fn op1(op: Op, a: Expr) -> Expr {
    Expr::Op(op, vec![a], None)
}

pub fn op2(op: Op, a: Expr, b: Expr) -> Expr {
    Expr::Op(op, vec![a, b], None)
}

/// An OCaml integer as a constant.
pub fn tagged(n: i64) -> Expr {
    int(n.wrapping_shl(1) | 1)
}

/// `()`.
pub fn unit() -> Expr {
    tagged(0)
}

/// Evaluates for the effect, yields `()`.
pub fn returning_unit(effect: Expr) -> Expr {
    Expr::Sequence(Box::new(effect), Box::new(unit()))
}

fn constant(e: &Expr) -> Option<i64> {
    match e {
        Expr::Const(Const::Int(n)) => Some(*n),
        _ => None,
    }
}

/// Sum, with constants gathered.
pub fn add(a: Expr, b: Expr) -> Expr {
    match (constant(&a), constant(&b)) {
        (Some(x), Some(y)) => int(x.wrapping_add(y)),
        (Some(_), None) => add(b, a),
        (None, Some(n)) => add_const(a, n),
        (None, None) => op2(Op::Addi, a, b),
    }
}

/// Sum with a constant.
pub fn add_const(e: Expr, n: i64) -> Expr {
    if n == 0 {
        return e;
    }
    match e {
        Expr::Const(Const::Int(x)) => int(x.wrapping_add(n)),
        Expr::Op(Op::Addi, mut args, _) if constant(&args[1]).is_some() => {
            let known = constant(&args[1]).unwrap_or(0);
            add_const(args.swap_remove(0), known.wrapping_add(n))
        }
        Expr::Let(var, ty, def, body) => Expr::Let(var, ty, def, Box::new(add_const(*body, n))),
        e => op2(Op::Addi, e, int(n)),
    }
}

pub fn sub(a: Expr, b: Expr) -> Expr {
    match constant(&b) {
        Some(n) => add_const(a, n.wrapping_neg()),
        None => op2(Op::Subi, a, b),
    }
}

/// Left shift.
pub fn lsl(e: Expr, n: i64) -> Expr {
    match (constant(&e), n) {
        (_, 0) => e,
        (Some(x), _) => int(x.wrapping_shl(n as u32)),
        (None, _) => op2(Op::Lsli, e, int(n)),
    }
}

/// Makes an OCaml integer of a machine integer.
pub fn tag_int(e: Expr) -> Expr {
    match e {
        Expr::Const(Const::Int(n)) => tagged(n),
        // The arithmetic shift of a tagged integer, untagged: its bits are there already.
        Expr::Op(Op::Asri, args, _) if constant(&args[1]) == Some(1) && is_tagged(&args[0]) => {
            args.into_iter().next().expect("a shift has two operands")
        }
        e => add_const(lsl(e, 1), 1),
    }
}

/// Whether the lowest bit is known to be set.
fn is_tagged(e: &Expr) -> bool {
    match e {
        Expr::Const(Const::Int(n)) => n & 1 == 1,
        Expr::Op(Op::Addi, args, _) => {
            constant(&args[1]).is_some_and(|n| n & 1 == 1)
                && matches!(&args[0], Expr::Op(Op::Lsli, shift, _) if constant(&shift[1]).is_some_and(|n| n > 0))
        }
        Expr::Op(Op::Ori, args, _) => constant(&args[1]).is_some_and(|n| n & 1 == 1),
        _ => false,
    }
}

/// The machine integer of an OCaml integer.
pub fn untag_int(e: Expr) -> Expr {
    match e {
        Expr::Const(Const::Int(n)) => int(n >> 1),
        Expr::Op(Op::Addi, mut args, debug) if constant(&args[1]) == Some(1) => match args.swap_remove(0) {
            Expr::Op(Op::Lsli, mut shifted, _) if constant(&shifted[1]) == Some(1) && fits_int(&shifted[0]) => {
                shifted.swap_remove(0)
            }
            other => op2(Op::Asri, Expr::Op(Op::Addi, vec![other, int(1)], debug), int(1)),
        },
        e => op2(Op::Asri, e, int(1)),
    }
}

/// Whether a word is known to lose nothing when it is tagged: its two highest bits are equal.
fn fits_int(e: &Expr) -> bool {
    let shifted_by = |args: &[Expr], least| constant(&args[1]).is_some_and(|n| (least..64).contains(&n));
    match e {
        Expr::Const(Const::Int(n)) => n << 1 >> 1 == *n,
        Expr::Op(Op::CmpI(_) | Op::CmpF(_), ..) => true,
        Expr::Op(Op::Asri, args, _) => shifted_by(args, 1),
        Expr::Op(Op::Lsri, args, _) => shifted_by(args, 2),
        Expr::Op(Op::Load { chunk, .. }, ..) => !matches!(chunk, Chunk::WordInt | Chunk::WordVal),
        // A mask that is not negative leaves no more than itself.
        Expr::Op(Op::Andi, args, _) if args.iter().any(|arg| constant(arg).is_some_and(|n| n >= 0 && n < 1 << 62)) => {
            true
        }
        Expr::Op(Op::Andi | Op::Ori | Op::Xori, args, _) => args.iter().all(fits_int),
        // Smaller than either operand.
        Expr::Op(Op::Modi, args, _) => args.iter().any(fits_int),
        _ => false,
    }
}

/// An OCaml integer with the lowest bit cleared, cheaper than untagging and shifting.
pub fn clear_tag(e: Expr) -> Expr {
    add_const(e, -1)
}

/// Comparison of machine words.
pub fn compare(cmp: IntCompare, a: Expr, b: Expr) -> Expr {
    op2(Op::CmpI(cmp), a, b)
}

/// Whether an OCaml boolean is true.
pub fn test_bool(e: Expr) -> Expr {
    match e {
        Expr::Const(Const::Int(n)) => int(n >> 1),
        Expr::Op(Op::Addi, ref args, _)
            if constant(&args[1]) == Some(1) && matches!(&args[0], Expr::Op(Op::Lsli, ..)) =>
        {
            untag_int(e)
        }
        Expr::Let(var, ty, def, body) => Expr::Let(var, ty, def, Box::new(test_bool(*body))),
        Expr::Sequence(first, second) => Expr::Sequence(first, Box::new(test_bool(*second))),
        e => compare(IntCompare::Ne, e, int(1)),
    }
}

/// Negation of a condition.
pub fn negate(e: Expr) -> Expr {
    match e {
        Expr::Const(Const::Int(n)) => int(i64::from(n == 0)),
        Expr::Op(Op::CmpI(cmp), args, debug) => Expr::Op(Op::CmpI(negated(cmp)), args, debug),
        Expr::If(c, a, b) => Expr::If(c, Box::new(negate(*a)), Box::new(negate(*b))),
        e => compare(IntCompare::Eq, e, int(0)),
    }
}

fn negated(cmp: IntCompare) -> IntCompare {
    use IntCompare::*;
    match cmp {
        Eq => Ne,
        Ne => Eq,
        Lt => Ge,
        Ge => Lt,
        Gt => Le,
        Le => Gt,
        ULt => UGe,
        UGe => ULt,
        UGt => ULe,
        ULe => UGt,
    }
}

// ---------------------------------------------------------------------------------------------
// Memory

/// A word at a constant offset.
pub fn load(chunk: Chunk, mutable: bool, base: Expr, offset: i32) -> Expr {
    op1(Op::Load { chunk, mutable, offset, atomic: false }, base)
}

/// A word at an offset computed in bytes.
pub fn load_at(chunk: Chunk, mutable: bool, base: Expr, bytes: Expr) -> Expr {
    match split_constant(bytes) {
        (None, n) => load(chunk, mutable, base, n),
        (Some(index), n) => Expr::Op(Op::Load { chunk, mutable, offset: n, atomic: false }, vec![base, index], None),
    }
}

/// A plain store at a constant offset.
pub fn store(chunk: Chunk, base: Expr, offset: i32, value: Expr) -> Expr {
    op2(Op::Store { chunk, offset, atomic: false }, base, value)
}

/// A plain store at an offset computed in bytes.
pub fn store_at(chunk: Chunk, base: Expr, bytes: Expr, value: Expr) -> Expr {
    match split_constant(bytes) {
        (None, n) => store(chunk, base, n, value),
        (Some(index), n) => Expr::Op(Op::Store { chunk, offset: n, atomic: false }, vec![base, index, value], None),
    }
}

/// An offset as a variable part and a constant that fits an instruction.
fn split_constant(bytes: Expr) -> (Option<Expr>, i32) {
    let small = |n: i64| i32::try_from(n).ok().filter(|n| n.abs() < 1 << 19);
    match bytes {
        Expr::Const(Const::Int(n)) if small(n).is_some() => (None, small(n).unwrap_or(0)),
        Expr::Op(Op::Addi, mut args, debug) => match constant(&args[1]).and_then(small) {
            Some(n) => (Some(args.swap_remove(0)), n),
            None => (Some(Expr::Op(Op::Addi, args, debug)), 0),
        },
        e => (Some(e), 0),
    }
}

/// The header of a block. Its tag may change under lazy forcing only.
pub fn load_header(block: Expr) -> Expr {
    load(Chunk::WordInt, false, block, -8)
}

/// The tag of a block.
pub fn load_tag(block: Expr, big_endian: bool) -> Expr {
    load(Chunk::ByteUnsigned, true, block, if big_endian { -1 } else { -8 })
}

/// Byte offset of an element of 8 bytes from a tagged index.
pub fn word_offset(index: Expr) -> Expr {
    match index {
        Expr::Const(Const::Int(n)) => int((n >> 1) * 8),
        index => add_const(lsl(index, 2), -4),
    }
}

/// Allocation of a block of values.
pub fn alloc(header: u64, kind: AllocKind, fields: Vec<Expr>, debug: Debug) -> Expr {
    Expr::Op(Op::Alloc { header, kind }, fields, debug)
}

/// A symbol's address as a value.
pub fn symbol(name: Symbol) -> Expr {
    Expr::Const(Const::Symbol(name, Type::Val))
}

/// A symbol's address as a word.
pub fn code_symbol(name: Symbol) -> Expr {
    Expr::Const(Const::Symbol(name, Type::Int))
}

/// The `info` word of a closure.
pub fn closure_info(arity: i32, start_of_environment: i32) -> i64 {
    i64::from(arity) << 56 | i64::from(start_of_environment) << 1 | 1
}

// ---------------------------------------------------------------------------------------------
// Calls

/// What a C function may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Neither collects nor raises, and uses little stack.
    Leaf,
    /// Neither collects nor raises.
    NoAlloc,
    /// May collect and raise.
    Alloc,
}

/// A call of a C function.
pub fn ext_call(name: &str, params: &[Type], result: Type, effect: Effect, args: Vec<Expr>, debug: Debug) -> Expr {
    let call = ExtCall {
        name: Name::new(name),
        params: params.into(),
        result,
        result_bits: 64,
        alloc: effect == Effect::Alloc,
        raises: effect == Effect::Alloc,
        pure_: false,
        leaf: effect == Effect::Leaf,
    };
    Expr::Op(Op::ExtCall(Rc::new(call)), args, debug)
}

/// A call of code with values only.
pub fn direct_call(callee: Symbol, args: Vec<Expr>, debug: Debug) -> Expr {
    let signature = Signature { params: vec![Type::Val; args.len()].into(), result: Type::Val };
    Expr::Op(Op::Apply(Callee::Direct(callee, signature)), args, debug)
}

/// A call through a code address.
pub fn indirect_call(code: Expr, args: Vec<Expr>, debug: Debug) -> Expr {
    let signature = Signature { params: vec![Type::Val; args.len()].into(), result: Type::Val };
    let mut operands = vec![code];
    operands.extend(args);
    Expr::Op(Op::Apply(Callee::Indirect(signature)), operands, debug)
}

// ---------------------------------------------------------------------------------------------
// Boxed numbers

fn operations(kind: BoxedInteger) -> &'static str {
    match kind {
        BoxedInteger::Nativeint => "caml_nativeint_ops",
        BoxedInteger::Int32 => "caml_int32_ops",
        BoxedInteger::Int64 => "caml_int64_ops",
    }
}

/// Header of a boxed number.
pub fn boxed_header(kind: Boxed) -> u64 {
    match kind {
        Boxed::Float => header(DOUBLE_TAG, 1),
        Boxed::Integer(_) => header(CUSTOM_TAG, 2),
    }
}

/// Boxes a number.
pub fn box_number(kind: Boxed, e: Expr, big_endian: bool, debug: Debug) -> Expr {
    match kind {
        Boxed::Float => alloc(boxed_header(kind), AllocKind::Floats, vec![e], debug),
        Boxed::Integer(integer) => {
            // An int32 stands in the first four bytes of its word.
            let word = if integer == BoxedInteger::Int32 && big_endian { lsl(e, 32) } else { e };
            let operations = code_symbol(Name::new(operations(integer)));
            alloc(boxed_header(kind), AllocKind::Words, vec![operations, word], debug)
        }
    }
}

/// The number of an allocation by [`box_number`].
fn boxed_content(kind: Boxed, header: u64, fields: &[Expr], big_endian: bool) -> Option<Expr> {
    if header != boxed_header(kind) {
        return None;
    }
    let Boxed::Integer(integer) = kind else { return fields.first().cloned() };
    let [Expr::Const(Const::Symbol(operations_symbol, _)), word] = fields else { return None };
    if *operations_symbol != operations(integer) {
        return None;
    }
    if integer != BoxedInteger::Int32 || !big_endian {
        return Some(word.clone());
    }
    // Back from the word's upper half; the shift may have been folded into a constant or into another shift.
    Some(match word {
        Expr::Const(Const::Int(n)) => int(n >> 32),
        Expr::Op(Op::Lsli, args, _) if matches!(args[1], Expr::Const(Const::Int(32))) => args[0].clone(),
        word => op2(Op::Asri, word.clone(), int(32)),
    })
}

/// The kind of number that an allocation boxes.
pub fn allocated_number(header: u64, fields: &[Expr]) -> Option<Boxed> {
    use BoxedInteger::{Int32, Int64, Nativeint};
    if header == boxed_header(Boxed::Float) {
        return Some(Boxed::Float);
    }
    let [Expr::Const(Const::Symbol(name, _)), _] = fields else { return None };
    [Int32, Int64, Nativeint]
        .into_iter()
        .find(|k| header == header_of_integer() && *name == operations(*k))
        .map(Boxed::Integer)
}

fn header_of_integer() -> u64 {
    boxed_header(Boxed::Integer(BoxedInteger::Int64))
}

/// Reads a boxed number; meets [`box_number`] in the tails of the expression.
pub fn unbox_number(kind: Boxed, e: Expr, big_endian: bool, known: &dyn Fn(Symbol) -> Option<Const>) -> Expr {
    let tail = |e: Expr| unbox_number(kind, e, big_endian, known);
    match e {
        Expr::Op(Op::Alloc { header, kind: alloc_kind }, fields, debug) => {
            match boxed_content(kind, header, &fields, big_endian) {
                Some(content) => content,
                None => unbox_load(kind, Expr::Op(Op::Alloc { header, kind: alloc_kind }, fields, debug)),
            }
        }
        Expr::Const(Const::Symbol(name, _)) => match known(name) {
            Some(constant) => Expr::Const(constant),
            None => unbox_load(kind, e),
        },
        Expr::Let(var, ty, def, body) => Expr::Let(var, ty, def, Box::new(tail(*body))),
        Expr::LetMut(var, ty, def, body) => Expr::LetMut(var, ty, def, Box::new(tail(*body))),
        Expr::Sequence(first, second) => Expr::Sequence(first, Box::new(tail(*second))),
        Expr::If(c, a, b) => Expr::If(c, Box::new(tail(*a)), Box::new(tail(*b))),
        Expr::Switch(scrutinee, index, cases) => Expr::Switch(scrutinee, index, cases.into_iter().map(tail).collect()),
        Expr::Catch { recursive, handlers, body } => {
            let handlers = handlers.into_iter().map(|h| crate::cmm::Handler { body: tail(h.body), ..h }).collect();
            Expr::Catch { recursive, handlers, body: Box::new(tail(*body)) }
        }
        Expr::TryWith(body, var, handler) => Expr::TryWith(Box::new(tail(*body)), var, Box::new(tail(*handler))),
        Expr::Exit(..) | Expr::Op(Op::Raise(_), ..) => e,
        e => unbox_load(kind, e),
    }
}

fn unbox_load(kind: Boxed, e: Expr) -> Expr {
    match kind {
        Boxed::Float => load(Chunk::Double, false, e, 0),
        Boxed::Integer(BoxedInteger::Int32) => load(Chunk::ThirtytwoSigned, false, e, 8),
        Boxed::Integer(_) => load(Chunk::WordInt, false, e, 8),
    }
}
