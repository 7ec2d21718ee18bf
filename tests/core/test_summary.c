/* test_summary.c - small trees worked out by hand, large ones against the definition, and
 * the verdict on a target. Times are in made-up units: 1 is one nanosecond. */
#include "harness.h"
#include "oom.h"

#include "stats/summary.h"

#include <math.h>

static void must(tare_status status)
{
    CHECK_EQ(status, TARE_OK);
}

static tare_profile make(void)
{
    tare_profile profile;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    return profile;
}

static uint32_t string(tare_profile *profile, const char *text)
{
    uint32_t id = TARE_NONE;
    must(tare_profile_string(profile, text, strlen(text), &id, NULL));
    return id;
}

/* A call of name at that line, under parent. */
static uint32_t call(tare_profile *profile, uint32_t parent, const char *name, uint32_t line)
{
    uint32_t      function = TARE_NONE, frame = TARE_NONE, node = TARE_NONE;
    tare_function made = {.name = string(profile, name), .qualname = string(profile, name)};
    must(tare_profile_function(profile, &made, &function, NULL));
    must(tare_profile_frame(profile, function, line, &frame, NULL));
    must(tare_profile_child(profile, parent, frame, &node, NULL));
    return node;
}

static void spend(tare_profile *profile, uint32_t node, uint32_t set, const char *metric,
                  uint64_t amount)
{
    uint32_t id = TARE_NONE;
    must(tare_profile_metric(profile, metric, "ns", &id, NULL));
    must(tare_profile_add(profile, node, set, id, amount, NULL));
}

static uint32_t thread(tare_profile *profile, const char *name, const char *is_main)
{
    uint32_t   id = TARE_NONE;
    tare_label labels[] = {{string(profile, "thread"), string(profile, name)},
                           {string(profile, "main"), string(profile, is_main)}};
    must(tare_profile_label_set(profile, labels, is_main[0] != '\0' ? 2 : 1, &id, NULL));
    return id;
}

static void note(tare_profile *profile, const char *key, const char *value)
{
    must(tare_profile_set_meta(profile, key, value, strlen(value), NULL));
}

static tare_summary summarise_thread(const tare_profile *profile, uint32_t set)
{
    tare_summary summary;
    must(tare_summary_init(&summary, profile, set, NULL));
    return summary;
}

static tare_summary summarise(const tare_profile *profile)
{
    return summarise_thread(profile, TARE_NONE);
}

static void release(tare_summary *summary, tare_profile *profile)
{
    tare_summary_deinit(summary, profile->alloc);
    CHECK(summary->functions == NULL && summary->function_count == 0);
    tare_summary_deinit(summary, profile->alloc); /* zeroed: nothing to do */
    tare_profile_deinit(profile);
}

/* The row of a function by name; a row of zeros when there is none. */
static tare_row find(const tare_profile *profile, const tare_summary *summary, const char *name)
{
    for (uint32_t i = 0; i < summary->function_count; i++) {
        tare_row row = summary->functions[i];
        if (strcmp(tare_profile_text(profile, profile->functions[row.id].name).bytes, name) == 0)
            return row;
    }
    return (tare_row){.id = TARE_NONE};
}

static bool same(tare_estimate a, tare_estimate b)
{
    return a.value == b.value && a.low == b.low && a.high == b.high;
}

/* ---- totals ---- */

/*  node                self
 *  1 main:3               1
 *  2 '- parse:12          5      functions  self total     lines     self total
 *  3 '- parse:14          2      parse         9     9     parse:12     7     7
 *  4 main:4               0      write         3     3     write:20     3     3
 *  5 '- parse:12          2      main          1    13     parse:14     2     2
 *  6 '- write:20          3                                main:3       1     8
 *                        13                                main:4       0     5   */
