/* Operations on values as blocks: Obj, lazy values, objects, recursive values.
 *
 * Counterpart of upstream's runtime/obj.c. */

#define CAML_INTERNALS

#include <string.h>
#include "caml/alloc.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/gc.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/signals.h"

/* ---- Tags ---- */

/* What [Obj.tag] answers for values without a tag. */
enum { OBJ_INT_TAG = 1000, OBJ_UNALIGNED_TAG = 1002 };

static int tag_of_any(value v)
{
  if (Is_long(v)) return OBJ_INT_TAG;
  if ((v & (sizeof(value) - 1)) != 0) return OBJ_UNALIGNED_TAG;
  /* A lazy value may change tag under our eyes, from another domain. */
  return Tag_hd(__atomic_load_n((header_t *) v - 1, __ATOMIC_ACQUIRE));
}

CAMLprim value caml_obj_tag(value v)
{
  return Val_int(tag_of_any(v));
}

/* Replace the tag [from] of a block by [to]; false if it had another tag.
   The collector may be changing the colour in the same word. */
static bool change_tag(value block, int from, int to)
{
  header_t *hp = (header_t *) block - 1;
  header_t hd = __atomic_load_n(hp, __ATOMIC_RELAXED);

  do {
    if ((int) Tag_hd(hd) != from) return false;
  } while (!__atomic_compare_exchange_n(hp, &hd,
                                        (hd & ~(header_t) 0xFF) | to, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
  return true;
}

static void force_tag(value block, int tag)
{
  while (!change_tag(block, Tag_val(block), tag)) ;
}

/* ---- Blocks ---- */

CAMLprim value caml_obj_raw_field(value block, value pos)
{
  return caml_copy_nativeint((intnat) Field(block, Long_val(pos)));
}

CAMLprim value caml_obj_set_raw_field(value block, value pos, value bits)
{
  Field(block, Long_val(pos)) = (value) Nativeint_val(bits);
  return Val_unit;
}

/* The runtime relies on the shape of some blocks: a closure says where its
   environment starts, a string ends with its padding, a custom block begins
   with its operations.  A new block has a sane shape or is refused. */
CAMLprim value caml_obj_block(value vtag, value vsize)
{
  mlsize_t size = Long_val(vsize);
  tag_t tag = Long_val(vtag);
  mlsize_t least = tag == Closure_tag ? 2 : tag == String_tag ? 1 : 0;
  value res;

  if (tag == Custom_tag || size < least) caml_invalid_argument("Obj.new_block");
  res = caml_alloc(size, tag);
  if (tag == Closure_tag) Closinfo_val(res) = Make_closinfo(0, 2);
  if (tag == String_tag) Field(res, size - 1) = 0;
  return res;
}

CAMLprim value caml_obj_with_tag(value vtag, value arg)
{
  CAMLparam1(arg);
  mlsize_t size = Wosize_val(arg);
  tag_t tag = (tag_t) Long_val(vtag);
  value res;

  if (size == 0) CAMLreturn(Atom(tag));
  if (tag >= No_scan_tag) {
    res = caml_alloc(size, tag);
    memcpy(Bp_val(res), Bp_val(arg), Bsize_wsize(size));
    CAMLreturn(res);
  }
  if (size <= Max_young_wosize) {
    res = caml_alloc_small(size, tag);
    for (mlsize_t i = 0; i < size; i++) Field(res, i) = Field(arg, i);
    CAMLreturn(res);
  }
  /* Code pointers of a closure are never taken for young values. */
  res = caml_alloc_shr(size, tag);
  for (mlsize_t i = 0; i < size; i++)
    caml_initialize(&Field(res, i), Field(arg, i));
  CAMLreturn(caml_process_pending_actions_with_root(res));
}

CAMLprim value caml_obj_dup(value arg)
{
  return caml_obj_with_tag(Val_long(Tag_val(arg)), arg);
}

CAMLprim value caml_obj_add_offset(value v, value offset)
{
  return v + (value) (unsigned long) Int32_val(offset);
}

CAMLextern value caml_atomic_cas_field(value, value, value, value);

CAMLprim value caml_obj_compare_and_swap(value v, value f, value oldv,
                                         value newv)
{
  value res = caml_atomic_cas_field(v, f, oldv, newv);
  caml_check_urgent_gc(Val_unit);
  return res;
}

CAMLprim value caml_obj_is_shared(value v)
{
  return Val_bool(Is_long(v) || !Is_young(v));
}

CAMLprim value caml_int_as_pointer(value n)
{
  return n - 1;
}

/* ---- Lazy values: Lazy -> Forcing -> Forward, or back to Lazy ---- */

CAMLprim value caml_lazy_make_forward(value v)
{
  CAMLparam1(v);
  value res = caml_alloc_small(1, Forward_tag);
  Field(res, 0) = v;
  CAMLreturn(res);
}

CAMLprim value caml_lazy_reset_to_lazy(value v)
{
  change_tag(v, Forcing_tag, Lazy_tag);
  return Val_unit;
}

CAMLprim value caml_lazy_update_to_forward(value v)
{
  change_tag(v, Forcing_tag, Forward_tag);
  return Val_unit;
}

/* 0 to the one who may force, 1 to the others. */
CAMLprim value caml_lazy_update_to_forcing(value v)
{
  return Val_int(!(Is_block(v) && change_tag(v, Lazy_tag, Forcing_tag)));
}

CAMLprim value caml_lazy_read_result(value v)
{
  return tag_of_any(v) == Forward_tag ? Field(v, 0) : v;
}

/* ---- Objects ---- */

/* The methods of an object: [count | mask | method, tag | method, tag | …],
   sorted by tag; the index of the tag that is sought, or of another if there
   is none. */
static uintnat find_tag(value methods, value tag)
{
  uintnat low = 3, high = Field(methods, 0);

  while (low < high) {
    uintnat middle = (low + high) / 2 | 1;
    if (tag < Field(methods, middle)) high = middle - 2;
    else low = middle;
  }
  return low;
}

/* The result is 0 when there is no such method. */
CAMLprim value caml_get_public_method(value obj, value tag)
{
  value methods = Field(obj, 0);
  uintnat index = find_tag(methods, tag);
  return tag == Field(methods, index) ? Field(methods, index - 1) : 0;
}

/* Called by compiled code when the cache of a method call misses.  The
   cache gets the byte offset of the method from the first one, tagged.  The
   method exists: the type says so.  Other domains may note theirs in the same
   word. */
value caml_find_and_cache_method(value methods, value tag, uintnat *cache)
{
  uintnat index = find_tag(methods, tag);
  __atomic_store_n(cache, (index - 3) * sizeof(value) + 1, __ATOMIC_RELAXED);
  return Field(methods, index - 1);
}

/* Identifiers are handed to domains by the thousand. */
#define OO_ID_CHUNK 1024

static uintnat next_oo_id_chunk = 0;

CAMLprim value caml_fresh_oo_id(value unit)
{
  (void) unit;
  if (Caml_state->oo_next_id_local % OO_ID_CHUNK == 0)
    Caml_state->oo_next_id_local =
      __atomic_fetch_add(&next_oo_id_chunk, OO_ID_CHUNK, __ATOMIC_RELAXED);
  return Val_long(Caml_state->oo_next_id_local++);
}

CAMLprim value caml_set_oo_id(value obj)
{
  Field(obj, 1) = caml_fresh_oo_id(Val_unit);
  return obj;
}

/* ---- let rec over values: dummies to be filled later ---- */

CAMLprim value caml_alloc_dummy(value size)
{
  return caml_alloc(Long_val(size), 0);
}

CAMLprim value caml_alloc_dummy_float(value size)
{
  return caml_alloc(Long_val(size) * Double_wosize, 0);
}

CAMLprim value caml_alloc_dummy_lazy(value unit)
{
  (void) unit;
  return caml_alloc(1, 0);
}

CAMLprim value caml_update_dummy(value dummy, value newval)
{
  mlsize_t size = Wosize_val(newval);
  tag_t tag = Tag_val(newval);

  if (Wosize_val(dummy) == 0) return Val_unit;  /* an atom like [newval] */
  force_tag(dummy, tag);
  if (tag == Double_array_tag)
    memcpy(Bp_val(dummy), Bp_val(newval), Bsize_wsize(size));
  else
    for (mlsize_t i = 0; i < size; i++)
      caml_modify(&Field(dummy, i), Field(newval, i));
  return Val_unit;
}

/* [newval] may be the value itself, when its Forward block was shortcut. */
CAMLprim value caml_update_dummy_lazy(value dummy, value newval)
{
  switch (tag_of_any(newval)) {
  case Lazy_tag: case Forcing_tag: case Forward_tag:
    return caml_update_dummy(dummy, newval);
  default:
    caml_modify(&Field(dummy, 0), newval);
    force_tag(dummy, Forward_tag);
    return Val_unit;
  }
}
