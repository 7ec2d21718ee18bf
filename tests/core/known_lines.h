/* known_lines.h - a profile of lines whose every number is known.
 *
 *     line  function            hits  own ms  inclusive ms
 *       1   outer                                            2 calls, main thread
 *       2   outer                  2       1       1
 *       3   outer.<lambda>        20       4       4         called from line 4
 *       4   outer                  2       2      12         calls the lambda, and helper
 *       5   outer                  2       1       1         suspended 50
 *      10   helper                                           2 calls main, 1 worker
 *      11   helper                 2       6       6         main thread
 *      11   helper                 1       5       5         worker
 *      20   idle                                             never called
 *      30   C                      1       1       1         the body of a class
 *      32   C.method               1       3       3         a function of its own
 *
 * As measured each hit cost 1 ms more, known to a quarter; CPU time is half the own time. */
#ifndef TARE_TESTS_KNOWN_LINES_H
#define TARE_TESTS_KNOWN_LINES_H

#include "known_profile.h"

enum { LINES_MS = 1000000, LINES_MAIN = 1, LINES_WORKER = 2 };

typedef struct known_lines {
    uint32_t outer, lambda, helper, idle, body, method;
} known_lines;

static inline void lines_add(tare_profile *profile, uint32_t function, uint32_t line, uint32_t set,
                             const char *metric, uint64_t amount)
{
    const char *unit = strstr(metric, "_ns") != NULL ? "ns" : "count";
    uint32_t    node = known_child(profile, 0, function, line);
    must(tare_profile_add(profile, node, set, known_metric(profile, metric, unit), amount, NULL));
}

static inline void lines_hit(tare_profile *profile, uint32_t function, uint32_t line, uint32_t set,
                             uint64_t hits, uint64_t self_ms, uint64_t inclusive_ms)
{
    lines_add(profile, function, line, set, "hits", hits);
    lines_add(profile, function, line, set, "wall_ns", self_ms * LINES_MS);
    lines_add(profile, function, line, set, "inclusive_ns", inclusive_ms * LINES_MS);
    lines_add(profile, function, line, set, "raw_ns", (self_ms + hits) * LINES_MS);
    lines_add(profile, function, line, set, "cpu_ns", self_ms * LINES_MS / 2);
    lines_add(profile, function, line, set, "error_ns", hits * LINES_MS / 4);
}

static inline uint32_t lines_function(tare_profile *profile, const char *qualname, uint32_t line)
{
    return known_function(profile, qualname, qualname, "a.py", line, TARE_FUNCTION_PYTHON);
}

static inline known_lines lines_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    known_lines f = {
        .lambda = lines_function(profile, "outer.<locals>.<lambda>", 3),
        .outer = lines_function(profile, "outer", 1),
        .helper = lines_function(profile, "helper", 10),
        .idle = lines_function(profile, "idle", 20),
        .body = lines_function(profile, "C", 30),
        .method = lines_function(profile, "C.method", 31),
    };
    uint32_t first = known_thread(profile, "1 app", "1 MainThread", "1");
    uint32_t second = known_thread(profile, "1 app", "2 worker", NULL);
    lines_hit(profile, f.lambda, 3, first, 20, 4, 4);
    lines_hit(profile, f.outer, 2, first, 2, 1, 1);
    lines_hit(profile, f.outer, 4, first, 2, 2, 12);
    lines_hit(profile, f.outer, 5, first, 2, 1, 1);
    lines_hit(profile, f.helper, 11, first, 2, 6, 6);
    lines_hit(profile, f.helper, 11, second, 1, 5, 5);
    lines_hit(profile, f.body, 30, first, 1, 1, 1);
    lines_hit(profile, f.method, 32, first, 1, 3, 3);
    known_child(profile, 0, f.idle, 20);
    lines_add(profile, f.outer, 5, first, "suspended_ns", (uint64_t)50 * LINES_MS);
    lines_add(profile, f.outer, 1, first, "calls", 2);
    lines_add(profile, f.lambda, 3, first, "calls", 20);
    lines_add(profile, f.helper, 10, first, "calls", 2);
    lines_add(profile, f.helper, 10, second, "calls", 1);
    lines_add(profile, f.method, 31, first, "calls", 1);
    known_meta(profile, "engine", "lines");
    known_meta(profile, "wall_ns", "23000000");
    return f;
}

#endif
