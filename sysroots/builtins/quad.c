/* Arithmetic of IEEE binary128 in software, under the names that compilers call.
 *
 * `long double` is binary128 on AArch64, RISC-V and s390x. The first two have no instructions for it, and musl's printf and
 * strtod compute in it. A number is split into sign, biased exponent and a significand of 113 bits; operations work on
 * significands shifted left by three bits, of which the last is sticky, and `round_pack` rounds to nearest, ties to even.
 * `test_quad.c` compares every routine with the host compiler's own.
 */

#include "quad.h"

typedef unsigned __int128 u128;
typedef unsigned long u64;

#define FRACTION_BITS 112
#define BIAS 16383
#define EXP_MAX 0x7fff
#define GUARD_BITS 3

static const u128 one = 1;

typedef union {
  quad f;
  u128 bits;
} pun;

typedef struct {
  int sign;
  int exp;  /* biased; 1 for subnormals, so that value = sig * 2^(exp - BIAS - FRACTION_BITS) */
  u128 sig; /* with the implicit bit */
} parts;

static u128 bits_of(quad f) { return (pun){.f = f}.bits; }
static quad of_bits(u128 bits) { return (pun){.bits = bits}.f; }
static quad signed_bits(int sign, u128 bits) { return of_bits(bits | (u128)sign << 127); }

static const u128 fraction_mask = (((u128)1) << FRACTION_BITS) - 1;
static const u128 infinity = ((u128)EXP_MAX) << FRACTION_BITS;
static const u128 quiet_nan = (((u128)EXP_MAX) << FRACTION_BITS) | (((u128)1) << (FRACTION_BITS - 1));

static u128 magnitude(u128 bits) { return bits & ~(one << 127); }
static int is_nan(u128 bits) { return magnitude(bits) > infinity; }
static int is_infinite(u128 bits) { return magnitude(bits) == infinity; }

static parts split(u128 bits) {
  parts p = {(int)(bits >> 127), (int)(bits >> FRACTION_BITS) & EXP_MAX, bits & fraction_mask};
  if (p.exp == 0)
    p.exp = 1;
  else
    p.sig |= one << FRACTION_BITS;
  return p;
}

static int leading_zeros(u128 x) {
  u64 high = (u64)(x >> 64);
  return high ? __builtin_clzl(high) : 64 + __builtin_clzl((u64)x);
}

/* Shifts right; the last bit keeps whether a one was shifted out. */
static u128 shift_right_sticky(u128 x, int count) {
  if (count <= 0) return x;
  if (count > 127) return x != 0;
  return x >> count | ((x << (128 - count)) != 0);
}

/* The number `sig * 2^(exp - BIAS - FRACTION_BITS - GUARD_BITS)`, rounded; `sig` has its leading one wherever it is. */
static quad round_pack(int sign, int exp, u128 sig) {
  if (sig == 0) return signed_bits(sign, 0);
  int shift = leading_zeros(sig) - (127 - FRACTION_BITS - GUARD_BITS);
  sig = shift >= 0 ? sig << shift : shift_right_sticky(sig, -shift);
  exp -= shift;
  if (exp >= EXP_MAX) return signed_bits(sign, infinity);
  u128 field = 0;
  if (exp < 1)
    sig = shift_right_sticky(sig, 1 - exp);
  else
    field = (u128)(exp - 1) << FRACTION_BITS; /* the implicit bit adds the missing one */
  unsigned rest = (unsigned)sig & ((1 << GUARD_BITS) - 1), half = 1 << (GUARD_BITS - 1);
  field += sig >> GUARD_BITS;
  field += rest > half || (rest == half && (field & 1));
  return signed_bits(sign, field);
}

quad ROUTINE(addtf3)(quad x, quad y) {
  u128 a = bits_of(x), b = bits_of(y);
  if (is_nan(a)) return of_bits(a | quiet_nan);
  if (is_nan(b)) return of_bits(b | quiet_nan);
  if (is_infinite(a)) return is_infinite(b) && a != b ? of_bits(quiet_nan) : x;
  if (is_infinite(b)) return y;
  if (magnitude(a) < magnitude(b)) {
    u128 swap = a;
    a = b;
    b = swap;
  }
  parts p = split(a), q = split(b);
  u128 large = p.sig << GUARD_BITS, small = shift_right_sticky(q.sig << GUARD_BITS, p.exp - q.exp);
  if (p.sign == q.sign) return round_pack(p.sign, p.exp, large + small);
  if (large == small) return of_bits(0);
  return round_pack(p.sign, p.exp, large - small);
}

