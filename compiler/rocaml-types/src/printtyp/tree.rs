//! From types and declarations to what is printed: upstream's `Out_type`.

use super::TypeOrScheme::{self, Scheme, Type};
use super::names::*;
use super::outcome::*;
use super::short_paths::{best_type_path, tree_of_best_type_path};
use crate::Ident;
use crate::btype;
use crate::context::Context;
use crate::ctype;
use crate::env::Env;
use crate::errortrace::ExpandedType;
use crate::path::Path;
use crate::predef::TypeConstr;
use crate::primitive::{NativeRepr, PrimitiveDescription};
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::{ArgLabel, Injectivity, MutableFlag, PrivateFlag, Variance as Sign, VirtualFlag};

/// Takes names for the variables and aliases of a type.
pub(super) fn prepare_type(cx: &Context, ty: TypeId) {
    reserve(cx, ty);
    mark_loops(cx, ty);
}

pub(super) fn typexp(cx: &Context, mode: TypeOrScheme, ty: TypeId) -> OutType {
    let proxy = btype::proxy(cx, ty);
    if is_printed(cx, proxy) && !is_delayed(cx, proxy) {
        let non_gen = is_non_gen(cx, mode, proxy);
        return OutType::Var(non_gen, name_of_type(cx, non_gen, proxy));
    }
    remove_delay(cx, proxy);
    if matches!(cx.desc(ty), TypeDesc::Variant(_) | TypeDesc::Object(..)) && is_non_gen(cx, mode, proxy) {
        add_alias_proxy(cx, proxy);
    }
    if is_aliased(cx, proxy) && aliasable(cx, ty) {
        let non_gen = is_non_gen(cx, mode, proxy);
        add_printed(cx, non_gen, proxy);
        let alias = name_of_type(cx, non_gen, proxy);
        return OutType::Alias { non_gen, aliased: Box::new(shape(cx, mode, ty)), alias };
    }
    shape(cx, mode, ty)
}

/// The type of a parameter; that of an optional one without `option`.
fn parameter(cx: &Context, mode: TypeOrScheme, label: ArgLabel, ty: TypeId) -> (ArgLabel, OutType) {
    let shown = if cx.printing.print_labels.get() || btype::is_optional(label) { label } else { ArgLabel::Nolabel };
    if !btype::is_optional(label) {
        return (shown, typexp(cx, mode, ty));
    }
    let option = cx.predef().path(TypeConstr::Option);
    match cx.desc(ty) {
        TypeDesc::Constr(path, args, _) if path == option && args.len() == 1 => (shown, typexp(cx, mode, args[0])),
        _ => (shown, OutType::Stuff("<hidden>".into())),
    }
}

fn shape(cx: &Context, mode: TypeOrScheme, ty: TypeId) -> OutType {
    match cx.desc(ty) {
        TypeDesc::Var(_) => {
            let non_gen = is_non_gen(cx, mode, ty);
            OutType::Var(non_gen, name_of_type(cx, non_gen, ty))
        }
        TypeDesc::Univar(_) => OutType::Var(false, name_of_type(cx, false, ty)),
        TypeDesc::Arrow(label, param, result, _) => {
            let (label, param) = parameter(cx, mode, label, param);
            OutType::Arrow(label, Box::new(param), Box::new(typexp(cx, mode, result)))
        }
        TypeDesc::Tuple(items) => OutType::Tuple(
            items.iter().map(|(label, ty)| (label.map(|l| l.to_string()), typexp(cx, mode, *ty))).collect(),
        ),
        TypeDesc::Constr(path, args, _) => {
            note_internal_name(cx, &path);
            let (best, subst) = best_type_path(cx, &path);
            let args = subst.apply(&args);
            if let (true, Some(only)) = (subst.is_nth(), args.first()) {
                return typexp(cx, mode, *only);
            }
            note_internal_name(cx, &best);
            OutType::Constr(tree_of_best_type_path(cx, &path, &best), typlist(cx, mode, &args))
        }
        TypeDesc::Variant(row) => variant(cx, mode, &row),
        TypeDesc::Object(fields, name) => object(cx, mode, fields, cx.object_name(name)),
        TypeDesc::Nil | TypeDesc::Field(..) => object(cx, mode, ty, None),
        TypeDesc::Poly(body, vars) if vars.is_empty() => typexp(cx, mode, body),
        TypeDesc::Poly(body, vars) => {
            let (names, body) = with_delayed(cx, &vars, || {
                let names = vars.iter().map(|var| name_of_type(cx, false, *var)).collect();
                (names, typexp(cx, mode, body))
            });
            remove_names(cx, &vars);
            OutType::Poly(names, Box::new(body))
        }
        TypeDesc::Package(package) => OutType::Module(OutPackage {
            path: tree_of_path(cx, Some(Namespace::ModuleType), &package.path),
            constraints: package
                .constraints
                .iter()
                .map(|(names, ty)| {
                    (names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join("."), typexp(cx, mode, *ty))
                })
                .collect(),
        }),
        TypeDesc::Link(ty) | TypeDesc::Subst(ty, _) => typexp(cx, mode, ty),
    }
}

