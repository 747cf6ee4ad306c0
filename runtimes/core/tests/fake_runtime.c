/* What the primitives need of the rest of the runtime, for tests that run them
 * alone: every block comes from malloc and is never moved nor freed, exceptions
 * are a longjmp, there is one domain. */

#define CAML_INTERNALS

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "fake_runtime.h"
#include "caml/alloc.h"
#include "caml/bigarray.h"
#include "caml/callback.h"
#include "caml/custom.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "caml/minor_gc.h"
#include "caml/platform.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sys.h"

static caml_domain_state the_state;
CAMLthread_local caml_domain_state *caml_state CAML_TLS_MODEL = NULL;

uintnat caml_minor_heaps_start = 0, caml_minor_heaps_end = 0;

static struct caml_params the_params;
const struct caml_params *const caml_params = &the_params;

void fake_runtime_init(void)
{
  caml_state = &the_state;
}

void caml_bad_caml_state(void) { abort(); }

/* ---- Exceptions ---- */

jmp_buf fake_handler;
char fake_message[512];

_Noreturn static void raise_message(const char *kind, const char *message)
{
  snprintf(fake_message, sizeof fake_message, "%s: %s", kind, message);
  caml_state->local_roots = NULL;
  longjmp(fake_handler, 1);
}

void caml_failwith(const char *msg) { raise_message("Failure", msg); }
void caml_failwith_value(value msg) { caml_failwith(String_val(msg)); }
void caml_invalid_argument(const char *msg) { raise_message("Invalid", msg); }
void caml_raise_out_of_memory(void) { raise_message("Out_of_memory", ""); }
void caml_raise_end_of_file(void) { raise_message("End_of_file", ""); }
void caml_raise_zero_divide(void) { raise_message("Division_by_zero", ""); }
void caml_array_bound_error(void) { raise_message("Bounds", ""); }
void caml_raise_sys_error(value v) { raise_message("Sys", String_val(v)); }
void caml_raise_sys_blocked_io(void) { raise_message("Blocked_io", ""); }
void caml_raise(value v) { (void) v; raise_message("exception", ""); }
void caml_sys_error(value v) { (void) v; raise_message("Sys", ""); }
void caml_sys_io_error(value v) { caml_sys_error(v); }

/* ---- Blocks ---- */

static void *checked(void *p)
{
  if (p == NULL) { fprintf(stderr, "no memory\n"); exit(2); }
  return p;
}

static value new_block(mlsize_t wosize, tag_t tag)
{
  header_t *hp = malloc((wosize + 1) * sizeof(value));

  if (hp == NULL) return 0;
  *hp = Make_header(wosize, tag, 0);
  return (value) (hp + 1);
}

value caml_alloc_shr_noexc(mlsize_t wosize, tag_t tag)
{
  return new_block(wosize, tag);
}

value caml_alloc_shr(mlsize_t wosize, tag_t tag)
{
  value v = new_block(wosize, tag);

  if (v == 0) caml_raise_out_of_memory();
  return v;
}

value caml_alloc_small(mlsize_t wosize, tag_t tag)
{
  return caml_alloc_shr(wosize, tag);
}

value caml_alloc_small_untracked(mlsize_t wosize, tag_t tag)
{
  return caml_alloc_shr(wosize, tag);
}

value caml_alloc_shr_from_noexc(mlsize_t wosize, tag_t tag, int source)
{
  (void) source;
  return new_block(wosize, tag);
}

void caml_memprof_sample_block(value block, mlsize_t words,
                               mlsize_t sampled_words, int source)
{
  (void) block;
  (void) words;
  (void) sampled_words;
  (void) source;
}

value caml_atom(tag_t tag)
{
  static header_t atoms[256][2];

  atoms[tag][0] = Make_header(0, tag, 0);
  return (value) &atoms[tag][1];
}

value caml_alloc(mlsize_t wosize, tag_t tag)
{
  value v;

  if (wosize == 0) return caml_atom(tag);
  v = caml_alloc_shr(wosize, tag);
  for (mlsize_t i = 0; i < wosize && tag < No_scan_tag; i++)
    Field(v, i) = Val_unit;
  return v;
}

