//! Identifiers, operators as names, and paths.

use rocaml_base::{Loc, Name, Position};

use super::{Parser, Res};
use crate::error::ParseError;
use crate::longident::Longident;
use crate::token::Token;

/// The text of an operator that stands between two expressions.
pub(super) fn infix_operator(token: Token) -> Option<Name> {
    match token {
        Token::Infixop0(op) | Token::Infixop1(op) | Token::Infixop2(op) | Token::Infixop3(op) | Token::Infixop4(op) => {
            Some(op)
        }
        Token::Plus
        | Token::Plusdot
        | Token::Pluseq
        | Token::Minus
        | Token::Minusdot
        | Token::Star
        | Token::Percent
        | Token::Equal
        | Token::Less
        | Token::Greater
        | Token::Or
        | Token::Barbar
        | Token::Ampersand
        | Token::Amperamper
        | Token::Colonequal => token.fixed_text().map(Name::new),
        _ => None,
    }
}

/// The text of an operator that is one token.
fn simple_operator(token: Token) -> Option<Name> {
    match token {
        Token::Prefixop(op) | Token::Letop(op) | Token::Andop(op) | Token::Hashop(op) => Some(op),
        Token::Bang => Some(Name::new("!")),
        _ => infix_operator(token),
    }
}

impl Parser {
    pub(super) fn lident(&mut self) -> Res<Name> {
        match self.token() {
            Token::Lident(name) => {
                self.bump();
                Ok(name)
            }
            _ => self.error(),
        }
    }

    pub(super) fn uident(&mut self) -> Res<Name> {
        match self.token() {
            Token::Uident(name) => {
                self.bump();
                Ok(name)
            }
            _ => self.error(),
        }
    }

    pub(super) fn ident(&mut self) -> Res<Name> {
        match self.token() {
            Token::Lident(name) | Token::Uident(name) => {
                self.bump();
                Ok(name)
            }
            _ => self.error(),
        }
    }

    pub(super) fn lident_loc(&mut self) -> Res<Loc<Name>> {
        let start = self.start();
        let name = self.lident()?;
        Ok(self.mkrhs(name, start))
    }

    pub(super) fn ident_loc(&mut self) -> Res<Loc<Name>> {
        let start = self.start();
        let name = self.ident()?;
        Ok(self.mkrhs(name, start))
    }

    /// `M` or `_`.
    pub(super) fn module_name(&mut self) -> Res<Loc<Option<Name>>> {
        let start = self.start();
        let name = if self.eat(Token::Underscore) { None } else { Some(self.uident()?) };
        Ok(self.mkrhs(name, start))
    }

    /// How many tokens `( operator )` takes here; zero if it does not stand here.
    pub(super) fn parenthesized_operator(&self) -> usize {
        if !self.is(Token::Lparen) {
            return 0;
        }
        if simple_operator(self.peek(1)).is_some() && self.peek(2) == Token::Rparen {
            return 3;
        }
        if !matches!(self.peek(1), Token::Dotop(_)) {
            return 0;
        }
        let closing = match self.peek(2) {
            Token::Lparen => Token::Rparen,
            Token::Lbracket => Token::Rbracket,
            Token::Lbrace => Token::Rbrace,
            _ => return 0,
        };
        let index = if self.peek(3) == Token::Semi && self.peek(4) == Token::Dotdot { 2 } else { 0 };
        if self.peek(3 + index) != closing {
            return 0;
        }
        let assign = usize::from(self.peek(4 + index) == Token::Lessminus);
        if self.peek(4 + index + assign) == Token::Rparen { 5 + index + assign } else { 0 }
    }

    /// Whether a value name stands here: `x` or `( operator )`.
    pub(super) fn at_val_ident(&self) -> bool {
        matches!(self.token(), Token::Lident(_)) || self.parenthesized_operator() > 0
    }

    /// `x` or `( operator )`.
    pub(super) fn val_ident(&mut self) -> Res<Name> {
        if self.is(Token::Lparen) { self.val_extra_ident() } else { self.lident() }
    }

    pub(super) fn val_ident_loc(&mut self) -> Res<Loc<Name>> {
        let start = self.start();
        let name = self.val_ident()?;
        Ok(self.mkrhs(name, start))
    }

    pub(super) fn val_extra_ident(&mut self) -> Res<Name> {
        let opening = self.bump_loc();
        let name = self.operator()?;
        self.close(opening, "(", Token::Rparen)?;
        Ok(name)
    }

