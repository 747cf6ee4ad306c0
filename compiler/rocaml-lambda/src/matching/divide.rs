//! Rows by the head of their first column, whose parts become columns.

use super::compile::Matcher;
use super::context::Context;
use super::rows::Clause;
use super::split::{Matching, SplitArgs};
use super::{Arg, IMMUTABLE_FIELD};
use crate::kinds;
use crate::lambda::*;
use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_types::{ConstructorDescription, ConstructorTag, LabelDescription, RecordRepresentation, btype};
use rocaml_typing::parmatch::pat::{Head, HeadDesc, equal_constant, equal_constr, omegas};
use rocaml_typing::parmatch::{Desc, is_absent};
use std::rc::Rc;

/// What tells heads of a column apart.
#[derive(Clone)]
pub(super) enum HeadKey {
    Constant(Constant),
    Construct(Rc<ConstructorDescription>),
    /// The hash of a tag, and whether it has an argument.
    Variant(i64, bool),
    Length(usize),
}

/// The rows of a head.
pub(super) struct Cell {
    pub key: HeadKey,
    pub head: Head,
    pub ctx: Context,
    pub pm: Matching<Vec<Arg>>,
}

/// Rows by head, in the order of the last row of each.
pub(super) struct Division {
    pub cells: Vec<Cell>,
}

fn key_of(head: &Head) -> Option<HeadKey> {
    Some(match &head.desc {
        HeadDesc::Constant(constant) => HeadKey::Constant(constant.clone()),
        HeadDesc::Construct(constr) => HeadKey::Construct(constr.clone()),
        HeadDesc::Variant { tag, has_arg, .. } => HeadKey::Variant(btype::hash_variant(tag), *has_arg),
        HeadDesc::Array(_, length) => HeadKey::Length(*length),
        HeadDesc::Any | HeadDesc::Tuple(_) | HeadDesc::Record(_) | HeadDesc::Lazy => return None,
    })
}

fn same_key(a: &HeadKey, b: &HeadKey) -> bool {
    match (a, b) {
        (HeadKey::Constant(c), HeadKey::Constant(d)) => equal_constant(c, d),
        (HeadKey::Construct(c), HeadKey::Construct(d)) => equal_constr(c, d),
        (HeadKey::Variant(tag, has_arg), HeadKey::Variant(other, other_has_arg)) => {
            tag == other && has_arg == other_has_arg
        }
        (HeadKey::Length(n), HeadKey::Length(m)) => n == m,
        _ => false,
    }
}

impl Matcher<'_, '_> {
    /// Divides rows by heads that exclude each other.
    pub(super) fn divide(&mut self, head: &Head, ctx: &Context, pm: Matching<SplitArgs>) -> Division {
        let cx = self.cx;
        let array_kind = match &head.desc {
            HeadDesc::Array(..) => kinds::array_kind(cx, &head.env, head.type_),
            _ => ArrayKind::Generic,
        };
        let mut cells: Vec<Cell> = Vec::new();
        // From the last row: the last of equal heads says where the parts are read.
        for clause in pm.cases.into_iter().rev() {
            let (head, mut pats) = Head::deconstruct(&clause.pats[0]);
            let Some(key) = key_of(&head) else { continue };
            if let HeadDesc::Variant { tag, row, .. } = &head.desc
                && is_absent(cx, *tag, *row)
            {
                continue;
            }
            pats.extend_from_slice(&clause.pats[1..]);
            let row = Clause { pats, action: clause.action };
            if let Some(cell) = cells.iter_mut().find(|cell| same_key(&cell.key, &key)) {
                cell.pm.cases.push(row);
                continue;
            }
            let default = pm.default.specialize(cx, &head);
            let args = self.parts(&head, array_kind, &pm.args);
            let ctx = ctx.specialize(cx, &head);
            cells.push(Cell { key, head, ctx, pm: Matching { cases: vec![row], args, default } });
        }
        cells.reverse();
        cells.iter_mut().for_each(|cell| cell.pm.cases.reverse());
        Division { cells }
    }

