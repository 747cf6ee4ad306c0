/* Allocation in the major heap and outside the heap, write barriers, and
   the local roots of C code. */
#ifndef CAML_MEMORY_H
#define CAML_MEMORY_H

#include "config.h"
#ifdef CAML_INTERNALS
#include "gc.h"
#include "major_gc.h"
#include "minor_gc.h"
#endif
#include "domain.h"
#include "misc.h"
#include "mlvalues.h"
#include "signals.h"

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern value caml_alloc_shr(mlsize_t wosize, tag_t);
CAMLextern value caml_alloc_shr_noexc(mlsize_t wosize, tag_t);
#ifdef CAML_INTERNALS
/* [source]: Gc.Memprof.allocation_source */
value caml_alloc_shr_from_noexc(mlsize_t wosize, tag_t, int source);
value caml_alloc_small_untracked(mlsize_t wosize, tag_t);
#endif
CAMLextern value caml_alloc_shr_reserved(mlsize_t, tag_t, reserved_t);

CAMLextern void caml_adjust_gc_speed(mlsize_t, mlsize_t);
CAMLextern void caml_adjust_minor_gc_speed(mlsize_t, mlsize_t);
CAMLextern void caml_alloc_dependent_memory(mlsize_t bsz);
CAMLextern void caml_free_dependent_memory(mlsize_t bsz);
CAMLextern void caml_modify(volatile value *, value);
CAMLextern void caml_initialize(volatile value *, value);
CAMLextern value caml_atomic_cas_field(value, value, value, value);
CAMLextern value caml_check_urgent_gc(value);

/* Memory outside the heap. The functions without [_noexc] raise
   Out_of_memory. Blocks from here go back through [caml_stat_free] only. */
typedef void *caml_stat_block;
typedef char *caml_stat_string;

#ifdef CAML_INTERNALS
/* Keeps track of every block, so that [caml_stat_destroy_pool] can free all
   (OCAMLRUNPARAM=c, caml_startup_pooled). */
CAMLextern void caml_stat_create_pool(void);
CAMLextern void caml_stat_destroy_pool(void);
#endif

CAMLextern void caml_stat_free(caml_stat_block);
CAMLmalloc(caml_stat_free, 1, 1) CAMLreturns_nonnull()
CAMLextern caml_stat_block caml_stat_alloc(asize_t);
CAMLmalloc(caml_stat_free, 1, 1)
CAMLextern caml_stat_block caml_stat_alloc_noexc(asize_t);
CAMLextern void *caml_stat_alloc_aligned(asize_t, int modulo,
                                         caml_stat_block *);
CAMLextern void *caml_stat_alloc_aligned_noexc(asize_t, int modulo,
                                               caml_stat_block *);
CAMLcalloc(caml_stat_free, 1, 1, 2)
CAMLextern caml_stat_block caml_stat_calloc_noexc(asize_t, asize_t);
CAMLrealloc(2) CAMLreturns_nonnull()
CAMLextern caml_stat_block caml_stat_resize(caml_stat_block, asize_t);
CAMLrealloc(2)
CAMLextern caml_stat_block caml_stat_resize_noexc(caml_stat_block, asize_t);
CAMLalloc(caml_stat_free, 1) CAMLreturns_nonnull()
CAMLextern caml_stat_string caml_stat_strdup(const char *s);
CAMLalloc(caml_stat_free, 1)
CAMLextern caml_stat_string caml_stat_strdup_noexc(const char *s);
CAMLextern caml_stat_string caml_stat_memdup(const char *s, asize_t size,
                                             asize_t *out_size);
CAMLalloc(caml_stat_free, 1) CAMLreturns_nonnull()
CAMLextern caml_stat_string caml_stat_strconcat(int n, ...);

#ifdef CAML_INTERNALS

enum caml_alloc_small_flags {
  CAML_DONT_TRACK = 0,
  CAML_DO_TRACK = 1,
  CAML_FROM_C = 0,
  CAML_FROM_CAML = 2
};

#define Alloc_small_enter_GC_flags(flags, dom_st, wosize) \
  caml_alloc_small_dispatch((dom_st), (intnat)(wosize), (flags), 1, NULL)
#define Alloc_small_enter_GC(dom_st, wosize) \
  Alloc_small_enter_GC_flags(CAML_DO_TRACK | CAML_FROM_C, dom_st, wosize)
