/* Profiles of Gc.Memprof, and the domains and threads that sample for them.

   When a profile is started, or a domain ends, entries that are left go to
   tables on the side, "orphans", whose profile goes on being told of their
   blocks until it is discarded. */
#define CAML_INTERNALS

#include <math.h>

#include "memprof_state.h"
#include "caml/alloc.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/platform.h"

/* Of domains that have ended. */
static struct memprof_table *global_orphans;
static caml_plat_mutex orphans_lock = CAML_PLAT_MUTEX_INITIALIZER;

/* ---- orphans ---- */

static struct memprof_table **end_of_list(struct memprof_table **p)
{
  while (*p != NULL) p = &(*p)->next;
  return p;
}

void caml_memprof_adopt_orphans(caml_domain_state *d)
{
  if (d->memprof == NULL) return;
  caml_plat_lock_blocking(&orphans_lock);
  *end_of_list(&d->memprof->orphans) = global_orphans;
  global_orphans = NULL;
  caml_plat_unlock(&orphans_lock);
}

/* Puts all entries of the domain and of its threads aside. 0: no memory. */
static int orphan_entries(struct memprof_domain_s *m)
{
  uintnat n = m->tracked.count;
  for (struct memprof_thread_s *th = m->threads; th != NULL; th = th->next) {
    caml_memprof_cancel_unborn(&th->fresh);
    n += th->fresh.count;
  }
  if (n == 0) return 1;
  struct memprof_table *t = caml_stat_alloc_noexc(sizeof *t);
  if (t == NULL) return 0;
  caml_memprof_init_table(t, m->tracked.profile);
  int moved = caml_memprof_move_entries(&m->tracked, t);
  for (struct memprof_thread_s *th = m->threads; th != NULL; th = th->next)
    moved &= caml_memprof_move_entries(&th->fresh, t);
  t->next = m->orphans;
  m->orphans = t;
  return moved;
}

/* ---- threads and domains ---- */

static struct memprof_thread_s *add_thread(struct memprof_domain_s *m)
{
  struct memprof_thread_s *th = caml_stat_calloc_noexc(1, sizeof *th);
  if (th == NULL) return NULL;
  caml_memprof_init_table(&th->fresh, m->tracked.profile);
  th->domain = m;
  th->next = m->threads;
  m->threads = th;
  return th;
}

static void remove_thread(struct memprof_thread_s *th)
{
  struct memprof_thread_s **p = &th->domain->threads;
  while (*p != th) p = &(*p)->next;
  *p = th->next;
  if (th->domain->current == th) th->domain->current = NULL;
  caml_memprof_clear_table(&th->fresh);
  caml_stat_free(th);
}

CAMLexport memprof_thread_t caml_memprof_new_thread(caml_domain_state *d)
{
  return add_thread(d->memprof);
}

/* While it is the only one. */
CAMLexport memprof_thread_t caml_memprof_main_thread(caml_domain_state *d)
{
  return d->memprof->threads;
}

CAMLexport void caml_memprof_enter_thread(memprof_thread_t th)
{
  th->domain->current = th;
  caml_memprof_set_suspended(th->domain, th->suspended);
}

/* Blocks whose first callback it did not come to are not tracked. */
CAMLexport void caml_memprof_delete_thread(memprof_thread_t th)
{
  for (uintnat i = 0; i < th->fresh.count; i++)
    if (th->fresh.items[i]->called == 0)
      caml_memprof_delete_entry(th->fresh.items[i]);
  caml_memprof_evict(&th->fresh);
  (void)caml_memprof_move_entries(&th->fresh, &th->domain->tracked);
  remove_thread(th);
}

int caml_memprof_new_domain(caml_domain_state *parent, caml_domain_state *d)
{
  struct memprof_domain_s *m = caml_stat_calloc_noexc(1, sizeof *m);
  if (m == NULL) return 0;
  value profile =
    parent == NULL ? No_profile : parent->memprof->tracked.profile;
  caml_memprof_init_table(&m->tracked, profile);
  m->state = d;
  m->random = d->unique_id;
  m->current = add_thread(m);
  if (m->current == NULL) {
    caml_stat_free(m);
    return 0;
  }
  d->memprof = m;
  if (caml_memprof_is_sampling(m)) m->distance = caml_memprof_draw_distance(m) - 1;
  caml_memprof_set_trigger(d);
  return 1;
}

