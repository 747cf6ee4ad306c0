/* The table of code fragments.
 *
 * Counterpart of upstream's runtime/codefrag.c.  There are few fragments (one
 * per program, and one per dynamically linked unit), and none is ever removed:
 * a list that only grows at its head needs no lock to be read. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <string.h>
#include "caml/codefrag.h"
#include "caml/md5.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/platform.h"

struct cell {
  struct code_fragment fragment;
  struct cell *next;
};

static struct cell *_Atomic fragments = NULL;

/* Protects additions and the computation of digests. */
static caml_plat_mutex mutex = CAML_PLAT_MUTEX_INITIALIZER;

int caml_register_code_fragment(char *start, char *end)
{
  static int next_number = 0;
  struct cell *cell = caml_stat_alloc(sizeof *cell);
  int number;

  caml_plat_lock_blocking(&mutex);
  number = next_number++;
  cell->fragment = (struct code_fragment) { .code_start = start,
                                            .code_end = end,
                                            .fragnum = number };
  cell->next = atomic_load(&fragments);
  atomic_store(&fragments, cell);
  caml_plat_unlock(&mutex);
  return number;
}

/* The first fragment of which [accept] is true. */
static struct code_fragment *
find(bool (*accept)(struct code_fragment *, const void *), const void *arg)
{
  for (struct cell *c = atomic_load(&fragments); c != NULL; c = c->next)
    if (accept(&c->fragment, arg)) return &c->fragment;
  return NULL;
}

static bool contains(struct code_fragment *cf, const void *pc)
{
  return cf->code_start <= (const char *) pc
    && (const char *) pc < cf->code_end;
}

struct code_fragment *caml_find_code_fragment_by_pc(char *pc)
{
  return find(contains, pc);
}

static bool has_number(struct code_fragment *cf, const void *number)
{
  return cf->fragnum == *(const int *) number;
}

struct code_fragment *caml_find_code_fragment_by_num(int fragnum)
{
  return find(has_number, &fragnum);
}

static bool has_digest(struct code_fragment *cf, const void *digest)
{
  return memcmp(caml_digest_of_code_fragment(cf), digest, 16) == 0;
}

struct code_fragment *
caml_find_code_fragment_by_digest(const unsigned char digest[16])
{
  return find(has_digest, digest);
}

const unsigned char *caml_digest_of_code_fragment(struct code_fragment *cf)
{
  caml_plat_lock_blocking(&mutex);
  if (!cf->digest_known) {
    caml_md5_block(cf->digest, cf->code_start,
                   cf->code_end - cf->code_start);
    cf->digest_known = 1;
  }
  caml_plat_unlock(&mutex);
  return cf->digest;
}