#define Alloc_small_enter_GC_no_track(dom_st, wosize) \
  Alloc_small_enter_GC_flags(CAML_DONT_TRACK | CAML_FROM_C, dom_st, wosize)

/* A young block of 1 to [Max_young_wosize] words, its fields not set: they
   must be before the next allocation. */
#define Alloc_small_with_reserved(result, wosize, tag, GC, reserved) \
  do { \
    CAMLassert((wosize) >= 1 && (wosize) <= Max_young_wosize); \
    caml_domain_state *caml__dom_st = Caml_state; \
    caml__dom_st->young_ptr -= Whsize_wosize(wosize); \
    if (Caml_check_gc_interrupt(caml__dom_st)) { \
      GC(caml__dom_st, wosize); \
    } \
    Hd_hp(caml__dom_st->young_ptr) = Make_header((wosize), (tag), 0); \
    (result) = Val_hp(caml__dom_st->young_ptr); \
  } while (0)
#define Alloc_small(result, wosize, tag, GC) \
  Alloc_small_with_reserved(result, wosize, tag, GC, 0)

#endif /* CAML_INTERNALS */

/* Local roots: a list of blocks on the C stack. A function with parameters or
   variables of type [value] begins with CAMLparam, declares others with
   CAMLlocal, and leaves with CAMLreturn. */
struct caml__roots_block {
  struct caml__roots_block *next;
  intnat ntables;
  intnat nitems;
  value *tables[5];
};

#define CAML_LOCAL_ROOTS (Caml_state->local_roots)

#ifdef CAML_INTERNALS
#define CAML__check_state ((void)0)
#else
#define CAML__check_state Caml_check_caml_state()
#endif

#define CAMLparam0() \
  struct caml__roots_block **caml_local_roots_ptr = \
    (CAML__check_state, &CAML_LOCAL_ROOTS); \
  struct caml__roots_block *caml__frame CAMLunused = *caml_local_roots_ptr
#define CAMLparam1(x) \
  CAMLparam0(); \
  CAMLxparam1(x)
#define CAMLparam2(x, y) \
  CAMLparam0(); \
  CAMLxparam2(x, y)
#define CAMLparam3(x, y, z) \
  CAMLparam0(); \
  CAMLxparam3(x, y, z)
#define CAMLparam4(x, y, z, t) \
  CAMLparam0(); \
  CAMLxparam4(x, y, z, t)
#define CAMLparam5(x, y, z, t, u) \
  CAMLparam0(); \
  CAMLxparam5(x, y, z, t, u)
#define CAMLparamN(x, size) \
  CAMLparam0(); \
  CAMLxparamN(x, (size))

