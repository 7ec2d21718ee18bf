/* active.h - which time counts as active: one definition for every table.
 *
 * A value counts when its metric is a BUSY state, or a WAIT state of a main thread
 * (see summary.h), and when it belongs to the label set asked for. The values at the
 * root are the program's own states, not a thread's, and never count. */
#ifndef TARE_STATS_ACTIVE_H
#define TARE_STATS_ACTIVE_H

#include "model/profile.h"

typedef struct tare_active {
    const tare_profile *profile;      /* borrowed */
    uint8_t            *metric_roles; /* owned; tare_metric_role by metric id */
    uint8_t            *waits_count;  /* owned; by label set: 1 where waiting is active */
    uint32_t            thread;       /* label set, or TARE_NONE for all */
} tare_active;

TARE_MUST_USE tare_status tare_active_init(tare_active *active, const tare_profile *profile,
                                           uint32_t thread, tare_error *err);
void                      tare_active_deinit(tare_active *active);

/* The active nanoseconds in one value; 0 when it does not count. O(1). */
uint64_t tare_active_ns(const tare_active *active, const tare_value *value);

#endif
