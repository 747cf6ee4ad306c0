//! Modules, declarations and items.

use super::{Printer, rec_flag, typevars};
use crate::ast::*;

impl Printer {
    fn value_description(&mut self, i: usize, value: &ValueDescription) {
        self.line(i, format!("value_description {} {}", self.string_loc(&value.name), self.location(&value.loc)));
        self.attributes(i, &value.attributes);
        self.core_type(i + 1, &value.type_);
        self.list(i + 1, &value.prim, Printer::string);
    }

    pub(super) fn type_params(&mut self, i: usize, params: &[TypeParam]) {
        self.list(i, params, |p, i, (typ, _)| p.core_type(i, typ));
    }

    fn type_declaration(&mut self, i: usize, declaration: &TypeDeclaration) {
        let name = self.string_loc(&declaration.name);
        self.line(i, format!("type_declaration {name} {}", self.location(&declaration.loc)));
        self.attributes(i, &declaration.attributes);
        let i = i + 1;
        self.line(i, "ptype_params =");
        self.type_params(i + 1, &declaration.params);
        self.line(i, "ptype_cstrs =");
        self.list(i + 1, &declaration.cstrs, |p, i, (left, right, loc)| {
            p.line(i, format!("<constraint> {}", p.location(loc)));
            p.core_type(i + 1, left);
            p.core_type(i + 1, right);
        });
        self.line(i, "ptype_kind =");
        match &declaration.kind {
            TypeKind::Abstract => self.line(i + 1, "Ptype_abstract"),
            TypeKind::Variant(constructors) => {
                self.line(i + 1, "Ptype_variant");
                self.list(i + 2, constructors, Printer::constructor_decl);
            }
            TypeKind::Record(labels) => {
                self.line(i + 1, "Ptype_record");
                self.list(i + 2, labels, Printer::label_decl);
            }
            TypeKind::Open => self.line(i + 1, "Ptype_open"),
        }
        self.line(i, format!("ptype_private = {:?}", declaration.private));
        self.line(i, "ptype_manifest =");
        self.option(i + 1, declaration.manifest.as_ref(), Printer::core_type);
    }

    fn constructor_decl(&mut self, i: usize, constructor: &ConstructorDeclaration) {
        self.line(i, self.location(&constructor.loc));
        self.line(i + 1, self.string_loc(&constructor.name));
        if !constructor.vars.is_empty() {
            self.line(i + 1, format!("pcd_vars ={}", typevars(&constructor.vars)));
        }
        self.attributes(i, &constructor.attributes);
        self.constructor_arguments(i + 1, &constructor.args);
        self.option(i + 1, constructor.res.as_ref(), Printer::core_type);
    }

    fn constructor_arguments(&mut self, i: usize, arguments: &ConstructorArguments) {
        match arguments {
            ConstructorArguments::Tuple(types) => self.list(i, types, Printer::core_type),
            ConstructorArguments::Record(labels) => self.list(i, labels, Printer::label_decl),
        }
    }

    fn label_decl(&mut self, i: usize, label: &LabelDeclaration) {
        self.line(i, self.location(&label.loc));
        self.attributes(i, &label.attributes);
        self.line(i + 1, format!("{:?}", label.mutable));
        self.unended(i + 1, self.string_loc(&label.name));
        self.core_type(i + 1, &label.type_);
    }

    fn type_extension(&mut self, i: usize, extension: &TypeExtension) {
        self.line(i, "type_extension");
        self.attributes(i, &extension.attributes);
        let i = i + 1;
        self.line(i, format!("ptyext_path = {}", self.longident_loc(&extension.path)));
        self.line(i, "ptyext_params =");
        self.type_params(i + 1, &extension.params);
        self.line(i, "ptyext_constructors =");
        self.list(i + 1, &extension.constructors, Printer::extension_constructor);
        self.line(i, format!("ptyext_private = {:?}", extension.private));
    }

    fn type_exception(&mut self, i: usize, exception: &TypeException) {
        self.line(i, "type_exception");
        self.attributes(i, &exception.attributes);
        self.line(i + 1, "ptyext_constructor =");
        self.extension_constructor(i + 2, &exception.constructor);
    }

