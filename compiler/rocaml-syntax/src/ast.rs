//! The parse tree: upstream's `Parsetree` of 5.4.
//!
//! Type, constructor and field names are upstream's without their prefixes (`Pexp_let` is
//! [`ExpressionDesc::Let`], `pvb_pat` is [`ValueBinding::pat`]); a field whose name would be a
//! keyword of Rust takes an underscore (`type_`, `virt` and `mod_` likewise stay recognizable).
//! Children are boxed and descriptions stand in line, so that `match &expression.desc` needs no
//! dereference.
//!
//! A tree may be as deep as its source is nested: a list literal of n elements has depth n. What
//! walks or drops a tree needs the deep stack that the driver provides.

use std::sync::Arc;

use rocaml_base::{Loc, Location, Name};

use crate::asttypes::{
    ArgLabel, ClosedFlag, DirectionFlag, Injectivity, MutableFlag, OverrideFlag, PrivateFlag, RecFlag, Variance,
    VirtualFlag,
};
use crate::longident::Longident;

/// A constant with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Constant {
    pub desc: ConstantDesc,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ConstantDesc {
    /// `3`, `0x3l`, `3g`: digits as written (with the `-` of a negative constant) and suffix.
    Integer(Name, Option<char>),
    /// `'c'`
    Char(u8),
    /// `"…"` or `{id|…|id}`: contents, place of the contents, delimiter of the quoted form.
    String(Arc<[u8]>, Location, Option<Name>),
    /// `1.5`, `1e3g`: text as written and suffix.
    Float(Name, Option<char>),
}

/// `[@name payload]`, `[@@…]` or `[@@@…]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Attribute {
    pub name: Loc<Name>,
    pub payload: Payload,
    pub loc: Location,
}

pub type Attributes = Vec<Attribute>;

/// `[%name payload]` or `[%%…]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Extension {
    pub name: Loc<Name>,
    pub payload: Payload,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Payload {
    Str(Structure),
    /// `: SIG`
    Sig(Signature),
    /// `: T`
    Typ(Box<CoreType>),
    /// `? P` or `? P when E`
    Pat(Box<Pattern>, Option<Box<Expression>>),
}

// ---------------------------------------------------------------------------------------------
// Type expressions

