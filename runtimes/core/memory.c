/* Write barriers, allocation in the major heap, accounting of memory outside
   the heap, and the static memory of C code (caml_stat_*).

   The barriers serve two collectors. A store of a young value into the major
   heap is remembered, for the minor one. While the major one marks, it works
   on a snapshot of what was reachable when it began: a store must darken the
   value that it overwrites, or a block could hide. */
#define CAML_INTERNALS

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "heap_layout.h"
#include "caml/alloc.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/gc_ctrl.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/platform.h"
#include "caml/signals.h"

/* ---- write barriers ---- */

/* [fp] is not young. When [old] is young, [fp] is remembered already. */
Caml_inline void write_barrier(volatile value *fp, value old, value val)
{
  if (Is_block(old)) {
    if (Is_young(old)) return;
    if (CAMLunlikely(caml_marking_started())) caml_darken(NULL, old, NULL);
  }
  if (Is_block_and_young(val))
    Ref_table_add(&Caml_state->minor_tables->major_ref, fp);
}

/* The order of memory accesses is that of the memory model of OCaml: what
   initialized [val]'s block is visible to whoever reads it from [fp]. */
CAMLexport void caml_modify(volatile value *fp, value val)
{
  atomic_value *p = (atomic_value *)fp;
  if (!Is_young((value)fp))
    write_barrier(fp, atomic_load_explicit(p, memory_order_relaxed), val);
  atomic_thread_fence(memory_order_acquire);
  atomic_store_explicit(p, val, memory_order_release);
}

/* First store to a field: there is no old value. */
CAMLexport void caml_initialize(volatile value *fp, value val)
{
  if (!Is_young((value)fp) && Is_block_and_young(val))
    Ref_table_add(&Caml_state->minor_tables->major_ref, fp);
  *fp = val;
}

/* ---- atomic accesses to fields ---- */

CAMLprim value caml_atomic_load_field(value obj, value vfield)
{
  return atomic_load(&Op_atomic_val(obj)[Long_val(vfield)]);
}

CAMLprim value caml_atomic_exchange_field(value obj, value vfield, value v)
{
  atomic_value *p = &Op_atomic_val(obj)[Long_val(vfield)];
  atomic_thread_fence(memory_order_acquire);
  value old = atomic_exchange(p, v);
  atomic_thread_fence(memory_order_release);
  if (!Is_young(obj)) write_barrier((volatile value *)p, old, v);
  return old;
}

CAMLprim value caml_atomic_cas_field(value obj, value vfield, value oldval,
                                     value newval)
{
  atomic_value *p = &Op_atomic_val(obj)[Long_val(vfield)];
  intnat expected = oldval;
  if (!atomic_compare_exchange_strong(p, &expected, newval)) return Val_false;
  atomic_thread_fence(memory_order_release);
  if (!Is_young(obj)) write_barrier((volatile value *)p, oldval, newval);
  return Val_true;
}

CAMLprim value caml_atomic_fetch_add_field(value obj, value vfield, value incr)
{
  atomic_value *p = &Op_atomic_val(obj)[Long_val(vfield)];
  CAMLassert(Is_long(incr));
  value old = atomic_fetch_add(p, 2 * Long_val(incr));
  atomic_thread_fence(memory_order_release);
  return old;
}

CAMLprim value caml_atomic_load(value ref)
{
  return caml_atomic_load_field(ref, Val_int(0));
}

CAMLprim value caml_atomic_exchange(value ref, value v)
{
  return caml_atomic_exchange_field(ref, Val_int(0), v);
}

CAMLprim value caml_atomic_cas(value ref, value oldval, value newval)
{
  return caml_atomic_cas_field(ref, Val_int(0), oldval, newval);
}

CAMLprim value caml_atomic_fetch_add(value ref, value incr)
{
  return caml_atomic_fetch_add_field(ref, Val_int(0), incr);
}

CAMLexport void caml_set_fields(value obj, value v)
{
  for (mlsize_t i = 0; i < Wosize_val(obj); i++) Field(obj, i) = v;
}

/* ---- allocation in the major heap ---- */

