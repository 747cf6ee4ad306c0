/* The operating system as seen by Sys: errors, files, environment, processes.
 *
 * Counterpart of upstream's runtime/sys.c. */

#define CAML_INTERNALS

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/gc_stats.h"
#include "caml/io.h"
#include "caml/major_gc.h"
#include "caml/memory.h"
#include "caml/minor_gc.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/osdeps.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sys.h"

/* ---- Errors ---- */

/* Raise Sys_error "arg: reason", the reason being in errno. */
CAMLexport void caml_sys_error(value arg)
{
  CAMLparam1(arg);
  CAMLlocal1(message);
  char buf[256];
  const char *reason = caml_strerror(errno, buf, sizeof buf);

  if (arg == NO_ARG) {
    message = caml_copy_string(reason);
  } else {
    mlsize_t arg_len = caml_string_length(arg), len = strlen(reason);
    char *p;
    message = caml_alloc_string(arg_len + 2 + len);
    p = (char *) &Byte(message, 0);
    memcpy(p, String_val(arg), arg_len);
    memcpy(p + arg_len, ": ", 2);
    memcpy(p + arg_len + 2, reason, len);
  }
  caml_raise_sys_error(message);
}

CAMLexport void caml_sys_io_error(value arg)
{
  if (errno == EAGAIN || errno == EWOULDBLOCK) caml_raise_sys_blocked_io();
  caml_sys_error(arg);
}

/* A copy of a file name for the system, free of NUL characters inside. */
static char *path_of_value(value name)
{
  if (!caml_string_is_c_safe(name)) {
    errno = ENOENT;
    caml_sys_error(name);
  }
  return caml_stat_strdup(String_val(name));
}

/* ---- Exit ---- */

static void stats_line(const char *name, intnat n)
{
  caml_gc_message(CAML_GC_MSG_STATS, "%s: %lld\n", name, (long long) n);
}

/* What OCAMLRUNPARAM=v=0x400 asks for. */
static void report_gc_stats(void)
{
  struct gc_stats s;
  intnat minor_words, major_words, promoted, heap_words, top_words;

  caml_compute_gc_stats(&s);
  minor_words = s.alloc_stats.minor_words
    + (Caml_state->young_end - Caml_state->young_ptr);
  major_words = s.alloc_stats.major_words + Caml_state->allocated_words;
  promoted = s.alloc_stats.promoted_words;
  heap_words = s.heap_stats.pool_words + s.heap_stats.large_words;
  top_words = s.heap_stats.pool_max_words + s.heap_stats.large_max_words;
  if (heap_words == 0)
    heap_words = Wsize_bsize(caml_heap_size(Caml_state->shared_heap));
  if (top_words == 0) top_words = caml_top_heap_words(Caml_state->shared_heap);

  stats_line("allocated_words", minor_words + major_words - promoted);
  stats_line("minor_words", minor_words);
  stats_line("promoted_words", promoted);
  stats_line("major_words", major_words);
  stats_line("minor_collections", atomic_load(&caml_minor_collections_count));
  stats_line("major_collections", caml_major_cycles_completed);
  stats_line("forced_major_collections",
             s.alloc_stats.forced_major_collections);
  stats_line("heap_words", heap_words);
  stats_line("top_heap_words", top_words);
}

CAMLexport void caml_do_exit(int retcode)
{
  if ((atomic_load_relaxed(&caml_verb_gc) & CAML_GC_MSG_STATS) != 0)
    report_gc_stats();
  if (caml_params->cleanup_on_exit) caml_shutdown();
  caml_terminate_signals();
  exit(retcode);
}

CAMLprim value caml_sys_exit(value retcode)
{
  caml_do_exit(Int_val(retcode));
}

/* ---- Files ---- */

/* ORDER: the constructors of [Stdlib.open_flag]. */
static const int open_flags[] = {
  O_RDONLY, O_WRONLY, O_APPEND | O_WRONLY, O_CREAT, O_TRUNC, O_EXCL,
  0 /* binary */, 0 /* text */, O_NONBLOCK
};

CAMLprim value caml_sys_open(value path, value vflags, value vperm)
{
  CAMLparam1(path);
  int flags = caml_convert_flag_list(vflags, open_flags) | O_CLOEXEC;
  int perm = Int_val(vperm), fd;
  char *p = path_of_value(path);

  caml_enter_blocking_section();        /* a FIFO may wait for its other end */
  fd = open(p, flags, perm);
  caml_leave_blocking_section();
  caml_stat_free(p);
  if (fd == -1) caml_sys_error(path);
  CAMLreturn(Val_int(fd));
}

CAMLprim value caml_sys_close(value vfd)
{
  int fd = Int_val(vfd);

  caml_enter_blocking_section();
  close(fd);
  caml_leave_blocking_section();
  return Val_unit;
}

