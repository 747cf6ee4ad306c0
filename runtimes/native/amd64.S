/* x86-64, System V: crossings between compiled code and C, exceptions raised
   by C, fibers. Contract: runtimes/ABI.md; layouts: stack.h.

   Cranelift's CallConv::Tail here:
   - arguments rdi rsi rdx rcx r8 r9 (as the C convention), then the stack;
     floats xmm0-xmm7; result rax or xmm0; the callee pops stack arguments;
   - callee-saved: rbx rbp r12 r13 r14. r15 is the pinned register: no compiled
     function saves or changes it, and C functions preserve it;
   - prologue `push rbp; mov rbp, rsp`, so a frame base is rbp: [rbp] the
     caller's, [rbp+8] the return address. A callee that tail-calls with more
     stack arguments than it got moves that pair down;
   - SP is a multiple of 16 at each call.

   So r15 is the domain state throughout, and r10, r11, rax are free at the
   entry of a stub. */

#include "asm.h"

#define STATE(field) STATE_##field(%r15)

        TEXT_SECTION
        .globl caml_system.code_begin
caml_system.code_begin:

/* At the entry of a stub: makes the frame base, saves the registers that
   belong to the caller below it, and leaves the base in [reg]. */
.macro SAVE_CONTEXT reg
        pushq   %rbp
        movq    %rsp, \reg
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
.endm

/* With a base in rsp: gives the registers back; the return address is next. */
.macro RESTORE_CONTEXT
        movq    -8(%rsp), %rbx
        movq    -16(%rsp), %r12
        movq    -24(%rsp), %r13
        movq    -32(%rsp), %r14
        popq    %rbp
.endm

.macro ENTER_C
        SAVE_CONTEXT %r10
        movq    %r10, STATE(OCAML_SP)
        movq    STATE(C_STACK), %rsp
.endm

/* C preserved rbx and r12-r14; rbp is read again because the stack may have
   moved. */
.macro LEAVE_C
        movq    STATE(OCAML_SP), %rsp
        popq    %rbp
.endm

/* Calls the C function in r11, its arguments in place. */
FUNCTION G(caml_c_call)
        ENTER_C
        call    *%r11
        LEAVE_C
        ret
END_FUNCTION G(caml_c_call)

/* The same for a C function that neither raises nor looks at this stack. */
FUNCTION G(caml_c_call_noalloc)
        pushq   %rbx
        movq    %rsp, %rbx
        movq    STATE(C_STACK), %rsp
        call    *%r11
        movq    %rbx, %rsp
        popq    %rbx
        ret
END_FUNCTION G(caml_c_call_noalloc)

/* caml_unwind_to_ocaml(state): leaves all C frames of the innermost call from
   OCaml, which returns 0. */
FUNCTION G(caml_unwind_to_ocaml)
        movq    %rdi, %r15
        movq    STATE(OCAML_SP), %rsp
        RESTORE_CONTEXT
        xorl    %eax, %eax
        ret
END_FUNCTION G(caml_unwind_to_ocaml)

/* Stubs that are a C function of the same arguments. */
.macro C_STUB name, function
FUNCTION \name
        leaq    \function(%rip), %r11
        jmp     G(caml_c_call)
END_FUNCTION \name
.endm

C_STUB G(caml_call_gc), G(caml_reserve_young_from_ocaml)
C_STUB G(caml_call_poll), G(caml_poll_from_ocaml)

/* The same for slow paths that change no register: what is live there stays
   where the fast path wants it. A frame of its own holds the registers; the
   exception, if any, is in the domain state. */
#define PRESERVED_BYTES 208
.macro PRESERVING_STUB name, stub, called
FUNCTION \name
        pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        subq    $(PRESERVED_BYTES - 72), %rsp
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movsd   %xmm\n, 8 * \n(%rsp)
        .endr
        call    \stub
\called:
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movsd   8 * \n(%rsp), %xmm\n
        .endr
        addq    $(PRESERVED_BYTES - 72), %rsp
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        popq    %rbp
        ret
END_FUNCTION \name
.endm

