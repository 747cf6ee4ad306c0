/* What runtimes/native and the primitives provide, reduced to what the tests
   of the memory side need: no OCaml stacks, closures are C functions, an
   exception ends the test. */
#define CAML_INTERNALS

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_native.h"
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/custom.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/finalise.h"
#include "caml/gc_ctrl.h"
#include "caml/intext.h"
#include "caml/memory.h"
#include "caml/osdeps.h"
#include "caml/roots.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sys.h"

static struct caml_params params;
const struct caml_params *const caml_params = &params;

static uintnat from_environment(const char *name, uintnat otherwise)
{
  const char *s = getenv(name);
  return s == NULL ? otherwise : strtoul(s, NULL, 0);
}

void fake_start(void)
{
  params = (struct caml_params){
    .init_minor_heap_wsz = from_environment("GC_TEST_MINOR", 32768),
    .init_percent_free = from_environment("GC_TEST_OVERHEAD", Percent_free_def),
    .init_custom_major_ratio = Custom_major_ratio_def,
    .init_custom_minor_ratio = Custom_minor_ratio_def,
    .init_custom_minor_max_bsz = Custom_minor_max_bsz_def,
    .init_max_stack_wsz = Max_stack_def,
    .max_domains = 8,
    .verify_heap = from_environment("GC_TEST_VERIFY", 1),
    .stress = from_environment("GC_TEST_STRESS", 0),
  };
  caml_init_os_params();
  caml_init_gc();
  caml_init_custom_operations();
}

/* ---- stacks ---- */

int caml_init_domain_native(caml_domain_state *d) { (void)d; return 1; }
void caml_free_domain_native(caml_domain_state *d) { (void)d; }
void caml_change_max_stack_size(uintnat wsz) { (void)wsz; }
void caml_free_stack(struct stack_info *s) { (void)s; }

/* A fiber of the tests: an array of values. */
void caml_scan_stack(scanning_action f, scanning_action_flags fflags,
                     void *fdata, struct stack_info *stack, value *regs)
{
  struct fake_fiber *fiber = (struct fake_fiber *)stack;
  (void)fflags;
  (void)regs;
  for (int i = 0; i < fiber->n; i++) f(fdata, fiber->values[i], &fiber->values[i]);
}

/* ---- callbacks: the code pointer of a closure is a C function ---- */

caml_result caml_callback_res(value closure, value arg)
{
  value (*code)(value, value) = (value(*)(value, value))Code_val(closure);
  return Result_value(code(arg, closure));
}

/* ---- exceptions ---- */

CAMLnoret static void unexpected(const char *what)
{
  fprintf(stderr, "unexpected exception: %s\n", what);
  abort();
}

void caml_raise(value v) { (void)v; unexpected("caml_raise"); }
void caml_failwith(const char *s) { unexpected(s); }
void caml_invalid_argument(const char *s) { unexpected(s); }
void caml_raise_out_of_memory(void) { unexpected("Out_of_memory"); }
void caml_raise_sys_error(value v) { unexpected(String_val(v)); }

void caml_fatal_error(const char *msg, ...)
{
  va_list args;
  va_start(args, msg);
  vfprintf(stderr, msg, args);
  va_end(args);
  fputc('\n', stderr);
  abort();
}

void caml_failed_assert(const char *expr, const char *file, int line)
{
  caml_fatal_error("%s:%d: assertion failed: %s", file, line, expr);
}

char *caml_strerror(int err, char *buf, size_t len)
{
  snprintf(buf, len, "error %d", err);
  return buf;
}

atomic_uintnat caml_verb_gc;
uintnat caml_runtime_warnings;
void caml_gc_message(int category, const char *format, ...)
{
  (void)category;
  (void)format;
}

/* ---- hooks ---- */

_Atomic caml_timing_hook caml_major_slice_begin_hook;
_Atomic caml_timing_hook caml_major_slice_end_hook;
_Atomic caml_timing_hook caml_minor_gc_begin_hook;
_Atomic caml_timing_hook caml_minor_gc_end_hook;
_Atomic caml_timing_hook caml_finalise_begin_hook;
_Atomic caml_timing_hook caml_finalise_end_hook;
_Atomic caml_timing_hook caml_domain_terminated_hook;

/* ---- signals and pending actions ---- */

void caml_set_action_pending(caml_domain_state *d)
{
  d->action_pending = 1;
  atomic_store(&d->young_limit, CAML_UINTNAT_MAX);
}

caml_result caml_do_pending_actions_res(void)
{
  caml_handle_gc_interrupt();
  Caml_state->action_pending = 0;
  caml_reset_young_limit(Caml_state);
  return caml_final_do_calls_res();
}

caml_result caml_process_pending_actions_res(void)
{
  return caml_do_pending_actions_res();
}

value caml_process_pending_actions_with_root(value v)
{
  CAMLparam1(v);
  caml_do_pending_actions_res();
  CAMLreturn(v);
}

int caml_check_pending_signals(void) { return 0; }

void caml_enter_blocking_section(void) { caml_bt_exit_ocaml(); }
void caml_enter_blocking_section_no_pending(void) { caml_bt_exit_ocaml(); }
void caml_leave_blocking_section(void) { caml_bt_enter_ocaml(); }
void *caml_init_signal_stack(void) { return malloc(1); }
void caml_free_signal_stack(void *s) { free(s); }

/* ---- no frames of compiled code ---- */

int caml_combined_allocation(const struct caml_block_description **out)
{
  (void)out;
  return 0;
}
value caml_take_callstack(void *slots, intnat n)
{
  (void)slots;
  return caml_alloc(n, 0);
}
void *caml_capture_callstack(intnat max, int block, intnat *out_count)
{
  (void)max;
  (void)block;
  *out_count = 0;
  return NULL;
}

/* ---- primitives ---- */

void caml_free_extern_state(void) {}
void caml_free_intern_state(void) {}

value caml_copy_double(double d)
{
  value v = caml_alloc_small(1, Double_tag);
  Store_double_val(v, d);
  return v;
}

value caml_alloc_sprintf(const char *format, ...)
{
  return caml_copy_string(format);
}

const struct custom_operations caml_int32_ops = { .identifier = "_i" };
const struct custom_operations caml_int64_ops = { .identifier = "_j" };
const struct custom_operations caml_nativeint_ops = { .identifier = "_n" };
const struct custom_operations caml_ba_ops = { .identifier = "_bigarr02" };
