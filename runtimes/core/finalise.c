/* Gc.finalise and Gc.finalise_last.

   A domain has two tables: [first], whose functions get the value, which
   therefore lives on until they have run, and [last], whose functions get ().
   Each is in order of registration, young entries at the end. What is found
   dead goes to the list [todo], whose functions run at the next safe point. */
#define CAML_INTERNALS

#include <string.h>

#include "gc_cycle.h"
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/fail.h"
#include "caml/finalise.h"
#include "caml/memory.h"
#include "caml/minor_gc.h"
#include "caml/platform.h"
#include "caml/roots.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"

struct caml_final_info *caml_alloc_final_info(void)
{
  return caml_stat_calloc_noexc(1, sizeof(struct caml_final_info));
}

void caml_free_final_info(struct caml_final_info *f)
{
  caml_stat_free(f->first.table);
  caml_stat_free(f->last.table);
  while (f->todo_head != NULL) {
    struct final_todo *next = f->todo_head->next;
    caml_stat_free(f->todo_head);
    f->todo_head = next;
  }
  caml_stat_free(f);
}

/* ---- functions to call ---- */

/* Room for [n] more, at the end of the list. */
static struct final *extend_todo(struct caml_final_info *f, int n)
{
  struct final_todo *t =
    caml_stat_alloc_noexc(sizeof *t + n * sizeof(struct final));
  if (t == NULL) caml_fatal_error("out of memory");
  t->next = NULL;
  t->size = n;
  if (f->todo_tail == NULL)
    f->todo_head = t;
  else
    f->todo_tail->next = t;
  f->todo_tail = t;
  return t->item;
}

int caml_final_calls_pending(caml_domain_state *d)
{
  return d->final_info->todo_head != NULL;
}

/* Takes one function off the list. */
static int next_call(struct caml_final_info *f, struct final *call)
{
  while (f->todo_head != NULL && f->todo_head->size == 0) {
    struct final_todo *next = f->todo_head->next;
    caml_stat_free(f->todo_head);
    f->todo_head = next;
    if (next == NULL) f->todo_tail = NULL;
  }
  if (f->todo_head == NULL) return 0;
  struct final_todo *t = f->todo_head;
  t->size--;
  *call = t->item[t->size];
  return 1;
}

caml_result caml_final_do_calls_res(void)
{
  struct caml_final_info *f = Caml_state->final_info;
  struct final call;
  if (f->running_finalisation_function || f->todo_head == NULL)
    return Result_unit;
  call_timing_hook(&caml_finalise_begin_hook);
  while (next_call(f, &call)) {
    f->running_finalisation_function = 1;
    caml_result r = caml_callback_res(call.fun, call.val + call.offset);
    f->running_finalisation_function = 0;
    if (caml_result_is_exception(r)) return r;
  }
  call_timing_hook(&caml_finalise_end_hook);
  return Result_unit;
}

/* ---- dead values ---- */

typedef int (*is_dead)(value v);

static int dead_in_major(value v) { return is_unmarked(v); }
static int dead_in_minor(value v) { return Is_young(v) && Hd_val(v) != 0; }

/* Moves the dead of [from; to[ to the list, newest last so that it is called
   first; closes the gaps. The caller puts [t->old] right. Returns how many. */
static uintnat move_dead(struct caml_final_info *f, struct finalisable *t,
                         uintnat from, uintnat to, is_dead dead,
                         int keep_value)
{
  uintnat n = 0, kept = from;
  for (uintnat i = from; i < to; i++) n += dead(t->table[i].val);
  if (n == 0) return 0;
  struct final *todo = extend_todo(f, n);
  for (uintnat i = from; i < t->young; i++) {
    struct final e = t->table[i];
    if (i >= to || !dead(e.val)) {
      t->table[kept++] = e;
      continue;
    }
    if (!keep_value) {
      e.val = Val_unit;
      e.offset = 0;
    }
    *todo++ = e;
  }
  t->young = kept;
  return n;
}

/* At the end of marking; the tables have no young entries then. The values
   and all that they lead to live on for the calls. */
int caml_final_update_first(caml_domain_state *d)
{
  struct caml_final_info *f = d->final_info;
  struct finalisable *t = &f->first;
  CAMLassert(t->old == t->young);
  uintnat n = move_dead(f, t, 0, t->young, dead_in_major, 1);
  t->old = t->young;
  if (n == 0) return 0;
  for (int i = 0; i < f->todo_tail->size; i++)
    caml_darken(NULL, f->todo_tail->item[i].val, NULL);
  caml_set_action_pending(d);
  return 1;
}

int caml_final_update_last(caml_domain_state *d)
{
  struct caml_final_info *f = d->final_info;
  struct finalisable *t = &f->last;
  CAMLassert(t->old == t->young);
  uintnat n = move_dead(f, t, 0, t->young, dead_in_major, 0);
  t->old = t->young;
  if (n > 0) caml_set_action_pending(d);
  return n > 0;
}

/* After the copying of a minor collection. */
void caml_final_update_last_minor(caml_domain_state *d)
{
  struct caml_final_info *f = d->final_info;
  struct finalisable *t = &f->last;
  uintnat old = t->old;
  uintnat n = move_dead(f, t, old, t->young, dead_in_minor, 0);
  t->old = old;
  for (uintnat i = old; i < t->young; i++)
    if (Is_young(t->table[i].val)) t->table[i].val = Field(t->table[i].val, 0);
  if (n > 0) caml_set_action_pending(d);
}

