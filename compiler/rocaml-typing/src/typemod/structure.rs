//! Structures.

use super::module::{Mode, type_module_in, type_open_in};
use super::names::{ComponentKind, Info, SignatureNames};
use super::recursive::{RecursiveBinding, check_recmodule_inclusion, transl_recmodule_modtypes};
use super::signature::transl_modtype_decl;
use super::{
    Error, check_classes, class_items, extension_items, extract_sig_open, fail, presence_of, rec_status, type_items,
};
use crate::attributes;
use crate::error::{Error as AnyError, Result};
use crate::includemod;
use crate::mtype;
use crate::saved_types::{self, BinaryPart};
use crate::typeclass::{self, ClassInfo};
use crate::typecore;
use crate::typedecl;
use crate::typedtree::{self as tt, StructureItemDesc};
use rocaml_base::Location;
use rocaml_diag::report::Report;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::RecFlag;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::*;
use std::rc::Rc;

/// A structure with the names that its signature must not repeat.
pub struct TypedStructure {
    pub structure: tt::Structure,
    pub signature: Signature,
    pub names: SignatureNames,
    pub final_env: Env,
}

/// Types a structure.
pub fn type_structure(cx: &Context, env: &Env, items: &ast::Structure) -> Result<TypedStructure> {
    type_structure_in(cx, env, &Mode::default(), false, items)
}

/// Types a whole unit.
pub fn type_toplevel_structure(cx: &Context, env: &Env, items: &ast::Structure) -> Result<TypedStructure> {
    type_structure(cx, env, items)
}

/// Types a structure; `toplevel` for a phrase of the interactive system.
pub fn type_structure_in(
    cx: &Context,
    env: &Env,
    mode: &Mode,
    toplevel: bool,
    items: &ast::Structure,
) -> Result<TypedStructure> {
    let mark = saved_types::mark(cx);
    let run = || {
        let mut typing = Typing {
            cx,
            mode,
            toplevel,
            env: env.clone(),
            names: SignatureNames::default(),
            items: vec![],
            sg: vec![],
        };
        items.iter().try_for_each(|item| typing.item(item))?;
        let Typing { env, names, items, sg, .. } = typing;
        let structure = tt::Structure { items, type_: Rc::new(sg.clone()), final_env: env.clone() };
        saved_types::replace(cx, mark, || BinaryPart::Structure(structure.clone()));
        Ok(TypedStructure { structure, signature: sg, names, final_env: env })
    };
    if toplevel { run() } else { attributes::fresh_warning_scope(cx, run) }
}

struct Typing<'a> {
    cx: &'a Context,
    mode: &'a Mode,
    toplevel: bool,
    env: Env,
    names: SignatureNames,
    items: Vec<tt::StructureItem>,
    sg: Signature,
}

