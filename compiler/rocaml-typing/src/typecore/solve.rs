//! Constraints of patterns on types: unification in the pattern's environment, which may learn
//! equations from it.

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::doc::{Doc, Tag};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::MutableFlag;
use rocaml_syntax::longident::Longident;
use rocaml_types::btype::{self, TypePairs};
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, ExistentialTreatment, PatternEnv};
use rocaml_types::env::Env;
use rocaml_types::{
    AbstractOrigin, ConstructorDescription, Ident, LabelDescription, Path, RowDesc, TypeDeclaration, TypeDesc, TypeId,
    datarepr, predef, printtyp,
};
use std::rc::Rc;

use super::base::{disambiguate_array_literal, generalize_structure, instance, unify_pat_types};
use super::error::{Error, ExistentialBinding, ExistentialRestriction, error};
use super::pattern_state::PatternState;
use crate::Result;
use crate::parmatch::SOME_PRIVATE_TAG;
use crate::rows;
use crate::typedtree::CoreType;
use crate::typetexp;

/// The names given to existentials, and the annotation that binds them.
pub type ExistentialAnnotation = Option<(Vec<Loc<Ident>>, Box<CoreType>)>;

/// Unifies; with `refine`, or when a counter-example is checked, equations may be added.
fn unify_returning_equations(
    cx: &Context,
    penv: &PatternEnv,
    loc: Location,
    refine: bool,
    pat: TypeId,
    expected: TypeId,
) -> Result<TypePairs> {
    let result = if refine || penv.in_counterexample {
        ctype::unify_gadt(cx, penv, pat, expected)
    } else {
        ctype::unify(cx, &penv.env(), pat, expected).map(|()| TypePairs::new())
    };
    match result {
        Ok(pairs) => Ok(pairs),
        Err(e) => {
            super::base::tag_clash(cx, &penv.env(), loc)?;
            error(loc, &penv.env(), Error::PatternTypeClash(e, None))
        }
    }
}

/// Unifies two types with no preference for one of them.
pub fn unify_pat_types_penv(cx: &Context, penv: &PatternEnv, loc: Location, a: TypeId, b: TypeId) -> Result<()> {
    unify_returning_equations(cx, penv, loc, false, a, b).map(|_| ())
}

/// Checks that the expected type is of the constructor's type, whatever its arguments.
fn unify_head_only(
    cx: &Context,
    penv: &PatternEnv,
    loc: Location,
    constr: &ConstructorDescription,
    expected: TypeId,
) -> Result<()> {
    let path = datarepr::cstr_res_type_path(cx, constr);
    let decl = penv.env().find_type(cx, &path).expect("a constructor's type is declared");
    let head = ctype::newconstr(cx, &path, &ctype::instance_list(cx, &decl.params));
    unify_pat_types_penv(cx, penv, loc, head, expected)
}

/// A tuple of these labels: the types of its parts.
pub fn solve_tuple(
    cx: &Context,
    penv: &PatternEnv,
    loc: Location,
    labels: &[Option<Name>],
    expected: TypeId,
) -> Result<Vec<TypeId>> {
    let vars: Vec<TypeId> = labels.iter().map(|_| ctype::newgenvar(cx, None)).collect();
    let parts = labels.iter().copied().zip(vars.iter().copied()).collect();
    let ty = ctype::newgenty(cx, TypeDesc::Tuple(parts));
    unify_pat_types_penv(cx, penv, loc, ty, ctype::generic_instance(cx, expected))?;
    Ok(vars)
}

