//! Modules, module types, and the items of structures and signatures.

use super::{Context, Printer};
use crate::ast::*;
use crate::asttypes::RecFlag;

impl Printer {
    // -- Module types -------------------------------------------------------------------------------

    fn module_type(&mut self, ty: &ModuleType) {
        if ty.attributes.is_empty() {
            self.module_type_bare(ty);
        } else {
            self.with_attributes(&ty.attributes, "", |p| p.module_type_bare(ty));
        }
    }

    fn module_type_bare(&mut self, ty: &ModuleType) {
        match &ty.desc {
            ModuleTypeDesc::Functor(param, res) => {
                self.lay("@[<hov2>");
                match &**param {
                    FunctorParameter::Unit => self.text("()"),
                    FunctorParameter::Named(name, arg) => match name.txt {
                        None => self.simple_module_type(arg),
                        Some(name) => {
                            self.text(&format!("({name}"));
                            self.lay("@ :@ ");
                            self.module_type(arg);
                            self.text(")");
                        }
                    },
                }
                self.lay(if matches!(**param, FunctorParameter::Unit) { " ->@ " } else { "@ ->@ " });
                self.module_type(res);
                self.lay("@]");
            }
            ModuleTypeDesc::With(ty, constraints) if constraints.is_empty() => self.module_type(ty),
            ModuleTypeDesc::With(ty, constraints) => {
                self.lay("@[<hov2>");
                self.simple_module_type(ty);
                self.lay("@ with@ ");
                self.list(constraints, "@ and@ ", |p, constraint| p.with_constraint(constraint));
                self.lay("@]");
            }
            _ => self.simple_module_type_bare(ty),
        }
    }

    fn simple_module_type(&mut self, ty: &ModuleType) {
        if ty.attributes.is_empty() { self.simple_module_type_bare(ty) } else { self.module_type(ty) }
    }

    fn simple_module_type_bare(&mut self, ty: &ModuleType) {
        match &ty.desc {
            ModuleTypeDesc::Ident(lid) => self.type_longident(lid),
            ModuleTypeDesc::Alias(lid) => {
                self.text("(module ");
                self.type_longident(lid);
                self.text(")");
            }
            ModuleTypeDesc::Signature(items) => {
                self.lay("@[<hv0>@[<hv2>sig@ ");
                self.list(items, "@ ", |p, item| p.signature_item(item));
                self.lay("@]@ end@]");
            }
            ModuleTypeDesc::TypeOf(module) => {
                self.lay("@[<hov2>module@ type@ of@ ");
                self.module_expr(self.context, module);
                self.lay("@]");
            }
            ModuleTypeDesc::Extension(extension) => self.extension(extension),
            ModuleTypeDesc::Functor(..) | ModuleTypeDesc::With(..) => {
                self.parenthesised(|p| p.module_type_bare(ty));
            }
        }
    }

    fn with_constraint(&mut self, constraint: &WithConstraint) {
        match constraint {
            WithConstraint::Type(lid, d) | WithConstraint::TypeSubst(lid, d) => {
                self.lay("type@ ");
                self.type_params(&d.params);
                self.text(" ");
                self.type_longident(lid);
                self.lay(if matches!(constraint, WithConstraint::Type(..)) { " =@ " } else { " :=@ " });
                self.type_declaration(d);
            }
            WithConstraint::Module(lid, by) | WithConstraint::ModSubst(lid, by) => {
                self.text("module ");
                self.longident(lid);
                self.lay(if matches!(constraint, WithConstraint::Module(..)) { " =@ " } else { " :=@ " });
                self.longident(by);
            }
            WithConstraint::ModType(lid, ty) | WithConstraint::ModTypeSubst(lid, ty) => {
                self.text("module type ");
                self.type_longident(lid);
                self.lay(if matches!(constraint, WithConstraint::ModType(..)) { " =@ " } else { " :=@ " });
                self.module_type(ty);
            }
        }
    }

    // -- Signatures ---------------------------------------------------------------------------------

    pub(super) fn signature(&mut self, items: &Signature) {
        self.list(items, "@\n", |p, item| p.signature_item(item));
    }

