//! From signatures to upstream's values in memory.

use crate::codec::{Codec, Writer};
use crate::marshal::{Heap, Value};
use rocaml_base::{Location, Name};
use rocaml_syntax::ast::Attributes;
use rocaml_types::path::ExtraTy;
use rocaml_types::primitive::{NativeRepr, PrimitiveDescription};
use rocaml_types::*;
use std::collections::{BTreeMap, HashMap};

const UNIT: Value = Value::Int(0);

/// A balanced map as `Map` builds it, from sorted entries.
pub fn map(heap: &mut Heap, entries: &[(Value, Value)]) -> Value {
    fn build(heap: &mut Heap, entries: &[(Value, Value)]) -> (Value, i64) {
        if entries.is_empty() {
            return (UNIT, 0);
        }
        let middle = entries.len() / 2;
        let (left, lh) = build(heap, &entries[..middle]);
        let (right, rh) = build(heap, &entries[middle + 1..]);
        let height = 1 + lh.max(rh);
        let (key, data) = entries[middle];
        (heap.block(0, vec![left, key, data, right, Value::Int(height)]), height)
    }
    build(heap, entries).0
}

/// Writes what has types, each type once.
pub struct Encoder<'a> {
    cx: &'a Context,
    pub w: Writer,
    types: HashMap<TypeId, Value>,
    kinds: HashMap<FieldKindVar, Value>,
    rows: HashMap<RowFieldVar, Value>,
    commutables: HashMap<CommutableVar, Value>,
    /// The number of the next type: upstream counts those of interfaces downwards from -1.
    next_id: i64,
    step: i64,
}

impl<'a> Encoder<'a> {
    pub fn new(cx: &'a Context) -> Encoder<'a> {
        Encoder {
            cx,
            w: Writer::default(),
            types: HashMap::new(),
            kinds: HashMap::new(),
            rows: HashMap::new(),
            commutables: HashMap::new(),
            next_id: -1,
            step: -1,
        }
    }
    /// Numbers types as those of a compilation, for what is not to be copied before its use.
    pub fn for_typed_trees(cx: &'a Context) -> Encoder<'a> {
        Encoder { next_id: 1, step: 1, ..Encoder::new(cx) }
    }
    pub fn cx(&self) -> &'a Context {
        self.cx
    }
    pub fn block(&mut self, tag: u8, fields: Vec<Value>) -> Value {
        self.w.block(tag, fields)
    }
    pub fn option(&mut self, v: Option<Value>) -> Value {
        self.w.option(v)
    }
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut f: impl FnMut(&mut Self, T) -> Value) -> Value {
        let items = items.into_iter().map(|item| f(self, item)).collect();
        self.w.heap.list(items)
    }
    pub fn name(&mut self, name: Name) -> Value {
        self.w.name(name)
    }
    /// What is laid out without regard to types.
    pub fn plain<T: Codec>(&mut self, tree: &T) -> Value {
        tree.encode(&mut self.w)
    }
    pub fn bool(on: bool) -> Value {
        Writer::bool(on)
    }
    pub fn loc(&mut self, loc: Location) -> Value {
        self.w.loc(loc)
    }
    fn attributes(&mut self, attributes: &Attributes) -> Value {
        self.plain(attributes)
    }

