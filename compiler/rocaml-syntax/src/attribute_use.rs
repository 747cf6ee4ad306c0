//! Which attributes of the compiler's own were obeyed: what is left at the end stands where it
//! means nothing (warning 53).
//!
//! Every phase that looks for an attribute marks the one it finds. A compilation stays in its
//! thread, so that the marks are the thread's.

use crate::ast::{Attribute, Attributes, Signature, Structure};
use crate::visit::Visitor;
use rocaml_base::{Loc, Name};
use std::cell::RefCell;
use std::collections::HashSet;

/// Attributes that have a meaning to the compiler in some places.
const BUILTIN: [&str; 23] = [
    "alert",
    "atomic",
    "boxed",
    "deprecated",
    "deprecated_mutable",
    "explicit_arity",
    "immediate",
    "immediate64",
    "inline",
    "inlined",
    "noalloc",
    "poll",
    "ppwarning",
    "specialise",
    "specialised",
    "tail_mod_cons",
    "tailcall",
    "unboxed",
    "unrolled",
    "untagged",
    "warn_on_literal_pattern",
    "warnerror",
    "warning",
];

thread_local! {
    static USED: RefCell<HashSet<Loc<Name>>> = RefCell::default();
}

/// Whether an attribute has this name, with or without the prefix `ocaml.`.
pub fn is_named(attribute: &Attribute, name: &str) -> bool {
    base_name(&attribute.name.txt) == name
}

fn base_name(name: &str) -> &str {
    name.strip_prefix("ocaml.").unwrap_or(name)
}

/// Notes that an attribute is obeyed.
pub fn mark(attribute: &Attribute) {
    USED.with_borrow_mut(|used| used.insert(attribute.name));
}

/// Notes that the attributes of these names are obeyed.
pub fn mark_named(attributes: &Attributes, names: &[&str]) {
    attributes.iter().filter(|attribute| names.contains(&base_name(&attribute.name.txt))).for_each(mark);
}

/// Those that declare an alert: they are obeyed where the thing is used.
pub fn mark_alerts(attributes: &Attributes) {
    mark_named(attributes, &["alert", "deprecated"]);
}

/// The attributes of an implementation that nobody obeyed, in their order; forgets the marks.
pub fn unused_in_structure(items: &Structure) -> Vec<Loc<Name>> {
    unused(|collector| items.iter().for_each(|item| collector.visit_structure_item(item)))
}

/// The same of an interface.
pub fn unused_in_signature(items: &Signature) -> Vec<Loc<Name>> {
    unused(|collector| items.iter().for_each(|item| collector.visit_signature_item(item)))
}

fn unused(collect: impl FnOnce(&mut Collector)) -> Vec<Loc<Name>> {
    let mut collector = Collector { found: Vec::new() };
    collect(&mut collector);
    let used = USED.take();
    let mut unused = collector.found;
    unused.retain(|name| !used.contains(name));
    unused.sort_by(|a, b| {
        let key = |name: &Loc<Name>| (name.loc.start.file.to_string(), name.loc.start.cnum);
        key(a).cmp(&key(b))
    });
    unused.dedup();
    unused
}

struct Collector {
    found: Vec<Loc<Name>>,
}

impl Visitor for Collector {
    /// What is in the payload of an attribute is its reader's affair.
    fn visit_attribute(&mut self, attribute: &Attribute) {
        if BUILTIN.contains(&base_name(&attribute.name.txt)) {
            self.found.push(attribute.name);
        }
    }
}
