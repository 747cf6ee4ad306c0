/* Bigarrays.
 *
 * Counterpart of upstream's runtime/bigarray.c.  The data is outside the heap;
 * arrays that share it (sub, slice, reshape) count their references in a proxy,
 * made when the first part is taken.  See bigarray_custom.c for comparison,
 * hashing and marshalling. */

#define CAML_INTERNALS

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "bigarray_impl.h"
#include "caml/alloc.h"
#include "caml/bigarray.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/signals.h"

/* ORDER: enum caml_ba_kind. */
CAMLexport const int caml_ba_element_size[] = {
  4, 8,                         /* float32, float64 */
  1, 1, 2, 2,                   /* int8 and int16, signed and not */
  4, 8,                         /* int32, int64 */
  sizeof(value), sizeof(value), /* int, nativeint */
  8, 16,                        /* complex32, complex64 */
  1, 2                          /* char, float16 */
};

/* ---- Sizes and allocation ---- */

CAMLexport uintnat caml_ba_num_elts(struct caml_ba_array *b)
{
  uintnat n = 1;

  for (int i = 0; i < b->num_dims; i++) n *= b->dim[i];
  return n;
}

CAMLexport uintnat caml_ba_byte_size(struct caml_ba_array *b)
{
  return caml_ba_num_elts(b) * element_size(b);
}

/* With [data] NULL the data is allocated, and managed.  [dim] may point inside
   another bigarray, which a collection moves: it is copied first. */
CAMLexport value caml_ba_alloc(int flags, int num_dims, void *data, intnat *dim)
{
  uintnat size;
  intnat dims[CAML_BA_MAX_NUM_DIMS];
  struct caml_ba_array *b;
  bool owner;
  value res;

  for (int i = 0; i < num_dims; i++) dims[i] = dim[i];
  if (!byte_size_of_dims(flags & CAML_BA_KIND_MASK, num_dims, dims, &size))
    caml_raise_out_of_memory();
  if (data == NULL) {
    data = malloc(size);
    if (data == NULL && size != 0) caml_raise_out_of_memory();
    flags |= CAML_BA_MANAGED;
  }
  owner = (flags & CAML_BA_MANAGED_MASK) == CAML_BA_MANAGED
    && (flags & CAML_BA_SUBARRAY) == 0;
  res = caml_alloc_custom_mem(&caml_ba_ops,
                              SIZEOF_BA_ARRAY + num_dims * sizeof(intnat),
                              owner ? size : 0);
  b = Caml_ba_array_val(res);
  b->data = data;
  b->num_dims = num_dims;
  b->flags = flags;
  b->proxy = NULL;
  for (int i = 0; i < num_dims; i++) b->dim[i] = dims[i];
  return res;
}

CAMLexport value caml_ba_alloc_dims(int flags, int num_dims, void *data, ...)
{
  intnat dim[CAML_BA_MAX_NUM_DIMS];
  va_list args;

  va_start(args, data);
  for (int i = 0; i < num_dims; i++) dim[i] = va_arg(args, intnat);
  va_end(args);
  return caml_ba_alloc(flags, num_dims, data, dim);
}

/* The dimensions in an OCaml array. */
static int read_dims(value vdim, intnat dim[CAML_BA_MAX_NUM_DIMS],
                     const char *bad_number, const char *negative)
{
  mlsize_t num_dims = Wosize_val(vdim);

  if (num_dims > CAML_BA_MAX_NUM_DIMS) caml_invalid_argument(bad_number);
  for (mlsize_t i = 0; i < num_dims; i++) {
    dim[i] = Long_val(Field(vdim, i));
    if (dim[i] < 0) caml_invalid_argument(negative);
  }
  return (int) num_dims;
}

CAMLprim value caml_ba_create(value vkind, value vlayout, value vdim)
{
  intnat dim[CAML_BA_MAX_NUM_DIMS];
  int num_dims = read_dims(vdim, dim,
                           "Bigarray.create: bad number of dimensions",
                           "Bigarray.create: negative dimension");

  return caml_ba_alloc(Caml_ba_kind_val(vkind) | Caml_ba_layout_val(vlayout),
                       num_dims, NULL, dim);
}