quad ROUTINE(subtf3)(quad x, quad y) {
  u128 b = bits_of(y);
  return ROUTINE(addtf3)(x, is_nan(b) ? y : of_bits(b ^ one << 127));
}

/* The upper 128 bits of a product, the last of them sticky. */
static u128 multiply_high_sticky(u128 a, u128 b) {
  u64 a0 = (u64)a, a1 = (u64)(a >> 64), b0 = (u64)b, b1 = (u64)(b >> 64);
  u128 low = (u128)a0 * b0, cross = (u128)a0 * b1, other = (u128)a1 * b0;
  u128 middle = (low >> 64) + (u64)cross + (u64)other;
  u128 high = (u128)a1 * b1 + (cross >> 64) + (other >> 64) + (middle >> 64);
  return high | ((u64)middle != 0 || (u64)low != 0);
}

quad ROUTINE(multf3)(quad x, quad y) {
  u128 a = bits_of(x), b = bits_of(y);
  int sign = (int)((a ^ b) >> 127);
  if (is_nan(a)) return of_bits(a | quiet_nan);
  if (is_nan(b)) return of_bits(b | quiet_nan);
  if (is_infinite(a) || is_infinite(b))
    return magnitude(a) == 0 || magnitude(b) == 0 ? of_bits(quiet_nan) : signed_bits(sign, infinity);
  parts p = split(a), q = split(b);
  if (p.sig == 0 || q.sig == 0) return signed_bits(sign, 0);
  int lp = leading_zeros(p.sig), lq = leading_zeros(q.sig);
  /* Both normalised to 128 bits: the product's upper half has 127 or 128. */
  u128 high = multiply_high_sticky(p.sig << lp, q.sig << lq);
  /* value = high * 2^128 * 2^(ep - lp + eq - lq - 2*(BIAS + FRACTION_BITS)) */
  return round_pack(sign, p.exp - lp + q.exp - lq + 128 - BIAS - FRACTION_BITS + GUARD_BITS, high);
}

quad ROUTINE(divtf3)(quad x, quad y) {
  u128 a = bits_of(x), b = bits_of(y);
  int sign = (int)((a ^ b) >> 127);
  if (is_nan(a)) return of_bits(a | quiet_nan);
  if (is_nan(b)) return of_bits(b | quiet_nan);
  if (is_infinite(a)) return is_infinite(b) ? of_bits(quiet_nan) : signed_bits(sign, infinity);
  if (is_infinite(b)) return signed_bits(sign, 0);
  parts p = split(a), q = split(b);
  if (q.sig == 0) return p.sig == 0 ? of_bits(quiet_nan) : signed_bits(sign, infinity);
  if (p.sig == 0) return signed_bits(sign, 0);
  int lp = leading_zeros(p.sig) - 15, lq = leading_zeros(q.sig) - 15; /* leading ones to bit 112 */
  u128 rest = p.sig << lp, divisor = q.sig << lq, quotient = 0;
  /* One quotient bit before the point, and 115 after: enough for rounding, with the remainder as sticky bit. */
  int steps = FRACTION_BITS + GUARD_BITS + 1;
  for (int i = 0; i < steps; i++) {
    quotient <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
    rest <<= 1;
  }
  return round_pack(sign, p.exp - lp - q.exp + lq + BIAS, quotient | (rest != 0));
}

/* Comparison: -1, 0, 1, or `unordered`. */
static int compare(quad x, quad y, int unordered) {
  u128 a = bits_of(x), b = bits_of(y);
  if (is_nan(a) || is_nan(b)) return unordered;
  if (magnitude(a) == 0 && magnitude(b) == 0) return 0;
  if (a == b) return 0;
  if (a >> 127 != b >> 127) return a >> 127 ? -1 : 1;
  return (a < b) != (a >> 127) ? -1 : 1;
}

/* Each result compares with 0 as x with y, and fails the comparison that the name asks for when unordered. */
int ROUTINE(eqtf2)(quad x, quad y) { return compare(x, y, 1); }
int ROUTINE(netf2)(quad x, quad y) { return compare(x, y, 1); }
int ROUTINE(lttf2)(quad x, quad y) { return compare(x, y, 1); }
int ROUTINE(letf2)(quad x, quad y) { return compare(x, y, 1); }
int ROUTINE(gttf2)(quad x, quad y) { return compare(x, y, -1); }
int ROUTINE(getf2)(quad x, quad y) { return compare(x, y, -1); }
int ROUTINE(unordtf2)(quad x, quad y) { return is_nan(bits_of(x)) || is_nan(bits_of(y)); }

