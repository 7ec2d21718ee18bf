/* test_counts.c - exact counts, recursion once, pairs, threads, quantiles of durations. */
#include "harness.h"
#include "oom.h"

#include "known_trace.h"
#include "stats/counts.h"

static const tare_count_sums none;

static const tare_counted *find_called(const tare_counts *calls, uint32_t function)
{
    static const tare_counted nobody;
    for (uint32_t i = 0; i < calls->function_count; i++) {
        if (calls->functions[i].function == function)
            return &calls->functions[i];
    }
    return &nobody;
}

static const tare_count_sums *find_pair(const tare_counts *calls, uint32_t caller, uint32_t callee)
{
    for (uint32_t i = 0; i < calls->pair_count; i++) {
        if (calls->pairs[i].caller == caller && calls->pairs[i].callee == callee)
            return &calls->pairs[i].sums;
    }
    return &none;
}

static void check_sums(const tare_count_sums *sums, uint64_t calls, uint64_t primitive_calls,
                       uint64_t self_ms, uint64_t total_ms)
{
    CHECK_EQ(sums->calls, calls);
    CHECK_EQ(sums->primitive_calls, primitive_calls);
    CHECK_EQ(sums->self_ns, self_ms * TRACE_MS);
    CHECK_EQ(sums->total_ns, total_ms * TRACE_MS);
    CHECK_EQ(sums->raw_ns, (self_ms + calls) * TRACE_MS);
    CHECK_EQ(sums->cpu_ns, self_ms * TRACE_MS / 2);
    CHECK_EQ(sums->error_ns, calls * TRACE_MS / 4);
}

