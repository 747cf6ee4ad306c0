//! Basic operations on types: upstream's `Btype`.
//!
//! Functions take the [`TypeStore`]; a [`Context`](crate::Context) dereferences to it.

use crate::path::Path;
use crate::store::{GENERIC_LEVEL, Level, TypeStore};
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::ArgLabel;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// A hasher for the small integers that ids are.
#[derive(Default, Clone, Copy)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// A set keyed by ids.
pub type IdSet<K> = HashSet<K, BuildHasherDefault<IdHasher>>;
/// A map keyed by ids.
pub type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;
/// Types already met; insert representatives only.
pub type TypeSet = IdSet<TypeId>;
/// Facts about types, keyed by representatives.
pub type TypeMap<V> = IdMap<TypeId, V>;

/// A set of pairs of types that remembers the order of insertion.
#[derive(Default, Clone)]
pub struct TypePairs {
    set: IdSet<(TypeId, TypeId)>,
    elements: Vec<(TypeId, TypeId)>,
}

impl TypePairs {
    /// An empty set.
    pub fn new() -> TypePairs {
        TypePairs::default()
    }
    /// Adds a pair; false if it was there.
    pub fn add(&mut self, store: &TypeStore, a: TypeId, b: TypeId) -> bool {
        let pair = (store.repr(a), store.repr(b));
        let fresh = self.set.insert(pair);
        if fresh {
            self.elements.push(pair);
        }
        fresh
    }
    /// Whether the pair is there.
    pub fn contains(&self, store: &TypeStore, a: TypeId, b: TypeId) -> bool {
        !self.set.is_empty() && self.set.contains(&(store.repr(a), store.repr(b)))
    }
    /// The pairs in order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, TypeId)> + '_ {
        self.elements.iter().copied()
    }
    /// Removes all pairs.
    pub fn clear(&mut self) {
        self.set.clear();
        self.elements.clear();
    }
    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

/// The name of the method that keeps an abstract class's type from being anything else's.
pub const DUMMY_METHOD: &str = "*dummy method*";

pub fn is_tvar(store: &TypeStore, ty: TypeId) -> bool {
    store.with_desc(ty, |d| matches!(d, TypeDesc::Var(_)))
}
pub fn is_tunivar(store: &TypeStore, ty: TypeId) -> bool {
    store.with_desc(ty, |d| matches!(d, TypeDesc::Univar(_)))
}
pub fn is_tconstr(store: &TypeStore, ty: TypeId) -> bool {
    store.with_desc(ty, |d| matches!(d, TypeDesc::Constr(..)))
}
/// Whether it is a `Poly` that quantifies something.
pub fn is_poly_tpoly(store: &TypeStore, ty: TypeId) -> bool {
    store.with_desc(ty, |d| matches!(d, TypeDesc::Poly(_, vars) if !vars.is_empty()))
}
pub fn type_kind_is_abstract(decl: &TypeDeclaration) -> bool {
    matches!(decl.kind, TypeKind::Abstract(_))
}
pub fn type_origin(decl: &TypeDeclaration) -> AbstractOrigin {
    match &decl.kind {
        TypeKind::Abstract(origin) => origin.clone(),
        _ => AbstractOrigin::Definition,
    }
}

// ---------------------------------------------------------------------------------------------
// Creation

/// A type at a level, entered in the pool of that level.
pub fn newty2(store: &TypeStore, level: Level, desc: TypeDesc) -> TypeId {
    store.new_node(desc, level)
}
/// A generic type.
pub fn newgenty(store: &TypeStore, desc: TypeDesc) -> TypeId {
    store.new_node(desc, GENERIC_LEVEL)
}
/// A generic variable.
pub fn newgenvar(store: &TypeStore, name: Option<Name>) -> TypeId {
    newgenty(store, TypeDesc::Var(name))
}

// ---------------------------------------------------------------------------------------------
// Rows of polymorphic variants

