/* Raising exceptions from C. */
#ifndef CAML_FAIL_H
#define CAML_FAIL_H

#include "misc.h"
#include "mlvalues.h"

#ifdef CAML_INTERNALS
/* Order of the predefined exceptions. */
#define OUT_OF_MEMORY_EXN 0
#define SYS_ERROR_EXN 1
#define FAILURE_EXN 2
#define INVALID_EXN 3
#define END_OF_FILE_EXN 4
#define ZERO_DIVIDE_EXN 5
#define NOT_FOUND_EXN 6
#define MATCH_FAILURE_EXN 7
#define STACK_OVERFLOW_EXN 8
#define SYS_BLOCKED_IO 9
#define ASSERT_FAILURE_EXN 10
#define UNDEFINED_RECURSIVE_MODULE_EXN 11

int caml_is_special_exception(value exn);
/* Raises Sys_error when [err] is not 0. */
CAMLextern void caml_check_error(int err, char const *msg);
#endif

#ifdef __cplusplus
extern "C" {
#endif

CAMLnoret CAMLextern void caml_raise(value exception);
CAMLnoret CAMLextern void caml_raise_constant(value exn_constr);
CAMLnoret CAMLextern void caml_raise_with_arg(value exn_constr, value arg);
CAMLnoret CAMLextern void caml_raise_with_args(value exn_constr, int nargs,
                                               value arg[]);
CAMLnoret CAMLextern void caml_raise_with_string(value exn_constr,
                                                 char const *msg);
CAMLnoret CAMLextern void caml_failwith(char const *msg);
CAMLnoret CAMLextern void caml_failwith_value(value msg);
CAMLnoret CAMLextern void caml_invalid_argument(char const *msg);
CAMLnoret CAMLextern void caml_invalid_argument_value(value msg);
CAMLnoret CAMLextern void caml_raise_out_of_memory(void);
CAMLnoret CAMLextern void caml_raise_stack_overflow(void);
CAMLnoret CAMLextern void caml_raise_sys_error(value);
CAMLnoret CAMLextern void caml_raise_end_of_file(void);
CAMLnoret CAMLextern void caml_raise_zero_divide(void);
CAMLnoret CAMLextern void caml_raise_not_found(void);
CAMLnoret CAMLextern void caml_array_bound_error(void);
CAMLnoret CAMLextern void caml_raise_sys_blocked_io(void);

/* The same exceptions as values. */
CAMLextern value caml_exception_constant(value exn_constr);
CAMLextern value caml_exception_with_arg(value exn_constr, value arg);
CAMLextern value caml_exception_with_args(value exn_constr, int nargs,
                                          value arg[]);
CAMLextern value caml_exception_with_string(value exn_constr, char const *msg);
CAMLextern value caml_exception_failure(char const *msg);
CAMLextern value caml_exception_failure_value(value msg);
CAMLextern value caml_exception_invalid_argument(char const *msg);
CAMLextern value caml_exception_invalid_argument_value(value msg);
CAMLextern value caml_exception_out_of_memory(void);
CAMLextern value caml_exception_stack_overflow(void);
CAMLextern value caml_exception_sys_error(value msg);
CAMLextern value caml_exception_end_of_file(void);
CAMLextern value caml_exception_zero_divide(void);
CAMLextern value caml_exception_not_found(void);
CAMLextern value caml_exception_array_bound_error(void);
CAMLextern value caml_exception_sys_blocked_io(void);

Caml_inline value caml_get_value_or_raise(struct caml_result_private result)
{
  if (result.is_exception) caml_raise(result.data);
  return result.data;
}

#ifdef CAML_INTERNALS
Caml_inline value
caml_result_get_encoded_exception(struct caml_result_private result)
{
  return result.is_exception ? Make_exception_result(result.data)
                             : result.data;
}
#endif

#ifdef __cplusplus
}
#endif

#endif /* CAML_FAIL_H */
