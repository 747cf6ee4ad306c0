/* Start of a native program: the runtime's parts in order, then each unit's
   entry, then at_exit.

   The link makes the table of units (ABI.md, section 8); its rows are in
   dependency order. */

#define CAML_INTERNALS

#include <stdlib.h>

#include "caml/callback.h"
#include "caml/codefrag.h"
#include "caml/custom.h"
#include "caml/domain.h"
#include "caml/gc_ctrl.h"
#include "caml/memory.h"
#include "caml/osdeps.h"
#include "caml/printexc.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sys.h"
#include "fiber.h"
#include "frame_descriptors.h"

struct unit {
  void *entry; /* NULL: runs nothing */
  value **gc_roots;
  const caml_frametable *frametable;
  char *code_begin;
  char *code_end;
  const char *name; /* NULL: end of the table */
};

extern struct unit caml_unit_table[];

/* Of the stubs in assembly. */
extern const caml_frametable system_frametable
  __asm__("caml_system.frametable");

static int count_units(void)
{
  int n = 0;
  while (caml_unit_table[n].name != NULL) n++;
  return n;
}

static void register_frametables(int n)
{
  const caml_frametable **tables =
    caml_stat_alloc((n + 1) * sizeof(const caml_frametable *));
  int count = 0;
  tables[count++] = &system_frametable;
  for (int i = 0; i < n; i++)
    if (caml_unit_table[i].frametable != NULL)
      tables[count++] = caml_unit_table[i].frametable;
  caml_register_frametables(tables, count);
  caml_stat_free(tables);
}

static void register_roots(int n)
{
  value ***tables = caml_stat_alloc((n + 1) * sizeof(value **));
  int count = 0;
  for (int i = 0; i < n; i++)
    if (caml_unit_table[i].gc_roots != NULL)
      tables[count++] = caml_unit_table[i].gc_roots;
  /* The table stays: the collector keeps it. */
  caml_init_unit_roots(tables, count);
}

/* One fragment for all code, for marshalled closures. */
static void register_code(int n)
{
  char *begin = NULL, *end = NULL;
  for (int i = 0; i < n; i++) {
    struct unit *u = &caml_unit_table[i];
    if (u->code_begin == NULL || u->code_begin == u->code_end) continue;
    if (begin == NULL || u->code_begin < begin) begin = u->code_begin;
    if (u->code_end > end) end = u->code_end;
  }
  if (begin != NULL) caml_register_code_fragment(begin, end);
}

/* Runs the entries; the exception of the first that raises ends it. */
static caml_result run_units(int n)
{
  value no_args[4] = { Val_unit, Val_unit, Val_unit, Val_unit };
  caml_domain_state *state = Caml_state;
  for (int i = 0; i < n; i++) {
    if (caml_unit_table[i].entry == NULL) continue;
    if (caml_start_program(state, caml_unit_table[i].entry, no_args) == 0) {
      value exn = state->exn;
      state->exn = 0;
      return Result_exception(exn);
    }
  }
  return Result_unit;
}

static const char_os *program_name(char_os **argv)
{
  const char_os *self = caml_executable_name();
  if (self != NULL) return self;
  return caml_search_exe_in_path(argv[0] != NULL ? argv[0] : "");
}

static value start(char_os **argv, int pooling)
{
  caml_parse_ocamlrunparam();
  if (!caml_startup_aux(pooling || caml_params->cleanup_on_exit))
    return Val_unit;
  int n = count_units();
  caml_init_locale();
  caml_init_custom_operations();
  caml_init_os_params();
  caml_init_gc();
  register_frametables(n);
  register_roots(n);
  register_code(n);
  caml_init_signals();
  caml_sys_init(program_name(argv), argv);
  caml_result r = run_units(n);
  return r.is_exception ? Make_exception_result(r.data) : r.data;
}

value caml_startup_exn(char_os **argv) { return start(argv, 0); }

value caml_startup_pooled_exn(char_os **argv) { return start(argv, 1); }

static void stop_on_exception(value result)
{
  if (Is_exception_result(result))
    caml_fatal_uncaught_exception(Extract_exception(result));
}

void caml_startup(char_os **argv) { stop_on_exception(caml_startup_exn(argv)); }

void caml_startup_pooled(char_os **argv)
{
  stop_on_exception(caml_startup_pooled_exn(argv));
}

void caml_main(char_os **argv) { caml_startup(argv); }
