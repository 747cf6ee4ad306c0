//! Separability of type parameters: upstream's `Typedecl_separability`.
//!
//! Arrays of floats are flat, so every type must have either only values that are floats or none:
//! it must be *separable*. Data types that are allocated are separable whatever they hold; an
//! unboxed type is what it holds, and a parameter hidden in it by an existential could be
//! anything. Each declaration gets a mode for each parameter, what an instance must satisfy for
//! the whole to be separable: nothing (`Ind`), separable (`Sep`), or separable in all its parts,
//! which constraints could take out of it (`Deepsep`).

use super::properties::fixpoint;
use super::{Decls, Error, fail};
use crate::error::Result;
use rocaml_base::{Location, Name};
use rocaml_types::Separability::{Deepsep, Ind, Sep};
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::datarepr;
use rocaml_types::env::Env;
use rocaml_types::*;
use std::collections::BTreeMap;

/// The modes that variables must have, by their node.
type Modes = BTreeMap<TypeId, (Option<Name>, Separability)>;

fn require(modes: &mut Modes, variable: TypeId, name: Option<Name>, mode: Separability) {
    let entry = modes.entry(variable).or_insert((name, mode));
    entry.1 = entry.1.max(mode);
}

/// The mode that a part must have where the whole must have `outer` and asks for `inner`.
fn compose(outer: Separability, inner: Separability) -> Separability {
    match outer {
        Deepsep => Deepsep,
        Sep => inner,
        Ind => Ind,
    }
}

/// Questions being answered above the present one: types can be cyclic. Under a constructor that
/// is separable by itself they may be taken as answered (`safe`); before that, to meet one again
/// tells nothing (`guarding`), and under a parameter that a constraint may take apart it never
/// will (`poison`).
#[derive(Clone, Default)]
struct Hypotheses {
    safe: Vec<(TypeId, Separability)>,
    guarding: Vec<(TypeId, Separability)>,
    poison: Vec<(TypeId, Separability)>,
}

impl Hypotheses {
    fn guarded(mut self) -> Self {
        self.safe.append(&mut self.guarding);
        self
    }
    fn poisoned(mut self) -> Self {
        self.poison.append(&mut self.guarding);
        self
    }
    fn is_safe(&self, question: (TypeId, Separability)) -> bool {
        self.safe.iter().any(|(ty, mode)| *ty == question.0 && *mode >= question.1)
    }
    fn is_circular(&self, question: (TypeId, Separability)) -> bool {
        self.guarding.contains(&question) || self.poison.contains(&question)
    }
}

/// The largest parts that a constraint could take out of a type.
fn immediate_parts(cx: &Context, ty: TypeId) -> Vec<TypeId> {
    let mut parts = Vec::new();
    match cx.desc(ty) {
        TypeDesc::Object(fields, name) => {
            if let Some((_, args)) = cx.object_name(name) {
                parts.extend(args.iter());
            }
            object_parts(cx, fields, &mut parts);
        }
        TypeDesc::Field(..) | TypeDesc::Nil => object_parts(cx, ty, &mut parts),
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            for (_, field) in row.fields.iter() {
                match cx.row_field(field) {
                    RowField::Present(Some(ty)) => parts.push(ty),
                    RowField::Either { arg_type, .. } => parts.extend(arg_type.iter()),
                    RowField::Present(None) | RowField::Absent => {}
                }
            }
            parts.push(row.more);
        }
        _ => btype::iter_type_expr(cx, ty, &mut |part| parts.push(part)),
    }
    parts
}

fn object_parts(cx: &Context, fields: TypeId, parts: &mut Vec<TypeId>) {
    let mut rest = fields;
    loop {
        match cx.desc(rest) {
            TypeDesc::Nil => return,
            TypeDesc::Field(_, _, ty, next) => {
                parts.push(ty);
                rest = next;
            }
            _ => return parts.push(rest),
        }
    }
}

/// Adds what variables must satisfy for `ty` to have the mode.
fn check_type(cx: &Context, env: &Env, hyps: &Hypotheses, ty: TypeId, mode: Separability, modes: &mut Modes) {
    let ty = cx.repr(ty);
    if mode == Ind || hyps.is_safe((ty, mode)) {
        return;
    }
    if hyps.is_circular((ty, mode)) {
        for variable in ctype::free_variables(cx, None, ty) {
            require(modes, cx.repr(variable), variable_name(cx, variable), Deepsep);
        }
        return;
    }
    let mut hyps = hyps.clone();
    hyps.guarding.push((ty, mode));
    match cx.desc(ty) {
        TypeDesc::Var(name) => require(modes, ty, name, mode),
        TypeDesc::Univar(_) => {}
        TypeDesc::Poly(body, _) => check_type(cx, env, &hyps, body, mode, modes),
        TypeDesc::Constr(path, args, _) => {
            let Some(decl) = env.find_type(cx, &path) else { return };
            for (arg, wanted) in args.iter().zip(&decl.separability) {
                let hyps = match wanted {
                    Ind => hyps.clone().guarded(),
                    Sep => hyps.clone(),
                    Deepsep => hyps.clone().poisoned(),
                };
                check_type(cx, env, &hyps, *arg, compose(mode, *wanted), modes);
            }
        }
        _ if mode == Sep => {}
        _ => {
            let hyps = hyps.guarded();
            immediate_parts(cx, ty).into_iter().for_each(|part| check_type(cx, env, &hyps, part, Deepsep, modes));
        }
    }
}

