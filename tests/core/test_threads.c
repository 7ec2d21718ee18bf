/* test_threads.c - time by thread and state, all waiting included. */
#include "known_calls.h"
#include "stats/threads.h"

TEST(threads_keep_all_waiting)
{
    tare_profile profile;
    tare_threads threads;
    make_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_threads_init(&threads, &profile, NULL), TARE_OK);
    CHECK_EQ(threads.count, 2);
    CHECK_EQ(threads.rows[0].label_set, WORKER_SET);
    CHECK_EQ(threads.rows[0].wall_ns, 530 * MS);
    CHECK_EQ(threads.rows[0].state_ns[TARE_METRIC_python_ns], 30 * MS);
    CHECK_EQ(threads.rows[0].state_ns[TARE_METRIC_wait_lock_ns], 500 * MS);
    CHECK_EQ(threads.rows[0].state_ns[TARE_METRIC_wall_ns], 0);
    CHECK_EQ(threads.rows[1].label_set, MAIN_SET);
    CHECK_EQ(threads.rows[1].wall_ns, 78 * MS);
    tare_threads_deinit(&threads);
    tare_profile_deinit(&profile);
}

TEST(empty_profile_has_no_threads)
{
    tare_profile profile;
    tare_threads threads;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(tare_threads_init(&threads, &profile, NULL), TARE_OK);
    CHECK_EQ(threads.count, 0);
    tare_threads_deinit(&threads);
    tare_profile_deinit(&profile);
}

/* ---- memory ---- */

static tare_status make_threads(tare_profile *profile)
{
    tare_threads threads;
    tare_status  status = tare_threads_init(&threads, profile, NULL);
    CHECK_EQ(threads.count, status == TARE_OK ? 2 : 0);
    tare_threads_deinit(&threads);
    return status;
}

TEST(failed_allocations_leave_nothing)
{
    fail_each_request(make_threads);
}
