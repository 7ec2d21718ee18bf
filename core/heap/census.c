/* census.c - see census.h.
 *
 *     keys    0 ""   1 "dict"   2 "str" ...       interned: a row's place is its key's id
 *     rows    0      1 (12, 3000, 3072)  ...
 *
 * Invariant: row_count == keys.count, or both 0; all is the sum of rows.
 * Amounts wrap rather than overflow: a file may claim any. */
#include "heap/census.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[][2] = {
#define NAME_ROW(name, word, words) {word, words},
    TARE_CENSUS_LIST(NAME_ROW)
#undef NAME_ROW
};

const char *tare_census_word(tare_census_by by)
{
    return names[by][0];
}

const char *tare_census_words(tare_census_by by)
{
    return names[by][1];
}

tare_census_by tare_census_find(const char *word)
{
    int by = TARE_CENSUS_TYPE;
    while (by < TARE_CENSUS_BY_COUNT && strcmp(names[by][0], word) != 0)
        by++;
    return (tare_census_by)by;
}

void tare_census_deinit(tare_census *census)
{
    if (census->alloc != NULL) {
        tare_intern_deinit(&census->keys, census->alloc);
        tare_release(census->alloc, census->rows, census->row_capacity, sizeof *census->rows);
    }
    *census = (tare_census){.alloc = census->alloc};
}

static int64_t wrapping_sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

void tare_census_sum_add(tare_census_sum *to, const tare_census_sum *sum)
{
    to->count = wrapping_sum(to->count, sum->count);
    to->bytes = wrapping_sum(to->bytes, sum->bytes);
    to->allocated_bytes = wrapping_sum(to->allocated_bytes, sum->allocated_bytes);
}

static tare_census_sum negated(const tare_census_sum *sum)
{
    return (tare_census_sum){
        .count = (int64_t)(0 - (uint64_t)sum->count),
        .bytes = (int64_t)(0 - (uint64_t)sum->bytes),
        .allocated_bytes = (int64_t)(0 - (uint64_t)sum->allocated_bytes),
    };
}

tare_status tare_census_add(tare_census *census, const char *key, size_t key_size,
                            const tare_census_sum *sum, tare_error *err)
{
    uint32_t id;
    TARE_TRY(tare_grow(census->alloc, (void **)&census->rows, &census->row_capacity,
                       (size_t)census->keys.count + 2, sizeof *census->rows, err));
    TARE_TRY(tare_intern_add(&census->keys, key, key_size, census->alloc, &id, err));
    census->row_count = census->keys.count;
    tare_census_sum_add(&census->rows[id], sum);
    tare_census_sum_add(&census->all, sum);
    return TARE_OK;
}

enum { SMALLEST_LOG2 = 4, LARGEST_LOG2 = SMALLEST_LOG2 + TARE_CENSUS_SIZE_CLASSES - 3 };

uint32_t tare_census_size_class(uint64_t bytes)
{
    if (bytes == 0)
        return 0;
    uint32_t log2 = bytes > 1 ? 64 - (uint32_t)__builtin_clzll(bytes - 1) : 0;
    log2 = log2 < SMALLEST_LOG2 ? SMALLEST_LOG2 : log2;
    return log2 > LARGEST_LOG2 ? TARE_CENSUS_SIZE_CLASSES - 1 : log2 - SMALLEST_LOG2 + 1;
}

