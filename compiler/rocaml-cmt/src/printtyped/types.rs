//! Types, patterns and the declarations of types.

use super::{Printer, longident, typevars};
use rocaml_base::Location;
use rocaml_syntax::ast::Attributes;
use rocaml_typing::typedtree::*;

impl Printer {
    pub(super) fn core_type(&mut self, i: usize, ty: &CoreType) {
        self.line(i, format!("core_type {}", self.location(&ty.loc)));
        self.attributes(i, &ty.attributes);
        let i = i + 1;
        match &ty.desc {
            CoreTypeDesc::Any => self.line(i, "Ttyp_any"),
            CoreTypeDesc::Var(name) => self.line(i, format!("Ttyp_var {name}")),
            CoreTypeDesc::Arrow(label, arg, res) => {
                self.line(i, "Ttyp_arrow");
                self.arg_label(i, *label);
                self.core_type(i, arg);
                self.core_type(i, res);
            }
            CoreTypeDesc::Tuple(components) => {
                self.line(i, "Ttyp_tuple");
                self.components(i, components, Printer::core_type);
            }
            CoreTypeDesc::Constr(path, _, args) => {
                self.line(i, format!("Ttyp_constr {}", self.path(path)));
                self.list(i, args, Printer::core_type);
            }
            CoreTypeDesc::Variant(fields, closed, low) => {
                self.line(i, format!("Ttyp_variant closed={closed:?}"));
                self.list(i, fields, Printer::row_field);
                self.option(i, low.as_ref(), |p, i, names| p.list(i, names, Printer::string));
            }
            CoreTypeDesc::Object(fields, closed) => {
                self.line(i, format!("Ttyp_object {closed:?}"));
                for field in fields {
                    self.object_field(i + 1, field);
                }
            }
            CoreTypeDesc::Class(path, _, args) => {
                self.line(i, format!("Ttyp_class {}", self.path(path)));
                self.list(i, args, Printer::core_type);
            }
            CoreTypeDesc::Alias(ty, name) => {
                self.line(i, format!("Ttyp_alias \"{}\"", name.txt));
                self.core_type(i, ty);
            }
            CoreTypeDesc::Poly(names, ty) => {
                let names: String = names.iter().map(|name| format!(" '{name}")).collect();
                self.line(i, format!("Ttyp_poly{names}"));
                self.core_type(i, ty);
            }
            CoreTypeDesc::Package(package) => {
                self.line(i, format!("Ttyp_package {}", self.path(&package.path)));
                self.list(i, &package.fields, |p, i, (lid, ty)| {
                    p.line(i, format!("with type {}", longident(lid)));
                    p.core_type(i, ty);
                });
            }
            CoreTypeDesc::Open(path, _, ty) => {
                self.line(i, format!("Ttyp_open {}", self.path(path)));
                self.core_type(i, ty);
            }
        }
    }

    fn object_field(&mut self, i: usize, field: &ObjectField) {
        match field {
            ObjectField::Tag(name, ty, attributes, _) => {
                self.line(i, format!("method {}", name.txt));
                self.attributes(i, attributes);
                self.core_type(i + 1, ty);
            }
            ObjectField::Inherit(ty, ..) => {
                self.line(i, "OTinherit");
                self.core_type(i + 1, ty);
            }
        }
    }

    fn row_field(&mut self, i: usize, field: &RowField) {
        match field {
            RowField::Tag(name, constant, types, attributes, _) => {
                self.line(i, format!("Ttag \"{}\" {constant}", name.txt));
                self.attributes(i + 1, attributes);
                self.list(i + 1, types, Printer::core_type);
            }
            RowField::Inherit(ty, ..) => {
                self.line(i, "Tinherit");
                self.core_type(i + 1, ty);
            }
        }
    }

