/* sampling.h - which blocks are looked at when not all are, and what each then stands for.
 *
 *     bytes allocated  ----|--------|--------------------|----->   points, at random: on average
 *     blocks           [  ][ ][      ][][ ][              ][ ]     one in T bytes
 *     looked at             ^    ^                ^
 *
 * A block of s bytes has a point in it with probability p = 1 - exp(-s / T), whatever comes before
 * it: so it stands for 1 / p blocks and s / p bytes, and sums of these are unbiased. Their
 * variance is estimated by the sum of s^2 (1 - p) / p^2 over the blocks looked at.
 *
 * What a block stands for depends on s and T alone: its end takes off what its start has added.
 * Memory that is freed is looked up in a set of bits first, by a hash of its address; most is
 * found not to be there. Bits that no block needs any more are cleared by sweeping.
 *
 * The countdown belongs to one thread; the set of bits is written under the caller's lock and read
 * by anybody: a block that is there has its bit set all the time. */
#ifndef TARE_MEMORY_SAMPLING_H
#define TARE_MEMORY_SAMPLING_H

#include "memory/blocks.h"
#include "memory/ledger.h"

typedef struct tare_countdown {
    int64_t  left_bytes; /* below 0 a block is looked at */
    uint64_t random;     /* state of the generator, never 0 */
} tare_countdown;

/* The first point, for a mean of so many bytes. */
void tare_countdown_begin(tare_countdown *countdown, double mean_bytes, uint64_t seed);
/* After a block that had one. */
void tare_countdown_draw(tare_countdown *countdown, double mean_bytes);

/* Whether the block is to be looked at; then draw the next point. */
static inline bool tare_countdown_step(tare_countdown *countdown, uint64_t bytes)
{
    /* A block of no bytes is none of one; no block can take the countdown all the way round. */
    countdown->left_bytes -= bytes < INT64_MAX / 4 ? (int64_t)bytes : INT64_MAX / 4;
    return countdown->left_bytes < 0;
}

/* What a block stands for; a block of no bytes is never looked at. */
tare_held tare_sampling_weigh(uint64_t bytes, double mean_bytes);
/* How far that may be off, squared. */
double tare_sampling_variance(uint64_t bytes, double mean_bytes);

enum { TARE_SAMPLING_BITS = 1 << 16, TARE_SAMPLING_WORDS = TARE_SAMPLING_BITS / 64 };

typedef struct tare_sampling_filter {
    uint64_t words[TARE_SAMPLING_WORDS];
    uint32_t stale_count; /* blocks gone, and looked for in vain, since the last sweep */
} tare_sampling_filter;

static inline uint32_t tare_sampling_bit(uint64_t address)
{
    return (uint32_t)((address >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 48);
}

static inline void tare_sampling_mark(tare_sampling_filter *filter, uint64_t address)
{
    uint32_t bit = tare_sampling_bit(address);
    __atomic_fetch_or(&filter->words[bit / 64], UINT64_C(1) << bit % 64, __ATOMIC_RELAXED);
}

/* false: that address is not among the blocks looked at. */
static inline bool tare_sampling_may_be(const tare_sampling_filter *filter, uint64_t address)
{
    uint32_t bit = tare_sampling_bit(address);
    return (__atomic_load_n(&filter->words[bit / 64], __ATOMIC_RELAXED) >> bit % 64 & 1) != 0;
}

/* A block has gone, or was looked for and is none: sweeps when that happened as often as there are
 * blocks. An allocator gives the same address out again and again, whose bit need not be stale for
 * long. */
void tare_sampling_forget(tare_sampling_filter *filter, const tare_blocks *blocks);

#endif
