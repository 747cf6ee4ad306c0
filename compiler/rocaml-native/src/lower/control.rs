//! Control: bindings, conditions, switches, static and dynamic handlers.
//!
//! An expression that moves control is lowered towards a destination, so that `if a && b then …`
//! becomes branches without a boolean, and a branch in tail position returns by itself.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, Block, InstBuilder, JumpTableData, Value, types};
use rocaml_middle::cmm::{Const, Expr, Handler, IntCompare, LabelId, Op, Type, VarId};

use super::calls::never_returns;
use super::loops::LoopRoots;
use super::operations::{float_condition, int_condition};
use super::{Binding, FunctionLowering, Out};
use crate::machine::{register, state};

/// Where the value of an expression goes.
pub(super) enum Dest<'j> {
    /// It is the function's result.
    Tail,
    /// To a block, as its parameter or for nothing.
    Join(&'j mut Join),
    /// To the first block if it is not zero, else to the second.
    Branch(Block, Block),
}

/// A block that waits for a value.
pub(super) struct Join {
    block: Block,
    wanted: bool,
    reached: bool,
    result: Option<(Value, Type)>,
}

/// A static handler in scope.
pub(super) struct Label {
    block: Block,
    params: Vec<Type>,
    used: bool,
}

/// A dynamic handler in scope.
pub(super) struct Try {
    /// Takes the exception from the domain state; cold.
    pub landing: Block,
    pub landing_used: bool,
    /// Has the exception as parameter.
    pub entry: Block,
    pub entry_used: bool,
}

/// Tables shorter than this are compared one by one.
const SMALLEST_TABLE: usize = 4;

impl FunctionLowering<'_, '_> {
    /// Lowers an expression towards a destination.
    pub(super) fn lower(&mut self, expr: &Expr, dest: &mut Dest<'_>) {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.lower_here(expr, dest));
    }

    fn lower_here(&mut self, expr: &Expr, dest: &mut Dest<'_>) {
        let Some(expr) = self.peel(expr) else { return };
        match expr {
            Expr::If(condition, yes, no) => self.lower_if(condition, yes, no, dest),
            Expr::Switch(scrutinee, table, cases) => self.lower_switch(scrutinee, table, cases, dest),
            Expr::Catch { recursive, handlers, body } => self.lower_catch(*recursive, handlers, body, dest),
            Expr::TryWith(body, var, handler) => self.lower_try(body, *var, handler, dest),
            Expr::Op(op, operands, debug) if matches!(dest, Dest::Tail) && self.tries.is_empty() => {
                if !self.tail_call(op, operands, debug) {
                    let out = self.value(expr);
                    self.deliver(out, dest);
                }
            }
            _ => match dest {
                Dest::Branch(yes, no) => self.branch(expr, *yes, *no),
                _ => {
                    let out = self.value(expr);
                    self.deliver(out, dest);
                }
            },
        }
    }

