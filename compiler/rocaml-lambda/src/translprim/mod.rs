//! Uses of primitives: upstream's `Translprim`.
//!
//! A primitive is looked up in the [`table`], made precise by the types of its arguments, and
//! applied. One that is not applied becomes a function.

mod table;

use crate::error::{Error, ErrorKind, Result};
use crate::kinds;
use crate::lambda::*;
use crate::matching::field;
use crate::translator::{Translator, apply, function, let_, make_block, sequence, string};
use rocaml_base::{Location, Name};
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::primitive::PrimitiveDescription;
use rocaml_types::{ConstructorTag, Ident, Path, TypeId};
use rocaml_typing::typedtree::{Expression, ExpressionDesc};
use std::rc::Rc;
use table::{AtomicKind, AtomicOp, ComparisonKind, ComparisonOp, LocKind, Prim};

/// A call of a C function without unboxed arguments.
pub(crate) fn c_call(name: &str, arity: usize, alloc: bool) -> Primitive {
    Primitive::CCall(Rc::new(PrimitiveDescription::simple(name, arity, alloc)))
}

impl Translator<'_> {
    fn lookup(&self, loc: Location, desc: &Rc<PrimitiveDescription>) -> Result<Prim> {
        if !desc.name.starts_with('%') {
            return Ok(known_external(desc));
        }
        table::lookup(&desc.name, self.options.unsafe_, self.options.flat_float_array)
            .ok_or_else(|| Error::new(loc, ErrorKind::UnknownBuiltinPrimitive(desc.name)))
    }

    /// The unit that declares an external must be linked: it may bring the C code.
    fn mark_used(&mut self, env: &Env, path: Option<&Path>, prim: &Prim) {
        if let (Prim::External(_), Some(path @ Path::Dot(..))) = (prim, path) {
            let path = env.normalize_value_path(self.cx, None, path).unwrap_or_else(|_| path.clone());
            let head = path.head();
            if head.is_global() && !self.used_units.contains(&head.name()) {
                self.used_units.push(head.name());
            }
        }
    }

    /// Checks the declaration of a primitive.
    pub(crate) fn check_primitive_arity(&self, loc: Location, desc: &Rc<PrimitiveDescription>) -> Result<()> {
        let n = desc.arity;
        let fits = match self.lookup(loc, desc)? {
            Prim::Primitive(_, arity) => arity == n,
            Prim::External(_) => true,
            Prim::Comparison(..)
            | Prim::RaiseWithBacktrace
            | Prim::Send
            | Prim::SendSelf
            | Prim::Apply
            | Prim::Revapply => n == 2,
            Prim::Raise(_) | Prim::LazyForce | Prim::Identity => n == 1,
            Prim::SysArgv => n <= 1,
            Prim::Loc(_) => n <= 1,
            Prim::SendCache => n == 4,
            Prim::FramePointers => n == 0,
            Prim::Atomic(op, kind) => n == op.arity(kind),
        };
        if fits { Ok(()) } else { Err(Error::new(loc, ErrorKind::WrongArityBuiltinPrimitive(desc.name))) }
    }

    /// A primitive as a value.
    pub(crate) fn primitive_value(
        &mut self,
        loc: &ScopedLocation,
        desc: &Rc<PrimitiveDescription>,
        env: &Env,
        ty: TypeId,
        path: Option<&Path>,
    ) -> Result<Lambda> {
        let prim = self.lookup(loc.loc, desc)?;
        self.mark_used(env, path, &prim);
        let prim = self.specialize(env, ty, false, prim);
        let params: Vec<Ident> = (0..desc.arity).map(|_| Ident::create_local("prim".into())).collect();
        let args = params.iter().map(|id| Lambda::Var(*id)).collect();
        let body = self.apply_prim(desc.name, prim, loc, args)?;
        if params.is_empty() {
            return Ok(body);
        }
        let attr = FunctionAttribute { stub: true, ..FunctionAttribute::default() };
        let params = params.into_iter().map(|id| (id, ValueKind::Generic)).collect();
        Ok(function(params, ValueKind::Generic, body, attr, loc))
    }

    /// A primitive with all its arguments.
    #[expect(clippy::too_many_arguments, reason = "an application is all of this")]
    pub(crate) fn primitive_application(
        &mut self,
        loc: &ScopedLocation,
        desc: &Rc<PrimitiveDescription>,
        env: &Env,
        ty: TypeId,
        path: &Path,
        args: Vec<Lambda>,
        sources: &[&Expression],
    ) -> Result<Lambda> {
        let prim = self.lookup(loc.loc, desc)?;
        self.mark_used(env, Some(path), &prim);
        let constant = sources.len() == 2 && sources.iter().any(|exp| is_constant_constructor(exp));
        let prim = self.specialize(env, ty, constant, prim);
        self.apply_prim(desc.name, prim, loc, args)
    }

    // -----------------------------------------------------------------------------------------
    // Specialisation

    /// The types of the first two parameters.
    fn param_types(&self, env: &Env, ty: TypeId) -> Vec<TypeId> {
        let mut types = Vec::new();
        if let Some((first, rest)) = kinds::function_type(self.cx, env, ty) {
            types.push(first);
            types.extend(kinds::function_type(self.cx, env, rest).map(|(second, _)| second));
        }
        types
    }

    fn specialize(&self, env: &Env, ty: TypeId, constant_constructor: bool, prim: Prim) -> Prim {
        let types = self.param_types(env, ty);
        let array = |kind: ArrayKind| match types.first() {
            Some(ty) => meet(kind, kinds::array_kind(self.cx, env, *ty)),
            None => kind,
        };
        match prim {
            Prim::Primitive(prim, arity) => {
                let prim = match prim {
                    Primitive::SetField(n, _, init) => match types.get(1) {
                        Some(ty) => Primitive::SetField(n, kinds::pointerness(self.cx, env, *ty), init),
                        None => Primitive::SetField(n, Pointerness::Pointer, init),
                    },
                    Primitive::Field(n, info) => {
                        // The type of the result says what the field may be.
                        let pointerness = kinds::function_type(self.cx, env, ty)
                            .map_or(Pointerness::Pointer, |(_, result)| kinds::pointerness(self.cx, env, result));
                        Primitive::Field(n, FieldInfo { pointerness, ..info })
                    }
                    Primitive::ArrayLength(kind) => Primitive::ArrayLength(array(kind)),
                    Primitive::ArrayRef(kind, safety) => Primitive::ArrayRef(array(kind), safety),
                    Primitive::ArraySet(kind, safety) => Primitive::ArraySet(array(kind), safety),
                    Primitive::BigarrayRef(safety, n, ..) => {
                        let (kind, layout) = self.bigarray(env, &types);
                        Primitive::BigarrayRef(safety, n, kind, layout)
                    }
                    Primitive::BigarraySet(safety, n, ..) => {
                        let (kind, layout) = self.bigarray(env, &types);
                        Primitive::BigarraySet(safety, n, kind, layout)
                    }
                    Primitive::MakeBlock(tag, mutability, None) if !types.is_empty() => {
                        let shape: Rc<[ValueKind]> =
                            types.iter().take(arity).map(|ty| kinds::value_kind(self.cx, env, *ty)).collect();
                        let known = shape.len() == arity && shape.iter().any(|kind| *kind != ValueKind::Generic);
                        Primitive::MakeBlock(tag, mutability, known.then_some(shape))
                    }
                    other => other,
                };
                Prim::Primitive(prim, arity)
            }
            Prim::Comparison(op, ComparisonKind::Generic) => {
                let kind = types.first().map_or(ComparisonKind::Generic, |ty| self.comparison_kind(env, *ty));
                let equality = matches!(op, ComparisonOp::Equal | ComparisonOp::NotEqual);
                Prim::Comparison(op, if constant_constructor && equality { ComparisonKind::Ints } else { kind })
            }
            other => other,
        }
    }

    fn bigarray(&self, env: &Env, types: &[TypeId]) -> (BigarrayKind, BigarrayLayout) {
        match types.first() {
            Some(ty) => kinds::bigarray_kind(self.cx, env, *ty),
            None => (BigarrayKind::Unknown, BigarrayLayout::Unknown),
        }
    }

    fn comparison_kind(&self, env: &Env, ty: TypeId) -> ComparisonKind {
        match kinds::value_kind(self.cx, env, ty) {
            ValueKind::Int => ComparisonKind::Ints,
            ValueKind::Float => ComparisonKind::Floats,
            ValueKind::BoxedInteger(kind) => ComparisonKind::Boxed(kind),
            ValueKind::Generic if kinds::is_base_type(self.cx, env, ty, TypeConstr::String) => ComparisonKind::Strings,
            ValueKind::Generic if kinds::is_base_type(self.cx, env, ty, TypeConstr::Bytes) => ComparisonKind::Bytes,
            ValueKind::Generic => ComparisonKind::Generic,
        }
    }

    // -----------------------------------------------------------------------------------------
    // Application

    fn apply_prim(&mut self, name: Name, prim: Prim, loc: &ScopedLocation, mut args: Vec<Lambda>) -> Result<Lambda> {
        let wrong_arity = || Error::new(loc.loc, ErrorKind::WrongArityBuiltinPrimitive(name));
        let on = |prim: Primitive, args: Vec<Lambda>| Lambda::Prim(prim, args, loc.clone());
        Ok(match (prim, args.len()) {
            (Prim::Primitive(prim, arity), n) if n == arity => on(prim, args),
            (Prim::External(desc), 2) if desc.name == "caml_obj_with_tag" && has_known_tag(&args) => {
                block_with_tag(args)
            }
            (Prim::External(desc), _) => on(Primitive::CCall(desc), args),
            (Prim::SysArgv, 0 | 1) => on(c_call("caml_sys_argv", 1, true), vec![Lambda::unit()]),
            (Prim::Comparison(op, kind), 2) => on(comparison_primitive(op, kind), args),
            (Prim::Raise(kind), 1) => {
                // What a handler around caught is raised again: its trace goes on.
                let kind = match (&kind, &args[0]) {
                    (RaiseKind::Regular, Lambda::Var(id)) if self.caught.contains(id) => RaiseKind::Reraise,
                    _ => kind,
                };
                on(Primitive::Raise(kind), args)
            }
            (Prim::RaiseWithBacktrace, 2) => {
                let exn = Ident::create_local("exn".into());
                let trace = args.pop().unwrap_or_else(Lambda::unit);
                let value = args.pop().unwrap_or_else(Lambda::unit);
                let restore = on(c_call("caml_restore_raw_backtrace", 2, false), vec![Lambda::Var(exn), trace]);
                let raise = on(Primitive::Raise(RaiseKind::Reraise), vec![Lambda::Var(exn)]);
                let_(LetKind::Strict, ValueKind::Generic, exn, value, sequence(restore, raise))
            }
            (Prim::LazyForce, 1) => {
                let value = args.pop().unwrap_or_else(Lambda::unit);
                self.inline_lazy_force(value, loc)
            }
            (Prim::Loc(kind), 0) => self.location_constant(kind, loc),
            (Prim::Loc(kind), 1) => {
                let place = self.location_constant(kind, loc);
                args.insert(0, place);
                make_block(0, Mutability::Immutable, None, args, loc)
            }
            (Prim::Send, 2) => send(MethodKind::Public, args, loc),
            (Prim::SendSelf, 2) => send(MethodKind::Self_, args, loc),
            (Prim::SendCache, 4) => send(MethodKind::Cached, args, loc),
            (Prim::FramePointers, 0) => Lambda::int(0),
            (Prim::Identity, 1) => args.remove(0),
            (Prim::Apply, 2) => {
                let func = args.remove(0);
                apply(func, args, loc)
            }
            (Prim::Revapply, 2) => {
                let arg = args.remove(0);
                apply(args.remove(0), vec![arg], loc)
            }
            (Prim::Atomic(op, kind), n) if n == op.arity(kind) => atomic(op, kind, args, loc),
            _ => return Err(wrong_arity()),
        })
    }

    fn location_constant(&self, kind: LocKind, place: &ScopedLocation) -> Lambda {
        let (start, end) = (place.loc.start, place.loc.end);
        let file = start.file;
        let (line, first) = (i64::from(start.line), i64::from(start.column()));
        let last = i64::from(end.cnum) - i64::from(start.cnum) + first;
        match kind {
            LocKind::File => string(&file),
            LocKind::Line => Lambda::int(line),
            LocKind::Module => string(&self.unit),
            LocKind::Loc => string(&format!("File {}, line {line}, characters {first}-{last}", ocaml_quoted(&file))),
            LocKind::Pos => Lambda::Const(StructuredConstant::Block(
                0,
                Rc::from([
                    crate::translator::string_constant(&file),
                    StructuredConstant::Int(line),
                    StructuredConstant::Int(first),
                    StructuredConstant::Int(last),
                ]),
            )),
            LocKind::Function => string(place.scopes.as_deref().unwrap_or("<unknown>")),
        }
    }
}

