//! Type declarations: upstream's `Typedecl`.
//!
//! A group of declarations is translated in an environment where its abbreviations are unknown,
//! then checked ([`checks`]: constraints, cycles, regularity, re-exports), then completed with
//! the properties that depend on each other ([`variance`], [`properties`], [`separability`]).

pub mod checks;
pub mod errors;
pub mod extension;
pub mod externals;
pub mod properties;
pub mod separability;
pub mod variance;

use crate::attributes;
use crate::error::{Error as AnyError, Result};
use crate::typedtree::{self as tt, CoreType};
use crate::typetexp::{self, vars};
use rocaml_base::{Loc, Location, Name};
use rocaml_diag::Warning;
use rocaml_syntax::ast::{self, CoreTypeDesc};
use rocaml_syntax::asttypes::{ClosedFlag, MutableFlag, PrivateFlag, RecFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{self, Env};
use rocaml_types::predef::TypeConstr;
use rocaml_types::store::LOWEST_LEVEL;
use rocaml_types::*;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

pub use errors::{Error, ordinal_suffix, report_error};
pub use extension::{transl_exception, transl_type_exception, transl_type_extension};
pub use externals::transl_value_decl;
pub use variance::update_variances;

fn fail<T>(loc: Location, error: Error) -> Result<T> {
    Err(Box::new(AnyError::Decl(loc, error)))
}

/// Adds a type with the warnings of its attributes.
pub fn add_type(cx: &Context, env: &Env, check: bool, id: Ident, decl: Rc<TypeDeclaration>) -> Env {
    attributes::warning_scope_with(cx, &decl.attributes.clone(), false, || env.add_type(cx, check, id, decl))
}

/// A declaration with nothing but what is given; the rest is the most general.
fn plain_declaration(params: Vec<TypeId>, kind: TypeKind, loc: Location, uid: Uid) -> TypeDeclaration {
    let arity = params.len();
    TypeDeclaration {
        params,
        arity,
        kind,
        private: PrivateFlag::Public,
        manifest: None,
        variance: Variance::unknown_signature(false, arity),
        separability: Separability::default_signature(arity),
        is_newtype: false,
        expansion_scope: LOWEST_LEVEL,
        loc,
        attributes: vec![],
        immediate: Immediacy::Unknown,
        unboxed_default: false,
        uid,
    }
}

/// Enters a type of the group before its definition is known. With a reason, abbreviations are
/// abstract; otherwise they expand to a fresh variable.
fn enter_type(
    cx: &Context,
    abstract_abbrevs: Option<AbstractOrigin>,
    rec_flag: RecFlag,
    env: &Env,
    sdecl: &ast::TypeDeclaration,
    (id, uid): (Ident, Uid),
) -> Result<Env> {
    let needed = match rec_flag {
        RecFlag::Recursive => true,
        RecFlag::Nonrecursive => {
            if let ast::TypeKind::Variant(constructors) = &sdecl.kind
                && let Some(gadt) = constructors.iter().find(|c| c.res.is_some())
            {
                return fail(gadt.loc, Error::NonrecGadt);
            }
            btype::is_row_name(&id.name())
        }
    };
    if !needed {
        return Ok(env.clone());
    }
    let (origin, manifest) = match (&sdecl.manifest, abstract_abbrevs) {
        (None, _) => (AbstractOrigin::Definition, None),
        (Some(_), None) => (AbstractOrigin::Definition, Some(ctype::newvar(cx))),
        (Some(_), Some(reason)) => (reason, None),
    };
    let params = sdecl.params.iter().map(|_| ctype::newgenvar(cx, None)).collect();
    let decl = TypeDeclaration {
        private: sdecl.private,
        manifest,
        attributes: sdecl.attributes.clone(),
        ..plain_declaration(params, TypeKind::Abstract(origin), sdecl.loc, uid)
    };
    Ok(add_type(cx, env, true, id, Rc::new(decl)))
}

/// The type whose representation a value of `ty` has, unboxed types seen through.
pub fn get_unboxed_type_representation(cx: &Context, env: &Env, ty: TypeId) -> Option<TypeId> {
    let mut ty = ty;
    // A bound: unboxed types may refer to each other.
    for _ in 0..100 {
        ty = ctype::expand_head_opt(cx, env, ty);
        let TypeDesc::Constr(path, args, _) = cx.desc(ty) else { return Some(ty) };
        let Some(decl) = env.find_type(cx, &path) else { return Some(ty) };
        let Some(content) = unboxed_content(&decl.kind) else { return Some(ty) };
        let content = match cx.desc(content) {
            TypeDesc::Poly(inner, _) => inner,
            _ => content,
        };
        match ctype::apply(cx, env, &decl.params, content, &args) {
            Ok(next) => ty = next,
            Err(_) => return Some(ty),
        }
    }
    None
}

/// The type of the only field, if the declaration is unboxed.
pub fn unboxed_content(kind: &TypeKind) -> Option<TypeId> {
    match kind {
        TypeKind::Record(labels, RecordRepresentation::Unboxed(_)) => labels.first().map(|l| l.type_),
        TypeKind::Variant(constructors, VariantRepresentation::Unboxed) => match &constructors.first()?.args {
            ConstructorArguments::Tuple(args) => args.first().copied(),
            ConstructorArguments::Record(labels) => labels.first().map(|l| l.type_),
        },
        _ => None,
    }
}

fn is_float(cx: &Context, env: &Env, ty: TypeId) -> bool {
    get_unboxed_type_representation(cx, env, ty).is_some_and(|ty| match cx.desc(ty) {
        TypeDesc::Constr(path, ..) => path == cx.predef().path(TypeConstr::Float),
        _ => false,
    })
}

/// Whether a private type fixes a row: `type t = private [< … ]`.
pub fn is_fixed_type(sdecl: &ast::TypeDeclaration) -> bool {
    fn has_row_var(sty: &ast::CoreType) -> bool {
        match &sty.desc {
            CoreTypeDesc::Alias(sty, _) => has_row_var(sty),
            CoreTypeDesc::Class(..) | CoreTypeDesc::Object(_, ClosedFlag::Open) => true,
            CoreTypeDesc::Variant(_, ClosedFlag::Open, _) | CoreTypeDesc::Variant(_, ClosedFlag::Closed, Some(_)) => {
                true
            }
            _ => false,
        }
    }
    sdecl.manifest.as_ref().is_some_and(|sty| {
        matches!(sdecl.kind, ast::TypeKind::Abstract) && sdecl.private == PrivateFlag::Private && has_row_var(sty)
    })
}

/// Makes the row variable of a fixed type the private type `path`.
fn set_private_row(cx: &Context, env: &Env, loc: Location, path: &Path, decl: &TypeDeclaration) -> Result<()> {
    let Some(manifest) = decl.manifest else { return Ok(()) };
    let manifest = ctype::expand_head(cx, env, manifest);
    let row_variable = match cx.desc(manifest) {
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            let more = row.more;
            let fixed = RowDesc { fixed: Some(FixedExplanation::FixedPrivate), ..row };
            let is_static = btype::static_row(cx, &fixed);
            cx.set_desc(manifest, TypeDesc::Variant(fixed));
            if is_static {
                return fail(loc, Error::InvalidPrivateRowDeclaration(manifest));
            }
            more
        }
        TypeDesc::Object(fields, _) => {
            let (_, rest) = ctype::flatten_fields(cx, fields);
            if !btype::is_tvar(cx, rest) {
                return fail(loc, Error::InvalidPrivateRowDeclaration(manifest));
            }
            rest
        }
        // An abbreviation of neither: the check of the declaration will say so.
        _ => return Ok(()),
    };
    let memo = cx.new_memo();
    cx.set_desc(row_variable, TypeDesc::Constr(path.clone(), decl.params.clone().into(), memo));
    Ok(())
}

