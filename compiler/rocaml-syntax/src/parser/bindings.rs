//! `let` bindings and binding operators.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::{core_type, mkexpvar, mkpatvar, pattern};
use super::functions::mkfunction;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::RecFlag;
use crate::token::Token;

/// A binding, before it is known whether it takes docstrings.
pub(super) struct LetBinding {
    pat: Pattern,
    expr: Expression,
    constraint: Option<ValueConstraint>,
    attributes: Attributes,
    loc: Location,
    is_first: bool,
}

impl LetBinding {
    pub(super) fn without_docs(self) -> ValueBinding {
        let LetBinding { pat, expr, constraint, attributes, loc, .. } = self;
        ValueBinding { pat, expr, constraint, attributes, loc }
    }
}

/// `let … and …`
pub(super) struct LetBindings {
    pub(super) ext: Option<Loc<Name>>,
    pub(super) rec_flag: RecFlag,
    pub(super) bindings: Vec<LetBinding>,
}

type Binding = (Pattern, Expression, Option<ValueConstraint>);

impl Parser {
    pub(super) fn let_bindings(&mut self, allows_ext: bool) -> Res<LetBindings> {
        let mut start = self.start();
        self.bump();
        let ext_start = self.start();
        let ext = self.ext()?;
        if ext.is_some() && !allows_ext {
            return self.not_expecting(self.loc(ext_start), "extension");
        }
        let mut attributes = self.attributes()?;
        let rec_flag = if self.eat(Token::Rec) { RecFlag::Recursive } else { RecFlag::Nonrecursive };
        let mut bindings = Vec::new();
        loop {
            let (pat, expr, constraint) = match self.let_binding_body()? {
                Ok(binding) => binding,
                Err(name) => {
                    // `let x` alone has a meaning only for extensions.
                    attributes = self.post_item_attributes(attributes)?;
                    if ext.is_none() {
                        return self.error();
                    }
                    (mkpatvar(name.txt, name.loc), mkexpvar(name.txt, name.loc), None)
                }
            };
            attributes = self.post_item_attributes(attributes)?;
            let is_first = bindings.is_empty();
            bindings.push(LetBinding { pat, expr, constraint, attributes, loc: self.loc(start), is_first });
            if !self.is(Token::And) {
                return Ok(LetBindings { ext, rec_flag, bindings });
            }
            start = self.start();
            self.bump();
            attributes = self.attributes()?;
        }
    }

    /// The item that bindings make in a structure.
    pub(super) fn val_of_let_bindings(&mut self, start: Position, bindings: LetBindings) -> StructureItem {
        let loc = self.loc(start);
        let mut values = Vec::new();
        for mut binding in bindings.bindings {
            if !self.docs.is_empty() {
                let LetBinding { loc, is_first, .. } = binding;
                let docs = self.docs.docs(loc.start.cnum, loc.end.cnum);
                self.docs.add_docs(docs, &mut binding.attributes);
                if !is_first {
                    binding.attributes = self.with_text(loc.start, binding.attributes);
                }
            }
            values.push(binding.without_docs());
        }
        let item = StructureItemDesc::Value(bindings.rec_flag, values);
        match bindings.ext {
            None => StructureItem { desc: item, loc },
            Some(name) => {
                let item = StructureItem { desc: item, loc };
                let extension = Box::new(Extension { name, payload: Payload::Str(vec![item]) });
                StructureItem { desc: StructureItemDesc::Extension(extension, Vec::new()), loc: loc.ghost() }
            }
        }
    }

    /// A binding, or the name that stands alone.
    fn let_binding_body(&mut self) -> Res<Result<Binding, Loc<Name>>> {
        if self.at_val_ident() && !self.pattern_follows_ident() {
            let name = self.val_ident_loc()?;
            return self.named_binding(name);
        }
        let start = self.at;
        let pat = self.pattern_no_exn()?;
        let is_simple = self.last_simple_pattern == (start, self.at);
        let mut constraint = None;
        if is_simple && self.eat(Token::Colon) {
            let typ = self.core_type()?;
            constraint = Some(ValueConstraint::Constraint { locally_abstract_univars: Vec::new(), typ });
        }
        self.expect(Token::Equal)?;
        Ok(Ok((pat, self.seq_expr()?, constraint)))
    }

    /// Whether the name that stands here is part of a larger pattern.
    fn pattern_follows_ident(&self) -> bool {
        let length = if self.is(Token::Lparen) { self.parenthesized_operator() } else { 1 };
        matches!(self.peek(length), Token::As | Token::Comma | Token::Coloncolon | Token::Bar | Token::Lbracketat)
    }

    /// What follows the name in a binding.
    fn named_binding(&mut self, name: Loc<Name>) -> Res<Result<Binding, Loc<Name>>> {
        let pat = mkpatvar(name.txt, name.loc);
        match self.token() {
            Token::Colon if self.peek(1) == Token::Type => {
                self.bump();
                self.bump();
                let locally_abstract_univars = self.lident_list()?;
                self.expect(Token::Dot)?;
                let typ = self.core_type()?;
                self.expect(Token::Equal)?;
                let e = self.seq_expr()?;
                Ok(Ok((pat, e, Some(ValueConstraint::Constraint { locally_abstract_univars, typ }))))
            }
            Token::Colon | Token::Colongreater => {
                let constraint = self.binding_constraint()?;
                self.expect(Token::Equal)?;
                Ok(Ok((pat, self.seq_expr()?, Some(constraint))))
            }
            _ if self.is(Token::Equal) || self.at_fun_param() => Ok(Ok((pat, self.strict_binding()?, None))),
            _ => Ok(Err(name)),
        }
    }

