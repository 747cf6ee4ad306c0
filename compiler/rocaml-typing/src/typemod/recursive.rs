//! Recursive modules: their types in three rounds, and the inclusion of their bodies.

use super::approx::approx_modtype;
use super::{Error, fail, included, transl_modtype};
use crate::attributes;
use crate::error::{Error as AnyError, Result};
use crate::includemod;
use crate::mtype;
use crate::typedecl::checks::check_recmod_typedecl;
use crate::typedtree::{self as tt, ModuleExpr, ModuleExprDesc};
use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast::{self, Attributes};
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{Env, ModuleUnboundReason};
use rocaml_types::mtype::strengthen;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::*;
use std::rc::Rc;

/// A recursive module while its type is being found.
#[derive(Clone)]
struct Draft {
    id: Option<Ident>,
    md: Rc<ModuleDeclaration>,
}

fn check_recmod_typedecls(cx: &Context, env: &Env, decls: &[(Ident, Rc<ModuleDeclaration>)]) -> Result<()> {
    let ids: Vec<Ident> = decls.iter().map(|(id, _)| *id).collect();
    for (id, md) in decls {
        for path in mtype::type_paths(cx, env, &Path::Ident(*id), &md.type_) {
            if let Some(decl) = env.find_type(cx, &path) {
                check_recmod_typedecl(cx, env, md.loc, &ids, &path, &decl)?;
            }
        }
    }
    Ok(())
}

fn add_drafts(cx: &Context, env: &Env, drafts: &[Draft]) -> Env {
    drafts.iter().fold(env.clone(), |env, draft| match draft.id {
        Some(id) => env.add_module_declaration(cx, true, true, id, ModulePresence::Present, draft.md.clone()),
        None => env,
    })
}

fn named(drafts: &[Draft]) -> Vec<(Ident, Rc<ModuleDeclaration>)> {
    drafts.iter().filter_map(|draft| draft.id.map(|id| (id, draft.md.clone()))).collect()
}

/// Types the module types of a recursive group.
pub fn transl_recmodule_modtypes(
    cx: &Context,
    env: &Env,
    sdecls: &[ast::ModuleDeclaration],
) -> Result<(Vec<tt::ModuleDeclaration>, Env)> {
    let scope = ctype::create_scope(cx);
    let ids: Vec<Option<Ident>> =
        sdecls.iter().map(|pmd| pmd.name.txt.map(|name| Ident::create_scoped(scope, name))).collect();
    let approx_env = |container: Option<Name>| {
        ids.iter().flatten().fold(env.clone(), |env, id| {
            env.enter_unbound_module(id.name(), ModuleUnboundReason::IllegalRecursion { container, unbound: id.name() })
        })
    };
    let mut drafts = Vec::new();
    for (id, pmd) in ids.iter().zip(sdecls) {
        let uid = cx.fresh_uid();
        let type_ = without_warnings(cx, || approx_modtype(cx, &approx_env(pmd.name.txt), &pmd.type_))?;
        let md = ModuleDeclaration { type_, attributes: pmd.attributes.clone(), loc: pmd.loc, uid };
        drafts.push(Draft { id: *id, md: Rc::new(md) });
    }
    let round = |drafts: &[Draft], env: &Env| -> Result<(Vec<Draft>, Vec<tt::ModuleType>)> {
        let mut typed = Vec::new();
        let mut next = Vec::new();
        for (draft, pmd) in drafts.iter().zip(sdecls) {
            let tmty = attributes::warning_scope(cx, &pmd.attributes, || transl_modtype(cx, env, &pmd.type_))?;
            let md = ModuleDeclaration { type_: tmty.type_.clone(), ..(*draft.md).clone() };
            next.push(Draft { id: draft.id, md: Rc::new(md) });
            typed.push(tmty);
        }
        Ok((next, typed))
    };
    let env0 = add_drafts(cx, env, &drafts);
    let (drafts1, _) = without_warnings(cx, || round(&drafts, &env0))?;
    let env1 = add_drafts(cx, env, &drafts1);
    check_recmod_typedecls(cx, &env1, &named(&drafts1))?;
    let (drafts2, typed) = round(&drafts1, &env1)?;
    let env2 = add_drafts(cx, env, &drafts2);
    check_recmod_typedecls(cx, &env2, &named(&drafts2))?;
    let decls = sdecls.iter().zip(drafts2).zip(typed).map(|((pmd, draft), type_)| tt::ModuleDeclaration {
        id: draft.id,
        name: pmd.name,
        uid: draft.md.uid,
        presence: ModulePresence::Present,
        type_,
        attributes: pmd.attributes.clone(),
        loc: pmd.loc,
    });
    Ok((decls.collect(), env2))
}

fn without_warnings<T>(cx: &Context, f: impl FnOnce() -> T) -> T {
    let reporter = cx.reporter.replace(Rc::new(rocaml_types::context::Silent));
    let result = f();
    cx.reporter.replace(reporter);
    result
}

/// The body of a recursive module, with the type that was declared for it.
pub struct RecursiveBinding {
    pub id: Option<Ident>,
    pub name: Loc<Option<Name>>,
    pub declared: tt::ModuleType,
    pub body: ModuleExpr,
    /// The type of the body.
    pub actual: ModuleType,
    pub attributes: Attributes,
    pub loc: Location,
    pub uid: Uid,
}