pub(crate) fn make_params(cx: &Context, env: &Env, params: &[ast::TypeParam]) -> Result<Vec<CoreType>> {
    params
        .iter()
        .map(|(sty, _)| match typetexp::transl_type_param(cx, env, sty) {
            Err(error) if matches!(*error, AnyError::TypeExpr(_, _, typetexp::Error::AlreadyBound)) => {
                fail(sty.loc, Error::RepeatedParameter)
            }
            other => other,
        })
        .collect()
}

fn types_of(ctys: &[CoreType]) -> Vec<TypeId> {
    ctys.iter().map(|cty| cty.type_).collect()
}

fn transl_labels(
    cx: &Context,
    env: &Env,
    univars: Option<&vars::PolyUnivars>,
    closed: bool,
    labels: &[ast::LabelDeclaration],
) -> Result<(Vec<tt::LabelDeclaration>, Vec<LabelDeclaration>)> {
    let mut seen = HashSet::new();
    for label in labels {
        if !seen.insert(label.name.txt) {
            return fail(label.loc, Error::DuplicateLabel(label.name.txt));
        }
    }
    let mut typed = Vec::new();
    let mut decls = Vec::new();
    for label in labels {
        let tlabel = attributes::warning_scope(cx, &label.attributes, || -> Result<tt::LabelDeclaration> {
            let cty = typetexp::transl_simple_type(cx, env, univars, closed, &typetexp::force_poly(&label.type_))?;
            let atomic = attributes::has(&label.attributes, "atomic");
            if atomic && label.mutable == MutableFlag::Immutable {
                return fail(label.loc, Error::AtomicFieldMustBeMutable(label.name.txt));
            }
            Ok(tt::LabelDeclaration {
                id: Ident::create_local(label.name.txt),
                name: label.name,
                uid: cx.fresh_uid(),
                mutable: label.mutable,
                atomic,
                type_: cty,
                loc: label.loc,
                attributes: label.attributes.clone(),
            })
        })?;
        let type_ = match cx.desc(tlabel.type_.type_) {
            TypeDesc::Poly(inner, univars) if univars.is_empty() => inner,
            _ => tlabel.type_.type_,
        };
        decls.push(LabelDeclaration {
            id: tlabel.id,
            mutable: tlabel.mutable,
            atomic: tlabel.atomic,
            type_,
            loc: tlabel.loc,
            attributes: tlabel.attributes.clone(),
            uid: tlabel.uid,
        });
        typed.push(tlabel);
    }
    Ok((typed, decls))
}

