/* levels.h - where does the spread come from: from process to process, or within each?
 *
 * After Kalibera and Jones 2013. With n processes, r values in each:
 *
 *     S1^2 = mean over the processes of the variance of their values       T1^2 = S1^2
 *     S2^2 = variance of the processes' means                              T2^2 = S2^2 - S1^2 / r
 *
 * T1^2 is the variance within a process, T2^2 what processes differ by beside that. Further values
 * in a process average out the former alone. With the costs c1 of a further value and c2 of a
 * further process, the least time for a given interval is spent with
 *
 *     r = ceil(sqrt(c2 / c1 * T1^2 / T2^2))
 *
 * values in each process. Processes may have unequal counts of values: r is then what it would be
 * in an analysis of variance, (N - sum r_i^2 / N) / (n - 1). */
#ifndef TARE_STATS_LEVELS_H
#define TARE_STATS_LEVELS_H

#include "stats/sample.h"

/* best, where processes do not differ: as many values in each as one likes. */
#define TARE_LEVELS_ANY 0

typedef struct tare_levels {
    tare_estimate mean;          /* of the processes' means, by Student over processes */
    double        within;        /* T1^2 */
    double        between;       /* T2^2, never below 0 */
    double        between_share; /* of the variance of a value: T2^2 / (T1^2 + T2^2) */
    double        lasting_share; /* of the variance of the mean: what values cannot average out */
    uint64_t      best;          /* values in each process, at least 1, or TARE_LEVELS_ANY */
    size_t        process_count;
    size_t        value_count;
} tare_levels;

/* sizes: how many of the values, which follow each other, belong to each process; none is 0.
 * Costs are above 0. USAGE for fewer than two processes, or when none has two values. */
TARE_MUST_USE tare_status tare_levels_find(const double *values, const size_t *sizes,
                                           size_t process_count, double value_cost,
                                           double process_cost, double level,
                                           tare_levels *levels_out, const tare_alloc *alloc,
                                           tare_error *err);

#endif
