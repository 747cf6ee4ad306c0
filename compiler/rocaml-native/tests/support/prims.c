/* Primitives of the test programs: printing, and C functions that raise,
   collect or take many arguments. */

#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/mlvalues.h"

extern int printf(const char *, ...);

extern void caml_minor_collection(void);
extern void caml_request_minor_gc(void);

value test_print(value label, value n)
{
  printf("%s %ld\n", (const char *) label, (long) Long_val(n));
  return Val_unit;
}

value test_print_float(value label, double d)
{
  printf("%s %.6g\n", (const char *) label, d);
  return Val_unit;
}

value test_fail(value unit)
{
  (void) unit;
  caml_failwith("test");
}

value test_collect(value keep)
{
  CAMLparam1(keep);
  caml_minor_collection();
  CAMLreturn(keep);
}

/* The next poll collects. */
value test_request_collection(value unit)
{
  caml_request_minor_gc();
  return unit;
}

value test_sum7(value *argv, int argn)
{
  long sum = 0;
  for (int i = 0; i < argn; i++) sum = sum * 10 + Long_val(argv[i]);
  return Val_long(sum);
}

double test_scale(double x, intnat n) { return x * n; }

int test_int32(intnat n) { return (int) (n * 3); }
