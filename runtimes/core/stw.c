/* Stopping the world, and the right of a thread to run its domain.

   The leader of a section holds the lock of the table of domains. It asks
   every other domain to stop, and captures those that are blocked. Then all
   workers (the stopped threads and the leader) go through the phases
   together: each serves its own domain, and captured ones as long as there
   are any. See domain.h. */
#define CAML_INTERNALS

#include <sched.h>

#include "domain_table.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "caml/signals.h"

static struct {
  struct stw_section *section;
  atomic_uintnat generation; /* counts sections: their start signal */
  atomic_uintnat barriers;   /* counts barriers passed */
  atomic_intnat arrived;     /* at the current barrier */
  atomic_intnat next_captured;
  intnat num_captured;
  struct domain_slot **captured;
} stw;

static caml_plat_mutex domains_lock = CAML_PLAT_MUTEX_INITIALIZER;

static struct domain_slot *self_slot(void)
{
  return &caml_domain_slots[Caml_state->id];
}

/* ---- phases ---- */

/* The last worker to arrive prepares what comes next. */
static void barrier(struct stw_section *s, int is_final)
{
  uintnat epoch = atomic_load(&stw.barriers);
  int num_workers = s->num_workers; /* once we have arrived [s] may go away */
  if (atomic_fetch_add(&stw.arrived, 1) + 1 == num_workers) {
    atomic_store(&stw.arrived, 0);
    atomic_store(&stw.next_captured, 0);
    if (is_final && s->epilogue != NULL) s->epilogue(s);
    atomic_store(&stw.barriers, epoch + 1);
    return;
  }
  for (unsigned spins = 0; atomic_load(&stw.barriers) == epoch; spins++)
    caml_plat_spin_wait(spins);
}

static void run_phase(struct stw_section *s, stw_phase phase)
{
  phase(Caml_state, s);
  for (;;) {
    intnat i = atomic_fetch_add(&stw.next_captured, 1);
    if (i >= stw.num_captured) return;
    phase(stw.captured[i]->state, s);
  }
}

/* A worker's way through a section. After the final barrier the section may
   not exist any more. */
static void work(struct stw_section *s, enum domain_status after)
{
  int n = 0;
  while (s->phases[n] != NULL) n++;
  Caml_state->inside_stw_handler = 1;
  for (int i = 0; i < n; i++) {
    run_phase(s, s->phases[i]);
    if (i == n - 1) {
      Caml_state->inside_stw_handler = 0;
      atomic_store(&self_slot()->status, after);
    }
    barrier(s, i == n - 1);
  }
}

int caml_domain_is_in_stw(void) { return (int)Caml_state->inside_stw_handler; }

/* ---- the leader ---- */

static void interrupt(struct domain_slot *slot)
{
  atomic_store(&slot->interrupted, 1);
  atomic_store(&slot->state->young_limit, CAML_UINTNAT_MAX);
}

/* Waits until the domain has stopped or could be captured; 1: captured. */
static int stop_or_capture(struct domain_slot *slot)
{
  for (unsigned spins = 0;; caml_plat_spin_wait(spins++)) {
    enum domain_status status = DOMAIN_BLOCKED;
    if (atomic_compare_exchange_strong(&slot->status, &status,
                                       DOMAIN_CAPTURED))
      return 1;
    if (status == DOMAIN_STOPPED) return 0;
  }
}

static void gather_domains(struct stw_section *s)
{
  struct domain_slot *self = self_slot();
  s->num_domains = 0;
  s->domains[s->num_domains++] = Caml_state;
  for (uintnat i = 0; i < caml_max_domains; i++) {
    struct domain_slot *slot = &caml_domain_slots[i];
    if (slot == self || atomic_load(&slot->status) == DOMAIN_FREE) continue;
    interrupt(slot);
    s->domains[s->num_domains++] = slot->state;
  }
  s->num_workers = 1;
  stw.num_captured = 0;
  for (int i = 1; i < s->num_domains; i++) {
    struct domain_slot *slot = &caml_domain_slots[s->domains[i]->id];
    if (stop_or_capture(slot))
      stw.captured[stw.num_captured++] = slot;
    else
      s->num_workers++;
  }
}

static void release_captured(void)
{
  for (intnat i = 0; i < stw.num_captured; i++) {
    atomic_store(&stw.captured[i]->interrupted, 0);
    atomic_store(&stw.captured[i]->status, DOMAIN_BLOCKED);
  }
  stw.num_captured = 0;
}

