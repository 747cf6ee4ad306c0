/* Minor collections: what survives of all minor heaps is copied ("oldified")
   to the major heap, with the world stopped.

   A young block that was copied has a null header and its new address in
   field 0. Blocks whose fields are still to be looked at are linked through
   field 1 of the old copy. Each worker copies to its own pools, without locks;
   when several work at once, a block is claimed by an atomic exchange of its
   header with [IN_PROGRESS], and the null header is its release.

   Phases of a collection:
     oldify  roots, remembered fields, then all that they lead to
     settle  what did not survive is known: weak keys, custom blocks,
             Gc.finalise_last
     reset   the minor heaps are empty
   major_gc.c adds phases of its own when a cycle begins or ends. */
#define CAML_INTERNALS

#include <stdlib.h>
#include <string.h>

#include "heap_layout.h"
#include "gc_cycle.h"
#include "caml/custom.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/finalise.h"
#include "caml/gc_ctrl.h"
#include "caml/globroots.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/minor_gc.h"
#include "caml/roots.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/weak.h"

atomic_uintnat caml_minor_collections_count;
atomic_uintnat caml_major_slice_epoch;

/* ---- remembered sets ---- */

struct caml_minor_tables *caml_alloc_minor_tables(void)
{
  return caml_stat_calloc_noexc(1, sizeof(struct caml_minor_tables));
}

void caml_free_minor_tables(struct caml_minor_tables *t)
{
  caml_stat_free(t->major_ref.base);
  caml_stat_free(t->cont_ref.base);
  caml_stat_free(t->ephe_ref.base);
  caml_stat_free(t->custom.base);
  caml_stat_free(t);
}

/* All tables have the shape of this one. */
struct generic_table CAML_TABLE_STRUCT(char);

enum { TABLE_MIN_ELEMENTS = 1024, TABLE_RESERVE = 256 };

/* The table is at its limit. The first time, a minor collection is asked for
   and the reserve opened; past that it grows. */
static void grow_table(struct generic_table *t, asize_t element,
                       const char *name)
{
  asize_t used = t->ptr - t->base;
  if (t->base != NULL && t->limit == t->threshold) {
    caml_request_minor_gc();
    t->limit = t->end;
    return;
  }
  if (t->base == NULL) {
    t->size = Caml_state->minor_heap_wsz / 8;
    if (t->size < TABLE_MIN_ELEMENTS) t->size = TABLE_MIN_ELEMENTS;
    t->reserve = TABLE_RESERVE;
  } else {
    t->size *= 2;
  }
  char *base =
    caml_stat_resize_noexc(t->base, (t->size + t->reserve) * element);
  if (base == NULL) caml_fatal_error("%s overflow", name);
  int first = t->base == NULL;
  t->base = base;
  t->ptr = base + used;
  t->threshold = base + t->size * element;
  t->end = t->threshold + t->reserve * element;
  t->limit = first ? t->threshold : t->end;
}

void caml_realloc_ref_table(struct caml_ref_table *t)
{
  grow_table((struct generic_table *)t, sizeof(value *), "ref_table");
}

void caml_realloc_ephe_ref_table(struct caml_ephe_ref_table *t)
{
  grow_table((struct generic_table *)t, sizeof(struct caml_ephe_ref_elt),
             "ephe_ref_table");
}

void caml_realloc_custom_table(struct caml_custom_table *t)
{
  grow_table((struct generic_table *)t, sizeof(struct caml_custom_elt),
             "custom_table");
}

#define Clear_table(t) ((t)->ptr = (t)->base, (t)->limit = (t)->threshold)

void caml_remember_cont(value cont)
{
  if (!Is_young(cont)) Ref_table_add(&Caml_state->minor_tables->cont_ref, cont);
}

/* ---- copying ---- */

/* No block has this header: size 0, and the tag of a string. */
#define IN_PROGRESS Make_header(0, String_tag, 0)

struct oldify {
  struct caml_heap_state *heap;
  value todo; /* old copies linked through field 1; 0 ends */
  uintnat promoted_words;
};

/* Waits until another worker has copied [v]; its header is null then. */
static void await_copy(value v)
{
  unsigned spins = 0;
  while (atomic_load_acquire(Hp_atomic_val(v)) != 0)
    caml_plat_spin_wait(spins++);
}

/* 1 when the block is ours to copy. */
Caml_always_inline int claim(value v, header_t hd, int parallel)
{
  if (!parallel) return 1;
  if (hd != IN_PROGRESS
      && atomic_compare_exchange_strong(Hp_atomic_val(v), &hd, IN_PROGRESS))
    return 1;
  await_copy(v);
  return 0;
}

Caml_always_inline void publish_copy(value v, value copy, int parallel)
{
  Field(v, 0) = copy;
  if (parallel)
    atomic_store_release(Hp_atomic_val(v), 0);
  else
    *Hp_val(v) = 0;
}

