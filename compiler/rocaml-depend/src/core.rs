//! Types, patterns, expressions and the declarations of types.

use crate::{Analysis, Bound, Node};
use rocaml_base::Name;
use rocaml_syntax::ast::*;
use rocaml_syntax::asttypes::RecFlag;

impl Analysis {
    // -- Types ----------------------------------------------------------------------------------

    pub(crate) fn core_type(&mut self, bound: &Bound, typ: &CoreType) {
        match &typ.desc {
            CoreTypeDesc::Any | CoreTypeDesc::Var(_) => {}
            CoreTypeDesc::Arrow(_, domain, codomain) => {
                self.core_type(bound, domain);
                self.core_type(bound, codomain);
            }
            CoreTypeDesc::Tuple(components) => components.iter().for_each(|(_, t)| self.core_type(bound, t)),
            CoreTypeDesc::Constr(path, arguments) | CoreTypeDesc::Class(path, arguments) => {
                self.parent(bound, &path.txt);
                self.core_types(bound, arguments);
            }
            CoreTypeDesc::Object(fields, _) => {
                for field in fields {
                    match &field.desc {
                        ObjectFieldDesc::Tag(_, t) | ObjectFieldDesc::Inherit(t) => self.core_type(bound, t),
                    }
                }
            }
            CoreTypeDesc::Alias(t, _) | CoreTypeDesc::Poly(_, t) => self.core_type(bound, t),
            CoreTypeDesc::Variant(fields, _, _) => {
                for field in fields {
                    match &field.desc {
                        RowFieldDesc::Tag(_, _, types) => self.core_types(bound, types),
                        RowFieldDesc::Inherit(t) => self.core_type(bound, t),
                    }
                }
            }
            CoreTypeDesc::Package(package) => self.package_type(bound, package),
            CoreTypeDesc::Open(path, t) => {
                let bound = self.open_module(bound, &path.txt);
                self.core_type(&bound, t);
            }
            CoreTypeDesc::Extension(extension) => self.extension(extension),
        }
    }

    pub(crate) fn core_types(&mut self, bound: &Bound, types: &[CoreType]) {
        types.iter().for_each(|t| self.core_type(bound, t));
    }

    pub(crate) fn package_type(&mut self, bound: &Bound, package: &PackageType) {
        self.parent(bound, &package.path.txt);
        package.cstrs.iter().for_each(|(_, t)| self.core_type(bound, t));
    }

    fn constructor_arguments(&mut self, bound: &Bound, arguments: &ConstructorArguments) {
        match arguments {
            ConstructorArguments::Tuple(types) => self.core_types(bound, types),
            ConstructorArguments::Record(labels) => labels.iter().for_each(|l| self.core_type(bound, &l.type_)),
        }
    }

    pub(crate) fn type_declaration(&mut self, bound: &Bound, declaration: &TypeDeclaration) {
        for (left, right, _) in &declaration.cstrs {
            self.core_type(bound, left);
            self.core_type(bound, right);
        }
        declaration.manifest.iter().for_each(|t| self.core_type(bound, t));
        match &declaration.kind {
            TypeKind::Abstract | TypeKind::Open => {}
            TypeKind::Variant(constructors) => {
                for constructor in constructors {
                    self.constructor_arguments(bound, &constructor.args);
                    constructor.res.iter().for_each(|t| self.core_type(bound, t));
                }
            }
            TypeKind::Record(labels) => labels.iter().for_each(|label| self.core_type(bound, &label.type_)),
        }
    }

    pub(crate) fn extension_constructor(&mut self, bound: &Bound, constructor: &ExtensionConstructor) {
        match &constructor.kind {
            ExtensionConstructorKind::Decl(_, arguments, result) => {
                self.constructor_arguments(bound, arguments);
                result.iter().for_each(|t| self.core_type(bound, t));
            }
            ExtensionConstructorKind::Rebind(path) => self.parent(bound, &path.txt),
        }
    }

    pub(crate) fn type_extension(&mut self, bound: &Bound, extension: &TypeExtension) {
        self.parent(bound, &extension.path.txt);
        extension.constructors.iter().for_each(|c| self.extension_constructor(bound, c));
    }

    // -- Patterns -------------------------------------------------------------------------------

    /// The modules bound after a pattern: those that it unpacks are.
    pub(crate) fn pattern(&mut self, bound: &Bound, pattern: &Pattern) -> Bound {
        let mut unpacked = Vec::new();
        self.pattern_within(bound, pattern, &mut unpacked);
        unpacked.into_iter().fold(bound.clone(), |bound, name| bound.with(Some(name), Node::opaque()))
    }

