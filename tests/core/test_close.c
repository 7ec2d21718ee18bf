/* test_close.c - each rule on both sides of its tolerance; tests/same asks the originals. */
#include "harness.h"
#include "same/close.h"

#include <float.h>
#include <math.h>

static const tare_close_rule exact = {.kind = TARE_CLOSE_EXACT, .nan_equal = true};

static bool agree(tare_close_rule rule, double a, double b)
{
    tare_gap    gap;
    tare_number x = {.re = a, .width = TARE_FLOAT_DOUBLE},
                y = {.re = b, .width = TARE_FLOAT_DOUBLE};
    bool doubles = tare_close_doubles(&rule, a, b, &gap);
    CHECK(tare_close_numbers(&rule, &x, &y, &gap) == doubles);
    return doubles;
}

static bool agree_complex(tare_close_rule rule, double ar, double ai, double br, double bi)
{
    tare_gap    gap;
    tare_number a = {.re = ar, .im = ai, .width = TARE_FLOAT_DOUBLE, .complex = true};
    tare_number b = {.re = br, .im = bi, .width = TARE_FLOAT_DOUBLE, .complex = true};
    return tare_close_numbers(&rule, &a, &b, &gap);
}

TEST(exact_is_equal_in_sign_too)
{
    CHECK(agree(exact, 0.1, 0.1) && !agree(exact, 0.1, nextafter(0.1, 1)));
    CHECK(!agree(exact, 0.0, -0.0) && agree(exact, -0.0, -0.0));
    CHECK(agree(exact, NAN, NAN) && agree(exact, -INFINITY, -INFINITY));
    CHECK(!agree(exact, INFINITY, -INFINITY) && !agree(exact, INFINITY, 1) &&
          !agree(exact, NAN, 1));
}

TEST(numpy_adds_its_tolerances_and_looks_at_the_second)
{
    tare_close_rule rule = {.kind = TARE_CLOSE_NUMPY, .relative = 0.5, .absolute = 1};
    CHECK(agree(rule, 7, 4) && !agree(rule, 7.001, 4)); /* 1 + 0.5 * 4 */
    CHECK(agree(rule, 4, 10) && !agree(rule, 10, 4));   /* 1 + 0.5 * 10 */
    CHECK(agree(rule, 0.0, -0.0));
    CHECK(!agree(rule, NAN, NAN));
}

TEST(math_takes_the_larger_tolerance_and_the_larger_number)
{
    tare_close_rule rule = {.kind = TARE_CLOSE_MATH, .relative = 0.5};
    CHECK(agree(rule, 4, 8) && agree(rule, 8, 4) && !agree(rule, 3.999, 8));
    rule.absolute = 5;
    CHECK(agree(rule, 3, 8) && !agree(rule, 2.999, 8));
}

TEST(pytest_takes_the_larger_tolerance_of_the_second)
{
    tare_close_rule rule = {.kind = TARE_CLOSE_PYTEST, .relative = 0.5, .absolute = 1};
    CHECK(agree(rule, 12, 8) && !agree(rule, 8, 16.001) && agree(rule, 8, 16));
    CHECK(!agree(rule, 12, 7.999));
    CHECK(agree(rule, 1, 0) && !agree(rule, 1.001, 0));
    rule.absolute_alone = true;
    CHECK(agree(rule, 9, 8) && !agree(rule, 12, 8));
}

TEST(steps_are_enough_whatever_the_rest_says)
{
    tare_close_rule rule = exact;
    rule.ulp = 2;
    double next = nextafter(1, 2), after = nextafter(next, 2), third = nextafter(after, 2);
    CHECK(agree(rule, 1, after) && !agree(rule, 1, third));
    CHECK(agree(rule, 0.0, -0.0)); /* no step apart */
    CHECK(!agree(rule, DBL_MAX, INFINITY));
}

TEST(infinities_agree_with_themselves_alone)
{
    tare_close_rule rule = {.kind = TARE_CLOSE_NUMPY, .relative = 1, .absolute = INFINITY};
    CHECK(agree(rule, INFINITY, INFINITY) && !agree(rule, INFINITY, 1) &&
          !agree(rule, 1, -INFINITY));
    CHECK(agree(rule, 1, 1e300));
}

