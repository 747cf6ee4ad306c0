//! Records: construction, and copies with changes.

use super::{constants, floats, store_label};
use crate::error::Result;
use crate::kinds;
use crate::lambda::*;
use crate::translator::{Translator, field_info, let_, make_block, sequence};
use rocaml_syntax::asttypes::MutableFlag;
use rocaml_types::{Ident, LabelDescription, RecordRepresentation};
use rocaml_typing::typedtree::{Expression, RecordLabelDefinition};
use std::rc::Rc;

/// Larger records are copied whole before they are changed: they are not allocated young.
const MAX_YOUNG_WOSIZE: usize = 256;

type Fields = [(Rc<LabelDescription>, RecordLabelDefinition)];

impl Translator<'_> {
    pub(super) fn record(
        &mut self,
        e: &Expression,
        fields: &Fields,
        repres: &RecordRepresentation,
        extended: Option<&Expression>,
    ) -> Result<Lambda> {
        match extended {
            Some(extended) if fields.len() >= MAX_YOUNG_WOSIZE => self.changed_copy(e, fields, repres, extended),
            _ => self.fresh_record(e, fields, repres, extended),
        }
    }

    /// A new block with given fields and the rest read from the record that is extended.
    fn fresh_record(
        &mut self,
        e: &Expression,
        fields: &Fields,
        repres: &RecordRepresentation,
        extended: Option<&Expression>,
    ) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        let init = Ident::create_local("init".into());
        let (mut values, mut shape) = (Vec::new(), Vec::new());
        for (index, (_, definition)) in fields.iter().enumerate() {
            match definition {
                RecordLabelDefinition::Kept(ty, flag) => {
                    let info = field_info(mutability(*flag), kinds::pointerness(self.cx, &e.env, *ty));
                    let read = match repres {
                        RecordRepresentation::Float => Primitive::FloatField(index),
                        RecordRepresentation::Extension(_) => Primitive::Field(index + 1, info),
                        _ => Primitive::Field(index, info),
                    };
                    values.push(Lambda::Prim(read, vec![Lambda::Var(init)], loc.clone()));
                    shape.push(kinds::value_kind(self.cx, &e.env, *ty));
                }
                RecordLabelDefinition::Overridden(_, value) => {
                    values.push(self.exp(value)?);
                    shape.push(kinds::kind_of(self.cx, value));
                }
            }
        }
        let any_mutable = fields.iter().any(|(label, _)| label.mutable == MutableFlag::Mutable);
        let mutability = if any_mutable { Mutability::Mutable } else { Mutability::Immutable };
        let record = match repres {
            RecordRepresentation::Unboxed(_) => values.pop().unwrap_or_else(Lambda::unit),
            RecordRepresentation::Regular => super::block(0, mutability, shape, values, &loc),
            RecordRepresentation::Inlined(tag) => super::block(*tag as u8, mutability, shape, values, &loc),
            RecordRepresentation::Float => {
                let shared = if any_mutable { None } else { constants(&values).and_then(|cs| floats(&cs)) };
                match shared {
                    Some(floats) => Lambda::Const(StructuredConstant::FloatBlock(floats)),
                    None => Lambda::Prim(Primitive::MakeArray(ArrayKind::Float, mutability), values, loc.clone()),
                }
            }
            RecordRepresentation::Extension(path) => {
                let slot = self.extension_path(&loc, &e.env, path)?;
                values.insert(0, slot);
                shape.insert(0, ValueKind::Generic);
                make_block(0, mutability, Some(shape.into()), values, &loc)
            }
        };
        match extended {
            None => Ok(record),
            Some(extended) => {
                let def = self.exp(extended)?;
                Ok(let_(LetKind::Strict, ValueKind::Generic, init, def, record))
            }
        }
    }

    /// A copy of the whole record, then stores.
    fn changed_copy(
        &mut self,
        e: &Expression,
        fields: &Fields,
        repres: &RecordRepresentation,
        extended: &Expression,
    ) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        let copy = Ident::create_local("newrecord".into());
        let mut body = Lambda::Var(copy);
        for (label, definition) in fields {
            if let RecordLabelDefinition::Overridden(_, value) = definition {
                let store = store_label(label, kinds::pointerness(self.cx, &value.env, value.type_));
                let store = Lambda::Prim(store, vec![Lambda::Var(copy), self.exp(value)?], loc.clone());
                body = sequence(store, body);
            }
        }
        let (dup, size) = match repres {
            RecordRepresentation::Float => (RecordDup::Float, fields.len()),
            RecordRepresentation::Extension(_) => (RecordDup::Extension, fields.len() + 1),
            RecordRepresentation::Inlined(tag) => (RecordDup::Block(*tag as u8), fields.len()),
            RecordRepresentation::Regular | RecordRepresentation::Unboxed(_) => (RecordDup::Block(0), fields.len()),
        };
        let source = self.exp(extended)?;
        let def = Lambda::Prim(Primitive::DupRecord(dup, size), vec![source], loc);
        Ok(let_(LetKind::Strict, ValueKind::Generic, copy, def, body))
    }
}

fn mutability(flag: MutableFlag) -> Mutability {
    match flag {
        MutableFlag::Mutable => Mutability::Mutable,
        MutableFlag::Immutable => Mutability::Immutable,
    }
}