    fn signature_item(&mut self, item: &SignatureItem) {
        use SignatureItemDesc as S;
        match &item.desc {
            S::Type(rec, decls) => self.type_declarations(*rec, true, decls),
            // Never recursive, and yet `nonrec` would not be accepted.
            S::TypeSubst(decls) => self.type_declarations(RecFlag::Recursive, false, decls),
            S::Value(d) => {
                self.lay(if d.prim.is_empty() { "@[<2>val@ " } else { "@[<2>external@ " });
                self.name(d.name.txt);
                self.lay("@ :@ ");
                self.value_description(d);
                self.lay("@]");
                self.item_attributes(&d.attributes);
            }
            S::TypExt(e) => self.type_extension(e),
            S::Exception(e) => self.exception(e),
            S::Class(decls) => self.class_descriptions(decls),
            S::ClassType(decls) => self.class_type_declarations(decls),
            S::Module(d) => {
                self.lay("@[<hov>module@ ");
                self.module_name(&d.name);
                match &d.type_.desc {
                    ModuleTypeDesc::Alias(lid) if d.type_.attributes.is_empty() => {
                        self.lay("@ =@ ");
                        self.longident(lid);
                    }
                    _ => {
                        self.lay("@ :@ ");
                        self.module_type(&d.type_);
                    }
                }
                self.lay("@]");
                self.item_attributes(&d.attributes);
            }
            S::ModSubst(d) => {
                self.lay("@[<hov>module@ ");
                self.text(&d.name.txt);
                self.lay("@ :=@ ");
                self.longident(&d.manifest);
                self.lay("@]");
                self.item_attributes(&d.attributes);
            }
            S::RecModule(decls) => {
                for (i, d) in decls.iter().enumerate() {
                    self.lay(if i == 0 { "@[<hov2>module@ rec@ " } else { "@ @[<hov2>and@ " });
                    self.module_name(&d.name);
                    self.lay(":@ ");
                    self.simple_module_type(&d.type_);
                    self.lay("@]");
                    self.item_attributes(&d.attributes);
                }
            }
            S::ModType(d) => self.module_type_declaration(d),
            S::ModTypeSubst(d) => {
                self.lay("@[<hov2>module@ type@ ");
                self.text(&d.name.txt);
                self.lay("@ :=@ ");
                if let Some(ty) = &d.type_ {
                    self.module_type(ty);
                }
                self.lay("@]");
                self.item_attributes(&d.attributes);
            }
            S::Open(open) => {
                self.lay("@[<hov2>open");
                self.override_mark(open.override_);
                self.lay("@ ");
                self.longident(&open.expr);
                self.lay("@]");
                self.item_attributes(&open.attributes);
            }
            S::Include(include) => {
                self.lay("@[<hov2>include@ ");
                self.module_type(&include.mod_);
                self.lay("@]");
                self.item_attributes(&include.attributes);
            }
            S::Attribute(attribute) => self.floating_attribute(attribute),
            S::Extension(extension, attributes) => self.item_extension(extension, attributes),
        }
    }

    fn module_type_declaration(&mut self, d: &ModuleTypeDeclaration) {
        self.lay("@[<hov2>module@ type@ ");
        self.name(d.name.txt);
        if let Some(ty) = &d.type_ {
            self.lay("@ @ =@ ");
            self.module_type(ty);
        }
        self.lay("@]");
        self.item_attributes(&d.attributes);
    }

    // -- Modules ------------------------------------------------------------------------------------

    pub(super) fn module_expr(&mut self, c: Context, e: &ModuleExpr) {
        self.under(c, |p| {
            if e.attributes.is_empty() {
                p.module_expr_bare(c, e);
            } else {
                p.with_attributes(&e.attributes, "", |p| p.module_expr_bare(c, e));
            }
        });
    }

    fn module_expr_bare(&mut self, c: Context, e: &ModuleExpr) {
        match &e.desc {
            ModuleExprDesc::Structure(items) => {
                self.lay("@[<hv2>struct@;@[<0>");
                self.list(items, "@\n", |p, item| p.structure_item(item));
                self.lay("@]@;<1 -2>end@]");
            }
            ModuleExprDesc::Constraint(inner, ty) => {
                self.lay("@[<hov2>(");
                self.module_expr(c, inner);
                self.lay("@ :@ ");
                self.module_type(ty);
                self.lay(")@]");
            }
            ModuleExprDesc::Ident(lid) => self.longident(lid),
            ModuleExprDesc::Functor(param, body) => {
                match &**param {
                    FunctorParameter::Unit => self.lay("functor ()@;->@;"),
                    FunctorParameter::Named(name, ty) => {
                        self.lay("functor@ (");
                        self.module_name(name);
                        self.lay("@ :@ ");
                        self.module_type(ty);
                        self.lay(")@;->@;");
                    }
                }
                self.module_expr(c, body);
            }
            ModuleExprDesc::Apply(f, arg) => {
                self.parenthesised(|p| p.module_expr(c, f));
                self.parenthesised(|p| p.module_expr(c, arg));
            }
            ModuleExprDesc::ApplyUnit(f) => {
                self.parenthesised(|p| p.module_expr(c, f));
                self.text("()");
            }
            ModuleExprDesc::Unpack(value) => {
                self.lay("(val@ ");
                self.expression(c, value);
                self.text(")");
            }
            ModuleExprDesc::Extension(extension) => self.extension(extension),
        }
    }

