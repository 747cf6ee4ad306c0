//! Operations on types: upstream's `Ctype`.

#![allow(clippy::todo, unused_variables)]

use crate::btype::TypePairs;
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::store::Level;
use crate::types::*;
use crate::Ident;
use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag, PrivateFlag, VirtualFlag};
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// One pair of `Poly`s being unified: the univars of both sides and what each was matched with.
pub struct UnivarScope {
    pub left: Vec<(TypeId, Rc<std::cell::Cell<Option<TypeId>>>)>,
    pub right: Vec<(TypeId, Rc<std::cell::Cell<Option<TypeId>>>)>,
}

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
type Name2 = Option<Name>;

// Levels.
pub fn begin_def(cx: &Context) { todo!() }
pub fn begin_class_def(cx: &Context) { todo!() }
pub fn raise_nongen_level(cx: &Context) { todo!() }
pub fn end_def(cx: &Context) { todo!() }
pub fn init_def(cx: &Context, level: Level) { todo!() }
pub fn with_local_level<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_local_level_post<T>(cx: &Context, f: impl FnOnce(&Context) -> T, post: impl FnOnce(&Context, &T)) -> T { todo!() }
pub fn with_local_level_if<T>(cx: &Context, on: bool, f: impl FnOnce(&Context) -> T, post: impl FnOnce(&Context, &T)) -> T { todo!() }
pub fn with_local_level_if_principal<T>(cx: &Context, f: impl FnOnce(&Context) -> T, post: impl FnOnce(&Context, &T)) -> T { todo!() }
pub fn with_local_level_generalize<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T { todo!() }
/// `before_generalize` runs at the outer level, before nodes become generic.
pub fn with_local_level_generalize_before<T>(cx: &Context, f: impl FnOnce(&Context) -> T, before_generalize: impl FnOnce(&Context, &T)) -> T { todo!() }
pub fn with_local_level_generalize_if<T>(cx: &Context, on: bool, f: impl FnOnce(&Context) -> T, before_generalize: impl FnOnce(&Context, &T)) -> T { todo!() }
pub fn with_local_level_generalize_structure<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_local_level_generalize_structure_if<T>(cx: &Context, on: bool, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_local_level_generalize_structure_if_principal<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_local_level_generalize_for_class<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_local_level_for_class<T>(cx: &Context, f: impl FnOnce(&Context) -> T, post: impl FnOnce(&Context, &T)) -> T { todo!() }
pub fn with_level<T>(cx: &Context, level: Level, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_level_if<T>(cx: &Context, on: bool, level: Level, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn with_raised_nongen_level<T>(cx: &Context, f: impl FnOnce(&Context) -> T) -> T { todo!() }
pub fn get_current_level(cx: &Context) -> Level { todo!() }
pub fn reset_global_level(cx: &Context) { todo!() }
pub fn increase_global_level(cx: &Context) -> Level { todo!() }
pub fn restore_global_level(cx: &Context, level: Level) { todo!() }
pub fn create_scope(cx: &Context) -> i32 { todo!() }
pub fn generalize(cx: &Context, ty: TypeId) { todo!() }
pub fn generalize_structure(cx: &Context, ty: TypeId) { todo!() }
pub fn generalize_class_signature_spine(cx: &Context, sign: &ClassSignature) { todo!() }
pub fn limited_generalize(cx: &Context, ty: TypeId, inside: TypeId) { todo!() }
pub fn limited_generalize_class_type(cx: &Context, ty: TypeId, inside: &ClassType) { todo!() }
pub fn lower_contravariant(cx: &Context, env: &Env, ty: TypeId) { todo!() }
pub fn lower_variables_only(cx: &Context, env: &Env, level: Level, ty: TypeId) { todo!() }
pub fn enforce_current_level(cx: &Context, env: &Env, ty: TypeId) -> Result<(), Escape> { todo!() }
pub fn update_level(cx: &Context, env: &Env, level: Level, ty: TypeId) -> Result<(), Escape> { todo!() }
pub fn update_scope(cx: &Context, scope: i32, ty: TypeId) -> Result<(), Escape> { todo!() }
pub fn check_scope_escape(cx: &Context, env: &Env, level: Level, ty: TypeId) -> Result<(), Escape> { todo!() }
pub fn fully_generic(cx: &Context, ty: TypeId) -> bool { todo!() }

// Creation.
pub fn newty(cx: &Context, desc: TypeDesc) -> TypeId { todo!() }
pub fn newty2(cx: &Context, level: Level, desc: TypeDesc) -> TypeId { todo!() }
pub fn newty3(cx: &Context, level: Level, scope: i32, desc: TypeDesc) -> TypeId { todo!() }
pub fn newgenty(cx: &Context, desc: TypeDesc) -> TypeId { todo!() }
pub fn newgenvar(cx: &Context, name: Option<Name>) -> TypeId { todo!() }
pub fn new_scoped_ty(cx: &Context, scope: i32, desc: TypeDesc) -> TypeId { todo!() }
pub fn newvar(cx: &Context) -> TypeId { todo!() }
pub fn newvar_named(cx: &Context, name: Option<Name>) -> TypeId { todo!() }
pub fn newvar2(cx: &Context, level: Level, name: Option<Name>) -> TypeId { todo!() }
pub fn new_global_var(cx: &Context, name: Option<Name>) -> TypeId { todo!() }
pub fn newobj(cx: &Context, fields: TypeId) -> TypeId { todo!() }
pub fn newconstr(cx: &Context, path: &Path, args: &[TypeId]) -> TypeId { todo!() }

// Objects and rows.
pub fn object_fields(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn flatten_fields(cx: &Context, ty: TypeId) -> (Vec<Field>, TypeId) { todo!() }
/// (in both, only in the first, only in the second)
pub fn associate_fields(fields1: &[Field], fields2: &[Field]) -> (Vec<(Name, FieldKind, TypeId, FieldKind, TypeId)>, Vec<Field>, Vec<Field>) { todo!() }
pub fn opened_object(cx: &Context, ty: TypeId) -> bool { todo!() }
pub fn set_object_name(cx: &Context, id: Ident, params: &[TypeId], ty: TypeId) { todo!() }
pub fn remove_object_name(cx: &Context, ty: TypeId) { todo!() }
pub fn find_cltype_for_path(cx: &Context, env: &Env, path: &Path) -> Option<(Rc<TypeDeclaration>, TypeId)> { todo!() }
pub fn sort_row_fields(fields: Vec<(Name, RowField)>) -> Vec<(Name, RowField)> { todo!() }
/// (only in the first, only in the second, in both)
pub fn merge_row_fields(fields1: &[(Name, RowField)], fields2: &[(Name, RowField)]) -> (Vec<(Name, RowField)>, Vec<(Name, RowField)>, Vec<(Name, RowField, RowField)>) { todo!() }
pub fn filter_row_fields(cx: &Context, erase: bool, fields: Vec<(Name, RowField)>) -> Vec<(Name, RowField)> { todo!() }

// Instances.
pub fn duplicate_type(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn instance(cx: &Context, ty: TypeId) -> TypeId { todo!() }
/// `keep` as upstream's `partial`.
pub fn instance_partial(cx: &Context, keep: bool, ty: TypeId) -> TypeId { todo!() }
pub fn generic_instance(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn instance_list(cx: &Context, tys: &[TypeId]) -> Vec<TypeId> { todo!() }
pub fn new_local_type(cx: &Context, loc: Location, manifest_and_scope: Option<(TypeId, i32)>, origin: AbstractOrigin) -> TypeDeclaration { todo!() }
pub fn get_new_abstract_name(cx: &Context, env: &Env, base: &str) -> Name { todo!() }
/// Arguments, result, existentials.
pub fn instance_constructor(cx: &Context, treatment: ExistentialTreatment<'_>, cstr: &ConstructorDescription) -> (Vec<TypeId>, TypeId, Vec<TypeId>) { todo!() }
pub fn instance_parameterized_type(cx: &Context, keep_names: bool, params: &[TypeId], ty: TypeId) -> (Vec<TypeId>, TypeId) { todo!() }
pub fn instance_declaration(cx: &Context, decl: &TypeDeclaration) -> TypeDeclaration { todo!() }
pub fn generic_instance_declaration(cx: &Context, decl: &TypeDeclaration) -> TypeDeclaration { todo!() }
pub fn instance_class(cx: &Context, params: &[TypeId], cty: &ClassType) -> (Vec<TypeId>, ClassType) { todo!() }
pub fn instance_poly(cx: &Context, keep_names: bool, fixed: bool, univars: &[TypeId], ty: TypeId) -> (Vec<TypeId>, TypeId) { todo!() }
pub fn polyfy(cx: &Context, env: &Env, ty: TypeId, vars: &[TypeId]) -> (TypeId, bool) { todo!() }
/// Variables, field type, record type.
pub fn instance_label(cx: &Context, fixed: bool, label: &LabelDescription) -> (Vec<TypeId>, TypeId, TypeId) { todo!() }
pub fn apply(cx: &Context, env: &Env, params: &[TypeId], body: TypeId, args: &[TypeId]) -> Result<TypeId, CannotApply> { todo!() }
pub fn apply_at_current_level(cx: &Context, env: &Env, params: &[TypeId], body: TypeId, args: &[TypeId]) -> Result<TypeId, CannotApply> { todo!() }

// Expansion.
pub fn expand_head_once(cx: &Context, env: &Env, ty: TypeId) -> TypeId { todo!() }
pub fn expand_head(cx: &Context, env: &Env, ty: TypeId) -> TypeId { todo!() }
pub fn expand_head_opt(cx: &Context, env: &Env, ty: TypeId) -> TypeId { todo!() }
pub fn try_expand_once(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> { todo!() }
pub fn try_expand_safe(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> { todo!() }
pub fn try_expand_once_opt(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> { todo!() }
pub fn try_expand_safe_opt(cx: &Context, env: &Env, ty: TypeId) -> Result<TypeId, CannotExpand> { todo!() }
pub fn full_expand(cx: &Context, may_forget_scope: bool, env: &Env, ty: TypeId) -> TypeId { todo!() }
pub fn expand_type(cx: &Context, env: &Env, ty: TypeId) -> ExpandedType { todo!() }
pub fn expanded_diff(cx: &Context, env: &Env, got: TypeId, expected: TypeId) -> Elt<ExpandedType> { todo!() }
pub fn unexpanded_diff(cx: &Context, got: TypeId, expected: TypeId) -> Elt<ExpandedType> { todo!() }
pub fn extract_concrete_typedecl(cx: &Context, env: &Env, ty: TypeId) -> TypedeclExtraction { todo!() }

// Unification.
pub fn unify(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<(), UnifyError> { todo!() }
pub fn unify_gadt(cx: &Context, penv: &PatternEnv, pat: TypeId, expected: TypeId) -> Result<TypePairs, UnifyError> { todo!() }
pub fn unify_var(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<(), UnifyError> { todo!() }
pub fn filter_arrow(cx: &Context, env: &Env, ty: TypeId, label: ArgLabel) -> Result<(TypeId, TypeId), FilterArrowFailure> { todo!() }
pub fn filter_method(cx: &Context, env: &Env, name: Name, ty: TypeId) -> Result<TypeId, FilterMethodFailure> { todo!() }
pub fn occur_in(cx: &Context, env: &Env, ty: TypeId, inside: TypeId) -> bool { todo!() }
pub fn deep_occur(cx: &Context, ty: TypeId, inside: TypeId) -> bool { todo!() }
pub fn deep_occur_list(cx: &Context, ty: TypeId, inside: &[TypeId]) -> bool { todo!() }
pub fn reify_univars(cx: &Context, env: &Env, ty: TypeId) -> TypeId { todo!() }
pub fn wrap_trace_gadt_instances<T>(cx: &Context, env: &Env, f: impl FnOnce() -> T) -> T { todo!() }
pub fn wrap_trace_gadt_instances_forced<T>(cx: &Context, env: &Env, f: impl FnOnce() -> T) -> T { todo!() }
pub fn mcomp(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<(), Incompatible> { todo!() }

// Generality and equality.
pub fn moregeneral(cx: &Context, env: &Env, inst_nongen: bool, pat: TypeId, subj: TypeId) -> Result<(), MoregenError> { todo!() }
pub fn is_moregeneral(cx: &Context, env: &Env, inst_nongen: bool, pat: TypeId, subj: TypeId) -> bool { todo!() }
pub fn rigidify(cx: &Context, ty: TypeId) -> Vec<TypeId> { todo!() }
pub fn all_distinct_vars(cx: &Context, env: &Env, vars: &[TypeId]) -> bool { todo!() }
pub fn matches(cx: &Context, expand_error_trace: bool, env: &Env, ty1: TypeId, ty2: TypeId) -> Result<(), MatchesFailure> { todo!() }
pub fn does_match(cx: &Context, env: &Env, ty1: TypeId, ty2: TypeId) -> bool { todo!() }
pub fn equal(cx: &Context, env: &Env, rename: bool, tys1: &[TypeId], tys2: &[TypeId]) -> Result<(), EqualityError> { todo!() }
pub fn is_equal(cx: &Context, env: &Env, rename: bool, tys1: &[TypeId], tys2: &[TypeId]) -> bool { todo!() }
pub fn equal_private(cx: &Context, env: &Env, params1: &[TypeId], ty1: TypeId, params2: &[TypeId], ty2: TypeId) -> Result<(), EqualityError> { todo!() }
pub fn same_constr(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> bool { todo!() }

// Subtyping.
pub fn enlarge_type(cx: &Context, env: &Env, ty: TypeId) -> (TypeId, bool) { todo!() }
pub fn subtype(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<SubtypeEnforcer, SubtypeError> { todo!() }

// Erasure of idents.
pub fn nondep_type(cx: &Context, env: &Env, ids: &[Ident], ty: TypeId) -> Result<TypeId, NondepCannotErase> { todo!() }
pub fn nondep_type_decl(cx: &Context, env: &Env, ids: &[Ident], is_covariant: bool, decl: &TypeDeclaration) -> Result<TypeDeclaration, NondepCannotErase> { todo!() }
pub fn nondep_extension_constructor(cx: &Context, env: &Env, ids: &[Ident], ext: &ExtensionConstructor) -> Result<ExtensionConstructor, NondepCannotErase> { todo!() }
pub fn nondep_class_declaration(cx: &Context, env: &Env, ids: &[Ident], decl: &ClassDeclaration) -> Result<ClassDeclaration, NondepCannotErase> { todo!() }
pub fn nondep_cltype_declaration(cx: &Context, env: &Env, ids: &[Ident], decl: &ClassTypeDeclaration) -> Result<ClassTypeDeclaration, NondepCannotErase> { todo!() }

// Closedness, normal forms.
pub fn is_contractive(cx: &Context, env: &Env, path: &Path) -> bool { todo!() }
pub fn normalize_type(cx: &Context, ty: TypeId) { todo!() }
pub fn nongen_vars_in_schema(cx: &Context, env: &Env, ty: TypeId) -> Option<Vec<TypeId>> { todo!() }
pub fn nongen_vars_in_class_declaration(cx: &Context, decl: &ClassDeclaration) -> Option<Vec<TypeId>> { todo!() }
pub fn free_variables(cx: &Context, env: Option<&Env>, ty: TypeId) -> Vec<TypeId> { todo!() }
pub fn free_variables_list(cx: &Context, env: Option<&Env>, tys: &[TypeId]) -> Vec<TypeId> { todo!() }
pub fn free_non_row_variables(cx: &Context, ty: TypeId) -> Vec<TypeId> { todo!() }
pub fn closed_type_expr(cx: &Context, env: Option<&Env>, ty: TypeId) -> bool { todo!() }
pub fn closed_type_decl(cx: &Context, decl: &TypeDeclaration) -> Option<TypeId> { todo!() }
pub fn closed_extension_constructor(cx: &Context, ext: &ExtensionConstructor) -> Option<TypeId> { todo!() }
pub fn closed_class(cx: &Context, params: &[TypeId], sign: &ClassSignature) -> Option<ClosedClassFailure> { todo!() }
pub fn unalias(cx: &Context, ty: TypeId) -> TypeId { todo!() }
pub fn arity(cx: &Context, ty: TypeId) -> usize { todo!() }
pub fn collapse_conj_params(cx: &Context, env: &Env, params: &[TypeId]) { todo!() }
pub fn immediacy(cx: &Context, env: &Env, ty: TypeId) -> Immediacy { todo!() }
pub fn contained_without_boxing(cx: &Context, env: &Env, ty: TypeId) -> Vec<TypeId> { todo!() }
pub fn cyclic_abbrev(cx: &Context, env: &Env, id: Ident, ty: TypeId) -> bool { todo!() }

// Classes.
pub fn match_class_types(cx: &Context, env: &Env, trace: bool, pat: &ClassType, subj: &ClassType) -> Vec<ClassMatchFailure> { todo!() }
pub fn match_class_declarations(cx: &Context, env: &Env, params1: &[TypeId], cty1: &ClassType, params2: &[TypeId], cty2: &ClassType) -> Vec<ClassMatchFailure> { todo!() }
pub fn new_class_signature(cx: &Context) -> ClassSignature { todo!() }
pub fn add_dummy_method(cx: &Context, env: &Env, scope: i32, sign: &ClassSignature) { todo!() }
pub fn add_method(cx: &Context, env: &Env, label: Name, private: PrivateFlag, virt: VirtualFlag, ty: TypeId, sign: &ClassSignature) -> Result<(), AddMethodFailure> { todo!() }
pub fn add_instance_variable(cx: &Context, env: &Env, strict: bool, label: Name, mutable: MutableFlag, virt: VirtualFlag, ty: TypeId, sign: &ClassSignature) -> Result<(), AddInstanceVariableFailure> { todo!() }
pub fn inherit_class_signature(cx: &Context, env: &Env, strict: bool, sign1: &ClassSignature, sign2: &ClassSignature) -> Result<(), InheritClassSignatureFailure> { todo!() }
/// (implicitly public, implicitly declared)
pub fn update_class_signature(cx: &Context, env: &Env, sign: &ClassSignature) -> (Vec<Name>, Vec<Name>) { todo!() }
pub fn hide_private_methods(cx: &Context, env: &Env, sign: &ClassSignature) { todo!() }
pub fn close_class_signature(cx: &Context, env: &Env, sign: &ClassSignature) -> bool { todo!() }
