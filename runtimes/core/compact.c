/* Compaction: the blocks of sparse pools move to the free slots of fuller
   ones, and the memory of the emptied pools goes back to the system.

   It runs in one thread with the world stopped, the minor heaps empty and all
   pools swept, so that every block is unmarked. A block that has moved keeps
   its header with the color of garbage, which no other block has then, and its
   new address in field 0. Large blocks stay where they are. */
#define CAML_INTERNALS

#include <stdlib.h>
#include <string.h>

#include "gc_cycle.h"
#include "heap_layout.h"
#include "caml/finalise.h"
#include "caml/globroots.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/roots.h"
#include "caml/weak.h"

/* ---- moving ---- */

static int has_moved(header_t hd)
{
  return Color_hd(hd) == caml_global_heap_state.GARBAGE;
}

/* Counts the blocks of a pool and [out_total] of all pools of a list. */
static void count_live(struct pool *list, intnat *out_total)
{
  for (struct pool *p = list; p != NULL; p = p->next) {
    uintnat wh = caml_whsize_of_sizeclass[p->sizeclass];
    intnat slots = pool_num_slots(p->sizeclass);
    for (value *run = p->runs; run != NULL; run = Run_next(run))
      slots -= Wosize_hd(*(header_t *)run);
    (void)wh;
    p->live = slots;
    *out_total += slots;
  }
}

static int by_live_descending(const void *a, const void *b)
{
  intnat x = (*(struct pool *const *)a)->live;
  intnat y = (*(struct pool *const *)b)->live;
  return (x < y) - (x > y);
}

static void move_block(struct caml_heap_state *heap, value *hp)
{
  header_t hd = *(header_t *)hp;
  value *to = caml_shared_alloc_raw(heap, Wosize_hd(hd));
  if (to == NULL) caml_fatal_error("Fatal error: out of memory.\n");
  memcpy(to, hp, Bhsize_hd(hd));
  *(header_t *)hp = With_status_hd(hd, caml_global_heap_state.GARBAGE);
  hp[1] = Val_hp(to);
}

static void evacuate(struct caml_heap_state *heap, struct pool *p)
{
  uintnat wh = caml_whsize_of_sizeclass[p->sizeclass];
  for (value *hp = p->slots, *end = pool_end(p); hp < end;) {
    header_t hd = *(header_t *)hp;
    if (Is_run_header(hd)) {
      hp += Wosize_hd(hd) * wh;
    } else {
      move_block(heap, hp);
      hp += wh;
    }
  }
}

/* Empties the sparsest pools of one class, as many as the others can take
   in; they are put on [emptied]. */
static void compact_class(struct caml_heap_state *heap, int sizeclass,
                          struct pool **emptied)
{
  intnat live = 0, n = 0, slots = pool_num_slots(sizeclass);
  count_live(heap->avail[sizeclass], &live);
  for (struct pool *p = heap->avail[sizeclass]; p != NULL; p = p->next) n++;
  intnat kept = (live + slots - 1) / slots;
  if (kept >= n) return;
  struct pool **pools = malloc(n * sizeof *pools);
  if (pools == NULL) return;
  intnat i = 0;
  for (struct pool *p = heap->avail[sizeclass]; p != NULL; p = p->next)
    pools[i++] = p;
  qsort(pools, n, sizeof *pools, by_live_descending);
  heap->avail[sizeclass] = NULL;
  for (i = kept - 1; i >= 0; i--) {
    pools[i]->next = heap->avail[sizeclass];
    heap->avail[sizeclass] = pools[i];
  }
  for (i = kept; i < n; i++) {
    evacuate(heap, pools[i]);
    heap->stats.pool_live_blocks -= pools[i]->live;
    heap->stats.pool_live_words -=
      pools[i]->live * caml_whsize_of_sizeclass[sizeclass];
    heap->stats.pool_words -= POOL_WSIZE;
    pools[i]->next = *emptied;
    *emptied = pools[i];
  }
  free(pools);
}

/* ---- references ---- */

/* A scanning action: makes [*p] follow a block that has moved. */
static void follow(void *unused, value v, volatile value *p)
{
  (void)unused;
  if (!Is_block(v)) return;
  mlsize_t inside = 0;
  header_t hd = Hd_val(v);
  if (Tag_hd(hd) == Infix_tag) {
    inside = Infix_offset_hd(hd);
    hd = Hd_val(v - inside);
  }
  if (has_moved(hd)) *p = Field(v - inside, 0) + inside;
}

static void follow_field(value *p)
{
  if (*p != 0) follow(NULL, *p, p);
}

static void follow_in_block(value *hp, void *unused)
{
  (void)unused;
  header_t hd = *(header_t *)hp;
  value v = Val_hp(hp);
  mlsize_t i = 0;
  if (Tag_hd(hd) >= No_scan_tag) return;
  if (Tag_hd(hd) == Closure_tag) i = Start_env_closinfo(Closinfo_val(v));
  if (Tag_hd(hd) == Cont_tag) {
    struct stack_info *stack = Ptr_val(Field(v, 0));
    if (stack != NULL) caml_scan_stack(follow, 0, NULL, stack, NULL);
    i = 1;
  }
  for (; i < Wosize_hd(hd); i++) follow_field(&Op_val(v)[i]);
}

static void follow_in_ephemerons(value *list)
{
  follow_field(list);
  for (value e = *list; e != 0; e = Ephe_link(e))
    for (mlsize_t i = 0; i < Wosize_val(e); i++) follow_field(&Op_val(e)[i]);
}

static void follow_in_domain(caml_domain_state *d)
{
  caml_do_roots(follow, 0, NULL, d, 1);
  caml_memprof_do_blocks(follow, NULL, d);
  follow_in_ephemerons(&d->ephe_info->todo);
  follow_in_ephemerons(&d->ephe_info->live);
  caml_iter_heap(d->shared_heap, follow_in_block, NULL);
}

/* ---- the whole ---- */

void caml_compact_from_stw_single(struct stw_section *stw)
{
  struct pool *emptied = NULL;
  caml_adopt_orphan_finalisers(Caml_state);
  caml_adopt_orphan_ephemerons(Caml_state);
  for (int i = 0; i < stw->num_domains; i++) {
    struct caml_heap_state *heap = stw->domains[i]->shared_heap;
    caml_retire_runs(heap);
    for (int sz = 0; sz < NUM_SIZECLASSES; sz++)
      compact_class(heap, sz, &emptied);
  }
  caml_scan_global_roots(follow, NULL);
  for (int i = 0; i < stw->num_domains; i++) follow_in_domain(stw->domains[i]);
  while (emptied != NULL) {
    struct pool *p = emptied;
    emptied = p->next;
    caml_release_pool(p);
  }
  uintnat words = caml_decommit_free_pools();
  atomic_fetch_add(&caml_compactions_count, 1);
  CAML_GC_MESSAGE(COMPACT, "Compaction gave back %" ARCH_INTNAT_PRINTF_FORMAT
                  "uk words\n", words / 1024);
}
