/* AArch64, AAPCS64: crossings between compiled code and C, exceptions raised
   by C, fibers. Contract: runtimes/ABI.md; layouts: stack.h.

   Cranelift's CallConv::Tail here:
   - arguments x2-x7, then the stack; floats v0-v7; result x2 or v0; the callee
     pops stack arguments (x0 and x1 are kept out: return area, callee address);
   - callee-saved: x19-x28 without x21, x29, x30, the low halves of v8-v15. x21
     is the pinned register: no compiled function saves or changes it, and C
     functions preserve it;
   - prologue `stp x29, x30, [sp, #-16]!; mov x29, sp`, so a frame base is x29.
     A callee that tail-calls with more stack arguments than it got moves that
     pair down;
   - the register allocator leaves x16 and x17 as scratch.

   So x21 is the domain state throughout, and x8-x17 are free at the entry of a
   stub, except x16 for caml_c_call. */

#include "asm.h"

#define STATE(field) [x21, STATE_##field]

        TEXT_SECTION
        .globl caml_system.code_begin
caml_system.code_begin:

/* The address of a symbol of the runtime. */
.macro ADDRESS reg, symbol
#if defined(__APPLE__)
        adrp    \reg, \symbol@PAGE
        add     \reg, \reg, \symbol@PAGEOFF
#else
        adrp    \reg, \symbol
        add     \reg, \reg, :lo12:\symbol
#endif
.endm

/* At the entry of a stub: makes the frame base, saves the registers that
   belong to the caller below it, and leaves the base in [reg]. */
