//! Expressions: upstream's `Translcore`.
//!
//! Operands of primitives, blocks and calls are evaluated from right to left by the back ends;
//! where another order is needed, a `let` says so.

mod apply;
mod binding;

mod cases;
mod functions;
mod record;

pub use apply::MAX_ARITY;
pub(crate) use binding::{Bound, RecursiveBinding};

use crate::error::{Error, ErrorKind, Result};
use crate::kinds;
use crate::lambda::*;
use crate::map::deep;
use crate::matching::position_constant;
use crate::translator::{
    Translator, apply as apply_term, function, ignore, let_, make_block, mutable_field, parse_float, sequence, string,
};
use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_types as types;
use rocaml_types::env::Env;
use rocaml_types::{
    ConstructorTag, Ident, LabelDescription, Path, RecordRepresentation, TypeId, ValueDescription, btype,
};
use rocaml_typing::typedtree::*;
use rocaml_typing::typeopt::{self, LazyArgument};
use std::rc::Rc;

/// Constant arrays of more elements are copied from static data.
const DUP_ARRAY_ABOVE: usize = 4;
const LAZY_TAG: u8 = 246;
const OBJECT_TAG: u8 = 248;
const FORWARD_TAG: u8 = 250;

impl Translator<'_> {
    /// An expression.
    pub(crate) fn exp(&mut self, e: &Expression) -> Result<Lambda> {
        self.translate(e, false)
    }

    /// An expression that is the definition of what the scopes were just given for.
    pub(crate) fn scoped_exp(&mut self, e: &Expression) -> Result<Lambda> {
        self.translate(e, true)
    }

    fn translate(&mut self, e: &Expression, in_new_scope: bool) -> Result<Lambda> {
        let repeated = match &e.desc {
            ExpressionDesc::Function(..) | ExpressionDesc::While(..) | ExpressionDesc::For(..) => true,
            // Handlers of effects.
            ExpressionDesc::Match(_, _, effects, _) | ExpressionDesc::Try(_, _, effects) => !effects.is_empty(),
            _ => false,
        };
        deep(|| match repeated {
            true => self.repeated(&e.env, |this| this.expression(e, in_new_scope)),
            false => self.expression(e, in_new_scope),
        })
    }

    pub(crate) fn exps<'e>(&mut self, es: impl IntoIterator<Item = &'e Expression>) -> Result<Vec<Lambda>> {
        es.into_iter().map(|e| self.exp(e)).collect()
    }

    fn exps_with_shape<'e>(
        &mut self,
        es: impl IntoIterator<Item = &'e Expression>,
    ) -> Result<(Vec<Lambda>, Vec<ValueKind>)> {
        let (mut lambdas, mut shape) = (Vec::new(), Vec::new());
        for e in es {
            lambdas.push(self.exp(e)?);
            shape.push(kinds::kind_of(self.cx, e));
        }
        Ok((lambdas, shape))
    }

    fn expression(&mut self, e: &Expression, in_new_scope: bool) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        Ok(match &e.desc {
            ExpressionDesc::Ident(path, _, desc) => self.ident(&loc, &e.env, e.type_, path, desc)?,
            ExpressionDesc::Constant(constant) => Lambda::Const(structured_constant(constant)),
            ExpressionDesc::Let(flag, bindings, body) => {
                let bound = self.let_bindings(*flag, bindings, false)?;
                let body = self.exp(body)?;
                self.close_bindings(bound, body)?
            }
            ExpressionDesc::Function(params, body) => self.function_expression(e, params, body, in_new_scope)?,
            ExpressionDesc::Apply(func, args) => self.application(e, func, args)?,
            ExpressionDesc::Match(arg, cases, effects, partial) => {
                self.match_expression(e, arg, cases, effects, *partial)?
            }
            ExpressionDesc::Try(body, cases, effects) => self.try_expression(e, body, cases, effects)?,
            ExpressionDesc::Tuple(parts) => {
                let (fields, shape) = self.exps_with_shape(parts.iter().map(|(_, e)| e))?;
                block(0, Mutability::Immutable, shape, fields, &loc)
            }
            ExpressionDesc::Construct(_, constr, args) => self.construct(e, constr, args)?,
            ExpressionDesc::Variant(tag, arg) => {
                let hash = StructuredConstant::Int(btype::hash_variant(tag));
                match arg {
                    None => Lambda::Const(hash),
                    Some(arg) => {
                        let fields = vec![Lambda::Const(hash), self.exp(arg)?];
                        match constants(&fields) {
                            Some(constants) => Lambda::Const(StructuredConstant::Block(0, constants.into())),
                            None => make_block(0, Mutability::Immutable, None, fields, &loc),
                        }
                    }
                }
            }
            ExpressionDesc::Record { fields, representation, extended_expression } => {
                self.record(e, fields, representation, extended_expression.as_deref())?
            }
            ExpressionDesc::AtomicLoc(record, _, label) => {
                let shape = Rc::from([kinds::kind_of(self.cx, record), ValueKind::Int]);
                let fields = self.atomic_place(record, label)?;
                make_block(0, Mutability::Immutable, Some(shape), fields, &loc)
            }
            ExpressionDesc::Field(record, _, label) if label.atomic => {
                Lambda::Prim(Primitive::AtomicLoad, self.atomic_place(record, label)?, loc)
            }
            ExpressionDesc::Field(record, _, label) => {
                let pointerness = kinds::pointerness(self.cx, &e.env, e.type_);
                let record = self.exp(record)?;
                read_label(record, label, pointerness, &loc)
            }
            ExpressionDesc::SetField(record, _, label, value) if label.atomic => {
                let mut args = self.atomic_place(record, label)?;
                args.push(self.exp(value)?);
                ignore(Lambda::Prim(Primitive::AtomicExchange, args, loc.clone()), &loc)
            }
            ExpressionDesc::SetField(record, _, label, value) => {
                let store = store_label(label, kinds::pointerness(self.cx, &value.env, value.type_));
                let args = vec![self.exp(record)?, self.exp(value)?];
                Lambda::Prim(store, args, loc)
            }
            ExpressionDesc::Array(flag, elements) => self.array(e, *flag, elements)?,
            ExpressionDesc::IfThenElse(condition, then, otherwise) => {
                let condition = self.exp(condition)?;
                let then = self.exp(then)?;
                let otherwise = otherwise.as_ref().map_or(Ok(Lambda::unit()), |e| self.exp(e))?;
                Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
            }
            ExpressionDesc::Sequence(first, second) => {
                let first = self.exp(first)?;
                sequence(first, self.exp(second)?)
            }
            ExpressionDesc::While(condition, body) => {
                let condition = self.exp(condition)?;
                Lambda::While(Box::new(condition), Box::new(self.exp(body)?))
            }
            ExpressionDesc::For(id, _, from, to, direction, body) => {
                let (from, to) = (self.exp(from)?, self.exp(to)?);
                Lambda::For(*id, Box::new(from), Box::new(to), *direction, Box::new(self.exp(body)?))
            }
            ExpressionDesc::Send(object, method) => self.send(e, object, method)?,
            ExpressionDesc::LetModule(id, _, presence, modl, body) => {
                if *presence == types::ModulePresence::Absent {
                    return self.exp(body);
                }
                match id {
                    None => {
                        let modl = self.module(modl, &ModuleCoercion::None, None)?;
                        sequence(ignore(modl, &loc), self.exp(body)?)
                    }
                    Some(id) => {
                        let scopes = self.scopes.definition(id.name());
                        let modl = self.in_scopes(scopes, |this| this.module(modl, &ModuleCoercion::None, None))?;
                        let_(LetKind::Strict, ValueKind::Generic, *id, modl, self.exp(body)?)
                    }
                }
            }
            ExpressionDesc::LetException(constructor, body) => {
                let slot = self.extension_constructor(&e.env, None, constructor)?;
                let_(LetKind::Strict, ValueKind::Generic, constructor.id, slot, self.exp(body)?)
            }
            ExpressionDesc::Assert(condition, place) => self.assertion(condition, *place, &loc)?,
            ExpressionDesc::Lazy(inner) => self.suspension(inner)?,
            ExpressionDesc::Pack(modl) => self.module(modl, &ModuleCoercion::None, None)?,
            ExpressionDesc::LetOp { let_, ands, param, body, partial } => {
                self.letop(e, let_, ands, *param, body, *partial)?
            }
            ExpressionDesc::Unreachable => return Err(Error::new(e.loc, ErrorKind::UnreachableReached)),
            ExpressionDesc::ExtensionConstructor(_, path) => self.extension_path(&loc, &e.env, path)?,
            ExpressionDesc::Open(open, body) => self.open_expression(open, body)?,
            ExpressionDesc::New(path, lid, _) => {
                let loc = self.scopes.at(lid.loc);
                let class = self.class_path(&loc, &e.env, path)?;
                apply_term(mutable_field(0, class, Pointerness::Pointer, &loc), vec![Lambda::unit()], &loc)
            }
            ExpressionDesc::InstVar(self_, variable, _) => {
                let args = vec![self.value_path(&loc, &e.env, self_)?, self.value_path(&loc, &e.env, variable)?];
                Lambda::Prim(Primitive::FieldComputed, args, loc)
            }
            ExpressionDesc::SetInstVar(self_, variable, _, value) => {
                let self_ = self.value_path(&loc, &e.env, self_)?;
                let variable = self.value_path(&loc, &e.env, variable)?;
                self.set_instance_variable(self_, variable, value)?
            }
            ExpressionDesc::Override(self_, changes) => self.object_copy(e, self_, changes)?,
            ExpressionDesc::Object(structure, public) => self.immediate_object(e, structure, public)?,
        })
    }

    /// A value by its path.
    pub(crate) fn ident(
        &mut self,
        loc: &ScopedLocation,
        env: &Env,
        ty: TypeId,
        path: &Path,
        desc: &ValueDescription,
    ) -> Result<Lambda> {
        match &desc.kind {
            types::ValueKind::Prim(prim) => self.primitive_value(loc, prim, env, ty, Some(path)),
            types::ValueKind::Anc(_) => Err(Error::new(loc.loc, ErrorKind::FreeSuperVar)),
            _ => self.value_path(loc, env, path),
        }
    }

    fn construct(
        &mut self,
        e: &Expression,
        constr: &types::ConstructorDescription,
        args: &[Expression],
    ) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        let (mut fields, mut shape) = self.exps_with_shape(args)?;
        if constr.inlined.is_some() || constr.tag == ConstructorTag::Unboxed {
            // The inline record is the block; an unboxed constructor is its argument.
            return Ok(fields.pop().unwrap_or_else(Lambda::unit));
        }
        Ok(match &constr.tag {
            ConstructorTag::Constant(n) => Lambda::int(i64::from(*n)),
            ConstructorTag::Block(tag) => block(*tag as u8, Mutability::Immutable, shape, fields, &loc),
            ConstructorTag::Unboxed => unreachable!("treated above"),
            ConstructorTag::Extension(path, constant) => {
                let slot = self.extension_path(&loc, &e.env, path)?;
                if *constant {
                    return Ok(slot);
                }
                fields.insert(0, slot);
                shape.insert(0, ValueKind::Generic);
                make_block(0, Mutability::Immutable, Some(shape.into()), fields, &loc)
            }
        })
    }

    /// The block and the index of an atomic field.
    fn atomic_place(&mut self, record: &Expression, label: &LabelDescription) -> Result<Vec<Lambda>> {
        let offset = usize::from(matches!(label.repres, RecordRepresentation::Extension(_)));
        Ok(vec![self.exp(record)?, Lambda::int((label.pos + offset) as i64)])
    }

    fn array(&mut self, e: &Expression, flag: MutableFlag, elements: &[Expression]) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        let kind = kinds::array_kind(self.cx, &e.env, e.type_);
        let elements = self.exps(elements)?;
        let mutability = match flag {
            MutableFlag::Mutable => Mutability::Mutable,
            MutableFlag::Immutable => Mutability::Immutable,
        };
        let shared = mutability == Mutability::Immutable || elements.len() > DUP_ARRAY_ABOVE;
        let constant = if shared { constants(&elements).and_then(|cs| constant_array(kind, cs)) } else { None };
        Ok(match constant {
            Some(constant) if mutability == Mutability::Immutable => Lambda::Const(constant),
            Some(constant) => Lambda::Prim(Primitive::DupArray(kind, mutability), vec![Lambda::Const(constant)], loc),
            None => Lambda::Prim(Primitive::MakeArray(kind, mutability), elements, loc),
        })
    }

    fn send(&mut self, e: &Expression, object: &Expression, method: &Method) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        match method {
            Method::Name(name) => {
                let object = self.exp(object)?;
                let label = Lambda::int(btype::hash_variant(name));
                Ok(Lambda::Send(MethodKind::Public, Box::new(label), Box::new(object), vec![], loc))
            }
            Method::Val(id) => {
                let object = self.exp(object)?;
                Ok(Lambda::Send(MethodKind::Self_, Box::new(Lambda::Var(*id)), Box::new(object), vec![], loc))
            }
            Method::Ancestor(id, self_path) => {
                let self_ = self.value_path(&loc, &e.env, self_path)?;
                Ok(apply_term(Lambda::Var(*id), vec![self_], &loc))
            }
        }
    }

    /// `{< x = e; … >}`
    fn object_copy(
        &mut self,
        e: &Expression,
        self_: &Path,
        changes: &[(Ident, Loc<Name>, Expression)],
    ) -> Result<Lambda> {
        let self_ = self.value_path(&self.scopes.at(e.loc), &e.env, self_)?;
        let copy = Ident::create_local("copy".into());
        let mut body = Lambda::Var(copy);
        for (variable, _, value) in changes.iter().rev() {
            let change = self.set_instance_variable(Lambda::Var(copy), Lambda::Var(*variable), value)?;
            body = sequence(change, body);
        }
        let copied = self.oo_call("copy", vec![self_])?;
        Ok(let_(LetKind::Strict, ValueKind::Generic, copy, copied, body))
    }

    fn assertion(&mut self, condition: &Expression, place: Location, loc: &ScopedLocation) -> Result<Lambda> {
        let slot = Lambda::Prim(Primitive::GetPredef("Assert_failure".into()), vec![], loc.clone());
        let fields = vec![slot, Lambda::Const(position_constant(place))];
        let exn = make_block(0, Mutability::Immutable, None, fields, loc);
        let failed = Lambda::Prim(Primitive::Raise(RaiseKind::Regular), vec![exn], loc.clone());
        match &condition.desc {
            // `assert false` stays whatever the options.
            ExpressionDesc::Construct(_, constr, _) if constr.name == "false" => Ok(failed),
            _ if self.options.no_assert => Ok(Lambda::unit()),
            _ => Ok(Lambda::IfThenElse(Box::new(self.exp(condition)?), Box::new(Lambda::unit()), Box::new(failed))),
        }
    }

    fn suspension(&mut self, inner: &Expression) -> Result<Lambda> {
        let loc = self.scopes.at(inner.loc);
        let argument = typeopt::classify_lazy_argument(self.cx, inner);
        match argument {
            LazyArgument::ConstantOrFunction | LazyArgument::Identifier { forward: false } => self.exp(inner),
            LazyArgument::Float | LazyArgument::Identifier { forward: true } => {
                Ok(make_block(FORWARD_TAG, Mutability::Mutable, None, vec![self.exp(inner)?], &loc))
            }
            LazyArgument::Other => {
                let param = Ident::create_local("param".into());
                let body = self.exp(inner)?;
                // The result goes to the library, which takes any value.
                let thunk = function(
                    vec![(param, ValueKind::Generic)],
                    ValueKind::Generic,
                    body,
                    FunctionAttribute::default(),
                    &loc,
                );
                Ok(make_block(LAZY_TAG, Mutability::Mutable, None, vec![thunk], &loc))
            }
        }
    }

    /// The slot of an extension constructor: a fresh object block with its name, or that of the
    /// constructor it rebinds.
    pub(crate) fn extension_constructor(
        &mut self,
        env: &Env,
        path: Option<&Path>,
        constructor: &ExtensionConstructor,
    ) -> Result<Lambda> {
        let loc = self.scopes.at(constructor.loc);
        match &constructor.kind {
            ExtensionConstructorKind::Rebind(path, _) => self.extension_path(&loc, env, path),
            ExtensionConstructorKind::Decl(..) => {
                let name = match (path, self.options.pack) {
                    (None, _) => constructor.id.name().to_string(),
                    (Some(path), None) => printed_path(path),
                    (Some(path), Some(pack)) => format!("{pack}.{}", printed_path(path)),
                };
                let fresh_id = Lambda::Prim(
                    crate::translprim::c_call("caml_fresh_oo_id", 1, false),
                    vec![Lambda::unit()],
                    loc.clone(),
                );
                Ok(make_block(OBJECT_TAG, Mutability::Immutable, None, vec![string(&name), fresh_id], &loc))
            }
        }
    }

    fn open_expression(&mut self, open: &OpenDeclaration, body: &Expression) -> Result<Lambda> {
        let body = self.exp(body)?;
        let pure = pure_module(&open.expr);
        let idents = bound_value_idents(&open.bound_items);
        if idents.is_empty() && pure == LetKind::Alias {
            return Ok(body);
        }
        let loc = self.scopes.at(open.loc);
        let module = Ident::create_local("open".into());
        let body = idents.into_iter().enumerate().rev().fold(body, |body, (position, id)| {
            let field = mutable_field(position, Lambda::Var(module), Pointerness::Pointer, &loc);
            let_(LetKind::Alias, ValueKind::Generic, id, field, body)
        });
        let def = self.module(&open.expr, &ModuleCoercion::None, None)?;
        Ok(let_(pure, ValueKind::Generic, module, def, body))
    }

    /// The operands of `let+ … and+ …`, evaluated in the order of the source.
    fn and_operands(&mut self, e: &Expression, left: Lambda, ands: &[BindingOp]) -> Result<Lambda> {
        let Some((and, rest)) = ands.split_first() else { return Ok(left) };
        let (left_id, right_id) = (Ident::create_local("left".into()), Ident::create_local("right".into()));
        let place = self.scopes.at(and.op_name.loc);
        let op = self.ident(&place, &e.env, and.op_type, &and.op_path, &and.op_val)?;
        let right = self.exp(&and.exp)?;
        let both = apply_term(op, vec![Lambda::Var(left_id), Lambda::Var(right_id)], &self.scopes.at(and.loc));
        let both = bind_strict(right_id, right, both);
        let rest = self.and_operands(e, both, rest)?;
        Ok(bind_strict(left_id, left, rest))
    }

    fn letop(
        &mut self,
        e: &Expression,
        first: &BindingOp,
        ands: &[BindingOp],
        param: Ident,
        body: &Case,
        partial: Partial,
    ) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        let value = self.exp(&first.exp)?;
        let value = self.and_operands(e, value, ands)?;
        let place = self.scopes.at(first.op_name.loc);
        let op = self.ident(&place, &e.env, first.op_type, &first.op_path, &first.op_val)?;
        let scopes = self.scopes.anonymous_function();
        let func =
            self.in_scopes(scopes, |this| this.repeated(&e.env, |this| this.one_case_function(param, body, partial)))?;
        Ok(apply_term(op, vec![value, func], &loc))
    }
}

