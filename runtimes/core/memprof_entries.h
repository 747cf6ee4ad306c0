/* Tables of tracked blocks: memprof_entries.c. */
#ifndef CAML_MEMPROF_ENTRIES_H
#define CAML_MEMPROF_ENTRIES_H

#include "caml/roots.h"

/* A profile, Gc.Memprof.t: a block of the major heap. Domains share it, so
   that only its status ever changes. */
enum {
  PROFILE_STATUS,
  PROFILE_RATE,
  PROFILE_LOG_SCALE,      /* 1 / log (1 - rate) */
  PROFILE_CALLSTACK_SIZE,
  PROFILE_ALLOC_MINOR,
  PROFILE_ALLOC_MAJOR,
  PROFILE_PROMOTE,
  PROFILE_DEALLOC_MINOR,
  PROFILE_DEALLOC_MAJOR,
  PROFILE_NUM_FIELDS
};

enum { STATUS_SAMPLING, STATUS_STOPPED, STATUS_DISCARDED };

#define No_profile Val_unit

Caml_inline int profile_has_status(value profile, int status)
{
  return profile != No_profile && Field(profile, PROFILE_STATUS) == Val_int(status);
}

/* The callbacks of an entry, in the order in which they run. */
enum memprof_callback {
  CALLBACK_NONE = 0,
  CALLBACK_ALLOC = 1,
  CALLBACK_PROMOTE = 2,
  CALLBACK_DEALLOC = 4
};

struct memprof_table;

struct memprof_entry {
  struct memprof_table *table;
  uintnat index; /* in it */
  value block;     /* not a root; Val_unit when it is dead. While [unborn], the
                      offset in words within an allocation under way */
  value user_data; /* a root: what the last callback has returned */
  void *callstack; /* until the first callback */
  intnat callstack_length;
  uintnat samples;
  mlsize_t wosize;
  uint8_t source;
  uint8_t called;  /* set of enum memprof_callback */
  uint8_t running; /* a callback is in progress: the entry stays */
  uint8_t unborn;
  uint8_t born_young;
  uint8_t promoted;
  uint8_t dead;
  uint8_t deleted;
};

/* Entries of one profile, in order of allocation. */
struct memprof_table {
  struct memprof_entry **items;
  uintnat count, capacity;
  uintnat young;  /* entries before it do not point to the minor heap */
  uintnat active; /* entries before it have no callback to run */
  uintnat num_deleted;
  value profile;  /* a root */
  struct memprof_table *next; /* tables of earlier profiles */
};

void caml_memprof_init_table(struct memprof_table *, value profile);
void caml_memprof_clear_table(struct memprof_table *);
/* A new entry at the end of the table, or NULL. */
struct memprof_entry *caml_memprof_add_entry(struct memprof_table *);
void caml_memprof_delete_entry(struct memprof_entry *);
/* Frees entries that were deleted, except those that run. */
void caml_memprof_evict(struct memprof_table *);
/* Moves all entries; 0: no memory, and nothing is moved. */
int caml_memprof_move_entries(struct memprof_table *from,
                              struct memprof_table *to);
/* The blocks of allocations under way will not exist: entries without any
   callback yet go, for the others the block is dead. */
void caml_memprof_cancel_unborn(struct memprof_table *);
/* The table's profile; a discarded one is forgotten together with the
   entries. */
value caml_memprof_profile(struct memprof_table *);

Caml_inline void caml_memprof_note_young(struct memprof_entry *e)
{
  if (e->index < e->table->young) e->table->young = e->index;
}

Caml_inline void caml_memprof_note_active(struct memprof_entry *e)
{
  if (e->index < e->table->active) e->table->active = e->index;
}

/* The callback that is due next. */
enum memprof_callback caml_memprof_next_callback(const struct memprof_entry *);
/* Runs it. An entry whose callback returns None, or raises, is deleted. */
caml_result caml_memprof_run_callback_res(struct memprof_entry *,
                                          enum memprof_callback);

#endif /* CAML_MEMPROF_ENTRIES_H */
