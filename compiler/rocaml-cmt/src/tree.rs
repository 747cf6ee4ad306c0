//! The tables of the typed tree: upstream's `Typedtree` of 5.4.
//!
//! Fields and constructors are in the order of their declaration upstream, as that is the format.
//! Every declaration is noted with its identity when it has been emitted.

use crate::emitter::{Emitter, Item, Tree, record, row, variant};
use rocaml_base::Name;
use rocaml_formats::marshal::Value;
use rocaml_syntax::asttypes::{Injectivity, Variance};
use rocaml_typing::typedtree::*;

/// `declaration!(Type kind, uid: field, …)`: a block that declares something.
macro_rules! declaration {
    ($ty:ty, $kind:literal, |$d:ident| $uid:expr; $($field:ident),+ $(,)?) => {
        impl Tree for $ty {
            fn emit(&self, e: &mut Emitter<'_>) -> Value {
                let fields = vec![$(self.$field.emit(e)),+];
                let declaration = e.block(0, fields);
                let $d = self;
                e.declare($uid, $kind, declaration);
                declaration
            }
        }
        impl Item for $ty {}
    };
}

impl Tree for Partial {
    fn emit(&self, _: &mut Emitter<'_>) -> Value {
        Value::Int(*self as i64)
    }
}

/// Parameters of a type with their annotations.
fn params(e: &mut Emitter<'_>, params: &[CoreType], variances: &[(Variance, Injectivity)]) -> Value {
    e.list(params.iter().zip(variances), |e, (ty, annotations)| {
        let fields = vec![ty.emit(e), annotations.emit(e)];
        e.block(0, fields)
    })
}

// ---------------------------------------------------------------------------------------------
// Patterns

record!(Pattern: desc, loc, extra, type_, env, attributes);
variant!(PatternExtra: [0 Unpack], 0 Constraint(ty), 1 Type(path, lid), 2 Open(path, lid, env));

impl Tree for PatternDesc {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            PatternDesc::Any => return Value::Int(0),
            PatternDesc::Var(id, name, uid) => (0, vec![id.emit(e), name.emit(e), uid.emit(e)]),
            PatternDesc::Alias(p, id, name, uid, ty) => {
                (1, vec![p.emit(e), id.emit(e), name.emit(e), uid.emit(e), ty.emit(e)])
            }
            PatternDesc::Constant(constant) => (2, vec![constant.emit(e)]),
            PatternDesc::Tuple(items) => (3, vec![items.emit(e)]),
            PatternDesc::Construct(lid, constructor, args, existentials) => {
                (4, vec![lid.emit(e), constructor.emit(e), args.emit(e), existentials.emit(e)])
            }
            PatternDesc::Variant(tag, arg, ty) => {
                let (tag, arg, row) = (tag.emit(e), arg.emit(e), row(e, *ty));
                (5, vec![tag, arg, e.block(0, vec![row])])
            }
            PatternDesc::Record(fields, closed) => (6, vec![fields.emit(e), closed.emit(e)]),
            PatternDesc::Array(mutable, items) => (7, vec![mutable.emit(e), items.emit(e)]),
            PatternDesc::Lazy(p) => (8, vec![p.emit(e)]),
            PatternDesc::Value(p) => (9, vec![p.emit(e)]),
            PatternDesc::Exception(p) => (10, vec![p.emit(e)]),
            PatternDesc::Or(left, right, ty) => {
                let (left, right) = (left.emit(e), right.emit(e));
                let row = ty.map(|ty| row(e, ty));
                (11, vec![left, right, e.option(row)])
            }
        };
        e.block(tag, fields)
    }
}

// ---------------------------------------------------------------------------------------------
// Expressions

record!(Expression: desc, loc, extra, type_, env, attributes);

impl Tree for ExpressionExtra {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            ExpressionExtra::Constraint(ty) => (0, vec![ty.emit(e)]),
            ExpressionExtra::Coerce(from, to) => (1, vec![from.emit(e), to.emit(e)]),
            ExpressionExtra::Poly(ty) => (2, vec![ty.emit(e)]),
            ExpressionExtra::Newtype(_, name) => (3, vec![name.txt.emit(e)]),
        };
        e.block(tag, fields)
    }
}

