/* share.c - largest remainders: each part is rounded down, and what is left over goes out one by
 * one.
 *
 *     10 by 1 : 1 : 1  ->  3.33 3.33 3.33  ->  3 3 3, one left  ->  4 3 3
 *
 * Cost: see share.h; 16 bytes per part while it runs. */
#include "io/share.h"

#include <math.h>
#include <stdlib.h>

typedef struct remainder_of {
    double   lost; /* by rounding down */
    uint32_t index;
} remainder_of;

static int compare_remainders(const void *left_item, const void *right_item)
{
    const remainder_of *left = left_item;
    const remainder_of *right = right_item;
    if (left->lost != right->lost)
        return left->lost < right->lost ? 1 : -1;
    return (left->index > right->index) - (left->index < right->index);
}

/* Returns what is left of total. */
static uint64_t round_down(uint64_t total, const double *weights, uint32_t count, uint64_t *parts,
                           remainder_of *remainders)
{
    long double sum = 0;
    uint64_t    left = total;
    for (uint32_t i = 0; i < count; i++)
        sum += weights[i];
    for (uint32_t i = 0; i < count; i++) {
        long double part = sum > 0 ? (long double)total * weights[i] / sum : 0;
        uint64_t    whole = part < (long double)left ? (uint64_t)part : left;
        parts[i] = whole;
        left -= whole;
        remainders[i] = (remainder_of){.lost = (double)(part - (long double)whole), .index = i};
    }
    return left;
}

tare_status tare_share_out(uint64_t total, const double *weights, uint32_t count, uint64_t *parts,
                           const tare_alloc *alloc, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof(remainder_of), err));
    remainder_of *remainders = memory;
    uint64_t      left = round_down(total, weights, count, parts, remainders);
    if (left > 0)
        qsort(remainders, count, sizeof *remainders, compare_remainders);
    for (uint32_t i = 0; i < count && left > 0 && remainders[i].lost > 0; i++, left--)
        parts[remainders[i].index]++;
    parts[remainders[0].index] += left; /* nothing weighs anything, or what rounding has lost */
    tare_release(alloc, remainders, count, sizeof *remainders);
    return TARE_OK;
}
