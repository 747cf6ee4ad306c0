//! Declarations of values, types, type extensions and exceptions.

use rocaml_base::{Loc, Location, Name, Position};

use super::structure::WithExt;
use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::{Injectivity, MutableFlag, PrivateFlag, RecFlag, Variance};
use crate::error::ParseError;
use crate::token::Token;

/// What `type …` may be.
pub(super) enum TypeItem {
    Declarations(RecFlag, Vec<TypeDeclaration>),
    Substitutions(Vec<TypeDeclaration>),
    Extension(TypeExtension),
}

type KindPrivateManifest = (TypeKind, PrivateFlag, Option<CoreType>);

/// Quantified variables, arguments, result.
type ConstructorShape = (Vec<Loc<Name>>, ConstructorArguments, Option<CoreType>);

impl Parser {
    // -- Values ---------------------------------------------------------------------------------

    /// `val x : t` or `external x : t = "…"`.
    pub(super) fn value_or_primitive(&mut self) -> Res<WithExt<ValueDescription>> {
        let start = self.start();
        let is_primitive = self.is(Token::External);
        self.bump();
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        let name = self.val_ident_loc()?;
        self.expect(Token::Colon)?;
        let type_ = self.poly_type()?;
        let mut prim = Vec::new();
        if is_primitive {
            self.expect(Token::Equal)?;
            prim.push(self.raw_string()?);
            while matches!(self.token(), Token::String(_)) {
                prim.push(self.raw_string()?);
            }
        }
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok((ValueDescription { name, type_, prim, attributes, loc }, ext))
    }

    fn raw_string(&mut self) -> Res<Name> {
        let Token::String(index) = self.token() else { return self.error() };
        self.bump();
        Ok(Name::new(&String::from_utf8_lossy(&self.lexed.strings[index as usize].0)))
    }

    // -- Types ----------------------------------------------------------------------------------

    /// `type …`
    pub(super) fn type_declarations(&mut self, allows_subst: bool) -> Res<WithExt<TypeItem>> {
        let start = self.start();
        self.bump();
        let ext = self.ext()?;
        let attributes = self.attributes()?;
        let nonrec = if self.is(Token::Nonrec) { Some(self.bump_loc()) } else { None };
        let params = self.type_parameters()?;
        let is_path = matches!(self.token(), Token::Uident(_));
        if is_path || self.peek(1) == Token::Pluseq {
            if let Some(loc) = nonrec {
                return self.not_expecting(loc, "nonrec flag");
            }
            let extension = self.type_extension(start, attributes, params, !allows_subst)?;
            return Ok((TypeItem::Extension(extension), ext));
        }
        let is_subst = allows_subst && self.peek(1) == Token::Colonequal;
        if let (true, Some(loc)) = (is_subst, nonrec) {
            return self.not_expecting(loc, "nonrec flag");
        }
        let rec_flag = if nonrec.is_some() { RecFlag::Nonrecursive } else { RecFlag::Recursive };
        let mut types = vec![self.type_declaration(start, attributes, params, is_subst, false)?];
        while self.is(Token::And) {
            let start = self.start();
            self.bump();
            let attributes = self.attributes()?;
            let params = self.type_parameters()?;
            types.push(self.type_declaration(start, attributes, params, is_subst, true)?);
        }
        let item = if is_subst { TypeItem::Substitutions(types) } else { TypeItem::Declarations(rec_flag, types) };
        Ok((item, ext))
    }

    fn type_declaration(
        &mut self,
        start: Position,
        attributes: Attributes,
        params: Vec<TypeParam>,
        is_subst: bool,
        is_and: bool,
    ) -> Res<TypeDeclaration> {
        let name = self.lident_loc()?;
        let (kind, private, manifest) = if is_subst {
            self.expect(Token::Colonequal)?;
            self.nonempty_type_kind()?
        } else if self.eat(Token::Equal) {
            self.nonempty_type_kind()?
        } else {
            (TypeKind::Abstract, PrivateFlag::Public, None)
        };
        let cstrs = self.constraints()?;
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let mut attributes = self.with_docs(start, attributes);
        if is_and {
            attributes = self.with_text(start, attributes);
        }
        Ok(TypeDeclaration { name, params, cstrs, kind, private, manifest, attributes, loc })
    }