fn variable_name(cx: &Context, variable: TypeId) -> Option<Name> {
    match cx.desc(variable) {
        TypeDesc::Var(name) => name,
        _ => None,
    }
}

/// The modes of parameters that stand for `instances` in a definition that asks for `modes`.
/// Equations are read from left to right: of two parameters that are equal the first one bears
/// the mode. What no parameter determines is existential and must need nothing.
fn signature_of(cx: &Context, loc: Location, instances: &[TypeId], mut modes: Modes) -> Result<Vec<Separability>> {
    let mut signature = Vec::new();
    for instance in instances {
        let instance = cx.repr(*instance);
        if btype::is_tvar(cx, instance) {
            signature.push(modes.remove(&instance).map_or(Ind, |(_, mode)| mode));
            continue;
        }
        let variables = ctype::free_variables(cx, None, instance);
        let needed = variables.iter().any(|var| modes.get(&cx.repr(*var)).is_some_and(|(_, mode)| *mode != Ind));
        signature.push(if needed { Deepsep } else { Ind });
        for variable in variables {
            modes.remove(&cx.repr(variable));
        }
    }
    match modes.into_values().find(|(_, mode)| *mode != Ind) {
        Some((name, _)) => fail(loc, Error::NonSeparableExistential(name)),
        None => Ok(signature),
    }
}

/// What an unboxed type holds, and what its parameters are there.
fn unboxed_argument(cx: &Context, decl: &TypeDeclaration) -> Option<(TypeId, Vec<TypeId>)> {
    let content = super::unboxed_content(&decl.kind)?;
    let instances = match &decl.kind {
        TypeKind::Variant(constructors, _) => match constructors.first().and_then(|c| c.res).map(|res| cx.desc(res)) {
            Some(TypeDesc::Constr(_, args, _)) => args.to_vec(),
            _ => decl.params.clone(),
        },
        _ => decl.params.clone(),
    };
    Some((content, instances))
}

fn check_declaration(cx: &Context, env: &Env, decl: &TypeDeclaration) -> Result<Vec<Separability>> {
    let (content, instances) = match (&decl.kind, decl.manifest) {
        (TypeKind::Abstract(_), None) => {
            let mode = if decl.immediate == Immediacy::Unknown { Deepsep } else { Ind };
            return Ok(vec![mode; decl.params.len()]);
        }
        (TypeKind::Abstract(_), Some(manifest)) => (manifest, decl.params.clone()),
        _ => match unboxed_argument(cx, decl) {
            Some(found) => found,
            None => return Ok(vec![Ind; decl.params.len()]),
        },
    };
    let mut modes = Modes::new();
    check_type(cx, env, &Hypotheses::default(), content, Sep, &mut modes);
    signature_of(cx, decl.loc, &instances, modes)
}

/// The separability of one declaration. Without flat float arrays nothing is refused, but the
/// interfaces stay the same.
pub fn compute_decl(cx: &Context, env: &Env, decl: &TypeDeclaration) -> Result<Vec<Separability>> {
    let signature = check_declaration(cx, env, decl);
    if cx.options.flat_float_array { signature } else { Ok(signature.unwrap_or(vec![Ind; decl.params.len()])) }
}

/// Computes the separability of a group.
pub fn update_decls(cx: &Context, env: &Env, decls: Decls) -> Result<Decls> {
    // Without parameters there is nothing to know, except of unboxed types with existentials.
    let plain = |decl: &TypeDeclaration| decl.params.is_empty() && super::unboxed_content(&decl.kind).is_none();
    if decls.iter().all(|(_, decl)| plain(decl)) {
        // The round that is saved would have bound the types once more.
        for (_, decl) in &decls {
            datarepr::reserve_uids_of_type(cx, decl);
        }
        let without = |decl: &TypeDeclaration| TypeDeclaration { separability: Vec::new(), ..decl.clone() };
        return Ok(decls.into_iter().map(|(id, decl)| (id, std::rc::Rc::new(without(&decl)))).collect());
    }
    let update =
        |decl: &TypeDeclaration, separability: Vec<Separability>| TypeDeclaration { separability, ..decl.clone() };
    let (decls, _) = fixpoint(
        cx,
        env,
        &decls,
        |decl| vec![Ind; decl.params.len()],
        update,
        |env, _, decl| compute_decl(cx, env, decl),
        |_, new| new,
    )?;
    Ok(decls)
}
