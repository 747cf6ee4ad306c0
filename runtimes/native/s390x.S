/* s390x, ELF: crossings between compiled code and C, exceptions raised by C,
   fibers. Contract: runtimes/ABI.md; layouts: stack.h.

   Cranelift's CallConv::Tail here:
   - arguments r2-r7, then the stack; floats f0 f2 f4 f6; result r2 or f0;
     stack arguments lie below the caller's SP and are popped by the callee;
   - callee-saved: r8-r14 (r6 and r7 are not, unlike in C), r15; callers count
     on no float register, callees save f8-f15 all the same;
   - no frame pointer: SP is constant in a function. The prologue stores the
     range from the first saved register to r15 at 8 * n above the caller's SP
     (the 160 bytes there belong to the callee), so a frame base is the
     caller's SP, with the return address at +112. Without stack arguments the
     epilogue takes r15 back from +120: what moves a stack must adjust it.

   There is no pinned register: the domain state is the first argument of every
   OCaml function and of every stub with the OCaml convention, and each of
   these stubs returns it in r3. C primitives do not get it: their crossing
   finds it through the thread's caml_state. It is in r13 across a C call (the
   caller's r13 is among the saved registers). r0 and r1 are free at the entry
   of a stub, r1 except for caml_c_call, and r8-r13 once saved. */

#include "asm.h"

        TEXT_SECTION
        .globl caml_system.code_begin
caml_system.code_begin:

/* At the entry of a stub: SP is the frame base; saves what C preserves. */
.macro SAVE_CONTEXT
        stmg    %r6, %r15, 48(%r15)
        stdy    %f8, -8(%r15)
        stdy    %f9, -16(%r15)
        stdy    %f10, -24(%r15)
        stdy    %f11, -32(%r15)
        stdy    %f12, -40(%r15)
        stdy    %f13, -48(%r15)
        stdy    %f14, -56(%r15)
        stdy    %f15, -64(%r15)
.endm

/* With a base in SP: gives the registers back from [first] to r14 (r6 and r7
   may hold arguments). */
.macro RESTORE_CONTEXT first, offset
        ldy     %f8, -8(%r15)
        ldy     %f9, -16(%r15)
        ldy     %f10, -24(%r15)
        ldy     %f11, -32(%r15)
        ldy     %f12, -40(%r15)
        ldy     %f13, -48(%r15)
        ldy     %f14, -56(%r15)
        ldy     %f15, -64(%r15)
        lmg     \first, %r14, \offset(%r15)
.endm

/* The thread's domain state, in r13. Changes r12. */
.macro LOAD_STATE
        ear     %r12, %a0
        sllg    %r12, %r12, 32
        ear     %r12, %a1
        larl    %r13, caml_state@INDNTPOFF
        lg      %r13, 0(%r13)
        lg      %r13, 0(%r12, %r13)
.endm

/* The state is in r13. */
.macro TO_C_STACK
        stg     %r15, STATE_OCAML_SP(%r13)
        lg      %r15, STATE_C_STACK(%r13)
.endm

/* C preserved the float registers. */
.macro LEAVE_C
        lg      %r15, STATE_OCAML_SP(%r13)
        lmg     %r6, %r14, 48(%r15)
.endm

/* Calls the C function in r1, its arguments in place. */
FUNCTION G(caml_c_call)
        SAVE_CONTEXT
        LOAD_STATE
        TO_C_STACK
        basr    %r14, %r1
        LEAVE_C
        br      %r14
END_FUNCTION G(caml_c_call)

/* The same for a C function that neither raises nor looks at this stack. */
FUNCTION G(caml_c_call_noalloc)
        stmg    %r11, %r15, 88(%r15)
        lgr     %r11, %r15
        LOAD_STATE
        lg      %r15, STATE_C_STACK(%r13)
        basr    %r14, %r1
        lgr     %r15, %r11
        lmg     %r11, %r14, 88(%r15)
        br      %r14
END_FUNCTION G(caml_c_call_noalloc)

/* caml_unwind_to_ocaml(state): leaves all C frames of the innermost call from
   OCaml, which returns 0. */
FUNCTION G(caml_unwind_to_ocaml)
        lgr     %r3, %r2
        lg      %r15, STATE_OCAML_SP(%r2)
        RESTORE_CONTEXT %r6, 48
        lghi    %r2, 0
        br      %r14
END_FUNCTION G(caml_unwind_to_ocaml)

/* Stubs that are a C function of the same arguments without the state. */
.macro C_STUB name, function
FUNCTION \name
        SAVE_CONTEXT
        lgr     %r13, %r2
        TO_C_STACK
        lgr     %r2, %r3
        lgr     %r3, %r4
        brasl   %r14, \function@PLT
        lgr     %r3, %r13
        LEAVE_C
        br      %r14
END_FUNCTION \name
.endm

