/* since.h - what a growing profile measured after an earlier look at it.
 *
 * A profile that is still being written only grows: tables get new entries at the end,
 * values and counts get larger. The difference of two looks is therefore a profile of
 * the time between them. */
#ifndef TARE_STATS_SINCE_H
#define TARE_STATS_SINCE_H

#include "model/profile.h"

/* Takes earlier's values, and its counts in meta, away from now; series stay whole.
 * INCOMPATIBLE, with now as it was, unless now continues earlier. After NO_MEMORY now
 * can only be deinitialised. O(size of both). */
TARE_MUST_USE tare_status tare_profile_since(tare_profile *now, const tare_profile *earlier,
                                             tare_error *err);

#endif
