//! Loads, stores, allocation and polling.
//!
//! Allocations of a straight line of code share one test: the first reserves, and each that follows
//! in the same block with no call in between makes the reservation larger.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AtomicRmwOp, Block, BlockArg, Inst, InstBuilder, InstructionData, MemFlagsData, Opcode, StackSlot, StackSlotData,
    StackSlotKind, UserStackMapEntry, Value, types,
};
use cranelift_frontend::Variable;
use rocaml_middle::cmm::{AllocKind, Chunk, Debug, ExtCall, Symbol, Type};

use super::{FunctionLowering, Out, SITE_ALLOCATES};
use crate::machine::state;

/// The largest block of the minor heap, in words.
const MAX_YOUNG_WORDS: u64 = 256;
/// The most that one reservation takes, in bytes.
const MAX_RESERVATION: i64 = 8 * (MAX_YOUNG_WORDS as i64 + 1);
const NO_SCAN_TAG: u64 = 251;

/// A reservation of young memory that can still grow.
pub(super) struct Pool {
    block: Block,
    /// Address of the first header.
    base: Value,
    bytes: i64,
    /// The constants to rewrite: the decrement, and the argument of the slow path.
    decrement: Value,
    request: Value,
    /// Of the slow path.
    site: usize,
}

impl FunctionLowering<'_, '_> {
    // ---- allocation ----

    pub(super) fn alloc(&mut self, header: u64, kind: AllocKind, fields: &[(Value, Type)], debug: &Debug) -> Out {
        let words = header >> 10;
        if words > MAX_YOUNG_WORDS {
            return self.alloc_shared(header, kind, fields, debug);
        }
        let (base, offset) = self.reserve(8 * (words as i64 + 1), debug);
        let flags = self.heap_flags();
        let header = self.int(header as i64);
        self.b.ins().store(flags, header, base, offset);
        for (index, &(field, _)) in fields.iter().enumerate() {
            self.b.ins().store(flags, field, base, offset + 8 * (index as i32 + 1));
        }
        let block = self.b.ins().iadd_imm_s(base, i64::from(offset) + 8);
        self.typed(block, Type::Val)
    }

    /// Room for a block: the address of the reservation's first header, and the offset of the
    /// block's.
    fn reserve(&mut self, bytes: i64, debug: &Debug) -> (Value, i32) {
        let here = self.b.current_block();
        if let Some(pool) = &mut self.pool
            && Some(pool.block) == here
            && pool.bytes + bytes <= MAX_RESERVATION
        {
            let offset = pool.bytes;
            pool.bytes += bytes;
            let (total, decrement, request) = (pool.bytes, pool.decrement, pool.request);
            let (base, site) = (pool.base, pool.site);
            self.note_block(site, bytes, debug);
            self.rewrite_constant(decrement, -total);
            self.rewrite_constant(request, total);
            return (base, offset as i32);
        }
        self.open_pool(bytes, debug)
    }

    fn open_pool(&mut self, bytes: i64, debug: &Debug) -> (Value, i32) {
        let decrement = self.int(-bytes);
        let state = self.state();
        let pointer = self.load_state_at(state, state::YOUNG_PTR);
        let limit = self.load_state_at(state, state::YOUNG_LIMIT);
        let lowered = self.b.ins().iadd(pointer, decrement);
        let full = self.b.ins().icmp(IntCC::UnsignedLessThan, lowered, limit);
        let (slow, fast, done) = (self.cold_block(), self.new_block(), self.new_block());
        let base = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(full, slow, &[], fast, &[]);
        self.switch_sealed(slow);
        let request = self.int(bytes);
        let (reserved, site) = self.call_gc(request, debug);
        self.note_block(site, bytes, debug);
        self.jump(done, &[reserved]);
        self.switch_sealed(fast);
        let flags = self.state_flags();
        self.b.ins().store(flags, lowered, state, state::YOUNG_PTR);
        self.jump(done, &[lowered]);
        self.switch_sealed(done);
        self.pool = Some(Pool { block: done, base, bytes, decrement, request, site });
        (base, 0)
    }

