//! Inclusion between declarations of the core language: upstream's `Includecore`.

mod errors;

pub use errors::{report_extension_constructor_mismatch, report_type_mismatch, report_value_mismatch};

use crate::diffing::{self, Change, Compare};
use crate::typedtree::{ModuleCoercion, PrimitiveCoercion};
use rocaml_base::{Location, Name};
use rocaml_syntax::ast::Attributes;
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag};
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::usage::{alert_text, alerts_of_attributes, deprecated_mutable};
use rocaml_types::env::{self, ConstructorUsage, Env, LabelUsage};
use rocaml_types::errortrace::{EqualityError, MoregenError};
use rocaml_types::primitive::PrimitiveDescription;
use rocaml_types::*;
use std::rc::Rc;

/// Which of two declarations: the first is the implementation's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position {
    First,
    Second,
}

#[derive(Clone, Debug)]
pub enum PrimitiveMismatch {
    Name,
    Arity,
    NoAlloc(Position),
    NativeName,
    ResultRepr,
    ArgumentRepr(usize),
}

#[derive(Clone, Debug)]
pub enum ValueMismatch {
    Primitive(PrimitiveMismatch),
    NotAPrimitive,
    Type(MoregenError),
}

#[derive(Clone, Copy, Debug)]
pub enum PrivacyMismatch {
    TypeAbbreviation,
    VariantType,
    RecordType,
    ExtensibleVariant,
    RowType,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KindOfType {
    Abstract,
    Record,
    Variant,
    Open,
}

#[derive(Clone, Debug)]
pub enum LabelMismatch {
    Type(EqualityError),
    Mutability(Position),
    Atomicity(Position),
}

pub type RecordChange = Change<LabelDeclaration, LabelMismatch>;
pub type VariantChange = Change<ConstructorDeclaration, ConstructorMismatch>;

#[derive(Clone, Debug)]
pub enum ConstructorMismatch {
    Type(EqualityError),
    Arity,
    InlineRecord(Vec<RecordChange>),
    Kind(Position),
    ExplicitReturnType(Position),
}

#[derive(Clone, Debug)]
pub enum ExtensionConstructorMismatch {
    Privacy,
    Constructor(Ident, Rc<ExtensionConstructor>, Rc<ExtensionConstructor>, ConstructorMismatch),
}

#[derive(Clone, Debug)]
pub enum PrivateVariantMismatch {
    OnlyOuterClosed,
    Missing(Position, Name),
    Presence(Name),
    IncompatibleTypesFor(Name),
    Types(EqualityError),
}

#[derive(Clone, Debug)]
pub enum PrivateObjectMismatch {
    Missing(Name),
    Types(EqualityError),
}

#[derive(Clone, Debug)]
pub enum TypeMismatch {
    Arity,
    Privacy(PrivacyMismatch),
    Kind(KindOfType, KindOfType),
    Constraint(EqualityError),
    Manifest(EqualityError),
    PrivateVariant(PrivateVariantMismatch),
    PrivateObject(PrivateObjectMismatch),
    Variance,
    Record(Vec<RecordChange>),
    UnboxedFloatRepresentation(Position),
    Variant(Vec<VariantChange>),
    UnboxedRepresentation(Position),
    /// The immediacy that was asked for.
    Immediate(Immediacy),
}

// ---------------------------------------------------------------------------------------------
// Values

fn primitive_descriptions(p1: &PrimitiveDescription, p2: &PrimitiveDescription) -> Option<PrimitiveMismatch> {
    use PrimitiveMismatch as M;
    if p1.name != p2.name {
        return Some(M::Name);
    }
    if p1.arity != p2.arity {
        return Some(M::Arity);
    }
    match (p1.alloc, p2.alloc) {
        (false, true) => return Some(M::NoAlloc(Position::First)),
        (true, false) => return Some(M::NoAlloc(Position::Second)),
        _ => {}
    }
    if p1.native_name != p2.native_name {
        return Some(M::NativeName);
    }
    if p1.native_repr_res != p2.native_repr_res {
        return Some(M::ResultRepr);
    }
    let differs = p1.native_repr_args.iter().zip(&p2.native_repr_args).position(|(a, b)| a != b);
    differs.map(|index| M::ArgumentRepr(index + 1))
}

/// The coercion of a value to a specification of the same name, kinds only.
pub fn value_descriptions_consistency(
    env: &Env,
    vd1: &ValueDescription,
    vd2: &ValueDescription,
) -> Result<ModuleCoercion, ValueMismatch> {
    match (&vd1.kind, &vd2.kind) {
        (ValueKind::Prim(p1), ValueKind::Prim(p2)) => match primitive_descriptions(p1, p2) {
            None => Ok(ModuleCoercion::None),
            Some(mismatch) => Err(ValueMismatch::Primitive(mismatch)),
        },
        (ValueKind::Prim(p), _) => Ok(ModuleCoercion::Primitive(Rc::new(PrimitiveCoercion {
            desc: p.clone(),
            type_: vd2.type_,
            env: env.clone(),
            loc: vd1.loc,
        }))),
        (_, ValueKind::Prim(_)) => Err(ValueMismatch::NotAPrimitive),
        _ => Ok(ModuleCoercion::None),
    }
}

/// Whether `vd1` can stand for `vd2`.
pub fn value_descriptions(
    cx: &Context,
    env: &Env,
    loc: Location,
    name: Name,
    vd1: &ValueDescription,
    vd2: &ValueDescription,
) -> Result<ModuleCoercion, ValueMismatch> {
    check_alerts_inclusion(cx, (vd1.loc, vd2.loc, Some(loc)), &vd1.attributes, &vd2.attributes, &name);
    ctype::moregeneral(cx, env, true, vd1.type_, vd2.type_).map_err(ValueMismatch::Type)?;
    value_descriptions_consistency(env, vd1, vd2)
}

/// Alerts of the implementation that the interface does not repeat are shown once, here.
pub fn check_alerts_inclusion(
    cx: &Context,
    (def, use_, loc): (Location, Location, Option<Location>),
    attrs1: &Attributes,
    attrs2: &Attributes,
    name: &str,
) {
    let Some(loc) = loc else { return };
    let declared = alerts_of_attributes(attrs2);
    for (kind, message) in alerts_of_attributes(attrs1) {
        if !declared.contains_key(&kind) {
            cx.alert(&kind, loc, Some((def, use_)), &alert_text(name, &message));
        }
    }
}

/// The same for fields that should no longer be mutated.
fn check_mutable_inclusion(
    cx: &Context,
    loc: Option<Location>,
    labels1: &[LabelDeclaration],
    labels2: &[LabelDeclaration],
) {
    let Some(loc) = loc else { return };
    for (l1, l2) in labels1.iter().zip(labels2).take_while(|(l1, l2)| l1.id.name() == l2.id.name()) {
        if let (Some(message), None) = (deprecated_mutable(&l1.attributes), deprecated_mutable(&l2.attributes)) {
            let text = alert_text(&l1.id.name(), &message);
            cx.alert("deprecated", loc, Some((l1.loc, l2.loc)), &format!("mutating field {text}"));
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Labels and constructors

fn compare_labels(
    cx: &Context,
    env: &Env,
    params1: &[TypeId],
    params2: &[TypeId],
    l1: &LabelDeclaration,
    l2: &LabelDeclaration,
) -> Option<LabelMismatch> {
    if l1.mutable != l2.mutable {
        let position = if l1.mutable == MutableFlag::Mutable { Position::First } else { Position::Second };
        return Some(LabelMismatch::Mutability(position));
    }
    if l1.atomic != l2.atomic {
        return Some(LabelMismatch::Atomicity(if l1.atomic { Position::First } else { Position::Second }));
    }
    ctype::equal(cx, env, true, &[params1, &[l1.type_]].concat(), &[params2, &[l2.type_]].concat())
        .err()
        .map(LabelMismatch::Type)
}

fn compare_records(
    cx: &Context,
    env: &Env,
    params1: &[TypeId],
    params2: &[TypeId],
    labels1: &[LabelDeclaration],
    labels2: &[LabelDeclaration],
) -> Option<Vec<RecordChange>> {
    let (mut all1, mut all2) = (params1.to_vec(), params2.to_vec());
    let equal = labels1.len() == labels2.len()
        && labels1.iter().zip(labels2).all(|(l1, l2)| {
            let same = l1.id.name() == l2.id.name() && compare_labels(cx, env, &all1, &all2, l1, l2).is_none();
            all1.push(l1.type_);
            all2.push(l2.type_);
            same
        });
    if equal {
        return None;
    }
    Some(diffing::diff(&Labels { cx, env }, (params1.to_vec(), params2.to_vec()), labels1, labels2))
}

struct Labels<'a> {
    cx: &'a Context,
    env: &'a Env,
}

impl Compare<LabelDeclaration> for Labels<'_> {
    /// The parameters with the types of the fields that are equal, for existentials to be.
    type State = (Vec<TypeId>, Vec<TypeId>);
    type Reason = LabelMismatch;

    fn key(&self, label: &LabelDeclaration) -> String {
        label.id.name().to_string()
    }
    fn test(
        &self,
        (params1, params2): &Self::State,
        l1: &LabelDeclaration,
        l2: &LabelDeclaration,
    ) -> Option<LabelMismatch> {
        compare_labels(self.cx, self.env, params1, params2, l1, l2)
    }
    fn keep(&self, (params1, params2): &Self::State, l1: &LabelDeclaration, l2: &LabelDeclaration) -> Self::State {
        ([&params1[..], &[l1.type_]].concat(), [&params2[..], &[l2.type_]].concat())
    }
}

fn compare_record_types(
    cx: &Context,
    env: &Env,
    (params1, params2): (&[TypeId], &[TypeId]),
    (labels1, rep1): (&[LabelDeclaration], &RecordRepresentation),
    (labels2, rep2): (&[LabelDeclaration], &RecordRepresentation),
) -> Option<TypeMismatch> {
    use RecordRepresentation as R;
    if let Some(patch) = compare_records(cx, env, params1, params2, labels1, labels2) {
        return Some(TypeMismatch::Record(patch));
    }
    match (rep1, rep2) {
        (R::Unboxed(_), R::Unboxed(_)) | (R::Float, R::Float) => None,
        (R::Unboxed(_), _) => Some(TypeMismatch::UnboxedRepresentation(Position::First)),
        (_, R::Unboxed(_)) => Some(TypeMismatch::UnboxedRepresentation(Position::Second)),
        (R::Float, _) => Some(TypeMismatch::UnboxedFloatRepresentation(Position::First)),
        (_, R::Float) => Some(TypeMismatch::UnboxedFloatRepresentation(Position::Second)),
        _ => None,
    }
}

fn compare_constructor_arguments(
    cx: &Context,
    env: &Env,
    params1: &[TypeId],
    params2: &[TypeId],
    args1: &ConstructorArguments,
    args2: &ConstructorArguments,
) -> Option<ConstructorMismatch> {
    use ConstructorArguments as A;
    match (args1, args2) {
        (A::Tuple(types1), A::Tuple(types2)) if types1.len() != types2.len() => Some(ConstructorMismatch::Arity),
        (A::Tuple(types1), A::Tuple(types2)) => {
            ctype::equal(cx, env, true, &[params1, types1].concat(), &[params2, types2].concat())
                .err()
                .map(ConstructorMismatch::Type)
        }
        (A::Record(labels1), A::Record(labels2)) => {
            compare_records(cx, env, params1, params2, labels1, labels2).map(ConstructorMismatch::InlineRecord)
        }
        (A::Record(_), _) => Some(ConstructorMismatch::Kind(Position::First)),
        (_, A::Record(_)) => Some(ConstructorMismatch::Kind(Position::Second)),
    }
}

#[allow(clippy::too_many_arguments)]
fn compare_constructors(
    cx: &Context,
    env: &Env,
    params1: &[TypeId],
    params2: &[TypeId],
    res1: Option<TypeId>,
    res2: Option<TypeId>,
    args1: &ConstructorArguments,
    args2: &ConstructorArguments,
) -> Option<ConstructorMismatch> {
    match (res1, res2) {
        (Some(r1), Some(r2)) => match ctype::equal(cx, env, true, &[r1], &[r2]) {
            Err(error) => Some(ConstructorMismatch::Type(error)),
            Ok(()) => compare_constructor_arguments(cx, env, &[r1], &[r2], args1, args2),
        },
        (Some(_), None) => Some(ConstructorMismatch::ExplicitReturnType(Position::First)),
        (None, Some(_)) => Some(ConstructorMismatch::ExplicitReturnType(Position::Second)),
        (None, None) => compare_constructor_arguments(cx, env, params1, params2, args1, args2),
    }
}

fn compare_variants(
    cx: &Context,
    env: &Env,
    loc: Option<Location>,
    (params1, params2): (&[TypeId], &[TypeId]),
    cstrs1: &[ConstructorDeclaration],
    cstrs2: &[ConstructorDeclaration],
) -> Option<Vec<VariantChange>> {
    let constructors = Constructors { cx, env, params1, params2 };
    let equal = cstrs1.len() == cstrs2.len()
        && cstrs1.iter().zip(cstrs2).all(|(c1, c2)| {
            c1.id.name() == c2.id.name() && {
                check_alerts_inclusion(cx, (c1.loc, c2.loc, loc), &c1.attributes, &c2.attributes, &c1.id.name());
                if let (ConstructorArguments::Record(labels1), ConstructorArguments::Record(labels2)) =
                    (&c1.args, &c2.args)
                {
                    check_mutable_inclusion(cx, loc, labels1, labels2);
                }
                constructors.test(&(), c1, c2).is_none()
            }
        });
    if equal { None } else { Some(diffing::diff(&constructors, (), cstrs1, cstrs2)) }
}

struct Constructors<'a> {
    cx: &'a Context,
    env: &'a Env,
    params1: &'a [TypeId],
    params2: &'a [TypeId],
}

impl Compare<ConstructorDeclaration> for Constructors<'_> {
    type State = ();
    type Reason = ConstructorMismatch;

