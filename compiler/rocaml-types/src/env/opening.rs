//! Usage of `open`s: warnings 33, 44, 45 and 66.

use super::table::Kind;
use crate::context::Context;
use rocaml_base::{Location, Name};
use rocaml_diag::Warning;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// An `open` whose use is watched.
pub(super) struct OpenUse {
    pub(super) used: Rc<Cell<bool>>,
    pub(super) loc: Location,
    /// Whether to tell what it shadows; `open!` may shadow.
    pub(super) warn_shadowing: bool,
    pub(super) told: RefCell<Vec<(Kind, Name)>>,
}

impl OpenUse {
    /// Something that the open gave is used; `shadows` tells whether it hides another thing.
    pub(super) fn mark(&self, cx: &Context, kind: Kind, name: Name, shadows: impl FnOnce() -> bool) {
        self.used.set(true);
        if !self.warn_shadowing || self.told.borrow().contains(&(kind, name)) || !shadows() {
            return;
        }
        self.told.borrow_mut().push((kind, name));
        let text = name.to_string();
        let warning = match kind {
            Kind::Label => Warning::OpenShadowLabelConstructor("label".into(), text),
            Kind::Constructor => Warning::OpenShadowLabelConstructor("constructor".into(), text),
            Kind::Value => Warning::OpenShadowIdentifier("value".into(), text),
            Kind::Type => Warning::OpenShadowIdentifier("type".into(), text),
            Kind::Module => Warning::OpenShadowIdentifier("module".into(), text),
            Kind::ModuleType => Warning::OpenShadowIdentifier("module type".into(), text),
            Kind::Class => Warning::OpenShadowIdentifier("class".into(), text),
            Kind::ClassType => Warning::OpenShadowIdentifier("class type".into(), text),
        };
        cx.warn(self.loc, warning);
    }
}