/// The arguments of an application, some of them omitted.
fn arguments(e: &mut Emitter<'_>, args: &[(rocaml_syntax::asttypes::ArgLabel, Option<Expression>)]) -> Value {
    e.list(args, |e, (label, arg)| {
        let label = label.emit(e);
        let arg = match arg {
            Some(arg) => {
                let arg = arg.emit(e);
                e.block(0, vec![arg])
            }
            None => e.block(1, vec![Value::Int(0)]),
        };
        e.block(0, vec![label, arg])
    })
}

impl Tree for ExpressionDesc {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        use ExpressionDesc as E;
        let (tag, fields) = match self {
            E::Unreachable => return Value::Int(0),
            E::Ident(path, lid, d) => (0, vec![path.emit(e), lid.emit(e), d.emit(e)]),
            E::Constant(constant) => (1, vec![constant.emit(e)]),
            E::Let(rec, bindings, body) => (2, vec![rec.emit(e), bindings.emit(e), body.emit(e)]),
            E::Function(params, body) => (3, vec![params.emit(e), body.emit(e)]),
            E::Apply(f, args) => (4, vec![f.emit(e), arguments(e, args)]),
            E::Match(scrutinee, cases, effects, partial) => {
                (5, vec![scrutinee.emit(e), cases.emit(e), effects.emit(e), partial.emit(e)])
            }
            E::Try(body, cases, effects) => (6, vec![body.emit(e), cases.emit(e), effects.emit(e)]),
            E::Tuple(items) => (7, vec![items.emit(e)]),
            E::Construct(lid, constructor, args) => (8, vec![lid.emit(e), constructor.emit(e), args.emit(e)]),
            E::Variant(tag, arg) => (9, vec![tag.emit(e), arg.emit(e)]),
            E::Record { fields, representation, extended_expression } => {
                let fields = fields.iter().map(|field| field.emit(e)).collect();
                (10, vec![e.block(0, fields), representation.emit(e), extended_expression.emit(e)])
            }
            E::AtomicLoc(record, lid, label) => (11, vec![record.emit(e), lid.emit(e), label.emit(e)]),
            E::Field(record, lid, label) => (12, vec![record.emit(e), lid.emit(e), label.emit(e)]),
            E::SetField(record, lid, label, value) => {
                (13, vec![record.emit(e), lid.emit(e), label.emit(e), value.emit(e)])
            }
            E::Array(mutable, items) => (14, vec![mutable.emit(e), items.emit(e)]),
            E::IfThenElse(condition, yes, no) => (15, vec![condition.emit(e), yes.emit(e), no.emit(e)]),
            E::Sequence(first, second) => (16, vec![first.emit(e), second.emit(e)]),
            E::While(condition, body) => (17, vec![condition.emit(e), body.emit(e)]),
            E::For(id, pattern, from, to, direction, body) => {
                (18, vec![id.emit(e), pattern.emit(e), from.emit(e), to.emit(e), direction.emit(e), body.emit(e)])
            }
            E::Send(object, method) => (19, vec![object.emit(e), method.emit(e)]),
            E::New(path, lid, d) => (20, vec![path.emit(e), lid.emit(e), d.emit(e)]),
            E::InstVar(self_, path, name) => (21, vec![self_.emit(e), path.emit(e), name.emit(e)]),
            E::SetInstVar(self_, path, name, value) => {
                (22, vec![self_.emit(e), path.emit(e), name.emit(e), value.emit(e)])
            }
            E::Override(self_, fields) => (23, vec![self_.emit(e), fields.emit(e)]),
            E::LetModule(id, name, presence, module, body) => {
                (24, vec![id.emit(e), name.emit(e), presence.emit(e), module.emit(e), body.emit(e)])
            }
            E::LetException(constructor, body) => (25, vec![constructor.emit(e), body.emit(e)]),
            E::Assert(condition, loc) => (26, vec![condition.emit(e), loc.emit(e)]),
            E::Lazy(inner) => (27, vec![inner.emit(e)]),
            E::Object(structure, methods) => (28, vec![structure.emit(e), methods.emit(e)]),
            E::Pack(module) => (29, vec![module.emit(e)]),
            E::LetOp { let_, ands, param, body, partial } => {
                (30, vec![let_.emit(e), ands.emit(e), param.emit(e), body.emit(e), partial.emit(e)])
            }
            E::ExtensionConstructor(lid, path) => (31, vec![lid.emit(e), path.emit(e)]),
            E::Open(open, body) => (32, vec![open.emit(e), body.emit(e)]),
        };
        e.block(tag, fields)
    }
}

