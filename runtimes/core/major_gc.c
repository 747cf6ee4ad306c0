/* The major collector: a mark and sweep that runs in slices beside the
   program.

   A cycle has two phases, and between them the world stops for a moment:

     Phase_sweep   frees what the cycle before left unmarked. New blocks are
                   unmarked: this cycle may still free them.
     --- the roots are darkened: what is reachable now is the snapshot
     Phase_mark    marks the snapshot. New blocks are marked; the write
                   barrier darkens what is overwritten.
     --- the rest is marked, then ephemerons and finalised values are decided
         on, and the colors rotate: unmarked blocks are garbage

   A cycle is counted when its marking has begun: Gc.major, which finishes the
   current cycle, leaves behind a snapshot of what is reachable then, and what
   became garbage before it is found by the next.

   Every domain sweeps its own heap and has its own mark stack. Domains in
   blocking sections get their work done by others. Both stops are part of a
   minor collection, so no young value is ever seen here. */
#define CAML_INTERNALS

#include <stdlib.h>
#include <string.h>

#include "heap_layout.h"
#include "gc_cycle.h"
#include "caml/custom.h"
#include "caml/domain.h"
#include "caml/finalise.h"
#include "caml/gc_ctrl.h"
#include "caml/globroots.h"
#include "caml/major_gc.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/roots.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/weak.h"

gc_phase_t caml_gc_phase = Phase_sweep;
uintnat caml_major_cycles_completed;
static uintnat num_markings_ended;
int caml_marking_active;

/* Domains that have not finished the phase. */
static atomic_intnat num_domains_to_sweep;
static atomic_intnat num_domains_to_mark;

/* Work that domains had time for when they had none left of their own: the
   domains that still have some take it over. */
static atomic_intnat surplus_work;

/* ---- the mark stack ---- */

struct mark_range {
  value *start;
  value *end;
};

struct mark_stack {
  struct mark_range *ranges;
  uintnat count, size;
  value *conts; /* continuations, whose stacks are to be scanned */
  uintnat num_conts, size_conts;
};

enum { MARK_STACK_INIT = 1 << 9 };

static void *grow(void *p, uintnat *size, uintnat element)
{
  *size = *size == 0 ? MARK_STACK_INIT : 2 * *size;
  p = caml_stat_resize_noexc(p, *size * element);
  if (p == NULL) caml_fatal_error("No room for growing the mark stack");
  return p;
}

Caml_inline void push_range(struct mark_stack *ms, value *start, value *end)
{
  if (CAMLunlikely(ms->count == ms->size))
    ms->ranges = grow(ms->ranges, &ms->size, sizeof *ms->ranges);
  ms->ranges[ms->count++] = (struct mark_range){ start, end };
}

static void push_cont(struct mark_stack *ms, value cont)
{
  if (ms->num_conts == ms->size_conts)
    ms->conts = grow(ms->conts, &ms->size_conts, sizeof *ms->conts);
  ms->conts[ms->num_conts++] = cont;
}

static int mark_stack_is_empty(struct mark_stack *ms)
{
  return ms->count == 0 && ms->num_conts == 0;
}

/* A stack that was very deep once does not stay. */
static void shrink_mark_stack(struct mark_stack *ms)
{
  if (ms->size <= 8 * MARK_STACK_INIT) return;
  caml_stat_free(ms->ranges);
  ms->ranges = NULL;
  ms->size = 0;
}

int caml_init_major_gc(caml_domain_state *d)
{
  d->mark_stack = caml_stat_calloc_noexc(1, sizeof(struct mark_stack));
  if (d->mark_stack == NULL) return -1;
  d->marking_done = 1;
  d->sweeping_done = 1;
  return 0;
}

void caml_teardown_major_gc(void)
{
  struct mark_stack *ms = Caml_state->mark_stack;
  CAMLassert(mark_stack_is_empty(ms));
  caml_stat_free(ms->ranges);
  caml_stat_free(ms->conts);
  caml_stat_free(ms);
  Caml_state->mark_stack = NULL;
}

/* ---- marking ---- */

/* Lazy blocks change their tag at any time, by an atomic exchange of the
   header: their color is changed in the same way. 0: already marked. */
static int mark_header_atomically(value block, header_t hd)
{
  while (Color_hd(hd) == caml_global_heap_state.UNMARKED) {
    header_t marked = With_status_hd(hd, caml_global_heap_state.MARKED);
    if (atomic_compare_exchange_weak(Hp_atomic_val(block), &hd, marked))
      return 1;
  }
  return 0;
}

