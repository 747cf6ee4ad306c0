//! Which definitions are used: the bookkeeping behind warnings 32, 34, 37, 38, 60, 67 and 69, and
//! the alerts of attributes.

use super::Env;
use crate::btype::IdMap;
use crate::context::{Context, WarningAttribute};
use crate::datarepr;
use crate::path::Path;
use crate::predef::TypeConstr;
use crate::types::*;
use rocaml_base::{Location, Name};
use rocaml_diag::{ConstructorUsage as UnusedConstructor, FieldUsage, Warning};
use rocaml_syntax::ast::{Attribute, Attributes, ConstantDesc, ExpressionDesc, Payload, StructureItemDesc};
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How a constructor is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstructorUsage {
    Positive,
    Pattern,
    ExportedPrivate,
    Exported,
}
/// How a label is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelUsage {
    Projection,
    Mutation,
    Construct,
    ExportedPrivate,
    Exported,
}

#[derive(Default)]
struct ConstructorUses {
    positive: Cell<bool>,
    pattern: Cell<bool>,
    exported_private: Cell<bool>,
}

impl ConstructorUses {
    fn add(&self, usage: ConstructorUsage) {
        match usage {
            ConstructorUsage::Positive => self.positive.set(true),
            ConstructorUsage::Pattern => self.pattern.set(true),
            ConstructorUsage::ExportedPrivate => self.exported_private.set(true),
            ConstructorUsage::Exported => {
                self.positive.set(true);
                self.pattern.set(true);
                self.exported_private.set(true);
            }
        }
    }
    fn complaint(&self, rebind: bool, private: PrivateFlag) -> Option<UnusedConstructor> {
        let (positive, pattern, exported) = (self.positive.get(), self.pattern.get(), self.exported_private.get());
        if private == PrivateFlag::Private || rebind {
            return (!positive && !pattern && !exported).then_some(UnusedConstructor::Unused);
        }
        match (positive, pattern, exported) {
            (true, _, _) => None,
            (false, false, false) => Some(UnusedConstructor::Unused),
            (false, true, _) => Some(UnusedConstructor::NotConstructed),
            (false, false, true) => Some(UnusedConstructor::OnlyExportedPrivate),
        }
    }
}

#[derive(Default)]
struct LabelUses {
    projection: Cell<bool>,
    mutation: Cell<bool>,
    construct: Cell<bool>,
}

impl LabelUses {
    fn add(&self, usage: LabelUsage) {
        match usage {
            LabelUsage::Projection | LabelUsage::ExportedPrivate => self.projection.set(true),
            LabelUsage::Mutation => self.mutation.set(true),
            LabelUsage::Construct => self.construct.set(true),
            LabelUsage::Exported => {
                self.projection.set(true);
                self.mutation.set(true);
                self.construct.set(true);
            }
        }
    }
    fn complaint(&self, private: PrivateFlag, mutable: MutableFlag) -> Option<FieldUsage> {
        let (read, written, built) = (self.projection.get(), self.mutation.get(), self.construct.get());
        match (private, mutable) {
            (PrivateFlag::Private, _) => (!read).then_some(FieldUsage::Unused),
            (PrivateFlag::Public, MutableFlag::Immutable) => match (read, built) {
                (true, _) => None,
                (false, false) => Some(FieldUsage::Unused),
                (false, true) => Some(FieldUsage::NotRead),
            },
            (PrivateFlag::Public, MutableFlag::Mutable) => match (read, written, built) {
                (true, true, _) => None,
                (false, false, false) => Some(FieldUsage::Unused),
                (false, _, _) => Some(FieldUsage::NotRead),
                (true, false, _) => Some(FieldUsage::NotMutated),
            },
        }
    }
}

type Callback = Rc<dyn Fn(&Context)>;

/// The definitions being watched.
#[derive(Default)]
pub struct UsageTable {
    values: RefCell<IdMap<Uid, Callback>>,
    types: RefCell<IdMap<Uid, Callback>>,
    modules: RefCell<IdMap<Uid, Callback>>,
    constructors: RefCell<IdMap<Uid, Rc<ConstructorUses>>>,
    labels: RefCell<IdMap<Uid, Rc<LabelUses>>>,
}

