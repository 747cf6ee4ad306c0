//! Values as a program wrote them: trees of what can be told without types.
//!
//! `support/rocaml_outcome.ml` is the writer and says what the bytes are.

use std::rc::Rc;

/// Tags of blocks that are not plain: upstream's `Obj`.
pub const FORCING_TAG: u8 = 244;
pub const LAZY_TAG: u8 = 246;
pub const OBJECT_TAG: u8 = 248;
pub const FORWARD_TAG: u8 = 250;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is known of it.
    Unknown,
    Int(i64),
    /// A block: its tag, its size, and the first of its fields.
    Block(u8, usize, Rc<[Value]>),
    String(Rc<[u8]>),
    Double(f64),
    /// An array or record of floats: its length and the first of them.
    DoubleArray(usize, Rc<[f64]>),
    /// The first word of a custom block's data.
    Custom(i64),
    /// A closure, an object, an abstract block.
    Opaque,
    /// A block that contains this place.
    Cycle,
}

/// How the evaluation of a phrase ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// With the value of the expression, or those of the definitions.
    Finished(Vec<Value>),
    /// With an exception, and the words that a printer of the program has for it.
    Raised(Value, Option<String>),
}

/// What a phrase did.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub number: usize,
    /// What it printed with `Format`.
    pub printed: Vec<u8>,
    pub ending: Ending,
}

/// Reads outcomes; what is incomplete at the end, as of a program that died, is left out.
pub fn read(bytes: &[u8]) -> Vec<Outcome> {
    let mut reader = Reader { bytes };
    let mut outcomes = Vec::new();
    while let Some(outcome) = reader.outcome() {
        outcomes.push(outcome);
    }
    outcomes
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn word(&mut self) -> Option<i64> {
        let bytes = self.take(8)?;
        Some(i64::from_le_bytes(bytes.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.word()?).ok()
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let kind = self.byte()?;
        let number = self.count()?;
        let length = self.count()?;
        let printed = self.take(length)?.to_vec();
        let ending = match kind {
            b'F' => {
                let count = self.count()?;
                Ending::Finished((0..count).map(|_| self.value()).collect::<Option<_>>()?)
            }
            b'R' => {
                let exn = self.value()?;
                let words = match self.value()? {
                    Value::String(text) => Some(String::from_utf8_lossy(&text).into_owned()),
                    _ => None,
                };
                Ending::Raised(exn, words)
            }
            _ => return None,
        };
        Some(Outcome { number, printed, ending })
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            b'i' => Value::Int(self.word()?),
            b'b' => {
                let tag = self.byte()?;
                let size = self.count()?;
                let present = self.count()?;
                Value::Block(tag, size, (0..present).map(|_| self.value()).collect::<Option<_>>()?)
            }
            b's' => {
                let length = self.count()?;
                Value::String(self.take(length)?.into())
            }
            b'd' => Value::Double(f64::from_bits(self.word()? as u64)),
            b'D' => {
                let size = self.count()?;
                let present = self.count()?;
                let doubles = (0..present).map(|_| self.word().map(|word| f64::from_bits(word as u64)));
                Value::DoubleArray(size, doubles.collect::<Option<_>>()?)
            }
            b'c' => Value::Custom(self.word()?),
            b'o' => Value::Opaque,
            b'^' => Value::Cycle,
            b'?' => Value::Unknown,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_as_far_as_they_are_complete() {
        let word = |n: i64| n.to_le_bytes().to_vec();
        let some_int = [b"b\0".to_vec(), word(1), word(1), b"i".to_vec(), word(-7)].concat();
        let finished = [b"F".to_vec(), word(3), word(2), b"hi".to_vec(), word(1), some_int].concat();
        let cut = [finished.clone(), b"R".to_vec(), word(4), word(0)].concat();
        let value = Value::Block(0, 1, [Value::Int(-7)].into());
        let outcome = Outcome { number: 3, printed: b"hi".to_vec(), ending: Ending::Finished(vec![value]) };
        assert_eq!(read(&cut), [outcome]);
    }
}
