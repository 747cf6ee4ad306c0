//! Module types without aliases: arguments of functors, and `module type of` with
//! `[@remove_aliases]`.
//!
//! An alias whose module is the argument of a functor in a path (`Set.Make(M).t`) has to stay:
//! the type of another module would be another type.

use rocaml_types::btype::{self, IdMap, TypeSet};
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::mtype::scrape;
use rocaml_types::*;
use std::collections::HashSet;
use std::rc::Rc;

use crate::mtype::{iter_signature_types, with_type};

/// The type of a functor's argument, without aliases to modules that are not visible.
pub fn for_functor_arg(cx: &Context, env: &Env, mty: &ModuleType) -> ModuleType {
    let keep = |_, path: &Path| env.find_module(cx, path).is_some();
    Removal { cx, keep: &keep, scraping: true }.apply(env, mty)
}

/// What `[@remove_aliases]` asks for.
pub fn for_type_of(cx: &Context, env: &Env, mty: &ModuleType) -> ModuleType {
    let mut uses = Uses { cx, paths: HashSet::new(), components: IdMap::default(), aliases: IdMap::default() };
    uses.modtype(mty);
    let arguments = uses.arguments();
    Removal { cx, keep: &|id, _| arguments.contains(&id), scraping: false }.apply(env, mty)
}

struct Removal<'a> {
    cx: &'a Context,
    /// Whether the alias of this name to this module stays.
    keep: &'a dyn Fn(Ident, &Path) -> bool,
    /// Whether names of module types are expanded.
    scraping: bool,
}

impl Removal<'_> {
    /// The module type itself when nothing had to be replaced.
    fn apply(&self, env: &Env, mty: &ModuleType) -> ModuleType {
        self.replace(env, mty).map_or_else(|| mty.clone(), |(_, mty)| mty)
    }

    /// What the type of a module becomes, if it changes.
    fn replace(&self, env: &Env, mty: &ModuleType) -> Option<(ModulePresence, ModuleType)> {
        let scraped = if self.scraping { scrape(self.cx, env, mty) } else { mty.clone() };
        match scraped {
            ModuleType::Signature(sg) => {
                let sg = self.signature(env, &sg)?;
                Some((ModulePresence::Present, ModuleType::Signature(Rc::new(sg))))
            }
            ModuleType::Alias(_) => match env.scrape_alias(self.cx, mty) {
                ModuleType::Alias(_) => None,
                copy => Some((ModulePresence::Present, self.apply(env, &copy))),
            },
            ModuleType::Ident(_) | ModuleType::Functor(..) => None,
        }
    }

    fn signature(&self, env: &Env, sg: &[SignatureItem]) -> Option<Signature> {
        if !sg.iter().any(|item| matches!(item, SignatureItem::Module(..))) {
            return None;
        }
        let mut env = env.clone();
        let mut items = Vec::new();
        let mut modified = false;
        for item in sg {
            let mut item = item.clone();
            if let SignatureItem::Module(id, _, md, rs, visibility) = &item
                && !matches!(&md.type_, ModuleType::Alias(path) if (self.keep)(*id, path))
                && let Some((presence, type_)) = self.replace(&env, &md.type_)
            {
                modified = true;
                item = SignatureItem::Module(*id, presence, with_type(md, type_), *rs, *visibility);
            }
            env = env.add_item(self.cx, &item);
            items.push(item);
        }
        modified.then_some(items)
    }
}

/// What a module type says of the arguments of functors in paths.
struct Uses<'a> {
    cx: &'a Context,
    /// The arguments, and what these are components of.
    paths: HashSet<Path>,
    /// Components of modules by their path from the name of the module.
    components: IdMap<Path, Ident>,
    /// The targets of aliases.
    aliases: IdMap<Ident, Path>,
}

impl Uses<'_> {
    fn modtype(&mut self, mty: &ModuleType) {
        match mty {
            ModuleType::Ident(path) | ModuleType::Alias(path) => self.path(path),
            ModuleType::Signature(sg) => sg.iter().for_each(|item| self.item(item)),
            ModuleType::Functor(param, res) => {
                if let FunctorParameter::Named(_, arg) = param {
                    self.modtype(arg);
                }
                self.modtype(res);
            }
        }
    }

    fn item(&mut self, item: &SignatureItem) {
        match item {
            SignatureItem::Module(id, _, md, ..) => {
                self.modtype(&md.type_);
                match &md.type_ {
                    ModuleType::Alias(path) => {
                        self.aliases.insert(*id, path.clone());
                    }
                    ModuleType::Signature(sg) => {
                        for item in sg.iter() {
                            if let SignatureItem::Module(inner, ..) = item {
                                self.components.insert(Path::Ident(*id).dot(inner.name()), *inner);
                            }
                        }
                    }
                    ModuleType::Ident(_) | ModuleType::Functor(..) => {}
                }
            }
            SignatureItem::Modtype(_, decl, _) => decl.type_.iter().for_each(|mty| self.modtype(mty)),
            _ => {
                if let SignatureItem::Typext(_, ext, ..) = item {
                    self.path(&ext.type_path);
                }
                self.types(item);
            }
        }
    }

    fn types(&mut self, item: &SignatureItem) {
        let cx = self.cx;
        let mut seen = TypeSet::default();
        iter_signature_types(std::slice::from_ref(item), &mut |ty| {
            btype::iter_nodes(cx, ty, &mut seen, &mut |node| match cx.desc(node) {
                TypeDesc::Constr(path, ..) => self.path(&path),
                TypeDesc::Package(package) => self.path(&package.path),
                TypeDesc::Object(_, name) => cx.object_name(name).iter().for_each(|(path, _)| self.path(path)),
                TypeDesc::Variant(row) => {
                    btype::row_repr(cx, &row).name.iter().for_each(|(path, _)| self.path(path));
                }
                _ => {}
            });
        });
    }

    /// Notes the arguments in a path.
    fn path(&mut self, path: &Path) {
        match path {
            Path::Ident(_) => {}
            Path::Dot(prefix, _) | Path::ExtraTy(prefix, _) => self.path(prefix),
            Path::Apply(f, arg) => {
                self.path(f);
                self.path(arg);
                let mut part: &Path = arg;
                loop {
                    self.paths.insert(part.clone());
                    match part {
                        Path::Ident(_) => break,
                        Path::Dot(prefix, _) | Path::ExtraTy(prefix, _) | Path::Apply(prefix, _) => part = prefix,
                    }
                }
            }
        }
    }

    /// The path from the innermost module of the module type that has what it means.
    fn rolled_back(&self, path: &Path) -> Path {
        if let Some(id) = self.components.get(path) {
            return Path::Ident(*id);
        }
        let Path::Dot(prefix, name) = path else { return path.clone() };
        let inner = self.rolled_back(prefix);
        if inner == **prefix { path.clone() } else { self.rolled_back(&inner.dot(*name)) }
    }

    /// The modules that are arguments, and those that aliases lead to from them.
    fn arguments(&self) -> HashSet<Ident> {
        let mut arguments = HashSet::new();
        for path in &self.paths {
            let mut next = Some(path);
            while let Some(Path::Ident(id)) = next.map(|path| self.rolled_back(path)) {
                if !arguments.insert(id) {
                    break;
                }
                next = self.aliases.get(&id);
            }
        }
        arguments
    }
}
