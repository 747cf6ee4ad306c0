//! What a type is and what a declaration says: upstream's `Types`.
//!
//! Type nodes live in a [`TypeStore`](crate::TypeStore) and are named by [`TypeId`]; all else
//! here is plain, immutable data that refers to them. Names follow upstream without prefixes
//! (`Tarrow` is [`TypeDesc::Arrow`], `type_params` is [`TypeDeclaration::params`]).

use crate::ident::Ident;
use crate::path::Path;
use crate::primitive::PrimitiveDescription;
use rocaml_base::{Location, Name};
use rocaml_index::define_index;
use rocaml_syntax::ast::Attributes;
use rocaml_syntax::asttypes::{ArgLabel, ClosedFlag, MutableFlag, PrivateFlag, VirtualFlag};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

define_index! {
    /// A type node of the store.
    pub struct TypeId = "t";
    /// The commutability of an arrow that is not yet known.
    pub struct CommutableVar = "c";
    /// The presence of a method that is not yet known.
    pub struct FieldKindVar = "k";
    /// The presence of a polymorphic variant's tag that is not yet known.
    pub struct RowFieldVar = "r";
    /// The abbreviation memo of a `Constr` node.
    pub struct AbbrevMemo = "m";
    /// The remembered name of an object type (`ct` of `#ct`).
    pub struct ObjectName = "o";
}

/// The shape of a type node, links followed.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeDesc {
    /// `'a`, or `_` when anonymous. Generic when its level is [`GENERIC_LEVEL`](crate::store::GENERIC_LEVEL).
    Var(Option<Name>),
    /// `l:t1 -> t2`.
    Arrow(ArgLabel, TypeId, TypeId, Commutable),
    /// `t1 * l:t2`; at least two, or one labelled while parsing errors recover.
    Tuple(Rc<[(Option<Name>, TypeId)]>),
    /// `(t1, …) p`, with the memo of its expansions.
    Constr(Path, Rc<[TypeId]>, AbbrevMemo),
    /// `< f1; … >`: the row of fields, and the class type's name if it has one.
    Object(TypeId, ObjectName),
    /// One field of an object's row: name, presence, type, rest.
    Field(Name, FieldKind, TypeId, TypeId),
    /// The end of a closed row of fields.
    Nil,
    /// Only within the store: this node became another.
    Link(TypeId),
    /// Only while copying: the copy of this node, and of its row variable.
    Subst(TypeId, Option<TypeId>),
    /// A polymorphic variant.
    Variant(RowDesc),
    /// A variable bound by an enclosing [`TypeDesc::Poly`].
    Univar(Option<Name>),
    /// `'a1 … . t`, for polymorphic methods, fields and arguments.
    Poly(TypeId, Rc<[TypeId]>),
    /// `(module S with type …)`.
    Package(PackageType),
}

/// `S with type p1 = t1 and …` of a first-class module's type.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageType {
    pub path: Path,
    /// Constraints: the path within the signature, as components, with its type.
    pub constraints: Rc<[(Rc<[Name]>, TypeId)]>,
}

/// Whether arguments may commute through an arrow: upstream's `commutable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commutable {
    Ok,
    /// Not known until the variable is decided.
    Var(CommutableVar),
}

/// Presence of a method: upstream's `field_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Public,
    Absent,
    /// Private until it is known to be public or absent.
    Var(FieldKindVar),
}

/// A polymorphic variant's row: upstream's `row_desc`.
#[derive(Clone, Debug, PartialEq)]
pub struct RowDesc {
    pub fields: Rc<[(Name, RowField)]>,
    /// The row variable, or `Nil`-like static end (`Constr` of a private row, `Univar`).
    pub more: TypeId,
    pub closed: bool,
    pub fixed: Option<FixedExplanation>,
    pub name: Option<(Path, Rc<[TypeId]>)>,
}

/// Why a row cannot be refined.
#[derive(Clone, Debug, PartialEq)]
pub enum FixedExplanation {
    Univar(TypeId),
    FixedPrivate,
    Reified(Path),
    Rigid,
}

/// A tag of a row: upstream's `row_field`.
#[derive(Clone, Debug, PartialEq)]
pub enum RowField {
    Present(Option<TypeId>),
    Either {
        /// A constant tag is accepted too.
        no_arg: bool,
        arg_type: Rc<[TypeId]>,
        matched: bool,
        ext: RowFieldVar,
    },
    Absent,
}

