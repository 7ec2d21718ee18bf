/* test_sequential.c - levels against another computation of them, and the rates of the whole rule.
 */
#include "simulate.h"

#include "harness.h"

#include "stats/sequential.h"

#include <string.h>

static double level_at(const size_t *looks, size_t look_count, size_t count)
{
    double level = NAN;
    CHECK(tare_sequential_level(looks, look_count, count, 0.95, &level, NULL) == TARE_OK);
    return level;
}

/* The same bounds from SciPy 1.17.1: those at which the multivariate normal distribution with
 * covariance sqrt(t_i / t_j) spends 0.0475 t^2 (stats.multivariate_normal.cdf, from -c to c). */
TEST(levels_spend_what_is_allotted)
{
    static const size_t five[] = {10, 20, 30, 40, 50};
    static const double of_five[] = {0.9981, 0.993694, 0.987293, 0.978587, 0.967352};
    static const size_t three[] = {10, 20, 40};
    static const double of_three[] = {0.997031, 0.990049, 0.95906};
    for (size_t i = 0; i < 5; i++)
        CHECK(is_near(level_at(five, 5, five[i]), of_five[i], 2e-5));
    for (size_t i = 0; i < 3; i++)
        CHECK(is_near(level_at(three, 3, three[i]), of_three[i], 2e-5));
}

TEST(a_look_need_not_be_preset)
{
    static const size_t looks[] = {10, 20, 40, 60};
    CHECK(is_near(level_at(looks, 4, 37), 0.985243, 2e-5));
    CHECK(level_at(looks, 4, 5) > 0.999);
    CHECK(level_at(looks, 4, 59) < level_at(looks, 4, 41));
}

static double p_at(const size_t *looks, size_t look_count, size_t count, double plain)
{
    double p = NAN;
    CHECK(tare_sequential_p(looks, look_count, count, plain, &p, NULL) == TARE_OK);
    return p;
}

TEST(p_is_below_a_rate_where_the_interval_leaves_1)
{
    static const size_t looks[] = {10, 20, 40};
    static const size_t counts[] = {10, 20, 33, 40};
    for (size_t i = 0; i < 4; i++) {
        double plain = 1 - level_at(looks, 3, counts[i]);
        CHECK(is_close(p_at(looks, 3, counts[i], plain), 0.05, 1e-5));
        CHECK(p_at(looks, 3, counts[i], 0.9 * plain) < 0.05);
        CHECK(p_at(looks, 3, counts[i], 1.1 * plain) > 0.05);
        CHECK(p_at(looks, 3, counts[i], 1) == 1);
        double small = p_at(looks, 3, counts[i], 1e-30);
        CHECK(small > 1e-30 && small < 1e-26);
        CHECK(p_at(looks, 3, counts[i], 0) < 1e-90);
    }
    CHECK(is_close(p_at(looks, 1, 10, 0.03), 0.03, 1e-6));
}

TEST(one_look_is_the_plain_interval)
{
    static const size_t look = 20;
    CHECK(is_near(level_at(&look, 1, 20), 0.95, 1e-12));
}

TEST(many_looks_can_be_preset)
{
    size_t looks[TARE_SEQUENTIAL_MAX_LOOKS];
    for (size_t i = 0; i < TARE_SEQUENTIAL_MAX_LOOKS; i++)
        looks[i] = i + 1;
    double last = level_at(looks, TARE_SEQUENTIAL_MAX_LOOKS, TARE_SEQUENTIAL_MAX_LOOKS);
    CHECK(last > 0.95 && last < 0.98);
}

TEST(looks_that_make_no_sense_are_refused)
{
    static const size_t looks[] = {10, 20, 20};
    static const size_t zero = 0;
    size_t              many[TARE_SEQUENTIAL_MAX_LOOKS + 1] = {0};
    double              level;
    tare_error          err;
    CHECK(tare_sequential_level(looks, 3, 10, 0.95, &level, &err) == TARE_USAGE);
    CHECK(strcmp(err.message, "look 3 is after 20 processes: looks ascend") == 0);
    CHECK(tare_sequential_level(looks, 2, 21, 0.95, &level, &err) == TARE_USAGE);
    CHECK(tare_sequential_p(looks, 2, 21, 0.5, &level, &err) == TARE_USAGE);
    CHECK(tare_sequential_level(looks, 2, 0, 0.95, &level, &err) == TARE_USAGE);
    CHECK(tare_sequential_level(looks, 0, 1, 0.95, &level, &err) == TARE_USAGE);
    CHECK(tare_sequential_level(&zero, 1, 1, 0.95, &level, &err) == TARE_USAGE);
    CHECK(tare_sequential_level(many, TARE_SEQUENTIAL_MAX_LOOKS + 1, 1, 0.95, &level, &err) ==
          TARE_USAGE);
}