    pub(super) fn pattern(&mut self, i: usize, pattern: &Pattern) {
        self.line(i, format!("pattern {}", self.location(&pattern.loc)));
        self.attributes(i, &pattern.attributes);
        let i = i + 1;
        for (extra, loc, attributes) in &pattern.extra {
            self.pattern_extra(i, extra, loc, attributes);
        }
        match &pattern.desc {
            PatternDesc::Any => self.line(i, "Tpat_any"),
            PatternDesc::Var(id, ..) => self.line(i, format!("Tpat_var \"{}\"", self.ident(*id))),
            PatternDesc::Alias(p, id, ..) => {
                self.line(i, format!("Tpat_alias \"{}\"", self.ident(*id)));
                self.pattern(i, p);
            }
            PatternDesc::Constant(constant) => self.line(i, format!("Tpat_constant {}", self.constant(constant))),
            PatternDesc::Tuple(components) => {
                self.line(i, "Tpat_tuple");
                self.components(i, components, Printer::pattern);
            }
            PatternDesc::Construct(lid, _, args, existentials) => {
                self.line(i, format!("Tpat_construct {}", longident(lid)));
                self.list(i, args, Printer::pattern);
                self.option(i, existentials.as_ref(), |p, i, (names, ty)| {
                    let names: Vec<String> = names.iter().map(|id| format!("\"{}\"", id.txt.name())).collect();
                    p.line(i, format!("[{}]", names.join("; ")));
                    p.core_type(i, ty);
                });
            }
            PatternDesc::Variant(tag, arg, _) => {
                self.line(i, format!("Tpat_variant \"{tag}\""));
                self.option(i, arg.as_deref(), Printer::pattern);
            }
            PatternDesc::Record(fields, _) => {
                self.line(i, "Tpat_record");
                self.list(i, fields, |p, i, (lid, _, pattern)| {
                    p.line(i, longident(lid));
                    p.pattern(i + 1, pattern);
                });
            }
            PatternDesc::Array(mutable, items) => {
                self.line(i, format!("Tpat_array {mutable:?}"));
                self.list(i, items, Printer::pattern);
            }
            PatternDesc::Lazy(p) => {
                self.line(i, "Tpat_lazy");
                self.pattern(i, p);
            }
            PatternDesc::Exception(p) => {
                self.line(i, "Tpat_exception");
                self.pattern(i, p);
            }
            PatternDesc::Value(p) => {
                self.line(i, "Tpat_value");
                self.pattern(i, p);
            }
            PatternDesc::Or(left, right, _) => {
                self.line(i, "Tpat_or");
                self.pattern(i, left);
                self.pattern(i, right);
            }
        }
    }

    fn pattern_extra(&mut self, i: usize, extra: &PatternExtra, loc: &Location, attributes: &Attributes) {
        self.line(i, format!("extra {}", self.location(loc)));
        let i = i + 1;
        match extra {
            PatternExtra::Unpack => self.line(i, "Tpat_extra_unpack"),
            PatternExtra::Constraint(_) => self.line(i, "Tpat_extra_constraint"),
            PatternExtra::Type(path, _) => self.line(i, format!("Tpat_extra_type {}", self.path(path))),
            PatternExtra::Open(path, ..) => self.line(i, format!("Tpat_extra_open {}", self.path(path))),
        }
        self.attributes(i, attributes);
        if let PatternExtra::Constraint(ty) = extra {
            self.core_type(i, ty);
        }
    }

    pub(super) fn value_description(&mut self, i: usize, d: &ValueDeclaration) {
        self.line(i, format!("value_description {} {}", self.ident(d.id), self.location(&d.loc)));
        self.attributes(i, &d.attributes);
        self.core_type(i + 1, &d.desc);
        self.list(i + 1, &d.prim, Printer::string);
    }

    pub(super) fn type_declaration(&mut self, i: usize, d: &TypeDeclaration) {
        self.line(i, format!("type_declaration {} {}", self.ident(d.id), self.location(&d.loc)));
        self.attributes(i, &d.attributes);
        let i = i + 1;
        self.line(i, "ptype_params =");
        self.list(i + 1, &d.params, Printer::core_type);
        self.line(i, "ptype_cstrs =");
        self.list(i + 1, &d.cstrs, |p, i, (left, right, loc)| {
            p.line(i, format!("<constraint> {}", p.location(loc)));
            p.core_type(i + 1, left);
            p.core_type(i + 1, right);
        });
        self.line(i, "ptype_kind =");
        self.type_kind(i + 1, &d.kind);
        self.line(i, format!("ptype_private = {:?}", d.private));
        self.line(i, "ptype_manifest =");
        self.option(i + 1, d.manifest.as_ref(), Printer::core_type);
    }