    fn key(&self, constructor: &ConstructorDeclaration) -> String {
        constructor.id.name().to_string()
    }
    fn test(&self, _: &(), c1: &ConstructorDeclaration, c2: &ConstructorDeclaration) -> Option<ConstructorMismatch> {
        compare_constructors(self.cx, self.env, self.params1, self.params2, c1.res, c2.res, &c1.args, &c2.args)
    }
}

// ---------------------------------------------------------------------------------------------
// Types

fn is_absrow(cx: &Context, env: &Env, ty: TypeId) -> bool {
    // Included signatures had their abstract rows replaced by the included ones' types.
    matches!(cx.desc(ty), TypeDesc::Constr(Path::Ident(_), ..))
        && matches!(cx.desc(ctype::expand_head(cx, env, ty)), TypeDesc::Object(..) | TypeDesc::Variant(_))
}

fn privacy_mismatch(
    cx: &Context,
    env: &Env,
    decl1: &TypeDeclaration,
    decl2: &TypeDeclaration,
) -> Option<PrivacyMismatch> {
    if decl1.private != PrivateFlag::Private || decl2.private != PrivateFlag::Public {
        return None;
    }
    match (&decl1.kind, &decl2.kind) {
        (TypeKind::Record(..), TypeKind::Record(..)) => Some(PrivacyMismatch::RecordType),
        (TypeKind::Variant(..), TypeKind::Variant(..)) => Some(PrivacyMismatch::VariantType),
        (TypeKind::Open, TypeKind::Open) => Some(PrivacyMismatch::ExtensibleVariant),
        (TypeKind::Abstract(_), TypeKind::Abstract(_)) if decl2.manifest.is_some() => {
            let ty1 = ctype::expand_head(cx, env, decl1.manifest?);
            let row = match cx.desc(ty1) {
                TypeDesc::Variant(row) => btype::is_constr_row(cx, true, btype::row_more(cx, &row)),
                TypeDesc::Object(fields, _) => btype::is_constr_row(cx, true, ctype::flatten_fields(cx, fields).1),
                _ => false,
            };
            Some(if row { PrivacyMismatch::RowType } else { PrivacyMismatch::TypeAbbreviation })
        }
        _ => None,
    }
}