variant!(Method: 0 Name(name), 1 Val(id), 2 Ancestor(id, path));
record!(Case: lhs, cont, guard, rhs);
variant!(FunctionParamKind: 0 Pat(p), 1 OptionalDefault(p, default));
variant!(RecordLabelDefinition: 0 Kept(ty, mutable), 1 Overridden(lid, value));
record!(BindingOp: op_path, op_name, op_val, op_type, exp, loc);

impl Tree for FunctionParam {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![
            self.arg_label.emit(e),
            self.param.emit(e),
            self.partial.emit(e),
            self.kind.emit(e),
            self.newtypes.emit(e),
            self.loc.emit(e),
        ];
        e.block(0, fields)
    }
}
impl Item for FunctionParam {}

impl Tree for FunctionBody {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            FunctionBody::Body(body) => (0, vec![body.emit(e)]),
            FunctionBody::Cases { cases, partial, param, loc, exp_extra, attributes } => (
                1,
                vec![cases.emit(e), partial.emit(e), param.emit(e), loc.emit(e), exp_extra.emit(e), attributes.emit(e)],
            ),
        };
        e.block(tag, fields)
    }
}

impl Tree for ValueBinding {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        // What is not recursive counts as dynamic.
        let rec_kind = Value::Int(i64::from(self.rec_kind != RecKind::Static));
        let fields = vec![self.pat.emit(e), self.expr.emit(e), rec_kind, self.attributes.emit(e), self.loc.emit(e)];
        let binding = e.block(0, fields);
        for (_, _, _, uid) in let_bound_idents_full(std::slice::from_ref(self)) {
            e.declare(uid, 1, binding);
        }
        binding
    }
}
impl Item for ValueBinding {}

// ---------------------------------------------------------------------------------------------
// Classes

record!(ClassExpr: desc, loc, type_, env, attributes);

impl Tree for ClassExprDesc {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        use ClassExprDesc as C;
        let (tag, fields) = match self {
            C::Ident(path, lid, args) => (0, vec![path.emit(e), lid.emit(e), args.emit(e)]),
            C::Structure(structure) => (1, vec![structure.emit(e)]),
            C::Fun(label, pattern, values, body, partial) => {
                (2, vec![label.emit(e), pattern.emit(e), values.emit(e), body.emit(e), partial.emit(e)])
            }
            C::Apply(f, args) => (3, vec![f.emit(e), arguments(e, args)]),
            C::Let(rec, bindings, values, body) => {
                (4, vec![rec.emit(e), bindings.emit(e), values.emit(e), body.emit(e)])
            }
            C::Constraint(inner, ty, variables, methods, concrete) => {
                let mut concrete: Vec<Name> = concrete.clone();
                concrete.sort();
                let concrete: Vec<Value> = concrete.iter().map(|name| name.emit(e)).collect();
                let (inner, ty) = (inner.emit(e), ty.emit(e));
                (5, vec![inner, ty, variables.emit(e), methods.emit(e), e.set(&concrete)])
            }
            C::Open(open, body) => (6, vec![open.emit(e), body.emit(e)]),
        };
        e.block(tag, fields)
    }
}

impl Tree for ClassStructure {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![self.self_.emit(e), self.fields.emit(e), self.type_.emit(e), e.types.ident_map(&self.meths)];
        e.block(0, fields)
    }
}

record!(ClassField: desc, loc, attributes);
variant!(ClassFieldKind: 0 Virtual(ty), 1 Concrete(override_, value));

