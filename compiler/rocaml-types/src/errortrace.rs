//! Why two types do not match: upstream's `Errortrace`.
//!
//! A trace goes from the outermost pair of types to the innermost. While it is being built its
//! types are plain ([`Trace`]); a finished error carries each type with its expansion
//! ([`ErrorTrace`]). The rendering is in [`printtyp`](crate::printtyp).

use crate::path::Path;
use crate::types::{FixedExplanation, RowField, TypeId};
use rocaml_base::Name;
use rocaml_diag::Doc;
use rocaml_syntax::asttypes::ArgLabel;

/// Which of the two compared types is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    First,
    Second,
}

impl Side {
    /// The other one.
    pub fn swap(self) -> Side {
        match self {
            Side::First => Side::Second,
            Side::Second => Side::First,
        }
    }
}

/// A type together with its expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpandedType {
    pub ty: TypeId,
    pub expanded: TypeId,
}

impl ExpandedType {
    /// A type that expands to itself.
    pub fn trivial(ty: TypeId) -> ExpandedType {
        ExpandedType { ty, expanded: ty }
    }
}

/// Something found against something expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diff<T> {
    pub got: T,
    pub expected: T,
}

impl<T> Diff<T> {
    /// Applies `f` to both.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Diff<U> {
        Diff { got: f(self.got), expected: f(self.expected) }
    }
    /// Exchanges both.
    pub fn swap(self) -> Diff<T> {
        Diff { got: self.expected, expected: self.got }
    }
}

/// What would leave its scope.
#[derive(Clone, Debug, PartialEq)]
pub enum EscapeKind<T> {
    Constructor(Path),
    /// Always a `Univar`.
    Univ(TypeId),
    SelfType,
    ModuleType(Path),
    Equation(T),
    Constraint,
}

/// A scope escape, within `context` if known.
#[derive(Clone, Debug, PartialEq)]
pub struct Escape<T = TypeId> {
    pub kind: EscapeKind<T>,
    pub context: Option<TypeId>,
}

impl<T> Escape<T> {
    /// An escape of unknown context.
    pub fn new(kind: EscapeKind<T>) -> Escape<T> {
        Escape { kind, context: None }
    }
    /// Applies `f` to the type of an equation.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Escape<U> {
        let kind = match self.kind {
            EscapeKind::Equation(ty) => EscapeKind::Equation(f(ty)),
            EscapeKind::Constructor(p) => EscapeKind::Constructor(p),
            EscapeKind::Univ(ty) => EscapeKind::Univ(ty),
            EscapeKind::SelfType => EscapeKind::SelfType,
            EscapeKind::ModuleType(p) => EscapeKind::ModuleType(p),
            EscapeKind::Constraint => EscapeKind::Constraint,
        };
        Escape { kind, context: self.context }
    }
}

/// What a fixed row refuses.
#[derive(Clone, Debug, PartialEq)]
pub enum FixedRowCase {
    CannotBeClosed,
    CannotAddTags(Vec<Name>),
}

/// Mismatches of polymorphic variants.
#[derive(Clone, Debug, PartialEq)]
pub enum VariantElt {
    IncompatibleTypesFor(Name),
    NoTags(Side, Vec<(Name, RowField)>),
    NoIntersection,
    FixedRow(Side, FixedRowCase, FixedExplanation),
    PresenceNotGuaranteedFor(Side, Name),
    Openness(Side),
}

/// Mismatches of object types.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjElt {
    MissingField(Side, Name),
    AbstractRow(Side),
    SelfCannotBeClosed,
}

/// Mismatches of first-class modules' types; the texts are laid-out explanations.
#[derive(Clone, Debug, PartialEq)]
pub enum FirstClassModule {
    CannotScrape(Path),
    Inclusion(Doc),
    Coercion(Doc),
}

/// One step of a trace.
#[derive(Clone, Debug, PartialEq)]
pub enum Elt<T> {
    Diff(Diff<T>),
    Variant(VariantElt),
    Obj(ObjElt),
    Escape(Escape<T>),
    FunctionLabelMismatch(Diff<ArgLabel>),
    TupleLabelMismatch(Diff<Option<Name>>),
    IncompatibleFields { name: Name, diff: Diff<TypeId> },
    FirstClassModule(FirstClassModule),
    RecOccur(TypeId, TypeId),
}