/// A constructor: the types of its arguments, and the annotation of existentials.
#[allow(clippy::too_many_arguments)]
pub fn solve_construct(
    cx: &Context,
    state: &mut PatternState,
    penv: &PatternEnv,
    loc: Location,
    constr: &ConstructorDescription,
    no_existentials: Option<ExistentialRestriction>,
    annotation: Option<(&[Loc<Name>], &ast::CoreType)>,
    expected: TypeId,
) -> Result<(Vec<TypeId>, ExistentialAnnotation)> {
    if constr.generalized {
        unify_head_only(cx, penv, loc, constr, instance(cx, expected))?;
    }
    // Toplevel definitions do not learn equations.
    let refine = constr.generalized && no_existentials.is_none();
    let (args, equated, annotation) = generalize_structure(cx, || {
        let expected = instance(cx, expected);
        let unify_res = |res| unify_returning_equations(cx, penv, loc, refine, res, expected);
        let (args, res, equated, annotation) = match annotation {
            None => {
                let (args, res, _) = ctype::instance_constructor(cx, ExistentialTreatment::MakeAbstract(penv), constr);
                (args, res, unify_res(res)?, None)
            }
            Some((names, styp)) => {
                let treatment = if names.is_empty() {
                    ExistentialTreatment::MakeAbstract(penv)
                } else {
                    ExistentialTreatment::KeepFlexible
                };
                let (args, res, existentials) = ctype::instance_constructor(cx, treatment, constr);
                let mut equated = None;
                let (args, annotation) =
                    solve_constructor_annotation(cx, state, penv, names, styp, &args, &existentials, &mut || {
                        equated = Some(unify_res(res)?);
                        Ok(())
                    })?;
                (args, res, equated.unwrap_or_default(), annotation)
            }
        };
        if !constr.existentials.is_empty() {
            ctype::lower_variables_only(cx, &penv.env(), penv.equations_scope, res);
        }
        Ok((args, equated, annotation))
    })?;
    if cx.options.principal && !penv.in_counterexample {
        warn_about_equations(cx, loc, &equated);
    }
    Ok((args, annotation))
}

/// Warning 18, once, for types equated without being fully known.
fn warn_about_equations(cx: &Context, loc: Location, equated: &TypePairs) {
    let unknown = equated.iter().find(|(a, b)| !(ctype::fully_generic(cx, *a) && ctype::fully_generic(cx, *b)));
    if let Some((a, b)) = unknown {
        let code = |ty| Doc::tagged(Tag::InlineCode, printtyp::type_expr(cx, ty));
        let message = Doc::template(
            "typing this pattern requires considering@ @[%a@]@ and@ @[%a@]@ as@ equal.@ But@ the@ knowledge@ of@ these@ types",
            &[code(a), code(b)],
        );
        cx.warn(loc, Warning::NotPrincipal(message));
    }
}

/// `C (type a b) (p : t)`: binds the names to the constructor's existentials.
#[allow(clippy::too_many_arguments)]
fn solve_constructor_annotation(
    cx: &Context,
    state: &mut PatternState,
    penv: &PatternEnv,
    names: &[Loc<Name>],
    styp: &ast::CoreType,
    args: &[TypeId],
    existentials: &[TypeId],
    unify_res: &mut dyn FnMut() -> Result<()>,
) -> Result<(Vec<TypeId>, ExistentialAnnotation)> {
    // The names are first abbreviations of variables.
    let mut declared: Vec<(Loc<Ident>, TypeDeclaration, TypeId)> = Vec::new();
    for name in names {
        let var = ctype::newvar(cx);
        let lowest = rocaml_types::ident::LOWEST_SCOPE;
        let decl = ctype::new_local_type(cx, name.loc, Some((var, lowest)), AbstractOrigin::Definition);
        let (id, env) = penv.env().enter_type(cx, penv.equations_scope, name.txt, Rc::new(decl.clone()));
        penv.set_env(env);
        declared.push((Loc::new(id, name.loc), decl, var));
    }
    let (cty, ty, force) = generalize_structure(cx, || typetexp::transl_simple_type_delayed(cx, &penv.env(), styp))?;
    state.force.push(force);
    unify_res()?;
    let (ty1, ty2) = (instance(cx, ty), instance(cx, ty));
    let args = match args {
        [arg] => {
            unify_pat_types(cx, &penv.env(), cty.loc, ty1, *arg)?;
            vec![ty2]
        }
        _ => {
            let tuple = ctype::newty(cx, TypeDesc::Tuple(args.iter().map(|arg| (None, *arg)).collect()));
            unify_pat_types(cx, &penv.env(), cty.loc, ty1, tuple)?;
            match cx.desc(ctype::expand_head(cx, &penv.env(), ty2)) {
                TypeDesc::Tuple(parts) => parts.iter().map(|(_, ty)| *ty).collect(),
                other => unreachable!("unified with a tuple, now {other:?}"),
            }
        }
    };
    if !declared.is_empty() {
        bind_existentials(cx, penv, &cty, ty, &declared, existentials)?;
    }
    let names = declared.into_iter().map(|(id, ..)| id).collect();
    Ok((args, Some((names, Box::new(cty)))))
}

