/* Domains: the minor heaps' address space, creation and end, interrupts, and
   the primitives of module Domain. How the world is stopped is in stw.c. */
#define CAML_INTERNALS

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "domain_table.h"
#include "gc_cycle.h"
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/finalise.h"
#include "caml/gc_ctrl.h"
#include "caml/gc_stats.h"
#include "caml/globroots.h"
#include "caml/intext.h"
#include "caml/major_gc.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/minor_gc.h"
#include "caml/platform.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sync.h"
#include "caml/weak.h"

CAMLthread_local caml_domain_state *caml_state CAML_TLS_MODEL;

atomic_uintnat caml_num_domains_running;

struct domain_slot *caml_domain_slots;
uintnat caml_max_domains;

static intnat next_unique_id; /* protected by the lock of the table */

static void do_nothing(void) {}
void (*caml_atfork_hook)(void) = caml_reset_domain_lock;
void (*caml_domain_initialize_hook)(void) = do_nothing;
void (*caml_domain_stop_hook)(void) = do_nothing;
void (*caml_domain_external_interrupt_hook)(void) = do_nothing;

CAMLnoret CAMLexport void caml_bad_caml_state(void)
{
  caml_fatal_error("no domain lock held");
}

/* ---- minor heaps ---- */

/* One reservation, a part of [caml_minor_heap_max_wsz] words per slot. */
uintnat caml_minor_heaps_start;
uintnat caml_minor_heaps_end;
uintnat caml_minor_heap_max_wsz;

static uintnat minor_area_bsize(void)
{
  return caml_mem_round_up_pages(Bsize_wsize(caml_minor_heap_max_wsz));
}

static void reserve_minor_heaps(void)
{
  uintnat bsize = minor_area_bsize() * caml_max_domains;
  void *mem = caml_mem_map(bsize, 1);
  if (mem == NULL)
    caml_fatal_error("Not enough heap memory to reserve minor heaps");
  caml_minor_heaps_start = (uintnat)mem;
  caml_minor_heaps_end = (uintnat)mem + bsize;
}

static void unreserve_minor_heaps(void)
{
  caml_mem_unmap((void *)caml_minor_heaps_start,
                 caml_minor_heaps_end - caml_minor_heaps_start);
  caml_minor_heaps_start = caml_minor_heaps_end = 0;
}

/* The domain's minor heap is empty. 0: no memory. */
static int commit_minor_heap(caml_domain_state *d, uintnat wsz)
{
  char *area = (char *)caml_minor_heaps_start + minor_area_bsize() * d->id;
  uintnat bsize = caml_mem_round_up_pages(Bsize_wsize(wsz));
  if (caml_mem_commit(area, bsize) == NULL) return 0;
  d->young_start = (value *)area;
  d->young_end = (value *)area + wsz;
  d->young_ptr = d->young_end;
  d->young_trigger = d->young_start;
  d->minor_heap_wsz = wsz;
  caml_memprof_set_trigger(d);
  return 1;
}

static void decommit_minor_heap(caml_domain_state *d)
{
  uintnat bsize = caml_mem_round_up_pages(Bsize_wsize(d->minor_heap_wsz));
  if (d->young_start == NULL) return;
  caml_mem_decommit(d->young_start, bsize);
  d->young_start = d->young_end = d->young_ptr = d->young_trigger = NULL;
  d->memprof_young_trigger = NULL;
}

asize_t caml_norm_minor_heap_size(intnat wsize)
{
  if (wsize < Minor_heap_min) wsize = Minor_heap_min;
  if (wsize > Minor_heap_max) wsize = Minor_heap_max;
  return Wsize_bsize(caml_mem_round_up_pages(Bsize_wsize(wsize)));
}

