//! Extensible types: `type t += …` and `exception`.

use super::{Error, fail, make_constructor, make_params, types_of, variance};
use crate::attributes;
use crate::error::Result;
use crate::includecore::TypeMismatch;
use crate::typedtree as tt;
use crate::typetexp::vars;
use rocaml_base::{Loc, Location};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::PrivateFlag;
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, ExistentialTreatment};
use rocaml_types::datarepr;
use rocaml_types::env::{ConstructorUsage, Env};
use rocaml_types::predef::TypeConstr;
use rocaml_types::*;
use std::rc::Rc;

/// The type that a constructor extends.
struct Extended<'a> {
    path: &'a Path,
    /// Parameters of its declaration, and as the extension writes them.
    params: &'a [TypeId],
    written_params: &'a [TypeId],
    private: PrivateFlag,
    scope: i32,
}

fn transl_extension_constructor(
    cx: &Context,
    env: &Env,
    extended: &Extended<'_>,
    sext: &ast::ExtensionConstructor,
) -> Result<tt::ExtensionConstructor> {
    attributes::warning_scope(cx, &sext.attributes, || {
        let id = Ident::create_scoped(extended.scope, sext.name.txt);
        let (args, ret_type, kind) = match &sext.kind {
            ast::ExtensionConstructorKind::Decl(svars, sargs, sres) => {
                let made = make_constructor(
                    cx,
                    env,
                    sext.loc,
                    extended.path,
                    extended.written_params,
                    svars,
                    sargs,
                    sres.as_ref(),
                )?;
                (made.args, made.res, tt::ExtensionConstructorKind::Decl(svars.clone(), made.targs, made.tres))
            }
            ast::ExtensionConstructorKind::Rebind(lid) => rebind(cx, env, extended, lid)?,
        };
        let ext = ExtensionConstructor {
            type_path: extended.path.clone(),
            type_params: extended.written_params.to_vec(),
            args,
            ret_type,
            private: extended.private,
            loc: sext.loc,
            attributes: sext.attributes.clone(),
            uid: cx.fresh_uid(),
        };
        Ok(tt::ExtensionConstructor {
            id,
            name: sext.name,
            type_: Rc::new(ext),
            kind,
            loc: sext.loc,
            attributes: sext.attributes.clone(),
        })
    })
}

type Rebound = (ConstructorArguments, Option<TypeId>, tt::ExtensionConstructorKind);

/// `exception E = M.E`
fn rebind(cx: &Context, env: &Env, extended: &Extended<'_>, lid: &Loc<Longident>) -> Result<Rebound> {
    let public = extended.private == PrivateFlag::Public;
    let usage = if public { ConstructorUsage::Exported } else { ConstructorUsage::ExportedPrivate };
    let cstr = env.lookup_constructor(cx, true, lid.loc, usage, &lid.txt)?;
    let (args, cstr_res, _) = ctype::instance_constructor(cx, ExistentialTreatment::KeepFlexible, &cstr);
    let (res, ret_type) = if cstr.generalized {
        let params = ctype::instance_list(cx, extended.params);
        (ctype::newconstr(cx, extended.path, &params), Some(ctype::newconstr(cx, extended.path, &params)))
    } else {
        (ctype::newconstr(cx, extended.path, extended.written_params), None)
    };
    if let Err(error) = ctype::unify(cx, env, cstr_res, res) {
        return fail(lid.loc, Error::RebindWrongType(lid.txt.clone(), env.clone(), error));
    }
    if !cstr.generalized {
        name_used_parameters(cx, &args, extended.written_params);
    }
    check_rebound_type(cx, env, extended, lid, &cstr)?;
    if cstr.private == PrivateFlag::Private && public {
        return fail(lid.loc, Error::RebindPrivate(lid.txt.clone()));
    }
    let ConstructorTag::Extension(path, _) = &cstr.tag else {
        // The types agree, and the type is extensible.
        panic!("a constructor of an extensible type is an extension");
    };
    let args = match &cstr.inlined {
        None => ConstructorArguments::Tuple(args),
        Some(decl) => {
            let actual = match args.first().map(|ty| cx.desc(*ty)) {
                Some(TypeDesc::Constr(_, actual, _)) => actual,
                _ => Rc::from([]),
            };
            let decl = ctype::instance_declaration(cx, decl);
            for (param, ty) in decl.params.iter().zip(actual.iter()) {
                // Both are instances of the same inline record's type.
                let _ = ctype::unify(cx, env, *param, *ty);
            }
            match decl.kind {
                TypeKind::Record(labels, _) => ConstructorArguments::Record(labels),
                _ => ConstructorArguments::Tuple(args),
            }
        }
    };
    Ok((args, ret_type, tt::ExtensionConstructorKind::Rebind(path.clone(), lid.clone())))
}

