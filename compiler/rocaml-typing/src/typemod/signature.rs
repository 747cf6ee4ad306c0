//! Module types and signatures, from the parse tree.

use super::constraints::{MergeConstraint, merge_constraint};
use super::names::{ComponentKind, Info, SignatureNames};
use super::{
    Error, check_classes, class_items, extension_items, extract_sig, fail, functor_argument_type, has_remove_aliases,
    params_are_constrained, presence_of, rec_status, type_items, type_open_descr,
};
use crate::attributes;
use crate::error::Result;
use crate::saved_types::{self, BinaryPart};
use crate::typeclass;
use crate::typedecl;
use crate::typedtree::{self as tt, ModuleTypeDesc, SignatureItemDesc};
use rocaml_base::Location;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{PrivateFlag, RecFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::mtype::freshen;
use rocaml_types::subst::Subst;
use rocaml_types::*;
use std::rc::Rc;

/// The path of a module type.
pub fn transl_modtype_longident(cx: &Context, loc: Location, env: &Env, lid: &Longident) -> Result<Path> {
    Ok(env.lookup_modtype_path(cx, true, loc, lid)?)
}

/// Translates a module type.
pub fn transl_modtype(cx: &Context, env: &Env, smty: &ast::ModuleType) -> Result<tt::ModuleType> {
    let ty = attributes::warning_scope(cx, &smty.attributes, || transl_modtype_aux(cx, env, smty))?;
    saved_types::add(cx, || BinaryPart::ModuleType(ty.clone()));
    Ok(ty)
}

fn transl_modtype_aux(cx: &Context, env: &Env, smty: &ast::ModuleType) -> Result<tt::ModuleType> {
    let make = |desc, type_| tt::ModuleType {
        desc,
        type_,
        env: env.clone(),
        loc: smty.loc,
        attributes: smty.attributes.clone(),
    };
    match &smty.desc {
        ast::ModuleTypeDesc::Ident(lid) => {
            let path = transl_modtype_longident(cx, smty.loc, env, &lid.txt)?;
            Ok(make(ModuleTypeDesc::Ident(path.clone(), lid.clone()), ModuleType::Ident(path)))
        }
        ast::ModuleTypeDesc::Alias(lid) => {
            let path = env.lookup_module_path(cx, true, smty.loc, !cx.options.transparent_modules, &lid.txt)?;
            Ok(make(ModuleTypeDesc::Alias(path.clone(), lid.clone()), ModuleType::Alias(path)))
        }
        ast::ModuleTypeDesc::Signature(items) => {
            let sg = transl_signature(cx, env, items)?;
            let type_ = ModuleType::Signature(sg.type_.clone());
            Ok(make(ModuleTypeDesc::Signature(Box::new(sg)), type_))
        }
        ast::ModuleTypeDesc::Functor(param, result) => {
            let (tparam, param, inner_env) = transl_functor_parameter(cx, env, param)?;
            let result = transl_modtype(cx, &inner_env, result)?;
            let type_ = ModuleType::Functor(param, Rc::new(result.type_.clone()));
            Ok(make(ModuleTypeDesc::Functor(Box::new(tparam), Box::new(result)), type_))
        }
        ast::ModuleTypeDesc::With(sbody, constraints) => {
            let body = transl_modtype(cx, env, sbody)?;
            let mut sg = (*extract_sig(cx, env, sbody.loc, &body.type_)?).clone();
            let remove_aliases = has_remove_aliases(&smty.attributes);
            let mut typed = Vec::new();
            for constraint in constraints {
                let (item, new_sg) = transl_with(cx, env, smty.loc, remove_aliases, &sg, constraint)?;
                typed.push(item);
                sg = new_sg;
            }
            let scope = ctype::create_scope(cx);
            let type_ = freshen(cx, scope, &ModuleType::Signature(Rc::new(sg)));
            Ok(make(ModuleTypeDesc::With(Box::new(body), typed), type_))
        }
        ast::ModuleTypeDesc::TypeOf(smod) => {
            let (tmod, type_) = super::type_module_type_of(cx, &env.in_signature(false), smod)?;
            Ok(make(ModuleTypeDesc::TypeOf(Box::new(tmod)), type_))
        }
        ast::ModuleTypeDesc::Extension(extension) => Err(attributes::error_of_extension(extension).into()),
    }
}

/// A functor's parameter, and the environment of what follows.
pub fn transl_functor_parameter(
    cx: &Context,
    env: &Env,
    param: &ast::FunctorParameter,
) -> Result<(tt::FunctorParameter, FunctorParameter, Env)> {
    let ast::FunctorParameter::Named(name, smty) = param else {
        return Ok((tt::FunctorParameter::Unit, FunctorParameter::Unit, env.clone()));
    };
    let arg = functor_argument_type(cx, env, smty)?;
    let (id, inner_env) = match name.txt {
        None => (None, env.clone()),
        Some(text) => {
            let scope = ctype::create_scope(cx);
            let md = Rc::new(ModuleDeclaration {
                type_: arg.type_.clone(),
                attributes: vec![],
                loc: name.loc,
                uid: cx.fresh_uid(),
            });
            let id = Ident::create_scoped(scope, text);
            (Some(id), env.add_module_declaration(cx, true, true, id, ModulePresence::Present, md))
        }
    };
    let param = FunctorParameter::Named(id, Rc::new(arg.type_.clone()));
    Ok((tt::FunctorParameter::Named(id, *name, arg), param, inner_env))
}

type TypedConstraint = (Path, rocaml_base::Loc<Longident>, tt::WithConstraint);

fn transl_with(
    cx: &Context,
    env: &Env,
    loc: Location,
    remove_aliases: bool,
    sg: &Signature,
    constraint: &ast::WithConstraint,
) -> Result<(TypedConstraint, Signature)> {
    let (lid, constraint) = match constraint {
        ast::WithConstraint::Type(lid, sdecl) => (lid, MergeConstraint::Type(sdecl)),
        ast::WithConstraint::TypeSubst(lid, sdecl) => (lid, MergeConstraint::TypeSubst(sdecl)),
        ast::WithConstraint::Module(lid, target) => {
            let (path, md) = env.lookup_module(cx, true, loc, &target.txt)?;
            (lid, MergeConstraint::Module { lid: target.clone(), path, md, remove_aliases })
        }
        ast::WithConstraint::ModSubst(lid, target) => {
            let (path, md) = env.lookup_module(cx, true, loc, &target.txt)?;
            (lid, MergeConstraint::ModSubst { lid: target.clone(), path, md })
        }
        ast::WithConstraint::ModType(lid, smty) => (lid, MergeConstraint::Modtype(transl_modtype(cx, env, smty)?)),
        ast::WithConstraint::ModTypeSubst(lid, smty) => {
            (lid, MergeConstraint::ModtypeSubst(transl_modtype(cx, env, smty)?))
        }
    };
    let merged = merge_constraint(cx, env, loc, sg, lid, &constraint)?;
    let typed = merged.constraint.expect("written constraints have a typed form");
    Ok(((merged.path, lid.clone(), typed), merged.signature))
}

/// Translates a signature.
pub fn transl_signature(cx: &Context, env: &Env, items: &ast::Signature) -> Result<tt::Signature> {
    let mark = saved_types::mark(cx);
    attributes::fresh_warning_scope(cx, || {
        let mut translation = Translation {
            cx,
            env: env.in_signature(true),
            names: SignatureNames::default(),
            items: vec![],
            sg: vec![],
        };
        items.iter().try_for_each(|item| translation.item(item))?;
        let Translation { env, names, items, sg, .. } = translation;
        let sg = names.simplify(cx, &env, &sg)?;
        let signature = tt::Signature { items, type_: Rc::new(sg), final_env: env };
        saved_types::replace(cx, mark, || BinaryPart::Signature(signature.clone()));
        Ok(signature)
    })
}

struct Translation<'a> {
    cx: &'a Context,
    env: Env,
    names: SignatureNames,
    items: Vec<tt::SignatureItem>,
    sg: Signature,
}

