//! Clambda: Lambda after closure conversion. Functions are closed, closures explicit, known
//! calls direct. Upstream's `Clambda`.
//!
//! It is also what `.cmx` files keep of functions that other units may inline.
//!
//! # Invariants
//! - A [`Var`] is bound once in the function that holds it; the bodies that are inlined are
//!   renamed.
//! - The only free variables of a [`Function`]'s body are its parameters (the environment, if it
//!   has one, is the last).
//! - No [`Expr::Closure`] is in a body that is kept for inlining.

use rocaml_base::Location;
use rocaml_base::Name;
use rocaml_index::define_index;
use rocaml_lambda::lambda::{MethodKind, Primitive, ScopedLocation, StructuredConstant, ValueKind};
use rocaml_syntax::asttypes::DirectionFlag;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::sync::Arc;

define_index! {
    /// A variable, unique in its unit.
    pub struct Var = "x";
    /// A static handler, unique in its unit.
    pub struct Label = "L";
}

macro_rules! serialize_index {
    ($($name:ident),+) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                u32::deserialize(deserializer).map($name)
            }
        }
    )+};
}
serialize_index!(Var, Label);

/// A constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Const {
    Int(i64),
    /// A static block by symbol, with its contents when they are known.
    Symbol(Name, Option<Rc<StructuredConstant>>),
}

/// A place, with the calls into which it was inlined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub loc: Location,
    pub scope: Option<Rc<str>>,
    pub next: Option<Rc<Place>>,
}

/// Where an operation stands, if known.
pub type Debug = Option<Rc<Place>>;

/// The place of a Lambda node.
pub fn place(loc: &ScopedLocation) -> Debug {
    if loc.loc.is_none() {
        return None;
    }
    Some(Rc::new(Place { loc: loc.loc, scope: loc.scopes.clone(), next: None }))
}

/// A function that may be called directly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunDesc {
    /// Its code.
    pub label: Name,
    /// Number of parameters without the environment; negative when it takes one tuple.
    pub arity: i32,
    /// It needs no environment; its closure is the static block `<label>.closure`.
    pub closed: bool,
    /// Parameters (the environment last unless closed) and body, if it may be inlined.
    pub inline: Option<Rc<InlineBody>>,
    /// `[@inline never]`: also not where it is applied with `[@inlined]`.
    pub never_inline: bool,
}

/// A body kept for inlining.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InlineBody {
    pub params: Vec<(Var, ValueKind)>,
    pub body: Expr,
}

/// A function of the unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub label: Name,
    pub arity: i32,
    /// With the environment last, unless closed.
    pub params: Vec<(Var, ValueKind)>,
    pub return_kind: ValueKind,
    pub body: Expr,
    pub place: Debug,
    /// `[@poll error]`: it may not reach a safepoint.
    pub poll_error: bool,
}

/// A switch on a value's constructor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// For each constant constructor, an index into `const_cases`.
    pub index_consts: Vec<u32>,
    pub const_cases: Vec<Expr>,
    /// For each tag, an index into `block_cases`.
    pub index_blocks: Vec<u32>,
    pub block_cases: Vec<Expr>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    Var(Var),
    Const(Const),
    /// A call of known code; the environment, if it takes one, is the last argument.
    DirectApply(Name, Vec<Expr>, Debug),
    GenericApply(Box<Expr>, Vec<Expr>, Debug),
    /// Code and arity of the functions that share a block, and what they capture.
    Closure(Rc<[(Name, i32)]>, Vec<Expr>, #[serde(skip)] Debug),
    /// The closure of the function at the word offset within the block.
    Offset(Box<Expr>, i32),
    /// Mutable or not.
    Let(bool, ValueKind, Var, Box<Expr>, Box<Expr>),
    Prim(Primitive, Vec<Expr>, Debug),
    Switch(Box<Expr>, Box<Switch>, Debug),
    StringSwitch(Box<Expr>, Vec<(Arc<[u8]>, Expr)>, Option<Box<Expr>>),
    StaticFail(Label, Vec<Expr>),
    Catch(Label, Vec<(Var, ValueKind)>, Box<Expr>, Box<Expr>),
    TryWith(Box<Expr>, Var, Box<Expr>),
    IfThenElse(Box<Expr>, Box<Expr>, Box<Expr>),
    Sequence(Box<Expr>, Box<Expr>),
    While(Box<Expr>, Box<Expr>),
    For(Var, Box<Expr>, Box<Expr>, DirectionFlag, Box<Expr>),
    Assign(Var, Box<Expr>),
    Send(MethodKind, Box<Expr>, Box<Expr>, Vec<Expr>, Debug),
    /// The value of a unit's module block.
    Global(Name),
}

/// A unit after closure conversion.
#[derive(Clone, Debug)]
pub struct Unit {
    pub name: Name,
    pub functions: Vec<Function>,
    /// Static closures of closed functions: symbol, code, arity.
    pub static_closures: Vec<(Name, Name, i32)>,
    /// Structured constants by symbol.
    pub constants: Vec<(Name, Rc<StructuredConstant>)>,
    /// Evaluated once when the program starts.
    pub initializer: Expr,
    pub module_block_size: usize,
    /// Variables of the unit are below this.
    pub num_vars: u32,
    pub num_labels: u32,
    /// Calls that should be inlined and are not, and why.
    pub not_inlined: Vec<(Location, &'static str)>,
}

/// Word offset of each function in a closure block, and where the captured values start.
///
/// A function of arity 1 takes 2 words (code, info), another 3 (currying code, info, code); an
/// infix header stands before each but the first.
pub fn closure_layout(arities: impl Iterator<Item = i32>) -> (Vec<i32>, i32) {
    let (mut offsets, mut position) = (Vec::new(), 0);
    for arity in arities {
        if position > 0 {
            position += 1;
        }
        offsets.push(position);
        position += if arity == 1 || arity == 0 { 2 } else { 3 };
    }
    (offsets, position)
}

impl Expr {
    /// `()`.
    pub fn unit() -> Expr {
        Expr::Const(Const::Int(0))
    }
}
