//! Expressions: operators by precedence climbing, and the forms that begin with a keyword.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::{constructor, mkexpvar, mkinfix, unlabelled};
use super::names::infix_operator;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::{ArgLabel, DirectionFlag, OverrideFlag};
use crate::error::ParseError;
use crate::longident::Longident;
use crate::token::Token;

/// Levels of precedence, from the loosest to the tightest.
pub(super) mod level {
    pub const ASSIGN: u8 = 0;
    pub const COMMA: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const CONCAT: u8 = 5;
    pub const ATTRIBUTE: u8 = 6;
    pub const CONS: u8 = 7;
    pub const ADD: u8 = 8;
    pub const MULTIPLY: u8 = 9;
    pub const POWER: u8 = 10;
    pub const UNARY: u8 = 11;
}

/// The level of what continues an expression, and whether it associates to the right.
fn continuation(token: Token) -> Option<(u8, bool)> {
    Some(match token {
        Token::Colonequal => (level::ASSIGN, true),
        Token::Comma => (level::COMMA, false),
        Token::Or | Token::Barbar => (level::OR, true),
        Token::Ampersand | Token::Amperamper => (level::AND, true),
        Token::Infixop0(_) | Token::Equal | Token::Less | Token::Greater => (level::COMPARE, false),
        Token::Infixop1(_) => (level::CONCAT, true),
        Token::Lbracketat => (level::ATTRIBUTE, false),
        Token::Coloncolon => (level::CONS, true),
        Token::Infixop2(_) | Token::Plus | Token::Plusdot | Token::Minus | Token::Minusdot | Token::Pluseq => {
            (level::ADD, false)
        }
        Token::Percent | Token::Infixop3(_) | Token::Star => (level::MULTIPLY, false),
        Token::Infixop4(_) => (level::POWER, true),
        _ => return None,
    })
}

impl Parser {
    /// Whether a simple expression can begin here.
    pub(super) fn at_simple_expr(&self) -> bool {
        matches!(
            self.token(),
            Token::Lident(_)
                | Token::Uident(_)
                | Token::Lparen
                | Token::Int(..)
                | Token::String(_)
                | Token::Char(_)
                | Token::Float(..)
                | Token::True
                | Token::False
                | Token::Lbracket
                | Token::Lbrace
                | Token::Lbracketbar
                | Token::Bang
                | Token::Prefixop(_)
                | Token::Begin
                | Token::Backquote
                | Token::New
                | Token::Object
                | Token::Lbraceless
                | Token::Lbracketpercent
                | Token::QuotedStringExpr(_)
        )
    }

    /// Whether an expression can begin here.
    pub(super) fn at_expr(&self) -> bool {
        self.at_simple_expr()
            || matches!(
                self.token(),
                Token::Let
                    | Token::Fun
                    | Token::Function
                    | Token::Match
                    | Token::Try
                    | Token::If
                    | Token::While
                    | Token::For
                    | Token::Assert
                    | Token::Lazy
                    | Token::Letop(_)
                    | Token::Underscore
                    | Token::Minus
                    | Token::Minusdot
                    | Token::Plus
                    | Token::Plusdot
                    | Token::Label(_)
                    | Token::Tilde
            )
    }

    /// `e1; e2; …`, with an optional last semicolon.
    pub(super) fn seq_expr(&mut self) -> Res<Expression> {
        let mut start = self.start();
        let mut e = self.expr()?;
        let mut before: Vec<(Position, Expression, Option<Loc<Name>>)> = Vec::new();
        while self.eat(Token::Semi) {
            let ext = self.ext()?;
            if ext.is_none() && !self.at_expr() {
                break;
            }
            before.push((start, e, ext));
            start = self.start();
            e = self.expr()?;
        }
        for (start, first, ext) in before.into_iter().rev() {
            let desc = ExpressionDesc::Sequence(Box::new(first), Box::new(e));
            e = self.mkexp_attrs(start, desc, (ext, Vec::new()));
        }
        Ok(e)
    }

    pub(super) fn expr(&mut self) -> Res<Expression> {
        self.expr_level(level::ASSIGN)
    }

    /// An expression whose operators bind at least as tightly as `level`.
    pub(super) fn expr_level(&mut self, level: u8) -> Res<Expression> {
        self.check_depth()?;
        let start = self.start();
        let e = self.operand()?;
        self.expr_rest(start, e, level)
    }