    fn operator(&mut self) -> Res<Name> {
        if let Token::Dotop(op) = self.token() {
            self.bump();
            return self.indexing_operator(op);
        }
        match simple_operator(self.token()) {
            Some(op) => {
                self.bump();
                Ok(op)
            }
            None if self.is(Token::Module) => {
                self.bump();
                self.expecting("module-expr")
            }
            None => self.expecting("operator"),
        }
    }

    /// `.%()`, `.%[;..]<-`, …
    fn indexing_operator(&mut self, op: Name) -> Res<Name> {
        let (left, right, closing) = match self.token() {
            Token::Lparen => ("(", ")", Token::Rparen),
            Token::Lbracket => ("[", "]", Token::Rbracket),
            Token::Lbrace => ("{", "}", Token::Rbrace),
            _ => return self.error(),
        };
        self.bump();
        let mut index = "";
        if self.eat(Token::Semi) {
            self.expect(Token::Dotdot)?;
            index = ";..";
        }
        self.expect(closing)?;
        let assign = if self.eat(Token::Lessminus) { "<-" } else { "" };
        Ok(Name::new(&format!(".{op}{left}{index}{right}{assign}")))
    }

    /// Joins a path and a name; the path began at `start`.
    fn dot(&self, prefix: Longident, prefix_loc: rocaml_base::Location, name: Loc<Name>) -> Longident {
        Longident::Ldot(Box::new(Loc::new(prefix, prefix_loc)), name)
    }

    /// Takes `.M.N` after a path as long as names of modules follow.
    fn module_path_rest(&mut self, start: Position, mut path: Longident) -> Res<Longident> {
        while self.is(Token::Dot)
            && let Token::Uident(name) = self.peek(1)
        {
            let prefix_loc = self.loc(start);
            self.bump();
            let loc = self.bump_loc();
            path = self.dot(path, prefix_loc, Loc::new(name, loc));
        }
        Ok(path)
    }

    /// `M.N`: as many names of modules as there are.
    pub(super) fn mod_longident(&mut self) -> Res<Loc<Longident>> {
        let start = self.start();
        let first = Longident::Lident(self.uident()?);
        let path = self.module_path_rest(start, first)?;
        Ok(self.mkrhs(path, start))
    }

    /// As [`Parser::mod_longident`], where the grammar has no other use for a dot.
    pub(super) fn closed_mod_longident(&mut self) -> Res<Loc<Longident>> {
        let path = self.mod_longident()?;
        if self.is(Token::Dot) {
            self.bump();
            return self.error();
        }
        Ok(path)
    }

    /// `F(X).N`
    pub(super) fn mod_ext_longident(&mut self) -> Res<Loc<Longident>> {
        self.check_depth()?;
        let start = self.start();
        let mut path = Longident::Lident(self.uident()?);
        loop {
            path = self.module_path_rest(start, path)?;
            if !self.is(Token::Lparen) {
                return Ok(self.mkrhs(path, start));
            }
            let functor = self.mkrhs(path, start);
            self.bump();
            if !matches!(self.token(), Token::Uident(_)) {
                return self.expecting("module path");
            }
            let argument = self.mod_ext_longident()?;
            self.expect(Token::Rparen)?;
            let loc = self.loc(start);
            path = self.lapply(functor, argument, loc)?;
        }
    }

    /// `x` or `path.x`, where the last name is read by `last` and the path may hold applications.
    fn ext_longident(&mut self, allows_uident: bool) -> Res<Loc<Longident>> {
        let start = self.start();
        if let Token::Lident(name) = self.token() {
            self.bump();
            return Ok(self.mkrhs(Longident::Lident(name), start));
        }
        let path = self.mod_ext_longident()?;
        if !self.is(Token::Dot) {
            let is_plain = !matches!(path.txt, Longident::Lapply(..));
            return if allows_uident && is_plain { Ok(path) } else { self.error() };
        }
        self.bump();
        let name = self.lident_loc()?;
        let path = self.dot(path.txt, path.loc, name);
        Ok(self.mkrhs(path, start))
    }

    pub(super) fn type_longident(&mut self) -> Res<Loc<Longident>> {
        self.ext_longident(false)
    }

    pub(super) fn clty_longident(&mut self) -> Res<Loc<Longident>> {
        self.ext_longident(false)
    }

