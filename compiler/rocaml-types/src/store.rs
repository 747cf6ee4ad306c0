//! The type store: the only door to a type node.
//!
//! Nodes are named by [`TypeId`]; [`TypeStore::desc`] follows links (with path compression), so
//! no other code sees [`TypeDesc::Link`]. Every change to a node made while a snapshot is open is
//! recorded in a trail and undone by [`TypeStore::backtrack`]. Counterpart of the abstract part
//! of upstream's `Types` and of `Btype`'s undo log.
//!
//! The store has interior mutability and is passed as `&TypeStore`: typing reads and links nodes
//! everywhere and never holds a borrow across a call.

use crate::Path;
use crate::types::{
    AbbrevMemo, Commutable, CommutableVar, FieldKind, FieldKindVar, ObjectName, RowField, RowFieldVar, TypeDesc, TypeId,
};
use rocaml_index::{Idx, IndexVec};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Binding depth of `let`; a variable above the current one may be generalised.
pub type Level = i32;
/// Level of generic (quantified) nodes: upstream's `Btype.generic_level`.
pub const GENERIC_LEVEL: Level = crate::ident::HIGHEST_SCOPE;
/// Lowest level.
pub const LOWEST_LEVEL: Level = crate::ident::LOWEST_SCOPE;

#[derive(Clone)]
struct Node {
    desc: TypeDesc,
    level: Level,
    scope: i32,
}

/// An expansion remembered for a `Constr` node: upstream's `abbrev_memo`.
#[derive(Clone, Debug)]
pub struct MemoEntry {
    pub private: bool,
    pub path: Path,
    /// The abbreviated type.
    pub abbreviated: TypeId,
    pub expansion: TypeId,
}

enum Change {
    Desc(TypeId, TypeDesc),
    Level(TypeId, Level),
    Scope(TypeId, i32),
    Commutable(CommutableVar),
    FieldKind(FieldKindVar),
    RowField(RowFieldVar),
    ObjectName(ObjectName, Option<(Path, Rc<[TypeId]>)>),
}

/// Remembered expansions, and the memo to search after them.
#[derive(Default)]
struct Memo {
    entries: Vec<MemoEntry>,
    parent: Option<AbbrevMemo>,
}

/// Nodes made or lowered to a level of generalisation.
struct Pool {
    level: Level,
    nodes: Vec<TypeId>,
}

/// A point in time to return to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Snapshot(usize);

/// Owner of all type nodes.
#[derive(Default)]
pub struct TypeStore {
    nodes: RefCell<IndexVec<TypeId, Node>>,
    commutables: RefCell<IndexVec<CommutableVar, Option<Commutable>>>,
    field_kinds: RefCell<IndexVec<FieldKindVar, Option<FieldKind>>>,
    row_fields: RefCell<IndexVec<RowFieldVar, Option<RowField>>>,
    object_names: RefCell<IndexVec<ObjectName, Option<(Path, Rc<[TypeId]>)>>>,
    memos: RefCell<IndexVec<AbbrevMemo, Memo>>,
    /// Memos that are not empty.
    filled_memos: RefCell<Vec<AbbrevMemo>>,
    /// Nodes by the level at which they may be generalised: see [`TypeStore::open_pool`].
    pools: RefCell<Vec<Pool>>,
    trail: RefCell<Vec<Change>>,
    /// Whether any univar was ever made: programs without one skip the search for them.
    univars: Cell<bool>,
    /// Number of open snapshots; changes are recorded only when there is one.
    recording: Cell<usize>,
}

impl TypeStore {
    /// An empty store.
    pub fn new() -> TypeStore {
        // Room that is not used costs addresses only; growing would copy all nodes.
        TypeStore { nodes: RefCell::new(IndexVec::with_capacity(1 << 18)), ..TypeStore::default() }
    }

    /// A new node.
    pub fn new_node(&self, desc: TypeDesc, level: Level) -> TypeId {
        self.create(desc, level, LOWEST_LEVEL)
    }

    /// A new node with a scope: upstream's `Types.create_expr`.
    pub fn create(&self, desc: TypeDesc, level: Level, scope: i32) -> TypeId {
        self.note_univar(&desc);
        let ty = self.nodes.borrow_mut().push(Node { desc, level, scope });
        self.add_to_pool(level, ty);
        ty
    }

