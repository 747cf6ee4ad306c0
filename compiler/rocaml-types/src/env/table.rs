//! Persistent tables of an environment.
//!
//! A [`Table`] maps names to the idents bound to them, latest first; opened modules are layers
//! between the bindings made before and after the `open`. Adding shares all but one path of a
//! hash trie.

use super::Env;
use super::components::StructureComps;
use super::opening::OpenUse;
use crate::Ident;
use crate::btype::{IdHasher, IdMap};
use crate::context::Context;
use crate::path::Path;
use rocaml_base::Name;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A persistent map: a hash array mapped trie keyed by names.
#[derive(Clone)]
pub(super) struct NameTrie<T>(Option<Rc<Node<T>>>);

#[derive(Clone)]
enum Node<T> {
    Branch(u32, Vec<Rc<Node<T>>>),
    /// Names of one hash: one, but for collisions.
    Leaf(u64, Vec<(Name, T)>),
}

impl<T> Default for NameTrie<T> {
    fn default() -> Self {
        NameTrie(None)
    }
}

fn hash_of(name: Name) -> u64 {
    let mut hasher = IdHasher::default();
    name.hash(&mut hasher);
    let hash = hasher.finish();
    hash ^ (hash >> 32)
}

impl<T: Clone> NameTrie<T> {
    pub(super) fn get(&self, name: Name) -> Option<&T> {
        let hash = hash_of(name);
        let mut node = self.0.as_deref()?;
        let mut shift = 0;
        loop {
            match node {
                Node::Leaf(_, entries) => return entries.iter().find(|(key, _)| *key == name).map(|(_, value)| value),
                Node::Branch(bitmap, children) => {
                    let bit = 1u32 << ((hash >> shift) & 31);
                    if bitmap & bit == 0 {
                        return None;
                    }
                    node = &children[(bitmap & (bit - 1)).count_ones() as usize];
                    shift += 5;
                }
            }
        }
    }

    pub(super) fn insert(&self, name: Name, value: T) -> NameTrie<T> {
        let hash = hash_of(name);
        let leaf = Rc::new(Node::Leaf(hash, vec![(name, value)]));
        NameTrie(Some(match &self.0 {
            None => leaf,
            Some(root) => Self::merge(root, &leaf, hash, 0),
        }))
    }

    /// `node` with the single entry of `leaf`.
    fn merge(node: &Rc<Node<T>>, leaf: &Rc<Node<T>>, hash: u64, shift: u32) -> Rc<Node<T>> {
        match &**node {
            Node::Leaf(other, entries) if *other == hash => {
                let Node::Leaf(_, fresh) = &**leaf else { return node.clone() };
                let kept = entries.iter().filter(|(key, _)| *key != fresh[0].0).cloned();
                Rc::new(Node::Leaf(hash, fresh.iter().cloned().chain(kept).collect()))
            }
            Node::Leaf(other, _) => {
                let bit = 1u32 << ((other >> shift) & 31);
                let branch = Rc::new(Node::Branch(bit, vec![node.clone()]));
                Self::merge(&branch, leaf, hash, shift)
            }
            Node::Branch(bitmap, children) => {
                let bit = 1u32 << ((hash >> shift) & 31);
                let index = (bitmap & (bit - 1)).count_ones() as usize;
                let mut children = children.clone();
                if bitmap & bit == 0 {
                    children.insert(index, leaf.clone());
                } else {
                    children[index] = Self::merge(&children[index], leaf, hash, shift + 5);
                }
                Rc::new(Node::Branch(bitmap | bit, children))
            }
        }
    }

    pub(super) fn for_each(&self, f: &mut dyn FnMut(Name, &T)) {
        fn walk<T>(node: &Node<T>, f: &mut dyn FnMut(Name, &T)) {
            match node {
                Node::Leaf(_, entries) => entries.iter().for_each(|(name, value)| f(*name, value)),
                Node::Branch(_, children) => children.iter().for_each(|child| walk(child, f)),
            }
        }
        if let Some(root) = &self.0 {
            walk(root, f);
        }
    }
}

/// The bindings of one name in one layer, latest first.
#[derive(Clone)]
struct Binding<T> {
    id: Ident,
    data: T,
    earlier: Option<Rc<Binding<T>>>,
}