fn bind_existentials(
    cx: &Context,
    penv: &PatternEnv,
    cty: &CoreType,
    ty: TypeId,
    declared: &[(Loc<Ident>, TypeDeclaration, TypeId)],
    existentials: &[TypeId],
) -> Result<()> {
    let mut remaining: Vec<&(Loc<Ident>, TypeDeclaration, TypeId)> = declared.iter().collect();
    // Those of this constructor become abstract.
    for existential in existentials {
        let position = match cx.desc(*existential) {
            TypeDesc::Constr(Path::Ident(id), args, _) if args.is_empty() => {
                remaining.iter().position(|(name, ..)| name.txt == id)
            }
            _ => None,
        };
        let Some(position) = position else {
            let ids = declared.iter().map(|(id, ..)| id.txt).collect();
            return error(cty.loc, &penv.env(), Error::UnboundExistential(ids, ty));
        };
        let (id, decl, var) = remaining.remove(position);
        let decl = TypeDeclaration { manifest: None, ..decl.clone() };
        let env = penv.env().add_type(cx, false, id.txt, Rc::new(decl));
        penv.set_env(env.clone());
        // The definition has changed: expansions remembered from before are wrong.
        cx.cleanup_abbrev();
        unify_pat_types(cx, &env, cty.loc, *existential, *var)?;
    }
    // The others name existentials that the constructor's arguments introduced.
    let mut bound: Vec<Ident> = declared.iter().map(|(id, ..)| id.txt).collect();
    for (id, decl, var) in &remaining {
        let id = id.txt;
        let target = ctype::expand_head(cx, &penv.env(), *var);
        let refuse = |why| error(cty.loc, &penv.env(), Error::BindExistential(why, id, target));
        match cx.desc(target) {
            TypeDesc::Constr(Path::Ident(other), args, _) if args.is_empty() => {
                if bound.contains(&other) {
                    return refuse(ExistentialBinding::AlreadyBound);
                }
                if other.scope() != penv.equations_scope || id.stamp() > other.stamp() {
                    return refuse(ExistentialBinding::NotInScope);
                }
                bound.insert(0, other);
            }
            _ => return refuse(ExistentialBinding::NonLocallyAbstract),
        }
        let decl = TypeDeclaration { manifest: Some(ctype::duplicate_type(cx, target)), ..decl.clone() };
        penv.set_env(penv.env().add_type(cx, false, id, Rc::new(decl)));
    }
    if !remaining.is_empty() {
        cx.cleanup_abbrev();
    }
    Ok(())
}

/// A field of a record: its type.
pub fn solve_record_field(
    cx: &Context,
    penv: &PatternEnv,
    loc: Location,
    label: &LabelDescription,
    lid: &Loc<Longident>,
    record_ty: TypeId,
) -> Result<TypeId> {
    generalize_structure(cx, || {
        let (_, arg, res) = ctype::instance_label(cx, false, label);
        match unify_pat_types_penv(cx, penv, loc, res, instance(cx, record_ty)) {
            Ok(()) => Ok(arg),
            Err(e) => match *e {
                crate::Error::Core(_, _, Error::PatternTypeClash(trace, _)) => {
                    error(lid.loc, &penv.env(), Error::LabelMismatch(lid.txt.clone(), trace))
                }
                other => Err(Box::new(other)),
            },
        }
    })
}