/// A parameter written `_` that the constructor's arguments use is a variable.
fn name_used_parameters(cx: &Context, args: &[TypeId], params: &[TypeId]) {
    let vars = ctype::free_variables_list(cx, None, args);
    for param in params {
        let anonymous = matches!(cx.desc(*param), TypeDesc::Var(Some(name)) if name == "_");
        if anonymous && vars.iter().any(|v| cx.same(*v, *param)) {
            cx.set_desc(*param, TypeDesc::Var(None));
        }
    }
}

fn check_rebound_type(
    cx: &Context,
    env: &Env,
    extended: &Extended<'_>,
    lid: &Loc<Longident>,
    cstr: &ConstructorDescription,
) -> Result<()> {
    let res_path = datarepr::cstr_res_type_path(cx, cstr);
    let Some(res_decl) = env.find_type(cx, &res_path) else {
        return fail(lid.loc, Error::UnavailableTypeConstructor(res_path));
    };
    let whole = |path: &Path, params: &[TypeId]| {
        let memo = cx.new_memo();
        let ty = btype::newgenty(cx, TypeDesc::Constr(path.clone(), params.into(), memo));
        [&[ty], params].concat()
    };
    let cstr_types = whole(&res_path, &res_decl.params);
    let ext_types = whole(extended.path, extended.params);
    if cstr_types.len() != ext_types.len() || !ctype::is_equal(cx, env, true, &cstr_types, &ext_types) {
        return fail(lid.loc, Error::RebindMismatch(lid.txt.clone(), res_path, extended.path.clone()));
    }
    Ok(())
}

fn is_rebind(ext: &tt::ExtensionConstructor) -> bool {
    matches!(ext.kind, tt::ExtensionConstructorKind::Rebind(..))
}

fn check_closed(cx: &Context, ext: &tt::ExtensionConstructor) -> Result<()> {
    match ctype::closed_extension_constructor(cx, &ext.type_) {
        Some(ty) => fail(ext.loc, Error::UnboundTypeVarExt(ty, ext.type_.clone())),
        None => Ok(()),
    }
}

