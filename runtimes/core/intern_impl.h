/* The state of unmarshalling, and what is inlined everywhere: reading,
 * allocation, the stack.  The slow paths are in intern_state.c. */

#ifndef INTERN_IMPL_H
#define INTERN_IMPL_H

#include <stdbool.h>
#include <string.h>
#include "caml/intext.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- State ---- */

enum operation {
  READ_FIELDS,                  /* [count] values, to [dest] and after */
  SHIFT,                        /* the closure in [dest], by [count] bytes */
  FRESHEN_OID                   /* the object that [dest] points to */
};

struct intern_item {
  enum operation op;
  volatile value *dest;
  uintnat count;
};

#define INLINE_STACK 256
#define MAX_STACK (1024 * 1024 * 100)

struct caml_intern_state {
  const unsigned char *src, *end;
  unsigned char *to_free;       /* input from malloc, or NULL */
  const char *function;         /* for error messages */

  uintnat words_left;           /* of what the header promised */
  header_t *chunk;              /* free part of the chunk; NULL: major heap */

  value *objects;               /* blocks read, in order; NULL: not kept */
  uintnat num_objects, counter;

  struct intern_item *stack;
  uintnat depth, capacity;
  struct intern_item inline_stack[INLINE_STACK];
};

struct caml_intern_state *caml_intern_get_state(void);

/* [function] is for error messages; [to_free] came from malloc, or is NULL. */
void caml_intern_begin(struct caml_intern_state *s, const char *function,
                       const void *src, uintnat len, void *to_free);
void caml_intern_end(struct caml_intern_state *s);

/* Errors, after all memory was given back. The messages of [caml_intern_fail]
   start with the name of the function. */
CAMLnoret void caml_intern_out_of_memory(struct caml_intern_state *s);
CAMLnoret void caml_intern_failwith(struct caml_intern_state *s,
                                    const char *msg);
CAMLnoret void caml_intern_fail(struct caml_intern_state *s, const char *msg);
CAMLnoret void caml_intern_fail_with(struct caml_intern_state *s,
                                     const char *msg, const char *arg);

void caml_intern_grow_stack(struct caml_intern_state *s);
void caml_intern_alloc_storage(struct caml_intern_state *s, uintnat whsize,
                               uintnat num_objects);
value caml_intern_alloc_major(struct caml_intern_state *s, mlsize_t size,
                              tag_t tag);
void caml_intern_read_items(struct caml_intern_state *s, void *dst, uintnat n,
                            int bytes, bool big_endian);

/* ---- Reading ---- */

static inline uintnat bytes_left(const struct caml_intern_state *s)
{
  return s->end - s->src;
}

static inline void check_read(struct caml_intern_state *s, uintnat n)
{
  if (CAMLunlikely(bytes_left(s) < n))
    caml_intern_failwith(s, "input_value: invalid read");
}

static inline uint64_t load_big_endian(const unsigned char *p, int bytes)
{
  uint64_t n = 0;
  for (int i = 0; i < bytes; i++) n = n << 8 | p[i];
  return n;
}

static inline uint64_t read_unsigned(struct caml_intern_state *s, int bytes)
{
  check_read(s, bytes);
  s->src += bytes;
  return load_big_endian(s->src - bytes, bytes);
}

static inline intnat read_signed(struct caml_intern_state *s, int bytes)
{
  int unused = 64 - 8 * bytes;
  return (intnat) (read_unsigned(s, bytes) << unused) >> unused;
}

static inline void read_bytes(struct caml_intern_state *s, void *dst,
                              uintnat len)
{
  check_read(s, len);
  memcpy(dst, s->src, len);
  s->src += len;
}

/* ---- Allocation ---- */

static inline void take_words(struct caml_intern_state *s, mlsize_t size)
{
  if (CAMLunlikely(size >= s->words_left))
    caml_intern_failwith(s, "input_value: invalid allocation");
  s->words_left -= 1 + size;
}

static inline value alloc_block(struct caml_intern_state *s, mlsize_t size,
                                tag_t tag)
{
  header_t *hp = s->chunk;

  take_words(s, size);
  if (hp == NULL) return caml_intern_alloc_major(s, size, tag);
  s->chunk += 1 + size;
  *hp = Make_header(size, tag, 0);
  caml_memprof_sample_block((value) (hp + 1), size, 1 + size,
                            CAML_MEMPROF_SRC_MARSHAL);
  return (value) (hp + 1);
}

/* What was written without sharing promises no blocks: none is recorded. */
static inline void record(struct caml_intern_state *s, value v)
{
  if (s->objects == NULL) return;
  if (CAMLunlikely(s->counter >= s->num_objects))
    caml_intern_failwith(s, "input_value: too many objects");
  s->objects[s->counter++] = v;
}

/* ---- The stack ---- */

static inline void push(struct caml_intern_state *s, enum operation op,
                        volatile value *dest, uintnat count)
{
  if (s->depth == s->capacity) caml_intern_grow_stack(s);
  s->stack[s->depth++] = (struct intern_item) { op, dest, count };
}

static inline void push_fields(struct caml_intern_state *s, value v,
                               mlsize_t from, mlsize_t size)
{
  if (from < size) push(s, READ_FIELDS, &Field(v, from), size - from);
}

#endif /* INTERN_IMPL_H */
