/* Marshalling: from bytes to values.
 *
 * Counterpart of upstream's runtime/intern.c.  The input is not trusted: every
 * read is checked against its end, every allocation against the size that the
 * header promised and against what is left of the input, every reference
 * against the blocks read so far.  What cannot be checked is that the value has
 * the type that the program expects.
 *
 * A small value is built in one chunk of the minor heap, carved into blocks;
 * the blocks of a large one are allocated one by one in the major heap.  No
 * collection happens in between, so blocks are filled without write barrier,
 * and a failure leaves nothing but unreachable blocks. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "intern_impl.h"
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/codefrag.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/intext.h"
#include "caml/io.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/signals.h"

/* ---- One value of each sort ---- */

/* Each field takes a byte at least: a size that the input cannot fill is not
   worth an allocation. */
static inline value read_block(struct caml_intern_state *s, mlsize_t size,
                               tag_t tag)
{
  value v;

  if (size == 0) return Atom(tag);
  check_read(s, size);
  v = alloc_block(s, size, tag);
  record(s, v);
  if (tag != Object_tag) {
    push_fields(s, v, 0, size);
    return v;
  }
  /* The identity comes after the methods, and is replaced by a new one before
     the other fields are read. */
  if (size < 2) caml_intern_fail(s, "bad object block");
  push_fields(s, v, 2, size);
  push(s, FRESHEN_OID, (volatile value *) v, 1);
  push_fields(s, v, 0, 2);
  return v;
}

/* Blocks without fields have codes of their own; and [Obj] can do strange
   things with the other tags. */
static value read_block_of_header(struct caml_intern_state *s, uintnat header,
                                  const char *error)
{
  tag_t tag = Tag_hd((header_t) header);

  if (tag >= No_scan_tag || tag == Infix_tag || tag == Cont_tag)
    caml_intern_fail(s, error);
  return read_block(s, Wosize_hd((header_t) header), tag);
}

static value read_string(struct caml_intern_state *s, uintnat len)
{
  mlsize_t size = len / sizeof(value) + 1;
  mlsize_t last = Bsize_wsize(size) - 1;
  value v;

  if (len > Bsize_wsize(Max_wosize) - 1)
    caml_intern_fail(s, "string too large");
  check_read(s, len);
  v = alloc_block(s, size, String_tag);
  record(s, v);
  Field(v, size - 1) = 0;
  Byte(v, last) = (char) (last - len);
  read_bytes(s, (char *) &Byte(v, 0), len);
  return v;
}

static value read_double(struct caml_intern_state *s, bool big_endian)
{
  value v = alloc_block(s, Double_wosize, Double_tag);

  record(s, v);
  caml_intern_read_items(s, (void *) v, 1, sizeof(double), big_endian);
  return v;
}

static value read_double_array(struct caml_intern_state *s, uintnat len,
                               bool big_endian)
{
  value v;

  if (len == 0) caml_intern_fail(s, "invalid double_array");
  if (len > bytes_left(s) / sizeof(double))
    caml_intern_failwith(s, "input_value: invalid read");
  v = alloc_block(s, len * Double_wosize, Double_array_tag);
  record(s, v);
  caml_intern_read_items(s, (void *) v, len, sizeof(double), big_endian);
  return v;
}

/* The block met [distance] blocks ago. */
static value read_shared(struct caml_intern_state *s, uintnat distance)
{
  if (distance == 0 || distance > s->counter)
    caml_intern_fail(s, "invalid shared reference");
  return s->objects[s->counter - distance];
}

CAMLnoret static void unknown_code(struct caml_intern_state *s,
                                   const unsigned char digest[16])
{
  char text[128];
  char *p = text + snprintf(text, sizeof text,
                            "input_value: unknown code module ");

  for (int i = 0; i < 16; i++) p += sprintf(p, "%02X", digest[i]);
  caml_intern_failwith(s, text);
}

static value read_code_pointer(struct caml_intern_state *s)
{
  uintnat offset = read_unsigned(s, 4);
  unsigned char digest[16];
  const value *placeholder;
  struct code_fragment *cf;

  read_bytes(s, digest, sizeof digest);
  cf = caml_find_code_fragment_by_digest(digest);
  if (cf != NULL && offset < (uintnat) (cf->code_end - cf->code_start))
    return (value) (cf->code_start + offset);
  placeholder = caml_named_value("Debugger.function_placeholder");
  if (placeholder == NULL) unknown_code(s, digest);
  return Field(*placeholder, 0);
}

/* ---- Custom blocks ---- */

