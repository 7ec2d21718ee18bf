/* moments.h - where the memory of the process was: when most was held, and by now. */
#ifndef TARE_EXT_MOMENTS_H
#define TARE_EXT_MOMENTS_H

#include "base/status.h"

#include <stdint.h>

/* A measurement begins. */
void tare_moments_begin(void);
/* Looks when about as much is held as at the highest, which has grown by an eighth since it last
 * looked. With the lock held. */
void tare_moments_look(uint64_t now_ns);
/* Both moments as provenance: memory.peak.*, memory.end.*. With the lock held. */
TARE_MUST_USE tare_status tare_moments_store(tare_error *err);

#endif
