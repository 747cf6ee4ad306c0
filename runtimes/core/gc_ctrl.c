/* The primitives of module Gc, and the parameters of the collectors. */
#define CAML_INTERNALS

#include "gc_cycle.h"
#include "caml/alloc.h"
#include "caml/callback.h"
#include "caml/custom.h"
#include "caml/domain.h"
#include "caml/fail.h"
#include "caml/finalise.h"
#include "caml/gc_ctrl.h"
#include "caml/gc_stats.h"
#include "caml/memory.h"
#include "caml/minor_gc.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"

atomic_uintnat caml_percent_free = Percent_free_def;
atomic_uintnat caml_max_stack_wsize = Max_stack_def;
uintnat caml_fiber_wsz = 2048;

/* Provided by runtimes/native. */
extern void caml_change_max_stack_size(uintnat new_max_wsize);

static uintnat at_least_one(uintnat n) { return n >= 1 ? n : 1; }

void caml_init_gc(void)
{
  atomic_store(&caml_max_stack_wsize, caml_params->init_max_stack_wsz);
  atomic_store(&caml_percent_free, at_least_one(caml_params->init_percent_free));
  atomic_store(&caml_custom_major_ratio,
               at_least_one(caml_params->init_custom_major_ratio));
  atomic_store(&caml_custom_minor_ratio,
               at_least_one(caml_params->init_custom_minor_ratio));
  atomic_store(&caml_custom_minor_max_bsz,
               caml_params->init_custom_minor_max_bsz);
  caml_init_gc_stats(caml_params->max_domains);
  caml_init_domains(caml_params->max_domains,
                    caml_params->init_minor_heap_wsz);
}

/* ---- statistics ---- */

CAMLprim value caml_gc_quick_stat(value unit)
{
  (void)unit;
  CAMLparam0();
  CAMLlocalN(fields, 17);
  struct gc_stats s;
  caml_compute_gc_stats(&s);
  const struct heap_stats *h = &s.heap_stats;
  intnat counts[] = {
    atomic_load(&caml_minor_collections_count),
    caml_major_cycles_completed,
    h->pool_words + h->large_words,                           /* heap_words */
    0,                                                        /* heap_chunks */
    h->pool_live_words + h->large_words,                      /* live_words */
    h->pool_live_blocks + h->large_blocks,                    /* live_blocks */
    h->pool_words - h->pool_live_words - h->pool_frag_words,  /* free_words */
    0,                                                        /* free_blocks */
    0,                                                        /* largest_free */
    h->pool_frag_words,                                       /* fragments */
    atomic_load(&caml_compactions_count),
    h->pool_max_words + h->large_max_words,                   /* top_heap_words */
    0,                                                        /* stack_size */
    s.alloc_stats.forced_major_collections,
  };
  fields[0] = caml_copy_double((double)s.alloc_stats.minor_words);
  fields[1] = caml_copy_double((double)s.alloc_stats.promoted_words);
  fields[2] = caml_copy_double((double)s.alloc_stats.major_words);
  for (int i = 0; i < 14; i++) fields[3 + i] = Val_long(counts[i]);
  value res = caml_alloc_small(17, 0);
  for (int i = 0; i < 17; i++) Field(res, i) = fields[i];
  CAMLreturn(res);
}

double caml_gc_minor_words_unboxed(void)
{
  caml_domain_state *d = Caml_state;
  return (double)(d->stat_minor_words + (d->young_end - d->young_ptr));
}

CAMLprim value caml_gc_minor_words(value unit)
{
  (void)unit;
  return caml_copy_double(caml_gc_minor_words_unboxed());
}

CAMLprim value caml_gc_counters(value unit)
{
  (void)unit;
  CAMLparam0();
  CAMLlocal3(minor, promoted, major);
  caml_domain_state *d = Caml_state;
  double minor_words = caml_gc_minor_words_unboxed();
  double promoted_words = (double)d->stat_promoted_words;
  double major_words = (double)(d->stat_major_words + d->allocated_words);
  minor = caml_copy_double(minor_words);
  promoted = caml_copy_double(promoted_words);
  major = caml_copy_double(major_words);
  CAMLreturn(caml_alloc_3(0, minor, promoted, major));
}