#[derive(Clone, PartialEq, Debug)]
pub struct CoreType {
    pub desc: CoreTypeDesc,
    pub loc: Location,
    /// The places that the node had inside of its parentheses, the innermost first (upstream keeps
    /// them the other way round).
    pub loc_stack: Vec<Location>,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum CoreTypeDesc {
    /// `_`
    Any,
    /// `'a`
    Var(Name),
    /// `T1 -> T2`, `l:T1 -> T2`, `?l:T1 -> T2`
    Arrow(ArgLabel, Box<CoreType>, Box<CoreType>),
    /// `T1 * l:T2`; at least two.
    Tuple(Vec<(Option<Name>, CoreType)>),
    /// `t`, `T t`, `(T1, T2) t`
    Constr(Loc<Longident>, Vec<CoreType>),
    /// `< l1 : T1; … >`
    Object(Vec<ObjectField>, ClosedFlag),
    /// `#c`, `T #c`
    Class(Loc<Longident>, Vec<CoreType>),
    /// `T as 'a`
    Alias(Box<CoreType>, Loc<Name>),
    /// `` [ `A ] `` is (Closed, None), `[> …]` (Open, None), `[< … > `A]` (Closed, Some).
    Variant(Vec<RowField>, ClosedFlag, Option<Vec<Name>>),
    /// `'a 'b. T`
    Poly(Vec<Loc<Name>>, Box<CoreType>),
    /// `(module S with …)`
    Package(Box<PackageType>),
    /// `M.(T)`
    Open(Loc<Longident>, Box<CoreType>),
    /// `[%id]`
    Extension(Box<Extension>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct PackageType {
    pub path: Loc<Longident>,
    pub cstrs: Vec<(Loc<Longident>, CoreType)>,
    pub loc: Location,
    pub attrs: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub struct RowField {
    pub desc: RowFieldDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum RowFieldDesc {
    /// `` `A of T1 & T2 ``; the flag tells that the constant constructor is among the cases.
    Tag(Loc<Name>, bool, Vec<CoreType>),
    /// `t`
    Inherit(CoreType),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ObjectField {
    pub desc: ObjectFieldDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ObjectFieldDesc {
    Tag(Loc<Name>, CoreType),
    Inherit(CoreType),
}

// ---------------------------------------------------------------------------------------------
// Patterns

#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    pub desc: PatternDesc,
    pub loc: Location,
    /// As [`CoreType::loc_stack`].
    pub loc_stack: Vec<Location>,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum PatternDesc {
    /// `_`
    Any,
    /// `x`
    Var(Loc<Name>),
    /// `P as x`
    Alias(Box<Pattern>, Loc<Name>),
    Constant(Constant),
    /// `'a'..'z'`
    Interval(Box<Constant>, Box<Constant>),
    /// `P1, ~l:P2`, with `..` when open; at least two when closed, one when open.
    Tuple(Vec<(Option<Name>, Pattern)>, ClosedFlag),
    /// `C`, `C P`, `C (type a b) P`
    Construct(Loc<Longident>, Option<(Vec<Loc<Name>>, Box<Pattern>)>),
    /// `` `A P ``
    Variant(Name, Option<Box<Pattern>>),
    /// `{ l = P; _ }`
    Record(Vec<(Loc<Longident>, Pattern)>, ClosedFlag),
    /// `[| P |]`
    Array(Vec<Pattern>),
    /// `P1 | P2`
    Or(Box<Pattern>, Box<Pattern>),
    /// `(P : T)`
    Constraint(Box<Pattern>, Box<CoreType>),
    /// `#t`
    Type(Loc<Longident>),
    /// `lazy P`
    Lazy(Box<Pattern>),
    /// `(module M)` or `(module _)`
    Unpack(Loc<Option<Name>>),
    /// `exception P`
    Exception(Box<Pattern>),
    /// `effect P, K`
    Effect(Box<Pattern>, Box<Pattern>),
    /// `[%id]`
    Extension(Box<Extension>),
    /// `M.(P)`
    Open(Loc<Longident>, Box<Pattern>),
}

// ---------------------------------------------------------------------------------------------
// Expressions

#[derive(Clone, PartialEq, Debug)]
pub struct Expression {
    pub desc: ExpressionDesc,
    pub loc: Location,
    /// As [`CoreType::loc_stack`].
    pub loc_stack: Vec<Location>,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExpressionDesc {
    /// `x`, `M.x`
    Ident(Loc<Longident>),
    Constant(Constant),
    /// `let [rec] P = E and … in E`
    Let(RecFlag, Vec<ValueBinding>, Box<Expression>),
    /// `fun P : T -> E`, `function …`, and their mix.
    Function(Vec<FunctionParam>, Option<Box<TypeConstraint>>, FunctionBody),
    /// `E ~l:E1 E2`; at least one argument.
    Apply(Box<Expression>, Vec<(ArgLabel, Expression)>),
    /// `match E with …`
    Match(Box<Expression>, Vec<Case>),
    /// `try E with …`
    Try(Box<Expression>, Vec<Case>),
    /// `E1, ~l:E2`; at least two.
    Tuple(Vec<(Option<Name>, Expression)>),
    /// `C`, `C E`
    Construct(Loc<Longident>, Option<Box<Expression>>),
    /// `` `A ``, `` `A E ``
    Variant(Name, Option<Box<Expression>>),
    /// `{ l = E }`, `{ E0 with l = E }`
    Record(Vec<(Loc<Longident>, Expression)>, Option<Box<Expression>>),
    /// `E.l`
    Field(Box<Expression>, Loc<Longident>),
    /// `E1.l <- E2`
    SetField(Box<Expression>, Loc<Longident>, Box<Expression>),
    /// `[| E |]`
    Array(Vec<Expression>),
    IfThenElse(Box<Expression>, Box<Expression>, Option<Box<Expression>>),
    /// `E1; E2`
    Sequence(Box<Expression>, Box<Expression>),
    While(Box<Expression>, Box<Expression>),
    /// `for P = E1 to E2 do E3 done`
    For(Box<Pattern>, Box<Expression>, Box<Expression>, DirectionFlag, Box<Expression>),
    /// `(E : T)`
    Constraint(Box<Expression>, Box<CoreType>),
    /// `(E :> T)`, `(E : T0 :> T)`
    Coerce(Box<Expression>, Option<Box<CoreType>>, Box<CoreType>),
    /// `E # m`
    Send(Box<Expression>, Loc<Name>),
    /// `new C`
    New(Loc<Longident>),
    /// `x <- E`
    SetInstVar(Loc<Name>, Box<Expression>),
    /// `{< x = E >}`
    Override(Vec<(Loc<Name>, Expression)>),
    /// `let module M = ME in E`
    LetModule(Loc<Option<Name>>, Box<ModuleExpr>, Box<Expression>),
    /// `let exception C in E`
    LetException(Box<ExtensionConstructor>, Box<Expression>),
    Assert(Box<Expression>),
    Lazy(Box<Expression>),
    /// The body of a method, with its polymorphic type if it has one.
    Poly(Box<Expression>, Option<Box<CoreType>>),
    /// `object … end`
    Object(Box<ClassStructure>),
    /// `fun (type t) -> E`
    NewType(Loc<Name>, Box<Expression>),
    /// `(module ME)`, `(module ME : S)`
    Pack(Box<ModuleExpr>, Option<Box<PackageType>>),
    /// `M.(E)`, `let open M in E`
    Open(Box<OpenDeclaration>, Box<Expression>),
    /// `let* P = E and* … in E`
    LetOp(Box<LetOp>),
    /// `[%id]`
    Extension(Box<Extension>),
    /// `.`
    Unreachable,
}

/// `P when E1 -> E2`
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    pub lhs: Pattern,
    pub guard: Option<Expression>,
    pub rhs: Expression,
}

#[derive(Clone, PartialEq, Debug)]
pub struct LetOp {
    pub let_: BindingOp,
    pub ands: Vec<BindingOp>,
    pub body: Expression,
}

#[derive(Clone, PartialEq, Debug)]
pub struct BindingOp {
    pub op: Loc<Name>,
    pub pat: Pattern,
    pub exp: Expression,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub struct FunctionParam {
    pub loc: Location,
    pub desc: FunctionParamDesc,
}

#[derive(Clone, PartialEq, Debug)]
pub enum FunctionParamDesc {
    /// `P`, `~l:P`, `?l:(P = E)`
    Val(ArgLabel, Option<Box<Expression>>, Pattern),
    /// `(type t)`
    Newtype(Loc<Name>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum FunctionBody {
    Body(Box<Expression>),
    /// `function` cases, its place from the keyword, and its attributes.
    Cases(Vec<Case>, Location, Attributes),
}

#[derive(Clone, PartialEq, Debug)]
pub enum TypeConstraint {
    /// `: T`
    Constraint(CoreType),
    /// `:> T`, `: T0 :> T`
    Coerce(Option<CoreType>, CoreType),
}

// ---------------------------------------------------------------------------------------------
// Declarations

/// `val x : T`, `external x : T = "…"`
#[derive(Clone, PartialEq, Debug)]
pub struct ValueDescription {
    pub name: Loc<Name>,
    pub type_: CoreType,
    pub prim: Vec<Name>,
    pub attributes: Attributes,
    pub loc: Location,
}

/// A type parameter with its annotations.
pub type TypeParam = (CoreType, (Variance, Injectivity));

#[derive(Clone, PartialEq, Debug)]
pub struct TypeDeclaration {
    pub name: Loc<Name>,
    pub params: Vec<TypeParam>,
    /// `constraint T1 = T2`
    pub cstrs: Vec<(CoreType, CoreType, Location)>,
    pub kind: TypeKind,
    pub private: PrivateFlag,
    /// `= T`
    pub manifest: Option<CoreType>,
    pub attributes: Attributes,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    Abstract,
    Variant(Vec<ConstructorDeclaration>),
    /// At least one field.
    Record(Vec<LabelDeclaration>),
    /// `..`
    Open,
}

#[derive(Clone, PartialEq, Debug)]
pub struct LabelDeclaration {
    pub name: Loc<Name>,
    pub mutable: MutableFlag,
    pub type_: CoreType,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ConstructorDeclaration {
    pub name: Loc<Name>,
    /// The explicitly quantified variables of a GADT constructor.
    pub vars: Vec<Loc<Name>>,
    pub args: ConstructorArguments,
    pub res: Option<CoreType>,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ConstructorArguments {
    Tuple(Vec<CoreType>),
    Record(Vec<LabelDeclaration>),
}

/// `type t += …`
#[derive(Clone, PartialEq, Debug)]
pub struct TypeExtension {
    pub path: Loc<Longident>,
    pub params: Vec<TypeParam>,
    pub constructors: Vec<ExtensionConstructor>,
    pub private: PrivateFlag,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ExtensionConstructor {
    pub name: Loc<Name>,
    pub kind: ExtensionConstructorKind,
    pub loc: Location,
    pub attributes: Attributes,
}

/// `exception C of T`
#[derive(Clone, PartialEq, Debug)]
pub struct TypeException {
    pub constructor: ExtensionConstructor,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExtensionConstructorKind {
    /// Quantified variables, arguments, result.
    Decl(Vec<Loc<Name>>, ConstructorArguments, Option<CoreType>),
    /// `= C`
    Rebind(Loc<Longident>),
}

// ---------------------------------------------------------------------------------------------
// Classes

#[derive(Clone, PartialEq, Debug)]
pub struct ClassType {
    pub desc: ClassTypeDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ClassTypeDesc {
    /// `c`, `[T1, T2] c`
    Constr(Loc<Longident>, Vec<CoreType>),
    /// `object … end`
    Signature(Box<ClassSignature>),
    /// `T -> CT`
    Arrow(ArgLabel, Box<CoreType>, Box<ClassType>),
    Extension(Box<Extension>),
    /// `let open M in CT`
    Open(Box<OpenDescription>, Box<ClassType>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ClassSignature {
    /// `object (T)`, or `_`.
    pub self_: CoreType,
    pub fields: Vec<ClassTypeField>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ClassTypeField {
    pub desc: ClassTypeFieldDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ClassTypeFieldDesc {
    Inherit(ClassType),
    Val(Loc<Name>, MutableFlag, VirtualFlag, CoreType),
    Method(Loc<Name>, PrivateFlag, VirtualFlag, CoreType),
    Constraint(CoreType, CoreType),
    Attribute(Attribute),
    Extension(Box<Extension>),
}

/// What class definitions, descriptions and class type definitions share.
#[derive(Clone, PartialEq, Debug)]
pub struct ClassInfos<T> {
    pub virt: VirtualFlag,
    pub params: Vec<TypeParam>,
    pub name: Loc<Name>,
    pub expr: T,
    pub loc: Location,
    pub attributes: Attributes,
}

pub type ClassDescription = ClassInfos<ClassType>;
pub type ClassTypeDeclaration = ClassInfos<ClassType>;
pub type ClassDeclaration = ClassInfos<ClassExpr>;

#[derive(Clone, PartialEq, Debug)]
pub struct ClassExpr {
    pub desc: ClassExprDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ClassExprDesc {
    /// `c`, `[T1, T2] c`
    Constr(Loc<Longident>, Vec<CoreType>),
    /// `object … end`
    Structure(Box<ClassStructure>),
    /// `fun P -> CE`
    Fun(ArgLabel, Option<Box<Expression>>, Box<Pattern>, Box<ClassExpr>),
    /// `CE E1 ~l:E2`
    Apply(Box<ClassExpr>, Vec<(ArgLabel, Expression)>),
    /// `let P = E in CE`
    Let(RecFlag, Vec<ValueBinding>, Box<ClassExpr>),
    /// `(CE : CT)`
    Constraint(Box<ClassExpr>, Box<ClassType>),
    Extension(Box<Extension>),
    /// `let open M in CE`
    Open(Box<OpenDescription>, Box<ClassExpr>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ClassStructure {
    /// `object (P)`, or `_`.
    pub self_: Pattern,
    pub fields: Vec<ClassField>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ClassField {
    pub desc: ClassFieldDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ClassFieldDesc {
    /// `inherit CE as x`
    Inherit(OverrideFlag, ClassExpr, Option<Loc<Name>>),
    Val(Loc<Name>, MutableFlag, ClassFieldKind),
    Method(Loc<Name>, PrivateFlag, ClassFieldKind),
    Constraint(CoreType, CoreType),
    Initializer(Expression),
    Attribute(Attribute),
    Extension(Box<Extension>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum ClassFieldKind {
    Virtual(CoreType),
    Concrete(OverrideFlag, Expression),
}

// ---------------------------------------------------------------------------------------------
// Modules

#[derive(Clone, PartialEq, Debug)]
pub struct ModuleType {
    pub desc: ModuleTypeDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ModuleTypeDesc {
    /// `S`
    Ident(Loc<Longident>),
    /// `sig … end`
    Signature(Signature),
    /// `functor (X : MT1) -> MT2`
    Functor(Box<FunctorParameter>, Box<ModuleType>),
    /// `MT with …`
    With(Box<ModuleType>, Vec<WithConstraint>),
    /// `module type of ME`
    TypeOf(Box<ModuleExpr>),
    Extension(Box<Extension>),
    /// `(module M)`
    Alias(Loc<Longident>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum FunctorParameter {
    /// `()`
    Unit,
    /// `(X : MT)`, `(_ : MT)`
    Named(Loc<Option<Name>>, ModuleType),
}

pub type Signature = Vec<SignatureItem>;

#[derive(Clone, PartialEq, Debug)]
pub struct SignatureItem {
    pub desc: SignatureItemDesc,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub enum SignatureItemDesc {
    Value(Box<ValueDescription>),
    Type(RecFlag, Vec<TypeDeclaration>),
    /// `type t := …`
    TypeSubst(Vec<TypeDeclaration>),
    /// `type t += …`
    TypExt(Box<TypeExtension>),
    Exception(Box<TypeException>),
    Module(Box<ModuleDeclaration>),
    /// `module X := M`
    ModSubst(Box<ModuleSubstitution>),
    /// `module rec X : MT and …`
    RecModule(Vec<ModuleDeclaration>),
    ModType(Box<ModuleTypeDeclaration>),
    /// `module type S := …`
    ModTypeSubst(Box<ModuleTypeDeclaration>),
    Open(Box<OpenDescription>),
    Include(Box<IncludeDescription>),
    Class(Vec<ClassDescription>),
    ClassType(Vec<ClassTypeDeclaration>),
    Attribute(Box<Attribute>),
    Extension(Box<Extension>, Attributes),
}

/// `X : MT`
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleDeclaration {
    pub name: Loc<Option<Name>>,
    pub type_: ModuleType,
    pub attributes: Attributes,
    pub loc: Location,
}

/// `X := M`
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleSubstitution {
    pub name: Loc<Name>,
    pub manifest: Loc<Longident>,
    pub attributes: Attributes,
    pub loc: Location,
}

/// `S = MT`, or `S` alone.
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleTypeDeclaration {
    pub name: Loc<Name>,
    pub type_: Option<ModuleType>,
    pub attributes: Attributes,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OpenInfos<T> {
    pub expr: T,
    pub override_: OverrideFlag,
    pub loc: Location,
    pub attributes: Attributes,
}

pub type OpenDescription = OpenInfos<Loc<Longident>>;
pub type OpenDeclaration = OpenInfos<ModuleExpr>;

#[derive(Clone, PartialEq, Debug)]
pub struct IncludeInfos<T> {
    pub mod_: T,
    pub loc: Location,
    pub attributes: Attributes,
}

pub type IncludeDescription = IncludeInfos<ModuleType>;
pub type IncludeDeclaration = IncludeInfos<ModuleExpr>;

#[derive(Clone, PartialEq, Debug)]
pub enum WithConstraint {
    /// `with type X.t = …`; the declaration bears the last component.
    Type(Loc<Longident>, Box<TypeDeclaration>),
    /// `with module X.Y = Z`
    Module(Loc<Longident>, Loc<Longident>),
    /// `with module type X.Y = MT`
    ModType(Loc<Longident>, Box<ModuleType>),
    /// `with module type X.Y := MT`
    ModTypeSubst(Loc<Longident>, Box<ModuleType>),
    /// `with type X.t := …`
    TypeSubst(Loc<Longident>, Box<TypeDeclaration>),
    /// `with module X.Y := Z`
    ModSubst(Loc<Longident>, Loc<Longident>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ModuleExpr {
    pub desc: ModuleExprDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ModuleExprDesc {
    /// `X`
    Ident(Loc<Longident>),
    /// `struct … end`
    Structure(Structure),
    /// `functor (X : MT) -> ME`
    Functor(Box<FunctorParameter>, Box<ModuleExpr>),
    /// `ME1(ME2)`
    Apply(Box<ModuleExpr>, Box<ModuleExpr>),
    /// `ME()`
    ApplyUnit(Box<ModuleExpr>),
    /// `(ME : MT)`
    Constraint(Box<ModuleExpr>, Box<ModuleType>),
    /// `(val E)`
    Unpack(Box<Expression>),
    Extension(Box<Extension>),
}

pub type Structure = Vec<StructureItem>;

#[derive(Clone, PartialEq, Debug)]
pub struct StructureItem {
    pub desc: StructureItemDesc,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub enum StructureItemDesc {
    /// `E`
    Eval(Box<Expression>, Attributes),
    Value(RecFlag, Vec<ValueBinding>),
    Primitive(Box<ValueDescription>),
    Type(RecFlag, Vec<TypeDeclaration>),
    TypExt(Box<TypeExtension>),
    Exception(Box<TypeException>),
    Module(Box<ModuleBinding>),
    RecModule(Vec<ModuleBinding>),
    ModType(Box<ModuleTypeDeclaration>),
    Open(Box<OpenDeclaration>),
    Class(Vec<ClassDeclaration>),
    ClassType(Vec<ClassTypeDeclaration>),
    Include(Box<IncludeDeclaration>),
    Attribute(Box<Attribute>),
    Extension(Box<Extension>, Attributes),
}

/// The annotation of a `let` binding.
#[derive(Clone, PartialEq, Debug)]
pub enum ValueConstraint {
    /// `: T`, or `: type a b. T`
    Constraint { locally_abstract_univars: Vec<Loc<Name>>, typ: CoreType },
    /// `:> T`, or `: T0 :> T`
    Coercion { ground: Option<CoreType>, coercion: CoreType },
}

#[derive(Clone, PartialEq, Debug)]
pub struct ValueBinding {
    pub pat: Pattern,
    pub expr: Expression,
    pub constraint: Option<ValueConstraint>,
    pub attributes: Attributes,
    pub loc: Location,
}

/// `X = ME`
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleBinding {
    pub name: Loc<Option<Name>>,
    pub expr: ModuleExpr,
    pub attributes: Attributes,
    pub loc: Location,
}

// ---------------------------------------------------------------------------------------------
// Toplevel phrases

#[derive(Clone, PartialEq, Debug)]
pub enum ToplevelPhrase {
    Def(Structure),
    /// `#use "…"`, `#load "…"`, …
    Dir(ToplevelDirective),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ToplevelDirective {
    pub name: Loc<Name>,
    pub arg: Option<DirectiveArgument>,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub struct DirectiveArgument {
    pub desc: DirectiveArgumentDesc,
    pub loc: Location,
}

#[derive(Clone, PartialEq, Debug)]
pub enum DirectiveArgumentDesc {
    String(Arc<[u8]>),
    Int(Name, Option<char>),
    Ident(Longident),
    Bool(bool),
}