    pub(super) fn extension_constructor(&mut self, i: usize, constructor: &ExtensionConstructor) {
        self.line(i, format!("extension_constructor {}", self.location(&constructor.loc)));
        self.attributes(i, &constructor.attributes);
        let i = i + 1;
        self.line(i, format!("pext_name = \"{}\"", constructor.name.txt));
        self.line(i, "pext_kind =");
        let i = i + 1;
        match &constructor.kind {
            ExtensionConstructorKind::Decl(variables, arguments, result) => {
                self.line(i, "Pext_decl");
                if !variables.is_empty() {
                    self.line(i + 1, format!("vars{}", typevars(variables)));
                }
                self.constructor_arguments(i + 1, arguments);
                self.option(i + 1, result.as_ref(), Printer::core_type);
            }
            ExtensionConstructorKind::Rebind(path) => {
                self.line(i, "Pext_rebind");
                self.line(i + 1, self.longident_loc(path));
            }
        }
    }

    // -- Module types ---------------------------------------------------------------------------

    fn module_type(&mut self, i: usize, typ: &ModuleType) {
        self.line(i, format!("module_type {}", self.location(&typ.loc)));
        self.attributes(i, &typ.attributes);
        let i = i + 1;
        match &typ.desc {
            ModuleTypeDesc::Ident(path) => self.line(i, format!("Pmty_ident {}", self.longident_loc(path))),
            ModuleTypeDesc::Alias(path) => self.line(i, format!("Pmty_alias {}", self.longident_loc(path))),
            ModuleTypeDesc::Signature(items) => {
                self.line(i, "Pmty_signature");
                self.signature(i, items);
            }
            ModuleTypeDesc::Functor(parameter, body) => {
                self.functor_parameter(i, "Pmty_functor", parameter);
                self.module_type(i, body);
            }
            ModuleTypeDesc::With(typ, constraints) => {
                self.line(i, "Pmty_with");
                self.module_type(i, typ);
                self.list(i, constraints, Printer::with_constraint);
            }
            ModuleTypeDesc::TypeOf(module) => {
                self.line(i, "Pmty_typeof");
                self.module_expr(i, module);
            }
            // Upstream's name for it.
            ModuleTypeDesc::Extension(extension) => self.extension(i, "Pmod_extension", extension),
        }
    }

    fn functor_parameter(&mut self, i: usize, constructor: &str, parameter: &FunctorParameter) {
        match parameter {
            FunctorParameter::Unit => self.line(i, format!("{constructor} ()")),
            FunctorParameter::Named(name, typ) => {
                self.line(i, format!("{constructor} {}", self.str_opt_loc(name)));
                self.module_type(i, typ);
            }
        }
    }

    fn with_constraint(&mut self, i: usize, constraint: &WithConstraint) {
        match constraint {
            WithConstraint::Type(path, declaration) => {
                self.line(i, format!("Pwith_type {}", self.longident_loc(path)));
                self.type_declaration(i + 1, declaration);
            }
            WithConstraint::TypeSubst(path, declaration) => {
                self.line(i, format!("Pwith_typesubst {}", self.longident_loc(path)));
                self.type_declaration(i + 1, declaration);
            }
            WithConstraint::Module(left, right) => {
                self.line(i, format!("Pwith_module {} = {}", self.longident_loc(left), self.longident_loc(right)));
            }
            WithConstraint::ModSubst(left, right) => {
                self.line(i, format!("Pwith_modsubst {} = {}", self.longident_loc(left), self.longident_loc(right)));
            }
            WithConstraint::ModType(path, typ) => {
                self.line(i, format!("Pwith_modtype {}", self.longident_loc(path)));
                self.module_type(i + 1, typ);
            }
            WithConstraint::ModTypeSubst(path, typ) => {
                self.line(i, format!("Pwith_modtypesubst {}", self.longident_loc(path)));
                self.module_type(i + 1, typ);
            }
        }
    }

    // -- Signatures -----------------------------------------------------------------------------

    pub(super) fn signature(&mut self, i: usize, items: &Signature) {
        self.list(i, items, Printer::signature_item);
    }

