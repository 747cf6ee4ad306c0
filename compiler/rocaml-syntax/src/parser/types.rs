//! Type expressions: functions, tuples, aliases, polymorphic types; varification.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::core_type;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::ArgLabel;
use crate::error::{ParseError, SyntaxError};
use crate::longident::Longident;
use crate::token::Token;

impl Parser {
    /// Whether a type can begin here.
    pub(super) fn at_core_type(&self) -> bool {
        matches!(
            self.token(),
            Token::Lident(_)
                | Token::Uident(_)
                | Token::Lparen
                | Token::Quote
                | Token::Underscore
                | Token::Lbracket
                | Token::Lbracketless
                | Token::Lbracketgreater
                | Token::Less
                | Token::Hash
                | Token::Optlabel(_)
                | Token::Question
                | Token::Lbracketpercent
                | Token::QuotedStringExpr(_)
        )
    }

    /// A type with attributes.
    pub(super) fn core_type(&mut self) -> Res<CoreType> {
        let mut typ = self.core_type_no_attr()?;
        while self.is(Token::Lbracketat) {
            typ.attributes.push(self.attribute()?);
        }
        Ok(typ)
    }

    /// A type without attributes: `t as 'a`.
    pub(super) fn core_type_no_attr(&mut self) -> Res<CoreType> {
        let start = self.start();
        let mut typ = self.function_type()?;
        while self.eat(Token::As) {
            let name = self.typevar()?;
            typ = self.mktyp(start, CoreTypeDesc::Alias(Box::new(typ), name));
        }
        Ok(typ)
    }

    /// Whether `l:` stands here.
    fn at_label(&self) -> bool {
        matches!(self.token(), Token::Lident(_)) && self.peek(1) == Token::Colon
    }

    /// `?l:`, if it stands here.
    pub(super) fn optlabel(&mut self) -> Res<Option<Name>> {
        match self.token() {
            Token::Optlabel(name) => {
                self.bump();
                Ok(Some(name))
            }
            Token::Question => {
                self.bump();
                let name = self.lident()?;
                self.expect(Token::Colon)?;
                Ok(Some(name))
            }
            _ => Ok(None),
        }
    }

    fn function_type(&mut self) -> Res<CoreType> {
        self.check_depth()?;
        let start = self.start();
        if let Some(name) = self.optlabel()? {
            let domain = self.tuple_type()?;
            return self.arrow(start, ArgLabel::Optional(name), domain);
        }
        if self.at_label() {
            let name = self.lident()?;
            self.bump();
            return self.labelled_function_type(start, name);
        }
        let domain = self.tuple_type()?;
        if self.is(Token::Minusgreater) { self.arrow(start, ArgLabel::Nolabel, domain) } else { Ok(domain) }
    }

    /// After `l:`: the domain of an arrow, or the first component of a tuple.
    fn labelled_function_type(&mut self, start: Position, name: Name) -> Res<CoreType> {
        let domain_start = self.start();
        let first = self.atomic_type()?;
        if !self.is(Token::Star) {
            return self.arrow(start, ArgLabel::Labelled(name), first);
        }
        let mut components = vec![(None, first)];
        self.tuple_components(&mut components)?;
        if self.is(Token::Minusgreater) {
            let domain = self.mktyp(domain_start, CoreTypeDesc::Tuple(components));
            return self.arrow(start, ArgLabel::Labelled(name), domain);
        }
        components[0].0 = Some(name);
        Ok(self.mktyp(start, CoreTypeDesc::Tuple(components)))
    }

    /// `-> t` after a domain.
    fn arrow(&mut self, start: Position, label: ArgLabel, mut domain: CoreType) -> Res<CoreType> {
        let domain_end = self.prev_end;
        self.expect(Token::Minusgreater)?;
        let codomain = Box::new(self.function_type()?);
        if !self.docs.is_empty() {
            let info = self.docs.info(domain_end.cnum);
            self.docs.add_info(info, &mut domain.attributes);
        }
        Ok(self.mktyp(start, CoreTypeDesc::Arrow(label, Box::new(domain), codomain)))
    }

    pub(super) fn tuple_type(&mut self) -> Res<CoreType> {
        let start = self.start();
        let first = self.atomic_type()?;
        if !self.is(Token::Star) {
            return Ok(first);
        }
        let mut components = vec![(None, first)];
        self.tuple_components(&mut components)?;
        Ok(self.mktyp(start, CoreTypeDesc::Tuple(components)))
    }

    fn tuple_components(&mut self, components: &mut Vec<(Option<Name>, CoreType)>) -> Res<()> {
        while self.eat(Token::Star) {
            let mut label = None;
            if self.at_label() {
                label = Some(self.lident()?);
                self.bump();
            }
            components.push((label, self.atomic_type()?));
        }
        Ok(())
    }

