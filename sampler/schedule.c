/* schedule.c - see schedule.h. Cost: O(1) per tick, no state but a counter: the instant in
 * a slot is a hash of seed and slot. */
#include "sampler/schedule.h"

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t tare_scramble(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static uint64_t instant_ns(const tare_schedule *schedule, uint64_t slot)
{
    double fraction = (double)(tare_scramble(schedule->seed ^ tare_scramble(slot)) >> 11) * 0x1p-53;
    return schedule->start_ns + (uint64_t)(((double)slot + fraction) * schedule->period_ns);
}

void tare_schedule_init(tare_schedule *schedule, uint64_t start_ns, double rate_hz, uint64_t seed)
{
    *schedule = (tare_schedule){.start_ns = start_ns, .period_ns = 1e9 / rate_hz, .seed = seed};
}

uint64_t tare_schedule_deadline_ns(const tare_schedule *schedule)
{
    return instant_ns(schedule, schedule->next_slot);
}

uint64_t tare_schedule_take(tare_schedule *schedule, uint64_t now_ns)
{
    double   elapsed_ns = (double)(now_ns - schedule->start_ns);
    uint64_t slot = (uint64_t)(elapsed_ns / schedule->period_ns);
    uint64_t behind = instant_ns(schedule, slot) <= now_ns ? slot + 1 : slot;
    if (behind <= schedule->next_slot)
        return 0;
    uint64_t weight = behind - schedule->next_slot;
    uint64_t hole_ns = (uint64_t)((double)(weight - 1) * schedule->period_ns);
    schedule->next_slot = behind;
    if (hole_ns > TARE_GAP_NS && weight > 2) {
        schedule->gap_count++;
        schedule->gap_ns += hole_ns;
        return 1;
    }
    schedule->late_count += weight - 1;
    return weight;
}