/* ---- Reading and writing elements ---- */

/* The position of the element at [index], whose bounds are checked. */
static intnat element_offset(const struct caml_ba_array *b, const intnat *index)
{
  bool fortran = is_fortran(b);
  intnat offset = 0;

  for (int k = 0; k < b->num_dims; k++) {
    int i = fortran ? (int) b->num_dims - 1 - k : k;
    intnat at = index[i] - (fortran ? 1 : 0);
    if ((uintnat) at >= (uintnat) b->dim[i]) caml_array_bound_error();
    offset = offset * b->dim[i] + at;
  }
  return offset;
}

static intnat offset_of_values(const struct caml_ba_array *b,
                               volatile value *indices, intnat count,
                               const char *error)
{
  intnat index[CAML_BA_MAX_NUM_DIMS];

  if (count != b->num_dims) caml_invalid_argument(error);
  for (intnat i = 0; i < count; i++) index[i] = Long_val(indices[i]);
  return element_offset(b, index);
}

static value copy_complex(double re, double im)
{
  value res = caml_alloc_small(2 * Double_wosize, Double_array_tag);

  Store_double_flat_field(res, 0, re);
  Store_double_flat_field(res, 1, im);
  return res;
}

static value get_element(const struct caml_ba_array *b, intnat i)
{
  void *data = b->data;

  switch (kind_of(b)) {
  case CAML_BA_FLOAT16:
    return caml_copy_double(caml_half_to_float(((uint16_t *) data)[i]));
  case CAML_BA_FLOAT32: return caml_copy_double(((float *) data)[i]);
  case CAML_BA_FLOAT64: return caml_copy_double(((double *) data)[i]);
  case CAML_BA_SINT8: return Val_int(((int8_t *) data)[i]);
  case CAML_BA_UINT8: return Val_int(((uint8_t *) data)[i]);
  case CAML_BA_SINT16: return Val_int(((int16_t *) data)[i]);
  case CAML_BA_UINT16: return Val_int(((uint16_t *) data)[i]);
  case CAML_BA_INT32: return caml_copy_int32(((int32_t *) data)[i]);
  case CAML_BA_INT64: return caml_copy_int64(((int64_t *) data)[i]);
  case CAML_BA_CAML_INT: return Val_long(((intnat *) data)[i]);
  case CAML_BA_NATIVE_INT: return caml_copy_nativeint(((intnat *) data)[i]);
  case CAML_BA_CHAR: return Val_int(((unsigned char *) data)[i]);
  case CAML_BA_COMPLEX32:
    return copy_complex(((float *) data)[2 * i], ((float *) data)[2 * i + 1]);
  case CAML_BA_COMPLEX64:
    return copy_complex(((double *) data)[2 * i],
                        ((double *) data)[2 * i + 1]);
  default: CAMLunreachable();
  }
}

/* Write the representation of [v] as an element at [p]. */
static void encode_element(enum caml_ba_kind kind, void *p, value v)
{
  switch (kind) {
  case CAML_BA_FLOAT16:
    *(uint16_t *) p = caml_half_of_float((float) Double_val(v)); break;
  case CAML_BA_FLOAT32: *(float *) p = (float) Double_val(v); break;
  case CAML_BA_FLOAT64: *(double *) p = Double_val(v); break;
  case CAML_BA_SINT8: case CAML_BA_UINT8: case CAML_BA_CHAR:
    *(uint8_t *) p = (uint8_t) Long_val(v); break;
  case CAML_BA_SINT16: case CAML_BA_UINT16:
    *(uint16_t *) p = (uint16_t) Long_val(v); break;
  case CAML_BA_INT32: *(int32_t *) p = Int32_val(v); break;
  case CAML_BA_INT64: *(int64_t *) p = Int64_val(v); break;
  case CAML_BA_CAML_INT: *(intnat *) p = Long_val(v); break;
  case CAML_BA_NATIVE_INT: *(intnat *) p = Nativeint_val(v); break;
  case CAML_BA_COMPLEX32:
    ((float *) p)[0] = (float) Double_flat_field(v, 0);
    ((float *) p)[1] = (float) Double_flat_field(v, 1);
    break;
  case CAML_BA_COMPLEX64:
    ((double *) p)[0] = Double_flat_field(v, 0);
    ((double *) p)[1] = Double_flat_field(v, 1);
    break;
  default: CAMLunreachable();
  }
}

