//! Strings and bytes, and matching on the contents of strings.

use super::Generator;
use super::build::*;
use crate::clambda::{Debug as Place, Expr as Clambda};
use crate::cmm::{Chunk, Expr, Handler, IntCompare, LabelId, Op, Type};
use rocaml_lambda::lambda::Safety;
use rocaml_types::primitive::BoxedInteger;
use std::sync::Arc;

/// Chunk of an access of this many bits.
pub fn chunk_of_bits(bits: u8) -> Chunk {
    match bits {
        8 => Chunk::ByteUnsigned,
        16 => Chunk::SixteenUnsigned,
        32 => Chunk::ThirtytwoSigned,
        _ => Chunk::WordInt,
    }
}

/// The number that an access of this many bits yields, if not an `int`.
pub fn boxed_of_bits(bits: u8) -> Option<Boxed> {
    match bits {
        32 => Some(Boxed::Integer(BoxedInteger::Int32)),
        64 => Some(Boxed::Integer(BoxedInteger::Int64)),
        _ => None,
    }
}

impl Generator<'_> {
    /// The length in bytes, untagged. The last byte of the block says how many are padding.
    pub(super) fn string_length(&mut self, string: Expr) -> Expr {
        self.bind(string, Type::Val, |this, string| {
            let bytes = op2(Op::Lsli, op2(Op::Lsri, load_header(string.clone()), int(10)), int(3));
            this.bind(add_const(bytes, -1), Type::Int, |_, last| {
                let padding = load_at(Chunk::ByteUnsigned, true, string, last.clone());
                op2(Op::Subi, last, padding)
            })
        })
    }

    /// An access to `bits` at an untagged index, after the check unless it is unsafe.
    fn checked_bytes(
        &mut self,
        safety: Safety,
        bits: u8,
        string: &Expr,
        index: &Expr,
        place: &Place,
        access: Expr,
    ) -> Expr {
        if safety == Safety::Unsafe {
            return access;
        }
        let length = self.string_length(string.clone());
        let room = add_const(length, -i64::from(bits / 8 - 1));
        let check = if bits == 8 {
            self.check_bound(room, index.clone(), place)
        } else {
            // Too short a string gives a negative bound, which refuses every index.
            self.bind(room, Type::Int, |this, room| {
                let bound =
                    Expr::If(Box::new(compare(IntCompare::Gt, room.clone(), int(0))), Box::new(room), Box::new(int(0)));
                this.check_bound(bound, index.clone(), place)
            })
        };
        Expr::Sequence(Box::new(check), Box::new(access))
    }

    pub(super) fn string_load(
        &mut self,
        bits: u8,
        safety: Safety,
        mutable: bool,
        string: &Clambda,
        index: &Clambda,
        place: &Place,
    ) -> Expr {
        let (string, index) = (self.transl(string), self.untagged(index));
        self.bind(index, Type::Int, |this, index| {
            this.bind(string, Type::Val, |this, string| {
                let loaded = load_at(chunk_of_bits(bits), mutable, string.clone(), index.clone());
                let access = match boxed_of_bits(bits) {
                    Some(kind) => box_number(kind, loaded, this.config.big_endian, this.debug(place)),
                    None => tag_int(loaded),
                };
                this.checked_bytes(safety, bits, &string, &index, place, access)
            })
        })
    }

    pub(super) fn bytes_store(&mut self, bits: u8, safety: Safety, args: [&Clambda; 3], place: &Place) -> Expr {
        let [bytes, index, value] = args;
        let (bytes, index) = (self.transl(bytes), self.untagged(index));
        let value = match boxed_of_bits(bits) {
            Some(kind) => self.unboxed(kind, value),
            None => self.untagged(value),
        };
        let done = self.bind(value, Type::Int, |this, value| {
            this.bind(index, Type::Int, |this, index| {
                this.bind(bytes, Type::Val, |this, bytes| {
                    let access = store_at(chunk_of_bits(bits), bytes.clone(), index.clone(), value);
                    this.checked_bytes(safety, bits, &bytes, &index, place, access)
                })
            })
        });
        returning_unit(done)
    }

    // -----------------------------------------------------------------------------------------
    // Matching

    /// Branches on the words of a string: first how many there are, then each by a search.
    pub(super) fn string_switch(
        &mut self,
        scrutinee: &Clambda,
        cases: &[(Arc<[u8]>, Clambda)],
        default: Option<&Clambda>,
    ) -> Expr {
        let scrutinee = self.transl(scrutinee);
        let fail = self.fresh_label();
        let mut leaves: Vec<(Vec<u64>, Expr)> = Vec::new();
        for (text, case) in cases {
            let case = self.transl(case);
            leaves.push((words_of(text, self.config.big_endian), case));
        }
        leaves.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        let body = self.bind(scrutinee, Type::Val, |this, string| {
            let words = op2(Op::Lsri, load_header(string.clone()), int(10));
            this.bind(words, Type::Int, |this, words| {
                let mut groups: Vec<Vec<(Vec<u64>, Expr)>> = Vec::new();
                for leaf in leaves {
                    match groups.last_mut() {
                        Some(group) if group[0].0.len() == leaf.0.len() => group.push(leaf),
                        _ => groups.push(vec![leaf]),
                    }
                }
                let sized: Vec<(i64, Expr)> = groups
                    .into_iter()
                    .map(|group| (group[0].0.len() as i64, this.match_words(&string, 0, group, fail)))
                    .collect();
                search(&words, sized, fail)
            })
        });
        let Some(default) = default else { return with_unreachable(body, fail) };
        let handler = Handler { label: fail, params: vec![], body: self.transl(default), cold: false };
        Expr::Catch { recursive: false, handlers: vec![handler], body: Box::new(body) }
    }

    /// Chooses among strings of one length that agree up to word `at`.
    fn match_words(&mut self, string: &Expr, at: usize, mut group: Vec<(Vec<u64>, Expr)>, fail: LabelId) -> Expr {
        if group[0].0.len() == at {
            return group.swap_remove(0).1;
        }
        group.sort_by_key(|(words, _)| words[at] as i64);
        let mut by_word: Vec<(i64, Vec<(Vec<u64>, Expr)>)> = Vec::new();
        for leaf in group {
            let word = leaf.0[at] as i64;
            match by_word.last_mut() {
                Some((known, leaves)) if *known == word => leaves.push(leaf),
                _ => by_word.push((word, vec![leaf])),
            }
        }
        let branches: Vec<(i64, Expr)> =
            by_word.into_iter().map(|(word, leaves)| (word, self.match_words(string, at + 1, leaves, fail))).collect();
        let word = load(Chunk::WordInt, true, string.clone(), at as i32 * 8);
        self.bind(word, Type::Int, |_, word| search(&word, branches, fail))
    }
}

