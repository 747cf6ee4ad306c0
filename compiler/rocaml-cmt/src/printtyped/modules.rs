//! Modules: their types, expressions and items.

use super::{Printer, presence, rec_flag};
use rocaml_typing::typedtree::*;

impl Printer {
    fn module_type(&mut self, i: usize, ty: &ModuleType) {
        self.line(i, format!("module_type {}", self.location(&ty.loc)));
        self.attributes(i, &ty.attributes);
        let i = i + 1;
        match &ty.desc {
            ModuleTypeDesc::Ident(path, _) => self.line(i, format!("Tmty_ident {}", self.path(path))),
            ModuleTypeDesc::Alias(path, _) => self.line(i, format!("Tmty_alias {}", self.path(path))),
            ModuleTypeDesc::Signature(signature) => {
                self.line(i, "Tmty_signature");
                self.signature(i, signature);
            }
            ModuleTypeDesc::Functor(param, res) => {
                self.functor_parameter(i, "Tmty_functor", param);
                self.module_type(i, res);
            }
            ModuleTypeDesc::With(ty, constraints) => {
                self.line(i, "Tmty_with");
                self.module_type(i, ty);
                self.list(i, constraints, |p, i, (path, _, constraint)| {
                    p.line(i, p.path(path));
                    p.with_constraint(i + 1, constraint);
                });
            }
            ModuleTypeDesc::TypeOf(module) => {
                self.line(i, "Tmty_typeof");
                self.module_expr(i, module);
            }
        }
    }

    fn functor_parameter(&mut self, i: usize, constructor: &str, param: &FunctorParameter) {
        match param {
            FunctorParameter::Unit => self.line(i, format!("{constructor} ()")),
            FunctorParameter::Named(id, _, ty) => {
                self.line(i, format!("{constructor} \"{}\"", self.module_name(*id)));
                self.module_type(i, ty);
            }
        }
    }

    fn with_constraint(&mut self, i: usize, constraint: &WithConstraint) {
        match constraint {
            WithConstraint::Type(d) => {
                self.line(i, "Twith_type");
                self.type_declaration(i + 1, d);
            }
            WithConstraint::TypeSubst(d) => {
                self.line(i, "Twith_typesubst");
                self.type_declaration(i + 1, d);
            }
            WithConstraint::Module(path, _) => self.line(i, format!("Twith_module {}", self.path(path))),
            WithConstraint::ModSubst(path, _) => self.line(i, format!("Twith_modsubst {}", self.path(path))),
            // Upstream calls both so.
            WithConstraint::Modtype(ty) | WithConstraint::ModtypeSubst(ty) => {
                self.line(i, "Twith_modtype");
                self.module_type(i + 1, ty);
            }
        }
    }

    pub(super) fn signature(&mut self, i: usize, signature: &Signature) {
        self.list(i, &signature.items, Printer::signature_item);
    }

    fn signature_item(&mut self, i: usize, item: &SignatureItem) {
        use SignatureItemDesc as S;
        self.line(i, format!("signature_item {}", self.location(&item.loc)));
        let i = i + 1;
        match &item.desc {
            S::Value(d) => {
                self.line(i, "Tsig_value");
                self.value_description(i, d);
            }
            S::Type(flag, decls) => {
                self.line(i, format!("Tsig_type {}", rec_flag(*flag)));
                self.list(i, decls, Printer::type_declaration);
            }
            S::TypeSubst(decls) => {
                self.line(i, "Tsig_typesubst");
                self.list(i, decls, Printer::type_declaration);
            }
            S::Typext(extension) => {
                self.line(i, "Tsig_typext");
                self.type_extension(i, extension);
            }
            S::Exception(exception) => {
                self.line(i, "Tsig_exception");
                self.type_exception(i, exception);
            }
            S::Module(d) => {
                self.line(i, format!("Tsig_module {}", presence(d.presence)));
                self.module_declaration(i, d);
            }
            S::ModSubst(d) => {
                let (id, path) = (self.ident(d.id), self.path(&d.manifest));
                self.line(i, format!("Tsig_modsubst \"{id}\" = {path}"));
                self.attributes(i, &d.attributes);
            }
            S::RecModule(decls) => {
                self.line(i, "Tsig_recmodule");
                self.list(i, decls, Printer::module_declaration);
            }
            S::Modtype(d) => self.module_type_declaration(i, "Tsig_modtype", d),
            S::ModtypeSubst(d) => self.module_type_declaration(i, "Tsig_modtypesubst", d),
            S::Open(open) => {
                self.line(i, format!("Tsig_open {:?} {}", open.override_, self.path(&open.expr.0)));
                self.attributes(i, &open.attributes);
            }
            S::Include(include) => {
                self.line(i, "Tsig_include");
                self.attributes(i, &include.attributes);
                self.module_type(i, &include.mod_);
            }
            S::Class(classes) => {
                self.line(i, "Tsig_class");
                self.list(i, classes, Printer::class_description);
            }
            S::ClassType(classes) => {
                self.line(i, "Tsig_class_type");
                self.list(i, classes, Printer::class_type_declaration);
            }
            S::Attribute(attribute) => self.attribute(i, "Tsig_attribute", attribute),
        }
    }

