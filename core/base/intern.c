/* intern.c - strings end to end, found again by their hash.
 *
 *     bytes    | \0 | m a i n \0 | j s o n . p y \0 | ...
 *     offsets  0    1            6                  14      (one more than count)
 *     by_hash  hash("main") -> 1, hash("json.py") -> 2
 *
 * Two strings with one 64-bit hash are next to never met, but must not be mixed up: the
 * second is put under hash + 1, and a search goes on from a key whose string differs.
 * The hash depends on the map's seed, so names chosen by others cannot be made to collide.
 * The seed exists once the empty string was put, which therefore goes first, under key 0.
 * Cost: add O(length); about 25 ns for a name that is known. */
#include "base/intern.h"

#include <stdbool.h>
#include <string.h>

void tare_intern_deinit(tare_intern *table, const tare_alloc *alloc)
{
    tare_release(alloc, table->bytes, table->bytes_capacity, 1);
    tare_release(alloc, table->offsets, table->offsets_capacity, sizeof *table->offsets);
    tare_map_deinit(&table->by_hash, alloc);
    *table = (tare_intern){0};
}

tare_text tare_intern_get(const tare_intern *table, uint32_t id)
{
    if (id >= table->count)
        return (tare_text){.bytes = ""};
    uint32_t begin = table->offsets[id];
    return (tare_text){.bytes = table->bytes + begin, .size = table->offsets[id + 1] - begin - 1};
}

static uint64_t hash_bytes(const char *bytes, size_t size, uint64_t seed)
{
    uint64_t hash = size;
    uint64_t word;
    for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = tare_mix(hash ^ word, seed);
    }
    word = 0;
    memcpy(&word, bytes, size);
    return tare_mix(hash ^ word, seed);
}

static bool is_text(const tare_intern *table, uint32_t id, const char *bytes, size_t size)
{
    tare_text text = tare_intern_get(table, id);
    return text.size == size && (size == 0 || memcmp(text.bytes, bytes, size) == 0);
}

/* Also says under which key the bytes are, or would be. The table is not empty. */
static uint32_t find_text(const tare_intern *table, const char *bytes, size_t size,
                          uint64_t *key_out)
{
    uint64_t key = size == 0 ? 0 : hash_bytes(bytes, size, table->by_hash.seed);
    uint32_t id = tare_map_get(&table->by_hash, key);
    while (id != TARE_MAP_ABSENT && !is_text(table, id, bytes, size))
        id = tare_map_get(&table->by_hash, ++key);
    *key_out = key;
    return id;
}

uint32_t tare_intern_find(const tare_intern *table, const char *bytes, size_t size)
{
    uint64_t key;
    return table->count == 0 ? TARE_MAP_ABSENT : find_text(table, bytes, size, &key);
}

static tare_status make_room(tare_intern *table, size_t size, const tare_alloc *alloc,
                             tare_error *err)
{
    size_t bytes_need = 0;
    if (__builtin_add_overflow(size, table->bytes_size + (size_t)1, &bytes_need))
        bytes_need = SIZE_MAX;
    void *memory = table->bytes;
    TARE_TRY(tare_grow(alloc, &memory, &table->bytes_capacity, bytes_need, 1, err));
    table->bytes = memory;
    memory = table->offsets;
    TARE_TRY(tare_grow(alloc, &memory, &table->offsets_capacity, table->count + (size_t)2,
                       sizeof *table->offsets, err));
    table->offsets = memory;
    return TARE_OK;
}

static tare_status append(tare_intern *table, const char *bytes, size_t size, uint64_t key,
                          const tare_alloc *alloc, tare_error *err)
{
    uint32_t begin = table->bytes_size;
    TARE_TRY(make_room(table, size, alloc, err));
    TARE_TRY(tare_map_put(&table->by_hash, key, table->count, alloc, err));
    memcpy(table->bytes + begin, bytes, size);
    table->bytes[begin + size] = '\0';
    table->bytes_size = begin + (uint32_t)size + 1;
    table->offsets[table->count] = begin;
    table->offsets[++table->count] = table->bytes_size;
    return TARE_OK;
}

tare_status tare_intern_add(tare_intern *table, const char *bytes, size_t size,
                            const tare_alloc *alloc, uint32_t *id_out, tare_error *err)
{
    if (table->count == 0)
        TARE_TRY(append(table, "", 0, 0, alloc, err));
    uint64_t key;
    uint32_t id = find_text(table, bytes, size, &key);
    if (id == TARE_MAP_ABSENT) {
        id = table->count;
        TARE_TRY(append(table, bytes, size, key, alloc, err));
    }
    *id_out = id;
    return TARE_OK;
}
