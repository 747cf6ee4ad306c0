//! Traversal of whole typed trees, types as written included, in upstream's order (`Tast_iterator`).
//!
//! Every method is called before the parts of its node are visited.

use rocaml_base::Location;
use rocaml_syntax::ast::Attributes;
use rocaml_typing::saved_types::BinaryPart;
use rocaml_typing::typedtree::*;

#[expect(unused_variables, reason = "by default nothing is done")]
pub trait Visitor {
    fn expr(&mut self, e: &Expression) {}
    fn pat(&mut self, p: &Pattern) {}
    fn typ(&mut self, ty: &CoreType) {}
    fn binding_op(&mut self, op: &BindingOp) {}
    fn class_expr(&mut self, class: &ClassExpr) {}
    fn class_type(&mut self, class: &ClassType) {}
    fn module_expr(&mut self, module: &ModuleExpr) {}
    fn leave_module_expr(&mut self) {}
    fn module_type(&mut self, ty: &ModuleType) {}
    fn open_declaration(&mut self, open: &OpenDeclaration) {}
    fn open_description(&mut self, open: &OpenDescription) {}
    fn extension_constructor(&mut self, c: &ExtensionConstructor) {}
    fn signature_item(&mut self, item: &SignatureItem) {}
    /// An item of a structure, and the one after it.
    fn structure_item(&mut self, item: &StructureItem, next: Option<&StructureItem>) {}
    fn leave_structure_item(&mut self, item: &StructureItem) {}
}

/// A visitor on its way.
pub struct Walk<'a>(pub &'a mut dyn Visitor);