/* Widening from a binary format of `fraction` bits and `bias`. */
static quad extend(u64 bits, int fraction, int bias) {
  int exp_max = 2 * bias + 1, sign = (int)(bits >> (fraction + (bias == 127 ? 8 : 11))) & 1;
  int exp = (int)(bits >> fraction) & exp_max;
  u64 sig = bits & (((u64)1 << fraction) - 1);
  if (exp == exp_max) return signed_bits(sign, sig ? quiet_nan | (u128)sig << (FRACTION_BITS - fraction) : infinity);
  if (exp == 0)
    exp = 1;
  else
    sig |= (u64)1 << fraction;
  return round_pack(sign, exp - bias + BIAS, (u128)sig << (FRACTION_BITS - fraction + GUARD_BITS));
}

quad ROUTINE(extenddftf2)(double x) {
  union { double f; u64 bits; } p = {x};
  return extend(p.bits, 52, 1023);
}

quad ROUTINE(extendsftf2)(float x) {
  union { float f; unsigned bits; } p = {x};
  return extend(p.bits, 23, 127);
}

/* Narrowing; returns the bits of the narrow format without its sign. */
static u64 narrow(u128 bits, int fraction, int bias) {
  int exp_max = 2 * bias + 1, dropped = FRACTION_BITS - fraction;
  if (is_nan(bits))
    return (u64)exp_max << fraction | (u64)1 << (fraction - 1) | (u64)((bits & fraction_mask) >> dropped);
  if (is_infinite(bits)) return (u64)exp_max << fraction;
  parts p = split(bits);
  int exp = p.exp - BIAS + bias;
  if (exp >= exp_max) return (u64)exp_max << fraction;
  u128 sig = shift_right_sticky(p.sig, dropped - GUARD_BITS);
  u64 field = 0;
  if (exp < 1)
    sig = shift_right_sticky(sig, 1 - exp);
  else if (p.sig >> FRACTION_BITS)
    field = (u64)(exp - 1) << fraction;
  unsigned rest = (unsigned)sig & 7;
  field += (u64)(sig >> GUARD_BITS);
  return field + (rest > 4 || (rest == 4 && (field & 1)));
}

double ROUTINE(trunctfdf2)(quad x) {
  u128 bits = bits_of(x);
  union { u64 bits; double f; } p = {narrow(bits, 52, 1023) | (u64)(bits >> 127) << 63};
  return p.f;
}

float ROUTINE(trunctfsf2)(quad x) {
  u128 bits = bits_of(x);
  union { unsigned bits; float f; } p = {(unsigned)narrow(bits, 23, 127) | (unsigned)(bits >> 127) << 31};
  return p.f;
}

/* Towards zero; out of range saturates at `limit`, as compilers' own routines do. */
static u128 integer_part(u128 bits, u128 limit) {
  parts p = split(bits);
  int shift = p.exp - BIAS;
  if (shift < 0) return 0;
  if (shift > 126) return limit;
  u128 whole = shift > FRACTION_BITS ? p.sig << (shift - FRACTION_BITS) : p.sig >> (FRACTION_BITS - shift);
  return shift > FRACTION_BITS + 14 || whole > limit ? limit : whole;
}

static long to_signed(quad x, u64 max) {
  u128 bits = bits_of(x);
  if (bits >> 127) return (long)(0 - (u64)integer_part(bits, (u128)max + 1));
  return (long)integer_part(bits, max);
}

static u64 to_unsigned(quad x, u64 max) {
  u128 bits = bits_of(x);
  return bits >> 127 ? 0 : (u64)integer_part(bits, max);
}

int ROUTINE(fixtfsi)(quad x) { return (int)to_signed(x, 0x7fffffff); }
long ROUTINE(fixtfdi)(quad x) { return to_signed(x, 0x7fffffffffffffff); }
unsigned ROUTINE(fixunstfsi)(quad x) { return (unsigned)to_unsigned(x, 0xffffffff); }
u64 ROUTINE(fixunstfdi)(quad x) { return to_unsigned(x, 0xffffffffffffffff); }

static quad of_magnitude(int sign, u64 n) { return round_pack(sign, BIAS + FRACTION_BITS + GUARD_BITS, n); }

quad ROUTINE(floatsitf)(int n) { return of_magnitude(n < 0, n < 0 ? 0 - (u64)n : (u64)n); }
quad ROUTINE(floatditf)(long n) { return of_magnitude(n < 0, n < 0 ? 0 - (u64)n : (u64)n); }
quad ROUTINE(floatunsitf)(unsigned n) { return of_magnitude(0, n); }
quad ROUTINE(floatunditf)(u64 n) { return of_magnitude(0, n); }
