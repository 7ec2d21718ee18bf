/* slope.h - does a counter grow with every call, or did it only move?
 *
 * A function is called in windows, and counters are read at their edges: deltas[w] is what one of
 * them grew by in window w. A counter that does not depend on the calls moves by chance: by each
 * amount it is as likely to grow as to shrink, in each window anew. Of all ways to give the signs
 * of the deltas, p is the part in which they sum up to as much as they did, or more:
 *
 *     5 7 6 9  all grew: only one of 2^4 ways      p = 1/16
 *     0 0 9 0  one jump: it is a matter of one sign  p = 1/2
 *     5 -7 6 -4                                     p = 9/16
 *
 * So p needs no idea of how far a counter moves by chance; it is exact, and never below 2^-windows.
 * A counter that hovers around a level falls after it grew: for such one p is too large, on the
 * safe side. One that still warms up, such as a cache that is being filled, is no chance: the
 * caller has to warm up first.
 *
 * With several counters each has its chance to raise a false alarm. tare_slopes_judge keeps the
 * chance that any of them does at most at the rate that is asked for (Holm 1979), whatever they
 * have to do with each other. */
#ifndef TARE_STATS_SLOPE_H
#define TARE_STATS_SLOPE_H

#include <stdbool.h>
#include <stdint.h>

enum { TARE_SLOPE_MAX_WINDOWS = 20, TARE_SLOPE_MAX_COUNTERS = 64 };

typedef struct tare_slope {
    double  per_call; /* sum of the deltas by the number of calls */
    double  p;        /* chance of at least so much growth without a slope */
    int64_t grown;    /* sum of the deltas, saturating */
    bool    grows;    /* set by tare_slopes_judge */
} tare_slope;

/* count <= TARE_SLOPE_MAX_WINDOWS; without windows p is 1. O(2^windows that moved). */
tare_slope tare_slope_find(const int64_t *deltas, uint32_t count, uint64_t call_count);

/* Marks those that grow; how many. At most TARE_SLOPE_MAX_COUNTERS. */
uint32_t tare_slopes_judge(tare_slope *slopes, uint32_t count, double false_rate);

#endif
