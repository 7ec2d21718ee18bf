/* test_factors.c - shares against another package's, and under chance. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/factors.h"

static void find(const double *values, size_t count, const uint32_t *labels,
                 const uint32_t *label_counts, size_t factor_count, tare_factor *factors)
{
    CHECK(tare_factors_find(values, count, labels, label_counts, factor_count, factors,
                            tare_alloc_system(), NULL) == TARE_OK);
}

/* Unbalanced, from statsmodels 0.14: anova_lm(ols("y ~ C(a) + C(b)"), typ=2); the share is
 * (sum_sq - df * mean square of the residual) / (total + mean square of the residual). */
TEST(shares_are_the_known_ones)
{
    static const double   values[] = {1.2, 2.9, 3.1, 4.4, 0.8, 2.2, 3.3, 4.6, 1.5, 2.4, 2.6, 5.1};
    static const uint32_t labels[] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 2,
                                      0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1};
    static const uint32_t counts[] = {4, 2};
    tare_factor           factors[2];
    find(values, 12, labels, counts, 2, factors);
    CHECK(is_close(factors[0].share, 0.6272198391732648, 1e-10));
    CHECK(is_close(factors[0].p, 0.009758559357739076, 1e-9));
    CHECK(factors[1].share == 0); /* -0.025 before it is cut */
    CHECK(is_close(factors[1].p, 0.7777957029936717, 1e-9));
    CHECK(factors[0].separable && factors[1].separable);
    CHECK_EQ(factors[0].label_count, 4);
}

TEST(what_cannot_be_told_apart_is_said_to_be_so)
{
    static const double   values[] = {1, 2, 3, 4, 5, 6};
    static const uint32_t labels[] = {0, 0, 0, 1, 1, 1,  /* the same as the next */
                                      1, 1, 1, 0, 0, 0,  /* */
                                      0, 0, 0, 0, 0, 0}; /* one label */
    static const uint32_t own[] = {0, 1, 2, 3, 4, 5};
    static const uint32_t counts[] = {2, 2, 1};
    static const uint32_t six = 6;
    tare_factor           factors[3];
    find(values, 6, labels, counts, 3, factors);
    for (size_t i = 0; i < 3; i++)
        CHECK(!factors[i].separable && factors[i].share == 0 && factors[i].p == 1);
    find(values, 6, own, &six, 1, factors);
    CHECK(!factors[0].separable && factors[0].p == 1);
}

TEST(equal_values_are_explained_by_nothing)
{
    static const double   values[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    static const uint32_t labels[] = {0, 1, 0, 1, 0};
    static const uint32_t two = 2;
    tare_factor           factor;
    find(values, 5, labels, &two, 1, &factor);
    CHECK(factor.share == 0 && factor.p == 1);
}

enum { SEEDS = 4, SIZES = 3, ORDERS = 2, COUNT = SEEDS * SIZES * ORDERS };

static const uint32_t design_counts[] = {SEEDS, SIZES, ORDERS};

static void make_design(uint32_t *labels)
{
    for (uint32_t i = 0; i < COUNT; i++) {
        labels[i] = i % SEEDS;
        labels[COUNT + i] = i / SEEDS % SIZES;
        labels[2 * COUNT + i] = i / (SEEDS * SIZES);
    }
}

TEST(chance_is_called_a_factor_in_5_of_100)
{
    enum { RUNS = 3000 };
    uint32_t    labels[3 * COUNT];
    double      alarms[3] = {0};
    tare_random random = {.state = 9};
    make_design(labels);
    for (int run = 0; run < RUNS; run++) {
        double      values[COUNT];
        tare_factor factors[3];
        fill_normal(&random, values, COUNT, 1, 0.1);
        find(values, COUNT, labels, design_counts, 3, factors);
        for (size_t i = 0; i < 3; i++)
            alarms[i] += factors[i].p < 0.05;
    }
    for (size_t i = 0; i < 3; i++)
        CHECK(is_rate(alarms[i], RUNS, 0.05));
}

/* Effects of the seeds -1, 1, -1, 1 beside noise of deviation 1: half of the variance; another
 * factor that moves as much takes its part of the whole. */
TEST(a_planted_share_is_found)
{
    enum { RUNS = 1000 };
    uint32_t    labels[3 * COUNT];
    double      share = 0;
    double      order = 0;
    tare_random random = {.state = 10};
    make_design(labels);
    for (int run = 0; run < RUNS; run++) {
        double      values[COUNT];
        tare_factor factors[3];
        for (size_t i = 0; i < COUNT; i++)
            values[i] = (labels[i] % 2 != 0 ? 1 : -1) + made_normal(&random);
        find(values, COUNT, labels, design_counts, 3, factors);
        share += factors[0].share / RUNS;
        order += factors[2].share / RUNS;
    }
    CHECK(is_near(share, 0.5, 0.03));
    CHECK(is_near(order, 0, 0.02));
}

TEST(too_much_is_refused_and_nothing_is_left)
{
    static double   values[TARE_FACTORS_MAX_VALUES + 1];
    static uint32_t labels[TARE_FACTORS_MAX_VALUES + 1];
    uint32_t        counts = TARE_FACTORS_MAX_LABELS + 1;
    tare_factor     factor;
    oom             memory;
    oom_init(&memory, 1);
    CHECK(tare_factors_find(values, 10, labels, &counts, 1, &factor, &memory.alloc, NULL) ==
          TARE_LIMIT);
    counts = 1;
    CHECK(tare_factors_find(values, TARE_FACTORS_MAX_VALUES + 1, labels, &counts, 1, &factor,
                            &memory.alloc, NULL) == TARE_LIMIT);
    CHECK(tare_factors_find(values, 10, labels, &counts, 1, &factor, &memory.alloc, NULL) ==
          TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
}