void caml_set_minor_heap_size(asize_t wsz)
{
  caml_domain_state *d = Caml_state;
  caml_update_minor_heap_max(wsz);
  while (d->young_ptr != d->young_end) caml_empty_minor_heaps_once();
  uintnat old = d->minor_heap_wsz;
  decommit_minor_heap(d);
  if (!commit_minor_heap(d, wsz) && !commit_minor_heap(d, old))
    caml_fatal_error("Not enough memory for the minor heap");
  caml_reset_young_limit(d);
  if (d->minor_heap_wsz != wsz) caml_raise_out_of_memory();
}

/* All minor heaps are empty: moves them to a larger reservation. */
static void move_minor_heaps(struct stw_section *stw)
{
  for (int i = 0; i < stw->num_domains; i++)
    decommit_minor_heap(stw->domains[i]);
  unreserve_minor_heaps();
  caml_minor_heap_max_wsz = *(uintnat *)stw->data;
  reserve_minor_heaps();
  for (int i = 0; i < stw->num_domains; i++) {
    caml_domain_state *d = stw->domains[i];
    if (!commit_minor_heap(d, d->minor_heap_wsz))
      caml_fatal_error("Not enough memory for the minor heap");
    caml_reset_young_limit(d);
  }
}

void caml_update_minor_heap_max(uintnat wsz)
{
  while (wsz > caml_minor_heap_max_wsz)
    caml_try_minor_stw(NULL, move_minor_heaps, &wsz);
}

/* ---- interrupts ---- */

CAMLexport void caml_interrupt_self(void)
{
  atomic_store_relaxed(&Caml_state->young_limit, CAML_UINTNAT_MAX);
}

/* Called by signal handlers, in any thread. */
void caml_interrupt_all_signal_safe(void)
{
  for (uintnat i = 0; i < caml_max_domains; i++) {
    struct domain_slot *slot = &caml_domain_slots[i];
    if (atomic_load(&slot->status) != DOMAIN_FREE)
      atomic_store(&slot->state->young_limit, CAML_UINTNAT_MAX);
  }
}

static int has_something_to_do(caml_domain_state *d)
{
  return atomic_load_relaxed(&d->requested_external_interrupt)
         || d->requested_minor_gc || d->requested_major_slice
         || d->action_pending || caml_params->stress
         || atomic_load(&caml_domain_slots[d->id].interrupted);
}

/* The flags are looked at after the store, as who sets one stores to
   [young_limit] after it. */
void caml_reset_young_limit(caml_domain_state *d)
{
  value *trigger = d->young_trigger;
  if (d->memprof_young_trigger > trigger) trigger = d->memprof_young_trigger;
  atomic_store(&d->young_limit, (uintnat)trigger);
  atomic_thread_fence(memory_order_seq_cst);
  if (has_something_to_do(d))
    atomic_store(&d->young_limit, CAML_UINTNAT_MAX);
}

void caml_update_young_limit_after_c_call(caml_domain_state *d)
{
  if (has_something_to_do(d))
    atomic_store_relaxed(&d->young_limit, CAML_UINTNAT_MAX);
}

void caml_process_external_interrupt(void)
{
  if (!atomic_load_acquire(&Caml_state->requested_external_interrupt)) return;
  atomic_store(&Caml_state->requested_external_interrupt, 0);
  caml_domain_external_interrupt_hook();
}

void caml_poll_gc_work(void)
{
  caml_domain_state *d = Caml_state;
  if (caml_params->stress) caml_stress_gc();
  if (d->requested_minor_gc) caml_empty_minor_heaps_once();
  if (d->requested_major_slice)
    caml_major_collection_slice(AUTO_TRIGGERED_MAJOR_SLICE);
}

/* The interrupt that brought us here may have been a signal's, and C code does
   not run handlers: the next safe point of OCaml code must. */
static void note_pending_actions(caml_domain_state *d)
{
  int calls = caml_final_calls_pending(d)
              && !d->final_info->running_finalisation_function;
  if (calls || caml_check_pending_signals()
      || caml_memprof_callbacks_pending(d))
    d->action_pending = 1;
}