/* The operations that the input names; its NUL is skipped. */
static const struct custom_operations *
read_custom_operations(struct caml_intern_state *s, int code)
{
  const char *name = (const char *) s->src;
  const unsigned char *nul = memchr(s->src, 0, bytes_left(s));
  const struct custom_operations *ops;

  if (nul == NULL) caml_intern_fail(s, "unterminated custom block identifier");
  ops = caml_find_custom_operations(name);
  if (ops == NULL)
    caml_intern_fail_with(s, "unknown custom block identifier", name);
  if ((code == CODE_CUSTOM_FIXED) != (ops->fixed_length != NULL))
    caml_intern_fail_with(s, "wrong custom block kind", name);
  s->src = nul + 1;
  return ops;
}

static uintnat read_custom_size(struct caml_intern_state *s,
                                const struct custom_operations *ops, int code)
{
  if (code == CODE_CUSTOM_FIXED) return ops->fixed_length->bsize_64;
  read_unsigned(s, 4);                  /* the size on 32-bit platforms */
  return read_unsigned(s, 8);
}

/* The block is abstract until it is complete: a finaliser must not see it
   before.  A block with a finaliser is made in the major heap, where it needs
   no more registration than that. */
static value read_custom(struct caml_intern_state *s, int code)
{
  const struct custom_operations *ops = read_custom_operations(s, code);
  uintnat expected = read_custom_size(s, ops, code);
  mlsize_t size = 1 + expected / sizeof(value)
                  + (expected % sizeof(value) != 0);
  value v;

  if (ops->finalize == NULL || s->chunk == NULL) {
    v = alloc_block(s, size, Abstract_tag);
  } else {
    take_words(s, size);
    v = caml_intern_alloc_major(s, size, Abstract_tag);
  }
  Custom_ops_val(v) = ops;
  if (ops->deserialize(Data_custom_val(v)) != expected)
    caml_intern_fail_with(s, "error while deserializing custom block",
                          ops->identifier);
  Unsafe_store_tag_val(v, Custom_tag);
  record(s, v);
  return v;
}

/* ---- The traversal ---- */

/* A value that starts with one of the codes, apart from Infix. */
static value read_coded(struct caml_intern_state *s, int code)
{
  switch (code) {
  case CODE_INT8: return Val_long(read_signed(s, 1));
  case CODE_INT16: return Val_long(read_signed(s, 2));
  case CODE_INT32: return Val_long(read_signed(s, 4));
  case CODE_INT64: return Val_long(read_signed(s, 8));
  case CODE_SHARED8: return read_shared(s, read_unsigned(s, 1));
  case CODE_SHARED16: return read_shared(s, read_unsigned(s, 2));
  case CODE_SHARED32: return read_shared(s, read_unsigned(s, 4));
  case CODE_SHARED64: return read_shared(s, read_unsigned(s, 8));
  case CODE_BLOCK32:
    return read_block_of_header(s, read_unsigned(s, 4), "invalid block32");
  case CODE_BLOCK64:
    return read_block_of_header(s, read_unsigned(s, 8), "invalid block64");
  case CODE_STRING8: return read_string(s, read_unsigned(s, 1));
  case CODE_STRING32: return read_string(s, read_unsigned(s, 4));
  case CODE_STRING64: return read_string(s, read_unsigned(s, 8));
  case CODE_DOUBLE_LITTLE: return read_double(s, false);
  case CODE_DOUBLE_BIG: return read_double(s, true);
  case CODE_DOUBLE_ARRAY8_LITTLE:
    return read_double_array(s, read_unsigned(s, 1), false);
  case CODE_DOUBLE_ARRAY8_BIG:
    return read_double_array(s, read_unsigned(s, 1), true);
  case CODE_DOUBLE_ARRAY32_LITTLE:
    return read_double_array(s, read_unsigned(s, 4), false);
  case CODE_DOUBLE_ARRAY32_BIG:
    return read_double_array(s, read_unsigned(s, 4), true);
  case CODE_DOUBLE_ARRAY64_LITTLE:
    return read_double_array(s, read_unsigned(s, 8), false);
  case CODE_DOUBLE_ARRAY64_BIG:
    return read_double_array(s, read_unsigned(s, 8), true);
  case CODE_CODEPOINTER: return read_code_pointer(s);
  case CODE_CUSTOM_LEN: case CODE_CUSTOM_FIXED: return read_custom(s, code);
  case OLD_CODE_CUSTOM:
    caml_intern_fail(s, "custom blocks serialized with OCaml 4.08.0 "
                        "(or prior) are no longer supported");
  default: caml_intern_fail(s, "ill-formed message");
  }
}

/* Read one value to [dest]; its fields are left on the stack.  A plain store
   will do: the block is new, and no younger than what it points to. */
