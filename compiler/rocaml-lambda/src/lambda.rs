//! The Lambda language: upstream's `Lambda`.
//!
//! Untyped, call by value, with explicit primitives. Names follow upstream without prefixes
//! (`Lapply` is [`Lambda::Apply`], `Pfield` is [`Primitive::Field`]).
//!
//! # Invariants (checked by `verify`)
//! - Every variable is bound before use, and bound once in a unit.
//! - [`Lambda::Assign`] only assigns variables bound by [`Lambda::MutLet`], which never occur
//!   within a function other than the one that binds them.
//! - A [`Lambda::StaticRaise`] has as many arguments as its handler has variables, and is in the
//!   same function as its [`Lambda::StaticCatch`], within the body.

use rocaml_base::{Location, Name};
use rocaml_index::define_index;
use rocaml_syntax::asttypes::DirectionFlag;
use rocaml_types::Ident;
use rocaml_types::primitive::{BoxedInteger, PrimitiveDescription};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::sync::Arc;

define_index! {
    /// A static handler.
    pub struct StaticLabel = "exit";
}

/// A constant that needs no evaluation: upstream's `structured_constant`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StructuredConstant {
    /// An `int`, `char` or constant constructor.
    Int(i64),
    Float(f64),
    /// A string; shared, immutable.
    String(Arc<[u8]>),
    Int32(i32),
    Int64(i64),
    Nativeint(i64),
    /// A block: tag and fields.
    Block(u8, Rc<[StructuredConstant]>),
    /// A float array or record of floats.
    FloatBlock(Rc<[f64]>),
}

/// What is known of the representation of a value: upstream's `value_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ValueKind {
    Generic,
    Float,
    BoxedInteger(BoxedInteger),
    /// An immediate.
    Int,
}

/// What is known of an array's elements: upstream's `array_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ArrayKind {
    /// Floats, or anything: decided by the tag at run time.
    Generic,
    /// Pointers or immediates, not floats.
    Addr,
    Int,
    Float,
}

/// Shape of a block's fields, when known.
pub type BlockShape = Option<Rc<[ValueKind]>>;

/// Mutability of what is allocated or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mutability {
    Immutable,
    Mutable,
}

/// What a store needs of the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pointerness {
    /// Never a pointer: a plain store.
    Immediate,
    /// Perhaps a pointer.
    Pointer,
}

/// How a field is initialised or assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Initialization {
    Assignment,
    /// Of a block in the heap that is not yet visible.
    HeapInitialization,
    /// Of a static block: the module block.
    RootInitialization,
}

/// Where a field is read: its mutability and whether the block is a tuple-like block (false) or
/// an array-like one. Alias analysis and typed structs need both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldInfo {
    pub mutability: Mutability,
    pub pointerness: Pointerness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
}

/// Whether an operation checks its operands (division by zero, bounds).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Safety {
    Safe,
    Unsafe,
}

/// Kinds of bigarray elements: upstream's `bigarray_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BigarrayKind {
    Unknown,
    Float16,
    Float32,
    Float64,
    Sint8,
    Uint8,
    Sint16,
    Uint16,
    Int32,
    Int64,
    /// `int`
    CamlInt,
    NativeInt,
    Complex32,
    Complex64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BigarrayLayout {
    Unknown,
    C,
    Fortran,
}

/// How an exception is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RaiseKind {
    Regular,
    Reraise,
    Notrace,
}

/// Constants of the target, known when code is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CompileTimeConstant {
    BigEndian,
    WordSize,
    IntSize,
    MaxWosize,
    OstypeUnix,
    OstypeWin32,
    OstypeCygwin,
    BackendType,
}

