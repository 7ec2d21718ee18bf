/* test_sampling.c - sums over samples against what was there. Bounds are of six standard errors:
 * with seeds that are fixed a test passes always or never, and a bias of some percent fails. */
#include "harness.h"

#include "memory/sampling.h"

#include <math.h>

typedef struct estimate {
    double bytes, count, variance;
} estimate;

static estimate sample(uint64_t bytes, int times, double mean_bytes, uint64_t seed)
{
    tare_countdown countdown;
    estimate       sum = {0};
    tare_countdown_begin(&countdown, mean_bytes, seed);
    for (int i = 0; i < times; i++) {
        if (!tare_countdown_step(&countdown, bytes))
            continue;
        tare_held held = tare_sampling_weigh(bytes, mean_bytes);
        sum.bytes += (double)held.bytes;
        sum.count += (double)held.count / TARE_LEDGER_ONE;
        sum.variance += tare_sampling_variance(bytes, mean_bytes);
        tare_countdown_draw(&countdown, mean_bytes);
    }
    return sum;
}

TEST(sums_are_unbiased_for_any_size)
{
    static const uint64_t sizes[] = {1, 16, 1000, 4096, 20000};
    for (int i = 0; i < 5; i++) {
        double bytes = (double)sizes[i], p = -expm1(-bytes / 4096);
        int    times = (int)(20000 / p);
        double sigma = bytes * sqrt(times * (1 - p) / p);
        for (uint64_t seed = 1; seed <= 20; seed++) {
            estimate sum = sample(sizes[i], times, 4096, seed * 7919);
            CHECK(fabs(sum.bytes - bytes * times) <= 6 * sigma + times);
            CHECK(fabs(sum.count - times) <= 6 * sigma / bytes + 1);
            CHECK(fabs(sqrt(sum.variance) - sigma) <= 0.1 * sigma + 1);
        }
    }
}

/* The mean of many runs is nearer to the truth than any one. */
TEST(the_mean_over_seeds_is_the_truth)
{
    enum { SEEDS = 4000 };
    double sum = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        sum += sample(100, 200, 4096, seed * 104729).bytes;
    double p = -expm1(-100.0 / 4096);
    double sigma = 100 * sqrt(200 * (1 - p) / p / SEEDS);
    CHECK(fabs(sum / SEEDS - 20000) <= 6 * sigma);
}

TEST(no_bytes_are_never_looked_at)
{
    tare_countdown countdown;
    tare_countdown_begin(&countdown, 10, 3);
    for (int i = 0; i < 1000; i++)
        CHECK(!tare_countdown_step(&countdown, 0));
    CHECK(tare_countdown_step(&countdown, UINT64_MAX));
    CHECK_EQ(tare_sampling_weigh(0, 10).bytes, 0);
}

TEST(large_blocks_are_what_they_are)
{
    CHECK_EQ(tare_sampling_weigh(1 << 30, 4096).bytes, 1 << 30);
    CHECK_EQ(tare_sampling_weigh(1 << 30, 4096).count, TARE_LEDGER_ONE);
    CHECK(tare_sampling_variance(1 << 30, 4096) < 1);
}

TEST(bits_of_blocks_that_are_there_stay)
{
    static tare_sampling_filter filter;
    tare_blocks                 blocks = {.alloc = tare_alloc_system()};
    tare_block                  block = {.bytes = 1, .cell = 1}, old = {0};
    bool                        had = false;
    for (uint64_t i = 1; i <= 3000; i++) {
        CHECK_EQ(tare_blocks_put(&blocks, i * 16, &block, &old, &had), TARE_OK);
        tare_sampling_mark(&filter, i * 16);
    }
    for (uint64_t i = 1; i <= 2900; i++) {
        CHECK(tare_sampling_may_be(&filter, i * 16));
        CHECK(tare_blocks_take(&blocks, i * 16, &old));
        tare_sampling_forget(&filter, &blocks);
    }
    for (uint64_t i = 2901; i <= 3000; i++)
        CHECK(tare_sampling_may_be(&filter, i * 16));
    int set = 0;
    for (uint64_t i = 1; i <= 2900; i++)
        set += tare_sampling_may_be(&filter, i * 16);
    CHECK(set < 500); /* those since the last sweep */
    tare_blocks_deinit(&blocks);
}
