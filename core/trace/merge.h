/* merge.h - from the calls of a thread to a profile.
 *
 *     callable key   2 * function id of the profile, + 1 when it is native
 *     node           node of the profile: the frame is (function, its first line)
 *     self ticks     wall_ns, raw_ns, and python_ns or native_ns
 *
 * The increments that the nodes hold are added to the profile under the thread's labels, and
 * zeroed: a later merge adds what has come since. Rounding is carried on from node to node, so
 * that the nanoseconds of all nodes are those of the thread's span, to one nanosecond.
 * What the profile cannot take (no memory) stays in the nodes for the next merge.
 * Cost: O(nodes of the thread). */
#ifndef TARE_TRACE_MERGE_H
#define TARE_TRACE_MERGE_H

#include "model/profile.h"
#include "trace/calls.h"

/* Metric ids of the profile, made once. */
typedef struct tare_merge_metrics {
    uint32_t calls, resumes, suspended_ns, wall_ns, raw_ns, python_ns, native_ns, cpu_ns;
} tare_merge_metrics;

TARE_MUST_USE tare_status tare_merge_metrics_init(tare_merge_metrics *metrics,
                                                  tare_profile *profile, tare_error *err);

/* What a thread's calls need to be merged again and again. */
typedef struct tare_merge {
    uint32_t *nodes; /* owned; profile's node for the calls' node of that index */
    uint32_t  capacity;
    uint32_t  count;
    double    carry_ns; /* rounding left over: 0 <= carry_ns < 1 */
} tare_merge;

void tare_merge_deinit(tare_merge *merge, const tare_alloc *alloc);

/* The key of a function of the profile. */
static inline uint32_t tare_merge_key(uint32_t function, bool native)
{
    return function << 1 | native;
}

TARE_MUST_USE tare_status tare_merge_calls(tare_merge *merge, tare_calls *calls,
                                           tare_profile *profile, const tare_merge_metrics *metrics,
                                           uint32_t label_set, double ns_per_tick, tare_error *err);

#endif
