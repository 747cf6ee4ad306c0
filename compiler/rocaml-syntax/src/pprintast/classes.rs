//! Classes and class types.

use super::{Context, Printer};
use crate::ast::*;
use rocaml_base::{Loc, Name};

impl Printer {
    pub(super) fn class_type(&mut self, ty: &ClassType) {
        match &ty.desc {
            ClassTypeDesc::Signature(sign) => {
                self.class_signature(sign);
                self.attributes(&ty.attributes);
            }
            ClassTypeDesc::Constr(lid, args) => {
                self.class_arguments(args);
                self.type_longident(lid);
                self.attributes(&ty.attributes);
            }
            ClassTypeDesc::Arrow(label, arg, res) => {
                self.lay("@[<2>");
                self.labelled_type(*label, arg);
                self.lay("@;->@;");
                self.class_type(res);
                self.lay("@]");
            }
            ClassTypeDesc::Extension(extension) => {
                self.extension(extension);
                self.attributes(&ty.attributes);
            }
            ClassTypeDesc::Open(open, ty) => {
                self.class_open(open);
                self.class_type(ty);
                self.lay("@]");
            }
        }
    }

    /// `[t, u]` before the name of a class.
    fn class_arguments(&mut self, args: &[CoreType]) {
        if !args.is_empty() {
            self.text("[");
            self.list(args, ",", |p, arg| p.core_type(arg));
            self.lay("]@ ");
        }
    }

    /// `let open M in` with the box that the caller closes.
    fn class_open(&mut self, open: &OpenDescription) {
        self.lay("@[<2>let open");
        self.override_mark(open.override_);
        self.text(" ");
        self.longident(&open.expr);
        self.lay(" in@;");
    }

    fn class_signature(&mut self, sign: &ClassSignature) {
        self.lay("@[<hv0>@[<hv2>object@[<1>");
        if sign.self_.desc != CoreTypeDesc::Any || !sign.self_.attributes.is_empty() {
            self.text(" (");
            self.core_type(&sign.self_);
            self.text(")");
        }
        self.lay("@]@ ");
        self.list(&sign.fields, "@;", |p, field| p.class_type_field(field));
        self.lay("@]@ end@]");
    }

    fn class_type_field(&mut self, field: &ClassTypeField) {
        match &field.desc {
            ClassTypeFieldDesc::Inherit(ty) => {
                self.lay("@[<2>inherit@ ");
                self.class_type(ty);
            }
            ClassTypeFieldDesc::Val(name, mutable, virt, ty) => {
                self.lay("@[<2>val @ ");
                self.mutable_flag(*mutable);
                self.virtual_flag(*virt);
                self.name(name.txt);
                self.lay("@ :@ ");
                self.core_type(ty);
            }
            ClassTypeFieldDesc::Method(name, private, virt, ty) => {
                self.lay("@[<2>method ");
                self.private_flag(*private);
                self.text(" ");
                self.virtual_flag(*virt);
                self.name(name.txt);
                self.lay(" :@;");
                self.core_type(ty);
            }
            ClassTypeFieldDesc::Constraint(left, right) => {
                self.lay("@[<2>constraint@ ");
                self.core_type(left);
                self.lay("@ =@ ");
                self.core_type(right);
            }
            ClassTypeFieldDesc::Attribute(attribute) => return self.floating_attribute(attribute),
            ClassTypeFieldDesc::Extension(extension) => return self.item_extension(extension, &field.attributes),
        }
        self.lay("@]");
        self.item_attributes(&field.attributes);
    }

    /// Keyword, flag, parameters and name of a class.
    fn class_head<T>(&mut self, keyword: &str, class: &ClassInfos<T>) {
        self.text(keyword);
        self.text(" ");
        self.virtual_flag(class.virt);
        if !class.params.is_empty() {
            self.text("[");
            self.list(&class.params, ",", |p, param| p.type_param(param));
            self.text("] ");
        }
        self.name(class.name.txt);
    }

    pub(super) fn class_type_declarations(&mut self, decls: &[ClassTypeDeclaration]) {
        self.joined("class type", decls, |p, keyword, class| {
            p.lay("@[<2>");
            p.class_head(keyword, class);
            p.lay("@ =@ ");
            p.class_type(&class.expr);
            p.lay("@]");
            p.item_attributes(&class.attributes);
        });
    }

    pub(super) fn class_descriptions(&mut self, decls: &[ClassDescription]) {
        self.joined("class", decls, |p, keyword, class| {
            p.lay("@[<2>");
            p.class_head(keyword, class);
            p.lay("@;:@;");
            p.class_type(&class.expr);
            p.lay("@]");
            p.item_attributes(&class.attributes);
        });
    }

    pub(super) fn class_declarations(&mut self, c: Context, decls: &[ClassDeclaration]) {
        self.joined("class", decls, |p, keyword, class| {
            let mut params = Vec::new();
            let mut body = &class.expr;
            while let (ClassExprDesc::Fun(label, default, pattern, rest), true) =
                (&body.desc, body.attributes.is_empty())
            {
                params.push((*label, default.as_deref(), &**pattern));
                body = rest;
            }
            p.lay("@[<2>");
            p.class_head(keyword, class);
            p.text(" ");
            p.list(&params, "@ ", |p, (label, default, pattern)| p.parameter(c, *label, *default, pattern));
            if let (ClassExprDesc::Constraint(inner, ty), true) = (&body.desc, body.attributes.is_empty()) {
                p.lay(": @[");
                p.class_type(ty);
                p.lay("@] ");
                body = inner;
            }
            p.lay("=@;");
            p.class_expr(c, body);
            p.lay("@]");
            p.item_attributes(&class.attributes);
        });
    }