impl Tree for ClassFieldDesc {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        use ClassFieldDesc as C;
        let (tag, fields) = match self {
            C::Inherit(override_, class, name, variables, methods) => {
                (0, vec![override_.emit(e), class.emit(e), name.emit(e), variables.emit(e), methods.emit(e)])
            }
            C::Val(name, mutable, id, kind, inherited) => {
                (1, vec![name.emit(e), mutable.emit(e), id.emit(e), kind.emit(e), inherited.emit(e)])
            }
            C::Method(name, private, kind) => (2, vec![name.emit(e), private.emit(e), kind.emit(e)]),
            C::Constraint(left, right) => (3, vec![left.emit(e), right.emit(e)]),
            C::Initializer(value) => (4, vec![value.emit(e)]),
            C::Attribute(attribute) => (5, vec![attribute.emit(e)]),
        };
        e.block(tag, fields)
    }
}

record!(ClassType: desc, type_, env, loc, attributes);
variant!(ClassTypeDesc: 0 Constr(path, lid, args), 1 Signature(sign), 2 Arrow(label, arg, res), 3 Open(open, ty));
record!(ClassSignature: self_, fields, type_);
record!(ClassTypeField: desc, loc, attributes);
variant!(ClassTypeFieldDesc: 0 Inherit(ty), 4 Attribute(attribute)
    | 1 Val(name, mutable, virt, ty), 2 Method(name, private, virt, ty), 3 Constraint(left, right));

/// What class definitions and class type definitions have in common.
fn class_infos<T: Tree>(e: &mut Emitter<'_>, class: &ClassInfos<T>, kind: u8) -> Value {
    let fields = vec![
        class.virt.emit(e),
        params(e, &class.params, &class.variances),
        class.id_name.emit(e),
        class.id_class.emit(e),
        class.id_class_type.emit(e),
        class.id_object.emit(e),
        class.expr.emit(e),
        class.decl.emit(e),
        class.type_decl.emit(e),
        class.loc.emit(e),
        class.attributes.emit(e),
    ];
    let declaration = e.block(0, fields);
    e.declare(class.decl.uid, kind, declaration);
    declaration
}

impl Tree for ClassDeclaration {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        class_infos(e, self, 10)
    }
}
impl Tree for ClassTypeDeclaration {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        class_infos(e, self, 11)
    }
}
impl Item for ClassTypeDeclaration {}

// ---------------------------------------------------------------------------------------------
// Modules

record!(ModuleExpr: desc, loc, type_, env, attributes);
variant!(ModuleExprDesc: 0 Ident(path, lid), 1 Structure(structure), 2 Functor(param, body),
    3 Apply(f, arg, coercion), 4 ApplyUnit(f), 5 Constraint(e_, ty, written, coercion), 6 Unpack(value, ty));
variant!(FunctorParameter: [0 Unit], 0 Named(id, name, ty));
variant!(ModuleCoercion: [0 None], 0 Structure(fields, ids), 1 Functor(arg, res), 2 Primitive(primitive),
    3 Alias(env, path, coercion));
record!(PrimitiveCoercion: desc, type_, env, loc);
record!(Structure: items, type_, final_env);
record!(StructureItem: desc, loc, env);
variant!(StructureItemDesc: 0 Eval(value, attributes), 1 Value(rec, bindings), 2 Primitive(d), 3 Type(rec, decls),
    4 Typext(x), 5 Exception(x), 6 Module(binding), 7 RecModule(bindings), 8 Modtype(d), 9 Open(open),
    10 Class(classes), 11 ClassType(decls), 12 Include(include), 13 Attribute(attribute));
declaration!(ModuleBinding, 8, |d| d.uid; id, name, uid, presence, expr, attributes, loc);
record!(ModuleType: desc, type_, env, loc, attributes);
variant!(ModuleTypeDesc: 0 Ident(path, lid), 1 Signature(sign), 2 Functor(param, res), 3 With(ty, constraints),
    4 TypeOf(module), 5 Alias(path, lid));
variant!(WithConstraint: 0 Type(d), 1 Module(path, lid), 2 Modtype(ty), 3 TypeSubst(d), 4 ModSubst(path, lid),
    5 ModtypeSubst(ty));
record!(Signature: items, type_, final_env);
record!(SignatureItem: desc, env, loc);
variant!(SignatureItemDesc: 0 Value(d), 1 Type(rec, decls), 2 TypeSubst(decls), 3 Typext(x), 4 Exception(x),
    5 Module(d), 6 ModSubst(d), 7 RecModule(decls), 8 Modtype(d), 9 ModtypeSubst(d), 10 Open(open),
    11 Include(include), 12 Class(decls), 13 ClassType(decls), 14 Attribute(attribute));
