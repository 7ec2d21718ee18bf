/* test_paired.c - the comparison against SciPy, and whether what it promises comes true. */
#include "simulate.h"

#include "harness.h"

#include "stats/paired.h"

/* SciPy 1.17.1: stats.t.interval, stats.ttest_1samp. */
TEST(the_comparison_is_the_known_one)
{
    static const double ratios[] = {0.031, 0.027, 0.035, 0.01, -0.004, 0.022, 0.018, 0.03};
    tare_paired         found = tare_paired_compare(ratios, 8, 0.95, 0);
    CHECK(is_close(found.ratio.value, 1.021349712372613, 1e-12));
    CHECK(is_close(found.ratio.low, 1.01037526, 1e-8));
    CHECK(is_close(found.ratio.high, 1.03244337, 1e-8));
    CHECK(is_close(found.sd, 0.012922157051248948, 1e-12));
    CHECK(is_close(found.p, 0.002415053607082678, 1e-9));
    CHECK_EQ(found.count, 8);
    CHECK_EQ(found.needed, 0);
    CHECK(found.smallest > 1 && found.smallest < 1.02);
}

TEST(swapping_the_sides_inverts_the_ratio)
{
    double ratios[] = {0.031, 0.027, 0.035, 0.3};
    double swapped[4];
    for (size_t i = 0; i < 4; i++)
        swapped[i] = -ratios[i];
    tare_paired one = tare_paired_compare(ratios, 4, 0.95, 0.01);
    tare_paired other = tare_paired_compare(swapped, 4, 0.95, 0.01);
    CHECK(is_close(one.ratio.low, 1 / other.ratio.high, 1e-14));
    CHECK(is_close(one.ratio.high, 1 / other.ratio.low, 1e-14));
    CHECK(is_close(one.p, other.p, 1e-14) && is_close(one.smallest, other.smallest, 1e-14));
    CHECK_EQ(one.needed, other.needed);
}

TEST(one_process_decides_nothing)
{
    static const double ratio = 2;
    tare_paired         found = tare_paired_compare(&ratio, 1, 0.95, 0);
    CHECK(found.ratio.low == 0 && found.ratio.high == HUGE_VAL && found.smallest == HUGE_VAL);
    CHECK(found.p == 1);
    CHECK_EQ(found.needed, 9);
}

TEST(equal_ratios_are_certain)
{
    static const double zeros[5] = {0};
    static const double ratios[] = {0.5, 0.5, 0.5};
    tare_paired         found = tare_paired_compare(zeros, 5, 0.95, 0);
    CHECK(found.ratio.low == 1 && found.ratio.high == 1 && found.p == 1 && found.smallest == 1);
    CHECK_EQ(found.needed, 0);
    found = tare_paired_compare(ratios, 3, 0.95, 0);
    CHECK(found.ratio.low == found.ratio.high && found.p == 0);
    CHECK_EQ(found.needed, 0);
}

TEST(what_does_not_matter_is_decided_when_the_interval_lies_within)
{
    static const double ratios[] = {0.001, -0.002, 0.003, -0.001, 0.002, -0.003, 0, 0.001};
    CHECK(tare_paired_compare(ratios, 8, 0.95, 0).needed > 0);
    CHECK(tare_paired_compare(ratios, 8, 0.95, 0.001).needed > 0);
    CHECK_EQ(tare_paired_compare(ratios, 8, 0.95, 0.01).needed, 0);
    /* Twice as wide a spread takes four times the processes. */
    double wide[8];
    for (size_t i = 0; i < 8; i++)
        wide[i] = 8 * ratios[i];
    double few = (double)tare_paired_compare(wide, 8, 0.95, 0.02).needed + 8;
    for (size_t i = 0; i < 8; i++)
        wide[i] = 16 * ratios[i];
    double many = (double)tare_paired_compare(wide, 8, 0.95, 0.02).needed + 8;
    CHECK(many / few > 3 && many / few < 5);
}

TEST(huge_ratios_overflow_to_infinity)
{
    static const double ratios[] = {TARE_SAMPLE_LARGEST, -TARE_SAMPLE_LARGEST};
    tare_paired         found = tare_paired_compare(ratios, 2, 0.95, 0);
    CHECK(found.ratio.low == 0 && found.ratio.high == HUGE_VAL && found.smallest == HUGE_VAL);
}

/* A sample whose deviation is exactly sd, and what it names as the smallest change. */
static double name_smallest(double sd, size_t count)
{
    double      values[20];
    tare_random random = {.state = 3};
    fill_normal(&random, values, count, 0, 1);
    tare_sample sample = tare_sample_of(values, count);
    for (size_t i = 0; i < count; i++)
        values[i] *= sd / sqrt(sample.variance);
    return tare_paired_compare(values, count, 0.95, 0).smallest;
}

TEST(the_smallest_change_is_found_with_power_0_8)
{
    enum { RUNS = 4000 };
    static const size_t counts[] = {4, 10, 20};
    tare_random         random = {.state = 4};
    for (size_t row = 0; row < 3; row++) {
        double smallest = name_smallest(0.03, counts[row]);
        int    found = 0;
        for (int run = 0; run < RUNS; run++) {
            double values[20];
            fill_normal(&random, values, counts[row], log(smallest), 0.03);
            tare_sample sample = tare_sample_of(values, counts[row]);
            found += tare_sample_interval(&sample, 0.95).low > 0;
        }
        CHECK(is_rate(found, RUNS, 0.8));
    }
}

/* Comparisons of every true change that leaves the first processes undecided. As many more as were
 * asked for: how often is it then decided? */
static double rate_decided(double least, uint64_t seed)
{
    enum { FIRST = 12, ROOM = 4000, RUNS = 1500 };
    static double values[ROOM];
    tare_random   random = {.state = seed};
    double        decided = 0;
    double        asked = 0;
    for (int run = 0; run < RUNS; run++) {
        double change = 0.1 * (made_part(&random) - 0.5);
        fill_normal(&random, values, FIRST, change, 0.02);
        uint64_t needed = tare_paired_compare(values, FIRST, 0.95, least).needed;
        if (needed == 0 || FIRST + needed > ROOM)
            continue;
        size_t whole = FIRST + (size_t)needed;
        fill_normal(&random, values + FIRST, (size_t)needed, change, 0.02);
        asked++;
        tare_sample   sample = tare_sample_of(values, whole);
        tare_estimate found = tare_sample_interval(&sample, 0.95);
        double        same = log1p(least);
        decided += found.low > 0 || found.high < 0 || (found.low >= -same && found.high <= same);
    }
    CHECK(asked > 300);
    return decided / asked;
}

TEST(as_many_more_as_are_asked_for_decide_in_four_of_five)
{
    CHECK(is_near(rate_decided(0, 5), 0.8, 0.06));
    CHECK(is_near(rate_decided(0.005, 6), 0.8, 0.08));
}
