/* The table of domains, shared by domain.c (life cycle) and stw.c (stopping
   the world). */
#ifndef CAML_DOMAIN_TABLE_H
#define CAML_DOMAIN_TABLE_H

#include "caml/domain.h"
#include "caml/platform.h"

enum domain_status {
  DOMAIN_FREE,     /* no domain has this slot */
  DOMAIN_RUNNING,  /* its thread may touch the heap */
  DOMAIN_BLOCKED,  /* its thread promises not to */
  DOMAIN_CAPTURED, /* the same, and somebody else works on its heap */
  DOMAIN_STOPPED   /* its thread takes part in a section */
};

struct domain_slot {
  caml_domain_state *state; /* stays when the domain ends, for the next */
  _Atomic enum domain_status status;
  atomic_uintnat interrupted; /* a section waits for this domain */
};

extern struct domain_slot *caml_domain_slots;
extern uintnat caml_max_domains;

/* Held by who changes the table or stops the world. Taking it answers
   interrupts meanwhile. */
void caml_lock_domains(void);
void caml_unlock_domains(void);
int caml_try_lock_domains(void);

#endif /* CAML_DOMAIN_TABLE_H */
