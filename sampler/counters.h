/* counters.h - what the system counts while the target runs, as series over time.
 *
 * Points after 1, 2, 4, ... ms, then ten a second, and one at the end; when a run gets long,
 * points are taken ever less often, so that a series has some TARE_MAX_POINTS after a day. The
 * first processes have series of their own; those beyond max_traced have one set together,
 * "(other processes)", so that a program may start as many as it likes. Cost: some ten system
 * calls per process and point, 30 us. */
#ifndef TARE_SAMPLER_COUNTERS_H
#define TARE_SAMPLER_COUNTERS_H

#include "sampler/target.h"

enum { TARE_MAX_POINTS = 2000 };

enum { TARE_PROCESS_SERIES = 8 };

typedef struct tare_counters {
    uint64_t          start_ns;
    uint64_t          next_ns;
    uint64_t          interval_ns;
    uint64_t          point_count;
    tare_machine_load load_at_start;
    tare_machine_load load;
    uint32_t          idle_series, pressure_series;
    uint32_t          traced_count, max_traced;          /* processes with series of their own */
    uint32_t          other_series[TARE_PROCESS_SERIES]; /* of the others; TARE_NONE = not made */
    tare_usage        other_ended;                       /* of those others that have ended */
} tare_counters;

TARE_MUST_USE tare_status tare_counters_init(tare_counters *counters, uint64_t start_ns,
                                             uint32_t max_traced, tare_profile *profile,
                                             tare_error *err);
/* The target has ended and is about to be freed. */
void tare_counters_drop(tare_counters *counters, const tare_target *target);

/* Sums of what adds up; the larger peak; memory as the parts have it now. */
void tare_usage_add(tare_usage *sum, const tare_usage *part);

/* Adds one point per series when it is time (or now, when force is set). */
TARE_MUST_USE tare_status tare_counters_take(tare_counters *counters, tare_profile *profile,
                                             tare_target *const *targets, uint32_t target_count,
                                             uint64_t now_ns, bool force, tare_error *err);

#endif