fn transl_constructor_arguments(
    cx: &Context,
    env: &Env,
    univars: Option<&vars::PolyUnivars>,
    closed: bool,
    args: &ast::ConstructorArguments,
) -> Result<(ConstructorArguments, tt::ConstructorArguments)> {
    match args {
        ast::ConstructorArguments::Tuple(stys) => {
            let ctys = stys
                .iter()
                .map(|sty| typetexp::transl_simple_type(cx, env, univars, closed, sty))
                .collect::<Result<Vec<_>>>()?;
            Ok((ConstructorArguments::Tuple(types_of(&ctys)), tt::ConstructorArguments::Tuple(ctys)))
        }
        ast::ConstructorArguments::Record(labels) => {
            let (typed, decls) = transl_labels(cx, env, univars, closed, labels)?;
            Ok((ConstructorArguments::Record(decls.into()), tt::ConstructorArguments::Record(typed)))
        }
    }
}

/// A constructor's arguments and result.
struct MadeConstructor {
    targs: tt::ConstructorArguments,
    tres: Option<CoreType>,
    args: ConstructorArguments,
    res: Option<TypeId>,
}

#[allow(clippy::too_many_arguments)]
fn make_constructor(
    cx: &Context,
    env: &Env,
    loc: Location,
    type_path: &Path,
    type_params: &[TypeId],
    svars: &[Loc<Name>],
    sargs: &ast::ConstructorArguments,
    sres: Option<&ast::CoreType>,
) -> Result<MadeConstructor> {
    let Some(sres) = sres else {
        let (args, targs) = transl_constructor_arguments(cx, env, None, true, sargs)?;
        return Ok(MadeConstructor { targs, tres: None, args, res: None });
    };
    // The variables of a generalised constructor are its own.
    vars::with_local_scope(cx, || {
        let closed = !svars.is_empty();
        let (made, univars) = ctype::with_local_level_generalize_if(
            cx,
            closed,
            |cx| -> Result<(MadeConstructor, vars::PolyUnivars)> {
                vars::reset(cx);
                let names: Vec<Name> = svars.iter().map(|v| v.txt).collect();
                let univar_list = vars::make_poly_univars(cx, &names);
                let univars = closed.then_some(&univar_list);
                let (args, targs) = transl_constructor_arguments(cx, env, univars, closed, sargs)?;
                let tres = typetexp::transl_simple_type(cx, env, univars, closed, sres)?;
                let res = tres.type_;
                let matches = matches!(cx.desc(res), TypeDesc::Constr(ref path, ..) if path == type_path);
                if !matches {
                    // The restriction is on what is written: no expansion.
                    let expected = ctype::newconstr(cx, type_path, type_params);
                    let trace = vec![ctype::unexpanded_diff(cx, res, expected)];
                    let error = rocaml_types::errortrace::UnifyError { trace };
                    return fail(sres.loc, Error::ConstraintFailed(env.clone(), error));
                }
                Ok((MadeConstructor { targs, tres: Some(tres), args, res: Some(res) }, univar_list))
            },
            |_, _| Ok(()),
        )?;
        if closed {
            vars::instance_poly_univars(cx, env, loc, &univars)?;
            let set_level = &mut |ty| {
                // The variables were generalised above and are bound here: none can escape.
                let _ = ctype::enforce_current_level(cx, env, ty);
            };
            btype::iter_cstr_args(&made.args, set_level);
            made.res.iter().for_each(|ty| set_level(*ty));
        }
        Ok(made)
    })
}

