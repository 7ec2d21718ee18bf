/* cpu_meter.h - how much of a stretch of time a thread was on a CPU, at next to no cost.
 *
 * A thread's CPU clock is a system call, 30 times as dear as all the rest of a probe, and between
 * two events a few microseconds apart a thread seldom leaves its CPU. So short gaps are taken to
 * be spent on the CPU, and the clock is read after a long gap or when a millisecond has passed;
 * what it says is then the truth for the whole stretch: the gap gets the difference to what was
 * given already. When more was given than was used, the rest is a debt that later stretches pay.
 * The sum of all that was given is what the clock said when it was read last plus what was given
 * since, less the debt. A wait shorter than a long gap looks like work for at most that
 * millisecond.
 *
 * Thread rule: only the thread whose clock it is takes from it. */
#ifndef TARE_TRACE_CPU_METER_H
#define TARE_TRACE_CPU_METER_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed is valid: off. */
typedef struct tare_cpu_meter {
    bool     on;
    uint64_t read_ticks; /* when the thread's clock was read last */
    uint64_t read_ns;    /* what it said */
    uint64_t given_ns;   /* since then, by wall time */
    uint64_t debt_ns;    /* given before, and not used: taken off what comes */
    double   ns_per_tick;
} tare_cpu_meter;

/* The clock is read at the thread's next event. */
tare_cpu_meter tare_cpu_meter_on(double ns_per_tick);

/* CPU time of the ticks that have just passed; all of them must be told. */
uint64_t tare_cpu_meter_take(tare_cpu_meter *meter, uint64_t now, uint64_t ticks);

#endif
