//! What modules consist of, computed when first asked for.
//!
//! The components of a structure are indexed by name without substituting anything: each
//! declaration is prefixed by the module's path when it is first looked at.

use super::table::{Kind, Namespace};
use super::{Address, Env, TypeDescriptions};
use crate::btype::{self, IdMap};
use crate::context::Context;
use crate::ctype;
use crate::datarepr;
use crate::path::Path;
use crate::subst::{Scoping, Subst};
use crate::types::*;
use rocaml_base::{Location, Name};
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// A run-time position, found when first asked for.
#[derive(Clone)]
pub(super) enum LazyAddress {
    /// It has none: primitives, parts of functor applications.
    None,
    Ident(crate::Ident),
    Field(Rc<LazyAddress>, usize),
    /// That of the module which an alias stands for.
    Alias(Rc<(Env, Path)>),
}

impl LazyAddress {
    pub(super) fn force(&self, cx: &Context) -> Option<Address> {
        match self {
            LazyAddress::None => None,
            LazyAddress::Ident(id) => Some(Address::Ident(*id)),
            LazyAddress::Field(parent, pos) => Some(Address::Dot(Rc::new(parent.force(cx)?), *pos)),
            LazyAddress::Alias(target) => target.0.find_module_address(cx, &target.1),
        }
    }
}

/// A declaration and what it becomes outside of its module.
pub(super) struct Prefixed<T> {
    raw: Rc<T>,
    subst: Option<Rc<Subst>>,
    done: OnceCell<Rc<T>>,
}

impl<T> Prefixed<T> {
    pub(super) fn new(raw: Rc<T>, subst: Option<Rc<Subst>>) -> Prefixed<T> {
        Prefixed { raw, subst, done: OnceCell::new() }
    }
    pub(super) fn raw(&self) -> &Rc<T> {
        &self.raw
    }
    fn get(&self, f: impl FnOnce(&Subst, &T) -> T) -> Rc<T> {
        match &self.subst {
            None => self.raw.clone(),
            Some(subst) => self.done.get_or_init(|| Rc::new(f(subst, &self.raw))).clone(),
        }
    }
}

pub(super) struct ValueData {
    source: ValueSource,
    pub(super) address: LazyAddress,
}
enum ValueSource {
    Declared(Prefixed<ValueDescription>),
    Copied(Rc<ValueData>, TypeCopies),
}
/// Copies of the types of values, shared by the values of an environment.
pub(super) type TypeCopies = Rc<RefCell<btype::TypeMap<TypeId>>>;
impl ValueData {
    fn new(decl: Prefixed<ValueDescription>, address: LazyAddress) -> ValueData {
        ValueData { source: ValueSource::Declared(decl), address }
    }
    /// The value with a copy of its type, as that is when the value is looked up.
    pub(super) fn copied(value: &Rc<ValueData>, copies: &TypeCopies) -> ValueData {
        let address = value.address.clone();
        ValueData { source: ValueSource::Copied(value.clone(), copies.clone()), address }
    }
    pub(super) fn decl(&self, cx: &Context) -> Rc<ValueDescription> {
        match &self.source {
            ValueSource::Declared(decl) => decl.get(|subst, d| subst.value_description(cx, d)),
            ValueSource::Copied(value, copies) => {
                let decl = value.decl(cx);
                let ty = cx.repr(decl.type_);
                let known = copies.borrow().get(&ty).copied();
                let type_ = known.unwrap_or_else(|| {
                    let copy = Subst::identity().type_expr(cx, ty);
                    copies.borrow_mut().insert(ty, copy);
                    copy
                });
                Rc::new(ValueDescription { type_, ..(*decl).clone() })
            }
        }
    }
}

