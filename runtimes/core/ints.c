/* Integers: literals, formats, and the boxed types int32, int64, nativeint.
 *
 * Counterpart of upstream's runtime/ints.c.  The three boxed types share one
 * implementation, instantiated by the macros below: only their C type, their
 * identifier and the way they are marshalled differ.  Arithmetic is done on
 * unsigned types, so that overflow wraps instead of being undefined. */

#define CAML_INTERNALS

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "caml/alloc.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/intext.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- Integer literals ---- */

struct literal {
  const char *digits;           /* what follows the sign and the base */
  bool negative;
  bool is_signed;               /* decimal without 0u: the sign bit counts */
  unsigned base;
};

static struct literal split_literal(const char *s)
{
  struct literal lit = { s, false, true, 10 };

  if (*lit.digits == '-' || *lit.digits == '+')
    lit.negative = *lit.digits++ == '-';
  if (lit.digits[0] != '0') return lit;
  switch (lit.digits[1]) {
  case 'x': case 'X': lit.base = 16; break;
  case 'o': case 'O': lit.base = 8; break;
  case 'b': case 'B': lit.base = 2; break;
  case 'u': case 'U': break;
  default: return lit;
  }
  lit.digits += 2;
  lit.is_signed = false;
  return lit;
}

static unsigned digit_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return UINT_MAX;
}

/* Whether [magnitude] is in range for [nbits] bits.  Unsigned literals may use
   every bit, with either sign. */
static bool literal_fits(const struct literal *lit, uint64_t magnitude,
                         int nbits)
{
  uint64_t sign_bit = (uint64_t) 1 << (nbits - 1);

  if (lit->is_signed)
    return lit->negative ? magnitude <= sign_bit : magnitude < sign_bit;
  return nbits == 64 || magnitude >> nbits == 0;
}

static int64_t parse_literal(value s, int nbits, const char *error)
{
  struct literal lit = split_literal(String_val(s));
  const char *end = String_val(s) + caml_string_length(s);
  const char *p = lit.digits;
  uint64_t acc = digit_value(*p);

  if (acc >= lit.base) caml_failwith(error);
  for (p++; ; p++) {
    unsigned d;
    if (*p == '_') continue;
    d = digit_value(*p);
    if (d >= lit.base) break;
    if (__builtin_mul_overflow(acc, (uint64_t) lit.base, &acc)
        || __builtin_add_overflow(acc, (uint64_t) d, &acc))
      caml_failwith(error);
  }
  /* A NUL inside the string stops the loop before [end]. */
  if (p != end || !literal_fits(&lit, acc, nbits)) caml_failwith(error);
  return (int64_t) (lit.negative ? 0 - acc : acc);
}

/* ---- Formats ---- */

#define FORMAT_BUFFER_SIZE 32

/* Turn an OCaml conversion such as "%-8ld" into one for [intmax_t], and return
   its conversion letter. */
static char widen_format(value fmt, char out[FORMAT_BUFFER_SIZE])
{
  mlsize_t len = caml_string_length(fmt);
  char conv;

  if (len < 1 || len + 2 >= FORMAT_BUFFER_SIZE)
    caml_invalid_argument("format_int: format too long");
  memcpy(out, String_val(fmt), len);
  conv = out[--len];
  if (len > 0 && (out[len - 1] == 'l' || out[len - 1] == 'n'
                  || out[len - 1] == 'L'))
    len--;
  out[len] = 'j';
  out[len + 1] = conv;
  out[len + 2] = 0;
  return conv;
}

/* "%d" is what [string_of_int] asks for; printf is too slow for it. */
static value format_decimal(int64_t n)
{
  char buf[24];
  char *p = buf + sizeof buf;
  uint64_t magnitude = n < 0 ? 0 - (uint64_t) n : (uint64_t) n;

  do { *--p = '0' + magnitude % 10; magnitude /= 10; } while (magnitude != 0);
  if (n < 0) *--p = '-';
  return caml_alloc_initialized_string(buf + sizeof buf - p, p);
}

static bool is_plain_decimal(value fmt)
{
  const char *f = String_val(fmt);
  mlsize_t len = caml_string_length(fmt);

  return (len == 2 || len == 3) && f[0] == '%' && f[len - 1] == 'd'
    && (len == 2 || f[1] == 'l' || f[1] == 'n' || f[1] == 'L');
}