.macro SAVE_CONTEXT reg
        stp     x29, x30, [sp, #-16]!
        mov     \reg, sp
        stp     x19, x20, [\reg, #-16]
        stp     x22, x23, [\reg, #-32]
        stp     x24, x25, [\reg, #-48]
        stp     x26, x27, [\reg, #-64]
        stp     d8, d9, [\reg, #-80]
        stp     d10, d11, [\reg, #-96]
        stp     d12, d13, [\reg, #-112]
        stp     d14, d15, [\reg, #-128]
        str     x28, [\reg, #-144]
.endm

/* From the base [reg]: gives the registers back, SP that of the caller. */
.macro RESTORE_CONTEXT reg
        ldp     x19, x20, [\reg, #-16]
        ldp     x22, x23, [\reg, #-32]
        ldp     x24, x25, [\reg, #-48]
        ldp     x26, x27, [\reg, #-64]
        ldp     d8, d9, [\reg, #-80]
        ldp     d10, d11, [\reg, #-96]
        ldp     d12, d13, [\reg, #-112]
        ldp     d14, d15, [\reg, #-128]
        ldr     x28, [\reg, #-144]
        mov     sp, \reg
        ldp     x29, x30, [sp], #16
.endm

.macro ENTER_C
        SAVE_CONTEXT x17
        str     x17, STATE(OCAML_SP)
        ldr     x17, STATE(C_STACK)
        mov     sp, x17
.endm

/* C preserved the saved registers; x29 is read again because the stack may
   have moved. */
.macro LEAVE_C
        ldr     x17, STATE(OCAML_SP)
        mov     sp, x17
        ldp     x29, x30, [sp], #16
.endm

/* Calls the C function in x16, its arguments in place. */
FUNCTION G(caml_c_call)
        ENTER_C
        blr     x16
        LEAVE_C
        ret
END_FUNCTION G(caml_c_call)

/* The same for a C function that neither raises nor looks at this stack. */
FUNCTION G(caml_c_call_noalloc)
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        mov     x19, sp
        ldr     x17, STATE(C_STACK)
        mov     sp, x17
        blr     x16
        mov     sp, x19
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
END_FUNCTION G(caml_c_call_noalloc)

/* caml_unwind_to_ocaml(state): leaves all C frames of the innermost call from
   OCaml, which returns 0: in x0 for a C primitive, in x2 for a stub. */
FUNCTION G(caml_unwind_to_ocaml)
        mov     x21, x0
        ldr     x17, STATE(OCAML_SP)
        RESTORE_CONTEXT x17
        mov     x0, #0
        mov     x2, #0
        ret
END_FUNCTION G(caml_unwind_to_ocaml)

/* Stubs that are a C function of the same arguments. */
.macro C_STUB name, function
FUNCTION \name
        ENTER_C
        mov     x0, x2
        mov     x1, x3
        bl      \function
        LEAVE_C
        mov     x2, x0
        ret
END_FUNCTION \name
.endm

C_STUB G(caml_call_gc), G(caml_reserve_young_from_ocaml)
C_STUB G(caml_call_poll), G(caml_poll_from_ocaml)
C_STUB G(caml_stack_grow), G(caml_grow_stack)
C_STUB G(caml_stack_grow_by), G(caml_grow_stack_by)
C_STUB G(caml_raise_regular), G(caml_record_raise)
C_STUB G(caml_reraise), G(caml_record_reraise)
C_STUB G(caml_backtrace_caught), G(caml_cut_backtrace)
/* (exception, env): the code of caml_raise_unhandled_block */
C_STUB G(caml_raise_unhandled_code), G(caml_raise_unhandled_effect)
/* Errors of caml_resume and caml_perform, which jump here as called */
C_STUB G(caml_resume_again), G(caml_raise_continuation_already_resumed)

/* value caml_start_program(state, code, value args[4]): calls [code] on the
   current fiber; 0 means an exception, in state->exn. */
FUNCTION G(caml_start_program)
        stp     x29, x30, [sp, #-176]!
        mov     x29, sp
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        mov     x21, x0
        ldr     x8, STATE(C_STACK)
        str     x8, [sp, #160]
        mov     x8, sp
        str     x8, STATE(C_STACK)
        ldr     x8, STATE(OCAML_SP)
        sub     x9, x8, #(SAVED_BYTES + ENTRY_BYTES)
        mov     sp, x9
        stp     x8, xzr, [sp]           /* link of the walk */
        mov     x29, sp
        mov     x8, x1
        mov     x9, x2
        ldp     x2, x3, [x9]
        ldp     x4, x5, [x9, #16]
        blr     x8
L(return_to_c):
        ldr     x8, [sp]                /* moved with the stack */
        str     x8, STATE(OCAML_SP)
        ldr     x8, STATE(C_STACK)
        mov     sp, x8
        ldr     x8, [sp, #160]
        str     x8, STATE(C_STACK)
        mov     x0, x2
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        ldp     x29, x30, [sp], #176
        ret
END_FUNCTION G(caml_start_program)

/* Makes the fiber in x9 the current one and goes back to where it was
   suspended; the return address is then in x30. Changes x16 and x17. */
.macro SWITCH_TO_FIBER
        str     x9, STATE(CURRENT_STACK)
        str     x21, [x9, #FIBER_DOMAIN]
        ldr     x16, [x9, #FIBER_LIMIT]
        str     x16, STATE(STACK_LIMIT)
        ldr     x17, [x9, #FIBER_BASE]
        RESTORE_CONTEXT x17
.endm

/* caml_perform(effect) */
FUNCTION G(caml_perform)
        ldr     x8, STATE(CURRENT_STACK)
        ldr     x10, [x8, #FIBER_CALLBACK_DEPTH]
        cbnz    x10, G(caml_perform_unhandled)
        ldr     x9, [x8, #FIBER_PARENT]
        cbz     x9, G(caml_perform_unhandled)
        ldr     x3, STATE(YOUNG_PTR)
        sub     x3, x3, #CONT_BYTES
        ldr     x10, STATE(YOUNG_LIMIT)
        cmp     x3, x10
        b.lo    L(perform_collect)
        str     x3, STATE(YOUNG_PTR)
L(perform_allocated):
        mov     x10, #CONT_HEADER
        str     x10, [x3], #8           /* the continuation */
        add     x4, x8, #1              /* the last fiber */
        stp     x4, x4, [x3]
L(perform_to_parent):                   /* x8 current, x9 parent */
        SAVE_CONTEXT x17
        str     x17, [x8, #FIBER_BASE]
        str     xzr, [x8, #FIBER_PARENT]
        str     xzr, [x8, #FIBER_DOMAIN]
        SWITCH_TO_FIBER
        ldr     x5, [x8, #FIBER_HANDLE_EFFECT]
        b       G(caml_apply3)
L(perform_collect):
        ENTER_C
        mov     x0, x2
        bl      G(caml_collect_before_perform)
        LEAVE_C
        mov     x2, x0
        ldr     x8, STATE(CURRENT_STACK)
        ldr     x9, [x8, #FIBER_PARENT]
        ldr     x3, STATE(YOUNG_PTR)
        cbnz    x0, L(perform_allocated)
        ret
END_FUNCTION G(caml_perform)

C_STUB G(caml_perform_unhandled), G(caml_raise_unhandled_effect)

/* caml_reperform(effect, continuation, last fiber): the current fiber becomes
   the last one of the continuation. */
FUNCTION G(caml_reperform)
        ldr     x8, STATE(CURRENT_STACK)
        str     x8, [x4, #(FIBER_PARENT - 1)]
        ldr     x10, [x8, #FIBER_CALLBACK_DEPTH]
        cbnz    x10, L(reperform_unhandled)
        ldr     x9, [x8, #FIBER_PARENT]
        cbz     x9, L(reperform_unhandled)
        add     x4, x8, #1
        str     x4, [x3, #8]
        b       L(perform_to_parent)
        /* Nobody handles it: raise at the perform. */
L(reperform_unhandled):
        ENTER_C
        mov     x19, x2
        mov     x20, x4
        mov     x0, x3
        bl      G(caml_continuation_use_noexc)
        mov     x2, x0                  /* the fiber */
        mov     x4, x19                 /* argument: the effect */
        mov     x5, x20                 /* last fiber */
        ldr     x17, STATE(OCAML_SP)
        RESTORE_CONTEXT x17
        ADDRESS x3, G(caml_raise_unhandled_block)
        add     x3, x3, #8
        b       G(caml_resume)
END_FUNCTION G(caml_reperform)

/* caml_resume(fiber, closure, argument, last fiber) */
FUNCTION G(caml_resume)
        cmp     x2, #1
        b.eq    G(caml_resume_again)
        ldr     x8, STATE(CURRENT_STACK)
        str     x8, [x5, #(FIBER_PARENT - 1)]
        sub     x9, x2, #1
        SAVE_CONTEXT x17
        str     x17, [x8, #FIBER_BASE]
        SWITCH_TO_FIBER
        mov     x2, x4
        ldr     x16, [x3]
        br      x16
END_FUNCTION G(caml_resume)

/* caml_runstack(fiber, closure, argument): a new fiber, whose end calls one of
   its handlers in the parent. */
FUNCTION G(caml_runstack)
        ldr     x8, STATE(CURRENT_STACK)
        SAVE_CONTEXT x17
        str     x17, [x8, #FIBER_BASE]
        sub     x9, x2, #1
        str     x8, [x9, #FIBER_PARENT]
        str     x9, STATE(CURRENT_STACK)
        str     x21, [x9, #FIBER_DOMAIN]
        ldr     x16, [x9, #FIBER_LIMIT]
        str     x16, STATE(STACK_LIMIT)
        ldr     x17, [x9, #FIBER_TOP]
        mov     sp, x17
        mov     x29, sp
        mov     x2, x4
        ldr     x16, [x3]
        blr     x16
L(end_of_fiber):
        ldr     x0, STATE(CURRENT_STACK)
        ldr     x20, [x0, #FIBER_HANDLE_VALUE]
        mov     x19, x2
        cbnz    x2, 1f
        ldr     x20, [x0, #FIBER_HANDLE_EXN]
        ldr     x19, STATE(EXN)
        str     xzr, STATE(EXN)
1:      ldr     x22, [x0, #FIBER_PARENT]
        ldr     x17, STATE(C_STACK)
        mov     sp, x17
        bl      G(caml_free_fiber)
        mov     x9, x22
        mov     x2, x19
        mov     x3, x20
        SWITCH_TO_FIBER
        ldr     x16, [x3]
        br      x16
END_FUNCTION G(caml_runstack)

        .globl caml_system.code_end
caml_system.code_end:

        FRAME_TABLE 2
        FRAME L(return_to_c), FRAME_SIZE_ENTRY
        FRAME L(end_of_fiber), FRAME_SIZE_ENTRY
        NO_EXEC_STACK