    /// Takes the operators that follow an operand.
    pub(super) fn expr_rest(&mut self, start: Position, mut e: Expression, level: u8) -> Res<Expression> {
        while let Some((found, is_right)) = continuation(self.token())
            && found >= level
        {
            let operand_level = if is_right { found } else { found + 1 };
            e = match self.token() {
                Token::Comma => self.tuple_rest(start, (None, e))?,
                Token::Lbracketat => {
                    e.attributes.push(self.attribute()?);
                    e
                }
                Token::Coloncolon => {
                    let cons = self.bump_loc();
                    let tail = self.expr_level(operand_level)?;
                    let pair = self.ghexp(start, ExpressionDesc::Tuple(vec![(None, e), (None, tail)]));
                    let desc = ExpressionDesc::Construct(constructor("::", cons), Some(Box::new(pair)));
                    self.mkexp(start, desc)
                }
                token => {
                    let Some(name) = infix_operator(token) else { return self.error() };
                    let operator = mkexpvar(name, self.bump_loc());
                    let right = self.expr_level(operand_level)?;
                    self.mkexp(start, mkinfix(e, operator, right))
                }
            };
        }
        Ok(e)
    }

    /// `, e2, ~l:e3` after a first component.
    fn tuple_rest(&mut self, start: Position, first: (Option<Name>, Expression)) -> Res<Expression> {
        let mut components = vec![first];
        if !self.is(Token::Comma) {
            return self.error();
        }
        while self.eat(Token::Comma) {
            components.push(self.labeled_tuple_element()?);
        }
        Ok(self.mkexp(start, ExpressionDesc::Tuple(components)))
    }

    /// Upstream gives a first component `~(l : t)` a place that ends with the second component.
    fn stretch_first_component(&self, tuple: &mut Expression) {
        if let ExpressionDesc::Tuple(components) = &mut tuple.desc
            && let [(_, first), (_, second), ..] = &mut components[..]
        {
            first.loc.end = second.loc.end;
        }
    }

    fn labeled_tuple_element(&mut self) -> Res<(Option<Name>, Expression)> {
        match self.token() {
            Token::Label(_) | Token::Tilde => self.labeled_component(),
            _ => Ok((None, self.expr_level(level::COMMA + 1)?)),
        }
    }

    /// `~l:e`, `~l` or `~(l : t)`.
    fn labeled_component(&mut self) -> Res<(Option<Name>, Expression)> {
        let (label, e) = self.labelled_argument()?;
        match label {
            ArgLabel::Labelled(name) => Ok((Some(name), e)),
            _ => self.error(),
        }
    }

    /// The argument after `~`: `~l:e`, `~l`, `~(l : t)`.
    pub(super) fn labelled_argument(&mut self) -> Res<(ArgLabel, Expression)> {
        if let Token::Label(name) = self.token() {
            self.bump();
            return Ok((ArgLabel::Labelled(name), self.simple_expr()?));
        }
        self.expect(Token::Tilde)?;
        let start = self.start();
        if !self.eat(Token::Lparen) {
            let name = self.lident_loc()?;
            return Ok((ArgLabel::Labelled(name.txt), mkexpvar(name.txt, name.loc)));
        }
        let name = self.lident_loc()?;
        let constraint = self.type_constraint()?;
        self.expect(Token::Rparen)?;
        let e = super::build::desc_constraint(mkexpvar(name.txt, name.loc), constraint);
        Ok((ArgLabel::Labelled(name.txt), self.mkexp(start, e)))
    }

    /// What operators combine: applications, signed expressions, and the forms with keywords.
    fn operand(&mut self) -> Res<Expression> {
        let start = self.start();
        match self.token() {
            Token::Let => self.let_expr(),
            Token::Letop(_) => self.letop_expr(),
            Token::Fun => self.fun_expr(),
            Token::Function => self.function_expr(),
            Token::Match | Token::Try => self.match_expr(),
            Token::If => self.if_expr(),
            Token::While => self.while_expr(),
            Token::For => self.for_expr(),
            Token::Assert | Token::Lazy => {
                let is_assert = self.is(Token::Assert);
                self.bump();
                let ext = self.ext_attributes()?;
                let e = Box::new(self.simple_expr()?);
                let desc = if is_assert { ExpressionDesc::Assert(e) } else { ExpressionDesc::Lazy(e) };
                Ok(self.mkexp_attrs(start, desc, ext))
            }
            token @ (Token::Minus | Token::Minusdot | Token::Plus | Token::Plusdot) => {
                let operator = self.bump_loc();
                let e = self.expr_level(level::UNARY)?;
                let desc = match token {
                    Token::Minus => self.mkuminus(start, "-", operator, e),
                    Token::Minusdot => self.mkuminus(start, "-.", operator, e),
                    Token::Plus => self.mkuplus(start, "+", operator, e),
                    _ => self.mkuplus(start, "+.", operator, e),
                };
                Ok(self.mkexp(start, desc))
            }
            Token::Label(_) | Token::Tilde => {
                let is_constrained = self.is(Token::Tilde) && self.peek(1) == Token::Lparen;
                let first = self.labeled_component()?;
                let mut tuple = self.tuple_rest(start, first)?;
                if is_constrained {
                    self.stretch_first_component(&mut tuple);
                }
                Ok(tuple)
            }
            Token::Underscore => self.not_expecting(self.here_loc(), "wildcard \"_\""),
            Token::Lident(_) if self.peek(1) == Token::Lessminus => {
                let name = self.lident_loc()?;
                self.bump();
                let e = Box::new(self.expr()?);
                Ok(self.mkexp(start, ExpressionDesc::SetInstVar(name, e)))
            }
            Token::Backquote => {
                let tag = self.name_tag()?;
                if self.at_simple_expr() {
                    let argument = Box::new(self.simple_expr()?);
                    return Ok(self.mkexp(start, ExpressionDesc::Variant(tag, Some(argument))));
                }
                let e = self.mkexp(start, ExpressionDesc::Variant(tag, None));
                self.application(start, e)
            }
            _ => {
                let e = self.primary()?;
                self.application(start, e)
            }
        }
    }

