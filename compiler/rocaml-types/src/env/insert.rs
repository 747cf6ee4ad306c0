//! Additions to an environment.

use super::components::*;
use super::error::EnvError;
use super::opening::OpenUse;
use super::summary::SummaryItem;
use super::table::Table;
use super::{Constraint, Data, Env, FunctorArg, Lookup, ModuleUnboundReason, OpenFailure, ValueCheck};
use crate::Ident;
use crate::context::Context;
use crate::path::Path;
use crate::subst::{Scoping, Subst};
use crate::types::*;
use rocaml_base::{Location, Name};
use rocaml_diag::{TypeDeclarationUsage, Warning};
use rocaml_syntax::ast::Attributes;
use rocaml_syntax::asttypes::{MutableFlag, OverrideFlag};
use rocaml_syntax::attribute_use::{mark_alerts, mark_named};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

impl Data {
    fn add_functor_arg(&mut self, id: Ident) {
        self.functor_args = Some(Rc::new(FunctorArg { id, rest: self.functor_args.take() }));
        self.note(SummaryItem::FunctorArg(id));
    }
}

impl Env {
    /// A name may not have `#` within: such names are the checker's.
    pub fn check_value_name(&self, name: Name, loc: Location) -> Lookup<()> {
        let starts_like_identifier = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if !starts_like_identifier && name.len() > 1 && name.as_bytes()[1..].contains(&b'#') {
            return Err(Box::new(EnvError::IllegalValueName(loc, name)));
        }
        Ok(())
    }

    pub fn add_value(&self, cx: &Context, check: ValueCheck, id: Ident, decl: Rc<ValueDescription>) -> Env {
        mark_alerts(&decl.attributes);
        if let Some(warning) = check {
            cx.usage.watch_value(cx, id.name(), &decl, warning);
        }
        let address = if matches!(decl.kind, ValueKind::Prim(_)) { LazyAddress::None } else { LazyAddress::Ident(id) };
        self.edit(|d| {
            d.note(SummaryItem::Value(id, decl.clone()));
            d.values = d.values.add(id, ValueEntry::bound(decl, address));
        })
    }

    pub fn add_type(&self, cx: &Context, check: bool, id: Ident, decl: Rc<TypeDeclaration>) -> Env {
        mark_type_attributes(&decl);
        if check {
            cx.usage.watch_type(cx, self, id.name(), &decl);
        }
        let data = Rc::new(TypeData::new(cx, Path::Ident(id), Prefixed::new(decl.clone(), None)));
        self.edit(|d| {
            match &decl.kind {
                TypeKind::Variant(cstrs, _) => {
                    for (i, cstr) in cstrs.iter().enumerate() {
                        d.constrs = d.constrs.add(cstr.id, ConstructorData::OfType(data.clone(), i));
                    }
                }
                TypeKind::Record(labels, _) => {
                    for (i, label) in labels.iter().enumerate() {
                        d.labels = d.labels.add(label.id, LabelData(data.clone(), i));
                    }
                }
                TypeKind::Abstract(_) | TypeKind::Open => {}
            }
            d.types = d.types.add(id, data);
            d.note(SummaryItem::Type(id, decl));
        })
    }
    /// A type without its constructors and labels: what the types of nested modules may mention.
    pub(super) fn add_raw_type(&self, id: Ident, decl: Rc<TypeDeclaration>) -> Env {
        self.edit(|d| {
            d.note(SummaryItem::Type(id, decl.clone()));
            d.types = d.types.add(id, Rc::new(TypeData::raw(Path::Ident(id), Prefixed::new(decl, None))));
        })
    }

    pub fn add_extension(
        &self,
        cx: &Context,
        check: bool,
        rebind: bool,
        id: Ident,
        ext: Rc<ExtensionConstructor>,
    ) -> Env {
        mark_constructor_attributes(&ext.attributes);
        if check {
            cx.usage.watch_extension(cx, self, rebind, id.name(), &ext);
        }
        let data = ExtensionData::new(cx, Path::Ident(id), Prefixed::new(ext.clone(), None), LazyAddress::Ident(id));
        self.edit(|d| {
            d.constrs = d.constrs.add(id, ConstructorData::Extension(Rc::new(data)));
            d.note(SummaryItem::Extension(id, ext));
        })
    }

