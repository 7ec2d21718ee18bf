/* lookup.h - where a block that is held now was allocated. */
#ifndef TARE_EXT_LOOKUP_H
#define TARE_EXT_LOOKUP_H

#include "memory/engine.h"

#include "common/allocation.h"

extern const tare_allocation_source tare_lookup_source;

/* (bytes, age_ns, ((function, file, line), ...)), innermost first, or None. A new reference; NULL
 * with an exception. */
PyObject *tare_lookup_find(const void *address);

#endif
