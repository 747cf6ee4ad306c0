//! `[@poll error]`: functions that must not reach a safepoint.

use crate::cmm::{Debug, Expr, Op};
use rocaml_base::Location;
use rocaml_diag::report::location_text;
use std::fmt::Write as _;

/// Where a signal or the collector could come in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Safepoint {
    Poll,
    Alloc,
    FunctionCall,
    ExternalCall,
}

/// What upstream says of a function that has safepoints.
pub(super) fn complaint(body: &Expr) -> Option<String> {
    let mut found = Vec::new();
    collect(body, &mut found);
    let inserted = found.iter().filter(|(kind, _)| *kind == Safepoint::Poll).count();
    if found.is_empty() {
        return None;
    }
    if inserted == found.len() {
        let text = "Function with poll-error attribute contains polling points (inserted by the compiler)\n";
        return Some(text.to_owned());
    }
    let mut text = "Function with poll-error attribute contains polling points:\n".to_owned();
    for (kind, loc) in &found {
        let what = match kind {
            Safepoint::Poll => continue,
            Safepoint::Alloc => "allocation",
            Safepoint::FunctionCall => "function call",
            Safepoint::ExternalCall => "external call that allocates",
        };
        let _ = writeln!(text, "\t{what} at {}", location_text(loc));
    }
    if inserted > 0 {
        text.push_str("\t(plus compiler-inserted polling point(s) in prologue and/or loop back edges)\n");
    }
    Some(text)
}

fn place(debug: &Debug) -> Location {
    debug.as_ref().map_or_else(Location::none, |info| info.loc)
}

/// Safepoints in the order of evaluation.
fn collect(e: &Expr, found: &mut Vec<(Safepoint, Location)>) {
    match e {
        Expr::Const(_) | Expr::Var(_) | Expr::Void => {}
        Expr::Let(_, _, def, body) | Expr::LetMut(_, _, def, body) | Expr::Sequence(def, body) => {
            collect(def, found);
            collect(body, found);
        }
        Expr::Assign(_, value) => collect(value, found),
        Expr::Op(op, args, debug) => {
            args.iter().rev().for_each(|arg| collect(arg, found));
            let kind = match op {
                Op::Poll => Safepoint::Poll,
                Op::Alloc { .. } => Safepoint::Alloc,
                Op::Apply(_) | Op::Perform | Op::Reperform | Op::Resume | Op::RunStack => Safepoint::FunctionCall,
                Op::ExtCall(call) if call.alloc => Safepoint::ExternalCall,
                _ => return,
            };
            found.push((kind, place(debug)));
        }
        Expr::If(condition, then, otherwise) => {
            [condition, then, otherwise].into_iter().for_each(|e| collect(e, found));
        }
        Expr::Switch(scrutinee, _, cases) => {
            collect(scrutinee, found);
            cases.iter().for_each(|case| collect(case, found));
        }
        Expr::Catch { handlers, body, .. } => {
            collect(body, found);
            handlers.iter().for_each(|handler| collect(&handler.body, found));
        }
        Expr::Exit(_, args) => args.iter().rev().for_each(|arg| collect(arg, found)),
        Expr::TryWith(body, _, handler) => {
            collect(body, found);
            collect(handler, found);
        }
    }
}
