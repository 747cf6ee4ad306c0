/* Primitives that only a bytecode runtime can carry out.  Programs that
   handle bytecode without running it (a compiler to bytecode compiled to
   native code, say) name them all the same: here they link, and raise
   Invalid_argument when called, as upstream's native runtime has it. */

#define CAML_INTERNALS

#include "caml/fail.h"
#include "caml/mlvalues.h"

#define BYTECODE_ONLY(name, text, params)                                     \
  CAMLprim value caml_##name params                                           \
  {                                                                           \
    caml_invalid_argument(text);                                              \
  }

/* Of the toplevel: global data and code made at run time. */
BYTECODE_ONLY(get_global_data, "Meta.get_global_data", (value unit))
BYTECODE_ONLY(realloc_global, "Meta.realloc_global", (value size))
BYTECODE_ONLY(reify_bytecode, "Meta.reify_bytecode", (value program, value length))
BYTECODE_ONLY(static_release_bytecode, "Meta.static_release_bytecode",
              (value program, value length))
BYTECODE_ONLY(invoke_traced_function, "Meta.invoke_traced_function",
              (value code, value env, value arg))

/* Of the loading of primitives from shared libraries. */
BYTECODE_ONLY(dynlink_get_bytecode_sections, "dynlink_get_bytecode_sections",
              (value unit))
BYTECODE_ONLY(dynlink_open_lib, "dynlink_open_lib", (value file))
BYTECODE_ONLY(dynlink_close_lib, "dynlink_close_lib", (value library))
BYTECODE_ONLY(dynlink_lookup_symbol, "dynlink_lookup_symbol",
              (value library, value symbol))
BYTECODE_ONLY(dynlink_add_primitive, "dynlink_add_primitive", (value address))
BYTECODE_ONLY(dynlink_get_current_libs, "dynlink_get_current_libs", (value unit))
