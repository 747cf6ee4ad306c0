/* Unmarshalling: memory, errors, and the functions that custom blocks read
 * themselves with.
 *
 * Counterpart of these parts of upstream's runtime/intern.c. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "intern_impl.h"
#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/intext.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

#ifdef ARCH_BIG_ENDIAN
static const bool machine_is_big_endian = true;
#else
static const bool machine_is_big_endian = false;
#endif

/* ---- State ---- */

struct caml_intern_state *caml_intern_get_state(void)
{
  struct caml_intern_state *s = Caml_state->intern_state;

  if (s == NULL) {
    s = caml_stat_alloc(sizeof *s);
    s->to_free = NULL;
    s->objects = NULL;
    s->stack = s->inline_stack;
    Caml_state->intern_state = s;
  }
  return s;
}

void caml_free_intern_state(void)
{
  caml_stat_free(Caml_state->intern_state);
  Caml_state->intern_state = NULL;
}

void caml_intern_begin(struct caml_intern_state *s, const char *function,
                       const void *src, uintnat len, void *to_free)
{
  s->function = function;
  s->src = src;
  s->end = s->src + len;
  s->to_free = to_free;
  s->objects = NULL;
  s->num_objects = s->counter = 0;
  s->stack = s->inline_stack;
  s->depth = 0;
  s->capacity = INLINE_STACK;
}

void caml_intern_end(struct caml_intern_state *s)
{
  free(s->to_free);
  caml_stat_free(s->objects);
  if (s->stack != s->inline_stack) caml_stat_free(s->stack);
  s->to_free = NULL;
  s->objects = NULL;
  s->stack = s->inline_stack;
}

/* ---- Errors ---- */

CAMLnoret void caml_intern_out_of_memory(struct caml_intern_state *s)
{
  caml_intern_end(s);
  caml_raise_out_of_memory();
}

/* Of all functions alike. */
CAMLnoret void caml_intern_failwith(struct caml_intern_state *s,
                                    const char *msg)
{
  caml_intern_end(s);
  caml_failwith(msg);
}

CAMLnoret void caml_intern_fail(struct caml_intern_state *s, const char *msg)
{
  const char *function = s->function;

  caml_intern_end(s);
  caml_failwith_value(caml_alloc_sprintf("%s: %s", function, msg));
}

/* [arg] may be part of the input. */
CAMLnoret void caml_intern_fail_with(struct caml_intern_state *s,
                                     const char *msg, const char *arg)
{
  char text[256];

  snprintf(text, sizeof text, "%s %s", msg, arg);
  caml_intern_fail(s, text);
}

/* ---- Reading ---- */

/* [n] items of [bytes] bytes each, in one byte order or the other. */
void caml_intern_read_items(struct caml_intern_state *s, void *dst, uintnat n,
                            int bytes, bool big_endian)
{
  unsigned char *p = dst;

  if (n > bytes_left(s) / bytes)
    caml_intern_failwith(s, "input_value: invalid read");
  if (big_endian == machine_is_big_endian) {
    read_bytes(s, dst, n * bytes);
    return;
  }
  for (; n > 0; n--, p += bytes, s->src += bytes)
    for (int i = 0; i < bytes; i++) p[i] = s->src[bytes - 1 - i];
}

/* ---- Allocation ---- */

/* Room for a value of [whsize] words with [num_objects] blocks. */
void caml_intern_alloc_storage(struct caml_intern_state *s, uintnat whsize,
                               uintnat num_objects)
{
  s->words_left = whsize;
  s->chunk = NULL;
  s->num_objects = num_objects;
  if (num_objects > 0) {
    s->objects = NULL;
    if (num_objects <= CAML_UINTNAT_MAX / sizeof(value))
      s->objects = caml_stat_alloc_noexc(num_objects * sizeof(value));
    if (s->objects == NULL) caml_intern_out_of_memory(s);
  }
  if (whsize > 1 && whsize <= Max_young_whsize)
    s->chunk = (header_t *) Hp_val(
      caml_alloc_small_untracked(Wosize_whsize(whsize), String_tag));
}

value caml_intern_alloc_major(struct caml_intern_state *s, mlsize_t size,
                              tag_t tag)
{
  value v;

  if (size > Max_wosize) caml_intern_fail(s, "block size too large");
  v = caml_alloc_shr_from_noexc(size, tag, CAML_MEMPROF_SRC_MARSHAL);
  if (v == 0) caml_intern_out_of_memory(s);
  return v;
}

/* ---- The stack ---- */

void caml_intern_grow_stack(struct caml_intern_state *s)
{
  uintnat capacity = s->capacity * 2;
  struct intern_item *bigger = NULL;

  if (capacity <= MAX_STACK)
    bigger = caml_stat_alloc_noexc(capacity * sizeof *bigger);
  if (bigger == NULL) caml_intern_out_of_memory(s);
  memcpy(bigger, s->stack, s->depth * sizeof *bigger);
  if (s->stack != s->inline_stack) caml_stat_free(s->stack);
  s->stack = bigger;
  s->capacity = capacity;
}

/* ---- For the deserialize functions of custom blocks ---- */

static struct caml_intern_state *current(void)
{
  struct caml_intern_state *s = Caml_state->intern_state;

  if (s == NULL)
    caml_fatal_error("intern_state not initialized: it is likely that a "
                     "caml_deserialize_* function was called without going "
                     "through caml_input_*.");
  return s;
}

CAMLexport int caml_deserialize_uint_1(void)
{
  return (int) read_unsigned(current(), 1);
}

CAMLexport int caml_deserialize_sint_1(void)
{
  return (int) read_signed(current(), 1);
}

CAMLexport int caml_deserialize_uint_2(void)
{
  return (int) read_unsigned(current(), 2);
}

CAMLexport int caml_deserialize_sint_2(void)
{
  return (int) read_signed(current(), 2);
}

CAMLexport uint32_t caml_deserialize_uint_4(void)
{
  return (uint32_t) read_unsigned(current(), 4);
}

CAMLexport int32_t caml_deserialize_sint_4(void)
{
  return (int32_t) read_signed(current(), 4);
}

CAMLexport uint64_t caml_deserialize_uint_8(void)
{
  return read_unsigned(current(), 8);
}

CAMLexport int64_t caml_deserialize_sint_8(void)
{
  return read_signed(current(), 8);
}

CAMLexport float caml_deserialize_float_4(void)
{
  float f;
  caml_deserialize_block_4(&f, 1);
  return f;
}

CAMLexport double caml_deserialize_float_8(void)
{
  double d;
  caml_deserialize_block_float_8(&d, 1);
  return d;
}

CAMLexport void caml_deserialize_block_1(void *data, intnat len)
{
  read_bytes(current(), data, len);
}

CAMLexport void caml_deserialize_block_2(void *data, intnat len)
{
  caml_intern_read_items(current(), data, len, 2, true);
}

CAMLexport void caml_deserialize_block_4(void *data, intnat len)
{
  caml_intern_read_items(current(), data, len, 4, true);
}

CAMLexport void caml_deserialize_block_8(void *data, intnat len)
{
  caml_intern_read_items(current(), data, len, 8, true);
}

CAMLexport void caml_deserialize_block_float_8(void *data, intnat len)
{
  caml_deserialize_block_8(data, len);
}

/* For those that allocate before they read. */
void caml_deserialize_check(uintnat len)
{
  check_read(current(), len);
}

CAMLexport void caml_deserialize_error(const char *msg)
{
  caml_intern_failwith(current(), msg);
}
