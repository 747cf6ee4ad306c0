/* Threads, locks and memory from the operating system. */
#ifndef CAML_PLAT_THREADS_H
#define CAML_PLAT_THREADS_H

#ifdef CAML_INTERNALS

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "camlatomic.h"
#include "config.h"
#include "mlvalues.h"
#include "sys.h"

/* A hint for the processor in a loop that waits. */
#if defined(__x86_64__)
Caml_inline void cpu_relax(void) { __asm__ volatile("pause" ::: "memory"); }
#elif defined(__aarch64__)
Caml_inline void cpu_relax(void) { __asm__ volatile("yield" ::: "memory"); }
#else
Caml_inline void cpu_relax(void) { __asm__ volatile("" ::: "memory"); }
#endif

/* Gives up the processor for a while: [spins] counts the turns of the loop. */
void caml_plat_spin_wait(unsigned spins);

CAMLnoret void caml_plat_fatal_error(const char *action, int err);
Caml_inline void check_err(const char *action, int err)
{
  if (err) caml_plat_fatal_error(action, err);
}

typedef pthread_mutex_t caml_plat_mutex;
#define CAML_PLAT_MUTEX_INITIALIZER PTHREAD_MUTEX_INITIALIZER
CAMLextern void caml_plat_mutex_init(caml_plat_mutex *);
CAMLextern void caml_plat_mutex_reinit(caml_plat_mutex *);
void caml_plat_mutex_free(caml_plat_mutex *);

/* Blocks with the right to the heap held: only for locks held shortly. */
Caml_inline void caml_plat_lock_blocking(caml_plat_mutex *m)
{
  check_err("lock", pthread_mutex_lock(m));
}
Caml_inline int caml_plat_try_lock(caml_plat_mutex *m)
{
  int r = pthread_mutex_trylock(m);
  if (r == EBUSY) return 0;
  check_err("try_lock", r);
  return 1;
}
/* Waits for the lock in a blocking section when it is not free. */
CAMLextern void caml_plat_lock_non_blocking_actual(caml_plat_mutex *m);
Caml_inline void caml_plat_lock_non_blocking(caml_plat_mutex *m)
{
  if (!caml_plat_try_lock(m)) caml_plat_lock_non_blocking_actual(m);
}
Caml_inline void caml_plat_unlock(caml_plat_mutex *m)
{
  check_err("unlock", pthread_mutex_unlock(m));
}

typedef pthread_cond_t caml_plat_cond;
#define CAML_PLAT_COND_INITIALIZER PTHREAD_COND_INITIALIZER
void caml_plat_cond_init(caml_plat_cond *);
void caml_plat_wait(caml_plat_cond *, caml_plat_mutex *);
void caml_plat_broadcast(caml_plat_cond *);
void caml_plat_signal(caml_plat_cond *);
void caml_plat_cond_free(caml_plat_cond *);

/* Address space. [caml_mem_map] returns NULL when there is none; with
   [reserve_only] nothing is committed. */
extern intnat caml_plat_pagesize;
extern intnat caml_plat_mmap_alignment;
uintnat caml_mem_round_up_pages(uintnat size);
void *caml_mem_map(uintnat size, int reserve_only);
void *caml_mem_commit(void *mem, uintnat size);
void caml_mem_decommit(void *mem, uintnat size);
void caml_mem_unmap(void *mem, uintnat size);

/* Number of processors that this process may use. */
int caml_plat_recommended_domains(void);
/* The name of the calling thread, for debuggers. */
void caml_plat_set_thread_name(const char *name);

#endif /* CAML_INTERNALS */

#endif /* CAML_PLAT_THREADS_H */
