/* MD5 digests. */

#ifndef CAML_MD5_H
#define CAML_MD5_H

#ifdef CAML_INTERNALS

#include "io.h"
#include "mlvalues.h"

struct MD5Context {
  uint32_t buf[4];              /* the digest so far */
  uint64_t length;              /* in bytes */
  unsigned char in[64];         /* what does not make a block yet */
};

CAMLextern value caml_md5_string(value str, value ofs, value len);
CAMLextern value caml_md5_chan(value vchan, value len);
CAMLextern value caml_md5_channel(struct channel *chan, intnat toread);
CAMLextern void caml_md5_block(unsigned char digest[16], const void *data,
                               uintnat len);

CAMLextern void caml_MD5Init(struct MD5Context *ctx);
CAMLextern void caml_MD5Update(struct MD5Context *ctx,
                               const unsigned char *data, uintnat len);
CAMLextern void caml_MD5Final(unsigned char *digest, struct MD5Context *ctx);

#endif /* CAML_INTERNALS */

#endif /* CAML_MD5_H */
