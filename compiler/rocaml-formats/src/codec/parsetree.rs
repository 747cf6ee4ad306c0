//! The tables of the parse tree: upstream's `Asttypes`, `Longident` and `Parsetree` of 5.4.
//!
//! Fields and constructors are in the order of their declaration upstream, as that is the format.

use super::{Codec, Error, Reader, Result, Value, Writer, constants, record, variant};
use rocaml_base::Location;
use rocaml_syntax::ast::*;
use rocaml_syntax::asttypes::{
    ArgLabel, ClosedFlag, DirectionFlag, Injectivity, MutableFlag, OverrideFlag, PrivateFlag, RecFlag, Variance,
    VirtualFlag,
};
use rocaml_syntax::longident::Longident;

constants!(RecFlag: Nonrecursive, Recursive);
constants!(DirectionFlag: Upto, Downto);
constants!(PrivateFlag: Private, Public);
constants!(MutableFlag: Immutable, Mutable);
constants!(VirtualFlag: Virtual, Concrete);
constants!(OverrideFlag: Override, Fresh);
constants!(ClosedFlag: Closed, Open);
variant!(ArgLabel: [0 Nolabel], 0 Labelled(l), 1 Optional(l));
constants!(Variance: Covariant, Contravariant, NoVariance, Bivariant);
constants!(Injectivity: Injective, NoInjectivity);
variant!(Longident: 0 Lident(name), 1 Ldot(prefix, name), 2 Lapply(f, arg));

record!(Constant: desc, loc);
variant!(ConstantDesc: 0 Integer(digits, suffix), 1 Char(c), 2 String(text, loc, delimiter), 3 Float(text, suffix));
record!(Attribute: name, payload, loc);
record!(Extension: name, payload);
variant!(Payload: 0 Str(items), 1 Sig(items), 2 Typ(ty), 3 Pat(pattern, guard));

/// The nodes that remember the places of their parentheses, the outermost first upstream.
macro_rules! node {
    ($ty:ident) => {
        impl Codec for $ty {
            fn encode(&self, w: &mut Writer) -> Value {
                let desc = self.desc.encode(w);
                let loc = self.loc.encode(w);
                let stack = self.loc_stack.iter().rev().map(|loc| loc.encode(w)).collect();
                let fields = vec![desc, loc, w.heap.list(stack), self.attributes.encode(w)];
                w.block(0, fields)
            }
            fn decode(r: &mut Reader<'_>, v: Value) -> Result<Self> {
                r.enter()?;
                let f = r.record(v, 4)?;
                let desc = Codec::decode(r, f[0])?;
                let loc = Codec::decode(r, f[1])?;
                let mut loc_stack: Vec<Location> = Codec::decode(r, f[2])?;
                loc_stack.reverse();
                let attributes = Codec::decode(r, f[3])?;
                r.leave();
                Ok($ty { desc, loc, loc_stack, attributes })
            }
        }
    };
}

// Types

node!(CoreType);
variant!(CoreTypeDesc: [0 Any],
    0 Var(name), 1 Arrow(label, arg, res), 2 Tuple(items), 3 Constr(lid, args), 4 Object(fields, closed),
    5 Class(lid, args), 6 Alias(ty, name), 7 Variant(fields, closed, labels), 8 Poly(vars, ty), 9 Package(package),
    10 Open(lid, ty), 11 Extension(extension));
record!(PackageType: path, cstrs, loc, attrs);
record!(RowField: desc, loc, attributes);
variant!(RowFieldDesc: 0 Tag(label, constant, types), 1 Inherit(ty));
record!(ObjectField: desc, loc, attributes);
variant!(ObjectFieldDesc: 0 Tag(label, ty), 1 Inherit(ty));

// Patterns and expressions