value caml_alloc_string(mlsize_t len)
{
  mlsize_t size = len / sizeof(value) + 1;
  mlsize_t last = Bsize_wsize(size) - 1;
  value v = caml_alloc_shr(size, String_tag);

  Field(v, size - 1) = 0;
  Byte(v, last) = (char) (last - len);
  return v;
}

value caml_alloc_initialized_string(mlsize_t len, const char *p)
{
  value v = caml_alloc_string(len);

  memcpy(&Byte(v, 0), p, len);
  return v;
}

value caml_copy_string(const char *s)
{
  return caml_alloc_initialized_string(strlen(s), s);
}

value caml_alloc_2(tag_t tag, value a, value b)
{
  value v = caml_alloc_small(2, tag);

  Field(v, 0) = a;
  Field(v, 1) = b;
  return v;
}

value caml_alloc_custom(const struct custom_operations *ops, uintnat size,
                        mlsize_t mem, mlsize_t max)
{
  value v = caml_alloc_shr(1 + (size + sizeof(value) - 1) / sizeof(value),
                           Custom_tag);

  (void) mem;
  (void) max;
  Custom_ops_val(v) = ops;
  return v;
}

value caml_alloc_custom_mem(const struct custom_operations *ops, uintnat size,
                            mlsize_t mem)
{
  return caml_alloc_custom(ops, size, mem, 1);
}

struct custom_operations *caml_find_custom_operations(const char *ident)
{
  static const struct custom_operations *const known[] = {
    &caml_int32_ops, &caml_int64_ops, &caml_nativeint_ops, &caml_ba_ops
  };

  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i]->identifier, ident) == 0)
      return (struct custom_operations *) known[i];
  return NULL;
}

void caml_modify(volatile value *p, value v) { *p = v; }
void caml_initialize(volatile value *p, value v) { *p = v; }

int caml_convert_flag_list(value list, const int *flags)
{
  int res = 0;

  for (; list != Val_emptylist; list = Field(list, 1))
    res |= flags[Int_val(Field(list, 0))];
  return res;
}

/* ---- Memory outside the heap ---- */

void *caml_stat_alloc(asize_t n) { return checked(malloc(n)); }
void *caml_stat_alloc_noexc(asize_t n) { return malloc(n); }
void *caml_stat_calloc_noexc(asize_t n, asize_t s) { return calloc(n, s); }
void *caml_stat_resize_noexc(void *p, asize_t n) { return realloc(p, n); }
void caml_stat_free(void *p) { free(p); }
char *caml_stat_strdup(const char *s) { return checked(strdup(s)); }

/* ---- Nothing ever happens ---- */

int caml_check_pending_actions(void) { return 0; }
void caml_process_pending_actions(void) { }
value caml_process_pending_actions_exn(void) { return Val_unit; }
value caml_process_pending_actions_with_root(value v) { return v; }
value caml_check_urgent_gc(value v) { return v; }
void caml_minor_collection(void) { }
void caml_enter_blocking_section(void) { }
void caml_enter_blocking_section_no_pending(void) { }
void caml_leave_blocking_section(void) { }
const value *caml_named_value(const char *name) { (void) name; return NULL; }

value caml_atomic_cas_field(value obj, value field, value old, value new)
{
  volatile value *p = &Field(obj, Long_val(field));

  if (*p != old) return Val_false;
  *p = new;
  return Val_true;
}

/* ---- System ---- */

void caml_plat_mutex_init(caml_plat_mutex *m) { pthread_mutex_init(m, NULL); }
void caml_plat_mutex_free(caml_plat_mutex *m) { pthread_mutex_destroy(m); }
void caml_plat_lock_non_blocking_actual(caml_plat_mutex *m)
{
  pthread_mutex_lock(m);
}
void caml_plat_fatal_error(const char *action, int err)
{
  fprintf(stderr, "%s: %d\n", action, err);
  abort();
}
int caml_read_fd(int fd, int flags, void *buf, int n)
{
  (void) flags;
  return (int) read(fd, buf, n);
}
int caml_write_fd(int fd, int flags, void *buf, int n)
{
  (void) flags;
  return (int) write(fd, buf, n);
}
atomic_uintnat caml_num_domains_running = 1;
int caml_num_rows_fd(int fd) { (void) fd; return -1; }
