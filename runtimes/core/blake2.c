/* BLAKE2b (RFC 7693), for Digest.BLAKE128, BLAKE256 and BLAKE512.
 *
 * Counterpart of upstream's runtime/blake2.c.  OCaml keeps a context in the
 * bytes of a string. */

#define CAML_INTERNALS

#include <string.h>
#include "caml/alloc.h"
#include "caml/blake2.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

#define BLOCK 128
#define ROUNDS 12
#define MAX_HASH 64
#define MAX_KEY 64

static const uint64_t initial[8] = {
  UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b),
  UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1),
  UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
  UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179)
};

/* The order of the message words; rounds 10 and 11 start over. */
static const unsigned char sigma[10][16] = {
  { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
  { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
  { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
  { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
  { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
  { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
  { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
  { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
  { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
  { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 }
};

static uint64_t load64(const unsigned char *p)
{
  uint64_t w = 0;
  for (int i = 7; i >= 0; i--) w = w << 8 | p[i];
  return w;
}

static inline uint64_t rotate_right(uint64_t x, int n)
{
  return x >> n | x << (64 - n);
}

static inline void quarter(uint64_t *v, int a, int b, int c, int d, uint64_t x,
                           uint64_t y)
{
  v[a] += v[b] + x;
  v[d] = rotate_right(v[d] ^ v[a], 32);
  v[c] += v[d];
  v[b] = rotate_right(v[b] ^ v[c], 24);
  v[a] += v[b] + y;
  v[d] = rotate_right(v[d] ^ v[a], 16);
  v[c] += v[d];
  v[b] = rotate_right(v[b] ^ v[c], 63);
}

static void round_of(uint64_t *v, const uint64_t *m, const unsigned char *s)
{
  for (int i = 0; i < 4; i++)
    quarter(v, i, i + 4, i + 8, i + 12, m[s[2 * i]], m[s[2 * i + 1]]);
  for (int i = 0; i < 4; i++)
    quarter(v, i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12,
            m[s[2 * i + 8]], m[s[2 * i + 9]]);
}

/* Mix in a block, of which [len] bytes count towards the length. */
static void mix_block(struct BLAKE2_context *ctx, const unsigned char *block,
                      size_t len, bool last)
{
  uint64_t v[16], m[16];

  ctx->len[0] += len;
  if (ctx->len[0] < len) ctx->len[1]++;
  memcpy(v, ctx->h, sizeof ctx->h);
  memcpy(v + 8, initial, sizeof initial);
  v[12] ^= ctx->len[0];
  v[13] ^= ctx->len[1];
  if (last) v[14] = ~v[14];
  for (int i = 0; i < 16; i++) m[i] = load64(block + 8 * i);
  for (int i = 0; i < ROUNDS; i++) round_of(v, m, sigma[i % 10]);
  for (int i = 0; i < 8; i++) ctx->h[i] ^= v[i] ^ v[i + 8];
}

CAMLexport void caml_BLAKE2Init(struct BLAKE2_context *ctx, size_t hashlen,
                                size_t keylen, const unsigned char *key)
{
  if (keylen > MAX_KEY) keylen = MAX_KEY;
  memcpy(ctx->h, initial, sizeof initial);
  ctx->h[0] ^= UINT64_C(0x01010000) ^ (uint64_t) keylen << 8 ^ hashlen;
  ctx->len[0] = ctx->len[1] = 0;
  ctx->numbytes = 0;
  memset(ctx->buffer, 0, sizeof ctx->buffer);
  if (keylen > 0) {
    memcpy(ctx->buffer, key, keylen);
    ctx->numbytes = BLOCK;      /* the key makes the first block */
  }
}

/* A full buffer waits until more data comes: the last block is special. */
CAMLexport void caml_BLAKE2Update(struct BLAKE2_context *ctx,
                                  const unsigned char *data, size_t len)
{
  size_t room = BLOCK - ctx->numbytes;

  if (len == 0) return;
  if (len > room) {
    memcpy(ctx->buffer + ctx->numbytes, data, room);
    mix_block(ctx, ctx->buffer, BLOCK, false);
    data += room;
    len -= room;
    for (; len > BLOCK; data += BLOCK, len -= BLOCK)
      mix_block(ctx, data, BLOCK, false);
    ctx->numbytes = 0;
  }
  memcpy(ctx->buffer + ctx->numbytes, data, len);
  ctx->numbytes += len;
}

CAMLexport void caml_BLAKE2Final(struct BLAKE2_context *ctx, size_t hashlen,
                                 unsigned char *hash)
{
  memset(ctx->buffer + ctx->numbytes, 0, BLOCK - ctx->numbytes);
  mix_block(ctx, ctx->buffer, ctx->numbytes, true);
  for (size_t i = 0; i < hashlen && i < MAX_HASH; i++)
    hash[i] = (unsigned char) (ctx->h[i / 8] >> (8 * (i % 8)));
}

/* ---- The primitives ---- */

#define Context_val(v) ((struct BLAKE2_context *) String_val(v))

CAMLprim value caml_blake2_create(value hashlen, value key)
{
  CAMLparam1(key);
  value ctx = caml_alloc_string(sizeof(struct BLAKE2_context));

  caml_BLAKE2Init(Context_val(ctx), Long_val(hashlen),
                  caml_string_length(key),
                  (const unsigned char *) String_val(key));
  CAMLreturn(ctx);
}

CAMLprim value caml_blake2_update(value ctx, value buf, value ofs, value len)
{
  caml_BLAKE2Update(Context_val(ctx), &Byte_u(buf, Long_val(ofs)),
                    Long_val(len));
  return Val_unit;
}

CAMLprim value caml_blake2_final(value ctx, value hashlen)
{
  CAMLparam1(ctx);
  unsigned char hash[MAX_HASH];

  caml_BLAKE2Final(Context_val(ctx), Long_val(hashlen), hash);
  CAMLreturn(caml_alloc_initialized_string(Long_val(hashlen), (char *) hash));
}

CAMLprim value caml_blake2_string(value hashlen, value key, value buf,
                                  value ofs, value len)
{
  struct BLAKE2_context ctx;
  unsigned char hash[MAX_HASH];

  caml_BLAKE2Init(&ctx, Long_val(hashlen), caml_string_length(key),
                  (const unsigned char *) String_val(key));
  caml_BLAKE2Update(&ctx, &Byte_u(buf, Long_val(ofs)), Long_val(len));
  caml_BLAKE2Final(&ctx, Long_val(hashlen), hash);
  return caml_alloc_initialized_string(Long_val(hashlen), (char *) hash);
}

CAMLprim value caml_blake2_bytes(value hashlen, value key, value buf, value ofs,
                                 value len)
{
  return caml_blake2_string(hashlen, key, buf, ofs, len);
}