/// Whether the arguments of `Obj.with_tag` are a known tag and a block made there and then.
fn has_known_tag(args: &[Lambda]) -> bool {
    matches!(
        args,
        [
            Lambda::Const(StructuredConstant::Int(0..=255)),
            Lambda::Const(StructuredConstant::Block(..)) | Lambda::Prim(Primitive::MakeBlock(..), ..)
        ]
    )
}

/// The block made with the tag from the start.
fn block_with_tag(mut args: Vec<Lambda>) -> Lambda {
    let block = args.pop().unwrap_or_else(Lambda::unit);
    let tag = match args.pop() {
        Some(Lambda::Const(StructuredConstant::Int(tag))) => tag as u8,
        _ => 0,
    };
    match block {
        Lambda::Const(StructuredConstant::Block(_, fields)) => Lambda::Const(StructuredConstant::Block(tag, fields)),
        Lambda::Prim(Primitive::MakeBlock(_, mutability, shape), fields, loc) => {
            Lambda::Prim(Primitive::MakeBlock(tag, mutability, shape), fields, loc)
        }
        other => other,
    }
}

/// `%S` of a format.
fn ocaml_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' => quoted.push_str("\\\""),
            b'\\' => quoted.push_str("\\\\"),
            b'\n' => quoted.push_str("\\n"),
            b'\t' => quoted.push_str("\\t"),
            b'\r' => quoted.push_str("\\r"),
            b' '..=b'~' => quoted.push(char::from(byte)),
            other => quoted.push_str(&format!("\\{other:03}")),
        }
    }
    quoted + "\""
}

