/* rounding.c - see rounding.h.
 *
 *     pymalloc      up to 512 bytes, in steps of 16                  Objects/obmalloc.c
 *     malloc        in steps of 16 with a word of its own, 32 at least; asked where that is safe
 *
 * Asking malloc about a block that was handed on by someone who keeps words of his own before it
 * (a debugging allocator, say) would read what is not malloc's; so it is asked only while the
 * interpreter says that nobody does. */
#include "heap/rounding.h"

#include "heap/layouts.h"

#include "os/own.h"

#include <string.h>

enum { STEP_BYTES = 16, SMALL_BYTES = 512, WORD_OF_MALLOC_BYTES = 8, LEAST_OF_MALLOC_BYTES = 32 };

tare_rounding tare_rounding_now(void)
{
    const char *name = tare_allocator_name();
    bool        is_malloc = name != NULL && strcmp(name, "malloc") == 0;
    bool        is_pymalloc = name != NULL && strcmp(name, "pymalloc") == 0;
    return (tare_rounding){.small_apart = !is_malloc, .malloc_known = is_malloc || is_pymalloc};
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
    if (block->domain != TARE_HEAP_FOREIGN && rounding->malloc_known && block->address != 0)
        return tare_own_malloc_bytes(block->address) + WORD_OF_MALLOC_BYTES;
    return round_as_malloc(block->bytes);
}