void caml_handle_gc_interrupt(void)
{
  caml_handle_incoming_interrupts();
  caml_poll_gc_work();
  note_pending_actions(Caml_state);
  caml_reset_young_limit(Caml_state);
}

/* ---- creation ---- */

static caml_domain_state *alloc_state(void)
{
  caml_stat_block raw;
  caml_domain_state *d =
    caml_stat_alloc_aligned_noexc(sizeof(caml_domain_state), 0, &raw);
  if (d != NULL) memset(d, 0, sizeof *d);
  return d;
}

static struct domain_slot *find_free_slot(void)
{
  for (uintnat i = 0; i < caml_max_domains; i++) {
    struct domain_slot *slot = &caml_domain_slots[i];
    if (atomic_load(&slot->status) != DOMAIN_FREE) continue;
    if (slot->state == NULL) slot->state = alloc_state();
    if (slot->state == NULL) return NULL;
    slot->state->id = i;
    return slot;
  }
  return NULL;
}

static void release_parts(caml_domain_state *d)
{
  decommit_minor_heap(d);
  if (d->minor_tables != NULL) caml_free_minor_tables(d->minor_tables);
  if (d->shared_heap != NULL) caml_free_shared_heap(d->shared_heap);
  if (d->mark_stack != NULL) caml_teardown_major_gc();
  if (d->ephe_info != NULL) caml_stat_free(d->ephe_info);
  if (d->final_info != NULL) caml_free_final_info(d->final_info);
  caml_memprof_delete_domain(d);
  d->minor_tables = NULL;
  d->shared_heap = NULL;
  d->ephe_info = NULL;
  d->final_info = NULL;
}

static void init_fields(caml_domain_state *d)
{
  intnat id = d->id;
  memset(d, 0, sizeof *d);
  d->id = id;
  d->unique_id = next_unique_id++;
  d->dls_root = Atom(0);
  d->backtrace_last_exn = Val_unit;
  d->backtrace_active = caml_params->backtrace_enabled;
  d->parser_trace = caml_params->parser_trace;
}

static int init_parts(caml_domain_state *d, caml_domain_state *parent)
{
  uintnat wsz = caml_norm_minor_heap_size(caml_params->init_minor_heap_wsz);
  return commit_minor_heap(d, wsz)
         && (d->minor_tables = caml_alloc_minor_tables()) != NULL
         && (d->shared_heap = caml_init_shared_heap()) != NULL
         && caml_init_major_gc(d) == 0
         && (d->ephe_info = caml_alloc_ephe_info()) != NULL
         && (d->final_info = caml_alloc_final_info()) != NULL
         && caml_memprof_new_domain(parent, d)
         && caml_init_domain_native(d);
}

/* Makes the calling thread that of a new domain; the lock of the table is
   held, by [parent] if there is one. 0: no slot or no memory. */
static int create_domain_self(caml_domain_state *parent)
{
  struct domain_slot *slot = find_free_slot();
  if (slot == NULL) return 0;
  caml_domain_state *d = slot->state;
  caml_state = d;
  init_fields(d);
  if (!init_parts(d, parent)) {
    release_parts(d);
    caml_state = NULL;
    return 0;
  }
  caml_major_gc_join(d);
  caml_reset_young_limit(d);
  atomic_store(&slot->interrupted, 0);
  atomic_store(&slot->status, DOMAIN_RUNNING);
  atomic_fetch_add(&caml_num_domains_running, 1);
  return 1;
}

CAMLexport void caml_init_domains(uintnat max_domains, uintnat minor_heap_wsz)
{
  caml_max_domains = max_domains;
  caml_domain_slots =
    caml_stat_calloc_noexc(max_domains, sizeof *caml_domain_slots);
  if (caml_domain_slots == NULL)
    caml_fatal_error("Not enough memory for the table of domains");
  caml_minor_heap_max_wsz = caml_norm_minor_heap_size(minor_heap_wsz);
  reserve_minor_heaps();
  if (!create_domain_self(NULL))
    caml_fatal_error("Failed to create main domain");
}