C_STUB G(caml_call_gc), G(caml_reserve_young_from_ocaml)
C_STUB G(caml_call_poll), G(caml_poll_from_ocaml)
C_STUB G(caml_stack_grow), G(caml_grow_stack)
C_STUB G(caml_stack_grow_by), G(caml_grow_stack_by)
C_STUB G(caml_raise_regular), G(caml_record_raise)
C_STUB G(caml_reraise), G(caml_record_reraise)
C_STUB G(caml_backtrace_caught), G(caml_cut_backtrace)
/* (state, exception, env): the code of caml_raise_unhandled_block */
C_STUB G(caml_raise_unhandled_code), G(caml_raise_unhandled_effect)
/* Errors of caml_resume and caml_perform, which jump here as called */
C_STUB G(caml_resume_again), G(caml_raise_continuation_already_resumed)
C_STUB G(caml_perform_unhandled), G(caml_raise_unhandled_effect)

/* value caml_start_program(state, code, value args[4]): calls [code] on the
   current fiber; 0 means an exception, in state->exn. */
#define START_BYTES 240
FUNCTION G(caml_start_program)
        stmg    %r6, %r15, 48(%r15)
        aghi    %r15, -START_BYTES
        std     %f8, 176(%r15)
        std     %f9, 184(%r15)
        std     %f10, 192(%r15)
        std     %f11, 200(%r15)
        std     %f12, 208(%r15)
        std     %f13, 216(%r15)
        std     %f14, 224(%r15)
        std     %f15, 232(%r15)
        lgr     %r13, %r2
        lg      %r0, STATE_C_STACK(%r13)
        stg     %r0, 160(%r15)
        stg     %r15, STATE_C_STACK(%r13)
        lg      %r1, STATE_OCAML_SP(%r13)
        lay     %r15, -(SAVED_BYTES + ENTRY_BYTES)(%r1)
        stg     %r1, ENTRY_LINK(%r15)   /* link of the walk */
        lgr     %r1, %r3
        lg      %r3, 0(%r4)
        lg      %r5, 16(%r4)
        lg      %r6, 24(%r4)
        lg      %r4, 8(%r4)
        basr    %r14, %r1
L(return_to_c):
        lg      %r1, ENTRY_LINK(%r15)   /* moved with the stack */
        stg     %r1, STATE_OCAML_SP(%r13)
        lg      %r15, STATE_C_STACK(%r13)
        lg      %r0, 160(%r15)
        stg     %r0, STATE_C_STACK(%r13)
        ld      %f8, 176(%r15)
        ld      %f9, 184(%r15)
        ld      %f10, 192(%r15)
        ld      %f11, 200(%r15)
        ld      %f12, 208(%r15)
        ld      %f13, 216(%r15)
        ld      %f14, 224(%r15)
        ld      %f15, 232(%r15)
        lmg     %r6, %r15, (START_BYTES + 48)(%r15)
        br      %r14
END_FUNCTION G(caml_start_program)

/* Makes the fiber in r1 the current one of the state in r2 and goes back to
   where it was suspended; the return address is then in r14. Changes r0. */
.macro SWITCH_TO_FIBER
        stg     %r1, STATE_CURRENT_STACK(%r2)
        stg     %r2, FIBER_DOMAIN(%r1)
        lg      %r0, FIBER_LIMIT(%r1)
        stg     %r0, STATE_STACK_LIMIT(%r2)
        lg      %r15, FIBER_BASE(%r1)
        RESTORE_CONTEXT %r8, 64
.endm

/* caml_perform(state, effect) */
FUNCTION G(caml_perform)
        lg      %r1, STATE_CURRENT_STACK(%r2)
        ltg     %r0, FIBER_CALLBACK_DEPTH(%r1)
        jne     G(caml_perform_unhandled)
        ltg     %r0, FIBER_PARENT(%r1)
        je      G(caml_perform_unhandled)
        lg      %r4, STATE_YOUNG_PTR(%r2)
        aghi    %r4, -CONT_BYTES
        clg     %r4, STATE_YOUNG_LIMIT(%r2)
        jl      L(perform_collect)
        stg     %r4, STATE_YOUNG_PTR(%r2)
L(perform_allocated):
        mvghi   0(%r4), CONT_HEADER
        aghi    %r4, 8                  /* the continuation */
        la      %r5, 1(%r1)             /* the last fiber */
        stg     %r5, 0(%r4)
        stg     %r5, 8(%r4)
L(perform_to_parent):                   /* r1 current, r0 parent */
        SAVE_CONTEXT
        stg     %r15, FIBER_BASE(%r1)
        mvghi   FIBER_PARENT(%r1), 0
        mvghi   FIBER_DOMAIN(%r1), 0
        lg      %r6, FIBER_HANDLE_EFFECT(%r1)
        lgr     %r1, %r0
        SWITCH_TO_FIBER
        jg      caml_apply3@PLT
