/* Statistical memory profiling (Gc.Memprof): what the collectors, the
   allocation functions and the thread library call. */
#ifndef CAML_MEMPROF_H
#define CAML_MEMPROF_H

#ifdef CAML_INTERNALS

#include "config.h"
#include "domain.h"
#include "fail.h"
#include "mlvalues.h"
#include "roots.h"

/* Gc.Memprof.allocation_source */
enum {
  CAML_MEMPROF_SRC_NORMAL = 0,
  CAML_MEMPROF_SRC_MARSHAL = 1,
  CAML_MEMPROF_SRC_CUSTOM = 2,
  CAML_MEMPROF_SRC_MAP_FILE = 3,
  CAML_MEMPROF_NUM_SOURCE_KINDS
};

/* ---- sampling ---- */

/* A block was allocated; its fields need not be set yet. [sampled_words]
   differs from its size where memory outside the heap counts. No callback
   runs. */
CAMLextern void caml_memprof_sample_block(value block, mlsize_t words,
                                          mlsize_t sampled_words, int source);
/* C code took [whsize] words at young_ptr, below the trigger. */
void caml_memprof_sample_young(uintnat whsize);
/* The same for compiled code: its blocks are described by the frame of the
   allocation. Callbacks run before the memory is taken for good; returns its
   address, where it may lie elsewhere, or an exception. */
caml_result caml_memprof_sample_young_from_ocaml_res(uintnat bytes);
/* Draws the distance to the next sample in the minor heap. The young limit is
   not changed. */
void caml_memprof_set_trigger(caml_domain_state *);
/* No samples and no callbacks in the current thread, or again. */
void caml_memprof_update_suspended(int suspended);

/* Runs the callbacks that are due. */
caml_result caml_memprof_run_callbacks_res(void);
/* Are any due, that could run now? */
int caml_memprof_callbacks_pending(caml_domain_state *);

/* ---- the collectors ---- */

/* What callbacks returned, and the profiles. */
void caml_memprof_do_roots(scanning_action f, scanning_action_flags fflags,
                           void *fdata, caml_domain_state *);
/* The tracked blocks: when they have moved. */
void caml_memprof_do_blocks(scanning_action f, void *fdata,
                            caml_domain_state *);
/* Notes which tracked blocks were promoted, and which are dead. */
void caml_memprof_after_minor_gc(caml_domain_state *);
void caml_memprof_after_marking(caml_domain_state *);
/* Takes over what ended domains tracked; the world is stopped. */
void caml_memprof_adopt_orphans(caml_domain_state *);

/* ---- domains and threads ---- */

/* The new domain samples for its parent's profile. 0: no memory. */
int caml_memprof_new_domain(caml_domain_state *parent, caml_domain_state *);
void caml_memprof_delete_domain(caml_domain_state *);

typedef struct memprof_thread_s *memprof_thread_t;
CAMLextern memprof_thread_t caml_memprof_new_thread(caml_domain_state *);
CAMLextern memprof_thread_t caml_memprof_main_thread(caml_domain_state *);
CAMLextern void caml_memprof_enter_thread(memprof_thread_t);
CAMLextern void caml_memprof_delete_thread(memprof_thread_t);

/* ---- provided by runtimes/native ---- */

struct caml_block_description {
  uint32_t words; /* without the header */
  uint32_t debug;
};
/* The blocks that the innermost frame of compiled code is allocating together,
   in order of address. 0: it is one. */
int caml_combined_allocation(const struct caml_block_description **out);
/* The slots of the calls in progress, at most [max]; with [block] >= 0, those
   of that block of the innermost frame's allocation. NULL: none. */
void *caml_capture_callstack(intnat max, int block, intnat *out_count);
/* A Printexc.raw_backtrace of them; frees them. */
value caml_take_callstack(void *slots, intnat count);

#endif /* CAML_INTERNALS */

#endif /* CAML_MEMPROF_H */
