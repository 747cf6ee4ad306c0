//! First-class modules: `(module M : S)` and `(val e)`.

use super::{Error, extract_sig_open, fail, included};
use crate::error::{Error as AnyError, Result};
use crate::includemod;
use crate::typedecl::properties;
use crate::typedtree::{ModuleCoercion, ModuleExpr, ModuleExprDesc};
use crate::typetexp::vars;
use rocaml_base::{Location, Name};
use rocaml_syntax::ast;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::FirstClassModule;
use rocaml_types::mtype::scrape;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::*;
use std::rc::Rc;

type Constraints = Vec<(Vec<Name>, TypeId)>;

/// `mty with type …`, for types without parameters.
fn package_constraints(
    cx: &Context,
    env: &Env,
    loc: Location,
    mty: &ModuleType,
    constraints: &Constraints,
) -> Result<ModuleType> {
    if constraints.is_empty() {
        return Ok(mty.clone());
    }
    let sg = match scrape(cx, env, mty) {
        ModuleType::Signature(sg) => sg,
        ModuleType::Ident(path) | ModuleType::Alias(path) => {
            return fail(loc, env, Error::CannotScrapePackageType(path));
        }
        ModuleType::Functor(..) => panic!("constraints of a package are those of a signature"),
    };
    let items = sg.iter().map(|item| match item {
        SignatureItem::Type(id, decl, rs, visibility) if decl.params.is_empty() => {
            match constraints.iter().find(|(path, _)| path[..] == [id.name()]) {
                None => Ok(item.clone()),
                Some((_, ty)) => {
                    let decl = TypeDeclaration { manifest: Some(*ty), ..(**decl).clone() };
                    let immediate = properties::compute_immediacy(cx, env, &decl);
                    Ok(SignatureItem::Type(*id, Rc::new(TypeDeclaration { immediate, ..decl }), *rs, *visibility))
                }
            }
        }
        SignatureItem::Module(id, presence, md, rs, visibility) => {
            let inner: Constraints = constraints
                .iter()
                .filter(|(path, _)| path.len() > 1 && path[0] == id.name())
                .map(|(path, ty)| (path[1..].to_vec(), *ty))
                .collect();
            let type_ = package_constraints(cx, env, loc, &md.type_, &inner)?;
            let md = ModuleDeclaration { type_, ..(**md).clone() };
            Ok(SignatureItem::Module(*id, *presence, Rc::new(md), *rs, *visibility))
        }
        other => Ok(other.clone()),
    });
    Ok(ModuleType::Signature(Rc::new(items.collect::<Result<Vec<_>>>()?)))
}

/// The module type that a package type stands for.
pub fn modtype_of_package(cx: &Context, env: &Env, loc: Location, package: &PackageType) -> Result<ModuleType> {
    // Types of a module type are generic.
    let constraints =
        package.constraints.iter().map(|(path, ty)| (path.to_vec(), ctype::duplicate_type(cx, *ty))).collect();
    let mty = package_constraints(cx, env, loc, &ModuleType::Ident(package.path.clone()), &constraints)?;
    Ok(Subst::identity().modtype(cx, Scoping::Keep, &mty))
}

/// Whether a package of type `p1` is one of type `p2`.
pub fn package_subtype(
    cx: &Context,
    env: &Env,
    p1: &PackageType,
    p2: &PackageType,
) -> std::result::Result<(), FirstClassModule> {
    let module_type = |package: &PackageType| {
        let closed = package.constraints.iter().filter(|(_, ty)| ctype::closed_type_expr(cx, None, *ty)).cloned();
        let package = PackageType { path: package.path.clone(), constraints: closed.collect() };
        modtype_of_package(cx, env, Location::none(), &package).map_err(|error| match *error {
            AnyError::Module(_, _, error) => match *error {
                Error::CannotScrapePackageType(path) => FirstClassModule::CannotScrape(path),
                _ => FirstClassModule::CannotScrape(package.path.clone()),
            },
            _ => FirstClassModule::CannotScrape(package.path.clone()),
        })
    };
    let (mty1, mty2) = (module_type(p1)?, module_type(p2)?);
    match includemod::modtypes(cx, env, Location::none(), true, &mty1, &mty2) {
        Ok(ModuleCoercion::None) => Ok(()),
        Ok(coercion) => Err(FirstClassModule::Coercion(includemod::in_package_subtype(cx, env, &mty1, &coercion))),
        Err(explanation) => Err(FirstClassModule::Inclusion(includemod::explanation_text(cx, &explanation))),
    }
}