    /// Continues from a primary expression: `.l`, `#m`, arguments, `<-`.
    fn application(&mut self, start: Position, head: Expression) -> Res<Expression> {
        // A bare constructor takes one argument and then no more.
        if self.at_simple_expr()
            && head.attributes.is_empty()
            && head.loc_stack.is_empty()
            && self.is_bare_constructor(start, &head)
        {
            let ExpressionDesc::Construct(name, None) = head.desc else { return self.error() };
            let argument = Box::new(self.simple_expr()?);
            return Ok(self.mkexp(start, ExpressionDesc::Construct(name, Some(argument))));
        }
        let mut e = self.postfix(start, head, true)?;
        if self.is(Token::Lessminus)
            && let Some(set) = self.assignment(start, &mut e)?
        {
            return Ok(set);
        }
        let mut arguments = Vec::new();
        loop {
            match self.token() {
                Token::Label(_) | Token::Tilde => arguments.push(self.labelled_argument()?),
                Token::Question => {
                    self.bump();
                    let name = self.lident_loc()?;
                    arguments.push((ArgLabel::Optional(name.txt), mkexpvar(name.txt, name.loc)));
                }
                Token::Optlabel(name) => {
                    self.bump();
                    arguments.push((ArgLabel::Optional(name), self.simple_expr()?));
                }
                _ if self.at_simple_expr() => arguments.push(unlabelled(self.simple_expr()?)),
                _ => break,
            }
        }
        if arguments.is_empty() {
            return Ok(e);
        }
        Ok(self.mkexp(start, ExpressionDesc::Apply(Box::new(e), arguments)))
    }

    /// Whether the expression is a constructor just as it was written: `begin end` is none, and
    /// neither is a constructor in parentheses.
    fn is_bare_constructor(&self, start: Position, e: &Expression) -> bool {
        match &e.desc {
            ExpressionDesc::Construct(name, None) => {
                name.loc.start == start && name.loc.end == self.prev_end && !self.after_begin_end()
            }
            _ => false,
        }
    }

    fn after_begin_end(&self) -> bool {
        self.at > 0 && self.tokens[self.at - 1].token == Token::End
    }

    /// `e.l <- e'` and its kin, when the last postfix operation allows it.
    fn assignment(&mut self, start: Position, e: &mut Expression) -> Res<Option<Expression>> {
        if !e.attributes.is_empty() || e.loc != self.loc(start) || !e.loc_stack.is_empty() {
            return Ok(None);
        }
        let hollow = || ExpressionDesc::Unreachable;
        match std::mem::replace(&mut e.desc, hollow()) {
            ExpressionDesc::Field(record, field) => {
                self.bump();
                let value = Box::new(self.expr()?);
                Ok(Some(self.mkexp(start, ExpressionDesc::SetField(record, field, value))))
            }
            ExpressionDesc::Apply(function, arguments) if self.is_indexing(&function) => {
                self.bump();
                let value = self.expr()?;
                self.index_assignment(start, *function, arguments, value).map(Some)
            }
            other => {
                e.desc = other;
                Ok(None)
            }
        }
    }

