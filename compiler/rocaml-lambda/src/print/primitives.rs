//! Upstream's words for primitives.

use super::Printer;
use crate::lambda::*;
use rocaml_types::primitive::BoxedInteger;

pub(super) fn boxed(kind: BoxedInteger) -> &'static str {
    match kind {
        BoxedInteger::Int32 => "int32",
        BoxedInteger::Int64 => "int64",
        BoxedInteger::Nativeint => "nativeint",
    }
}

fn module(kind: BoxedInteger) -> &'static str {
    match kind {
        BoxedInteger::Int32 => "Int32",
        BoxedInteger::Int64 => "Int64",
        BoxedInteger::Nativeint => "Nativeint",
    }
}

fn array(kind: ArrayKind) -> &'static str {
    match kind {
        ArrayKind::Generic => "gen",
        ArrayKind::Addr => "addr",
        ArrayKind::Int => "int",
        ArrayKind::Float => "float",
    }
}

fn field_kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Generic => "*",
        ValueKind::Int => "int",
        ValueKind::Float => "float",
        ValueKind::BoxedInteger(kind) => boxed(kind),
    }
}

fn shape(shape: &BlockShape) -> String {
    match shape {
        Some(kinds) if kinds.iter().any(|kind| *kind != ValueKind::Generic) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| field_kind(*kind)).collect();
            format!(" ({})", kinds.join(","))
        }
        _ => String::new(),
    }
}

pub(super) fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "==",
        Comparison::Ne => "!=",
        Comparison::Lt => "<",
        Comparison::Gt => ">",
        Comparison::Le => "<=",
        Comparison::Ge => ">=",
    }
}

fn float_comparison(comparison: FloatComparison) -> &'static str {
    match comparison {
        FloatComparison::Eq => "==.",
        FloatComparison::Neq => "!=.",
        FloatComparison::Lt => "<.",
        FloatComparison::Nlt => "!<.",
        FloatComparison::Gt => ">.",
        FloatComparison::Ngt => "!>.",
        FloatComparison::Le => "<=.",
        FloatComparison::Nle => "!<=.",
        FloatComparison::Ge => ">=.",
        FloatComparison::Nge => "!>=.",
    }
}

fn bigarray(name: &str, safety: Safety, kind: BigarrayKind, layout: BigarrayLayout) -> String {
    let kind = match kind {
        BigarrayKind::Unknown => "generic",
        BigarrayKind::Float16 => "float16",
        BigarrayKind::Float32 => "float32",
        BigarrayKind::Float64 => "float64",
        BigarrayKind::Sint8 => "sint8",
        BigarrayKind::Uint8 => "uint8",
        BigarrayKind::Sint16 => "sint16",
        BigarrayKind::Uint16 => "uint16",
        BigarrayKind::Int32 => "int32",
        BigarrayKind::Int64 => "int64",
        BigarrayKind::CamlInt => "camlint",
        BigarrayKind::NativeInt => "nativeint",
        BigarrayKind::Complex32 => "complex32",
        BigarrayKind::Complex64 => "complex64",
    };
    let layout = match layout {
        BigarrayLayout::Unknown => "unknown",
        BigarrayLayout::C => "C",
        BigarrayLayout::Fortran => "Fortran",
    };
    format!("Bigarray.{}{name}[{kind},{layout}]", unsafe_(safety))
}

fn unsafe_(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "",
        Safety::Unsafe => "unsafe_",
    }
}

fn initialization(init: Initialization) -> &'static str {
    match init {
        Initialization::Assignment => "",
        Initialization::HeapInitialization => "(heap-init)",
        Initialization::RootInitialization => "(root-init)",
    }
}

fn stored(pointerness: Pointerness) -> &'static str {
    match pointerness {
        Pointerness::Pointer => "ptr",
        Pointerness::Immediate => "imm",
    }
}

const LAZY_TAG: u8 = 246;
const FORWARD_TAG: u8 = 250;

