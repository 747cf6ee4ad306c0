/* Parameters from OCAMLRUNPARAM, and the count of startups and shutdowns of an
   embedded runtime. */

#define CAML_INTERNALS

#include "caml/startup_aux.h"

#include <stdlib.h>

#include "caml/callback.h"
#include "caml/domain.h"
#include "caml/memory.h"
#include "caml/osdeps.h"
#include "caml/signals.h"

static struct caml_params params;
const struct caml_params *const caml_params = &params;

static void set_defaults(void)
{
  params.runtime_events_log_wsize = Default_runtime_events_log_wsize;
  params.init_percent_free = Percent_free_def;
  params.init_minor_heap_wsz = Minor_heap_def;
  params.init_custom_major_ratio = Custom_major_ratio_def;
  params.init_custom_minor_ratio = Custom_minor_ratio_def;
  params.init_custom_minor_max_bsz = Custom_minor_max_bsz_def;
  params.init_max_stack_wsz = Max_stack_def;
  params.max_domains = Max_domains_def;
#ifdef DEBUG
  params.verify_heap = 1;
#endif
}

/* Reads "=" and a number, decimal or hexadecimal, with a multiplier k, M or G;
   leaves [var] alone when there is none. */
static void read_number(const char *s, uintnat *var)
{
  char *end;
  if (*s != '=') return;
  int base = s[1] == '0' && (s[2] == 'x' || s[2] == 'X') ? 16 : 10;
  unsigned long long n = strtoull(s + 1, &end, base);
  if (end == s + 1) return;
  switch (*end) {
  case 'k': *var = (uintnat)n << 10; break;
  case 'M': *var = (uintnat)n << 20; break;
  case 'G': *var = (uintnat)n << 30; break;
  default: *var = n;
  }
}

/* Letters, where their number goes, and what it is when none is given (0: it
   stays). R is for Hashtbl; unknown letters are ignored. */
static const struct {
  char letter;
  uintnat *var;
  uintnat without_number;
} letters[] = {
  { 'b', &params.backtrace_enabled, 1 },
  { 'c', &params.cleanup_on_exit, 1 },
  { 'd', &params.max_domains, 0 },
  { 'e', &params.runtime_events_log_wsize, 0 },
  { 'G', &params.stress, 1 },
  { 'l', &params.init_max_stack_wsz, 0 },
  { 'M', &params.init_custom_major_ratio, 0 },
  { 'm', &params.init_custom_minor_ratio, 0 },
  { 'n', &params.init_custom_minor_max_bsz, 0 },
  { 'o', &params.init_percent_free, 0 },
  { 'p', &params.parser_trace, 1 },
  { 's', &params.init_minor_heap_wsz, 0 },
  { 't', &params.trace_level, 1 },
  { 'V', &params.verify_heap, 1 },
  { 'W', &params.runtime_warnings, 1 },
};

static void read_parameter(char letter, const char *rest)
{
  for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
    if (letters[i].letter != letter) continue;
    if (letters[i].without_number != 0)
      *letters[i].var = letters[i].without_number;
    read_number(rest, letters[i].var);
  }
  if (letter == 'v') {
    uintnat verbosity = 0;
    read_number(rest, &verbosity);
    atomic_store_relaxed(&caml_verb_gc, verbosity);
  }
}

static void check_parameters(void)
{
  if (params.max_domains < 1)
    caml_fatal_error("OCAMLRUNPARAM: max_domains(d) must be at least 1");
  if (params.max_domains > Max_domains_max)
    caml_fatal_error("OCAMLRUNPARAM: max_domains(d) is too large. "
                     "The maximum value is %d.",
                     Max_domains_max);
}

void caml_parse_ocamlrunparam(void)
{
  set_defaults();
  const char *s = caml_secure_getenv("OCAMLRUNPARAM");
  if (s == NULL) s = caml_secure_getenv("CAMLRUNPARAM");
  while (s != NULL && *s != 0) {
    char letter = *s++;
    if (letter == ',') continue;
    read_parameter(letter, s);
    while (*s != 0 && *s != ',') s++;
  }
  caml_runtime_warnings = params.runtime_warnings;
  check_parameters();
}

/* ---- startups and shutdowns ---- */

static int startup_count;
static int shutdown_happened;

int caml_startup_aux(int pooling)
{
  if (shutdown_happened)
    caml_fatal_error("caml_startup was called after the runtime "
                     "was shut down with caml_shutdown");
  if (++startup_count > 1) return 0;
  if (pooling) caml_stat_create_pool();
  return 1;
}

int caml_shutdown_aux(void)
{
  Caml_check_caml_state();
  if (startup_count <= 0)
    caml_fatal_error("a call to caml_shutdown has no "
                     "corresponding call to caml_startup");
  if (--startup_count > 0) return 0;
  shutdown_happened = 1;
  return 1;
}

static void call_named(const char *name)
{
  const value *f = caml_named_value(name);
  if (f != NULL) caml_callback_res(*f, Val_unit);
}

void caml_shutdown(void)
{
  if (!caml_shutdown_aux()) return;
  call_named("Pervasives.do_at_exit");
  call_named("Thread.at_shutdown");
  if (caml_domain_alone())
    caml_domain_terminate(true);
  else
    caml_stop_all_domains();
  caml_free_locale();
  if (caml_free_domains()) caml_stat_destroy_pool();
  caml_terminate_signals();
}

void caml_init_exe_name(const char_os *exe_name) { params.exe_name = exe_name; }

void caml_init_section_table(const char *section_table,
                             asize_t section_table_size)
{
  params.section_table = section_table;
  params.section_table_size = section_table_size;
}
