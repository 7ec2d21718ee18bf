/* test_merge.c - calls become a profile: every count and every nanosecond. */
#include "harness.h"
#include "oom.h"

#include "trace/merge.h"

#include <string.h>

static uint32_t make_function(tare_profile *profile, const char *name, tare_function_kind kind)
{
    tare_function function = {.kind = kind, .first_line = 7};
    uint32_t      id = 0;
    CHECK_EQ(tare_profile_string(profile, name, strlen(name), &function.name, NULL), TARE_OK);
    function.qualname = function.name;
    CHECK_EQ(tare_profile_string(profile, "", 0, &function.file, NULL), TARE_OK);
    CHECK_EQ(tare_profile_function(profile, &function, &id, NULL), TARE_OK);
    return tare_merge_key(id, kind == TARE_FUNCTION_NATIVE);
}

/* Of all nodes and label sets. */
static uint64_t sum(const tare_profile *profile, uint32_t metric)
{
    uint64_t amount = 0;
    for (uint32_t i = 0; i < profile->value_count; i++)
        if (profile->values[i].metric == metric)
            amount += profile->values[i].amount;
    return amount;
}

typedef struct setting {
    tare_profile       profile;
    tare_merge_metrics metrics;
    tare_calls         calls;
    tare_calls_budget  budget;
    tare_merge         merge;
    tare_costs         costs;
    uint32_t           f, native;
} setting;

