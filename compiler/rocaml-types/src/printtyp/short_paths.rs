//! `-short-paths`: a type is printed by the shortest path that leads to it, through
//! abbreviations that only rename it.
//!
//! For an environment a map is kept from the final path of types to the paths by which they can
//! be written. It is filled level by level, and only as deep as no shorter path is known.

use super::names::tree_of_path;
use super::outcome::OutIdent;
use super::{Namespace, names};
use crate::Ident;
use crate::btype::IdMap;
use crate::context::Context;
use crate::env::Env;
use crate::env::iterate::{Seen, VisibleModule};
use crate::path::{ExtraTy, Path};
use crate::types::*;
use rocaml_base::Loc;
use rocaml_syntax::longident::Longident;
use std::cell::RefCell;
use std::rc::Rc;

/// What becomes of the arguments of a type when it is printed by another path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ParamSubst {
    Id,
    /// The type is its argument of this index.
    Nth(usize),
    /// The arguments of these indices.
    Map(Vec<usize>),
}

impl ParamSubst {
    pub(super) fn is_nth(&self) -> bool {
        matches!(self, ParamSubst::Nth(_))
    }
    pub(super) fn apply(&self, args: &[TypeId]) -> Vec<TypeId> {
        match self {
            ParamSubst::Id => args.to_vec(),
            ParamSubst::Nth(n) => args.get(*n).copied().into_iter().collect(),
            ParamSubst::Map(indices) => indices.iter().filter_map(|i| args.get(*i).copied()).collect(),
        }
    }
    /// First the choice of `indices`, then `self`.
    fn after(self, indices: Vec<usize>) -> ParamSubst {
        match self {
            ParamSubst::Id => ParamSubst::Map(indices),
            ParamSubst::Nth(n) => ParamSubst::Nth(indices[n]),
            ParamSubst::Map(then) => ParamSubst::Map(then.into_iter().map(|i| indices[i]).collect()),
        }
    }
}

enum Candidates {
    /// Latest last.
    Paths(Vec<Path>),
    Best(Path),
}

/// The map of an environment.
pub struct ShortPaths {
    env: Env,
    /// How many units had been read: others may be seen later.
    units: usize,
    map: IdMap<Path, Candidates>,
    depth: usize,
    /// The modules of the next level.
    next: Vec<VisibleModule>,
}

/// Maps of the environments last printed in.
pub(super) type Cache = RefCell<Vec<Rc<RefCell<ShortPaths>>>>;
const CACHED: usize = 8;

fn index_of(cx: &Context, params: &[TypeId], ty: TypeId) -> Option<usize> {
    params.iter().position(|param| cx.same(*param, ty))
}

/// The path at the end of the abbreviations that only rename or choose among their arguments.
/// With `exact` they must keep the arguments as they are.
fn normalize(cx: &Context, env: &Env, exact: bool, path: &Path) -> (Path, ParamSubst) {
    normalize_from(cx, env, exact, path, 0)
}

/// Longest chain of abbreviations: the types of an error may be cyclic.
const LONGEST_CHAIN: usize = 200;

fn normalize_from(cx: &Context, env: &Env, exact: bool, path: &Path, depth: usize) -> (Path, ParamSubst) {
    let expanded = || -> Option<(Path, ParamSubst)> {
        let (params, body, _) = env.find_type_expansion(cx, path).filter(|_| depth < LONGEST_CHAIN)?;
        let TypeDesc::Constr(target, args, _) = cx.desc(body) else {
            return Some((path.clone(), ParamSubst::Nth(index_of(cx, &params, body)?)));
        };
        if params.len() == args.len() && params.iter().zip(args.iter()).all(|(a, b)| cx.same(*a, *b)) {
            return Some(normalize_from(cx, env, exact, &target, depth + 1));
        }
        let distinct = args.iter().enumerate().all(|(i, arg)| !args[..i].iter().any(|other| cx.same(*arg, *other)));
        if exact || params.len() <= args.len() || !distinct {
            return Some((path.clone(), ParamSubst::Id));
        }
        let indices = args.iter().map(|arg| index_of(cx, &params, *arg)).collect::<Option<Vec<usize>>>()?;
        let (target, subst) = normalize_from(cx, env, exact, &target, depth + 1);
        Some((target, subst.after(indices)))
    };
    expanded().unwrap_or_else(|| {
        let path = env.normalize_type_path(cx, None, path).unwrap_or_else(|_| path.clone());
        (path, ParamSubst::Id)
    })
}

fn penalty(name: &str) -> usize {
    if name.starts_with('_') || name.contains("__") { 10 } else { 1 }
}

/// Names that are not meant to be seen are long; of equally long paths the latest is best.
fn path_size(path: &Path) -> (usize, i32) {
    match path {
        Path::Ident(id) => (penalty(&id.name()), -id.scope()),
        Path::Dot(prefix, _) | Path::ExtraTy(prefix, ExtraTy::CstrTy(_)) => {
            let (length, scope) = path_size(prefix);
            (length + 1, scope)
        }
        Path::Apply(f, arg) => {
            let (length, scope) = path_size(f);
            (length + path_size(arg).0, scope)
        }
        Path::ExtraTy(prefix, ExtraTy::ExtTy) => path_size(prefix),
    }
}

fn longident_of(path: &Path) -> Longident {
    match path {
        Path::Ident(id) => Longident::Lident(id.name()),
        Path::Dot(prefix, name) | Path::ExtraTy(prefix, ExtraTy::CstrTy(name)) => {
            Longident::Ldot(Box::new(Loc::none(longident_of(prefix))), Loc::none(*name))
        }
        Path::Apply(f, arg) => {
            Longident::Lapply(Box::new(Loc::none(longident_of(f))), Box::new(Loc::none(longident_of(arg))))
        }
        Path::ExtraTy(prefix, ExtraTy::ExtTy) => longident_of(prefix),
    }
}

