/* rounding.c - see rounding.h.
 *
 *     pymalloc      up to 512 bytes, in steps of 16                  Objects/obmalloc.c
 *     malloc        in steps of 16 with a word of its own, 32 at least
 *
 * malloc itself is not asked how much it has given: that reads what lies before the block, and
 * whoever made an object that we know too little of may have begun it elsewhere. So it is not seen
 * when a large block (128 KiB and more) has pages of its own. */
#include "heap/rounding.h"

#include "common/pyobjects.h"

#include "heap/layouts.h"

#include <string.h>

enum { STEP_BYTES = 16, SMALL_BYTES = 512, WORD_OF_MALLOC_BYTES = 8, LEAST_OF_MALLOC_BYTES = 32 };

tare_rounding tare_rounding_now(void)
{
    const char *name = tare_allocator_name();
    return (tare_rounding){.small_apart = name == NULL || strcmp(name, "malloc") != 0};
}

static size_t round_as_malloc(size_t bytes)
{
    size_t rounded = tare_round_up(bytes + WORD_OF_MALLOC_BYTES, STEP_BYTES);
    return rounded > LEAST_OF_MALLOC_BYTES ? rounded : LEAST_OF_MALLOC_BYTES;
}

size_t tare_rounding_of(const tare_rounding *rounding, const tare_heap_block *block)
{
    if (block->domain == TARE_HEAP_STATIC)
        return 0;
    if (block->domain == TARE_HEAP_PYTHON && rounding->small_apart && block->bytes <= SMALL_BYTES)
        return tare_round_up(block->bytes + (block->bytes == 0), STEP_BYTES);
    return round_as_malloc(block->bytes);
}