declaration!(ModuleDeclaration, 6, |d| d.uid; id, name, uid, presence, type_, attributes, loc);
declaration!(ModuleSubstitution, 7, |d| d.uid; id, name, uid, manifest, txt, attributes, loc);
declaration!(ModuleTypeDeclaration, 9, |d| d.uid; id, name, uid, type_, attributes, loc);
record!(OpenDescription: expr, bound_items, override_, env, loc, attributes);
record!(OpenDeclaration: expr, bound_items, override_, env, loc, attributes);
record!(IncludeDescription: mod_, type_, loc, attributes);
record!(IncludeDeclaration: mod_, type_, loc, attributes);

// ---------------------------------------------------------------------------------------------
// Types and declarations

record!(CoreType: desc, type_, env, loc, attributes);
variant!(CoreTypeDesc: [0 Any], 0 Var(name), 1 Arrow(label, arg, res), 2 Tuple(items), 3 Constr(path, lid, args),
    4 Object(fields, closed), 5 Class(path, lid, args), 6 Alias(ty, name), 7 Variant(fields, closed, present),
    8 Poly(vars, ty), 9 Package(package), 10 Open(path, lid, ty));
record!(PackageType: path, fields, type_, txt);

impl Tree for RowField {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields, attributes, loc) = match self {
            RowField::Tag(name, constant, types, attributes, loc) => {
                (0, vec![name.emit(e), constant.emit(e), types.emit(e)], attributes, loc)
            }
            RowField::Inherit(ty, attributes, loc) => (1, vec![ty.emit(e)], attributes, loc),
        };
        let fields = vec![e.block(tag, fields), loc.emit(e), attributes.emit(e)];
        e.block(0, fields)
    }
}
impl Item for RowField {}

impl Tree for ObjectField {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields, attributes, loc) = match self {
            ObjectField::Tag(name, ty, attributes, loc) => (0, vec![name.emit(e), ty.emit(e)], attributes, loc),
            ObjectField::Inherit(ty, attributes, loc) => (1, vec![ty.emit(e)], attributes, loc),
        };
        let fields = vec![e.block(tag, fields), loc.emit(e), attributes.emit(e)];
        e.block(0, fields)
    }
}
impl Item for ObjectField {}

declaration!(ValueDeclaration, 0, |d| d.val.uid; id, name, desc, val, prim, loc, attributes);

impl Tree for TypeDeclaration {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![
            self.id.emit(e),
            self.name.emit(e),
            params(e, &self.params, &self.variances),
            self.decl.emit(e),
            self.cstrs.emit(e),
            self.kind.emit(e),
            self.private.emit(e),
            self.manifest.emit(e),
            self.loc.emit(e),
            self.attributes.emit(e),
        ];
        let declaration = e.block(0, fields);
        // The rows of private types have no declaration of their own.
        if !self.id.name().ends_with("#row") {
            e.declare(self.decl.uid, 2, declaration);
        }
        declaration
    }
}
impl Item for TypeDeclaration {}

variant!(TypeKind: [0 Abstract, 1 Open], 0 Variant(constructors), 1 Record(labels));
declaration!(LabelDeclaration, 5, |d| d.uid; id, name, uid, mutable, atomic, type_, loc, attributes);
declaration!(ConstructorDeclaration, 3, |d| d.uid; id, name, uid, vars, args, res, loc, attributes);
variant!(ConstructorArguments: 0 Tuple(types), 1 Record(labels));

impl Tree for TypeExtension {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![
            self.path.emit(e),
            self.txt.emit(e),
            params(e, &self.params, &self.variances),
            self.constructors.emit(e),
            self.private.emit(e),
            self.loc.emit(e),
            self.attributes.emit(e),
        ];
        e.block(0, fields)
    }
}

record!(TypeException: constructor, loc, attributes);
declaration!(ExtensionConstructor, 4, |d| d.type_.uid; id, name, type_, kind, loc, attributes);
variant!(ExtensionConstructorKind: 0 Decl(vars, args, res), 1 Rebind(path, lid));
