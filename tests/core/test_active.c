/* test_active.c - which time counts, and which does not. */
#include "known_calls.h"
#include "stats/active.h"

TEST(without_a_main_thread_all_waiting_is_active)
{
    tare_profile profile;
    tare_active  active;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    const known_functions known = make_functions(&profile);
    uint32_t              set = known_thread(&profile, "1 app", "2 worker", NULL);
    known_sample(&profile, known_child(&profile, 0, known.work, 2), set, "wait_lock_ns", 5);
    CHECK_EQ(tare_active_init(&active, &profile, TARE_NONE, NULL), TARE_OK);
    uint64_t active_ns = 0;
    for (uint32_t i = 0; i < profile.value_count; i++)
        active_ns += tare_active_ns(&active, &profile.values[i]);
    CHECK_EQ(active_ns, 5 * MS);
    tare_active_deinit(&active);
    tare_profile_deinit(&profile);
}

TEST(unknown_metrics_are_not_active)
{
    tare_profile profile;
    tare_active  active;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    const known_functions known = make_functions(&profile);
    known_sample(&profile, known_child(&profile, 0, known.work, 2), 0, "of_the_future_ns", 5);
    CHECK_EQ(tare_active_init(&active, &profile, TARE_NONE, NULL), TARE_OK);
    for (uint32_t i = 0; i < profile.value_count; i++)
        CHECK_EQ(tare_active_ns(&active, &profile.values[i]), 0);
    tare_active_deinit(&active);
    tare_profile_deinit(&profile);
}

/* ---- memory ---- */

static tare_status make_active(tare_profile *profile)
{
    tare_active active;
    tare_status status = tare_active_init(&active, profile, TARE_NONE, NULL);
    tare_active_deinit(&active);
    return status;
}

TEST(failed_allocations_leave_nothing)
{
    fail_each_request(make_active);
}
