/* Structural comparison. */
#ifndef CAML_COMPARE_H
#define CAML_COMPARE_H

#include "mlvalues.h"

#ifdef CAML_INTERNALS
CAMLextern value caml_compare(value, value);
CAMLextern value caml_equal(value, value);
CAMLextern value caml_notequal(value, value);
CAMLextern value caml_lessthan(value, value);
CAMLextern value caml_lessequal(value, value);
CAMLextern value caml_greaterthan(value, value);
CAMLextern value caml_greaterequal(value, value);
#endif

#endif /* CAML_COMPARE_H */