static value get(value vb, volatile value *indices, intnat count)
{
  const struct caml_ba_array *b = Caml_ba_array_val(vb);
  return get_element(b, offset_of_values(b, indices, count,
                                         "Bigarray.get: "
                                         "wrong number of indices"));
}

static value set(value vb, volatile value *indices, intnat count, value v)
{
  const struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat i = offset_of_values(b, indices, count,
                              "Bigarray.set: wrong number of indices");

  encode_element(kind_of(b), (char *) b->data + i * element_size(b), v);
  return Val_unit;
}

CAMLprim value caml_ba_get_1(value vb, value i)
{
  return get(vb, &i, 1);
}

CAMLprim value caml_ba_get_2(value vb, value i, value j)
{
  value indices[2] = { i, j };
  return get(vb, indices, 2);
}

CAMLprim value caml_ba_get_3(value vb, value i, value j, value k)
{
  value indices[3] = { i, j, k };
  return get(vb, indices, 3);
}

CAMLprim value caml_ba_get_generic(value vb, value vind)
{
  return get(vb, &Field(vind, 0), Wosize_val(vind));
}

CAMLprim value caml_ba_set_1(value vb, value i, value v)
{
  return set(vb, &i, 1, v);
}

CAMLprim value caml_ba_set_2(value vb, value i, value j, value v)
{
  value indices[2] = { i, j };
  return set(vb, indices, 2, v);
}

CAMLprim value caml_ba_set_3(value vb, value i, value j, value k, value v)
{
  value indices[3] = { i, j, k };
  return set(vb, indices, 3, v);
}

CAMLprim value caml_ba_set_generic(value vb, value vind, value v)
{
  return set(vb, &Field(vind, 0), Wosize_val(vind), v);
}

/* ---- Wider accesses to arrays of bytes, in the order of the machine ---- */

static void *bytes_at(value vb, value vind, intnat width)
{
  const struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat i = Long_val(vind);

  if (i < 0 || i > b->dim[0] - width) caml_array_bound_error();
  return (char *) b->data + i;
}

CAMLprim value caml_ba_uint8_get16(value vb, value vind)
{
  uint16_t n;
  memcpy(&n, bytes_at(vb, vind, sizeof n), sizeof n);
  return Val_int(n);
}

CAMLprim value caml_ba_uint8_get32(value vb, value vind)
{
  int32_t n;
  memcpy(&n, bytes_at(vb, vind, sizeof n), sizeof n);
  return caml_copy_int32(n);
}

CAMLprim value caml_ba_uint8_get64(value vb, value vind)
{
  int64_t n;
  memcpy(&n, bytes_at(vb, vind, sizeof n), sizeof n);
  return caml_copy_int64(n);
}

CAMLprim value caml_ba_uint8_set16(value vb, value vind, value v)
{
  uint16_t n = (uint16_t) Long_val(v);
  memcpy(bytes_at(vb, vind, sizeof n), &n, sizeof n);
  return Val_unit;
}

CAMLprim value caml_ba_uint8_set32(value vb, value vind, value v)
{
  int32_t n = Int32_val(v);
  memcpy(bytes_at(vb, vind, sizeof n), &n, sizeof n);
  return Val_unit;
}

CAMLprim value caml_ba_uint8_set64(value vb, value vind, value v)
{
  int64_t n = Int64_val(v);
  memcpy(bytes_at(vb, vind, sizeof n), &n, sizeof n);
  return Val_unit;
}

/* ---- Properties ---- */

CAMLprim value caml_ba_num_dims(value vb)
{
  return Val_long(Caml_ba_array_val(vb)->num_dims);
}

CAMLprim value caml_ba_dim(value vb, value vn)
{
  const struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat n = Long_val(vn);

  if (n < 0 || n >= b->num_dims) caml_invalid_argument("Bigarray.dim");
  return Val_long(b->dim[n]);
}

CAMLprim value caml_ba_dim_1(value vb)
{
  return caml_ba_dim(vb, Val_int(0));
}