impl Printer<'_> {
    /// The word, what follows it included.
    pub(super) fn primitive(&mut self, prim: &Primitive) -> String {
        use Primitive as P;
        match prim {
            P::GetGlobal(unit) => format!("global {unit}!"),
            P::GetPredef(name) => format!("global {}!", self.predef(*name)),
            P::MakeBlock(LAZY_TAG, ..) => "makelazyblock".to_owned(),
            P::MakeBlock(FORWARD_TAG, ..) => "makeforwardblock".to_owned(),
            P::MakeBlock(tag, Mutability::Immutable, kinds) => format!("makeblock {tag}{}", shape(kinds)),
            P::MakeBlock(tag, Mutability::Mutable, kinds) => format!("makemutable {tag}{}", shape(kinds)),
            P::Field(n, info) => match (info.pointerness, info.mutability) {
                (Pointerness::Immediate, _) => format!("field_int {n}"),
                (Pointerness::Pointer, Mutability::Mutable) => format!("field_mut {n}"),
                (Pointerness::Pointer, Mutability::Immutable) => format!("field_imm {n}"),
            },
            P::SetField(n, pointerness, init) => {
                format!("setfield_{}{} {n}", stored(*pointerness), initialization(*init))
            }
            P::SetFieldComputed(pointerness, init) => {
                format!("setfield_{}{}_computed", stored(*pointerness), initialization(*init))
            }
            P::FloatField(n) => format!("floatfield {n}"),
            P::SetFloatField(n, init) => format!("setfloatfield{} {n}", initialization(*init)),
            P::DupRecord(dup, size) => match dup {
                RecordDup::Block(0) => format!("duprecord regular {size}"),
                RecordDup::Block(tag) => format!("duprecord inlined({tag}) {size}"),
                RecordDup::Float => format!("duprecord float {size}"),
                RecordDup::Extension => format!("duprecord ext {size}"),
            },
            P::CCall(desc) => desc.name.to_string(),
            P::DivInt(Safety::Unsafe) => "/u".to_owned(),
            P::IntComp(op) => comparison(*op).to_owned(),
            P::CompareBints(kind) => format!("compare_bints {}", boxed(*kind)),
            P::OffsetInt(n) => format!("{n}+"),
            P::OffsetRef(n) => format!("+:={n}"),
            P::FloatComp(op) => float_comparison(*op).to_owned(),
            P::StringRef(safety) => format!("string.{}get", unsafe_(*safety)),
            P::BytesRef(safety) => format!("bytes.{}get", unsafe_(*safety)),
            P::BytesSet(safety) => format!("bytes.{}set", unsafe_(*safety)),
            P::StringLoad(width, safety) => format!("string.{}get{width}", unsafe_(*safety)),
            P::BytesLoad(width, safety) => format!("bytes.{}get{width}", unsafe_(*safety)),
            P::BytesStore(width, safety) => format!("bytes.{}set{width}", unsafe_(*safety)),
            P::BigarrayLoad(width, safety) => format!("bigarray.array1.{}get{width}", unsafe_(*safety)),
            P::BigarrayStore(width, safety) => format!("bigarray.array1.{}set{width}", unsafe_(*safety)),
            P::MakeArray(kind, Mutability::Mutable) => format!("makearray[{}]", array(*kind)),
            P::MakeArray(kind, Mutability::Immutable) => format!("makearray_imm[{}]", array(*kind)),
            P::DupArray(kind, Mutability::Mutable) => format!("duparray[{}]", array(*kind)),
            P::DupArray(kind, Mutability::Immutable) => format!("duparray_imm[{}]", array(*kind)),
            P::ArrayLength(kind) => format!("array.length[{}]", array(*kind)),
            P::ArrayRef(kind, safety) => format!("array.{}get[{}]", unsafe_(*safety), array(*kind)),
            P::ArraySet(kind, safety) => format!("array.{}set[{}]", unsafe_(*safety), array(*kind)),
            P::CvtBint(from, to) => format!("{}_of_{}", boxed(*to), boxed(*from)),
            P::BintOfInt(kind) => format!("{}.of_int", module(*kind)),
            P::IntOfBint(kind) => format!("{}.to_int", module(*kind)),
            P::NegBint(kind) => format!("{}.neg", module(*kind)),
            P::AddBint(kind) => format!("{}.add", module(*kind)),
            P::SubBint(kind) => format!("{}.sub", module(*kind)),
            P::MulBint(kind) => format!("{}.mul", module(*kind)),
            P::DivBint(kind, Safety::Safe) => format!("{}.div", module(*kind)),
            P::DivBint(kind, Safety::Unsafe) => format!("{}.div_unsafe", module(*kind)),
            P::ModBint(kind, Safety::Safe) => format!("{}.mod", module(*kind)),
            P::ModBint(kind, Safety::Unsafe) => format!("{}.mod_unsafe", module(*kind)),
            P::AndBint(kind) => format!("{}.and", module(*kind)),
            P::OrBint(kind) => format!("{}.or", module(*kind)),
            P::XorBint(kind) => format!("{}.xor", module(*kind)),
            P::LslBint(kind) => format!("{}.lsl", module(*kind)),
            P::LsrBint(kind) => format!("{}.lsr", module(*kind)),
            P::AsrBint(kind) => format!("{}.asr", module(*kind)),
            P::BintComp(kind, op) => format!("{}.{}", module(*kind), comparison(*op)),
            P::BswapBint(kind) => format!("{}.bswap", module(*kind)),
            P::BigarrayRef(safety, _, kind, layout) => bigarray("get", *safety, *kind, *layout),
            P::BigarraySet(safety, _, kind, layout) => bigarray("set", *safety, *kind, *layout),
            P::BigarrayDim(n) => format!("Bigarray.dim_{n}"),
            P::CompileTime(constant) => format!("sys.constant_{}", compile_time(*constant)),
            other => plain(other).to_owned(),
        }
    }
}

