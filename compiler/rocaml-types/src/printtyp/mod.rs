//! Printing of types, declarations, signatures and errors: upstream's `Printtyp`, `Out_type`,
//! `Oprint` and `Errortrace_report`.
//!
//! [`names`] holds the names given so far, [`tree`] turns types into an [`outcome`] tree,
//! [`oprint`] lays that out, [`value`] the values of the toplevel; [`report`] words the errors.

mod names;
mod oprint;
pub mod outcome;
mod report;
mod short_paths;
mod tree;
mod value;

pub use names::{Conflict, Namespace, PrintState, list_conflicts, refresh_weak, reset, shorten, with_fuzzy};
pub use report::*;
pub use value::out_value;

use crate::Ident;
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::types::*;
use rocaml_diag::{Doc, Tag};
use rocaml_syntax::longident::Longident;

/// Whether variables print as `'_weak1` when they are not generic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeOrScheme {
    Type,
    Scheme,
}

/// Sets the environment in which paths are printed while `f` runs. For an error no unit is read.
pub fn wrap_printing_env<T>(cx: &Context, env: &Env, error: bool, f: impl FnOnce() -> T) -> T {
    let old = cx.printing.env.replace(env.clone());
    let result = if error { cx.without_cmis(f) } else { f() };
    cx.printing.env.replace(old);
    result
}

pub fn longident(lid: &Longident) -> Doc {
    match lid {
        Longident::Lident(name) => oprint::longident_last(name),
        Longident::Ldot(prefix, name) => {
            let mut doc = longident(&prefix.txt);
            doc.text(".").append(oprint::longident_last(&name.txt));
            doc
        }
        Longident::Lapply(f, arg) => {
            let mut doc = longident(&f.txt);
            doc.text("(").append(longident(&arg.txt)).text(")");
            doc
        }
    }
}
/// A path without numbers.
pub fn path(cx: &Context, path: &Path) -> Doc {
    oprint::ident(&names::without_numbers(cx, || names::tree_of_path(cx, None, path)))
}
pub fn type_path(cx: &Context, path: &Path) -> Doc {
    oprint::ident(&short_paths::tree_of_type_path(cx, path))
}
/// A path of a kind of names, numbered if it is shadowed.
pub fn namespaced_path(cx: &Context, namespace: Namespace, path: &Path) -> Doc {
    oprint::ident(&names::tree_of_path(cx, Some(namespace), path))
}
pub fn ident(_cx: &Context, id: Ident) -> Doc {
    Doc::from(id.name().as_str())
}

/// Prints a type with names of its own for variables.
pub fn type_expr(cx: &Context, ty: TypeId) -> Doc {
    prepare_for_printing(cx, &[ty]);
    prepared_type_expr(cx, ty)
}
pub fn type_scheme(cx: &Context, ty: TypeId) -> Doc {
    prepare_for_printing(cx, &[ty]);
    prepared_type_scheme(cx, ty)
}
pub fn shared_type_scheme(cx: &Context, ty: TypeId) -> Doc {
    add_type_to_preparation(cx, ty);
    prepared_type_scheme(cx, ty)
}
/// Reserves common names for several types; print each with [`prepared_type_expr`].
pub fn prepare_for_printing(cx: &Context, tys: &[TypeId]) {
    names::reset_except_conflicts(cx);
    tys.iter().for_each(|ty| tree::prepare_type(cx, *ty));
}
pub fn add_type_to_preparation(cx: &Context, ty: TypeId) {
    tree::prepare_type(cx, ty);
}
pub fn prepared_type_expr(cx: &Context, ty: TypeId) -> Doc {
    oprint::out_type(&tree::typexp(cx, TypeOrScheme::Type, ty))
}
pub fn prepared_type_scheme(cx: &Context, ty: TypeId) -> Doc {
    oprint::out_type(&tree::typexp(cx, TypeOrScheme::Scheme, ty))
}
/// Types as the arguments of a constructor.
pub fn prepared_type_args(cx: &Context, tys: &[TypeId]) -> Doc {
    let args: Vec<_> = tys.iter().map(|ty| tree::typexp(cx, TypeOrScheme::Type, *ty)).collect();
    oprint::type_args(&args)
}
/// A type whose names are reserved but whose loops are not yet marked.
pub fn type_expr_with_reserved_names(cx: &Context, ty: TypeId) -> Doc {
    names::reset_aliases(cx);
    names::mark_loops(cx, ty);
    prepared_type_expr(cx, ty)
}
/// `t` or `t = expansion`, as code.
pub fn type_expansion(cx: &Context, mode: TypeOrScheme, ty: ExpandedType) -> Doc {
    let quote = |ty: &outcome::OutType| Doc::tagged(Tag::InlineCode, oprint::out_type(ty));
    match tree::expansion(cx, mode, ty) {
        (first, None) => quote(&first),
        (first, Some(second)) => Doc::template("@[<2>%a@ =@ %a@]", &[quote(&first), quote(&second)]),
    }
}
/// Reserves the names of a type and of its expansion, a named variant being expanded.
pub fn prepare_expansion(cx: &Context, ty: ExpandedType) -> ExpandedType {
    let expanded = tree::hide_variant_name(cx, ty.expanded);
    names::reserve(cx, ty.ty);
    if !tree::same_path(cx, ty.ty, expanded) {
        names::reserve(cx, expanded);
    }
    ExpandedType { ty: ty.ty, expanded }
}

