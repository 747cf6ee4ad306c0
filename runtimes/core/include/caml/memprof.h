/* Statistical memory profiling: not supported by this runtime. The primitives
   of Gc.Memprof are in memprof.c and say so. */
#ifndef CAML_MEMPROF_H
#define CAML_MEMPROF_H

#ifdef CAML_INTERNALS

#include "config.h"
#include "mlvalues.h"

enum {
  CAML_MEMPROF_SRC_NORMAL = 0,
  CAML_MEMPROF_SRC_MARSHAL = 1,
  CAML_MEMPROF_SRC_CUSTOM = 2,
  CAML_MEMPROF_SRC_MAP_FILE = 3,
  CAML_MEMPROF_NUM_SOURCE_KINDS
};

#endif /* CAML_INTERNALS */

#endif /* CAML_MEMPROF_H */
