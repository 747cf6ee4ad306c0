//! Short forms for rows of polymorphic variants.

use std::rc::Rc;

use rocaml_base::Name;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::{RowDesc, RowField, TypeDesc, TypeId};

/// The row with the fields of the rows it extends.
pub fn repr(cx: &Context, row: &RowDesc) -> RowDesc {
    btype::row_repr(cx, row)
}

/// All fields of a row.
pub fn fields(cx: &Context, row: &RowDesc) -> Rc<[(Name, RowField)]> {
    btype::row_repr(cx, row).fields
}

/// What is known of a tag.
pub fn field(cx: &Context, tag: Name, row: &RowDesc) -> RowField {
    cx.row_field(&btype::get_row_field(cx, tag, row))
}

/// Whether no tag can be added.
pub fn is_closed(cx: &Context, row: &RowDesc) -> bool {
    btype::row_repr(cx, row).closed
}

/// Whether there is a reason not to refine the row.
pub fn has_fixed_explanation(cx: &Context, row: &RowDesc) -> bool {
    btype::has_fixed_explanation(cx, row)
}

/// A row that nothing keeps from being refined.
pub fn make(fields: Vec<(Name, RowField)>, more: TypeId, closed: bool) -> RowDesc {
    RowDesc { fields: fields.into(), more, closed, fixed: None, name: None }
}

/// The row of a variant type.
pub fn of_type(cx: &Context, ty: TypeId) -> Option<RowDesc> {
    match cx.desc(ty) {
        TypeDesc::Variant(row) => Some(row),
        _ => None,
    }
}

/// Fields in the order in which types are shown.
pub fn sorted(mut fields: Vec<(Name, RowField)>) -> Vec<(Name, RowField)> {
    fields.sort_by_key(|(tag, _)| *tag);
    fields
}
