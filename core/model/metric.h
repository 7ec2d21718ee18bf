/* metric.h - the names of what a profile can measure, and their units.
 *
 * A profile lists the metrics it uses by name, so a reader needs no table of
 * numbers; this list keeps engines and reports to the same words. Times are
 * nanoseconds, weights of samples are ticks of the sampling clock.
 *
 * A sample adds its time to wall_ns and to exactly one state, so
 *     wall_ns == sum of all metrics marked STATE      (per node and label set)
 * BUSY states are those in which the thread held a CPU.
 *
 * Threads overlap, the program's wall time does not: each tick is divided among the threads
 * that ran in it, or is the waiting main thread's when none ran. So, over the whole tree,
 *     wall_ns at the root             == sum of program_ns
 *     all WAIT states at the root     == sum of program_wait_ns, a part of program_ns
 *
 * A trace counts calls and knows two states only, of whose code ran: python_ns and native_ns, in
 * which the waiting is. Its raw_ns is wall_ns before the cost of measuring was taken off, its
 * error_ns the bound of what that may have made wrong.
 *
 * A profile that was imported from a file with pairs of callers and callees alone (io/edges.h) has
 * `estimated` 1 on each node whose path that file cannot confirm, certain_ns on others whose
 * amounts it does not give, and on one node of each function what it says of the function as a
 * whole: inclusive_ns and primitive_calls.
 *
 * A profile of memory has amounts of blocks, each at the place that allocated it:
 *     alloc == live + freed          (per node and label set)
 * "the peak" is when all places together held most. Where blocks were sampled the amounts are
 * estimates without bias; sample_count blocks are behind them, and alloc_variance is the square of
 * the standard error of alloc_bytes, which adds up like the others.
 *
 * A profile of lines has the root's children for its nodes, one for each line: hits, wall_ns
 * without and inclusive_ns with the functions called whose lines are measured too. */
#ifndef TARE_MODEL_METRIC_H
#define TARE_MODEL_METRIC_H

/* name, unit, role, words for people */
#define TARE_METRIC_LIST(X)                                                           \
    X(samples, "count", COUNT, "samples")                                             \
    X(wall_ns, "ns", TOTAL, "wall time")                                              \
    X(python_ns, "ns", BUSY, "running Python")                                        \
    X(native_ns, "ns", BUSY, "running native code")                                   \
    X(gc_ns, "ns", BUSY, "collecting garbage")                                        \
    X(wait_gil_ns, "ns", WAIT, "waiting for the GIL")                                 \
    X(wait_sleep_ns, "ns", WAIT, "sleeping")                                          \
    X(wait_lock_ns, "ns", WAIT, "waiting for a lock")                                 \
    X(wait_socket_ns, "ns", WAIT, "waiting for a socket")                             \
    X(wait_poll_ns, "ns", WAIT, "waiting for events (poll, select)")                  \
    X(wait_pipe_ns, "ns", WAIT, "waiting for a pipe")                                 \
    X(wait_disk_ns, "ns", WAIT, "waiting for the disk")                               \
    X(wait_paging_ns, "ns", WAIT, "paging")                                           \
    X(wait_child_ns, "ns", WAIT, "waiting for a child process")                       \
    X(wait_terminal_ns, "ns", WAIT, "waiting for the terminal")                       \
    X(wait_stopped_ns, "ns", WAIT, "stopped by a signal")                             \
    X(wait_other_ns, "ns", WAIT, "waiting in another system call")                    \
    X(unproven_ns, "ns", PART, "charged to a proven caller, callee not proven")       \
    X(program_ns, "ns", PART, "its part of the program's wall time")                  \
    X(program_wait_ns, "ns", PART, "its part of the program's waiting")               \
    X(calls, "count", COUNT, "calls")                                                 \
    X(resumes, "count", COUNT, "resumptions of a generator or coroutine")             \
    X(suspended_ns, "ns", APART, "suspended between yield and resumption")            \
    X(raw_ns, "ns", PART, "as measured, with the cost of measuring")                  \
    X(cpu_ns, "ns", PART, "CPU time")                                                 \
    X(error_ns, "ns", APART, "what wall time may be off by, either way")              \
    X(hits, "count", COUNT, "times that a line was begun")                            \
    X(inclusive_ns, "ns", APART, "with all that was called")                          \
    X(alloc_bytes, "bytes", COUNT, "memory allocated")                                \
    X(alloc_count, "count", COUNT, "blocks allocated")                                \
    X(freed_bytes, "bytes", COUNT, "of these, memory freed")                          \
    X(freed_count, "count", COUNT, "of these, blocks freed")                          \
    X(live_bytes, "bytes", COUNT, "memory held at the end")                           \
    X(live_count, "count", COUNT, "blocks held at the end")                           \
    X(peak_bytes, "bytes", COUNT, "memory held at the peak")                          \
    X(peak_count, "count", COUNT, "blocks held at the peak")                          \
    X(temporary_bytes, "bytes", COUNT, "memory freed before the next was allocated")  \
    X(temporary_count, "count", COUNT, "blocks freed before the next was allocated")  \
    X(sample_count, "count", COUNT, "blocks looked at")                               \
    X(alloc_variance, "bytes^2", APART, "variance of the memory allocated")           \
    X(estimated, "count", COUNT, "placed by an estimate")                             \
    X(primitive_calls, "count", COUNT, "calls not within one of the same")            \
    X(certain_ns, "ns", APART, "surely taken on this path, with all that was called") \
    X(unexpanded_ns, "ns", APART, "called from here, but not placed here")

// clang-format off
typedef enum tare_metric_id {
#define TARE_METRIC_ENUM(name, unit, role, words) TARE_METRIC_##name,
    TARE_METRIC_LIST(TARE_METRIC_ENUM)
#undef TARE_METRIC_ENUM
    TARE_METRIC_COUNT,
    TARE_METRIC_SAMPLED_COUNT = TARE_METRIC_calls /* those of a sampled profile come first */
} tare_metric_id;
// clang-format on

typedef enum tare_metric_role {
    TARE_ROLE_COUNT, /* a number of events */
    TARE_ROLE_TOTAL, /* the sum of all states */
    TARE_ROLE_BUSY,  /* a state on a CPU */
    TARE_ROLE_WAIT,  /* a state off the CPU */
    TARE_ROLE_PART,  /* a part of the time counted in some state already */
    TARE_ROLE_APART, /* not a part of any: suspended, or an error */
    TARE_ROLE_OTHER  /* not in this list: a newer Tare wrote it */
} tare_metric_role;

typedef struct tare_metric_info {
    const char      *name;
    const char      *unit;
    tare_metric_role role;
    const char      *words;
} tare_metric_info;

/* The entry with that name, or NULL. */
const tare_metric_info *tare_metric_find(const char *name);
/* id < TARE_METRIC_COUNT. */
const tare_metric_info *tare_metric_get(tare_metric_id id);
/* "busy" for TARE_ROLE_BUSY, and so on. */
const char *tare_metric_role_name(tare_metric_role role);

#endif
