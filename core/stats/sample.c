/* sample.c - mean, spread, Student's interval, and what is found in sorted values.
 *
 * The variance comes from a second pass over the distances from the mean: sums of squares of times
 * that differ in their eighth digit would leave nothing but rounding. */
#include "stats/sample.h"

#include "stats/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double find_mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* The sum of the distances would be zero without rounding; what it is corrects the mean. */
tare_sample tare_sample_of(const double *values, size_t count)
{
    if (count == 0)
        return (tare_sample){0};
    double mean = find_mean(values, count);
    double off = 0;
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        off += values[i] - mean;
        squares += (values[i] - mean) * (values[i] - mean);
    }
    double      n = (double)count;
    tare_sample sample = {.count = count, .mean = mean + off / n};
    if (count > 1)
        sample.variance = fmax(squares - off * off / n, 0) / (n - 1);
    return sample;
}

tare_estimate tare_sample_interval(const tare_sample *sample, double level)
{
    if (sample->count < 2)
        return (tare_estimate){.value = sample->mean, .low = -HUGE_VAL, .high = HUGE_VAL};
    double n = (double)sample->count;
    double reach = tare_student_reach(level, n - 1) * sqrt(sample->variance / n);
    return (tare_estimate){
        .value = sample->mean,
        .low = sample->mean - reach,
        .high = sample->mean + reach,
    };
}

static int compare_values(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

void tare_sample_sort(double *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, compare_values);
}

double tare_sample_middle(const double *sorted, size_t count)
{
    size_t half = count / 2;
    return count % 2 != 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double tare_sample_quantile(const double *sorted, size_t count, double p)
{
    double at = fmin(fmax(p, 0), 1) * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

tare_status tare_sample_trimmed_mean(const double *values, size_t count, double part,
                                     double *mean_out, const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *values, err));
    double *sorted = memory;
    memcpy(sorted, values, count * sizeof *values);
    tare_sample_sort(sorted, count);
    size_t cut = (size_t)(part * (double)count);
    if (2 * cut >= count)
        *mean_out = tare_sample_middle(sorted, count);
    else
        *mean_out = find_mean(sorted + cut, count - 2 * cut);
    tare_release(alloc, memory, count, sizeof *values);
    return TARE_OK;
}
