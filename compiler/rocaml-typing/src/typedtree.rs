//! The typed tree: upstream's `Typedtree`.
//!
//! Names are upstream's without prefixes (`Texp_apply` is [`ExpressionDesc::Apply`], `vb_pat` is
//! [`ValueBinding::pat`]). Value and computation patterns share one type: [`PatternDesc::Value`],
//! [`PatternDesc::Exception`] and or-patterns of them occur only where computations are matched.

mod patterns;

pub use patterns::{
    BoundIdent, alpha_pat, as_computation_pattern, is_computation, let_bound_idents, let_bound_idents_full,
    pat_bound_idents, pat_bound_idents_full, split_pattern,
};

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast::{Attribute, Attributes};
use rocaml_syntax::asttypes::{
    ArgLabel, ClosedFlag, Constant, DirectionFlag, Injectivity, MutableFlag, OverrideFlag, PrivateFlag, RecFlag,
    Variance, VirtualFlag,
};
use rocaml_syntax::longident::Longident;
use rocaml_types as types;
use rocaml_types::env::Env;
use rocaml_types::{ConstructorDescription, Ident, LabelDescription, Path, TypeId, Uid, ValueDescription};
use std::rc::Rc;

/// Whether a match is known to cover every case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Partial {
    Partial,
    Total,
}

// ---------------------------------------------------------------------------------------------
// Patterns

/// A typed pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub desc: PatternDesc,
    pub loc: Location,
    pub extra: Vec<(PatternExtra, Location, Attributes)>,
    pub type_: TypeId,
    pub env: Env,
    pub attributes: Attributes,
}

/// Annotations around a pattern.
#[derive(Clone, Debug)]
pub enum PatternExtra {
    Constraint(Box<CoreType>),
    Type(Path, Loc<Longident>),
    Open(Path, Loc<Longident>, Env),
    Unpack,
}

#[derive(Clone, Debug)]
pub enum PatternDesc {
    Any,
    Var(Ident, Loc<Name>, Uid),
    Alias(Box<Pattern>, Ident, Loc<Name>, Uid, TypeId),
    Constant(Constant),
    /// At least two components, labels as written.
    Tuple(Vec<(Option<Name>, Pattern)>),
    /// Constructor, arguments, and the existential types named by the pattern.
    Construct(Loc<Longident>, Rc<ConstructorDescription>, Vec<Pattern>, Option<(Vec<Loc<Ident>>, Box<CoreType>)>),
    /// Tag, argument, and the type of the row (to know the other tags).
    Variant(Name, Option<Box<Pattern>>, TypeId),
    Record(Vec<(Loc<Longident>, Rc<LabelDescription>, Pattern)>, ClosedFlag),
    Array(MutableFlag, Vec<Pattern>),
    Lazy(Box<Pattern>),
    /// A value pattern where a computation is matched.
    Value(Box<Pattern>),
    /// `exception p`
    Exception(Box<Pattern>),
    /// The row type, if the alternatives come from `#t`.
    Or(Box<Pattern>, Box<Pattern>, Option<TypeId>),
}

// ---------------------------------------------------------------------------------------------
// Expressions

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expression {
    pub desc: ExpressionDesc,
    pub loc: Location,
    pub extra: Vec<(ExpressionExtra, Location, Attributes)>,
    pub type_: TypeId,
    pub env: Env,
    pub attributes: Attributes,
}

/// Annotations around an expression.
#[derive(Clone, Debug)]
pub enum ExpressionExtra {
    Constraint(Box<CoreType>),
    Coerce(Option<Box<CoreType>>, Box<CoreType>),
    Poly(Option<Box<CoreType>>),
    Newtype(Ident, Loc<Name>),
}

