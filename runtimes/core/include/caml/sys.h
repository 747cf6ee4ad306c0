/* Errors and facts of the operating system, exit. */
#ifndef CAML_SYS_H
#define CAML_SYS_H

#ifdef CAML_INTERNALS

#include "misc.h"
#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern char *caml_strerror(int errnum, char *buf, size_t buflen);

#define NO_ARG Val_int(0)
/* Raise Sys_error from errno; [caml_sys_io_error]: or Sys_blocked_io. */
CAMLnoret CAMLextern void caml_sys_error(value);
CAMLnoret CAMLextern void caml_sys_io_error(value);
CAMLextern double caml_sys_time_unboxed(value);
CAMLextern void caml_sys_init(const char_os *exe_name, char_os **argv);
CAMLnoret CAMLextern void caml_do_exit(int);

#ifdef __cplusplus
}
#endif

#endif /* CAML_INTERNALS */

#endif /* CAML_SYS_H */
