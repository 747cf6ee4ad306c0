/* Signals on POSIX systems: their numbers, system handlers, and the end of a
   program whose stack overflows where no check caught it.

   Handlers run on their own stack, because a fiber's may be too small. */

#define CAML_INTERNALS
#define _GNU_SOURCE

#include "signals_os.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caml/domain.h"
#include "caml/memory.h"
#include "caml/platform.h"
#include "caml/signals.h"
#include "fiber.h"

const int caml_os_signals[] = {
  SIGABRT, SIGALRM, SIGFPE, SIGHUP, SIGILL, SIGINT, SIGKILL, SIGPIPE,
  SIGQUIT, SIGSEGV, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD, SIGCONT,
  SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGVTALRM, SIGPROF, SIGBUS,
#if defined(SIGPOLL)
  SIGPOLL,
#else
  -1,
#endif
  SIGSYS, SIGTRAP, SIGURG, SIGXCPU, SIGXFSZ,
#if defined(SIGIO)
  SIGIO,
#else
  -1,
#endif
  SIGWINCH,
};
const int caml_os_num_signals = sizeof caml_os_signals / sizeof(int);

/* ---- the handler of signals that OCaml code handles ---- */

static void record_signal(int signo)
{
  int saved_errno = errno;
  caml_record_signal(signo);
  errno = saved_errno;
}

int caml_os_set_signal_action(int signo, enum caml_signal_action action)
{
  struct sigaction new_action, old_action;
  memset(&new_action, 0, sizeof new_action);
  sigemptyset(&new_action.sa_mask);
  new_action.sa_flags = SA_ONSTACK;
  switch (action) {
  case SIGNAL_DEFAULT: new_action.sa_handler = SIG_DFL; break;
  case SIGNAL_IGNORE: new_action.sa_handler = SIG_IGN; break;
  case SIGNAL_HANDLE: new_action.sa_handler = record_signal; break;
  }
  if (sigaction(signo, &new_action, &old_action) == -1) return -1;
  if (old_action.sa_handler == record_signal) return SIGNAL_HANDLE;
  if (old_action.sa_handler == SIG_IGN) return SIGNAL_IGNORE;
  return SIGNAL_DEFAULT;
}

void caml_os_block_signal(int signo, struct caml_signal_mask *saved)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signo);
  pthread_sigmask(SIG_BLOCK, &set, &saved->set);
}

void caml_os_restore_signals(const struct caml_signal_mask *saved)
{
  pthread_sigmask(SIG_SETMASK, &saved->set, NULL);
}

int caml_os_signal_is_blocked(int signo)
{
  sigset_t set;
  pthread_sigmask(SIG_BLOCK, NULL, &set);
  return sigismember(&set, signo);
}

int caml_os_pending_signals_are_blocked(void)
{
  sigset_t set;
  pthread_sigmask(SIG_BLOCK, NULL, &set);
  for (int signo = 1; signo < NSIG; signo++) {
    uintnat word = atomic_load_relaxed(
      &caml_pending_signals[(signo - 1) / BITS_PER_WORD]);
    if ((word >> ((signo - 1) % BITS_PER_WORD) & 1)
        && sigismember(&set, signo) == 0)
      return 0;
  }
  return 1;
}

/* ---- the stack of handlers ---- */

#define SIGNAL_STACK_BYTES 65536

void *caml_init_signal_stack(void)
{
  stack_t stack = { .ss_flags = 0, .ss_size = SIGNAL_STACK_BYTES };
  stack.ss_sp = malloc(SIGNAL_STACK_BYTES);
  if (stack.ss_sp == NULL) return NULL;
  if (sigaltstack(&stack, NULL) < 0) {
    free(stack.ss_sp);
    return NULL;
  }
  return stack.ss_sp;
}

void caml_free_signal_stack(void *signal_stack)
{
  stack_t disable = { .ss_flags = SS_DISABLE, .ss_size = SIGNAL_STACK_BYTES };
  if (signal_stack == NULL) return;
  sigaltstack(&disable, NULL);
  free(signal_stack);
}

/* ---- faults ---- */

/* Distance from the end of a stack at which a fault is held for an overflow. */
#define OVERFLOW_DISTANCE ((uintnat)1 << 20)

static char *system_stack_low; /* of the initial thread; NULL: not known */

static void find_system_stack(void)
{
#if defined(__linux__) && defined(__GLIBC__)
  pthread_attr_t attr;
  void *low;
  size_t bytes;
  if (pthread_getattr_np(pthread_self(), &attr) != 0) return;
  if (pthread_attr_getstack(&attr, &low, &bytes) == 0) system_stack_low = low;
  pthread_attr_destroy(&attr);
#endif
}

static int is_near(const char *address, const char *low)
{
  return low != NULL && address < low + caml_plat_pagesize
         && (uintnat)(low - address) + caml_plat_pagesize < OVERFLOW_DISTANCE;
}

static const char *overflow_message(const char *address)
{
  caml_domain_state *state = Caml_state_opt;
  if (state != NULL && state->current_stack != NULL
      && is_near(address, state->current_stack->low))
    return "Fatal error: stack overflow in compiled code\n";
  if (is_near(address, system_stack_low))
    return "Fatal error: stack overflow in C code\n";
  return NULL;
}

/* Says what happened if it looks like an overflow; then the fault takes place
   again, with the system's default action. */
static void fault_handler(int signo, siginfo_t *info, void *context)
{
  (void)context;
  const char *message = overflow_message(info->si_addr);
  if (message != NULL) {
    ssize_t ignored = write(STDERR_FILENO, message, strlen(message));
    (void)ignored;
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signo, &action, NULL);
}

static void *initial_signal_stack;

void caml_init_signals(void)
{
  struct sigaction action;
  initial_signal_stack = caml_init_signal_stack();
  if (initial_signal_stack == NULL)
    caml_fatal_error("Failed to create signal stack for domain 0");
  caml_init_signal_handling();
  find_system_stack();
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  action.sa_sigaction = fault_handler;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}

void caml_terminate_signals(void)
{
  signal(SIGSEGV, SIG_DFL);
  signal(SIGBUS, SIG_DFL);
  caml_free_signal_stack(initial_signal_stack);
  initial_signal_stack = NULL;
}