/* ---- end ---- */

/* The domain gives its heap to those that stay. Its minor heap is empty: no
   OCaml code runs between that collection and the lock. */
void caml_domain_terminate(bool last)
{
  caml_domain_state *d = Caml_state;
  struct domain_slot *slot = &caml_domain_slots[d->id];
  caml_domain_stop_hook();
  call_timing_hook(&caml_domain_terminated_hook);
  d->dls_root = Val_unit;
  d->backtrace_last_exn = Val_unit;
  while (d->young_ptr != d->young_end) caml_empty_minor_heaps_once();
  caml_lock_domains();
  caml_major_gc_leave(d);
  caml_orphan_alloc_stats(d);
  if (last) {
    caml_finalise_heap();
  } else {
    caml_orphan_shared_heap(d->shared_heap);
    d->shared_heap = NULL;
  }
  caml_free_domain_native(d);
  caml_free_extern_state();
  caml_free_intern_state();
  release_parts(d);
  atomic_store(&slot->status, DOMAIN_FREE);
  caml_unlock_domains();
  caml_state = NULL;
  atomic_fetch_sub(&caml_num_domains_running, 1);
}

/* At exit with domains left running: with the lock taken for good, they stop
   at their next collection, and the process ends under them. */
void caml_stop_all_domains(void) { caml_lock_domains(); }

bool caml_free_domains(void)
{
  if (atomic_load(&caml_num_domains_running) != 0) return false;
  unreserve_minor_heaps();
  caml_stat_free(caml_domain_slots);
  caml_domain_slots = NULL;
  caml_max_domains = 0;
  return true;
}

CAMLexport intnat caml_domain_is_multicore(void)
{
  return !caml_domain_alone();
}

/* ---- Domain.spawn ---- */

/* Values that the new domain needs until it has rooted them itself. */
struct spawn_values {
  value callback;
  value term_sync; /* { mutable state; mut; cond } */
};

enum { SPAWN_STARTING, SPAWN_STARTED, SPAWN_FAILED };

struct spawn {
  caml_domain_state *parent;
  struct spawn_values *values;
  intnat unique_id;
  atomic_intnat status;
};

enum { TERM_STATE, TERM_MUTEX, TERM_CONDITION };

static struct spawn_values *alloc_spawn_values(value callback, value term_sync)
{
  struct spawn_values *v = caml_stat_alloc(sizeof *v);
  v->callback = callback;
  v->term_sync = term_sync;
  caml_register_generational_global_root(&v->callback);
  caml_register_generational_global_root(&v->term_sync);
  return v;
}

static void free_spawn_values(struct spawn_values *v)
{
  caml_remove_generational_global_root(&v->callback);
  caml_remove_generational_global_root(&v->term_sync);
  caml_stat_free(v);
}

/* Finished (Ok v) or Finished (Error exn) */
static value finished(caml_result result)
{
  value r = caml_alloc_1(caml_result_is_exception(result), result.data);
  return caml_alloc_1(0, r);
}

/* Tells who joins; the mutex stays locked. */
static void publish_result(struct spawn_values *v, caml_result result)
{
  CAMLparam0();
  CAMLlocal1(state);
  state = finished(result);
  caml_ml_mutex_lock(Field(v->term_sync, TERM_MUTEX));
  Store_field(v->term_sync, TERM_STATE, state);
  caml_ml_condition_broadcast(Field(v->term_sync, TERM_CONDITION));
  CAMLreturn0;
}

static void run_domain(struct spawn_values *values)
{
  caml_domain_initialize_hook();
  value callback = values->callback;
  caml_modify_generational_global_root(&values->callback, Val_unit);
  publish_result(values, caml_callback_res(callback, Val_unit));
  sync_mutex mutex = Mutex_val(Field(values->term_sync, TERM_MUTEX));
  caml_domain_terminate(false);
  /* Only now may a joining domain go on: all of this one is gone. Its root
     keeps the mutex alive until after the unlock. */
  caml_mutex_unlock(mutex);
  free_spawn_values(values);
}

