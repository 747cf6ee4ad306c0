//! Shapes: for each part of a module, where it was defined. Upstream's `Shape`.
//!
//! The shape of a unit is computed from its typed structure. What comes from other units stays a
//! projection from their names, which readers reduce when they have the other unit's shape.

use crate::emitter::{Emitter, Tree};
use rocaml_base::Name;
use rocaml_formats::marshal::Value;
use rocaml_types::{Context, Ident, ModuleType, Path, SignatureItem, Uid};
use rocaml_typing::typedtree::*;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// What a part of a module is, in upstream's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Value,
    Type,
    Constructor,
    Label,
    Module,
    ModuleType,
    ExtensionConstructor,
    Class,
    ClassType,
}

pub type Part = (Name, Kind);
type Parts = BTreeMap<Part, Rc<Shape>>;

/// A shape; `uid` is that of its definition.
#[derive(Clone)]
pub struct Shape {
    uid: Option<Uid>,
    desc: Desc,
    approximated: bool,
}

#[derive(Clone)]
enum Desc {
    /// A functor's parameter.
    Var(Ident),
    Abs(Ident, Rc<Shape>),
    App(Rc<Shape>, Rc<Shape>),
    Struct(Parts),
    Alias(Rc<Shape>),
    Leaf,
    Proj(Rc<Shape>, Part),
    CompUnit(Name),
}

fn shape(uid: Option<Uid>, desc: Desc) -> Rc<Shape> {
    Rc::new(Shape { uid, desc, approximated: false })
}

fn leaf(uid: Uid) -> Rc<Shape> {
    shape(Some(uid), Desc::Leaf)
}

/// A part of a shape.
fn project(of: &Rc<Shape>, part: Part) -> Rc<Shape> {
    let stuck = || Rc::new(Shape { approximated: true, ..(**of).clone() });
    match &of.desc {
        Desc::Leaf => stuck(),
        Desc::Struct(parts) => parts.get(&part).cloned().unwrap_or_else(stuck),
        _ => shape(None, Desc::Proj(of.clone(), part)),
    }
}

/// A functor's shape applied, which is a body with the argument in it where that is known.
fn apply(f: &Rc<Shape>, arg: Rc<Shape>) -> Rc<Shape> {
    match &f.desc {
        Desc::Abs(param, body) => Substitution { param: *param, arg, done: HashMap::new() }.shape(body),
        _ => shape(None, Desc::App(f.clone(), arg)),
    }
}

/// A functor's parameter being replaced; what is shared stays shared.
struct Substitution {
    param: Ident,
    arg: Rc<Shape>,
    done: HashMap<*const Shape, Rc<Shape>>,
}

impl Substitution {
    fn shape(&mut self, of: &Rc<Shape>) -> Rc<Shape> {
        if let Some(done) = self.done.get(&Rc::as_ptr(of)) {
            return done.clone();
        }
        let replaced = match &of.desc {
            Desc::Var(id) if *id == self.param => self.arg.clone(),
            Desc::Var(_) | Desc::Leaf | Desc::CompUnit(_) => of.clone(),
            Desc::Abs(id, body) => self.like(of, |s| Desc::Abs(*id, s.shape(body))),
            Desc::Alias(inner) => self.like(of, |s| Desc::Alias(s.shape(inner))),
            Desc::Struct(parts) => {
                self.like(of, |s| Desc::Struct(parts.iter().map(|(part, shape)| (*part, s.shape(shape))).collect()))
            }
            Desc::App(f, arg) => {
                let (f, arg) = (self.shape(f), self.shape(arg));
                with_uid(apply(&f, arg), of.uid)
            }
            Desc::Proj(inner, part) => with_uid(project(&self.shape(inner), *part), of.uid),
        };
        self.done.insert(Rc::as_ptr(of), replaced.clone());
        replaced
    }

    fn like(&mut self, of: &Shape, desc: impl FnOnce(&mut Self) -> Desc) -> Rc<Shape> {
        Rc::new(Shape { desc: desc(self), ..of.clone() })
    }
}

/// Gives a shape an identity unless it has one.
fn with_uid(of: Rc<Shape>, uid: Option<Uid>) -> Rc<Shape> {
    if of.uid.is_some() || uid.is_none() { of } else { Rc::new(Shape { uid, ..(*of).clone() }) }
}

/// The shape of a compilation unit.
pub fn of_unit(cx: &Context, unit: Name, structure: &Structure) -> Rc<Shape> {
    let mut shapes = Shapes { cx, modules: HashMap::new() };
    let parts = shapes.structure(structure);
    shape(Some(Uid::CompilationUnit(unit)), Desc::Struct(parts))
}

struct Shapes<'a> {
    cx: &'a Context,
    /// The modules bound so far.
    modules: HashMap<Ident, Rc<Shape>>,
}