    /// Opens the pool of nodes at `level` and above: what is still there when it is closed can be
    /// generalised without traversing types.
    pub fn open_pool(&self, level: Level) {
        self.pools.borrow_mut().push(Pool { level, nodes: Vec::new() });
    }
    /// Closes the innermost pool.
    pub fn close_pool(&self) -> Vec<TypeId> {
        self.pools.borrow_mut().pop().map_or_else(Vec::new, |pool| pool.nodes)
    }
    /// Enters a node in the innermost pool whose level is not above `level`. Nodes that belong to
    /// no open pool are never generalised that way.
    pub fn add_to_pool(&self, level: Level, ty: TypeId) {
        if level >= GENERIC_LEVEL || level <= LOWEST_LEVEL {
            return;
        }
        let mut pools = self.pools.borrow_mut();
        if let Some(pool) = pools.iter_mut().rev().find(|pool| pool.level <= level) {
            pool.nodes.push(ty);
        }
    }
    /// The level of a node that may have become a link, and whether it has.
    pub fn raw_level(&self, ty: TypeId) -> (Level, bool) {
        let nodes = self.nodes.borrow();
        (nodes[ty].level, matches!(nodes[ty].desc, TypeDesc::Link(_)))
    }
    /// Sets a level without recording it: only for nodes made since the innermost snapshot or
    /// whose level is already recorded, as those of a closed pool.
    pub fn set_level_unrecorded(&self, ty: TypeId, level: Level) {
        self.nodes.borrow_mut()[ty].level = level;
    }

    fn note_univar(&self, desc: &TypeDesc) {
        if let TypeDesc::Univar(_) = desc {
            self.univars.set(true);
        }
    }
    /// Whether there is any universal variable.
    pub fn has_univars(&self) -> bool {
        self.univars.get()
    }

    /// The node that `ty` stands for, links and absent fields skipped: upstream's `repr`.
    #[inline]
    pub fn repr(&self, ty: TypeId) -> TypeId {
        let stands_for_itself = !matches!(self.nodes.borrow()[ty].desc, TypeDesc::Link(_) | TypeDesc::Field(..));
        if stands_for_itself { ty } else { self.follow(ty) }
    }

    fn follow(&self, ty: TypeId) -> TypeId {
        let nodes = self.nodes.borrow();
        let next = |ty: TypeId| match &nodes[ty].desc {
            TypeDesc::Link(target) => Some(*target),
            TypeDesc::Field(_, kind, _, rest) if self.field_kind(*kind) == FieldKind::Absent => Some(*rest),
            _ => None,
        };
        let Some(mut target) = next(ty) else { return ty };
        let mut hops = 1;
        while let Some(further) = next(target) {
            target = further;
            hops += 1;
        }
        drop(nodes);
        // Under a snapshot shortening is a change like any, worth its record for a long way only.
        if hops > if self.recording.get() == 0 { 1 } else { 8 } {
            self.shorten(ty, target);
        }
        target
    }

    /// Makes the links on the way from `ty` point to its end.
    fn shorten(&self, mut ty: TypeId, target: TypeId) {
        let mut nodes = self.nodes.borrow_mut();
        while let TypeDesc::Link(next) = nodes[ty].desc
            && next != target
        {
            nodes[ty].desc = TypeDesc::Link(target);
            self.record(|| Change::Desc(ty, TypeDesc::Link(next)));
            ty = next;
        }
    }

    /// The shape of a type; never `Link`: upstream's `get_desc`.
    pub fn desc(&self, ty: TypeId) -> TypeDesc {
        let ty = self.repr(ty);
        self.nodes.borrow()[ty].desc.clone()
    }

    /// Applies `f` to the shape without cloning it. `f` must not change the store.
    pub fn with_desc<R>(&self, ty: TypeId, f: impl FnOnce(&TypeDesc) -> R) -> R {
        let ty = self.repr(ty);
        f(&self.nodes.borrow()[ty].desc)
    }

    /// Whether two types are the same node.
    pub fn same(&self, a: TypeId, b: TypeId) -> bool {
        self.repr(a) == self.repr(b)
    }

    /// The level of a type.
    pub fn level(&self, ty: TypeId) -> Level {
        let ty = self.repr(ty);
        self.nodes.borrow()[ty].level
    }