CAMLprim value caml_ba_dim_2(value vb)
{
  return caml_ba_dim(vb, Val_int(1));
}

CAMLprim value caml_ba_dim_3(value vb)
{
  return caml_ba_dim(vb, Val_int(2));
}

CAMLprim value caml_ba_kind(value vb)
{
  return Val_caml_ba_kind(kind_of(Caml_ba_array_val(vb)));
}

CAMLprim value caml_ba_layout(value vb)
{
  intnat layout = Caml_ba_array_val(vb)->flags & CAML_BA_LAYOUT_MASK;
  return Val_caml_ba_layout(layout);
}

/* ---- Shared data ---- */

CAMLexport void caml_ba_finalize(value v)
{
  struct caml_ba_array *b = Caml_ba_array_val(v);

  if ((b->flags & CAML_BA_MANAGED_MASK) != CAML_BA_MANAGED) return;
  if (b->proxy == NULL) {
    free(b->data);
  } else if (atomic_fetch_sub(&b->proxy->refcount, 1) == 1) {
    free(b->proxy->data);
    free(b->proxy);
  }
}

/* Give [b] a proxy if it has none.  Another domain may do the same. */
static struct caml_ba_proxy *proxy_of(struct caml_ba_array *b)
{
  struct caml_ba_proxy *expected = NULL, *proxy;

