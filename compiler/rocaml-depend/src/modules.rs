//! Modules, module types and their items.

use crate::{Analysis, Bound, Names, Node};
use rocaml_base::Name;
use rocaml_syntax::ast::*;
use rocaml_syntax::longident::Longident;
use std::rc::Rc;

impl Analysis {
    // -- Aliases and openings -------------------------------------------------------------------

    /// What a path stands for.
    fn alias(&mut self, bound: &Bound, path: &Longident) -> Rc<Node> {
        if self.aliases_are_delayed {
            self.parent(bound, path);
        } else {
            self.module_path(bound, path);
        }
        bound.find(path).unwrap_or_else(|| match path {
            Longident::Lident(name) => Node::unit(*name),
            // What it stands for is not known: the dependency cannot wait.
            _ => {
                self.module_path(bound, path);
                Node::opaque()
            }
        })
    }

    pub(crate) fn open_description(&mut self, bound: &Bound, open: &OpenDescription) -> Bound {
        let node = self.alias(bound, &open.expr.txt);
        self.opened(bound, &node)
    }

    pub(crate) fn open_declaration(&mut self, bound: &Bound, open: &OpenDeclaration) -> Bound {
        let node = self.module_binding(bound, &open.expr);
        self.opened(bound, &node)
    }

    fn opened(&mut self, bound: &Bound, node: &Node) -> Bound {
        self.add_names(&node.free);
        bound.with_all(&node.map)
    }

    // -- Module types ---------------------------------------------------------------------------

    pub(crate) fn module_type(&mut self, bound: &Bound, typ: &ModuleType) {
        match &typ.desc {
            ModuleTypeDesc::Ident(path) => self.parent(bound, &path.txt),
            ModuleTypeDesc::Alias(path) => self.module_path(bound, &path.txt),
            ModuleTypeDesc::Signature(items) => drop(self.signature_binding(bound.clone(), items)),
            ModuleTypeDesc::Functor(parameter, result) => {
                let bound = self.functor_parameter(bound, parameter);
                self.module_type(&bound, result);
            }
            ModuleTypeDesc::With(typ, constraints) => {
                self.module_type(bound, typ);
                constraints.iter().for_each(|constraint| self.with_constraint(bound, constraint));
            }
            ModuleTypeDesc::TypeOf(module) => self.module_expr(bound, module),
            ModuleTypeDesc::Extension(extension) => self.extension(extension),
        }
    }

    fn with_constraint(&mut self, bound: &Bound, constraint: &WithConstraint) {
        match constraint {
            WithConstraint::Type(_, declaration) | WithConstraint::TypeSubst(_, declaration) => {
                self.type_declaration(bound, declaration);
            }
            WithConstraint::Module(_, path) | WithConstraint::ModSubst(_, path) => self.module_path(bound, &path.txt),
            WithConstraint::ModType(_, typ) | WithConstraint::ModTypeSubst(_, typ) => self.module_type(bound, typ),
        }
    }

    fn functor_parameter(&mut self, bound: &Bound, parameter: &FunctorParameter) -> Bound {
        match parameter {
            FunctorParameter::Unit => bound.clone(),
            FunctorParameter::Named(name, typ) => {
                self.module_type(bound, typ);
                bound.with(name.txt, Node::opaque())
            }
        }
    }

    /// What is known of a module that is declared with this type.
    fn module_type_binding(&mut self, bound: &Bound, typ: &ModuleType) -> Rc<Node> {
        match &typ.desc {
            ModuleTypeDesc::Alias(path) => self.alias(bound, &path.txt),
            ModuleTypeDesc::Signature(items) => Node::of(self.signature_binding(bound.clone(), items)),
            ModuleTypeDesc::TypeOf(module) => self.module_binding(bound, module),
            _ => {
                self.module_type(bound, typ);
                Node::opaque()
            }
        }
    }

    /// The modules that a signature declares.
    pub(crate) fn signature_binding(&mut self, bound: Bound, items: &[SignatureItem]) -> Bound {
        let mut scope = Scope { bound, defined: Bound::default() };
        items.iter().for_each(|item| self.signature_item(&mut scope, item));
        scope.defined
    }

    fn signature_item(&mut self, scope: &mut Scope, item: &SignatureItem) {
        match &item.desc {
            SignatureItemDesc::Value(value) => self.core_type(&scope.bound, &value.type_),
            SignatureItemDesc::Type(_, declarations) | SignatureItemDesc::TypeSubst(declarations) => {
                declarations.iter().for_each(|d| self.type_declaration(&scope.bound, d));
            }
            SignatureItemDesc::TypExt(extension) => self.type_extension(&scope.bound, extension),
            SignatureItemDesc::Exception(exception) => {
                self.extension_constructor(&scope.bound, &exception.constructor);
            }
            SignatureItemDesc::Module(module) => {
                let node = self.module_type_binding(&scope.bound, &module.type_);
                scope.define(module.name.txt, node);
            }
            SignatureItemDesc::ModSubst(subst) => {
                let node = self.alias(&scope.bound, &subst.manifest.txt);
                scope.define(Some(subst.name.txt), node);
            }
            SignatureItemDesc::RecModule(modules) => {
                modules.iter().for_each(|module| scope.define(module.name.txt, Node::opaque()));
                modules.iter().for_each(|module| self.module_type(&scope.bound, &module.type_));
            }
            SignatureItemDesc::ModType(declaration) | SignatureItemDesc::ModTypeSubst(declaration) => {
                declaration.type_.iter().for_each(|typ| self.module_type(&scope.bound, typ));
            }
            SignatureItemDesc::Open(open) => scope.bound = self.open_description(&scope.bound, open),
            SignatureItemDesc::Include(include) => {
                let node = self.module_type_binding(&scope.bound, &include.mod_);
                self.add_names(&node.free);
                scope.include(&node.map);
            }
            SignatureItemDesc::Class(classes) | SignatureItemDesc::ClassType(classes) => {
                classes.iter().for_each(|class| self.class_type(&scope.bound, &class.expr));
            }
            SignatureItemDesc::Attribute(_) => {}
            SignatureItemDesc::Extension(extension, _) => self.extension(extension),
        }
    }

