/* Counters of the collector, per domain and summed over the program. */
#ifndef CAML_GC_STATS_H
#define CAML_GC_STATS_H

#ifdef CAML_INTERNALS

#include "domain.h"

struct heap_stats {
  intnat pool_words;
  intnat pool_max_words;
  intnat pool_live_words;
  intnat pool_live_blocks;
  intnat pool_frag_words;
  intnat large_words;
  intnat large_max_words;
  intnat large_blocks;
};

struct alloc_stats {
  uint64_t minor_words;
  uint64_t promoted_words;
  uint64_t major_words;
  uint64_t forced_major_collections;
};

struct gc_stats {
  struct alloc_stats alloc_stats;
  struct heap_stats heap_stats;
};

void caml_accum_heap_stats(struct heap_stats *acc, const struct heap_stats *s);
void caml_remove_heap_stats(struct heap_stats *acc, const struct heap_stats *s);
void caml_accum_alloc_stats(struct alloc_stats *acc,
                            const struct alloc_stats *s);
void caml_collect_alloc_stats_sample(caml_domain_state *local,
                                     struct alloc_stats *sample);
void caml_orphan_alloc_stats(caml_domain_state *);
/* Takes the sample of one domain, at the end of a minor collection. */
void caml_collect_gc_stats_sample_stw(caml_domain_state *domain);
/* This domain exactly, the others as of their last sample, the dead. */
void caml_compute_gc_stats(struct gc_stats *buf);
void caml_init_gc_stats(uintnat max_domains);
void caml_free_gc_stats(void);

#endif /* CAML_INTERNALS */

#endif /* CAML_GC_STATS_H */