CAMLprim value caml_get_minor_free(value unit)
{
  (void)unit;
  return Val_long((char *)Caml_state->young_ptr
                  - (char *)Caml_state->young_start);
}

/* ---- parameters ---- */

/* Fields of Gc.control; the others are of older collectors, and 0. */
enum {
  CONTROL_MINOR_HEAP_SIZE = 0,
  CONTROL_SPACE_OVERHEAD = 2,
  CONTROL_VERBOSE = 3,
  CONTROL_STACK_LIMIT = 5,
  CONTROL_CUSTOM_MAJOR_RATIO = 8,
  CONTROL_CUSTOM_MINOR_RATIO = 9,
  CONTROL_CUSTOM_MINOR_MAX_SIZE = 10,
  CONTROL_NUM_FIELDS = 11
};

CAMLprim value caml_gc_get(value unit)
{
  (void)unit;
  value res = caml_alloc(CONTROL_NUM_FIELDS, 0);
  Field(res, CONTROL_MINOR_HEAP_SIZE) = Val_long(Caml_state->minor_heap_wsz);
  Field(res, CONTROL_SPACE_OVERHEAD) =
    Val_long(atomic_load(&caml_percent_free));
  Field(res, CONTROL_VERBOSE) = Val_long(atomic_load(&caml_verb_gc));
  Field(res, CONTROL_STACK_LIMIT) =
    Val_long(atomic_load(&caml_max_stack_wsize));
  Field(res, CONTROL_CUSTOM_MAJOR_RATIO) =
    Val_long(atomic_load(&caml_custom_major_ratio));
  Field(res, CONTROL_CUSTOM_MINOR_RATIO) =
    Val_long(atomic_load(&caml_custom_minor_ratio));
  Field(res, CONTROL_CUSTOM_MINOR_MAX_SIZE) =
    Val_long(atomic_load(&caml_custom_minor_max_bsz));
  return res;
}

static void set_if_changed(atomic_uintnat *parameter, uintnat n,
                           const char *name)
{
  if (atomic_load(parameter) == n) return;
  atomic_store(parameter, n);
  CAML_GC_MESSAGE(PARAMS, "New %s: %" ARCH_INTNAT_PRINTF_FORMAT "u%%\n", name,
                  n);
}

/* The minor heap's size last: changing it collects, and may raise. */
CAMLprim value caml_gc_set(value v)
{
  uintnat wsz =
    caml_norm_minor_heap_size(Long_val(Field(v, CONTROL_MINOR_HEAP_SIZE)));
  caml_change_max_stack_size(Long_val(Field(v, CONTROL_STACK_LIMIT)));
  atomic_store(&caml_verb_gc, Long_val(Field(v, CONTROL_VERBOSE)));
  set_if_changed(&caml_percent_free,
                 at_least_one(Long_val(Field(v, CONTROL_SPACE_OVERHEAD))),
                 "space overhead");
  if (Wosize_val(v) >= CONTROL_NUM_FIELDS) {
    set_if_changed(
      &caml_custom_major_ratio,
      at_least_one(Long_val(Field(v, CONTROL_CUSTOM_MAJOR_RATIO))),
      "custom major ratio");
    set_if_changed(
      &caml_custom_minor_ratio,
      at_least_one(Long_val(Field(v, CONTROL_CUSTOM_MINOR_RATIO))),
      "custom minor ratio");
    set_if_changed(&caml_custom_minor_max_bsz,
                   Long_val(Field(v, CONTROL_CUSTOM_MINOR_MAX_SIZE)),
                   "custom minor size limit");
  }
  if (wsz != Caml_state->minor_heap_wsz) {
    CAML_GC_MESSAGE(PARAMS, "New minor heap size: %" ARCH_INTNAT_PRINTF_FORMAT
                    "uk words\n", wsz / 1024);
    caml_set_minor_heap_size(wsz);
  }
  return Val_unit;
}

/* ---- collections ---- */

CAMLprim value caml_gc_minor(value unit)
{
  (void)unit;
  caml_minor_collection();
  return caml_process_pending_actions_with_root(Val_unit);
}

CAMLprim value caml_gc_major(value unit)
{
  (void)unit;
  caml_empty_minor_heaps_once();
  caml_finish_major_cycle(0);
  Caml_state->stat_forced_major_collections++;
  caml_reset_major_pacing();
  return caml_process_pending_actions_with_root(Val_unit);
}