static void *domain_thread(void *arg)
{
  struct spawn *p = arg;
  struct spawn_values *values = p->values;
  void *signal_stack = caml_init_signal_stack();
  if (signal_stack == NULL)
    caml_fatal_error("Failed to create domain: signal stack");
  int created = create_domain_self(p->parent);
  if (created) p->unique_id = Caml_state->unique_id;
  atomic_store(&p->status, created ? SPAWN_STARTED : SPAWN_FAILED);
  /* [p] is gone from here on. */
  if (created) {
    char name[32];
    snprintf(name, sizeof name, "Domain%d", (int)Caml_state->unique_id);
    caml_plat_set_thread_name(name);
    run_domain(values);
  }
  caml_free_signal_stack(signal_stack);
  return NULL;
}

enum { DOMAIN_C_STACK_BSIZE = 8 << 20 };

static int start_thread(pthread_t *thread, struct spawn *p)
{
  pthread_attr_t attr;
  int err = pthread_attr_init(&attr);
  if (err != 0) return err;
  pthread_attr_setstacksize(&attr, DOMAIN_C_STACK_BSIZE);
  err = pthread_create(thread, &attr, domain_thread, p);
  pthread_attr_destroy(&attr);
  return err;
}

/* The parent holds the lock of the table while the child enters it. */
CAMLprim value caml_domain_spawn(value callback, value term_sync)
{
  CAMLparam2(callback, term_sync);
  struct spawn p = { .parent = Caml_state,
                     .values = alloc_spawn_values(callback, term_sync) };
  pthread_t thread;
  caml_lock_domains();
  int err = start_thread(&thread, &p);
  if (err == 0)
    for (unsigned spins = 0; atomic_load(&p.status) == SPAWN_STARTING; spins++)
      caml_plat_spin_wait(spins);
  caml_unlock_domains();
  if (err != 0) free_spawn_values(p.values);
  caml_check_error(err, "failed to create domain thread: pthread_create");
  if (atomic_load(&p.status) == SPAWN_FAILED) {
    pthread_join(thread, NULL);
    free_spawn_values(p.values);
    caml_failwith("failed to allocate domain");
  }
  pthread_detach(thread);
  CAMLreturn(Val_long(p.unique_id));
}

/* ---- other primitives of Domain ---- */

CAMLprim value caml_ml_domain_id(value unit)
{
  (void)unit;
  return Val_long(Caml_state->unique_id);
}

CAMLprim value caml_ml_domain_index(value unit)
{
  (void)unit;
  return Val_long(Caml_state->id);
}

CAMLprim value caml_ml_domain_set_name(value name)
{
  caml_plat_set_thread_name(String_val(name));
  return Val_unit;
}

CAMLprim value caml_ml_domain_cpu_relax(value unit)
{
  (void)unit;
  if (caml_incoming_interrupts_queued()) caml_handle_gc_interrupt();
  cpu_relax();
  return Val_unit;
}

CAMLprim value caml_recommended_domain_count(value unit)
{
  (void)unit;
  intnat n = caml_plat_recommended_domains();
  return Val_long(n < (intnat)caml_max_domains ? n : (intnat)caml_max_domains);
}

/* The root is scanned at every collection: no barrier. */
CAMLprim value caml_domain_dls_get(value unit)
{
  (void)unit;
  return Caml_state->dls_root;
}

CAMLprim value caml_domain_dls_set(value t)
{
  Caml_state->dls_root = t;
  return Val_unit;
}

CAMLprim value caml_domain_dls_compare_and_set(value old, value t)
{
  if (Caml_state->dls_root != old) return Val_false;
  Caml_state->dls_root = t;
  return Val_true;
}
