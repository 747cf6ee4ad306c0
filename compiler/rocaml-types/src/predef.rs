//! Predefined types and exceptions: upstream's `Predef`.

use crate::Ident;
use crate::btype::newgenty;
use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, TypeStore};
use crate::types::*;
use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast::{Attribute, Payload};
use rocaml_syntax::asttypes::PrivateFlag;
use std::rc::Rc;

/// A predefined type constructor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[rustfmt::skip]
pub enum TypeConstr {
    Int, Char, String, Bytes, Float, Bool, Unit, Exn, Eff, Continuation, Array, List, Option, Nativeint, Int32,
    Int64, LazyT, ExtensionConstructor, Floatarray, Iarray, AtomicLoc,
}

/// All predefined type constructors by name, in the order of [`TypeConstr`].
#[rustfmt::skip]
const TYPES: [(TypeConstr, &str); 21] = {
    use TypeConstr::*;
    [
        (Int, "int"), (Char, "char"), (String, "string"), (Bytes, "bytes"), (Float, "float"), (Bool, "bool"),
        (Unit, "unit"), (Exn, "exn"), (Eff, "eff"), (Continuation, "continuation"), (Array, "array"), (List, "list"),
        (Option, "option"), (Nativeint, "nativeint"), (Int32, "int32"), (Int64, "int64"), (LazyT, "lazy_t"),
        (ExtensionConstructor, "extension_constructor"), (Floatarray, "floatarray"), (Iarray, "iarray"),
        (AtomicLoc, "atomic_loc"),
    ]
};

/// What an exception carries.
#[derive(Clone, Copy)]
enum ExnArg {
    Nothing,
    String,
    /// File, line, column.
    Place,
}

/// The predefined exceptions, in the order in which the initial environment gets them.
const EXCEPTIONS: [(&str, ExnArg); 13] = [
    ("Assert_failure", ExnArg::Place),
    ("Division_by_zero", ExnArg::Nothing),
    ("End_of_file", ExnArg::Nothing),
    ("Failure", ExnArg::String),
    ("Invalid_argument", ExnArg::String),
    ("Match_failure", ExnArg::Place),
    ("Not_found", ExnArg::Nothing),
    ("Out_of_memory", ExnArg::Nothing),
    ("Stack_overflow", ExnArg::Nothing),
    ("Sys_blocked_io", ExnArg::Nothing),
    ("Sys_error", ExnArg::String),
    ("Undefined_recursive_module", ExnArg::Place),
    ("Continuation_already_taken", ExnArg::Nothing),
];

/// All predefined names; their places, from 1, are the stamps by which compiled interfaces and
/// their readers know them.
#[rustfmt::skip]
const STAMPS: [&str; 41] = [
    "int", "char", "bytes", "float", "bool", "unit", "exn", "eff", "continuation", "array", "list", "option",
    "nativeint", "int32", "int64", "lazy_t", "string", "extension_constructor", "floatarray", "iarray", "atomic_loc",
    "Match_failure", "Out_of_memory", "Invalid_argument", "Failure", "Not_found", "Sys_error", "End_of_file",
    "Division_by_zero", "Stack_overflow", "Sys_blocked_io", "Assert_failure", "Undefined_recursive_module",
    "Continuation_already_taken", "false", "true", "()", "[]", "::", "None", "Some",
];

/// The stamp of a predefined name.
pub fn stamp(name: &str) -> u32 {
    STAMPS.iter().position(|other| *other == name).map_or(0, |position| position as u32 + 1)
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
    pub fn new(store: &TypeStore) -> Predef {
        let ident = |name: &str| Ident::Predef { name: Name::new(name), stamp: stamp(name) };
        let type_idents: Vec<Ident> = TYPES.iter().map(|(_, name)| ident(name)).collect();
        let exceptions = EXCEPTIONS.iter().map(|(name, _)| ident(name)).collect();
        let ty = |constr: TypeConstr| {
            let path = Path::Ident(type_idents[constr as usize]);
            newgenty(store, TypeDesc::Constr(path, Rc::from([]), store.new_memo()))
        };
        Predef {
            int: ty(TypeConstr::Int),
            char: ty(TypeConstr::Char),
            string: ty(TypeConstr::String),
            bytes: ty(TypeConstr::Bytes),
            float: ty(TypeConstr::Float),
            bool: ty(TypeConstr::Bool),
            unit: ty(TypeConstr::Unit),
            exn: ty(TypeConstr::Exn),
            nativeint: ty(TypeConstr::Nativeint),
            int32: ty(TypeConstr::Int32),
            int64: ty(TypeConstr::Int64),
            extension_constructor: ty(TypeConstr::ExtensionConstructor),
            floatarray: ty(TypeConstr::Floatarray),
            type_idents,
            exceptions,
            false_: ident("false"),
            true_: ident("true"),
            void: ident("()"),
            nil: ident("[]"),
            cons: ident("::"),
            none: ident("None"),
            some: ident("Some"),
        }
    }

    /// The ident of a predefined type.
    pub fn ident(&self, constr: TypeConstr) -> Ident {
        self.type_idents[constr as usize]
    }
    /// The path of a predefined type.
    pub fn path(&self, constr: TypeConstr) -> Path {
        Path::Ident(self.ident(constr))
    }
    /// The predefined type that a path names.
    pub fn find_type_constr(&self, path: &Path) -> Option<TypeConstr> {
        let Path::Ident(id @ Ident::Predef { .. }) = path else { return None };
        self.type_idents.iter().position(|other| other == id).map(|i| TYPES[i].0)
    }
    /// The ident of a predefined exception.
    pub fn exception(&self, name: &str) -> Option<Ident> {
        self.exceptions.iter().copied().find(|id| id.name() == name)
    }
    /// The ident of anything predefined: types, exceptions, constructors.
    pub fn find_ident(&self, name: &str) -> Option<Ident> {
        let constructors = [self.false_, self.true_, self.void, self.nil, self.cons, self.none, self.some];
        self.type_idents.iter().chain(&self.exceptions).chain(&constructors).copied().find(|id| id.name() == name)
    }
}

