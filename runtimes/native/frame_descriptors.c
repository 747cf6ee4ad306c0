/* The index of frame descriptors: a hash table from return addresses, open
   addressing, at most half full.

   It is built at the first look-up, so that a program that never collects does
   not pay for it, and never changes afterwards: adding units replaces it by a
   larger one. Readers take no lock. A replaced index is kept: another domain
   may still be reading it, and this only happens with dynamic linking. */

#define CAML_INTERNALS

#include "frame_descriptors.h"

#include <stdlib.h>

#include "caml/camlatomic.h"
#include "caml/platform.h"

struct entry {
  uintnat return_address; /* 0: free */
  const frame_descr *descr;
};

struct index {
  int shift; /* 64 - log2 (number of entries) */
  uintnat mask;
  struct entry entries[];
};

static struct {
  caml_plat_mutex lock;
  const caml_frametable **tables;
  int count;
  int capacity;
} units = { .lock = CAML_PLAT_MUTEX_INITIALIZER };

static _Atomic(struct index *) current_index;

/* Fibonacci hashing. */
Caml_inline uintnat slot_of(const struct index *index, uintnat return_address)
{
  return (return_address * UINT64_C(0x9E3779B97F4A7C15)) >> index->shift;
}

static const frame_descr *first_descr(const caml_frametable *table)
{
  return (const frame_descr *)(table + 1);
}

static const frame_descr *next_descr(const frame_descr *d)
{
  uintnat end = (uintnat)&d->live[d->num_live];
  return (const frame_descr *)((end + 3) & ~(uintnat)3);
}

static void add_table(struct index *index, const caml_frametable *table)
{
  const frame_descr *d = first_descr(table);
  for (uint32_t i = 0; i < table->num_descr; i++, d = next_descr(d)) {
    uintnat return_address = table->code_begin + d->ret_offset;
    uintnat slot = slot_of(index, return_address);
    while (index->entries[slot].return_address != 0)
      slot = (slot + 1) & index->mask;
    index->entries[slot] = (struct entry){ return_address, d };
  }
}

/* Called with the lock held. */
static struct index *build_index(void)
{
  uintnat num_descr = 0, size = 16;
  int log2 = 4;
  for (int i = 0; i < units.count; i++) num_descr += units.tables[i]->num_descr;
  while (size < 2 * num_descr) size *= 2, log2++;
  struct index *index =
    calloc(1, sizeof(struct index) + size * sizeof(struct entry));
  if (index == NULL) caml_fatal_error("no memory for the frame descriptors");
  index->shift = 64 - log2;
  index->mask = size - 1;
  for (int i = 0; i < units.count; i++) add_table(index, units.tables[i]);
  return index;
}

static struct index *first_index(void)
{
  caml_plat_lock_blocking(&units.lock);
  struct index *index = atomic_load_relaxed(&current_index);
  if (index == NULL) {
    index = build_index();
    atomic_store_release(&current_index, index);
  }
  caml_plat_unlock(&units.lock);
  return index;
}

const frame_descr *caml_find_frame_descr(uintnat return_address)
{
  struct index *index = atomic_load_acquire(&current_index);
  if (CAMLunlikely(index == NULL)) index = first_index();
  uintnat slot = slot_of(index, return_address);
  while (1) {
    const struct entry *e = &index->entries[slot];
    if (e->return_address == return_address) return e->descr;
    if (e->return_address == 0) return NULL;
    slot = (slot + 1) & index->mask;
  }
}

/* Called with the lock held, when the set of tables has changed. */
static void replace_index(void)
{
  if (atomic_load_relaxed(&current_index) != NULL)
    atomic_store_release(&current_index, build_index());
}

void caml_register_frametables(const caml_frametable *tables[], int n)
{
  caml_plat_lock_blocking(&units.lock);
  if (units.count + n > units.capacity) {
    units.capacity = 2 * (units.count + n);
    units.tables =
      realloc(units.tables, units.capacity * sizeof(const caml_frametable *));
    if (units.tables == NULL)
      caml_fatal_error("no memory for the frame descriptors");
  }
  for (int i = 0; i < n; i++) units.tables[units.count++] = tables[i];
  replace_index();
  caml_plat_unlock(&units.lock);
}

void caml_unregister_frametable(const caml_frametable *table)
{
  caml_plat_lock_blocking(&units.lock);
  for (int i = 0; i < units.count; i++) {
    if (units.tables[i] == table) {
      units.tables[i] = units.tables[--units.count];
      replace_index();
      break;
    }
  }
  caml_plat_unlock(&units.lock);
}

/* A table's descriptors and debug records are one piece of data: the table that
   holds an address is the last one that begins before it. */
const caml_frametable *caml_frametable_of(const void *address)
{
  const caml_frametable *best = NULL;
  caml_plat_lock_blocking(&units.lock);
  for (int i = 0; i < units.count; i++) {
    const caml_frametable *t = units.tables[i];
    if ((uintnat)t <= (uintnat)address && (uintnat)t > (uintnat)best) best = t;
  }
  caml_plat_unlock(&units.lock);
  return best;
}

const block_list *caml_frame_blocks(const frame_descr *d)
{
  if (!(d->flags & FRAME_FLAG_COMBINED)) return NULL;
  const char *table = (const char *)caml_frametable_of(d);
  return (const block_list *)((const debug_record *)(table + d->debug) + 1);
}