  if (b->proxy != NULL) return b->proxy;
  proxy = malloc(sizeof *proxy);
  if (proxy == NULL) caml_raise_out_of_memory();
  atomic_store(&proxy->refcount, 1);
  proxy->data = b->data;
  proxy->size = b->flags & CAML_BA_MAPPED_FILE ? caml_ba_byte_size(b) : 0;
  if (__atomic_compare_exchange_n(&b->proxy, &expected, proxy, false,
                                  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return proxy;
  free(proxy);
  return expected;
}

/* A bigarray over part of the data of [vb].  Its operations are those of [vb]:
   mapped files have their own finaliser. */
static value share(value vb, intnat flags, int num_dims, intnat offset,
                   intnat *dim)
{
  CAMLparam1(vb);
  struct caml_ba_array *b = Caml_ba_array_val(vb);
  char *data = (char *) b->data + offset * element_size(b);
  value res = caml_ba_alloc((int) flags | CAML_BA_SUBARRAY, num_dims, data,
                            dim);

  b = Caml_ba_array_val(vb);
  Custom_ops_val(res) = Custom_ops_val(vb);
  if ((b->flags & CAML_BA_MANAGED_MASK) != CAML_BA_EXTERNAL) {
    /* Until it has a reference, the part must not be finalised as an owner. */
    Caml_ba_array_val(res)->flags &= ~CAML_BA_MANAGED_MASK;
    struct caml_ba_proxy *proxy = proxy_of(b);
    atomic_fetch_add(&proxy->refcount, 1);
    Caml_ba_array_val(res)->proxy = proxy;
    Caml_ba_array_val(res)->flags |= b->flags & CAML_BA_MANAGED_MASK;
  }
  CAMLreturn(res);
}

CAMLprim value caml_ba_slice(value vb, value vind)
{
  struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat index[CAML_BA_MAX_NUM_DIMS];
  intnat given = Wosize_val(vind), kept = b->num_dims - given;
  bool fortran = is_fortran(b);

  /* Indices are given from the left in C layout, from the right in Fortran's;
     the others are at their start. */
  if (kept < 0) caml_invalid_argument("Bigarray.slice: too many indices");
  for (intnat i = 0; i < kept; i++) index[fortran ? i : given + i] = fortran;
  for (intnat i = 0; i < given; i++)
    index[fortran ? kept + i : i] = Long_val(Field(vind, i));
  return share(vb, b->flags, (int) kept, element_offset(b, index),
               fortran ? b->dim : b->dim + given);
}

CAMLprim value caml_ba_sub(value vb, value vofs, value vlen)
{
  struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat ofs = Long_val(vofs) - (is_fortran(b) ? 1 : 0);
  intnat len = Long_val(vlen), row = 1;
  int changed = is_fortran(b) ? (int) b->num_dims - 1 : 0;
  intnat dim[CAML_BA_MAX_NUM_DIMS];

  if (ofs < 0 || len < 0 || len > b->dim[changed] - ofs)
    caml_invalid_argument("Bigarray.sub: bad sub-array");
  for (int i = 0; i < b->num_dims; i++) {
    dim[i] = i == changed ? len : b->dim[i];
    if (i != changed) row *= b->dim[i];
  }
  return share(vb, b->flags, (int) b->num_dims, ofs * row, dim);
}

/* The same data seen in the other layout has its dimensions reversed. */
CAMLprim value caml_ba_change_layout(value vb, value vlayout)
{
  struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat dim[CAML_BA_MAX_NUM_DIMS];

  if (Caml_ba_layout_val(vlayout) == (b->flags & CAML_BA_LAYOUT_MASK))
    return vb;
  for (int i = 0; i < b->num_dims; i++) dim[i] = b->dim[b->num_dims - 1 - i];
  return share(vb, b->flags ^ CAML_BA_LAYOUT_MASK, (int) b->num_dims, 0, dim);
}

CAMLprim value caml_ba_reshape(value vb, value vdim)
{
  struct caml_ba_array *b = Caml_ba_array_val(vb);
  intnat dim[CAML_BA_MAX_NUM_DIMS];
  int num_dims = read_dims(vdim, dim,
                           "Bigarray.reshape: bad number of dimensions",
                           "Bigarray.reshape: negative dimension");
  uintnat size;

  if (!byte_size_of_dims(kind_of(b), num_dims, dim, &size)
      || size != caml_ba_byte_size(b))
    caml_invalid_argument("Bigarray.reshape: size mismatch");
  return share(vb, b->flags, num_dims, 0, dim);
}

/* ---- Copying and filling ---- */

/* Beyond this size, or when pages may have to be read from a file, other
   domains need not wait for us. */
#define LARGE_OPERATION 32768

static bool takes_long(const struct caml_ba_array *b, uintnat bytes)
{
  return bytes >= LARGE_OPERATION || (b->flags & CAML_BA_MAPPED_FILE) != 0;
}

CAMLprim value caml_ba_blit(value vsrc, value vdst)
{
  CAMLparam2(vsrc, vdst);
  struct caml_ba_array *src = Caml_ba_array_val(vsrc);
  struct caml_ba_array *dst = Caml_ba_array_val(vdst);
  void *from = src->data, *to = dst->data;
  uintnat bytes = caml_ba_byte_size(src);
  bool same = src->num_dims == dst->num_dims, leave;

  for (int i = 0; same && i < src->num_dims; i++)
    same = src->dim[i] == dst->dim[i];
  if (!same) caml_invalid_argument("Bigarray.blit: dimension mismatch");
  leave = takes_long(src, bytes) || takes_long(dst, bytes);
  if (leave) caml_enter_blocking_section();
  memmove(to, from, bytes);
  if (leave) caml_leave_blocking_section();
  CAMLreturn(Val_unit);
}

#define FILL(type)                                                            \
  {                                                                           \
    type *p = data, x;                                                        \
    memcpy(&x, element, sizeof x);                                            \
    for (uintnat i = 0; i < n; i++) p[i] = x;                                 \
    break;                                                                    \
  }

struct two_words { uint64_t w[2]; };

static void fill_elements(void *data, uintnat n, const void *element, int size)
{
  switch (size) {
  case 1: memset(data, *(const uint8_t *) element, n); break;
  case 2: FILL(uint16_t)
  case 4: FILL(uint32_t)
  case 8: FILL(uint64_t)
  default: FILL(struct two_words)
  }
}

CAMLprim value caml_ba_fill(value vb, value vinit)
{
  CAMLparam1(vb);
  struct caml_ba_array *b = Caml_ba_array_val(vb);
  void *data = b->data;
  uintnat n = caml_ba_num_elts(b);
  int size = element_size(b);
  bool leave = takes_long(b, n * size);
  struct two_words element;

  encode_element(kind_of(b), &element, vinit);
  if (leave) caml_enter_blocking_section();
  fill_elements(data, n, &element, size);
  if (leave) caml_leave_blocking_section();
  CAMLreturn(Val_unit);
}
