/* test_share.c - whatever the weights, the parts add up. */
#include "harness.h"
#include "oom.h"

#include "io/share.h"

enum { MOST = 6 };

static uint64_t parts[MOST];

static bool share(uint64_t total, const double *weights, uint32_t count)
{
    uint64_t sum = 0;
    if (tare_share_out(total, weights, count, parts, tare_alloc_system(), NULL) != TARE_OK)
        return false;
    for (uint32_t i = 0; i < count; i++)
        sum += parts[i];
    return sum == total;
}

TEST(equal_weights_give_the_rest_to_the_first)
{
    const double weights[] = {1, 1, 1};
    CHECK(share(11, weights, 3));
    CHECK(parts[0] == 4 && parts[1] == 4 && parts[2] == 3);
}

TEST(what_lost_most_comes_first)
{
    const double weights[] = {0.5, 0.3, 0.2};
    CHECK(share(9, weights, 3)); /* 4.5 2.7 1.8 */
    CHECK(parts[0] == 4 && parts[1] == 3 && parts[2] == 2);
}

TEST(weights_of_nothing)
{
    const double none[] = {0, 0}, some[] = {0, 5, 0};
    CHECK(share(7, none, 2) && parts[0] == 7);
    CHECK(share(7, some, 3) && parts[1] == 7);
    CHECK(share(0, some, 3));
}

TEST(less_than_one_each_goes_to_who_weighs_most)
{
    const double weights[] = {0.1, 0.6, 0.3};
    CHECK(share(1, weights, 3) && parts[1] == 1);
    CHECK(share(2, weights, 3)); /* 0.2 1.2 0.6 */
    CHECK(parts[0] == 0 && parts[1] == 1 && parts[2] == 1);
}

TEST(large_totals_and_uneven_weights)
{
    const double weights[] = {1e-300, 1.0 / 3, 1e-9, 2.0 / 3, 1e9, 7};
    for (uint32_t count = 1; count <= MOST; count++) {
        CHECK(share(INT64_MAX, weights, count));
        CHECK(share(1, weights, count));
        CHECK(share(999999999999, weights, count));
    }
}

TEST(without_memory)
{
    const double weights[] = {1};
    oom          memory;
    oom_init(&memory, 1);
    CHECK_EQ(tare_share_out(1, weights, 1, parts, &memory.alloc, NULL), TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
}