    fn pattern_within(&mut self, bound: &Bound, pattern: &Pattern, unpacked: &mut Vec<Name>) {
        match &pattern.desc {
            PatternDesc::Any | PatternDesc::Var(_) | PatternDesc::Interval(..) | PatternDesc::Constant(_) => {}
            PatternDesc::Alias(p, _) | PatternDesc::Lazy(p) | PatternDesc::Exception(p) => {
                self.pattern_within(bound, p, unpacked);
            }
            PatternDesc::Tuple(patterns, _) => {
                patterns.iter().for_each(|(_, p)| self.pattern_within(bound, p, unpacked));
            }
            PatternDesc::Construct(path, argument) => {
                self.parent(bound, &path.txt);
                argument.iter().for_each(|(_, p)| self.pattern_within(bound, p, unpacked));
            }
            PatternDesc::Variant(_, argument) => {
                argument.iter().for_each(|p| self.pattern_within(bound, p, unpacked));
            }
            PatternDesc::Record(fields, _) => {
                for (path, p) in fields {
                    self.parent(bound, &path.txt);
                    self.pattern_within(bound, p, unpacked);
                }
            }
            PatternDesc::Array(patterns) => patterns.iter().for_each(|p| self.pattern_within(bound, p, unpacked)),
            PatternDesc::Or(left, right) | PatternDesc::Effect(left, right) => {
                self.pattern_within(bound, left, unpacked);
                self.pattern_within(bound, right, unpacked);
            }
            PatternDesc::Constraint(p, typ) => {
                self.pattern_within(bound, p, unpacked);
                self.core_type(bound, typ);
            }
            PatternDesc::Type(path) => self.parent(bound, &path.txt),
            PatternDesc::Unpack(name) => unpacked.extend(name.txt),
            PatternDesc::Open(path, p) => {
                let bound = self.open_module(bound, &path.txt);
                self.pattern_within(&bound, p, unpacked);
            }
            PatternDesc::Extension(extension) => self.extension(extension),
        }
    }

    // -- Expressions ----------------------------------------------------------------------------

