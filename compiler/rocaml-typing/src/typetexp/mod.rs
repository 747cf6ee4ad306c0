//! Type expressions: from syntax to types. Upstream's `Typetexp`.
//!
//! [`vars`] holds the type variables in scope; [`transl`] translates; [`report`] words the errors.

mod report;
mod transl;
pub mod vars;

pub use transl::{force_poly, repeated_label};

use rocaml_base::{Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::{FixedExplanation, Path, RowDesc, RowField, TypeDesc, TypeId};

use crate::Result;
use crate::attributes::warning_scope;
use crate::typedtree::{CoreType, CoreTypeDesc};
use vars::{Force, Policy, PolyUnivars};

pub use report::report_error;

/// What is wrong with a type expression.
#[derive(Clone, Debug)]
pub enum Error {
    /// A type parameter occurs twice: the caller says so in its own words.
    AlreadyBound,
    UnboundTypeVariable(String, Vec<String>),
    NoTypeWildcards,
    UndefinedTypeConstructor(Path),
    TypeArityMismatch(Longident, usize, usize),
    BoundTypeVariable(Name),
    RecursiveType,
    TypeMismatch(UnifyError),
    AliasTypeMismatch(UnifyError),
    PresentHasConjunction(Name),
    PresentHasNoType(Name),
    ConstructorMismatch(TypeId, TypeId),
    NotAVariant(TypeId),
    VariantTags(Name, Name),
    InvalidVariableName(String),
    CannotQuantify(Option<Name>, TypeId),
    MultipleConstraintsOnType(Longident),
    MethodMismatch(Name, TypeId, TypeId),
    OpenedObject(Option<Path>),
    NotAnObject(TypeId),
    RepeatedTupleLabel(Name),
}

/// An error with its place.
pub(crate) fn error<T>(loc: Location, env: &Env, error: Error) -> Result<T> {
    Err(Box::new(crate::Error::TypeExpr(loc, env.clone(), error)))
}

/// Whether a type variable may have this name.
pub fn valid_tyvar_name(name: Name) -> bool {
    !name.is_empty() && !name.starts_with('_')
}

/// The name if it is an ordinary one: others are not kept by variables.
fn validate_name(name: Option<Name>) -> Option<Name> {
    name.filter(|name| name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()))
}

fn new_global_var(cx: &Context, name: Option<Name>) -> TypeId {
    ctype::new_global_var(cx, validate_name(name))
}

fn newvar(cx: &Context, name: Option<Name>) -> TypeId {
    ctype::newvar_named(cx, validate_name(name))
}

fn check_tyvar_name(env: &Env, loc: Location, name: Name) -> Result<()> {
    if valid_tyvar_name(name) {
        return Ok(());
    }
    error(loc, env, Error::InvalidVariableName(format!("'{name}")))
}

/// A parameter of a type declaration. [`Error::AlreadyBound`] if its name was used.
pub fn transl_type_param(cx: &Context, env: &Env, styp: &ast::CoreType) -> Result<CoreType> {
    warning_scope(cx, &styp.attributes, || {
        let (desc, type_) = match &styp.desc {
            ast::CoreTypeDesc::Any => (CoreTypeDesc::Any, new_global_var(cx, Some(Name::new("_")))),
            ast::CoreTypeDesc::Var(name) => {
                check_tyvar_name(&Env::default(), styp.loc, *name)?;
                if vars::is_in_scope(cx, *name) {
                    return error(styp.loc, env, Error::AlreadyBound);
                }
                let var = new_global_var(cx, Some(*name));
                vars::add(cx, *name, var, None);
                (CoreTypeDesc::Var(*name), var)
            }
            _ => unreachable!("the parser gives variables as type parameters"),
        };
        Ok(CoreType { desc, type_, env: env.clone(), loc: styp.loc, attributes: styp.attributes.clone() })
    })
}

/// Translates a type whose variables are those in scope, plus (unless `closed`) fresh ones.
pub fn transl_simple_type(
    cx: &Context,
    env: &Env,
    univars: Option<&PolyUnivars>,
    closed: bool,
    styp: &ast::CoreType,
) -> Result<CoreType> {
    vars::reset_locals(cx, univars);
    let policy = if closed { Policy::FIXED } else { Policy::EXTENSIBLE };
    let typ = transl::transl_type(cx, env, policy, styp)?;
    vars::globalize_used_variables(cx, policy, env)?.run(cx)?;
    make_fixed_univars(cx, typ.type_);
    Ok(typ)
}