/// An array: the type of its elements, and whether it is mutable.
pub fn solve_array(cx: &Context, penv: &PatternEnv, loc: Location, expected: TypeId) -> Result<(TypeId, MutableFlag)> {
    let expected = ctype::generic_instance(cx, expected);
    let (element, mutable) = disambiguate_array_literal(cx, &penv.env(), loc, expected);
    if let Some(element) = element {
        return Ok((element, mutable));
    }
    let element = ctype::newgenvar(cx, None);
    let array = match mutable {
        MutableFlag::Immutable => predef::type_iarray(cx, element),
        MutableFlag::Mutable => predef::type_array(cx, element),
    };
    unify_pat_types_penv(cx, penv, loc, array, expected)?;
    Ok((element, mutable))
}

/// A lazy value: the type of its contents.
pub fn solve_lazy(cx: &Context, penv: &PatternEnv, loc: Location, expected: TypeId) -> Result<TypeId> {
    let contents = ctype::newgenvar(cx, None);
    let lazy = predef::type_lazy_t(cx, contents);
    unify_pat_types_penv(cx, penv, loc, lazy, ctype::generic_instance(cx, expected))?;
    Ok(contents)
}

/// `(p : t)`: the annotation, its type, and the type expected of `p`.
pub fn solve_constraint(
    cx: &Context,
    state: &mut PatternState,
    env: &Env,
    loc: Location,
    styp: &ast::CoreType,
    expected: TypeId,
) -> Result<(CoreType, TypeId, TypeId)> {
    let (cty, ty, force) = generalize_structure(cx, || typetexp::transl_simple_type_delayed(cx, env, styp))?;
    state.force.push(force);
    let instantiated = instance(cx, ty);
    unify_pat_types(cx, env, loc, instantiated, instance(cx, expected))?;
    Ok((cty, instantiated, ty))
}

/// `(x : 'a. t)`: the annotation, the polymorphic type, the type of the variable.
pub fn solve_poly_constraint(
    cx: &Context,
    state: &mut PatternState,
    env: &Env,
    loc: Location,
    styp: &ast::CoreType,
    expected: TypeId,
) -> Result<(CoreType, TypeId, TypeId)> {
    let (cty, ty, force) = typetexp::transl_simple_type_delayed(cx, env, styp)?;
    unify_pat_types(cx, env, loc, ty, instance(cx, expected))?;
    state.force.push(force);
    match cx.desc(ty) {
        TypeDesc::Poly(body, univars) => {
            let generic = rocaml_types::store::GENERIC_LEVEL;
            let (_, variable) =
                ctype::with_level(cx, generic, |cx| ctype::instance_poly(cx, true, false, &univars, body));
            Ok((cty, ty, variable))
        }
        other => unreachable!("a polymorphic annotation gave {other:?}"),
    }
}

/// A tag: the type of its argument if it has one, the row as matched, the type of the pattern.
pub fn solve_variant(
    cx: &Context,
    penv: &PatternEnv,
    loc: Location,
    tag: Name,
    constant: bool,
    expected: TypeId,
) -> Result<(Option<TypeId>, RowDesc, TypeId)> {
    let arg = (!constant).then(|| ctype::newgenvar(cx, None));
    let field = btype::rf_either(cx, constant, arg.into_iter().collect(), true);
    let make = |more| rows::make(vec![(tag, field.clone())], more, false);
    let row = make(ctype::newgenvar(cx, None));
    let expected = ctype::generic_instance(cx, expected);
    // The private tag would not unify with an abstract row variable.
    if tag != SOME_PRIVATE_TAG {
        let ty = ctype::newgenty(cx, TypeDesc::Variant(row));
        unify_pat_types_penv(cx, penv, loc, ty, expected)?;
    }
    Ok((arg, make(ctype::newvar(cx)), instance(cx, expected)))
}
