/* Walks over the stacks of compiled code: the frames of a fiber, and its roots
   for the collectors. Works from frame base to frame base (stack.h). */

#define CAML_INTERNALS

#include "caml/address_class.h"
#include "caml/misc.h"
#include "fiber.h"
#include "frame_descriptors.h"

/* The base of the last frame of the chunk below the one that the entry frame
   at [base] begins; NULL when there is none. */
static char *previous_chunk(char *base)
{
#if defined(__s390x__)
  return (char *)Word_at(base + ENTRY_LINK);
#else
  return (char *)Word_at(Word_at(base + BASE_FRAME_POINTER));
#endif
}

static void fill_frame(char *base, uintnat return_address,
                       const frame_descr *d, struct caml_frame *out)
{
  out->descr = d;
  out->return_address = return_address;
#if defined(__s390x__)
  out->sp = base;
  out->base = base + d->frame_size;
#else
  out->base = (char *)Word_at(base + BASE_FRAME_POINTER);
  out->sp = out->base - d->frame_size;
#endif
}

int caml_next_frame(struct caml_walk *walk, struct caml_frame *out)
{
  char *base = walk->base;
  while (base != NULL) {
    uintnat return_address = Word_at(base + BASE_RETURN_ADDRESS);
    if (return_address == 0) break; /* bottom record */
    const frame_descr *d = caml_find_frame_descr(return_address);
    if (d == NULL)
      caml_fatal_error("no frame descriptor for return address %p",
                       (void *)return_address);
    if (!frame_is_entry(d)) {
      fill_frame(base, return_address, d, out);
      walk->base = out->base;
      return 1;
    }
    base = walk->stop_at_c ? NULL : previous_chunk(base);
  }
  walk->base = NULL;
  return 0;
}

static void scan_frames(scanning_action f, scanning_action_flags fflags,
                        void *fdata, char *base)
{
  struct caml_walk walk = { .base = base, .stop_at_c = 0 };
  struct caml_frame frame;
  int only_young = (fflags & SCANNING_ONLY_YOUNG_VALUES) != 0;
  while (caml_next_frame(&walk, &frame)) {
    for (int i = 0; i < frame.descr->num_live; i++) {
      value *slot = (value *)frame.sp + frame.descr->live[i];
      value v = *slot;
      CAMLassert(v != 0);
      if (Is_block(v) && (!only_young || Is_young(v))) f(fdata, v, slot);
    }
  }
}

static void scan_handler(scanning_action f, void *fdata, value *closure)
{
  if (Is_block(*closure)) f(fdata, *closure, closure);
}

/* The chain of fibers from [stack] to its last parent. */
void caml_scan_stack(scanning_action f, scanning_action_flags fflags,
                     void *fdata, struct stack_info *stack, value *v_gc_regs)
{
  (void)v_gc_regs; /* compiled code keeps no root in a register at a call */
  for (; stack != NULL; stack = stack->parent) {
    scan_frames(f, fflags, fdata, caml_fiber_base(stack));
    scan_handler(f, fdata, &stack->handle_value);
    scan_handler(f, fdata, &stack->handle_exn);
    scan_handler(f, fdata, &stack->handle_effect);
  }
}