/// Variance of a type parameter as a set of flags, a flag including those it implies: upstream's
/// `Variance.t`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Variance(pub u8);

impl Variance {
    pub const NULL: Variance = Variance(0);
    pub const MAY_POS: Variance = Variance(1);
    pub const MAY_NEG: Variance = Variance(2 | 4);
    pub const MAY_WEAK: Variance = Variance(4);
    pub const INJ: Variance = Variance(8);
    pub const POS: Variance = Variance(16 | 8 | 1);
    pub const NEG: Variance = Variance(32 | 8 | 4 | 2);
    pub const INV: Variance = Variance(63);
    /// Anything is allowed, nothing is guaranteed.
    pub const UNKNOWN: Variance = Variance(7);
    /// All flags.
    pub const FULL: Variance = Variance::INV;
    pub const COVARIANT: Variance = Variance::POS;
    pub const CONTRAVARIANT: Variance = Variance::NEG;
    /// The flags of either.
    pub fn union(self, o: Variance) -> Variance {
        Variance(self.0 | o.0)
    }
    /// The flags of both.
    pub fn inter(self, o: Variance) -> Variance {
        Variance(self.0 & o.0)
    }
    /// Whether the flag, with what it implies, is set.
    pub fn mem(self, flag: Variance) -> bool {
        flag.subset(self)
    }
    /// Whether all flags of `self` are in `o`.
    pub fn subset(self, o: Variance) -> bool {
        self.0 & o.0 == self.0
    }
    /// With the flag if `on`, else as it is.
    pub fn set(self, flag: Variance, on: bool) -> Variance {
        if on { self.union(flag) } else { self }
    }
    /// Exchanges positive and negative.
    pub fn conjugate(self) -> Variance {
        use Variance as V;
        self.inter(V(V::INJ.0 | V::MAY_WEAK.0))
            .set(V::MAY_POS, self.mem(V::MAY_NEG))
            .set(V::MAY_NEG, self.mem(V::MAY_POS))
            .set(V::POS, self.mem(V::NEG))
            .set(V::NEG, self.mem(V::POS))
    }
    /// The variance of what has variance `inner` in a type that stands in a place of `self`.
    pub fn compose(self, inner: Variance) -> Variance {
        use Variance as V;
        if self.mem(V::INV) && inner.mem(V::INJ) {
            return V::FULL;
        }
        let both = |a: V, b: V| self.mem(a) && inner.mem(b);
        V::NULL
            .set(V::MAY_POS, both(V::MAY_POS, V::MAY_POS) || both(V::MAY_NEG, V::MAY_NEG))
            .set(V::MAY_NEG, both(V::MAY_POS, V::MAY_NEG) || both(V::MAY_NEG, V::MAY_POS))
            .set(V::MAY_WEAK, self.mem(V::MAY_WEAK) && inner != V::NULL || self != V::NULL && inner.mem(V::MAY_WEAK))
            .set(V::INJ, both(V::INJ, V::INJ))
            .set(V::POS, both(V::POS, V::POS) || both(V::NEG, V::NEG))
            .set(V::NEG, both(V::POS, V::NEG) || both(V::NEG, V::POS))
    }
    /// Without `MAY_WEAK` where that says nothing.
    pub fn strengthen(self) -> Variance {
        if self.mem(Variance::MAY_NEG) { self } else { self.inter(Variance(63 & !4)) }
    }
    /// `(may_pos, may_neg)`
    pub fn get_upper(self) -> (bool, bool) {
        (self.mem(Variance::MAY_POS), self.mem(Variance::MAY_NEG))
    }
    /// `(pos, neg, inj)`
    pub fn get_lower(self) -> (bool, bool, bool) {
        (self.mem(Variance::POS), self.mem(Variance::NEG), self.mem(Variance::INJ))
    }
    /// The variances of the parameters of an unknown type.
    pub fn unknown_signature(injective: bool, arity: usize) -> Vec<Variance> {
        vec![Variance::UNKNOWN.set(Variance::INJ, injective); arity]
    }
}

/// Separability of a type parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Separability {
    Ind,
    Sep,
    Deepsep,
}

impl Separability {
    /// The most pessimistic signature, where float arrays are flat.
    pub fn default_signature(arity: usize) -> Vec<Separability> {
        vec![Separability::Deepsep; arity]
    }
}