fn private_variant(
    cx: &Context,
    env: &Env,
    row1: &RowDesc,
    params1: &[TypeId],
    row2: &RowDesc,
    params2: &[TypeId],
) -> Option<PrivateVariantMismatch> {
    use PrivateVariantMismatch as M;
    let (row1, row2) = (btype::row_repr(cx, row1), btype::row_repr(cx, row2));
    let (only1, only2, pairs) = ctype::merge_row_fields(&row1.fields, &row2.fields);
    if row2.closed && !row1.closed {
        return Some(M::OnlyOuterClosed);
    }
    if row2.closed
        && let Some((tag, _)) = ctype::filter_row_fields(cx, false, only1).first()
    {
        return Some(M::Missing(Position::Second, *tag));
    }
    if let Some((tag, _)) = only2.iter().find(|(_, field)| matches!(cx.row_field(field), RowField::Present(_))) {
        return Some(M::Missing(Position::First, *tag));
    }
    let (mut types1, mut types2) = (params1.to_vec(), params2.to_vec());
    for (tag, field1, field2) in pairs {
        let mut pair = |a: &[TypeId], b: &[TypeId]| {
            types1.extend_from_slice(a);
            types2.extend_from_slice(b);
        };
        match (cx.row_field(&field1), cx.row_field(&field2)) {
            (RowField::Present(Some(a)), RowField::Present(Some(b))) => pair(&[a], &[b]),
            (RowField::Present(None), RowField::Present(None)) => {}
            (RowField::Present(Some(a)), RowField::Either { no_arg: false, arg_type, .. }) if arg_type.len() == 1 => {
                pair(&[a], &arg_type)
            }
            (RowField::Present(None), RowField::Either { no_arg: true, arg_type, .. }) if arg_type.is_empty() => {}
            (RowField::Present(_), RowField::Present(_) | RowField::Either { .. }) => {
                return Some(M::IncompatibleTypesFor(tag));
            }
            (RowField::Either { no_arg: n1, arg_type: a, .. }, RowField::Either { no_arg: n2, arg_type: b, .. }) => {
                if n1 != n2 || a.len() != b.len() {
                    return Some(M::IncompatibleTypesFor(tag));
                }
                pair(&a, &b);
            }
            (RowField::Either { .. }, RowField::Present(_)) => return Some(M::Presence(tag)),
            (RowField::Present(_) | RowField::Either { .. }, RowField::Absent) => {
                return Some(M::Missing(Position::Second, tag));
            }
            (RowField::Absent, RowField::Present(_)) => return Some(M::Missing(Position::First, tag)),
            (RowField::Absent, _) => {}
        }
    }
    ctype::equal(cx, env, true, &types1, &types2).err().map(M::Types)
}