enum mark_result { WAS_MARKED, HAS_FIELDS, HAS_NO_FIELDS };

/* Marks a block of the major heap. When it was unmarked, [*r] is set to its
   contents; the result tells if these are to be looked at. */
Caml_always_inline enum mark_result mark_block(struct mark_stack *ms, value block,
                                               status unmarked,
                                               struct mark_range *r)
{
  header_t hd = Hd_val(block);
  if (CAMLunlikely(Tag_hd(hd) == Infix_tag)) {
    block -= Infix_offset_hd(hd);
    hd = Hd_val(block);
  }
  if (Color_hd(hd) != unmarked) return WAS_MARKED;
  tag_t tag = Tag_hd(hd);
  mlsize_t first = 0;
  if (CAMLunlikely(tag >= Forcing_tag && tag <= Closure_tag)) {
    if (tag == Cont_tag) {
      push_cont(ms, block);
      return WAS_MARKED;
    }
    if (tag == Closure_tag)
      first = Start_env_closinfo(Closinfo_val(block));
    else if (!mark_header_atomically(block, hd))
      return WAS_MARKED;
  }
  if (CAMLlikely(tag != Lazy_tag && tag != Forcing_tag))
    atomic_store_relaxed(Hp_atomic_val(block),
                         With_status_hd(hd, caml_global_heap_state.MARKED));
  r->start = Op_val(block) + first;
  r->end = Op_val(block) + Wosize_hd(hd);
  return tag < No_scan_tag && r->start < r->end ? HAS_FIELDS : HAS_NO_FIELDS;
}

static void note_work_to_mark(caml_domain_state *d)
{
  if (!d->marking_done || mark_stack_is_empty(d->mark_stack)) return;
  d->marking_done = 0;
  atomic_fetch_add(&num_domains_to_mark, 1);
}

void caml_darken(void *unused, value v, volatile value *ignored)
{
  (void)unused;
  (void)ignored;
  if (!Is_block(v) || Is_young(v)) return;
  caml_domain_state *self = Caml_state;
  struct mark_range r;
  if (mark_block(self->mark_stack, v, caml_global_heap_state.UNMARKED, &r)
      == HAS_FIELDS)
    push_range(self->mark_stack, r.start, r.end);
  note_work_to_mark(self);
}

/* Outside marking, nothing: its color would be taken for this cycle's. While a
   stack is scanned its continuation has the color NOT_MARKABLE: who
   wants to resume it waits. */
void caml_darken_cont(value cont)
{
  atomic_uintnat *hp = Hp_atomic_val(cont);
  if (!caml_marking_started()) return;
  for (unsigned spins = 0;; caml_plat_spin_wait(spins++)) {
    header_t hd = atomic_load(hp);
    if (Color_hd(hd) == caml_global_heap_state.MARKED) return;
    if (Color_hd(hd) != caml_global_heap_state.UNMARKED
        || !atomic_compare_exchange_strong(hp, &hd,
                                           With_status_hd(hd, NOT_MARKABLE)))
      continue;
    struct stack_info *stack = Ptr_val(Field(cont, 0));
    if (stack != NULL) caml_scan_stack(caml_darken, 0, NULL, stack, NULL);
    for (mlsize_t i = 1; i < Wosize_hd(hd); i++)
      caml_darken(NULL, Field(cont, i), NULL);
    atomic_store_release(hp,
                         With_status_hd(hd, caml_global_heap_state.MARKED));
    return;
  }
}

/* Blocks are marked some time after their address was found, so that their
   headers are in the cache by then. */
enum { PREFETCH_DEPTH = 64 };

/* Marks until [budget] words have been seen; what remains of it. */
static intnat mark(struct mark_stack *ms, intnat budget)
{
  const uintnat young = caml_minor_heaps_start;
  const uintnat young_bsize = caml_minor_heaps_end - young;
  const status unmarked = caml_global_heap_state.UNMARKED;
  value queue[PREFETCH_DEPTH];
  unsigned head = 0, tail = 0;
  struct mark_range r = { NULL, NULL }, found;
  for (;;) {
    while (r.start < r.end && tail - head < PREFETCH_DEPTH && budget > 0) {
      value v = atomic_load_relaxed((atomic_value *)r.start++);
      budget--;
      if (Is_block(v) && (uintnat)v - young >= young_bsize) {
        caml_prefetch(Hp_val(v));
        caml_prefetch(Op_val(v) + 2);
        queue[tail++ % PREFETCH_DEPTH] = v;
      }
    }
    if (tail - head < PREFETCH_DEPTH && ms->count > 0 && budget > 0) {
      r = ms->ranges[--ms->count];
      continue;
    }
    if (head == tail) break;
    budget--;
    enum mark_result result =
      mark_block(ms, queue[head++ % PREFETCH_DEPTH], unmarked, &found);
    if (result != HAS_FIELDS) {
      if (result == HAS_NO_FIELDS) budget -= found.end - found.start;
      continue;
    }
    if (budget <= 0) {
      push_range(ms, found.start, found.end);
      continue;
    }
    if (r.start < r.end) push_range(ms, r.start, r.end);
    r = found;
  }
  if (r.start < r.end) push_range(ms, r.start, r.end);
  return budget;
}