    // -- Structures ---------------------------------------------------------------------------------

    pub(super) fn structure(&mut self, items: &Structure) {
        self.list(items, "@\n", |p, item| p.structure_item(item));
    }

    pub(super) fn structure_item(&mut self, item: &StructureItem) {
        use StructureItemDesc as S;
        let c = self.context;
        match &item.desc {
            S::Eval(e, attributes) => {
                self.lay("@[<hov2>;;");
                self.expression(c, e);
                self.lay("@]");
                self.item_attributes(attributes);
            }
            S::Type(rec, decls) => self.type_declarations(*rec, true, decls),
            S::Value(rec, bindings) => {
                self.lay("@[<2>");
                self.bindings(c, *rec, bindings);
                self.lay("@]");
            }
            S::TypExt(e) => self.type_extension(e),
            S::Exception(e) => self.exception(e),
            S::Module(binding) => self.module_binding(c, binding),
            S::Open(open) => {
                self.lay("@[<2>open");
                self.override_mark(open.override_);
                self.lay("@;");
                self.module_expr(c, &open.expr);
                self.lay("@]");
                self.item_attributes(&open.attributes);
            }
            S::ModType(d) => self.module_type_declaration(d),
            S::Class(decls) => self.class_declarations(c, decls),
            S::ClassType(decls) => self.class_type_declarations(decls),
            S::Primitive(d) => {
                self.lay("@[<hov2>external@ ");
                self.name(d.name.txt);
                self.lay("@ :@ ");
                self.value_description(d);
                self.lay("@]");
                self.item_attributes(&d.attributes);
            }
            S::Include(include) => {
                self.lay("@[<hov2>include@ ");
                self.module_expr(c, &include.mod_);
                self.lay("@]");
                self.item_attributes(&include.attributes);
            }
            S::RecModule(bindings) => self.recursive_modules(c, bindings),
            S::Attribute(attribute) => self.floating_attribute(attribute),
            S::Extension(extension, attributes) => self.item_extension(extension, attributes),
        }
    }

    fn module_binding(&mut self, c: Context, binding: &ModuleBinding) {
        self.lay("@[<hov2>module ");
        self.module_name(&binding.name);
        let mut e = &binding.expr;
        while let (ModuleExprDesc::Functor(param, body), true) = (&e.desc, e.attributes.is_empty()) {
            match &**param {
                FunctorParameter::Unit => self.text("()"),
                FunctorParameter::Named(name, ty) => {
                    self.text("(");
                    self.module_name(name);
                    self.text(":");
                    self.module_type(ty);
                    self.text(")");
                }
            }
            e = body;
        }
        match &e.desc {
            ModuleExprDesc::Constraint(inner, ty)
                if e.attributes.is_empty()
                    && matches!(ty.desc, ModuleTypeDesc::Ident(_) | ModuleTypeDesc::Signature(_)) =>
            {
                self.lay(" :@;");
                self.module_type(ty);
                self.lay("@;=@;");
                self.module_expr(c, inner);
                self.lay("@;");
            }
            _ => {
                self.lay(" =@ ");
                self.module_expr(c, e);
            }
        }
        self.lay("@]");
        self.item_attributes(&binding.attributes);
    }

    fn recursive_modules(&mut self, c: Context, bindings: &[ModuleBinding]) {
        self.lay("@[<hv>");
        for (i, binding) in bindings.iter().enumerate() {
            self.lay(if i == 0 { "@[<hov2>module@ rec@ " } else { "@[<hov2>@ and@ " });
            self.module_name(&binding.name);
            match &binding.expr.desc {
                ModuleExprDesc::Constraint(e, ty) => {
                    self.text(":");
                    self.module_type(ty);
                    self.lay("@ =@ ");
                    self.module_expr(c, e);
                }
                _ => {
                    self.lay("@ =@ ");
                    self.module_expr(c, &binding.expr);
                }
            }
            self.lay("@]");
            self.item_attributes(&binding.attributes);
            if i == 0 {
                self.lay("@ ");
            }
        }
        self.lay("@]");
    }
}
