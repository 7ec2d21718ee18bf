/* slope.c - every way to give the signs, one sign changed at a time.
 *
 *     signs      + + + +     - + + +     - - + +     + - + + ...     (a Gray code)
 *     sum        27          27 - 2*5    17 - 2*7    ...
 *
 * A window that did not move doubles both the ways and those that sum up to as much, so that it
 * changes nothing: it is left out, and the ways are 2^(windows that moved).
 * Deltas are cut at 2^57, so that no sum of them overflows. */
#include "stats/slope.h"

#include <stddef.h>

static const int64_t largest = (int64_t)1 << 57;

static int64_t cut(int64_t delta)
{
    if (delta > largest)
        return largest;
    return delta < -largest ? -largest : delta;
}

/* Which sign the n-th step of the Gray code changes. */
static uint32_t changed_sign(uint32_t step)
{
    return (uint32_t)__builtin_ctz(step);
}

/* Of all ways to give these amounts a sign the part that sums up to least. */
static double share_of_ways(const int64_t *amounts, uint32_t count, int64_t least)
{
    uint32_t way_count = (uint32_t)1 << count;
    uint32_t hits = 0;
    uint32_t negative = 0; /* a bit for each */
    int64_t  sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += amounts[i];
    for (uint32_t step = 1; step <= way_count; step++) {
        hits += sum >= least;
        if (step == way_count)
            break;
        uint32_t sign = changed_sign(step);
        bool     was_negative = (negative >> sign & 1) != 0;
        sum += was_negative ? 2 * amounts[sign] : -2 * amounts[sign];
        negative ^= (uint32_t)1 << sign;
    }
    return (double)hits / (double)way_count;
}

tare_slope tare_slope_find(const int64_t *deltas, uint32_t count, uint64_t call_count)
{
    int64_t    amounts[TARE_SLOPE_MAX_WINDOWS] = {0};
    uint32_t   moved_count = 0;
    tare_slope slope = {0};
    for (uint32_t i = 0; i < count && i < TARE_SLOPE_MAX_WINDOWS; i++) {
        int64_t delta = cut(deltas[i]);
        slope.grown += delta;
        if (delta != 0)
            amounts[moved_count++] = delta < 0 ? -delta : delta;
    }
    slope.p = share_of_ways(amounts, moved_count, slope.grown);
    slope.per_call = call_count > 0 ? (double)slope.grown / (double)call_count : 0;
    return slope;
}

/* The smallest p among those not marked yet. */
static tare_slope *find_surest(tare_slope *slopes, uint32_t count)
{
    tare_slope *surest = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!slopes[i].grows && (surest == NULL || slopes[i].p < surest->p))
            surest = &slopes[i];
    }
    return surest;
}

/* The surest has to stand against all counters, the next against one less, and so on. */
uint32_t tare_slopes_judge(tare_slope *slopes, uint32_t count, double false_rate)
{
    uint32_t grown_count = 0;
    for (uint32_t i = 0; i < count; i++)
        slopes[i].grows = false;
    while (grown_count < count) {
        tare_slope *surest = find_surest(slopes, count);
        if (surest->p > false_rate / (double)(count - grown_count))
            break;
        surest->grows = true;
        grown_count++;
    }
    return grown_count;
}
