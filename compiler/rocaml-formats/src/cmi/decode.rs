//! From upstream's values in memory to signatures.

use crate::marshal::{Error, Heap, Value};
use rocaml_base::{Loc, Location, Name, Position};
use rocaml_syntax::ast::{
    Attribute, Attributes, Constant, ConstantDesc, Expression, ExpressionDesc, Payload, StructureItem,
    StructureItemDesc,
};
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag, PrivateFlag, VirtualFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype::IdMap;
use rocaml_types::path::ExtraTy;
use rocaml_types::primitive::{BoxedInteger, NativeRepr, PrimitiveDescription};
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

type Result<T> = std::result::Result<T, Error>;

/// The entries of a `Map` in order.
pub(super) fn map_entries(heap: &Heap, v: Value) -> Result<Vec<(Value, Value)>> {
    let mut entries = Vec::new();
    let mut stack = vec![(v, false)];
    while let Some((v, done)) = stack.pop() {
        if let Value::Object(_) = v {
            let (_, [left, key, data, right, _]) = heap.as_block(v)? else { return Err(Error::Shape("a map")) };
            if done {
                entries.push((*key, *data));
            } else {
                stack.extend([(*right, false), (v, true), (*left, false)]);
            }
        }
        if entries.len() + stack.len() > 4 * heap.len() + 4 {
            return Err(Error::Shape("a finite map"));
        }
    }
    Ok(entries)
}

pub(super) struct Decoder<'a> {
    cx: &'a Context,
    heap: &'a Heap,
    /// By object: what it was decoded to.
    decoded: Vec<Decoded>,
    idents: IdMap<i64, Ident>,
    kinds: HashMap<Value, FieldKind>,
    rows: HashMap<Value, RowFieldVar>,
    depth: usize,
}

/// What is remembered of an object that is shared.
#[derive(Clone, Copy)]
enum Decoded {
    NotYet,
    Name(Name),
    Type(TypeId),
}

/// How deeply values may be nested; a hostile file could exhaust the stack otherwise.
const MAX_DEPTH: usize = 10_000;

