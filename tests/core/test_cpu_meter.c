/* test_cpu_meter.c - CPU time from few readings of the clock. */
#include "harness.h"

#include "trace/cpu_meter.h"

#include "os/os.h"
#include "os/ticks.h"

static const uint64_t MS = 1000000;

/* Ticks are nanoseconds here. Works for so long in steps of so much, then sleeps; returns what was
 * given. */
static uint64_t work_and_sleep(tare_cpu_meter *meter, uint64_t work_ns, uint64_t step_ns)
{
    uint64_t given_ns = 0;
    uint64_t begin_ns = tare_ticks_monotonic();
    uint64_t last_ns = begin_ns;
    while (last_ns - begin_ns < work_ns) {
        uint64_t now_ns = tare_ticks_monotonic();
        if (now_ns - last_ns < step_ns)
            continue;
        given_ns += tare_cpu_meter_take(meter, now_ns, now_ns - last_ns);
        last_ns = now_ns;
    }
    tare_os_sleep_until(tare_os_monotonic_ns() + 30 * MS, 0);
    uint64_t now_ns = tare_ticks_monotonic();
    return given_ns + tare_cpu_meter_take(meter, now_ns, now_ns - last_ns);
}

/* In steps that are taken for work, and in steps after which the clock is read. */
TEST(what_is_given_is_what_the_clock_says)
{
    const uint64_t steps_ns[] = {300, 20000};
    for (int i = 0; i < 2; i++) {
        tare_cpu_meter meter = tare_cpu_meter_on(1.0);
        CHECK_EQ(tare_cpu_meter_take(&meter, tare_ticks_monotonic(), 5), 0); /* begins here */
        uint64_t before_ns = tare_ticks_thread_cpu_ns();
        uint64_t given_ns = work_and_sleep(&meter, 20 * MS, steps_ns[i]);
        uint64_t used_ns = tare_ticks_thread_cpu_ns() - before_ns;
        CHECK(given_ns + MS > used_ns);
        CHECK(given_ns < used_ns + 2 * MS);
    }
}

/* What a short gap was given too much is taken off what comes. */
TEST(sleep_is_not_given)
{
    tare_cpu_meter meter = tare_cpu_meter_on(1.0);
    uint64_t       given_ns = 0;
    uint64_t       now_ns = 1000 * MS;
    CHECK_EQ(tare_cpu_meter_take(&meter, now_ns, 5), 0);
    for (int i = 0; i < 3000; i++) /* three seconds that never were */
        given_ns += tare_cpu_meter_take(&meter, now_ns += MS, MS);
    CHECK(given_ns < 1000 * MS);
}
