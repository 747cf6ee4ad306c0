//! Trees as upstream's values in memory, both ways.
//!
//! A type that has a counterpart upstream implements [`Codec`]. Most do so by a line of a table:
//! `record!` lists the fields of a block in order, `variant!` the constructors with their numbers,
//! constant ones and others apart. [`Writer`] and [`Reader`] hold what one value needs;
//! reading never panics and, whatever the sharing or cycles in the bytes, ends.

mod parsetree;

use crate::marshal::{Error, Heap, Value};
use rocaml_base::{Loc, Location, Name, Position};
use std::collections::HashMap;
use std::sync::Arc;

pub type Result<T> = std::result::Result<T, Error>;

/// What a type shares with the values of upstream's counterpart.
pub trait Codec: Sized {
    fn encode(&self, w: &mut Writer) -> Value;
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Self>;
}

/// A heap to which values are written. What is equal and often repeated is shared.
#[derive(Default)]
pub struct Writer {
    pub heap: Heap,
    names: HashMap<Name, Value>,
    positions: HashMap<Position, Value>,
}

impl Writer {
    pub fn block(&mut self, tag: u8, fields: Vec<Value>) -> Value {
        self.heap.block(tag, fields)
    }
    pub fn bool(on: bool) -> Value {
        Value::Int(i64::from(on))
    }
    pub fn option(&mut self, v: Option<Value>) -> Value {
        v.map_or(Value::Int(0), |v| self.block(0, vec![v]))
    }
    pub fn name(&mut self, name: Name) -> Value {
        if let Some(v) = self.names.get(&name) {
            return *v;
        }
        let v = self.heap.string(name.as_bytes());
        self.names.insert(name, v);
        v
    }
    fn position(&mut self, p: Position) -> Value {
        if let Some(v) = self.positions.get(&p) {
            return *v;
        }
        let numbers = [i64::from(p.line), i64::from(p.bol), i64::from(p.cnum)].map(Value::Int);
        let mut fields = vec![self.name(p.file)];
        fields.extend(numbers);
        let v = self.block(0, fields);
        self.positions.insert(p, v);
        v
    }
    pub fn loc(&mut self, loc: Location) -> Value {
        let fields = vec![self.position(loc.start), self.position(loc.end), Writer::bool(loc.ghost)];
        self.block(0, fields)
    }
}

/// How deeply values may be nested: a cycle is deeper.
const MAX_DEPTH: usize = 400_000;
/// How often one object may be read, on average: shared values stand for exponentially larger
/// trees.
const MAX_VISITS: usize = 64;

/// A heap from which values are read.
pub struct Reader<'a> {
    pub heap: &'a Heap,
    /// The names read so far, by object.
    names: Vec<Option<Name>>,
    depth: usize,
    fuel: usize,
}

