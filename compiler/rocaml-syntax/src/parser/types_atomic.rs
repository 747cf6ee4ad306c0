//! Atomic types: constructors with their arguments, and what brackets enclose.

use rocaml_base::{Loc, Name, Position};

use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::{ClosedFlag, PrivateFlag};
use crate::error::{InvalidPackageType, ParseError};
use crate::longident::Longident;
use crate::token::Token;

impl Parser {
    pub(super) fn atomic_type(&mut self) -> Res<CoreType> {
        self.check_depth()?;
        let start = self.start();
        let mut typ = self.atomic_head(start)?;
        loop {
            match self.token() {
                Token::Lident(_) | Token::Uident(_) => typ = self.constructed(start, vec![typ])?,
                Token::Hash => typ = self.constructed(start, vec![typ])?,
                _ => return Ok(typ),
            }
        }
    }

    /// `t` or `#c` applied to arguments that began at `start`.
    fn constructed(&mut self, start: Position, arguments: Vec<CoreType>) -> Res<CoreType> {
        if self.eat(Token::Hash) {
            let class = self.clty_longident()?;
            return Ok(self.mktyp(start, CoreTypeDesc::Class(class, arguments)));
        }
        let name = self.type_longident()?;
        Ok(self.mktyp(start, CoreTypeDesc::Constr(name, arguments)))
    }

    fn atomic_head(&mut self, start: Position) -> Res<CoreType> {
        match self.token() {
            Token::Lident(_) | Token::Hash => self.constructed(start, Vec::new()),
            Token::Uident(_) => self.path_type(start),
            Token::Quote => {
                self.bump();
                let name = self.ident()?;
                Ok(self.mktyp(start, CoreTypeDesc::Var(name)))
            }
            Token::Underscore => {
                self.bump();
                Ok(self.mktyp(start, CoreTypeDesc::Any))
            }
            Token::Lparen => self.paren_type(start),
            Token::Lbracket | Token::Lbracketless | Token::Lbracketgreater => self.variant_type(),
            Token::Less => self.object_type(),
            Token::Lbracketpercent | Token::QuotedStringExpr(_) => {
                let extension = Box::new(self.extension()?);
                Ok(self.mktyp(start, CoreTypeDesc::Extension(extension)))
            }
            _ => self.error(),
        }
    }

    /// `M.t` or `M.(t)`.
    fn path_type(&mut self, start: Position) -> Res<CoreType> {
        let path = self.mod_ext_longident()?;
        self.expect(Token::Dot)?;
        let inner_start = self.start();
        let inner = match self.token() {
            Token::Lident(_) => {
                let name = self.lident_loc()?;
                let name = self.dotted(start, path, name);
                return Ok(self.mktyp(start, CoreTypeDesc::Constr(name, Vec::new())));
            }
            Token::Lparen => self.closed_paren_type(inner_start)?,
            Token::Lbracket | Token::Lbracketless | Token::Lbracketgreater => self.variant_type()?,
            _ => return self.error(),
        };
        Ok(self.mktyp(start, CoreTypeDesc::Open(path, Box::new(inner))))
    }

    /// `(t)`, `(module S)`, or the arguments of a constructor.
    fn paren_type(&mut self, start: Position) -> Res<CoreType> {
        if self.peek(1) == Token::Module {
            return self.closed_paren_type(start);
        }
        self.bump();
        let first = self.core_type()?;
        if self.eat(Token::Rparen) {
            return Ok(first);
        }
        let mut arguments = vec![first];
        if !self.is(Token::Comma) {
            return self.error();
        }
        while self.eat(Token::Comma) {
            arguments.push(self.core_type()?);
        }
        self.expect(Token::Rparen)?;
        self.constructed(start, arguments)
    }

    fn closed_paren_type(&mut self, start: Position) -> Res<CoreType> {
        self.expect(Token::Lparen)?;
        if !self.eat(Token::Module) {
            let typ = self.core_type()?;
            self.expect(Token::Rparen)?;
            return Ok(typ);
        }
        let ext = self.ext_attributes()?;
        let package = Box::new(self.package_type()?);
        self.expect(Token::Rparen)?;
        Ok(self.mktyp_attrs(start, CoreTypeDesc::Package(package), ext))
    }

    // -- Packages -------------------------------------------------------------------------------

    /// A module type that stands for a package type.
    pub(super) fn package_type(&mut self) -> Res<PackageType> {
        let start = self.start();
        let module_type = self.module_type()?;
        let loc = self.loc(start);
        let invalid = ParseError::InvalidPackageType;
        let attrs = module_type.attributes;
        match module_type.desc {
            ModuleTypeDesc::Ident(path) => Ok(PackageType { path, cstrs: Vec::new(), loc, attrs }),
            ModuleTypeDesc::With(base, constraints) => {
                let ModuleTypeDesc::Ident(path) = base.desc else {
                    let why = InvalidPackageType::NeitherIdentifierNorWithType;
                    return self.error_at(module_type.loc, invalid(why));
                };
                let mut cstrs = Vec::new();
                for constraint in constraints {
                    let WithConstraint::Type(name, declaration) = constraint else {
                        return self.error_at(module_type.loc, invalid(InvalidPackageType::NotWithType));
                    };
                    cstrs.push((name, self.package_constraint(*declaration)?));
                }
                Ok(PackageType { path, cstrs, loc, attrs })
            }
            _ => {
                let why = InvalidPackageType::NeitherIdentifierNorWithType;
                self.error_at(module_type.loc, invalid(why))
            }
        }
    }

