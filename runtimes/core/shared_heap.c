/* The major heap: allocation in pools and of large blocks, sweeping, colors,
   statistics. The layout is described in heap_layout.h; who decides when to
   sweep is major_gc.c. */
#define CAML_INTERNALS

#include <stdlib.h>
#include <string.h>

#include "gc_cycle.h"
#include "heap_layout.h"
#include "caml/custom.h"
#include "caml/gc_ctrl.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "caml/roots.h"
#include "caml/startup_aux.h"

atomic_uintnat caml_compactions_count;

struct global_heap_state caml_global_heap_state = {
  .MARKED = 0 << HEADER_COLOR_SHIFT,
  .UNMARKED = 1 << HEADER_COLOR_SHIFT,
  .GARBAGE = 2 << HEADER_COLOR_SHIFT,
};
status caml_allocation_status = 1 << HEADER_COLOR_SHIFT;

unsigned char caml_sizeclass_of_whsize[MAX_POOLED_WHSIZE + 1];
unsigned char caml_whsize_of_sizeclass[NUM_SIZECLASSES];

/* ---- size classes ---- */

/* Every size up to 16 words, then steps that waste less than one ninth. */
static void init_sizeclasses(void)
{
  int sizeclass = 0, previous = 0;
  for (int wh = 2; wh <= MAX_POOLED_WHSIZE;) {
    caml_whsize_of_sizeclass[sizeclass] = wh;
    for (int w = previous + 1; w <= wh; w++)
      caml_sizeclass_of_whsize[w] = sizeclass;
    previous = wh;
    sizeclass++;
    wh += wh < 16 ? 1 : wh < 32 ? 2 : wh < 64 ? 4 : 8;
  }
  CAMLassert(sizeclass == NUM_SIZECLASSES);
}

/* ---- pools that no heap uses ---- */

enum { CHUNK_MIN_POOLS = 32 };

struct chunk {
  struct chunk *next;
  char *base;
  uintnat bsize;
};

static struct {
  caml_plat_mutex mutex;
  struct pool *dirty; /* used before */
  struct pool *clean; /* given back to the system: only the link is there */
  char *fresh;        /* never used: [fresh; fresh_end[ */
  char *fresh_end;
  struct chunk *chunks;
  uintnat mapped_pools;
} pool_store = { .mutex = CAML_PLAT_MUTEX_INITIALIZER };

/* A chunk grows with the heap, so that a large heap is few mappings. */
static int map_chunk(void)
{
  uintnat pools = pool_store.mapped_pools / 8;
  if (pools < CHUNK_MIN_POOLS) pools = CHUNK_MIN_POOLS;
  struct chunk *chunk = malloc(sizeof *chunk);
  if (chunk == NULL) return 0;
  chunk->bsize = caml_mem_round_up_pages(pools * POOL_BSIZE);
  chunk->base = caml_mem_map(chunk->bsize, 0);
  if (chunk->base == NULL) {
    free(chunk);
    return 0;
  }
  chunk->next = pool_store.chunks;
  pool_store.chunks = chunk;
  pool_store.fresh = chunk->base;
  pool_store.fresh_end = chunk->base + pools * POOL_BSIZE;
  pool_store.mapped_pools += pools;
  CAML_GC_MESSAGE(HEAPSIZE, "Growing heap by %" ARCH_INTNAT_PRINTF_FORMAT
                  "uk bytes\n", chunk->bsize / 1024);
  return 1;
}

static struct pool *pop(struct pool **list)
{
  struct pool *p = *list;
  *list = p->next;
  return p;
}

static void push(struct pool **list, struct pool *p)
{
  p->next = *list;
  *list = p;
}

static struct pool *take_pool(void)
{
  if (pool_store.dirty != NULL) return pop(&pool_store.dirty);
  if (pool_store.clean != NULL) return pop(&pool_store.clean);
  if (pool_store.fresh == pool_store.fresh_end && !map_chunk()) return NULL;
  struct pool *p = (struct pool *)pool_store.fresh;
  pool_store.fresh += POOL_BSIZE;
  return p;
}