    pub fn ident(&mut self, id: Ident) -> Value {
        let name = self.name(id.name());
        let stamp = Value::Int(i64::from(id.stamp()));
        match id {
            Ident::Local { .. } => self.block(0, vec![name, stamp]),
            Ident::Scoped { scope, .. } => self.block(1, vec![name, stamp, Value::Int(i64::from(scope))]),
            Ident::Global(_) => self.block(2, vec![name]),
            Ident::Predef { .. } => self.block(3, vec![name, stamp]),
        }
    }
    pub fn path(&mut self, path: &Path) -> Value {
        match path {
            Path::Ident(id) => {
                let id = self.ident(*id);
                self.block(0, vec![id])
            }
            Path::Dot(prefix, name) => {
                let fields = vec![self.path(prefix), self.name(*name)];
                self.block(1, fields)
            }
            Path::Apply(f, arg) => {
                let fields = vec![self.path(f), self.path(arg)];
                self.block(2, fields)
            }
            Path::ExtraTy(prefix, extra) => {
                let extra = match extra {
                    ExtraTy::CstrTy(name) => {
                        let name = self.name(*name);
                        self.block(0, vec![name])
                    }
                    ExtraTy::ExtTy => UNIT,
                };
                let prefix = self.path(prefix);
                self.block(3, vec![prefix, extra])
            }
        }
    }
    pub fn uid(&mut self, uid: Uid) -> Value {
        match uid {
            Uid::Internal => UNIT,
            Uid::CompilationUnit(name) => {
                let name = self.name(name);
                self.block(0, vec![name])
            }
            Uid::Item { comp_unit, id, from_intf } => {
                let unit = self.name(comp_unit);
                self.block(1, vec![unit, Value::Int(i64::from(id)), Self::bool(!from_intf)])
            }
            Uid::Predef(name) => {
                let name = self.name(name);
                self.block(2, vec![name])
            }
        }
    }

    // -----------------------------------------------------------------------------------------
    // Types

