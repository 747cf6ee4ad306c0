/* Structural comparison: compare, =, <, … on any value.
 *
 * Counterpart of upstream's runtime/compare.c.  The traversal is depth-first
 * with an explicit stack, so deep values cannot overflow the C stack; the last
 * field of a block is compared in place of the block, so long lists take no
 * stack at all.
 *
 * The comparison of two numbers may be undecided (nan): [compare] then orders
 * them (total order), the other operators answer false. */

#define CAML_INTERNALS

#include <string.h>
#include "caml/custom.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/signals.h"

/* Results; a difference may be any other number of the same sign. */
#define LESS (-1)
#define EQUAL 0
#define GREATER 1
#define UNORDERED ((intnat) 1 << (8 * sizeof(value) - 1))

/* ---- The stack ---- */

/* Two blocks of the same size, their fields from [next] on still to compare.
   All members are OCaml values: the whole stack is a table of roots when a
   collection happens in the middle. */
struct pending {
  value v1, v2;
  value next;
};

#define INLINE_STACK 256
#define MAX_STACK (1024 * 1024)
#define POLL_PERIOD 1024

struct compare_state {
  struct pending *stack;
  uintnat depth;
  uintnat capacity;
  bool total;
  unsigned countdown;           /* to the next poll */
  struct pending inlined[INLINE_STACK];
};

static void free_stack(struct compare_state *st)
{
  if (st->stack != st->inlined) caml_stat_free(st->stack);
  st->stack = st->inlined;
}

static void grow_stack(struct compare_state *st)
{
  uintnat capacity = st->capacity * 2;
  struct pending *bigger = NULL;

  if (capacity <= MAX_STACK)
    bigger = caml_stat_alloc_noexc(capacity * sizeof *bigger);
  if (bigger == NULL) {
    free_stack(st);
    caml_raise_out_of_memory();
  }
  memcpy(bigger, st->stack, st->depth * sizeof *bigger);
  free_stack(st);
  st->stack = bigger;
  st->capacity = capacity;
}

static void push(struct compare_state *st, value v1, value v2, mlsize_t next)
{
  if (st->depth == st->capacity) grow_stack(st);
  st->stack[st->depth++] = (struct pending) { v1, v2, Val_long(next) };
}

/* Run signal handlers and let other domains collect: comparing cyclic values
   would otherwise never let them. */
static void poll(struct compare_state *st, value *v1, value *v2)
{
  CAMLparam0();
  CAMLlocal3(a, b, res);
  value *stack = (value *) st->stack;
  CAMLxparamN(stack, st->depth * 3);

  st->countdown = POLL_PERIOD;
  if (!caml_check_pending_actions()) CAMLreturn0;
  a = *v1;
  b = *v2;
  res = caml_process_pending_actions_exn();
  if (Is_exception_result(res)) {
    free_stack(st);
    caml_raise(Extract_exception(res));
  }
  *v1 = a;
  *v2 = b;
  CAMLreturn0;
}

CAMLnoret static void refuse(struct compare_state *st, const char *message)
{
  free_stack(st);
  caml_invalid_argument(message);
}

/* ---- Blocks with raw contents ---- */

static intnat compare_floats(double a, double b, bool total)
{
  if (a < b) return LESS;
  if (a > b) return GREATER;
  if (a == b) return EQUAL;
  if (!total) return UNORDERED;
  return (a == a) - (b == b);
}

static intnat compare_flat(value v1, value v2, bool total)
{
  mlsize_t size1 = Wosize_val(v1), size2 = Wosize_val(v2);

  if (size1 != size2) return size1 < size2 ? LESS : GREATER;
  for (mlsize_t i = 0; i < size1 / Double_wosize; i++) {
    intnat res = compare_floats(Double_flat_field(v1, i),
                                Double_flat_field(v2, i), total);
    if (res != EQUAL) return res;
  }
  return EQUAL;
}