pub(super) fn typlist(cx: &Context, mode: TypeOrScheme, tys: &[TypeId]) -> Vec<OutType> {
    tys.iter().map(|ty| typexp(cx, mode, *ty)).collect()
}

fn variant(cx: &Context, mode: TypeOrScheme, row: &RowDesc) -> OutType {
    let row = btype::row_repr(cx, row);
    let fields: Vec<(Name, RowField)> = row
        .fields
        .iter()
        .map(|(tag, field)| (*tag, cx.row_field(field)))
        .filter(|(_, field)| !row.closed || !matches!(field, RowField::Absent))
        .collect();
    let present: Vec<String> =
        fields.iter().filter(|(_, f)| matches!(f, RowField::Present(_))).map(|(tag, _)| tag.to_string()).collect();
    let all_present = present.len() == fields.len();
    let tags = if all_present { None } else { Some(present) };
    if let Some((path, args)) = row.name.as_ref().filter(|_| nameable_row(cx, &row)) {
        let (best, subst) = best_type_path(cx, path);
        let mut args = typlist(cx, mode, &subst.apply(args));
        let named = if subst.is_nth() && !args.is_empty() {
            args.swap_remove(0)
        } else {
            OutType::Constr(tree_of_best_type_path(cx, path, &best), args)
        };
        if row.closed && all_present {
            return named;
        }
        return OutType::Variant(OutVariant::Type(Box::new(named)), row.closed, tags);
    }
    let fields = fields.iter().map(|(tag, field)| {
        let (conflict, tys) = match field {
            RowField::Present(Some(ty)) => (false, vec![typexp(cx, mode, *ty)]),
            RowField::Either { no_arg, arg_type, .. } => (*no_arg && !arg_type.is_empty(), typlist(cx, mode, arg_type)),
            RowField::Present(None) | RowField::Absent => (false, Vec::new()),
        };
        (tag.to_string(), conflict, tys)
    });
    OutType::Variant(OutVariant::Fields(fields.collect()), row.closed, tags)
}

fn object(cx: &Context, mode: TypeOrScheme, fields: TypeId, name: Option<(Path, std::rc::Rc<[TypeId]>)>) -> OutType {
    if let Some((path, args)) = name {
        let args = typlist(cx, mode, args.get(1..).unwrap_or_default());
        let (best, _) = best_type_path(cx, &path);
        return OutType::Class(tree_of_best_type_path(cx, &path, &best), args);
    }
    let (fields, rest) = ctype::flatten_fields(cx, fields);
    let fields = fields
        .iter()
        .filter(|(_, kind, _)| cx.field_kind(*kind) == FieldKind::Public)
        .map(|(name, _, ty)| (name.to_string(), typexp(cx, mode, *ty)))
        .collect();
    OutType::Object {
        fields,
        open_row: matches!(cx.desc(rest), TypeDesc::Var(_) | TypeDesc::Univar(_) | TypeDesc::Constr(..)),
    }
}