fn private_object(
    cx: &Context,
    env: &Env,
    fields1: TypeId,
    params1: &[TypeId],
    fields2: TypeId,
    params2: &[TypeId],
) -> Option<PrivateObjectMismatch> {
    let (fields1, _) = ctype::flatten_fields(cx, fields1);
    let (fields2, _) = ctype::flatten_fields(cx, fields2);
    let (pairs, _, missing) = ctype::associate_fields(&fields1, &fields2);
    if let Some((name, ..)) = missing.first() {
        return Some(PrivateObjectMismatch::Missing(*name));
    }
    let (mut types1, mut types2) = (params1.to_vec(), params2.to_vec());
    for (_, _, t1, _, t2) in pairs {
        types1.push(t1);
        types2.push(t2);
    }
    ctype::equal(cx, env, true, &types1, &types2).err().map(PrivateObjectMismatch::Types)
}

fn type_manifest(
    cx: &Context,
    env: &Env,
    ty1: TypeId,
    decl1: &TypeDeclaration,
    ty2: TypeId,
    decl2: &TypeDeclaration,
) -> Option<TypeMismatch> {
    let (params1, params2) = (&decl1.params[..], &decl2.params[..]);
    let (desc1, desc2) = (cx.desc(ctype::expand_head(cx, env, ty1)), cx.desc(ctype::expand_head(cx, env, ty2)));
    let object_row = |fields| ctype::flatten_fields(cx, fields).1;
    match (&desc1, &desc2) {
        (TypeDesc::Variant(row1), TypeDesc::Variant(row2)) if is_absrow(cx, env, btype::row_more(cx, row2)) => {
            return private_variant(cx, env, row1, params1, row2, params2).map(TypeMismatch::PrivateVariant);
        }
        (TypeDesc::Object(f1, _), TypeDesc::Object(f2, _)) if is_absrow(cx, env, object_row(*f2)) => {
            return private_object(cx, env, *f1, params1, *f2, params2).map(TypeMismatch::PrivateObject);
        }
        _ => {}
    }
    let private_abbreviation = decl2.private == PrivateFlag::Private
        && btype::type_kind_is_abstract(decl2)
        && match &desc2 {
            TypeDesc::Variant(row) => !is_absrow(cx, env, btype::row_more(cx, row)),
            TypeDesc::Object(fields, _) => !is_absrow(cx, env, object_row(*fields)),
            _ => true,
        };
    let equal = if private_abbreviation {
        ctype::equal_private(cx, env, params1, ty1, params2, ty2)
    } else {
        ctype::equal(cx, env, true, &[params1, &[ty1]].concat(), &[params2, &[ty2]].concat())
    };
    equal.err().map(TypeMismatch::Manifest)
}