    pub fn add_module(&self, cx: &Context, arg: bool, id: Ident, presence: ModulePresence, mty: &ModuleType) -> Env {
        self.add_module_declaration(cx, arg, false, id, presence, Rc::new(module_decl(mty.clone())))
    }
    pub fn add_module_declaration(
        &self,
        cx: &Context,
        arg: bool,
        check: bool,
        id: Ident,
        presence: ModulePresence,
        md: Rc<ModuleDeclaration>,
    ) -> Env {
        mark_alerts(&md.attributes);
        if check {
            let warning: fn(String) -> Warning =
                if arg && self.is_in_signature() { Warning::UnusedFunctorParameter } else { Warning::UnusedModule };
            cx.usage.watch_module(cx, id.name(), &md, warning);
        }
        let address = match (presence, &md.type_) {
            (ModulePresence::Absent, ModuleType::Alias(path)) => {
                LazyAddress::Alias(Rc::new((self.clone(), path.clone())))
            }
            (ModulePresence::Absent, _) => LazyAddress::None,
            (ModulePresence::Present, _) => LazyAddress::Ident(id),
        };
        let env = self.add_raw_module(id, md.clone(), address);
        env.edit(|d| {
            d.note(SummaryItem::Module(id, presence, md));
            if arg {
                d.add_functor_arg(id);
            }
        })
    }
    pub(super) fn add_raw_module(&self, id: Ident, md: Rc<ModuleDeclaration>, address: LazyAddress) -> Env {
        let comps =
            ModuleComponents::new(self.clone(), Subst::identity(), Path::Ident(id), address.clone(), md.type_.clone());
        let data = ModuleData::new(Prefixed::new(md, None), 0, comps, address);
        self.edit(|d| d.modules = d.modules.add(id, ModuleEntry::Local(Rc::new(data))))
    }
    /// Makes a unit visible although something else may have its name.
    pub fn add_persistent_structure(&self, id: Ident) -> Env {
        self.edit(|d| {
            d.modules = d.modules.add(id, ModuleEntry::Persistent);
            d.note(SummaryItem::Persistent(id));
        })
    }
    pub fn add_functor_arg(&self, id: Ident) -> Env {
        self.edit(|d| d.add_functor_arg(id))
    }
    pub fn add_modtype(&self, _cx: &Context, id: Ident, decl: Rc<ModtypeDeclaration>) -> Env {
        mark_alerts(&decl.attributes);
        self.edit(|d| {
            d.note(SummaryItem::Modtype(id, decl.clone()));
            d.modtypes = d.modtypes.add(id, Rc::new(ModtypeData::new(Prefixed::new(decl, None), 0)));
        })
    }
    pub fn add_class(&self, _cx: &Context, id: Ident, decl: Rc<ClassDeclaration>) -> Env {
        mark_alerts(&decl.attributes);
        self.edit(|d| {
            d.note(SummaryItem::Class(id, decl.clone()));
            d.classes = d.classes.add(id, Rc::new(ClassData::new(Prefixed::new(decl, None), LazyAddress::Ident(id))))
        })
    }
    pub fn add_cltype(&self, _cx: &Context, id: Ident, decl: Rc<ClassTypeDeclaration>) -> Env {
        mark_alerts(&decl.attributes);
        self.edit(|d| {
            d.note(SummaryItem::Cltype(id, decl.clone()));
            d.cltypes = d.cltypes.add(id, Rc::new(CltypeData(Prefixed::new(decl, None))));
        })
    }
    /// Gives an abstract type a local declaration, which has its equation as manifest.
    pub fn add_local_constraint(&self, path: &Path, decl: Rc<TypeDeclaration>) -> Env {
        self.edit(|d| {
            d.local_constraints =
                Some(Rc::new(Constraint { path: path.clone(), decl, rest: d.local_constraints.take() }))
        })
    }
    pub fn add_item(&self, cx: &Context, item: &SignatureItem) -> Env {
        match item {
            SignatureItem::Value(id, d, _) => self.add_value(cx, None, *id, d.clone()),
            SignatureItem::Type(id, d, ..) => self.add_type(cx, false, *id, d.clone()),
            SignatureItem::Typext(id, d, ..) => self.add_extension(cx, false, false, *id, d.clone()),
            SignatureItem::Module(id, presence, d, ..) => {
                self.add_module_declaration(cx, false, false, *id, *presence, d.clone())
            }
            SignatureItem::Modtype(id, d, _) => self.add_modtype(cx, *id, d.clone()),
            SignatureItem::Class(id, d, ..) => self.add_class(cx, *id, d.clone()),
            SignatureItem::ClassType(id, d, ..) => self.add_cltype(cx, *id, d.clone()),
        }
    }
    pub fn add_signature(&self, cx: &Context, sg: &[SignatureItem]) -> Env {
        sg.iter().fold(self.clone(), |env, item| env.add_item(cx, item))
    }

    // -----------------------------------------------------------------------------------------
    // Open

