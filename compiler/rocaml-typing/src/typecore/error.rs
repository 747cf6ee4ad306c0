//! Errors of the core language, as data. The wording is in [`super::report`].

use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_syntax::longident::Longident;
use rocaml_types::env::Env;
use rocaml_types::errortrace::{ExpandedType, SubtypeError, UnifyError};
use rocaml_types::{ConstructorDescription, Ident, Path, TypeId};

use crate::Result;
use crate::parmatch::PatRef;
use crate::typedtree::Expression;

/// Where an expected type comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeForcingContext {
    IfConditional,
    IfNoElseBranch,
    WhileLoopConditional,
    WhileLoopBody,
    ForLoopStartIndex,
    ForLoopStopIndex,
    ForLoopBody,
    AssertCondition,
    SequenceLeftHandSide,
    WhenGuard,
}

/// A type that the context asks for.
#[derive(Clone, Copy, Debug)]
pub struct TypeExpected {
    pub ty: TypeId,
    pub explanation: Option<TypeForcingContext>,
}

/// Records and variants, as messages name them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DatatypeKind {
    Record,
    Variant,
}

impl DatatypeKind {
    pub fn type_name(self) -> &'static str {
        match self {
            DatatypeKind::Record => "record",
            DatatypeKind::Variant => "variant",
        }
    }
    pub fn label_name(self) -> &'static str {
        match self {
            DatatypeKind::Record => "field",
            DatatypeKind::Variant => "constructor",
        }
    }
}

/// A label or constructor that its type does not have.
#[derive(Clone, Debug)]
pub struct WrongName {
    pub type_path: Path,
    pub kind: DatatypeKind,
    pub name: Loc<Name>,
    pub valid_names: Vec<Name>,
}

#[derive(Clone, Copy, Debug)]
pub enum WrongKindContext {
    Pattern,
    Expression(Option<TypeForcingContext>),
}

#[derive(Clone, Copy, Debug)]
pub enum WrongKindSort {
    Constructor,
    Record,
    Boolean,
    List,
    Unit,
}

/// Where existential types are not allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExistentialRestriction {
    AtToplevel,
    /// `let … and …`
    InGroup,
    InRec,
    WithAttributes,
    InClassArgs,
    InClassDef,
    InSelfPattern,
}

#[derive(Clone, Copy, Debug)]
pub enum ExistentialBinding {
    AlreadyBound,
    NotInScope,
    NonLocallyAbstract,
}

/// Upstream's `Typecore.error`.
#[derive(Clone, Debug)]
pub enum Error {
    ConstructorArityMismatch(Longident, usize, usize),
    LabelMismatch(Longident, UnifyError),
    PatternTypeClash(UnifyError, Option<Box<ast::PatternDesc>>),
    OrPatternTypeClash(Ident, UnifyError),
    MultiplyBoundVariable(Name),
    OrpatVars(Ident, Vec<Ident>),
    ExprTypeClash(UnifyError, Option<TypeForcingContext>, Option<Box<ast::Expression>>),
    FunctionArityTypeClash {
        syntactic_arity: usize,
        type_constraint: TypeId,
        trace: UnifyError,
    },
    ApplyNonFunction {
        funct: Box<Expression>,
        /// The function as written.
        source: Box<ast::Expression>,
        func_ty: TypeId,
        res_ty: TypeId,
        previous_arg_loc: Location,
        extra_arg_loc: Location,
    },
    ApplyWrongLabel(ArgLabel, TypeId, bool),
    LabelMultiplyDefined(Name),
    LabelMissing(Vec<Ident>),
    LabelNotMutable(Longident),
    WrongName(&'static str, TypeExpected, WrongName),
    NameTypeMismatch(DatatypeKind, Longident, (Path, Path), Vec<(Path, Path)>),
    InvalidFormat(String),
    NotAnObject(TypeId, Option<TypeForcingContext>),
    UndefinedMethod(TypeId, Name, Option<Vec<Name>>),
    UndefinedSelfMethod(Name, Vec<Name>),
    VirtualClass(Longident),
    PrivateType(TypeId),
    PrivateLabel(Longident, TypeId),
    PrivateConstructor(Rc<ConstructorDescription>, TypeId),
    UnboundInstanceVariable(Name, Vec<Name>),
    InstanceVariableNotMutable(Name),
    NotSubtype(SubtypeError),
    OutsideClass,
    ValueMultiplyOverridden(Name),
    CoercionFailure(ExpandedType, UnifyError, bool),
    NotAFunction(TypeId, Option<TypeForcingContext>),
    TooManyArguments(TypeId, Option<TypeForcingContext>),
    AbstractWrongLabel {
        got: ArgLabel,
        expected: ArgLabel,
        expected_type: TypeId,
        explanation: Option<TypeForcingContext>,
    },
    ScopingLetModule(Name, TypeId),
    NotAPolymorphicVariantType(Longident),
    IncoherentLabelOrder,
    LessGeneral(&'static str, UnifyError),
    ModulesNotAllowed,
    CannotInferSignature,
    NotAPackedModule(TypeId),
    UnexpectedExistential(ExistentialRestriction, Name),
    InvalidInterval,
    InvalidForLoopIndex,
    NoValueClauses,
    ExceptionPatternDisallowed,
    MixedValueAndExceptionPatternsUnderGuard,
    EffectPatternBelowToplevel,
    InvalidContinuationPattern,
    InlinedRecordEscape,
    InlinedRecordExpected,
    UnrefutedPattern(PatRef),
    InvalidExtensionConstructorPayload,
    NotAnExtensionConstructor,
    InvalidAtomicLocPayload,
    LabelNotAtomic(Longident),
    AtomicInPattern(Longident),
    LiteralOverflow(&'static str),
    UnknownLiteral(Name, char),
    IllegalLetrecPat,
    IllegalLetrecExpr,
    IllegalClassExpr,
    LetopTypeClash(Name, UnifyError),
    AndopTypeClash(Name, UnifyError),
    BindingsTypeClash(UnifyError),
    UnboundExistential(Vec<Ident>, TypeId),
    BindExistential(ExistentialBinding, Ident, TypeId),
    MissingTypeConstraint,
    WrongExpectedKind(WrongKindSort, WrongKindContext, TypeId),
    ExprNotARecordType(TypeId),
    ConstructorLabeledArg,
    PartialTuplePatternBadType,
    ExtraTupleLabel(Option<Name>, TypeId),
    MissingTupleLabel(Option<Name>, TypeId),
    RepeatedTupleExpLabel(Name),
    RepeatedTuplePatLabel(Name),
}

/// An error with its place.
pub fn error<T>(loc: Location, env: &Env, error: Error) -> Result<T> {
    Err(core_error(loc, env, error))
}

/// Likewise, not yet raised.
pub fn core_error(loc: Location, env: &Env, error: Error) -> Box<crate::Error> {
    Box::new(crate::Error::Core(loc, env.clone(), error))
}
