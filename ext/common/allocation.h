/* allocation.h - where a block of memory was allocated, for whoever walks the heap.
 *
 *     PyCapsule_Import("tare._memory.allocation_of", 0) -> const tare_allocation_source *
 *
 * Both functions are called with the GIL, allocate nothing of Python's and never raise. */
#ifndef TARE_EXT_ALLOCATION_H
#define TARE_EXT_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARE_ALLOCATION_CAPSULE "tare._memory.allocation_of"

typedef struct tare_allocation {
    uint64_t bytes;  /* requested */
    uint64_t age_ns; /* as of when its thread last looked at the clock, at most 64 blocks before;
                      * to a millisecond, later to 1/32768 of the measurement */
    uint32_t site;   /* its stack, for describe */
} tare_allocation;

typedef struct tare_allocation_source {
    /* false: nothing is measured, or the block is not known: older, or no sample. */
    bool (*find)(const void *address, tare_allocation *out);
    /* Writes "function (file:line)" of the innermost frame of a site, NUL-terminated, as much as
     * fits; the whole length, 0 when there is no such site. */
    size_t (*describe)(uint32_t site, char *out, size_t out_bytes);
} tare_allocation_source;

#endif