impl Typing<'_> {
    fn check(&mut self, kind: ComponentKind, loc: Location, id: Ident) -> Result<()> {
        self.names.check(self.cx, kind, loc, id, Info::Exported)
    }

    fn module_mode(&self, anchor: Option<Path>) -> Mode {
        Mode { alias: false, strengthen: true, funct_body: self.mode.funct_body, anchor }
    }

    fn item(&mut self, item: &ast::StructureItem) -> Result<()> {
        let env = self.env.clone();
        let mark = saved_types::mark(self.cx);
        let desc = self.item_desc(item);
        if ctype::take_too_deep(self.cx) {
            return Err(Report::error(item.loc, "This item has types that are nested too deeply.").into());
        }
        let item = tt::StructureItem { desc: desc?, loc: item.loc, env };
        saved_types::replace(self.cx, mark, || BinaryPart::StructureItem(item.clone()));
        self.items.push(item);
        Ok(())
    }

    fn item_desc(&mut self, item: &ast::StructureItem) -> Result<StructureItemDesc> {
        let cx = self.cx;
        Ok(match &item.desc {
            ast::StructureItemDesc::Eval(sexpr, attrs) => {
                let expr = attributes::warning_scope(cx, attrs, || typecore::type_expression(cx, &self.env, sexpr))?;
                StructureItemDesc::Eval(Box::new(expr), attrs.clone())
            }
            ast::StructureItemDesc::Value(rec_flag, sdefs) => self.values(*rec_flag, sdefs)?,
            ast::StructureItemDesc::Primitive(sval) => {
                let (decl, env) = typedecl::transl_value_decl(cx, &self.env, item.loc, sval)?;
                self.env = env;
                self.names.check_value(cx, decl.loc, decl.id)?;
                self.sg.push(SignatureItem::Value(decl.id, decl.val.clone(), Visibility::Exported));
                StructureItemDesc::Primitive(Box::new(decl))
            }
            ast::StructureItemDesc::Type(rec_flag, sdecls) => self.types(*rec_flag, sdecls)?,
            ast::StructureItemDesc::TypExt(sext) => {
                let (ext, env) = typedecl::transl_type_extension(cx, true, &self.env, item.loc, sext)?;
                self.env = env;
                for constructor in &ext.constructors {
                    self.check(ComponentKind::ExtensionConstructor, constructor.loc, constructor.id)?;
                }
                self.sg.extend(extension_items(&ext.constructors));
                StructureItemDesc::Typext(Box::new(ext))
            }
            ast::StructureItemDesc::Exception(sexn) => {
                let (exn, env) = typedecl::transl_type_exception(cx, &self.env, sexn)?;
                self.env = env;
                let (id, type_, loc) = (exn.constructor.id, exn.constructor.type_.clone(), exn.constructor.loc);
                self.check(ComponentKind::ExtensionConstructor, loc, id)?;
                self.sg.push(SignatureItem::Typext(id, type_, ExtStatus::Exception, Visibility::Exported));
                StructureItemDesc::Exception(Box::new(exn))
            }
            ast::StructureItemDesc::Module(pmb) => self.module(pmb)?,
            ast::StructureItemDesc::RecModule(bindings) => self.recursive_modules(bindings)?,
            ast::StructureItemDesc::ModType(pmtd) => {
                let (mtd, decl, env) = transl_modtype_decl(cx, &self.env, pmtd)?;
                self.env = env;
                self.check(ComponentKind::ModuleType, pmtd.loc, mtd.id)?;
                self.sg.push(SignatureItem::Modtype(mtd.id, decl, Visibility::Exported));
                StructureItemDesc::Modtype(Box::new(mtd))
            }
            ast::StructureItemDesc::Open(sod) => {
                let (od, sg, env) =
                    type_open_in(cx, None, &self.env, self.toplevel, self.mode.funct_body, &mut self.names, sod)?;
                self.env = env;
                self.sg.extend(sg.iter().cloned());
                StructureItemDesc::Open(Box::new(od))
            }
            ast::StructureItemDesc::Class(sdecls) => {
                let (classes, env) = typeclass::class_declarations(cx, &self.env, sdecls)?;
                self.env = env;
                check_classes(
                    cx,
                    &mut self.names,
                    &[ComponentKind::Class, ComponentKind::ClassType, ComponentKind::Type],
                    &classes,
                )?;
                self.sg.extend(class_items(true, &classes));
                StructureItemDesc::Class(classes.into_iter().map(|class| (class.info, class.pub_methods)).collect())
            }
            ast::StructureItemDesc::ClassType(sdecls) => {
                let (classes, env) = typeclass::class_type_declarations(cx, &self.env, sdecls)?;
                self.env = env;
                check_classes(cx, &mut self.names, &[ComponentKind::ClassType, ComponentKind::Type], &classes)?;
                self.sg.extend(class_items(false, &classes));
                let item = |class: ClassInfo<tt::ClassType>| (class.ty_id, class.id_loc, class.info);
                StructureItemDesc::ClassType(classes.into_iter().map(item).collect())
            }
            ast::StructureItemDesc::Include(sincl) => self.include(item.loc, sincl)?,
            ast::StructureItemDesc::Attribute(attribute) => {
                attributes::warning_attribute_item(cx, attribute);
                StructureItemDesc::Attribute((**attribute).clone())
            }
            ast::StructureItemDesc::Extension(extension, _) => {
                return Err(attributes::error_of_extension(extension).into());
            }
        })
    }

    fn values(&mut self, rec_flag: RecFlag, sdefs: &[ast::ValueBinding]) -> Result<StructureItemDesc> {
        let cx = self.cx;
        let (mut defs, env) = typecore::type_binding(cx, &self.env, rec_flag, sdefs)?;
        if rec_flag == RecFlag::Recursive {
            defs = typecore::annotate_recursive_bindings(cx, &self.env, defs)?;
        }
        for (id, name, ..) in tt::let_bound_idents_full(&defs) {
            self.names.check_value(cx, name.loc, id)?;
            // Not a use: what is exported is marked by the inclusion in the interface.
            if let Some(decl) = env.find_value(cx, &Path::Ident(id)) {
                self.sg.push(SignatureItem::Value(id, decl, Visibility::Exported));
            }
        }
        self.env = env;
        Ok(StructureItemDesc::Value(rec_flag, defs))
    }

    fn types(&mut self, rec_flag: RecFlag, sdecls: &[ast::TypeDeclaration]) -> Result<StructureItemDesc> {
        let cx = self.cx;
        let (decls, env) = typedecl::transl_type_decl(cx, &self.env, rec_flag, sdecls)?;
        for decl in &decls {
            self.check(ComponentKind::Type, decl.loc, decl.id)?;
        }
        self.sg.extend(type_items(rec_flag == RecFlag::Recursive, &decls));
        self.env = match &self.mode.anchor {
            None => env,
            // Within a recursive module: the types equal those that its type declares.
            Some(anchor) => decls.iter().fold(self.env.clone(), |new_env, info| {
                let path = anchor.dot(info.id.name());
                let decl = mtype::enrich_typedecl(cx, &self.env, &path, info.id, &info.decl);
                new_env.add_type(cx, true, info.id, decl)
            }),
        };
        Ok(StructureItemDesc::Type(rec_flag, decls))
    }

    fn enrich(&self, name: Option<rocaml_base::Name>, mty: &ModuleType, env: &Env) -> ModuleType {
        match (&self.mode.anchor, name) {
            (Some(anchor), Some(name)) => mtype::enrich_modtype(self.cx, env, &anchor.dot(name), mty),
            _ => mty.clone(),
        }
    }

    fn module(&mut self, pmb: &ast::ModuleBinding) -> Result<StructureItemDesc> {
        let cx = self.cx;
        let outer_level = ctype::get_current_level(cx);
        let scope = ctype::create_scope(cx);
        let anchor = self.mode.anchor.as_ref().zip(pmb.name.txt).map(|(anchor, name)| anchor.dot(name));
        let mode = Mode { alias: true, ..self.module_mode(anchor) };
        let modl = attributes::warning_scope(cx, &pmb.attributes, || type_module_in(cx, &self.env, &mode, &pmb.expr))?;
        let presence = presence_of(&modl.type_);
        let uid = cx.fresh_uid();
        let declaration =
            |type_| Rc::new(ModuleDeclaration { type_, attributes: pmb.attributes.clone(), loc: pmb.loc, uid });
        let md = declaration(self.enrich(pmb.name.txt, &modl.type_, &self.env));
        mtype::lower_nongen(cx, outer_level, &md.type_);
        let mut id = None;
        if let Some(name) = pmb.name.txt {
            let (new_id, env) = self.env.enter_module_declaration(cx, scope, false, name, presence, md);
            self.env = env;
            self.check(ComponentKind::Module, pmb.loc, new_id)?;
            let md = declaration(modl.type_.clone());
            self.sg.push(SignatureItem::Module(new_id, presence, md, RecStatus::Not, Visibility::Exported));
            id = Some(new_id);
        }
        Ok(StructureItemDesc::Module(Box::new(tt::ModuleBinding {
            id,
            name: pmb.name,
            uid,
            presence,
            expr: modl,
            attributes: pmb.attributes.clone(),
            loc: pmb.loc,
        })))
    }

    fn recursive_modules(&mut self, sbindings: &[ast::ModuleBinding]) -> Result<StructureItemDesc> {
        let cx = self.cx;
        let mut sdecls = Vec::new();
        let mut bodies = Vec::new();
        for binding in sbindings {
            let ast::ModuleExprDesc::Constraint(body, smty) = &binding.expr.desc else {
                return fail(binding.expr.loc, &self.env, Error::RecursiveModuleRequireExplicitType);
            };
            bodies.push(body);
            sdecls.push(ast::ModuleDeclaration {
                name: binding.name,
                type_: (**smty).clone(),
                attributes: binding.attributes.clone(),
                loc: binding.loc,
            });
        }
        let (decls, env) = transl_recmodule_modtypes(cx, &self.env, &sdecls)?;
        for decl in &decls {
            if let Some(id) = decl.id {
                self.check(ComponentKind::Module, decl.loc, id)?;
            }
        }
        let mut bindings = Vec::new();
        for (decl, body) in decls.into_iter().zip(bodies) {
            let mode = self.module_mode(decl.id.map(Path::Ident));
            let body = attributes::warning_scope(cx, &decl.attributes, || type_module_in(cx, &env, &mode, body))?;
            let actual = self.enrich(decl.name.txt, &body.type_, &env);
            includemod::modtypes_consistency(cx, &env, body.loc, &actual, &decl.type_.type_)
                .or_else(|explanation| Err(Box::new(AnyError::Inclusion(body.loc, Box::new(explanation)))))?;
            bindings.push(RecursiveBinding {
                id: decl.id,
                name: decl.name,
                declared: decl.type_,
                body,
                actual,
                attributes: decl.attributes,
                loc: decl.loc,
                uid: decl.uid,
            });
        }
        let new_env = bindings.iter().fold(env, |env, binding| match binding.id {
            None => env,
            Some(id) => {
                let md = ModuleDeclaration {
                    type_: binding.declared.type_.clone(),
                    attributes: binding.attributes.clone(),
                    loc: binding.loc,
                    uid: binding.uid,
                };
                // From now on an ordinary module, which may be aliased.
                env.add_module_declaration(cx, false, true, id, ModulePresence::Present, Rc::new(md))
            }
        });
        let bindings = check_recmodule_inclusion(cx, &new_env, bindings)?;
        for (index, (id, binding)) in bindings.iter().filter_map(|b| b.id.map(|id| (id, b))).enumerate() {
            let md = ModuleDeclaration {
                type_: binding.expr.type_.clone(),
                attributes: binding.attributes.clone(),
                loc: binding.loc,
                uid: binding.uid,
            };
            self.sg.push(SignatureItem::Module(
                id,
                ModulePresence::Present,
                Rc::new(md),
                rec_status(true, index),
                Visibility::Exported,
            ));
        }
        self.env = new_env;
        Ok(StructureItemDesc::RecModule(bindings))
    }

    fn include(&mut self, loc: Location, sincl: &ast::IncludeDeclaration) -> Result<StructureItemDesc> {
        let cx = self.cx;
        let mode = self.module_mode(None);
        let modl =
            attributes::warning_scope(cx, &sincl.attributes, || type_module_in(cx, &self.env, &mode, &sincl.mod_))?;
        let scope = ctype::create_scope(cx);
        let included = extract_sig_open(cx, &self.env, sincl.mod_.loc, &modl.type_)?;
        let (sg, env) = self.env.enter_signature(cx, scope, &included);
        self.names.check_signature(cx, loc, &sg, false)?;
        self.env = env;
        self.sg.extend(sg.iter().cloned());
        Ok(StructureItemDesc::Include(Box::new(tt::IncludeDeclaration {
            mod_: modl,
            type_: Rc::new(sg),
            loc: sincl.loc,
            attributes: sincl.attributes.clone(),
        })))
    }
}

