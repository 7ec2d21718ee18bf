/* holm.h - several comparisons at once.
 *
 * Of twenty comparisons of equal programs one looks different at 5 %. Holm's rule (1979) keeps the
 * chance that any of them is called different wrongly at the rate, whatever they have to do with
 * each other: the smallest p stands against all of them, the next against one less, and so on. */
#ifndef TARE_STATS_HOLM_H
#define TARE_STATS_HOLM_H

#include "base/alloc.h"

#include <stdbool.h>

/* different_out: one for each p. O(count log count). */
TARE_MUST_USE tare_status tare_holm(const double *ps, size_t count, double rate,
                                    bool *different_out, const tare_alloc *alloc, tare_error *err);

#endif