/// A type and its expansion as trees; one if they print alike.
pub(super) fn expansion(cx: &Context, mode: TypeOrScheme, ty: ExpandedType) -> (OutType, Option<OutType>) {
    reset_aliases(cx);
    mark_loops(cx, ty.ty);
    if same_path(cx, ty.ty, ty.expanded) {
        add_delayed(cx, btype::proxy(cx, ty.ty));
        return (typexp(cx, mode, ty.ty), None);
    }
    mark_loops(cx, ty.expanded);
    let same_proxy = btype::proxy(cx, ty.ty) == btype::proxy(cx, ty.expanded);
    let expanded = if same_proxy { ctype::unalias(cx, ty.expanded) } else { ty.expanded };
    let first = typexp(cx, mode, ty.ty);
    let second = typexp(cx, mode, expanded);
    if first == second { (first, None) } else { (first, Some(second)) }
}
/// Whether two types print by one path and the same arguments.
pub(super) fn same_path(cx: &Context, t1: TypeId, t2: TypeId) -> bool {
    cx.same(t1, t2)
        || match (cx.desc(t1), cx.desc(t2)) {
            (TypeDesc::Constr(p1, args1, _), TypeDesc::Constr(p2, args2, _)) => {
                let ((best1, subst1), (best2, subst2)) = (best_type_path(cx, &p1), best_type_path(cx, &p2));
                if subst1.is_nth() || subst2.is_nth() {
                    return subst1 == subst2;
                }
                let (args1, args2) = (subst1.apply(&args1), subst2.apply(&args2));
                best1 == best2 && args1.len() == args2.len() && args1.iter().zip(&args2).all(|(a, b)| cx.same(*a, *b))
            }
            _ => false,
        }
}
/// A variant without its name, so that the expansion is seen.
pub(super) fn hide_variant_name(cx: &Context, ty: TypeId) -> TypeId {
    let TypeDesc::Variant(row) = cx.desc(ty) else { return ty };
    let row = btype::row_repr(cx, &row);
    if row.name.is_none() {
        return ty;
    }
    let more = ctype::newvar2(cx, cx.level(row.more), None);
    cx.new_node(TypeDesc::Variant(RowDesc { name: None, more, ..row }), cx.level(ty))
}

// ---------------------------------------------------------------------------------------------
// Declarations

fn constraints(cx: &Context, params: &[TypeId]) -> Vec<(OutType, OutType)> {
    let mut result = Vec::new();
    for ty in params.iter().rev() {
        let bare = ctype::unalias(cx, *ty);
        if btype::proxy(cx, *ty) != btype::proxy(cx, bare) {
            let first = typexp(cx, Scheme, *ty);
            result.push((first, typexp(cx, Scheme, bare)));
        }
    }
    result.reverse();
    result
}
/// Parameters, a repeated one being hidden in a tuple of one so that it prints again.
fn filter_params(cx: &Context, params: &[TypeId]) -> Vec<TypeId> {
    let mut result: Vec<TypeId> = Vec::new();
    for ty in params {
        let repeated = result.iter().any(|other| cx.same(*ty, *other));
        result.push(if repeated { btype::newgenty(cx, TypeDesc::Tuple([(None, *ty)].into())) } else { *ty });
    }
    result
}
pub(super) fn prepare_args(cx: &Context, args: &ConstructorArguments) {
    btype::iter_cstr_args(args, &mut |ty| prepare_type(cx, ty));
}
pub(super) fn label(cx: &Context, l: &LabelDeclaration) -> OutLabel {
    OutLabel { name: l.id.name().to_string(), mutable: l.mutable, atomic: l.atomic, type_: typexp(cx, Type, l.type_) }
}
fn cstr_args(cx: &Context, args: &ConstructorArguments) -> Vec<OutType> {
    match args {
        ConstructorArguments::Tuple(tys) => typlist(cx, Type, tys),
        ConstructorArguments::Record(labels) => vec![OutType::Record(labels.iter().map(|l| label(cx, l)).collect())],
    }
}
pub(super) fn constructor(cx: &Context, c: &ConstructorDeclaration) -> OutConstructor {
    let ret = c.res.map(|ty| typexp(cx, Type, ty));
    OutConstructor { name: c.id.name().to_string(), args: cstr_args(cx, &c.args), ret }
}
/// Within a declaration a GADT constructor has variables of its own.
fn constructor_in_decl(cx: &Context, c: &ConstructorDeclaration) -> OutConstructor {
    if c.res.is_some() { with_local_names(cx, || constructor(cx, c)) } else { constructor(cx, c) }
}

