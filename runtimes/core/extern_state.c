/* Marshalling: memory of the traversal and of the output, and the functions
 * that custom blocks write themselves with.
 *
 * Counterpart of these parts of upstream's runtime/extern.c. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <string.h>
#include "extern_impl.h"
#include "caml/fail.h"
#include "caml/intext.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ---- State ---- */

struct caml_extern_state *caml_extern_get_state(void)
{
  struct caml_extern_state *s = Caml_state->extern_state;

  if (s == NULL) {
    s = caml_stat_alloc(sizeof *s);
    s->stack = s->inline_stack;
    s->positions = s->inline_positions;
    s->first = s->last = NULL;
    Caml_state->extern_state = s;
  }
  return s;
}

void caml_free_extern_state(void)
{
  caml_stat_free(Caml_state->extern_state);
  Caml_state->extern_state = NULL;
}

void caml_extern_end(struct caml_extern_state *s)
{
  if (s->stack != s->inline_stack) caml_stat_free(s->stack);
  if (s->positions != s->inline_positions) caml_stat_free(s->positions);
  s->stack = s->inline_stack;
  s->positions = s->inline_positions;
}

void caml_extern_free_output(struct caml_extern_state *s)
{
  for (struct caml_output_block *next; s->first != NULL; s->first = next) {
    next = s->first->next;
    caml_stat_free(s->first);
  }
  s->last = NULL;
}

void caml_extern_begin(struct caml_extern_state *s, int flags)
{
  s->flags = flags;
  s->counter = s->size_32 = s->size_64 = 0;
  s->depth = 0;
  s->capacity = INLINE_STACK;
  s->positions_log = INLINE_POSITIONS_LOG;
  if (!(flags & NO_SHARING))
    memset(s->inline_positions, 0, sizeof s->inline_positions);
}

/* ---- Errors: all memory is given back first ---- */

static void cleanup(struct caml_extern_state *s)
{
  caml_extern_end(s);
  caml_extern_free_output(s);
}

CAMLnoret void caml_extern_out_of_memory(struct caml_extern_state *s)
{
  cleanup(s);
  caml_raise_out_of_memory();
}

CAMLnoret void caml_extern_invalid_argument(struct caml_extern_state *s,
                                            const char *msg)
{
  cleanup(s);
  caml_invalid_argument(msg);
}

CAMLnoret void caml_extern_failwith(struct caml_extern_state *s,
                                    const char *msg)
{
  cleanup(s);
  caml_failwith(msg);
}

/* ---- The stack ---- */

void caml_extern_grow_stack(struct caml_extern_state *s)
{
  uintnat capacity = s->capacity * 2;
  struct extern_item *bigger = NULL;

  if (capacity <= MAX_STACK)
    bigger = caml_stat_alloc_noexc(capacity * sizeof *bigger);
  if (bigger == NULL) caml_extern_out_of_memory(s);
  memcpy(bigger, s->stack, s->depth * sizeof *bigger);
  if (s->stack != s->inline_stack) caml_stat_free(s->stack);
  s->stack = bigger;
  s->capacity = capacity;
}

/* ---- Positions of blocks ---- */

void caml_extern_grow_positions(struct caml_extern_state *s)
{
  struct position *old = s->positions, *bigger;
  uintnat old_size = (uintnat) 1 << s->positions_log;
  int log = s->positions_log + (s->positions_log < 18 ? 3 : 1);

  bigger = caml_stat_calloc_noexc((uintnat) 1 << log, sizeof *bigger);
  if (bigger == NULL) caml_extern_out_of_memory(s);
  s->positions = bigger;
  s->positions_log = log;
  for (uintnat i = 0; i < old_size; i++)
    if (old[i].block != 0) *find_position(s, old[i].block) = old[i];
  if (old != s->inline_positions) caml_stat_free(old);
}

/* ---- Output ---- */

