/* Fibers: making, freeing and growing stacks, and the primitives of module
   Effect that are not in assembly. Layout of a stack: stack.h.

   The main fiber of the initial domain is a reservation of addresses as large
   as the limit on stacks (1 GiB unless OCAMLRUNPARAM=l says otherwise) and
   never moves. The others begin at 16 KiB (256 KiB: the main fiber of another
   domain) and double, up to the same limit: their stack is copied, and the
   frame pointers and links in it are adjusted.
   Nothing else points into a stack while a function that may grow it runs:
   C code lives on the system's stack, and compiled code addresses its slots
   from SP (ABI.md, section 6). */

#define CAML_INTERNALS

#include "fiber.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/gc_ctrl.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "caml/startup_aux.h"
#include "frame_descriptors.h"

#define FIBER_BYTES_MIN ((asize_t)16384)
#define NUM_BUCKETS 5 /* cached sizes: 16 KiB to 256 KiB */
#define MAIN_BYTES_MIN ((asize_t)1 << 20)

static asize_t max_stack_bytes(void)
{
  return Bsize_wsize(atomic_load_relaxed(&caml_max_stack_wsize));
}

/* ---- one stack ---- */

/* Sets the addresses of a fiber from its memory, and its bottom record. */
static void place_stack(struct stack_info *stk, char *low, asize_t bytes)
{
  stk->low = low;
  stk->bytes = bytes;
  stk->limit = low + STACK_MARGIN;
  stk->top = low + bytes - TOP_BYTES;
  memset(stk->top, 0, TOP_BYTES);
}

static void set_handlers(struct stack_info *stk, value hval, value hexn,
                         value heff)
{
  stk->handle_value = hval;
  stk->handle_exn = hexn;
  stk->handle_effect = heff;
}

static struct stack_info *new_fiber(int bucket)
{
  struct stack_info *stk = malloc(sizeof(struct stack_info));
  asize_t bytes = FIBER_BYTES_MIN << bucket;
  char *low = malloc(bytes);
  if (stk == NULL || low == NULL) {
    free(stk);
    free(low);
    return NULL;
  }
  place_stack(stk, low, bytes);
  stk->bucket = bucket;
  return stk;
}

struct stack_info *caml_alloc_stack_noexc(value hval, value hexn, value heff)
{
  struct stack_info **cache = Caml_state->stack_cache;
  struct stack_info *stk = cache[0];
  if (stk != NULL)
    cache[0] = stk->parent;
  else if ((stk = new_fiber(0)) == NULL)
    return NULL;
  stk->base = stk->top;
  stk->parent = NULL;
  stk->callback_depth = 0;
  stk->domain = NULL;
  set_handlers(stk, hval, hexn, heff);
  return stk;
}

static void release_fiber(struct stack_info *stk)
{
  if (stk->bucket == BUCKET_RESERVED)
    caml_release_stack_memory(stk->low - caml_plat_pagesize,
                              stk->bytes + caml_plat_pagesize);
  else
    free(stk->low);
  free(stk);
}

void caml_free_fiber(struct stack_info *stk)
{
  caml_domain_state *state = Caml_state;
  if (stk->bucket >= 0 && state != NULL && state->stack_cache != NULL) {
    stk->domain = NULL;
    stk->parent = state->stack_cache[stk->bucket];
    state->stack_cache[stk->bucket] = stk;
  } else {
    release_fiber(stk);
  }
}

void caml_free_stack(struct stack_info *stk)
{
  while (stk != NULL) {
    struct stack_info *parent = stk->parent;
    caml_free_fiber(stk);
    stk = parent;
  }
}

/* ---- domains ---- */

