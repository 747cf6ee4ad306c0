/* Calls from C to OCaml, named values, embedding. */
#ifndef CAML_CALLBACK_H
#define CAML_CALLBACK_H

#include "mlvalues.h"
#include "memory.h"

#ifdef __cplusplus
extern "C" {
#endif

void caml_init_callbacks(void);

/* An exception of the callback goes on to the caller. */
CAMLextern value caml_callback(value closure, value arg);
CAMLextern value caml_callback2(value closure, value arg1, value arg2);
CAMLextern value caml_callback3(value closure, value arg1, value arg2,
                                value arg3);
CAMLextern value caml_callbackN(value closure, int narg, value args[]);

/* An exception of the callback is a result. */
CAMLextern caml_result caml_callback_res(value closure, value arg);
CAMLextern caml_result caml_callback2_res(value closure, value arg1,
                                          value arg2);
CAMLextern caml_result caml_callback3_res(value closure, value arg1,
                                          value arg2, value arg3);
CAMLextern caml_result caml_callbackN_res(value closure, int narg,
                                          value args[]);

/* The same, encoded in a word (Is_exception_result). */
CAMLextern value caml_callback_exn(value closure, value arg);
CAMLextern value caml_callback2_exn(value closure, value arg1, value arg2);
CAMLextern value caml_callback3_exn(value closure, value arg1, value arg2,
                                    value arg3);
CAMLextern value caml_callbackN_exn(value closure, int narg, value args[]);

CAMLextern const value *caml_named_value(char const *name);
typedef void (*caml_named_action)(const value *, char *);
CAMLextern void caml_iterate_named_values(caml_named_action f);

CAMLextern void caml_main(char_os **argv);
CAMLextern void caml_startup(char_os **argv);
CAMLextern value caml_startup_exn(char_os **argv);
CAMLextern void caml_startup_pooled(char_os **argv);
CAMLextern value caml_startup_pooled_exn(char_os **argv);
CAMLextern void caml_shutdown(void);

#ifdef __cplusplus
}
#endif

#endif /* CAML_CALLBACK_H */
