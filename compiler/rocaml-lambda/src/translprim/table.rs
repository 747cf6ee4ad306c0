//! The primitives of the language by name: the table of upstream's `Translprim`.

use crate::lambda::*;
use rocaml_types::primitive::{BoxedInteger, PrimitiveDescription};
use std::rc::Rc;

/// What a `%name` means.
#[derive(Clone, Debug)]
pub(crate) enum Prim {
    /// A primitive of Lambda and its arity.
    Primitive(Primitive, usize),
    /// A C function.
    External(Rc<PrimitiveDescription>),
    /// `Sys.argv`: a C function of no meaningful argument.
    SysArgv,
    Comparison(ComparisonOp, ComparisonKind),
    Raise(RaiseKind),
    RaiseWithBacktrace,
    LazyForce,
    Loc(LocKind),
    Send,
    SendSelf,
    SendCache,
    FramePointers,
    Identity,
    Apply,
    Revapply,
    Atomic(AtomicOp, AtomicKind),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ComparisonOp {
    Equal,
    NotEqual,
    LessEqual,
    LessThan,
    GreaterEqual,
    GreaterThan,
    Compare,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ComparisonKind {
    Generic,
    Ints,
    Floats,
    Strings,
    Bytes,
    Boxed(BoxedInteger),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LocKind {
    File,
    Line,
    Module,
    Loc,
    Pos,
    Function,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AtomicOp {
    Load,
    Exchange,
    Cas,
    FetchAdd,
}

/// What an atomic operation is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AtomicKind {
    /// A reference: field 0.
    Ref,
    /// A block and a field's index.
    Field,
    /// Both, as a pair.
    Loc,
}

impl AtomicOp {
    pub fn arity(self, kind: AtomicKind) -> usize {
        let operands = match self {
            AtomicOp::Load => 1,
            AtomicOp::Exchange | AtomicOp::FetchAdd => 2,
            AtomicOp::Cas => 3,
        };
        operands + usize::from(kind == AtomicKind::Field)
    }
}

/// The meaning of a name that begins with `%`; accesses are checked unless `unchecked`.
pub(crate) fn lookup(name: &str, unchecked: bool, flat_float_array: bool) -> Option<Prim> {
    use Primitive as P;
    let gen_array = if flat_float_array { ArrayKind::Generic } else { ArrayKind::Addr };
    let safe = if unchecked { Safety::Unsafe } else { Safety::Safe };
    let info = FieldInfo { mutability: Mutability::Mutable, pointerness: Pointerness::Pointer };
    let set = |n| P::SetField(n, Pointerness::Pointer, Initialization::Assignment);
    let (primitive, arity) = match name {
        "%identity" => return Some(Prim::Identity),
        "%apply" => return Some(Prim::Apply),
        "%revapply" => return Some(Prim::Revapply),
        "%loc_LOC" => return Some(Prim::Loc(LocKind::Loc)),
        "%loc_FILE" => return Some(Prim::Loc(LocKind::File)),
        "%loc_LINE" => return Some(Prim::Loc(LocKind::Line)),
        "%loc_POS" => return Some(Prim::Loc(LocKind::Pos)),
        "%loc_MODULE" => return Some(Prim::Loc(LocKind::Module)),
        "%loc_FUNCTION" => return Some(Prim::Loc(LocKind::Function)),
        "%raise" => return Some(Prim::Raise(RaiseKind::Regular)),
        "%reraise" => return Some(Prim::Raise(RaiseKind::Reraise)),
        "%raise_notrace" => return Some(Prim::Raise(RaiseKind::Notrace)),
        "%raise_with_backtrace" => return Some(Prim::RaiseWithBacktrace),
        "%frame_pointers" => return Some(Prim::FramePointers),
        "%lazy_force" => return Some(Prim::LazyForce),
        "%send" => return Some(Prim::Send),
        "%sendself" => return Some(Prim::SendSelf),
        "%sendcache" => return Some(Prim::SendCache),
        "%sys_argv" => return Some(Prim::SysArgv),
        "%equal" => return Some(Prim::Comparison(ComparisonOp::Equal, ComparisonKind::Generic)),
        "%notequal" => return Some(Prim::Comparison(ComparisonOp::NotEqual, ComparisonKind::Generic)),
        "%lessequal" => return Some(Prim::Comparison(ComparisonOp::LessEqual, ComparisonKind::Generic)),
        "%lessthan" => return Some(Prim::Comparison(ComparisonOp::LessThan, ComparisonKind::Generic)),
        "%greaterequal" => return Some(Prim::Comparison(ComparisonOp::GreaterEqual, ComparisonKind::Generic)),
        "%greaterthan" => return Some(Prim::Comparison(ComparisonOp::GreaterThan, ComparisonKind::Generic)),
        "%compare" => return Some(Prim::Comparison(ComparisonOp::Compare, ComparisonKind::Generic)),

        "%bytes_to_string" => (P::BytesToString, 1),
        "%bytes_of_string" => (P::BytesOfString, 1),
        "%ignore" => (P::Ignore, 1),
        "%opaque" => (P::Opaque, 1),
        "%field0" => (P::Field(0, info), 1),
        "%field1" => (P::Field(1, info), 1),
        "%setfield0" => (set(0), 2),
        "%setfield1" => (set(1), 2),
        "%makeblock" => (P::MakeBlock(0, Mutability::Immutable, None), 1),
        "%makemutable" => (P::MakeBlock(0, Mutability::Mutable, None), 1),
        "%sequand" => (P::SequAnd, 2),
        "%sequor" => (P::SequOr, 2),
        "%boolnot" => (P::Not, 1),
        "%big_endian" => (P::CompileTime(CompileTimeConstant::BigEndian), 1),
        "%backend_type" => (P::CompileTime(CompileTimeConstant::BackendType), 1),
        "%word_size" => (P::CompileTime(CompileTimeConstant::WordSize), 1),
        "%int_size" => (P::CompileTime(CompileTimeConstant::IntSize), 1),
        "%max_wosize" => (P::CompileTime(CompileTimeConstant::MaxWosize), 1),
        "%ostype_unix" => (P::CompileTime(CompileTimeConstant::OstypeUnix), 1),
        "%ostype_win32" => (P::CompileTime(CompileTimeConstant::OstypeWin32), 1),
        "%ostype_cygwin" => (P::CompileTime(CompileTimeConstant::OstypeCygwin), 1),

        "%negint" => (P::NegInt, 1),
        "%succint" => (P::OffsetInt(1), 1),
        "%predint" => (P::OffsetInt(-1), 1),
        "%addint" => (P::AddInt, 2),
        "%subint" => (P::SubInt, 2),
        "%mulint" => (P::MulInt, 2),
        "%divint" => (P::DivInt(Safety::Safe), 2),
        "%modint" => (P::ModInt(Safety::Safe), 2),
        "%andint" => (P::AndInt, 2),
        "%orint" => (P::OrInt, 2),
        "%xorint" => (P::XorInt, 2),
        "%lslint" => (P::LslInt, 2),
        "%lsrint" => (P::LsrInt, 2),
        "%asrint" => (P::AsrInt, 2),
        "%eq" => (P::IntComp(Comparison::Eq), 2),
        "%noteq" => (P::IntComp(Comparison::Ne), 2),
        "%ltint" => (P::IntComp(Comparison::Lt), 2),
        "%leint" => (P::IntComp(Comparison::Le), 2),
        "%gtint" => (P::IntComp(Comparison::Gt), 2),
        "%geint" => (P::IntComp(Comparison::Ge), 2),
        "%incr" => (P::OffsetRef(1), 1),
        "%decr" => (P::OffsetRef(-1), 1),

        "%intoffloat" => (P::IntOfFloat, 1),
        "%floatofint" => (P::FloatOfInt, 1),
        "%negfloat" => (P::NegFloat, 1),
        "%absfloat" => (P::AbsFloat, 1),
        "%addfloat" => (P::AddFloat, 2),
        "%subfloat" => (P::SubFloat, 2),
        "%mulfloat" => (P::MulFloat, 2),
        "%divfloat" => (P::DivFloat, 2),
        "%eqfloat" => (P::FloatComp(FloatComparison::Eq), 2),
        "%noteqfloat" => (P::FloatComp(FloatComparison::Neq), 2),
        "%ltfloat" => (P::FloatComp(FloatComparison::Lt), 2),
        "%lefloat" => (P::FloatComp(FloatComparison::Le), 2),
        "%gtfloat" => (P::FloatComp(FloatComparison::Gt), 2),
        "%gefloat" => (P::FloatComp(FloatComparison::Ge), 2),

        "%string_length" => (P::StringLength, 1),
        "%string_safe_get" => (P::StringRef(safe), 2),
        "%string_unsafe_get" => (P::StringRef(Safety::Unsafe), 2),
        "%string_safe_set" | "%bytes_safe_set" => (P::BytesSet(safe), 3),
        "%string_unsafe_set" | "%bytes_unsafe_set" => (P::BytesSet(Safety::Unsafe), 3),
        "%bytes_length" => (P::BytesLength, 1),
        "%bytes_safe_get" => (P::BytesRef(safe), 2),
        "%bytes_unsafe_get" => (P::BytesRef(Safety::Unsafe), 2),

        "%array_length" | "%obj_size" => (P::ArrayLength(gen_array), 1),
        "%array_safe_get" => (P::ArrayRef(gen_array, safe), 2),
        "%array_safe_set" => (P::ArraySet(gen_array, safe), 3),
        "%array_unsafe_get" | "%obj_field" => (P::ArrayRef(gen_array, Safety::Unsafe), 2),
        "%array_unsafe_set" | "%obj_set_field" => (P::ArraySet(gen_array, Safety::Unsafe), 3),
        "%floatarray_length" => (P::ArrayLength(ArrayKind::Float), 1),
        "%floatarray_safe_get" => (P::ArrayRef(ArrayKind::Float, safe), 2),
        "%floatarray_safe_set" => (P::ArraySet(ArrayKind::Float, safe), 3),
        "%floatarray_unsafe_get" => (P::ArrayRef(ArrayKind::Float, Safety::Unsafe), 2),
        "%floatarray_unsafe_set" => (P::ArraySet(ArrayKind::Float, Safety::Unsafe), 3),
        "%obj_is_int" => (P::IsInt, 1),

        "%nativeint_of_int32" => (P::CvtBint(BoxedInteger::Int32, BoxedInteger::Nativeint), 1),
        "%nativeint_to_int32" => (P::CvtBint(BoxedInteger::Nativeint, BoxedInteger::Int32), 1),
        "%int64_of_int32" => (P::CvtBint(BoxedInteger::Int32, BoxedInteger::Int64), 1),
        "%int64_to_int32" => (P::CvtBint(BoxedInteger::Int64, BoxedInteger::Int32), 1),
        "%int64_of_nativeint" => (P::CvtBint(BoxedInteger::Nativeint, BoxedInteger::Int64), 1),
        "%int64_to_nativeint" => (P::CvtBint(BoxedInteger::Int64, BoxedInteger::Nativeint), 1),
        "%bswap16" => (P::Bswap16, 1),
        "%bswap_int32" => (P::BswapBint(BoxedInteger::Int32), 1),
        "%bswap_int64" => (P::BswapBint(BoxedInteger::Int64), 1),
        "%bswap_native" => (P::BswapBint(BoxedInteger::Nativeint), 1),
        "%int_as_pointer" => (P::IntAsPointer, 1),

        "%caml_ba_dim_1" => (P::BigarrayDim(1), 1),
        "%caml_ba_dim_2" => (P::BigarrayDim(2), 1),
        "%caml_ba_dim_3" => (P::BigarrayDim(3), 1),

        "%runstack" => (P::RunStack, 3),
        "%reperform" => (P::Reperform, 3),
        "%perform" => (P::Perform, 1),
        "%resume" => (P::Resume, 4),
        "%dls_get" => (P::DlsGet, 1),
        "%poll" => (P::Poll, 1),
        _ => return by_family(name, safe),
    };
    Some(Prim::Primitive(primitive, arity))
}

/// Names made of a family, a variant and a width.
fn by_family(name: &str, safe: Safety) -> Option<Prim> {
    let families =
        [("%int32_", BoxedInteger::Int32), ("%int64_", BoxedInteger::Int64), ("%nativeint_", BoxedInteger::Nativeint)];
    for (prefix, kind) in families {
        if let Some(operation) = name.strip_prefix(prefix) {
            return boxed_integer(operation, kind);
        }
    }
    if let Some(rest) = name.strip_prefix("%atomic_") {
        return atomic(rest);
    }
    if let Some(rest) = name.strip_prefix("%caml_ba_") {
        return bigarray(rest, safe);
    }
    let (unchecked, rest) = match name.strip_suffix('u') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let safety = if unchecked { Safety::Unsafe } else { safe };
    let width = |text: &str| match text {
        "16" => Some(16),
        "32" => Some(32),
        "64" => Some(64),
        _ => None,
    };
    let (primitive, arity) = if let Some(text) = rest.strip_prefix("%caml_string_get") {
        (Primitive::StringLoad(width(text)?, safety), 2)
    } else if let Some(text) = rest.strip_prefix("%caml_bytes_get") {
        (Primitive::BytesLoad(width(text)?, safety), 2)
    } else if let Some(text) = rest.strip_prefix("%caml_string_set").or_else(|| rest.strip_prefix("%caml_bytes_set")) {
        (Primitive::BytesStore(width(text)?, safety), 3)
    } else if let Some(text) = rest.strip_prefix("%caml_bigstring_get") {
        (Primitive::BigarrayLoad(width(text)?, safety), 2)
    } else if let Some(text) = rest.strip_prefix("%caml_bigstring_set") {
        (Primitive::BigarrayStore(width(text)?, safety), 3)
    } else {
        return None;
    };
    Some(Prim::Primitive(primitive, arity))
}

fn boxed_integer(operation: &str, kind: BoxedInteger) -> Option<Prim> {
    use Primitive as P;
    let (primitive, arity) = match operation {
        "of_int" => (P::BintOfInt(kind), 1),
        "to_int" => (P::IntOfBint(kind), 1),
        "neg" => (P::NegBint(kind), 1),
        "add" => (P::AddBint(kind), 2),
        "sub" => (P::SubBint(kind), 2),
        "mul" => (P::MulBint(kind), 2),
        "div" => (P::DivBint(kind, Safety::Safe), 2),
        "mod" => (P::ModBint(kind, Safety::Safe), 2),
        "and" => (P::AndBint(kind), 2),
        "or" => (P::OrBint(kind), 2),
        "xor" => (P::XorBint(kind), 2),
        "lsl" => (P::LslBint(kind), 2),
        "lsr" => (P::LsrBint(kind), 2),
        "asr" => (P::AsrBint(kind), 2),
        _ => return None,
    };
    Some(Prim::Primitive(primitive, arity))
}

fn atomic(rest: &str) -> Option<Prim> {
    let (operation, kind) = if let Some(operation) = rest.strip_suffix("_field") {
        (operation, AtomicKind::Field)
    } else if let Some(operation) = rest.strip_suffix("_loc") {
        (operation, AtomicKind::Loc)
    } else {
        (rest, AtomicKind::Ref)
    };
    let operation = match operation {
        "load" => AtomicOp::Load,
        "exchange" => AtomicOp::Exchange,
        "cas" => AtomicOp::Cas,
        "fetch_add" => AtomicOp::FetchAdd,
        _ => return None,
    };
    Some(Prim::Atomic(operation, kind))
}

fn bigarray(rest: &str, safe: Safety) -> Option<Prim> {
    let (safety, rest) = match rest.strip_prefix("unsafe_") {
        Some(rest) => (Safety::Unsafe, rest),
        None => (safe, rest),
    };
    let (operation, dimensions) = rest.split_once('_')?;
    let dimensions: u8 = match dimensions {
        "1" => 1,
        "2" => 2,
        "3" => 3,
        _ => return None,
    };
    let (kind, layout) = (BigarrayKind::Unknown, BigarrayLayout::Unknown);
    let indices = usize::from(dimensions);
    let (primitive, arity) = match operation {
        "ref" => (Primitive::BigarrayRef(safety, dimensions, kind, layout), indices + 1),
        "set" => (Primitive::BigarraySet(safety, dimensions, kind, layout), indices + 2),
        _ => return None,
    };
    Some(Prim::Primitive(primitive, arity))
}
