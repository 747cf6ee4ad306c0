/* Headers of heap blocks. */
#ifndef CAML_GC_H
#define CAML_GC_H

#include "mlvalues.h"

#define Make_header_with_reserved(wosize, tag, color, reserved) \
  ((header_t)(((header_t)(wosize) << HEADER_WOSIZE_SHIFT) + (color) \
              + (tag_t)(tag)))
#define Make_header(wosize, tag, color) \
  Make_header_with_reserved(wosize, tag, color, 0)

#endif /* CAML_GC_H */
