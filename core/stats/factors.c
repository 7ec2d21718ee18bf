/* factors.c - what is left of the values when directions are taken out of them.
 *
 * A label is a column: 1 for the processes that have it, else 0. Columns are made orthogonal to
 * the mean and to those before them, and the values lose their part along each; a column of which
 * nothing is left says nothing new. For each factor the others go first:
 *
 *     values - mean | others' columns -> rest | its columns -> rest
 *                                        squares before - squares after: due to it alone
 */
#include "stats/factors.h"

#include "stats/distribution.h"

#include <math.h>
#include <string.h>

static const double least_new = 1e-9; /* of the length of a column; less is rounding */

typedef struct direction_set {
    double *columns; /* orthonormal, one after the other */
    double *rest;    /* of the values */
    size_t  column_count;
    size_t  count; /* of the values */
} direction_set;

static double multiply(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void take_out(double *from, const double *column, size_t count)
{
    double part = multiply(from, column, count);
    for (size_t i = 0; i < count; i++)
        from[i] -= part * column[i];
}

/* Twice, since the first time leaves rounding of what it took out. */
static bool make_new(direction_set *space, double *column)
{
    double length = multiply(column, column, space->count);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < space->column_count; i++)
            take_out(column, space->columns + i * space->count, space->count);
    }
    double left = multiply(column, column, space->count);
    if (left <= least_new * length)
        return false;
    for (size_t i = 0; i < space->count; i++)
        column[i] /= sqrt(left);
    return true;
}

/* Columns for all labels but the first, which follows from the others and the mean; how many of
 * them were new. */
static size_t add_factor(direction_set *space, const uint32_t *labels, uint32_t label_count)
{
    size_t before = space->column_count;
    for (uint32_t label = 1; label < label_count; label++) {
        double *column = space->columns + space->column_count * space->count;
        double  hits = 0;
        for (size_t i = 0; i < space->count; i++)
            hits += labels[i] == label;
        for (size_t i = 0; i < space->count; i++)
            column[i] = (labels[i] == label) - hits / (double)space->count;
        if (!make_new(space, column))
            continue;
        take_out(space->rest, column, space->count);
        space->column_count++;
    }
    return space->column_count - before;
}

static void reset(direction_set *space, const double *values)
{
    tare_sample sample = tare_sample_of(values, space->count);
    space->column_count = 0;
    for (size_t i = 0; i < space->count; i++)
        space->rest[i] = values[i] - sample.mean;
}

static tare_factor judge(const direction_set *space, double whole, double before, size_t own)
{
    double left = multiply(space->rest, space->rest, space->count);
    double df_left = (double)space->count - 1 - (double)space->column_count;
    if (own == 0 || df_left < 1)
        return (tare_factor){.p = 1};
    double noise = left / df_left;
    double due = fmax(before - left, 0);
    double share = (due - (double)own * noise) / (whole + noise);
    bool   moves = due > 1e-12 * whole; /* else rounding */
    return (tare_factor){
        .share = moves ? fmin(fmax(share, 0), 1) : 0,
        .p = moves ? tare_fisher_p(due / (double)own / noise, (double)own, df_left) : 1,
        .separable = true,
    };
}

static tare_status check_sizes(size_t count, const uint32_t *label_counts, size_t factor_count,
                               size_t *labels_out, tare_error *err)
{
    if (count > TARE_FACTORS_MAX_VALUES)
        return tare_fail(err, TARE_LIMIT, "%zu values: factors are found for %d at most", count,
                         TARE_FACTORS_MAX_VALUES);
    for (size_t i = 0; i < factor_count; i++)
        *labels_out += label_counts[i];
    if (*labels_out > TARE_FACTORS_MAX_LABELS)
        return tare_fail(err, TARE_LIMIT, "%zu labels: factors have %d in all at most", *labels_out,
                         TARE_FACTORS_MAX_LABELS);
    return TARE_OK;
}

tare_status tare_factors_find(const double *values, size_t count, const uint32_t *labels,
                              const uint32_t *label_counts, size_t factor_count,
                              tare_factor *factors_out, const tare_alloc *alloc, tare_error *err)
{
    void  *memory = NULL;
    size_t label_count = 0;
    TARE_TRY(check_sizes(count, label_counts, factor_count, &label_count, err));
    size_t whole_count = (label_count + 2) * count; /* the rest, the columns, and one to try */
    TARE_TRY(tare_acquire(alloc, &memory, whole_count, sizeof(double), err));
    direction_set space = {.rest = memory, .columns = (double *)memory + count, .count = count};
    for (size_t found = 0; found < factor_count; found++) {
        reset(&space, values);
        double whole = multiply(space.rest, space.rest, count);
        for (size_t other = 0; other < factor_count; other++) {
            if (other != found)
                add_factor(&space, labels + other * count, label_counts[other]);
        }
        double before = multiply(space.rest, space.rest, count);
        size_t own = add_factor(&space, labels + found * count, label_counts[found]);
        factors_out[found] = judge(&space, whole, before, own);
        factors_out[found].label_count = label_counts[found];
    }
    tare_release(alloc, memory, whole_count, sizeof(double));
    return TARE_OK;
}