    pub(super) fn mty_longident(&mut self) -> Res<Loc<Longident>> {
        self.ext_longident(true)
    }

    /// `x` or `M.x`
    pub(super) fn label_longident(&mut self) -> Res<Loc<Longident>> {
        let start = self.start();
        if let Token::Lident(name) = self.token() {
            self.bump();
            return Ok(self.mkrhs(Longident::Lident(name), start));
        }
        let path = self.mod_longident()?;
        self.expect(Token::Dot)?;
        let name = self.lident_loc()?;
        let path = self.dot(path.txt, path.loc, name);
        Ok(self.mkrhs(path, start))
    }

    pub(super) fn class_longident(&mut self) -> Res<Loc<Longident>> {
        self.label_longident()
    }

    /// Whether `( :: )` stands some tokens ahead.
    pub(super) fn at_parenthesized_cons(&self, ahead: usize) -> bool {
        self.peek(ahead) == Token::Lparen
            && self.peek(ahead + 1) == Token::Coloncolon
            && self.peek(ahead + 2) == Token::Rparen
    }

    /// Takes `( :: )`.
    pub(super) fn parenthesized_cons(&mut self) -> Loc<Name> {
        let start = self.start();
        for _ in 0..3 {
            self.bump();
        }
        self.mkrhs(Name::new("::"), start)
    }

    /// `path.name`, after the dot.
    pub(super) fn dotted(&self, start: Position, path: Loc<Longident>, name: Loc<Name>) -> Loc<Longident> {
        let path = self.dot(path.txt, path.loc, name);
        self.mkrhs(path, start)
    }

    /// The name of a constructor in a declaration.
    pub(super) fn constr_ident(&mut self) -> Res<Loc<Name>> {
        let start = self.start();
        if self.at_parenthesized_cons(0) {
            return Ok(self.parenthesized_cons());
        }
        let name = match self.token() {
            Token::Uident(name) => name,
            Token::True => Name::new("true"),
            Token::False => Name::new("false"),
            Token::Lparen | Token::Lbracket => {
                let (closing, name) =
                    if self.is(Token::Lparen) { (Token::Rparen, "()") } else { (Token::Rbracket, "[]") };
                self.bump();
                if !self.is(closing) {
                    return self.error();
                }
                Name::new(name)
            }
            _ => return self.error(),
        };
        self.bump();
        Ok(self.mkrhs(name, start))
    }

    /// A path to a constructor.
    pub(super) fn constr_longident(&mut self) -> Res<Loc<Longident>> {
        let start = self.start();
        if !matches!(self.token(), Token::Uident(_)) {
            return Ok(self.constr_ident()?.map(Longident::Lident));
        }
        let path = self.mod_longident()?;
        if self.is(Token::Dot) && self.at_parenthesized_cons(1) {
            self.bump();
            let name = self.parenthesized_cons();
            return Ok(self.dotted(start, path, name));
        }
        Ok(path)
    }

    /// As [`Parser::constr_longident`], where the grammar has no other use for a dot.
    pub(super) fn closed_constr_longident(&mut self) -> Res<Loc<Longident>> {
        let path = self.constr_longident()?;
        if self.eat(Token::Dot) {
            return self.error();
        }
        Ok(path)
    }

    /// `` `A ``
    pub(super) fn name_tag(&mut self) -> Res<Name> {
        self.expect(Token::Backquote)?;
        self.ident()
    }

    /// `'a`
    pub(super) fn typevar(&mut self) -> Res<Loc<Name>> {
        let start = self.start();
        self.expect(Token::Quote)?;
        let name = self.ident()?;
        Ok(self.mkrhs(name, start))
    }

    /// One or more `'a`.
    pub(super) fn typevar_list(&mut self) -> Res<Vec<Loc<Name>>> {
        let mut variables = vec![self.typevar()?];
        while self.is(Token::Quote) {
            variables.push(self.typevar()?);
        }
        Ok(variables)
    }

    /// One or more names.
    pub(super) fn lident_list(&mut self) -> Res<Vec<Loc<Name>>> {
        let mut names = vec![self.lident_loc()?];
        while matches!(self.token(), Token::Lident(_)) {
            names.push(self.lident_loc()?);
        }
        Ok(names)
    }

    pub(super) fn not_expecting<T>(&self, loc: rocaml_base::Location, what: &'static str) -> Res<T> {
        self.error_at(loc, ParseError::NotExpecting(what))
    }
}
