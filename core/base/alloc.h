/* alloc.h - the allocator that core is handed.
 *
 * One function resizes, allocates (old == NULL) and frees (new_bytes == 0); it is
 * always told the old size, so a test allocator can count leaks and fail the n-th
 * request. Core calls nothing else for memory. */
#ifndef TARE_BASE_ALLOC_H
#define TARE_BASE_ALLOC_H

#include "base/status.h"

#include <stdint.h>

typedef struct tare_alloc {
    /* Returns NULL when it cannot serve; the old block is then untouched. */
    void *(*resize)(void *context, void *old, size_t old_bytes, size_t new_bytes);
    void *context;
} tare_alloc;

/* malloc and friends; thread-safe, lives as long as the program. */
const tare_alloc *tare_alloc_system(void);

/* Zeroed memory for count items; overflow of count * item_bytes is NO_MEMORY.
 * count == 0 gives NULL and TARE_OK. The caller frees with tare_release. */
TARE_MUST_USE tare_status tare_acquire(const tare_alloc *alloc, void **out, size_t count,
                                       size_t item_bytes, tare_error *err);

/* Frees; no-op on NULL. */
void tare_release(const tare_alloc *alloc, void *memory, size_t count, size_t item_bytes);

/* Growth of a dynamic array, in one place. Makes room for need items, at least
 * doubling; *items and *capacity change only on success, new items are zeroed.
 * Fails with NO_MEMORY, or LIMIT when need > UINT32_MAX / 2. */
TARE_MUST_USE tare_status tare_grow(const tare_alloc *alloc, void **items, uint32_t *capacity,
                                    size_t need, size_t item_bytes, tare_error *err);

#endif
