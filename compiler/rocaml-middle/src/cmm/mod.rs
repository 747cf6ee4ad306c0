//! Cmm: the language that native backends compile. Upstream's `Cmm`, with SSA-friendly changes.
//!
//! A unit is a list of functions and data items. Expressions are trees over machine values;
//! variables are local to a function and may be assigned ([`Expr::Assign`]); allocation, polling
//! and calls are explicit. Addresses derived from a value (interior pointers) never live across
//! a safepoint (allocation, poll, call): the middle end keeps base and index apart and computes
//! the address inside [`Op::Load`]/[`Op::Store`] only.
//!
//! # Invariants (checked by `verify`)
//! - Every [`VarId`] is bound once in its function, before its uses.
//! - An operand of a machine operation has the type that the operation wants; [`Type::Val`] and
//!   [`Type::Int`] are both 64-bit registers: `Val` is a proper value that the collector may
//!   move, `Int` anything else. An `Int` never holds a pointer into the heap across a safepoint.
//! - [`Expr::Exit`] is inside the body of the [`Expr::Catch`] that binds its label (or, for a
//!   recursive catch, inside a handler) and passes as many arguments.
//! - A raise that has a handler in the same function is an [`Expr::Exit`] already where the
//!   middle end could see it; [`Op::Raise`] is what leaves the function or is caught by an
//!   enclosing [`Expr::TryWith`].

mod print;
mod verify;

pub use verify::verify;

use rocaml_base::{Location, Name};
use rocaml_index::define_index;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

define_index! {
    /// A variable of a function.
    #[derive(Serialize, Deserialize)]
    pub struct VarId = "v";
    /// A static handler of a function.
    #[derive(Serialize, Deserialize)]
    pub struct LabelId = "L";
}

/// What a register holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum Type {
    /// A proper OCaml value: a collector's root while live across a safepoint.
    Val,
    /// An integer, code address or other word that is no root.
    Int,
    /// A double.
    Float,
    /// Nothing useful: the expression is evaluated for its effect (yields no operand).
    Void,
}

/// Place in the source with inlining: innermost first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DebugInfo {
    pub loc: Location,
    /// `Module.f`, as backtraces print it.
    pub scope: Option<Rc<str>>,
    /// The call into which this was inlined.
    pub next: Option<Rc<DebugInfo>>,
}

/// Debug information of an operation, if any.
pub type Debug = Option<Rc<DebugInfo>>;

/// Width and interpretation of a memory access.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum Chunk {
    ByteUnsigned,
    ByteSigned,
    SixteenUnsigned,
    SixteenSigned,
    ThirtytwoUnsigned,
    ThirtytwoSigned,
    /// A word that is not a value.
    WordInt,
    /// A word that is a value.
    WordVal,
    /// A 32-bit float, converted from and to a double.
    Single,
    Double,
    /// A 16-bit float, converted from and to a double.
    Half,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum IntCompare {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    ULt,
    UGt,
    ULe,
    UGe,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum FloatCompare {
    Eq,
    Neq,
    Lt,
    Nlt,
    Gt,
    Ngt,
    Le,
    Nle,
    Ge,
    Nge,
}

/// How a value reaches the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum RaiseKind {
    Regular,
    Reraise,
    Notrace,
}

/// A call's target.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Callee {
    /// A function by symbol, of this or another unit, OCaml convention; its signature.
    Direct(Symbol, Signature),
    /// A code address (first argument of the operation), OCaml convention; the signature covers
    /// the other arguments.
    Indirect(Signature),
}

/// Parameters and result of a function with the OCaml convention.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub struct Signature {
    pub params: Rc<[Type]>,
    pub result: Type,
}

