/* RISC-V 64, LP64D: crossings between compiled code and C, exceptions raised
   by C, fibers. Contract: runtimes/ABI.md; layouts: stack.h.

   Cranelift's CallConv::Tail here:
   - arguments a0-a7, then the stack; floats fa0-fa7; result a0 or fa0; the
     callee pops stack arguments;
   - callee-saved: s0-s11, fs0-fs11, as in C;
   - prologue `addi sp, -16; sd ra, 8(sp); sd s0, 0(sp); mv s0, sp`, so a frame
     base is s0. A callee that tail-calls with more stack arguments than it got
     moves that pair down;
   - t5 and t6 are the register allocator's scratch.

   There is no pinned register: the domain state is the first argument of every
   OCaml function and of every stub with the OCaml convention, and each of
   these stubs returns it in a1. C primitives do not get it: their crossing
   finds it through the thread's caml_state. It is in s1 across a C call (the
   caller's s1 is among the saved registers). t0-t6 are free at the entry of a
   stub, except t3 for caml_c_call. */

#include "asm.h"

        TEXT_SECTION
        .globl caml_system.code_begin
caml_system.code_begin:

/* At the entry of a stub: makes the frame base, which is SP then, and saves
   the registers that belong to the caller below it. */
.macro SAVE_CONTEXT
        addi    sp, sp, -16
        sd      ra, 8(sp)
        sd      s0, 0(sp)
        sd      s1, -8(sp)
        sd      s2, -16(sp)
        sd      s3, -24(sp)
        sd      s4, -32(sp)
        sd      s5, -40(sp)
        sd      s6, -48(sp)
        sd      s7, -56(sp)
        sd      s8, -64(sp)
        sd      s9, -72(sp)
        sd      s10, -80(sp)
        sd      s11, -88(sp)
        fsd     fs0, -96(sp)
        fsd     fs1, -104(sp)
        fsd     fs2, -112(sp)
        fsd     fs3, -120(sp)
        fsd     fs4, -128(sp)
        fsd     fs5, -136(sp)
        fsd     fs6, -144(sp)
        fsd     fs7, -152(sp)
        fsd     fs8, -160(sp)
        fsd     fs9, -168(sp)
        fsd     fs10, -176(sp)
        fsd     fs11, -184(sp)
.endm

/* With a base in SP: gives the registers back, SP that of the caller. */
.macro RESTORE_CONTEXT
        ld      s1, -8(sp)
        ld      s2, -16(sp)
        ld      s3, -24(sp)
        ld      s4, -32(sp)
        ld      s5, -40(sp)
        ld      s6, -48(sp)
        ld      s7, -56(sp)
        ld      s8, -64(sp)
        ld      s9, -72(sp)
        ld      s10, -80(sp)
        ld      s11, -88(sp)
        fld     fs0, -96(sp)
        fld     fs1, -104(sp)
        fld     fs2, -112(sp)
        fld     fs3, -120(sp)
        fld     fs4, -128(sp)
        fld     fs5, -136(sp)
        fld     fs6, -144(sp)
        fld     fs7, -152(sp)
        fld     fs8, -160(sp)
        fld     fs9, -168(sp)
        fld     fs10, -176(sp)
        fld     fs11, -184(sp)
        ld      s0, 0(sp)
        ld      ra, 8(sp)
        addi    sp, sp, 16
.endm

/* The thread's domain state. Changes t0. */
.macro LOAD_STATE reg
        la.tls.ie t0, G(caml_state)
        add     t0, t0, tp
        ld      \reg, 0(t0)
.endm

/* The state is in s1. */
.macro TO_C_STACK
        sd      sp, STATE_OCAML_SP(s1)
        ld      sp, STATE_C_STACK(s1)
.endm

/* C preserved the saved registers, but s1 held the state; s0 is read again
   because the stack may have moved. */
.macro LEAVE_C
        ld      sp, STATE_OCAML_SP(s1)
        ld      s1, -8(sp)
        ld      s0, 0(sp)
        ld      ra, 8(sp)
        addi    sp, sp, 16
.endm

/* Calls the C function in t3, its arguments in place. */
FUNCTION G(caml_c_call)
        SAVE_CONTEXT
        LOAD_STATE s1
        TO_C_STACK
        jalr    t3
        LEAVE_C
        ret
END_FUNCTION G(caml_c_call)

/* The same for a C function that neither raises nor looks at this stack. */
FUNCTION G(caml_c_call_noalloc)
        addi    sp, sp, -16
        sd      ra, 8(sp)
        sd      s1, 0(sp)
        mv      s1, sp
        LOAD_STATE t1
        ld      sp, STATE_C_STACK(t1)
        jalr    t3
        mv      sp, s1
        ld      s1, 0(sp)
        ld      ra, 8(sp)
        addi    sp, sp, 16
        ret
END_FUNCTION G(caml_c_call_noalloc)

/* caml_unwind_to_ocaml(state): leaves all C frames of the innermost call from
   OCaml, which returns 0. */
FUNCTION G(caml_unwind_to_ocaml)
        mv      a1, a0
        ld      sp, STATE_OCAML_SP(a0)
        RESTORE_CONTEXT
        li      a0, 0
        ret
