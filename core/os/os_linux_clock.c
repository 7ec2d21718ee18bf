/* os_linux_clock.c - reading clocks and waiting for a moment.
 *
 * Clocks are read through the vDSO, 23 ns; the CPU clock is a system call, 0.5 us.
 *
 * Waiting ends in two stretches:
 *
 *     now                                wake-up            deadline
 *      |-------- asleep in the kernel -------|--- spinning ---|
 *
 * A sleeping thread wakes late, by the timer's slack and by what a wake-up costs. The slack
 * of 50 us that Linux gives every thread would drown a 20 us period, so it is set to 1 ns
 * before each sleep; that is a second system call, of 0.2 us, and spares a flag that would
 * have to be kept for every thread. A child inherits the slack, so tare_os_spawn puts the
 * old one back first. */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_SECOND = 1000000000 };

static uint64_t read_clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now); /* cannot fail: these clocks exist since Linux 2.6.39 */
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t tare_os_monotonic_ns(void)
{
    return read_clock_ns(CLOCK_MONOTONIC);
}

uint64_t tare_os_boottime_ns(void)
{
    return read_clock_ns(CLOCK_BOOTTIME);
}

/* The two are read one after the other, and whatever takes the CPU between them would pass
 * for sleep: so the first is read again, and a pair that took long is not used. */
int64_t tare_os_slept_ns(void)
{
    enum { ATTEMPTS = 16, LONG_NS = 100000 };
    int64_t slept_ns = 0;

    for (int i = 0; i < ATTEMPTS; i++) {
        const uint64_t before_ns = tare_os_monotonic_ns();
        slept_ns = (int64_t)(tare_os_boottime_ns() - before_ns);
        if (tare_os_monotonic_ns() - before_ns < LONG_NS)
            break;
    }
    return slept_ns;
}

uint64_t tare_os_unix_ns(void)
{
    return read_clock_ns(CLOCK_REALTIME);
}

uint64_t tare_os_own_cpu_ns(void)
{
    return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static bool sleep_in_kernel(uint64_t wake_ns)
{
    const struct timespec until = {
        .tv_sec = (time_t)(wake_ns / NS_PER_SECOND),
        .tv_nsec = (long)(wake_ns % NS_PER_SECOND),
    };

    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0;
}

void tare_os_sleep_until(uint64_t deadline_ns, uint64_t spin_ns)
{
    const uint64_t now_ns = tare_os_monotonic_ns();

    if (now_ns >= deadline_ns)
        return;
    if (deadline_ns - now_ns > spin_ns && !sleep_in_kernel(deadline_ns - spin_ns))
        return; /* a signal: the caller wants to know, not to wait */
    while (tare_os_monotonic_ns() < deadline_ns)
        tare_linux_spin_pause();
}

/* The first version of the kernel's struct sched_attr; libraries that declare it are new. */
typedef struct linux_sched_attr {
    uint32_t size_bytes, policy;
    uint64_t flags;
    int32_t  nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
} linux_sched_attr;

/* Since Linux 6.12 a normal thread may ask for short turns (runtime_ns). It gets no more time for
 * it, but one that wakes up interrupts another whose turn is longer. What it starts has turns
 * of the usual length again. */
void tare_os_ask_for_prompt_wakeups(void)
{
    enum { RESET_ON_FORK = 1, TURN_NS = 100000 };
    linux_sched_attr wish = {0};
    if (syscall(SYS_sched_getattr, 0, &wish, sizeof wish, 0U) != 0 || wish.policy != SCHED_OTHER)
        return;
    wish.size_bytes = sizeof wish;
    wish.flags |= RESET_ON_FORK;
    wish.runtime_ns = TURN_NS;
    syscall(SYS_sched_setattr, 0, &wish, 0U);
}

_Static_assert(sizeof(cpu_set_t) <= sizeof((tare_placement){0}.usual), "a set fits");

static void remember_usual(tare_placement *placement)
{
    cpu_set_t set;

    if (placement->usual_count > 0 || sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    memcpy(placement->usual, &set, sizeof set);
    placement->usual_count = (uint32_t)CPU_COUNT(&set);
}

void tare_os_place(tare_placement *placement, tare_where where, int cpu)
{
    cpu_set_t usual;
    cpu_set_t set;

    if (cpu < 0 || cpu >= CPU_SETSIZE)
        where = TARE_ANYWHERE;
    if (where == placement->where && (cpu == placement->cpu || where == TARE_ANYWHERE))
        return;
    remember_usual(placement);
    if (placement->usual_count < 2)
        return;
    memcpy(&usual, placement->usual, sizeof usual);
    set = usual;
    if (where == TARE_ELSEWHERE)
        CPU_CLR((size_t)cpu, &set);
    if (where == TARE_BESIDE && CPU_ISSET((size_t)cpu, &usual)) {
        CPU_ZERO(&set);
        CPU_SET((size_t)cpu, &set);
    }
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        return;
    placement->where = where;
    placement->cpu = cpu;
}
