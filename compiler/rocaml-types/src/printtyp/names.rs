//! Names given while printing: type variables, aliases, identifiers that others shadow.

use super::TypeOrScheme;
use super::outcome::OutIdent;
use super::short_paths::best_type_path;
use crate::Ident;
use crate::btype::{self, TypeSet, iter_row, iter_type_expr};
use crate::context::Context;
use crate::ctype::{self, letter_of_int};
use crate::env::Env;
use crate::path::{ExtraTy, Path};
use crate::store::GENERIC_LEVEL;
use crate::types::*;
use rocaml_base::{Location, Name};
use rocaml_syntax::longident::Longident;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Kinds of names that may be shadowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Namespace {
    Type,
    Module,
    ModuleType,
    Class,
    ClassType,
}

impl Namespace {
    fn word(self) -> &'static str {
        match self {
            Namespace::Type => "type",
            Namespace::Module => "module",
            Namespace::ModuleType => "module type",
            Namespace::Class => "class",
            Namespace::ClassType => "class type",
        }
    }
}

/// Where a name printed as `t/2` is defined.
#[derive(Clone, Debug)]
pub struct Conflict {
    pub kind: &'static str,
    pub name: String,
    pub location: Location,
    /// Conflicts are told in the order of their kinds, then of their names.
    rank: u8,
}

/// Names given while printing: kept in the context.
pub struct PrintState {
    pub(super) env: RefCell<Env>,
    names: RefCell<Vec<(TypeId, String)>>,
    subst: RefCell<Vec<(TypeId, TypeId)>>,
    counter: Cell<usize>,
    /// Names that the user gave to variables of the types being printed.
    named_vars: RefCell<Vec<Name>>,
    visited_for_named: RefCell<TypeSet>,
    weak_counter: Cell<usize>,
    weak_names: RefCell<Vec<(TypeId, String)>>,
    pub(super) visited_objects: RefCell<Vec<TypeId>>,
    aliased: RefCell<Vec<TypeId>>,
    delayed: RefCell<Vec<TypeId>>,
    printed: RefCell<Vec<TypeId>>,
    pub(super) print_labels: Cell<bool>,
    conflicts: RefCell<BTreeMap<String, Conflict>>,
    bound_in_recursion: RefCell<Vec<Ident>>,
    existentials: RefCell<Vec<Ident>>,
    /// Names of modules that are not numbered.
    fuzzy: RefCell<Vec<Name>>,
    /// No name is numbered.
    unnumbered: Cell<bool>,
    pub(super) short_paths: super::short_paths::Cache,
}

impl Default for PrintState {
    fn default() -> PrintState {
        PrintState {
            env: RefCell::default(),
            names: RefCell::default(),
            subst: RefCell::default(),
            counter: Cell::default(),
            named_vars: RefCell::default(),
            visited_for_named: RefCell::default(),
            weak_counter: Cell::new(1),
            weak_names: RefCell::default(),
            visited_objects: RefCell::default(),
            aliased: RefCell::default(),
            delayed: RefCell::default(),
            printed: RefCell::default(),
            print_labels: Cell::new(true),
            conflicts: RefCell::default(),
            bound_in_recursion: RefCell::default(),
            existentials: RefCell::default(),
            fuzzy: RefCell::default(),
            unnumbered: Cell::default(),
            short_paths: Default::default(),
        }
    }
}

pub(super) fn is_non_gen(cx: &Context, mode: TypeOrScheme, ty: TypeId) -> bool {
    mode == TypeOrScheme::Scheme && cx.is_var(ty) && cx.level(ty) != GENERIC_LEVEL
}

/// Whether a variant prints by its name.
pub(super) fn nameable_row(cx: &Context, row: &RowDesc) -> bool {
    let row = btype::row_repr(cx, row);
    row.name.is_some()
        && row.fields.iter().all(|(_, field)| match cx.row_field(field) {
            RowField::Either { no_arg, arg_type, .. } => {
                row.closed && if no_arg { arg_type.is_empty() } else { arg_type.len() == 1 }
            }
            _ => true,
        })
}

