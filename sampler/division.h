/* division.h - whose is the program's time, tick by tick.
 *
 * The times of threads overlap, so their sum says nothing about how much the program could
 * gain. Each tick is therefore divided: equally among all threads that run in it, in whichever
 * process and whether in Python or in native code; when none runs, it belongs to the main
 * thread of the first process, wherever that waits. The parts add up to the ticks, to the
 * nanosecond (metric.h).
 *
 * A thread with stacks in several interpreters has one part: of its claims one to run counts
 * before one to wait, then the higher rank, then the first. One writer; nothing is kept from
 * tick to tick.
 * Cost: O(1) a claim; one addition to the profile for each thread that runs, two for waiting. */
#ifndef TARE_SAMPLER_DIVISION_H
#define TARE_SAMPLER_DIVISION_H

#include "model/profile.h"

typedef struct tare_place {
    uint32_t node;
    uint32_t label_set;
} tare_place;

/* Kept with each thread; zeroed at first. */
typedef struct tare_claim {
    uint64_t tick;  /* in which the rest holds */
    uint32_t index; /* of its place in running */
    bool     runs;
    int      rank;
} tare_claim;

typedef struct tare_division {
    const tare_alloc *alloc;   /* borrowed */
    tare_place       *running; /* owned; of this tick */
    uint32_t          running_count, running_capacity;
    tare_place        waiting;
    uint64_t          tick; /* counts; claims of earlier ones are void */
} tare_division;

void tare_division_init(tare_division *division, const tare_alloc *alloc);
void tare_division_deinit(tare_division *division); /* no-op on zeroed storage */

/* waiting: whose the tick is when nobody claims it. */
void tare_division_begin(tare_division *division, tare_place waiting);

/* A thread runs there. */
TARE_MUST_USE tare_status tare_division_run(tare_division *division, tare_claim *claim,
                                            tare_place place, int rank, tare_error *err);
/* The main thread of the first process waits there. */
void tare_division_wait(tare_division *division, tare_claim *claim, tare_place place, int rank);

/* Adds the parts to the profile, whose metrics have the ids of metric.h. */
TARE_MUST_USE tare_status tare_division_end(const tare_division *division, tare_profile *profile,
                                            uint64_t weight_ns, tare_error *err);

#endif
