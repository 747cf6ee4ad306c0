//! Errors in classes, as data. The wording is in [`super::report`].

use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_diag::doc::Doc;
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::ctype::{ClassMatchFailure, ClosedClassFailure};
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::{ClassDeclaration, ClassType, Ident, TypeId};

use crate::Result;

/// What a member is missing from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Object,
    Class,
    ClassType,
}

/// Upstream's `Typeclass.error`.
#[derive(Clone)]
pub enum Error {
    InconsistentConstraint(UnifyError),
    /// Kind of the member, its name.
    FieldTypeMismatch(&'static str, Name, UnifyError),
    UnexpectedField(TypeId, Name),
    StructureExpected(ClassType),
    CannotApply,
    ApplyWrongLabel(ArgLabel),
    PatternTypeClash(TypeId),
    RepeatedParameter,
    /// The class is being defined.
    UnboundClass2(Longident),
    UnboundClassType2(Longident),
    /// The abbreviation, its expansion, the type it is used with.
    AbbrevTypeClash(TypeId, TypeId, TypeId),
    ConstructorTypeMismatch(Name, UnifyError),
    /// The virtual methods and instance variables.
    VirtualClass(Kind, Vec<Name>, Vec<Name>),
    UndeclaredMethods(Kind, Vec<Name>),
    /// The class, parameters expected and given.
    ParameterArityMismatch(Longident, usize, usize),
    ParameterMismatch(UnifyError),
    BadParameters(Ident, Vec<TypeId>, Vec<TypeId>),
    BadClassTypeParameters(Ident, Vec<TypeId>, Vec<TypeId>),
    ClassMatchFailure(Vec<ClassMatchFailure>),
    /// The declaration, printed before its variables were named otherwise.
    UnboundTypeVar(Doc, ClosedClassFailure),
    NonGeneralizableClass {
        id: Ident,
        clty: Rc<ClassDeclaration>,
        nongen_vars: Vec<TypeId>,
    },
    CannotCoerceSelf(TypeId),
    /// The class, printed before its variables were generalised.
    NonCollapsableConjunction(Doc, UnifyError),
    SelfClash(UnifyError),
    /// The mutability of the new definition.
    MutabilityMismatch(MutableFlag),
    /// Of this member, or of any.
    NoOverriding(Option<(&'static str, Name)>),
    Duplicate(&'static str, Name),
    /// The type, printed likewise.
    ClosingSelfType(Doc),
}

/// An error with its place.
pub(super) fn error<T>(loc: Location, env: &Env, error: Error) -> Result<T> {
    Err(class_error(loc, env, error))
}

/// Likewise, not yet raised.
pub(super) fn class_error(loc: Location, env: &Env, error: Error) -> Box<crate::Error> {
    Box::new(crate::Error::Class(loc, env.clone(), Box::new(error)))
}