fn bind_strict(id: Ident, def: Lambda, body: Lambda) -> Lambda {
    let_(LetKind::Strict, ValueKind::Generic, id, def, body)
}

/// The name of an exception, `__` of mangled units shown as a dot.
fn printed_path(path: &Path) -> String {
    path.name().replace("__", ".")
}

/// Whether a module expression is a name: upstream's `pure_module`.
pub(crate) fn pure_module(modl: &ModuleExpr) -> LetKind {
    match &modl.desc {
        ModuleExprDesc::Ident(..) => LetKind::Alias,
        ModuleExprDesc::Constraint(inner, ..) => pure_module(inner),
        _ => LetKind::Strict,
    }
}

/// The idents of a signature that have values, in the order of the fields.
pub(crate) fn bound_value_idents(signature: &types::Signature) -> Vec<Ident> {
    signature.iter().filter(|item| item.is_runtime_value()).map(|item| item.ident()).collect()
}

/// A constant of the source.
pub(crate) fn structured_constant(constant: &Constant) -> StructuredConstant {
    match constant {
        Constant::Int(n) => StructuredConstant::Int(*n),
        Constant::Char(c) => StructuredConstant::Int(i64::from(*c)),
        Constant::String(text, ..) => StructuredConstant::String(text.clone()),
        Constant::Float(text) => StructuredConstant::Float(parse_float(text)),
        Constant::Int32(n) => StructuredConstant::Int32(*n),
        Constant::Int64(n) => StructuredConstant::Int64(*n),
        Constant::Nativeint(n) => StructuredConstant::Nativeint(*n),
    }
}

