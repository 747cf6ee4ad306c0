//! Walking over parse trees: upstream's `Ast_iterator`.
//!
//! [`Visitor`] has a method for each kind of node; its default goes on to the children through the
//! `walk_…` function of the same name. Override what matters, and call the `walk_…` function where
//! the children matter too.

use rocaml_base::Loc;

use crate::ast::*;
use crate::longident::Longident;

macro_rules! visitor {
    ($($method:ident $walk:ident($node:ident: $type:ty) |$v:ident| $body:block)*) => {
        /// What is done at each kind of node.
        #[allow(missing_docs)]
        pub trait Visitor {
            /// A path, wherever it stands.
            fn visit_longident(&mut self, _path: &Loc<Longident>) {}
            $(fn $method(&mut self, $node: &$type) { $walk(self, $node); })*
        }
        $(
            #[doc = concat!("Visits the children of a node; see [`Visitor::", stringify!($method), "`].")]
            pub fn $walk<V: Visitor + ?Sized>($v: &mut V, $node: &$type) $body
        )*
    };
}

macro_rules! each {
    ($v:ident.$method:ident in $items:expr) => {
        for item in ($items).into_iter() {
            $v.$method(item);
        }
    };
}

visitor! {
    visit_attribute walk_attribute(a: Attribute) |v| { v.visit_payload(&a.payload); }
    visit_extension walk_extension(e: Extension) |v| { v.visit_payload(&e.payload); }
    visit_payload walk_payload(p: Payload) |v| {
        match p {
            Payload::Str(items) => each!(v.visit_structure_item in items),
            Payload::Sig(items) => each!(v.visit_signature_item in items),
            Payload::Typ(typ) => v.visit_core_type(typ),
            Payload::Pat(pattern, guard) => {
                v.visit_pattern(pattern);
                each!(v.visit_expression in guard);
            }
        }
    }
    visit_core_type walk_core_type(t: CoreType) |v| {
        match &t.desc {
            CoreTypeDesc::Any | CoreTypeDesc::Var(_) => {}
            CoreTypeDesc::Arrow(_, domain, codomain) => {
                v.visit_core_type(domain);
                v.visit_core_type(codomain);
            }
            CoreTypeDesc::Tuple(components) => each!(v.visit_core_type in components.iter().map(|(_, t)| t)),
            CoreTypeDesc::Constr(path, arguments) | CoreTypeDesc::Class(path, arguments) => {
                v.visit_longident(path);
                each!(v.visit_core_type in arguments);
            }
            CoreTypeDesc::Object(fields, _) => each!(v.visit_object_field in fields),
            CoreTypeDesc::Alias(typ, _) | CoreTypeDesc::Poly(_, typ) => v.visit_core_type(typ),
            CoreTypeDesc::Variant(fields, _, _) => each!(v.visit_row_field in fields),
            CoreTypeDesc::Package(package) => v.visit_package_type(package),
            CoreTypeDesc::Open(path, typ) => {
                v.visit_longident(path);
                v.visit_core_type(typ);
            }
            CoreTypeDesc::Extension(extension) => v.visit_extension(extension),
        }
        each!(v.visit_attribute in &t.attributes);
    }
    visit_package_type walk_package_type(p: PackageType) |v| {
        v.visit_longident(&p.path);
        for (path, typ) in &p.cstrs {
            v.visit_longident(path);
            v.visit_core_type(typ);
        }
        each!(v.visit_attribute in &p.attrs);
    }
    visit_object_field walk_object_field(f: ObjectField) |v| {
        match &f.desc {
            ObjectFieldDesc::Tag(_, typ) | ObjectFieldDesc::Inherit(typ) => v.visit_core_type(typ),
        }
        each!(v.visit_attribute in &f.attributes);
    }
    visit_row_field walk_row_field(f: RowField) |v| {
        match &f.desc {
            RowFieldDesc::Tag(_, _, types) => each!(v.visit_core_type in types),
            RowFieldDesc::Inherit(typ) => v.visit_core_type(typ),
        }
        each!(v.visit_attribute in &f.attributes);
    }
    visit_pattern walk_pattern(p: Pattern) |v| {
        match &p.desc {
            PatternDesc::Any
            | PatternDesc::Var(_)
            | PatternDesc::Constant(_)
            | PatternDesc::Interval(..)
            | PatternDesc::Unpack(_) => {}
            PatternDesc::Alias(p, _) | PatternDesc::Lazy(p) | PatternDesc::Exception(p) => v.visit_pattern(p),
            PatternDesc::Tuple(components, _) => each!(v.visit_pattern in components.iter().map(|(_, p)| p)),
            PatternDesc::Construct(path, argument) => {
                v.visit_longident(path);
                each!(v.visit_pattern in argument.iter().map(|(_, p)| p));
            }
            PatternDesc::Variant(_, argument) => each!(v.visit_pattern in argument),
            PatternDesc::Record(fields, _) => {
                for (path, p) in fields {
                    v.visit_longident(path);
                    v.visit_pattern(p);
                }
            }
            PatternDesc::Array(elements) => each!(v.visit_pattern in elements),
            PatternDesc::Or(left, right) | PatternDesc::Effect(left, right) => {
                v.visit_pattern(left);
                v.visit_pattern(right);
            }
            PatternDesc::Constraint(p, typ) => {
                v.visit_pattern(p);
                v.visit_core_type(typ);
            }
            PatternDesc::Type(path) => v.visit_longident(path),
            PatternDesc::Extension(extension) => v.visit_extension(extension),
            PatternDesc::Open(path, p) => {
                v.visit_longident(path);
                v.visit_pattern(p);
            }
        }
        each!(v.visit_attribute in &p.attributes);
    }
    visit_expression walk_expression(e: Expression) |v| {
        walk_expression_desc(v, &e.desc);
        each!(v.visit_attribute in &e.attributes);
    }
    visit_case walk_case(c: Case) |v| {
        v.visit_pattern(&c.lhs);
        each!(v.visit_expression in &c.guard);
        v.visit_expression(&c.rhs);
    }
    visit_binding_op walk_binding_op(b: BindingOp) |v| {
        v.visit_pattern(&b.pat);
        v.visit_expression(&b.exp);
    }
    visit_function_param walk_function_param(p: FunctionParam) |v| {
        if let FunctionParamDesc::Val(_, default, pattern) = &p.desc {
            each!(v.visit_expression in default);
            v.visit_pattern(pattern);
        }
    }
    visit_function_body walk_function_body(b: FunctionBody) |v| {
        match b {
            FunctionBody::Body(e) => v.visit_expression(e),
            FunctionBody::Cases(cases, _, attributes) => {
                each!(v.visit_case in cases);
                each!(v.visit_attribute in attributes);
            }
        }
    }
    visit_type_constraint walk_type_constraint(c: TypeConstraint) |v| {
        match c {
            TypeConstraint::Constraint(typ) => v.visit_core_type(typ),
            TypeConstraint::Coerce(from, to) => {
                each!(v.visit_core_type in from);
                v.visit_core_type(to);
            }
        }
    }
    visit_value_binding walk_value_binding(b: ValueBinding) |v| {
        v.visit_pattern(&b.pat);
        match &b.constraint {
            None => {}
            Some(ValueConstraint::Constraint { typ, .. }) => v.visit_core_type(typ),
            Some(ValueConstraint::Coercion { ground, coercion }) => {
                each!(v.visit_core_type in ground);
                v.visit_core_type(coercion);
            }
        }
        v.visit_expression(&b.expr);
        each!(v.visit_attribute in &b.attributes);
    }
    visit_value_description walk_value_description(d: ValueDescription) |v| {
        v.visit_core_type(&d.type_);
        each!(v.visit_attribute in &d.attributes);
    }
    visit_type_declaration walk_type_declaration(d: TypeDeclaration) |v| {
        each!(v.visit_core_type in d.params.iter().map(|(t, _)| t));
        for (left, right, _) in &d.cstrs {
            v.visit_core_type(left);
            v.visit_core_type(right);
        }
        match &d.kind {
            TypeKind::Abstract | TypeKind::Open => {}
            TypeKind::Variant(constructors) => each!(v.visit_constructor_declaration in constructors),
            TypeKind::Record(labels) => each!(v.visit_label_declaration in labels),
        }
        each!(v.visit_core_type in &d.manifest);
        each!(v.visit_attribute in &d.attributes);
    }
    visit_label_declaration walk_label_declaration(l: LabelDeclaration) |v| {
        v.visit_core_type(&l.type_);
        each!(v.visit_attribute in &l.attributes);
    }
    visit_constructor_declaration walk_constructor_declaration(c: ConstructorDeclaration) |v| {
        v.visit_constructor_arguments(&c.args);
        each!(v.visit_core_type in &c.res);
        each!(v.visit_attribute in &c.attributes);
    }
    visit_constructor_arguments walk_constructor_arguments(a: ConstructorArguments) |v| {
        match a {
            ConstructorArguments::Tuple(types) => each!(v.visit_core_type in types),
            ConstructorArguments::Record(labels) => each!(v.visit_label_declaration in labels),
        }
    }
    visit_type_extension walk_type_extension(e: TypeExtension) |v| {
        v.visit_longident(&e.path);
        each!(v.visit_core_type in e.params.iter().map(|(t, _)| t));
        each!(v.visit_extension_constructor in &e.constructors);
        each!(v.visit_attribute in &e.attributes);
    }
    visit_extension_constructor walk_extension_constructor(c: ExtensionConstructor) |v| {
        match &c.kind {
            ExtensionConstructorKind::Decl(_, arguments, result) => {
                v.visit_constructor_arguments(arguments);
                each!(v.visit_core_type in result);
            }
            ExtensionConstructorKind::Rebind(path) => v.visit_longident(path),
        }
        each!(v.visit_attribute in &c.attributes);
    }
    visit_type_exception walk_type_exception(e: TypeException) |v| {
        v.visit_extension_constructor(&e.constructor);
        each!(v.visit_attribute in &e.attributes);
    }
    visit_class_type walk_class_type(t: ClassType) |v| {
        match &t.desc {
            ClassTypeDesc::Constr(path, arguments) => {
                v.visit_longident(path);
                each!(v.visit_core_type in arguments);
            }
            ClassTypeDesc::Signature(signature) => {
                v.visit_core_type(&signature.self_);
                each!(v.visit_class_type_field in &signature.fields);
            }
            ClassTypeDesc::Arrow(_, domain, codomain) => {
                v.visit_core_type(domain);
                v.visit_class_type(codomain);
            }
            ClassTypeDesc::Extension(extension) => v.visit_extension(extension),
            ClassTypeDesc::Open(open, typ) => {
                v.visit_open_description(open);
                v.visit_class_type(typ);
            }
        }
        each!(v.visit_attribute in &t.attributes);
    }
    visit_class_type_field walk_class_type_field(f: ClassTypeField) |v| {
        match &f.desc {
            ClassTypeFieldDesc::Inherit(typ) => v.visit_class_type(typ),
            ClassTypeFieldDesc::Val(_, _, _, typ) | ClassTypeFieldDesc::Method(_, _, _, typ) => v.visit_core_type(typ),
            ClassTypeFieldDesc::Constraint(left, right) => {
                v.visit_core_type(left);
                v.visit_core_type(right);
            }
            ClassTypeFieldDesc::Attribute(attribute) => v.visit_attribute(attribute),
            ClassTypeFieldDesc::Extension(extension) => v.visit_extension(extension),
        }
        each!(v.visit_attribute in &f.attributes);
    }
    visit_class_description walk_class_description(c: ClassDescription) |v| {
        each!(v.visit_core_type in c.params.iter().map(|(t, _)| t));
        v.visit_class_type(&c.expr);
        each!(v.visit_attribute in &c.attributes);
    }
    visit_class_declaration walk_class_declaration(c: ClassDeclaration) |v| {
        each!(v.visit_core_type in c.params.iter().map(|(t, _)| t));
        v.visit_class_expr(&c.expr);
        each!(v.visit_attribute in &c.attributes);
    }
    visit_class_expr walk_class_expr(c: ClassExpr) |v| {
        match &c.desc {
            ClassExprDesc::Constr(path, arguments) => {
                v.visit_longident(path);
                each!(v.visit_core_type in arguments);
            }
            ClassExprDesc::Structure(structure) => v.visit_class_structure(structure),
            ClassExprDesc::Fun(_, default, pattern, body) => {
                each!(v.visit_expression in default);
                v.visit_pattern(pattern);
                v.visit_class_expr(body);
            }
            ClassExprDesc::Apply(class, arguments) => {
                v.visit_class_expr(class);
                each!(v.visit_expression in arguments.iter().map(|(_, e)| e));
            }
            ClassExprDesc::Let(_, bindings, body) => {
                each!(v.visit_value_binding in bindings);
                v.visit_class_expr(body);
            }
            ClassExprDesc::Constraint(class, typ) => {
                v.visit_class_expr(class);
                v.visit_class_type(typ);
            }
            ClassExprDesc::Extension(extension) => v.visit_extension(extension),
            ClassExprDesc::Open(open, class) => {
                v.visit_open_description(open);
                v.visit_class_expr(class);
            }
        }
        each!(v.visit_attribute in &c.attributes);
    }
    visit_class_structure walk_class_structure(s: ClassStructure) |v| {
        v.visit_pattern(&s.self_);
        each!(v.visit_class_field in &s.fields);
    }
    visit_class_field walk_class_field(f: ClassField) |v| {
        match &f.desc {
            ClassFieldDesc::Inherit(_, class, _) => v.visit_class_expr(class),
            ClassFieldDesc::Val(_, _, kind) | ClassFieldDesc::Method(_, _, kind) => match kind {
                ClassFieldKind::Virtual(typ) => v.visit_core_type(typ),
                ClassFieldKind::Concrete(_, e) => v.visit_expression(e),
            },
            ClassFieldDesc::Constraint(left, right) => {
                v.visit_core_type(left);
                v.visit_core_type(right);
            }
            ClassFieldDesc::Initializer(e) => v.visit_expression(e),
            ClassFieldDesc::Attribute(attribute) => v.visit_attribute(attribute),
            ClassFieldDesc::Extension(extension) => v.visit_extension(extension),
        }
        each!(v.visit_attribute in &f.attributes);
    }
    visit_module_type walk_module_type(t: ModuleType) |v| {
        match &t.desc {
            ModuleTypeDesc::Ident(path) | ModuleTypeDesc::Alias(path) => v.visit_longident(path),
            ModuleTypeDesc::Signature(items) => each!(v.visit_signature_item in items),
            ModuleTypeDesc::Functor(parameter, body) => {
                v.visit_functor_parameter(parameter);
                v.visit_module_type(body);
            }
            ModuleTypeDesc::With(typ, constraints) => {
                v.visit_module_type(typ);
                each!(v.visit_with_constraint in constraints);
            }
            ModuleTypeDesc::TypeOf(module) => v.visit_module_expr(module),
            ModuleTypeDesc::Extension(extension) => v.visit_extension(extension),
        }
        each!(v.visit_attribute in &t.attributes);
    }
    visit_functor_parameter walk_functor_parameter(p: FunctorParameter) |v| {
        if let FunctorParameter::Named(_, typ) = p {
            v.visit_module_type(typ);
        }
    }
    visit_with_constraint walk_with_constraint(c: WithConstraint) |v| {
        match c {
            WithConstraint::Type(path, declaration) | WithConstraint::TypeSubst(path, declaration) => {
                v.visit_longident(path);
                v.visit_type_declaration(declaration);
            }
            WithConstraint::Module(left, right) | WithConstraint::ModSubst(left, right) => {
                v.visit_longident(left);
                v.visit_longident(right);
            }
            WithConstraint::ModType(path, typ) | WithConstraint::ModTypeSubst(path, typ) => {
                v.visit_longident(path);
                v.visit_module_type(typ);
            }
        }
    }
    visit_signature_item walk_signature_item(i: SignatureItem) |v| {
        match &i.desc {
            SignatureItemDesc::Value(value) => v.visit_value_description(value),
            SignatureItemDesc::Type(_, types) | SignatureItemDesc::TypeSubst(types) => {
                each!(v.visit_type_declaration in types);
            }
            SignatureItemDesc::TypExt(extension) => v.visit_type_extension(extension),
            SignatureItemDesc::Exception(exception) => v.visit_type_exception(exception),
            SignatureItemDesc::Module(module) => v.visit_module_declaration(module),
            SignatureItemDesc::ModSubst(subst) => {
                v.visit_longident(&subst.manifest);
                each!(v.visit_attribute in &subst.attributes);
            }
            SignatureItemDesc::RecModule(modules) => each!(v.visit_module_declaration in modules),
            SignatureItemDesc::ModType(declaration) | SignatureItemDesc::ModTypeSubst(declaration) => {
                v.visit_module_type_declaration(declaration);
            }
            SignatureItemDesc::Open(open) => v.visit_open_description(open),
            SignatureItemDesc::Include(include) => {
                v.visit_module_type(&include.mod_);
                each!(v.visit_attribute in &include.attributes);
            }
            SignatureItemDesc::Class(classes) | SignatureItemDesc::ClassType(classes) => {
                each!(v.visit_class_description in classes);
            }
            SignatureItemDesc::Attribute(attribute) => v.visit_attribute(attribute),
            SignatureItemDesc::Extension(extension, attributes) => {
                v.visit_extension(extension);
                each!(v.visit_attribute in attributes);
            }
        }
    }
    visit_module_declaration walk_module_declaration(d: ModuleDeclaration) |v| {
        v.visit_module_type(&d.type_);
        each!(v.visit_attribute in &d.attributes);
    }
    visit_module_type_declaration walk_module_type_declaration(d: ModuleTypeDeclaration) |v| {
        each!(v.visit_module_type in &d.type_);
        each!(v.visit_attribute in &d.attributes);
    }
    visit_open_description walk_open_description(o: OpenDescription) |v| {
        v.visit_longident(&o.expr);
        each!(v.visit_attribute in &o.attributes);
    }
    visit_open_declaration walk_open_declaration(o: OpenDeclaration) |v| {
        v.visit_module_expr(&o.expr);
        each!(v.visit_attribute in &o.attributes);
    }
    visit_module_expr walk_module_expr(m: ModuleExpr) |v| {
        match &m.desc {
            ModuleExprDesc::Ident(path) => v.visit_longident(path),
            ModuleExprDesc::Structure(items) => each!(v.visit_structure_item in items),
            ModuleExprDesc::Functor(parameter, body) => {
                v.visit_functor_parameter(parameter);
                v.visit_module_expr(body);
            }
            ModuleExprDesc::Apply(functor, argument) => {
                v.visit_module_expr(functor);
                v.visit_module_expr(argument);
            }
            ModuleExprDesc::ApplyUnit(functor) => v.visit_module_expr(functor),
            ModuleExprDesc::Constraint(module, typ) => {
                v.visit_module_expr(module);
                v.visit_module_type(typ);
            }
            ModuleExprDesc::Unpack(e) => v.visit_expression(e),
            ModuleExprDesc::Extension(extension) => v.visit_extension(extension),
        }
        each!(v.visit_attribute in &m.attributes);
    }
    visit_module_binding walk_module_binding(b: ModuleBinding) |v| {
        v.visit_module_expr(&b.expr);
        each!(v.visit_attribute in &b.attributes);
    }
    visit_structure_item walk_structure_item(i: StructureItem) |v| {
        match &i.desc {
            StructureItemDesc::Eval(e, attributes) => {
                v.visit_expression(e);
                each!(v.visit_attribute in attributes);
            }
            StructureItemDesc::Value(_, bindings) => each!(v.visit_value_binding in bindings),
            StructureItemDesc::Primitive(value) => v.visit_value_description(value),
            StructureItemDesc::Type(_, types) => each!(v.visit_type_declaration in types),
            StructureItemDesc::TypExt(extension) => v.visit_type_extension(extension),
            StructureItemDesc::Exception(exception) => v.visit_type_exception(exception),
            StructureItemDesc::Module(binding) => v.visit_module_binding(binding),
            StructureItemDesc::RecModule(bindings) => each!(v.visit_module_binding in bindings),
            StructureItemDesc::ModType(declaration) => v.visit_module_type_declaration(declaration),
            StructureItemDesc::Open(open) => v.visit_open_declaration(open),
            StructureItemDesc::Class(classes) => each!(v.visit_class_declaration in classes),
            StructureItemDesc::ClassType(types) => each!(v.visit_class_description in types),
            StructureItemDesc::Include(include) => {
                v.visit_module_expr(&include.mod_);
                each!(v.visit_attribute in &include.attributes);
            }
            StructureItemDesc::Attribute(attribute) => v.visit_attribute(attribute),
            StructureItemDesc::Extension(extension, attributes) => {
                v.visit_extension(extension);
                each!(v.visit_attribute in attributes);
            }
        }
    }
}

