//! Class signatures: their construction while a class is typed, and their comparison.

use super::equal::{Equal, comparing};
use super::expand::expand_trace;
use super::filter::filter_method_row;
use super::instance::map_class_type;
use super::levels::with_level;
use super::moregen::{Moregen, with_subject_level};
use super::objects::{flatten_fields, object_fields};
use super::univar::with_univar_pairs;
use super::{
    AddInstanceVariableFailure, AddMethodFailure, ClassMatchFailure, InheritClassSignatureFailure, expand_head,
    instance_class, new_scoped_ty, newobj, newvar, unify,
};
use crate::btype::{self, TypePairs};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::store::GENERIC_LEVEL;
use crate::subst::Subst;
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag, PrivateFlag, VirtualFlag};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The signature of an empty class.
pub fn new_class_signature(cx: &Context) -> ClassSignature {
    let row = newvar(cx);
    ClassSignature {
        self_: newobj(cx, row),
        self_row: Cell::new(row),
        vars: RefCell::default(),
        meths: RefCell::default(),
    }
}

/// A method that keeps the type of self from being that of anything else.
pub fn add_dummy_method(cx: &Context, env: &Env, scope: i32, sign: &ClassSignature) {
    if let Ok((_, ty, row)) =
        filter_method_row(cx, env, Name::new(btype::DUMMY_METHOD), PrivateFlag::Private, sign.self_row.get())
    {
        let marker = new_scoped_ty(cx, scope, TypeDesc::Tuple(Rc::from([])));
        // A fresh variable takes any type.
        let _ = unify(cx, env, ty, marker);
        sign.self_row.set(row);
    }
}

fn concrete_wins(old: VirtualFlag, new: VirtualFlag) -> VirtualFlag {
    if old == VirtualFlag::Concrete { old } else { new }
}

#[allow(clippy::too_many_arguments)]
pub fn add_method(
    cx: &Context,
    env: &Env,
    label: Name,
    private: PrivateFlag,
    virt: VirtualFlag,
    ty: TypeId,
    sign: &ClassSignature,
) -> Result<(), AddMethodFailure> {
    let known = sign.meths.borrow().get(&label).copied();
    let (privacy, virt) = match known {
        Some((old, old_virt, old_ty)) => {
            let privacy = match (old, private) {
                (MethodPrivacy::Private(kind), PrivateFlag::Public) => {
                    if let FieldKind::Var(_) = cx.field_kind(kind) {
                        btype::link_kind(cx, kind, FieldKind::Public);
                    }
                    MethodPrivacy::Public
                }
                (old, _) => old,
            };
            unify(cx, env, ty, old_ty).map_err(AddMethodFailure::TypeMismatch)?;
            (privacy, concrete_wins(old_virt, virt))
        }
        None => {
            let (privacy, field, row) = filter_method_row(cx, env, label, private, sign.self_row.get())
                .map_err(|_| AddMethodFailure::UnexpectedMethod)?;
            unify(cx, env, ty, field).map_err(AddMethodFailure::TypeMismatch)?;
            sign.self_row.set(row);
            (privacy, virt)
        }
    };
    sign.meths.borrow_mut().insert(label, (privacy, virt, ty));
    Ok(())
}

#[allow(clippy::too_many_arguments)]
pub fn add_instance_variable(
    cx: &Context,
    env: &Env,
    strict: bool,
    label: Name,
    mutable: MutableFlag,
    virt: VirtualFlag,
    ty: TypeId,
    sign: &ClassSignature,
) -> Result<(), AddInstanceVariableFailure> {
    let known = sign.vars.borrow().get(&label).copied();
    let virt = match known {
        Some((old_mutable, old_virt, old_ty)) => {
            if strict {
                if mutable != old_mutable {
                    return Err(AddInstanceVariableFailure::MutabilityMismatch(mutable));
                }
                unify(cx, env, ty, old_ty).map_err(AddInstanceVariableFailure::TypeMismatch)?;
            }
            concrete_wins(old_virt, virt)
        }
        None => virt,
    };
    sign.vars.borrow_mut().insert(label, (mutable, virt, ty));
    Ok(())
}