/// Whether a type's values are immediate: upstream's `Type_immediacy.t`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Immediacy {
    Unknown,
    Always,
    AlwaysOn64Bits,
}

/// Identity of a declaration across copies: upstream's `Shape.Uid.t`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Uid {
    CompilationUnit(Name),
    Item { comp_unit: Name, id: u32, from_intf: bool },
    Internal,
    Predef(Name),
}

impl std::fmt::Display for Uid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Uid::CompilationUnit(name) => write!(f, "{name}"),
            Uid::Item { comp_unit, id, from_intf } => {
                write!(f, "{}{comp_unit}.{id}", if *from_intf { "[intf]" } else { "" })
            }
            Uid::Internal => write!(f, "<internal>"),
            Uid::Predef(name) => write!(f, "<predef:{name}>"),
        }
    }
}

/// A value: upstream's `value_description`.
#[derive(Clone, Debug)]
pub struct ValueDescription {
    pub type_: TypeId,
    pub kind: ValueKind,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// What a value is besides its type.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// An ordinary value.
    Reg,
    /// A primitive.
    Prim(Rc<PrimitiveDescription>),
    /// An instance variable of the class with the given self ident name.
    Ivar(MutableFlag, Name),
    /// The self variable in a class.
    SelfVal(Rc<SelfDesc>),
    /// An ancestor object.
    Anc(Rc<AncestorDesc>),
    /// Usable only to report why it cannot be used here.
    Unbound(ValueUnboundReason),
}

/// Data of a self variable.
#[derive(Clone, Debug)]
pub struct SelfDesc {
    pub signature: Rc<ClassSignature>,
    pub meths: SelfMeths,
    pub vars: BTreeMap<Name, Ident>,
    pub class_num: Name,
}

/// The idents of the methods of self: upstream's `self_meths`.
#[derive(Clone, Debug)]
pub enum SelfMeths {
    /// All methods are known.
    Concrete(BTreeMap<Name, Ident>),
    /// Methods are added as they are used.
    Virtual(Rc<RefCell<BTreeMap<Name, Ident>>>),
}

/// Data of an ancestor variable.
#[derive(Clone, Debug)]
pub struct AncestorDesc {
    pub signature: Rc<ClassSignature>,
    pub meths: BTreeMap<Name, Ident>,
    pub class_num: Name,
}

/// Why a value is in scope and yet cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueUnboundReason {
    InstanceVariable,
    Self_,
    Ancestor,
    /// A `let` without `rec` at this place would have bound it.
    GhostRecursive(Location),
}

/// A type declaration: upstream's `type_declaration`.
#[derive(Clone, Debug)]
pub struct TypeDeclaration {
    pub params: Vec<TypeId>,
    pub arity: usize,
    pub kind: TypeKind,
    pub private: PrivateFlag,
    pub manifest: Option<TypeId>,
    pub variance: Vec<Variance>,
    pub separability: Vec<Separability>,
    pub is_newtype: bool,
    pub expansion_scope: i32,
    pub loc: Location,
    pub attributes: Attributes,
    pub immediate: Immediacy,
    pub unboxed_default: bool,
    pub uid: Uid,
}

/// What a declared type consists of.
#[derive(Clone, Debug)]
pub enum TypeKind {
    Abstract(AbstractOrigin),
    Record(Rc<[LabelDeclaration]>, RecordRepresentation),
    Variant(Rc<[ConstructorDeclaration]>, VariantRepresentation),
    /// `..`
    Open,
}

/// Where an abstract type comes from: upstream's `type_origin`.
#[derive(Clone, Debug, PartialEq)]
pub enum AbstractOrigin {
    Definition,
    /// The row of a private object or variant type.
    RecCheckRegularity,
    /// An existential of the constructor.
    Existential(Name),
}

/// How a record is stored: upstream's `record_representation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordRepresentation {
    Regular,
    /// All fields are floats.
    Float,
    /// One field, without a block; `inlined` when within a constructor.
    Unboxed(bool),
    /// The inline record of a constructor with this tag.
    Inlined(u32),
    /// The inline record of an extension constructor.
    Extension(Path),
}

/// How a variant is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantRepresentation {
    Regular,
    Unboxed,
}

