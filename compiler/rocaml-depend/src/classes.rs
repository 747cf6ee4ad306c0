//! Classes and class types.

use crate::{Analysis, Bound};
use rocaml_syntax::ast::*;

impl Analysis {
    pub(crate) fn class_type(&mut self, bound: &Bound, class: &ClassType) {
        match &class.desc {
            ClassTypeDesc::Constr(path, arguments) => {
                self.parent(bound, &path.txt);
                self.core_types(bound, arguments);
            }
            ClassTypeDesc::Signature(signature) => {
                self.core_type(bound, &signature.self_);
                signature.fields.iter().for_each(|field| self.class_type_field(bound, field));
            }
            ClassTypeDesc::Arrow(_, domain, codomain) => {
                self.core_type(bound, domain);
                self.class_type(bound, codomain);
            }
            ClassTypeDesc::Extension(extension) => self.extension(extension),
            ClassTypeDesc::Open(open, class) => {
                let bound = self.open_description(bound, open);
                self.class_type(&bound, class);
            }
        }
    }

    fn class_type_field(&mut self, bound: &Bound, field: &ClassTypeField) {
        match &field.desc {
            ClassTypeFieldDesc::Inherit(class) => self.class_type(bound, class),
            ClassTypeFieldDesc::Val(_, _, _, typ) | ClassTypeFieldDesc::Method(_, _, _, typ) => {
                self.core_type(bound, typ);
            }
            ClassTypeFieldDesc::Constraint(left, right) => {
                self.core_type(bound, left);
                self.core_type(bound, right);
            }
            ClassTypeFieldDesc::Attribute(_) => {}
            ClassTypeFieldDesc::Extension(extension) => self.extension(extension),
        }
    }

    pub(crate) fn class_expr(&mut self, bound: &Bound, class: &ClassExpr) {
        match &class.desc {
            ClassExprDesc::Constr(path, arguments) => {
                self.parent(bound, &path.txt);
                self.core_types(bound, arguments);
            }
            ClassExprDesc::Structure(structure) => self.class_structure(bound, structure),
            ClassExprDesc::Fun(_, default, pattern, class) => {
                default.iter().for_each(|e| self.expression(bound, e));
                let bound = self.pattern(bound, pattern);
                self.class_expr(&bound, class);
            }
            ClassExprDesc::Apply(class, arguments) => {
                self.class_expr(bound, class);
                arguments.iter().for_each(|(_, e)| self.expression(bound, e));
            }
            ClassExprDesc::Let(rec_flag, bindings, class) => {
                let bound = self.bindings(*rec_flag, bound, bindings);
                self.class_expr(&bound, class);
            }
            ClassExprDesc::Constraint(class, typ) => {
                self.class_expr(bound, class);
                self.class_type(bound, typ);
            }
            ClassExprDesc::Extension(extension) => self.extension(extension),
            ClassExprDesc::Open(open, class) => {
                let bound = self.open_description(bound, open);
                self.class_expr(&bound, class);
            }
        }
    }

    pub(crate) fn class_structure(&mut self, bound: &Bound, structure: &ClassStructure) {
        let bound = self.pattern(bound, &structure.self_);
        structure.fields.iter().for_each(|field| self.class_field(&bound, field));
    }

    fn class_field(&mut self, bound: &Bound, field: &ClassField) {
        match &field.desc {
            ClassFieldDesc::Inherit(_, class, _) => self.class_expr(bound, class),
            ClassFieldDesc::Val(_, _, kind) | ClassFieldDesc::Method(_, _, kind) => match kind {
                ClassFieldKind::Virtual(typ) => self.core_type(bound, typ),
                ClassFieldKind::Concrete(_, e) => self.expression(bound, e),
            },
            ClassFieldDesc::Constraint(left, right) => {
                self.core_type(bound, left);
                self.core_type(bound, right);
            }
            ClassFieldDesc::Initializer(e) => self.expression(bound, e),
            ClassFieldDesc::Attribute(_) => {}
            ClassFieldDesc::Extension(extension) => self.extension(extension),
        }
    }
}
