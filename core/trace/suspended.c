/* suspended.c - see suspended.h.
 *
 *     by_address   address -> index      since[index]   ticks of the yield, 0 after the resume
 *
 * Nothing is ever removed, because most generators are resumed again: begin and end are one
 * look-up each. */
#include "trace/suspended.h"

void tare_suspended_deinit(tare_suspended *suspended)
{
    if (suspended->alloc == NULL)
        return;
    tare_map_deinit(&suspended->by_address, suspended->alloc);
    tare_release(suspended->alloc, suspended->since, suspended->capacity, sizeof *suspended->since);
    *suspended = (tare_suspended){0};
}

static tare_status add_address(tare_suspended *suspended, uintptr_t address, uint32_t *index_out)
{
    uint32_t index = suspended->by_address.count;
    void    *since = suspended->since;
    if (index >= TARE_SUSPENDED_LIMIT)
        return TARE_LIMIT;
    TARE_TRY(tare_grow(suspended->alloc, &since, &suspended->capacity, (size_t)index + 1,
                       sizeof *suspended->since, NULL));
    suspended->since = since;
    *index_out = index;
    return tare_map_put(&suspended->by_address, address, index, suspended->alloc, NULL);
}

void tare_suspended_begin(tare_suspended *suspended, uintptr_t address, uint64_t now)
{
    uint32_t index = tare_map_get(&suspended->by_address, address);
    if (index == TARE_MAP_ABSENT && add_address(suspended, address, &index) != TARE_OK)
        suspended->lost_count++;
    else
        suspended->since[index] = now;
}

uint64_t tare_suspended_end(tare_suspended *suspended, uintptr_t address, uint64_t now)
{
    uint32_t index = tare_map_get(&suspended->by_address, address);
    if (index == TARE_MAP_ABSENT || suspended->since[index] == 0)
        return 0;
    uint64_t ticks = now - suspended->since[index];
    suspended->since[index] = 0;
    return (int64_t)ticks < 0 ? 0 : ticks;
}
