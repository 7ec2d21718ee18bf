/* line_merge.h - from the lines of a thread to a profile.
 *
 *     line         node of the profile: a child of the root, the frame is (function, line)
 *     own ticks    wall_ns; with what hearing of the line cost raw_ns
 *     hits         visits, but for those in the middle of a statement
 *     calls        on the node of the function's first line
 *
 * The increments are added under the thread's labels, and zeroed. A sum below zero stays for the
 * next merge. Code that has run nowhere has the node of its first line, and no values.
 * Cost: O(lines of the bodies). */
#ifndef TARE_TRACE_LINE_MERGE_H
#define TARE_TRACE_LINE_MERGE_H

#include "model/profile.h"
#include "trace/lines.h"

/* What one line event is taken to cost, and how far that may be off. */
typedef struct tare_line_costs {
    double visit_ns, call_ns; /* of a line, and of one end of a call */
    double error_ns;          /* of a line */
    double instruction_ns;    /* of each that it has, +- as much: it may run or not */
} tare_line_costs;

/* Lists all metrics that a profile of lines has, whatever will be measured. */
TARE_MUST_USE tare_status tare_lines_metrics(tare_profile *profile, tare_error *err);

TARE_MUST_USE tare_status tare_lines_merge(tare_lines *lines, tare_profile *profile,
                                           const tare_line_costs *costs, uint32_t label_set,
                                           double ns_per_tick, tare_error *err);

/* The node of its first line. */
TARE_MUST_USE tare_status tare_lines_place(const tare_line_code *code, tare_profile *profile,
                                           uint32_t *node_out, tare_error *err);

#endif