/// `arg` seen as a module of type `mty`.
fn wrap_constraint_package(cx: &Context, env: &Env, arg: ModuleExpr, mty: ModuleType) -> Result<ModuleExpr> {
    let copy = |mty: &ModuleType| Subst::identity().modtype(cx, Scoping::Keep, mty);
    let coercion = includemod::modtypes(cx, env, arg.loc, true, &copy(&arg.type_), &copy(&mty));
    let coercion = included(coercion, arg.loc, env, Error::NotIncluded)?;
    Ok(ModuleExpr {
        loc: arg.loc,
        type_: mty.clone(),
        env: env.clone(),
        attributes: vec![],
        desc: ModuleExprDesc::Constraint(Box::new(arg), mty, None, coercion),
    })
}

fn is_path_like(modl: &ModuleExpr) -> Option<Path> {
    match &modl.desc {
        ModuleExprDesc::Ident(path, _) => Some(path.clone()),
        ModuleExprDesc::Constraint(inner, _, None, _) => match &inner.desc {
            ModuleExprDesc::Ident(path, _) => Some(path.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Types `(module m : package)`: the module, and the package type with the types that it gives.
pub fn type_package(
    cx: &Context,
    env: &Env,
    smod: &ast::ModuleExpr,
    package: &PackageType,
) -> Result<(ModuleExpr, PackageType)> {
    let (modl, scope) = vars::with_local_scope(cx, || {
        ctype::with_local_level(cx, |cx| -> Result<(ModuleExpr, i32)> {
            let modl = super::module::type_module_plain(cx, env, smod)?;
            Ok((modl, ctype::create_scope(cx)))
        })
    })?;
    let mut new_env = env.clone();
    let mut constraints = Vec::new();
    if !package.constraints.is_empty() {
        let root: Box<dyn Fn(&[Name]) -> Option<Path>> = match is_path_like(&modl) {
            Some(path) => {
                Box::new(move |names: &[Name]| Some(names.iter().fold(path.clone(), |path, name| path.dot(*name))))
            }
            None => {
                let sg = extract_sig_open(cx, env, modl.loc, &modl.type_)?;
                let (sg, entered) = env.enter_signature(cx, scope, &sg);
                new_env = entered;
                Box::new(move |names: &[Name]| path_in_signature(&sg, names))
            }
        };
        for (names, _) in package.constraints.iter() {
            if let Some(path) = root(names)
                && let Some(decl) = new_env.find_type(cx, &path)
                && decl.arity == 0
            {
                let memo = cx.new_memo();
                constraints.push((names.clone(), btype::newgenty(cx, TypeDesc::Constr(path, Rc::from([]), memo))));
            }
        }
    }
    let given = PackageType { path: package.path.clone(), constraints: constraints.into() };
    let mty = if package.constraints.is_empty() {
        ModuleType::Ident(package.path.clone())
    } else {
        modtype_of_package(cx, &new_env, modl.loc, &given)?
    };
    for (names, ty) in given.constraints.iter() {
        // A variable of the present level: the type must not mention what is local to the module.
        let variable = ctype::newvar(cx);
        if ctype::unify(cx, &new_env, *ty, variable).is_err() {
            let name = names.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(".");
            return fail(modl.loc, &new_env, Error::ScopingPack(name, *ty));
        }
    }
    let modl = wrap_constraint_package(cx, &new_env, modl, mty)?;
    Ok((modl, given))
}

fn path_in_signature(sg: &[SignatureItem], names: &[Name]) -> Option<Path> {
    let (first, rest) = names.split_first()?;
    let root = sg.iter().rev().find_map(|item| match item {
        SignatureItem::Type(id, ..) if rest.is_empty() && id.name() == *first => Some(*id),
        SignatureItem::Module(id, ..) if !rest.is_empty() && id.name() == *first => Some(*id),
        _ => None,
    })?;
    Some(rest.iter().fold(Path::Ident(root), |path, name| path.dot(*name)))
}

/// `(val e)` where `e` has type `ty`.
pub fn unpacked_type(cx: &Context, env: &Env, loc: Location, ty: TypeId) -> Result<ModuleType> {
    match cx.desc(ctype::expand_head(cx, env, ty)) {
        TypeDesc::Package(package) => {
            if package.constraints.iter().any(|(_, ty)| !ctype::closed_type_expr(cx, None, *ty)) {
                return fail(loc, env, Error::IncompletePackedModule(ty));
            }
            modtype_of_package(cx, env, loc, &package)
        }
        TypeDesc::Var(_) => {
            Err(Box::new(AnyError::Core(loc, env.clone(), crate::typecore::Error::CannotInferSignature)))
        }
        _ => fail(loc, env, Error::NotAPackedModule(ty)),
    }
}
