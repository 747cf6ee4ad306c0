/* Structural hashing.
 *
 * Counterpart of upstream's runtime/hash.c, with the same results: tables
 * marshalled by one are read by the other.  The mixing is that of MurmurHash3
 * (32 bits).  Values are visited breadth-first, up to a number of meaningful
 * ones and within a queue of bounded size. */

#define CAML_INTERNALS

#include <string.h>
#include "caml/custom.h"
#include "caml/hash.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- Mixing ---- */

static inline uint32_t rotate_left(uint32_t x, int n)
{
  return x << n | x >> (32 - n);
}

static inline uint32_t mix(uint32_t h, uint32_t d)
{
  d *= 0xcc9e2d51;
  d = rotate_left(d, 15);
  d *= 0x1b873593;
  h = rotate_left(h ^ d, 13);
  return h * 5 + 0xe6546b64;
}

/* The result is a non-negative OCaml integer on 32-bit platforms too. */
static inline value finish(uint32_t h)
{
  h ^= h >> 16;
  h *= 0x85ebca6b;
  h ^= h >> 13;
  h *= 0xc2b2ae35;
  h ^= h >> 16;
  return Val_long(h & 0x3FFFFFFF);
}

CAMLexport uint32_t caml_hash_mix_uint32(uint32_t h, uint32_t d)
{
  return mix(h, d);
}

/* Numbers of 32 bits mix as on a 32-bit platform. */
CAMLexport uint32_t caml_hash_mix_intnat(uint32_t h, intnat d)
{
  return mix(h, (uint32_t) (d >> 32 ^ d >> 63 ^ d));
}

CAMLexport uint32_t caml_hash_mix_int64(uint32_t h, int64_t d)
{
  return mix(mix(h, (uint32_t) d), (uint32_t) ((uint64_t) d >> 32));
}

/* All nans are one, and so are both zeros. */
CAMLexport uint32_t caml_hash_mix_double(uint32_t h, double d)
{
  uint64_t bits;

  if (d != d) bits = UINT64_C(0x7FF0000000000001);
  else if (d == 0.0) bits = 0;
  else memcpy(&bits, &d, sizeof bits);
  return mix(mix(h, (uint32_t) bits), (uint32_t) (bits >> 32));
}

CAMLexport uint32_t caml_hash_mix_float(uint32_t h, float f)
{
  uint32_t bits;

  if (f != f) bits = 0x7F800001;
  else if (f == 0.0f) bits = 0;
  else memcpy(&bits, &f, sizeof bits);
  return mix(h, bits);
}

/* Four bytes at a time, the first one lowest; then the rest, then the length
   (of which only 32 bits count). */
CAMLexport uint32_t caml_hash_mix_string(uint32_t h, value s)
{
  mlsize_t len = caml_string_length(s);
  const unsigned char *p = (const unsigned char *) String_val(s);
  const unsigned char *last = p + (len & ~(mlsize_t) 3);
  uint32_t w = 0;

  for (; p < last; p += 4)
    h = mix(h, p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
               | (uint32_t) p[3] << 24);
  for (mlsize_t i = len & 3; i > 0; i--) w = w << 8 | p[i - 1];
  if ((len & 3) != 0) h = mix(h, w);
  return h ^ (uint32_t) len;
}

/* ---- The traversal ---- */

#define QUEUE_SIZE 256

/* Forward blocks may be cyclic. */
#define MAX_FORWARDS 1000

struct traversal {
  uint32_t h;
  intnat meaningful;            /* how many more values may count */
  intnat limit;                 /* how many values may enter the queue */
  intnat read, write;
  value queue[QUEUE_SIZE];
};

/* The state that the loop keeps in registers is worth little beside the cache
   misses of a traversal; clarity wins. */
static void enqueue_fields(struct traversal *t, value v, mlsize_t from)
{
  mlsize_t size = Wosize_val(v);

  for (mlsize_t i = from; i < size && t->write < t->limit; i++)
    t->queue[t->write++] = Field(v, i);
}

