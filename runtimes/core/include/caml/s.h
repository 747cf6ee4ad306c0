/* Facts about the operating system and the C library. */
#ifndef CAML_S_H
#define CAML_S_H

#ifdef _WIN32
#define OCAML_OS_TYPE "Win32"
#elif defined(__CYGWIN__)
#define OCAML_OS_TYPE "Cygwin"
#else
#define OCAML_OS_TYPE "Unix"
#endif

#ifndef _WIN32
#define POSIX_SIGNALS
#define HAS_SIGSETMASK
#define HAS_UNISTD
#define HAS_DIRENT
#define HAS_GETCWD
#define HAS_PTHREAD_SIGMASK
#endif

#define HAS_C99_FLOAT_OPS
#define HAS_STDINT_H
#define HAS_LOCALE

#endif /* CAML_S_H */