/* A finalisation function may release what the next cycle then finds: three
   cycles, as the manual promises for the common cases. */
static caml_result full_major(int compact_last)
{
  for (int i = 0; i < 3; i++) {
    caml_finish_major_cycle(compact_last && i == 2);
    Caml_state->stat_forced_major_collections++;
    caml_result r = caml_process_pending_actions_res();
    if (caml_result_is_exception(r)) return r;
  }
  caml_reset_major_pacing();
  return Result_unit;
}

CAMLprim value caml_gc_full_major(value unit)
{
  (void)unit;
  return caml_get_value_or_raise(full_major(0));
}

CAMLprim value caml_gc_compaction(value unit)
{
  (void)unit;
  return caml_get_value_or_raise(full_major(1));
}

CAMLprim value caml_gc_major_slice(value words)
{
  caml_major_collection_slice(Long_val(words));
  return caml_process_pending_actions_with_root(Val_long(0));
}

/* A full collection first: only then is "live" exact. */
CAMLprim value caml_gc_stat(value unit)
{
  caml_get_value_or_raise(full_major(0));
  return caml_gc_quick_stat(unit);
}

/* ---- ramp-up: allocation that is not garbage soon owes no work yet ---- */

static uintnat suspended_words(caml_domain_state *d)
{
  return d->ramp_up_words + d->allocated_words_suspended;
}

/* What was suspended inside is the callback's own, and is taken away from the
   phase around it, if there is one. */
caml_result caml_gc_ramp_up(value callback, uintnat *out_suspended_work)
{
  caml_domain_state *d = Caml_state;
  caml_gc_policy outer_policy = d->gc_policy;
  uintnat before = suspended_words(d);
  d->gc_policy |= CAML_GC_RAMP_UP;
  caml_result r = caml_callback_res(callback, Val_unit);
  d->gc_policy = outer_policy;
  *out_suspended_work = suspended_words(d) - before;
  d->ramp_up_words -= *out_suspended_work;
  return r;
}

void caml_gc_ramp_down(uintnat words) { Caml_state->allocated_words += words; }

CAMLprim value caml_ml_gc_ramp_up(value callback)
{
  CAMLparam1(callback);
  CAMLlocalresult(r);
  uintnat suspended;
  r = caml_gc_ramp_up(callback, &suspended);
  if (caml_result_is_exception(r)) caml_gc_ramp_down(suspended);
  value v = caml_get_value_or_raise(r);
  CAMLreturn(caml_alloc_2(0, v, Val_long(suspended)));
}

CAMLprim value caml_ml_gc_ramp_down(value words)
{
  caml_gc_ramp_down(Long_val(words));
  return Val_unit;
}

/* ---- the runtime about itself ---- */

CAMLprim value caml_runtime_variant(value unit)
{
  (void)unit;
  return caml_copy_string(GC_DEBUG_BUILD ? "d" : "");
}

CAMLprim value caml_runtime_parameters(value unit)
{
  (void)unit;
#define N "%" ARCH_INTNAT_PRINTF_FORMAT "u"
  return caml_alloc_sprintf(
    "b=%d,c=" N ",e=" N ",l=" N ",M=" N ",m=" N ",n=" N ",o=" N ",p=%d,s=" N
    ",t=" N ",v=" N ",V=" N ",W=" N,
    (int)Caml_state->backtrace_active, caml_params->cleanup_on_exit,
    caml_params->runtime_events_log_wsize, atomic_load(&caml_max_stack_wsize),
    atomic_load(&caml_custom_major_ratio),
    atomic_load(&caml_custom_minor_ratio),
    atomic_load(&caml_custom_minor_max_bsz), atomic_load(&caml_percent_free),
    (int)Caml_state->parser_trace, (uintnat)Caml_state->minor_heap_wsz,
    caml_params->trace_level, atomic_load(&caml_verb_gc),
    caml_params->verify_heap, caml_runtime_warnings);
#undef N
}

CAMLprim value caml_ml_enable_runtime_warnings(value on)
{
  caml_runtime_warnings = Bool_val(on);
  return Val_unit;
}

CAMLprim value caml_ml_runtime_warnings_enabled(value unit)
{
  (void)unit;
  return Val_bool(caml_runtime_warnings);
}
