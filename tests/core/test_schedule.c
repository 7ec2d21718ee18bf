/* test_schedule.c - when the sampler looks: one tick a period, anywhere in it, none forgotten. */
#include "harness.h"

#include "sampler/schedule.h"

static const uint64_t START_NS = 5000000000;
static const uint64_t PERIOD_NS = 1000000; /* of 1,000 Hz */

static tare_schedule make_schedule(double rate_hz)
{
    tare_schedule schedule;
    tare_schedule_init(&schedule, START_NS, rate_hz, 42);
    return schedule;
}

TEST(each_period_has_one_tick_inside_it)
{
    tare_schedule schedule = make_schedule(1000);
    for (uint64_t slot = 0; slot < 10000; slot++) {
        uint64_t deadline_ns = tare_schedule_deadline_ns(&schedule);
        CHECK(deadline_ns >= START_NS + slot * PERIOD_NS);
        CHECK(deadline_ns < START_NS + (slot + 1) * PERIOD_NS);
        CHECK_EQ(tare_schedule_take(&schedule, deadline_ns), 1);
    }
    CHECK_EQ(schedule.next_slot, 10000);
    CHECK_EQ(schedule.late_count, 0);
    CHECK_EQ(schedule.gap_count, 0);
}

TEST(nothing_is_due_before_the_deadline_or_twice)
{
    tare_schedule schedule = make_schedule(1000);
    uint64_t      deadline_ns = tare_schedule_deadline_ns(&schedule);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS), 0);
    CHECK_EQ(tare_schedule_take(&schedule, deadline_ns - 1), 0);
    CHECK_EQ(tare_schedule_deadline_ns(&schedule), deadline_ns);
    CHECK_EQ(tare_schedule_take(&schedule, deadline_ns), 1);
    CHECK_EQ(tare_schedule_take(&schedule, deadline_ns), 0);
    CHECK_EQ(schedule.late_count, 0);
}

/* At the end of period 9 the ticks of periods 0 to 9 are due, and no other. */
TEST(missed_ticks_go_to_the_weight_of_the_next)
{
    tare_schedule schedule = make_schedule(1000);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS + 10 * PERIOD_NS - 1), 10);
    CHECK_EQ(schedule.late_count, 9);
    CHECK_EQ(schedule.next_slot, 10);
    CHECK_EQ(schedule.gap_count, 0);
}

/* Whenever it looks, the weights add up to the periods that went by. */
TEST(weights_add_up_to_the_elapsed_time)
{
    tare_schedule schedule = make_schedule(1000);
    uint64_t      weight_sum = 0;
    uint64_t      look_count = 0;
    uint64_t      now_ns = START_NS;
    for (uint32_t step = 1; step <= 5000; step++) {
        now_ns += (step * 7919 % 9001) * 1000; /* 0 to 9 periods */
        uint64_t weight = tare_schedule_take(&schedule, now_ns);
        weight_sum += weight;
        look_count += weight > 0;
        uint64_t period_count = (now_ns - START_NS) / PERIOD_NS;
        CHECK(weight_sum == period_count || weight_sum == period_count + 1);
    }
    CHECK_EQ(schedule.late_count, weight_sum - look_count);
    CHECK_EQ(schedule.gap_count, 0);
}

/* Periods 0 to 1,999 were slept through: one of the 2,000 ticks is looked at now. */
TEST(a_suspended_machine_is_a_gap_not_a_late_tick)
{
    tare_schedule schedule = make_schedule(1000);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS + 2000 * PERIOD_NS - 1), 1);
    CHECK_EQ(schedule.gap_count, 1);
    CHECK_EQ(schedule.gap_ns, 1999 * PERIOD_NS);
    CHECK_EQ(schedule.late_count, 0);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS + 2001 * PERIOD_NS - 1), 1);
    CHECK_EQ(schedule.gap_count, 1);
}

TEST(a_second_exactly_is_no_gap_yet)
{
    tare_schedule schedule = make_schedule(1000);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS + 1001 * PERIOD_NS - 1), 1001);
    CHECK_EQ(schedule.gap_count, 0);
    CHECK_EQ(schedule.late_count, 1000);
}

/* One tick in ten seconds: a missed one makes a hole of ten seconds, and is just late. */
TEST(slow_rates_may_miss_a_tick_without_a_gap)
{
    tare_schedule schedule = make_schedule(0.1);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS + 20000 * PERIOD_NS - 1), 2);
    CHECK_EQ(schedule.gap_count, 0);
    CHECK_EQ(schedule.late_count, 1);
    CHECK_EQ(tare_schedule_take(&schedule, START_NS + 50000 * PERIOD_NS - 1), 1);
    CHECK_EQ(schedule.gap_count, 1);
    CHECK_EQ(schedule.gap_ns, 20000 * PERIOD_NS);
}

/* A period of 333,333,333.3 ns: eleven days later the tick is still in its own. */
TEST(periods_do_not_drift)
{
    tare_schedule schedule = make_schedule(3);
    for (uint64_t slot = 2999997; slot < 3000003; slot++) {
        schedule.next_slot = slot;
        uint64_t deadline_ns = tare_schedule_deadline_ns(&schedule);
        CHECK(deadline_ns >= START_NS + slot * 1000 * PERIOD_NS / 3);
        CHECK(deadline_ns <= START_NS + (slot + 1) * 1000 * PERIOD_NS / 3);
    }
}

/* 100,000 ticks in 20 parts of a period: 5,000 each, with a standard deviation of 69. */
TEST(every_part_of_a_period_is_looked_at_as_often)
{
    tare_schedule schedule = make_schedule(1000);
    int           counts[20] = {0};
    int           neighbours = 0; /* both in the first half, as chance has it in a quarter */
    bool          early = false;
    for (uint64_t slot = 0; slot < 100000; slot++) {
        schedule.next_slot = slot;
        uint64_t within_ns = tare_schedule_deadline_ns(&schedule) - START_NS - slot * PERIOD_NS;
        counts[within_ns * 20 / PERIOD_NS]++;
        neighbours += early && within_ns < PERIOD_NS / 2;
        early = within_ns < PERIOD_NS / 2;
    }
    for (int part = 0; part < 20; part++)
        CHECK(counts[part] > 5000 - 5 * 69 && counts[part] < 5000 + 5 * 69);
    CHECK(neighbours > 25000 - 800 && neighbours < 25000 + 800);
}

TEST(a_seed_makes_its_own_instants)
{
    tare_schedule one = make_schedule(1000);
    tare_schedule same = make_schedule(1000);
    tare_schedule other = make_schedule(1000);
    int           equal_count = 0;
    other.seed = 43;
    for (uint64_t slot = 0; slot < 100; slot++) {
        one.next_slot = same.next_slot = other.next_slot = slot;
        CHECK_EQ(tare_schedule_deadline_ns(&one), tare_schedule_deadline_ns(&same));
        equal_count += tare_schedule_deadline_ns(&one) == tare_schedule_deadline_ns(&other);
    }
    CHECK_EQ(equal_count, 0);
}
