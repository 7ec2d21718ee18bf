/* os_linux_ticks.c - see ticks.h.
 *
 * Whether the TSC can be trusted, the kernel has found out at boot and goes on watching: it
 * keeps time by it ("tsc" as clocksource) or has stopped doing so. In a virtual machine the
 * clocksource is the hypervisor's ("kvm-clock", "hyperv_clocksource_tsc_page"), itself a
 * page of factors for the TSC; there the processor's word (CPUID: invariant TSC) is enough.
 * Cost: read 11 ns against 29 ns of clock_gettime (vDSO), thread CPU clock 300 to 1,400 ns. */
#include "os/ticks.h"

#include "os/os.h"

#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>

static bool is_invariant(void)
{
    enum { POWER_LEAF = 0x80000007U, INVARIANT_TSC = 1U << 8 };
    unsigned a, b, c, d;
    return __get_cpuid(POWER_LEAF, &a, &b, &c, &d) != 0 && (d & INVARIANT_TSC) != 0;
}

/* Of the kernel's clocks those that are made of the TSC. Where /sys is closed to us the
 * processor's word is all there is. */
static bool has_counter(void)
{
    char name[TARE_OS_NAME_BYTES];
    if (tare_os_read_text("/sys/devices/system/clocksource/clocksource0/current_clocksource", name,
                          sizeof name, NULL, NULL) == TARE_OK &&
        strncmp(name, "tsc", 3) != 0 && strncmp(name, "kvm-clock", 9) != 0 &&
        strncmp(name, "hyperv", 6) != 0 && strncmp(name, "xen", 3) != 0)
        return false;
    return is_invariant();
}
#elif defined(__aarch64__)
static bool has_counter(void)
{
    return true; /* the architecture promises one speed, and Linux opens it to programs */
}
#else
static bool has_counter(void)
{
    return false;
}
#endif

enum { NS_PER_SECOND = 1000000000 };

uint64_t tare_ticks_monotonic(void)
{
    return tare_os_monotonic_ns();
}

uint64_t tare_ticks_thread_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* cannot fail since Linux 2.6.12 */
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Both clocks at one moment: of some tries the one in which least time passed between two
 * readings of the counter, which whatever takes the CPU in between would lengthen. */
static void read_both(const tare_ticks *clock, uint64_t *ticks_out, uint64_t *ns_out)
{
    enum { TRIES = 8 };
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = tare_ticks_read(clock);
        uint64_t ns = tare_os_monotonic_ns();
        uint64_t after = tare_ticks_read(clock);
        if (after - before >= shortest)
            continue;
        shortest = after - before;
        *ticks_out = before + shortest / 2;
        *ns_out = ns;
    }
}

void tare_ticks_init(tare_ticks *clock)
{
    *clock = (tare_ticks){.counter = has_counter()};
    read_both(clock, &clock->start_ticks, &clock->start_ns);
}

double tare_ticks_ns_ratio(const tare_ticks *clock)
{
    if (!clock->counter)
        return 1;
    uint64_t ticks = clock->start_ticks;
    uint64_t ns = clock->start_ns;
    read_both(clock, &ticks, &ns);
    if (ticks <= clock->start_ticks || ns <= clock->start_ns)
        return 1;
    return (double)(ns - clock->start_ns) / (double)(ticks - clock->start_ticks);
}
