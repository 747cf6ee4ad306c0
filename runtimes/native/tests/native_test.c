/* Tests of the native side that need no compiled code: the index of frame
   descriptors, walks over and moves of a stack made by hand, predefined
   exceptions, named values, numbers of signals.

   Built from the files of core/SOURCES*, native/SOURCES without main.c, and
   this one. Prints "ok" and exits 0, or says what failed. */

#define CAML_INTERNALS
#define _DEFAULT_SOURCE

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fiber.h"
#include "../frame_descriptors.h"
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/gc_ctrl.h"
#include "caml/memory.h"
#include "caml/osdeps.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"

value caml_grow_stack_by(uintnat bytes);
value caml_register_named_value(value name, value v);

/* What the link would give. */
value caml_unit_table[6];
value caml_apply2(value a, value b, value f) { (void)a, (void)b; return f; }
value caml_apply3(value a, value b, value c, value f)
{
  (void)a, (void)b, (void)c;
  return f;
}

#define check(condition) \
  do { \
    if (!(condition)) { \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1); \
    } \
  } while (0)

/* ---- frame descriptors ---- */

#if defined(__s390x__)
#define FRAME_BYTES 208
#define LIVE_WORD 22
#else
#define FRAME_BYTES 48
#define LIVE_WORD 3
#endif
#define CODE_BEGIN 0x10000
#define CODE_BEGIN_2 0x90000

struct table {
  caml_frametable head;
  struct {
    uint32_t ret_offset, frame_size, debug;
    uint16_t num_live, flags;
    uint16_t live[2];
  } descr[2];
};
static const struct table table_1 = {
  { CODE_BEGIN, 2, 0 },
  { { 16, FRAME_BYTES, 0, 1, 0, { LIVE_WORD, 0 } },
    { 40, FRAME_BYTES, 0, 2, FRAME_FLAG_RAISE, { LIVE_WORD, LIVE_WORD + 1 } } },
};
static const struct table table_2 = {
  { CODE_BEGIN_2, 1, 0 },
  { { 16, FRAME_BYTES, 0, 0, 0, { 0, 0 } } },
};

extern const caml_frametable system_frametable
  __asm__("caml_system.frametable");

static void test_index(void)
{
  const caml_frametable *first[] = { &system_frametable, &table_1.head };
  const caml_frametable *second[] = { &table_2.head };
  caml_register_frametables(first, 2);
  check(caml_find_frame_descr(CODE_BEGIN + 40)->flags == FRAME_FLAG_RAISE);
  check(caml_find_frame_descr(CODE_BEGIN + 41) == NULL);
  check(caml_find_frame_descr(CODE_BEGIN_2 + 16) == NULL);
  caml_register_frametables(second, 1);
  check(caml_find_frame_descr(CODE_BEGIN_2 + 16)->num_live == 0);
  check(caml_frametable_of(&table_1.descr[1]) == &table_1.head);
  caml_unregister_frametable(&table_2.head);
  check(caml_find_frame_descr(CODE_BEGIN_2 + 16) == NULL);
  check(caml_find_frame_descr(CODE_BEGIN + 16)->num_live == 1);
}

/* ---- a stack made by hand ---- */

/* The return address at the bottom of a fiber: the second of the stubs. */
static uintnat end_of_fiber(void)
{
  const frame_descr *first = (const frame_descr *)(&system_frametable + 1);
  const frame_descr *second = (const frame_descr *)&first->live[0];
  check(frame_is_entry(first) && frame_is_entry(second));
  return system_frametable.code_begin + second->ret_offset;
}

/* What caml_runstack and the prologue of its callee do. */
static char *first_base(struct stack_info *stk)
{
#if defined(__s390x__)
  char *base = stk->top;
  Word_at(base + BASE_SAVED_SP) = (uintnat)base;
#else
  char *base = stk->top - 16;
  Word_at(base + BASE_FRAME_POINTER) = (uintnat)stk->top;
#endif
  Word_at(base + BASE_RETURN_ADDRESS) = end_of_fiber();
  return base;
}

/* The frame at [base] makes a call, with [root] in its slot. */
static char *make_call(char *base, uintnat return_address, value root)
{
  char *sp = base - FRAME_BYTES;
  ((value *)sp)[LIVE_WORD] = root;
  ((value *)sp)[LIVE_WORD + 1] = Val_long(1);
#if defined(__s390x__)
  char *callee = sp;
  Word_at(callee + BASE_SAVED_SP) = (uintnat)callee;
#else
  char *callee = sp - 16;
  Word_at(callee + BASE_FRAME_POINTER) = (uintnat)base;
#endif
  Word_at(callee + BASE_RETURN_ADDRESS) = return_address;
  return callee;
}

