//! What holds of every tree that the parser makes, checked of trees that come from elsewhere:
//! upstream's `Ast_invariants`.

use crate::ast::*;
use crate::asttypes::ClosedFlag;
use crate::longident::Longident;
use crate::visit::{self, Visitor};
use rocaml_base::{Loc, Location};

/// The first place of an implementation where an invariant is broken, and which one.
pub fn check_structure(items: &Structure) -> Result<(), (Location, &'static str)> {
    let mut checker = Checker::default();
    items.iter().for_each(|item| checker.visit_structure_item(item));
    checker.broken.map_or(Ok(()), Err)
}

/// The same of an interface.
pub fn check_signature(items: &Signature) -> Result<(), (Location, &'static str)> {
    let mut checker = Checker::default();
    items.iter().for_each(|item| checker.visit_signature_item(item));
    checker.broken.map_or(Ok(()), Err)
}

#[derive(Default)]
struct Checker {
    broken: Option<(Location, &'static str)>,
}

const EMPTY_RECORD: &str = "Records cannot be empty.";
const SHORT_TUPLE: &str = "Tuples must have at least 2 components.";
const NO_ARGUMENTS: &str = "Function application with no argument.";
const NO_BINDINGS: &str = "Let with no bindings.";
const NO_TYPES: &str = "Type declarations cannot be empty.";

impl Checker {
    fn require(&mut self, holds: bool, loc: Location, invariant: &'static str) {
        if !holds && self.broken.is_none() {
            self.broken = Some((loc, invariant));
        }
    }

    /// No functor is applied in the path.
    fn simple(&mut self, lid: &Loc<Longident>) {
        self.require(lid.txt.flatten().is_some(), lid.loc, "Functor application not allowed here.");
    }
}

impl Visitor for Checker {
    fn visit_type_declaration(&mut self, d: &TypeDeclaration) {
        visit::walk_type_declaration(self, d);
        self.require(!matches!(&d.kind, TypeKind::Record(labels) if labels.is_empty()), d.loc, EMPTY_RECORD);
    }

    fn visit_core_type(&mut self, ty: &CoreType) {
        visit::walk_core_type(self, ty);
        match &ty.desc {
            CoreTypeDesc::Tuple(items) => self.require(items.len() > 1, ty.loc, SHORT_TUPLE),
            CoreTypeDesc::Package(package) => package.cstrs.iter().for_each(|(lid, _)| self.simple(lid)),
            CoreTypeDesc::Poly(vars, _) => {
                let invariant = "Explicit universal type quantification cannot be empty.";
                self.require(!vars.is_empty(), ty.loc, invariant);
            }
            _ => {}
        }
    }

    fn visit_pattern(&mut self, pattern: &Pattern) {
        visit::walk_pattern(self, pattern);
        match &pattern.desc {
            PatternDesc::Tuple(items, ClosedFlag::Closed) => {
                let invariant = "Closed tuple patterns must have at least two components.";
                self.require(items.len() > 1, pattern.loc, invariant);
            }
            PatternDesc::Tuple(items, ClosedFlag::Open) => {
                let invariant = "Open tuple patterns must have at least one component.";
                self.require(!items.is_empty(), pattern.loc, invariant);
            }
            PatternDesc::Record(fields, _) => {
                self.require(!fields.is_empty(), pattern.loc, EMPTY_RECORD);
                fields.iter().for_each(|(lid, _)| self.simple(lid));
            }
            PatternDesc::Construct(lid, _) => self.simple(lid),
            _ => {}
        }
    }

    fn visit_expression(&mut self, e: &Expression) {
        visit::walk_expression(self, e);
        match &e.desc {
            ExpressionDesc::Tuple(items) => self.require(items.len() > 1, e.loc, SHORT_TUPLE),
            ExpressionDesc::Record(fields, _) => {
                self.require(!fields.is_empty(), e.loc, EMPTY_RECORD);
                fields.iter().for_each(|(lid, _)| self.simple(lid));
            }
            ExpressionDesc::Apply(_, args) => self.require(!args.is_empty(), e.loc, NO_ARGUMENTS),
            ExpressionDesc::Let(_, bindings, _) => self.require(!bindings.is_empty(), e.loc, NO_BINDINGS),
            ExpressionDesc::Ident(lid)
            | ExpressionDesc::Construct(lid, _)
            | ExpressionDesc::Field(_, lid)
            | ExpressionDesc::SetField(_, lid, _)
            | ExpressionDesc::New(lid) => self.simple(lid),
            ExpressionDesc::Function(params, _, FunctionBody::Body(_)) => {
                let takes_values = params.iter().any(|p| matches!(p.desc, FunctionParamDesc::Val(..)));
                self.require(takes_values, e.loc, "Function without any value parameters");
            }
            _ => {}
        }
    }

    fn visit_extension_constructor(&mut self, c: &ExtensionConstructor) {
        visit::walk_extension_constructor(self, c);
        if let ExtensionConstructorKind::Rebind(lid) = &c.kind {
            self.simple(lid);
        }
    }

    fn visit_class_expr(&mut self, e: &ClassExpr) {
        visit::walk_class_expr(self, e);
        match &e.desc {
            ClassExprDesc::Apply(_, args) => self.require(!args.is_empty(), e.loc, NO_ARGUMENTS),
            ClassExprDesc::Constr(lid, _) => self.simple(lid),
            _ => {}
        }
    }

    fn visit_module_type(&mut self, ty: &ModuleType) {
        visit::walk_module_type(self, ty);
        if let ModuleTypeDesc::Alias(lid) = &ty.desc {
            self.simple(lid);
        }
    }

    fn visit_with_constraint(&mut self, constraint: &WithConstraint) {
        visit::walk_with_constraint(self, constraint);
        if let WithConstraint::Type(lid, _) | WithConstraint::Module(lid, _) = constraint {
            self.simple(lid);
        }
    }

    fn visit_module_expr(&mut self, e: &ModuleExpr) {
        visit::walk_module_expr(self, e);
        if let ModuleExprDesc::Ident(lid) = &e.desc {
            self.simple(lid);
        }
    }

    fn visit_structure_item(&mut self, item: &StructureItem) {
        visit::walk_structure_item(self, item);
        match &item.desc {
            StructureItemDesc::Type(_, decls) => self.require(!decls.is_empty(), item.loc, NO_TYPES),
            StructureItemDesc::Value(_, bindings) => self.require(!bindings.is_empty(), item.loc, NO_BINDINGS),
            _ => {}
        }
    }

    fn visit_signature_item(&mut self, item: &SignatureItem) {
        visit::walk_signature_item(self, item);
        match &item.desc {
            SignatureItemDesc::Type(_, decls) => self.require(!decls.is_empty(), item.loc, NO_TYPES),
            SignatureItemDesc::ModTypeSubst(d) => {
                let invariant = "Module type substitution with no right hand side";
                self.require(d.type_.is_some(), item.loc, invariant);
            }
            _ => {}
        }
    }

    fn visit_row_field(&mut self, field: &RowField) {
        visit::walk_row_field(self, field);
        let plain = field.attributes.is_empty() || matches!(field.desc, RowFieldDesc::Tag(..));
        let invariant = "In variant types, attaching attributes to inherited subtypes is not allowed.";
        self.require(plain, field.loc, invariant);
    }

    fn visit_object_field(&mut self, field: &ObjectField) {
        visit::walk_object_field(self, field);
        let plain = field.attributes.is_empty() || matches!(field.desc, ObjectFieldDesc::Tag(..));
        let invariant = "In object types, attaching attributes to inherited subtypes is not allowed.";
        self.require(plain, field.loc, invariant);
    }
}