static void begin(setting *s)
{
    *s = (setting){.budget.node_limit = 1000, .costs.slowdown = 1};
    CHECK_EQ(tare_profile_init(&s->profile, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(tare_merge_metrics_init(&s->metrics, &s->profile, NULL), TARE_OK);
    CHECK_EQ(tare_calls_init(&s->calls, &s->budget, 0, tare_alloc_system(), NULL), TARE_OK);
    s->f = make_function(&s->profile, "f", TARE_FUNCTION_PYTHON);
    s->native = make_function(&s->profile, "math.sin", TARE_FUNCTION_NATIVE);
}

static void end(setting *s)
{
    CHECK_EQ(tare_profile_check(&s->profile, NULL), TARE_OK);
    tare_merge_deinit(&s->merge, tare_alloc_system());
    tare_calls_deinit(&s->calls);
    tare_profile_deinit(&s->profile);
}

static void call_once(setting *s, uint64_t now)
{
    tare_calls_enter(&s->calls, s->f, 0, now);
    tare_calls_enter(&s->calls, s->native, 0, now + 10);
    tare_calls_leave_native(&s->calls, now + 13);
    tare_calls_leave(&s->calls, s->f, now + 18);
}

static void merge(setting *s, double ns_per_tick)
{
    CHECK_EQ(tare_merge_calls(&s->merge, &s->calls, &s->profile, &s->metrics, &s->costs, 0,
                              ns_per_tick, NULL),
             TARE_OK);
}

TEST(states_add_up_to_the_wall)
{
    setting s;
    begin(&s);
    call_once(&s, 5);
    merge(&s, 2.0);
    CHECK_EQ(sum(&s.profile, s.metrics.calls), 2);
    CHECK_EQ(sum(&s.profile, s.metrics.python_ns), 2 * 15);
    CHECK_EQ(sum(&s.profile, s.metrics.native_ns), 2 * (3 + 5)); /* the root's too */
    CHECK_EQ(sum(&s.profile, s.metrics.wall_ns), 2 * 23);
    CHECK_EQ(sum(&s.profile, s.metrics.raw_ns), 2 * 23);
    CHECK_EQ(sum(&s.profile, s.metrics.cpu_ns), 0);
    CHECK_EQ(sum(&s.profile, s.metrics.error_ns), 0);
    end(&s);
}

TEST(a_later_merge_adds_what_has_come_since)
{
    setting s;
    begin(&s);
    for (uint64_t i = 0; i < 10; i++) {
        call_once(&s, 100 * i);
        merge(&s, 1.0);
        CHECK_EQ(sum(&s.profile, s.metrics.calls), 2 * (i + 1));
        CHECK_EQ(sum(&s.profile, s.metrics.wall_ns), 100 * i + 18);
    }
    merge(&s, 1.0);
    CHECK_EQ(sum(&s.profile, s.metrics.calls), 20);
    CHECK_EQ(s.profile.node_count, 1 + 2 + 1); /* root, both, "(no Python frame)" */
    end(&s);
}

/* A third of a nanosecond a tick: parts smaller than one are not lost, they are carried on. */
TEST(rounding_is_carried_on)
{
    setting s;
    begin(&s);
    for (uint64_t i = 0; i < 300; i++) {
        tare_calls_enter(&s.calls, s.f, 0, 2 * i + 1);
        tare_calls_leave(&s.calls, s.f, 2 * i + 2);
        merge(&s, 1.0 / 3.0);
    }
    CHECK(sum(&s.profile, s.metrics.wall_ns) >= 199 && sum(&s.profile, s.metrics.wall_ns) <= 200);
    end(&s);
}

/* Of the node that is this function's; each has one here. */
static uint64_t of_function(const setting *s, uint32_t key, uint32_t metric)
{
    uint64_t amount = 0;
    for (uint32_t i = 0; i < s->profile.value_count; i++) {
        const tare_value *value = &s->profile.values[i];
        uint32_t          frame = s->profile.nodes[value->node].frame;
        if (value->metric == metric && s->profile.frames[frame].function == key >> 1)
            amount += value->amount;
    }
    return amount;
}

/* f has 15 by itself: its own call costs 2 of it, that of the native function, which has 3, 4. */
TEST(costs_are_taken_from_whom_they_fell_on)
{
    setting s;
    begin(&s);
    s.costs.of[TARE_COST_CALL] = (tare_cost){.inside_ns = 2, .outside_ns = 1};
    s.costs.of[TARE_COST_NATIVE] = (tare_cost){.inside_ns = 1, .outside_ns = 4, .error_ns = 1};
    s.costs.of[TARE_COST_ANNOUNCEMENT] = (tare_cost){.outside_ns = 3};
    call_once(&s, 5);
    tare_calls_announce(&s.calls); /* by the root, which has 5 */
    merge(&s, 1.0);
    CHECK_EQ(sum(&s.profile, s.metrics.raw_ns), 23);
    CHECK_EQ(of_function(&s, s.f, s.metrics.wall_ns), 15 - 2 - 4);
    CHECK_EQ(of_function(&s, s.native, s.metrics.wall_ns), 3 - 1);
    CHECK_EQ(of_function(&s, s.f, s.metrics.python_ns), 15 - 2 - 4);
    CHECK_EQ(sum(&s.profile, s.metrics.wall_ns), 9 + 2 + 5 - 1 - 3);
    CHECK(of_function(&s, s.f, s.metrics.error_ns) >= 1);
    end(&s);
}

TEST(python_code_is_slowed_down_and_native_code_not)
{
    setting s;
    begin(&s);
    s.costs.slowdown = 1.5;
    s.costs.slowdown_error = 0.3; /* a fifth */
    call_once(&s, 5);
    merge(&s, 10.0);
    CHECK_EQ(of_function(&s, s.f, s.metrics.wall_ns), 100);
    CHECK_EQ(of_function(&s, s.f, s.metrics.error_ns), 20);
    CHECK_EQ(of_function(&s, s.f, s.metrics.raw_ns), 150);
    CHECK_EQ(of_function(&s, s.native, s.metrics.wall_ns), 30);
    CHECK_EQ(of_function(&s, s.native, s.metrics.error_ns), 0);
    end(&s);
}

TEST(durations_are_counts_of_the_profile)
{
    setting s;
    begin(&s);
    tare_calls_use_durations(&s.calls, 1.0, 0, 0);
    call_once(&s, 5); /* 18, of which 3 native */
    merge(&s, 1.0);
    call_once(&s, 105);
    call_once(&s, 205);
    merge(&s, 1.0);
    CHECK_EQ(sum(&s.profile, s.metrics.durations[5]), 3);
    CHECK_EQ(sum(&s.profile, s.metrics.durations[2]), 3);
    CHECK_EQ(of_function(&s, s.f, s.metrics.durations[5]), 3);
    CHECK_EQ(s.metrics.durations[3], TARE_NONE);
    end(&s);
}

/* What a node cannot pay at once it pays later: short waits between merges change nothing. */
TEST(too_much_taken_is_taken_from_what_comes)
{
    setting s;
    begin(&s);
    s.costs.of[TARE_COST_CALL].inside_ns = 8;
    for (uint64_t i = 0; i < 10; i++) {
        uint64_t now = 100 * i;
        tare_calls_enter(&s.calls, s.f, 0, now);
        merge(&s, 1.0); /* of f only its begin is there */
        tare_calls_leave(&s.calls, s.f, now + 10);
        merge(&s, 1.0);
    }
    CHECK_EQ(of_function(&s, s.f, s.metrics.raw_ns), 10 * 10);
    CHECK_EQ(of_function(&s, s.f, s.metrics.wall_ns), 10 * (10 - 8));
    end(&s);
}

TEST(the_overflow_is_the_profiles)
{
    setting s;
    begin(&s);
    s.budget.node_limit = 2;
    call_once(&s, 0);
    merge(&s, 1.0);
    CHECK_EQ(sum(&s.profile, s.metrics.calls), 2);
    CHECK_EQ(sum(&s.profile, s.metrics.wall_ns), 18);
    const tare_frame *frame = &s.profile.frames[s.profile.nodes[s.profile.node_count - 1].frame];
    tare_text name = tare_profile_text(&s.profile, s.profile.functions[frame->function].name);
    CHECK(strcmp(name.bytes, "(overflow)") == 0);
    end(&s);
}

TEST(what_finds_no_memory_is_merged_later)
{
    for (size_t fail_at = 1;; fail_at++) {
        oom        memory;
        setting    s;
        tare_alloc switched;
        begin(&s);
        call_once(&s, 0);
        tare_profile_deinit(&s.profile);
        oom_init(&memory, 0);
        CHECK_EQ(tare_profile_init(&s.profile, &memory.alloc, NULL), TARE_OK);
        CHECK_EQ(tare_merge_metrics_init(&s.metrics, &s.profile, NULL), TARE_OK);
        s.f = make_function(&s.profile, "f", TARE_FUNCTION_PYTHON);
        s.native = make_function(&s.profile, "math.sin", TARE_FUNCTION_NATIVE);
        memory.fail_at = memory.requests + fail_at;
        switched = memory.alloc;
        tare_status first = tare_merge_calls(&s.merge, &s.calls, &s.profile, &s.metrics, &s.costs,
                                             0, 1.0, NULL);
        memory.fail_at = 0;
        merge(&s, 1.0);
        CHECK_EQ(sum(&s.profile, s.metrics.calls), 2);
        CHECK_EQ(sum(&s.profile, s.metrics.python_ns) + sum(&s.profile, s.metrics.native_ns), 18);
        tare_merge_deinit(&s.merge, &switched);
        tare_calls_deinit(&s.calls);
        tare_profile_deinit(&s.profile);
        CHECK_EQ(memory.outstanding, 0);
        if (first == TARE_OK)
            break;
    }
}
