//! What is printed, as a tree: upstream's `Outcometree`.

use crate::types::Immediacy;
use rocaml_syntax::asttypes::{ArgLabel, Injectivity, MutableFlag, PrivateFlag, Variance};

/// An identifier to print.
#[derive(Clone, PartialEq, Debug)]
pub enum OutIdent {
    Ident(String),
    Dot(Box<OutIdent>, String),
    Apply(Box<OutIdent>, Box<OutIdent>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum OutType {
    Abstract,
    Open,
    Alias {
        non_gen: bool,
        aliased: Box<OutType>,
        alias: String,
    },
    Arrow(ArgLabel, Box<OutType>, Box<OutType>),
    Class(OutIdent, Vec<OutType>),
    Constr(OutIdent, Vec<OutType>),
    Manifest(Box<OutType>, Box<OutType>),
    Object {
        fields: Vec<(String, OutType)>,
        open_row: bool,
    },
    Record(Vec<OutLabel>),
    Stuff(String),
    Sum(Vec<OutConstructor>),
    Tuple(Vec<(Option<String>, OutType)>),
    /// Whether the variable is weak; its name.
    Var(bool, String),
    /// Tags or type, whether closed, the tags known to be present.
    Variant(OutVariant, bool, Option<Vec<String>>),
    Poly(Vec<String>, Box<OutType>),
    Module(OutPackage),
    /// `(t [@attribute])`
    Attribute(Box<OutType>, &'static str),
}

#[derive(Clone, PartialEq, Debug)]
pub struct OutLabel {
    pub name: String,
    pub mutable: MutableFlag,
    pub atomic: bool,
    pub type_: OutType,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OutConstructor {
    pub name: String,
    pub args: Vec<OutType>,
    pub ret: Option<OutType>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum OutVariant {
    /// Tag, whether constants and arguments conflict, argument types.
    Fields(Vec<(String, bool, Vec<OutType>)>),
    Type(Box<OutType>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct OutPackage {
    pub path: OutIdent,
    pub constraints: Vec<(String, OutType)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OutParam {
    pub non_gen: bool,
    pub name: String,
    pub variance: (Variance, Injectivity),
}

#[derive(Clone, PartialEq, Debug)]
pub enum OutClassType {
    Constr(OutIdent, Vec<OutType>),
    Arrow(ArgLabel, OutType, Box<OutClassType>),
    Signature(Option<OutType>, Vec<OutClassItem>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum OutClassItem {
    Constraint(OutType, OutType),
    /// Name, private, virtual.
    Method(String, bool, bool, OutType),
    /// Name, mutable, virtual.
    Value(String, bool, bool, OutType),
}

#[derive(Clone, PartialEq, Debug)]
pub enum OutModuleType {
    Abstract,
    Functor(Option<(Option<String>, Box<OutModuleType>)>, Box<OutModuleType>),
    Ident(OutIdent),
    Signature(Vec<OutItem>),
    Alias(OutIdent),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutRec {
    Not,
    First,
    Next,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutExt {
    First,
    Next,
    Exception,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OutTypeDecl {
    pub name: String,
    pub params: Vec<OutParam>,
    pub type_: OutType,
    pub private: PrivateFlag,
    pub immediate: Immediacy,
    pub unboxed: bool,
    pub constraints: Vec<(OutType, OutType)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OutExtension {
    pub type_name: String,
    pub params: Vec<String>,
    pub constructor: OutConstructor,
    pub private: PrivateFlag,
}

#[derive(Clone, PartialEq, Debug)]
pub enum OutItem {
    Class(bool, String, Vec<OutParam>, OutClassType, OutRec),
    ClassType(bool, String, Vec<OutParam>, OutClassType, OutRec),
    Typext(OutExtension, OutExt),
    Modtype(String, OutModuleType),
    Module(String, OutModuleType, OutRec),
    Type(OutTypeDecl, OutRec),
    Value { name: String, type_: OutType, prims: Vec<String>, attributes: Vec<String> },
    Ellipsis,
}

/// A value to print, as far as it is shown: upstream's `out_value`.
#[derive(Clone, PartialEq, Debug)]
pub enum OutValue {
    Array(Vec<OutValue>),
    Char(u8),
    Constr(OutIdent, Vec<OutValue>),
    /// Here the printer stops.
    Ellipsis,
    Float(f64),
    FloatArray(Vec<f64>),
    Int(i64),
    Int32(i32),
    Int64(i64),
    Nativeint(i64),
    Lazy(Box<OutValue>),
    List(Vec<OutValue>),
    Record(Vec<(OutIdent, OutValue)>),
    /// Contents, and how many bytes of them are shown.
    String(Vec<u8>, usize),
    Bytes(Vec<u8>, usize),
    /// What is not looked into: `<fun>`.
    Stuff(String),
    Tuple(Vec<(Option<String>, OutValue)>),
    Variant(String, Option<Box<OutValue>>),
}
