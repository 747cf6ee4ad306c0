//! What the representation of values can be known to be from their types: upstream's `Typeopt`,
//! as far as typing needs it.

use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::{Immediacy, RecordRepresentation, TypeDesc, TypeId, TypeKind, VariantRepresentation};

use crate::typedecl;
use crate::typedtree::{Expression, ExpressionDesc};

/// How the elements of an array are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArrayKind {
    Generic,
    Address,
    Int,
    Float,
}

/// What a value is known to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Classification {
    Int,
    Float,
    Lazy,
    /// A block, or anything that is neither a float nor lazy.
    Address,
    Any,
}

/// The type that values are represented as; nothing if its declaration is not at hand.
pub fn scrape_type(cx: &Context, env: &Env, ty: TypeId) -> Option<TypeId> {
    let TypeDesc::Constr(..) = cx.desc(ty) else { return Some(ty) };
    let ty = ctype::expand_head_opt(cx, env, ty);
    let TypeDesc::Constr(path, ..) = cx.desc(ty) else { return Some(ty) };
    let decl = env.find_type(cx, &path)?;
    match &decl.kind {
        TypeKind::Variant(_, VariantRepresentation::Unboxed)
        | TypeKind::Record(_, RecordRepresentation::Unboxed(_)) => {
            Some(typedecl::get_unboxed_type_representation(cx, env, ty).unwrap_or(ty))
        }
        _ => Some(ty),
    }
}

fn is_immediate(cx: &Context, immediacy: Immediacy) -> bool {
    match immediacy {
        Immediacy::Unknown => false,
        Immediacy::Always => true,
        Immediacy::AlwaysOn64Bits => cx.options.native_code,
    }
}

/// What values of a type are.
pub fn classify(cx: &Context, env: &Env, ty: TypeId) -> Classification {
    let Some(ty) = scrape_type(cx, env, ty) else { return Classification::Any };
    if is_immediate(cx, ctype::immediacy(cx, env, ty)) {
        return Classification::Int;
    }
    match cx.desc(ty) {
        TypeDesc::Var(_) | TypeDesc::Univar(_) => Classification::Any,
        TypeDesc::Constr(path, ..) => match cx.predef().find_type_constr(&path) {
            Some(TypeConstr::Float) => Classification::Float,
            Some(TypeConstr::LazyT) => Classification::Lazy,
            Some(TypeConstr::Int | TypeConstr::Char) => Classification::Int,
            Some(
                TypeConstr::String
                | TypeConstr::Bytes
                | TypeConstr::Int32
                | TypeConstr::Int64
                | TypeConstr::Nativeint
                | TypeConstr::ExtensionConstructor
                | TypeConstr::Continuation
                | TypeConstr::Array
                | TypeConstr::Floatarray
                | TypeConstr::Iarray
                | TypeConstr::AtomicLoc,
            ) => Classification::Address,
            _ => match env.find_type(cx, &path) {
                Some(decl) if !matches!(decl.kind, TypeKind::Abstract(_)) => Classification::Address,
                _ => Classification::Any,
            },
        },
        _ => Classification::Address,
    }
}

/// How the elements of an array of this type are stored.
pub fn array_type_kind(cx: &Context, env: &Env, ty: TypeId) -> ArrayKind {
    let Some(ty) = scrape_type(cx, env, ty) else { return ArrayKind::Generic };
    let ty = match cx.desc(ty) {
        TypeDesc::Poly(ty, _) => ty,
        _ => ty,
    };
    let TypeDesc::Constr(path, args, _) = cx.desc(ty) else { return ArrayKind::Generic };
    let flat = cx.options.flat_float_array;
    match (cx.predef().find_type_constr(&path), &*args) {
        (Some(TypeConstr::Array | TypeConstr::Iarray), [element]) => match classify(cx, env, *element) {
            Classification::Any if flat => ArrayKind::Generic,
            Classification::Float if flat => ArrayKind::Float,
            Classification::Int => ArrayKind::Int,
            _ => ArrayKind::Address,
        },
        (Some(TypeConstr::Floatarray), []) => ArrayKind::Float,
        _ => ArrayKind::Generic,
    }
}

/// The kind of an array expression.
pub fn array_kind(cx: &Context, exp: &Expression) -> ArrayKind {
    array_type_kind(cx, &exp.env, exp.type_)
}

/// How the argument of `lazy` is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LazyArgument {
    /// As itself.
    ConstantOrFunction,
    /// As a forward block.
    Float,
    /// An identifier, needing a forward block or not.
    Identifier { forward: bool },
    /// As a suspended function.
    Other,
}

/// See [`LazyArgument`].
pub fn classify_lazy_argument(cx: &Context, exp: &Expression) -> LazyArgument {
    use rocaml_syntax::asttypes::Constant;
    match &exp.desc {
        ExpressionDesc::Constant(Constant::Float(_)) => {
            if cx.options.flat_float_array {
                LazyArgument::Float
            } else {
                LazyArgument::ConstantOrFunction
            }
        }
        ExpressionDesc::Constant(_) | ExpressionDesc::Function(..) => LazyArgument::ConstantOrFunction,
        ExpressionDesc::Construct(_, constr, _) if constr.arity == 0 => LazyArgument::ConstantOrFunction,
        ExpressionDesc::Ident(..) => match classify(cx, &exp.env, exp.type_) {
            Classification::Any | Classification::Lazy => LazyArgument::Identifier { forward: true },
            Classification::Float if cx.options.flat_float_array => LazyArgument::Identifier { forward: true },
            _ => LazyArgument::Identifier { forward: false },
        },
        _ => LazyArgument::Other,
    }
}
