/* Fibers: the stacks on which compiled code runs. Layout of a stack and the
   constants for assembly: stack.h.

   A [stack_info] never moves; its stack does when it grows. The fibers of a
   running computation are linked by [parent] from the current one to the main
   fiber; those of a continuation from the one that performed to the last one,
   whose parent is NULL. */
#ifndef CAML_FIBER_H
#define CAML_FIBER_H

#include <stddef.h>

#include "caml/mlvalues.h"
#include "caml/roots.h"
#include "stack.h"

struct stack_info {
  char *base;  /* where a walk starts; valid while suspended */
  char *limit; /* checks compare SP with it */
  char *top;   /* the bottom record */
  struct stack_info *parent;
  value handle_value; /* closures of the handler, roots */
  value handle_exn;
  value handle_effect;
  uintnat callback_depth; /* C frames on it: effects do not cross them */
  caml_domain_state *domain; /* that runs it; NULL in a continuation */
  char *low;
  asize_t bytes;
  int bucket; /* in the cache, or one of the two below */
};

/* Invariant: the offsets in stack.h, which assembly uses. */
#define CHECK_OFFSET(field, constant) \
  _Static_assert(offsetof(struct stack_info, field) == (constant), #field)
CHECK_OFFSET(base, FIBER_BASE);
CHECK_OFFSET(limit, FIBER_LIMIT);
CHECK_OFFSET(top, FIBER_TOP);
CHECK_OFFSET(parent, FIBER_PARENT);
CHECK_OFFSET(handle_value, FIBER_HANDLE_VALUE);
CHECK_OFFSET(handle_exn, FIBER_HANDLE_EXN);
CHECK_OFFSET(handle_effect, FIBER_HANDLE_EFFECT);
CHECK_OFFSET(callback_depth, FIBER_CALLBACK_DEPTH);
CHECK_OFFSET(domain, FIBER_DOMAIN);
#undef CHECK_OFFSET

#define BUCKET_NONE (-1)     /* too big for the cache */
#define BUCKET_RESERVED (-2) /* a reservation of addresses: cannot move */

/* Is [stk] the fiber that some domain is executing? */
Caml_inline int caml_fiber_is_running(const struct stack_info *stk)
{
  return stk->domain != NULL && stk->domain->current_stack == stk;
}

/* The frame base where a walk of [stk] starts. */
Caml_inline char *caml_fiber_base(const struct stack_info *stk)
{
  return caml_fiber_is_running(stk) ? stk->domain->ocaml_sp : stk->base;
}

/* A new fiber with these handlers, or NULL. */
struct stack_info *caml_alloc_stack_noexc(value hval, value hexn, value heff);
/* Frees one fiber. (caml_free_stack, in caml/roots.h: a dead continuation's,
   from [stk] to the last parent.) */
void caml_free_fiber(struct stack_info *stk);
/* OCAMLRUNPARAM=l, Gc.set: the limit of a stack, in words. */
void caml_change_max_stack_size(uintnat new_max_wsize);

/* The operating system's part: stack_unix.c. */
void *caml_reserve_stack_memory(asize_t bytes); /* NULL: no addresses left */
void caml_release_stack_memory(void *low, asize_t bytes);

/* Functions that call nothing but C do not check the stack: who calls back
   does. 0: it cannot grow. */
int caml_make_room_for_callback(caml_domain_state *state);

/* ---- walking ---- */

struct frame_descr;

/* One frame of compiled code: its call in progress, where its slots are
   counted from, its own base. */
struct caml_frame {
  const struct frame_descr *descr;
  uintnat return_address;
  char *sp;
  char *base;
};

/* A walk goes from base to base. [caml_next_frame]: the next frame, crossing
   the C code between callbacks unless [stop_at_c]; 0 at the end of the stack
   (or of the chunk). */
struct caml_walk {
  char *base;
  int stop_at_c;
};
int caml_next_frame(struct caml_walk *walk, struct caml_frame *out);

#define Word_at(address) (*(uintnat *)(address))

/* ---- effects ---- */

value caml_continuation_use(value cont);
value caml_continuation_use_noexc(value cont);
void caml_continuation_replace(value cont, struct stack_info *stack);
CAMLnoret void caml_raise_continuation_already_resumed(void);
CAMLnoret void caml_raise_unhandled_effect(value effect);
value caml_make_unhandled_effect_exn(value effect);

/* ---- assembly ---- */

/* Calls compiled code on the current fiber; 0: an exception, in state->exn. */
value caml_start_program(caml_domain_state *state, void *code, value args[4]);
/* Leaves the innermost call from OCaml to C with the result 0. */
CAMLnoret void caml_unwind_to_ocaml(caml_domain_state *state);

/* ---- raising ---- */

/* Sets state->exn to [exn], recording its trace; for functions that return 0
   to compiled code. */
value caml_set_exception(value exn);

#endif /* CAML_FIBER_H */