/// Translates the type of a method: its variables are quantified.
pub fn transl_simple_type_univars(cx: &Context, env: &Env, styp: &ast::CoreType) -> Result<CoreType> {
    vars::reset_locals(cx, None);
    let (typ, univars) = vars::collect_univars(cx, || {
        ctype::with_local_level_generalize(cx, |cx| {
            let policy = Policy::UNIVARS;
            let typ = transl::transl_type(cx, env, policy, styp)?;
            vars::globalize_used_variables(cx, policy, env)?.run(cx)?;
            Ok(typ)
        })
    })?;
    make_fixed_univars(cx, typ.type_);
    let poly = ctype::newgenty(cx, TypeDesc::Poly(typ.type_, univars.into()));
    Ok(CoreType { type_: ctype::instance(cx, poly), ..typ })
}

/// Translates a type and leaves its variables unbound: the tree, an instance, and what binds the
/// variables to those of the same name in scope.
pub fn transl_simple_type_delayed(cx: &Context, env: &Env, styp: &ast::CoreType) -> Result<(CoreType, TypeId, Force)> {
    vars::reset_locals(cx, None);
    let (typ, force) = ctype::with_local_level_generalize(cx, |cx| -> Result<_> {
        let policy = Policy::EXTENSIBLE;
        let typ = transl::transl_type(cx, env, policy, styp)?;
        make_fixed_univars(cx, typ.type_);
        let force = vars::globalize_used_variables(cx, policy, env)?;
        Ok((typ, force))
    })?;
    let ty = ctype::instance(cx, typ.type_);
    Ok((typ, ty, force))
}

/// Translates the type of a value specification: generalised.
pub fn transl_type_scheme(cx: &Context, env: &Env, styp: &ast::CoreType) -> Result<CoreType> {
    let ast::CoreTypeDesc::Poly(names, body) = &styp.desc else {
        return ctype::with_local_level_generalize(cx, |cx| {
            vars::reset(cx);
            transl_simple_type(cx, env, None, false, styp)
        });
    };
    let names: Vec<Name> = names.iter().map(|name| name.txt).collect();
    let (univars, typ) = ctype::with_local_level_generalize(cx, |cx| -> Result<_> {
        vars::reset(cx);
        let univars = vars::make_poly_univars(cx, &names);
        let typ = transl_simple_type(cx, env, Some(&univars), true, body)?;
        Ok((univars, typ))
    })?;
    vars::instance_poly_univars(cx, env, styp.loc, &univars)?;
    Ok(CoreType {
        type_: typ.type_,
        desc: CoreTypeDesc::Poly(names, Box::new(typ)),
        env: env.clone(),
        loc: styp.loc,
        attributes: styp.attributes.clone(),
    })
}

/// Marks the rows that end in a univar as fixed, so that universality is easily checked.
fn make_fixed_univars(cx: &Context, ty: TypeId) {
    btype::iter_nodes(cx, ty, &mut btype::TypeSet::default(), &mut |ty| {
        let TypeDesc::Variant(row) = cx.desc(ty) else { return };
        let row = btype::row_repr(cx, &row);
        if !btype::is_tunivar(cx, row.more) {
            return;
        }
        let fix = |field: &RowField| match cx.row_field(field) {
            RowField::Either { no_arg, arg_type, ext, .. } => RowField::Either { no_arg, arg_type, matched: true, ext },
            _ => field.clone(),
        };
        let fields = row.fields.iter().map(|(tag, field)| (*tag, fix(field))).collect();
        let fixed = Some(FixedExplanation::Univar(row.more));
        cx.set_desc(ty, TypeDesc::Variant(RowDesc { fields, fixed, ..row }));
    });
}

/// Warns at the end of typing about an alias `as 'a` that was not used.
fn check_alias_used(cx: &Context, loc: Location, name: Name, unused: std::rc::Rc<std::cell::Cell<bool>>) {
    use rocaml_diag::warning::TypeDeclarationUsage;
    cx.add_delayed_check(move |cx| {
        if unused.get() {
            cx.warn(loc, Warning::UnusedTypeDeclaration(format!("'{name}"), TypeDeclarationUsage::Alias));
        }
    });
}
