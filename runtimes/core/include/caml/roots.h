/* Scanning of roots: stacks, local roots of C code, globals. */
#ifndef CAML_ROOTS_H
#define CAML_ROOTS_H

#ifdef CAML_INTERNALS

#include "misc.h"
#include "domain.h"

struct caml__roots_block;
struct stack_info;

typedef enum {
  SCANNING_ONLY_YOUNG_VALUES = 1 /* other values may be skipped */
} scanning_action_flags;

/* [f (fdata, v, p)]: [v] is the value found at [p]; [f] may write [*p]. */
typedef void (*scanning_action)(void *fdata, value v, volatile value *p);

typedef void (*scan_roots_hook)(scanning_action, scanning_action_flags, void *,
                                caml_domain_state *);
#ifndef __cplusplus
CAMLextern _Atomic scan_roots_hook caml_scan_roots_hook;
#endif

/* All roots of a domain, the globals excepted. */
CAMLextern void caml_do_roots(scanning_action f, scanning_action_flags,
                              void *data, caml_domain_state *d,
                              int do_final_val);
CAMLextern void caml_do_local_roots(scanning_action f, scanning_action_flags,
                                    void *data,
                                    struct caml__roots_block *local_roots,
                                    struct stack_info *current_stack,
                                    value *v_gc_regs);

/* Provided by runtimes/native.
   [caml_scan_stack]: the chain of fibers from [stack] to its last parent: its
   frames, the handlers' closures. When [stack] is some domain's current stack,
   the walk starts from that domain's [ocaml_sp], otherwise from the fiber's
   own saved pointer. */
void caml_scan_stack(scanning_action f, scanning_action_flags fflags,
                     void *fdata, struct stack_info *stack, value *v_gc_regs);
CAMLextern void caml_free_stack(struct stack_info *stk);

/* Called once by startup, before the first unit runs: [tables] has [n]
   addresses of [gc_roots] tables, each a list of addresses of static blocks
   ended by 0. The blocks become roots. */
void caml_init_unit_roots(value **tables[], int n);

#endif /* CAML_INTERNALS */

#endif /* CAML_ROOTS_H */
