//! Shapes: for each part of a module, where it was defined. Upstream's `Shape`.
//!
//! [`tree`] computes them from typed trees, [`restrict`] follows what a signature leaves of them, [`reduce`] applies
//! functors and takes parts as far as that is possible within the unit, [`print`] lays them out for `-dshape`. What
//! comes from other units stays a projection from their names, which readers reduce when they have the other unit's
//! shape.

mod print;
mod reduce;
mod restrict;
mod tree;

use crate::emitter::{Emitter, Tree};
use rocaml_base::Name;
use rocaml_formats::marshal::Value;
use rocaml_types::{Ident, SignatureItem, Uid};
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub use reduce::Resolution;
pub use tree::{Known, Shapes};

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

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Value => "value",
            Kind::Type => "type",
            Kind::Constructor => "constructor",
            Kind::Label => "label",
            Kind::Module => "module",
            Kind::ModuleType => "module type",
            Kind::ExtensionConstructor => "extension constructor",
            Kind::Class => "class",
            Kind::ClassType => "class type",
        }
    }
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
    /// A functor's parameter, or a recursive module within its group.
    Var(Ident),
    Abs(Ident, Rc<Shape>),
    App(Rc<Shape>, Rc<Shape>),
    Struct(Parts),
    Alias(Rc<Shape>),
    Leaf,
    Proj(Rc<Shape>, Part),
    CompUnit(Name),
    Error(&'static str),
}

impl Shape {
    pub fn uid(&self) -> Option<Uid> {
        self.uid
    }
}

/// A shape among those that were made: equal shapes are one, so that parts are compared by address.
struct Made(Rc<Shape>);

impl PartialEq for Made {
    fn eq(&self, other: &Made) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        let same = Rc::<Shape>::ptr_eq;
        if a.uid != b.uid || a.approximated != b.approximated {
            return false;
        }
        match (&a.desc, &b.desc) {
            (Desc::Var(a), Desc::Var(b)) => a == b,
            (Desc::Abs(a, x), Desc::Abs(b, y)) => a == b && same(x, y),
            (Desc::App(f, x), Desc::App(g, y)) => same(f, g) && same(x, y),
            (Desc::Struct(a), Desc::Struct(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((p, x), (q, y))| p == q && same(x, y))
            }
            (Desc::Alias(x), Desc::Alias(y)) => same(x, y),
            (Desc::Leaf, Desc::Leaf) => true,
            (Desc::Proj(x, p), Desc::Proj(y, q)) => same(x, y) && p == q,
            (Desc::CompUnit(a), Desc::CompUnit(b)) => a == b,
            (Desc::Error(a), Desc::Error(b)) => a == b,
            _ => false,
        }
    }
}
impl Eq for Made {}

impl Hash for Made {
    fn hash<H: Hasher>(&self, h: &mut H) {
        let address = |shape: &Rc<Shape>| Rc::as_ptr(shape) as usize;
        self.0.uid.hash(h);
        std::mem::discriminant(&self.0.desc).hash(h);
        match &self.0.desc {
            Desc::Var(id) => id.hash(h),
            Desc::Abs(id, body) => (id, address(body)).hash(h),
            Desc::App(f, arg) => (address(f), address(arg)).hash(h),
            Desc::Struct(parts) => parts.iter().for_each(|(part, shape)| (part, address(shape)).hash(h)),
            Desc::Alias(of) => address(of).hash(h),
            Desc::Leaf => {}
            Desc::Proj(of, part) => (address(of), part).hash(h),
            Desc::CompUnit(name) => name.hash(h),
            Desc::Error(text) => text.hash(h),
        }
    }
}

/// All shapes made so far.
#[derive(Default)]
struct Table(HashMap<Made, ()>);

