/* summary.h - from the calling-context tree to the tables people read.
 *
 * "active" time is what a speed-up could give back to the run: time on a CPU in any
 * thread, and waiting in a main thread. Waiting of worker threads is left out of the
 * function tables (a pool of idle workers is not slow) but counted in the states.
 * A main thread is one whose label set has the label main = 1; a profile without
 * any such label counts all waiting as active.
 *
 *     self  = active time with the function on top
 *     total = active time with the function anywhere on the stack, counted once
 *             however often it recurs
 *     share = time / (wall time of the run); over several threads shares can pass 1
 *
 * The program's own states partition the run's wall time: they are the values at
 * the root node, put there by the sampler tick by tick (running before waiting; the
 * main thread's kind of waiting when all wait). So does program time, by function: each
 * tick divided among the threads that ran (metric.h). What the program could gain is found
 * from that alone. A profile without it gets its active time instead, scaled down to the
 * wall time where there is more. */
#ifndef TARE_STATS_SUMMARY_H
#define TARE_STATS_SUMMARY_H

#include "model/profile.h"
#include "stats/interval.h"

typedef struct tare_row {
    uint32_t      id;   /* function id, or frame id in the line table */
    uint32_t      kind; /* tare_function_kind */
    uint64_t      self_ns;
    uint64_t      total_ns;
    uint64_t      self_native_ns;       /* part of self_ns in native code */
    uint64_t      self_wait_ns;         /* part of self_ns waiting */
    uint64_t      unproven_ns;          /* part of self_ns that belongs to an unproven callee */
    uint64_t      program_ns;           /* of the program's wall time, counted like total_ns */
    uint64_t      program_self_ns;      /* likewise, like self_ns */
    uint64_t      program_self_wait_ns; /* part of program_self_ns waiting */
    tare_estimate self_share;
    tare_estimate total_share;
    tare_estimate program_share;
    tare_estimate gain_ratio; /* most the program could gain: Amdahl over program_share */
} tare_row;

typedef struct tare_state_row {
    const tare_metric_info *metric; /* constant */
    uint64_t                ns;
    tare_estimate           share;
} tare_state_row;

typedef struct tare_summary {
    uint64_t       wall_ns;         /* of the run */
    uint64_t       whole_ns;        /* what shares are parts of: wall_ns, or what the ticks stand
                                       for when that is more (the last period is not over) */
    uint64_t       cpu_ns;          /* of all processes, by the system's own account */
    uint64_t       active_ns;       /* sum of all self_ns */
    double         effective_count; /* of ticks */
    tare_row      *functions;       /* owned; by self_ns, falling; ties by id */
    uint32_t       function_count;  /* those with total_ns > 0 */
    uint32_t       function_capacity;
    tare_row      *lines; /* owned; likewise */
    uint32_t       line_count;
    uint32_t       line_capacity;
    tare_state_row states[TARE_METRIC_COUNT]; /* program states with ns > 0, falling */
    uint32_t       state_count;
} tare_summary;

/* Uses the meta keys wall_ns, cpu_ns, sampler.weight and sampler.weight_squared; without
 * them (or with a wall time of 0) the sum of the program's states, 0, and the samples at the
 * root, all of weight 1.
 * thread (a label set id, or TARE_NONE for all) restricts the tables to one label set.
 * Functions and lines without any time have no row. O(size of the profile), plus sorting. */
TARE_MUST_USE tare_status tare_summary_init(tare_summary *summary, const tare_profile *profile,
                                            uint32_t thread, tare_error *err);
void                      tare_summary_deinit(tare_summary *summary, const tare_alloc *alloc);

/* How large a part of the run so much time is. */
tare_estimate tare_summary_share(const tare_summary *summary, uint64_t ns);

enum { TARE_VERDICT_MAX_FUNCTIONS = 16 };

typedef enum tare_case {
    TARE_CASE_FAST_ENOUGH, /* wall <= target */
    TARE_CASE_REACHABLE,   /* faster functions can get there */
    TARE_CASE_WAITING,     /* waiting alone takes longer than the target */
    TARE_CASE_UNLIKELY     /* more than 90 % of the time on the CPU would have to go */
} tare_case;

typedef struct tare_verdict {
    tare_case verdict;
    uint64_t  target_ns;
    uint64_t  excess_ns;      /* wall - target, 0 when fast enough */
    uint64_t  waiting_ns;     /* what no faster Python code can give back */
    double    needed_ratio;   /* how much faster the part on the CPU must get; 1 = as it is */
    uint32_t  function_count; /* of functions; 0 = no few are enough */
    /* ids: these, made free, would do, by the lower bounds of what that surely gives back; the
     * most first */
    uint32_t functions[TARE_VERDICT_MAX_FUNCTIONS];
} tare_verdict;

/* "Do I have a case?" */
tare_verdict tare_summary_judge(const tare_summary *summary, uint64_t target_ns);

#endif
