/* The entry point of a native program: its units, then what at_exit
   registered, then exit code 0; an uncaught exception gives 2. */

#define CAML_INTERNALS

#include "caml/callback.h"
#include "caml/memory.h"
#include "caml/printexc.h"
#include "caml/sys.h"

int main(int argc, char **argv)
{
  (void)argc;
  caml_main(argv);
  const value *at_exit = caml_named_value("Pervasives.do_at_exit");
  if (at_exit != NULL) {
    caml_result r = caml_callback_res(*at_exit, Val_unit);
    if (r.is_exception) caml_fatal_uncaught_exception(r.data);
  }
  caml_do_exit(0);
}
