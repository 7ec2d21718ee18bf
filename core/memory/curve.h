/* curve.h - a few amounts over time, in a bounded number of points.
 *
 *     period 10 ms    1 3 2 4 4 1 0 2      the highest in each period
 *     when full       3 4 4 2              period 20 ms
 *
 * Zeroed storage with an allocator is a valid empty curve. */
#ifndef TARE_MEMORY_CURVE_H
#define TARE_MEMORY_CURVE_H

#include "model/profile.h"

enum { TARE_CURVE_POINTS = 1024, TARE_CURVE_AMOUNTS = 2 };

typedef struct tare_curve_point {
    uint64_t period; /* its number */
    uint64_t amounts[TARE_CURVE_AMOUNTS];
} tare_curve_point;

typedef struct tare_curve {
    const tare_alloc *alloc;  /* borrowed */
    tare_curve_point *points; /* owned; TARE_CURVE_POINTS, NULL before the first */
    uint32_t          count;
    uint64_t          period_ns; /* 0 before the first */
} tare_curve;

void tare_curve_deinit(tare_curve *curve);
/* Whether it is time for another point, or for more of the last. */
bool tare_curve_is_due(const tare_curve *curve, uint64_t time_ns);
/* time_ns since the start; never decreases. Without memory nothing is kept. */
void tare_curve_add(tare_curve *curve, uint64_t time_ns,
                    const uint64_t amounts[TARE_CURVE_AMOUNTS]);
/* Raises the last point where an amount is higher. */
void tare_curve_raise(tare_curve *curve, uint32_t amount, uint64_t value);
/* As a series of the profile, in the place of what is there of it. */
TARE_MUST_USE tare_status tare_curve_store(const tare_curve *curve, uint32_t amount,
                                           const char *name, uint32_t label_set,
                                           tare_profile *profile, tare_error *err);

#endif
