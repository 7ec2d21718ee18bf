/* census.h - how many things there are of each sort, and how many bytes they are.
 *
 * A row for each key: a type's name, a module, a class of sizes. Rows lie outside whatever heap
 * they count, so counting does not show in what is counted. A difference is a census too, whose
 * rows may be below zero.
 *
 * Zeroed storage with an allocator is a valid empty census.
 * Cost: add O(length of the key); rows O(n log n); 28 bytes for a row beside its key. */
#ifndef TARE_HEAP_CENSUS_H
#define TARE_HEAP_CENSUS_H

#include "base/intern.h"

#include <stdbool.h>

/* name of the way to count, words for the column. Their numbers are in files. */
#define TARE_CENSUS_LIST(X)        \
    X(NONE, "", "")                \
    X(TYPE, "type", "types")       \
    X(CLASS, "class", "classes")   \
    X(MODULE, "module", "modules") \
    X(SIZE, "size", "sizes")       \
    X(AGE, "age", "ages")          \
    X(SITE, "site", "sites")

// clang-format off
typedef enum tare_census_by {
#define TARE_CENSUS_ENUM(name, word, words) TARE_CENSUS_##name,
    TARE_CENSUS_LIST(TARE_CENSUS_ENUM)
#undef TARE_CENSUS_ENUM
    TARE_CENSUS_BY_COUNT
} tare_census_by;
// clang-format on

typedef struct tare_census_sum {
    int64_t count;
    int64_t bytes;           /* as requested */
    int64_t allocated_bytes; /* as allocators round it */
} tare_census_sum;

/* Counted in rows, and once more apart. */
typedef enum tare_census_part {
    TARE_CENSUS_UNREACHED, /* no root leads to it: garbage, or held by C code */
    TARE_CENSUS_STATIC,    /* in the image of a program or library; its own block has no bytes */
    TARE_CENSUS_OPAQUE,    /* may hold what it does not tell */
    TARE_CENSUS_FROZEN,    /* set apart by gc.freeze() */
    TARE_CENSUS_PART_COUNT
} tare_census_part;

typedef struct tare_census {
    const tare_alloc *alloc; /* borrowed */
    tare_census_by    by;
    bool              is_difference;
    bool              during_collection; /* what a collection has taken aside was not to be seen */
    bool              frozen_hidden;     /* and frozen objects that no root reaches neither */
    tare_intern       keys;
    tare_census_sum  *rows; /* owned; by key id; row 0 is that of the empty key */
    uint32_t          row_count, row_capacity;
    tare_census_sum   all;
    tare_census_sum   parts[TARE_CENSUS_PART_COUNT];
} tare_census;

typedef struct tare_census_row {
    tare_text       key; /* borrowed from the census */
    tare_census_sum sum;
} tare_census_row;

void tare_census_deinit(tare_census *census); /* no-op on zeroed storage */

bool tare_census_is_zero(const tare_census_sum *sum);

/* "type" for TARE_CENSUS_TYPE; "types". BY_COUNT when there is no such way. */
const char    *tare_census_word(tare_census_by by);
const char    *tare_census_words(tare_census_by by);
tare_census_by tare_census_find(const char *word);

void tare_census_sum_add(tare_census_sum *to, const tare_census_sum *sum);

/* Adds to the row of the key, and to the sum of all. */
TARE_MUST_USE tare_status tare_census_add(tare_census *census, const char *key, size_t key_size,
                                          const tare_census_sum *sum, tare_error *err);

/* The class of a thing of that size, below TARE_CENSUS_SIZE_CLASSES, and what it is called in a
 * census by size: "up to 64". */
enum { TARE_CENSUS_SIZE_CLASSES = 62, TARE_CENSUS_SIZE_BYTES = 24 };
uint32_t tare_census_size_class(uint64_t bytes);
void     tare_census_size_key(uint32_t size_class, char key[TARE_CENSUS_SIZE_BYTES]);

/* Rows that are not zero, the most bytes first, then the most things, then by key; the caller
 * frees *rows_out with tare_release(alloc, rows, *count_out, sizeof **rows_out). */
TARE_MUST_USE tare_status tare_census_rows(const tare_census *census, tare_census_row **rows_out,
                                           uint32_t *count_out, tare_error *err);

/* Adds all rows of another, counted the same way; INCOMPATIBLE when it was not, or when one of
 * the two is a difference. */
TARE_MUST_USE tare_status tare_census_merge(tare_census *into, const tare_census *from,
                                            tare_error *err);

/* Fills a zeroed census with the same rows. */
TARE_MUST_USE tare_status tare_census_copy(const tare_census *from, tare_census *out,
                                           tare_error *err);

/* Fills a zeroed census with after less before, on the same conditions. */
TARE_MUST_USE tare_status tare_census_diff(const tare_census *before, const tare_census *after,
                                           tare_census *out, tare_error *err);

#endif