/// A record's field.
#[derive(Clone, Debug)]
pub struct LabelDeclaration {
    pub id: Ident,
    pub mutable: MutableFlag,
    /// `[@atomic]` field (5.4).
    pub atomic: bool,
    pub type_: TypeId,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// A variant's constructor.
#[derive(Clone, Debug)]
pub struct ConstructorDeclaration {
    pub id: Ident,
    pub args: ConstructorArguments,
    /// The result type, for a GADT's constructor.
    pub res: Option<TypeId>,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// A constructor's arguments.
#[derive(Clone, Debug)]
pub enum ConstructorArguments {
    Tuple(Vec<TypeId>),
    Record(Rc<[LabelDeclaration]>),
}

/// An extension constructor (exceptions included).
#[derive(Clone, Debug)]
pub struct ExtensionConstructor {
    pub type_path: Path,
    pub type_params: Vec<TypeId>,
    pub args: ConstructorArguments,
    pub ret_type: Option<TypeId>,
    pub private: PrivateFlag,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// The tag of a constructor: upstream's `constructor_tag`.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum ConstructorTag {
    /// Among the constant constructors.
    Constant(u32),
    /// Among the non-constant constructors: the block's tag.
    Block(u32),
    /// The only constructor of an unboxed type.
    Unboxed,
    /// An extension constructor; true when it is constant.
    Extension(Path, bool),
}

/// What is known of a constructor when it is used: upstream's `constructor_description`.
#[derive(Clone, Debug)]
pub struct ConstructorDescription {
    pub name: Name,
    pub res: TypeId,
    pub existentials: Vec<TypeId>,
    pub args: Vec<TypeId>,
    pub arity: usize,
    pub tag: ConstructorTag,
    /// Number of constant constructors of the type; `u32::MAX`-free: extensions have 0.
    pub consts: u32,
    pub nonconsts: u32,
    pub generalized: bool,
    pub private: PrivateFlag,
    pub loc: Location,
    pub attributes: Attributes,
    pub inlined: Option<Rc<TypeDeclaration>>,
    pub uid: Uid,
}

/// What is known of a label when it is used: upstream's `label_description`.
#[derive(Clone, Debug)]
pub struct LabelDescription {
    pub name: Name,
    /// Type of the record.
    pub res: TypeId,
    /// Type of the field.
    pub arg: TypeId,
    pub mutable: MutableFlag,
    pub atomic: bool,
    pub pos: usize,
    /// All labels of the record, this one included, by position.
    pub all: AllLabels,
    pub repres: RecordRepresentation,
    pub private: PrivateFlag,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// The labels of a record, shared by each of them; dereferences to a slice.
#[derive(Clone, Default)]
pub struct AllLabels(pub Rc<OnceCell<Vec<Rc<LabelDescription>>>>);

impl std::ops::Deref for AllLabels {
    type Target = [Rc<LabelDescription>];
    fn deref(&self) -> &[Rc<LabelDescription>] {
        self.0.get().map_or(&[], |labels| labels)
    }
}

impl fmt::Debug for AllLabels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|label| label.name)).finish()
    }
}

/// A module type: upstream's `module_type`. Cheap to clone.
#[derive(Clone, Debug)]
pub enum ModuleType {
    Ident(Path),
    Signature(Rc<Signature>),
    Functor(FunctorParameter, Rc<ModuleType>),
    Alias(Path),
}

/// A functor's parameter.
#[derive(Clone, Debug)]
pub enum FunctorParameter {
    Unit,
    Named(Option<Ident>, Rc<ModuleType>),
}

/// The items of a signature in order.
pub type Signature = Vec<SignatureItem>;

/// Whether a module is really there or an alias to be resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModulePresence {
    Present,
    Absent,
}

/// Whether an item is visible to users of the signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visibility {
    Exported,
    Hidden,
}

/// Place of a declaration in a recursive group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecStatus {
    Not,
    First,
    Next,
}

/// Place of an extension constructor among those of one `type t += …`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExtStatus {
    First,
    Next,
    Exception,
}

/// An item of a signature.
#[derive(Clone, Debug)]
pub enum SignatureItem {
    Value(Ident, Rc<ValueDescription>, Visibility),
    Type(Ident, Rc<TypeDeclaration>, RecStatus, Visibility),
    Typext(Ident, Rc<ExtensionConstructor>, ExtStatus, Visibility),
    Module(Ident, ModulePresence, Rc<ModuleDeclaration>, RecStatus, Visibility),
    Modtype(Ident, Rc<ModtypeDeclaration>, Visibility),
    Class(Ident, Rc<ClassDeclaration>, RecStatus, Visibility),
    ClassType(Ident, Rc<ClassTypeDeclaration>, RecStatus, Visibility),
}

