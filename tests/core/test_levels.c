/* test_levels.c - the split of the variance by hand, and without bias. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/levels.h"

static tare_levels find(const double *values, const size_t *sizes, size_t count, double cost)
{
    tare_levels levels = {.process_count = 0};
    CHECK(tare_levels_find(values, sizes, count, 1, cost, 0.95, &levels, tare_alloc_system(),
                           NULL) == TARE_OK);
    return levels;
}

/* Means 2, 5, 5/3; S1^2 = (1 + 1 + 1/3) / 3 = 7/9; S2^2 = 91/27; T2^2 = 91/27 - 7/27 = 28/9;
 * best = sqrt(c * (7/9) / (28/9)) = sqrt(c) / 2. */
TEST(the_split_is_the_one_by_hand)
{
    static const double values[] = {1, 2, 3, 4, 5, 6, 1, 2, 2};
    static const size_t sizes[] = {3, 3, 3};
    tare_levels         levels = find(values, sizes, 3, 1);
    CHECK(is_close(levels.within, 7.0 / 9, 1e-14));
    CHECK(is_close(levels.between, 28.0 / 9, 1e-14));
    CHECK(is_close(levels.between_share, 0.8, 1e-14));
    CHECK(is_close(levels.lasting_share, 12.0 / 13, 1e-14));
    CHECK(is_close(levels.mean.value, 26.0 / 9, 1e-14));
    CHECK(
        is_close(levels.mean.high - levels.mean.value, 4.302652729749462 * sqrt(91.0 / 81), 1e-9));
    CHECK_EQ(levels.best, 1);
    CHECK_EQ(find(values, sizes, 3, 16).best, 2);
    CHECK_EQ(find(values, sizes, 3, 17).best, 3);
    CHECK_EQ(levels.process_count, 3);
    CHECK_EQ(levels.value_count, 9);
}

TEST(equal_processes_leave_any_number_of_values)
{
    static const double values[] = {1, 2, 3, 2, 1, 3};
    static const double equal[] = {1, 1, 1, 1, 1, 1};
    static const double apart[] = {1, 1, 1, 2, 2, 2};
    static const size_t sizes[] = {3, 3};
    tare_levels         levels = find(values, sizes, 2, 10);
    CHECK(levels.between == 0 && levels.between_share == 0 && levels.lasting_share == 0);
    CHECK_EQ(levels.best, TARE_LEVELS_ANY);
    levels = find(equal, sizes, 2, 10);
    CHECK(levels.within == 0 && levels.between_share == 0);
    CHECK_EQ(levels.best, 1);
    levels = find(apart, sizes, 2, 10);
    CHECK(levels.within == 0 && levels.between_share == 1);
    CHECK_EQ(levels.best, 1);
}

/* Processes of 1 to 12 values: deviations 2 between, 3 within. */
TEST(the_split_has_no_bias)
{
    enum { RUNS = 1500, PROCESSES = 12, ROOM = PROCESSES * (PROCESSES + 1) / 2 };
    tare_random random = {.state = 8};
    double      within = 0;
    double      between = 0;
    for (int run = 0; run < RUNS; run++) {
        double values[ROOM];
        size_t sizes[PROCESSES];
        size_t at = 0;
        for (size_t i = 0; i < PROCESSES; i++) {
            sizes[i] = i + 1;
            fill_normal(&random, values + at, sizes[i], 50 + 2 * made_normal(&random), 3);
            at += sizes[i];
        }
        tare_levels levels = find(values, sizes, PROCESSES, 1);
        within += levels.within / RUNS;
        between += levels.between / RUNS;
    }
    CHECK(is_near(within, 9, 0.2));
    CHECK(is_near(between, 4, 0.4)); /* what is cut at 0 makes it a little more */
}

TEST(what_has_no_spread_is_refused)
{
    static const double values[] = {1, 2, 3};
    static const size_t sizes[] = {1, 1, 1};
    static const size_t all = 3;
    tare_levels         levels;
    oom                 memory;
    oom_init(&memory, 0);
    CHECK(tare_levels_find(values, sizes, 3, 1, 1, 0.95, &levels, &memory.alloc, NULL) ==
          TARE_USAGE);
    CHECK(tare_levels_find(values, &all, 1, 1, 1, 0.95, &levels, &memory.alloc, NULL) ==
          TARE_USAGE);
    CHECK_EQ(memory.outstanding, 0);
    oom_init(&memory, 1);
    CHECK(tare_levels_find(values, sizes, 3, 1, 1, 0.95, &levels, &memory.alloc, NULL) ==
          TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
}
