//! Modules: structures, signatures, functors. Upstream's `Typemod`.
//!
//! [`structure`] and [`module`] type module expressions, [`signature`] translates module types,
//! [`constraints`] merges `with`, [`approx`] and [`recursive`] deal with recursive modules,
//! [`package`] with first-class ones, [`names`] with names that may not occur twice.

pub mod approx;
pub mod constraints;
pub mod errors;
pub mod module;
pub mod names;
pub mod package;
pub mod packing;
pub mod recursive;
pub mod signature;
pub mod structure;
mod substituted;

use crate::attributes;
use crate::error::{Error as AnyError, Result};
use crate::includemod;
use crate::remove_aliases;
use crate::typeclass::ClassInfo;
use crate::typedtree as tt;
use names::{ComponentKind, Info, SignatureNames};
use rocaml_base::{Loc, Location, Name};
use rocaml_diag::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::OverrideFlag;
use rocaml_syntax::longident::Longident;
use rocaml_types::context::{Context, FunctorApplicationError};
use rocaml_types::env::{Env, OpenFailure};
use rocaml_types::*;
use std::cell::Cell;
use std::rc::Rc;

pub use constraints::check_package_with_type_constraints;
pub use errors::{Error, report_error};
pub use module::{type_module, type_module_type_of, type_open_decl};
pub use package::{modtype_of_package, package_subtype, type_package};
pub use packing::{package_coercion, package_signature};
pub use signature::{transl_modtype, transl_modtype_longident, transl_signature};
pub use structure::type_structure;

fn fail<T>(loc: Location, env: &Env, error: Error) -> Result<T> {
    Err(Box::new(AnyError::Module(loc, env.clone(), Box::new(error))))
}

/// Turns an inclusion error into an error of this kind at this place.
fn included<T>(
    result: std::result::Result<T, includemod::Explanation>,
    loc: Location,
    env: &Env,
    error: impl FnOnce(includemod::Explanation) -> Error,
) -> Result<T> {
    result.or_else(|explanation| fail(loc, env, error(explanation)))
}

/// The signature that a module type expands to.
fn extract_sig(cx: &Context, env: &Env, loc: Location, mty: &ModuleType) -> Result<Rc<Signature>> {
    match env.scrape_alias(cx, mty) {
        ModuleType::Signature(sg) => Ok(sg),
        ModuleType::Alias(path) => fail(loc, env, Error::CannotScrapeAlias(path)),
        _ => fail(loc, env, Error::SignatureExpected),
    }
}

/// The same for what is opened or included.
fn extract_sig_open(cx: &Context, env: &Env, loc: Location, mty: &ModuleType) -> Result<Rc<Signature>> {
    match env.scrape_alias(cx, mty) {
        ModuleType::Signature(sg) => Ok(sg),
        ModuleType::Alias(path) => fail(loc, env, Error::CannotScrapeAlias(path)),
        mty => fail(loc, env, Error::StructureExpected(mty)),
    }
}

/// The environment after `open lid`.
pub fn type_open_(
    cx: &Context,
    used_slot: Option<Rc<Cell<bool>>>,
    ovf: OverrideFlag,
    env: &Env,
    loc: Location,
    lid: &Loc<Longident>,
) -> Result<(Path, Env)> {
    open_path(cx, used_slot, false, ovf, env, loc, lid)
}

fn open_path(
    cx: &Context,
    used_slot: Option<Rc<Cell<bool>>>,
    toplevel: bool,
    ovf: OverrideFlag,
    env: &Env,
    loc: Location,
    lid: &Loc<Longident>,
) -> Result<(Path, Env)> {
    let path = env.lookup_module_path(cx, true, lid.loc, true, &lid.txt)?;
    match env.open_signature(cx, used_slot, Some(loc), toplevel, ovf, &path) {
        Ok(new_env) => Ok((path, new_env)),
        Err(OpenFailure::NotFound | OpenFailure::Functor) => {
            let mty = env.find_module(cx, &path).map_or(ModuleType::Alias(path.clone()), |md| md.type_.clone());
            extract_sig_open(cx, env, lid.loc, &mty)?;
            fail(lid.loc, env, Error::StructureExpected(mty))
        }
    }
}

/// `open M` in a signature or a class.
pub fn type_open_descr(cx: &Context, env: &Env, sod: &ast::OpenDescription) -> Result<(tt::OpenDescription, Env)> {
    type_open_descr_with(cx, None, env, sod)
}

