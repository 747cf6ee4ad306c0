//! Machine operations on words and doubles, and the dispatch of all others.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AtomicRmwOp, ExternalName, GlobalValueData, InstBuilder, MemFlagsData, StackSlotData, StackSlotKind,
    UserExternalName, Value, types,
};
use rocaml_middle::cmm::{Const, Debug, Expr, FloatCompare, IntCompare, Op, Symbol, Type};

use super::{FunctionLowering, Out};
use crate::machine::register;

pub(super) fn int_condition(compare: IntCompare) -> IntCC {
    match compare {
        IntCompare::Eq => IntCC::Equal,
        IntCompare::Ne => IntCC::NotEqual,
        IntCompare::Lt => IntCC::SignedLessThan,
        IntCompare::Gt => IntCC::SignedGreaterThan,
        IntCompare::Le => IntCC::SignedLessThanOrEqual,
        IntCompare::Ge => IntCC::SignedGreaterThanOrEqual,
        IntCompare::ULt => IntCC::UnsignedLessThan,
        IntCompare::UGt => IntCC::UnsignedGreaterThan,
        IntCompare::ULe => IntCC::UnsignedLessThanOrEqual,
        IntCompare::UGe => IntCC::UnsignedGreaterThanOrEqual,
    }
}

/// A negated comparison holds of NaN.
pub(super) fn float_condition(compare: FloatCompare) -> FloatCC {
    match compare {
        FloatCompare::Eq => FloatCC::Equal,
        FloatCompare::Neq => FloatCC::NotEqual,
        FloatCompare::Lt => FloatCC::LessThan,
        FloatCompare::Nlt => FloatCC::UnorderedOrGreaterThanOrEqual,
        FloatCompare::Gt => FloatCC::GreaterThan,
        FloatCompare::Ngt => FloatCC::UnorderedOrLessThanOrEqual,
        FloatCompare::Le => FloatCC::LessThanOrEqual,
        FloatCompare::Nle => FloatCC::UnorderedOrGreaterThan,
        FloatCompare::Ge => FloatCC::GreaterThanOrEqual,
        FloatCompare::Nge => FloatCC::UnorderedOrLessThan,
    }
}

impl FunctionLowering<'_, '_> {
    pub(super) fn constant(&mut self, constant: &Const) -> Out {
        match constant {
            Const::Int(value) => Out::Value(self.int(*value), Type::Int),
            Const::Float(bits) => Out::Value(self.b.ins().f64const(f64::from_bits(*bits)), Type::Float),
            Const::Symbol(symbol, ty) => Out::Value(self.address(*symbol), *ty),
        }
    }

    /// The address of a symbol.
    pub(super) fn address(&mut self, symbol: Symbol) -> Value {
        let index = self.unit.symbols.number(symbol);
        let name = self.b.func.declare_imported_user_function(UserExternalName { namespace: 0, index });
        let global = self.b.create_global_value(GlobalValueData::Symbol {
            name: ExternalName::user(name),
            offset: 0.into(),
            colocated: true,
            tls: false,
        });
        self.b.ins().symbol_value(types::I64, global)
    }

    /// Evaluates operands from right to left; `None` if control does not come back.
    pub(super) fn operands(&mut self, operands: &[Expr]) -> Option<Vec<(Value, Type)>> {
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands.iter().rev() {
            let out = self.value(operand);
            values.push(self.some_value(out)?);
        }
        values.reverse();
        Some(values)
    }