/// The row with the fields of all rows that it extends: upstream's `row_repr`.
pub fn row_repr(store: &TypeStore, row: &RowDesc) -> RowDesc {
    let next = |row: &RowDesc| {
        store.with_desc(row.more, |d| match d {
            TypeDesc::Variant(inner) => Some(inner.clone()),
            _ => None,
        })
    };
    let Some(mut inner) = next(row) else { return row.clone() };
    let mut fields: Vec<(Name, RowField)> = row.fields.to_vec();
    loop {
        fields.extend(inner.fields.iter().cloned());
        match next(&inner) {
            Some(deeper) => inner = deeper,
            None => return RowDesc { fields: fields.into(), ..inner },
        }
    }
}
/// The field of a tag.
pub fn get_row_field(store: &TypeStore, tag: Name, row: &RowDesc) -> RowField {
    let row = row_repr(store, row);
    row.fields.iter().find(|(name, _)| *name == tag).map_or(RowField::Absent, |(_, f)| f.clone())
}
/// The type that stands for the rest of a row.
pub fn row_more(store: &TypeStore, row: &RowDesc) -> TypeId {
    row_repr(store, row).more
}
/// Why a row cannot be refined, if it cannot.
pub fn fixed_explanation(store: &TypeStore, row: &RowDesc) -> Option<FixedExplanation> {
    let row = row_repr(store, row);
    if row.fixed.is_some() {
        return row.fixed;
    }
    match store.desc(row.more) {
        TypeDesc::Univar(_) => Some(FixedExplanation::Univar(row.more)),
        TypeDesc::Constr(path, ..) => Some(FixedExplanation::Reified(path)),
        _ => None,
    }
}
pub fn has_fixed_explanation(store: &TypeStore, row: &RowDesc) -> bool {
    fixed_explanation(store, row).is_some()
}
/// Whether the row is itself marked as fixed.
pub fn is_fixed(store: &TypeStore, row: &RowDesc) -> bool {
    row_repr(store, row).fixed.is_some()
}
/// The stronger of two reasons.
pub fn merge_fixed_explanation(a: Option<FixedExplanation>, b: Option<FixedExplanation>) -> Option<FixedExplanation> {
    fn rank(e: &FixedExplanation) -> u8 {
        match e {
            FixedExplanation::Univar(_) => 0,
            FixedExplanation::FixedPrivate => 1,
            FixedExplanation::Reified(_) => 2,
            FixedExplanation::Rigid => 3,
        }
    }
    match (a, b) {
        (Some(a), Some(b)) => Some(if rank(&a) <= rank(&b) { a } else { b }),
        (a, b) => a.or(b),
    }
}
/// Whether a row is closed and all its tags are decided.
pub fn static_row(store: &TypeStore, row: &RowDesc) -> bool {
    let row = row_repr(store, row);
    row.closed && row.fields.iter().all(|(_, f)| !matches!(store.row_field(f), RowField::Either { .. }))
}
/// The integer that stands for a tag at run time.
pub fn hash_variant(tag: &str) -> i64 {
    let hash = tag.bytes().fold(0u32, |acc, byte| acc.wrapping_mul(223).wrapping_add(u32::from(byte))) & 0x7fff_ffff;
    if hash > 0x3fff_ffff { i64::from(hash) - (1 << 31) } else { i64::from(hash) }
}
/// A present or possible tag.
pub fn rf_either_of(store: &TypeStore, arg: Option<TypeId>) -> RowField {
    rf_either(store, arg.is_none(), arg.into_iter().collect(), false)
}
/// A possible tag with a fresh extension variable.
pub fn rf_either(store: &TypeStore, no_arg: bool, arg_type: Vec<TypeId>, matched: bool) -> RowField {
    RowField::Either { no_arg, arg_type: arg_type.into(), matched, ext: store.new_row_field_var() }
}
/// The undecided extension variable of a possible tag.
pub fn row_field_ext(store: &TypeStore, field: &RowField) -> Option<RowFieldVar> {
    match store.row_field(field) {
        RowField::Either { ext, .. } => Some(ext),
        _ => None,
    }
}
/// Decides the extension variable of `inside`.
pub fn link_row_field_ext(store: &TypeStore, inside: &RowField, field: RowField) {
    if let Some(ext) = row_field_ext(store, inside) {
        store.set_row_field(ext, field);
    }
}

