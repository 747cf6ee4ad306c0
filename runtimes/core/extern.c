/* Marshalling: from values to bytes.
 *
 * Counterpart of upstream's runtime/extern.c, with the same output.  Blocks are
 * written depth-first, the first time in full, later as a distance to the first
 * time; the codes are in caml/intext.h.  Numbers are big endian, floats as the
 * machine has them.
 *
 * Nothing here allocates in the heap before the end, so values do not move. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <string.h>
#include "extern_impl.h"
#include "caml/alloc.h"
#include "caml/codefrag.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/intext.h"
#include "caml/io.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/shared_heap.h"

static const int flag_values[] = { NO_SHARING, CLOSURES, COMPAT_32,
                                   COMPRESSED };

/* ---- Output ---- */

static void begin_output(struct caml_extern_state *s)
{
  s->user_output = NULL;
  s->first = s->last = caml_stat_alloc(sizeof *s->first);
  s->first->next = NULL;
  s->ptr = s->first->data;
  s->limit = s->ptr + SIZE_EXTERN_OUTPUT_BLOCK;
}

static void begin_user_output(struct caml_extern_state *s, char *buf,
                              intnat len)
{
  s->first = s->last = NULL;
  s->user_output = s->ptr = buf;
  s->limit = buf + (len < 0 ? 0 : len);
}

static void end_output(struct caml_extern_state *s)
{
  if (s->last != NULL) s->last->end = s->ptr;
}

static uintnat output_length(const struct caml_extern_state *s)
{
  uintnat len = 0;

  if (s->user_output != NULL) return s->ptr - s->user_output;
  for (const struct caml_output_block *b = s->first; b != NULL; b = b->next)
    len += b->end - b->data;
  return len;
}

static bool fits_32_bits(uint64_t n)
{
  return n >> 32 == 0;
}

/* ---- One value of each sort ---- */

static void extern_int(struct caml_extern_state *s, intnat n)
{
  const intnat limit_32 = (intnat) 1 << 30;     /* 31-bit OCaml integers */

  if (n >= 0 && n < 0x40) write_byte(s, PREFIX_SMALL_INT + n);
  else if (n == (int8_t) n) write_code(s, CODE_INT8, n, 1);
  else if (n == (int16_t) n) write_code(s, CODE_INT16, n, 2);
  else if (-limit_32 <= n && n < limit_32) write_code(s, CODE_INT32, n, 4);
  else if (s->flags & COMPAT_32)
    caml_extern_failwith(s, "output_value: integer cannot be read back on "
                            "32-bit platform");
  else write_code(s, CODE_INT64, n, 8);
}

static void extern_shared(struct caml_extern_state *s, uintnat distance)
{
  if (distance < 0x100) write_code(s, CODE_SHARED8, distance, 1);
  else if (distance < 0x10000) write_code(s, CODE_SHARED16, distance, 2);
  else if (fits_32_bits(distance)) write_code(s, CODE_SHARED32, distance, 4);
  else write_code(s, CODE_SHARED64, distance, 8);
}

static void extern_header(struct caml_extern_state *s, mlsize_t size, tag_t tag)
{
  header_t hd;

  if (tag < 16 && size < 8) {
    write_byte(s, PREFIX_SMALL_BLOCK + tag + (unsigned) (size << 4));
    return;
  }
  /* 32-bit platforms have 22 bits for the size. */
  if (size > 0x3FFFFF && (s->flags & COMPAT_32))
    caml_extern_failwith(s, "output_value: array cannot be read back on "
                            "32-bit platform");
  hd = Make_header(size, tag, NOT_MARKABLE);
  if (fits_32_bits(hd)) write_code(s, CODE_BLOCK32, hd, 4);
  else write_code(s, CODE_BLOCK64, hd, 8);
}

