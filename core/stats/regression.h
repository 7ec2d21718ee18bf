/* regression.h - a line through points, and whether it is one.
 *
 * Ordinary least squares: the errors of y are independent and of one size, x is exact. The test of
 * linearity asks whether a parabola fits better than chance would have it: linear_p is small when
 * the points bend. It needs four points and three different x, else it is 1.
 * A power law  time = c * n^exponent  is a line through the logarithms. */
#ifndef TARE_STATS_REGRESSION_H
#define TARE_STATS_REGRESSION_H

#include "stats/sample.h"

typedef struct tare_line {
    tare_estimate slope;
    tare_estimate intercept; /* at x = 0 */
    tare_estimate at;        /* of the line at the x that was asked for; not of a further y */
    double        spread;    /* of y around the line */
    double        linear_p;
    size_t        count;
} tare_line;

/* USAGE for fewer than two points, or when all x are the same. Two points leave no spread to
 * judge by: the intervals are everything. */
TARE_MUST_USE tare_status tare_regression_line(const double *xs, const double *ys, size_t count,
                                               double level, double at, tare_line *line_out,
                                               tare_error *err);

/* The exponent. USAGE as above, or when a number is not above 0. */
TARE_MUST_USE tare_status tare_regression_exponent(const double *ns, const double *times,
                                                   size_t count, double level,
                                                   tare_estimate    *exponent_out,
                                                   const tare_alloc *alloc, tare_error *err);

#endif
