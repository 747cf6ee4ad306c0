//! Operations on module types: the part of upstream's `Mtype` that only the module checker needs.
//! Strengthening is in `rocaml_types::mtype`.

use rocaml_types::btype::{self, TypeSet};
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, NondepCannotErase};
use rocaml_types::env::Env;
use rocaml_types::mtype::{scrape, strengthen};
use rocaml_types::store::{GENERIC_LEVEL, Level};
use rocaml_types::*;
use std::rc::Rc;

use crate::remove_aliases;

/// The module type of an item of a signature.
pub(crate) fn with_type(md: &ModuleDeclaration, type_: ModuleType) -> Rc<ModuleDeclaration> {
    Rc::new(ModuleDeclaration { type_, ..md.clone() })
}

// ---------------------------------------------------------------------------------------------
// `module type of`

fn make_aliases_absent(presence: ModulePresence, mty: ModuleType) -> (ModulePresence, ModuleType) {
    match mty {
        ModuleType::Alias(_) => (ModulePresence::Absent, mty),
        ModuleType::Signature(sg) => {
            let items = sg.iter().map(|item| match item {
                SignatureItem::Module(id, presence, md, rs, visibility) => {
                    let (presence, type_) = make_aliases_absent(*presence, md.type_.clone());
                    SignatureItem::Module(*id, presence, with_type(md, type_), *rs, *visibility)
                }
                other => other.clone(),
            });
            (presence, ModuleType::Signature(Rc::new(items.collect())))
        }
        ModuleType::Functor(param, result) => {
            let (_, result) = make_aliases_absent(ModulePresence::Present, (*result).clone());
            (presence, ModuleType::Functor(param, Rc::new(result)))
        }
        ModuleType::Ident(_) => (presence, mty),
    }
}

/// What `module type of` gives for a module of type `mty`. With `remove_aliases`, as
/// `[@remove_aliases]` asks, submodules that are aliases become copies.
pub fn scrape_for_type_of(cx: &Context, env: &Env, remove_aliases: bool, mty: &ModuleType) -> ModuleType {
    if remove_aliases {
        return remove_aliases::for_type_of(cx, env, mty);
    }
    let (mut current, mut path) = (mty.clone(), None);
    while let ModuleType::Alias(next) = &current {
        match env.find_module(cx, next) {
            Some(md) => {
                path = Some(next.clone());
                current = md.type_.clone();
            }
            None => break,
        }
    }
    let strengthened = match &path {
        Some(path) => strengthen(cx, env, false, &current, path),
        None => current,
    };
    make_aliases_absent(ModulePresence::Present, strengthened).1
}

// ---------------------------------------------------------------------------------------------
// Types without given idents

#[derive(Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Co,
    Contra,
    Strict,
}

impl Polarity {
    fn negate(self) -> Polarity {
        match self {
            Polarity::Co => Polarity::Contra,
            Polarity::Contra => Polarity::Co,
            Polarity::Strict => Polarity::Strict,
        }
    }
}

type Nondep<T> = Result<T, NondepCannotErase>;

fn free_ident(ids: &[Ident], path: &Path) -> Option<Ident> {
    match path {
        Path::Ident(id) => ids.contains(id).then_some(*id),
        Path::Dot(p, _) | Path::ExtraTy(p, _) => free_ident(ids, p),
        Path::Apply(p, q) => free_ident(ids, p).or_else(|| free_ident(ids, q)),
    }
}

/// The smallest supertype of `mty` that does not mention the idents.
pub fn nondep_supertype(cx: &Context, env: &Env, ids: &[Ident], mty: &ModuleType) -> Nondep<ModuleType> {
    Ok(nondep_mty(cx, env, Polarity::Co, ids, ModulePresence::Present, mty)?.1)
}

/// The same for an item.
pub fn nondep_sig_item(cx: &Context, env: &Env, ids: &[Ident], item: &SignatureItem) -> Nondep<SignatureItem> {
    nondep_item(cx, env, Polarity::Co, ids, item)
}

fn nondep_mty(
    cx: &Context,
    env: &Env,
    polarity: Polarity,
    ids: &[Ident],
    presence: ModulePresence,
    mty: &ModuleType,
) -> Nondep<(ModulePresence, ModuleType)> {
    match mty {
        ModuleType::Ident(path) => match free_ident(ids, path) {
            None => Ok((presence, mty.clone())),
            Some(id) => {
                let expansion = env.find_modtype_expansion(cx, path).ok_or(NondepCannotErase(id))?;
                nondep_mty(cx, env, polarity, ids, presence, &expansion)
            }
        },
        ModuleType::Alias(path) => match free_ident(ids, path) {
            None => Ok((presence, mty.clone())),
            Some(id) => {
                let expansion = env.find_module(cx, path).ok_or(NondepCannotErase(id))?;
                nondep_mty(cx, env, polarity, ids, ModulePresence::Present, &expansion.type_)
            }
        },
        ModuleType::Signature(sg) => {
            let scope = ctype::create_scope(cx);
            let (sg, env) = env.enter_signature(cx, scope, sg);
            let items = sg.iter().map(|item| nondep_item(cx, &env, polarity, ids, item)).collect::<Nondep<Vec<_>>>()?;
            Ok((presence, ModuleType::Signature(Rc::new(items))))
        }
        ModuleType::Functor(FunctorParameter::Unit, result) => {
            let (_, result) = nondep_mty(cx, env, polarity, ids, ModulePresence::Present, result)?;
            Ok((presence, ModuleType::Functor(FunctorParameter::Unit, Rc::new(result))))
        }
        ModuleType::Functor(FunctorParameter::Named(param, arg), result) => {
            let inner_env = match param {
                Some(id) => env.add_module(cx, true, *id, ModulePresence::Present, arg),
                None => env.clone(),
            };
            let (_, arg) = nondep_mty(cx, env, polarity.negate(), ids, ModulePresence::Present, arg)?;
            let (_, result) = nondep_mty(cx, &inner_env, polarity, ids, ModulePresence::Present, result)?;
            Ok((presence, ModuleType::Functor(FunctorParameter::Named(*param, Rc::new(arg)), Rc::new(result))))
        }
    }
}

