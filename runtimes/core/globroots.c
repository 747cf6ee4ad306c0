/* Global roots: addresses of C variables, and the static blocks of compiled
   units.

   Registered roots are in two hash sets: those that must be scanned by every
   minor collection (any plain root, and generational ones that hold a young
   value), and generational ones that hold an old value. A generational root
   that holds an integer is in neither. */
#define CAML_INTERNALS

#include <stdlib.h>

#include "caml/fail.h"
#include "caml/globroots.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "caml/roots.h"

static caml_plat_mutex roots_mutex = CAML_PLAT_MUTEX_INITIALIZER;

/* ---- sets of addresses: open addressing, linear probing ---- */

struct root_set {
  value **slots; /* NULL: free; DELETED: was used */
  uintnat size;  /* a power of two, or 0 */
  uintnat used;  /* with the deleted ones */
};

#define DELETED ((value *)8)

static struct root_set plain_roots, young_roots, old_roots;

static uintnat hash_address(value *r)
{
  return ((uintnat)r >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 20;
}

static void set_insert(struct root_set *s, value *r);

static void rehash(struct root_set *s)
{
  struct root_set old = *s;
  uintnat live = 0;
  for (uintnat i = 0; i < old.size; i++)
    live += old.slots[i] != NULL && old.slots[i] != DELETED;
  s->size = 64;
  while (s->size < 4 * live) s->size *= 2;
  s->used = 0;
  s->slots = caml_stat_calloc_noexc(s->size, sizeof(value *));
  if (s->slots == NULL) caml_fatal_error("Fatal error: out of memory.\n");
  for (uintnat i = 0; i < old.size; i++)
    if (old.slots[i] != NULL && old.slots[i] != DELETED)
      set_insert(s, old.slots[i]);
  caml_stat_free(old.slots);
}

static void set_insert(struct root_set *s, value *r)
{
  if (2 * (s->used + 1) > s->size) rehash(s);
  uintnat i = hash_address(r) & (s->size - 1);
  while (s->slots[i] != NULL && s->slots[i] != r) i = (i + 1) & (s->size - 1);
  if (s->slots[i] == r) return;
  s->slots[i] = r;
  s->used++;
}

static void set_remove(struct root_set *s, value *r)
{
  if (s->size == 0) return;
  uintnat i = hash_address(r) & (s->size - 1);
  while (s->slots[i] != NULL && s->slots[i] != r) i = (i + 1) & (s->size - 1);
  if (s->slots[i] == r) s->slots[i] = DELETED;
}

static void set_clear(struct root_set *s)
{
  for (uintnat i = 0; i < s->size; i++) s->slots[i] = NULL;
  s->used = 0;
}

static void set_scan(struct root_set *s, scanning_action f, void *fdata)
{
  for (uintnat i = 0; i < s->size; i++) {
    value *r = s->slots[i];
    if (r != NULL && r != DELETED && *r != 0) f(fdata, *r, r);
  }
}

/* ---- registration ---- */

CAMLexport void caml_register_global_root(value *r)
{
  caml_plat_lock_blocking(&roots_mutex);
  set_insert(&plain_roots, r);
  caml_plat_unlock(&roots_mutex);
}

CAMLexport void caml_remove_global_root(value *r)
{
  caml_plat_lock_blocking(&roots_mutex);
  set_remove(&plain_roots, r);
  caml_plat_unlock(&roots_mutex);
}

/* The set where a generational root belongs that holds [v], or NULL. */
static struct root_set *set_for(value v)
{
  if (v == 0 || Is_long(v)) return NULL;
  return Is_young(v) ? &young_roots : &old_roots;
}

CAMLexport void caml_register_generational_global_root(value *r)
{
  struct root_set *set = set_for(*r);
  if (set == NULL) return;
  caml_plat_lock_blocking(&roots_mutex);
  set_insert(set, r);
  caml_plat_unlock(&roots_mutex);
}

/* A young value may have become old meanwhile: looks in both. */
CAMLexport void caml_remove_generational_global_root(value *r)
{
  if (*r == 0 || Is_long(*r)) return;
  caml_plat_lock_blocking(&roots_mutex);
  set_remove(&young_roots, r);
  set_remove(&old_roots, r);
  caml_plat_unlock(&roots_mutex);
}

CAMLexport void caml_modify_generational_global_root(value *r, value newval)
{
  struct root_set *from = set_for(*r), *to = set_for(newval);
  if (from != NULL && from != &young_roots && caml_marking_started())
    caml_darken(NULL, *r, NULL);
  if (from != to) {
    caml_plat_lock_blocking(&roots_mutex);
    if (from != NULL) {
      set_remove(&young_roots, r);
      set_remove(&old_roots, r);
    }
    if (to != NULL) set_insert(to, r);
    caml_plat_unlock(&roots_mutex);
  }
  *r = newval;
}

/* ---- static blocks of compiled units ---- */

/* A table is a list of addresses of blocks, ended by 0. */
struct unit_tables {
  value ***tables;
  uintnat count, size;
};

static struct unit_tables unit_roots;

static void add_unit_table(value **table)
{
  struct unit_tables *u = &unit_roots;
  if (u->count == u->size) {
    u->size = u->size == 0 ? 64 : 2 * u->size;
    u->tables =
      caml_stat_resize_noexc(u->tables, u->size * sizeof *u->tables);
    if (u->tables == NULL) caml_fatal_error("Fatal error: out of memory.\n");
  }
  u->tables[u->count++] = table;
}

void caml_init_unit_roots(value **tables[], int n)
{
  caml_plat_lock_blocking(&roots_mutex);
  for (int i = 0; i < n; i++) add_unit_table(tables[i]);
  caml_plat_unlock(&roots_mutex);
}

void caml_register_dyn_globals(void **globals, int nglobals)
{
  caml_init_unit_roots((value ***)globals, nglobals);
}

/* The fields of a static block; code pointers of closures are passed over. */
static void scan_block(value block, scanning_action f, void *fdata)
{
  header_t hd = Hd_val(block);
  mlsize_t i = 0;
  if (Tag_hd(hd) >= No_scan_tag) return;
  if (Tag_hd(hd) == Closure_tag) i = Start_env_closinfo(Closinfo_val(block));
  for (; i < Wosize_hd(hd); i++) {
    value v = Field(block, i);
    if (v != 0) f(fdata, v, &Field(block, i));
  }
}

static void scan_units(scanning_action f, void *fdata)
{
  for (uintnat i = 0; i < unit_roots.count; i++)
    for (value **block = unit_roots.tables[i]; *block != NULL; block++)
      scan_block((value)*block, f, fdata);
}

/* ---- scanning ---- */

void caml_scan_global_roots(scanning_action f, void *fdata)
{
  caml_plat_lock_blocking(&roots_mutex);
  scan_units(f, fdata);
  set_scan(&plain_roots, f, fdata);
  set_scan(&young_roots, f, fdata);
  set_scan(&old_roots, f, fdata);
  caml_plat_unlock(&roots_mutex);
}

void caml_scan_global_young_roots(scanning_action f, void *fdata)
{
  caml_plat_lock_blocking(&roots_mutex);
  set_scan(&plain_roots, f, fdata);
  set_scan(&young_roots, f, fdata);
  for (uintnat i = 0; i < young_roots.size; i++) {
    value *r = young_roots.slots[i];
    if (r != NULL && r != DELETED) set_insert(&old_roots, r);
  }
  if (young_roots.used > 0) set_clear(&young_roots);
  caml_plat_unlock(&roots_mutex);
}