    pub(super) fn operation(&mut self, op: &Op, operands: &[Expr], debug: &Debug) -> Out {
        if let Op::Select(ty) = op {
            return self.select(*ty, operands);
        }
        let Some(values) = self.operands(operands) else { return Out::Never };
        if let Op::Alloc { header, kind } = op {
            return self.alloc(*header, *kind, &values, debug);
        }
        let words: Vec<Value> = values.iter().map(|&(value, _)| value).collect();
        self.mark(debug);
        match op {
            Op::Apply(callee) => self.apply(callee, &words, debug),
            Op::ExtCall(call) => self.c_call(call, &words, debug),
            Op::Perform => self.effect_call("caml_perform", &words, debug),
            Op::Reperform => self.effect_call("caml_reperform", &words, debug),
            Op::Resume => self.effect_call("caml_resume", &words, debug),
            Op::RunStack => self.effect_call("caml_runstack", &words, debug),
            Op::Raise(kind) => self.raise(*kind, words[0], debug),
            Op::Poll => self.poll(debug),
            Op::Load { chunk, mutable: _, offset, atomic } => self.load(*chunk, *offset, *atomic, &words),
            Op::Store { chunk, offset, atomic } => self.store(*chunk, *offset, *atomic, &words),
            Op::AtomicFetchAdd => self.atomic(AtomicRmwOp::Add, &words),
            Op::AtomicExchangeInt => self.atomic(AtomicRmwOp::Xchg, &words),
            Op::AtomicCasInt => self.compare_and_set(&words),
            Op::DomainState(field) => Out::Value(self.load_state(i32::from(*field) * 8), Type::Int),
            Op::IntAsVal => self.typed(words[0], Type::Val),
            Op::ValAsInt => Out::Value(words[0], Type::Int),
            Op::Opaque => {
                // A store that nothing reads: what made the value, and all that the value holds,
                // must be there when it happens.
                let builder = &mut self.b;
                let slot = *self.opaque_slot.get_or_insert_with(|| {
                    builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3))
                });
                self.b.ins().stack_store(types::I64, words[0], slot, 0);
                Out::Value(words[0], values[0].1)
            }
            _ => {
                let (value, ty) = self.arithmetic(op, &words, operands);
                Out::Value(value, ty)
            }
        }
    }

    /// Condition, if true, if false: all are evaluated.
    fn select(&mut self, ty: Type, operands: &[Expr]) -> Out {
        let Some(values) = self.operands(&operands[1..]) else { return Out::Never };
        let condition = match &operands[0] {
            Expr::Op(Op::CmpI(compare), compared, _) => self
                .operands(compared)
                .map(|compared| self.b.ins().icmp(int_condition(*compare), compared[0].0, compared[1].0)),
            Expr::Op(Op::CmpF(compare), compared, _) => self
                .operands(compared)
                .map(|compared| self.b.ins().fcmp(float_condition(*compare), compared[0].0, compared[1].0)),
            other => {
                let out = self.value(other);
                self.some_value(out).map(|(value, _)| value)
            }
        };
        let Some(condition) = condition else { return Out::Never };
        let value = self.b.ins().select(condition, values[0].0, values[1].0);
        self.typed(value, ty)
    }

    fn arithmetic(&mut self, op: &Op, words: &[Value], operands: &[Expr]) -> (Value, Type) {
        let first = words[0];
        let second = words.get(1).copied();
        let both = |second: Option<Value>| second.expect("a binary operation has two operands");
        let value = match op {
            Op::Addi => self.b.ins().iadd(first, both(second)),
            Op::Subi => self.b.ins().isub(first, both(second)),
            Op::Muli => self.b.ins().imul(first, both(second)),
            Op::Mulhi => self.b.ins().smulhi(first, both(second)),
            Op::Divi | Op::Modi => self.divide(op, first, both(second), &operands[1]),
            Op::Andi => self.b.ins().band(first, both(second)),
            Op::Ori => self.b.ins().bor(first, both(second)),
            Op::Xori => self.b.ins().bxor(first, both(second)),
            Op::Lsli => self.b.ins().ishl(first, both(second)),
            Op::Lsri => self.b.ins().ushr(first, both(second)),
            Op::Asri => self.b.ins().sshr(first, both(second)),
            Op::Clz => self.b.ins().clz(first),
            Op::Ctz => self.b.ins().ctz(first),
            Op::Popcnt => self.b.ins().popcnt(first),
            Op::Bswap(bits) => self.byte_swap(*bits, first),
            Op::SignExtend(bits) => self.sign_extend(*bits, first),
            Op::ZeroExtend(bits) => {
                let low = self.low_bits(*bits, first);
                if *bits < 64 { self.b.ins().uextend(types::I64, low) } else { low }
            }
            Op::CmpI(compare) => {
                let test = self.b.ins().icmp(int_condition(*compare), first, both(second));
                self.b.ins().uextend(types::I64, test)
            }
            Op::CmpF(compare) => {
                let test = self.b.ins().fcmp(float_condition(*compare), first, both(second));
                self.b.ins().uextend(types::I64, test)
            }
            Op::IntOfFloat => self.b.ins().fcvt_to_sint_sat(types::I64, first),
            Op::BitsOfFloat => self.b.ins().bitcast(types::I64, MemFlagsData::new(), first),
            _ => return (self.float_operation(op, words), Type::Float),
        };
        (value, Type::Int)
    }

    fn float_operation(&mut self, op: &Op, words: &[Value]) -> Value {
        match (op, words) {
            (Op::Negf, [x]) => self.b.ins().fneg(*x),
            (Op::Absf, [x]) => self.b.ins().fabs(*x),
            (Op::Addf, [x, y]) => self.b.ins().fadd(*x, *y),
            (Op::Subf, [x, y]) => self.b.ins().fsub(*x, *y),
            (Op::Mulf, [x, y]) => self.b.ins().fmul(*x, *y),
            (Op::Divf, [x, y]) => self.b.ins().fdiv(*x, *y),
            (Op::Sqrtf, [x]) => self.b.ins().sqrt(*x),
            (Op::Floorf, [x]) => self.b.ins().floor(*x),
            (Op::Ceilf, [x]) => self.b.ins().ceil(*x),
            (Op::Truncf, [x]) => self.b.ins().trunc(*x),
            (Op::Fmaf, [x, y, z]) => self.b.ins().fma(*x, *y, *z),
            (Op::FloatOfInt, [x]) => self.b.ins().fcvt_from_sint(types::F64, *x),
            (Op::FloatOfBits, [x]) => self.b.ins().bitcast(types::F64, MemFlagsData::new(), *x),
            _ => {
                self.report(format!("{op:?} with {} operands", words.len()));
                self.b.ins().f64const(0.0)
            }
        }
    }

    /// The operands were checked: no division by zero. A division by -1 must not trap on overflow;
    /// the remainder never does.
    fn divide(&mut self, op: &Op, dividend: Value, divisor: Value, divisor_expr: &Expr) -> Value {
        let divides = *op == Op::Divi;
        if matches!(divisor_expr, Expr::Const(Const::Int(constant)) if *constant != -1 && *constant != 0) {
            return if divides { self.b.ins().sdiv(dividend, divisor) } else { self.b.ins().srem(dividend, divisor) };
        }
        if !divides {
            return self.b.ins().srem(dividend, divisor);
        }
        let minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, divisor, -1);
        let one = self.int(1);
        let safe = self.b.ins().select(minus_one, one, divisor);
        let quotient = self.b.ins().sdiv(dividend, safe);
        let negated = self.b.ins().ineg(dividend);
        self.b.ins().select(minus_one, negated, quotient)
    }

    fn low_bits(&mut self, bits: u8, value: Value) -> Value {
        match bits {
            8 => self.b.ins().ireduce(types::I8, value),
            16 => self.b.ins().ireduce(types::I16, value),
            32 => self.b.ins().ireduce(types::I32, value),
            64 => value,
            _ => {
                self.report(format!("an operation on {bits} bits"));
                value
            }
        }
    }

    pub(super) fn sign_extend(&mut self, bits: u8, value: Value) -> Value {
        let low = self.low_bits(bits, value);
        if bits < 64 { self.b.ins().sextend(types::I64, low) } else { low }
    }

    fn byte_swap(&mut self, bits: u8, value: Value) -> Value {
        let low = self.low_bits(bits, value);
        let swapped = self.b.ins().bswap(low);
        if bits < 64 { self.b.ins().uextend(types::I64, swapped) } else { swapped }
    }

    /// A zero of a type, for what is never looked at.
    pub(super) fn zero(&mut self, ty: Type) -> Value {
        match register(ty) {
            Some(types::F64) => self.b.ins().f64const(0.0),
            _ => self.int(0),
        }
    }
}