// ---------------------------------------------------------------------------------------------
// Variables that could not be generalised

fn nongen_modtype(cx: &Context, env: &Env, mty: &ModuleType) -> Option<(Vec<TypeId>, Rc<ValueDescription>)> {
    match mty {
        ModuleType::Ident(_) | ModuleType::Alias(_) => None,
        ModuleType::Signature(sg) => {
            let env = env.add_signature(cx, sg);
            sg.iter().find_map(|item| match item {
                SignatureItem::Value(_, d, _) => {
                    ctype::nongen_vars_in_schema(cx, &env, d.type_).map(|vars| (vars, d.clone()))
                }
                SignatureItem::Module(_, _, md, ..) => nongen_modtype(cx, &env, &md.type_),
                _ => None,
            })
        }
        ModuleType::Functor(param, body) => {
            let env = match param {
                FunctorParameter::Named(Some(id), arg) => env.add_module(cx, true, *id, ModulePresence::Present, arg),
                _ => env.clone(),
            };
            nongen_modtype(cx, &env, body)
        }
    }
}

/// Refuses a module type with types that are not closed.
pub fn check_nongen_modtype(cx: &Context, env: &Env, loc: Location, mty: &ModuleType) -> Result<()> {
    match nongen_modtype(cx, env, mty) {
        None => Ok(()),
        Some((vars, item)) => fail(loc, env, Error::NonGeneralizableModule { vars, item, mty: mty.clone() }),
    }
}