/* No other domain exists, and none can come up while we run. */
static void run_alone(struct stw_section *s)
{
  caml_domain_state *self = Caml_state;
  s->domains = &self;
  s->num_domains = 1;
  s->num_workers = 1;
  self->inside_stw_handler = 1;
  if (s->prologue != NULL) s->prologue(s);
  for (int i = 0; s->phases[i] != NULL; i++) s->phases[i](self, s);
  if (s->epilogue != NULL) s->epilogue(s);
  self->inside_stw_handler = 0;
}

int caml_try_run_stw(struct stw_section *s)
{
  if (caml_domain_alone()) {
    run_alone(s);
    return 1;
  }
  if (!caml_try_lock_domains()) {
    caml_handle_incoming_interrupts();
    sched_yield();
    return 0;
  }
  static caml_domain_state **domains; /* both protected by the lock */
  if (domains == NULL) {
    domains = caml_stat_calloc_noexc(caml_max_domains, sizeof *domains);
    stw.captured = caml_stat_calloc_noexc(caml_max_domains,
                                          sizeof *stw.captured);
    if (domains == NULL || stw.captured == NULL)
      caml_fatal_error("Fatal error: out of memory.\n");
  }
  s->domains = domains;
  gather_domains(s);
  stw.section = s;
  atomic_store(&stw.arrived, 0);
  atomic_store(&stw.next_captured, 0);
  if (s->prologue != NULL) s->prologue(s);
  atomic_fetch_add(&stw.generation, 1);
  work(s, DOMAIN_RUNNING);
  release_captured();
  caml_unlock_domains();
  return 1;
}

/* ---- the others ---- */

int caml_incoming_interrupts_queued(void)
{
  return atomic_load_acquire(&self_slot()->interrupted) != 0;
}

void caml_handle_incoming_interrupts(void)
{
  struct domain_slot *self = self_slot();
  if (!atomic_load(&self->interrupted)) return;
  atomic_store(&self->interrupted, 0);
  uintnat generation = atomic_load(&stw.generation);
  atomic_store(&self->status, DOMAIN_STOPPED);
  for (unsigned spins = 0; atomic_load(&stw.generation) == generation; spins++)
    caml_plat_spin_wait(spins);
  work(stw.section, DOMAIN_RUNNING);
}

void caml_with_blocked_domains(void (*f)(caml_domain_state *, void *),
                               void *data)
{
  if (caml_domain_alone()) return;
  for (uintnat i = 0; i < caml_max_domains; i++) {
    struct domain_slot *slot = &caml_domain_slots[i];
    enum domain_status status = DOMAIN_BLOCKED;
    if (!atomic_compare_exchange_strong(&slot->status, &status,
                                        DOMAIN_CAPTURED))
      continue;
    f(slot->state, data);
    atomic_store(&slot->status, DOMAIN_BLOCKED);
  }
}

/* ---- the lock of the table ---- */

int caml_try_lock_domains(void) { return caml_plat_try_lock(&domains_lock); }
void caml_unlock_domains(void) { caml_plat_unlock(&domains_lock); }

void caml_lock_domains(void)
{
  for (unsigned spins = 0; !caml_try_lock_domains(); spins++) {
    caml_handle_incoming_interrupts();
    caml_plat_spin_wait(spins);
  }
}

/* ---- blocking sections ---- */

/* Of a thread whose section is open: it has no state meanwhile, which is how C
   code asks whether it may touch the heap. */
static CAMLthread_local struct domain_slot *left;

CAMLexport void caml_bt_exit_ocaml(void)
{
  CAMLassert(atomic_load(&self_slot()->status) == DOMAIN_RUNNING);
  left = self_slot();
  caml_state = NULL;
  atomic_store(&left->status, DOMAIN_BLOCKED);
}

CAMLexport void caml_bt_enter_ocaml(void)
{
  for (unsigned spins = 0;; caml_plat_spin_wait(spins++)) {
    enum domain_status status = DOMAIN_BLOCKED;
    if (atomic_compare_exchange_weak(&left->status, &status, DOMAIN_RUNNING))
      break;
  }
  caml_state = left->state;
}

CAMLexport void caml_acquire_domain_lock(void) { caml_bt_enter_ocaml(); }
CAMLexport void caml_release_domain_lock(void) { caml_bt_exit_ocaml(); }

/* After fork, in the child: no section can be under way, the parent ran alone. */
CAMLexport void caml_reset_domain_lock(void)
{
  caml_plat_mutex_reinit(&domains_lock);
  atomic_store(&self_slot()->interrupted, 0);
}

CAMLexport int caml_bt_is_in_blocking_section(void)
{
  return Caml_state_opt == NULL;
}

/* There are no helper threads. */
CAMLexport int caml_bt_is_self(void) { return 0; }
