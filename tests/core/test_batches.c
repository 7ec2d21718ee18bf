/* test_batches.c - values that follow each other, of known likeness. */
#include "simulate.h"

#include "harness.h"

#include "stats/batches.h"

/* value = part * the one before + noise: worth n (1 - part) / (1 + part) independent ones. */
static double worth(double part, size_t count, uint64_t seed)
{
    static double values[10000];
    tare_random   random = {.state = seed};
    double        value = 0;
    for (size_t i = 0; i < count; i++) {
        value = part * value + made_normal(&random);
        values[i] = value;
    }
    return tare_batches_effective(values, count);
}

TEST(values_that_are_alike_are_worth_fewer)
{
    enum { COUNT = 10000, RUNS = 20 };
    static const double parts[] = {0.3, 0.6, 0.9};
    for (size_t row = 0; row < 3; row++) {
        double mean = 0;
        double expected = COUNT * (1 - parts[row]) / (1 + parts[row]);
        for (uint64_t run = 0; run < RUNS; run++)
            mean += worth(parts[row], COUNT, run) / RUNS;
        CHECK(mean / expected > 0.8 && mean / expected < 1.3);
    }
}

TEST(independent_values_are_worth_nearly_all)
{
    double mean = 0;
    for (uint64_t run = 0; run < 20; run++)
        mean += worth(0, 2000, run) / 20;
    CHECK(mean > 0.8 * 2000 && mean <= 2000);
}

TEST(the_ends)
{
    double ramp[1000];
    double equal[100];
    for (size_t i = 0; i < 1000; i++)
        ramp[i] = (double)i;
    for (size_t i = 0; i < 100; i++)
        equal[i] = 3;
    CHECK(tare_batches_effective(ramp, 1000) < 60);
    CHECK(tare_batches_effective(ramp, 15) == 15);
    CHECK(tare_batches_effective(equal, 100) == 100);
    CHECK(tare_batches_effective(NULL, 0) == 0);
}