    pub fn types(&mut self, tys: &[TypeId]) -> Value {
        self.list(tys.iter(), |e, ty| e.ty(*ty))
    }
    fn named(&mut self, name: &Option<(Path, std::rc::Rc<[TypeId]>)>) -> Value {
        let pair = name.as_ref().map(|(path, args)| {
            let fields = vec![self.path(path), self.types(args)];
            self.block(0, fields)
        });
        self.option(pair)
    }
    pub fn kind(&mut self, kind: FieldKind) -> Value {
        match self.cx.field_kind(kind) {
            FieldKind::Public => Value::Int(1),
            FieldKind::Absent => Value::Int(2),
            FieldKind::Var(var) => match self.kinds.get(&var) {
                Some(v) => *v,
                None => {
                    let v = self.block(0, vec![UNIT]);
                    self.kinds.insert(var, v);
                    v
                }
            },
        }
    }
    pub fn ty(&mut self, ty: TypeId) -> Value {
        let ty = self.cx.repr(ty);
        if let Some(v) = self.types.get(&ty) {
            return *v;
        }
        let node = self.block(0, Vec::new());
        self.types.insert(ty, node);
        let desc = self.desc(ty);
        let level = Value::Int(i64::from(self.cx.level(ty)));
        self.w.heap.fill(node, &[desc, level, Value::Int(0), Value::Int(self.next_id)]);
        self.next_id += self.step;
        node
    }
    fn desc(&mut self, ty: TypeId) -> Value {
        match self.cx.desc(ty) {
            TypeDesc::Nil => UNIT,
            TypeDesc::Var(name) | TypeDesc::Univar(name) => {
                let tag = if self.cx.is_var(ty) { 0 } else { 9 };
                let name = name.map(|n| self.name(n));
                let name = self.option(name);
                self.block(tag, vec![name])
            }
            TypeDesc::Arrow(label, a, b, c) => {
                let commutable = match self.cx.commutable(c) {
                    Commutable::Ok => UNIT,
                    Commutable::Var(var) => match self.commutables.get(&var) {
                        Some(v) => *v,
                        None => {
                            let v = self.block(0, vec![Value::Int(1)]);
                            self.commutables.insert(var, v);
                            v
                        }
                    },
                };
                let fields = vec![self.plain(&label), self.ty(a), self.ty(b), commutable];
                self.block(1, fields)
            }
            TypeDesc::Tuple(items) => {
                let items = self.list(items.iter(), |e, (label, ty)| {
                    let label = label.map(|l| e.name(l));
                    let fields = vec![e.option(label), e.ty(*ty)];
                    e.block(0, fields)
                });
                self.block(2, vec![items])
            }
            TypeDesc::Constr(path, args, _) => {
                let fields = vec![self.path(&path), self.types(&args), self.w.block(0, vec![UNIT])];
                self.block(3, fields)
            }
            TypeDesc::Object(fields, name) => {
                let name = self.cx.object_name(name);
                let name = self.named(&name);
                let fields = vec![self.ty(fields), self.w.block(0, vec![name])];
                self.block(4, fields)
            }
            TypeDesc::Field(name, kind, method, rest) => {
                let fields = vec![self.name(name), self.kind(kind), self.ty(method), self.ty(rest)];
                self.block(5, fields)
            }
            TypeDesc::Link(ty) | TypeDesc::Subst(ty, _) => {
                let ty = self.ty(ty);
                self.block(6, vec![ty])
            }
            TypeDesc::Variant(row) => {
                let row = self.row(&row);
                self.block(8, vec![row])
            }
            TypeDesc::Poly(body, vars) => {
                let fields = vec![self.ty(body), self.types(&vars)];
                self.block(10, fields)
            }
            TypeDesc::Package(package) => {
                let constraints = self.list(package.constraints.iter(), |e, (names, ty)| {
                    let fields = vec![e.list(names.iter(), |e, n| e.name(*n)), e.ty(*ty)];
                    e.block(0, fields)
                });
                let path = self.path(&package.path);
                let package = self.block(0, vec![path, constraints]);
                self.block(11, vec![package])
            }
        }
    }
    pub fn row(&mut self, row: &RowDesc) -> Value {
        let row = btype::row_repr(self.cx, row);
        let fields = self.list(row.fields.iter(), |e, (tag, field)| {
            let pair = vec![e.name(*tag), e.row_field(field)];
            e.block(0, pair)
        });
        let fixed = row.fixed.as_ref().map(|why| match why {
            FixedExplanation::Univar(ty) => {
                let ty = self.ty(*ty);
                self.block(0, vec![ty])
            }
            FixedExplanation::Reified(path) => {
                let path = self.path(path);
                self.block(1, vec![path])
            }
            FixedExplanation::FixedPrivate => Value::Int(0),
            FixedExplanation::Rigid => Value::Int(1),
        });
        let fixed = self.option(fixed);
        let all = vec![fields, self.ty(row.more), Self::bool(row.closed), fixed, self.named(&row.name)];
        self.block(0, all)
    }
    fn row_field(&mut self, field: &RowField) -> Value {
        match self.cx.row_field(field) {
            RowField::Absent => UNIT,
            RowField::Present(ty) => {
                let ty = ty.map(|ty| self.ty(ty));
                let ty = self.option(ty);
                self.block(0, vec![ty])
            }
            RowField::Either { no_arg, arg_type, matched, ext } => {
                let cell = match self.rows.get(&ext) {
                    Some(v) => *v,
                    None => {
                        let v = self.block(0, vec![Value::Int(1)]);
                        self.rows.insert(ext, v);
                        v
                    }
                };
                let fields = vec![Self::bool(no_arg), self.types(&arg_type), Self::bool(matched), cell];
                self.block(1, fields)
            }
        }
    }

    // -----------------------------------------------------------------------------------------
    // Declarations

