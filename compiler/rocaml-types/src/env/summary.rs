//! How an environment came about: upstream's `Env.summary`, from which tools that read typed trees
//! build environments again.
//!
//! A list that shares its tails, as environments do.

use super::ModuleUnboundReason;
use crate::Ident;
use crate::path::Path;
use crate::types::*;
use rocaml_base::Name;
use std::rc::Rc;

/// One addition.
pub enum SummaryItem {
    Value(Ident, Rc<ValueDescription>),
    Type(Ident, Rc<TypeDeclaration>),
    Extension(Ident, Rc<ExtensionConstructor>),
    Module(Ident, ModulePresence, Rc<ModuleDeclaration>),
    Modtype(Ident, Rc<ModtypeDeclaration>),
    Class(Ident, Rc<ClassDeclaration>),
    Cltype(Ident, Rc<ClassTypeDeclaration>),
    Open(Path),
    FunctorArg(Ident),
    CopyTypes,
    Persistent(Ident),
    ValueUnbound(Name, ValueUnboundReason),
    ModuleUnbound(Name, ModuleUnboundReason),
}

/// The last addition, and those before.
pub struct Summary {
    pub item: SummaryItem,
    pub rest: Option<Rc<Summary>>,
}

impl Drop for Summary {
    /// One after the other: the list is as long as what is in scope.
    fn drop(&mut self) {
        let mut rest = self.rest.take();
        while let Some(mut summary) = rest.and_then(Rc::into_inner) {
            rest = summary.rest.take();
        }
    }
}
