/* What the collectors share beyond the public headers. */
#ifndef CAML_GC_CYCLE_H
#define CAML_GC_CYCLE_H

#include "caml/domain.h"
#include "caml/platform.h"

/* The debug build fills freed memory and checks the heap. */
#ifdef DEBUG
enum { GC_DEBUG_BUILD = 1 };
#else
enum { GC_DEBUG_BUILD = 0 };
#endif

/* minor_gc.c: one minor collection of all domains, then the phases [extra],
   all in one section. 0: another domain was first. */
int caml_try_minor_stw(const stw_phase extra[],
                       void (*epilogue)(struct stw_section *), void *data);

/* major_gc.c, for a domain that ends: does its share of the cycle and leaves
   the counts of domains still at work. */
void caml_major_gc_leave(caml_domain_state *);
/* For one that begins, with the domain lock held. */
void caml_major_gc_join(caml_domain_state *);

/* weak.c: marks the data of ephemerons whose keys are all marked; 1 when that
   marked anything. */
int caml_ephe_mark_data(caml_domain_state *);
/* weak.c: drops dead keys, and ephemerons that are dead themselves. */
void caml_ephe_end_cycle(caml_domain_state *);
void caml_adopt_orphan_ephemerons(caml_domain_state *);

/* finalise.c */
void caml_adopt_orphan_finalisers(caml_domain_state *);

/* compact.c: moves blocks to few pools; the world is stopped and the cycle
   ends: all live blocks are unmarked. */
void caml_compact_from_stw_single(struct stw_section *);

/* stress.c: asks for the collections that stress mode wants at an allocation. */
void caml_stress_gc(void);

/* gc_debug.c */
void caml_verify_heap_from_stw(struct stw_section *);

#endif /* CAML_GC_CYCLE_H */
