/* test_since.c - the difference of two looks at a growing profile. */
#include "known_calls.h"
#include "stats/since.h"

static uint32_t metric_of(tare_profile *profile, const char *name)
{
    return known_metric(profile, name, "ns");
}

TEST(since_leaves_what_came_after)
{
    tare_profile now, earlier;
    known_profile(&now, tare_alloc_system());
    must(tare_profile_init(&earlier, tare_alloc_system(), NULL));
    known_step(&earlier, 0);
    known_step(&earlier, 1);
    CHECK_EQ(tare_profile_since(&now, &earlier, NULL), TARE_OK);
    uint32_t python = metric_of(&now, "python_ns");
    CHECK_EQ(tare_profile_value(&now, 0, 0, python), 5 * MS);
    uint64_t wall_ns = 0;
    for (uint32_t i = 0; i < now.value_count; i++)
        wall_ns += now.values[i].metric == metric_of(&now, "wall_ns") ? now.values[i].amount : 0;
    CHECK_EQ(wall_ns, (5 + 5 + 4 + 6 + 1) * MS);
    CHECK_EQ((int)tare_profile_meta_number(&now, "wall_ns", -1), 10 * MS);
    tare_profile_deinit(&now);
    tare_profile_deinit(&earlier);
}

TEST(since_itself_nothing_is_left)
{
    tare_profile now, earlier;
    known_profile(&now, tare_alloc_system());
    known_profile(&earlier, tare_alloc_system());
    CHECK_EQ(tare_profile_since(&now, &earlier, NULL), TARE_OK);
    for (uint32_t i = 0; i < now.value_count; i++)
        CHECK_EQ(now.values[i].amount, 0);
    CHECK_EQ((int)tare_profile_meta_number(&now, "wall_ns", -1), 0);
    tare_profile_deinit(&now);
    tare_profile_deinit(&earlier);
}

TEST(since_refuses_what_it_does_not_continue)
{
    tare_profile now, later, other;
    tare_error   err;
    must(tare_profile_init(&now, tare_alloc_system(), NULL));
    known_step(&now, 0);
    known_profile(&later, tare_alloc_system());
    CHECK_EQ(tare_profile_since(&now, &later, &err), TARE_INCOMPATIBLE);
    CHECK_EQ(tare_profile_value(&now, 0, 0, metric_of(&now, "python_ns")), 5 * MS);

    make_profile(&other, tare_alloc_system());
    CHECK_EQ(tare_profile_since(&later, &other, &err), TARE_INCOMPATIBLE);
    CHECK_EQ((int)tare_profile_meta_number(&later, "wall_ns", -1), 15 * MS);

    tare_profile fell;
    must(tare_profile_init(&fell, tare_alloc_system(), NULL));
    known_step(&fell, 0);
    must(tare_profile_add(&fell, 0, 0, metric_of(&fell, "python_ns"), 1000 * MS, NULL));
    CHECK_EQ(tare_profile_since(&later, &fell, &err), TARE_INCOMPATIBLE);
    tare_profile_deinit(&fell);
    tare_profile_deinit(&now);
    tare_profile_deinit(&later);
    tare_profile_deinit(&other);
}

/* The strings of the differences may not fit: a failure is said, and nothing leaks. */
TEST(without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    size_t      fail_at = 0;
    while (status == TARE_NO_MEMORY) {
        oom          memory;
        tare_profile now, earlier;
        oom_init(&memory, 0);
        known_profile(&now, &memory.alloc);
        must(tare_profile_init(&earlier, tare_alloc_system(), NULL));
        known_step(&earlier, 0);
        known_step(&earlier, 1);
        memory.fail_at = memory.requests + ++fail_at;
        status = tare_profile_since(&now, &earlier, NULL);
        CHECK_EQ(tare_profile_check(&now, NULL), TARE_OK);
        tare_profile_deinit(&now);
        tare_profile_deinit(&earlier);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
}
