//! Simple patterns: what can be a parameter without parentheses.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::{last_name, mkpatvar, mktailpat};
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::ClosedFlag;
use crate::error::ParseError;
use crate::longident::Longident;
use crate::token::Token;

pub(super) fn starts_simple_pattern(token: Token) -> bool {
    matches!(
        token,
        Token::Lident(_)
            | Token::Uident(_)
            | Token::Lparen
            | Token::Underscore
            | Token::Int(..)
            | Token::Char(_)
            | Token::String(_)
            | Token::Float(..)
            | Token::Minus
            | Token::Plus
            | Token::True
            | Token::False
            | Token::Lbracket
            | Token::Lbracketbar
            | Token::Lbrace
            | Token::Backquote
            | Token::Hash
            | Token::Lbracketpercent
            | Token::QuotedStringExpr(_)
    )
}

impl Parser {
    pub(super) fn at_simple_pattern(&self) -> bool {
        starts_simple_pattern(self.token())
    }

    /// Whether a constructor stands here: a name, or one of those made of brackets.
    pub(super) fn at_constructor(&self) -> bool {
        match self.token() {
            Token::Uident(_) | Token::True | Token::False => true,
            Token::Lparen => self.peek(1) == Token::Rparen || self.at_parenthesized_cons(0),
            Token::Lbracket => self.peek(1) == Token::Rbracket,
            _ => false,
        }
    }

    pub(super) fn simple_pattern(&mut self) -> Res<Pattern> {
        self.check_depth()?;
        let first = self.at;
        let p = self.simple_pattern_inner()?;
        self.last_simple_pattern = (first, self.at);
        Ok(p)
    }