    fn signature_item(&mut self, i: usize, item: &SignatureItem) {
        self.line(i, format!("signature_item {}", self.location(&item.loc)));
        let i = i + 1;
        match &item.desc {
            SignatureItemDesc::Value(value) => {
                self.line(i, "Psig_value");
                self.value_description(i, value);
            }
            SignatureItemDesc::Type(flag, types) => {
                self.line(i, format!("Psig_type {}", rec_flag(*flag)));
                self.list(i, types, Printer::type_declaration);
            }
            SignatureItemDesc::TypeSubst(types) => {
                self.line(i, "Psig_typesubst");
                self.list(i, types, Printer::type_declaration);
            }
            SignatureItemDesc::TypExt(extension) => {
                self.line(i, "Psig_typext");
                self.type_extension(i, extension);
            }
            SignatureItemDesc::Exception(exception) => {
                self.line(i, "Psig_exception");
                self.type_exception(i, exception);
            }
            SignatureItemDesc::Module(module) => {
                self.line(i, format!("Psig_module {}", self.str_opt_loc(&module.name)));
                self.attributes(i, &module.attributes);
                self.module_type(i, &module.type_);
            }
            SignatureItemDesc::ModSubst(subst) => {
                let manifest = self.longident_loc(&subst.manifest);
                self.line(i, format!("Psig_modsubst {} = {manifest}", self.string_loc(&subst.name)));
                self.attributes(i, &subst.attributes);
            }
            SignatureItemDesc::RecModule(modules) => {
                self.line(i, "Psig_recmodule");
                self.list(i, modules, |p, i, module| {
                    p.line(i, p.str_opt_loc(&module.name));
                    p.attributes(i, &module.attributes);
                    p.module_type(i + 1, &module.type_);
                });
            }
            SignatureItemDesc::ModType(declaration) => self.modtype(i, "Psig_modtype", declaration),
            SignatureItemDesc::ModTypeSubst(declaration) => self.modtype(i, "Psig_modtypesubst", declaration),
            SignatureItemDesc::Open(open) => {
                self.line(i, format!("Psig_open {:?} {}", open.override_, self.longident_loc(&open.expr)));
                self.attributes(i, &open.attributes);
            }
            SignatureItemDesc::Include(include) => {
                self.line(i, "Psig_include");
                self.module_type(i, &include.mod_);
                self.attributes(i, &include.attributes);
            }
            SignatureItemDesc::Class(classes) => {
                self.line(i, "Psig_class");
                self.list(i, classes, |p, i, c| p.class_infos(i, "class_description", c, Printer::class_type));
            }
            SignatureItemDesc::ClassType(types) => {
                self.line(i, "Psig_class_type");
                self.list(i, types, |p, i, c| p.class_infos(i, "class_type_declaration", c, Printer::class_type));
            }
            SignatureItemDesc::Extension(extension, attributes) => {
                self.line(i, format!("Psig_extension \"{}\"", extension.name.txt));
                self.attributes(i, attributes);
                self.payload(i, &extension.payload);
            }
            SignatureItemDesc::Attribute(attribute) => self.attribute(i, "Psig_attribute", attribute),
        }
    }

    fn modtype(&mut self, i: usize, constructor: &str, declaration: &ModuleTypeDeclaration) {
        self.line(i, format!("{constructor} {}", self.string_loc(&declaration.name)));
        self.attributes(i, &declaration.attributes);
        match &declaration.type_ {
            None => self.unended(i, "#abstract"),
            Some(typ) => self.module_type(i + 1, typ),
        }
    }

    // -- Structures -----------------------------------------------------------------------------