pub(super) struct TypeData {
    path: Path,
    decl: Prefixed<TypeDeclaration>,
    descrs: OnceCell<TypeDescriptions>,
    /// From here on identities of inline records are numbered.
    first_uid: u32,
}
impl TypeData {
    pub(super) fn new(cx: &Context, path: Path, decl: Prefixed<TypeDeclaration>) -> TypeData {
        let first_uid = datarepr::reserve_uids_of_type(cx, &decl.raw);
        TypeData { path, decl, descrs: OnceCell::new(), first_uid }
    }
    /// A type whose constructors will not be looked at.
    pub(super) fn raw(path: Path, decl: Prefixed<TypeDeclaration>) -> TypeData {
        TypeData { path, decl, descrs: OnceCell::new(), first_uid: 0 }
    }
    pub(super) fn decl(&self, cx: &Context) -> Rc<TypeDeclaration> {
        self.decl.get(|subst, d| {
            let d = subst.type_declaration(cx, d);
            btype::set_static_row_name(cx, &d, &self.path);
            d
        })
    }
    pub(super) fn descrs(&self, cx: &Context) -> TypeDescriptions {
        let compute = || {
            let decl = self.decl(cx);
            match &decl.kind {
                TypeKind::Abstract(origin) => TypeDescriptions::Abstract(origin.clone()),
                TypeKind::Open => TypeDescriptions::Open,
                TypeKind::Record(_, rep) => TypeDescriptions::Record(
                    datarepr::labels_of_type(cx, &self.path, &decl).into_iter().map(|(_, l)| l).collect(),
                    rep.clone(),
                ),
                TypeKind::Variant(_, rep) => TypeDescriptions::Variant(
                    datarepr::constructors_of_type(cx, &self.path, &decl, self.first_uid)
                        .into_iter()
                        .map(|(_, c)| c)
                        .collect(),
                    *rep,
                ),
            }
        };
        if let Some(known) = self.descrs.get() {
            return known.clone();
        }
        let descrs = compute();
        self.descrs.get_or_init(|| descrs).clone()
    }
}

pub(super) struct ExtensionData {
    path: Path,
    ext: Prefixed<ExtensionConstructor>,
    descr: OnceCell<Rc<ConstructorDescription>>,
    address: LazyAddress,
    /// The identity of its inline record.
    uid: u32,
}
impl ExtensionData {
    pub(super) fn new(
        cx: &Context,
        path: Path,
        ext: Prefixed<ExtensionConstructor>,
        address: LazyAddress,
    ) -> ExtensionData {
        let uid = datarepr::reserve_uid_of_extension(cx, &ext.raw);
        ExtensionData { path, ext, descr: OnceCell::new(), address, uid }
    }
    fn descr(&self, cx: &Context) -> Rc<ConstructorDescription> {
        if let Some(known) = self.descr.get() {
            return known.clone();
        }
        let ext = self.ext.get(|subst, d| subst.extension_constructor(cx, d));
        let descr = Rc::new(datarepr::extension_descr(cx, &self.path, &ext, self.uid));
        self.descr.get_or_init(|| descr).clone()
    }
}

/// A constructor in scope.
#[derive(Clone)]
pub(super) enum ConstructorData {
    OfType(Rc<TypeData>, usize),
    Extension(Rc<ExtensionData>),
}
impl ConstructorData {
    pub(super) fn descr(&self, cx: &Context) -> Option<Rc<ConstructorDescription>> {
        match self {
            ConstructorData::OfType(ty, i) => match ty.descrs(cx) {
                TypeDescriptions::Variant(cstrs, _) => cstrs.get(*i).cloned(),
                _ => None,
            },
            ConstructorData::Extension(ext) => Some(ext.descr(cx)),
        }
    }
    pub(super) fn is_extension(&self) -> bool {
        matches!(self, ConstructorData::Extension(_))
    }
    pub(super) fn address(&self) -> Option<&LazyAddress> {
        match self {
            ConstructorData::OfType(..) => None,
            ConstructorData::Extension(ext) => Some(&ext.address),
        }
    }
}

/// A label in scope.
#[derive(Clone)]
pub(super) struct LabelData(pub(super) Rc<TypeData>, pub(super) usize);
impl LabelData {
    pub(super) fn descr(&self, cx: &Context) -> Option<Rc<LabelDescription>> {
        match self.0.descrs(cx) {
            TypeDescriptions::Record(labels, _) => labels.get(self.1).cloned(),
            _ => None,
        }
    }
}

pub(super) struct ModuleData {
    decl: Prefixed<ModuleDeclaration>,
    /// Scope of the idents of a prefixed declaration.
    scope: i32,
    pub(super) comps: ModuleComponents,
    pub(super) address: LazyAddress,
    /// Alerts of a compilation unit.
    pub(super) alerts: Vec<(Name, String)>,
}
impl ModuleData {
    pub(super) fn new(
        decl: Prefixed<ModuleDeclaration>,
        scope: i32,
        comps: ModuleComponents,
        address: LazyAddress,
    ) -> ModuleData {
        ModuleData { decl, scope, comps, address, alerts: Vec::new() }
    }
    pub(super) fn decl(&self, cx: &Context) -> Rc<ModuleDeclaration> {
        self.decl.get(|subst, d| subst.module_declaration(cx, Scoping::Rescope(self.scope), d))
    }
    /// The declaration's attributes.
    pub(super) fn attributes(&self) -> &rocaml_syntax::ast::Attributes {
        &self.decl.raw().attributes
    }
    pub(super) fn uid(&self) -> Uid {
        self.decl.raw().uid
    }
    /// The path that the module is an alias of. Needs no prefixing of the whole declaration.
    pub(super) fn alias(&self) -> Option<Path> {
        match &self.decl.raw().type_ {
            ModuleType::Alias(path) => Some(match &self.decl.subst {
                Some(subst) => subst.module_path(path),
                None => path.clone(),
            }),
            _ => None,
        }
    }
}

