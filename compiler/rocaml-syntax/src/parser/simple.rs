//! Simple expressions: what can be an argument without parentheses.

use rocaml_base::{Loc, Location, Name, Position};

use super::build::{constructor, desc_constraint, expression, mkexpvar, mkinfix, mktailexp, unlabelled};
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::ArgLabel;
use crate::error::ParseError;
use crate::longident::Longident;
use crate::token::Token;

impl Parser {
    pub(super) fn simple_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        let head = self.primary()?;
        self.postfix(start, head, true)
    }

    /// `.l`, `.(i)`, `.%(i)`, and with `sends` also `#m` and `## e`.
    pub(super) fn postfix(&mut self, start: Position, mut e: Expression, sends: bool) -> Res<Expression> {
        loop {
            match self.token() {
                Token::Dot => e = self.dot_postfix(start, e)?,
                Token::Dotop(op) => {
                    self.bump();
                    e = self.user_index(start, e, None, op)?;
                }
                Token::Hash if sends => {
                    self.bump();
                    let label = self.lident_loc()?;
                    e = self.mkexp(start, ExpressionDesc::Send(Box::new(e), label));
                }
                Token::Hashop(op) if sends => {
                    let operator = mkexpvar(op, self.bump_loc());
                    let right_start = self.start();
                    let right = self.primary()?;
                    let right = self.postfix(right_start, right, false)?;
                    e = self.mkexp(start, mkinfix(e, operator, right));
                }
                _ => return Ok(e),
            }
        }
    }

    fn dot_postfix(&mut self, start: Position, e: Expression) -> Res<Expression> {
        self.bump();
        match self.token() {
            Token::Lparen | Token::Lbrace | Token::Lbracket => self.builtin_index(start, e),
            Token::Lident(_) => {
                let label = self.label_longident()?;
                Ok(self.mkexp(start, ExpressionDesc::Field(Box::new(e), label)))
            }
            Token::Uident(_) => {
                let label_start = self.start();
                let path = self.mod_longident()?;
                if let Token::Dotop(op) = self.token() {
                    self.bump();
                    return self.user_index(start, e, Some(path.txt), op);
                }
                self.expect(Token::Dot)?;
                let name = self.lident_loc()?;
                let label = self.dotted(label_start, path, name);
                Ok(self.mkexp(start, ExpressionDesc::Field(Box::new(e), label)))
            }
            _ => self.error(),
        }
    }

    // -- Indexing -------------------------------------------------------------------------------

    /// The bracket that opens here: its texts and its closing token.
    fn bracket_pair(&self) -> Option<(&'static str, &'static str, Token)> {
        match self.token() {
            Token::Lparen => Some(("(", ")", Token::Rparen)),
            Token::Lbrace => Some(("{", "}", Token::Rbrace)),
            Token::Lbracket => Some(("[", "]", Token::Rbracket)),
            _ => None,
        }
    }

    /// `e.(i)`, `e.{i, j}`, `e.[i]`
    fn builtin_index(&mut self, start: Position, array: Expression) -> Res<Expression> {
        let Some((left, _, closing)) = self.bracket_pair() else { return self.error() };
        let opening = self.bump_loc();
        let index = self.seq_expr()?;
        self.close(opening, left, closing)?;
        let is_set = self.is(Token::Lessminus);
        let (dimension, mut arguments) = if left == "{" { bigarray_indices(index) } else { ("", vec![index]) };
        let name = match left {
            "(" => Longident::Lident(Name::new("Array")),
            "[" => Longident::Lident(Name::new("String")),
            _ => {
                let bigarray = Loc::none(Longident::Lident(Name::new("Bigarray")));
                Longident::Ldot(Box::new(bigarray), Loc::none(Name::new(dimension)))
            }
        };
        if arguments.len() > 3 {
            arguments = vec![self.ghexp(start, ExpressionDesc::Array(arguments))];
        }
        let operation = match (self.options.unsafe_indexing, is_set) {
            (false, false) => "get",
            (false, true) => "set",
            (true, false) => "unsafe_get",
            (true, true) => "unsafe_set",
        };
        let name = Longident::Ldot(Box::new(Loc::none(name)), Loc::none(Name::new(operation)));
        arguments.insert(0, array);
        Ok(self.indexing(start, name, arguments))
    }

    /// `e.%(i)`, `e.M.%[i; j]`, after the operator.
    fn user_index(
        &mut self,
        start: Position,
        array: Expression,
        prefix: Option<Longident>,
        op: Name,
    ) -> Res<Expression> {
        let Some((left, right, closing)) = self.bracket_pair() else { return self.error() };
        let opening = self.bump_loc();
        let mut indices = self.expr_semi_list()?;
        self.close(opening, left, closing)?;
        let several = if indices.len() == 1 { "" } else { ";.." };
        let assign = if self.is(Token::Lessminus) { "<-" } else { "" };
        let name = Name::new(&format!(".{op}{left}{several}{right}{assign}"));
        let name = match prefix {
            None => Longident::Lident(name),
            Some(prefix) => Longident::Ldot(Box::new(Loc::none(prefix)), Loc::none(name)),
        };
        if indices.len() != 1 {
            indices = vec![self.mkexp(start, ExpressionDesc::Array(indices))];
        }
        indices.insert(0, array);
        Ok(self.indexing(start, name, indices))
    }

    fn indexing(&self, start: Position, name: Longident, arguments: Vec<Expression>) -> Expression {
        let loc = self.ghost_loc(start);
        let function = expression(ExpressionDesc::Ident(Loc::new(name, loc)), loc, Vec::new());
        let arguments = arguments.into_iter().map(unlabelled).collect();
        self.mkexp(start, ExpressionDesc::Apply(Box::new(function), arguments))
    }

    /// Whether an application was written with an indexing operator.
    pub(super) fn is_indexing(&self, function: &Expression) -> bool {
        matches!(&function.desc, ExpressionDesc::Ident(name) if name.loc.ghost)
    }

    /// Completes `e.(i) <- value`: all places now reach to the end of the value.
    pub(super) fn index_assignment(
        &mut self,
        start: Position,
        mut function: Expression,
        mut arguments: Vec<(ArgLabel, Expression)>,
        value: Expression,
    ) -> Res<Expression> {
        let old_end = function.loc.end;
        let loc = self.ghost_loc(start);
        function.loc = loc;
        if let ExpressionDesc::Ident(name) = &mut function.desc {
            name.loc = loc;
            let is_string = matches!(&name.txt, Longident::Ldot(prefix, _)
                if matches!(&prefix.txt, Longident::Lident(name) if *name == "String"))
                && !matches!(&name.txt, Longident::Ldot(_, operation) if operation.txt.starts_with('.'));
            if is_string {
                return self.error_at(self.loc(start), ParseError::RemovedStringSet);
            }
        }
        // An array of indices was made at the place of the whole.
        if let Some((_, index)) = arguments.get_mut(1)
            && matches!(index.desc, ExpressionDesc::Array(_))
            && index.loc.start == start
            && index.loc.end == old_end
        {
            index.loc.end = self.prev_end;
        }
        arguments.push(unlabelled(value));
        Ok(self.mkexp(start, ExpressionDesc::Apply(Box::new(function), arguments)))
    }

    // -- Primary expressions --------------------------------------------------------------------

    /// A simple expression without what may follow it.
    pub(super) fn primary(&mut self) -> Res<Expression> {
        let start = self.start();
        match self.token() {
            Token::Lident(name) => {
                self.bump();
                let ident = self.mkrhs(Longident::Lident(name), start);
                Ok(self.mkexp(start, ExpressionDesc::Ident(ident)))
            }
            Token::Int(..) | Token::Char(_) | Token::String(_) | Token::Float(..) => {
                let constant = self.constant()?;
                Ok(self.mkexp(start, ExpressionDesc::Constant(constant)))
            }
            Token::Uident(_) => self.path_expr(),
            Token::Lparen => self.paren_expr(),
            Token::True | Token::False => {
                let name = self.constr_longident()?;
                Ok(self.mkexp(start, ExpressionDesc::Construct(name, None)))
            }
            Token::Backquote => {
                let tag = self.name_tag()?;
                Ok(self.mkexp(start, ExpressionDesc::Variant(tag, None)))
            }
            Token::Prefixop(_) | Token::Bang => {
                let name = if let Token::Prefixop(name) = self.token() { name } else { Name::new("!") };
                let operator = mkexpvar(name, self.bump_loc());
                self.check_depth()?;
                let e = self.primary()?;
                Ok(self.mkexp(start, ExpressionDesc::Apply(Box::new(operator), vec![unlabelled(e)])))
            }
            Token::Lbracket | Token::Lbracketbar | Token::Lbrace | Token::Lbraceless => {
                let desc = self.delimited_expr()?;
                Ok(self.mkexp(start, desc))
            }
            Token::Begin => self.begin_expr(),
            Token::New => {
                self.bump();
                let ext = self.ext_attributes()?;
                let class = self.class_longident()?;
                Ok(self.mkexp_attrs(start, ExpressionDesc::New(class), ext))
            }
            Token::Object => {
                let opening = self.bump_loc();
                let ext = self.ext_attributes()?;
                let structure = Box::new(self.class_structure()?);
                self.close(opening, "object", Token::End)?;
                Ok(self.mkexp_attrs(start, ExpressionDesc::Object(structure), ext))
            }
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                Ok(self.mkexp(start, ExpressionDesc::Extension(extension)))
            }
            _ => self.error(),
        }
    }

    pub(super) fn constant(&mut self) -> Res<Constant> {
        let desc = match self.token() {
            Token::Int(digits, suffix) => ConstantDesc::Integer(digits, suffix),
            Token::Float(digits, suffix) => ConstantDesc::Float(digits, suffix),
            Token::Char(c) => ConstantDesc::Char(c),
            Token::String(index) => {
                let (contents, loc, delimiter) = self.lexed.strings[index as usize].clone();
                ConstantDesc::String(contents, loc, delimiter)
            }
            _ => return self.error(),
        };
        let loc = self.bump_loc();
        Ok(Constant { desc, loc })
    }

    fn begin_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        let opening = self.bump_loc();
        let (ext, mut attributes) = self.ext_attributes()?;
        if self.eat(Token::End) {
            let unit = constructor("()", self.loc(start));
            return Ok(self.mkexp_attrs(start, ExpressionDesc::Construct(unit, None), (ext, attributes)));
        }
        let e = self.seq_expr()?;
        self.close(opening, "begin", Token::End)?;
        attributes.extend(e.attributes);
        Ok(self.mkexp_attrs(start, e.desc, (ext, attributes)))
    }

    /// What begins with a parenthesis.
    fn paren_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        if self.parenthesized_operator() > 0 {
            let name = self.val_extra_ident()?;
            let ident = self.mkrhs(Longident::Lident(name), start);
            return Ok(self.mkexp(start, ExpressionDesc::Ident(ident)));
        }
        if self.at_parenthesized_cons(0) || self.peek(1) == Token::Rparen {
            let name = self.constr_longident()?;
            return Ok(self.mkexp(start, ExpressionDesc::Construct(name, None)));
        }
        let opening = self.bump_loc();
        if self.is(Token::Module) {
            return self.pack_expr(start, opening, false);
        }
        if !self.at_expr() {
            // Only an operator could still follow.
            self.at -= 1;
            self.val_extra_ident()?;
            return self.error();
        }
        let e = self.seq_expr()?;
        if matches!(self.token(), Token::Colon | Token::Colongreater) {
            let constraint = self.type_constraint()?;
            self.expect(Token::Rparen)?;
            return Ok(self.mkexp(start, desc_constraint(e, constraint)));
        }
        self.close(opening, "(", Token::Rparen)?;
        Ok(self.reloc_exp(start, e))
    }

    /// `(module ME)` or `(module ME : S)`, after the parenthesis.
    fn pack_expr(&mut self, start: Position, opening: Location, needs_type: bool) -> Res<Expression> {
        self.bump();
        let starts_module = |token| {
            matches!(
                token,
                Token::Uident(_)
                    | Token::Struct
                    | Token::Functor
                    | Token::Lparen
                    | Token::Sig
                    | Token::Lbracketpercent
                    | Token::QuotedStringExpr(_)
                    | Token::Lbracketat
                    | Token::Percent
            )
        };
        if !starts_module(self.token()) {
            return self.expecting("module-expr");
        }
        let ext = self.ext_attributes()?;
        let module = Box::new(self.module_expr()?);
        if !needs_type && self.eat(Token::Rparen) {
            return Ok(self.mkexp_attrs(start, ExpressionDesc::Pack(module, None), ext));
        }
        self.expect(Token::Colon)?;
        if !self.at_module_type() {
            return self.error_with(ParseError::Unclosed(opening, "(", ")"));
        }
        let package = Box::new(self.package_type()?);
        self.expect(Token::Rparen)?;
        Ok(self.mkexp_attrs(start, ExpressionDesc::Pack(module, Some(package)), ext))
    }

    /// `[…]`, `[|…|]`, `{…}`, `{<…>}`.
    fn delimited_expr(&mut self) -> Res<ExpressionDesc> {
        let start = self.start();
        let token = self.token();
        if token == Token::Lbracket && self.peek(1) == Token::Rbracket {
            return Ok(ExpressionDesc::Construct(self.constr_longident()?, None));
        }
        let opening = self.bump_loc();
        debug_assert!(opening.start == start);
        match token {
            Token::Lbracket => {
                let elements = self.expr_semi_list()?;
                let closing = self.here_loc();
                self.close(opening, "[", Token::Rbracket)?;
                Ok(mktailexp(closing, elements))
            }
            Token::Lbracketbar => {
                if self.eat(Token::Barrbracket) {
                    return Ok(ExpressionDesc::Array(Vec::new()));
                }
                let elements = self.expr_semi_list()?;
                self.close(opening, "[|", Token::Barrbracket)?;
                Ok(ExpressionDesc::Array(elements))
            }
            Token::Lbrace => {
                let desc = self.record_expr_content()?;
                self.close(opening, "{", Token::Rbrace)?;
                Ok(desc)
            }
            _ => {
                if self.eat(Token::Greaterrbrace) {
                    return Ok(ExpressionDesc::Override(Vec::new()));
                }
                let fields = self.object_expr_content()?;
                self.close(opening, "{<", Token::Greaterrbrace)?;
                Ok(ExpressionDesc::Override(fields))
            }
        }
    }

    /// `e1; e2; …`, with an optional last semicolon.
    pub(super) fn expr_semi_list(&mut self) -> Res<Vec<Expression>> {
        let mut elements = vec![self.expr()?];
        while self.eat(Token::Semi) && self.at_expr() {
            elements.push(self.expr()?);
        }
        Ok(elements)
    }

    fn record_expr_content(&mut self) -> Res<ExpressionDesc> {
        let base = if self.at_record_field() {
            None
        } else {
            let base = self.simple_expr()?;
            self.expect(Token::With)?;
            Some(Box::new(base))
        };
        let mut fields = vec![self.record_expr_field()?];
        while self.eat(Token::Semi) && matches!(self.token(), Token::Lident(_) | Token::Uident(_)) {
            fields.push(self.record_expr_field()?);
        }
        Ok(ExpressionDesc::Record(fields, base))
    }

    /// Whether a label stands here that is not the beginning of an expression before `with`.
    fn at_record_field(&self) -> bool {
        let mut ahead = 0;
        while matches!(self.peek(ahead), Token::Uident(_)) && self.peek(ahead + 1) == Token::Dot {
            ahead += 2;
        }
        let continues =
            |token| matches!(token, Token::With | Token::Dot | Token::Dotop(_) | Token::Hash | Token::Hashop(_));
        matches!(self.peek(ahead), Token::Lident(_)) && !continues(self.peek(ahead + 1))
    }

    fn record_expr_field(&mut self) -> Res<(Loc<Longident>, Expression)> {
        let start = self.start();
        let mut label = self.label_longident()?;
        let constraint_start = self.start();
        let constraint = self.opt_type_constraint()?;
        if self.eat(Token::Equal) {
            let e = self.expr()?;
            let e = match constraint {
                None => e,
                Some(constraint) => self.mkexp(constraint_start, desc_constraint(e, constraint)),
            };
            return Ok((label, e));
        }
        // The field stands for a variable of its name.
        let e = mkexpvar(super::build::last_name(&label.txt), label.loc);
        let e = match constraint {
            None => e,
            Some(constraint) => self.mkexp(start, desc_constraint(e, constraint)),
        };
        label.loc.ghost = true;
        Ok((label, e))
    }

    fn object_expr_content(&mut self) -> Res<Vec<(Loc<Name>, Expression)>> {
        let mut fields = Vec::new();
        loop {
            let mut label = self.lident_loc()?;
            let e = if self.eat(Token::Equal) {
                self.expr()?
            } else {
                let e = mkexpvar(label.txt, label.loc);
                label.loc.ghost = true;
                e
            };
            fields.push((label, e));
            if !(self.eat(Token::Semi) && matches!(self.token(), Token::Lident(_))) {
                return Ok(fields);
            }
        }
    }

    // -- Paths ----------------------------------------------------------------------------------

    /// What begins with the name of a module or constructor.
    fn path_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        let path = self.mod_longident()?;
        if !self.is(Token::Dot) {
            return Ok(self.mkexp(start, ExpressionDesc::Construct(path, None)));
        }
        if self.at_parenthesized_cons(1) {
            self.bump();
            let name = self.parenthesized_cons();
            let name = self.dotted(start, path, name);
            return Ok(self.mkexp(start, ExpressionDesc::Construct(name, None)));
        }
        self.bump();
        if self.at_val_ident() {
            let name = self.val_ident_loc()?;
            let ident = self.dotted(start, path, name);
            return Ok(self.mkexp(start, ExpressionDesc::Ident(ident)));
        }
        let inner_start = self.start();
        let open = Parser::open_dot(path);
        let inner = match self.token() {
            Token::Lparen => self.open_paren_expr()?,
            Token::Lbraceless => {
                // Upstream gives the inner expression the place of the whole.
                let desc = self.delimited_expr()?;
                self.mkexp(start, desc)
            }
            Token::Lbrace | Token::Lbracket | Token::Lbracketbar => {
                let desc = self.delimited_expr()?;
                self.mkexp(inner_start, desc)
            }
            _ => return self.error(),
        };
        Ok(self.mkexp(start, ExpressionDesc::Open(open, Box::new(inner))))
    }

    /// `(…)` after `M.`
    fn open_paren_expr(&mut self) -> Res<Expression> {
        let start = self.start();
        if self.peek(1) == Token::Rparen {
            let unit = self.constr_longident()?;
            return Ok(self.mkexp(start, ExpressionDesc::Construct(unit, None)));
        }
        let opening = self.bump_loc();
        if self.is(Token::Module) {
            return self.pack_expr(start, opening, true);
        }
        if !self.at_expr() {
            self.at -= 1;
            self.val_extra_ident()?;
            return self.error();
        }
        let e = self.seq_expr()?;
        self.close(opening, "(", Token::Rparen)?;
        Ok(e)
    }
}

/// The indices of a big array, and the module that accesses as many.
fn bigarray_indices(index: Expression) -> (&'static str, Vec<Expression>) {
    let indices = match index.desc {
        ExpressionDesc::Tuple(components) if components.iter().all(|(label, _)| label.is_none()) => {
            components.into_iter().map(|(_, e)| e).collect()
        }
        desc => vec![Expression { desc, ..index }],
    };
    let module = match indices.len() {
        1 => "Array1",
        2 => "Array2",
        3 => "Array3",
        _ => "Genarray",
    };
    (module, indices)
}
