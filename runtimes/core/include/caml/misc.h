/* Macros and helpers that every other header needs: attributes, assertions,
   overflow checks, extensible tables, messages. */
#ifndef CAML_MISC_H
#define CAML_MISC_H

#include "config.h"

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#ifndef __has_attribute
#define __has_attribute(x) 0
#endif
#ifndef __has_builtin
#define __has_builtin(x) 0
#endif
#ifndef __has_feature
#define __has_feature(x) 0
#endif

typedef size_t asize_t;

#ifdef __cplusplus
extern "C++" {
#include <atomic>
typedef std::atomic<uintnat> atomic_uintnat;
typedef std::atomic<intnat> atomic_intnat;
}
#else
#include <stdatomic.h>
typedef _Atomic uintnat atomic_uintnat;
typedef _Atomic intnat atomic_intnat;
#endif

/* Attributes. [CAMLnoret] comes first in a declaration. */
#ifdef __cplusplus
#define CAMLnoret [[noreturn]]
#define CAMLalign(n) alignas(n)
#define CAMLthread_local thread_local
#else
#define CAMLnoret _Noreturn
#define CAMLalign(n) _Alignas(n)
#define CAMLthread_local _Thread_local
#endif
#define CAMLnoreturn_start CAMLnoret
#define CAMLnoreturn_end

#define CAMLdeprecated_typedef(name, type) \
  typedef type name __attribute__((deprecated))

#if defined(__GNUC__)
#define Noreturn __attribute__((noreturn))
#define Caml_noinline __attribute__((noinline))
#define Caml_always_inline static inline __attribute__((always_inline))
#define CAMLunused __attribute__((unused))
#define CAMLlikely(e) __builtin_expect(!!(e), 1)
#define CAMLunlikely(e) __builtin_expect(!!(e), 0)
#define CAMLprintf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define caml_prefetch(p) __builtin_prefetch((const void *)(p), 1, 3)
#else
#define Noreturn
#define Caml_noinline
#define Caml_always_inline static inline
#define CAMLunused
#define CAMLlikely(e) (e)
#define CAMLunlikely(e) (e)
#define CAMLprintf_like(fmt, args)
#define caml_prefetch(p) ((void)0)
#endif
#define CAMLunused_start CAMLunused
#define CAMLunused_end

#if __has_attribute(fallthrough)
#define CAMLfallthrough __attribute__((fallthrough))
#else
#define CAMLfallthrough ((void)0)
#endif

#if __has_attribute(malloc) && __has_attribute(warn_unused_result)
#define CAMLalloc(deallocator, index) \
  __attribute__((malloc, warn_unused_result))
#define CAMLmalloc(deallocator, index, size) \
  __attribute__((malloc, warn_unused_result, alloc_size(size)))
#define CAMLcalloc(deallocator, index, num, size) \
  __attribute__((malloc, warn_unused_result, alloc_size(num, size)))
#define CAMLrealloc(size) __attribute__((warn_unused_result, alloc_size(size)))
#define CAMLreturns_nonnull() __attribute__((returns_nonnull))
#else
#define CAMLalloc(deallocator, index)
#define CAMLmalloc(deallocator, index, size)
#define CAMLcalloc(deallocator, index, num, size)
#define CAMLrealloc(size)
#define CAMLreturns_nonnull()
#endif

/* Linkage of what the runtime exports. */
#define CAMLexport
#define CAMLprim
#define CAMLextern extern
#if defined(__ELF__) || defined(__APPLE__)
#define CAMLweakdef __attribute__((weak))
#else
#define CAMLweakdef
#endif

/* Tools */
#if __has_feature(address_sanitizer)
#define CAMLno_asan __attribute__((no_sanitize("address")))
#else
#define CAMLno_asan
#endif
#define CAMLno_tsan
#define CAMLno_tsan_for_perf

#define CAML_GENSYM_3(name, l) caml__##name##_##l
#define CAML_GENSYM_2(name, l) CAML_GENSYM_3(name, l)
#define CAML_GENSYM(name) CAML_GENSYM_2(name, __LINE__)

