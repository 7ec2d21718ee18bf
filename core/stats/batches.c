/* batches.c - one sum that moves along the values. */
#include "stats/batches.h"

#include <math.h>

enum { LEAST_VALUES = 16 };

/* The variance of the mean of all, from those of the batches. */
static double find_variance(const double *values, size_t count, size_t size, double mean)
{
    double batch = (double)size;
    double places = (double)(count - size + 1);
    double squares = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i] - mean;
        if (i >= size)
            sum -= values[i - size] - mean;
        if (i + 1 >= size)
            squares += sum / batch * (sum / batch);
    }
    return batch * squares / (((double)count - batch) * places);
}

double tare_batches_effective(const double *values, size_t count)
{
    double      n = (double)count;
    tare_sample sample = tare_sample_of(values, count);
    if (count < LEAST_VALUES || !(sample.variance > 0))
        return n;
    double variance = find_variance(values, count, (size_t)sqrt(n), sample.mean);
    if (!(variance > 0))
        return n;
    return fmin(fmax(sample.variance / variance, 1), n);
}