void tare_census_size_key(uint32_t size_class, char key[TARE_CENSUS_SIZE_BYTES])
{
    static const char *const units[] = {"", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
    bool                     last = size_class == TARE_CENSUS_SIZE_CLASSES - 1;
    uint32_t                 log2 = size_class + SMALLEST_LOG2 - 1 - last;
    if (size_class == 0)
        snprintf(key, TARE_CENSUS_SIZE_BYTES, "0");
    else
        snprintf(key, TARE_CENSUS_SIZE_BYTES, "%s %u%s", last ? "above" : "up to", 1u << log2 % 10,
                 units[log2 / 10]);
}

/* ---- rows ---- */

static uint64_t magnitude(int64_t number)
{
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

static int compare_texts(tare_text a, tare_text b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int    order = shorter != 0 ? memcmp(a.bytes, b.bytes, shorter) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_rows(const void *left, const void *right)
{
    const tare_census_row *a = left, *b = right;
    uint64_t               a_bytes = magnitude(a->sum.bytes), b_bytes = magnitude(b->sum.bytes);
    uint64_t               a_count = magnitude(a->sum.count), b_count = magnitude(b->sum.count);
    if (a_bytes != b_bytes)
        return a_bytes < b_bytes ? 1 : -1;
    if (a_count != b_count)
        return a_count < b_count ? 1 : -1;
    return compare_texts(a->key, b->key);
}

bool tare_census_is_zero(const tare_census_sum *sum)
{
    return sum->count == 0 && sum->bytes == 0 && sum->allocated_bytes == 0;
}

static uint32_t count_rows(const tare_census *census)
{
    uint32_t count = 0;
    for (uint32_t id = 0; id < census->row_count; id++)
        count += !tare_census_is_zero(&census->rows[id]);
    return count;
}

tare_status tare_census_rows(const tare_census *census, tare_census_row **rows_out,
                             uint32_t *count_out, tare_error *err)
{
    void    *memory;
    uint32_t count = count_rows(census);
    *rows_out = NULL;
    *count_out = 0;
    TARE_TRY(tare_acquire(census->alloc, &memory, count, sizeof **rows_out, err));
    tare_census_row *rows = memory;
    for (uint32_t id = 0; id < census->row_count; id++)
        if (!tare_census_is_zero(&census->rows[id]))
            rows[(*count_out)++] = (tare_census_row){
                .key = tare_intern_get(&census->keys, id),
                .sum = census->rows[id],
            };
    if (count > 1)
        qsort(rows, count, sizeof *rows, compare_rows);
    *rows_out = rows;
    return TARE_OK;
}

/* ---- two of them ---- */

static tare_status check_alike(const tare_census *a, const tare_census *b, tare_error *err)
{
    if (a->is_difference || b->is_difference)
        return tare_fail(err, TARE_INCOMPATIBLE,
                         "compare two censuses: one is a difference itself; give those that it "
                         "was made of");
    if (a->by != b->by)
        return tare_fail(err, TARE_INCOMPATIBLE,
                         "compare two censuses: one is by %s, the other by %s; count both the "
                         "same way",
                         tare_census_word(a->by), tare_census_word(b->by));
    return TARE_OK;
}

static tare_status add_rows(tare_census *into, const tare_census *from, bool negative,
                            tare_error *err)
{
    for (uint32_t id = 0; id < from->row_count; id++) {
        tare_text       key = tare_intern_get(&from->keys, id);
        tare_census_sum sum = negative ? negated(&from->rows[id]) : from->rows[id];
        if (!tare_census_is_zero(&sum))
            TARE_TRY(tare_census_add(into, key.bytes, key.size, &sum, err));
    }
    for (int part = 0; part < TARE_CENSUS_PART_COUNT; part++) {
        tare_census_sum sum = negative ? negated(&from->parts[part]) : from->parts[part];
        tare_census_sum_add(&into->parts[part], &sum);
    }
    into->during_collection |= from->during_collection;
    into->frozen_hidden |= from->frozen_hidden;
    return TARE_OK;
}

tare_status tare_census_copy(const tare_census *from, tare_census *out, tare_error *err)
{
    out->by = from->by;
    out->is_difference = from->is_difference;
    return add_rows(out, from, false, err);
}

tare_status tare_census_merge(tare_census *into, const tare_census *from, tare_error *err)
{
    TARE_TRY(check_alike(into, from, err));
    return add_rows(into, from, false, err);
}

tare_status tare_census_diff(const tare_census *before, const tare_census *after, tare_census *out,
                             tare_error *err)
{
    TARE_TRY(check_alike(before, after, err));
    out->by = after->by;
    out->is_difference = true;
    TARE_TRY(add_rows(out, after, false, err));
    return add_rows(out, before, true, err);
}