void caml_final_empty_young(caml_domain_state *d)
{
  d->final_info->first.old = d->final_info->first.young;
  d->final_info->last.old = d->final_info->last.young;
}

/* ---- roots ---- */

static void scan_entry(scanning_action f, void *fdata, struct final *e,
                       int do_val)
{
  f(fdata, e->fun, &e->fun);
  if (do_val) f(fdata, e->val, &e->val);
}

/* All functions; the values of those to call; those of the tables as asked. */
void caml_final_do_roots(scanning_action f, scanning_action_flags fflags,
                         void *fdata, caml_domain_state *d, int do_val)
{
  struct caml_final_info *info = d->final_info;
  /* Old entries have been scanned by the minor collection that made them so. */
  int young_only = (fflags & SCANNING_ONLY_YOUNG_VALUES) != 0;
  for (uintnat i = young_only ? info->first.old : 0; i < info->first.young; i++)
    scan_entry(f, fdata, &info->first.table[i], do_val);
  for (uintnat i = young_only ? info->last.old : 0; i < info->last.young; i++)
    scan_entry(f, fdata, &info->last.table[i], do_val);
  for (struct final_todo *t = info->todo_head; t != NULL; t = t->next)
    for (int i = 0; i < t->size; i++) scan_entry(f, fdata, &t->item[i], 1);
}

/* For a minor collection: the young values of [first] survive it; those of
   [last] only if asked. */
void caml_final_do_young_roots(scanning_action f, scanning_action_flags fflags,
                               void *fdata, caml_domain_state *d,
                               int do_last_val)
{
  (void)fflags;
  struct caml_final_info *info = d->final_info;
  for (uintnat i = info->first.old; i < info->first.young; i++)
    scan_entry(f, fdata, &info->first.table[i], 1);
  for (uintnat i = info->last.old; i < info->last.young; i++)
    scan_entry(f, fdata, &info->last.table[i], do_last_val);
}

/* ---- registration ---- */

enum { TABLE_INIT = 32 };

static void reserve_entries(struct finalisable *t, uintnat n)
{
  if (t->young + n <= t->size) return;
  uintnat size = t->size == 0 ? TABLE_INIT : 2 * t->size;
  if (size < t->young + n) size = t->young + n;
  t->table = caml_stat_resize(t->table, size * sizeof(struct final));
  t->size = size;
}

static void add_entry(struct finalisable *t, value fun, value v)
{
  reserve_entries(t, 1);
  struct final *e = &t->table[t->young];
  e->fun = fun;
  e->offset = Tag_val(v) == Infix_tag ? (int)Infix_offset_val(v) : 0;
  e->val = v - e->offset;
  t->young++;
}

/* Values that are not allocated, or may be copied or shared at will, would
   never be seen to die. */
static void check_finalisable(value v)
{
  if (!Is_block(v) || Tag_val(v) == Lazy_tag || Tag_val(v) == Forcing_tag
      || Tag_val(v) == Double_tag || Tag_val(v) == Forward_tag)
    caml_invalid_argument("Gc.finalise");
}

CAMLprim value caml_final_register(value f, value v)
{
  check_finalisable(v);
  add_entry(&Caml_state->final_info->first, f, v);
  return Val_unit;
}

CAMLprim value caml_final_register_called_without_value(value f, value v)
{
  check_finalisable(v);
  add_entry(&Caml_state->final_info->last, f, v);
  return Val_unit;
}

/* A finalisation function says that others may run before it returns. */
CAMLprim value caml_final_release(value unit)
{
  Caml_state->final_info->running_finalisation_function = 0;
  if (caml_final_calls_pending(Caml_state)) caml_set_action_pending(Caml_state);
  return unit;
}

/* ---- domains that end ---- */

static caml_plat_mutex orphan_mutex = CAML_PLAT_MUTEX_INITIALIZER;
static struct caml_final_info *orphans;

/* No entry is young: the minor heap of the domain is empty. */
void caml_orphan_finalisers(caml_domain_state *d)
{
  struct caml_final_info *f = d->final_info;
  if (f->todo_head == NULL && f->first.young == 0 && f->last.young == 0) return;
  caml_plat_lock_blocking(&orphan_mutex);
  f->next = orphans;
  orphans = f;
  caml_plat_unlock(&orphan_mutex);
  d->final_info = NULL;
}

/* Old entries go before the young ones of the target. */
void caml_final_merge_finalisable(struct finalisable *source,
                                  struct finalisable *target)
{
  uintnat n = source->young;
  if (n == 0) return;
  reserve_entries(target, n);
  memmove(target->table + n, target->table,
          target->young * sizeof(struct final));
  memcpy(target->table, source->table, n * sizeof(struct final));
  target->old += n;
  target->young += n;
}

void caml_adopt_orphan_finalisers(caml_domain_state *d)
{
  caml_plat_lock_blocking(&orphan_mutex);
  struct caml_final_info *list = orphans;
  orphans = NULL;
  caml_plat_unlock(&orphan_mutex);
  while (list != NULL) {
    struct caml_final_info *f = list, *mine = d->final_info;
    list = f->next;
    caml_final_merge_finalisable(&f->first, &mine->first);
    caml_final_merge_finalisable(&f->last, &mine->last);
    if (f->todo_head != NULL) {
      if (mine->todo_tail == NULL)
        mine->todo_head = f->todo_head;
      else
        mine->todo_tail->next = f->todo_head;
      mine->todo_tail = f->todo_tail;
      f->todo_head = NULL;
      caml_set_action_pending(d);
    }
    caml_free_final_info(f);
  }
}
