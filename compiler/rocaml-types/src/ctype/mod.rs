//! Operations on types: upstream's `Ctype`.

use crate::Ident;
use crate::btype::TypeSet;
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, Level};
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag};
use std::cell::RefCell;
use std::rc::Rc;

mod classes;
mod equal;
mod expand;
mod filter;
mod gadt;
mod instance;
mod levels;
mod moregen;
mod nondep;
mod normal;
mod objects;
mod package;
mod subtype;
mod unify;
mod univar;

pub use classes::*;
pub use equal::{equal, equal_private, is_equal, same_constr};
pub use expand::*;
pub use filter::{filter_arrow, filter_method};
pub use gadt::mcomp;
pub use instance::*;
pub use levels::*;
pub use moregen::{all_distinct_vars, does_match, is_moregeneral, matches, moregeneral, rigidify};
pub use nondep::*;
pub use normal::*;
pub use objects::*;
pub use subtype::{enlarge_type, subtype};
pub use unify::*;
pub use univar::{UnivarPairs, deep_occur, deep_occur_list, occur_in, take_too_deep};

/// An abbreviation cannot be expanded here.
#[derive(Clone, Debug)]
pub struct CannotExpand;
/// A type function is applied to arguments that do not fit.
#[derive(Clone, Debug)]
pub struct CannotApply;
/// Two types can never be equal: failure of [`mcomp`].
#[derive(Clone, Debug)]
pub struct Incompatible;
/// Two tags of a polymorphic variant with one hash.
#[derive(Clone, Debug)]
pub struct Tags(pub Name, pub Name);
/// A type mentions an ident that cannot be erased from it.
#[derive(Clone, Debug)]
pub struct NondepCannotErase(pub Ident);
/// Failure of [`matches`].
#[derive(Clone)]
pub struct MatchesFailure(pub Env, pub UnifyError);

/// The environment of a pattern, extended by equations while it is typed.
pub struct PatternEnv {
    pub env: RefCell<Env>,
    pub equations_scope: i32,
    pub in_counterexample: bool,
}
impl PatternEnv {
    pub fn new(env: Env, equations_scope: i32, in_counterexample: bool) -> PatternEnv {
        PatternEnv { env: RefCell::new(env), equations_scope, in_counterexample }
    }
    pub fn env(&self) -> Env {
        self.env.borrow().clone()
    }
    pub fn set_env(&self, env: Env) {
        *self.env.borrow_mut() = env;
    }
    /// A copy that does not see later equations.
    pub fn copy(&self, equations_scope: Option<i32>) -> PatternEnv {
        PatternEnv::new(self.env(), equations_scope.unwrap_or(self.equations_scope), self.in_counterexample)
    }
}

/// What to do with a constructor's existentials when it is instantiated.
pub enum ExistentialTreatment<'a> {
    KeepFlexible,
    MakeAbstract(&'a PatternEnv),
}

#[derive(Clone)]
pub enum TypedeclExtraction {
    /// Path of the type, path of the first concrete declaration found by expansion, declaration.
    Typedecl(Path, Path, Rc<TypeDeclaration>),
    HasNoTypedecl,
    MayHaveTypedecl,
}

