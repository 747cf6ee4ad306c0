//! Environments: what names mean at a point of a program. Upstream's `Env`.

#![allow(clippy::todo, unused_variables)]

pub mod error;
pub mod persistent;
pub mod usage;

pub use error::{EnvError, LookupError, UnboundValueHint};
pub use usage::{ConstructorUsage, LabelUsage};

use crate::context::Context;
use crate::path::Path;
use crate::types::*;
use crate::Ident;
use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::{MutableFlag, OverrideFlag};
use rocaml_syntax::longident::Longident;
use std::rc::Rc;

/// An environment. Immutable and cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Env {}

/// Result of a lookup.
pub type Lookup<T> = Result<T, Box<EnvError>>;
/// Makes the warning of an unused value from its name; `None` for no check.
pub type ValueCheck = Option<fn(String) -> rocaml_diag::Warning>;
/// A candidate of a lookup of constructors or labels, and what to call when it is chosen.
pub struct Candidate<T> {
    pub descr: Rc<T>,
    mark: Rc<dyn Fn(&Context)>,
}
impl<T> Clone for Candidate<T> {
    fn clone(&self) -> Self {
        Candidate { descr: self.descr.clone(), mark: self.mark.clone() }
    }
}
impl<T> Candidate<T> {
    /// Marks the candidate as used.
    pub fn use_(&self, cx: &Context) {
        (self.mark)(cx)
    }
}
/// Why a module cannot be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenFailure {
    NotFound,
    Functor,
}
/// Where a value is found at run time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    Ident(Ident),
    Dot(Rc<Address>, usize),
}
/// The constructors or labels of a type: upstream's `type_descriptions`.
#[derive(Clone, Debug)]
pub enum TypeDescriptions {
    Abstract(AbstractOrigin),
    Record(Rc<[Rc<LabelDescription>]>, RecordRepresentation),
    Variant(Rc<[Rc<ConstructorDescription>]>, VariantRepresentation),
    Open,
}
/// Why a module name is in scope and yet cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ModuleUnboundReason {
    IllegalRecursion { container: Option<Name>, unbound: Name },
}

impl Env {
    pub fn empty() -> Env { Env::default() }
    /// The predefined types and exceptions.
    pub fn initial(cx: &Context) -> Env { todo!() }

