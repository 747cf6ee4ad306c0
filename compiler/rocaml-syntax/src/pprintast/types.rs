//! Type expressions and declarations of types.

use super::{NameKind, Printer};
use crate::ast::*;
use crate::asttypes::{ArgLabel, ClosedFlag, Injectivity, MutableFlag, PrivateFlag, RecFlag, Variance, VirtualFlag};
use crate::pprintast::string_literal;
use rocaml_base::{Loc, Name};

impl Printer {
    pub(super) fn core_type(&mut self, ty: &CoreType) {
        if ty.attributes.is_empty() {
            self.core_type_bare(ty);
        } else {
            self.with_attributes(&ty.attributes, "", |p| p.core_type_bare(ty));
        }
    }

    fn core_type_bare(&mut self, ty: &CoreType) {
        match &ty.desc {
            CoreTypeDesc::Arrow(label, arg, res) => {
                self.lay("@[<2>");
                self.labelled_type(*label, arg);
                self.lay("@;->@;");
                self.core_type(res);
                self.lay("@]");
            }
            CoreTypeDesc::Alias(ty, name) => {
                self.lay("@[<2>");
                self.simple_type(ty);
                self.lay("@;as@;");
                self.type_variable(name.txt);
                self.lay("@]");
            }
            CoreTypeDesc::Poly(vars, ty) if vars.is_empty() => self.core_type(ty),
            CoreTypeDesc::Poly(vars, ty) => {
                self.lay("@[<2>");
                self.quantified(vars);
                self.core_type(ty);
                self.lay("@]");
            }
            _ => {
                self.lay("@[<2>");
                self.simple_type_bare(ty);
                self.lay("@]");
            }
        }
    }

    /// `'a 'b.`
    pub(super) fn quantified(&mut self, vars: &[Loc<Name>]) {
        if !vars.is_empty() {
            self.list(vars, "@;", |p, var| p.type_variable(var.txt));
            self.lay("@;.@;");
        }
    }

    pub(super) fn labelled_type(&mut self, label: ArgLabel, ty: &CoreType) {
        match label {
            ArgLabel::Nolabel => {}
            ArgLabel::Labelled(name) => {
                self.name(name);
                self.text(":");
            }
            ArgLabel::Optional(name) => {
                self.text("?");
                self.name(name);
                self.text(":");
            }
        }
        self.simple_type(ty);
    }

    pub(super) fn simple_type(&mut self, ty: &CoreType) {
        if ty.attributes.is_empty() { self.simple_type_bare(ty) } else { self.core_type(ty) }
    }

    fn simple_type_bare(&mut self, ty: &CoreType) {
        match &ty.desc {
            CoreTypeDesc::Any => self.text("_"),
            CoreTypeDesc::Var(name) => self.type_variable(*name),
            CoreTypeDesc::Tuple(items) => self.parenthesised(|p| {
                p.list(items, "@;*@;", |p, (label, ty)| {
                    if let Some(label) = label {
                        p.text(label);
                        p.text(":");
                    }
                    p.simple_type(ty);
                });
            }),
            CoreTypeDesc::Constr(lid, args) => {
                match args.as_slice() {
                    [] => {}
                    [arg] => {
                        self.simple_type(arg);
                        self.lay("@;");
                    }
                    args => self.enclosed(args, ["(", ",@;", ")@;"], |p, arg| p.core_type(arg)),
                }
                self.type_longident(lid);
            }
            CoreTypeDesc::Variant(fields, closed, present) => self.variant_type(fields, *closed, present.as_deref()),
            CoreTypeDesc::Object(fields, closed) => self.object_type(fields, *closed),
            CoreTypeDesc::Class(lid, args) => {
                self.lay("@[<hov2>");
                self.enclosed(args, ["(", ",", ")"], |p, arg| p.core_type(arg));
                self.text("#");
                self.type_longident(lid);
                self.lay("@]");
            }
            CoreTypeDesc::Package(package) => {
                self.lay("@[<hov2>(module@ ");
                self.package_type(package);
                self.lay(")@]");
            }
            CoreTypeDesc::Open(lid, ty) => {
                self.lay("@[<hov2>");
                self.longident(lid);
                self.text(".(");
                self.core_type(ty);
                self.lay(")@]");
            }
            CoreTypeDesc::Extension(extension) => self.extension(extension),
            CoreTypeDesc::Arrow(..) | CoreTypeDesc::Alias(..) | CoreTypeDesc::Poly(..) => {
                self.parenthesised(|p| p.core_type_bare(ty));
            }
        }
    }

