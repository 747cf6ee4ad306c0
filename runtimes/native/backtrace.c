/* Traces: of the exception that was raised last, and of the calls in progress.

   When traces are recorded, a raise notes the whole chunk of stack above the
   last call from C, at most BACKTRACE_BUFFER_SIZE frames, each with its height
   (its distance from the top of its stack, which a move does not change). What
   lies beyond the handler is not known then: a handler that catches the
   exception cuts the trace after its own frame. A raise of the same exception
   again adds frames to its trace.

   Slots of a raw backtrace are addresses of frame descriptors, or, with bit 1
   set, of the debug record of one of several blocks that a frame allocates;
   slots handed out one by one (Printexc.raw_backtrace_slot) are addresses of
   debug records, with bit 0 set for a raise. All are shown to OCaml as
   integers. */

#define CAML_INTERNALS

#include "caml/backtrace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caml/alloc.h"
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/memprof.h"
#include "fiber.h"
#include "frame_descriptors.h"

/* ---- recording ---- */

/* The second half of the buffer holds the heights. */
Caml_inline uintnat *heights(caml_domain_state *state)
{
  return (uintnat *)(state->backtrace_buffer + BACKTRACE_BUFFER_SIZE);
}

#define HEIGHT_OF_RESTORED UINTPTR_MAX /* is not cut */

static int ensure_buffer(caml_domain_state *state)
{
  if (state->backtrace_buffer == NULL)
    state->backtrace_buffer =
      malloc(2 * BACKTRACE_BUFFER_SIZE * sizeof(backtrace_slot));
  return state->backtrace_buffer != NULL;
}

/* Of two frames of one stack, the one called first has the smaller height. */
static uintnat height_of(caml_domain_state *state, const char *frame)
{
  return state->current_stack->top - frame;
}

#if defined(__s390x__)
#define Frame_key(frame) ((frame).sp)
#define Caller_key(base) (base)
#else
#define Frame_key(frame) ((frame).base)
#define Caller_key(base) ((char *)Word_at((base) + BASE_FRAME_POINTER))
#endif

void caml_stash_backtrace(value exn)
{
  caml_domain_state *state = Caml_state;
  if (exn != state->backtrace_last_exn) {
    state->backtrace_pos = 0;
    state->backtrace_last_exn = exn; /* a root of the domain */
  }
  if (!ensure_buffer(state)) return;
  struct caml_walk walk = { .base = state->ocaml_sp, .stop_at_c = 1 };
  struct caml_frame frame;
  while (state->backtrace_pos < BACKTRACE_BUFFER_SIZE
         && caml_next_frame(&walk, &frame)) {
    state->backtrace_buffer[state->backtrace_pos] = (void *)frame.descr;
    heights(state)[state->backtrace_pos++] =
      height_of(state, Frame_key(frame));
  }
}

/* Of the stub caml_raise_regular. */
value caml_record_raise(value exn)
{
  Caml_state->backtrace_pos = 0;
  return caml_set_exception(exn);
}

/* Of the stub caml_reraise. */
value caml_record_reraise(value exn) { return caml_set_exception(exn); }

/* Of the stub caml_backtrace_caught: its caller is the handler. */
value caml_cut_backtrace(void)
{
  caml_domain_state *state = Caml_state;
  if (state->backtrace_buffer == NULL) return Val_unit;
  uintnat handler = height_of(state, Caller_key((char *)state->ocaml_sp));
  while (state->backtrace_pos > 0
         && heights(state)[state->backtrace_pos - 1] < handler)
    state->backtrace_pos--;
  return Val_unit;
}

void caml_record_backtraces(int active)
{
  caml_domain_state *state = Caml_state;
  if (active == state->backtrace_active) return;
  state->backtrace_active = active;
  state->backtrace_pos = 0;
  state->backtrace_last_exn = Val_unit;
}

CAMLprim value caml_record_backtrace(value flag)
{
  caml_record_backtraces(Int_val(flag));
  return Val_unit;
}

CAMLprim value caml_backtrace_status(value unit)
{
  (void)unit;
  return Val_bool(Caml_state->backtrace_active);
}

