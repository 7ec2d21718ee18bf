/* map.h - hash map from a 64-bit key to a 32-bit index.
 *
 * Core needs one kind of map: a packed key (an address, two 32-bit ids) to an
 * index in some array. Open addressing with linear probing, load at most 3/4,
 * capacity a power of two, no removal of single keys (clear drops all).
 * Keys are mixed with a per-map seed, because addresses and names come from
 * foreign memory. Zeroed storage is a valid empty map.
 * Cost: get and put O(1) expected; growth rehashes, amortised O(1).
 * get and the mixer are inline: they run for every frame of every sample. */
#ifndef TARE_BASE_MAP_H
#define TARE_BASE_MAP_H

#include "base/alloc.h"

#define TARE_MAP_ABSENT UINT32_MAX

typedef struct tare_map {
    uint64_t *keys;     /* owned; capacity items */
    uint32_t *values;   /* owned; TARE_MAP_ABSENT marks a free slot */
    uint32_t  capacity; /* 0 or a power of two */
    uint32_t  count;
    uint64_t  seed; /* odd; 0 before the first put, then the same until deinit */
} tare_map;

void tare_map_deinit(tare_map *map, const tare_alloc *alloc);
void tare_map_clear(tare_map *map); /* keeps the storage and the seed */

/* Sets or replaces; value must not be TARE_MAP_ABSENT. On failure the map is unchanged. */
TARE_MUST_USE tare_status tare_map_put(tare_map *map, uint64_t key, uint32_t value,
                                       const tare_alloc *alloc, tare_error *err);

static inline uint64_t tare_pack(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* Spreads a key over 64 bits. Both factors are secret, so that no set of keys collides
 * whatever the seed is. With an odd seed, different keys stay different. Without the first
 * line, the pairs of a tree's nodes cluster under one seed in a hundred. */
static inline uint64_t tare_mix(uint64_t key, uint64_t seed)
{
    key ^= key >> 32;
    key *= seed;
    key ^= key >> 32;
    key *= seed;
    return key ^ key >> 32;
}

/* The slot that holds key, or the free one in which it belongs. capacity must not be 0;
 * ends because a quarter of the slots is free. */
static inline uint32_t tare_map_slot(const tare_map *map, uint64_t key)
{
    uint32_t mask = map->capacity - 1;
    uint32_t slot = (uint32_t)tare_mix(key, map->seed) & mask;
    while (map->keys[slot] != key && map->values[slot] != TARE_MAP_ABSENT)
        slot = (slot + 1) & mask;
    return slot;
}

/* The value, or TARE_MAP_ABSENT. */
static inline uint32_t tare_map_get(const tare_map *map, uint64_t key)
{
    return map->capacity == 0 ? TARE_MAP_ABSENT : map->values[tare_map_slot(map, key)];
}

#endif
