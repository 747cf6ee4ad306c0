/* Gc.Memprof: statistical memory profiling.

   Every allocated word is a sample with the same probability, the profile's
   rate. The distances between samples then have a geometric distribution, and
   the work is done only where one lies. In the minor heap the next sample is
   an address, [memprof_young_trigger], that raises the young limit: the
   allocation that reaches it takes its slow path. Of other allocations the
   words are counted against a distance of their own.

   A block with samples becomes an entry (memprof_entries.c): first of the
   thread that allocates, and once its first callback has run, of the domain.
   C code allocates where no OCaml code may run: its entries wait for the next
   safe point. Compiled code is at one: the callbacks run before the memory is
   taken, and may collect or raise; until then the entry is "unborn".

   While callbacks run in a thread it neither samples nor runs others: it is
   suspended.

   Profiles, domains and threads are in memprof_profile.c. */
#define CAML_INTERNALS

#include <math.h>

#include "gc_cycle.h"
#include "heap_layout.h"
#include "memprof_state.h"
#include "caml/alloc.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/minor_gc.h"
#include "caml/signals.h"

/* ---- samples ---- */

/* SplitMix64 */
static uint64_t next_random(struct memprof_domain_s *m)
{
  uint64_t z = m->random += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static double log_scale(struct memprof_domain_s *m)
{
  return Double_val(Field(m->tracked.profile, PROFILE_LOG_SCALE));
}

uintnat caml_memprof_draw_distance(struct memprof_domain_s *m)
{
  double uniform = ((next_random(m) >> 11) + 0.5) * 0x1p-53;
  double distance = 1.0 + log(uniform) * log_scale(m);
  return distance >= (double)Max_long ? Max_long : (uintnat)distance;
}

/* The samples among the next [words]. */
static uintnat count_samples(struct memprof_domain_s *m, uintnat words)
{
  uintnat n = 0;
  for (; m->distance < words; n++) m->distance += caml_memprof_draw_distance(m);
  m->distance -= words;
  return n;
}

int caml_memprof_is_sampling(struct memprof_domain_s *m)
{
  if (m->current == NULL || m->current->suspended) return 0;
  value profile = caml_memprof_profile(&m->current->fresh);
  return profile_has_status(profile, STATUS_SAMPLING)
         && Double_val(Field(profile, PROFILE_LOG_SCALE)) != -INFINITY;
}

void caml_memprof_set_trigger(caml_domain_state *d)
{
  d->memprof_young_trigger = d->young_start;
  if (d->memprof == NULL || !caml_memprof_is_sampling(d->memprof)) return;
  uintnat distance = caml_memprof_draw_distance(d->memprof);
  if (distance <= (uintnat)(d->young_ptr - d->young_start))
    d->memprof_young_trigger = d->young_ptr - (distance - 1);
}

/* ---- pending callbacks ---- */

static int has_active(struct memprof_table *t)
{
  return t->active < t->count && caml_memprof_profile(t) != No_profile;
}

int caml_memprof_callbacks_pending(caml_domain_state *d)
{
  struct memprof_domain_s *m = d->memprof;
  if (m == NULL || m->current == NULL || m->current->suspended) return 0;
  if (has_active(&m->tracked) || has_active(&m->current->fresh)) return 1;
  for (struct memprof_table *t = m->orphans; t != NULL; t = t->next)
    if (has_active(t)) return 1;
  return 0;
}

void caml_memprof_note_pending(struct memprof_domain_s *m)
{
  if (caml_memprof_callbacks_pending(m->state))
    caml_set_action_pending(m->state);
}

void caml_memprof_set_suspended(struct memprof_domain_s *m, int suspended)
{
  m->current->suspended = suspended;
  caml_memprof_set_trigger(m->state);
  caml_reset_young_limit(m->state);
  if (!suspended) caml_memprof_note_pending(m);
}

void caml_memprof_update_suspended(int suspended)
{
  caml_memprof_set_suspended(Caml_state->memprof, suspended);
}

/* ---- running callbacks ---- */

caml_result caml_memprof_run_table_res(struct memprof_table *t)
{
  caml_result r = Result_unit;
  while (has_active(t) && !caml_result_is_exception(r)) {
    struct memprof_entry *e = t->items[t->active];
    enum memprof_callback c = caml_memprof_next_callback(e);
    if (c == CALLBACK_NONE)
      t->active++;
    else if (c == CALLBACK_ALLOC
             && !profile_has_status(t->profile, STATUS_SAMPLING))
      caml_memprof_delete_entry(e);
    else
      r = caml_memprof_run_callback_res(e, c);
  }
  caml_memprof_evict(t);
  return r;
}

static void free_empty_orphans(struct memprof_domain_s *m)
{
  struct memprof_table **p = &m->orphans;
  while (*p != NULL) {
    struct memprof_table *t = *p;
    caml_memprof_profile(t);
    caml_memprof_evict(t);
    if (t->count > 0) {
      p = &t->next;
      continue;
    }
    *p = t->next;
    caml_memprof_clear_table(t);
    caml_stat_free(t);
  }
}

static caml_result run_all_res(struct memprof_domain_s *m)
{
  struct memprof_thread_s *thread = m->current;
  caml_result r = caml_memprof_run_table_res(&m->tracked);
  if (caml_result_is_exception(r)) return r;
  r = caml_memprof_run_table_res(&thread->fresh);
  if (caml_result_is_exception(r)) return r;
  /* No memory: they stay with the thread. */
  (void)caml_memprof_move_entries(&thread->fresh, &m->tracked);
  /* A callback may have put new tables in front. */
  for (struct memprof_table *t = m->orphans; t != NULL; t = t->next) {
    r = caml_memprof_run_table_res(t);
    if (caml_result_is_exception(r)) return r;
  }
  return r;
}

caml_result caml_memprof_run_callbacks_res(void)
{
  struct memprof_domain_s *m = Caml_state->memprof;
  if (!caml_memprof_callbacks_pending(Caml_state)) return Result_unit;
  caml_memprof_set_suspended(m, 1);
  caml_result r = run_all_res(m);
  free_empty_orphans(m);
  caml_memprof_set_suspended(m, 0);
  return r;
}

/* ---- sampled blocks ---- */

static intnat callstack_size(struct memprof_domain_s *m)
{
  return Long_val(Field(m->tracked.profile, PROFILE_CALLSTACK_SIZE));
}

static void track(struct memprof_domain_s *m, value block, mlsize_t wosize,
                  uintnat samples, int source)
{
  if (samples == 0) return;
  struct memprof_entry *e = caml_memprof_add_entry(&m->current->fresh);
  if (e == NULL) return;
  e->block = block;
  e->wosize = wosize;
  e->samples = samples;
  e->source = source;
  e->born_young = Is_young(block);
  e->callstack =
    caml_capture_callstack(callstack_size(m), -1, &e->callstack_length);
  caml_memprof_note_pending(m);
}

CAMLexport void caml_memprof_sample_block(value block, mlsize_t words,
                                          mlsize_t sampled_words, int source)
{
  struct memprof_domain_s *m = Caml_state->memprof;
  if (m == NULL || !caml_memprof_is_sampling(m)) return;
  track(m, block, words, count_samples(m, sampled_words), source);
}

void caml_memprof_sample_young(uintnat whsize)
{
  caml_domain_state *d = Caml_state;
  struct memprof_domain_s *m = d->memprof;
  uintnat samples = 0;
  intnat trigger = d->memprof_young_trigger - d->young_ptr;
  for (; trigger > 0; trigger -= caml_memprof_draw_distance(m)) samples++;
  track(m, Val_hp(d->young_ptr), Wosize_whsize(whsize), samples,
        CAML_MEMPROF_SRC_NORMAL);
  caml_memprof_set_trigger(d);
  caml_reset_young_limit(d);
  caml_memprof_note_pending(m);
}

static void track_unborn(struct memprof_domain_s *m, int block, intnat offset,
                         mlsize_t wosize, uintnat samples)
{
  struct memprof_entry *e = caml_memprof_add_entry(&m->current->fresh);
  if (e == NULL) return;
  e->unborn = 1;
  e->block = (value)offset;
  e->wosize = wosize;
  e->samples = samples;
  e->born_young = 1;
  e->callstack =
    caml_capture_callstack(callstack_size(m), block, &e->callstack_length);
}

/* Entries for the sampled ones of the blocks that are allocated together, in
   the order in which the program makes them. [sampled] is the first sample's
   place among their words, counted from 0. */
static void track_combined(struct memprof_domain_s *m, uintnat whsize,
                           uintnat sampled)
{
  struct caml_block_description single = { .words = Wosize_whsize(whsize) };
  const struct caml_block_description *blocks;
  int n = caml_combined_allocation(&blocks);
  if (n == 0) {
    blocks = &single;
    n = 1;
  }
  uintnat offset = 0;
  for (int i = 0; i < n; i++) {
    uintnat end = offset + Whsize_wosize(blocks[i].words), samples = 0;
    for (; sampled < end; samples++) sampled += caml_memprof_draw_distance(m);
    if (samples > 0) track_unborn(m, i, offset, blocks[i].words, samples);
    offset = end;
  }
}

static void give_birth(struct memprof_table *t, value *young_ptr)
{
  for (uintnat i = 0; i < t->count; i++) {
    struct memprof_entry *e = t->items[i];
    if (!e->unborn) continue;
    e->unborn = 0;
    e->block = Val_hp(young_ptr + e->block);
    caml_memprof_note_young(e);
  }
}

/* The memory was taken already: it is given back, and taken again at the end,
   when no more collection can come in between. */
caml_result caml_memprof_sample_young_from_ocaml_res(uintnat bytes)
{
  caml_domain_state *d = Caml_state;
  struct memprof_domain_s *m = d->memprof;
  struct memprof_thread_s *thread = m->current;
  uintnat whsize = Wsize_bsize(bytes);
  d->young_ptr += whsize;
  uintnat sampled = d->young_ptr - d->memprof_young_trigger;
  caml_memprof_set_suspended(m, 1);
  track_combined(m, whsize, sampled);
  caml_result r = caml_memprof_run_table_res(&thread->fresh);
  if (caml_result_is_exception(r)) {
    caml_memprof_cancel_unborn(&thread->fresh);
    caml_memprof_set_suspended(m, 0);
    return r;
  }
  caml_reserve_young(bytes);
  give_birth(&thread->fresh, d->young_ptr);
  (void)caml_memprof_move_entries(&thread->fresh, &m->tracked);
  caml_memprof_set_suspended(m, 0);
  return Result_value((value)d->young_ptr);
}

/* ---- the collectors ---- */

static void do_table_roots(struct memprof_table *t, scanning_action f,
                           scanning_action_flags fflags, void *fdata)
{
  if (caml_memprof_profile(t) == No_profile) return;
  int young = fflags & SCANNING_ONLY_YOUNG_VALUES;
  if (!young) f(fdata, t->profile, &t->profile);
  for (uintnat i = young ? t->young : 0; i < t->count; i++)
    f(fdata, t->items[i]->user_data, &t->items[i]->user_data);
}

/* All tables of a domain, one after the other; NULL at the end. */
struct table_walk {
  struct memprof_thread_s *thread;
  struct memprof_table *orphan;
};

static struct memprof_table *first_table(struct memprof_domain_s *m,
                                         struct table_walk *w)
{
  *w = (struct table_walk){ m->threads, m->orphans };
  return &m->tracked;
}

static struct memprof_table *next_table(struct table_walk *w)
{
  struct memprof_table *t;
  if (w->thread != NULL) {
    t = &w->thread->fresh;
    w->thread = w->thread->next;
  } else {
    t = w->orphan;
    if (t != NULL) w->orphan = t->next;
  }
  return t;
}

void caml_memprof_do_roots(scanning_action f, scanning_action_flags fflags,
                           void *fdata, caml_domain_state *d)
{
  struct table_walk w;
  if (d->memprof == NULL) return;
  for (struct memprof_table *t = first_table(d->memprof, &w); t != NULL;
       t = next_table(&w))
    do_table_roots(t, f, fflags, fdata);
}

void caml_memprof_do_blocks(scanning_action f, void *fdata,
                            caml_domain_state *d)
{
  struct table_walk w;
  if (d->memprof == NULL) return;
  for (struct memprof_table *t = first_table(d->memprof, &w); t != NULL;
       t = next_table(&w))
    for (uintnat i = 0; i < t->count; i++)
      if (!t->items[i]->unborn) f(fdata, t->items[i]->block, &t->items[i]->block);
}

static void note_death(struct memprof_entry *e)
{
  e->block = Val_unit;
  e->dead = 1;
  caml_memprof_note_active(e);
}

static void settle_young(struct memprof_entry *e)
{
  if (e->unborn || !Is_block_and_young(e->block)) return;
  if (Hd_val(e->block) != 0) {
    note_death(e);
    return;
  }
  e->block = Field(e->block, 0);
  e->promoted = 1;
  caml_memprof_note_active(e);
}

void caml_memprof_after_minor_gc(caml_domain_state *d)
{
  struct table_walk w;
  if (d->memprof == NULL) return;
  for (struct memprof_table *t = first_table(d->memprof, &w); t != NULL;
       t = next_table(&w)) {
    if (caml_memprof_profile(t) == No_profile) continue;
    for (uintnat i = t->young; i < t->count; i++) settle_young(t->items[i]);
    t->young = t->count;
  }
  caml_memprof_note_pending(d->memprof);
}

void caml_memprof_after_marking(caml_domain_state *d)
{
  struct table_walk w;
  if (d->memprof == NULL) return;
  for (struct memprof_table *t = first_table(d->memprof, &w); t != NULL;
       t = next_table(&w)) {
    if (caml_memprof_profile(t) == No_profile) continue;
    for (uintnat i = 0; i < t->count; i++) {
      struct memprof_entry *e = t->items[i];
      if (!e->unborn && Is_block(e->block)
          && Color_hd(Hd_val(e->block)) == caml_global_heap_state.UNMARKED)
        note_death(e);
    }
  }
  caml_memprof_note_pending(d->memprof);
}
