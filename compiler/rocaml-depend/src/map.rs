//! Modules that are bound, with the units that they stand for.

use crate::Names;
use rocaml_base::Name;
use rocaml_syntax::longident::Longident;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A bound module.
#[derive(Clone, Default, Debug)]
pub struct Node {
    /// The units that a use of it depends on.
    pub free: Names,
    /// The modules within it that are known.
    pub map: Bound,
}

/// Modules by their names. Cheap to clone: scopes share what they do not change.
#[derive(Clone, Default, Debug)]
pub struct Bound(Rc<BTreeMap<Name, Rc<Node>>>);

impl Node {
    /// A module of which nothing is known.
    pub fn opaque() -> Rc<Node> {
        Rc::default()
    }

    /// An alias of a unit.
    pub fn unit(name: Name) -> Rc<Node> {
        Rc::new(Node { free: Names::from([name]), map: Bound::default() })
    }

    /// A module that consists of these.
    pub fn of(map: Bound) -> Rc<Node> {
        Rc::new(Node { free: Names::new(), map })
    }

    /// The module, where every use of it or of what is in it depends on these units too.
    pub fn weakened(&self, names: &Names) -> Rc<Node> {
        let map = self.map.0.iter().map(|(name, node)| (*name, node.weakened(names))).collect();
        Rc::new(Node { free: self.free.union(names).copied().collect(), map: Bound(Rc::new(map)) })
    }

    /// The units that it and all within it stand for.
    pub fn collect_free(&self, names: &mut Names) {
        names.extend(&self.free);
        self.map.0.values().for_each(|node| node.collect_free(names));
    }
}

impl Bound {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The modules in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (Name, &Node)> {
        self.0.iter().map(|(name, node)| (*name, &**node))
    }

    pub fn insert(&mut self, name: Name, node: Rc<Node>) {
        Rc::make_mut(&mut self.0).insert(name, node);
    }

    /// One module more, if it has a name.
    pub(crate) fn with(&self, name: Option<Name>, node: Rc<Node>) -> Bound {
        let mut bound = self.clone();
        if let Some(name) = name {
            bound.insert(name, node);
        }
        bound
    }

    /// The modules of another map, which hide those of the same name here.
    pub(crate) fn with_all(&self, other: &Bound) -> Bound {
        let mut bound = self.clone();
        bound.extend(other);
        bound
    }

    pub(crate) fn extend(&mut self, other: &Bound) {
        if self.is_empty() {
            *self = other.clone();
        } else if !other.is_empty() {
            Rc::make_mut(&mut self.0).extend(other.0.iter().map(|(name, node)| (*name, node.clone())));
        }
    }

    /// The module at a path.
    pub(crate) fn find(&self, path: &Longident) -> Option<Rc<Node>> {
        match path {
            Longident::Lident(name) => self.0.get(name).cloned(),
            Longident::Ldot(prefix, name) => self.find(&prefix.txt)?.map.0.get(&name.txt).cloned(),
            Longident::Lapply(..) => None,
        }
    }

    /// The units that a path depends on, as far as it is known; none if its first name is not bound.
    pub(crate) fn free_of(&self, names: &[Name]) -> Option<&Names> {
        let (first, rest) = names.split_first()?;
        let node = self.0.get(first)?;
        Some(node.map.free_of(rest).unwrap_or(&node.free))
    }
}