    fn variant_type(&mut self, fields: &[RowField], closed: ClosedFlag, present: Option<&[Name]>) {
        self.lay("@[<2>[");
        match (fields, closed) {
            ([], ClosedFlag::Closed) => {}
            ([], ClosedFlag::Open) => self.text(">"),
            ([first, ..], _) => {
                let inherits = matches!(first.desc, RowFieldDesc::Inherit(_));
                self.text(match (closed, present) {
                    (ClosedFlag::Closed, None) if inherits => " |",
                    (ClosedFlag::Closed, None) => "",
                    (ClosedFlag::Closed, Some(_)) => "<",
                    (ClosedFlag::Open, _) => ">",
                });
                self.lay("@;");
                self.list(fields, "@;<1 -2>| ", |p, field| p.row_field(field));
            }
        }
        if let Some(tags @ [_, ..]) = present {
            self.lay(">@ ");
            self.list(tags, "@ ", |p, tag| p.tag(*tag));
        }
        self.lay("]@]");
    }

    pub(super) fn tag(&mut self, tag: Name) {
        self.text("`");
        self.name(tag);
    }

    fn row_field(&mut self, field: &RowField) {
        match &field.desc {
            RowFieldDesc::Tag(tag, _, types) => {
                self.lay("@[<2>");
                self.tag(tag.txt);
                if !types.is_empty() {
                    self.lay("@;of@;");
                    self.list(types, "&", |p, ty| p.core_type(ty));
                }
                self.lay("@;");
                self.attributes(&field.attributes);
                self.lay("@]");
            }
            RowFieldDesc::Inherit(ty) => self.core_type(ty),
        }
    }

    fn object_type(&mut self, fields: &[ObjectField], closed: ClosedFlag) {
        self.lay("@[<hov2><@ ");
        self.list(fields, ";", |p, field| {
            p.lay("@[<hov2>");
            match &field.desc {
                ObjectFieldDesc::Tag(label, ty) => {
                    p.name(label.txt);
                    p.text(": ");
                    p.core_type(ty);
                    p.lay("@ ");
                    p.attributes(&field.attributes);
                }
                ObjectFieldDesc::Inherit(ty) => p.core_type(ty),
            }
            p.lay("@ @]");
        });
        if closed == ClosedFlag::Open {
            self.text(if fields.is_empty() { ".." } else { " ;.." });
        }
        self.lay("@ > @]");
    }

    pub(super) fn package_type(&mut self, package: &PackageType) {
        self.type_longident(&package.path);
        if !package.cstrs.is_empty() {
            self.lay("@ with@ ");
            self.list(&package.cstrs, "@ and@ ", |p, (lid, ty)| {
                p.text("type ");
                p.type_longident(lid);
                p.lay("@ =@ ");
                p.core_type(ty);
            });
        }
    }

    // -- Flags ------------------------------------------------------------------------------------

    pub(super) fn mutable_flag(&mut self, flag: MutableFlag) {
        if flag == MutableFlag::Mutable {
            self.lay("mutable@;");
        }
    }

    pub(super) fn virtual_flag(&mut self, flag: VirtualFlag) {
        if flag == VirtualFlag::Virtual {
            self.lay("virtual@;");
        }
    }

    pub(super) fn private_flag(&mut self, flag: PrivateFlag) {
        if flag == PrivateFlag::Private {
            self.lay("private@ ");
        }
    }

    // -- Declarations -----------------------------------------------------------------------------

    /// The type of a value and what implements it; its attributes are its caller's.
    pub(super) fn value_description(&mut self, d: &ValueDescription) {
        self.lay("@[<hov2>");
        self.core_type(&d.type_);
        if !d.prim.is_empty() {
            self.lay("@ =@ ");
            self.list(&d.prim, "@ ", |p, name| p.text(&string_literal(name.as_bytes())));
        }
        self.lay("@]");
    }

    pub(super) fn type_param(&mut self, (ty, (variance, injectivity)): &TypeParam) {
        self.text(match variance {
            Variance::NoVariance => "",
            Variance::Covariant => "+",
            Variance::Contravariant => "-",
            Variance::Bivariant => "+-",
        });
        self.text(if *injectivity == Injectivity::Injective { "!" } else { "" });
        self.core_type(ty);
    }

    pub(super) fn type_params(&mut self, params: &[TypeParam]) {
        if !params.is_empty() {
            self.enclosed(params, ["(", ",@;", ")"], |p, param| p.type_param(param));
            self.text(" ");
        }
    }

    /// `type … and …`; `defines` tells `=` from `:=`.
    pub(super) fn type_declarations(&mut self, rec: RecFlag, defines: bool, decls: &[TypeDeclaration]) {
        self.joined("type", decls, |p, keyword, d| {
            p.lay("@[<2>");
            p.text(keyword);
            p.text(if keyword == "type" && rec == RecFlag::Nonrecursive { " nonrec " } else { " " });
            p.type_params(&d.params);
            p.name(d.name.txt);
            if d.kind != TypeKind::Abstract || d.manifest.is_some() {
                p.text(if defines { " =" } else { " :=" });
            }
            p.type_declaration(d);
            p.lay("@]");
            p.item_attributes(&d.attributes);
        });
    }

