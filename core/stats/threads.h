/* threads.h - how each thread (label set) spent its time.
 *
 * All time is counted here, also what worker threads waited: this is the table that
 * shows idle pools and threads queueing for the GIL. */
#ifndef TARE_STATS_THREADS_H
#define TARE_STATS_THREADS_H

#include "model/profile.h"

typedef struct tare_thread_row {
    uint32_t label_set;
    uint64_t wall_ns;                     /* == sum of the states below */
    uint64_t state_ns[TARE_METRIC_COUNT]; /* 0 for metrics that are not states */
} tare_thread_row;

typedef struct tare_threads {
    const tare_alloc *alloc; /* borrowed */
    tare_thread_row  *rows;  /* owned; by wall_ns, falling, ties by label set */
    uint32_t          count;
    uint32_t          capacity;
} tare_threads;

/* One row per label set with any time at all. O(values + label sets). */
TARE_MUST_USE tare_status tare_threads_init(tare_threads *threads, const tare_profile *profile,
                                            tare_error *err);
void                      tare_threads_deinit(tare_threads *threads); /* no-op on zeroed storage */

#endif
