//! Identifiers with stamps: upstream's `Ident.t`.

use rocaml_base::Name;
use std::cell::Cell;
use std::fmt;

/// A bound name. Two idents of one spelling differ by their stamp.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ident {
    /// Bound in the unit being compiled, at nesting level 0 of modules.
    Local { name: Name, stamp: u32 },
    /// Bound in the unit being compiled, with the scope (level) beyond which its type must not go.
    Scoped { name: Name, stamp: u32, scope: i32 },
    /// A compilation unit.
    Global(Name),
    /// Predefined (`int`, `Not_found`).
    Predef { name: Name, stamp: u32 },
}

thread_local! {
    static LAST_STAMP: Cell<u32> = const { Cell::new(BEFORE_PROGRAMS) };
}

/// The stamp before the first one of a program as upstream's compilers have it, whose initial environment takes as
/// many: dumps show these numbers.
const BEFORE_PROGRAMS: u32 = 273;
/// The same of a session of phrases.
const BEFORE_SESSIONS: u32 = 280;
/// What an initial environment is made of is numbered from here on, out of the way of programs.
const INITIAL_STAMPS: u32 = 1 << 24;

/// Numbers from the beginning again: before each program, so that what is made of one does not depend on those
/// before it. No ident outlives its context.
pub(crate) fn reinit() {
    LAST_STAMP.with(|last| last.set(BEFORE_PROGRAMS));
}

/// What is bound next is bound by phrases of a session.
pub fn begin_session() {
    LAST_STAMP.with(|last| last.set(BEFORE_SESSIONS));
}

/// Makes an initial environment.
pub fn in_initial_env<T>(make: impl FnOnce() -> T) -> T {
    let before = LAST_STAMP.with(|last| last.replace(INITIAL_STAMPS));
    let made = make();
    LAST_STAMP.with(|last| last.set(before));
    made
}

fn fresh_stamp() -> u32 {
    LAST_STAMP.with(|last| {
        last.set(last.get() + 1);
        last.get()
    })
}

/// Scope of what may go anywhere: upstream's `Ident.lowest_scope`.
pub const LOWEST_SCOPE: i32 = 0;
/// Scope of what may go nowhere: upstream's `Ident.highest_scope`.
pub const HIGHEST_SCOPE: i32 = 100_000_000;

impl Ident {
    /// A fresh local ident.
    pub fn create_local(name: Name) -> Ident {
        Ident::Local { name, stamp: fresh_stamp() }
    }
    /// A fresh ident bound at `scope`.
    pub fn create_scoped(scope: i32, name: Name) -> Ident {
        Ident::Scoped { name, stamp: fresh_stamp(), scope }
    }
    /// The ident of a compilation unit.
    pub fn global(name: Name) -> Ident {
        Ident::Global(name)
    }
    /// A fresh local ident of the same name.
    pub fn rename(self) -> Ident {
        Ident::create_local(self.name())
    }
    /// The name without the stamp.
    pub fn name(self) -> Name {
        match self {
            Ident::Local { name, .. } | Ident::Scoped { name, .. } | Ident::Predef { name, .. } => name,
            Ident::Global(name) => name,
        }
    }
    /// The stamp; 0 for units.
    pub fn stamp(self) -> u32 {
        match self {
            Ident::Local { stamp, .. } | Ident::Scoped { stamp, .. } | Ident::Predef { stamp, .. } => stamp,
            Ident::Global(_) => 0,
        }
    }
    /// A name that no other ident of the unit has: upstream's `Ident.unique_name`.
    pub fn unique_name(self) -> String {
        match self {
            Ident::Global(name) => name.to_string(),
            _ => format!("{}_{}", self.name(), self.stamp()),
        }
    }
    /// Whether it names a compilation unit.
    pub fn is_global(self) -> bool {
        matches!(self, Ident::Global(_))
    }
    /// Whether it is predefined.
    pub fn is_predef(self) -> bool {
        matches!(self, Ident::Predef { .. })
    }
    /// The level beyond which types that mention it must not go.
    pub fn scope(self) -> i32 {
        match self {
            Ident::Scoped { scope, .. } => scope,
            Ident::Local { .. } => HIGHEST_SCOPE,
            Ident::Global(_) | Ident::Predef { .. } => LOWEST_SCOPE,
        }
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name().as_str())
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ident::Global(name) => write!(f, "{name}!"),
            _ => write!(f, "{}/{}", self.name(), self.stamp()),
        }
    }
}