    /// The runtime's profiler asks which blocks an allocation consists of.
    fn note_block(&mut self, site: usize, bytes: i64, debug: &Debug) {
        self.unit.sites[site].blocks.push(((bytes / 8 - 1) as u16, debug.clone()));
    }

    /// The slow path of an allocation: makes room, and gives where the first header goes, and the
    /// site of the call.
    fn call_gc(&mut self, request: Value, debug: &Debug) -> (Value, usize) {
        if self.unit.machine.preserving_stubs {
            self.preserving_call("caml_call_gc_preserving", &[request], debug, SITE_ALLOCATES);
            let site = self.unit.sites.len() - 1;
            self.check_in_slow_path();
            return (self.load_state(state::YOUNG_PTR), site);
        }
        let reserved = self.stub_call("caml_call_gc", &[request], debug, SITE_ALLOCATES);
        let site = self.unit.sites.len() - 1;
        let cold = std::mem::replace(&mut self.cold, true);
        self.check(reserved, Type::Val);
        self.cold = cold;
        (reserved, site)
    }

    /// Leaves for the handler if the domain state holds an exception.
    fn check_in_slow_path(&mut self) {
        let cold = std::mem::replace(&mut self.cold, true);
        let unused = self.int(0);
        self.check(unused, Type::Int);
        self.cold = cold;
    }

    fn rewrite_constant(&mut self, constant: Value, value: i64) {
        let instruction = self.b.func.dfg.value_def(constant).unwrap_inst();
        self.b.func.dfg.insts[instruction] = InstructionData::UnaryImm { opcode: Opcode::Iconst, imm: value.into() };
    }

    /// A block that is too large for the minor heap; its fields may be young.
    fn alloc_shared(&mut self, header: u64, kind: AllocKind, fields: &[(Value, Type)], debug: &Debug) -> Out {
        let (words, tag) = (self.int((header >> 10) as i64), self.int((header & 0xff) as i64));
        let call = ExtCall {
            name: Symbol::new("caml_alloc_shr_check_gc"),
            params: [Type::Int, Type::Int].into(),
            result: Type::Val,
            result_bits: 64,
            alloc: true,
            raises: true,
            pure_: false,
            leaf: false,
        };
        let Out::Value(block, _) = self.c_call(&call, &[words, tag], debug) else { return Out::Never };
        let plain = kind == AllocKind::Floats || header & 0xff >= NO_SCAN_TAG;
        for (index, &(field, ty)) in fields.iter().enumerate() {
            let offset = 8 * index as i32;
            if plain || ty != Type::Val {
                let flags = self.heap_flags();
                self.b.ins().store(flags, field, block, offset);
            } else {
                let address = self.b.ins().iadd_imm_s(block, i64::from(offset));
                self.call_c_directly("caml_initialize", &[address, field], debug);
            }
        }
        Out::Value(block, Type::Val)
    }

    /// Lets the collector and signals in if they ask for it.
    pub(super) fn poll(&mut self, debug: &Debug) -> Out {
        self.poll_keeping(&[], debug);
        Out::Void
    }

    /// A poll that stores roots in slots while others run. They are held by variables that are not
    /// declared: nothing else in their scope is a safepoint.
    pub(super) fn poll_keeping(&mut self, roots: &[Variable], debug: &Debug) {
        let (slow, next) = (self.cold_block(), self.new_block());
        let asked = self.is_poll_asked();
        self.b.ins().brif(asked, slow, &[], next, &[]);
        self.switch_sealed(slow);
        let values: Vec<Value> = roots.iter().map(|&root| self.b.use_var(root)).collect();
        let moved = self.poll_slowly(&values, debug);
        for (&root, moved) in roots.iter().zip(moved) {
            self.b.def_var(root, moved);
        }
        self.jump(next, &[]);
        self.switch_sealed(next);
    }