static void extern_string(struct caml_extern_state *s, value v)
{
  mlsize_t len = caml_string_length(v);

  if (len > 0xFFFFFB && (s->flags & COMPAT_32))
    caml_extern_failwith(s, "output_value: string cannot be read back on "
                            "32-bit platform");
  if (len < 0x20) write_byte(s, PREFIX_SMALL_STRING + (unsigned) len);
  else if (len < 0x100) write_code(s, CODE_STRING8, len, 1);
  else if (fits_32_bits(len)) write_code(s, CODE_STRING32, len, 4);
  else write_code(s, CODE_STRING64, len, 8);
  write_block(s, String_val(v), len);
  s->size_32 += 1 + (len + 4) / 4;
  s->size_64 += 1 + (len + 8) / 8;
}

static void extern_double(struct caml_extern_state *s, value v)
{
  write_byte(s, CODE_DOUBLE_NATIVE);
  write_block(s, Bp_val(v), sizeof(double));
  s->size_32 += 1 + 2;
  s->size_64 += 1 + 1;
}

static void extern_double_array(struct caml_extern_state *s, value v)
{
  mlsize_t n = Wosize_val(v) / Double_wosize;

  if (n > 0x1FFFFF && (s->flags & COMPAT_32))
    caml_extern_failwith(s, "output_value: float array cannot be read back on "
                            "32-bit platform");
  if (n < 0x100) write_code(s, CODE_DOUBLE_ARRAY8_NATIVE, n, 1);
  else if (fits_32_bits(n)) write_code(s, CODE_DOUBLE_ARRAY32_NATIVE, n, 4);
  else write_code(s, CODE_DOUBLE_ARRAY64_NATIVE, n, 8);
  write_block(s, Bp_val(v), n * sizeof(double));
  s->size_32 += 1 + n * 2;
  s->size_64 += 1 + n;
}

/* Sizes that are not fixed are written before the data, once it is known. */
static void extern_custom(struct caml_extern_state *s, value v)
{
  const struct custom_operations *ops = Custom_ops_val(v);
  const struct custom_fixed_length *fixed = ops->fixed_length;
  uintnat bsize_32 = 0, bsize_64 = 0;
  char *sizes = NULL;

  if (ops->serialize == NULL)
    caml_extern_invalid_argument(s, "output_value: abstract value (Custom)");
  write_byte(s, fixed == NULL ? CODE_CUSTOM_LEN : CODE_CUSTOM_FIXED);
  write_block(s, ops->identifier, strlen(ops->identifier) + 1);
  if (fixed == NULL) sizes = reserve(s, 12);
  ops->serialize(v, &bsize_32, &bsize_64);
  if (fixed == NULL) {
    store_big_endian(sizes, bsize_32, 4);
    store_big_endian(sizes + 4, bsize_64, 8);
  } else if (bsize_32 != (uintnat) fixed->bsize_32
             || bsize_64 != (uintnat) fixed->bsize_64) {
    caml_fatal_error("output_value: incorrect fixed sizes specified by %s",
                     ops->identifier);
  }
  /* A header, the operations, the data. */
  s->size_32 += 2 + ((bsize_32 + 3) >> 2);
  s->size_64 += 2 + ((bsize_64 + 7) >> 3);
}

static void extern_code_pointer(struct caml_extern_state *s, char *pc)
{
  struct code_fragment *cf;

  if (!(s->flags & CLOSURES))
    caml_extern_invalid_argument(s, "output_value: functional value");
  cf = caml_find_code_fragment_by_pc(pc);
  if (cf == NULL)
    caml_extern_invalid_argument(s, "output_value: "
                                    "abstract value (outside heap)");
  write_code(s, CODE_CODEPOINTER, pc - cf->code_start, 4);
  write_block(s, caml_digest_of_code_fragment(cf), 16);
}

/* What comes before the environment of a closure: for each function, an infix
   header (but for the first), code, information, and direct code if the arity
   is neither 0 nor 1. */
static mlsize_t extern_functions(struct caml_extern_state *s, value v)
{
  mlsize_t env = Start_env_closinfo(Closinfo_val(v)), i = 0;

  while (i < env) {
    value info;
    if (i > 0) extern_int(s, Long_val(Field(v, i++)));
    extern_code_pointer(s, (char *) Field(v, i++));
    info = Field(v, i++);
    extern_int(s, Long_val(info));
    if (Arity_closinfo(info) != 0 && Arity_closinfo(info) != 1)
      extern_code_pointer(s, (char *) Field(v, i++));
  }
  return env;
}

