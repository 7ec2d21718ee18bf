/* test_interval.c - intervals against published values, their ends and their coverage. */
#include "harness.h"

#include "stats/interval.h"

#include <math.h>

static bool is_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance)
        return true;
    printf("    %.17g instead of %.17g\n", value, expected);
    return false;
}

/* The first four are those of Newcombe, Statistics in Medicine 17 (1998), table I, method 3;
 * the others follow from the formula in interval.c by hand. */
TEST(wilson_intervals_are_the_published_ones)
{
    static const struct {
        double hits, n, low, high, tolerance;
    } rows[] = {
        {81, 263, 0.2553, 0.3662, 5e-5},
        {15, 148, 0.0624, 0.1605, 5e-5},
        {0, 20, 0, 0.1611, 5e-5},
        {1, 29, 0.0061, 0.1718, 5e-5},
        {29, 29, 0.8830, 1, 5e-5},
        {10, 100, 0.05522914, 0.17436566, 5e-9},
        {1, 10, 0.01787621, 0.40415003, 5e-9},
        {5, 10, 0.23659309, 0.76340691, 5e-9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_estimate found = tare_share_interval(rows[i].hits / rows[i].n, rows[i].n);
        CHECK(is_near(found.value, rows[i].hits / rows[i].n, 0));
        CHECK(is_near(found.low, rows[i].low, rows[i].tolerance));
        CHECK(is_near(found.high, rows[i].high, rows[i].tolerance));
    }
}

TEST(bounds_are_exact_at_the_ends)
{
    for (double n = 1; n < 1e9; n *= 7.3) {
        CHECK(tare_share_interval(0, n).low == 0);
        CHECK(tare_share_interval(1, n).high == 1);
        CHECK(tare_share_interval(0, n).high > 0 && tare_share_interval(1, n).low < 1);
        CHECK(tare_share_interval(1e-18, n).low >= 0);
        CHECK(tare_share_interval(1 - 1e-16, n).high <= 1);
    }
}

TEST(nothing_is_known_without_samples)
{
    tare_estimate found = tare_share_interval(0.5, 0);
    CHECK(found.value == 0 && found.low == 0 && found.high == 1);
}

/* 200 hits in 100 ticks: (200 + 1.9207 -+ 1.96 sqrt(200.9604)) / 100. */
TEST(shares_above_one_are_rates)
{
    tare_estimate found = tare_share_interval(2, 100);
    CHECK(is_near(found.value, 2, 0));
    CHECK(is_near(found.low, 1.74136184, 5e-9));
    CHECK(is_near(found.high, 2.29705275, 5e-9));
    found = tare_share_interval(1.5, 10);
    CHECK(is_near(found.low, 0.90905900, 5e-9));
    CHECK(is_near(found.high, 2.47508689, 5e-9));
}

static double find_probability(int hits, int n, double share)
{
    double ways = lgamma(n + 1) - lgamma(hits + 1) - lgamma(n - hits + 1);
    return exp(ways + hits * log(share) + (n - hits) * log(1 - share));
}

/* Exact, for each true share from 0.5 % to 99.5 %: the mean is 95 %, and none falls far below. */
TEST(intervals_hold_the_true_share_as_often_as_they_say)
{
    enum { N = 40, SHARES = 199 };
    double sum = 0;
    double least = 1;
    for (int i = 1; i <= SHARES; i++) {
        double share = i / (SHARES + 1.0);
        double covered = 0;
        for (int hits = 0; hits <= N; hits++) {
            tare_estimate found = tare_share_interval(hits / (double)N, N);
            if (found.low <= share && share <= found.high)
                covered += find_probability(hits, N, share);
        }
        sum += covered;
        least = covered < least ? covered : least;
    }
    CHECK(is_near(sum / SHARES, 0.9525, 5e-5));
    CHECK(is_near(least, 0.9221, 5e-5));
}

TEST(more_samples_narrow_the_interval)
{
    double width = 1;
    for (double n = 1; n < 1e7; n *= 2) {
        tare_estimate found = tare_share_interval(0.3, n);
        CHECK(found.low < 0.3 && 0.3 < found.high);
        CHECK(found.high - found.low < width);
        width = found.high - found.low;
    }
}

TEST(effective_count_is_smaller_for_unequal_weights)
{
    CHECK(tare_effective_count(100, 100) == 100);
    CHECK(tare_effective_count(200, 400) == 100); /* 100 samples of weight 2 */
    CHECK(tare_effective_count(12, 3 * 1 + 9 * 9) < 2);
    CHECK(tare_effective_count(0, 0) == 0);
}

TEST(amdahl_maps_each_bound)
{
    tare_estimate gain = tare_amdahl_ratio((tare_estimate){.value = 0.5, .low = 0.2, .high = 0.75});
    CHECK(gain.value == 2 && gain.low == 1.25 && gain.high == 4);
    gain = tare_amdahl_ratio((tare_estimate){.value = 0, .low = 0, .high = 1});
    CHECK(gain.value == 1 && gain.low == 1 && gain.high == HUGE_VAL);
    gain = tare_amdahl_ratio((tare_estimate){.value = 1.5, .low = 0.9, .high = 2});
    CHECK(gain.value == HUGE_VAL && gain.high == HUGE_VAL);
    CHECK(is_near(gain.low, 10, 1e-12));
}