END_FUNCTION G(caml_unwind_to_ocaml)

/* Stubs that are a C function of the same arguments without the state. */
.macro C_STUB name, function
FUNCTION \name
        SAVE_CONTEXT
        mv      s1, a0
        TO_C_STACK
        mv      a0, a1
        mv      a1, a2
        call    \function
        mv      a1, s1
        LEAVE_C
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
/* (state, exception, env): the code of caml_raise_unhandled_block */
C_STUB G(caml_raise_unhandled_code), G(caml_raise_unhandled_effect)
/* Errors of caml_resume and caml_perform, which jump here as called */
C_STUB G(caml_resume_again), G(caml_raise_continuation_already_resumed)
C_STUB G(caml_perform_unhandled), G(caml_raise_unhandled_effect)

/* value caml_start_program(state, code, value args[4]): calls [code] on the
   current fiber; 0 means an exception, in state->exn. */
#define START_BYTES 224
FUNCTION G(caml_start_program)
        addi    sp, sp, -START_BYTES
        sd      ra, 216(sp)
        sd      s0, 208(sp)
        sd      s1, 200(sp)
        sd      s2, 192(sp)
        sd      s3, 184(sp)
        sd      s4, 176(sp)
        sd      s5, 168(sp)
        sd      s6, 160(sp)
        sd      s7, 152(sp)
        sd      s8, 144(sp)
        sd      s9, 136(sp)
        sd      s10, 128(sp)
        sd      s11, 120(sp)
        fsd     fs0, 112(sp)
        fsd     fs1, 104(sp)
        fsd     fs2, 96(sp)
        fsd     fs3, 88(sp)
        fsd     fs4, 80(sp)
        fsd     fs5, 72(sp)
        fsd     fs6, 64(sp)
        fsd     fs7, 56(sp)
        fsd     fs8, 48(sp)
        fsd     fs9, 40(sp)
        fsd     fs10, 32(sp)
        fsd     fs11, 24(sp)
        mv      s1, a0
        ld      t0, STATE_C_STACK(s1)
        sd      t0, 0(sp)
        sd      sp, STATE_C_STACK(s1)
        ld      t0, STATE_OCAML_SP(s1)
        addi    sp, t0, -(SAVED_BYTES + ENTRY_BYTES)
        sd      t0, 0(sp)               /* link of the walk */
        sd      zero, 8(sp)
        mv      s0, sp
        mv      t1, a1
        mv      t2, a2
        ld      a1, 0(t2)
        ld      a2, 8(t2)
        ld      a3, 16(t2)
        ld      a4, 24(t2)
        jalr    t1
L(return_to_c):
        ld      t0, 0(sp)               /* moved with the stack */
        sd      t0, STATE_OCAML_SP(s1)
        ld      sp, STATE_C_STACK(s1)
        ld      t0, 0(sp)
        sd      t0, STATE_C_STACK(s1)
        ld      ra, 216(sp)
        ld      s0, 208(sp)
        ld      s1, 200(sp)
        ld      s2, 192(sp)
        ld      s3, 184(sp)
        ld      s4, 176(sp)
        ld      s5, 168(sp)
        ld      s6, 160(sp)
        ld      s7, 152(sp)
        ld      s8, 144(sp)
        ld      s9, 136(sp)
        ld      s10, 128(sp)
        ld      s11, 120(sp)
        fld     fs0, 112(sp)
        fld     fs1, 104(sp)
        fld     fs2, 96(sp)
        fld     fs3, 88(sp)
        fld     fs4, 80(sp)
        fld     fs5, 72(sp)
        fld     fs6, 64(sp)
        fld     fs7, 56(sp)
        fld     fs8, 48(sp)
        fld     fs9, 40(sp)
        fld     fs10, 32(sp)
        fld     fs11, 24(sp)
        addi    sp, sp, START_BYTES
        ret
END_FUNCTION G(caml_start_program)

/* Makes the fiber in t2 the current one of the state in a0 and goes back to
   where it was suspended; the return address is then in ra. Changes t0. */
.macro SWITCH_TO_FIBER
        sd      t2, STATE_CURRENT_STACK(a0)
        sd      a0, FIBER_DOMAIN(t2)
        ld      t0, FIBER_LIMIT(t2)
        sd      t0, STATE_STACK_LIMIT(a0)
        ld      sp, FIBER_BASE(t2)
        RESTORE_CONTEXT
.endm

/* caml_perform(state, effect) */
FUNCTION G(caml_perform)
        ld      t1, STATE_CURRENT_STACK(a0)
        ld      t0, FIBER_CALLBACK_DEPTH(t1)
        bnez    t0, G(caml_perform_unhandled)
        ld      t2, FIBER_PARENT(t1)
        beqz    t2, G(caml_perform_unhandled)
        ld      a2, STATE_YOUNG_PTR(a0)
        addi    a2, a2, -CONT_BYTES
        ld      t0, STATE_YOUNG_LIMIT(a0)
        bltu    a2, t0, L(perform_collect)
        sd      a2, STATE_YOUNG_PTR(a0)