    // By path.
    pub fn find_value(&self, cx: &Context, path: &Path) -> Option<Rc<ValueDescription>> { todo!() }
    pub fn find_type(&self, cx: &Context, path: &Path) -> Option<Rc<TypeDeclaration>> { todo!() }
    pub fn find_type_descrs(&self, cx: &Context, path: &Path) -> Option<TypeDescriptions> { todo!() }
    pub fn find_module(&self, cx: &Context, path: &Path) -> Option<Rc<ModuleDeclaration>> { todo!() }
    pub fn find_modtype(&self, cx: &Context, path: &Path) -> Option<Rc<ModtypeDeclaration>> { todo!() }
    pub fn find_class(&self, cx: &Context, path: &Path) -> Option<Rc<ClassDeclaration>> { todo!() }
    pub fn find_cltype(&self, cx: &Context, path: &Path) -> Option<Rc<ClassTypeDeclaration>> { todo!() }
    pub fn find_strengthened_module(&self, cx: &Context, aliasable: bool, path: &Path) -> Option<ModuleType> { todo!() }
    pub fn find_ident_constructor(&self, cx: &Context, id: Ident) -> Option<Rc<ConstructorDescription>> { todo!() }
    pub fn find_ident_label(&self, cx: &Context, id: Ident) -> Option<Rc<LabelDescription>> { todo!() }
    /// Parameters, body, expansion scope.
    pub fn find_type_expansion(&self, cx: &Context, path: &Path) -> Option<(Vec<TypeId>, TypeId, i32)> { todo!() }
    /// Likewise, through private abbreviations.
    pub fn find_type_expansion_opt(&self, cx: &Context, path: &Path) -> Option<(Vec<TypeId>, TypeId, i32)> { todo!() }
    pub fn find_modtype_expansion(&self, cx: &Context, path: &Path) -> Option<ModuleType> { todo!() }
    pub fn find_hash_type(&self, cx: &Context, path: &Path) -> Option<Rc<TypeDeclaration>> { todo!() }
    pub fn find_value_address(&self, cx: &Context, path: &Path) -> Option<Address> { todo!() }
    pub fn find_module_address(&self, cx: &Context, path: &Path) -> Option<Address> { todo!() }
    pub fn find_class_address(&self, cx: &Context, path: &Path) -> Option<Address> { todo!() }
    pub fn find_constructor_address(&self, cx: &Context, path: &Path) -> Option<Address> { todo!() }
    pub fn add_functor_arg(&self, id: Ident) -> Env { todo!() }
    pub fn is_functor_arg(&self, path: &Path) -> bool { todo!() }
    /// With a place, a missing module is an error; else the dangling path is returned.
    pub fn normalize_module_path(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> { todo!() }
    pub fn normalize_type_path(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> { todo!() }
    pub fn normalize_value_path(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> { todo!() }
    pub fn normalize_modtype_path(&self, cx: &Context, path: &Path) -> Path { todo!() }
    /// Whether a predefined type has no local equation here.
    pub fn is_plain_predef(&self, path: &Path) -> bool { todo!() }
    pub fn has_local_constraints(&self) -> bool { todo!() }
    pub fn same_type_declarations(&self, other: &Env) -> bool { todo!() }

    // By long identifier. The `lookup_` functions report errors, count as uses when `use_` and
    // emit alerts; the `_by_name` ones do not.
    pub fn lookup_value(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ValueDescription>)> { todo!() }
    pub fn lookup_type(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<TypeDeclaration>)> { todo!() }
    pub fn lookup_module(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ModuleDeclaration>)> { todo!() }
    pub fn lookup_modtype(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ModtypeDeclaration>)> { todo!() }
    pub fn lookup_class(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ClassDeclaration>)> { todo!() }
    pub fn lookup_cltype(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ClassTypeDeclaration>)> { todo!() }
    pub fn lookup_module_path(&self, cx: &Context, use_: bool, loc: Location, load: bool, lid: &Longident) -> Lookup<Path> { todo!() }
    pub fn lookup_modtype_path(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<Path> { todo!() }
    pub fn lookup_constructor(&self, cx: &Context, use_: bool, loc: Location, usage: ConstructorUsage, lid: &Longident) -> Lookup<Rc<ConstructorDescription>> { todo!() }
    pub fn lookup_all_constructors(&self, cx: &Context, use_: bool, loc: Location, usage: ConstructorUsage, lid: &Longident) -> Lookup<Vec<Candidate<ConstructorDescription>>> { todo!() }
    pub fn lookup_all_constructors_from_type(&self, cx: &Context, use_: bool, loc: Location, usage: ConstructorUsage, path: &Path) -> Vec<Candidate<ConstructorDescription>> { todo!() }
    pub fn lookup_label(&self, cx: &Context, use_: bool, loc: Location, usage: LabelUsage, lid: &Longident) -> Lookup<Rc<LabelDescription>> { todo!() }
    pub fn lookup_all_labels(&self, cx: &Context, use_: bool, loc: Location, usage: LabelUsage, lid: &Longident) -> Lookup<Vec<Candidate<LabelDescription>>> { todo!() }
    pub fn lookup_all_labels_from_type(&self, cx: &Context, use_: bool, loc: Location, usage: LabelUsage, path: &Path) -> Vec<Candidate<LabelDescription>> { todo!() }
    /// Path of the variable, mutability, class number, type.
    pub fn lookup_instance_variable(&self, cx: &Context, use_: bool, loc: Location, name: Name) -> Lookup<(Path, MutableFlag, Name, TypeId)> { todo!() }
    pub fn find_value_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ValueDescription>)> { todo!() }
    pub fn find_type_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<TypeDeclaration>)> { todo!() }
    pub fn find_module_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ModuleDeclaration>)> { todo!() }
    pub fn find_modtype_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ModtypeDeclaration>)> { todo!() }
    pub fn find_class_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ClassDeclaration>)> { todo!() }
    pub fn find_cltype_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ClassTypeDeclaration>)> { todo!() }
    pub fn find_constructor_by_name(&self, cx: &Context, lid: &Longident) -> Option<Rc<ConstructorDescription>> { todo!() }
    pub fn find_label_by_name(&self, cx: &Context, lid: &Longident) -> Option<Rc<LabelDescription>> { todo!() }
    pub fn bound_value(&self, name: Name) -> bool { todo!() }
    pub fn bound_module(&self, cx: &Context, name: Name) -> bool { todo!() }
    pub fn bound_type(&self, name: Name) -> bool { todo!() }
    pub fn bound_modtype(&self, name: Name) -> bool { todo!() }
    pub fn bound_class(&self, name: Name) -> bool { todo!() }
    pub fn bound_cltype(&self, name: Name) -> bool { todo!() }
    /// How many times the ident was shadowed since it was bound; `None` when it is not bound.
    pub fn find_type_index(&self, id: Ident) -> Option<usize> { todo!() }
    pub fn find_module_index(&self, id: Ident) -> Option<usize> { todo!() }
    pub fn find_modtype_index(&self, id: Ident) -> Option<usize> { todo!() }
    pub fn find_class_index(&self, id: Ident) -> Option<usize> { todo!() }
    pub fn find_cltype_index(&self, id: Ident) -> Option<usize> { todo!() }
    pub fn find_value_index(&self, id: Ident) -> Option<usize> { todo!() }

    // Insertion by ident.
    pub fn add_value(&self, cx: &Context, check: ValueCheck, id: Ident, decl: Rc<ValueDescription>) -> Env { todo!() }
    pub fn add_type(&self, cx: &Context, check: bool, id: Ident, decl: Rc<TypeDeclaration>) -> Env { todo!() }
    pub fn add_extension(&self, cx: &Context, check: bool, rebind: bool, id: Ident, ext: Rc<ExtensionConstructor>) -> Env { todo!() }
    pub fn add_module(&self, cx: &Context, arg: bool, id: Ident, presence: ModulePresence, mty: &ModuleType) -> Env { todo!() }
    pub fn add_module_declaration(&self, cx: &Context, arg: bool, check: bool, id: Ident, presence: ModulePresence, md: Rc<ModuleDeclaration>) -> Env { todo!() }
    pub fn add_modtype(&self, cx: &Context, id: Ident, decl: Rc<ModtypeDeclaration>) -> Env { todo!() }
    pub fn add_class(&self, cx: &Context, id: Ident, decl: Rc<ClassDeclaration>) -> Env { todo!() }
    pub fn add_cltype(&self, cx: &Context, id: Ident, decl: Rc<ClassTypeDeclaration>) -> Env { todo!() }
    pub fn add_local_constraint(&self, path: &Path, decl: Rc<TypeDeclaration>) -> Env { todo!() }
    pub fn add_item(&self, cx: &Context, item: &SignatureItem) -> Env { todo!() }
    pub fn add_signature(&self, cx: &Context, sg: &[SignatureItem]) -> Env { todo!() }
    /// `let open`/`open`: with `loc`, its use is watched (33, 44, 45, 66).
    pub fn open_signature(&self, cx: &Context, used_slot: Option<Rc<std::cell::Cell<bool>>>, loc: Option<Location>, toplevel: bool, ovf: OverrideFlag, root: &Path) -> Result<Env, OpenFailure> { todo!() }
    /// Opens a unit, for `-open` and Stdlib.
    pub fn open_pers_signature(&self, cx: &Context, name: Name) -> Result<Env, OpenFailure> { todo!() }

    // Insertion by name: the fresh ident and the extended environment.
    pub fn enter_value(&self, cx: &Context, check: ValueCheck, name: Name, decl: Rc<ValueDescription>) -> (Ident, Env) { todo!() }
    pub fn enter_type(&self, cx: &Context, scope: i32, name: Name, decl: Rc<TypeDeclaration>) -> (Ident, Env) { todo!() }
    pub fn enter_extension(&self, cx: &Context, scope: i32, rebind: bool, name: Name, ext: Rc<ExtensionConstructor>) -> (Ident, Env) { todo!() }
    pub fn enter_module(&self, cx: &Context, scope: i32, arg: bool, name: Name, presence: ModulePresence, mty: &ModuleType) -> (Ident, Env) { todo!() }
    pub fn enter_module_declaration(&self, cx: &Context, scope: i32, arg: bool, name: Name, presence: ModulePresence, md: Rc<ModuleDeclaration>) -> (Ident, Env) { todo!() }
    pub fn enter_modtype(&self, cx: &Context, scope: i32, name: Name, decl: Rc<ModtypeDeclaration>) -> (Ident, Env) { todo!() }
    pub fn enter_class(&self, cx: &Context, scope: i32, name: Name, decl: Rc<ClassDeclaration>) -> (Ident, Env) { todo!() }
    pub fn enter_cltype(&self, cx: &Context, scope: i32, name: Name, decl: Rc<ClassTypeDeclaration>) -> (Ident, Env) { todo!() }
    /// Freshens the idents of a signature, then adds it.
    pub fn enter_signature(&self, cx: &Context, scope: i32, sg: &Signature) -> (Signature, Env) { todo!() }
    pub fn enter_unbound_value(&self, name: Name, reason: ValueUnboundReason) -> Env { todo!() }
    pub fn enter_unbound_module(&self, name: Name, reason: ModuleUnboundReason) -> Env { todo!() }
    /// Values get fresh copies of their types: used for or-patterns and `when` guards.
    pub fn make_copy_of_types(&self, cx: &Context) -> Box<dyn Fn(&Context, &Env) -> Env> { todo!() }

    pub fn in_signature(&self, on: bool) -> Env { todo!() }
    pub fn is_in_signature(&self) -> bool { todo!() }

    // Folds over what is visible, or over the components of a module.
    pub fn fold_values(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(Name, &Path, &Rc<ValueDescription>)) { todo!() }
    pub fn fold_types(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(Name, &Path, &Rc<TypeDeclaration>)) { todo!() }
    pub fn fold_constructors(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(&Rc<ConstructorDescription>)) { todo!() }
    pub fn fold_labels(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(&Rc<LabelDescription>)) { todo!() }
    pub fn fold_modules(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(Name, &Path, &Rc<ModuleDeclaration>)) { todo!() }
    pub fn fold_modtypes(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(Name, &Path, &Rc<ModtypeDeclaration>)) { todo!() }
    pub fn fold_classes(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(Name, &Path, &Rc<ClassDeclaration>)) { todo!() }
    pub fn fold_cltypes(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(Name, &Path, &Rc<ClassTypeDeclaration>)) { todo!() }

    /// Follows aliases at the head of a module type.
    pub fn scrape_alias(&self, cx: &Context, mty: &ModuleType) -> ModuleType { todo!() }
    pub fn check_value_name(&self, name: Name, loc: Location) -> Lookup<()> { todo!() }
}