PRESERVING_STUB G(caml_call_gc_preserving), G(caml_call_gc), L(gc_called)
PRESERVING_STUB G(caml_call_poll_preserving), G(caml_call_poll), L(poll_called)
C_STUB G(caml_stack_grow), G(caml_grow_stack)
PRESERVING_STUB G(caml_stack_grow_preserving), G(caml_stack_grow), L(grow_called)
C_STUB G(caml_stack_grow_by), G(caml_grow_stack_by)
C_STUB G(caml_raise_regular), G(caml_record_raise)
C_STUB G(caml_reraise), G(caml_record_reraise)
C_STUB G(caml_backtrace_caught), G(caml_cut_backtrace)
/* (exception, env): the code of caml_raise_unhandled_block */
C_STUB G(caml_raise_unhandled_code), G(caml_raise_unhandled_effect)

/* value caml_start_program(state, code, value args[4]): calls [code] on the
   current fiber; 0 means an exception, in state->exn. */
FUNCTION G(caml_start_program)
        pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rdi, %r15
        pushq   STATE(C_STACK)
        movq    %rsp, STATE(C_STACK)
        movq    STATE(OCAML_SP), %r10
        leaq    -(SAVED_BYTES + ENTRY_BYTES)(%r10), %rsp
        movq    %r10, 0(%rsp)           /* link of the walk */
        movq    $0, 8(%rsp)
        movq    %rsp, %rbp
        movq    %rsi, %rax
        movq    0(%rdx), %rdi
        movq    8(%rdx), %rsi
        movq    24(%rdx), %rcx
        movq    16(%rdx), %rdx
        call    *%rax
L(return_to_c):
        movq    0(%rsp), %r10           /* moved with the stack */
        movq    %r10, STATE(OCAML_SP)
        movq    STATE(C_STACK), %rsp
        popq    STATE(C_STACK)
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
END_FUNCTION G(caml_start_program)

/* Makes the fiber in r11 the current one and goes back to where it was
   suspended; the return address is then on top of the stack. Changes rax. */
.macro SWITCH_TO_FIBER
        movq    %r11, STATE(CURRENT_STACK)
        movq    %r15, FIBER_DOMAIN(%r11)
        movq    FIBER_LIMIT(%r11), %rax
        movq    %rax, STATE(STACK_LIMIT)
        movq    FIBER_BASE(%r11), %rsp
        RESTORE_CONTEXT
.endm

/* caml_perform(effect) */
FUNCTION G(caml_perform)
        movq    STATE(CURRENT_STACK), %r10
        cmpq    $0, FIBER_CALLBACK_DEPTH(%r10)
        jne     L(unhandled)
        movq    FIBER_PARENT(%r10), %r11
        testq   %r11, %r11
        jz      L(unhandled)
        movq    STATE(YOUNG_PTR), %rsi
        subq    $CONT_BYTES, %rsi
        cmpq    STATE(YOUNG_LIMIT), %rsi
        jb      L(perform_collect)
        movq    %rsi, STATE(YOUNG_PTR)
L(perform_allocated):
        movq    $CONT_HEADER, (%rsi)
        addq    $8, %rsi                /* the continuation */
        leaq    1(%r10), %rdx           /* the last fiber */
        movq    %rdx, 0(%rsi)
        movq    %rdx, 8(%rsi)
L(perform_to_parent):                   /* r10 current, r11 parent */
        SAVE_CONTEXT %rax
        movq    %rax, FIBER_BASE(%r10)
        movq    $0, FIBER_PARENT(%r10)
        movq    $0, FIBER_DOMAIN(%r10)
        SWITCH_TO_FIBER
        movq    FIBER_HANDLE_EFFECT(%r10), %rcx
        jmp     PLT(caml_apply3)
L(perform_collect):
        ENTER_C
        call    PLT(caml_collect_before_perform)
        LEAVE_C
        movq    %rax, %rdi
        movq    STATE(CURRENT_STACK), %r10
        movq    FIBER_PARENT(%r10), %r11
        movq    STATE(YOUNG_PTR), %rsi
        testq   %rax, %rax
        jnz     L(perform_allocated)
        ret
L(unhandled):
        leaq    G(caml_raise_unhandled_effect)(%rip), %r11
        jmp     G(caml_c_call)
