/* MD5 (RFC 1321), for Digest.
 *
 * Counterpart of upstream's runtime/md5.c. */

#define CAML_INTERNALS

#include <string.h>
#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/io.h"
#include "caml/md5.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- The algorithm ---- */

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t sines[64] = {
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
  0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
  0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
  0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
  0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
  0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
  0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
  0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
  0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391
};

/* Rotations of the four rounds; each repeats its row. */
static const unsigned char rotations[4][4] = {
  { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 }
};

static uint32_t load32(const unsigned char *p)
{
  return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
    | (uint32_t) p[3] << 24;
}

static void store32(unsigned char *p, uint32_t w)
{
  for (int i = 0; i < 4; i++) p[i] = (unsigned char) (w >> (8 * i));
}

/* The rotations and the order of the words become constants. */
#define UNROLL _Pragma("clang loop unroll(full)")

/* One step: [f] is the round's function of b, c, d, and [w] the input word. */
static inline void step(uint32_t s[4], uint32_t f, uint32_t w, int i)
{
  int r = rotations[i / 16][i % 4];
  uint32_t sum = s[0] + f + w + sines[i];

  s[0] = s[3];
  s[3] = s[2];
  s[2] = s[1];
  s[1] += sum << r | sum >> (32 - r);
}

static void transform(uint32_t state[4], const unsigned char *block)
{
  uint32_t w[16], s[4];
  int i;

  for (i = 0; i < 16; i++) w[i] = load32(block + 4 * i);
  memcpy(s, state, sizeof s);
  UNROLL
  for (i = 0; i < 16; i++)
    step(s, s[3] ^ (s[1] & (s[2] ^ s[3])), w[i], i);
  UNROLL
  for (i = 16; i < 32; i++)
    step(s, s[2] ^ (s[3] & (s[1] ^ s[2])), w[(5 * i + 1) % 16], i);
  UNROLL
  for (i = 32; i < 48; i++)
    step(s, s[1] ^ s[2] ^ s[3], w[(3 * i + 5) % 16], i);
  UNROLL
  for (i = 48; i < 64; i++)
    step(s, s[2] ^ (s[1] | ~s[3]), w[7 * i % 16], i);
  for (i = 0; i < 4; i++) state[i] += s[i];
}

CAMLexport void caml_MD5Init(struct MD5Context *ctx)
{
  ctx->buf[0] = 0x67452301;
  ctx->buf[1] = 0xefcdab89;
  ctx->buf[2] = 0x98badcfe;
  ctx->buf[3] = 0x10325476;
  ctx->length = 0;
}

CAMLexport void caml_MD5Update(struct MD5Context *ctx,
                               const unsigned char *data, uintnat len)
{
  uintnat used = ctx->length % 64;

  ctx->length += len;
  if (used != 0) {
    uintnat room = 64 - used, n = len < room ? len : room;
    memcpy(ctx->in + used, data, n);
    if (n < room) return;
    transform(ctx->buf, ctx->in);
    data += n;
    len -= n;
  }
  for (; len >= 64; data += 64, len -= 64) transform(ctx->buf, data);
  memcpy(ctx->in, data, len);
}

CAMLexport void caml_MD5Final(unsigned char *digest, struct MD5Context *ctx)
{
  static const unsigned char padding[64] = { 0x80 };
  uint64_t bits = ctx->length * 8;
  unsigned char length[8];

  store32(length, (uint32_t) bits);
  store32(length + 4, (uint32_t) (bits >> 32));
  caml_MD5Update(ctx, padding, (119 - ctx->length % 64) % 64 + 1);
  caml_MD5Update(ctx, length, sizeof length);
  for (int i = 0; i < 4; i++) store32(digest + 4 * i, ctx->buf[i]);
}

CAMLexport void caml_md5_block(unsigned char digest[16], const void *data,
                               uintnat len)
{
  struct MD5Context ctx;

  caml_MD5Init(&ctx);
  caml_MD5Update(&ctx, data, len);
  caml_MD5Final(digest, &ctx);
}

/* ---- The primitives ---- */

CAMLprim value caml_md5_string(value str, value ofs, value len)
{
  unsigned char digest[16];

  caml_md5_block(digest, &Byte_u(str, Long_val(ofs)), Long_val(len));
  return caml_alloc_initialized_string(sizeof digest, (char *) digest);
}

CAMLprim value caml_md5_bytes(value str, value ofs, value len)
{
  return caml_md5_string(str, ofs, len);
}

/* Digest of [toread] characters, or of all until the end if negative. */
CAMLexport value caml_md5_channel(struct channel *chan, intnat toread)
{
  CAMLparam0();
  struct MD5Context ctx;
  unsigned char digest[16];
  char buffer[4096];
  bool to_end = toread < 0;

  caml_channel_lock(chan);
  caml_MD5Init(&ctx);
  while (to_end || toread > 0) {
    intnat wanted = to_end || toread > (intnat) sizeof buffer
      ? (intnat) sizeof buffer : toread;
    intnat n = caml_getblock(chan, buffer, wanted);
    if (n == 0 && !to_end) caml_raise_end_of_file();
    if (n == 0) break;
    caml_MD5Update(&ctx, (unsigned char *) buffer, n);
    if (!to_end) toread -= n;
  }
  caml_MD5Final(digest, &ctx);
  caml_channel_unlock(chan);
  CAMLreturn(caml_alloc_initialized_string(sizeof digest, (char *) digest));
}

CAMLprim value caml_md5_chan(value vchan, value len)
{
  CAMLparam1(vchan);
  CAMLreturn(caml_md5_channel(Channel(vchan), Long_val(len)));
}