/* Write a block with fields; they are left on the stack. */
static void extern_fields(struct caml_extern_state *s, value v, tag_t tag,
                          struct position *slot)
{
  mlsize_t size = Wosize_val(v);
  mlsize_t first = 0;

  extern_header(s, size, tag);
  s->size_32 += 1 + size;
  s->size_64 += 1 + size;
  record(s, v, slot);
  if (tag == Closure_tag) first = extern_functions(s, v);
  push_fields(s, v, first, size);
}

/* ---- The traversal ---- */

/* A Forward block stands for its value, unless that would make a value that
   looks like a lazy one, or a float in a place where it may not be unboxed. */
static bool is_shortcut(value forwarded)
{
  tag_t tag;

  if (Is_long(forwarded)) return true;
  tag = Tag_val(forwarded);
  return tag != Forward_tag && tag != Lazy_tag && tag != Forcing_tag
    && tag != Double_tag;
}

static void extern_block(struct caml_extern_state *s, value v, tag_t tag,
                         struct position *slot)
{
  switch (tag) {
  case String_tag: extern_string(s, v); record(s, v, slot); break;
  case Double_tag: extern_double(s, v); record(s, v, slot); break;
  case Double_array_tag: extern_double_array(s, v); record(s, v, slot); break;
  case Custom_tag: extern_custom(s, v); record(s, v, slot); break;
  case Abstract_tag:
    caml_extern_invalid_argument(s, "output_value: abstract value (Abstract)");
  case Cont_tag:
    caml_extern_invalid_argument(s, "output_value: continuation value");
  default: extern_fields(s, v, tag, slot);
  }
}

static void extern_one(struct caml_extern_state *s, value v)
{
  struct position *slot = NULL;
  tag_t tag;

 again:
  if (Is_long(v)) {
    extern_int(s, Long_val(v));
    return;
  }
  tag = Tag_val(v);
  if (tag == Forward_tag && is_shortcut(Forward_val(v))) {
    v = Forward_val(v);
    goto again;
  }
  if (tag == Infix_tag) {
    write_code(s, CODE_INFIXPOINTER, Infix_offset_val(v), 4);
    v -= Infix_offset_val(v);
    goto again;
  }
  if (Wosize_val(v) == 0) {             /* atoms are not shared */
    extern_header(s, 0, tag);
    return;
  }
  if (!(s->flags & NO_SHARING)) {
    slot = find_position(s, v);
    if (slot->block != 0) {
      extern_shared(s, s->counter - slot->pos);
      return;
    }
  }
  extern_block(s, v, tag, slot);
}

/* The header of a marshalled value; returns its length. */
static int make_header(struct caml_extern_state *s, uintnat data_len,
                       char header[MAX_INTEXT_HEADER_SIZE])
{
  if (fits_32_bits(data_len) && fits_32_bits(s->size_32)
      && fits_32_bits(s->size_64)) {
    store_big_endian(header, Intext_magic_number_small, 4);
    store_big_endian(header + 4, data_len, 4);
    store_big_endian(header + 8, s->counter, 4);
    store_big_endian(header + 12, s->size_32, 4);
    store_big_endian(header + 16, s->size_64, 4);
    return 20;
  }
  if (s->flags & COMPAT_32)
    caml_extern_failwith(s, "output_value: object too big to be read back on "
                            "32-bit platform");
  store_big_endian(header, Intext_magic_number_big, 4);
  store_big_endian(header + 4, 0, 4);
  store_big_endian(header + 8, data_len, 8);
  store_big_endian(header + 16, s->counter, 8);
  store_big_endian(header + 24, s->size_64, 8);
  return 32;
}

/* Marshal [v] into the output; returns the length of the data. */
static uintnat extern_value(struct caml_extern_state *s, value v, value flags,
                            char header[MAX_INTEXT_HEADER_SIZE],
                            int *header_len)
{
  uintnat data_len;

  caml_extern_begin(s, caml_convert_flag_list(flags, flag_values));
  do extern_one(s, v); while (pop_field(s, &v));
  end_output(s);
  data_len = output_length(s);
  *header_len = make_header(s, data_len, header);
  caml_extern_end(s);
  return data_len;
}