/// A kind of things that modules have as components.
pub(super) trait Namespace: Clone {
    /// What a module has under the name, latest first.
    fn components(comps: &StructureComps, name: Name) -> Vec<Self>;
    /// All components of the kind.
    fn all(comps: &StructureComps) -> Vec<(Name, Self)>;
    /// Whether to shadow `hidden` by `shown` may come as a surprise.
    fn hides(_cx: &Context, _env: &Env, _shown: &Self, _hidden: &Self) -> bool {
        true
    }
    /// The kind, for warnings.
    const KIND: Kind;
}

/// Kinds of names, as warnings about `open` call them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(super) enum Kind {
    Value,
    Type,
    Module,
    ModuleType,
    Class,
    ClassType,
    Constructor,
    Label,
}

struct Layer<T> {
    root: Path,
    comps: Rc<StructureComps>,
    using: Option<Rc<OpenUse>>,
    below: Table<T>,
}

/// The bindings of one kind.
pub(super) struct Table<T> {
    current: NameTrie<Rc<Binding<T>>>,
    layer: Option<Rc<Layer<T>>>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Table { current: NameTrie(self.current.0.clone()), layer: self.layer.clone() }
    }
}
impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { current: NameTrie::default(), layer: None }
    }
}

/// A binding found by name.
pub(super) struct Found<T> {
    pub(super) path: Path,
    pub(super) data: T,
    /// The open that gave it, and what it shadows there.
    pub(super) using: Option<(Rc<OpenUse>, Option<T>)>,
}

impl<T: Namespace> Table<T> {
    pub(super) fn add(&self, id: Ident, data: T) -> Table<T> {
        let earlier = self.current.get(id.name()).cloned();
        let binding = Rc::new(Binding { id, data, earlier });
        Table { current: self.current.insert(id.name(), binding), layer: self.layer.clone() }
    }

    pub(super) fn add_open(&self, root: &Path, comps: &Rc<StructureComps>, using: Option<Rc<OpenUse>>) -> Table<T> {
        let layer = Layer { root: root.clone(), comps: comps.clone(), using, below: self.clone() };
        Table { current: NameTrie::default(), layer: Some(Rc::new(layer)) }
    }

    /// What was added since `before`, without the open over `before` if there is one.
    pub(super) fn without_open_over(&self, before: &Table<T>) -> Table<T> {
        if !self.layer.as_ref().is_some_and(|layer| layer.below.same(before)) {
            return self.clone();
        }
        let mut kept = before.clone();
        self.current.for_each(&mut |_, binding| {
            let later = std::iter::successors(Some(binding), |b| b.earlier.as_ref());
            for b in later.collect::<Vec<_>>().into_iter().rev() {
                kept = kept.add(b.id, b.data.clone());
            }
        });
        kept
    }

    /// Whether both are one table, so that nothing was added to either.
    pub(super) fn same(&self, other: &Table<T>) -> bool {
        let same_root = match (&self.current.0, &other.current.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            _ => false,
        };
        same_root
            && match (&self.layer, &other.layer) {
                (None, None) => true,
                (Some(a), Some(b)) => Rc::ptr_eq(a, b),
                _ => false,
            }
    }

    /// The data of an ident.
    pub(super) fn find_same(&self, id: Ident) -> Option<T> {
        let mut table = self;
        loop {
            let mut binding = table.current.get(id.name());
            while let Some(b) = binding {
                if b.id == id {
                    return Some(b.data.clone());
                }
                binding = b.earlier.as_ref();
            }
            table = &table.layer.as_ref()?.below;
        }
    }

    /// The latest binding of a name.
    pub(super) fn find_name(&self, name: Name) -> Option<Found<T>> {
        let mut table = self;
        loop {
            if let Some(b) = table.current.get(name) {
                return Some(Found { path: Path::Ident(b.id), data: b.data.clone(), using: None });
            }
            let layer = table.layer.as_ref()?;
            if let Some(data) = T::components(&layer.comps, name).into_iter().next() {
                let using =
                    layer.using.clone().map(|using| (using, layer.below.find_name(name).map(|found| found.data)));
                return Some(Found { path: layer.root.dot(name), data, using });
            }
            table = &layer.below;
        }
    }