/// A primitive operation. Integers are OCaml `int`s (63 bits, tagged outside of the middle end)
/// unless a [`BoxedInteger`] is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Primitive {
    Identity,
    Ignore,
    Revapply,
    Dirapply,
    /// The module block of a unit.
    GetGlobal(Name),
    /// Field of the module block of the unit being compiled, by position: the value and its store.
    SetGlobalField(usize),
    GetGlobalField(Name, usize),
    /// A predefined exception.
    GetPredef(Name),
    // Blocks
    MakeBlock(u8, Mutability, BlockShape),
    Field(usize, FieldInfo),
    FieldComputed,
    SetField(usize, Pointerness, Initialization),
    SetFieldComputed(Pointerness, Initialization),
    FloatField(usize),
    SetFloatField(usize, Initialization),
    DupRecord(RecordDup, usize),
    MakeLazy,
    // Effects
    RunStack,
    Perform,
    Resume,
    Reperform,
    // C calls
    CCall(Rc<PrimitiveDescription>),
    // Exceptions
    Raise(RaiseKind),
    // Booleans
    SequAnd,
    SequOr,
    Not,
    // Integers
    NegInt,
    AddInt,
    SubInt,
    MulInt,
    DivInt(Safety),
    ModInt(Safety),
    AndInt,
    OrInt,
    XorInt,
    LslInt,
    LsrInt,
    AsrInt,
    IntComp(Comparison),
    /// `compare` specialised: -1, 0 or 1.
    CompareInts,
    CompareFloats,
    CompareBints(BoxedInteger),
    OffsetInt(i64),
    /// `r := !r + n` on a reference.
    OffsetRef(i64),
    // Floats
    IntOfFloat,
    FloatOfInt,
    NegFloat,
    AbsFloat,
    AddFloat,
    SubFloat,
    MulFloat,
    DivFloat,
    /// `sqrt`, inline on every target.
    SqrtFloat,
    FloatComp(FloatComparison),
    // Strings and bytes
    StringLength,
    StringRef(Safety),
    BytesLength,
    BytesRef(Safety),
    BytesSet(Safety),
    BytesToString,
    BytesOfString,
    /// Loads and stores of 2, 4 or 8 bytes; (width in bits, safety). The result of 16 bits is an
    /// `int`, of 32 an `int32`, of 64 an `int64`.
    StringLoad(u8, Safety),
    BytesLoad(u8, Safety),
    BytesStore(u8, Safety),
    // Arrays
    MakeArray(ArrayKind, Mutability),
    DupArray(ArrayKind, Mutability),
    ArrayLength(ArrayKind),
    ArrayRef(ArrayKind, Safety),
    ArraySet(ArrayKind, Safety),
    /// Whether a value is immediate.
    IsInt,
    /// Whether an index is out of `0..n`: operands n and index, unsigned comparison.
    IsOut,
    // Boxed integers
    BintOfInt(BoxedInteger),
    IntOfBint(BoxedInteger),
    CvtBint(BoxedInteger, BoxedInteger),
    NegBint(BoxedInteger),
    AddBint(BoxedInteger),
    SubBint(BoxedInteger),
    MulBint(BoxedInteger),
    DivBint(BoxedInteger, Safety),
    ModBint(BoxedInteger, Safety),
    AndBint(BoxedInteger),
    OrBint(BoxedInteger),
    XorBint(BoxedInteger),
    LslBint(BoxedInteger),
    LsrBint(BoxedInteger),
    AsrBint(BoxedInteger),
    BintComp(BoxedInteger, Comparison),
    /// Unboxed access to the bits of a float.
    Int64BitsOfFloat,
    FloatOfInt64Bits,
    Bswap16,
    BswapBint(BoxedInteger),
    // Bigarrays
    BigarrayRef(Safety, u8, BigarrayKind, BigarrayLayout),
    BigarraySet(Safety, u8, BigarrayKind, BigarrayLayout),
    BigarrayDim(u8),
    BigarrayLoad(u8, Safety),
    BigarrayStore(u8, Safety),
    CompileTime(CompileTimeConstant),
    IntAsPointer,
    /// Keeps a value from being optimised: `Sys.opaque_identity`.
    Opaque,
    // Atomics: operands are the block, the field's index, then the values.
    AtomicLoad,
    AtomicExchange,
    AtomicCas,
    AtomicFetchAdd,
    DlsGet,
    Poll,
}

/// How a record is copied by `{ r with … }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RecordDup {
    /// A block with this tag.
    Block(u8),
    Float,
    /// An extension constructor's inline record.
    Extension,
}

/// Comparisons of floats; negated forms differ on nan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FloatComparison {
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

/// `[@inline]` on a definition or `[@inlined]` on a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum InlineAttribute {
    #[default]
    Default,
    Always,
    Never,
    Hint,
    Unroll(u32),
}

/// `[@specialise]`, `[@local]`, `[@poll error]`, `[@tail_mod_cons]`, `[@tailcall]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum LocalAttribute {
    #[default]
    Default,
    Always,
    Never,
}

/// `[@tailcall]` on a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TailcallAttribute {
    #[default]
    Default,
    /// `[@tailcall true]`: warn when it is not one.
    Expect(bool),
}

/// How a function takes its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    Curried,
    /// Applied to one tuple, whose components are the parameters.
    Tupled,
}

/// Attributes of a function: upstream's `function_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FunctionAttribute {
    pub inline: InlineAttribute,
    pub local: LocalAttribute,
    /// It is a functor: worth inlining where it is applied.
    pub is_a_functor: bool,
    pub stub: bool,
    pub tmc_candidate: bool,
    pub poll_error: bool,
}

/// A place with the names of the functions around it, for backtraces and debug information:
/// upstream's `scoped_location`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopedLocation {
    pub loc: Location,
    /// `Module.f.(fun)`, as backtraces print it.
    pub scopes: Option<Rc<str>>,
}