impl<'a> Reader<'a> {
    pub fn new(heap: &'a Heap) -> Reader<'a> {
        let fuel = heap.len().saturating_mul(MAX_VISITS).saturating_add(1 << 16);
        Reader { heap, names: vec![None; heap.len()], depth: 0, fuel }
    }
    /// Notes that values are read within a value. Every call needs its [`Reader::leave`], unless
    /// reading fails.
    pub fn enter(&mut self) -> Result<()> {
        if self.depth > MAX_DEPTH || self.fuel == 0 || rocaml_syntax::deep::is_exhausted() {
            return Err(Error::Shape("a value of usual depth"));
        }
        self.depth += 1;
        self.fuel -= 1;
        Ok(())
    }
    pub fn leave(&mut self) {
        self.depth -= 1;
    }
    /// The items of a list.
    pub fn items(&mut self, v: Value) -> Result<Vec<Value>> {
        let items = self.heap.items(v)?;
        self.spend(items.len())?;
        Ok(items)
    }
    /// Counts what is read against what there can be.
    pub fn spend(&mut self, n: usize) -> Result<()> {
        self.fuel = self.fuel.checked_sub(n).ok_or(Error::Shape("a value of usual size"))?;
        Ok(())
    }
    /// Tag and fields; `n` at least.
    pub fn block(&self, v: Value, n: usize) -> Result<(u8, &'a [Value])> {
        let (tag, fields) = self.heap.as_block(v)?;
        if fields.len() < n { Err(Error::Shape("enough fields")) } else { Ok((tag, fields)) }
    }
    pub fn record(&self, v: Value, n: usize) -> Result<&'a [Value]> {
        Ok(self.block(v, n)?.1)
    }
    pub fn option(&self, v: Value) -> Result<Option<Value>> {
        match v {
            Value::Int(_) => Ok(None),
            v => Ok(Some(self.record(v, 1)?[0])),
        }
    }
    pub fn bool(v: Value) -> Result<bool> {
        Ok(Heap::as_int(v)? != 0)
    }
    /// A number that counts something.
    pub fn index<T: TryFrom<i64>>(v: Value) -> Result<T> {
        T::try_from(Heap::as_int(v)?).map_err(|_| Error::Shape("a number within its range"))
    }
    pub fn choose<T: Copy>(v: Value, choices: &[T]) -> Result<T> {
        choices.get(Reader::index::<usize>(v)?).copied().ok_or(Error::Shape("a known case"))
    }
    pub fn name(&mut self, v: Value) -> Result<Name> {
        let Value::Object(object) = v else { return Err(Error::Shape("a string")) };
        if let Some(name) = self.names[object as usize] {
            return Ok(name);
        }
        let name = Name::new(&String::from_utf8_lossy(self.heap.as_bytes(v)?));
        self.names[object as usize] = Some(name);
        Ok(name)
    }
    fn position(&mut self, v: Value) -> Result<Position> {
        let f = self.record(v, 4)?;
        let number = |v: Value| Ok(Heap::as_int(v)?.clamp(0, i64::from(i32::MAX)) as u32);
        let cnum = Heap::as_int(f[3])?.clamp(-1, i64::from(i32::MAX)) as i32;
        Ok(Position { file: self.name(f[0])?, line: number(f[1])?, bol: number(f[2])?, cnum })
    }
}

