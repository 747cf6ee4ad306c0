//! Operations on module types that environments need: strengthening and scraping. The rest of
//! upstream's `Mtype` is in `rocaml-typing`.

use crate::Ident;
use crate::btype;
use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::subst::{Scoping, Subst};
use crate::types::*;
use rocaml_base::Name;
use rocaml_syntax::asttypes::PrivateFlag;
use std::rc::Rc;

/// Expands module type names at the head until a signature, functor or abstract name.
pub fn scrape(cx: &Context, env: &Env, mty: &ModuleType) -> ModuleType {
    let mut mty = mty.clone();
    while let ModuleType::Ident(path) = &mty {
        match env.find_modtype_expansion(cx, path) {
            Some(next) => mty = next,
            None => break,
        }
    }
    mty
}

/// A copy with fresh idents.
pub fn freshen(cx: &Context, scope: i32, mty: &ModuleType) -> ModuleType {
    Subst::identity().modtype(cx, Scoping::Rescope(scope), mty)
}

/// Makes abstract components equal to those of `path`. If `aliasable`, modules within become
/// aliases.
pub fn strengthen(cx: &Context, env: &Env, aliasable: bool, mty: &ModuleType, path: &Path) -> ModuleType {
    let apply = |param: Ident| Path::Apply(Rc::new(path.clone()), Rc::new(Path::Ident(param)));
    match scrape(cx, env, mty) {
        ModuleType::Signature(sg) => ModuleType::Signature(Rc::new(strengthen_sig(cx, env, aliasable, &sg, path))),
        ModuleType::Functor(FunctorParameter::Named(param, arg), res) if cx.options.applicative_functors => {
            let (id, env) = match param {
                Some(id) => (id, env.add_module(cx, false, id, ModulePresence::Present, &arg)),
                None => (Ident::create_scoped(path.scope(), Name::new("Arg")), env.clone()),
            };
            let res = strengthen(cx, &env, false, &res, &apply(id));
            ModuleType::Functor(FunctorParameter::Named(Some(id), arg), Rc::new(res))
        }
        other => other,
    }
}

pub fn strengthen_sig(cx: &Context, env: &Env, aliasable: bool, sg: &[SignatureItem], path: &Path) -> Signature {
    let mut env = env.clone();
    let mut result = Vec::with_capacity(sg.len());
    for item in sg {
        let component = path.dot(item.ident().name());
        match item {
            SignatureItem::Type(id, decl, ..)
                if btype::type_kind_is_abstract(decl) && btype::is_row_name(&id.name()) => {}
            SignatureItem::Type(id, decl, rec, vis) => {
                result.push(SignatureItem::Type(*id, strengthen_type(cx, decl, component), *rec, *vis));
            }
            SignatureItem::Module(id, presence, decl, rec, vis) => {
                let strong = strengthen_decl(cx, &env, aliasable, decl, &component);
                // Later items may use module types that it defines.
                env = env.add_module_declaration(cx, false, false, *id, *presence, decl.clone());
                result.push(SignatureItem::Module(*id, *presence, Rc::new(strong), *rec, *vis));
            }
            SignatureItem::Modtype(id, decl, vis) => {
                // Recursive modules are compared without: manifests must stay then.
                let strong = if decl.type_.is_some() && !aliasable {
                    decl.clone()
                } else {
                    Rc::new(ModtypeDeclaration { type_: Some(ModuleType::Ident(component)), ..(**decl).clone() })
                };
                env = env.add_modtype(cx, *id, decl.clone());
                result.push(SignatureItem::Modtype(*id, strong, *vis));
            }
            SignatureItem::Value(..)
            | SignatureItem::Typext(..)
            | SignatureItem::Class(..)
            | SignatureItem::ClassType(..) => {
                result.push(item.clone());
            }
        }
    }
    result
}

fn strengthen_type(cx: &Context, decl: &Rc<TypeDeclaration>, path: Path) -> Rc<TypeDeclaration> {
    let is_data = matches!(decl.kind, TypeKind::Record(..) | TypeKind::Variant(..));
    if decl.manifest.is_some() && (decl.private == PrivateFlag::Public || is_data) {
        return decl.clone();
    }
    let manifest = btype::newgenty(cx, TypeDesc::Constr(path, decl.params.clone().into(), cx.new_memo()));
    let private = if btype::type_kind_is_abstract(decl) { PrivateFlag::Public } else { decl.private };
    Rc::new(TypeDeclaration { private, manifest: Some(manifest), ..(**decl).clone() })
}

pub fn strengthen_decl(
    cx: &Context,
    env: &Env,
    aliasable: bool,
    md: &ModuleDeclaration,
    path: &Path,
) -> ModuleDeclaration {
    let type_ = match &md.type_ {
        ModuleType::Alias(_) => return md.clone(),
        _ if aliasable => ModuleType::Alias(path.clone()),
        mty => strengthen(cx, env, false, mty, path),
    };
    ModuleDeclaration { type_, ..md.clone() }
}
