//! Arrays: floats flat, the rest as values; bounds checks on tagged indices.

use super::Generator;
use super::build::*;
use crate::clambda::{Debug as Place, Expr as Clambda};
use crate::cmm::{AllocKind, Chunk, Expr, IntCompare, Op, Type};
use rocaml_lambda::lambda::{ArrayKind, Mutability, Safety};

impl Generator<'_> {
    /// Evaluates to nothing if `index`, tagged, is below `length`, tagged; else raises.
    pub(super) fn check_bound(&mut self, length: Expr, index: Expr, place: &Place) -> Expr {
        let raise = ext_call("caml_ml_array_bound_error", &[], Type::Val, Effect::Alloc, vec![], self.debug(place));
        let inside = compare(IntCompare::ULt, index, length);
        Expr::If(Box::new(inside), Box::new(Expr::Void), Box::new(raise))
    }

    /// The length of an array as an OCaml integer, from its header: `2 * words + 1`.
    pub(super) fn array_length(&mut self, array: Expr) -> Expr {
        // Bit 9 of a header is the high bit of the colour: it becomes the tag, which is set anyway.
        op2(Op::Ori, op2(Op::Lsri, load_header(array), int(9)), int(1))
    }

    fn is_float_array(&mut self, array: Expr) -> Expr {
        let tag = load_tag(array, self.config.big_endian);
        compare(IntCompare::Eq, tag, int(DOUBLE_ARRAY_TAG as i64))
    }

    /// An access, after the check unless it is unsafe. Array and index are variables or constants.
    fn checked(&mut self, safety: Safety, array: &Expr, index: &Expr, place: &Place, access: Expr) -> Expr {
        if safety == Safety::Unsafe {
            return access;
        }
        // An odd index is below twice the number of words if it is below that plus one: the low bit
        // may be anything.
        let length = op2(Op::Lsri, load_header(array.clone()), int(9));
        let check = self.check_bound(length, index.clone(), place);
        Expr::Sequence(Box::new(check), Box::new(access))
    }

    fn get_float(&self, array: Expr, index: Expr, place: &Place) -> Expr {
        let element = load_at(Chunk::Double, true, array, word_offset(index));
        box_number(Boxed::Float, element, self.config.big_endian, self.debug(place))
    }

    pub(super) fn array_ref(
        &mut self,
        kind: ArrayKind,
        safety: Safety,
        array: &Clambda,
        index: &Clambda,
        place: &Place,
    ) -> Expr {
        let (array, index) = (self.transl(array), self.transl(index));
        self.bind(index, Type::Int, |this, index| {
            this.bind(array, Type::Val, |this, array| {
                let get = |chunk| load_at(chunk, true, array.clone(), word_offset(index.clone()));
                let access = match kind {
                    ArrayKind::Int => get(Chunk::WordInt),
                    ArrayKind::Addr => get(Chunk::WordVal),
                    ArrayKind::Float => this.get_float(array.clone(), index.clone(), place),
                    ArrayKind::Generic => {
                        let is_float = this.is_float_array(array.clone());
                        let float = this.get_float(array.clone(), index.clone(), place);
                        Expr::If(Box::new(is_float), Box::new(float), Box::new(get(Chunk::WordVal)))
                    }
                };
                this.checked(safety, &array, &index, place, access)
            })
        })
    }

    pub(super) fn array_set(&mut self, kind: ArrayKind, safety: Safety, args: [&Clambda; 3], place: &Place) -> Expr {
        let [array, index, value] = args;
        let (array, index) = (self.transl(array), self.transl(index));
        let (value, ty) = match kind {
            ArrayKind::Float => (self.unboxed(Boxed::Float, value), Type::Float),
            ArrayKind::Int => (self.transl(value), Type::Int),
            ArrayKind::Addr | ArrayKind::Generic => (self.transl(value), Type::Val),
        };
        let done = self.bind(value, ty, |this, value| {
            this.bind(index, Type::Int, |this, index| {
                this.bind(array, Type::Val, |this, array| {
                    let put = |chunk| store_at(chunk, array.clone(), word_offset(index.clone()), value.clone());
                    let access = match kind {
                        ArrayKind::Int => put(Chunk::WordInt),
                        ArrayKind::Float => put(Chunk::Double),
                        ArrayKind::Addr => this.modify_element(array.clone(), index.clone(), value.clone()),
                        ArrayKind::Generic => {
                            let is_float = this.is_float_array(array.clone());
                            let number = this.unbox(Boxed::Float, value.clone());
                            let float = store_at(Chunk::Double, array.clone(), word_offset(index.clone()), number);
                            let address = this.modify_element(array.clone(), index.clone(), value.clone());
                            Expr::If(Box::new(is_float), Box::new(float), Box::new(address))
                        }
                    };
                    this.checked(safety, &array, &index, place, access)
                })
            })
        });
        returning_unit(done)
    }

    /// A store of a value that may be a pointer.
    pub(super) fn modify_element(&mut self, array: Expr, index: Expr, value: Expr) -> Expr {
        let address = add(Expr::Op(Op::ValAsInt, vec![array], None), word_offset(index));
        modify(address, value)
    }

    pub(super) fn make_array(&mut self, kind: ArrayKind, fields: &[Clambda], place: &Place) -> Expr {
        let debug = self.debug(place);
        match kind {
            ArrayKind::Int | ArrayKind::Addr => {
                let fields = self.transl_list(fields);
                self.alloc_block(0, fields, debug)
            }
            ArrayKind::Float if fields.is_empty() => self.alloc_block(0, vec![], debug),
            ArrayKind::Float if fields.len() <= MAX_YOUNG_WORDS => {
                let words = fields.len();
                let fields = fields.iter().map(|e| self.unboxed(Boxed::Float, e)).collect();
                alloc(header(DOUBLE_ARRAY_TAG, words), AllocKind::Floats, fields, debug)
            }
            ArrayKind::Generic | ArrayKind::Float => {
                let fields = self.transl_list(fields);
                let block = self.alloc_block(0, fields, debug.clone());
                ext_call("caml_make_array", &[Type::Val], Type::Val, Effect::Alloc, vec![block], debug)
            }
        }
    }

    pub(super) fn dup_array(&mut self, array: &Clambda, _mutability: Mutability, place: &Place) -> Expr {
        let array = self.transl(array);
        ext_call("caml_obj_dup", &[Type::Val], Type::Val, Effect::Alloc, vec![array], self.debug(place))
    }
}

/// `caml_modify` of a word at this address.
pub fn modify(address: Expr, value: Expr) -> Expr {
    ext_call("caml_modify", &[Type::Int, Type::Val], Type::Void, Effect::Leaf, vec![address, value], None)
}
