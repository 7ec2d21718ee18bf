/* random.h - a seeded generator, the same everywhere: SplitMix64 (Steele, Lea, Flood 2014).
 *
 * For drawing again from what was measured; nothing depends on its being hard to guess. */
#ifndef TARE_STATS_RANDOM_H
#define TARE_STATS_RANDOM_H

#include <stdint.h>

typedef struct tare_random {
    uint64_t state; /* any seed */
} tare_random;

static inline uint64_t tare_random_next(tare_random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

/* In [0, bound), bound > 0. Some numbers come more often, by one part in 2^32 / bound. */
static inline uint32_t tare_random_below(tare_random *random, uint32_t bound)
{
    return (uint32_t)((tare_random_next(random) >> 32) * bound >> 32);
}

#endif
