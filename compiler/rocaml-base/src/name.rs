//! Interned strings.
//!
//! One table for the process: compilers run once and exit, and names travel through every phase.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, RwLock};

/// An interned string: equality and hashing cost one word.
///
/// The order of [`Ord`] is that of the strings, so that sorted output does not depend on the
/// order of interning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(u32);

struct Interner {
    ids: Mutex<HashMap<&'static str, u32>>,
    strings: RwLock<Vec<&'static str>>,
}

fn interner() -> &'static Interner {
    static TABLE: OnceLock<Interner> = OnceLock::new();
    TABLE.get_or_init(|| Interner { ids: Mutex::default(), strings: RwLock::default() })
}

impl Name {
    /// Interns a string.
    pub fn new(text: &str) -> Name {
        let table = interner();
        let mut ids = table.ids.lock().expect("no thread panics while interning");
        if let Some(&id) = ids.get(text) {
            return Name(id);
        }
        // Names live as long as the process, which compiles and exits.
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        let mut strings = table.strings.write().expect("no thread panics while interning");
        let id = u32::try_from(strings.len()).expect("fewer than 2^32 names");
        strings.push(text);
        ids.insert(text, id);
        Name(id)
    }

    /// The string.
    pub fn as_str(self) -> &'static str {
        interner().strings.read().expect("no thread panics while interning")[self.0 as usize]
    }
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        if self == other { std::cmp::Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        // Borrowed where the format allows it, owned otherwise.
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Name::new(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn interning_is_idempotent_and_ordered_by_text() {
        let (b, a) = (Name::new("b"), Name::new("a"));
        assert_eq!(a, Name::new("a"));
        assert!(a < b);
        assert_eq!(a, "a");
    }
}
