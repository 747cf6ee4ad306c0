/* Floating-point numbers: text, decomposition, C99 functions, comparison.
 *
 * Counterpart of upstream's runtime/floats.c.  Text is independent of the
 * locale of the program: conversions run with the "C" numeric locale. */

#define CAML_INTERNALS

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- Locale ---- */

locale_t caml_locale = (locale_t) 0;

void caml_init_locale(void)
{
  if (caml_locale == (locale_t) 0)
    caml_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t) 0);
}

void caml_free_locale(void)
{
  if (caml_locale != (locale_t) 0) freelocale(caml_locale);
  caml_locale = (locale_t) 0;
}

/* [uselocale(0)] changes nothing: harmless when there is no locale object. */
static double string_to_double(const char *s, char **end)
{
  locale_t saved = uselocale(caml_locale);
  double d = strtod(s, end);
  uselocale(saved);
  return d;
}

/* ---- Boxing ---- */

CAMLexport value caml_copy_double(double d)
{
  value res = caml_alloc_small(Double_wosize, Double_tag);
  Store_double_val(res, d);
  return res;
}

/* ---- Printing ---- */

/* The text is made before anything is allocated: an allocation may raise, and
   the locale must be put back. */
CAMLprim value caml_format_float(value fmt, value arg)
{
  char small[128];
  char *buf = small;
  double d = Double_val(arg);
  locale_t saved = uselocale(caml_locale);
  int len = snprintf(small, sizeof small, String_val(fmt), d);
  value res;

  if (len >= (int) sizeof small) {
    buf = caml_stat_alloc_noexc((size_t) len + 1);
    if (buf != NULL) snprintf(buf, (size_t) len + 1, String_val(fmt), d);
  }
  uselocale(saved);
  if (buf == NULL) caml_raise_out_of_memory();
  res = caml_alloc_initialized_string(len < 0 ? 0 : len, buf);
  if (buf != small) caml_stat_free(buf);
  return res;
}

static const char hex_digits[] = "0123456789abcdef";

/* Round a 53-bit significand to [prec] < 13 hexadecimal digits after the
   point, ties to even. */
static uint64_t round_significand(uint64_t m, intnat prec)
{
  int dropped = 52 - (int) prec * 4;
  uint64_t unit = (uint64_t) 1 << dropped, half = unit >> 1;
  uint64_t rest = m & (unit - 1);

  m -= rest;
  if (rest > half || (rest == half && (m & unit) != 0)) m += unit;
  return m;
}

/* The digits of a finite number: [prec] of them after the point, or as many
   as it takes when [prec] is negative. */
static char *put_hex_digits(char *p, uint64_t m, intnat prec)
{
  const uint64_t below_top = ((uint64_t) 1 << 52) - 1;

  *p++ = hex_digits[m >> 52];
  m &= below_top;
  if (prec < 0 ? m == 0 : prec == 0) return p;
  *p++ = '.';
  for (; prec < 0 ? m != 0 : prec > 0; prec--) {
    m <<= 4;
    *p++ = hex_digits[m >> 52];
    m &= below_top;
  }
  return p;
}

static char *put_hex_float(char *p, uint64_t bits, intnat prec)
{
  int exponent = (bits >> 52) & 0x7FF;
  uint64_t m = bits & (((uint64_t) 1 << 52) - 1);

  if (exponent == 0x7FF)
    return stpcpy(p, m == 0 ? "infinity" : "nan");
  if (exponent != 0) {
    exponent -= 1023;
    m |= (uint64_t) 1 << 52;
  } else if (m != 0) {
    exponent = -1022;
  }
  if (prec >= 0 && prec < 13) m = round_significand(m, prec);
  *p++ = '0';
  *p++ = 'x';
  p = put_hex_digits(p, m, prec);
  return p + snprintf(p, 8, "p%+d", exponent);
}

CAMLprim value caml_hexstring_of_float(value arg, value vprec, value vstyle)
{
  char small[64];
  intnat prec = Long_val(vprec);
  /* sign, 0x, digit, point, exponent: less than 24 */
  char *buf = prec + 24 < (intnat) sizeof small ? small
            : caml_stat_alloc((size_t) prec + 24);
  char *p = buf;
  uint64_t bits;
  double d = Double_val(arg);
  value res;

  memcpy(&bits, &d, sizeof bits);
  if (bits >> 63) *p++ = '-';
  else if (Long_val(vstyle) == '+' || Long_val(vstyle) == ' ')
    *p++ = (char) Long_val(vstyle);
  p = put_hex_float(p, bits, prec);
  res = caml_alloc_initialized_string(p - buf, buf);
  if (buf != small) caml_stat_free(buf);
  return res;
}