TEST(tables_of_a_small_tree)
{
    static const struct {
        const char *name;
        uint64_t    self, total;
    } functions[] = {{"parse", 9, 9}, {"write", 3, 3}, {"main", 1, 13}};
    static const struct {
        uint32_t line;
        uint64_t self, total;
    } lines[] = {{12, 7, 7}, {20, 3, 3}, {14, 2, 2}, {3, 1, 8}, {4, 0, 5}};
    tare_profile profile = make();
    uint32_t     main_3 = call(&profile, 0, "main", 3);
    spend(&profile, main_3, 0, "python_ns", 1);
    spend(&profile, call(&profile, main_3, "parse", 12), 0, "python_ns", 5);
    spend(&profile, call(&profile, main_3, "parse", 14), 0, "python_ns", 2);
    uint32_t main_4 = call(&profile, 0, "main", 4);
    spend(&profile, call(&profile, main_4, "parse", 12), 0, "python_ns", 2);
    spend(&profile, call(&profile, main_4, "write", 20), 0, "python_ns", 3);
    call(&profile, main_4, "unseen", 30);
    spend(&profile, 1, 0, "wall_ns", 1000); /* the sum of states: not counted again */
    spend(&profile, 1, 0, "samples", 1000);
    spend(&profile, 1, 0, "of_the_future_ns", 1000);

    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.active_ns, 13);
    CHECK_EQ(summary.function_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        tare_row row = find(&profile, &summary, functions[i].name);
        CHECK_EQ(row.id, summary.functions[i].id);
        CHECK_EQ(row.self_ns, functions[i].self);
        CHECK_EQ(row.total_ns, functions[i].total);
        CHECK_EQ(row.self_native_ns + row.self_wait_ns + row.unproven_ns, 0);
    }
    CHECK_EQ(summary.line_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK_EQ(profile.frames[summary.lines[i].id].line, lines[i].line);
        CHECK_EQ(summary.lines[i].self_ns, lines[i].self);
        CHECK_EQ(summary.lines[i].total_ns, lines[i].total);
    }
    release(&summary, &profile);
}

/*  node              self   subtree
 *  1 main:1             1        22
 *  2 '- walk:5          2        21    walk: self 2 + 4 + 8 = 14, total 21 (node 2 alone)
 *  3    '- walk:5       4        12    walk:5: self 6, total 21
 *  4       '- walk:6    8         8    walk:6: self 8, total 8
 *  5    '- visit:9      0         7    visit: self 0, total 7
 *  6       '- walk:7    7         7    walk:7: self 7, so walk's self is 21  */
TEST(recursion_counts_each_stack_once)
{
    tare_profile profile = make();
    uint32_t     main_1 = call(&profile, 0, "main", 1);
    uint32_t     outer = call(&profile, main_1, "walk", 5);
    uint32_t     middle = call(&profile, outer, "walk", 5);
    uint32_t     inner = call(&profile, middle, "walk", 6);
    uint32_t     visit = call(&profile, outer, "visit", 9);
    spend(&profile, main_1, 0, "python_ns", 1);
    spend(&profile, outer, 0, "python_ns", 2);
    spend(&profile, middle, 0, "python_ns", 4);
    spend(&profile, inner, 0, "python_ns", 8);
    spend(&profile, call(&profile, visit, "walk", 7), 0, "python_ns", 7);

    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.active_ns, 22);
    CHECK_EQ(find(&profile, &summary, "walk").self_ns, 21);
    CHECK_EQ(find(&profile, &summary, "walk").total_ns, 21);
    CHECK_EQ(find(&profile, &summary, "visit").self_ns, 0);
    CHECK_EQ(find(&profile, &summary, "visit").total_ns, 7);
    CHECK_EQ(find(&profile, &summary, "main").total_ns, 22);
    static const uint64_t lines[][3] = {{6, 8, 8}, {7, 7, 7}, {5, 6, 21}, {1, 1, 22}, {9, 0, 7}};
    CHECK_EQ(summary.line_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK_EQ(profile.frames[summary.lines[i].id].line, lines[i][0]);
        CHECK_EQ(summary.lines[i].self_ns, lines[i][1]);
        CHECK_EQ(summary.lines[i].total_ns, lines[i][2]);
    }
    release(&summary, &profile);
}

/* The definition, stack by stack: does it have the function on it anywhere? */
static uint64_t sum_by_definition(const tare_profile *profile, uint32_t function)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < profile->value_count; i++) {
        bool     on_stack = false;
        uint32_t node = profile->values[i].node;
        for (; node != 0; node = profile->nodes[node].parent)
            on_stack |= profile->frames[profile->nodes[node].frame].function == function;
        sum += on_stack ? profile->values[i].amount : 0;
    }
    return sum;
}

TEST(totals_are_what_the_definition_says)
{
    tare_profile profile = make();
    uint64_t     state = 1;
    while (profile.node_count < 500) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t random = (uint32_t)(state >> 33);
        uint32_t back = random % 9;
        uint32_t parent = back < profile.node_count ? profile.node_count - 1 - back : 0;
        char     name[] = {(char)('a' + random / 9 % 8), '\0'};
        spend(&profile, call(&profile, parent, name, random / 72 % 3), 0, "python_ns", random % 7);
    }
    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.function_count, 8);
    for (uint32_t i = 0; i < summary.function_count; i++) {
        CHECK_EQ(summary.functions[i].total_ns,
                 sum_by_definition(&profile, summary.functions[i].id));
        CHECK(i == 0 || summary.functions[i - 1].self_ns >= summary.functions[i].self_ns);
    }
    uint64_t by_line = 0;
    for (uint32_t i = 0; i < summary.line_count; i++)
        by_line += summary.lines[i].self_ns;
    CHECK_EQ(by_line, summary.active_ns);
    release(&summary, &profile);
}