pub(super) struct ModtypeData {
    pub(super) decl: Prefixed<ModtypeDeclaration>,
    scope: i32,
}
impl ModtypeData {
    pub(super) fn new(decl: Prefixed<ModtypeDeclaration>, scope: i32) -> ModtypeData {
        ModtypeData { decl, scope }
    }
    pub(super) fn decl(&self, cx: &Context) -> Rc<ModtypeDeclaration> {
        self.decl.get(|subst, d| subst.modtype_declaration(cx, Scoping::Rescope(self.scope), d))
    }
}

pub(super) struct ClassData {
    decl: Prefixed<ClassDeclaration>,
    pub(super) address: LazyAddress,
}
impl ClassData {
    pub(super) fn new(decl: Prefixed<ClassDeclaration>, address: LazyAddress) -> ClassData {
        ClassData { decl, address }
    }
    pub(super) fn decl(&self, cx: &Context) -> Rc<ClassDeclaration> {
        self.decl.get(|subst, d| subst.class_declaration(cx, d))
    }
}
pub(super) struct CltypeData(pub(super) Prefixed<ClassTypeDeclaration>);
impl CltypeData {
    pub(super) fn decl(&self, cx: &Context) -> Rc<ClassTypeDeclaration> {
        self.0.get(|subst, d| subst.cltype_declaration(cx, d))
    }
}

/// A value in scope, or why there is none.
#[derive(Clone)]
pub(super) enum ValueEntry {
    Bound(Rc<ValueData>),
    Unbound(ValueUnboundReason),
}
impl ValueEntry {
    pub(super) fn bound(decl: Rc<ValueDescription>, address: LazyAddress) -> ValueEntry {
        ValueEntry::Bound(Rc::new(ValueData::new(Prefixed::new(decl, None), address)))
    }
}
/// A module in scope.
#[derive(Clone)]
pub(super) enum ModuleEntry {
    Local(Rc<ModuleData>),
    /// A compilation unit, in an environment of which it is explicitly part.
    Persistent,
    Unbound(super::ModuleUnboundReason),
}

/// The components of a structure by kind and name.
#[derive(Default)]
pub(super) struct StructureComps {
    pub(super) values: IdMap<Name, Rc<ValueData>>,
    pub(super) types: IdMap<Name, Rc<TypeData>>,
    pub(super) constrs: IdMap<Name, Vec<ConstructorData>>,
    pub(super) labels: IdMap<Name, Vec<LabelData>>,
    pub(super) modules: IdMap<Name, Rc<ModuleData>>,
    pub(super) modtypes: IdMap<Name, Rc<ModtypeData>>,
    pub(super) classes: IdMap<Name, Rc<ClassData>>,
    pub(super) cltypes: IdMap<Name, Rc<CltypeData>>,
}

/// A functor: its parameter, result, and the applications made in paths.
pub(super) struct FunctorComps {
    pub(super) param: FunctorParameter,
    pub(super) res: ModuleType,
    pub(super) applications: RefCell<IdMap<Path, Rc<ModuleData>>>,
}

pub(super) enum Comps {
    Structure(Rc<StructureComps>),
    Functor(Rc<FunctorComps>),
    /// Its module type is abstract.
    Abstract,
    /// It is an alias of a module that cannot be found.
    Alias(Path),
}

/// A module's components, not yet computed.
pub(super) struct ModuleComponents {
    env: Env,
    subst: Subst,
    path: Path,
    address: LazyAddress,
    mty: ModuleType,
    comps: OnceCell<Rc<Comps>>,
}

impl ModuleComponents {
    pub(super) fn new(env: Env, subst: Subst, path: Path, address: LazyAddress, mty: ModuleType) -> ModuleComponents {
        ModuleComponents { env, subst, path, address, mty, comps: OnceCell::new() }
    }

    pub(super) fn get(&self, cx: &Context) -> Rc<Comps> {
        if let Some(known) = self.comps.get() {
            return known.clone();
        }
        let comps = Rc::new(self.compute(cx));
        if matches!(*comps, Comps::Alias(_)) && cx.without_cmis.get() {
            // It may be found once units may be loaded again.
            return comps;
        }
        self.comps.get_or_init(|| comps).clone()
    }

