/* Signals, and the other actions that wait for a safe point of compiled code.

   A signal's system handler only notes it and interrupts the domains, which
   makes the next allocation or poll take its slow path; the OCaml handler runs
   there. What the system needs is in signals_unix.c.

   [action_pending] says that an action which runs OCaml code may be waiting.
   C code does not run such actions when it allocates, so setting the flag also
   interrupts the domain, to come back to it once in compiled code. */

#define CAML_INTERNALS
#define _POSIX_C_SOURCE 200809L

#include "caml/signals.h"

#include <errno.h>

#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/finalise.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/platform.h"
#include "caml/sys.h"
#include "fiber.h"
#include "signals_os.h"

/* Bit [signo - 1]: received, not yet handled. */
atomic_uintnat caml_pending_signals[NSIG_WORDS];

/* An array of NSIG handlers, a root; 0 until it is needed. */
static value signal_handlers;
static caml_plat_mutex install_lock = CAML_PLAT_MUTEX_INITIALIZER;

/* ---- pending signals ---- */

int caml_check_pending_signals(void)
{
  for (unsigned i = 0; i < NSIG_WORDS; i++)
    if (atomic_load_relaxed(&caml_pending_signals[i]) != 0) return 1;
  return 0;
}

/* Called from a system handler. */
void caml_record_signal(int signal_number)
{
  unsigned bit = signal_number - 1;
  if (signal_number <= 0 || signal_number >= NSIG) return;
  atomic_fetch_or(&caml_pending_signals[bit / BITS_PER_WORD],
                  (uintnat)1 << (bit % BITS_PER_WORD));
  caml_interrupt_all_signal_safe();
}

/* Takes a pending signal that this thread does not block; 0 when there is
   none. */
static int take_pending_signal(void)
{
  for (unsigned i = 0; i < NSIG_WORDS; i++) {
    uintnat word = atomic_load_relaxed(&caml_pending_signals[i]);
    for (unsigned j = 0; word >> j != 0 && j < BITS_PER_WORD; j++) {
      uintnat bit = (uintnat)1 << j;
      int signo = i * BITS_PER_WORD + j + 1;
      if ((word & bit) == 0 || caml_os_signal_is_blocked(signo)) continue;
      if (atomic_fetch_and(&caml_pending_signals[i], ~bit) & bit) return signo;
    }
  }
  return 0;
}

caml_result caml_process_pending_signals_res(void)
{
  if (!caml_check_pending_signals()) return Result_unit;
  int signo;
  while ((signo = take_pending_signal()) != 0) {
    caml_result r = caml_execute_signal_res(signo);
    if (r.is_exception) return r;
  }
  return Result_unit;
}

caml_result caml_execute_signal_res(int signal_number)
{
  value number = Val_int(caml_rev_convert_signal_number(signal_number));
  struct caml_signal_mask saved;
  caml_os_block_signal(signal_number, &saved);
  caml_result r =
    caml_callback_res(Field(signal_handlers, signal_number), number);
  caml_os_restore_signals(&saved);
  return r;
}

/* ---- pending actions ---- */

void caml_set_action_pending(caml_domain_state *state)
{
  state->action_pending = 1;
  atomic_store_explicit(&state->young_limit, CAML_UINTNAT_MAX,
                        memory_order_release);
}

int caml_check_pending_actions(void)
{
  caml_domain_state *state = Caml_state;
  return Caml_check_gc_interrupt(state) || state->action_pending;
}

/* First what runs no OCaml code, then signals, then the profiler's callbacks,
   then finalisers. */
caml_result caml_do_pending_actions_res(void)
{
  caml_handle_gc_interrupt();
  Caml_state->action_pending = 0;
  caml_reset_young_limit(Caml_state);
  caml_result r = caml_process_pending_signals_res();
  if (!r.is_exception) r = caml_memprof_run_callbacks_res();
  if (!r.is_exception) r = caml_final_do_calls_res();
  if (r.is_exception) {
    /* Others may be left. */
    caml_set_action_pending(Caml_state);
    return r;
  }
  caml_process_external_interrupt();
  return r;
}

caml_result caml_process_pending_actions_res(void)
{
  if (!caml_check_pending_actions()) return Result_unit;
  return caml_do_pending_actions_res();
}

void caml_process_pending_actions(void)
{
  caml_get_value_or_raise(caml_process_pending_actions_res());
}

value caml_process_pending_actions_exn(void)
{
  return caml_result_get_encoded_exception(caml_process_pending_actions_res());
}