impl SignatureItem {
    /// The identity of what it declares.
    pub fn uid(&self) -> Uid {
        match self {
            SignatureItem::Value(_, d, _) => d.uid,
            SignatureItem::Type(_, d, ..) => d.uid,
            SignatureItem::Typext(_, d, ..) => d.uid,
            SignatureItem::Module(_, _, d, ..) => d.uid,
            SignatureItem::Modtype(_, d, _) => d.uid,
            SignatureItem::Class(_, d, ..) => d.uid,
            SignatureItem::ClassType(_, d, ..) => d.uid,
        }
    }
    /// Whether users of the signature see the item.
    pub fn visibility(&self) -> Visibility {
        match self {
            SignatureItem::Value(_, _, v)
            | SignatureItem::Type(_, _, _, v)
            | SignatureItem::Typext(_, _, _, v)
            | SignatureItem::Module(_, _, _, _, v)
            | SignatureItem::Modtype(_, _, v)
            | SignatureItem::Class(_, _, _, v)
            | SignatureItem::ClassType(_, _, _, v) => *v,
        }
    }
    /// Whether the item has a value at run time: upstream's `bound_value_identifiers`.
    pub fn is_runtime_value(&self) -> bool {
        match self {
            SignatureItem::Value(_, d, _) => !matches!(d.kind, ValueKind::Prim(_)),
            SignatureItem::Typext(..) | SignatureItem::Class(..) => true,
            SignatureItem::Module(_, presence, ..) => *presence == ModulePresence::Present,
            SignatureItem::Type(..) | SignatureItem::Modtype(..) | SignatureItem::ClassType(..) => false,
        }
    }
    /// The ident that the item binds.
    pub fn ident(&self) -> Ident {
        match self {
            SignatureItem::Value(id, ..)
            | SignatureItem::Type(id, ..)
            | SignatureItem::Typext(id, ..)
            | SignatureItem::Module(id, ..)
            | SignatureItem::Modtype(id, ..)
            | SignatureItem::Class(id, ..)
            | SignatureItem::ClassType(id, ..) => *id,
        }
    }
}

/// A module's declaration.
#[derive(Clone, Debug)]
pub struct ModuleDeclaration {
    pub type_: ModuleType,
    pub attributes: Attributes,
    pub loc: Location,
    pub uid: Uid,
}

/// A module type's declaration; abstract without a type.
#[derive(Clone, Debug)]
pub struct ModtypeDeclaration {
    pub type_: Option<ModuleType>,
    pub attributes: Attributes,
    pub loc: Location,
    pub uid: Uid,
}

/// A class type: upstream's `class_type`.
#[derive(Clone, Debug)]
pub enum ClassType {
    Constr(Path, Vec<TypeId>, Rc<ClassType>),
    Signature(Rc<ClassSignature>),
    Arrow(ArgLabel, TypeId, Rc<ClassType>),
}

/// The contents of a class type. Fields change while the class is being typed.
#[derive(Clone, Debug)]
pub struct ClassSignature {
    pub self_: TypeId,
    pub self_row: Cell<TypeId>,
    pub vars: RefCell<BTreeMap<Name, (MutableFlag, VirtualFlag, TypeId)>>,
    pub meths: RefCell<BTreeMap<Name, (MethodPrivacy, VirtualFlag, TypeId)>>,
}

/// Privacy of a method.
#[derive(Clone, Copy, Debug)]
pub enum MethodPrivacy {
    Public,
    Private(FieldKind),
}

/// A class's declaration.
#[derive(Clone, Debug)]
pub struct ClassDeclaration {
    pub params: Vec<TypeId>,
    pub type_: ClassType,
    pub path: Path,
    pub new: Option<TypeId>,
    pub variance: Vec<Variance>,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// A class type's declaration.
#[derive(Clone, Debug)]
pub struct ClassTypeDeclaration {
    pub params: Vec<TypeId>,
    pub type_: ClassType,
    pub path: Path,
    pub hash_type: Rc<TypeDeclaration>,
    pub variance: Vec<Variance>,
    pub loc: Location,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// Whether a polymorphic variant or object row is closed, as the parser says it.
pub type Closed = ClosedFlag;