/* The block's copy, its fields as they were. */
Caml_always_inline value copy_block(struct oldify *o, value v, header_t hd)
{
  mlsize_t wosize = Wosize_hd(hd);
  value *hp = caml_shared_alloc_raw(o->heap, wosize);
  if (CAMLunlikely(hp == NULL))
    caml_fatal_error("Fatal error: out of memory.\n");
  *(header_t *)hp =
    Make_header(wosize, Tag_hd(hd), caml_allocation_status);
  const value *restrict from = Op_val(v);
  value *restrict to = hp + 1;
  mlsize_t i = 0;
  do /* most blocks are too small for anything cleverer */
    to[i] = from[i];
  while (++i < wosize);
  o->promoted_words += Whsize_wosize(wosize);
  return Val_hp(hp);
}

/* May a reference to this Forward block go to [f], its contents, instead? Not
   if the tag of [f] would then mean something else. */
static int can_shortcut(value f)
{
  if (Is_long(f)) return 1;
  header_t hd = Hd_val(f);
  if (Is_young(f) && hd == 0) hd = Hd_val(Field(f, 0));
  tag_t tag = Tag_hd(hd);
  return tag != Forward_tag && tag != Lazy_tag && tag != Forcing_tag
         && tag != Double_tag;
}

/* [*p] holds [v]: makes it hold the copy of the block when it is young. */
Caml_always_inline void oldify_one(struct oldify *o, value v,
                                   volatile value *p, int parallel)
{
  while (Is_block(v) && Is_young(v)) {
    header_t hd = parallel ? atomic_load_acquire(Hp_atomic_val(v)) : Hd_val(v);
    if (hd == 0) {
      *p = Field(v, 0);
      return;
    }
    if (hd != IN_PROGRESS && Tag_hd(hd) == Infix_tag) {
      mlsize_t offset = Infix_offset_hd(hd);
      value closure = v - offset;
      oldify_one(o, closure, p, parallel);
      *p += offset;
      return;
    }
    if (!parallel && Tag_hd(hd) == Forward_tag
        && can_shortcut(Forward_val(v))) {
      v = Forward_val(v);
      *p = v;
      continue;
    }
    if (!claim(v, hd, parallel)) continue;
    value copy = copy_block(o, v, hd);
    mlsize_t wosize = Wosize_hd(hd);
    value todo = o->todo;
    int has_fields = Tag_hd(hd) < No_scan_tag && wosize > 1;
    if (has_fields) {
      Field(v, 1) = todo;
      o->todo = v;
    }
    publish_copy(v, copy, parallel);
    *p = copy;
    if (has_fields || Tag_hd(hd) >= No_scan_tag) return;
    p = &Field(copy, 0);
    v = *p;
  }
}

static void oldify_alone(void *o, value v, volatile value *p)
{
  oldify_one(o, v, p, 0);
}

static void oldify_parallel(void *o, value v, volatile value *p)
{
  oldify_one(o, v, p, 1);
}

/* The first field to look at. A continuation's stack is scanned. */
static mlsize_t first_field(struct oldify *o, value copy, header_t hd,
                            int parallel)
{
  if (Tag_hd(hd) == Closure_tag) return Start_env_closinfo(Closinfo_val(copy));
  if (Tag_hd(hd) == Cont_tag) {
    struct stack_info *stack = Ptr_val(Field(copy, 0));
    if (stack != NULL)
      caml_scan_stack(parallel ? oldify_parallel : oldify_alone,
                      SCANNING_ONLY_YOUNG_VALUES, o, stack, NULL);
    return 1;
  }
  return 0;
}

/* Until nothing is left to do. */
Caml_always_inline void oldify_mopup(struct oldify *o, int parallel)
{
  while (o->todo != 0) {
    value v = o->todo;
    o->todo = Field(v, 1);
    value copy = Field(v, 0);
    header_t hd = Hd_val(copy);
    mlsize_t i = 0, n = Wosize_hd(hd);
    const uintnat young = caml_minor_heaps_start;
    const uintnat young_bsize = caml_minor_heaps_end - young;
    if (CAMLunlikely(Tag_hd(hd) == Closure_tag || Tag_hd(hd) == Cont_tag))
      i = first_field(o, copy, hd, parallel);
    for (; i < n; i++) {
      value f = Field(copy, i);
      if (Is_block(f) && (uintnat)f - young < young_bsize)
        oldify_one(o, f, &Field(copy, i), parallel);
    }
  }
}

static void mopup_alone(struct oldify *o) { oldify_mopup(o, 0); }
static void mopup_parallel(struct oldify *o) { oldify_mopup(o, 1); }

/* ---- phases ---- */

