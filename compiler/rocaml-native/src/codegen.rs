//! From CLIF to machine code, on several threads.
//!
//! Cmm is shared through `Rc`, so that lowering stays on the caller's thread; it hands CLIF over to
//! the workers as it goes. The result is in the order of the unit whatever the number of threads.

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{ExternalName, Function, InstBuilder, InstructionData, LibCall, ValueDef, types};
use cranelift_codegen::{CompiledCode, Context, FinalizedRelocTarget};
use std::collections::HashMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use crate::machine::{HUGE_FUNCTION, Machine};
use crate::{Failure, Options};

/// The code of a function, and what the object needs to know of it.
pub struct CompiledFunction {
    pub code: Vec<u8>,
    pub relocations: Vec<CodeRelocation>,
    /// In order of return address.
    pub calls: Vec<CallSite>,
    /// The distance from SP to the frame base, in bytes.
    pub frame_size: u32,
    /// Ranges of code and the site they belong to, in order.
    pub lines: Vec<LineRange>,
    pub listing: Option<String>,
}

pub struct CodeRelocation {
    pub offset: u32,
    pub kind: Reloc,
    pub target: CodeTarget,
    pub addend: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeTarget {
    /// A symbol of the lowering's table.
    Symbol(u32),
    /// A routine that Cranelift calls where the machine has no instruction.
    Library(LibCall),
    /// A place in the same function.
    Local(u32),
}

/// A call that is not a tail call.
pub struct CallSite {
    pub return_offset: u32,
    /// Index of a [`Site`](crate::lower::Site).
    pub site: u32,
    /// Slots that hold live roots, in words from SP.
    pub live: Vec<u16>,
}

pub struct LineRange {
    pub start: u32,
    pub end: u32,
    pub site: u32,
}

/// Compiles `count` functions that `next` gives one after the other.
pub fn compile_all(
    machine: &Machine,
    options: &Options,
    count: usize,
    mut next: impl FnMut(usize) -> Result<Function, Failure>,
) -> Result<Vec<CompiledFunction>, Failure> {
    let jobs = options.jobs.clamp(1, count.max(1));
    if jobs == 1 {
        return (0..count).map(|index| compile_one(machine, next(index)?, options.dump_listing)).collect();
    }
    let mut results: Vec<Option<Result<CompiledFunction, Failure>>> = (0..count).map(|_| None).collect();
    // Bounded: lowering does not run far ahead of the compilation.
    let (send_work, receive_work) = mpsc::sync_channel::<(usize, Function)>(jobs * 16);
    let receive_work = Arc::new(Mutex::new(receive_work));
    let (send_result, receive_result) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (work, result) = (receive_work.clone(), send_result.clone());
            scope.spawn(move || {
                loop {
                    let item = work.lock().expect("no worker panics with the lock").recv();
                    let Ok((index, function)) = item else { break };
                    if result.send((index, compile_one(machine, function, options.dump_listing))).is_err() {
                        break;
                    }
                }
            });
        }
        drop((send_result, receive_work));
        for index in 0..count {
            if send_work.send((index, next(index)?)).is_err() {
                break;
            }
        }
        drop(send_work);
        for (index, result) in receive_result {
            results[index] = Some(result);
        }
        Ok(())
    })?;
    results.into_iter().map(|result| result.expect("each function was compiled")).collect()
}

/// Compiles one function.
pub fn compile_one(machine: &Machine, function: Function, listing: bool) -> Result<CompiledFunction, Failure> {
    let fail = |error: String| Failure::new("code generation", error);
    let huge = function.dfg.num_insts() > HUGE_FUNCTION;
    let isa = if huge { &*machine.quick_isa } else { &*machine.isa };
    let mut context = Context::for_function(function);
    let mut control = ControlPlane::default();
    context.verify_if(isa).map_err(|errors| fail(format!("{errors}\n{}", context.func.display())))?;
    context.optimize(isa, &mut control).map_err(|error| fail(error.to_string()))?;
    refresh_stack_addresses(&mut context.func);
    context.compute_domtree();
    // `Context::compile` would optimise again, and merge the addresses that were made fresh.
    let code = isa
        .compile_function(&context.func, &context.domtree, &mut Default::default(), listing, &mut control)
        .map_err(|error| fail(error.to_string()))?
        .apply_params(&context.func.params);
    collect(&context.func, &code)
}