#ifdef TARE_HARD
enum { DEPTH = 3000 }; /* tables that grow by one make each node cost as much as all before */
#else
enum { DEPTH = 100000 };
#endif

TEST(stacks_may_be_as_deep_as_the_tree)
{
    tare_profile profile = make();
    uint32_t     node = 0;
    for (uint32_t depth = 0; depth < DEPTH; depth++)
        node = call(&profile, node, depth % 2 == 0 ? "even" : "odd", 1);
    spend(&profile, 1, 0, "python_ns", 3);
    spend(&profile, node, 0, "python_ns", 4);
    tare_summary summary = summarise(&profile);
    CHECK_EQ(profile.node_count, DEPTH + 1);
    CHECK_EQ(find(&profile, &summary, "even").total_ns, 7);
    CHECK_EQ(find(&profile, &summary, "even").self_ns, 3);
    CHECK_EQ(find(&profile, &summary, "odd").total_ns, 4);
    CHECK_EQ(find(&profile, &summary, "odd").self_ns, 4);
    release(&summary, &profile);
}

TEST(equal_functions_stand_in_order_of_their_ids)
{
    tare_profile profile = make();
    for (uint32_t i = 0; i < 20; i++) {
        char name[] = {(char)('a' + i), '\0'};
        spend(&profile, call(&profile, 0, name, 1), 0, "python_ns", i % 2 == 0 ? 5 : 6);
    }
    tare_summary summary = summarise(&profile);
    for (uint32_t i = 0; i < 20; i++)
        CHECK_EQ(summary.functions[i].id, i < 10 ? 2 * i + 1 : 2 * i - 20);
    release(&summary, &profile);
}

TEST(sums_stop_at_the_largest_number)
{
    tare_profile profile = make();
    uint32_t     outer = call(&profile, 0, "outer", 1);
    uint32_t     inner = call(&profile, outer, "inner", 1);
    spend(&profile, outer, 0, "python_ns", UINT64_MAX - 1);
    spend(&profile, inner, 0, "python_ns", UINT64_MAX);
    spend(&profile, inner, 0, "native_ns", UINT64_MAX);
    spend(&profile, 0, 0, "python_ns", UINT64_MAX);
    spend(&profile, 0, 0, "native_ns", UINT64_MAX);
    tare_summary summary = summarise(&profile);
    tare_row     row = find(&profile, &summary, "outer");
    CHECK(row.self_ns == UINT64_MAX - 1 && row.total_ns == UINT64_MAX);
    row = find(&profile, &summary, "inner");
    CHECK(row.self_ns == UINT64_MAX && row.self_native_ns == UINT64_MAX);
    CHECK(summary.active_ns == UINT64_MAX && summary.wall_ns == UINT64_MAX);
    tare_verdict verdict = tare_summary_judge(&summary, 1);
    CHECK(verdict.excess_ns == UINT64_MAX - 1);
    release(&summary, &profile);
}

/* ---- what counts ---- */

/*  node      main thread                        worker
 *  1 work    python 4, native 3, sleep 2        python 10, lock 50
 *  2 idle    poll 6                             lock 70                    */
static tare_profile make_threads(const char *is_main, uint32_t *main_out, uint32_t *worker_out)
{
    tare_profile profile = make();
    uint32_t     first = thread(&profile, "first", is_main);
    uint32_t     worker = thread(&profile, "worker", "");
    uint32_t     work = call(&profile, 0, "work", 1);
    uint32_t     idle = call(&profile, 0, "idle", 1);
    spend(&profile, work, first, "python_ns", 4);
    spend(&profile, work, first, "native_ns", 3);
    spend(&profile, work, first, "wait_sleep_ns", 2);
    spend(&profile, idle, first, "wait_poll_ns", 6);
    spend(&profile, work, worker, "python_ns", 10);
    spend(&profile, work, worker, "wait_lock_ns", 50);
    spend(&profile, idle, worker, "wait_lock_ns", 70);
    *main_out = first;
    *worker_out = worker;
    return profile;
}

