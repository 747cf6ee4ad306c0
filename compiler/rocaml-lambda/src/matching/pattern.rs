//! Patterns as the match compiler sees them: typed patterns without types, places and annotations.

use crate::error::Result;
use crate::kinds;
use crate::lambda::{ArrayKind, Lambda};
use crate::translator::Translator;
use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_types::ctype;
use rocaml_types::{
    ConstructorDescription, ConstructorTag, Ident, LabelDescription, RowField, TypeDesc, TypeId, btype,
};
use rocaml_typing::typedtree::{Pattern, PatternDesc};
use std::rc::Rc;

/// A pattern; a variable is an alias of [`Pat::Any`].
#[derive(Debug)]
pub enum Pat {
    Any,
    Alias(Rc<Pat>, Ident),
    Or(Rc<Pat>, Rc<Pat>),
    Constant(Constant),
    Tuple(Rc<[Rc<Pat>]>),
    /// With the slot of an extension constructor.
    Construct(Rc<ConstructorDescription>, Rc<[Rc<Pat>]>, Option<Lambda>),
    Variant(i64, Option<Rc<Pat>>, RowShape),
    /// A label of the record, and the patterns of all labels by position.
    Record(Rc<LabelDescription>, Rc<[Rc<Pat>]>),
    Array(ArrayKind, MutableFlag, Rc<[Rc<Pat>]>),
    Lazy(Rc<Pat>),
}

/// What values of a polymorphic variant's type may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowShape {
    pub constants: bool,
    pub blocks: bool,
}

impl Pat {
    pub fn is_any(&self) -> bool {
        matches!(self, Pat::Any)
    }