/// C functions that every target has an instruction for.
fn known_external(desc: &Rc<PrimitiveDescription>) -> Prim {
    match desc.native_name().as_str() {
        "sqrt" if desc.arity == 1 => Prim::Primitive(Primitive::SqrtFloat, 1),
        "caml_int64_bits_of_float_unboxed" if desc.arity == 1 => Prim::Primitive(Primitive::Int64BitsOfFloat, 1),
        "caml_int64_float_of_bits_unboxed" if desc.arity == 1 => Prim::Primitive(Primitive::FloatOfInt64Bits, 1),
        _ => Prim::External(desc.clone()),
    }
}

fn is_constant_constructor(exp: &Expression) -> bool {
    match &exp.desc {
        ExpressionDesc::Construct(_, constr, _) => matches!(constr.tag, ConstructorTag::Constant(_)),
        ExpressionDesc::Variant(_, None) => true,
        _ => false,
    }
}

/// The more precise of two kinds; the first if they contradict each other, which only `Obj.magic`
/// can bring about.
fn meet(a: ArrayKind, b: ArrayKind) -> ArrayKind {
    use ArrayKind::{Addr, Float, Generic, Int};
    match (a, b) {
        (Float, Addr | Int) | (Addr | Int, Float) => a,
        (Generic, kind) | (kind, Generic) => kind,
        (Addr, kind) | (kind, Addr) => kind,
        (Int, Int) => Int,
        (Float, Float) => Float,
    }
}