/* The same, with the stacks of continuations. */
static intnat mark_all(struct mark_stack *ms, intnat budget)
{
  do {
    while (ms->num_conts > 0 && budget > 0) {
      caml_darken_cont(ms->conts[--ms->num_conts]);
      budget -= 64;
    }
    budget = mark(ms, budget);
  } while (budget > 0 && !mark_stack_is_empty(ms));
  return budget;
}

/* ---- a domain's share of a phase ---- */

static intnat sweep_domain(caml_domain_state *d, intnat budget)
{
  if (d->sweeping_done) return budget;
  budget = caml_sweep(d->shared_heap, budget);
  if (budget > 0) {
    d->sweeping_done = 1;
    atomic_fetch_sub(&num_domains_to_sweep, 1);
  }
  return budget;
}

static intnat mark_domain(caml_domain_state *d, intnat budget)
{
  if (d->marking_done) return budget;
  budget = mark_all(d->mark_stack, budget);
  /* Continuations of [d] were scanned with our stack. */
  if (mark_stack_is_empty(d->mark_stack)) {
    d->marking_done = 1;
    atomic_fetch_sub(&num_domains_to_mark, 1);
  }
  return budget;
}

static void help_to_sweep(caml_domain_state *d, void *budget)
{
  intnat *b = budget;
  if (*b > 0) *b = sweep_domain(d, *b);
}

static void help_to_mark(caml_domain_state *d, void *budget)
{
  intnat *b = budget;
  if (*b > 0) *b = mark_domain(d, *b);
}

void caml_finish_sweeping(void)
{
  while (!Caml_state->sweeping_done) sweep_domain(Caml_state, CAML_INTNAT_MAX);
}

void caml_finish_marking(void)
{
  while (!Caml_state->marking_done) mark_domain(Caml_state, CAML_INTNAT_MAX);
}

/* ---- from sweeping to marking ---- */

static void stw_finish_sweeping(caml_domain_state *d, struct stw_section *stw)
{
  (void)stw;
  if (caml_gc_phase == Phase_sweep) sweep_domain(d, CAML_INTNAT_MAX);
}

static void stw_darken_roots(caml_domain_state *d, struct stw_section *stw)
{
  if (caml_gc_phase != Phase_sweep) return;
  if (d == stw->domains[0]) {
    caml_adopt_orphan_finalisers(d);
    caml_scan_global_roots(caml_darken, NULL);
  }
  caml_do_roots(caml_darken, 0, NULL, d, 0);
}

static void begin_marking(struct stw_section *stw)
{
  (void)stw;
  if (caml_gc_phase != Phase_sweep) return;
  caml_gc_phase = Phase_mark;
  caml_marking_active = 1;
  caml_allocation_status = caml_global_heap_state.MARKED;
  caml_major_cycles_completed++;
  CAML_GC_MESSAGE(MAJOR, "Major cycle %" ARCH_INTNAT_PRINTF_FORMAT
                  "u completed\n", caml_major_cycles_completed);
}

static void try_start_marking(void)
{
  static const stw_phase phases[] = { stw_finish_sweeping, stw_darken_roots,
                                      NULL };
  caml_try_minor_stw(phases, begin_marking, NULL);
}

/* ---- the end of marking ---- */

static void drain_mark_stacks(struct stw_section *stw)
{
  int again;
  do {
    again = 0;
    for (int i = 0; i < stw->num_domains; i++) {
      mark_domain(stw->domains[i], CAML_INTNAT_MAX);
      again |= !stw->domains[i]->marking_done;
    }
  } while (again || !mark_stack_is_empty(Caml_state->mark_stack));
}

