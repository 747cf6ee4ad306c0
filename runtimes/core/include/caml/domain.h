/* Domains: creation, stop-the-world sections, interrupts.

   A domain is running (a thread executes OCaml code or C code that may touch
   the heap), or blocked (its thread is in a blocking section). A domain that
   wants the world stopped interrupts the running ones and *captures* the
   blocked ones: it does their share of the section itself, and their thread
   waits if it comes back meanwhile. So no thread is needed in reserve.

   A section is a list of phases; in each, every domain is served once, by its
   own thread or by the leader; nobody begins a phase before all have finished
   the one before it. */
#ifndef CAML_DOMAIN_H
#define CAML_DOMAIN_H

#ifdef CAML_INTERNALS

#include <stdbool.h>

#include "camlatomic.h"
#include "config.h"
#include "mlvalues.h"
#include "domain_state.h"

#ifdef __cplusplus
extern "C" {
#endif

#define Max_domains_def 128
#define Max_domains_max 4096

/* Is the minor heap full, or has somebody interrupted this domain? */
Caml_inline int caml_check_gc_interrupt(caml_domain_state *dom_st)
{
  uintnat young_limit = atomic_load_relaxed(&dom_st->young_limit);
  if ((uintnat)dom_st->young_ptr >= young_limit) return 0;
  atomic_thread_fence(memory_order_acquire);
  return 1;
}
#define Caml_check_gc_interrupt(dom_st) \
  (CAMLunlikely(caml_check_gc_interrupt(dom_st)))

/* ---- life cycle ---- */

CAMLextern void caml_init_domains(uintnat max_domains, uintnat minor_heap_wsz);
void caml_domain_terminate(bool last);
void caml_stop_all_domains(void);
bool caml_free_domains(void);
CAMLextern intnat caml_domain_is_multicore(void);

CAMLextern atomic_uintnat caml_num_domains_running;

/* Only meaningful while this domain runs (holds its heap). */
Caml_inline intnat caml_domain_alone(void)
{
  return atomic_load_acquire(&caml_num_domains_running) == 1;
}

/* In [0; peak number of domains[, unique among the living. */
Caml_inline int caml_domain_index(void) { return (int)Caml_state->id; }

/* ---- the right to touch the heap ---- */

/* The thread gives up, takes back, the right to run its domain. */
CAMLextern void caml_acquire_domain_lock(void);
CAMLextern void caml_release_domain_lock(void);
CAMLextern void caml_reset_domain_lock(void);
CAMLextern void caml_bt_enter_ocaml(void);
CAMLextern void caml_bt_exit_ocaml(void);
CAMLextern int caml_bt_is_in_blocking_section(void);
CAMLextern int caml_bt_is_self(void);

/* ---- interrupts ---- */

CAMLextern void caml_interrupt_self(void);
void caml_interrupt_all_signal_safe(void);
void caml_reset_young_limit(caml_domain_state *);
void caml_update_young_limit_after_c_call(caml_domain_state *);
int caml_incoming_interrupts_queued(void);
void caml_handle_incoming_interrupts(void);
/* Answers interrupts and does the collections that were asked for. Runs no
   OCaml code. */
void caml_handle_gc_interrupt(void);
void caml_poll_gc_work(void);
void caml_process_external_interrupt(void);

/* ---- stop-the-world ---- */

struct stw_section;

/* One phase: serve [domain]. */
typedef void (*stw_phase)(caml_domain_state *domain, struct stw_section *stw);

struct stw_section {
  const stw_phase *phases;         /* ended by NULL */
  void *data;                      /* for the phases */
  void (*prologue)(struct stw_section *); /* by the leader, the world stopped */
  void (*epilogue)(struct stw_section *); /* by the last to finish the phases */
  int num_domains;                 /* of [domains] */
  int num_workers;                 /* threads that take part */
  caml_domain_state **domains;     /* all of them */
};

/* Runs [stw] on all domains: 1, or 0 when another domain was first (its
   section has been run here instead: the caller looks again). */
int caml_try_run_stw(struct stw_section *stw);
/* Is this domain in a section? */
int caml_domain_is_in_stw(void);

/* Runs [f] on each blocked domain of which the right could be taken for a
   moment. */
void caml_with_blocked_domains(void (*f)(caml_domain_state *, void *), void *);

/* ---- minor heaps ---- */

asize_t caml_norm_minor_heap_size(intnat);
void caml_update_minor_heap_max(uintnat minor_heap_wsz);
CAMLextern uintnat caml_minor_heap_max_wsz;

/* ---- hooks, set before other domains exist ---- */

CAMLextern void (*caml_atfork_hook)(void);
CAMLextern void (*caml_domain_initialize_hook)(void);
CAMLextern void (*caml_domain_stop_hook)(void);
CAMLextern void (*caml_domain_external_interrupt_hook)(void);

/* Provided by runtimes/native: stacks and backtrace buffers of a domain. */
int caml_init_domain_native(caml_domain_state *); /* 0: no memory */
void caml_free_domain_native(caml_domain_state *);

#ifdef __cplusplus
}
#endif

#endif /* CAML_INTERNALS */

#endif /* CAML_DOMAIN_H */