TEST(a_look_says_what_its_interval_says)
{
    static const double up[] = {0.1, 0.11, 0.1, 0.09};
    static const double down[] = {-0.1, -0.11, -0.1, -0.09};
    static const double around[] = {-0.001, 0.001, 0.002, -0.002};
    CHECK(tare_sequential_look(up, 4, 0.99, 0).decided == TARE_DECISION_FASTER);
    CHECK(tare_sequential_look(down, 4, 0.99, 0).decided == TARE_DECISION_SLOWER);
    CHECK(tare_sequential_look(around, 4, 0.99, 0).decided == TARE_DECISION_NONE);
    CHECK(tare_sequential_look(around, 4, 0.99, 0.01).decided == TARE_DECISION_SAME);
    CHECK(tare_sequential_look(up, 4, 0.99, 0.5).decided == TARE_DECISION_SAME);
    CHECK(tare_sequential_look(up, 1, 0.99, 0).decided == TARE_DECISION_NONE);
}

static double made_ratio(tare_random *random)
{
    return (made_skewed(random) - made_skewed(random)) / sqrt(2);
}

enum { LOOKS = 6, EACH = 10, MOST = LOOKS * EACH };

typedef struct rule_outcome {
    double called;  /* faster or slower, at whichever look */
    double right;   /* faster */
    double covered; /* the interval at which one stopped held the truth */
    double looks;   /* on average */
} rule_outcome;

/* Stops at the first decision, as a comparison does. */
static rule_outcome run_rule(double change, double least, double (*noise)(tare_random *), int runs,
                             uint64_t seed)
{
    double       levels[LOOKS];
    size_t       looks[LOOKS];
    tare_random  random = {.state = seed};
    rule_outcome outcome = {0};
    for (size_t i = 0; i < LOOKS; i++)
        looks[i] = (i + 1) * EACH;
    for (size_t i = 0; i < LOOKS; i++)
        levels[i] = level_at(looks, LOOKS, looks[i]);
    for (int run = 0; run < runs; run++) {
        double    values[MOST];
        size_t    i = 0;
        tare_look look = {.decided = TARE_DECISION_NONE};
        for (; i < LOOKS && look.decided == TARE_DECISION_NONE; i++) {
            for (size_t at = i * EACH; at < (i + 1) * EACH; at++)
                values[at] = change + 0.02 * noise(&random);
            look = tare_sequential_look(values, looks[i], levels[i], least);
        }
        outcome.called += look.decided == TARE_DECISION_FASTER ||
                          look.decided == TARE_DECISION_SLOWER;
        outcome.right += look.decided == TARE_DECISION_FASTER;
        outcome.covered += look.ratio.low <= exp(change) && exp(change) <= look.ratio.high;
        outcome.looks += (double)i / runs;
    }
    return outcome;
}

TEST(equal_programs_are_called_different_in_5_of_100_whole_comparisons)
{
    enum { RUNS = 20000 };
    rule_outcome normal = run_rule(0, 0, made_normal, RUNS, 11);
    CHECK(is_near(normal.called / RUNS, 0.05, 0.006));
    rule_outcome bounded = run_rule(0, 0.004, made_normal, RUNS, 12);
    CHECK(bounded.called / RUNS < 0.056);
    /* However skewed the times are, the ratio of equal programs is symmetric. */
    rule_outcome skewed = run_rule(0, 0, made_ratio, RUNS, 13);
    CHECK(skewed.called / RUNS < 0.056);
}

TEST(the_interval_holds_the_truth_wherever_one_stops)
{
    enum { RUNS = 4000 };
    for (int row = 0; row < 4; row++) {
        rule_outcome found = run_rule(0.004 * row, 0.005, made_normal, RUNS, 20 + (uint64_t)row);
        CHECK(found.covered / RUNS > 0.936);
    }
}

TEST(large_changes_are_found_early_and_small_ones_too)
{
    enum { RUNS = 2000 };
    rule_outcome large = run_rule(0.05, 0, made_normal, RUNS, 31);
    CHECK(large.right == RUNS && large.looks < 1.2);
    rule_outcome small = run_rule(0.01, 0, made_normal, RUNS, 32);
    CHECK(small.right / RUNS > 0.9 && small.looks < 4.5);
}
