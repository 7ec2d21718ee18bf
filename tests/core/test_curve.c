/* test_curve.c - amounts over time: bounded, and the highest is kept. */
#include "harness.h"
#include "oom.h"

#include "memory/curve.h"

TEST(points_stay_bounded_and_keep_the_highest)
{
    tare_curve curve = {.alloc = tare_alloc_system()};
    uint64_t   highest = 0;
    for (uint64_t i = 0; i < 50000; i++) {
        uint64_t       time_ns = i * 10000000;
        const uint64_t amounts[2] = {i == 12345 ? 999999 : i, 5};
        CHECK(tare_curve_is_due(&curve, time_ns) || curve.period_ns > 10000000);
        tare_curve_add(&curve, time_ns, amounts);
        CHECK(curve.count <= TARE_CURVE_POINTS);
    }
    for (uint32_t i = 0; i < curve.count; i++) {
        if (curve.points[i].amounts[0] > highest)
            highest = curve.points[i].amounts[0];
        CHECK(i == 0 || curve.points[i].period > curve.points[i - 1].period);
        CHECK_EQ(curve.points[i].amounts[1], 5);
    }
    CHECK_EQ(highest, 999999);
    CHECK(curve.count > TARE_CURVE_POINTS / 2);
    tare_curve_deinit(&curve);
}

TEST(a_series_is_replaced_as_a_whole)
{
    tare_curve     curve = {.alloc = tare_alloc_system()};
    tare_profile   profile;
    const uint64_t first[2] = {7, 70}, second[2] = {9, 90};
    CHECK_EQ(tare_profile_init(&profile, tare_alloc_system(), NULL), TARE_OK);
    tare_curve_raise(&curve, 0, 3); /* of nothing */
    tare_curve_add(&curve, 0, first);
    tare_curve_raise(&curve, 0, 8);
    CHECK_EQ(tare_curve_store(&curve, 0, "heap_bytes", 0, &profile, NULL), TARE_OK);
    tare_curve_add(&curve, 10000000, second);
    CHECK_EQ(tare_curve_store(&curve, 0, "heap_bytes", 0, &profile, NULL), TARE_OK);
    CHECK_EQ(profile.series_count, 1);
    CHECK_EQ(profile.series[0].point_count, 2);
    CHECK_EQ(profile.series[0].points[0].amount, 8);
    CHECK_EQ(profile.series[0].points[1].amount, 9);
    CHECK_EQ(profile.series[0].points[1].time_ns, 10000000);
    CHECK_EQ(tare_profile_check(&profile, NULL), TARE_OK);
    tare_profile_deinit(&profile);
    tare_curve_deinit(&curve);
}

TEST(without_memory_there_are_no_points)
{
    oom memory;
    oom_init(&memory, 1);
    tare_curve     curve = {.alloc = &memory.alloc};
    const uint64_t amounts[2] = {1, 2};
    tare_curve_add(&curve, 0, amounts);
    CHECK_EQ(curve.count, 0);
    tare_curve_deinit(&curve);
    CHECK_EQ(memory.outstanding, 0);
}
