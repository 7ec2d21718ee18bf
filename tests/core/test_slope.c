/* test_slope.c - p against counting by hand, its rate under chance, several counters at once. */
#include "harness.h"

#include "stats/slope.h"

#include <math.h>
#include <string.h>

static double p_of(const int64_t *deltas, uint32_t count)
{
    return tare_slope_find(deltas, count, 1).p;
}

TEST(p_is_the_part_of_the_ways_that_sum_up_to_as_much)
{
    CHECK(p_of((const int64_t[]){5, 7, 6, 9}, 4) == 1.0 / 16);
    CHECK(p_of((const int64_t[]){0, 0, 9, 0}, 4) == 1.0 / 2);
    CHECK(p_of((const int64_t[]){0, 0, 0}, 3) == 1);
    CHECK(p_of((const int64_t[]){-5, -7}, 2) == 1);
    /* 5 -7 6 -4 is 0; of 16 ways to sign 4 5 6 7 two are 0 (4+7 against 5+6), and half of the
     * others are more. */
    CHECK(p_of((const int64_t[]){5, -7, 6, -4}, 4) == 9.0 / 16);
    CHECK(p_of((const int64_t[]){1, 1, 1, 1, -1}, 5) == 6.0 / 32);
    CHECK(p_of(NULL, 0) == 1);
}

TEST(a_slope_is_by_the_call)
{
    const int64_t deltas[] = {10, 20, 30};
    tare_slope    slope = tare_slope_find(deltas, 3, 120);
    CHECK(slope.per_call == 0.5);
    CHECK_EQ(slope.grown, 60);
    CHECK(!slope.grows);
    CHECK(tare_slope_find(deltas, 3, 0).per_call == 0);
}

TEST(the_largest_windows_do_not_overflow)
{
    int64_t deltas[TARE_SLOPE_MAX_WINDOWS];
    for (uint32_t i = 0; i < TARE_SLOPE_MAX_WINDOWS; i++)
        deltas[i] = INT64_MAX;
    CHECK(p_of(deltas, TARE_SLOPE_MAX_WINDOWS) == ldexp(1, -TARE_SLOPE_MAX_WINDOWS));
    for (uint32_t i = 0; i < TARE_SLOPE_MAX_WINDOWS; i++)
        deltas[i] = INT64_MIN;
    CHECK(p_of(deltas, TARE_SLOPE_MAX_WINDOWS) == 1);
}

/* By chance every way to give the signs is as likely: all of them are tried. */
static double rate_of_alarms(const int64_t *amounts, uint32_t count, double limit)
{
    int64_t  deltas[TARE_SLOPE_MAX_WINDOWS];
    uint32_t alarms = 0;
    for (uint32_t way = 0; way < (uint32_t)1 << count; way++) {
        for (uint32_t i = 0; i < count; i++)
            deltas[i] = (way >> i & 1) != 0 ? -amounts[i] : amounts[i];
        alarms += p_of(deltas, count) <= limit;
    }
    return ldexp(alarms, -(int)count);
}

TEST(chance_raises_no_more_alarms_than_the_limit_says)
{
    static const int64_t amounts[][10] = {
        {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},         {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
        {0, 0, 64, 0, 64, 0, 0, 0, 4096, 0},    {1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
        {56, 112, 56, 56, 0, 0, 168, 1, 3, 56},
    };
    for (uint32_t row = 0; row < sizeof amounts / sizeof amounts[0]; row++) {
        for (double limit = 1; limit > 1e-4; limit *= 0.7)
            CHECK(rate_of_alarms(amounts[row], 10, limit) <= limit);
    }
    CHECK(rate_of_alarms(amounts[1], 10, 1.0 / 1024) == 1.0 / 1024); /* and it can raise them */
}

TEST(each_counter_stands_against_those_that_are_left)
{
    tare_slope slopes[] = {{.p = 0.02}, {.p = 0.9}, {.p = 0.002}, {.p = 0.004}};
    CHECK_EQ(tare_slopes_judge(slopes, 4, 0.01), 1); /* 0.004 > 0.01 / 3 */
    CHECK(slopes[2].grows && !slopes[0].grows && !slopes[1].grows && !slopes[3].grows);
    CHECK_EQ(tare_slopes_judge(slopes, 4, 0.03), 2); /* 0.02 > 0.03 / 2 */
    CHECK(slopes[2].grows && slopes[3].grows && !slopes[0].grows);
    CHECK_EQ(tare_slopes_judge(slopes, 4, 1), 4);
    CHECK_EQ(tare_slopes_judge(slopes, 4, 0.001), 0);
    CHECK(!slopes[2].grows);
    CHECK_EQ(tare_slopes_judge(NULL, 0, 0.01), 0);
}
