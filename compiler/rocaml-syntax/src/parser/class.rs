//! Class definitions: class expressions and their fields.

use rocaml_base::{Loc, Name, Position};

use super::structure::WithExt;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::{ArgLabel, MutableFlag, OverrideFlag, PrivateFlag, VirtualFlag};
use crate::token::Token;

/// What stands before the body of a class.
pub(super) struct ClassHead {
    pub(super) virt: VirtualFlag,
    pub(super) params: Vec<TypeParam>,
    pub(super) name: Loc<Name>,
}

fn text_item(attribute: Attribute) -> ClassField {
    let loc = attribute.loc;
    ClassField { desc: ClassFieldDesc::Attribute(attribute), loc, attributes: Vec::new() }
}

impl Parser {
    fn mkclass(&self, start: Position, desc: ClassExprDesc) -> ClassExpr {
        ClassExpr { desc, loc: self.loc(start), attributes: Vec::new() }
    }

    /// `class …` in a structure.
    pub(super) fn class_item(&mut self) -> Res<WithExt<StructureItemDesc>> {
        if self.peek(1) == Token::Type {
            let (types, ext) = self.class_type_declarations()?;
            return Ok((StructureItemDesc::ClassType(types), ext));
        }
        let (classes, ext) = self.class_group(1, Parser::class_fun_binding)?;
        Ok((StructureItemDesc::Class(classes), ext))
    }

    /// A group of class definitions, descriptions or types, whose keyword takes `words` tokens.
    pub(super) fn class_group<T>(
        &mut self,
        words: usize,
        body: fn(&mut Parser) -> Res<T>,
    ) -> Res<WithExt<Vec<ClassInfos<T>>>> {
        let mut start = self.start();
        for _ in 0..words {
            self.bump();
        }
        let ext = self.ext()?;
        let mut classes: Vec<ClassInfos<T>> = Vec::new();
        loop {
            let attributes = self.attributes()?;
            let ClassHead { virt, params, name } = self.class_head()?;
            let expr = body(self)?;
            let attributes = self.post_item_attributes(attributes)?;
            let loc = self.loc(start);
            let mut attributes = self.with_docs(start, attributes);
            if !classes.is_empty() {
                attributes = self.with_text(start, attributes);
            }
            classes.push(ClassInfos { virt, params, name, expr, loc, attributes });
            if !self.is(Token::And) {
                return Ok((classes, ext));
            }
            start = self.start();
            self.bump();
        }
    }

    fn class_head(&mut self) -> Res<ClassHead> {
        let virt = if self.eat(Token::Virtual) { VirtualFlag::Virtual } else { VirtualFlag::Concrete };
        let mut params = Vec::new();
        if self.eat(Token::Lbracket) {
            params.push(self.type_parameter()?);
            while self.eat(Token::Comma) {
                params.push(self.type_parameter()?);
            }
            self.expect(Token::Rbracket)?;
        }
        let name = self.lident_loc()?;
        Ok(ClassHead { virt, params, name })
    }

    fn class_fun_binding(&mut self) -> Res<ClassExpr> {
        self.check_depth()?;
        let start = self.start();
        if self.eat(Token::Equal) {
            return self.class_expr();
        }
        if self.eat(Token::Colon) {
            let typ = Box::new(self.class_type()?);
            self.expect(Token::Equal)?;
            let class = Box::new(self.class_expr()?);
            return Ok(self.mkclass(start, ClassExprDesc::Constraint(class, typ)));
        }
        let (label, default, pattern) = self.labeled_simple_pattern()?;
        let body = Box::new(self.class_fun_binding()?);
        Ok(self.mkclass(start, ClassExprDesc::Fun(label, default.map(Box::new), Box::new(pattern), body)))
    }

    // -- Class expressions ----------------------------------------------------------------------