#define Is_power_of_2(x) ((x) > 0 && ((x) & ((x) - 1)) == 0)

#ifdef _WIN32
typedef wchar_t char_os;
#else
typedef char char_os;
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Assertions: checked in the debug build only. */
CAMLnoret CAMLextern void caml_failed_assert(const char *expr,
                                             const char *file, int line);
CAMLnoret CAMLextern void caml_debug_abort(const char *file, int line);
#ifdef DEBUG
#define CAMLassert(x) \
  (CAMLlikely(x) ? (void)0 : caml_failed_assert(#x, __FILE__, __LINE__))
#define CAMLunreachable() (caml_debug_abort(__FILE__, __LINE__))
#else
#define CAMLassert(x) ((void)0)
#define CAMLunreachable() (caml_abort())
#endif

CAMLnoret Caml_inline void caml_abort(void) { abort(); }

/* Marks a C scope in which no allocation may happen: documentation only. */
#define CAMLnoalloc
#define CAMLalloc_point_here ((void)0)

/* Fatal errors: message on standard error, then abort. A hook may replace the
   printing. */
#ifndef __cplusplus
typedef void (*fatal_error_hook)(const char *msg, va_list args);
extern _Atomic fatal_error_hook caml_fatal_error_hook;

/* Timing hooks. They must not allocate nor touch the heap. */
typedef void (*caml_timing_hook)(void);
extern _Atomic caml_timing_hook caml_major_slice_begin_hook;
extern _Atomic caml_timing_hook caml_major_slice_end_hook;
extern _Atomic caml_timing_hook caml_minor_gc_begin_hook;
extern _Atomic caml_timing_hook caml_minor_gc_end_hook;
extern _Atomic caml_timing_hook caml_finalise_begin_hook;
extern _Atomic caml_timing_hook caml_finalise_end_hook;
extern _Atomic caml_timing_hook caml_domain_terminated_hook;

Caml_inline void call_timing_hook(_Atomic caml_timing_hook *a)
{
  caml_timing_hook h = atomic_load_explicit(a, memory_order_relaxed);
  if (h != NULL) h();
}
#endif

CAMLnoret CAMLextern void caml_fatal_error(const char *, ...)
  CAMLprintf_like(1, 2);

/* Arithmetic that reports overflow: result 1 when it did. */
Caml_inline int caml_uadd_overflow(uintnat a, uintnat b, uintnat *res)
{
  *res = a + b;
  return *res < a;
}

Caml_inline int caml_usub_overflow(uintnat a, uintnat b, uintnat *res)
{
  *res = a - b;
  return a < b;
}

Caml_inline int caml_umul_overflow(uintnat a, uintnat b, uintnat *res)
{
  return __builtin_mul_overflow(a, b, res);
}

Caml_inline uintnat caml_round_up(uintnat value, uintnat align)
{
  return (value + align - 1) & ~(align - 1);
}

extern double caml_log1p(double);

/* System calls on file names go by these names, so that Windows can take wide
   characters. */
#ifndef _WIN32
#ifdef CAML_INTERNALS
#define T(x) x
#define main_os main
#endif
#define access_os access
#define open_os open
#define stat_os stat
#define unlink_os unlink
#define rename_os rename
#define chdir_os chdir
#define mkdir_os mkdir
#define getcwd_os getcwd
#define system_os system
#define rmdir_os rmdir
#define putenv_os putenv
#define chmod_os chmod
#define execv_os execv
#define execve_os execve
#define execvp_os execvp
#define execvpe_os execvpe
#define strcmp_os strcmp
#define strlen_os strlen
#define sscanf_os sscanf
#define strcpy_os strcpy
#define mktemp_os mktemp
#define fopen_os fopen
#define clock_os clock
#define snprintf_os snprintf
#define caml_unlink unlink_os
#define caml_stat_strdup_os caml_stat_strdup
#define caml_stat_strdup_noexc_os caml_stat_strdup_noexc
#define caml_stat_strconcat_os caml_stat_strconcat
#define caml_stat_strdup_to_os caml_stat_strdup
#define caml_stat_strdup_noexc_to_os caml_stat_strdup_noexc
#define caml_stat_strdup_of_os caml_stat_strdup
#define caml_stat_strdup_noexc_of_os caml_stat_strdup_noexc
#define caml_stat_char_array_to_os caml_stat_memdup
#define caml_stat_char_array_of_os caml_stat_memdup
#define caml_copy_string_of_os caml_copy_string
#endif

/* A growing table of pointers. */
struct ext_table {
  int size;
  int capacity;
  void **contents;
};

extern void caml_ext_table_init(struct ext_table *tbl, int init_capa);
extern int caml_ext_table_add(struct ext_table *tbl, void *data);
extern int caml_ext_table_add_noexc(struct ext_table *tbl, void *data);
extern void caml_ext_table_remove(struct ext_table *tbl, void *data);
extern void caml_ext_table_free(struct ext_table *tbl, int free_entries);
extern void caml_ext_table_clear(struct ext_table *tbl, int free_entries);
CAMLextern int caml_read_directory(char_os *dirname,
                                   struct ext_table *contents);

#define caml_aligned_malloc caml_stat_alloc_aligned_noexc
#define caml_strdup caml_stat_strdup
#define caml_strconcat caml_stat_strconcat

/* Messages of OCAMLRUNPARAM=v; the categories are bits of its argument. */
extern atomic_uintnat caml_verb_gc;
#define CAML_GC_MSG_MAJOR 0x0001
#define CAML_GC_MSG_MINOR 0x0002
#define CAML_GC_MSG_HEAPSIZE 0x0004
#define CAML_GC_MSG_STACKSIZE 0x0008
#define CAML_GC_MSG_COMPACT 0x0010
#define CAML_GC_MSG_PARAMS 0x0020
#define CAML_GC_MSG_SLICESIZE 0x0040
#define CAML_GC_MSG_FINALIZE 0x0080
#define CAML_GC_MSG_STARTUP 0x0100
#define CAML_GC_MSG_COMPACT_TRIGGER 0x0200
#define CAML_GC_MSG_STATS 0x0400
#define CAML_GC_MSG_DEBUG 0x0800
#define CAML_GC_MSG_ADDRSPACE 0x1000

void caml_gc_message(int category, const char *, ...) CAMLprintf_like(2, 3);
void caml_gc_log(const char *, ...) CAMLprintf_like(1, 2);
#define CAML_GC_MESSAGE(category, ...) \
  caml_gc_message(CAML_GC_MSG_##category, __VA_ARGS__)

extern uintnat caml_runtime_warnings;
CAMLextern int caml_runtime_warnings_active(void);

/* Fill patterns of the debug build. */
#define Debug_tag(x) \
  (0xD700D7D7D700D6D8ull | ((uintnat)(x) << 16) | ((uintnat)(x) << 48))
#define Is_debug_tag(x) (((x) & 0xff00ffffff00ffffull) == 0xD700D7D7D700D6D8ull)
#define Debug_free_minor Debug_tag(0x00)
#define Debug_free_major Debug_tag(0x01)
#define Debug_uninit_minor Debug_tag(0x10)
#define Debug_uninit_major Debug_tag(0x11)

#define MSEC_PER_SEC UINT64_C(1000)
#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)
#define NSEC_PER_USEC UINT64_C(1000)
#define NSEC_PER_MSEC UINT64_C(1000000)
#define NSEC_PER_SEC UINT64_C(1000000000)

typedef void *backtrace_slot;

#ifndef IO_BUFFER_SIZE
#define IO_BUFFER_SIZE 65536
#endif

/* Bits of the collector's policy, per domain. */
typedef intnat caml_gc_policy;
#define CAML_GC_RAMP_UP 0x0001

#ifdef __cplusplus
}
#endif

#endif /* CAML_MISC_H */
