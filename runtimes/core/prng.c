/* The pseudo-random generator of Random: LXM, variant L64X128.
 *
 * Steele and Vigna, "LXM: better splittable pseudorandom number generators
 * (and almost as fast)", OOPSLA 2021, figure 1: a linear congruential
 * generator of 64 bits and a xor-based one of 128, added and mixed.
 * The state is a bigarray of four int64: [a; s; x0; x1]. */

#define CAML_INTERNALS

#include "caml/alloc.h"
#include "caml/bigarray.h"
#include "caml/mlvalues.h"

#define LCG_MULTIPLIER UINT64_C(0xd1342543de82ef95)
#define MIX_MULTIPLIER UINT64_C(0xdaba0b6eb09322e3)

enum { INCREMENT, LCG, XBG0, XBG1 };

static uint64_t rotate_left(uint64_t x, int k)
{
  return x << k | x >> (64 - k);
}

static uint64_t mix(uint64_t z)
{
  z = (z ^ z >> 32) * MIX_MULTIPLIER;
  z = (z ^ z >> 32) * MIX_MULTIPLIER;
  return z ^ z >> 32;
}

CAMLprim uint64_t caml_lxm_next_unboxed(value v)
{
  uint64_t *state = Caml_ba_data_val(v);
  uint64_t q0 = state[XBG0], q1 = state[XBG1];
  uint64_t result = mix(state[LCG] + q0);

  state[LCG] = state[LCG] * LCG_MULTIPLIER + state[INCREMENT];
  q1 ^= q0;
  state[XBG0] = rotate_left(q0, 24) ^ q1 ^ q1 << 16;
  state[XBG1] = rotate_left(q1, 37);
  return result;
}

CAMLprim value caml_lxm_next(value v)
{
  return caml_copy_int64((int64_t) caml_lxm_next_unboxed(v));
}
