/* figures.c - see figures.h. A cell that has had nothing has no values. */
#include "memory/figures.h"

static const tare_metric_id wanted[TARE_FIGURES_COUNT] = {
    TARE_METRIC_alloc_bytes,     TARE_METRIC_alloc_count,  TARE_METRIC_freed_bytes,
    TARE_METRIC_freed_count,     TARE_METRIC_live_bytes,   TARE_METRIC_live_count,
    TARE_METRIC_peak_bytes,      TARE_METRIC_peak_count,   TARE_METRIC_temporary_bytes,
    TARE_METRIC_temporary_count, TARE_METRIC_sample_count, TARE_METRIC_alloc_variance,
};

enum { EXACT_COUNT = 10 };

tare_status tare_figures_init(tare_figures *figures, tare_profile *profile, tare_error *err)
{
    for (int i = 0; i < TARE_FIGURES_COUNT; i++) {
        const tare_metric_info *info = tare_metric_get(wanted[i]);
        TARE_TRY(tare_profile_metric(profile, info->name, info->unit, &figures->metrics[i], err));
    }
    return TARE_OK;
}

static uint64_t round_double(double value)
{
    return value < 0x1p63 ? (uint64_t)value : UINT64_MAX;
}

/* alloc == live + freed also where counts are rounded. */
static void read_cell(const tare_ledger *ledger, uint32_t id, uint64_t amounts[TARE_FIGURES_COUNT])
{
    const tare_cell *cell = &ledger->cells[id];
    tare_held        peak = tare_ledger_at_peak(ledger, id);
    uint64_t         live_count = tare_ledger_whole(cell->live.count);
    uint64_t         freed_count = tare_ledger_whole(cell->freed.count);
    const uint64_t   all[TARE_FIGURES_COUNT] = {
        cell->live.bytes + cell->freed.bytes,
        live_count + freed_count,
        cell->freed.bytes,
        freed_count,
        cell->live.bytes,
        live_count,
        peak.bytes,
        tare_ledger_whole(peak.count),
        cell->temporary.bytes,
        tare_ledger_whole(cell->temporary.count),
        cell->samples,
        round_double(cell->variance),
    };
    for (int i = 0; i < TARE_FIGURES_COUNT; i++)
        amounts[i] = all[i];
}

tare_status tare_figures_store(const tare_figures *figures, const tare_ledger *ledger,
                               const uint32_t *label_sets, bool sampled, tare_profile *profile,
                               tare_error *err)
{
    int count = sampled ? TARE_FIGURES_COUNT : EXACT_COUNT;
    for (uint32_t id = 0; id < ledger->count; id++) {
        const tare_cell *cell = &ledger->cells[id];
        uint64_t         amounts[TARE_FIGURES_COUNT];
        read_cell(ledger, id, amounts);
        for (int i = 0; i < count; i++)
            TARE_TRY(tare_profile_set_value(profile, cell->place, label_sets[cell->kind],
                                            figures->metrics[i], amounts[i], err));
    }
    return TARE_OK;
}