static inline void read_value(struct caml_intern_state *s, volatile value *dest)
{
  int code = (int) read_unsigned(s, 1);

  if (code >= PREFIX_SMALL_BLOCK) {
    *dest = read_block(s, (code >> 4) & 0x7, code & 0xF);
  } else if (code >= PREFIX_SMALL_INT) {
    *dest = Val_int(code & 0x3F);
  } else if (code >= PREFIX_SMALL_STRING) {
    *dest = read_string(s, code & 0x1F);
  } else if (code == CODE_INFIXPOINTER) {
    push(s, SHIFT, dest, read_unsigned(s, 4));
    push(s, READ_FIELDS, dest, 1);
  } else {
    *dest = read_coded(s, code);
  }
}

/* From a closure to one of the functions that share it. */
static void shift(struct caml_intern_state *s, volatile value *dest,
                  uintnat offset)
{
  value v = *dest;

  if (!Is_block(v) || offset % sizeof(value) != 0 || offset == 0
      || Tag_val(v) != Closure_tag || offset >= Bosize_val(v)
      || Tag_val(v + offset) != Infix_tag
      || (uintnat) Infix_offset_val(v + offset) != offset)
    caml_intern_fail(s, "bad infix offset");
  *dest = v + offset;
}

/* Predefined exceptions keep their negative identities. */
static void freshen_oid(volatile value *object)
{
  if (Long_val(object[1]) >= 0) caml_set_oo_id((value) object);
}

static value read_all(struct caml_intern_state *s)
{
  value res = Val_unit;

  push(s, READ_FIELDS, &res, 1);
  while (s->depth > 0) {
    struct intern_item *top = &s->stack[s->depth - 1];
    volatile value *dest = top->dest;
    uintnat count = top->count;

    if (top->op == READ_FIELDS && count > 1) {
      top->dest++;
      top->count--;
    } else {
      s->depth--;
    }
    switch (top->op) {
    case READ_FIELDS: read_value(s, dest); break;
    case SHIFT: shift(s, dest, count); break;
    case FRESHEN_OID: freshen_oid(dest); break;
    }
  }
  return res;
}

/* ---- Headers ---- */

/* A number in base 128, most significant digit first, the last one marked by a
   clear top bit; false on overflow. */
static bool read_vlq(struct caml_intern_state *s, uintnat *res)
{
  uintnat n = 0;
  bool fits = true;
  unsigned byte;

  do {
    byte = (unsigned) read_unsigned(s, 1);
    if (n >> (64 - 7) != 0) fits = false;
    n = n << 7 | (byte & 0x7F);
  } while (byte & 0x80);
  *res = n;
  return fits;
}

struct marshal_header {
  int header_len;
  uintnat data_len;
  uintnat num_objects;
  uintnat whsize;
};

/* Compressed data is refused: upstream does the same when zstd is missing. */
CAMLnoret static void refuse_compressed(struct caml_intern_state *s)
{
  caml_intern_fail(s, "compressed object, cannot decompress");
}

static void parse_header(struct caml_intern_state *s, struct marshal_header *h)
{
  switch ((uint32_t) read_unsigned(s, 4)) {
  case Intext_magic_number_small:
    h->header_len = 20;
    h->data_len = read_unsigned(s, 4);
    h->num_objects = read_unsigned(s, 4);
    read_unsigned(s, 4);                /* words on 32-bit platforms */
    h->whsize = read_unsigned(s, 4);
    break;
  case Intext_magic_number_big:
    h->header_len = 32;
    read_unsigned(s, 4);                /* reserved */
    h->data_len = read_unsigned(s, 8);
    h->num_objects = read_unsigned(s, 8);
    h->whsize = read_unsigned(s, 8);
    break;
  case Intext_magic_number_compressed: refuse_compressed(s);
  default: caml_intern_fail(s, "bad object");
  }
  /* A block takes a byte at least. */
  if (h->num_objects > h->data_len) caml_intern_fail(s, "bad object");
}

/* Release everything, then let the collector do the work it is owed. */
static value finish(struct caml_intern_state *s, value res)
{
  caml_intern_end(s);
  return caml_process_pending_actions_with_root(res);
}

/* ---- From a channel ---- */

/* The length of a header from its magic number. */
static int header_length(uint32_t magic)
{
  return magic == Intext_magic_number_big ? 32 : 20;
}

/* The state is not used while the channel is read: other values may be read
   meanwhile, by signal handlers. */
