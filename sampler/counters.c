/* counters.c - see counters.h. One row per series: adding one is adding a row. */
#include "sampler/counters.h"

#include <stddef.h>

enum { FIRST_INTERVAL_NS = 1000000, STEADY_INTERVAL_NS = 100000000 };

static const struct {
    const char *name;
    const char *unit;
    size_t      field; /* of tare_usage; a uint64_t */
    bool        lasts; /* still known when the process has ended */
} process_series[] = {
    {"rss_bytes", "bytes", offsetof(tare_usage, rss_bytes), false},
    {"swap_bytes", "bytes", offsetof(tare_usage, swap_bytes), false},
    {"user_ns", "ns", offsetof(tare_usage, user_ns), true},
    {"system_ns", "ns", offsetof(tare_usage, system_ns), true},
    {"major_faults", "count", offsetof(tare_usage, major_faults), true},
    {"minor_faults", "count", offsetof(tare_usage, minor_faults), true},
    {"switches_voluntary", "count", offsetof(tare_usage, voluntary_switches), true},
    {"switches_involuntary", "count", offsetof(tare_usage, involuntary_switches), true},
};

_Static_assert(sizeof process_series / sizeof process_series[0] == TARE_PROCESS_SERIES &&
                   sizeof((tare_target *)0)->series / sizeof(uint32_t) == TARE_PROCESS_SERIES,
               "a target holds one id per series");

void tare_usage_add(tare_usage *sum, const tare_usage *part)
{
    sum->user_ns += part->user_ns;
    sum->system_ns += part->system_ns;
    sum->cpu_ns += part->cpu_ns;
    sum->rss_bytes += part->rss_bytes;
    sum->swap_bytes += part->swap_bytes;
    sum->minor_faults += part->minor_faults;
    sum->major_faults += part->major_faults;
    sum->voluntary_switches += part->voluntary_switches;
    sum->involuntary_switches += part->involuntary_switches;
    if (part->peak_rss_bytes > sum->peak_rss_bytes)
        sum->peak_rss_bytes = part->peak_rss_bytes;
}

tare_status tare_counters_init(tare_counters *counters, uint64_t start_ns, uint32_t max_traced,
                               tare_profile *profile, tare_error *err)
{
    *counters = (tare_counters){.start_ns = start_ns,
                                .next_ns = start_ns,
                                .interval_ns = FIRST_INTERVAL_NS,
                                .max_traced = max_traced};
    for (int i = 0; i < TARE_PROCESS_SERIES; i++)
        counters->other_series[i] = TARE_NONE;
    tare_os_machine_load(&counters->load_at_start);
    counters->load = counters->load_at_start;
    TARE_TRY(tare_profile_series(profile, "machine_idle_ns", "ns", 0, &counters->idle_series, err));
    return tare_profile_series(profile, "memory_pressure", "percent/100", 0,
                               &counters->pressure_series, err);
}

static tare_status take_machine(tare_counters *counters, tare_profile *profile, uint64_t time_ns,
                                tare_error *err)
{
    tare_os_machine_load(&counters->load);
    uint64_t idle_ns = counters->load.idle_ns - counters->load_at_start.idle_ns;
    TARE_TRY(tare_profile_point(profile, counters->idle_series, time_ns, (int64_t)idle_ns, err));
    if (counters->load.memory_pressure_avg10 < 0)
        return TARE_OK; /* this system does not tell */
    return tare_profile_point(profile, counters->pressure_series, time_ns,
                              (int64_t)(counters->load.memory_pressure_avg10 * 100), err);
}

