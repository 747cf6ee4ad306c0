/* What the files of bigarrays share: properties of an array, sizes, and
 * half-precision floats. */

#ifndef BIGARRAY_IMPL_H
#define BIGARRAY_IMPL_H

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "caml/bigarray.h"
#include "caml/misc.h"

/* ---- Properties ---- */

static inline enum caml_ba_kind kind_of(const struct caml_ba_array *b)
{
  return (enum caml_ba_kind) (b->flags & CAML_BA_KIND_MASK);
}

static inline bool is_fortran(const struct caml_ba_array *b)
{
  return (b->flags & CAML_BA_LAYOUT_MASK) == CAML_BA_FORTRAN_LAYOUT;
}

static inline int element_size(const struct caml_ba_array *b)
{
  return caml_ba_element_size[kind_of(b)];
}

/* The size in bytes of an array; false on overflow. */
static inline bool byte_size_of_dims(int kind, int num_dims, const intnat *dim,
                                     uintnat *size)
{
  uintnat n = 1;

  for (int i = 0; i < num_dims; i++)
    if (caml_umul_overflow(n, dim[i], &n)) return false;
  return !caml_umul_overflow(n, caml_ba_element_size[kind], size);
}

/* ---- Half-precision floats ---- */

static inline float float_of_bits(uint32_t bits)
{
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

static inline float caml_half_to_float(uint16_t h)
{
  uint32_t sign = (uint32_t) (h & 0x8000) << 16;
  uint32_t exponent = (h >> 10) & 0x1F, mantissa = h & 0x3FF;

  if (exponent == 0) {                  /* zero, subnormal: exact in float */
    float f = (float) mantissa * 0x1p-24f;
    return sign ? -f : f;
  }
  if (exponent == 0x1F) exponent = 0xFF;
  else exponent += 127 - 15;
  return float_of_bits(sign | exponent << 23 | mantissa << 13);
}

/* To nearest, ties to even; all nans become one. */
static inline uint16_t caml_half_of_float(float f)
{
  uint32_t bits, magnitude;
  uint16_t sign;

  memcpy(&bits, &f, sizeof bits);
  sign = (uint16_t) (bits >> 16 & 0x8000);
  magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return sign | 0x7E00;
  if (magnitude >= 0x47800000) return sign | 0x7C00;    /* 2^16 and above */
  if (magnitude < 0x38800000)                           /* below 2^-14 */
    return sign | (uint16_t) rintf(float_of_bits(magnitude) * 0x1p24f);
  magnitude += 0xFFF + (magnitude >> 13 & 1);
  return sign | (uint16_t) ((magnitude >> 13) - ((127 - 15) << 10));
}

#endif /* BIGARRAY_IMPL_H */