impl Shapes<'_> {
    fn path(&self, path: &Path) -> Rc<Shape> {
        match path {
            Path::Ident(Ident::Global(name)) => shape(Some(Uid::CompilationUnit(*name)), Desc::CompUnit(*name)),
            Path::Ident(id) => self.modules.get(id).cloned().unwrap_or_else(|| shape(None, Desc::Leaf)),
            Path::Dot(prefix, name) => project(&self.path(prefix), (*name, Kind::Module)),
            Path::Apply(f, arg) => apply(&self.path(f), self.path(arg)),
            Path::ExtraTy(prefix, _) => self.path(prefix),
        }
    }

    fn structure(&mut self, structure: &Structure) -> Parts {
        let mut parts = Parts::new();
        structure.items.iter().for_each(|item| self.item(&mut parts, &item.desc));
        parts
    }

    fn item(&mut self, parts: &mut Parts, item: &StructureItemDesc) {
        use StructureItemDesc as S;
        let mut add = |name: Name, kind, shape| drop(parts.insert((name, kind), shape));
        match item {
            S::Eval(..) | S::Attribute(_) | S::Open(_) => {}
            S::Value(_, bindings) => {
                let_bound_idents_full(bindings)
                    .into_iter()
                    .for_each(|(id, _, _, uid)| add(id.name(), Kind::Value, leaf(uid)));
            }
            S::Primitive(d) => add(d.id.name(), Kind::Value, leaf(d.val.uid)),
            S::Type(_, decls) => decls.iter().for_each(|d| add(d.id.name(), Kind::Type, type_shape(d))),
            S::Typext(extension) => extension
                .constructors
                .iter()
                .for_each(|c| add(c.id.name(), Kind::ExtensionConstructor, extension_shape(c))),
            S::Exception(e) => {
                add(e.constructor.id.name(), Kind::ExtensionConstructor, extension_shape(&e.constructor));
            }
            S::Module(binding) => {
                let shape = self.binding(binding);
                if let Some(id) = binding.id {
                    parts.insert((id.name(), Kind::Module), shape);
                }
            }
            S::RecModule(bindings) => {
                for binding in bindings {
                    if let Some(id) = binding.id {
                        self.modules.insert(id, leaf(binding.uid));
                    }
                }
                for binding in bindings {
                    let shape = self.binding(binding);
                    if let Some(id) = binding.id {
                        parts.insert((id.name(), Kind::Module), shape);
                    }
                }
            }
            S::Modtype(d) => add(d.id.name(), Kind::ModuleType, leaf(d.uid)),
            S::Class(classes) => {
                for (class, _) in classes {
                    let shape = leaf(class.decl.uid);
                    add(class.id_class.name(), Kind::Class, shape.clone());
                    add(class.id_class_type.name(), Kind::ClassType, shape.clone());
                    add(class.id_object.name(), Kind::Type, shape);
                }
            }
            S::ClassType(decls) => {
                for (_, _, class) in decls {
                    let shape = leaf(class.decl.uid);
                    add(class.id_class_type.name(), Kind::ClassType, shape.clone());
                    add(class.id_object.name(), Kind::Type, shape);
                }
            }
            S::Include(include) => {
                let included = self.module(&include.mod_);
                for item in include.type_.iter() {
                    let part = part_of(item);
                    let shape = project(&included, part);
                    if part.1 == Kind::Module {
                        self.modules.insert(item.ident(), shape.clone());
                    }
                    parts.insert(part, shape);
                }
            }
        }
    }

    fn binding(&mut self, binding: &ModuleBinding) -> Rc<Shape> {
        let of_module = self.module(&binding.expr);
        let of_module = if is_alias(&binding.expr) { shape(None, Desc::Alias(of_module)) } else { of_module };
        let named = with_uid(of_module, Some(binding.uid));
        if let Some(id) = binding.id {
            self.modules.insert(id, named.clone());
        }
        named
    }

    fn module(&mut self, e: &ModuleExpr) -> Rc<Shape> {
        match &e.desc {
            ModuleExprDesc::Ident(path, _) => self.path(path),
            ModuleExprDesc::Structure(structure) => {
                let parts = self.structure(structure);
                shape(None, Desc::Struct(parts))
            }
            ModuleExprDesc::Functor(param, body) => {
                let param = match param {
                    FunctorParameter::Named(Some(id), ..) => {
                        let uid = body.env.find_module(self.cx, &Path::Ident(*id)).map(|decl| decl.uid);
                        self.modules.insert(*id, shape(uid, Desc::Var(*id)));
                        *id
                    }
                    FunctorParameter::Named(None, ..) | FunctorParameter::Unit => Ident::create_local(Name::new("()")),
                };
                let body = self.module(body);
                shape(None, Desc::Abs(param, body))
            }
            ModuleExprDesc::Apply(f, arg, _) => {
                let f = self.module(f);
                let arg = self.module(arg);
                apply(&f, arg)
            }
            ModuleExprDesc::ApplyUnit(f) => {
                let f = self.module(f);
                apply(&f, shape(None, Desc::Struct(Parts::new())))
            }
            ModuleExprDesc::Constraint(inner, ty, ..) => {
                let inner = self.module(inner);
                self.restricted(e, inner, ty)
            }
            ModuleExprDesc::Unpack(..) => shape(None, Desc::Leaf),
        }
    }

    /// What a signature leaves of a structure.
    fn restricted(&self, e: &ModuleExpr, of: Rc<Shape>, ty: &ModuleType) -> Rc<Shape> {
        let Desc::Struct(parts) = &of.desc else { return of };
        let ModuleType::Signature(sign) = rocaml_types::mtype::scrape(self.cx, &e.env, ty) else { return of };
        let kept = sign.iter().map(part_of).filter_map(|part| Some((part, parts.get(&part)?.clone()))).collect();
        Rc::new(Shape { desc: Desc::Struct(kept), ..(*of).clone() })
    }
}

