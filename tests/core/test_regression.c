/* test_regression.c - lines against statsmodels, and how often their intervals hold the truth. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/regression.h"

static tare_line fit(const double *xs, const double *ys, size_t count, double at)
{
    tare_line line = {.count = 0};
    CHECK(tare_regression_line(xs, ys, count, 0.95, at, &line, NULL) == TARE_OK);
    return line;
}

/* statsmodels 0.14: OLS, get_prediction; p of the square when it is added. */
TEST(the_line_is_the_known_one)
{
    static const double xs[] = {1, 2, 3, 4, 5, 7, 9};
    static const double ys[] = {2.1, 3.9, 6.2, 7.8, 10.1, 13.7, 18.9};
    tare_line           line = fit(xs, ys, 7, -1);
    CHECK(is_close(line.slope.value, 2.06497006, 1e-8));
    CHECK(is_close(line.slope.low, 1.92194084, 1e-8));
    CHECK(is_close(line.slope.high, 2.20799928, 1e-8));
    CHECK(is_close(line.intercept.value, -0.18772455, 1e-7));
    CHECK(is_close(line.intercept.low, -0.92301953, 1e-7));
    CHECK(is_close(line.at.value, -2.25269461, 1e-8));
    CHECK(is_close(line.at.low, -3.11426863, 1e-8));
    CHECK(is_close(line.at.high, -1.39112059, 1e-8));
    CHECK(is_close(line.spread, 0.3843417266889607, 1e-10));
    CHECK(is_close(line.linear_p, 0.1441192728366826, 1e-9));
    CHECK_EQ(line.count, 7);
}

TEST(units_do_not_matter)
{
    static const double xs[] = {1, 2, 3, 4, 5, 7, 9};
    static const double ys[] = {2.1, 3.9, 6.2, 7.8, 10.1, 13.7, 18.9};
    double              far[7];
    double              large[7];
    for (size_t i = 0; i < 7; i++) {
        far[i] = 1e9 + xs[i];
        large[i] = 1e80 * xs[i];
    }
    CHECK(is_close(fit(far, ys, 7, 0).slope.low, 1.92194084, 1e-6));
    CHECK(is_close(fit(far, ys, 7, 0).linear_p, 0.1441192728366826, 1e-6));
    CHECK(is_close(fit(large, ys, 7, 0).slope.high, 2.20799928e-80, 1e-8));
}

TEST(perfect_and_short_lines)
{
    static const double xs[] = {0, 1, 2, 3, 4};
    static const double ys[] = {1, 3, 5, 7, 9};
    static const double squares[] = {0, 1, 4, 9, 16};
    tare_line           line = fit(xs, ys, 5, 10);
    CHECK(is_close(line.slope.low, 2, 1e-12) && is_close(line.at.high, 21, 1e-12));
    CHECK(line.linear_p == 1);
    CHECK(fit(xs, squares, 5, 0).linear_p < 1e-9);
    line = fit(xs, ys, 2, 0);
    CHECK(is_close(line.slope.value, 2, 1e-14));
    CHECK(line.slope.low == -HUGE_VAL && line.slope.high == HUGE_VAL);
    CHECK(fit(xs, squares, 3, 0).linear_p == 1);
    CHECK(is_near(fit(xs, (const double[]){5, 5, 5, 5}, 4, 0).slope.value, 0, 1e-15));
}

/* Two different x: no parabola can be told from a line. */
TEST(two_places_cannot_bend)
{
    static const double xs[] = {1, 1, 1, 2, 2, 2};
    static const double ys[] = {1, 2, 3, 4, 5, 7};
    CHECK(fit(xs, ys, 6, 0).linear_p == 1);
}

TEST(what_is_no_line_is_refused)
{
    static const double xs[] = {3, 3, 3};
    tare_line           line;
    CHECK(tare_regression_line(xs, xs, 3, 0.95, 0, &line, NULL) == TARE_USAGE);
    CHECK(tare_regression_line(xs, xs, 1, 0.95, 0, &line, NULL) == TARE_USAGE);
    CHECK(tare_regression_line(NULL, NULL, 0, 0.95, 0, &line, NULL) == TARE_USAGE);
}

TEST(intervals_hold_the_truth_as_often_as_they_say)
{
    enum { RUNS = 4000, COUNT = 9 };
    static const double xs[COUNT] = {0, 0, 1, 1, 2, 3, 5, 5, 8};
    tare_random         random = {.state = 14};
    double              hits[4] = {0};
    for (int run = 0; run < RUNS; run++) {
        double ys[COUNT];
        for (size_t i = 0; i < COUNT; i++)
            ys[i] = 4 - 0.7 * xs[i] + 0.3 * made_normal(&random);
        tare_line line = fit(xs, ys, COUNT, -2);
        hits[0] += line.slope.low <= -0.7 && -0.7 <= line.slope.high;
        hits[1] += line.intercept.low <= 4 && 4 <= line.intercept.high;
        hits[2] += line.at.low <= 5.4 && 5.4 <= line.at.high;
        hits[3] += line.linear_p > 0.05;
    }
    for (size_t i = 0; i < 4; i++)
        CHECK(is_rate(hits[i], RUNS, 0.95));
}

TEST(what_bends_is_found_to_bend)
{
    enum { RUNS = 300, COUNT = 8 };
    tare_random random = {.state = 15};
    int         found = 0;
    for (int run = 0; run < RUNS; run++) {
        double xs[COUNT];
        double ys[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            xs[i] = (double)i;
            ys[i] = sqrt(1 + xs[i]) + 0.02 * made_normal(&random);
        }
        found += fit(xs, ys, COUNT, 0).linear_p < 0.05;
    }
    CHECK(found > 0.95 * RUNS);
}

TEST(exponents_hold_the_truth_as_often_as_they_say)
{
    enum { RUNS = 3000, COUNT = 6 };
    tare_random random = {.state = 16};
    double      hits = 0;
    for (int run = 0; run < RUNS; run++) {
        double        ns[COUNT];
        double        times[COUNT];
        tare_estimate found;
        for (size_t i = 0; i < COUNT; i++) {
            ns[i] = 1000 * pow(2, (double)i);
            times[i] = 3e-9 * pow(ns[i], 1.5) * exp(0.1 * made_normal(&random));
        }
        CHECK(tare_regression_exponent(ns, times, COUNT, 0.95, &found, tare_alloc_system(), NULL) ==
              TARE_OK);
        hits += found.low <= 1.5 && 1.5 <= found.high;
    }
    CHECK(is_rate(hits, RUNS, 0.95));
}

TEST(a_power_law_is_for_what_is_above_zero)
{
    static const double ns[] = {1, 2, 4};
    static const double times[] = {1, 0, 4};
    tare_estimate       found;
    oom                 memory;
    oom_init(&memory, 0);
    CHECK(tare_regression_exponent(ns, times, 3, 0.95, &found, &memory.alloc, NULL) == TARE_USAGE);
    CHECK(tare_regression_exponent(times, ns, 3, 0.95, &found, &memory.alloc, NULL) == TARE_USAGE);
    CHECK_EQ(memory.outstanding, 0);
    CHECK(tare_regression_exponent(ns, ns, 3, 0.95, &found, &memory.alloc, NULL) == TARE_OK);
    CHECK(is_close(found.value, 1, 1e-14));
    CHECK_EQ(memory.outstanding, 0);
    oom_init(&memory, 1);
    CHECK(tare_regression_exponent(ns, ns, 3, 0.95, &found, &memory.alloc, NULL) == TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
}
