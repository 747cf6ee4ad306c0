//! Functions: `fun`, `function`, their parameters and cases.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::{desc_constraint, expression};
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::ArgLabel;
use crate::token::Token;

/// The description of a function. Without a value parameter it is no function but the body under
/// type abstractions.
pub(super) fn mkfunction(
    params: Vec<FunctionParam>,
    constraint: Option<TypeConstraint>,
    body: FunctionBody,
) -> ExpressionDesc {
    let only_types = params.iter().all(|param| matches!(param.desc, FunctionParamDesc::Newtype(_)));
    match body {
        FunctionBody::Body(e) if only_types => newtype_function_body(params, constraint, *e),
        body => ExpressionDesc::Function(params, constraint.map(Box::new), body),
    }
}

fn newtype_function_body(
    params: Vec<FunctionParam>,
    constraint: Option<TypeConstraint>,
    body: Expression,
) -> ExpressionDesc {
    let end = body.loc.end;
    let mut e = match constraint {
        None => body,
        Some(constraint) => {
            let loc = body.loc.ghost();
            expression(desc_constraint(body, constraint), loc, Vec::new())
        }
    };
    for param in params.into_iter().rev() {
        if let FunctionParamDesc::Newtype(name) = param.desc {
            let loc = Location { start: param.loc.start, end, ghost: true };
            e = expression(ExpressionDesc::NewType(name, Box::new(e)), loc, Vec::new());
        }
    }
    e.desc
}

