/* traces.h - all blocks that are held now, by what they are of. */
#ifndef TARE_EXT_TRACES_H
#define TARE_EXT_TRACES_H

#include "memory/engine.h"

/* A list of (bytes, count, depth or None, ((file, line), ...)), the innermost first: count blocks
 * of so many bytes each. None: the stack was deeper than what is known of it. No frames: no Python
 * code ran. A new reference; NULL with an exception.
 * Cost: a look at each block, an item for each size at each place. */
PyObject *tare_traces_list(void);

/* What all of them are together, without a look at the system. */
uint64_t tare_traces_bytes(void);

#endif