    /// All bindings of a name, latest first.
    pub(super) fn find_all(&self, name: Name) -> Vec<Found<T>> {
        let mut found = Vec::new();
        let mut table = self;
        loop {
            let mut binding = table.current.get(name);
            while let Some(b) = binding {
                found.push(Found { path: Path::Ident(b.id), data: b.data.clone(), using: None });
                binding = b.earlier.as_ref();
            }
            let Some(layer) = table.layer.as_ref() else { return found };
            for data in T::components(&layer.comps, name) {
                let using =
                    layer.using.clone().map(|using| (using, layer.below.find_name(name).map(|found| found.data)));
                found.push(Found { path: layer.root.dot(name), data, using });
            }
            table = &layer.below;
        }
    }

    /// How many bindings of the ident's name are later than it.
    pub(super) fn index_of(&self, id: Ident) -> Option<usize> {
        self.find_all(id.name()).iter().position(|found| found.path == Path::Ident(id))
    }

    /// Calls `f` on the visible binding of each name.
    pub(super) fn for_each_visible(&self, f: &mut dyn FnMut(Name, Path, &T)) {
        let mut seen: IdMap<Name, ()> = IdMap::default();
        let mut table = self;
        loop {
            let mut names = Vec::new();
            table.current.for_each(&mut |name, b| names.push((name, Path::Ident(b.id), b.data.clone())));
            if let Some(layer) = &table.layer {
                names.extend(T::all(&layer.comps).into_iter().map(|(name, data)| (name, layer.root.dot(name), data)));
            }
            for (name, path, data) in names {
                if seen.insert(name, ()).is_none() {
                    f(name, path, &data);
                }
            }
            match &table.layer {
                Some(layer) => table = &layer.below,
                None => return,
            }
        }
    }

    /// All bindings but those that a later one of the same layer hides, latest layer first: what was bound since the
    /// last open, what that open shows, what was bound before it, and so on. Each layer is in the order of names and
    /// tells the module whose open it is.
    pub(super) fn layers(&self) -> Vec<(Option<Path>, Vec<(Name, Path, T)>)> {
        let mut layers = Vec::new();
        let mut table = self;
        loop {
            let mut bound = Vec::new();
            table.current.for_each(&mut |name, b| bound.push((name, Path::Ident(b.id), b.data.clone())));
            bound.sort_by_key(|(name, ..)| *name);
            layers.push((None, bound));
            let Some(layer) = &table.layer else { return layers };
            let shown = T::all(&layer.comps).into_iter();
            let mut shown: Vec<_> = shown.map(|(name, data)| (name, layer.root.dot(name), data)).collect();
            shown.sort_by_key(|(name, ..)| *name);
            layers.push((Some(layer.root.clone()), shown));
            table = &layer.below;
        }
    }

    /// The same table with each local datum replaced.
    pub(super) fn map_local(&self, f: &mut dyn FnMut(&T) -> T) -> Table<T> {
        fn map_binding<T: Clone>(b: &Binding<T>, f: &mut dyn FnMut(&T) -> T) -> Rc<Binding<T>> {
            let earlier = b.earlier.as_ref().map(|e| map_binding(e, f));
            Rc::new(Binding { id: b.id, data: f(&b.data), earlier })
        }
        let mut current = NameTrie::default();
        self.current.for_each(&mut |name, b| current = current.insert(name, map_binding(b, f)));
        let layer = self.layer.as_ref().map(|layer| {
            Rc::new(Layer {
                root: layer.root.clone(),
                comps: layer.comps.clone(),
                using: layer.using.clone(),
                below: layer.below.map_local(f),
            })
        });
        Table { current, layer }
    }
}

impl<T: Namespace> Found<T> {
    /// Records that the open which gave the binding was useful.
    pub(super) fn mark_open(&self, cx: &Context, env: &Env, name: Name) {
        if let Some((using, hidden)) = &self.using {
            using.mark(cx, T::KIND, name, || {
                hidden.as_ref().is_some_and(|hidden| T::hides(cx, env, &self.data, hidden))
            });
        }
    }
}