/* Data of ephemerons whose keys live, what these lead to, and so on. */
static void mark_ephemerons(struct stw_section *stw)
{
  int again;
  do {
    drain_mark_stacks(stw);
    again = 0;
    for (int i = 0; i < stw->num_domains; i++)
      again |= caml_ephe_mark_data(stw->domains[i]);
  } while (again);
}

/* One thread does all of this: the world is stopped, and there is little. */
static void stw_finish_marking(caml_domain_state *d, struct stw_section *stw)
{
  if (caml_gc_phase != Phase_mark || d != stw->domains[0]) return;
  caml_adopt_orphan_finalisers(d);
  caml_adopt_orphan_ephemerons(d);
  mark_ephemerons(stw);
  int again = 0;
  for (int i = 0; i < stw->num_domains; i++)
    again |= caml_final_update_first(stw->domains[i]);
  if (again) mark_ephemerons(stw);
  for (int i = 0; i < stw->num_domains; i++)
    caml_final_update_last(stw->domains[i]);
  for (int i = 0; i < stw->num_domains; i++) {
    caml_ephe_end_cycle(stw->domains[i]);
    caml_memprof_after_marking(stw->domains[i]);
  }
  caml_adopt_all_orphan_heaps(d->shared_heap);
  caml_cycle_heap_from_stw_single();
}

static void reset_pacing(caml_domain_state *d);

static void stw_cycle_heaps(caml_domain_state *d, struct stw_section *stw)
{
  (void)stw;
  if (caml_gc_phase != Phase_mark) return;
  caml_cycle_heap(d->shared_heap);
  shrink_mark_stack(d->mark_stack);
  d->sweeping_done = 0;
  atomic_fetch_add(&num_domains_to_sweep, 1);
  reset_pacing(d);
}

static void end_marking(struct stw_section *stw)
{
  if (caml_gc_phase != Phase_mark) return;
  caml_gc_phase = Phase_sweep;
  caml_marking_active = 0;
  atomic_store(&surplus_work, 0);
  num_markings_ended++;
  if (caml_params->verify_heap) caml_verify_heap_from_stw(stw);
}

static void try_end_marking(void)
{
  static const stw_phase phases[] = { stw_finish_marking, stw_cycle_heaps,
                                      NULL };
  caml_try_minor_stw(phases, end_marking, NULL);
}

/* ---- compaction ---- */

static void stw_compact(caml_domain_state *d, struct stw_section *stw)
{
  if (caml_gc_phase == Phase_sweep && d == stw->domains[0])
    caml_compact_from_stw_single(stw);
}

static void end_compaction(struct stw_section *stw)
{
  if (caml_params->verify_heap) caml_verify_heap_from_stw(stw);
}

static void compact(void)
{
  static const stw_phase phases[] = { stw_finish_sweeping, stw_compact, NULL };
  uintnat before = atomic_load(&caml_compactions_count);
  while (atomic_load(&caml_compactions_count) == before) {
    if (caml_gc_phase != Phase_sweep) try_end_marking();
    caml_try_minor_stw(phases, end_compaction, NULL);
  }
}

void caml_finish_major_cycle(int force_compaction)
{
  uintnat before = caml_major_cycles_completed;
  while (caml_major_cycles_completed == before) {
    if (caml_gc_phase == Phase_sweep)
      try_start_marking();
    else
      try_end_marking();
  }
  if (force_compaction) compact();
}

/* ---- pacing ----

   With heap size H and space overhead o, a cycle should be over when
   4/5 * H * o/(100+o) words have been allocated: then live data, garbage of
   this cycle and floating garbage of the last stay within the overhead. The
   work of a cycle is to sweep H words and to mark the live ones, which are
   H * 100/(100+o). So each allocated word owes a constant amount of work. */

static double cycle_work(caml_domain_state *d)
{
  double o = atomic_load_relaxed(&caml_percent_free);
  double heap = Wsize_bsize(caml_heap_size(d->shared_heap));
  return heap * (1.0 + 100.0 / (100.0 + o));
}

static double work_per_allocated_word(void)
{
  double o = atomic_load_relaxed(&caml_percent_free);
  return (1.0 + 100.0 / (100.0 + o)) * 1.25 * (100.0 + o) / o;
}

/* A heap smaller than this is not worth collecting for its size, except in
   stress mode. */
enum { SMALL_HEAP_WORDS = 1 << 17 };

