/* factors.h - what do processes differ by: the hash seed, the environment's size, the order?
 *
 *     process   value   hash seed   environment   order
 *     1         0.031   a           short         AB
 *     2         0.027   a           long          BA
 *     3         0.044   b           short         BA        ...
 *
 * An analysis of variance in which the factors add up: the share of a factor is what of the spread
 * it explains that the others do not, less what as many labels explain by chance (omega^2), and p
 * is the chance to explain so much where it does nothing (Fisher's test).
 * A factor is not separable when what it says follows from the others, when it has one label, or
 * when too few processes share theirs: its share is 0 and p is 1. */
#ifndef TARE_STATS_FACTORS_H
#define TARE_STATS_FACTORS_H

#include "stats/sample.h"

#include <stdbool.h>

enum { TARE_FACTORS_MAX_VALUES = 4096, TARE_FACTORS_MAX_LABELS = 512 };

typedef struct tare_factor {
    double   share; /* in [0, 1] */
    double   p;
    uint32_t label_count;
    bool     separable;
} tare_factor;

/* labels[f * count + i]: of value i in factor f, numbered from 0 without gaps; label_counts[f]:
 * how many. LIMIT for more values than TARE_FACTORS_MAX_VALUES, or more labels in all than
 * TARE_FACTORS_MAX_LABELS. O(factors * labels^2 * values). */
TARE_MUST_USE tare_status tare_factors_find(const double *values, size_t count,
                                            const uint32_t *labels, const uint32_t *label_counts,
                                            size_t factor_count, tare_factor *factors_out,
                                            const tare_alloc *alloc, tare_error *err);

#endif
