//! From upstream's values in memory to signatures.

use crate::codec::{Codec, Reader, Result};
use crate::marshal::{Error, Heap, Value};
use rocaml_base::{Location, Name};
use rocaml_syntax::ast::Attributes;
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag, VirtualFlag};
use rocaml_types::btype::IdMap;
use rocaml_types::path::ExtraTy;
use rocaml_types::primitive::{BoxedInteger, NativeRepr, PrimitiveDescription};
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

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
    r: Reader<'a>,
    /// The types decoded so far, by object.
    types: Vec<Option<TypeId>>,
    idents: IdMap<i64, Ident>,
    kinds: HashMap<Value, FieldKind>,
    rows: HashMap<Value, RowFieldVar>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(cx: &'a Context, heap: &'a Heap) -> Decoder<'a> {
        Decoder {
            cx,
            r: Reader::new(heap),
            types: vec![None; heap.len()],
            idents: IdMap::default(),
            kinds: HashMap::new(),
            rows: HashMap::new(),
        }
    }
    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.r.enter()?;
        let result = f(self)?;
        self.r.leave();
        Ok(result)
    }
    fn block(&self, v: Value, n: usize) -> Result<(u8, &'a [Value])> {
        self.r.block(v, n)
    }
    fn record(&self, v: Value, n: usize) -> Result<&'a [Value]> {
        self.r.record(v, n)
    }
    fn option(&self, v: Value) -> Result<Option<Value>> {
        self.r.option(v)
    }
    fn list<T>(&mut self, v: Value, mut f: impl FnMut(&mut Self, Value) -> Result<T>) -> Result<Vec<T>> {
        let (mut items, mut rest) = (Vec::new(), v);
        while let Some((head, tail)) = self.r.heap.split_list(rest)? {
            items.push(f(self, head)?);
            rest = tail;
            self.r.spend(1)?;
        }
        Ok(items)
    }
    /// What is laid out without regard to types.
    fn plain<T: Codec>(&mut self, v: Value) -> Result<T> {
        T::decode(&mut self.r, v)
    }
    fn bool(&self, v: Value) -> Result<bool> {
        Reader::bool(v)
    }
    fn choose<T: Copy>(&self, v: Value, choices: &[T]) -> Result<T> {
        Reader::choose(v, choices)
    }
    pub(super) fn name(&mut self, v: Value) -> Result<Name> {
        self.r.name(v)
    }
    fn opt_name(&mut self, v: Value) -> Result<Option<Name>> {
        self.option(v)?.map(|v| self.name(v)).transpose()
    }
    fn loc(&mut self, v: Value) -> Result<Location> {
        self.plain(v)
    }
    fn attributes(&mut self, v: Value) -> Result<Attributes> {
        self.plain(v)
    }

    fn ident(&mut self, v: Value) -> Result<Ident> {
        let (tag, fields) = self.block(v, 1)?;
        let name = self.name(fields[0])?;
        match (tag, fields) {
            (2, _) => Ok(Ident::global(name)),
            (3, _) => self.cx.predef().find_ident(&name).ok_or(Error::Shape("a known predefined name")),
            (0, [_, stamp]) | (1, [_, stamp, _]) => {
                let stamp = Heap::as_int(*stamp)?;
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
    fn uid(&mut self, v: Value) -> Result<Uid> {
        let Value::Object(_) = v else { return Ok(Uid::Internal) };
        let (tag, f) = self.block(v, 1)?;
        let name = self.name(f[0])?;
        Ok(match (tag, f) {
            (0, _) => Uid::CompilationUnit(name),
            (1, [_, id, from]) => Uid::Item { comp_unit: name, id: Reader::index(*id)?, from_intf: !self.bool(*from)? },
            _ => Uid::Predef(name),
        })
    }

    // -----------------------------------------------------------------------------------------
    // Types

    fn types(&mut self, v: Value) -> Result<Vec<TypeId>> {
        self.list(v, |d, v| d.ty(v))
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
        let Value::Object(object) = v else { return Err(Error::Shape("a type")) };
        if let Some(ty) = self.types[object as usize] {
            return Ok(ty);
        }
        let f = self.record(v, 4)?;
        let level = Heap::as_int(f[1])?.clamp(0, i64::from(GENERIC_LEVEL)) as i32;
        let node = self.cx.new_node(TypeDesc::Var(None), level);
        self.types[object as usize] = Some(node);
        let desc = self.nested(|d| d.desc(f[0]))?;
        match desc {
            TypeDesc::Univar(_) => {
                // Made anew so that the store knows of it; nothing has seen the stub yet.
                let univar = self.cx.new_node(desc, level);
                self.types[object as usize] = Some(univar);
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
                TypeDesc::Arrow(self.plain(*label)?, self.ty(*a)?, self.ty(*b)?, commutable)
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
                    arity: Reader::index::<u8>(p[1])?.into(),
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
                        (1, f) => RecordRepresentation::Inlined(Heap::as_int(f[0])? as u32),
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
        self.list(v, |_, v| Ok(Variance(Heap::as_int(v)? as u8 & 127)))
    }
    fn type_decl(&mut self, v: Value) -> Result<TypeDeclaration> {
        let f = self.record(v, 14)?;
        Ok(TypeDeclaration {
            params: self.types(f[0])?,
            arity: Reader::index::<u16>(f[1])?.into(),
            kind: self.type_kind(f[2])?,
            private: self.choose(f[3], &[PrivateFlag::Private, PrivateFlag::Public])?,
            manifest: self.opt_ty(f[4])?,
            variance: self.variances(f[5])?,
            separability: self
                .list(f[6], |d, v| d.choose(v, &[Separability::Ind, Separability::Sep, Separability::Deepsep]))?,
            is_newtype: self.bool(f[7])?,
            expansion_scope: Heap::as_int(f[8])? as i32,
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
                    ClassType::Arrow(d.plain(*label)?, d.ty(*ty)?, Rc::new(d.class_type(*inner)?))
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
                    for (name, data) in map_entries(d.r.heap, f[2])? {
                        let m = d.record(data, 3)?;
                        let var = (
                            d.choose(m[0], &[MutableFlag::Immutable, MutableFlag::Mutable])?,
                            d.choose(m[1], &virt)?,
                            d.ty(m[2])?,
                        );
                        sign.vars.borrow_mut().insert(d.name(name)?, var);
                    }
                    for (name, data) in map_entries(d.r.heap, f[3])? {
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
