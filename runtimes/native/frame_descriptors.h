/* Frame descriptors (ABI.md, section 7): what the frame of a call in compiled
   code looks like, by return address. */
#ifndef CAML_FRAME_DESCRIPTORS_H
#define CAML_FRAME_DESCRIPTORS_H

#include "caml/memprof.h"
#include "caml/misc.h"
#include "stack.h"

typedef struct frame_descr {
  uint32_t ret_offset;
  uint32_t frame_size;
  uint32_t debug;
  uint16_t num_live;
  uint16_t flags;
  uint16_t live[];
} frame_descr;

#define FRAME_FLAG_ALLOC 1
#define FRAME_FLAG_RAISE 2
#define FRAME_FLAG_COMBINED 4

typedef struct caml_frametable {
  uintnat code_begin;
  uint32_t num_descr;
  uint32_t reserved;
  /* descriptors follow */
} caml_frametable;

/* Position of a call in the source; offsets count from the table. */
typedef struct debug_record {
  uint32_t function_name;
  uint32_t file_name;
  uint32_t line;
  uint16_t start_char;
  uint16_t end_char;
  uint32_t end_line;
  uint32_t next; /* the function into which this one was inlined */
} debug_record;

Caml_inline int frame_is_entry(const frame_descr *d)
{
  return d->frame_size == FRAME_SIZE_ENTRY;
}

/* What follows the debug record of a frame that allocates several blocks. */
typedef struct block_list {
  uint32_t count;
  struct caml_block_description blocks[];
} block_list;

/* The descriptor of a return address, or NULL. */
const frame_descr *caml_find_frame_descr(uintnat return_address);
/* Adds tables. They are read when the first descriptor is looked up; later
   ones are added to the index then and there (dynamic linking). */
void caml_register_frametables(const caml_frametable *tables[], int n);
void caml_unregister_frametable(const caml_frametable *table);
/* The table that holds an address, or NULL. */
const caml_frametable *caml_frametable_of(const void *address);
/* The blocks that a frame allocates, or NULL when it is one at most. */
const block_list *caml_frame_blocks(const frame_descr *);

#endif /* CAML_FRAME_DESCRIPTORS_H */
