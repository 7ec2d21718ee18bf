/* test_shortage.c - each sign of too little memory where it is, and none where it is not. */
#include "harness.h"
#include "known_profile.h"

#include "stats/shortage.h"

enum { MIB = 1 << 20, TICKS = 1000, EIGHTH_NS = 100000000, POINTS = 32 };

/* A run of 1000 ticks, so many of them in that state. */
static void make_run(tare_profile *profile, const char *state, uint64_t tick_count)
{
    must(tare_profile_init(profile, tare_alloc_system(), NULL));
    uint32_t work = known_function(profile, "work", "work", "a.py", 1, TARE_FUNCTION_PYTHON);
    uint32_t node = known_child(profile, 0, work, 2);
    for (uint32_t at = 0; at <= node; at += node) {
        if (tick_count < TICKS)
            known_sample(profile, at, 0, "python_ns", TICKS - tick_count);
        if (tick_count > 0)
            known_sample(profile, at, 0, state, tick_count);
    }
}

/* Four points in each eighth of the run, the last of them given. */
static void add_memory(tare_profile *profile, const char *process, const int *mebibytes)
{
    uint32_t   series;
    tare_label label = {.key = known_string(profile, "process", 7),
                        .value = known_string(profile, process, strlen(process))};
    uint32_t   set;
    must(tare_profile_label_set(profile, &label, 1, &set, NULL));
    must(tare_profile_series(profile, "rss_bytes", "bytes", set, &series, NULL));
    for (uint32_t i = 0; i < POINTS; i++)
        must(tare_profile_point(profile, series, (uint64_t)i * EIGHTH_NS / 4 + EIGHTH_NS / 4,
                                (int64_t)mebibytes[i / 4] * MIB, NULL));
}

static tare_shortage find(tare_profile *profile)
{
    tare_summary  summary;
    tare_shortage shortage;
    must(tare_summary_init(&summary, profile, TARE_NONE, NULL));
    shortage = tare_shortage_find(&summary, profile);
    tare_summary_deinit(&summary, profile->alloc);
    tare_profile_deinit(profile);
    return shortage;
}

static bool grows(const int *mebibytes)
{
    tare_profile profile;
    make_run(&profile, "python_ns", 0);
    add_memory(&profile, "1 app", mebibytes);
    tare_shortage shortage = find(&profile);
    CHECK(!shortage.paging && !shortage.collecting && !shortage.full);
    CHECK_EQ(shortage.growing, shortage.to_bytes > 0);
    return shortage.growing;
}

TEST(a_plain_run_has_none)
{
    tare_profile profile;
    make_run(&profile, "wait_disk_ns", 900);
    tare_shortage shortage = find(&profile);
    CHECK(!shortage.paging && !shortage.collecting && !shortage.full && !shortage.growing);
    CHECK_EQ(shortage.peak_bytes, 0);
}

TEST(waiting_for_pages_is_a_sign_where_it_is_sure)
{
    tare_profile profile;
    make_run(&profile, "wait_paging_ns", 200);
    tare_shortage shortage = find(&profile);
    CHECK(shortage.paging && !shortage.collecting);
    CHECK(shortage.paging_share.low < 0.2 && shortage.paging_share.high > 0.2);
    make_run(&profile, "wait_paging_ns", 51); /* 5.1 %, but not surely more than 5 */
    CHECK(!find(&profile).paging);
}

TEST(swapped_out_is_a_sign_without_any_waiting)
{
    tare_profile profile;
    make_run(&profile, "python_ns", 0);
    must(tare_profile_set_meta(&profile, "memory.peak_rss_bytes", "1000000", 7, NULL));
    must(tare_profile_set_meta(&profile, "memory.peak_swap_bytes", "100001", 6, NULL));
    tare_shortage shortage = find(&profile);
    CHECK(shortage.paging);
    CHECK_EQ(shortage.swapped_bytes, 100001);
}

TEST(collecting_garbage_is_a_sign)
{
    tare_profile profile;
    make_run(&profile, "gc_ns", 150);
    CHECK(find(&profile).collecting);
    make_run(&profile, "gc_ns", 90);
    CHECK(!find(&profile).collecting);
}

TEST(near_the_limit_is_a_sign)
{
    tare_profile profile;
    make_run(&profile, "python_ns", 0);
    must(tare_profile_set_meta(&profile, "memory.peak_rss_bytes", "800", 3, NULL));
    must(tare_profile_set_meta(&profile, "host.memory_bytes", "1000", 4, NULL));
    CHECK(find(&profile).full);
    make_run(&profile, "python_ns", 0);
    must(tare_profile_set_meta(&profile, "memory.peak_rss_bytes", "800", 3, NULL));
    must(tare_profile_set_meta(&profile, "host.memory_bytes", "1000", 4, NULL));
    must(tare_profile_set_meta(&profile, "host.memory_limit_bytes", "1001", 4, NULL));
    tare_shortage shortage = find(&profile);
    CHECK(!shortage.full);
    CHECK_EQ(shortage.limit_bytes, 1001);
}

TEST(growing_to_the_end_is_a_sign)
{
    tare_profile  profile;
    const int     steady[] = {10, 20, 40, 60, 80, 100, 120, 140};
    const int     still[] = {10, 20, 20, 20, 20, 20, 20, 20};
    const int     worker[] = {5, 5, 5, 5, 5, 5, 5, 5};
    tare_shortage shortage;
    make_run(&profile, "python_ns", 0);
    add_memory(&profile, "2 worker", worker);
    add_memory(&profile, "1 app", steady);
    shortage = find(&profile);
    CHECK(shortage.growing);
    CHECK_EQ(shortage.from_bytes, 20 * MIB);
    CHECK_EQ(shortage.to_bytes, 140 * MIB);
    make_run(&profile, "python_ns", 0);
    add_memory(&profile, "1 app", still);
    add_memory(&profile, "2 worker", worker);
    CHECK(!find(&profile).growing);
}

TEST(what_stops_growing_or_is_given_back_is_none)
{
    CHECK(grows((const int[]){10, 20, 45, 60, 85, 100, 115, 140}));
    CHECK(!grows((const int[]){10, 300, 600, 900, 900, 900, 900, 900}));  /* read, then work */
    CHECK(!grows((const int[]){10, 20, 120, 40, 140, 60, 160, 180}));     /* up and down */
    CHECK(!grows((const int[]){10, 20, 24, 28, 32, 36, 40, 44}));         /* little */
    CHECK(!grows((const int[]){500, 500, 510, 520, 530, 540, 550, 560})); /* little of it */
    CHECK(!grows((const int[]){10, 20, 40, 60, 80, 100, 120, 120}));      /* not at the end */
}

TEST(few_points_say_nothing)
{
    tare_profile profile;
    uint32_t     series;
    make_run(&profile, "python_ns", 0);
    must(tare_profile_series(&profile, "rss_bytes", "bytes", 0, &series, NULL));
    for (uint32_t i = 0; i < 15; i++)
        must(tare_profile_point(&profile, series, i * EIGHTH_NS, (int64_t)i * 100 * MIB, NULL));
    CHECK(!find(&profile).growing);
}
