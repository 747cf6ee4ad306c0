/* Linux: processors that this process may use, names of threads. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define CAML_INTERNALS

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "caml/platform.h"

int caml_plat_recommended_domains(void)
{
  cpu_set_t set;
  CPU_ZERO(&set);
  int n = 0;
  if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
  if (n <= 0) n = (int)sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n;
}

void caml_plat_set_thread_name(const char *name)
{
  prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}
