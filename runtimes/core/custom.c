/* Custom blocks: allocation with its share of a collection, and the table of
   operations that unmarshalling looks up by name. */
#define CAML_INTERNALS

#include <string.h>

#include "caml/alloc.h"
#include "caml/custom.h"
#include "caml/gc_ctrl.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/mlvalues.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"

atomic_uintnat caml_custom_major_ratio = Custom_major_ratio_def;
atomic_uintnat caml_custom_minor_ratio = Custom_minor_ratio_def;
atomic_uintnat caml_custom_minor_max_bsz = Custom_minor_max_bsz_def;

/* ---- allocation ---- */

/* [mem] of [max_major] is what the block costs in the major heap; as long as
   it is young, [mem_minor] of [max_minor]. */
struct cost {
  mlsize_t mem, max_major, mem_minor, max_minor;
};

static value alloc_young(const struct custom_operations *ops, mlsize_t wosize,
                         struct cost c)
{
  value v = caml_alloc_small(wosize, Custom_tag);
  Custom_ops_val(v) = ops;
  if (ops->finalize == NULL && c.mem == 0) return v;
  add_to_custom_table(&Caml_state->minor_tables->custom, v, c.mem_minor,
                      c.max_major);
  if (c.mem > c.mem_minor)
    caml_adjust_gc_speed(c.mem - c.mem_minor, c.max_major);
  if (c.mem_minor > 0 && c.max_minor > 0)
    caml_adjust_minor_gc_speed(c.mem_minor, c.max_minor);
  return v;
}

static value alloc_custom(const struct custom_operations *ops, uintnat bsz,
                          struct cost c)
{
  mlsize_t wosize = 1 + (bsz + sizeof(value) - 1) / sizeof(value);
  if (wosize <= Max_young_wosize) return alloc_young(ops, wosize, c);
  value v = caml_alloc_shr(wosize, Custom_tag);
  Custom_ops_val(v) = ops;
  caml_adjust_gc_speed(c.mem, c.max_major);
  return caml_check_urgent_gc(v);
}

CAMLexport value caml_alloc_custom(const struct custom_operations *ops,
                                   uintnat bsz, mlsize_t mem, mlsize_t max)
{
  if (max == 0) max = 1;
  if (mem > max) mem = max;
  return alloc_custom(ops, bsz, (struct cost){ mem, max, mem, max });
}

/* The memory outside the heap that is as much as the collector should let pile
   up: a part of the heap's own size. */
CAMLexport mlsize_t caml_custom_get_max_major(void)
{
  mlsize_t heap = caml_heap_size(Caml_state->shared_heap);
  mlsize_t max =
    heap / 150 * atomic_load_relaxed(&caml_custom_major_ratio);
  return max == 0 ? 1 : max;
}

CAMLexport value caml_alloc_custom_mem(const struct custom_operations *ops,
                                       uintnat bsz, mlsize_t mem)
{
  mlsize_t limit = atomic_load_relaxed(&caml_custom_minor_max_bsz);
  mlsize_t max_minor = Bsize_wsize(Caml_state->minor_heap_wsz) / 100
                       * atomic_load_relaxed(&caml_custom_minor_ratio);
  struct cost c = { .mem = mem,
                    .max_major = caml_custom_get_max_major(),
                    .mem_minor = mem < limit ? mem : limit,
                    .max_minor = max_minor == 0 ? 1 : max_minor };
  value v = alloc_custom(ops, bsz, c);
  mlsize_t words = (mem + sizeof(value) - 1) / sizeof(value);
  caml_memprof_sample_block(v, words, words, CAML_MEMPROF_SRC_CUSTOM);
  return v;
}

/* ---- operations by name ---- */

struct registered {
  const struct custom_operations *ops;
  struct registered *next;
};

typedef _Atomic(struct registered *) registry;

static registry by_name;

static void add(registry *list, const struct custom_operations *ops)
{
  struct registered *r = caml_stat_alloc(sizeof *r);
  r->ops = ops;
  r->next = atomic_load(list);
  while (!atomic_compare_exchange_weak(list, &r->next, r)) continue;
}

CAMLexport void
caml_register_custom_operations(const struct custom_operations *ops)
{
  CAMLassert(ops->identifier != NULL);
  add(&by_name, ops);
}

struct custom_operations *caml_find_custom_operations(const char *ident)
{
  for (struct registered *r = atomic_load(&by_name); r != NULL; r = r->next)
    if (strcmp(r->ops->identifier, ident) == 0)
      return (struct custom_operations *)r->ops;
  return NULL;
}

/* Operations that only finalise, one per function (caml_alloc_final). */
static registry by_finaliser;

struct custom_operations *caml_final_custom_operations(void (*fn)(value))
{
  for (struct registered *r = atomic_load(&by_finaliser); r != NULL; r = r->next)
    if (r->ops->finalize == fn) return (struct custom_operations *)r->ops;
  struct custom_operations *ops = caml_stat_alloc(sizeof *ops);
  *ops = (struct custom_operations){ .identifier = "_final", .finalize = fn };
  add(&by_finaliser, ops);
  return ops;
}

void caml_init_custom_operations(void)
{
  caml_register_custom_operations(&caml_int32_ops);
  caml_register_custom_operations(&caml_nativeint_ops);
  caml_register_custom_operations(&caml_int64_ops);
  caml_register_custom_operations(&caml_ba_ops);
}
