/* test_line_merge.c - from the lines of a thread to a profile. */
#include "harness.h"
#include "known_profile.h"
#include "oom.h"

#include "trace/line_merge.h"

typedef struct setting {
    tare_profile    profile;
    tare_line_code  code;
    tare_lines      lines;
    uint32_t        thread;
    tare_line_costs costs;
} setting;

static void begin(setting *s, const tare_alloc *alloc)
{
    *s = (setting){.costs = {.visit_ns = 20, .call_ns = 10, .error_ns = 2}};
    must(tare_profile_init(&s->profile, alloc, NULL));
    s->code = (tare_line_code){.first_line = 10, .line_count = 5};
    s->code.function = known_function(&s->profile, "f", "f", "a.py", 10, TARE_FUNCTION_PYTHON);
    s->thread = known_thread(&s->profile, "1 python", "1 MainThread", "1");
    must(tare_lines_init(&s->lines, tare_alloc_system(), NULL));
}

static void end(setting *s)
{
    CHECK_EQ(tare_profile_check(&s->profile, NULL), TARE_OK);
    tare_lines_deinit(&s->lines);
    tare_profile_deinit(&s->profile);
}

static const tare_line *visit(setting *s, uint32_t number, uint64_t now)
{
    const tare_line *before = NULL;
    CHECK(tare_lines_visit(&s->lines, &s->code, number, now, &before));
    return before;
}

static void run_once(setting *s, uint64_t now)
{
    tare_lines_enter(&s->lines, &s->code, now);
    visit(s, 11, now);
    visit(s, 12, now + 100);
    tare_lines_leave(&s->lines, &s->code, now + 400);
}

static tare_status merge(setting *s)
{
    return tare_lines_merge(&s->lines, &s->profile, &s->costs, s->thread, 0.5, NULL);
}

static uint64_t value(setting *s, uint32_t line, const char *metric, const char *unit)
{
    return tare_profile_value(&s->profile, known_child(&s->profile, 0, s->code.function, line),
                              s->thread, known_metric(&s->profile, metric, unit));
}

TEST(each_line_is_a_node_with_its_values)
{
    setting s;
    begin(&s, tare_alloc_system());
    run_once(&s, 0);
    run_once(&s, 1000);
    CHECK_EQ(merge(&s), TARE_OK);
    CHECK_EQ(s.profile.node_count, 1 + 1 + 2); /* the root, the first line, two that ran */
    CHECK_EQ(value(&s, 10, "calls", "count"), 2);
    CHECK_EQ(value(&s, 11, "hits", "count"), 2);
    CHECK_EQ(value(&s, 11, "wall_ns", "ns"), 100);
    CHECK_EQ(value(&s, 12, "wall_ns", "ns"), 300);
    CHECK_EQ(value(&s, 12, "inclusive_ns", "ns"), 300);
    CHECK_EQ(value(&s, 12, "raw_ns", "ns"), 300 + 2 * 20);
    CHECK_EQ(value(&s, 12, "error_ns", "ns"), 2 * 2);
    CHECK_EQ(value(&s, 12, "suspended_ns", "ns"), 0);
    end(&s);
}

/* Four instructions of 5 ns in line 12, which may all have run, or none. */
TEST(slower_code_is_taken_off_and_in_the_error)
{
    setting  s;
    uint32_t instructions[] = {0, 0, 4, 0, 0};
    begin(&s, tare_alloc_system());
    s.code.instructions = instructions;
    s.costs.instruction_ns = 5;
    s.lines.instruction_cost = 10;
    run_once(&s, 0);
    CHECK_EQ(merge(&s), TARE_OK);
    CHECK_EQ(value(&s, 11, "wall_ns", "ns"), 50);
    CHECK_EQ(value(&s, 12, "wall_ns", "ns"), 150 - 4 * 5);
    CHECK_EQ(value(&s, 12, "raw_ns", "ns"), 150 + 20);
    CHECK_EQ(value(&s, 12, "error_ns", "ns"), 2 + 20);
    end(&s);
}

TEST(all_metrics_are_listed)
{
    tare_profile profile;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(tare_lines_metrics(&profile, NULL), TARE_OK);
    CHECK_EQ(profile.metric_count, 8);
    CHECK_EQ(tare_lines_metrics(&profile, NULL), TARE_OK);
    CHECK_EQ(profile.metric_count, 8);
    tare_profile_deinit(&profile);
}

TEST(a_later_merge_adds_what_came_since)
{
    setting s;
    begin(&s, tare_alloc_system());
    for (uint64_t i = 0; i < 3; i++) {
        run_once(&s, 1000 * i);
        CHECK_EQ(merge(&s), TARE_OK);
        CHECK_EQ(merge(&s), TARE_OK);
    }
    CHECK_EQ(value(&s, 10, "calls", "count"), 3);
    CHECK_EQ(value(&s, 11, "hits", "count"), 3);
    CHECK_EQ(value(&s, 12, "wall_ns", "ns"), 3 * 150);
    end(&s);
}

TEST(hits_are_without_what_was_under_way)
{
    setting s;
    begin(&s, tare_alloc_system());
    tare_lines_enter(&s.lines, &s.code, 0);
    for (uint64_t i = 0; i < 5; i++)
        tare_lines_tell(&s.lines, visit(&s, 13, 10 * i), i == 0);
    tare_lines_leave(&s.lines, &s.code, 50);
    CHECK_EQ(merge(&s), TARE_OK);
    CHECK_EQ(value(&s, 13, "hits", "count"), 1);
    CHECK_EQ(value(&s, 13, "raw_ns", "ns"), 25 + 5 * 20);
    end(&s);
}

/* Where hearing was taken to cost more than it did. */
TEST(a_sum_below_zero_waits_for_more)
{
    setting s;
    begin(&s, tare_alloc_system());
    s.lines.visit_cost = 60;
    tare_lines_enter(&s.lines, &s.code, 0);
    visit(&s, 11, 0);
    visit(&s, 12, 40); /* -20 */
    CHECK_EQ(merge(&s), TARE_OK);
    CHECK_EQ(value(&s, 11, "wall_ns", "ns"), 0);
    visit(&s, 11, 200);
    visit(&s, 12, 200 + 60 + 100);
    tare_lines_leave(&s.lines, &s.code, 500);
    CHECK_EQ(merge(&s), TARE_OK);
    CHECK_EQ(value(&s, 11, "wall_ns", "ns"), (100 - 20) / 2);
    end(&s);
}

TEST(code_that_never_ran_has_a_node)
{
    setting  s;
    uint32_t node;
    begin(&s, tare_alloc_system());
    CHECK_EQ(tare_lines_place(&s.code, &s.profile, &node, NULL), TARE_OK);
    CHECK_EQ(node, known_child(&s.profile, 0, s.code.function, 10));
    CHECK_EQ(s.profile.value_count, 0);
    end(&s);
}

TEST(without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom     memory;
        setting s;
        oom_init(&memory, 0);
        begin(&s, &memory.alloc);
        run_once(&s, 0);
        memory.fail_at = memory.requests + fail_at;
        status = merge(&s);
        end(&s);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
}