static tare_status add_points(tare_profile *profile, uint32_t series[TARE_PROCESS_SERIES],
                              uint32_t label_set, const tare_usage *usage, bool ended,
                              uint64_t time_ns, tare_error *err)
{
    for (int i = 0; i < TARE_PROCESS_SERIES; i++) {
        if (ended && !process_series[i].lasts)
            continue;
        const uint64_t *amount = (const uint64_t *)(const void *)((const char *)usage +
                                                                  process_series[i].field);
        if (series[i] == TARE_NONE)
            TARE_TRY(tare_profile_series(profile, process_series[i].name, process_series[i].unit,
                                         label_set, &series[i], err));
        TARE_TRY(tare_profile_point(profile, series[i], time_ns, (int64_t)*amount, err));
    }
    return TARE_OK;
}

/* One of the first processes gets series of its own, and keeps them. */
static bool is_traced(tare_counters *counters, tare_target *target)
{
    if (!target->traced && (target->first || counters->traced_count < counters->max_traced)) {
        target->traced = true;
        counters->traced_count++;
    }
    return target->traced;
}

static tare_status take_process(tare_counters *counters, tare_profile *profile, tare_target *target,
                                uint64_t time_ns, tare_error *err)
{
    tare_usage usage;
    bool       ended = false;
    if (tare_os_usage(&target->process, &usage, NULL) != TARE_OK) {
        ended = tare_os_last_usage(&target->process, &usage, NULL) == TARE_OK;
        if (!ended)
            return TARE_OK; /* reaped already: the usage before stands */
        usage.peak_rss_bytes = target->usage.peak_rss_bytes;
    }
    target->usage = usage;
    if (!is_traced(counters, target))
        return TARE_OK;
    return add_points(profile, target->series, target->label_set, &usage, ended, time_ns, err);
}

/* Those without series of their own, the ended ones among them: what adds up never falls. */
static tare_status take_others(tare_counters *counters, tare_profile *profile,
                               tare_target *const *targets, uint32_t target_count, uint64_t time_ns,
                               tare_error *err)
{
    tare_label label;
    uint32_t   label_set = 0;
    uint32_t   other_count = 0;
    tare_usage sum = counters->other_ended;
    for (uint32_t i = 0; i < target_count; i++) {
        other_count += !targets[i]->traced;
        if (!targets[i]->traced)
            tare_usage_add(&sum, &targets[i]->usage);
    }
    bool none = other_count == 0 || counters->traced_count < counters->max_traced;
    if (none && counters->other_series[0] == TARE_NONE)
        return TARE_OK;
    TARE_TRY(tare_profile_string(profile, "process", 7, &label.key, err));
    TARE_TRY(tare_profile_string(profile, "(other processes)", 17, &label.value, err));
    TARE_TRY(tare_profile_label_set(profile, &label, 1, &label_set, err));
    return add_points(profile, counters->other_series, label_set, &sum, false, time_ns, err);
}

void tare_counters_drop(tare_counters *counters, const tare_target *target)
{
    tare_usage usage = target->usage;
    usage.rss_bytes = 0;
    usage.swap_bytes = 0;
    if (!target->traced)
        tare_usage_add(&counters->other_ended, &usage);
}

tare_status tare_counters_take(tare_counters *counters, tare_profile *profile,
                               tare_target *const *targets, uint32_t target_count, uint64_t now_ns,
                               bool force, tare_error *err)
{
    uint64_t time_ns = now_ns - counters->start_ns;
    if (!force && now_ns < counters->next_ns)
        return TARE_OK;
    counters->next_ns = now_ns + counters->interval_ns;
    if (counters->interval_ns < STEADY_INTERVAL_NS)
        counters->interval_ns *= 2; /* a program that ends at once has some points, too */
    /* Half the budget used at this pace: half the pace from now on. */
    if (++counters->point_count % (TARE_MAX_POINTS / 16) == 0)
        counters->interval_ns *= 2;
    TARE_TRY(take_machine(counters, profile, time_ns, err));
    for (uint32_t i = 0; i < target_count; i++)
        TARE_TRY(take_process(counters, profile, targets[i], time_ns, err));
    return take_others(counters, profile, targets, target_count, time_ns, err);
}
