/* Functions that glibc before 2.33 kept out of its shared library, each a few lines on top of what it exports.
 *
 * `stat` and its kin pass the version of the structure's layout; `atexit` and its kin pass the module that registers.
 * Headers of later releases declare them as ordinary functions, so a program built against those needs them here.
 */

#if defined(__x86_64__) || defined(__s390x__)
#define STAT_VERSION 1
#else
#define STAT_VERSION 0
#endif
#define MKNOD_VERSION 0

struct stat;
typedef unsigned int mode;
typedef unsigned long device;

int __xstat(int, const char *, struct stat *);
int __fxstat(int, int, struct stat *);
int __lxstat(int, const char *, struct stat *);
int __fxstatat(int, int, const char *, struct stat *, int);
int __xmknod(int, const char *, mode, device *);
int __xmknodat(int, int, const char *, mode, device *);
int __cxa_atexit(void (*)(void *), void *, void *);
int __cxa_at_quick_exit(void (*)(void *), void *);
int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);
extern void *__dso_handle __attribute__((visibility("hidden")));

int stat(const char *path, struct stat *s) { return __xstat(STAT_VERSION, path, s); }
int fstat(int fd, struct stat *s) { return __fxstat(STAT_VERSION, fd, s); }
int lstat(const char *path, struct stat *s) { return __lxstat(STAT_VERSION, path, s); }
int fstatat(int fd, const char *path, struct stat *s, int flags) {
  return __fxstatat(STAT_VERSION, fd, path, s, flags);
}
int mknod(const char *path, mode m, device d) { return __xmknod(MKNOD_VERSION, path, m, &d); }
int mknodat(int fd, const char *path, mode m, device d) { return __xmknodat(MKNOD_VERSION, fd, path, m, &d); }

/* The structures for large files are the plain ones on 64-bit machines. */
int stat64(const char *path, struct stat *s) { return __xstat(STAT_VERSION, path, s); }
int fstat64(int fd, struct stat *s) { return __fxstat(STAT_VERSION, fd, s); }
int lstat64(const char *path, struct stat *s) { return __lxstat(STAT_VERSION, path, s); }
int fstatat64(int fd, const char *path, struct stat *s, int flags) {
  return __fxstatat(STAT_VERSION, fd, path, s, flags);
}

int atexit(void (*f)(void)) { return __cxa_atexit((void (*)(void *))(void *)f, 0, __dso_handle); }
int at_quick_exit(void (*f)(void)) { return __cxa_at_quick_exit((void (*)(void *))(void *)f, __dso_handle); }
int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  return __register_atfork(prepare, parent, child, __dso_handle);
}
