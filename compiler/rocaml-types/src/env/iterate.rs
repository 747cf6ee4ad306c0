//! Walking through the types of an environment level by level, for the printer's short paths.

use super::Env;
use super::components::{Comps, ModuleData, ModuleEntry};
use crate::Ident;
use crate::context::Context;
use crate::path::Path;
use crate::types::ModuleType;
use rocaml_base::Name;
use std::rc::Rc;

/// A path by which something is visible, and the path that it really has: an opened module's
/// components are visible without its name.
pub type Seen = (Path, Path);

/// A module on the way.
pub struct VisibleModule {
    path: Seen,
    data: Rc<ModuleData>,
}

fn as_seen(name: Name, real: &Path) -> Path {
    match real {
        Path::Ident(_) => real.clone(),
        Path::Dot(root, _) => Path::Ident(Ident::create_scoped(root.scope(), name)),
        other => other.clone(),
    }
}

impl Env {
    /// Whether both have the same types and modules.
    pub fn same_types(&self, other: &Env) -> bool {
        self.0.types.same(&other.0.types) && self.0.modules.same(&other.0.modules)
    }

    /// The types visible without the name of a module, or hidden by others of their names.
    pub fn visible_types(&self) -> Vec<Seen> {
        let layers = self.0.types.layers().into_iter();
        layers.flat_map(|(_, types)| types).map(|(name, path, _)| (as_seen(name, &path), path)).collect()
    }

    /// The modules likewise, the units read so far among them: those beside the standard library are bound first, then
    /// that is opened, then the others are bound.
    pub fn visible_modules(&self, cx: &Context) -> Vec<VisibleModule> {
        let stdlib = Path::Ident(Ident::global(Name::new("Stdlib")));
        let mut layers = self.0.modules.layers();
        let last = layers.len() - 1;
        let over_stdlib = layers.iter().rposition(|(root, _)| root.as_ref() == Some(&stdlib)).map_or(last, |at| at - 1);
        let units = cx.persistent.all_loaded();
        for (name, _) in &units {
            let at = if cx.persistent.is_beside_stdlib(*name) { last } else { over_stdlib };
            let modules = &mut layers[at].1;
            if let Err(index) = modules.binary_search_by_key(name, |(name, ..)| *name) {
                modules.insert(index, (*name, Path::Ident(Ident::global(*name)), ModuleEntry::Persistent));
            }
        }
        let data = |name: Name, entry: ModuleEntry| match entry {
            ModuleEntry::Local(data) => Some(data),
            ModuleEntry::Persistent => cx.persistent.loaded(name),
            ModuleEntry::Unbound(_) => None,
        };
        let modules = layers.into_iter().flat_map(|(_, modules)| modules);
        modules
            .filter_map(|(name, path, entry)| {
                Some(VisibleModule { path: (as_seen(name, &path), path), data: data(name, entry)? })
            })
            .collect()
    }

    /// Whether to look into a module: not if that would read a unit.
    fn may_visit(&self, cx: &Context, data: &ModuleData) -> bool {
        let mut target = data.alias();
        while let Some(path) = target {
            if let Path::Ident(Ident::Global(unit)) = &path
                && !cx.persistent.looked_up(*unit)
            {
                return false;
            }
            target = match self.find_module(cx, &path) {
                None => return false,
                Some(decl) => match &decl.type_ {
                    ModuleType::Alias(next) => Some(next.clone()),
                    _ => None,
                },
            };
        }
        true
    }

    /// The types in a module, and the modules in it.
    pub fn types_within(&self, cx: &Context, module: &VisibleModule) -> (Vec<Seen>, Vec<VisibleModule>) {
        if !self.may_visit(cx, &module.data) {
            return (Vec::new(), Vec::new());
        }
        let Comps::Structure(comps) = &*module.data.comps.get(cx) else { return (Vec::new(), Vec::new()) };
        let (seen, real) = &module.path;
        let within = |name: Name| (seen.dot(name), real.dot(name));
        let mut types: Vec<Name> = comps.types.keys().copied().collect();
        types.sort();
        let mut modules: Vec<_> = comps.modules.iter().map(|(name, data)| (*name, data.clone())).collect();
        modules.sort_by_key(|(name, _)| *name);
        let modules = modules.into_iter().map(|(name, data)| VisibleModule { path: within(name), data });
        (types.into_iter().map(within).collect(), modules.collect())
    }

    fn shadowed_modules(&self, cx: &Context, path: &Path) -> Vec<(Path, Rc<ModuleData>)> {
        match path {
            Path::Ident(id) => self
                .0
                .modules
                .find_all(id.name())
                .into_iter()
                .filter_map(|found| match found.data {
                    ModuleEntry::Local(data) => Some((found.path, data)),
                    _ => None,
                })
                .collect(),
            Path::Dot(prefix, name) => self
                .shadowed_modules(cx, prefix)
                .into_iter()
                .filter_map(|(path, data)| match &*data.comps.get(cx) {
                    Comps::Structure(comps) => Some((path.dot(*name), comps.modules.get(name)?.clone())),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// All types that a path could mean where it is written, were the later ones not there.
    pub fn shadowed_types(&self, cx: &Context, path: &Path) -> Vec<Path> {
        match path {
            Path::Ident(id) => self.0.types.find_all(id.name()).into_iter().map(|found| found.path).collect(),
            Path::Dot(prefix, name) => self
                .shadowed_modules(cx, prefix)
                .into_iter()
                .filter(|(_, data)| matches!(&*data.comps.get(cx), Comps::Structure(comps) if comps.types.contains_key(name)))
                .map(|(path, _)| path.dot(*name))
                .collect(),
            _ => Vec::new(),
        }
    }
}