static value follow_forward(value v)
{
  for (int i = 0; i < MAX_FORWARDS; i++) {
    v = Forward_val(v);
    if (Is_long(v) || Tag_val(v) != Forward_tag) return v;
  }
  return 0;
}

static void visit_flat_floats(struct traversal *t, value v)
{
  mlsize_t length = Wosize_val(v) / Double_wosize;

  for (mlsize_t i = 0; i < length && (i == 0 || t->meaningful > 0); i++) {
    t->h = caml_hash_mix_double(t->h, Double_flat_field(v, i));
    t->meaningful--;
  }
}

/* The code of a closure counts, its environment is visited. */
static void visit_closure(struct traversal *t, value v)
{
  mlsize_t env = Start_env_closinfo(Closinfo_val(v));

  t->h = mix(t->h, (uint32_t) Cleanhd_hd(Hd_val(v)));
  for (mlsize_t i = 0; i < env; i++) {
    t->h = caml_hash_mix_intnat(t->h, Field(v, i));
    t->meaningful--;
  }
  enqueue_fields(t, v, env);
}

/* Only 32 bits of a custom hash count, as on a 32-bit platform. */
static void visit_custom(struct traversal *t, value v)
{
  if (Custom_ops_val(v)->hash == NULL) return;
  t->h = mix(t->h, (uint32_t) Custom_ops_val(v)->hash(v));
  t->meaningful--;
}

static void visit(struct traversal *t, value v)
{
 again:
  if (v == 0) return;
  if (Is_long(v)) {
    t->h = caml_hash_mix_intnat(t->h, v);
    t->meaningful--;
    return;
  }
  switch (Tag_val(v)) {
  case String_tag:
    t->h = caml_hash_mix_string(t->h, v);
    t->meaningful--;
    break;
  case Double_tag:
    t->h = caml_hash_mix_double(t->h, Double_val(v));
    t->meaningful--;
    break;
  case Double_array_tag: visit_flat_floats(t, v); break;
  case Abstract_tag: case Cont_tag: break;      /* nothing can be told */
  case Infix_tag:
    t->h = mix(t->h, (uint32_t) Infix_offset_val(v));
    v -= Infix_offset_val(v);
    goto again;
  case Forward_tag: v = follow_forward(v); goto again;
  case Object_tag:
    t->h = caml_hash_mix_intnat(t->h, Oid_val(v));
    t->meaningful--;
    break;
  case Custom_tag: visit_custom(t, v); break;
  case Closure_tag: visit_closure(t, v); break;
  default:
    /* A block counts by its contents only, but its shape is mixed. */
    t->h = mix(t->h, (uint32_t) Cleanhd_hd(Hd_val(v)));
    enqueue_fields(t, v, 0);
  }
}

CAMLprim value caml_hash(value count, value limit, value seed, value obj)
{
  struct traversal t;

  t.limit = Long_val(limit);
  if (t.limit < 0 || t.limit > QUEUE_SIZE) t.limit = QUEUE_SIZE;
  t.meaningful = Long_val(count);
  t.h = (uint32_t) Long_val(seed);
  t.queue[0] = obj;
  t.read = 0;
  t.write = 1;
  while (t.read < t.write && t.meaningful > 0) visit(&t, t.queue[t.read++]);
  return finish(t.h);
}

CAMLprim value caml_string_hash(value seed, value string)
{
  return finish(caml_hash_mix_string((uint32_t) Long_val(seed), string));
}

/* The tag of a polymorphic variant, as the compilers compute it: 31 bits with
   sign, on every platform. */
CAMLexport value caml_hash_variant(char const *tag)
{
  uint32_t h = 0;

  for (; *tag != 0; tag++) h = h * 223 + (unsigned char) *tag;
  return Val_long((int32_t) (h << 1) >> 1);
}
