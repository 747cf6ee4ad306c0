/* Gc.Memprof: this runtime has no statistical profiler, and says so. */
#define CAML_INTERNALS

#include "caml/fail.h"
#include "caml/memprof.h"

static void unsupported(void)
{
  caml_failwith("Gc.Memprof: not supported by this runtime");
}

CAMLprim value caml_memprof_start(value rate, value stack_size, value tracker)
{
  (void)rate;
  (void)stack_size;
  (void)tracker;
  unsupported();
  return Val_unit;
}

CAMLprim value caml_memprof_stop(value unit)
{
  caml_failwith("Gc.Memprof.stop: no profile running.");
  return unit;
}

CAMLprim value caml_memprof_discard(value profile)
{
  unsupported();
  return profile;
}