/* The mode of a file; false, with errno set, if it cannot be known. */
static bool file_mode(value name, mode_t *mode)
{
  struct stat st;
  char *p;
  int res;

  if (!caml_string_is_c_safe(name)) {
    errno = ENOENT;
    return false;
  }
  p = caml_stat_strdup(String_val(name));
  caml_enter_blocking_section();
  res = stat(p, &st);
  caml_leave_blocking_section();
  caml_stat_free(p);
  if (res == -1) return false;
  *mode = st.st_mode;
  return true;
}

CAMLprim value caml_sys_file_exists(value name)
{
  mode_t mode;
  return Val_bool(file_mode(name, &mode));
}

static mode_t existing_file_mode(value name)
{
  CAMLparam1(name);
  mode_t mode;

  if (!file_mode(name, &mode)) caml_sys_error(name);
  CAMLreturnT(mode_t, mode);
}

CAMLprim value caml_sys_is_directory(value name)
{
  return Val_bool(S_ISDIR(existing_file_mode(name)));
}

CAMLprim value caml_sys_is_regular_file(value name)
{
  return Val_bool(S_ISREG(existing_file_mode(name)));
}

/* Apply a system call to a file name; errors mention the name. */
static value call_on_path(int (*call)(const char *), value name)
{
  CAMLparam1(name);
  char *p = path_of_value(name);
  int res;

  caml_enter_blocking_section();
  res = call(p);
  caml_leave_blocking_section();
  caml_stat_free(p);
  if (res == -1) caml_sys_error(name);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_sys_remove(value name)
{
  return call_on_path(unlink, name);
}

CAMLprim value caml_sys_chdir(value name)
{
  return call_on_path(chdir, name);
}

CAMLprim value caml_sys_rmdir(value name)
{
  return call_on_path(rmdir, name);
}

CAMLprim value caml_sys_mkdir(value path, value vperm)
{
  CAMLparam1(path);
  mode_t perm = (mode_t) Int_val(vperm);
  char *p = path_of_value(path);
  int res;

  caml_enter_blocking_section();
  res = mkdir(p, perm);
  caml_leave_blocking_section();
  caml_stat_free(p);
  if (res == -1) caml_sys_error(path);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_sys_rename(value oldname, value newname)
{
  CAMLparam2(oldname, newname);
  char *p_old, *p_new;
  int res;

  if (!caml_string_is_c_safe(newname)) {
    errno = ENOENT;
    caml_sys_error(newname);
  }
  p_old = path_of_value(oldname);
  p_new = caml_stat_strdup(String_val(newname));
  caml_enter_blocking_section();
  res = rename(p_old, p_new);
  caml_leave_blocking_section();
  caml_stat_free(p_new);
  caml_stat_free(p_old);
  if (res == -1) caml_sys_error(oldname);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_sys_getcwd(value unit)
{
  char buf[4096];

  (void) unit;
  if (getcwd(buf, sizeof buf) == NULL) caml_sys_error(NO_ARG);
  return caml_copy_string(buf);
}

CAMLprim value caml_sys_read_directory(value path)
{
  CAMLparam1(path);
  CAMLlocal1(result);
  struct ext_table names;
  char *p = path_of_value(path);
  int res;

  caml_ext_table_init(&names, 50);
  caml_enter_blocking_section();
  res = caml_read_directory(p, &names);
  caml_leave_blocking_section();
  caml_stat_free(p);
  if (res == -1) {
    int error = errno;
    caml_ext_table_free(&names, 1);
    errno = error;
    caml_sys_error(path);
  }
  caml_ext_table_add(&names, NULL);
  result = caml_copy_string_array((const char *const *) names.contents);
  caml_ext_table_free(&names, 1);
  CAMLreturn(result);
}

CAMLprim value caml_sys_isatty(value chan)
{
  return Val_bool(isatty(Channel(chan)->fd));
}

/* ---- Environment and arguments ---- */

static value lookup_env(value var, char *(*get)(const char *))
{
  const char *found = caml_string_is_c_safe(var) ? get(String_val(var)) : NULL;

  if (found == NULL) caml_raise_not_found();
  return caml_copy_string(found);
}

static char *secure_getenv_of(const char *var)
{
  return caml_secure_getenv(var);
}

CAMLprim value caml_sys_getenv(value var)
{
  return lookup_env(var, secure_getenv_of);
}

CAMLprim value caml_sys_unsafe_getenv(value var)
{
  return lookup_env(var, getenv);
}

CAMLprim value caml_sys_getenv_opt(value var)
{
  const char *found = caml_string_is_c_safe(var)
    ? caml_secure_getenv(String_val(var)) : NULL;

  return found == NULL ? Val_none : caml_alloc_some(caml_copy_string(found));
}

static value main_argv = Val_unit;

/* Called once, at startup, before any OCaml code. */
void caml_sys_init(const char_os *exe_name, char_os **argv)
{
  caml_init_locale();
  caml_init_exe_name(exe_name);
  main_argv = caml_copy_string_array((const char *const *) argv);
  caml_register_generational_global_root(&main_argv);
}

CAMLprim value caml_sys_argv(value unit)
{
  (void) unit;
  return main_argv;
}

CAMLprim value caml_sys_get_argv(value unit)
{
  return caml_sys_argv(unit);
}

CAMLprim value caml_sys_modify_argv(value new_argv)
{
  caml_modify_generational_global_root(&main_argv, new_argv);
  return Val_unit;
}

CAMLprim value caml_sys_executable_name(value unit)
{
  (void) unit;
  return caml_copy_string(caml_params->exe_name);
}

/* ---- Processes and time ---- */

CAMLprim value caml_sys_system_command(value command)
{
  CAMLparam1(command);
  char *p;
  int status;

  if (!caml_string_is_c_safe(command)) {
    errno = EINVAL;
    caml_sys_error(command);
  }
  p = caml_stat_strdup(String_val(command));
  caml_enter_blocking_section();
  status = system(p);
  caml_leave_blocking_section();
  caml_stat_free(p);
  if (status == -1) caml_sys_error(command);
  CAMLreturn(Val_int(WIFEXITED(status) ? WEXITSTATUS(status) : 255));
}

static double processor_time(int who)
{
  struct rusage ru;

  getrusage(who, &ru);
  return (double) ru.ru_utime.tv_sec + (double) ru.ru_stime.tv_sec
    + (double) (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / USEC_PER_SEC;
}

double caml_sys_time_include_children_unboxed(value include_children)
{
  double t = processor_time(RUSAGE_SELF);

  return Bool_val(include_children) ? t + processor_time(RUSAGE_CHILDREN) : t;
}

CAMLprim value caml_sys_time_include_children(value include_children)
{
  return caml_copy_double(
    caml_sys_time_include_children_unboxed(include_children));
}

double caml_sys_time_unboxed(value unit)
{
  (void) unit;
  return caml_sys_time_include_children_unboxed(Val_false);
}

CAMLprim value caml_sys_time(value unit)
{
  return caml_copy_double(caml_sys_time_unboxed(unit));
}

extern int caml_unix_random_seed(intnat data[16]);

CAMLprim value caml_sys_random_seed(value unit)
{
  intnat data[16];
  int n = caml_unix_random_seed(data);
  value res;

  (void) unit;
  res = caml_alloc_small(n, 0);
  for (int i = 0; i < n; i++) Field(res, i) = Val_long(data[i]);
  return res;
}

/* ---- Facts about the platform ---- */

#ifdef ARCH_BIG_ENDIAN
static const bool big_endian = true;
#else
static const bool big_endian = false;
#endif

#define CONSTANT(name, result)                                                \
  CAMLprim value caml_sys_##name(value unit)                                  \
  {                                                                           \
    (void) unit;                                                              \
    return result;                                                            \
  }

CONSTANT(const_big_endian, Val_bool(big_endian))
CONSTANT(const_word_size, Val_long(8 * sizeof(value)))
CONSTANT(const_int_size, Val_long(8 * sizeof(value) - 1))
CONSTANT(const_max_wosize, Val_long(Max_wosize))
CONSTANT(const_ostype_unix, Val_bool(strcmp(OCAML_OS_TYPE, "Unix") == 0))
CONSTANT(const_ostype_win32, Val_bool(strcmp(OCAML_OS_TYPE, "Win32") == 0))
CONSTANT(const_ostype_cygwin, Val_bool(strcmp(OCAML_OS_TYPE, "Cygwin") == 0))
CONSTANT(io_buffer_size, Val_long(IO_BUFFER_SIZE))

/* Sys.Bytecode: native compilers know better, and never call this. */
CONSTANT(const_backend_type, Val_int(1))

CAMLprim value caml_sys_get_config(value unit)
{
  CAMLparam1(unit);
  CAMLlocal1(ostype);
  value result;

  ostype = caml_copy_string(OCAML_OS_TYPE);
  result = caml_alloc_small(3, 0);
  Field(result, 0) = ostype;
  Field(result, 1) = Val_long(8 * sizeof(value));
  Field(result, 2) = Val_bool(big_endian);
  CAMLreturn(result);
}

/* Only Windows has answers to these; on Unix the OCaml side computes them. */
CAMLprim value caml_sys_temp_dir_name(value unit)
{
  (void) unit;
  return caml_copy_string("");
}

CAMLprim value caml_xdg_defaults(value unit)
{
  (void) unit;
  return Val_emptylist;
}
