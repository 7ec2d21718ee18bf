/* holm.c - from the smallest p upwards, until one does not stand. */
#include "stats/holm.h"

#include <stdlib.h>

typedef struct candidate {
    double p;
    size_t at;
} candidate;

static int compare_candidates(const void *left, const void *right)
{
    const candidate *a = left;
    const candidate *b = right;
    return (a->p > b->p) - (a->p < b->p);
}

tare_status tare_holm(const double *ps, size_t count, double rate, bool *different_out,
                      const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof(candidate), err));
    candidate *candidates = memory;
    for (size_t i = 0; i < count; i++) {
        candidates[i] = (candidate){.p = ps[i], .at = i};
        different_out[i] = false;
    }
    if (count > 1)
        qsort(candidates, count, sizeof *candidates, compare_candidates);
    for (size_t i = 0; i < count && candidates[i].p <= rate / (double)(count - i); i++)
        different_out[candidates[i].at] = true;
    tare_release(alloc, memory, count, sizeof(candidate));
    return TARE_OK;
}