    /// A poll at the entry of a function, where nothing but the parameters is live: these are kept
    /// while others run, and are new variables afterwards.
    pub(super) fn poll_at_entry(&mut self, params: &[(Value, Type)]) -> Vec<Value> {
        let (slow, next) = (self.cold_block(), self.new_block());
        let asked = self.is_poll_asked();
        let roots: Vec<Value> = params.iter().filter(|(_, ty)| *ty == Type::Val).map(|&(value, _)| value).collect();
        let kept: Vec<BlockArg> = roots.iter().map(|&root| root.into()).collect();
        let mut moved = Vec::new();
        for _ in &roots {
            moved.push(self.b.append_block_param(next, types::I64));
        }
        self.b.ins().brif(asked, slow, &[], next, &kept);
        self.switch_sealed(slow);
        let reloaded = self.poll_slowly(&roots, &None);
        self.jump(next, &reloaded);
        self.switch_sealed(next);
        let mut moved = moved.into_iter();
        let after = |&(value, ty)| if ty == Type::Val { moved.next().expect("one for each root") } else { value };
        params.iter().map(after).collect()
    }

    /// Who asks for a poll raises the limit above what is left of the minor heap.
    fn is_poll_asked(&mut self) -> Value {
        let state = self.state();
        let pointer = self.load_state_at(state, state::YOUNG_PTR);
        let limit = self.load_state_at(state, state::YOUNG_LIMIT);
        self.b.ins().icmp(IntCC::UnsignedLessThan, pointer, limit)
    }

    /// The slow path of a poll: gives the roots as they are afterwards.
    fn poll_slowly(&mut self, roots: &[Value], debug: &Debug) -> Vec<Value> {
        let slots: Vec<StackSlot> = roots.iter().map(|&root| self.spill(root)).collect();
        if self.unit.machine.preserving_stubs {
            let call = self.preserving_call("caml_call_poll_preserving", &[], debug, SITE_ALLOCATES);
            self.describe(call, &slots);
            self.check_in_slow_path();
        } else {
            let result = self.stub_call("caml_call_poll", &[], debug, SITE_ALLOCATES);
            let call = self.b.func.dfg.value_def(result).unwrap_inst();
            self.describe(call, &slots);
            let cold = std::mem::replace(&mut self.cold, true);
            self.check(result, Type::Val);
            self.cold = cold;
        }
        slots.into_iter().map(|slot| self.b.ins().stack_load(types::I64, types::I64, slot, 0)).collect()
    }

