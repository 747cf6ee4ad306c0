//! Uses of modules that a deep destructive substitution changes: `with type M.N.t := …` changes
//! `M.N` and `M`. To take components out of them stays right; an applicative type `F(M).t` may no
//! longer be well typed, and an alias `module A = M` would mean something else.

use super::{Error, fail};
use crate::error::Result;
use crate::includemod;
use crate::mtype;
use rocaml_base::Location;
use rocaml_syntax::longident::Longident;
use rocaml_types::btype::{self, TypeSet};
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::*;

struct Usage<'a> {
    cx: &'a Context,
    loc: Location,
    lid: &'a Longident,
    /// What is replaced, as seen from outside the module that has it.
    paths: &'a [Path],
}

/// Checks the signature before the substitution. `paths` leads from the component that is
/// replaced outwards.
pub(super) fn check_usage(
    cx: &Context,
    env: &Env,
    loc: Location,
    lid: &Longident,
    paths: &[Path],
    sg: &[SignatureItem],
) -> Result<()> {
    match paths {
        [] | [_] => Ok(()),
        [_, outer @ ..] => Usage { cx, loc, lid, paths: outer }.signature(env, sg),
    }
}

fn is_strict_prefix(prefix: &Path, path: &Path) -> bool {
    match path {
        Path::Dot(inner, _) => **inner == *prefix || is_strict_prefix(prefix, inner),
        _ => false,
    }
}

impl Usage<'_> {
    fn changes(&self, module: &Path) -> bool {
        self.paths.iter().any(|path| is_strict_prefix(module, path))
    }

    fn signature(&self, env: &Env, sg: &[SignatureItem]) -> Result<()> {
        let env = env.add_signature(self.cx, sg);
        sg.iter().try_for_each(|item| self.item(&env, item))
    }

    fn item(&self, env: &Env, item: &SignatureItem) -> Result<()> {
        match item {
            SignatureItem::Module(id, _, md, ..) => match &md.type_ {
                ModuleType::Alias(path) if self.changes(path) => {
                    fail(self.loc, env, Error::WithChangesModuleAlias(self.lid.clone(), *id, path.clone()))
                }
                mty => self.modtype(env, mty),
            },
            SignatureItem::Modtype(_, decl, _) => decl.type_.iter().try_for_each(|mty| self.modtype(env, mty)),
            _ => {
                if let SignatureItem::Typext(_, ext, ..) = item {
                    self.path(env, &ext.type_path)?;
                }
                self.types(env, std::slice::from_ref(item))
            }
        }
    }

    fn modtype(&self, env: &Env, mty: &ModuleType) -> Result<()> {
        match mty {
            ModuleType::Ident(path) | ModuleType::Alias(path) => self.path(env, path),
            ModuleType::Signature(sg) => self.signature(env, sg),
            ModuleType::Functor(FunctorParameter::Named(id, arg), res) => {
                self.modtype(env, arg)?;
                match id {
                    Some(id) => self.modtype(&env.add_module(self.cx, true, *id, ModulePresence::Present, arg), res),
                    None => self.modtype(env, res),
                }
            }
            ModuleType::Functor(FunctorParameter::Unit, res) => self.modtype(env, res),
        }
    }

    fn types(&self, env: &Env, items: &[SignatureItem]) -> Result<()> {
        let mut paths = Vec::new();
        let mut seen = TypeSet::default();
        mtype::iter_signature_types(items, &mut |ty| {
            btype::iter_nodes(self.cx, ty, &mut seen, &mut |node| match self.cx.desc(node) {
                TypeDesc::Constr(path, ..) => paths.push(path),
                TypeDesc::Package(package) => paths.push(package.path.clone()),
                TypeDesc::Object(_, name) => paths.extend(self.cx.object_name(name).map(|(path, _)| path)),
                _ => {}
            });
        });
        paths.iter().try_for_each(|path| self.path(env, path))
    }

    fn path(&self, env: &Env, path: &Path) -> Result<()> {
        self.applications(env, path, path)
    }

    /// Checks the applications in `part`, innermost first.
    fn applications(&self, env: &Env, whole: &Path, part: &Path) -> Result<()> {
        match part {
            Path::Ident(_) => Ok(()),
            Path::Dot(inner, _) | Path::ExtraTy(inner, _) => self.applications(env, whole, inner),
            Path::Apply(f, arg) => {
                self.applications(env, whole, f)?;
                self.applications(env, whole, arg)?;
                if !self.changes(arg) {
                    return Ok(());
                }
                self.retype(env, f, arg).or_else(|explanation| {
                    let error =
                        Error::WithMakesApplicativeFunctorIllTyped(self.lid.clone(), whole.clone(), explanation);
                    fail(self.loc, env, error)
                })
            }
        }
    }

    fn retype(&self, env: &Env, f: &Path, arg: &Path) -> std::result::Result<(), includemod::Explanation> {
        let cx = self.cx;
        let (Some(functor), Some(argument)) = (env.find_module(cx, f), env.find_module(cx, arg)) else { return Ok(()) };
        match env.scrape_alias(cx, &functor.type_) {
            ModuleType::Functor(FunctorParameter::Named(_, param), _) => {
                includemod::check_modtype_inclusion(cx, env, self.loc, &argument.type_, arg, &param).map(drop)
            }
            _ => Ok(()),
        }
    }
}
