//! Integers, floats and boxed integers.

use super::Generator;
use super::build::*;
use crate::clambda::{Debug as Place, Expr as Clambda};
use crate::cmm::{Expr, FloatCompare, IntCompare, Op, Type};
use rocaml_lambda::lambda::{Comparison, FloatComparison, Primitive, Safety};
use rocaml_types::primitive::BoxedInteger;

fn int_compare(comparison: Comparison) -> IntCompare {
    match comparison {
        Comparison::Eq => IntCompare::Eq,
        Comparison::Ne => IntCompare::Ne,
        Comparison::Lt => IntCompare::Lt,
        Comparison::Gt => IntCompare::Gt,
        Comparison::Le => IntCompare::Le,
        Comparison::Ge => IntCompare::Ge,
    }
}

fn float_compare(comparison: FloatComparison) -> FloatCompare {
    match comparison {
        FloatComparison::Eq => FloatCompare::Eq,
        FloatComparison::Neq => FloatCompare::Neq,
        FloatComparison::Lt => FloatCompare::Lt,
        FloatComparison::Nlt => FloatCompare::Nlt,
        FloatComparison::Gt => FloatCompare::Gt,
        FloatComparison::Ngt => FloatCompare::Ngt,
        FloatComparison::Le => FloatCompare::Le,
        FloatComparison::Nle => FloatCompare::Nle,
        FloatComparison::Ge => FloatCompare::Ge,
        FloatComparison::Nge => FloatCompare::Nge,
    }
}

/// -1, 0 or 1 as an OCaml integer from two conditions: greater and less.
fn three_way(greater: Expr, less: Expr) -> Expr {
    tag_int(sub(greater, less))
}