static void reset_pacing(caml_domain_state *d)
{
  intnat words = Wsize_bsize(caml_heap_size(d->shared_heap));
  d->slice_debt = 0;
  if (words < SMALL_HEAP_WORDS && !caml_params->stress)
    d->slice_debt =
      -(intnat)((SMALL_HEAP_WORDS - words) * work_per_allocated_word() * 0.4);
  d->shared_heap->swept_by_alloc = 0;
}

void caml_reset_major_pacing(void) { reset_pacing(Caml_state); }

/* The share of a cycle that is owed for memory outside the heap. */
static double take_extra_resources(caml_domain_state *d)
{
  double extra = d->extra_heap_resources;
  d->extra_heap_resources = 0.0;
  if (d->dependent_size > 0) {
    double o = atomic_load_relaxed(&caml_percent_free);
    extra += (double)d->dependent_allocated / (double)d->dependent_size
             * (100.0 + o) / o / 2.0;
  }
  d->dependent_allocated = 0;
  return extra > 1.0 ? 1.0 : extra;
}

static void book_allocation(caml_domain_state *d)
{
  intnat words = d->allocated_words - d->allocated_words_suspended;
  d->stat_major_words += d->allocated_words;
  d->allocated_words = 0;
  d->allocated_words_direct = 0;
  d->ramp_up_words += d->allocated_words_suspended;
  d->allocated_words_suspended = 0;
  double work = words * work_per_allocated_word();
  double extra = take_extra_resources(d);
  if (extra > 0.0) {
    if (d->slice_debt < 0) d->slice_debt = 0;
    work += extra * cycle_work(d);
  }
  d->slice_debt += (intnat)work - d->shared_heap->swept_by_alloc;
  d->shared_heap->swept_by_alloc = 0;
}

/* ---- slices ---- */

static int has_work(caml_domain_state *d)
{
  return caml_gc_phase == Phase_sweep ? !d->sweeping_done : !d->marking_done;
}

/* Works on the current phase, first for this domain, then for the blocked
   ones; when all is done, goes to the next phase. 0: stop the slice. */
static int work_on_phase(caml_domain_state *d, intnat *budget)
{
  int sweeping = caml_gc_phase == Phase_sweep;
  atomic_intnat *todo =
    sweeping ? &num_domains_to_sweep : &num_domains_to_mark;
  void (*help)(caml_domain_state *, void *) =
    sweeping ? help_to_sweep : help_to_mark;
  help(d, budget);
  if (*budget <= 0) return 0;
  if (atomic_load(todo) > 0) caml_with_blocked_domains(help, budget);
  if (*budget <= 0) return 0;
  if (atomic_load(todo) > 0) {
    /* Running domains have to finish first. */
    atomic_fetch_add(&surplus_work, *budget);
    return 0;
  }
  if (sweeping)
    try_start_marking();
  else
    try_end_marking();
  return sweeping;
}

static void slice(caml_domain_state *d, intnat budget)
{
  uintnat ended = num_markings_ended;
  intnat remains = budget;
  if (has_work(d)) remains += atomic_exchange(&surplus_work, 0);
  while (remains > 0 && num_markings_ended == ended)
    if (!work_on_phase(d, &remains)) break;
  /* The end of marking has set the debt anew. */
  if (num_markings_ended == ended)
    d->slice_debt -= budget - (remains > 0 ? 0 : remains);
}

void caml_major_collection_slice(intnat howmuch)
{
  caml_domain_state *d = Caml_state;
  call_timing_hook(&caml_major_slice_begin_hook);
  d->requested_major_slice = 0;
  d->requested_global_major_slice = 0;
  book_allocation(d);
  intnat budget = howmuch > 0 ? howmuch : d->slice_debt;
  if (budget > 0) slice(d, budget);
  else if (has_work(d) && atomic_load(&surplus_work) > 0) slice(d, 1);
  call_timing_hook(&caml_major_slice_end_hook);
}

void caml_request_major_slice(int global)
{
  caml_domain_state *d = Caml_state;
  if (global)
    d->requested_global_major_slice = 1;
  d->requested_major_slice = 1;
  caml_interrupt_self();
}

/* ---- domains that come and go ---- */

void caml_major_gc_join(caml_domain_state *d)
{
  d->sweeping_done = 1;
  d->marking_done = 1;
  reset_pacing(d);
}

void caml_major_gc_leave(caml_domain_state *d)
{
  caml_finish_sweeping();
  caml_finish_marking();
  d->stat_major_words += d->allocated_words;
  d->allocated_words = 0;
  caml_orphan_ephemerons(d);
  caml_orphan_finalisers(d);
}
