/* The operating system layer on Linux, behind caml/osdeps.h.
 *
 * Counterpart of upstream's runtime/unix.c. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define CAML_INTERNALS

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "caml/fail.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/osdeps.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sys.h"

/* ---- Errors ---- */

extern locale_t caml_locale;

/* [strerror_l] exists with one meaning in glibc and in musl, unlike
   [strerror_r], and does not translate. */
CAMLexport char *caml_strerror(int errnum, char *buf, size_t buflen)
{
  caml_init_locale();
  snprintf(buf, buflen, "%s", strerror_l(errnum, caml_locale));
  return buf;
}

/* ---- Reading and writing ---- */

/* errno survives the end of the blocking section. */
int caml_read_fd(int fd, int flags, void *buf, int n)
{
  int res, error;

  (void) flags;
  caml_enter_blocking_section_no_pending();
  res = (int) read(fd, buf, n);
  error = errno;
  caml_leave_blocking_section();
  errno = error;
  return res;
}

/* A file that cannot block may refuse a large write and take one byte. */
int caml_write_fd(int fd, int flags, void *buf, int n)
{
  int res, error;

  (void) flags;
  caml_enter_blocking_section_no_pending();
  res = (int) write(fd, buf, n);
  if (res == -1 && (errno == EAGAIN || errno == EWOULDBLOCK) && n > 1)
    res = (int) write(fd, buf, 1);
  error = errno;
  caml_leave_blocking_section();
  errno = error;
  return res;
}

/* ---- Files ---- */

CAMLexport int caml_read_directory(char *dirname, struct ext_table *contents)
{
  DIR *dir = opendir(dirname);
  const struct dirent *entry;
  int res = 0;

  if (dir == NULL) return -1;
  while (res == 0 && (entry = readdir(dir)) != NULL) {
    char *name;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    name = caml_stat_strdup_noexc(entry->d_name);
    if (name == NULL || caml_ext_table_add_noexc(contents, name) == -1) {
      caml_stat_free(name);
      res = -1;
    }
  }
  closedir(dir);
  if (res == -1) errno = ENOMEM;
  return res;
}

static bool is_regular_file(const char *name)
{
  struct stat st;
  return stat(name, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- Search paths ---- */

/* Split [path] at colons.  The components are in the copy that is returned. */
char *caml_decompose_path(struct ext_table *tbl, char *path)
{
  char *copy, *p;

  if (path == NULL) return NULL;
  copy = p = caml_stat_strdup(path);
  for (;;) {
    caml_ext_table_add(tbl, p);
    p += strcspn(p, ":");
    if (*p == 0) return copy;
    *p++ = 0;
  }
}

char *caml_search_in_path(struct ext_table *path, const char *name)
{
  for (int i = 0; strchr(name, '/') == NULL && i < path->size; i++) {
    const char *dir = path->contents[i];
    char *full = caml_stat_strconcat(3, dir[0] == 0 ? "." : dir, "/", name);
    if (is_regular_file(full)) return full;
    caml_stat_free(full);
  }
  return caml_stat_strdup(name);
}

CAMLexport char *caml_search_exe_in_path(const char *name)
{
  struct ext_table path;
  char *components, *res;

  caml_ext_table_init(&path, 8);
  components = caml_decompose_path(&path, getenv("PATH"));
  res = caml_search_in_path(&path, name);
  caml_stat_free(components);
  caml_ext_table_free(&path, 0);
  return res;
}

char *caml_search_dll_in_path(struct ext_table *path, const char *name)
{
  char *dll = caml_stat_strconcat(2, name, ".so");
  char *res = caml_search_in_path(path, dll);

  caml_stat_free(dll);
  return res;
}

/* ---- Shared libraries ---- */

void *caml_dlopen(char *libname, int global)
{
  return dlopen(libname, RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
}

void caml_dlclose(void *handle)
{
  dlclose(handle);
}

void *caml_dlsym(void *handle, const char *name)
{
  return dlsym(handle, name);
}

void *caml_globalsym(const char *name)
{
  return dlsym(RTLD_DEFAULT, name);
}

char *caml_dlerror(void)
{
  return dlerror();
}

/* ---- The process ---- */

/* The size of a link in /proc cannot be asked: try with larger buffers. */
char *caml_executable_name(void)
{
  for (size_t size = 256; size <= 1024 * 1024; size *= 2) {
    char *name = caml_stat_alloc(size);
    ssize_t len = readlink("/proc/self/exe", name, size);
    if (len >= 0 && (size_t) len < size) {
      name[len] = 0;
      if (is_regular_file(name)) return name;
      len = -1;
    }
    caml_stat_free(name);
    if (len < 0) return NULL;
  }
  return NULL;
}

/* Nothing for processes with more rights than who started them. */
char *caml_secure_getenv(char const *var)
{
  return getauxval(AT_SECURE) ? NULL : getenv(var);
}

int caml_num_rows_fd(int fd)
{
  struct winsize w;

  return ioctl(fd, TIOCGWINSZ, &w) == 0 ? w.ws_row : -1;
}

CAMLexport uint64_t caml_time_counter(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t) t.tv_sec * NSEC_PER_SEC + (uint64_t) t.tv_nsec;
}

/* ---- Randomness ---- */

/* 96 bits; by system call, since older C libraries do not have the function. */
static int kernel_entropy(unsigned char *buffer, int size)
{
  int n = (int) syscall(SYS_getrandom, buffer, size, 0);
  int fd;

  if (n == size) return n;
  fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (fd == -1) return 0;
  n = (int) read(fd, buffer, size);
  close(fd);
  return n < 0 ? 0 : n;
}

int caml_unix_random_seed(intnat data[16])
{
  unsigned char buffer[12];
  int n = kernel_entropy(buffer, sizeof buffer);
  struct timeval tv;

  for (int i = 0; i < n; i++) data[i] = buffer[i];
  if (n == sizeof buffer) return n;
  /* Not very random, but different from one run to the next. */
  gettimeofday(&tv, NULL);
  data[n++] = tv.tv_usec;
  data[n++] = tv.tv_sec;
  data[n++] = getpid();
  data[n++] = getppid();
  return n;
}
