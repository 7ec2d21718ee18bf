/* paired.h - is B faster than A, and what could have been seen?
 *
 *     process    1       2       3     ...      each holds both sides, their blocks in turns
 *     log ratio  0.031   0.027   0.035 ...      log(time of A / time of B), one for each process
 *
 * What slows a process down, or the machine while it runs, slows both sides and is not in their
 * ratio. What differs from process to process (layout of memory, hashes) is, and only further
 * processes average it out: so the count of processes is the count of the sample.
 * Ratios are old by new: above 1, B is faster. */
#ifndef TARE_STATS_PAIRED_H
#define TARE_STATS_PAIRED_H

#include "stats/sample.h"

/* needed, where no number of processes would do. */
#define TARE_PAIRED_NEVER UINT64_C(1000000000)

typedef struct tare_paired {
    tare_estimate ratio;
    double        sd; /* of the log ratios */
    size_t        count;
    double        p;        /* chance of so large a change, or larger, where there is none */
    double        smallest; /* ratio > 1: a true change of this size is found with power 0.8 */
    uint64_t      needed;   /* further processes until it is likely to be decided; 0: it is */
} tare_paired;

/* A change by less than the part least does not matter: the comparison is decided when the
 * interval leaves 1, or lies between 1 / (1 + least) and 1 + least. Fewer than two processes know
 * of no spread: the interval is everything. */
tare_paired tare_paired_compare(const double *log_ratios, size_t count, double level, double least);

/* The interval of a ratio from that of its logarithm. */
tare_estimate tare_paired_ratio(tare_estimate log_ratio);

#endif
