/* batches.h - how many independent values are these worth?
 *
 * Values that follow each other are alike: a slow moment slows several. The mean of n of them
 * varies like that of fewer, by as much as means of batches vary more than they should:
 *
 *     effective = n * variance of the values / (batch size * variance of the batches' means)
 *
 * With batches of sqrt(n) values, all that overlap (Meketon and Schmeiser 1984). */
#ifndef TARE_STATS_BATCHES_H
#define TARE_STATS_BATCHES_H

#include "stats/sample.h"

/* In [1, count]; count where there are too few to tell (fewer than 16), or all are equal. O(n). */
double tare_batches_effective(const double *values, size_t count);

#endif
