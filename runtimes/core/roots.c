/* The roots of a domain: its stack, the local roots of C code on it, values
   waiting for finalisation, domain-local state, the profiler's data. */
#define CAML_INTERNALS

#include "caml/finalise.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/roots.h"

_Atomic scan_roots_hook caml_scan_roots_hook;

CAMLexport void caml_do_local_roots(scanning_action f,
                                    scanning_action_flags fflags, void *fdata,
                                    struct caml__roots_block *local_roots,
                                    struct stack_info *current_stack,
                                    value *v_gc_regs)
{
  for (struct caml__roots_block *b = local_roots; b != NULL; b = b->next)
    for (intnat i = 0; i < b->ntables; i++)
      for (intnat j = 0; j < b->nitems; j++) {
        value *root = &b->tables[i][j];
        if (*root != 0) f(fdata, *root, root);
      }
  if (current_stack != NULL)
    caml_scan_stack(f, fflags, fdata, current_stack, v_gc_regs);
}

CAMLexport void caml_do_roots(scanning_action f, scanning_action_flags fflags,
                              void *fdata, caml_domain_state *d,
                              int do_final_val)
{
  caml_do_local_roots(f, fflags, fdata, d->local_roots, d->current_stack,
                      d->gc_regs);
  scan_roots_hook hook =
    atomic_load_explicit(&caml_scan_roots_hook, memory_order_acquire);
  if (hook != NULL) hook(f, fflags, fdata, d);
  caml_final_do_roots(f, fflags, fdata, d, do_final_val);
  caml_memprof_do_roots(f, fflags, fdata, d);
  f(fdata, d->dls_root, &d->dls_root);
  f(fdata, d->backtrace_last_exn, &d->backtrace_last_exn);
  if (d->exn != 0) f(fdata, d->exn, &d->exn);
}