/* Reserves as much as the limit asks for, or as the system grants. */
static struct stack_info *new_reserved_fiber(void)
{
  struct stack_info *stk = malloc(sizeof(struct stack_info));
  asize_t page = caml_plat_pagesize;
  asize_t bytes = max_stack_bytes() + STACK_MARGIN + TOP_BYTES;
  if (stk == NULL) return NULL;
  if (bytes < MAIN_BYTES_MIN) bytes = MAIN_BYTES_MIN;
  bytes = caml_round_up(bytes, page);
  char *low;
  while ((low = caml_reserve_stack_memory(bytes + page)) == NULL) {
    bytes = caml_round_up(bytes / 2, page);
    if (bytes < MAIN_BYTES_MIN) {
      free(stk);
      return NULL;
    }
  }
  place_stack(stk, low + page, bytes);
  stk->bucket = BUCKET_RESERVED;
  return stk;
}

/* There may be many domains: a reservation for each is slow to make and to
   give back, and limits on memory count it. */
static struct stack_info *new_main_fiber(const caml_domain_state *state)
{
  struct stack_info *stk = state->unique_id == 0 ? new_reserved_fiber()
                                                 : new_fiber(NUM_BUCKETS - 1);
  if (stk == NULL) return NULL;
  stk->base = stk->top;
  stk->parent = NULL;
  stk->callback_depth = 0;
  set_handlers(stk, Val_unit, Val_unit, Val_unit);
  return stk;
}

/* The limit of a main fiber under a maximal size set after it was made. */
static void limit_main_fiber(struct stack_info *stk)
{
  asize_t bytes = max_stack_bytes() + STACK_MARGIN + TOP_BYTES;
  if (bytes > stk->bytes) bytes = stk->bytes;
  stk->limit = stk->low + (stk->bytes - bytes) + STACK_MARGIN;
}

int caml_init_domain_native(caml_domain_state *state)
{
  struct stack_info *stk = new_main_fiber(state);
  struct stack_info **cache = calloc(NUM_BUCKETS, sizeof(struct stack_info *));
  if (stk == NULL || cache == NULL) {
    if (stk != NULL) release_fiber(stk);
    free(cache);
    return 0;
  }
  if (stk->bucket == BUCKET_RESERVED) limit_main_fiber(stk);
  stk->domain = state;
  state->stack_cache = cache;
  state->current_stack = stk;
  state->stack_limit = stk->limit;
  state->ocaml_sp = stk->top;
  state->c_stack = NULL;
  state->exn = 0;
  state->backtrace_active = caml_params->backtrace_enabled != 0;
  state->backtrace_buffer = NULL;
  state->backtrace_pos = 0;
  state->native_private = NULL;
  return 1;
}

void caml_free_domain_native(caml_domain_state *state)
{
  for (int i = 0; state->stack_cache != NULL && i < NUM_BUCKETS; i++) {
    struct stack_info *next;
    for (struct stack_info *s = state->stack_cache[i]; s != NULL; s = next) {
      next = s->parent;
      release_fiber(s);
    }
  }
  free(state->stack_cache);
  state->stack_cache = NULL;
  if (state->current_stack != NULL) release_fiber(state->current_stack);
  state->current_stack = NULL;
  free(state->backtrace_buffer);
  state->backtrace_buffer = NULL;
}

void caml_change_max_stack_size(uintnat new_max_wsize)
{
  atomic_store_relaxed(&caml_max_stack_wsize, new_max_wsize);
  struct stack_info *stk = Caml_state->current_stack;
  while (stk->parent != NULL) stk = stk->parent;
  if (stk->bucket == BUCKET_RESERVED) limit_main_fiber(stk);
  Caml_state->stack_limit = Caml_state->current_stack->limit;
}

/* ---- growing ---- */

struct move {
  char *old_low;
  char *old_high;
  ptrdiff_t delta;
};

/* Adjusts the word at [address] if it points into the old stack. */
static void adjust(const struct move *m, char *address)
{
  char *target = (char *)Word_at(address);
  if (target >= m->old_low && target < m->old_high)
    Word_at(address) = (uintnat)(target + m->delta);
}

/* The call from C at the frame base [base]: adjusts its link and returns it,
   or NULL at the bottom of the fiber. */