fn is_actual(uid: Uid) -> bool {
    matches!(uid, Uid::Item { .. })
}
fn is_silent(name: Name) -> bool {
    name.is_empty() || name.starts_with('_') || name.starts_with('#')
}

impl UsageTable {
    /// Forgets all definitions: a new compilation.
    pub fn clear(&self) {
        self.values.borrow_mut().clear();
        self.types.borrow_mut().clear();
        self.modules.borrow_mut().clear();
        self.constructors.borrow_mut().clear();
        self.labels.borrow_mut().clear();
    }

    fn watch(
        cx: &Context,
        table: &RefCell<IdMap<Uid, Callback>>,
        name: Name,
        loc: Location,
        uid: Uid,
        warning: fn(String) -> Warning,
    ) {
        if loc.ghost
            || !is_actual(uid)
            || !cx.is_active(warning(String::new()).number())
            || table.borrow().contains_key(&uid)
        {
            return;
        }
        let used = Rc::new(Cell::new(false));
        let mark = used.clone();
        table.borrow_mut().insert(uid, Rc::new(move |_| mark.set(true)));
        if !is_silent(name) {
            cx.add_delayed_check(move |cx| {
                if !used.get() {
                    cx.warn(loc, warning(name.to_string()));
                }
            });
        }
    }

    pub(super) fn watch_value(
        &self,
        cx: &Context,
        name: Name,
        decl: &ValueDescription,
        warning: fn(String) -> Warning,
    ) {
        UsageTable::watch(cx, &self.values, name, decl.loc, decl.uid, warning);
    }
    pub(super) fn watch_module(
        &self,
        cx: &Context,
        name: Name,
        decl: &ModuleDeclaration,
        warning: fn(String) -> Warning,
    ) {
        UsageTable::watch(cx, &self.modules, name, decl.loc, decl.uid, warning);
    }
    pub(super) fn watch_type(&self, cx: &Context, env: &Env, name: Name, decl: &TypeDeclaration) {
        UsageTable::watch(cx, &self.types, name, decl.loc, decl.uid, super::insert::unused_type);
        if decl.loc.ghost {
            return;
        }
        let silent = name.is_empty() || name.starts_with('_');
        let in_signature = env.is_in_signature();
        match &decl.kind {
            TypeKind::Variant(cstrs, _) => {
                for cstr in cstrs.iter() {
                    warning_scope(cx, &cstr.attributes, || {
                        self.watch_constructor(cx, cstr, decl.private, silent, in_signature);
                    });
                }
            }
            TypeKind::Record(labels, _) => {
                for label in labels.iter() {
                    warning_scope(cx, &label.attributes, || {
                        self.watch_label(cx, label, decl.private, silent, in_signature);
                    });
                }
            }
            TypeKind::Abstract(_) | TypeKind::Open => {}
        }
    }
    fn watch_constructor(
        &self,
        cx: &Context,
        cstr: &ConstructorDeclaration,
        private: PrivateFlag,
        silent: bool,
        in_signature: bool,
    ) {
        if !cx.is_active(37) {
            return;
        }
        let (uses, fresh) = self.constructor_uses(cstr.uid);
        if fresh && !silent {
            let (loc, name) = (cstr.loc, cstr.id.name());
            cx.add_delayed_check(move |cx| {
                if let Some(complaint) = uses.complaint(false, private).filter(|_| !in_signature) {
                    cx.warn(loc, Warning::UnusedConstructor(name.to_string(), complaint));
                }
            });
        }
    }
    fn watch_label(
        &self,
        cx: &Context,
        label: &LabelDeclaration,
        private: PrivateFlag,
        silent: bool,
        in_signature: bool,
    ) {
        if !cx.is_active(69) || self.labels.borrow().contains_key(&label.uid) {
            return;
        }
        let uses = Rc::<LabelUses>::default();
        self.labels.borrow_mut().insert(label.uid, uses.clone());
        let name = label.id.name();
        if !silent && !name.starts_with('_') {
            let (loc, mutable) = (label.loc, label.mutable);
            cx.add_delayed_check(move |cx| {
                if let Some(complaint) = uses.complaint(private, mutable).filter(|_| !in_signature) {
                    cx.warn(loc, Warning::UnusedField(name.to_string(), complaint));
                }
            });
        }
    }
    fn constructor_uses(&self, uid: Uid) -> (Rc<ConstructorUses>, bool) {
        let mut table = self.constructors.borrow_mut();
        let fresh = !table.contains_key(&uid);
        (table.entry(uid).or_default().clone(), fresh)
    }
    pub(super) fn watch_extension(
        &self,
        cx: &Context,
        env: &Env,
        rebind: bool,
        name: Name,
        ext: &ExtensionConstructor,
    ) {
        warning_scope(cx, &ext.attributes, || self.watch_extension_here(cx, env, rebind, name, ext));
    }
    fn watch_extension_here(&self, cx: &Context, env: &Env, rebind: bool, name: Name, ext: &ExtensionConstructor) {
        if ext.loc.ghost || !cx.is_active(38) {
            return;
        }
        let (uses, fresh) = self.constructor_uses(ext.uid);
        if !fresh {
            return;
        }
        let is_exception = ext.type_path == cx.predef().path(TypeConstr::Exn);
        let (loc, private, in_signature) = (ext.loc, ext.private, env.is_in_signature());
        cx.add_delayed_check(move |cx| {
            if let Some(complaint) = uses.complaint(rebind, private).filter(|_| !in_signature) {
                cx.warn(loc, Warning::UnusedExtension(name.to_string(), is_exception, complaint));
            }
        });
    }
}

