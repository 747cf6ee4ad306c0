/* What a runtime needs of a C library, in one program: it prints the same on every row.
 *
 * Initialisers, atexit, environment, files and stat, threads with thread-local variables, signals on their own stack,
 * memory mapping and protection, libm, and printf and strtod of doubles and long doubles.
 */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int initialised;
__attribute__((constructor)) static void initialise(void) { initialised = 1; }

static void at_exit(void) {
  printf("atexit ran\n");
  fflush(stdout);
}

static __thread long own = 7;
static long shared;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *argument) {
  for (int i = 0; i < 1000; i++) {
    own++;
    pthread_mutex_lock(&mutex);
    shared++;
    pthread_mutex_unlock(&mutex);
  }
  return (void *)(own + (long)argument);
}

static void threads(void) {
  pthread_t t[4];
  long sum = 0;
  for (long i = 0; i < 4; i++) pthread_create(&t[i], 0, worker, (void *)i);
  for (int i = 0; i < 4; i++) {
    void *result;
    pthread_join(t[i], &result);
    sum += (long)result;
  }
  printf("threads %ld %ld %ld\n", shared, sum, own);
}

static sigjmp_buf after_fault;
static char *protected_page;

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  siglongjmp(after_fault, (char *)info->si_addr == protected_page + 16 ? 1 : 2);
}

static void faults(void) {
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaltstack(&alternate, 0);
  sigaction(SIGSEGV, &action, 0);
  protected_page = mmap(0, 1 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int result = sigsetjmp(after_fault, 1);
  if (result == 0) protected_page[16] = 1;
  /* Some kernels and emulators report the page only. */
  printf("fault %s\n", result != 0 ? "caught" : "missed");
}

static void files(void) {
  char path[] = "/tmp/rocaml-smoke-XXXXXX";
  int fd = mkstemp(path);
  struct stat s, by_path;
  if (write(fd, "twelve bytes", 12) != 12) abort();
  fstat(fd, &s);
  stat(path, &by_path);
  printf("file %ld %d %d\n", (long)s.st_size, S_ISREG(s.st_mode), s.st_ino == by_path.st_ino);
  close(fd);
  unlink(path);
  printf("gone %d %d\n", stat(path, &by_path), errno == ENOENT);
}

static void numbers(void) {
  volatile double half = 0.5, ten = 10;
  volatile long double third = 1.0L;
  third /= 3;
  printf("double %.17g %a %g %.3f\n", 0.1, 1.5, 1e300 * ten, exp(half));
  printf("long double %.15Lg %.10Lf\n", third * 3, third);
  printf("libm %.15g %.15g %.15g %.15g\n", sin(half), pow(ten, half), log(ten), fma(half, ten, half));
  printf("strtod %.17g %.17g\n", strtod("2.2250738585072014e-308", 0), strtod("123456789.123456789", 0));
  volatile unsigned __int128 wide = (unsigned __int128)1 << 100;
  printf("int128 %lu\n", (unsigned long)(wide / 1000000007u % 1000003u));
}

int main(int argc, char **argv) {
  struct timespec now;
  atexit(at_exit);
  setenv("ROCAML_SMOKE", "yes", 1);
  printf("start %d %d %s %s\n", initialised, argc, argc > 1 ? argv[1] : "", getenv("ROCAML_SMOKE"));
  printf("environ %d clock %d\n", environ != 0, clock_gettime(CLOCK_MONOTONIC, &now) == 0 && now.tv_sec > 0);
  files();
  threads();
  faults();
  numbers();
  return 3;
}