    /// Whether the head of a pattern, which is neither wild nor named nor an alternative, is one of
    /// the same type as another.
    pub fn same_type(&self, other: &Pat) -> bool {
        match (self, other) {
            (Pat::Constant(a), Pat::Constant(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
            (Pat::Tuple(a), Pat::Tuple(b)) => a.len() == b.len(),
            (Pat::Construct(a, xs, _), Pat::Construct(b, ys, _)) => match (&a.tag, &b.tag) {
                (ConstructorTag::Extension(..), ConstructorTag::Extension(..)) => true,
                (ConstructorTag::Extension(..), _) | (_, ConstructorTag::Extension(..)) => false,
                (x, y) if x == y => {
                    a.name == b.name && xs.len() == ys.len() && a.consts == b.consts && a.nonconsts == b.nonconsts
                }
                _ => a.name != b.name && a.consts == b.consts && a.nonconsts == b.nonconsts,
            },
            (Pat::Variant(..), Pat::Variant(..)) | (Pat::Lazy(_), Pat::Lazy(_)) => true,
            (Pat::Record(a, _), Pat::Record(b, _)) => {
                Rc::ptr_eq(a, b)
                    || a.all.len() == b.all.len() && a.all.iter().zip(b.all.iter()).all(|(x, y)| x.name == y.name)
            }
            (Pat::Array(..), Pat::Array(..)) => true,
            // An alternative or an alias is opened when its row comes first.
            (Pat::Or(p, _), other) | (Pat::Alias(p, _), other) => p.is_any() || p.same_type(other),
            _ => false,
        }
    }

    /// Whether it has alternatives somewhere.
    pub fn has_or(&self) -> bool {
        match self {
            Pat::Any | Pat::Constant(_) | Pat::Variant(_, None, _) => false,
            Pat::Or(..) => true,
            Pat::Alias(p, _) | Pat::Lazy(p) | Pat::Variant(_, Some(p), _) => p.has_or(),
            Pat::Tuple(ps) | Pat::Construct(_, ps, _) | Pat::Record(_, ps) | Pat::Array(_, _, ps) => {
                ps.iter().any(|p| p.has_or())
            }
        }
    }

    /// Whether matching it forces a suspension.
    pub fn has_lazy(&self) -> bool {
        match self {
            Pat::Any | Pat::Constant(_) | Pat::Variant(_, None, _) => false,
            Pat::Lazy(_) => true,
            Pat::Alias(p, _) | Pat::Variant(_, Some(p), _) => p.has_lazy(),
            Pat::Or(p, q) => p.has_lazy() || q.has_lazy(),
            Pat::Tuple(ps) | Pat::Construct(_, ps, _) | Pat::Record(_, ps) | Pat::Array(_, _, ps) => {
                ps.iter().any(|p| p.has_lazy())
            }
        }
    }

    /// Whether matching it reads what may change: mutable fields, elements and suspensions.
    pub fn reads_mutable(&self) -> bool {
        match self {
            Pat::Any | Pat::Constant(_) | Pat::Variant(_, None, _) => false,
            Pat::Lazy(_) => true,
            Pat::Alias(p, _) | Pat::Variant(_, Some(p), _) => p.reads_mutable(),
            Pat::Or(p, q) => p.reads_mutable() || q.reads_mutable(),
            Pat::Array(_, flag, ps) => *flag == MutableFlag::Mutable || ps.iter().any(|p| p.reads_mutable()),
            Pat::Record(label, ps) => {
                label.all.iter().zip(ps.iter()).any(|(l, p)| l.mutable == MutableFlag::Mutable && !p.is_any())
                    || ps.iter().any(|p| p.reads_mutable())
            }
            Pat::Tuple(ps) | Pat::Construct(_, ps, _) => ps.iter().any(|p| p.reads_mutable()),
        }
    }

    /// The components, if it can be matched without the tuple: one list per alternative.
    pub fn flatten(self: &Rc<Pat>, size: usize) -> Option<Vec<Vec<Rc<Pat>>>> {
        match &**self {
            Pat::Any => Some(vec![vec![self.clone(); size]]),
            Pat::Tuple(ps) if ps.len() == size => Some(vec![ps.to_vec()]),
            Pat::Or(p, q) => {
                let mut rows = p.flatten(size)?;
                rows.extend(q.flatten(size)?);
                Some(rows)
            }
            _ => None,
        }
    }
}

impl Translator<'_> {
    /// A typed pattern for the match compiler.
    pub(crate) fn pattern(&mut self, pattern: &Pattern) -> Result<Rc<Pat>> {
        let pat = match &pattern.desc {
            PatternDesc::Any => Pat::Any,
            PatternDesc::Var(id, ..) => Pat::Alias(Rc::new(Pat::Any), *id),
            PatternDesc::Alias(inner, id, ..) => Pat::Alias(self.pattern(inner)?, *id),
            PatternDesc::Constant(constant) => Pat::Constant(constant.clone()),
            PatternDesc::Tuple(parts) => {
                let parts = parts.iter().map(|(_, p)| self.pattern(p)).collect::<Result<Vec<_>>>()?;
                Pat::Tuple(parts.into())
            }
            PatternDesc::Construct(_, constr, args, _) => {
                let args = args.iter().map(|p| self.pattern(p)).collect::<Result<Vec<_>>>()?;
                let slot = match &constr.tag {
                    ConstructorTag::Extension(path, _) => {
                        let loc = self.scopes.at(pattern.loc);
                        Some(self.extension_path(&loc, &pattern.env, path)?)
                    }
                    _ => None,
                };
                Pat::Construct(constr.clone(), args.into(), slot)
            }
            PatternDesc::Variant(tag, arg, row) => {
                let arg = arg.as_ref().map(|p| self.pattern(p)).transpose()?;
                Pat::Variant(btype::hash_variant(tag), arg, self.row_shape(pattern, *row))
            }
            PatternDesc::Record(fields, _) => {
                let Some((_, label, _)) = fields.first() else { return Ok(Rc::new(Pat::Any)) };
                let mut parts = vec![Rc::new(Pat::Any); label.all.len()];
                for (_, label, p) in fields {
                    parts[label.pos] = self.pattern(p)?;
                }
                Pat::Record(label.clone(), parts.into())
            }
            PatternDesc::Array(flag, parts) => {
                let kind = kinds::array_kind(self.cx, &pattern.env, pattern.type_);
                let parts = parts.iter().map(|p| self.pattern(p)).collect::<Result<Vec<_>>>()?;
                Pat::Array(kind, *flag, parts.into())
            }
            PatternDesc::Lazy(inner) => Pat::Lazy(self.pattern(inner)?),
            PatternDesc::Value(inner) | PatternDesc::Exception(inner) => return self.pattern(inner),
            PatternDesc::Or(p, q, _) => Pat::Or(self.pattern(p)?, self.pattern(q)?),
        };
        Ok(Rc::new(pat))
    }

    fn row_shape(&self, pattern: &Pattern, row: TypeId) -> RowShape {
        let anything = RowShape { constants: true, blocks: true };
        let cx = self.cx;
        let TypeDesc::Variant(row) = cx.desc(ctype::expand_head(cx, &pattern.env, row)) else { return anything };
        let row = btype::row_repr(cx, &row);
        if !row.closed {
            return anything;
        }
        let mut shape = RowShape { constants: false, blocks: false };
        for (_, field) in row.fields.iter() {
            match cx.row_field(field) {
                RowField::Absent => {}
                RowField::Present(None) => shape.constants = true,
                RowField::Present(Some(_)) => shape.blocks = true,
                RowField::Either { no_arg, arg_type, .. } => {
                    shape.constants |= no_arg;
                    shape.blocks |= !arg_type.is_empty();
                }
            }
        }
        shape
    }
}
