//! What typed trees are emitted with: sharing, and the macros of which the tables are made.

use rocaml_base::{Loc, Location, Name};
use rocaml_formats::cmi::encode::{self, Encoder};
use rocaml_formats::marshal::{BoxedInt, Value};
use rocaml_syntax::ast::{self, Attribute};
use rocaml_syntax::asttypes::{
    ArgLabel, ClosedFlag, Constant, DirectionFlag, Injectivity, MutableFlag, OverrideFlag, PrivateFlag, RecFlag,
    Variance, VirtualFlag,
};
use rocaml_syntax::longident::Longident;
use rocaml_types::{self as types, Context, Ident, Path, TypeDesc, TypeId, Uid};
use std::collections::HashMap;
use std::rc::Rc;

/// What can be emitted.
pub trait Tree {
    fn emit(&self, e: &mut Emitter<'_>) -> Value;
}

/// A heap to which a typed tree is written.
pub struct Emitter<'a> {
    pub types: Encoder<'a>,
    /// What is shared, by address: all of it lives as long as the tree.
    pub(crate) shared: HashMap<usize, Value>,
    /// Declarations with their identities, in the order they were met.
    pub(crate) declarations: Vec<(Uid, Value)>,
}

impl<'a> Emitter<'a> {
    pub fn new(cx: &'a Context) -> Emitter<'a> {
        Emitter { types: Encoder::for_typed_trees(cx), shared: HashMap::new(), declarations: Vec::new() }
    }
    pub fn block(&mut self, tag: u8, fields: Vec<Value>) -> Value {
        self.types.block(tag, fields)
    }
    pub fn option(&mut self, v: Option<Value>) -> Value {
        self.types.option(v)
    }
    pub fn string(&mut self, text: &str) -> Value {
        self.types.w.heap.string(text.as_bytes())
    }
    pub fn strings(&mut self, texts: &[String]) -> Value {
        let items = texts.iter().map(|text| self.string(text)).collect();
        self.types.w.heap.list(items)
    }
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut emit: impl FnMut(&mut Self, T) -> Value,
    ) -> Value {
        let items = items.into_iter().map(|item| emit(self, item)).collect();
        self.types.w.heap.list(items)
    }
    /// A map from the names of a sorted sequence.
    pub fn map(&mut self, entries: &[(Value, Value)]) -> Value {
        encode::map(&mut self.types.w.heap, entries)
    }
    /// A set, balanced, of sorted elements.
    pub fn set(&mut self, elements: &[Value]) -> Value {
        fn build(e: &mut Emitter<'_>, elements: &[Value]) -> (Value, i64) {
            if elements.is_empty() {
                return (Value::Int(0), 0);
            }
            let middle = elements.len() / 2;
            let (left, left_height) = build(e, &elements[..middle]);
            let (right, right_height) = build(e, &elements[middle + 1..]);
            let height = 1 + left_height.max(right_height);
            (e.block(0, vec![left, elements[middle], right, Value::Int(height)]), height)
        }
        build(self, elements).0
    }
    /// Notes that a value declares what has this identity; `kind` is upstream's
    /// `item_declaration`.
    pub fn declare(&mut self, uid: Uid, kind: u8, declaration: Value) {
        let item = self.block(kind, vec![declaration]);
        self.declarations.push((uid, item));
    }
}

/// `record!(Type: field, …)`: a block of tag 0 with these fields.
macro_rules! record {
    ($ty:ty: $($field:ident),+ $(,)?) => {
        impl Tree for $ty {
            fn emit(&self, e: &mut Emitter<'_>) -> Value {
                let fields = vec![$(self.$field.emit(e)),+];
                e.block(0, fields)
            }
        }
        impl Item for $ty {}
    };
}

