/* test_bootstrap.c - the geometric mean, and how often its interval holds it. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/bootstrap.h"
#include "stats/paired.h"

static tare_estimate find(const double *values, const size_t *sizes, size_t count, uint64_t seed)
{
    tare_estimate found = {0};
    CHECK(tare_bootstrap_geometric_mean(values, sizes, count, 0.95, seed, &found,
                                        tare_alloc_system(), NULL) == TARE_OK);
    return found;
}

TEST(the_mean_weighs_each_group_alike)
{
    static const double values[] = {0.1, 0.3, 1.0, 1.0, 1.1, 0.9, 1.0, 1.0};
    static const size_t sizes[] = {2, 6};
    tare_estimate       found = find(values, sizes, 2, 1);
    CHECK(is_close(found.value, exp((0.2 + 1) / 2), 1e-14));
    CHECK(found.low < found.value && found.value < found.high);
}

TEST(the_same_seed_gives_the_same_interval)
{
    double       values[40];
    const size_t sizes[] = {10, 30};
    tare_random  random = {.state = 1};
    fill_normal(&random, values, 40, 0, 0.1);
    tare_estimate one = find(values, sizes, 2, 5);
    tare_estimate again = find(values, sizes, 2, 5);
    tare_estimate other = find(values, sizes, 2, 6);
    CHECK(one.low == again.low && one.high == again.high);
    CHECK(one.low != other.low && is_close(one.low, other.low, 0.003));
}

TEST(one_value_says_nothing_of_its_spread)
{
    static const double values[] = {0.1, 0.2, 0.3};
    static const size_t sizes[] = {1, 2};
    tare_estimate       found = find(values, sizes, 2, 1);
    CHECK(is_close(found.value, exp(0.175), 1e-14) && found.low == 0 && found.high == HUGE_VAL);
}

/* Welch's interval, of which Student's is the case of one group. */
TEST(few_processes_get_students_interval)
{
    static const double values[] = {0.1, 0.2, 0.3};
    static const size_t size = 3;
    tare_estimate       found = find(values, &size, 1, 1);
    tare_paired         expected = tare_paired_compare(values, 3, 0.95, 0);
    CHECK(is_close(found.low, expected.ratio.low, 1e-9));
    CHECK(is_close(found.high, expected.ratio.high, 1e-9));
}

TEST(equal_values_are_certain)
{
    static const double values[] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    static const size_t size = 6;
    tare_estimate       found = find(values, &size, 1, 1);
    CHECK(found.low == exp(0.5) && found.high == exp(0.5));
}

typedef struct design_row {
    size_t groups;
    size_t size;
    double (*noise)(tare_random *);
    double least_covered;
    double most_covered;
} design_row;

/* 4 deviations of 500 runs are 4 points around 95. */
TEST(the_interval_holds_the_mean_as_often_as_it_says)
{
    enum { RUNS = 500, ROOM = 40 };
    static const design_row designs[] = {
        {1, 8, made_normal, 0.91, 0.99},
        {4, 6, made_normal, 0.91, 0.99},
        {10, 4, made_normal, 0.91, 0.99},
        {1, 20, made_skewed, 0.88, 0.98},
    };
    for (size_t row = 0; row < sizeof designs / sizeof designs[0]; row++) {
        const design_row *design = &designs[row];
        tare_random       random = {.state = row};
        int               covered = 0;
        for (int run = 0; run < RUNS; run++) {
            double values[ROOM];
            size_t sizes[10];
            for (size_t i = 0; i < design->groups * design->size; i++)
                values[i] = 0.01 * (double)(i / design->size + 1) * (1 + design->noise(&random));
            for (size_t i = 0; i < design->groups; i++)
                sizes[i] = design->size;
            double        truth = exp(0.01 * (double)(design->groups + 1) / 2);
            tare_estimate found = find(values, sizes, design->groups, (uint64_t)run);
            covered += found.low <= truth && truth <= found.high;
        }
        CHECK(covered >= design->least_covered * RUNS && covered <= design->most_covered * RUNS);
    }
}

TEST(without_memory_or_groups_nothing_is_left)
{
    static const double values[] = {1, 2};
    static const size_t size = 2;
    tare_estimate       found;
    oom                 memory;
    oom_init(&memory, 1);
    CHECK(tare_bootstrap_geometric_mean(values, &size, 1, 0.95, 1, &found, &memory.alloc, NULL) ==
          TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
    oom_init(&memory, 0);
    CHECK(tare_bootstrap_geometric_mean(values, &size, 1, 0.95, 1, &found, &memory.alloc, NULL) ==
          TARE_OK);
    CHECK_EQ(memory.outstanding, 0);
    CHECK(tare_bootstrap_geometric_mean(values, &size, 0, 0.95, 1, &found, &memory.alloc, NULL) ==
          TARE_USAGE);
}
