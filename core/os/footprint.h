/* footprint.h - where the memory of our own process is: in the machine, and in malloc.
 *
 * For probes that run inside a program. No memory is asked of malloc; a few system calls, and of
 * malloc's own list a walk over what is free in it. */
#ifndef TARE_OS_FOOTPRINT_H
#define TARE_OS_FOOTPRINT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tare_footprint {
    uint64_t rss_bytes;  /* of the machine's memory now; 0 = unknown, like the next two */
    uint64_t file_bytes; /* of that: pages of files, and of memory that is shared */
    uint64_t swap_bytes; /* swapped out */
    bool     malloc_known;
    uint64_t malloc_used_bytes; /* in blocks given out, with what malloc adds to each */
    uint64_t malloc_free_bytes; /* kept for the next ones */
} tare_footprint;

/* The kernel's counters lag behind by some 64 pages for each CPU. */
tare_footprint tare_footprint_read(void);

#endif