/* ---- Reading ---- */

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The exponent of a hexadecimal literal, the whole of [s .. end), clamped: no
   double has an exponent near the bounds, whatever its digits. */
static bool read_exponent(const char *s, const char *end, int64_t *exponent)
{
  const int64_t limit = INT_MAX;
  int64_t e = 0;
  bool negative = false;

  if (s < end && (*s == '-' || *s == '+')) negative = *s++ == '-';
  if (s == end) return false;
  for (; s < end; s++) {
    if (*s < '0' || *s > '9') return false;
    e = e * 10 + (*s - '0');
    if (e > limit) e = limit;
  }
  *exponent = negative ? -e : e;
  return true;
}

/* Scale by a power of two that may be out of the range of [int]. */
static double scale(double m, int64_t exponent)
{
  const int64_t limit = 1 << 20;

  if (exponent > limit) exponent = limit;
  if (exponent < -limit) exponent = -limit;
  return ldexp(m, (int) exponent);
}

/* Read the digits of a hexadecimal literal, after "0x".  60 bits of significand
   are kept; whether a bit is set after these is remembered in the lowest one,
   so that the conversion to double rounds as if it saw them all. */
static bool read_hex(const char *s, const char *end, double *res)
{
  uint64_t m = 0;
  int64_t scale_by = 0, exponent = 0;
  bool point = false, digits = false;

  for (; s < end && *s != 'p' && *s != 'P'; s++) {
    int d = hex_digit(*s);
    if (*s == '.' && !point) { point = true; continue; }
    if (d < 0) return false;
    digits = true;
    if (point) scale_by -= 4;
    if (m < (uint64_t) 1 << 56) m = m << 4 | (unsigned) d;
    else { scale_by += 4; m |= d != 0; }
  }
  if (!digits) return false;
  if (s < end && !read_exponent(s + 1, end, &exponent)) return false;
  *res = scale((double) (int64_t) m, exponent + scale_by);
  return true;
}

static bool read_double(const char *s, const char *end, double *res)
{
  const char *p = s;
  char *stop;

  if (s == end) return false;
  if (*p == '-' || *p == '+') p++;
  if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
    if (!read_hex(p + 2, end, res)) return false;
    if (*s == '-') *res = - *res;
    return true;
  }
  *res = string_to_double(s, &stop);
  return stop == end;
}

CAMLprim value caml_float_of_string(value vs)
{
  char small[64];
  mlsize_t len = caml_string_length(vs);
  char *buf = len < sizeof small ? small : caml_stat_alloc(len + 1);
  const char *src = String_val(vs);
  char *dst = buf;
  double d = 0;
  bool ok;

  for (mlsize_t i = 0; i < len; i++)
    if (src[i] != '_') *dst++ = src[i];
  *dst = 0;
  ok = read_double(buf, dst, &d);
  if (buf != small) caml_stat_free(buf);
  if (!ok) caml_failwith("float_of_string");
  return caml_copy_double(d);
}

/* ---- Arithmetic ---- */

CAMLprim value caml_int_of_float(value f)
{
  return Val_long((intnat) Double_val(f));
}

CAMLprim value caml_float_of_int(value n)
{
  return caml_copy_double((double) Long_val(n));
}

#define FLOAT_1(name, expr)                                                   \
  CAMLprim value caml_##name##_float(value f)                                 \
  {                                                                           \
    double x = Double_val(f);                                                 \
    return caml_copy_double(expr);                                            \
  }

#define FLOAT_2(name, expr)                                                   \
  CAMLprim value caml_##name##_float(value f, value g)                        \
  {                                                                           \
    double x = Double_val(f), y = Double_val(g);                              \
    return caml_copy_double(expr);                                            \
  }

FLOAT_1(neg, -x)
FLOAT_1(abs, fabs(x))
FLOAT_2(add, x + y)
FLOAT_2(sub, x - y)
FLOAT_2(mul, x * y)
FLOAT_2(div, x / y)

