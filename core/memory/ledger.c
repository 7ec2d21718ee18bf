/* ledger.c - see ledger.h: what is not on the hot path. */
#include "memory/ledger.h"

void tare_ledger_deinit(tare_ledger *ledger)
{
    if (ledger->alloc != NULL)
        tare_release(ledger->alloc, ledger->cells, ledger->capacity, sizeof *ledger->cells);
    *ledger = (tare_ledger){.alloc = ledger->alloc};
}

tare_status tare_ledger_cell(tare_ledger *ledger, uint32_t place, uint32_t kind, uint32_t *id_out,
                             tare_error *err)
{
    void *cells = ledger->cells;
    TARE_TRY(tare_grow(ledger->alloc, &cells, &ledger->capacity, (size_t)ledger->count + 1,
                       sizeof *ledger->cells, err));
    ledger->cells = cells;
    *id_out = ledger->count++;
    ledger->cells[*id_out] = (tare_cell){.epoch = ledger->epoch, .place = place, .kind = kind};
    return TARE_OK;
}

void tare_ledger_reset_peak(tare_ledger *ledger)
{
    ledger->peak = ledger->live;
}

tare_held tare_ledger_at_peak(const tare_ledger *ledger, uint32_t id)
{
    const tare_cell *cell = &ledger->cells[id];
    bool             now = ledger->live.bytes == ledger->peak.bytes;
    return now || cell->epoch != ledger->epoch ? cell->live : cell->at_peak;
}
