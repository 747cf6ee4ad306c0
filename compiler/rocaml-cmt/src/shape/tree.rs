//! The shapes of typed modules.

use super::reduce::{Memo, Reducer, Resolution};
use super::{Desc, Kind, Part, Parts, Shape, Table, kind_of, part_of};
use rocaml_base::Name;
use rocaml_types::env::Env;
use rocaml_types::path::ExtraTy;
use rocaml_types::subst::Subst;
use rocaml_types::{Context, Ident, ModuleType, Path, Signature as TypeSignature, SignatureItem, Uid};
use rocaml_typing::typedtree::*;
use std::collections::HashMap;
use std::rc::Rc;

/// What is known of the shapes of a unit, or of the phrases of a session.
#[derive(Default)]
pub struct Known {
    pub(super) table: Table,
    /// What does not have the shape that its declaration says.
    bound: HashMap<(Ident, Kind), Rc<Shape>>,
    memo: Memo,
    /// Whether the structure at hand is part of a recursive module: its types are bound once more there, with what
    /// the module's name makes of them, and then nothing is known of them.
    anchored: bool,
}

/// Finds shapes.
pub struct Shapes<'a> {
    pub(crate) cx: &'a Context,
    pub(super) known: &'a mut Known,
}

impl<'a> Shapes<'a> {
    pub fn new(cx: &'a Context, known: &'a mut Known) -> Shapes<'a> {
        Shapes { cx, known }
    }

    pub fn cx(&self) -> &'a Context {
        self.cx
    }

    /// The shape of a compilation unit that exports this signature.
    pub fn unit(&mut self, env: &Env, unit: Name, structure: &Structure, exported: &TypeSignature) -> Rc<Shape> {
        let parts = self.structure(structure);
        let whole = self.known.table.make(Some(Uid::CompilationUnit(unit)), Desc::Struct(parts));
        let left = self.signatures(env, &Subst::identity(), &structure.type_, exported, whole);
        self.reduced(&left)
    }

    /// The shape of what a phrase defines.
    pub fn phrase(&mut self, structure: &Structure) -> Rc<Shape> {
        let parts = self.structure(structure);
        let whole = self.known.table.make(None, Desc::Struct(parts));
        self.reduced(&whole)
    }

    /// The shape of a unit made of others.
    pub fn pack(&mut self, unit: Name, members: &[Name]) -> Rc<Shape> {
        let parts = members.iter().map(|name| ((*name, Kind::Module), self.known.table.unit(*name))).collect();
        self.known.table.make(Some(Uid::CompilationUnit(unit)), Desc::Struct(parts))
    }

    fn reduced(&mut self, of: &Rc<Shape>) -> Rc<Shape> {
        let nothing = &mut |_: &mut Table, _| None;
        Reducer::new(&mut self.known.table, &mut self.known.memo, nothing).whole(of)
    }

    /// Where what a path names in an environment was defined; nothing if that cannot be told, or if it is predefined.
    pub fn resolution(&mut self, env: &Env, kind: Kind, path: &Path) -> Option<Resolution> {
        let of = self.path(env, kind, path)?;
        if let Some(Uid::Predef(_)) = of.uid {
            return None;
        }
        let Shapes { cx, known: Known { table, bound, memo, .. } } = self;
        let lookup = &mut |table: &mut Table, id| shape_of_ident(cx, table, bound, env, Kind::Module, id);
        Some(Reducer::new(table, memo, lookup).resolve(&of))
    }

    /// The shape at a path, if there is something.
    fn path(&mut self, env: &Env, kind: Kind, path: &Path) -> Option<Rc<Shape>> {
        let (inner, part) = match path {
            Path::Ident(id) => {
                return shape_of_ident(self.cx, &mut self.known.table, &self.known.bound, env, kind, *id);
            }
            Path::Dot(prefix, name) => (self.path(env, Kind::Module, prefix)?, (*name, kind)),
            Path::Apply(f, arg) => {
                let (f, arg) = (self.path(env, Kind::Module, f)?, self.path(env, Kind::Module, arg)?);
                return Some(self.known.table.app(&f, arg));
            }
            Path::ExtraTy(prefix, ExtraTy::ExtTy) => return self.path(env, Kind::ExtensionConstructor, prefix),
            Path::ExtraTy(prefix, ExtraTy::CstrTy(name)) => {
                // A label of an inline record stands under its constructor.
                let is_inline = kind == Kind::Label && matches!(**prefix, Path::ExtraTy(..));
                let of = if is_inline { Kind::Constructor } else { Kind::Type };
                (self.path(env, of, prefix)?, (*name, kind))
            }
        };
        Some(self.known.table.project(&inner, part))
    }

    /// Notes that a pattern binds a module, of which nothing is known.
    pub(crate) fn unpack(&mut self, id: Ident) {
        let shape = self.known.table.make(None, Desc::Leaf);
        self.bind(id, Kind::Module, shape);
    }

    fn bind(&mut self, id: Ident, kind: Kind, shape: Rc<Shape>) {
        self.known.bound.insert((id, kind), shape);
    }

    /// Binds the items of a signature to the parts of a shape, and gives these.
    pub(crate) fn bind_parts(&mut self, items: &[SignatureItem], of: &Rc<Shape>) -> Vec<(Part, Rc<Shape>)> {
        let mut parts = Vec::new();
        for item in items {
            let part = part_of(item);
            let shape = self.known.table.project(of, part);
            self.bind(item.ident(), kind_of(item), shape.clone());
            parts.push((part, shape));
        }
        parts
    }

    fn structure(&mut self, structure: &Structure) -> Parts {
        self.items(&structure.items)
    }

    fn items(&mut self, items: &[StructureItem]) -> Parts {
        let mut parts = Parts::new();
        items.iter().for_each(|item| self.item(&mut parts, item));
        parts
    }

    /// Notes what items define.
    pub(crate) fn define(&mut self, items: &[StructureItem]) {
        self.items(items);
    }

    fn item(&mut self, parts: &mut Parts, item: &StructureItem) {
        use StructureItemDesc as S;
        let mut add = |name: Name, kind, shape| drop(parts.insert((name, kind), shape));
        match &item.desc {
            S::Eval(..) | S::Attribute(_) => {}
            S::Value(_, bindings) => {
                for (id, _, _, uid) in let_bound_idents_full(bindings) {
                    add(id.name(), Kind::Value, self.known.table.leaf(uid));
                }
            }
            S::Primitive(d) => add(d.id.name(), Kind::Value, self.known.table.leaf(d.val.uid)),
            S::Type(_, decls) => {
                for d in decls {
                    let shape = self.type_shape(d);
                    let seen = if self.known.anchored { self.known.table.leaf(d.decl.uid) } else { shape.clone() };
                    self.bind(d.id, Kind::Type, seen);
                    add(d.id.name(), Kind::Type, shape);
                }
            }
            S::Typext(extension) => {
                for c in &extension.constructors {
                    add(c.id.name(), Kind::ExtensionConstructor, self.extension_shape(c));
                }
            }
            S::Exception(e) => {
                let shape = self.extension_shape(&e.constructor);
                add(e.constructor.id.name(), Kind::ExtensionConstructor, shape);
            }
            S::Module(binding) => {
                let shape = self.module(&binding.expr);
                let shape = self.known.table.with_uid(shape, binding.uid);
                if let Some(id) = binding.id {
                    self.bind(id, Kind::Module, shape.clone());
                    add(id.name(), Kind::Module, shape);
                }
            }
            S::RecModule(bindings) => {
                for (id, shape) in self.recursive_modules(bindings) {
                    add(id.name(), Kind::Module, shape);
                }
            }
            S::Modtype(d) => add(d.id.name(), Kind::ModuleType, self.known.table.leaf(d.uid)),
            S::Open(open) => self.open(open),
            S::Class(classes) => {
                for (class, _) in classes {
                    let shape = self.known.table.leaf(class.decl.uid);
                    add(class.id_class.name(), Kind::Class, shape.clone());
                    add(class.id_class_type.name(), Kind::ClassType, shape.clone());
                    add(class.id_object.name(), Kind::Type, shape);
                }
            }
            S::ClassType(decls) => {
                for (_, _, class) in decls {
                    let shape = self.known.table.leaf(class.decl.uid);
                    add(class.id_class_type.name(), Kind::ClassType, shape.clone());
                    add(class.id_object.name(), Kind::Type, shape);
                }
            }
            S::Include(include) => {
                let included = self.module_apart(&include.mod_);
                parts.extend(self.bind_parts(&include.type_, &included));
            }
        }
    }

    /// Binds what a structure that is opened defines.
    pub(crate) fn open(&mut self, open: &OpenDeclaration) {
        if !matches!(open.expr.desc, ModuleExprDesc::Ident(..)) {
            let of = self.module_apart(&open.expr);
            self.bind_parts(&open.bound_items, &of);
        }
    }

    /// Within the group, a recursive module is known by its name only.
    pub(crate) fn bind_recursively(&mut self, bindings: &[ModuleBinding]) {
        bindings.iter().for_each(|binding| self.bind_by_name(binding.id, binding.uid));
    }

    pub(crate) fn bind_by_name(&mut self, id: Option<Ident>, uid: Uid) {
        if let Some(id) = id {
            let shape = self.known.table.make(Some(uid), Desc::Var(id));
            self.bind(id, Kind::Module, shape);
        }
    }

    pub(crate) fn recursive_modules(&mut self, bindings: &[ModuleBinding]) -> Vec<(Ident, Rc<Shape>)> {
        self.bind_recursively(bindings);
        let around = self.known.anchored;
        let bodies: Vec<_> = bindings
            .iter()
            .map(|binding| {
                self.known.anchored = binding.id.is_some();
                self.recursive_body(&binding.expr)
            })
            .collect();
        self.known.anchored = around;
        let mut shapes = Vec::new();
        for (binding, (whole, left)) in bindings.iter().zip(bodies) {
            if let Some(id) = binding.id {
                self.bind(id, Kind::Module, whole);
                shapes.push((id, left));
            }
        }
        shapes
    }

    /// The shape of a body before it is restricted, and after.
    fn recursive_body(&mut self, e: &ModuleExpr) -> (Rc<Shape>, Rc<Shape>) {
        let ModuleExprDesc::Constraint(body, ty, ..) = &e.desc else {
            let shape = self.module(e);
            return (shape.clone(), shape);
        };
        let whole = self.module(body);
        (whole.clone(), self.restricted(&e.env, &body.type_, ty, whole))
    }

    /// The same of one that is no part of the module around it.
    fn module_apart(&mut self, e: &ModuleExpr) -> Rc<Shape> {
        let around = std::mem::replace(&mut self.known.anchored, false);
        let shape = self.module(e);
        self.known.anchored = around;
        shape
    }

    /// The shape of a module expression; what is bound within is noted.
    pub(crate) fn module(&mut self, e: &ModuleExpr) -> Rc<Shape> {
        match &e.desc {
            ModuleExprDesc::Ident(path, _) => {
                let of = self.module_path(&e.env, path);
                let is_alias = matches!(&e.type_, ModuleType::Alias(aliased) if aliased == path);
                if is_alias { self.known.table.make(None, Desc::Alias(of)) } else { of }
            }
            ModuleExprDesc::Structure(structure) => {
                let parts = self.structure(structure);
                self.known.table.make(None, Desc::Struct(parts))
            }
            ModuleExprDesc::Functor(param, body) => {
                let param = match param {
                    FunctorParameter::Named(Some(id), ..) => {
                        let uid = body.env.find_module(self.cx, &Path::Ident(*id)).map(|decl| decl.uid);
                        let var = self.known.table.make(uid, Desc::Var(*id));
                        self.bind(*id, Kind::Module, var);
                        *id
                    }
                    FunctorParameter::Named(None, ..) | FunctorParameter::Unit => unnamed_param(),
                };
                let body = self.module_apart(body);
                self.known.table.make(None, Desc::Abs(param, body))
            }
            ModuleExprDesc::Apply(f, arg, _) => {
                let (f, arg) = (self.module_apart(f), self.module_apart(arg));
                self.known.table.app(&f, arg)
            }
            ModuleExprDesc::ApplyUnit(f) => {
                let (f, arg) = (self.module_apart(f), self.known.table.dummy());
                self.known.table.app(&f, arg)
            }
            ModuleExprDesc::Constraint(inner, ty, written, coercion) => {
                if let (ModuleExprDesc::Ident(path, _), None, ModuleCoercion::Alias(..)) =
                    (&inner.desc, written, coercion)
                {
                    // An alias that is looked through.
                    return self.module_path(&inner.env, path);
                }
                let of = self.module(inner);
                self.restricted(&e.env, &inner.type_, ty, of)
            }
            ModuleExprDesc::Unpack(..) => self.known.table.make(None, Desc::Leaf),
        }
    }

    fn module_path(&mut self, env: &Env, path: &Path) -> Rc<Shape> {
        self.path(env, Kind::Module, path).unwrap_or_else(|| self.known.table.make(None, Desc::Leaf))
    }

    fn labels(&mut self, labels: &[LabelDeclaration]) -> Parts {
        labels.iter().map(|label| ((label.id.name(), Kind::Label), self.known.table.leaf(label.uid))).collect()
    }

    fn arguments(&mut self, args: &ConstructorArguments) -> Parts {
        match args {
            ConstructorArguments::Tuple(_) => Parts::new(),
            ConstructorArguments::Record(fields) => self.labels(fields),
        }
    }

    fn type_shape(&mut self, d: &TypeDeclaration) -> Rc<Shape> {
        let parts = match &d.kind {
            TypeKind::Abstract | TypeKind::Open => return self.known.table.leaf(d.decl.uid),
            TypeKind::Record(fields) => self.labels(fields),
            TypeKind::Variant(constructors) => {
                let mut parts = Parts::new();
                for c in constructors {
                    let inner = self.arguments(&c.args);
                    let shape = self.known.table.make(Some(c.uid), Desc::Struct(inner));
                    parts.insert((c.id.name(), Kind::Constructor), shape);
                }
                parts
            }
        };
        self.known.table.make(Some(d.decl.uid), Desc::Struct(parts))
    }

    pub(crate) fn extension_shape(&mut self, c: &ExtensionConstructor) -> Rc<Shape> {
        let parts = match &c.kind {
            ExtensionConstructorKind::Decl(_, args, _) => self.arguments(args),
            ExtensionConstructorKind::Rebind(..) => Parts::new(),
        };
        let shape = self.known.table.make(Some(c.type_.uid), Desc::Struct(parts));
        self.bind(c.id, Kind::ExtensionConstructor, shape.clone());
        shape
    }

    pub(crate) fn let_module(&mut self, id: Option<Ident>, module: &ModuleExpr, body: &Env) {
        let shape = self.module(module);
        if let Some(id) = id
            && let Some(decl) = body.find_module(self.cx, &Path::Ident(id))
        {
            let shape = self.known.table.with_uid(shape, decl.uid);
            self.bind(id, Kind::Module, shape);
        }
    }
}