value caml_input_val(struct channel *chan)
{
  struct caml_intern_state *s;
  struct marshal_header h;
  unsigned char header[MAX_INTEXT_HEADER_SIZE];
  unsigned char *data;
  intnat got;
  uint32_t magic;
  int len;

  if (!caml_channel_binary_mode(chan))
    caml_failwith("input_value: not a binary channel");
  got = caml_really_getblock(chan, (char *) header, 5);
  if (got == 0) caml_raise_end_of_file();
  if (got < 5) caml_failwith("input_value: truncated object");
  magic = (uint32_t) load_big_endian(header, 4);
  len = magic == Intext_magic_number_compressed ? header[4] & 0x3F
                                                : header_length(magic);
  if (len <= 5
      || caml_really_getblock(chan, (char *) header + 5, len - 5) < len - 5)
    caml_failwith("input_value: truncated object");
  s = caml_intern_get_state();
  caml_intern_begin(s, "input_value", header, len, NULL);
  parse_header(s, &h);
  data = malloc(h.data_len > 0 ? h.data_len : 1);
  if (data == NULL) caml_raise_out_of_memory();
  if ((uintnat) caml_really_getblock(chan, (char *) data, h.data_len)
      < h.data_len) {
    free(data);
    caml_failwith("input_value: truncated object");
  }
  caml_intern_begin(s, "input_value", data, h.data_len, data);
  caml_intern_alloc_storage(s, h.whsize, h.num_objects);
  return finish(s, read_all(s));
}

CAMLprim value caml_input_value(value vchan)
{
  CAMLparam1(vchan);
  struct channel *channel = Channel(vchan);
  value res;

  caml_channel_lock(channel);
  res = caml_input_val(channel);
  caml_channel_unlock(channel);
  CAMLreturn(res);
}

CAMLprim value caml_input_value_to_outside_heap(value vchan)
{
  return caml_input_value(vchan);
}

/* ---- From memory ---- */

CAMLexport value caml_input_val_from_bytes(value str, intnat ofs)
{
  CAMLparam1(str);
  struct caml_intern_state *s = caml_intern_get_state();
  struct marshal_header h;

  caml_intern_begin(s, "input_val_from_string", &Byte(str, ofs),
        caml_string_length(str) - ofs, NULL);
  parse_header(s, &h);
  if (h.data_len > bytes_left(s))
    caml_failwith("input_val_from_string: bad length");
  caml_intern_alloc_storage(s, h.whsize, h.num_objects);
  /* The allocation may have moved the string. */
  s->src = &Byte_u(str, ofs + h.header_len);
  s->end = s->src + h.data_len;
  CAMLreturn(finish(s, read_all(s)));
}

CAMLexport value caml_input_val_from_string(value str, intnat ofs)
{
  return caml_input_val_from_bytes(str, ofs);
}

CAMLprim value caml_input_value_from_bytes(value str, value ofs)
{
  return caml_input_val_from_bytes(str, Long_val(ofs));
}

static value input_from_memory(const char *function, const char *data,
                               uintnat len, void *to_free)
{
  struct caml_intern_state *s = caml_intern_get_state();
  struct marshal_header h;

  caml_intern_begin(s, function, data, len, to_free);
  parse_header(s, &h);
  if (h.data_len > bytes_left(s)) caml_intern_fail(s, "bad length");
  s->end = s->src + h.data_len;
  caml_intern_alloc_storage(s, h.whsize, h.num_objects);
  return finish(s, read_all(s));
}

/* [data], which came from malloc, is freed. */
CAMLexport value caml_input_value_from_malloc(char *data, intnat ofs,
                                              uintnat len)
{
  return input_from_memory("input_value_from_malloc", data + ofs, len, data);
}

CAMLexport value caml_input_value_from_block(const char *data, intnat len)
{
  if (len < 0) caml_failwith("input_value_from_block: negative length");
  return input_from_memory("input_value_from_block", data, len, NULL);
}

/* How much follows the first 16 bytes of a marshalled value: these are enough
   to find the length of the data in every sort of header. */
CAMLprim value caml_marshal_data_size(value buff, value ofs)
{
  struct caml_intern_state *s = caml_intern_get_state();
  int header_len = 0;
  uintnat data_len = 0;

  caml_intern_begin(s, "Marshal.data_size", &Byte(buff, Long_val(ofs)),
        caml_string_length(buff) - Long_val(ofs), NULL);
  switch ((uint32_t) read_unsigned(s, 4)) {
  case Intext_magic_number_small:
    header_len = 20;
    data_len = read_unsigned(s, 4);
    break;
  case Intext_magic_number_big:
    header_len = 32;
    read_unsigned(s, 4);
    data_len = read_unsigned(s, 8);
    break;
  case Intext_magic_number_compressed:
    header_len = read_unsigned(s, 1) & 0x3F;
    if (!read_vlq(s, &data_len))
      caml_intern_fail(s, "object too large to be read back on this platform");
    break;
  default: caml_intern_fail(s, "bad object");
  }
  return Val_long(header_len - 16 + data_len);
}