/* So much direct allocation, and a slice of the major collection is due. */
static uintnat direct_words_before_slice(void)
{
  return Caml_state->minor_heap_wsz / 5;
}

value caml_alloc_shr_from_noexc(mlsize_t wosize, tag_t tag, int source)
{
  if (wosize > Max_wosize) return 0;
  caml_domain_state *d = Caml_state;
  value *hp = caml_shared_try_alloc(d->shared_heap, wosize, tag, 0);
  if (hp == NULL) return 0;
  caml_update_major_allocated_words(d, Whsize_wosize(wosize), 1);
  if (d->allocated_words_direct > direct_words_before_slice())
    caml_request_major_slice(0);
  caml_memprof_sample_block(Val_hp(hp), wosize, Whsize_wosize(wosize), source);
  return Val_hp(hp);
}

CAMLexport value caml_alloc_shr_noexc(mlsize_t wosize, tag_t tag)
{
  return caml_alloc_shr_from_noexc(wosize, tag, CAML_MEMPROF_SRC_NORMAL);
}

CAMLexport value caml_alloc_shr(mlsize_t wosize, tag_t tag)
{
  value v = caml_alloc_shr_noexc(wosize, tag);
  if (v == 0) caml_raise_out_of_memory();
  return v;
}

CAMLexport value caml_alloc_shr_reserved(mlsize_t wosize, tag_t tag,
                                         reserved_t reserved)
{
  (void)reserved;
  return caml_alloc_shr(wosize, tag);
}

/* ---- memory outside the heap that the heap keeps alive ---- */

CAMLexport void caml_alloc_dependent_memory(mlsize_t nbytes)
{
  Caml_state->dependent_size += nbytes;
  Caml_state->dependent_allocated += nbytes;
}

CAMLexport void caml_free_dependent_memory(mlsize_t nbytes)
{
  caml_domain_state *d = Caml_state;
  d->dependent_size -= nbytes < d->dependent_size ? nbytes : d->dependent_size;
}

CAMLexport void caml_adjust_gc_speed(mlsize_t res, mlsize_t max)
{
  caml_domain_state *d = Caml_state;
  if (max == 0) max = 1;
  if (res > max) res = max;
  d->extra_heap_resources += (double)res / (double)max;
  if (d->extra_heap_resources > 0.2) caml_request_major_slice(1);
}

CAMLexport void caml_adjust_minor_gc_speed(mlsize_t res, mlsize_t max)
{
  caml_domain_state *d = Caml_state;
  if (max == 0) max = 1;
  d->extra_heap_resources_minor += (double)res / (double)max;
  if (d->extra_heap_resources_minor > 1.0) caml_request_minor_gc();
}

/* ---- static memory ---- */

/* With pooling on, each block has a link to its neighbors in front, so that
   all can be freed at shutdown; without, they are plain malloc blocks. The
   mode does not change while blocks exist. */
struct pooled {
  struct pooled *next;
  struct pooled *prev;
};

static struct pooled *stat_pool; /* sentinel of a ring, NULL: no pooling */
static caml_plat_mutex stat_mutex = CAML_PLAT_MUTEX_INITIALIZER;

static void link_pooled(struct pooled *b)
{
  caml_plat_lock_blocking(&stat_mutex);
  b->next = stat_pool->next;
  b->prev = stat_pool;
  stat_pool->next->prev = b;
  stat_pool->next = b;
  caml_plat_unlock(&stat_mutex);
}

static void unlink_pooled(struct pooled *b)
{
  caml_plat_lock_blocking(&stat_mutex);
  b->prev->next = b->next;
  b->next->prev = b->prev;
  caml_plat_unlock(&stat_mutex);
}

CAMLexport void caml_stat_create_pool(void)
{
  if (stat_pool != NULL) return;
  stat_pool = malloc(sizeof *stat_pool);
  if (stat_pool == NULL)
    caml_fatal_error("Fatal error: out of memory.\n");
  stat_pool->next = stat_pool->prev = stat_pool;
}