static intnat compare_strings(value v1, value v2)
{
  mlsize_t len1 = caml_string_length(v1), len2 = caml_string_length(v2);
  int res = memcmp(String_val(v1), String_val(v2), len1 < len2 ? len1 : len2);

  if (res != 0) return res < 0 ? LESS : GREATER;
  return (len1 > len2) - (len1 < len2);
}

/* Call a comparison function of a custom block; it reports unordered arguments
   through the domain state. */
static intnat call_custom(int (*compare)(value, value), value v1, value v2,
                          bool total)
{
  intnat res;

  Caml_state->compare_unordered = 0;
  res = compare(v1, v2);
  return Caml_state->compare_unordered && !total ? UNORDERED : res;
}

static intnat compare_customs(struct compare_state *st, value v1, value v2)
{
  const struct custom_operations *ops1 = Custom_ops_val(v1);
  const struct custom_operations *ops2 = Custom_ops_val(v2);

  /* Different types: the order of their names is as good as any. */
  if (ops1->compare != ops2->compare)
    return strcmp(ops1->identifier, ops2->identifier) < 0 ? LESS : GREATER;
  if (ops1->compare == NULL) refuse(st, "compare: abstract value");
  return call_custom(ops1->compare, v1, v2, st->total);
}

/* An integer against a custom block that knows how to compare with one. */
static bool has_compare_ext(value v)
{
  return Tag_val(v) == Custom_tag && Custom_ops_val(v)->compare_ext != NULL;
}

/* ---- The traversal ---- */

/* What to do after looking at one pair of values. */
enum step { DECIDED, DESCEND, AGAIN };

/* Integers, and integers against blocks.  AGAIN: a Forward was followed. */
static inline enum step compare_immediate(struct compare_state *st, value *v1,
                                          value *v2, intnat *res)
{
  bool first = Is_long(*v1);
  value *block = first ? v2 : v1;

  if (Is_long(*v1) && Is_long(*v2)) {
    *res = (*v1 > *v2) - (*v1 < *v2);
  } else if (Tag_val(*block) == Forward_tag) {
    *block = Forward_val(*block);
    return AGAIN;
  } else if (has_compare_ext(*block)) {
    *res = call_custom(Custom_ops_val(*block)->compare_ext, *v1, *v2,
                       st->total);
  } else {
    *res = first ? LESS : GREATER;      /* integers come before blocks */
  }
  return DECIDED;
}

static inline enum step compare_tags(tag_t tag1, tag_t tag2, value *v1,
                                     value *v2, intnat *res)
{
  if (tag1 == Forward_tag) { *v1 = Forward_val(*v1); return AGAIN; }
  if (tag2 == Forward_tag) { *v2 = Forward_val(*v2); return AGAIN; }
  if (tag1 == Infix_tag) tag1 = Closure_tag;
  if (tag2 == Infix_tag) tag2 = Closure_tag;
  if (tag1 == tag2) return DESCEND;
  *res = (intnat) tag1 - (intnat) tag2;
  return DECIDED;
}

/* The first field from [i] on that is not the same integer in both blocks, or
   the [last] one: integers are most of what is compared, and need no stack. */
static inline mlsize_t skip_equal(value v1, value v2, mlsize_t i,
                                  mlsize_t last)
{
  const value *p1 = (const value *) v1, *p2 = (const value *) v2;

  while (i < last && p1[i] == p2[i] && Is_long(p1[i])) i++;
  return i;
}

/* Two blocks of the same tag, neither of which is Forward.  DESCEND: their
   fields decide, and the first ones that may differ are in [v1] and [v2]. */
