/* known_calls.h - a profile with callers, threads and recursion, whose every number is known.
 *
 *     main:5 -> parse:7        python 40      main thread
 *     main:6 -> parse:7        python 20      main thread
 *     main:6 -> fetch:3        waiting 10     main thread
 *     work:2 -> parse:7        python 30      worker
 *     work:2                   waiting 500    worker: not active
 *     fib:1 -> fib:2 -> fib:2  python 8       main thread
 *
 * in milliseconds. */
#ifndef TARE_TESTS_KNOWN_CALLS_H
#define TARE_TESTS_KNOWN_CALLS_H

#include "harness.h"
#include "oom.h"

#include "known_profile.h"

enum { MS = 1000000, MAIN_SET = 1, WORKER_SET = 2 };

typedef struct known_functions {
    uint32_t main, parse, fetch, work, fib;
} known_functions;

static inline known_functions make_functions(tare_profile *profile)
{
    const tare_function_kind python = TARE_FUNCTION_PYTHON;
    return (known_functions){
        .main = known_function(profile, "main", "main", "a.py", 1, python),
        .parse = known_function(profile, "parse", "parse", "a.py", 7, python),
        .fetch = known_function(profile, "fetch", "fetch", "a.py", 3, python),
        .work = known_function(profile, "work", "work", "a.py", 2, python),
        .fib = known_function(profile, "fib", "fib", "a.py", 1, python),
    };
}

static inline known_functions make_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    known_functions known = make_functions(profile);
    uint32_t        main_set = known_thread(profile, "1 app", "1 MainThread", "1");
    uint32_t        worker_set = known_thread(profile, "1 app", "2 worker", NULL);
    uint32_t        main_5 = known_child(profile, 0, known.main, 5);
    uint32_t        main_6 = known_child(profile, 0, known.main, 6);
    uint32_t        work_2 = known_child(profile, 0, known.work, 2);
    uint32_t        fib = known_child(profile, 0, known.fib, 1);
    fib = known_child(profile, known_child(profile, fib, known.fib, 2), known.fib, 2);
    known_sample(profile, known_child(profile, main_5, known.parse, 7), main_set, "python_ns", 40);
    known_sample(profile, known_child(profile, main_6, known.parse, 7), main_set, "python_ns", 20);
    known_sample(profile, known_child(profile, main_6, known.fetch, 3), main_set, "wait_disk_ns",
                 10);
    known_sample(profile, known_child(profile, work_2, known.parse, 7), worker_set, "python_ns",
                 30);
    known_sample(profile, work_2, worker_set, "wait_lock_ns", 500);
    known_sample(profile, fib, main_set, "python_ns", 8);
    known_sample(profile, 0, 0, "python_ns", 98);
    CHECK_EQ(main_set, MAIN_SET);
    CHECK_EQ(worker_set, WORKER_SET);
    return known;
}

/* Runs an operation that reads a profile, failing its n-th allocation, until none fails. */
typedef tare_status operation(tare_profile *profile);

static inline void fail_each_request(operation *run)
{
    tare_profile profile;
    make_profile(&profile, tare_alloc_system());
    const tare_alloc *own = profile.alloc;
    tare_status       status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        profile.alloc = &memory.alloc;
        status = run(&profile);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK_EQ(memory.outstanding, 0);
    }
    profile.alloc = own;
    tare_profile_deinit(&profile);
}

#endif
