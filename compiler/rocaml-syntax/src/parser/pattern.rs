//! Patterns: alternatives, tuples, aliases, by precedence climbing.

use rocaml_base::{Loc, Name, Position};

use super::build::{constructor, mkpatvar, pattern};
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::ClosedFlag;
use crate::token::Token;

/// Levels of precedence, from the loosest to the tightest.
mod level {
    pub const ALIAS: u8 = 0;
    pub const OR: u8 = 1;
    pub const COMMA: u8 = 2;
    pub const ATTRIBUTE: u8 = 3;
    pub const CONS: u8 = 4;
}

fn continuation(token: Token) -> Option<u8> {
    Some(match token {
        Token::As => level::ALIAS,
        Token::Bar => level::OR,
        Token::Comma => level::COMMA,
        Token::Lbracketat => level::ATTRIBUTE,
        Token::Coloncolon => level::CONS,
        _ => return None,
    })
}

type Component = (Option<Name>, Pattern);

impl Parser {
    pub(super) fn pattern(&mut self) -> Res<Pattern> {
        self.pattern_level(level::ALIAS)
    }

    /// A pattern that does not begin with `exception` or `effect`.
    pub(super) fn pattern_no_exn(&mut self) -> Res<Pattern> {
        if matches!(self.token(), Token::Exception | Token::Effect) {
            return self.error();
        }
        self.pattern()
    }

    fn pattern_level(&mut self, level: u8) -> Res<Pattern> {
        self.check_depth()?;
        let start = self.start();
        let mut p = self.pattern_operand()?;
        while let Some(found) = continuation(self.token())
            && found >= level
        {
            p = self.pattern_rest(start, p)?;
        }
        Ok(p)
    }

    /// Takes the operator after a pattern, and its right side.
    fn pattern_rest(&mut self, start: Position, mut p: Pattern) -> Res<Pattern> {
        match self.token() {
            Token::Lbracketat => {
                p.attributes.push(self.attribute()?);
                Ok(p)
            }
            Token::As => {
                self.bump();
                if !(self.at_val_ident() || self.is(Token::Lparen)) {
                    return self.expecting("identifier");
                }
                let name = self.val_ident_loc()?;
                Ok(self.mkpat(start, PatternDesc::Alias(Box::new(p), name)))
            }
            Token::Coloncolon => {
                let cons = self.bump_loc();
                self.expect_pattern()?;
                let tail = self.pattern_level(level::CONS)?;
                let pair = PatternDesc::Tuple(vec![(None, p), (None, tail)], ClosedFlag::Closed);
                let pair = pattern(pair, self.ghost_loc(start), Vec::new());
                let desc = PatternDesc::Construct(constructor("::", cons), Some((Vec::new(), Box::new(pair))));
                Ok(self.mkpat(start, desc))
            }
            Token::Bar => {
                self.bump();
                self.expect_pattern()?;
                let right = self.pattern_level(level::OR + 1)?;
                Ok(self.mkpat(start, PatternDesc::Or(Box::new(p), Box::new(right))))
            }
            _ => {
                if !self.at_pattern_after_comma() {
                    self.bump();
                    return self.expecting("pattern");
                }
                self.tuple_pattern_rest(start, (None, p))
            }
        }
    }

    fn at_pattern_after_comma(&self) -> bool {
        self.peek(1) == Token::Dotdot || starts_pattern(self.peek(1))
    }

    fn expect_pattern(&self) -> Res<()> {
        if starts_pattern(self.token()) { Ok(()) } else { self.expecting("pattern") }
    }

    fn tuple_pattern_rest(&mut self, start: Position, first: Component) -> Res<Pattern> {
        let mut components = vec![first];
        let mut closed = ClosedFlag::Closed;
        if !self.is(Token::Comma) {
            return self.error();
        }
        while self.eat(Token::Comma) {
            if self.eat(Token::Dotdot) {
                closed = ClosedFlag::Open;
                break;
            }
            components.push(match self.token() {
                Token::Label(_) | Token::Tilde => self.labeled_pattern()?,
                _ => (None, self.pattern_level(level::COMMA + 1)?),
            });
        }
        Ok(self.mkpat(start, PatternDesc::Tuple(components, closed)))
    }