/// `variant!(Type: [0 A], 0 B(x), 1 C(x, y))`: constant constructors are their numbers, the others
/// blocks of these tags; after `|` stand those whose argument is one tuple.
macro_rules! variant {
    (
        $ty:ident: $([$($number:literal $constant:ident),+],)? $($tag:literal $name:ident($($x:ident),+)),*
        $(| $($tupled_tag:literal $tupled:ident($($y:ident),+)),+)? $(,)?
    ) => {
        impl Tree for $ty {
            fn emit(&self, e: &mut Emitter<'_>) -> Value {
                match self {
                    $($($ty::$constant => Value::Int($number),)+)?
                    $($ty::$name($($x),+) => {
                        let fields = vec![$($x.emit(e)),+];
                        e.block($tag, fields)
                    })*
                    $($($ty::$tupled($($y),+) => {
                        let fields = vec![$($y.emit(e)),+];
                        let tuple = e.block(0, fields);
                        e.block($tupled_tag, vec![tuple])
                    })+)?
                }
            }
        }
        impl Item for $ty {}
    };
}

pub(crate) use {record, variant};

/// What has no types within is laid out as in parse trees.
macro_rules! plain {
    ($($ty:ty),+ $(,)?) => {
        $(impl Tree for $ty {
            fn emit(&self, e: &mut Emitter<'_>) -> Value {
                e.types.plain(self)
            }
        }
        impl Item for $ty {})+
    };
}

plain!(
    Location,
    Name,
    bool,
    Attribute,
    ast::Pattern,
    Longident,
    ArgLabel,
    ClosedFlag,
    DirectionFlag,
    Injectivity,
    MutableFlag,
    OverrideFlag,
    PrivateFlag,
    RecFlag,
    Variance,
    VirtualFlag,
);

/// What the encoder of interfaces writes: `types!(Type: method)`.
macro_rules! types {
    ($($ty:ty: $method:ident),+ $(,)?) => {
        $(impl Tree for $ty {
            fn emit(&self, e: &mut Emitter<'_>) -> Value {
                e.types.$method(self)
            }
        })+
    };
}

types!(
    Path: path,
    types::ValueDescription: value,
    types::TypeDeclaration: type_decl,
    types::ExtensionConstructor: extension,
    types::ModuleDeclaration: module_declaration,
    types::ModtypeDeclaration: modtype_declaration,
    types::ClassDeclaration: class_declaration,
    types::ClassTypeDeclaration: class_type_declaration,
    types::ModuleType: module_type,
    types::ClassType: class_type,
    types::ClassSignature: class_signature,
    types::RecordRepresentation: record_representation,
    types::primitive::PrimitiveDescription: primitive,
);

impl Tree for types::Signature {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        e.types.signature(self)
    }
}
impl Tree for TypeId {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        e.types.ty(*self)
    }
}
impl Tree for Ident {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        e.types.ident(*self)
    }
}
impl Tree for Uid {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        e.types.uid(*self)
    }
}
impl Tree for i32 {
    fn emit(&self, _: &mut Emitter<'_>) -> Value {
        Value::Int(i64::from(*self))
    }
}
impl Tree for types::ModulePresence {
    fn emit(&self, _: &mut Emitter<'_>) -> Value {
        Value::Int(*self as i64)
    }
}

impl Tree for Constant {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            Constant::Int(n) => (0, vec![Value::Int(*n)]),
            Constant::Char(c) => (1, vec![Value::Int(i64::from(*c))]),
            Constant::String(bytes, loc, delimiter) => {
                (2, vec![e.types.w.heap.string(bytes), loc.emit(e), delimiter.emit(e)])
            }
            Constant::Float(text) => (3, vec![text.emit(e)]),
            Constant::Int32(n) => (4, vec![e.types.w.heap.boxed(BoxedInt::Int32(*n))]),
            Constant::Int64(n) => (5, vec![e.types.w.heap.boxed(BoxedInt::Int64(*n))]),
            Constant::Nativeint(n) => (6, vec![e.types.w.heap.boxed(BoxedInt::Nativeint(*n))]),
        };
        e.block(tag, fields)
    }
}

