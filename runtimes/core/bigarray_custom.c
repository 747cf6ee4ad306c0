/* Bigarrays as custom blocks: comparison, hashing, marshalling.
 *
 * Counterpart of these parts of upstream's runtime/bigarray.c. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <stdlib.h>
#include "bigarray_impl.h"
#include "caml/alloc.h"
#include "caml/bigarray.h"
#include "caml/custom.h"
#include "caml/hash.h"
#include "caml/intext.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- Half-precision floats, for the compilers ---- */

CAMLexport double caml_double_of_float16(intnat h)
{
  return caml_half_to_float((uint16_t) h);
}

CAMLexport intnat caml_float16_of_double(double d)
{
  return caml_half_of_float((float) d);
}

/* ---- Comparison ---- */

#define COMPARE_INTEGERS(type)                                                \
  {                                                                           \
    const type *p1 = b1->data, *p2 = b2->data;                                \
    for (uintnat i = 0; i < n; i++)                                           \
      if (p1[i] != p2[i]) return p1[i] < p2[i] ? -1 : 1;                      \
    return 0;                                                                 \
  }

/* As [compare]: nan is unordered, or before all numbers. */
#define COMPARE_FLOATS(type, conv)                                            \
  {                                                                           \
    const type *p1 = b1->data, *p2 = b2->data;                                \
    for (uintnat i = 0; i < n; i++) {                                         \
      double e1 = conv(p1[i]), e2 = conv(p2[i]);                              \
      if (e1 < e2) return -1;                                                 \
      if (e1 > e2) return 1;                                                  \
      if (e1 == e2) continue;                                                 \
      Caml_state->compare_unordered = 1;                                      \
      if (e1 == e1) return 1;                                                 \
      if (e2 == e2) return -1;                                                \
    }                                                                         \
    return 0;                                                                 \
  }

static int compare_elements(const struct caml_ba_array *b1,
                            const struct caml_ba_array *b2, uintnat n)
{
  switch (kind_of(b1)) {
  case CAML_BA_FLOAT16: COMPARE_FLOATS(uint16_t, caml_half_to_float)
  case CAML_BA_COMPLEX32: n *= 2; CAMLfallthrough;
  case CAML_BA_FLOAT32: COMPARE_FLOATS(float, )
  case CAML_BA_COMPLEX64: n *= 2; CAMLfallthrough;
  case CAML_BA_FLOAT64: COMPARE_FLOATS(double, )
  case CAML_BA_SINT8: COMPARE_INTEGERS(int8_t)
  case CAML_BA_UINT8: case CAML_BA_CHAR: COMPARE_INTEGERS(uint8_t)
  case CAML_BA_SINT16: COMPARE_INTEGERS(int16_t)
  case CAML_BA_UINT16: COMPARE_INTEGERS(uint16_t)
  case CAML_BA_INT32: COMPARE_INTEGERS(int32_t)
  case CAML_BA_INT64: COMPARE_INTEGERS(int64_t)
  case CAML_BA_CAML_INT: case CAML_BA_NATIVE_INT: COMPARE_INTEGERS(intnat)
  default: CAMLunreachable();
  }
}

/* By kind and layout, number of dimensions, dimensions, then elements. */
CAMLexport int caml_ba_compare(value v1, value v2)
{
  struct caml_ba_array *b1 = Caml_ba_array_val(v1);
  struct caml_ba_array *b2 = Caml_ba_array_val(v2);
  const intnat mask = CAML_BA_KIND_MASK | CAML_BA_LAYOUT_MASK;

  if ((b1->flags & mask) != (b2->flags & mask))
    return (int) ((b2->flags & mask) - (b1->flags & mask));
  if (b1->num_dims != b2->num_dims)
    return (int) (b2->num_dims - b1->num_dims);
  for (int i = 0; i < b1->num_dims; i++)
    if (b1->dim[i] != b2->dim[i]) return b1->dim[i] < b2->dim[i] ? -1 : 1;
  return compare_elements(b1, b2, caml_ba_num_elts(b1));
}

/* ---- Hashing: a few hundred bytes at the start count ---- */