    /// Lowers the bindings and sequences that an expression begins with, of which there may be
    /// many, and gives its end; `None` if control does not come that far.
    fn peel<'e>(&mut self, mut expr: &'e Expr) -> Option<&'e Expr> {
        loop {
            let (comes_back, rest) = match expr {
                Expr::Let(var, ty, value, body) => (self.lower_binding(*var, *ty, value, false), body),
                Expr::LetMut(var, ty, value, body) => (self.lower_binding(*var, *ty, value, true), body),
                Expr::Sequence(first, second) => (self.effect(first), second),
                _ => return Some(expr),
            };
            if !comes_back {
                return None;
            }
            expr = rest;
        }
    }

    /// Evaluates for the effect; false if control does not come back.
    pub(super) fn effect(&mut self, expr: &Expr) -> bool {
        let Some(expr) = self.peel(expr) else { return false };
        if is_control(expr) {
            return !matches!(self.join(expr, false), Out::Never);
        }
        !matches!(self.value(expr), Out::Never)
    }

    /// Evaluates an expression.
    pub(super) fn value(&mut self, expr: &Expr) -> Out {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.value_here(expr))
    }

    fn value_here(&mut self, expr: &Expr) -> Out {
        let Some(expr) = self.peel(expr) else { return Out::Never };
        match expr {
            Expr::Const(constant) => self.constant(constant),
            Expr::Var(var) => self.variable(*var),
            Expr::Assign(var, value) => self.assign(*var, value),
            Expr::Void => Out::Void,
            Expr::Op(op, operands, debug) => self.operation(op, operands, debug),
            Expr::Exit(label, arguments) => {
                self.exit(*label, arguments);
                Out::Never
            }
            _ => self.join(expr, true),
        }
    }

    /// Evaluates an expression that moves control, into a block of its own.
    fn join(&mut self, expr: &Expr, wanted: bool) -> Out {
        let mut join = Join { block: self.new_block(), wanted, reached: false, result: None };
        self.lower(expr, &mut Dest::Join(&mut join));
        if !join.reached {
            return Out::Never;
        }
        self.switch_sealed(join.block);
        match join.result {
            Some((value, ty)) => self.typed(value, ty),
            None => Out::Void,
        }
    }

    /// Sends a value to its destination.
    fn deliver(&mut self, out: Out, dest: &mut Dest<'_>) {
        let (value, ty) = match out {
            Out::Never => return,
            Out::Value(value, ty) => (Some(value), ty),
            Out::Void => (None, Type::Void),
        };
        match dest {
            Dest::Tail => {
                let value = value.unwrap_or_else(|| self.int(1));
                self.return_value(value);
            }
            Dest::Join(join) => {
                join.reached = true;
                if !join.wanted {
                    let block = join.block;
                    self.jump(block, &[]);
                    return;
                }
                let (value, ty) = match value {
                    Some(value) => (value, ty),
                    None => (self.int(1), Type::Int),
                };
                let known = join.result.get_or_insert_with(|| {
                    let class = self.b.func.dfg.value_type(value);
                    (self.b.append_block_param(join.block, class), ty)
                });
                if ty == Type::Val {
                    known.1 = Type::Val;
                }
                let block = join.block;
                self.jump(block, &[value]);
            }
            Dest::Branch(yes, no) => {
                let value = value.unwrap_or_else(|| self.int(1));
                self.b.ins().brif(value, *yes, &[], *no, &[]);
            }
        }
    }

    // ---- variables ----

    fn lower_binding(&mut self, var: VarId, ty: Type, value: &Expr, mutable: bool) -> bool {
        if ty == Type::Void {
            self.vars[var.0 as usize] = Binding::Void;
            return self.effect(value);
        }
        let out = self.value(value);
        let Some((value, _)) = self.some_value(out) else { return false };
        if mutable {
            let class = register(ty).expect("not void");
            let variable = self.b.declare_var(class);
            if ty == Type::Val {
                self.b.declare_var_needs_stack_map(variable);
            }
            self.b.def_var(variable, value);
            self.vars[var.0 as usize] = Binding::Mutable(variable, ty);
        } else {
            self.bind(var, ty, Out::Value(value, ty));
        }
        true
    }

    /// Binds a variable that is not assigned to.
    pub(super) fn bind(&mut self, var: VarId, ty: Type, out: Out) {
        self.vars[var.0 as usize] = match out {
            Out::Value(value, _) => {
                if ty == Type::Val && !self.is_constant(value) {
                    self.root(value);
                }
                Binding::Value(value, ty)
            }
            Out::Void | Out::Never => Binding::Void,
        };
    }

    /// Constants and addresses of static data are made again rather than kept.
    pub(super) fn is_constant(&self, value: Value) -> bool {
        let Some(instruction) = self.b.func.dfg.value_def(value).inst() else { return false };
        let opcode = self.b.func.dfg.insts[instruction].opcode();
        matches!(opcode, ir::Opcode::Iconst | ir::Opcode::SymbolValue)
    }

    fn variable(&mut self, var: VarId) -> Out {
        match self.vars[var.0 as usize] {
            Binding::Value(value, ty) => Out::Value(value, ty),
            Binding::Mutable(variable, ty) => {
                let value = self.b.use_var(variable);
                Out::Value(value, ty)
            }
            Binding::Void => Out::Void,
            Binding::Unbound => {
                self.report(format!("{var:?} is used before it is bound"));
                Out::Void
            }
        }
    }

    fn assign(&mut self, var: VarId, value: &Expr) -> Out {
        let out = self.value(value);
        let Some((value, _)) = self.some_value(out) else { return Out::Never };
        match self.vars[var.0 as usize] {
            Binding::Mutable(variable, _) => self.b.def_var(variable, value),
            Binding::Void => {}
            _ => self.report(format!("{var:?} is assigned and not mutable")),
        }
        Out::Void
    }

    /// The value of an evaluation that came back: that of unit for none.
    pub(super) fn some_value(&mut self, out: Out) -> Option<(Value, Type)> {
        match out {
            Out::Value(value, ty) => Some((value, ty)),
            Out::Void => Some((self.int(1), Type::Int)),
            Out::Never => None,
        }
    }

    // ---- conditions ----

    fn lower_if(&mut self, condition: &Expr, yes: &Expr, no: &Expr, dest: &mut Dest<'_>) {
        let yes_block = if fails(yes) { self.cold_block() } else { self.new_block() };
        let no_block = if fails(no) { self.cold_block() } else { self.new_block() };
        self.lower(condition, &mut Dest::Branch(yes_block, no_block));
        self.switch_sealed(yes_block);
        self.lower(yes, dest);
        self.switch_sealed(no_block);
        self.lower(no, dest);
    }

    /// Branches on an expression that does not move control by itself.
    fn branch(&mut self, condition: &Expr, yes: Block, no: Block) {
        match condition {
            Expr::Const(Const::Int(value)) => self.jump(if *value != 0 { yes } else { no }, &[]),
            Expr::Op(Op::CmpI(compare), operands, _) if operands.len() == 2 => {
                self.branch_compare(*compare, &operands[0], &operands[1], yes, no);
            }
            Expr::Op(Op::CmpF(compare), operands, _) if operands.len() == 2 => {
                let Some(values) = self.operands(operands) else { return };
                let test = self.b.ins().fcmp(float_condition(*compare), values[0].0, values[1].0);
                self.b.ins().brif(test, yes, &[], no, &[]);
            }
            Expr::Op(Op::Xori, operands, _) if is_int(&operands[1], 1) && is_boolean(&operands[0]) => {
                self.lower(&operands[0], &mut Dest::Branch(no, yes));
            }
            _ => {
                let out = self.value(condition);
                self.deliver(out, &mut Dest::Branch(yes, no));
            }
        }
    }

    fn branch_compare(&mut self, compare: IntCompare, left: &Expr, right: &Expr, yes: Block, no: Block) {
        if let Expr::Const(Const::Int(constant)) = right {
            match (compare, constant, left) {
                (IntCompare::Ne, 0, _) => return self.lower(left, &mut Dest::Branch(yes, no)),
                (IntCompare::Eq, 0, _) => return self.lower(left, &mut Dest::Branch(no, yes)),
                (IntCompare::Eq | IntCompare::Ne, 1 | 3, left) => {
                    if let Some(boolean) = tagged_boolean(left) {
                        let same = (compare == IntCompare::Eq) == (*constant == 3);
                        let (yes, no) = if same { (yes, no) } else { (no, yes) };
                        return self.lower(boolean, &mut Dest::Branch(yes, no));
                    }
                }
                _ => {}
            }
            if let Expr::If(condition, first, second) = left
                && (matches!(**first, Expr::Const(_)) || matches!(**second, Expr::Const(_)))
            {
                let (first_block, second_block) = (self.new_block(), self.new_block());
                self.lower(condition, &mut Dest::Branch(first_block, second_block));
                self.switch_sealed(first_block);
                self.branch_compare(compare, first, right, yes, no);
                self.switch_sealed(second_block);
                return self.branch_compare(compare, second, right, yes, no);
            }
            if let Expr::Const(Const::Int(left)) = left {
                let holds = evaluate(compare, *left, *constant);
                return self.jump(if holds { yes } else { no }, &[]);
            }
        }
        let out = self.value(right);
        let Some((right, _)) = self.some_value(out) else { return };
        let out = self.value(left);
        let Some((left, _)) = self.some_value(out) else { return };
        let test = self.b.ins().icmp(int_condition(compare), left, right);
        self.b.ins().brif(test, yes, &[], no, &[]);
    }

    // ---- switches ----

    fn lower_switch(&mut self, scrutinee: &Expr, table: &[u32], cases: &[Expr], dest: &mut Dest<'_>) {
        let out = self.value(scrutinee);
        let Some((scrutinee, _)) = self.some_value(out) else { return };
        let blocks: Vec<Block> = cases.iter().map(|_| self.new_block()).collect();
        match table {
            [] => return self.report("a switch without cases"),
            [only] => self.jump(blocks[*only as usize], &[]),
            _ if table.len() < SMALLEST_TABLE => self.compare_in_turn(scrutinee, table, &blocks),
            _ => {
                let targets: Vec<ir::BlockCall> =
                    table.iter().map(|&case| self.b.func.dfg.block_call(blocks[case as usize], &[])).collect();
                let (last, others) = targets.split_last().expect("not empty");
                let jump_table = self.b.create_jump_table(JumpTableData::new(*last, others));
                let index = self.b.ins().ireduce(types::I32, scrutinee);
                self.b.ins().br_table(index, jump_table);
            }
        }
        for (case, block) in cases.iter().zip(blocks) {
            self.switch_sealed(block);
            self.lower(case, dest);
        }
    }

    fn compare_in_turn(&mut self, scrutinee: Value, table: &[u32], blocks: &[Block]) {
        let (last, others) = table.split_last().expect("not empty");
        for (position, &case) in others.iter().enumerate() {
            if others[position..].iter().chain([last]).all(|other| *other == case) {
                return self.jump(blocks[case as usize], &[]);
            }
            let next = self.new_block();
            let test = self.b.ins().icmp_imm_s(IntCC::Equal, scrutinee, position as i64);
            self.b.ins().brif(test, blocks[case as usize], &[], next, &[]);
            self.switch_sealed(next);
        }
        self.jump(blocks[*last as usize], &[]);
    }

    // ---- static handlers ----

    fn lower_catch(&mut self, recursive: bool, handlers: &[Handler], body: &Expr, dest: &mut Dest<'_>) {
        for handler in handlers {
            let block = if handler.cold { self.cold_block() } else { self.new_block() };
            let params: Vec<Type> = handler.params.iter().map(|&(_, ty)| ty).collect();
            for &ty in &params {
                if let Some(class) = register(ty) {
                    self.b.append_block_param(block, class);
                }
            }
            self.labels[handler.label.0 as usize] = Some(Label { block, params, used: false });
        }
        let roots = if recursive { self.enter_loop(handlers) } else { None };
        self.lower(body, dest);
        let mut done = vec![false; handlers.len()];
        // A handler of a recursive catch may be reached from a later one only.
        while let Some(next) = (0..handlers.len()).find(|&i| !done[i] && self.label(handlers[i].label).used) {
            done[next] = true;
            self.lower_handler(&handlers[next], recursive, roots.as_ref(), dest);
        }
        if recursive {
            for handler in handlers {
                let block = self.label(handler.label).block;
                self.b.seal_block(block);
            }
        }
        if let Some(roots) = roots {
            self.leave_loop(roots);
        }
    }

    fn lower_handler(&mut self, handler: &Handler, recursive: bool, roots: Option<&LoopRoots>, dest: &mut Dest<'_>) {
        let block = self.label(handler.label).block;
        if recursive {
            self.switch(block)
        } else {
            self.switch_sealed(block)
        }
        let mut values = self.b.block_params(block).to_vec().into_iter();
        for &(var, ty) in &handler.params {
            let out = match register(ty) {
                Some(_) => Out::Value(values.next().expect("a parameter of the block"), ty),
                None => Out::Void,
            };
            self.bind(var, ty, out);
        }
        let cold = self.cold;
        self.cold |= handler.cold;
        let body = match roots {
            Some(roots) => self.begin_loop(&handler.body, roots),
            None => &handler.body,
        };
        self.lower(body, dest);
        self.cold = cold;
    }

    fn label(&self, label: LabelId) -> &Label {
        self.labels[label.0 as usize].as_ref().expect("the catch declared its labels")
    }

    fn exit(&mut self, label: LabelId, arguments: &[Expr]) {
        let Some(Label { block, params, used }) = self.labels[label.0 as usize].as_mut() else {
            return self.report(format!("exit to {label:?}, which is not in scope"));
        };
        *used = true;
        let (block, params) = (*block, params.clone());
        let Some(values) = self.operands(arguments) else { return };
        let values: Vec<Value> =
            values.iter().zip(&params).filter(|(_, ty)| **ty != Type::Void).map(|((value, _), _)| *value).collect();
        self.jump(block, &values);
    }

    // ---- dynamic handlers ----

    fn lower_try(&mut self, body: &Expr, var: VarId, handler: &Expr, dest: &mut Dest<'_>) {
        let (landing, entry) = (self.cold_block(), self.new_block());
        let exn = self.b.append_block_param(entry, types::I64);
        self.tries.push(Try { landing, landing_used: false, entry, entry_used: false });
        self.lower(body, dest);
        let handled = self.tries.pop().expect("pushed above");
        if handled.landing_used {
            self.land(handled.landing, entry);
        }
        if handled.landing_used || handled.entry_used {
            self.switch_sealed(entry);
            self.bind(var, Type::Val, Out::Value(exn, Type::Val));
            self.lower(handler, dest);
        }
    }

    /// Takes the exception that a callee left in the domain state.
    fn land(&mut self, landing: Block, entry: Block) {
        self.switch_sealed(landing);
        let (cut, taken) = (self.cold_block(), self.cold_block());
        let active = self.load_state(state::BACKTRACE_ACTIVE);
        self.b.ins().brif(active, cut, &[], taken, &[]);
        self.switch_sealed(cut);
        self.stub_call("caml_backtrace_caught", &[], &None, 0);
        self.jump(taken, &[]);
        self.switch_sealed(taken);
        let exn = self.load_state(state::EXN);
        let none = self.int(0);
        self.store_state(none, state::EXN);
        self.jump(entry, &[exn]);
    }
}