TEST(functions_have_what_cprofile_would_count)
{
    tare_profile profile;
    tare_counts  calls;
    known_trace  f = trace_profile(&profile, tare_alloc_system());
    CHECK(tare_counts_known(&profile));
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(calls.function_count, 7);
    check_sums(&find_called(&calls, f.main)->sums, 1, 1, 3, 14);
    check_sums(&find_called(&calls, f.fib)->sums, 8, 2, 8, 8);
    check_sums(&find_called(&calls, f.len)->sums, 4, 4, 1, 1);
    check_sums(&find_called(&calls, f.rows)->sums, 1, 1, 2, 2);
    check_sums(&find_called(&calls, f.even)->sums, 2, 1, 2, 3);
    check_sums(&find_called(&calls, f.odd)->sums, 1, 1, 1, 2);
    check_sums(&find_called(&calls, f.work)->sums, 2, 2, 4, 7);
    CHECK_EQ(find_called(&calls, f.rows)->sums.resumes, 6);
    CHECK_EQ(find_called(&calls, f.rows)->sums.suspended_ns, 50 * TRACE_MS);
    check_sums(&calls.all, 19, 12, 21, 21);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(rows_come_by_own_time_and_then_by_id)
{
    tare_profile profile;
    tare_counts  calls;
    known_trace  f = trace_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    const uint32_t expected[] = {f.fib, f.work, f.main, f.rows, f.even, f.len, f.odd};
    for (uint32_t i = 0; i < calls.function_count; i++)
        CHECK_EQ(calls.functions[i].function, expected[i]);
    CHECK_EQ(calls.pairs[0].callee, f.main);
    CHECK_EQ(calls.pairs[0].caller, TARE_NONE);
    for (uint32_t i = 1; i < calls.pair_count; i++)
        CHECK(calls.pairs[i - 1].sums.total_ns >= calls.pairs[i].sums.total_ns);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(pairs_count_their_own_calls_and_recursion_once)
{
    tare_profile profile;
    tare_counts  calls;
    known_trace  f = trace_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(calls.pair_count, 10); /* work -> fib -> len has nothing and no row */
    check_sums(find_pair(&calls, TARE_NONE, f.main), 1, 1, 3, 14);
    check_sums(find_pair(&calls, TARE_NONE, f.work), 2, 2, 4, 7);
    check_sums(find_pair(&calls, f.main, f.fib), 1, 1, 1, 5);
    check_sums(find_pair(&calls, f.fib, f.fib), 6, 4, 6, 6);
    check_sums(find_pair(&calls, f.work, f.fib), 1, 1, 1, 3);
    check_sums(find_pair(&calls, f.main, f.len), 4, 4, 1, 1);
    check_sums(find_pair(&calls, f.main, f.even), 1, 1, 1, 3);
    check_sums(find_pair(&calls, f.even, f.odd), 1, 1, 1, 2);
    check_sums(find_pair(&calls, f.odd, f.even), 1, 1, 1, 1);
    CHECK_EQ(find_pair(&calls, f.main, f.rows)->resumes, 6);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(callers_add_up_to_the_function)
{
    tare_profile profile;
    tare_counts  calls;
    trace_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    for (uint32_t i = 0; i < calls.function_count; i++) {
        const tare_counted *row = &calls.functions[i];
        tare_count_sums     sum = {0};
        for (uint32_t pair = 0; pair < calls.pair_count; pair++) {
            if (calls.pairs[pair].callee != row->function)
                continue;
            sum.calls += calls.pairs[pair].sums.calls;
            sum.self_ns += calls.pairs[pair].sums.self_ns;
        }
        CHECK_EQ(sum.calls, row->sums.calls);
        CHECK_EQ(sum.self_ns, row->sums.self_ns);
    }
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(threads_have_their_own_sums)
{
    tare_profile profile;
    tare_counts  calls;
    known_trace  f = trace_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(calls.thread_count, 2);
    CHECK_EQ(calls.threads[0].label_set, TRACE_MAIN);
    check_sums(&calls.threads[0].sums, 14, 9, 14, 14);
    CHECK_EQ(calls.threads[0].sums.resumes, 6);
    CHECK_EQ(calls.threads[1].label_set, TRACE_WORKER);
    check_sums(&calls.threads[1].sums, 5, 3, 7, 7);
    tare_counts_deinit(&calls);
    CHECK_EQ(tare_counts_init(&calls, &profile, TRACE_WORKER, NULL), TARE_OK);
    CHECK_EQ(calls.function_count, 2);
    CHECK_EQ(calls.thread_count, 1);
    check_sums(&find_called(&calls, f.fib)->sums, 3, 1, 3, 3);
    check_sums(&calls.all, 5, 3, 7, 7);
    CHECK_EQ(find_called(&calls, f.fib)->duration_count, 3);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

/* ---- durations ---- */

static void check_bits(const tare_counted *row, uint64_t count, uint8_t median, uint8_t most_90,
                       uint8_t most_99, uint8_t longest)
{
    CHECK_EQ(row->duration_count, count);
    CHECK_EQ(row->duration_bits[TARE_QUANTILE_MEDIAN], median);
    CHECK_EQ(row->duration_bits[TARE_QUANTILE_90], most_90);
    CHECK_EQ(row->duration_bits[TARE_QUANTILE_99], most_99);
    CHECK_EQ(row->duration_bits[TARE_QUANTILE_MAX], longest);
}

TEST(quantiles_are_those_of_all_calls)
{
    tare_profile profile;
    tare_counts  calls;
    known_trace  f = trace_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    check_bits(find_called(&calls, f.fib), 8, 10, 40, 40, 40);
    check_bits(find_called(&calls, f.main), 0, 0, 0, 0, 0);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(a_quantile_is_the_last_of_its_part)
{
    tare_profile profile;
    tare_counts  calls;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    known_trace f = trace_functions(&profile);
    uint32_t    node = trace_node(&profile, 0, f.fib, 0, 1000, 1);
    trace_add(&profile, node, 0, "duration_log2_07", "count", 500);
    trace_add(&profile, node, 0, "duration_log2_08", "count", 400);
    trace_add(&profile, node, 0, "duration_log2_12", "count", 90);
    trace_add(&profile, node, 0, "duration_log2_63", "count", 9);
    trace_add(&profile, node, 0, "duration_log2_64", "count", 1);
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    check_bits(find_called(&calls, f.fib), 1000, 7, 8, 12, 64);
    tare_counts_deinit(&calls);
    trace_add(&profile, node, 0, "duration_log2_64", "count", UINT64_MAX - 100);
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    check_bits(find_called(&calls, f.fib), UINT64_MAX, 64, 64, 64, 64);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(only_names_of_the_list_are_durations)
{
    static const char *const strange[] = {
        "duration_log2_",   "duration_log2_65", "duration_log2_1x",       "duration_log2_-1",
        "duration_log2_ 1", "duration_log3_01", "duration_log2_18446744", "duration_log2_99",
    };
    tare_profile profile;
    tare_counts  calls;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    known_trace f = trace_functions(&profile);
    uint32_t    node = trace_node(&profile, 0, f.fib, 0, 9, 1);
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        trace_add(&profile, node, 0, strange[i], "count", 1);
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(find_called(&calls, f.fib)->duration_count, 0);
    check_sums(&find_called(&calls, f.fib)->sums, 9, 9, 1, 1);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(digits_say_between_which_durations)
{
    CHECK_EQ(tare_duration_low_ns(0), 0);
    CHECK_EQ(tare_duration_high_ns(0), 0);
    CHECK_EQ(tare_duration_low_ns(1), 1);
    CHECK_EQ(tare_duration_high_ns(1), 1);
    CHECK_EQ(tare_duration_low_ns(11), 1024);
    CHECK_EQ(tare_duration_high_ns(11), 2047);
    CHECK(tare_duration_low_ns(64) == (uint64_t)1 << 63);
    CHECK(tare_duration_high_ns(64) == UINT64_MAX);
}

/* ---- edges ---- */

TEST(what_was_sampled_is_no_trace)
{
    tare_profile profile;
    tare_counts  calls;
    known_profile(&profile, tare_alloc_system());
    CHECK(!tare_counts_known(&profile));
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(calls.all.calls, 0);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(empty_profile_has_no_rows)
{
    tare_profile profile;
    tare_counts  calls = {0};
    tare_counts_deinit(&calls);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(calls.function_count + calls.pair_count + calls.thread_count, 0);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(what_stands_at_the_root_is_no_call)
{
    tare_profile profile;
    tare_counts  calls;
    trace_profile(&profile, tare_alloc_system());
    trace_add(&profile, 0, 0, "calls", "count", 1000);
    trace_add(&profile, 0, 0, "wall_ns", "ns", 1000);
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    check_sums(&calls.all, 19, 12, 21, 21);
    CHECK_EQ(calls.thread_count, 2);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

/* A generator that one function began and another resumes. */
TEST(resumed_elsewhere_is_no_call)
{
    tare_profile profile;
    tare_counts  calls;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    known_trace f = trace_functions(&profile);
    uint32_t    node = trace_node(&profile, 0, f.rows, 0, 0, 0);
    trace_add(&profile, node, 0, "resumes", "count", 3);
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(calls.function_count, 1);
    check_sums(&calls.functions[0].sums, 0, 0, 0, 0);
    CHECK_EQ(calls.functions[0].sums.resumes, 3);
    CHECK_EQ(find_pair(&calls, TARE_NONE, f.rows)->resumes, 3);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(sums_saturate)
{
    tare_profile profile;
    tare_counts  calls;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    known_trace f = trace_functions(&profile);
    uint32_t    node = trace_node(&profile, 0, f.main, 0, 1, 1);
    trace_add(&profile, node, 0, "wall_ns", "ns", UINT64_MAX);
    node = trace_node(&profile, node, f.fib, 0, 1, 1);
    trace_add(&profile, node, 0, "wall_ns", "ns", UINT64_MAX);
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK(find_called(&calls, f.main)->sums.total_ns == UINT64_MAX);
    CHECK(calls.all.self_ns == UINT64_MAX);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(depth_costs_no_stack_of_ours)
{
    enum { DEPTH = 1000000 };

    tare_profile profile;
    tare_counts  calls;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    known_trace f = trace_functions(&profile);
    uint32_t    node = 0;
    uint32_t    counted = known_metric(&profile, "calls", "count");
    uint32_t    wall = known_metric(&profile, "wall_ns", "ns");
    for (int i = 0; i < DEPTH; i++) {
        node = known_child(&profile, node, i % 2 == 0 ? f.even : f.odd, 0);
        must(tare_profile_add(&profile, node, 0, counted, 1, NULL));
        must(tare_profile_add(&profile, node, 0, wall, TRACE_MS, NULL));
    }
    CHECK_EQ(tare_counts_init(&calls, &profile, TARE_NONE, NULL), TARE_OK);
    const tare_count_sums *even = &find_called(&calls, f.even)->sums;
    CHECK_EQ(even->calls, DEPTH / 2);
    CHECK_EQ(even->primitive_calls, 1);
    CHECK_EQ(even->self_ns, (uint64_t)DEPTH / 2 * TRACE_MS);
    CHECK_EQ(even->total_ns, (uint64_t)DEPTH * TRACE_MS);
    CHECK_EQ(calls.pair_count, 3);
    CHECK_EQ(find_pair(&calls, f.even, f.odd)->calls, DEPTH / 2);
    CHECK_EQ(find_pair(&calls, f.even, f.odd)->primitive_calls, 1);
    tare_counts_deinit(&calls);
    tare_profile_deinit(&profile);
}

TEST(failed_allocations_leave_nothing)
{
    tare_profile profile;
    trace_profile(&profile, tare_alloc_system());
    const tare_alloc *own = profile.alloc;
    tare_status       status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom         memory;
        tare_counts calls;
        oom_init(&memory, fail_at);
        profile.alloc = &memory.alloc;
        status = tare_counts_init(&calls, &profile, TARE_NONE, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK_EQ(calls.function_count, status == TARE_OK ? 7 : 0);
        tare_counts_deinit(&calls);
        CHECK_EQ(memory.outstanding, 0);
    }
    profile.alloc = own;
    tare_profile_deinit(&profile);
}