    fn binding_constraint(&mut self) -> Res<ValueConstraint> {
        let locally_abstract_univars = Vec::new();
        if self.is(Token::Colon) && self.at_poly(1) {
            self.bump();
            let start = self.start();
            let variables = self.typevar_list()?;
            self.expect(Token::Dot)?;
            let body = Box::new(self.core_type()?);
            let typ = core_type(CoreTypeDesc::Poly(variables, body), self.ghost_loc(start), Vec::new());
            return Ok(ValueConstraint::Constraint { locally_abstract_univars, typ });
        }
        Ok(match self.type_constraint()? {
            TypeConstraint::Constraint(typ) => ValueConstraint::Constraint { locally_abstract_univars, typ },
            TypeConstraint::Coerce(ground, coercion) => ValueConstraint::Coercion { ground, coercion },
        })
    }

    /// `= e`, or `params : t = e`.
    pub(super) fn strict_binding(&mut self) -> Res<Expression> {
        if self.eat(Token::Equal) {
            return self.seq_expr();
        }
        let start = self.start();
        let params = self.fun_params()?;
        let constraint = self.opt_type_constraint()?;
        self.expect(Token::Equal)?;
        let body = self.fun_body()?;
        Ok(self.ghexp(start, mkfunction(params, constraint, body)))
    }

    pub(super) fn opt_type_constraint(&mut self) -> Res<Option<TypeConstraint>> {
        match self.token() {
            Token::Colon | Token::Colongreater => Ok(Some(self.type_constraint()?)),
            _ => Ok(None),
        }
    }

    /// `: t`, `: t :> t'`, `:> t`.
    pub(super) fn type_constraint(&mut self) -> Res<TypeConstraint> {
        if self.eat(Token::Colongreater) {
            return Ok(TypeConstraint::Coerce(None, self.core_type()?));
        }
        self.expect(Token::Colon)?;
        let typ = self.core_type()?;
        if self.eat(Token::Colongreater) {
            return Ok(TypeConstraint::Coerce(Some(typ), self.core_type()?));
        }
        Ok(TypeConstraint::Constraint(typ))
    }

    // -- Binding operators ----------------------------------------------------------------------

    pub(super) fn letop_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        let (op, pat, exp) = self.letop_binding()?;
        let mut ands = Vec::new();
        while let Token::Andop(_) = self.token() {
            let and_start = self.start();
            let (op, pat, exp) = self.letop_binding()?;
            ands.push(BindingOp { op, pat, exp, loc: self.and_loc(start, and_start) });
        }
        self.expect(Token::In)?;
        let body = self.seq_expr()?;
        let let_ = BindingOp { op, pat, exp, loc: self.loc(start) };
        Ok(self.mkexp(start, ExpressionDesc::LetOp(Box::new(LetOp { let_, ands, body }))))
    }

    /// The place of an `and*`: upstream's runs from the first binding.
    fn and_loc(&self, start: Position, _and_start: Position) -> Location {
        let first_binding = self.tokens.partition_point(|lexeme| lexeme.start.cnum <= start.cnum);
        self.loc(self.tokens[first_binding].start)
    }

    fn letop_binding(&mut self) -> Res<(Loc<Name>, Pattern, Expression)> {
        let (Token::Letop(name) | Token::Andop(name)) = self.token() else { return self.error() };
        let op = Loc::new(name, self.bump_loc());
        let (pat, exp) = self.letop_binding_body()?;
        Ok((op, pat, exp))
    }

    fn letop_binding_body(&mut self) -> Res<(Pattern, Expression)> {
        let start = self.start();
        let first = self.at;
        if self.at_val_ident() && !self.pattern_follows_ident() {
            let name = self.val_ident_loc()?;
            let pat = mkpatvar(name.txt, name.loc);
            if self.is(Token::Equal) || self.at_fun_param() {
                return Ok((pat, self.strict_binding()?));
            }
            if self.is(Token::Colon) {
                return self.letop_constraint(start, pat);
            }
            return Ok((pat, mkexpvar(name.txt, name.loc)));
        }
        let pat = self.pattern_no_exn()?;
        if self.is(Token::Colon) && self.last_simple_pattern == (first, self.at) {
            return self.letop_constraint(start, pat);
        }
        self.expect(Token::Equal)?;
        Ok((pat, self.seq_expr()?))
    }

    fn letop_constraint(&mut self, start: Position, pat: Pattern) -> Res<(Pattern, Expression)> {
        self.bump();
        let typ = Box::new(self.core_type()?);
        let desc = PatternDesc::Constraint(Box::new(pat), typ);
        let pat = pattern(desc, self.ghost_loc(start), Vec::new());
        self.expect(Token::Equal)?;
        Ok((pat, self.seq_expr()?))
    }
}