/// Runs `f` with the warnings that the attributes of a component ask for.
fn warning_scope(cx: &Context, attributes: &Attributes, f: impl FnOnce()) {
    let kind = |name: &str| match name.strip_prefix("ocaml.").unwrap_or(name) {
        "warning" => Some(WarningAttribute::Warning),
        "warnerror" => Some(WarningAttribute::WarnError),
        "alert" => Some(WarningAttribute::Alert),
        _ => None,
    };
    let asked =
        |attribute: &Attribute| Some((attribute.loc, kind(&attribute.name.txt)?, payload_string(&attribute.payload)?));
    if !attributes.iter().any(|attribute| asked(attribute).is_some()) {
        return f();
    }
    let reporter = cx.reporter.borrow().clone();
    let state = reporter.backup();
    for (loc, kind, spec) in attributes.iter().rev().filter_map(asked) {
        reporter.attribute(loc, kind, &spec);
    }
    f();
    reporter.restore(state);
}

fn call(cx: &Context, table: &RefCell<IdMap<Uid, Callback>>, uid: Uid) {
    let callback = table.borrow().get(&uid).cloned();
    if let Some(callback) = callback {
        callback(cx);
    }
}
pub fn mark_value_used(cx: &Context, uid: Uid) {
    call(cx, &cx.usage.values, uid);
}
pub fn mark_module_used(cx: &Context, uid: Uid) {
    call(cx, &cx.usage.modules, uid);
}
pub fn mark_type_used(cx: &Context, uid: Uid) {
    call(cx, &cx.usage.types, uid);
}
pub fn mark_constructor_used(cx: &Context, usage: ConstructorUsage, uid: Uid) {
    if let Some(uses) = cx.usage.constructors.borrow().get(&uid) {
        uses.add(usage);
    }
}
pub fn mark_extension_used(cx: &Context, usage: ConstructorUsage, uid: Uid) {
    mark_constructor_used(cx, usage, uid);
}
pub fn mark_label_used(cx: &Context, usage: LabelUsage, uid: Uid) {
    if let Some(uses) = cx.usage.labels.borrow().get(&uid) {
        uses.add(usage);
    }
}
fn mark_type_path_used(cx: &Context, env: &Env, path: &Path) {
    if let Some(decl) = env.find_type(cx, path) {
        mark_type_used(cx, decl.uid);
    }
}
pub(super) fn mark_constructor_description_used(
    cx: &Context,
    env: &Env,
    usage: ConstructorUsage,
    cstr: &ConstructorDescription,
) {
    mark_type_path_used(cx, env, &datarepr::cstr_res_type_path(cx, cstr));
    mark_constructor_used(cx, usage, cstr.uid);
}
pub(super) fn mark_label_description_used(cx: &Context, env: &Env, usage: LabelUsage, label: &LabelDescription) {
    mark_type_path_used(cx, env, &datarepr::lbl_res_type_path(cx, label));
    mark_label_used(cx, usage, label.uid);
}
/// Replaces what happens when a value is used.
pub fn set_value_used_callback(cx: &Context, vd: &ValueDescription, callback: Rc<dyn Fn(&Context)>) {
    cx.usage.values.borrow_mut().insert(vd.uid, callback);
}
/// Wraps what happens when a type is used: the callback gets the former one.
pub fn set_type_used_callback(cx: &Context, td: &TypeDeclaration, callback: Rc<dyn Fn(&Context, &dyn Fn(&Context))>) {
    if is_actual(td.uid) {
        let old = cx.usage.types.borrow().get(&td.uid).cloned();
        let wrapped: Callback = Rc::new(move |cx| {
            callback(cx, &|cx| {
                if let Some(old) = &old {
                    old(cx);
                }
            });
        });
        cx.usage.types.borrow_mut().insert(td.uid, wrapped);
    }
}