/// `[@@unboxed]` and `[@@boxed]`.
fn unboxed_attribute(sdecl: &ast::TypeDeclaration) -> Result<Option<bool>> {
    let unboxed = attributes::has(&sdecl.attributes, "unboxed");
    let boxed = attributes::has(&sdecl.attributes, "boxed");
    match (boxed, unboxed) {
        (true, true) => fail(sdecl.loc, Error::BoxedAndUnboxed),
        (true, false) => Ok(Some(false)),
        (false, true) => Ok(Some(true)),
        (false, false) => Ok(None),
    }
}

/// Why a type that asks for it cannot be unboxed.
fn reason_against_unboxing(kind: &ast::TypeKind) -> Option<&'static str> {
    match kind {
        ast::TypeKind::Abstract => Some("it is abstract"),
        ast::TypeKind::Open => Some("extensible variant types cannot be unboxed"),
        ast::TypeKind::Record(labels) => match &labels[..] {
            [] => Some("it has no fields"),
            [label] => (label.mutable == MutableFlag::Mutable).then_some("it is mutable"),
            _ => Some("it has more than one field"),
        },
        ast::TypeKind::Variant(constructors) => match &constructors[..] {
            [] => Some("it has no constructor"),
            [constructor] => match &constructor.args {
                ast::ConstructorArguments::Tuple(args) => match args.len() {
                    0 => Some("its constructor has no argument"),
                    1 => None,
                    _ => Some("its constructor has more than one argument"),
                },
                ast::ConstructorArguments::Record(labels) => match &labels[..] {
                    [] => Some("its constructor has no fields"),
                    [label] => (label.mutable == MutableFlag::Mutable).then_some("it is mutable"),
                    _ => Some("its constructor has more than one field"),
                },
            },
            _ => Some("it has more than one constructor"),
        },
    }
}

/// Whether to unbox, and whether that is only by default.
fn unboxing(cx: &Context, sdecl: &ast::TypeDeclaration) -> Result<(bool, bool)> {
    let attribute = unboxed_attribute(sdecl)?;
    let reason = reason_against_unboxing(&sdecl.kind);
    match (attribute, reason) {
        (Some(true), Some(reason)) => fail(sdecl.loc, Error::BadUnboxedAttribute(reason)),
        (_, None) => Ok((attribute.unwrap_or(cx.options.unboxed_types), attribute.is_none())),
        (_, Some(_)) => Ok((false, false)),
    }
}

/// Largest tag of a non-constant constructor.
const MAX_TAG: usize = 245;

fn transl_variant(
    cx: &Context,
    env: &Env,
    sdecl: &ast::TypeDeclaration,
    constructors: &[ast::ConstructorDeclaration],
    id: Ident,
    params: &[TypeId],
    unbox: bool,
) -> Result<(tt::TypeKind, TypeKind)> {
    if constructors.iter().any(|c| c.res.is_some())
        && let Some((_, _, loc)) = sdecl.cstrs.first()
    {
        cx.warn(*loc, Warning::ConstraintOnGadt);
    }
    let mut seen = HashSet::new();
    for constructor in constructors {
        if !seen.insert(constructor.name.txt) {
            return fail(sdecl.loc, Error::DuplicateConstructor(constructor.name.txt));
        }
    }
    let constant =
        |c: &&ast::ConstructorDeclaration| matches!(&c.args, ast::ConstructorArguments::Tuple(args) if args.is_empty());
    if constructors.iter().filter(|c| !constant(c)).count() > MAX_TAG + 1 {
        return fail(sdecl.loc, Error::TooManyConstructors(MAX_TAG + 1));
    }
    let (mut typed, mut decls) = (Vec::new(), Vec::new());
    for scstr in constructors {
        attributes::warning_scope(cx, &scstr.attributes, || -> Result<()> {
            let cstr_id = Ident::create_local(scstr.name.txt);
            let path = Path::Ident(id);
            let made =
                make_constructor(cx, env, scstr.loc, &path, params, &scstr.vars, &scstr.args, scstr.res.as_ref())?;
            let uid = cx.fresh_uid();
            typed.push(tt::ConstructorDeclaration {
                id: cstr_id,
                name: scstr.name,
                uid,
                vars: scstr.vars.clone(),
                args: made.targs,
                res: made.tres,
                loc: scstr.loc,
                attributes: scstr.attributes.clone(),
            });
            decls.push(ConstructorDeclaration {
                id: cstr_id,
                args: made.args,
                res: made.res,
                loc: scstr.loc,
                attributes: scstr.attributes.clone(),
                uid,
            });
            Ok(())
        })?;
    }
    let representation = if unbox { VariantRepresentation::Unboxed } else { VariantRepresentation::Regular };
    Ok((tt::TypeKind::Variant(typed), TypeKind::Variant(decls.into(), representation)))
}

