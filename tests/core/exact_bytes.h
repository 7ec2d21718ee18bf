/* exact_bytes.h - what a writer of bytes wrote, compared with a literal. */
#ifndef TARE_TESTS_EXACT_BYTES_H
#define TARE_TESTS_EXACT_BYTES_H

#include "harness.h"

#include "base/bytes.h"

#include <string.h>

static inline tare_buffer new_buffer(void)
{
    return (tare_buffer){.alloc = tare_alloc_system()};
}

/* Also frees it. */
static inline bool is_exactly(tare_buffer *out, const char *expected, size_t size)
{
    bool same = !out->failed && out->size == size && memcmp(out->bytes, expected, size) == 0;
    tare_buffer_deinit(out);
    return same;
}

#define IS_EXACTLY(out, literal) CHECK(is_exactly(out, literal, sizeof literal - 1))

#endif
