/* Arrays: generic, uniform (never flat floats) and flat float arrays.
 *
 * Counterpart of upstream's runtime/array.c.  A generic array whose first
 * element is a boxed float is stored flat, under Double_array_tag.  The empty
 * array is an atom of tag 0 whatever its type.
 * Bounds of sub, blit and fill are checked by the OCaml side. */

#define CAML_INTERNALS

#include <string.h>
#include "caml/alloc.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/signals.h"

static const mlsize_t max_array_wosize = Max_wosize;

static bool is_flat(value array)
{
  return Tag_val(array) == Double_array_tag;
}

static bool is_boxed_float(value v)
{
  return Is_block(v) && Tag_val(v) == Double_tag;
}

CAMLexport mlsize_t caml_array_length(value array)
{
  return is_flat(array) ? Wosize_val(array) / Double_wosize
                        : Wosize_val(array);
}

CAMLexport int caml_is_double_array(value array)
{
  return is_flat(array);
}

/* ---- Elements ---- */

static mlsize_t checked_index(value index, mlsize_t length)
{
  uintnat i = (uintnat) Long_val(index);

  if (i >= length) caml_array_bound_error();
  return i;
}

CAMLprim value caml_floatarray_unsafe_get(value array, value index)
{
  return caml_copy_double(Double_flat_field(array, Long_val(index)));
}

CAMLprim value caml_floatarray_get(value array, value index)
{
  mlsize_t i = checked_index(index, Wosize_val(array) / Double_wosize);
  return caml_copy_double(Double_flat_field(array, i));
}

CAMLprim value caml_array_get_addr(value array, value index)
{
  return Field(array, checked_index(index, Wosize_val(array)));
}

CAMLprim value caml_array_get(value array, value index)
{
  return is_flat(array) ? caml_floatarray_get(array, index)
                        : caml_array_get_addr(array, index);
}

CAMLprim value caml_array_unsafe_get(value array, value index)
{
  return is_flat(array) ? caml_floatarray_unsafe_get(array, index)
                        : Field(array, Long_val(index));
}

CAMLprim value caml_floatarray_unsafe_set(value array, value index, value v)
{
  Store_double_flat_field(array, Long_val(index), Double_val(v));
  return Val_unit;
}

CAMLprim value caml_floatarray_set(value array, value index, value v)
{
  mlsize_t i = checked_index(index, Wosize_val(array) / Double_wosize);
  Store_double_flat_field(array, i, Double_val(v));
  return Val_unit;
}

CAMLprim value caml_array_set_addr(value array, value index, value v)
{
  caml_modify(&Field(array, checked_index(index, Wosize_val(array))), v);
  return Val_unit;
}

CAMLprim value caml_array_set(value array, value index, value v)
{
  return is_flat(array) ? caml_floatarray_set(array, index, v)
                        : caml_array_set_addr(array, index, v);
}

CAMLprim value caml_array_unsafe_set(value array, value index, value v)
{
  if (is_flat(array)) return caml_floatarray_unsafe_set(array, index, v);
  caml_modify(&Field(array, Long_val(index)), v);
  return Val_unit;
}

/* ---- Creation ---- */

/* A flat float array with undefined contents; [who] is blamed for a length out
   of range. */
static value alloc_flat(mlsize_t length, const char *who)
{
  if (length == 0) return Atom(0);
  if (length > max_array_wosize / Double_wosize) caml_invalid_argument(who);
  return caml_alloc(length * Double_wosize, Double_array_tag);
}

CAMLprim value caml_floatarray_create(value len)
{
  return alloc_flat(Long_val(len), "Float.Array.create");
}

CAMLprim value caml_array_create_float(value len)
{
  return alloc_flat(Long_val(len), "Array.create_float");
}

CAMLprim value caml_make_float_vect(value len)
{
  return caml_array_create_float(len);
}