impl<'a> Decoder<'a> {
    pub(super) fn new(cx: &'a Context, heap: &'a Heap) -> Decoder<'a> {
        Decoder {
            cx,
            heap,
            decoded: vec![Decoded::NotYet; heap.len()],
            idents: IdMap::default(),
            kinds: HashMap::new(),
            rows: HashMap::new(),
            depth: 0,
        }
    }
    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth > MAX_DEPTH {
            return Err(Error::Shape("a value of usual depth"));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }
    /// Tag and fields; `n` at least.
    fn block(&self, v: Value, n: usize) -> Result<(u8, &'a [Value])> {
        let (tag, fields) = self.heap.as_block(v)?;
        if fields.len() < n { Err(Error::Shape("enough fields")) } else { Ok((tag, fields)) }
    }
    fn record(&self, v: Value, n: usize) -> Result<&'a [Value]> {
        Ok(self.block(v, n)?.1)
    }
    fn option(&self, v: Value) -> Result<Option<Value>> {
        match v {
            Value::Int(_) => Ok(None),
            v => Ok(Some(self.record(v, 1)?[0])),
        }
    }
    fn list<T>(&mut self, v: Value, mut f: impl FnMut(&mut Self, Value) -> Result<T>) -> Result<Vec<T>> {
        let (mut items, mut rest) = (Vec::new(), v);
        while let Some((head, tail)) = self.heap.split_list(rest)? {
            items.push(f(self, head)?);
            rest = tail;
            if items.len() > self.heap.len() {
                return Err(Error::Shape("a finite list"));
            }
        }
        Ok(items)
    }
    fn decoded(&self, v: Value) -> Decoded {
        match v {
            Value::Object(i) => self.decoded[i as usize],
            Value::Int(_) => Decoded::NotYet,
        }
    }
    fn remember(&mut self, v: Value, decoded: Decoded) {
        if let Value::Object(i) = v {
            self.decoded[i as usize] = decoded;
        }
    }
    fn int(&self, v: Value) -> Result<i64> {
        Heap::as_int(v)
    }
    fn bool(&self, v: Value) -> Result<bool> {
        Ok(self.int(v)? != 0)
    }
    fn choose<T: Copy>(&self, v: Value, choices: &[T]) -> Result<T> {
        let i = usize::try_from(self.int(v)?).map_err(|_| Error::Shape("a known case"))?;
        choices.get(i).copied().ok_or(Error::Shape("a known case"))
    }
    pub(super) fn name(&mut self, v: Value) -> Result<Name> {
        if let Decoded::Name(name) = self.decoded(v) {
            return Ok(name);
        }
        let name = Name::new(&String::from_utf8_lossy(self.heap.as_bytes(v)?));
        self.remember(v, Decoded::Name(name));
        Ok(name)
    }
    fn opt_name(&mut self, v: Value) -> Result<Option<Name>> {
        self.option(v)?.map(|v| self.name(v)).transpose()
    }

    fn ident(&mut self, v: Value) -> Result<Ident> {
        let (tag, fields) = self.block(v, 1)?;
        let name = self.name(fields[0])?;
        match (tag, fields) {
            (2, _) => Ok(Ident::global(name)),
            (3, _) => self.cx.predef().find_ident(&name).ok_or(Error::Shape("a known predefined name")),
            (0, [_, stamp]) | (1, [_, stamp, _]) => {
                let stamp = self.int(*stamp)?;
                Ok(*self.idents.entry(stamp).or_insert_with(|| Ident::create_local(name)))
            }
            _ => Err(Error::Shape("an identifier")),
        }
    }
    fn path(&mut self, v: Value) -> Result<Path> {
        self.nested(|d| {
            let (tag, fields) = d.block(v, 1)?;
            Ok(match (tag, fields) {
                (0, [id]) => Path::Ident(d.ident(*id)?),
                (1, [prefix, name]) => Path::Dot(Rc::new(d.path(*prefix)?), d.name(*name)?),
                (2, [f, arg]) => Path::Apply(Rc::new(d.path(*f)?), Rc::new(d.path(*arg)?)),
                (3, [prefix, extra]) => {
                    let extra = match d.option(*extra)? {
                        None => ExtraTy::ExtTy,
                        Some(name) => ExtraTy::CstrTy(d.name(name)?),
                    };
                    Path::ExtraTy(Rc::new(d.path(*prefix)?), extra)
                }
                _ => return Err(Error::Shape("a path")),
            })
        })
    }
    fn position(&mut self, v: Value) -> Result<Position> {
        let f = self.record(v, 4)?;
        let file = self.name(f[0])?;
        Ok(Position { file, line: self.int(f[1])? as u32, bol: self.int(f[2])? as u32, cnum: self.int(f[3])? as i32 })
    }
    fn loc(&mut self, v: Value) -> Result<Location> {
        let f = self.record(v, 3)?;
        Ok(Location { start: self.position(f[0])?, end: self.position(f[1])?, ghost: self.bool(f[2])? })
    }
    fn uid(&mut self, v: Value) -> Result<Uid> {
        let Value::Object(_) = v else { return Ok(Uid::Internal) };
        let (tag, f) = self.block(v, 1)?;
        let name = self.name(f[0])?;
        Ok(match (tag, f) {
            (0, _) => Uid::CompilationUnit(name),
            (1, [_, id, from]) => {
                Uid::Item { comp_unit: name, id: self.int(*id)? as u32, from_intf: !self.bool(*from)? }
            }
            _ => Uid::Predef(name),
        })
    }

    // -----------------------------------------------------------------------------------------
    // Types

    fn types(&mut self, v: Value) -> Result<Vec<TypeId>> {
        self.list(v, |d, v| d.ty(v))
    }
    fn label(&mut self, v: Value) -> Result<ArgLabel> {
        let Value::Object(_) = v else { return Ok(ArgLabel::Nolabel) };
        let (tag, f) = self.block(v, 1)?;
        let name = self.name(f[0])?;
        Ok(if tag == 0 { ArgLabel::Labelled(name) } else { ArgLabel::Optional(name) })
    }
    fn named(&mut self, v: Value) -> Result<Option<(Path, Rc<[TypeId]>)>> {
        let Some(pair) = self.option(v)? else { return Ok(None) };
        let f = self.record(pair, 2)?;
        Ok(Some((self.path(f[0])?, self.types(f[1])?.into())))
    }
    fn kind(&mut self, v: Value) -> Result<FieldKind> {
        match v {
            Value::Int(1) => Ok(FieldKind::Public),
            Value::Int(2) => Ok(FieldKind::Absent),
            Value::Int(_) => Ok(self.cx.new_field_kind()),
            v => match self.record(v, 1)?[0] {
                Value::Int(0) => Ok(*self.kinds.entry(v).or_insert_with(|| self.cx.new_field_kind())),
                inner => self.nested(|d| d.kind(inner)),
            },
        }
    }
    fn ty(&mut self, v: Value) -> Result<TypeId> {
        if let Decoded::Type(ty) = self.decoded(v) {
            return Ok(ty);
        }
        let f = self.record(v, 4)?;
        let level = self.int(f[1])?.clamp(0, i64::from(GENERIC_LEVEL)) as i32;
        let node = self.cx.new_node(TypeDesc::Var(None), level);
        self.remember(v, Decoded::Type(node));
        let desc = self.nested(|d| d.desc(f[0]))?;
        match desc {
            TypeDesc::Univar(_) => {
                // Made anew so that the store knows of it; nothing has seen the stub yet.
                let univar = self.cx.new_node(desc, level);
                self.remember(v, Decoded::Type(univar));
                Ok(univar)
            }
            desc => {
                self.cx.set_stub(node, desc);
                Ok(node)
            }
        }
    }
    fn desc(&mut self, v: Value) -> Result<TypeDesc> {
        let Value::Object(_) = v else { return Ok(TypeDesc::Nil) };
        let (tag, f) = self.block(v, 1)?;
        Ok(match (tag, f) {
            (0, [name]) => TypeDesc::Var(self.opt_name(*name)?),
            (1, [label, a, b, c]) => {
                let commutable = if *c == Value::Int(0) { Commutable::Ok } else { self.cx.new_commutable() };
                TypeDesc::Arrow(self.label(*label)?, self.ty(*a)?, self.ty(*b)?, commutable)
            }
            (2, [items]) => TypeDesc::Tuple(
                self.list(*items, |d, v| {
                    let f = d.record(v, 2)?;
                    Ok((d.opt_name(f[0])?, d.ty(f[1])?))
                })?
                .into(),
            ),
            (3, [path, args, _]) => TypeDesc::Constr(self.path(*path)?, self.types(*args)?.into(), self.cx.new_memo()),
            (4, [fields, name]) => {
                let fields = self.ty(*fields)?;
                let cell = self.record(*name, 1)?[0];
                let name = self.named(cell)?;
                TypeDesc::Object(fields, self.cx.new_object_name(name))
            }
            (5, [name, kind, method, rest]) => {
                TypeDesc::Field(self.name(*name)?, self.kind(*kind)?, self.ty(*method)?, self.ty(*rest)?)
            }
            (6, [ty]) => TypeDesc::Link(self.ty(*ty)?),
            (8, [row]) => TypeDesc::Variant(self.row(*row)?),
            (9, [name]) => TypeDesc::Univar(self.opt_name(*name)?),
            (10, [body, vars]) => TypeDesc::Poly(self.ty(*body)?, self.types(*vars)?.into()),
            (11, [package]) => {
                let f = self.record(*package, 2)?;
                let constraints = self.list(f[1], |d, v| {
                    let f = d.record(v, 2)?;
                    Ok((d.list(f[0], |d, v| d.name(v))?.into(), d.ty(f[1])?))
                })?;
                TypeDesc::Package(PackageType { path: self.path(f[0])?, constraints: constraints.into() })
            }
            _ => return Err(Error::Shape("a type")),
        })
    }
    fn row(&mut self, v: Value) -> Result<RowDesc> {
        let f = self.record(v, 5)?;
        let fields = self.list(f[0], |d, v| {
            let f = d.record(v, 2)?;
            Ok((d.name(f[0])?, d.row_field(f[1])?))
        })?;
        let fixed = match self.option(f[3])? {
            None => None,
            Some(Value::Int(0)) => Some(FixedExplanation::FixedPrivate),
            Some(Value::Int(_)) => Some(FixedExplanation::Rigid),
            Some(v) => {
                let (tag, f) = self.block(v, 1)?;
                Some(if tag == 0 {
                    FixedExplanation::Univar(self.ty(f[0])?)
                } else {
                    FixedExplanation::Reified(self.path(f[0])?)
                })
            }
        };
        Ok(RowDesc {
            fields: fields.into(),
            more: self.ty(f[1])?,
            closed: self.bool(f[2])?,
            fixed,
            name: self.named(f[4])?,
        })
    }
    fn row_field(&mut self, v: Value) -> Result<RowField> {
        let Value::Object(_) = v else { return Ok(RowField::Absent) };
        let (tag, f) = self.block(v, 1)?;
        if tag == 0 {
            return Ok(RowField::Present(self.option(f[0])?.map(|v| self.ty(v)).transpose()?));
        }
        let [no_arg, args, matched, cell] = f else { return Err(Error::Shape("a tag")) };
        let known = self.rows.get(cell).copied();
        let ext = match known {
            Some(ext) => ext,
            None => {
                let ext = self.cx.new_row_field_var();
                self.rows.insert(*cell, ext);
                let content = self.record(*cell, 1)?[0];
                if content != Value::Int(1) {
                    let decided = self.nested(|d| d.row_field(content))?;
                    self.cx.set_row_field(ext, decided);
                }
                ext
            }
        };
        Ok(RowField::Either {
            no_arg: self.bool(*no_arg)?,
            arg_type: self.types(*args)?.into(),
            matched: self.bool(*matched)?,
            ext,
        })
    }

    // -----------------------------------------------------------------------------------------
    // Attributes: what is not understood is an empty payload.

    fn longident(&mut self, v: Value) -> Result<Longident> {
        self.nested(|d| {
            let (tag, f) = d.block(v, 1)?;
            let located = |d: &mut Self, v: Value| {
                let f = d.record(v, 2)?;
                Ok(Box::new(Loc::new(d.longident(f[0])?, d.loc(f[1])?)))
            };
            Ok(match (tag, f) {
                (0, [name]) => Longident::Lident(d.name(*name)?),
                (1, [prefix, name]) => {
                    let prefix = located(d, *prefix)?;
                    let f = d.record(*name, 2)?;
                    Longident::Ldot(prefix, Loc::new(d.name(f[0])?, d.loc(f[1])?))
                }
                (2, [f, arg]) => Longident::Lapply(located(d, *f)?, located(d, *arg)?),
                _ => return Err(Error::Shape("a long identifier")),
            })
        })
    }
    fn expression(&mut self, v: Value) -> Result<Expression> {
        let f = self.record(v, 2)?;
        let (tag, desc) = self.block(f[0], 1)?;
        let desc = match (tag, desc) {
            (0, [lid]) => {
                let f = self.record(*lid, 2)?;
                ExpressionDesc::Ident(Loc::new(self.longident(f[0])?, self.loc(f[1])?))
            }
            (1, [constant]) => {
                let c = self.record(*constant, 2)?;
                let (2, [text, loc, delimiter]) = self.block(c[0], 1)? else { return Err(Error::Shape("a string")) };
                let text = self.heap.as_bytes(*text)?.into();
                let desc = ConstantDesc::String(text, self.loc(*loc)?, self.opt_name(*delimiter)?);
                ExpressionDesc::Constant(Constant { desc, loc: self.loc(c[1])? })
            }
            (4, [function, args]) => {
                let function = self.nested(|d| d.expression(*function))?;
                let args = self.list(*args, |d, v| {
                    let f = d.record(v, 2)?;
                    Ok((d.label(f[0])?, d.nested(|d| d.expression(f[1]))?))
                })?;
                ExpressionDesc::Apply(Box::new(function), args)
            }
            _ => return Err(Error::Shape("a simple expression")),
        };
        Ok(Expression { desc, loc: self.loc(f[1])?, loc_stack: Vec::new(), attributes: Vec::new() })
    }
    fn payload(&mut self, v: Value) -> Result<Payload> {
        let (0, [items]) = self.block(v, 1)? else { return Err(Error::Shape("a structure")) };
        let items = self.list(*items, |d, v| {
            let f = d.record(v, 2)?;
            let (0, [e, _]) = d.block(f[0], 1)? else { return Err(Error::Shape("an expression")) };
            let desc = StructureItemDesc::Eval(Box::new(d.expression(*e)?), Vec::new());
            Ok(StructureItem { desc, loc: d.loc(f[1])? })
        })?;
        Ok(Payload::Str(items))
    }
    fn attributes(&mut self, v: Value) -> Result<Attributes> {
        self.list(v, |d, v| {
            let f = d.record(v, 3)?;
            let name = d.record(f[0], 2)?;
            let name = Loc::new(d.name(name[0])?, d.loc(name[1])?);
            let payload = d.payload(f[1]).unwrap_or(Payload::Str(Vec::new()));
            Ok(Attribute { name, payload, loc: d.loc(f[2])? })
        })
    }

    // -----------------------------------------------------------------------------------------
    // Declarations

    fn native_repr(&mut self, v: Value) -> Result<NativeRepr> {
        match v {
            Value::Int(0) => Ok(NativeRepr::SameAsOcamlRepr),
            Value::Int(1) => Ok(NativeRepr::UnboxedFloat),
            Value::Int(_) => Ok(NativeRepr::UntaggedImmediate),
            v => {
                let kind = self.record(v, 1)?[0];
                Ok(NativeRepr::UnboxedInteger(
                    self.choose(kind, &[BoxedInteger::Nativeint, BoxedInteger::Int32, BoxedInteger::Int64])?,
                ))
            }
        }
    }
    fn value(&mut self, v: Value) -> Result<ValueDescription> {
        let f = self.record(v, 5)?;
        let kind = match f[1] {
            Value::Int(_) => ValueKind::Reg,
            v => {
                let (0, [p]) = self.block(v, 1)? else { return Err(Error::Shape("a value")) };
                let p = self.record(*p, 6)?;
                ValueKind::Prim(Rc::new(PrimitiveDescription {
                    name: self.name(p[0])?,
                    arity: self.int(p[1])? as usize,
                    alloc: self.bool(p[2])?,
                    native_name: self.name(p[3])?,
                    native_repr_args: self.list(p[4], |d, v| d.native_repr(v))?,
                    native_repr_res: self.native_repr(p[5])?,
                }))
            }
        };
        Ok(ValueDescription {
            type_: self.ty(f[0])?,
            kind,
            loc: self.loc(f[2])?,
            attributes: self.attributes(f[3])?,
            uid: self.uid(f[4])?,
        })
    }
    fn labels(&mut self, v: Value) -> Result<Rc<[LabelDeclaration]>> {
        let labels = self.list(v, |d, v| {
            let f = d.record(v, 7)?;
            Ok(LabelDeclaration {
                id: d.ident(f[0])?,
                mutable: d.choose(f[1], &[MutableFlag::Immutable, MutableFlag::Mutable])?,
                atomic: d.bool(f[2])?,
                type_: d.ty(f[3])?,
                loc: d.loc(f[4])?,
                attributes: d.attributes(f[5])?,
                uid: d.uid(f[6])?,
            })
        })?;
        Ok(labels.into())
    }
    fn cstr_args(&mut self, v: Value) -> Result<ConstructorArguments> {
        let (tag, f) = self.block(v, 1)?;
        Ok(if tag == 0 {
            ConstructorArguments::Tuple(self.types(f[0])?)
        } else {
            ConstructorArguments::Record(self.labels(f[0])?)
        })
    }
    fn opt_ty(&mut self, v: Value) -> Result<Option<TypeId>> {
        self.option(v)?.map(|v| self.ty(v)).transpose()
    }
    fn type_kind(&mut self, v: Value) -> Result<TypeKind> {
        let Value::Object(_) = v else { return Ok(TypeKind::Open) };
        let (tag, f) = self.block(v, 1)?;
        Ok(match (tag, f) {
            (0, [Value::Int(0)]) => TypeKind::Abstract(AbstractOrigin::Definition),
            (0, [Value::Int(_)]) => TypeKind::Abstract(AbstractOrigin::RecCheckRegularity),
            (0, [origin]) => {
                let name = self.record(*origin, 1)?[0];
                TypeKind::Abstract(AbstractOrigin::Existential(self.name(name)?))
            }
            (1, [labels, rep]) => {
                let rep = match rep {
                    Value::Int(0) => RecordRepresentation::Regular,
                    Value::Int(_) => RecordRepresentation::Float,
                    rep => match self.block(*rep, 1)? {
                        (0, f) => RecordRepresentation::Unboxed(self.bool(f[0])?),
                        (1, f) => RecordRepresentation::Inlined(self.int(f[0])? as u32),
                        (_, f) => RecordRepresentation::Extension(self.path(f[0])?),
                    },
                };
                TypeKind::Record(self.labels(*labels)?, rep)
            }
            (2, [cstrs, rep]) => {
                let cstrs = self.list(*cstrs, |d, v| {
                    let f = d.record(v, 6)?;
                    Ok(ConstructorDeclaration {
                        id: d.ident(f[0])?,
                        args: d.cstr_args(f[1])?,
                        res: d.opt_ty(f[2])?,
                        loc: d.loc(f[3])?,
                        attributes: d.attributes(f[4])?,
                        uid: d.uid(f[5])?,
                    })
                })?;
                TypeKind::Variant(
                    cstrs.into(),
                    self.choose(*rep, &[VariantRepresentation::Regular, VariantRepresentation::Unboxed])?,
                )
            }
            _ => return Err(Error::Shape("a type kind")),
        })
    }
    fn variances(&mut self, v: Value) -> Result<Vec<Variance>> {
        self.list(v, |d, v| Ok(Variance(d.int(v)? as u8 & 127)))
    }
    fn type_decl(&mut self, v: Value) -> Result<TypeDeclaration> {
        let f = self.record(v, 14)?;
        Ok(TypeDeclaration {
            params: self.types(f[0])?,
            arity: self.int(f[1])? as usize,
            kind: self.type_kind(f[2])?,
            private: self.choose(f[3], &[PrivateFlag::Private, PrivateFlag::Public])?,
            manifest: self.opt_ty(f[4])?,
            variance: self.variances(f[5])?,
            separability: self
                .list(f[6], |d, v| d.choose(v, &[Separability::Ind, Separability::Sep, Separability::Deepsep]))?,
            is_newtype: self.bool(f[7])?,
            expansion_scope: self.int(f[8])? as i32,
            loc: self.loc(f[9])?,
            attributes: self.attributes(f[10])?,
            immediate: self.choose(f[11], &[Immediacy::Unknown, Immediacy::Always, Immediacy::AlwaysOn64Bits])?,
            unboxed_default: self.bool(f[12])?,
            uid: self.uid(f[13])?,
        })
    }
    fn extension(&mut self, v: Value) -> Result<ExtensionConstructor> {
        let f = self.record(v, 8)?;
        Ok(ExtensionConstructor {
            type_path: self.path(f[0])?,
            type_params: self.types(f[1])?,
            args: self.cstr_args(f[2])?,
            ret_type: self.opt_ty(f[3])?,
            private: self.choose(f[4], &[PrivateFlag::Private, PrivateFlag::Public])?,
            loc: self.loc(f[5])?,
            attributes: self.attributes(f[6])?,
            uid: self.uid(f[7])?,
        })
    }
    fn class_type(&mut self, v: Value) -> Result<ClassType> {
        self.nested(|d| {
            let (tag, f) = d.block(v, 1)?;
            Ok(match (tag, f) {
                (0, [path, args, inner]) => {
                    ClassType::Constr(d.path(*path)?, d.types(*args)?, Rc::new(d.class_type(*inner)?))
                }
                (2, [label, ty, inner]) => {
                    ClassType::Arrow(d.label(*label)?, d.ty(*ty)?, Rc::new(d.class_type(*inner)?))
                }
                (1, [sign]) => {
                    let f = d.record(*sign, 4)?;
                    let virt = [VirtualFlag::Virtual, VirtualFlag::Concrete];
                    let sign = ClassSignature {
                        self_: d.ty(f[0])?,
                        self_row: Cell::new(d.ty(f[1])?),
                        vars: RefCell::default(),
                        meths: RefCell::default(),
                    };
                    for (name, data) in map_entries(d.heap, f[2])? {
                        let m = d.record(data, 3)?;
                        let var = (
                            d.choose(m[0], &[MutableFlag::Immutable, MutableFlag::Mutable])?,
                            d.choose(m[1], &virt)?,
                            d.ty(m[2])?,
                        );
                        sign.vars.borrow_mut().insert(d.name(name)?, var);
                    }
                    for (name, data) in map_entries(d.heap, f[3])? {
                        let m = d.record(data, 3)?;
                        let privacy = match d.option(m[0])? {
                            None => MethodPrivacy::Public,
                            Some(kind) => MethodPrivacy::Private(d.kind(kind)?),
                        };
                        let meth = (privacy, d.choose(m[1], &virt)?, d.ty(m[2])?);
                        sign.meths.borrow_mut().insert(d.name(name)?, meth);
                    }
                    ClassType::Signature(Rc::new(sign))
                }
                _ => return Err(Error::Shape("a class type")),
            })
        })
    }
    fn module_type(&mut self, v: Value) -> Result<ModuleType> {
        self.nested(|d| {
            let (tag, f) = d.block(v, 1)?;
            Ok(match (tag, f) {
                (0, [path]) => ModuleType::Ident(d.path(*path)?),
                (1, [sg]) => ModuleType::Signature(Rc::new(d.signature(*sg)?)),
                (2, [param, res]) => {
                    let param = match param {
                        Value::Int(_) => FunctorParameter::Unit,
                        param => {
                            let f = d.record(*param, 2)?;
                            let id = d.option(f[0])?.map(|v| d.ident(v)).transpose()?;
                            FunctorParameter::Named(id, Rc::new(d.module_type(f[1])?))
                        }
                    };
                    ModuleType::Functor(param, Rc::new(d.module_type(*res)?))
                }
                (3, [path]) => ModuleType::Alias(d.path(*path)?),
                _ => return Err(Error::Shape("a module type")),
            })
        })
    }
    pub(super) fn signature(&mut self, v: Value) -> Result<Signature> {
        self.list(v, |d, v| d.item(v))
    }
    fn item(&mut self, v: Value) -> Result<SignatureItem> {
        const REC: [RecStatus; 3] = [RecStatus::Not, RecStatus::First, RecStatus::Next];
        let (tag, f) = self.block(v, 3)?;
        let id = self.ident(f[0])?;
        let last = f[f.len() - 1];
        let vis = self.choose(last, &[Visibility::Exported, Visibility::Hidden])?;
        Ok(match (tag, f) {
            (0, [_, d, _]) => SignatureItem::Value(id, Rc::new(self.value(*d)?), vis),
            (1, [_, d, rec, _]) => SignatureItem::Type(id, Rc::new(self.type_decl(*d)?), self.choose(*rec, &REC)?, vis),
            (2, [_, d, status, _]) => {
                let status = self.choose(*status, &[ExtStatus::First, ExtStatus::Next, ExtStatus::Exception])?;
                SignatureItem::Typext(id, Rc::new(self.extension(*d)?), status, vis)
            }
            (3, [_, presence, d, rec, _]) => {
                let d = self.record(*d, 4)?;
                let decl = ModuleDeclaration {
                    type_: self.module_type(d[0])?,
                    attributes: self.attributes(d[1])?,
                    loc: self.loc(d[2])?,
                    uid: self.uid(d[3])?,
                };
                let presence = self.choose(*presence, &[ModulePresence::Present, ModulePresence::Absent])?;
                SignatureItem::Module(id, presence, Rc::new(decl), self.choose(*rec, &REC)?, vis)
            }
            (4, [_, d, _]) => {
                let d = self.record(*d, 4)?;
                let type_ = self.option(d[0])?.map(|v| self.module_type(v)).transpose()?;
                let decl = ModtypeDeclaration {
                    type_,
                    attributes: self.attributes(d[1])?,
                    loc: self.loc(d[2])?,
                    uid: self.uid(d[3])?,
                };
                SignatureItem::Modtype(id, Rc::new(decl), vis)
            }
            (5, [_, d, rec, _]) => {
                let c = self.record(*d, 8)?;
                let decl = ClassDeclaration {
                    params: self.types(c[0])?,
                    type_: self.class_type(c[1])?,
                    path: self.path(c[2])?,
                    new: self.opt_ty(c[3])?,
                    variance: self.variances(c[4])?,
                    loc: self.loc(c[5])?,
                    attributes: self.attributes(c[6])?,
                    uid: self.uid(c[7])?,
                };
                SignatureItem::Class(id, Rc::new(decl), self.choose(*rec, &REC)?, vis)
            }
            (6, [_, d, rec, _]) => {
                let c = self.record(*d, 8)?;
                let decl = ClassTypeDeclaration {
                    params: self.types(c[0])?,
                    type_: self.class_type(c[1])?,
                    path: self.path(c[2])?,
                    hash_type: Rc::new(self.type_decl(c[3])?),
                    variance: self.variances(c[4])?,
                    loc: self.loc(c[5])?,
                    attributes: self.attributes(c[6])?,
                    uid: self.uid(c[7])?,
                };
                SignatureItem::ClassType(id, Rc::new(decl), self.choose(*rec, &REC)?, vis)
            }
            _ => return Err(Error::Shape("a signature item")),
        })
    }
}
