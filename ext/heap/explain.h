/* explain.h - where the bytes of an object are: a tree of its parts, the largest first. */
#ifndef TARE_EXT_EXPLAIN_H
#define TARE_EXT_EXPLAIN_H

#include "heap/deep.h"

#include "base/bytes.h"

enum { TARE_EXPLAIN_MAX_DEPTH = 64 };

typedef struct tare_explain_row {
    uint32_t depth;                                    /* 0: the object itself */
    uint32_t name_at, name_bytes, type_at, type_bytes; /* in texts; rows of a rest have none */
    uint64_t bytes;     /* with all that is reached through it and not through what comes before */
    uint64_t own_bytes; /* of it alone */
    uint64_t count;     /* of objects, it included */
    uint64_t opaque_count;
    uint64_t rest_count; /* not 0: a row for so many parts that are too small for rows of theirs */
} tare_explain_row;

/* Rows in pre-order; a part's bytes and its own are in those of the row that it is under. */
typedef struct tare_explain {
    const tare_alloc *alloc; /* borrowed; must outlive it */
    tare_explain_row *rows;  /* owned */
    uint32_t          count, capacity;
    tare_buffer       texts; /* UTF-8, lone surrogates included */
} tare_explain;

void tare_explain_deinit(tare_explain *explain);

/* Parts of parts down to depth <= TARE_EXPLAIN_MAX_DEPTH, at most limit of each with a row. */
TARE_MUST_USE tare_status tare_explain_object(tare_explain *explain, PyObject *object,
                                              uint32_t depth, uint32_t limit,
                                              tare_deep_options options, tare_error *err);

#endif
