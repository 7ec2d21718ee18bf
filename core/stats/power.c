/* power.c - an average over all spreads that the sample might have.
 *
 *     found   |shift + z| > t * s          z normal, s = sqrt(chi^2 / df)
 *     power   integral over s of  P(found | s) * density(s)
 *
 * The density of s lies around 1 and is as good as nothing 7 deviations away, so that
 * Simpson's rule over POINTS values of s gives six digits of the integral. */
#include "stats/power.h"

#include "stats/distribution.h"

#include <math.h>

enum { POINTS = 192, MAX_STEPS = 60 };

static double spread_density(double s, double df)
{
    if (s <= 0)
        return df <= 1 ? sqrt(2 / 3.14159265358979323846) : 0;
    double scale = log(2) + df / 2 * log(df / 2) - lgamma(df / 2);
    return exp(scale + (df - 1) * log(s) - df * s * s / 2);
}

static double power_at(double shift, double df, double reach)
{
    double low = fmax(0, 1 - 7 / sqrt(df));
    double high = 1 + 7 / sqrt(df);
    double sum = 0;
    double whole = 0;
    for (int i = 0; i <= POINTS; i++) {
        double s = low + (high - low) * i / POINTS;
        double simpson = i == 0 || i == POINTS ? 1 : i % 2 != 0 ? 4 : 2;
        double weight = simpson * spread_density(s, df);
        double found = tare_normal_above(reach * s - shift) + tare_normal_above(reach * s + shift);
        sum += weight * found;
        whole += weight;
    }
    return sum / whole;
}

double tare_power_of(double shift, double df, double level)
{
    return power_at(fabs(shift), df, tare_student_reach(level, df));
}

double tare_power_shift(double power, double df, double level)
{
    double reach = tare_student_reach(level, df);
    double low = 0;
    double high = reach + 1;
    for (int i = 0; i < MAX_STEPS && power_at(high, df, reach) < power; i++) {
        low = high;
        high *= 2;
    }
    for (int i = 0; i < MAX_STEPS && high - low > 1e-7 * high; i++) {
        double middle = (low + high) / 2;
        if (power_at(middle, df, reach) < power)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