fn transl_record(
    cx: &Context,
    env: &Env,
    labels: &[ast::LabelDeclaration],
    unbox: bool,
) -> Result<(tt::TypeKind, TypeKind)> {
    let (typed, decls) = transl_labels(cx, env, None, true, labels)?;
    let representation = if unbox {
        RecordRepresentation::Unboxed(false)
    } else if decls.iter().all(|l| !l.atomic && is_float(cx, env, l.type_)) {
        RecordRepresentation::Float
    } else {
        RecordRepresentation::Regular
    };
    Ok((tt::TypeKind::Record(typed), TypeKind::Record(decls.into(), representation)))
}

fn transl_constraints(
    cx: &Context,
    env: &Env,
    sdecl: &ast::TypeDeclaration,
) -> Result<Vec<(CoreType, CoreType, Location)>> {
    sdecl
        .cstrs
        .iter()
        .map(|(left, right, loc)| {
            let left = typetexp::transl_simple_type(cx, env, None, false, left)?;
            let right = typetexp::transl_simple_type(cx, env, None, false, right)?;
            Ok((left, right, *loc))
        })
        .collect()
}

fn unify_constraints(cx: &Context, env: &Env, constraints: &[(CoreType, CoreType, Location)]) -> Result<()> {
    for (left, right, loc) in constraints {
        if let Err(error) = ctype::unify(cx, env, left.type_, right.type_) {
            return fail(*loc, Error::InconsistentConstraint(env.clone(), error));
        }
    }
    Ok(())
}

/// Translates one declaration of a group.
fn transl_declaration(
    cx: &Context,
    env: &Env,
    sdecl: &ast::TypeDeclaration,
    (id, uid): (Ident, Uid),
) -> Result<tt::TypeDeclaration> {
    vars::reset(cx);
    let tparams = make_params(cx, env, &sdecl.params)?;
    let params = types_of(&tparams);
    let cstrs = transl_constraints(cx, env, sdecl)?;
    let (unbox, unboxed_default) = unboxing(cx, sdecl)?;
    let (tkind, kind) = match &sdecl.kind {
        ast::TypeKind::Abstract => (tt::TypeKind::Abstract, TypeKind::Abstract(AbstractOrigin::Definition)),
        ast::TypeKind::Open => (tt::TypeKind::Open, TypeKind::Open),
        ast::TypeKind::Variant(constructors) => transl_variant(cx, env, sdecl, constructors, id, &params, unbox)?,
        ast::TypeKind::Record(labels) => transl_record(cx, env, labels, unbox)?,
    };
    let manifest = match &sdecl.manifest {
        None => None,
        Some(sty) => Some(typetexp::transl_simple_type(cx, env, None, !is_fixed_type(sdecl), sty)?),
    };
    let decl = TypeDeclaration {
        private: sdecl.private,
        manifest: manifest.as_ref().map(|cty| cty.type_),
        attributes: sdecl.attributes.clone(),
        unboxed_default,
        ..plain_declaration(params, kind, sdecl.loc, uid)
    };
    unify_constraints(cx, env, &cstrs)?;
    if is_fixed_type(sdecl) {
        let row = Longident::Lident(Name::new(&format!("{}#row", id.name())));
        if let Some((path, _)) = env.find_type_by_name(cx, &row) {
            set_private_row(cx, env, sdecl.loc, &path, &decl)?;
        }
    }
    Ok(tt::TypeDeclaration {
        id,
        name: sdecl.name,
        params: tparams,
        variances: sdecl.params.iter().map(|(_, annotations)| *annotations).collect(),
        decl: Rc::new(decl),
        cstrs,
        kind: tkind,
        private: sdecl.private,
        manifest,
        loc: sdecl.loc,
        attributes: sdecl.attributes.clone(),
    })
}

/// Warns of constructors and labels that a later type of the group defines again.
fn check_duplicates(cx: &Context, sdecls: &[ast::TypeDeclaration]) {
    let mut labels = std::collections::HashMap::new();
    let mut constructors = std::collections::HashMap::new();
    let warn = |loc, what: &str, name: Name, first: Name, second: Name| {
        cx.warn(
            loc,
            Warning::DuplicateDefinitions(what.to_owned(), name.to_string(), first.to_string(), second.to_string()),
        );
    };
    for sdecl in sdecls {
        match &sdecl.kind {
            ast::TypeKind::Variant(cstrs) => {
                for cstr in cstrs {
                    match constructors.get(&cstr.name.txt) {
                        Some(first) => warn(cstr.loc, "constructor", cstr.name.txt, *first, sdecl.name.txt),
                        None => drop(constructors.insert(cstr.name.txt, sdecl.name.txt)),
                    }
                }
            }
            ast::TypeKind::Record(fields) => {
                for field in fields {
                    match labels.get(&field.name.txt) {
                        Some(first) => warn(field.loc, "label", field.name.txt, *first, sdecl.name.txt),
                        None => drop(labels.insert(field.name.txt, sdecl.name.txt)),
                    }
                }
            }
            ast::TypeKind::Abstract | ast::TypeKind::Open => {}
        }
    }
}

