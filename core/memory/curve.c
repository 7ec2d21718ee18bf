/* curve.c - see curve.h. A point says what was highest in its period, so that halving the points
 * keeps the peak. */
#include "memory/curve.h"

enum { FIRST_PERIOD_NS = 10000000 };

void tare_curve_deinit(tare_curve *curve)
{
    if (curve->alloc != NULL)
        tare_release(curve->alloc, curve->points, TARE_CURVE_POINTS, sizeof *curve->points);
    *curve = (tare_curve){.alloc = curve->alloc};
}

static void raise_point(tare_curve_point *point, const uint64_t amounts[TARE_CURVE_AMOUNTS])
{
    for (uint32_t i = 0; i < TARE_CURVE_AMOUNTS; i++)
        if (amounts[i] > point->amounts[i])
            point->amounts[i] = amounts[i];
}

static void halve(tare_curve *curve)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < curve->count; i++) {
        tare_curve_point point = curve->points[i];
        point.period /= 2;
        if (kept > 0 && curve->points[kept - 1].period == point.period)
            raise_point(&curve->points[kept - 1], point.amounts);
        else
            curve->points[kept++] = point;
    }
    curve->count = kept;
    curve->period_ns *= 2;
}

bool tare_curve_is_due(const tare_curve *curve, uint64_t time_ns)
{
    return curve->count == 0 ||
           time_ns / curve->period_ns != curve->points[curve->count - 1].period;
}

void tare_curve_add(tare_curve *curve, uint64_t time_ns, const uint64_t amounts[TARE_CURVE_AMOUNTS])
{
    void *points;
    if (curve->points == NULL) {
        if (tare_acquire(curve->alloc, &points, TARE_CURVE_POINTS, sizeof *curve->points, NULL) !=
            TARE_OK)
            return;
        curve->points = points;
        curve->period_ns = FIRST_PERIOD_NS;
    }
    while (curve->count == TARE_CURVE_POINTS)
        halve(curve);
    uint64_t period = time_ns / curve->period_ns;
    if (curve->count == 0 || curve->points[curve->count - 1].period < period)
        curve->points[curve->count++] = (tare_curve_point){.period = period};
    raise_point(&curve->points[curve->count - 1], amounts);
}

void tare_curve_raise(tare_curve *curve, uint32_t amount, uint64_t value)
{
    if (curve->count > 0 && value > curve->points[curve->count - 1].amounts[amount])
        curve->points[curve->count - 1].amounts[amount] = value;
}

tare_status tare_curve_store(const tare_curve *curve, uint32_t amount, const char *name,
                             uint32_t label_set, tare_profile *profile, tare_error *err)
{
    uint32_t series;
    TARE_TRY(tare_profile_series(profile, name, "bytes", label_set, &series, err));
    tare_profile_set_points(profile, series, 0);
    for (uint32_t i = 0; i < curve->count; i++)
        TARE_TRY(tare_profile_point(profile, series, curve->points[i].period * curve->period_ns,
                                    (int64_t)curve->points[i].amounts[amount], err));
    return TARE_OK;
}
