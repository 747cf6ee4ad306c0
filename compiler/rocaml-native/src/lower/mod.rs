//! Cmm to CLIF.
//!
//! - [`UnitLowering`] holds what the functions of a unit share: symbols, call sites, trampolines.
//! - [`FunctionLowering`] builds one function. `control.rs` lowers what moves control, with a
//!   destination ([`Dest`](control::Dest)) for the value; `operations.rs` the machine operations;
//!   `calls.rs` calls, raises and their tests; `memory.rs` loads, stores and allocation.
//!
//! Values of type `Val` are declared to Cranelift as they are made; Cranelift stores those that are
//! live across a call and describes where. Operands are evaluated from right to left.

mod calls;
mod control;
mod loops;
mod memory;
mod operations;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, AliasRegion, AliasRegionData, Block, InstBuilder, MemFlagsData, SourceLoc, StackSlotData, StackSlotKind,
    UserFuncName, Value, types,
};
use cranelift_codegen::packed_option::ReservedValue;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use rocaml_middle::cmm::{self, Debug, Symbol, Type};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::machine::{Machine, register, state};
use crate::{Failure, Options};
use control::{Dest, Label, Try};
use memory::Pool;

/// What a descriptor says of a call, apart from its frame.
#[derive(Clone)]
pub struct Site {
    pub debug: Debug,
    pub flags: u16,
    /// What an allocation reserves: the words of each block, without the header, in order of
    /// address.
    pub blocks: Vec<(u16, Debug)>,
}

pub const SITE_ALLOCATES: u16 = 1;
pub const SITE_RAISES: u16 = 2;
/// Set in the frame table: the blocks are listed.
pub const SITE_COMBINES: u16 = 4;

/// The stub through which a unit calls a C function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Trampoline {
    pub function: Symbol,
    /// The function may collect or raise.
    pub alloc: bool,
}

impl Trampoline {
    pub fn symbol(self) -> Symbol {
        let suffix = if self.alloc { "c_call" } else { "c_call_noalloc" };
        Symbol::new(&format!("{}.{suffix}", self.function))
    }
}

/// The symbols that code refers to, numbered.
#[derive(Default)]
pub struct Symbols {
    pub names: Vec<Symbol>,
    index: HashMap<Symbol, u32>,
}

impl Symbols {
    fn number(&mut self, symbol: Symbol) -> u32 {
        *self.index.entry(symbol).or_insert_with(|| {
            self.names.push(symbol);
            self.names.len() as u32 - 1
        })
    }
}

/// What the functions of a unit share.
pub struct UnitLowering<'m> {
    machine: &'m Machine,
    debug: bool,
    pub symbols: Symbols,
    /// Sites by number; the number is the `SourceLoc` of their instructions.
    pub sites: Vec<Site>,
    pub trampolines: BTreeSet<Trampoline>,
    builder: FunctionBuilderContext,
}