    fn module_declaration(&mut self, i: usize, d: &ModuleDeclaration) {
        self.line(i, self.module_name(d.id));
        self.attributes(i, &d.attributes);
        self.module_type(i + 1, &d.type_);
    }

    fn module_binding(&mut self, i: usize, binding: &ModuleBinding) {
        self.line(i, self.module_name(binding.id));
        self.attributes(i, &binding.attributes);
        self.module_expr(i + 1, &binding.expr);
    }

    fn module_type_declaration(&mut self, i: usize, constructor: &str, d: &ModuleTypeDeclaration) {
        self.line(i, format!("{constructor} \"{}\"", self.ident(d.id)));
        self.attributes(i, &d.attributes);
        match &d.type_ {
            None => self.unended(i, "#abstract"),
            Some(ty) => self.module_type(i + 1, ty),
        }
    }

    pub(super) fn module_expr(&mut self, i: usize, module: &ModuleExpr) {
        self.line(i, format!("module_expr {}", self.location(&module.loc)));
        self.attributes(i, &module.attributes);
        let i = i + 1;
        match &module.desc {
            ModuleExprDesc::Ident(path, _) => self.line(i, format!("Tmod_ident {}", self.path(path))),
            ModuleExprDesc::Structure(structure) => {
                self.line(i, "Tmod_structure");
                self.structure(i, structure);
            }
            ModuleExprDesc::Functor(param, body) => {
                self.functor_parameter(i, "Tmod_functor", param);
                self.module_expr(i, body);
            }
            ModuleExprDesc::Apply(f, arg, _) => {
                self.line(i, "Tmod_apply");
                self.module_expr(i, f);
                self.module_expr(i, arg);
            }
            ModuleExprDesc::ApplyUnit(f) => {
                self.line(i, "Tmod_apply_unit");
                self.module_expr(i, f);
            }
            ModuleExprDesc::Constraint(module, _, Some(ty), _) => {
                self.line(i, "Tmod_constraint");
                self.module_expr(i, module);
                self.module_type(i, ty);
            }
            ModuleExprDesc::Constraint(module, _, None, _) => self.module_expr(i, module),
            ModuleExprDesc::Unpack(value, _) => {
                self.line(i, "Tmod_unpack");
                self.expression(i, value);
            }
        }
    }

    pub(super) fn structure(&mut self, i: usize, structure: &Structure) {
        self.list(i, &structure.items, Printer::structure_item);
    }

    fn structure_item(&mut self, i: usize, item: &StructureItem) {
        use StructureItemDesc as S;
        self.line(i, format!("structure_item {}", self.location(&item.loc)));
        let i = i + 1;
        match &item.desc {
            S::Eval(value, attributes) => {
                self.line(i, "Tstr_eval");
                self.attributes(i, attributes);
                self.expression(i, value);
            }
            S::Value(flag, bindings) => {
                self.line(i, format!("Tstr_value {}", rec_flag(*flag)));
                self.value_bindings(i, *flag, bindings);
            }
            S::Primitive(d) => {
                self.line(i, "Tstr_primitive");
                self.value_description(i, d);
            }
            S::Type(flag, decls) => {
                self.line(i, format!("Tstr_type {}", rec_flag(*flag)));
                self.list(i, decls, Printer::type_declaration);
            }
            S::Typext(extension) => {
                self.line(i, "Tstr_typext");
                self.type_extension(i, extension);
            }
            S::Exception(exception) => {
                self.line(i, "Tstr_exception");
                self.type_exception(i, exception);
            }
            S::Module(binding) => {
                self.line(i, format!("Tstr_module {}", presence(binding.presence)));
                self.module_binding(i, binding);
            }
            S::RecModule(bindings) => {
                self.line(i, "Tstr_recmodule");
                self.list(i, bindings, Printer::module_binding);
            }
            S::Modtype(d) => self.module_type_declaration(i, "Tstr_modtype", d),
            S::Open(open) => {
                self.line(i, format!("Tstr_open {:?}", open.override_));
                self.module_expr(i, &open.expr);
                self.attributes(i, &open.attributes);
            }
            S::Class(classes) => {
                self.line(i, "Tstr_class");
                self.list(i, classes, |p, i, (class, _)| p.class_declaration(i, class));
            }
            S::ClassType(classes) => {
                self.line(i, "Tstr_class_type");
                self.list(i, classes, |p, i, (_, _, class)| p.class_type_declaration(i, class));
            }
            S::Include(include) => {
                self.unended(i, "Tstr_include");
                self.attributes(i, &include.attributes);
                self.module_expr(i, &include.mod_);
            }
            S::Attribute(attribute) => self.attribute(i, "Tstr_attribute", attribute),
        }
    }
}
