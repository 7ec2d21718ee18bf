/* blocks.h - the blocks of memory that are held now: address -> cell, bytes, birth.
 *
 *     slot    where   address 48 bits | birth 16 bits          0 = free
 *             what    cell 21 bits | watched 1 bit | bytes 42 bits
 *
 * 16 bytes a slot and a load of 8/15 to 4/5, so 20 to 30 bytes a block; when blocks go, the table
 * shrinks at a load of 1/5, but not below half a MiB. Growing copies: for that moment there are two
 * tables.
 *
 * A watched block is one whose end somebody wants to know of. One that is watched but was there
 * before has no cell and no bytes.
 *
 * Births are counted in ticks of the caller's; when these pass 16 bits, tare_blocks_age halves
 * them all. Of a block's bytes no more than 4 TiB - 1 are told.
 *
 * Invariant: from the slot where a block belongs to the one where it is none is free.
 * Zeroed storage with an allocator is a valid empty table. No locks.
 * Cost: get, put and take O(1) expected, one cache line of the table; growing O(blocks). */
#ifndef TARE_MEMORY_BLOCKS_H
#define TARE_MEMORY_BLOCKS_H

#include "base/alloc.h"

#include <stdbool.h>

enum {
    TARE_BLOCKS_MAX_CELLS = (1 << 21) - 1, /* numbers below it; this one means none */
    TARE_BLOCKS_NO_CELL = TARE_BLOCKS_MAX_CELLS,
    TARE_BLOCKS_MAX_BIRTH = UINT16_MAX
};
#define TARE_BLOCKS_MAX_BYTES ((UINT64_C(1) << 42) - 1)
#define TARE_BLOCKS_MAX_ADDRESS ((UINT64_C(1) << 48) - 1)

typedef struct tare_block {
    uint64_t bytes; /* <= TARE_BLOCKS_MAX_BYTES */
    uint32_t cell;  /* TARE_BLOCKS_NO_CELL: only watched */
    uint16_t birth;
    bool     watched;
} tare_block;

typedef struct tare_block_slot {
    uint64_t where, what;
} tare_block_slot;

typedef struct tare_blocks {
    const tare_alloc *alloc; /* borrowed */
    tare_block_slot  *slots; /* owned */
    uint32_t          capacity;
    uint32_t          count;
    uint32_t          grow_at, shrink_at; /* counts */
} tare_blocks;

void tare_blocks_deinit(tare_blocks *blocks); /* no-op on zeroed storage */

/* Makes room for one more. On failure the table is unchanged. */
TARE_MUST_USE tare_status tare_blocks_grow(tare_blocks *blocks, tare_error *err);
/* After blocks were taken; without memory it stays as large as it is. */
void tare_blocks_shrink(tare_blocks *blocks);
/* Closes the gap at a slot that was emptied. */
void tare_blocks_close_gap(tare_blocks *blocks, uint32_t gap);
/* Halves all births. O(capacity). */
void tare_blocks_age(tare_blocks *blocks);
/* All blocks, one after the other: *at is 0 at first. false: there are no more. */
bool tare_blocks_next(const tare_blocks *blocks, uint32_t *at, uint64_t *address_out,
                      tare_block *block_out);

/* ---- the hot path ---- */

static inline uint32_t tare_blocks_home(uint64_t address, uint32_t capacity)
{
    uint64_t hash = (address >> 4 ^ address << 60) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)((hash >> 32) * capacity >> 32);
}

/* The slot of that address, or the free one in which it belongs. capacity must not be 0. */
static inline tare_block_slot *tare_blocks_find(const tare_blocks *blocks, uint64_t address)
{
    tare_block_slot *slot = &blocks->slots[tare_blocks_home(address, blocks->capacity)];
    while (slot->where >> 16 != address && slot->where != 0)
        if (++slot == blocks->slots + blocks->capacity)
            slot = blocks->slots;
    return slot;
}

static inline tare_block tare_blocks_unpack(const tare_block_slot *slot)
{
    return (tare_block){.bytes = slot->what & TARE_BLOCKS_MAX_BYTES,
                        .cell = (uint32_t)(slot->what >> 43),
                        .birth = (uint16_t)slot->where,
                        .watched = (slot->what >> 42 & 1) != 0};
}

static inline bool tare_blocks_get(const tare_blocks *blocks, uint64_t address,
                                   tare_block *block_out)
{
    if (blocks->count == 0 || address > TARE_BLOCKS_MAX_ADDRESS)
        return false;
    const tare_block_slot *slot = tare_blocks_find(blocks, address);
    if (slot->where == 0)
        return false;
    *block_out = tare_blocks_unpack(slot);
    return true;
}

/* Adds a block, or replaces what is known of that address: then *old_out is set and *had_out true.
 * LIMIT for an address that does not fit; on failure the table is unchanged. */
static inline TARE_MUST_USE tare_status tare_blocks_put(tare_blocks *blocks, uint64_t address,
                                                        const tare_block *block,
                                                        tare_block *old_out, bool *had_out)
{
    if (__builtin_expect(blocks->count >= blocks->grow_at, 0))
        TARE_TRY(tare_blocks_grow(blocks, NULL));
    if (address == 0 || address > TARE_BLOCKS_MAX_ADDRESS)
        return TARE_LIMIT;
    tare_block_slot *slot = tare_blocks_find(blocks, address);
    uint64_t bytes = block->bytes < TARE_BLOCKS_MAX_BYTES ? block->bytes : TARE_BLOCKS_MAX_BYTES;
    *had_out = slot->where != 0;
    if (__builtin_expect(*had_out, 0))
        *old_out = tare_blocks_unpack(slot);
    else
        blocks->count++;
    slot->where = address << 16 | block->birth;
    slot->what = (uint64_t)block->cell << 43 | (uint64_t)block->watched << 42 | bytes;
    return TARE_OK;
}

/* false: it is not known. */
static inline bool tare_blocks_take(tare_blocks *blocks, uint64_t address, tare_block *block_out)
{
    if (blocks->count == 0 || address > TARE_BLOCKS_MAX_ADDRESS)
        return false;
    tare_block_slot *slot = tare_blocks_find(blocks, address);
    if (slot->where == 0)
        return false;
    *block_out = tare_blocks_unpack(slot);
    slot->where = 0;
    tare_blocks_close_gap(blocks, (uint32_t)(slot - blocks->slots));
    if (__builtin_expect(--blocks->count < blocks->shrink_at, 0))
        tare_blocks_shrink(blocks);
    return true;
}

#endif
