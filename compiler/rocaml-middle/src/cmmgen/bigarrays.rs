//! Bigarrays whose kind and layout are known: direct access to their data.
//!
//! `struct caml_ba_array` after the custom operations: data, number of dimensions, flags, proxy,
//! dimensions (one word each).

use super::Generator;
use super::build::*;
use super::strings::{boxed_of_bits, chunk_of_bits};
use crate::clambda::{Debug as Place, Expr as Clambda};
use crate::cmm::{Chunk, Expr, IntCompare, Op, Type};
use rocaml_lambda::lambda::{BigarrayKind, BigarrayLayout, Primitive, Safety};
use rocaml_types::primitive::BoxedInteger;

/// Byte offset of the data pointer in the block.
const DATA: i32 = 8;
/// Byte offset of the first dimension.
const FIRST_DIMENSION: i32 = 40;

/// Bytes of an element.
fn element_bytes(kind: BigarrayKind) -> Option<i64> {
    Some(match kind {
        BigarrayKind::Sint8 | BigarrayKind::Uint8 => 1,
        BigarrayKind::Float16 | BigarrayKind::Sint16 | BigarrayKind::Uint16 => 2,
        BigarrayKind::Float32 | BigarrayKind::Int32 => 4,
        BigarrayKind::Float64
        | BigarrayKind::Int64
        | BigarrayKind::CamlInt
        | BigarrayKind::NativeInt
        | BigarrayKind::Complex32 => 8,
        BigarrayKind::Complex64 => 16,
        BigarrayKind::Unknown => return None,
    })
}

fn element_chunk(kind: BigarrayKind) -> Option<Chunk> {
    Some(match kind {
        BigarrayKind::Sint8 => Chunk::ByteSigned,
        BigarrayKind::Uint8 => Chunk::ByteUnsigned,
        BigarrayKind::Sint16 => Chunk::SixteenSigned,
        BigarrayKind::Uint16 => Chunk::SixteenUnsigned,
        BigarrayKind::Float16 => Chunk::Half,
        BigarrayKind::Float32 => Chunk::Single,
        BigarrayKind::Float64 => Chunk::Double,
        BigarrayKind::Int32 => Chunk::ThirtytwoSigned,
        BigarrayKind::Int64 | BigarrayKind::NativeInt | BigarrayKind::CamlInt => Chunk::WordInt,
        BigarrayKind::Complex32 | BigarrayKind::Complex64 | BigarrayKind::Unknown => return None,
    })
}

fn element_boxed(kind: BigarrayKind) -> Option<Boxed> {
    match kind {
        BigarrayKind::Float16 | BigarrayKind::Float32 | BigarrayKind::Float64 => Some(Boxed::Float),
        BigarrayKind::Int32 => Some(Boxed::Integer(BoxedInteger::Int32)),
        BigarrayKind::Int64 => Some(Boxed::Integer(BoxedInteger::Int64)),
        BigarrayKind::NativeInt => Some(Boxed::Integer(BoxedInteger::Nativeint)),
        _ => None,
    }
}