/* ---- debug information ---- */

struct location {
  const debug_record *record;
  const caml_frametable *table;
  int is_raise;
};

static const char *name_at(const struct location *l, uint32_t offset)
{
  return (const char *)l->table + offset;
}

static int is_inlined(const struct location *l) { return l->record->next != 0; }

#define SLOT_IS_RECORD ((uintnat)2)

/* The innermost position of a slot; 0 if it has none: then it is a raise that
   the compiler made. */
static int location_of_slot(backtrace_slot slot, struct location *out)
{
  const frame_descr *d = slot;
  if ((uintnat)slot & SLOT_IS_RECORD) {
    out->record = (void *)((uintnat)slot & ~SLOT_IS_RECORD);
    out->table = caml_frametable_of(out->record);
    out->is_raise = 0;
    return 1;
  }
  if (d->debug == 0) return 0;
  out->table = caml_frametable_of(d);
  out->record = (const debug_record *)((const char *)out->table + d->debug);
  if (out->record->file_name == 0) return 0;
  out->is_raise = (d->flags & FRAME_FLAG_RAISE) != 0;
  return 1;
}

/* From an inlined function to the one around it. */
static int location_around(struct location *l)
{
  if (!is_inlined(l)) return 0;
  l->record =
    (const debug_record *)((const char *)l->table + l->record->next);
  l->is_raise = 0;
  return 1;
}

/* Columns count from the start of the first line; only the end's own column is
   known when it is on another line. */
static intnat end_offset(const debug_record *r) { return r->end_char; }

/* ---- printing ---- */

static void print_location(const struct location *l, int index)
{
  const debug_record *r = l->record;
  const char *what = l->is_raise ? (index == 0 ? "Raised at" : "Re-raised at")
                     : index == 0 ? "Raised by primitive operation at"
                                  : "Called from";
  fprintf(stderr, "%s %s in file \"%s\"%s, ", what,
          name_at(l, r->function_name), name_at(l, r->file_name),
          is_inlined(l) ? " (inlined)" : "");
  if (r->line == r->end_line)
    fprintf(stderr, "line %u", r->line);
  else
    fprintf(stderr, "lines %u-%u", r->line, r->end_line);
  fprintf(stderr, ", characters %u-%u\n", r->start_char, r->end_char);
}

void caml_print_exception_backtrace(void)
{
  caml_domain_state *state = Caml_state;
  for (int i = 0; i < state->backtrace_pos; i++) {
    struct location l;
    if (!location_of_slot(state->backtrace_buffer[i], &l)) continue;
    do print_location(&l, i);
    while (location_around(&l));
  }
}

/* ---- raw backtraces ---- */

#define Val_slot(p) (Val_long((uintnat)(p) >> 1))
#define Slot_val(v) ((void *)((uintnat)Long_val(v) << 1))

static value raw_backtrace(backtrace_slot *slots, intnat n)
{
  value result = caml_alloc(n, 0);
  /* Integers: no barrier is needed. */
  for (intnat i = 0; i < n; i++) Field(result, i) = Val_slot(slots[i]);
  return result;
}

CAMLprim value caml_get_exception_raw_backtrace(value unit)
{
  caml_domain_state *state = Caml_state;
  (void)unit;
  if (!state->backtrace_active || state->backtrace_buffer == NULL)
    return caml_alloc(0, 0);
  /* The allocation may run a finaliser that raises: keep this trace. */
  backtrace_slot copy[BACKTRACE_BUFFER_SIZE];
  intnat n = state->backtrace_pos;
  memcpy(copy, state->backtrace_buffer, n * sizeof(backtrace_slot));
  return raw_backtrace(copy, n);
}

CAMLprim value caml_restore_raw_backtrace(value exn, value backtrace)
{
  caml_domain_state *state = Caml_state;
  intnat n = Wosize_val(backtrace);
  if (n > BACKTRACE_BUFFER_SIZE) n = BACKTRACE_BUFFER_SIZE;
  state->backtrace_last_exn = exn;
  state->backtrace_pos = 0;
  if (n == 0 || !ensure_buffer(state)) return Val_unit;
  for (intnat i = 0; i < n; i++) {
    state->backtrace_buffer[i] = Slot_val(Field(backtrace, i));
    heights(state)[i] = HEIGHT_OF_RESTORED;
  }
  state->backtrace_pos = n;
  return Val_unit;
}