fn nondep_item(
    cx: &Context,
    env: &Env,
    polarity: Polarity,
    ids: &[Ident],
    item: &SignatureItem,
) -> Nondep<SignatureItem> {
    Ok(match item {
        SignatureItem::Value(id, d, visibility) => {
            let type_ = ctype::nondep_type(cx, env, ids, d.type_)?;
            SignatureItem::Value(*id, Rc::new(ValueDescription { type_, ..(**d).clone() }), *visibility)
        }
        SignatureItem::Type(id, d, rs, visibility) => {
            let d = ctype::nondep_type_decl(cx, env, ids, polarity == Polarity::Co, d)?;
            SignatureItem::Type(*id, Rc::new(d), *rs, *visibility)
        }
        SignatureItem::Typext(id, ext, es, visibility) => SignatureItem::Typext(
            *id,
            Rc::new(ctype::nondep_extension_constructor(cx, env, ids, ext)?),
            *es,
            *visibility,
        ),
        SignatureItem::Module(id, presence, md, rs, visibility) => {
            let (presence, type_) = nondep_mty(cx, env, polarity, ids, *presence, &md.type_)?;
            SignatureItem::Module(*id, presence, with_type(md, type_), *rs, *visibility)
        }
        SignatureItem::Modtype(id, d, visibility) => {
            let type_ = match &d.type_ {
                None => None,
                Some(mty) => Some(nondep_mty(cx, env, Polarity::Strict, ids, ModulePresence::Present, mty)?.1),
            };
            SignatureItem::Modtype(*id, Rc::new(ModtypeDeclaration { type_, ..(**d).clone() }), *visibility)
        }
        SignatureItem::Class(id, d, rs, visibility) => {
            SignatureItem::Class(*id, Rc::new(ctype::nondep_class_declaration(cx, env, ids, d)?), *rs, *visibility)
        }
        SignatureItem::ClassType(id, d, rs, visibility) => {
            SignatureItem::ClassType(*id, Rc::new(ctype::nondep_cltype_declaration(cx, env, ids, d)?), *rs, *visibility)
        }
    })
}

// ---------------------------------------------------------------------------------------------
// Packages and recursive modules

/// Adds to abstract types of `mty`, the type of a recursive module, that they equal those of `path`.
pub fn enrich_modtype(cx: &Context, env: &Env, path: &Path, mty: &ModuleType) -> ModuleType {
    let ModuleType::Signature(sg) = mty else { return mty.clone() };
    let items = sg.iter().map(|item| match item {
        SignatureItem::Type(id, decl, rs, visibility) => {
            let decl = enrich_typedecl(cx, env, &path.dot(id.name()), *id, decl);
            SignatureItem::Type(*id, decl, *rs, *visibility)
        }
        SignatureItem::Module(id, presence, md, rs, visibility) => {
            let type_ = enrich_modtype(cx, env, &path.dot(id.name()), &md.type_);
            SignatureItem::Module(*id, *presence, with_type(md, type_), *rs, *visibility)
        }
        other => other.clone(),
    });
    ModuleType::Signature(Rc::new(items.collect()))
}

/// Adds to an abstract type that it equals the type at `path`.
pub fn enrich_typedecl(
    cx: &Context,
    env: &Env,
    path: &Path,
    id: Ident,
    decl: &Rc<TypeDeclaration>,
) -> Rc<TypeDeclaration> {
    if decl.manifest.is_some() {
        return decl.clone();
    }
    let Some(original) = env.find_type(cx, path).filter(|original| original.arity == decl.arity) else {
        return decl.clone();
    };
    let constr = |path: &Path, params: &[TypeId]| {
        let memo = cx.new_memo();
        btype::newgenty(cx, TypeDesc::Constr(path.clone(), params.into(), memo))
    };
    let original_ty = ctype::reify_univars(cx, env, constr(path, &original.params));
    let new_ty = ctype::reify_univars(cx, env, constr(&Path::Ident(id), &decl.params));
    let env = env.add_type(cx, false, id, decl.clone());
    if ctype::mcomp(cx, &env, original_ty, new_ty).is_err() {
        return decl.clone();
    }
    let manifest = Some(constr(path, &decl.params));
    Rc::new(TypeDeclaration { manifest, ..(**decl).clone() })
}