/// Refuses a signature with types that are not closed.
pub fn check_nongen_signature(cx: &Context, env: &Env, sg: &[SignatureItem]) -> Result<()> {
    sg.iter().try_for_each(|item| match item {
        SignatureItem::Value(_, d, _) => match ctype::nongen_vars_in_schema(cx, env, d.type_) {
            None => Ok(()),
            Some(vars) => fail(d.loc, env, Error::NonGeneralizable { vars, expression: d.type_ }),
        },
        SignatureItem::Module(_, _, md, ..) => check_nongen_modtype(cx, env, md.loc, &md.type_),
        _ => Ok(()),
    })
}

/// Simplifies polymorphic variant types in values of a signature.
pub fn normalize_signature(cx: &Context, sg: &[SignatureItem]) {
    for item in sg {
        match item {
            SignatureItem::Value(_, d, _) => ctype::normalize_type(cx, d.type_),
            SignatureItem::Module(_, _, md, ..) => normalize_modtype(cx, &md.type_),
            _ => {}
        }
    }
}

fn normalize_modtype(cx: &Context, mty: &ModuleType) {
    match mty {
        ModuleType::Signature(sg) => normalize_signature(cx, sg),
        ModuleType::Functor(_, body) => normalize_modtype(cx, body),
        ModuleType::Ident(_) | ModuleType::Alias(_) => {}
    }
}
