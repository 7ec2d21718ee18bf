/* counts.h - how often each function was called, by whom, and what the calls cost, exactly.
 *
 * A trace counts every call: its profile has the metric `calls`, and its times are the nodes'
 * own. The tables here have the columns that users of cProfile know:
 *
 *     calls            ncalls: begun, whoever called
 *     primitive_calls  those begun while the function was not on the stack already
 *     self_ns          tottime: in the function itself
 *     total_ns         cumtime: with all it called, counted once however often it recurs
 *
 * beside what only a trace of Tare has: how often generators and coroutines were resumed, how
 * long they were suspended, the own time as it was measured (raw_ns, before the cost of
 * measuring was taken out), the own CPU time, and what the own time may be off by.
 *
 * A pair is (caller, callee) with the same columns, of those calls only. Its calls are
 * primitive, and its total is counted, where the pair is not on the stack already. Over all
 * callers of a function calls and self_ns add up to the function's; with recursion the
 * others need not.
 *
 * Of the durations of a function's calls only the number of binary digits is known, so a
 * quantile is known to a factor of two: see tare_duration_low_ns.
 *
 * A profile whose paths are an estimate (metric.h) says what each function took in all and how
 * many of its calls were primitive; then these two are not found along the paths.
 *
 * Values at the root belong to no function and are left out. Sums saturate. */
#ifndef TARE_STATS_COUNTS_H
#define TARE_STATS_COUNTS_H

#include "model/profile.h"

typedef enum tare_quantile {
    TARE_QUANTILE_MEDIAN,
    TARE_QUANTILE_90, /* this part of 100 calls took no longer */
    TARE_QUANTILE_99,
    TARE_QUANTILE_MAX,
    TARE_QUANTILE_COUNT
} tare_quantile;

enum { TARE_DURATION_MAX_BITS = 64 };

typedef struct tare_count_sums {
    uint64_t calls;
    uint64_t primitive_calls;
    uint64_t self_ns;
    uint64_t total_ns;
    uint64_t resumes;
    uint64_t suspended_ns;
    uint64_t raw_ns;
    uint64_t cpu_ns;
    uint64_t error_ns; /* of self_ns */
} tare_count_sums;

typedef struct tare_counted {
    uint32_t        function;
    tare_count_sums sums;
    uint64_t        duration_count;                     /* calls whose duration is known */
    uint8_t         duration_bits[TARE_QUANTILE_COUNT]; /* 0 when there are none */
} tare_counted;

typedef struct tare_count_pair {
    uint32_t        caller; /* function id; TARE_NONE: nothing traced called it */
    uint32_t        callee; /* function id */
    tare_count_sums sums;
} tare_count_pair;

typedef struct tare_count_thread {
    uint32_t        label_set;
    tare_count_sums sums; /* total_ns == self_ns */
} tare_count_thread;

typedef struct tare_counts {
    const tare_alloc  *alloc;     /* borrowed */
    tare_count_sums    all;       /* of all functions; total_ns == self_ns */
    tare_counted      *functions; /* owned; by self_ns, falling, ties by function */
    uint32_t           function_count;
    uint32_t           function_capacity;
    tare_count_pair   *pairs; /* owned; by total_ns, falling, ties by caller, callee */
    uint32_t           pair_count;
    uint32_t           pair_capacity;
    tare_count_thread *threads; /* owned; by self_ns, falling, ties by label set */
    uint32_t           thread_count;
    uint32_t           thread_capacity;
} tare_counts;

/* Whether the profile is a trace. O(metrics). */
bool tare_counts_known(const tare_profile *profile);

/* thread: a label set, or TARE_NONE for all. Functions, pairs and threads of which nothing was
 * measured have no row. O(size of the profile), plus sorting the rows. */
TARE_MUST_USE tare_status tare_counts_init(tare_counts *calls, const tare_profile *profile,
                                           uint32_t thread, tare_error *err);
void                      tare_counts_deinit(tare_counts *calls); /* no-op on zeroed storage */

/* The shortest and the longest duration with so many binary digits: 0 to 0 for 0, 1 to 1 for
 * 1, 2 to 3 for 2, 4 to 7 for 3... bits <= TARE_DURATION_MAX_BITS. */
uint64_t tare_duration_low_ns(uint32_t bits);
uint64_t tare_duration_high_ns(uint32_t bits);

#endif
