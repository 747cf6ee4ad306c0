/* Raising exceptions from C, and the predefined exceptions.

   C code that raises goes back to the innermost call from compiled code, which
   returns 0 with the exception in the domain state; without any OCaml below,
   the exception is uncaught. */

#define CAML_INTERNALS

#include "caml/fail.h"

#include "caml/alloc.h"
#include "caml/backtrace.h"
#include "caml/callback.h"
#include "caml/io.h"
#include "caml/memory.h"
#include "caml/printexc.h"
#include "fiber.h"

/* ---- predefined exceptions: static blocks [name | -id] ---- */

/* Bytes of an OCaml string of [length], padding included. */
#define STRING_BYTES(length) (((length) / 8 + 1) * 8)

/* The symbol caml_exn_X is the value, past the header. */
#if defined(__APPLE__)
#define SYMBOL_PREFIX "_"
#else
#define SYMBOL_PREFIX ""
#endif
#define PREDEFINED(name, id) \
  static struct { \
    header_t header; \
    char text[STRING_BYTES(sizeof(#name) - 1) - 1]; \
    unsigned char padding; \
  } name##_name = { \
    Caml_out_of_heap_header(STRING_BYTES(sizeof(#name) - 1) / 8, String_tag), \
    #name, \
    STRING_BYTES(sizeof(#name) - 1) - sizeof(#name), \
  }; \
  struct { \
    header_t header; \
    value fields[2]; \
  } caml_predefined_##name __attribute__((aligned(8))) = { \
    Caml_out_of_heap_header(2, Object_tag), \
    { (value)name##_name.text, Val_long(-(id)-1) }, \
  }; \
  __asm__(".globl " SYMBOL_PREFIX "caml_exn_" #name "\n" \
          ".set " SYMBOL_PREFIX "caml_exn_" #name ", " SYMBOL_PREFIX \
          "caml_predefined_" #name " + 8\n"); \
  extern value caml_exn_##name[2];

PREDEFINED(Out_of_memory, OUT_OF_MEMORY_EXN)
PREDEFINED(Sys_error, SYS_ERROR_EXN)
PREDEFINED(Failure, FAILURE_EXN)
PREDEFINED(Invalid_argument, INVALID_EXN)
PREDEFINED(End_of_file, END_OF_FILE_EXN)
PREDEFINED(Division_by_zero, ZERO_DIVIDE_EXN)
PREDEFINED(Not_found, NOT_FOUND_EXN)
PREDEFINED(Match_failure, MATCH_FAILURE_EXN)
PREDEFINED(Stack_overflow, STACK_OVERFLOW_EXN)
PREDEFINED(Sys_blocked_io, SYS_BLOCKED_IO)
PREDEFINED(Assert_failure, ASSERT_FAILURE_EXN)
PREDEFINED(Undefined_recursive_module, UNDEFINED_RECURSIVE_MODULE_EXN)

int caml_is_special_exception(value exn)
{
  return exn == (value)caml_exn_Match_failure
         || exn == (value)caml_exn_Assert_failure
         || exn == (value)caml_exn_Undefined_recursive_module;
}

/* ---- raising ---- */

value caml_set_exception(value exn)
{
  caml_domain_state *state = Caml_state;
  if (state->backtrace_active) caml_stash_backtrace(exn);
  state->exn = exn;
  return 0;
}

/* Is there compiled code to return to? */
static int called_from_ocaml(caml_domain_state *state)
{
  return Word_at((char *)state->ocaml_sp + BASE_RETURN_ADDRESS) != 0;
}

void caml_raise(value exception)
{
  Caml_check_caml_state();
  caml_domain_state *state = Caml_state;
  caml_channel_cleanup_on_raise();
  if (!called_from_ocaml(state)) caml_fatal_uncaught_exception(exception);
  /* The frames of C code that are left lie below the last entry from C. */
  while (state->local_roots != NULL
         && (char *)state->local_roots < (char *)state->c_stack)
    state->local_roots = state->local_roots->next;
  /* A trace begins here, also for an exception that a callback has raised. */
  state->backtrace_pos = 0;
  caml_set_exception(exception);
  caml_unwind_to_ocaml(state);
}

void caml_raise_constant(value exn_constr) { caml_raise(exn_constr); }

void caml_raise_with_arg(value exn_constr, value arg)
{
  caml_raise(caml_exception_with_arg(exn_constr, arg));
}

void caml_raise_with_args(value exn_constr, int nargs, value arg[])
{
  caml_raise(caml_exception_with_args(exn_constr, nargs, arg));
}

void caml_raise_with_string(value exn_constr, char const *msg)
{
  caml_raise(caml_exception_with_string(exn_constr, msg));
}

void caml_failwith(char const *msg)
{
  caml_raise(caml_exception_failure(msg));
}

void caml_failwith_value(value msg)
{
  caml_raise(caml_exception_failure_value(msg));
}

void caml_invalid_argument(char const *msg)
{
  caml_raise(caml_exception_invalid_argument(msg));
}

void caml_invalid_argument_value(value msg)
{
  caml_raise(caml_exception_invalid_argument_value(msg));
}

void caml_raise_out_of_memory(void)
{
  caml_raise(caml_exception_out_of_memory());
}

void caml_raise_stack_overflow(void)
{
  caml_raise(caml_exception_stack_overflow());
}

void caml_raise_sys_error(value msg)
{
  caml_raise(caml_exception_sys_error(msg));
}

void caml_raise_end_of_file(void) { caml_raise(caml_exception_end_of_file()); }

void caml_raise_zero_divide(void) { caml_raise(caml_exception_zero_divide()); }

void caml_raise_not_found(void) { caml_raise(caml_exception_not_found()); }

void caml_array_bound_error(void)
{
  caml_raise(caml_exception_array_bound_error());
}

/* The one that compiled code calls (ABI.md, section 9). */
void caml_ml_array_bound_error(void) { caml_array_bound_error(); }

void caml_raise_sys_blocked_io(void)
{
  caml_raise(caml_exception_sys_blocked_io());
}

/* ---- exceptions as values ---- */

value caml_exception_constant(value exn_constr) { return exn_constr; }

value caml_exception_with_arg(value exn_constr, value arg)
{
  return caml_exception_with_args(exn_constr, 1, &arg);
}

value caml_exception_with_args(value exn_constr, int nargs, value args[])
{
  CAMLparam1(exn_constr);
  CAMLxparamN(args, nargs);
  value bucket = caml_alloc_small(1 + nargs, 0);
  Field(bucket, 0) = exn_constr;
  for (int i = 0; i < nargs; i++) Field(bucket, 1 + i) = args[i];
  CAMLreturn(bucket);
}

value caml_exception_with_string(value exn_constr, char const *msg)
{
  CAMLparam1(exn_constr);
  value text = caml_copy_string(msg);
  CAMLreturn(caml_exception_with_arg(exn_constr, text));
}

value caml_exception_failure(char const *msg)
{
  return caml_exception_with_string((value)caml_exn_Failure, msg);
}

value caml_exception_failure_value(value msg)
{
  return caml_exception_with_arg((value)caml_exn_Failure, msg);
}

value caml_exception_invalid_argument(char const *msg)
{
  return caml_exception_with_string((value)caml_exn_Invalid_argument, msg);
}

value caml_exception_invalid_argument_value(value msg)
{
  return caml_exception_with_arg((value)caml_exn_Invalid_argument, msg);
}

value caml_exception_out_of_memory(void)
{
  return (value)caml_exn_Out_of_memory;
}

value caml_exception_stack_overflow(void)
{
  return (value)caml_exn_Stack_overflow;
}

value caml_exception_sys_error(value msg)
{
  return caml_exception_with_arg((value)caml_exn_Sys_error, msg);
}

value caml_exception_end_of_file(void) { return (value)caml_exn_End_of_file; }

value caml_exception_zero_divide(void)
{
  return (value)caml_exn_Division_by_zero;
}

value caml_exception_not_found(void) { return (value)caml_exn_Not_found; }

value caml_exception_sys_blocked_io(void)
{
  return (value)caml_exn_Sys_blocked_io;
}

/* Allocated once, by Stdlib, so that an index error does not allocate. */
value caml_exception_array_bound_error(void)
{
  static _Atomic(const value *) cached = NULL;
  const value *exn = atomic_load_acquire(&cached);
  if (exn == NULL) {
    exn = caml_named_value("Pervasives.array_bound_error");
    if (exn == NULL)
      return caml_exception_invalid_argument("index out of bounds");
    atomic_store_release(&cached, exn);
  }
  return *exn;
}
