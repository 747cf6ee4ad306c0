//! The text form of Cmm, for `-dcmm` and tests: indented s-expressions.

use super::{Callee, Const, DataItem, Expr, Function, Op, Type, Unit};
use std::fmt::{self, Display, Formatter};

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Val => "val",
            Type::Int => "int",
            Type::Float => "float",
            Type::Void => "void",
        })
    }
}

impl Display for Unit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for items in &self.data {
            writeln!(f, "(data")?;
            for item in items {
                writeln!(f, "  {item}")?;
            }
            writeln!(f, ")")?;
        }
        for function in &self.functions {
            writeln!(f, "{function}")?;
        }
        Ok(())
    }
}

impl Display for DataItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            DataItem::GlobalSymbol(symbol) => write!(f, "global \"{symbol}\":"),
            DataItem::LocalSymbol(symbol) => write!(f, "\"{symbol}\":"),
            DataItem::Word(word) => write!(f, "word {word}"),
            DataItem::SymbolAddress(symbol, 0) => write!(f, "address \"{symbol}\""),
            DataItem::SymbolAddress(symbol, offset) => write!(f, "address \"{symbol}\"+{offset}"),
            DataItem::Double(bits) => write!(f, "double {:?}", f64::from_bits(*bits)),
            DataItem::Byte(byte) => write!(f, "byte {byte}"),
            DataItem::Bytes(bytes) => write!(f, "bytes \"{}\"", bytes.escape_ascii()),
            DataItem::Skip(bytes) => write!(f, "skip {bytes}"),
            DataItem::Align(bytes) => write!(f, "align {bytes}"),
        }
    }
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "(function \"{}\" (", self.symbol)?;
        for (index, (var, ty)) in self.params.iter().enumerate() {
            write!(f, "{}{var}: {ty}", if index > 0 { " " } else { "" })?;
        }
        write!(f, "): {}", self.result)?;
        expr(f, &self.body, 1)?;
        write!(f, ")")
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        inline(f, self, 0)
    }
}

/// An expression on a line of its own.
fn expr(f: &mut Formatter<'_>, e: &Expr, depth: usize) -> fmt::Result {
    write!(f, "\n{:1$}", "", depth * 2)?;
    inline(f, e, depth)
}

/// An expression after what stands on the line already.
fn inline(f: &mut Formatter<'_>, e: &Expr, depth: usize) -> fmt::Result {
    match e {
        Expr::Const(Const::Int(n)) => write!(f, "{n}"),
        Expr::Const(Const::Float(bits)) => write!(f, "{:?}", f64::from_bits(*bits)),
        Expr::Const(Const::Symbol(symbol, _)) => write!(f, "\"{symbol}\""),
        Expr::Var(var) => write!(f, "{var}"),
        Expr::Void => write!(f, "[]"),
        Expr::Let(var, ty, def, body) | Expr::LetMut(var, ty, def, body) => {
            let keyword = if matches!(e, Expr::LetMut(..)) { "let mut" } else { "let" };
            write!(f, "({keyword} {var}: {ty} ")?;
            inline(f, def, depth + 2)?;
            expr(f, body, depth)?;
            write!(f, ")")
        }
        Expr::Assign(var, value) => {
            write!(f, "(assign {var} ")?;
            inline(f, value, depth + 1)?;
            write!(f, ")")
        }
        Expr::Op(op, args, _) => {
            write!(f, "({}", OpName(op))?;
            for arg in args {
                write!(f, " ")?;
                inline(f, arg, depth + 1)?;
            }
            write!(f, ")")
        }
        Expr::Sequence(first, second) => {
            inline(f, first, depth)?;
            expr(f, second, depth)
        }
        Expr::If(condition, then, otherwise) => {
            write!(f, "(if ")?;
            inline(f, condition, depth + 2)?;
            expr(f, then, depth + 1)?;
            expr(f, otherwise, depth + 1)?;
            write!(f, ")")
        }
        Expr::Switch(scrutinee, index, cases) => {
            write!(f, "(switch {index:?} ")?;
            inline(f, scrutinee, depth + 2)?;
            cases.iter().try_for_each(|case| expr(f, case, depth + 1))?;
            write!(f, ")")
        }
        Expr::Catch { recursive, handlers, body } => {
            write!(f, "(catch{}", if *recursive { " rec" } else { "" })?;
            expr(f, body, depth + 1)?;
            for handler in handlers {
                write!(
                    f,
                    "\n{:1$}with {2}{3}(",
                    "",
                    depth * 2,
                    handler.label,
                    if handler.cold { " cold " } else { "" }
                )?;
                for (index, (var, ty)) in handler.params.iter().enumerate() {
                    write!(f, "{}{var}: {ty}", if index > 0 { " " } else { "" })?;
                }
                write!(f, ")")?;
                expr(f, &handler.body, depth + 1)?;
            }
            write!(f, ")")
        }
        Expr::Exit(label, args) => {
            write!(f, "(exit {label}")?;
            for arg in args {
                write!(f, " ")?;
                inline(f, arg, depth + 1)?;
            }
            write!(f, ")")
        }
        Expr::TryWith(body, var, handler) => {
            write!(f, "(try")?;
            expr(f, body, depth + 1)?;
            write!(f, "\n{:1$}with {var}", "", depth * 2)?;
            expr(f, handler, depth + 1)?;
            write!(f, ")")
        }
    }
}

struct OpName<'a>(&'a Op);

impl Display for OpName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Op::Apply(Callee::Direct(symbol, _)) => write!(f, "call \"{symbol}\""),
            Op::Apply(Callee::Indirect(_)) => write!(f, "call"),
            Op::ExtCall(call) => write!(f, "extcall{} \"{}\"", if call.alloc { "" } else { " noalloc" }, call.name),
            Op::Load { chunk, mutable, offset, atomic } => {
                write!(
                    f,
                    "load{}{} {chunk:?} {offset:+}",
                    if *mutable { " mut" } else { "" },
                    if *atomic { " atomic" } else { "" }
                )
            }
            Op::Store { chunk, offset, atomic } => {
                write!(f, "store{} {chunk:?} {offset:+}", if *atomic { " atomic" } else { "" })
            }
            Op::Alloc { header, .. } => write!(f, "alloc {header:#x}"),
            op => write!(f, "{op:?}"),
        }
    }
}
