/* test_ticks.c - the tick clock against the system's. */
#include "harness.h"

#include "os/os.h"
#include "os/ticks.h"

static void spend_ns(uint64_t ns)
{
    uint64_t until_ns = tare_os_monotonic_ns() + ns;
    while (tare_os_monotonic_ns() < until_ns)
        continue;
}

/* Both clocks are read around a stretch; whatever interrupts lengthens both. */
static void compare(const tare_ticks *clock)
{
    uint64_t ticks = tare_ticks_read(clock);
    uint64_t ns = tare_os_monotonic_ns();
    spend_ns(20000000);
    ns = tare_os_monotonic_ns() - ns;
    ticks = tare_ticks_read(clock) - ticks;
    double told_ns = (double)ticks * tare_ticks_ns_ratio(clock);
    CHECK(told_ns > 0.9 * (double)ns && told_ns < 1.5 * (double)ns);
}

TEST(ticks_are_nanoseconds_by_the_ratio)
{
    tare_ticks clock;
    tare_ticks_init(&clock);
    compare(&clock);
}

TEST(the_fallback_counts_nanoseconds)
{
    tare_ticks clock = {.counter = false};
    CHECK(tare_ticks_ns_ratio(&clock) >= 1 && tare_ticks_ns_ratio(&clock) <= 1);
    compare(&clock);
}

TEST(cpu_time_passes_while_running)
{
    uint64_t before_ns = tare_ticks_thread_cpu_ns();
    spend_ns(5000000);
    uint64_t after_ns = tare_ticks_thread_cpu_ns();
    CHECK(after_ns > before_ns);
}
