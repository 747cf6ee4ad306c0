/* Strings and bytes.
 *
 * Counterpart of upstream's runtime/str.c.  A string is a block of whole words
 * whose last byte says how many of the bytes before it are padding; padding is
 * zero, so equality can be decided word by word. */

#define CAML_INTERNALS

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- Length and creation ---- */

CAMLexport mlsize_t caml_string_length(value s)
{
  mlsize_t last = Bosize_val(s) - 1;
  return last - Byte_u(s, last);
}

CAMLprim value caml_ml_string_length(value s)
{
  return Val_long(caml_string_length(s));
}

CAMLprim value caml_ml_bytes_length(value s)
{
  return Val_long(caml_string_length(s));
}

/* A string with a NUL inside means something else to C. */
CAMLexport int caml_string_is_c_safe(value s)
{
  return strlen(String_val(s)) == caml_string_length(s);
}

CAMLprim value caml_create_bytes(value len)
{
  mlsize_t size = Long_val(len);

  if (size > Bsize_wsize(Max_wosize) - 1) caml_invalid_argument("Bytes.create");
  return caml_alloc_string(size);
}

CAMLprim value caml_create_string(value len)
{
  mlsize_t size = Long_val(len);

  if (size > Bsize_wsize(Max_wosize) - 1)
    caml_invalid_argument("String.create");
  return caml_alloc_string(size);
}

CAMLprim value caml_string_of_bytes(value v)
{
  return v;
}

CAMLprim value caml_bytes_of_string(value v)
{
  return v;
}

/* ---- Characters and integers inside a string ---- */

/* The address of [width] bytes at [index], which must all be inside. */
static char *string_at(value s, value index, mlsize_t width)
{
  uintnat i = (uintnat) Long_val(index);
  mlsize_t len = caml_string_length(s);

  if (i >= len || len - i < width) caml_array_bound_error();
  return (char *) &Byte(s, i);
}

CAMLprim value caml_string_get(value s, value index)
{
  return Val_int(*(unsigned char *) string_at(s, index, 1));
}

CAMLprim value caml_bytes_get(value s, value index)
{
  return caml_string_get(s, index);
}

CAMLprim value caml_bytes_set(value s, value index, value c)
{
  *string_at(s, index, 1) = (char) Long_val(c);
  return Val_unit;
}

CAMLprim value caml_string_set(value s, value index, value c)
{
  return caml_bytes_set(s, index, c);
}

/* 16, 32 and 64 bits are in the byte order of the machine: [%caml_string_get16]
   and its like mean a load, and the library swaps where it needs to. */
CAMLprim value caml_string_get16(value s, value index)
{
  uint16_t n;
  memcpy(&n, string_at(s, index, sizeof n), sizeof n);
  return Val_long(n);
}

CAMLprim value caml_string_get32(value s, value index)
{
  int32_t n;
  memcpy(&n, string_at(s, index, sizeof n), sizeof n);
  return caml_copy_int32(n);
}

CAMLprim value caml_string_get64(value s, value index)
{
  int64_t n;
  memcpy(&n, string_at(s, index, sizeof n), sizeof n);
  return caml_copy_int64(n);
}

CAMLprim value caml_bytes_get16(value s, value index)
{
  return caml_string_get16(s, index);
}

CAMLprim value caml_bytes_get32(value s, value index)
{
  return caml_string_get32(s, index);
}

CAMLprim value caml_bytes_get64(value s, value index)
{
  return caml_string_get64(s, index);
}

CAMLprim value caml_bytes_set16(value s, value index, value v)
{
  uint16_t n = (uint16_t) Long_val(v);
  memcpy(string_at(s, index, sizeof n), &n, sizeof n);
  return Val_unit;
}

CAMLprim value caml_bytes_set32(value s, value index, value v)
{
  int32_t n = Int32_val(v);
  memcpy(string_at(s, index, sizeof n), &n, sizeof n);
  return Val_unit;
}

CAMLprim value caml_bytes_set64(value s, value index, value v)
{
  int64_t n = Int64_val(v);
  memcpy(string_at(s, index, sizeof n), &n, sizeof n);
  return Val_unit;
}

/* ---- Comparison ---- */

static bool same_string(value s1, value s2)
{
  const value *p1 = (const value *) s1, *p2 = (const value *) s2;
  mlsize_t words = Wosize_val(s1);

  if (s1 == s2) return true;
  if (words != Wosize_val(s2)) return false;
  for (mlsize_t i = 0; i < words; i++)
    if (p1[i] != p2[i]) return false;
  return true;
}

static int order_strings(value s1, value s2)
{
  mlsize_t len1, len2;
  int order;

  if (s1 == s2) return 0;
  len1 = caml_string_length(s1);
  len2 = caml_string_length(s2);
  order = memcmp(String_val(s1), String_val(s2), len1 < len2 ? len1 : len2);
  if (order != 0) return order < 0 ? -1 : 1;
  return (len1 > len2) - (len1 < len2);
}

#define COMPARISON(name, expr)                                                \
  CAMLprim value caml_string_##name(value s1, value s2)                       \
  {                                                                           \
    return expr;                                                              \
  }                                                                           \
  CAMLprim value caml_bytes_##name(value s1, value s2)                        \
  {                                                                           \
    return expr;                                                              \
  }

COMPARISON(equal, Val_bool(same_string(s1, s2)))
COMPARISON(notequal, Val_bool(!same_string(s1, s2)))
COMPARISON(compare, Val_int(order_strings(s1, s2)))
COMPARISON(lessthan, Val_bool(order_strings(s1, s2) < 0))
COMPARISON(lessequal, Val_bool(order_strings(s1, s2) <= 0))
COMPARISON(greaterthan, Val_bool(order_strings(s1, s2) > 0))
COMPARISON(greaterequal, Val_bool(order_strings(s1, s2) >= 0))

/* ---- Blocks of bytes; the caller has checked the bounds ---- */

CAMLprim value caml_blit_bytes(value s1, value ofs1, value s2, value ofs2,
                               value n)
{
  memmove(&Byte(s2, Long_val(ofs2)), &Byte(s1, Long_val(ofs1)), Long_val(n));
  return Val_unit;
}

CAMLprim value caml_blit_string(value s1, value ofs1, value s2, value ofs2,
                                value n)
{
  return caml_blit_bytes(s1, ofs1, s2, ofs2, n);
}

CAMLprim value caml_fill_bytes(value s, value offset, value len, value init)
{
  memset(&Byte(s, Long_val(offset)), (int) Long_val(init), Long_val(len));
  return Val_unit;
}

CAMLprim value caml_fill_string(value s, value offset, value len, value init)
{
  return caml_fill_bytes(s, offset, len, init);
}

/* ---- printf to a string ---- */

CAMLexport value caml_alloc_sprintf(const char *format, ...)
{
  char small[128];
  char *buf = small;
  va_list args;
  int len;
  value res;

  va_start(args, format);
  len = vsnprintf(small, sizeof small, format, args);
  va_end(args);
  if (len < 0) caml_failwith("caml_alloc_sprintf");
  if ((size_t) len >= sizeof small) {
    buf = caml_stat_alloc((size_t) len + 1);
    va_start(args, format);
    vsnprintf(buf, (size_t) len + 1, format, args);
    va_end(args);
  }
  res = caml_alloc_initialized_string(len, buf);
  if (buf != small) caml_stat_free(buf);
  return res;
}
