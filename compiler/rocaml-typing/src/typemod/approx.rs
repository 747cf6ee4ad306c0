//! Approximations of module types, for the first round of recursive modules: types are abstract,
//! values are left out.

use super::{class_items, extract_sig, presence_of, rec_status, type_open_descr};
use crate::error::Result;
use crate::remove_aliases;
use crate::typeclass;
use crate::typedecl;
use rocaml_syntax::ast::{self, ModuleTypeDesc, SignatureItemDesc};
use rocaml_syntax::asttypes::RecFlag;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::*;
use std::rc::Rc;

/// The approximation of a module type.
pub fn approx_modtype(cx: &Context, env: &Env, smty: &ast::ModuleType) -> Result<ModuleType> {
    match &smty.desc {
        ModuleTypeDesc::Ident(lid) => Ok(ModuleType::Ident(env.lookup_modtype_path(cx, false, smty.loc, &lid.txt)?)),
        ModuleTypeDesc::Alias(lid) => {
            Ok(ModuleType::Alias(env.lookup_module_path(cx, false, smty.loc, false, &lid.txt)?))
        }
        ModuleTypeDesc::Signature(items) => Ok(ModuleType::Signature(Rc::new(approx_sig(cx, env, items)?))),
        ModuleTypeDesc::Functor(param, result) => {
            let (param, inner_env) = match &**param {
                ast::FunctorParameter::Unit => (FunctorParameter::Unit, env.clone()),
                ast::FunctorParameter::Named(name, sarg) => {
                    let arg = approx_modtype(cx, env, sarg)?;
                    match name.txt {
                        None => (FunctorParameter::Named(None, Rc::new(arg)), env.clone()),
                        Some(name) => {
                            let scraped = remove_aliases::for_functor_arg(cx, env, &arg);
                            let scope = ctype::create_scope(cx);
                            let (id, env) = env.enter_module(cx, scope, true, name, ModulePresence::Present, &scraped);
                            (FunctorParameter::Named(Some(id), Rc::new(arg)), env)
                        }
                    }
                }
            };
            Ok(ModuleType::Functor(param, Rc::new(approx_modtype(cx, &inner_env, result)?)))
        }
        ModuleTypeDesc::With(body, constraints) => {
            let approximation = approx_modtype(cx, env, body)?;
            let mut sg = (*extract_sig(cx, env, body.loc, &approximation)?).clone();
            for constraint in constraints {
                sg = approx_constraint(cx, env, sg, constraint)?;
            }
            Ok(ModuleType::Signature(Rc::new(sg)))
        }
        ModuleTypeDesc::TypeOf(smod) => Ok(super::type_module_type_of(cx, env, smod)?.1),
        ModuleTypeDesc::Extension(extension) => Err(crate::attributes::error_of_extension(extension).into()),
    }
}

fn approx_constraint(cx: &Context, env: &Env, sg: Signature, constraint: &ast::WithConstraint) -> Result<Signature> {
    match constraint {
        ast::WithConstraint::Type(..) | ast::WithConstraint::TypeSubst(..) => Ok(sg),
        ast::WithConstraint::ModType(lid, smty) | ast::WithConstraint::ModTypeSubst(lid, smty) => {
            let destructive = matches!(constraint, ast::WithConstraint::ModTypeSubst(..));
            let mty = approx_modtype(cx, env, smty)?;
            super::constraints::merge_constraint_approx(cx, env, smty.loc, sg, lid, mty, destructive)
        }
        ast::WithConstraint::Module(_, lid) | ast::WithConstraint::ModSubst(_, lid) => {
            // Only to see that it is not one of the recursive modules.
            env.lookup_module_path(cx, false, lid.loc, false, &lid.txt)?;
            Ok(sg)
        }
    }
}

fn approx_declaration(cx: &Context, env: &Env, pmd: &ast::ModuleDeclaration) -> Result<Rc<ModuleDeclaration>> {
    Ok(Rc::new(ModuleDeclaration {
        type_: approx_modtype(cx, env, &pmd.type_)?,
        attributes: pmd.attributes.clone(),
        loc: pmd.loc,
        uid: Uid::Internal,
    }))
}

