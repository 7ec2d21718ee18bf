/* sampling.c - see sampling.h.
 *
 * Points are a Poisson process over the bytes: the gap to the next is exponential, and has no
 * memory, so that it can be drawn anew at the end of a block that was looked at. Drawn that rarely
 * it may cost a logarithm. The generator is xorshift64*, one per thread. */
#include "memory/sampling.h"

#include <math.h>
#include <string.h>

enum { LEAST_STALE = 64 };

static uint64_t step(tare_countdown *countdown)
{
    uint64_t x = countdown->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    countdown->random = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

void tare_countdown_draw(tare_countdown *countdown, double mean_bytes)
{
    double fraction = ((double)(step(countdown) >> 11) + 0.5) * 0x1p-53; /* in (0, 1) */
    countdown->left_bytes = (int64_t)(-log(fraction) * mean_bytes);
}

void tare_countdown_begin(tare_countdown *countdown, double mean_bytes, uint64_t seed)
{
    countdown->random = seed != 0 ? seed : 1;
    for (int i = 0; i < 8; i++)
        (void)step(countdown);
    tare_countdown_draw(countdown, mean_bytes);
}

static double probability(uint64_t bytes, double mean_bytes)
{
    return -expm1(-(double)bytes / mean_bytes);
}

tare_held tare_sampling_weigh(uint64_t bytes, double mean_bytes)
{
    double p = probability(bytes, mean_bytes);
    if (p <= 0)
        return (tare_held){0};
    return (tare_held){.bytes = (uint64_t)((double)bytes / p + 0.5),
                       .count = (uint64_t)(TARE_LEDGER_ONE / p + 0.5)};
}

double tare_sampling_variance(uint64_t bytes, double mean_bytes)
{
    double p = probability(bytes, mean_bytes);
    return p > 0 ? (double)bytes * (double)bytes * (1 - p) / (p * p) : 0;
}

/* Words change from what they are to what is needed of it, so that no bit of a block that is there
 * is ever missing. */
static void sweep(tare_sampling_filter *filter, const tare_blocks *blocks)
{
    uint64_t   needed[TARE_SAMPLING_WORDS];
    uint64_t   address;
    tare_block block;
    memset(needed, 0, sizeof needed);
    for (uint32_t at = 0; tare_blocks_next(blocks, &at, &address, &block);) {
        uint32_t bit = tare_sampling_bit(address);
        needed[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    for (uint32_t i = 0; i < TARE_SAMPLING_WORDS; i++)
        __atomic_store_n(&filter->words[i], needed[i], __ATOMIC_RELAXED);
}

void tare_sampling_forget(tare_sampling_filter *filter, const tare_blocks *blocks)
{
    uint32_t stale = filter->stale_count + 1;
    if (stale >= LEAST_STALE && stale > blocks->count) {
        sweep(filter, blocks);
        stale = 0;
    }
    filter->stale_count = stale;
}
