/* Traces of exceptions and of the current calls. */
#ifndef CAML_BACKTRACE_H
#define CAML_BACKTRACE_H

#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Turns the recording of traces on or off. */
CAMLextern void caml_record_backtraces(int);

#ifdef CAML_INTERNALS

#define caml_backtrace_active (Caml_state_field(backtrace_active))
#define caml_backtrace_buffer (Caml_state_field(backtrace_buffer))
#define caml_backtrace_pos (Caml_state_field(backtrace_pos))
#define caml_backtrace_last_exn (Caml_state_field(backtrace_last_exn))

/* Frames of an exception's trace that are kept. */
#define BACKTRACE_BUFFER_SIZE 1024

/* Adds the frames of the chunk of compiled code that called C to the trace of
   [exn]; begins a new trace if the last exception was another one. */
void caml_stash_backtrace(value exn);
/* On standard error, in the format of Printexc. */
CAMLextern void caml_print_exception_backtrace(void);

#endif

#ifdef __cplusplus
}
#endif

#endif /* CAML_BACKTRACE_H */
