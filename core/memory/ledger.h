/* ledger.h - what each place holds, has held at the highest, and has had in all.
 *
 *     cell     a place (a node of the profile) and a kind of memory
 *
 *     total    ____/\______/\/\_____            the highest is at the second peak
 *                           ^ falls: epoch + 1
 *     cell     its amounts at the peak are those it has until it is next touched: then they are
 *              saved, with the epoch they belong to
 *
 * so the state of all cells at the highest point of their sum costs O(1) an event, and reading it
 * is what was saved in this epoch or else what is there now. While the sum is at its highest what
 * is there now is what counts.
 *
 * Counts are in units of 1/TARE_LEDGER_ONE, because a sampled block stands for 1.6 blocks.
 * live == added - removed, in each cell and in all. No locks. */
#ifndef TARE_MEMORY_LEDGER_H
#define TARE_MEMORY_LEDGER_H

#include "base/alloc.h"

#include <stdbool.h>

enum { TARE_LEDGER_ONE = 1 << 16 };

typedef struct tare_held {
    uint64_t bytes, count;
} tare_held;

typedef struct tare_cell {
    uint32_t  epoch;
    uint32_t  place;
    tare_held live;
    tare_held freed;
    tare_held at_peak; /* valid for the peak that epoch belongs to; all so far in 64 bytes */
    tare_held temporary;
    uint32_t  kind;
    double    variance; /* of all bytes added, where they are estimates */
    uint64_t  samples;
} tare_cell;

typedef struct tare_ledger {
    const tare_alloc *alloc; /* borrowed */
    tare_cell        *cells; /* owned */
    uint32_t          count, capacity;
    uint32_t          epoch;
    tare_held         live, freed;
    tare_held         peak;       /* peak.bytes >= live.bytes; the counts of that moment */
    uint64_t          high_bytes; /* the most since somebody last set it back */
} tare_ledger;

void tare_ledger_deinit(tare_ledger *ledger); /* no-op on zeroed storage */

/* A cell with nothing in it. */
TARE_MUST_USE tare_status tare_ledger_cell(tare_ledger *ledger, uint32_t place, uint32_t kind,
                                           uint32_t *id_out, tare_error *err);

/* From now on the highest is what there will be. */
void tare_ledger_reset_peak(tare_ledger *ledger);

/* What it held when all together held most. */
tare_held tare_ledger_at_peak(const tare_ledger *ledger, uint32_t id);

/* Numbers of a count in units, rounded. */
static inline uint64_t tare_ledger_whole(uint64_t units)
{
    return (units + TARE_LEDGER_ONE / 2) / TARE_LEDGER_ONE;
}

/* ---- the hot path ---- */

static inline tare_cell *tare_ledger_touch(tare_ledger *ledger, uint32_t id)
{
    tare_cell *cell = &ledger->cells[id];
    if (cell->epoch != ledger->epoch) {
        cell->at_peak = cell->live;
        cell->epoch = ledger->epoch;
    }
    return cell;
}

static inline void tare_ledger_add(tare_ledger *ledger, uint32_t id, tare_held held)
{
    tare_cell *cell = tare_ledger_touch(ledger, id);
    cell->live.bytes += held.bytes;
    cell->live.count += held.count;
    ledger->live.bytes += held.bytes;
    ledger->live.count += held.count;
    if (ledger->live.bytes > ledger->high_bytes)
        ledger->high_bytes = ledger->live.bytes;
    if (ledger->live.bytes >= ledger->peak.bytes)
        ledger->peak = ledger->live;
}

static inline void tare_ledger_remove(tare_ledger *ledger, uint32_t id, tare_held held,
                                      bool temporary)
{
    if (ledger->live.bytes == ledger->peak.bytes)
        ledger->epoch++;
    tare_cell *cell = tare_ledger_touch(ledger, id);
    cell->live.bytes -= held.bytes;
    cell->live.count -= held.count;
    cell->freed.bytes += held.bytes;
    cell->freed.count += held.count;
    if (temporary) {
        cell->temporary.bytes += held.bytes;
        cell->temporary.count += held.count;
    }
    ledger->live.bytes -= held.bytes;
    ledger->live.count -= held.count;
    ledger->freed.bytes += held.bytes;
    ledger->freed.count += held.count;
}

#endif