/// Whether the declarations could be those of one type, shapes only.
pub fn type_declarations_consistency(
    cx: &Context,
    env: &Env,
    decl1: &TypeDeclaration,
    decl2: &TypeDeclaration,
) -> Option<TypeMismatch> {
    if decl1.arity != decl2.arity {
        return Some(TypeMismatch::Arity);
    }
    privacy_mismatch(cx, env, decl1, decl2).map(TypeMismatch::Privacy)
}

fn kind_of(kind: &TypeKind) -> KindOfType {
    match kind {
        TypeKind::Abstract(_) => KindOfType::Abstract,
        TypeKind::Record(..) => KindOfType::Record,
        TypeKind::Variant(..) => KindOfType::Variant,
        TypeKind::Open => KindOfType::Open,
    }
}

fn compare_equations(
    cx: &Context,
    env: &Env,
    decl1: &TypeDeclaration,
    path: &Path,
    decl2: &TypeDeclaration,
) -> Option<TypeMismatch> {
    let params = || ctype::equal(cx, env, true, &decl1.params, &decl2.params).err().map(TypeMismatch::Constraint);
    match (decl1.manifest, decl2.manifest) {
        (_, None) => params(),
        (Some(ty1), Some(ty2)) => type_manifest(cx, env, ty1, decl1, ty2, decl2),
        (None, Some(ty2)) => params().or_else(|| {
            let memo = cx.new_memo();
            let ty1 = btype::newgenty(cx, TypeDesc::Constr(path.clone(), decl2.params.clone().into(), memo));
            ctype::equal(cx, env, false, &[ty1], &[ty2]).err().map(TypeMismatch::Manifest)
        }),
    }
}

