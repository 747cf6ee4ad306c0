//! Checks the invariants of Cmm that can be seen in its text: variables, handlers, types.

use super::{Callee, Const, Expr, Function, LabelId, Op, Type, Unit, VarId};
use std::collections::HashMap;

/// The first violation in a unit.
///
/// # Errors
/// The function and what is wrong with it.
pub fn verify(unit: &Unit) -> Result<(), String> {
    unit.functions.iter().try_for_each(|function| {
        Verifier::new(function).function().map_err(|what| format!("Cmm of {}: {what}", function.symbol))
    })
}

struct Verifier<'a> {
    function: &'a Function,
    /// Type and whether it may be assigned.
    vars: HashMap<VarId, (Type, bool)>,
    /// Parameters of the handlers in scope.
    labels: Vec<(LabelId, Vec<Type>)>,
}

type Check<T> = Result<T, String>;

/// The type of an expression; `None` when it does not yield.
type Yield = Option<Type>;

impl<'a> Verifier<'a> {
    fn new(function: &'a Function) -> Verifier<'a> {
        Verifier { function, vars: HashMap::new(), labels: Vec::new() }
    }

    fn function(&mut self) -> Check<()> {
        for (var, ty) in &self.function.params {
            self.bind(*var, *ty, false)?;
        }
        let found = self.expr(&self.function.body)?;
        self.fits(found, self.function.result, "result")
    }

    fn bind(&mut self, var: VarId, ty: Type, mutable: bool) -> Check<()> {
        if var.0 >= self.function.num_vars {
            return Err(format!("{var} is beyond the {} variables", self.function.num_vars));
        }
        match self.vars.insert(var, (ty, mutable)) {
            None => Ok(()),
            Some(_) => Err(format!("{var} is bound twice")),
        }
    }

    /// Words of either kind stand for each other; a float is a float.
    fn fits(&self, found: Yield, wanted: Type, what: &str) -> Check<()> {
        let word = |ty| matches!(ty, Type::Val | Type::Int);
        match found {
            None => Ok(()),
            Some(ty) if ty == wanted || word(ty) && word(wanted) || wanted == Type::Void => Ok(()),
            Some(ty) => Err(format!("{what} is {ty} where {wanted} is wanted")),
        }
    }

    fn all(&mut self, args: &[Expr], wanted: &[Type], what: &str) -> Check<()> {
        if args.len() != wanted.len() {
            return Err(format!("{what} has {} operands and wants {}", args.len(), wanted.len()));
        }
        for (arg, ty) in args.iter().zip(wanted) {
            let found = self.expr(arg)?;
            self.fits(found, *ty, what)?;
        }
        Ok(())
    }

    fn join(a: Yield, b: Yield) -> Yield {
        match (a, b) {
            (None, other) | (other, None) => other,
            (Some(Type::Val), _) | (_, Some(Type::Val)) => Some(Type::Val),
            (a, _) => a,
        }
    }

    fn expr(&mut self, e: &Expr) -> Check<Yield> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.node(e))
    }

    fn node(&mut self, e: &Expr) -> Check<Yield> {
        match e {
            Expr::Const(Const::Int(_)) => Ok(Some(Type::Int)),
            Expr::Const(Const::Float(_)) => Ok(Some(Type::Float)),
            Expr::Const(Const::Symbol(_, ty)) => Ok(Some(*ty)),
            Expr::Void => Ok(Some(Type::Void)),
            Expr::Var(var) => match self.vars.get(var) {
                Some((ty, _)) => Ok(Some(*ty)),
                None => Err(format!("{var} is unbound")),
            },
            Expr::Let(var, ty, def, body) | Expr::LetMut(var, ty, def, body) => {
                let found = self.expr(def)?;
                self.fits(found, *ty, &format!("{var}"))?;
                self.bind(*var, *ty, matches!(e, Expr::LetMut(..)))?;
                self.expr(body)
            }
            Expr::Assign(var, value) => {
                let found = self.expr(value)?;
                match self.vars.get(var) {
                    Some((ty, true)) => self.fits(found, *ty, &format!("{var}"))?,
                    Some(_) => return Err(format!("{var} is assigned and not mutable")),
                    None => return Err(format!("{var} is unbound")),
                }
                Ok(Some(Type::Void))
            }
            Expr::Op(op, args, _) => self.op(op, args),
            Expr::Sequence(first, second) => {
                self.expr(first)?;
                self.expr(second)
            }
            Expr::If(condition, then, otherwise) => {
                let found = self.expr(condition)?;
                self.fits(found, Type::Int, "condition")?;
                Ok(Self::join(self.expr(then)?, self.expr(otherwise)?))
            }
            Expr::Switch(scrutinee, index, cases) => {
                let found = self.expr(scrutinee)?;
                self.fits(found, Type::Int, "scrutinee")?;
                if index.iter().any(|case| *case as usize >= cases.len()) {
                    return Err("a switch names a case that is not there".to_owned());
                }
                let mut all = None;
                for case in cases {
                    all = Self::join(all, self.expr(case)?);
                }
                Ok(all)
            }
            Expr::Catch { recursive, handlers, body } => {
                let own: Vec<(LabelId, Vec<Type>)> =
                    handlers.iter().map(|h| (h.label, h.params.iter().map(|(_, ty)| *ty).collect())).collect();
                let outer = self.labels.len();
                self.labels.extend(own);
                let mut all = self.expr(body)?;
                if !recursive {
                    self.labels.truncate(outer);
                }
                for handler in handlers {
                    for (var, ty) in &handler.params {
                        self.bind(*var, *ty, false)?;
                    }
                    all = Self::join(all, self.expr(&handler.body)?);
                }
                self.labels.truncate(outer);
                Ok(all)
            }
            Expr::Exit(label, args) => {
                let known = self.labels.iter().rev().find(|(other, _)| other == label).cloned();
                let Some((_, wanted)) = known else { return Err(format!("{label} has no handler here")) };
                self.all(args, &wanted, &format!("exit {label}"))?;
                Ok(None)
            }
            Expr::TryWith(body, var, handler) => {
                let body = self.expr(body)?;
                self.bind(*var, Type::Val, false)?;
                Ok(Self::join(body, self.expr(handler)?))
            }
        }
    }

    fn op(&mut self, op: &Op, args: &[Expr]) -> Check<Yield> {
        use Type::{Float, Int, Val};
        let mut want = |types: &[Type], result: Type| {
            self.all(args, types, &format!("{op:?}"))?;
            Ok(Some(result))
        };
        match op {
            Op::Apply(Callee::Direct(_, signature)) => want(&signature.params, signature.result),
            Op::Apply(Callee::Indirect(signature)) => want(&[&[Int], &signature.params[..]].concat(), signature.result),
            Op::ExtCall(call) => want(&call.params, call.result),
            Op::Addi | Op::Subi | Op::Muli | Op::Mulhi | Op::Divi | Op::Modi | Op::Andi | Op::Ori | Op::Xori => {
                want(&[Int, Int], Int)
            }
            Op::Lsli | Op::Lsri | Op::Asri | Op::CmpI(_) => want(&[Int, Int], Int),
            Op::Clz | Op::Ctz | Op::Popcnt | Op::Bswap(_) | Op::SignExtend(_) | Op::ZeroExtend(_) => want(&[Int], Int),
            Op::Addf | Op::Subf | Op::Mulf | Op::Divf => want(&[Float, Float], Float),
            Op::Negf | Op::Absf | Op::Sqrtf | Op::Floorf | Op::Ceilf | Op::Truncf => want(&[Float], Float),
            Op::Fmaf => want(&[Float, Float, Float], Float),
            Op::CmpF(_) => want(&[Float, Float], Int),
            Op::FloatOfInt | Op::FloatOfBits => want(&[Int], Float),
            Op::IntOfFloat | Op::BitsOfFloat => want(&[Float], Int),
            Op::IntAsVal => want(&[Int], Val),
            Op::ValAsInt => want(&[Val], Int),
            Op::Raise(_) => want(&[Val], Val).map(|_| None),
            Op::Poll => want(&[], Int),
            _ => {
                for arg in args {
                    self.expr(arg)?;
                }
                Ok(Some(match op {
                    Op::Load { chunk, .. } => chunk_type(*chunk),
                    Op::Store { .. } => Type::Void,
                    Op::Select(ty) => *ty,
                    Op::DomainState(_) => Int,
                    _ => Val,
                }))
            }
        }
    }
}

fn chunk_type(chunk: super::Chunk) -> Type {
    use super::Chunk;
    match chunk {
        Chunk::WordVal => Type::Val,
        Chunk::Single | Chunk::Double | Chunk::Half => Type::Float,
        _ => Type::Int,
    }
}