fn send(kind: MethodKind, mut args: Vec<Lambda>, loc: &ScopedLocation) -> Lambda {
    let rest = args.split_off(2);
    let method = args.pop().unwrap_or_else(Lambda::unit);
    let object = args.pop().unwrap_or_else(Lambda::unit);
    Lambda::Send(kind, Box::new(method), Box::new(object), rest, loc.clone())
}

fn atomic(op: AtomicOp, kind: AtomicKind, mut args: Vec<Lambda>, loc: &ScopedLocation) -> Lambda {
    let prim = match op {
        AtomicOp::Load => Primitive::AtomicLoad,
        AtomicOp::Exchange => Primitive::AtomicExchange,
        AtomicOp::Cas => Primitive::AtomicCas,
        AtomicOp::FetchAdd => Primitive::AtomicFetchAdd,
    };
    match kind {
        AtomicKind::Field => Lambda::Prim(prim, args, loc.clone()),
        AtomicKind::Ref => {
            args.insert(1, Lambda::int(0));
            Lambda::Prim(prim, args, loc.clone())
        }
        AtomicKind::Loc => match args.remove(0) {
            Lambda::Prim(Primitive::MakeBlock(..), place, _) if place.len() == 2 => {
                let args = place.into_iter().chain(args).collect();
                Lambda::Prim(prim, args, loc.clone())
            }
            pair => {
                let id = Ident::create_local("atomic_arg".into());
                let place = [field(0, Lambda::Var(id), loc), field(1, Lambda::Var(id), loc)];
                let args = place.into_iter().chain(args).collect();
                let_(LetKind::Strict, ValueKind::Generic, id, pair, Lambda::Prim(prim, args, loc.clone()))
            }
        },
    }
}