#[derive(Clone, Debug)]
pub enum ExpressionDesc {
    Ident(Path, Loc<Longident>, Rc<ValueDescription>),
    Constant(Constant),
    Let(RecFlag, Vec<ValueBinding>, Box<Expression>),
    Function(Vec<FunctionParam>, FunctionBody),
    /// The function, and each parameter's label with its argument (`None`: omitted, so that the
    /// result is a function of it).
    Apply(Box<Expression>, Vec<(ArgLabel, Option<Expression>)>),
    /// Scrutinee, computation cases, effect cases.
    Match(Box<Expression>, Vec<Case>, Vec<Case>, Partial),
    /// Body, exception cases, effect cases.
    Try(Box<Expression>, Vec<Case>, Vec<Case>),
    Tuple(Vec<(Option<Name>, Expression)>),
    Construct(Loc<Longident>, Rc<ConstructorDescription>, Vec<Expression>),
    Variant(Name, Option<Box<Expression>>),
    Record {
        /// One per label of the type, by position.
        fields: Vec<(Rc<LabelDescription>, RecordLabelDefinition)>,
        representation: types::RecordRepresentation,
        extended_expression: Option<Box<Expression>>,
    },
    /// `%atomic.loc e.l` (5.4).
    AtomicLoc(Box<Expression>, Loc<Longident>, Rc<LabelDescription>),
    Field(Box<Expression>, Loc<Longident>, Rc<LabelDescription>),
    SetField(Box<Expression>, Loc<Longident>, Rc<LabelDescription>, Box<Expression>),
    Array(MutableFlag, Vec<Expression>),
    IfThenElse(Box<Expression>, Box<Expression>, Option<Box<Expression>>),
    Sequence(Box<Expression>, Box<Expression>),
    While(Box<Expression>, Box<Expression>),
    For(Ident, Box<rocaml_syntax::ast::Pattern>, Box<Expression>, Box<Expression>, DirectionFlag, Box<Expression>),
    Send(Box<Expression>, Method),
    New(Path, Loc<Longident>, Rc<types::ClassDeclaration>),
    InstVar(Path, Path, Loc<Name>),
    SetInstVar(Path, Path, Loc<Name>, Box<Expression>),
    Override(Path, Vec<(Ident, Loc<Name>, Expression)>),
    LetModule(Option<Ident>, Loc<Option<Name>>, types::ModulePresence, Box<ModuleExpr>, Box<Expression>),
    LetException(Box<ExtensionConstructor>, Box<Expression>),
    Assert(Box<Expression>, Location),
    Lazy(Box<Expression>),
    Object(Box<ClassStructure>, Vec<Name>),
    Pack(Box<ModuleExpr>),
    LetOp {
        let_: Box<BindingOp>,
        ands: Vec<BindingOp>,
        param: Ident,
        body: Box<Case>,
        partial: Partial,
    },
    Unreachable,
    ExtensionConstructor(Loc<Longident>, Path),
    Open(Box<OpenDeclaration>, Box<Expression>),
}

/// A method as it is called.
#[derive(Clone, Debug)]
pub enum Method {
    Name(Name),
    Val(Ident),
    Ancestor(Ident, Path),
}

/// A case. `cont` is the continuation variable of an effect case.
#[derive(Clone, Debug)]
pub struct Case {
    pub lhs: Pattern,
    pub cont: Option<Ident>,
    pub guard: Option<Expression>,
    pub rhs: Expression,
}