pub fn label(cx: &Context, l: &LabelDeclaration) -> Doc {
    prepare_for_printing(cx, &[l.type_]);
    oprint::out_label(&tree::label(cx, l))
}
pub fn constructor(cx: &Context, c: &ConstructorDeclaration) -> Doc {
    names::reset_except_conflicts(cx);
    add_constructor_to_preparation(cx, c);
    prepared_constructor(cx, c)
}
pub fn add_constructor_to_preparation(cx: &Context, c: &ConstructorDeclaration) {
    tree::prepare_args(cx, &c.args);
    c.res.iter().for_each(|ty| tree::prepare_type(cx, *ty));
}
pub fn prepared_constructor(cx: &Context, c: &ConstructorDeclaration) -> Doc {
    oprint::constructor(&tree::constructor(cx, c))
}
pub fn extension_constructor(cx: &Context, id: Ident, ext: &ExtensionConstructor) -> Doc {
    oprint::sig_item(&tree::extension_constructor(cx, id, ext, ExtStatus::First))
}
pub fn add_extension_constructor_to_preparation(cx: &Context, ext: &ExtensionConstructor) {
    tree::prepare_extension(cx, ext);
}
pub fn prepared_extension_constructor(cx: &Context, id: Ident, ext: &ExtensionConstructor) -> Doc {
    oprint::sig_item(&tree::prepared_extension(cx, id, ext, ExtStatus::First))
}
/// The constructor alone, without the type that it extends.
pub fn extension_only_constructor(cx: &Context, id: Ident, ext: &ExtensionConstructor) -> Doc {
    names::reset_except_conflicts(cx);
    tree::prepare_extension(cx, ext);
    match tree::prepared_extension(cx, id, ext, ExtStatus::First) {
        outcome::OutItem::Typext(ext, _) => oprint::constructor(&ext.constructor),
        item => oprint::sig_item(&item),
    }
}
pub fn value_description(cx: &Context, id: Ident, d: &ValueDescription) -> Doc {
    oprint::sig_item(&tree::value_description(cx, id, d))
}
pub fn type_declaration(cx: &Context, id: Ident, d: &TypeDeclaration) -> Doc {
    let item = names::with_hidden(cx, &[id], &[id], || tree::type_declaration(cx, id, d, RecStatus::First));
    oprint::sig_item(&item)
}
pub fn add_type_declaration_to_preparation(cx: &Context, id: Ident, d: &TypeDeclaration) {
    tree::prepare_decl(cx, id, d);
}
pub fn prepared_type_declaration(cx: &Context, id: Ident, d: &TypeDeclaration) -> Doc {
    oprint::sig_item(&outcome::OutItem::Type(tree::prepared_type_decl(cx, id, d), outcome::OutRec::First))
}
pub fn modtype_declaration(cx: &Context, id: Ident, d: &ModtypeDeclaration) -> Doc {
    oprint::sig_item(&tree::modtype_declaration(cx, id, d))
}
pub fn class_declaration(cx: &Context, id: Ident, d: &ClassDeclaration) -> Doc {
    oprint::sig_item(&tree::class_declaration(cx, id, d, RecStatus::First))
}
pub fn cltype_declaration(cx: &Context, id: Ident, d: &ClassTypeDeclaration) -> Doc {
    oprint::sig_item(&tree::cltype_declaration(cx, id, d, RecStatus::First))
}
pub fn class_type(cx: &Context, cty: &ClassType) -> Doc {
    names::reset_except_conflicts(cx);
    tree::prepare_class_type(cx, &[], cty);
    oprint::class_type(&tree::class_type(cx, TypeOrScheme::Type, &[], cty))
}
pub fn modtype(cx: &Context, mty: &ModuleType) -> Doc {
    oprint::module_type(&tree::modtype(cx, false, mty))
}
pub fn signature(cx: &Context, sg: &[SignatureItem]) -> Doc {
    Doc::template("@[<v>%a@]", &[oprint::signature(&tree::signature(cx, sg))])
}
/// A module with its type, as an item of a signature.
pub fn module_item(cx: &Context, id: Ident, mty: &ModuleType) -> Doc {
    oprint::sig_item(&outcome::OutItem::Module(
        id.name().to_string(),
        tree::modtype(cx, false, mty),
        outcome::OutRec::Not,
    ))
}
/// What `-i` prints for a unit; warns if names collide in it.
pub fn printed_signature(cx: &Context, source_file: &str, sg: &[SignatureItem]) -> Doc {
    names::reset(cx);
    let items = tree::signature(cx, sg);
    let conflicts = list_conflicts(cx);
    if !conflicts.is_empty() {
        let text = report::conflicts_doc(&conflicts).to_text();
        let loc = rocaml_base::Location::in_file(rocaml_base::Name::new(source_file));
        cx.warn(loc, rocaml_diag::Warning::ErroneousPrintedSignature(text));
    }
    Doc::template("@[<v>%a@]", &[oprint::signature(&items)])
}
/// What the toplevel says of the items that a phrase defines, with the values that `show` gives.
pub fn toplevel_items(
    cx: &Context,
    sg: &[SignatureItem],
    mut show: impl FnMut(&SignatureItem) -> Option<outcome::OutValue>,
) -> Doc {
    refresh_weak(cx);
    names::reset_conflicts(cx);
    let items = tree::signature_items(cx, sg, &mut |item| show(item));
    oprint::toplevel_items(&items)
}
