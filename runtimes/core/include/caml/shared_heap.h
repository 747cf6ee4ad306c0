/* The major heap: pools of equal slots, large blocks, colors. */
#ifndef CAML_SHARED_HEAP_H
#define CAML_SHARED_HEAP_H

#ifdef CAML_INTERNALS

#include "config.h"
#include "domain.h"
#include "gc_stats.h"
#include "misc.h"
#include "roots.h"

CAMLextern atomic_uintnat caml_compactions_count;

struct caml_heap_state;

struct caml_heap_state *caml_init_shared_heap(void);
void caml_free_shared_heap(struct caml_heap_state *);
void caml_orphan_shared_heap(struct caml_heap_state *);
void caml_adopt_all_orphan_heaps(struct caml_heap_state *);

/* The address of the header of a new block, whose header is written; NULL
   when memory is exhausted. */
value *caml_shared_try_alloc(struct caml_heap_state *, mlsize_t wosize, tag_t,
                             reserved_t);

void caml_collect_heap_stats_sample(struct caml_heap_state *local,
                                    struct heap_stats *sample);
void caml_accum_orphan_heap_stats(struct heap_stats *acc);
uintnat caml_heap_size(struct caml_heap_state *);
uintnat caml_top_heap_words(struct caml_heap_state *);
uintnat caml_heap_blocks(struct caml_heap_state *);

/* The three colors of the heap, which exchange their meaning at the end of a
   cycle, with the world stopped: marked becomes unmarked, unmarked garbage. */
typedef uintnat status;
struct global_heap_state {
  status MARKED, UNMARKED, GARBAGE;
};
extern struct global_heap_state caml_global_heap_state;

enum { NOT_MARKABLE = 3 << HEADER_COLOR_SHIFT };

Caml_inline int Has_status_hd(header_t hd, status s)
{
  return Color_hd(hd) == s;
}
Caml_inline int Has_status_val(value v, status s)
{
  return Has_status_hd(Hd_val(v), s);
}
Caml_inline header_t With_status_hd(header_t hd, status s)
{
  return Hd_with_color(hd, s);
}
Caml_inline int is_garbage(value v)
{
  return Has_status_val(v, caml_global_heap_state.GARBAGE);
}
Caml_inline int is_unmarked(value v)
{
  return Has_status_val(v, caml_global_heap_state.UNMARKED);
}
Caml_inline int is_marked(value v)
{
  return Has_status_val(v, caml_global_heap_state.MARKED);
}
Caml_inline int is_not_markable(value v)
{
  return Has_status_val(v, NOT_MARKABLE);
}

/* Sweeps until [work] words have been seen; what remains of [work]. */
intnat caml_sweep(struct caml_heap_state *, intnat work);

void caml_cycle_heap_from_stw_single(void); /* rotates the colors */
void caml_cycle_heap(struct caml_heap_state *); /* all pools to sweep again */

void caml_finalise_heap(void);
void caml_finalise_freelist(void);

#endif /* CAML_INTERNALS */

#endif /* CAML_SHARED_HEAP_H */
