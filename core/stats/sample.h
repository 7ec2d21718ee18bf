/* sample.h - what a handful of independent values says of their mean.
 *
 * Values that one process measured one after the other are not independent: whoever compares
 * hands over one value for each process.
 * All values in core/stats that have no bound of their own are finite and at most
 * TARE_SAMPLE_LARGEST in size: whoever takes them from outside has checked it. */
#ifndef TARE_STATS_SAMPLE_H
#define TARE_STATS_SAMPLE_H

#include "base/alloc.h"

#include "stats/interval.h"

/* The squares of so large values can still be summed. */
#define TARE_SAMPLE_LARGEST 1e100

typedef struct tare_sample {
    size_t count;
    double mean;     /* 0 without values */
    double variance; /* of the population, by count - 1; 0 for fewer than two */
} tare_sample;

tare_sample tare_sample_of(const double *values, size_t count);

/* Student's interval of the mean; (value, -inf, inf) for fewer than two values. */
tare_estimate tare_sample_interval(const tare_sample *sample, double level);

/* In ascending order, in place. */
void tare_sample_sort(double *values, size_t count);

/* The middle one of sorted values, or the mean of the two in the middle; at least one. */
double tare_sample_middle(const double *sorted, size_t count);

/* The value below which the part p of sorted values lies, interpolated; at least one. */
double tare_sample_quantile(const double *sorted, size_t count, double p);

/* Without the part [0, 0.5) of the values, rounded down, at each end; 0.5: the median. At least
 * one value. O(count log count). */
TARE_MUST_USE tare_status tare_sample_trimmed_mean(const double *values, size_t count, double part,
                                                   double *mean_out, const tare_alloc *alloc,
                                                   tare_error *err);

#endif
