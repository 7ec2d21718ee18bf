/* linetable.h - what each line of the measured functions cost, block by block.
 *
 * A profile of lines has one node for each measured line, a child of the root. The table here has
 * one entry for each block of source: a function with everything that is written inside it. Inner
 * functions, lambdas, comprehensions and class bodies are functions of their own for the
 * interpreter; people read them where they stand, so they have no entry but rows in the block of
 * the outermost measured function around them. That is the one
 *
 *     of the same file, which begins at the same line or above, and if its source is known ends
 *     below; whose qualified name is followed by ".<" in that of the inner one: "f.<locals>.g",
 *     "C.<lambda>". A method is no part of the body of its class: nothing stands between the dots.
 *
 * Of a row with lines of several functions hits and times are sums, but for
 *
 *     inclusive_ns   the largest of theirs, at least self_ns: an inner function that is called
 *                    from that line is in the outer one's already. Each thread for itself.
 *
 * and so of a block:
 *
 *     inclusive_ns   the sum of its own function's lines, at least self_ns: the lines of inner
 *                    functions are in the lines that call them. Without inner ones, the sum of
 *                    all rows, as line_profiler's "Total time".
 *
 * An inner function that is called from elsewhere is counted too low by that, never twice.
 * What calls is said of the block's own function. Sums saturate. Columns of other threads than
 * the one asked for are left out. Whatever is deeper in the tree is no line and left out. */
#ifndef TARE_STATS_LINETABLE_H
#define TARE_STATS_LINETABLE_H

#include "model/profile.h"

typedef struct tare_line_sums {
    uint64_t hits;         /* times that a line was begun */
    uint64_t self_ns;      /* without the functions whose lines are measured too */
    uint64_t inclusive_ns; /* with them */
    uint64_t suspended_ns;
    uint64_t raw_ns;   /* self_ns before the cost of measuring was taken out; 0 = not kept */
    uint64_t cpu_ns;   /* 0 = not measured */
    uint64_t error_ns; /* of self_ns, either way */
} tare_line_sums;

typedef struct tare_line_row {
    uint32_t       line;
    tare_line_sums sums;
} tare_line_row;

typedef struct tare_lined {
    uint32_t       function;
    uint32_t       first_row; /* rows[first_row] .. [first_row + row_count - 1], by line */
    uint32_t       row_count; /* 0: it never ran */
    uint64_t       calls;     /* how often it was begun */
    tare_line_sums sums;
} tare_lined;

typedef struct tare_line_thread {
    uint32_t       label_set;
    tare_line_sums sums; /* inclusive_ns == self_ns */
} tare_line_thread;

typedef struct tare_linetable {
    const tare_alloc *alloc;     /* borrowed */
    tare_line_sums    all;       /* of all rows; inclusive_ns == self_ns */
    tare_lined       *functions; /* owned; by self_ns, falling, ties by function */
    uint32_t          function_count;
    uint32_t          function_capacity;
    tare_line_row    *rows; /* owned */
    uint32_t          row_count;
    uint32_t          row_capacity;
    tare_line_thread *threads; /* owned; by self_ns, falling, ties by label set */
    uint32_t          thread_count;
    uint32_t          thread_capacity;
} tare_linetable;

/* Whether the profile is one of lines. O(metrics). */
bool tare_linetable_known(const tare_profile *profile);

/* thread: a label set, or TARE_NONE for all. Functions that never ran have an entry without rows,
 * but not in the table of one thread. O(size of the profile), plus sorting. */
TARE_MUST_USE tare_status tare_linetable_init(tare_linetable *table, const tare_profile *profile,
                                              uint32_t thread, tare_error *err);
void tare_linetable_deinit(tare_linetable *table); /* no-op on zeroed storage */

#endif