    pub(super) fn module_expr(&mut self, i: usize, module: &ModuleExpr) {
        self.line(i, format!("module_expr {}", self.location(&module.loc)));
        self.attributes(i, &module.attributes);
        let i = i + 1;
        match &module.desc {
            ModuleExprDesc::Ident(path) => self.line(i, format!("Pmod_ident {}", self.longident_loc(path))),
            ModuleExprDesc::Structure(items) => {
                self.line(i, "Pmod_structure");
                self.structure(i, items);
            }
            ModuleExprDesc::Functor(parameter, body) => {
                self.functor_parameter(i, "Pmod_functor", parameter);
                self.module_expr(i, body);
            }
            ModuleExprDesc::Apply(functor, argument) => {
                self.line(i, "Pmod_apply");
                self.module_expr(i, functor);
                self.module_expr(i, argument);
            }
            ModuleExprDesc::ApplyUnit(functor) => {
                self.line(i, "Pmod_apply_unit");
                self.module_expr(i, functor);
            }
            ModuleExprDesc::Constraint(module, typ) => {
                self.line(i, "Pmod_constraint");
                self.module_expr(i, module);
                self.module_type(i, typ);
            }
            ModuleExprDesc::Unpack(e) => {
                self.line(i, "Pmod_unpack");
                self.expression(i, e);
            }
            ModuleExprDesc::Extension(extension) => self.extension(i, "Pmod_extension", extension),
        }
    }

    pub(super) fn structure(&mut self, i: usize, items: &Structure) {
        self.list(i, items, Printer::structure_item);
    }

    fn module_binding(&mut self, i: usize, binding: &ModuleBinding) {
        self.line(i, self.str_opt_loc(&binding.name));
        self.attributes(i, &binding.attributes);
        self.module_expr(i + 1, &binding.expr);
    }

    fn structure_item(&mut self, i: usize, item: &StructureItem) {
        self.line(i, format!("structure_item {}", self.location(&item.loc)));
        let i = i + 1;
        match &item.desc {
            StructureItemDesc::Eval(e, attributes) => {
                self.line(i, "Pstr_eval");
                self.attributes(i, attributes);
                self.expression(i, e);
            }
            StructureItemDesc::Value(flag, bindings) => {
                self.line(i, format!("Pstr_value {}", rec_flag(*flag)));
                self.list(i, bindings, Printer::value_binding);
            }
            StructureItemDesc::Primitive(value) => {
                self.line(i, "Pstr_primitive");
                self.value_description(i, value);
            }
            StructureItemDesc::Type(flag, types) => {
                self.line(i, format!("Pstr_type {}", rec_flag(*flag)));
                self.list(i, types, Printer::type_declaration);
            }
            StructureItemDesc::TypExt(extension) => {
                self.line(i, "Pstr_typext");
                self.type_extension(i, extension);
            }
            StructureItemDesc::Exception(exception) => {
                self.line(i, "Pstr_exception");
                self.type_exception(i, exception);
            }
            StructureItemDesc::Module(binding) => {
                self.line(i, "Pstr_module");
                self.module_binding(i, binding);
            }
            StructureItemDesc::RecModule(bindings) => {
                self.line(i, "Pstr_recmodule");
                self.list(i, bindings, Printer::module_binding);
            }
            StructureItemDesc::ModType(declaration) => self.modtype(i, "Pstr_modtype", declaration),
            StructureItemDesc::Open(open) => {
                self.line(i, format!("Pstr_open {:?}", open.override_));
                self.module_expr(i, &open.expr);
                self.attributes(i, &open.attributes);
            }
            StructureItemDesc::Class(classes) => {
                self.line(i, "Pstr_class");
                self.list(i, classes, |p, i, c| p.class_infos(i, "class_declaration", c, Printer::class_expr));
            }
            StructureItemDesc::ClassType(types) => {
                self.line(i, "Pstr_class_type");
                self.list(i, types, |p, i, c| p.class_infos(i, "class_type_declaration", c, Printer::class_type));
            }
            StructureItemDesc::Include(include) => {
                self.unended(i, "Pstr_include");
                self.attributes(i, &include.attributes);
                self.module_expr(i, &include.mod_);
            }
            StructureItemDesc::Extension(extension, attributes) => {
                self.line(i, format!("Pstr_extension \"{}\"", extension.name.txt));
                self.attributes(i, attributes);
                self.payload(i, &extension.payload);
            }
            StructureItemDesc::Attribute(attribute) => self.attribute(i, "Pstr_attribute", attribute),
        }
    }
}