TEST(waiting_is_active_in_main_threads_only)
{
    static const struct {
        const char *is_main;
        uint64_t    work, work_wait, idle;
    } rows[] = {{"1", 19, 2, 6}, {"", 69, 52, 76}, {"0", 69, 52, 76}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t     first, worker;
        tare_profile profile = make_threads(rows[i].is_main, &first, &worker);
        tare_summary summary = summarise(&profile);
        tare_row     work = find(&profile, &summary, "work");
        tare_row     idle = find(&profile, &summary, "idle");
        CHECK_EQ(work.self_ns, rows[i].work);
        CHECK_EQ(work.self_wait_ns, rows[i].work_wait);
        CHECK_EQ(work.self_native_ns, 3);
        CHECK_EQ(idle.self_ns, rows[i].idle);
        CHECK_EQ(idle.self_wait_ns, rows[i].idle);
        CHECK_EQ(summary.active_ns, rows[i].work + rows[i].idle);
        release(&summary, &profile);
    }
}

TEST(one_thread_can_be_asked_for)
{
    uint32_t     first, worker;
    tare_profile profile = make_threads("1", &first, &worker);
    tare_summary summary = summarise_thread(&profile, first);
    CHECK_EQ(find(&profile, &summary, "work").self_ns, 9);
    CHECK_EQ(find(&profile, &summary, "idle").self_ns, 6);
    tare_summary_deinit(&summary, profile.alloc);
    summary = summarise_thread(&profile, worker);
    CHECK_EQ(summary.function_count, 1); /* idle only waited: no row */
    CHECK_EQ(find(&profile, &summary, "work").self_ns, 10);
    tare_summary_deinit(&summary, profile.alloc);
    summary = summarise_thread(&profile, 0);
    CHECK_EQ(summary.function_count + summary.line_count, 0);
    release(&summary, &profile);
}

TEST(unproven_time_is_a_part_of_self_time)
{
    uint32_t     first, worker;
    tare_profile profile = make_threads("1", &first, &worker);
    uint32_t     work = 1, idle = 2;
    spend(&profile, work, first, "unproven_ns", 5);
    spend(&profile, work, worker, "unproven_ns", 3);
    spend(&profile, idle, worker, "unproven_ns", 60); /* while its waiting is not active */
    spend(&profile, 0, 0, "unproven_ns", 100);
    tare_summary summary = summarise(&profile);
    CHECK_EQ(find(&profile, &summary, "work").unproven_ns, 8);
    CHECK_EQ(find(&profile, &summary, "work").self_ns, 19);
    CHECK_EQ(find(&profile, &summary, "idle").unproven_ns, 6);
    tare_summary_deinit(&summary, profile.alloc);
    summary = summarise_thread(&profile, worker);
    CHECK_EQ(find(&profile, &summary, "work").unproven_ns, 3);
    release(&summary, &profile);
}

/* ---- the run ---- */

TEST(states_are_those_of_the_program)
{
    tare_profile profile = make();
    uint32_t     worker = thread(&profile, "worker", "");
    uint32_t     node = call(&profile, 0, "f", 1);
    spend(&profile, node, 0, "gc_ns", 99);
    spend(&profile, 0, worker, "gc_ns", 98);
    spend(&profile, 0, 0, "wait_disk_ns", 20);
    spend(&profile, 0, 0, "python_ns", 50);
    spend(&profile, 0, 0, "wait_sleep_ns", 20);
    spend(&profile, 0, 0, "native_ns", 0);
    spend(&profile, 0, 0, "wall_ns", 90);
    spend(&profile, 0, 0, "samples", 9);
    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.state_count, 3);
    CHECK(summary.states[0].metric == tare_metric_get(TARE_METRIC_python_ns));
    CHECK(summary.states[1].metric == tare_metric_get(TARE_METRIC_wait_sleep_ns));
    CHECK(summary.states[2].metric == tare_metric_get(TARE_METRIC_wait_disk_ns));
    CHECK(summary.states[0].ns == 50 && summary.states[1].ns == 20 && summary.states[2].ns == 20);
    CHECK_EQ(summary.active_ns, 99); /* what stands at the root is no function's */
    /* Nothing noted: the states make up the wall time, the samples have equal weights. */
    CHECK_EQ(summary.wall_ns, 90);
    CHECK_EQ(summary.cpu_ns, 0);
    CHECK(summary.effective_count == 9);
    CHECK(same(summary.states[0].share, tare_share_interval(50.0 / 90, 9)));
    release(&summary, &profile);
}

