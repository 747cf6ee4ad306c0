/* The major heap's layout, private to the collectors (shared_heap.c, compact.c,
   gc_debug.c) and to the promotion loop of minor_gc.c, which allocates here
   once per surviving block and so wants this inline.

   Blocks of up to 127 words live in pools: 32 KiB of equal slots.

       pool   [ header | slot | slot | ... ]
       slot   [ block's header | fields | slack ]

   Free slots that are neighbors form one *run*. A run's first word looks like
   a block's header: its color is NOT_MARKABLE, which no block of a pool has,
   and its size is the number of slots. The next word links to the next run of
   the pool. A domain allocates by bumping a pointer through its current run;
   the rest of that run has no header until it is retired.

   Larger blocks are malloc'ed, each with a link in front. */
#ifndef CAML_HEAP_LAYOUT_H
#define CAML_HEAP_LAYOUT_H

#include "caml/gc.h"
#include "caml/mlvalues.h"
#include "caml/shared_heap.h"

enum {
  POOL_WSIZE = 4096,
  POOL_BSIZE = POOL_WSIZE * 8,
  NUM_SIZECLASSES = 39,
  MAX_POOLED_WHSIZE = 128
};

struct pool {
  struct pool *next;
  value *runs; /* free runs, in order of address */
  intnat sizeclass;
  intnat live; /* slots in use when last swept: what compaction looks at */
  /* A block of one or two cache lines has them for itself. */
  _Alignas(Cache_line_bsize) value slots[];
};

enum { POOL_HEADER_WSIZE = sizeof(struct pool) / sizeof(value) };

/* A large block: its header follows. */
struct large_block {
  struct large_block *next;
};
#define Large_hp(b) ((value *)((b) + 1))

/* Where allocation of one size class goes on. */
struct alloc_run {
  value *ptr;
  value *end;
  uintnat step; /* words of a slot */
};

struct caml_heap_state {
  struct alloc_run run[NUM_SIZECLASSES];
  struct pool *current[NUM_SIZECLASSES]; /* that the run belongs to */
  struct pool *avail[NUM_SIZECLASSES];   /* swept, with free runs */
  struct pool *full[NUM_SIZECLASSES];    /* swept, without */
  struct pool *unswept[NUM_SIZECLASSES];
  struct large_block *large;
  struct large_block *large_unswept;
  int next_to_sweep;       /* size class */
  intnat swept_by_alloc;   /* words swept while looking for a slot */
  struct heap_stats stats; /* [pool_live_*] count current runs as in use */
  struct caml_heap_state *next_orphan;
};

extern unsigned char caml_sizeclass_of_whsize[MAX_POOLED_WHSIZE + 1];
extern unsigned char caml_whsize_of_sizeclass[NUM_SIZECLASSES];

/* Color of new blocks: unmarked, or marked while marking goes on. */
extern status caml_allocation_status;

/* Number of slots of a pool of this class, and its end. */
Caml_inline intnat pool_num_slots(intnat sizeclass)
{
  return (POOL_WSIZE - POOL_HEADER_WSIZE)
         / caml_whsize_of_sizeclass[sizeclass];
}
Caml_inline value *pool_end(struct pool *p)
{
  return p->slots
         + pool_num_slots(p->sizeclass)
             * caml_whsize_of_sizeclass[p->sizeclass];
}

#define Run_header(slots) Make_header((slots), Abstract_tag, NOT_MARKABLE)
#define Is_run_header(hd) (Color_hd(hd) == NOT_MARKABLE)
#define Run_next(run) (((value **)(run))[1])

value *caml_shared_refill(struct caml_heap_state *, int sizeclass);
value *caml_shared_alloc_large(struct caml_heap_state *, mlsize_t whsize);

/* The place of a new block, its header not written; NULL: no memory. */
Caml_inline value *caml_shared_alloc_raw(struct caml_heap_state *heap,
                                         mlsize_t wosize)
{
  if (CAMLunlikely(wosize >= MAX_POOLED_WHSIZE))
    return caml_shared_alloc_large(heap, Whsize_wosize(wosize));
  int sizeclass = caml_sizeclass_of_whsize[Whsize_wosize(wosize)];
  struct alloc_run *run = &heap->run[sizeclass];
  value *p = run->ptr;
  if (CAMLunlikely(p >= run->end)) return caml_shared_refill(heap, sizeclass);
  run->ptr = p + run->step;
  return p;
}

/* Gives the rest of every current run back to its pool, so that the pools can
   be walked. */
void caml_retire_runs(struct caml_heap_state *);

/* [f] on the header of each block of a heap, dead ones included. The runs are
   retired before. */
void caml_iter_heap(struct caml_heap_state *, void (*f)(value *hp, void *),
                    void *);

/* Pools that no heap uses. */
struct pool *caml_acquire_pool(void);
void caml_release_pool(struct pool *);
/* Returns the memory of unused pools to the system; words that were freed. */
uintnat caml_decommit_free_pools(void);

#endif /* CAML_HEAP_LAYOUT_H */
