/* test_debt.c - short calls made longer, together as much as was asked for. */
#include "harness.h"

#include "trace/debt.h"

#include <math.h>

/* Calls of so many nanoseconds; each burning takes so much longer than it should. */
static uint64_t burn(uint64_t call_ns, uint32_t calls, double ratio, uint64_t late_ns)
{
    tare_debt debt = {0};
    uint64_t  burnt_ns = 0;
    for (uint32_t i = 0; i < calls; i++) {
        tare_debt_add(&debt, ratio, call_ns);
        uint64_t due_ns = tare_debt_due(&debt);
        if (due_ns == 0)
            continue;
        tare_debt_pay(&debt, due_ns + late_ns);
        burnt_ns += due_ns + late_ns;
    }
    return burnt_ns;
}

static void expect_ratio(uint64_t call_ns, uint32_t calls, double ratio, uint64_t late_ns)
{
    double wanted_ns = ratio * (double)call_ns * calls;
    double burnt_ns = (double)burn(call_ns, calls, ratio, late_ns);
    CHECK(fabs(burnt_ns - wanted_ns) <= TARE_DEBT_LEAST_NS + (double)late_ns);
}

TEST(the_ratio_is_right_over_all_calls)
{
    const uint64_t calls_ns[] = {1, 150, 19999, 20000, 1000000};
    for (int i = 0; i < 5; i++)
        for (int step = 1; step <= 8; step++)
            expect_ratio(calls_ns[i], 30000, step * 0.25, 0);
}

TEST(what_was_burnt_too_much_is_taken_off)
{
    expect_ratio(500, 100000, 1.0, 400);
    expect_ratio(40000, 1000, 0.5, 15000);
}

TEST(nothing_is_due_without_a_ratio)
{
    CHECK_EQ(burn(1000000, 1000, 0.0, 100), 0);
}

/* The clock is looked at once for many calls. */
TEST(short_calls_are_paid_together)
{
    tare_debt debt = {0};
    for (int i = 0; i < 199; i++) {
        tare_debt_add(&debt, 1.0, 100);
        CHECK_EQ(tare_debt_due(&debt), 0);
    }
    tare_debt_add(&debt, 1.0, 100);
    CHECK_EQ(tare_debt_due(&debt), TARE_DEBT_LEAST_NS);
}