/// Unifies the components of `sign2` into `sign1`.
pub fn inherit_class_signature(
    cx: &Context,
    env: &Env,
    strict: bool,
    sign1: &ClassSignature,
    sign2: &ClassSignature,
) -> Result<(), InheritClassSignatureFailure> {
    unify(cx, env, sign1.self_, sign2.self_).map_err(|error| match error.trace.as_slice() {
        [Elt::Diff(_), Elt::IncompatibleFields { name, .. }, rest @ ..] => {
            let error = UnifyError { trace: rest.to_vec() };
            InheritClassSignatureFailure::Method(*name, AddMethodFailure::TypeMismatch(error))
        }
        _ => InheritClassSignatureFailure::SelfTypeMismatch(error),
    })?;
    let meths = sign2.meths.borrow().clone();
    for (label, (privacy, virt, ty)) in meths {
        let private = match privacy {
            MethodPrivacy::Public => PrivateFlag::Public,
            MethodPrivacy::Private(_) => PrivateFlag::Private,
        };
        add_method(cx, env, label, private, virt, ty, sign1)
            .map_err(|e| InheritClassSignatureFailure::Method(label, e))?;
    }
    let vars = sign2.vars.borrow().clone();
    for (label, (mutable, virt, ty)) in vars {
        add_instance_variable(cx, env, strict, label, mutable, virt, ty, sign1)
            .map_err(|e| InheritClassSignatureFailure::InstanceVariable(label, e))?;
    }
    Ok(())
}

/// Enters what the type of self has become; methods made public, and declared, implicitly.
pub fn update_class_signature(cx: &Context, env: &Env, sign: &ClassSignature) -> (Vec<Name>, Vec<Name>) {
    let self_ = expand_head(cx, env, sign.self_);
    let (fields, row) = flatten_fields(cx, object_fields(cx, self_));
    let (mut public, mut declared) = (Vec::new(), Vec::new());
    let mut meths = sign.meths.borrow_mut();
    for (label, kind, ty) in fields {
        if label == btype::DUMMY_METHOD {
            continue;
        }
        let seen = cx.field_kind(kind);
        match meths.get(&label).copied() {
            Some((MethodPrivacy::Private(_), virt, ty)) if seen == FieldKind::Public => {
                meths.insert(label, (MethodPrivacy::Public, virt, ty));
                public.push(label);
            }
            Some(_) => {}
            None => {
                let privacy = match seen {
                    FieldKind::Public => MethodPrivacy::Public,
                    FieldKind::Var(_) => MethodPrivacy::Private(kind),
                    FieldKind::Absent => continue,
                };
                meths.insert(label, (privacy, VirtualFlag::Virtual, ty));
                declared.push(label);
            }
        }
    }
    sign.self_row.set(row);
    public.reverse();
    declared.reverse();
    (public, declared)
}

/// Private methods are no longer seen from outside.
pub fn hide_private_methods(cx: &Context, env: &Env, sign: &ClassSignature) {
    let self_ = expand_head(cx, env, sign.self_);
    for (_, kind, _) in flatten_fields(cx, object_fields(cx, self_)).0 {
        if let FieldKind::Var(_) = cx.field_kind(kind) {
            btype::link_kind(cx, kind, FieldKind::Absent);
        }
    }
}