void caml_extern_grow_output(struct caml_extern_state *s, uintnat required)
{
  uintnat extra = required <= SIZE_EXTERN_OUTPUT_BLOCK / 2 ? 0 : required;
  struct caml_output_block *block;

  if (s->user_output != NULL)
    caml_extern_failwith(s, "Marshal.to_buffer: buffer overflow");
  s->last->end = s->ptr;
  block = caml_stat_alloc_noexc(sizeof *block + extra);
  if (block == NULL) caml_extern_out_of_memory(s);
  block->next = NULL;
  s->last->next = block;
  s->last = block;
  s->ptr = block->data;
  s->limit = s->ptr + SIZE_EXTERN_OUTPUT_BLOCK + extra;
}

/* ---- For the serialize functions of custom blocks ---- */

static struct caml_extern_state *current(void)
{
  struct caml_extern_state *s = Caml_state->extern_state;

  if (s == NULL)
    caml_fatal_error("extern_state not initialized: it is likely that a "
                     "caml_serialize_* function was called without going "
                     "through caml_output_*.");
  return s;
}

static void serialize_int(uint64_t n, int bytes)
{
  store_big_endian(reserve(current(), bytes), n, bytes);
}

CAMLexport void caml_serialize_int_1(int i)
{
  serialize_int((uint64_t) i, 1);
}

CAMLexport void caml_serialize_int_2(int i)
{
  serialize_int((uint64_t) i, 2);
}

CAMLexport void caml_serialize_int_4(int32_t i)
{
  serialize_int((uint64_t) i, 4);
}

CAMLexport void caml_serialize_int_8(int64_t i)
{
  serialize_int((uint64_t) i, 8);
}

CAMLexport void caml_serialize_float_4(float f)
{
  caml_serialize_block_4(&f, 1);
}

CAMLexport void caml_serialize_float_8(double d)
{
  caml_serialize_block_float_8(&d, 1);
}

#ifdef ARCH_BIG_ENDIAN
static const bool machine_is_big_endian = true;
#else
static const bool machine_is_big_endian = false;
#endif

/* [len] items of [bytes] bytes, from the order of the machine. */
static void serialize_block(const void *data, intnat len, int bytes)
{
  const unsigned char *src = data;
  char *dst = reserve(current(), (uintnat) len * bytes);

  if (machine_is_big_endian) {
    memcpy(dst, src, (uintnat) len * bytes);
    return;
  }
  for (; len > 0; len--, src += bytes, dst += bytes)
    for (int i = 0; i < bytes; i++) dst[i] = (char) src[bytes - 1 - i];
}

CAMLexport void caml_serialize_block_1(void *data, intnat len)
{
  write_block(current(), data, len);
}

CAMLexport void caml_serialize_block_2(void *data, intnat len)
{
  serialize_block(data, len, 2);
}

CAMLexport void caml_serialize_block_4(void *data, intnat len)
{
  serialize_block(data, len, 4);
}

CAMLexport void caml_serialize_block_8(void *data, intnat len)
{
  serialize_block(data, len, 8);
}

CAMLexport void caml_serialize_block_float_8(void *data, intnat len)
{
  serialize_block(data, len, 8);
}

/* ---- Obj.reachable_words ---- */

/* The same traversal, counting words instead of writing. */
CAMLprim value caml_obj_reachable_words(value v)
{
  struct caml_extern_state *s = caml_extern_get_state();
  intnat words = 0;

  s->first = s->last = NULL;
  caml_extern_begin(s, 0);
  do {
    struct position *slot;
    tag_t tag;
    mlsize_t size, first = 0;
    if (Is_long(v)) continue;
    if (Tag_val(v) == Infix_tag) v -= Infix_offset_val(v);
    slot = find_position(s, v);
    if (slot->block != 0) continue;
    tag = Tag_val(v);
    size = Wosize_val(v);
    record(s, v, slot);
    words += 1 + size;
    if (tag >= No_scan_tag) continue;
    if (tag == Closure_tag) first = Start_env_closinfo(Closinfo_val(v));
    push_fields(s, v, first, size);
  } while (pop_field(s, &v));
  caml_extern_end(s);
  return Val_long(words);
}
