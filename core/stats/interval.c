/* interval.c - score intervals: all true shares that the sample does not contradict.
 *
 *     share <= 1   k = share * n hits in n ticks are binomial: Wilson
 *                  (share + z^2/2n +- z sqrt(share (1 - share)/n + z^2/4n^2)) / (1 + z^2/n)
 *     share > 1    k hits are a Poisson count, several a tick
 *                  (k + z^2/2 +- z sqrt(k + z^2/4)) / n
 *
 * Both come from solving |seen - true| <= z * deviation(true) for the true share, so they hold
 * at 0 and 1 and for few samples, where "share +- 2 deviations" says that something seen once
 * in ten ticks may take less than no time.
 * Left out: any correction for stratified ticks; it could only make the intervals narrower. */
#include "stats/interval.h"

#include <math.h>

static const double z = 1.959963984540054; /* 97.5 % of a normal distribution lie below */

double tare_effective_count(double weight_sum, double weight_squared_sum)
{
    return weight_squared_sum > 0 ? weight_sum * weight_sum / weight_squared_sum : 0;
}

static tare_estimate estimate_binomial(double share, double n)
{
    double whole = 1 + z * z / n;
    double centre = (share + z * z / (2 * n)) / whole;
    double reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / whole;
    /* What the formula gives at the ends, without the rounding. */
    return (tare_estimate){
        .value = share,
        .low = share > 0 ? fmax(centre - reach, 0) : 0,
        .high = share < 1 ? fmin(centre + reach, 1) : 1,
    };
}

static tare_estimate estimate_poisson(double share, double n)
{
    double count = share * n;
    double centre = count + z * z / 2;
    double reach = z * sqrt(count + z * z / 4);
    return (tare_estimate){
        .value = share,
        .low = (centre - reach) / n,
        .high = (centre + reach) / n,
    };
}

tare_estimate tare_share_interval(double share, double effective_count)
{
    if (effective_count <= 0)
        return (tare_estimate){.value = 0, .low = 0, .high = 1};
    if (share > 1)
        return estimate_poisson(share, effective_count);
    return estimate_binomial(share, effective_count);
}

static double gain_without(double share)
{
    return share < 1 ? 1 / (1 - share) : HUGE_VAL;
}

tare_estimate tare_amdahl_ratio(tare_estimate share)
{
    return (tare_estimate){
        .value = gain_without(share.value),
        .low = gain_without(share.low),
        .high = gain_without(share.high),
    };
}