impl Generator<'_> {
    /// Arithmetic on OCaml integers, kept tagged.
    pub(super) fn int_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        Some(match (prim, args) {
            (P::NegInt, [a]) => op2(Op::Subi, int(2), self.transl(a)),
            (P::OffsetInt(n), [a]) => add_const(self.transl(a), n.wrapping_mul(2)),
            (P::AddInt, [a, b]) => add_const(add(self.transl(a), self.transl(b)), -1),
            (P::SubInt, [a, b]) => add_const(sub(self.transl(a), self.transl(b)), 1),
            (P::MulInt, [a, b]) => {
                // (2a)·b + 1, whichever operand is a constant.
                let (a, b) = (self.transl(a), self.transl(b));
                let product = match (&a, &b) {
                    (Expr::Const(_), _) => op2(Op::Muli, clear_tag(b), untag_int(a)),
                    _ => op2(Op::Muli, clear_tag(a), untag_int(b)),
                };
                add_const(product, 1)
            }
            (P::DivInt(safety), [a, b]) => {
                let (a, b) = (self.untagged(a), self.untagged(b));
                tag_int(self.division(Op::Divi, *safety, a, b, 62, place))
            }
            (P::ModInt(safety), [a, b]) => {
                let (a, b) = (self.untagged(a), self.untagged(b));
                tag_int(self.division(Op::Modi, *safety, a, b, 62, place))
            }
            (P::AndInt, [a, b]) => op2(Op::Andi, self.transl(a), self.transl(b)),
            (P::OrInt, [a, b]) => op2(Op::Ori, self.transl(a), self.transl(b)),
            (P::XorInt, [a, b]) => op2(Op::Ori, op2(Op::Xori, self.transl(a), self.transl(b)), int(1)),
            (P::LslInt, [a, b]) => {
                let (a, b) = (self.transl(a), self.untagged(b));
                let shifted = match b {
                    Expr::Const(crate::cmm::Const::Int(n)) if (0..63).contains(&n) => lsl(clear_tag(a), n),
                    b => op2(Op::Lsli, clear_tag(a), b),
                };
                add_const(shifted, 1)
            }
            (P::LsrInt, [a, b]) => op2(Op::Ori, op2(Op::Lsri, self.transl(a), self.untagged(b)), int(1)),
            (P::AsrInt, [a, b]) => op2(Op::Ori, op2(Op::Asri, self.transl(a), self.untagged(b)), int(1)),
            (P::IntComp(comparison), [a, b]) => {
                tag_int(compare(int_compare(*comparison), self.transl(a), self.transl(b)))
            }
            (P::CompareInts, [a, b]) => {
                let (a, b) = (self.transl(a), self.transl(b));
                self.bind_two(a, b, Type::Int, |a, b| {
                    three_way(compare(IntCompare::Gt, a.clone(), b.clone()), compare(IntCompare::Lt, a, b))
                })
            }
            (P::IsInt, [a]) => tag_int(op2(Op::Andi, Expr::Op(Op::ValAsInt, vec![self.transl(a)], None), int(1))),
            // Both are tagged: an unsigned comparison also refuses negative indices.
            (P::IsOut, [bound, index]) => tag_int(compare(IntCompare::ULt, self.transl(bound), self.transl(index))),
            (P::Bswap16, [a]) => tag_int(op1(Op::Bswap(16), self.untagged(a))),
            _ => return None,
        })
    }

    /// Names two operands. The second is evaluated first.
    pub(super) fn bind_two(&mut self, a: Expr, b: Expr, ty: Type, body: impl FnOnce(Expr, Expr) -> Expr) -> Expr {
        self.bind(b, ty, |this, b| this.bind(a, ty, |_, a| body(a, b)))
    }

    /// A division with its checks. `bits` is the width of the operands less one: the quotient of
    /// the smallest number by -1 fits in a word unless that is 63.
    fn division(&mut self, op: Op, safety: Safety, a: Expr, b: Expr, bits: u32, place: &Place) -> Expr {
        if let Expr::Const(crate::cmm::Const::Int(divisor)) = b
            && divisor != 0
        {
            return match (&op, divisor) {
                (Op::Divi, 1) => a,
                (Op::Modi, 1 | -1) => Expr::Sequence(Box::new(a), Box::new(int(0))),
                (Op::Divi, -1) => op2(Op::Subi, int(0), a),
                _ => op2(op, a, b),
            };
        }
        let debug = self.debug(place);
        self.bind(b, Type::Int, |this, b| {
            this.bind(a, Type::Int, |_, a| {
                let quotient = if bits == 63 {
                    // The machine may trap on the smallest integer divided by -1.
                    let by_minus_one = if op == Op::Divi { op2(Op::Subi, int(0), a.clone()) } else { int(0) };
                    let is_minus_one = compare(IntCompare::Eq, b.clone(), int(-1));
                    Expr::If(Box::new(is_minus_one), Box::new(by_minus_one), Box::new(op2(op, a, b.clone())))
                } else {
                    op2(op, a, b.clone())
                };
                if safety == Safety::Unsafe {
                    return quotient;
                }
                let raise = ext_call("caml_raise_zero_divide", &[], Type::Val, Effect::Alloc, vec![], debug);
                let check = Expr::If(Box::new(b), Box::new(Expr::Void), Box::new(raise));
                Expr::Sequence(Box::new(check), Box::new(quotient))
            })
        })
    }

    // -----------------------------------------------------------------------------------------
    // Floats

    fn float(&mut self, e: &Clambda) -> Expr {
        self.unboxed(Boxed::Float, e)
    }

    /// Operations on floats.
    pub(super) fn float_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        let big_endian = self.config.big_endian;
        let debug = self.debug(place);
        let boxed = |e| box_number(Boxed::Float, e, big_endian, debug);
        Some(match (prim, args) {
            (P::IntOfFloat, [a]) => tag_int(op1(Op::IntOfFloat, self.float(a))),
            (P::FloatOfInt, [a]) => boxed(op1(Op::FloatOfInt, self.untagged(a))),
            (P::NegFloat, [a]) => boxed(op1(Op::Negf, self.float(a))),
            (P::AbsFloat, [a]) => boxed(op1(Op::Absf, self.float(a))),
            (P::SqrtFloat, [a]) => boxed(op1(Op::Sqrtf, self.float(a))),
            (P::AddFloat, [a, b]) => boxed(op2(Op::Addf, self.float(a), self.float(b))),
            (P::SubFloat, [a, b]) => boxed(op2(Op::Subf, self.float(a), self.float(b))),
            (P::MulFloat, [a, b]) => boxed(op2(Op::Mulf, self.float(a), self.float(b))),
            (P::DivFloat, [a, b]) => boxed(op2(Op::Divf, self.float(a), self.float(b))),
            (P::FloatComp(comparison), [a, b]) => {
                tag_int(op2(Op::CmpF(float_compare(*comparison)), self.float(a), self.float(b)))
            }
            (P::CompareFloats, [a, b]) => {
                let (a, b) = (self.float(a), self.float(b));
                self.bind_two(a, b, Type::Float, |a, b| {
                    let cmp = |c, x: &Expr, y: &Expr| op2(Op::CmpF(c), x.clone(), y.clone());
                    // nan equals itself and is less than all else.
                    let greater = add(cmp(FloatCompare::Gt, &a, &b), cmp(FloatCompare::Eq, &a, &a));
                    let less = add(cmp(FloatCompare::Lt, &a, &b), cmp(FloatCompare::Eq, &b, &b));
                    three_way(greater, less)
                })
            }
            (P::FloatOfInt64Bits, [a]) => {
                let bits = self.unboxed(Boxed::Integer(BoxedInteger::Int64), a);
                boxed(op1(Op::FloatOfBits, bits))
            }
            (P::Int64BitsOfFloat, [a]) => {
                let bits = op1(Op::BitsOfFloat, self.float(a));
                box_number(Boxed::Integer(BoxedInteger::Int64), bits, big_endian, self.debug(place))
            }
            _ => return None,
        })
    }

    // -----------------------------------------------------------------------------------------
    // Boxed integers

    /// A machine integer wrapped to the width of its kind.
    pub(super) fn wrap_integer(&self, kind: BoxedInteger, e: Expr) -> Expr {
        if kind != BoxedInteger::Int32 {
            return e;
        }
        match e {
            Expr::Const(crate::cmm::Const::Int(n)) => int(i64::from(n as i32)),
            e => op1(Op::SignExtend(32), e),
        }
    }

    /// Operations on boxed integers.
    pub(super) fn bint_prim(&mut self, prim: &Primitive, args: &[Clambda], place: &Place) -> Option<Expr> {
        use Primitive as P;
        let big_endian = self.config.big_endian;
        let debug = self.debug(place);
        let boxed = |kind, e| box_number(Boxed::Integer(kind), e, big_endian, debug.clone());
        let binary = |this: &mut Self, kind: BoxedInteger, a: &Clambda, b: &Clambda| {
            (this.unboxed(Boxed::Integer(kind), a), this.unboxed(Boxed::Integer(kind), b))
        };
        let wrapped = |this: &Self, kind: BoxedInteger, e: Expr| {
            box_number(Boxed::Integer(kind), this.wrap_integer(kind, e), big_endian, this.debug(place))
        };
        Some(match (prim, args) {
            (P::BintOfInt(kind), [a]) => {
                let n = self.untagged(a);
                wrapped(self, *kind, n)
            }
            (P::IntOfBint(kind), [a]) => tag_int(self.unboxed(Boxed::Integer(*kind), a)),
            (P::CvtBint(from, to), [a]) => {
                let n = self.unboxed(Boxed::Integer(*from), a);
                wrapped(self, *to, n)
            }
            (P::NegBint(kind), [a]) => {
                let n = self.unboxed(Boxed::Integer(*kind), a);
                wrapped(self, *kind, op2(Op::Subi, int(0), n))
            }
            (P::AddBint(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                wrapped(self, *kind, add(a, b))
            }
            (P::SubBint(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                wrapped(self, *kind, sub(a, b))
            }
            (P::MulBint(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                wrapped(self, *kind, op2(Op::Muli, a, b))
            }
            (P::DivBint(kind, safety), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                let quotient = self.division(Op::Divi, *safety, a, b, width(*kind) - 1, place);
                wrapped(self, *kind, quotient)
            }
            (P::ModBint(kind, safety), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                boxed(*kind, self.division(Op::Modi, *safety, a, b, width(*kind) - 1, place))
            }
            (P::AndBint(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                boxed(*kind, op2(Op::Andi, a, b))
            }
            (P::OrBint(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                boxed(*kind, op2(Op::Ori, a, b))
            }
            (P::XorBint(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                boxed(*kind, op2(Op::Xori, a, b))
            }
            (P::LslBint(kind), [a, b]) => {
                let (a, n) = (self.unboxed(Boxed::Integer(*kind), a), self.untagged(b));
                wrapped(self, *kind, op2(Op::Lsli, a, n))
            }
            (P::LsrBint(kind), [a, b]) => {
                let (a, n) = (self.unboxed(Boxed::Integer(*kind), a), self.untagged(b));
                let a = if *kind == BoxedInteger::Int32 { op1(Op::ZeroExtend(32), a) } else { a };
                wrapped(self, *kind, op2(Op::Lsri, a, n))
            }
            (P::AsrBint(kind), [a, b]) => {
                let (a, n) = (self.unboxed(Boxed::Integer(*kind), a), self.untagged(b));
                boxed(*kind, op2(Op::Asri, a, n))
            }
            (P::BintComp(kind, comparison), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                tag_int(compare(int_compare(*comparison), a, b))
            }
            (P::CompareBints(kind), [a, b]) => {
                let (a, b) = binary(self, *kind, a, b);
                self.bind_two(a, b, Type::Int, |a, b| {
                    three_way(compare(IntCompare::Gt, a.clone(), b.clone()), compare(IntCompare::Lt, a, b))
                })
            }
            (P::BswapBint(kind), [a]) => {
                let n = self.unboxed(Boxed::Integer(*kind), a);
                wrapped(self, *kind, op1(Op::Bswap(width(*kind) as u8), n))
            }
            _ => return None,
        })
    }
}

fn width(kind: BoxedInteger) -> u32 {
    if kind == BoxedInteger::Int32 { 32 } else { 64 }
}
