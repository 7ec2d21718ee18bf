/* schedule.h - when to look.
 *
 * Time is cut into periods, and each period has one tick at a uniformly random instant
 * in it. Every instant of the run is equally likely to be looked at, so nothing the
 * program does periodically can hide between ticks; and the number of ticks is the
 * elapsed time over the period, exactly, where exponential gaps would make it vary by
 * its square root. A tick that comes late is not made up for: the ticks it missed are
 * added to its weight, so the weights times the period are the elapsed time.
 * A hole of more than TARE_GAP_NS is no lateness: the machine or the sampler was
 * stopped. It is reported as a gap and given to nobody. */
#ifndef TARE_SAMPLER_SCHEDULE_H
#define TARE_SAMPLER_SCHEDULE_H

#include <stdint.h>

enum { TARE_GAP_NS = 1000000000 };

typedef struct tare_schedule {
    uint64_t start_ns;
    double   period_ns;
    uint64_t seed;
    uint64_t next_slot; /* of the first tick not yet taken */
    uint64_t late_count;
    uint64_t gap_count;
    uint64_t gap_ns;
} tare_schedule;

void tare_schedule_init(tare_schedule *schedule, uint64_t start_ns, double rate_hz, uint64_t seed);
/* The instant of the next tick. */
uint64_t tare_schedule_deadline_ns(const tare_schedule *schedule);
/* Takes all ticks that are due; returns their number, the weight of one look now.
 * 0: none is due. */
uint64_t tare_schedule_take(tare_schedule *schedule, uint64_t now_ns);

/* Random bits that are the same whenever asked for; those of neighbours have nothing in common. */
uint64_t tare_scramble(uint64_t value);

#endif
