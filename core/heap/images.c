/* images.c - see images.h.
 *
 *     parts         [start, end) [start, end) ...       ascending, none touches another's inside
 *     free_stretch  number of a stretch -> no part reaches into it
 */
#include "heap/images.h"

#include <stdlib.h>

void tare_images_deinit(tare_images *images)
{
    if (images->alloc != NULL)
        tare_release(images->alloc, images->parts, images->capacity, sizeof *images->parts);
    *images = (tare_images){.alloc = images->alloc};
}

tare_status tare_images_add(tare_images *images, uint64_t start, uint64_t end, uint32_t label,
                            tare_error *err)
{
    if (start >= end)
        return TARE_OK;
    TARE_TRY(tare_grow(images->alloc, (void **)&images->parts, &images->capacity,
                       (size_t)images->count + 1, sizeof *images->parts, err));
    images->parts[images->count++] = (tare_image_part){start, end, label};
    return TARE_OK;
}

static int compare_starts(const void *a, const void *b)
{
    const tare_image_part *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

void tare_images_settle(tare_images *images)
{
    if (images->count > 0)
        qsort(images->parts, images->count, sizeof *images->parts, compare_starts);
}

/* The first part that ends behind address. */
static uint32_t find_first_behind(const tare_images *images, uint64_t address)
{
    uint32_t low = 0, high = images->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (images->parts[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const tare_image_part *tare_images_find(const tare_images *images, uint64_t address)
{
    uint32_t at = find_first_behind(images, address);
    bool     found = at < images->count && images->parts[at].start <= address;
    return found ? &images->parts[at] : NULL;
}

bool tare_images_has_slow(tare_images *images, uint64_t address)
{
    uint64_t stretch = address / TARE_IMAGES_STRETCH_BYTES;
    uint64_t start = stretch * TARE_IMAGES_STRETCH_BYTES;
    uint32_t at = find_first_behind(images, start);
    if (at == images->count || images->parts[at].start >= start + TARE_IMAGES_STRETCH_BYTES) {
        images->free_stretch[stretch % TARE_IMAGES_REMEMBERED] = stretch + 1;
        return false;
    }
    return tare_images_find(images, address) != NULL;
}