    /// `constraint t1 = t2 …`
    pub(super) fn constraints(&mut self) -> Res<Vec<(CoreType, CoreType, Location)>> {
        let mut constraints = Vec::new();
        while self.eat(Token::Constraint) {
            let start = self.start();
            let (left, right) = self.constrain_field()?;
            constraints.push((left, right, self.loc(start)));
        }
        Ok(constraints)
    }

    pub(super) fn constrain_field(&mut self) -> Res<(CoreType, CoreType)> {
        let left = self.core_type()?;
        self.expect(Token::Equal)?;
        Ok((left, self.core_type()?))
    }

    fn private_flag(&mut self) -> PrivateFlag {
        if self.eat(Token::Private) { PrivateFlag::Private } else { PrivateFlag::Public }
    }

    fn nonempty_type_kind(&mut self) -> Res<KindPrivateManifest> {
        let private = self.private_flag();
        if let Some(kind) = self.concrete_type_kind()? {
            return Ok((kind, private, None));
        }
        let manifest = Some(self.core_type()?);
        if private == PrivateFlag::Private || !self.eat(Token::Equal) {
            return Ok((TypeKind::Abstract, private, manifest));
        }
        let private = self.private_flag();
        match self.concrete_type_kind()? {
            Some(kind) => Ok((kind, private, manifest)),
            None => self.error(),
        }
    }

    /// Constructors, fields or `..`, if they stand here.
    fn concrete_type_kind(&mut self) -> Res<Option<TypeKind>> {
        if self.eat(Token::Dotdot) {
            return Ok(Some(TypeKind::Open));
        }
        if self.eat(Token::Lbrace) {
            let labels = self.label_declarations()?;
            self.expect(Token::Rbrace)?;
            return Ok(Some(TypeKind::Record(labels)));
        }
        if !self.at_constructor_declaration() {
            return Ok(None);
        }
        if self.is(Token::Bar) && !self.starts_constructor(1) {
            self.bump();
            return Ok(Some(TypeKind::Variant(Vec::new())));
        }
        let mut constructors = vec![self.constructor_declaration()?];
        while self.is(Token::Bar) {
            constructors.push(self.constructor_declaration()?);
        }
        Ok(Some(TypeKind::Variant(constructors)))
    }