static value make_flat(mlsize_t length, double init, const char *who)
{
  value res = alloc_flat(length, who);

  for (mlsize_t i = 0; i < length; i++) Store_double_flat_field(res, i, init);
  return res;
}

CAMLprim value caml_floatarray_make_unboxed(intnat size, double init)
{
  return make_flat(size, init, "Float.Array.make");
}

CAMLprim value caml_floatarray_make(value len, value init)
{
  return caml_floatarray_make_unboxed(Long_val(len), Double_val(init));
}

/* A large array is made in the major heap.  Its initial value is brought there
   first, instead of remembering one pointer per element. */
CAMLprim value caml_uniform_array_make(value len, value init)
{
  CAMLparam1(init);
  mlsize_t size = Long_val(len);
  value res;

  if (size == 0) CAMLreturn(Atom(0));
  if (size > max_array_wosize) caml_invalid_argument("Array.make");
  if (size <= Max_young_wosize) {
    res = caml_alloc_small(size, 0);
    for (mlsize_t i = 0; i < size; i++) Field(res, i) = init;
    CAMLreturn(res);
  }
  if (Is_block(init) && Is_young(init)) caml_minor_collection();
  res = caml_alloc_shr(size, 0);
  for (mlsize_t i = 0; i < size; i++) Field(res, i) = init;
  CAMLreturn(caml_process_pending_actions_with_root(res));
}

CAMLprim value caml_array_make(value len, value init)
{
  if (is_boxed_float(init))
    return make_flat(Long_val(len), Double_val(init), "Array.make");
  return caml_uniform_array_make(len, init);
}

CAMLprim value caml_make_vect(value len, value init)
{
  return caml_array_make(len, init);
}

/* The representation of the literal [|e1; …|], given as a uniform array, when
   its type is not known statically. */
CAMLprim value caml_array_of_uniform_array(value init)
{
  CAMLparam1(init);
  mlsize_t size = Wosize_val(init);
  value res;

  if (size == 0 || !is_boxed_float(Field(init, 0))) CAMLreturn(init);
  res = alloc_flat(size, "Array.of_uniform_array");
  for (mlsize_t i = 0; i < size; i++)
    Store_double_flat_field(res, i, Double_val(Field(init, i)));
  CAMLreturn(res);
}

CAMLprim value caml_make_array(value array)
{
  return caml_array_of_uniform_array(array);
}

/* ---- Copying between arrays that exist ---- */

/* Word by word when another domain may read the array: it sees whole values. */
static void move_words(volatile value *dst, const volatile value *src,
                       mlsize_t n)
{
  if (caml_domain_alone())
    memmove((value *) dst, (value *) src, Bsize_wsize(n));
  else if (dst <= src)
    for (mlsize_t i = 0; i < n; i++)
      __atomic_store_n(&dst[i], src[i], __ATOMIC_RELAXED);
  else
    for (mlsize_t i = n; i > 0; i--)
      __atomic_store_n(&dst[i - 1], src[i - 1], __ATOMIC_RELAXED);
}

/* Store in a field of the major heap.  The write barrier has nothing to do
   when an integer replaces an integer. */
static inline void store_major(volatile value *field, value v)
{
  if (Is_long(v) && Is_long(*field)) *field = v;
  else caml_modify(field, v);
}

static void move_major(volatile value *dst, const volatile value *src,
                       mlsize_t n)
{
  if (dst <= src)
    for (mlsize_t i = 0; i < n; i++) store_major(&dst[i], src[i]);
  else
    for (mlsize_t i = n; i > 0; i--) store_major(&dst[i - 1], src[i - 1]);
}

CAMLprim value caml_floatarray_blit(value a1, value ofs1, value a2, value ofs2,
                                    value n)
{
  if (Long_val(n) == 0) return Val_unit;
  memmove((double *) a2 + Long_val(ofs2), (double *) a1 + Long_val(ofs1),
          Long_val(n) * sizeof(double));
  return Val_unit;
}

