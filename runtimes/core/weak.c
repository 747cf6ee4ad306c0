/* Weak arrays and ephemerons.

   An ephemeron is a block of tag Abstract in the major heap: marking does not
   look into it. Each domain keeps a list of those it has made. Its data is
   marked once the ephemeron and all its keys are; at the end of marking, with
   the world stopped, keys that are unmarked are dropped, and the data with
   them. Whoever takes a key or data out during marking darkens it. */
#define CAML_INTERNALS

#include <string.h>

#include "gc_cycle.h"
#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/major_gc.h"
#include "caml/memory.h"
#include "caml/minor_gc.h"
#include "caml/shared_heap.h"
#include "caml/weak.h"

static struct {
  header_t header;
  value dummy;
} none = { Caml_out_of_heap_header(1, Abstract_tag), Val_unit };

value caml_ephe_none = (value)&none.dummy;

struct caml_ephe_info *caml_alloc_ephe_info(void)
{
  return caml_stat_calloc_noexc(1, sizeof(struct caml_ephe_info));
}

/* ---- creation ---- */

CAMLprim value caml_ephe_create(value len)
{
  intnat n = Long_val(len);
  if (n < 0 || (uintnat)n > CAML_EPHE_MAX_WOSIZE)
    caml_invalid_argument("Weak.create");
  mlsize_t wosize = n + CAML_EPHE_FIRST_KEY;
  value e = caml_alloc_shr(wosize, Abstract_tag);
  for (mlsize_t i = CAML_EPHE_DATA_OFFSET; i < wosize; i++)
    Field(e, i) = caml_ephe_none;
  struct caml_ephe_info *info = Caml_state->ephe_info;
  Ephe_link(e) = info->todo;
  info->todo = e;
  return caml_check_urgent_gc(e);
}

CAMLprim value caml_weak_create(value len) { return caml_ephe_create(len); }

/* ---- the collector's side ---- */

static int is_dead(value v)
{
  if (Is_long(v) || v == caml_ephe_none || Is_young(v)) return 0;
  if (Tag_val(v) == Infix_tag) v -= Infix_offset_val(v);
  return is_unmarked(v);
}

static int all_keys_live(value e)
{
  for (mlsize_t i = CAML_EPHE_FIRST_KEY; i < Wosize_val(e); i++)
    if (is_dead(Field(e, i))) return 0;
  return 1;
}

/* Ephemerons on the list [live] have nothing left to mark in this cycle. */
int caml_ephe_mark_data(caml_domain_state *d)
{
  struct caml_ephe_info *info = d->ephe_info;
  value *link = &info->todo;
  int marked = 0;
  while (*link != 0) {
    value e = *link;
    int dead_data = is_dead(Ephe_data(e));
    if (dead_data && (is_unmarked(e) || !all_keys_live(e))) {
      link = &Ephe_link(e);
      continue;
    }
    if (dead_data) {
      caml_darken(NULL, Ephe_data(e), NULL);
      marked = 1;
    }
    *link = Ephe_link(e);
    Ephe_link(e) = info->live;
    info->live = e;
  }
  return marked;
}

void caml_ephe_clean(value e)
{
  int dropped = 0;
  for (mlsize_t i = CAML_EPHE_FIRST_KEY; i < Wosize_val(e); i++)
    if (is_dead(Field(e, i))) {
      Field(e, i) = caml_ephe_none;
      dropped = 1;
    }
  if (dropped || is_dead(Ephe_data(e))) Ephe_data(e) = caml_ephe_none;
}

/* Puts the live ephemerons of [list] in front of [onto]. */
static value keep_live(value list, value onto)
{
  while (list != 0) {
    value e = list;
    list = Ephe_link(e);
    if (is_unmarked(e)) continue;
    caml_ephe_clean(e);
    Ephe_link(e) = onto;
    onto = e;
  }
  return onto;
}

void caml_ephe_end_cycle(caml_domain_state *d)
{
  struct caml_ephe_info *info = d->ephe_info;
  value kept = keep_live(info->live, 0);
  info->todo = keep_live(info->todo, kept);
  info->live = 0;
}

