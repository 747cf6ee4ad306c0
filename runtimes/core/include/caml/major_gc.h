/* The major collector: incremental mark and sweep. */
#ifndef CAML_MAJOR_GC_H
#define CAML_MAJOR_GC_H

#ifdef CAML_INTERNALS

#include "config.h"
#include "misc.h"
#include "mlvalues.h"

/* A cycle sweeps what the last one left unmarked, marks, decides on
   finalisable values (final), then clears dead keys (ephe). */
typedef enum {
  Phase_sweep,
  Phase_mark,
  Phase_mark_final,
  Phase_sweep_ephe
} gc_phase_t;

extern gc_phase_t caml_gc_phase;
extern uintnat caml_major_cycles_completed;

/* True from the snapshot of the roots to the end of the cycle: then
   [caml_modify] must darken what it overwrites, and new blocks are born
   marked. Written only with the world stopped. */
extern int caml_marking_active;
Caml_inline int caml_marking_started(void) { return caml_marking_active; }

#define AUTO_TRIGGERED_MAJOR_SLICE -1
#define GC_CALCULATE_MAJOR_SLICE 0

int caml_init_major_gc(caml_domain_state *);
void caml_teardown_major_gc(void);
void caml_major_collection_slice(intnat words);
void caml_finish_major_cycle(int force_compaction);
void caml_finish_sweeping(void);
void caml_finish_marking(void);
void caml_reset_major_pacing(void);

/* Marks a value and queues its fields: a scanning action. */
void caml_darken(void *, value, volatile value *ignored);
/* Marks a continuation and scans its stack; a fiber must be darkened before
   it is resumed. */
void caml_darken_cont(value);

void caml_orphan_ephemerons(caml_domain_state *);
void caml_orphan_finalisers(caml_domain_state *);

/* Books [words] allocated in the major heap, [direct]: not by promotion. */
Caml_inline void caml_update_major_allocated_words(caml_domain_state *self,
                                                   intnat words, int direct)
{
  self->allocated_words += words;
  if (direct) self->allocated_words_direct += words;
  if (self->gc_policy & CAML_GC_RAMP_UP)
    self->allocated_words_suspended += words;
}

#endif /* CAML_INTERNALS */

#endif /* CAML_MAJOR_GC_H */
