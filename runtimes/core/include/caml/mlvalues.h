/* OCaml values as C sees them: words, headers, blocks and their contents.

   A value is an integer 2n+1 or the address of the first field of a block,
   whose header is the word before:

       63                      10  9  8  7       0
      +-------------------------+-----+-----------+
      | size in words           |color| tag       |
      +-------------------------+-----+-----------+

   runtimes/ABI.md gives the contract that compiled code relies on. */
#ifndef CAML_MLVALUES_H
#define CAML_MLVALUES_H

#include "config.h"
#include "misc.h"
#include "camlatomic.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef intnat value;
typedef uintnat header_t;
typedef header_t reserved_t;
typedef uintnat mlsize_t;
typedef unsigned int tag_t;
typedef uintnat color_t;
typedef uintnat mark_t;
typedef atomic_intnat atomic_value;
typedef volatile value *value_ptr;
typedef int32_t opcode_t;
typedef opcode_t *code_t;

#include "domain_state.h"

/* Integers */
#define Is_long(x) (((x) & 1) != 0)
#define Is_block(x) (((x) & 1) == 0)
#define Val_long(x) ((intnat)(((uintnat)(x) << 1)) + 1)
#define Long_val(x) ((x) >> 1)
#define Max_long (((intnat)1 << (8 * sizeof(value) - 2)) - 1)
#define Min_long (-((intnat)1 << (8 * sizeof(value) - 2)))
#define Val_int(x) Val_long(x)
#define Int_val(x) ((int)Long_val(x))
#define Unsigned_long_val(x) ((uintnat)(x) >> 1)
#define Unsigned_int_val(x) ((int)Unsigned_long_val(x))

/* A value, or an exception in its place. [data] must be registered as a root
   like any value. */
struct caml_result_private {
  int is_exception;
  value data;
};
typedef struct caml_result_private caml_result;

#define Result_value(v) \
  (struct caml_result_private) { .is_exception = 0, .data = v }
#define Result_exception(exn) \
  (struct caml_result_private) { .is_exception = 1, .data = exn }
#define Result_unit Result_value(Val_unit)

Caml_inline int caml_result_is_exception(struct caml_result_private result)
{
  return result.is_exception;
}

/* Headers */
#define HEADER_BITS (sizeof(header_t) * CHAR_BIT)
#define HEADER_TAG_BITS 8
#define HEADER_TAG_MASK ((1ull << HEADER_TAG_BITS) - 1ull)
#define HEADER_COLOR_BITS 2
#define HEADER_COLOR_SHIFT HEADER_TAG_BITS
#define HEADER_COLOR_MASK \
  (((1ull << HEADER_COLOR_BITS) - 1ull) << HEADER_COLOR_SHIFT)
#define HEADER_WOSIZE_BITS (HEADER_BITS - HEADER_TAG_BITS - HEADER_COLOR_BITS)
#define HEADER_WOSIZE_SHIFT (HEADER_COLOR_SHIFT + HEADER_COLOR_BITS)
#define HEADER_WOSIZE_MASK \
  (((1ull << HEADER_WOSIZE_BITS) - 1ull) << HEADER_WOSIZE_SHIFT)

#define Tag_hd(hd) ((tag_t)((hd) & HEADER_TAG_MASK))
#define Hd_with_tag(hd, tag) (((hd) & ~HEADER_TAG_MASK) | (tag))
#define Wosize_hd(hd) ((mlsize_t)((header_t)(hd) >> HEADER_WOSIZE_SHIFT))
#define Cleanhd_hd(hd) \
  (((header_t)(hd)) & (HEADER_TAG_MASK | HEADER_WOSIZE_MASK))
#define Reserved_hd(hd) ((reserved_t)0)
#define Hd_reserved(res) ((header_t)0)
#define Color_hd(hd) ((hd) & HEADER_COLOR_MASK)
#define Hd_with_color(hd, color) (((hd) & ~HEADER_COLOR_MASK) | (color))

#define Hp_atomic_val(val) ((atomic_uintnat *)(val) - 1)

Caml_inline header_t Hd_val(value val)
{
  return atomic_load_explicit(Hp_atomic_val(val), memory_order_relaxed);
}

