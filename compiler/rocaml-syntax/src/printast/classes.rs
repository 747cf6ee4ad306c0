//! Classes and class types.

use super::{Printer, rec_flag};
use crate::ast::*;

impl Printer {
    pub(super) fn class_infos<T>(
        &mut self,
        i: usize,
        kind: &str,
        infos: &ClassInfos<T>,
        print: impl Fn(&mut Printer, usize, &T),
    ) {
        self.line(i, format!("{kind} {}", self.location(&infos.loc)));
        self.attributes(i, &infos.attributes);
        let i = i + 1;
        self.line(i, format!("pci_virt = {:?}", infos.virt));
        self.line(i, "pci_params =");
        self.type_params(i + 1, &infos.params);
        self.line(i, format!("pci_name = {}", self.string_loc(&infos.name)));
        self.line(i, "pci_expr =");
        print(self, i + 1, &infos.expr);
    }

    pub(super) fn class_type(&mut self, i: usize, typ: &ClassType) {
        self.line(i, format!("class_type {}", self.location(&typ.loc)));
        self.attributes(i, &typ.attributes);
        let i = i + 1;
        match &typ.desc {
            ClassTypeDesc::Constr(path, arguments) => {
                self.line(i, format!("Pcty_constr {}", self.longident_loc(path)));
                self.list(i, arguments, Printer::core_type);
            }
            ClassTypeDesc::Signature(signature) => {
                self.line(i, "Pcty_signature");
                self.line(i, "class_signature");
                self.core_type(i + 1, &signature.self_);
                self.list(i + 1, &signature.fields, Printer::class_type_field);
            }
            ClassTypeDesc::Arrow(label, domain, codomain) => {
                self.line(i, "Pcty_arrow");
                self.arg_label(i, *label);
                self.core_type(i, domain);
                self.class_type(i, codomain);
            }
            ClassTypeDesc::Extension(extension) => self.extension(i, "Pcty_extension", extension),
            ClassTypeDesc::Open(open, typ) => {
                self.line(i, format!("Pcty_open {:?} {}", open.override_, self.longident_loc(&open.expr)));
                self.class_type(i, typ);
            }
        }
    }

    fn class_type_field(&mut self, i: usize, field: &ClassTypeField) {
        self.line(i, format!("class_type_field {}", self.location(&field.loc)));
        let i = i + 1;
        self.attributes(i, &field.attributes);
        match &field.desc {
            ClassTypeFieldDesc::Inherit(typ) => {
                self.line(i, "Pctf_inherit");
                self.class_type(i, typ);
            }
            ClassTypeFieldDesc::Val(name, mutable, virt, typ) => {
                self.line(i, format!("Pctf_val \"{}\" {mutable:?} {virt:?}", name.txt));
                self.core_type(i + 1, typ);
            }
            ClassTypeFieldDesc::Method(name, private, virt, typ) => {
                self.line(i, format!("Pctf_method \"{}\" {private:?} {virt:?}", name.txt));
                self.core_type(i + 1, typ);
            }
            ClassTypeFieldDesc::Constraint(left, right) => {
                self.line(i, "Pctf_constraint");
                self.core_type(i + 1, left);
                self.core_type(i + 1, right);
            }
            ClassTypeFieldDesc::Attribute(attribute) => self.attribute(i, "Pctf_attribute", attribute),
            ClassTypeFieldDesc::Extension(extension) => self.extension(i, "Pctf_extension", extension),
        }
    }

    pub(super) fn class_expr(&mut self, i: usize, class: &ClassExpr) {
        self.line(i, format!("class_expr {}", self.location(&class.loc)));
        self.attributes(i, &class.attributes);
        let i = i + 1;
        match &class.desc {
            ClassExprDesc::Constr(path, arguments) => {
                self.line(i, format!("Pcl_constr {}", self.longident_loc(path)));
                self.list(i, arguments, Printer::core_type);
            }
            ClassExprDesc::Structure(structure) => {
                self.line(i, "Pcl_structure");
                self.class_structure(i, structure);
            }
            ClassExprDesc::Fun(label, default, pattern, body) => {
                self.line(i, "Pcl_fun");
                self.arg_label(i, *label);
                self.option(i, default.as_deref(), Printer::expression);
                self.pattern(i, pattern);
                self.class_expr(i, body);
            }
            ClassExprDesc::Apply(class, arguments) => {
                self.line(i, "Pcl_apply");
                self.class_expr(i, class);
                self.list(i, arguments, Printer::argument);
            }
            ClassExprDesc::Let(flag, bindings, body) => {
                self.line(i, format!("Pcl_let {}", rec_flag(*flag)));
                self.list(i, bindings, Printer::value_binding);
                self.class_expr(i, body);
            }
            ClassExprDesc::Constraint(class, typ) => {
                self.line(i, "Pcl_constraint");
                self.class_expr(i, class);
                self.class_type(i, typ);
            }
            ClassExprDesc::Extension(extension) => self.extension(i, "Pcl_extension", extension),
            ClassExprDesc::Open(open, class) => {
                self.line(i, format!("Pcl_open {:?} {}", open.override_, self.longident_loc(&open.expr)));
                self.class_expr(i, class);
            }
        }
    }

    pub(super) fn class_structure(&mut self, i: usize, structure: &ClassStructure) {
        self.line(i, "class_structure");
        self.pattern(i + 1, &structure.self_);
        self.list(i + 1, &structure.fields, Printer::class_field);
    }

    fn class_field(&mut self, i: usize, field: &ClassField) {
        self.line(i, format!("class_field {}", self.location(&field.loc)));
        let i = i + 1;
        self.attributes(i, &field.attributes);
        match &field.desc {
            ClassFieldDesc::Inherit(flag, class, name) => {
                self.line(i, format!("Pcf_inherit {flag:?}"));
                self.class_expr(i + 1, class);
                self.option(i + 1, name.as_ref(), |p, i, name| p.line(i, p.string_loc(name)));
            }
            ClassFieldDesc::Val(name, mutable, kind) => {
                self.line(i, format!("Pcf_val {mutable:?}"));
                self.line(i + 1, self.string_loc(name));
                self.class_field_kind(i + 1, kind);
            }
            ClassFieldDesc::Method(name, private, kind) => {
                self.line(i, format!("Pcf_method {private:?}"));
                self.line(i + 1, self.string_loc(name));
                self.class_field_kind(i + 1, kind);
            }
            ClassFieldDesc::Constraint(left, right) => {
                self.line(i, "Pcf_constraint");
                self.core_type(i + 1, left);
                self.core_type(i + 1, right);
            }
            ClassFieldDesc::Initializer(e) => {
                self.line(i, "Pcf_initializer");
                self.expression(i + 1, e);
            }
            ClassFieldDesc::Attribute(attribute) => self.attribute(i, "Pcf_attribute", attribute),
            ClassFieldDesc::Extension(extension) => self.extension(i, "Pcf_extension", extension),
        }
    }

    fn class_field_kind(&mut self, i: usize, kind: &ClassFieldKind) {
        match kind {
            ClassFieldKind::Concrete(flag, e) => {
                self.line(i, format!("Concrete {flag:?}"));
                self.expression(i, e);
            }
            ClassFieldKind::Virtual(typ) => {
                self.line(i, "Virtual");
                self.core_type(i, typ);
            }
        }
    }
}