/// The type that identifies another for cycles: its row variable, or itself.
pub fn proxy(store: &TypeStore, ty: TypeId) -> TypeId {
    match store.desc(ty) {
        TypeDesc::Variant(row) if !static_row(store, &row) => store.repr(row_more(store, &row)),
        TypeDesc::Object(fields, _) => {
            let mut rest = fields;
            while let TypeDesc::Field(_, _, _, next) = store.desc(rest) {
                rest = next;
            }
            // A closed object has no row variable.
            if matches!(store.desc(rest), TypeDesc::Nil) { store.repr(ty) } else { store.repr(rest) }
        }
        _ => store.repr(ty),
    }
}
/// The row of an object or variant type, else the type itself.
pub fn row_of_type(store: &TypeStore, ty: TypeId) -> TypeId {
    match store.desc(ty) {
        TypeDesc::Object(fields, _) => {
            let mut rest = fields;
            while let TypeDesc::Field(_, _, _, next) = store.desc(rest) {
                rest = next;
            }
            rest
        }
        TypeDesc::Variant(row) => row_more(store, &row),
        _ => ty,
    }
}
/// Whether the type's row is a named one, as in private row types.
pub fn has_constr_row(store: &TypeStore, ty: TypeId) -> bool {
    !is_tconstr(store, ty) && is_tconstr(store, row_of_type(store, ty))
}
/// Whether a type name is that of a private row.
pub fn is_row_name(name: &str) -> bool {
    name.len() > 4 && name.ends_with("#row")
}
pub fn is_constr_row(store: &TypeStore, allow_ident: bool, ty: TypeId) -> bool {
    store.with_desc(ty, |d| match d {
        TypeDesc::Constr(Path::Ident(id), ..) if allow_ident => is_row_name(&id.name()),
        TypeDesc::Constr(Path::Dot(_, name), ..) => is_row_name(name),
        _ => false,
    })
}
/// Names the static row of a declaration's manifest after the type.
pub fn set_static_row_name(store: &TypeStore, decl: &TypeDeclaration, path: &Path) {
    let Some(ty) = decl.manifest else { return };
    if let TypeDesc::Variant(row) = store.desc(ty)
        && static_row(store, &row)
    {
        let row = RowDesc { name: Some((path.clone(), decl.params.clone().into())), ..row_repr(store, &row) };
        // Declarations of modules are made when they are first looked at, perhaps within a snapshot:
        // to undo it must not take the name away.
        store.set_stub(store.repr(ty), TypeDesc::Variant(row));
    }
}

// ---------------------------------------------------------------------------------------------
// Traversal

/// Applies `f` to the types in a row, its name's arguments included, its rest excluded.
pub fn iter_row(store: &TypeStore, row: &RowDesc, f: &mut dyn FnMut(TypeId)) {
    let row = row_repr(store, row);
    for (_, field) in row.fields.iter() {
        match store.row_field(field) {
            RowField::Present(Some(ty)) => f(ty),
            RowField::Either { arg_type, .. } => arg_type.iter().for_each(|ty| f(*ty)),
            RowField::Present(None) | RowField::Absent => {}
        }
    }
    if let Some((_, args)) = &row.name {
        args.iter().for_each(|ty| f(*ty));
    }
}

/// Applies `f` to the immediate components of a type.
pub fn iter_type_expr(store: &TypeStore, ty: TypeId, f: &mut dyn FnMut(TypeId)) {
    match store.desc(ty) {
        TypeDesc::Var(_) | TypeDesc::Univar(_) | TypeDesc::Nil => {}
        TypeDesc::Arrow(_, a, b, _) | TypeDesc::Field(_, _, a, b) => {
            f(a);
            f(b);
        }
        TypeDesc::Tuple(items) => items.iter().for_each(|(_, ty)| f(*ty)),
        TypeDesc::Constr(_, args, _) => args.iter().for_each(|ty| f(*ty)),
        TypeDesc::Object(fields, name) => {
            f(fields);
            if let Some((_, args)) = store.object_name(name) {
                args.iter().for_each(|ty| f(*ty));
            }
        }
        TypeDesc::Variant(row) => {
            iter_row(store, &row, f);
            f(row_more(store, &row));
        }
        TypeDesc::Poly(ty, vars) => {
            f(ty);
            vars.iter().for_each(|ty| f(*ty));
        }
        TypeDesc::Package(package) => package.constraints.iter().for_each(|(_, ty)| f(*ty)),
        TypeDesc::Link(ty) | TypeDesc::Subst(ty, _) => f(ty),
    }
}