static uint32_t hash_bytes(uint32_t h, const uint8_t *p, uintnat n)
{
  uint32_t w = 0;

  for (; n >= 4; n -= 4, p += 4)
    h = caml_hash_mix_uint32(h, p[0] | (uint32_t) p[1] << 8
                                | (uint32_t) p[2] << 16
                                | (uint32_t) p[3] << 24);
  if (n == 0) return h;
  while (n > 0) w = w << 8 | p[--n];
  return caml_hash_mix_uint32(h, w);
}

static uint32_t hash_shorts(uint32_t h, const uint16_t *p, uintnat n)
{
  for (; n >= 2; n -= 2, p += 2)
    h = caml_hash_mix_uint32(h, p[0] | (uint32_t) p[1] << 16);
  return n == 0 ? h : caml_hash_mix_uint32(h, p[0]);
}

/* All nans are one, and so are both zeros. */
static uint32_t hash_half(uint32_t h, uint16_t bits)
{
  if ((bits & 0x7FFF) > 0x7C00) bits = 0x7C01;
  else if (bits == 0x8000) bits = 0;
  return caml_hash_mix_uint32(h, bits);
}

#define HASH_EACH(type, most, mix)                                            \
  {                                                                           \
    const type *p = b->data;                                                  \
    if (n > (most)) n = (most);                                               \
    for (uintnat i = 0; i < n; i++) h = mix(h, p[i]);                         \
    return h;                                                                 \
  }

CAMLexport intnat caml_ba_hash(value v)
{
  struct caml_ba_array *b = Caml_ba_array_val(v);
  uintnat n = caml_ba_num_elts(b);
  uint32_t h = 0;

  switch (kind_of(b)) {
  case CAML_BA_CHAR: case CAML_BA_SINT8: case CAML_BA_UINT8:
    return hash_bytes(h, b->data, n > 256 ? 256 : n);
  case CAML_BA_SINT16: case CAML_BA_UINT16:
    return hash_shorts(h, b->data, n > 128 ? 128 : n);
  case CAML_BA_FLOAT16: HASH_EACH(uint16_t, 128, hash_half)
  case CAML_BA_INT32: HASH_EACH(uint32_t, 64, caml_hash_mix_uint32)
  case CAML_BA_CAML_INT: case CAML_BA_NATIVE_INT:
    HASH_EACH(intnat, 64, caml_hash_mix_intnat)
  case CAML_BA_INT64: HASH_EACH(int64_t, 32, caml_hash_mix_int64)
  case CAML_BA_COMPLEX32: n *= 2; CAMLfallthrough;
  case CAML_BA_FLOAT32: HASH_EACH(float, 64, caml_hash_mix_float)
  case CAML_BA_COMPLEX64: n *= 2; CAMLfallthrough;
  case CAML_BA_FLOAT64: HASH_EACH(double, 32, caml_hash_mix_double)
  default: CAMLunreachable();
  }
}

/* ---- Marshalling ---- */

/* intern.c: fail unless the input has [len] more bytes. */
extern void caml_deserialize_check(uintnat len);

/* Integers of words: 4 bytes each, after a 0, when all fit on a 32-bit
   platform; else 8, after a 1. */
static void serialize_words(const intnat *p, uintnat n, intnat least,
                            intnat most)
{
  for (uintnat i = 0; i < n; i++)
    if (p[i] < least || p[i] > most) {
      caml_serialize_int_1(1);
      caml_serialize_block_8((void *) p, n);
      return;
    }
  caml_serialize_int_1(0);
  for (uintnat i = 0; i < n; i++) caml_serialize_int_4((int32_t) p[i]);
}

/* Large dimensions follow a mark. */
#define LARGE_DIMENSION 0xFFFF

