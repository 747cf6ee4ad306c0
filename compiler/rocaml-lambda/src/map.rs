//! Walks over the immediate parts of a Lambda term: upstream's `shallow_iter` and `shallow_map`.
//!
//! Passes recurse through [`deep`], so that no nesting of the source exhausts the stack.

use crate::lambda::{Lambda, Primitive};

/// Where a part stands in its term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position {
    /// Its value is that of the term, with nothing left to do in this function.
    Tail,
    /// Anywhere else.
    NonTail,
    /// The body of a function that the term makes.
    Body,
}

/// Runs a step of a recursion with enough stack.
pub fn deep<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, step)
}

macro_rules! visit_parts {
    ($lambda:expr, $f:expr, $iter:ident, $as_parts:ident $(, $mutability:tt)?) => {
        match $lambda {
            Lambda::Var(_) | Lambda::MutVar(_) | Lambda::Const(_) => {}
            Lambda::Apply(apply) => {
                $f(Position::NonTail, & $($mutability)? apply.func);
                apply.args.$iter().for_each(|arg| $f(Position::NonTail, arg));
            }
            Lambda::Function(function) => $f(Position::Body, & $($mutability)? function.body),
            Lambda::Let(_, _, _, def, body) | Lambda::MutLet(_, _, def, body) => {
                $f(Position::NonTail, def);
                $f(Position::Tail, body);
            }
            Lambda::LetRec(bindings, body) => {
                bindings.$iter().for_each(|binding| $f(Position::Body, & $($mutability)? binding.def.body));
                $f(Position::Tail, body);
            }
            Lambda::Prim(Primitive::SequAnd | Primitive::SequOr, args, _) if args.len() == 2 => {
                let mut args = args.$iter();
                if let (Some(first), Some(second)) = (args.next(), args.next()) {
                    $f(Position::NonTail, first);
                    $f(Position::Tail, second);
                }
            }
            Lambda::Prim(_, args, _) | Lambda::StaticRaise(_, args) => {
                args.$iter().for_each(|arg| $f(Position::NonTail, arg));
            }
            Lambda::Switch(scrutinee, switch, _) => {
                $f(Position::NonTail, scrutinee);
                switch.consts.$iter().for_each(|(_, case)| $f(Position::Tail, case));
                switch.blocks.$iter().for_each(|(_, case)| $f(Position::Tail, case));
                switch.failaction.$iter().for_each(|case| $f(Position::Tail, case));
            }
            Lambda::StringSwitch(scrutinee, cases, default, _) => {
                $f(Position::NonTail, scrutinee);
                cases.$iter().for_each(|(_, case)| $f(Position::Tail, case));
                default.$iter().for_each(|case| $f(Position::Tail, case));
            }
            Lambda::StaticCatch(body, _, handler) => {
                $f(Position::Tail, body);
                $f(Position::Tail, handler);
            }
            Lambda::TryWith(body, _, handler) => {
                $f(Position::NonTail, body);
                $f(Position::Tail, handler);
            }
            Lambda::IfThenElse(condition, then, otherwise) => {
                $f(Position::NonTail, condition);
                $f(Position::Tail, then);
                $f(Position::Tail, otherwise);
            }
            Lambda::Sequence(first, second) => {
                $f(Position::NonTail, first);
                $f(Position::Tail, second);
            }
            Lambda::While(condition, body) => {
                $f(Position::NonTail, condition);
                $f(Position::NonTail, body);
            }
            Lambda::For(_, from, to, _, body) => {
                $f(Position::NonTail, from);
                $f(Position::NonTail, to);
                $f(Position::NonTail, body);
            }
            Lambda::Assign(_, value) => $f(Position::NonTail, value),
            Lambda::Send(_, method, object, args, _) => {
                $f(Position::NonTail, method);
                $f(Position::NonTail, object);
                args.$iter().for_each(|arg| $f(Position::NonTail, arg));
            }
        }
    };
}

impl Lambda {
    /// Calls `f` on each immediate part.
    pub fn parts(&self, f: &mut dyn FnMut(Position, &Lambda)) {
        visit_parts!(self, f, iter, as_ref);
    }

    /// Calls `f` on each immediate part, to change it.
    pub fn parts_mut(&mut self, f: &mut dyn FnMut(Position, &mut Lambda)) {
        visit_parts!(self, f, iter_mut, as_mut, mut);
    }

    /// The term, leaving `()` in its place.
    pub fn take(&mut self) -> Lambda {
        std::mem::replace(self, Lambda::unit())
    }

    /// Whether evaluating it does nothing and needs nothing: a variable, a constant, a function.
    pub fn is_evaluated(&self) -> bool {
        matches!(self, Lambda::Var(_) | Lambda::Const(_) | Lambda::Function(_))
    }
}