CAMLprim value caml_uniform_array_blit(value a1, value ofs1, value a2,
                                       value ofs2, value n)
{
  mlsize_t count = Long_val(n);

  if (count == 0) return Val_unit;
  if (Is_young(a2)) {
    move_words(&Field(a2, Long_val(ofs2)), &Field(a1, Long_val(ofs1)), count);
    return Val_unit;
  }
  move_major(&Field(a2, Long_val(ofs2)), &Field(a1, Long_val(ofs1)), count);
  /* Many entries may have been remembered: give the collector a chance. */
  caml_check_urgent_gc(Val_unit);
  return Val_unit;
}

CAMLprim value caml_array_blit(value a1, value ofs1, value a2, value ofs2,
                               value n)
{
  return is_flat(a2) ? caml_floatarray_blit(a1, ofs1, a2, ofs2, n)
                     : caml_uniform_array_blit(a1, ofs1, a2, ofs2, n);
}

CAMLprim value caml_floatarray_fill_unboxed(value array, intnat ofs, intnat len,
                                            double v)
{
  for (double *p = (double *) array + ofs; len > 0; len--) *p++ = v;
  return Val_unit;
}

CAMLprim value caml_floatarray_fill(value array, value ofs, value len, value v)
{
  return caml_floatarray_fill_unboxed(array, Long_val(ofs), Long_val(len),
                                      Double_val(v));
}

CAMLprim value caml_uniform_array_fill(value array, value ofs, value len,
                                       value v)
{
  volatile value *p = &Field(array, Long_val(ofs));
  volatile value *end = p + Long_val(len);

  if (Is_young(array)) {
    for (; p < end; p++) *p = v;
    return Val_unit;
  }
  for (; p < end; p++) if (*p != v) store_major(p, v);
  caml_check_urgent_gc(Val_unit);
  return Val_unit;
}

CAMLprim value caml_array_fill(value array, value ofs, value len, value v)
{
  return is_flat(array) ? caml_floatarray_fill(array, ofs, len, v)
                        : caml_uniform_array_fill(array, ofs, len, v);
}

/* ---- New arrays from pieces of others ---- */

struct piece {
  value array;
  mlsize_t offset;
  mlsize_t length;
};

static mlsize_t total_length(const struct piece *pieces, mlsize_t n)
{
  mlsize_t total = 0;

  for (mlsize_t i = 0; i < n; i++) {
    if (max_array_wosize - total < pieces[i].length)
      caml_invalid_argument("Array.concat");
    total += pieces[i].length;
  }
  return total;
}

/* Allocate what [gather] fills.  The pieces are roots meanwhile; they are given
   as an array of values, which is what the collector can update. */
static value alloc_for(struct piece *pieces, value *arrays, mlsize_t n,
                       mlsize_t wosize, tag_t tag)
{
  CAMLparam0();
  CAMLxparamN(arrays, n);
  value res;

  if (wosize > Max_young_wosize) CAMLreturn(caml_alloc_shr(wosize, tag));
  for (mlsize_t i = 0; i < n; i++) arrays[i] = pieces[i].array;
  res = caml_alloc_small(wosize, tag);
  for (mlsize_t i = 0; i < n; i++) pieces[i].array = arrays[i];
  CAMLreturn(res);
}

static value gather_flat(struct piece *pieces, value *arrays, mlsize_t n,
                         mlsize_t length)
{
  value res = alloc_for(pieces, arrays, n, length * Double_wosize,
                        Double_array_tag);
  double *p = (double *) res;

  for (mlsize_t i = 0; i < n; i++) {
    if (pieces[i].length == 0) continue;
    memcpy(p, (double *) pieces[i].array + pieces[i].offset,
           pieces[i].length * sizeof(double));
    p += pieces[i].length;
  }
  return res;
}

