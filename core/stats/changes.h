/* changes.h - from where on is it different?
 *
 * A series of values is cut into segments of one mean each, so that
 *
 *     sum of the squared distances from the means / variance  +  penalty * cuts
 *
 * is as small as it can be: the best of all ways to cut (optimal partitioning, Jackson 2005). What
 * it costs to cut, 15 log(count) by default, is what Barrett 2017 found to serve for times. A
 * change by d deviations with a values before and b after it saves  a b / (a + b) * d^2;  hardly
 * ever is one found where there is none (docs/accuracy.md).
 *
 * A few values far out make no segment: each value is first drawn to within 3 deviations of the
 * median of those around it, 5 of less than 50, 7 of less than 200, else 11; so 2, 3 or 5 that lie
 * side by side are not seen, and one more is. The variance is that of neighbours' differences, by
 * their median, so that the changes themselves do not count as spread. */
#ifndef TARE_STATS_CHANGES_H
#define TARE_STATS_CHANGES_H

#include "stats/sample.h"

/* For penalty: 15 log(count). */
#define TARE_CHANGES_DEFAULT (-1.0)

/* starts_out, with room for count: the first value of each segment but the first, ascending.
 * O(count) in practice, whether or not there are changes. LIMIT above 2^31 values. */
TARE_MUST_USE tare_status tare_changes_find(const double *values, size_t count, double penalty,
                                            uint32_t *starts_out, size_t *start_count_out,
                                            const tare_alloc *alloc, tare_error *err);

/* How far values lie from their level, by the differences of neighbours. */
TARE_MUST_USE tare_status tare_changes_spread(const double *values, size_t count,
                                              double *spread_out, const tare_alloc *alloc,
                                              tare_error *err);

#endif
