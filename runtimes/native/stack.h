/* Layouts that C and assembly share: where the fields of the domain state and
   of a fiber lie, what a stub saves on an OCaml stack, how frames are chained.
   Read by the .S files, so: preprocessor only. runtimes/ABI.md has the
   contract, fiber.h the C side.

   An OCaml stack, from high to low addresses:

       top ----> bottom record: zeros, ends every walk
                 frames of compiled code ...
       base ---> the innermost frame's link (see below)
                 SAVED_BYTES: callee-saved registers, only while the fiber is
                 suspended or C code runs
                 entry record of a callback: link, padding
                 frames of compiled code ...
       limit --> SP above this: no check fails
                 STACK_MARGIN bytes for leaf functions and stubs
       low ----> first byte

   A *frame base* is what a walk goes by (ABI.md, section 7). On x86-64,
   AArch64 and RISC-V it is the address of a pair {caller's frame pointer,
   return address}; on s390x it is the caller's SP, with the return address in
   the register save area above it. */
#ifndef CAML_STACK_H
#define CAML_STACK_H

/* Domain state, bytes: the head of caml/domain_state.tbl. */
#define STATE_YOUNG_PTR 0
#define STATE_YOUNG_LIMIT 8
#define STATE_EXN 16
#define STATE_STACK_LIMIT 24
#define STATE_BACKTRACE_ACTIVE 32
#define STATE_CURRENT_STACK 40
#define STATE_C_STACK 48
#define STATE_OCAML_SP 56

/* struct stack_info, bytes (fiber.h). */
#define FIBER_BASE 0
#define FIBER_LIMIT 8
#define FIBER_TOP 16
#define FIBER_PARENT 24
#define FIBER_HANDLE_VALUE 32
#define FIBER_HANDLE_EXN 40
#define FIBER_HANDLE_EFFECT 48
#define FIBER_CALLBACK_DEPTH 56
#define FIBER_DOMAIN 64

/* A continuation: a block {fiber | 1, last fiber | 1}. */
#define CONT_HEADER ((2 << 10) | 245)
#define CONT_BYTES 24

/* SAVED_BYTES: room below a base for the registers that a callee of the C
   convention preserves. ENTRY_BYTES: the record that caml_start_program makes
   below them. TOP_BYTES: what lies above [top]. */
#if defined(__x86_64__)
#define SAVED_BYTES 32 /* rbx r12 r13 r14 */
#define ENTRY_BYTES 16
#define TOP_BYTES 16
#elif defined(__aarch64__)
#define SAVED_BYTES 144 /* x19 x20 x22-x28 d8-d15 */
#define ENTRY_BYTES 16
#define TOP_BYTES 16
#elif defined(__riscv)
#define SAVED_BYTES 192 /* s1-s11 fs0-fs11 */
#define ENTRY_BYTES 16
#define TOP_BYTES 16
#elif defined(__s390x__)
#define SAVED_BYTES 64 /* f8-f15; r6-r15 go to the register save area */
#define ENTRY_BYTES 176 /* register save area, link, padding */
#define TOP_BYTES 176
#else
#error "no native code on this architecture"
#endif

/* Where things are, seen from a base B; ENTRY_LINK: from the base of the frame
   that caml_start_program or caml_runstack called. */
#if defined(__s390x__)
#define BASE_RETURN_ADDRESS 112
#define BASE_SAVED_SP 120
#define ENTRY_LINK 160
#else
#define BASE_FRAME_POINTER 0
#define BASE_RETURN_ADDRESS 8
#endif

/* Bytes that [limit] keeps free (ABI.md, section 6). */
#define STACK_MARGIN 8192

/* Frame size that marks a call from C or at the bottom of a fiber. */
#define FRAME_SIZE_ENTRY 0xFFFFFFFF

#endif /* CAML_STACK_H */
