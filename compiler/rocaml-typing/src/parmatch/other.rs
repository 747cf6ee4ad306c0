//! Patterns for what a column does not cover, and for what a type consists of.

use std::collections::HashSet;
use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::{ClosedFlag, Constant};
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, TypedeclExtraction};
use rocaml_types::env::{Env, TypeDescriptions};
use rocaml_types::{ConstructorDescription, ConstructorTag, Ident, Path, RowField, TypeDesc, TypeId, TypeKind};

use super::SOME_PRIVATE_TAG;
use super::matrix::{PatRow, type_row};
use super::pat::{Desc, Head, HeadDesc, Pat, PatRef, float_value, omega, omegas};
use crate::rows;

/// A pattern for values that no constructor of the program makes.
pub fn extra_pat(cx: &Context, name: &str) -> PatRef {
    Pat::make(Desc::Var(Ident::create_local(Name::new(name))), cx.none(), Env::default())
}

/// The name of the variable that stands for further extension constructors.
pub const EXTENSION: &str = "*extension*";

/// The type constructor of a pattern's type.
pub fn get_constructor_type_path(cx: &Context, ty: TypeId, env: &Env) -> Path {
    // A clean copy, since expansion may have been memorised under other equations.
    let ty = if cx.level(ty) == rocaml_types::store::GENERIC_LEVEL {
        ty
    } else {
        rocaml_types::subst::Subst::identity().type_expr(cx, ty)
    };
    match cx.desc(ctype::expand_head(cx, env, ty)) {
        TypeDesc::Constr(path, ..) => path,
        other => unreachable!("a constructor of type {other:?}"),
    }
}

fn pat_of_constr(cx: &Context, like: &Pat, constr: &Rc<ConstructorDescription>) -> PatRef {
    like.with_desc(Desc::Construct(constr.clone(), omegas(cx, constr.arity)))
}

/// `p1 | (p2 | …)`
pub fn orify_many(mut pats: Vec<PatRef>) -> PatRef {
    let mut result = pats.pop().expect("there is at least one alternative");
    while let Some(pat) = pats.pop() {
        result = Pat::make(Desc::Or(pat.clone(), result), pat.type_, pat.env.clone());
    }
    result
}

/// The constructors of a variant type.
fn type_constructors(cx: &Context, env: &Env, path: &Path) -> Rc<[Rc<ConstructorDescription>]> {
    match env.find_type_descrs(cx, path) {
        Some(TypeDescriptions::Variant(constructors, _)) => constructors,
        _ => Rc::from([]),
    }
}

/// The patterns that a value of this type must match one of; `_` when that would not help.
pub fn pats_of_type(cx: &Context, env: &Env, ty: TypeId) -> Vec<PatRef> {
    match ctype::extract_concrete_typedecl(cx, env, ty) {
        TypedeclExtraction::Typedecl(_, path, decl) => match &decl.kind {
            TypeKind::Variant(..) => {
                let constrs = type_constructors(cx, env, &path);
                if constrs.len() <= 1 || constrs.iter().all(|c| c.generalized) {
                    let like = Pat::make(Desc::Any, ty, env.clone());
                    return constrs.iter().map(|c| pat_of_constr(cx, &like, c)).collect();
                }
                vec![omega(cx)]
            }
            TypeKind::Record(..) => {
                let labels = match env.find_type_descrs(cx, &path) {
                    Some(TypeDescriptions::Record(labels, _)) => labels,
                    _ => return vec![omega(cx)],
                };
                let fields = labels.iter().map(|label| (label.clone(), omega(cx))).collect();
                vec![Pat::make(Desc::Record(fields, ClosedFlag::Closed), ty, env.clone())]
            }
            TypeKind::Abstract(_) | TypeKind::Open => vec![omega(cx)],
        },
        TypedeclExtraction::HasNoTypedecl => match cx.desc(ctype::expand_head(cx, env, ty)) {
            TypeDesc::Tuple(parts) => {
                let parts = parts.iter().map(|(label, _)| (*label, omega(cx))).collect();
                vec![Pat::make(Desc::Tuple(parts), ty, env.clone())]
            }
            _ => vec![omega(cx)],
        },
        TypedeclExtraction::MayHaveTypedecl => vec![omega(cx)],
    }
}

