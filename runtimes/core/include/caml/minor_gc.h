/* The minor heaps: remembered sets and minor collections. */
#ifndef CAML_MINOR_GC_H
#define CAML_MINOR_GC_H

#include "address_class.h"
#include "misc.h"
#include "config.h"

#define caml_young_end Caml_state->young_end
#define caml_young_ptr Caml_state->young_ptr
#define caml_young_start Caml_state->young_start
#define caml_young_limit Caml_state->young_limit
#define caml_young_alloc_start Caml_state->young_start
#define caml_young_alloc_end Caml_state->young_end
#define caml_minor_heap_wsz Caml_state->minor_heap_wsz

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern atomic_uintnat caml_minor_collections_count;
CAMLextern atomic_uintnat caml_major_slice_epoch;

/* Performs a minor collection, and a slice of the major one. */
CAMLextern void caml_minor_collection(void);

#ifdef CAML_INTERNALS

/* A growing table. A minor collection is asked for when [ptr] passes
   [threshold]; the rest up to [end] is a reserve. */
#define CAML_TABLE_STRUCT(t) \
  { \
    t *base; \
    t *end; \
    t *threshold; \
    t *ptr; \
    t *limit; \
    asize_t size; \
    asize_t reserve; \
  }

struct caml_ref_table CAML_TABLE_STRUCT(value *);

struct caml_ephe_ref_elt {
  value ephe;     /* an ephemeron of the major heap */
  mlsize_t offset; /* of a key or datum that is young */
};
struct caml_ephe_ref_table CAML_TABLE_STRUCT(struct caml_ephe_ref_elt);

struct caml_custom_elt {
  value block; /* a young block with a finaliser or out-of-heap memory */
  mlsize_t mem;
  mlsize_t max;
};
struct caml_custom_table CAML_TABLE_STRUCT(struct caml_custom_elt);

struct caml_minor_tables {
  struct caml_ref_table major_ref;
  struct caml_ref_table cont_ref; /* continuations: see caml_remember_cont */
  struct caml_ephe_ref_table ephe_ref;
  struct caml_custom_table custom;
};

struct caml_minor_tables *caml_alloc_minor_tables(void);
void caml_free_minor_tables(struct caml_minor_tables *);
extern void caml_realloc_ref_table(struct caml_ref_table *);
extern void caml_realloc_ephe_ref_table(struct caml_ephe_ref_table *);
extern void caml_realloc_custom_table(struct caml_custom_table *);

/* Collects all minor heaps, and returns when that has happened once. */
extern void caml_empty_minor_heaps_once(void);
extern int caml_try_empty_minor_heap_on_all_domains(void);
extern void caml_set_minor_heap_size(asize_t words);

/* Slow path of allocation. On entry [young_ptr] was already moved down by
   [wosize + 1] words; on return that space is reserved there. CAML_FROM_CAML
   in [flags]: pending actions run, and may raise. */
void caml_alloc_small_dispatch(caml_domain_state *domain, intnat wosize,
                               int flags, int nallocs,
                               unsigned char *encoded_alloc_lens);

/* The same for compiled code (caml_call_gc of the ABI). [young_ptr] has not
   been moved; reserves [bytes], headers included, runs pending actions, and
   returns the address of the first header, or an exception. */
void caml_reserve_young(uintnat bytes);
void caml_reserve_young(uintnat bytes); /* runs no OCaml code */
caml_result caml_reserve_young_res(uintnat bytes);

/* A fiber that may hold young values has been appended to a continuation that
   may already be in the major heap (reperform): the next minor collection
   scans its stacks again. */
void caml_remember_cont(value cont);

/* The header of a young block that may have been promoted. */
header_t caml_get_header_val(value v);

#define Ref_table_add(ref_table, x) \
  do { \
    struct caml_ref_table *caml__tbl = (ref_table); \
    if (CAMLunlikely(caml__tbl->ptr >= caml__tbl->limit)) \
      caml_realloc_ref_table(caml__tbl); \
    *caml__tbl->ptr++ = (value *)(x); \
  } while (0)

Caml_inline void add_to_ephe_ref_table(struct caml_ephe_ref_table *tbl,
                                       value ephe, mlsize_t offset)
{
  if (tbl->ptr >= tbl->limit) caml_realloc_ephe_ref_table(tbl);
  *tbl->ptr++ = (struct caml_ephe_ref_elt){ .ephe = ephe, .offset = offset };
}

Caml_inline void add_to_custom_table(struct caml_custom_table *tbl, value v,
                                     mlsize_t mem, mlsize_t max)
{
  if (tbl->ptr >= tbl->limit) caml_realloc_custom_table(tbl);
  *tbl->ptr++ =
    (struct caml_custom_elt){ .block = v, .mem = mem, .max = max };
}

#endif /* CAML_INTERNALS */

#ifdef __cplusplus
}
#endif

#endif /* CAML_MINOR_GC_H */
