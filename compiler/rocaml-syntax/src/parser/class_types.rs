//! Class types and class descriptions.

use rocaml_base::Position;

use super::structure::WithExt;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::{ArgLabel, MutableFlag, PrivateFlag, VirtualFlag};
use crate::token::Token;

fn text_item(attribute: Attribute) -> ClassTypeField {
    let loc = attribute.loc;
    ClassTypeField { desc: ClassTypeFieldDesc::Attribute(attribute), loc, attributes: Vec::new() }
}

fn virtual_flag(is_virtual: bool) -> VirtualFlag {
    if is_virtual { VirtualFlag::Virtual } else { VirtualFlag::Concrete }
}

impl Parser {
    fn mkcty(&self, start: Position, desc: ClassTypeDesc) -> ClassType {
        ClassType { desc, loc: self.loc(start), attributes: Vec::new() }
    }

    /// `class …` in a signature.
    pub(super) fn class_sig_item(&mut self) -> Res<WithExt<SignatureItemDesc>> {
        if self.peek(1) == Token::Type {
            let (types, ext) = self.class_type_declarations()?;
            return Ok((SignatureItemDesc::ClassType(types), ext));
        }
        let (classes, ext) = self.class_group(1, |parser| {
            parser.expect(Token::Colon)?;
            parser.class_type()
        })?;
        Ok((SignatureItemDesc::Class(classes), ext))
    }

    /// `class type …`
    pub(super) fn class_type_declarations(&mut self) -> Res<WithExt<Vec<ClassTypeDeclaration>>> {
        self.class_group(2, |parser| {
            parser.expect(Token::Equal)?;
            parser.class_signature()
        })
    }

    /// Whether an arrow follows the type that begins here, rather than a class type ending.
    fn class_arrow_follows(&mut self) -> bool {
        let may_be_class = matches!(
            self.token(),
            Token::Lident(_) | Token::Uident(_) | Token::Lbracket | Token::Lbracketpercent | Token::QuotedStringExpr(_)
        );
        if !may_be_class {
            return self.at_core_type();
        }
        // A class type is told from the domain of an arrow only by what follows it: try.
        let (at, prev_end) = (self.at, self.prev_end);
        let is_arrow = self.tuple_type().is_ok() && self.is(Token::Minusgreater);
        (self.at, self.prev_end) = (at, prev_end);
        is_arrow
    }

    pub(super) fn class_type(&mut self) -> Res<ClassType> {
        self.check_depth()?;
        let start = self.start();
        let label = if let Some(name) = self.optlabel()? {
            ArgLabel::Optional(name)
        } else if let (Token::Lident(name), Token::Colon) = (self.token(), self.peek(1)) {
            self.bump();
            self.bump();
            ArgLabel::Labelled(name)
        } else if matches!(self.token(), Token::Object | Token::Let) || !self.class_arrow_follows() {
            return self.class_signature();
        } else {
            ArgLabel::Nolabel
        };
        let domain = Box::new(self.tuple_type()?);
        self.expect(Token::Minusgreater)?;
        let codomain = Box::new(self.class_type()?);
        Ok(self.mkcty(start, ClassTypeDesc::Arrow(label, domain, codomain)))
    }

    fn class_signature(&mut self) -> Res<ClassType> {
        self.check_depth()?;
        let start = self.start();
        let mut typ = match self.token() {
            Token::Object => {
                let opening = self.bump_loc();
                let attributes = self.attributes()?;
                let signature = Box::new(self.class_sig_body()?);
                self.close(opening, "object", Token::End)?;
                ClassType { attributes, ..self.mkcty(start, ClassTypeDesc::Signature(signature)) }
            }
            Token::Let => {
                self.bump();
                if !self.is(Token::Open) {
                    return self.error();
                }
                let (open, attributes) = self.local_open()?;
                let body = Box::new(self.class_signature()?);
                ClassType { attributes, ..self.mkcty(start, ClassTypeDesc::Open(open, body)) }
            }
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                self.mkcty(start, ClassTypeDesc::Extension(extension))
            }
            _ => {
                let arguments = self.actual_class_parameters()?;
                let name = self.clty_longident()?;
                self.mkcty(start, ClassTypeDesc::Constr(name, arguments))
            }
        };
        while self.is(Token::Lbracketat) {
            typ.attributes.push(self.attribute()?);
        }
        Ok(typ)
    }

    fn class_sig_body(&mut self) -> Res<ClassSignature> {
        let self_ = if self.eat(Token::Lparen) {
            let typ = self.core_type()?;
            self.expect(Token::Rparen)?;
            typ
        } else {
            let loc = self.ghost_loc(self.prev_end);
            super::build::core_type(CoreTypeDesc::Any, loc, Vec::new())
        };
        let start = self.start();
        let mut fields = Vec::new();
        while self.at_class_field() && !self.is(Token::Initializer) {
            let field_start = self.start();
            let field = self.class_sig_field()?;
            fields.extend(self.text_before(field_start).into_iter().map(text_item));
            fields.push(field);
        }
        let fields = self.extra_text(start, fields, text_item);
        Ok(ClassSignature { self_, fields })
    }

    fn class_sig_field(&mut self) -> Res<ClassTypeField> {
        let start = self.start();
        let token = self.token();
        if token == Token::Lbracketatatat {
            let desc = ClassTypeFieldDesc::Attribute(self.floating_attribute()?);
            return Ok(ClassTypeField { desc, loc: self.loc(start), attributes: Vec::new() });
        }
        let (desc, attributes) = if matches!(token, Token::Lbracketpercentpercent | Token::QuotedStringItem(_)) {
            (ClassTypeFieldDesc::Extension(Box::new(self.extension()?)), Vec::new())
        } else {
            self.bump();
            let attributes = self.attributes()?;
            (self.class_sig_field_desc(token)?, attributes)
        };
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok(ClassTypeField { desc, loc, attributes })
    }

    /// After the keyword and its attributes.
    fn class_sig_field_desc(&mut self, keyword: Token) -> Res<ClassTypeFieldDesc> {
        match keyword {
            Token::Inherit => Ok(ClassTypeFieldDesc::Inherit(self.class_signature()?)),
            Token::Val => {
                let (is_virtual, is_mutable) = self.virtual_and(Token::Mutable);
                let mutable = if is_mutable { MutableFlag::Mutable } else { MutableFlag::Immutable };
                let label = self.lident_loc()?;
                self.expect(Token::Colon)?;
                let typ = self.core_type()?;
                Ok(ClassTypeFieldDesc::Val(label, mutable, virtual_flag(is_virtual), typ))
            }
            Token::Method => {
                let (is_virtual, is_private) = self.virtual_and(Token::Private);
                let private = if is_private { PrivateFlag::Private } else { PrivateFlag::Public };
                let label = self.lident_loc()?;
                self.expect(Token::Colon)?;
                let typ = self.poly_type()?;
                Ok(ClassTypeFieldDesc::Method(label, private, virtual_flag(is_virtual), typ))
            }
            _ => {
                let (left, right) = self.constrain_field()?;
                Ok(ClassTypeFieldDesc::Constraint(left, right))
            }
        }
    }
}