struct pool *caml_acquire_pool(void)
{
  caml_plat_lock_blocking(&pool_store.mutex);
  struct pool *p = take_pool();
  caml_plat_unlock(&pool_store.mutex);
  return p;
}

void caml_release_pool(struct pool *p)
{
  caml_plat_lock_blocking(&pool_store.mutex);
  push(&pool_store.dirty, p);
  caml_plat_unlock(&pool_store.mutex);
}

uintnat caml_decommit_free_pools(void)
{
  uintnat pools = 0;
  caml_plat_lock_blocking(&pool_store.mutex);
  while (pool_store.dirty != NULL) {
    struct pool *p = pop(&pool_store.dirty);
    caml_mem_decommit(p, POOL_BSIZE);
    caml_mem_commit(p, POOL_BSIZE);
    push(&pool_store.clean, p);
    pools++;
  }
  caml_plat_unlock(&pool_store.mutex);
  return pools * POOL_WSIZE;
}

/* At exit, when the runtime cleans up after itself. */
void caml_finalise_freelist(void)
{
  caml_plat_lock_blocking(&pool_store.mutex);
  while (pool_store.chunks != NULL) {
    struct chunk *chunk = pool_store.chunks;
    pool_store.chunks = chunk->next;
    caml_mem_unmap(chunk->base, chunk->bsize);
    free(chunk);
  }
  pool_store.dirty = pool_store.clean = NULL;
  pool_store.fresh = pool_store.fresh_end = NULL;
  pool_store.mapped_pools = 0;
  caml_plat_unlock(&pool_store.mutex);
}

/* ---- heaps ---- */

struct caml_heap_state *caml_init_shared_heap(void)
{
  struct caml_heap_state *heap = caml_stat_calloc_noexc(1, sizeof *heap);
  if (heap == NULL) return NULL;
  if (caml_whsize_of_sizeclass[0] == 0) init_sizeclasses();
  for (int sz = 0; sz < NUM_SIZECLASSES; sz++)
    heap->run[sz].step = caml_whsize_of_sizeclass[sz];
  return heap;
}

void caml_free_shared_heap(struct caml_heap_state *heap)
{
  caml_stat_free(heap);
}

static void note_pool_acquired(struct caml_heap_state *heap)
{
  struct heap_stats *s = &heap->stats;
  s->pool_words += POOL_WSIZE;
  if (s->pool_words > s->pool_max_words) s->pool_max_words = s->pool_words;
}

/* ---- allocation ---- */

static void format_pool(struct pool *p, int sizeclass)
{
  p->next = NULL;
  p->sizeclass = sizeclass;
  p->live = 0;
  p->runs = p->slots;
  *p->runs = Run_header(pool_num_slots(sizeclass));
  Run_next(p->runs) = NULL;
}

/* Makes the first run of the current pool the one to allocate from. */
static void open_run(struct caml_heap_state *heap, int sizeclass)
{
  struct pool *p = heap->current[sizeclass];
  struct alloc_run *run = &heap->run[sizeclass];
  value *first = p->runs;
  intnat slots = Wosize_hd(*(header_t *)first);
  p->runs = Run_next(first);
  run->ptr = first;
  run->end = first + slots * run->step;
  heap->stats.pool_live_blocks += slots;
  heap->stats.pool_live_words += slots * run->step;
}

static void retire_run(struct caml_heap_state *heap, int sizeclass)
{
  struct pool *p = heap->current[sizeclass];
  struct alloc_run *run = &heap->run[sizeclass];
  if (p == NULL) return;
  intnat slots = (run->end - run->ptr) / (intnat)run->step;
  if (slots > 0) {
    *run->ptr = Run_header(slots);
    Run_next(run->ptr) = p->runs;
    p->runs = run->ptr;
    heap->stats.pool_live_blocks -= slots;
    heap->stats.pool_live_words -= slots * run->step;
  }
  run->ptr = run->end = NULL;
  heap->current[sizeclass] = NULL;
  push(p->runs != NULL ? &heap->avail[sizeclass] : &heap->full[sizeclass], p);
}

void caml_retire_runs(struct caml_heap_state *heap)
{
  for (int sz = 0; sz < NUM_SIZECLASSES; sz++) retire_run(heap, sz);
}