impl<'m> UnitLowering<'m> {
    pub fn new(machine: &'m Machine, options: &Options) -> UnitLowering<'m> {
        UnitLowering {
            machine,
            debug: options.debug,
            symbols: Symbols::default(),
            sites: Vec::new(),
            trampolines: BTreeSet::new(),
            builder: FunctionBuilderContext::new(),
        }
    }

    /// Lowers a function.
    pub fn function(&mut self, function: &cmm::Function) -> Result<ir::Function, Failure> {
        let params: Vec<Type> = function.params.iter().map(|&(_, ty)| ty).collect();
        let mut clif = self.declare(function.symbol, &params, function.result);
        let mut context = std::mem::take(&mut self.builder);
        let mut lowering = FunctionLowering::new(self, FunctionBuilder::new(&mut clif, &mut context), function);
        let (entry, body) = lowering.open(function);
        lowering.lower(loops::after_poll(&function.body).unwrap_or(&function.body), &mut Dest::Tail);
        lowering.close(function, entry, body)?;
        self.builder = context;
        Ok(clif)
    }

    /// The function that stands before one with a big frame: it checks the stack for `frame` bytes
    /// and goes on to the function proper.
    pub fn stack_wrapper(&mut self, function: &cmm::Function, frame: u32) -> Result<ir::Function, Failure> {
        let params: Vec<Type> = function.params.iter().map(|&(_, ty)| ty).collect();
        let mut clif = self.declare(function.symbol, &params, function.result);
        let mut context = std::mem::take(&mut self.builder);
        let lowering = FunctionLowering::new(self, FunctionBuilder::new(&mut clif, &mut context), function);
        lowering.big_frame_check(function, frame);
        self.builder = context;
        Ok(clif)
    }

    fn declare(&mut self, symbol: Symbol, params: &[Type], result: Type) -> ir::Function {
        let signature = self.machine.ocaml_signature(params, result);
        ir::Function::with_name_signature(UserFuncName::user(0, self.symbols.number(symbol)), signature)
    }

    fn site(&mut self, debug: &Debug, flags: u16) -> u32 {
        if let Some(last) = self.sites.last()
            && last.flags == flags
            && flags & SITE_ALLOCATES == 0
            && same_debug(&last.debug, debug)
        {
            return self.sites.len() as u32 - 1;
        }
        self.sites.push(Site { debug: debug.clone(), flags, blocks: Vec::new() });
        self.sites.len() as u32 - 1
    }
}

fn same_debug(a: &Debug, b: &Debug) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// The body of a function with a big frame, behind its wrapper.
pub fn behind_wrapper(symbol: Symbol) -> Symbol {
    Symbol::new(&format!("{symbol}.big"))
}

/// What a variable of the function stands for.
#[derive(Clone, Copy)]
enum Binding {
    Unbound,
    Void,
    Value(Value, Type),
    /// Assigned to: Cranelift's variables make the SSA form.
    Mutable(Variable, Type),
}

/// What the evaluation of an expression yields.
#[derive(Clone, Copy)]
enum Out {
    Void,
    Value(Value, Type),
    /// Control does not come back.
    Never,
}

/// One function under construction.
struct FunctionLowering<'a, 'm> {
    unit: &'a mut UnitLowering<'m>,
    b: FunctionBuilder<'a>,
    /// The hidden argument, where there is one.
    state: Option<Variable>,
    state_region: AliasRegion,
    heap_region: AliasRegion,
    vars: Vec<Binding>,
    labels: Vec<Option<Label>>,
    tries: Vec<Try>,
    /// Where exceptions leave the function.
    failure: Option<Block>,
    symbol: Symbol,
    /// Where the function begins again in a tail call of itself.
    body: Block,
    result: Type,
    /// Blocks made now are seldom reached.
    cold: bool,
    /// The allocation that the next one may join.
    pool: Option<Pool>,
    /// A call of OCaml code that is not a tail call was made.
    makes_calls: bool,
    error: Option<String>,
    /// Where opaque values are stored.
    opaque_slot: Option<ir::StackSlot>,
    functions: HashMap<(Symbol, cmm::Signature), ir::FuncRef>,
    signatures: HashMap<cmm::Signature, ir::SigRef>,
}

impl<'a, 'm> FunctionLowering<'a, 'm> {
    fn new(unit: &'a mut UnitLowering<'m>, mut b: FunctionBuilder<'a>, function: &cmm::Function) -> Self {
        let mut region = |user_id, description: &'static str| {
            b.func.dfg.alias_regions.insert(AliasRegionData { user_id, description: description.into() })
        };
        let (state_region, heap_region) = (region(1, "domain state"), region(2, "heap"));
        let state = unit.machine.hidden_state.then(|| b.declare_var(types::I64));
        FunctionLowering {
            unit,
            b,
            state,
            state_region,
            heap_region,
            vars: vec![Binding::Unbound; function.num_vars as usize],
            labels: (0..function.num_labels).map(|_| None).collect(),
            tries: Vec::new(),
            failure: None,
            opaque_slot: None,
            symbol: function.symbol,
            body: Block::reserved_value(),
            result: function.result,
            cold: false,
            pool: None,
            makes_calls: false,
            error: None,
            functions: HashMap::new(),
            signatures: HashMap::new(),
        }
    }