impl Parser {
    /// `fun params : t -> body`
    pub(super) fn fun_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        self.bump();
        let ext = self.ext_attributes()?;
        let params = self.fun_params()?;
        let constraint =
            if self.eat(Token::Colon) { Some(TypeConstraint::Constraint(self.atomic_type()?)) } else { None };
        self.expect(Token::Minusgreater)?;
        let body = self.fun_body()?;
        Ok(self.mkexp_attrs(start, mkfunction(params, constraint, body), ext))
    }

    /// `function cases`
    pub(super) fn function_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        self.bump();
        let ext = self.ext_attributes()?;
        let cases = self.match_cases()?;
        let body = FunctionBody::Cases(cases, self.loc(start), Vec::new());
        Ok(self.mkexp_attrs(start, mkfunction(Vec::new(), None, body), ext))
    }

    pub(super) fn fun_body(&mut self) -> Res<FunctionBody> {
        if !self.is(Token::Function) {
            return Ok(FunctionBody::Body(Box::new(self.seq_expr()?)));
        }
        let start = self.start();
        self.bump();
        let (ext, attributes) = self.ext_attributes()?;
        let cases = self.match_cases()?;
        let loc = self.loc(start);
        if ext.is_none() {
            return Ok(FunctionBody::Cases(cases, loc, attributes));
        }
        // An extension ends the list of parameters.
        let desc = mkfunction(Vec::new(), None, FunctionBody::Cases(cases, loc, Vec::new()));
        Ok(FunctionBody::Body(Box::new(self.mkexp_attrs(start, desc, (ext, attributes)))))
    }

    pub(super) fn match_cases(&mut self) -> Res<Vec<Case>> {
        self.eat(Token::Bar);
        let mut cases = vec![self.match_case()?];
        while self.eat(Token::Bar) {
            cases.push(self.match_case()?);
        }
        Ok(cases)
    }

    fn match_case(&mut self) -> Res<Case> {
        let lhs = self.pattern()?;
        let guard = if self.eat(Token::When) { Some(self.seq_expr()?) } else { None };
        self.expect(Token::Minusgreater)?;
        if guard.is_none() && self.is(Token::Dot) {
            let loc = self.bump_loc();
            let rhs = expression(ExpressionDesc::Unreachable, loc, Vec::new());
            return Ok(Case { lhs, guard, rhs });
        }
        let rhs = self.seq_expr()?;
        Ok(Case { lhs, guard, rhs })
    }

    /// Whether a parameter can begin here.
    pub(super) fn at_fun_param(&self) -> bool {
        matches!(self.token(), Token::Label(_) | Token::Optlabel(_) | Token::Tilde | Token::Question)
            || self.at_simple_pattern()
    }

    pub(super) fn fun_params(&mut self) -> Res<Vec<FunctionParam>> {
        let mut params = Vec::new();
        self.fun_param(&mut params)?;
        while self.at_fun_param() {
            self.fun_param(&mut params)?;
        }
        Ok(params)
    }

    fn fun_param(&mut self, params: &mut Vec<FunctionParam>) -> Res<()> {
        let start = self.start();
        if self.is(Token::Lparen) && self.peek(1) == Token::Type {
            self.bump();
            self.bump();
            let names = self.lident_list()?;
            self.expect(Token::Rparen)?;
            // Several types in one pair of parentheses share a ghost place.
            let loc = Location { ghost: names.len() > 1, ..self.loc(start) };
            let newtype = |name| FunctionParam { loc, desc: FunctionParamDesc::Newtype(name) };
            params.extend(names.into_iter().map(newtype));
            return Ok(());
        }
        let (label, default, pattern) = self.labeled_simple_pattern()?;
        let desc = FunctionParamDesc::Val(label, default.map(Box::new), pattern);
        params.push(FunctionParam { loc: self.loc(start), desc });
        Ok(())
    }

    pub(super) fn labeled_simple_pattern(&mut self) -> Res<(ArgLabel, Option<Expression>, Pattern)> {
        match self.token() {
            Token::Question => {
                self.bump();
                if !self.eat(Token::Lparen) {
                    let (name, pattern) = self.label_var()?;
                    return Ok((ArgLabel::Optional(name), None, pattern));
                }
                let (name, pattern) = self.label_let_pattern()?;
                let default = self.opt_default()?;
                self.expect(Token::Rparen)?;
                Ok((ArgLabel::Optional(name), default, pattern))
            }
            Token::Optlabel(name) => {
                self.bump();
                let start = self.start();
                if self.is(Token::Underscore) || matches!(self.token(), Token::Lident(_)) {
                    let desc = match self.token() {
                        Token::Lident(name) => PatternDesc::Var(Loc::new(name, self.here_loc())),
                        _ => PatternDesc::Any,
                    };
                    self.bump();
                    return Ok((ArgLabel::Optional(name), None, self.mkpat(start, desc)));
                }
                self.expect(Token::Lparen)?;
                let pattern = self.let_pattern()?;
                let default = self.opt_default()?;
                self.expect(Token::Rparen)?;
                Ok((ArgLabel::Optional(name), default, pattern))
            }
            Token::Tilde => {
                self.bump();
                if !self.eat(Token::Lparen) {
                    let (name, pattern) = self.label_var()?;
                    return Ok((ArgLabel::Labelled(name), None, pattern));
                }
                let (name, pattern) = self.label_let_pattern()?;
                self.expect(Token::Rparen)?;
                Ok((ArgLabel::Labelled(name), None, pattern))
            }
            Token::Label(name) => {
                self.bump();
                Ok((ArgLabel::Labelled(name), None, self.simple_pattern()?))
            }
            _ => Ok((ArgLabel::Nolabel, None, self.simple_pattern()?)),
        }
    }

    fn opt_default(&mut self) -> Res<Option<Expression>> {
        if self.eat(Token::Equal) { Ok(Some(self.seq_expr()?)) } else { Ok(None) }
    }

    fn label_var(&mut self) -> Res<(Name, Pattern)> {
        let start = self.start();
        let name = self.lident_loc()?;
        Ok((name.txt, self.mkpat(start, PatternDesc::Var(name))))
    }

    fn label_let_pattern(&mut self) -> Res<(Name, Pattern)> {
        let start = self.start();
        let (name, pattern) = self.label_var()?;
        Ok((name, self.opt_pattern_constraint(start, pattern)?))
    }

    fn let_pattern(&mut self) -> Res<Pattern> {
        let start = self.start();
        let pattern = self.pattern()?;
        self.opt_pattern_constraint(start, pattern)
    }

    fn opt_pattern_constraint(&mut self, start: Position, pattern: Pattern) -> Res<Pattern> {
        if !self.eat(Token::Colon) {
            return Ok(pattern);
        }
        let typ = Box::new(self.core_type()?);
        Ok(self.mkpat(start, PatternDesc::Constraint(Box::new(pattern), typ)))
    }
}
