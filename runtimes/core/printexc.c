/* Printing of exceptions from C, and the end of a program by an uncaught one.
 *
 * Counterpart of upstream's runtime/printexc.c. */

#define CAML_INTERNALS

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "caml/callback.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/printexc.h"

/* ---- Formatting ---- */

/* A text of bounded size: what does not fit is dropped. */
struct text {
  size_t length;
  char data[256];
};

static void add(struct text *t, const char *s)
{
  size_t room = sizeof t->data - 1 - t->length;
  size_t n = strnlen(s, room);

  memcpy(t->data + t->length, s, n);
  t->length += n;
}

static void add_argument(struct text *t, value v)
{
  char number[32];

  if (Is_long(v)) {
    snprintf(number, sizeof number, "%lld", (long long) Long_val(v));
    add(t, number);
  } else if (Tag_val(v) == String_tag) {
    add(t, "\"");
    add(t, String_val(v));
    add(t, "\"");
  } else {
    add(t, "_");
  }
}

/* Match_failure and its like carry their arguments in one tuple, which is shown
   as if it were the arguments. */
static bool carries_tuple(value exn)
{
  return Wosize_val(exn) == 2 && Is_block(Field(exn, 1))
    && Tag_val(Field(exn, 1)) == 0
    && caml_is_special_exception(Field(exn, 0));
}

static void add_exception(struct text *t, value exn)
{
  bool tuple;
  value bucket;

  if (Tag_val(exn) != 0) {              /* a constant constructor */
    add(t, String_val(Field(exn, 0)));
    return;
  }
  tuple = carries_tuple(exn);
  bucket = tuple ? Field(exn, 1) : exn;
  add(t, String_val(Field(Field(exn, 0), 0)));
  add(t, "(");
  for (mlsize_t i = tuple ? 0 : 1; i < Wosize_val(bucket); i++) {
    if (i > (tuple ? 0 : 1)) add(t, ", ");
    add_argument(t, Field(bucket, i));
  }
  add(t, ")");
}

/* NULL when there is no memory. */
CAMLexport char *caml_format_exception(value exn)
{
  struct text t = { .length = 0 };
  char *res;

  add_exception(&t, exn);
  res = caml_stat_alloc_noexc(t.length + 1);
  if (res == NULL) return NULL;
  memcpy(res, t.data, t.length);
  res[t.length] = 0;
  return res;
}

/* ---- Uncaught exceptions ---- */

/* See runtimes/native/backtrace.c. */
CAMLextern void caml_print_exception_backtrace(void);

int caml_abort_on_uncaught_exn = 0;

/* Run [at_exit] functions, whose exceptions change nothing any more; the
   backtrace of the one that kills us must survive them. */
static void run_at_exit(void)
{
  const value *at_exit = caml_named_value("Pervasives.do_at_exit");
  intnat active = Caml_state->backtrace_active;
  intnat pos = Caml_state->backtrace_pos;

  Caml_state->backtrace_active = 0;
  if (at_exit != NULL) caml_callback_res(*at_exit, Val_unit);
  Caml_state->backtrace_active = active;
  Caml_state->backtrace_pos = pos;
}

/* For programs without Printexc. */
static void report_uncaught(value exn)
{
  char *msg = caml_format_exception(exn);

  run_at_exit();
  fprintf(stderr, "Fatal error: exception %s\n", msg == NULL ? "?" : msg);
  caml_stat_free(msg);
  if (Caml_state->backtrace_active) caml_print_exception_backtrace();
}

void caml_fatal_uncaught_exception(value exn)
{
  const value *handler =
    caml_named_value("Printexc.handle_uncaught_exception");

  /* A callback of the profiler might raise again. */
  caml_memprof_update_suspended(1);
  if (handler != NULL) caml_callback2_res(*handler, exn, Val_false);
  else report_uncaught(exn);
  if (caml_abort_on_uncaught_exn) abort();
  exit(2);
}
