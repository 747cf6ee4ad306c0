/* Parameters of the collectors and the primitives of module Gc. */
#ifndef CAML_GC_CTRL_H
#define CAML_GC_CTRL_H

#ifdef CAML_INTERNALS

#include "misc.h"
#include "mlvalues.h"

CAMLextern atomic_uintnat caml_max_stack_wsize; /* the limit of a fiber */
CAMLextern uintnat caml_fiber_wsz;
CAMLextern uintnat caml_major_cycles_completed;

extern atomic_uintnat caml_percent_free;
extern atomic_uintnat caml_custom_minor_ratio;
extern atomic_uintnat caml_custom_minor_max_bsz;

/* Sets up domain 0 and its heaps after [caml_params]. */
void caml_init_gc(void);

value caml_gc_stat(value);
value caml_gc_major(value);
value caml_gc_full_major(value);

#define caml_stat_top_heap_wsz caml_top_heap_words(Caml_state->shared_heap)
#define caml_stat_compactions 0
#define caml_stat_heap_wsz Wsize_bsize(caml_heap_size(Caml_state->shared_heap))
#define caml_stat_heap_chunks caml_heap_blocks(Caml_state->shared_heap)
#define caml_stat_major_collections caml_major_cycles_completed
#define caml_stat_promoted_words Caml_state->stat_promoted_words
#define caml_allocated_words Caml_state->allocated_words
#define caml_stat_major_words Caml_state->stat_major_words
#define caml_stat_minor_words Caml_state->stat_minor_words

caml_result caml_gc_ramp_up(value callback, uintnat *out_suspended_work);
void caml_gc_ramp_down(uintnat suspended_ramp_up_words);

#endif /* CAML_INTERNALS */

#endif /* CAML_GC_CTRL_H */
