/* warm_up.c - first the cycle, which is taken out; then the segments, from the last one backwards.
 *
 *     values --second half--> period --less the mean of each phase--> change points
 *                                                                          |
 *              level of each segment <-------------------------------------'
 *              <------ same level as the last? ------|  steady from here
 *
 * A cycle is looked for in the second half, where most of what warms up has. Values far out are
 * drawn in first, so that one of them does not hide it: to the distance of the first from the last
 * tenth beyond either; or, if no cycle shows, to 3 times that, since in one place of twenty a cycle
 * itself lies far out. All periods are tried; the least one that explains nearly as much as the
 * best is taken, since its multiples explain as much. Fisher's test keeps chance out, at a rate of
 * 1 in 10,000 for all periods together. */
#include "stats/warm_up.h"

#include "stats/changes.h"
#include "stats/distribution.h"
#include "stats/regression.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const double least_explained = 0.5;
static const double false_rate = 1e-4;
static const double one_level = 0.05; /* of the level the series ends on */

enum { CYCLES = 4 };

typedef struct time_series {
    const double *values;
    size_t        count;
    double       *flattened; /* without the cycle; owned */
    double       *scratch;   /* owned */
    uint32_t     *starts;    /* of the segments but the first; owned */
    size_t        start_count;
    double        spread;
    uint32_t      period;
} time_series;

/* The second half, with what lies far out drawn in; in scratch. */
static size_t draw_in(time_series *series, double widths)
{
    size_t  count = series->count - series->count / 2;
    double *half = series->scratch;
    memcpy(half, series->values + series->count / 2, count * sizeof *half);
    tare_sample_sort(half, count);
    double low = tare_sample_quantile(half, count, 0.1);
    double high = tare_sample_quantile(half, count, 0.9);
    double reach = high > low ? widths * (high - low) : HUGE_VAL;
    memcpy(half, series->values + series->count / 2, count * sizeof *half);
    for (size_t i = 0; i < count; i++)
        half[i] = fmin(fmax(half[i], low - reach), high + reach);
    return count;
}

static void add_up_phases(const double *values, size_t count, uint32_t period, double *sums,
                          double *counts)
{
    memset(sums, 0, period * sizeof *sums);
    memset(counts, 0, period * sizeof *counts);
    uint32_t phase = 0;
    for (size_t i = 0; i < count; i++) {
        sums[phase] += values[i];
        counts[phase]++;
        phase = phase + 1 == period ? 0 : phase + 1;
    }
}

/* Of the variance, what the place in the period explains beyond chance; 0 if it may be chance. */
static double explain(const double *values, size_t count, const tare_sample *whole, uint32_t period,
                      double rate)
{
    double sums[TARE_WARM_UP_MAX_PERIOD];
    double counts[TARE_WARM_UP_MAX_PERIOD];
    double between = 0;
    double n = (double)count;
    add_up_phases(values, count, period, sums, counts);
    for (uint32_t phase = 0; phase < period; phase++) {
        double off = sums[phase] / counts[phase] - whole->mean;
        between += counts[phase] * off * off;
    }
    double all = whole->variance * (n - 1);
    double within = fmax(all - between, 0) / (n - period);
    double explained = 1 - within / whole->variance;
    if (explained < least_explained)
        return 0;
    if (within <= 0)
        return 1;
    return tare_fisher_p(between / (period - 1) / within, period - 1, n - period) < rate ? explained
                                                                                         : 0;
}

static void find_period(time_series *series, double widths)
{
    double      explained[TARE_WARM_UP_MAX_PERIOD + 1] = {0};
    double      best = 0;
    size_t      count = draw_in(series, widths);
    tare_sample whole = tare_sample_of(series->scratch, count);
    size_t      room = count / CYCLES;
    uint32_t    most = (uint32_t)(room < TARE_WARM_UP_MAX_PERIOD ? room : TARE_WARM_UP_MAX_PERIOD);
    if (!(whole.variance > 0))
        return;
    for (uint32_t period = 2; period <= most; period++) {
        explained[period] = explain(series->scratch, count, &whole, period, false_rate / most);
        best = fmax(best, explained[period]);
    }
    for (uint32_t period = 2; period <= most && best > 0 && series->period == 0; period++)
        series->period = explained[period] >= 0.8 * best ? period : 0;
}

/* Medians of the second half: what lies far out is not part of the cycle. */
static double phase_level(time_series *series, uint32_t phase)
{
    size_t first = series->count / 2;
    size_t count = 0;
    for (size_t i = first + (phase + series->period - first % series->period) % series->period;
         i < series->count; i += series->period)
        series->scratch[count++] = series->values[i];
    tare_sample_sort(series->scratch, count);
    return tare_sample_middle(series->scratch, count);
}

/* Each value less what its phase lies above the mean of all phases. */
static void take_out_cycle(time_series *series)
{
    double  levels[TARE_WARM_UP_MAX_PERIOD];
    double  mean = 0;
    double *flattened = series->flattened;
    memcpy(flattened, series->values, series->count * sizeof *flattened);
    for (uint32_t phase = 0; phase < series->period; phase++) {
        levels[phase] = phase_level(series, phase);
        mean += levels[phase] / series->period;
    }
    for (size_t i = 0; i < series->count && series->period > 0; i++)
        flattened[i] -= levels[i % series->period] - mean;
}