static void sweep_pool(struct caml_heap_state *heap, struct pool *p);

/* Sweeps pools of one class until one has room. */
static struct pool *sweep_for(struct caml_heap_state *heap, int sizeclass)
{
  while (heap->unswept[sizeclass] != NULL && heap->avail[sizeclass] == NULL) {
    sweep_pool(heap, pop(&heap->unswept[sizeclass]));
    heap->swept_by_alloc += POOL_WSIZE;
  }
  if (heap->avail[sizeclass] == NULL) return NULL;
  return pop(&heap->avail[sizeclass]);
}

static struct pool *find_pool(struct caml_heap_state *heap, int sizeclass)
{
  if (heap->avail[sizeclass] != NULL) return pop(&heap->avail[sizeclass]);
  struct pool *p = sweep_for(heap, sizeclass);
  if (p != NULL) return p;
  p = caml_acquire_pool();
  if (p == NULL) return NULL;
  format_pool(p, sizeclass);
  note_pool_acquired(heap);
  return p;
}

/* The current run is at its end: goes to the next run or pool, and allocates. */
value *caml_shared_refill(struct caml_heap_state *heap, int sizeclass)
{
  struct pool *p = heap->current[sizeclass];
  if (p == NULL || p->runs == NULL) {
    retire_run(heap, sizeclass);
    p = find_pool(heap, sizeclass);
    if (p == NULL) return NULL;
    heap->current[sizeclass] = p;
  }
  open_run(heap, sizeclass);
  struct alloc_run *run = &heap->run[sizeclass];
  value *hp = run->ptr;
  run->ptr += run->step;
  return hp;
}

value *caml_shared_alloc_large(struct caml_heap_state *heap, mlsize_t whsize)
{
  struct large_block *b =
    malloc(sizeof(struct large_block) + Bsize_wsize(whsize));
  if (b == NULL) return NULL;
  b->next = heap->large;
  heap->large = b;
  struct heap_stats *s = &heap->stats;
  s->large_words += whsize;
  s->large_blocks++;
  if (s->large_words > s->large_max_words) s->large_max_words = s->large_words;
  return Large_hp(b);
}

value *caml_shared_try_alloc(struct caml_heap_state *heap, mlsize_t wosize,
                             tag_t tag, reserved_t reserved)
{
  (void)reserved;
  CAMLassert(wosize > 0);
  value *hp = caml_shared_alloc_raw(heap, wosize);
  if (hp == NULL) return NULL;
  Hd_hp(hp) = Make_header(wosize, tag, caml_allocation_status);
  return hp;
}

/* ---- sweeping ---- */

static void finalise_if_custom(value *hp, header_t hd)
{
  value v = Val_hp(hp);
  if (CAMLunlikely(Tag_hd(hd) == Cont_tag) && Field(v, 0) != Val_ptr(NULL))
    caml_free_stack(Ptr_val(Field(v, 0)));
  if (Tag_hd(hd) != Custom_tag) return;
  void (*finalize)(value) = Custom_ops_val(v)->finalize;
  if (finalize != NULL) finalize(v);
}

/* A pool's list of runs while it is built, in order of address. */
struct run_builder {
  value *start; /* the open run, or NULL */
  value **tail; /* where its link goes */
  uintnat step;
};

static void close_run(struct run_builder *b, value *end)
{
  if (b->start == NULL) return;
  if (GC_DEBUG_BUILD)
    for (value *p = b->start + 2; p < end; p++) *p = (value)Debug_free_major;
  *b->start = Run_header((end - b->start) / (intnat)b->step);
  *b->tail = b->start;
  b->tail = &Run_next(b->start);
  b->start = NULL;
}