pub(super) fn prepare_decl(cx: &Context, id: Ident, decl: &TypeDeclaration) -> (Option<TypeId>, Vec<TypeId>) {
    let params = filter_params(cx, &decl.params);
    if let Some(ty) = decl.manifest {
        let vars = ctype::free_variables(cx, None, ty);
        for param in &params {
            let anonymous = matches!(cx.desc(*param), TypeDesc::Var(Some(name)) if name == "_");
            if anonymous && vars.iter().any(|var| cx.same(*var, *param)) {
                cx.set_desc(*param, TypeDesc::Var(None));
            }
        }
    }
    params.iter().for_each(|ty| add_alias(cx, *ty));
    params.iter().for_each(|ty| prepare_type(cx, *ty));
    params.iter().for_each(|ty| add_printed(cx, false, btype::proxy(cx, *ty)));
    let manifest = decl.manifest.map(|ty| {
        let ty = match cx.desc(ty) {
            TypeDesc::Variant(row) => {
                let row = btype::row_repr(cx, &row);
                match &row.name {
                    Some((Path::Ident(other), _)) if *other == id => {
                        btype::newgenty(cx, TypeDesc::Variant(RowDesc { name: None, ..row }))
                    }
                    _ => ty,
                }
            }
            _ => ty,
        };
        prepare_type(cx, ty);
        ty
    });
    btype::iter_type_kind(&decl.kind, &mut |ty| prepare_type(cx, ty));
    (manifest, params)
}

fn signs(v: Variance) -> Sign {
    match v.get_upper() {
        (false, false) => Sign::Bivariant,
        (true, false) => Sign::Covariant,
        (false, true) => Sign::Contravariant,
        (true, true) => Sign::NoVariance,
    }
}
fn out_param(ty: OutType, variance: (Sign, Injectivity)) -> OutParam {
    match ty {
        OutType::Var(non_gen, name) => OutParam { non_gen, name, variance },
        _ => OutParam { non_gen: false, name: "?".into(), variance },
    }
}

/// Shown variances: only where they cannot be inferred from what is printed.
fn param_variances(cx: &Context, decl: &TypeDeclaration) -> Vec<(Sign, Injectivity)> {
    let private = decl.private == PrivateFlag::Private;
    let abstract_ = match &decl.kind {
        TypeKind::Abstract(_) => decl.manifest.is_none() || private,
        TypeKind::Record(..) => private,
        TypeKind::Variant(cstrs, _) => private || cstrs.iter().any(|c| c.res.is_some()),
        TypeKind::Open => decl.manifest.is_none(),
    };
    let show = |(ty, v): (&TypeId, &Variance)| {
        let all = cx.options.print_variance;
        if !all && !abstract_ && cx.is_var(*ty) {
            return (Sign::NoVariance, Injectivity::NoInjectivity);
        }
        let deduced = || {
            !btype::type_kind_is_abstract(decl)
                || decl
                    .manifest
                    .is_some_and(|ty| !private || !btype::is_constr_row(cx, true, btype::row_of_type(cx, ty)))
        };
        let injective = v.mem(Variance::INJ) && (all || !deduced());
        (signs(*v), if injective { Injectivity::Injective } else { Injectivity::NoInjectivity })
    };
    decl.params.iter().zip(&decl.variance).map(show).collect()
}

pub(super) fn prepared_type_decl(cx: &Context, id: Ident, decl: &TypeDeclaration) -> OutTypeDecl {
    let (manifest, params) = prepare_decl(cx, id, decl);
    let variances = param_variances(cx, decl);
    let out_params = params.iter().zip(variances).map(|(ty, v)| out_param(typexp(cx, Type, *ty), v)).collect();
    let constraints = constraints(cx, &params);
    let with_manifest = |kind: OutType| match manifest {
        None => kind,
        Some(ty) => OutType::Manifest(Box::new(typexp(cx, Type, ty)), Box::new(kind)),
    };
    // The manifest takes its names after the members, as upstream.
    let (type_, private, unboxed) = match &decl.kind {
        TypeKind::Abstract(_) => match manifest {
            None => (OutType::Abstract, PrivateFlag::Public, false),
            Some(ty) => (typexp(cx, Type, ty), decl.private, false),
        },
        TypeKind::Variant(cstrs, rep) => {
            let sum = OutType::Sum(cstrs.iter().map(|c| constructor_in_decl(cx, c)).collect());
            (with_manifest(sum), decl.private, *rep == VariantRepresentation::Unboxed)
        }
        TypeKind::Record(labels, rep) => {
            let record = OutType::Record(labels.iter().map(|l| label(cx, l)).collect());
            (with_manifest(record), decl.private, matches!(rep, RecordRepresentation::Unboxed(_)))
        }
        TypeKind::Open => (with_manifest(OutType::Open), decl.private, false),
    };
    let has =
        |name: &str| decl.attributes.iter().any(|a| a.name.txt.strip_prefix("ocaml.").unwrap_or(&a.name.txt) == name);
    let immediate = if has("immediate") {
        Immediacy::Always
    } else if has("immediate64") {
        Immediacy::AlwaysOn64Bits
    } else {
        Immediacy::Unknown
    };
    OutTypeDecl { name: id.name().to_string(), params: out_params, type_, private, immediate, unboxed, constraints }
}