fn compare_kinds(
    cx: &Context,
    env: &Env,
    loc: Option<Location>,
    (equality, mark): (bool, bool),
    decl1: &TypeDeclaration,
    decl2: &TypeDeclaration,
) -> Option<TypeMismatch> {
    let params = (&decl1.params[..], &decl2.params[..]);
    let public = decl2.private == PrivateFlag::Public;
    match (&decl1.kind, &decl2.kind) {
        (_, TypeKind::Abstract(_)) | (TypeKind::Open, TypeKind::Open) => None,
        (TypeKind::Variant(cstrs1, rep1), TypeKind::Variant(cstrs2, rep2)) => {
            if mark {
                let usage = if public { ConstructorUsage::Exported } else { ConstructorUsage::ExportedPrivate };
                cstrs1.iter().for_each(|c| env::mark_constructor_used(cx, usage, c.uid));
                if equality {
                    cstrs2.iter().for_each(|c| env::mark_constructor_used(cx, ConstructorUsage::Exported, c.uid));
                }
            }
            if let Some(patch) = compare_variants(cx, env, loc, params, cstrs1, cstrs2) {
                return Some(TypeMismatch::Variant(patch));
            }
            match (rep1, rep2) {
                (VariantRepresentation::Unboxed, VariantRepresentation::Regular) => {
                    Some(TypeMismatch::UnboxedRepresentation(Position::First))
                }
                (VariantRepresentation::Regular, VariantRepresentation::Unboxed) => {
                    Some(TypeMismatch::UnboxedRepresentation(Position::Second))
                }
                _ => None,
            }
        }
        (TypeKind::Record(labels1, rep1), TypeKind::Record(labels2, rep2)) => {
            if mark {
                let usage = if public { LabelUsage::Exported } else { LabelUsage::ExportedPrivate };
                labels1.iter().for_each(|l| env::mark_label_used(cx, usage, l.uid));
                if equality {
                    labels2.iter().for_each(|l| env::mark_label_used(cx, LabelUsage::Exported, l.uid));
                }
            }
            check_mutable_inclusion(cx, loc, labels1, labels2);
            compare_record_types(cx, env, params, (labels1, rep1), (labels2, rep2))
        }
        (kind1, kind2) => Some(TypeMismatch::Kind(kind_of(kind1), kind_of(kind2))),
    }
}