#define Color_val(val) (Color_hd(Hd_val(val)))
#define Hd_hp(hp) (*((volatile header_t *)(hp)))
#define Hp_val(val) (((volatile header_t *)(val)) - 1)
#define Hp_op(op) (Hp_val(op))
#define Hp_bp(bp) (Hp_val(bp))
#define Val_op(op) ((value)(op))
#define Val_hp(hp) ((value)(((header_t *)(hp)) + 1))
#define Op_hp(hp) ((volatile value *)Val_hp(hp))
#define Bp_hp(hp) ((char *)Val_hp(hp))

#define Num_tags (1ull << HEADER_TAG_BITS)
#define Max_wosize ((1ull << HEADER_WOSIZE_BITS) - 1ull)

/* Sizes. wosize: words without the header; whsize: with it; bosize, bhsize:
   the same in bytes. */
#define Wosize_val(val) (Wosize_hd(Hd_val(val)))
#define Wosize_op(op) (Wosize_val(op))
#define Wosize_bp(bp) (Wosize_val(bp))
#define Wosize_hp(hp) (Wosize_hd(Hd_hp(hp)))
#define Whsize_wosize(sz) ((sz) + 1)
#define Wosize_whsize(sz) ((sz) - 1)
#define Wosize_bhsize(sz) ((sz) / sizeof(value) - 1)
#define Bsize_wsize(sz) ((sz) * sizeof(value))
#define Wsize_bsize(sz) ((sz) / sizeof(value))
#define Bhsize_wosize(sz) (Bsize_wsize(Whsize_wosize(sz)))
#define Bhsize_bosize(sz) ((sz) + sizeof(header_t))
#define Bosize_val(val) (Bsize_wsize(Wosize_val(val)))
#define Bosize_op(op) (Bosize_val(Val_op(op)))
#define Bosize_bp(bp) (Bosize_val(Val_bp(bp)))
#define Bosize_hd(hd) (Bsize_wsize(Wosize_hd(hd)))
#define Whsize_hp(hp) (Whsize_wosize(Wosize_hp(hp)))
#define Whsize_val(val) (Whsize_hp(Hp_val(val)))
#define Whsize_bp(bp) (Whsize_val(Val_bp(bp)))
#define Whsize_hd(hd) (Whsize_wosize(Wosize_hd(hd)))
#define Bhsize_hp(hp) (Bsize_wsize(Whsize_hp(hp)))
#define Bhsize_hd(hd) (Bsize_wsize(Whsize_hd(hd)))
#define Reserved_val(val) (Reserved_hd(Hd_val(val)))

#ifdef ARCH_BIG_ENDIAN
#define Tag_val(val) (((volatile unsigned char *)(val))[-1])
#define Tag_hp(hp) (((volatile unsigned char *)(hp))[sizeof(value) - 1])
#else
#define Tag_val(val) (((volatile unsigned char *)(val))[-(int)sizeof(value)])
#define Tag_hp(hp) (((volatile unsigned char *)(hp))[0])
#endif
#define Unsafe_store_tag_val(dst, val) (Tag_val(dst) = (val))

/* Fields */
#define Op_val(x) ((value *)(x))
#define Op_atomic_val(x) ((atomic_value *)(x))
#define Field(x, i) (((volatile value *)(x))[i])

/* Tags. The collector does not look into blocks from [No_scan_tag] up. */
#define Forcing_tag 244
#define Cont_tag 245
#define Lazy_tag 246
#define Closure_tag 247
#define Object_tag 248
#define Infix_tag 249
#define Forward_tag 250
#define No_scan_tag 251
#define Abstract_tag 251
#define String_tag 252
#define Double_tag 253
#define Double_array_tag 254
#define Custom_tag 255

#define Forward_val(v) Field(v, 0)

/* A closure of a recursive group: its header's size is the distance, in
   words, to the start of the block. */
#define Infix_offset_hd(hd) (Bosize_hd(hd))
#define Infix_offset_val(v) Infix_offset_hd(Hd_val(v))

#define Code_val(val) (((code_t *)(val))[0])
#define Closinfo_val(val) Field((val), 1)
#define Arity_closinfo(info) ((intnat)(info) >> 56)
#define Start_env_closinfo(info) (((uintnat)(info) << 8) >> 9)
#define Make_closinfo(arity, delta) \
  (((uintnat)(arity) << 56) + ((uintnat)(delta) << 1) + 1)

