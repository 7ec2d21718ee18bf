/* cost.h - what it costs to hear of a call, and in whose time that cost lies.
 *
 *     caller   ...........|start|                     |end|...........
 *                            ^ clock                    ^ clock
 *     callee                   |start|.............|end|
 *
 * A probe reads the clock somewhere in its middle. What it does before at the start of a call, and
 * after at the end, is charged to the caller (outside); the rest to the callee (inside). While a
 * profile function is set, Python code is slower between the events as well (slowdown).
 *
 * All three are measured by running loops that only call, with a probe and without: see
 * tare_costs_measured. Several shapes of calls differ in what they cost; so does the machine's pace
 * from one tenth of a second to the next, for a processor is shared with others. Both are in
 * error_ns, so that times come with a bound: (T - cost) +- error. */
#ifndef TARE_TRACE_COST_H
#define TARE_TRACE_COST_H

#include <stddef.h>

typedef enum tare_cost_kind {
    TARE_COST_CALL,         /* of a Python function */
    TARE_COST_RESUME,       /* of a generator or coroutine, and its next suspension */
    TARE_COST_NATIVE,       /* of a C function */
    TARE_COST_ANNOUNCEMENT, /* of a Python function before it starts: all of it the caller's */
    TARE_COST_KIND_COUNT
} tare_cost_kind;

typedef struct tare_cost {
    double inside_ns, outside_ns; /* of one pair of events, as the clock sees them; >= 0 */
    double error_ns;              /* of both together */
} tare_cost;

/* Zeroed with slowdown = 1 takes nothing off. */
typedef struct tare_costs {
    tare_cost of[TARE_COST_KIND_COUNT];
    double    slowdown; /* of Python code while it is heard: >= 1 */
    double    slowdown_error;
} tare_costs;

/* One shape of calls, in nanoseconds a call, the fastest of several runs. */
typedef struct tare_cost_loop {
    tare_cost_kind kind;
    double         plain_ns;  /* a turn of the loop without a probe */
    double         heard_ns;  /* with one */
    double         callee_ns; /* of which the callee was charged so much */
    double         body_ns;   /* what the callee itself takes without a probe */
} tare_cost_loop;

/* The mean of the shapes of each kind, and half of what they differ by. costs->slowdown is set
 * before. Kinds without a loop cost nothing. */
void tare_costs_measured(tare_costs *costs, const tare_cost_loop *loops, size_t count);

/* The bound for so many pairs of events: half_width of what the machine's pace may do. */
double tare_cost_error_ns(const tare_cost *cost, double count);

#endif