/// `type t = ()` is a new type and likely a mistake.
fn check_redefined_unit(cx: &Context, sdecl: &ast::TypeDeclaration) {
    if let ast::TypeKind::Variant(constructors) = &sdecl.kind
        && sdecl.manifest.is_none()
        && matches!(&constructors[..], [only] if only.name.txt == "()")
    {
        cx.warn(sdecl.loc, Warning::RedefiningUnit(sdecl.name.txt.to_string()));
    }
}

/// Makes the recursion of a private row type go through its name.
fn name_recursion(
    cx: &Context,
    sdecl: &ast::TypeDeclaration,
    id: Ident,
    decl: Rc<TypeDeclaration>,
) -> Rc<TypeDeclaration> {
    let (TypeKind::Abstract(_), Some(ty), PrivateFlag::Private) = (&decl.kind, decl.manifest, decl.private) else {
        return decl;
    };
    if !is_fixed_type(sdecl) {
        return decl;
    }
    let copy = btype::newty2(cx, cx.level(ty), cx.desc(ty));
    if !ctype::deep_occur(cx, ty, copy) {
        return decl;
    }
    let memo = cx.new_memo();
    let named = TypeDesc::Constr(Path::Ident(id), decl.params.clone().into(), memo);
    let named = btype::newty2(cx, cx.level(ty), named);
    cx.link(ty, named);
    Rc::new(TypeDeclaration { manifest: Some(copy), ..(*decl).clone() })
}

/// Unifies the variable that stood for an abbreviation with the abbreviation, to share recursion.
fn update_type(cx: &Context, temp_env: &Env, env: &Env, id: Ident, loc: Location) -> Result<()> {
    let path = Path::Ident(id);
    let Some(manifest) = temp_env.find_type(cx, &path).and_then(|decl| decl.manifest.map(|ty| (ty, decl.params.len())))
    else {
        return Ok(());
    };
    let (ty, arity) = manifest;
    ctype::with_local_level_generalize(cx, |cx| {
        let params: Vec<TypeId> = (0..arity).map(|_| ctype::newvar(cx)).collect();
        let instance = ctype::newconstr(cx, &path, &params);
        ctype::unify(cx, env, instance, ty).or_else(|error| fail(loc, Error::TypeClash(env.clone(), error)))
    })
}

/// Declarations by ident, in order.
pub type Decls = Vec<(Ident, Rc<TypeDeclaration>)>;

fn add_types_to_env(cx: &Context, decls: &Decls, env: &Env) -> Env {
    decls.iter().rev().fold(env.clone(), |env, (id, decl)| add_type(cx, &env, true, *id, decl.clone()))
}

/// A group with an abstract type for the row of each private row type before it.
fn with_fixed_rows(sdecls: &[ast::TypeDeclaration]) -> Vec<ast::TypeDeclaration> {
    let rows = sdecls.iter().filter(|sdecl| is_fixed_type(sdecl)).map(|sdecl| ast::TypeDeclaration {
        name: Loc::new(Name::new(&format!("{}#row", sdecl.name.txt)), sdecl.name.loc.ghost()),
        kind: ast::TypeKind::Abstract,
        manifest: None,
        loc: sdecl.loc.ghost(),
        ..sdecl.clone()
    });
    rows.chain(sdecls.iter().cloned()).collect()
}

type Slot = Rc<RefCell<Vec<Uid>>>;

/// While a declaration is translated, uses of the group's types count for it: they are real once
/// it is used itself.
fn watch_recursive_uses(cx: &Context, temp_env: &Env, id: Ident, current: &Rc<RefCell<Option<Slot>>>) -> Option<Slot> {
    let decl = temp_env.find_type(cx, &Path::Ident(id))?;
    let slot: Slot = Rc::default();
    let (own, current, uid) = (slot.clone(), current.clone(), decl.uid);
    env::set_type_used_callback(
        cx,
        &decl,
        Rc::new(move |cx, old| match &*current.borrow() {
            Some(user) => user.borrow_mut().push(uid),
            None => {
                let waiting = std::mem::take(&mut *own.borrow_mut());
                waiting.into_iter().for_each(|uid| env::mark_type_used(cx, uid));
                old(cx);
            }
        }),
    );
    Some(slot)
}