fn out_rec(rec: RecStatus) -> OutRec {
    match rec {
        RecStatus::Not => OutRec::Not,
        RecStatus::First => OutRec::First,
        RecStatus::Next => OutRec::Next,
    }
}

pub(super) fn type_declaration(cx: &Context, id: Ident, decl: &TypeDeclaration, rec: RecStatus) -> OutItem {
    reset_except_conflicts(cx);
    OutItem::Type(prepared_type_decl(cx, id, decl), out_rec(rec))
}

pub(super) fn prepare_extension(cx: &Context, ext: &ExtensionConstructor) {
    let params = filter_params(cx, &ext.type_params);
    params.iter().for_each(|ty| add_alias(cx, *ty));
    params.iter().for_each(|ty| prepare_type(cx, *ty));
    prepare_args(cx, &ext.args);
    ext.ret_type.iter().for_each(|ty| prepare_type(cx, *ty));
}
pub(super) fn prepared_extension(cx: &Context, id: Ident, ext: &ExtensionConstructor, status: ExtStatus) -> OutItem {
    let params = filter_params(cx, &ext.type_params);
    let name_params = || {
        params.iter().for_each(|ty| add_printed(cx, false, btype::proxy(cx, *ty)));
        params
            .iter()
            .map(|ty| match typexp(cx, Type, *ty) {
                OutType::Var(_, name) => name,
                _ => "?".into(),
            })
            .collect()
    };
    // A GADT constructor does not share the variables of the type.
    let out_params = if ext.ret_type.is_some() { with_local_names(cx, name_params) } else { name_params() };
    let ret = ext.ret_type.map(|ty| typexp(cx, Type, ty));
    let constructor = OutConstructor { name: id.name().to_string(), args: cstr_args(cx, &ext.args), ret };
    let ext = OutExtension { type_name: ext.type_path.name(), params: out_params, constructor, private: ext.private };
    let status = match status {
        ExtStatus::First => OutExt::First,
        ExtStatus::Next => OutExt::Next,
        ExtStatus::Exception => OutExt::Exception,
    };
    OutItem::Typext(ext, status)
}
pub(super) fn extension_constructor(cx: &Context, id: Ident, ext: &ExtensionConstructor, status: ExtStatus) -> OutItem {
    reset_except_conflicts(cx);
    prepare_extension(cx, ext);
    prepared_extension(cx, id, ext, status)
}

pub(super) fn value_description(cx: &Context, id: Ident, d: &ValueDescription) -> OutItem {
    reset_except_conflicts(cx);
    prepare_type(cx, d.type_);
    let type_ = typexp(cx, Scheme, d.type_);
    let name = id.name().to_string();
    match &d.kind {
        ValueKind::Prim(prim) => external(name, type_, prim),
        _ => OutItem::Value { name, type_, prims: Vec::new(), attributes: Vec::new() },
    }
}

/// `external`: attributes that all positions share stand at the end, others at the types.
fn external(name: String, type_: OutType, prim: &PrimitiveDescription) -> OutItem {
    let mut prims = vec![prim.name.to_string()];
    if !prim.native_name.is_empty() {
        prims.push(prim.native_name.to_string());
    }
    let reprs = || prim.native_repr_args.iter().chain([&prim.native_repr_res]);
    let is_unboxed = |r: &NativeRepr| matches!(r, NativeRepr::UnboxedFloat | NativeRepr::UnboxedInteger(_));
    let is_untagged = |r: &NativeRepr| *r == NativeRepr::UntaggedImmediate;
    let all_unboxed = reprs().all(is_unboxed);
    let all_untagged = reprs().all(is_untagged);
    let mut attributes = Vec::new();
    if all_unboxed {
        attributes.push("unboxed".to_owned());
    } else if all_untagged {
        attributes.push("untagged".to_owned());
    }
    if !prim.alloc {
        attributes.push("noalloc".to_owned());
    }
    let at_type: Vec<Option<&'static str>> = reprs()
        .map(|r| match r {
            r if is_unboxed(r) && !all_unboxed => Some("unboxed"),
            r if is_untagged(r) && !all_untagged => Some("untagged"),
            _ => None,
        })
        .collect();
    OutItem::Value { name, type_: with_attributes(type_, &at_type), prims, attributes }
}
fn with_attributes(ty: OutType, attributes: &[Option<&'static str>]) -> OutType {
    let mark = |ty: OutType, attribute: Option<&'static str>| match attribute {
        Some(name) => OutType::Attribute(Box::new(ty), name),
        None => ty,
    };
    match (ty, attributes) {
        (OutType::Arrow(label, param, result), [first, rest @ ..]) if !rest.is_empty() => {
            OutType::Arrow(label, Box::new(mark(*param, *first)), Box::new(with_attributes(*result, rest)))
        }
        (ty, [only]) => mark(ty, *only),
        (ty, _) => ty,
    }
}

