//! Making nodes: the functions of upstream's `Ast_helper` and of the head of its grammar.

use rocaml_base::{Loc, Location, Name, Position};

use super::{Parser, Res};
use crate::ast::*;
use crate::asttypes::{ArgLabel, ClosedFlag};
use crate::error::ParseError;
use crate::longident::Longident;

/// `%ext` and attributes after a keyword.
pub(super) type ExtAttributes = (Option<Loc<Name>>, Attributes);

pub(super) fn expression(desc: ExpressionDesc, loc: Location, attributes: Attributes) -> Expression {
    Expression { desc, loc, loc_stack: Vec::new(), attributes }
}

pub(super) fn pattern(desc: PatternDesc, loc: Location, attributes: Attributes) -> Pattern {
    Pattern { desc, loc, loc_stack: Vec::new(), attributes }
}

pub(super) fn core_type(desc: CoreTypeDesc, loc: Location, attributes: Attributes) -> CoreType {
    CoreType { desc, loc, loc_stack: Vec::new(), attributes }
}

pub(super) fn module_expr(desc: ModuleExprDesc, loc: Location) -> ModuleExpr {
    ModuleExpr { desc, loc, attributes: Vec::new() }
}

pub(super) fn module_type(desc: ModuleTypeDesc, loc: Location) -> ModuleType {
    ModuleType { desc, loc, attributes: Vec::new() }
}

/// `e` as a structure item.
pub(super) fn mkstrexp(e: Expression, attributes: Attributes) -> StructureItem {
    let loc = e.loc;
    StructureItem { desc: StructureItemDesc::Eval(Box::new(e), attributes), loc }
}

/// Remembers the place of what parentheses enclose.
fn push_loc(loc: Location, stack: &mut Vec<Location>) {
    if !loc.ghost {
        stack.push(loc);
    }
}

pub(super) fn unlabelled(e: Expression) -> (ArgLabel, Expression) {
    (ArgLabel::Nolabel, e)
}

pub(super) fn mkinfix(left: Expression, operator: Expression, right: Expression) -> ExpressionDesc {
    ExpressionDesc::Apply(Box::new(operator), vec![unlabelled(left), unlabelled(right)])
}

/// A variable, at a place.
pub(super) fn mkexpvar(name: Name, loc: Location) -> Expression {
    let ident = Loc::new(Longident::Lident(name), loc);
    expression(ExpressionDesc::Ident(ident), loc, Vec::new())
}

pub(super) fn mkpatvar(name: Name, loc: Location) -> Pattern {
    pattern(PatternDesc::Var(Loc::new(name, loc)), loc, Vec::new())
}

/// The last component of a path, which is no application.
pub(super) fn last_name(path: &Longident) -> Name {
    path.last().unwrap_or_else(|| Name::new(""))
}

pub(super) fn constructor(name: &str, loc: Location) -> Loc<Longident> {
    Loc::new(Longident::Lident(Name::new(name)), loc)
}

fn extension(name: Loc<Name>, payload: Payload) -> Box<Extension> {
    Box::new(Extension { name, payload })
}

pub(super) fn desc_constraint(e: Expression, constraint: TypeConstraint) -> ExpressionDesc {
    match constraint {
        TypeConstraint::Constraint(t) => ExpressionDesc::Constraint(Box::new(e), Box::new(t)),
        TypeConstraint::Coerce(from, to) => ExpressionDesc::Coerce(Box::new(e), from.map(Box::new), Box::new(to)),
    }
}

/// The description of a list that ends at `nil`: `(e1 :: (e2 :: []))` with ghost places.
pub(super) fn mktailexp(nil: Location, elements: Vec<Expression>) -> ExpressionDesc {
    let mut loc = nil.ghost();
    let mut tail = ExpressionDesc::Construct(constructor("[]", loc), None);
    let cons = Name::new("::");
    for element in elements.into_iter().rev() {
        let tail_exp = expression(tail, loc, Vec::new());
        loc = Location { start: element.loc.start, end: nil.end, ghost: true };
        let pair = ExpressionDesc::Tuple(vec![(None, element), (None, tail_exp)]);
        let argument = expression(pair, loc, Vec::new());
        let name = Loc::new(Longident::Lident(cons), loc);
        tail = ExpressionDesc::Construct(name, Some(Box::new(argument)));
    }
    tail
}

/// The same for patterns.
pub(super) fn mktailpat(nil: Location, elements: Vec<Pattern>) -> PatternDesc {
    let mut loc = nil.ghost();
    let mut tail = PatternDesc::Construct(constructor("[]", loc), None);
    for element in elements.into_iter().rev() {
        let tail_pat = pattern(tail, loc, Vec::new());
        loc = Location { start: element.loc.start, end: nil.end, ghost: true };
        let pair = PatternDesc::Tuple(vec![(None, element), (None, tail_pat)], ClosedFlag::Closed);
        let argument = pattern(pair, loc, Vec::new());
        tail = PatternDesc::Construct(constructor("::", loc), Some((Vec::new(), Box::new(argument))));
    }
    tail
}

fn neg_string(text: Name) -> Name {
    match text.strip_prefix('-') {
        Some(positive) => Name::new(positive),
        None => Name::new(&format!("-{text}")),
    }
}

impl Parser {
    pub(super) fn mkexp(&self, start: Position, desc: ExpressionDesc) -> Expression {
        expression(desc, self.loc(start), Vec::new())
    }

    pub(super) fn ghexp(&self, start: Position, desc: ExpressionDesc) -> Expression {
        expression(desc, self.ghost_loc(start), Vec::new())
    }

    pub(super) fn mkpat(&self, start: Position, desc: PatternDesc) -> Pattern {
        pattern(desc, self.loc(start), Vec::new())
    }

