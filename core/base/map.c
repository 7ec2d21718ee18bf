/* map.c - putting into the map, and its growth.
 *
 *     keys     |  ?  | k1 | k2 |  ?  | k3 |  ?  |  ?  |  ?  |
 *     values   | --- |  7 |  0 | --- |  2 | --- | --- | --- |      --- = TARE_MAP_ABSENT
 *                      ^ mix(k1, seed) & (capacity - 1); k2 wanted the same slot
 *
 * What a free slot's key is does not matter: a search that stops at it, by its key or by its
 * value, finds TARE_MAP_ABSENT. So clearing touches values only, and a search that ends at
 * the first slot loads one key and one value.
 *
 * The seed comes from the addresses of the first block and of the stack, which the system
 * lays out anew for every run; it costs no system call. Nothing outside sees an order of
 * slots, so ids do not depend on it.
 * Cost: put as get, about 4 ns warm in a small map; growth copies every key once. */
#include "base/map.h"

#include <string.h>

#ifdef TARE_HARD
enum { FIRST_CAPACITY = 4 };
#else
enum { FIRST_CAPACITY = 16 };
#endif

enum { MAX_CAPACITY = 1 << 30 };

void tare_map_deinit(tare_map *map, const tare_alloc *alloc)
{
    tare_release(alloc, map->keys, map->capacity, sizeof *map->keys);
    tare_release(alloc, map->values, map->capacity, sizeof *map->values);
    *map = (tare_map){0};
}

static void mark_free(tare_map *map)
{
    memset(map->values, 0xff, map->capacity * sizeof *map->values);
}

void tare_map_clear(tare_map *map)
{
    if (map->capacity > 0)
        mark_free(map);
    map->count = 0;
}

static uint64_t choose_seed(const void *block)
{
    uint64_t on_stack = (uint64_t)(uintptr_t)&block;
    uint64_t seed = (uint64_t)(uintptr_t)block ^ on_stack << 29;
    return tare_mix(seed, 0x9e3779b97f4a7c15) | 1; /* 2^64 / golden ratio: dense in both bits */
}

static void place(tare_map *map, uint64_t key, uint32_t value)
{
    uint32_t slot = tare_map_slot(map, key);
    map->count += map->values[slot] == TARE_MAP_ABSENT;
    map->keys[slot] = key;
    map->values[slot] = value;
}

static tare_status rehash(tare_map *map, uint32_t capacity, const tare_alloc *alloc,
                          tare_error *err)
{
    tare_map    bigger = {.capacity = capacity};
    void       *memory = NULL;
    tare_status status = tare_acquire(alloc, &memory, capacity, sizeof *bigger.keys, err);
    bigger.keys = memory;
    if (status == TARE_OK) {
        status = tare_acquire(alloc, &memory, capacity, sizeof *bigger.values, err);
        bigger.values = memory;
    }
    if (status != TARE_OK) {
        tare_map_deinit(&bigger, alloc);
        return status;
    }
    bigger.seed = map->seed != 0 ? map->seed : choose_seed(bigger.keys);
    mark_free(&bigger);
    for (uint32_t slot = 0; slot < map->capacity; slot++) {
        if (map->values[slot] != TARE_MAP_ABSENT)
            place(&bigger, map->keys[slot], map->values[slot]);
    }
    tare_map_deinit(map, alloc);
    *map = bigger;
    return TARE_OK;
}

static tare_status make_room(tare_map *map, const tare_alloc *alloc, tare_error *err)
{
    if (map->count < map->capacity / 4 * 3)
        return TARE_OK;
    if (map->capacity == MAX_CAPACITY)
        return tare_fail(err, TARE_LIMIT, "add to a map: its %u keys are the most", map->count);
    return rehash(map, map->capacity == 0 ? FIRST_CAPACITY : 2 * map->capacity, alloc, err);
}

tare_status tare_map_put(tare_map *map, uint64_t key, uint32_t value, const tare_alloc *alloc,
                         tare_error *err)
{
    if (tare_map_get(map, key) == TARE_MAP_ABSENT)
        TARE_TRY(make_room(map, alloc, err));
    place(map, key, value);
    return TARE_OK;
}
