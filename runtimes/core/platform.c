/* Threads, locks and memory on POSIX systems; see platform.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define CAML_INTERNALS

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "caml/misc.h"
#include "caml/osdeps.h"
#include "caml/platform.h"
#include "caml/signals.h"

CAMLnoret void caml_plat_fatal_error(const char *action, int err)
{
  char buf[1024];
  caml_fatal_error("Fatal error during %s: %s\n", action,
                   caml_strerror(err, buf, sizeof buf));
}

/* ---- locks ---- */

void caml_plat_mutex_init(caml_plat_mutex *m)
{
  pthread_mutexattr_t attr;
  check_err("mutexattr_init", pthread_mutexattr_init(&attr));
  check_err("mutexattr_settype",
            pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK));
  check_err("mutex_init", pthread_mutex_init(m, &attr));
  pthread_mutexattr_destroy(&attr);
}

/* After fork: the thread that held the mutex does not exist here. */
void caml_plat_mutex_reinit(caml_plat_mutex *m)
{
  memset(m, 0, sizeof *m);
  caml_plat_mutex_init(m);
}

void caml_plat_mutex_free(caml_plat_mutex *m)
{
  check_err("mutex_free", pthread_mutex_destroy(m));
}

void caml_plat_lock_non_blocking_actual(caml_plat_mutex *m)
{
  /* The pending actions of a blocking section could raise: not here. */
  caml_enter_blocking_section_no_pending();
  caml_plat_lock_blocking(m);
  caml_leave_blocking_section();
}

void caml_plat_cond_init(caml_plat_cond *cond)
{
  check_err("cond_init", pthread_cond_init(cond, NULL));
}

void caml_plat_wait(caml_plat_cond *cond, caml_plat_mutex *m)
{
  check_err("wait", pthread_cond_wait(cond, m));
}

void caml_plat_broadcast(caml_plat_cond *cond)
{
  check_err("cond_broadcast", pthread_cond_broadcast(cond));
}

void caml_plat_signal(caml_plat_cond *cond)
{
  check_err("cond_signal", pthread_cond_signal(cond));
}

void caml_plat_cond_free(caml_plat_cond *cond)
{
  check_err("cond_free", pthread_cond_destroy(cond));
}

/* ---- waiting ---- */

enum { SPINS_BEFORE_YIELD = 200, SPINS_BEFORE_SLEEP = 400 };

void caml_plat_spin_wait(unsigned spins)
{
  if (spins < SPINS_BEFORE_YIELD) {
    cpu_relax();
  } else if (spins < SPINS_BEFORE_SLEEP) {
    sched_yield();
  } else {
    struct timespec pause = { .tv_sec = 0, .tv_nsec = 50000 };
    nanosleep(&pause, NULL);
  }
}

/* ---- memory ---- */

intnat caml_plat_pagesize = 4096;
intnat caml_plat_mmap_alignment = 4096;

void caml_init_os_params(void)
{
  caml_plat_pagesize = sysconf(_SC_PAGESIZE);
  caml_plat_mmap_alignment = caml_plat_pagesize;
}

uintnat caml_mem_round_up_pages(uintnat size)
{
  return caml_round_up(size, caml_plat_pagesize);
}

void *caml_mem_map(uintnat size, int reserve_only)
{
  int prot = reserve_only ? PROT_NONE : PROT_READ | PROT_WRITE;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | (reserve_only ? MAP_NORESERVE : 0);
  void *mem = mmap(NULL, size, prot, flags, -1, 0);
  return mem == MAP_FAILED ? NULL : mem;
}

void *caml_mem_commit(void *mem, uintnat size)
{
  return mprotect(mem, size, PROT_READ | PROT_WRITE) == 0 ? mem : NULL;
}

void caml_mem_decommit(void *mem, uintnat size)
{
  /* Mapping anew is the one way that frees the memory on every system. */
  mmap(mem, size, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

void caml_mem_unmap(void *mem, uintnat size) { munmap(mem, size); }