/* Objects */
#define Class_val(val) Field((val), 0)
#define Oid_val(val) Long_val(Field((val), 1))
CAMLextern value caml_get_public_method(value obj, value tag);
CAMLextern value caml_set_oo_id(value obj);
CAMLextern value caml_hash_variant(char const *tag);

/* A C pointer, even, hidden from the collector as an integer. */
Caml_inline value Val_ptr(void *p) { return (value)p + 1; }
Caml_inline void *Ptr_val(value val) { return (void *)(val - 1); }

/* Bytes, strings, abstract blocks */
#define Bp_val(v) ((char *)(v))
#define Val_bp(p) ((value)(p))
#define Byte(x, i) (((char *)(x))[i])
#define Byte_u(x, i) (((unsigned char *)(x))[i])
#define Data_abstract_val(v) ((void *)Op_val(v))
#define String_val(x) ((const char *)Bp_val(x))
#define Bytes_val(x) ((unsigned char *)Bp_val(x))
CAMLextern mlsize_t caml_string_length(value);
CAMLextern int caml_string_is_c_safe(value);

/* Floating point: no 64-bit row needs more than word alignment. */
#define Double_wosize ((sizeof(double) / sizeof(value)))
#define Double_val(v) (*(double *)(v))
#define Store_double_val(v, d) (*(double *)(v) = (d))
#define Double_flat_field(v, i) Double_val((value)((double *)(v) + (i)))
#define Store_double_flat_field(v, i, d) \
  do { \
    mlsize_t caml__temp_i = (i); \
    double caml__temp_d = (d); \
    Store_double_val((value)((double *)(v) + caml__temp_i), caml__temp_d); \
  } while (0)
#define Double_array_field(v, i) Double_flat_field(v, i)
#define Store_double_array_field(v, i, d) Store_double_flat_field(v, i, d)
#define Double_field(v, i) Double_flat_field(v, i)
#define Store_double_field(v, i, d) Store_double_flat_field(v, i, d)

CAMLextern mlsize_t caml_array_length(value);
CAMLextern int caml_is_double_array(value);

/* Custom blocks: a table of operations (custom.h), then bytes. */
struct custom_operations;
#define Data_custom_val(v) ((void *)(Op_val(v) + 1))
#define Int32_val(v) (*((int32_t *)Data_custom_val(v)))
#define Nativeint_val(v) (*((intnat *)Data_custom_val(v)))
#define Int64_val(v) (*((int64_t *)Data_custom_val(v)))

/* Blocks of size 0, one per tag, static. */
CAMLextern value caml_atom(tag_t);
#define Atom(tag) caml_atom(tag)

/* Booleans, unit, lists, options */
#define Val_bool(x) Val_int((x) != 0)
#define Bool_val(x) Int_val(x)
#define Val_false Val_int(0)
#define Val_true Val_int(1)
#define Val_not(x) (Val_false + Val_true - (x))
#define Val_unit Val_int(0)
#define Val_emptylist Val_int(0)
#define Tag_cons 0
#define Val_none Val_int(0)
#define Some_val(v) Field(v, 0)
#define Tag_some 0
#define Is_none(v) ((v) == Val_none)
#define Is_some(v) Is_block(v)

/* Headers of static data: the color that is never marked nor swept. */
#define Caml_out_of_heap_header_with_reserved(wosize, tag, reserved) \
  ((header_t)(((header_t)(wosize) << HEADER_WOSIZE_SHIFT) \
              + (3 << HEADER_COLOR_SHIFT) + (tag_t)(tag)))
#define Caml_out_of_heap_header(wosize, tag) \
  Caml_out_of_heap_header_with_reserved(wosize, tag, 0)

/* Exceptions encoded in a word by the second bit: kept for old stubs, prefer
   [caml_result]. The collector must never see such a word. */
#define Make_exception_result(v) ((v) | 2)
#define Is_exception_result(v) (((v) & 3) == 2)
#define Extract_exception(v) ((v) & ~3)

#ifdef __cplusplus
}
#endif

#endif /* CAML_MLVALUES_H */
