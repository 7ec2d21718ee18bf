/* levels.c - one analysis of variance, with one random factor.
 *
 * The processes' means are compared unweighted where their spread is the question, and weighted by
 * their counts for T2^2; with equal counts both are the formulas of the header. A negative T2^2,
 * which chance makes when processes do not differ, is 0. */
#include "stats/levels.h"

#include <math.h>

static const double most_best = 1e9;

typedef struct square_sums {
    double within;  /* squares of the distances from the process' mean */
    double between; /* squares of the means' distances from the mean, weighted by counts */
    double count;   /* of the values */
    double squares; /* of the counts */
} square_sums;

static square_sums add_up(const double *values, const size_t *sizes, size_t process_count,
                          double *means)
{
    square_sums sums = {0};
    double      whole = 0;
    for (size_t i = 0; i < process_count; i++) {
        tare_sample sample = tare_sample_of(values, sizes[i]);
        double      count = (double)sizes[i];
        means[i] = sample.mean;
        sums.within += sample.variance * (count - 1);
        sums.count += count;
        sums.squares += count * count;
        whole += sample.mean * count;
        values += sizes[i];
    }
    whole /= sums.count;
    for (size_t i = 0; i < process_count; i++)
        sums.between += (double)sizes[i] * (means[i] - whole) * (means[i] - whole);
    return sums;
}

static uint64_t find_best(const tare_levels *levels, double cost_ratio)
{
    if (levels->between <= 0)
        return levels->within > 0 ? TARE_LEVELS_ANY : 1;
    double best = ceil(sqrt(cost_ratio * levels->within / levels->between));
    return (uint64_t)fmin(fmax(best, 1), most_best);
}

static void split(tare_levels *levels, const square_sums *sums)
{
    double n = (double)levels->process_count;
    double repeats = (sums->count - sums->squares / sums->count) / (n - 1);
    levels->within = sums->within / (sums->count - n);
    levels->between = fmax((sums->between / (n - 1) - levels->within) / repeats, 0);
    double of_value = levels->within + levels->between;
    double of_mean = levels->within / repeats + levels->between;
    levels->between_share = of_value > 0 ? levels->between / of_value : 0;
    levels->lasting_share = of_mean > 0 ? levels->between / of_mean : 0;
}

tare_status tare_levels_find(const double *values, const size_t *sizes, size_t process_count,
                             double value_cost, double process_cost, double level,
                             tare_levels *levels_out, const tare_alloc *alloc, tare_error *err)
{
    void *means = NULL;
    if (process_count < 2)
        return tare_fail(err, TARE_USAGE, "%zu processes: what they differ by needs two",
                         process_count);
    TARE_TRY(tare_acquire(alloc, &means, process_count, sizeof(double), err));
    square_sums sums = add_up(values, sizes, process_count, means);
    tare_sample sample = tare_sample_of(means, process_count);
    tare_release(alloc, means, process_count, sizeof(double));
    if (sums.count <= (double)process_count)
        return tare_fail(err, TARE_USAGE, "one value in each process: their spread needs two");
    *levels_out = (tare_levels){
        .mean = tare_sample_interval(&sample, level),
        .process_count = process_count,
        .value_count = (size_t)sums.count,
    };
    split(levels_out, &sums);
    levels_out->best = find_best(levels_out, process_cost / value_cost);
    return TARE_OK;
}