/// A C function.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ExtCall {
    pub name: Name,
    pub params: Rc<[Type]>,
    pub result: Type,
    /// Integers narrower than a word that the C ABI passes: 32 for `int32_t` unboxed results that
    /// must be sign-extended; 64 otherwise.
    pub result_bits: u8,
    /// It may collect, or call back into OCaml: goes through `caml_c_call`, a safepoint.
    pub alloc: bool,
    /// It may raise: the result is tested (implies `alloc`).
    pub raises: bool,
    /// It is pure with respect to OCaml memory and may be moved or removed.
    pub pure_: bool,
    /// It uses little stack and may be called without switching to the system stack.
    pub leaf: bool,
}

/// A symbol of the object file.
pub type Symbol = Name;

/// A machine operation. Operands are evaluated right to left, as OCaml programs expect.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Op {
    /// Function call; raises.
    Apply(Callee),
    /// Call of a C function.
    ExtCall(Rc<ExtCall>),
    /// `base + offset`: operands are base, and optionally a byte index (Int).
    /// With one operand the address is `base + offset`; with two `base + index + offset`.
    Load {
        chunk: Chunk,
        mutable: bool,
        offset: i32,
        atomic: bool,
    },
    /// Operands: base, [index], value. A plain store (initialisation or no pointer).
    Store {
        chunk: Chunk,
        offset: i32,
        atomic: bool,
    },
    /// Allocation of one block: header word, then the fields as operands (all of them).
    /// The backend combines allocations of a straight line of code.
    Alloc {
        header: u64,
        kind: AllocKind,
    },
    Addi,
    Subi,
    Muli,
    /// High word of the signed product.
    Mulhi,
    /// Signed division; the operands were checked (no zero; min_int / -1 gives min_int).
    Divi,
    Modi,
    Andi,
    Ori,
    Xori,
    Lsli,
    Lsri,
    Asri,
    /// Count of leading / trailing zeros, population count.
    Clz,
    Ctz,
    Popcnt,
    /// Byte swap of 16, 32 or 64 bits.
    Bswap(u8),
    /// Sign extension of the low 8, 16 or 32 bits.
    SignExtend(u8),
    /// Zero extension of the low 8, 16 or 32 bits.
    ZeroExtend(u8),
    CmpI(IntCompare),
    /// Selection without branching: condition (Int), if true, if false.
    Select(Type),
    Negf,
    Absf,
    Addf,
    Subf,
    Mulf,
    Divf,
    Sqrtf,
    Floorf,
    Ceilf,
    Truncf,
    /// Fused multiply-add.
    Fmaf,
    CmpF(FloatCompare),
    /// Int → Float.
    FloatOfInt,
    /// Float → Int, truncating; out of range is unspecified but does not trap.
    IntOfFloat,
    /// Bit casts.
    BitsOfFloat,
    FloatOfBits,
    /// Makes an Int operand a Val: asserts that it is one.
    IntAsVal,
    /// Reads the bits of a Val as an Int.
    ValAsInt,
    /// Raises the exception (one operand, Val).
    Raise(RaiseKind),
    /// A safepoint that lets the collector and signals in.
    Poll,
    /// Keeps the operand alive and opaque.
    Opaque,
    /// Sequentially consistent read-modify-writes. Operands: base, byte offset, …
    /// Exchange, compare-and-set and add on a word that is no pointer; pointers go through the runtime.
    AtomicFetchAdd,
    AtomicExchangeInt,
    AtomicCasInt,
    /// Word `n` of the domain state.
    DomainState(u16),
    /// Continuation primitives: perform(eff); reperform(eff, k, last); resume(stack, f, x, last);
    /// runstack(stack, f, x). They are calls: safepoints that may raise.
    Perform,
    Reperform,
    Resume,
    RunStack,
}

/// What a block holds, for the initialising stores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum AllocKind {
    /// Fields are `Val` or `Int` words.
    Words,
    /// Fields are doubles (boxed float, float array).
    Floats,
}

/// A constant of an expression.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Const {
    /// A machine word (already tagged if it is an OCaml int). Type Int; usable as Val when odd.
    Int(i64),
    Float(u64),
    /// Address of a symbol; a Val if the symbol is a static value, an Int if code.
    Symbol(Symbol, Type),
}