    fn if_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        self.bump();
        let ext = self.ext_attributes()?;
        let condition = Box::new(self.seq_expr()?);
        self.expect(Token::Then)?;
        let yes = Box::new(self.expr()?);
        let no = if self.eat(Token::Else) { Some(Box::new(self.expr()?)) } else { None };
        Ok(self.mkexp_attrs(start, ExpressionDesc::IfThenElse(condition, yes, no), ext))
    }

    fn match_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        let is_match = self.is(Token::Match);
        self.bump();
        let ext = self.ext_attributes()?;
        let scrutinee = Box::new(self.seq_expr()?);
        self.expect(Token::With)?;
        let cases = self.match_cases()?;
        let desc =
            if is_match { ExpressionDesc::Match(scrutinee, cases) } else { ExpressionDesc::Try(scrutinee, cases) };
        Ok(self.mkexp_attrs(start, desc, ext))
    }

    fn do_done_expr(&mut self) -> Res<Box<Expression>> {
        let opening = self.here_loc();
        self.expect(Token::Do)?;
        let body_start = self.start();
        let body = self.seq_expr()?;
        if !self.is(Token::Done) {
            let error = ParseError::Unclosed(opening, "do", "done");
            // Upstream places this error at the body.
            return match self.lex_error() {
                Some(error) => Err(error),
                None => self.error_at(self.loc(body_start), error),
            };
        }
        self.bump();
        Ok(Box::new(body))
    }

    fn while_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        self.bump();
        let ext = self.ext_attributes()?;
        let condition = Box::new(self.seq_expr()?);
        let body = self.do_done_expr()?;
        Ok(self.mkexp_attrs(start, ExpressionDesc::While(condition, body), ext))
    }

    fn for_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        self.bump();
        let ext = self.ext_attributes()?;
        let pattern = Box::new(self.pattern()?);
        self.expect(Token::Equal)?;
        let from = Box::new(self.seq_expr()?);
        let direction = match self.token() {
            Token::To => DirectionFlag::Upto,
            Token::Downto => DirectionFlag::Downto,
            _ => return self.error(),
        };
        self.bump();
        let to = Box::new(self.seq_expr()?);
        let body = self.do_done_expr()?;
        Ok(self.mkexp_attrs(start, ExpressionDesc::For(pattern, from, to, direction, body), ext))
    }

    /// `let …`: bindings, or a local module, exception or opening.
    fn let_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        match self.peek(1) {
            Token::Module => {
                self.bump();
                self.bump();
                let ext = self.ext_attributes()?;
                let name = self.module_name()?;
                let body = Box::new(self.module_binding_body()?);
                self.expect(Token::In)?;
                let e = Box::new(self.seq_expr()?);
                Ok(self.mkexp_attrs(start, ExpressionDesc::LetModule(name, body, e), ext))
            }
            Token::Exception => {
                self.bump();
                self.bump();
                let ext = self.ext_attributes()?;
                let declaration = Box::new(self.let_exception_declaration()?);
                self.expect(Token::In)?;
                let e = Box::new(self.seq_expr()?);
                Ok(self.mkexp_attrs(start, ExpressionDesc::LetException(declaration, e), ext))
            }
            Token::Open => {
                self.bump();
                let open_start = self.start();
                self.bump();
                let override_ = self.override_flag();
                let ext = self.ext_attributes()?;
                let expr = self.module_expr()?;
                let loc = self.loc(open_start);
                let open = Box::new(OpenInfos { expr, override_, loc, attributes: Vec::new() });
                self.expect(Token::In)?;
                let e = Box::new(self.seq_expr()?);
                Ok(self.mkexp_attrs(start, ExpressionDesc::Open(open, e), ext))
            }
            _ => {
                let bindings = self.let_bindings(true)?;
                self.let_in(start, bindings)
            }
        }
    }

    pub(super) fn override_flag(&mut self) -> OverrideFlag {
        if self.eat(Token::Bang) { OverrideFlag::Override } else { OverrideFlag::Fresh }
    }

    /// `in e` after bindings.
    pub(super) fn let_in(&mut self, start: Position, bindings: super::bindings::LetBindings) -> Res<Expression> {
        self.expect(Token::In)?;
        let body = Box::new(self.seq_expr()?);
        let ext = bindings.ext;
        let values = bindings.bindings.into_iter().map(super::bindings::LetBinding::without_docs).collect();
        let desc = ExpressionDesc::Let(bindings.rec_flag, values, body);
        Ok(self.mkexp_attrs(start, desc, (ext, Vec::new())))
    }

    /// A local opening of a path, at the place of the path.
    pub(super) fn open_dot(path: Loc<Longident>) -> Box<OpenDeclaration> {
        let loc: Location = path.loc;
        let expr = super::build::module_expr(ModuleExprDesc::Ident(path), loc);
        Box::new(OpenInfos { expr, override_: OverrideFlag::Fresh, loc, attributes: Vec::new() })
    }
}
