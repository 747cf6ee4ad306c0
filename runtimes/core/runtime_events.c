/* Runtime_events and the eventlog: not supported by this runtime.
 *
 * The primitives exist, so that programs that link the library build; whatever
 * would start or use a ring of events fails with a message that says so. */

#define CAML_INTERNALS

#include "caml/fail.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

CAMLnoret static void unavailable(void)
{
  caml_failwith("Runtime_events: not available in this runtime");
}

CAMLprim value caml_ml_runtime_events_start(value unit)
{
  (void) unit;
  unavailable();
}

CAMLprim value caml_ml_runtime_events_pause(value unit)
{
  (void) unit;
  unavailable();
}

CAMLprim value caml_ml_runtime_events_resume(value unit)
{
  (void) unit;
  unavailable();
}

/* No ring is ever active: there is no path to one. */
CAMLprim value caml_ml_runtime_events_path(value unit)
{
  (void) unit;
  return Val_none;
}

CAMLprim value caml_ml_runtime_events_are_active(value unit)
{
  (void) unit;
  return Val_false;
}

CAMLprim value caml_runtime_events_user_register(value name, value tag,
                                                 value type)
{
  (void) name;
  (void) tag;
  (void) type;
  unavailable();
}

/* Events are registered first, so there is nothing to write: as when no ring is
   active upstream, this does nothing. */
CAMLprim value caml_runtime_events_user_write(value buffer, value event,
                                              value content)
{
  (void) buffer;
  (void) event;
  (void) content;
  return Val_unit;
}

CAMLprim value caml_eventlog_resume(value unit)
{
  (void) unit;
  unavailable();
}

CAMLprim value caml_eventlog_pause(value unit)
{
  (void) unit;
  unavailable();
}