/* Links the block of [x], whose tables are filled by [fill]. */
#define CAML__link_roots(x, items, count, fill) \
  struct caml__roots_block caml__roots_##x; \
  int caml__dummy_##x CAMLunused = \
    ((caml__roots_##x.next = *caml_local_roots_ptr), \
     (*caml_local_roots_ptr = &caml__roots_##x), \
     (caml__roots_##x.nitems = (intnat)(items)), \
     (caml__roots_##x.ntables = (count)), fill, 0)
#define CAML__root(x, i, root) (caml__roots_##x.tables[i] = &(root))

#define CAMLxparam1(x) CAML__link_roots(x, 1, 1, (CAML__root(x, 0, x)))
#define CAMLxparam2(x, y) \
  CAML__link_roots(x, 1, 2, (CAML__root(x, 0, x), CAML__root(x, 1, y)))
#define CAMLxparam3(x, y, z) \
  CAML__link_roots(x, 1, 3, \
                   (CAML__root(x, 0, x), CAML__root(x, 1, y), \
                    CAML__root(x, 2, z)))
#define CAMLxparam4(x, y, z, t) \
  CAML__link_roots(x, 1, 4, \
                   (CAML__root(x, 0, x), CAML__root(x, 1, y), \
                    CAML__root(x, 2, z), CAML__root(x, 3, t)))
#define CAMLxparam5(x, y, z, t, u) \
  CAML__link_roots(x, 1, 5, \
                   (CAML__root(x, 0, x), CAML__root(x, 1, y), \
                    CAML__root(x, 2, z), CAML__root(x, 3, t), \
                    CAML__root(x, 4, u)))
#define CAMLxparamN(x, size) \
  CAML__link_roots(x, (size), 1, (CAML__root(x, 0, (x)[0])))
#define CAMLxparamresult(x) \
  CAML__link_roots(x, 1, 1, (CAML__root(x, 0, (x).data)))

#define CAMLlocal1(x) \
  value x = Val_unit; \
  CAMLxparam1(x)
#define CAMLlocal2(x, y) \
  value x = Val_unit, y = Val_unit; \
  CAMLxparam2(x, y)
#define CAMLlocal3(x, y, z) \
  value x = Val_unit, y = Val_unit, z = Val_unit; \
  CAMLxparam3(x, y, z)
#define CAMLlocal4(x, y, z, t) \
  value x = Val_unit, y = Val_unit, z = Val_unit, t = Val_unit; \
  CAMLxparam4(x, y, z, t)
#define CAMLlocal5(x, y, z, t, u) \
  value x = Val_unit, y = Val_unit, z = Val_unit, t = Val_unit, u = Val_unit; \
  CAMLxparam5(x, y, z, t, u)
#define CAMLlocalN(x, size) \
  value x[(size)]; \
  for (mlsize_t caml__i_##x = 0; caml__i_##x < (mlsize_t)(size); \
       caml__i_##x++) \
    x[caml__i_##x] = Val_unit; \
  CAMLxparamN(x, (size))
#define CAMLlocalresult(res) \
  caml_result res = Result_unit; \
  CAMLxparamresult(res)

#define CAMLdrop \
  do { \
    *caml_local_roots_ptr = caml__frame; \
  } while (0)
#define CAMLreturn0 \
  do { \
    CAMLdrop; \
    return; \
  } while (0)
#define CAMLreturnT(type, result) \
  do { \
    type caml__temp_result = (result); \
    CAMLdrop; \
    return (caml__temp_result); \
  } while (0)
#define CAMLreturn(result) CAMLreturnT(value, result)
#define CAMLnoreturn ((void)caml__frame)

#define Store_field(block, offset, val) \
  do { \
    mlsize_t caml__temp_offset = (offset); \
    value caml__temp_val = (val); \
    caml_modify(&Field((block), caml__temp_offset), caml__temp_val); \
  } while (0)

/* The older bracketed form of local roots. */
#define CAML__begin_roots(items, count) \
  { \
    struct caml__roots_block caml__roots_block; \
    caml__roots_block.next = CAML_LOCAL_ROOTS; \
    CAML_LOCAL_ROOTS = &caml__roots_block; \
    caml__roots_block.nitems = (items); \
    caml__roots_block.ntables = (count);
#define CAML__begin_root(i, r) caml__roots_block.tables[i] = &(r);

#define Begin_root Begin_roots1
#define Begin_roots1(r0) CAML__begin_roots(1, 1) CAML__begin_root(0, r0)
#define Begin_roots2(r0, r1) \
  CAML__begin_roots(1, 2) CAML__begin_root(0, r0) CAML__begin_root(1, r1)
#define Begin_roots3(r0, r1, r2) \
  CAML__begin_roots(1, 3) CAML__begin_root(0, r0) CAML__begin_root(1, r1) \
    CAML__begin_root(2, r2)
#define Begin_roots4(r0, r1, r2, r3) \
  CAML__begin_roots(1, 4) CAML__begin_root(0, r0) CAML__begin_root(1, r1) \
    CAML__begin_root(2, r2) CAML__begin_root(3, r3)
#define Begin_roots5(r0, r1, r2, r3, r4) \
  CAML__begin_roots(1, 5) CAML__begin_root(0, r0) CAML__begin_root(1, r1) \
    CAML__begin_root(2, r2) CAML__begin_root(3, r3) CAML__begin_root(4, r4)
#define Begin_roots_block(table, size) \
  CAML__begin_roots((size), 1) caml__roots_block.tables[0] = (table);
#define End_roots() \
  CAML_LOCAL_ROOTS = caml__roots_block.next; \
  }

/* Global roots. A generational one is only changed through
   [caml_modify_generational_global_root]. */
CAMLextern void caml_register_global_root(value *);
CAMLextern void caml_remove_global_root(value *);
CAMLextern void caml_register_generational_global_root(value *);
CAMLextern void caml_remove_generational_global_root(value *);
CAMLextern void caml_modify_generational_global_root(value *r, value newval);

#ifdef __cplusplus
}
#endif

#endif /* CAML_MEMORY_H */
