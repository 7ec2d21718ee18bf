/* addresses.c - see addresses.h.
 *
 *     address   |  chunk number  | slot (16 bits) | 4 bits
 *                      |                |
 *     cached[number % 64] -> chunk -> words[slot / 64], bit slot % 64
 *          | another chunk is there
 *     by_number
 *
 * The cache holds one chunk for each of its places, whichever was used last. What an allocator
 * hands out one after the other lies in few chunks, so the map is seldom asked. */
#include "heap/addresses.h"

#include <string.h>

void tare_addresses_deinit(tare_addresses *set)
{
    for (uint32_t i = 0; i < set->chunk_count; i++)
        tare_release(set->alloc, set->chunks[i], 1, sizeof *set->chunks[i]);
    if (set->alloc != NULL) {
        tare_release(set->alloc, set->chunks, set->chunk_capacity, sizeof(void *));
        tare_map_deinit(&set->by_number, set->alloc);
    }
    *set = (tare_addresses){.alloc = set->alloc};
}

void tare_addresses_clear(tare_addresses *set)
{
    for (uint32_t i = 0; i < set->chunk_count; i++)
        memset(set->chunks[i]->words, 0, sizeof set->chunks[i]->words);
    set->count = 0;
}

static tare_addresses_chunk *find_chunk(const tare_addresses *set, uint64_t number)
{
    uint32_t index = tare_map_get(&set->by_number, number);
    return index != TARE_MAP_ABSENT ? set->chunks[index] : NULL;
}

static tare_status make_chunk(tare_addresses *set, uint64_t number, tare_addresses_chunk **out,
                              tare_error *err)
{
    void *memory = NULL;
    TARE_TRY(tare_grow(set->alloc, (void **)&set->chunks, &set->chunk_capacity,
                       (size_t)set->chunk_count + 1, sizeof *set->chunks, err));
    TARE_TRY(tare_acquire(set->alloc, &memory, 1, sizeof **out, err));
    tare_status status = tare_map_put(&set->by_number, number, set->chunk_count, set->alloc, err);
    if (status != TARE_OK) {
        tare_release(set->alloc, memory, 1, sizeof **out);
        return status;
    }
    *out = memory;
    (*out)->number = number;
    set->chunks[set->chunk_count++] = *out;
    return TARE_OK;
}

tare_status tare_addresses_add_slow(tare_addresses *set, uint64_t address, bool *new_out,
                                    tare_error *err)
{
    uint64_t              number = address / TARE_ADDRESSES_CHUNK_BYTES;
    tare_addresses_chunk *chunk = find_chunk(set, number);
    if (chunk == NULL)
        TARE_TRY(make_chunk(set, number, &chunk, err));
    set->cached[number % TARE_ADDRESSES_CACHED] = chunk;
    return tare_addresses_add(set, address, new_out, err);
}

bool tare_addresses_has(const tare_addresses *set, uint64_t address)
{
    const tare_addresses_chunk *chunk = find_chunk(set, address / TARE_ADDRESSES_CHUNK_BYTES);
    uint64_t slot = address % TARE_ADDRESSES_CHUNK_BYTES / TARE_ADDRESSES_SPACING;
    return chunk != NULL && (chunk->words[slot / 64] >> slot % 64 & 1) != 0;
}
