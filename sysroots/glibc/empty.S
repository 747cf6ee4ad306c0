/* crti.o and crtn.o of glibc rows: nothing, since no program of ours uses the old .init and .fini sections. */
        .section .note.GNU-stack,"",%progbits