    fn simple_pattern_inner(&mut self) -> Res<Pattern> {
        let start = self.start();
        if self.at_constructor() {
            let name = self.constr_longident()?;
            if self.is(Token::Dot) {
                return self.open_pattern(start, name);
            }
            return Ok(self.mkpat(start, PatternDesc::Construct(name, None)));
        }
        if self.at_val_ident() {
            let name = self.val_ident_loc()?;
            return Ok(self.mkpat(start, PatternDesc::Var(name)));
        }
        match self.token() {
            Token::Underscore => {
                self.bump();
                Ok(self.mkpat(start, PatternDesc::Any))
            }
            Token::Int(..) | Token::Char(_) | Token::String(_) | Token::Float(..) | Token::Minus | Token::Plus => {
                let constant = self.signed_constant()?;
                if !self.eat(Token::Dotdot) {
                    return Ok(self.mkpat(start, PatternDesc::Constant(constant)));
                }
                let last = Box::new(self.signed_constant()?);
                Ok(self.mkpat(start, PatternDesc::Interval(Box::new(constant), last)))
            }
            Token::Backquote => {
                let tag = self.name_tag()?;
                Ok(self.mkpat(start, PatternDesc::Variant(tag, None)))
            }
            Token::Hash => {
                self.bump();
                let name = self.type_longident()?;
                Ok(self.mkpat(start, PatternDesc::Type(name)))
            }
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                Ok(self.mkpat(start, PatternDesc::Extension(extension)))
            }
            Token::Lbrace | Token::Lbracket | Token::Lbracketbar => self.delimited_pattern(),
            Token::Lparen => self.paren_pattern(),
            _ => self.error(),
        }
    }

    fn signed_constant(&mut self) -> Res<Constant> {
        let start = self.start();
        let negative = self.is(Token::Minus);
        if !negative && !self.is(Token::Plus) {
            return self.constant();
        }
        self.bump();
        if !matches!(self.token(), Token::Int(..) | Token::Float(..)) {
            return self.error();
        }
        let Constant { desc, .. } = self.constant()?;
        let sign = |digits: Name| if negative { Name::new(&format!("-{digits}")) } else { digits };
        let desc = match desc {
            ConstantDesc::Integer(digits, suffix) => ConstantDesc::Integer(sign(digits), suffix),
            ConstantDesc::Float(digits, suffix) => ConstantDesc::Float(sign(digits), suffix),
            other => other,
        };
        Ok(Constant { desc, loc: self.loc(start) })
    }

    /// `M.(P)`, `M.[P]`, …, at the dot.
    pub(super) fn open_pattern(&mut self, start: Position, path: Loc<Longident>) -> Res<Pattern> {
        self.bump();
        let inner = match self.token() {
            Token::Lbracket if self.peek(1) == Token::Rbracket => {
                let nil = self.constr_longident()?;
                // Upstream gives the constructor the place of the whole.
                self.mkpat(start, PatternDesc::Construct(nil, None))
            }
            Token::Lparen if self.peek(1) == Token::Rparen => {
                let unit = self.constr_longident()?;
                self.mkpat(start, PatternDesc::Construct(unit, None))
            }
            Token::Lbrace | Token::Lbracket | Token::Lbracketbar => self.delimited_pattern()?,
            Token::Lparen if self.at_parenthesized_cons(0) => {
                let name = self.parenthesized_cons();
                let name = self.dotted(start, path, name);
                return Ok(self.mkpat(start, PatternDesc::Construct(name, None)));
            }
            Token::Lparen => {
                let opening = self.bump_loc();
                if !starts_simple_pattern(self.token())
                    && !matches!(
                        self.token(),
                        Token::Lazy | Token::Exception | Token::Effect | Token::Label(_) | Token::Tilde
                    )
                {
                    return self.expecting("pattern");
                }
                let p = self.pattern()?;
                self.close(opening, "(", Token::Rparen)?;
                p
            }
            _ => return self.error(),
        };
        Ok(self.mkpat(start, PatternDesc::Open(path, Box::new(inner))))
    }

    /// `{…}`, `[…]`, `[|…|]`, not empty unless an array.
    fn delimited_pattern(&mut self) -> Res<Pattern> {
        let start = self.start();
        let token = self.token();
        let opening = self.bump_loc();
        let desc = match token {
            Token::Lbrace => {
                let (fields, closed) = self.record_pat_content()?;
                self.close(opening, "{", Token::Rbrace)?;
                PatternDesc::Record(fields, closed)
            }
            Token::Lbracket => {
                let elements = self.pattern_semi_list()?;
                let closing = self.here_loc();
                self.close(opening, "[", Token::Rbracket)?;
                mktailpat(closing, elements)
            }
            _ if self.eat(Token::Barrbracket) => PatternDesc::Array(Vec::new()),
            _ => {
                let elements = self.pattern_semi_list()?;
                self.close(opening, "[|", Token::Barrbracket)?;
                PatternDesc::Array(elements)
            }
        };
        Ok(self.mkpat(start, desc))
    }

    fn pattern_semi_list(&mut self) -> Res<Vec<Pattern>> {
        let mut elements = vec![self.pattern()?];
        while self.eat(Token::Semi) && !matches!(self.token(), Token::Rbracket | Token::Barrbracket) {
            elements.push(self.pattern()?);
        }
        Ok(elements)
    }

    fn record_pat_content(&mut self) -> Res<(Vec<(Loc<Longident>, Pattern)>, ClosedFlag)> {
        let mut fields = vec![self.record_pat_field()?];
        while self.eat(Token::Semi) {
            if self.eat(Token::Underscore) {
                self.eat(Token::Semi);
                return Ok((fields, ClosedFlag::Open));
            }
            if !matches!(self.token(), Token::Lident(_) | Token::Uident(_)) {
                break;
            }
            fields.push(self.record_pat_field()?);
        }
        Ok((fields, ClosedFlag::Closed))
    }

    fn record_pat_field(&mut self) -> Res<(Loc<Longident>, Pattern)> {
        let start = self.start();
        let mut label = self.label_longident()?;
        let constraint_start = self.start();
        let typ = if self.eat(Token::Colon) { Some(self.core_type()?) } else { None };
        let (constraint_start, p) = if self.eat(Token::Equal) {
            (constraint_start, self.pattern()?)
        } else {
            // The field stands for a variable of its name.
            let p = mkpatvar(last_name(&label.txt), label.loc);
            label.loc.ghost = true;
            (start, p)
        };
        let p = match typ {
            None => p,
            Some(typ) => self.mkpat(constraint_start, PatternDesc::Constraint(Box::new(p), Box::new(typ))),
        };
        Ok((label, p))
    }

    /// `(P)`, `(P : T)`, `(module M)`, `(module M : S)`.
    fn paren_pattern(&mut self) -> Res<Pattern> {
        let start = self.start();
        let opening = self.bump_loc();
        if self.is(Token::Module) {
            return self.unpack_pattern(start, opening);
        }
        let starts = starts_simple_pattern(self.token())
            || matches!(self.token(), Token::Lazy | Token::Exception | Token::Effect | Token::Label(_) | Token::Tilde);
        if !starts {
            self.at -= 1;
            self.val_extra_ident()?;
            return self.error();
        }
        let p = self.pattern()?;
        if self.eat(Token::Colon) {
            if !self.at_core_type() {
                return self.expecting("type");
            }
            let typ = Box::new(self.core_type()?);
            self.close(opening, "(", Token::Rparen)?;
            return Ok(self.mkpat(start, PatternDesc::Constraint(Box::new(p), typ)));
        }
        self.close(opening, "(", Token::Rparen)?;
        Ok(self.reloc_pat(start, p))
    }

    fn unpack_pattern(&mut self, start: Position, opening: Location) -> Res<Pattern> {
        self.bump();
        let follows = matches!(self.token(), Token::Uident(_) | Token::Underscore | Token::Percent | Token::Lbracketat);
        if !follows {
            return self.expecting("module-expr");
        }
        let ext = self.ext_attributes()?;
        let name_start = self.start();
        let name = self.module_name()?;
        if !self.is(Token::Colon) {
            self.expect(Token::Rparen)?;
            return Ok(self.mkpat_attrs(start, PatternDesc::Unpack(name), ext));
        }
        let unpack = Box::new(self.mkpat(name_start, PatternDesc::Unpack(name)));
        self.bump();
        let type_start = self.start();
        let package = Box::new(self.package_type()?);
        let typ = Box::new(self.mktyp(type_start, CoreTypeDesc::Package(package)));
        if !self.eat(Token::Rparen) {
            return self.error_with(ParseError::Unclosed(opening, "(", ")"));
        }
        Ok(self.mkpat_attrs(start, PatternDesc::Constraint(unpack, typ), ext))
    }
}
