//! Printing of types, declarations, signatures and errors: upstream's `Printtyp`, `Out_type` and
//! `Errortrace_report`.

#![allow(clippy::todo, unused_variables)]

use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::types::*;
use crate::Ident;
use rocaml_diag::Doc;
use rocaml_syntax::longident::Longident;

/// Names given while printing: kept in the context.
#[derive(Default)]
pub struct PrintState {}

/// Whether variables print as `'_weak1` when they are not generic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeOrScheme {
    Type,
    Scheme,
}

/// Sets the environment in which paths are printed while `f` runs.
pub fn wrap_printing_env<T>(cx: &Context, env: &Env, error: bool, f: impl FnOnce() -> T) -> T { todo!() }
pub fn longident(lid: &Longident) -> Doc { todo!() }
pub fn path(cx: &Context, path: &Path) -> Doc { todo!() }
pub fn type_path(cx: &Context, path: &Path) -> Doc { todo!() }
pub fn ident(cx: &Context, id: Ident) -> Doc { todo!() }
/// Prints a type with names of its own for variables.
pub fn type_expr(cx: &Context, ty: TypeId) -> Doc { todo!() }
pub fn type_scheme(cx: &Context, ty: TypeId) -> Doc { todo!() }
pub fn shared_type_scheme(cx: &Context, ty: TypeId) -> Doc { todo!() }
/// Reserves common names for several types, then print each with [`prepared_type_expr`].
pub fn prepare_for_printing(cx: &Context, tys: &[TypeId]) { todo!() }
pub fn add_type_to_preparation(cx: &Context, ty: TypeId) { todo!() }
pub fn prepared_type_expr(cx: &Context, ty: TypeId) -> Doc { todo!() }
pub fn prepared_type_scheme(cx: &Context, ty: TypeId) -> Doc { todo!() }
pub fn type_expansion(cx: &Context, mode: TypeOrScheme, ty: ExpandedType) -> Doc { todo!() }
pub fn prepare_expansion(cx: &Context, ty: ExpandedType) -> ExpandedType { todo!() }
pub fn label(cx: &Context, l: &LabelDeclaration) -> Doc { todo!() }
pub fn constructor(cx: &Context, c: &ConstructorDeclaration) -> Doc { todo!() }
pub fn extension_constructor(cx: &Context, id: Ident, ext: &ExtensionConstructor) -> Doc { todo!() }
pub fn extension_only_constructor(cx: &Context, id: Ident, ext: &ExtensionConstructor) -> Doc { todo!() }
pub fn value_description(cx: &Context, id: Ident, d: &ValueDescription) -> Doc { todo!() }
pub fn type_declaration(cx: &Context, id: Ident, d: &TypeDeclaration) -> Doc { todo!() }
pub fn modtype_declaration(cx: &Context, id: Ident, d: &ModtypeDeclaration) -> Doc { todo!() }
pub fn class_declaration(cx: &Context, id: Ident, d: &ClassDeclaration) -> Doc { todo!() }
pub fn cltype_declaration(cx: &Context, id: Ident, d: &ClassTypeDeclaration) -> Doc { todo!() }
pub fn modtype(cx: &Context, mty: &ModuleType) -> Doc { todo!() }
pub fn signature(cx: &Context, sg: &[SignatureItem]) -> Doc { todo!() }
pub fn class_type(cx: &Context, cty: &ClassType) -> Doc { todo!() }
/// What `-i` prints for a unit.
pub fn printed_signature(cx: &Context, source_file: &str, sg: &[SignatureItem]) -> Doc { todo!() }

/// A whole error: `txt1 <type> txt2 <type>` and the explanation. `expected` explains where the
/// expected type comes from.
pub fn report_unification_error(cx: &Context, env: &Env, error: &UnifyError, type_expected_explanation: Option<Doc>, txt1: Doc, txt2: Doc) -> Doc { todo!() }
pub fn report_equality_error(cx: &Context, env: &Env, mode: TypeOrScheme, error: &EqualityError, txt1: Doc, txt2: Doc) -> Doc { todo!() }
pub fn report_moregen_error(cx: &Context, env: &Env, mode: TypeOrScheme, error: &MoregenError, txt1: Doc, txt2: Doc) -> Doc { todo!() }
pub fn report_comparison_error(cx: &Context, env: &Env, mode: TypeOrScheme, error: &ComparisonError, txt1: Doc, txt2: Doc) -> Doc { todo!() }
/// `Type <t1> txt1 <t2>`, then why.
pub fn report_subtype_error(cx: &Context, env: &Env, error: &SubtypeError, txt1: &str) -> Doc { todo!() }
/// For ambiguous types: which paths a constructor's type has and which were expected.
pub fn report_ambiguous_type_error(cx: &Context, env: &Env, typath: (Path, Path), others: &[(Path, Path)], txt1: Doc, txt2: Doc, txt3: Doc) -> Doc { todo!() }