    // -- Modules --------------------------------------------------------------------------------

    /// What is known of a module that is defined so.
    pub(crate) fn module_binding(&mut self, bound: &Bound, module: &ModuleExpr) -> Rc<Node> {
        match &module.desc {
            ModuleExprDesc::Ident(path) => self.alias(bound, &path.txt),
            ModuleExprDesc::Structure(items) => Node::of(self.structure_binding(bound.clone(), items).1),
            _ => {
                self.module_expr(bound, module);
                Node::opaque()
            }
        }
    }

    pub(crate) fn module_expr(&mut self, bound: &Bound, module: &ModuleExpr) {
        match &module.desc {
            ModuleExprDesc::Ident(path) => self.module_path(bound, &path.txt),
            ModuleExprDesc::Structure(items) => {
                let (_, defined) = self.structure_binding(bound.clone(), items);
                // Nobody will know what it consists of: all that it stands for counts.
                let mut free = Names::new();
                Node::of(defined).collect_free(&mut free);
                self.add_names(&free);
            }
            ModuleExprDesc::Functor(parameter, body) => {
                let bound = self.functor_parameter(bound, parameter);
                self.module_expr(&bound, body);
            }
            ModuleExprDesc::Apply(functor, argument) => {
                self.module_expr(bound, functor);
                self.module_expr(bound, argument);
            }
            ModuleExprDesc::ApplyUnit(functor) => self.module_expr(bound, functor),
            ModuleExprDesc::Constraint(module, typ) => {
                self.module_expr(bound, module);
                self.module_type(bound, typ);
            }
            ModuleExprDesc::Unpack(e) => self.expression(bound, e),
            ModuleExprDesc::Extension(extension) => self.extension(extension),
        }
    }

    /// The modules bound after a structure, and those that it defines.
    pub(crate) fn structure_binding(&mut self, bound: Bound, items: &[StructureItem]) -> (Bound, Bound) {
        let mut scope = Scope { bound, defined: Bound::default() };
        items.iter().for_each(|item| self.structure_item(&mut scope, item));
        (scope.bound, scope.defined)
    }

    fn structure_item(&mut self, scope: &mut Scope, item: &StructureItem) {
        match &item.desc {
            StructureItemDesc::Eval(e, _) => self.expression(&scope.bound, e),
            StructureItemDesc::Value(rec_flag, bindings) => {
                scope.bound = self.bindings(*rec_flag, &scope.bound, bindings);
            }
            StructureItemDesc::Primitive(value) => self.core_type(&scope.bound, &value.type_),
            StructureItemDesc::Type(_, declarations) => {
                declarations.iter().for_each(|d| self.type_declaration(&scope.bound, d));
            }
            StructureItemDesc::TypExt(extension) => self.type_extension(&scope.bound, extension),
            StructureItemDesc::Exception(exception) => {
                self.extension_constructor(&scope.bound, &exception.constructor);
            }
            StructureItemDesc::Module(module) => {
                let node = self.module_binding(&scope.bound, &module.expr);
                scope.define(module.name.txt, node);
            }
            StructureItemDesc::RecModule(modules) => {
                modules.iter().for_each(|module| scope.define(module.name.txt, Node::opaque()));
                modules.iter().for_each(|module| self.module_expr(&scope.bound, &module.expr));
            }
            StructureItemDesc::ModType(declaration) => {
                declaration.type_.iter().for_each(|typ| self.module_type(&scope.bound, typ));
            }
            StructureItemDesc::Open(open) => scope.bound = self.open_declaration(&scope.bound, open),
            StructureItemDesc::Class(classes) => {
                classes.iter().for_each(|class| self.class_expr(&scope.bound, &class.expr));
            }
            StructureItemDesc::ClassType(classes) => {
                classes.iter().for_each(|class| self.class_type(&scope.bound, &class.expr));
            }
            StructureItemDesc::Include(include) => {
                let node = self.module_binding(&scope.bound, &include.mod_);
                if self.aliases_are_delayed {
                    self.add_names(&node.free);
                } else {
                    let mut free = Names::new();
                    node.collect_free(&mut free);
                    self.add_names(&free);
                }
                scope.include(&node.map);
            }
            StructureItemDesc::Attribute(_) => {}
            StructureItemDesc::Extension(extension, _) => self.extension(extension),
        }
    }
}

/// Where the walk over some items stands.
struct Scope {
    bound: Bound,
    /// What the items define themselves.
    defined: Bound,
}

impl Scope {
    fn define(&mut self, name: Option<Name>, node: Rc<Node>) {
        if let Some(name) = name {
            self.bound.insert(name, node.clone());
            self.defined.insert(name, node);
        }
    }

    fn include(&mut self, modules: &Bound) {
        self.bound.extend(modules);
        self.defined.extend(modules);
    }
}
