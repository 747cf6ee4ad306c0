//! Environments as their summaries: upstream's `Env.keep_only_summary`.

use crate::emitter::{Emitter, Tree};
use rocaml_formats::marshal::Value;
use rocaml_types::ValueUnboundReason;
use rocaml_types::env::summary::{Summary, SummaryItem};
use rocaml_types::env::{Env, ModuleUnboundReason};
use std::rc::Rc;

impl Tree for Env {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        if let Some(v) = e.shared.get(&self.address()) {
            return *v;
        }
        let summary = summary(e, self.summary());
        let constraints: Vec<_> =
            self.local_constraints().iter().rev().map(|(path, decl)| (path.emit(e), decl.emit(e))).collect();
        let constraints = e.map(&constraints);
        // An empty table is a name table without names and no layer below.
        let table = e.block(0, vec![Value::Int(0), Value::Int(0)]);
        let tables = vec![table; 8];
        let no_functor_arguments = Value::Int(0);
        let flags = Value::Int(i64::from(self.is_in_signature()));
        let fields = [tables, vec![no_functor_arguments, summary, constraints, flags]].concat();
        let v = e.block(0, fields);
        e.shared.insert(self.address(), v);
        v
    }
}

/// Emits what is new from the oldest on: the list is too long for recursion.
fn summary(e: &mut Emitter<'_>, last: Option<&Rc<Summary>>) -> Value {
    let mut fresh = Vec::new();
    let mut rest = last;
    let mut value = Value::Int(0);
    while let Some(node) = rest {
        if let Some(v) = e.shared.get(&(Rc::as_ptr(node) as usize)) {
            value = *v;
            break;
        }
        fresh.push(node);
        rest = node.rest.as_ref();
    }
    for node in fresh.into_iter().rev() {
        value = addition(e, value, &node.item);
        e.shared.insert(Rc::as_ptr(node) as usize, value);
    }
    value
}

fn addition(e: &mut Emitter<'_>, rest: Value, item: &SummaryItem) -> Value {
    let (tag, fields) = match item {
        SummaryItem::Value(id, d) => (0, vec![rest, id.emit(e), d.emit(e)]),
        SummaryItem::Type(id, d) => (1, vec![rest, id.emit(e), d.emit(e)]),
        SummaryItem::Extension(id, d) => (2, vec![rest, id.emit(e), d.emit(e)]),
        SummaryItem::Module(id, presence, d) => (3, vec![rest, id.emit(e), presence.emit(e), d.emit(e)]),
        SummaryItem::Modtype(id, d) => (4, vec![rest, id.emit(e), d.emit(e)]),
        SummaryItem::Class(id, d) => (5, vec![rest, id.emit(e), d.emit(e)]),
        SummaryItem::Cltype(id, d) => (6, vec![rest, id.emit(e), d.emit(e)]),
        SummaryItem::Open(path) => (7, vec![rest, path.emit(e)]),
        SummaryItem::FunctorArg(id) => (8, vec![rest, id.emit(e)]),
        SummaryItem::CopyTypes => (10, vec![rest]),
        SummaryItem::Persistent(id) => (11, vec![rest, id.emit(e)]),
        SummaryItem::ValueUnbound(name, reason) => (12, vec![rest, name.emit(e), reason.emit(e)]),
        SummaryItem::ModuleUnbound(name, reason) => (13, vec![rest, name.emit(e), reason.emit(e)]),
    };
    e.block(tag, fields)
}

impl Tree for ValueUnboundReason {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        match self {
            ValueUnboundReason::InstanceVariable => Value::Int(0),
            ValueUnboundReason::Self_ => Value::Int(1),
            ValueUnboundReason::Ancestor => Value::Int(2),
            ValueUnboundReason::GhostRecursive(loc) => {
                let loc = loc.emit(e);
                e.block(0, vec![loc])
            }
        }
    }
}

impl Tree for ModuleUnboundReason {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let ModuleUnboundReason::IllegalRecursion { container, unbound } = self;
        let fields = vec![container.emit(e), unbound.emit(e)];
        e.block(0, fields)
    }
}