static value gather_uniform(struct piece *pieces, value *arrays, mlsize_t n,
                            mlsize_t length)
{
  value res = alloc_for(pieces, arrays, n, length, 0);
  bool young = length <= Max_young_wosize;
  volatile value *p = &Field(res, 0);

  for (mlsize_t i = 0; i < n; i++) {
    const volatile value *src = &Field(pieces[i].array, pieces[i].offset);
    const volatile value *end = src + pieces[i].length;
    if (young) {
      memcpy((value *) p, (value *) src, Bsize_wsize(pieces[i].length));
      p += pieces[i].length;
    } else {
      while (src < end) caml_initialize(p++, *src++);
    }
  }
  return res;
}

/* Concatenate [n] pieces; [arrays] is room for [n] values.  [flat] says how the
   elements are stored. */
static value gather(struct piece *pieces, value *arrays, mlsize_t n, bool flat)
{
  mlsize_t length = total_length(pieces, n);
  value res;

  if (length == 0) return Atom(0);
  res = flat ? gather_flat(pieces, arrays, n, length)
             : gather_uniform(pieces, arrays, n, length);
  return length > Max_young_wosize
    ? caml_process_pending_actions_with_root(res) : res;
}

static value sub_array(value a, value ofs, value len, bool flat)
{
  struct piece piece = { a, Long_val(ofs), Long_val(len) };
  value array;

  return gather(&piece, &array, 1, flat);
}

static value append_arrays(value a1, value a2, bool flat)
{
  mlsize_t unit = flat ? Double_wosize : 1;
  struct piece pieces[2] = { { a1, 0, Wosize_val(a1) / unit },
                             { a2, 0, Wosize_val(a2) / unit } };
  value arrays[2];

  return gather(pieces, arrays, 2, flat);
}

#define SMALL_CONCAT 16

static value concat_arrays(value list, bool flat)
{
  struct piece small[SMALL_CONCAT];
  value small_arrays[SMALL_CONCAT];
  struct piece *pieces = small;
  value *arrays = small_arrays;
  mlsize_t n = 0, i = 0;
  mlsize_t unit = flat ? Double_wosize : 1;
  value res;

  for (value l = list; l != Val_emptylist; l = Field(l, 1)) n++;
  if (n > SMALL_CONCAT) {
    /* One block for both, so that a failure leaks nothing. */
    pieces = caml_stat_alloc(n * (sizeof *pieces + sizeof *arrays));
    arrays = (value *) (pieces + n);
  }
  for (value l = list; l != Val_emptylist; l = Field(l, 1), i++) {
    value a = Field(l, 0);
    pieces[i] = (struct piece) { a, 0, Wosize_val(a) / unit };
  }
  res = gather(pieces, arrays, n, flat);
  if (pieces != small) caml_stat_free(pieces);
  return res;
}

CAMLprim value caml_floatarray_sub(value a, value ofs, value len)
{
  return sub_array(a, ofs, len, true);
}

CAMLprim value caml_uniform_array_sub(value a, value ofs, value len)
{
  return sub_array(a, ofs, len, false);
}

CAMLprim value caml_array_sub(value a, value ofs, value len)
{
  return sub_array(a, ofs, len, is_flat(a));
}

CAMLprim value caml_floatarray_append(value a1, value a2)
{
  return append_arrays(a1, a2, true);
}

CAMLprim value caml_uniform_array_append(value a1, value a2)
{
  return append_arrays(a1, a2, false);
}

CAMLprim value caml_array_append(value a1, value a2)
{
  return append_arrays(a1, a2, is_flat(a1) || is_flat(a2));
}

CAMLprim value caml_floatarray_concat(value list)
{
  return concat_arrays(list, true);
}

CAMLprim value caml_uniform_array_concat(value list)
{
  return concat_arrays(list, false);
}

/* Empty arrays say nothing of the type: any flat one decides. */
CAMLprim value caml_array_concat(value list)
{
  bool flat = false;

  for (value l = list; l != Val_emptylist; l = Field(l, 1))
    if (is_flat(Field(l, 0))) flat = true;
  return concat_arrays(list, flat);
}