/// Makes the error of a failed lookup.
pub fn lookup_error<T>(loc: Location, env: &Env, error: LookupError) -> Lookup<T> {
    Err(Box::new(EnvError::LookupError(loc, env.clone(), error)))
}

pub fn mark_value_used(cx: &Context, uid: Uid) { todo!() }
pub fn mark_module_used(cx: &Context, uid: Uid) { todo!() }
pub fn mark_type_used(cx: &Context, uid: Uid) { todo!() }
pub fn mark_constructor_used(cx: &Context, usage: ConstructorUsage, uid: Uid) { todo!() }
pub fn mark_extension_used(cx: &Context, usage: ConstructorUsage, uid: Uid) { todo!() }
pub fn mark_label_used(cx: &Context, usage: LabelUsage, uid: Uid) { todo!() }
pub fn set_value_used_callback(cx: &Context, vd: &ValueDescription, callback: Rc<dyn Fn(&Context)>) { todo!() }
/// The callback gets the former one.
pub fn set_type_used_callback(cx: &Context, td: &TypeDeclaration, callback: Rc<dyn Fn(&Context, &dyn Fn(&Context))>) { todo!() }
pub fn reset_required_globals(cx: &Context) { cx.required_globals.borrow_mut().clear() }
pub fn get_required_globals(cx: &Context) -> Vec<Name> { cx.required_globals.borrow().clone() }
pub fn add_required_global(cx: &Context, unit: Name) { todo!() }
