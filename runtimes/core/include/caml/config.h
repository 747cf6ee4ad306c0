/* Build-time facts: integer types, byte order, sizes of the collector's areas.
   64-bit targets only. Everything is derived from the compiler's own macros,
   so that one copy of the headers serves every row. */
#ifndef CAML_CONFIG_H
#define CAML_CONFIG_H

#include "m.h"
#include "s.h"

#ifndef CAML_NAME_SPACE
#define CAML_NAME_SPACE
#endif

#define Caml_inline static inline
#define INT64_LITERAL(s) s##LL

#ifndef CAML_CONFIG_H_NO_TYPEDEFS

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_INT32_TYPE int32_t
#define ARCH_UINT32_TYPE uint32_t
#define ARCH_INT32_PRINTF_FORMAT ""
#define ARCH_SIZET_PRINTF_FORMAT "z"

/* [intnat] is a word. On LP64 it is [long] as upstream, because stubs print it
   with "%ld"; on LLP64 (Windows) it is [long long]. */
#if SIZEOF_LONG == 8
typedef long intnat;
typedef unsigned long uintnat;
#define ARCH_INT64_TYPE long
#define ARCH_UINT64_TYPE unsigned long
#define ARCH_INT64_PRINTF_FORMAT "l"
#define ARCH_INTNAT_PRINTF_FORMAT "l"
#else
typedef int64_t intnat;
typedef uint64_t uintnat;
#define ARCH_INT64_TYPE long long
#define ARCH_UINT64_TYPE unsigned long long
#define ARCH_INT64_PRINTF_FORMAT "ll"
#define ARCH_INTNAT_PRINTF_FORMAT "ll"
#endif

#define CAML_INTNAT_MIN INTPTR_MIN
#define CAML_INTNAT_MAX INTPTR_MAX
#define CAML_UINTNAT_MIN 0
#define CAML_UINTNAT_MAX UINTPTR_MAX

#endif /* CAML_CONFIG_H_NO_TYPEDEFS */

/* Position of the bytes of a double, least significant first. */
#ifdef ARCH_BIG_ENDIAN
#define ARCH_FLOAT_ENDIANNESS 0x76543210
#else
#define ARCH_FLOAT_ENDIANNESS 0x01234567
#endif

/* Memory: pages, stacks */
#define Page_log 12
#define Page_size (1 << Page_log)
#define Max_stack_def (128 * 1024 * 1024) /* words: 1 GiB */

/* Minor heap. [Max_young_wosize] is part of the ABI of compiled code. */
#define Max_young_wosize 256
#define Max_young_whsize (Whsize_wosize(Max_young_wosize))
#define Minor_heap_min (Max_young_wosize + 1)
#define Minor_heap_def 262144
#define Minor_heap_max (1 << 28)

/* Pacing of the major collector; see Gc.control in gc.mli */
#define Percent_free_def 120
#define Custom_major_ratio_def 44
#define Custom_minor_ratio_def 100
#define Custom_minor_max_bsz_def 70000
#define Major_slice_work_min 512
#define Major_window_def 1
#define Max_major_window 50
#define Default_runtime_events_log_wsize 16

#endif /* CAML_CONFIG_H */