/* Functions that native code calls under their C names. */
FLOAT_1(exp, exp(x))
FLOAT_1(floor, floor(x))
FLOAT_1(ceil, ceil(x))
FLOAT_1(log, log(x))
FLOAT_1(log10, log10(x))
FLOAT_1(sqrt, sqrt(x))
FLOAT_1(sin, sin(x))
FLOAT_1(sinh, sinh(x))
FLOAT_1(cos, cos(x))
FLOAT_1(cosh, cosh(x))
FLOAT_1(tan, tan(x))
FLOAT_1(tanh, tanh(x))
FLOAT_1(asin, asin(x))
FLOAT_1(acos, acos(x))
FLOAT_1(atan, atan(x))
FLOAT_2(atan2, atan2(x, y))
FLOAT_2(fmod, fmod(x, y))
FLOAT_2(power, pow(x, y))

/* Functions that native code calls as [caml_f] on unboxed floats. */
#define C99_1(name)                                                           \
  CAMLexport double caml_##name(double x) { return name(x); }                 \
  FLOAT_1(name, name(x))

#define C99_2(name)                                                           \
  CAMLexport double caml_##name(double x, double y) { return name(x, y); }    \
  FLOAT_2(name, name(x, y))

C99_1(exp2)
C99_1(trunc)
C99_1(round)
C99_1(log2)
C99_1(cbrt)
C99_1(asinh)
C99_1(acosh)
C99_1(atanh)
C99_1(expm1)
C99_1(log1p)
C99_1(erf)
C99_1(erfc)
C99_2(nextafter)
C99_2(hypot)
C99_2(copysign)

CAMLexport double caml_fma(double x, double y, double z)
{
  return fma(x, y, z);
}

CAMLprim value caml_fma_float(value f, value g, value h)
{
  return caml_copy_double(fma(Double_val(f), Double_val(g), Double_val(h)));
}

/* ---- Decomposition ---- */

CAMLprim value caml_frexp_float(value f)
{
  CAMLparam0();
  CAMLlocal1(mantissa);
  int exponent;
  value res;

  mantissa = caml_copy_double(frexp(Double_val(f), &exponent));
  res = caml_alloc_small(2, 0);
  Field(res, 0) = mantissa;
  Field(res, 1) = Val_long(exponent);
  CAMLreturn(res);
}

/* OCaml's integers are wider than [int]. */
double caml_ldexp_float_unboxed(double f, intnat i)
{
  return scale(f, i);
}

CAMLprim value caml_ldexp_float(value f, value i)
{
  return caml_copy_double(caml_ldexp_float_unboxed(Double_val(f),
                                                   Long_val(i)));
}

CAMLprim value caml_modf_float(value f)
{
  CAMLparam0();
  CAMLlocal2(fractional, integral);
  double whole;
  value res;

  fractional = caml_copy_double(modf(Double_val(f), &whole));
  integral = caml_copy_double(whole);
  res = caml_alloc_small(2, 0);
  Field(res, 0) = fractional;
  Field(res, 1) = integral;
  CAMLreturn(res);
}

CAMLprim value caml_signbit(double x)
{
  return Val_bool(signbit(x));
}

CAMLprim value caml_signbit_float(value f)
{
  return caml_signbit(Double_val(f));
}

/* ORDER: the constructors of [Stdlib.fpclass]. */
enum { FPCLASS_NORMAL, FPCLASS_SUBNORMAL, FPCLASS_ZERO, FPCLASS_INFINITE,
       FPCLASS_NAN };

value caml_classify_float_unboxed(double d)
{
  switch (fpclassify(d)) {
  case FP_NAN: return Val_int(FPCLASS_NAN);
  case FP_INFINITE: return Val_int(FPCLASS_INFINITE);
  case FP_ZERO: return Val_int(FPCLASS_ZERO);
  case FP_SUBNORMAL: return Val_int(FPCLASS_SUBNORMAL);
  default: return Val_int(FPCLASS_NORMAL);
  }
}

CAMLprim value caml_classify_float(value v)
{
  return caml_classify_float_unboxed(Double_val(v));
}

/* ---- Comparison ---- */

#define FLOAT_TEST(name, op)                                                  \
  CAMLprim value caml_##name##_float(value f, value g)                        \
  {                                                                           \
    return Val_bool(Double_val(f) op Double_val(g));                          \
  }

FLOAT_TEST(eq, ==)
FLOAT_TEST(neq, !=)
FLOAT_TEST(le, <=)
FLOAT_TEST(lt, <)
FLOAT_TEST(ge, >=)
FLOAT_TEST(gt, >)

/* A total order: nan equals itself and is less than any number. */
intnat caml_float_compare_unboxed(double f, double g)
{
  return (f > g) - (f < g) + ((f == f) - (g == g));
}

CAMLprim value caml_float_compare(value f, value g)
{
  return Val_long(caml_float_compare_unboxed(Double_val(f), Double_val(g)));
}