impl Walk<'_> {
    pub fn part(&mut self, part: &BinaryPart) {
        match part {
            BinaryPart::Structure(structure) => self.structure(structure),
            BinaryPart::StructureItem(item) => self.structure_item(item, None),
            BinaryPart::Expression(e) => self.expr(e),
            BinaryPart::Pattern(p) => self.pat(p),
            BinaryPart::ClassExpr(class) => self.class_expr(class),
            BinaryPart::Signature(signature) => self.signature(signature),
            BinaryPart::SignatureItem(item) => self.signature_item(item),
            BinaryPart::ModuleType(ty) => self.module_type(ty),
        }
    }

    pub fn structure(&mut self, structure: &Structure) {
        let mut items = structure.items.iter().peekable();
        while let Some(item) = items.next() {
            self.structure_item(item, items.peek().copied());
        }
    }

    fn structure_item(&mut self, item: &StructureItem, next: Option<&StructureItem>) {
        use StructureItemDesc as S;
        self.0.structure_item(item, next);
        match &item.desc {
            S::Eval(e, _) => self.expr(e),
            S::Value(_, bindings) => self.value_bindings(bindings),
            S::Primitive(d) => self.typ(&d.desc),
            S::Type(_, decls) => self.type_declarations(decls),
            S::Typext(extension) => self.type_extension(extension),
            S::Exception(exception) => self.extension_constructor(&exception.constructor),
            S::Module(binding) => self.module_expr(&binding.expr),
            S::RecModule(bindings) => bindings.iter().for_each(|binding| self.module_expr(&binding.expr)),
            S::Modtype(d) => self.module_type_declaration(d),
            S::Open(open) => self.open_declaration(open),
            S::Class(classes) => {
                for (class, _) in classes {
                    self.types(&class.params);
                    self.class_expr(&class.expr);
                }
            }
            S::ClassType(decls) => decls.iter().for_each(|(_, _, class)| self.class_type_declaration(class)),
            S::Include(include) => self.module_expr(&include.mod_),
            S::Attribute(_) => {}
        }
        self.0.leave_structure_item(item);
    }

    fn types(&mut self, types: &[CoreType]) {
        types.iter().for_each(|ty| self.typ(ty));
    }

    fn labels(&mut self, labels: &[LabelDeclaration]) {
        labels.iter().for_each(|label| self.typ(&label.type_));
    }

    fn constructor_args(&mut self, args: &ConstructorArguments) {
        match args {
            ConstructorArguments::Tuple(types) => self.types(types),
            ConstructorArguments::Record(labels) => self.labels(labels),
        }
    }

    fn type_declarations(&mut self, decls: &[TypeDeclaration]) {
        decls.iter().for_each(|d| self.type_declaration(d));
    }

    fn type_declaration(&mut self, d: &TypeDeclaration) {
        for (left, right, _) in &d.cstrs {
            self.typ(left);
            self.typ(right);
        }
        match &d.kind {
            TypeKind::Abstract | TypeKind::Open => {}
            TypeKind::Record(labels) => self.labels(labels),
            TypeKind::Variant(constructors) => {
                for c in constructors {
                    self.constructor_args(&c.args);
                    c.res.iter().for_each(|res| self.typ(res));
                }
            }
        }
        d.manifest.iter().for_each(|ty| self.typ(ty));
        self.types(&d.params);
    }

    fn type_extension(&mut self, extension: &TypeExtension) {
        self.types(&extension.params);
        extension.constructors.iter().for_each(|c| self.extension_constructor(c));
    }

    fn extension_constructor(&mut self, c: &ExtensionConstructor) {
        self.0.extension_constructor(c);
        if let ExtensionConstructorKind::Decl(_, args, res) = &c.kind {
            self.constructor_args(args);
            res.iter().for_each(|res| self.typ(res));
        }
    }

    fn pat(&mut self, p: &Pattern) {
        self.0.pat(p);
        for (extra, _, _) in &p.extra {
            if let PatternExtra::Constraint(ty) = extra {
                self.typ(ty);
            }
        }
        p.parts().into_iter().for_each(|part| self.pat(part));
        if let PatternDesc::Construct(_, _, _, Some((_, ty))) = &p.desc {
            self.typ(ty);
        }
    }

    fn extra(&mut self, extra: &ExpressionExtra) {
        match extra {
            ExpressionExtra::Constraint(ty) => self.typ(ty),
            ExpressionExtra::Coerce(from, to) => {
                from.iter().for_each(|ty| self.typ(ty));
                self.typ(to);
            }
            ExpressionExtra::Newtype(..) => {}
            ExpressionExtra::Poly(ty) => ty.iter().for_each(|ty| self.typ(ty)),
        }
    }

    fn exprs<'e>(&mut self, es: impl IntoIterator<Item = &'e Expression>) {
        es.into_iter().for_each(|e| self.expr(e));
    }

    fn cases(&mut self, cases: &[Case]) {
        cases.iter().for_each(|case| self.case(case));
    }

    fn case(&mut self, case: &Case) {
        self.pat(&case.lhs);
        self.exprs(&case.guard);
        self.expr(&case.rhs);
    }

    fn value_bindings(&mut self, bindings: &[ValueBinding]) {
        for binding in bindings {
            self.pat(&binding.pat);
            self.expr(&binding.expr);
        }
    }

    fn expr(&mut self, e: &Expression) {
        use ExpressionDesc as E;
        self.0.expr(e);
        let extras: &[(ExpressionExtra, Location, Attributes)] = &e.extra;
        extras.iter().for_each(|(extra, ..)| self.extra(extra));
        match &e.desc {
            E::Ident(..) | E::Constant(_) | E::New(..) | E::InstVar(..) | E::Unreachable => {}
            E::ExtensionConstructor(..) => {}
            E::Let(_, bindings, body) => {
                self.value_bindings(bindings);
                self.expr(body);
            }
            E::Function(params, body) => self.function(params, body),
            E::Apply(f, args) => {
                self.expr(f);
                self.exprs(args.iter().filter_map(|(_, arg)| arg.as_ref()));
            }
            E::Match(scrutinee, cases, effects, _) | E::Try(scrutinee, cases, effects) => {
                self.expr(scrutinee);
                self.cases(cases);
                self.cases(effects);
            }
            E::Tuple(parts) => self.exprs(parts.iter().map(|(_, part)| part)),
            E::Construct(_, _, parts) | E::Array(_, parts) => self.exprs(parts),
            E::Variant(_, arg) => self.exprs(arg.as_deref()),
            E::Record { fields, extended_expression, .. } => {
                for (_, definition) in fields {
                    if let RecordLabelDefinition::Overridden(_, value) = definition {
                        self.expr(value);
                    }
                }
                self.exprs(extended_expression.as_deref());
            }
            E::AtomicLoc(e, ..) | E::Field(e, ..) | E::Assert(e, _) | E::Lazy(e) | E::Send(e, _) => self.expr(e),
            E::SetInstVar(_, _, _, e) => self.expr(e),
            E::SetField(record, _, _, value) => self.exprs([&**record, &**value]),
            E::IfThenElse(condition, yes, no) => {
                self.exprs([&**condition, &**yes]);
                self.exprs(no.as_deref());
            }
            E::Sequence(first, second) | E::While(first, second) => self.exprs([&**first, &**second]),
            E::For(_, _, low, high, _, body) => self.exprs([&**low, &**high, &**body]),
            E::Override(_, fields) => self.exprs(fields.iter().map(|(_, _, value)| value)),
            E::LetModule(_, _, _, module, body) => {
                self.module_expr(module);
                self.expr(body);
            }
            E::LetException(c, body) => {
                self.extension_constructor(c);
                self.expr(body);
            }
            E::Object(structure, _) => self.class_structure(structure),
            E::Pack(module) => self.module_expr(module),
            E::LetOp { let_, ands, body, .. } => {
                self.binding_op(let_);
                ands.iter().for_each(|and| self.binding_op(and));
                self.case(body);
            }
            E::Open(open, body) => {
                self.open_declaration(open);
                self.expr(body);
            }
        }
    }

    fn function(&mut self, params: &[FunctionParam], body: &FunctionBody) {
        for param in params {
            match &param.kind {
                FunctionParamKind::Pat(p) => self.pat(p),
                FunctionParamKind::OptionalDefault(p, default) => {
                    self.pat(p);
                    self.expr(default);
                }
            }
        }
        match body {
            FunctionBody::Body(body) => self.expr(body),
            FunctionBody::Cases { cases, exp_extra, .. } => {
                self.cases(cases);
                exp_extra.iter().for_each(|extra| self.extra(extra));
            }
        }
    }

    fn binding_op(&mut self, op: &BindingOp) {
        self.0.binding_op(op);
        self.expr(&op.exp);
    }

    pub fn signature(&mut self, signature: &Signature) {
        signature.items.iter().for_each(|item| self.signature_item(item));
    }

    fn signature_item(&mut self, item: &SignatureItem) {
        use SignatureItemDesc as S;
        self.0.signature_item(item);
        match &item.desc {
            S::Value(d) => self.typ(&d.desc),
            S::Type(_, decls) | S::TypeSubst(decls) => self.type_declarations(decls),
            S::Typext(extension) => self.type_extension(extension),
            S::Exception(exception) => self.extension_constructor(&exception.constructor),
            S::Module(d) => self.module_type(&d.type_),
            S::RecModule(decls) => decls.iter().for_each(|d| self.module_type(&d.type_)),
            S::Modtype(d) | S::ModtypeSubst(d) => self.module_type_declaration(d),
            S::Open(open) => self.0.open_description(open),
            S::Include(include) => self.module_type(&include.mod_),
            S::Class(decls) | S::ClassType(decls) => decls.iter().for_each(|class| self.class_type_declaration(class)),
            S::ModSubst(_) | S::Attribute(_) => {}
        }
    }

    fn module_type_declaration(&mut self, d: &ModuleTypeDeclaration) {
        d.type_.iter().for_each(|ty| self.module_type(ty));
    }

    fn functor_parameter(&mut self, param: &FunctorParameter) {
        if let FunctorParameter::Named(_, _, ty) = param {
            self.module_type(ty);
        }
    }

    fn module_type(&mut self, ty: &ModuleType) {
        self.0.module_type(ty);
        match &ty.desc {
            ModuleTypeDesc::Ident(..) | ModuleTypeDesc::Alias(..) => {}
            ModuleTypeDesc::Signature(signature) => self.signature(signature),
            ModuleTypeDesc::Functor(param, res) => {
                self.functor_parameter(param);
                self.module_type(res);
            }
            ModuleTypeDesc::With(ty, constraints) => {
                self.module_type(ty);
                for (_, _, constraint) in constraints {
                    match constraint {
                        WithConstraint::Type(d) | WithConstraint::TypeSubst(d) => self.type_declaration(d),
                        WithConstraint::Module(..) | WithConstraint::ModSubst(..) => {}
                        WithConstraint::Modtype(ty) | WithConstraint::ModtypeSubst(ty) => self.module_type(ty),
                    }
                }
            }
            ModuleTypeDesc::TypeOf(module) => self.module_expr(module),
        }
    }

    fn open_declaration(&mut self, open: &OpenDeclaration) {
        self.0.open_declaration(open);
        self.module_expr(&open.expr);
    }

    fn module_expr(&mut self, module: &ModuleExpr) {
        self.0.module_expr(module);
        match &module.desc {
            ModuleExprDesc::Ident(..) => {}
            ModuleExprDesc::Structure(structure) => self.structure(structure),
            ModuleExprDesc::Functor(param, body) => {
                self.functor_parameter(param);
                self.module_expr(body);
            }
            ModuleExprDesc::Apply(f, arg, _) => {
                self.module_expr(f);
                self.module_expr(arg);
            }
            ModuleExprDesc::ApplyUnit(f) => self.module_expr(f),
            ModuleExprDesc::Constraint(inner, _, written, _) => {
                self.module_expr(inner);
                written.iter().for_each(|ty| self.module_type(ty));
            }
            ModuleExprDesc::Unpack(e, _) => self.expr(e),
        }
        self.0.leave_module_expr();
    }

    fn class_expr(&mut self, class: &ClassExpr) {
        self.0.class_expr(class);
        match &class.desc {
            ClassExprDesc::Ident(_, _, types) => self.types(types),
            ClassExprDesc::Structure(structure) => self.class_structure(structure),
            ClassExprDesc::Fun(_, p, values, body, _) => {
                self.pat(p);
                self.exprs(values.iter().map(|(_, e)| e));
                self.class_expr(body);
            }
            ClassExprDesc::Apply(class, args) => {
                self.class_expr(class);
                self.exprs(args.iter().filter_map(|(_, arg)| arg.as_ref()));
            }
            ClassExprDesc::Let(_, bindings, values, body) => {
                self.value_bindings(bindings);
                self.exprs(values.iter().map(|(_, e)| e));
                self.class_expr(body);
            }
            ClassExprDesc::Constraint(body, written, ..) => {
                self.class_expr(body);
                written.iter().for_each(|ty| self.class_type(ty));
            }
            ClassExprDesc::Open(open, body) => {
                self.0.open_description(open);
                self.class_expr(body);
            }
        }
    }

    fn class_type_declaration(&mut self, class: &ClassTypeDeclaration) {
        self.types(&class.params);
        self.class_type(&class.expr);
    }

    fn class_type(&mut self, class: &ClassType) {
        self.0.class_type(class);
        match &class.desc {
            ClassTypeDesc::Signature(signature) => {
                self.typ(&signature.self_);
                for field in &signature.fields {
                    match &field.desc {
                        ClassTypeFieldDesc::Inherit(class) => self.class_type(class),
                        ClassTypeFieldDesc::Val(.., ty) | ClassTypeFieldDesc::Method(.., ty) => self.typ(ty),
                        ClassTypeFieldDesc::Constraint(left, right) => {
                            self.typ(left);
                            self.typ(right);
                        }
                        ClassTypeFieldDesc::Attribute(_) => {}
                    }
                }
            }
            ClassTypeDesc::Constr(_, _, types) => self.types(types),
            ClassTypeDesc::Arrow(_, arg, res) => {
                self.typ(arg);
                self.class_type(res);
            }
            ClassTypeDesc::Open(open, body) => {
                self.0.open_description(open);
                self.class_type(body);
            }
        }
    }

    fn class_structure(&mut self, structure: &ClassStructure) {
        self.pat(&structure.self_);
        for field in &structure.fields {
            match &field.desc {
                ClassFieldDesc::Inherit(_, class, ..) => self.class_expr(class),
                ClassFieldDesc::Val(_, _, _, kind, _) | ClassFieldDesc::Method(_, _, kind) => match kind {
                    ClassFieldKind::Virtual(ty) => self.typ(ty),
                    ClassFieldKind::Concrete(_, e) => self.expr(e),
                },
                ClassFieldDesc::Constraint(left, right) => {
                    self.typ(left);
                    self.typ(right);
                }
                ClassFieldDesc::Initializer(e) => self.expr(e),
                ClassFieldDesc::Attribute(_) => {}
            }
        }
    }

    fn typ(&mut self, ty: &CoreType) {
        self.0.typ(ty);
        match &ty.desc {
            CoreTypeDesc::Any | CoreTypeDesc::Var(_) => {}
            CoreTypeDesc::Arrow(_, arg, res) => {
                self.typ(arg);
                self.typ(res);
            }
            CoreTypeDesc::Tuple(parts) => parts.iter().for_each(|(_, part)| self.typ(part)),
            CoreTypeDesc::Constr(_, _, args) | CoreTypeDesc::Class(_, _, args) => self.types(args),
            CoreTypeDesc::Object(fields, _) => {
                for field in fields {
                    match field {
                        ObjectField::Tag(_, ty, ..) | ObjectField::Inherit(ty, ..) => self.typ(ty),
                    }
                }
            }
            CoreTypeDesc::Alias(ty, _) | CoreTypeDesc::Poly(_, ty) | CoreTypeDesc::Open(_, _, ty) => self.typ(ty),
            CoreTypeDesc::Variant(fields, ..) => {
                for field in fields {
                    match field {
                        RowField::Tag(_, _, types, ..) => self.types(types),
                        RowField::Inherit(ty, ..) => self.typ(ty),
                    }
                }
            }
            CoreTypeDesc::Package(package) => package.fields.iter().for_each(|(_, ty)| self.typ(ty)),
        }
    }
}
