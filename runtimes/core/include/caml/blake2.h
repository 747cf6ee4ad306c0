/* BLAKE2b digests. */

#ifndef CAML_BLAKE2_H
#define CAML_BLAKE2_H

#ifdef CAML_INTERNALS

#include <stddef.h>
#include "misc.h"

struct BLAKE2_context {
  uint64_t h[8];                /* the digest so far */
  uint64_t len[2];              /* bytes hashed: low word, high word */
  size_t numbytes;              /* in the buffer */
  unsigned char buffer[128];
};

CAMLextern void caml_BLAKE2Init(struct BLAKE2_context *ctx, size_t hashlen,
                                size_t keylen, const unsigned char *key);
CAMLextern void caml_BLAKE2Update(struct BLAKE2_context *ctx,
                                  const unsigned char *data, size_t len);
CAMLextern void caml_BLAKE2Final(struct BLAKE2_context *ctx, size_t hashlen,
                                 unsigned char *hash);

#endif /* CAML_INTERNALS */

#endif /* CAML_BLAKE2_H */