    pub(crate) fn expression(&mut self, bound: &Bound, e: &Expression) {
        match &e.desc {
            ExpressionDesc::Constant(_) | ExpressionDesc::Unreachable => {}
            ExpressionDesc::Ident(path) | ExpressionDesc::New(path) => self.parent(bound, &path.txt),
            ExpressionDesc::Let(rec_flag, bindings, body) => {
                let bound = self.bindings(*rec_flag, bound, bindings);
                self.expression(&bound, body);
            }
            ExpressionDesc::Function(params, constraint, body) => {
                let bound = params.iter().fold(bound.clone(), |bound, param| match &param.desc {
                    FunctionParamDesc::Val(_, default, pattern) => {
                        default.iter().for_each(|e| self.expression(&bound, e));
                        self.pattern(&bound, pattern)
                    }
                    FunctionParamDesc::Newtype(_) => bound,
                });
                match constraint.as_deref() {
                    None => {}
                    Some(TypeConstraint::Constraint(typ)) => self.core_type(&bound, typ),
                    Some(TypeConstraint::Coerce(from, to)) => {
                        from.iter().for_each(|t| self.core_type(&bound, t));
                        self.core_type(&bound, to);
                    }
                }
                match body {
                    FunctionBody::Body(e) => self.expression(&bound, e),
                    FunctionBody::Cases(cases, _, _) => self.cases(&bound, cases),
                }
            }
            ExpressionDesc::Apply(function, arguments) => {
                self.expression(bound, function);
                arguments.iter().for_each(|(_, e)| self.expression(bound, e));
            }
            ExpressionDesc::Match(e, cases) | ExpressionDesc::Try(e, cases) => {
                self.expression(bound, e);
                self.cases(bound, cases);
            }
            ExpressionDesc::Tuple(components) => components.iter().for_each(|(_, e)| self.expression(bound, e)),
            ExpressionDesc::Construct(path, argument) => {
                self.parent(bound, &path.txt);
                argument.iter().for_each(|e| self.expression(bound, e));
            }
            ExpressionDesc::Variant(_, argument) => argument.iter().for_each(|e| self.expression(bound, e)),
            ExpressionDesc::Record(fields, base) => {
                for (path, e) in fields {
                    self.parent(bound, &path.txt);
                    self.expression(bound, e);
                }
                base.iter().for_each(|e| self.expression(bound, e));
            }
            ExpressionDesc::Field(e, path) => {
                self.expression(bound, e);
                self.parent(bound, &path.txt);
            }
            ExpressionDesc::SetField(record, path, e) => {
                self.expression(bound, record);
                self.parent(bound, &path.txt);
                self.expression(bound, e);
            }
            ExpressionDesc::Array(elements) => elements.iter().for_each(|e| self.expression(bound, e)),
            ExpressionDesc::IfThenElse(condition, yes, no) => {
                self.expression(bound, condition);
                self.expression(bound, yes);
                no.iter().for_each(|e| self.expression(bound, e));
            }
            ExpressionDesc::Sequence(first, second) | ExpressionDesc::While(first, second) => {
                self.expression(bound, first);
                self.expression(bound, second);
            }
            ExpressionDesc::For(_, from, to, _, body) => {
                [from, to, body].into_iter().for_each(|e| self.expression(bound, e));
            }
            ExpressionDesc::Coerce(e, from, to) => {
                self.expression(bound, e);
                from.iter().for_each(|t| self.core_type(bound, t));
                self.core_type(bound, to);
            }
            ExpressionDesc::Constraint(e, typ) => {
                self.expression(bound, e);
                self.core_type(bound, typ);
            }
            ExpressionDesc::Send(e, _)
            | ExpressionDesc::SetInstVar(_, e)
            | ExpressionDesc::LetException(_, e)
            | ExpressionDesc::Assert(e)
            | ExpressionDesc::Lazy(e)
            | ExpressionDesc::NewType(_, e) => self.expression(bound, e),
            ExpressionDesc::Override(fields) => fields.iter().for_each(|(_, e)| self.expression(bound, e)),
            ExpressionDesc::LetModule(name, module, body) => {
                let node = self.module_binding(bound, module);
                self.expression(&bound.with(name.txt, node), body);
            }
            ExpressionDesc::Poly(e, typ) => {
                self.expression(bound, e);
                typ.iter().for_each(|t| self.core_type(bound, t));
            }
            ExpressionDesc::Object(structure) => self.class_structure(bound, structure),
            ExpressionDesc::Pack(module, package) => {
                self.module_expr(bound, module);
                package.iter().for_each(|p| self.package_type(bound, p));
            }
            ExpressionDesc::Open(open, body) => {
                let bound = self.open_declaration(bound, open);
                self.expression(&bound, body);
            }
            ExpressionDesc::LetOp(letop) => {
                let mut inner = bound.clone();
                for binding in std::iter::once(&letop.let_).chain(&letop.ands) {
                    self.expression(bound, &binding.exp);
                    inner = self.pattern(&inner, &binding.pat);
                }
                self.expression(&inner, &letop.body);
            }
            ExpressionDesc::Extension(extension) => match constructor_of(extension) {
                Some(path) => self.parent(bound, &path.txt),
                None => self.extension(extension),
            },
        }
    }

    fn cases(&mut self, bound: &Bound, cases: &[Case]) {
        for case in cases {
            let bound = self.pattern(bound, &case.lhs);
            case.guard.iter().for_each(|e| self.expression(&bound, e));
            self.expression(&bound, &case.rhs);
        }
    }

    /// The modules bound after a `let`.
    pub(crate) fn bindings(&mut self, rec_flag: RecFlag, bound: &Bound, bindings: &[ValueBinding]) -> Bound {
        let after = bindings.iter().fold(bound.clone(), |bound, binding| self.pattern(&bound, &binding.pat));
        let within = if rec_flag == RecFlag::Recursive { &after } else { bound };
        for binding in bindings {
            self.expression(within, &binding.expr);
            match &binding.constraint {
                None => {}
                Some(ValueConstraint::Constraint { typ, .. }) => self.core_type(within, typ),
                Some(ValueConstraint::Coercion { ground, coercion }) => {
                    ground.iter().for_each(|t| self.core_type(within, t));
                    self.core_type(within, coercion);
                }
            }
        }
        after
    }
}

/// The constructor that `[%extension_constructor C]` names.
fn constructor_of(extension: &Extension) -> Option<&rocaml_base::Loc<rocaml_syntax::longident::Longident>> {
    let name = extension.name.txt;
    if name != "extension_constructor" && name != "ocaml.extension_constructor" {
        return None;
    }
    let Payload::Str(items) = &extension.payload else { return None };
    let [StructureItem { desc: StructureItemDesc::Eval(e, _), .. }] = &items[..] else { return None };
    match &e.desc {
        ExpressionDesc::Construct(path, None) => Some(path),
        _ => None,
    }
}
