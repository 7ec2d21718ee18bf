/* sequential.h - looking after each batch, and still wrong in no more than 5 % of the cases.
 *
 * Whoever looks ten times at 95 % and stops at the first difference finds one in a fifth of all
 * comparisons of a program with itself. So the 5 % are spent: at each look a part of them, by
 *
 *     spent up to the process n = 0.95 (1 - level) * (n / most)^2        most: the last preset look
 *
 * and the interval of that look is as much wider as its part asks for. The intervals of all looks
 * hold the true ratio together, at the stated level, so that any reason to stop is a good one: a
 * difference, no difference that matters, no time left.
 *
 * Why the square (Kim and DeMets 1987)? With six looks, each after ten processes:
 *
 *     exponent                    1       2       3
 *     first interval, of its own  1.49    2.01    2.61 times as wide     (Student, 9 degrees)
 *     last interval               1.17    1.09    1.05 times as wide
 *
 * Spent evenly (1, near Pocock's), too much of the last interval is gone for comparisons that go to
 * the end, which are those of small changes. Spent late (3, near O'Brien and Fleming's), a change
 * must be large to be seen early. The square is between the two. */
#ifndef TARE_STATS_SEQUENTIAL_H
#define TARE_STATS_SEQUENTIAL_H

#include "stats/sample.h"

enum { TARE_SEQUENTIAL_MAX_LOOKS = 64 };

typedef enum tare_decision {
    TARE_DECISION_NONE,
    TARE_DECISION_FASTER,
    TARE_DECISION_SLOWER,
    TARE_DECISION_SAME, /* within the part least; also where it surely is a little faster */
} tare_decision;

typedef struct tare_look {
    tare_estimate ratio;
    double        level_used; /* of this look's interval by itself */
    tare_decision decided;
} tare_look;

/* The level of the interval after count processes, when the looks before, those of the preset ones
 * that are below count, were made. count itself need not be preset: time may have run out.
 * USAGE: looks do not ascend from 1, are none or too many, or count is not in [1, last look]. */
TARE_MUST_USE tare_status tare_sequential_level(const size_t *looks, size_t look_count,
                                                size_t count, double level, double *level_out,
                                                tare_error *err);

/* The chance of a comparison to have shown so much at any of its looks, where there is no
 * difference: from the plain p at this look (Paired.p) that of all looks together. It is below
 * 1 - level exactly where the interval of the look leaves 1, and is what several comparisons are
 * to be judged by (stats/holm.h). Never below 1e-100. USAGE as above. */
TARE_MUST_USE tare_status tare_sequential_p(const size_t *looks, size_t look_count, size_t count,
                                            double p, double *p_out, tare_error *err);

/* The look after count processes, with that level; fewer than two decide nothing. */
tare_look tare_sequential_look(const double *log_ratios, size_t count, double level_used,
                               double least);

#endif