    /// All rows have this head or are wild.
    pub(super) fn divide_line(&mut self, head: &Head, pm: Matching<SplitArgs>) -> Matching<Vec<Arg>> {
        let cx = self.cx;
        let arity = head.arity();
        let rows = pm.cases.into_iter().map(|clause| {
            let mut pats = match &clause.pats[0].desc {
                Desc::Any | Desc::Var(_) => omegas(cx, arity),
                // Records have all their labels since the row was simplified.
                _ => Head::deconstruct(&super::rows::expand_record(cx, &clause.pats[0])).1,
            };
            pats.extend_from_slice(&clause.pats[1..]);
            Clause { pats, action: clause.action }
        });
        let cases = rows.collect();
        let args = self.parts(head, ArrayKind::Generic, &pm.args);
        Matching { cases, args, default: pm.default.specialize(cx, head) }
    }

    /// The parts of the first value, and the other values.
    fn parts(&mut self, head: &Head, array_kind: ArrayKind, args: &SplitArgs) -> Vec<Arg> {
        let loc = self.translator.scopes.at(head.loc);
        let value = args.first.lambda();
        let mutable = args.first_mutable;
        let field = |index: usize| {
            let read = Lambda::Prim(Primitive::Field(index, IMMUTABLE_FIELD), vec![value.clone()], loc.clone());
            Arg { arg: read, binding: LetKind::Alias, mutable }
        };
        let mut parts: Vec<Arg> = match &head.desc {
            HeadDesc::Any | HeadDesc::Constant(_) => Vec::new(),
            HeadDesc::Construct(constr) => match &constr.tag {
                _ if constr.inlined.is_some() => vec![Arg { arg: value, binding: LetKind::Alias, mutable }],
                ConstructorTag::Unboxed => vec![Arg { arg: value, binding: LetKind::Alias, mutable }],
                ConstructorTag::Constant(_) | ConstructorTag::Block(_) => (0..constr.arity).map(field).collect(),
                ConstructorTag::Extension(..) => (1..=constr.arity).map(field).collect(),
            },
            HeadDesc::Variant { has_arg, .. } => has_arg.then(|| field(1)).into_iter().collect(),
            HeadDesc::Tuple(labels) => (0..labels.len()).map(field).collect(),
            HeadDesc::Record(labels) => {
                labels.iter().map(|label| self.label(label, head, &value, mutable, &loc)).collect()
            }
            HeadDesc::Array(flag, length) => {
                let binding = if *flag == MutableFlag::Mutable { LetKind::StrictOpt } else { LetKind::Alias };
                let element = |index: usize| {
                    let operands = vec![value.clone(), Lambda::int(index as i64)];
                    let read = Lambda::Prim(Primitive::ArrayRef(array_kind, Safety::Unsafe), operands, loc.clone());
                    Arg { arg: read, binding, mutable: mutable || *flag == MutableFlag::Mutable }
                };
                (0..*length).map(element).collect()
            }
            HeadDesc::Lazy => {
                let arg = self.translator.inline_lazy_force(value, &loc);
                // Forcing again gives the same value.
                vec![Arg { arg, binding: LetKind::Strict, mutable }]
            }
        };
        parts.extend(args.rest.iter().cloned());
        parts
    }

    fn label(
        &self,
        label: &LabelDescription,
        head: &Head,
        record: &Lambda,
        mutable: bool,
        loc: &ScopedLocation,
    ) -> Arg {
        let (binding, mutability) = match label.mutable {
            MutableFlag::Immutable => (LetKind::Alias, Mutability::Immutable),
            MutableFlag::Mutable => (LetKind::StrictOpt, Mutability::Mutable),
        };
        let info = FieldInfo { mutability, pointerness: kinds::pointerness(self.cx, &head.env, label.arg) };
        let read = match &label.repres {
            RecordRepresentation::Regular | RecordRepresentation::Inlined(_) => Some(Primitive::Field(label.pos, info)),
            RecordRepresentation::Unboxed(_) => None,
            RecordRepresentation::Float => Some(Primitive::FloatField(label.pos)),
            RecordRepresentation::Extension(_) => Some(Primitive::Field(label.pos + 1, info)),
        };
        let arg = match read {
            Some(read) => Lambda::Prim(read, vec![record.clone()], loc.clone()),
            None => record.clone(),
        };
        Arg { arg, binding, mutable: mutable || label.mutable == MutableFlag::Mutable }
    }
}