/// Makes a `stack_addr` anew before each use of its result: the optimiser shares one among all
/// accesses of a slot, and a call between them may move the stack.
fn refresh_stack_addresses(function: &mut Function) {
    let blocks: Vec<_> = function.layout.blocks().collect();
    for block in blocks {
        let instructions: Vec<_> = function.layout.block_insts(block).collect();
        for instruction in instructions {
            for position in 0..function.dfg.inst_args(instruction).len() {
                let argument = function.dfg.inst_args(instruction)[position];
                let ValueDef::Result(definition, _) = function.dfg.value_def(argument) else { continue };
                if let InstructionData::StackAddr { stack_slot, offset, .. } = function.dfg.insts[definition] {
                    let mut cursor = FuncCursor::new(function).at_inst(instruction);
                    let fresh = cursor.ins().stack_addr(types::I64, stack_slot, offset);
                    function.dfg.inst_args_mut(instruction)[position] = fresh;
                }
            }
        }
    }
}

fn collect(function: &Function, code: &CompiledCode) -> Result<CompiledFunction, Failure> {
    let buffer = &code.buffer;
    let frame_size = buffer.frame_layout().map_or(0, |layout| layout.frame_to_fp_offset);
    let lines: Vec<LineRange> = buffer
        .get_srclocs_sorted()
        .iter()
        .filter(|range| !range.loc.is_default())
        .map(|range| LineRange { start: range.start, end: range.end, site: range.loc.bits() })
        .collect();
    let mut maps: HashMap<u32, Vec<u16>> = HashMap::new();
    for (offset, span, map) in buffer.user_stack_maps() {
        if *span != frame_size {
            return Err(Failure::new("code generation", "two sizes of one frame"));
        }
        let mut live: Vec<u16> = Vec::new();
        for (_, slot) in map.entries() {
            live.push(u16::try_from(slot / 8).map_err(|_| Failure::new("code generation", "a frame of over 512 KiB"))?);
        }
        live.sort_unstable();
        live.dedup();
        maps.insert(*offset, live);
    }
    let mut calls: Vec<CallSite> = buffer
        .call_sites()
        .map(|call| CallSite {
            return_offset: call.ret_addr,
            site: site_of(&lines, call.ret_addr),
            live: maps.remove(&call.ret_addr).unwrap_or_default(),
        })
        .collect();
    calls.sort_by_key(|call| call.return_offset);
    Ok(CompiledFunction {
        code: buffer.data().to_vec(),
        relocations: relocations(function, code)?,
        calls,
        frame_size,
        lines,
        listing: code.vcode.clone(),
    })
}

/// The site of the instruction that ends at a return address.
fn site_of(lines: &[LineRange], return_offset: u32) -> u32 {
    let after = lines.partition_point(|range| range.start < return_offset);
    match after.checked_sub(1).map(|index| &lines[index]) {
        Some(range) if return_offset <= range.end => range.site,
        _ => u32::MAX,
    }
}

fn relocations(function: &Function, code: &CompiledCode) -> Result<Vec<CodeRelocation>, Failure> {
    let mut relocations = Vec::new();
    for relocation in code.buffer.relocs() {
        let target = match &relocation.target {
            FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
                CodeTarget::Symbol(function.params.user_named_funcs()[*name].index)
            }
            FinalizedRelocTarget::ExternalName(ExternalName::LibCall(call)) => CodeTarget::Library(*call),
            FinalizedRelocTarget::Func(offset) => CodeTarget::Local(*offset),
            other => return Err(Failure::new("code generation", format!("a relocation to {other:?}"))),
        };
        relocations.push(CodeRelocation {
            offset: relocation.offset,
            kind: relocation.kind,
            target,
            addend: relocation.addend,
        });
    }
    Ok(relocations)
}
