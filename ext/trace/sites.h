/* sites.h - call sites that need not be heard: those that can only call one Python function.
 *
 * A Python function tells of its start by itself, so the CALL event of the place that calls it
 * is of no use, and costs as much as the start. But a place that calls a Python function now may
 * call a C function next. Only a global name is taken to stay what it is: f(x) with LOAD_GLOBAL f.
 * A local variable, an attribute, a method are heard each time.
 * (A global that is rebound from a Python function to a C function later has its calls through
 * sites that were switched off attributed to the caller.) */
#ifndef TARE_EXT_SITES_H
#define TARE_EXT_SITES_H

#include "common/pycompat.h"

#include <stdbool.h>

/* The CALL at this byte offset has called a Python function: can it be switched off? Cheap when it
 * is asked again about a place that cannot. */
bool tare_sites_may_disable(PyCodeObject *code, PyObject *offset);

#endif
