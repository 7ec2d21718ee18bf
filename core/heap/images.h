/* images.h - where the executable and its libraries lie in memory.
 *
 * What lies in one of them was there when the program began: no allocator gave it, and no
 * collector takes it back. A place is asked about far more often than not in vain, and neighbours
 * are asked about one after the other; so what is known not to lie in an image is remembered by
 * the stretch of 1 MiB.
 *
 * Zeroed storage with an allocator is a valid empty list.
 * Cost: has O(1) mostly, else O(log images). */
#ifndef TARE_HEAP_IMAGES_H
#define TARE_HEAP_IMAGES_H

#include "base/alloc.h"

#include <stdbool.h>

enum {
    TARE_IMAGES_STRETCH_BYTES = 1 << 20,
    TARE_IMAGES_REMEMBERED = 64 /* stretches; a power of two */
};

typedef struct tare_image_part {
    uint64_t start, end;
    uint32_t label; /* the caller's */
} tare_image_part;

typedef struct tare_images {
    const tare_alloc *alloc; /* borrowed; must outlive the list */
    tare_image_part  *parts; /* owned; ascending and apart once settled */
    uint32_t          count, capacity;
    uint64_t          free_stretch[TARE_IMAGES_REMEMBERED]; /* number + 1; 0 = none */
} tare_images;

void tare_images_deinit(tare_images *images);

TARE_MUST_USE tare_status tare_images_add(tare_images *images, uint64_t start, uint64_t end,
                                          uint32_t label, tare_error *err);
/* After the last add and before the first question. */
void tare_images_settle(tare_images *images);

/* The part that address lies in; NULL = none. */
const tare_image_part *tare_images_find(const tare_images *images, uint64_t address);

bool tare_images_has_slow(tare_images *images, uint64_t address);

static inline bool tare_images_has(tare_images *images, uint64_t address)
{
    uint64_t stretch = address / TARE_IMAGES_STRETCH_BYTES;
    if (images->free_stretch[stretch % TARE_IMAGES_REMEMBERED] == stretch + 1)
        return false;
    return tare_images_has_slow(images, address);
}

#endif