    /// Makes the entry block and begins the body, which has its own parameters: so a slow stack
    /// check does not make registers spill on the fast path.
    fn open(&mut self, function: &cmm::Function) -> (Block, Block) {
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        let body = self.b.create_block();
        self.body = body;
        self.b.func.layout.append_block(entry);
        self.switch(body);
        if let Some(variable) = self.state {
            let state = self.b.append_block_param(body, types::I64);
            self.b.def_var(variable, state);
        }
        let mut params = Vec::new();
        for &(_, ty) in &function.params {
            if let Some(class) = register(ty) {
                params.push((self.b.append_block_param(body, class), ty));
            }
        }
        if self.unit.debug {
            self.mark(&function.debug);
        }
        let mut values: Vec<Value> = params.iter().map(|&(value, _)| value).collect();
        if loops::after_poll(&function.body).is_some() {
            values = self.poll_at_entry(&params);
        }
        let mut values = values.into_iter();
        for &(var, ty) in &function.params {
            let out = match register(ty) {
                Some(_) => Out::Value(values.next().expect("a parameter of the block"), ty),
                None => Out::Void,
            };
            self.bind(var, ty, out);
        }
        (entry, body)
    }

    /// Fills the entry and the exceptional exit.
    fn close(mut self, function: &cmm::Function, entry: Block, body: Block) -> Result<(), Failure> {
        if let Some(failure) = self.failure {
            self.switch(failure);
            self.return_failure();
        }
        self.switch(entry);
        self.mark(&function.debug);
        let params: Vec<Value> = self.b.block_params(entry).to_vec();
        if self.makes_calls {
            self.stack_check(&params, body);
        } else {
            self.jump(body, &params);
        }
        self.finish()
    }

    fn finish(mut self) -> Result<(), Failure> {
        if let Some(message) = self.error {
            return Err(Failure::new("lowering", message));
        }
        self.b.seal_all_blocks();
        self.b.finalize(self.unit.machine.isa.frontend_config());
        Ok(())
    }

    /// Compares SP with the limit; `caml_stack_grow` moves the stack or raises.
    fn stack_check(&mut self, params: &[Value], body: Block) {
        if let Some(variable) = self.state {
            self.b.def_var(variable, params[0]);
        }
        let stack_pointer = self.b.ins().get_stack_pointer(types::I64);
        let limit = self.load_state(state::STACK_LIMIT);
        let low = self.b.ins().icmp(IntCC::UnsignedLessThan, stack_pointer, limit);
        if !self.unit.machine.preserving_stubs {
            return self.check_slowly(low, "caml_stack_grow", &[], params, body);
        }
        let (slow, fail) = (self.cold_block(), self.cold_block());
        let arguments: Vec<ir::BlockArg> = params.iter().map(|&value| value.into()).collect();
        self.b.ins().brif(low, slow, &[], body, &arguments);
        self.switch(slow);
        self.preserving_call("caml_stack_grow_preserving", &[], &None, 0);
        let exn = self.load_state(state::EXN);
        self.b.ins().brif(exn, fail, &[], body, &arguments);
        self.switch(fail);
        self.return_failure();
    }

