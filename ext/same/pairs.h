/* pairs.h - pairs of objects that were met: a set of two addresses each.
 *
 * What refers to itself is walked once: a pair that is met again is taken to agree, since whatever
 * differs in it is found where it was met first. The set holds its objects, so that no address in
 * it gets another object's while the walk lasts.
 *
 * Zeroed storage with an allocator is valid and empty. Cost: O(1), 16 bytes a slot, of which half
 * are taken at most. */
#ifndef TARE_EXT_PAIRS_H
#define TARE_EXT_PAIRS_H

#include "common/pycompat.h"

#include "base/map.h"

typedef struct tare_pair {
    PyObject *left, *right; /* owned; NULL: a free slot */
} tare_pair;

typedef struct tare_pairs {
    const tare_alloc *alloc;    /* borrowed */
    tare_pair        *slots;    /* owned */
    size_t            capacity; /* 0 or a power of two */
    size_t            count;
} tare_pairs;

void tare_pairs_deinit(tare_pairs *pairs);
bool tare_pairs_has(const tare_pairs *pairs, PyObject *left, PyObject *right);

/* No-op for a pair that is there. */
TARE_MUST_USE tare_status tare_pairs_add(tare_pairs *pairs, PyObject *left, PyObject *right,
                                         tare_error *err);

#endif
