//! Primitives: blocks, fields, exceptions, effects, C calls; the rest is in the modules beside.

use super::arrays::modify;
use super::build::*;
use super::{Generator, module_symbol};
use crate::clambda::{Debug as Place, Expr as Clambda};
use crate::cmm::{self, AllocKind, Chunk, Expr, ExtCall, Op, Type};
use rocaml_base::Name;
use rocaml_lambda::lambda::{
    ArrayKind, FieldInfo, Initialization, Mutability, Pointerness, Primitive, RaiseKind, RecordDup, Safety,
};
use rocaml_types::primitive::{BoxedInteger, NativeRepr, PrimitiveDescription};
use std::rc::Rc;

impl Generator<'_> {
    /// A primitive applied to all its arguments.
    pub(super) fn prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Expr {
        self.int_prim(prim, args, place)
            .or_else(|| self.float_prim(prim, args, place))
            .or_else(|| self.bint_prim(prim, args, place))
            .or_else(|| self.bigarray_prim(prim, args, place))
            .or_else(|| self.bytes_prim(prim, args, place))
            .or_else(|| self.array_prim(prim, args, place))
            .or_else(|| self.block_prim(prim, args, place))
            .or_else(|| self.control_prim(prim, args, place))
            .unwrap_or_else(|| panic!("cmmgen: {prim:?} with {} arguments has no lowering", args.len()))
    }

    fn bytes_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        Some(match (prim, args) {
            (P::StringLength | P::BytesLength, [s]) => {
                let string = self.transl(s);
                tag_int(self.string_length(string))
            }
            (P::StringRef(safety), [s, i]) => self.string_load(8, *safety, false, s, i, place),
            (P::BytesRef(safety), [s, i]) => self.string_load(8, *safety, true, s, i, place),
            (P::BytesSet(safety), [s, i, v]) => self.bytes_store(8, *safety, [s, i, v], place),
            (P::StringLoad(bits, safety), [s, i]) => self.string_load(*bits, *safety, false, s, i, place),
            (P::BytesLoad(bits, safety), [s, i]) => self.string_load(*bits, *safety, true, s, i, place),
            (P::BytesStore(bits, safety), [s, i, v]) => self.bytes_store(*bits, *safety, [s, i, v], place),
            (P::BytesToString | P::BytesOfString, [s]) => self.transl(s),
            _ => return None,
        })
    }

    fn array_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        Some(match (prim, args) {
            (P::MakeArray(kind, _), fields) => self.make_array(*kind, fields, place),
            (P::DupArray(_, mutability), [array]) => self.dup_array(array, *mutability, place),
            (P::ArrayLength(_), [array]) => {
                let array = self.transl(array);
                self.array_length(array)
            }
            (P::ArrayRef(kind, safety), [array, index]) => self.array_ref(*kind, *safety, array, index, place),
            (P::ArraySet(kind, safety), [array, index, value]) => {
                self.array_set(*kind, *safety, [array, index, value], place)
            }
            (P::FieldComputed, [block, index]) => self.array_ref(ArrayKind::Addr, Safety::Unsafe, block, index, place),
            (P::SetFieldComputed(pointer, _), [block, index, value]) => {
                let kind = if *pointer == Pointerness::Pointer { ArrayKind::Addr } else { ArrayKind::Int };
                self.array_set(kind, Safety::Unsafe, [block, index, value], place)
            }
            _ => return None,
        })
    }

    fn block_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        Some(match (prim, args) {
            (P::GetGlobal(unit), []) => symbol(module_symbol(*unit)),
            (P::GetGlobalField(unit, field), []) => {
                load(Chunk::WordVal, false, symbol(module_symbol(*unit)), *field as i32 * 8)
            }
            (P::SetGlobalField(field), [value]) => self.set_global_field(*field, value),
            (P::GetPredef(name), []) => symbol(Name::new(&format!("caml_exn_{name}"))),
            (P::MakeBlock(tag, _, _), fields) => {
                let fields = self.transl_list(fields);
                let debug = self.debug(place);
                self.alloc_block(u64::from(*tag), fields, debug)
            }
            (P::MakeLazy, [value]) => {
                let value = self.transl(value);
                self.alloc_block(246, vec![value], self.debug(place))
            }
            (P::Field(index, info), [block]) => self.field(*index, *info, block),
            (P::SetField(index, pointer, initialization), [block, value]) => {
                self.set_field(*index, *pointer, *initialization, block, value)
            }
            (P::FloatField(index), [block]) => {
                let number = load(Chunk::Double, true, self.transl(block), *index as i32 * 8);
                box_number(Boxed::Float, number, self.config.big_endian, self.debug(place))
            }
            (P::SetFloatField(index, _), [block, value]) => {
                let (block, value) = (self.transl(block), self.unboxed(Boxed::Float, value));
                returning_unit(store(Chunk::Double, block, *index as i32 * 8, value))
            }
            (P::OffsetRef(n), [reference]) => {
                let reference = self.transl(reference);
                let done = self.bind(reference, Type::Val, |_, r| {
                    let value = load(Chunk::WordInt, true, r.clone(), 0);
                    store(Chunk::WordInt, r, 0, add_const(value, n.wrapping_mul(2)))
                });
                returning_unit(done)
            }
            (P::DupRecord(how, size), [record]) => self.dup_record(*how, *size, record, place),
            _ => return None,
        })
    }

    fn set_global_field(&mut self, field: usize, value: &Clambda) -> Expr {
        let value = self.transl(value);
        let module = symbol(module_symbol(self.unit));
        let offset = field as i32 * 8;
        // Static data and integers need no remembering.
        if matches!(value, Expr::Const(_)) {
            return returning_unit(store(Chunk::WordInt, module, offset, value));
        }
        let address = add_const(Expr::Op(Op::ValAsInt, vec![module], None), i64::from(offset));
        let params = [Type::Int, Type::Val];
        returning_unit(ext_call("caml_initialize", &params, Type::Void, Effect::Leaf, vec![address, value], None))
    }

    fn field(&mut self, index: usize, info: FieldInfo, block: &Clambda) -> Expr {
        let chunk = if info.pointerness == Pointerness::Immediate { Chunk::WordInt } else { Chunk::WordVal };
        load(chunk, info.mutability == Mutability::Mutable, self.transl(block), index as i32 * 8)
    }

    fn set_field(
        &mut self,
        index: usize,
        pointer: Pointerness,
        initialization: Initialization,
        block: &Clambda,
        value: &Clambda,
    ) -> Expr {
        let (block, value) = (self.transl(block), self.transl(value));
        let offset = index as i32 * 8;
        let stored = match (pointer, initialization) {
            (Pointerness::Immediate, _) => store(Chunk::WordInt, block, offset, value),
            (Pointerness::Pointer, Initialization::Assignment) => {
                modify(add_const(Expr::Op(Op::ValAsInt, vec![block], None), i64::from(offset)), value)
            }
            (Pointerness::Pointer, Initialization::HeapInitialization | Initialization::RootInitialization) => {
                let address = add_const(Expr::Op(Op::ValAsInt, vec![block], None), i64::from(offset));
                ext_call(
                    "caml_initialize",
                    &[Type::Int, Type::Val],
                    Type::Void,
                    Effect::Leaf,
                    vec![address, value],
                    None,
                )
            }
        };
        returning_unit(stored)
    }

    fn dup_record(&mut self, how: RecordDup, size: usize, record: &Clambda, place: &Place) -> Expr {
        let record = self.transl(record);
        let debug = self.debug(place);
        if size > MAX_YOUNG_WORDS || how == RecordDup::Extension {
            return ext_call("caml_obj_dup", &[Type::Val], Type::Val, Effect::Alloc, vec![record], debug);
        }
        self.bind(record, Type::Val, |_, record| {
            let fields = |chunk| (0..size).map(|i| load(chunk, true, record.clone(), i as i32 * 8)).collect();
            match how {
                RecordDup::Float => {
                    alloc(header(DOUBLE_ARRAY_TAG, size), AllocKind::Floats, fields(Chunk::Double), debug)
                }
                RecordDup::Block(tag) => {
                    alloc(header(u64::from(tag), size), AllocKind::Words, fields(Chunk::WordVal), debug)
                }
                RecordDup::Extension => unreachable!("copied by the runtime above"),
            }
        })
    }

    fn control_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        let debug = self.debug(place);
        Some(match (prim, args) {
            (P::Identity | P::IntAsPointer, [a]) => self.transl(a),
            (P::Ignore, [a]) => returning_unit(self.effect(a)),
            // The second operand may be a tail call.
            (P::SequAnd, [a, b]) if ends_in_call(b) => {
                let a = self.condition(a);
                Expr::If(Box::new(a), Box::new(self.transl(b)), Box::new(tagged(0)))
            }
            (P::SequOr, [a, b]) if ends_in_call(b) => {
                let a = self.condition(a);
                Expr::If(Box::new(a), Box::new(tagged(1)), Box::new(self.transl(b)))
            }
            (P::Not | P::SequAnd | P::SequOr, _) => {
                let whole = Clambda::Prim(prim.clone(), args.to_vec(), place.clone());
                tag_int(self.condition(&whole))
            }
            (P::Raise(kind), [exn]) => {
                let kind = match kind {
                    RaiseKind::Regular => cmm::RaiseKind::Regular,
                    RaiseKind::Reraise => cmm::RaiseKind::Reraise,
                    RaiseKind::Notrace => cmm::RaiseKind::Notrace,
                };
                Expr::Op(Op::Raise(kind), vec![self.transl(exn)], debug)
            }
            (P::CCall(description), args) => self.c_call(description, args, debug),
            (P::Perform, _) => Expr::Op(Op::Perform, self.transl_list(args), debug),
            (P::Resume, _) => Expr::Op(Op::Resume, self.transl_list(args), debug),
            (P::Reperform, _) => Expr::Op(Op::Reperform, self.transl_list(args), debug),
            (P::RunStack, _) => Expr::Op(Op::RunStack, self.transl_list(args), debug),
            (P::Opaque, [a]) => Expr::Op(Op::Opaque, vec![self.transl(a)], None),
            (P::Poll, _) => returning_unit(Expr::Op(Op::Poll, vec![], debug)),
            (P::AtomicLoad, [block, field]) => self.atomic_load(block, field),
            (P::AtomicExchange, [block, field, value]) => {
                self.atomic_call("caml_atomic_exchange_field", [block, field, value].as_slice())
            }
            (P::AtomicCas, [block, field, old, new]) => {
                self.atomic_call("caml_atomic_cas_field", [block, field, old, new].as_slice())
            }
            (P::AtomicFetchAdd, [block, field, n]) => {
                let (block, field, n) = (self.transl(block), self.transl(field), self.transl(n));
                // Adding twice the number to a tagged integer keeps the tag.
                Expr::Op(Op::AtomicFetchAdd, vec![block, word_offset(field), clear_tag(n)], None)
            }
            (P::DlsGet, _) => {
                ext_call("caml_domain_dls_get", &[Type::Val], Type::Val, Effect::NoAlloc, vec![unit()], None)
            }
            _ => return None,
        })
    }

    fn atomic_load(&mut self, block: &Clambda, field: &Clambda) -> Expr {
        let (block, field) = (self.transl(block), self.transl(field));
        let op = |offset| Op::Load { chunk: Chunk::WordVal, mutable: true, offset, atomic: true };
        match word_offset(field) {
            Expr::Const(cmm::Const::Int(n)) => Expr::Op(op(n as i32), vec![block], None),
            bytes => Expr::Op(op(0), vec![block, bytes], None),
        }
    }

    fn atomic_call(&mut self, name: &str, args: &[&Clambda]) -> Expr {
        let args: Vec<Expr> = args.iter().map(|e| self.transl(e)).collect();
        let types = vec![Type::Val; args.len()];
        ext_call(name, &types, Type::Val, Effect::NoAlloc, args, None)
    }

    fn c_call(&mut self, description: &Rc<PrimitiveDescription>, args: &[Clambda], debug: cmm::Debug) -> Expr {
        // More arguments than registers: the stub for bytecode takes values in an array (ABI §5).
        let words = description.native_repr_args.iter().filter(|repr| **repr != NativeRepr::UnboxedFloat).count();
        if words > 5 {
            return self.c_call_with_array(description, args, debug);
        }
        let mut params = Vec::new();
        let mut operands = Vec::new();
        for (arg, repr) in args.iter().zip(&description.native_repr_args) {
            let (operand, ty) = match repr {
                NativeRepr::SameAsOcamlRepr => (self.transl(arg), Type::Val),
                NativeRepr::UnboxedFloat => (self.unboxed(Boxed::Float, arg), Type::Float),
                NativeRepr::UnboxedInteger(kind) => (self.unboxed(Boxed::Integer(*kind), arg), Type::Int),
                NativeRepr::UntaggedImmediate => (self.untagged(arg), Type::Int),
            };
            params.push(ty);
            operands.push(operand);
        }
        let (result, result_bits) = match description.native_repr_res {
            NativeRepr::SameAsOcamlRepr => (Type::Val, 64),
            NativeRepr::UnboxedFloat => (Type::Float, 64),
            NativeRepr::UnboxedInteger(BoxedInteger::Int32) => (Type::Int, 32),
            NativeRepr::UnboxedInteger(_) | NativeRepr::UntaggedImmediate => (Type::Int, 64),
        };
        if let Some(inline) = inline_c_call(&description.native_name(), &operands) {
            return self.box_result(description.native_repr_res, inline, debug);
        }
        let name = description.native_name();
        let call = ExtCall {
            name,
            params: params.into(),
            result,
            result_bits,
            alloc: description.alloc,
            raises: description.alloc,
            pure_: false,
            leaf: !description.alloc && is_leaf(&name),
        };
        let call = Expr::Op(Op::ExtCall(Rc::new(call)), operands, debug.clone());
        self.box_result(description.native_repr_res, call, debug)
    }

    /// A function of values, whatever the native one takes: it allocates where that one's result is
    /// not a value.
    fn c_call_with_array(
        &mut self,
        description: &Rc<PrimitiveDescription>,
        args: &[Clambda],
        debug: cmm::Debug,
    ) -> Expr {
        let operands: Vec<Expr> = args.iter().map(|arg| self.transl(arg)).collect();
        let alloc = description.alloc || description.native_repr_res != NativeRepr::SameAsOcamlRepr;
        let call = ExtCall {
            name: description.byte_name(),
            params: vec![Type::Val; operands.len()].into(),
            result: Type::Val,
            result_bits: 64,
            alloc,
            raises: alloc,
            pure_: false,
            leaf: false,
        };
        Expr::Op(Op::ExtCall(Rc::new(call)), operands, debug)
    }

    fn box_result(&self, repr: NativeRepr, e: Expr, debug: cmm::Debug) -> Expr {
        match repr {
            NativeRepr::SameAsOcamlRepr => e,
            NativeRepr::UnboxedFloat => box_number(Boxed::Float, e, self.config.big_endian, debug),
            NativeRepr::UnboxedInteger(kind) => box_number(Boxed::Integer(kind), e, self.config.big_endian, debug),
            NativeRepr::UntaggedImmediate => tag_int(e),
        }
    }
}

