//! Module expressions and module types.

use rocaml_base::{Location, Position};

use super::build::module_type;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::PrivateFlag;
use crate::error::ParseError;
use crate::token::Token;

impl Parser {
    /// `()` or `(X : MT)`, with its start.
    fn functor_arg(&mut self) -> Res<(Position, FunctorParameter)> {
        let start = self.start();
        self.expect(Token::Lparen)?;
        if self.eat(Token::Rparen) {
            return Ok((start, FunctorParameter::Unit));
        }
        let name = self.module_name()?;
        self.expect(Token::Colon)?;
        let typ = self.module_type()?;
        self.expect(Token::Rparen)?;
        Ok((start, FunctorParameter::Named(name, typ)))
    }

    fn functor_args(&mut self) -> Res<Vec<(Position, FunctorParameter)>> {
        let mut arguments = vec![self.functor_arg()?];
        while self.is(Token::Lparen) {
            arguments.push(self.functor_arg()?);
        }
        Ok(arguments)
    }

    // -- Module expressions ---------------------------------------------------------------------

    pub(super) fn module_expr(&mut self) -> Res<ModuleExpr> {
        self.check_depth()?;
        let start = self.start();
        let mut module = match self.token() {
            Token::Struct => {
                let opening = self.bump_loc();
                let attributes = self.attributes()?;
                let structure = self.structure()?;
                self.close(opening, "struct", Token::End)?;
                ModuleExpr { attributes, ..self.mkmod(start, ModuleExprDesc::Structure(structure)) }
            }
            Token::Sig => return self.misplaced_body("struct"),
            Token::Functor => return self.functor_expr(),
            Token::Lparen => self.paren_module_expr()?,
            Token::Uident(_) => {
                let path = self.closed_mod_longident()?;
                self.mkmod(start, ModuleExprDesc::Ident(path))
            }
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                self.mkmod(start, ModuleExprDesc::Extension(extension))
            }
            _ => return self.error(),
        };
        loop {
            match self.token() {
                Token::Lbracketat => module.attributes.push(self.attribute()?),
                Token::Lparen if self.peek(1) == Token::Rparen => {
                    self.bump();
                    self.bump();
                    module = self.mkmod(start, ModuleExprDesc::ApplyUnit(Box::new(module)));
                }
                Token::Lparen => {
                    let argument = Box::new(self.paren_module_expr()?);
                    module = self.mkmod(start, ModuleExprDesc::Apply(Box::new(module), argument));
                }
                _ => return Ok(module),
            }
        }
    }

    /// `sig` for `struct` or the reverse: the error stands at the word, if nothing valid follows.
    fn misplaced_body<T>(&mut self, expected: &'static str) -> Res<T> {
        let loc = self.bump_loc();
        match self.lex_error() {
            Some(error) => Err(error),
            None => self.error_at(loc, ParseError::Expecting(expected)),
        }
    }

    fn functor_expr(&mut self) -> Res<ModuleExpr> {
        self.bump();
        let attributes = self.attributes()?;
        let arguments = self.functor_args()?;
        self.expect(Token::Minusgreater)?;
        let mut module = self.module_expr()?;
        for (start, argument) in arguments.into_iter().rev() {
            module = self.mkmod(start, ModuleExprDesc::Functor(Box::new(argument), Box::new(module)));
        }
        module.attributes.splice(0..0, attributes);
        Ok(module)
    }

    /// `(ME)`, `(ME : MT)`, `(val E)`.
    fn paren_module_expr(&mut self) -> Res<ModuleExpr> {
        let start = self.start();
        let opening = self.bump_loc();
        if self.eat(Token::Val) {
            let attributes = self.attributes()?;
            let e = self.expr_colon_package_type(opening)?;
            self.close(opening, "(", Token::Rparen)?;
            return Ok(ModuleExpr { attributes, ..self.mkmod(start, ModuleExprDesc::Unpack(Box::new(e))) });
        }
        let module = self.module_expr()?;
        if self.eat(Token::Colon) {
            let typ = Box::new(self.module_type()?);
            self.close(opening, "(", Token::Rparen)?;
            return Ok(self.mkmod(start, ModuleExprDesc::Constraint(Box::new(module), typ)));
        }
        self.close(opening, "(", Token::Rparen)?;
        Ok(module)
    }

    fn expr_colon_package_type(&mut self, opening: Location) -> Res<Expression> {
        let start = self.start();
        let e = Box::new(self.expr()?);
        let is_coercion = self.is(Token::Colongreater);
        if !is_coercion && !self.is(Token::Colon) {
            return Ok(*e);
        }
        self.bump();
        if !self.at_module_type() {
            return self.error_with(ParseError::Unclosed(opening, "(", ")"));
        }
        let first = self.package_core_type()?;
        if is_coercion {
            return Ok(self.ghexp(start, ExpressionDesc::Coerce(e, None, Box::new(first))));
        }
        if self.eat(Token::Colongreater) {
            let second = Box::new(self.package_core_type()?);
            return Ok(self.ghexp(start, ExpressionDesc::Coerce(e, Some(Box::new(first)), second)));
        }
        if !self.is(Token::Rparen) {
            return self.error();
        }
        Ok(self.ghexp(start, ExpressionDesc::Constraint(e, Box::new(first))))
    }

    fn package_core_type(&mut self) -> Res<CoreType> {
        let start = self.start();
        let package = Box::new(self.package_type()?);
        Ok(self.mktyp(start, CoreTypeDesc::Package(package)))
    }

    /// What follows the name in `module X …`: `= ME`, `: MT = ME`, or parameters first.
    pub(super) fn module_binding_body(&mut self) -> Res<ModuleExpr> {
        let start = self.start();
        match self.token() {
            Token::Equal => {
                self.bump();
                self.module_expr()
            }
            Token::Colon => {
                let loc = self.bump_loc();
                if !self.at_module_type() {
                    return match self.lex_error() {
                        Some(error) => Err(error),
                        None => self.error_at(loc, ParseError::Expecting("=")),
                    };
                }
                let typ = Box::new(self.module_type()?);
                self.expect(Token::Equal)?;
                let module = Box::new(self.module_expr()?);
                Ok(self.mkmod(start, ModuleExprDesc::Constraint(module, typ)))
            }
            _ => {
                let (_, argument) = self.functor_arg()?;
                let body = Box::new(self.module_binding_body()?);
                Ok(self.mkmod(start, ModuleExprDesc::Functor(Box::new(argument), body)))
            }
        }
    }

    // -- Module types ---------------------------------------------------------------------------

    pub(super) fn at_module_type(&self) -> bool {
        matches!(
            self.token(),
            Token::Sig
                | Token::Struct
                | Token::Functor
                | Token::Lparen
                | Token::Module
                | Token::Uident(_)
                | Token::Lident(_)
                | Token::Lbracketpercent
                | Token::QuotedStringExpr(_)
        )
    }

    pub(super) fn module_type(&mut self) -> Res<ModuleType> {
        self.module_type_level(true)
    }

    /// A module type; without `with_arrow`, one that is followed by its own arrow or constraint.
    fn module_type_level(&mut self, with_arrow: bool) -> Res<ModuleType> {
        self.check_depth()?;
        let start = self.start();
        let mut typ = self.module_type_head()?;
        loop {
            match self.token() {
                Token::Lbracketat => typ.attributes.push(self.attribute()?),
                Token::With => {
                    self.bump();
                    let mut constraints = vec![self.with_constraint()?];
                    while self.eat(Token::And) {
                        constraints.push(self.with_constraint()?);
                    }
                    typ = self.mkmty(start, ModuleTypeDesc::With(Box::new(typ), constraints));
                }
                Token::Minusgreater if with_arrow => {
                    self.bump();
                    let result = Box::new(self.module_type_level(true)?);
                    let name = rocaml_base::Loc::none(None);
                    let parameter = Box::new(FunctorParameter::Named(name, typ));
                    typ = self.mkmty(start, ModuleTypeDesc::Functor(parameter, result));
                }
                _ => return Ok(typ),
            }
        }
    }

    fn module_type_head(&mut self) -> Res<ModuleType> {
        let start = self.start();
        match self.token() {
            Token::Sig => {
                let opening = self.bump_loc();
                let attributes = self.attributes()?;
                let signature = self.signature()?;
                self.close(opening, "sig", Token::End)?;
                Ok(ModuleType { attributes, ..self.mkmty(start, ModuleTypeDesc::Signature(signature)) })
            }
            Token::Struct => self.misplaced_body("sig"),
            Token::Functor => {
                self.bump();
                let attributes = self.attributes()?;
                let mut typ = self.functor_type()?;
                typ.attributes.splice(0..0, attributes);
                Ok(typ)
            }
            Token::Module => {
                self.bump();
                self.expect(Token::Type)?;
                self.expect(Token::Of)?;
                let attributes = self.attributes()?;
                let module = Box::new(self.module_expr()?);
                Ok(ModuleType { attributes, ..self.mkmty(start, ModuleTypeDesc::TypeOf(module)) })
            }
            Token::Lparen => {
                let is_parameter = self.peek(1) == Token::Rparen
                    || (matches!(self.peek(1), Token::Uident(_) | Token::Underscore) && self.peek(2) == Token::Colon);
                if is_parameter {
                    return self.functor_type();
                }
                let opening = self.bump_loc();
                let typ = self.module_type()?;
                self.close(opening, "(", Token::Rparen)?;
                Ok(typ)
            }
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                Ok(self.mkmty(start, ModuleTypeDesc::Extension(extension)))
            }
            _ => {
                let path = self.mty_longident()?;
                Ok(self.mkmty(start, ModuleTypeDesc::Ident(path)))
            }
        }
    }

    /// `(X : MT1) (Y : MT2) -> MT`
    fn functor_type(&mut self) -> Res<ModuleType> {
        let arguments = self.functor_args()?;
        self.expect(Token::Minusgreater)?;
        let mut typ = self.module_type()?;
        let end = typ.loc.end;
        for (start, argument) in arguments.into_iter().rev() {
            let desc = ModuleTypeDesc::Functor(Box::new(argument), Box::new(typ));
            typ = module_type(desc, Location { start, end, ghost: false });
        }
        Ok(typ)
    }

    /// What follows `with` or `and`.
    fn with_constraint(&mut self) -> Res<WithConstraint> {
        let start = self.start();
        if self.eat(Token::Type) {
            return self.with_type(start);
        }
        self.expect(Token::Module)?;
        if self.eat(Token::Type) {
            let name = self.mty_longident()?;
            let is_subst = self.is(Token::Colonequal);
            if !is_subst && !self.is(Token::Equal) {
                return self.error();
            }
            self.bump();
            let typ = Box::new(self.module_type_level(true)?);
            return Ok(if is_subst {
                WithConstraint::ModTypeSubst(name, typ)
            } else {
                WithConstraint::ModType(name, typ)
            });
        }
        let name = self.mod_longident()?;
        let is_subst = self.is(Token::Colonequal);
        if !is_subst && !self.is(Token::Equal) {
            return self.error();
        }
        self.bump();
        let path = self.mod_ext_longident()?;
        Ok(if is_subst { WithConstraint::ModSubst(name, path) } else { WithConstraint::Module(name, path) })
    }

    fn with_type(&mut self, start: Position) -> Res<WithConstraint> {
        let params = self.type_parameters()?;
        let path = self.label_longident()?;
        let name = Parser::last_loc(&path);
        let is_subst = self.is(Token::Colonequal);
        if !is_subst && !self.is(Token::Equal) {
            return self.error();
        }
        self.bump();
        let is_private = !is_subst && self.eat(Token::Private);
        let manifest = Some(self.core_type_no_attr()?);
        let cstrs = if is_subst { Vec::new() } else { self.constraints()? };
        let declaration = Box::new(TypeDeclaration {
            name,
            params,
            cstrs,
            kind: TypeKind::Abstract,
            private: if is_private { PrivateFlag::Private } else { PrivateFlag::Public },
            manifest,
            attributes: Vec::new(),
            loc: self.loc(start),
        });
        Ok(if is_subst {
            WithConstraint::TypeSubst(path, declaration)
        } else {
            WithConstraint::Type(path, declaration)
        })
    }
}
