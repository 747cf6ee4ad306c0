/* The state of a domain, and how C finds the one it runs in. */
#ifndef CAML_STATE_H
#define CAML_STATE_H

#include <stddef.h>
#include <stdio.h>
#include "misc.h"
#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One word per field: compiled code and assembly know the first by offset. */
typedef struct caml_domain_state {
#define DOMAIN_STATE(type, name) CAMLalign(8) type name;
#include "domain_state.tbl"
#undef DOMAIN_STATE
} caml_domain_state;

enum {
  Domain_state_num_fields = 0
#define DOMAIN_STATE(type, name) +1
#include "domain_state.tbl"
#undef DOMAIN_STATE
};

/* The runtime is always part of the executable, so on ELF the fast model of
   thread-local storage applies. */
#if defined(__ELF__)
#define CAML_TLS_MODEL __attribute__((tls_model("initial-exec")))
#else
#define CAML_TLS_MODEL
#endif

#if defined(__CYGWIN__)
__attribute__((pure)) CAMLextern caml_domain_state *caml_get_domain_state(void);
#define Caml_state_opt (caml_get_domain_state())
#else
CAMLextern CAMLthread_local caml_domain_state *caml_state CAML_TLS_MODEL;
#define Caml_state_opt caml_state
#endif

#define Caml_state (CAMLassert(Caml_state_opt != NULL), Caml_state_opt)

CAMLnoret CAMLextern void caml_bad_caml_state(void);
#define Caml_check_caml_state() \
  (CAMLlikely(Caml_state_opt != NULL) ? (void)0 : caml_bad_caml_state())

#define Caml_state_field(field) (Caml_state->field)

#ifdef __cplusplus
}
#endif

#endif /* CAML_STATE_H */
