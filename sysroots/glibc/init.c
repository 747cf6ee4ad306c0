/* What start.S calls: it runs the program's initialisers. Also the handle of this module.
 *
 * The arrays are delimited by symbols of the linker. `main` of the runtime is called after them.
 */

typedef void initialiser(int, char **, char **);

extern initialiser *__preinit_array_start[] __attribute__((visibility("hidden")));
extern initialiser *__preinit_array_end[] __attribute__((visibility("hidden")));
extern initialiser *__init_array_start[] __attribute__((visibility("hidden")));
extern initialiser *__init_array_end[] __attribute__((visibility("hidden")));

/* Identifies the program to functions that register something to run at exit. */
__attribute__((visibility("hidden"))) void *__dso_handle = 0;

__attribute__((visibility("hidden"))) void rocaml_init(int argc, char **argv, char **envp) {
  for (initialiser **f = __preinit_array_start; f < __preinit_array_end; f++) (*f)(argc, argv, envp);
  for (initialiser **f = __init_array_start; f < __init_array_end; f++) (*f)(argc, argv, envp);
}