    fn package_constraint(&self, declaration: TypeDeclaration) -> Res<CoreType> {
        let why = if !declaration.params.is_empty() {
            InvalidPackageType::ParameterizedTypes
        } else if !declaration.cstrs.is_empty() {
            InvalidPackageType::ConstrainedTypes
        } else if declaration.private != PrivateFlag::Public {
            InvalidPackageType::PrivateTypes
        } else if let Some(manifest) = declaration.manifest {
            return Ok(manifest);
        } else {
            InvalidPackageType::NotWithType
        };
        self.error_at(declaration.loc, ParseError::InvalidPackageType(why))
    }

    // -- Variants -------------------------------------------------------------------------------

    /// `[…]`, `[>…]`, `[<…]`.
    fn variant_type(&mut self) -> Res<CoreType> {
        let start = self.start();
        let token = self.token();
        self.bump();
        let (fields, closed, labels) = match token {
            Token::Lbracket => (self.exact_variant()?, ClosedFlag::Closed, None),
            Token::Lbracketgreater => {
                let empty = self.is(Token::Rbracket);
                let fields = if empty { Vec::new() } else { self.row_field_list()? };
                (fields, ClosedFlag::Open, None)
            }
            _ => {
                let fields = self.row_field_list()?;
                let mut labels = Vec::new();
                if self.eat(Token::Greater) {
                    labels.push(self.name_tag()?);
                    while self.is(Token::Backquote) {
                        labels.push(self.name_tag()?);
                    }
                }
                (fields, ClosedFlag::Closed, Some(labels))
            }
        };
        self.expect(Token::Rbracket)?;
        Ok(self.mktyp(start, CoreTypeDesc::Variant(fields, closed, labels)))
    }

    /// The cases between plain brackets: an inherited type alone needs a bar.
    fn exact_variant(&mut self) -> Res<Vec<RowField>> {
        if self.is(Token::Bar) {
            return self.row_field_list();
        }
        let first = self.row_field()?;
        let is_tag = matches!(first.desc, RowFieldDesc::Tag(..));
        let mut fields = vec![first];
        if !is_tag && !self.is(Token::Bar) {
            return self.error();
        }
        while self.eat(Token::Bar) {
            fields.push(self.row_field()?);
        }
        Ok(fields)
    }

    fn row_field_list(&mut self) -> Res<Vec<RowField>> {
        self.eat(Token::Bar);
        let mut fields = vec![self.row_field()?];
        while self.eat(Token::Bar) {
            fields.push(self.row_field()?);
        }
        Ok(fields)
    }

    fn row_field(&mut self) -> Res<RowField> {
        let start = self.start();
        if !self.is(Token::Backquote) {
            let typ = self.core_type()?;
            let desc = RowFieldDesc::Inherit(typ);
            return Ok(RowField { desc, loc: self.loc(start), attributes: Vec::new() });
        }
        let tag = self.name_tag()?;
        let tag = self.mkrhs(tag, start);
        let mut types = Vec::new();
        let mut constant = true;
        if self.eat(Token::Of) {
            constant = self.eat(Token::Ampersand);
            types.push(self.core_type_no_attr()?);
            while self.eat(Token::Ampersand) {
                types.push(self.core_type_no_attr()?);
            }
        }
        let attributes = self.attributes()?;
        let attributes = self.with_info(attributes);
        let desc = RowFieldDesc::Tag(tag, constant, types);
        Ok(RowField { desc, loc: self.loc(start), attributes })
    }

    // -- Objects --------------------------------------------------------------------------------

    /// `< m : t; … >`
    fn object_type(&mut self) -> Res<CoreType> {
        let start = self.start();
        self.bump();
        let mut fields = Vec::new();
        let mut closed = ClosedFlag::Closed;
        let mut more = true;
        while more && !(self.is(Token::Greater)) {
            if self.eat(Token::Dotdot) {
                closed = ClosedFlag::Open;
                break;
            }
            let (field, is_terminated) = self.object_field()?;
            fields.push(field);
            more = is_terminated;
        }
        self.expect(Token::Greater)?;
        Ok(self.mktyp(start, CoreTypeDesc::Object(fields, closed)))
    }

    /// A field, and whether a semicolon followed.
    fn object_field(&mut self) -> Res<(ObjectField, bool)> {
        let start = self.start();
        if !(matches!(self.token(), Token::Lident(_)) && self.peek(1) == Token::Colon) {
            let typ = self.atomic_type()?;
            let field =
                ObjectField { desc: ObjectFieldDesc::Inherit(typ), loc: self.loc(start), attributes: Vec::new() };
            return Ok((field, self.eat(Token::Semi)));
        }
        let label: Loc<Name> = self.lident_loc()?;
        self.bump();
        let typ = self.poly_type_no_attr()?;
        let mut attributes = self.attributes()?;
        let before_semi = self.prev_end;
        let terminated = self.eat(Token::Semi);
        if terminated {
            attributes.extend(self.attributes()?);
            attributes = self.with_info_before_semi(before_semi, attributes);
        } else {
            attributes = self.with_info(attributes);
        }
        let desc = ObjectFieldDesc::Tag(label, typ);
        Ok((ObjectField { desc, loc: self.loc(start), attributes }, terminated))
    }

    /// A path with its last component, for constraints of signatures.
    pub(super) fn last_loc(path: &Loc<Longident>) -> Loc<Name> {
        Loc::new(super::build::last_name(&path.txt), path.loc)
    }
}