// ---------------------------------------------------------------------------------------------
// Classes

fn method_type(cx: &Context, privacy: MethodPrivacy, ty: TypeId) -> (TypeId, Vec<TypeId>) {
    match (privacy, cx.desc(ty)) {
        (MethodPrivacy::Public, TypeDesc::Poly(body, vars)) => (body, vars.to_vec()),
        _ => (ty, Vec::new()),
    }
}
fn abbreviated(cx: &Context, params: &[TypeId], cty: &ClassType) -> bool {
    let row = btype::proxy(cx, btype::self_type_row(cty));
    !cx.printing.visited_objects.borrow().contains(&row) && params.iter().all(|ty| cx.is_var(*ty))
}
pub(super) fn prepare_class_type(cx: &Context, params: &[TypeId], cty: &ClassType) {
    match cty {
        ClassType::Constr(_, args, inner) => {
            if abbreviated(cx, params, inner) && !ctype::deep_occur_list(cx, btype::self_type_row(inner), args) {
                args.iter().for_each(|ty| prepare_type(cx, *ty));
            } else {
                prepare_class_type(cx, params, inner);
            }
        }
        ClassType::Signature(sign) => {
            let row = btype::proxy(cx, sign.self_row.get());
            if cx.printing.visited_objects.borrow().contains(&row) {
                add_alias_proxy(cx, row);
            } else {
                cx.printing.visited_objects.borrow_mut().push(row);
            }
            let vars: Vec<TypeId> = sign.vars.borrow().values().map(|v| v.2).collect();
            vars.iter().for_each(|ty| prepare_type(cx, *ty));
            let meths: Vec<_> = sign.meths.borrow().values().copied().collect();
            meths.iter().for_each(|(privacy, _, ty)| prepare_type(cx, method_type(cx, *privacy, *ty).0));
        }
        ClassType::Arrow(_, ty, inner) => {
            prepare_type(cx, *ty);
            prepare_class_type(cx, params, inner);
        }
    }
}
pub(super) fn class_type(cx: &Context, mode: TypeOrScheme, params: &[TypeId], cty: &ClassType) -> OutClassType {
    match cty {
        ClassType::Constr(_, _, inner) if !abbreviated(cx, params, inner) => class_type(cx, mode, params, inner),
        ClassType::Constr(path, args, _) => {
            let namespace = match path {
                Path::Ident(_) if super::names::is_located(cx, Namespace::Class, path) => Namespace::Class,
                Path::Ident(_) => Namespace::ClassType,
                _ => Namespace::Module,
            };
            OutClassType::Constr(tree_of_path(cx, Some(namespace), path), typlist(cx, Scheme, args))
        }
        ClassType::Signature(sign) => class_signature(cx, mode, params, sign),
        ClassType::Arrow(label, ty, inner) => {
            let (label, ty) = parameter(cx, mode, *label, *ty);
            OutClassType::Arrow(label, ty, Box::new(class_type(cx, mode, params, inner)))
        }
    }
}
fn class_signature(cx: &Context, mode: TypeOrScheme, params: &[TypeId], sign: &ClassSignature) -> OutClassType {
    let row = btype::proxy(cx, sign.self_row.get());
    let self_ = is_aliased(cx, row).then(|| OutType::Var(false, name_of_type(cx, false, row)));
    let mut items: Vec<OutClassItem> =
        constraints(cx, params).into_iter().map(|(a, b)| OutClassItem::Constraint(a, b)).collect();
    let vars = sign.vars.borrow().clone();
    for (name, (mutable, virt, ty)) in vars {
        let ty = typexp(cx, mode, ty);
        items.push(OutClassItem::Value(
            name.to_string(),
            mutable == MutableFlag::Mutable,
            virt == VirtualFlag::Virtual,
            ty,
        ));
    }
    let meths = sign.meths.borrow().clone();
    for (name, (privacy, virt, ty)) in meths {
        let (ty, univars) = method_type(cx, privacy, ty);
        let ty = typexp(cx, mode, ty);
        remove_names(cx, &univars);
        let private = !matches!(privacy, MethodPrivacy::Public);
        items.push(OutClassItem::Method(name.to_string(), private, virt == VirtualFlag::Virtual, ty));
    }
    OutClassType::Signature(self_, items)
}
fn class_params(cx: &Context, params: &[TypeId], variance: &[Variance]) -> Vec<OutParam> {
    let show = |(ty, v): (&TypeId, &Variance)| {
        let variance = if cx.is_var(*ty) {
            (Sign::NoVariance, Injectivity::NoInjectivity)
        } else if cx.options.print_variance && v.mem(Variance::INJ) {
            (signs(*v), Injectivity::Injective)
        } else {
            (signs(*v), Injectivity::NoInjectivity)
        };
        out_param(typexp(cx, Scheme, *ty), variance)
    };
    params.iter().zip(variance).map(show).collect()
}
fn prepare_class(cx: &Context, params: &[TypeId], cty: &ClassType) {
    reset_except_conflicts(cx);
    params.iter().for_each(|ty| add_alias(cx, *ty));
    prepare_class_type(cx, params, cty);
    let row = btype::proxy(cx, btype::self_type_row(cty));
    params.iter().for_each(|ty| prepare_type(cx, *ty));
    params.iter().for_each(|ty| add_printed(cx, false, btype::proxy(cx, *ty)));
    if is_aliased(cx, row) {
        add_printed(cx, false, row);
    }
}
pub(super) fn class_declaration(cx: &Context, id: Ident, d: &ClassDeclaration, rec: RecStatus) -> OutItem {
    let params = filter_params(cx, &d.params);
    prepare_class(cx, &params, &d.type_);
    let out_params = class_params(cx, &params, &d.variance);
    let cty = class_type(cx, Scheme, &params, &d.type_);
    OutItem::Class(d.new.is_none(), id.name().to_string(), out_params, cty, out_rec(rec))
}
pub(super) fn cltype_declaration(cx: &Context, id: Ident, d: &ClassTypeDeclaration, rec: RecStatus) -> OutItem {
    prepare_class(cx, &d.params, &d.type_);
    let sign = btype::signature_of_class_type(&d.type_);
    let virt = !btype::virtual_methods(sign).is_empty() || !btype::virtual_instance_vars(sign).is_empty();
    let out_params = class_params(cx, &d.params, &d.variance);
    let cty = class_type(cx, Scheme, &d.params, &d.type_);
    OutItem::ClassType(virt, id.name().to_string(), out_params, cty, out_rec(rec))
}