static size_t begin_of(const time_series *series, size_t segment)
{
    return segment == 0 ? 0 : series->starts[segment - 1];
}

static size_t end_of(const time_series *series, size_t segment)
{
    return segment == series->start_count ? series->count : series->starts[segment];
}

/* The median: a mean would follow what is far out. */
static double level_of(time_series *series, size_t begin, size_t end)
{
    memcpy(series->scratch, series->flattened + begin, (end - begin) * sizeof *series->scratch);
    tare_sample_sort(series->scratch, end - begin);
    return tare_sample_middle(series->scratch, end - begin);
}

/* How far apart levels are one: by deviations, or by what machines do to the same work anyway. */
static double choose_reach(const time_series *series, double deviations, double level)
{
    return fmax(deviations * series->spread, one_level * fabs(level));
}

/* Does what is called steady climb or fall, surely and by more than its spread? */
static bool leans(time_series *series, size_t begin, double level)
{
    size_t    count = series->count - begin;
    tare_line line;
    for (size_t i = 0; i < count; i++)
        series->scratch[i] = (double)i;
    if (count < TARE_WARM_UP_LEAST ||
        tare_regression_line(series->scratch, series->flattened + begin, count, 1 - false_rate, 0,
                             &line, NULL) != TARE_OK)
        return false;
    double rise = fabs(line.slope.value) * (double)count;
    bool   surely = line.slope.low > 0 || line.slope.high < 0;
    return surely && rise > fmax(2 * line.spread, one_level * fabs(level));
}

/* How many values at the very start lie as far from the level as none by chance. The change points
 * take so few for outliers. */
static size_t count_first(const time_series *series, double level)
{
    double reach = choose_reach(series, 6, level);
    size_t count = 0;
    while (count < series->count / 4 && fabs(series->flattened[count] - level) > reach)
        count++;
    return count;
}

static tare_warm_up judge(time_series *series)
{
    size_t       segment = series->start_count;
    double       level = level_of(series, begin_of(series, segment), series->count);
    double       reach = choose_reach(series, 1, level);
    bool         was_faster = false;
    tare_warm_up found = {.kind = TARE_WARM_UP_NONE, .steady_from = series->count};
    bool         steady = true;
    size_t       from = begin_of(series, segment);
    while (segment-- > 0) {
        double earlier = level_of(series, begin_of(series, segment), end_of(series, segment));
        steady = steady && fabs(earlier - level) < reach;
        from = steady ? begin_of(series, segment) : from;
        was_faster = was_faster || earlier < level - reach;
    }
    if (from > series->count - series->count / 4 || leans(series, from, level))
        return found;
    if (from == 0) {
        from = count_first(series, level);
        was_faster = from > 0 && series->flattened[0] < level;
    }
    found.steady_from = from;
    found.kind = was_faster ? TARE_WARM_UP_SLOWER : TARE_WARM_UP_FASTER;
    if (series->period > 0)
        found.kind = TARE_WARM_UP_CYCLIC;
    else if (from == 0)
        found.kind = TARE_WARM_UP_FLAT;
    found.period = series->period;
    return found;
}

static tare_status classify(time_series *series, tare_warm_up *warm_up_out, const tare_alloc *alloc,
                            tare_error *err)
{
    find_period(series, 1);
    if (series->period == 0)
        find_period(series, 3);
    take_out_cycle(series);
    TARE_TRY(tare_changes_spread(series->flattened, series->count, &series->spread, alloc, err));
    TARE_TRY(tare_changes_find(series->flattened, series->count, TARE_CHANGES_DEFAULT,
                               series->starts, &series->start_count, alloc, err));
    *warm_up_out = judge(series);
    return TARE_OK;
}

tare_status tare_warm_up_classify(const double *values, size_t count, tare_warm_up *warm_up_out,
                                  const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;
    void *starts = NULL;
    *warm_up_out = (tare_warm_up){.steady_from = count};
    if (count < TARE_WARM_UP_LEAST)
        return TARE_OK;
    TARE_TRY(tare_acquire(alloc, &memory, 2 * count, sizeof(double), err));
    tare_status status = tare_acquire(alloc, &starts, count, sizeof(uint32_t), err);
    time_series series = {
        .values = values,
        .count = count,
        .flattened = memory,
        .scratch = (double *)memory + count,
        .starts = starts,
    };
    if (status == TARE_OK)
        status = classify(&series, warm_up_out, alloc, err);
    tare_release(alloc, starts, count, sizeof(uint32_t));
    tare_release(alloc, memory, 2 * count, sizeof(double));
    return status;
}

const char *tare_warm_up_name(tare_warm_up_kind kind)
{
    static const char *const names[] = {
        [TARE_WARM_UP_UNKNOWN] = "unknown", [TARE_WARM_UP_FLAT] = "flat",
        [TARE_WARM_UP_FASTER] = "warm-up",  [TARE_WARM_UP_SLOWER] = "slow-down",
        [TARE_WARM_UP_CYCLIC] = "cyclic",   [TARE_WARM_UP_NONE] = "none",
    };
    return names[kind];
}
