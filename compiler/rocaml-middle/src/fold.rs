//! Facts about Clambda expressions and the evaluation of constant ones.

use crate::clambda::{Const, Expr, Var};
use crate::closure::{Config, OsType};
use crate::export::Approx;
use rocaml_lambda::lambda::{Comparison, CompileTimeConstant, Primitive, Safety, StructuredConstant};

/// Whether evaluating the expression has no effect and does not depend on the heap, so that it
/// may be dropped or moved.
pub fn is_pure(expr: &Expr) -> bool {
    match expr {
        Expr::Var(_) | Expr::Const(_) | Expr::Closure(..) | Expr::Global(_) => true,
        Expr::Offset(block, _) => is_pure(block),
        Expr::Let(false, _, _, def, body) => is_pure(def) && is_pure(body),
        Expr::Prim(prim, args, _) => is_pure_prim(prim) && args.iter().all(is_pure),
        Expr::IfThenElse(a, b, c) => is_pure(a) && is_pure(b) && is_pure(c),
        Expr::Sequence(a, b) => is_pure(a) && is_pure(b),
        _ => false,
    }
}

fn is_pure_prim(prim: &Primitive) -> bool {
    use Primitive as P;
    use rocaml_lambda::lambda::Mutability::Immutable;
    match prim {
        P::Identity | P::GetGlobal(_) | P::GetPredef(_) | P::MakeBlock(_, Immutable, _) => true,
        // Fields of module blocks are set once, before they are read.
        P::GetGlobalField(..) => true,
        P::Field(_, info) => info.mutability == Immutable,
        P::Not
        | P::NegInt
        | P::AddInt
        | P::SubInt
        | P::MulInt
        | P::AndInt
        | P::OrInt
        | P::XorInt
        | P::LslInt
        | P::LsrInt
        | P::AsrInt => true,
        P::DivInt(safety) | P::ModInt(safety) => *safety == Safety::Unsafe,
        P::IntComp(_) | P::CompareInts | P::CompareFloats | P::CompareBints(_) | P::OffsetInt(_) => true,
        P::IntOfFloat
        | P::FloatOfInt
        | P::NegFloat
        | P::AbsFloat
        | P::AddFloat
        | P::SubFloat
        | P::MulFloat
        | P::DivFloat => true,
        P::SqrtFloat | P::FloatComp(_) | P::StringLength | P::IsInt | P::IsOut => true,
        P::BintOfInt(_)
        | P::IntOfBint(_)
        | P::CvtBint(..)
        | P::NegBint(_)
        | P::AddBint(_)
        | P::SubBint(_)
        | P::MulBint(_) => true,
        P::AndBint(_)
        | P::OrBint(_)
        | P::XorBint(_)
        | P::LslBint(_)
        | P::LsrBint(_)
        | P::AsrBint(_)
        | P::BintComp(..) => true,
        P::Int64BitsOfFloat | P::FloatOfInt64Bits | P::Bswap16 | P::BswapBint(_) | P::CompileTime(_) => true,
        _ => false,
    }
}

/// `first; second`, without a first that has no effect.
pub fn sequence(first: Expr, second: Expr) -> Expr {
    if is_pure(&first) { second } else { Expr::Sequence(Box::new(first), Box::new(second)) }
}

/// Whether the expression is smaller than `limit` instructions, roughly, and holds no closure.
pub fn fits(expr: &Expr, limit: u32) -> bool {
    let mut budget = i64::from(limit);
    spend(expr, &mut budget) && budget >= 0
}