node!(Pattern);
node!(Expression);
variant!(PatternDesc: [0 Any],
    0 Var(name), 1 Alias(pattern, name), 2 Constant(constant), 3 Interval(from, to), 4 Tuple(items, closed),
    5 Construct(lid, arg), 6 Variant(label, arg), 7 Record(fields, closed), 8 Array(items), 9 Or(left, right),
    10 Constraint(pattern, ty), 11 Type(lid), 12 Lazy(pattern), 13 Unpack(name), 14 Exception(pattern),
    15 Effect(pattern, continuation), 16 Extension(extension), 17 Open(lid, pattern));
variant!(ExpressionDesc: [0 Unreachable],
    0 Ident(lid), 1 Constant(constant), 2 Let(rec, bindings, body), 3 Function(params, constraint, body),
    4 Apply(f, args), 5 Match(scrutinee, cases), 6 Try(body, cases), 7 Tuple(items), 8 Construct(lid, arg),
    9 Variant(label, arg), 10 Record(fields, base), 11 Field(record, label), 12 SetField(record, label, value),
    13 Array(items), 14 IfThenElse(condition, yes, no), 15 Sequence(first, second), 16 While(condition, body),
    17 For(index, from, to, direction, body), 18 Constraint(e, ty), 19 Coerce(e, from, to), 20 Send(object, method),
    21 New(class), 22 SetInstVar(name, value), 23 Override(fields), 24 LetModule(name, module, body),
    25 LetException(constructor, body), 26 Assert(e), 27 Lazy(e), 28 Poly(e, ty), 29 Object(structure),
    30 NewType(name, body), 31 Pack(module, package), 32 Open(open, body), 33 LetOp(binding),
    34 Extension(extension));
record!(Case: lhs, guard, rhs);
record!(LetOp: let_, ands, body);
record!(BindingOp: op, pat, exp, loc);
record!(FunctionParam: loc, desc);
variant!(FunctionParamDesc: 0 Val(label, default, pattern), 1 Newtype(name));
variant!(FunctionBody: 0 Body(e), 1 Cases(cases, loc, attributes));
variant!(TypeConstraint: 0 Constraint(ty), 1 Coerce(from, to));

// Declarations

record!(ValueDescription: name, type_, prim, attributes, loc);
record!(TypeDeclaration: name, params, cstrs, kind, private, manifest, attributes, loc);
variant!(TypeKind: [0 Abstract, 1 Open], 0 Variant(constructors), 1 Record(labels));
record!(LabelDeclaration: name, mutable, type_, loc, attributes);
record!(ConstructorDeclaration: name, vars, args, res, loc, attributes);
variant!(ConstructorArguments: 0 Tuple(types), 1 Record(labels));
record!(TypeExtension: path, params, constructors, private, loc, attributes);
record!(ExtensionConstructor: name, kind, loc, attributes);
record!(TypeException: constructor, loc, attributes);
variant!(ExtensionConstructorKind: 0 Decl(vars, args, res), 1 Rebind(lid));

// Classes

record!(ClassType: desc, loc, attributes);
variant!(ClassTypeDesc: 0 Constr(lid, args), 1 Signature(sign), 2 Arrow(label, arg, res), 3 Extension(extension),
    4 Open(open, ty));
record!(ClassSignature: self_, fields);
record!(ClassTypeField: desc, loc, attributes);
variant!(ClassTypeFieldDesc: 0 Inherit(ty), 4 Attribute(attribute), 5 Extension(extension)
    | 1 Val(name, mutable, virt, ty), 2 Method(name, private, virt, ty), 3 Constraint(left, right));
record!(ClassInfos<ClassType>: virt, params, name, expr, loc, attributes);
record!(ClassInfos<ClassExpr>: virt, params, name, expr, loc, attributes);
record!(ClassExpr: desc, loc, attributes);
variant!(ClassExprDesc: 0 Constr(lid, args), 1 Structure(structure), 2 Fun(label, default, pattern, body),
    3 Apply(f, args), 4 Let(rec, bindings, body), 5 Constraint(e, ty), 6 Extension(extension), 7 Open(open, e));
