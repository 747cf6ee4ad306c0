/* Modules Mutex and Condition: custom blocks that hold a pointer to the
   system's object. */
#define CAML_INTERNALS

#include <stdio.h>
#include <string.h>

#include "caml/alloc.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/signals.h"
#include "caml/sync.h"
#include "caml/sys.h"

CAMLexport void caml_check_error(int err, char const *msg)
{
  if (err == 0) return;
  if (err == ENOMEM) caml_raise_out_of_memory();
  char reason[256], text[512];
  snprintf(text, sizeof text, "%s: %s", msg,
           caml_strerror(err, reason, sizeof reason));
  caml_raise_sys_error(caml_copy_string(text));
}

/* ---- mutexes ---- */

static void finalise_mutex(value v)
{
  caml_plat_mutex_free(Mutex_val(v));
  caml_stat_free(Mutex_val(v));
}

static int compare_addresses(value v1, value v2)
{
  void *p1 = *(void **)Data_custom_val(v1), *p2 = *(void **)Data_custom_val(v2);
  return (p1 > p2) - (p1 < p2);
}

static intnat hash_address(value v) { return *(intnat *)Data_custom_val(v); }

static const struct custom_operations mutex_ops = {
  .identifier = "_mutex",
  .finalize = finalise_mutex,
  .compare = compare_addresses,
  .hash = hash_address,
};

CAMLprim value caml_ml_mutex_new(value unit)
{
  (void)unit;
  sync_mutex m = caml_stat_alloc(sizeof *m);
  caml_plat_mutex_init(m);
  value v = caml_alloc_custom(&mutex_ops, sizeof m, 0, 1);
  Mutex_val(v) = m;
  return v;
}

CAMLexport int caml_mutex_lock(sync_mutex m) { return pthread_mutex_lock(m); }

CAMLexport int caml_mutex_unlock(sync_mutex m)
{
  return pthread_mutex_unlock(m);
}

CAMLprim value caml_ml_mutex_lock(value v)
{
  CAMLparam1(v);
  sync_mutex m = Mutex_val(v);
  int err = pthread_mutex_trylock(m);
  if (err == EBUSY) {
    caml_enter_blocking_section();
    err = caml_mutex_lock(m);
    caml_leave_blocking_section();
  }
  caml_check_error(err, "Mutex.lock");
  CAMLreturn(Val_unit);
}

CAMLprim value caml_ml_mutex_unlock(value v)
{
  caml_check_error(caml_mutex_unlock(Mutex_val(v)), "Mutex.unlock");
  return Val_unit;
}

CAMLprim value caml_ml_mutex_try_lock(value v)
{
  int err = pthread_mutex_trylock(Mutex_val(v));
  if (err == EBUSY) return Val_false;
  caml_check_error(err, "Mutex.try_lock");
  return Val_true;
}

/* ---- conditions ---- */

static void finalise_condition(value v)
{
  caml_plat_cond_free(Condition_val(v));
  caml_stat_free(Condition_val(v));
}

static const struct custom_operations condition_ops = {
  .identifier = "_condition",
  .finalize = finalise_condition,
  .compare = compare_addresses,
  .hash = hash_address,
};

CAMLprim value caml_ml_condition_new(value unit)
{
  (void)unit;
  sync_condvar c = caml_stat_alloc(sizeof *c);
  caml_plat_cond_init(c);
  value v = caml_alloc_custom(&condition_ops, sizeof c, 0, 1);
  Condition_val(v) = c;
  return v;
}

CAMLprim value caml_ml_condition_wait(value vcond, value vmutex)
{
  CAMLparam2(vcond, vmutex);
  sync_condvar c = Condition_val(vcond);
  sync_mutex m = Mutex_val(vmutex);
  caml_enter_blocking_section();
  int err = pthread_cond_wait(c, m);
  caml_leave_blocking_section();
  caml_check_error(err, "Condition.wait");
  CAMLreturn(Val_unit);
}

CAMLprim value caml_ml_condition_signal(value v)
{
  caml_check_error(pthread_cond_signal(Condition_val(v)), "Condition.signal");
  return Val_unit;
}

CAMLprim value caml_ml_condition_broadcast(value v)
{
  caml_check_error(pthread_cond_broadcast(Condition_val(v)),
                   "Condition.broadcast");
  return Val_unit;
}