/* A variant of Printexc.backtrace_slot. */
static value convert_location(const struct location *l)
{
  CAMLparam0();
  CAMLlocal2(file, function);
  const debug_record *r = l->record;
  file = caml_copy_string(name_at(l, r->file_name));
  function = caml_copy_string(name_at(l, r->function_name));
  value p = caml_alloc_small(9, 0);
  Field(p, 0) = Val_bool(l->is_raise);
  Field(p, 1) = file;
  Field(p, 2) = Val_long(r->line);
  Field(p, 3) = Val_long(r->start_char);
  Field(p, 4) = Val_long(end_offset(r));
  Field(p, 5) = Val_long(r->end_line);
  Field(p, 6) = Val_long(r->end_char);
  Field(p, 7) = Val_bool(is_inlined(l));
  Field(p, 8) = function;
  CAMLreturn(p);
}

static intnat count_locations(value backtrace)
{
  intnat n = 0;
  for (mlsize_t i = 0; i < Wosize_val(backtrace); i++) {
    struct location l;
    if (!location_of_slot(Slot_val(Field(backtrace, i)), &l)) continue;
    do n++;
    while (location_around(&l));
  }
  return n;
}

CAMLprim value caml_convert_raw_backtrace(value backtrace)
{
  CAMLparam1(backtrace);
  CAMLlocal1(result);
  intnat n = 0;
  result = caml_alloc(count_locations(backtrace), 0);
  for (mlsize_t i = 0; i < Wosize_val(backtrace); i++) {
    struct location l;
    if (!location_of_slot(Slot_val(Field(backtrace, i)), &l)) continue;
    do Store_field(result, n++, convert_location(&l));
    while (location_around(&l));
  }
  CAMLreturn(result);
}

/* The slots of the last exception's trace: deprecated, but still declared by
   programs. */
CAMLprim value caml_get_exception_backtrace(value unit)
{
  return caml_alloc_some(
    caml_convert_raw_backtrace(caml_get_exception_raw_backtrace(unit)));
}

CAMLprim value caml_raw_backtrace_length(value backtrace)
{
  return Val_long(Wosize_val(backtrace));
}

static value val_location(const struct location *l)
{
  return Val_slot((uintnat)l->record << 1 | l->is_raise << 1);
}

static int location_val(value v, struct location *out)
{
  uintnat word = (uintnat)Long_val(v);
  out->record = (const debug_record *)(word & ~(uintnat)1);
  if (out->record == NULL) return 0;
  out->table = caml_frametable_of(out->record);
  out->is_raise = word & 1;
  return 1;
}

CAMLprim value caml_raw_backtrace_slot(value backtrace, value index)
{
  uintnat i = Long_val(index);
  struct location l;
  if (i >= Wosize_val(backtrace))
    caml_invalid_argument(
      "Printexc.get_raw_backtrace_slot: index out of bounds");
  if (!location_of_slot(Slot_val(Field(backtrace, i)), &l))
    return Val_long(0);
  return val_location(&l);
}

CAMLprim value caml_raw_backtrace_next_slot(value slot)
{
  struct location l;
  if (!location_val(slot, &l) || !location_around(&l)) return Val_none;
  return caml_alloc_some(val_location(&l));
}

CAMLprim value caml_convert_raw_backtrace_slot(value slot)
{
  struct location l;
  if (location_val(slot, &l)) return convert_location(&l);
  value unknown = caml_alloc_small(1, 1);
  Field(unknown, 0) = Val_true;
  return unknown;
}

CAMLprim value caml_ml_debug_info_status(value unit)
{
  (void)unit;
  return Val_int(1);
}

/* ---- the calls in progress ---- */

struct callstack {
  backtrace_slot *slots;
  intnat count;
  intnat capacity;
};