/// A binary search of `key`, a variable, among sorted constants.
fn search(key: &Expr, mut branches: Vec<(i64, Expr)>, fail: LabelId) -> Expr {
    if branches.len() == 1 {
        let (word, case) = branches.swap_remove(0);
        let equal = compare(IntCompare::Eq, key.clone(), int(word));
        return Expr::If(Box::new(equal), Box::new(case), Box::new(Expr::Exit(fail, vec![])));
    }
    let high = branches.split_off(branches.len() / 2);
    let bound = int(high[0].0);
    let less = compare(IntCompare::Lt, key.clone(), bound);
    Expr::If(Box::new(less), Box::new(search(key, branches, fail)), Box::new(search(key, high, fail)))
}

/// Cases that are all there can be: what would fail is any of them.
fn with_unreachable(body: Expr, fail: LabelId) -> Expr {
    let handler = Handler { label: fail, params: vec![], body: unit(), cold: true };
    Expr::Catch { recursive: false, handlers: vec![handler], body: Box::new(body) }
}

/// The words of a string's block, as loads see them.
fn words_of(text: &[u8], big_endian: bool) -> Vec<u64> {
    let count = text.len() / 8 + 1;
    let mut bytes = text.to_vec();
    bytes.resize(count * 8, 0);
    bytes[count * 8 - 1] = (count * 8 - 1 - text.len()) as u8;
    bytes
        .chunks_exact(8)
        .map(|chunk| {
            let word: [u8; 8] = chunk.try_into().expect("chunks of 8 bytes");
            if big_endian { u64::from_be_bytes(word) } else { u64::from_le_bytes(word) }
        })
        .collect()
}
