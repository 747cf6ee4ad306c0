/* See fake_runtime.c. */

#ifndef FAKE_RUNTIME_H
#define FAKE_RUNTIME_H

#include <setjmp.h>

/* Where exceptions go, and their text: kind, colon, argument. */
extern jmp_buf fake_handler;
extern char fake_message[512];

void fake_runtime_init(void);

#endif