impl Table {
    fn intern(&mut self, shape: Shape) -> Rc<Shape> {
        let made = Made(Rc::new(shape));
        if let Some((known, ())) = self.0.get_key_value(&made) {
            return known.0.clone();
        }
        let shape = made.0.clone();
        self.0.insert(made, ());
        shape
    }
    fn make(&mut self, uid: Option<Uid>, desc: Desc) -> Rc<Shape> {
        self.intern(Shape { uid, desc, approximated: false })
    }
    fn leaf(&mut self, uid: Uid) -> Rc<Shape> {
        self.make(Some(uid), Desc::Leaf)
    }
    fn unit(&mut self, name: Name) -> Rc<Shape> {
        self.make(Some(Uid::CompilationUnit(name)), Desc::CompUnit(name))
    }
    /// A structure without parts, for what is no matter.
    fn dummy(&mut self) -> Rc<Shape> {
        self.make(None, Desc::Struct(Parts::new()))
    }
    fn app(&mut self, f: &Rc<Shape>, arg: Rc<Shape>) -> Rc<Shape> {
        self.make(None, Desc::App(f.clone(), arg))
    }
    /// A part of a shape.
    fn project(&mut self, of: &Rc<Shape>, part: Part) -> Rc<Shape> {
        let found = match &of.desc {
            // The leaf is the best that can be said.
            Desc::Leaf => None,
            Desc::Struct(parts) => parts.get(&part).cloned(),
            _ => return self.make(None, Desc::Proj(of.clone(), part)),
        };
        found.unwrap_or_else(|| self.intern(Shape { approximated: true, ..(**of).clone() }))
    }
    /// Gives a shape an identity unless it has one.
    fn with_uid(&mut self, of: Rc<Shape>, uid: Uid) -> Rc<Shape> {
        if of.uid.is_some() { of } else { self.intern(Shape { uid: Some(uid), ..(*of).clone() }) }
    }
}

fn kind_of(item: &SignatureItem) -> Kind {
    match item {
        SignatureItem::Value(..) => Kind::Value,
        SignatureItem::Type(..) => Kind::Type,
        SignatureItem::Typext(..) => Kind::ExtensionConstructor,
        SignatureItem::Module(..) => Kind::Module,
        SignatureItem::Modtype(..) => Kind::ModuleType,
        SignatureItem::Class(..) => Kind::Class,
        SignatureItem::ClassType(..) => Kind::ClassType,
    }
}

fn part_of(item: &SignatureItem) -> Part {
    (item.ident().name(), kind_of(item))
}

impl Tree for Part {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![self.0.emit(e), Value::Int(self.1 as i64)];
        e.block(0, fields)
    }
}

impl Tree for Shape {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match &self.desc {
            Desc::Var(id) => (0, vec![id.emit(e)]),
            Desc::Abs(id, body) => (1, vec![id.emit(e), body.emit(e)]),
            Desc::App(f, arg) => (2, vec![f.emit(e), arg.emit(e)]),
            Desc::Struct(parts) => {
                let entries: Vec<_> = parts.iter().map(|(part, shape)| (part.emit(e), shape.emit(e))).collect();
                (3, vec![e.map(&entries)])
            }
            Desc::Alias(of) => (4, vec![of.emit(e)]),
            Desc::Leaf => (0, Vec::new()),
            Desc::Proj(of, part) => (5, vec![of.emit(e), part.emit(e)]),
            Desc::CompUnit(name) => (6, vec![name.emit(e)]),
            Desc::Error(text) => (7, vec![e.string(text)]),
        };
        let desc = if fields.is_empty() { Value::Int(0) } else { e.block(tag, fields) };
        let fields = vec![self.uid.emit(e), desc, self.approximated.emit(e)];
        e.block(0, fields)
    }
}

impl Tree for Resolution {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            Resolution::Resolved(uid) => (0, vec![uid.emit(e)]),
            Resolution::Alias(uid, of) => (1, vec![uid.emit(e), of.emit(e)]),
            Resolution::Unresolved(shape) => (2, vec![shape.emit(e)]),
            Resolution::Approximated(uid) => (3, vec![uid.emit(e)]),
            Resolution::MissingUid => return Value::Int(0),
        };
        e.block(tag, fields)
    }
}
