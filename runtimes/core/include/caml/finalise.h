/* Finalisation functions attached from OCaml: Gc.finalise (called with the
   value, which lives on) and Gc.finalise_last (called with ()). */
#ifndef CAML_FINALISE_H
#define CAML_FINALISE_H

#ifdef CAML_INTERNALS

#include "roots.h"
#include "domain.h"

struct final {
  value fun;
  value val;
  int offset; /* of an infix pointer, in bytes */
};

/* [0; old[ are in the major heap, [old; young[ may be young. */
struct finalisable {
  struct final *table;
  uintnat old;
  uintnat young;
  uintnat size;
};

struct final_todo {
  struct final_todo *next;
  int size;
  struct final item[];
};

struct caml_final_info {
  struct finalisable first; /* Gc.finalise */
  uintnat updated_first;
  struct finalisable last; /* Gc.finalise_last */
  uintnat updated_last;
  struct final_todo *todo_head;
  struct final_todo *todo_tail;
  uintnat running_finalisation_function;
  struct caml_final_info *next; /* of the orphans */
};

struct caml_final_info *caml_alloc_final_info(void);
void caml_free_final_info(struct caml_final_info *);
void caml_final_merge_finalisable(struct finalisable *source,
                                  struct finalisable *target);
/* Moves what is dead to the functions to call; 1 when there was any. */
int caml_final_update_first(caml_domain_state *d);
int caml_final_update_last(caml_domain_state *d);
/* Calls the functions that are due. */
caml_result caml_final_do_calls_res(void);
int caml_final_calls_pending(caml_domain_state *d);

void caml_final_do_roots(scanning_action f, scanning_action_flags fflags,
                         void *fdata, caml_domain_state *domain, int do_val);
void caml_final_do_young_roots(scanning_action f, scanning_action_flags fflags,
                               void *fdata, caml_domain_state *d,
                               int do_last_val);
void caml_final_empty_young(caml_domain_state *d);
void caml_final_update_last_minor(caml_domain_state *d);

#endif /* CAML_INTERNALS */

#endif /* CAML_FINALISE_H */