    pub fn primitive(&mut self, p: &PrimitiveDescription) -> Value {
        let repr = |e: &mut Self, r: &NativeRepr| match r {
            NativeRepr::SameAsOcamlRepr => Value::Int(0),
            NativeRepr::UnboxedFloat => Value::Int(1),
            NativeRepr::UntaggedImmediate => Value::Int(2),
            NativeRepr::UnboxedInteger(kind) => e.block(0, vec![Value::Int(*kind as i64)]),
        };
        let args = self.list(p.native_repr_args.iter(), repr);
        let res = repr(self, &p.native_repr_res);
        let fields = vec![
            self.name(p.name),
            Value::Int(p.arity as i64),
            Self::bool(p.alloc),
            self.name(p.native_name),
            args,
            res,
        ];
        self.block(0, fields)
    }
    /// A map from names to idents.
    pub fn ident_map(&mut self, entries: &BTreeMap<Name, Ident>) -> Value {
        let entries: Vec<_> = entries.iter().map(|(name, id)| (self.name(*name), self.ident(*id))).collect();
        map(&mut self.w.heap, &entries)
    }
    pub fn value(&mut self, d: &ValueDescription) -> Value {
        let kind = match &d.kind {
            ValueKind::Prim(p) => {
                let p = self.primitive(p);
                self.block(0, vec![p])
            }
            ValueKind::Reg | ValueKind::Unbound(_) => UNIT,
            ValueKind::Ivar(mutable, class) => {
                let fields = vec![self.plain(mutable), self.name(*class)];
                self.block(1, fields)
            }
            ValueKind::SelfVal(d) => {
                let sign = self.class_signature(&d.signature);
                let meths = match &d.meths {
                    SelfMeths::Concrete(meths) => {
                        let meths = self.ident_map(meths);
                        self.block(0, vec![meths])
                    }
                    SelfMeths::Virtual(meths) => {
                        let meths = self.ident_map(&meths.borrow());
                        let cell = self.block(0, vec![meths]);
                        self.block(1, vec![cell])
                    }
                };
                let fields = vec![sign, meths, self.ident_map(&d.vars), self.name(d.class_num)];
                self.block(2, fields)
            }
            ValueKind::Anc(d) => {
                let fields = vec![self.class_signature(&d.signature), self.ident_map(&d.meths), self.name(d.class_num)];
                self.block(3, fields)
            }
        };
        let fields = vec![self.ty(d.type_), kind, self.loc(d.loc), self.attributes(&d.attributes), self.uid(d.uid)];
        self.block(0, fields)
    }
    fn labels(&mut self, labels: &[LabelDeclaration]) -> Value {
        self.list(labels.iter(), |e, l| {
            let fields = vec![
                e.ident(l.id),
                Value::Int(l.mutable as i64),
                Self::bool(l.atomic),
                e.ty(l.type_),
                e.loc(l.loc),
                e.attributes(&l.attributes),
                e.uid(l.uid),
            ];
            e.block(0, fields)
        })
    }
    fn cstr_args(&mut self, args: &ConstructorArguments) -> Value {
        match args {
            ConstructorArguments::Tuple(tys) => {
                let tys = self.types(tys);
                self.block(0, vec![tys])
            }
            ConstructorArguments::Record(labels) => {
                let labels = self.labels(labels);
                self.block(1, vec![labels])
            }
        }
    }
    fn opt_ty(&mut self, ty: Option<TypeId>) -> Value {
        let ty = ty.map(|ty| self.ty(ty));
        self.option(ty)
    }
    pub fn record_representation(&mut self, rep: &RecordRepresentation) -> Value {
        match rep {
            RecordRepresentation::Regular => Value::Int(0),
            RecordRepresentation::Float => Value::Int(1),
            RecordRepresentation::Unboxed(inlined) => self.w.block(0, vec![Self::bool(*inlined)]),
            RecordRepresentation::Inlined(tag) => self.w.block(1, vec![Value::Int(i64::from(*tag))]),
            RecordRepresentation::Extension(path) => {
                let path = self.path(path);
                self.block(2, vec![path])
            }
        }
    }
    fn type_kind(&mut self, kind: &TypeKind) -> Value {
        match kind {
            TypeKind::Open => UNIT,
            TypeKind::Abstract(origin) => {
                let origin = match origin {
                    AbstractOrigin::Definition => Value::Int(0),
                    AbstractOrigin::RecCheckRegularity => Value::Int(1),
                    AbstractOrigin::Existential(name) => {
                        let name = self.name(*name);
                        self.block(0, vec![name])
                    }
                };
                self.block(0, vec![origin])
            }
            TypeKind::Record(labels, rep) => {
                let rep = self.record_representation(rep);
                let labels = self.labels(labels);
                self.block(1, vec![labels, rep])
            }
            TypeKind::Variant(cstrs, rep) => {
                let cstrs = self.list(cstrs.iter(), |e, c| {
                    let fields = vec![
                        e.ident(c.id),
                        e.cstr_args(&c.args),
                        e.opt_ty(c.res),
                        e.loc(c.loc),
                        e.attributes(&c.attributes),
                        e.uid(c.uid),
                    ];
                    e.block(0, fields)
                });
                self.block(2, vec![cstrs, Value::Int(*rep as i64)])
            }
        }
    }
    fn variances(&mut self, variances: &[Variance]) -> Value {
        self.list(variances.iter(), |_, v| Value::Int(i64::from(v.0)))
    }
    pub fn type_decl(&mut self, d: &TypeDeclaration) -> Value {
        let fields = vec![
            self.types(&d.params),
            Value::Int(d.arity as i64),
            self.type_kind(&d.kind),
            Value::Int(d.private as i64),
            self.opt_ty(d.manifest),
            self.variances(&d.variance),
            self.list(d.separability.iter(), |_, s| Value::Int(*s as i64)),
            Self::bool(d.is_newtype),
            Value::Int(i64::from(d.expansion_scope)),
            self.loc(d.loc),
            self.attributes(&d.attributes),
            Value::Int(d.immediate as i64),
            Self::bool(d.unboxed_default),
            self.uid(d.uid),
        ];
        self.block(0, fields)
    }
    pub fn extension(&mut self, d: &ExtensionConstructor) -> Value {
        let fields = vec![
            self.path(&d.type_path),
            self.types(&d.type_params),
            self.cstr_args(&d.args),
            self.opt_ty(d.ret_type),
            Value::Int(d.private as i64),
            self.loc(d.loc),
            self.attributes(&d.attributes),
            self.uid(d.uid),
        ];
        self.block(0, fields)
    }
    pub fn class_type(&mut self, cty: &ClassType) -> Value {
        match cty {
            ClassType::Constr(path, args, inner) => {
                let fields = vec![self.path(path), self.types(args), self.class_type(inner)];
                self.block(0, fields)
            }
            ClassType::Arrow(label, ty, inner) => {
                let fields = vec![self.plain(label), self.ty(*ty), self.class_type(inner)];
                self.block(2, fields)
            }
            ClassType::Signature(sign) => {
                let sign = self.class_signature(sign);
                self.block(1, vec![sign])
            }
        }
    }
    pub fn class_signature(&mut self, sign: &ClassSignature) -> Value {
        let mut vars = Vec::new();
        for (name, (mutable, virt, ty)) in sign.vars.borrow().iter() {
            let data = vec![Value::Int(*mutable as i64), Value::Int(*virt as i64), self.ty(*ty)];
            vars.push((self.name(*name), self.block(0, data)));
        }
        let mut meths = Vec::new();
        for (name, (privacy, virt, ty)) in sign.meths.borrow().iter() {
            let privacy = match privacy {
                MethodPrivacy::Public => UNIT,
                MethodPrivacy::Private(kind) => {
                    let kind = self.kind(*kind);
                    self.block(0, vec![kind])
                }
            };
            let data = vec![privacy, Value::Int(*virt as i64), self.ty(*ty)];
            meths.push((self.name(*name), self.block(0, data)));
        }
        let (vars, meths) = (map(&mut self.w.heap, &vars), map(&mut self.w.heap, &meths));
        let fields = vec![self.ty(sign.self_), self.ty(sign.self_row.get()), vars, meths];
        self.block(0, fields)
    }
    pub fn module_type(&mut self, mty: &ModuleType) -> Value {
        match mty {
            ModuleType::Ident(path) => {
                let path = self.path(path);
                self.block(0, vec![path])
            }
            ModuleType::Signature(sg) => {
                let sg = self.signature(sg);
                self.block(1, vec![sg])
            }
            ModuleType::Functor(param, res) => {
                let param = match param {
                    FunctorParameter::Unit => UNIT,
                    FunctorParameter::Named(id, arg) => {
                        let id = id.map(|id| self.ident(id));
                        let fields = vec![self.option(id), self.module_type(arg)];
                        self.block(0, fields)
                    }
                };
                let res = self.module_type(res);
                self.block(2, vec![param, res])
            }
            ModuleType::Alias(path) => {
                let path = self.path(path);
                self.block(3, vec![path])
            }
        }
    }
    pub fn signature(&mut self, sg: &[SignatureItem]) -> Value {
        self.list(sg.iter(), |e, item| e.item(item))
    }
    fn item(&mut self, item: &SignatureItem) -> Value {
        let id = self.ident(item.ident());
        let visibility = Value::Int(item.visibility() as i64);
        match item {
            SignatureItem::Value(_, d, _) => {
                let fields = vec![id, self.value(d), visibility];
                self.block(0, fields)
            }
            SignatureItem::Type(_, d, rec, _) => {
                let fields = vec![id, self.type_decl(d), Value::Int(*rec as i64), visibility];
                self.block(1, fields)
            }
            SignatureItem::Typext(_, d, status, _) => {
                let fields = vec![id, self.extension(d), Value::Int(*status as i64), visibility];
                self.block(2, fields)
            }
            SignatureItem::Module(_, presence, d, rec, _) => {
                let decl = self.module_declaration(d);
                self.block(3, vec![id, Value::Int(*presence as i64), decl, Value::Int(*rec as i64), visibility])
            }
            SignatureItem::Modtype(_, d, _) => {
                let decl = self.modtype_declaration(d);
                self.block(4, vec![id, decl, visibility])
            }
            SignatureItem::Class(_, d, rec, _) => {
                let decl = self.class_declaration(d);
                self.block(5, vec![id, decl, Value::Int(*rec as i64), visibility])
            }
            SignatureItem::ClassType(_, d, rec, _) => {
                let decl = self.class_type_declaration(d);
                self.block(6, vec![id, decl, Value::Int(*rec as i64), visibility])
            }
        }
    }
    pub fn module_declaration(&mut self, d: &ModuleDeclaration) -> Value {
        let fields = vec![self.module_type(&d.type_), self.attributes(&d.attributes), self.loc(d.loc), self.uid(d.uid)];
        self.block(0, fields)
    }
    pub fn modtype_declaration(&mut self, d: &ModtypeDeclaration) -> Value {
        let mty = d.type_.as_ref().map(|mty| self.module_type(mty));
        let fields = vec![self.option(mty), self.attributes(&d.attributes), self.loc(d.loc), self.uid(d.uid)];
        self.block(0, fields)
    }
    pub fn class_declaration(&mut self, d: &ClassDeclaration) -> Value {
        let fields = vec![
            self.types(&d.params),
            self.class_type(&d.type_),
            self.path(&d.path),
            self.opt_ty(d.new),
            self.variances(&d.variance),
            self.loc(d.loc),
            self.attributes(&d.attributes),
            self.uid(d.uid),
        ];
        self.block(0, fields)
    }
    pub fn class_type_declaration(&mut self, d: &ClassTypeDeclaration) -> Value {
        let fields = vec![
            self.types(&d.params),
            self.class_type(&d.type_),
            self.path(&d.path),
            self.type_decl(&d.hash_type),
            self.variances(&d.variance),
            self.loc(d.loc),
            self.attributes(&d.attributes),
            self.uid(d.uid),
        ];
        self.block(0, fields)
    }
}
