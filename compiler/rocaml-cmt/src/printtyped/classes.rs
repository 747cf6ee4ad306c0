//! Classes.

use super::{Printer, rec_flag};
use rocaml_typing::typedtree::*;

impl Printer {
    fn class_type(&mut self, i: usize, class: &ClassType) {
        self.line(i, format!("class_type {}", self.location(&class.loc)));
        self.attributes(i, &class.attributes);
        let i = i + 1;
        match &class.desc {
            ClassTypeDesc::Constr(path, _, args) => {
                self.line(i, format!("Tcty_constr {}", self.path(path)));
                self.list(i, args, Printer::core_type);
            }
            ClassTypeDesc::Signature(signature) => {
                self.line(i, "Tcty_signature");
                self.line(i, "class_signature");
                self.core_type(i + 1, &signature.self_);
                self.list(i + 1, &signature.fields, Printer::class_type_field);
            }
            ClassTypeDesc::Arrow(label, arg, res) => {
                self.line(i, "Tcty_arrow");
                self.arg_label(i, *label);
                self.core_type(i, arg);
                self.class_type(i, res);
            }
            ClassTypeDesc::Open(open, body) => {
                self.line(i, format!("Tcty_open {:?} {}", open.override_, self.path(&open.expr.0)));
                self.class_type(i, body);
            }
        }
    }

    fn class_type_field(&mut self, i: usize, field: &ClassTypeField) {
        self.line(i, format!("class_type_field {}", self.location(&field.loc)));
        let i = i + 1;
        self.attributes(i, &field.attributes);
        match &field.desc {
            ClassTypeFieldDesc::Inherit(class) => {
                self.line(i, "Tctf_inherit");
                self.class_type(i, class);
            }
            ClassTypeFieldDesc::Val(name, mutable, virt, ty) => {
                self.line(i, format!("Tctf_val \"{name}\" {mutable:?} {virt:?}"));
                self.core_type(i + 1, ty);
            }
            ClassTypeFieldDesc::Method(name, private, virt, ty) => {
                self.line(i, format!("Tctf_method \"{name}\" {private:?} {virt:?}"));
                self.core_type(i + 1, ty);
            }
            ClassTypeFieldDesc::Constraint(left, right) => {
                self.line(i, "Tctf_constraint");
                self.core_type(i + 1, left);
                self.core_type(i + 1, right);
            }
            ClassTypeFieldDesc::Attribute(attribute) => self.attribute(i, "Tctf_attribute", attribute),
        }
    }

    fn class_infos<T>(&mut self, i: usize, class: &ClassInfos<T>, print: impl Fn(&mut Printer, usize, &T)) {
        self.line(i, format!("pci_virt = {:?}", class.virt));
        self.line(i, "pci_params =");
        self.list(i + 1, &class.params, Printer::core_type);
        self.line(i, format!("pci_name = \"{}\"", class.id_name.txt));
        self.line(i, "pci_expr =");
        print(self, i + 1, &class.expr);
    }

    pub(super) fn class_description(&mut self, i: usize, class: &ClassTypeDeclaration) {
        self.line(i, format!("class_description {}", self.location(&class.loc)));
        self.attributes(i, &class.attributes);
        self.class_infos(i + 1, class, Printer::class_type);
    }

    pub(super) fn class_type_declaration(&mut self, i: usize, class: &ClassTypeDeclaration) {
        self.line(i, format!("class_type_declaration {}", self.location(&class.loc)));
        self.class_infos(i + 1, class, Printer::class_type);
    }

    pub(super) fn class_declaration(&mut self, i: usize, class: &ClassDeclaration) {
        self.line(i, format!("class_declaration {}", self.location(&class.loc)));
        self.class_infos(i + 1, class, Printer::class_expr);
    }

    fn class_expr(&mut self, i: usize, class: &ClassExpr) {
        self.line(i, format!("class_expr {}", self.location(&class.loc)));
        self.attributes(i, &class.attributes);
        let i = i + 1;
        match &class.desc {
            ClassExprDesc::Ident(path, _, args) => {
                self.line(i, format!("Tcl_ident {}", self.path(path)));
                self.list(i, args, Printer::core_type);
            }
            ClassExprDesc::Structure(structure) => {
                self.line(i, "Tcl_structure");
                self.class_structure(i, structure);
            }
            ClassExprDesc::Fun(label, pattern, _, body, _) => {
                self.line(i, "Tcl_fun");
                self.arg_label(i, *label);
                self.pattern(i, pattern);
                self.class_expr(i, body);
            }
            ClassExprDesc::Apply(class, args) => {
                self.line(i, "Tcl_apply");
                self.class_expr(i, class);
                self.list(i, args, Printer::argument);
            }
            ClassExprDesc::Let(flag, bindings, values, body) => {
                self.line(i, format!("Tcl_let {}", rec_flag(*flag)));
                self.value_bindings(i, *flag, bindings);
                self.list(i, values, |p, i, (id, value)| {
                    p.line(i, format!("<def> \"{}\"", p.ident(*id)));
                    p.expression(i + 1, value);
                });
                self.class_expr(i, body);
            }
            ClassExprDesc::Constraint(body, Some(ty), ..) => {
                self.line(i, "Tcl_constraint");
                self.class_expr(i, body);
                self.class_type(i, ty);
            }
            ClassExprDesc::Constraint(body, None, ..) => self.class_expr(i, body),
            ClassExprDesc::Open(open, body) => {
                self.line(i, format!("Tcl_open {:?} {}", open.override_, self.path(&open.expr.0)));
                self.class_expr(i, body);
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
            ClassFieldDesc::Inherit(override_, class, name, ..) => {
                self.line(i, format!("Tcf_inherit {override_:?}"));
                self.class_expr(i + 1, class);
                self.option(i + 1, name.as_ref(), Printer::string);
            }
            ClassFieldDesc::Val(name, mutable, _, kind, _) => {
                self.line(i, format!("Tcf_val \"{}\" {mutable:?}", name.txt));
                self.class_field_kind(i + 1, kind);
            }
            ClassFieldDesc::Method(name, private, kind) => {
                self.line(i, format!("Tcf_method \"{}\" {private:?}", name.txt));
                self.class_field_kind(i + 1, kind);
            }
            ClassFieldDesc::Constraint(left, right) => {
                self.line(i, "Tcf_constraint");
                self.core_type(i + 1, left);
                self.core_type(i + 1, right);
            }
            ClassFieldDesc::Initializer(value) => {
                self.line(i, "Tcf_initializer");
                self.expression(i + 1, value);
            }
            ClassFieldDesc::Attribute(attribute) => self.attribute(i, "Tcf_attribute", attribute),
        }
    }

    fn class_field_kind(&mut self, i: usize, kind: &ClassFieldKind) {
        match kind {
            ClassFieldKind::Concrete(override_, value) => {
                self.line(i, format!("Concrete {override_:?}"));
                self.expression(i, value);
            }
            ClassFieldKind::Virtual(ty) => {
                self.line(i, "Virtual");
                self.core_type(i, ty);
            }
        }
    }
}
