//! What is known of values: approximations, within a unit and across units (in `.cmx` files).

use crate::clambda::{Const, FunDesc};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What is known of a value. Upstream's `value_approximation`.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub enum Approx {
    #[default]
    Unknown,
    /// A closure of this function; what is known of its result.
    Closure(Rc<FunDesc>, Rc<Approx>),
    /// An immutable block with these fields; the symbol of the static block, if it is one.
    Tuple(Rc<[Approx]>),
    Const(Const),
    /// A static block whose contents are not known: `symbol`.
    Symbol(rocaml_base::Name),
}

impl Approx {
    /// What is known of a field.
    pub fn field(&self, index: usize) -> Approx {
        match self {
            Approx::Tuple(fields) => fields.get(index).cloned().unwrap_or_default(),
            _ => Approx::Unknown,
        }
    }
}

/// What a unit tells others: the approximation of its module block.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitExport {
    pub module: Approx,
}