/// The constructors of the type of one that are not among those used, constant ones first.
pub fn complete_constrs(
    cx: &Context,
    env: &Env,
    constr: &ConstructorDescription,
    used: impl Iterator<Item = Name>,
) -> Vec<Rc<ConstructorDescription>> {
    let used: HashSet<Name> = used.collect();
    let all = match ctype::extract_concrete_typedecl(cx, env, constr.res) {
        TypedeclExtraction::Typedecl(_, path, _) => type_constructors(cx, env, &path),
        _ => unreachable!("a constructor has a declaration"),
    };
    let others = all.iter().filter(|c| !used.contains(&c.name)).cloned();
    let (mut others, nonconstant): (Vec<_>, Vec<_>) = others.partition(|c| c.arity == 0);
    others.extend(nonconstant);
    others
}

/// The constructors of the type that do not occur in `constrs`, constant ones first.
pub fn build_other_constrs(cx: &Context, constrs: &[(Head, Vec<PatRow>)], head: &Head) -> PatRef {
    let HeadDesc::Construct(constr) = &head.desc else { return extra_pat(cx, "+") };
    if matches!(constr.tag, ConstructorTag::Extension(..)) {
        return extra_pat(cx, "+");
    }
    let used = constrs.iter().filter_map(|(head, _)| match &head.desc {
        HeadDesc::Construct(c) => Some(c.name),
        _ => None,
    });
    let others = complete_constrs(cx, &head.env, constr, used);
    let like = head.to_omega_pattern(cx);
    orify_many(others.iter().map(|c| pat_of_constr(cx, &like, c)).collect())
}

fn first_unused<T: Copy + PartialEq>(used: &[T], first: T, next: impl Fn(T) -> T) -> T {
    let mut candidate = first;
    while used.contains(&candidate) {
        candidate = next(candidate);
    }
    candidate
}

/// A pattern that is incompatible with the heads of `constrs`; `ext` is a type taken as extended.
pub fn build_other(cx: &Context, ext: Option<&Path>, constrs: &[(Head, Vec<PatRow>)]) -> PatRef {
    let Some((head, _)) = constrs.first() else { return omega(cx) };
    let make = |desc| Pat::make(desc, head.type_, head.env.clone());
    let heads = || constrs.iter().map(|(head, _)| &head.desc);
    match &head.desc {
        HeadDesc::Construct(c) if matches!(c.tag, ConstructorTag::Extension(..)) => extra_pat(cx, EXTENSION),
        HeadDesc::Construct(_) => match ext {
            Some(ext) if *ext == get_constructor_type_path(cx, head.type_, &head.env) => extra_pat(cx, "+"),
            _ => build_other_constrs(cx, constrs, head),
        },
        HeadDesc::Variant { row, .. } => other_tags(cx, head, *row, constrs),
        HeadDesc::Constant(constant) => {
            let constants = heads().filter_map(|head| match head {
                HeadDesc::Constant(c) => Some(c),
                _ => None,
            });
            match other_constant(constant, &constants.collect::<Vec<_>>()) {
                Some(constant) => make(Desc::Constant(constant)),
                None => omega(cx),
            }
        }
        HeadDesc::Array(mutable, _) => {
            let lengths: Vec<usize> = heads()
                .filter_map(|head| match head {
                    HeadDesc::Array(_, n) => Some(*n),
                    _ => None,
                })
                .collect();
            let length = first_unused(&lengths, 0, |n| n + 1);
            make(Desc::Array(*mutable, omegas(cx, length)))
        }
        HeadDesc::Any | HeadDesc::Tuple(_) | HeadDesc::Record(_) | HeadDesc::Lazy => omega(cx),
    }
}

