/* rounding.h - how much an allocator takes for a block, which is more than was asked for. */
#ifndef TARE_EXT_ROUNDING_H
#define TARE_EXT_ROUNDING_H

#include "heap/kinds.h"

/* Which allocators this interpreter uses: zeroed is not valid, tare_rounding_now is. */
typedef struct tare_rounding {
    bool small_apart; /* blocks of Python's up to 512 bytes are pymalloc's, or laid out like that */
} tare_rounding;

tare_rounding tare_rounding_now(void);

/* Bytes taken for a block with what the allocator keeps beside it; 0 for a static one. What
 * nothing is known of is taken to be malloc's. */
size_t tare_rounding_of(const tare_rounding *rounding, const tare_heap_block *block);

#endif
