/* test_division.c - each tick is divided among those who run, to the nanosecond. */
#include "harness.h"
#include "oom.h"

#include "sampler/division.h"

enum { NOBODY = 1, MAIN, WORKER, CHILD, NODES };
enum { MAIN_SET = 0 };

static void must(tare_status status)
{
    CHECK_EQ(status, TARE_OK);
}

/* The metrics of metric.h, and a node for each of the names above. */
static tare_profile make(const tare_alloc *alloc)
{
    tare_profile profile;
    uint32_t     id = 0, file = 0;
    must(tare_profile_init(&profile, alloc, NULL));
    for (uint32_t i = 0; i < TARE_METRIC_COUNT; i++)
        must(tare_profile_metric(&profile, tare_metric_get((tare_metric_id)i)->name, "ns", &id,
                                 NULL));
    must(tare_profile_string(&profile, "", 0, &file, NULL));
    for (uint32_t i = 1; i < NODES; i++) {
        tare_function function = {.file = file, .first_line = i};
        must(tare_profile_function(&profile, &function, &id, NULL));
        must(tare_profile_frame(&profile, id, i, &id, NULL));
        must(tare_profile_child(&profile, 0, id, &id, NULL));
        CHECK_EQ(id, i);
    }
    return profile;
}

static tare_place at(uint32_t node)
{
    return (tare_place){node, MAIN_SET};
}

static uint64_t get(const tare_profile *profile, uint32_t node, tare_metric_id metric)
{
    return tare_profile_value(profile, node, MAIN_SET, metric);
}

static void check_parts(const tare_profile *profile, uint64_t nobody, uint64_t first,
                        uint64_t worker, uint64_t child)
{
    CHECK_EQ(get(profile, NOBODY, TARE_METRIC_program_ns), nobody);
    CHECK_EQ(get(profile, MAIN, TARE_METRIC_program_ns), first);
    CHECK_EQ(get(profile, WORKER, TARE_METRIC_program_ns), worker);
    CHECK_EQ(get(profile, CHILD, TARE_METRIC_program_ns), child);
}

typedef struct fixture {
    tare_profile  profile;
    tare_division division;
    tare_claim    first, worker, child;
} fixture;

static void begin(fixture *f)
{
    *f = (fixture){.profile = make(tare_alloc_system())};
    tare_division_init(&f->division, tare_alloc_system());
    tare_division_begin(&f->division, at(NOBODY));
}

static void finish(fixture *f)
{
    tare_division_deinit(&f->division);
    tare_division_deinit(&f->division); /* zeroed: nothing to do */
    tare_profile_deinit(&f->profile);
}

TEST(one_who_runs_has_the_whole_tick)
{
    fixture f;
    begin(&f);
    tare_division_wait(&f.division, &f.first, at(MAIN), 0);
    must(tare_division_run(&f.division, &f.worker, at(WORKER), 0, NULL));
    must(tare_division_end(&f.division, &f.profile, 1000, NULL));
    check_parts(&f.profile, 0, 0, 1000, 0);
    CHECK_EQ(get(&f.profile, WORKER, TARE_METRIC_program_wait_ns), 0);
    finish(&f);
}

TEST(those_who_run_have_equal_parts_and_the_remainder)
{
    fixture f;
    begin(&f);
    must(tare_division_run(&f.division, &f.first, at(MAIN), 2, NULL));
    must(tare_division_run(&f.division, &f.worker, at(WORKER), 0, NULL));
    must(tare_division_run(&f.division, &f.child, at(CHILD), 1, NULL));
    must(tare_division_end(&f.division, &f.profile, 1001, NULL));
    check_parts(&f.profile, 0, 334, 334, 333);
    finish(&f);
}

TEST(the_main_thread_waits_when_none_runs)
{
    fixture f;
    begin(&f);
    tare_division_wait(&f.division, &f.first, at(MAIN), 0);
    must(tare_division_end(&f.division, &f.profile, 1000, NULL));
    check_parts(&f.profile, 0, 1000, 0, 0);
    CHECK_EQ(get(&f.profile, MAIN, TARE_METRIC_program_wait_ns), 1000);
    finish(&f);
}

TEST(a_tick_that_nobody_claims_is_not_lost)
{
    fixture f;
    begin(&f);
    must(tare_division_end(&f.division, &f.profile, 1000, NULL));
    check_parts(&f.profile, 1000, 0, 0, 0);
    CHECK_EQ(get(&f.profile, NOBODY, TARE_METRIC_program_wait_ns), 1000);
    finish(&f);
}

TEST(nothing_is_kept_from_tick_to_tick)
{
    fixture f;
    begin(&f);
    must(tare_division_run(&f.division, &f.first, at(MAIN), 2, NULL));
    must(tare_division_run(&f.division, &f.worker, at(WORKER), 2, NULL));
    must(tare_division_end(&f.division, &f.profile, 1000, NULL));
    tare_division_begin(&f.division, at(NOBODY));
    must(tare_division_run(&f.division, &f.worker, at(WORKER), 0, NULL));
    must(tare_division_end(&f.division, &f.profile, 1000, NULL));
    tare_division_begin(&f.division, at(NOBODY));
    tare_division_wait(&f.division, &f.first, at(MAIN), 0);
    must(tare_division_end(&f.division, &f.profile, 1000, NULL));
    check_parts(&f.profile, 0, 1500, 1500, 0);
    CHECK_EQ(get(&f.profile, MAIN, TARE_METRIC_program_wait_ns), 1000);
    finish(&f);
}

/* Stacks of one thread in several interpreters: whether one runs, then the rank, then the
 * order decides. */
TEST(of_several_claims_of_a_thread_one_counts)
{
    static const struct {
        int  rank[2];
        bool runs[2];
        int  counts;
    } rows[] = {
        {{0, 1}, {true, true}, 1},   {{1, 1}, {true, true}, 0},   {{2, 1}, {true, true}, 0},
        {{2, 0}, {false, true}, 1},  {{0, 2}, {true, false}, 0},  {{0, 1}, {false, false}, 1},
        {{1, 1}, {false, false}, 0}, {{1, 0}, {false, false}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture  f;
        uint64_t parts[2] = {0, 0};
        begin(&f);
        for (uint32_t n = 0; n < 2; n++) {
            if (rows[i].runs[n])
                must(tare_division_run(&f.division, &f.first, at(MAIN + n), rows[i].rank[n], NULL));
            else
                tare_division_wait(&f.division, &f.first, at(MAIN + n), rows[i].rank[n]);
        }
        must(tare_division_end(&f.division, &f.profile, 1000, NULL));
        parts[rows[i].counts] = 1000;
        check_parts(&f.profile, 0, parts[0], parts[1], 0);
        finish(&f);
    }
}

TEST(failed_allocations_leave_nothing)
{
    tare_profile profile = make(tare_alloc_system());
    tare_status  status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom           memory;
        tare_division division;
        tare_claim    claims[40] = {{0}};
        oom_init(&memory, fail_at);
        tare_division_init(&division, &memory.alloc);
        tare_division_begin(&division, at(NOBODY));
        status = TARE_OK;
        for (size_t i = 0; i < 40 && status == TARE_OK; i++)
            status = tare_division_run(&division, &claims[i], at(MAIN), 0, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK(status != TARE_OK || division.running_count == 40);
        tare_division_deinit(&division);
        CHECK_EQ(memory.outstanding, 0);
    }
    tare_profile_deinit(&profile);
}