fn spend(expr: &Expr, budget: &mut i64) -> bool {
    if *budget < 0 {
        return false;
    }
    let all = |exprs: &[Expr], budget: &mut i64| exprs.iter().all(|e| spend(e, budget));
    match expr {
        Expr::Var(_) | Expr::Const(_) | Expr::Global(_) => true,
        Expr::Closure(..) | Expr::Send(..) => false,
        Expr::DirectApply(_, args, _) => {
            *budget -= 4;
            all(args, budget)
        }
        Expr::GenericApply(func, args, _) => {
            *budget -= 6;
            spend(func, budget) && all(args, budget)
        }
        Expr::Offset(block, _) => {
            *budget -= 1;
            spend(block, budget)
        }
        Expr::Let(_, _, _, def, body) => spend(def, budget) && spend(body, budget),
        Expr::Prim(prim, args, _) => {
            *budget -= prim_size(prim, args.len());
            all(args, budget)
        }
        Expr::Switch(scrutinee, switch, _) => {
            *budget -= 5 + (switch.const_cases.len() + switch.block_cases.len()) as i64;
            spend(scrutinee, budget) && all(&switch.const_cases, budget) && all(&switch.block_cases, budget)
        }
        Expr::StringSwitch(scrutinee, cases, default) => {
            *budget -= 8 * cases.len() as i64;
            spend(scrutinee, budget)
                && cases.iter().all(|(_, e)| spend(e, budget))
                && default.as_ref().is_none_or(|e| spend(e, budget))
        }
        Expr::StaticFail(_, args) => {
            *budget -= 1;
            all(args, budget)
        }
        Expr::Catch(_, _, body, handler) => spend(body, budget) && spend(handler, budget),
        Expr::TryWith(body, _, handler) => {
            *budget -= 8;
            spend(body, budget) && spend(handler, budget)
        }
        Expr::IfThenElse(a, b, c) => {
            *budget -= 2;
            spend(a, budget) && spend(b, budget) && spend(c, budget)
        }
        Expr::Sequence(a, b) => spend(a, budget) && spend(b, budget),
        Expr::While(a, b) => {
            *budget -= 2;
            spend(a, budget) && spend(b, budget)
        }
        Expr::For(_, from, to, _, body) => {
            *budget -= 4;
            spend(from, budget) && spend(to, budget) && spend(body, budget)
        }
        Expr::Assign(_, value) => spend(value, budget),
    }
}

/// Whether nothing but fields of the variable's value is used, and whether it is a block.
pub fn is_only_projected(var: Var, expr: &Expr) -> bool {
    match expr {
        Expr::Prim(Primitive::Field(..) | Primitive::IsInt, args, _) if matches!(args[..], [Expr::Var(arg)] if arg == var) => {
            true
        }
        Expr::Var(other) => *other != var,
        _ => {
            let mut only = true;
            parts(expr, &mut |part| only = only && is_only_projected(var, part));
            only
        }
    }
}

fn parts(expr: &Expr, f: &mut dyn FnMut(&Expr)) {
    match expr {
        Expr::Var(_) | Expr::Const(_) | Expr::Global(_) => {}
        Expr::Closure(_, all, _) | Expr::DirectApply(_, all, _) | Expr::Prim(_, all, _) | Expr::StaticFail(_, all) => {
            all.iter().for_each(f)
        }
        Expr::GenericApply(func, args, _) => {
            f(func);
            args.iter().for_each(f)
        }
        Expr::Offset(part, _) | Expr::Assign(_, part) => f(part),
        Expr::Let(_, _, _, a, b)
        | Expr::Catch(_, _, a, b)
        | Expr::TryWith(a, _, b)
        | Expr::Sequence(a, b)
        | Expr::While(a, b)
        | Expr::For(_, a, b, _, _) => {
            f(a);
            f(b);
            if let Expr::For(_, _, _, _, body) = expr {
                f(body);
            }
        }
        Expr::Switch(scrutinee, switch, _) => {
            f(scrutinee);
            switch.const_cases.iter().chain(&switch.block_cases).for_each(f)
        }
        Expr::StringSwitch(scrutinee, cases, default) => {
            f(scrutinee);
            cases.iter().map(|(_, case)| case).chain(default.as_deref()).for_each(f)
        }
        Expr::IfThenElse(a, b, c) => [a, b, c].into_iter().for_each(|part| f(part)),
        Expr::Send(_, method, object, args, _) => {
            f(method);
            f(object);
            args.iter().for_each(f)
        }
    }
}