static char *adjust_entry(const struct move *m, char *base)
{
#if defined(__s390x__)
  char *link = base + ENTRY_LINK;
#else
  char *link = (char *)Word_at(base + BASE_FRAME_POINTER);
#endif
  adjust(m, link);
  return (char *)Word_at(link);
}

/* Adjusts all that points into the stack from inside it: the chain of frame
   pointers (saved stack pointers on s390x) and the links of callbacks. */
static void adjust_frames(const struct move *m, char *base)
{
  while (base != NULL) {
    uintnat return_address = Word_at(base + BASE_RETURN_ADDRESS);
    if (return_address == 0) break;
#if defined(__s390x__)
    adjust(m, base + BASE_SAVED_SP);
#else
    adjust(m, base + BASE_FRAME_POINTER);
#endif
    const frame_descr *d = caml_find_frame_descr(return_address);
    CAMLassert(d != NULL);
    if (frame_is_entry(d))
      base = adjust_entry(m, base);
    else
#if defined(__s390x__)
      base += d->frame_size;
#else
      base = (char *)Word_at(base + BASE_FRAME_POINTER);
#endif
  }
}

static int bucket_of(asize_t bytes)
{
  for (int i = 0; i < NUM_BUCKETS; i++)
    if (bytes == FIBER_BYTES_MIN << i) return i;
  return BUCKET_NONE;
}

/* Gives the current fiber a stack of [bytes]; 0 if there is no memory. */
static int move_stack(caml_domain_state *state, asize_t bytes)
{
  struct stack_info *stk = state->current_stack;
  char *base = state->ocaml_sp;
  char *old_low = stk->low, *old_high = stk->low + stk->bytes;
  char *first = base - SAVED_BYTES; /* with what the stub has saved */
  char *low = malloc(bytes);
  if (low == NULL) return 0;
  struct move m = { old_low, old_high, (low + bytes) - old_high };
  memcpy(first + m.delta, first, old_high - first);
  stk->low = low;
  stk->bytes = bytes;
  stk->limit = low + STACK_MARGIN;
  stk->top += m.delta;
  stk->bucket = bucket_of(bytes);
  state->stack_limit = stk->limit;
  state->ocaml_sp = base + m.delta;
  adjust_frames(&m, state->ocaml_sp);
  free(old_low);
  return 1;
}

/* Makes room for [needed] bytes above the limit; 0 when that is not allowed. */
static int grow(caml_domain_state *state, asize_t needed)
{
  struct stack_info *stk = state->current_stack;
  if (stk->bucket == BUCKET_RESERVED) return 0;
  asize_t used = stk->low + stk->bytes - (char *)state->ocaml_sp;
  asize_t bytes = stk->bytes, max = max_stack_bytes() + STACK_MARGIN;
  if (max < FIBER_BYTES_MIN) max = FIBER_BYTES_MIN;
  do {
    if (bytes >= max) return 0;
    bytes = bytes > max / 2 ? max : 2 * bytes;
    bytes &= ~(asize_t)15;
  } while (bytes - STACK_MARGIN < used + needed);
  return move_stack(state, bytes);
}

/* Of the stub caml_stack_grow_by(bytes): 1, or 0 with Stack_overflow set. */
value caml_grow_stack_by(uintnat bytes)
{
  caml_domain_state *state = Caml_state;
  if ((char *)state->ocaml_sp - (char *)state->stack_limit >= (intnat)bytes)
    return 1;
  if (grow(state, bytes)) return 1;
  return caml_set_exception(caml_exception_stack_overflow());
}

/* Of the stub caml_stack_grow(): SP has passed the limit. */
value caml_grow_stack(void)
{
  caml_domain_state *state = Caml_state;
  if (grow(state, STACK_MARGIN / 2)) return 1;
  return caml_set_exception(caml_exception_stack_overflow());
}

int caml_make_room_for_callback(caml_domain_state *state)
{
  char *sp = (char *)state->ocaml_sp - (SAVED_BYTES + ENTRY_BYTES);
  return sp >= (char *)state->stack_limit || grow(state, STACK_MARGIN / 2);
}

