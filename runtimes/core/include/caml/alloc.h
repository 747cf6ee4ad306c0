/* Allocation functions for C code: blocks, strings, boxed numbers. */
#ifndef CAML_ALLOC_H
#define CAML_ALLOC_H

#include "misc.h"
#include "mlvalues.h"

#ifdef __cplusplus
extern "C" {
#endif

CAMLextern value caml_alloc(mlsize_t wosize, tag_t); /* fields set to () */
CAMLextern value caml_alloc_1(tag_t, value);
CAMLextern value caml_alloc_2(tag_t, value, value);
CAMLextern value caml_alloc_3(tag_t, value, value, value);
CAMLextern value caml_alloc_4(tag_t, value, value, value, value);
CAMLextern value caml_alloc_5(tag_t, value, value, value, value, value);
CAMLextern value caml_alloc_6(tag_t, value, value, value, value, value, value);
CAMLextern value caml_alloc_7(tag_t, value, value, value, value, value, value,
                              value);
CAMLextern value caml_alloc_8(tag_t, value, value, value, value, value, value,
                              value, value);
CAMLextern value caml_alloc_9(tag_t, value, value, value, value, value, value,
                              value, value, value);
/* Fields not set. */
CAMLextern value caml_alloc_small(mlsize_t wosize, tag_t);
/* In the major heap, then a collection if one is due. Fields set to (). */
CAMLextern value caml_alloc_shr_check_gc(mlsize_t wosize, tag_t);
CAMLextern value caml_alloc_tuple(mlsize_t wosize);
CAMLextern value caml_alloc_float_array(mlsize_t len);
CAMLextern value caml_alloc_string(mlsize_t len);
CAMLextern value caml_alloc_initialized_string(mlsize_t len, const char *);
CAMLextern value caml_copy_string(char const *);
CAMLextern value caml_copy_string_array(char const *const *);
CAMLextern value caml_copy_double(double);
CAMLextern value caml_copy_int32(int32_t);     /* ints.c */
CAMLextern value caml_copy_int64(int64_t);     /* ints.c */
CAMLextern value caml_copy_nativeint(intnat);  /* ints.c */
CAMLextern value caml_alloc_array(value (*funct)(char const *),
                                  char const *const *array);
CAMLextern value caml_alloc_sprintf(const char *format, ...)
  CAMLprintf_like(1, 2);
CAMLextern value caml_alloc_some(value);

typedef void (*final_fun)(value);
CAMLextern value caml_alloc_final(mlsize_t wosize, final_fun, mlsize_t mem,
                                  mlsize_t max);

CAMLextern int caml_convert_flag_list(value, const int *);

Caml_inline value caml_alloc_unboxed(value arg) { return arg; }
Caml_inline value caml_alloc_boxed(value arg)
{
  value result = caml_alloc_small(1, 0);
  Field(result, 0) = arg;
  return result;
}
Caml_inline value caml_field_unboxed(value arg) { return arg; }
Caml_inline value caml_field_boxed(value arg) { return Field(arg, 0); }
#define caml_alloc_unboxable caml_alloc_boxed
#define caml_field_unboxable caml_field_boxed

#ifdef __cplusplus
}
#endif

#endif /* CAML_ALLOC_H */
