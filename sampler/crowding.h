/* crowding.h - do threads that wake up have to wait for a CPU?
 *
 * Where every CPU is busy with programs of other groups (another session, another container), a
 * thread that seldom runs can wait for seconds: Linux divides the time of a CPU among groups by
 * the work that they have there, and ours has next to none where the target is not. Beside the
 * target it has the target's. But there what the target does decides when we wake up, which makes
 * shares wrong by some points: a last resort.
 *
 *     late                       late  late            a tick, later than LATE_NS
 *     |~~~~~~ calm_ns ~~~~~|.....|~~~~~|~~~~~ twice as long ~~~~~|....      ~ crowded
 *
 * One late tick counts for a while, and for longer each time that trying again made one soon. */
#ifndef TARE_SAMPLER_CROWDING_H
#define TARE_SAMPLER_CROWDING_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed is valid: not crowded. */
typedef struct tare_crowding {
    uint64_t until_ns;
    uint64_t calm_ns;
} tare_crowding;

/* A tick came so late. */
void tare_crowding_note(tare_crowding *crowding, uint64_t now_ns, uint64_t late_ns);

bool tare_crowding_is(const tare_crowding *crowding, uint64_t now_ns);

#endif