/* Rebuilds the pool's free runs and files it by what is free. */
static void sweep_pool(struct caml_heap_state *heap, struct pool *p)
{
  const status garbage = caml_global_heap_state.GARBAGE;
  const uintnat wh = caml_whsize_of_sizeclass[p->sizeclass];
  value *const end = pool_end(p);
  struct run_builder b = { .tail = &p->runs, .step = wh };
  intnat live = 0, freed = 0;
  for (value *hp = p->slots; hp < end;) {
    header_t hd = *(header_t *)hp;
    if (Is_run_header(hd)) {
      if (b.start == NULL) b.start = hp;
      hp += Wosize_hd(hd) * wh;
    } else if (Color_hd(hd) == garbage) {
      finalise_if_custom(hp, hd);
      if (b.start == NULL) b.start = hp;
      freed++;
      hp += wh;
    } else {
      close_run(&b, hp);
      live++;
      hp += wh;
    }
  }
  close_run(&b, end);
  *b.tail = NULL;
  p->live = live;
  heap->stats.pool_live_blocks -= freed;
  heap->stats.pool_live_words -= freed * wh;
  if (live == 0) {
    heap->stats.pool_words -= POOL_WSIZE;
    caml_release_pool(p);
  } else {
    push(p->runs != NULL ? &heap->avail[p->sizeclass]
                         : &heap->full[p->sizeclass], p);
  }
}

static intnat sweep_large(struct caml_heap_state *heap, intnat work)
{
  while (heap->large_unswept != NULL && work > 0) {
    struct large_block *b = heap->large_unswept;
    value *hp = Large_hp(b);
    header_t hd = Hd_hp(hp);
    heap->large_unswept = b->next;
    work -= Whsize_hd(hd);
    if (Color_hd(hd) == caml_global_heap_state.GARBAGE) {
      finalise_if_custom(hp, hd);
      heap->stats.large_words -= Whsize_hd(hd);
      heap->stats.large_blocks--;
      free(b);
    } else {
      b->next = heap->large;
      heap->large = b;
    }
  }
  return work;
}

intnat caml_sweep(struct caml_heap_state *heap, intnat work)
{
  while (work > 0 && heap->next_to_sweep < NUM_SIZECLASSES) {
    struct pool **list = &heap->unswept[heap->next_to_sweep];
    if (*list == NULL) {
      heap->next_to_sweep++;
    } else {
      sweep_pool(heap, pop(list));
      work -= POOL_WSIZE;
    }
  }
  return sweep_large(heap, work);
}

/* ---- end of a cycle ---- */

void caml_cycle_heap_from_stw_single(void)
{
  struct global_heap_state old = caml_global_heap_state;
  caml_global_heap_state.UNMARKED = old.MARKED;
  caml_global_heap_state.GARBAGE = old.UNMARKED;
  caml_global_heap_state.MARKED = old.GARBAGE;
  caml_allocation_status = caml_global_heap_state.UNMARKED;
}

static void append_pools(struct pool **to, struct pool **from)
{
  while (*to != NULL) to = &(*to)->next;
  *to = *from;
  *from = NULL;
}

static void append_large(struct large_block **to, struct large_block **from)
{
  while (*to != NULL) to = &(*to)->next;
  *to = *from;
  *from = NULL;
}

void caml_cycle_heap(struct caml_heap_state *heap)
{
  caml_retire_runs(heap);
  for (int sz = 0; sz < NUM_SIZECLASSES; sz++) {
    CAMLassert(heap->unswept[sz] == NULL);
    /* Pools with room first: allocation finds them soonest. */
    append_pools(&heap->unswept[sz], &heap->avail[sz]);
    append_pools(&heap->unswept[sz], &heap->full[sz]);
  }
  append_large(&heap->large_unswept, &heap->large);
  heap->next_to_sweep = 0;
}

void caml_iter_heap(struct caml_heap_state *heap, void (*f)(value *, void *),
                    void *data)
{
  caml_retire_runs(heap);
  for (int sz = 0; sz < NUM_SIZECLASSES; sz++) {
    uintnat wh = caml_whsize_of_sizeclass[sz];
    struct pool *lists[] = { heap->avail[sz], heap->full[sz],
                             heap->unswept[sz] };
    for (int i = 0; i < 3; i++)
      for (struct pool *p = lists[i]; p != NULL; p = p->next)
        for (value *hp = p->slots, *end = pool_end(p); hp < end;) {
          header_t hd = *(header_t *)hp;
          if (!Is_run_header(hd)) f(hp, data);
          hp += Is_run_header(hd) ? Wosize_hd(hd) * wh : wh;
        }
  }
  for (struct large_block *b = heap->large; b != NULL; b = b->next)
    f(Large_hp(b), data);
  for (struct large_block *b = heap->large_unswept; b != NULL; b = b->next)
    f(Large_hp(b), data);
}

