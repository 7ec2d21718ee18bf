/* patterns.h - ways on which objects are held, each way once however many objects it holds.
 *
 * A pattern is a path without its indices: "sys.modules['x'].cache[*].points[*]". The patterns form
 * a tree, in which a step that repeats itself is "..." from the third time on, so that the items of
 * a long list of links have one pattern between them.
 *
 * Zeroed storage with an allocator is valid; pattern 0 is the empty one. */
#ifndef TARE_HEAP_PATTERNS_H
#define TARE_HEAP_PATTERNS_H

#include "base/bytes.h"
#include "base/intern.h"

#include <stdbool.h>

typedef struct tare_pattern {
    uint32_t parent;
    uint32_t text;  /* string: what it adds */
    uint32_t step;  /* string: what the step adds that led here; differs where text is "..." */
    uint32_t node;  /* one that is held so */
    uint64_t count; /* of those asked about, and their bytes; the owner of the tree counts */
    uint64_t bytes;
} tare_pattern;

typedef struct tare_patterns {
    const tare_alloc *alloc; /* borrowed */
    tare_intern       strings;
    tare_pattern     *patterns; /* owned */
    uint32_t          count, capacity;
    tare_map          by_step; /* parent, text -> pattern */
} tare_patterns;

void tare_patterns_deinit(tare_patterns *patterns);

/* The pattern of a node that is held by one of the pattern `from`, by that step; an empty step
 * leads nowhere else. */
TARE_MUST_USE tare_status tare_patterns_extend(tare_patterns *patterns, uint32_t from,
                                               const tare_buffer *step, uint32_t node,
                                               uint32_t *out, tare_error *err);
/* The one for what is held somehow below `from`. */
TARE_MUST_USE tare_status tare_patterns_below(tare_patterns *patterns, uint32_t from, uint32_t node,
                                              uint32_t *out, tare_error *err);

/* Those that are counted, the most objects first, among equals the nearest: limit of them at most;
 * the count of all. */
TARE_MUST_USE tare_status tare_patterns_rank(const tare_patterns *patterns, uint32_t *ids_out,
                                             uint32_t limit, uint32_t *count_out,
                                             uint32_t *all_count_out, tare_error *err);

/* The steps that lead to a pattern, first to last; those before the last capacity are left out.
 * The count of those written to out. */
uint32_t tare_patterns_way(const tare_patterns *patterns, uint32_t pattern, uint32_t *out,
                           uint32_t capacity, bool *cut_out);

#endif