L(perform_collect):
        SAVE_CONTEXT
        lgr     %r13, %r2
        TO_C_STACK
        lgr     %r2, %r3
        brasl   %r14, caml_collect_before_perform@PLT
        lgr     %r3, %r2
        lgr     %r2, %r13
        LEAVE_C
        lg      %r1, STATE_CURRENT_STACK(%r2)
        lg      %r0, FIBER_PARENT(%r1)
        lg      %r4, STATE_YOUNG_PTR(%r2)
        ltgr    %r3, %r3
        jne     L(perform_allocated)
        lgr     %r3, %r2
        lghi    %r2, 0
        br      %r14
END_FUNCTION G(caml_perform)

/* caml_reperform(state, effect, continuation, last fiber): the current fiber
   becomes the last one of the continuation. */
FUNCTION G(caml_reperform)
        lg      %r1, STATE_CURRENT_STACK(%r2)
        stg     %r1, (FIBER_PARENT - 1)(%r5)
        ltg     %r0, FIBER_CALLBACK_DEPTH(%r1)
        jne     L(reperform_unhandled)
        ltg     %r0, FIBER_PARENT(%r1)
        je      L(reperform_unhandled)
        la      %r5, 1(%r1)
        stg     %r5, 8(%r4)
        j       L(perform_to_parent)
        /* Nobody handles it: raise at the perform. */
L(reperform_unhandled):
        SAVE_CONTEXT
        lgr     %r13, %r2
        TO_C_STACK
        lgr     %r11, %r3
        lgr     %r10, %r5
        lgr     %r2, %r4
        brasl   %r14, caml_continuation_use_noexc@PLT
        lgr     %r3, %r2                /* the fiber */
        lgr     %r2, %r13
        lgr     %r5, %r11               /* argument: the effect */
        lgr     %r6, %r10               /* last fiber */
        lg      %r15, STATE_OCAML_SP(%r13)
        RESTORE_CONTEXT %r8, 64
        larl    %r4, caml_raise_unhandled_block
        aghi    %r4, 8
        j       G(caml_resume)
END_FUNCTION G(caml_reperform)

/* caml_resume(state, fiber, closure, argument, last fiber) */
FUNCTION G(caml_resume)
        cghi    %r3, 1
        je      G(caml_resume_again)
        lg      %r1, STATE_CURRENT_STACK(%r2)
        stg     %r1, (FIBER_PARENT - 1)(%r6)
        SAVE_CONTEXT
        stg     %r15, FIBER_BASE(%r1)
        lgr     %r1, %r3
        aghi    %r1, -1
        SWITCH_TO_FIBER
        lgr     %r3, %r5
        lg      %r1, 0(%r4)
        br      %r1
END_FUNCTION G(caml_resume)

/* caml_runstack(state, fiber, closure, argument): a new fiber, whose end calls
   one of its handlers in the parent. It may end in another domain. */
FUNCTION G(caml_runstack)
        lg      %r1, STATE_CURRENT_STACK(%r2)
        SAVE_CONTEXT
        stg     %r15, FIBER_BASE(%r1)
        lgr     %r6, %r3
        aghi    %r6, -1
        stg     %r1, FIBER_PARENT(%r6)
        stg     %r6, STATE_CURRENT_STACK(%r2)
        stg     %r2, FIBER_DOMAIN(%r6)
        lg      %r0, FIBER_LIMIT(%r6)
        stg     %r0, STATE_STACK_LIMIT(%r2)
        lg      %r15, FIBER_TOP(%r6)
        lgr     %r3, %r5
        lg      %r1, 0(%r4)
        basr    %r14, %r1
L(end_of_fiber):
        lgr     %r11, %r2
        LOAD_STATE
        lg      %r2, STATE_CURRENT_STACK(%r13)
        lg      %r10, FIBER_HANDLE_VALUE(%r2)
        ltgr    %r11, %r11
        jne     1f
        lg      %r10, FIBER_HANDLE_EXN(%r2)
        lg      %r11, STATE_EXN(%r13)
        mvghi   STATE_EXN(%r13), 0
1:      lg      %r9, FIBER_PARENT(%r2)
        lg      %r15, STATE_C_STACK(%r13)
        brasl   %r14, caml_free_fiber@PLT
        lgr     %r2, %r13
        lgr     %r3, %r11
        lgr     %r4, %r10
        lgr     %r1, %r9
        SWITCH_TO_FIBER
        lg      %r1, 0(%r4)
        br      %r1
END_FUNCTION G(caml_runstack)

        .globl caml_system.code_end
caml_system.code_end:

        FRAME_TABLE 2
        FRAME L(return_to_c), FRAME_SIZE_ENTRY
        FRAME L(end_of_fiber), FRAME_SIZE_ENTRY
        NO_EXEC_STACK
