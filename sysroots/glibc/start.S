/* Scrt1.o of glibc rows: the first instructions of a program, per architecture, and the empty crti.o and crtn.o.
 *
 * The kernel and ld.so leave argc, argv and the environment on the stack, and a function to run at exit in a register.
 * `_start` hands them to `__libc_start_main`, with `rocaml_init` to run the program's initialisers: releases of glibc before
 * 2.34 expect the program to bring that function, later ones call it when given.
 */

        .section .note.GNU-stack,"",%progbits
        .text
        .globl  _start
        .type   _start, %function
#if defined(__x86_64__)
_start:
        .cfi_startproc
        .cfi_undefined %rip
        xorl    %ebp, %ebp
        movq    %rdx, %r9               /* function for exit, from ld.so */
        popq    %rsi                    /* argc */
        movq    %rsp, %rdx              /* argv */
        andq    $-16, %rsp
        pushq   %rax                    /* keeps the alignment */
        pushq   %rsp                    /* end of the stack */
        xorl    %r8d, %r8d              /* fini: ld.so runs .fini_array */
        leaq    rocaml_init(%rip), %rcx
        movq    main@GOTPCREL(%rip), %rdi
        call    *__libc_start_main@GOTPCREL(%rip)
        hlt
        .cfi_endproc
#elif defined(__aarch64__)
_start:
        .cfi_startproc
        .cfi_undefined x30
        mov     x29, #0
        mov     x30, #0
        mov     x5, x0                  /* function for exit */
        ldr     x1, [sp]                /* argc */
        add     x2, sp, #8              /* argv */
        mov     x6, sp                  /* end of the stack */
        adrp    x0, :got:main
        ldr     x0, [x0, :got_lo12:main]
        adrp    x3, rocaml_init
        add     x3, x3, :lo12:rocaml_init
        mov     x4, #0
        bl      __libc_start_main
        brk     #1
        .cfi_endproc
#elif defined(__riscv)
_start:
        .cfi_startproc
        .cfi_undefined ra
        .option push
        .option norelax
        lla     gp, __global_pointer$
        .option pop
        mv      a5, a0                  /* function for exit */
        la      a0, main
        ld      a1, 0(sp)               /* argc */
        addi    a2, sp, 8               /* argv */
        mv      a6, sp                  /* end of the stack */
        andi    sp, sp, -16
        lla     a3, rocaml_init
        li      a4, 0
        call    __libc_start_main@plt
        ebreak
        .cfi_endproc
#elif defined(__s390x__)
_start:
        .cfi_startproc
        .cfi_undefined %r14
        lg      %r3, 0(%r15)            /* argc */
        la      %r4, 8(%r15)            /* argv */
        lgr     %r1, %r15               /* end of the stack */
        nill    %r15, 0xfff8
        aghi    %r15, -176
        xc      0(8,%r15), 0(%r15)      /* no caller */
        stg     %r14, 160(%r15)         /* function for exit */
        stg     %r1, 168(%r15)
        larl    %r5, rocaml_init
        lghi    %r6, 0
        larl    %r2, main@GOT
        lg      %r2, 0(%r2)
        brasl   %r14, __libc_start_main@PLT
        .short  0                       /* not an instruction: it does not return */
        .cfi_endproc
#endif
        .size   _start, . - _start
