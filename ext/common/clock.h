/* clock.h - how tare-agent-clock and an extension module find each other.
 *
 *     the program --clock_gettime, sleep, poll, ...--> tare-agent-clock --> the C library
 *                                                            |
 *     the extension --begin, end-----------------------------'
 *
 * tare-agent-clock is loaded before everything else when a function is to take no time, and only
 * then. For the program, clocks run slower by a part of the CPU time that a thread has between
 * begin and end, and what it sleeps or waits for with a timeout takes so much longer: as if that
 * part had taken no time while everything else took what it takes. */
#ifndef TARE_EXT_CLOCK_H
#define TARE_EXT_CLOCK_H

#include <stdint.h>

/* Called with the GIL. */
typedef struct tare_clock_functions {
    void (*begin)(void); /* the calling thread's CPU time is hidden from now on */
    void (*end)(void);
    void (*forget)(void);        /* in a forked child: what other threads had begun */
    uint64_t (*hidden_ns)(void); /* by now */
    uint64_t (*hidden_line_ns)(
        void); /* of it, a thread was ready and had no CPU; until the last end */
} tare_clock_functions;

/* part: of the CPU time, up to 1. The functions stay valid for the rest of the process's life. */
typedef const tare_clock_functions *(*tare_clock_start_function)(double part);

#define TARE_CLOCK_SYMBOL "tare_clock_start"

#endif