    /// The scope of a type.
    pub fn scope(&self, ty: TypeId) -> i32 {
        let ty = self.repr(ty);
        self.nodes.borrow()[ty].scope
    }

    /// Whether it is a (non-universal) variable.
    pub fn is_var(&self, ty: TypeId) -> bool {
        self.with_desc(ty, |d| matches!(d, TypeDesc::Var(_)))
    }

    fn record(&self, change: impl FnOnce() -> Change) {
        if self.recording.get() > 0 {
            let change = change();
            self.trail.borrow_mut().push(change);
        }
    }

    /// Sets the shape of a node: upstream's `set_type_desc`.
    pub fn set_desc(&self, ty: TypeId, desc: TypeDesc) {
        self.note_univar(&desc);
        let ty = self.repr(ty);
        let old = std::mem::replace(&mut self.nodes.borrow_mut()[ty].desc, desc);
        self.record(|| Change::Desc(ty, old));
    }

    /// Gives its shape to a node that was just made as a variable, without recording.
    pub fn set_stub(&self, node: TypeId, desc: TypeDesc) {
        self.note_univar(&desc);
        self.nodes.borrow_mut()[node].desc = desc;
    }

    /// Gives back its shape to a node that was linked on trial.
    pub fn restore_desc(&self, node: TypeId, desc: TypeDesc) {
        let old = std::mem::replace(&mut self.nodes.borrow_mut()[node].desc, desc);
        self.record(|| Change::Desc(node, old));
    }

    /// Makes `ty` stand for `target`: upstream's `link_type`. Of two named variables the one of
    /// the lower level gives its name.
    pub fn link(&self, ty: TypeId, target: TypeId) {
        let (ty, target) = (self.repr(ty), self.repr(target));
        if ty == target {
            return;
        }
        let renamed = {
            let nodes = self.nodes.borrow();
            match (&nodes[ty].desc, &nodes[target].desc) {
                (TypeDesc::Var(Some(name)), TypeDesc::Var(other))
                    if other.is_none() || nodes[ty].level < nodes[target].level =>
                {
                    Some(*name)
                }
                _ => None,
            }
        };
        if let Some(name) = renamed {
            self.set_desc(target, TypeDesc::Var(Some(name)));
        }
        self.set_desc(ty, TypeDesc::Link(target));
    }

    /// Sets the level.
    pub fn set_level(&self, ty: TypeId, level: Level) {
        let ty = self.repr(ty);
        let old = std::mem::replace(&mut self.nodes.borrow_mut()[ty].level, level);
        if old != level {
            self.record(|| Change::Level(ty, old));
        }
    }

    /// Sets the scope.
    pub fn set_scope(&self, ty: TypeId, scope: i32) {
        let ty = self.repr(ty);
        let old = std::mem::replace(&mut self.nodes.borrow_mut()[ty].scope, scope);
        if old != scope {
            self.record(|| Change::Scope(ty, old));
        }
    }

    /// An unknown commutability.
    pub fn new_commutable(&self) -> Commutable {
        Commutable::Var(self.commutables.borrow_mut().push(None))
    }
    /// Follows what is known.
    pub fn commutable(&self, c: Commutable) -> Commutable {
        let mut c = c;
        while let Commutable::Var(var) = c {
            match self.commutables.borrow()[var] {
                Some(next) => c = next,
                None => return c,
            }
        }
        c
    }
    /// Decides an unknown commutability.
    pub fn set_commutable(&self, var: CommutableVar, to: Commutable) {
        self.commutables.borrow_mut()[var] = Some(to);
        self.record(|| Change::Commutable(var));
    }

    /// An unknown presence of a method.
    pub fn new_field_kind(&self) -> FieldKind {
        FieldKind::Var(self.field_kinds.borrow_mut().push(None))
    }
    /// Follows what is known.
    pub fn field_kind(&self, k: FieldKind) -> FieldKind {
        let mut k = k;
        while let FieldKind::Var(var) = k {
            match self.field_kinds.borrow()[var] {
                Some(next) => k = next,
                None => return k,
            }
        }
        k
    }
    /// Decides an unknown presence.
    pub fn set_field_kind(&self, var: FieldKindVar, to: FieldKind) {
        debug_assert!(to != FieldKind::Var(var));
        self.field_kinds.borrow_mut()[var] = Some(to);
        self.record(|| Change::FieldKind(var));
    }

