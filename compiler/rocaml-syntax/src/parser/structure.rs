//! Structures: their items, and what structures and signatures share.

use rocaml_base::{Loc, Name, Position};

use super::build::mkstrexp;
use super::{Parser, Res};
use crate::ast::*;
use crate::token::Token;

/// An item with the extension after its keyword.
pub(super) type WithExt<T> = (T, Option<Loc<Name>>);

pub(super) fn text_item(attribute: Attribute) -> StructureItem {
    let loc = attribute.loc;
    StructureItem { desc: StructureItemDesc::Attribute(Box::new(attribute)), loc }
}

impl Parser {
    pub(super) fn structure(&mut self) -> Res<Structure> {
        self.within_module(Parser::structure_items)
    }

    fn structure_items(&mut self) -> Res<Structure> {
        let start = self.start();
        let mut items = Vec::new();
        self.standalone_expression(&mut items)?;
        loop {
            let item_start = self.start();
            if self.is(Token::Semisemi) {
                self.bump();
                items.extend(self.text_before(item_start).into_iter().map(text_item));
                self.standalone_expression(&mut items)?;
            } else if self.at_structure_item() {
                let item = self.structure_item()?;
                items.extend(self.text_before(item_start).into_iter().map(text_item));
                items.push(item);
            } else {
                break;
            }
        }
        Ok(self.extra_text(start, items, text_item))
    }

    /// An expression as an item, where one may stand: at the beginning and after `;;`.
    fn standalone_expression(&mut self, items: &mut Structure) -> Res<()> {
        if !self.at_expr() {
            return Ok(());
        }
        let start = self.start();
        let item = self.str_exp_or_let()?;
        let is_expression = matches!(item.desc, StructureItemDesc::Eval(..));
        items.extend(self.text_before(start).into_iter().map(text_item));
        items.push(item);
        if is_expression {
            self.docs.mark(start.cnum, self.prev_end.cnum);
        }
        Ok(())
    }

    /// An expression, or the bindings that it turns out to be.
    pub(super) fn str_exp_or_let(&mut self) -> Res<StructureItem> {
        let start = self.start();
        let is_bindings =
            self.is(Token::Let) && !matches!(self.peek(1), Token::Module | Token::Exception | Token::Open);
        let e = if is_bindings {
            let bindings = self.let_bindings(true)?;
            if !self.is(Token::In) {
                return Ok(self.val_of_let_bindings(start, bindings));
            }
            self.let_in(start, bindings)?
        } else {
            self.seq_expr()?
        };
        let attributes = self.post_item_attributes(Vec::new())?;
        Ok(mkstrexp(e, attributes))
    }

    pub(super) fn at_structure_item(&self) -> bool {
        matches!(
            self.token(),
            Token::Let
                | Token::External
                | Token::Val
                | Token::Type
                | Token::Exception
                | Token::Module
                | Token::Open
                | Token::Class
                | Token::Include
                | Token::Lbracketatatat
                | Token::Lbracketpercentpercent
                | Token::QuotedStringItem(_)
        )
    }

