/* Where a pointer points: the minor heaps are one reservation of addresses,
   everything else is the major heap or static data. */
#ifndef CAML_ADDRESS_CLASS_H
#define CAML_ADDRESS_CLASS_H

#include "config.h"
#include "misc.h"
#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern uintnat caml_minor_heaps_start;
CAMLextern uintnat caml_minor_heaps_end;

#define Is_young(val) \
  ((uintnat)(val) < caml_minor_heaps_end \
   && (uintnat)(val) > caml_minor_heaps_start)
#define Is_block_and_young(val) (Is_block(val) && Is_young(val))

/* Questions of OCaml 4, whose answer is always yes now. */
#define Is_in_heap_or_young(a) 1
#define Is_in_value_area(a) 1

#ifdef __cplusplus
}
#endif

#endif /* CAML_ADDRESS_CLASS_H */