/// An expression.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Expr {
    Const(Const),
    Var(VarId),
    /// Binds a variable.
    Let(VarId, Type, Box<Expr>, Box<Expr>),
    /// Binds a variable that [`Expr::Assign`] changes.
    LetMut(VarId, Type, Box<Expr>, Box<Expr>),
    Assign(VarId, Box<Expr>),
    /// Tuples are only used for multiple results of nothing: evaluates all, yields nothing.
    Void,
    Op(Op, Vec<Expr>, Debug),
    Sequence(Box<Expr>, Box<Expr>),
    /// Condition (Int, zero is false), then, else.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Scrutinee (Int), then for each of `0..n` an index into the cases; the scrutinee is in
    /// range.
    Switch(Box<Expr>, Vec<u32>, Vec<Expr>),
    /// Body and its handlers; recursive ones are loops.
    Catch {
        recursive: bool,
        handlers: Vec<Handler>,
        body: Box<Expr>,
    },
    /// Jumps to a handler.
    Exit(LabelId, Vec<Expr>),
    /// Body, exception variable (Val), handler.
    TryWith(Box<Expr>, VarId, Box<Expr>),
}

impl Expr {
    /// The expressions that it consists of, as they are written.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
            Expr::Const(_) | Expr::Var(_) | Expr::Void => {}
            Expr::Let(_, _, a, b) | Expr::LetMut(_, _, a, b) | Expr::Sequence(a, b) | Expr::TryWith(a, _, b) => {
                visit(a);
                visit(b);
            }
            Expr::Assign(_, value) => visit(value),
            Expr::Op(_, operands, _) | Expr::Exit(_, operands) => operands.iter_mut().for_each(visit),
            Expr::If(a, b, c) => [a, b, c].into_iter().for_each(|e| visit(e)),
            Expr::Switch(scrutinee, _, cases) => {
                visit(scrutinee);
                cases.iter_mut().for_each(visit);
            }
            Expr::Catch { handlers, body, .. } => {
                visit(body);
                handlers.iter_mut().for_each(|handler| visit(&mut handler.body));
            }
        }
    }
}

/// A static handler: `label(params) -> body`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Handler {
    pub label: LabelId,
    pub params: Vec<(VarId, Type)>,
    pub body: Expr,
    /// Seldom reached: laid out after the rest.
    pub cold: bool,
}

/// A function with the OCaml convention.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Function {
    pub symbol: Symbol,
    pub params: Vec<(VarId, Type)>,
    pub result: Type,
    pub body: Expr,
    /// Names of variables, where the source has one, for dumps and debuggers.
    pub debug: Debug,
    /// Variables used: ids are below this.
    pub num_vars: u32,
    pub num_labels: u32,
    pub exported: bool,
}

/// An item of a data definition.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum DataItem {
    /// Defines a symbol here, visible to other units.
    GlobalSymbol(Symbol),
    /// Defines a symbol here, local to the unit.
    LocalSymbol(Symbol),
    Word(u64),
    /// Address of a symbol, plus an offset in bytes.
    SymbolAddress(Symbol, i64),
    Double(u64),
    Byte(u8),
    Bytes(Rc<[u8]>),
    Skip(u32),
    Align(u32),
}

/// A compiled unit, ready for a backend.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Unit {
    /// `Stdlib__List`.
    pub name: Name,
    pub functions: Vec<Function>,
    /// Each a run of items laid out without a gap. All are writable, initialised data.
    pub data: Vec<Vec<DataItem>>,
    /// Symbols of static blocks that may point to the heap.
    pub gc_roots: Vec<Symbol>,
    /// The unit initialiser: `() -> Val`.
    pub entry: Symbol,
    /// `caml_applyN`, `caml_curryN`, `caml_tuplifyN` that it calls or refers to, for the startup object.
    pub apply_arities: Vec<u32>,
    pub curry_arities: Vec<u32>,
    pub tuplify_arities: Vec<u32>,
}