/// A parameter of `fun`.
#[derive(Clone, Debug)]
pub struct FunctionParam {
    pub arg_label: ArgLabel,
    /// The variable that holds the whole argument.
    pub param: Ident,
    pub partial: Partial,
    pub kind: FunctionParamKind,
    pub newtypes: Vec<Loc<Name>>,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub enum FunctionParamKind {
    Pat(Pattern),
    /// `?(p = e)`
    OptionalDefault(Pattern, Expression),
}

/// What a `fun` does with its arguments.
#[derive(Clone, Debug)]
pub enum FunctionBody {
    Body(Box<Expression>),
    /// One more parameter, matched at once.
    Cases {
        cases: Vec<Case>,
        partial: Partial,
        param: Ident,
        loc: Location,
        exp_extra: Option<ExpressionExtra>,
        attributes: Attributes,
    },
}

/// What a label of a constructed record is set to.
#[derive(Clone, Debug)]
pub enum RecordLabelDefinition {
    /// As in the record that is extended: its type, its mutability.
    Kept(TypeId, MutableFlag),
    Overridden(Loc<Longident>, Expression),
}

#[derive(Clone, Debug)]
pub struct BindingOp {
    pub op_path: Path,
    pub op_name: Loc<Name>,
    pub op_val: Rc<ValueDescription>,
    pub op_type: TypeId,
    pub exp: Expression,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub struct ValueBinding {
    pub pat: Pattern,
    pub expr: Expression,
    pub rec_kind: RecKind,
    pub attributes: Attributes,
    pub loc: Location,
}

/// Whether the size of a recursively bound value is known before it is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecKind {
    NotRecursive,
    Static,
    Dynamic,
}

// ---------------------------------------------------------------------------------------------
// Classes

#[derive(Clone, Debug)]
pub struct ClassExpr {
    pub desc: ClassExprDesc,
    pub loc: Location,
    pub type_: types::ClassType,
    pub env: Env,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ClassExprDesc {
    Ident(Path, Loc<Longident>, Vec<CoreType>),
    Structure(Box<ClassStructure>),
    Fun(ArgLabel, Box<Pattern>, Vec<(Ident, Expression)>, Box<ClassExpr>, Partial),
    Apply(Box<ClassExpr>, Vec<(ArgLabel, Option<Expression>)>),
    Let(RecFlag, Vec<ValueBinding>, Vec<(Ident, Expression)>, Box<ClassExpr>),
    /// Instance variables, methods and concrete methods that the constraint leaves visible.
    Constraint(Box<ClassExpr>, Option<Box<ClassType>>, Vec<Name>, Vec<Name>, Vec<Name>),
    Open(Box<OpenDescription>, Box<ClassExpr>),
}

#[derive(Clone, Debug)]
pub struct ClassStructure {
    pub self_: Pattern,
    pub fields: Vec<ClassField>,
    pub type_: Rc<types::ClassSignature>,
    pub meths: std::collections::BTreeMap<Name, Ident>,
}

#[derive(Clone, Debug)]
pub struct ClassField {
    pub desc: ClassFieldDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ClassFieldDesc {
    Inherit(OverrideFlag, Box<ClassExpr>, Option<Name>, Vec<(Name, Ident)>, Vec<(Name, Ident)>),
    Val(Loc<Name>, MutableFlag, Ident, ClassFieldKind, bool),
    Method(Loc<Name>, PrivateFlag, ClassFieldKind),
    Constraint(Box<CoreType>, Box<CoreType>),
    Initializer(Box<Expression>),
    Attribute(Attribute),
}

#[derive(Clone, Debug)]
pub enum ClassFieldKind {
    Virtual(Box<CoreType>),
    Concrete(OverrideFlag, Box<Expression>),
}

#[derive(Clone, Debug)]
pub struct ClassType {
    pub desc: ClassTypeDesc,
    pub type_: types::ClassType,
    pub env: Env,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ClassTypeDesc {
    Constr(Path, Loc<Longident>, Vec<CoreType>),
    Signature(Box<ClassSignature>),
    Arrow(ArgLabel, Box<CoreType>, Box<ClassType>),
    Open(Box<OpenDescription>, Box<ClassType>),
}

#[derive(Clone, Debug)]
pub struct ClassSignature {
    pub self_: CoreType,
    pub fields: Vec<ClassTypeField>,
    pub type_: Rc<types::ClassSignature>,
}

#[derive(Clone, Debug)]
pub struct ClassTypeField {
    pub desc: ClassTypeFieldDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ClassTypeFieldDesc {
    Inherit(Box<ClassType>),
    Val(Name, MutableFlag, VirtualFlag, Box<CoreType>),
    Method(Name, PrivateFlag, VirtualFlag, Box<CoreType>),
    Constraint(Box<CoreType>, Box<CoreType>),
    Attribute(Attribute),
}

#[derive(Clone, Debug)]
pub struct ClassInfos<T> {
    pub virt: VirtualFlag,
    pub params: Vec<CoreType>,
    pub variances: Vec<(Variance, Injectivity)>,
    pub id_name: Loc<Name>,
    pub id_class: Ident,
    pub id_class_type: Ident,
    pub id_object: Ident,
    pub expr: T,
    pub decl: Rc<types::ClassDeclaration>,
    pub type_decl: Rc<types::ClassTypeDeclaration>,
    pub loc: Location,
    pub attributes: Attributes,
}

pub type ClassDeclaration = ClassInfos<ClassExpr>;
pub type ClassTypeDeclaration = ClassInfos<ClassType>;

// ---------------------------------------------------------------------------------------------
// Modules

/// A typed module expression.
#[derive(Clone, Debug)]
pub struct ModuleExpr {
    pub desc: ModuleExprDesc,
    pub loc: Location,
    pub type_: types::ModuleType,
    pub env: Env,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ModuleExprDesc {
    Ident(Path, Loc<Longident>),
    Structure(Box<Structure>),
    Functor(FunctorParameter, Box<ModuleExpr>),
    Apply(Box<ModuleExpr>, Box<ModuleExpr>, ModuleCoercion),
    ApplyUnit(Box<ModuleExpr>),
    /// The expression, the type it is given, and how its fields are rearranged. The written type
    /// is absent for constraints that the checker adds.
    Constraint(Box<ModuleExpr>, types::ModuleType, Option<Box<ModuleType>>, ModuleCoercion),
    Unpack(Box<Expression>, types::ModuleType),
}

/// A functor's parameter, as written.
#[derive(Clone, Debug)]
pub enum FunctorParameter {
    Unit,
    Named(Option<Ident>, Loc<Option<Name>>, ModuleType),
}

/// How a structure's fields become those of a signature: upstream's `module_coercion`.
#[derive(Clone, Debug)]
pub enum ModuleCoercion {
    None,
    /// For each field wanted: the position in the source (`None` for none: a primitive) and the
    /// coercion of it; then idents of functors in aliases: (ident, position, coercion).
    Structure(Vec<(i32, ModuleCoercion)>, Vec<(Ident, i32, ModuleCoercion)>),
    Functor(Box<ModuleCoercion>, Box<ModuleCoercion>),
    Primitive(Rc<PrimitiveCoercion>),
    Alias(Env, Path, Box<ModuleCoercion>),
}

/// A primitive used as a value of a module.
#[derive(Clone, Debug)]
pub struct PrimitiveCoercion {
    pub desc: Rc<types::primitive::PrimitiveDescription>,
    pub type_: TypeId,
    pub env: Env,
    pub loc: Location,
}

/// A typed structure.
#[derive(Clone, Debug)]
pub struct Structure {
    pub items: Vec<StructureItem>,
    pub type_: Rc<types::Signature>,
    pub final_env: Env,
}

#[derive(Clone, Debug)]
pub struct StructureItem {
    pub desc: StructureItemDesc,
    pub loc: Location,
    pub env: Env,
}

#[derive(Clone, Debug)]
pub enum StructureItemDesc {
    Eval(Box<Expression>, Attributes),
    Value(RecFlag, Vec<ValueBinding>),
    Primitive(Box<ValueDeclaration>),
    Type(RecFlag, Vec<TypeDeclaration>),
    Typext(Box<TypeExtension>),
    Exception(Box<TypeException>),
    Module(Box<ModuleBinding>),
    RecModule(Vec<ModuleBinding>),
    Modtype(Box<ModuleTypeDeclaration>),
    Open(Box<OpenDeclaration>),
    /// With the names of their public methods.
    Class(Vec<(ClassDeclaration, Vec<Name>)>),
    ClassType(Vec<(Ident, Loc<Name>, ClassTypeDeclaration)>),
    Include(Box<IncludeDeclaration>),
    Attribute(Attribute),
}

/// A value specification or an external: upstream's `value_description` of the typed tree.
#[derive(Clone, Debug)]
pub struct ValueDeclaration {
    pub id: Ident,
    pub name: Loc<Name>,
    pub desc: CoreType,
    pub val: Rc<ValueDescription>,
    pub prim: Vec<Name>,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub struct ModuleBinding {
    pub id: Option<Ident>,
    pub name: Loc<Option<Name>>,
    pub uid: Uid,
    pub presence: types::ModulePresence,
    pub expr: ModuleExpr,
    pub attributes: Attributes,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub struct ModuleType {
    pub desc: ModuleTypeDesc,
    pub type_: types::ModuleType,
    pub env: Env,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ModuleTypeDesc {
    Ident(Path, Loc<Longident>),
    Signature(Box<Signature>),
    Functor(Box<FunctorParameter>, Box<ModuleType>),
    With(Box<ModuleType>, Vec<(Path, Loc<Longident>, WithConstraint)>),
    TypeOf(Box<ModuleExpr>),
    Alias(Path, Loc<Longident>),
}

#[derive(Clone, Debug)]
pub enum WithConstraint {
    Type(Box<TypeDeclaration>),
    Module(Path, Loc<Longident>),
    Modtype(Box<ModuleType>),
    TypeSubst(Box<TypeDeclaration>),
    ModSubst(Path, Loc<Longident>),
    ModtypeSubst(Box<ModuleType>),
}

#[derive(Clone, Debug)]
pub struct Signature {
    pub items: Vec<SignatureItem>,
    pub type_: Rc<types::Signature>,
    pub final_env: Env,
}

#[derive(Clone, Debug)]
pub struct SignatureItem {
    pub desc: SignatureItemDesc,
    pub env: Env,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub enum SignatureItemDesc {
    Value(Box<ValueDeclaration>),
    Type(RecFlag, Vec<TypeDeclaration>),
    TypeSubst(Vec<TypeDeclaration>),
    Typext(Box<TypeExtension>),
    Exception(Box<TypeException>),
    Module(Box<ModuleDeclaration>),
    ModSubst(Box<ModuleSubstitution>),
    RecModule(Vec<ModuleDeclaration>),
    Modtype(Box<ModuleTypeDeclaration>),
    ModtypeSubst(Box<ModuleTypeDeclaration>),
    Open(Box<OpenDescription>),
    Include(Box<IncludeDescription>),
    Class(Vec<ClassTypeDeclaration>),
    ClassType(Vec<ClassTypeDeclaration>),
    Attribute(Attribute),
}

#[derive(Clone, Debug)]
pub struct ModuleDeclaration {
    pub id: Option<Ident>,
    pub name: Loc<Option<Name>>,
    pub uid: Uid,
    pub presence: types::ModulePresence,
    pub type_: ModuleType,
    pub attributes: Attributes,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub struct ModuleSubstitution {
    pub id: Ident,
    pub name: Loc<Name>,
    pub uid: Uid,
    pub manifest: Path,
    pub txt: Loc<Longident>,
    pub attributes: Attributes,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub struct ModuleTypeDeclaration {
    pub id: Ident,
    pub name: Loc<Name>,
    pub uid: Uid,
    pub type_: Option<ModuleType>,
    pub attributes: Attributes,
    pub loc: Location,
}

#[derive(Clone, Debug)]
pub struct OpenInfos<T> {
    pub expr: T,
    pub bound_items: Rc<types::Signature>,
    pub override_: OverrideFlag,
    pub env: Env,
    pub loc: Location,
    pub attributes: Attributes,
}

pub type OpenDescription = OpenInfos<(Path, Loc<Longident>)>;
pub type OpenDeclaration = OpenInfos<ModuleExpr>;

#[derive(Clone, Debug)]
pub struct IncludeInfos<T> {
    pub mod_: T,
    pub type_: Rc<types::Signature>,
    pub loc: Location,
    pub attributes: Attributes,
}

pub type IncludeDescription = IncludeInfos<ModuleType>;
pub type IncludeDeclaration = IncludeInfos<ModuleExpr>;

// ---------------------------------------------------------------------------------------------
// Types, as written

/// A typed type expression.
#[derive(Clone, Debug)]
pub struct CoreType {
    pub desc: CoreTypeDesc,
    pub type_: TypeId,
    pub env: Env,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum CoreTypeDesc {
    Any,
    Var(Name),
    Arrow(ArgLabel, Box<CoreType>, Box<CoreType>),
    Tuple(Vec<(Option<Name>, CoreType)>),
    Constr(Path, Loc<Longident>, Vec<CoreType>),
    Object(Vec<ObjectField>, ClosedFlag),
    Class(Path, Loc<Longident>, Vec<CoreType>),
    Alias(Box<CoreType>, Loc<Name>),
    Variant(Vec<RowField>, ClosedFlag, Option<Vec<Name>>),
    Poly(Vec<Name>, Box<CoreType>),
    Package(Box<PackageType>),
    Open(Path, Loc<Longident>, Box<CoreType>),
}

#[derive(Clone, Debug)]
pub struct PackageType {
    pub path: Path,
    pub fields: Vec<(Loc<Longident>, CoreType)>,
    pub type_: types::ModuleType,
    pub txt: Loc<Longident>,
}

#[derive(Clone, Debug)]
pub enum RowField {
    Tag(Loc<Name>, bool, Vec<CoreType>, Attributes, Location),
    Inherit(CoreType, Attributes, Location),
}

#[derive(Clone, Debug)]
pub enum ObjectField {
    Tag(Loc<Name>, CoreType, Attributes, Location),
    Inherit(CoreType, Attributes, Location),
}

/// A type declaration with its source.
#[derive(Clone, Debug)]
pub struct TypeDeclaration {
    pub id: Ident,
    pub name: Loc<Name>,
    pub params: Vec<CoreType>,
    /// The annotations of the parameters.
    pub variances: Vec<(Variance, Injectivity)>,
    pub decl: Rc<types::TypeDeclaration>,
    pub cstrs: Vec<(CoreType, CoreType, Location)>,
    pub kind: TypeKind,
    pub private: PrivateFlag,
    pub manifest: Option<CoreType>,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum TypeKind {
    Abstract,
    Variant(Vec<ConstructorDeclaration>),
    Record(Vec<LabelDeclaration>),
    Open,
}

#[derive(Clone, Debug)]
pub struct LabelDeclaration {
    pub id: Ident,
    pub name: Loc<Name>,
    pub uid: Uid,
    pub mutable: MutableFlag,
    pub atomic: bool,
    pub type_: CoreType,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub struct ConstructorDeclaration {
    pub id: Ident,
    pub name: Loc<Name>,
    pub uid: Uid,
    pub vars: Vec<Loc<Name>>,
    pub args: ConstructorArguments,
    pub res: Option<CoreType>,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ConstructorArguments {
    Tuple(Vec<CoreType>),
    Record(Vec<LabelDeclaration>),
}

#[derive(Clone, Debug)]
pub struct TypeExtension {
    pub path: Path,
    pub txt: Loc<Longident>,
    pub params: Vec<CoreType>,
    pub variances: Vec<(Variance, Injectivity)>,
    pub constructors: Vec<ExtensionConstructor>,
    pub private: PrivateFlag,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub struct TypeException {
    pub constructor: ExtensionConstructor,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub struct ExtensionConstructor {
    pub id: Ident,
    pub name: Loc<Name>,
    pub type_: Rc<types::ExtensionConstructor>,
    pub kind: ExtensionConstructorKind,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, Debug)]
pub enum ExtensionConstructorKind {
    Decl(Vec<Loc<Name>>, ConstructorArguments, Option<CoreType>),
    Rebind(Path, Loc<Longident>),
}

// ---------------------------------------------------------------------------------------------
// Whole units

/// A typed implementation: upstream's `Typedtree.implementation`.
#[derive(Clone, Debug)]
pub struct Implementation {
    pub structure: Structure,
    /// From the structure to the unit's interface.
    pub coercion: ModuleCoercion,
    /// The interface.
    pub signature: Rc<types::Signature>,
}