/// A trace under construction, outermost first.
pub type Trace = Vec<Elt<TypeId>>;
/// A finished trace.
pub type ErrorTrace = Vec<Elt<ExpandedType>>;

impl<T> Elt<T> {
    /// Applies `f` to the types.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Elt<U> {
        match self {
            Elt::Diff(d) => Elt::Diff(d.map(f)),
            Elt::Escape(e) => Elt::Escape(e.map(f)),
            Elt::Variant(v) => Elt::Variant(v),
            Elt::Obj(o) => Elt::Obj(o),
            Elt::FunctionLabelMismatch(d) => Elt::FunctionLabelMismatch(d),
            Elt::TupleLabelMismatch(d) => Elt::TupleLabelMismatch(d),
            Elt::IncompatibleFields { name, diff } => Elt::IncompatibleFields { name, diff },
            Elt::FirstClassModule(m) => Elt::FirstClassModule(m),
            Elt::RecOccur(a, b) => Elt::RecOccur(a, b),
        }
    }
    /// The same step with got and expected exchanged.
    pub fn swap(self) -> Elt<T> {
        match self {
            Elt::Diff(d) => Elt::Diff(d.swap()),
            Elt::IncompatibleFields { name, diff } => Elt::IncompatibleFields { name, diff: diff.swap() },
            Elt::FunctionLabelMismatch(d) => Elt::FunctionLabelMismatch(d.swap()),
            Elt::TupleLabelMismatch(d) => Elt::TupleLabelMismatch(d.swap()),
            Elt::Obj(ObjElt::MissingField(s, name)) => Elt::Obj(ObjElt::MissingField(s.swap(), name)),
            Elt::Obj(ObjElt::AbstractRow(s)) => Elt::Obj(ObjElt::AbstractRow(s.swap())),
            Elt::Variant(VariantElt::FixedRow(s, case, why)) => Elt::Variant(VariantElt::FixedRow(s.swap(), case, why)),
            Elt::Variant(VariantElt::NoTags(s, tags)) => Elt::Variant(VariantElt::NoTags(s.swap(), tags)),
            other => other,
        }
    }
}

/// A whole trace with got and expected exchanged.
pub fn swap_trace<T>(trace: Vec<Elt<T>>) -> Vec<Elt<T>> {
    trace.into_iter().map(Elt::swap).collect()
}

/// Searches a trace from its innermost step, giving `f` the step outside of each.
pub fn explain<T, R>(trace: &[Elt<T>], mut f: impl FnMut(Option<&Elt<T>>, &Elt<T>) -> Option<R>) -> Option<R> {
    (0..trace.len()).rev().find_map(|i| f(i.checked_sub(1).map(|j| &trace[j]), &trace[i]))
}

/// Unification failed.
#[derive(Clone, Debug, PartialEq)]
pub struct UnifyError {
    pub trace: ErrorTrace,
}

impl UnifyError {
    /// The error seen from the other side.
    pub fn swap(self) -> UnifyError {
        UnifyError { trace: swap_trace(self.trace) }
    }
}

/// Two types are not equal; `subst` pairs the variables taken as equal.
#[derive(Clone, Debug, PartialEq)]
pub struct EqualityError {
    pub trace: ErrorTrace,
    pub subst: Vec<(TypeId, TypeId)>,
}

/// A type is not more general than another.
#[derive(Clone, Debug, PartialEq)]
pub struct MoregenError {
    pub trace: ErrorTrace,
}

/// Equality or generality failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ComparisonError {
    Equality(EqualityError),
    Moregen(MoregenError),
}

/// A coercion failed: where, and the unification that failed there.
#[derive(Clone, Debug, PartialEq)]
pub struct SubtypeError {
    pub trace: Vec<Diff<ExpandedType>>,
    pub unification_trace: ErrorTrace,
}
