//! The second pass over the fields of an object: the bodies of methods and initializers, with self,
//! ancestors and instance variables in scope.

use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{
    AncestorDesc, ClassSignature, Commutable, Ident, TypeDesc, TypeId, ValueDescription, ValueKind, btype,
};

use super::fields::{Body, HalfTypedDesc, HalfTypedField, HalfTypedValue};
use super::structure::add_instance_variable;
use crate::Result;
use crate::typecore::{mk_expected, type_expect};
use crate::typedtree::{ClassField, ClassFieldDesc, ClassFieldKind, Expression};

pub struct SecondPass<'a> {
    pub cx: &'a Context,
    pub class_num: Name,
    pub sign: &'a Rc<ClassSignature>,
    pub met_env: Env,
}

impl SecondPass<'_> {
    pub fn field(&mut self, field: HalfTypedField) -> Result<ClassField> {
        let HalfTypedField { desc, loc, attributes } = field;
        let cx = self.cx;
        let desc = match desc {
            HalfTypedDesc::Inherit { override_, parent, super_, inherited_vars, super_meths } => {
                for variable in &inherited_vars {
                    self.add_variable(*variable, loc, &Vec::new());
                }
                if let Some(name) = super_ {
                    self.add_ancestor(name, loc, btype::self_type(&parent.type_), &super_meths);
                }
                ClassFieldDesc::Inherit(override_, parent, super_, inherited_vars, super_meths)
            }
            HalfTypedDesc::Val { label, mutable, id, value, already_declared } => {
                if !already_declared {
                    self.add_variable((label.txt, id), loc, &attributes);
                }
                let kind = match value {
                    HalfTypedValue::Virtual(cty) => ClassFieldKind::Virtual(Box::new(cty)),
                    HalfTypedValue::Concrete(override_, e) => ClassFieldKind::Concrete(override_, Box::new(e)),
                };
                ClassFieldDesc::Val(label, mutable, id, kind, already_declared)
            }
            HalfTypedDesc::VirtualMethod(label, private, cty) => {
                ClassFieldDesc::Method(label, private, ClassFieldKind::Virtual(Box::new(cty)))
            }
            HalfTypedDesc::ConcreteMethod(label, private, override_, body) => {
                let ty = btype::method_type(label.txt, self.sign).expect("the first pass added the method");
                let self_type = self.sign.self_;
                let arrow = TypeDesc::Arrow(ArgLabel::Nolabel, self_type, ty, Commutable::Ok);
                let body = self.body(body, ctype::newgenty(cx, arrow))?;
                ClassFieldDesc::Method(label, private, ClassFieldKind::Concrete(override_, Box::new(body)))
            }
            HalfTypedDesc::Constraint(cty1, cty2) => ClassFieldDesc::Constraint(Box::new(cty1), Box::new(cty2)),
            HalfTypedDesc::Initializer(body) => {
                let unit = ctype::instance(cx, cx.predef().unit);
                let arrow = TypeDesc::Arrow(ArgLabel::Nolabel, self.sign.self_, unit, Commutable::Ok);
                let body = self.body(body, ctype::newty(cx, arrow))?;
                ClassFieldDesc::Initializer(Box::new(body))
            }
            HalfTypedDesc::Attribute(attribute) => ClassFieldDesc::Attribute(attribute),
        };
        Ok(ClassField { desc, loc, attributes })
    }

    fn body(&self, body: Body, expected: TypeId) -> Result<Expression> {
        let cx = self.cx;
        let reporter = cx.reporter.borrow().clone();
        let present = reporter.backup();
        reporter.restore(body.warnings);
        let typed = ctype::with_raised_nongen_level(cx, |cx| {
            type_expect(cx, &self.met_env, &body.sexpr, mk_expected(expected))
        });
        reporter.restore(present);
        typed
    }

    fn add_variable(&mut self, variable: (Name, Ident), loc: Location, attributes: &rocaml_syntax::ast::Attributes) {
        self.met_env =
            add_instance_variable(self.cx, &self.met_env, variable, self.sign, self.class_num, loc, attributes);
    }

    /// The name by which the methods of a parent are called.
    fn add_ancestor(&mut self, name: Name, loc: Location, type_: TypeId, meths: &[(Name, Ident)]) {
        let ancestor = AncestorDesc {
            signature: self.sign.clone(),
            meths: meths.iter().copied().collect(),
            class_num: self.class_num,
        };
        let desc = ValueDescription {
            type_,
            kind: ValueKind::Anc(Rc::new(ancestor)),
            loc,
            attributes: Vec::new(),
            uid: self.cx.fresh_uid(),
        };
        let check: fn(String) -> Warning = Warning::UnusedAncestor;
        self.met_env = self.met_env.enter_value(self.cx, Some(check), name, Rc::new(desc)).1;
    }
}