fn compile_time(constant: CompileTimeConstant) -> &'static str {
    match constant {
        CompileTimeConstant::BigEndian => "big_endian",
        CompileTimeConstant::WordSize => "word_size",
        CompileTimeConstant::IntSize => "int_size",
        CompileTimeConstant::MaxWosize => "max_wosize",
        CompileTimeConstant::OstypeUnix => "ostype_unix",
        CompileTimeConstant::OstypeWin32 => "ostype_win32",
        CompileTimeConstant::OstypeCygwin => "ostype_cygwin",
        CompileTimeConstant::BackendType => "backend_type",
    }
}

/// The word of a primitive that nothing is to be said of.
fn plain(prim: &Primitive) -> &'static str {
    use Primitive as P;
    match prim {
        P::Identity => "identity",
        P::Ignore => "ignore",
        P::Revapply => "revapply",
        P::Dirapply => "dirapply",
        P::FieldComputed => "field_computed",
        P::MakeLazy => "makelazyblock",
        P::RunStack => "runstack",
        P::Perform => "perform",
        P::Resume => "resume",
        P::Reperform => "reperform",
        P::Raise(RaiseKind::Regular) => "raise",
        P::Raise(RaiseKind::Reraise) => "reraise",
        P::Raise(RaiseKind::Notrace) => "raise_notrace",
        P::SequAnd => "&&",
        P::SequOr => "||",
        P::Not => "not",
        P::NegInt => "~",
        P::AddInt => "+",
        P::SubInt => "-",
        P::MulInt => "*",
        P::DivInt(_) => "/",
        P::ModInt(Safety::Safe) => "mod",
        P::ModInt(Safety::Unsafe) => "mod_unsafe",
        P::AndInt => "and",
        P::OrInt => "or",
        P::XorInt => "xor",
        P::LslInt => "lsl",
        P::LsrInt => "lsr",
        P::AsrInt => "asr",
        P::CompareInts => "compare_ints",
        P::CompareFloats => "compare_floats",
        P::IntOfFloat => "int_of_float",
        P::FloatOfInt => "float_of_int",
        P::NegFloat => "~.",
        P::AbsFloat => "abs.",
        P::AddFloat => "+.",
        P::SubFloat => "-.",
        P::MulFloat => "*.",
        P::DivFloat => "/.",
        P::SqrtFloat => "caml_sqrt_float",
        P::StringLength => "string.length",
        P::BytesLength => "bytes.length",
        P::BytesToString => "bytes_to_string",
        P::BytesOfString => "bytes_of_string",
        P::IsInt => "isint",
        P::IsOut => "isout",
        P::Int64BitsOfFloat => "caml_int64_bits_of_float",
        P::FloatOfInt64Bits => "caml_int64_float_of_bits",
        P::Bswap16 => "bswap16",
        P::IntAsPointer => "int_as_pointer",
        P::Opaque => "opaque",
        P::AtomicLoad => "atomic_load",
        P::AtomicExchange => "caml_atomic_exchange_field",
        P::AtomicCas => "caml_atomic_cas_field",
        P::AtomicFetchAdd => "caml_atomic_fetch_add_field",
        P::DlsGet => "dls_get",
        P::Poll => "poll",
        _ => "",
    }
}