    fn compute(&self, cx: &Context) -> Comps {
        match self.env.scrape_alias(cx, &self.mty) {
            ModuleType::Signature(sg) => Comps::Structure(Rc::new(self.structure(cx, &sg))),
            ModuleType::Functor(param, res) => {
                // Prefixed at once: it is read in the outer environment.
                let scoping = Scoping::Rescope(self.path.scope());
                let param = match param {
                    FunctorParameter::Unit => FunctorParameter::Unit,
                    FunctorParameter::Named(id, arg) => {
                        FunctorParameter::Named(id, Rc::new(self.subst.modtype(cx, scoping, &arg)))
                    }
                };
                Comps::Functor(Rc::new(FunctorComps {
                    param,
                    res: self.subst.modtype(cx, scoping, &res),
                    applications: RefCell::default(),
                }))
            }
            ModuleType::Ident(_) => Comps::Abstract,
            ModuleType::Alias(path) => Comps::Alias(path),
        }
    }

    fn structure(&self, cx: &Context, sg: &[SignatureItem]) -> StructureComps {
        let mut subst = self.subst.clone();
        for item in sg {
            let id = item.ident();
            let path = || self.path.dot(id.name());
            match item {
                SignatureItem::Value(..) => {}
                SignatureItem::Module(..) => subst.insert_module(id, path()),
                SignatureItem::Modtype(..) => subst.insert_modtype(id, path()),
                // Extensions for their inline records, classes for the types they define.
                SignatureItem::Type(..)
                | SignatureItem::Typext(..)
                | SignatureItem::Class(..)
                | SignatureItem::ClassType(..) => {
                    subst.insert_type(id, path());
                }
            }
        }
        let subst = Rc::new(subst);
        let has_modules = sg.iter().any(|item| matches!(item, SignatureItem::Module(..)));
        let mut build = Builder {
            parent: self,
            subst,
            parent_address: Rc::new(self.address.clone()),
            next: 0,
            env: self.env.clone(),
            has_modules,
            comps: StructureComps::default(),
        };
        sg.iter().for_each(|item| build.item(cx, item));
        build.comps
    }
}

struct Builder<'a> {
    parent: &'a ModuleComponents,
    subst: Rc<Subst>,
    parent_address: Rc<LazyAddress>,
    next: usize,
    /// The environment within the structure, kept only if there are modules to read in it.
    env: Env,
    has_modules: bool,
    comps: StructureComps,
}

impl Builder<'_> {
    fn next_address(&mut self) -> LazyAddress {
        self.next += 1;
        LazyAddress::Field(self.parent_address.clone(), self.next - 1)
    }

    fn item(&mut self, cx: &Context, item: &SignatureItem) {
        let name = item.ident().name();
        let path = self.parent.path.dot(name);
        let scope = self.parent.path.scope();
        let subst = Some(self.subst.clone());
        match item {
            SignatureItem::Value(_, decl, _) => {
                let address =
                    if matches!(decl.kind, ValueKind::Prim(_)) { LazyAddress::None } else { self.next_address() };
                let data = ValueData::new(Prefixed::new(decl.clone(), subst), address);
                self.comps.values.insert(name, Rc::new(data));
            }
            SignatureItem::Type(id, decl, ..) => {
                let data = Rc::new(TypeData::new(cx, path, Prefixed::new(decl.clone(), subst)));
                add_members(&mut self.comps, &data, decl);
                self.comps.types.insert(name, data);
                if self.has_modules {
                    self.env = self.env.add_raw_type(*id, decl.clone());
                }
            }
            SignatureItem::Typext(_, ext, ..) => {
                let address = self.next_address();
                let data = ExtensionData::new(cx, path, Prefixed::new(ext.clone(), subst), address);
                self.comps.constrs.entry(name).or_default().insert(0, ConstructorData::Extension(Rc::new(data)));
            }
            SignatureItem::Module(id, presence, decl, ..) => {
                let address = match (presence, &decl.type_) {
                    (ModulePresence::Absent, ModuleType::Alias(path)) => {
                        LazyAddress::Alias(Rc::new((self.env.clone(), path.clone())))
                    }
                    (ModulePresence::Absent, _) => LazyAddress::None,
                    (ModulePresence::Present, _) => self.next_address(),
                };
                let comps = ModuleComponents::new(
                    self.env.clone(),
                    (*self.subst).clone(),
                    path,
                    address.clone(),
                    decl.type_.clone(),
                );
                let data = ModuleData::new(Prefixed::new(decl.clone(), subst), scope, comps, address.clone());
                self.comps.modules.insert(name, Rc::new(data));
                self.env = self.env.add_raw_module(*id, decl.clone(), address);
            }
            SignatureItem::Modtype(id, decl, _) => {
                let data = ModtypeData::new(Prefixed::new(decl.clone(), subst), scope);
                self.comps.modtypes.insert(name, Rc::new(data));
                if self.has_modules {
                    self.env = self.env.add_modtype(cx, *id, decl.clone());
                }
            }
            SignatureItem::Class(_, decl, ..) => {
                let address = self.next_address();
                self.comps.classes.insert(name, Rc::new(ClassData::new(Prefixed::new(decl.clone(), subst), address)));
            }
            SignatureItem::ClassType(_, decl, ..) => {
                self.comps.cltypes.insert(name, Rc::new(CltypeData(Prefixed::new(decl.clone(), subst))));
            }
        }
    }
}