/// The constants that terms are, if all are.
pub(crate) fn constants(lambdas: &[Lambda]) -> Option<Vec<StructuredConstant>> {
    lambdas
        .iter()
        .map(|lambda| match lambda {
            Lambda::Const(constant) => Some(constant.clone()),
            _ => None,
        })
        .collect()
}

fn floats(constants: &[StructuredConstant]) -> Option<Rc<[f64]>> {
    constants
        .iter()
        .map(|constant| match constant {
            StructuredConstant::Float(value) => Some(*value),
            _ => None,
        })
        .collect()
}

fn constant_array(kind: ArrayKind, elements: Vec<StructuredConstant>) -> Option<StructuredConstant> {
    match kind {
        ArrayKind::Addr | ArrayKind::Int => Some(StructuredConstant::Block(0, elements.into())),
        ArrayKind::Float => floats(&elements).map(StructuredConstant::FloatBlock),
        ArrayKind::Generic => None,
    }
}

/// A block, shared if it is constant.
pub(crate) fn block(
    tag: u8,
    mutability: Mutability,
    shape: Vec<ValueKind>,
    fields: Vec<Lambda>,
    loc: &ScopedLocation,
) -> Lambda {
    if mutability == Mutability::Immutable
        && let Some(constants) = constants(&fields)
    {
        return Lambda::Const(StructuredConstant::Block(tag, constants.into()));
    }
    make_block(tag, mutability, Some(shape.into()), fields, loc)
}

