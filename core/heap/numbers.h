/* numbers.h - a number for each address of a thing in memory.
 *
 * As in addresses.h two things are at least 16 bytes apart. A chunk of 1 MiB of address space has
 * 65,536 numbers, found through a cache that holds every chunk of a heap of some gigabytes: what
 * an object's number costs is one access to memory, next to that of its neighbours. tare_map with 8
 * million addresses took eleven times as long and nearly twice the memory.
 *
 * Zeroed storage with an allocator is a valid empty table.
 * Cost: slot has O(1); memory 256 KiB for each chunk that was asked for. */
#ifndef TARE_HEAP_NUMBERS_H
#define TARE_HEAP_NUMBERS_H

#include "base/map.h"

enum {
    TARE_NUMBERS_SPACING = 16,
    TARE_NUMBERS_CHUNK_BYTES = 1 << 20,
    TARE_NUMBERS_SLOTS = TARE_NUMBERS_CHUNK_BYTES / TARE_NUMBERS_SPACING,
    TARE_NUMBERS_CACHED = 4096 /* a power of two */
};

typedef struct tare_numbers_place {
    uint64_t  name;  /* address / TARE_NUMBERS_CHUNK_BYTES + 1; 0 = nothing here */
    uint32_t *slots; /* borrowed from chunks */
} tare_numbers_place;

typedef struct tare_numbers {
    const tare_alloc  *alloc;  /* borrowed; must outlive the table */
    uint32_t         **chunks; /* owned, each */
    uint32_t           chunk_count, chunk_capacity;
    tare_map           by_name;
    tare_numbers_place cached[TARE_NUMBERS_CACHED]; /* by the low bits of their name */
} tare_numbers;

void tare_numbers_deinit(tare_numbers *table);

/* Where the number of the address is, 0 until it is written; lasts as long as the table. */
TARE_MUST_USE tare_status tare_numbers_slot_slow(tare_numbers *table, uint64_t address,
                                                 uint32_t **slot_out, tare_error *err);
/* The number, or 0. */
uint32_t tare_numbers_find(const tare_numbers *table, uint64_t address);

static inline TARE_MUST_USE tare_status tare_numbers_slot(tare_numbers *table, uint64_t address,
                                                          uint32_t **slot_out, tare_error *err)
{
    uint64_t                  name = address / TARE_NUMBERS_CHUNK_BYTES + 1;
    const tare_numbers_place *place = &table->cached[name % TARE_NUMBERS_CACHED];
    if (place->name != name)
        return tare_numbers_slot_slow(table, address, slot_out, err);
    *slot_out = &place->slots[address % TARE_NUMBERS_CHUNK_BYTES / TARE_NUMBERS_SPACING];
    return TARE_OK;
}

#endif
