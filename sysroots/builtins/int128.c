/* Division of 128-bit integers, under the names that compilers call. */

typedef __int128 i128;
typedef unsigned __int128 u128;

static int leading_zeros(u128 x) {
  unsigned long high = (unsigned long)(x >> 64);
  return high ? __builtin_clzl(high) : 64 + __builtin_clzl((unsigned long)x);
}

/* Schoolbook division, one bit at a time from the first that can be one. */
static u128 divide(u128 a, u128 b, u128 *rest) {
  if (b == 0 || a < b) {
    *rest = a;
    return 0;
  }
  if (a >> 64 == 0) {
    *rest = (unsigned long)a % (unsigned long)b;
    return (unsigned long)a / (unsigned long)b;
  }
  int shift = leading_zeros(b) - leading_zeros(a);
  u128 quotient = 0;
  for (b <<= shift; shift >= 0; shift--, b >>= 1) {
    quotient <<= 1;
    if (a >= b) {
      a -= b;
      quotient |= 1;
    }
  }
  *rest = a;
  return quotient;
}

static u128 absolute(i128 x) { return x < 0 ? 0 - (u128)x : (u128)x; }

u128 __udivti3(u128 a, u128 b) {
  u128 rest;
  return divide(a, b, &rest);
}

u128 __umodti3(u128 a, u128 b) {
  u128 rest;
  divide(a, b, &rest);
  return rest;
}

i128 __divti3(i128 a, i128 b) {
  u128 rest, quotient = divide(absolute(a), absolute(b), &rest);
  return (i128)((a < 0) != (b < 0) ? 0 - quotient : quotient);
}

i128 __modti3(i128 a, i128 b) {
  u128 rest;
  divide(absolute(a), absolute(b), &rest);
  return (i128)(a < 0 ? 0 - rest : rest);
}

/* The product from three products of halves; some targets call it instead of multiplying in place. */
i128 __multi3(i128 a, i128 b) {
  unsigned long a0 = (unsigned long)a, a1 = (unsigned long)((u128)a >> 64);
  unsigned long b0 = (unsigned long)b, b1 = (unsigned long)((u128)b >> 64);
  unsigned long low = a0 & 0xffffffff, high = a0 >> 32, blow = b0 & 0xffffffff, bhigh = b0 >> 32;
  unsigned long ll = low * blow, lh = low * bhigh, hl = high * blow, hh = high * bhigh;
  unsigned long middle = (ll >> 32) + (lh & 0xffffffff) + (hl & 0xffffffff);
  unsigned long upper = hh + (lh >> 32) + (hl >> 32) + (middle >> 32) + a0 * b1 + a1 * b0;
  return (i128)((u128)upper << 64 | (middle << 32 | (ll & 0xffffffff)));
}
