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

/// Fields in the order in which upstream's table of tags lists them: by hash of the integer that
/// stands for the tag, which is the order in which types as written are printed.
pub fn in_table_order(fields: Vec<(Name, RowField)>) -> Vec<(Name, RowField)> {
    let mut buckets = 32;
    while fields.len() > 2 * buckets {
        buckets *= 2;
    }
    let mut keyed: Vec<_> =
        fields.into_iter().rev().map(|f| (hash_int(btype::hash_variant(&f.0)) as usize & (buckets - 1), f)).collect();
    // Within a bucket, what was added last comes first.
    keyed.sort_by_key(|(bucket, _)| *bucket);
    keyed.into_iter().map(|(_, f)| f).collect()
}

/// `Hashtbl.hash` of an integer.
fn hash_int(n: i64) -> u32 {
    let tagged = (n << 1) | 1;
    let mut k = ((tagged >> 32) ^ (tagged >> 63) ^ tagged) as u32;
    k = k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut h = k.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^= h >> 16;
    h & 0x3fff_ffff
}