impl Translation<'_> {
    fn check(&mut self, kind: ComponentKind, loc: Location, id: Ident) -> Result<()> {
        self.names.check(self.cx, kind, loc, id, Info::Exported)
    }

    fn item(&mut self, item: &ast::SignatureItem) -> Result<()> {
        let env = self.env.clone();
        let desc = self.item_desc(item)?;
        self.items.push(tt::SignatureItem { desc, env, loc: item.loc });
        Ok(())
    }

    fn item_desc(&mut self, item: &ast::SignatureItem) -> Result<SignatureItemDesc> {
        let cx = self.cx;
        Ok(match &item.desc {
            ast::SignatureItemDesc::Value(sval) => {
                let (decl, env) = typedecl::transl_value_decl(cx, &self.env, item.loc, sval)?;
                self.env = env;
                self.names.check_value(cx, decl.loc, decl.id)?;
                self.sg.push(SignatureItem::Value(decl.id, decl.val.clone(), Visibility::Exported));
                SignatureItemDesc::Value(Box::new(decl))
            }
            ast::SignatureItemDesc::Type(rec_flag, sdecls) => {
                let (decls, env) = typedecl::transl_type_decl(cx, &self.env, *rec_flag, sdecls)?;
                self.env = env;
                for decl in &decls {
                    self.check(ComponentKind::Type, decl.loc, decl.id)?;
                }
                self.sg.extend(type_items(*rec_flag == RecFlag::Recursive, &decls));
                SignatureItemDesc::Type(*rec_flag, decls)
            }
            ast::SignatureItemDesc::TypeSubst(sdecls) => self.type_subst(item.loc, sdecls)?,
            ast::SignatureItemDesc::TypExt(sext) => {
                let (ext, env) = typedecl::transl_type_extension(cx, false, &self.env, item.loc, sext)?;
                self.env = env;
                for constructor in &ext.constructors {
                    self.check(ComponentKind::ExtensionConstructor, constructor.loc, constructor.id)?;
                }
                self.sg.extend(extension_items(&ext.constructors));
                SignatureItemDesc::Typext(Box::new(ext))
            }
            ast::SignatureItemDesc::Exception(sexn) => {
                let (exn, env) = typedecl::transl_type_exception(cx, &self.env, sexn)?;
                self.env = env;
                let constructor = &exn.constructor;
                self.names.check(
                    cx,
                    ComponentKind::ExtensionConstructor,
                    constructor.loc,
                    constructor.id,
                    Info::Exported,
                )?;
                self.sg.push(SignatureItem::Typext(
                    constructor.id,
                    constructor.type_.clone(),
                    ExtStatus::Exception,
                    Visibility::Exported,
                ));
                SignatureItemDesc::Exception(Box::new(exn))
            }
            ast::SignatureItemDesc::Module(pmd) => self.module(pmd)?,
            ast::SignatureItemDesc::ModSubst(pms) => self.mod_subst(pms)?,
            ast::SignatureItemDesc::RecModule(sdecls) => {
                let (decls, env) = super::recursive::transl_recmodule_modtypes(cx, &self.env, sdecls)?;
                self.env = env;
                let mut index = 0;
                for md in &decls {
                    let Some(id) = md.id else { continue };
                    self.names.check(cx, ComponentKind::Module, md.loc, id, Info::Exported)?;
                    let decl = Rc::new(ModuleDeclaration {
                        type_: md.type_.type_.clone(),
                        attributes: md.attributes.clone(),
                        loc: md.loc,
                        uid: md.uid,
                    });
                    self.sg.push(SignatureItem::Module(
                        id,
                        ModulePresence::Present,
                        decl,
                        rec_status(true, index),
                        Visibility::Exported,
                    ));
                    index += 1;
                }
                SignatureItemDesc::RecModule(decls)
            }
            ast::SignatureItemDesc::ModType(pmtd) => {
                let (mtd, decl, env) = transl_modtype_decl(cx, &self.env, pmtd)?;
                self.env = env;
                self.check(ComponentKind::ModuleType, pmtd.loc, mtd.id)?;
                self.sg.push(SignatureItem::Modtype(mtd.id, decl, Visibility::Exported));
                SignatureItemDesc::Modtype(Box::new(mtd))
            }
            ast::SignatureItemDesc::ModTypeSubst(pmtd) => {
                let (mtd, decl, env) = transl_modtype_decl(cx, &self.env, pmtd)?;
                self.env = env;
                let mty = decl.type_.clone().expect("the parser wants a module type after `:=`");
                let subst = Subst::identity().add_modtype_mty(mtd.id, mty);
                self.names.check(cx, ComponentKind::ModuleType, pmtd.loc, mtd.id, Info::SubstitutedAway(subst))?;
                SignatureItemDesc::ModtypeSubst(Box::new(mtd))
            }
            ast::SignatureItemDesc::Open(sod) => {
                let (od, env) = type_open_descr(cx, &self.env, sod)?;
                self.env = env;
                SignatureItemDesc::Open(Box::new(od))
            }
            ast::SignatureItemDesc::Include(sincl) => self.include(item.loc, sincl)?,
            ast::SignatureItemDesc::Class(sdecls) => {
                let (classes, env) = typeclass::class_descriptions(cx, &self.env, sdecls)?;
                self.env = env;
                check_classes(
                    cx,
                    &mut self.names,
                    &[ComponentKind::Type, ComponentKind::Class, ComponentKind::ClassType],
                    &classes,
                )?;
                self.sg.extend(class_items(true, &classes));
                SignatureItemDesc::Class(classes.into_iter().map(|class| class.info).collect())
            }
            ast::SignatureItemDesc::ClassType(sdecls) => {
                let (classes, env) = typeclass::class_type_declarations(cx, &self.env, sdecls)?;
                self.env = env;
                check_classes(cx, &mut self.names, &[ComponentKind::ClassType, ComponentKind::Type], &classes)?;
                self.sg.extend(class_items(false, &classes));
                SignatureItemDesc::ClassType(classes.into_iter().map(|class| class.info).collect())
            }
            ast::SignatureItemDesc::Attribute(attribute) => {
                attributes::warning_attribute_item(cx, attribute);
                SignatureItemDesc::Attribute((**attribute).clone())
            }
            ast::SignatureItemDesc::Extension(extension, _) => {
                return Err(attributes::error_of_extension(extension).into());
            }
        })
    }

    fn type_subst(&mut self, loc: Location, sdecls: &[ast::TypeDeclaration]) -> Result<SignatureItemDesc> {
        let cx = self.cx;
        let (decls, env) = typedecl::transl_type_decl(cx, &self.env, RecFlag::Nonrecursive, sdecls)?;
        for decl in &decls {
            let abbreviation = matches!(decl.kind, tt::TypeKind::Abstract) && decl.private == PrivateFlag::Public;
            let Some(body) = decl.decl.manifest.filter(|_| abbreviation && decl.manifest.is_some()) else {
                return fail(decl.loc, &self.env, Error::InvalidTypeSubstRhs);
            };
            let params = decl.decl.params.clone();
            if params_are_constrained(cx, &params) {
                return fail(loc, &self.env, Error::WithCannotRemoveConstrainedType);
            }
            let subst = Subst::identity().add_type_function(Path::Ident(decl.id), params, body);
            self.names.check(cx, ComponentKind::Type, decl.loc, decl.id, Info::SubstitutedAway(subst))?;
        }
        self.env = env;
        Ok(SignatureItemDesc::TypeSubst(decls))
    }

    fn module(&mut self, pmd: &ast::ModuleDeclaration) -> Result<SignatureItemDesc> {
        let cx = self.cx;
        let scope = ctype::create_scope(cx);
        let tmty = attributes::warning_scope(cx, &pmd.attributes, || transl_modtype(cx, &self.env, &pmd.type_))?;
        if let ModuleType::Alias(path) = &tmty.type_
            && self.env.is_functor_arg(path)
        {
            return fail(pmd.loc, &self.env, Error::CannotAlias(path.clone()));
        }
        let presence = presence_of(&tmty.type_);
        let md = Rc::new(ModuleDeclaration {
            type_: tmty.type_.clone(),
            attributes: pmd.attributes.clone(),
            loc: pmd.loc,
            uid: cx.fresh_uid(),
        });
        let mut id = None;
        if let Some(name) = pmd.name.txt {
            let (new_id, env) = self.env.enter_module_declaration(cx, scope, false, name, presence, md.clone());
            self.env = env;
            self.check(ComponentKind::Module, pmd.name.loc, new_id)?;
            self.sg.push(SignatureItem::Module(new_id, presence, md.clone(), RecStatus::Not, Visibility::Exported));
            id = Some(new_id);
        }
        Ok(SignatureItemDesc::Module(Box::new(tt::ModuleDeclaration {
            id,
            name: pmd.name,
            uid: md.uid,
            presence,
            type_: tmty,
            attributes: pmd.attributes.clone(),
            loc: pmd.loc,
        })))
    }

    fn mod_subst(&mut self, pms: &ast::ModuleSubstitution) -> Result<SignatureItemDesc> {
        let cx = self.cx;
        let scope = ctype::create_scope(cx);
        let (path, md) = self.env.lookup_module(cx, true, pms.manifest.loc, &pms.manifest.txt)?;
        let md = if self.env.is_functor_arg(&path) {
            md
        } else {
            Rc::new(ModuleDeclaration {
                type_: ModuleType::Alias(path.clone()),
                attributes: pms.attributes.clone(),
                loc: pms.loc,
                uid: cx.fresh_uid(),
            })
        };
        let (id, env) =
            self.env.enter_module_declaration(cx, scope, false, pms.name.txt, presence_of(&md.type_), md.clone());
        self.env = env;
        let info = Info::SubstitutedAway(Subst::identity().add_module(id, path.clone()));
        self.names.check(cx, ComponentKind::Module, pms.name.loc, id, info)?;
        Ok(SignatureItemDesc::ModSubst(Box::new(tt::ModuleSubstitution {
            id,
            name: pms.name,
            uid: md.uid,
            manifest: path,
            txt: pms.manifest.clone(),
            attributes: pms.attributes.clone(),
            loc: pms.loc,
        })))
    }

    fn include(&mut self, loc: Location, sincl: &ast::IncludeDescription) -> Result<SignatureItemDesc> {
        let cx = self.cx;
        let tmty = attributes::warning_scope(cx, &sincl.attributes, || transl_modtype(cx, &self.env, &sincl.mod_))?;
        let scope = ctype::create_scope(cx);
        let included = extract_sig(cx, &self.env, sincl.mod_.loc, &tmty.type_)?;
        let (sg, env) = self.env.enter_signature(cx, scope, &included);
        self.env = env;
        self.names.check_signature(cx, loc, &sg, false)?;
        self.sg.extend(sg.iter().cloned());
        Ok(SignatureItemDesc::Include(Box::new(tt::IncludeDescription {
            mod_: tmty,
            type_: Rc::new(sg),
            loc: sincl.loc,
            attributes: sincl.attributes.clone(),
        })))
    }
}

/// `module type S = …`
pub fn transl_modtype_decl(
    cx: &Context,
    env: &Env,
    pmtd: &ast::ModuleTypeDeclaration,
) -> Result<(tt::ModuleTypeDeclaration, Rc<ModtypeDeclaration>, Env)> {
    attributes::warning_scope(cx, &pmtd.attributes, || {
        let tmty = match &pmtd.type_ {
            None => None,
            Some(smty) => Some(transl_modtype(cx, &env.in_signature(true), smty)?),
        };
        let decl = Rc::new(ModtypeDeclaration {
            type_: tmty.as_ref().map(|tmty| tmty.type_.clone()),
            attributes: pmtd.attributes.clone(),
            loc: pmtd.loc,
            uid: cx.fresh_uid(),
        });
        let scope = ctype::create_scope(cx);
        let (id, new_env) = env.enter_modtype(cx, scope, pmtd.name.txt, decl.clone());
        let mtd = tt::ModuleTypeDeclaration {
            id,
            name: pmtd.name,
            uid: decl.uid,
            type_: tmty,
            attributes: pmtd.attributes.clone(),
            loc: pmtd.loc,
        };
        Ok((mtd, decl, new_env))
    })
}
