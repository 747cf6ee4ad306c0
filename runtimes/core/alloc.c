/* Allocation functions for C code. Blocks of up to [Max_young_wosize] words
   are young, larger ones are in the major heap. */
#define CAML_INTERNALS

#include <string.h>

#include "caml/alloc.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/mlvalues.h"

/* ---- atoms ---- */

static struct {
  header_t header;
  /* An atom's address is that of the next header. */
} atom_table[Num_tags + 1];

CAMLexport value caml_atom(tag_t tag)
{
  /* Every domain would write the same words. */
  header_t *hp = &atom_table[tag].header;
  if (*hp == 0) *hp = Caml_out_of_heap_header(0, tag);
  return Val_hp(hp);
}

/* ---- blocks ---- */

Caml_inline value alloc_young(mlsize_t wosize, tag_t tag)
{
  value v;
  Alloc_small(v, wosize, tag, Alloc_small_enter_GC);
  return v;
}

CAMLexport value caml_alloc_small(mlsize_t wosize, tag_t tag)
{
  CAMLassert(wosize > 0 && wosize <= Max_young_wosize && tag < Num_tags);
  return alloc_young(wosize, tag);
}

/* For memory that will be cut up: the profiler is told of the parts. */
value caml_alloc_small_untracked(mlsize_t wosize, tag_t tag)
{
  value v;
  Alloc_small(v, wosize, tag, Alloc_small_enter_GC_no_track);
  return v;
}

static void clear_fields(value v, mlsize_t wosize, tag_t tag)
{
  if (tag >= No_scan_tag) return;
  for (mlsize_t i = 0; i < wosize; i++) Field(v, i) = Val_unit;
}

CAMLexport value caml_alloc(mlsize_t wosize, tag_t tag)
{
  CAMLassert(tag < Num_tags && tag != Infix_tag);
  if (wosize == 0) return Atom(tag);
  if (wosize > Max_young_wosize) return caml_alloc_shr_check_gc(wosize, tag);
  value v = alloc_young(wosize, tag);
  clear_fields(v, wosize, tag);
  return v;
}

CAMLexport value caml_alloc_shr_check_gc(mlsize_t wosize, tag_t tag)
{
  value v = caml_alloc_shr(wosize, tag);
  clear_fields(v, wosize, tag);
  return caml_check_urgent_gc(v);
}

CAMLexport value caml_alloc_tuple(mlsize_t n) { return caml_alloc(n, 0); }

static value alloc_fields(tag_t tag, int n, value fields[])
{
  CAMLparam0();
  CAMLxparamN(fields, n);
  value v = alloc_young(n, tag);
  for (int i = 0; i < n; i++) Field(v, i) = fields[i];
  CAMLreturn(v);
}

CAMLexport value caml_alloc_1(tag_t tag, value a)
{
  return alloc_fields(tag, 1, (value[]){ a });
}

CAMLexport value caml_alloc_2(tag_t tag, value a, value b)
{
  return alloc_fields(tag, 2, (value[]){ a, b });
}

CAMLexport value caml_alloc_3(tag_t tag, value a, value b, value c)
{
  return alloc_fields(tag, 3, (value[]){ a, b, c });
}

CAMLexport value caml_alloc_4(tag_t tag, value a, value b, value c, value d)
{
  return alloc_fields(tag, 4, (value[]){ a, b, c, d });
}

CAMLexport value caml_alloc_5(tag_t tag, value a, value b, value c, value d,
                              value e)
{
  return alloc_fields(tag, 5, (value[]){ a, b, c, d, e });
}

CAMLexport value caml_alloc_6(tag_t tag, value a, value b, value c, value d,
                              value e, value f)
{
  return alloc_fields(tag, 6, (value[]){ a, b, c, d, e, f });
}

CAMLexport value caml_alloc_7(tag_t tag, value a, value b, value c, value d,
                              value e, value f, value g)
{
  return alloc_fields(tag, 7, (value[]){ a, b, c, d, e, f, g });
}

CAMLexport value caml_alloc_8(tag_t tag, value a, value b, value c, value d,
                              value e, value f, value g, value h)
{
  return alloc_fields(tag, 8, (value[]){ a, b, c, d, e, f, g, h });
}

CAMLexport value caml_alloc_9(tag_t tag, value a, value b, value c, value d,
                              value e, value f, value g, value h, value i)
{
  return alloc_fields(tag, 9, (value[]){ a, b, c, d, e, f, g, h, i });
}

CAMLexport value caml_alloc_some(value v) { return caml_alloc_1(Tag_some, v); }

/* Aligned and padded so that no other atomic shares the cache line: always in
   the major heap, as a minor collection would not keep the padding apart. */
CAMLprim value caml_atomic_make_contended(value init)
{
  CAMLparam1(init);
  value v = caml_alloc_shr(2 * Cache_line_bsize / sizeof(value) - 1, 0);
  clear_fields(v, Wosize_val(v), 0);
  caml_initialize(&Field(v, 0), init);
  CAMLdrop;
  return caml_check_urgent_gc(v);
}

/* ---- strings ---- */

/* The last byte of the last word tells how many bytes of it are unused. */
CAMLexport value caml_alloc_string(mlsize_t len)
{
  mlsize_t wosize = len / sizeof(value) + 1;
  if (len > Bsize_wsize(Max_wosize) - 1) caml_raise_out_of_memory();
  value v = wosize <= Max_young_wosize ? alloc_young(wosize, String_tag)
                                       : caml_alloc_shr(wosize, String_tag);
  mlsize_t last = Bsize_wsize(wosize) - 1;
  Field(v, wosize - 1) = 0;
  Byte(v, last) = (char)(last - len);
  return wosize <= Max_young_wosize ? v : caml_check_urgent_gc(v);
}

CAMLexport value caml_alloc_initialized_string(mlsize_t len, const char *p)
{
  value v = caml_alloc_string(len);
  memcpy(Bytes_val(v), p, len);
  return v;
}

CAMLexport value caml_copy_string(char const *s)
{
  return caml_alloc_initialized_string(strlen(s), s);
}

CAMLexport value caml_alloc_array(value (*funct)(char const *),
                                  char const *const *array)
{
  CAMLparam0();
  CAMLlocal2(v, result);
  mlsize_t n = 0;
  while (array[n] != NULL) n++;
  result = caml_alloc(n, 0);
  for (mlsize_t i = 0; i < n; i++) {
    v = funct(array[i]);
    caml_modify(&Field(result, i), v);
  }
  CAMLreturn(result);
}

CAMLexport value caml_copy_string_array(char const *const *arr)
{
  return caml_alloc_array(caml_copy_string, arr);
}

/* ---- numbers ---- */

CAMLexport value caml_alloc_float_array(mlsize_t len)
{
  mlsize_t wosize = len * Double_wosize;
  if (wosize == 0) return Atom(0);
  if (wosize <= Max_young_wosize) return alloc_young(wosize, Double_array_tag);
  return caml_check_urgent_gc(caml_alloc_shr(wosize, Double_array_tag));
}

/* ---- miscellaneous ---- */

CAMLexport value caml_alloc_final(mlsize_t wosize, final_fun fun, mlsize_t mem,
                                  mlsize_t max)
{
  return caml_alloc_custom(caml_final_custom_operations(fun),
                           Bsize_wsize(wosize), mem, max);
}

CAMLexport int caml_convert_flag_list(value list, const int *flags)
{
  int res = 0;
  for (; list != Val_emptylist; list = Field(list, 1))
    res |= flags[Int_val(Field(list, 0))];
  return res;
}
