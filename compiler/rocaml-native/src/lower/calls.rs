//! Calls of OCaml and C code, exceptions.
//!
//! An exception propagates as a null result (`runtimes/ABI.md`, section 2): the result of a call is
//! tested, and the failing branch goes to the landing of the innermost handler of the function, or
//! returns null in turn.

use cranelift_codegen::ir::{
    self, AbiParam, Block, InstBuilder, StackSlotData, StackSlotKind, UserExternalName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use rocaml_middle::cmm::{Callee, Debug, Expr, ExtCall, Op, RaiseKind, Signature, Symbol, Type};

use super::{FunctionLowering, Out, SITE_RAISES, Trampoline};
use crate::machine::{MAX_C_INTEGERS, state};

impl FunctionLowering<'_, '_> {
    // ---- functions and signatures ----

    fn signature(&mut self, signature: &Signature) -> ir::SigRef {
        if let Some(known) = self.signatures.get(signature) {
            return *known;
        }
        let clif = self.unit.machine.ocaml_signature(&signature.params, signature.result);
        let made = self.b.import_signature(clif);
        self.signatures.insert(signature.clone(), made);
        made
    }

    /// A function with the OCaml convention.
    pub(super) fn ocaml_function(&mut self, symbol: Symbol, signature: &Signature) -> ir::FuncRef {
        if let Some(known) = self.functions.get(&(symbol, signature.clone())) {
            return *known;
        }
        let clif = self.signature(signature);
        let made = self.import(symbol, clif);
        self.functions.insert((symbol, signature.clone()), made);
        made
    }

    fn import(&mut self, symbol: Symbol, signature: ir::SigRef) -> ir::FuncRef {
        let index = self.unit.symbols.number(symbol);
        let name = self.b.func.declare_imported_user_function(UserExternalName { namespace: 0, index });
        self.b.import_function(ir::ExtFuncData {
            name: ir::ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        })
    }

    fn with_state(&mut self, arguments: &[Value]) -> Vec<Value> {
        let mut all = Vec::with_capacity(arguments.len() + 1);
        if self.state.is_some() {
            all.push(self.state());
        }
        all.extend_from_slice(arguments);
        all
    }

    /// After a call: a fiber may have been resumed in another domain.
    fn result_and_state(&mut self, call: ir::Inst) -> Value {
        self.pool = None;
        let results = self.b.inst_results(call);
        let result = results[0];
        if let Some(variable) = self.state {
            let state = results[1];
            self.b.def_var(variable, state);
        }
        result
    }

    // ---- OCaml calls ----

    pub(super) fn apply(&mut self, callee: &Callee, words: &[Value], debug: &Debug) -> Out {
        self.makes_calls = true;
        let (call, result) = match callee {
            Callee::Direct(symbol, signature) => {
                let function = self.ocaml_function(*symbol, signature);
                let arguments = self.with_state(words);
                self.mark_call(debug, 0);
                (self.b.ins().call(function, &arguments), signature.result)
            }
            Callee::Indirect(signature) => {
                let clif = self.signature(signature);
                let arguments = self.with_state(&words[1..]);
                self.mark_call(debug, 0);
                (self.b.ins().call_indirect(clif, words[0], &arguments), signature.result)
            }
        };
        let value = self.result_and_state(call);
        self.finish_call(value, result)
    }

    /// Tests and types the result of a call that may raise.
    fn finish_call(&mut self, value: Value, result: Type) -> Out {
        self.check(value, result);
        if result == Type::Void { Out::Void } else { self.typed(value, result) }
    }

    /// A call in tail position and outside handlers: false if it must be an ordinary one.
    pub(super) fn tail_call(&mut self, op: &Op, operands: &[Expr], debug: &Debug) -> bool {
        let stub = |params: u32| Signature { params: (0..params).map(|_| Type::Val).collect(), result: Type::Val };
        let callee = match op {
            Op::Apply(callee) => callee.clone(),
            Op::Perform => Callee::Direct(Symbol::new("caml_perform"), stub(1)),
            Op::Reperform => Callee::Direct(Symbol::new("caml_reperform"), stub(3)),
            Op::Resume => Callee::Direct(Symbol::new("caml_resume"), stub(4)),
            Op::RunStack => Callee::Direct(Symbol::new("caml_runstack"), stub(3)),
            _ => return false,
        };
        let (Callee::Direct(_, signature) | Callee::Indirect(signature)) = &callee;
        if !self.may_return(signature.result) {
            return false;
        }
        let Some(values) = self.operands(operands) else { return true };
        let words: Vec<Value> = values.iter().map(|&(value, _)| value).collect();
        self.mark(debug);
        match &callee {
            // A jump: the body begins with a poll if it needs one.
            Callee::Direct(symbol, _) if *symbol == self.symbol => {
                let arguments = self.with_state(&words);
                self.jump(self.body, &arguments);
            }
            Callee::Direct(symbol, signature) => {
                let function = self.ocaml_function(*symbol, signature);
                let arguments = self.with_state(&words);
                self.b.ins().return_call(function, &arguments);
            }
            Callee::Indirect(signature) => {
                let clif = self.signature(signature);
                let arguments = self.with_state(&words[1..]);
                self.b.ins().return_call_indirect(clif, words[0], &arguments);
            }
        }
        true
    }

    /// Whether a callee's result, exceptions included, can be ours as it is: who tests for null
    /// must be given what is never null otherwise.
    fn may_return(&self, result: Type) -> bool {
        match self.result {
            Type::Val | Type::Void => matches!(result, Type::Val | Type::Void) && result == self.result,
            Type::Int => matches!(result, Type::Int | Type::Val),
            Type::Float => result == Type::Float,
        }
    }

    /// A call of a stub with the OCaml convention, all words; the result is not tested.
    pub(super) fn stub_call(&mut self, stub: &str, words: &[Value], debug: &Debug, flags: u16) -> Value {
        let signature = Signature { params: words.iter().map(|_| Type::Int).collect(), result: Type::Int };
        let function = self.ocaml_function(Symbol::new(stub), &signature);
        let arguments = self.with_state(words);
        self.mark_call(debug, flags);
        let call = self.b.ins().call(function, &arguments);
        self.result_and_state(call)
    }

    /// Calls a stub that changes no register and yields nothing: an exception is in the state.
    pub(super) fn preserving_call(&mut self, stub: &str, words: &[Value], debug: &Debug, flags: u16) -> ir::Inst {
        let mut clif = ir::Signature::new(CallConv::PreserveAll);
        clif.params.extend(words.iter().map(|_| AbiParam::new(types::I64)));
        let signature = self.b.import_signature(clif);
        let function = self.import(Symbol::new(stub), signature);
        self.mark_call(debug, flags);
        let call = self.b.ins().call(function, words);
        self.pool = None;
        call
    }

    /// Calls a continuation primitive, which runs other code before it comes back.
    pub(super) fn effect_call(&mut self, stub: &str, words: &[Value], debug: &Debug) -> Out {
        self.makes_calls = true;
        let value = self.stub_call(stub, words, debug, 0);
        self.finish_call(value, Type::Val)
    }

    // ---- exceptions ----

    /// Where a failing call goes.
    fn failure_block(&mut self) -> Block {
        if let Some(handler) = self.tries.last_mut() {
            handler.landing_used = true;
            return handler.landing;
        }
        match self.failure {
            Some(block) => block,
            None => {
                let block = self.cold_block();
                self.failure = Some(block);
                block
            }
        }
    }

    /// Leaves for the handler if a call's result says that an exception propagates.
    pub(super) fn check(&mut self, value: Value, result: Type) {
        let failed = self.failure_block();
        let next = self.new_block();
        match result {
            Type::Val | Type::Void => self.b.ins().brif(value, next, &[], failed, &[]),
            Type::Int | Type::Float => {
                let exn = self.load_state(state::EXN);
                self.b.ins().brif(exn, failed, &[], next, &[])
            }
        };
        self.switch_sealed(next);
    }

    pub(super) fn raise(&mut self, kind: RaiseKind, exn: Value, debug: &Debug) -> Out {
        let recorder = match kind {
            RaiseKind::Regular => Some("caml_raise_regular"),
            RaiseKind::Reraise => Some("caml_reraise"),
            RaiseKind::Notrace => None,
        };
        if let Some(recorder) = recorder.filter(|_| self.unit.debug) {
            let (record, plain) = (self.cold_block(), self.new_block());
            let active = self.load_state(state::BACKTRACE_ACTIVE);
            self.b.ins().brif(active, record, &[], plain, &[]);
            self.switch_sealed(record);
            self.stub_call(recorder, &[exn], debug, SITE_RAISES);
            let failed = self.failure_block();
            self.jump(failed, &[]);
            self.switch_sealed(plain);
        }
        match self.tries.last_mut() {
            Some(handler) => {
                handler.entry_used = true;
                let entry = handler.entry;
                self.jump(entry, &[exn]);
            }
            None => {
                self.store_state(exn, state::EXN);
                self.return_failure();
            }
        }
        Out::Never
    }

    pub(super) fn return_value(&mut self, value: Value) {
        let mut results = vec![value];
        if self.state.is_some() {
            results.push(self.state());
        }
        self.b.ins().return_(&results);
    }

    /// Returns null; the exception is in the domain state.
    pub(super) fn return_failure(&mut self) {
        let zero = self.zero(self.result);
        self.return_value(zero);
    }

    // ---- C calls ----

    pub(super) fn c_call(&mut self, call: &ExtCall, words: &[Value], debug: &Debug) -> Out {
        let safepoint = call.alloc || call.raises;
        let integers = call.params.iter().filter(|ty| !matches!(ty, Type::Float | Type::Void)).count();
        let direct = !safepoint && call.leaf;
        let value = if !direct && integers > MAX_C_INTEGERS {
            if integers != call.params.len() {
                self.report(format!("{}: over {MAX_C_INTEGERS} words besides doubles", call.name));
            }
            self.call_with_array(call, words, safepoint, debug)
        } else {
            let symbol = if direct { call.name } else { self.trampoline(call.name, safepoint) };
            self.call_c(symbol, &call.params, call.result, words, debug)
        };
        if safepoint {
            self.pool = None;
        }
        if never_returns(&call.name) {
            // What is live here is not: the failing path keeps nothing for the other.
            let failed = self.failure_block();
            self.jump(failed, &[]);
            return Out::Never;
        }
        let value = value.map(|value| match call.result_bits {
            32 if call.result == Type::Int => self.sign_extend(32, value),
            _ => value,
        });
        match value {
            Some(value) if call.raises => self.finish_call(value, call.result),
            Some(value) => self.typed(value, call.result),
            None => {
                if call.raises {
                    let unused = self.int(0);
                    self.check(unused, Type::Int);
                }
                Out::Void
            }
        }
    }

    fn trampoline(&mut self, function: Symbol, alloc: bool) -> Symbol {
        let trampoline = Trampoline { function, alloc };
        self.unit.trampolines.insert(trampoline);
        trampoline.symbol()
    }

    fn call_c(
        &mut self,
        symbol: Symbol,
        params: &[Type],
        result: Type,
        words: &[Value],
        debug: &Debug,
    ) -> Option<Value> {
        let clif = self.unit.machine.c_signature(params, result);
        let signature = self.b.import_signature(clif);
        let function = self.import(symbol, signature);
        let words: Vec<Value> =
            words.iter().zip(params).filter(|(_, ty)| **ty != Type::Void).map(|(word, _)| *word).collect();
        self.mark_call(debug, 0);
        let call = self.b.ins().call(function, &words);
        self.b.inst_results(call).first().copied()
    }

    /// The arguments in an array on the stack, and their number.
    fn call_with_array(&mut self, call: &ExtCall, words: &[Value], safepoint: bool, debug: &Debug) -> Option<Value> {
        let bytes = 8 * words.len() as u32;
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3));
        for (index, &word) in words.iter().enumerate() {
            self.b.ins().stack_store(types::I64, word, slot, index as i32 * 8);
        }
        let array = self.b.ins().stack_addr(types::I64, slot, 0);
        let count = self.int(words.len() as i64);
        let symbol = self.trampoline(call.name, safepoint);
        self.call_c(symbol, &[Type::Int, Type::Int], call.result, &[array, count], debug)
    }

    /// A call of a C function that is called as it is: no descriptor, no switch of stacks.
    pub(super) fn call_c_directly(&mut self, function: &str, words: &[Value], debug: &Debug) {
        let params = vec![Type::Int; words.len()];
        self.call_c(Symbol::new(function), &params, Type::Void, words, debug);
    }
}

/// C functions that raise in any case.
pub(super) fn never_returns(function: &str) -> bool {
    matches!(function, "caml_ml_array_bound_error" | "caml_raise_zero_divide")
}