/// Applies `f` to the components that would be printed.
fn iter_printed(cx: &Context, ty: TypeId, f: &mut dyn FnMut(TypeId)) {
    match cx.desc(ty) {
        TypeDesc::Variant(row) => match btype::row_repr(cx, &row).name {
            Some((_, args)) if nameable_row(cx, &row) => args.iter().for_each(|ty| f(*ty)),
            _ => iter_row(cx, &row, f),
        },
        TypeDesc::Object(fields, name) => match cx.object_name(name) {
            None => {
                for (_, kind, ty) in ctype::flatten_fields(cx, fields).0 {
                    if cx.field_kind(kind) == FieldKind::Public {
                        f(ty);
                    }
                }
            }
            Some((_, args)) => args.iter().skip(1).for_each(|ty| f(*ty)),
        },
        TypeDesc::Field(_, kind, method, rest) => {
            if cx.field_kind(kind) == FieldKind::Public {
                f(method);
            }
            f(rest);
        }
        TypeDesc::Constr(path, args, _) => {
            best_type_path(cx, &path).1.apply(&args).into_iter().for_each(f);
        }
        _ => iter_type_expr(cx, ty, f),
    }
}

// ---------------------------------------------------------------------------------------------
// Variables

pub(super) fn reset_except_conflicts(cx: &Context) {
    let p = &cx.printing;
    p.names.borrow_mut().clear();
    p.subst.borrow_mut().clear();
    p.counter.set(0);
    p.named_vars.borrow_mut().clear();
    p.visited_for_named.borrow_mut().clear();
    p.existentials.borrow_mut().clear();
    reset_aliases(cx);
}
/// Forgets all names: before a new message.
pub fn reset(cx: &Context) {
    reset_conflicts(cx);
    reset_except_conflicts(cx);
}
/// Forgets which names were met with several meanings.
pub(super) fn reset_conflicts(cx: &Context) {
    cx.printing.conflicts.borrow_mut().clear();
}
/// Prints the first type of each pair by the name of the second.
pub(super) fn add_subst(cx: &Context, pairs: &[(TypeId, TypeId)]) {
    let pairs = pairs.iter().map(|(a, b)| (cx.repr(*a), cx.repr(*b)));
    let mut subst = cx.printing.subst.borrow_mut();
    let old = std::mem::take(&mut *subst);
    *subst = pairs.chain(old).collect();
}
fn substitute(cx: &Context, ty: TypeId) -> TypeId {
    let ty = cx.repr(ty);
    cx.printing.subst.borrow().iter().find(|(a, _)| *a == ty).map_or(ty, |(_, b)| *b)
}
fn is_used(cx: &Context, name: &str) -> bool {
    let p = &cx.printing;
    p.named_vars.borrow().iter().any(|n| *n == name)
        || p.names.borrow().iter().any(|(_, n)| n == name)
        || p.weak_names.borrow().iter().any(|(_, n)| n == name)
}
fn new_name(cx: &Context) -> String {
    loop {
        let n = cx.printing.counter.get();
        cx.printing.counter.set(n + 1);
        let name = letter_of_int(n);
        if !is_used(cx, &name) {
            return name;
        }
    }
}
fn new_weak_name(cx: &Context, ty: TypeId) -> String {
    loop {
        let n = cx.printing.weak_counter.get();
        cx.printing.weak_counter.set(n + 1);
        let name = format!("weak{n}");
        if !is_used(cx, &name) {
            cx.printing.weak_names.borrow_mut().push((cx.repr(ty), name.clone()));
            return name;
        }
    }
}
/// The name of a variable or alias, made on first use.
pub(super) fn name_of_type(cx: &Context, non_gen: bool, ty: TypeId) -> String {
    let ty = substitute(cx, ty);
    let p = &cx.printing;
    let known = |table: &RefCell<Vec<(TypeId, String)>>| {
        table.borrow().iter().find(|(t, _)| cx.repr(*t) == ty).map(|(_, n)| n.clone())
    };
    if let Some(name) = known(&p.names).or_else(|| known(&p.weak_names)) {
        return name;
    }
    let name = match cx.desc(ty) {
        TypeDesc::Var(Some(name)) | TypeDesc::Univar(Some(name)) => {
            let available = |name: &str| p.names.borrow().iter().all(|(_, n)| n != name);
            let mut candidate = name.to_string();
            let mut i = 0;
            while !available(&candidate) {
                candidate = format!("{name}{i}");
                i += 1;
            }
            candidate
        }
        _ if non_gen => new_weak_name(cx, ty),
        _ => new_name(cx),
    };
    if name != "_" {
        p.names.borrow_mut().insert(0, (ty, name.clone()));
    }
    name
}
pub(super) fn remove_names(cx: &Context, tys: &[TypeId]) {
    let tys: Vec<TypeId> = tys.iter().map(|ty| substitute(cx, *ty)).collect();
    cx.printing.names.borrow_mut().retain(|(ty, _)| !tys.contains(&cx.repr(*ty)));
}
/// Runs `f` with names of its own.
pub(super) fn with_local_names<T>(cx: &Context, f: impl FnOnce() -> T) -> T {
    let names = cx.printing.names.take();
    let subst = cx.printing.subst.take();
    let result = f();
    cx.printing.names.replace(names);
    cx.printing.subst.replace(subst);
    result
}
/// Forgets weak variables that are no longer such: between phrases of the toplevel.
pub fn refresh_weak(cx: &Context) {
    cx.printing.weak_names.borrow_mut().retain(|(ty, _)| is_non_gen(cx, TypeOrScheme::Scheme, *ty));
}
/// Normalizes a type and keeps the names that the user gave to its variables from being taken.
pub(super) fn reserve(cx: &Context, ty: TypeId) {
    ctype::normalize_type(cx, ty);
    fn rec(cx: &Context, ty: TypeId) {
        if !cx.printing.visited_for_named.borrow_mut().insert(btype::proxy(cx, ty)) {
            return;
        }
        match cx.desc(ty) {
            TypeDesc::Var(Some(name)) | TypeDesc::Univar(Some(name)) => {
                let mut named = cx.printing.named_vars.borrow_mut();
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            TypeDesc::Var(None) | TypeDesc::Univar(None) => {}
            _ => iter_printed(cx, ty, &mut |child| rec(cx, child)),
        }
    }
    rec(cx, ty);
}

// ---------------------------------------------------------------------------------------------
// Aliases

pub(super) fn reset_aliases(cx: &Context) {
    let p = &cx.printing;
    p.visited_objects.borrow_mut().clear();
    p.aliased.borrow_mut().clear();
    p.delayed.borrow_mut().clear();
    p.printed.borrow_mut().clear();
}
fn push_once(list: &RefCell<Vec<TypeId>>, ty: TypeId) {
    let mut list = list.borrow_mut();
    if !list.contains(&ty) {
        list.push(ty);
    }
}
pub(super) fn is_delayed(cx: &Context, proxy: TypeId) -> bool {
    cx.printing.delayed.borrow().contains(&proxy)
}
pub(super) fn add_delayed(cx: &Context, proxy: TypeId) {
    push_once(&cx.printing.delayed, proxy);
}
pub(super) fn remove_delay(cx: &Context, proxy: TypeId) {
    cx.printing.delayed.borrow_mut().retain(|ty| *ty != proxy);
}
/// Runs `f` with the names of some types delayed: these print once in full.
pub(super) fn with_delayed<T>(cx: &Context, tys: &[TypeId], f: impl FnOnce() -> T) -> T {
    let old = cx.printing.delayed.borrow().clone();
    tys.iter().for_each(|ty| add_delayed(cx, cx.repr(*ty)));
    let result = f();
    cx.printing.delayed.replace(old);
    result
}
pub(super) fn add_alias_proxy(cx: &Context, proxy: TypeId) {
    push_once(&cx.printing.aliased, proxy);
}
pub(super) fn add_alias(cx: &Context, ty: TypeId) {
    add_alias_proxy(cx, btype::proxy(cx, ty));
}
pub(super) fn is_aliased(cx: &Context, proxy: TypeId) -> bool {
    cx.printing.aliased.borrow().contains(&proxy)
}
pub(super) fn is_printed(cx: &Context, proxy: TypeId) -> bool {
    cx.printing.printed.borrow().contains(&proxy)
}
pub(super) fn add_printed(cx: &Context, non_gen: bool, proxy: TypeId) {
    name_of_type(cx, non_gen, proxy);
    cx.printing.printed.borrow_mut().push(proxy);
}
pub(super) fn aliasable(cx: &Context, ty: TypeId) -> bool {
    match cx.desc(ty) {
        TypeDesc::Var(_) | TypeDesc::Univar(_) | TypeDesc::Poly(..) => false,
        TypeDesc::Constr(path, ..) => !best_type_path(cx, &path).1.is_nth(),
        _ => true,
    }
}
/// Finds the types that must be printed with `as`.
pub(super) fn mark_loops(cx: &Context, ty: TypeId) {
    fn rec(cx: &Context, visited: &mut Vec<TypeId>, ty: TypeId) {
        let proxy = btype::proxy(cx, ty);
        if visited.contains(&proxy) && aliasable(cx, ty) {
            return add_alias_proxy(cx, proxy);
        }
        visited.push(proxy);
        match cx.desc(ty) {
            desc @ (TypeDesc::Variant(_) | TypeDesc::Object(..)) => {
                if cx.printing.visited_objects.borrow().contains(&proxy) {
                    add_alias_proxy(cx, proxy);
                } else {
                    let open = match &desc {
                        TypeDesc::Variant(row) => !btype::static_row(cx, row),
                        _ => ctype::opened_object(cx, ty),
                    };
                    if open {
                        cx.printing.visited_objects.borrow_mut().push(proxy);
                    }
                    iter_printed(cx, ty, &mut |child| rec(cx, visited, child));
                }
            }
            TypeDesc::Poly(body, vars) => {
                vars.iter().for_each(|var| add_alias(cx, *var));
                rec(cx, visited, body);
            }
            _ => iter_printed(cx, ty, &mut |child| rec(cx, visited, child)),
        }
        visited.pop();
    }
    rec(cx, &mut Vec::new(), ty);
}

// ---------------------------------------------------------------------------------------------
// Identifiers

/// Runs `f` with idents of a recursive group taken as the latest of their names. The `types`
/// among them are not what short paths lead to.
pub(super) fn with_hidden<T>(cx: &Context, ids: &[Ident], types: &[Ident], f: impl FnOnce() -> T) -> T {
    let old = cx.printing.bound_in_recursion.borrow().clone();
    cx.printing.bound_in_recursion.borrow_mut().extend_from_slice(ids);
    let env = cx.printing.env.borrow().clone();
    if !cx.options.real_paths {
        cx.printing.env.replace(super::short_paths::hide_types(cx, &env, types));
    }
    let result = f();
    cx.printing.env.replace(env);
    cx.printing.bound_in_recursion.replace(old);
    result
}

/// Runs `f` without numbering names.
pub(super) fn without_numbers<T>(cx: &Context, f: impl FnOnce() -> T) -> T {
    let old = cx.printing.unnumbered.replace(true);
    let result = f();
    cx.printing.unnumbered.set(old);
    result
}

/// Runs `f` without numbering these names of modules: the same parameter of a functor may have
/// several idents while an error is explained.
pub fn with_fuzzy<T>(cx: &Context, names: &[Name], f: impl FnOnce() -> T) -> T {
    let old = cx.printing.fuzzy.replace(names.to_vec());
    let result = f();
    cx.printing.fuzzy.replace(old);
    result
}

fn index_of(env: &Env, namespace: Namespace, id: Ident) -> Option<usize> {
    match namespace {
        Namespace::Type => env.find_type_index(id),
        Namespace::Module => env.find_module_index(id),
        Namespace::ModuleType => env.find_modtype_index(id),
        Namespace::Class => env.find_class_index(id),
        Namespace::ClassType => env.find_cltype_index(id),
    }
}
fn location_of(cx: &Context, env: &Env, namespace: Namespace, path: &Path) -> Option<Location> {
    cx.without_cmis(|| match namespace {
        Namespace::Type => env.find_type(cx, path).map(|d| d.loc),
        Namespace::Module => env.find_module(cx, path).map(|d| d.loc),
        Namespace::ModuleType => env.find_modtype(cx, path).map(|d| d.loc),
        Namespace::Class => env.find_class(cx, path).map(|d| d.loc),
        Namespace::ClassType => env.find_cltype(cx, path).map(|d| d.loc),
    })
}

/// Whether the printing environment has a definition of this kind.
pub(super) fn is_located(cx: &Context, namespace: Namespace, path: &Path) -> bool {
    let env = cx.printing.env.borrow().clone();
    location_of(cx, &env, namespace, path).is_some()
}

/// The name of an ident; `t/2` if another `t` shadows it here.
pub(super) fn ident_name(cx: &Context, namespace: Option<Namespace>, id: Ident) -> String {
    let name = id.name();
    let Some(namespace) = namespace else { return name.to_string() };
    if namespace == Namespace::Module && cx.printing.fuzzy.borrow().contains(&name) {
        return name.to_string();
    }
    let env = cx.printing.env.borrow().clone();
    let rebound = cx.printing.bound_in_recursion.borrow().iter().rev().find(|other| other.name() == name).copied();
    let index = match rebound {
        Some(other) if other == id => Some(0),
        Some(_) => index_of(&env, namespace, id).map(|i| i + 1),
        None => index_of(&env, namespace, id),
    };
    let index = index.unwrap_or(0);
    if index == 0 {
        return name.to_string();
    }
    let printed = format!("{name}/{}", index + 1);
    add_conflict(cx, &env, namespace, &printed, Path::Ident(id));
    let visible = visible_path(cx, &env, namespace, name);
    if let Some(path @ Path::Ident(_)) = visible {
        add_conflict(cx, &env, namespace, &name, path);
    }
    printed
}
fn visible_path(cx: &Context, env: &Env, namespace: Namespace, name: Name) -> Option<Path> {
    let lid = rocaml_syntax::longident::Longident::Lident(name);
    cx.without_cmis(|| match namespace {
        Namespace::Type => env.find_type_by_name(cx, &lid).map(|f| f.0),
        Namespace::Module => env.find_module_by_name(cx, &lid).map(|f| f.0),
        Namespace::ModuleType => env.find_modtype_by_name(cx, &lid).map(|f| f.0),
        Namespace::Class => env.find_class_by_name(cx, &lid).map(|f| f.0),
        Namespace::ClassType => env.find_cltype_by_name(cx, &lid).map(|f| f.0),
    })
}
fn add_conflict(cx: &Context, env: &Env, namespace: Namespace, name: &str, path: Path) {
    if let Some(location) = location_of(cx, env, namespace, &path) {
        let conflict = Conflict { kind: namespace.word(), name: name.to_owned(), location, rank: namespace as u8 };
        cx.printing.conflicts.borrow_mut().entry(name.to_owned()).or_insert(conflict);
    }
}
/// The definitions behind the numbered names printed since the last call.
pub fn list_conflicts(cx: &Context) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = std::mem::take(&mut *cx.printing.conflicts.borrow_mut()).into_values().collect();
    conflicts.sort_by_key(|conflict| conflict.rank);
    conflicts
}

