/* shortage.c - see shortage.h.
 *
 *     rss   |        ____/      the last point of each eighth of the run:
 *           |    ___/               r0 ... r7, rises r2-r1 ... r7-r6
 *           |___/
 *           0  1  2 ... 7
 *
 * The first eighth is start-up, and the rise within the second its rest: imports grow in every
 * program. A process may end before the run does: its own span counts. */
#include "stats/shortage.h"

#include <string.h>

enum { PARTS = 8, RISES = PARTS - 2, LEAST_POINTS = 2 * PARTS };

static const double   least_paging = 0.05;
static const double   least_collecting = 0.10;
static const double   least_full = 0.80;
static const double   least_swapped = 0.10;
static const double   least_growth = 0.25; /* of the peak */
static const double   least_steadiness = 0.5;
static const uint64_t least_growth_bytes = 32 << 20;

static uint64_t find_state_ns(const tare_summary *summary, tare_metric_id id)
{
    for (uint32_t i = 0; i < summary->state_count; i++) {
        if (summary->states[i].metric == tare_metric_get(id))
            return summary->states[i].ns;
    }
    return 0;
}

static int64_t highest(const tare_series *series)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < series->point_count; i++)
        most = series->points[i].amount > most ? series->points[i].amount : most;
    return most;
}

static const tare_series *find_largest(const tare_profile *profile)
{
    const tare_series *found = NULL;
    for (uint32_t i = 0; i < profile->series_count; i++) {
        const tare_series *series = &profile->series[i];
        if (strcmp(tare_profile_text(profile, series->name).bytes, "rss_bytes") == 0 &&
            (found == NULL || highest(series) > highest(found)))
            found = series;
    }
    return found;
}

/* The last point of each part of the series' span; the amount before where a part has none. */
static void divide(const tare_series *series, double amounts[PARTS])
{
    uint64_t first_ns = series->points[0].time_ns;
    uint64_t span_ns = series->points[series->point_count - 1].time_ns - first_ns;
    uint32_t at = 0;
    for (uint32_t part = 0; part < PARTS; part++) {
        double end_ns = (double)span_ns / PARTS * (part + 1);
        while (at + 1 < series->point_count &&
               (double)(series->points[at + 1].time_ns - first_ns) <= end_ns)
            at++;
        amounts[part] = (double)series->points[at].amount;
    }
}

static void find_growth(tare_shortage *shortage, const tare_series *series)
{
    double amounts[PARTS];
    if (series == NULL || series->point_count < LEAST_POINTS)
        return;
    divide(series, amounts);
    double from = amounts[PARTS - 1 - RISES], to = amounts[PARTS - 1];
    double least_rise = least_steadiness * (to - from) / RISES;
    if (to - from < (double)least_growth_bytes || to - from < least_growth * to)
        return;
    for (uint32_t part = PARTS - RISES; part < PARTS; part++) {
        if (amounts[part] - amounts[part - 1] < least_rise)
            return;
    }
    shortage->growing = true;
    shortage->from_bytes = (uint64_t)from;
    shortage->to_bytes = (uint64_t)to;
}

static uint64_t find_bytes(const tare_profile *profile, const char *key)
{
    double number = tare_profile_meta_number(profile, key, 0);
    return number > 0 && number < (double)UINT64_MAX ? (uint64_t)number : 0;
}

tare_shortage tare_shortage_find(const tare_summary *summary, const tare_profile *profile)
{
    tare_shortage shortage = {
        .paging_share = tare_summary_share(summary,
                                           find_state_ns(summary, TARE_METRIC_wait_paging_ns)),
        .collecting_share = tare_summary_share(summary, find_state_ns(summary, TARE_METRIC_gc_ns)),
        .swapped_bytes = find_bytes(profile, "memory.peak_swap_bytes"),
        .peak_bytes = find_bytes(profile, "memory.peak_rss_bytes"),
        .limit_bytes = find_bytes(profile, "host.memory_limit_bytes"),
    };
    if (shortage.limit_bytes == 0)
        shortage.limit_bytes = find_bytes(profile, "host.memory_bytes");
    double peak = (double)shortage.peak_bytes;
    shortage.paging = shortage.paging_share.low > least_paging ||
                      (double)shortage.swapped_bytes > least_swapped * peak;
    shortage.collecting = shortage.collecting_share.low > least_collecting;
    shortage.full = shortage.limit_bytes > 0 && peak >= least_full * (double)shortage.limit_bytes;
    find_growth(&shortage, find_largest(profile));
    return shortage;
}