static value roots[8];
static int num_roots;

static void note_root(void *data, value v, volatile value *p)
{
  (void)data;
  check(*p == v);
  roots[num_roots++ % 8] = v;
}

/* Two calls, each frame with one block as root, both slots in the stack. */
static void check_stack(struct stack_info *stk, value inner, value outer)
{
  struct caml_walk walk = { .base = caml_fiber_base(stk), .stop_at_c = 0 };
  struct caml_frame frame;
  int frames = 0;
  while (caml_next_frame(&walk, &frame)) {
    check(frame.sp >= stk->low && frame.base <= stk->low + stk->bytes);
    check(frame.base - frame.sp == FRAME_BYTES);
    frames++;
  }
  check(frames == 2);
  num_roots = 0;
  caml_scan_stack(note_root, 0, NULL, stk, NULL);
  check(num_roots == 2 && roots[0] == inner && roots[1] == outer);
}

static void test_stack(void)
{
  static value block_1[2] = { 0, 0 }, block_2[2] = { 0, 0 };
  caml_domain_state *state = Caml_state;
  struct stack_info *main_fiber = state->current_stack;
  struct stack_info *stk =
    caml_alloc_stack_noexc(Val_unit, Val_unit, Val_unit);
  char *base = first_base(stk);
  base = make_call(base, CODE_BEGIN + 16, (value)&block_1[1]);
  base = make_call(base, CODE_BEGIN + 40, (value)&block_2[1]);
  stk->domain = state;
  state->current_stack = stk;
  state->stack_limit = stk->limit;
  state->ocaml_sp = base;
  check_stack(stk, (value)&block_2[1], (value)&block_1[1]);

  /* Enough room: nothing changes. Then twice more than there is. */
  char *low = stk->low;
  check(caml_grow_stack_by(1024) == 1 && stk->low == low);
  check(caml_grow_stack_by(3 * stk->bytes) == 1);
  check(stk->low != low && state->ocaml_sp != (void *)base);
  check(state->stack_limit == stk->limit);
  check_stack(stk, (value)&block_2[1], (value)&block_1[1]);

  /* Beyond the limit. */
  check(caml_grow_stack_by((uintnat)1 << 40) == 0);
  check(state->exn == caml_exception_stack_overflow());
  state->exn = 0;
  check_stack(stk, (value)&block_2[1], (value)&block_1[1]);

  state->current_stack = main_fiber;
  state->stack_limit = main_fiber->limit;
  state->ocaml_sp = main_fiber->top;
  caml_free_fiber(stk);
}

/* ---- the rest ---- */

static void check_predefined(value exn, const char *name, intnat id)
{
  check(Tag_val(exn) == Object_tag && Wosize_val(exn) == 2);
  value text = Field(exn, 0);
  check(Tag_val(text) == String_tag);
  check(caml_string_length(text) == strlen(name));
  check(strcmp(String_val(text), name) == 0);
  check(Field(exn, 1) == Val_long(id));
}

static void test_exceptions(void)
{
  check_predefined(caml_exception_out_of_memory(), "Out_of_memory", -1);
  check_predefined(caml_exception_end_of_file(), "End_of_file", -5);
  check_predefined(caml_exception_not_found(), "Not_found", -7);
  check_predefined(caml_exception_stack_overflow(), "Stack_overflow", -9);
  value failure = caml_exception_failure("why");
  check(strcmp(String_val(Field(failure, 1)), "why") == 0);
  check_predefined(Field(failure, 0), "Failure", -3);
}

static void test_named_values(void)
{
  check(caml_named_value("a") == NULL);
  caml_register_named_value(caml_copy_string("a"), Val_long(1));
  const value *a = caml_named_value("a");
  caml_register_named_value(caml_copy_string("a"), Val_long(2));
  check(caml_named_value("a") == a && *a == Val_long(2));
}

static void test_signals(void)
{
  check(caml_convert_signal_number(-6) == SIGINT);
  check(caml_rev_convert_signal_number(SIGWINCH) == -30);
  check(caml_convert_signal_number(60) == 60);
  caml_record_signal(SIGUSR2);
  check(caml_check_pending_signals() && caml_check_pending_actions());
  atomic_store(&caml_pending_signals[(SIGUSR2 - 1) / BITS_PER_WORD], 0);
}

int main(void)
{
  caml_parse_ocamlrunparam();
  caml_init_os_params();
  caml_init_gc();
  caml_init_custom_operations();
  test_index();
  test_stack();
  test_exceptions();
  test_named_values();
  test_signals();
  puts("ok");
  return 0;
}