fn comparison_primitive(op: ComparisonOp, kind: ComparisonKind) -> Primitive {
    let comparison = match op {
        ComparisonOp::Equal => Some((Comparison::Eq, FloatComparison::Eq)),
        ComparisonOp::NotEqual => Some((Comparison::Ne, FloatComparison::Neq)),
        ComparisonOp::LessEqual => Some((Comparison::Le, FloatComparison::Le)),
        ComparisonOp::LessThan => Some((Comparison::Lt, FloatComparison::Lt)),
        ComparisonOp::GreaterEqual => Some((Comparison::Ge, FloatComparison::Ge)),
        ComparisonOp::GreaterThan => Some((Comparison::Gt, FloatComparison::Gt)),
        ComparisonOp::Compare => None,
    };
    let suffix = match op {
        ComparisonOp::Equal => "equal",
        ComparisonOp::NotEqual => "notequal",
        ComparisonOp::LessEqual => "lessequal",
        ComparisonOp::LessThan => "lessthan",
        ComparisonOp::GreaterEqual => "greaterequal",
        ComparisonOp::GreaterThan => "greaterthan",
        ComparisonOp::Compare => "compare",
    };
    match (kind, comparison) {
        // Only the general comparison may raise.
        (ComparisonKind::Generic, _) => c_call(&format!("caml_{suffix}"), 2, true),
        (ComparisonKind::Strings, _) => c_call(&format!("caml_string_{suffix}"), 2, false),
        (ComparisonKind::Bytes, _) => c_call(&format!("caml_bytes_{suffix}"), 2, false),
        (ComparisonKind::Ints, Some((comparison, _))) => Primitive::IntComp(comparison),
        (ComparisonKind::Floats, Some((_, comparison))) => Primitive::FloatComp(comparison),
        (ComparisonKind::Boxed(kind), Some((comparison, _))) => Primitive::BintComp(kind, comparison),
        (ComparisonKind::Ints, None) => Primitive::CompareInts,
        (ComparisonKind::Floats, None) => Primitive::CompareFloats,
        (ComparisonKind::Boxed(kind), None) => Primitive::CompareBints(kind),
    }
}