CAMLexport void caml_stat_destroy_pool(void)
{
  if (stat_pool == NULL) return;
  struct pooled *b = stat_pool->next;
  while (b != stat_pool) {
    struct pooled *next = b->next;
    free(b);
    b = next;
  }
  free(stat_pool);
  stat_pool = NULL;
}

CAMLexport caml_stat_block caml_stat_alloc_noexc(asize_t sz)
{
  if (stat_pool == NULL) return malloc(sz > 0 ? sz : 1);
  struct pooled *b = malloc(sizeof(struct pooled) + sz);
  if (b == NULL) return NULL;
  link_pooled(b);
  return b + 1;
}

CAMLexport void caml_stat_free(caml_stat_block p)
{
  if (p == NULL) return;
  if (stat_pool == NULL) {
    free(p);
    return;
  }
  struct pooled *b = (struct pooled *)p - 1;
  unlink_pooled(b);
  free(b);
}

CAMLexport caml_stat_block caml_stat_resize_noexc(caml_stat_block p, asize_t sz)
{
  if (p == NULL) return caml_stat_alloc_noexc(sz);
  if (stat_pool == NULL) return realloc(p, sz > 0 ? sz : 1);
  struct pooled *b = (struct pooled *)p - 1;
  unlink_pooled(b);
  struct pooled *moved = realloc(b, sizeof(struct pooled) + sz);
  link_pooled(moved == NULL ? b : moved);
  return moved == NULL ? NULL : moved + 1;
}

static void *or_raise(void *p)
{
  if (p == NULL) caml_raise_out_of_memory();
  return p;
}

CAMLexport caml_stat_block caml_stat_alloc(asize_t sz)
{
  return or_raise(caml_stat_alloc_noexc(sz));
}

CAMLexport caml_stat_block caml_stat_resize(caml_stat_block p, asize_t sz)
{
  return or_raise(caml_stat_resize_noexc(p, sz));
}

CAMLexport caml_stat_block caml_stat_calloc_noexc(asize_t num, asize_t sz)
{
  uintnat total;
  if (caml_umul_overflow(sz, num, &total)) return NULL;
  caml_stat_block p = caml_stat_alloc_noexc(total);
  if (p != NULL) memset(p, 0, total);
  return p;
}

/* [modulo] is the place within a page that must be aligned. */
CAMLexport void *caml_stat_alloc_aligned_noexc(asize_t sz, int modulo,
                                               caml_stat_block *b)
{
  char *raw = caml_stat_alloc_noexc(sz + Page_size);
  if (raw == NULL) return NULL;
  *b = raw;
  uintnat aligned = ((uintnat)(raw + modulo) / Page_size + 1) * Page_size;
  return (void *)(aligned - modulo);
}

CAMLexport void *caml_stat_alloc_aligned(asize_t sz, int modulo,
                                         caml_stat_block *b)
{
  return or_raise(caml_stat_alloc_aligned_noexc(sz, modulo, b));
}

CAMLexport caml_stat_string caml_stat_strdup_noexc(const char *s)
{
  size_t size = strlen(s) + 1;
  char *copy = caml_stat_alloc_noexc(size);
  if (copy != NULL) memcpy(copy, s, size);
  return copy;
}

CAMLexport caml_stat_string caml_stat_strdup(const char *s)
{
  return or_raise(caml_stat_strdup_noexc(s));
}

CAMLexport caml_stat_string caml_stat_memdup(const char *s, asize_t size,
                                             asize_t *out_size)
{
  char *copy = caml_stat_alloc(size);
  memcpy(copy, s, size);
  if (out_size != NULL) *out_size = size;
  return copy;
}

CAMLexport caml_stat_string caml_stat_strconcat(int n, ...)
{
  va_list args;
  size_t size = 1;
  va_start(args, n);
  for (int i = 0; i < n; i++) size += strlen(va_arg(args, const char *));
  va_end(args);

  char *result = caml_stat_alloc(size), *end = result;
  va_start(args, n);
  for (int i = 0; i < n; i++) {
    const char *s = va_arg(args, const char *);
    size_t len = strlen(s);
    memcpy(end, s, len);
    end += len;
  }
  va_end(args);
  *end = 0;
  return result;
}