fn approx_sig(cx: &Context, env: &Env, items: &[ast::SignatureItem]) -> Result<Signature> {
    let mut env = env.clone();
    let mut sg = Signature::new();
    for item in items {
        match &item.desc {
            SignatureItemDesc::Type(rec_flag, sdecls) => {
                let decls = typedecl::approx_type_decl(cx, sdecls);
                let recursive = *rec_flag == RecFlag::Recursive;
                sg.extend(decls.into_iter().enumerate().map(|(index, (id, decl))| {
                    SignatureItem::Type(id, decl, rec_status(recursive, index), Visibility::Exported)
                }));
            }
            SignatureItemDesc::Module(pmd) => {
                if let Some(name) = pmd.name.txt {
                    let md = approx_declaration(cx, &env, pmd)?;
                    let presence = presence_of(&md.type_);
                    let scope = ctype::create_scope(cx);
                    let (id, new_env) = env.enter_module_declaration(cx, scope, false, name, presence, md.clone());
                    env = new_env;
                    sg.push(SignatureItem::Module(id, presence, md, RecStatus::Not, Visibility::Exported));
                }
            }
            SignatureItemDesc::ModSubst(pms) => {
                let (_, md) = env.lookup_module(cx, false, pms.manifest.loc, &pms.manifest.txt)?;
                let scope = ctype::create_scope(cx);
                env = env.enter_module_declaration(cx, scope, false, pms.name.txt, presence_of(&md.type_), md).1;
            }
            SignatureItemDesc::RecModule(sdecls) => {
                let scope = ctype::create_scope(cx);
                let mut decls = Vec::new();
                for pmd in sdecls {
                    if let Some(name) = pmd.name.txt {
                        decls.push((Ident::create_scoped(scope, name), approx_declaration(cx, &env, pmd)?));
                    }
                }
                for (index, (id, md)) in decls.into_iter().enumerate() {
                    env = env.add_module_declaration(cx, false, false, id, ModulePresence::Present, md.clone());
                    sg.push(SignatureItem::Module(
                        id,
                        ModulePresence::Present,
                        md,
                        rec_status(true, index),
                        Visibility::Exported,
                    ));
                }
            }
            SignatureItemDesc::ModType(d) | SignatureItemDesc::ModTypeSubst(d) => {
                let type_ = match &d.type_ {
                    None => None,
                    Some(smty) => Some(approx_modtype(cx, &env, smty)?),
                };
                let info = Rc::new(ModtypeDeclaration {
                    type_,
                    attributes: d.attributes.clone(),
                    loc: d.loc,
                    uid: Uid::Internal,
                });
                let scope = ctype::create_scope(cx);
                let (id, new_env) = env.enter_modtype(cx, scope, d.name.txt, info.clone());
                env = new_env;
                if matches!(item.desc, SignatureItemDesc::ModType(_)) {
                    sg.push(SignatureItem::Modtype(id, info, Visibility::Exported));
                }
            }
            SignatureItemDesc::Open(sod) => env = type_open_descr(cx, &env, sod)?.1,
            SignatureItemDesc::Include(sincl) => {
                let mty = approx_modtype(cx, &env, &sincl.mod_)?;
                let included = extract_sig(cx, &env, sincl.mod_.loc, &mty)?;
                let scope = ctype::create_scope(cx);
                let (included, new_env) = env.enter_signature(cx, scope, &included);
                env = new_env;
                sg.extend(included);
            }
            SignatureItemDesc::Class(sdecls) | SignatureItemDesc::ClassType(sdecls) => {
                let (classes, new_env) = typeclass::approx_class_declarations(cx, &env, sdecls)?;
                env = new_env;
                sg.extend(class_items(false, &classes));
            }
            _ => {}
        }
    }
    Ok(sg)
}
