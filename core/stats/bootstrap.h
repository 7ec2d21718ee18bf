/* bootstrap.h - the geometric mean of several ratios, each known from processes of its own.
 *
 *     benchmark    log ratios of its processes     mean
 *     a            0.031 0.027 0.035 ...           0.031  \
 *     b            0.110 0.090 0.104 ...           0.101   }  exp(mean of the means)
 *     c            -0.01 0.002 0.004 ...          -0.001  /
 *
 * Ratios multiply, so their mean is geometric (Fleming and Wallace 1986), and it weighs each
 * benchmark alike. The interval speaks of these benchmarks, run again: processes are drawn again
 * within each, the benchmarks stay. How another choice of benchmarks would do it does not say. */
#ifndef TARE_STATS_BOOTSTRAP_H
#define TARE_STATS_BOOTSTRAP_H

#include "stats/sample.h"

/* sizes: how many of the values, which follow each other, belong to each group; none is 0, and
 * each is below 2^31. USAGE without groups. A group of one value makes the interval everything.
 * The same seed gives the same interval. O(draws * values), 1,000 to 10,000 draws. */
TARE_MUST_USE tare_status tare_bootstrap_geometric_mean(const double *log_ratios,
                                                        const size_t *sizes, size_t group_count,
                                                        double level, uint64_t seed,
                                                        tare_estimate    *mean_out,
                                                        const tare_alloc *alloc, tare_error *err);

#endif