/// [`type_open_descr`]; a use sets the slot, which several environments may share.
pub fn type_open_descr_with(
    cx: &Context,
    used_slot: Option<Rc<Cell<bool>>>,
    env: &Env,
    sod: &ast::OpenDescription,
) -> Result<(tt::OpenDescription, Env)> {
    let (path, new_env) = attributes::warning_scope(cx, &sod.attributes, || {
        type_open_(cx, used_slot, sod.override_, env, sod.loc, &sod.expr)
    })?;
    let description = tt::OpenDescription {
        expr: (path, sod.expr.clone()),
        bound_items: Rc::default(),
        override_: sod.override_,
        env: new_env.clone(),
        loc: sod.loc,
        attributes: sod.attributes.clone(),
    };
    Ok((description, new_env))
}

/// The environment in which a unit is typed: Stdlib opened unless asked otherwise, then each `-open`.
pub fn initial_env(
    cx: &Context,
    loc: Location,
    initially_opened: Option<Name>,
    open_modules: &[String],
) -> Result<Env> {
    ident::in_initial_env(|| opened_env(cx, loc, initially_opened, open_modules))
}

fn opened_env(cx: &Context, loc: Location, initially_opened: Option<Name>, open_modules: &[String]) -> Result<Env> {
    let mut env = Env::initial(cx);
    let open = |env: &Env, name: &str| -> Result<Env> {
        let lid = Loc::new(Longident::parse(name), loc);
        Ok(type_open_(cx, None, OverrideFlag::Override, env, loc, &lid)?.1)
    };
    if let Some(name) = initially_opened {
        env = open(&env, &name)?.with_units_over(cx, name);
    }
    for name in open_modules {
        env = open(&env, name)?;
    }
    Ok(env)
}

/// Lets lower layers use the module checker: upstream's forward references.
pub fn install_hooks(cx: &Context) {
    let mut hooks = cx.hooks.borrow_mut();
    hooks.package_subtype = Some(Rc::new(package::package_subtype));
    hooks.check_functor_application = Some(Rc::new(module::check_functor_application_in_path));
    hooks.check_well_formed_module = Some(Rc::new(|cx, env, loc, context, mty| {
        let checked = recursive::check_well_formed_module(cx, env, loc, context, mty);
        checked.map_err(|error| error as FunctorApplicationError)
    }));
}

// ---------------------------------------------------------------------------------------------
// Whole units

/// What is known of the interface of the unit being compiled.
pub enum Interface {
    /// There is none: it is inferred.
    Inferred,
    /// There is a source, whose compiled form could not be found.
    NotCompiled(String),
    /// Its signature, and the name of its source.
    Compiled(Rc<Signature>, String),
}

/// Types an implementation. `source` is the name of its file.
pub fn type_implementation(
    cx: &Context,
    source: &str,
    env: &Env,
    ast: &ast::Structure,
    interface: &Interface,
) -> Result<tt::Implementation> {
    let file_loc = Location::in_file(Name::new(source));
    crate::state::typing_state(cx).dependencies.take();
    crate::typecore::reset_delayed_checks(cx);
    rocaml_types::env::reset_required_globals(cx);
    let typed = structure::type_toplevel_structure(cx, env, ast)?;
    let simple_sg = typed.names.simplify(cx, &typed.final_env, &typed.signature)?;
    match interface {
        Interface::NotCompiled(name) => fail(file_loc, &Env::empty(), Error::InterfaceNotCompiled(name.clone())),
        Interface::Compiled(sg, intf_name) => {
            let coercion = includemod::compunit(cx, env, source, &typed.signature, intf_name, sg)
                .or_else(|explanation| Err(Box::new(AnyError::Inclusion(file_loc, Box::new(explanation)))))?;
            // After the inclusion: what is exported is used.
            crate::typecore::force_delayed_checks(cx)?;
            Ok(tt::Implementation { structure: typed.structure, coercion, signature: sg.clone() })
        }
        Interface::Inferred => {
            cx.warn(file_loc, Warning::MissingMli);
            let coercion = includemod::compunit(cx, env, source, &typed.signature, "(inferred signature)", &simple_sg)
                .or_else(|explanation| Err(Box::new(AnyError::Inclusion(file_loc, Box::new(explanation)))))?;
            structure::check_nongen_signature(cx, &typed.final_env, &simple_sg)?;
            structure::normalize_signature(cx, &simple_sg);
            crate::typecore::force_delayed_checks(cx)?;
            Ok(tt::Implementation { structure: typed.structure, coercion, signature: Rc::new(simple_sg) })
        }
    }
}

/// An implementation, and its signature as `-i` prints it.
pub fn infer_interface(cx: &Context, env: &Env, ast: &ast::Structure) -> Result<(tt::Structure, Signature)> {
    crate::typecore::reset_delayed_checks(cx);
    let typed = structure::type_toplevel_structure(cx, env, ast)?;
    let simple_sg = typed.names.simplify(cx, &typed.final_env, &typed.signature)?;
    crate::typecore::force_delayed_checks(cx)?;
    structure::normalize_signature(cx, &simple_sg);
    Ok((typed.structure, simple_sg))
}

