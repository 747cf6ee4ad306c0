//! Kinds of values, fields and arrays from types: the part of upstream's `Typeopt` that speaks of
//! Lambda.

use crate::lambda::{ArrayKind, BigarrayKind, BigarrayLayout, Pointerness, ValueKind};
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::predef::TypeConstr;
use rocaml_types::primitive::BoxedInteger;
use rocaml_types::{Env, Path, TypeDesc, TypeId};
use rocaml_typing::typedtree::Expression;
use rocaml_typing::typeopt::{self, Classification};

/// What values of a type are.
pub fn value_kind(cx: &Context, env: &Env, ty: TypeId) -> ValueKind {
    match typeopt::classify(cx, env, ty) {
        Classification::Int => ValueKind::Int,
        Classification::Float => ValueKind::Float,
        Classification::Address => {
            let Some(ty) = typeopt::scrape_type(cx, env, ty) else { return ValueKind::Generic };
            match predefined(cx, ty) {
                Some(TypeConstr::Int32) => ValueKind::BoxedInteger(BoxedInteger::Int32),
                Some(TypeConstr::Int64) => ValueKind::BoxedInteger(BoxedInteger::Int64),
                Some(TypeConstr::Nativeint) => ValueKind::BoxedInteger(BoxedInteger::Nativeint),
                _ => ValueKind::Generic,
            }
        }
        Classification::Lazy | Classification::Any => ValueKind::Generic,
    }
}

/// The kind of an expression's value.
pub fn kind_of(cx: &Context, exp: &Expression) -> ValueKind {
    value_kind(cx, &exp.env, exp.type_)
}

/// What is true of values of either kind.
pub fn union(a: ValueKind, b: ValueKind) -> ValueKind {
    if a == b { a } else { ValueKind::Generic }
}

fn predefined(cx: &Context, ty: TypeId) -> Option<TypeConstr> {
    match cx.desc(ty) {
        TypeDesc::Constr(path, ..) => cx.predef().find_type_constr(&path),
        _ => None,
    }
}

/// Whether a type is this predefined one.
pub fn is_base_type(cx: &Context, env: &Env, ty: TypeId, constr: TypeConstr) -> bool {
    typeopt::scrape_type(cx, env, ty).is_some_and(|ty| predefined(cx, ty) == Some(constr))
}

/// Whether values of a type may be pointers.
pub fn pointerness(cx: &Context, env: &Env, ty: TypeId) -> Pointerness {
    match typeopt::classify(cx, env, ty) {
        Classification::Int => Pointerness::Immediate,
        _ => Pointerness::Pointer,
    }
}

/// Parameter and result, if a type is that of functions.
pub fn function_type(cx: &Context, env: &Env, ty: TypeId) -> Option<(TypeId, TypeId)> {
    match cx.desc(ctype::expand_head(cx, env, ty)) {
        TypeDesc::Arrow(_, param, result, _) => Some((param, result)),
        _ => None,
    }
}

/// How the elements of an array of a type are stored.
pub fn array_kind(cx: &Context, env: &Env, ty: TypeId) -> ArrayKind {
    match typeopt::array_type_kind(cx, env, ty) {
        typeopt::ArrayKind::Generic => ArrayKind::Generic,
        typeopt::ArrayKind::Address => ArrayKind::Addr,
        typeopt::ArrayKind::Int => ArrayKind::Int,
        typeopt::ArrayKind::Float => ArrayKind::Float,
    }
}

/// Element kind and layout of a bigarray's type.
pub fn bigarray_kind(cx: &Context, env: &Env, ty: TypeId) -> (BigarrayKind, BigarrayLayout) {
    let unknown = (BigarrayKind::Unknown, BigarrayLayout::Unknown);
    let TypeDesc::Constr(_, args, _) = cx.desc(ctype::expand_head_opt(cx, env, ty)) else { return unknown };
    let [_, element, layout] = &*args else { return unknown };
    let named = |ty: TypeId| match cx.desc(ctype::expand_head_opt(cx, env, ty)) {
        TypeDesc::Constr(Path::Dot(unit, name), args, _) if args.is_empty() => match &*unit {
            Path::Ident(id) if id.name() == "Stdlib__Bigarray" => Some(name),
            _ => None,
        },
        _ => None,
    };
    let kind = named(*element).map_or(BigarrayKind::Unknown, |name| match name.as_str() {
        "float16_elt" => BigarrayKind::Float16,
        "float32_elt" => BigarrayKind::Float32,
        "float64_elt" => BigarrayKind::Float64,
        "int8_signed_elt" => BigarrayKind::Sint8,
        "int8_unsigned_elt" => BigarrayKind::Uint8,
        "int16_signed_elt" => BigarrayKind::Sint16,
        "int16_unsigned_elt" => BigarrayKind::Uint16,
        "int32_elt" => BigarrayKind::Int32,
        "int64_elt" => BigarrayKind::Int64,
        "int_elt" => BigarrayKind::CamlInt,
        "nativeint_elt" => BigarrayKind::NativeInt,
        "complex32_elt" => BigarrayKind::Complex32,
        "complex64_elt" => BigarrayKind::Complex64,
        _ => BigarrayKind::Unknown,
    });
    let layout = named(*layout).map_or(BigarrayLayout::Unknown, |name| match name.as_str() {
        "c_layout" => BigarrayLayout::C,
        "fortran_layout" => BigarrayLayout::Fortran,
        _ => BigarrayLayout::Unknown,
    });
    (kind, layout)
}