    /// Definitions that are joined by `and`, one a line.
    pub(super) fn joined<T>(&mut self, keyword: &str, items: &[T], mut print: impl FnMut(&mut Self, &str, &T)) {
        match items {
            [item] => print(self, keyword, item),
            [first, rest @ ..] => {
                self.lay("@[<v>");
                print(self, keyword, first);
                self.lay("@,");
                self.list(rest, "@,", |p, item| print(p, "and", item));
                self.lay("@]");
            }
            [] => {}
        }
    }

    /// What stands after the name of a type and its `=`.
    pub(super) fn type_declaration(&mut self, d: &TypeDeclaration) {
        let private = if d.private == PrivateFlag::Private { "@;private" } else { "" };
        if let Some(manifest) = &d.manifest {
            if d.kind == TypeKind::Abstract {
                self.lay(private);
            }
            self.lay("@;");
            self.core_type(manifest);
        }
        if d.kind != TypeKind::Abstract {
            if d.manifest.is_some() {
                self.lay("@;=");
            }
            self.lay(private);
        }
        match &d.kind {
            TypeKind::Abstract => {}
            TypeKind::Variant(constructors) if constructors.is_empty() => self.text(" |"),
            TypeKind::Variant(constructors) => {
                self.lay("@\n");
                self.list(constructors, "@\n", |p, c| {
                    p.lay("|@;");
                    p.constructor(c.name.txt, &c.vars, &c.args, c.res.as_ref(), &c.attributes);
                });
            }
            TypeKind::Record(labels) => {
                self.lay("@;");
                self.labels(labels);
            }
            TypeKind::Open => self.lay("@;.."),
        }
        for (left, right, _) in &d.cstrs {
            self.lay("@[<hov2>@ constraint@ ");
            self.core_type(left);
            self.lay("@ =@ ");
            self.core_type(right);
            self.lay("@]");
        }
    }

    fn labels(&mut self, labels: &[LabelDeclaration]) {
        self.lay("{@\n");
        self.list(labels, ";@\n", |p, label| {
            p.lay("@[<2>");
            p.mutable_flag(label.mutable);
            p.name(label.name.txt);
            p.lay(":@;");
            p.core_type(&label.type_);
            p.lay("@;");
            p.attributes(&label.attributes);
            p.lay("@]");
        });
        self.text("}");
    }

    fn constructor(
        &mut self,
        name: Name,
        vars: &[Loc<Name>],
        args: &ConstructorArguments,
        res: Option<&CoreType>,
        attributes: &Attributes,
    ) {
        self.text(if name == "::" { "(::)" } else { name.as_str() });
        if res.is_some() {
            self.lay(":@;");
            self.quantified(vars);
        }
        let is_constant = matches!(args, ConstructorArguments::Tuple(types) if types.is_empty());
        if res.is_none() && !is_constant {
            self.lay("@;of@;");
        }
        match args {
            ConstructorArguments::Tuple(types) => self.list(types, "@;*@;", |p, ty| p.simple_type(ty)),
            ConstructorArguments::Record(labels) => self.labels(labels),
        }
        if let Some(res) = res {
            if !is_constant {
                self.lay("@;->@;");
            }
            self.simple_type(res);
        }
        self.lay("@;");
        self.attributes(attributes);
    }

    pub(super) fn type_extension(&mut self, e: &TypeExtension) {
        self.lay("@[<2>type ");
        if !e.params.is_empty() {
            self.enclosed(&e.params, ["(", ",", ")"], |p, param| p.type_param(param));
            self.lay("@;");
        }
        self.type_longident(&e.path);
        self.text(" += ");
        self.private_flag(e.private);
        self.lay("@ ");
        self.list(&e.constructors, "", |p, constructor| {
            p.lay("@\n|@;");
            p.extension_constructor(constructor);
        });
        self.lay("@]");
        self.item_attributes(&e.attributes);
    }

    pub(super) fn extension_constructor(&mut self, c: &ExtensionConstructor) {
        match &c.kind {
            ExtensionConstructorKind::Decl(vars, args, res) => {
                self.constructor(c.name.txt, vars, args, res.as_ref(), &c.attributes);
            }
            ExtensionConstructorKind::Rebind(lid) => {
                self.text(&c.name.txt);
                self.lay("@;=@;");
                self.longident_of(NameKind::Constructor, &lid.txt);
                self.attributes(&c.attributes);
            }
        }
    }

    pub(super) fn exception(&mut self, e: &TypeException) {
        self.lay("@[<hov2>exception@ ");
        self.extension_constructor(&e.constructor);
        self.lay("@]");
        self.item_attributes(&e.attributes);
    }
}
