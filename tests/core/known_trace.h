/* known_trace.h - a trace with recursion, threads, generators and C calls, all numbers known.
 *
 *     path                      calls  resumes  own ms
 *     main                        1      -        3      main thread
 *       fib                       1      -        1      main thread
 *         fib                     2      -        2      main thread
 *           fib                   2      -        2      main thread
 *       len                       4      -        1      main thread    C
 *       rows                      1      6        2      main thread    suspended 50
 *       even                      1      -        1      main thread
 *         odd                     1      -        1      main thread
 *           even                  1      -        1      main thread
 *     work                        2      -        4      worker
 *       fib                       1      -        1      worker
 *         fib                     2      -        2      worker
 *
 * fib:len in work is nobody's. As measured each call cost 1 ms more, known to a quarter; CPU time
 * is half the own time. Durations: fib's 8 calls 2 of 0 digits, 4 of 10, 1 of 20, 1 of 40. */
#ifndef TARE_TESTS_KNOWN_TRACE_H
#define TARE_TESTS_KNOWN_TRACE_H

#include "known_profile.h"

enum { TRACE_MS = 1000000, TRACE_MAIN = 1, TRACE_WORKER = 2 };

typedef struct known_trace {
    uint32_t main, fib, len, rows, even, odd, work;
} known_trace;

static inline void trace_add(tare_profile *profile, uint32_t node, uint32_t set, const char *metric,
                             const char *unit, uint64_t amount)
{
    must(tare_profile_add(profile, node, set, known_metric(profile, metric, unit), amount, NULL));
}

/* A child with so many calls and so much own time, as a tracer would write it. */
static inline uint32_t trace_node(tare_profile *profile, uint32_t parent, uint32_t function,
                                  uint32_t set, uint64_t calls, uint64_t self_ms)
{
    uint32_t node = known_child(profile, parent, function, 0);
    bool     native = profile->functions[function].kind == TARE_FUNCTION_NATIVE;
    trace_add(profile, node, set, "calls", "count", calls);
    trace_add(profile, node, set, "wall_ns", "ns", self_ms * TRACE_MS);
    trace_add(profile, node, set, native ? "native_ns" : "python_ns", "ns", self_ms * TRACE_MS);
    trace_add(profile, node, set, "raw_ns", "ns", (self_ms + calls) * TRACE_MS);
    trace_add(profile, node, set, "cpu_ns", "ns", self_ms * TRACE_MS / 2);
    trace_add(profile, node, set, "error_ns", "ns", calls * TRACE_MS / 4);
    return node;
}

static inline known_trace trace_functions(tare_profile *profile)
{
    const tare_function_kind python = TARE_FUNCTION_PYTHON;
    return (known_trace){
        .main = known_function(profile, "main", "main", "a.py", 1, python),
        .fib = known_function(profile, "fib", "fib", "a.py", 5, python),
        .len = known_function(profile, "len", "len", "", 0, TARE_FUNCTION_NATIVE),
        .rows = known_function(profile, "rows", "Table.rows", "b.py", 9, python),
        .even = known_function(profile, "even", "even", "b.py", 20, python),
        .odd = known_function(profile, "odd", "odd", "b.py", 30, python),
        .work = known_function(profile, "work", "work", "a.py", 40, python),
    };
}

static inline known_trace trace_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    known_trace f = trace_functions(profile);
    uint32_t    first = known_thread(profile, "1 app", "1 MainThread", "1");
    uint32_t    second = known_thread(profile, "1 app", "2 worker", NULL);
    uint32_t    top = trace_node(profile, 0, f.main, first, 1, 3);
    uint32_t    outer = trace_node(profile, top, f.fib, first, 1, 1);
    uint32_t    inner = trace_node(profile, outer, f.fib, first, 2, 2);
    uint32_t    innermost = trace_node(profile, inner, f.fib, first, 2, 2);
    trace_node(profile, top, f.len, first, 4, 1);
    uint32_t rows = trace_node(profile, top, f.rows, first, 1, 2);
    uint32_t even = trace_node(profile, top, f.even, first, 1, 1);
    even = trace_node(profile, even, f.odd, first, 1, 1);
    trace_node(profile, even, f.even, first, 1, 1);
    uint32_t work = trace_node(profile, 0, f.work, second, 2, 4);
    work = trace_node(profile, work, f.fib, second, 1, 1);
    trace_node(profile, work, f.fib, second, 2, 2);
    known_child(profile, work, f.len, 0);
    trace_add(profile, rows, first, "resumes", "count", 6);
    trace_add(profile, rows, first, "suspended_ns", "ns", (uint64_t)50 * TRACE_MS);
    trace_add(profile, outer, first, "duration_log2_40", "count", 1);
    trace_add(profile, inner, first, "duration_log2_10", "count", 2);
    trace_add(profile, innermost, first, "duration_log2_00", "count", 2);
    trace_add(profile, work, second, "duration_log2_20", "count", 1);
    trace_add(profile, work, second, "duration_log2_10", "count", 2);
    known_meta(profile, "wall_ns", "21000000");
    known_meta(profile, "target.mode", "trace");
    return f;
}

#endif
