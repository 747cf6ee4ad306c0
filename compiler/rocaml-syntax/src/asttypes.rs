//! Small types shared by the parse tree and the typed tree: upstream's `Asttypes`.

use std::sync::Arc;

use rocaml_base::{Location, Name};

/// A constant of the typed tree and of the intermediate languages, its value computed.
#[derive(Clone, PartialEq, Debug)]
pub enum Constant {
    /// An `int`.
    Int(i64),
    /// A `char`.
    Char(u8),
    /// A `string`: its bytes, the place of its contents, and the delimiter of `{id|…|id}`.
    String(Arc<[u8]>, Location, Option<Name>),
    /// A `float`, as written.
    Float(Name),
    /// An `int32`.
    Int32(i32),
    /// An `int64`.
    Int64(i64),
    /// A `nativeint`.
    Nativeint(i64),
}

/// Whether the names bound by a definition are visible in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RecFlag {
    /// `let`, or `type nonrec`.
    Nonrecursive,
    /// `let rec`, or `type`.
    Recursive,
}

/// The direction of a `for` loop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum DirectionFlag {
    /// `to`
    Upto,
    /// `downto`
    Downto,
}

/// Private or public. The order is upstream's, where it takes part in comparisons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PrivateFlag {
    /// `private`
    Private,
    /// No keyword.
    Public,
}

/// Mutability of a field or of an instance variable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MutableFlag {
    /// No keyword.
    Immutable,
    /// `mutable`
    Mutable,
}

/// Whether a record field was declared `[@atomic]`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AtomicFlag {
    /// An ordinary field.
    Nonatomic,
    /// `[@atomic]`
    Atomic,
}

/// Whether a class, method or instance variable lacks a definition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VirtualFlag {
    /// `virtual`
    Virtual,
    /// No keyword.
    Concrete,
}

/// Whether a definition announces that it replaces another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OverrideFlag {
    /// `!`
    Override,
    /// No mark.
    Fresh,
}

/// Whether more may follow what is listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClosedFlag {
    /// What is listed is all.
    Closed,
    /// `..`, `_` or `>`.
    Open,
}

/// The label of a parameter or an argument.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ArgLabel {
    /// No label.
    Nolabel,
    /// `~l:`
    Labelled(Name),
    /// `?l:`
    Optional(Name),
}

impl ArgLabel {
    /// The label as types show it: empty, `l` or `?l`.
    pub fn to_text(self) -> String {
        match self {
            ArgLabel::Nolabel => String::new(),
            ArgLabel::Labelled(label) => label.to_string(),
            ArgLabel::Optional(label) => format!("?{label}"),
        }
    }
}

/// Variance annotation of a type parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Variance {
    /// `+`
    Covariant,
    /// `-`
    Contravariant,
    /// No annotation.
    NoVariance,
    /// `+-`
    Bivariant,
}

/// Injectivity annotation of a type parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Injectivity {
    /// `!`
    Injective,
    /// No annotation.
    NoInjectivity,
}
