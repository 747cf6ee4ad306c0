/* What differs between operating systems, behind one set of names. */
#ifndef CAML_OSDEPS_H
#define CAML_OSDEPS_H

#ifdef CAML_INTERNALS

#include "misc.h"
#include "memory.h"

extern int caml_read_fd(int fd, int flags, void *buf, int n);
extern int caml_write_fd(int fd, int flags, void *buf, int n);

extern char_os *caml_decompose_path(struct ext_table *tbl, char_os *path);
extern char_os *caml_search_in_path(struct ext_table *path,
                                    const char_os *name);
CAMLextern char_os *caml_search_exe_in_path(const char_os *name);
extern char_os *caml_search_dll_in_path(struct ext_table *path,
                                        const char_os *name);

extern void *caml_dlopen(char_os *libname, int global);
extern void caml_dlclose(void *handle);
extern void *caml_dlsym(void *handle, const char *name);
extern void *caml_globalsym(const char *name);
extern char *caml_dlerror(void);

extern char_os *caml_executable_name(void);
extern char_os *caml_secure_getenv(char_os const *var);
extern int caml_num_rows_fd(int fd);

CAMLextern uint64_t caml_time_counter(void); /* nanoseconds */
extern void caml_init_os_params(void);       /* page size: platform_*.c */

#endif /* CAML_INTERNALS */

#endif /* CAML_OSDEPS_H */
