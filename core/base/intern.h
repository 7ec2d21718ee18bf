/* intern.h - each distinct byte string once, named by a dense 32-bit id.
 *
 * Strings are bytes: NUL, newlines and broken UTF-8 are kept exactly (callers
 * decide how to show them). Id 0 is always the empty string. Bytes are stored
 * end to end in one growing block and are followed by a NUL that does not count.
 * Zeroed storage is a valid empty table (id 0 exists only after the first add).
 * Cost: add O(length), get O(1). A returned pointer is valid until the next add. */
#ifndef TARE_BASE_INTERN_H
#define TARE_BASE_INTERN_H

#include "base/alloc.h"
#include "base/map.h"

typedef struct tare_text {
    const char *bytes; /* NUL-terminated for convenience; may contain NULs too */
    size_t      size;  /* bytes, without the terminator */
} tare_text;

typedef struct tare_intern {
    char     *bytes; /* owned; all strings, each with its NUL */
    uint32_t  bytes_capacity;
    uint32_t  bytes_size;
    uint32_t *offsets; /* owned; offsets[id] .. offsets[id + 1] - 1 is string id */
    uint32_t  offsets_capacity;
    uint32_t  count;
    tare_map  by_hash; /* hash -> id; a second string with that hash is at hash + 1 */
} tare_intern;

void tare_intern_deinit(tare_intern *table, const tare_alloc *alloc);

/* The id of these bytes, old or new. They may lie in the table itself only as one of its
 * strings in whole. */
TARE_MUST_USE tare_status tare_intern_add(tare_intern *table, const char *bytes, size_t size,
                                          const tare_alloc *alloc, uint32_t *id_out,
                                          tare_error *err);

/* The id of these bytes, or TARE_MAP_ABSENT. */
uint32_t tare_intern_find(const tare_intern *table, const char *bytes, size_t size);

/* Borrows until the next add; the empty text when id is out of range. */
tare_text tare_intern_get(const tare_intern *table, uint32_t id);

#endif