record!(ClassStructure: self_, fields);
record!(ClassField: desc, loc, attributes);
variant!(ClassFieldDesc: 0 Inherit(override_, e, name), 4 Initializer(e), 5 Attribute(attribute),
    6 Extension(extension)
    | 1 Val(name, mutable, kind), 2 Method(name, private, kind), 3 Constraint(left, right));
variant!(ClassFieldKind: 0 Virtual(ty), 1 Concrete(override_, e));

// Modules

record!(ModuleType: desc, loc, attributes);
variant!(ModuleTypeDesc: 0 Ident(lid), 1 Signature(items), 2 Functor(param, res), 3 With(ty, constraints),
    4 TypeOf(e), 5 Extension(extension), 6 Alias(lid));
variant!(FunctorParameter: [0 Unit], 0 Named(name, ty));
record!(SignatureItem: desc, loc);
variant!(SignatureItemDesc: 0 Value(d), 1 Type(rec, decls), 2 TypeSubst(decls), 3 TypExt(e), 4 Exception(e),
    5 Module(d), 6 ModSubst(d), 7 RecModule(decls), 8 ModType(d), 9 ModTypeSubst(d), 10 Open(o), 11 Include(i),
    12 Class(decls), 13 ClassType(decls), 14 Attribute(a), 15 Extension(extension, attributes));
record!(ModuleDeclaration: name, type_, attributes, loc);
record!(ModuleSubstitution: name, manifest, attributes, loc);
record!(ModuleTypeDeclaration: name, type_, attributes, loc);
variant!(WithConstraint: 0 Type(lid, d), 1 Module(lid, by), 2 ModType(lid, ty), 3 ModTypeSubst(lid, ty),
    4 TypeSubst(lid, d), 5 ModSubst(lid, by));
record!(OpenInfos<rocaml_base::Loc<Longident>>: expr, override_, loc, attributes);
record!(OpenInfos<ModuleExpr>: expr, override_, loc, attributes);
record!(IncludeInfos<ModuleType>: mod_, loc, attributes);
record!(IncludeInfos<ModuleExpr>: mod_, loc, attributes);
record!(ModuleExpr: desc, loc, attributes);
variant!(ModuleExprDesc: 0 Ident(lid), 1 Structure(items), 2 Functor(param, body), 3 Apply(f, arg), 4 ApplyUnit(f),
    5 Constraint(e, ty), 6 Unpack(e), 7 Extension(extension));
record!(StructureItem: desc, loc);
variant!(StructureItemDesc: 0 Eval(e, attributes), 1 Value(rec, bindings), 2 Primitive(d), 3 Type(rec, decls),
    4 TypExt(e), 5 Exception(e), 6 Module(b), 7 RecModule(bindings), 8 ModType(d), 9 Open(o), 10 Class(decls),
    11 ClassType(decls), 12 Include(i), 13 Attribute(a), 14 Extension(extension, attributes));
record!(ValueBinding: pat, expr, constraint, attributes, loc);

impl Codec for ValueConstraint {
    fn encode(&self, w: &mut Writer) -> Value {
        let (tag, fields) = match self {
            ValueConstraint::Constraint { locally_abstract_univars, typ } => {
                (0, vec![locally_abstract_univars.encode(w), typ.encode(w)])
            }
            ValueConstraint::Coercion { ground, coercion } => (1, vec![ground.encode(w), coercion.encode(w)]),
        };
        w.block(tag, fields)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Self> {
        Ok(match r.heap.as_block(v)? {
            (0, [univars, typ]) => ValueConstraint::Constraint {
                locally_abstract_univars: Codec::decode(r, *univars)?,
                typ: Codec::decode(r, *typ)?,
            },
            (1, [ground, coercion]) => {
                ValueConstraint::Coercion { ground: Codec::decode(r, *ground)?, coercion: Codec::decode(r, *coercion)? }
            }
            _ => return Err(Error::Shape("a case of ValueConstraint")),
        })
    }
}
record!(ModuleBinding: name, expr, attributes, loc);
