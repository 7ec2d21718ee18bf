/* calltree.h - the calling-context tree as people read it, and who calls whom.
 *
 * Nodes of a profile are told apart by line. People want one entry per function and
 * path: a call tree merges siblings of the same function and sorts them by total time.
 * Rows are in pre-order, so that depth alone draws the tree:
 *
 *     depth 0   main      total 10   self 0
 *     depth 1     parse   total  7   self 7
 *     depth 1     write   total  3   self 3
 *
 * Times are active times (stats/active.h); a trace has calls too (stats/counts.h). An edge is
 * a pair (caller, callee); its total is the active time of stacks on which the callee stands
 * directly on the caller, counted once however often the pair recurs.
 *
 * The same can be drawn of any one metric: then amounts of it, in its unit, are where times are. */
#ifndef TARE_STATS_CALLTREE_H
#define TARE_STATS_CALLTREE_H

#include "model/profile.h"

typedef struct tare_call_row {
    uint32_t function;
    uint32_t depth;
    uint64_t self_ns;
    uint64_t total_ns; /* == self_ns + sum of the children's total_ns */
    uint64_t calls;    /* on this path; 0 unless the profile is a trace */
} tare_call_row;

typedef struct tare_edge {
    uint32_t caller; /* function id; TARE_NONE: nothing in Python called it */
    uint32_t callee; /* function id */
    uint64_t total_ns;
} tare_edge;

typedef struct tare_calltree {
    const tare_alloc *alloc; /* borrowed */
    tare_call_row    *rows;  /* owned; siblings by total_ns, falling, ties by function */
    uint32_t          row_count;
    uint32_t          row_capacity;
    tare_edge        *edges; /* owned; by total_ns, falling, ties by caller, callee */
    uint32_t          edge_count;
    uint32_t          edge_capacity;
} tare_calltree;

typedef struct tare_tree_pick {
    uint64_t total_ns;
    uint32_t row;
} tare_tree_pick;

/* What is shown of a tree that is too large. */
typedef struct tare_tree_picks {
    const tare_alloc *alloc; /* borrowed */
    tare_tree_pick   *items; /* owned; in the order of the rows */
    uint32_t          count;
    uint32_t          capacity;
    uint32_t          fit_count; /* rows with at least the time asked for */
} tare_tree_picks;

/* thread: a label set, or TARE_NONE for all. Rows without any time are left out. */
TARE_MUST_USE tare_status tare_calltree_init(tare_calltree *tree, const tare_profile *profile,
                                             uint32_t thread, tare_error *err);
/* The same of a metric of the profile's: an id. */
TARE_MUST_USE tare_status tare_calltree_init_metric(tare_calltree      *tree,
                                                    const tare_profile *profile, uint32_t metric,
                                                    uint32_t thread, tare_error *err);
void                      tare_calltree_deinit(tare_calltree *tree); /* no-op on zeroed storage */

/* The rows with at least that total, and of them no more than most: the hottest. A row is never
 * picked without the rows that lead to it. O(rows log rows). */
TARE_MUST_USE tare_status tare_calltree_pick(tare_tree_picks *picks, const tare_calltree *tree,
                                             uint64_t least_ns, uint32_t most, tare_error *err);
void tare_tree_picks_deinit(tare_tree_picks *picks); /* no-op on zeroed storage */

#endif
