/* merge.h - from the calls of a thread to a profile.
 *
 *     callable key   2 * function id of the profile, + 1 when it is native
 *     node           node of the profile: the frame is (function, its first line)
 *     self ticks     raw_ns; without what hearing of calls cost wall_ns, and python_ns or native_ns
 *
 * The increments that the nodes hold are added to the profile under the thread's labels, and
 * zeroed: a later merge adds what has come since. Rounding is carried on from node to node, so
 * that the raw nanoseconds of all nodes are those of the thread's span, to one nanosecond.
 *
 *     wall_ns   = (raw_ns - own calls x inside - calls out of it x outside) / slowdown
 *     error_ns  = what that may be off by, either way: of one cause, so it adds up linearly
 *
 * Where more is to be taken off than a node has, the rest is taken from what it gets later. CPU
 * time stays as it was measured.
 *
 * What the profile cannot take (no memory) stays in the nodes for the next merge; then the cost of
 * some calls may be taken off twice.
 * Cost: O(nodes of the thread). */
#ifndef TARE_TRACE_MERGE_H
#define TARE_TRACE_MERGE_H

#include "model/profile.h"
#include "trace/calls.h"
#include "trace/cost.h"

/* Metric ids of the profile, made once. */
typedef struct tare_merge_metrics {
    uint32_t calls, resumes, suspended_ns, wall_ns, raw_ns, error_ns, python_ns, native_ns, cpu_ns;
    uint32_t durations[TARE_CALLS_DURATIONS]; /* by digits; TARE_NONE until there is one */
} tare_merge_metrics;

TARE_MUST_USE tare_status tare_merge_metrics_init(tare_merge_metrics *metrics,
                                                  tare_profile *profile, tare_error *err);

typedef struct tare_merged_node {
    uint32_t node;          /* of the profile; TARE_NONE = not in it yet */
    double   cost_ns;       /* of the events since the last merge, in its own time */
    double   cost_error_ns; /* of these */
    double   left_ns;       /* of its own time, not in the profile yet; < 0: too much was taken */
    double   error_left_ns;
} tare_merged_node;

/* What a thread's calls need to be merged again and again. */
typedef struct tare_merge {
    tare_merged_node *nodes; /* owned; for the calls' node of that index */
    uint32_t          capacity;
    uint32_t          count;
    double            carry_ns; /* rounding of raw_ns left over: 0 <= carry_ns < 1 */
} tare_merge;

void tare_merge_deinit(tare_merge *merge, const tare_alloc *alloc);

/* The key of a function of the profile. */
static inline uint32_t tare_merge_key(uint32_t function, bool native)
{
    return function << 1 | native;
}

TARE_MUST_USE tare_status tare_merge_calls(tare_merge *merge, tare_calls *calls,
                                           tare_profile *profile, tare_merge_metrics *metrics,
                                           const tare_costs *costs, uint32_t label_set,
                                           double ns_per_tick, tare_error *err);

#endif