/// Checks each body against its declared type.
///
/// To compare in an environment where a module equals itself would loop through manifest types,
/// so the circle is unrolled as many times as there are modules: each round gives the modules
/// fresh names, whose types refer to those of the round before.
pub fn check_recmodule_inclusion(
    cx: &Context,
    env: &Env,
    bindings: Vec<RecursiveBinding>,
) -> Result<Vec<tt::ModuleBinding>> {
    let mut env = env.clone();
    let mut subst = Subst::identity();
    let mut scope = ctype::create_scope(cx);
    for round in 0..bindings.len() {
        let fresh: Vec<Option<(Ident, Ident)>> =
            bindings.iter().map(|b| b.id.map(|id| (id, Ident::create_scoped(scope, id.name())))).collect();
        for (ids, binding) in fresh.iter().zip(&bindings) {
            let Some((id, new)) = ids else { continue };
            let actual = if round == 0 {
                binding.actual.clone()
            } else {
                subst_and_strengthen(cx, &env, scope, &subst, Some(*id), &binding.actual)
            };
            env = env.add_module(cx, false, *new, ModulePresence::Present, &actual);
        }
        subst =
            fresh.iter().flatten().fold(Subst::identity(), |subst, (id, new)| subst.add_module(*id, Path::Ident(*new)));
        scope = ctype::create_scope(cx);
    }
    bindings.into_iter().map(|binding| check_inclusion(cx, &env, scope, &subst, binding)).collect()
}

fn subst_and_strengthen(
    cx: &Context,
    env: &Env,
    scope: i32,
    subst: &Subst,
    id: Option<Ident>,
    mty: &ModuleType,
) -> ModuleType {
    let mty = subst.modtype(cx, Scoping::Rescope(scope), mty);
    match id {
        None => mty,
        Some(id) => strengthen(cx, env, false, &mty, &subst.module_path(&Path::Ident(id))),
    }
}

fn check_inclusion(
    cx: &Context,
    env: &Env,
    scope: i32,
    subst: &Subst,
    binding: RecursiveBinding,
) -> Result<tt::ModuleBinding> {
    let declared = subst.modtype(cx, Scoping::Rescope(scope), &binding.declared.type_);
    let actual = subst_and_strengthen(cx, env, scope, subst, binding.id, &binding.actual);
    let loc = binding.body.loc;
    let coercion = included(
        includemod::modtypes_constraint(cx, env, loc, true, &actual, &declared),
        loc,
        env,
        Error::NotIncluded,
    )?;
    let type_ = binding.declared.type_.clone();
    let expr = ModuleExpr {
        desc: ModuleExprDesc::Constraint(
            Box::new(binding.body),
            type_.clone(),
            Some(Box::new(binding.declared)),
            coercion,
        ),
        loc,
        type_,
        env: env.clone(),
        attributes: vec![],
    };
    Ok(tt::ModuleBinding {
        id: binding.id,
        name: binding.name,
        uid: binding.uid,
        presence: ModulePresence::Present,
        expr,
        attributes: binding.attributes,
        loc: binding.loc,
    })
}

/// After a substitution, the types of recursive modules must still be well founded.
pub fn check_well_formed_module(cx: &Context, env: &Env, loc: Location, context: &str, mty: &ModuleType) -> Result<()> {
    match mty {
        ModuleType::Signature(sg) => {
            if !has_submodules(sg) {
                return Ok(());
            }
            let env = env.add_signature(cx, sg);
            check_recursive_groups(cx, &env, loc, context, sg)?;
            sg.iter().try_for_each(|item| match item {
                SignatureItem::Module(_, _, md, ..) => check_well_formed_module(cx, &env, loc, context, &md.type_),
                _ => Ok(()),
            })
        }
        ModuleType::Functor(FunctorParameter::Named(id, arg), result) => {
            check_well_formed_module(cx, env, loc, context, arg)?;
            let env = match id {
                Some(id) => env.add_module(cx, true, *id, ModulePresence::Present, arg),
                None => env.clone(),
            };
            check_well_formed_module(cx, &env, loc, context, result)
        }
        ModuleType::Functor(FunctorParameter::Unit, result) => check_well_formed_module(cx, env, loc, context, result),
        ModuleType::Ident(_) | ModuleType::Alias(_) => Ok(()),
    }
}

fn has_submodules(sg: &[SignatureItem]) -> bool {
    sg.iter().any(|item| matches!(item, SignatureItem::Module(..)))
}

fn check_recursive_groups(cx: &Context, env: &Env, loc: Location, context: &str, sg: &[SignatureItem]) -> Result<()> {
    let mut group: Vec<(Ident, Rc<ModuleDeclaration>)> = Vec::new();
    let flush = |group: &mut Vec<_>| {
        let checked = check_recmod_typedecls(cx, env, group);
        group.clear();
        checked.or_else(|error| match *error {
            AnyError::Decl(_, error) => {
                fail(loc, env, Error::BadlyFormedSignature(context.to_owned(), Box::new(error)))
            }
            other => Err(Box::new(other)),
        })
    };
    for item in sg {
        match item {
            SignatureItem::Module(id, _, md, RecStatus::First, _) => {
                flush(&mut group)?;
                group.push((*id, md.clone()));
            }
            SignatureItem::Module(id, _, md, RecStatus::Next, _) if !group.is_empty() => group.push((*id, md.clone())),
            _ => flush(&mut group)?,
        }
    }
    flush(&mut group)
}