/// Applies `f` once to each node reachable from `ty`, parents first.
pub fn iter_nodes(store: &TypeStore, ty: TypeId, visited: &mut TypeSet, f: &mut dyn FnMut(TypeId)) {
    let mut stack = vec![ty];
    while let Some(ty) = stack.pop() {
        let ty = store.repr(ty);
        if visited.insert(ty) {
            f(ty);
            let from = stack.len();
            iter_type_expr(store, ty, &mut |child| stack.push(child));
            stack[from..].reverse();
        }
    }
}

/// Applies `f` to the types of constructor arguments.
pub fn iter_cstr_args(args: &ConstructorArguments, f: &mut dyn FnMut(TypeId)) {
    match args {
        ConstructorArguments::Tuple(tys) => tys.iter().for_each(|ty| f(*ty)),
        ConstructorArguments::Record(labels) => labels.iter().for_each(|l| f(l.type_)),
    }
}
/// Constructor arguments with their types replaced.
pub fn map_cstr_args(args: &ConstructorArguments, f: &mut dyn FnMut(TypeId) -> TypeId) -> ConstructorArguments {
    match args {
        ConstructorArguments::Tuple(tys) => ConstructorArguments::Tuple(tys.iter().map(|ty| f(*ty)).collect()),
        ConstructorArguments::Record(labels) => ConstructorArguments::Record(
            labels.iter().map(|l| LabelDeclaration { type_: f(l.type_), ..l.clone() }).collect(),
        ),
    }
}
/// Applies `f` to the types in a type declaration's kind.
pub fn iter_type_kind(kind: &TypeKind, f: &mut dyn FnMut(TypeId)) {
    match kind {
        TypeKind::Abstract(_) | TypeKind::Open => {}
        TypeKind::Record(labels, _) => labels.iter().for_each(|l| f(l.type_)),
        TypeKind::Variant(cstrs, _) => {
            for cstr in cstrs.iter() {
                iter_cstr_args(&cstr.args, f);
                cstr.res.iter().for_each(|ty| f(*ty));
            }
        }
    }
}
/// A type declaration's kind with its types replaced.
pub fn map_type_kind(kind: &TypeKind, f: &mut dyn FnMut(TypeId) -> TypeId) -> TypeKind {
    match kind {
        TypeKind::Abstract(origin) => TypeKind::Abstract(origin.clone()),
        TypeKind::Open => TypeKind::Open,
        TypeKind::Record(labels, rep) => TypeKind::Record(
            labels.iter().map(|l| LabelDeclaration { type_: f(l.type_), ..l.clone() }).collect(),
            rep.clone(),
        ),
        TypeKind::Variant(cstrs, rep) => TypeKind::Variant(
            cstrs
                .iter()
                .map(|c| ConstructorDeclaration {
                    args: map_cstr_args(&c.args, f),
                    res: c.res.map(&mut *f),
                    ..c.clone()
                })
                .collect(),
            *rep,
        ),
    }
}

// ---------------------------------------------------------------------------------------------
// Copying

/// A copy of a row whose rest is `more`. `fixed` keeps the row as unrefinable as it was; `keep`
/// shares the undecided tags with the original.
pub fn copy_row(
    store: &TypeStore,
    f: &mut dyn FnMut(TypeId) -> TypeId,
    fixed: bool,
    row: &RowDesc,
    keep: bool,
    more: TypeId,
) -> RowDesc {
    let row = row_repr(store, row);
    let copy_field = |field: &RowField, f: &mut dyn FnMut(TypeId) -> TypeId| match store.row_field(field) {
        RowField::Present(ty) => RowField::Present(ty.map(f)),
        RowField::Absent => RowField::Absent,
        RowField::Either { no_arg, arg_type, matched, ext } => RowField::Either {
            no_arg,
            matched: if row.fixed.is_some() { fixed } else { matched },
            arg_type: arg_type.iter().map(|ty| f(*ty)).collect(),
            ext: if keep { ext } else { store.new_row_field_var() },
        },
    };
    let fields = row.fields.iter().map(|(tag, field)| (*tag, copy_field(field, f))).collect();
    let name = row.name.as_ref().map(|(path, args)| (path.clone(), args.iter().map(|ty| f(*ty)).collect()));
    RowDesc { fields, more, closed: row.closed, fixed: if fixed { row.fixed } else { None }, name }
}