/// Paths of the types of a module `path` of type `mty`.
pub fn type_paths(cx: &Context, env: &Env, path: &Path, mty: &ModuleType) -> Vec<Path> {
    let ModuleType::Signature(sg) = scrape(cx, env, mty) else { return vec![] };
    let mut env = env.clone();
    let mut paths = Vec::new();
    for item in sg.iter() {
        match item {
            SignatureItem::Type(id, ..) => paths.push(path.dot(id.name())),
            SignatureItem::Module(id, _, md, ..) => {
                paths.extend(type_paths(cx, &env, &path.dot(id.name()), &md.type_));
                env = env.add_item(cx, item);
            }
            SignatureItem::Modtype(..) => env = env.add_item(cx, item),
            _ => {}
        }
    }
    paths
}

/// Whether a module of this type has no code.
pub fn no_code_needed(cx: &Context, env: &Env, mty: &ModuleType) -> bool {
    let ModuleType::Signature(sg) = scrape(cx, env, mty) else { return false };
    let mut env = env.clone();
    sg.iter().all(|item| match item {
        SignatureItem::Value(_, d, _) => matches!(d.kind, ValueKind::Prim(_)),
        SignatureItem::Module(_, presence, md, ..) => {
            let none = *presence == ModulePresence::Absent || no_code_needed(cx, &env, &md.type_);
            env = env.add_item(cx, item);
            none
        }
        SignatureItem::Type(..) | SignatureItem::Modtype(..) | SignatureItem::ClassType(..) => true,
        SignatureItem::Typext(..) | SignatureItem::Class(..) => false,
    })
}

/// Whether a module of this type brings types of its own: packing it is then generative.
pub fn contains_type(cx: &Context, env: &Env, mty: &ModuleType) -> bool {
    match mty {
        ModuleType::Ident(path) => match env.find_modtype(cx, path).map(|decl| decl.type_.clone()) {
            Some(Some(mty)) => contains_type(cx, env, &mty),
            _ => true,
        },
        ModuleType::Signature(sg) => sg.iter().any(|item| match item {
            SignatureItem::Type(_, decl, ..) => {
                decl.manifest.is_none()
                    || btype::type_kind_is_abstract(decl)
                        && decl.private == rocaml_syntax::asttypes::PrivateFlag::Private
            }
            SignatureItem::Modtype(..) => true,
            SignatureItem::Typext(_, ext, ..) => matches!(ext.args, ConstructorArguments::Record(_)),
            SignatureItem::Module(_, _, md, ..) => contains_type(cx, env, &md.type_),
            _ => false,
        }),
        ModuleType::Functor(_, body) => contains_type(cx, env, body),
        ModuleType::Alias(_) => false,
    }
}

/// Applies `f` to every type of a module type.
pub fn iter_types(mty: &ModuleType, f: &mut dyn FnMut(TypeId)) {
    match mty {
        ModuleType::Signature(sg) => iter_signature_types(sg, f),
        ModuleType::Functor(param, result) => {
            if let FunctorParameter::Named(_, arg) = param {
                iter_types(arg, f);
            }
            iter_types(result, f);
        }
        ModuleType::Ident(_) | ModuleType::Alias(_) => {}
    }
}

/// Applies `f` to every type of a signature.
pub fn iter_signature_types(sg: &[SignatureItem], f: &mut dyn FnMut(TypeId)) {
    for item in sg {
        match item {
            SignatureItem::Value(_, d, _) => f(d.type_),
            SignatureItem::Type(_, d, ..) => {
                d.params.iter().for_each(|ty| f(*ty));
                btype::iter_type_kind(&d.kind, f);
                d.manifest.iter().for_each(|ty| f(*ty));
            }
            SignatureItem::Typext(_, ext, ..) => {
                ext.type_params.iter().for_each(|ty| f(*ty));
                btype::iter_cstr_args(&ext.args, f);
                ext.ret_type.iter().for_each(|ty| f(*ty));
            }
            SignatureItem::Module(_, _, md, ..) => iter_types(&md.type_, f),
            SignatureItem::Modtype(_, d, _) => d.type_.iter().for_each(|mty| iter_types(mty, f)),
            SignatureItem::Class(_, d, ..) => d.params.iter().chain(&d.new).for_each(|ty| f(*ty)),
            SignatureItem::ClassType(_, d, ..) => d.params.iter().for_each(|ty| f(*ty)),
        }
    }
}

/// Lowers to `level` the variables that are not generic.
pub fn lower_nongen(cx: &Context, level: Level, mty: &ModuleType) {
    let mut visited = TypeSet::default();
    let mut vars = Vec::new();
    iter_types(mty, &mut |ty| btype::iter_nodes(cx, ty, &mut visited, &mut |ty| vars.push(ty)));
    for ty in vars {
        let own = cx.level(ty);
        if btype::is_tvar(cx, ty) && own < GENERIC_LEVEL && own > level {
            cx.set_level(ty, level);
        }
    }
}
