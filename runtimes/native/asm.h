/* What the assembly files share: names of symbols and sections on the object
   formats, beginning and end of a function, the frame table of the stubs.
   ELF is complete; Mach-O and COFF differ in the macros below only. */
#ifndef CAML_ASM_H
#define CAML_ASM_H

#include "stack.h"

#if defined(__APPLE__)
#define G(name) _##name
#define L(name) L##name
#define PLT(name) G(name)
#define DATA_SECTION .section __DATA,__const
#define TEXT_SECTION .text
#elif defined(_WIN32) || defined(__CYGWIN__)
#define G(name) name
#define L(name) .L##name
#define PLT(name) G(name)
#define DATA_SECTION .section .data
#define TEXT_SECTION .text
#else
#define G(name) name
#define L(name) .L##name
#define PLT(name) G(name)@PLT
#define DATA_SECTION .section .data.rel.ro, "aw"
#define TEXT_SECTION .text
#endif

#if defined(__ELF__)
.macro FUNCTION name
        .globl \name
        .type \name, STT_FUNC
        .balign 16
\name:
.endm
.macro END_FUNCTION name
        .size \name, . - \name
.endm
#else
.macro FUNCTION name
        .globl \name
        .balign 16
\name:
.endm
.macro END_FUNCTION name
.endm
#endif

/* The frame table of the stubs (ABI.md, section 7): its head, then a FRAME for
   each return address in them, in order. The size is FRAME_SIZE_ENTRY where
   compiled code was entered from C, else that of the stub's frame. */
.macro FRAME_TABLE count
        DATA_SECTION
        .balign 8
        .globl caml_system.frametable
caml_system.frametable:
        .quad caml_system.code_begin
        .long \count
        .long 0
.endm
.macro FRAME address, size
        .long \address - caml_system.code_begin
        .long \size
        .long 0
        .short 0
        .short 0
.endm

#if defined(__ELF__)
#define NO_EXEC_STACK .section .note.GNU-stack, "", %progbits
#else
#define NO_EXEC_STACK
#endif

#endif /* CAML_ASM_H */