impl Codec for Name {
    fn encode(&self, w: &mut Writer) -> Value {
        w.name(*self)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Name> {
        r.name(v)
    }
}
impl Codec for Arc<[u8]> {
    fn encode(&self, w: &mut Writer) -> Value {
        w.heap.string(self)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Self> {
        Ok(r.heap.as_bytes(v)?.into())
    }
}
impl Codec for bool {
    fn encode(&self, _: &mut Writer) -> Value {
        Writer::bool(*self)
    }
    fn decode(_: &mut Reader<'_>, v: Value) -> Result<bool> {
        Reader::bool(v)
    }
}
impl Codec for u8 {
    fn encode(&self, _: &mut Writer) -> Value {
        Value::Int(i64::from(*self))
    }
    fn decode(_: &mut Reader<'_>, v: Value) -> Result<u8> {
        Reader::index(v)
    }
}
impl Codec for char {
    fn encode(&self, _: &mut Writer) -> Value {
        Value::Int(i64::from(u32::from(*self)))
    }
    fn decode(_: &mut Reader<'_>, v: Value) -> Result<char> {
        Ok(char::from(Reader::index::<u8>(v)?))
    }
}
impl Codec for Location {
    fn encode(&self, w: &mut Writer) -> Value {
        w.loc(*self)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Location> {
        let f = r.record(v, 3)?;
        Ok(Location { start: r.position(f[0])?, end: r.position(f[1])?, ghost: Reader::bool(f[2])? })
    }
}
impl<T: Codec> Codec for Loc<T> {
    fn encode(&self, w: &mut Writer) -> Value {
        let fields = vec![self.txt.encode(w), w.loc(self.loc)];
        w.block(0, fields)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Loc<T>> {
        let f = r.record(v, 2)?;
        Ok(Loc::new(T::decode(r, f[0])?, Location::decode(r, f[1])?))
    }
}
impl<T: Codec> Codec for Box<T> {
    fn encode(&self, w: &mut Writer) -> Value {
        (**self).encode(w)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Box<T>> {
        Ok(Box::new(T::decode(r, v)?))
    }
}
impl<T: Codec> Codec for Option<T> {
    fn encode(&self, w: &mut Writer) -> Value {
        let inner = self.as_ref().map(|inner| inner.encode(w));
        w.option(inner)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Option<T>> {
        r.option(v)?.map(|v| T::decode(r, v)).transpose()
    }
}
impl<T: Codec> Codec for Vec<T> {
    fn encode(&self, w: &mut Writer) -> Value {
        let items = self.iter().map(|item| item.encode(w)).collect();
        w.heap.list(items)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<Vec<T>> {
        r.items(v)?.into_iter().map(|v| T::decode(r, v)).collect()
    }
}
impl<A: Codec, B: Codec> Codec for (A, B) {
    fn encode(&self, w: &mut Writer) -> Value {
        let fields = vec![self.0.encode(w), self.1.encode(w)];
        w.block(0, fields)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<(A, B)> {
        let f = r.record(v, 2)?;
        Ok((A::decode(r, f[0])?, B::decode(r, f[1])?))
    }
}
impl<A: Codec, B: Codec, C: Codec> Codec for (A, B, C) {
    fn encode(&self, w: &mut Writer) -> Value {
        let fields = vec![self.0.encode(w), self.1.encode(w), self.2.encode(w)];
        w.block(0, fields)
    }
    fn decode(r: &mut Reader<'_>, v: Value) -> Result<(A, B, C)> {
        let f = r.record(v, 3)?;
        Ok((A::decode(r, f[0])?, B::decode(r, f[1])?, C::decode(r, f[2])?))
    }
}

/// `record!(Type: field, …)`: a block of tag 0 with these fields.
macro_rules! record {
    ($ty:ty: $($field:ident),+ $(,)?) => {
        impl Codec for $ty {
            fn encode(&self, w: &mut Writer) -> Value {
                let fields = vec![$(self.$field.encode(w)),+];
                w.block(0, fields)
            }
            fn decode(r: &mut Reader<'_>, v: Value) -> Result<Self> {
                const SIZE: usize = [$(stringify!($field)),+].len();
                r.enter()?;
                let mut fields = r.record(v, SIZE)?.iter();
                let mut next = || fields.next().copied().ok_or(Error::Shape("enough fields"));
                let record = Self { $($field: Codec::decode(r, next()?)?),+ };
                r.leave();
                Ok(record)
            }
        }
    };
}

/// `variant!(Type: [0 A, 1 B], 0 C(x), 1 D(x, y))`: constant constructors are their numbers, the
/// others blocks of these tags; after `|` stand those whose argument is one tuple.
macro_rules! variant {
    (
        $ty:ident: $([$($number:literal $constant:ident),+],)? $($tag:literal $name:ident($($x:ident),+)),*
        $(| $($tupled_tag:literal $tupled:ident($($y:ident),+)),+)? $(,)?
    ) => {
        impl Codec for $ty {
            fn encode(&self, w: &mut Writer) -> Value {
                match self {
                    $($($ty::$constant => Value::Int($number),)+)?
                    $($ty::$name($($x),+) => {
                        let fields = vec![$($x.encode(w)),+];
                        w.block($tag, fields)
                    })*
                    $($($ty::$tupled($($y),+) => {
                        let fields = vec![$($y.encode(w)),+];
                        let tuple = w.block(0, fields);
                        w.block($tupled_tag, vec![tuple])
                    })+)?
                }
            }
            fn decode(r: &mut Reader<'_>, v: Value) -> Result<Self> {
                if let Value::Int(_) = v {
                    return match v {
                        $($(Value::Int($number) => Ok($ty::$constant),)+)?
                        _ => Err(Error::Shape(concat!("a case of ", stringify!($ty)))),
                    };
                }
                r.enter()?;
                let (tag, fields) = r.heap.as_block(v)?;
                let variant = match (tag, fields) {
                    $(($tag, [$($x),+]) => $ty::$name($(Codec::decode(r, *$x)?),+),)*
                    $($(($tupled_tag, [tuple]) => {
                        let (_, [$($y),+]) = r.heap.as_block(*tuple)? else { return Err(Error::Shape("a tuple")) };
                        $ty::$tupled($(Codec::decode(r, *$y)?),+)
                    })+)?
                    _ => return Err(Error::Shape(concat!("a case of ", stringify!($ty)))),
                };
                r.leave();
                Ok(variant)
            }
        }
    };
}

/// `constants!(Type: A, B)`: constructors that are their numbers.
macro_rules! constants {
    ($ty:ident: $($name:ident),+) => {
        impl Codec for $ty {
            fn encode(&self, _: &mut Writer) -> Value {
                Value::Int(*self as i64)
            }
            fn decode(_: &mut Reader<'_>, v: Value) -> Result<Self> {
                Reader::choose(v, &[$($ty::$name),+])
            }
        }
    };
}

use {constants, record, variant};