/// Reads a label of a record.
pub(crate) fn read_label(
    record: Lambda,
    label: &LabelDescription,
    pointerness: Pointerness,
    loc: &ScopedLocation,
) -> Lambda {
    let read = |index: usize, record: Lambda| match label.mutable {
        MutableFlag::Mutable => mutable_field(index, record, pointerness, loc),
        MutableFlag::Immutable => {
            let info = FieldInfo { mutability: Mutability::Immutable, pointerness };
            Lambda::Prim(Primitive::Field(index, info), vec![record], loc.clone())
        }
    };
    match &label.repres {
        RecordRepresentation::Regular | RecordRepresentation::Inlined(_) => read(label.pos, record),
        RecordRepresentation::Extension(_) => read(label.pos + 1, record),
        RecordRepresentation::Unboxed(_) => record,
        RecordRepresentation::Float => Lambda::Prim(Primitive::FloatField(label.pos), vec![record], loc.clone()),
    }
}

/// The store to a label of a record.
pub(crate) fn store_label(label: &LabelDescription, pointerness: Pointerness) -> Primitive {
    match &label.repres {
        RecordRepresentation::Float => Primitive::SetFloatField(label.pos, Initialization::Assignment),
        RecordRepresentation::Extension(_) => {
            Primitive::SetField(label.pos + 1, pointerness, Initialization::Assignment)
        }
        _ => Primitive::SetField(label.pos, pointerness, Initialization::Assignment),
    }
}
