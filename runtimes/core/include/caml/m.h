/* Facts about the target machine, from the compiler's predefined macros. */
#ifndef CAML_M_H
#define CAML_M_H

#define ARCH_SIXTYFOUR

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ARCH_BIG_ENDIAN
#endif

#define SIZEOF_INT 4
#define SIZEOF_SHORT 2
#define SIZEOF_PTR 8
#define SIZEOF_LONGLONG 8
#ifdef _WIN64
#define SIZEOF_LONG 4
#else
#define SIZEOF_LONG 8
#endif

#if defined(__x86_64__) || defined(_M_X64)
#define TARGET_amd64
#define Cache_line_bsize 64
#elif defined(__aarch64__)
#define TARGET_arm64
#define Cache_line_bsize 128
#elif defined(__s390x__)
#define TARGET_s390x
#define Cache_line_bsize 256
#elif defined(__riscv)
#define TARGET_riscv
#define Cache_line_bsize 64
#else
#error "unknown architecture"
#endif

#define FLAT_FLOAT_ARRAY
#define HEADER_RESERVED_BITS 0

#endif /* CAML_M_H */
