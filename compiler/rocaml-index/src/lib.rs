//! Typed indices and the maps they key. Knows nothing of OCaml.
//!
//! An entity kind is declared with [`define_index!`]; an [`IndexVec`] owns the entities of a
//! kind, a [`SecondaryMap`] carries what an analysis knows about them.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A newtype over `u32` that names one entity of a kind.
pub trait Idx: Copy + Eq + Hash + Ord + fmt::Debug {
    /// The entity at position `i`.
    fn new(i: usize) -> Self;
    /// The position of the entity.
    fn index(self) -> usize;
}

/// Declares index types: `define_index! { /// doc \n pub struct VarId = "v"; }`.
/// `Display` prints the prefix and the number, the name used in textual IR.
#[macro_export]
macro_rules! define_index {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis struct $name(pub u32);
        impl $crate::Idx for $name {
            fn new(i: usize) -> Self { $name(u32::try_from(i).expect("fewer than 2^32 entities")) }
            fn index(self) -> usize { self.0 as usize }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    )+};
}

/// A vector whose positions are typed; the owner of the entities of one kind.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexVec<I, T> {
    items: Vec<T>,
    kind: PhantomData<fn(I)>,
}

impl<I: Idx, T> IndexVec<I, T> {
    /// An empty vector with room for so many items.
    pub fn with_capacity(capacity: usize) -> IndexVec<I, T> {
        IndexVec { items: Vec::with_capacity(capacity), ..IndexVec::default() }
    }

    /// An empty vector.
    pub const fn new() -> Self {
        IndexVec { items: Vec::new(), kind: PhantomData }
    }
    /// Adds an entity and names it.
    pub fn push(&mut self, item: T) -> I {
        let id = I::new(self.items.len());
        self.items.push(item);
        id
    }
    /// The name that the next [`push`](Self::push) will return.
    pub fn next_index(&self) -> I {
        I::new(self.items.len())
    }
    /// Number of entities.
    pub fn len(&self) -> usize {
        self.items.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    /// The entity, if the name is in range.
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }
    /// All entities in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
    /// All entities with their names.
    pub fn iter_enumerated(&self) -> impl Iterator<Item = (I, &T)> {
        self.items.iter().enumerate().map(|(i, t)| (I::new(i), t))
    }
    /// All names in order.
    pub fn indices(&self) -> impl Iterator<Item = I> + use<I, T> {
        (0..self.items.len()).map(I::new)
    }
    /// Keeps the first `len` entities.
    pub fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
    }
}

impl<I: Idx, T> Default for IndexVec<I, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I: Idx, T> Index<I> for IndexVec<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Idx, T> IndexMut<I> for IndexVec<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}

impl<I: Idx + fmt::Debug, T: fmt::Debug> fmt::Debug for IndexVec<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter_enumerated()).finish()
    }
}

/// Facts about entities owned elsewhere; entities without a fact have the default.
#[derive(Clone, Debug)]
pub struct SecondaryMap<I, T> {
    items: Vec<T>,
    default: T,
    kind: PhantomData<fn(I)>,
}

impl<I: Idx, T: Clone> SecondaryMap<I, T> {
    /// A map in which every entity has the fact `default`.
    pub fn with_default(default: T) -> Self {
        SecondaryMap { items: Vec::new(), default, kind: PhantomData }
    }
}

impl<I: Idx, T: Clone + Default> Default for SecondaryMap<I, T> {
    fn default() -> Self {
        Self::with_default(T::default())
    }
}

impl<I: Idx, T: Clone> Index<I> for SecondaryMap<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        self.items.get(id.index()).unwrap_or(&self.default)
    }
}

impl<I: Idx, T: Clone> IndexMut<I> for SecondaryMap<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        let i = id.index();
        if i >= self.items.len() {
            self.items.resize(i + 1, self.default.clone());
        }
        &mut self.items[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    define_index! {
        /// A test entity.
        struct T = "t";
    }

    #[test]
    fn vectors_name_their_items() {
        let mut v: IndexVec<T, &str> = IndexVec::new();
        let a = v.push("a");
        let b = v.push("b");
        assert_eq!((v[a], v[b], b.to_string().as_str()), ("a", "b", "t1"));
        let mut m: SecondaryMap<T, u8> = SecondaryMap::default();
        m[b] = 3;
        assert_eq!((m[a], m[b]), (0, 3));
    }
}
