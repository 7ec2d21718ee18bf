/* alloc.c - the system's allocator behind tare_alloc, and what is built on any tare_alloc.
 *
 *     capacity  0 -> 8 -> 16 -> 32 ...      a growing array at least doubles
 *
 * so appending costs O(1) amortised and copies each item twice at most. Hard builds grow by
 * what is needed and no more: an array then moves on every append, and a pointer that was
 * kept across one is found by the address sanitizer. Large arrays double in hard builds too,
 * or a tree of 200,000 nodes would take minutes.
 * The only file of core that calls malloc and its family; sizes are multiplied here and
 * nowhere else, with a check. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8 };
#ifdef TARE_HARD
enum { HARD_ITEMS = 4096 };
#endif

static const size_t max_items = UINT32_MAX / 2;

static void *resize_with_malloc(void *context, void *old, size_t old_bytes, size_t new_bytes)
{
    (void)context;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, new_bytes);
}

const tare_alloc *tare_alloc_system(void)
{
    static const tare_alloc system_alloc = {.resize = resize_with_malloc};
    return &system_alloc;
}

tare_status tare_acquire(const tare_alloc *alloc, void **out, size_t count, size_t item_bytes,
                         tare_error *err)
{
    size_t bytes = 0;
    *out = NULL;
    if (count == 0)
        return TARE_OK;
    if (!__builtin_mul_overflow(count, item_bytes, &bytes))
        *out = alloc->resize(alloc->context, NULL, 0, bytes);
    if (*out == NULL)
        return tare_fail(err, TARE_NO_MEMORY, "get memory for %zu items of %zu bytes: %s", count,
                         item_bytes, tare_status_text(TARE_NO_MEMORY));
    memset(*out, 0, bytes);
    return TARE_OK;
}

void tare_release(const tare_alloc *alloc, void *memory, size_t count, size_t item_bytes)
{
    if (memory != NULL)
        (void)alloc->resize(alloc->context, memory, count * item_bytes, 0);
}

static size_t choose_capacity(size_t capacity, size_t need)
{
#ifdef TARE_HARD
    if (need <= HARD_ITEMS)
        return need;
#endif
    size_t doubled = capacity == 0 ? FIRST_CAPACITY : 2 * capacity;
    if (doubled < need)
        return need;
    return doubled < max_items ? doubled : max_items;
}

tare_status tare_grow(const tare_alloc *alloc, void **items, uint32_t *capacity, size_t need,
                      size_t item_bytes, tare_error *err)
{
    if (need <= *capacity)
        return TARE_OK;
    if (need > max_items)
        return tare_fail(err, TARE_LIMIT, "grow a table to %zu items: %zu is the most", need,
                         max_items);
    size_t wanted = choose_capacity(*capacity, need);
    size_t old_bytes = *capacity * item_bytes;
    size_t new_bytes = 0;
    void  *grown = NULL;
    if (!__builtin_mul_overflow(wanted, item_bytes, &new_bytes))
        grown = alloc->resize(alloc->context, *items, old_bytes, new_bytes);
    if (grown == NULL)
        return tare_fail(err, TARE_NO_MEMORY, "grow a table to %zu items of %zu bytes: %s", wanted,
                         item_bytes, tare_status_text(TARE_NO_MEMORY));
    memset((char *)grown + old_bytes, 0, new_bytes - old_bytes);
    *items = grown;
    *capacity = (uint32_t)wanted;
    return TARE_OK;
}
