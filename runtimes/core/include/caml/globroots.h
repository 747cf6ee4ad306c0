/* Roots registered by C code, and the static blocks of compiled units. */
#ifndef CAML_GLOBROOTS_H
#define CAML_GLOBROOTS_H

#ifdef CAML_INTERNALS

#include "mlvalues.h"
#include "roots.h"

/* All of them, for the major collector. */
void caml_scan_global_roots(scanning_action f, void *fdata);
/* Those that may hold young values; forgets them as such. The static blocks
   of units are not scanned: [caml_modify] remembers their young fields. */
void caml_scan_global_young_roots(scanning_action f, void *fdata);
/* Adds unit tables after startup (dynamic linking). */
void caml_register_dyn_globals(void **globals, int nglobals);

#endif /* CAML_INTERNALS */

#endif /* CAML_GLOBROOTS_H */