/* ---- To a channel ---- */

/* The output leaves the state before anything is written: writing may run
   OCaml code, which may marshal other values. */
void caml_output_val(struct channel *chan, value v, value flags)
{
  struct caml_extern_state *s = caml_extern_get_state();
  char header[MAX_INTEXT_HEADER_SIZE];
  int header_len;
  struct caml_output_block *block, *next;

  if (!caml_channel_binary_mode(chan))
    caml_failwith("output_value: not a binary channel");
  begin_output(s);
  extern_value(s, v, flags, header, &header_len);
  block = s->first;
  s->first = s->last = NULL;
  caml_really_putblock(chan, header, header_len);
  for (; block != NULL; block = next) {
    caml_really_putblock(chan, block->data, block->end - block->data);
    next = block->next;
    caml_stat_free(block);
  }
  caml_flush_if_unbuffered(chan);
}

CAMLprim value caml_output_value(value vchan, value v, value flags)
{
  CAMLparam3(vchan, v, flags);
  struct channel *channel = Channel(vchan);

  caml_channel_lock(channel);
  caml_output_val(channel, v, flags);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

/* ---- To memory ---- */

/* Append the output, which is freed, to [dst]. */
static void collect_output(struct caml_extern_state *s, char *dst)
{
  for (struct caml_output_block *b = s->first; b != NULL; b = b->next) {
    memcpy(dst, b->data, b->end - b->data);
    dst += b->end - b->data;
  }
  caml_extern_free_output(s);
}

CAMLprim value caml_output_value_to_bytes(value v, value flags)
{
  struct caml_extern_state *s = caml_extern_get_state();
  char header[MAX_INTEXT_HEADER_SIZE];
  int header_len;
  uintnat data_len;
  struct caml_output_block *first;
  value res;

  begin_output(s);
  data_len = extern_value(s, v, flags, header, &header_len);
  /* The allocation may run finalisers that marshal. */
  first = s->first;
  s->first = s->last = NULL;
  res = caml_alloc_string(header_len + data_len);
  s->first = first;
  memcpy(&Byte(res, 0), header, header_len);
  collect_output(s, (char *) &Byte(res, header_len));
  return res;
}

CAMLprim value caml_output_value_to_string(value v, value flags)
{
  return caml_output_value_to_bytes(v, flags);
}

/* The header is supposed to be small, and the data written after it; if it is
   not, the data moves. */
CAMLexport intnat caml_output_value_to_block(value v, value flags, char *buf,
                                             intnat len)
{
  struct caml_extern_state *s = caml_extern_get_state();
  char header[MAX_INTEXT_HEADER_SIZE];
  int header_len;
  intnat data_len;

  if (len < 20) caml_failwith("Marshal.to_buffer: buffer overflow");
  begin_user_output(s, buf + 20, len - 20);
  data_len = extern_value(s, v, flags, header, &header_len);
  if (header_len != 20) {
    if (header_len + data_len > len)
      caml_failwith("Marshal.to_buffer: buffer overflow");
    memmove(buf + header_len, buf + 20, data_len);
  }
  memcpy(buf, header, header_len);
  return header_len + data_len;
}

CAMLprim value caml_output_value_to_buffer(value buf, value ofs, value len,
                                           value v, value flags)
{
  return Val_long(caml_output_value_to_block(v, flags,
                                             (char *) &Byte(buf, Long_val(ofs)),
                                             Long_val(len)));
}

CAMLexport void caml_output_value_to_malloc(value v, value flags, char **buf,
                                            intnat *len)
{
  struct caml_extern_state *s = caml_extern_get_state();
  char header[MAX_INTEXT_HEADER_SIZE];
  int header_len;
  uintnat data_len;
  char *res;

  begin_output(s);
  data_len = extern_value(s, v, flags, header, &header_len);
  res = malloc(header_len + data_len);
  if (res == NULL) caml_extern_out_of_memory(s);
  memcpy(res, header, header_len);
  collect_output(s, res + header_len);
  *buf = res;
  *len = header_len + data_len;
}