/// Translates a group of declarations, recursive or not.
pub fn transl_type_decl(
    cx: &Context,
    env: &Env,
    rec_flag: RecFlag,
    sdecls: &[ast::TypeDeclaration],
) -> Result<(Vec<tt::TypeDeclaration>, Env)> {
    sdecls.iter().for_each(|sdecl| check_redefined_unit(cx, sdecl));
    let sdecls = with_fixed_rows(sdecls);
    let scope = ctype::create_scope(cx);
    let ids: Vec<(Ident, Uid)> =
        sdecls.iter().map(|sdecl| (Ident::create_scoped(scope, sdecl.name.txt), cx.fresh_uid())).collect();
    let (tdecls, temp_env, new_env) =
        ctype::with_local_level_generalize(cx, |cx| transl_group(cx, env, rec_flag, &sdecls, &ids))?;
    let mut decls: Decls = tdecls.iter().map(|t| (t.id, t.decl.clone())).collect();
    // Where expansion might not end, abbreviations are abstract.
    let mut abs_env = env.clone();
    for (sdecl, id) in sdecls.iter().zip(&ids) {
        abs_env = enter_type(cx, Some(AbstractOrigin::RecCheckRegularity), rec_flag, &abs_env, sdecl, *id)?;
    }
    checks::check_group(cx, &abs_env, &new_env, &sdecls, &decls)?;
    if rec_flag == RecFlag::Recursive {
        for ((id, _), sdecl) in ids.iter().zip(&sdecls) {
            update_type(cx, &temp_env, &new_env, *id, sdecl.loc)?;
        }
    }
    for (sdecl, (_, decl)) in sdecls.iter().zip(&decls) {
        if let Some(ty) = ctype::closed_type_decl(cx, decl) {
            return fail(sdecl.loc, Error::UnboundTypeVar(ty, decl.clone()));
        }
    }
    for (sdecl, (_, decl)) in sdecls.iter().zip(&decls) {
        checks::check_constraints(cx, &new_env, sdecl, decl)?;
    }
    for (sdecl, (id, decl)) in sdecls.iter().zip(&mut decls) {
        *decl = name_recursion(cx, sdecl, *id, decl.clone());
    }
    let decls = variance::update_decls(cx, env, &sdecls, decls)?;
    let decls = properties::update_immediacy(cx, env, decls)?;
    let decls = separability::update_decls(cx, env, decls)?;
    let final_env = add_types_to_env(cx, &decls, env);
    for (sdecl, (id, decl)) in sdecls.iter().zip(&decls) {
        checks::check_coherence(cx, &final_env, sdecl.loc, &Path::Ident(*id), decl)?;
    }
    let final_decls =
        tdecls.into_iter().zip(decls).map(|(tdecl, (_, decl))| tt::TypeDeclaration { decl, ..tdecl }).collect();
    Ok((final_decls, final_env))
}

type Group = (Vec<tt::TypeDeclaration>, Env, Env);

fn transl_group(
    cx: &Context,
    env: &Env,
    rec_flag: RecFlag,
    sdecls: &[ast::TypeDeclaration],
    ids: &[(Ident, Uid)],
) -> Result<Group> {
    let mut temp_env = env.clone();
    for (sdecl, id) in sdecls.iter().zip(ids) {
        temp_env = enter_type(cx, None, rec_flag, &temp_env, sdecl, *id)?;
    }
    let current: Rc<RefCell<Option<Slot>>> = Rc::default();
    let watched = rec_flag == RecFlag::Recursive && cx.is_active(34);
    let slots: Vec<Option<Slot>> = ids
        .iter()
        .map(|(id, _)| if watched { watch_recursive_uses(cx, &temp_env, *id, &current) } else { None })
        .collect();
    let mut tdecls = Vec::new();
    for ((sdecl, id), slot) in sdecls.iter().zip(ids).zip(slots) {
        *current.borrow_mut() = slot;
        let tdecl = attributes::warning_scope(cx, &sdecl.attributes, || transl_declaration(cx, &temp_env, sdecl, *id));
        *current.borrow_mut() = None;
        tdecls.push(tdecl?);
    }
    check_duplicates(cx, sdecls);
    let decls: Decls = tdecls.iter().map(|t| (t.id, t.decl.clone())).collect();
    let new_env = add_types_to_env(cx, &decls, env);
    Ok((tdecls, temp_env, new_env))
}

