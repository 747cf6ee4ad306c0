/* Counters summed over domains. Each domain leaves a sample at its minor
   collections; whoever asks adds its own exact figures to the others' samples
   and to what ended domains have left. */
#define CAML_INTERNALS

#include <string.h>

#include "caml/gc_stats.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "caml/shared_heap.h"

static caml_plat_mutex stats_mutex = CAML_PLAT_MUTEX_INITIALIZER;
static struct gc_stats *samples; /* by domain index */
static uintnat num_samples;
static struct alloc_stats orphaned;

void caml_init_gc_stats(uintnat max_domains)
{
  samples = caml_stat_calloc_noexc(max_domains, sizeof *samples);
  if (samples == NULL) caml_fatal_error("cannot allocate the GC's statistics");
  num_samples = max_domains;
}

void caml_free_gc_stats(void)
{
  caml_stat_free(samples);
  samples = NULL;
  num_samples = 0;
}

/* [sign] is 1 to add, -1 to subtract; the maxima of several heaps add up, for
   want of knowing when each was reached. */
static void add_heap_stats(struct heap_stats *acc, const struct heap_stats *s,
                           intnat sign)
{
  acc->pool_words += sign * s->pool_words;
  acc->pool_max_words += sign * s->pool_max_words;
  acc->pool_live_words += sign * s->pool_live_words;
  acc->pool_live_blocks += sign * s->pool_live_blocks;
  acc->pool_frag_words += sign * s->pool_frag_words;
  acc->large_words += sign * s->large_words;
  acc->large_max_words += sign * s->large_max_words;
  acc->large_blocks += sign * s->large_blocks;
}

void caml_accum_heap_stats(struct heap_stats *acc, const struct heap_stats *s)
{
  add_heap_stats(acc, s, 1);
}

void caml_remove_heap_stats(struct heap_stats *acc, const struct heap_stats *s)
{
  add_heap_stats(acc, s, -1);
}

void caml_accum_alloc_stats(struct alloc_stats *acc,
                            const struct alloc_stats *s)
{
  acc->minor_words += s->minor_words;
  acc->promoted_words += s->promoted_words;
  acc->major_words += s->major_words;
  acc->forced_major_collections += s->forced_major_collections;
}

void caml_collect_alloc_stats_sample(caml_domain_state *d,
                                     struct alloc_stats *sample)
{
  sample->minor_words = d->stat_minor_words + (d->young_end - d->young_ptr);
  sample->promoted_words = d->stat_promoted_words;
  sample->major_words = d->stat_major_words + d->allocated_words;
  sample->forced_major_collections = d->stat_forced_major_collections;
}

void caml_orphan_alloc_stats(caml_domain_state *d)
{
  struct alloc_stats s;
  caml_collect_alloc_stats_sample(d, &s);
  caml_plat_lock_blocking(&stats_mutex);
  caml_accum_alloc_stats(&orphaned, &s);
  if ((uintnat)d->id < num_samples)
    memset(&samples[d->id], 0, sizeof samples[0]);
  caml_plat_unlock(&stats_mutex);
}

void caml_collect_gc_stats_sample_stw(caml_domain_state *d)
{
  struct gc_stats s;
  caml_collect_alloc_stats_sample(d, &s.alloc_stats);
  caml_collect_heap_stats_sample(d->shared_heap, &s.heap_stats);
  caml_plat_lock_blocking(&stats_mutex);
  if ((uintnat)d->id < num_samples) samples[d->id] = s;
  caml_plat_unlock(&stats_mutex);
}

void caml_compute_gc_stats(struct gc_stats *buf)
{
  memset(buf, 0, sizeof *buf);
  caml_collect_gc_stats_sample_stw(Caml_state);
  caml_plat_lock_blocking(&stats_mutex);
  buf->alloc_stats = orphaned;
  for (uintnat i = 0; i < num_samples; i++) {
    caml_accum_alloc_stats(&buf->alloc_stats, &samples[i].alloc_stats);
    caml_accum_heap_stats(&buf->heap_stats, &samples[i].heap_stats);
  }
  caml_plat_unlock(&stats_mutex);
  caml_accum_orphan_heap_stats(&buf->heap_stats);
}