/// Types an interface.
pub fn type_interface(cx: &Context, env: &Env, ast: &ast::Signature) -> Result<tt::Signature> {
    transl_signature(cx, env, ast)
}

/// The checks after an interface was typed. It must fit itself, which also marks all of it as used.
pub fn check_interface(cx: &Context, env: &Env, typed: &tt::Signature) -> Result<()> {
    let loc = Location::none();
    includemod::signatures(cx, env, loc, true, &typed.type_, &typed.type_)
        .or_else(|explanation| Err(Box::new(AnyError::Inclusion(loc, Box::new(explanation)))))?;
    crate::typecore::force_delayed_checks(cx)
}

fn presence_of(mty: &ModuleType) -> ModulePresence {
    if matches!(mty, ModuleType::Alias(_)) { ModulePresence::Absent } else { ModulePresence::Present }
}

fn has_remove_aliases(attrs: &ast::Attributes) -> bool {
    attributes::has(attrs, "remove_aliases")
}

/// The recursion status of the item at `index` of a group.
fn rec_status(recursive: bool, index: usize) -> RecStatus {
    match (index, recursive) {
        (0, true) => RecStatus::First,
        (0, false) => RecStatus::Not,
        _ => RecStatus::Next,
    }
}

/// The signature items of a group of types; the rows of private row types come first.
fn type_items(recursive: bool, decls: &[tt::TypeDeclaration]) -> Vec<SignatureItem> {
    let mut index = 0;
    decls
        .iter()
        .map(|decl| {
            let status = if index == 0 && rocaml_types::btype::is_row_name(&decl.id.name()) {
                RecStatus::Not
            } else {
                index += 1;
                rec_status(recursive, index - 1)
            };
            SignatureItem::Type(decl.id, decl.decl.clone(), status, Visibility::Exported)
        })
        .collect()
}

/// The signature items of an extension.
fn extension_items(constructors: &[tt::ExtensionConstructor]) -> Vec<SignatureItem> {
    let status = |index| if index == 0 { ExtStatus::First } else { ExtStatus::Next };
    constructors
        .iter()
        .enumerate()
        .map(|(index, ext)| SignatureItem::Typext(ext.id, ext.type_.clone(), status(index), Visibility::Exported))
        .collect()
}

/// Whether some type parameter is not a variable, or one is repeated.
fn params_are_constrained(cx: &Context, params: &[TypeId]) -> bool {
    params.iter().enumerate().any(|(index, param)| {
        !rocaml_types::btype::is_tvar(cx, *param) || params[..index].iter().any(|other| cx.same(*other, *param))
    })
}

/// A path of a module expression, if it has one.
fn path_of_module(cx: &Context, mexp: &tt::ModuleExpr) -> Option<Path> {
    match &mexp.desc {
        tt::ModuleExprDesc::Ident(path, _) => Some(path.clone()),
        tt::ModuleExprDesc::Apply(funct, arg, _) if cx.options.applicative_functors => {
            Some(Path::Apply(Rc::new(path_of_module(cx, funct)?), Rc::new(path_of_module(cx, arg)?)))
        }
        tt::ModuleExprDesc::Constraint(inner, ..) => path_of_module(cx, inner),
        _ => None,
    }
}

/// The type of a functor's parameter as its body sees it.
fn functor_argument_type(cx: &Context, env: &Env, smty: &ast::ModuleType) -> Result<tt::ModuleType> {
    let mty = transl_modtype(cx, env, smty)?;
    let type_ = remove_aliases::for_functor_arg(cx, env, &mty.type_);
    Ok(tt::ModuleType { type_, ..mty })
}

/// Records the names that classes bind, those of these kinds in this order.
fn check_classes<T>(
    cx: &Context,
    names: &mut SignatureNames,
    kinds: &[ComponentKind],
    classes: &[ClassInfo<T>],
) -> Result<()> {
    for class in classes {
        for kind in kinds {
            let id = match kind {
                ComponentKind::Class => class.id,
                ComponentKind::ClassType => class.ty_id,
                _ => class.obj_id,
            };
            names.check(cx, *kind, class.id_loc.loc, id, Info::Exported)?;
        }
    }
    Ok(())
}

/// The signature items of a group of classes, or of class types.
fn class_items<T>(with_class: bool, classes: &[ClassInfo<T>]) -> Vec<SignatureItem> {
    let mut items = Vec::new();
    for (index, class) in classes.iter().enumerate() {
        let status = rec_status(true, index);
        if with_class {
            items.push(SignatureItem::Class(class.id, class.decl.clone(), status, Visibility::Exported));
        }
        items.push(SignatureItem::ClassType(class.ty_id, class.ty_decl.clone(), status, Visibility::Exported));
        items.push(SignatureItem::Type(class.obj_id, class.obj_abbr.clone(), status, Visibility::Exported));
    }
    items
}
