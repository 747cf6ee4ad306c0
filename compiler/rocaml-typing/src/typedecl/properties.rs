//! Properties of declarations that depend on each other, by iteration to a fixpoint: upstream's
//! `Typedecl_properties` and `Typedecl_immediacy`.

use super::{Decls, Error, add_types_to_env, fail, get_unboxed_type_representation, unboxed_content};
use crate::attributes;
use crate::error::Result;
use rocaml_syntax::ast::Attributes;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::*;
use std::rc::Rc;

/// Iterates `compute` from `start` until nothing changes, with each round's declarations in the
/// environment; `merge` combines the old with the new.
pub fn fixpoint<P: Clone + PartialEq>(
    cx: &Context,
    env: &Env,
    decls: &Decls,
    start: impl Fn(&TypeDeclaration) -> P,
    update: impl Fn(&TypeDeclaration, P) -> TypeDeclaration,
    mut compute: impl FnMut(&Env, usize, &TypeDeclaration) -> Result<P>,
    merge: impl Fn(&P, P) -> P,
) -> Result<(Decls, Env)> {
    let mut props: Vec<P> = decls.iter().map(|(_, decl)| start(decl)).collect();
    loop {
        let new_decls: Decls =
            decls.iter().zip(&props).map(|((id, decl), prop)| (*id, Rc::new(update(decl, prop.clone())))).collect();
        let new_env = add_types_to_env(cx, &new_decls, env);
        let mut new_props = Vec::new();
        for (index, ((_, decl), prop)) in new_decls.iter().zip(&props).enumerate() {
            new_props.push(merge(prop, compute(&new_env, index, decl)?));
        }
        if new_props == props {
            return Ok((new_decls, new_env));
        }
        props = new_props;
    }
}

/// What `[@@immediate]` and `[@@immediate64]` say.
pub fn immediacy_of_attributes(attributes: &Attributes) -> Immediacy {
    if attributes::has(attributes, "immediate") {
        Immediacy::Always
    } else if attributes::has(attributes, "immediate64") {
        Immediacy::AlwaysOn64Bits
    } else {
        Immediacy::Unknown
    }
}

/// Whether values of the declared type are immediate.
pub fn compute_immediacy(cx: &Context, env: &Env, decl: &TypeDeclaration) -> Immediacy {
    if let Some(content) = unboxed_content(&decl.kind) {
        return get_unboxed_type_representation(cx, env, content)
            .map_or(Immediacy::Unknown, |ty| ctype::immediacy(cx, env, ty));
    }
    match (&decl.kind, decl.manifest) {
        (TypeKind::Variant(constructors, _), _) => {
            let constant =
                |c: &ConstructorDeclaration| matches!(&c.args, ConstructorArguments::Tuple(args) if args.is_empty());
            if constructors.iter().all(constant) { Immediacy::Always } else { Immediacy::Unknown }
        }
        (TypeKind::Abstract(_), Some(ty)) => ctype::immediacy(cx, env, ty),
        (TypeKind::Abstract(_), None) => immediacy_of_attributes(&decl.attributes),
        _ => Immediacy::Unknown,
    }
}

/// Computes the immediacy of a group and checks what attributes claim.
pub fn update_immediacy(cx: &Context, env: &Env, decls: Decls) -> Result<Decls> {
    let update = |decl: &TypeDeclaration, immediate| TypeDeclaration { immediate, ..decl.clone() };
    let (decls, _) = fixpoint(
        cx,
        env,
        &decls,
        |_| Immediacy::Unknown,
        update,
        |env, _, decl| Ok(compute_immediacy(cx, env, decl)),
        |_, new| new,
    )?;
    for (_, decl) in &decls {
        let claimed = immediacy_of_attributes(&decl.attributes);
        let kept = match (claimed, decl.immediate) {
            (Immediacy::Unknown, _) | (_, Immediacy::Always) => true,
            (Immediacy::AlwaysOn64Bits, Immediacy::AlwaysOn64Bits) => true,
            _ => false,
        };
        if !kept {
            return fail(decl.loc, Error::BadImmediacyAttribute(claimed));
        }
    }
    Ok(decls)
}