    /// An unknown presence of a tag.
    pub fn new_row_field_var(&self) -> RowFieldVar {
        self.row_fields.borrow_mut().push(None)
    }
    /// Follows what is known: upstream's `row_field_repr`. The conjunctive argument types of all
    /// steps are gathered, the first of them being that of a tag that became present.
    pub fn row_field(&self, field: &RowField) -> RowField {
        let RowField::Either { ext, arg_type, .. } = field else { return field.clone() };
        let Some(mut next) = self.row_fields.borrow()[*ext].clone() else { return field.clone() };
        let mut types: Vec<TypeId> = arg_type.to_vec();
        loop {
            match next {
                RowField::Either { no_arg, arg_type, matched, ext } => {
                    types.extend(arg_type.iter());
                    let further = self.row_fields.borrow()[ext].clone();
                    match further {
                        Some(further) => next = further,
                        None => return RowField::Either { no_arg, arg_type: types.into(), matched, ext },
                    }
                }
                RowField::Present(Some(ty)) => return RowField::Present(Some(types.first().copied().unwrap_or(ty))),
                other => return other,
            }
        }
    }
    /// Decides an unknown presence.
    pub fn set_row_field(&self, var: RowFieldVar, to: RowField) {
        self.row_fields.borrow_mut()[var] = Some(to);
        self.record(|| Change::RowField(var));
    }
    /// Makes a variable undecided again.
    pub fn reset_row_field(&self, var: RowFieldVar) {
        self.row_fields.borrow_mut()[var] = None;
    }
    /// Whether the extension variable is already decided.
    pub fn row_field_decided(&self, var: RowFieldVar) -> bool {
        self.row_fields.borrow()[var].is_some()
    }

    /// A new name cell for an object type.
    pub fn new_object_name(&self, name: Option<(Path, Rc<[TypeId]>)>) -> ObjectName {
        self.object_names.borrow_mut().push(name)
    }
    /// The name in a cell.
    pub fn object_name(&self, cell: ObjectName) -> Option<(Path, Rc<[TypeId]>)> {
        self.object_names.borrow()[cell].clone()
    }
    /// Sets the name in a cell.
    pub fn set_object_name(&self, cell: ObjectName, name: Option<(Path, Rc<[TypeId]>)>) {
        let old = std::mem::replace(&mut self.object_names.borrow_mut()[cell], name);
        self.record(|| Change::ObjectName(cell, old));
    }

    /// An empty memo.
    pub fn new_memo(&self) -> AbbrevMemo {
        self.memos.borrow_mut().push(Memo::default())
    }
    /// A memo for a type that stands in an expansion remembered in `parent`: it sees what is
    /// there, so that recursive abbreviations expand to cyclic types.
    pub fn new_memo_in(&self, parent: Option<AbbrevMemo>) -> AbbrevMemo {
        let mut memos = self.memos.borrow_mut();
        let parent = parent.and_then(|p| if memos[p].entries.is_empty() { memos[p].parent } else { Some(p) });
        memos.push(Memo { entries: Vec::new(), parent })
    }
    fn search_memo<R>(&self, memo: AbbrevMemo, mut f: impl FnMut(&MemoEntry) -> Option<R>) -> Option<R> {
        let memos = self.memos.borrow();
        let mut memo = Some(memo);
        while let Some(id) = memo {
            if let Some(found) = memos[id].entries.iter().rev().find_map(&mut f) {
                return Some(found);
            }
            memo = memos[id].parent;
        }
        None
    }
    /// The expansion of `path` remembered in a memo. Where private abbreviations may be expanded
    /// any serves, else only public ones.
    pub fn find_memo(&self, memo: AbbrevMemo, private: bool, path: &Path) -> Option<TypeId> {
        self.search_memo(memo, |e| ((private || !e.private) && e.path == *path).then_some(e.expansion))
    }
    /// The type whose public expansion by `path` is remembered in a memo.
    pub fn find_abbreviated(&self, memo: AbbrevMemo, path: &Path) -> Option<TypeId> {
        self.search_memo(memo, |e| (!e.private && e.path == *path).then_some(e.abbreviated))
    }
    /// Whether any expansion of `path` is remembered in a memo.
    pub fn has_memo(&self, memo: AbbrevMemo, path: &Path) -> bool {
        self.search_memo(memo, |e| (e.path == *path).then_some(())).is_some()
    }
    /// Remembers an expansion. Memos are not recorded: backtracking forgets all of them.
    pub fn add_memo(&self, memo: AbbrevMemo, entry: MemoEntry) {
        self.memos.borrow_mut()[memo].entries.push(entry);
        self.filled_memos.borrow_mut().push(memo);
    }
    /// Forgets the latest expansion of `path`.
    pub fn forget_memo(&self, memo: AbbrevMemo, path: &Path) {
        let mut memos = self.memos.borrow_mut();
        let mut memo = Some(memo);
        while let Some(id) = memo {
            let entries = &mut memos[id].entries;
            if let Some(i) = entries.iter().rposition(|e| e.path == *path) {
                entries.remove(i);
                return;
            }
            memo = memos[id].parent;
        }
    }
    /// Forgets the expansions in a memo.
    pub fn clear_memo(&self, memo: AbbrevMemo) {
        self.memos.borrow_mut()[memo] = Memo::default();
    }
    /// Forgets all expansions: upstream's `cleanup_abbrev`.
    pub fn cleanup_abbrev(&self) {
        let mut memos = self.memos.borrow_mut();
        for memo in self.filled_memos.borrow_mut().drain(..) {
            memos[memo] = Memo::default();
        }
    }

