//! Signatures and their items.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::module_type;
use super::declarations::TypeItem;
use super::structure::WithExt;
use super::{Parser, Res};
use crate::ast::*;
use crate::token::Token;

fn text_item(attribute: Attribute) -> SignatureItem {
    let loc = attribute.loc;
    SignatureItem { desc: SignatureItemDesc::Attribute(Box::new(attribute)), loc }
}

impl Parser {
    pub(super) fn signature(&mut self) -> Res<Signature> {
        self.within_module(Parser::signature_items)
    }

    fn signature_items(&mut self) -> Res<Signature> {
        let start = self.start();
        let mut items = Vec::new();
        loop {
            let item_start = self.start();
            if self.is(Token::Semisemi) {
                self.bump();
                items.extend(self.text_before(item_start).into_iter().map(text_item));
            } else if self.at_signature_item() {
                let item = self.signature_item()?;
                items.extend(self.text_before(item_start).into_iter().map(text_item));
                items.push(item);
            } else {
                break;
            }
        }
        Ok(self.extra_text(start, items, text_item))
    }

    pub(super) fn at_signature_item(&self) -> bool {
        self.at_structure_item() && !self.is(Token::Let)
    }

    fn signature_item(&mut self) -> Res<SignatureItem> {
        let start = self.start();
        let (desc, ext) = match self.token() {
            Token::Lbracketpercentpercent | Token::QuotedStringItem(_) => {
                let extension = Box::new(self.extension()?);
                let attributes = self.post_item_attributes(Vec::new())?;
                let attributes = self.with_docs(start, attributes);
                let desc = SignatureItemDesc::Extension(extension, attributes);
                return Ok(SignatureItem { desc, loc: self.loc(start) });
            }
            Token::Lbracketatatat => {
                let attribute = Box::new(self.floating_attribute()?);
                return Ok(SignatureItem { desc: SignatureItemDesc::Attribute(attribute), loc: self.loc(start) });
            }
            Token::External | Token::Val => {
                let (value, ext) = self.value_or_primitive()?;
                (SignatureItemDesc::Value(Box::new(value)), ext)
            }
            Token::Type => match self.type_declarations(true)? {
                (TypeItem::Extension(extension), ext) => (SignatureItemDesc::TypExt(Box::new(extension)), ext),
                (TypeItem::Declarations(flag, types), ext) => (SignatureItemDesc::Type(flag, types), ext),
                (TypeItem::Substitutions(types), ext) => (SignatureItemDesc::TypeSubst(types), ext),
            },
            Token::Exception => {
                let (exception, ext) = self.exception_declaration(false)?;
                (SignatureItemDesc::Exception(Box::new(exception)), ext)
            }
            Token::Module => self.module_sig_item()?,
            Token::Open => {
                let (open, ext) = self.open_statement(Parser::mod_ext_longident)?;
                (SignatureItemDesc::Open(Box::new(open)), ext)
            }
            Token::Include => {
                let (include, ext) = self.include_statement(Parser::module_type)?;
                (SignatureItemDesc::Include(Box::new(include)), ext)
            }
            Token::Class => self.class_sig_item()?,
            _ => return self.error(),
        };
        Ok(self.wrap_sig_ext(start, desc, ext))
    }

    /// `module …` in a signature.
    fn module_sig_item(&mut self) -> Res<WithExt<SignatureItemDesc>> {
        let start = self.start();
        self.bump();
        if self.is(Token::Type) {
            let (declaration, ext, is_subst) = self.module_type_declaration(start, true)?;
            let declaration = Box::new(declaration);
            let desc = if is_subst {
                SignatureItemDesc::ModTypeSubst(declaration)
            } else {
                SignatureItemDesc::ModType(declaration)
            };
            return Ok((desc, ext));
        }
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        if self.eat(Token::Rec) {
            return Ok((self.rec_module_declarations(start, attributes)?, ext));
        }
        let name = self.module_name()?;
        if self.is(Token::Colonequal)
            && let Some(subst) = name.txt
        {
            return Ok((self.module_subst(start, attributes, Loc::new(subst, name.loc))?, ext));
        }
        let type_ = if self.is(Token::Equal) { self.module_alias()? } else { self.module_declaration_body()? };
        let declaration = self.module_declaration(start, attributes, name, type_, false)?;
        Ok((SignatureItemDesc::Module(Box::new(declaration)), ext))
    }

    /// `= M`
    fn module_alias(&mut self) -> Res<ModuleType> {
        let equal: Location = self.bump_loc();
        if !matches!(self.token(), Token::Uident(_)) {
            return match self.lex_error() {
                Some(error) => Err(error),
                None => self.error_at(equal, crate::error::ParseError::Expecting(":")),
            };
        }
        let path = self.closed_mod_longident()?;
        let loc = path.loc;
        Ok(module_type(ModuleTypeDesc::Alias(path), loc))
    }

    /// `: MT`, or parameters first.
    fn module_declaration_body(&mut self) -> Res<ModuleType> {
        let start = self.start();
        match self.token() {
            Token::Colon => {
                self.bump();
                self.module_type()
            }
            Token::Equal => {
                let loc = self.bump_loc();
                self.error_at(loc, crate::error::ParseError::Expecting(":"))
            }
            Token::Lparen => {
                self.bump();
                let parameter = if self.eat(Token::Rparen) {
                    FunctorParameter::Unit
                } else {
                    let name = self.module_name()?;
                    self.expect(Token::Colon)?;
                    let typ = self.module_type()?;
                    self.expect(Token::Rparen)?;
                    FunctorParameter::Named(name, typ)
                };
                let body = Box::new(self.module_declaration_body()?);
                Ok(self.mkmty(start, ModuleTypeDesc::Functor(Box::new(parameter), body)))
            }
            _ => self.error(),
        }
    }

    fn module_declaration(
        &mut self,
        start: Position,
        attributes: Attributes,
        name: Loc<Option<Name>>,
        type_: ModuleType,
        is_and: bool,
    ) -> Res<ModuleDeclaration> {
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let mut attributes = self.with_docs(start, attributes);
        if is_and {
            attributes = self.with_text(start, attributes);
        }
        Ok(ModuleDeclaration { name, type_, attributes, loc })
    }

    fn module_subst(&mut self, start: Position, attributes: Attributes, name: Loc<Name>) -> Res<SignatureItemDesc> {
        self.bump();
        if !matches!(self.token(), Token::Uident(_)) {
            return self.expecting("module path");
        }
        let manifest = self.mod_ext_longident()?;
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok(SignatureItemDesc::ModSubst(Box::new(ModuleSubstitution { name, manifest, attributes, loc })))
    }

    fn rec_module_declarations(&mut self, start: Position, attributes: Attributes) -> Res<SignatureItemDesc> {
        let (mut start, mut attributes) = (start, attributes);
        let mut declarations = Vec::new();
        loop {
            let name = self.module_name()?;
            self.expect(Token::Colon)?;
            let type_ = self.module_type()?;
            let is_and = !declarations.is_empty();
            declarations.push(self.module_declaration(start, attributes, name, type_, is_and)?);
            if !self.is(Token::And) {
                return Ok(SignatureItemDesc::RecModule(declarations));
            }
            start = self.start();
            self.bump();
            attributes = self.attributes()?;
        }
    }
}
