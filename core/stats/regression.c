/* regression.c - least squares around the middle of the points.
 *
 * x is moved to its mean and scaled to its spread, so that numbers of bytes and parts of seconds
 * are as good as any: u has the mean 0 and sum of squares 1. Then
 *
 *     y = mean + slope * u                       the errors of both are independent
 *     bend = u^2, less its mean and its part along u, scaled to 1: a parabola is y + curve * bend
 *
 * so that slope, curve and what is left are sums, each computed once. */
#include "stats/regression.h"

#include "stats/distribution.h"

#include <math.h>

static const double rounding = 1e-24; /* of the squares of y: a perfect line */

typedef struct line_fit {
    double centre; /* of x */
    double scale;  /* u = (x - centre) / scale */
    double mean;   /* of y */
    double slope;  /* in u */
    double whole;  /* sum of squares of y around the mean */
    double left;   /* around the line */
} line_fit;

/* Sums of u^3 and u^4, of which the bend consists. */
typedef struct u_sums {
    double third;
    double fourth;
} u_sums;

static double u_of(const line_fit *fit, double x)
{
    return (x - fit->centre) / fit->scale;
}

static void fit_line(line_fit *fit, const double *xs, const double *ys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fit->slope += u_of(fit, xs[i]) * (ys[i] - fit->mean);
    for (size_t i = 0; i < count; i++) {
        double off = ys[i] - fit->mean - fit->slope * u_of(fit, xs[i]);
        fit->whole += (ys[i] - fit->mean) * (ys[i] - fit->mean);
        fit->left += off * off;
    }
}

static u_sums find_moments(const line_fit *fit, const double *xs, size_t count)
{
    u_sums moments = {0};
    for (size_t i = 0; i < count; i++) {
        double u = u_of(fit, xs[i]);
        moments.third += u * u * u;
        moments.fourth += u * u * u * u;
    }
    return moments;
}

static double test_bend(const line_fit *fit, const double *xs, const double *ys, size_t count)
{
    double n = (double)count;
    if (count < 4 || fit->left <= rounding * fit->whole)
        return 1;
    u_sums moments = find_moments(fit, xs, count);
    double length = 0;
    double curve = 0;
    for (size_t i = 0; i < count; i++) {
        double u = u_of(fit, xs[i]);
        double bend = u * u - 1 / n - moments.third * u;
        length += bend * bend;
        curve += bend * (ys[i] - fit->mean - fit->slope * u);
    }
    if (length <= 1e-12 * moments.fourth)
        return 1; /* two different x */
    double due = curve * curve / length;
    double rest = fmax(fit->left - due, 0) / (n - 3);
    return rest > 0 ? tare_fisher_p(due / rest, 1, n - 3) : 0;
}

static tare_estimate estimate(double value, double error, double reach)
{
    if (isinf(reach))
        return (tare_estimate){.value = value, .low = -HUGE_VAL, .high = HUGE_VAL};
    return (tare_estimate){
        .value = value,
        .low = value - reach * error,
        .high = value + reach * error,
    };
}

/* Of the line at x: the errors of its height and of its slope add up. */
static tare_estimate estimate_at(const line_fit *fit, double x, double n, double spread,
                                 double reach)
{
    double u = u_of(fit, x);
    return estimate(fit->mean + fit->slope * u, spread * sqrt(1 / n + u * u), reach);
}

tare_status tare_regression_line(const double *xs, const double *ys, size_t count, double level,
                                 double at, tare_line *line_out, tare_error *err)
{
    if (count < 2)
        return tare_fail(err, TARE_USAGE, "%zu points: a line needs two", count);
    tare_sample x = tare_sample_of(xs, count);
    tare_sample y = tare_sample_of(ys, count);
    double      n = (double)count;
    line_fit    fit = {.centre = x.mean, .scale = sqrt(x.variance * (n - 1)), .mean = y.mean};
    if (!(fit.scale > 1e-14 * fabs(x.mean)))
        return tare_fail(err, TARE_USAGE, "all %zu points have the same x: a line needs two",
                         count);
    fit_line(&fit, xs, ys, count);
    double reach = count > 2 ? tare_student_reach(level, n - 2) : HUGE_VAL;
    double spread = count > 2 ? sqrt(fit.left / (n - 2)) : 0;
    *line_out = (tare_line){
        .slope = estimate(fit.slope / fit.scale, spread / fit.scale, reach),
        .intercept = estimate_at(&fit, 0, n, spread, reach),
        .at = estimate_at(&fit, at, n, spread, reach),
        .spread = spread,
        .linear_p = test_bend(&fit, xs, ys, count),
        .count = count,
    };
    return TARE_OK;
}

static tare_status take_logarithms(const double *values, size_t count, double *out,
                                   const char *what, tare_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] > 0))
            return tare_fail(err, TARE_USAGE, "%s %zu is %g: a power law is for what is above 0",
                             what, i + 1, values[i]);
        out[i] = log(values[i]);
    }
    return TARE_OK;
}

tare_status tare_regression_exponent(const double *ns, const double *times, size_t count,
                                     double level, tare_estimate *exponent_out,
                                     const tare_alloc *alloc, tare_error *err)
{
    void     *memory = NULL;
    tare_line line = {.count = 0};
    TARE_TRY(tare_acquire(alloc, &memory, 2 * count, sizeof(double), err));
    double     *logarithms = memory;
    tare_status status = take_logarithms(ns, count, logarithms, "size", err);
    if (status == TARE_OK)
        status = take_logarithms(times, count, logarithms + count, "time", err);
    if (status == TARE_OK)
        status = tare_regression_line(logarithms, logarithms + count, count, level, 0, &line, err);
    *exponent_out = line.slope;
    tare_release(alloc, memory, 2 * count, sizeof(double));
    return status;
}
