/* Parameters from OCAMLRUNPARAM, and what startup of bytecode and of native
   programs have in common. */
#ifndef CAML_STARTUP_AUX_H
#define CAML_STARTUP_AUX_H

#ifdef CAML_INTERNALS

#include "config.h"
#include "misc.h"

extern void caml_init_locale(void);
extern void caml_free_locale(void);

struct caml_params {
  const char_os *exe_name;
  const char *section_table; /* bytecode */
  asize_t section_table_size;
  const char_os *cds_file;

  uintnat parser_trace;             /* p */
  uintnat trace_level;              /* t */
  uintnat runtime_events_log_wsize; /* e */
  uintnat verify_heap;              /* V: check the heap after each cycle */
  uintnat stress;                   /* G: see stress.c */
  uintnat print_magic;
  uintnat print_config;

  uintnat init_percent_free;         /* o */
  uintnat init_minor_heap_wsz;       /* s */
  uintnat init_custom_major_ratio;   /* M */
  uintnat init_custom_minor_ratio;   /* m */
  uintnat init_custom_minor_max_bsz; /* n */
  uintnat init_max_stack_wsz;        /* l */

  uintnat backtrace_enabled; /* b */
  uintnat runtime_warnings;  /* W */
  uintnat cleanup_on_exit;   /* c */
  uintnat event_trace;
  uintnat max_domains; /* d */
};

extern const struct caml_params *const caml_params;

extern void caml_parse_ocamlrunparam(void);
/* 0 when the runtime is already up. */
extern int caml_startup_aux(int pooling);
/* 1 when the caller must do the real shutdown. */
extern int caml_shutdown_aux(void);
void caml_init_exe_name(const char_os *exe_name);
void caml_init_section_table(const char *section_table,
                             asize_t section_table_size);

#endif /* CAML_INTERNALS */

#endif /* CAML_STARTUP_AUX_H */
