/* Weak arrays and ephemerons: blocks of tag Abstract
   [link | data | key 0 | key 1 ...]; a weak array is one without data. */
#ifndef CAML_WEAK_H
#define CAML_WEAK_H

#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stands for a key or datum that is absent. */
extern value caml_ephe_none;

#ifdef CAML_INTERNALS

/* The ephemerons of the major heap that a domain looks after. [live]: known
   to be reachable in this cycle, or not looked at yet outside marking. */
struct caml_ephe_info {
  value todo; /* still to be looked at */
  value live;
  int must_sweep_ephe;
  uintnat cycle;
};

#define CAML_EPHE_LINK_OFFSET 0
#define CAML_EPHE_DATA_OFFSET 1
#define CAML_EPHE_FIRST_KEY 2
#define CAML_EPHE_MAX_WOSIZE (Max_wosize - CAML_EPHE_FIRST_KEY)

#define Ephe_link(e) (*(Op_val(e) + CAML_EPHE_LINK_OFFSET))
#define Ephe_data(e) (*(Op_val(e) + CAML_EPHE_DATA_OFFSET))

struct caml_ephe_info *caml_alloc_ephe_info(void);
/* Drops the keys that are dead in this cycle, and the data with them. */
void caml_ephe_clean(value e);

#endif /* CAML_INTERNALS */

#ifdef __cplusplus
}
#endif

#endif /* CAML_WEAK_H */