TEST(shares_are_of_the_wall_time)
{
    tare_profile profile = make();
    uint32_t     outer = call(&profile, 0, "outer", 1);
    spend(&profile, outer, 0, "python_ns", 300);
    spend(&profile, call(&profile, outer, "inner", 1), 0, "python_ns", 200);
    spend(&profile, 0, 0, "python_ns", 500);
    note(&profile, "wall_ns", "1000");
    note(&profile, "cpu_ns", "480");
    note(&profile, "sampler.weight", "200");
    note(&profile, "sampler.weight_squared", "400");
    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.wall_ns, 1000);
    CHECK_EQ(summary.cpu_ns, 480);
    CHECK(summary.effective_count == 100);
    CHECK(same(summary.states[0].share, tare_share_interval(0.5, 100)));
    tare_row row = find(&profile, &summary, "outer");
    CHECK(same(row.self_share, tare_share_interval(0.3, 100)));
    CHECK(same(row.total_share, tare_share_interval(0.5, 100)));
    CHECK(same(row.gain_ratio, tare_amdahl_ratio(row.total_share)));
    CHECK(row.gain_ratio.value == 2);
    CHECK(same(summary.lines[0].self_share, row.self_share));
    release(&summary, &profile);
}

/* The last period had its tick and was cut off before it was over: what a thread did is never
 * more than all of the run. */
TEST(ticks_may_stand_for_more_than_the_wall_time)
{
    static const struct {
        const char *wall;
        uint64_t    whole;
    } rows[] = {{"999", 1000}, {"1000", 1000}, {"1250", 1250}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_profile profile = make();
        spend(&profile, call(&profile, 0, "f", 1), 0, "python_ns", 1000);
        spend(&profile, 0, 0, "python_ns", 700);
        spend(&profile, 0, 0, "native_ns", 300);
        note(&profile, "wall_ns", rows[i].wall);
        note(&profile, "sampler.weight", "100");
        note(&profile, "sampler.weight_squared", "100");
        tare_summary summary = summarise(&profile);
        tare_row     row = summary.functions[0];
        CHECK_EQ(summary.whole_ns, rows[i].whole);
        CHECK(same(row.self_share, tare_share_interval(1000.0 / (double)rows[i].whole, 100)));
        CHECK(row.self_share.value <= 1 && row.self_share.high <= 1);
        CHECK(same(row.total_share, row.self_share) && same(row.program_share, row.self_share));
        CHECK(same(summary.states[0].share, tare_summary_share(&summary, 700)));
        release(&summary, &profile);
    }
}

TEST(busy_threads_share_more_than_the_wall_time)
{
    tare_profile profile = make();
    uint32_t     work = call(&profile, 0, "work", 1);
    spend(&profile, work, thread(&profile, "a", "1"), "native_ns", 100);
    spend(&profile, work, thread(&profile, "b", ""), "native_ns", 100);
    note(&profile, "wall_ns", "100");
    note(&profile, "sampler.weight", "50");
    note(&profile, "sampler.weight_squared", "50");
    tare_summary summary = summarise(&profile);
    CHECK(same(summary.functions[0].self_share, tare_share_interval(2, 50)));
    CHECK(summary.functions[0].self_share.value == 2);
    CHECK(summary.functions[0].gain_ratio.value == HUGE_VAL);
    release(&summary, &profile);
}

TEST(empty_profile_has_empty_tables)
{
    tare_profile profile = make();
    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.wall_ns + summary.active_ns + summary.state_count, 0);
    CHECK_EQ(summary.function_count + summary.line_count, 0);
    CHECK_EQ(tare_summary_judge(&summary, 0).verdict, TARE_CASE_FAST_ENOUGH);
    release(&summary, &profile);
}

TEST(foreign_numbers_are_clamped)
{
    static const struct {
        const char *noted;
        uint64_t    wall;
    } rows[] = {
        {"12.9", 12}, {"99999999999999999999999", UINT64_MAX}, {"-5", 7}, {"0", 7},
        {"1e9", 7}, /* none of the last three is a time: the states */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_profile profile = make();
        spend(&profile, call(&profile, 0, "f", 1), 0, "python_ns", 7);
        spend(&profile, 0, 0, "python_ns", 7);
        note(&profile, "wall_ns", rows[i].noted);
        note(&profile, "sampler.weight", "-3");
        note(&profile, "sampler.weight_squared", "-9");
        tare_summary summary = summarise(&profile);
        CHECK(summary.wall_ns == rows[i].wall);
        CHECK(summary.effective_count == 0);
        CHECK(same(summary.functions[0].self_share, tare_share_interval(0, 0)));
        release(&summary, &profile);
    }
}