fn prim_size(prim: &Primitive, args: usize) -> i64 {
    use Primitive as P;
    match prim {
        P::Identity | P::Ignore | P::GetGlobal(_) | P::GetGlobalField(..) | P::GetPredef(_) | P::Opaque => 0,
        P::MakeBlock(..) | P::MakeArray(..) => 4 + args as i64,
        P::SetField(..) | P::SetGlobalField(_) => 4,
        P::CCall(_) => 4 + args as i64,
        P::StringRef(Safety::Safe) | P::BytesRef(Safety::Safe) | P::BytesSet(Safety::Safe) => 6,
        P::ArrayRef(_, Safety::Safe) | P::ArraySet(_, Safety::Safe) => 8,
        P::BigarrayRef(..) | P::BigarraySet(..) => 8,
        P::Raise(_) => 4,
        _ => 2,
    }
}

/// The value of a primitive on constants, if it has one.
pub fn constant_prim(prim: &Primitive, args: &[Approx], config: &Config) -> Option<StructuredConstant> {
    if let Primitive::CompileTime(constant) = prim {
        return Some(StructuredConstant::Int(compile_time(*constant, config)));
    }
    if let (Primitive::StringLength, [Approx::Const(Const::Symbol(_, Some(contents)))]) = (prim, args)
        && let StructuredConstant::String(bytes) = &**contents
    {
        return Some(StructuredConstant::Int(bytes.len() as i64));
    }
    if let (Primitive::IsInt, [approx]) = (prim, args) {
        return match approx {
            Approx::Const(Const::Int(_)) => Some(StructuredConstant::Int(1)),
            Approx::Closure(..) | Approx::Const(Const::Symbol(..)) | Approx::Symbol(_) => {
                Some(StructuredConstant::Int(0))
            }
            Approx::Tuple(fields) if !fields.is_empty() => Some(StructuredConstant::Int(0)),
            _ => None,
        };
    }
    if let Some(floats) = args.iter().map(known_float).collect::<Option<Vec<f64>>>()
        && !floats.is_empty()
    {
        return float_prim(prim, &floats).map(StructuredConstant::Float);
    }
    let ints = args.iter().map(known_int).collect::<Option<Vec<i64>>>()?;
    if let (Primitive::FloatOfInt, [n]) = (prim, &ints[..]) {
        return Some(StructuredConstant::Float(*n as f64));
    }
    int_prim(prim, &ints).map(|n| StructuredConstant::Int(wrap(n)))
}

/// Wraps to 63 bits.
fn wrap(n: i64) -> i64 {
    n.wrapping_shl(1) >> 1
}

fn known_int(approx: &Approx) -> Option<i64> {
    match approx {
        Approx::Const(Const::Int(n)) => Some(*n),
        _ => None,
    }
}

fn known_float(approx: &Approx) -> Option<f64> {
    match approx {
        Approx::Const(Const::Symbol(_, Some(contents))) => match **contents {
            StructuredConstant::Float(x) => Some(x),
            _ => None,
        },
        _ => None,
    }
}

fn float_prim(prim: &Primitive, args: &[f64]) -> Option<f64> {
    Some(match (prim, args) {
        (Primitive::NegFloat, [a]) => -a,
        (Primitive::AbsFloat, [a]) => a.abs(),
        (Primitive::AddFloat, [a, b]) => a + b,
        (Primitive::SubFloat, [a, b]) => a - b,
        (Primitive::MulFloat, [a, b]) => a * b,
        (Primitive::DivFloat, [a, b]) => a / b,
        _ => return None,
    })
}