/// A path as it is written: `Stdlib.` and the double underscores of wrapped libraries left out
/// where nothing else is meant.
pub(super) fn tree_of_path(cx: &Context, namespace: Option<Namespace>, path: &Path) -> OutIdent {
    let path = shorten(cx, path);
    let namespace = namespace.filter(|_| !cx.printing.unnumbered.get());
    match &path {
        Path::Ident(id) => OutIdent::Ident(ident_name(cx, namespace, *id)),
        Path::Dot(prefix, name) if is_stdlib_component(cx, namespace, prefix, *name, &path) => {
            OutIdent::Ident(name.to_string())
        }
        Path::Dot(prefix, name) => {
            OutIdent::Dot(Box::new(tree_of_path(cx, Some(Namespace::Module), prefix)), name.to_string())
        }
        Path::Apply(f, arg) => OutIdent::Apply(
            Box::new(tree_of_path(cx, Some(Namespace::Module), f)),
            Box::new(tree_of_path(cx, Some(Namespace::Module), arg)),
        ),
        Path::ExtraTy(prefix, ExtraTy::CstrTy(name)) => {
            OutIdent::Dot(Box::new(tree_of_path(cx, Some(Namespace::Type), prefix)), name.to_string())
        }
        Path::ExtraTy(prefix, ExtraTy::ExtTy) => tree_of_path(cx, namespace, prefix),
    }
}
fn is_stdlib_component(cx: &Context, namespace: Option<Namespace>, prefix: &Path, name: Name, path: &Path) -> bool {
    if !matches!(prefix, Path::Ident(Ident::Global(unit)) if *unit == "Stdlib") {
        return false;
    }
    let env = cx.printing.env.borrow().clone();
    namespace.is_none_or(|namespace| visible_path(cx, &env, namespace, name).is_none_or(|found| found == *path))
}
/// `Lib__Mod` as `Lib.Mod` if that is an alias of it in the environment of printing: upstream's
/// `rewrite_double_underscore_paths`.
pub fn shorten(cx: &Context, path: &Path) -> Path {
    match path {
        Path::Ident(id) => {
            let name = id.name();
            let Some(at) = name.find("__") else { return path.clone() };
            let (library, module) = (&name[..at], &name[at + 2..]);
            let mut letters = module.chars();
            let module: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            let better = Longident::unflatten(&[Name::new(library), Name::new(&module)]);
            let env = cx.printing.env.borrow().clone();
            let found = cx.without_cmis(|| better.and_then(|lid| env.find_module_by_name(cx, &lid)));
            let Some((better, _)) = found else { return path.clone() };
            let normal = |path: &Path| cx.without_cmis(|| env.normalize_module_path(cx, None, path));
            match (normal(&better), normal(path)) {
                (Ok(a), Ok(b)) if a == b && better != *path => better,
                _ => path.clone(),
            }
        }
        Path::Dot(prefix, name) => shorten(cx, prefix).dot(*name),
        Path::Apply(f, arg) => Path::Apply(std::rc::Rc::new(shorten(cx, f)), std::rc::Rc::new(shorten(cx, arg))),
        _ => path.clone(),
    }
}

/// Remembers that an existential was printed, to explain it.
pub(super) fn note_internal_name(cx: &Context, path: &Path) {
    if let Path::Ident(id) = path
        && id.name().starts_with('$')
    {
        let mut ids = cx.printing.existentials.borrow_mut();
        if !ids.contains(id) {
            ids.push(*id);
        }
    }
}
/// The existentials printed, by the constructor that binds them.
pub(super) fn printed_existentials(cx: &Context, env: &Env) -> BTreeMap<Name, Vec<String>> {
    let mut result: BTreeMap<Name, Vec<String>> = BTreeMap::new();
    let ids = cx.printing.existentials.borrow().clone();
    for id in ids {
        if let Some(decl) = env.find_type(cx, &Path::Ident(id))
            && let TypeKind::Abstract(AbstractOrigin::Existential(cstr)) = &decl.kind
        {
            result.entry(*cstr).or_default().push(id.name().to_string());
        }
    }
    result
}