fn apply(cx: &Context, constr: TypeConstr, args: &[TypeId]) -> TypeId {
    newgenty(cx, TypeDesc::Constr(cx.predef().path(constr), args.into(), cx.new_memo()))
}
pub fn type_eff(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::Eff, &[ty])
}
pub fn type_continuation(cx: &Context, t1: TypeId, t2: TypeId) -> TypeId {
    apply(cx, TypeConstr::Continuation, &[t1, t2])
}
pub fn type_array(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::Array, &[ty])
}
pub fn type_iarray(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::Iarray, &[ty])
}
pub fn type_list(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::List, &[ty])
}
pub fn type_option(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::Option, &[ty])
}
pub fn type_lazy_t(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::LazyT, &[ty])
}
pub fn type_atomic_loc(cx: &Context, ty: TypeId) -> TypeId {
    apply(cx, TypeConstr::AtomicLoc, &[ty])
}

fn declaration(cx: &Context, constr: TypeConstr) -> TypeDeclaration {
    use TypeConstr::*;
    let predef = cx.predef();
    let variance = match constr {
        Eff | Array | AtomicLoc => vec![Variance::FULL],
        Continuation => vec![Variance::CONTRAVARIANT, Variance::COVARIANT],
        Iarray | List | Option | LazyT => vec![Variance::COVARIANT],
        _ => Vec::new(),
    };
    let params: Vec<TypeId> = variance.iter().map(|_| cx.new_node(TypeDesc::Var(None), GENERIC_LEVEL)).collect();
    let cstr = |id: Ident, args: Vec<TypeId>| ConstructorDeclaration {
        id,
        args: ConstructorArguments::Tuple(args),
        res: None,
        loc: Location::none(),
        attributes: Vec::new(),
        uid: Uid::Predef(id.name()),
    };
    let variant = |cstrs: Vec<ConstructorDeclaration>| TypeKind::Variant(cstrs.into(), VariantRepresentation::Regular);
    let kind = match constr {
        Bool => variant(vec![cstr(predef.false_, vec![]), cstr(predef.true_, vec![])]),
        Unit => variant(vec![cstr(predef.void, vec![])]),
        Exn | Eff => TypeKind::Open,
        List => variant(vec![cstr(predef.nil, vec![]), cstr(predef.cons, vec![params[0], type_list(cx, params[0])])]),
        Option => variant(vec![cstr(predef.none, vec![]), cstr(predef.some, vec![params[0]])]),
        _ => TypeKind::Abstract(AbstractOrigin::Definition),
    };
    TypeDeclaration {
        arity: params.len(),
        separability: vec![Separability::Ind; params.len()],
        params,
        kind,
        private: PrivateFlag::Public,
        manifest: None,
        variance,
        is_newtype: false,
        expansion_scope: 0,
        loc: Location::none(),
        attributes: Vec::new(),
        immediate: if matches!(constr, Int | Char | Bool | Unit) { Immediacy::Always } else { Immediacy::Unknown },
        unboxed_default: false,
        uid: Uid::Predef(predef.ident(constr).name()),
    }
}

/// The environment of all that is predefined.
pub fn initial_env(cx: &Context) -> Env {
    let predef = cx.predef();
    let mut env = Env::empty();
    for (constr, _) in TYPES {
        env = env.add_type(cx, false, predef.ident(constr), Rc::new(declaration(cx, constr)));
    }
    for ((_, arg), id) in EXCEPTIONS.iter().zip(&predef.exceptions) {
        let args = match arg {
            ExnArg::Nothing => Vec::new(),
            ExnArg::String => vec![predef.string],
            ExnArg::Place => {
                vec![newgenty(cx, TypeDesc::Tuple([predef.string, predef.int, predef.int].map(|ty| (None, ty)).into()))]
            }
        };
        let mark = Attribute {
            name: Loc::none(Name::new("ocaml.warn_on_literal_pattern")),
            payload: Payload::Str(Vec::new()),
            loc: Location::none(),
        };
        let ext = ExtensionConstructor {
            type_path: predef.path(TypeConstr::Exn),
            type_params: Vec::new(),
            args: ConstructorArguments::Tuple(args),
            ret_type: None,
            private: PrivateFlag::Public,
            loc: Location::none(),
            attributes: vec![mark],
            uid: Uid::Predef(id.name()),
        };
        env = env.add_extension(cx, false, false, *id, Rc::new(ext));
    }
    env
}
