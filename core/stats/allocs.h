/* allocs.h - what each function and each line allocated, and what of it was held at the peak.
 *
 * A profile of memory has its amounts at the place that allocated, the innermost Python frame.
 * A row has them twice:
 *
 *     own     allocated while the function, or the line, was the innermost
 *     total   while it was anywhere on the stack, counted once however often it recurs
 *
 * What was freed is counted where it had been allocated, whoever freed it. So, in each row,
 *
 *     live == allocated - freed        peak: held when the whole program held most
 *
 * and peaks of rows add up to the program's. A line is a line of a file, whichever functions stand
 * on it: a comprehension and the statement around it are one line, which is not counted twice. What
 * has no line, such as "(start-up)", is a row by its function.
 *
 * Values at the root belong to no place: they are in `all`, and in a row of their own that has the
 * function TARE_NONE. Sums saturate. */
#ifndef TARE_STATS_ALLOCS_H
#define TARE_STATS_ALLOCS_H

#include "model/profile.h"

typedef struct tare_alloc_sums {
    uint64_t peak_bytes; /* held when the sum of all was highest */
    uint64_t peak_count;
    uint64_t live_bytes; /* held at the end */
    uint64_t live_count;
    uint64_t alloc_bytes;
    uint64_t alloc_count;
    uint64_t freed_bytes;
    uint64_t freed_count;
    uint64_t temporary_bytes; /* freed before the same thread allocated anything else */
    uint64_t temporary_count;
    uint64_t sample_count;   /* what the others were estimated from; 0 = nothing is estimated */
    uint64_t alloc_variance; /* of alloc_bytes, likewise */
} tare_alloc_sums;

typedef struct tare_alloc_row {
    uint32_t        function; /* of a line with several, the one that allocated first */
    uint32_t        line;     /* 0 in the table of functions */
    tare_alloc_sums own;
    tare_alloc_sums total;
} tare_alloc_row;

typedef struct tare_alloc_kind {
    uint32_t        label_set;
    tare_alloc_sums sums;
} tare_alloc_kind;

typedef struct tare_allocs {
    const tare_alloc *alloc; /* borrowed */
    tare_alloc_sums   all;
    tare_alloc_row   *functions; /* owned; by own peak_bytes, then alloc_bytes, falling */
    uint32_t          function_count;
    uint32_t          function_capacity;
    tare_alloc_row   *lines; /* owned; likewise */
    uint32_t          line_count;
    uint32_t          line_capacity;
    tare_alloc_kind  *kinds; /* owned; likewise */
    uint32_t          kind_count;
    uint32_t          kind_capacity;
} tare_allocs;

/* Whether the profile is one of memory. O(metrics). */
bool tare_allocs_known(const tare_profile *profile);

/* label_set: one alone, or TARE_NONE for all. Rows without any amount are left out.
 * O(size of the profile), plus sorting. */
TARE_MUST_USE tare_status tare_allocs_init(tare_allocs *allocs, const tare_profile *profile,
                                           uint32_t label_set, tare_error *err);
void                      tare_allocs_deinit(tare_allocs *allocs); /* no-op on zeroed storage */

/* Half the 95 % interval of alloc_bytes, where that is an estimate. */
uint64_t tare_allocs_error_bytes(const tare_alloc_sums *sums);

/* In ids of metrics; TARE_NONE when the profile has no such. */
uint32_t tare_allocs_metric(const tare_profile *profile, const char *name);

#endif