/// A commutability as fresh as the given one.
pub fn copy_commu(store: &TypeStore, c: Commutable) -> Commutable {
    if is_commu_ok(store, c) { Commutable::Ok } else { store.new_commutable() }
}
pub fn is_commu_ok(store: &TypeStore, c: Commutable) -> bool {
    store.commutable(c) == Commutable::Ok
}
/// Decides that arguments commute.
pub fn set_commu_ok(store: &TypeStore, c: Commutable) {
    link_commu(store, c, Commutable::Ok);
}
/// Makes `inside` be `to`.
pub fn link_commu(store: &TypeStore, inside: Commutable, to: Commutable) {
    let (inside, to) = (store.commutable(inside), store.commutable(to));
    if let Commutable::Var(var) = inside
        && inside != to
    {
        store.set_commutable(var, to);
    }
}
/// Makes the undecided `inside` be `to`.
pub fn link_kind(store: &TypeStore, inside: FieldKind, to: FieldKind) {
    let (inside, to) = (store.field_kind(inside), store.field_kind(to));
    if let FieldKind::Var(var) = inside
        && inside != to
    {
        store.set_field_kind(var, to);
    }
}

/// A copy of a shape; not for `Variant`, whose copying depends on the purpose.
pub fn copy_type_desc(
    store: &TypeStore,
    keep_names: bool,
    desc: &TypeDesc,
    f: &mut dyn FnMut(TypeId) -> TypeId,
) -> TypeDesc {
    match desc {
        TypeDesc::Var(name) => TypeDesc::Var(if keep_names { *name } else { None }),
        TypeDesc::Univar(name) => TypeDesc::Univar(*name),
        TypeDesc::Nil => TypeDesc::Nil,
        TypeDesc::Arrow(label, a, b, c) => {
            let b = f(*b);
            TypeDesc::Arrow(*label, f(*a), b, copy_commu(store, *c))
        }
        TypeDesc::Tuple(items) => TypeDesc::Tuple(items.iter().map(|(label, ty)| (*label, f(*ty))).collect()),
        TypeDesc::Constr(path, args, _) => {
            TypeDesc::Constr(path.clone(), args.iter().map(|ty| f(*ty)).collect(), store.new_memo())
        }
        TypeDesc::Object(fields, name) => {
            let name = store.object_name(*name);
            let name = name.map(|(path, args)| (path, args.iter().map(|ty| f(*ty)).collect()));
            TypeDesc::Object(f(*fields), store.new_object_name(name))
        }
        TypeDesc::Field(name, kind, ty, rest) => {
            let rest = f(*rest);
            TypeDesc::Field(*name, store.field_kind(*kind), f(*ty), rest)
        }
        TypeDesc::Poly(ty, vars) => {
            let vars: Rc<[TypeId]> = vars.iter().map(|ty| f(*ty)).collect();
            TypeDesc::Poly(f(*ty), vars)
        }
        TypeDesc::Package(package) => TypeDesc::Package(PackageType {
            path: package.path.clone(),
            constraints: package.constraints.iter().map(|(names, ty)| (names.clone(), f(*ty))).collect(),
        }),
        TypeDesc::Variant(row) => {
            let more = f(row_more(store, row));
            TypeDesc::Variant(copy_row(store, f, true, row, false, more))
        }
        TypeDesc::Link(ty) | TypeDesc::Subst(ty, _) => TypeDesc::Link(*ty),
    }
}

// ---------------------------------------------------------------------------------------------
// Labels

