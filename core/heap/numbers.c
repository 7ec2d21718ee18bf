/* numbers.c - see numbers.h.
 *
 *     address   |  name - 1  | slot (16 bits) | 4 bits
 *                     |               |
 *     cached[name % 4096] -> chunk -> slots[slot]
 *          | another chunk is there
 *     by_name -> chunks[index]
 *
 * Chunks stay where they are, so that a slot can be written after others were asked for. */
#include "heap/numbers.h"

void tare_numbers_deinit(tare_numbers *table)
{
    for (uint32_t i = 0; i < table->chunk_count; i++)
        tare_release(table->alloc, table->chunks[i], TARE_NUMBERS_SLOTS, sizeof(uint32_t));
    if (table->alloc != NULL) {
        tare_release(table->alloc, table->chunks, table->chunk_capacity, sizeof(uint32_t *));
        tare_map_deinit(&table->by_name, table->alloc);
    }
    *table = (tare_numbers){.alloc = table->alloc};
}

static tare_status make_chunk(tare_numbers *table, uint64_t name, uint32_t **out, tare_error *err)
{
    void *memory = NULL;
    TARE_TRY(tare_grow(table->alloc, (void **)&table->chunks, &table->chunk_capacity,
                       (size_t)table->chunk_count + 1, sizeof *table->chunks, err));
    TARE_TRY(tare_acquire(table->alloc, &memory, TARE_NUMBERS_SLOTS, sizeof(uint32_t), err));
    tare_status status = tare_map_put(&table->by_name, name, table->chunk_count, table->alloc, err);
    if (status != TARE_OK) {
        tare_release(table->alloc, memory, TARE_NUMBERS_SLOTS, sizeof(uint32_t));
        return status;
    }
    *out = table->chunks[table->chunk_count++] = memory;
    return TARE_OK;
}

tare_status tare_numbers_slot_slow(tare_numbers *table, uint64_t address, uint32_t **slot_out,
                                   tare_error *err)
{
    uint64_t            name = address / TARE_NUMBERS_CHUNK_BYTES + 1;
    uint32_t            index = tare_map_get(&table->by_name, name);
    tare_numbers_place *place = &table->cached[name % TARE_NUMBERS_CACHED];
    uint32_t           *slots = NULL;
    if (index != TARE_MAP_ABSENT)
        slots = table->chunks[index];
    else
        TARE_TRY(make_chunk(table, name, &slots, err));
    *place = (tare_numbers_place){.name = name, .slots = slots};
    *slot_out = &slots[address % TARE_NUMBERS_CHUNK_BYTES / TARE_NUMBERS_SPACING];
    return TARE_OK;
}

uint32_t tare_numbers_find(const tare_numbers *table, uint64_t address)
{
    uint64_t                  name = address / TARE_NUMBERS_CHUNK_BYTES + 1;
    uint64_t                  slot = address % TARE_NUMBERS_CHUNK_BYTES / TARE_NUMBERS_SPACING;
    const tare_numbers_place *place = &table->cached[name % TARE_NUMBERS_CACHED];
    if (place->name == name)
        return place->slots[slot];
    uint32_t index = tare_map_get(&table->by_name, name);
    return index != TARE_MAP_ABSENT ? table->chunks[index][slot] : 0;
}
