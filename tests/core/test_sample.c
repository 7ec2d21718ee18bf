/* test_sample.c - means, intervals and sorted values; the coverage of Student's interval. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/sample.h"

/* SciPy 1.17.1: stats.t.interval(0.95, 7, mean, sem). */
TEST(the_interval_is_the_known_one)
{
    static const double values[] = {0.031, 0.027, 0.035, 0.01, -0.004, 0.022, 0.018, 0.03};
    tare_sample         sample = tare_sample_of(values, 8);
    tare_estimate       found = tare_sample_interval(&sample, 0.95);
    CHECK(is_close(found.value, 0.021125, 1e-13));
    CHECK(is_close(exp(found.low), 1.01037526, 1e-8));
    CHECK(is_close(exp(found.high), 1.03244337, 1e-8));
    CHECK(is_close(sqrt(sample.variance), 0.012922157051248948, 1e-12));
}

TEST(few_values_know_of_no_spread)
{
    static const double value = 5;
    tare_sample         none = tare_sample_of(NULL, 0);
    tare_sample         one = tare_sample_of(&value, 1);
    tare_estimate       found = tare_sample_interval(&one, 0.95);
    CHECK(none.count == 0 && none.mean == 0 && none.variance == 0);
    CHECK(found.value == 5 && found.low == -HUGE_VAL && found.high == HUGE_VAL);
}

TEST(large_and_equal_values_leave_no_rounding)
{
    double values[1000];
    for (size_t i = 0; i < 1000; i++)
        values[i] = 1e15 + (double)(i % 2);
    tare_sample sample = tare_sample_of(values, 1000);
    CHECK(sample.mean == 1e15 + 0.5);
    CHECK(is_close(sample.variance, 0.25 * 1000 / 999, 1e-12));
    for (size_t i = 0; i < 1000; i++)
        values[i] = 0.1;
    CHECK(is_near(tare_sample_of(values, 1000).variance, 0, 1e-32));
    for (size_t i = 0; i < 1000; i++)
        values[i] = i % 2 != 0 ? TARE_SAMPLE_LARGEST : -TARE_SAMPLE_LARGEST;
    CHECK(isfinite(tare_sample_of(values, 1000).variance));
}

TEST(the_interval_holds_the_mean_as_often_as_it_says)
{
    enum { RUNS = 3000 };
    static const size_t counts[] = {2, 3, 10, 30};
    static const double stated[] = {0.8, 0.95};
    tare_random         random = {.state = 1};
    for (size_t row = 0; row < 8; row++) {
        int covered = 0;
        for (int run = 0; run < RUNS; run++) {
            double values[30];
            size_t count = counts[row % 4];
            fill_normal(&random, values, count, 7, 3);
            tare_sample   sample = tare_sample_of(values, count);
            tare_estimate found = tare_sample_interval(&sample, stated[row / 4]);
            covered += found.low <= 7 && 7 <= found.high;
        }
        CHECK(is_rate(covered, RUNS, stated[row / 4]));
    }
}

static double trim(const double *values, size_t count, double part)
{
    double mean = NAN;
    CHECK(tare_sample_trimmed_mean(values, count, part, &mean, tare_alloc_system(), NULL) ==
          TARE_OK);
    return mean;
}

TEST(trimmed_means_leave_the_ends_out)
{
    static const double values[] = {9, 1, 100, 3, 2, 5, 4, 8, 6, -50};
    CHECK(is_close(trim(values, 10, 0), 8.8, 1e-15));
    CHECK(is_close(trim(values, 10, 0.1), 38.0 / 8, 1e-15));
    CHECK(is_close(trim(values, 10, 0.19), 38.0 / 8, 1e-15));
    CHECK(trim(values, 10, 0.5) == 4.5);
    CHECK(trim(values, 9, 0.5) == 5);
    CHECK(trim(values, 1, 0.3) == 9);
    CHECK(values[0] == 9 && values[9] == -50);
}

TEST(quantiles_are_interpolated)
{
    static const double sorted[] = {0, 10, 20, 30};
    CHECK(tare_sample_quantile(sorted, 4, 0) == 0 && tare_sample_quantile(sorted, 4, 1) == 30);
    CHECK(tare_sample_quantile(sorted, 4, 0.5) == 15);
    CHECK(is_close(tare_sample_quantile(sorted, 4, 0.1), 3, 1e-12));
    CHECK(tare_sample_quantile(sorted, 1, 0.7) == 0);
}

TEST(without_memory_nothing_is_left)
{
    static const double values[] = {1, 2, 3};
    double              mean = 0;
    oom                 memory;
    oom_init(&memory, 1);
    CHECK(tare_sample_trimmed_mean(values, 3, 0.1, &mean, &memory.alloc, NULL) == TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
    oom_init(&memory, 0);
    CHECK(tare_sample_trimmed_mean(values, 3, 0.1, &mean, &memory.alloc, NULL) == TARE_OK);
    CHECK_EQ(memory.outstanding, 0);
}
