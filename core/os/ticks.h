/* ticks.h - the cheapest clock there is, and what its ticks are in nanoseconds.
 *
 * A probe that runs at each call of a program cannot afford a system clock: reading
 * CLOCK_MONOTONIC costs as much as the rest of the probe. The processor's own counter costs a
 * third of that, where it runs at one speed whatever the processor does (x86-64 with an
 * invariant TSC that Linux itself keeps time by, aarch64 always). Elsewhere a tick is a
 * nanosecond of CLOCK_MONOTONIC.
 *
 *     start                                     now
 *      | ticks, ns  .......................  ticks, ns |     ns per tick = difference / difference
 *
 * so the longer the measurement, the better the factor: two readings of some 50 ns each, over
 * 10 ms, are right to 1 in 100,000. */
#ifndef TARE_OS_TICKS_H
#define TARE_OS_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

typedef struct tare_ticks {
    bool     counter;     /* ticks are the processor's; else nanoseconds */
    uint64_t start_ticks; /* both read at tare_ticks_init */
    uint64_t start_ns;    /* CLOCK_MONOTONIC */
} tare_ticks;

/* Decides which clock, and reads it for the first time. Some system calls. */
void tare_ticks_init(tare_ticks *clock);

/* Nanoseconds in a tick by now. Reads both clocks. */
double tare_ticks_ns_ratio(const tare_ticks *clock);

uint64_t tare_ticks_monotonic(void); /* the fallback: CLOCK_MONOTONIC */

/* CPU time of the calling thread. A system call. */
uint64_t tare_ticks_thread_cpu_ns(void);

static inline uint64_t tare_ticks_read(const tare_ticks *clock)
{
#if defined(__x86_64__)
    if (clock->counter)
        return __rdtsc();
#elif defined(__aarch64__)
    if (clock->counter) {
        uint64_t ticks;
        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
        return ticks;
    }
#endif
    return tare_ticks_monotonic();
}

#endif