    /// Whether quantified variables stand some tokens ahead: `'a.`, or several of them.
    pub(super) fn at_poly(&self, ahead: usize) -> bool {
        self.peek(ahead) == Token::Quote && matches!(self.peek(ahead + 2), Token::Dot | Token::Quote)
    }

    fn possibly_poly(&mut self, parse: fn(&mut Parser) -> Res<CoreType>) -> Res<CoreType> {
        if !self.at_poly(0) {
            return parse(self);
        }
        let start = self.start();
        let variables = self.typevar_list()?;
        self.expect(Token::Dot)?;
        let typ = Box::new(parse(self)?);
        Ok(self.mktyp(start, CoreTypeDesc::Poly(variables, typ)))
    }

    /// `'a. t`, or a type.
    pub(super) fn poly_type(&mut self) -> Res<CoreType> {
        self.possibly_poly(Parser::core_type)
    }

    pub(super) fn poly_type_no_attr(&mut self) -> Res<CoreType> {
        self.possibly_poly(Parser::core_type_no_attr)
    }

    /// The expression and type that `: type a b. t = e` stands for in a method.
    pub(super) fn wrap_type_annotation(
        &self,
        start: Position,
        newtypes: Vec<Loc<Name>>,
        typ: CoreType,
        body: Expression,
    ) -> Res<(Expression, CoreType)> {
        let mut poly = typ.clone();
        varify(&newtypes, &mut poly)?;
        let desc = ExpressionDesc::Constraint(Box::new(body), Box::new(typ));
        let mut e = self.mkexp(start, desc);
        for newtype in newtypes.iter().rev() {
            e = self.mkexp(start, ExpressionDesc::NewType(*newtype, Box::new(e)));
        }
        let desc = CoreTypeDesc::Poly(newtypes, Box::new(poly));
        Ok((e, core_type(desc, self.ghost_loc(start), Vec::new())))
    }
}

fn check_variable(names: &[Loc<Name>], loc: Location, name: Name) -> Res<()> {
    if names.iter().any(|bound| bound.txt == name) {
        let error = ParseError::VariableInScope(name.to_string());
        return Err(Box::new(SyntaxError::Parse(error, loc)));
    }
    Ok(())
}

/// Turns the constructors of these names into variables (upstream's `varify_constructors`).
fn varify(names: &[Loc<Name>], typ: &mut CoreType) -> Res<()> {
    let loc = typ.loc;
    match &mut typ.desc {
        CoreTypeDesc::Any | CoreTypeDesc::Extension(_) => {}
        CoreTypeDesc::Var(name) => check_variable(names, loc, *name)?,
        CoreTypeDesc::Arrow(_, domain, codomain) => {
            varify(names, domain)?;
            varify(names, codomain)?;
        }
        CoreTypeDesc::Tuple(components) => {
            for (_, component) in components {
                varify(names, component)?;
            }
        }
        CoreTypeDesc::Constr(path, arguments) => {
            if let (Longident::Lident(name), true) = (&path.txt, arguments.is_empty())
                && names.iter().any(|bound| bound.txt == *name)
            {
                typ.desc = CoreTypeDesc::Var(*name);
                return Ok(());
            }
            varify_all(names, arguments)?;
        }
        CoreTypeDesc::Class(_, arguments) => varify_all(names, arguments)?,
        CoreTypeDesc::Object(fields, _) => {
            for field in fields {
                match &mut field.desc {
                    ObjectFieldDesc::Tag(_, typ) | ObjectFieldDesc::Inherit(typ) => varify(names, typ)?,
                }
            }
        }
        CoreTypeDesc::Alias(typ, alias) => {
            check_variable(names, alias.loc, alias.txt)?;
            varify(names, typ)?;
        }
        CoreTypeDesc::Variant(fields, _, _) => {
            for field in fields {
                match &mut field.desc {
                    RowFieldDesc::Tag(_, _, types) => varify_all(names, types)?,
                    RowFieldDesc::Inherit(typ) => varify(names, typ)?,
                }
            }
        }
        CoreTypeDesc::Poly(variables, typ) => {
            for variable in variables {
                check_variable(names, loc, variable.txt)?;
            }
            varify(names, typ)?;
        }
        CoreTypeDesc::Package(package) => {
            for (_, typ) in &mut package.cstrs {
                varify(names, typ)?;
            }
        }
        CoreTypeDesc::Open(_, typ) => varify(names, typ)?,
    }
    Ok(())
}

fn varify_all(names: &[Loc<Name>], types: &mut [CoreType]) -> Res<()> {
    types.iter_mut().try_for_each(|typ| varify(names, typ))
}