static void oldify_ref_table(struct oldify *o, struct caml_ref_table *t)
{
  for (value **r = t->base; r < t->ptr; r++) oldify_one(o, **r, *r, 0);
}

static void oldify_ref_table_parallel(struct oldify *o,
                                      struct caml_ref_table *t)
{
  for (value **r = t->base; r < t->ptr; r++) oldify_one(o, **r, *r, 1);
}

/* Continuations of the major heap to which a fiber was appended. */
static void oldify_cont_table(struct oldify *o, scanning_action f,
                              struct caml_ref_table *t)
{
  for (value **r = t->base; r < t->ptr; r++) {
    struct stack_info *stack = Ptr_val(Field((value)*r, 0));
    if (stack != NULL)
      caml_scan_stack(f, SCANNING_ONLY_YOUNG_VALUES, o, stack, NULL);
  }
}

/* Data of ephemerons are kept here; only the major collector knows better. */
static void oldify_ephe_data(struct oldify *o, scanning_action f,
                             struct caml_ephe_ref_table *t)
{
  for (struct caml_ephe_ref_elt *e = t->base; e < t->ptr; e++)
    if (e->offset == CAML_EPHE_DATA_OFFSET)
      f(o, Ephe_data(e->ephe), &Ephe_data(e->ephe));
}

static void stw_oldify(caml_domain_state *d, struct stw_section *stw)
{
  caml_domain_state *self = Caml_state;
  int parallel = stw->num_workers > 1;
  scanning_action f = parallel ? oldify_parallel : oldify_alone;
  struct oldify o = { .heap = self->shared_heap };
  if (d == stw->domains[0]) {
    caml_memprof_adopt_orphans(d);
    caml_scan_global_young_roots(f, &o);
  }
  (parallel ? oldify_ref_table_parallel
            : oldify_ref_table)(&o, &d->minor_tables->major_ref);
  oldify_cont_table(&o, f, &d->minor_tables->cont_ref);
  caml_do_roots(f, SCANNING_ONLY_YOUNG_VALUES, &o, d, 0);
  caml_final_do_young_roots(f, SCANNING_ONLY_YOUNG_VALUES, &o, d, 0);
  oldify_ephe_data(&o, f, &d->minor_tables->ephe_ref);
  (parallel ? mopup_parallel : mopup_alone)(&o);
  self->stat_promoted_words += o.promoted_words;
  caml_update_major_allocated_words(self, o.promoted_words, 0);
}

/* The copy of a young value, or 0 when it is dead. */
static value survivor(value v)
{
  header_t hd = Hd_val(v);
  if (hd == 0) return Field(v, 0);
  if (Tag_hd(hd) != Infix_tag) return 0;
  mlsize_t offset = Infix_offset_hd(hd);
  return Hd_val(v - offset) == 0 ? Field(v - offset, 0) + offset : 0;
}

static void settle_ephe(struct caml_ephe_ref_elt *e)
{
  volatile value *slot = &Field(e->ephe, e->offset);
  if (e->offset == CAML_EPHE_DATA_OFFSET || *slot == caml_ephe_none
      || !Is_block_and_young(*slot))
    return;
  value copy = survivor(*slot);
  *slot = copy != 0 ? copy : caml_ephe_none;
  if (copy == 0) Ephe_data(e->ephe) = caml_ephe_none;
}

static void settle_custom(struct caml_custom_elt *e)
{
  if (Hd_val(e->block) == 0) {
    caml_adjust_gc_speed(e->mem, e->max);
    return;
  }
  void (*finalize)(value) = Custom_ops_val(e->block)->finalize;
  if (finalize != NULL) finalize(e->block);
}

static void stw_settle(caml_domain_state *d, struct stw_section *stw)
{
  (void)stw;
  struct caml_minor_tables *t = d->minor_tables;
  for (struct caml_ephe_ref_elt *e = t->ephe_ref.base; e < t->ephe_ref.ptr; e++)
    settle_ephe(e);
  for (struct caml_custom_elt *e = t->custom.base; e < t->custom.ptr; e++)
    settle_custom(e);
  caml_final_update_last_minor(d);
  caml_final_empty_young(d);
  caml_memprof_after_minor_gc(d);
}

/* In the debug build, what was young is made unreadable. */
static void poison(caml_domain_state *d)
{
  if (!GC_DEBUG_BUILD) return;
  for (value *p = d->young_ptr; p < d->young_end; p++)
    *p = (value)Debug_free_minor;
}

static void stw_reset(caml_domain_state *d, struct stw_section *stw)
{
  (void)stw;
  struct caml_minor_tables *t = d->minor_tables;
  d->stat_minor_words += d->young_end - d->young_ptr;
  poison(d);
  d->young_ptr = d->young_end;
  Clear_table(&t->major_ref);
  Clear_table(&t->cont_ref);
  Clear_table(&t->ephe_ref);
  Clear_table(&t->custom);
  d->extra_heap_resources_minor = 0.0;
  d->requested_minor_gc = 0;
  d->requested_major_slice = 1;
  caml_memprof_set_trigger(d);
  if (d->memprof_young_trigger != d->young_start) caml_reset_young_limit(d);
  caml_collect_gc_stats_sample_stw(d);
}