/* Format an integer given as itself ([n]) and as unsigned on its own width
   ([bits]), for the conversions that ignore the sign. */
static value format_integer(value fmt, int64_t n, uint64_t bits)
{
  char format[FORMAT_BUFFER_SIZE];

  if (is_plain_decimal(fmt)) return format_decimal(n);
  switch (widen_format(fmt, format)) {
  case 'u': case 'x': case 'X': case 'o':
    return caml_alloc_sprintf(format, (uintmax_t) bits);
  default:
    return caml_alloc_sprintf(format, (intmax_t) n);
  }
}

/* ---- Byte swaps ---- */

value caml_bswap16_direct(value x)
{
  return __builtin_bswap16((uint16_t) x);
}

CAMLprim value caml_bswap16(value v)
{
  return Val_long(caml_bswap16_direct(Long_val(v)));
}

value caml_int32_direct_bswap(value v)
{
  return (int32_t) __builtin_bswap32((uint32_t) v);
}

int64_t caml_int64_direct_bswap(int64_t v)
{
  return (int64_t) __builtin_bswap64((uint64_t) v);
}

intnat caml_nativeint_direct_bswap(intnat v)
{
  return (intnat) __builtin_bswap64((uint64_t) v);
}

/* ---- Immediate integers ---- */

#define COMPARE_INT(a, b) (((a) > (b)) - ((a) < (b)))

CAMLprim value caml_int_compare(value v1, value v2)
{
  return Val_long(COMPARE_INT(v1, v2));
}

CAMLprim value caml_int_of_string(value s)
{
  return Val_long(parse_literal(s, 8 * sizeof(value) - 1, "int_of_string"));
}

CAMLprim value caml_format_int(value fmt, value arg)
{
  intnat n = Long_val(arg);
  return format_integer(fmt, n, (uintnat) arg >> 1);
}

/* ---- Marshalling and hashing of the boxed types ---- */

static intnat int32_hash(value v)
{
  return Int32_val(v);
}

static void int32_serialize(value v, uintnat *bsize_32, uintnat *bsize_64)
{
  caml_serialize_int_4(Int32_val(v));
  *bsize_32 = *bsize_64 = 4;
}

static uintnat int32_deserialize(void *dst)
{
  *(int32_t *) dst = caml_deserialize_sint_4();
  return 4;
}

static const struct custom_fixed_length int32_length = { 4, 4 };

static intnat int64_hash(value v)
{
  int64_t n = Int64_val(v);
  return (intnat) ((uint32_t) (n >> 32) ^ (uint32_t) n);
}

static void int64_serialize(value v, uintnat *bsize_32, uintnat *bsize_64)
{
  caml_serialize_int_8(Int64_val(v));
  *bsize_32 = *bsize_64 = 8;
}

static uintnat int64_deserialize(void *dst)
{
  *(int64_t *) dst = caml_deserialize_sint_8();
  return 8;
}

static const struct custom_fixed_length int64_length = { 8, 8 };

/* Equal to the hash on 32-bit platforms when the number fits there. */
static intnat nativeint_hash(value v)
{
  intnat n = Nativeint_val(v);
  return (n >> 32) ^ (n >> 63) ^ n;
}

/* A marker tells 4 bytes from 8: readers may have 32-bit words. */
static void nativeint_serialize(value v, uintnat *bsize_32, uintnat *bsize_64)
{
  intnat n = Nativeint_val(v);

  if (n == (int32_t) n) {
    caml_serialize_int_1(1);
    caml_serialize_int_4((int32_t) n);
  } else {
    caml_serialize_int_1(2);
    caml_serialize_int_8(n);
  }
  *bsize_32 = 4;
  *bsize_64 = 8;
}

static uintnat nativeint_deserialize(void *dst)
{
  switch (caml_deserialize_uint_1()) {
  case 1: *(intnat *) dst = caml_deserialize_sint_4(); break;
  case 2: *(intnat *) dst = caml_deserialize_sint_8(); break;
  default:
    caml_deserialize_error("input_value: ill-formed native integer");
  }
  return sizeof(intnat);
}