static inline enum step compare_blocks(struct compare_state *st, tag_t tag,
                                       value *v1, value *v2, intnat *res)
{
  mlsize_t size1, size2, i;

  switch (tag) {
  case String_tag: *res = compare_strings(*v1, *v2); return DECIDED;
  case Double_tag:
    *res = compare_floats(Double_val(*v1), Double_val(*v2), st->total);
    return DECIDED;
  case Double_array_tag:
    *res = compare_flat(*v1, *v2, st->total);
    return DECIDED;
  case Custom_tag: *res = compare_customs(st, *v1, *v2); return DECIDED;
  case Object_tag: {
    intnat id1 = Oid_val(*v1), id2 = Oid_val(*v2);
    *res = (id1 > id2) - (id1 < id2);
    return DECIDED;
  }
  case Abstract_tag: refuse(st, "compare: abstract value");
  case Closure_tag: case Infix_tag: refuse(st, "compare: functional value");
  case Cont_tag: refuse(st, "compare: continuation value");
  default: break;
  }
  size1 = Wosize_val(*v1);
  size2 = Wosize_val(*v2);
  if (size1 != size2 || size1 == 0) {
    *res = (size1 > size2) - (size1 < size2);
    return DECIDED;
  }
  i = skip_equal(*v1, *v2, 0, size1 - 1);
  if (i < size1 - 1) push(st, *v1, *v2, i + 1);
  *v1 = Field(*v1, i);
  *v2 = Field(*v2, i);
  return DESCEND;
}

/* Compare one pair of values down to their first difference or leaf. */
static inline intnat compare_pair(struct compare_state *st, value v1, value v2)
{
  for (;;) {
    intnat res = EQUAL;
    tag_t tag1, tag2;

    if (v1 == v2 && st->total) return EQUAL;
    if (Is_long(v1) || Is_long(v2)) {
      if (compare_immediate(st, &v1, &v2, &res) == AGAIN) continue;
      return res;
    }
    tag1 = Tag_val(v1);
    tag2 = Tag_val(v2);
    if (tag1 != tag2 || tag1 == Forward_tag) {
      switch (compare_tags(tag1, tag2, &v1, &v2, &res)) {
      case AGAIN: continue;
      case DECIDED: return res;
      case DESCEND: break;              /* closures, one of them infix */
      }
    }
    if (compare_blocks(st, tag1, &v1, &v2, &res) == DECIDED) return res;
    if (--st->countdown == 0) poll(st, &v1, &v2);
  }
}

static intnat run_compare(struct compare_state *st, value v1, value v2)
{
  intnat res = compare_pair(st, v1, v2);

  while (res == EQUAL && st->depth > 0) {
    struct pending *top = &st->stack[st->depth - 1];
    mlsize_t last = Wosize_val(top->v1) - 1;
    mlsize_t i = skip_equal(top->v1, top->v2, Long_val(top->next), last);

    v1 = Field(top->v1, i);
    v2 = Field(top->v2, i);
    if (i == last) st->depth--;
    else top->next = Val_long(i + 1);
    res = compare_pair(st, v1, v2);
  }
  return res;
}

static intnat compare_values(value v1, value v2, bool total)
{
  struct compare_state st;
  intnat res;

  st.stack = st.inlined;
  st.depth = 0;
  st.capacity = INLINE_STACK;
  st.total = total;
  st.countdown = POLL_PERIOD;
  res = run_compare(&st, v1, v2);
  free_stack(&st);
  return res;
}

/* ---- The primitives ---- */

CAMLprim value caml_compare(value v1, value v2)
{
  intnat res = compare_values(v1, v2, true);
  return Val_int((res > 0) - (res < 0));
}

CAMLprim value caml_equal(value v1, value v2)
{
  return Val_bool(compare_values(v1, v2, false) == EQUAL);
}

CAMLprim value caml_notequal(value v1, value v2)
{
  return Val_bool(compare_values(v1, v2, false) != EQUAL);
}

/* UNORDERED is the least number: it must not pass for "less". */
CAMLprim value caml_lessthan(value v1, value v2)
{
  intnat res = compare_values(v1, v2, false);
  return Val_bool(res < EQUAL && res != UNORDERED);
}

CAMLprim value caml_lessequal(value v1, value v2)
{
  intnat res = compare_values(v1, v2, false);
  return Val_bool(res <= EQUAL && res != UNORDERED);
}

CAMLprim value caml_greaterthan(value v1, value v2)
{
  return Val_bool(compare_values(v1, v2, false) > EQUAL);
}

CAMLprim value caml_greaterequal(value v1, value v2)
{
  return Val_bool(compare_values(v1, v2, false) >= EQUAL);
}
