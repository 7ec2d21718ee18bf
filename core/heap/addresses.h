/* addresses.h - a set of addresses of things in memory.
 *
 * Two things are at least 16 bytes apart, so address / 16 names one of them. A chunk of 1 MiB of
 * address space has a bitmap of 8 KiB, found through a small cache and a hash map behind it: a
 * million objects cost some hundred kilobytes, and a test of one costs what a bit costs.
 *
 * Zeroed storage with an allocator is a valid empty set.
 * Cost: add and has O(1); memory 8 KiB for each chunk that has an address in it. */
#ifndef TARE_HEAP_ADDRESSES_H
#define TARE_HEAP_ADDRESSES_H

#include "base/map.h"

#include <stdbool.h>

enum {
    TARE_ADDRESSES_SPACING = 16,
    TARE_ADDRESSES_CHUNK_BYTES = 1 << 20,
    TARE_ADDRESSES_WORDS = TARE_ADDRESSES_CHUNK_BYTES / TARE_ADDRESSES_SPACING / 64,
    TARE_ADDRESSES_CACHED = 1024 /* chunks that are found without the map; a power of two */
};

typedef struct tare_addresses_chunk {
    uint64_t number; /* address / TARE_ADDRESSES_CHUNK_BYTES */
    uint64_t words[TARE_ADDRESSES_WORDS];
} tare_addresses_chunk;

typedef struct tare_addresses {
    const tare_alloc      *alloc;  /* borrowed; must outlive the set */
    tare_addresses_chunk **chunks; /* owned, each */
    uint32_t               chunk_count, chunk_capacity;
    tare_map               by_number;
    uint64_t               count;                         /* of addresses */
    tare_addresses_chunk  *cached[TARE_ADDRESSES_CACHED]; /* by the low bits of their number */
} tare_addresses;

void tare_addresses_deinit(tare_addresses *set);
void tare_addresses_clear(tare_addresses *set); /* keeps the chunks */

/* new_out: whether it was not there before. On failure the set is as it was. */
TARE_MUST_USE tare_status tare_addresses_add_slow(tare_addresses *set, uint64_t address,
                                                  bool *new_out, tare_error *err);
bool                      tare_addresses_has(const tare_addresses *set, uint64_t address);

static inline TARE_MUST_USE tare_status tare_addresses_add(tare_addresses *set, uint64_t address,
                                                           bool *new_out, tare_error *err)
{
    uint64_t              number = address / TARE_ADDRESSES_CHUNK_BYTES;
    tare_addresses_chunk *chunk = set->cached[number % TARE_ADDRESSES_CACHED];
    if (chunk == NULL || chunk->number != number)
        return tare_addresses_add_slow(set, address, new_out, err);
    uint64_t  slot = address % TARE_ADDRESSES_CHUNK_BYTES / TARE_ADDRESSES_SPACING;
    uint64_t *word = &chunk->words[slot / 64];
    uint64_t  bit = UINT64_C(1) << slot % 64;
    *new_out = (*word & bit) == 0;
    *word |= bit;
    set->count += *new_out;
    return TARE_OK;
}

#endif
