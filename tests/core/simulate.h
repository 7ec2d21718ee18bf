/* simulate.h - made measurements of known truth, the same in every run.
 *
 * A rate that is found in RUNS experiments lies within 4 deviations of the true one: near() of a
 * rate is given those. */
#ifndef TARE_TESTS_SIMULATE_H
#define TARE_TESTS_SIMULATE_H

#include "stats/random.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* In (0, 1). */
static inline double made_part(tare_random *random)
{
    return ((double)(tare_random_next(random) >> 11) + 0.5) * 0x1p-53;
}

/* Normal, of mean 0 and deviation 1 (Box and Muller 1958). */
static inline double made_normal(tare_random *random)
{
    double radius = sqrt(-2 * log(made_part(random)));
    return radius * cos(6.283185307179586 * made_part(random));
}

/* Of mean 0 and deviation 1 as well, with a long tail upwards: waiting times. */
static inline double made_skewed(tare_random *random)
{
    return -log(made_part(random)) - 1;
}

static inline void fill_normal(tare_random *random, double *values, size_t count, double mean,
                               double sd)
{
    for (size_t i = 0; i < count; i++)
        values[i] = mean + sd * made_normal(random);
}

static inline bool is_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance)
        return true;
    printf("    %.17g instead of %.17g\n", value, expected);
    return false;
}

static inline bool is_close(double value, double expected, double relative)
{
    return is_near(value, expected, relative * fabs(expected));
}

/* hits of runs, against a rate, with 4 deviations to each side. */
static inline bool is_rate(double hits, double runs, double rate)
{
    return is_near(hits / runs, rate, 4 * sqrt(rate * (1 - rate) / runs));
}

#endif
