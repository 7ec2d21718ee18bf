/* stacks.h - one column of a profile as stacks, for the formats made of them.
 *
 * The values of one metric, label set by label set, without zeros and without those at
 * the root, which are the run's own account rather than a stack's. Each value is the
 * time spent with exactly that node on top. */
#ifndef TARE_IO_STACKS_H
#define TARE_IO_STACKS_H

#include "base/bytes.h"
#include "model/profile.h"

typedef struct tare_stack {
    uint32_t node;
    uint64_t amount; /* > 0 */
} tare_stack;

typedef struct tare_stacks {
    const tare_profile *profile; /* borrowed */
    tare_stack         *stacks;  /* owned */
    uint32_t           *first;   /* owned; label set s has stacks[first[s]] .. [first[s+1] - 1] */
    uint32_t           *frames;  /* owned; room for the deepest stack */
    uint32_t            count;   /* of stacks */
    uint32_t            max_depth;
} tare_stacks;

/* metric < metric_count, else TARE_USAGE. */
TARE_MUST_USE tare_status tare_stacks_init(tare_stacks *stacks, const tare_profile *profile,
                                           uint32_t metric, tare_error *err);
void                      tare_stacks_deinit(tare_stacks *stacks); /* no-op on zeroed storage */

/* The frame ids from the root down to node; borrows until the next call. */
const uint32_t *tare_stacks_frames(tare_stacks *stacks, uint32_t node, uint32_t *depth_out);

/* "process 41 app.py, thread 42 MainThread": the labels of a set as bytes, "" for the empty
 * set. The label "main" only marks and is left out. */
void tare_stacks_label(const tare_profile *profile, uint32_t label_set, tare_buffer *out);

/* TARE_OK, or why nothing complete is in out: the end of every exporter. */
TARE_MUST_USE tare_status tare_export_result(const tare_buffer *out, const char *format,
                                             tare_error *err);

#endif
