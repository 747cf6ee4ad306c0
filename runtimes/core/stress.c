/* Stress mode (OCAMLRUNPARAM=G): collections at every allocation, so that a
   value that no root keeps is gone at the next safe point.

     G=1  every allocation empties the minor heaps and does a slice
     G=2  and whole cycles are finished as often as the allocations since the
          last one pay for: a cycle costs what the heap is large
     G=3  and these cycles end with a compaction: every block moves

   Beside other domains a collection means that all of them stop, and the wait
   for a thread that has no processor is as long as many allocations. There a
   domain collects after a random number of its allocations instead, and
   meets the collections of the others at any of them. */
#define CAML_INTERNALS

#include "gc_cycle.h"
#include "caml/domain.h"
#include "caml/major_gc.h"
#include "caml/minor_gc.h"
#include "caml/shared_heap.h"
#include "caml/startup_aux.h"

/* Allocations between collections beside other domains: below this. */
enum { MAX_DISTANCE = 128 };

/* Words of the heap for which one collection pays. */
enum { PAID_WORDS = 64 };

enum { STRESS_CYCLES = 2, STRESS_COMPACTIONS = 3 };

static int is_due(caml_domain_state *d)
{
  if (caml_domain_alone()) return 1;
  if (d->stress_distance > 0) {
    d->stress_distance--;
    return 0;
  }
  d->stress_seed = d->stress_seed * UINT64_C(6364136223846793005)
                   + UINT64_C(1442695040888963407) + d->unique_id;
  d->stress_distance = (d->stress_seed >> 33) % MAX_DISTANCE;
  return 1;
}

static void finish_paid_cycle(caml_domain_state *d)
{
  d->stress_paid_words += PAID_WORDS;
  if (d->stress_paid_words < Wsize_bsize(caml_heap_size(d->shared_heap)))
    return;
  d->stress_paid_words = 0;
  caml_finish_major_cycle(caml_params->stress >= STRESS_COMPACTIONS);
}

void caml_stress_gc(void)
{
  caml_domain_state *d = Caml_state;
  if (!is_due(d)) return;
  d->requested_minor_gc = 1;
  d->requested_major_slice = 1;
  if (caml_params->stress >= STRESS_CYCLES) finish_paid_cycle(d);
}
