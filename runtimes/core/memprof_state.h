/* What the profiler knows of a domain and of its threads, shared by memprof.c
   and memprof_profile.c. */
#ifndef CAML_MEMPROF_STATE_H
#define CAML_MEMPROF_STATE_H

#include "memprof_entries.h"
#include "caml/domain.h"
#include "caml/fail.h"

struct memprof_thread_s {
  int suspended;
  struct memprof_table fresh; /* the first callback has not run */
  struct memprof_domain_s *domain;
  struct memprof_thread_s *next;
};

struct memprof_domain_s {
  caml_domain_state *state;
  struct memprof_table tracked;
  struct memprof_table *orphans;
  struct memprof_thread_s *threads;
  struct memprof_thread_s *current;
  uint64_t random;
  uintnat distance; /* to the next sample outside compiled code's allocations */
};

/* How many words on the next sample is: at least 1. */
uintnat caml_memprof_draw_distance(struct memprof_domain_s *);
/* Does the current thread sample? */
int caml_memprof_is_sampling(struct memprof_domain_s *);
/* Interrupts the domain if callbacks are due. */
void caml_memprof_note_pending(struct memprof_domain_s *);
void caml_memprof_set_suspended(struct memprof_domain_s *, int suspended);
/* Runs the callbacks of a table, until one raises. Any of them may change all
   there is. */
caml_result caml_memprof_run_table_res(struct memprof_table *);

#endif /* CAML_MEMPROF_STATE_H */