    pub(super) fn mktyp(&self, start: Position, desc: CoreTypeDesc) -> CoreType {
        core_type(desc, self.loc(start), Vec::new())
    }

    pub(super) fn mkmod(&self, start: Position, desc: ModuleExprDesc) -> ModuleExpr {
        module_expr(desc, self.loc(start))
    }

    pub(super) fn mkmty(&self, start: Position, desc: ModuleTypeDesc) -> ModuleType {
        module_type(desc, self.loc(start))
    }

    pub(super) fn mkexp_attrs(
        &self,
        start: Position,
        desc: ExpressionDesc,
        (ext, attributes): ExtAttributes,
    ) -> Expression {
        match ext {
            None => expression(desc, self.loc(start), attributes),
            Some(id) => {
                let inner = expression(desc, self.ghost_loc(start), attributes);
                let payload = Payload::Str(vec![mkstrexp(inner, Vec::new())]);
                self.mkexp(start, ExpressionDesc::Extension(extension(id, payload)))
            }
        }
    }

    pub(super) fn mkpat_attrs(&self, start: Position, desc: PatternDesc, (ext, attributes): ExtAttributes) -> Pattern {
        match ext {
            None => pattern(desc, self.loc(start), attributes),
            Some(id) => {
                let inner = pattern(desc, self.ghost_loc(start), attributes);
                let payload = Payload::Pat(Box::new(inner), None);
                self.mkpat(start, PatternDesc::Extension(extension(id, payload)))
            }
        }
    }

    pub(super) fn mktyp_attrs(
        &self,
        start: Position,
        desc: CoreTypeDesc,
        (ext, attributes): ExtAttributes,
    ) -> CoreType {
        match ext {
            None => core_type(desc, self.loc(start), attributes),
            Some(id) => {
                let inner = core_type(desc, self.ghost_loc(start), attributes);
                let payload = Payload::Typ(Box::new(inner));
                self.mktyp(start, CoreTypeDesc::Extension(extension(id, payload)))
            }
        }
    }

    pub(super) fn wrap_str_ext(
        &self,
        start: Position,
        desc: StructureItemDesc,
        ext: Option<Loc<Name>>,
    ) -> StructureItem {
        let loc = self.loc(start);
        match ext {
            None => StructureItem { desc, loc },
            Some(id) => {
                let item = StructureItem { desc, loc: loc.ghost() };
                let payload = Payload::Str(vec![item]);
                StructureItem { desc: StructureItemDesc::Extension(extension(id, payload), Vec::new()), loc }
            }
        }
    }

    pub(super) fn wrap_sig_ext(
        &self,
        start: Position,
        desc: SignatureItemDesc,
        ext: Option<Loc<Name>>,
    ) -> SignatureItem {
        let loc = self.loc(start);
        match ext {
            None => SignatureItem { desc, loc },
            Some(id) => {
                let item = SignatureItem { desc, loc: loc.ghost() };
                let payload = Payload::Sig(vec![item]);
                SignatureItem { desc: SignatureItemDesc::Extension(extension(id, payload), Vec::new()), loc }
            }
        }
    }

    /// What stood in parentheses takes their place.
    pub(super) fn reloc_exp(&self, start: Position, mut e: Expression) -> Expression {
        push_loc(e.loc, &mut e.loc_stack);
        e.loc = self.loc(start);
        e
    }

    pub(super) fn reloc_pat(&self, start: Position, mut p: Pattern) -> Pattern {
        push_loc(p.loc, &mut p.loc_stack);
        p.loc = self.loc(start);
        p
    }

    /// `- e` and `-. e`: constants take the sign.
    pub(super) fn mkuminus(&self, start: Position, name: &str, operator: Location, e: Expression) -> ExpressionDesc {
        if e.attributes.is_empty()
            && let ExpressionDesc::Constant(Constant { desc, .. }) = &e.desc
        {
            let desc = match desc {
                ConstantDesc::Integer(n, m) if name == "-" => Some(ConstantDesc::Integer(neg_string(*n), *m)),
                ConstantDesc::Float(f, m) => Some(ConstantDesc::Float(neg_string(*f), *m)),
                _ => None,
            };
            if let Some(desc) = desc {
                return ExpressionDesc::Constant(Constant { desc, loc: self.loc(start) });
            }
        }
        prefix_operator(name, operator, e)
    }

    /// `+ e` and `+. e`.
    pub(super) fn mkuplus(&self, start: Position, name: &str, operator: Location, e: Expression) -> ExpressionDesc {
        if e.attributes.is_empty()
            && let ExpressionDesc::Constant(Constant { desc, .. }) = &e.desc
        {
            let keeps = match desc {
                ConstantDesc::Integer(..) => name == "+",
                ConstantDesc::Float(..) => true,
                _ => false,
            };
            if keeps {
                return ExpressionDesc::Constant(Constant { desc: desc.clone(), loc: self.loc(start) });
            }
        }
        prefix_operator(name, operator, e)
    }

    /// `F(X)` in a path.
    pub(super) fn lapply(&self, functor: Loc<Longident>, argument: Loc<Longident>, loc: Location) -> Res<Longident> {
        if self.options.applicative_functors {
            Ok(Longident::Lapply(Box::new(functor), Box::new(argument)))
        } else {
            self.error_at(loc, ParseError::ApplicativePath)
        }
    }
}

fn prefix_operator(name: &str, operator: Location, e: Expression) -> ExpressionDesc {
    let operator = mkexpvar(Name::new(&format!("~{name}")), operator);
    ExpressionDesc::Apply(Box::new(operator), vec![unlabelled(e)])
}