    /// `~l:P`, `~l` or `~(l : t)`.
    fn labeled_pattern(&mut self) -> Res<Component> {
        if let Token::Label(name) = self.token() {
            self.bump();
            return Ok((Some(name), self.simple_pattern()?));
        }
        self.expect(Token::Tilde)?;
        let start = self.start();
        if !self.eat(Token::Lparen) {
            let name = self.lident_loc()?;
            return Ok((Some(name.txt), mkpatvar(name.txt, name.loc)));
        }
        let name = self.lident_loc()?;
        self.expect(Token::Colon)?;
        let typ = Box::new(self.core_type()?);
        self.expect(Token::Rparen)?;
        let variable = Box::new(mkpatvar(name.txt, name.loc));
        Ok((Some(name.txt), self.mkpat(start, PatternDesc::Constraint(variable, typ))))
    }

    /// What operators combine: also the argument of a constructor.
    fn pattern_operand(&mut self) -> Res<Pattern> {
        self.check_depth()?;
        let start = self.start();
        match self.token() {
            Token::Exception => {
                self.bump();
                let ext = self.ext_attributes()?;
                let p = Box::new(self.pattern_operand()?);
                Ok(self.mkpat_attrs(start, PatternDesc::Exception(p), ext))
            }
            Token::Effect => {
                self.bump();
                let effect = Box::new(self.pattern_gen()?);
                self.expect(Token::Comma)?;
                let continuation = Box::new(self.simple_pattern()?);
                Ok(self.mkpat(start, PatternDesc::Effect(effect, continuation)))
            }
            Token::Label(_) | Token::Tilde => {
                let first = self.labeled_pattern()?;
                self.tuple_pattern_rest(start, first)
            }
            _ => self.pattern_gen(),
        }
    }

    fn pattern_gen(&mut self) -> Res<Pattern> {
        let start = self.start();
        match self.token() {
            Token::Lazy => {
                self.bump();
                let ext = self.ext_attributes()?;
                let p = Box::new(self.simple_pattern()?);
                Ok(self.mkpat_attrs(start, PatternDesc::Lazy(p), ext))
            }
            Token::Backquote => {
                let first = self.at;
                let tag = self.name_tag()?;
                let argument =
                    if starts_pattern(self.token()) { Some(Box::new(self.pattern_operand()?)) } else { None };
                if argument.is_none() {
                    self.last_simple_pattern = (first, self.at);
                }
                Ok(self.mkpat(start, PatternDesc::Variant(tag, argument)))
            }
            _ if self.at_constructor() => {
                let first = self.at;
                let name = self.constr_longident()?;
                if self.is(Token::Dot) {
                    let p = self.open_pattern(start, name)?;
                    self.last_simple_pattern = (first, self.at);
                    return Ok(p);
                }
                let argument = self.constructor_argument()?;
                if argument.is_none() {
                    self.last_simple_pattern = (first, self.at);
                }
                Ok(self.mkpat(start, PatternDesc::Construct(name, argument)))
            }
            _ => self.simple_pattern(),
        }
    }

    fn constructor_argument(&mut self) -> Res<Option<(Vec<Loc<Name>>, Box<Pattern>)>> {
        if self.is(Token::Lparen) && self.peek(1) == Token::Type {
            self.bump();
            self.bump();
            let types = self.lident_list()?;
            self.expect(Token::Rparen)?;
            return Ok(Some((types, Box::new(self.simple_pattern()?))));
        }
        if !starts_pattern(self.token()) {
            return Ok(None);
        }
        Ok(Some((Vec::new(), Box::new(self.pattern_operand()?))))
    }
}

/// Whether a pattern can begin with a token.
fn starts_pattern(token: Token) -> bool {
    super::pattern_simple::starts_simple_pattern(token)
        || matches!(token, Token::Lazy | Token::Exception | Token::Effect | Token::Label(_) | Token::Tilde)
}
