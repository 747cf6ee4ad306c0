/* Short names for the C11 atomic accesses that the runtime uses. */
#ifndef CAML_ATOMIC_H
#define CAML_ATOMIC_H

#include "config.h"
#include "misc.h"

#ifdef __cplusplus
extern "C++" {
using std::memory_order_relaxed;
using std::memory_order_acquire;
using std::memory_order_release;
using std::memory_order_acq_rel;
using std::memory_order_seq_cst;
}
#endif

#ifdef CAML_INTERNALS

#define atomic_load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define atomic_load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define atomic_store_release(p, v) \
  atomic_store_explicit((p), (v), memory_order_release)
#define atomic_store_relaxed(p, v) \
  atomic_store_explicit((p), (v), memory_order_relaxed)

#endif /* CAML_INTERNALS */

#endif /* CAML_ATOMIC_H */