/// Whether a path means one type only, or types that are the same.
fn is_unambiguous(cx: &Context, env: &Env, path: &Path) -> bool {
    let shadowed = env.shadowed_types(cx, path);
    let Some((first, rest)) = shadowed.split_first() else { return true };
    if shadowed.contains(path) {
        return true;
    }
    let target = |path: &Path| normalize(cx, env, true, path).0;
    let normal = target(first);
    if rest.iter().all(|other| target(other) == normal) {
        return true;
    }
    let lid = longident_of(first);
    rest.iter().all(|other| longident_of(other) == lid)
        && env.find_type_by_name(cx, &lid).is_some_and(|(found, _)| found == *first)
}

impl ShortPaths {
    fn new(cx: &Context, env: &Env) -> ShortPaths {
        let mut paths = ShortPaths {
            env: env.clone(),
            units: cx.persistent.loaded_count(),
            map: IdMap::default(),
            // Paths of one name are known.
            depth: 1,
            next: env.visible_modules(cx),
        };
        paths.note(cx, env.visible_types());
        paths
    }

    fn note(&mut self, cx: &Context, types: Vec<Seen>) {
        for (seen, real) in types {
            let (target, subst) = normalize(cx, &self.env, true, &real);
            if subst != ParamSubst::Id {
                continue;
            }
            let candidates = self.map.entry(target).or_insert_with(|| Candidates::Paths(Vec::new()));
            match candidates {
                Candidates::Paths(paths) => paths.push(seen),
                Candidates::Best(best) => *candidates = Candidates::Paths(vec![best.clone(), seen]),
            }
        }
    }

    fn descend(&mut self, cx: &Context) {
        for module in std::mem::take(&mut self.next) {
            let (types, modules) = self.env.types_within(cx, &module);
            self.note(cx, types);
            self.next.extend(modules);
        }
        self.depth += 1;
    }

    /// The best path known so far.
    fn best_known(&mut self, cx: &Context, target: &Path) -> Option<Path> {
        let candidates = self.map.get_mut(target)?;
        if let Candidates::Paths(paths) = candidates {
            let mut best: Option<Path> = None;
            for path in std::mem::take(paths).into_iter().rev() {
                let shorter = best.as_ref().is_none_or(|best| path_size(&path) < path_size(best));
                if shorter && is_unambiguous(cx, &self.env, &path) {
                    best = Some(path);
                }
            }
            *candidates = Candidates::Best(best?);
        }
        match candidates {
            Candidates::Best(path) => Some(path.clone()),
            Candidates::Paths(_) => None,
        }
    }

    fn best(&mut self, cx: &Context, target: &Path) -> Option<Path> {
        loop {
            let best = self.best_known(cx, target);
            let found = best.as_ref().is_some_and(|best| path_size(best).0 <= self.depth);
            if found || self.next.is_empty() {
                return best;
            }
            self.descend(cx);
        }
    }
}

fn cached(cx: &Context, env: &Env) -> Rc<RefCell<ShortPaths>> {
    let cache = &cx.printing.short_paths;
    let units = cx.persistent.loaded_count();
    let known = cache
        .borrow()
        .iter()
        .position(|paths| paths.try_borrow().is_ok_and(|paths| paths.units == units && paths.env.same_types(env)));
    if let Some(index) = known {
        let paths = cache.borrow_mut().remove(index);
        cache.borrow_mut().push(paths.clone());
        return paths;
    }
    let paths = Rc::new(RefCell::new(ShortPaths::new(cx, env)));
    let mut cache = cache.borrow_mut();
    if cache.len() == CACHED {
        cache.remove(0);
    }
    cache.push(paths.clone());
    paths
}

/// The path by which a type is printed, and what becomes of its arguments.
pub(super) fn best_type_path(cx: &Context, path: &Path) -> (Path, ParamSubst) {
    if cx.options.real_paths {
        return (path.clone(), ParamSubst::Id);
    }
    let env = cx.printing.env.borrow().clone();
    if env.same_types(&Env::empty()) {
        return (path.clone(), ParamSubst::Id);
    }
    let (target, subst) = normalize(cx, &env, false, path);
    let best = cached(cx, &env).borrow_mut().best(cx, &target);
    (best.unwrap_or(target), subst)
}

/// A better path is unambiguous as it is; the type's own path may need numbers.
pub(super) fn tree_of_best_type_path(cx: &Context, path: &Path, best: &Path) -> OutIdent {
    if path == best {
        tree_of_path(cx, Some(Namespace::Type), path)
    } else {
        names::without_numbers(cx, || tree_of_path(cx, None, best))
    }
}

/// The path of a type by itself: the best one, if the arguments stay.
pub(super) fn tree_of_type_path(cx: &Context, path: &Path) -> OutIdent {
    match best_type_path(cx, path) {
        (best, ParamSubst::Id) => tree_of_best_type_path(cx, path, &best),
        _ => tree_of_best_type_path(cx, path, path),
    }
}

/// The environment with other types of these names: what is being defined is not printed by
/// its own name.
pub(super) fn hide_types(cx: &Context, env: &Env, ids: &[Ident]) -> Env {
    ids.iter().rev().filter(|id| !matches!(id, Ident::Global(_))).fold(env.clone(), |env, id| {
        let dummy = crate::ctype::new_local_type(cx, rocaml_base::Location::none(), None, AbstractOrigin::Definition);
        env.add_type(cx, false, id.rename(), Rc::new(dummy))
    })
}
