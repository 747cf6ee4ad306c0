//! Attributes, extensions and their payloads; what docstrings add to attributes.

use rocaml_base::{Loc, Name, Position};

use super::build::{ExtAttributes, mkstrexp};
use super::{Parser, Res};
use crate::ast::*;
use crate::docstrings::Docs;
use crate::token::Token;

impl Parser {
    fn single_attr_id(&mut self) -> Res<Name> {
        let name = match self.token() {
            Token::Lident(name) | Token::Uident(name) => name,
            token => match token.fixed_text() {
                Some(word) if word.starts_with(|c: char| c.is_ascii_lowercase()) => Name::new(word),
                _ => return self.error(),
            },
        };
        self.bump();
        Ok(name)
    }

    /// `a.b.c`, words of the language included.
    pub(super) fn attr_id(&mut self) -> Res<Loc<Name>> {
        let start = self.start();
        let mut name = self.single_attr_id()?;
        if self.is(Token::Dot) {
            let mut text = name.to_string();
            while self.eat(Token::Dot) {
                text.push('.');
                text.push_str(&self.single_attr_id()?);
            }
            name = Name::new(&text);
        }
        Ok(self.mkrhs(name, start))
    }

    fn payload(&mut self) -> Res<Payload> {
        match self.token() {
            Token::Colon => {
                self.bump();
                if self.at_signature_item() || matches!(self.token(), Token::Rbracket | Token::Semisemi) {
                    return Ok(Payload::Sig(self.signature()?));
                }
                Ok(Payload::Typ(Box::new(self.core_type()?)))
            }
            Token::Question => {
                self.bump();
                let pattern = Box::new(self.pattern()?);
                let guard = if self.eat(Token::When) { Some(Box::new(self.seq_expr()?)) } else { None };
                Ok(Payload::Pat(pattern, guard))
            }
            _ => Ok(Payload::Str(self.structure()?)),
        }
    }

    /// An attribute whose opening bracket is next.
    fn attribute_at(&mut self) -> Res<Attribute> {
        let start = self.start();
        self.bump();
        let name = self.attr_id()?;
        let payload = self.payload()?;
        self.expect(Token::Rbracket)?;
        Ok(Attribute { name, payload, loc: self.loc(start) })
    }

    pub(super) fn attribute(&mut self) -> Res<Attribute> {
        self.attribute_at()
    }

    /// `[@a] [@b]`
    pub(super) fn attributes(&mut self) -> Res<Attributes> {
        let mut attributes = Vec::new();
        while self.is(Token::Lbracketat) {
            attributes.push(self.attribute_at()?);
        }
        Ok(attributes)
    }

    /// `[@@a] [@@b]`, added to the attributes that came before.
    pub(super) fn post_item_attributes(&mut self, mut attributes: Attributes) -> Res<Attributes> {
        while self.is(Token::Lbracketatat) {
            attributes.push(self.attribute_at()?);
        }
        Ok(attributes)
    }

    /// `[@@@a]`
    pub(super) fn floating_attribute(&mut self) -> Res<Attribute> {
        let start = self.start();
        let attribute = self.attribute_at()?;
        self.docs.mark(start.cnum, self.prev_end.cnum);
        Ok(attribute)
    }

    /// `%ext` after a keyword.
    pub(super) fn ext(&mut self) -> Res<Option<Loc<Name>>> {
        if self.eat(Token::Percent) { Ok(Some(self.attr_id()?)) } else { Ok(None) }
    }

    pub(super) fn ext_attributes(&mut self) -> Res<ExtAttributes> {
        let ext = self.ext()?;
        Ok((ext, self.attributes()?))
    }

    /// `[%id …]` or `{%id|…|}`; likewise with two percent signs.
    pub(super) fn extension(&mut self) -> Res<Extension> {
        let start = self.start();
        match self.token() {
            Token::QuotedStringExpr(index) | Token::QuotedStringItem(index) => {
                self.bump();
                Ok(self.quoted_extension(start, index))
            }
            Token::Lbracketpercent | Token::Lbracketpercentpercent => {
                self.bump();
                let name = self.attr_id()?;
                let payload = self.payload()?;
                self.expect(Token::Rbracket)?;
                Ok(Extension { name, payload })
            }
            _ => self.error(),
        }
    }

    fn quoted_extension(&self, start: Position, index: u32) -> Extension {
        let quoted = &self.lexed.quoted[index as usize];
        let (contents, loc, delimiter) = quoted.string.clone();
        let desc = ConstantDesc::String(contents, loc, delimiter);
        let e = self.ghexp(start, ExpressionDesc::Constant(Constant { desc, loc }));
        let payload = Payload::Str(vec![mkstrexp(e, Vec::new())]);
        Extension { name: Loc::new(quoted.id, quoted.id_loc), payload }
    }

    // -- Docstrings -----------------------------------------------------------------------------

    pub(super) fn symbol_docs(&mut self, start: Position) -> Docs {
        self.docs.docs(start.cnum, self.prev_end.cnum)
    }

    /// Adds the docstrings of the item from `start` to here.
    pub(super) fn with_docs(&mut self, start: Position, mut attributes: Attributes) -> Attributes {
        if !self.docs.is_empty() {
            let docs = self.symbol_docs(start);
            self.docs.add_docs(docs, &mut attributes);
        }
        attributes
    }

    /// Adds the docstrings that float before a later item of a group.
    pub(super) fn with_text(&mut self, start: Position, mut attributes: Attributes) -> Attributes {
        if !self.docs.is_empty() {
            let texts = self.docs.text(start.cnum);
            let texts = self.docs.text_attributes(&texts);
            attributes.splice(0..0, texts);
        }
        attributes
    }

    /// Adds the docstring after a field or constructor that ends here.
    pub(super) fn with_info(&mut self, mut attributes: Attributes) -> Attributes {
        if !self.docs.is_empty() {
            let info = self.docs.info(self.prev_end.cnum);
            self.docs.add_info(info, &mut attributes);
        }
        attributes
    }

    /// The same for a field that ends with a semicolon, before which the docstring may stand.
    pub(super) fn with_info_before_semi(&mut self, before: Position, mut attributes: Attributes) -> Attributes {
        if !self.docs.is_empty() {
            let info = self.docs.info(before.cnum).or_else(|| self.docs.info(self.prev_end.cnum));
            self.docs.add_info(info, &mut attributes);
        }
        attributes
    }

    /// Floating docstrings before an item.
    pub(super) fn text_before(&mut self, start: Position) -> Vec<Attribute> {
        if self.docs.is_empty() {
            return Vec::new();
        }
        let texts = self.docs.text(start.cnum);
        self.docs.text_attributes(&texts)
    }

    /// Docstrings around the items of a structure or the like, as items made by `item`.
    pub(super) fn extra_text<T>(&mut self, start: Position, items: Vec<T>, item: impl Fn(Attribute) -> T) -> Vec<T> {
        if self.docs.is_empty() {
            return items;
        }
        let end = self.prev_end.cnum;
        let before = if items.is_empty() { self.docs.post_text(end) } else { self.docs.pre_extra_text(start.cnum) };
        let after = self.docs.post_extra_text(end);
        let before = self.docs.text_attributes(&before);
        let after = self.docs.text_attributes(&after);
        before.into_iter().map(&item).chain(items).chain(after.into_iter().map(&item)).collect()
    }
}
