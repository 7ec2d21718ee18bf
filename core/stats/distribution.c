/* distribution.c - tails first.
 *
 *     Student, Fisher   the incomplete beta function, by its continued fraction
 *     quantiles         the tail is inverted: Newton, kept inside a bracket that shrinks
 *
 * A tail is computed as such, never as 1 minus the rest, or nothing would be left of 1e-20. For
 * the same reason the incomplete beta function takes both x and 1 - x.
 * Cost: some tens of terms; O(sqrt(df)) for many degrees of freedom, never above MAX_TERMS. */
#include "stats/distribution.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
static const double many_df = 1e6; /* from here on normal: off by less than 1 / df */

enum { MAX_TERMS = 20000, MAX_STEPS = 200 };

double tare_normal_above(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

double tare_normal_below(double z)
{
    return tare_normal_above(-z);
}

/* Abramowitz and Stegun 26.2.23, good to 4.5e-4. */
static double guess_above(double tail)
{
    double t = sqrt(-2 * log(tail));
    double above = 2.515517 + t * (0.802853 + t * 0.010328);
    double below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return t - above / below;
}

/* The z above which the tail lies, 0 < tail <= 0.5: three steps of Halley's, each of which makes
 * three times as many digits right. */
static double find_above(double tail)
{
    double z = guess_above(tail);
    for (int step = 0; step < 3; step++) {
        double density = exp(-z * z / 2) / sqrt(2 * pi);
        double off = (tare_normal_above(z) - tail) / density;
        z += off / (1 - z * off / 2);
    }
    return z;
}

double tare_normal_quantile(double p)
{
    if (p <= 0)
        return -HUGE_VAL;
    if (p >= 1)
        return HUGE_VAL;
    if (p == 0.5)
        return 0;
    return p < 0.5 ? -find_above(p) : find_above(1 - p);
}

static double keep_off_zero(double value)
{
    return fabs(value) < 1e-300 ? 1e-300 : value;
}

/* Abramowitz and Stegun 26.5.8, from the front. */
static double beta_fraction(double x, double a, double b)
{
    double above = 1;
    double below = 1 / keep_off_zero(1 - (a + b) * x / (a + 1));
    double sum = below;
    for (int m = 1; m < MAX_TERMS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        below = 1 / keep_off_zero(1 + even * below);
        above = keep_off_zero(1 + even / above);
        sum *= below * above;
        below = 1 / keep_off_zero(1 + odd * below);
        above = keep_off_zero(1 + odd / above);
        sum *= below * above;
        if (fabs(below * above - 1) < 1e-15)
            break;
    }
    return sum;
}

/* y is 1 - x. */
static double incomplete_beta(double x, double y, double a, double b)
{
    if (x <= 0)
        return 0;
    if (y <= 0)
        return 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(y, b, a) / b;
}

double tare_student_p(double t, double df)
{
    if (isinf(t))
        return 0;
    if (df >= many_df)
        return 2 * tare_normal_above(fabs(t));
    return incomplete_beta(df / (df + t * t), t * t / (df + t * t), df / 2, 0.5);
}

double tare_student_below(double t, double df)
{
    double tail = tare_student_p(t, df) / 2;
    return t < 0 ? tail : 1 - tail;
}

static double student_density(double t, double df)
{
    return exp(lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * pi) -
               (df + 1) / 2 * log1p(t * t / df));
}

/* The t above which the tail lies, 0 < tail < 0.5. */
static double find_student_above(double tail, double df)
{
    double low = 0;
    double high = 1;
    for (; tare_student_p(high, df) / 2 > tail && high < 1e150; high *= 4)
        low = high;
    double t = (low + high) / 2;
    for (int step = 0; step < MAX_STEPS; step++) {
        double off = tare_student_p(t, df) / 2 - tail;
        if (off > 0)
            low = t;
        else
            high = t;
        double next = t + off / student_density(t, df);
        if (!(low < next && next < high))
            next = (low + high) / 2;
        if (fabs(next - t) <= 1e-14 * t)
            return next;
        t = next;
    }
    return t;
}

double tare_student_quantile(double p, double df)
{
    if (p <= 0 || p >= 1 || p == 0.5 || df >= many_df)
        return tare_normal_quantile(p);
    return p < 0.5 ? -find_student_above(p, df) : find_student_above(1 - p, df);
}

double tare_student_reach(double level, double df)
{
    return -tare_student_quantile((1 - level) / 2, df);
}

double tare_fisher_p(double f, double df_above, double df_below)
{
    if (f <= 0)
        return 1;
    if (isinf(f))
        return 0;
    double whole = df_below + df_above * f;
    return incomplete_beta(df_below / whole, df_above * f / whole, df_below / 2, df_above / 2);
}
