/* Fatal errors, messages of OCAMLRUNPARAM=v, growing tables.
 *
 * Counterpart of upstream's runtime/misc.c. */

#define CAML_INTERNALS

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "caml/camlatomic.h"
#include "caml/config.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"

/* ---- Hooks ---- */

_Atomic fatal_error_hook caml_fatal_error_hook = NULL;

_Atomic caml_timing_hook caml_major_slice_begin_hook = NULL;
_Atomic caml_timing_hook caml_major_slice_end_hook = NULL;
_Atomic caml_timing_hook caml_minor_gc_begin_hook = NULL;
_Atomic caml_timing_hook caml_minor_gc_end_hook = NULL;
_Atomic caml_timing_hook caml_finalise_begin_hook = NULL;
_Atomic caml_timing_hook caml_finalise_end_hook = NULL;
_Atomic caml_timing_hook caml_domain_terminated_hook = NULL;

/* ---- Fatal errors ---- */

CAMLexport void caml_fatal_error(const char *msg, ...)
{
  fatal_error_hook hook = atomic_load(&caml_fatal_error_hook);
  va_list args;

  va_start(args, msg);
  if (hook != NULL) {
    hook(msg, args);
  } else {
    fprintf(stderr, "Fatal error: ");
    vfprintf(stderr, msg, args);
    fprintf(stderr, "\n");
  }
  va_end(args);
  abort();
}

CAMLexport void caml_failed_assert(const char *expr, const char *file, int line)
{
  fprintf(stderr, "[%02d] file %s; line %d ### Assertion failed: %s\n",
          Caml_state == NULL ? -1 : (int) Caml_state->id, file, line, expr);
  fflush(stderr);
  abort();
}

CAMLexport void caml_debug_abort(const char *file, int line)
{
  caml_failed_assert("code is unreachable", file, line);
}

/* ---- Messages ---- */

atomic_uintnat caml_verb_gc = 0;

void caml_gc_message(int category, const char *format, ...)
{
  va_list args;

  if ((atomic_load_relaxed(&caml_verb_gc) & (uintnat) category) == 0) return;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fflush(stderr);
}

/* One write, so that lines of several domains do not mix. */
void caml_gc_log(const char *format, ...)
{
  char line[512];
  va_list args;

  if ((atomic_load_relaxed(&caml_verb_gc) & CAML_GC_MSG_DEBUG) == 0) return;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  fprintf(stderr, "[%02d] %s\n",
          Caml_state == NULL ? -1 : (int) Caml_state->id, line);
}

uintnat caml_runtime_warnings = 0;

/* Also says, before the first warning, where warnings come from. */
CAMLexport int caml_runtime_warnings_active(void)
{
  static int announced = 0;

  if (!caml_runtime_warnings) return 0;
  if (!announced) {
    fprintf(stderr, "[ocaml] (use Sys.enable_runtime_warnings to control "
                    "these warnings)\n");
    announced = 1;
  }
  return 1;
}

/* ---- Growing tables of pointers ---- */

void caml_ext_table_init(struct ext_table *tbl, int init_capa)
{
  tbl->size = 0;
  tbl->capacity = init_capa;
  tbl->contents = caml_stat_alloc(sizeof(void *) * (size_t) init_capa);
}

/* The index of the new entry, or -1 when there is no memory. */
int caml_ext_table_add_noexc(struct ext_table *tbl, void *data)
{
  if (tbl->size >= tbl->capacity) {
    int capacity = tbl->capacity > 0 ? tbl->capacity * 2 : 8;
    void **contents =
      caml_stat_resize_noexc(tbl->contents,
                             sizeof(void *) * (size_t) capacity);
    if (contents == NULL) return -1;
    tbl->capacity = capacity;
    tbl->contents = contents;
  }
  tbl->contents[tbl->size] = data;
  return tbl->size++;
}

int caml_ext_table_add(struct ext_table *tbl, void *data)
{
  int index = caml_ext_table_add_noexc(tbl, data);

  if (index == -1) caml_raise_out_of_memory();
  return index;
}

void caml_ext_table_remove(struct ext_table *tbl, void *data)
{
  for (int i = 0; i < tbl->size; i++) {
    if (tbl->contents[i] != data) continue;
    caml_stat_free(data);
    tbl->size--;
    memmove(&tbl->contents[i], &tbl->contents[i + 1],
            sizeof(void *) * (size_t) (tbl->size - i));
    return;
  }
}

void caml_ext_table_clear(struct ext_table *tbl, int free_entries)
{
  if (free_entries)
    for (int i = 0; i < tbl->size; i++) caml_stat_free(tbl->contents[i]);
  tbl->size = 0;
}

void caml_ext_table_free(struct ext_table *tbl, int free_entries)
{
  caml_ext_table_clear(tbl, free_entries);
  caml_stat_free(tbl->contents);
}