CAMLexport void caml_ba_serialize(value v, uintnat *bsize_32, uintnat *bsize_64)
{
  struct caml_ba_array *b = Caml_ba_array_val(v);
  uintnat n = caml_ba_num_elts(b);

  caml_serialize_int_4((int32_t) b->num_dims);
  caml_serialize_int_4((int32_t) (b->flags & (CAML_BA_KIND_MASK
                                              | CAML_BA_LAYOUT_MASK)));
  for (int i = 0; i < b->num_dims; i++) {
    bool large = b->dim[i] >= LARGE_DIMENSION;
    caml_serialize_int_2(large ? LARGE_DIMENSION : (int) b->dim[i]);
    if (large) caml_serialize_int_8(b->dim[i]);
  }
  switch (kind_of(b)) {
  case CAML_BA_CAML_INT:
    serialize_words(b->data, n, INT32_MIN / 2, INT32_MAX / 2); break;
  case CAML_BA_NATIVE_INT:
    serialize_words(b->data, n, INT32_MIN, INT32_MAX); break;
  case CAML_BA_COMPLEX32: caml_serialize_block_4(b->data, 2 * n); break;
  case CAML_BA_COMPLEX64: caml_serialize_block_8(b->data, 2 * n); break;
  default:
    switch (element_size(b)) {
    case 1: caml_serialize_block_1(b->data, n); break;
    case 2: caml_serialize_block_2(b->data, n); break;
    case 4: caml_serialize_block_4(b->data, n); break;
    default: caml_serialize_block_8(b->data, n);
    }
  }
  *bsize_32 = (4 + b->num_dims) * 4;
  *bsize_64 = (4 + b->num_dims) * 8;
}

/* The descriptor, but for the data. */
static void deserialize_descriptor(struct caml_ba_array *b)
{
  uint32_t num_dims = caml_deserialize_uint_4();

  if (num_dims > CAML_BA_MAX_NUM_DIMS)
    caml_deserialize_error("input_value: wrong number of bigarray dimensions");
  if (SIZEOF_BA_ARRAY + num_dims * sizeof(intnat) > Bsize_custom_data(b))
    caml_deserialize_error("input_value: bigarray buffer overflow");
  b->data = NULL;
  b->num_dims = num_dims;
  b->flags = (caml_deserialize_uint_4() & (CAML_BA_KIND_MASK
                                           | CAML_BA_LAYOUT_MASK))
    | CAML_BA_MANAGED;
  b->proxy = NULL;
  for (uint32_t i = 0; i < num_dims; i++) {
    intnat dim = caml_deserialize_uint_2();
    if (dim == LARGE_DIMENSION) dim = (intnat) caml_deserialize_uint_8();
    b->dim[i] = dim;
  }
}

/* Words may have been written as 4 bytes each. */
static void deserialize_narrow_words(intnat *p, uintnat n)
{
  for (uintnat i = 0; i < n; i++) p[i] = caml_deserialize_sint_4();
}

static void deserialize_data(struct caml_ba_array *b, uintnat size)
{
  switch (kind_of(b) == CAML_BA_COMPLEX32 ? 4 : element_size(b)) {
  case 1: caml_deserialize_block_1(b->data, size); break;
  case 2: caml_deserialize_block_2(b->data, size / 2); break;
  case 4: caml_deserialize_block_4(b->data, size / 4); break;
  default: caml_deserialize_block_8(b->data, size / 8);
  }
}

/* Memory is only allocated when the input is long enough to fill it: a failure
   would leak it. */
CAMLexport uintnat caml_ba_deserialize(void *dst)
{
  struct caml_ba_array *b = dst;
  uintnat size;
  bool words, narrow;

  deserialize_descriptor(b);
  if (kind_of(b) >= CAML_BA_FIRST_UNIMPLEMENTED_KIND)
    caml_deserialize_error("input_value: bad bigarray kind");
  for (int i = 0; i < b->num_dims; i++)
    if (b->dim[i] < 0)
      caml_deserialize_error("input_value: size overflow for bigarray");
  if (!byte_size_of_dims(kind_of(b), (int) b->num_dims, b->dim, &size))
    caml_deserialize_error("input_value: size overflow for bigarray");
  words = kind_of(b) == CAML_BA_CAML_INT || kind_of(b) == CAML_BA_NATIVE_INT;
  narrow = words && caml_deserialize_uint_1() == 0;
  caml_deserialize_check(narrow ? size / 2 : size);
  b->data = malloc(size);
  if (b->data == NULL && size != 0)
    caml_deserialize_error("input_value: out of memory for bigarray");
  if (narrow) deserialize_narrow_words(b->data, size / sizeof(intnat));
  else deserialize_data(b, size);
  return SIZEOF_BA_ARRAY + b->num_dims * sizeof(intnat);
}

CAMLexport const struct custom_operations caml_ba_ops = {
  "_bigarr02",
  caml_ba_finalize,
  caml_ba_compare,
  caml_ba_hash,
  caml_ba_serialize,
  caml_ba_deserialize,
  custom_compare_ext_default,
  custom_fixed_length_default
};
