/* shortage.h - is memory what makes the program slow?
 *
 * Four signs, each on its own:
 *
 *     paging       surely more than 5 % of the time waiting for pages, or a tenth of its memory
 *                  was swapped out
 *     collecting   surely more than 10 % of the time collecting garbage: many objects are alive
 *     full         the peak was 80 % or more of what it may have
 *     growing      memory rose in each of the last six eighths of the run and was never given back:
 *                  by half or more of the mean rise each time, in all by 32 MiB and a quarter
 *
 * A program that reads its data and then works on it does not grow to the end; one that fills
 * a list until the end does, and whether that is a leak only its author knows. */
#ifndef TARE_STATS_SHORTAGE_H
#define TARE_STATS_SHORTAGE_H

#include "stats/summary.h"

typedef struct tare_shortage {
    bool          paging, collecting, full, growing;
    tare_estimate paging_share, collecting_share; /* of the wall time */
    uint64_t      swapped_bytes;                  /* at most */
    uint64_t      peak_bytes, limit_bytes;        /* 0 = unknown */
    uint64_t      from_bytes, to_bytes;           /* the rise; 0 unless growing */
} tare_shortage;

/* Uses the meta keys memory.peak_rss_bytes, memory.peak_swap_bytes, host.memory_limit_bytes (else
 * host.memory_bytes), and the series rss_bytes of the process that had most. O(points). */
tare_shortage tare_shortage_find(const tare_summary *summary, const tare_profile *profile);

#endif
