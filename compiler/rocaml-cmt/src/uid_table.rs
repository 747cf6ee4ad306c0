//! The table from identities to declarations, as upstream's hash tables lie in memory.

use crate::emitter::{Emitter, Tree};
use rocaml_formats::marshal::Value;
use rocaml_types::Uid;

/// The declarations met so far: a `Hashtbl.t` without randomization.
pub fn emit(e: &mut Emitter<'_>) -> Value {
    let declarations = std::mem::take(&mut e.declarations);
    let mut capacity = INITIAL_CAPACITY;
    while declarations.len() > 2 * capacity {
        capacity *= 2;
    }
    let mut buckets = vec![Value::Int(0); capacity];
    let size = declarations.len();
    for (uid, declaration) in declarations {
        let bucket = &mut buckets[hash(uid) as usize & (capacity - 1)];
        let next = *bucket;
        let key = uid.emit(e);
        *bucket = e.block(0, vec![key, declaration, next]);
    }
    let data = e.block(0, buckets);
    let (size, seed) = (Value::Int(size as i64), Value::Int(0));
    e.block(0, vec![size, data, seed, Value::Int(INITIAL_CAPACITY as i64)])
}

const INITIAL_CAPACITY: usize = 16;

/// What `Hashtbl.hash` gives for an identity: MurmurHash3 over the values met breadth first.
fn hash(uid: Uid) -> u32 {
    let mut h = Hash(0);
    match uid {
        Uid::Internal => h.int(0),
        Uid::CompilationUnit(name) => {
            h.block(0, 1);
            h.string(name.as_bytes());
        }
        Uid::Item { comp_unit, id, from_intf } => {
            h.block(1, 3);
            h.string(comp_unit.as_bytes());
            h.int(i64::from(id));
            h.int(i64::from(!from_intf));
        }
        Uid::Predef(name) => {
            h.block(2, 1);
            h.string(name.as_bytes());
        }
    }
    h.finish()
}

struct Hash(u32);

impl Hash {
    fn mix(&mut self, word: u32) {
        let word = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        self.0 = (self.0 ^ word).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    /// An integer counts with its tag bit, folded to 32 bits.
    fn int(&mut self, n: i64) {
        let word = n << 1 | 1;
        self.mix((word >> 32 ^ word >> 63 ^ word) as u32);
    }
    fn block(&mut self, tag: u32, size: u32) {
        self.mix(size << 10 | tag);
    }
    fn string(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(4) {
            self.mix(chunk.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)));
        }
        self.0 ^= bytes.len() as u32;
    }
    fn finish(self) -> u32 {
        let h = (self.0 ^ self.0 >> 16).wrapping_mul(0x85eb_ca6b);
        let h = (h ^ h >> 13).wrapping_mul(0xc2b2_ae35);
        (h ^ h >> 16) & 0x3fff_ffff
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocaml_base::Name;

    #[test]
    fn hashes_are_those_of_the_runtime() {
        let item = |id, from_intf| Uid::Item { comp_unit: Name::new("Stdlib__List"), id, from_intf };
        let hashes = [
            hash(Uid::Internal),
            hash(Uid::CompilationUnit(Name::new("M"))),
            hash(item(0, false)),
            hash(item(70000, true)),
            hash(Uid::Predef(Name::new("int"))),
        ];
        assert_eq!(hashes, HASHES);
    }

    const HASHES: [u32; 5] = [129_913_994, 561_147_792, 173_316_346, 488_037_113, 5_316_142];
}
