/* figures.h - from a ledger to a profile.
 *
 *     cell of (node, kind)     the node's amounts under the kind's label set
 *
 * Amounts are set, not added: what is live, and what was at the peak, can become less. */
#ifndef TARE_MEMORY_FIGURES_H
#define TARE_MEMORY_FIGURES_H

#include "memory/ledger.h"
#include "model/profile.h"

enum { TARE_FIGURES_COUNT = 12 };

/* Metric ids of the profile, made once. */
typedef struct tare_figures {
    uint32_t metrics[TARE_FIGURES_COUNT];
} tare_figures;

TARE_MUST_USE tare_status tare_figures_init(tare_figures *figures, tare_profile *profile,
                                            tare_error *err);

/* label_sets: by kind. sampled: with the numbers that only estimates have. O(cells). */
TARE_MUST_USE tare_status tare_figures_store(const tare_figures *figures, const tare_ledger *ledger,
                                             const uint32_t *label_sets, bool sampled,
                                             tare_profile *profile, tare_error *err);

#endif
