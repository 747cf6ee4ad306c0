/* Calls from C to OCaml, and the values that OCaml code registers for C. */

#define CAML_INTERNALS

#include "caml/callback.h"

#include <stdlib.h>
#include <string.h>

#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "fiber.h"

/* ---- callbacks ---- */

/* In the startup object (ABI.md, section 8). */
extern value caml_apply2(value, value, value);
extern value caml_apply3(value, value, value, value);

/* Runs [code]; effects that it performs do not cross this call. */
static caml_result run(void *code, value args[4])
{
  Caml_check_caml_state();
  caml_domain_state *state = Caml_state;
  if (!caml_make_room_for_callback(state))
    return Result_exception(caml_exception_stack_overflow());
  struct stack_info *stk = state->current_stack;
  stk->callback_depth++;
  value v = caml_start_program(state, code, args);
  stk->callback_depth--;
  if (v != 0) return Result_value(v);
  value exn = state->exn;
  state->exn = 0;
  return Result_exception(exn);
}

caml_result caml_callback_res(value closure, value arg)
{
  value args[4] = { arg, closure };
  return run((void *)Code_val(closure), args);
}

caml_result caml_callback2_res(value closure, value arg1, value arg2)
{
  value args[4] = { arg1, arg2, closure };
  return run((void *)caml_apply2, args);
}

caml_result caml_callback3_res(value closure, value arg1, value arg2,
                               value arg3)
{
  value args[4] = { arg1, arg2, arg3, closure };
  return run((void *)caml_apply3, args);
}

caml_result caml_callbackN_res(value closure, int narg, value args[])
{
  CAMLparam1(closure);
  CAMLxparamN(args, narg);
  caml_result r = Result_value(closure);
  for (int i = 0; i < narg && !r.is_exception;) {
    switch (narg - i) {
    case 1: r = caml_callback_res(r.data, args[i]); i += 1; break;
    case 2: r = caml_callback2_res(r.data, args[i], args[i + 1]); i += 2; break;
    default:
      r = caml_callback3_res(r.data, args[i], args[i + 1], args[i + 2]);
      i += 3;
    }
  }
  CAMLreturnT(caml_result, r);
}

value caml_callback_exn(value closure, value arg)
{
  return caml_result_get_encoded_exception(caml_callback_res(closure, arg));
}

value caml_callback2_exn(value closure, value arg1, value arg2)
{
  return caml_result_get_encoded_exception(
    caml_callback2_res(closure, arg1, arg2));
}

value caml_callback3_exn(value closure, value arg1, value arg2, value arg3)
{
  return caml_result_get_encoded_exception(
    caml_callback3_res(closure, arg1, arg2, arg3));
}

value caml_callbackN_exn(value closure, int narg, value args[])
{
  return caml_result_get_encoded_exception(
    caml_callbackN_res(closure, narg, args));
}

value caml_callback(value closure, value arg)
{
  return caml_get_value_or_raise(caml_callback_res(closure, arg));
}

value caml_callback2(value closure, value arg1, value arg2)
{
  return caml_get_value_or_raise(caml_callback2_res(closure, arg1, arg2));
}

value caml_callback3(value closure, value arg1, value arg2, value arg3)
{
  return caml_get_value_or_raise(
    caml_callback3_res(closure, arg1, arg2, arg3));
}

value caml_callbackN(value closure, int narg, value args[])
{
  return caml_get_value_or_raise(caml_callbackN_res(closure, narg, args));
}

/* ---- named values ---- */

struct named_value {
  value val; /* a root */
  struct named_value *next;
  char name[];
};

#define NAMED_SIZE 13
static struct named_value *named_values[NAMED_SIZE];
static caml_plat_mutex named_lock = CAML_PLAT_MUTEX_INITIALIZER;

void caml_init_callbacks(void) {}

static struct named_value **bucket_of(const char *name)
{
  unsigned h = 5381;
  for (; *name != 0; name++) h = h * 33 + (unsigned char)*name;
  return &named_values[h % NAMED_SIZE];
}

static struct named_value *find(struct named_value *list, const char *name)
{
  while (list != NULL && strcmp(list->name, name) != 0) list = list->next;
  return list;
}

static void add(struct named_value **bucket, const char *name, value val)
{
  size_t length = strlen(name) + 1;
  struct named_value *nv = caml_stat_alloc(sizeof(*nv) + length);
  memcpy(nv->name, name, length);
  nv->val = val;
  nv->next = *bucket;
  *bucket = nv;
  caml_register_generational_global_root(&nv->val);
}

CAMLprim value caml_register_named_value(value vname, value val)
{
  const char *name = String_val(vname);
  struct named_value **bucket = bucket_of(name);
  caml_plat_lock_blocking(&named_lock);
  struct named_value *nv = find(*bucket, name);
  if (nv != NULL)
    caml_modify_generational_global_root(&nv->val, val);
  else
    add(bucket, name, val);
  caml_plat_unlock(&named_lock);
  return Val_unit;
}

const value *caml_named_value(char const *name)
{
  caml_plat_lock_blocking(&named_lock);
  struct named_value *nv = find(*bucket_of(name), name);
  caml_plat_unlock(&named_lock);
  return nv == NULL ? NULL : &nv->val;
}

void caml_iterate_named_values(caml_named_action f)
{
  caml_plat_lock_blocking(&named_lock);
  for (int i = 0; i < NAMED_SIZE; i++)
    for (struct named_value *nv = named_values[i]; nv != NULL; nv = nv->next)
      f(&nv->val, nv->name);
  caml_plat_unlock(&named_lock);
}