static void count_collection(struct stw_section *stw)
{
  (void)stw;
  atomic_fetch_add(&caml_minor_collections_count, 1);
}

/* ---- running a collection ---- */

/* [extra] follows the phases of a minor collection; NULL-ended. */
int caml_try_minor_stw(const stw_phase extra[],
                       void (*epilogue)(struct stw_section *), void *data)
{
  stw_phase phases[8] = { stw_oldify, stw_settle, stw_reset };
  for (int i = 0; extra != NULL && extra[i] != NULL; i++) {
    CAMLassert(3 + i + 1 < 8);
    phases[3 + i] = extra[i];
  }
  struct stw_section stw = { .phases = phases,
                             .data = data,
                             .prologue = count_collection,
                             .epilogue = epilogue };
  call_timing_hook(&caml_minor_gc_begin_hook);
  int done = caml_try_run_stw(&stw);
  call_timing_hook(&caml_minor_gc_end_hook);
  return done;
}

int caml_try_empty_minor_heap_on_all_domains(void)
{
  return caml_try_minor_stw(NULL, NULL, NULL);
}

void caml_empty_minor_heaps_once(void)
{
  uintnat before = atomic_load(&caml_minor_collections_count);
  while (atomic_load(&caml_minor_collections_count) == before)
    caml_try_empty_minor_heap_on_all_domains();
}

void caml_request_minor_gc(void)
{
  Caml_state->requested_minor_gc = 1;
  caml_interrupt_self();
}

CAMLexport void caml_minor_collection(void)
{
  caml_request_minor_gc();
  caml_handle_gc_interrupt();
}

/* Is a collection overdue? Then does it, keeping [extra_root]. */
CAMLexport value caml_check_urgent_gc(value extra_root)
{
  if (!caml_check_gc_interrupt(Caml_state)) return extra_root;
  CAMLparam1(extra_root);
  caml_handle_gc_interrupt();
  CAMLdrop;
  return extra_root;
}

/* ---- slow path of allocation ---- */

static int fits(caml_domain_state *d, uintnat bytes)
{
  return (uintnat)((char *)d->young_ptr - (char *)d->young_start) >= bytes;
}

/* Collections that are due, or that [bytes] make necessary. */
static void make_room(caml_domain_state *d, uintnat bytes)
{
  if (!fits(d, bytes)) d->requested_minor_gc = 1;
  caml_handle_gc_interrupt();
}

void caml_reserve_young(uintnat bytes)
{
  caml_domain_state *d = Caml_state;
  while (!fits(d, bytes)) make_room(d, bytes);
  d->young_ptr = (value *)((char *)d->young_ptr - bytes);
}

/* C code may allocate at any place: no OCaml code runs here. */
void caml_alloc_small_dispatch(caml_domain_state *d, intnat wosize, int flags,
                               int nallocs, unsigned char *encoded_alloc_lens)
{
  (void)nallocs;
  (void)encoded_alloc_lens;
  intnat whsize = Whsize_wosize(wosize);
  d->young_ptr += whsize;
  if (flags & CAML_FROM_CAML) {
    caml_get_value_or_raise(caml_reserve_young_res(Bsize_wsize(whsize)));
    return;
  }
  make_room(d, Bsize_wsize(whsize));
  caml_reserve_young(Bsize_wsize(whsize));
  if (d->young_ptr >= d->memprof_young_trigger) return;
  if (flags & CAML_DO_TRACK) {
    caml_memprof_sample_young(whsize);
  } else {
    caml_memprof_set_trigger(d);
    caml_reset_young_limit(d);
  }
}

caml_result caml_reserve_young_res(uintnat bytes)
{
  caml_domain_state *d = Caml_state;
  do {
    make_room(d, bytes);
    caml_result r = caml_do_pending_actions_res();
    if (caml_result_is_exception(r)) return r;
  } while (!fits(d, bytes));
  d->young_ptr = (value *)((char *)d->young_ptr - bytes);
  if (d->young_ptr < d->memprof_young_trigger)
    return caml_memprof_sample_young_from_ocaml_res(bytes);
  return Result_value((value)d->young_ptr);
}

header_t caml_get_header_val(value v)
{
  header_t hd = atomic_load_acquire(Hp_atomic_val(v));
  if (!Is_young(v)) return hd;
  while (hd == IN_PROGRESS) {
    await_copy(v);
    hd = 0;
  }
  return hd == 0 ? Hd_val(Field(v, 0)) : hd;
}