/// The shape of what is bound in an environment: a leaf, unless more is known.
fn shape_of_ident(
    cx: &Context,
    table: &mut Table,
    bound: &HashMap<(Ident, Kind), Rc<Shape>>,
    env: &Env,
    kind: Kind,
    id: Ident,
) -> Option<Rc<Shape>> {
    if kind == Kind::Module && id.is_global() {
        return Some(table.unit(id.name()));
    }
    if let Some(shape) = bound.get(&(id, kind)) {
        return Some(shape.clone());
    }
    let path = &Path::Ident(id);
    let uid = match kind {
        Kind::Value => env.find_value(cx, path)?.uid,
        Kind::Type => env.find_ident_type(cx, id)?.uid,
        Kind::Constructor | Kind::ExtensionConstructor => env.find_ident_constructor(cx, id)?.uid,
        Kind::Label => env.find_ident_label(cx, id)?.uid,
        Kind::Module => env.find_module(cx, path)?.uid,
        Kind::ModuleType => env.find_modtype(cx, path)?.uid,
        Kind::Class => env.find_class(cx, path)?.uid,
        Kind::ClassType => env.find_cltype(cx, path)?.uid,
    };
    Some(table.leaf(uid))
}

/// The parameter of all functors whose parameter has no name.
fn unnamed_param() -> Ident {
    Ident::Local { name: Name::new("()"), stamp: 0 }
}