// ---------------------------------------------------------------------------------------------
// Modules

fn with_env<T>(cx: &Context, env: Env, f: impl FnOnce() -> T) -> T {
    let old = cx.printing.env.replace(env);
    let result = f();
    cx.printing.env.replace(old);
    result
}

pub(super) fn modtype(cx: &Context, ellipsis: bool, mty: &ModuleType) -> OutModuleType {
    match mty {
        ModuleType::Ident(path) => OutModuleType::Ident(tree_of_path(cx, Some(Namespace::ModuleType), path)),
        ModuleType::Alias(path) => OutModuleType::Alias(tree_of_path(cx, Some(Namespace::Module), path)),
        ModuleType::Signature(_) if ellipsis => OutModuleType::Signature(vec![OutItem::Ellipsis]),
        ModuleType::Signature(sg) => OutModuleType::Signature(signature(cx, sg)),
        ModuleType::Functor(FunctorParameter::Unit, res) => {
            OutModuleType::Functor(None, Box::new(modtype(cx, ellipsis, res)))
        }
        ModuleType::Functor(FunctorParameter::Named(id, arg), res) => {
            let param = (id.map(|id| id.name().to_string()), Box::new(modtype(cx, false, arg)));
            let env = cx.printing.env.borrow().clone();
            let env = match id {
                Some(id) => env.add_module(cx, true, *id, ModulePresence::Present, arg),
                None => env,
            };
            let res = with_env(cx, env, || modtype(cx, ellipsis, res));
            OutModuleType::Functor(Some(param), Box::new(res))
        }
    }
}