    fn open_with(&self, cx: &Context, using: Option<Rc<OpenUse>>, root: &Path) -> Result<Env, OpenFailure> {
        let data = self.find_module_data(cx, root).ok_or(OpenFailure::NotFound)?;
        let comps = match &*data.comps.get(cx) {
            Comps::Structure(comps) => comps.clone(),
            Comps::Functor(_) => return Err(OpenFailure::Functor),
            Comps::Abstract | Comps::Alias(_) => return Err(OpenFailure::NotFound),
        };
        fn add<T: super::table::Namespace>(
            table: &mut Table<T>,
            some: bool,
            root: &Path,
            comps: &Rc<StructureComps>,
            using: &Option<Rc<OpenUse>>,
        ) {
            if some {
                *table = table.add_open(root, comps, using.clone());
            }
        }
        Ok(self.edit(|d| {
            d.note(SummaryItem::Open(root.clone()));
            add(&mut d.values, !comps.values.is_empty(), root, &comps, &using);
            add(&mut d.constrs, !comps.constrs.is_empty(), root, &comps, &using);
            add(&mut d.labels, !comps.labels.is_empty(), root, &comps, &using);
            add(&mut d.types, !comps.types.is_empty(), root, &comps, &using);
            add(&mut d.modules, !comps.modules.is_empty(), root, &comps, &using);
            add(&mut d.modtypes, !comps.modtypes.is_empty(), root, &comps, &using);
            add(&mut d.classes, !comps.classes.is_empty(), root, &comps, &using);
            add(&mut d.cltypes, !comps.cltypes.is_empty(), root, &comps, &using);
        }))
    }
    /// This environment without the open that was made over `before`; what was learnt and added
    /// since stays. Upstream's `remove_last_open`.
    pub fn without_open_over(&self, before: &Env) -> Env {
        let before = &before.0;
        self.edit(|d| {
            d.values = d.values.without_open_over(&before.values);
            d.constrs = d.constrs.without_open_over(&before.constrs);
            d.labels = d.labels.without_open_over(&before.labels);
            d.types = d.types.without_open_over(&before.types);
            d.modules = d.modules.without_open_over(&before.modules);
            d.modtypes = d.modtypes.without_open_over(&before.modtypes);
            d.classes = d.classes.without_open_over(&before.classes);
            d.cltypes = d.cltypes.without_open_over(&before.cltypes);
        })
    }
    /// Opens a module; with a place, warns if the open turns out to be useless or to shadow.
    pub fn open_signature(
        &self,
        cx: &Context,
        used_slot: Option<Rc<Cell<bool>>>,
        loc: Option<Location>,
        toplevel: bool,
        ovf: OverrideFlag,
        root: &Path,
    ) -> Result<Env, OpenFailure> {
        let Some(loc) = loc.filter(|loc| !toplevel && !loc.ghost) else { return self.open_with(cx, None, root) };
        let fresh = ovf == OverrideFlag::Fresh;
        let warn_unused = cx.is_active(if fresh { 33 } else { 66 });
        if !warn_unused && !cx.is_active(44) && !cx.is_active(45) {
            return self.open_with(cx, None, root);
        }
        let used = used_slot.unwrap_or_default();
        if warn_unused {
            let (used, name) = (used.clone(), root.name());
            cx.add_delayed_check(move |cx| {
                if !used.replace(true) {
                    cx.warn(loc, if fresh { Warning::UnusedOpen(name) } else { Warning::UnusedOpenBang(name) });
                }
            });
        }
        let using = OpenUse { used, loc, warn_shadowing: fresh, told: RefCell::default() };
        self.open_with(cx, Some(Rc::new(using)), root)
    }
    /// The environment in which units of the search path hide the modules of an opened unit: what
    /// is initially opened stands below all units.
    pub fn with_units_over(&self, cx: &Context, opened: Name) -> Env {
        let Some(decl) = self.find_module(cx, &Path::Ident(Ident::global(opened))) else { return self.clone() };
        let ModuleType::Signature(sg) = &decl.type_ else { return self.clone() };
        let units = sg.iter().filter_map(|item| match item {
            SignatureItem::Module(id, ..) => Some(id.name()),
            _ => None,
        });
        units
            .filter(|name| cx.current_unit() != Some(*name) && cx.persistent.exists(*name))
            .fold(self.clone(), |env, name| env.add_persistent_structure(Ident::global(name)))
    }
    /// Opens a unit, for `-open` and the standard library.
    pub fn open_pers_signature(&self, cx: &Context, name: Name) -> Result<Env, OpenFailure> {
        self.open_with(cx, None, &Path::Ident(Ident::global(name)))
    }

    // -----------------------------------------------------------------------------------------
    // By name

