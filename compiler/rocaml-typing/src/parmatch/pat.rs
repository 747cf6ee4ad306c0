//! Patterns as the analysis sees them: shared nodes, no annotations.

use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::asttypes::{ClosedFlag, Constant, MutableFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::{ConstructorDescription, ConstructorTag, Ident, LabelDescription, TypeId, Uid};

use crate::typedtree as tt;

/// A shared pattern.
pub type PatRef = Rc<Pat>;

/// A value pattern.
#[derive(Clone, Debug)]
pub struct Pat {
    pub desc: Desc,
    pub loc: Location,
    pub type_: TypeId,
    pub env: Env,
}

/// The shape of a pattern. Fields of records are in order of position, not all need be there.
#[derive(Clone, Debug)]
pub enum Desc {
    Any,
    Var(Ident),
    /// Name and type of the name, which may have another than the pattern.
    Alias(PatRef, Ident, TypeId),
    Constant(Constant),
    Tuple(Vec<(Option<Name>, PatRef)>),
    Construct(Rc<ConstructorDescription>, Vec<PatRef>),
    /// Tag, argument, row as matched so far.
    Variant(Name, Option<PatRef>, TypeId),
    Record(Vec<(Rc<LabelDescription>, PatRef)>, ClosedFlag),
    Array(MutableFlag, Vec<PatRef>),
    Lazy(PatRef),
    Or(PatRef, PatRef),
}

impl Pat {
    /// A pattern without a place.
    pub fn make(desc: Desc, type_: TypeId, env: Env) -> PatRef {
        Rc::new(Pat { desc, loc: Location::none(), type_, env })
    }

    /// The same pattern with another shape.
    pub fn with_desc(&self, desc: Desc) -> PatRef {
        Rc::new(Pat { desc, loc: self.loc, type_: self.type_, env: self.env.clone() })
    }

    /// From the typed tree. A computation pattern is taken for its values.
    pub fn of_typed(pattern: &tt::Pattern) -> PatRef {
        let desc = match &pattern.desc {
            tt::PatternDesc::Any => Desc::Any,
            tt::PatternDesc::Var(id, _, _) => Desc::Var(*id),
            tt::PatternDesc::Alias(p, id, _, _, ty) => Desc::Alias(Pat::of_typed(p), *id, *ty),
            tt::PatternDesc::Constant(c) => Desc::Constant(c.clone()),
            tt::PatternDesc::Tuple(parts) => {
                Desc::Tuple(parts.iter().map(|(label, p)| (*label, Pat::of_typed(p))).collect())
            }
            tt::PatternDesc::Construct(_, constr, args, _) => {
                Desc::Construct(constr.clone(), args.iter().map(Pat::of_typed).collect())
            }
            tt::PatternDesc::Variant(tag, arg, row) => Desc::Variant(*tag, arg.as_deref().map(Pat::of_typed), *row),
            tt::PatternDesc::Record(fields, closed) => {
                Desc::Record(fields.iter().map(|(_, label, p)| (label.clone(), Pat::of_typed(p))).collect(), *closed)
            }
            tt::PatternDesc::Array(mutable, parts) => Desc::Array(*mutable, parts.iter().map(Pat::of_typed).collect()),
            tt::PatternDesc::Lazy(p) => Desc::Lazy(Pat::of_typed(p)),
            tt::PatternDesc::Value(p) | tt::PatternDesc::Exception(p) => return Pat::of_typed(p),
            tt::PatternDesc::Or(p, q, _) => Desc::Or(Pat::of_typed(p), Pat::of_typed(q)),
        };
        Rc::new(Pat { desc, loc: pattern.loc, type_: pattern.type_, env: pattern.env.clone() })
    }

    /// To the typed tree, for those who keep a witness.
    pub fn to_typed(&self) -> tt::Pattern {
        let lid = |name: Name| Loc::new(Longident::Lident(name), self.loc);
        let all = |parts: &[PatRef]| parts.iter().map(|p| p.to_typed()).collect();
        let desc = match &self.desc {
            Desc::Any => tt::PatternDesc::Any,
            Desc::Var(id) => tt::PatternDesc::Var(*id, Loc::new(id.name(), self.loc), Uid::Internal),
            Desc::Alias(p, id, ty) => {
                tt::PatternDesc::Alias(Box::new(p.to_typed()), *id, Loc::new(id.name(), self.loc), Uid::Internal, *ty)
            }
            Desc::Constant(c) => tt::PatternDesc::Constant(c.clone()),
            Desc::Tuple(parts) => {
                tt::PatternDesc::Tuple(parts.iter().map(|(label, p)| (*label, p.to_typed())).collect())
            }
            Desc::Construct(constr, args) => {
                tt::PatternDesc::Construct(lid(constr.name), constr.clone(), all(args), None)
            }
            Desc::Variant(tag, arg, row) => {
                tt::PatternDesc::Variant(*tag, arg.as_ref().map(|p| Box::new(p.to_typed())), *row)
            }
            Desc::Record(fields, closed) => tt::PatternDesc::Record(
                fields.iter().map(|(label, p)| (lid(label.name), label.clone(), p.to_typed())).collect(),
                *closed,
            ),
            Desc::Array(mutable, parts) => tt::PatternDesc::Array(*mutable, all(parts)),
            Desc::Lazy(p) => tt::PatternDesc::Lazy(Box::new(p.to_typed())),
            Desc::Or(p, q) => tt::PatternDesc::Or(Box::new(p.to_typed()), Box::new(q.to_typed()), None),
        };
        tt::Pattern {
            desc,
            loc: self.loc,
            extra: Vec::new(),
            type_: self.type_,
            env: self.env.clone(),
            attributes: Vec::new(),
        }
    }
}

/// `_`
pub fn omega(cx: &Context) -> PatRef {
    Pat::make(Desc::Any, cx.none(), Env::default())
}

/// `_, …, _`
pub fn omegas(cx: &Context, count: usize) -> Vec<PatRef> {
    vec![omega(cx); count]
}

/// A pattern without its aliases: what is at its head. Variables become `_`.
pub fn strip_vars(pat: &PatRef) -> PatRef {
    match &pat.desc {
        Desc::Alias(p, ..) => strip_vars(p),
        Desc::Var(_) => pat.with_desc(Desc::Any),
        _ => pat.clone(),
    }
}

/// The head constructor of a pattern that is neither an alias, a variable nor an alternative.
#[derive(Clone, Debug)]
pub struct Head {
    pub desc: HeadDesc,
    pub loc: Location,
    pub type_: TypeId,
    pub env: Env,
}

#[derive(Clone, Debug)]
pub enum HeadDesc {
    Any,
    Construct(Rc<ConstructorDescription>),
    Constant(Constant),
    Tuple(Vec<Option<Name>>),
    Record(Vec<Rc<LabelDescription>>),
    Variant { tag: Name, has_arg: bool, row: TypeId },
    Array(MutableFlag, usize),
    Lazy,
}

impl Head {
    /// The head of `_`.
    pub fn omega(cx: &Context) -> Head {
        Head { desc: HeadDesc::Any, loc: Location::none(), type_: cx.none(), env: Env::default() }
    }

    /// Whether it is `_`.
    pub fn is_any(&self) -> bool {
        matches!(self.desc, HeadDesc::Any)
    }

    /// The head and the parts of a pattern.
    pub fn deconstruct(pat: &Pat) -> (Head, Vec<PatRef>) {
        let (desc, args) = match &pat.desc {
            Desc::Any | Desc::Var(_) => (HeadDesc::Any, Vec::new()),
            Desc::Constant(c) => (HeadDesc::Constant(c.clone()), Vec::new()),
            Desc::Tuple(parts) => {
                let (labels, args) = parts.iter().cloned().unzip();
                (HeadDesc::Tuple(labels), args)
            }
            Desc::Construct(constr, args) => (HeadDesc::Construct(constr.clone()), args.clone()),
            Desc::Variant(tag, arg, row) => {
                let head = HeadDesc::Variant { tag: *tag, has_arg: arg.is_some(), row: *row };
                (head, arg.iter().cloned().collect())
            }
            Desc::Record(fields, _) => {
                let (labels, args) = fields.iter().cloned().unzip();
                (HeadDesc::Record(labels), args)
            }
            Desc::Array(mutable, parts) => (HeadDesc::Array(*mutable, parts.len()), parts.clone()),
            Desc::Lazy(p) => (HeadDesc::Lazy, vec![p.clone()]),
            Desc::Alias(..) | Desc::Or(..) => unreachable!("aliases and alternatives are split before"),
        };
        (Head { desc, loc: pat.loc, type_: pat.type_, env: pat.env.clone() }, args)
    }

    /// The head applied to these arguments.
    pub fn rebuild(&self, mut args: Vec<PatRef>) -> PatRef {
        let desc = match &self.desc {
            HeadDesc::Any => Desc::Any,
            HeadDesc::Constant(c) => Desc::Constant(c.clone()),
            HeadDesc::Lazy => Desc::Lazy(args.pop().expect("lazy has one part")),
            HeadDesc::Tuple(labels) => Desc::Tuple(labels.iter().copied().zip(args).collect()),
            HeadDesc::Array(mutable, _) => Desc::Array(*mutable, args),
            HeadDesc::Construct(constr) => Desc::Construct(constr.clone(), args),
            HeadDesc::Variant { tag, row, .. } => Desc::Variant(*tag, args.pop(), *row),
            HeadDesc::Record(labels) => Desc::Record(labels.iter().cloned().zip(args).collect(), ClosedFlag::Closed),
        };
        Rc::new(Pat { desc, loc: self.loc, type_: self.type_, env: self.env.clone() })
    }

    /// Number of parts.
    pub fn arity(&self) -> usize {
        match &self.desc {
            HeadDesc::Any | HeadDesc::Constant(_) => 0,
            HeadDesc::Construct(constr) => constr.arity,
            HeadDesc::Tuple(labels) => labels.len(),
            HeadDesc::Record(labels) => labels.len(),
            HeadDesc::Variant { has_arg, .. } => usize::from(*has_arg),
            HeadDesc::Array(_, n) => *n,
            HeadDesc::Lazy => 1,
        }
    }

    /// The head with `_` everywhere.
    pub fn to_omega_pattern(&self, cx: &Context) -> PatRef {
        self.rebuild(omegas(cx, self.arity()))
    }

    /// Takes its parts from the front of a row, and puts itself there.
    pub fn set_args(&self, mut row: Vec<PatRef>) -> Vec<PatRef> {
        let rest = row.split_off(self.arity());
        let mut result = vec![self.rebuild(row)];
        result.extend(rest);
        result
    }
}

/// Whether two tags are the same constructor, as far as types tell.
pub fn equal_constr(a: &ConstructorDescription, b: &ConstructorDescription) -> bool {
    match (&a.tag, &b.tag) {
        (ConstructorTag::Extension(p, _), ConstructorTag::Extension(q, _)) => p == q,
        (p, q) => p == q,
    }
}

/// Whether two constants are the same value.
pub fn equal_constant(a: &Constant, b: &Constant) -> bool {
    match (a, b) {
        (Constant::Float(x), Constant::Float(y)) => match (float_value(x), float_value(y)) {
            (Some(x), Some(y)) => x == y || x.is_nan() && y.is_nan(),
            _ => x == y,
        },
        (Constant::String(x, ..), Constant::String(y, ..)) => x == y,
        (a, b) => a == b,
    }
}

/// The value of a float literal, hexadecimal ones included.
pub fn float_value(text: &str) -> Option<f64> {
    let text: String = text.chars().filter(|&c| c != '_').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => hex_float(hex)?,
        None => digits.trim_end_matches('.').parse().ok()?,
    };
    Some(if negative { -value } else { value })
}

fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once(['p', 'P']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value = 0.0f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    Some(value * 2f64.powi(exponent - 4 * fraction.len() as i32))
}
