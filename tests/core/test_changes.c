/* test_changes.c - the best way to cut against all ways, what is found and what is invented. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/changes.h"

#include <stdlib.h>

enum { ROOM = 2000 };

static size_t find(const double *values, size_t count, double penalty, uint32_t *starts)
{
    size_t found = 0;
    CHECK(tare_changes_find(values, count, penalty, starts, &found, tare_alloc_system(), NULL) ==
          TARE_OK);
    return found;
}

/* What a way to cut costs, by the formula in changes.h, without outliers to draw in. */
static double segment_cost(const double *values, size_t begin, size_t end, double spread)
{
    tare_sample sample = tare_sample_of(values + begin, end - begin);
    return sample.variance * (double)(end - begin - 1) / (spread * spread);
}

static double cost_of(const double *values, size_t count, double spread, double penalty,
                      const uint32_t *starts, size_t start_count)
{
    double cost = penalty * (double)start_count;
    size_t begin = 0;
    for (size_t i = 0; i <= start_count; i++) {
        size_t end = i < start_count ? starts[i] : count;
        cost += segment_cost(values, begin, end, spread);
        begin = end;
    }
    return cost;
}

/* Every last cut is tried: O(count^3), a few hundred values. */
static double smallest_cost(const double *values, size_t count, double spread, double penalty)
{
    double costs[201] = {0};
    for (size_t end = 1; end <= count; end++) {
        costs[end] = segment_cost(values, 0, end, spread);
        for (size_t cut = 1; cut < end; cut++)
            costs[end] = fmin(costs[end],
                              costs[cut] + penalty + segment_cost(values, cut, end, spread));
    }
    return costs[count];
}

/* Noise of 0, 1 and 2, so that nothing is drawn in and the formula holds as it stands. */
static void make_bounded(tare_random *random, double *values, size_t count)
{
    double level = 0;
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == next && i + 12 <= count) {
            level = 4 * made_normal(random);
            next = i + 12 + (size_t)(30 * made_part(random));
        }
        values[i] = level + floor(3 * made_part(random));
    }
}

TEST(no_way_to_cut_is_better)
{
    tare_random random = {.state = 17};
    for (int run = 0; run < 30; run++) {
        double   values[200];
        uint32_t starts[200];
        double   spread;
        double   penalty = 3 + 3 * (run % 10);
        make_bounded(&random, values, 200);
        CHECK(tare_changes_spread(values, 200, &spread, tare_alloc_system(), NULL) == TARE_OK);
        size_t found = find(values, 200, penalty, starts);
        double cost = cost_of(values, 200, spread, penalty, starts, found);
        CHECK(is_close(cost, smallest_cost(values, 200, spread, penalty), 1e-9));
    }
}

TEST(the_spread_is_not_that_of_the_changes)
{
    tare_random random = {.state = 18};
    double      values[ROOM];
    double      spread;
    for (size_t i = 0; i < ROOM; i++)
        values[i] = 0.5 * made_normal(&random) + 50 * (double)(i / 250) + (i % 97 == 0 ? 1000 : 0);
    CHECK(tare_changes_spread(values, ROOM, &spread, tare_alloc_system(), NULL) == TARE_OK);
    CHECK(is_near(spread, 0.5, 0.05));
}

TEST(steps_are_found_where_they_are)
{
    tare_random random = {.state = 19};
    int         exact = 0;
    for (int run = 0; run < 200; run++) {
        double   values[200];
        uint32_t starts[200];
        fill_normal(&random, values, 80, 100, 2);
        fill_normal(&random, values + 80, 50, 110, 2);
        fill_normal(&random, values + 130, 70, 97, 2);
        exact += find(values, 200, TARE_CHANGES_DEFAULT, starts) == 2 && starts[0] == 80 &&
                 starts[1] == 130;
    }
    CHECK(exact > 190);
}

typedef double noise_maker(tare_random *);

static double made_far(tare_random *random)
{
    return made_part(random) < 0.05 ? 40 * made_part(random) : made_normal(random);
}

static double made_coarse(tare_random *random)
{
    return floor(made_normal(random));
}

