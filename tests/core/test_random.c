/* test_random.c - the generator's known numbers, and that none below a bound is favoured. */
#include "simulate.h"

#include "harness.h"

/* Those that its authors' program prints for this seed. */
TEST(the_numbers_are_the_known_ones)
{
    tare_random           random = {.state = 1234567};
    static const uint64_t known[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                     UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                     UINT64_C(16408922859458223821)};
    for (size_t i = 0; i < 5; i++)
        CHECK(tare_random_next(&random) == known[i]);
}

TEST(numbers_below_a_bound_come_alike)
{
    enum { RUNS = 70000 };
    tare_random random = {.state = 0};
    int         hits[7] = {0};
    for (int run = 0; run < RUNS; run++)
        hits[tare_random_below(&random, 7)]++;
    for (size_t i = 0; i < 7; i++)
        CHECK(is_rate(hits[i], RUNS, 1.0 / 7));
    CHECK_EQ(tare_random_below(&random, 1), 0);
}

TEST(made_noise_has_the_moments_it_says)
{
    enum { RUNS = 100000 };
    tare_random random = {.state = 5};
    double      sums[4] = {0};
    for (int run = 0; run < RUNS; run++) {
        double normal = made_normal(&random);
        double skewed = made_skewed(&random);
        sums[0] += normal / RUNS;
        sums[1] += normal * normal / RUNS;
        sums[2] += skewed / RUNS;
        sums[3] += skewed * skewed / RUNS;
    }
    CHECK(is_near(sums[0], 0, 0.013) && is_near(sums[1], 1, 0.018));
    CHECK(is_near(sums[2], 0, 0.013) && is_near(sums[3], 1, 0.036));
}