    fn type_kind(&mut self, i: usize, kind: &TypeKind) {
        match kind {
            TypeKind::Abstract => self.line(i, "Ttype_abstract"),
            TypeKind::Variant(constructors) => {
                self.line(i, "Ttype_variant");
                self.list(i + 1, constructors, Printer::constructor);
            }
            TypeKind::Record(labels) => {
                self.line(i, "Ttype_record");
                self.list(i + 1, labels, Printer::label);
            }
            TypeKind::Open => self.line(i, "Ttype_open"),
        }
    }

    fn constructor(&mut self, i: usize, c: &ConstructorDeclaration) {
        self.line(i, self.location(&c.loc));
        self.line(i + 1, self.ident(c.id));
        if !c.vars.is_empty() {
            self.line(i + 1, format!("cd_vars ={}", typevars(&c.vars)));
        }
        self.attributes(i, &c.attributes);
        self.constructor_arguments(i + 1, &c.args);
        self.option(i + 1, c.res.as_ref(), Printer::core_type);
    }

    fn constructor_arguments(&mut self, i: usize, args: &ConstructorArguments) {
        match args {
            ConstructorArguments::Tuple(types) => self.list(i, types, Printer::core_type),
            ConstructorArguments::Record(labels) => self.list(i, labels, Printer::label),
        }
    }

    fn label(&mut self, i: usize, label: &LabelDeclaration) {
        self.line(i, self.location(&label.loc));
        self.attributes(i, &label.attributes);
        self.line(i + 1, format!("{:?}", label.mutable));
        self.line(i + 1, if label.atomic { "Atomic" } else { "Nonatomic" });
        self.unended(i + 1, self.ident(label.id));
        self.core_type(i + 1, &label.type_);
    }

    pub(super) fn type_extension(&mut self, i: usize, extension: &TypeExtension) {
        self.line(i, "type_extension");
        self.attributes(i, &extension.attributes);
        let i = i + 1;
        self.line(i, format!("ptyext_path = {}", self.path(&extension.path)));
        self.line(i, "ptyext_params =");
        self.list(i + 1, &extension.params, Printer::core_type);
        self.line(i, "ptyext_constructors =");
        self.list(i + 1, &extension.constructors, Printer::extension_constructor);
        self.line(i, format!("ptyext_private = {:?}", extension.private));
    }

    pub(super) fn type_exception(&mut self, i: usize, exception: &TypeException) {
        self.line(i, "type_exception");
        self.attributes(i, &exception.attributes);
        self.line(i + 1, "ptyext_constructor =");
        self.extension_constructor(i + 2, &exception.constructor);
    }

    pub(super) fn extension_constructor(&mut self, i: usize, c: &ExtensionConstructor) {
        self.line(i, format!("extension_constructor {}", self.location(&c.loc)));
        self.attributes(i, &c.attributes);
        let i = i + 1;
        self.line(i, format!("pext_name = \"{}\"", self.ident(c.id)));
        self.line(i, "pext_kind =");
        let i = i + 1;
        match &c.kind {
            ExtensionConstructorKind::Decl(vars, args, res) => {
                self.line(i, "Text_decl");
                if !vars.is_empty() {
                    self.line(i + 1, format!("vars{}", typevars(vars)));
                }
                self.constructor_arguments(i + 1, args);
                self.option(i + 1, res.as_ref(), Printer::core_type);
            }
            ExtensionConstructorKind::Rebind(path, _) => {
                self.line(i, "Text_rebind");
                self.line(i + 1, self.path(path));
            }
        }
    }
}
