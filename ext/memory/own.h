/* own.h - the memory that measuring takes itself. */
#ifndef TARE_EXT_OWN_H
#define TARE_EXT_OWN_H

#include "base/alloc.h"

/* malloc and friends, counted. Lives as long as the process; for all threads. */
const tare_alloc *tare_memory_alloc(void);
/* Given out by it now: as asked for, without what malloc adds. */
uint64_t tare_memory_own_bytes(void);

#endif