TEST(failed_allocations_leave_nothing)
{
    uint32_t     first, worker;
    tare_profile profile = make_threads("1", &first, &worker);
    tare_status  status = TARE_NO_MEMORY;
    oom          memory;
    size_t       fail_at = 1;
    for (; status != TARE_OK; fail_at++) {
        tare_summary summary;
        oom_init(&memory, fail_at);
        profile.alloc = &memory.alloc;
        status = tare_summary_init(&summary, &profile, TARE_NONE, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK(status == TARE_OK ? summary.active_ns == 25 : summary.functions == NULL);
        tare_summary_deinit(&summary, &memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK(fail_at > 7); /* two tables, two kinds of roles, three arrays of sums */
    profile.alloc = tare_alloc_system();
    tare_profile_deinit(&profile);
}

/* ---- program time ---- */

/* Two workers work side by side for 1000, each half of it in f and in g, while main waits for
 * them; then main waits alone for 200 and works for 50.
 *
 *  node        main                    a worker       program
 *  1 main      lock 1000, lock 200                    200, waiting
 *  2 '- tidy   python 50                              50
 *  3 work                                             0
 *  4 '- f                              python 500     500 of both
 *  5 '- g                              native 500     500 of both  */
static tare_profile make_pool(void)
{
    static const char *const names[] = {"a", "b"};
    tare_profile             profile = make();
    uint32_t                 first = thread(&profile, "first", "1");
    uint32_t                 main_1 = call(&profile, 0, "main", 1);
    uint32_t                 tidy = call(&profile, main_1, "tidy", 1);
    uint32_t                 work = call(&profile, 0, "work", 1);
    uint32_t                 f = call(&profile, work, "f", 1);
    uint32_t                 g = call(&profile, work, "g", 1);
    spend(&profile, main_1, first, "wait_lock_ns", 1200);
    spend(&profile, main_1, first, "program_ns", 200);
    spend(&profile, main_1, first, "program_wait_ns", 200);
    spend(&profile, tidy, first, "python_ns", 50);
    spend(&profile, tidy, first, "program_ns", 50);
    for (int i = 0; i < 2; i++) {
        uint32_t worker = thread(&profile, names[i], "");
        spend(&profile, f, worker, "python_ns", 500);
        spend(&profile, f, worker, "program_ns", 250);
        spend(&profile, g, worker, "native_ns", 500);
        spend(&profile, g, worker, "program_ns", 250);
    }
    spend(&profile, 0, 0, "wall_ns", 1250);
    spend(&profile, 0, 0, "python_ns", 550);
    spend(&profile, 0, 0, "native_ns", 500);
    spend(&profile, 0, 0, "wait_lock_ns", 200);
    note(&profile, "wall_ns", "1250");
    note(&profile, "sampler.weight", "1250000");
    note(&profile, "sampler.weight_squared", "1250000");
    return profile;
}

TEST(gains_are_of_the_program)
{
    static const struct {
        const char *name;
        uint64_t    self, total, program, program_self, program_wait;
        double      gain;
    } rows[] = {
        {"f", 1000, 1000, 500, 500, 0, 1250.0 / 750},
        {"g", 1000, 1000, 500, 500, 0, 1250.0 / 750},
        {"work", 0, 2000, 1000, 0, 0, 1250.0 / 250},
        {"main", 1200, 1250, 250, 200, 200, 1250.0 / 1000},
        {"tidy", 50, 50, 50, 50, 0, 1250.0 / 1200},
    };
    tare_profile profile = make_pool();
    tare_summary summary = summarise(&profile);
    uint64_t     sum = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_row row = find(&profile, &summary, rows[i].name);
        CHECK_EQ(row.self_ns, rows[i].self);
        CHECK_EQ(row.total_ns, rows[i].total);
        CHECK_EQ(row.program_ns, rows[i].program);
        CHECK_EQ(row.program_self_ns, rows[i].program_self);
        CHECK_EQ(row.program_self_wait_ns, rows[i].program_wait);
        CHECK(same(row.program_share, tare_summary_share(&summary, rows[i].program)));
        CHECK(same(row.gain_ratio, tare_amdahl_ratio(row.program_share)));
        CHECK(fabs(row.gain_ratio.value - rows[i].gain) < 1e-9);
        sum += row.program_self_ns;
    }
    CHECK_EQ(sum, summary.wall_ns);
    CHECK_EQ(summary.active_ns, 3250); /* three threads: no part of the wall time */
    CHECK(summary.lines[0].program_ns == 250 && summary.lines[0].program_self_ns == 200);
    release(&summary, &profile);
}

TEST(program_time_is_asked_of_one_thread)
{
    tare_profile profile = make_pool();
    tare_summary summary = summarise_thread(&profile, thread(&profile, "a", ""));
    CHECK_EQ(find(&profile, &summary, "f").program_ns, 250);
    CHECK_EQ(find(&profile, &summary, "work").program_ns, 500);
    CHECK_EQ(find(&profile, &summary, "main").program_ns, 0);
    release(&summary, &profile);
}

/* Of before ticks were divided: 3250 of active time in 1250 of wall time. */
TEST(without_program_time_active_time_is_scaled_down)
{
    static const char *const names[] = {"main", "work"};
    tare_profile             profile = make();
    uint32_t                 first = thread(&profile, "first", "1");
    uint32_t                 main_1 = call(&profile, 0, "main", 1);
    uint32_t                 work = call(&profile, 0, "work", 1);
    spend(&profile, main_1, first, "wait_lock_ns", 1250);
    spend(&profile, work, thread(&profile, "a", ""), "python_ns", 1000);
    spend(&profile, work, thread(&profile, "b", ""), "native_ns", 1000);
    note(&profile, "wall_ns", "1250");
    tare_summary summary = summarise(&profile);
    CHECK_EQ(summary.active_ns, 3250);
    uint64_t sum = 0;
    for (size_t i = 0; i < 2; i++)
        sum += find(&profile, &summary, names[i]).program_ns;
    CHECK(sum <= 1250 && sum >= 1248); /* each rounded down */
    CHECK_EQ(find(&profile, &summary, "work").program_self_ns, 769);
    CHECK_EQ(find(&profile, &summary, "main").program_self_ns, 480);
    CHECK_EQ(find(&profile, &summary, "main").program_self_wait_ns, 480);
    release(&summary, &profile);
}

/* ---- verdicts ---- */

static tare_row make_row(uint32_t id, uint64_t program_ns, uint64_t wait_ns, uint32_t kind)
{
    return (tare_row){
        .id = id, .kind = kind, .program_self_ns = program_ns, .program_self_wait_ns = wait_ns};
}

static tare_state_row make_state(tare_metric_id id, uint64_t ns)
{
    return (tare_state_row){.metric = tare_metric_get(id), .ns = ns};
}

static tare_summary make_run(uint64_t wall, uint64_t python, uint64_t native, uint64_t sleep)
{
    tare_summary summary = {.wall_ns = wall, .state_count = 3};
    summary.states[0] = make_state(TARE_METRIC_python_ns, python);
    summary.states[1] = make_state(TARE_METRIC_native_ns, native);
    summary.states[2] = make_state(TARE_METRIC_wait_sleep_ns, sleep);
    return summary;
}

/* A run of 1000 is on the CPU for 800 and waits for 200; of another, 300 were lost while the
 * machine slept. needed = on CPU / (on CPU - excess). */
TEST(targets_are_judged)
{
    static const struct {
        uint64_t  python, native, sleep, target;
        tare_case verdict;
        uint64_t  excess;
        double    needed;
    } rows[] = {
        {500, 300, 200, 1200, TARE_CASE_FAST_ENOUGH, 0, 1},
        {500, 300, 200, 1000, TARE_CASE_FAST_ENOUGH, 0, 1},
        {500, 300, 200, 999, TARE_CASE_REACHABLE, 1, 800.0 / 799},
        {500, 300, 200, 600, TARE_CASE_REACHABLE, 400, 2},
        {500, 300, 200, 280, TARE_CASE_REACHABLE, 720, 10},
        {500, 300, 200, 279, TARE_CASE_UNLIKELY, 721, 800.0 / 79},
        {500, 300, 200, 201, TARE_CASE_UNLIKELY, 799, 800},
        {500, 300, 200, 200, TARE_CASE_WAITING, 800, HUGE_VAL},
        {500, 300, 200, 0, TARE_CASE_WAITING, 1000, HUGE_VAL},
        {1000, 0, 0, 0, TARE_CASE_UNLIKELY, 1000, HUGE_VAL},
        {500, 0, 200, 500, TARE_CASE_UNLIKELY, 500, HUGE_VAL},
        {500, 0, 200, 400, TARE_CASE_UNLIKELY, 600, HUGE_VAL},
        {500, 0, 200, 600, TARE_CASE_REACHABLE, 400, 5},
        {0, 0, 1000, 999, TARE_CASE_WAITING, 1, HUGE_VAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_summary run = make_run(1000, rows[i].python, rows[i].native, rows[i].sleep);
        tare_verdict found = tare_summary_judge(&run, rows[i].target);
        CHECK_EQ(found.verdict, rows[i].verdict);
        CHECK_EQ(found.target_ns, rows[i].target);
        CHECK_EQ(found.excess_ns, rows[i].excess);
        CHECK_EQ(found.waiting_ns, rows[i].sleep);
        CHECK(found.needed_ratio == rows[i].needed);
        CHECK_EQ(found.function_count, 0);
    }
}

/* In a run of 1000, by what they give back for certain: 8 gives 250, 9 (half of it waits) 140,
 * 3 and 4 give 50 each; 5 waits only, 6 has nothing, 7 is no code. */
TEST(functions_that_would_do)
{
    static const struct {
        uint64_t target;
        uint32_t count;
        uint32_t ids[4];
    } rows[] = {
        {1000, 0, {0}},         {999, 1, {8}},       {751, 1, {8}},       {749, 2, {8, 9}},
        {611, 2, {8, 9}},       {609, 3, {8, 9, 3}}, {561, 3, {8, 9, 3}}, {559, 4, {8, 9, 3, 4}},
        {511, 4, {8, 9, 3, 4}}, {509, 0, {0}},
    };
    tare_row functions[] = {
        make_row(5, 300, 300, TARE_FUNCTION_PYTHON),  make_row(9, 280, 140, TARE_FUNCTION_NATIVE),
        make_row(7, 260, 0, TARE_FUNCTION_SYNTHETIC), make_row(8, 250, 0, TARE_FUNCTION_PYTHON),
        make_row(3, 50, 0, TARE_FUNCTION_PYTHON),     make_row(4, 50, 0, TARE_FUNCTION_PYTHON),
        make_row(6, 0, 0, TARE_FUNCTION_PYTHON),
    };
    tare_summary run = make_run(1000, 700, 0, 300);
    run.whole_ns = 1000;
    run.effective_count = 1e15; /* bounds are the values but for less than 1 */
    run.functions = functions;
    run.function_count = sizeof functions / sizeof functions[0];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_verdict found = tare_summary_judge(&run, rows[i].target);
        CHECK_EQ(found.function_count, rows[i].count);
        for (uint32_t n = 0; n < rows[i].count && n < found.function_count; n++)
            CHECK_EQ(found.functions[n], rows[i].ids[n]);
    }
}

/* 250 of 1000 in 100 ticks may be 175: so much is certain. */
TEST(functions_give_back_their_lower_bound)
{
    tare_row     row = make_row(0, 250, 0, TARE_FUNCTION_PYTHON);
    tare_summary run = make_run(1000, 700, 0, 300);
    run.whole_ns = 1000;
    run.effective_count = 100;
    run.functions = &row;
    run.function_count = 1;
    double low = tare_share_interval(0.25, 100).low;
    CHECK(low > 0.17 && low < 0.18);
    CHECK_EQ(tare_summary_judge(&run, (uint64_t)(1000 - 1000 * low) + 1).function_count, 1);
    CHECK_EQ(tare_summary_judge(&run, (uint64_t)(1000 - 1000 * low) - 1).function_count, 0);
}

TEST(no_more_functions_than_there_is_room_for)
{
    enum { COUNT = TARE_VERDICT_MAX_FUNCTIONS + 4 };
    tare_row     functions[COUNT];
    tare_summary run = make_run(1000, 1000, 0, 0);
    for (uint32_t i = 0; i < COUNT; i++)
        functions[i] = make_row(i, 30 + i, 0, TARE_FUNCTION_PYTHON);
    run.whole_ns = 1000;
    run.effective_count = 1e15;
    run.functions = functions;
    run.function_count = COUNT;
    tare_verdict found = tare_summary_judge(&run, 1000 - 49 - 48 - 47 + 2);
    CHECK_EQ(found.function_count, 3);
    CHECK(found.functions[0] == 19 && found.functions[1] == 18 && found.functions[2] == 17);
    found = tare_summary_judge(&run, 1000 - (34 + 49) * 8 + 1);
    CHECK_EQ(found.function_count, TARE_VERDICT_MAX_FUNCTIONS);
    CHECK_EQ(found.functions[TARE_VERDICT_MAX_FUNCTIONS - 1], 4);
    CHECK_EQ(tare_summary_judge(&run, 1000 - (34 + 49) * 8 - 1).function_count, 0);
}