    /// `if low { grow(arguments)? }; goto next(params)`
    fn check_slowly(&mut self, low: Value, stub: &str, arguments: &[Value], params: &[Value], next: Block) {
        let (slow, go_on, fail) = (self.cold_block(), self.cold_block(), self.cold_block());
        let jump_params: Vec<ir::BlockArg> = params.iter().map(|&value| value.into()).collect();
        self.b.ins().brif(low, slow, &[], next, &jump_params);
        self.switch(slow);
        // Kept in memory across the call: registers that survive it would be saved by the prologue.
        let bytes = 8 * params.len().max(1) as u32;
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3));
        for (index, &param) in params.iter().enumerate() {
            self.b.ins().stack_store(types::I64, param, slot, 8 * index as i32);
        }
        let grown = self.stub_call(stub, arguments, &None, 0);
        self.b.ins().brif(grown, go_on, &[], fail, &[]);
        self.switch(go_on);
        let mut kept = Vec::with_capacity(params.len());
        for (index, &param) in params.iter().enumerate() {
            let class = self.b.func.dfg.value_type(param);
            kept.push(self.b.ins().stack_load(types::I64, class, slot, 8 * index as i32));
        }
        if self.state.is_some() {
            kept[0] = self.state();
        }
        self.jump(next, &kept);
        self.switch(fail);
        self.return_failure();
    }

    fn big_frame_check(mut self, function: &cmm::Function, frame: u32) {
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.switch(entry);
        self.mark(&function.debug);
        let params: Vec<Value> = self.b.block_params(entry).to_vec();
        if let Some(variable) = self.state {
            self.b.def_var(variable, params[0]);
        }
        let next = self.b.create_block();
        let next_params: Vec<Value> =
            params.iter().map(|&value| self.b.append_block_param(next, self.b.func.dfg.value_type(value))).collect();
        let stack_pointer = self.b.ins().get_stack_pointer(types::I64);
        let lowest = self.b.ins().iadd_imm_s(stack_pointer, -i64::from(frame));
        let limit = self.load_state(state::STACK_LIMIT);
        let low = self.b.ins().icmp(IntCC::SignedLessThan, lowest, limit);
        let bytes = self.int(i64::from(frame));
        self.check_slowly(low, "caml_stack_grow_by", &[bytes], &params, next);
        self.switch(next);
        let signature =
            cmm::Signature { params: function.params.iter().map(|&(_, ty)| ty).collect(), result: function.result };
        let callee = self.ocaml_function(behind_wrapper(function.symbol), &signature);
        self.b.ins().return_call(callee, &next_params);
        self.b.seal_all_blocks();
        self.b.finalize(self.unit.machine.isa.frontend_config());
    }

    // ---- blocks and small things ----

    fn new_block(&mut self) -> Block {
        let block = self.b.create_block();
        if self.cold {
            self.b.set_cold_block(block);
        }
        block
    }

    fn cold_block(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// Goes on in a block; what is pooled belongs to the block left.
    fn switch(&mut self, block: Block) {
        self.pool = None;
        self.b.switch_to_block(block);
    }

    /// Goes on in a block whose predecessors are all known.
    fn switch_sealed(&mut self, block: Block) {
        self.switch(block);
        self.b.seal_block(block);
    }

    fn jump(&mut self, block: Block, arguments: &[Value]) {
        let arguments: Vec<ir::BlockArg> = arguments.iter().map(|&value| value.into()).collect();
        self.b.ins().jump(block, &arguments);
    }

    fn int(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    /// Declares a value to the collector.
    fn root(&mut self, value: Value) -> Value {
        self.b.declare_value_needs_stack_map(value);
        value
    }

    /// A value of a type, declared where the type asks for it.
    fn typed(&mut self, value: Value, ty: Type) -> Out {
        if ty == Type::Val {
            self.root(value);
        }
        Out::Value(value, ty)
    }

    /// The instructions that follow belong to a place of the source.
    fn mark(&mut self, debug: &Debug) {
        if debug.is_some() {
            let site = self.unit.site(debug, 0);
            self.b.set_srcloc(SourceLoc::new(site));
        }
    }

    /// The call that follows has a descriptor of its own.
    fn mark_call(&mut self, debug: &Debug, flags: u16) {
        let site = self.unit.site(debug, flags);
        self.b.set_srcloc(SourceLoc::new(site));
    }

    /// Notes a breach of an invariant; the function is not finished.
    fn report(&mut self, message: impl Into<String>) {
        self.error.get_or_insert(message.into());
    }

    // ---- the domain state ----

    fn state(&mut self) -> Value {
        match self.state {
            Some(variable) => self.b.use_var(variable),
            None => self.b.ins().get_pinned_reg(types::I64),
        }
    }

    fn state_flags(&self) -> MemFlagsData {
        MemFlagsData::trusted().with_alias_region(Some(self.state_region))
    }

    fn load_state(&mut self, offset: i32) -> Value {
        let state = self.state();
        self.load_state_at(state, offset)
    }

    fn load_state_at(&mut self, state: Value, offset: i32) -> Value {
        let flags = self.state_flags();
        self.b.ins().load(types::I64, flags, state, offset)
    }

    fn store_state(&mut self, value: Value, offset: i32) {
        let (state, flags) = (self.state(), self.state_flags());
        self.b.ins().store(flags, value, state, offset);
    }
}