fn walk_expression_desc<V: Visitor + ?Sized>(v: &mut V, desc: &ExpressionDesc) {
    match desc {
        ExpressionDesc::Constant(_) | ExpressionDesc::Unreachable => {}
        ExpressionDesc::Ident(path) | ExpressionDesc::New(path) => v.visit_longident(path),
        ExpressionDesc::Let(_, bindings, body) => {
            each!(v.visit_value_binding in bindings);
            v.visit_expression(body);
        }
        ExpressionDesc::Function(params, constraint, body) => {
            each!(v.visit_function_param in params);
            each!(v.visit_type_constraint in constraint);
            v.visit_function_body(body);
        }
        ExpressionDesc::Apply(function, arguments) => {
            v.visit_expression(function);
            each!(v.visit_expression in arguments.iter().map(|(_, e)| e));
        }
        ExpressionDesc::Match(e, cases) | ExpressionDesc::Try(e, cases) => {
            v.visit_expression(e);
            each!(v.visit_case in cases);
        }
        ExpressionDesc::Tuple(components) => each!(v.visit_expression in components.iter().map(|(_, e)| e)),
        ExpressionDesc::Construct(path, argument) => {
            v.visit_longident(path);
            each!(v.visit_expression in argument);
        }
        ExpressionDesc::Variant(_, argument) => each!(v.visit_expression in argument),
        ExpressionDesc::Record(fields, base) => {
            for (path, e) in fields {
                v.visit_longident(path);
                v.visit_expression(e);
            }
            each!(v.visit_expression in base);
        }
        ExpressionDesc::Field(e, path) => {
            v.visit_expression(e);
            v.visit_longident(path);
        }
        ExpressionDesc::SetField(e, path, value) => {
            v.visit_expression(e);
            v.visit_longident(path);
            v.visit_expression(value);
        }
        ExpressionDesc::Array(elements) => each!(v.visit_expression in elements),
        ExpressionDesc::IfThenElse(condition, yes, no) => {
            v.visit_expression(condition);
            v.visit_expression(yes);
            each!(v.visit_expression in no);
        }
        ExpressionDesc::Sequence(first, second) | ExpressionDesc::While(first, second) => {
            v.visit_expression(first);
            v.visit_expression(second);
        }
        ExpressionDesc::For(pattern, from, to, _, body) => {
            v.visit_pattern(pattern);
            each!(v.visit_expression in [from, to, body]);
        }
        ExpressionDesc::Constraint(e, typ) => {
            v.visit_expression(e);
            v.visit_core_type(typ);
        }
        ExpressionDesc::Coerce(e, from, to) => {
            v.visit_expression(e);
            each!(v.visit_core_type in from);
            v.visit_core_type(to);
        }
        ExpressionDesc::Send(e, _)
        | ExpressionDesc::SetInstVar(_, e)
        | ExpressionDesc::Assert(e)
        | ExpressionDesc::Lazy(e)
        | ExpressionDesc::NewType(_, e) => v.visit_expression(e),
        ExpressionDesc::Override(fields) => each!(v.visit_expression in fields.iter().map(|(_, e)| e)),
        ExpressionDesc::LetModule(_, module, body) => {
            v.visit_module_expr(module);
            v.visit_expression(body);
        }
        ExpressionDesc::LetException(constructor, body) => {
            v.visit_extension_constructor(constructor);
            v.visit_expression(body);
        }
        ExpressionDesc::Poly(e, typ) => {
            v.visit_expression(e);
            each!(v.visit_core_type in typ);
        }
        ExpressionDesc::Object(structure) => v.visit_class_structure(structure),
        ExpressionDesc::Pack(module, package) => {
            v.visit_module_expr(module);
            each!(v.visit_package_type in package);
        }
        ExpressionDesc::Open(open, e) => {
            v.visit_open_declaration(open);
            v.visit_expression(e);
        }
        ExpressionDesc::LetOp(letop) => {
            v.visit_binding_op(&letop.let_);
            each!(v.visit_binding_op in &letop.ands);
            v.visit_expression(&letop.body);
        }
        ExpressionDesc::Extension(extension) => v.visit_extension(extension),
    }
}
