//! Predefined types and exceptions: upstream's `Predef`.

#![allow(clippy::todo, unused_variables)]

use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::store::TypeStore;
use crate::types::*;
use crate::Ident;
use rocaml_base::Name;

/// A predefined type constructor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TypeConstr {
    Int, Char, String, Bytes, Float, Bool, Unit, Exn, Eff, Continuation, Array, List, Option, Nativeint, Int32,
    Int64, LazyT, ExtensionConstructor, Floatarray, Iarray, AtomicLoc,
}

/// Idents and types of what is predefined.
pub struct Predef {
    /// By [`TypeConstr`], in order.
    pub type_idents: Vec<Ident>,
    pub exceptions: Vec<Ident>,
    pub int: TypeId,
    pub char: TypeId,
    pub string: TypeId,
    pub bytes: TypeId,
    pub float: TypeId,
    pub bool: TypeId,
    pub unit: TypeId,
    pub exn: TypeId,
    pub nativeint: TypeId,
    pub int32: TypeId,
    pub int64: TypeId,
    pub extension_constructor: TypeId,
    pub floatarray: TypeId,
    pub false_: Ident,
    pub true_: Ident,
    pub void: Ident,
    pub nil: Ident,
    pub cons: Ident,
    pub none: Ident,
    pub some: Ident,
}

impl Predef {
    pub fn new(store: &TypeStore) -> Predef { todo!() }
    /// The path of a predefined type.
    pub fn path(&self, constr: TypeConstr) -> Path { todo!() }
    /// The predefined type that a path names.
    pub fn find_type_constr(&self, path: &Path) -> Option<TypeConstr> { todo!() }
    pub fn exception(&self, name: &str) -> Option<Ident> { todo!() }
}

pub fn type_eff(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn type_continuation(cx: &Context, t1: TypeId, t2: TypeId) -> TypeId { todo!() }
pub fn type_array(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn type_iarray(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn type_list(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn type_option(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn type_lazy_t(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn type_atomic_loc(cx: &Context, ty: TypeId) -> TypeId { todo!() }
/// The environment of all that is predefined.
pub fn initial_env(cx: &Context) -> Env { todo!() }