    /// Opens a snapshot. Each must be closed by [`commit`](Self::commit) or
    /// [`backtrack`](Self::backtrack), innermost first.
    pub fn snapshot(&self) -> Snapshot {
        self.recording.set(self.recording.get() + 1);
        Snapshot(self.trail.borrow().len())
    }

    /// Closes a snapshot and keeps the changes.
    pub fn commit(&self, _snapshot: Snapshot) {
        self.recording.set(self.recording.get() - 1);
        if self.recording.get() == 0 {
            self.trail.borrow_mut().clear();
        }
    }

    /// Closes a snapshot and undoes every change since.
    pub fn backtrack(&self, snapshot: Snapshot) {
        self.undo_to(snapshot);
        self.commit(snapshot);
    }

    /// Undoes every change since the snapshot, which stays open.
    pub fn undo_to(&self, snapshot: Snapshot) {
        if self.trail.borrow().len() > snapshot.0 {
            self.cleanup_abbrev();
        }
        loop {
            let mut trail = self.trail.borrow_mut();
            if trail.len() <= snapshot.0 {
                return;
            }
            let Some(change) = trail.pop() else { return };
            drop(trail);
            self.undo(change);
        }
    }

    fn undo(&self, change: Change) {
        match change {
            Change::Desc(ty, desc) => self.nodes.borrow_mut()[ty].desc = desc,
            Change::Level(ty, level) => self.nodes.borrow_mut()[ty].level = level,
            Change::Scope(ty, scope) => self.nodes.borrow_mut()[ty].scope = scope,
            Change::Commutable(var) => self.commutables.borrow_mut()[var] = None,
            Change::FieldKind(var) => self.field_kinds.borrow_mut()[var] = None,
            Change::RowField(var) => self.row_fields.borrow_mut()[var] = None,
            Change::ObjectName(cell, name) => self.object_names.borrow_mut()[cell] = name,
        }
    }

    /// Number of nodes made so far; a stable identity for tables is `repr(ty).index()`.
    pub fn len(&self) -> usize {
        self.nodes.borrow().len()
    }
    /// Whether no node was made.
    pub fn is_empty(&self) -> bool {
        self.nodes.borrow().is_empty()
    }
    /// The order of creation of a node, for stable sorting.
    pub fn age(&self, ty: TypeId) -> usize {
        self.repr(ty).index()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backtracking_restores_links_and_levels() {
        let store = TypeStore::new();
        let a = store.new_node(TypeDesc::Var(None), 3);
        let b = store.new_node(TypeDesc::Nil, 2);
        let snapshot = store.snapshot();
        store.link(a, b);
        store.set_level(b, 1);
        assert!(store.same(a, b));
        store.backtrack(snapshot);
        assert!(!store.same(a, b));
        assert_eq!((store.level(a), store.level(b)), (3, 2));
    }
}
