//! External primitives: upstream's `Primitive.description`.

use rocaml_base::Name;
use serde::{Deserialize, Serialize};

/// What an `external` declares beside its type.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub struct PrimitiveDescription {
    /// The primitive (`%identity`) or C function (`caml_foo`; the bytecode stub if there are two).
    pub name: Name,
    /// Number of arguments.
    pub arity: usize,
    /// Whether it can be called without the runtime's bookkeeping: `[@@noalloc]`.
    pub alloc: bool,
    /// The C function that native code calls; empty when it is `name`.
    pub native_name: Name,
    /// How native code passes each argument.
    pub native_repr_args: Vec<NativeRepr>,
    /// How native code gets the result.
    pub native_repr_res: NativeRepr,
}

/// A boxed integer's kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum BoxedInteger {
    Nativeint,
    Int32,
    Int64,
}

/// How a C primitive exchanges a value with native code: upstream's `Primitive.native_repr`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum NativeRepr {
    /// As an OCaml value.
    SameAsOcamlRepr,
    /// As a C `double`: `[@unboxed]` on `float`.
    UnboxedFloat,
    /// As a C integer of the kind: `[@unboxed]`.
    UnboxedInteger(BoxedInteger),
    /// As a C `intnat`: `[@untagged]` on `int` and alike.
    UntaggedImmediate,
}

impl PrimitiveDescription {
    /// A primitive without unboxed arguments: upstream's `Primitive.simple`.
    pub fn simple(name: &str, arity: usize, alloc: bool) -> PrimitiveDescription {
        PrimitiveDescription {
            name: Name::new(name),
            arity,
            alloc,
            native_name: Name::new(""),
            native_repr_args: vec![NativeRepr::SameAsOcamlRepr; arity],
            native_repr_res: NativeRepr::SameAsOcamlRepr,
        }
    }
    /// The C function for native code.
    pub fn native_name(&self) -> Name {
        if self.native_name.is_empty() { self.name } else { self.native_name }
    }
    /// The C function for bytecode.
    pub fn byte_name(&self) -> Name {
        self.name
    }
}
