/* See fake_native.c. */
#ifndef FAKE_NATIVE_H
#define FAKE_NATIVE_H

#include "caml/mlvalues.h"

struct fake_fiber {
  int n;
  value values[8];
};

/* Starts the runtime with domain 0 on the calling thread. Environment:
   GC_TEST_MINOR (words), GC_TEST_OVERHEAD, GC_TEST_STRESS, GC_TEST_VERIFY. */
void fake_start(void);

#endif