impl Generator<'_> {
    /// Whether the backend reads such elements itself. Half floats go through the runtime.
    fn is_direct(kind: BigarrayKind, layout: BigarrayLayout) -> bool {
        layout != BigarrayLayout::Unknown && kind != BigarrayKind::Float16 && element_chunk(kind).is_some()
    }

    /// Byte offset of an element, after the bounds checks. `array` is a variable, the indices are
    /// tagged variables or constants.
    fn element_offset(
        &mut self,
        array: &Expr,
        indices: &[Expr],
        safety: Safety,
        kind: BigarrayKind,
        layout: BigarrayLayout,
        place: &Place,
    ) -> (Vec<Expr>, Expr) {
        let mut checks = Vec::new();
        // The fastest-varying dimension is the last in C, the first in Fortran.
        let order: Vec<usize> = match layout {
            BigarrayLayout::Fortran => (0..indices.len()).rev().collect(),
            _ => (0..indices.len()).collect(),
        };
        let mut offset: Option<Expr> = None;
        for dimension in order {
            let size = load(Chunk::WordInt, false, array.clone(), FIRST_DIMENSION + 8 * dimension as i32);
            // Fortran's indices start at 1.
            let index = match layout {
                BigarrayLayout::Fortran => add_const(indices[dimension].clone(), -2),
                _ => indices[dimension].clone(),
            };
            let index = untag_int(index);
            if safety == Safety::Safe {
                checks.push(self.check_bound(size.clone(), index.clone(), place));
            }
            offset = Some(match offset {
                None => index,
                Some(before) => add(op2(Op::Muli, before, size), index),
            });
        }
        let offset = offset.unwrap_or_else(|| int(0));
        let bytes = match element_bytes(kind).unwrap_or(1) {
            1 => offset,
            2 => lsl(offset, 1),
            4 => lsl(offset, 2),
            _ => lsl(offset, 3),
        };
        (checks, bytes)
    }

    pub(super) fn bigarray_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        Some(match prim {
            P::BigarrayRef(safety, dims, kind, layout) => {
                self.bigarray_ref(*safety, *dims, *kind, *layout, args, place)
            }
            P::BigarraySet(safety, dims, kind, layout) => {
                self.bigarray_set(*safety, *dims, *kind, *layout, args, place)
            }
            P::BigarrayDim(n) => {
                let array = self.transl(&args[0]);
                tag_int(load(Chunk::WordInt, false, array, FIRST_DIMENSION + 8 * (i32::from(*n) - 1)))
            }
            P::BigarrayLoad(bits, safety) => self.bigarray_load(*bits, *safety, &args[0], &args[1], place),
            P::BigarrayStore(bits, safety) => {
                self.bigarray_store(*bits, *safety, [&args[0], &args[1], &args[2]], place)
            }
            _ => return None,
        })
    }

    fn bind_all(&mut self, exprs: Vec<Expr>, ty: Type, body: impl FnOnce(&mut Self, Vec<Expr>) -> Expr) -> Expr {
        let mut bindings = Vec::new();
        let names: Vec<Expr> = exprs
            .into_iter()
            .map(|e| match e {
                Expr::Const(_) => e,
                Expr::Var(id) if !self.mutable.contains(&id) => e,
                e => {
                    let id = self.fresh_var();
                    bindings.push((id, e));
                    Expr::Var(id)
                }
            })
            .collect();
        let body = body(self, names);
        // The last is evaluated first.
        bindings.into_iter().fold(body, |body, (id, def)| Expr::Let(id, ty, Box::new(def), Box::new(body)))
    }

    fn bigarray_ref(
        &mut self,
        safety: Safety,
        dims: u8,
        kind: BigarrayKind,
        layout: BigarrayLayout,
        args: &[Clambda],
        place: &Place,
    ) -> Expr {
        if !Self::is_direct(kind, layout) {
            let args = self.transl_list(args);
            let types = vec![Type::Val; args.len()];
            return ext_call(&format!("caml_ba_get_{dims}"), &types, Type::Val, Effect::Alloc, args, self.debug(place));
        }
        let indices = self.transl_list(&args[1..]);
        let array = self.transl(&args[0]);
        self.bind_all(indices, Type::Int, |this, indices| {
            this.bind(array, Type::Val, |this, array| {
                let (checks, bytes) = this.element_offset(&array, &indices, safety, kind, layout, place);
                let chunk = element_chunk(kind).expect("direct kinds have a chunk");
                let data = load(Chunk::WordInt, true, array, DATA);
                let element = load_at(chunk, true, data, bytes);
                let value = match element_boxed(kind) {
                    Some(boxed) => box_number(boxed, element, this.config.big_endian, this.debug(place)),
                    None => tag_int(element),
                };
                checks.into_iter().rev().fold(value, |rest, check| Expr::Sequence(Box::new(check), Box::new(rest)))
            })
        })
    }

    fn bigarray_set(
        &mut self,
        safety: Safety,
        dims: u8,
        kind: BigarrayKind,
        layout: BigarrayLayout,
        args: &[Clambda],
        place: &Place,
    ) -> Expr {
        if !Self::is_direct(kind, layout) {
            let args = self.transl_list(args);
            let types = vec![Type::Val; args.len()];
            return ext_call(&format!("caml_ba_set_{dims}"), &types, Type::Val, Effect::Alloc, args, self.debug(place));
        }
        let (value, rest) = args.split_last().expect("a store has a value");
        let (value, ty) = match element_boxed(kind) {
            Some(boxed) => (self.unboxed(boxed, value), boxed.unboxed_type()),
            None => (self.untagged(value), Type::Int),
        };
        let indices = self.transl_list(&rest[1..]);
        let array = self.transl(&rest[0]);
        let done = self.bind(value, ty, |this, value| {
            this.bind_all(indices, Type::Int, |this, indices| {
                this.bind(array, Type::Val, |this, array| {
                    let (checks, bytes) = this.element_offset(&array, &indices, safety, kind, layout, place);
                    let chunk = element_chunk(kind).expect("direct kinds have a chunk");
                    let data = load(Chunk::WordInt, true, array, DATA);
                    let store = store_at(chunk, data, bytes, value);
                    checks.into_iter().rev().fold(store, |rest, check| Expr::Sequence(Box::new(check), Box::new(rest)))
                })
            })
        });
        returning_unit(done)
    }

    /// Checks that `bits` at a byte index, untagged, are within a one-dimensional array of bytes.
    fn check_bytes(
        &mut self,
        bits: u8,
        safety: Safety,
        array: &Expr,
        index: &Expr,
        place: &Place,
        access: Expr,
    ) -> Expr {
        if safety == Safety::Unsafe {
            return access;
        }
        let size = load(Chunk::WordInt, false, array.clone(), FIRST_DIMENSION);
        let check = self.bind(add_const(size, -i64::from(bits / 8 - 1)), Type::Int, |this, room| {
            let positive = compare(IntCompare::Gt, room.clone(), int(0));
            let bound = Expr::If(Box::new(positive), Box::new(room), Box::new(int(0)));
            this.check_bound(bound, index.clone(), place)
        });
        Expr::Sequence(Box::new(check), Box::new(access))
    }

    fn bigarray_load(&mut self, bits: u8, safety: Safety, array: &Clambda, index: &Clambda, place: &Place) -> Expr {
        let (array, index) = (self.transl(array), self.untagged(index));
        self.bind(index, Type::Int, |this, index| {
            this.bind(array, Type::Val, |this, array| {
                let data = load(Chunk::WordInt, true, array.clone(), DATA);
                let loaded = load_at(chunk_of_bits(bits), true, data, index.clone());
                let value = match boxed_of_bits(bits) {
                    Some(kind) => box_number(kind, loaded, this.config.big_endian, this.debug(place)),
                    None => tag_int(loaded),
                };
                this.check_bytes(bits, safety, &array, &index, place, value)
            })
        })
    }

    fn bigarray_store(&mut self, bits: u8, safety: Safety, args: [&Clambda; 3], place: &Place) -> Expr {
        let [array, index, value] = args;
        let (array, index) = (self.transl(array), self.untagged(index));
        let value = match boxed_of_bits(bits) {
            Some(kind) => self.unboxed(kind, value),
            None => self.untagged(value),
        };
        let done = self.bind(value, Type::Int, |this, value| {
            this.bind(index, Type::Int, |this, index| {
                this.bind(array, Type::Val, |this, array| {
                    let data = load(Chunk::WordInt, true, array.clone(), DATA);
                    let store = store_at(chunk_of_bits(bits), data, index.clone(), value);
                    this.check_bytes(bits, safety, &array, &index, place, store)
                })
            })
        });
        returning_unit(done)
    }
}
