/* Signals, blocking sections, and actions that wait for a safe point. */
#ifndef CAML_SIGNALS_H
#define CAML_SIGNALS_H

#ifdef CAML_INTERNALS
#include <signal.h>
#endif
#include "misc.h"
#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern void caml_enter_blocking_section(void);
CAMLextern void caml_enter_blocking_section_no_pending(void);
CAMLextern void caml_leave_blocking_section(void);

CAMLextern void caml_process_pending_actions(void); /* may raise */
CAMLextern caml_result caml_process_pending_actions_res(void);
CAMLextern value caml_process_pending_actions_exn(void);
CAMLextern int caml_check_pending_actions(void);

#ifdef CAML_INTERNALS

value caml_process_pending_actions_with_root(value extra_root);
caml_result caml_process_pending_actions_with_root_res(value extra_root);

#ifndef NSIG
#define NSIG 65
#endif
#define BITS_PER_WORD (sizeof(uintnat) * 8)
#define NSIG_WORDS ((NSIG - 1 + BITS_PER_WORD - 1) / BITS_PER_WORD)
CAMLextern atomic_uintnat caml_pending_signals[NSIG_WORDS];

#define caml_requested_major_slice (Caml_state_field(requested_major_slice))
#define caml_requested_minor_gc (Caml_state_field(requested_minor_gc))

/* minor_gc.c, major_gc.c: done at the next safe point */
void caml_request_minor_gc(void);
void caml_request_major_slice(int global);

CAMLextern int caml_check_pending_signals(void);
CAMLextern int caml_convert_signal_number(int);
CAMLextern int caml_rev_convert_signal_number(int);
caml_result caml_execute_signal_res(int signal_number);
CAMLextern void caml_record_signal(int signal_number);
CAMLextern caml_result caml_process_pending_signals_res(void);
/* Pending actions will run at the domain's next safe point. */
CAMLextern void caml_set_action_pending(caml_domain_state *);
/* Runs all pending actions: collections, signal handlers, finalisers. */
caml_result caml_do_pending_actions_res(void);
void caml_init_signal_handling(void);
void caml_init_signals(void);
void caml_terminate_signals(void);
CAMLextern void *caml_init_signal_stack(void);
CAMLextern void caml_free_signal_stack(void *);

/* By default [caml_bt_exit_ocaml] and [caml_bt_enter_ocaml]; the threads
   library puts its own lock here. */
CAMLextern void (*caml_enter_blocking_section_hook)(void);
CAMLextern void (*caml_leave_blocking_section_hook)(void);

#endif /* CAML_INTERNALS */

#ifdef __cplusplus
}
#endif

#endif /* CAML_SIGNALS_H */
