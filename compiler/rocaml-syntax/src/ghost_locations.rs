//! Whether places are ghost where they should be: `-dparsetree-loc-ghost-invariants`.
//!
//! The text at the place of an expression, a pattern or a type is what was parsed, unless the place is a ghost.

use crate::ast::*;
use crate::printast::{Node, shape};
use crate::visit::{self, Visitor};
use crate::{ParseOptions, parse_core_type, parse_expression, parse_pattern};
use rocaml_base::{Location, Name};

/// What is wrong with the places of an implementation that was parsed from this text.
pub fn check_structure(items: &Structure, source: &[u8], options: ParseOptions) -> Vec<(Location, &'static str)> {
    let mut checker = Checker { source, options, depth: 0, found: Vec::new() };
    items.iter().for_each(|item| checker.visit_structure_item(item));
    checker.found
}

/// The same of an interface.
pub fn check_signature(items: &Signature, source: &[u8], options: ParseOptions) -> Vec<(Location, &'static str)> {
    let mut checker = Checker { source, options, depth: 0, found: Vec::new() };
    items.iter().for_each(|item| checker.visit_signature_item(item));
    checker.found
}

/// Texts of nested nodes are parsed again and again: deeper ones than this are left out.
const DEPTH_MAX: usize = 1000;

struct Checker<'s> {
    source: &'s [u8],
    options: ParseOptions,
    depth: usize,
    found: Vec<(Location, &'static str)>,
}

impl Checker<'_> {
    fn text(&self, loc: Location) -> Option<&[u8]> {
        let offset = |cnum: i32| usize::try_from(cnum).ok();
        self.source.get(offset(loc.start.cnum)?..offset(loc.end.cnum)?)
    }

    /// What the text at a place is parsed to.
    fn parsed(&self, node: Node<'_>, loc: Location) -> Option<Vec<u8>> {
        let (file, text) = (Name::new(""), self.text(loc)?);
        match node {
            Node::Expression(_) => {
                // An operator alone is an expression in parentheses only.
                let text = [b"( ", text, b" )"].concat();
                parse_expression(file, &text, self.options).result.ok().map(|e| shape(Node::Expression(&e)))
            }
            Node::Pattern(_) => parse_pattern(file, text, self.options).result.ok().map(|p| shape(Node::Pattern(&p))),
            Node::CoreType(_) => {
                parse_core_type(file, text, self.options).result.ok().map(|t| shape(Node::CoreType(&t)))
            }
        }
    }

    fn check(&mut self, node: Node<'_>, loc: Location) {
        let (should_be_ghost, otherwise) = match self.parsed(node, loc) {
            None => (true, "non-ghost location points to a non parsable range"),
            Some(parsed) if parsed == shape(node) => (false, "ghost location should be non-ghost"),
            Some(_) => (true, "non-ghost location points to a range of source code that contains the wrong ast"),
        };
        if loc.ghost != should_be_ghost {
            self.found.push((loc, otherwise));
        }
    }

    fn within(&mut self, node: Node<'_>, loc: Location, walk: impl FnOnce(&mut Self)) {
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            walk(self);
            self.depth -= 1;
            self.check(node, loc);
        }
    }
}

impl Visitor for Checker<'_> {
    fn visit_expression(&mut self, e: &Expression) {
        self.within(Node::Expression(e), e.loc, |checker| visit::walk_expression(checker, e));
    }

    fn visit_pattern(&mut self, p: &Pattern) {
        self.within(Node::Pattern(p), p.loc, |checker| visit::walk_pattern(checker, p));
    }

    fn visit_core_type(&mut self, t: &CoreType) {
        self.within(Node::CoreType(t), t.loc, |checker| visit::walk_core_type(checker, t));
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        let name = attribute.name.txt;
        if name != "ocaml.doc" && name != "ocaml.text" {
            visit::walk_attribute(self, attribute);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_implementation;

    #[test]
    fn places_of_parsed_programs_are_right() {
        let text = b"let f (x : int) = x + 1 let rec g = function [] -> 0 | h :: t when h -> (f [@a]) h | _ -> g []";
        let options = ParseOptions { docstrings: false, ..ParseOptions::default() };
        let mut items = parse_implementation(Name::new(""), text, options).result.expect("it parses");
        assert_eq!(check_structure(&items, text, options), []);
        let StructureItemDesc::Value(_, bindings) = &mut items[0].desc else { panic!("a definition") };
        bindings[0].pat.loc.ghost = true;
        bindings[0].expr.loc.ghost = false;
        let found = check_structure(&items, text, options);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
