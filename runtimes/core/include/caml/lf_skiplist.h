/* Ordered dictionaries that domains share without locks: skip lists. Keys and
   data are words; the keys 0 and CAML_UINTNAT_MAX are not for users. */
#ifndef CAML_LF_SKIPLIST_H
#define CAML_LF_SKIPLIST_H

#ifdef CAML_INTERNALS

#include "camlatomic.h"
#include "misc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NUM_LEVELS 17

/* Head and tail are cells with the two keys that are not for users. */
struct lf_skiplist {
  struct lf_skipcell *head;
  struct lf_skipcell *tail;
  atomic_uintnat search_level; /* no cell reaches above it */
  struct lf_skipcell *_Atomic garbage_head; /* removed cells, up to [head] */
};

/* A cell is linked at the levels 0 to [top_level]. Its link of a level is
   marked (bit 0) once the cell is removed: it does not change any more. */
struct lf_skipcell {
  uintnat key;
  atomic_uintnat data;
  uintnat top_level;
  struct lf_skipcell *_Atomic garbage_next;
  struct lf_skipcell *_Atomic forward[];
};

extern void caml_lf_skiplist_init(struct lf_skiplist *sk);

/* 1, and the datum of [key] in [*data], if it is there; otherwise 0. */
extern int caml_lf_skiplist_find(struct lf_skiplist *sk, uintnat key,
                                 uintnat *data);

/* The same for the largest key that is not above [k]. */
extern int caml_lf_skiplist_find_below(struct lf_skiplist *sk, uintnat k,
                                       uintnat *key, uintnat *data);

/* Binds a key, anew if it was there; 1. */
extern int caml_lf_skiplist_insert(struct lf_skiplist *sk, uintnat key,
                                   uintnat data);

/* 1 if the key was there and this call removed it, otherwise 0. */
extern int caml_lf_skiplist_remove(struct lf_skiplist *sk, uintnat key);

/* Frees removed cells: nobody may use the list meanwhile. */
extern void caml_lf_skiplist_free_garbage(struct lf_skiplist *sk);

#define LF_SK_IS_MARKED(p) ((uintptr_t)(p) & 1)
#define LF_SK_MARKED(p) ((struct lf_skipcell *)((uintptr_t)(p) | 1))
#define LF_SK_UNMARK(p) ((struct lf_skipcell *)((uintptr_t)(p) & ~(uintptr_t)1))

/* [action] for each cell [var] in ascending order of keys. It may remove that
   cell; what other changes do to the iteration is not specified. */
#define FOREACH_LF_SKIPLIST_ELEMENT(var, sk, action)                         \
  do {                                                                       \
    struct lf_skipcell *var = atomic_load_acquire(&(sk)->head->forward[0]);  \
    struct lf_skipcell *caml__next;                                          \
    for (; var != (sk)->tail; var = LF_SK_UNMARK(caml__next)) {              \
      caml__next = atomic_load_acquire(&var->forward[0]);                    \
      if (!LF_SK_IS_MARKED(caml__next)) { action; }                          \
    }                                                                        \
  } while (0)

#ifdef __cplusplus
}
#endif

#endif /* CAML_INTERNALS */

#endif /* CAML_LF_SKIPLIST_H */