/// Whether immediacy `found` satisfies `wanted`.
fn immediacy_coerces(found: Immediacy, wanted: Immediacy) -> bool {
    matches!(
        (found, wanted),
        (_, Immediacy::Unknown) | (Immediacy::Always, _) | (Immediacy::AlwaysOn64Bits, Immediacy::AlwaysOn64Bits)
    )
}

fn compare_variances(cx: &Context, is_abstract: bool, decl1: &TypeDeclaration, decl2: &TypeDeclaration) -> bool {
    let guarded = is_abstract || decl2.private == PrivateFlag::Private;
    if !guarded && decl1.private == PrivateFlag::Public && !matches!(decl1.kind, TypeKind::Open) {
        return true;
    }
    let open = matches!(decl2.kind, TypeKind::Open) && decl2.manifest.is_none();
    let implies = |a: bool, b: bool| !a || b;
    decl2.params.iter().zip(decl1.variance.iter().zip(&decl2.variance)).all(|(ty, (v1, v2))| {
        let ((co1, cn1), (co2, cn2)) = (v1.get_upper(), v2.get_upper());
        let upper = if guarded {
            implies(co1, co2) && implies(cn1, cn2)
        } else if open || !btype::is_tvar(cx, *ty) {
            co1 == co2 && cn1 == cn2
        } else {
            true
        };
        let ((p1, n1, j1), (p2, n2, j2)) = (v1.get_lower(), v2.get_lower());
        // The lower bound of a private type can be inferred.
        upper && implies(is_abstract, implies(p2, p1) && implies(n2, n1) && implies(j2, j1))
    })
}

/// Whether `decl1`, the type `path`, can stand for `decl2`. With `equality` both are exported.
#[allow(clippy::too_many_arguments)]
pub fn type_declarations(
    cx: &Context,
    env: &Env,
    loc: Option<Location>,
    equality: bool,
    mark: bool,
    name: Name,
    decl1: &TypeDeclaration,
    path: &Path,
    decl2: &TypeDeclaration,
) -> Option<TypeMismatch> {
    check_alerts_inclusion(cx, (decl1.loc, decl2.loc, loc), &decl1.attributes, &decl2.attributes, &name);
    type_declarations_consistency(cx, env, decl1, decl2)
        .or_else(|| compare_equations(cx, env, decl1, path, decl2))
        .or_else(|| compare_kinds(cx, env, loc, (equality, mark), decl1, decl2))
        .or_else(|| {
            let is_abstract = btype::type_kind_is_abstract(decl2) && decl2.manifest.is_none();
            if is_abstract && !immediacy_coerces(decl1.immediate, decl2.immediate) {
                return Some(TypeMismatch::Immediate(decl2.immediate));
            }
            (!compare_variances(cx, is_abstract, decl1, decl2)).then_some(TypeMismatch::Variance)
        })
}

/// Whether the extension constructor `ext1` can stand for `ext2`.
pub fn extension_constructors(
    cx: &Context,
    env: &Env,
    mark: bool,
    id: Ident,
    ext1: &Rc<ExtensionConstructor>,
    ext2: &Rc<ExtensionConstructor>,
) -> Option<ExtensionConstructorMismatch> {
    if mark {
        let public = ext2.private == PrivateFlag::Public;
        let usage = if public { ConstructorUsage::Exported } else { ConstructorUsage::ExportedPrivate };
        env::mark_extension_used(cx, usage, ext1.uid);
    }
    let whole = |ext: &ExtensionConstructor| {
        let memo = cx.new_memo();
        let ty = btype::newgenty(cx, TypeDesc::Constr(ext.type_path.clone(), ext.type_params.clone().into(), memo));
        [&[ty], &ext.type_params[..]].concat()
    };
    let mismatch = match ctype::equal(cx, env, true, &whole(ext1), &whole(ext2)) {
        Err(error) => Some(ConstructorMismatch::Type(error)),
        Ok(()) => compare_constructors(
            cx,
            env,
            &ext1.type_params,
            &ext2.type_params,
            ext1.ret_type,
            ext2.ret_type,
            &ext1.args,
            &ext2.args,
        ),
    };
    match mismatch {
        Some(mismatch) => Some(ExtensionConstructorMismatch::Constructor(id, ext1.clone(), ext2.clone(), mismatch)),
        None if ext1.private == PrivateFlag::Private && ext2.private == PrivateFlag::Public => {
            Some(ExtensionConstructorMismatch::Privacy)
        }
        None => None,
    }
}
