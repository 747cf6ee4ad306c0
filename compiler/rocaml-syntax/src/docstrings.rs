//! Documentation comments: where they stand, and what they become attached to.
//!
//! The lexer files the comments between two tokens under the positions of these tokens: *post* of
//! the end of the first, *pre* of the start of the second, *floating* when blank lines set them
//! apart, and *extra* for what ends up beside the text of a structure. The parser asks by position
//! when it builds an item. A comment that nobody asks for is unexpected (warning 50).

use std::collections::HashMap;
use std::sync::Arc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::Warning;

use crate::ast::{
    Attribute, Attributes, Constant, ConstantDesc, Expression, ExpressionDesc, Payload, StructureItem,
    StructureItemDesc,
};

#[derive(Clone, Copy, PartialEq)]
enum Attached {
    No,
    /// To a field or a constructor.
    Info,
    /// To an item, or as text.
    Docs,
}

struct Docstring {
    body: Arc<[u8]>,
    loc: Location,
    attached: Attached,
    /// How many items it is next to.
    associated: u32,
}

/// Index of a docstring.
pub type DocstringId = u32;

type Table = HashMap<i32, Vec<DocstringId>>;

/// The docstrings of a source text.
#[derive(Default)]
pub struct Docstrings {
    all: Vec<Docstring>,
    pre: Table,
    post: Table,
    floating: Table,
    pre_extra: Table,
    post_extra: Table,
}

/// The docstrings before and after an item.
#[derive(Clone, Copy, Default)]
pub struct Docs {
    pre: Option<DocstringId>,
    post: Option<DocstringId>,
}

/// The docstrings that were seen since the last token.
#[derive(Default)]
pub enum Pending {
    /// None.
    #[default]
    Initial,
    /// No blank line before them.
    After(Vec<DocstringId>),
    /// Before the first blank line; after it; since the last blank line.
    Before(Vec<DocstringId>, Vec<DocstringId>, Vec<DocstringId>),
}

impl Docstrings {
    /// Registers a docstring.
    pub fn register(&mut self, body: Arc<[u8]>, loc: Location) -> DocstringId {
        self.all.push(Docstring { body, loc, attached: Attached::No, associated: 0 });
        (self.all.len() - 1) as DocstringId
    }

    /// Adds a docstring to those between two tokens.
    pub fn add(&self, pending: Pending, id: DocstringId, after_blank_line: bool) -> Pending {
        if &*self.all[id as usize].body == b"/*" {
            return match pending {
                Pending::Initial => Pending::Before(vec![], vec![id], vec![]),
                Pending::After(a) => Pending::Before(a, vec![id], vec![]),
                Pending::Before(a, mut f, b) => {
                    f.extend(b);
                    f.push(id);
                    Pending::Before(a, f, vec![])
                }
            };
        }
        match (pending, after_blank_line) {
            (Pending::Initial, false) => Pending::After(vec![id]),
            (Pending::Initial, true) => Pending::Before(vec![], vec![], vec![id]),
            (Pending::After(mut a), false) => {
                a.push(id);
                Pending::After(a)
            }
            (Pending::After(a), true) => Pending::Before(a, vec![], vec![id]),
            (Pending::Before(a, f, mut b), false) => {
                b.push(id);
                Pending::Before(a, f, b)
            }
            (Pending::Before(a, mut f, b), true) => {
                f.extend(b);
                Pending::Before(a, f, vec![id])
            }
        }
    }

    /// Files the docstrings between two tokens, given the end of the first and the start of the
    /// second. The lists are in source order; *pre* docstrings are looked up from the last.
    pub fn file(&mut self, pending: Pending, blank_line: bool, post: i32, pre: i32) {
        let reversed = |list: &[DocstringId]| list.iter().rev().copied().collect::<Vec<_>>();
        let set = |table: &mut Table, position: i32, list: Vec<DocstringId>| {
            if !list.is_empty() {
                table.insert(position, list);
            }
        };
        match pending {
            Pending::Initial => {}
            Pending::After(a) => {
                set(&mut self.post, post, a.clone());
                if blank_line {
                    set(&mut self.pre_extra, pre, a);
                } else {
                    set(&mut self.pre, pre, reversed(&a));
                }
            }
            Pending::Before(a, f, b) => {
                let both: Vec<_> = f.iter().chain(&b).copied().collect();
                set(&mut self.post, post, a.clone());
                set(&mut self.post_extra, post, both.clone());
                if blank_line {
                    set(&mut self.floating, pre, both);
                } else {
                    set(&mut self.floating, pre, f);
                    set(&mut self.pre, pre, reversed(&b));
                }
                set(&mut self.pre_extra, pre, a);
            }
        }
    }