/* ---- domains that end ---- */

static caml_plat_mutex orphan_mutex = CAML_PLAT_MUTEX_INITIALIZER;
static value orphans;

static value append(value list, value onto)
{
  while (list != 0) {
    value next = Ephe_link(list);
    Ephe_link(list) = onto;
    onto = list;
    list = next;
  }
  return onto;
}

void caml_orphan_ephemerons(caml_domain_state *d)
{
  struct caml_ephe_info *info = d->ephe_info;
  caml_plat_lock_blocking(&orphan_mutex);
  orphans = append(info->todo, append(info->live, orphans));
  caml_plat_unlock(&orphan_mutex);
  info->todo = info->live = 0;
}

void caml_adopt_orphan_ephemerons(caml_domain_state *d)
{
  caml_plat_lock_blocking(&orphan_mutex);
  d->ephe_info->todo = append(orphans, d->ephe_info->todo);
  orphans = 0;
  caml_plat_unlock(&orphan_mutex);
}

/* ---- access ---- */

static mlsize_t key_offset(value e, value n, const char *where)
{
  mlsize_t offset = Long_val(n) + CAML_EPHE_FIRST_KEY;
  if (Long_val(n) < 0 || offset >= Wosize_val(e)) caml_invalid_argument(where);
  return offset;
}

static void store(value e, mlsize_t offset, value v)
{
  atomic_thread_fence(memory_order_acquire);
  atomic_store_release(Op_atomic_val(e) + offset, v);
  if (Is_block_and_young(v))
    add_to_ephe_ref_table(&Caml_state->minor_tables->ephe_ref, e, offset);
}

/* The contents, from now on strongly reachable; [caml_ephe_none] if absent. */
static value load(value e, mlsize_t offset)
{
  value v = atomic_load_acquire(Op_atomic_val(e) + offset);
  if (v != caml_ephe_none && caml_marking_started()) caml_darken(NULL, v, NULL);
  return v;
}

static value option(value v)
{
  return v == caml_ephe_none ? Val_none : caml_alloc_some(v);
}

CAMLprim value caml_ephe_set_key(value e, value n, value v)
{
  store(e, key_offset(e, n, "Weak.set"), v);
  return Val_unit;
}

CAMLprim value caml_ephe_unset_key(value e, value n)
{
  store(e, key_offset(e, n, "Weak.set"), caml_ephe_none);
  return Val_unit;
}

value caml_ephe_set_key_option(value e, value n, value v)
{
  store(e, key_offset(e, n, "Weak.set"),
        Is_none(v) ? caml_ephe_none : Some_val(v));
  return Val_unit;
}

CAMLprim value caml_weak_set(value e, value n, value v)
{
  return caml_ephe_set_key_option(e, n, v);
}

CAMLprim value caml_ephe_set_data(value e, value v)
{
  store(e, CAML_EPHE_DATA_OFFSET, v);
  return Val_unit;
}

CAMLprim value caml_ephe_unset_data(value e)
{
  store(e, CAML_EPHE_DATA_OFFSET, caml_ephe_none);
  return Val_unit;
}

CAMLprim value caml_ephe_get_key(value e, value n)
{
  return option(load(e, key_offset(e, n, "Weak.get_key")));
}

CAMLprim value caml_weak_get(value e, value n)
{
  return option(load(e, key_offset(e, n, "Weak.get")));
}

CAMLprim value caml_ephe_get_data(value e)
{
  return option(load(e, CAML_EPHE_DATA_OFFSET));
}

static value is_present(value e, mlsize_t offset)
{
  return Val_bool(atomic_load_acquire(Op_atomic_val(e) + offset)
                  != caml_ephe_none);
}

CAMLprim value caml_ephe_check_key(value e, value n)
{
  return is_present(e, key_offset(e, n, "Weak.check"));
}

CAMLprim value caml_weak_check(value e, value n)
{
  return caml_ephe_check_key(e, n);
}