CAMLprim value caml_ensure_stack_capacity(value required_words)
{
  caml_domain_state *state = Caml_state;
  asize_t needed = Bsize_wsize(Long_val(required_words));
  asize_t free_bytes = (char *)state->ocaml_sp - (char *)state->stack_limit;
  if (free_bytes < needed && !grow(state, needed)) caml_raise_stack_overflow();
  return Val_unit;
}

/* ---- effects ---- */

CAMLprim value caml_alloc_stack(value hval, value hexn, value heff)
{
  struct stack_info *stk = caml_alloc_stack_noexc(hval, hexn, heff);
  if (stk == NULL) caml_raise_out_of_memory();
  return Val_ptr(stk);
}

/* Of the stub caml_perform: reserves room for the continuation in the minor
   heap. Returns the effect, which may have moved, or 0. */
value caml_collect_before_perform(value effect)
{
  CAMLparam1(effect);
  caml_result r = caml_reserve_young_res(CONT_BYTES);
  if (r.is_exception) CAMLreturn(caml_set_exception(r.data));
  CAMLreturn(effect);
}

/* Takes the fiber out of a continuation: Val_ptr (NULL) if it is taken. The
   darkening also waits for a domain that may be marking the continuation. */
CAMLprim value caml_continuation_use_noexc(value cont)
{
  value taken = Val_ptr(NULL);
  if (!Is_young(cont)) caml_darken_cont(cont);
  value fiber = Field(cont, 0);
  if (caml_domain_alone()) {
    Field(cont, 0) = taken;
    return fiber;
  }
  if (atomic_compare_exchange_strong(Op_atomic_val(cont), &fiber, taken))
    return fiber;
  return taken;
}

CAMLprim value caml_continuation_use(value cont)
{
  value fiber = caml_continuation_use_noexc(cont);
  if (fiber == Val_ptr(NULL)) caml_raise_continuation_already_resumed();
  return fiber;
}

/* For shallow handlers: the handler at the end of the continuation changes. */
CAMLprim value caml_continuation_use_and_update_handler_noexc(value cont,
                                                              value hval,
                                                              value hexn,
                                                              value heff)
{
  value fiber = caml_continuation_use_noexc(cont);
  if (fiber != Val_ptr(NULL))
    set_handlers(Ptr_val(Field(cont, 1)), hval, hexn, heff);
  return fiber;
}

/* Puts back what [caml_continuation_use] took. */
void caml_continuation_replace(value cont, struct stack_info *stack)
{
  value taken = Val_ptr(NULL);
  int replaced =
    atomic_compare_exchange_strong(Op_atomic_val(cont), &taken, Val_ptr(stack));
  CAMLassert(replaced);
  (void)replaced;
}

/* The exceptions are OCaml's: module Effect registers them by name. */
static value registered_exception(const char *name)
{
  const value *exn = caml_named_value(name);
  if (exn == NULL) {
    /* Effect is not linked: nothing can handle this. */
    fprintf(stderr, "Fatal error: exception %s\n", name);
    exit(2);
  }
  return *exn;
}

void caml_raise_continuation_already_resumed(void)
{
  caml_raise(registered_exception("Effect.Continuation_already_resumed"));
}

value caml_make_unhandled_effect_exn(value effect)
{
  CAMLparam1(effect);
  value exn = caml_alloc_small(2, 0);
  Field(exn, 0) = registered_exception("Effect.Unhandled");
  Field(exn, 1) = effect;
  CAMLreturn(exn);
}

void caml_raise_unhandled_effect(value effect)
{
  caml_raise(caml_make_unhandled_effect_exn(effect));
}

/* A static closure of [caml_raise_unhandled_effect], which caml_reperform runs
   on a continuation that nobody handles. */
extern void caml_raise_unhandled_code(void); /* in assembly */

struct static_closure {
  header_t header;
  void (*code)(void);
  uintnat info;
};
const struct static_closure caml_raise_unhandled_block = {
  Caml_out_of_heap_header(2, Closure_tag),
  caml_raise_unhandled_code,
  Make_closinfo(1, 2),
};
