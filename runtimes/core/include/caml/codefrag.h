/* Regions of machine code or bytecode, named by the digest of their contents,
   so that closures can be marshalled between runs of the same program. */

#ifndef CAML_CODEFRAG_H
#define CAML_CODEFRAG_H

#ifdef CAML_INTERNALS

#include "misc.h"

struct code_fragment {
  char *code_start;
  char *code_end;
  int fragnum;
  int digest_known;
  unsigned char digest[16];
};

/* Declares the region [start .. end), and returns its number. The code must not
   change afterwards. */
extern int caml_register_code_fragment(char *start, char *end);

/* NULL when there is none. */
extern struct code_fragment *caml_find_code_fragment_by_pc(char *pc);
extern struct code_fragment *caml_find_code_fragment_by_num(int fragnum);
extern struct code_fragment *
caml_find_code_fragment_by_digest(const unsigned char digest[16]);

/* The MD5 of the code, computed when first asked for. */
extern const unsigned char *
caml_digest_of_code_fragment(struct code_fragment *cf);

#endif /* CAML_INTERNALS */

#endif /* CAML_CODEFRAG_H */