/// The string of a payload that is a single string constant.
fn payload_string(payload: &Payload) -> Option<String> {
    let Payload::Str(items) = payload else { return None };
    let [item] = items.as_slice() else { return None };
    let StructureItemDesc::Eval(expression, _) = &item.desc else { return None };
    match &expression.desc {
        ExpressionDesc::Constant(constant) => match &constant.desc {
            ConstantDesc::String(bytes, ..) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Kind and message of `[@alert kind "message"]`.
pub fn alert_payload(payload: &Payload) -> Option<(Name, String)> {
    let Payload::Str(items) = payload else { return None };
    let [item] = items.as_slice() else { return None };
    let StructureItemDesc::Eval(expression, _) = &item.desc else { return None };
    let kind_of = |e: &rocaml_syntax::ast::Expression| match &e.desc {
        ExpressionDesc::Ident(lid) => {
            lid.txt.flatten().map(|names| Name::new(&names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(".")))
        }
        _ => None,
    };
    match &expression.desc {
        ExpressionDesc::Apply(function, args) => {
            let [(_, arg)] = args.as_slice() else { return None };
            let ExpressionDesc::Constant(constant) = &arg.desc else { return None };
            let ConstantDesc::String(bytes, ..) = &constant.desc else { return None };
            Some((kind_of(function)?, String::from_utf8_lossy(bytes).into_owned()))
        }
        _ => Some((kind_of(expression)?, String::new())),
    }
}

/// The alerts that attributes attach to a definition, by kind; the messages of one kind are joined.
pub fn alerts_of_attributes(attributes: &Attributes) -> BTreeMap<Name, String> {
    let alerts = attributes.iter().filter_map(|attribute| match attribute.name.txt.as_str() {
        "deprecated" | "ocaml.deprecated" => {
            Some((Name::new("deprecated"), payload_string(&attribute.payload).unwrap_or_default()))
        }
        "alert" | "ocaml.alert" => alert_payload(&attribute.payload),
        _ => None,
    });
    let mut by_kind = BTreeMap::new();
    for (kind, message) in alerts {
        let joined: &mut String = by_kind.entry(kind).or_default();
        *joined = alert_text(joined, &message);
    }
    by_kind
}
/// What an alert says of a name.
pub fn alert_text(name: &str, message: &str) -> String {
    match (name, message) {
        ("", text) | (text, "") => text.to_owned(),
        _ => format!("{name}\n{message}"),
    }
}
/// What `[@deprecated_mutable]` says, if it is there.
pub fn deprecated_mutable(attributes: &Attributes) -> Option<String> {
    let is_it = |name: &str| name.strip_prefix("ocaml.").unwrap_or(name) == "deprecated_mutable";
    let attribute = attributes.iter().find(|attribute| is_it(&attribute.name.txt))?;
    Some(payload_string(&attribute.payload).unwrap_or_default())
}