#[derive(Clone, Debug)]
pub enum FilterArrowFailure {
    Unification(UnifyError),
    LabelMismatch { got: ArgLabel, expected: ArgLabel, expected_type: TypeId },
    NotAFunction,
}
#[derive(Clone, Debug)]
pub enum FilterMethodFailure {
    Unification(UnifyError),
    NotAMethod,
    NotAnObject(TypeId),
}
#[derive(Clone)]
pub enum ClassMatchFailure {
    VirtualClass,
    ParameterArityMismatch(usize, usize),
    TypeParameterMismatch(usize, Env, EqualityError),
    ClassTypeMismatch(Env, ClassType, ClassType),
    ParameterMismatch(usize, Env, MoregenError),
    ValTypeMismatch(Name, Env, ComparisonError),
    MethTypeMismatch(Name, Env, ComparisonError),
    NonMutableValue(Name),
    NonConcreteValue(Name),
    MissingValue(Name),
    MissingMethod(Name),
    HidePublic(Name),
    HideVirtual(Name, Name),
    PublicMethod(Name),
    PrivateMethod(Name),
    VirtualMethod(Name),
}
#[derive(Clone, Debug)]
pub enum AddMethodFailure {
    UnexpectedMethod,
    TypeMismatch(UnifyError),
}
#[derive(Clone, Debug)]
pub enum AddInstanceVariableFailure {
    MutabilityMismatch(MutableFlag),
    TypeMismatch(UnifyError),
}
#[derive(Clone, Debug)]
pub enum InheritClassSignatureFailure {
    SelfTypeMismatch(UnifyError),
    Method(Name, AddMethodFailure),
    InstanceVariable(Name, AddInstanceVariableFailure),
}
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VariableKind {
    RowVariable,
    TypeVariable,
}
#[derive(Clone, Debug)]
pub struct ClosedClassFailure {
    pub free_variable: (TypeId, VariableKind),
    pub meth: Name,
    pub meth_ty: TypeId,
}

/// A field of an object type.
pub type Field = (Name, FieldKind, TypeId);
/// Finishes a subtyping check by unifying what must be equal.
pub type SubtypeEnforcer = Box<dyn FnOnce(&Context) -> Result<(), SubtypeError>>;

// Levels.
/// `before_generalize` runs at the outer level, before nodes become generic.

// Creation.
pub fn newty2(cx: &Context, level: Level, desc: TypeDesc) -> TypeId {
    cx.new_node(desc, level)
}
pub fn newty3(cx: &Context, level: Level, scope: i32, desc: TypeDesc) -> TypeId {
    cx.create(desc, level, scope)
}
/// A type at the current level.
pub fn newty(cx: &Context, desc: TypeDesc) -> TypeId {
    cx.new_node(desc, get_current_level(cx))
}
pub fn newgenty(cx: &Context, desc: TypeDesc) -> TypeId {
    cx.new_node(desc, GENERIC_LEVEL)
}
pub fn newgenvar(cx: &Context, name: Option<Name>) -> TypeId {
    newgenty(cx, TypeDesc::Var(name))
}
pub fn new_scoped_ty(cx: &Context, scope: i32, desc: TypeDesc) -> TypeId {
    cx.create(desc, get_current_level(cx), scope)
}
pub fn newvar(cx: &Context) -> TypeId {
    newty(cx, TypeDesc::Var(None))
}
pub fn newvar_named(cx: &Context, name: Option<Name>) -> TypeId {
    newty(cx, TypeDesc::Var(name))
}
pub fn newvar2(cx: &Context, level: Level, name: Option<Name>) -> TypeId {
    cx.new_node(TypeDesc::Var(name), level)
}
/// A variable bound at toplevel, as those written in type constraints.
pub fn new_global_var(cx: &Context, name: Option<Name>) -> TypeId {
    cx.new_node(TypeDesc::Var(name), cx.global_level.get())
}
pub fn newobj(cx: &Context, fields: TypeId) -> TypeId {
    newty(cx, TypeDesc::Object(fields, cx.new_object_name(None)))
}
pub fn newconstr(cx: &Context, path: &Path, args: &[TypeId]) -> TypeId {
    newty(cx, TypeDesc::Constr(path.clone(), args.into(), cx.new_memo()))
}

/// Types already met in a traversal: most traversals are short, so the first ones stand in line.
#[derive(Default)]
pub(crate) struct Visited {
    few: [Option<TypeId>; 12],
    len: usize,
    many: TypeSet,
}

impl Visited {
    pub(crate) fn new() -> Visited {
        Visited::default()
    }
    pub(crate) fn contains(&self, ty: TypeId) -> bool {
        self.few[..self.len].contains(&Some(ty)) || !self.many.is_empty() && self.many.contains(&ty)
    }
    /// Adds a representative; false if it was there.
    pub(crate) fn insert(&mut self, ty: TypeId) -> bool {
        if self.contains(ty) {
            return false;
        }
        if self.len < self.few.len() {
            self.few[self.len] = Some(ty);
            self.len += 1;
        } else {
            self.many.insert(ty);
        }
        true
    }
}