static const struct custom_fixed_length nativeint_length = { 4, 8 };

/* ---- The boxed types ---- */

/* Operations block, boxing and comparison of one boxed type. */
#define BOXED_TYPE(name, type, Val, ident)                                    \
  static int name##_cmp(value v1, value v2)                                   \
  {                                                                           \
    type a = Val(v1), b = Val(v2);                                            \
    return COMPARE_INT(a, b);                                                 \
  }                                                                           \
  CAMLexport const struct custom_operations caml_##name##_ops = {             \
    ident, custom_finalize_default, name##_cmp, name##_hash,                  \
    name##_serialize, name##_deserialize, custom_compare_ext_default,         \
    &name##_length                                                            \
  };                                                                          \
  CAMLexport value caml_copy_##name(type i)                                   \
  {                                                                           \
    value res = caml_alloc_custom(&caml_##name##_ops, sizeof(type), 0, 1);    \
    Val(res) = i;                                                             \
    return res;                                                               \
  }                                                                           \
  intnat caml_##name##_compare_unboxed(type a, type b)                        \
  {                                                                           \
    return COMPARE_INT(a, b);                                                 \
  }                                                                           \
  CAMLprim value caml_##name##_compare(value v1, value v2)                    \
  {                                                                           \
    return Val_long(caml_##name##_compare_unboxed(Val(v1), Val(v2)));         \
  }

#define BOXED_BINARY(name, type, utype, Val, op, expr)                        \
  CAMLprim value caml_##name##_##op(value v1, value v2)                       \
  {                                                                           \
    utype a = (utype) Val(v1), b = (utype) Val(v2);                           \
    return caml_copy_##name((type) (expr));                                   \
  }

#define BOXED_SHIFT(name, type, xtype, Val, op, expr)                         \
  CAMLprim value caml_##name##_##op(value v1, value v2)                       \
  {                                                                           \
    xtype a = (xtype) Val(v1);                                                \
    unsigned n = Long_val(v2) & (8 * sizeof(type) - 1);                       \
    return caml_copy_##name((type) (expr));                                   \
  }

/* Division of the smallest number by -1 overflows, and traps on some
   processors: the quotient is then the dividend, the remainder 0. */
#define BOXED_DIVISION(name, type, utype, Val)                                \
  CAMLprim value caml_##name##_div(value v1, value v2)                        \
  {                                                                           \
    type a = Val(v1), b = Val(v2);                                            \
    if (b == 0) caml_raise_zero_divide();                                     \
    return caml_copy_##name(b == -1 ? (type) (0 - (utype) a) : a / b);        \
  }                                                                           \
  CAMLprim value caml_##name##_mod(value v1, value v2)                        \
  {                                                                           \
    type a = Val(v1), b = Val(v2);                                            \
    if (b == 0) caml_raise_zero_divide();                                     \
    return caml_copy_##name(b == -1 ? 0 : a % b);                             \
  }

#define BOXED_ARITHMETIC(name, type, utype, Val)                              \
  CAMLprim value caml_##name##_neg(value v)                                   \
  {                                                                           \
    return caml_copy_##name((type) (0 - (utype) Val(v)));                     \
  }                                                                           \
  BOXED_BINARY(name, type, utype, Val, add, a + b)                            \
  BOXED_BINARY(name, type, utype, Val, sub, a - b)                            \
  BOXED_BINARY(name, type, utype, Val, mul, a * b)                            \
  BOXED_BINARY(name, type, utype, Val, and, a & b)                            \
  BOXED_BINARY(name, type, utype, Val, or, a | b)                             \
  BOXED_BINARY(name, type, utype, Val, xor, a ^ b)                            \
  BOXED_DIVISION(name, type, utype, Val)                                      \
  BOXED_SHIFT(name, type, utype, Val, shift_left, a << n)                     \
  BOXED_SHIFT(name, type, type, Val, shift_right, a >> n)                     \
  BOXED_SHIFT(name, type, utype, Val, shift_right_unsigned, a >> n)

#define BOXED_CONVERSIONS(name, type, utype, Val, error)                      \
  CAMLprim value caml_##name##_bswap(value v)                                 \
  {                                                                           \
    return caml_copy_##name((type) caml_##name##_direct_bswap(Val(v)));       \
  }                                                                           \
  CAMLprim value caml_##name##_of_int(value v)                                \
  {                                                                           \
    return caml_copy_##name((type) Long_val(v));                              \
  }                                                                           \
  CAMLprim value caml_##name##_to_int(value v)                                \
  {                                                                           \
    return Val_long((intnat) Val(v));                                         \
  }                                                                           \
  type caml_##name##_of_float_unboxed(double d)                               \
  {                                                                           \
    return (type) d;                                                          \
  }                                                                           \
  CAMLprim value caml_##name##_of_float(value v)                              \
  {                                                                           \
    return caml_copy_##name((type) Double_val(v));                            \
  }                                                                           \
  double caml_##name##_to_float_unboxed(type i)                               \
  {                                                                           \
    return (double) i;                                                        \
  }                                                                           \
  CAMLprim value caml_##name##_to_float(value v)                              \
  {                                                                           \
    return caml_copy_double((double) Val(v));                                 \
  }                                                                           \
  CAMLprim value caml_##name##_format(value fmt, value arg)                   \
  {                                                                           \
    return format_integer(fmt, Val(arg), (utype) Val(arg));                   \
  }                                                                           \
  CAMLprim value caml_##name##_of_string(value s)                             \
  {                                                                           \
    return caml_copy_##name((type) parse_literal(s, 8 * sizeof(type), error));\
  }

#define BOXED(name, type, utype, Val, ident, error)                           \
  BOXED_TYPE(name, type, Val, ident)                                          \
  BOXED_ARITHMETIC(name, type, utype, Val)                                    \
  BOXED_CONVERSIONS(name, type, utype, Val, error)

BOXED(int32, int32_t, uint32_t, Int32_val, "_i", "Int32.of_string")
BOXED(int64, int64_t, uint64_t, Int64_val, "_j", "Int64.of_string")
BOXED(nativeint, intnat, uintnat, Nativeint_val, "_n", "Nativeint.of_string")

/* ---- From one boxed type to another ---- */

#define CONVERT(to, type, from_or_to, from, Val)                              \
  CAMLprim value caml_##from_or_to(value v)                                   \
  {                                                                           \
    return caml_copy_##to((type) Val(v));                                     \
  }

CONVERT(int64, int64_t, int64_of_int32, int32, Int32_val)
CONVERT(int32, int32_t, int64_to_int32, int64, Int64_val)
CONVERT(int64, int64_t, int64_of_nativeint, nativeint, Nativeint_val)
CONVERT(nativeint, intnat, int64_to_nativeint, int64, Int64_val)
CONVERT(nativeint, intnat, nativeint_of_int32, int32, Int32_val)
CONVERT(int32, int32_t, nativeint_to_int32, nativeint, Nativeint_val)

/* ---- Bits of floats ---- */

int32_t caml_int32_bits_of_float_unboxed(double d)
{
  float f = (float) d;
  int32_t i;
  memcpy(&i, &f, sizeof i);
  return i;
}

double caml_int32_float_of_bits_unboxed(int32_t i)
{
  float f;
  memcpy(&f, &i, sizeof f);
  return f;
}

int64_t caml_int64_bits_of_float_unboxed(double d)
{
  int64_t i;
  memcpy(&i, &d, sizeof i);
  return i;
}

double caml_int64_float_of_bits_unboxed(int64_t i)
{
  double d;
  memcpy(&d, &i, sizeof d);
  return d;
}

CAMLprim value caml_int32_bits_of_float(value v)
{
  return caml_copy_int32(caml_int32_bits_of_float_unboxed(Double_val(v)));
}

CAMLprim value caml_int32_float_of_bits(value v)
{
  return caml_copy_double(caml_int32_float_of_bits_unboxed(Int32_val(v)));
}

CAMLprim value caml_int64_bits_of_float(value v)
{
  return caml_copy_int64(caml_int64_bits_of_float_unboxed(Double_val(v)));
}

CAMLprim value caml_int64_float_of_bits(value v)
{
  return caml_copy_double(caml_int64_float_of_bits_unboxed(Int64_val(v)));
}