/// `type t += …`; with `extend` unset, in a signature.
pub fn transl_type_extension(
    cx: &Context,
    extend: bool,
    env: &Env,
    loc: Location,
    styext: &ast::TypeExtension,
) -> Result<(tt::TypeExtension, Env)> {
    attributes::warning_scope(cx, &styext.attributes, || {
        let lid = &styext.path;
        let (path, decl) = env.lookup_type(cx, true, lid.loc, &lid.txt)?;
        check_extensible(extend, loc, styext, &path, &decl)?;
        let required: Vec<(bool, bool, bool)> = decl
            .variance
            .iter()
            .map(|v| {
                let (co, cn) = v.get_upper();
                (!cn, !co, false)
            })
            .collect();
        if decl.arity != styext.params.len() {
            return fail(loc, Error::ExtensionMismatch(path, env.clone(), TypeMismatch::Arity));
        }
        let written = variance::variance_of_params(&styext.params);
        if !required.iter().zip(&written).all(|((c1, n1, _), (c2, n2, _))| (!c2 || *c1) && (!n2 || *n1)) {
            return fail(loc, Error::ExtensionMismatch(path, env.clone(), TypeMismatch::Variance));
        }
        let scope = ctype::create_scope(cx);
        let (tparams, constructors) = ctype::with_local_level_generalize(cx, |cx| -> Result<_> {
            vars::reset(cx);
            let tparams = make_params(cx, env, &styext.params)?;
            let written_params = types_of(&tparams);
            for (general, written) in ctype::instance_list(cx, &decl.params).into_iter().zip(&written_params) {
                if let Err(error) = ctype::unify_var(cx, env, general, *written) {
                    return fail(loc, Error::InconsistentConstraint(env.clone(), error));
                }
            }
            let extended = Extended {
                path: &path,
                params: &decl.params,
                written_params: &written_params,
                private: styext.private,
                scope,
            };
            let constructors = styext
                .constructors
                .iter()
                .map(|sext| transl_extension_constructor(cx, env, &extended, sext))
                .collect::<Result<Vec<_>>>()?;
            Ok((tparams, constructors))
        })?;
        constructors.iter().try_for_each(|ext| check_closed(cx, ext))?;
        for ext in &constructors {
            variance::check_variance_extension(cx, env, &decl, ext.id, &ext.type_, (&required, loc))?;
        }
        let new_env = constructors
            .iter()
            .fold(env.clone(), |env, ext| env.add_extension(cx, true, is_rebind(ext), ext.id, ext.type_.clone()));
        let extension = tt::TypeExtension {
            path,
            txt: styext.path.clone(),
            params: tparams,
            variances: styext.params.iter().map(|(_, annotations)| *annotations).collect(),
            constructors,
            private: styext.private,
            loc: styext.loc,
            attributes: styext.attributes.clone(),
        };
        Ok((extension, new_env))
    })
}

fn check_extensible(
    extend: bool,
    loc: Location,
    styext: &ast::TypeExtension,
    path: &Path,
    decl: &TypeDeclaration,
) -> Result<()> {
    if !matches!(decl.kind, TypeKind::Open) {
        return fail(loc, Error::NotExtensibleType(path.clone()));
    }
    if decl.private == PrivateFlag::Private && extend {
        let new = styext.constructors.iter().find(|c| matches!(c.kind, ast::ExtensionConstructorKind::Decl(..)));
        if let Some(constructor) = new {
            return fail(constructor.loc, Error::CannotExtendPrivateType(path.clone()));
        }
    }
    Ok(())
}

/// `exception E of …`
pub fn transl_exception(
    cx: &Context,
    env: &Env,
    sext: &ast::ExtensionConstructor,
) -> Result<(tt::ExtensionConstructor, Env)> {
    let scope = ctype::create_scope(cx);
    let path = cx.predef().path(TypeConstr::Exn);
    let ext = ctype::with_local_level_generalize(cx, |cx| {
        vars::reset(cx);
        let extended = Extended { path: &path, params: &[], written_params: &[], private: PrivateFlag::Public, scope };
        transl_extension_constructor(cx, env, &extended, sext)
    })?;
    check_closed(cx, &ext)?;
    let new_env = env.add_extension(cx, true, is_rebind(&ext), ext.id, ext.type_.clone());
    Ok((ext, new_env))
}

/// An `exception` item, with its attributes.
pub fn transl_type_exception(cx: &Context, env: &Env, sexn: &ast::TypeException) -> Result<(tt::TypeException, Env)> {
    let (constructor, new_env) =
        attributes::warning_scope(cx, &sexn.attributes, || transl_exception(cx, env, &sexn.constructor))?;
    Ok((tt::TypeException { constructor, loc: sexn.loc, attributes: sexn.attributes.clone() }, new_env))
}