    fn class_expr(&mut self, c: Context, e: &ClassExpr) {
        if e.attributes.is_empty() {
            self.class_expr_bare(c, e);
        } else {
            self.with_attributes(&e.attributes, "", |p| p.class_expr_bare(c, e));
        }
    }

    fn class_expr_bare(&mut self, c: Context, e: &ClassExpr) {
        match &e.desc {
            ClassExprDesc::Structure(structure) => self.class_structure(c, structure),
            ClassExprDesc::Fun(label, default, pattern, body) => {
                self.lay("fun@ ");
                self.parameter(c, *label, default.as_deref(), pattern);
                self.lay("@ ->@ ");
                self.class_expr(c, body);
            }
            ClassExprDesc::Let(rec, bindings, body) => {
                self.bindings(c, *rec, bindings);
                self.lay("@ in@ ");
                self.class_expr(c, body);
            }
            ClassExprDesc::Apply(f, args) => {
                self.text("((");
                self.class_expr(c, f);
                self.lay(")@ ");
                self.list(args, "@ ", |p, arg| p.argument(c, arg));
                self.text(")");
            }
            ClassExprDesc::Constr(lid, args) => {
                self.class_arguments(args);
                self.type_longident(lid);
            }
            ClassExprDesc::Constraint(inner, ty) => self.parenthesised(|p| {
                p.class_expr(c, inner);
                p.lay("@ :@ ");
                p.class_type(ty);
            }),
            ClassExprDesc::Extension(extension) => self.extension(extension),
            ClassExprDesc::Open(open, body) => {
                self.class_open(open);
                self.class_expr(c, body);
                self.lay("@]");
            }
        }
    }

    pub(super) fn class_structure(&mut self, c: Context, structure: &ClassStructure) {
        self.lay("@[<hv0>@[<hv2>object");
        match &structure.self_.desc {
            PatternDesc::Any => {}
            PatternDesc::Constraint(..) => {
                self.text(" ");
                self.pattern(&structure.self_);
            }
            _ => {
                self.text(" (");
                self.pattern(&structure.self_);
                self.text(")");
            }
        }
        self.lay("@;");
        self.list(&structure.fields, "@ ", |p, field| p.class_field(c, field));
        self.lay("@]@;end@]");
    }

    fn class_field(&mut self, c: Context, field: &ClassField) {
        match &field.desc {
            ClassFieldDesc::Inherit(override_, e, name) => {
                self.lay("@[<2>inherit@ ");
                self.override_mark(*override_);
                self.lay("@ ");
                self.class_expr(c, e);
                if let Some(name) = name {
                    self.lay("@ as ");
                    self.name(name.txt);
                }
            }
            ClassFieldDesc::Val(name, mutable, ClassFieldKind::Concrete(override_, e)) => {
                self.lay("@[<2>val");
                self.override_mark(*override_);
                self.text(" ");
                self.mutable_flag(*mutable);
                self.name(name.txt);
                self.lay(" =@;");
                self.expression(c, e);
            }
            ClassFieldDesc::Val(name, mutable, ClassFieldKind::Virtual(ty)) => {
                self.lay("@[<2>val virtual ");
                self.mutable_flag(*mutable);
                self.name(name.txt);
                self.lay(" :@ ");
                self.core_type(ty);
            }
            ClassFieldDesc::Method(name, private, ClassFieldKind::Virtual(ty)) => {
                self.lay("@[<2>method virtual ");
                self.private_flag(*private);
                self.text(" ");
                self.name(name.txt);
                self.lay(" :@;");
                self.core_type(ty);
            }
            ClassFieldDesc::Method(name, private, ClassFieldKind::Concrete(override_, e)) => {
                self.lay("@[<2>method");
                self.override_mark(*override_);
                self.text(" ");
                self.private_flag(*private);
                self.method(c, name, e);
            }
            ClassFieldDesc::Constraint(left, right) => {
                self.lay("@[<2>constraint ");
                self.core_type(left);
                self.lay(" =@;");
                self.core_type(right);
            }
            ClassFieldDesc::Initializer(e) => {
                self.lay("@[<2>initializer@ ");
                self.expression(c, e);
            }
            ClassFieldDesc::Attribute(attribute) => return self.floating_attribute(attribute),
            ClassFieldDesc::Extension(extension) => return self.item_extension(extension, &field.attributes),
        }
        self.lay("@]");
        self.item_attributes(&field.attributes);
    }

    /// The definition of a method as that of a function.
    fn method(&mut self, c: Context, name: &Loc<Name>, e: &Expression) {
        let (body, ty) = match &e.desc {
            ExpressionDesc::Poly(body, ty) if e.attributes.is_empty() => (&**body, ty.as_deref()),
            _ => (e, None),
        };
        if let Some(ty) = ty {
            self.name(name.txt);
            self.lay(" :@;");
            self.core_type(ty);
            self.lay("=@;");
            return self.expression(c, body);
        }
        let pattern =
            Pattern { desc: PatternDesc::Var(*name), loc: name.loc, loc_stack: Vec::new(), attributes: Vec::new() };
        self.unconstrained_binding(c, &pattern, body);
    }
}
