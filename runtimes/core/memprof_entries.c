/* Tracked blocks of Gc.Memprof: their tables and their callbacks.

   An entry has an address of its own, so that whoever runs its callback finds
   it again after anything that the callback may do: starting a profile moves
   all entries to another table. */
#define CAML_INTERNALS

#include "memprof_entries.h"

#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/memory.h"
#include "caml/memprof.h"

enum { MIN_CAPACITY = 16 };

/* ---- tables ---- */

void caml_memprof_init_table(struct memprof_table *t, value profile)
{
  *t = (struct memprof_table){ .profile = profile };
}

static void free_entry(struct memprof_entry *e)
{
  caml_stat_free(e->callstack);
  caml_stat_free(e);
}

void caml_memprof_clear_table(struct memprof_table *t)
{
  for (uintnat i = 0; i < t->count; i++) free_entry(t->items[i]);
  caml_stat_free(t->items);
  caml_memprof_init_table(t, No_profile);
}

static int ensure_room(struct memprof_table *t, uintnat n)
{
  if (t->count + n <= t->capacity) return 1;
  uintnat capacity = 2 * (t->count + n);
  if (capacity < MIN_CAPACITY) capacity = MIN_CAPACITY;
  void *items = caml_stat_resize_noexc(t->items, capacity * sizeof *t->items);
  if (items == NULL) return 0;
  t->items = items;
  t->capacity = capacity;
  return 1;
}

static void put(struct memprof_table *t, uintnat index, struct memprof_entry *e)
{
  e->table = t;
  e->index = index;
  t->items[index] = e;
}

struct memprof_entry *caml_memprof_add_entry(struct memprof_table *t)
{
  if (!ensure_room(t, 1)) return NULL;
  struct memprof_entry *e = caml_stat_calloc_noexc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->block = e->user_data = Val_unit;
  put(t, t->count++, e);
  return e;
}

void caml_memprof_delete_entry(struct memprof_entry *e)
{
  if (e->deleted) return;
  e->deleted = 1;
  e->unborn = 0;
  e->block = e->user_data = Val_unit;
  e->table->num_deleted++;
}

void caml_memprof_evict(struct memprof_table *t)
{
  if (t->num_deleted == 0) return;
  uintnat kept = 0, young = t->count, active = t->count;
  t->num_deleted = 0;
  for (uintnat i = 0; i < t->count; i++) {
    struct memprof_entry *e = t->items[i];
    if (e->deleted && !e->running) {
      free_entry(e);
      continue;
    }
    if (i >= t->young && young > kept) young = kept;
    if (i >= t->active && active > kept) active = kept;
    t->num_deleted += e->deleted;
    put(t, kept++, e);
  }
  t->count = kept;
  t->young = young < kept ? young : kept;
  t->active = active < kept ? active : kept;
  uintnat wanted = 2 * kept < MIN_CAPACITY ? MIN_CAPACITY : 2 * kept;
  if (t->capacity < 4 * wanted) return;
  void *items = caml_stat_resize_noexc(t->items, wanted * sizeof *t->items);
  if (items == NULL) return;
  t->items = items;
  t->capacity = wanted;
}

int caml_memprof_move_entries(struct memprof_table *from,
                              struct memprof_table *to)
{
  if (!ensure_room(to, from->count)) return 0;
  uintnat first = to->count;
  for (uintnat i = 0; i < from->count; i++)
    put(to, to->count++, from->items[i]);
  if (to->young == first) to->young = first + from->young;
  if (to->active == first) to->active = first + from->active;
  to->num_deleted += from->num_deleted;
  from->count = from->young = from->active = from->num_deleted = 0;
  return 1;
}

void caml_memprof_cancel_unborn(struct memprof_table *t)
{
  for (uintnat i = 0; i < t->count; i++) {
    struct memprof_entry *e = t->items[i];
    if (!e->unborn) continue;
    e->unborn = 0;
    e->block = Val_unit;
    if (e->called == 0) {
      caml_memprof_delete_entry(e);
    } else {
      e->dead = 1;
      caml_memprof_note_active(e);
    }
  }
  caml_memprof_evict(t);
}

value caml_memprof_profile(struct memprof_table *t)
{
  if (profile_has_status(t->profile, STATUS_DISCARDED)) {
    t->profile = No_profile;
    for (uintnat i = 0; i < t->count; i++)
      caml_memprof_delete_entry(t->items[i]);
    caml_memprof_evict(t);
  }
  return t->profile;
}

/* ---- callbacks ---- */

enum memprof_callback caml_memprof_next_callback(const struct memprof_entry *e)
{
  if (e->deleted || e->running) return CALLBACK_NONE;
  if (!(e->called & CALLBACK_ALLOC)) return CALLBACK_ALLOC;
  if (e->promoted && !(e->called & CALLBACK_PROMOTE)) return CALLBACK_PROMOTE;
  if (e->dead && !(e->called & CALLBACK_DEALLOC)) return CALLBACK_DEALLOC;
  return CALLBACK_NONE;
}

/* Gc.Memprof.allocation */
static value allocation_info(struct memprof_entry *e)
{
  CAMLparam0();
  CAMLlocal1(callstack);
  void *slots = e->callstack;
  e->callstack = NULL;
  callstack = caml_take_callstack(slots, e->callstack_length);
  value info = caml_alloc_small(4, 0);
  Field(info, 0) = Val_long(e->samples);
  Field(info, 1) = Val_long(e->wosize);
  Field(info, 2) = Val_long(e->source);
  Field(info, 3) = callstack;
  CAMLreturn(info);
}

static mlsize_t field_of(const struct memprof_entry *e, enum memprof_callback c)
{
  int major = !e->born_young || e->promoted;
  if (c == CALLBACK_ALLOC)
    return e->born_young ? PROFILE_ALLOC_MINOR : PROFILE_ALLOC_MAJOR;
  if (c == CALLBACK_PROMOTE) return PROFILE_PROMOTE;
  return major ? PROFILE_DEALLOC_MAJOR : PROFILE_DEALLOC_MINOR;
}

/* The callback has returned [v]: None or (), or Some data. */
static void keep_data(struct memprof_entry *e, value v)
{
  if (e->deleted) return;
  if (!Is_block(v)) {
    caml_memprof_delete_entry(e);
    return;
  }
  e->user_data = Some_val(v);
  if (Is_block_and_young(e->user_data)) caml_memprof_note_young(e);
  if (caml_memprof_next_callback(e) != CALLBACK_NONE)
    caml_memprof_note_active(e);
}

caml_result caml_memprof_run_callback_res(struct memprof_entry *e,
                                          enum memprof_callback c)
{
  e->running = 1; /* allocation of the argument may collect */
  value arg = c == CALLBACK_ALLOC ? allocation_info(e) : e->user_data;
  e->called |= c;
  e->user_data = Val_unit;
  /* The profile may be discarded meanwhile. */
  value profile = caml_memprof_profile(e->table);
  caml_result r = Result_unit;
  if (profile != No_profile)
    r = caml_callback_res(Field(profile, field_of(e, c)), arg);
  e->running = 0;
  caml_memprof_profile(e->table);
  keep_data(e, caml_result_is_exception(r) ? Val_unit : r.data);
  return caml_result_is_exception(r) ? r : Result_unit;
}