/// Whether an item only accompanies a class: its type names, or rows of private types.
fn is_ghost(sg: &[SignatureItem], i: usize) -> bool {
    let name = sg[i].ident().name();
    match &sg[i] {
        SignatureItem::Type(..) if btype::is_row_name(&name) => true,
        // A class declares a class type and a type of its name right after itself.
        SignatureItem::ClassType(..) => {
            i >= 1 && matches!(&sg[i - 1], SignatureItem::Class(id, ..) if id.name() == name)
        }
        SignatureItem::Type(..) => {
            let owner = |j: usize| matches!(&sg[j], SignatureItem::ClassType(id, ..) if id.name() == name);
            i >= 1 && owner(i - 1)
        }
        _ => false,
    }
}

pub(super) fn signature(cx: &Context, sg: &[SignatureItem]) -> Vec<OutItem> {
    signature_items(cx, sg, &mut |_| None).into_iter().map(|(item, _)| item).collect()
}
/// The items with what `show` adds to each, asked for after the group that an item belongs to.
pub(super) fn signature_items(
    cx: &Context,
    sg: &[SignatureItem],
    show: &mut dyn FnMut(&SignatureItem) -> Option<OutValue>,
) -> Vec<(OutItem, Option<OutValue>)> {
    let old = cx.printing.env.borrow().clone();
    let mut result = Vec::new();
    let mut i = 0;
    while i < sg.len() {
        // A recursive group prints with its idents as the latest of their names.
        let mut end = i + 1;
        while end < sg.len() && (is_ghost(sg, end) && !btype::is_row_name(&sg[end].ident().name()) || is_next(&sg[end]))
        {
            end += 1;
        }
        let group = &sg[i..end];
        let ids: Vec<Ident> = group.iter().map(SignatureItem::ident).collect();
        let recursive = starts_recursion(&sg[i]);
        let types: Vec<Ident> =
            group.iter().filter(|item| matches!(item, SignatureItem::Type(..))).map(SignatureItem::ident).collect();
        let shown: Vec<&SignatureItem> = (i..end).filter(|j| !is_ghost(sg, *j)).map(|j| &sg[j]).collect();
        let print = || shown.iter().map(|item| sig_item(cx, item)).collect::<Vec<_>>();
        let items = if recursive { with_hidden(cx, &ids, &types, print) } else { print() };
        result.extend(items.into_iter().zip(shown).map(|(out, item)| (out, show(item))));
        let env = cx.printing.env.borrow().add_signature(cx, group);
        cx.printing.env.replace(env);
        i = end;
    }
    cx.printing.env.replace(old);
    result
}
fn starts_recursion(item: &SignatureItem) -> bool {
    matches!(
        item,
        SignatureItem::Type(_, _, RecStatus::First, _)
            | SignatureItem::Module(_, _, _, RecStatus::First, _)
            | SignatureItem::Class(_, _, RecStatus::First, _)
            | SignatureItem::ClassType(_, _, RecStatus::First, _)
    )
}
fn is_next(item: &SignatureItem) -> bool {
    matches!(
        item,
        SignatureItem::Type(_, _, RecStatus::Next, _)
            | SignatureItem::Module(_, _, _, RecStatus::Next, _)
            | SignatureItem::Class(_, _, RecStatus::Next, _)
            | SignatureItem::ClassType(_, _, RecStatus::Next, _)
    )
}

pub(super) fn sig_item(cx: &Context, item: &SignatureItem) -> OutItem {
    match item {
        SignatureItem::Value(id, d, _) => value_description(cx, *id, d),
        SignatureItem::Type(id, d, rec, _) => type_declaration(cx, *id, d, *rec),
        SignatureItem::Typext(id, d, status, _) => extension_constructor(cx, *id, d, *status),
        SignatureItem::Module(id, _, d, rec, _) => {
            let ellipsis = d.attributes.iter().any(|a| a.name.txt == "...");
            OutItem::Module(id.name().to_string(), modtype(cx, ellipsis, &d.type_), out_rec(*rec))
        }
        SignatureItem::Modtype(id, d, _) => modtype_declaration(cx, *id, d),
        SignatureItem::Class(id, d, rec, _) => class_declaration(cx, *id, d, *rec),
        SignatureItem::ClassType(id, d, rec, _) => cltype_declaration(cx, *id, d, *rec),
    }
}
pub(super) fn modtype_declaration(cx: &Context, id: Ident, d: &ModtypeDeclaration) -> OutItem {
    let mty = d.type_.as_ref().map_or(OutModuleType::Abstract, |mty| modtype(cx, false, mty));
    OutItem::Modtype(id.name().to_string(), mty)
}