    /// Whether the name of a constructor stands some tokens ahead, rather than a type.
    fn starts_constructor(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Token::True | Token::False => true,
            Token::Uident(_) => !matches!(self.peek(ahead + 1), Token::Dot | Token::Lparen),
            Token::Lparen => matches!(self.peek(ahead + 1), Token::Rparen | Token::Coloncolon),
            Token::Lbracket => self.peek(ahead + 1) == Token::Rbracket,
            _ => false,
        }
    }

    fn at_constructor_declaration(&self) -> bool {
        self.is(Token::Bar) || self.starts_constructor(0)
    }

    fn constructor_declaration(&mut self) -> Res<ConstructorDeclaration> {
        let start = self.start();
        self.eat(Token::Bar);
        let name = self.constr_ident()?;
        let (vars, args, res) = self.generalized_constructor_arguments()?;
        let attributes = self.attributes()?;
        let attributes = self.with_info(attributes);
        Ok(ConstructorDeclaration { name, vars, args, res, loc: self.loc(start), attributes })
    }

    /// `of t1 * t2`, `: t1 -> t`, `: 'a. t1 -> t`.
    fn generalized_constructor_arguments(&mut self) -> Res<ConstructorShape> {
        let none = ConstructorArguments::Tuple(Vec::new());
        if self.eat(Token::Of) {
            return Ok((Vec::new(), self.constructor_arguments()?, None));
        }
        if !self.eat(Token::Colon) {
            return Ok((Vec::new(), none, None));
        }
        let mut variables = Vec::new();
        if self.at_poly(0) {
            variables = self.typevar_list()?;
            self.expect(Token::Dot)?;
        }
        let arguments = self.constructor_arguments()?;
        if self.eat(Token::Minusgreater) {
            return Ok((variables, arguments, Some(self.atomic_type()?)));
        }
        match arguments {
            ConstructorArguments::Tuple(mut types) if types.len() == 1 => Ok((variables, none, types.pop())),
            _ => self.error(),
        }
    }

    fn constructor_arguments(&mut self) -> Res<ConstructorArguments> {
        if self.eat(Token::Lbrace) {
            let labels = self.label_declarations()?;
            self.expect(Token::Rbrace)?;
            return Ok(ConstructorArguments::Record(labels));
        }
        let mut types = vec![self.atomic_type()?];
        while self.eat(Token::Star) {
            types.push(self.atomic_type()?);
        }
        Ok(ConstructorArguments::Tuple(types))
    }

    fn label_declarations(&mut self) -> Res<Vec<LabelDeclaration>> {
        let mut labels = Vec::new();
        loop {
            let start = self.start();
            let mutable = if self.eat(Token::Mutable) { MutableFlag::Mutable } else { MutableFlag::Immutable };
            let name = self.lident_loc()?;
            self.expect(Token::Colon)?;
            let type_ = self.poly_type_no_attr()?;
            let mut attributes = self.attributes()?;
            let before_semi = self.prev_end;
            let terminated = self.eat(Token::Semi);
            if terminated {
                attributes.extend(self.attributes()?);
                attributes = self.with_info_before_semi(before_semi, attributes);
            } else {
                attributes = self.with_info(attributes);
            }
            labels.push(LabelDeclaration { name, mutable, type_, loc: self.loc(start), attributes });
            if !terminated || !matches!(self.token(), Token::Mutable | Token::Lident(_)) {
                return Ok(labels);
            }
        }
    }

    // -- Type parameters ------------------------------------------------------------------------

    pub(super) fn type_parameters(&mut self) -> Res<Vec<TypeParam>> {
        if self.eat(Token::Lparen) {
            let mut params = vec![self.type_parameter()?];
            while self.eat(Token::Comma) {
                params.push(self.type_parameter()?);
            }
            self.expect(Token::Rparen)?;
            return Ok(params);
        }
        let starts = matches!(
            self.token(),
            Token::Quote
                | Token::Underscore
                | Token::Plus
                | Token::Minus
                | Token::Bang
                | Token::Infixop2(_)
                | Token::Prefixop(_)
        );
        if starts { Ok(vec![self.type_parameter()?]) } else { Ok(Vec::new()) }
    }

    pub(super) fn type_parameter(&mut self) -> Res<TypeParam> {
        let variance = self.type_variance()?;
        let start = self.start();
        let desc = if self.eat(Token::Underscore) {
            CoreTypeDesc::Any
        } else {
            self.expect(Token::Quote)?;
            CoreTypeDesc::Var(self.ident()?)
        };
        Ok((self.mktyp(start, desc), variance))
    }

    fn type_variance(&mut self) -> Res<(Variance, Injectivity)> {
        use Injectivity::{Injective, NoInjectivity};
        use Variance::{Bivariant, Contravariant, Covariant, NoVariance};
        let loc = self.here_loc();
        let token = self.token();
        let sign = |token| match token {
            Token::Plus => Some(Covariant),
            Token::Minus => Some(Contravariant),
            _ => None,
        };
        match token {
            Token::Plus | Token::Minus => {
                self.bump();
                let injectivity = if self.eat(Token::Bang) { Injective } else { NoInjectivity };
                Ok((sign(token).unwrap_or(NoVariance), injectivity))
            }
            Token::Bang => {
                self.bump();
                let variance = sign(self.token());
                if variance.is_some() {
                    self.bump();
                }
                Ok((variance.unwrap_or(NoVariance), Injective))
            }
            Token::Infixop2(text) | Token::Prefixop(text) => {
                self.bump();
                match text.as_str() {
                    "+!" | "!+" => Ok((Covariant, Injective)),
                    "-!" | "!-" => Ok((Contravariant, Injective)),
                    "+-" | "-+" => Ok((Bivariant, NoInjectivity)),
                    "+-!" | "-+!" | "!+-" | "!-+" => Ok((Bivariant, Injective)),
                    _ => self.error_at(loc, ParseError::Expecting("type_variance")),
                }
            }
            _ => Ok((NoVariance, NoInjectivity)),
        }
    }

    // -- Extensions and exceptions --------------------------------------------------------------

    fn type_extension(
        &mut self,
        start: Position,
        attributes: Attributes,
        params: Vec<TypeParam>,
        allows_rebind: bool,
    ) -> Res<TypeExtension> {
        let path = self.type_longident()?;
        self.expect(Token::Pluseq)?;
        let private = self.private_flag();
        let mut constructors = vec![self.extension_constructor(allows_rebind)?];
        while self.is(Token::Bar) {
            constructors.push(self.extension_constructor(allows_rebind)?);
        }
        let attributes = self.post_item_attributes(attributes)?;
        let loc = self.loc(start);
        let attributes = self.with_docs(start, attributes);
        Ok(TypeExtension { path, params, constructors, private, loc, attributes })
    }

    fn extension_constructor(&mut self, allows_rebind: bool) -> Res<ExtensionConstructor> {
        let start = self.start();
        self.eat(Token::Bar);
        let name = self.constr_ident()?;
        let kind = if allows_rebind && self.eat(Token::Equal) {
            ExtensionConstructorKind::Rebind(self.closed_constr_longident()?)
        } else {
            let (variables, arguments, result) = self.generalized_constructor_arguments()?;
            ExtensionConstructorKind::Decl(variables, arguments, result)
        };
        let attributes = self.attributes()?;
        let attributes = self.with_info(attributes);
        Ok(ExtensionConstructor { name, kind, loc: self.loc(start), attributes })
    }

    /// `exception C …`
    pub(super) fn exception_declaration(&mut self, allows_rebind: bool) -> Res<WithExt<TypeException>> {
        let start = self.start();
        self.bump();
        let ext = self.ext()?;
        let mut attributes = self.attributes()?;
        let name = self.constr_ident()?;
        let is_rebind = allows_rebind && self.eat(Token::Equal);
        let kind = if is_rebind {
            ExtensionConstructorKind::Rebind(self.closed_constr_longident()?)
        } else {
            let (variables, arguments, result) = self.generalized_constructor_arguments()?;
            ExtensionConstructorKind::Decl(variables, arguments, result)
        };
        attributes.extend(self.attributes()?);
        let declaration_loc = self.loc(start);
        let item_attributes = self.post_item_attributes(Vec::new())?;
        let loc = if is_rebind { self.loc(start) } else { declaration_loc };
        let attributes = self.with_docs(start, attributes);
        let constructor = ExtensionConstructor { name, kind, loc, attributes };
        Ok((TypeException { constructor, loc, attributes: item_attributes }, ext))
    }

    pub(super) fn let_exception_declaration(&mut self) -> Res<ExtensionConstructor> {
        let start = self.start();
        let name = self.constr_ident()?;
        let (variables, arguments, result) = self.generalized_constructor_arguments()?;
        let attributes = self.attributes()?;
        let kind = ExtensionConstructorKind::Decl(variables, arguments, result);
        Ok(ExtensionConstructor { name, kind, loc: self.loc(start), attributes })
    }
}
