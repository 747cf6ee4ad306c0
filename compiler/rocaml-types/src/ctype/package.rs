//! Types of first-class modules.

use super::expand::CheckOccur;
use super::gadt::reify;
use super::instance::{duplicate_type, instance};
use super::levels::{normalize_package_path, with_level};
use super::unify::{UEnv, unexplained, unify_list};
use crate::Ident;
use crate::btype;
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, Level};
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::PrivateFlag;
use rocaml_syntax::longident::Longident;
use std::rc::Rc;

pub(super) fn eq_package_path(cx: &Context, env: &Env, p1: &Path, p2: &Path) -> bool {
    p1 == p2 || normalize_package_path(cx, env, p1) == normalize_package_path(cx, env, p2)
}

type Constraints = Vec<(Rc<[Name]>, TypeId)>;

/// The constraints of `package` completed by the manifests of the types that `wanted` lists. With
/// `allow_absent`, types without a manifest are left out.
pub(super) fn complete_type_list(
    cx: &Context,
    env: &Env,
    allow_absent: bool,
    wanted: &[(Rc<[Name]>, TypeId)],
    level: Level,
    package: &PackageType,
) -> Result<Constraints, CheckOccur> {
    let missing: Vec<&Rc<[Name]>> = wanted
        .iter()
        .map(|(names, _)| names)
        .filter(|names| !package.constraints.iter().any(|(n, _)| n == *names))
        .collect();
    let mut all: Constraints = package.constraints.to_vec();
    if missing.is_empty() {
        return Ok(all);
    }
    // A module of the package's type stands for it while its types are looked up.
    let id = Ident::create_local(Name::new("Pkg"));
    let env = env.add_module(cx, false, id, ModulePresence::Present, &ModuleType::Ident(package.path.clone()));
    for names in missing {
        let full: Vec<Name> = std::iter::once(Name::new("Pkg")).chain(names.iter().copied()).collect();
        let found = Longident::unflatten(&full).and_then(|lid| env.find_type_by_name(cx, &lid));
        let plain =
            found.filter(|(_, d)| d.arity == 0 && btype::type_kind_is_abstract(d) && d.private == PrivateFlag::Public);
        match plain.and_then(|(_, d)| d.manifest).map(|ty| nondep_instance(cx, &env, level, id, ty)) {
            Some(Ok(ty)) => all.push((names.clone(), ty)),
            Some(Err(_)) | None if allow_absent => {}
            _ => return Err(CheckOccur),
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn nondep_instance(
    cx: &Context,
    env: &Env,
    level: Level,
    id: Ident,
    ty: TypeId,
) -> Result<TypeId, super::NondepCannotErase> {
    let ty = super::nondep_type(cx, env, &[id], ty)?;
    Ok(if level == GENERIC_LEVEL { duplicate_type(cx, ty) } else { with_level(cx, level, |cx| instance(cx, ty)) })
}

/// The outer error is that the types have no common constraints.
pub(super) fn compare_package(
    cx: &Context,
    env: &Env,
    unify_types: impl FnOnce(&[TypeId], &[TypeId]) -> Result<(), Trace>,
    (l1, p1): (Level, &PackageType),
    (l2, p2): (Level, &PackageType),
) -> Result<Result<(), FirstClassModule>, Option<Trace>> {
    let c2 = complete_type_list(cx, env, false, &p1.constraints, l2, p2).map_err(|_| None)?;
    let c1 = complete_type_list(cx, env, false, &p2.constraints, l1, p1).map_err(|_| None)?;
    let types = |c: &Constraints| c.iter().map(|(_, ty)| *ty).collect::<Vec<_>>();
    unify_types(&types(&c1), &types(&c2)).map_err(Some)?;
    if eq_package_path(cx, env, &p1.path, &p2.path) {
        return Ok(Ok(()));
    }
    Ok(package_subtype(cx, env, p1, p2).and_then(|()| package_subtype(cx, env, p2, p1)))
}

pub(super) fn package_subtype(
    cx: &Context,
    env: &Env,
    p1: &PackageType,
    p2: &PackageType,
) -> Result<(), FirstClassModule> {
    let hook = cx.hooks.borrow().package_subtype.clone();
    match hook {
        Some(check) => check(cx, env, p1, p2),
        None => Err(FirstClassModule::CannotScrape(p1.path.clone())),
    }
}

pub(super) fn unify_package(
    cx: &Context,
    uenv: &UEnv<'_>,
    side1: (Level, &PackageType),
    side2: (Level, &PackageType),
) -> Result<(), Trace> {
    let result = compare_package(cx, &uenv.env(), |t1, t2| unify_list(cx, uenv, t1, t2), side1, side2);
    let failure = match result {
        Ok(Ok(())) => return Ok(()),
        Err(Some(trace)) => return Err(trace),
        Ok(Err(why)) => vec![Elt::FirstClassModule(why)],
        Err(None) => Vec::new(),
    };
    if !uenv.in_pattern_mode() {
        return if failure.is_empty() { unexplained() } else { Err(failure) };
    }
    side1.1.constraints.iter().chain(side2.1.constraints.iter()).try_for_each(|(_, ty)| reify(cx, uenv, *ty))
}
