/* Printing of exceptions. */
#ifndef CAML_PRINTEXC_H
#define CAML_PRINTEXC_H

#include "misc.h"
#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern char *caml_format_exception(value); /* to free: caml_stat_free */

#ifdef CAML_INTERNALS
CAMLnoret void caml_fatal_uncaught_exception(value);
#endif

#ifdef __cplusplus
}
#endif

#endif /* CAML_PRINTEXC_H */