    fn spill(&mut self, root: Value) -> StackSlot {
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3));
        self.b.ins().stack_store(types::I64, root, slot, 0);
        slot
    }

    /// Declares the slots of a call to the collector.
    fn describe(&mut self, call: Inst, slots: &[StackSlot]) {
        for &slot in slots {
            let entry = UserStackMapEntry { ty: types::I64, slot, offset: 0 };
            self.b.func.dfg.append_user_stack_map_entry(call, entry);
        }
    }

    // ---- loads and stores ----

    /// Words of blocks: aligned, and never outside mapped memory.
    fn heap_flags(&self) -> MemFlagsData {
        MemFlagsData::trusted().with_alias_region(Some(self.heap_region))
    }

    /// Bytes of strings and of bigarrays are accessed at any address.
    fn chunk_flags(&self, chunk: Chunk) -> MemFlagsData {
        match chunk {
            Chunk::WordVal | Chunk::Double => self.heap_flags(),
            _ => MemFlagsData::new().with_notrap().with_alias_region(Some(self.heap_region)),
        }
    }

    fn place(&mut self, base: Value, index: Option<Value>) -> Value {
        match index {
            Some(index) => self.b.ins().iadd(base, index),
            None => base,
        }
    }

    pub(super) fn load(&mut self, chunk: Chunk, offset: i32, atomic: bool, words: &[Value]) -> Out {
        let flags = self.chunk_flags(chunk);
        let address = self.place(words[0], words.get(1).copied());
        if atomic {
            let address = self.b.ins().iadd_imm_s(address, i64::from(offset));
            let value = self.b.ins().atomic_load(types::I64, flags, address);
            return self.typed(value, if chunk == Chunk::WordVal { Type::Val } else { Type::Int });
        }
        let b = &mut self.b;
        let value = match chunk {
            Chunk::ByteUnsigned => b.ins().uload8(types::I64, flags, address, offset),
            Chunk::ByteSigned => b.ins().sload8(types::I64, flags, address, offset),
            Chunk::SixteenUnsigned => b.ins().uload16(types::I64, flags, address, offset),
            Chunk::SixteenSigned => b.ins().sload16(types::I64, flags, address, offset),
            Chunk::ThirtytwoUnsigned => b.ins().uload32(flags, address, offset),
            Chunk::ThirtytwoSigned => b.ins().sload32(flags, address, offset),
            Chunk::WordInt => b.ins().load(types::I64, flags, address, offset),
            Chunk::WordVal => {
                let value = b.ins().load(types::I64, flags, address, offset);
                return self.typed(value, Type::Val);
            }
            Chunk::Double => return Out::Value(b.ins().load(types::F64, flags, address, offset), Type::Float),
            Chunk::Single => {
                let single = b.ins().load(types::F32, flags, address, offset);
                return Out::Value(b.ins().fpromote(types::F64, single), Type::Float);
            }
            Chunk::Half => {
                let bits = b.ins().uload16(types::I64, flags, address, offset);
                let value = self.convert_half("caml_double_of_float16", Type::Int, Type::Float, bits);
                return Out::Value(value, Type::Float);
            }
        };
        Out::Value(value, Type::Int)
    }

    pub(super) fn store(&mut self, chunk: Chunk, offset: i32, atomic: bool, words: &[Value]) -> Out {
        let (&value, place) = words.split_last().expect("a store has a base and a value");
        let flags = self.chunk_flags(chunk);
        let value = match chunk {
            Chunk::Half => self.convert_half("caml_float16_of_double", Type::Float, Type::Int, value),
            _ => value,
        };
        let address = self.place(place[0], place.get(1).copied());
        let b = &mut self.b;
        if atomic {
            let address = b.ins().iadd_imm_s(address, i64::from(offset));
            b.ins().atomic_store(flags, value, address);
            return Out::Void;
        }
        match chunk {
            Chunk::ByteUnsigned | Chunk::ByteSigned => b.ins().istore8(flags, value, address, offset),
            Chunk::SixteenUnsigned | Chunk::SixteenSigned | Chunk::Half => {
                b.ins().istore16(flags, value, address, offset)
            }
            Chunk::ThirtytwoUnsigned | Chunk::ThirtytwoSigned => b.ins().istore32(flags, value, address, offset),
            Chunk::WordInt | Chunk::WordVal | Chunk::Double => b.ins().store(flags, value, address, offset),
            Chunk::Single => {
                let single = b.ins().fdemote(types::F32, value);
                b.ins().store(flags, single, address, offset)
            }
        };
        Out::Void
    }

    /// No machine converts 16-bit floats throughout: the runtime does, as leaf functions.
    fn convert_half(&mut self, function: &str, from: Type, to: Type, value: Value) -> Value {
        let call = ExtCall {
            name: Symbol::new(function),
            params: [from].into(),
            result: to,
            result_bits: 64,
            alloc: false,
            raises: false,
            pure_: true,
            leaf: true,
        };
        match self.c_call(&call, &[value], &None) {
            Out::Value(value, _) => value,
            Out::Void | Out::Never => unreachable!("the function has a result"),
        }
    }

    // ---- atomic operations on words that are no pointers ----

    pub(super) fn atomic(&mut self, operation: AtomicRmwOp, words: &[Value]) -> Out {
        let address = self.place(words[0], Some(words[1]));
        let flags = self.heap_flags();
        let old = self.b.ins().atomic_rmw(types::I64, flags, operation, address, words[2]);
        Out::Value(old, Type::Int)
    }

    /// Yields 1 if the word was the expected one, else 0.
    pub(super) fn compare_and_set(&mut self, words: &[Value]) -> Out {
        let address = self.place(words[0], Some(words[1]));
        let flags = self.heap_flags();
        let old = self.b.ins().atomic_cas(flags, address, words[2], words[3]);
        let same = self.b.ins().icmp(IntCC::Equal, old, words[2]);
        Out::Value(self.b.ins().uextend(types::I64, same), Type::Int)
    }
}
