/* warm_up.h - does a series of times become steady, and from where on?
 *
 *     flat        ------------------------      warm-up     '''''.________________
 *     slow-down   ________.'''''''''''''''      none        __.''._.'''__.'''''__.''
 *     cyclic      _._._'_._._'_._._'_._._'      unknown     too few values to say
 *
 * The classes are Barrett's (2017), from change points: the series is steady from the first segment
 * on whose level the rest keeps, if that is at least its last quarter and does not climb or fall.
 * Levels that differ by less than one deviation of the values are one, and so are those that differ
 * by less than a twentieth, which a machine with other work to do makes of the same code. What is
 * slow or fast at the very start, be it a single value, counts as well.
 * Cyclic is a series that repeats itself: the place in the period explains half of the variance
 * or more; it is steady, over whole periods. */
#ifndef TARE_STATS_WARM_UP_H
#define TARE_STATS_WARM_UP_H

#include "stats/sample.h"

typedef enum tare_warm_up_kind {
    TARE_WARM_UP_UNKNOWN,
    TARE_WARM_UP_FLAT,
    TARE_WARM_UP_FASTER, /* warm-up: was slow at first */
    TARE_WARM_UP_SLOWER, /* slow-down: was fast at some time */
    TARE_WARM_UP_CYCLIC,
    TARE_WARM_UP_NONE,
} tare_warm_up_kind;

typedef struct tare_warm_up {
    tare_warm_up_kind kind;
    size_t            steady_from; /* a value's number; the count: never, or unknown */
    uint32_t          period;      /* of CYCLIC, else 0 */
} tare_warm_up;

/* values: times. O(count), with TARE_WARM_UP_MAX_PERIOD passes. */
enum { TARE_WARM_UP_LEAST = 10, TARE_WARM_UP_MAX_PERIOD = 100 };
TARE_MUST_USE tare_status tare_warm_up_classify(const double *values, size_t count,
                                                tare_warm_up *warm_up_out, const tare_alloc *alloc,
                                                tare_error *err);

/* "flat", "warm-up", "slow-down", "cyclic", "none", "unknown". */
const char *tare_warm_up_name(tare_warm_up_kind kind);

#endif