/// Closes the type of self; false if the class keeps it open.
pub fn close_class_signature(cx: &Context, env: &Env, sign: &ClassSignature) -> bool {
    let self_ = expand_head(cx, env, sign.self_);
    let mut ty = object_fields(cx, self_);
    loop {
        ty = expand_head(cx, env, ty);
        match cx.desc(ty) {
            TypeDesc::Var(_) => {
                cx.link(ty, cx.new_node(TypeDesc::Nil, cx.level(ty)));
                return true;
            }
            TypeDesc::Field(name, ..) if name == btype::DUMMY_METHOD => return false,
            TypeDesc::Field(_, _, _, rest) => ty = rest,
            TypeDesc::Nil => return true,
            _ => return false,
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Comparison

/// What keeps a signature from matching another whatever the types are.
fn match_shape(strict: bool, sign1: &ClassSignature, sign2: &ClassSignature) -> Vec<ClassMatchFailure> {
    use ClassMatchFailure as F;
    let (meths1, meths2) = (sign1.meths.borrow(), sign2.meths.borrow());
    let (vars1, vars2) = (sign1.vars.borrow(), sign2.vars.borrow());
    let mut errors = Vec::new();
    for (label, (privacy, virt, _)) in meths2.iter() {
        match meths1.get(label) {
            None => errors.push(F::MissingMethod(*label)),
            Some((MethodPrivacy::Public, ..)) if matches!(privacy, MethodPrivacy::Private(_)) => {
                errors.push(F::PublicMethod(*label))
            }
            Some((MethodPrivacy::Private(_), ..)) if strict && matches!(privacy, MethodPrivacy::Public) => {
                errors.push(F::PrivateMethod(*label))
            }
            Some((_, VirtualFlag::Virtual, _)) if *virt == VirtualFlag::Concrete => {
                errors.push(F::VirtualMethod(*label))
            }
            Some(_) => {}
        }
    }
    for (label, (privacy, virt, _)) in meths1.iter().filter(|(label, _)| !meths2.contains_key(label)) {
        if matches!(privacy, MethodPrivacy::Public) {
            errors.push(F::HidePublic(*label));
        }
        if *virt == VirtualFlag::Virtual {
            errors.push(F::HideVirtual(Name::new("method"), *label));
        }
    }
    for (label, (mutable, virt, _)) in vars2.iter() {
        match vars1.get(label) {
            None => errors.push(F::MissingValue(*label)),
            Some((MutableFlag::Immutable, ..)) if *mutable == MutableFlag::Mutable => {
                errors.push(F::NonMutableValue(*label))
            }
            Some((_, VirtualFlag::Virtual, _)) if *virt == VirtualFlag::Concrete => {
                errors.push(F::NonConcreteValue(*label))
            }
            Some(_) => {}
        }
    }
    for (label, (_, virt, _)) in vars1.iter() {
        if *virt == VirtualFlag::Virtual && !vars2.contains_key(label) {
            errors.push(F::HideVirtual(Name::new("instance variable"), *label));
        }
    }
    // Upstream lists the last found first.
    errors.reverse();
    errors
}

/// The common members of two signatures of one shape: name, types, whether it is a method.
fn common_members(sign1: &ClassSignature, sign2: &ClassSignature) -> Vec<(Name, TypeId, TypeId, bool)> {
    let (meths1, vars1) = (sign1.meths.borrow(), sign1.vars.borrow());
    let meths2 = sign2.meths.borrow();
    let vars2 = sign2.vars.borrow();
    let meths = meths2.iter().filter_map(|(label, m)| Some((*label, meths1.get(label)?.2, m.2, true)));
    let vars = vars2.iter().filter_map(|(label, v)| Some((*label, vars1.get(label)?.2, v.2, false)));
    meths.chain(vars).collect()
}

fn moregen_class(
    check: &mut Moregen<'_>,
    index: usize,
    trace: bool,
    cty1: &ClassType,
    cty2: &ClassType,
) -> Result<(), Vec<ClassMatchFailure>> {
    let (cx, env) = (check.cx, check.env);
    let mismatch = |trace| MoregenError { trace: expand_trace(cx, env, trace) };
    let result = match (cty1, cty2) {
        (ClassType::Constr(_, _, inner), _) => moregen_class(check, index, true, inner, cty2),
        (_, ClassType::Constr(_, _, inner)) => moregen_class(check, index, true, cty1, inner),
        (ClassType::Arrow(l1, t1, rest1), ClassType::Arrow(l2, t2, rest2)) if l1 == l2 => match check.types(*t1, *t2) {
            Err(trace) => Err(vec![ClassMatchFailure::ParameterMismatch(index + 1, env.clone(), mismatch(trace))]),
            Ok(()) => moregen_class(check, index + 1, false, rest1, rest2),
        },
        (ClassType::Signature(sign1), ClassType::Signature(sign2)) => {
            common_members(sign1, sign2).into_iter().try_for_each(|(label, t1, t2, is_method)| {
                check.types(t1, t2).map_err(|trace| {
                    let error = ComparisonError::Moregen(mismatch(trace));
                    vec![if is_method {
                        ClassMatchFailure::MethTypeMismatch(label, env.clone(), error)
                    } else {
                        ClassMatchFailure::ValTypeMismatch(label, env.clone(), error)
                    }]
                })
            })
        }
        _ => Err(Vec::new()),
    };
    result.map_err(|mut errors| {
        if trace || errors.is_empty() {
            errors.insert(0, ClassMatchFailure::ClassTypeMismatch(env.clone(), cty1.clone(), cty2.clone()));
        }
        errors
    })
}

/// Checks that the first class type is more general than the second.
pub fn match_class_types(
    cx: &Context,
    env: &Env,
    trace: bool,
    pat: &ClassType,
    subj: &ClassType,
) -> Vec<ClassMatchFailure> {
    let errors = match_shape(false, btype::signature_of_class_type(pat), btype::signature_of_class_type(subj));
    if !errors.is_empty() {
        let head = ClassMatchFailure::ClassTypeMismatch(env.clone(), pat.clone(), subj.clone());
        return std::iter::once(head).chain(errors).collect();
    }
    with_subject_level(cx, |cx| {
        let (_, subj) = instance_class(cx, &[], subj);
        let subj = Subst::identity().class_type(cx, &subj);
        let (_, pat) = with_level(cx, GENERIC_LEVEL, |cx| instance_class(cx, &[], pat));
        let mut pairs = TypePairs::new();
        let (sign1, sign2) = (btype::signature_of_class_type(&pat), btype::signature_of_class_type(&subj));
        pairs.add(cx, sign1.self_, sign2.self_);
        let mut check = Moregen { cx, env, inst_nongen: true, pairs };
        with_univar_pairs(cx, Vec::new(), || {
            // The rows are as general as each other: the shapes agree.
            let _ = check.types(sign1.self_row.get(), sign2.self_row.get());
            moregen_class(&mut check, 0, trace, &pat, &subj).err().unwrap_or_default()
        })
    })
}

/// Checks that two classes are equal, but for constructor parameters, where the first may be more
/// general.
pub fn match_class_declarations(
    cx: &Context,
    env: &Env,
    params1: &[TypeId],
    cty1: &ClassType,
    params2: &[TypeId],
    cty2: &ClassType,
) -> Vec<ClassMatchFailure> {
    let (sign1, sign2) = (btype::signature_of_class_type(cty1), btype::signature_of_class_type(cty2));
    let errors = match_shape(true, sign1, sign2);
    if !errors.is_empty() {
        return errors;
    }
    if params1.len() != params2.len() {
        return vec![ClassMatchFailure::ParameterArityMismatch(params1.len(), params2.len())];
    }
    let mut check = Equal::new(cx, env, true);
    let compared = comparing(cx, || equal_members(cx, &mut check, (params1, sign1), (params2, sign2)));
    if let Err((place, trace)) = compared {
        // Only now, as what the comparison made of types is undone.
        let error = check.error(trace);
        return vec![match place {
            Place::Parameter(n) => ClassMatchFailure::TypeParameterMismatch(n, env.clone(), error),
            Place::Method(label) => {
                ClassMatchFailure::MethTypeMismatch(label, env.clone(), ComparisonError::Equality(error))
            }
            Place::Variable(label) => {
                ClassMatchFailure::ValTypeMismatch(label, env.clone(), ComparisonError::Equality(error))
            }
        }];
    }
    // Parameters as arrows keep their relation to the types within.
    let with_params = |params: &[TypeId], cty: &ClassType| {
        let label = ArgLabel::Labelled(Name::new("*"));
        let cty = map_class_type(cty, &mut |ty| ty);
        params.iter().rev().fold(cty, |cty, param| ClassType::Arrow(label, *param, Rc::new(cty)))
    };
    match_class_types(cx, env, false, &with_params(params1, cty1), &with_params(params2, cty2))
}

/// Where classes differ.
enum Place {
    Parameter(usize),
    Method(Name),
    Variable(Name),
}

/// Whether parameters and members are equal, the types of self being taken as such.
fn equal_members(
    cx: &Context,
    check: &mut Equal<'_>,
    (params1, sign1): (&[TypeId], &ClassSignature),
    (params2, sign2): (&[TypeId], &ClassSignature),
) -> Result<(), (Place, Trace)> {
    check.pairs.add(cx, sign1.self_, sign2.self_);
    // The rows always agree; comparing them relates their variables.
    let _ = check.types(sign1.self_row.get(), sign2.self_row.get());
    for (i, (p1, p2)) in params1.iter().zip(params2).enumerate() {
        check.types(*p1, *p2).map_err(|trace| (Place::Parameter(i + 1), trace))?;
    }
    for (label, t1, t2, is_method) in common_members(sign1, sign2) {
        let place = if is_method { Place::Method(label) } else { Place::Variable(label) };
        check.types(t1, t2).map_err(|trace| (place, trace))?;
    }
    Ok(())
}
