/* quad.c against the host compiler's __float128, on random and on special operands. Compiled natively with -DQUAD_TEST. */

#include <stdio.h>
#include <string.h>

#include "quad.c"

static u64 state = 0x9e3779b97f4a7c15;

static u64 random_bits(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* Operands near one another, near the ends of the range, small integers, and plain noise. */
static quad operand(void) {
  u128 bits = (u128)random_bits() << 64 | random_bits();
  switch (random_bits() % 8) {
  case 0: return (quad)(long)(random_bits() % 1000) - 500;
  case 1: return of_bits(bits & (fraction_mask | one << 127));
  case 2: return of_bits((bits & (fraction_mask | one << 127)) | infinity - (one << FRACTION_BITS));
  case 3: return of_bits(bits & one << 127);
  case 4: return of_bits((bits & one << 127) | infinity);
  case 5: return of_bits((bits & ~infinity) | (u128)(BIAS + random_bits() % 130 - 2) << FRACTION_BITS);
  case 6: return of_bits(bits & ~(u128)0 << 60);
  default: return of_bits(bits);
  }
}

static long failures;

static void check(const char *name, const void *got, const void *wanted, unsigned long size, int both_nan) {
  if (both_nan || memcmp(got, wanted, size) == 0) return;
  if (failures++ < 10) printf("%s differs\n", name);
}

#define CHECK(name, type, got, wanted)                                                                                 \
  do {                                                                                                                 \
    type g = got, w = wanted;                                                                                          \
    check(name, &g, &w, sizeof g, g != g && w != w);                                                                   \
  } while (0)

static int in_range(quad x, double low, double high) { return x > low && x < high; }

static void check_pair(quad x, quad y) {
  CHECK("addtf3", quad, own_addtf3(x, y), x + y);
  CHECK("subtf3", quad, own_subtf3(x, y), x - y);
  CHECK("multf3", quad, own_multf3(x, y), x * y);
  CHECK("divtf3", quad, own_divtf3(x, y), x / y);
  CHECK("eqtf2", int, own_eqtf2(x, y) == 0, x == y);
  CHECK("netf2", int, own_netf2(x, y) != 0, x != y);
  CHECK("lttf2", int, own_lttf2(x, y) < 0, x < y);
  CHECK("letf2", int, own_letf2(x, y) <= 0, x <= y);
  CHECK("gttf2", int, own_gttf2(x, y) > 0, x > y);
  CHECK("getf2", int, own_getf2(x, y) >= 0, x >= y);
  CHECK("unordtf2", int, own_unordtf2(x, y) != 0, x != x || y != y);
}

static void check_conversions(quad x) {
  u64 n = random_bits() >> (random_bits() % 64);
  double d;
  float s;
  memcpy(&d, &n, sizeof d);
  memcpy(&s, &n, sizeof s);
  CHECK("trunctfdf2", double, own_trunctfdf2(x), (double)x);
  CHECK("trunctfsf2", float, own_trunctfsf2(x), (float)x);
  CHECK("extenddftf2", quad, own_extenddftf2(d), (quad)d);
  CHECK("extendsftf2", quad, own_extendsftf2(s), (quad)s);
  CHECK("floatditf", quad, own_floatditf((long)n), (quad)(long)n);
  CHECK("floatunditf", quad, own_floatunditf(n), (quad)n);
  CHECK("floatsitf", quad, own_floatsitf((int)n), (quad)(int)n);
  CHECK("floatunsitf", quad, own_floatunsitf((unsigned)n), (quad)(unsigned)n);
  if (in_range(x, -0x1p63, 0x1p63)) CHECK("fixtfdi", long, own_fixtfdi(x), (long)x);
  if (in_range(x, -0x1p31, 0x1p31)) CHECK("fixtfsi", int, own_fixtfsi(x), (int)x);
  if (in_range(x, -1, 0x1p64)) CHECK("fixunstfdi", u64, own_fixunstfdi(x), (u64)x);
  if (in_range(x, -1, 0x1p32)) CHECK("fixunstfsi", unsigned, own_fixunstfsi(x), (unsigned)x);
}

int main(void) {
  for (long i = 0; i < 2000000; i++) {
    quad x = operand(), y = operand();
    check_pair(x, y);
    check_conversions(x);
  }
  printf("%ld failures\n", failures);
  return failures != 0;
}