CAMLprim value caml_ephe_check_data(value e)
{
  return is_present(e, CAML_EPHE_DATA_OFFSET);
}

/* ---- shallow copies ---- */

/* Custom blocks own what they point to, continuations are used once. */
static int is_copied(value v)
{
  return Is_block(v) && Tag_val(v) != Custom_tag && Tag_val(v) != Cont_tag
         && Wosize_val(v) > 0;
}

static void copy_fields(value to, value from)
{
  mlsize_t n = Wosize_val(from), i = 0;
  tag_t tag = Tag_val(from);
  if (tag == Closure_tag) i = Start_env_closinfo(Closinfo_val(from));
  if (tag >= No_scan_tag) i = n;
  memcpy(Op_val(to), Op_val(from), Bsize_wsize(i));
  for (; i < n; i++) caml_initialize(&Field(to, i), Field(from, i));
}

/* Allocating may collect the value: then one begins again. */
static value get_copy(value ephe, mlsize_t offset)
{
  CAMLparam1(ephe);
  CAMLlocal1(copy);
  for (;;) {
    value v = load(ephe, offset);
    if (v == caml_ephe_none || !is_copied(v)) CAMLreturn(option(v));
    mlsize_t inside = Tag_val(v) == Infix_tag ? Infix_offset_val(v) : 0;
    v -= inside;
    mlsize_t wosize = Wosize_val(v);
    if (copy != Val_unit && Wosize_val(copy) == wosize
        && Tag_val(copy) == Tag_val(v)) {
      copy_fields(copy, v);
      CAMLreturn(option(copy + inside));
    }
    tag_t tag = Tag_val(v);
    copy = caml_alloc(wosize, tag == Closure_tag ? Abstract_tag : tag);
    if (tag == Closure_tag) Unsafe_store_tag_val(copy, Closure_tag);
    if (tag == Closure_tag) {
      /* No collection may see a closure without its information word. */
      v = load(ephe, offset);
      if (v == caml_ephe_none) CAMLreturn(Val_none);
      copy_fields(copy, v - inside);
      CAMLreturn(option(copy + inside));
    }
  }
}

CAMLprim value caml_ephe_get_key_copy(value e, value n)
{
  return get_copy(e, key_offset(e, n, "Weak.get_copy"));
}

CAMLprim value caml_weak_get_copy(value e, value n)
{
  return caml_ephe_get_key_copy(e, n);
}

CAMLprim value caml_ephe_get_data_copy(value e)
{
  return get_copy(e, CAML_EPHE_DATA_OFFSET);
}

/* ---- blits ---- */

static void check_range(value e, intnat ofs, intnat len)
{
  intnat keys = Wosize_val(e) - CAML_EPHE_FIRST_KEY;
  if (ofs < 0 || len < 0 || ofs > keys - len)
    caml_invalid_argument("Weak.blit");
}

static void blit_one(value from, mlsize_t i, value to, mlsize_t j)
{
  store(to, j, load(from, i));
}

CAMLprim value caml_ephe_blit_key(value from, value vi, value to, value vj,
                                  value vlen)
{
  intnat i = Long_val(vi), j = Long_val(vj), len = Long_val(vlen);
  check_range(from, i, len);
  check_range(to, j, len);
  i += CAML_EPHE_FIRST_KEY;
  j += CAML_EPHE_FIRST_KEY;
  if (from == to && i < j)
    for (intnat k = len - 1; k >= 0; k--) blit_one(from, i + k, to, j + k);
  else
    for (intnat k = 0; k < len; k++) blit_one(from, i + k, to, j + k);
  return Val_unit;
}

CAMLprim value caml_weak_blit(value from, value vi, value to, value vj,
                              value vlen)
{
  return caml_ephe_blit_key(from, vi, to, vj, vlen);
}

CAMLprim value caml_ephe_blit_data(value from, value to)
{
  blit_one(from, CAML_EPHE_DATA_OFFSET, to, CAML_EPHE_DATA_OFFSET);
  return Val_unit;
}