/// Translates `with type … = …` for the type `id` of a signature, whose declaration `sig_decl`
/// stands in `sig_env`; the constraint is written in `outer_env`.
pub fn transl_with_constraint(
    cx: &Context,
    id: Ident,
    fixed_row_path: Option<&Path>,
    sig_env: &Env,
    sig_decl: &TypeDeclaration,
    outer_env: &Env,
    sdecl: &ast::TypeDeclaration,
) -> Result<tt::TypeDeclaration> {
    env::mark_type_used(cx, sig_decl.uid);
    ctype::with_local_level_generalize(cx, |cx| {
        vars::reset(cx);
        let loc = sdecl.loc;
        let tparams = make_params(cx, outer_env, &sdecl.params)?;
        let params = types_of(&tparams);
        let constraints = transl_constraints(cx, outer_env, sdecl)?;
        let Some(smanifest) = &sdecl.manifest else {
            panic!("a type constraint without a manifest: the parser makes none");
        };
        let tman = typetexp::transl_simple_type(cx, outer_env, None, !is_fixed_type(sdecl), smanifest)?;
        let sig_decl = ctype::instance_declaration(cx, sig_decl);
        let arity_ok = params.len() == sig_decl.arity;
        if arity_ok {
            for (cty, param) in tparams.iter().zip(&sig_decl.params) {
                if let Err(error) = ctype::unify_var(cx, sig_env, cty.type_, *param) {
                    return fail(cty.loc, Error::InconsistentConstraint(sig_env.clone(), error));
                }
            }
        }
        unify_constraints(cx, sig_env, &constraints)?;
        let concrete = arity_ok && !btype::type_kind_is_abstract(&sig_decl);
        let private = if sdecl.private == PrivateFlag::Private || !concrete { sdecl.private } else { sig_decl.private };
        if concrete && sdecl.private == PrivateFlag::Private {
            cx.alert("deprecated", loc, None, "spurious use of private");
        }
        let (kind, unboxed_default) = if arity_ok {
            (sig_decl.kind.clone(), sig_decl.unboxed_default)
        } else {
            (TypeKind::Abstract(AbstractOrigin::Definition), false)
        };
        let decl = TypeDeclaration {
            private,
            manifest: Some(tman.type_),
            attributes: sdecl.attributes.clone(),
            unboxed_default,
            ..plain_declaration(params, kind, loc, cx.fresh_uid())
        };
        if let Some(path) = fixed_row_path {
            set_private_row(cx, sig_env, sdecl.loc, path, &decl)?;
        }
        if let Some(ty) = ctype::closed_type_decl(cx, &decl) {
            return fail(loc, Error::UnboundTypeVar(ty, Rc::new(decl)));
        }
        let decl = name_recursion(cx, sdecl, id, Rc::new(decl));
        let variance =
            variance::compute_decl(cx, sig_env, Some(id), &decl, &variance::variance_of_params(&sdecl.params))?;
        let immediate = properties::compute_immediacy(cx, sig_env, &decl);
        let decl = TypeDeclaration { variance, immediate, ..(*decl).clone() };
        let separability = separability::compute_decl(cx, sig_env, &decl)?;
        let decl = TypeDeclaration { separability, ..decl };
        Ok(tt::TypeDeclaration {
            id,
            name: sdecl.name,
            params: tparams,
            variances: sdecl.params.iter().map(|(_, annotations)| *annotations).collect(),
            decl: Rc::new(decl),
            cstrs: constraints,
            kind: tt::TypeKind::Abstract,
            private: sdecl.private,
            manifest: Some(tman),
            loc,
            attributes: sdecl.attributes.clone(),
        })
    })
}

/// The declaration that `(module S with type t = ty)` gives to `t`.
pub fn transl_package_constraint(cx: &Context, loc: Location, env: &Env, ty: TypeId) -> TypeDeclaration {
    let kind = TypeKind::Abstract(AbstractOrigin::Definition);
    let decl = TypeDeclaration { manifest: Some(ty), ..plain_declaration(vec![], kind, loc, cx.fresh_uid()) };
    TypeDeclaration { immediate: properties::compute_immediacy(cx, env, &decl), ..decl }
}

/// An abstract type of this arity.
pub fn abstract_type_decl(cx: &Context, injective: bool, arity: usize) -> TypeDeclaration {
    ctype::with_local_level_generalize_always(cx, |cx| {
        let params = (0..arity).map(|_| ctype::newvar(cx)).collect();
        let kind = TypeKind::Abstract(AbstractOrigin::Definition);
        TypeDeclaration {
            variance: Variance::unknown_signature(injective, arity),
            ..plain_declaration(params, kind, Location::none(), Uid::Internal)
        }
    })
}

/// Approximations of a group: abstract types of the same names and arities.
pub fn approx_type_decl(cx: &Context, sdecls: &[ast::TypeDeclaration]) -> Decls {
    let scope = ctype::create_scope(cx);
    sdecls
        .iter()
        .map(|sdecl| {
            let injective = !matches!(sdecl.kind, ast::TypeKind::Abstract);
            let decl = abstract_type_decl(cx, injective, sdecl.params.len());
            (Ident::create_scoped(scope, sdecl.name.txt), Rc::new(decl))
        })
        .collect()
}
