/* suspended.h - since when each suspended generator or coroutine waits.
 *
 * An activation is named by an address that is its own while it lives; a later one may have the
 * same, and then begins anew. The entry of one that is never resumed stays until its address is
 * used again: memory is bounded by the most that were suspended at a time, and by LIMIT.
 * Beyond it, or without memory, the time is not counted and lost_count says so.
 * Cost: O(1) expected. */
#ifndef TARE_TRACE_SUSPENDED_H
#define TARE_TRACE_SUSPENDED_H

#include "base/map.h"

enum { TARE_SUSPENDED_LIMIT = 1 << 22 };

typedef struct tare_suspended {
    const tare_alloc *alloc;      /* borrowed */
    tare_map          by_address; /* -> index into since */
    uint64_t         *since;      /* owned; ticks, 0 = not suspended */
    uint32_t          capacity;
    uint64_t          lost_count;
} tare_suspended;

void tare_suspended_deinit(tare_suspended *suspended);

void tare_suspended_begin(tare_suspended *suspended, uintptr_t address, uint64_t now);
/* Ticks since begin; 0 when it was not begun, or time ran backwards. */
uint64_t tare_suspended_end(tare_suspended *suspended, uintptr_t address, uint64_t now);

#endif
