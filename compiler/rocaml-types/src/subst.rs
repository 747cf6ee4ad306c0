//! Substitution of paths in types and declarations: upstream's `Subst`.

#![allow(clippy::todo, unused_variables)]

use crate::context::Context;
use crate::path::Path;
use crate::types::*;
use crate::Ident;
use rocaml_base::Location;

/// A substitution. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Subst {}

/// What becomes of the idents that a signature binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scoping {
    Keep,
    MakeLocal,
    Rescope(i32),
}

/// A type mentions a module type that was replaced by a signature without a name.
#[derive(Clone, Debug)]
pub struct FcmTypeSubstitutedAway(pub Path, pub ModuleType);

impl Subst {
    pub fn identity() -> Subst { Subst::default() }
    pub fn is_identity(&self) -> bool { todo!() }
    pub fn add_type(&self, id: Ident, path: Path) -> Subst { todo!() }
    pub fn add_module(&self, id: Ident, path: Path) -> Subst { todo!() }
    pub fn add_modtype(&self, id: Ident, path: Path) -> Subst { todo!() }
    // The following may fail to apply: use the `try_` functions.
    pub fn add_modtype_mty(&self, id: Ident, mty: ModuleType) -> Subst { todo!() }
    pub fn add_modtype_path(&self, path: Path, mty: ModuleType) -> Subst { todo!() }
    pub fn add_type_path(&self, from: Path, to: Path) -> Subst { todo!() }
    pub fn add_type_function(&self, path: Path, params: Vec<TypeId>, body: TypeId) -> Subst { todo!() }
    pub fn add_module_path(&self, from: Path, to: Path) -> Subst { todo!() }
    pub fn for_saving(&self) -> Subst { todo!() }
    pub fn change_locs(&self, loc: Location) -> Subst { todo!() }
    /// First `self`, then `next`.
    pub fn compose(&self, cx: &Context, next: &Subst) -> Subst { todo!() }

    pub fn module_path(&self, path: &Path) -> Path { todo!() }
    pub fn type_path(&self, path: &Path) -> Path { todo!() }
    pub fn modtype_path(&self, path: &Path) -> Path { todo!() }
    pub fn type_expr(&self, cx: &Context, ty: TypeId) -> TypeId { todo!() }
    pub fn class_type(&self, cx: &Context, cty: &ClassType) -> ClassType { todo!() }
    pub fn value_description(&self, cx: &Context, d: &ValueDescription) -> ValueDescription { todo!() }
    pub fn type_declaration(&self, cx: &Context, d: &TypeDeclaration) -> TypeDeclaration { todo!() }
    pub fn extension_constructor(&self, cx: &Context, d: &ExtensionConstructor) -> ExtensionConstructor { todo!() }
    pub fn class_declaration(&self, cx: &Context, d: &ClassDeclaration) -> ClassDeclaration { todo!() }
    pub fn cltype_declaration(&self, cx: &Context, d: &ClassTypeDeclaration) -> ClassTypeDeclaration { todo!() }
    pub fn modtype(&self, cx: &Context, scoping: Scoping, mty: &ModuleType) -> ModuleType { todo!() }
    pub fn signature(&self, cx: &Context, scoping: Scoping, sg: &[SignatureItem]) -> Signature { todo!() }
    pub fn signature_item(&self, cx: &Context, scoping: Scoping, item: &SignatureItem) -> SignatureItem { todo!() }
    pub fn modtype_declaration(&self, cx: &Context, scoping: Scoping, d: &ModtypeDeclaration) -> ModtypeDeclaration { todo!() }
    pub fn module_declaration(&self, cx: &Context, scoping: Scoping, d: &ModuleDeclaration) -> ModuleDeclaration { todo!() }
    pub fn try_type_declaration(&self, cx: &Context, d: &TypeDeclaration) -> Result<TypeDeclaration, FcmTypeSubstitutedAway> { todo!() }
    pub fn try_signature(&self, cx: &Context, scoping: Scoping, sg: &[SignatureItem]) -> Result<Signature, FcmTypeSubstitutedAway> { todo!() }
    pub fn try_signature_item(&self, cx: &Context, scoping: Scoping, item: &SignatureItem) -> Result<SignatureItem, FcmTypeSubstitutedAway> { todo!() }
}
