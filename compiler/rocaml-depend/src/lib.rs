//! The modules that a source file refers to and does not define: upstream's `Depend`.
//!
//! A tree is walked with a map of the modules that are bound where the walk stands. A path whose
//! first name is bound is no dependency by itself; but what an alias of another unit stands for is
//! one, when the path goes through the alias. So a bound module is a [`Node`]: the units that a use
//! of it depends on, and the modules within it that are known.
//!
//! Nothing here looks at a file; [`approximate`] serves texts that do not parse.

mod classes;
mod core;
mod lexical;
mod map;
mod modules;

pub use lexical::approximate;
pub use map::{Bound, Node};

use rocaml_base::Name;
use rocaml_syntax::ast;
use rocaml_syntax::longident::Longident;
use std::collections::BTreeSet;

/// Units, by their names.
pub type Names = BTreeSet<Name>;

/// A walk over one source file.
#[derive(Default)]
pub struct Analysis {
    /// `-as-map` and `-map`: an alias of a module is no dependency before it is used.
    aliases_are_delayed: bool,
    free: Names,
    error: Option<ast::Extension>,
}

/// What a walk found.
pub struct Outcome {
    /// The units that are referred to.
    pub free: Names,
    /// The modules that the file defines.
    pub defined: Bound,
    /// The first `[%error]`: no file that has one is accepted.
    pub error: Option<ast::Extension>,
}

impl Analysis {
    pub fn new(aliases_are_delayed: bool) -> Analysis {
        Analysis { aliases_are_delayed, ..Analysis::default() }
    }

    /// `-open`: the modules bound once a path is opened.
    pub fn open(&mut self, bound: &Bound, path: &Longident) -> Bound {
        self.open_module(bound, path)
    }

    /// The units that an implementation refers to, where these modules are bound.
    pub fn implementation(mut self, bound: Bound, items: &ast::Structure) -> Outcome {
        let defined = self.structure_binding(bound, items).1;
        self.finish(defined)
    }

    /// The same of an interface.
    pub fn interface(mut self, bound: Bound, items: &ast::Signature) -> Outcome {
        let defined = self.signature_binding(bound, items);
        self.finish(defined)
    }

    fn finish(self, defined: Bound) -> Outcome {
        Outcome { free: self.free, defined, error: self.error }
    }

    fn add_names(&mut self, names: &Names) {
        self.free.extend(names);
    }

    /// A path whose last name is no module.
    fn parent(&mut self, bound: &Bound, path: &Longident) {
        if let Longident::Ldot(prefix, _) = path {
            self.module_path(bound, &prefix.txt);
        }
    }

    /// A path of modules.
    fn module_path(&mut self, bound: &Bound, path: &Longident) {
        // The components, the last first.
        let mut names = Vec::new();
        let mut path = path;
        loop {
            match path {
                Longident::Lident(name) => {
                    names.push(*name);
                    break;
                }
                Longident::Ldot(prefix, name) => {
                    names.push(name.txt);
                    path = &prefix.txt;
                }
                Longident::Lapply(functor, argument) => {
                    self.module_path(bound, &functor.txt);
                    return self.module_path(bound, &argument.txt);
                }
            }
        }
        names.reverse();
        match bound.free_of(&names) {
            Some(free) => self.free.extend(free),
            None => drop(self.free.insert(names[0])),
        }
    }

    fn open_module(&mut self, bound: &Bound, path: &Longident) -> Bound {
        match bound.find(path) {
            Some(node) => {
                self.add_names(&node.free);
                bound.with_all(&node.map)
            }
            None => {
                self.module_path(bound, path);
                bound.clone()
            }
        }
    }

    fn extension(&mut self, extension: &ast::Extension) {
        let name = extension.name.txt;
        if self.error.is_none() && (name == "error" || name == "ocaml.error") {
            self.error = Some(extension.clone());
        }
    }
}

#[cfg(test)]
mod tests;