    pub(super) fn structure_item(&mut self) -> Res<StructureItem> {
        let start = self.start();
        let (desc, ext) = match self.token() {
            Token::Let => {
                let bindings = self.let_bindings(true)?;
                return Ok(self.val_of_let_bindings(start, bindings));
            }
            Token::Lbracketpercentpercent | Token::QuotedStringItem(_) => {
                let extension = Box::new(self.extension()?);
                let attributes = self.post_item_attributes(Vec::new())?;
                let attributes = self.with_docs(start, attributes);
                let desc = StructureItemDesc::Extension(extension, attributes);
                return Ok(StructureItem { desc, loc: self.loc(start) });
            }
            Token::Lbracketatatat => {
                let attribute = Box::new(self.floating_attribute()?);
                return Ok(StructureItem { desc: StructureItemDesc::Attribute(attribute), loc: self.loc(start) });
            }
            Token::External | Token::Val => {
                let (value, ext) = self.value_or_primitive()?;
                (StructureItemDesc::Primitive(Box::new(value)), ext)
            }
            Token::Type => match self.type_declarations(false)? {
                (super::declarations::TypeItem::Extension(extension), ext) => {
                    (StructureItemDesc::TypExt(Box::new(extension)), ext)
                }
                (super::declarations::TypeItem::Declarations(rec_flag, types), ext) => {
                    (StructureItemDesc::Type(rec_flag, types), ext)
                }
                (super::declarations::TypeItem::Substitutions(_), _) => return self.error(),
            },
            Token::Exception => {
                let (exception, ext) = self.exception_declaration(true)?;
                (StructureItemDesc::Exception(Box::new(exception)), ext)
            }
            Token::Module => self.module_item()?,
            Token::Open => {
                let (open, ext) = self.open_statement(Parser::module_expr)?;
                (StructureItemDesc::Open(Box::new(open)), ext)
            }
            Token::Include => {
                let (include, ext) = self.include_statement(Parser::module_expr)?;
                (StructureItemDesc::Include(Box::new(include)), ext)
            }
            Token::Class => self.class_item()?,
            _ => return self.error(),
        };
        Ok(self.wrap_str_ext(start, desc, ext))
    }

    /// `module …`: a binding, recursive bindings, or a module type.
    fn module_item(&mut self) -> Res<WithExt<StructureItemDesc>> {
        let start = self.start();
        self.bump();
        if self.is(Token::Type) {
            let (declaration, ext, _) = self.module_type_declaration(start, false)?;
            return Ok((StructureItemDesc::ModType(Box::new(declaration)), ext));
        }
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        if !self.eat(Token::Rec) {
            let binding = self.module_binding(start, attributes, false)?;
            return Ok((StructureItemDesc::Module(Box::new(binding)), ext));
        }
        let mut bindings = vec![self.module_binding(start, attributes, false)?];
        while self.is(Token::And) {
            let start = self.start();
            self.bump();
            let attributes = self.attributes()?;
            bindings.push(self.module_binding(start, attributes, true)?);
        }
        Ok((StructureItemDesc::RecModule(bindings), ext))
    }

    fn module_binding(&mut self, start: Position, attributes: Attributes, is_and: bool) -> Res<ModuleBinding> {
        let name = self.module_name()?;
        let expr = self.module_binding_body()?;
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let mut attributes = self.with_docs(start, attributes);
        if is_and {
            attributes = self.with_text(start, attributes);
        }
        Ok(ModuleBinding { name, expr, attributes, loc })
    }

    // -- Shared with signatures -----------------------------------------------------------------

    /// `module type S = MT`, at `type`; in signatures also `:= MT`, which the flag tells.
    pub(super) fn module_type_declaration(
        &mut self,
        start: Position,
        allows_subst: bool,
    ) -> Res<(ModuleTypeDeclaration, Option<Loc<Name>>, bool)> {
        self.bump();
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        let name = self.ident_loc()?;
        let is_subst = allows_subst && self.is(Token::Colonequal);
        let type_ = if is_subst || self.is(Token::Equal) {
            self.bump();
            Some(self.module_type()?)
        } else {
            None
        };
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok((ModuleTypeDeclaration { name, type_, attributes, loc }, ext, is_subst))
    }

    pub(super) fn open_statement<T>(&mut self, parse: fn(&mut Parser) -> Res<T>) -> Res<WithExt<OpenInfos<T>>> {
        let start = self.start();
        self.bump();
        let override_ = self.override_flag();
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        let expr = parse(self)?;
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok((OpenInfos { expr, override_, loc, attributes }, ext))
    }

    pub(super) fn include_statement<T>(&mut self, parse: fn(&mut Parser) -> Res<T>) -> Res<WithExt<IncludeInfos<T>>> {
        let start = self.start();
        self.bump();
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        let mod_ = parse(self)?;
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok((IncludeInfos { mod_, loc, attributes }, ext))
    }
}