fn int_prim(prim: &Primitive, args: &[i64]) -> Option<i64> {
    use Primitive as P;
    Some(match (prim, args) {
        (P::Not, [a]) => 1 - a,
        (P::NegInt, [a]) => a.wrapping_neg(),
        (P::OffsetInt(n), [a]) => a.wrapping_add(*n),
        (P::AddInt, [a, b]) => a.wrapping_add(*b),
        (P::SubInt, [a, b]) => a.wrapping_sub(*b),
        (P::MulInt, [a, b]) => a.wrapping_mul(*b),
        (P::DivInt(_), [a, b]) if *b != 0 => a.wrapping_div(*b),
        (P::ModInt(_), [a, b]) if *b != 0 => a.wrapping_rem(*b),
        (P::AndInt, [a, b]) => a & b,
        (P::OrInt, [a, b]) => a | b,
        (P::XorInt, [a, b]) => a ^ b,
        (P::LslInt, [a, b]) if (0..63).contains(b) => a << b,
        (P::AsrInt, [a, b]) if (0..63).contains(b) => a >> b,
        (P::LsrInt, [a, b]) if (0..63).contains(b) => ((*a as u64) << 1 >> 1 >> b) as i64,
        (P::CompareInts, [a, b]) => a.cmp(b) as i64,
        (P::IntComp(comparison), [a, b]) => i64::from(compare(*comparison, a, b)),
        (P::SequAnd, [a, b]) => i64::from(*a != 0 && *b != 0),
        (P::SequOr, [a, b]) => i64::from(*a != 0 || *b != 0),
        _ => return None,
    })
}

fn compare(comparison: Comparison, a: &i64, b: &i64) -> bool {
    match comparison {
        Comparison::Eq => a == b,
        Comparison::Ne => a != b,
        Comparison::Lt => a < b,
        Comparison::Gt => a > b,
        Comparison::Le => a <= b,
        Comparison::Ge => a >= b,
    }
}

fn compile_time(constant: CompileTimeConstant, config: &Config) -> i64 {
    let bits = i64::from(config.word_bits);
    match constant {
        CompileTimeConstant::BigEndian => i64::from(config.big_endian),
        CompileTimeConstant::WordSize => bits,
        CompileTimeConstant::IntSize => bits - 1,
        CompileTimeConstant::MaxWosize => (1 << (bits - 10)) - 1,
        CompileTimeConstant::OstypeUnix => i64::from(config.os_type == OsType::Unix),
        CompileTimeConstant::OstypeWin32 => i64::from(config.os_type == OsType::Win32),
        CompileTimeConstant::OstypeCygwin => i64::from(config.os_type == OsType::Cygwin),
        // `Sys.Native`
        CompileTimeConstant::BackendType => 0,
    }
}

/// Writes a constant so that equal ones, floats by their bits, have equal bytes.
pub fn write_key(constant: &StructuredConstant, key: &mut Vec<u8>) {
    let mut number = |tag: u8, n: u64| {
        key.push(tag);
        key.extend(n.to_le_bytes());
    };
    match constant {
        StructuredConstant::Int(n) => number(0, *n as u64),
        StructuredConstant::Float(x) => number(1, x.to_bits()),
        StructuredConstant::Int32(n) => number(2, *n as u64),
        StructuredConstant::Int64(n) => number(3, *n as u64),
        StructuredConstant::Nativeint(n) => number(4, *n as u64),
        StructuredConstant::String(bytes) => {
            number(5, bytes.len() as u64);
            key.extend_from_slice(bytes);
        }
        StructuredConstant::Block(tag, fields) => {
            number(6, u64::from(*tag) | (fields.len() as u64) << 8);
            fields.iter().for_each(|field| write_key(field, key));
        }
        StructuredConstant::FloatBlock(floats) => {
            number(7, floats.len() as u64);
            floats.iter().for_each(|x| key.extend(x.to_bits().to_le_bytes()));
        }
    }
}
