//! Checks `[@tailcall]`: upstream's `emit_tail_infos`.

use crate::lambda::{Lambda, TailcallAttribute};
use crate::map::{Position, deep};
use rocaml_diag::warning::Warning;
use rocaml_types::context::Context;

/// Warns of calls that are not the tail calls, or are the tail calls, that they should (not) be.
pub(super) fn check(cx: &Context, code: &Lambda) {
    visit(cx, code, true);
}

fn visit(cx: &Context, lambda: &Lambda, is_tail: bool) {
    deep(|| {
        if let Lambda::Apply(apply) = lambda
            && let TailcallAttribute::Expect(expected) = apply.tailcall
            && expected != is_tail
        {
            cx.warn(apply.loc.loc, Warning::WrongTailcallExpectation(expected));
        }
        lambda.parts(&mut |position, part| {
            let is_tail = match position {
                Position::Tail => is_tail,
                Position::NonTail => false,
                Position::Body => true,
            };
            visit(cx, part, is_tail);
        });
    });
}
