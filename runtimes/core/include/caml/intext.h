/* Marshalling: the format's codes and its C interface. */
#ifndef CAML_INTEXT_H
#define CAML_INTEXT_H

#include "misc.h"
#include "mlvalues.h"

#ifdef CAML_INTERNALS
#include "io.h"

#define Intext_magic_number_small 0x8495A6BE
#define Intext_magic_number_big 0x8495A6BF
#define Intext_magic_number_compressed 0x8495A6BD

/* Headers, all numbers big endian.
   small, 20 bytes: magic, then four u32: bytes of data, shared blocks, words
     on 32 bits, words on 64 bits.
   big, 32 bytes: magic, u32 0, then three u64: bytes of data, shared blocks,
     words on 64 bits.
   compressed: magic, one byte with the header's size, then five VLQ numbers:
     compressed and plain bytes of data, shared blocks, words on 32 and on 64
     bits. */
#define MAX_INTEXT_HEADER_SIZE 63

#define PREFIX_SMALL_BLOCK 0x80
#define PREFIX_SMALL_INT 0x40
#define PREFIX_SMALL_STRING 0x20
#define CODE_INT8 0x0
#define CODE_INT16 0x1
#define CODE_INT32 0x2
#define CODE_INT64 0x3
#define CODE_SHARED8 0x4
#define CODE_SHARED16 0x5
#define CODE_SHARED32 0x6
#define CODE_DOUBLE_ARRAY32_LITTLE 0x7
#define CODE_BLOCK32 0x8
#define CODE_STRING8 0x9
#define CODE_STRING32 0xA
#define CODE_DOUBLE_BIG 0xB
#define CODE_DOUBLE_LITTLE 0xC
#define CODE_DOUBLE_ARRAY8_BIG 0xD
#define CODE_DOUBLE_ARRAY8_LITTLE 0xE
#define CODE_DOUBLE_ARRAY32_BIG 0xF
#define CODE_CODEPOINTER 0x10
#define CODE_INFIXPOINTER 0x11
#define OLD_CODE_CUSTOM 0x12
#define CODE_BLOCK64 0x13
#define CODE_SHARED64 0x14
#define CODE_STRING64 0x15
#define CODE_DOUBLE_ARRAY64_BIG 0x16
#define CODE_DOUBLE_ARRAY64_LITTLE 0x17
#define CODE_CUSTOM_LEN 0x18
#define CODE_CUSTOM_FIXED 0x19

#ifdef ARCH_BIG_ENDIAN
#define CODE_DOUBLE_NATIVE CODE_DOUBLE_BIG
#define CODE_DOUBLE_ARRAY8_NATIVE CODE_DOUBLE_ARRAY8_BIG
#define CODE_DOUBLE_ARRAY32_NATIVE CODE_DOUBLE_ARRAY32_BIG
#define CODE_DOUBLE_ARRAY64_NATIVE CODE_DOUBLE_ARRAY64_BIG
#else
#define CODE_DOUBLE_NATIVE CODE_DOUBLE_LITTLE
#define CODE_DOUBLE_ARRAY8_NATIVE CODE_DOUBLE_ARRAY8_LITTLE
#define CODE_DOUBLE_ARRAY32_NATIVE CODE_DOUBLE_ARRAY32_LITTLE
#define CODE_DOUBLE_ARRAY64_NATIVE CODE_DOUBLE_ARRAY64_LITTLE
#endif

#define ENTRIES_PER_TRAIL_BLOCK 1025
#define SIZE_EXTERN_OUTPUT_BLOCK 8100

struct caml_output_block {
  struct caml_output_block *next;
  char *end;
  char data[SIZE_EXTERN_OUTPUT_BLOCK];
};

void caml_free_extern_state(void);
void caml_free_intern_state(void);
void caml_output_val(struct channel *chan, value v, value flags);
value caml_input_val(struct channel *chan);

CAMLextern _Bool (*caml_extern_compress_output)(struct caml_output_block **);
CAMLextern size_t (*caml_intern_decompress_input)(unsigned char *, uintnat,
                                                  const unsigned char *,
                                                  uintnat);
#endif /* CAML_INTERNALS */

#ifdef __cplusplus
extern "C" {
#endif

/* Writing. [buf] comes from malloc. */
CAMLextern void caml_output_value_to_malloc(value v, value flags, char **buf,
                                            intnat *len);
CAMLextern intnat caml_output_value_to_block(value v, value flags, char *data,
                                             intnat len);
/* Reading. [caml_input_value_from_malloc] frees [data]. */
CAMLextern value caml_input_val_from_string(value str, intnat ofs);
CAMLextern value caml_input_value_from_malloc(char *data, intnat ofs,
                                              uintnat len);
CAMLextern value caml_input_value_from_block(const char *data, intnat len);

/* For the functions of custom blocks. */
CAMLextern void caml_serialize_int_1(int i);
CAMLextern void caml_serialize_int_2(int i);
CAMLextern void caml_serialize_int_4(int32_t i);
CAMLextern void caml_serialize_int_8(int64_t i);
CAMLextern void caml_serialize_float_4(float f);
CAMLextern void caml_serialize_float_8(double f);
CAMLextern void caml_serialize_block_1(void *data, intnat len);
CAMLextern void caml_serialize_block_2(void *data, intnat len);
CAMLextern void caml_serialize_block_4(void *data, intnat len);
CAMLextern void caml_serialize_block_8(void *data, intnat len);
CAMLextern void caml_serialize_block_float_8(void *data, intnat len);

CAMLextern int caml_deserialize_uint_1(void);
CAMLextern int caml_deserialize_sint_1(void);
CAMLextern int caml_deserialize_uint_2(void);
CAMLextern int caml_deserialize_sint_2(void);
CAMLextern uint32_t caml_deserialize_uint_4(void);
CAMLextern int32_t caml_deserialize_sint_4(void);
CAMLextern uint64_t caml_deserialize_uint_8(void);
CAMLextern int64_t caml_deserialize_sint_8(void);
CAMLextern float caml_deserialize_float_4(void);
CAMLextern double caml_deserialize_float_8(void);
CAMLextern void caml_deserialize_block_1(void *data, intnat len);
CAMLextern void caml_deserialize_block_2(void *data, intnat len);
CAMLextern void caml_deserialize_block_4(void *data, intnat len);
CAMLextern void caml_deserialize_block_8(void *data, intnat len);
CAMLextern void caml_deserialize_block_float_8(void *data, intnat len);
CAMLnoret CAMLextern void caml_deserialize_error(const char *msg);

#ifdef __cplusplus
}
#endif

#endif /* CAML_INTEXT_H */
