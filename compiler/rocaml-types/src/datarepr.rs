//! Descriptions of constructors and labels from type declarations: upstream's `Datarepr`.

#![allow(clippy::todo, unused_variables)]

use crate::context::Context;
use crate::path::Path;
use crate::types::*;
use crate::Ident;
use std::rc::Rc;

pub fn extension_descr(cx: &Context, path: &Path, ext: &ExtensionConstructor) -> ConstructorDescription { todo!() }
pub fn labels_of_type(cx: &Context, path: &Path, decl: &TypeDeclaration) -> Vec<(Ident, Rc<LabelDescription>)> { todo!() }
pub fn constructors_of_type(cx: &Context, path: &Path, decl: &TypeDeclaration) -> Vec<(Ident, Rc<ConstructorDescription>)> { todo!() }
pub fn find_constr_by_tag<'a>(tag: &ConstructorTag, cstrs: &'a [ConstructorDeclaration]) -> Option<&'a ConstructorDeclaration> { todo!() }
/// Types of the arguments; existentials.
pub fn constructor_existentials(cx: &Context, args: &ConstructorArguments, res: Option<TypeId>) -> (Vec<TypeId>, Vec<TypeId>) { todo!() }
/// Whether the constructors build equal values from equal arguments.
pub fn equal_constr(c1: &ConstructorDescription, c2: &ConstructorDescription) -> bool { todo!() }
/// Whether they may be the same by rebinding.
pub fn may_equal_constr(c1: &ConstructorDescription, c2: &ConstructorDescription) -> bool { todo!() }
pub fn cstr_res_type_path(cx: &Context, cstr: &ConstructorDescription) -> Path { todo!() }
pub fn lbl_res_type_path(cx: &Context, label: &LabelDescription) -> Path { todo!() }