    fn first(all: &mut [Docstring], list: &[DocstringId], info: bool) -> Option<DocstringId> {
        let id = list.iter().copied().find(|&id| all[id as usize].attached != Attached::Info)?;
        all[id as usize].attached = if info { Attached::Info } else { Attached::Docs };
        Some(id)
    }

    fn texts(all: &mut [Docstring], list: Option<&Vec<DocstringId>>) -> Vec<DocstringId> {
        let mut texts = Vec::new();
        for &id in list.into_iter().flatten() {
            let docstring = &mut all[id as usize];
            if docstring.attached != Attached::Info {
                docstring.attached = Attached::Docs;
                texts.push(id);
            }
        }
        texts
    }

    fn associated(all: &mut [Docstring], table: &Table, position: i32) -> Option<DocstringId> {
        let list = table.get(&position)?;
        for &id in list {
            all[id as usize].associated += 1;
        }
        Self::first(all, list, false)
    }

    /// The docstrings of an item that stretches between two positions.
    pub fn docs(&mut self, start: i32, end: i32) -> Docs {
        if self.all.is_empty() {
            return Docs::default();
        }
        let pre = Self::associated(&mut self.all, &self.pre, start);
        let post = Self::associated(&mut self.all, &self.post, end);
        Docs { pre, post }
    }

    /// Counts an item as next to its docstrings without taking them.
    pub fn mark(&mut self, start: i32, end: i32) {
        let lists = [self.pre.get(&start), self.post.get(&end)];
        for &id in lists.into_iter().flatten().flatten() {
            self.all[id as usize].associated += 1;
        }
    }

    /// The docstring of a field or constructor that ends here.
    pub fn info(&mut self, end: i32) -> Option<DocstringId> {
        let list = self.post.get(&end)?;
        Self::first(&mut self.all, list, true)
    }

    /// Docstrings that float before this position.
    pub fn text(&mut self, start: i32) -> Vec<DocstringId> {
        Self::texts(&mut self.all, self.floating.get(&start))
    }

    /// Docstrings after this position.
    pub fn post_text(&mut self, end: i32) -> Vec<DocstringId> {
        Self::texts(&mut self.all, self.post.get(&end))
    }

    /// Docstrings before the first item of a structure.
    pub fn pre_extra_text(&mut self, start: i32) -> Vec<DocstringId> {
        Self::texts(&mut self.all, self.pre_extra.get(&start))
    }

    /// Docstrings after the last item of a structure.
    pub fn post_extra_text(&mut self, end: i32) -> Vec<DocstringId> {
        Self::texts(&mut self.all, self.post_extra.get(&end))
    }

    /// Whether there is no docstring at all.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn attribute(&self, id: DocstringId, name: Name) -> Option<Attribute> {
        let Docstring { body, loc, .. } = &self.all[id as usize];
        if body.is_empty() {
            return None;
        }
        let desc = ConstantDesc::String(body.clone(), *loc, None);
        let desc = ExpressionDesc::Constant(Constant { desc, loc: *loc });
        let expression = Expression { desc, loc: *loc, loc_stack: Vec::new(), attributes: Vec::new() };
        let desc = StructureItemDesc::Eval(Box::new(expression), Vec::new());
        let item = StructureItem { desc, loc: *loc };
        Some(Attribute { name: Loc::none(name), payload: Payload::Str(vec![item]), loc: *loc })
    }

    /// Adds the docstrings of an item to its attributes.
    pub fn add_docs(&self, docs: Docs, attributes: &mut Attributes) {
        let doc = |id: Option<DocstringId>| self.attribute(id?, Name::new("ocaml.doc"));
        if let Some(attribute) = doc(docs.pre) {
            attributes.insert(0, attribute);
        }
        attributes.extend(doc(docs.post));
    }

    /// Adds the docstring of a field or constructor to its attributes.
    pub fn add_info(&self, info: Option<DocstringId>, attributes: &mut Attributes) {
        attributes.extend(info.and_then(|id| self.attribute(id, Name::new("ocaml.doc"))));
    }

    /// Attributes for floating docstrings.
    pub fn text_attributes(&self, texts: &[DocstringId]) -> Vec<Attribute> {
        texts.iter().filter_map(|&id| self.attribute(id, Name::new("ocaml.text"))).collect()
    }

    /// The warnings about docstrings that are attached to nothing, or to one thing of several.
    pub fn warnings(&self) -> Vec<(Location, Warning)> {
        let unexpected = |docstring: &Docstring| match docstring.attached {
            Attached::Info => None,
            Attached::No => Some((docstring.loc, Warning::UnexpectedDocstring(true))),
            Attached::Docs if docstring.associated > 1 => Some((docstring.loc, Warning::UnexpectedDocstring(false))),
            Attached::Docs => None,
        };
        self.all.iter().filter_map(unexpected).collect()
    }
}