/* ---- heaps of domains that ended ---- */

static caml_plat_mutex orphan_mutex = CAML_PLAT_MUTEX_INITIALIZER;
static struct caml_heap_state *orphan_heaps;
static struct heap_stats orphan_stats;

/* The domain has swept its heap before. The struct itself goes along. */
void caml_orphan_shared_heap(struct caml_heap_state *heap)
{
  caml_retire_runs(heap);
  caml_plat_lock_blocking(&orphan_mutex);
  heap->next_orphan = orphan_heaps;
  orphan_heaps = heap;
  caml_accum_heap_stats(&orphan_stats, &heap->stats);
  caml_plat_unlock(&orphan_mutex);
}

static void adopt(struct caml_heap_state *heap, struct caml_heap_state *orphan)
{
  for (int sz = 0; sz < NUM_SIZECLASSES; sz++) {
    append_pools(&orphan->avail[sz], &heap->avail[sz]);
    heap->avail[sz] = orphan->avail[sz];
    append_pools(&orphan->full[sz], &heap->full[sz]);
    heap->full[sz] = orphan->full[sz];
    append_pools(&orphan->unswept[sz], &heap->unswept[sz]);
    heap->unswept[sz] = orphan->unswept[sz];
  }
  append_large(&orphan->large, &heap->large);
  heap->large = orphan->large;
  append_large(&orphan->large_unswept, &heap->large_unswept);
  heap->large_unswept = orphan->large_unswept;
  caml_remove_heap_stats(&orphan_stats, &orphan->stats);
  caml_accum_heap_stats(&heap->stats, &orphan->stats);
  caml_free_shared_heap(orphan);
}

void caml_adopt_all_orphan_heaps(struct caml_heap_state *heap)
{
  caml_plat_lock_blocking(&orphan_mutex);
  while (orphan_heaps != NULL) {
    struct caml_heap_state *orphan = orphan_heaps;
    orphan_heaps = orphan->next_orphan;
    adopt(heap, orphan);
  }
  caml_plat_unlock(&orphan_mutex);
}

void caml_accum_orphan_heap_stats(struct heap_stats *acc)
{
  caml_plat_lock_blocking(&orphan_mutex);
  caml_accum_heap_stats(acc, &orphan_stats);
  caml_plat_unlock(&orphan_mutex);
}

/* Runs the finalisers of all custom blocks, at exit. */
static void finalise_block(value *hp, void *data)
{
  (void)data;
  finalise_if_custom(hp, Hd_hp(hp));
}

static void free_large(struct large_block *b)
{
  while (b != NULL) {
    struct large_block *next = b->next;
    free(b);
    b = next;
  }
}

void caml_finalise_heap(void)
{
  struct caml_heap_state *heap = Caml_state->shared_heap;
  caml_adopt_all_orphan_heaps(heap);
  caml_iter_heap(heap, finalise_block, NULL);
  free_large(heap->large);
  free_large(heap->large_unswept);
  heap->large = heap->large_unswept = NULL;
}

/* ---- statistics ---- */

void caml_collect_heap_stats_sample(struct caml_heap_state *heap,
                                    struct heap_stats *sample)
{
  *sample = heap->stats;
  for (int sz = 0; sz < NUM_SIZECLASSES; sz++) {
    struct alloc_run *run = &heap->run[sz];
    intnat words = run->end - run->ptr;
    sample->pool_live_words -= words;
    sample->pool_live_blocks -= words / (intnat)run->step;
  }
}

uintnat caml_heap_size(struct caml_heap_state *heap)
{
  return Bsize_wsize(heap->stats.pool_words + heap->stats.large_words);
}

uintnat caml_top_heap_words(struct caml_heap_state *heap)
{
  return heap->stats.pool_max_words + heap->stats.large_max_words;
}

uintnat caml_heap_blocks(struct caml_heap_state *heap)
{
  return heap->stats.pool_live_blocks + heap->stats.large_blocks;
}
