//! What has been typed when an error is met: upstream's `Cmt_format.saved_types`.
//!
//! Each part replaces those within it, so that only what is outermost is left. Nothing is recorded unless that is
//! asked for, as parts are copied: who wants them types the failed program once more.

use crate::state::typing_state;
use crate::typedtree::{
    ClassExpr, Expression, ModuleType, Pattern, Signature, SignatureItem, Structure, StructureItem,
};
use rocaml_types::context::Context;

/// A part of a program: upstream's `binary_part`.
pub enum BinaryPart {
    Structure(Structure),
    StructureItem(StructureItem),
    Expression(Expression),
    Pattern(Pattern),
    ClassExpr(ClassExpr),
    Signature(Signature),
    SignatureItem(SignatureItem),
    ModuleType(ModuleType),
}

/// Records from now on.
pub fn start(cx: &Context) {
    typing_state(cx).saved_types.replace(Some(Vec::new()));
}

/// What was recorded, the last first.
pub fn take(cx: &Context) -> Vec<BinaryPart> {
    let mut parts = typing_state(cx).saved_types.take().unwrap_or_default();
    parts.reverse();
    parts
}

/// Where the parts of what is being typed begin.
pub(crate) fn mark(cx: &Context) -> usize {
    typing_state(cx).saved_types.borrow().as_ref().map_or(0, Vec::len)
}

/// Records a part.
pub(crate) fn add(cx: &Context, part: impl FnOnce() -> BinaryPart) {
    if let Some(parts) = typing_state(cx).saved_types.borrow_mut().as_mut() {
        parts.push(part());
    }
}

/// Records a part in the place of those since the mark.
pub(crate) fn replace(cx: &Context, mark: usize, part: impl FnOnce() -> BinaryPart) {
    if let Some(parts) = typing_state(cx).saved_types.borrow_mut().as_mut() {
        parts.truncate(mark);
        parts.push(part());
    }
}
