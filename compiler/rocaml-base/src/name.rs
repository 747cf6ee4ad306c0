//! Interned strings.
//!
//! One table for the process: compilers run once and exit, and names travel through every phase.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, OnceLock};

/// An interned string: equality and hashing cost one word.
///
/// The order of [`Ord`] is that of the strings, so that sorted output does not depend on the
/// order of interning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(u32);

/// The strings by number, and the numbers by string.
struct Interner {
    ids: Mutex<HashMap<&'static str, u32, BuildHasherDefault<TextHasher>>>,
    /// Each segment is twice as long as the one before it. None ever moves, so that readers need no lock.
    segments: [OnceLock<Box<[OnceLock<&'static str>]>>; SEGMENTS],
}

/// Length of the first segment.
const FIRST: u32 = 1 << 10;
const SEGMENTS: usize = (u32::BITS - FIRST.ilog2()) as usize;

static INTERNER: Interner = Interner {
    ids: Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())),
    segments: [const { OnceLock::new() }; SEGMENTS],
};

/// The segment of a number, its length, and the place within.
fn place(id: u32) -> (usize, usize, usize) {
    let position = id + FIRST;
    let length = 1 << position.ilog2();
    ((position.ilog2() - FIRST.ilog2()) as usize, length as usize, (position - length) as usize)
}

/// A fast hash of short texts.
#[derive(Default)]
struct TextHasher(u64);

impl Hasher for TextHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        let mut mix = |word: u64| self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
        mix(rest.iter().fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte)));
    }
    fn write_u8(&mut self, _end: u8) {
        // The length is part of the hash already.
    }
}

impl Name {
    /// Interns a string.
    pub fn new(text: &str) -> Name {
        let mut ids = INTERNER.ids.lock().expect("no thread panics while interning");
        if let Some(&id) = ids.get(text) {
            return Name(id);
        }
        // Names live as long as the process, which compiles and exits.
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        let id = u32::try_from(ids.len()).ok().filter(|id| *id < u32::MAX - FIRST).expect("fewer than 2^31 names");
        let (segment, length, at) = place(id);
        let segment = INTERNER.segments[segment].get_or_init(|| (0..length).map(|_| OnceLock::new()).collect());
        segment[at].get_or_init(|| text);
        ids.insert(text, id);
        Name(id)
    }

    /// The string.
    pub fn as_str(self) -> &'static str {
        let (segment, _, at) = place(self.0);
        let text = INTERNER.segments[segment].get().and_then(|segment| segment[at].get());
        text.expect("a name is made after its text")
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

    #[test]
    fn names_of_all_segments_keep_their_texts() {
        let names: Vec<Name> = (0..5000).map(|n| Name::new(&format!("name {n}"))).collect();
        for (n, name) in names.iter().enumerate() {
            assert_eq!(*name, format!("name {n}").as_str());
        }
    }
}