    fn class_expr(&mut self) -> Res<ClassExpr> {
        self.check_depth()?;
        let start = self.start();
        let mut class = match self.token() {
            Token::Fun => {
                self.bump();
                let attributes = self.attributes()?;
                let mut class = self.class_fun_def()?;
                class.attributes.splice(0..0, attributes);
                class
            }
            Token::Let if self.peek(1) == Token::Open => {
                self.bump();
                let (open, attributes) = self.local_open()?;
                let body = Box::new(self.class_expr()?);
                ClassExpr { attributes, ..self.mkclass(start, ClassExprDesc::Open(open, body)) }
            }
            Token::Let => {
                let bindings = self.let_bindings(false)?;
                self.expect(Token::In)?;
                let body = Box::new(self.class_expr()?);
                let values = bindings.bindings.into_iter().map(super::bindings::LetBinding::without_docs);
                let desc = ClassExprDesc::Let(bindings.rec_flag, values.collect(), body);
                self.mkclass(start, desc)
            }
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                self.mkclass(start, ClassExprDesc::Extension(extension))
            }
            _ => self.class_application()?,
        };
        while self.is(Token::Lbracketat) {
            class.attributes.push(self.attribute()?);
        }
        Ok(class)
    }

    /// `open M in`, after `let`, with the attributes that belong to the whole.
    pub(super) fn local_open(&mut self) -> Res<(Box<OpenDescription>, Attributes)> {
        let start = self.start();
        self.bump();
        let override_ = self.override_flag();
        let attributes = self.attributes()?;
        let expr = self.closed_mod_longident()?;
        let loc = self.loc(start);
        self.expect(Token::In)?;
        Ok((Box::new(OpenInfos { expr, override_, loc, attributes: Vec::new() }), attributes))
    }

    fn class_fun_def(&mut self) -> Res<ClassExpr> {
        let start = self.start();
        let (label, default, pattern) = self.labeled_simple_pattern()?;
        let body = if self.eat(Token::Minusgreater) { self.class_expr()? } else { self.class_fun_def()? };
        let desc = ClassExprDesc::Fun(label, default.map(Box::new), Box::new(pattern), Box::new(body));
        Ok(self.mkclass(start, desc))
    }

    fn class_application(&mut self) -> Res<ClassExpr> {
        let start = self.start();
        let class = self.class_simple_expr()?;
        let mut arguments = Vec::new();
        loop {
            match self.token() {
                Token::Label(_) | Token::Tilde => arguments.push(self.labelled_argument()?),
                Token::Question => {
                    self.bump();
                    let name = self.lident_loc()?;
                    let variable = super::build::mkexpvar(name.txt, name.loc);
                    arguments.push((ArgLabel::Optional(name.txt), variable));
                }
                Token::Optlabel(name) => {
                    self.bump();
                    arguments.push((ArgLabel::Optional(name), self.simple_expr()?));
                }
                // A bracket with a percent sign begins an extension, which is an expression too.
                _ if self.at_simple_expr() => arguments.push((ArgLabel::Nolabel, self.simple_expr()?)),
                _ => break,
            }
        }
        if arguments.is_empty() {
            return Ok(class);
        }
        Ok(self.mkclass(start, ClassExprDesc::Apply(Box::new(class), arguments)))
    }

    fn class_simple_expr(&mut self) -> Res<ClassExpr> {
        let start = self.start();
        match self.token() {
            Token::Lparen => {
                let opening = self.bump_loc();
                let class = self.class_expr()?;
                if self.eat(Token::Colon) {
                    let typ = Box::new(self.class_type()?);
                    self.close(opening, "(", Token::Rparen)?;
                    return Ok(self.mkclass(start, ClassExprDesc::Constraint(Box::new(class), typ)));
                }
                self.close(opening, "(", Token::Rparen)?;
                Ok(class)
            }
            Token::Object => {
                let opening = self.bump_loc();
                let attributes = self.attributes()?;
                let structure = Box::new(self.class_structure()?);
                self.close(opening, "object", Token::End)?;
                Ok(ClassExpr { attributes, ..self.mkclass(start, ClassExprDesc::Structure(structure)) })
            }
            _ => {
                let arguments = self.actual_class_parameters()?;
                let name = self.class_longident()?;
                Ok(self.mkclass(start, ClassExprDesc::Constr(name, arguments)))
            }
        }
    }

    pub(super) fn actual_class_parameters(&mut self) -> Res<Vec<CoreType>> {
        let mut types = Vec::new();
        if self.eat(Token::Lbracket) {
            types.push(self.core_type()?);
            while self.eat(Token::Comma) {
                types.push(self.core_type()?);
            }
            self.expect(Token::Rbracket)?;
        }
        Ok(types)
    }

    // -- Structures of classes ------------------------------------------------------------------

    pub(super) fn class_structure(&mut self) -> Res<ClassStructure> {
        let self_ = self.class_self_pattern()?;
        let start = self.start();
        let mut fields = Vec::new();
        while self.at_class_field() {
            let field_start = self.start();
            let field = self.class_field()?;
            fields.extend(self.text_before(field_start).into_iter().map(text_item));
            fields.push(field);
        }
        let fields = self.extra_text(start, fields, text_item);
        Ok(ClassStructure { self_, fields })
    }

    fn class_self_pattern(&mut self) -> Res<Pattern> {
        let start = self.start();
        if !self.eat(Token::Lparen) {
            let loc = self.ghost_loc(self.prev_end);
            return Ok(super::build::pattern(PatternDesc::Any, loc, Vec::new()));
        }
        let pattern = self.pattern()?;
        if self.eat(Token::Colon) {
            let typ = Box::new(self.core_type()?);
            self.expect(Token::Rparen)?;
            return Ok(self.mkpat(start, PatternDesc::Constraint(Box::new(pattern), typ)));
        }
        self.expect(Token::Rparen)?;
        Ok(self.reloc_pat(start, pattern))
    }

    pub(super) fn at_class_field(&self) -> bool {
        matches!(
            self.token(),
            Token::Inherit
                | Token::Val
                | Token::Method
                | Token::Constraint
                | Token::Initializer
                | Token::Lbracketpercentpercent
                | Token::QuotedStringItem(_)
                | Token::Lbracketatatat
        )
    }

    fn class_field(&mut self) -> Res<ClassField> {
        let start = self.start();
        let (desc, attributes) = match self.token() {
            Token::Lbracketatatat => {
                let desc = ClassFieldDesc::Attribute(self.floating_attribute()?);
                return Ok(ClassField { desc, loc: self.loc(start), attributes: Vec::new() });
            }
            Token::Lbracketpercentpercent | Token::QuotedStringItem(_) => {
                (ClassFieldDesc::Extension(Box::new(self.extension()?)), Vec::new())
            }
            Token::Inherit => {
                self.bump();
                let flag = self.override_flag();
                let attributes = self.attributes()?;
                let class = self.class_expr()?;
                let name = if self.eat(Token::As) { Some(self.lident_loc()?) } else { None };
                (ClassFieldDesc::Inherit(flag, class, name), attributes)
            }
            Token::Val => {
                self.bump();
                self.value_field()?
            }
            Token::Method => {
                self.bump();
                self.method_field()?
            }
            Token::Constraint => {
                self.bump();
                let attributes = self.attributes()?;
                let (left, right) = self.constrain_field()?;
                (ClassFieldDesc::Constraint(left, right), attributes)
            }
            _ => {
                self.bump();
                let attributes = self.attributes()?;
                (ClassFieldDesc::Initializer(self.seq_expr()?), attributes)
            }
        };
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok(ClassField { desc, loc, attributes })
    }

    /// Takes `virtual` and another word in either order; tells which were there.
    pub(super) fn virtual_and(&mut self, word: Token) -> (bool, bool) {
        let (mut is_virtual, mut has_word) = (false, false);
        loop {
            if !is_virtual && self.eat(Token::Virtual) {
                is_virtual = true;
            } else if !has_word && self.eat(word) {
                has_word = true;
            } else {
                return (is_virtual, has_word);
            }
        }
    }

    /// After `val`.
    fn value_field(&mut self) -> Res<(ClassFieldDesc, Attributes)> {
        let start = self.start();
        let override_ = self.override_flag();
        let attributes = self.attributes()?;
        let virtual_at = self.here_loc();
        let (is_virtual, is_mutable) = self.virtual_and(Token::Mutable);
        let mutable = if is_mutable { MutableFlag::Mutable } else { MutableFlag::Immutable };
        if is_virtual && override_ == OverrideFlag::Override {
            return self.error_at(virtual_at, crate::error::ParseError::Other);
        }
        let label = self.lident_loc()?;
        if is_virtual {
            self.expect(Token::Colon)?;
            let typ = self.core_type()?;
            return Ok((ClassFieldDesc::Val(label, mutable, ClassFieldKind::Virtual(typ)), attributes));
        }
        let constraint = self.opt_type_constraint()?;
        self.expect(Token::Equal)?;
        let mut e = self.seq_expr()?;
        if let Some(constraint) = constraint {
            e = self.mkexp(start, super::build::desc_constraint(e, constraint));
        }
        Ok((ClassFieldDesc::Val(label, mutable, ClassFieldKind::Concrete(override_, e)), attributes))
    }

    /// After `method`.
    fn method_field(&mut self) -> Res<(ClassFieldDesc, Attributes)> {
        let start = self.start();
        let override_ = self.override_flag();
        let attributes = self.attributes()?;
        let virtual_at = self.here_loc();
        let (is_virtual, is_private) = self.virtual_and(Token::Private);
        let private = if is_private { PrivateFlag::Private } else { PrivateFlag::Public };
        if is_virtual && override_ == OverrideFlag::Override {
            return self.error_at(virtual_at, crate::error::ParseError::Other);
        }
        let label = self.lident_loc()?;
        if is_virtual {
            self.expect(Token::Colon)?;
            let typ = self.poly_type()?;
            return Ok((ClassFieldDesc::Method(label, private, ClassFieldKind::Virtual(typ)), attributes));
        }
        let body = self.method_body(start)?;
        Ok((ClassFieldDesc::Method(label, private, ClassFieldKind::Concrete(override_, body)), attributes))
    }

    fn method_body(&mut self, start: Position) -> Res<Expression> {
        if !self.is(Token::Colon) {
            let e = self.strict_binding()?;
            let loc = e.loc.ghost();
            return Ok(super::build::expression(ExpressionDesc::Poly(Box::new(e), None), loc, Vec::new()));
        }
        self.bump();
        if self.eat(Token::Type) {
            let type_start = self.start();
            let names = self.lident_list()?;
            self.expect(Token::Dot)?;
            let typ = self.core_type()?;
            self.expect(Token::Equal)?;
            let e = self.seq_expr()?;
            let (e, poly) = self.wrap_type_annotation(start, names, typ, e)?;
            return Ok(self.ghexp(type_start, ExpressionDesc::Poly(Box::new(e), Some(Box::new(poly)))));
        }
        let type_start = self.start();
        let typ = Box::new(self.poly_type()?);
        self.expect(Token::Equal)?;
        let e = Box::new(self.seq_expr()?);
        Ok(self.ghexp(type_start, ExpressionDesc::Poly(e, Some(typ))))
    }
}