TEST(none_is_invented)
{
    static noise_maker *const makers[] = {made_normal, made_skewed, made_far, made_coarse};
    static const size_t       counts[] = {10, 30, 100, 1000};
    enum { RUNS = 500 };
    for (size_t row = 0; row < 16; row++) {
        tare_random random = {.state = row};
        int         invented = 0;
        for (int run = 0; run < RUNS; run++) {
            double   values[1000];
            uint32_t starts[1000];
            for (size_t i = 0; i < counts[row % 4]; i++)
                values[i] = makers[row / 4](&random);
            invented += find(values, counts[row % 4], TARE_CHANGES_DEFAULT, starts) > 0;
        }
        CHECK(invented <= 0.02 * RUNS);
    }
}

TEST(one_or_two_far_out_are_no_change)
{
    tare_random random = {.state = 21};
    double      values[100];
    uint32_t    starts[100];
    fill_normal(&random, values, 100, 100, 1);
    values[0] = 1e6;
    values[30] = 500;
    values[60] = values[61] = -1e9;
    values[99] = 1e12;
    CHECK_EQ(find(values, 100, TARE_CHANGES_DEFAULT, starts), 0);
    values[96] = values[97] = values[98] = 1e12; /* four at the end are one */
    CHECK_EQ(find(values, 100, TARE_CHANGES_DEFAULT, starts), 1);
    CHECK_EQ(starts[0], 96);
}

TEST(steps_without_noise)
{
    double   values[60];
    uint32_t starts[60];
    for (size_t i = 0; i < 60; i++)
        values[i] = i < 25 ? 1 : 1.001;
    CHECK_EQ(find(values, 60, TARE_CHANGES_DEFAULT, starts), 1);
    CHECK_EQ(starts[0], 25);
    for (size_t i = 0; i < 60; i++)
        values[i] = 4;
    CHECK_EQ(find(values, 60, TARE_CHANGES_DEFAULT, starts), 0);
    CHECK_EQ(find(values, 1, TARE_CHANGES_DEFAULT, starts), 0);
    CHECK_EQ(find(values, 0, TARE_CHANGES_DEFAULT, starts), 0);
}

TEST(levels_far_from_zero_and_from_each_other)
{
    tare_random random = {.state = 22};
    double      values[400];
    uint32_t    starts[400];
    fill_normal(&random, values, 200, 1e12, 1);
    fill_normal(&random, values + 200, 200, 1e12 + 6, 1);
    CHECK_EQ(find(values, 400, TARE_CHANGES_DEFAULT, starts), 1);
    CHECK_EQ(starts[0], 200);
    fill_normal(&random, values, 200, 0, 1);
    fill_normal(&random, values + 200, 200, 1e14, 1);
    CHECK_EQ(find(values, 400, TARE_CHANGES_DEFAULT, starts), 1);
    CHECK_EQ(starts[0], 200);
}

/* Quadratic, each of these would take an hour: the test is that it ends. */
TEST(a_million_values)
{
    enum { MILLION = 1000000 };
    double     *values = malloc(MILLION * sizeof *values);
    uint32_t   *starts = malloc(MILLION * sizeof *starts);
    tare_random random = {.state = 23};
    fill_normal(&random, values, MILLION, 0, 1);
    CHECK_EQ(find(values, MILLION, TARE_CHANGES_DEFAULT, starts), 0);
    for (size_t i = 0; i < MILLION; i++)
        values[i] += i < 600000 ? 0 : 1;
    CHECK_EQ(find(values, MILLION, TARE_CHANGES_DEFAULT, starts), 1);
    CHECK(starts[0] > 599900 && starts[0] < 600100);
    for (size_t i = 0; i < MILLION; i++)
        values[i] = (double)i;
    CHECK(find(values, MILLION, TARE_CHANGES_DEFAULT, starts) > 1000);
    free(values);
    free(starts);
}

TEST(without_memory_nothing_is_left)
{
    double      values[50];
    uint32_t    starts[50];
    size_t      found;
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t i = 0; i < 50; i++)
        values[i] = (double)(i * i % 7) + (i < 25 ? 0 : 100);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = tare_changes_find(values, 50, TARE_CHANGES_DEFAULT, starts, &found, &memory.alloc,
                                   NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(found, 1);
    CHECK(memory.requests >= 6);
}