END_FUNCTION G(caml_perform)

/* caml_reperform(effect, continuation, last fiber): the current fiber becomes
   the last one of the continuation. */
FUNCTION G(caml_reperform)
        movq    STATE(CURRENT_STACK), %r10
        movq    %r10, FIBER_PARENT - 1(%rdx)
        cmpq    $0, FIBER_CALLBACK_DEPTH(%r10)
        jne     L(reperform_unhandled)
        movq    FIBER_PARENT(%r10), %r11
        testq   %r11, %r11
        jz      L(reperform_unhandled)
        leaq    1(%r10), %rdx
        movq    %rdx, 8(%rsi)
        jmp     L(perform_to_parent)
        /* Nobody handles it: raise at the perform. */
L(reperform_unhandled):
        ENTER_C
        movq    %rdi, %rbx
        movq    %rdx, %r12
        movq    %rsi, %rdi
        call    PLT(caml_continuation_use_noexc)
        movq    %rax, %rdi              /* the fiber */
        movq    %rbx, %rdx              /* argument: the effect */
        movq    %r12, %rcx              /* last fiber */
        movq    STATE(OCAML_SP), %rsp
        RESTORE_CONTEXT
        leaq    8 + G(caml_raise_unhandled_block)(%rip), %rsi
        jmp     G(caml_resume)
END_FUNCTION G(caml_reperform)

/* caml_resume(fiber, closure, argument, last fiber) */
FUNCTION G(caml_resume)
        cmpq    $1, %rdi
        je      L(already_resumed)
        movq    STATE(CURRENT_STACK), %r10
        movq    %r10, FIBER_PARENT - 1(%rcx)
        leaq    -1(%rdi), %r11
        SAVE_CONTEXT %rax
        movq    %rax, FIBER_BASE(%r10)
        SWITCH_TO_FIBER
        movq    %rdx, %rdi
        jmp     *(%rsi)
L(already_resumed):
        leaq    G(caml_raise_continuation_already_resumed)(%rip), %r11
        jmp     G(caml_c_call)
END_FUNCTION G(caml_resume)

/* caml_runstack(fiber, closure, argument): a new fiber, whose end calls one of
   its handlers in the parent. */
FUNCTION G(caml_runstack)
        movq    STATE(CURRENT_STACK), %r10
        SAVE_CONTEXT %rax
        movq    %rax, FIBER_BASE(%r10)
        leaq    -1(%rdi), %r11
        movq    %r10, FIBER_PARENT(%r11)
        movq    %r11, STATE(CURRENT_STACK)
        movq    %r15, FIBER_DOMAIN(%r11)
        movq    FIBER_LIMIT(%r11), %rax
        movq    %rax, STATE(STACK_LIMIT)
        movq    FIBER_TOP(%r11), %rsp
        movq    %rsp, %rbp
        movq    %rdx, %rdi
        call    *(%rsi)
L(end_of_fiber):
        movq    STATE(CURRENT_STACK), %rdi
        movq    FIBER_HANDLE_VALUE(%rdi), %r12
        movq    %rax, %rbx
        testq   %rax, %rax
        jnz     1f
        movq    FIBER_HANDLE_EXN(%rdi), %r12
        movq    STATE(EXN), %rbx
        movq    $0, STATE(EXN)
1:      movq    FIBER_PARENT(%rdi), %r13
        movq    STATE(C_STACK), %rsp
        call    PLT(caml_free_fiber)
        movq    %r13, %r11
        movq    %rbx, %rdi
        movq    %r12, %rsi
        SWITCH_TO_FIBER
        jmp     *(%rsi)
END_FUNCTION G(caml_runstack)

        .globl caml_system.code_end
caml_system.code_end:

        FRAME_TABLE 5
        FRAME L(gc_called), PRESERVED_BYTES
        FRAME L(poll_called), PRESERVED_BYTES
        FRAME L(grow_called), PRESERVED_BYTES
        FRAME L(return_to_c), FRAME_SIZE_ENTRY
        FRAME L(end_of_fiber), FRAME_SIZE_ENTRY
        NO_EXEC_STACK