caml_result caml_process_pending_actions_with_root_res(value root)
{
  if (!caml_check_pending_actions()) return Result_value(root);
  CAMLparam1(root);
  caml_result r = caml_do_pending_actions_res();
  CAMLreturnT(caml_result, r.is_exception ? r : Result_value(root));
}

CAMLprim value caml_process_pending_actions_with_root(value root)
{
  return caml_get_value_or_raise(
    caml_process_pending_actions_with_root_res(root));
}

/* ---- safe points of compiled code ---- */

/* Of the stub caml_call_gc(bytes): where the first header goes, or 0. */
value caml_reserve_young_from_ocaml(uintnat bytes)
{
  caml_result r = caml_reserve_young_res(bytes);
  return r.is_exception ? caml_set_exception(r.data) : r.data;
}

/* Of the stub caml_call_poll. */
value caml_poll_from_ocaml(void)
{
  caml_result r = caml_do_pending_actions_res();
  return r.is_exception ? caml_set_exception(r.data) : Val_unit;
}

/* ---- blocking sections ---- */

void (*caml_enter_blocking_section_hook)(void) = caml_bt_exit_ocaml;
void (*caml_leave_blocking_section_hook)(void) = caml_bt_enter_ocaml;

void caml_enter_blocking_section(void)
{
  caml_domain_state *state = Caml_state;
  while (1) {
    if (caml_check_pending_actions()) {
      caml_handle_gc_interrupt();
      caml_get_value_or_raise(caml_process_pending_signals_res());
    }
    caml_enter_blocking_section_hook();
    /* A signal that came in between must not wait for the end of the
       section. */
    if (!caml_check_pending_signals()
        || atomic_load_relaxed(&state->young_limit) != CAML_UINTNAT_MAX)
      return;
    caml_leave_blocking_section_hook();
    if (caml_os_pending_signals_are_blocked()) {
      caml_enter_blocking_section_hook();
      return;
    }
  }
}

void caml_enter_blocking_section_no_pending(void)
{
  caml_enter_blocking_section_hook();
}

void caml_leave_blocking_section(void)
{
  int saved_errno = errno;
  caml_leave_blocking_section_hook();
  Caml_check_caml_state();
  /* Another thread may have looked at them and left those that it blocks. */
  if (caml_check_pending_signals()) caml_set_action_pending(Caml_state);
  errno = saved_errno;
}

/* ---- numbers and handlers ---- */

int caml_convert_signal_number(int signo)
{
  if (signo < 0 && signo >= -caml_os_num_signals)
    return caml_os_signals[-signo - 1];
  return signo;
}

int caml_rev_convert_signal_number(int signo)
{
  for (int i = 0; i < caml_os_num_signals; i++)
    if (caml_os_signals[i] == signo) return -i - 1;
  return signo;
}

CAMLprim value caml_sys_convert_signal_number(value signo)
{
  return Val_int(caml_convert_signal_number(Int_val(signo)));
}

CAMLprim value caml_sys_rev_convert_signal_number(value signo)
{
  return Val_int(caml_rev_convert_signal_number(Int_val(signo)));
}

void caml_init_signal_handling(void)
{
  signal_handlers = caml_alloc_shr(NSIG, 0);
  for (mlsize_t i = 0; i < NSIG; i++) Field(signal_handlers, i) = Val_unit;
  caml_register_generational_global_root(&signal_handlers);
}

/* Sys.signal_behavior: Signal_default, Signal_ignore, Signal_handle of f. */
static enum caml_signal_action action_of(value behavior)
{
  if (Is_block(behavior)) return SIGNAL_HANDLE;
  return behavior == Val_int(0) ? SIGNAL_DEFAULT : SIGNAL_IGNORE;
}

CAMLprim value caml_install_signal_handler(value signal_number, value behavior)
{
  CAMLparam2(signal_number, behavior);
  CAMLlocal1(previous);
  int signo = caml_convert_signal_number(Int_val(signal_number));
  if (signo <= 0 || signo >= NSIG)
    caml_invalid_argument("Sys.signal: unavailable signal");
  previous = caml_alloc(1, 0);
  caml_plat_lock_non_blocking(&install_lock);
  int old = caml_os_set_signal_action(signo, action_of(behavior));
  if (old >= 0) {
    if (old == SIGNAL_HANDLE)
      Store_field(previous, 0, Field(signal_handlers, signo));
    else
      previous = Val_int(old);
    if (Is_block(behavior))
      caml_modify(&Field(signal_handlers, signo), Field(behavior, 0));
  }
  caml_plat_unlock(&install_lock);
  if (old < 0) caml_sys_error(NO_ARG);
  caml_process_pending_actions();
  CAMLreturn(previous);
}
