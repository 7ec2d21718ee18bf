/* test_holm.c - which comparisons differ, and that chance rarely makes one. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/holm.h"

static int judge(const double *ps, size_t count, double rate, bool *flags)
{
    int marked = 0;
    CHECK(tare_holm(ps, count, rate, flags, tare_alloc_system(), NULL) == TARE_OK);
    for (size_t i = 0; i < count; i++)
        marked += flags[i];
    return marked;
}

/* By hand: 0.005 * 4 and 0.01 * 3 stand at 0.05, 0.03 * 2 does not, so neither does 0.04. */
TEST(each_stands_against_those_that_are_left)
{
    static const double ps[] = {0.01, 0.04, 0.03, 0.005};
    bool                flags[4];
    CHECK_EQ(judge(ps, 4, 0.05, flags), 2);
    CHECK(flags[0] && !flags[1] && !flags[2] && flags[3]);
    CHECK_EQ(judge(ps, 4, 0.06, flags), 4);
    CHECK_EQ(judge(ps, 4, 0.01, flags), 0);
    CHECK_EQ(judge(NULL, 0, 0.05, flags), 0);
}

TEST(chance_marks_any_of_twenty_in_5_of_100)
{
    enum { RUNS = 5000, COUNT = 20 };
    tare_random random = {.state = 7};
    int         alarms = 0;
    for (int run = 0; run < RUNS; run++) {
        double ps[COUNT];
        bool   flags[COUNT];
        for (size_t i = 0; i < COUNT; i++)
            ps[i] = made_part(&random);
        alarms += judge(ps, COUNT, 0.05, flags) > 0;
    }
    CHECK(is_rate(alarms, RUNS, 1 - pow(1 - 0.05 / COUNT, COUNT)));
}

TEST(without_memory_nothing_is_left)
{
    static const double ps[] = {0.5};
    bool                flag;
    oom                 memory;
    oom_init(&memory, 1);
    CHECK(tare_holm(ps, 1, 0.05, &flag, &memory.alloc, NULL) == TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
}