pub fn is_optional(label: ArgLabel) -> bool {
    matches!(label, ArgLabel::Optional(_))
}
/// The label without mark; empty without label.
pub fn label_name(label: ArgLabel) -> Name {
    match label {
        ArgLabel::Nolabel => Name::new(""),
        ArgLabel::Labelled(name) | ArgLabel::Optional(name) => name,
    }
}
/// The label with `~` or `?`.
pub fn prefixed_label_name(label: ArgLabel) -> String {
    match label {
        ArgLabel::Nolabel => String::new(),
        ArgLabel::Labelled(name) => format!("~{name}"),
        ArgLabel::Optional(name) => format!("?{name}"),
    }
}
/// Takes the first argument of a label name out of a list: its label, the argument, and whether
/// others stood before it.
pub fn extract_label<T>(name: Name, args: &mut Vec<(ArgLabel, T)>) -> Option<(ArgLabel, T, bool)> {
    let i = args.iter().position(|(label, _)| label_name(*label) == name)?;
    let (label, arg) = args.remove(i);
    Some((label, arg, i > 0))
}

// ---------------------------------------------------------------------------------------------
// Class types

/// The signature within a class type.
pub fn signature_of_class_type(cty: &ClassType) -> &Rc<ClassSignature> {
    match cty {
        ClassType::Constr(_, _, inner) | ClassType::Arrow(_, _, inner) => signature_of_class_type(inner),
        ClassType::Signature(sign) => sign,
    }
}
/// The class type without its parameters.
pub fn class_body(cty: &ClassType) -> &ClassType {
    match cty {
        ClassType::Arrow(_, _, inner) => class_body(inner),
        ClassType::Constr(..) | ClassType::Signature(_) => cty,
    }
}
/// The class type without abbreviations at its head.
pub fn scrape_class_type(cty: &ClassType) -> &ClassType {
    match cty {
        ClassType::Constr(_, _, inner) => scrape_class_type(inner),
        other => other,
    }
}
/// The number of parameters.
pub fn class_type_arity(cty: &ClassType) -> usize {
    match cty {
        ClassType::Constr(_, _, inner) => class_type_arity(inner),
        ClassType::Signature(_) => 0,
        ClassType::Arrow(_, _, inner) => 1 + class_type_arity(inner),
    }
}
/// The class type with its body abbreviated by a path.
pub fn abbreviate_class_type(path: &Path, params: &[TypeId], cty: &ClassType) -> ClassType {
    match cty {
        ClassType::Arrow(label, ty, inner) => {
            ClassType::Arrow(*label, *ty, Rc::new(abbreviate_class_type(path, params, inner)))
        }
        other => ClassType::Constr(path.clone(), params.to_vec(), Rc::new(other.clone())),
    }
}
pub fn self_type(cty: &ClassType) -> TypeId {
    signature_of_class_type(cty).self_
}
pub fn self_type_row(cty: &ClassType) -> TypeId {
    signature_of_class_type(cty).self_row.get()
}
fn names_where<V: Clone>(
    map: &std::cell::RefCell<std::collections::BTreeMap<Name, V>>,
    keep: impl Fn(&V) -> bool,
) -> Vec<Name> {
    map.borrow().iter().rev().filter(|(_, v)| keep(v)).map(|(name, _)| *name).collect()
}
/// Names of methods, in descending order as upstream lists them; likewise below.
pub fn methods(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.meths, |_| true)
}
pub fn virtual_methods(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.meths, |(_, virt, _)| *virt == rocaml_syntax::asttypes::VirtualFlag::Virtual)
}
pub fn concrete_methods(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.meths, |(_, virt, _)| *virt == rocaml_syntax::asttypes::VirtualFlag::Concrete)
}
pub fn public_methods(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.meths, |(privacy, _, _)| matches!(privacy, MethodPrivacy::Public))
}
pub fn instance_vars(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.vars, |_| true)
}
pub fn virtual_instance_vars(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.vars, |(_, virt, _)| *virt == rocaml_syntax::asttypes::VirtualFlag::Virtual)
}
pub fn concrete_instance_vars(sign: &ClassSignature) -> Vec<Name> {
    names_where(&sign.vars, |(_, virt, _)| *virt == rocaml_syntax::asttypes::VirtualFlag::Concrete)
}
/// The type of a method, if the class has it.
pub fn method_type(name: Name, sign: &ClassSignature) -> Option<TypeId> {
    sign.meths.borrow().get(&name).map(|(_, _, ty)| *ty)
}
/// The type of an instance variable, if the class has it.
pub fn instance_variable_type(name: Name, sign: &ClassSignature) -> Option<TypeId> {
    sign.vars.borrow().get(&name).map(|(_, _, ty)| *ty)
}
