/* blocks.c - see blocks.h.
 *
 *     home        2  2  3        7     linear probing: what came second to slot 2 is in 3,
 *     slot   0 1 [2][3][4] 5 6 [7]     and so the one of 3 in 4
 *     take       [3][4] .              both move back by one: no tombstones
 *
 * The home of an address is its hash times the capacity, over 2^32: any capacity will do, so that
 * growing by a half keeps the load above a half. Consecutive addresses are spread evenly by the
 * golden ratio, which makes probes shorter than those of a random hash. */
#include "memory/blocks.h"

#include <string.h>

enum {
    FIRST_CAPACITY = 256,
    KEPT_CAPACITY = 1 << 15, /* half a MiB stays: programs make and drop as much again and again */
    MAX_CAPACITY = INT32_MAX
};

void tare_blocks_deinit(tare_blocks *blocks)
{
    if (blocks->alloc != NULL)
        tare_release(blocks->alloc, blocks->slots, blocks->capacity, sizeof *blocks->slots);
    *blocks = (tare_blocks){.alloc = blocks->alloc};
}

static tare_status resize(tare_blocks *blocks, uint32_t capacity, tare_error *err)
{
    tare_blocks old = *blocks;
    void       *slots;
    TARE_TRY(tare_acquire(blocks->alloc, &slots, capacity, sizeof *blocks->slots, err));
    blocks->slots = slots;
    blocks->capacity = capacity;
    blocks->grow_at = capacity / 5 * 4;
    blocks->shrink_at = capacity > KEPT_CAPACITY ? capacity / 5 : 0;
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.slots[i].where != 0)
            *tare_blocks_find(blocks, old.slots[i].where >> 16) = old.slots[i];
    tare_release(blocks->alloc, old.slots, old.capacity, sizeof *old.slots);
    return TARE_OK;
}

tare_status tare_blocks_grow(tare_blocks *blocks, tare_error *err)
{
    if (blocks->capacity == 0)
        return resize(blocks, FIRST_CAPACITY, err);
    if (blocks->capacity > MAX_CAPACITY / 3 * 2)
        return tare_fail(err, TARE_LIMIT, "keep a block of memory in mind: %u are the most",
                         blocks->count);
    return resize(blocks, blocks->capacity + blocks->capacity / 2, err);
}

void tare_blocks_shrink(tare_blocks *blocks)
{
    uint32_t wanted = blocks->count / 8 * 15;
    if (wanted < KEPT_CAPACITY)
        wanted = KEPT_CAPACITY;
    if (wanted >= blocks->capacity || resize(blocks, wanted, NULL) != TARE_OK)
        blocks->shrink_at = 0; /* until it grows */
}

void tare_blocks_close_gap(tare_blocks *blocks, uint32_t gap)
{
    tare_block_slot *slots = blocks->slots;
    uint32_t         capacity = blocks->capacity;
    uint32_t         at = gap;
    for (;;) {
        at = at + 1 < capacity ? at + 1 : 0;
        if (slots[at].where == 0)
            break;
        uint32_t home = tare_blocks_home(slots[at].where >> 16, capacity);
        /* It may move to the gap if its home is not behind the gap, going round. */
        bool stays = gap < at ? home > gap && home <= at : home > gap || home <= at;
        if (stays)
            continue;
        slots[gap] = slots[at];
        slots[at].where = 0;
        gap = at;
    }
}

void tare_blocks_age(tare_blocks *blocks)
{
    for (uint32_t i = 0; i < blocks->capacity; i++) {
        uint64_t where = blocks->slots[i].where;
        uint64_t birth = (uint16_t)where;
        blocks->slots[i].where = (where ^ birth) | birth >> 1;
    }
}

bool tare_blocks_next(const tare_blocks *blocks, uint32_t *at, uint64_t *address_out,
                      tare_block *block_out)
{
    while (*at < blocks->capacity) {
        const tare_block_slot *slot = &blocks->slots[(*at)++];
        if (slot->where == 0)
            continue;
        *address_out = slot->where >> 16;
        *block_out = tare_blocks_unpack(slot);
        return true;
    }
    return false;
}