    pub fn enter_value(&self, cx: &Context, check: ValueCheck, name: Name, decl: Rc<ValueDescription>) -> (Ident, Env) {
        let id = Ident::create_local(name);
        (id, self.add_value(cx, check, id, decl))
    }
    pub fn enter_type(&self, cx: &Context, scope: i32, name: Name, decl: Rc<TypeDeclaration>) -> (Ident, Env) {
        let id = Ident::create_scoped(scope, name);
        (id, self.add_type(cx, true, id, decl))
    }
    pub fn enter_extension(
        &self,
        cx: &Context,
        scope: i32,
        rebind: bool,
        name: Name,
        ext: Rc<ExtensionConstructor>,
    ) -> (Ident, Env) {
        let id = Ident::create_scoped(scope, name);
        (id, self.add_extension(cx, true, rebind, id, ext))
    }
    pub fn enter_module(
        &self,
        cx: &Context,
        scope: i32,
        arg: bool,
        name: Name,
        presence: ModulePresence,
        mty: &ModuleType,
    ) -> (Ident, Env) {
        self.enter_module_declaration(cx, scope, arg, name, presence, Rc::new(module_decl(mty.clone())))
    }
    pub fn enter_module_declaration(
        &self,
        cx: &Context,
        scope: i32,
        arg: bool,
        name: Name,
        presence: ModulePresence,
        md: Rc<ModuleDeclaration>,
    ) -> (Ident, Env) {
        let id = Ident::create_scoped(scope, name);
        (id, self.add_module_declaration(cx, arg, true, id, presence, md))
    }
    pub fn enter_modtype(&self, cx: &Context, scope: i32, name: Name, decl: Rc<ModtypeDeclaration>) -> (Ident, Env) {
        let id = Ident::create_scoped(scope, name);
        (id, self.add_modtype(cx, id, decl))
    }
    pub fn enter_class(&self, cx: &Context, scope: i32, name: Name, decl: Rc<ClassDeclaration>) -> (Ident, Env) {
        let id = Ident::create_scoped(scope, name);
        (id, self.add_class(cx, id, decl))
    }
    pub fn enter_cltype(&self, cx: &Context, scope: i32, name: Name, decl: Rc<ClassTypeDeclaration>) -> (Ident, Env) {
        let id = Ident::create_scoped(scope, name);
        (id, self.add_cltype(cx, id, decl))
    }
    /// Freshens the idents of a signature, then adds it.
    pub fn enter_signature(&self, cx: &Context, scope: i32, sg: &Signature) -> (Signature, Env) {
        let sg = Subst::identity().signature(cx, Scoping::Rescope(scope), sg);
        let env = self.add_signature(cx, &sg);
        (sg, env)
    }
    pub fn enter_unbound_value(&self, name: Name, reason: ValueUnboundReason) -> Env {
        self.edit(|d| {
            d.values = d.values.add(Ident::create_local(name), ValueEntry::Unbound(reason));
            d.note(SummaryItem::ValueUnbound(name, reason));
        })
    }
    pub fn enter_unbound_module(&self, name: Name, reason: ModuleUnboundReason) -> Env {
        self.edit(|d| {
            d.modules = d.modules.add(Ident::create_local(name), ModuleEntry::Unbound(reason.clone()));
            d.note(SummaryItem::ModuleUnbound(name, reason));
        })
    }

    /// A function that gives an environment the present values with copies of their types. Each is
    /// copied when it is first looked up: the type of a recursive function may be known by then.
    pub fn make_copy_of_types(&self) -> Box<dyn Fn(&Env) -> Env> {
        let copies = TypeCopies::default();
        let values = self.0.values.map_local(&mut |entry| match entry {
            ValueEntry::Unbound(_) => entry.clone(),
            ValueEntry::Bound(value) => ValueEntry::Bound(Rc::new(ValueData::copied(value, &copies))),
        });
        Box::new(move |env| {
            env.edit(|d| {
                d.values = values.clone();
                d.note(SummaryItem::CopyTypes);
            })
        })
    }
}

/// Notes the attributes of a type that act where its name, constructors and labels are used.
fn mark_type_attributes(decl: &TypeDeclaration) {
    mark_alerts(&decl.attributes);
    match &decl.kind {
        TypeKind::Variant(constructors, _) => {
            constructors.iter().for_each(|constructor| mark_constructor_attributes(&constructor.attributes));
        }
        TypeKind::Record(labels, _) => {
            for label in labels.iter() {
                mark_alerts(&label.attributes);
                if label.mutable == MutableFlag::Mutable {
                    mark_named(&label.attributes, &["deprecated_mutable"]);
                }
            }
        }
        TypeKind::Abstract(_) | TypeKind::Open => {}
    }
}

fn mark_constructor_attributes(attributes: &Attributes) {
    mark_alerts(attributes);
    mark_named(attributes, &["warn_on_literal_pattern"]);
}

/// What warning 34 says of a declaration.
pub(super) fn unused_type(name: String) -> Warning {
    Warning::UnusedTypeDeclaration(name, TypeDeclarationUsage::Declaration)
}