TEST(estimates_are_judged_by_their_standard_error)
{
    /* Of both together the share is 3.185 / 4: sqrt(2 * 3.185 (4 - 3.185) / 10000) = 0.02278. */
    tare_close_rule rule = {.kind = TARE_CLOSE_SIGMA, .sigmas = 4, .draw_count = 10000, .scale = 4};
    CHECK(agree(rule, 3.14, 3.14 + 0.0905) && !agree(rule, 3.14, 3.14 + 0.0920));
    CHECK(!agree(rule, 3.14, 7)); /* no share of 4 */
    tare_close_rule given = {.kind = TARE_CLOSE_SIGMA, .sigmas = 3, .error = 1};
    CHECK(agree(given, 100, 104.2) && !agree(given, 100, 104.3)); /* 3 sqrt(2) = 4.243 */
    tare_gap gap;
    CHECK(!tare_close_whole(&rule, 1, 1, 2, &gap)); /* a count is exact */
}

TEST(complex_numbers_are_as_far_apart_as_points)
{
    tare_close_rule rule = {.kind = TARE_CLOSE_NUMPY, .absolute = 5};
    CHECK(agree_complex(rule, 0, 0, 3, 4) && !agree_complex(rule, 0, 0, 3, 4.001));
    CHECK(!agree_complex(exact, 1, 0.0, 1, -0.0) && agree_complex(exact, 1, NAN, 1, NAN));
    CHECK(!agree_complex(exact, 1, NAN, 2, NAN)); /* part by part */
    rule.nan_equal = true;
    CHECK(agree_complex(rule, 1, NAN, 2, NAN));
    CHECK(agree_complex(rule, INFINITY, NAN, 2, NAN));
    rule.kind = TARE_CLOSE_PYTEST; /* whose absolute value is infinite is a number to it */
    CHECK(!agree_complex(rule, INFINITY, NAN, INFINITY, NAN));
}

TEST(whole_numbers_are_subtracted_before_they_are_rounded)
{
    tare_gap    gap;
    tare_number a = {.re = 9007199254740993.0L}, b = {.re = 9007199254740992.0L};
    CHECK(!tare_close_numbers(&exact, &a, &b, &gap));
    CHECK(gap.absolute == 1 && gap.ulp == 0);
    tare_number most = {.re = 18446744073709551615.0L}, least = {.re = -9223372036854775808.0L};
    CHECK(!tare_close_numbers(&exact, &most, &least, &gap));
    CHECK(gap.absolute == 27670116110564327424.0);
}

TEST(the_gap_says_how_much_of_the_tolerance_is_used)
{
    tare_gap        gap;
    tare_close_rule rule = {.kind = TARE_CLOSE_NUMPY, .absolute = 4};
    CHECK(tare_close_doubles(&rule, 3, 2, &gap));
    CHECK(gap.absolute == 1 && gap.relative == 0.5 && gap.used == 0.25);
    CHECK(!tare_close_doubles(&exact, 3, 4, &gap));
    CHECK(gap.used == 0.25); /* of the larger, for nothing is allowed */
    CHECK(!tare_close_doubles(&rule, INFINITY, 4, &gap) && isnan(gap.absolute));
    CHECK(tare_close_doubles(&rule, 5, 5, &gap) && gap.absolute == 0 && gap.ulp == 0);
}

TEST(of_two_widths_the_narrower_counts_the_steps)
{
    tare_gap    gap;
    tare_number a = {.re = 1, .width = TARE_FLOAT_SINGLE};
    tare_number b = {.re = nextafterf(1, 2), .width = TARE_FLOAT_DOUBLE};
    CHECK(!tare_close_numbers(&exact, &a, &b, &gap));
    CHECK_EQ(gap.ulp, 1);
    a.width = TARE_FLOAT_NONE;
    CHECK(!tare_close_numbers(&exact, &a, &b, &gap));
    CHECK_EQ(gap.ulp, 1 << 29); /* doubles, since a whole number has none */
}