impl<T: Tree> Tree for Box<T> {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        (**self).emit(e)
    }
}
impl<T: Tree> Tree for Rc<T> {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let address = Rc::as_ptr(self) as usize;
        if let Some(v) = e.shared.get(&address) {
            return *v;
        }
        let v = (**self).emit(e);
        e.shared.insert(address, v);
        v
    }
}
impl<T: Tree> Tree for Loc<T> {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![self.txt.emit(e), self.loc.emit(e)];
        e.block(0, fields)
    }
}
impl<T: Tree> Tree for Option<T> {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let inner = self.as_ref().map(|inner| inner.emit(e));
        e.option(inner)
    }
}
/// Lists. A signature of types is a vector too, and has its own implementation.
pub trait Item: Tree {}
impl<T: Item> Tree for Vec<T> {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        e.list(self, |e, item| item.emit(e))
    }
}
impl Item for Ident {}
impl<T: Tree> Item for Loc<T> {}
impl<A: Tree, B: Tree> Item for (A, B) {}
impl<A: Tree, B: Tree, C: Tree> Item for (A, B, C) {}
impl<A: Tree, B: Tree> Tree for (A, B) {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![self.0.emit(e), self.1.emit(e)];
        e.block(0, fields)
    }
}
impl<A: Tree, B: Tree, C: Tree> Tree for (A, B, C) {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let fields = vec![self.0.emit(e), self.1.emit(e), self.2.emit(e)];
        e.block(0, fields)
    }
}

// ---------------------------------------------------------------------------------------------
// Descriptions of constructors and labels

impl Tree for types::ConstructorTag {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            types::ConstructorTag::Unboxed => return Value::Int(0),
            types::ConstructorTag::Constant(n) => (0, vec![Value::Int(i64::from(*n))]),
            types::ConstructorTag::Block(n) => (1, vec![Value::Int(i64::from(*n))]),
            types::ConstructorTag::Extension(path, constant) => (2, vec![path.emit(e), constant.emit(e)]),
        };
        e.block(tag, fields)
    }
}

impl Tree for types::ConstructorDescription {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        // Extensions count as the only constructors of their types.
        let count = |n: u32| if matches!(self.tag, types::ConstructorTag::Extension(..)) { -1 } else { i64::from(n) };
        let fields = vec![
            self.name.emit(e),
            self.res.emit(e),
            e.types.types(&self.existentials),
            e.types.types(&self.args),
            Value::Int(self.arity as i64),
            self.tag.emit(e),
            Value::Int(count(self.consts)),
            Value::Int(count(self.nonconsts)),
            self.generalized.emit(e),
            self.private.emit(e),
            self.loc.emit(e),
            e.types.plain(&self.attributes),
            self.inlined.emit(e),
            self.uid.emit(e),
        ];
        e.block(0, fields)
    }
}

/// A label refers to all labels of its record, itself among them.
impl Tree for types::LabelDescription {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let this = e.block(0, Vec::new());
        e.shared.insert(std::ptr::from_ref(self) as usize, this);
        let address = Rc::as_ptr(&self.all.0) as usize;
        let all = match e.shared.get(&address) {
            Some(all) => *all,
            None => {
                let all = e.block(0, Vec::new());
                e.shared.insert(address, all);
                let labels: Vec<Value> = self.all.iter().map(|label| label.emit(e)).collect();
                e.types.w.heap.fill(all, &labels);
                all
            }
        };
        let fields = vec![
            self.name.emit(e),
            self.res.emit(e),
            self.arg.emit(e),
            self.mutable.emit(e),
            self.atomic.emit(e),
            Value::Int(self.pos as i64),
            all,
            self.repres.emit(e),
            self.private.emit(e),
            self.loc.emit(e),
            e.types.plain(&self.attributes),
            self.uid.emit(e),
        ];
        e.types.w.heap.fill(this, &fields);
        this
    }
}

/// The row of a variant type.
pub fn row(e: &mut Emitter<'_>, ty: TypeId) -> Value {
    let cx = e.types.cx();
    match cx.desc(cx.repr(ty)) {
        TypeDesc::Variant(row) => e.types.row(&row),
        _ => {
            // Never so in a tree that was typed: a closed row without tags.
            let fields = vec![Value::Int(0), ty.emit(e), Value::Int(1), Value::Int(0), Value::Int(0)];
            e.block(0, fields)
        }
    }
}
