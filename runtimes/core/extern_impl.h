/* The state of marshalling, and what is inlined everywhere: output, positions
 * of blocks, the stack.  The slow paths are in extern_state.c.
 *
 * Nothing here allocates in the heap, so values do not move. */

#ifndef EXTERN_IMPL_H
#define EXTERN_IMPL_H

#include <stdbool.h>
#include <string.h>
#include "caml/intext.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ORDER: the constructors of [Marshal.extern_flags].  A fourth one, internal to
   the compilers, asks for compression, which this runtime does not do: as
   upstream without zstd, it writes plain data. */
enum { NO_SHARING = 1, CLOSURES = 2, COMPAT_32 = 4, COMPRESSED = 8 };

/* ---- State ---- */

/* Fields still to be written. */
struct extern_item {
  volatile value *fields;
  mlsize_t count;
};

/* Blocks already written, by address: open addressing with linear probing, at
   most two thirds full.  No block has address 0. */
struct position {
  value block;
  uintnat pos;
};

#define INLINE_STACK 256
#define MAX_STACK (1024 * 1024 * 100)
#define INLINE_POSITIONS_LOG 7
#define INLINE_POSITIONS (1 << INLINE_POSITIONS_LOG)

struct caml_extern_state {
  int flags;
  uintnat counter;              /* of blocks written */
  uintnat size_32, size_64;     /* words of the result, headers included */

  char *ptr, *limit;            /* where to write */
  char *user_output;            /* fixed output, or NULL */
  struct caml_output_block *first, *last;

  struct position *positions;   /* 1 << positions_log entries */
  int positions_log;

  struct extern_item *stack;
  uintnat depth, capacity;

  struct position inline_positions[INLINE_POSITIONS];
  struct extern_item inline_stack[INLINE_STACK];
};

struct caml_extern_state *caml_extern_get_state(void);

void caml_extern_begin(struct caml_extern_state *s, int flags);
void caml_extern_end(struct caml_extern_state *s);
void caml_extern_free_output(struct caml_extern_state *s);

/* Errors, after all memory was given back. */
CAMLnoret void caml_extern_out_of_memory(struct caml_extern_state *s);
CAMLnoret void caml_extern_invalid_argument(struct caml_extern_state *s,
                                            const char *msg);
CAMLnoret void caml_extern_failwith(struct caml_extern_state *s,
                                    const char *msg);

void caml_extern_grow_stack(struct caml_extern_state *s);
void caml_extern_grow_positions(struct caml_extern_state *s);
void caml_extern_grow_output(struct caml_extern_state *s, uintnat required);

/* ---- The stack ---- */

static inline void push_fields(struct caml_extern_state *s, value v,
                               mlsize_t from, mlsize_t size)
{
  if (from >= size) return;
  if (s->depth == s->capacity) caml_extern_grow_stack(s);
  s->stack[s->depth++] = (struct extern_item) { &Field(v, from), size - from };
}

/* False when nothing is left to be visited. */
static inline bool pop_field(struct caml_extern_state *s, value *v)
{
  struct extern_item *top;

  if (s->depth == 0) return false;
  top = &s->stack[s->depth - 1];
  *v = *top->fields++;
  if (--top->count == 0) s->depth--;
  return true;
}

/* ---- Positions of blocks ---- */

static inline uintnat slot_of(value v, int log)
{
  return ((uintnat) v * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - log);
}

/* The entry of [v], or the free one where it belongs. */
static inline struct position *find_position(const struct caml_extern_state *s,
                                             value v)
{
  uintnat mask = ((uintnat) 1 << s->positions_log) - 1;
  uintnat i = slot_of(v, s->positions_log);

  while (s->positions[i].block != 0 && s->positions[i].block != v)
    i = (i + 1) & mask;
  return &s->positions[i];
}

/* [slot] is where [find_position] found no [v]; NULL without sharing. */
static inline void record(struct caml_extern_state *s, value v,
                          struct position *slot)
{
  if (slot == NULL) return;
  *slot = (struct position) { v, s->counter++ };
  if (s->counter * 3 >= (uintnat) 2 << s->positions_log)
    caml_extern_grow_positions(s);
}

/* ---- Output ---- */

/* Room for [len] bytes, to be filled by the caller. */
static inline char *reserve(struct caml_extern_state *s, uintnat len)
{
  char *p;

  if ((uintnat) (s->limit - s->ptr) < len) caml_extern_grow_output(s, len);
  p = s->ptr;
  s->ptr += len;
  return p;
}

static inline void store_big_endian(char *p, uint64_t n, int bytes)
{
  for (int i = bytes - 1; i >= 0; i--, n >>= 8) p[i] = (char) n;
}

static inline void write_byte(struct caml_extern_state *s, unsigned byte)
{
  *reserve(s, 1) = (char) byte;
}

static inline void write_block(struct caml_extern_state *s, const void *data,
                               uintnat len)
{
  memcpy(reserve(s, len), data, len);
}

/* A code followed by a number of 1, 2, 4 or 8 bytes. */
static inline void write_code(struct caml_extern_state *s, int code, uint64_t n,
                              int bytes)
{
  char *p = reserve(s, 1 + bytes);

  p[0] = (char) code;
  store_big_endian(p + 1, n, bytes);
}

#endif /* EXTERN_IMPL_H */