/// Whether an expression only reports an error.
fn fails(expr: &Expr) -> bool {
    matches!(expr, Expr::Op(Op::ExtCall(call), ..) if never_returns(&call.name))
}

fn is_control(expr: &Expr) -> bool {
    matches!(expr, Expr::If(..) | Expr::Switch(..) | Expr::Catch { .. } | Expr::TryWith(..))
}

fn is_int(expr: &Expr, value: i64) -> bool {
    matches!(expr, Expr::Const(Const::Int(constant)) if *constant == value)
}

/// Whether the value is 0 or 1.
fn is_boolean(expr: &Expr) -> bool {
    match expr {
        Expr::Const(Const::Int(value)) => matches!(value, 0 | 1),
        Expr::Op(Op::CmpI(_) | Op::CmpF(_), ..) => true,
        Expr::If(_, yes, no) => is_boolean(yes) && is_boolean(no),
        _ => false,
    }
}

/// The boolean of which an expression is the OCaml value: `(b << 1) + 1`.
fn tagged_boolean(expr: &Expr) -> Option<&Expr> {
    let Expr::Op(Op::Addi | Op::Ori, sum, _) = expr else { return None };
    let [Expr::Op(Op::Lsli, shift, _), one] = sum.as_slice() else { return None };
    let [boolean, by] = shift.as_slice() else { return None };
    (is_int(one, 1) && is_int(by, 1) && is_boolean(boolean)).then_some(boolean)
}

fn evaluate(compare: IntCompare, left: i64, right: i64) -> bool {
    let (uleft, uright) = (left as u64, right as u64);
    match compare {
        IntCompare::Eq => left == right,
        IntCompare::Ne => left != right,
        IntCompare::Lt => left < right,
        IntCompare::Gt => left > right,
        IntCompare::Le => left <= right,
        IntCompare::Ge => left >= right,
        IntCompare::ULt => uleft < uright,
        IntCompare::UGt => uleft > uright,
        IntCompare::ULe => uleft <= uright,
        IntCompare::UGe => uleft >= uright,
    }
}