/// The identity of an item.
pub fn uid_of(item: &SignatureItem) -> Uid {
    match item {
        SignatureItem::Value(_, d, _) => d.uid,
        SignatureItem::Type(_, d, ..) => d.uid,
        SignatureItem::Typext(_, d, ..) => d.uid,
        SignatureItem::Module(_, _, d, ..) => d.uid,
        SignatureItem::Modtype(_, d, _) => d.uid,
        SignatureItem::Class(_, d, ..) => d.uid,
        SignatureItem::ClassType(_, d, ..) => d.uid,
    }
}

pub fn part_of(item: &SignatureItem) -> Part {
    let kind = match item {
        SignatureItem::Value(..) => Kind::Value,
        SignatureItem::Type(..) => Kind::Type,
        SignatureItem::Typext(..) => Kind::ExtensionConstructor,
        SignatureItem::Module(..) => Kind::Module,
        SignatureItem::Modtype(..) => Kind::ModuleType,
        SignatureItem::Class(..) => Kind::Class,
        SignatureItem::ClassType(..) => Kind::ClassType,
    };
    (item.ident().name(), kind)
}

/// Whether a module is bound as another name of one.
fn is_alias(e: &ModuleExpr) -> bool {
    matches!((&e.desc, &e.type_), (ModuleExprDesc::Ident(..), ModuleType::Alias(_)))
}

fn labels(labels: &[LabelDeclaration]) -> Parts {
    labels.iter().map(|label| ((label.id.name(), Kind::Label), leaf(label.uid))).collect()
}

fn arguments(args: &ConstructorArguments) -> Parts {
    match args {
        ConstructorArguments::Tuple(_) => Parts::new(),
        ConstructorArguments::Record(fields) => labels(fields),
    }
}

fn type_shape(d: &TypeDeclaration) -> Rc<Shape> {
    let parts = match &d.kind {
        TypeKind::Abstract | TypeKind::Open => return leaf(d.decl.uid),
        TypeKind::Record(fields) => labels(fields),
        TypeKind::Variant(constructors) => constructors
            .iter()
            .map(|c| ((c.id.name(), Kind::Constructor), shape(Some(c.uid), Desc::Struct(arguments(&c.args)))))
            .collect(),
    };
    shape(Some(d.decl.uid), Desc::Struct(parts))
}

fn extension_shape(c: &ExtensionConstructor) -> Rc<Shape> {
    let parts = match &c.kind {
        ExtensionConstructorKind::Decl(_, args, _) => arguments(args),
        ExtensionConstructorKind::Rebind(..) => Parts::new(),
    };
    shape(Some(c.type_.uid), Desc::Struct(parts))
}

impl Tree for Part {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![self.0.emit(e), Value::Int(self.1 as i64)];
        e.block(0, fields)
    }
}

impl Tree for Shape {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let desc = match &self.desc {
            Desc::Leaf => Value::Int(0),
            desc => {
                let (tag, fields) = match desc {
                    Desc::Var(id) => (0, vec![id.emit(e)]),
                    Desc::Abs(id, body) => (1, vec![id.emit(e), body.emit(e)]),
                    Desc::App(f, arg) => (2, vec![f.emit(e), arg.emit(e)]),
                    Desc::Struct(parts) => {
                        let entries: Vec<_> = parts.iter().map(|(part, shape)| (part.emit(e), shape.emit(e))).collect();
                        (3, vec![e.map(&entries)])
                    }
                    Desc::Alias(of) => (4, vec![of.emit(e)]),
                    Desc::Proj(of, part) => (5, vec![of.emit(e), part.emit(e)]),
                    Desc::CompUnit(name) => (6, vec![name.emit(e)]),
                    Desc::Leaf => (0, Vec::new()),
                };
                e.block(tag, fields)
            }
        };
        let fields = vec![self.uid.emit(e), desc, self.approximated.emit(e)];
        e.block(0, fields)
    }
}