fn other_tags(cx: &Context, head: &Head, matched_row: TypeId, constrs: &[(Head, Vec<PatRow>)]) -> PatRef {
    let tags: Vec<Name> = constrs
        .iter()
        .filter_map(|(head, _)| match head.desc {
            HeadDesc::Variant { tag, .. } => Some(tag),
            _ => None,
        })
        .collect();
    let make = |desc| Pat::make(desc, head.type_, head.env.clone());
    let other = |tag: Name, constant: bool| make(Desc::Variant(tag, (!constant).then(|| omega(cx)), matched_row));
    let row = type_row(cx, head);
    let mut others = Vec::new();
    for (tag, field) in rows::fields(cx, &row).iter() {
        if !tags.contains(tag) {
            match cx.row_field(field) {
                RowField::Absent => {}
                RowField::Either { no_arg, .. } => others.push(other(*tag, no_arg)),
                RowField::Present(arg) => others.push(other(*tag, arg.is_none())),
            }
        }
    }
    // The alternatives come last tag first, and are joined from that end.
    let result = others.iter().rev().cloned().reduce(|joined, pat| make(Desc::Or(pat, joined)));
    result.unwrap_or_else(|| {
        if rows::has_fixed_explanation(cx, &row) {
            return other(Name::new(SOME_PRIVATE_TAG), true);
        }
        let mut tag = String::from("AnyOtherTag");
        while tags.iter().any(|t| **t == *tag) {
            tag.push('\'');
        }
        other(Name::new(&tag), true)
    })
}

fn other_constant(like: &Constant, used: &[&Constant]) -> Option<Constant> {
    let integers = || {
        used.iter()
            .map(|c| match c {
                Constant::Int(n) | Constant::Int64(n) | Constant::Nativeint(n) => *n,
                Constant::Int32(n) => i64::from(*n),
                _ => -1,
            })
            .collect::<Vec<i64>>()
    };
    let integer = || first_unused(&integers(), 0, |n| n + 1);
    Some(match like {
        Constant::Char(_) => {
            let ranges = [(b'a', b'z'), (b'A', b'Z'), (b'0', b'9'), (b' ', b'~'), (0, 255)];
            let free = |c: &u8| !used.iter().any(|k| matches!(k, Constant::Char(d) if d == c));
            Constant::Char(ranges.into_iter().find_map(|(from, to)| (from..=to).find(free))?)
        }
        Constant::Int(_) => Constant::Int(integer()),
        Constant::Int32(_) => Constant::Int32(integer() as i32),
        Constant::Int64(_) => Constant::Int64(integer()),
        Constant::Nativeint(_) => Constant::Nativeint(integer()),
        Constant::String(..) => {
            let lengths: Vec<usize> = used
                .iter()
                .map(|c| match c {
                    Constant::String(s, ..) => s.len(),
                    _ => 0,
                })
                .collect();
            let length = first_unused(&lengths, 0, |n| n + 1);
            Constant::String(vec![b'*'; length].into(), Location::none(), None)
        }
        Constant::Float(_) => {
            let values: Vec<f64> = used
                .iter()
                .filter_map(|c| match c {
                    Constant::Float(f) => float_value(f),
                    _ => None,
                })
                .collect();
            Constant::Float(Name::new(&format!("{}.", first_unused(&values, 0.0, |f| f + 1.0))))
        }
    })
}

/// Whether the heads belong to the type that is taken as extended.
pub fn should_extend(cx: &Context, ext: Option<&Path>, constrs: &[(Head, Vec<PatRow>)]) -> bool {
    let (Some(ext), Some((head, _))) = (ext, constrs.first()) else { return false };
    match &head.desc {
        HeadDesc::Construct(c) if !matches!(c.tag, ConstructorTag::Extension(..)) => {
            *ext == get_constructor_type_path(cx, head.type_, &head.env)
        }
        _ => false,
    }
}
