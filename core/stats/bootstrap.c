/* bootstrap.c - means of processes drawn again, with what a plain bootstrap forgets put back.
 *
 * A draw from n values spreads like n - 1 of n would, and its ends are a normal distribution's
 * where Student's are due. So residuals are stretched by sqrt(n / (n - 1)), and the ends are taken
 * at Student's distance (Hesterberg 2015, the expanded percentile interval), with the degrees of
 * freedom that Welch and Satterthwaite give to a sum of groups of unlike spread. For normal values
 * this is Welch's interval; the draws add the skewness that values have.
 *
 * With fewer than LEAST_DF degrees the ends lie farther out than any draw: Welch's interval is
 * taken as it is. */
#include "stats/bootstrap.h"

#include "stats/distribution.h"
#include "stats/paired.h"
#include "stats/random.h"

#include <math.h>
#include <string.h>

static const double least_df = 4;
static const double most_work = 2e8; /* values drawn: a second */

enum { LEAST_DRAWS = 1000, MOST_DRAWS = 10000 };

typedef struct group_set {
    const size_t *sizes;
    size_t        count;
    size_t        value_count;
    double        mean;     /* of the means */
    double        variance; /* of that; HUGE_VAL when a group has one value */
    double        df;
    double       *residuals; /* stretched; owned */
    double       *draws;     /* owned */
    size_t        draw_count;
} group_set;

static tare_status acquire(group_set *groups, const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;
    for (size_t i = 0; i < groups->count; i++)
        groups->value_count += groups->sizes[i];
    double draws = most_work / (double)groups->value_count;
    groups->draw_count = (size_t)fmin(fmax(draws, LEAST_DRAWS), MOST_DRAWS);
    size_t whole = groups->value_count + groups->draw_count;
    TARE_TRY(tare_acquire(alloc, &memory, whole, sizeof(double), err));
    groups->residuals = memory;
    groups->draws = groups->residuals + groups->value_count;
    return TARE_OK;
}

static void describe(group_set *groups, const double *values)
{
    double count = (double)groups->count;
    double doubt = 0; /* sum of v^2 / df of the groups */
    size_t at = 0;
    for (size_t i = 0; i < groups->count; i++) {
        double      n = (double)groups->sizes[i];
        tare_sample sample = tare_sample_of(values + at, groups->sizes[i]);
        double      variance = n > 1 ? sample.variance / n / (count * count) : HUGE_VAL;
        groups->mean += sample.mean / count;
        groups->variance += variance;
        doubt += variance * variance / (n - 1);
        double stretch = n > 1 ? sqrt(n / (n - 1)) : 0;
        for (size_t end = at + groups->sizes[i]; at < end; at++)
            groups->residuals[at] = stretch * (values[at] - sample.mean);
    }
    groups->df = groups->variance > 0 ? groups->variance * groups->variance / doubt : HUGE_VAL;
}

static double draw_mean(const group_set *groups, tare_random *random)
{
    double        sum = 0;
    const double *residuals = groups->residuals;
    for (size_t i = 0; i < groups->count; i++) {
        uint32_t size = (uint32_t)groups->sizes[i];
        double   group_sum = 0;
        for (uint32_t drawn = 0; drawn < size; drawn++)
            group_sum += residuals[tare_random_below(random, size)];
        sum += group_sum / size;
        residuals += size;
    }
    return sum / (double)groups->count;
}

static tare_estimate find_interval(const group_set *groups, double level, uint64_t seed)
{
    double value = groups->mean;
    if (isinf(groups->variance))
        return (tare_estimate){.value = value, .low = -HUGE_VAL, .high = HUGE_VAL};
    double reach = tare_student_reach(level, groups->df);
    if (groups->df < least_df) {
        double half = reach * sqrt(groups->variance);
        return (tare_estimate){.value = value, .low = value - half, .high = value + half};
    }
    tare_random random = {.state = seed};
    for (size_t i = 0; i < groups->draw_count; i++)
        groups->draws[i] = draw_mean(groups, &random);
    tare_sample_sort(groups->draws, groups->draw_count);
    double tail = tare_normal_above(reach);
    return (tare_estimate){
        .value = value,
        .low = value + tare_sample_quantile(groups->draws, groups->draw_count, tail),
        .high = value + tare_sample_quantile(groups->draws, groups->draw_count, 1 - tail),
    };
}

tare_status tare_bootstrap_geometric_mean(const double *log_ratios, const size_t *sizes,
                                          size_t group_count, double level, uint64_t seed,
                                          tare_estimate *mean_out, const tare_alloc *alloc,
                                          tare_error *err)
{
    group_set groups = {.sizes = sizes, .count = group_count};
    if (group_count == 0)
        return tare_fail(err, TARE_USAGE, "no groups: a mean needs one");
    TARE_TRY(acquire(&groups, alloc, err));
    describe(&groups, log_ratios);
    *mean_out = tare_paired_ratio(find_interval(&groups, level, seed));
    tare_release(alloc, groups.residuals, groups.value_count + groups.draw_count, sizeof(double));
    return TARE_OK;
}
