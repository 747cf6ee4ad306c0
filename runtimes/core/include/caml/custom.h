/* Custom blocks: C data in the heap, with operations. */
#ifndef CAML_CUSTOM_H
#define CAML_CUSTOM_H

#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

struct custom_fixed_length {
  intnat bsize_32;
  intnat bsize_64;
};

struct custom_operations {
  char const *identifier;
  void (*finalize)(value v);
  int (*compare)(value v1, value v2);
  intnat (*hash)(value v);
  void (*serialize)(value v, uintnat *bsize_32, uintnat *bsize_64);
  uintnat (*deserialize)(void *dst);
  int (*compare_ext)(value v1, value v2);
  const struct custom_fixed_length *fixed_length;
};

#define custom_finalize_default NULL
#define custom_compare_default NULL
#define custom_hash_default NULL
#define custom_serialize_default NULL
#define custom_deserialize_default NULL
#define custom_compare_ext_default NULL
#define custom_fixed_length_default NULL

#define Custom_ops_val(v) (*((const struct custom_operations **)(v)))

/* [p] is the address of the data, as [deserialize] gets it. */
#define Wsize_custom_data(p) (Wosize_hp((header_t *)(p) - 2) - 1)
#define Bsize_custom_data(p) (Bsize_wsize(Wsize_custom_data(p)))

CAMLextern atomic_uintnat caml_custom_major_ratio;

/* [mem] of [max]: the share of a collection that this block is worth. */
CAMLextern value caml_alloc_custom(const struct custom_operations *ops,
                                   uintnat size, mlsize_t mem, mlsize_t max);
/* [mem]: bytes held outside the heap. */
CAMLextern value caml_alloc_custom_mem(const struct custom_operations *ops,
                                       uintnat size, mlsize_t mem);
CAMLextern void
caml_register_custom_operations(const struct custom_operations *ops);
CAMLextern mlsize_t caml_custom_get_max_major(void);

#define caml_compare_unordered (Caml_state_field(compare_unordered))

#ifdef CAML_INTERNALS
extern struct custom_operations *caml_find_custom_operations(const char *ident);
extern struct custom_operations *caml_final_custom_operations(void (*fn)(value));
extern void caml_init_custom_operations(void);
extern const struct custom_operations caml_nativeint_ops;
extern const struct custom_operations caml_int32_ops;
extern const struct custom_operations caml_int64_ops;
extern const struct custom_operations caml_ba_ops;
#endif

#ifdef __cplusplus
}
#endif

#endif /* CAML_CUSTOM_H */