static int push_slot(struct callstack *cs, backtrace_slot slot)
{
  if (cs->count == cs->capacity) {
    intnat capacity = cs->capacity == 0 ? 32 : 2 * cs->capacity;
    void *slots = caml_stat_resize_noexc(cs->slots,
                                         capacity * sizeof(backtrace_slot));
    if (slots == NULL) return 0;
    cs->slots = slots;
    cs->capacity = capacity;
  }
  cs->slots[cs->count++] = slot;
  return 1;
}

/* At most [max] frames of the fibers from [stk] on. */
static void collect_callstack(struct callstack *cs, struct stack_info *stk,
                              intnat max)
{
  for (; stk != NULL; stk = stk->parent) {
    struct caml_walk walk = { .base = caml_fiber_base(stk), .stop_at_c = 0 };
    struct caml_frame frame;
    while (cs->count < max && caml_next_frame(&walk, &frame))
      if (!push_slot(cs, (void *)frame.descr)) return;
  }
}

value caml_take_callstack(void *slots, intnat count)
{
  CAMLparam0();
  CAMLlocal1(result);
  backtrace_slot *s = slots;
  result = caml_alloc(count, 0);
  /* Integers: no barrier is needed. */
  for (intnat i = 0; i < count; i++) Field(result, i) = Val_slot(s[i]);
  caml_stat_free(slots);
  CAMLreturn(result);
}

CAMLprim value caml_get_current_callstack(value max_frames)
{
  struct callstack cs = { NULL, 0, 0 };
  collect_callstack(&cs, Caml_state->current_stack, Long_val(max_frames));
  return caml_take_callstack(cs.slots, cs.count);
}

CAMLprim value caml_get_continuation_callstack(value cont, value max_frames)
{
  struct callstack cs = { NULL, 0, 0 };
  struct stack_info *stk = Ptr_val(caml_continuation_use(cont));
  collect_callstack(&cs, stk, Long_val(max_frames));
  caml_continuation_replace(cont, stk);
  return caml_take_callstack(cs.slots, cs.count);
}

/* ---- for the profiler ---- */

/* The frame of compiled code that is allocating: the stub that it called may
   have a frame too. */
static const frame_descr *allocating_frame(void)
{
  struct caml_walk walk = { .base = Caml_state->ocaml_sp, .stop_at_c = 1 };
  struct caml_frame frame;
  while (caml_next_frame(&walk, &frame))
    if (frame.descr->flags & FRAME_FLAG_ALLOC) return frame.descr;
  return NULL;
}

int caml_combined_allocation(const struct caml_block_description **out)
{
  const frame_descr *d = allocating_frame();
  const block_list *list = d == NULL ? NULL : caml_frame_blocks(d);
  if (list == NULL) return 0;
  *out = list->blocks;
  return list->count;
}

/* The slot of one of the blocks that the frame [d] allocates. */
static backtrace_slot slot_of_block(const frame_descr *d, int block)
{
  const block_list *list = caml_frame_blocks(d);
  if (list == NULL || list->blocks[block].debug == 0) return (void *)d;
  uintnat table = (uintnat)caml_frametable_of(d);
  return (void *)((table + list->blocks[block].debug) | SLOT_IS_RECORD);
}

/* Frames of stubs are left out. */
void *caml_capture_callstack(intnat max, int block, intnat *out_count)
{
  struct callstack cs = { NULL, 0, 0 };
  intnat stubs = 0;
  const frame_descr *d = block >= 0 ? allocating_frame() : NULL;
  *out_count = 0;
  if (max == 0) return NULL;
  collect_callstack(&cs, Caml_state->current_stack,
                    max < Max_long ? max + 1 : max);
  if (d != NULL) {
    while (stubs < cs.count && cs.slots[stubs] != (void *)d) stubs++;
    if (stubs < cs.count) cs.slots[stubs] = slot_of_block(d, block);
  }
  cs.count -= stubs;
  memmove(cs.slots, cs.slots + stubs, cs.count * sizeof *cs.slots);
  *out_count = cs.count < max ? cs.count : max;
  return cs.slots;
}
