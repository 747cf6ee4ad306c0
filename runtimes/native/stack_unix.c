/* Address space for stacks, on systems with mmap: the main fiber's stack is
   reserved at its largest size, and pages appear as it deepens. */

#define CAML_INTERNALS
#define _DEFAULT_SOURCE

#include <sys/mman.h>

#include "caml/platform.h"
#include "fiber.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif
#ifndef MAP_STACK
#define MAP_STACK 0
#endif
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

void *caml_reserve_stack_memory(asize_t bytes)
{
  void *low = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1,
                   0);
  if (low == MAP_FAILED) return NULL;
  /* The guard: what the checks miss ends in the handler of signals_unix.c. */
  mprotect(low, caml_plat_pagesize, PROT_NONE);
  return low;
}

void caml_release_stack_memory(void *low, asize_t bytes)
{
  munmap(low, bytes);
}
