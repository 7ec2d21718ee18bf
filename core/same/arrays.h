/* arrays.h - two arrays of numbers, element by element.
 *
 * An array is memory with a shape and strides, as Python's buffer protocol describes it: strides
 * may be negative or 0, elements unaligned and of either byte order, and the two may have
 * different formats. Elements are counted in C order, the last index fastest. */
#ifndef TARE_SAME_ARRAYS_H
#define TARE_SAME_ARRAYS_H

#include "same/elements.h"

enum { TARE_ARRAY_MAX_DIMENSIONS = 64 };

typedef struct tare_array {
    const void    *data; /* borrowed; the element whose indices are all 0 */
    tare_element   element;
    uint32_t       dimensions;                         /* 0: one element */
    const int64_t *shape;                              /* borrowed; each >= 0 */
    int64_t        strides[TARE_ARRAY_MAX_DIMENSIONS]; /* in bytes */
} tare_array;

/* What was found in one pass or in several; zeroed storage is valid. */
typedef struct tare_tally {
    uint64_t compared;
    uint64_t differing;
    double   worst_absolute; /* of finite pairs, also those that agree */
    double   worst_relative;
    uint64_t worst_ulp;
    double   worst_used; /* whose place worst_index is: the largest part of what is allowed */
} tare_tally;

/* Counts a pair in. Whether it is the worst so far. Inline: it runs for each pair. */
static inline bool tare_tally_add(tare_tally *tally, bool agrees, const tare_gap *gap)
{
    tally->compared++;
    tally->differing += !agrees;
    if (!(gap->absolute > 0)) /* or it is NaN */
        return false;
    if (gap->absolute > tally->worst_absolute)
        tally->worst_absolute = gap->absolute;
    if (gap->relative > tally->worst_relative)
        tally->worst_relative = gap->relative;
    if (gap->ulp != TARE_ULP_NONE && gap->ulp > tally->worst_ulp)
        tally->worst_ulp = gap->ulp;
    if (!(gap->used > tally->worst_used))
        return false;
    tally->worst_used = gap->used;
    return true;
}

typedef struct tare_places {
    uint64_t first_index; /* of the first pair that differs; TARE_NO_PLACE: none */
    uint64_t
        worst_index; /* of the worst pair of these arrays; likewise when an earlier was worse */
} tare_places;

#define TARE_NO_PLACE UINT64_MAX

/* Both have the same shape. Adds to the tally. O(elements), no memory. */
tare_places tare_arrays_compare(const tare_close_rule *rule, const tare_array *left,
                                const tare_array *right, tare_tally *tally);

#endif