/// How a let-bound variable may be used: upstream's `let_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetKind {
    /// Evaluate here.
    Strict,
    /// Pure, may be substituted where it is used.
    Alias,
    /// Evaluate here, unless it is not used.
    StrictOpt,
}

/// An expression.
#[derive(Clone, Debug)]
pub enum Lambda {
    Var(Ident),
    /// A variable bound by [`Lambda::MutLet`].
    MutVar(Ident),
    Const(StructuredConstant),
    Apply(Box<Apply>),
    Function(Box<Function>),
    Let(LetKind, ValueKind, Ident, Box<Lambda>, Box<Lambda>),
    MutLet(ValueKind, Ident, Box<Lambda>, Box<Lambda>),
    /// Recursive definitions of functions only; other recursive values were compiled to
    /// allocation followed by update.
    LetRec(Vec<RecBinding>, Box<Lambda>),
    Prim(Primitive, Vec<Lambda>, ScopedLocation),
    Switch(Box<Lambda>, Box<Switch>, ScopedLocation),
    /// On the contents of a string; the default, if any.
    StringSwitch(Box<Lambda>, Vec<(Arc<[u8]>, Lambda)>, Option<Box<Lambda>>, ScopedLocation),
    StaticRaise(StaticLabel, Vec<Lambda>),
    /// Body, handler's label and variables, handler.
    StaticCatch(Box<Lambda>, (StaticLabel, Vec<(Ident, ValueKind)>), Box<Lambda>),
    /// Body, exception variable, handler.
    TryWith(Box<Lambda>, Ident, Box<Lambda>),
    IfThenElse(Box<Lambda>, Box<Lambda>, Box<Lambda>),
    Sequence(Box<Lambda>, Box<Lambda>),
    While(Box<Lambda>, Box<Lambda>),
    For(Ident, Box<Lambda>, Box<Lambda>, DirectionFlag, Box<Lambda>),
    Assign(Ident, Box<Lambda>),
    /// Method call: kind, label or method index, object, arguments.
    Send(MethodKind, Box<Lambda>, Box<Lambda>, Vec<Lambda>, ScopedLocation),
}

/// A function of a recursive definition.
#[derive(Clone, Debug)]
pub struct RecBinding {
    pub id: Ident,
    pub def: Function,
}

/// How a method is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MethodKind {
    Self_,
    Public,
    Cached,
}

/// An application.
#[derive(Clone, Debug)]
pub struct Apply {
    pub func: Lambda,
    pub args: Vec<Lambda>,
    pub loc: ScopedLocation,
    pub tailcall: TailcallAttribute,
    pub inlined: InlineAttribute,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    pub kind: FunctionKind,
    pub params: Vec<(Ident, ValueKind)>,
    pub return_kind: ValueKind,
    pub body: Lambda,
    pub attr: FunctionAttribute,
    pub loc: ScopedLocation,
}

/// A switch on the constructor of a value.
#[derive(Clone, Debug)]
pub struct Switch {
    /// Number of constant constructors (values 0 to n-1).
    pub num_consts: usize,
    /// Cases for constants.
    pub consts: Vec<(i64, Lambda)>,
    /// Number of tags.
    pub num_blocks: usize,
    /// Cases by tag.
    pub blocks: Vec<(u8, Lambda)>,
    /// What happens otherwise; none if the cases are all there can be.
    pub failaction: Option<Lambda>,
}

/// A compiled implementation: upstream's `program`.
#[derive(Clone, Debug)]
pub struct Program {
    /// The unit's name, `Stdlib__List`.
    pub unit: Name,
    /// Evaluated once; stores every field of the module block by [`Primitive::SetGlobalField`].
    pub code: Lambda,
    /// Number of fields of the module block.
    pub module_block_size: usize,
    /// For each ident of the structure kept in the module block beyond its exported fields,
    /// nothing is needed here: fields `0..exported` are those of the signature, in order.
    pub exported_size: usize,
    /// Units whose initialisation must come before, even if no value of them is used.
    pub required_globals: Vec<Name>,
}

impl Lambda {
    /// `()`.
    pub fn unit() -> Lambda {
        Lambda::Const(StructuredConstant::Int(0))
    }
    /// An integer.
    pub fn int(n: i64) -> Lambda {
        Lambda::Const(StructuredConstant::Int(n))
    }
    /// A primitive application.
    pub fn prim(p: Primitive, args: Vec<Lambda>, loc: ScopedLocation) -> Lambda {
        Lambda::Prim(p, args, loc)
    }
}

impl ScopedLocation {
    /// Nowhere.
    pub fn none() -> ScopedLocation {
        ScopedLocation { loc: Location::none(), scopes: None }
    }
}