void caml_memprof_delete_domain(caml_domain_state *d)
{
  struct memprof_domain_s *m = d->memprof;
  if (m == NULL) return;
  (void)orphan_entries(m);
  caml_plat_lock_blocking(&orphans_lock);
  *end_of_list(&m->orphans) = global_orphans;
  global_orphans = m->orphans;
  caml_plat_unlock(&orphans_lock);
  while (m->threads != NULL) remove_thread(m->threads);
  caml_memprof_clear_table(&m->tracked);
  caml_stat_free(m);
  d->memprof = NULL;
}

/* ---- primitives ---- */

/* 1 / log (1 - rate): 0 when every word is a sample, infinite when none is. */
static double scale_of_rate(double rate)
{
  if (rate == 1.0) return 0.0;
  double scale = 1.0 / log1p(-rate);
  return scale <= 0.0 ? scale : -INFINITY;
}

static value make_profile(value rate, value callstack_size, value tracker)
{
  CAMLparam3(rate, callstack_size, tracker);
  CAMLlocal1(scale);
  scale = caml_copy_double(scale_of_rate(Double_val(rate)));
  value p = caml_alloc_shr(PROFILE_NUM_FIELDS, 0);
  Field(p, PROFILE_STATUS) = Val_int(STATUS_SAMPLING);
  caml_initialize(&Field(p, PROFILE_RATE), rate);
  caml_initialize(&Field(p, PROFILE_LOG_SCALE), scale);
  Field(p, PROFILE_CALLSTACK_SIZE) = callstack_size;
  for (mlsize_t i = PROFILE_ALLOC_MINOR; i < PROFILE_NUM_FIELDS; i++)
    caml_initialize(&Field(p, i), Field(tracker, i - PROFILE_ALLOC_MINOR));
  CAMLreturn(p);
}

CAMLprim value caml_memprof_start(value rate, value callstack_size,
                                  value tracker)
{
  CAMLparam3(rate, callstack_size, tracker);
  CAMLlocal1(profile);
  struct memprof_domain_s *m = Caml_state->memprof;
  double r = Double_val(rate);
  if (Long_val(callstack_size) < 0 || !(r >= 0.0 && r <= 1.0))
    caml_invalid_argument("Gc.Memprof.start");
  if (profile_has_status(caml_memprof_profile(&m->current->fresh),
                         STATUS_SAMPLING))
    caml_failwith("Gc.Memprof.start: already started.");
  if (!orphan_entries(m)) caml_raise_out_of_memory();
  profile = make_profile(rate, callstack_size, tracker);
  m->tracked.profile = profile;
  for (struct memprof_thread_s *th = m->threads; th != NULL; th = th->next)
    th->fresh.profile = profile;
  m->distance = Double_val(Field(profile, PROFILE_LOG_SCALE)) == -INFINITY
                  ? Max_long
                  : caml_memprof_draw_distance(m) - 1;
  caml_memprof_set_trigger(Caml_state);
  caml_reset_young_limit(Caml_state);
  caml_memprof_note_pending(m);
  CAMLreturn(profile);
}

/* Blocks that were sampled before are still reported. */
CAMLprim value caml_memprof_stop(value unit)
{
  struct memprof_domain_s *m = Caml_state->memprof;
  (void)unit;
  if (!m->current->suspended) {
    caml_memprof_set_suspended(m, 1);
    caml_result r = caml_memprof_run_table_res(&m->current->fresh);
    caml_memprof_set_suspended(m, 0);
    caml_get_value_or_raise(r);
  }
  value profile = caml_memprof_profile(&m->current->fresh);
  if (!profile_has_status(profile, STATUS_SAMPLING))
    caml_failwith("Gc.Memprof.stop: no profile running.");
  Field(profile, PROFILE_STATUS) = Val_int(STATUS_STOPPED);
  caml_memprof_set_trigger(Caml_state);
  caml_reset_young_limit(Caml_state);
  return Val_unit;
}

CAMLprim value caml_memprof_discard(value profile)
{
  if (profile_has_status(profile, STATUS_SAMPLING))
    caml_failwith("Gc.Memprof.discard: profile not stopped.");
  if (profile_has_status(profile, STATUS_DISCARDED))
    caml_failwith("Gc.Memprof.discard: profile already discarded.");
  Field(profile, PROFILE_STATUS) = Val_int(STATUS_DISCARDED);
  return Val_unit;
}