L(perform_allocated):
        li      t0, CONT_HEADER
        sd      t0, 0(a2)
        addi    a2, a2, 8               /* the continuation */
        addi    a3, t1, 1               /* the last fiber */
        sd      a3, 0(a2)
        sd      a3, 8(a2)
L(perform_to_parent):                   /* t1 current, t2 parent */
        SAVE_CONTEXT
        sd      sp, FIBER_BASE(t1)
        sd      zero, FIBER_PARENT(t1)
        sd      zero, FIBER_DOMAIN(t1)
        SWITCH_TO_FIBER
        ld      a4, FIBER_HANDLE_EFFECT(t1)
        tail    G(caml_apply3)
L(perform_collect):
        SAVE_CONTEXT
        mv      s1, a0
        TO_C_STACK
        mv      a0, a1
        call    G(caml_collect_before_perform)
        mv      a1, a0
        mv      a0, s1
        LEAVE_C
        ld      t1, STATE_CURRENT_STACK(a0)
        ld      t2, FIBER_PARENT(t1)
        ld      a2, STATE_YOUNG_PTR(a0)
        bnez    a1, L(perform_allocated)
        mv      a1, a0
        li      a0, 0
        ret
END_FUNCTION G(caml_perform)

/* caml_reperform(state, effect, continuation, last fiber): the current fiber
   becomes the last one of the continuation. */
FUNCTION G(caml_reperform)
        ld      t1, STATE_CURRENT_STACK(a0)
        sd      t1, (FIBER_PARENT - 1)(a3)
        ld      t0, FIBER_CALLBACK_DEPTH(t1)
        bnez    t0, L(reperform_unhandled)
        ld      t2, FIBER_PARENT(t1)
        beqz    t2, L(reperform_unhandled)
        addi    a3, t1, 1
        sd      a3, 8(a2)
        j       L(perform_to_parent)
        /* Nobody handles it: raise at the perform. */
L(reperform_unhandled):
        SAVE_CONTEXT
        mv      s1, a0
        TO_C_STACK
        mv      s2, a1
        mv      s3, a3
        mv      a0, a2
        call    G(caml_continuation_use_noexc)
        mv      a1, a0                  /* the fiber */
        mv      a0, s1
        mv      a3, s2                  /* argument: the effect */
        mv      a4, s3                  /* last fiber */
        ld      sp, STATE_OCAML_SP(s1)
        RESTORE_CONTEXT
        lla     a2, G(caml_raise_unhandled_block)
        addi    a2, a2, 8
        j       G(caml_resume)
END_FUNCTION G(caml_reperform)

/* caml_resume(state, fiber, closure, argument, last fiber) */
FUNCTION G(caml_resume)
        li      t0, 1
        beq     a1, t0, G(caml_resume_again)
        ld      t1, STATE_CURRENT_STACK(a0)
        sd      t1, (FIBER_PARENT - 1)(a4)
        addi    t2, a1, -1
        SAVE_CONTEXT
        sd      sp, FIBER_BASE(t1)
        SWITCH_TO_FIBER
        mv      a1, a3
        ld      t0, 0(a2)
        jr      t0
END_FUNCTION G(caml_resume)

/* caml_runstack(state, fiber, closure, argument): a new fiber, whose end calls
   one of its handlers in the parent. It may end in another domain. */
FUNCTION G(caml_runstack)
        ld      t1, STATE_CURRENT_STACK(a0)
        SAVE_CONTEXT
        sd      sp, FIBER_BASE(t1)
        addi    t2, a1, -1
        sd      t1, FIBER_PARENT(t2)
        sd      t2, STATE_CURRENT_STACK(a0)
        sd      a0, FIBER_DOMAIN(t2)
        ld      t0, FIBER_LIMIT(t2)
        sd      t0, STATE_STACK_LIMIT(a0)
        ld      sp, FIBER_TOP(t2)
        mv      s0, sp
        mv      a1, a3
        ld      t0, 0(a2)
        jalr    t0
L(end_of_fiber):
        mv      s2, a0
        LOAD_STATE s1
        ld      a0, STATE_CURRENT_STACK(s1)
        ld      s3, FIBER_HANDLE_VALUE(a0)
        bnez    s2, 1f
        ld      s3, FIBER_HANDLE_EXN(a0)
        ld      s2, STATE_EXN(s1)
        sd      zero, STATE_EXN(s1)
1:      ld      s4, FIBER_PARENT(a0)
        ld      sp, STATE_C_STACK(s1)
        call    G(caml_free_fiber)
        mv      a0, s1
        mv      a1, s2
        mv      a2, s3
        mv      t2, s4
        SWITCH_TO_FIBER
        ld      t0, 0(a2)
        jr      t0
END_FUNCTION G(caml_runstack)

        .globl caml_system.code_end
caml_system.code_end:

        FRAME_TABLE 2
        FRAME L(return_to_c), FRAME_SIZE_ENTRY
        FRAME L(end_of_fiber), FRAME_SIZE_ENTRY
        NO_EXEC_STACK