/// Indexes the constructors and labels of a type.
fn add_members(comps: &mut StructureComps, data: &Rc<TypeData>, decl: &TypeDeclaration) {
    match &decl.kind {
        TypeKind::Variant(cstrs, _) => {
            for (i, cstr) in cstrs.iter().enumerate() {
                comps.constrs.entry(cstr.id.name()).or_default().insert(0, ConstructorData::OfType(data.clone(), i));
            }
        }
        TypeKind::Record(labels, _) => {
            for (i, label) in labels.iter().enumerate() {
                comps.labels.entry(label.id.name()).or_default().insert(0, LabelData(data.clone(), i));
            }
        }
        TypeKind::Abstract(_) | TypeKind::Open => {}
    }
}

/// The declaration of a module that is only a type.
pub(super) fn module_decl(type_: ModuleType) -> ModuleDeclaration {
    ModuleDeclaration { type_, attributes: Vec::new(), loc: Location::none(), uid: Uid::Internal }
}

macro_rules! namespace {
    ($entry:ty, $kind:ident, $field:ident, $wrap:expr $(, $hides:item)?) => {
        impl Namespace for $entry {
            $($hides)?
            fn components(comps: &StructureComps, name: Name) -> Vec<Self> {
                comps.$field.get(&name).map(|data| ($wrap)(data.clone())).into_iter().collect()
            }
            fn all(comps: &StructureComps) -> Vec<(Name, Self)> {
                comps.$field.iter().map(|(name, data)| (*name, ($wrap)(data.clone()))).collect()
            }
            const KIND: Kind = Kind::$kind;
        }
    };
}
namespace!(
    ValueEntry,
    Value,
    values,
    ValueEntry::Bound,
    fn hides(_cx: &Context, _env: &Env, _shown: &Self, hidden: &Self) -> bool {
        matches!(hidden, ValueEntry::Bound(_))
    }
);
namespace!(ModuleEntry, Module, modules, ModuleEntry::Local);
namespace!(Rc<TypeData>, Type, types, |data| data);
namespace!(Rc<ModtypeData>, ModuleType, modtypes, |data| data);
namespace!(Rc<ClassData>, Class, classes, |data| data);
namespace!(Rc<CltypeData>, ClassType, cltypes, |data| data);

macro_rules! member_namespace {
    ($entry:ty, $kind:ident, $field:ident, $hides:item) => {
        impl Namespace for $entry {
            $hides
            fn components(comps: &StructureComps, name: Name) -> Vec<Self> {
                comps.$field.get(&name).cloned().unwrap_or_default()
            }
            fn all(comps: &StructureComps) -> Vec<(Name, Self)> {
                comps.$field.iter().filter_map(|(name, data)| Some((*name, data.first()?.clone()))).collect()
            }
            const KIND: Kind = Kind::$kind;
        }
    };
}
// The same constructor or label of the same type, met by another way, hides nothing.
member_namespace!(
    ConstructorData,
    Constructor,
    constrs,
    fn hides(cx: &Context, env: &Env, shown: &Self, hidden: &Self) -> bool {
        match (shown.descr(cx), hidden.descr(cx)) {
            (Some(shown), Some(hidden)) => !ctype::same_constr(cx, env, shown.res, hidden.res),
            _ => true,
        }
    }
);
member_namespace!(
    LabelData,
    Label,
    labels,
    fn hides(cx: &Context, env: &Env, shown: &Self, hidden: &Self) -> bool {
        match (shown.descr(cx), hidden.descr(cx)) {
            (Some(shown), Some(hidden)) => !ctype::same_constr(cx, env, shown.res, hidden.res),
            _ => true,
        }
    }
);
