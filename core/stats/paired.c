/* paired.c - Student's interval of the log ratios, and how many more would decide.
 *
 * How many more is asked of all changes that the sample leaves possible, not of the one it shows:
 * a sample that happens to lie far out would promise too much. With n seen, of mean m and spread
 * s, the mean of N will be
 *
 *     m + s * sqrt(1/n - 1/N) * t(n - 1)         and its interval reach  h = t * s / sqrt(N)
 *
 * to each side. Undecided remains what then lies in
 *
 *     |-------------|--------|--------|--------|-------------|
 *    -h         -(L-h)       0      L-h                      h        L = log(1 + least)
 *       undecided      same, within least       undecided
 *
 * needed is the first N (found by halving) where at most a fifth lies there. */
#include "stats/paired.h"

#include "stats/distribution.h"
#include "stats/power.h"

#include <math.h>
#include <stdbool.h>

enum { FEW = 10 }; /* below so many processes a spread is a guess */

tare_estimate tare_paired_ratio(tare_estimate log_ratio)
{
    return (tare_estimate){
        .value = exp(log_ratio.value),
        .low = exp(log_ratio.low),
        .high = exp(log_ratio.high),
    };
}

/* The chance that the mean of whole processes lies within reach of zero. */
static double chance_within(const tare_sample *seen, double whole, double reach)
{
    double n = (double)seen->count;
    double spread = sqrt(seen->variance * (1 / n - 1 / whole));
    return tare_student_below((reach - seen->mean) / spread, n - 1) -
           tare_student_below((-reach - seen->mean) / spread, n - 1);
}

static double chance_decided(const tare_sample *seen, double whole, double level, double same)
{
    double reach = tare_student_reach(level, whole - 1) * sqrt(seen->variance / whole);
    if (2 * reach <= same)
        return 1;
    double open = chance_within(seen, whole, reach);
    return reach < same ? 1 - open + chance_within(seen, whole, same - reach) : 1 - open;
}

static uint64_t find_needed(const tare_sample *seen, double level, double same)
{
    double   n = (double)seen->count;
    uint64_t low = 0;
    uint64_t high = 1;
    while (chance_decided(seen, n + (double)high, level, same) < TARE_POWER_PROMISED) {
        if (high >= TARE_PAIRED_NEVER)
            return TARE_PAIRED_NEVER;
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (chance_decided(seen, n + (double)middle, level, same) < TARE_POWER_PROMISED)
            low = middle;
        else
            high = middle;
    }
    return high < TARE_PAIRED_NEVER ? high : TARE_PAIRED_NEVER;
}

static bool is_decided(tare_estimate log_ratio, double same)
{
    bool leaves_zero = log_ratio.low > 0 || log_ratio.high < 0;
    return leaves_zero || (log_ratio.low >= -same && log_ratio.high <= same);
}

static double find_p(const tare_sample *sample)
{
    double n = (double)sample->count;
    if (sample->variance > 0)
        return tare_student_p(sample->mean / sqrt(sample->variance / n), n - 1);
    return sample->mean == 0 ? 1 : 0;
}

tare_paired tare_paired_compare(const double *log_ratios, size_t count, double level, double least)
{
    tare_sample   sample = tare_sample_of(log_ratios, count);
    tare_estimate log_ratio = tare_sample_interval(&sample, level);
    double        same = log1p(least);
    tare_paired   paired = {
          .ratio = tare_paired_ratio(log_ratio),
          .sd = sqrt(sample.variance),
          .count = count,
          .p = 1,
          .smallest = HUGE_VAL,
    };
    if (count < 2) {
        paired.needed = FEW - count;
        return paired;
    }
    double n = (double)count;
    double shift = tare_power_shift(TARE_POWER_PROMISED, n - 1, level);
    paired.p = find_p(&sample);
    paired.smallest = exp(shift * paired.sd / sqrt(n));
    if (!is_decided(log_ratio, same))
        paired.needed = find_needed(&sample, level, same);
    return paired;
}
