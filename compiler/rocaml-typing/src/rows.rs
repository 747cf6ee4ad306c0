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

/// Fields that were collected, in the order that upstream's hash table of them gives. It shows where `#t` becomes a
/// pattern, and in types that are not yet those of a signature.
pub fn in_table_order(fields: Vec<(Name, RowField)>) -> Vec<(Name, RowField)> {
    let mut buckets = INITIAL_BUCKETS;
    while fields.len() > 2 * buckets {
        buckets *= 2;
    }
    let mut keyed: Vec<_> = fields
        .into_iter()
        .map(|field| (hash_of_int(btype::hash_variant(&field.0)) as usize & (buckets - 1), field))
        .collect();
    // Within a bucket the latest is first.
    keyed.reverse();
    keyed.sort_by_key(|(bucket, _)| *bucket);
    keyed.into_iter().map(|(_, field)| field).collect()
}

const INITIAL_BUCKETS: usize = 32;

/// What `Hashtbl.hash` gives for an integer.
fn hash_of_int(n: i64) -> u32 {
    let tagged = n << 1 | 1;
    let word = (tagged >> 32 ^ tagged >> 63 ^ tagged) as u32;
    let word = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let h = word.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    let h = (h ^ h >> 16).wrapping_mul(0x85eb_ca6b);
    let h = (h ^ h >> 13).wrapping_mul(0xc2b2_ae35);
    (h ^ h >> 16) & 0x3fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_in_the_order_of_a_table() {
        let tags = ["B", "A", "Zed", "Foo", "Bar", "Cat", "Dog"];
        let fields = tags.iter().map(|tag| (Name::new(tag), RowField::Absent)).collect();
        let order: Vec<_> = in_table_order(fields).iter().map(|(tag, _)| tag.to_string()).collect();
        assert_eq!(order.join(" "), "Dog Cat Bar Zed B Foo A");
    }
}