/// Whether the value of an expression may be that of a call as it is.
fn ends_in_call(e: &Clambda) -> bool {
    match e {
        Clambda::DirectApply(..) | Clambda::GenericApply(..) | Clambda::Send(..) => true,
        Clambda::Prim(Primitive::SequAnd | Primitive::SequOr, args, _) => ends_in_call(&args[1]),
        Clambda::Let(_, _, _, _, body) | Clambda::Sequence(_, body) => ends_in_call(body),
        Clambda::IfThenElse(_, a, b) => ends_in_call(a) || ends_in_call(b),
        Clambda::Catch(_, _, body, handler) => ends_in_call(body) || ends_in_call(handler),
        Clambda::Switch(_, switch, _) => switch.const_cases.iter().chain(&switch.block_cases).any(ends_in_call),
        _ => false,
    }
}

/// C functions that are one instruction.
fn inline_c_call(name: &str, operands: &[Expr]) -> Option<Expr> {
    let op = match name {
        "sqrt" => Op::Sqrtf,
        "caml_fma" | "caml_fma_float" => Op::Fmaf,
        _ => return None,
    };
    (name != "caml_fma" && name != "caml_fma_float" || operands.len() == 3)
        .then(|| Expr::Op(op, operands.to_vec(), None))
}

/// C functions that use little stack and are worth calling without leaving the OCaml stack.
fn is_leaf(name: &str) -> bool {
    matches!(
        name,
        "caml_string_equal"
            | "caml_string_notequal"
            | "caml_string_compare"
            | "caml_string_lessthan"
            | "caml_string_lessequal"
            | "caml_string_greaterthan"
            | "caml_string_greaterequal"
            | "caml_bytes_equal"
            | "caml_bytes_notequal"
            | "caml_bytes_compare"
            | "caml_blit_bytes"
            | "caml_blit_string"
            | "caml_fill_bytes"
            | "caml_int_compare"
            | "caml_float_compare"
            | "caml_string_hash"
    )
}
