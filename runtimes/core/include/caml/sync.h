/* Mutexes and conditions of the OCaml modules Mutex and Condition. */
#ifndef CAML_SYNC_H
#define CAML_SYNC_H

#ifdef CAML_INTERNALS

#include "mlvalues.h"
#include "platform.h"

typedef caml_plat_mutex *sync_mutex;
typedef caml_plat_cond *sync_condvar;

#define Mutex_val(v) (*((sync_mutex *)Data_custom_val(v)))
#define Condition_val(v) (*(sync_condvar *)Data_custom_val(v))

CAMLextern int caml_mutex_lock(sync_mutex mut);
CAMLextern int caml_mutex_unlock(sync_mutex mut);
value caml_ml_mutex_lock(value wrapper);
value caml_ml_mutex_unlock(value wrapper);
value caml_ml_condition_broadcast(value wrapper);

#endif /* CAML_INTERNALS */

#endif /* CAML_SYNC_H */
